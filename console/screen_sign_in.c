/* screen_sign_in: login, passphrase and, for owners, a code of their app. The session lives as long as the program. */
#include "console/console.h"

#include "shared/tr.h"
#include "shared/tui/form.h"

#include <string.h>

struct sign_in {
	struct form form;
	bool asked;
};

static enum qt_err sign_in_open(struct screen *s, const void *argument)
{
	struct sign_in *st = s->state;

	(void)argument;
	form_add(&st->form, N_("Login"), ENTRY_TEXT, 64, "");
	form_add(&st->form, N_("Passphrase"), ENTRY_SECRET, 128, "");
	form_add(&st->form, N_("Code"), ENTRY_SECRET, 24, "");
	return QT_OK;
}

static void sign_in_draw(struct screen *s, int rows, int cols)
{
	const struct sign_in *st = s->state;
	const struct console *c = s->app;
	int width = cols < 70 ? cols - 4 : 60, x = (cols - width) / 2, y = rows / 2 - 6;

	draw_text(y, x, width, STYLE_BOLD, c->settings.server);
	y += 2 + form_draw(&st->form, y + 2, x, width, 14);
	draw_wrapped(y + 2, x, 2, width, STYLE_DIM, tr("Owners give the six digits of their authenticator app, or a recovery code."));
	if (st->asked)
		draw_text(y + 5, x, width, STYLE_WARN, tr("sending"));
}

static void on_session(void *ctx, enum qt_err err, const struct json_t *body, const struct problem *p)
{
	struct screen *s = ctx;
	struct console *c = s->app;
	struct sign_in *st = s->state;

	st->asked = false;
	if (err != QT_OK) {
		snprintf(st->form.error, sizeof st->form.error, "%s%s%s", tr_err(err), p->detail[0] ? ": " : "", p->detail);
		entry_clear(&st->form.fields[2].entry);
		return;
	}
	console_set_session(c, body);
	tui_drop(s);
}

static enum action send(struct screen *s)
{
	struct sign_in *st = s->state;
	struct buf body = { 0 };
	struct json j;

	if (st->asked)
		return ACTION_NONE;
	json_start(&j, &body);
	json_object(&j, NULL);
	json_text(&j, "login", form_text(&st->form, 0));
	json_text(&j, "passphrase", form_text(&st->form, 1));
	if (form_text(&st->form, 2)[0])
		json_text(&j, "code", form_text(&st->form, 2));
	json_end(&j);
	st->asked = true;
	console_post(s->app, "/v1/login", body.data, on_session, s);
	explicit_bzero(body.data, body.len);
	buf_free(&body);
	return ACTION_DRAW;
}

static enum action sign_in_key(struct screen *s, int key)
{
	struct sign_in *st = s->state;

	if (key == TUI_ESC)
		return ACTION_NONE;
	switch (form_key(&st->form, key)) {
	case FORM_SEND: return send(s);
	case FORM_CHANGED: return ACTION_DRAW;
	case FORM_PASS: break;
	}
	return ACTION_PASS;
}

static bool sign_in_typing(const struct screen *s)
{
	(void)s;
	return true;
}

static void sign_in_close(struct screen *s)
{
	struct sign_in *st = s->state;

	console_untell(s->app, s);
	form_wipe(&st->form);
}

const struct screen_ops screen_sign_in_ops = {
	.title = N_("Sign in"), .state_size = sizeof(struct sign_in), .open = sign_in_open, .draw = sign_in_draw,
	.key = sign_in_key, .typing = sign_in_typing, .close = sign_in_close,
};
