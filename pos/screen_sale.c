/* screen_sale: the main screen: lines, total, the entry line. */
#include "pos/till.h"

#include "pos/till_hold.h"
#include "shared/tr.h"
#include "shared/tui/dialog.h"
#include "shared/tui/list.h"

#include <stdio.h>
#include <string.h>

enum { SALE_PAY = 1, SALE_CASH, SALE_SEARCH, SALE_CARDS, SALE_POINTS, SALE_RECEIPTS, SALE_VOID, SALE_CLEAR, SALE_REFUND,
       SALE_HOLD, SALE_RECALL, SALE_SHIFT, SALE_DISCOUNT, SALE_DISCOUNT_ALL,
       SALE_PRICE, SALE_EXPLAIN, SALE_CHECK,
       SALE_NOTE, SALE_COUPON_DROP, SALE_CAMERA, SALE_SOLD_OUT };

static const struct binding keys[] = {
	{ "pay", SALE_PAY, TUI_F(12), TUI_CTRL('p'), N_("Pay"), N_("total and code: the customer scans and pays") },
	{ "cash", SALE_CASH, TUI_F(9), TUI_CTRL('b'), N_("Cash"), N_("pay in cash, with change") },
	{ "search", SALE_SEARCH, TUI_F(2), '/', N_("Search"),
	  N_("find an item by its name; typing a letter does the same") },
	{ "card", SALE_CARDS, TUI_F(3), TUI_CTRL('k'), N_("Card"),
	  N_("prepaid cards: issue, activate, top up, balance, freeze") },
	{ "discount", SALE_DISCOUNT, TUI_F(4), TUI_CTRL('f'), N_("Discount"),
	  N_("take a rate or an amount off the chosen line, with a reason") },
	{ "receipts", SALE_RECEIPTS, TUI_F(8), TUI_CTRL('r'), N_("Receipts"), N_("show and print receipts again") },
	{ "void", SALE_VOID, TUI_DELETE, TUI_CTRL('d'), N_("Void"), N_("take the chosen line out") },
	{ "refund", SALE_REFUND, TUI_F(7), TUI_CTRL('y'), N_("Refund"),
	  N_("take goods back; scanning the receipt's code does the same") },
	{ "hold", SALE_HOLD, TUI_F(5), TUI_CTRL('n'), N_("Hold"),
	  N_("put this sale aside, with a name or just a number"), true },
	{ "recall", SALE_RECALL, TUI_F(6), TUI_CTRL('e'), N_("Recall"), N_("go on with a sale that was put aside"), true },
	{ "shift", SALE_SHIFT, TUI_CTRL('s'), 0, N_("Shift"),
	  N_("float, cash in and out, X report, count and Z report, drawer without a sale"), true },
	{ "points", SALE_POINTS, TUI_CTRL('o'), 0, N_("Points"), N_("a customer's points: balance, earn, spend"), true },
	{ "discount-all", SALE_DISCOUNT_ALL, TUI_CTRL('a'), 0, N_("Discount on all"),
	  N_("take a rate or an amount off the whole sale"), true },
	{ "price", SALE_PRICE, TUI_CTRL('v'), 0, N_("Price"), N_("another price for the chosen line, with a reason"), true },
	{ "coupon-out", SALE_COUPON_DROP, TUI_CTRL('z'), 0, N_("Coupon out"),
	  N_("take the last scanned coupon out of the sale"), true },
	{ "explain", SALE_EXPLAIN, '=', 0, N_("Why"), N_("how the price came about: discounts, tax, rounding"), true },
	{ "check", SALE_CHECK, TUI_CTRL('u'), 0, N_("Price check"), N_("the next item tells its price and is not sold"), true },
	{ "note", SALE_NOTE, ';', 0, N_("Note"), N_("a note on the chosen line, for the receipt"), true },
	{ "sold-out", SALE_SOLD_OUT, '!', 0, N_("Sold out"),
	  N_("the next item is sold out, or is there again; all tills of the store hear of it"), true },
	{ "camera", SALE_CAMERA, '@', 0, N_("Camera"), N_("a phone's camera scans for this till"), true },
	{ "clear", SALE_CLEAR, TUI_CTRL('x'), 0, N_("Clear"), N_("take all lines out, after a question"), true },
	{ NULL }
};

struct selling {
	struct list list;
	struct entry entry;
	struct till_item open_item; /* waits for its weight, price or the customer's age */
	int64_t open_quantity;      /* in terms of its unit */
	bool checking;              /* the next item tells its price only */
	bool switching;             /* the next item is sold out, or there again */
	int64_t typed_milli;        /* of open_item, while it is asked whether it is sold though it is sold out */
};

static enum qt_err sale_open(struct screen *s, const void *argument)
{
	struct selling *st = s->state;
	const struct till *t = s->app;

	(void)argument;
	st->entry.kind = ENTRY_SALE;
	st->entry.most = 60;
	list_set_count(&st->list, t->sale.cart.count);
	st->list.chosen = t->sale.cart.count > 0 ? t->sale.cart.count - 1 : 0;
	return QT_OK;
}

struct row_place {
	const struct till *till;
	int cols;
};

/* "+ Large 0.60, Oat milk 0.40": under the line. */
static void draw_options(const struct till *t, const struct cart_line *l, int y, int cols)
{
	char text[OPTIONS_MOST * (OPTION_NAME_ROOM + 32)] = "+ ", money[32];

	for (int i = 0; i < l->option_count; i++) {
		const struct cart_option *o = &l->options[i];
		size_t n = strlen(text);
		snprintf(text + n, sizeof text - n, "%s%s%s%s", i ? ", " : "", tr_pick(o->name, o->name_zh),
		         o->price_cents ? " " : "", o->price_cents ? till_money(t, o->price_cents, money) : "");
	}
	draw_text(y, 6, cols - 8, STYLE_DIM, text);
}

static void draw_row(void *ctx, int index, int y, bool chosen)
{
	const struct row_place *p = ctx;
	const struct cart_line *l = &p->till->sale.cart.lines[index];
	enum style style = chosen ? STYLE_SELECTED : STYLE_NORMAL;
	char money[32];
	int name = p->cols - 40;

	draw_fill(y, 0, 1, p->cols, style);
	draw_textf(y, 1, 4, style, "%3d", index + 1);
	if (cart_taken_off(l)) {
		name -= 11;
		draw_right(y, 6 + name, 10, style, till_money(p->till, -cart_taken_off(l), money));
	}
	draw_text(y, 6, name - (l->unit[0] ? 2 : 0), style, tr_pick(l->name, l->name_zh));
	int wide = (int)strlen(quantity_text(l->quantity, l->unit, money));
	wide = wide > 7 ? wide : 7;
	draw_right(y, p->cols - 26 - wide, wide, style, money);
	till_money(p->till, l->price_cents, money);
	if (l->unit[0])
		snprintf(money + strlen(money), sizeof money - strlen(money), "/%s", l->unit);
	draw_right(y, p->cols - 24, 11, style, money);
	draw_right(y, p->cols - 12, 11, style, till_money(p->till, l->total_cents, money));
	if (l->option_count)
		draw_options(p->till, l, y + 1, p->cols);
}

static int row_height(void *ctx, int index)
{
	const struct row_place *p = ctx;
	return p->till->sale.cart.lines[index].option_count ? 2 : 1;
}

/* What promotions take off, beside what is typed: one by its name, several by their number. */
static void draw_promotions(const struct till *t, int y, int cols)
{
	const struct cart *c = &t->sale.cart;
	char money[32], text[192];

	if (cart_promotion_cents(c) == 0 || cols < 76)
		return;
	if (c->promotion_count == 1)
		snprintf(text, sizeof text, "%s", tr_pick(c->promotions[0].name, c->promotions[0].name_zh));
	else
		snprintf(text, sizeof text, tr("%d promotions"), c->promotion_count);
	draw_text(y + 3, 2, 18, STYLE_GOOD, text);
	draw_right(y + 3, 16, 16, STYLE_GOOD, till_money(t, -cart_promotion_cents(c), money));
}

static void sale_draw(struct screen *s, int rows, int all_cols)
{
	struct selling *st = s->state;
	struct till *t = s->app;
	const struct cart *c = &t->sale.cart;
	int cols = all_cols - panes_cols(all_cols), list_rows = rows - 8;
	struct row_place place = { t, cols };
	char money[32], pieces[32];

	draw_text(0, 6, cols - 40, STYLE_DIM, tr("item"));
	draw_right(0, cols - 33, 7, STYLE_DIM, tr("qty"));
	draw_right(0, cols - 24, 11, STYLE_DIM, tr("price"));
	draw_right(0, cols - 12, 11, STYLE_DIM, tr("total"));
	list_set_count(&st->list, c->count);
	if (c->count == 0) {
		draw_center(list_rows / 2, 0, cols, STYLE_DIM, tr("Scan an item, type its number, or type its name to search"));
		draw_center(list_rows / 2 + 2, 0, cols, STYLE_DIM, tr("3* then an item: three of it"));
	}
	list_draw_tall(&st->list, 1, list_rows, row_height, draw_row, &place);
	snprintf(pieces, sizeof pieces, tr("%lld pieces"), (long long)cart_pieces(c));
	draw_textf(rows - 7, 2, 30, STYLE_DIM, tr("sale %lld   %s"), (long long)t->sale.number, pieces);
	draw_text(rows - 5, 2, 2, STYLE_BOLD, ">");
	entry_draw(&st->entry, rows - 5, 4, 28, true);
	if (c->given.discount_cents + c->given.override_cents > 0) {
		draw_text(rows - 4, 2, 14, STYLE_DIM, tr("discount"));
		draw_right(rows - 4, 16, 16, STYLE_NORMAL, till_money(t, -c->given.discount_cents - c->given.override_cents, money));
	}
	if (c->points.off_cents > 0) {
		draw_text(rows - 6, 2, 14, STYLE_GOOD, tr("points"));
		draw_right(rows - 6, 16, 16, STYLE_GOOD, till_money(t, -c->points.off_cents, money));
	}
	draw_promotions(t, rows - 5, cols);
	draw_text(rows - 3, 2, 14, cart_is_exempt(c) ? STYLE_GOOD : STYLE_DIM,
	          cart_is_exempt(c) ? tr("tax exempt") : tr("tax included"));
	draw_right(rows - 3, 16, 16, STYLE_NORMAL, till_money(t, c->tax_cents, money));
	if (cart_promotion_cents(c) == 0 && (t->sale.customer[0] || t->sale.share[0]))
		draw_text(rows - 2, 2, 30, STYLE_GOOD,
		          t->sale.share[0] ? tr("a shared code is credited") : tr("a customer is named"));
	till_money(t, c->total_cents, money);
	int width = cols - 40;
	int dot = draw_big_width(money, 2) <= width ? 2 : 1;
	draw_textf(rows - 7, cols - 1 - draw_big_width(money, dot), -1, STYLE_BOLD, "%s  %s %s", tr("TOTAL"),
	           till_currency(t), money);
	draw_big(rows - 6, cols - 1 - draw_big_width(money, dot), width, money);
	if (t->sale_message[0])
		draw_text(rows - 1, 0, cols, STYLE_BAD, t->sale_message);
	if (cols != all_cols)
		panes_draw(t, rows, all_cols);
}

static void choose(struct selling *st, const struct till *t, int line)
{
	list_set_count(&st->list, t->sale.cart.count);
	st->list.chosen = line;
}

static void add(struct screen *s, const struct till_item *it, int64_t quantity)
{
	struct till *t = s->app;
	int line = 0;

	till_add(t, it, quantity, &line);
	if (t->sale.cart.count > 0 && line < t->sale.cart.count)
		choose(s->state, t, line);
}

static void age_answered(void *ctx, const char *text)
{
	struct screen *s = ctx;
	const struct selling *st = s->state;

	(void)text;
	if (till_age_checked(s->app, &st->open_item, true))
		add(s, &st->open_item, st->open_quantity);
}

static void age_refused(void *ctx)
{
	struct screen *s = ctx;
	const struct selling *st = s->state;

	if (till_age_checked(s->app, &st->open_item, false))
		tui_say(s->tui, STYLE_BAD, tr("%s is not sold to this customer"), tr_pick(st->open_item.name, st->open_item.name_zh));
}

/* The last step: once per sale it is asked whether the customer is old enough. */
static void add_if_of_age(struct screen *s, const struct till_item *it, int64_t quantity)
{
	struct selling *st = s->state;
	struct dialog d = { .title = tr("Age"), .answered = age_answered, .dropped = age_refused, .ctx = s };
	char born[11];

	if (it->min_age <= till_age_known(s->app)) {
		add(s, it, quantity);
		return;
	}
	st->open_item = *it;
	st->open_quantity = quantity;
	snprintf(d.text, sizeof d.text, tr("%s is sold from %lld years on. Was the customer born on or before %s?"),
	         tr_pick(it->name, it->name_zh), (long long)it->min_age, till_age_limit(s->app, it->min_age, born));
	dialog_push(s->tui, &d);
}

static void options_chosen(void *ctx, const struct till_item *it, int64_t quantity)
{
	add_if_of_age(ctx, it, quantity);
}

/* What an item asks is asked when price and quantity are known. */
static void add_after_options(struct screen *s, const struct till_item *it, int64_t quantity)
{
	const struct option_ask ask = { it, quantity, options_chosen, s };

	if (it->has_options)
		screen_push(s->tui, &screen_option_ops, &ask);
	else
		add_if_of_age(s, it, quantity);
}

static void price_answered(void *ctx, const char *text)
{
	struct screen *s = ctx;
	struct selling *st = s->state;
	struct till *t = s->app;
	int64_t cents;

	enum qt_err err = cart_parse_amount(text, t->shop.currency, t->settings.amounts_as_cents, &cents);
	if (err != QT_OK || cents < 0) {
		tui_say(t->tui, STYLE_BAD, "%s", tr_err(err != QT_OK ? err : QT_OUT_OF_RANGE));
		return;
	}
	const struct till_item *it = &st->open_item;
	if (cents < it->min_price_cents || (it->max_price_cents && cents > it->max_price_cents)) {
		char least[32], most[32];
		till_money(t, it->min_price_cents, least);
		tui_say(t->tui, STYLE_BAD, it->max_price_cents ? tr("the price is from %s to %s") : tr("the price is at least %s"),
		        least, till_money(t, it->max_price_cents, most));
		return;
	}
	struct till_item item = *it;
	item.price_cents = cents;
	add_after_options(s, &item, st->open_quantity);
}

static void tell_price(struct till *t, const struct till_item *it)
{
	char money[32];
	bool measured = quantity_is_measured(it->unit) && it->label[0] == '\0';

	tui_say(t->tui, STYLE_GOOD, "%s  %s %s%s%s", tr_pick(it->name, it->name_zh), it->open_price ? "" : till_currency(t),
	        it->open_price ? tr("open") : till_money(t, it->label[0] ? it->label_cents : it->price_cents, money),
	        measured ? "/" : "", measured ? it->unit : "");
}

static void sell(struct screen *s, const struct till_item *it, int64_t typed_milli);

static void weight_answered(void *ctx, const char *text)
{
	struct screen *s = ctx;
	struct selling *st = s->state;
	const struct till_item item = st->open_item;
	int64_t milli;

	enum qt_err err = quantity_parse(text, strlen(text), &milli);
	if (err == QT_OK)
		sell(s, &item, milli);
	else
		tui_say(s->tui, STYLE_BAD, "%s", tr_err(err));
}

/* How much of it, in terms of its unit: as its label says, as typed, or one piece. 0: it is asked, or that was refused. */
static int64_t how_much(struct screen *s, const struct till_item *it, int64_t typed_milli)
{
	struct selling *st = s->state;
	struct dialog d = { .title = tr("Weight"), .ask_text = true, .kind = ENTRY_AMOUNT, .most = 12,
	                    .answered = weight_answered, .ctx = s };

	if (it->label_quantity)
		return it->label_quantity;
	if (!quantity_is_measured(it->unit)) {
		if (typed_milli % QUANTITY_MILLI)
			tui_say(s->tui, STYLE_BAD, tr("%s is sold by the piece"), tr_pick(it->name, it->name_zh));
		return typed_milli == 0 ? 1 : typed_milli % QUANTITY_MILLI ? 0 : typed_milli / QUANTITY_MILLI;
	}
	if (typed_milli == 0) {
		st->open_item = *it;
		snprintf(d.text, sizeof d.text, tr("%s: how many %s, as 0.752"), tr_pick(it->name, it->name_zh), it->unit);
		dialog_push(s->tui, &d);
	}
	return typed_milli;
}

static void sell_on_answered(void *ctx, const char *text)
{
	struct screen *s = ctx;
	struct selling *st = s->state;
	struct till_item item = st->open_item;

	(void)text;
	item.sold_out = false;
	sell(s, &item, st->typed_milli);
}

/* What is sold out a manager may sell on. */
static void sell_sold_out(struct screen *s, const struct till_item *it, int64_t typed_milli)
{
	struct selling *st = s->state;
	struct dialog d = { .title = tr("Sold out"), .answered = sell_on_answered, .ctx = s };

	if (!till_is_boss(s->app)) {
		tui_say(s->tui, STYLE_BAD, tr("%s is sold out: a manager can sell it"), tr_pick(it->name, it->name_zh));
		return;
	}
	st->open_item = *it;
	st->typed_milli = typed_milli;
	snprintf(d.text, sizeof d.text, tr("%s is marked as sold out. Sell it all the same?"), tr_pick(it->name, it->name_zh));
	dialog_push(s->tui, &d);
}

/* An item that was found: into the cart, after its weight or price was asked when it is not known. */
static void sell(struct screen *s, const struct till_item *it, int64_t typed_milli)
{
	struct selling *st = s->state;
	struct dialog d = { .title = tr("Price"), .ask_text = true, .kind = ENTRY_AMOUNT, .most = 16,
	                    .answered = price_answered, .ctx = s };

	if (st->checking) {
		st->checking = false;
		tell_price(s->app, it);
		return;
	}
	if (st->switching) {
		st->switching = false;
		till_sold_out_turn(s->app, it);
		return;
	}
	if (it->sold_out) {
		sell_sold_out(s, it, typed_milli);
		return;
	}
	int64_t quantity = how_much(s, it, typed_milli);
	if (quantity == 0)
		return;
	if (!it->open_price || it->label[0]) {
		add_after_options(s, it, quantity);
		return;
	}
	st->open_item = *it;
	st->open_quantity = quantity;
	snprintf(d.text, sizeof d.text, "%s", tr_pick(it->name, it->name_zh));
	dialog_push(s->tui, &d);
}

void sale_take(struct screen *s, const struct till_item *it)
{
	struct selling *st = s->state;
	const struct till_item item = *it;
	int64_t quantity;
	const char *rest;

	if (cart_parse_entry(st->entry.text, &quantity, &rest) != QT_OK || rest[0])
		quantity = 0;
	entry_clear(&st->entry);
	sell(s, &item, quantity);
}

static void look_up(struct screen *s, const char *code, int64_t quantity)
{
	struct till *t = s->app;
	struct till_item it;
	enum qt_err err = till_item_find(t->store, code, &it);

	if (err == QT_OK)
		sell(s, &it, quantity);
	else
		tui_say(t->tui, STYLE_BAD, err == QT_NOT_FOUND ? tr("no item has the code %s") : "%s: %s",
		        err == QT_NOT_FOUND ? code : tr_err(err), code);
}

static enum action entered(struct screen *s)
{
	struct selling *st = s->state;
	int64_t quantity;
	const char *code;

	if (st->entry.len == 0)
		return ACTION_NONE;
	enum qt_err err = cart_parse_entry(st->entry.text, &quantity, &code);
	if (err != QT_OK)
		tui_say(s->tui, STYLE_BAD, "%s", tr_err(err));
	else if (code[0] == '\0')
		tui_say(s->tui, STYLE_WARN, "%s", tr("now scan or type the item"));
	else
		look_up(s, code, quantity);
	if (err != QT_OK || code[0])
		entry_clear(&st->entry);
	return ACTION_DRAW;
}

static enum action sale_key(struct screen *s, int key)
{
	struct selling *st = s->state;
	struct till *t = s->app;

	if (key == TUI_ENTER)
		return entered(s);
	if ((key == '+' || key == '-') && t->sale.cart.count > 0) {
		static struct cart before;
		before = t->sale.cart;
		enum qt_err err = cart_change(&t->sale.cart, st->list.chosen, key == '+' ? 1 : -1);
		if (err != QT_OK)
			tui_say(t->tui, STYLE_BAD, "%s", err == QT_CONFLICT ? tr("it was weighed: take the line out and weigh again")
			                                                    : tr_err(err));
		else if (till_keep_sale(t) != QT_OK)
			t->sale.cart = before;
		return ACTION_DRAW;
	}
	if (st->entry.len == 0 && list_key(&st->list, key, 8))
		return ACTION_DRAW;
	if (key == TUI_ESC && st->entry.len > 0) {
		entry_clear(&st->entry);
		return ACTION_DRAW;
	}
	if (entry_key(&st->entry, key))
		return ACTION_DRAW;
	if (key > ' ' && key <= 0x10ffff && key != '?' && key != 0x7f) { /* a letter: search for it */
		screen_push(s->tui, &screen_search_ops, s);
		tui_feed_key(s->tui, key);
		return ACTION_DRAW;
	}
	return ACTION_PASS;
}

/* "3*106" pasted or typed as fast as a scanner does: a quantity and an item, not a code. */
static bool typed_quickly(struct screen *s, const char *text)
{
	struct selling *st = s->state;
	int64_t quantity;
	const char *code;

	if (cart_parse_entry(text, &quantity, &code) != QT_OK || quantity == 0)
		return false;
	if (code[0] == '\0') {
		entry_set(&st->entry, text);
		return true;
	}
	entry_clear(&st->entry);
	look_up(s, code, quantity);
	return true;
}

static enum action sale_scan(struct screen *s, const char *text)
{
	struct selling *st = s->state;
	struct till *t = s->app;
	int64_t quantity = 0;
	const char *rest;

	if (typed_quickly(s, text))
		return ACTION_DRAW;
	switch (till_classify(text)) {
	case TEXT_ITEM:
		if (cart_parse_entry(st->entry.text, &quantity, &rest) != QT_OK || rest[0])
			quantity = 0;
		entry_clear(&st->entry);
		look_up(s, text, quantity);
		break;
	case TEXT_CARD:
		screen_push(s->tui, &screen_card_ops, text);
		break;
	case TEXT_WALLET:
		if (t->sale.cart.count > 0)
			till_pay_wallet(t, text, 0);
		else
			tui_say(s->tui, STYLE_WARN, "%s", tr("a customer's code: scan the items first"));
		break;
	case TEXT_POINTS:
		screen_push(s->tui, &screen_points_ops, text);
		break;
	case TEXT_IDENTITY:
		till_customer_name(t, text);
		break;
	case TEXT_SHARE:
		snprintf(t->sale.share, sizeof t->sale.share, "%s", text);
		if (till_keep_sale(t) == QT_OK)
			tui_say(s->tui, STYLE_GOOD, "%s", tr("a shared code is credited"));
		break;
	case TEXT_RECEIPT:
		screen_push(s->tui, &screen_refund_ops, text);
		break;
	case TEXT_COUPON:
		till_coupon(t, text);
		break;
	case TEXT_OTHER_CODE:
		tui_say(s->tui, STYLE_WARN, "%s", tr("this code is not for selling"));
		break;
	}
	return ACTION_DRAW;
}

/* Nothing typed takes the note away. */
static void note_answered(void *ctx, const char *text)
{
	struct screen *s = ctx;
	const struct selling *st = s->state;
	struct till *t = s->app;

	if (st->list.chosen >= t->sale.cart.count)
		return;
	struct cart_line *l = &t->sale.cart.lines[st->list.chosen];
	snprintf(l->note, sizeof l->note, "%s", text);
	if (till_keep_sale(t) == QT_OK)
		tui_say(t->tui, STYLE_GOOD, "%s", text[0] ? tr("noted on the receipt") : tr("the note is gone"));
}

static void hold_answered(void *ctx, const char *text)
{
	till_hold(ctx, text);
}

static void clear_answered(void *ctx, const char *text)
{
	(void)text;
	till_next_sale(ctx);
}

/* Total and code need the server. What goes on without it is asked for in their place. */
static void approval_typed(void *ctx, const char *approval)
{
	if (approval[0])
		till_pay_bank(ctx, approval, 0);
}

static void pay_off_line(struct screen *s)
{
	struct dialog d = { .title = tr("Bank"), .ask_text = true, .kind = ENTRY_TEXT, .most = 40,
	                    .answered = approval_typed, .ctx = s->app };

	snprintf(d.text, sizeof d.text, tr("The server cannot be reached. %s takes cash; or type the approval code on the "
	                                   "bank terminal's slip, which has charged all of it."),
	         tui_key_of(s->tui, s->ops, "cash"));
	dialog_push(s->tui, &d);
}

static enum action sale_command(struct screen *s, int command)
{
	struct selling *st = s->state;
	struct till *t = s->app;
	struct dialog ask = { .title = tr("Clear"), .answered = clear_answered, .ctx = t };
	struct dialog hold = { .title = tr("Hold"), .ask_text = true, .kind = ENTRY_TEXT, .most = HOLD_NAME_ROOM - 1,
	                       .answered = hold_answered, .ctx = t };
	struct dialog note = { .title = tr("Note"), .ask_text = true, .kind = ENTRY_TEXT, .most = CART_NOTE_ROOM - 1,
	                       .answered = note_answered, .ctx = s };
	bool empty = t->sale.cart.count == 0;

	switch (command) {
	case SALE_PAY:
		if (!empty && t->sale.cart.total_cents == 0)
			till_pay_free(t);
		else if (!empty && t->link == LINK_OFF)
			pay_off_line(s);
		else if (!empty)
			till_pay_code(t, 0);
		break;
	case SALE_DISCOUNT: case SALE_DISCOUNT_ALL:
		if (!empty)
			discount_ask(t, command == SALE_DISCOUNT ? st->list.chosen : -1);
		break;
	case SALE_PRICE:
		if (!empty)
			price_ask(t, st->list.chosen);
		break;
	case SALE_COUPON_DROP:
		till_coupon_drop(t);
		break;
	case SALE_EXPLAIN:
		if (!empty)
			screen_push(s->tui, &screen_explain_ops, NULL);
		break;
	case SALE_CASH:
		if (!empty && t->sale.cart.total_cents == 0)
			till_pay_free(t);
		else if (!empty)
			screen_push(s->tui, &screen_cash_ops, NULL);
		break;
	case SALE_CAMERA: screen_push(s->tui, &screen_camera_ops, NULL); break;
	case SALE_SEARCH: screen_push(s->tui, &screen_search_ops, s); break;
	case SALE_CARDS: screen_push(s->tui, &screen_card_ops, NULL); break;
	case SALE_POINTS: screen_push(s->tui, &screen_points_ops, NULL); break;
	case SALE_RECEIPTS: screen_push(s->tui, &screen_receipts_ops, NULL); break;
	case SALE_HOLD:
		snprintf(hold.text, sizeof hold.text, "%s", tr("A name for it, or nothing: then it has a number"));
		if (!empty)
			dialog_push(s->tui, &hold);
		break;
	case SALE_NOTE:
		snprintf(note.text, sizeof note.text, "%s", tr("A note for the receipt; nothing takes it away"));
		if (!empty)
			dialog_push(s->tui, &note);
		break;
	case SALE_CHECK:
		st->checking = !st->checking;
		if (st->checking)
			tui_say(s->tui, STYLE_WARN, "%s", tr("price check: scan or type the item"));
		break;
	case SALE_SOLD_OUT:
		st->switching = !st->switching;
		if (st->switching)
			tui_say(s->tui, STYLE_WARN, "%s", tr("sold out, or there again: scan or type the item"));
		break;
	case SALE_RECALL: screen_push(s->tui, &screen_hold_ops, NULL); break;
	case SALE_SHIFT: screen_push(s->tui, &screen_shift_ops, NULL); break;
	case SALE_REFUND: screen_push(s->tui, &screen_refund_ops, NULL); break;
	case SALE_VOID:
		if (!empty) {
			cart_void(&t->sale.cart, st->list.chosen);
			if (till_keep_sale(t) != QT_OK)
				log_line('E', "a voided line is still on disk");
		}
		break;
	case SALE_CLEAR:
		snprintf(ask.text, sizeof ask.text, "%s", tr("Take all lines out of this sale?"));
		if (!empty)
			dialog_push(s->tui, &ask);
		break;
	}
	if (empty && (command == SALE_PAY || command == SALE_CASH))
		tui_say(s->tui, STYLE_WARN, "%s", tr("there is nothing to pay yet"));
	if (empty && command == SALE_HOLD)
		tui_say(s->tui, STYLE_WARN, "%s", tr("there is nothing to put aside"));
	return ACTION_DRAW;
}

static enum action sale_tick(struct screen *s, int64_t now_ms)
{
	till_standing_tick(s->app, now_ms);
	return ACTION_NONE;
}

static const struct key_help sale_more[] = {
	{ "0-9 3* Enter", N_("a barcode, PLU or SKU; 3* before it: three of it") },
	{ "A-z", N_("search by name") },
	{ "+  -", N_("one more or one less of the chosen line") },
	{ "Up  Down", N_("choose a line; PgUp, PgDn, Home and End, too") },
	{ NULL }
};

const struct screen_ops screen_sale_ops = {
	.title = N_("Sale"), .more = sale_more, .state_size = sizeof(struct selling), .keys = keys, .open = sale_open, .draw = sale_draw,
	.command = sale_command, .key = sale_key, .scan = sale_scan, .tick = sale_tick,
};
