/* screen_shift: the shift's own screen: whether one is open, cash in and out, safe drop, X, the way to the close, the
 * drawer without a sale, and the reports of this till; and the screen that shows one report. */
#include "pos/till.h"

#include "pos/receipt.h"
#include "shared/clock.h"
#include "shared/tr.h"
#include "shared/tui/dialog.h"
#include "shared/tui/list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHIFT_KEY_OPEN = 1, SHIFT_KEY_IN, SHIFT_KEY_OUT, SHIFT_KEY_DROP, SHIFT_KEY_X, SHIFT_KEY_CLOSE, SHIFT_KEY_NO_SALE,
       SHIFT_KEY_SHOW };
#define LISTED_MOST 200

static const struct binding keys[] = {
	{ "float", SHIFT_KEY_OPEN, TUI_F(2), 'f', N_("Float"), N_("open a shift with the drawer's float") },
	{ "cash-in", SHIFT_KEY_IN, TUI_F(3), 'i', N_("Cash in"), N_("put cash into the drawer, with a reason") },
	{ "cash-out", SHIFT_KEY_OUT, TUI_F(4), 'o', N_("Cash out"), N_("take cash out of the drawer, with a reason") },
	{ "safe-drop", SHIFT_KEY_DROP, TUI_F(5), 'd', N_("Safe drop"), N_("move cash from the drawer into the safe") },
	{ "x-report", SHIFT_KEY_X, TUI_F(6), 'x', N_("X report"),
	  N_("the shift so far; a manager has to approve it for a cashier, who counts blind") },
	{ "count", SHIFT_KEY_CLOSE, TUI_F(7), 'z', N_("Count"), N_("count the drawer and end the shift: its Z report") },
	{ "no-sale", SHIFT_KEY_NO_SALE, TUI_F(9), 'n', N_("No sale"), N_("open the drawer without a sale, with a reason") },
	{ "show", SHIFT_KEY_SHOW, TUI_ENTER, 0, N_("Show"), N_("show the chosen report") },
	{ NULL }
};

struct shifting {
	struct list list;
	struct report_row rows[LISTED_MOST];
	int move;            /* enum shift_move of the dialogs that are open */
	int64_t amount_cents;
	char approver[8];    /* number of the manager, likewise */
};

static void read_rows(struct screen *s)
{
	struct shifting *st = s->state;
	const struct till *t = s->app;
	list_set_count(&st->list, till_report_list(t->store, st->rows, LISTED_MOST));
}

static enum qt_err shift_open_screen(struct screen *s, const void *argument)
{
	(void)argument;
	read_rows(s);
	till_shift_ask(s->app);
	return QT_OK;
}

/* ---- drawing ---- */

static void draw_report_row(void *ctx, int index, int y, bool chosen)
{
	struct screen *s = ctx;
	const struct report_row *r = &((struct shifting *)s->state)->rows[index];
	enum style style = chosen ? STYLE_SELECTED : STYLE_NORMAL;
	char when[17];

	draw_fill(y, 2, 1, 44, style);
	draw_text(y, 3, 10, style, r->z ? tr("Z report") : tr("X report"));
	draw_textf(y, 14, 12, style, tr("shift %lld"), (long long)r->number);
	draw_text(y, 28, 17, style, clock_format_local(r->at_ms, when));
}

static void draw_state(const struct till *t, int cols)
{
	const struct till_shift *s = &t->shift;
	char when[17], text[160] = "";

	switch (s->state) {
	case SHIFT_UNKNOWN:
		snprintf(text, sizeof text, "%s", tr("The server has not said yet whether a shift is open"));
		break;
	case SHIFT_NONE:
		snprintf(text, sizeof text, tr("No shift is open: %s opens one with its float"),
		         tui_key_of(t->tui, &screen_shift_ops, "float"));
		break;
	case SHIFT_OPEN:
		if (s->number > 0)
			snprintf(text, sizeof text, tr("Shift %lld is open since %s"), (long long)s->number,
			         clock_format_local(s->opened_ms, when));
		else
			snprintf(text, sizeof text, tr("A shift is open since %s; the server will number it"),
			         clock_format_local(s->opened_ms, when));
		break;
	}
	draw_text(1, 2, cols - 4, STYLE_BOLD, text);
	if (s->state == SHIFT_OPEN && s->automatic)
		draw_text(2, 2, cols - 4, STYLE_WARN, tr("It was opened by what was sold: put the float in as cash in"));
	if (t->counts.waiting > 0)
		draw_textf(3, 2, cols - 4, STYLE_WARN, tr("%d requests wait for the server; all go in their order"),
		           t->counts.waiting);
}

static void shift_draw(struct screen *s, int rows, int cols)
{
	struct shifting *st = s->state;
	const struct till *t = s->app;

	draw_state(t, cols);
	draw_text(5, 2, cols - 4, STYLE_DIM, tr("Reports of this till"));
	if (st->list.count == 0)
		draw_text(7, 3, cols - 4, STYLE_DIM, tr("none yet"));
	list_draw(&st->list, 6, rows - 9, draw_report_row, s);
	if (t->held.count > 0)
		draw_textf(rows - 2, 2, cols - 4, STYLE_NORMAL, tr("%d sales put aside go on into the next shift"), t->held.count);
	draw_text(rows - 1, 2, cols - 4, STYLE_DIM, tr("Up and Down choose a report, Enter shows it, Esc goes back"));
}

/* ---- cash in, cash out, safe drop, no sale: an amount, a reason; the digit 1 stands for the usual one ---- */

static const struct {
	const char *title, *usual; /* N_() */
} moves[] = {
	[SHIFT_CASH_IN] = { N_("Cash in"), N_("change from the bank") },
	[SHIFT_CASH_OUT] = { N_("Cash out"), N_("small purchases") },
	[SHIFT_SAFE_DROP] = { N_("Safe drop"), N_("too much in the drawer") },
};

static const char *reason_of(const char *text, const char *usual)
{
	return strcmp(text, "1") == 0 ? tr(usual) : text;
}

static void move_reason(void *ctx, const char *text)
{
	struct screen *s = ctx;
	const struct shifting *st = s->state;

	if (text[0] == '\0')
		tui_say(s->tui, STYLE_WARN, "%s", tr("it needs a reason"));
	else
		till_shift_move(s->app, (enum shift_move)st->move, st->amount_cents, reason_of(text, moves[st->move].usual));
}

static void move_amount(void *ctx, const char *text)
{
	struct screen *s = ctx;
	struct shifting *st = s->state;
	const struct till *t = s->app;
	struct dialog d = { .title = tr("Reason"), .ask_text = true, .kind = ENTRY_TEXT, .most = SHIFT_REASON_ROOM - 1,
	                    .answered = move_reason, .ctx = s };
	char money[32];

	enum qt_err err = cart_parse_amount(text, t->shop.currency, t->settings.amounts_as_cents, &st->amount_cents);
	if (err == QT_OK && st->amount_cents <= 0)
		err = QT_OUT_OF_RANGE;
	if (err != QT_OK) {
		tui_say(s->tui, STYLE_BAD, "%s", tr_err(err));
		return;
	}
	snprintf(d.text, sizeof d.text, "%s  %s %s   1 %s   %s", tr(moves[st->move].title), till_currency(t),
	         till_money(t, st->amount_cents, money), tr(moves[st->move].usual), tr("or type it"));
	dialog_push(s->tui, &d);
}

static void ask_amount(struct screen *s, enum shift_move move)
{
	struct shifting *st = s->state;
	struct dialog d = { .title = tr(moves[move].title), .ask_text = true, .kind = ENTRY_AMOUNT, .most = 16,
	                    .answered = move_amount, .ctx = s };

	st->move = (int)move;
	snprintf(d.text, sizeof d.text, "%s", tr("How much?"));
	dialog_push(s->tui, &d);
}

#define NO_SALE_USUAL N_("change a note")
static void no_sale_reason(void *ctx, const char *text)
{
	struct screen *s = ctx;

	if (text[0] == '\0')
		tui_say(s->tui, STYLE_WARN, "%s", tr("it needs a reason"));
	else
		till_no_sale(s->app, reason_of(text, NO_SALE_USUAL));
}

static void ask_no_sale(struct screen *s)
{
	struct dialog d = { .title = tr("No sale"), .ask_text = true, .kind = ENTRY_TEXT, .most = SHIFT_REASON_ROOM - 1,
	                    .answered = no_sale_reason, .ctx = s };

	snprintf(d.text, sizeof d.text, "%s   1 %s   %s", tr("Open the drawer without a sale: why?"), tr(NO_SALE_USUAL),
	         tr("or type it"));
	dialog_push(s->tui, &d);
}

/* ---- X: a manager beside the cashier ---- */

static void pin_typed(void *ctx, const char *text)
{
	struct screen *s = ctx;
	const struct shifting *st = s->state;

	if (text[0])
		till_shift_x(s->app, st->approver, text);
}

static void approver_typed(void *ctx, const char *text)
{
	struct screen *s = ctx;
	struct shifting *st = s->state;
	struct dialog d = { .title = tr("PIN"), .ask_text = true, .kind = ENTRY_SECRET, .most = 32, .answered = pin_typed,
	                    .ctx = s };

	if (text[0] == '\0')
		return;
	snprintf(st->approver, sizeof st->approver, "%s", text);
	snprintf(d.text, sizeof d.text, "%s", tr("The manager's PIN approves this X report and no other:"));
	dialog_push(s->tui, &d);
}

static void ask_x(struct screen *s)
{
	const struct till *t = s->app;
	struct dialog d = { .title = tr("Approval"), .ask_text = true, .kind = ENTRY_DIGITS, .most = 6,
	                    .answered = approver_typed, .ctx = s };

	if (t->link != LINK_ON || t->counts.waiting > 0) {
		tui_say(s->tui, STYLE_WARN, "%s", tr("the X report needs the server, and nothing waiting for it"));
	} else if (till_is_boss(t)) {
		till_shift_x(s->app, NULL, NULL);
	} else {
		snprintf(d.text, sizeof d.text, "%s", tr("The number of the manager who approves the X report:"));
		dialog_push(s->tui, &d);
	}
}

/* ---- keys ---- */

static void begin_count(struct screen *s)
{
	const struct till *t = s->app;

	if (t->shift.state == SHIFT_NONE)
		tui_say(s->tui, STYLE_WARN, "%s", tr("no shift is open"));
	else if (t->sale.stage != SALE_CART || t->sale.cart.count > 0)
		tui_say(s->tui, STYLE_WARN, "%s", tr("a sale is under way: pay it or put it aside first"));
	else
		screen_push(s->tui, &screen_count_ops, NULL);
}

static enum action shift_command(struct screen *s, int command)
{
	struct shifting *st = s->state;
	const struct till *t = s->app;

	switch (command) {
	case SHIFT_KEY_OPEN:
		if (t->shift.state == SHIFT_OPEN)
			tui_say(s->tui, STYLE_WARN, "%s", tr("a shift is open: more cash is cash in"));
		else
			screen_push(s->tui, &screen_float_ops, NULL);
		break;
	case SHIFT_KEY_IN: ask_amount(s, SHIFT_CASH_IN); break;
	case SHIFT_KEY_OUT: ask_amount(s, SHIFT_CASH_OUT); break;
	case SHIFT_KEY_DROP: ask_amount(s, SHIFT_SAFE_DROP); break;
	case SHIFT_KEY_X: ask_x(s); break;
	case SHIFT_KEY_CLOSE: begin_count(s); break;
	case SHIFT_KEY_NO_SALE: ask_no_sale(s); break;
	case SHIFT_KEY_SHOW:
		if (st->list.count > 0)
			screen_push(s->tui, &screen_report_ops, &st->rows[st->list.chosen].id);
		break;
	}
	return ACTION_DRAW;
}

static enum action shift_key(struct screen *s, int key)
{
	struct shifting *st = s->state;

	if (key == TUI_ESC)
		return ACTION_POP;
	return list_key(&st->list, key, 10) ? ACTION_DRAW : ACTION_PASS;
}

static enum action ignore_scan(struct screen *s, const char *text)
{
	(void)text;
	tui_say(s->tui, STYLE_WARN, "%s", tr("nothing is sold on this screen"));
	return ACTION_DRAW;
}

/* A report that came while the screen is open. */
static enum action shift_tick(struct screen *s, int64_t now_ms)
{
	struct shifting *st = s->state;
	const struct till *t = s->app;
	struct report_row newest;

	(void)now_ms;
	if (till_report_list(t->store, &newest, 1) != 1 || (st->list.count > 0 && st->rows[0].id == newest.id))
		return ACTION_NONE;
	read_rows(s);
	return ACTION_DRAW;
}

static const struct key_help shift_more[] = {
	{ "Up  Down", N_("choose; PgUp, PgDn, Home and End, too") },
	{ NULL }
};

const struct screen_ops screen_shift_ops = {
	.title = N_("Shift"), .more = shift_more, .state_size = sizeof(struct shifting), .keys = keys, .open = shift_open_screen,
	.draw = shift_draw, .command = shift_command, .key = shift_key, .scan = ignore_scan, .tick = shift_tick,
};

/* ---- one report ---- */

enum { REPORT_PRINT = 1 };
static const struct binding report_keys[] = {
	{ "print", REPORT_PRINT, TUI_F(8), 'p', N_("Print"), N_("print the report; again it has the same bytes") },
	{ NULL }
};

struct reading {
	int64_t row;            /* of the till's file */
	struct json_t *figures; /* owned */
	int first, count, rows; /* lines: at the top, all, on the screen */
};

static enum qt_err report_open(struct screen *s, const void *argument)
{
	struct reading *st = s->state;
	const struct till *t = s->app;

	memcpy(&st->row, argument, sizeof st->row);
	st->figures = till_report_read(t->store, st->row);
	return st->figures ? QT_OK : QT_NOT_FOUND;
}

static void report_close(struct screen *s)
{
	struct reading *st = s->state;
	jfree(st->figures);
}

/* In two columns where the screen is wide enough for them. */
static void report_draw(struct screen *s, int rows, int cols)
{
	struct reading *st = s->state;
	struct receipt_line *lines = xcalloc(RECEIPT_LINES_MOST, sizeof *lines);
	int columns = cols >= 100 ? 2 : 1, width = 46, gap = 6, height = rows - 2;
	int x = (cols - columns * width - (columns - 1) * gap) / 2;

	st->count = report_lines(s->app, st->figures, lines, RECEIPT_LINES_MOST);
	st->rows = columns * height;
	for (int i = 0; i < columns; i++)
		receipt_lines_draw(lines, st->count, 0, x + i * (width + gap), height, width, st->first + i * height);
	if (st->first + st->rows < st->count)
		draw_text(rows - 1, 2, cols - 4, STYLE_WARN, tr("Down shows more"));
	else
		draw_textf(rows - 1, 2, cols - 4, STYLE_DIM, tr("%s prints it, Esc goes back"), tui_key_of(s->tui, s->ops, "print"));
	free(lines);
}

static enum action report_command(struct screen *s, int command)
{
	const struct reading *st = s->state;

	(void)command;
	till_print_report(s->app, st->row);
	return ACTION_DRAW;
}

static enum action report_key(struct screen *s, int key)
{
	struct reading *st = s->state;
	int step = key == TUI_DOWN ? 1 : key == TUI_UP ? -1 : key == TUI_PAGE_DOWN ? 10 : key == TUI_PAGE_UP ? -10 : 0;

	if (key == TUI_ESC || key == TUI_ENTER)
		return ACTION_POP;
	if (step == 0)
		return ACTION_PASS;
	st->first += step;
	if (st->first > st->count - st->rows)
		st->first = st->count - st->rows;
	if (st->first < 0)
		st->first = 0;
	return ACTION_DRAW;
}

static const struct key_help report_more[] = {
	{ "Up  Down", N_("move the report; PgUp and PgDn by ten lines") },
	{ NULL }
};

const struct screen_ops screen_report_ops = {
	.title = N_("Report"), .more = report_more, .state_size = sizeof(struct reading), .keys = report_keys, .open = report_open,
	.draw = report_draw, .command = report_command, .key = report_key, .scan = ignore_scan, .close = report_close,
};
