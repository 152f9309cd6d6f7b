/* screen_camera: a code by which a phone's camera becomes this till's, large; closes by itself when one has taken it. */
#include "pos/till.h"

#include "shared/clock.h"
#include "shared/tr.h"
#include "shared/tui/qr_view.h"

#include <stdio.h>
#include <string.h>

#define LEFT 36 /* columns of text beside the code */

enum { CAMERA_NEW = 1, CAMERA_END };

static const struct binding keys[] = {
	{ "camera-new", CAMERA_NEW, TUI_F(12), TUI_CTRL('p'), N_("New code"),
	  N_("show a code for another camera; the one before ends") },
	{ "camera-end", CAMERA_END, TUI_DELETE, TUI_CTRL('d'), N_("End"), N_("take no more from the paired camera") },
	{ NULL }
};

static int64_t left_s(const struct till *t)
{
	return (t->camera.expires_ms - till_now_ms(t)) / 1000;
}

static bool shows_code(const struct till *t)
{
	return strcmp(t->camera.state, "waiting") == 0 && t->camera.code[0] && left_s(t) > 0;
}

static enum qt_err camera_open(struct screen *s, const void *argument)
{
	struct till *t = s->app;

	(void)argument;
	t->camera.error[0] = '\0';
	if (!till_camera_paired(t) && !shows_code(t))
		till_camera_new(t);
	return QT_OK;
}

static void draw_state(const struct till *t)
{
	char when[17], text[160];

	if (till_camera_paired(t)) {
		draw_wrapped(3, 2, 2, LEFT - 4, STYLE_GOOD, tr("A camera is paired with this till."));
		draw_textf(5, 2, LEFT - 4, STYLE_NORMAL, tr("It ends by itself at %s."),
		           clock_format_local(t->camera.expires_ms - t->clock_offset_ms, when) + 11);
		snprintf(text, sizeof text, tr("%s ends it now; %s pairs another one instead."),
		         tui_key_of(t->tui, &screen_camera_ops, "camera-end"), tui_key_of(t->tui, &screen_camera_ops, "camera-new"));
		draw_wrapped(7, 2, 3, LEFT - 4, STYLE_DIM, text);
	} else if (shows_code(t)) {
		draw_wrapped(3, 2, 3, LEFT - 4, STYLE_BOLD, tr("Scan this with the camera of a phone."));
		draw_wrapped(6, 2, 4, LEFT - 4, STYLE_NORMAL,
		             tr("What the phone sees then comes here, as if this till had scanned it."));
		draw_textf(11, 2, LEFT - 4, left_s(t) < 30 ? STYLE_WARN : STYLE_DIM, tr("the code ends in %lld:%02lld"),
		           (long long)(left_s(t) / 60), (long long)(left_s(t) % 60));
	} else if (t->link == LINK_OFF) {
		draw_wrapped(3, 2, 3, LEFT - 4, STYLE_BAD, tr("a camera needs the server, which cannot be reached"));
	} else if (t->camera.changing || t->camera.asking) {
		draw_text(3, 2, LEFT - 4, STYLE_WARN, tr("asking the server..."));
	} else {
		snprintf(text, sizeof text, tr("No camera is paired: %s shows a code for one."),
		         tui_key_of(t->tui, &screen_camera_ops, "camera-new"));
		draw_wrapped(3, 2, 3, LEFT - 4, STYLE_WARN, text);
	}
}

static void camera_draw(struct screen *s, int rows, int cols)
{
	const struct till *t = s->app;
	struct qr q;

	draw_text(1, 2, LEFT - 4, STYLE_DIM, t->shop.terminal_name);
	draw_state(t);
	if (t->camera.error[0])
		draw_wrapped(rows - 4, 2, 3, LEFT - 4, STYLE_BAD, t->camera.error);
	if (!shows_code(t))
		return;
	if (qr_view_make(t->camera.code, rows, cols - LEFT, &q) == QT_OK) {
		int qr_rows, qr_cols;
		qr_view_size(&q, rows, cols - LEFT, &qr_rows, &qr_cols);
		qr_view_draw(&q, (rows - qr_rows) / 2, cols - qr_cols - (cols > 100 ? 4 : 0), rows, cols - LEFT);
		qr_free(&q);
	} else {
		draw_wrapped(2, LEFT, 4, cols - LEFT, STYLE_BAD, tr("the window is too small for the code"));
		draw_wrapped(7, LEFT, 4, cols - LEFT, STYLE_NORMAL, t->camera.code);
	}
}

static enum action camera_command(struct screen *s, int command)
{
	if (command == CAMERA_NEW)
		till_camera_new(s->app);
	else
		till_camera_end(s->app);
	return ACTION_DRAW;
}

static enum action camera_key(struct screen *s, int key)
{
	(void)s;
	return key == TUI_ESC ? ACTION_POP : ACTION_PASS;
}

/* The scanner goes on working: what it reads is for the screen below. */
static enum action camera_scan(struct screen *s, const char *text)
{
	struct tui *tui = s->tui;

	screen_close(tui, &screen_camera_ops);
	tui_feed_scan(tui, text);
	return ACTION_DRAW;
}

/* The time left is in view. */
static enum action camera_tick(struct screen *s, int64_t now_ms)
{
	(void)s, (void)now_ms;
	return ACTION_DRAW;
}

const struct screen_ops screen_camera_ops = {
	.title = N_("Camera"), .keys = keys, .open = camera_open, .draw = camera_draw, .command = camera_command,
	.key = camera_key, .scan = camera_scan, .tick = camera_tick,
};
