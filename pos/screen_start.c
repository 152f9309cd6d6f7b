/* screen_start: enrolment and sign-in: the two screens before selling. */
#include "pos/till.h"

#include "shared/tr.h"
#include "shared/tui/dialog.h"
#include "shared/tui/form.h"

#include <stdio.h>
#include <string.h>

struct start {
	struct form form;
	int serial; /* of the till's answer that was shown last */
};

static void say_waiting(struct screen *s, int rows, int cols)
{
	const struct till *t = s->app;
	if (t->asking)
		draw_center(rows - 3, 0, cols, STYLE_WARN, tr("asking the server..."));
}

/* Show what the server said against it. */
static enum action start_tick(struct screen *s, int64_t now_ms)
{
	struct start *st = s->state;
	struct till *t = s->app;

	(void)now_ms;
	if (t->answer_serial == st->serial)
		return ACTION_NONE;
	st->serial = t->answer_serial;
	snprintf(st->form.error, sizeof st->form.error, "%s", t->answer_error);
	return ACTION_DRAW;
}

static void start_close(struct screen *s)
{
	struct start *st = s->state;
	form_wipe(&st->form);
}

static enum action edit(struct screen *s, int key, void (*send)(struct screen *))
{
	struct start *st = s->state;

	switch (form_key(&st->form, key)) {
	case FORM_PASS:
		return key == TUI_ESC ? ACTION_NONE : ACTION_PASS; /* there is nothing to go back to */
	case FORM_SEND:
		send(s);
		break;
	case FORM_CHANGED:
		break;
	}
	return ACTION_DRAW;
}

enum { ENROL_SERVER, ENROL_CODE };

static enum qt_err enrol_open(struct screen *s, const void *argument)
{
	struct start *st = s->state;
	const struct till *t = s->app;

	(void)argument;
	form_add(&st->form, N_("Server"), ENTRY_TEXT, 250, t->settings.server[0] ? t->settings.server : "https://");
	form_add(&st->form, N_("Code"), ENTRY_TEXT, 500, t->settings.enrol);
	st->form.now = t->settings.server[0] ? ENROL_CODE : ENROL_SERVER;
	st->serial = t->answer_serial;
	return QT_OK;
}

static void enrol_draw(struct screen *s, int rows, int cols)
{
	const struct start *st = s->state;
	int width = cols > 100 ? 96 : cols - 4, x = (cols - width) / 2;

	draw_text(2, x, width, STYLE_BOLD, tr("This till is not enrolled yet"));
	draw_wrapped(4, x, 4, width, STYLE_NORMAL,
	             tr("Make a terminal in the console or with \"qrtill terminal new\". Type, paste or scan the enrolment "
	                "code it shows. The code works once and also says by which key this till will know the server."));
	form_draw(&st->form, 9, x, width, 10);
	say_waiting(s, rows, cols);
}

static void enrol_send(struct screen *s)
{
	struct start *st = s->state;
	struct till *t = s->app;
	const char *code = form_text(&st->form, ENROL_CODE);

	till_enrol(t, form_text(&st->form, ENROL_SERVER), code);
	snprintf(st->form.error, sizeof st->form.error, "%s", t->answer_error);
}

static enum action enrol_key(struct screen *s, int key)
{
	return edit(s, key, enrol_send);
}

static enum action enrol_scan(struct screen *s, const char *text)
{
	struct start *st = s->state;

	if (st->form.now == ENROL_SERVER && strncmp(text, "http", 4) == 0 && strstr(text, "/Q/") == NULL) {
		entry_set(&st->form.fields[ENROL_SERVER].entry, text);
		st->form.now = ENROL_CODE;
		return ACTION_DRAW;
	}
	entry_set(&st->form.fields[ENROL_CODE].entry, text);
	st->form.now = ENROL_CODE;
	enrol_send(s);
	return ACTION_DRAW;
}

static const struct key_help form_more[] = {
	{ "Tab Up Down", N_("the next field, or the one before") },
	{ "Enter", N_("the next field; in the last: done") },
	{ NULL }
};

const struct screen_ops screen_enrol_ops = {
	.title = N_("Enrol this till"), .more = form_more, .state_size = sizeof(struct start), .open = enrol_open, .draw = enrol_draw,
	.key = enrol_key, .scan = enrol_scan, .tick = start_tick, .close = start_close,
};

enum { SIGN_NUMBER, SIGN_PIN };

static enum qt_err sign_in_open(struct screen *s, const void *argument)
{
	struct start *st = s->state;
	const struct till *t = s->app;

	(void)argument;
	form_add(&st->form, N_("Number"), ENTRY_DIGITS, 6, NULL);
	form_add(&st->form, N_("PIN"), ENTRY_SECRET, 32, NULL);
	st->serial = t->answer_serial;
	return QT_OK;
}

static void sign_in_draw(struct screen *s, int rows, int cols)
{
	const struct start *st = s->state;
	const struct till *t = s->app;
	int width = 44, x = (cols - width) / 2;

	draw_text(3, x, width, STYLE_BOLD, tr_pick(t->shop.merchant_name, t->shop.merchant_name_zh));
	draw_text(4, x, width, STYLE_NORMAL, tr_pick(t->shop.store_name, t->shop.store_name_zh));
	draw_text(5, x, width, STYLE_DIM, t->shop.terminal_name);
	form_draw(&st->form, 8, x, width, 12);
	if (t->settings.training)
		draw_text(6, x, width, STYLE_WARN, tr("For practice any number and PIN will do."));
	if (t->sale.cart.count > 0)
		draw_text(rows - 5, x, width, STYLE_WARN, tr("A sale is waiting and will be there after signing in."));
	say_waiting(s, rows, cols);
}

static void sign_in_send(struct screen *s)
{
	struct start *st = s->state;

	st->form.error[0] = '\0';
	if (form_text(&st->form, SIGN_NUMBER)[0] == '\0') {
		st->form.now = SIGN_NUMBER;
		return;
	}
	till_sign_in(s->app, form_text(&st->form, SIGN_NUMBER), form_text(&st->form, SIGN_PIN));
	entry_clear(&st->form.fields[SIGN_PIN].entry);
}

static enum action sign_in_key(struct screen *s, int key)
{
	return edit(s, key, sign_in_send);
}

static void training_answered(void *ctx, const char *text)
{
	struct till *t = ctx;

	(void)text;
	t->train = true;
	till_end(t);
}

static enum action sign_in_command(struct screen *s, int command)
{
	struct till *t = s->app;
	struct dialog d = { .title = tr("Training"), .answered = training_answered, .ctx = t };

	(void)command;
	if (tui_is_script(s->tui)) /* it would be replayed from its first line */
		return ACTION_NONE;
	snprintf(d.text, sizeof d.text, "%s", t->settings.training ? tr("End the training? Nothing of it stays.") :
	         tr("Sell for practice? Nothing of it is real: nothing is sent, and the till stays as it is. What waits "
	            "for the server waits until the training ends."));
	dialog_push(s->tui, &d);
	return ACTION_DRAW;
}

static const struct binding sign_in_keys[] = {
	{ "training", 1, TUI_F(8), TUI_CTRL('r'), N_("Training"),
	  N_("sell for practice, without a server and without books; here again ends it") },
	{ NULL }
};

const struct screen_ops screen_sign_in_ops = {
	.title = N_("Sign in"), .more = form_more, .state_size = sizeof(struct start), .keys = sign_in_keys, .command = sign_in_command,
	.open = sign_in_open, .draw = sign_in_draw,
	.key = sign_in_key, .tick = start_tick, .close = start_close,
};
