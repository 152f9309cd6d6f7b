/* screen_queue: what waits for the server, always in view; and what it refused. Also the keys of every screen and the
 * choice of the screen a stage needs. */
#include "pos/till.h"

#include "shared/tr.h"
#include "shared/tui/dialog.h"
#include "shared/tui/list.h"

#include <stdio.h>
#include <string.h>

#define QUEUE_MOST 200
enum { QUEUE_FORGET = 1 };

struct queue {
	struct list list;
	struct outbox_row rows[QUEUE_MOST];
	int64_t drawn_ms;
};

static const struct binding keys[] = {
	{ "forget", QUEUE_FORGET, TUI_F(7), TUI_CTRL('x'), N_("Forget"),
	  N_("take a refused request off the list (manager)") },
	{ NULL }
};

static enum action queue_tick(struct screen *s, int64_t now_ms)
{
	struct queue *st = s->state;
	const struct till *t = s->app;

	if (now_ms - st->drawn_ms < 500)
		return ACTION_NONE;
	st->drawn_ms = now_ms;
	list_set_count(&st->list, outbox_list(t->store, st->rows, QUEUE_MOST));
	return ACTION_DRAW;
}

static enum qt_err queue_open(struct screen *s, const void *argument)
{
	(void)argument;
	queue_tick(s, 1000);
	return QT_OK;
}

static void draw_queued(void *ctx, int index, int y, bool chosen)
{
	struct screen *s = ctx;
	const struct queue *st = s->state;
	const struct outbox_row *r = &st->rows[index];
	enum style style = chosen ? STYLE_SELECTED : r->refused[0] ? STYLE_BAD : STYLE_NORMAL;

	draw_textf(y, 2, 8, style, "%lld", (long long)r->sequence);
	draw_text(y, 10, 26, style, r->note);
	if (r->refused[0])
		draw_text(y, 36, 43, style, r->refused);
	else
		draw_textf(y, 36, 43, style, tr("waiting, tried %d times"), r->tries);
}

static void queue_draw(struct screen *s, int rows, int cols)
{
	struct queue *st = s->state;

	if (st->list.count == 0)
		draw_center(rows / 2, 0, cols, STYLE_GOOD, tr("nothing waits: the server has everything"));
	list_draw(&st->list, 1, rows - 5, draw_queued, s);
	if (st->list.count > 0 && st->rows[st->list.chosen].refused[0])
		draw_wrapped(rows - 3, 2, 3, cols - 4, STYLE_BAD, st->rows[st->list.chosen].refused); /* the list may cut it */
}

static enum action queue_key(struct screen *s, int key)
{
	struct queue *st = s->state;
	return list_key(&st->list, key, 10) ? ACTION_DRAW : ACTION_PASS;
}

static void forget_answered(void *ctx, const char *text)
{
	struct screen *s = ctx;
	struct queue *st = s->state;
	struct till *t = s->app;

	(void)text;
	if (outbox_done(t->store, st->rows[st->list.chosen].sequence) != QT_OK)
		tui_say(s->tui, STYLE_BAD, "%s", tr_err(QT_STORE));
	t->counts = outbox_counts(t->store);
	st->drawn_ms = 0;
}

static enum action queue_command(struct screen *s, int command)
{
	struct queue *st = s->state;
	const struct till *t = s->app;
	struct dialog ask = { .title = tr("Forget"), .answered = forget_answered, .ctx = s };

	(void)command;
	if (st->list.count == 0 || st->rows[st->list.chosen].refused[0] == '\0') {
		tui_say(s->tui, STYLE_WARN, "%s", tr("only what was refused can be forgotten"));
		return ACTION_DRAW;
	}
	if (!till_is_boss(t)) {
		tui_say(s->tui, STYLE_BAD, "%s", tr_err(QT_NEEDS_APPROVAL));
		return ACTION_DRAW;
	}
	snprintf(ask.text, sizeof ask.text, "%s", tr("Was this put right by hand? It is then taken off the list."));
	dialog_push(s->tui, &ask);
	return ACTION_DRAW;
}

static const struct key_help queue_more[] = {
	{ "Up  Down", N_("choose; PgUp, PgDn, Home and End, too") },
	{ NULL }
};

const struct screen_ops screen_queue_ops = {
	.title = N_("Waiting requests"), .more = queue_more, .state_size = sizeof(struct queue), .keys = keys, .open = queue_open,
	.draw = queue_draw, .command = queue_command, .key = queue_key, .tick = queue_tick,
};

/* Keys of every screen */
enum { TILL_LANGUAGE = 1, TILL_QUEUE, TILL_THEME, TILL_SIGN_OUT, TILL_QUIT };

const struct binding till_keys[] = {
	{ "language", TILL_LANGUAGE, TUI_F(11), TUI_CTRL('l'), N_("Chinese"), N_("English or Chinese, at once"), .anywhere = true },
	{ "queue", TILL_QUEUE, TUI_F(10), TUI_CTRL('w'), N_("Waiting"),
	  N_("requests the server has not answered yet"), true },
	{ "theme", TILL_THEME, TUI_CTRL('t'), 0, N_("Theme"), N_("dark, light, high contrast, without colours"), true, true },
	{ "sign-out", TILL_SIGN_OUT, TUI_CTRL('g'), 0, N_("Sign out"),
	  N_("another person takes the till; the sale stays"), true },
	{ "quit", TILL_QUIT, TUI_CTRL('q'), 0, N_("Quit"), N_("end the program; the sale stays"), true },
	{ NULL }
};

void till_end(struct till *t)
{
	t->train |= t->settings.training; /* what it was before goes on */
	screen_pop_all(t->tui);
	screen_close(t->tui, &screen_sale_ops);
}

static void quit_answered(void *ctx, const char *text)
{
	struct till *t = ctx;
	(void)text;
	till_end(t);
}

enum action till_command(struct screen *top, int command)
{
	struct till *t = top->app;
	struct dialog quit = { .title = tr("Quit"), .answered = quit_answered, .ctx = t };

	switch (command) {
	case TILL_LANGUAGE:
		till_set_language(t, strcmp(tr_language(), "zh") == 0 ? "en" : "zh");
		break;
	case TILL_QUEUE:
		if (top->ops != &screen_queue_ops && t->session_token)
			screen_push(top->tui, &screen_queue_ops, NULL);
		break;
	case TILL_THEME:
		if (draw_set_theme(draw_next_theme()) != QT_OK)
			log_line('W', "no such theme");
		break;
	case TILL_SIGN_OUT:
		if (t->session_token)
			till_sign_out(t);
		break;
	case TILL_QUIT:
		snprintf(quit.text, sizeof quit.text, "%s", tr("End the program? The sale stays as it is."));
		dialog_push(top->tui, &quit);
		break;
	}
	return ACTION_DRAW;
}

const struct screen_ops *const till_screens[] = {
	&screen_enrol_ops, &screen_sign_in_ops, &screen_sale_ops, &screen_search_ops, &screen_pay_ops, &screen_cash_ops,
	&screen_receipt_ops, &screen_card_ops, &screen_points_ops, &screen_receipts_ops, &screen_queue_ops,
	&screen_refund_ops, &screen_hold_ops, &screen_shift_ops, &screen_float_ops, &screen_count_ops, &screen_report_ops,
	&screen_explain_ops, &screen_camera_ops, NULL
};

static void only(struct till *t, const struct screen_ops *wanted)
{
	static const struct screen_ops *const stages[] = { &screen_enrol_ops, &screen_sign_in_ops, &screen_pay_ops,
	                                                   &screen_receipt_ops };

	for (size_t i = 0; i < sizeof stages / sizeof *stages; i++)
		if (stages[i] != wanted)
			screen_close(t->tui, stages[i]);
	if (wanted && !screen_is_open(t->tui, wanted)) {
		screen_pop_all(t->tui);
		screen_push(t->tui, wanted, NULL);
	}
}

void till_show_stage(struct till *t)
{
	if (t->tui == NULL)
		return;
	tui_dirty(t->tui);
	if (t->terminal_token == NULL) {
		only(t, &screen_enrol_ops);
		return;
	}
	if (t->session_token == NULL) {
		only(t, &screen_sign_in_ops);
		return;
	}
	switch (t->sale.stage) {
	case SALE_CART:
		only(t, NULL);
		/* A refund nobody has seen the result of: the customer waits for the money. */
		if (t->refund.stage == REFUND_DONE && screen_top(t->tui)->ops == &screen_sale_ops)
			screen_push(t->tui, &screen_refund_ops, NULL);
		break;
	case SALE_SENT:
	case SALE_OPEN: only(t, &screen_pay_ops); break;
	case SALE_PAID:
	case SALE_QUEUED: only(t, &screen_receipt_ops); break;
	}
}
