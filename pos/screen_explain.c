/* screen_explain: how the price of the sale came about: every line with its steps, the tax, the sums. */
#include "pos/till.h"

#include "shared/tr.h"
#include "shared/tui/list.h"

#include <stdio.h>
#include <string.h>

#define ROWS_MOST (CART_LINES_MOST * (8 + OPTIONS_MOST) + 8)

struct row {
	enum style style;
	char left[160], right[32];
};
struct explaining {
	struct list list;
	struct row rows[ROWS_MOST];
	int count;
};

static void add(struct explaining *st, enum style style, const char *left, const char *right)
{
	if (st->count == ROWS_MOST)
		return;
	struct row *r = &st->rows[st->count++];
	r->style = style;
	snprintf(r->left, sizeof r->left, "%s", left);
	snprintf(r->right, sizeof r->right, "%s", right);
}

static void add_sum(struct explaining *st, const struct till *t, enum style style, const char *left, int64_t cents)
{
	char money[32];
	add(st, style, left, till_money(t, cents, money));
}

/* "    discount 8.00 %: Short date" with what it takes off; nothing for 0. */
static void add_step(struct explaining *st, const struct till *t, const char *what, int64_t rate_bp, const char *reason,
                     int64_t cents)
{
	char text[200], rate[48] = "";

	if (cents == 0)
		return;
	if (rate_bp)
		snprintf(rate, sizeof rate, " %lld.%02lld %%", (long long)rate_bp / 100, (long long)rate_bp % 100);
	snprintf(text, sizeof text, "     %s%s%s%s", what, rate, *reason ? ": " : "", reason);
	add_sum(st, t, STYLE_NORMAL, text, cents);
}

static void add_line(struct explaining *st, const struct till *t, int no, const struct cart_line *l)
{
	const struct cart *c = &t->sale.cart;
	const struct price_line *p = &l->price;
	char text[200], money[32], rate[48];

	snprintf(text, sizeof text, "%3d  %s", no, tr_pick(l->name, l->name_zh));
	add_sum(st, t, STYLE_BOLD, text, l->total_cents);
	snprintf(text, sizeof text, "     %s x %s%s%s", quantity_text(l->quantity, l->unit, rate),
	         till_money(t, l->price_cents, money), l->unit[0] ? "/" : "", l->unit);
	add_sum(st, t, STYLE_NORMAL, text, p->base_cents);
	add_step(st, t, tr("price on the label"), 0, "", p->label_step_cents);
	add_step(st, t, tr("another price"), 0, l->price_reason, p->override_cents);
	for (int i = 0; i < l->option_count; i++) {
		snprintf(text, sizeof text, "     + %s", tr_pick(l->options[i].name, l->options[i].name_zh));
		add_sum(st, t, STYLE_NORMAL, text, l->options[i].price_cents * l->quantity);
	}
	add_step(st, t, tr("discount"), l->discount.rate_bp, l->discount_reason, -p->discount_cents);
	add_step(st, t, tr("promotions"), 0, "", -p->promotion_cents);
	add_step(st, t, tr("its part of the sale's discount"), 0, c->discount_reason, -p->order_discount_cents);
	add_step(st, t, tr("its part of what points take off"), 0, "", -p->points_cents);
	if (cart_is_exempt(c) && l->rate_bp > 0) {
		snprintf(text, sizeof text, tr("     no tax of %lld.%02lld %%: certificate %s"), (long long)l->rate_bp / 100,
		         (long long)l->rate_bp % 100, c->customer.certificate);
		add_sum(st, t, STYLE_NORMAL, text, -p->exempt_cents);
		return;
	}
	snprintf(rate, sizeof rate, "%lld.%02lld %%", (long long)l->rate_bp / 100, (long long)l->rate_bp % 100);
	snprintf(text, sizeof text, c->inclusive ? tr("     tax %s of %s, contained") : tr("     tax %s of %s, added"), rate,
	         till_money(t, p->amount_cents, money));
	add_sum(st, t, STYLE_DIM, text, l->tax_cents);
}

static enum qt_err explain_open(struct screen *s, const void *argument)
{
	struct explaining *st = s->state;
	const struct till *t = s->app;
	const struct cart *c = &t->sale.cart;
	char text[160], money[32];

	(void)argument;
	for (int i = 0; i < c->count; i++)
		add_line(st, t, i + 1, &c->lines[i]);
	add(st, STYLE_NORMAL, "", "");
	for (int i = 0; i < c->promotion_count && cart_has_promotions(c); i++)
		add_step(st, t, tr("promotion"), 0, tr_pick(c->promotions[i].name, c->promotions[i].name_zh),
		         -c->promotions[i].saved_cents);
	if (c->discount_cents)
		add_step(st, t, tr("discount of the sale, split over its lines"), c->discount.rate_bp, c->discount_reason,
		         -c->discount_cents);
	add_sum(st, t, STYLE_NORMAL, tr("     without tax"), c->total_cents - c->tax_cents);
	add_sum(st, t, STYLE_NORMAL, tr("     tax, rounded once per line, half up"), c->tax_cents);
	add_sum(st, t, STYLE_BOLD, tr("     total"), c->total_cents);
	if (price_in_cash(c->total_cents, t->rules.cash_rounding_cents) != c->total_cents) {
		snprintf(text, sizeof text, tr("     in cash, rounded to %s, half up"),
		         till_money(t, t->rules.cash_rounding_cents, money));
		add_sum(st, t, STYLE_NORMAL, text, price_in_cash(c->total_cents, t->rules.cash_rounding_cents));
	}
	list_set_count(&st->list, st->count);
	return QT_OK;
}

static void draw_row(void *ctx, int index, int y, bool chosen)
{
	const struct explaining *st = ctx;
	const struct row *r = &st->rows[index];
	enum style style = chosen ? STYLE_SELECTED : r->style;

	draw_fill(y, 0, 1, 80, style);
	draw_text(y, 1, 64, style, r->left);
	draw_right(y, 66, 13, style, r->right);
}

static void explain_draw(struct screen *s, int rows, int cols)
{
	struct explaining *st = s->state;

	list_draw(&st->list, 1, rows - 3, draw_row, st);
	draw_text(rows - 1, 2, cols - 4, STYLE_DIM, tr("Up and Down look further, Esc goes back"));
}

static enum action explain_key(struct screen *s, int key)
{
	struct explaining *st = s->state;

	if (key == TUI_ESC || key == TUI_ENTER || key == '=')
		return ACTION_POP;
	return list_key(&st->list, key, 10) ? ACTION_DRAW : ACTION_PASS;
}

static enum action explain_scan(struct screen *s, const char *text)
{
	struct tui *tui = s->tui;

	screen_close(tui, &screen_explain_ops);
	tui_feed_scan(tui, text);
	return ACTION_DRAW;
}

static const struct key_help explain_more[] = {
	{ "Up  Down", N_("choose; PgUp, PgDn, Home and End, too") },
	{ "=  Enter", N_("back to the sale") },
	{ NULL }
};

const struct screen_ops screen_explain_ops = {
	.title = N_("How the price came about"), .more = explain_more, .state_size = sizeof(struct explaining), .open = explain_open,
	.draw = explain_draw, .key = explain_key, .scan = explain_scan,
};
