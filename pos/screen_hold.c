/* screen_hold: the sales put aside: choose one to go on with, or drop it. */
#include "pos/till.h"

#include "pos/till_hold.h"
#include "shared/clock.h"
#include "shared/tr.h"
#include "shared/tui/dialog.h"
#include "shared/tui/list.h"

#include <stdio.h>
#include <string.h>

enum { HOLD_TAKE = 1, HOLD_DROP };

static const struct binding keys[] = {
	{ "take", HOLD_TAKE, TUI_ENTER, TUI_F(6), N_("Go on"), N_("go on with the chosen sale") },
	{ "drop", HOLD_DROP, TUI_DELETE, TUI_CTRL('x'), N_("Drop"), N_("forget the chosen sale, after a question") },
	{ NULL }
};

struct holding {
	struct list list;
	struct held_row rows[HOLD_MOST]; /* with their lines */
};

static void read_rows(struct screen *s)
{
	struct holding *st = s->state;
	const struct till *t = s->app;
	int count = till_hold_list(t->store, st->rows, HOLD_MOST);

	for (int i = 0; i < count; i++)
		if (till_hold_read(t->store, st->rows[i].id, t->shop.inclusive, &st->rows[i].cart) != QT_OK)
			log_line('E', "a sale put aside cannot be read");
	list_set_count(&st->list, count);
}

static enum qt_err hold_open(struct screen *s, const void *argument)
{
	(void)argument;
	read_rows(s);
	return QT_OK;
}

static void draw_held(void *ctx, int index, int y, bool chosen)
{
	struct screen *s = ctx;
	const struct holding *st = s->state;
	const struct held_row *h = &st->rows[index];
	enum style style = chosen ? STYLE_SELECTED : STYLE_NORMAL;
	char money[32], when[17];

	draw_fill(y, 0, 1, 44, style);
	draw_textf(y, 1, 4, style, "%3lld", (long long)h->id);
	draw_text(y, 6, 18, style, h->name);
	draw_text(y, 25, 6, style, clock_format_local(h->held_ms, when) + 11);
	draw_right(y, 31, 12, style, till_money(s->app, h->cart.total_cents, money));
}

static void draw_lines(const struct till *t, const struct cart *c, int y, int x, int rows, int cols)
{
	char money[32];

	for (int i = 0; i < c->count && y < rows; i++, y++) {
		quantity_text(c->lines[i].quantity, c->lines[i].unit, money);
		int wide = c->lines[i].unit[0] ? 10 : 4;
		draw_right(y, x, wide, STYLE_DIM, money);
		draw_text(y, x + wide + 2, cols - wide - 14, STYLE_NORMAL, tr_pick(c->lines[i].name, c->lines[i].name_zh));
		draw_right(y, x + cols - 11, 11, STYLE_NORMAL, till_money(t, c->lines[i].total_cents, money));
	}
}

static void hold_draw(struct screen *s, int rows, int cols)
{
	struct holding *st = s->state;

	if (st->list.count == 0)
		draw_center(rows / 2, 0, cols, STYLE_DIM, tr("no sale was put aside"));
	list_draw(&st->list, 1, rows - 4, draw_held, s);
	if (st->list.count > 0)
		draw_lines(s->app, &st->rows[st->list.chosen].cart, 1, 46, rows - 3, cols - 47);
	draw_text(rows - 2, 2, cols - 4, STYLE_DIM, tr("Up and Down choose, Enter goes on with it, Esc goes back"));
}

static void drop_answered(void *ctx, const char *text)
{
	struct screen *s = ctx;
	const struct holding *st = s->state;

	(void)text;
	till_drop_held(s->app, st->rows[st->list.chosen].id);
	read_rows(s);
}

static enum action hold_command(struct screen *s, int command)
{
	struct holding *st = s->state;
	struct dialog ask = { .title = tr("Drop"), .answered = drop_answered, .ctx = s };

	if (st->list.count == 0)
		return ACTION_DRAW;
	if (command == HOLD_TAKE)
		return till_recall(s->app, st->rows[st->list.chosen].id) ? ACTION_POP : ACTION_DRAW;
	snprintf(ask.text, sizeof ask.text, "%s", tr("Forget this sale and its lines?"));
	dialog_push(s->tui, &ask);
	return ACTION_DRAW;
}

static enum action hold_key(struct screen *s, int key)
{
	struct holding *st = s->state;

	if (key == TUI_ESC)
		return ACTION_POP;
	return list_key(&st->list, key, 10) ? ACTION_DRAW : ACTION_PASS;
}

static enum action hold_scan(struct screen *s, const char *text)
{
	struct tui *tui = s->tui;

	screen_close(tui, &screen_hold_ops);
	tui_feed_scan(tui, text);
	return ACTION_DRAW;
}

const struct screen_ops screen_hold_ops = {
	.title = N_("Sales put aside"), .state_size = sizeof(struct holding), .keys = keys, .open = hold_open,
	.draw = hold_draw, .command = hold_command, .key = hold_key, .scan = hold_scan,
};
