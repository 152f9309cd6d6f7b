/* screen_refund: goods taken back: which receipt, which lines and how many, every effect before it happens, a reason, a
 * manager where the server wants one, and what was given back. Nothing here is done by Enter alone but choosing a
 * receipt and leaving a result: a scan ends with Enter. */
#include "pos/till.h"

#include "pos/receipt.h"
#include "shared/tr.h"
#include "shared/tui/dialog.h"
#include "shared/tui/list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REFUND_GIVE = 1, REFUND_ALL, REFUND_NOTHING, REFUND_PRINT };
#define OFFERED_MOST 200
#define EFFECT_ROWS 9

static const struct binding keys[] = {
	{ "give-back", REFUND_GIVE, TUI_F(7), TUI_CTRL('y'), N_("Give back"),
	  N_("give back what is chosen: asks for the reason, and for a manager where one is needed") },
	{ "all", REFUND_ALL, TUI_F(5), 'a', N_("All"), N_("everything that is left comes back") },
	{ "none", REFUND_NOTHING, TUI_F(6), 'n', N_("None"), N_("nothing yet: then + on the lines that come back") },
	{ "print", REFUND_PRINT, TUI_F(8), 'p', N_("Print"), N_("print the refund's receipt") },
	{ NULL }
};

struct refunding {
	struct list receipts;            /* of this till, while no order is chosen */
	struct receipt_row rows[OFFERED_MOST];
	struct list lines;               /* of the order */
	char reason[REFUND_REASON_ROOM]; /* as typed, while the dialogs are open */
	char approver[8];                /* number of the manager, likewise */
};

static enum qt_err refund_open(struct screen *s, const void *argument)
{
	struct refunding *st = s->state;
	struct till *t = s->app;

	list_set_count(&st->receipts, till_receipt_list(t->store, st->rows, OFFERED_MOST));
	if (argument)
		till_refund_look_code(t, argument);
	return QT_OK;
}

/* ---- drawing ---- */

static void draw_offered(void *ctx, int index, int y, bool chosen)
{
	struct screen *s = ctx;
	const struct refunding *st = s->state;
	enum style style = chosen ? STYLE_SELECTED : STYLE_NORMAL;
	char money[32];

	draw_fill(y, 0, 1, 40, style);
	draw_text(y, 2, 10, style, till_receipt_number(s->app, st->rows[index].number, money));
	draw_right(y, 12, 14, style, till_money(s->app, st->rows[index].total_cents, money));
}

static void draw_question(const struct till *t, int y, int cols)
{
	const struct till_refund *r = &t->refund;

	if (r->error[0])
		draw_wrapped(y, 2, 2, cols - 4, STYLE_BAD, r->error);
	else if (r->asking)
		draw_text(y, 2, cols - 4, STYLE_WARN,
		          t->link == LINK_OFF ? tr("server not reached; trying again") : tr("asking the server..."));
}

static void draw_receipts(struct screen *s, int rows, int cols)
{
	struct refunding *st = s->state;

	draw_text(0, 2, cols - 4, STYLE_BOLD, tr("Scan the receipt's code, or choose one of this till"));
	draw_question(s->app, 2, cols);
	if (st->receipts.count == 0)
		draw_center(rows / 2, 0, cols, STYLE_DIM, tr("no receipts yet"));
	list_draw(&st->receipts, 5, rows - 8, draw_offered, s);
	draw_text(rows - 2, 2, cols - 4, STYLE_DIM, tr("Up and Down choose, Enter takes it, Esc goes back"));
}

struct line_place {
	const struct till *till;
	int cols;
};

/* "3" or "0.752": the columns have no room for the unit. */
static char *short_quantity(int64_t quantity, const char *unit, char out[QUANTITY_TEXT_ROOM])
{
	quantity_text(quantity, unit, out);
	out[strcspn(out, " ")] = '\0';
	return out;
}

static void draw_line(void *ctx, int index, int y, bool chosen)
{
	const struct line_place *p = ctx;
	const struct till_refund *r = &p->till->refund;
	const struct json_t *l = jat(jget(r->order, "lines"), (size_t)index);
	enum style style = chosen ? STYLE_SELECTED : r->chosen[index] > 0 ? STYLE_BOLD : STYLE_NORMAL;
	char money[32];

	draw_fill(y, 0, 1, p->cols, style);
	draw_textf(y, 1, 4, style, "%3d", index + 1);
	draw_text(y, 6, p->cols - 48, style, tr_pick(jtext(l, "name", ""), jtext(l, "name_zh", "")));
	draw_right(y, p->cols - 41, 11, style, till_money(p->till, jint(l, "total_cents", 0), money));
	const char *unit = jtext(l, "unit", "");
	draw_right(y, p->cols - 29, 8, style, short_quantity(receipt_quantity(l), unit, money));
	draw_right(y, p->cols - 20, 8, style, short_quantity(till_refund_left(r, index), unit, money));
	draw_right(y, p->cols - 11, 8, style, short_quantity(r->chosen[index], unit, money));
}

/* Where the money goes and what follows it, one row each. */
static void draw_effects(const struct till *t, const struct json_t *plan, int y, int rows, int cols)
{
	const struct json_t *tenders = jget(plan, "tenders"), *x;
	int last = y + rows;
	char money[32], text[32];

	for (size_t i = 0; (x = jat(tenders, i)) != NULL && y < last; i++) {
		draw_text(y, 2, 22, STYLE_NORMAL, receipt_source_name(jtext(x, "source", "")));
		draw_right(y, 24, 12, STYLE_NORMAL, till_money(t, receipt_tender_cents(x), money));
		if (jbool(x, "waiting", false))
			draw_text(y, 38, cols - 38, STYLE_WARN, tr("  the provider still has to confirm it"));
		y++;
	}
	for (size_t i = 0; (x = jat(jget(plan, "cards"), i)) != NULL && y < last; i++) {
		draw_textf(y, 2, 22, STYLE_NORMAL, tr("off card %s"), jtext(x, "number_masked", ""));
		draw_right(y, 24, 12, STYLE_NORMAL, till_money(t, jint(x, "amount_cents", 0), money));
		if (jbool(x, "frozen", false))
			draw_text(y, 38, cols - 38, STYLE_WARN, tr("frozen"));
		y++;
	}
	if (jint(plan, "points_taken", 0) > 0 && y < last) {
		snprintf(text, sizeof text, "%lld", (long long)jint(plan, "points_taken", 0));
		draw_text(y, 2, 22, STYLE_NORMAL, tr("points taken back"));
		draw_right(y++, 24, 12, STYLE_NORMAL, text);
	}
	if (jint(plan, "rebate_cents", 0) > 0 && y < last) {
		draw_text(y, 2, 22, STYLE_NORMAL, tr("rebates taken back"));
		draw_right(y, 24, 12, STYLE_NORMAL, till_money(t, jint(plan, "rebate_cents", 0), money));
	}
}

static void draw_choosing(struct screen *s, int rows, int cols)
{
	struct refunding *st = s->state;
	const struct till *t = s->app;
	const struct till_refund *r = &t->refund;
	struct line_place place = { t, cols };
	int y = rows - EFFECT_ROWS;
	char money[32];

	draw_textf(0, 2, 40, STYLE_BOLD, tr("of receipt %s"),
	           till_receipt_number(t, jint(jget(r->order, "receipt"), "number", 0), money));
	draw_right(1, cols - 41, 11, STYLE_DIM, tr("total"));
	draw_right(1, cols - 28, 7, STYLE_DIM, tr("sold"));
	draw_right(1, cols - 19, 7, STYLE_DIM, tr("left"));
	draw_right(1, cols - 10, 7, STYLE_DIM, tr("back"));
	list_set_count(&st->lines, till_refund_line_count(r));
	list_draw(&st->lines, 2, y - 3, draw_line, &place);
	if (r->preview) {
		till_money(t, jint(r->preview, "refunded_cents", 0), money);
		int width = draw_big_width(money, 1);
		draw_textf(y, 2, 36, STYLE_BOLD, "%s  %s %s", tr("GIVE BACK"), till_currency(t), money);
		draw_big(y + 1, cols - 1 - width, width, money);
		draw_effects(t, r->preview, y + 1, EFFECT_ROWS - 4, cols - width - 2);
		if (jbool(r->preview, "needs_approval", false) && r->stage == REFUND_CHOOSING)
			draw_text(y, 40, cols - 41, STYLE_WARN, tr("a manager has to approve it"));
	}
	if (r->stage == REFUND_SENT)
		draw_text(rows - 3, 2, cols - 4, STYLE_WARN, t->link == LINK_ON ? tr("asking the server...")
		          : tr("the outcome is not known yet: the till asks until the server answers"));
	else if (r->refused[0])
		draw_wrapped(rows - 3, 2, 2, cols - 4, STYLE_BAD, r->refused);
	else
		draw_question(t, rows - 3, cols);
	draw_textf(rows - 1, 2, cols - 4, STYLE_DIM, tr("+ and - change the chosen line; %s gives back"),
	           tui_key_of(t->tui, &screen_refund_ops, "give-back"));
}

static int64_t cash_cents(const struct json_t *plan)
{
	const struct json_t *tenders = jget(plan, "tenders"), *x;
	int64_t cents = 0;

	for (size_t i = 0; (x = jat(tenders, i)) != NULL; i++)
		if (strcmp(jtext(x, "source", ""), "cash") == 0)
			cents += receipt_tender_cents(x);
	return cents;
}

static void draw_done(const struct till *t, int rows, int cols)
{
	const struct till_refund *r = &t->refund;
	struct receipt_line *lines = xcalloc(RECEIPT_LINES_MOST, sizeof *lines);
	int64_t cents = cash_cents(r->answer);
	char money[32];

	till_money(t, jint(r->answer, "refunded_cents", 0), money);
	draw_textf(1, 2, 34, STYLE_GOOD, "%s  %s %s", tr("REFUNDED"), till_currency(t), money);
	if (cents > 0) {
		till_money(t, cents, money);
		draw_textf(3, 2, 34, STYLE_BOLD, "%s  %s %s", tr("CASH TO THE CUSTOMER"), till_currency(t), money);
		draw_big(5, 2, 34, money);
	}
	draw_effects(t, r->answer, 12, rows - 16, 36);
	draw_text(rows - 2, 2, 34, STYLE_DIM, tr("Enter: done"));
	int count = receipt_refund_lines(t, r, lines, RECEIPT_LINES_MOST);
	receipt_lines_draw(lines, count, 1, cols - 42, rows - 2, 40, 0);
	free(lines);
}

static void refund_draw(struct screen *s, int rows, int cols)
{
	const struct till *t = s->app;

	switch (t->refund.stage) {
	case REFUND_NONE: draw_receipts(s, rows, cols); break;
	case REFUND_CHOOSING:
	case REFUND_SENT: draw_choosing(s, rows, cols); break;
	case REFUND_DONE: draw_done(t, rows, cols); break;
	}
}

/* ---- giving back: reason, approval, "yes" ---- */

static void say_amount(struct screen *s, const char *ask, char *out, size_t size)
{
	const struct till *t = s->app;
	char money[32];

	snprintf(out, size, "%s  %s %s (%s)", ask, till_currency(t),
	         till_money(t, jint(t->refund.preview, "refunded_cents", 0), money), ((struct refunding *)s->state)->reason);
}

static void confirmed(void *ctx, const char *text)
{
	struct screen *s = ctx;
	const struct refunding *st = s->state;

	(void)text;
	till_refund_send(s->app, st->reason, NULL, NULL);
}

static void pin_typed(void *ctx, const char *text)
{
	struct screen *s = ctx;
	const struct refunding *st = s->state;

	if (text[0])
		till_refund_send(s->app, st->reason, st->approver, text);
}

static void approver_typed(void *ctx, const char *text)
{
	struct screen *s = ctx;
	struct refunding *st = s->state;
	struct dialog d = { .title = tr("PIN"), .ask_text = true, .kind = ENTRY_SECRET, .most = 32, .answered = pin_typed,
	                    .ctx = s };

	if (text[0] == '\0')
		return;
	snprintf(st->approver, sizeof st->approver, "%s", text);
	say_amount(s, tr("The manager's PIN approves this refund and no other:"), d.text, sizeof d.text);
	dialog_push(s->tui, &d);
}

/* The reasons a digit stands for. */
static const char *const reasons[] = { N_("goods returned"), N_("damaged or spoiled"), N_("wrong item"),
                                       N_("charged too much") };

static void reason_typed(void *ctx, const char *text)
{
	struct screen *s = ctx;
	struct refunding *st = s->state;
	struct till *t = s->app;
	struct dialog sure = { .title = tr("Refund"), .answered = confirmed, .ctx = s };
	struct dialog approver = { .title = tr("Approval"), .ask_text = true, .kind = ENTRY_DIGITS, .most = 6,
	                           .answered = approver_typed, .ctx = s };
	size_t digit = (size_t)(text[0] - '1');

	if (text[0] == '\0') {
		tui_say(s->tui, STYLE_WARN, "%s", tr("a refund needs a reason"));
		return;
	}
	bool listed = text[1] == '\0' && digit < sizeof reasons / sizeof *reasons;
	snprintf(st->reason, sizeof st->reason, "%s", listed ? tr(reasons[digit]) : text);
	if (jbool(t->refund.preview, "needs_approval", false)) {
		say_amount(s, tr("The number of the manager who approves:"), approver.text, sizeof approver.text);
		dialog_push(s->tui, &approver);
	} else {
		say_amount(s, tr("Give back?"), sure.text, sizeof sure.text);
		dialog_push(s->tui, &sure);
	}
}

static void give_back(struct screen *s)
{
	const struct till *t = s->app;
	struct dialog d = { .title = tr("Reason"), .ask_text = true, .kind = ENTRY_TEXT, .most = REFUND_REASON_ROOM - 1,
	                    .answered = reason_typed, .ctx = s };

	if (t->refund.preview == NULL) {
		tui_say(s->tui, STYLE_WARN, "%s", t->refund.asking ? tr("one moment: the server is asked")
		        : tr("nothing is chosen: + takes a piece back"));
		return;
	}
	snprintf(d.text, sizeof d.text, "1 %s   2 %s   3 %s   4 %s   %s", tr(reasons[0]), tr(reasons[1]), tr(reasons[2]),
	         tr(reasons[3]), tr("or type it"));
	dialog_push(s->tui, &d);
}

/* ---- keys ---- */

static enum action refund_command(struct screen *s, int command)
{
	struct till *t = s->app;

	if (command == REFUND_PRINT) {
		if (t->refund.stage == REFUND_DONE)
			till_print_refund(t, false);
		return ACTION_DRAW;
	}
	if (t->refund.stage != REFUND_CHOOSING) {
		if (t->refund.stage == REFUND_SENT)
			tui_say(s->tui, STYLE_WARN, "%s", tr("one moment: the server is asked"));
		return ACTION_DRAW;
	}
	switch (command) {
	case REFUND_GIVE: give_back(s); break;
	case REFUND_ALL: till_refund_choose_all(t, true); break;
	case REFUND_NOTHING: till_refund_choose_all(t, false); break;
	}
	return ACTION_DRAW;
}

static enum action refund_key(struct screen *s, int key)
{
	struct refunding *st = s->state;
	struct till *t = s->app;
	enum refund_stage stage = t->refund.stage;

	if (key == TUI_ESC || (key == TUI_ENTER && stage == REFUND_DONE)) {
		till_refund_drop(t);
		return t->refund.stage == REFUND_DONE ? ACTION_DRAW : ACTION_POP;
	}
	if (stage == REFUND_NONE) {
		if (key == TUI_ENTER && st->receipts.count > 0)
			till_refund_look_order(t, st->rows[st->receipts.chosen].order_id);
		return key == TUI_ENTER || list_key(&st->receipts, key, 10) ? ACTION_DRAW : ACTION_PASS;
	}
	if (stage == REFUND_CHOOSING && (key == '+' || key == '-')) {
		till_refund_choose(t, st->lines.chosen, key == '+' ? 1 : -1);
		return ACTION_DRAW;
	}
	return list_key(&st->lines, key, 8) ? ACTION_DRAW : ACTION_PASS;
}

static enum action refund_scan(struct screen *s, const char *text)
{
	struct till *t = s->app;

	if (t->refund.stage == REFUND_SENT || t->refund.stage == REFUND_DONE)
		tui_say(s->tui, STYLE_WARN, "%s", tr("finish this refund first"));
	else if (till_classify(text) != TEXT_RECEIPT)
		tui_say(s->tui, STYLE_BAD, "%s", tr("this is not a receipt's code"));
	else
		till_refund_look_code(t, text);
	return ACTION_DRAW;
}

static enum action refund_tick(struct screen *s, int64_t now_ms)
{
	const struct till *t = s->app;

	(void)now_ms;
	return t->refund.asking ? ACTION_DRAW : ACTION_NONE; /* the link's state is shown with the question */
}

static const struct key_help refund_more[] = {
	{ "Up  Down", N_("choose; PgUp, PgDn, Home and End, too") },
	{ "+  -", N_("one more or one less comes back") },
	{ "Enter", N_("take the chosen receipt; after the refund: done") },
	{ NULL }
};

const struct screen_ops screen_refund_ops = {
	.title = N_("Refund"), .more = refund_more, .state_size = sizeof(struct refunding), .keys = keys, .open = refund_open,
	.draw = refund_draw, .command = refund_command, .key = refund_key, .scan = refund_scan, .tick = refund_tick,
};
