/* screen_hold: the sales put aside in this store: choose one to go on with, or drop it. */
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
	struct held_row rows[HOLD_MOST + HELD_THERE_MOST];
	int serial;       /* of till.held, as of the rows */
	bool asked;       /* the server is asked for one of them */
	int64_t cart_of;  /* whose lines are in cart; 0: nobody's */
	struct cart cart;
};

static void read_rows(struct screen *s)
{
	struct holding *st = s->state;
	struct till *t = s->app;

	st->serial = t->held.serial;
	st->cart_of = 0;
	list_set_count(&st->list, till_held_list(t, st->rows));
}

/* The lines of the chosen one, when it is this till's. */
static void read_chosen(struct screen *s)
{
	struct holding *st = s->state;
	const struct till *t = s->app;
	int64_t id = st->list.count ? st->rows[st->list.chosen].id : 0;

	if (st->cart_of == id)
		return;
	st->cart_of = id;
	if (id && till_hold_read(t->store, id, t->shop.inclusive, &st->cart) != QT_OK)
		st->cart_of = 0;
}

static enum qt_err hold_open(struct screen *s, const void *argument)
{
	(void)argument;
	read_rows(s);
	read_chosen(s);
	till_held_ask(s->app);
	return QT_OK;
}

static enum action hold_tick(struct screen *s, int64_t now_ms)
{
	struct holding *st = s->state;
	const struct till *t = s->app;

	(void)now_ms;
	if (st->asked && t->held.taking[0] == '\0') {
		st->asked = false;
		if (t->sale.cart.count > 0)
			return ACTION_POP;
	}
	if (st->serial == t->held.serial)
		return ACTION_NONE;
	read_rows(s);
	read_chosen(s);
	return ACTION_DRAW;
}

static const char *age(const struct till *t, const struct held_row *h, char out[32])
{
	/* Another till's is by the server's clock, which this till knows. */
	int64_t min = ((h->id ? clock_now_ms() : till_now_ms(t)) - h->held_ms) / 60000;

	min = min < 0 ? 0 : min;
	if (min < 60)
		snprintf(out, 32, tr("%lld min"), (long long)min);
	else if (min < 48 * 60)
		snprintf(out, 32, tr("%lld h"), (long long)(min / 60));
	else
		snprintf(out, 32, tr("%lld days"), (long long)(min / 1440));
	return out;
}

static void draw_held(void *ctx, int index, int y, bool chosen)
{
	struct screen *s = ctx;
	const struct holding *st = s->state;
	const struct held_row *h = &st->rows[index];
	enum style style = chosen ? STYLE_SELECTED : STYLE_NORMAL;
	char money[32], text[32];

	draw_fill(y, 0, 1, 50, style);
	if (h->id)
		draw_textf(y, 1, 4, style, "%3lld", (long long)h->id);
	else
		draw_text(y, 3, 2, style, "@");
	draw_text(y, 6, 16, style, h->name);
	draw_right(y, 22, 8, style, age(s->app, h, text));
	draw_text(y, 31, 9, style, h->id ? tr("here") : h->till);
	draw_right(y, 39, 11, style, till_money(s->app, h->total_cents, money));
}

static void draw_lines(const struct till *t, const struct cart *c, int y, int x, int rows, int cols)
{
	char money[32];

	for (int i = 0; i < c->count && y < rows; i++, y++) {
		quantity_text(c->lines[i].quantity, c->lines[i].unit, money);
		int wide = c->lines[i].unit[0] ? 9 : 3;
		draw_right(y, x, wide, STYLE_DIM, money);
		draw_text(y, x + wide + 1, cols - wide - 12, STYLE_NORMAL, tr_pick(c->lines[i].name, c->lines[i].name_zh));
		draw_right(y, x + cols - 10, 10, STYLE_NORMAL, till_money(t, c->lines[i].total_cents, money));
	}
}

/* Lines of another till's are with the server until one goes on with them. */
static void draw_there(const struct till *t, const struct held_row *h, int y, int x, int cols)
{
	char text[32];

	draw_text(y++, x, cols, STYLE_DIM, tr("put aside at"));
	draw_text(y++, x, cols, STYLE_NORMAL, h->till);
	draw_text(y++, x, cols, STYLE_NORMAL, h->by);
	draw_textf(y++, x, cols, STYLE_NORMAL, tr("%lld pieces"), (long long)h->pieces);
	draw_text(y, x, cols, STYLE_NORMAL, age(t, h, text));
}

static void hold_draw(struct screen *s, int rows, int cols)
{
	struct holding *st = s->state;
	const struct held_row *h = &st->rows[st->list.chosen];

	if (st->list.count == 0)
		draw_center(rows / 2, 0, cols, STYLE_DIM, tr("no sale was put aside"));
	list_draw(&st->list, 1, rows - 4, draw_held, s);
	if (st->list.count > 0 && h->id == 0)
		draw_there(s->app, h, 1, 52, cols - 53);
	else if (st->list.count > 0 && st->cart_of == h->id)
		draw_lines(s->app, &st->cart, 1, 52, rows - 3, cols - 53);
	draw_text(rows - 2, 2, cols - 4, STYLE_DIM, tr("Up and Down choose, Enter goes on with it, Esc goes back"));
}

static void drop_answered(void *ctx, const char *text)
{
	struct screen *s = ctx;
	const struct holding *st = s->state;

	(void)text;
	if (st->list.count == 0)
		return;
	till_drop_held(s->app, &st->rows[st->list.chosen]);
	read_rows(s);
	read_chosen(s);
}

static void anyway_answered(void *ctx, const char *text)
{
	struct screen *s = ctx;
	const struct holding *st = s->state;

	(void)text;
	if (st->list.count > 0 && till_recall(s->app, &st->rows[st->list.chosen], true) == HELD_TAKEN)
		screen_close(s->tui, &screen_hold_ops);
}

static enum action take(struct screen *s)
{
	struct holding *st = s->state;
	struct dialog ask = { .title = tr("Go on"), .answered = anyway_answered, .ctx = s };

	switch (till_recall(s->app, &st->rows[st->list.chosen], false)) {
	case HELD_TAKEN: return ACTION_POP;
	case HELD_UNSURE:
		snprintf(ask.text, sizeof ask.text, "%s",
		         tr("The server cannot be reached: another till may go on with it too. Go on with it here?"));
		dialog_push(s->tui, &ask);
		break;
	case HELD_ASKED: st->asked = true; break;
	case HELD_NOT: break;
	}
	return ACTION_DRAW;
}

static enum action hold_command(struct screen *s, int command)
{
	struct holding *st = s->state;
	struct dialog ask = { .title = tr("Drop"), .answered = drop_answered, .ctx = s };

	if (st->list.count == 0)
		return ACTION_DRAW;
	if (command == HOLD_TAKE)
		return take(s);
	snprintf(ask.text, sizeof ask.text, "%s", tr("Forget this sale and its lines?"));
	dialog_push(s->tui, &ask);
	return ACTION_DRAW;
}

static enum action hold_key(struct screen *s, int key)
{
	struct holding *st = s->state;

	if (key == TUI_ESC)
		return ACTION_POP;
	if (!list_key(&st->list, key, 10))
		return ACTION_PASS;
	read_chosen(s);
	return ACTION_DRAW;
}

static enum action hold_scan(struct screen *s, const char *text)
{
	struct tui *tui = s->tui;

	screen_close(tui, &screen_hold_ops);
	tui_feed_scan(tui, text);
	return ACTION_DRAW;
}

static const struct key_help hold_more[] = {
	{ "Up  Down", N_("choose; PgUp, PgDn, Home and End, too") },
	{ NULL }
};

const struct screen_ops screen_hold_ops = {
	.title = N_("Sales put aside"), .more = hold_more, .state_size = sizeof(struct holding), .keys = keys, .open = hold_open,
	.draw = hold_draw, .command = hold_command, .key = hold_key, .tick = hold_tick, .scan = hold_scan,
};
