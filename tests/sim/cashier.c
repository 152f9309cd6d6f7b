/* cashier: the person at a till: scans, takes money in every way, gives up, puts aside, takes back. See people.h. */
#include "shared/clock.h"
#include "shared/code.h"
#include "tests/sim/desk.h"
#include "tests/sim/dice.h"
#include "tests/sim/net.h"
#include "tests/sim/people.h"
#include "tests/sim/shop.h"
#include "tests/sim/trace.h"

#include <stdio.h>
#include <string.h>

struct cashier {
	int till, deeds;             /* deeds left */
	int64_t last_sale;           /* number of the newest sale that was counted */
	int64_t sales, sales_cents;
	int64_t shown_payment;       /* whose code was shown to somebody */
	int waited;                  /* turns at an open order */
	int paused;                  /* turns in which nobody signed in */
};
static struct cashier cashiers[TILLS];
static bool going_home, gone;

static int any_card(void)
{
	return (int)dice_below(shop.card_count);
}

static const char *card_text(int card)
{
	return dice_chance(300) ? shop.cards[card].number : shop.cards[card].code;
}

/* ---- an empty till ---- */

static void scan_items(struct till *t)
{
	int lines = (int)dice_between(1, 3);

	for (int i = 0; i < lines; i++) {
		struct till_item it;
		if (till_item_find(t->store, shop.items[dice_below(SHOP_ITEMS)].sku, &it) == QT_OK)
			till_add(t, &it, dice_between(1, 4), NULL);
	}
	if (t->sale.cart.count == 0)
		return;
	if (dice_chance(500))
		snprintf(t->sale.customer, sizeof t->sale.customer, "%s", shop.customers[dice_below(SHOP_CUSTOMERS)].identity);
	if (dice_chance(mood.shares))
		snprintf(t->sale.share, sizeof t->sale.share, "%s", shop.shares[dice_below(SHOP_SHARES)].code);
	if (till_keep_sale(t) != QT_OK)
		t->sale.customer[0] = t->sale.share[0] = '\0';
}

/* Straight onto a card, for cash: the route that other programs use; the till's own screens make lines of a sale of it. */
static void put_on_card(struct till *t, const char *verb, int64_t cents)
{
	struct buf body = { 0 };
	char path[64];
	struct json j;
	bool issue = verb[0] == '\0';

	json_start(&j, &body);
	json_object(&j, NULL);
	if (!issue)
		json_text(&j, till_is_number(t->answer_code) ? "number" : "code", t->answer_code);
	if (cents > 0)
		json_int(&j, "amount_cents", cents);
	if (!issue || cents > 0)
		json_text(&j, "tender", "cash");
	json_end(&j);
	snprintf(path, sizeof path, "/v1/cards%s%s", issue ? "" : "/", verb);
	if (till_put(t, OUTBOX_CARD, path, body.data, verb) != QT_OK)
		tui_say(t->tui, STYLE_BAD, "%s", verb);
	buf_free(&body);
}

static void do_card(struct till *t)
{
	switch (t->asking ? -1 : dice_below(6)) {
	case 0: put_on_card(t, "", dice_chance(500) ? dice_between(100, 5000) : 0); break;
	case 1: if (t->answer) put_on_card(t, "top-up", dice_between(1, 5000)); break;
	case 2: if (t->answer) put_on_card(t, "activate", dice_between(100, 5000)); break;
	case 3: if (t->answer) till_card_freeze(t, dice_chance(600)); break;
	default: till_card_look(t, card_text(any_card())); break;
	}
}

static void do_points(struct till *t)
{
	if (t->asking)
		return;
	if (t->answer && dice_chance(500))
		till_points_do(t, dice_chance(500), dice_between(1, 300), "as agreed");
	else
		till_points_look(t, shop.customers[dice_below(SHOP_CUSTOMERS)].identity);
}

static void do_refund(struct till *t)
{
	struct till_refund *r = &t->refund;
	struct receipt_row rows[20];

	switch (r->stage) {
	case REFUND_NONE: {
		int count = till_receipt_list(t->store, rows, 20);
		if (count > 0 && !r->asking)
			till_refund_look_order(t, rows[dice_below(count)].order_id);
		break;
	}
	case REFUND_CHOOSING:
		if (r->preview && dice_chance(600))
			till_refund_send(t, "changed their mind", NULL, NULL);
		else if (r->left && dice_chance(600))
			till_refund_choose(t, (int)dice_below(till_refund_line_count(r)), dice_chance(700) ? -1 : 1);
		else if (dice_chance(300))
			till_refund_drop(t);
		break;
	case REFUND_DONE:
		till_refund_drop(t);
		break;
	case REFUND_SENT:
		break;
	}
}

/* With a sale put aside at this till or at another. */
static void go_on(struct till *t)
{
	static struct held_row rows[HOLD_MOST + HELD_THERE_MOST]; /* large */
	int count = till_held_list(t, rows);

	if (count > 0 && till_recall(t, &rows[dice_below(count)], false) == HELD_UNSURE && dice_chance(300))
		till_recall(t, &rows[dice_below(count)], true);
}

static void begin(struct till *t)
{
	if (t->refund.stage != REFUND_NONE || dice_chance(mood.refunds))
		do_refund(t);
	else if (dice_chance(mood.cards))
		do_card(t);
	else if (dice_chance(mood.points))
		do_points(t);
	else if (t->held.count > 0 && dice_chance(300))
		go_on(t);
	else
		scan_items(t);
}

/* ---- money ---- */

static void pay(struct cashier *c, struct till *t)
{
	int64_t due = till_sale_due_cents(&t->sale), cash_due = till_cash_due_cents(t), kind = dice_below(100);
	bool part = dice_chance(250) && due > 10;
	int64_t some = part ? dice_between(1, due - 1) : 0;

	c->waited = 0;
	if (going_home)
		till_pay_cash(t, cash_due);
	else if (kind < 30)
		till_pay_cash(t, part && some % shop.coin_cents == 0 && some < cash_due ? some
		              : cash_due + (dice_chance(300) ? dice_below(500) : 0));
	else if (kind < 55)
		till_pay_card(t, card_text(any_card()), some);
	else if (kind < 65)
		till_pay_points(t, shop.customers[dice_below(SHOP_CUSTOMERS)].identity, some);
	else if (kind < 75)
		till_pay_unmatched(t);
	else
		till_pay_code(t, some);
}

/* The order waits for money: for somebody's phone, or for the rest. */
static void wait_for_money(struct cashier *c, struct till *t)
{
	int64_t expires_ms, payment_id;
	const char *code = till_sale_code(&t->sale, &expires_ms, &payment_id);

	if (code && payment_id != c->shown_payment) {
		char token[200];
		shop_token(code, token);
		c->shown_payment = payment_id;
		int scans = dice_chance(850) ? 1 : (int)dice_below(3);
		for (int i = 0; i < scans; i++)
			phone_scan(token, till_sale_due_cents(&t->sale), dice_chance(60) ? dice_between(290000, 400000)
			                                                                  : dice_between(1000, 30000));
	}
	if (++c->waited < (code ? 6 : 1) && !(going_home && dice_chance(500)))
		return;
	if (dice_chance(300))
		till_give_up(t);
	else
		pay(c, t);
}

static void count_sale(struct cashier *c, const struct till *t)
{
	if (t->sale.number == c->last_sale)
		return;
	c->last_sale = t->sale.number;
	c->sales++;
	c->sales_cents += t->sale.stage == SALE_PAID ? till_sale_total_cents(&t->sale) : t->sale.cart.total_cents;
	trace("till %d: sale %lld is finished, %lld", c->till, (long long)t->sale.number,
	      (long long)till_sale_total_cents(&t->sale));
}

static void act(struct till *t, void *arg)
{
	struct cashier *c = arg;

	switch (t->sale.stage) {
	case SALE_CART:
		if (t->sale.cart.count == 0) {
			if (!going_home && c->deeds > 0) {
				c->deeds--;
				begin(t);
			} else if (t->refund.stage == REFUND_CHOOSING || t->refund.stage == REFUND_DONE) {
				till_refund_drop(t);
			}
		} else if (dice_chance(mood.holds) && !going_home) {
			till_hold(t, "later");
		} else {
			pay(c, t);
		}
		break;
	case SALE_SENT:
		break;
	case SALE_OPEN:
		if (!till_busy(t))
			wait_for_money(c, t);
		break;
	case SALE_PAID:
	case SALE_QUEUED:
		count_sale(c, t);
		till_next_sale(t);
		break;
	}
}

static void come(void *arg)
{
	struct cashier *c = arg;

	if (gone)
		return;
	if (desk_is_up(c->till) && desk_till(c->till)->session_token == NULL && c->paused++ % 8 == 0)
		shop_sign_in(c->till);
	else if (desk_is_up(c->till))
		desk_do(c->till, act, c);
	net_plan(dice_between(500, 6000), come, c);
}

void cashier_open(int till, int deeds)
{
	cashiers[till] = (struct cashier){ .till = till, .deeds = deeds };
	net_plan(dice_between(0, 3000), come, &cashiers[till]);
}

void people_are_gone(void)
{
	gone = true;
}

void people_go_home(void)
{
	going_home = true;
}

bool people_go(void)
{
	return going_home;
}

bool cashier_is_done(int till)
{
	const struct till *t = desk_till(till);

	return desk_is_up(till) && (going_home || cashiers[till].deeds == 0) && t->sale.stage == SALE_CART &&
	       t->sale.cart.count == 0 && t->counts.waiting == 0 && t->refund.stage == REFUND_NONE;
}

int64_t cashier_sales(int till)
{
	return cashiers[till].sales;
}

int64_t cashier_sales_cents(int till)
{
	return cashiers[till].sales_cents;
}
