/* screen_count: a drawer is counted by denomination: the float a shift opens with, and the blind count that ends it. What
 * the books expect is not known here, so it cannot be shown. */
#include "pos/till.h"

#include "pos/denomination.h"
#include "shared/money.h"
#include "shared/tr.h"
#include "shared/tui/dialog.h"
#include "shared/tui/list.h"

#include <stdio.h>
#include <string.h>

enum { COUNT_DONE = 1, COUNT_AMOUNT };
#define QUANTITY_MOST 1000000 /* the server takes no more */

static const struct binding float_keys[] = {
	{ "open", COUNT_DONE, TUI_F(7), TUI_CTRL('s'), N_("Open"), N_("open the shift with what was counted") },
	{ "amount", COUNT_AMOUNT, TUI_F(5), 'a', N_("Amount"), N_("type the float as one amount, and open the shift") },
	{ NULL }
};
static const struct binding close_keys[] = {
	{ "close", COUNT_DONE, TUI_F(7), TUI_CTRL('s'), N_("Close"), N_("end the shift with this count, after a question") },
	{ NULL }
};

struct counting {
	struct list list;
	int64_t values[DENOMINATIONS_MOST], quantities[DENOMINATIONS_MOST]; /* minor units; pieces */
	int64_t total_cents;
	bool typing; /* digits go on with the quantity; else they begin it anew */
};

static bool is_close(const struct screen *s)
{
	return s->ops == &screen_count_ops;
}

static enum qt_err count_open(struct screen *s, const void *argument)
{
	struct counting *st = s->state;
	const struct till *t = s->app;

	(void)argument;
	list_set_count(&st->list, denominations(t->shop.currency, st->values));
	return QT_OK;
}

static void add_up(struct counting *st)
{
	st->total_cents = 0;
	for (int i = 0; i < st->list.count; i++) /* cannot overflow: values and quantities are bounded */
		st->total_cents += st->values[i] * st->quantities[i];
}

static void draw_denomination(void *ctx, int index, int y, bool chosen)
{
	struct screen *s = ctx;
	const struct counting *st = s->state;
	enum style style = chosen ? STYLE_SELECTED : STYLE_NORMAL;
	char money[32];

	draw_fill(y, 2, 1, 38, style);
	draw_right(y, 2, 12, style, till_money(s->app, st->values[index], money));
	draw_text(y, 15, 1, style, "x");
	draw_textf(y, 17, 8, style, "%7lld", (long long)st->quantities[index]);
	if (st->quantities[index] > 0)
		draw_right(y, 26, 13, style, till_money(s->app, st->values[index] * st->quantities[index], money));
}

static void count_draw(struct screen *s, int rows, int cols)
{
	struct counting *st = s->state;
	const struct till *t = s->app;
	char money[32], text[200];
	int x = 44, y = 1;

	draw_text(0, 2, cols - 4, STYLE_BOLD, is_close(s) ? tr("Count what is in the drawer") : tr("Count the drawer's float"));
	list_draw(&st->list, 2, rows - 4, draw_denomination, s);
	till_money(t, st->total_cents, money);
	y += 1;
	draw_textf(y, x, cols - x - 1, STYLE_BOLD, "%s  %s %s", is_close(s) ? tr("COUNTED") : tr("FLOAT"), till_currency(t), money);
	draw_big(y + 2, x, cols - x - 1, money);
	y += 3 + DRAW_BIG_ROWS;
	if (is_close(s))
		snprintf(text, sizeof text, tr("%s ends the shift. The difference to the books is recorded and printed on the Z report."),
		         tui_key_of(t->tui, s->ops, "close"));
	else
		snprintf(text, sizeof text, tr("%s opens the shift. %s types the float as one amount. Esc sells without one."),
		         tui_key_of(t->tui, s->ops, "open"), tui_key_of(t->tui, s->ops, "amount"));
	y += draw_wrapped(y, x, 3, cols - x - 1, STYLE_NORMAL, text);
	if (is_close(s) && t->held.count > 0)
		draw_wrapped(y + 1, x, 2, cols - x - 1, STYLE_WARN, tr("Sales put aside go on into the next shift."));
	if (t->link == LINK_OFF)
		draw_wrapped(rows - 5, x, 3, cols - x - 1, STYLE_WARN, is_close(s)
		             ? tr("Off line: the close waits behind the sales; the Z report comes when the server answers.")
		             : tr("Off line: this waits for the server; selling goes on."));
	draw_text(rows - 1, 2, cols - 4, STYLE_DIM, tr("Type how many, Enter goes to the next one"));
}

static void send_close(void *ctx, const char *text)
{
	struct screen *s = ctx;
	const struct counting *st = s->state;
	struct till_count rows[DENOMINATIONS_MOST];
	int count = 0;

	(void)text;
	for (int i = 0; i < st->list.count; i++)
		if (st->quantities[i] > 0)
			rows[count++] = (struct till_count){ st->values[i], st->quantities[i] };
	if (till_shift_close(s->app, rows, count))
		screen_close(s->tui, &screen_count_ops);
}

static void amount_typed(void *ctx, const char *text)
{
	struct screen *s = ctx;
	const struct till *t = s->app;
	int64_t cents;

	enum qt_err err = cart_parse_amount(text, t->shop.currency, t->settings.amounts_as_cents, &cents);
	if (err == QT_OK && cents < 0)
		err = QT_OUT_OF_RANGE;
	if (err != QT_OK)
		tui_say(s->tui, STYLE_BAD, "%s", tr_err(err));
	else if (till_shift_open(s->app, cents))
		screen_close(s->tui, &screen_float_ops);
}

static enum action count_command(struct screen *s, int command)
{
	const struct counting *st = s->state;
	struct till *t = s->app;
	struct dialog sure = { .title = tr("Close"), .answered = send_close, .ctx = s };
	struct dialog amount = { .title = tr("Float"), .ask_text = true, .kind = ENTRY_AMOUNT, .most = 16,
	                         .answered = amount_typed, .ctx = s };
	char money[32];

	if (command == COUNT_AMOUNT) {
		snprintf(amount.text, sizeof amount.text, "%s", tr("How much is in the drawer?"));
		dialog_push(s->tui, &amount);
	} else if (is_close(s)) {
		snprintf(sure.text, sizeof sure.text, tr("End the shift with %s %s counted?"), till_currency(t),
		         till_money(t, st->total_cents, money));
		dialog_push(s->tui, &sure);
	} else if (till_shift_open(t, st->total_cents)) {
		return ACTION_POP;
	}
	return ACTION_DRAW;
}

static enum action count_key(struct screen *s, int key)
{
	struct counting *st = s->state;
	int64_t *quantity = &st->quantities[st->list.chosen];

	if (key == TUI_ESC)
		return ACTION_POP;
	if (key >= '0' && key <= '9') {
		int64_t more = (st->typing ? *quantity * 10 : 0) + (key - '0');
		*quantity = more <= QUANTITY_MOST ? more : *quantity;
		st->typing = true;
	} else if (key == TUI_BACKSPACE || key == TUI_DELETE) {
		*quantity = key == TUI_DELETE ? 0 : *quantity / 10;
		st->typing = true;
	} else if (key == '+' || key == '-') {
		*quantity += key == '+' && *quantity < QUANTITY_MOST ? 1 : key == '-' && *quantity > 0 ? -1 : 0;
	} else if (list_key(&st->list, key == TUI_ENTER || key == TUI_TAB ? TUI_DOWN : key, 10)) {
		st->typing = false;
	} else {
		return ACTION_PASS;
	}
	add_up(st);
	return ACTION_DRAW;
}

static enum action count_scan(struct screen *s, const char *text)
{
	(void)text; /* a scan is no count */
	tui_say(s->tui, STYLE_WARN, "%s", tr("nothing is sold on this screen"));
	return ACTION_DRAW;
}

static const struct key_help count_more[] = {
	{ "0-9", N_("how many of the chosen coin or note") },
	{ "+  -", N_("one more or one less") },
	{ "Del", N_("none of it") },
	{ "Up  Down Enter", N_("the coin or note before, or the next") },
	{ NULL }
};

const struct screen_ops screen_float_ops = {
	.title = N_("Float"), .more = count_more, .state_size = sizeof(struct counting), .keys = float_keys, .open = count_open,
	.draw = count_draw, .command = count_command, .key = count_key, .scan = count_scan,
};
const struct screen_ops screen_count_ops = {
	.title = N_("Close the shift"), .more = count_more, .state_size = sizeof(struct counting), .keys = close_keys, .open = count_open,
	.draw = count_draw, .command = count_command, .key = count_key, .scan = count_scan,
};
