/* till_promo: what promotions take off the cart. The server is asked after every change of the lines, the coupons or the
 * customer; until it has answered the price stands without them, and the order is sent so. While it cannot be reached the
 * till judges those that it may alone: till_promo_local.c. See till.h. */
#include "pos/till.h"

#include "shared/clock.h"
#include "shared/tr.h"

#include <stdio.h>
#include <string.h>

#define AGAIN_MS 5000 /* after the server did not answer */

static void take_lines(struct cart *c, const struct json_t *answer)
{
	const struct json_t *lines = jget(answer, "lines"), *rules = jget(answer, "rules"), *rule;

	size_t n = 0; /* cards were not asked about */
	for (int i = 0; i < c->count; i++)
		c->lines[i].promotion_cents = c->lines[i].card_id ? 0 : jint(jat(lines, n++), "saved_cents", 0);
	c->promotion_count = 0;
	for (size_t i = 0; (rule = jat(rules, i)) != NULL && c->promotion_count < CART_PROMOTIONS_MOST; i++) {
		int64_t saved = jint(rule, "saved_cents", 0);
		struct cart_promotion *p = &c->promotions[c->promotion_count];
		if (saved == 0)
			continue;
		p->saved_cents = saved;
		snprintf(p->name, sizeof p->name, "%s", jtext(rule, "name", ""));
		snprintf(p->name_zh, sizeof p->name_zh, "%s", jtext(rule, "name_zh", ""));
		c->promotion_count++;
	}
}

/* A coupon that takes nothing off stays out of the sale, and the cashier hears why. */
static void drop_refused(struct till *t, const struct json_t *answer)
{
	const struct json_t *codes = jget(answer, "codes"), *code;
	struct cart *c = &t->sale.cart;
	int kept = 0;

	for (int i = 0; i < c->coupon_count; i++) {
		code = jat(codes, (size_t)i);
		if (strcmp(jtext(code, "why", "applied"), "applied") == 0) {
			if (kept != i)
				memcpy(c->coupons[kept], c->coupons[i], sizeof c->coupons[0]);
			kept++;
			continue;
		}
		const char *why = tr_pick(jtext(code, "reason", ""), jtext(code, "reason_zh", ""));
		int64_t cents = jint(code, "missing_cents", 0), pieces = jint(code, "missing_pieces", 0);
		char money[32];
		if (cents)
			snprintf(t->sale_message, sizeof t->sale_message, tr("coupon: %s, %s missing"), why,
			         till_money(t, cents, money));
		else if (pieces)
			snprintf(t->sale_message, sizeof t->sale_message, tr("coupon: %s, %lld pieces missing"), why,
			         (long long)pieces);
		else
			snprintf(t->sale_message, sizeof t->sale_message, tr("coupon: %s"), why);
	}
	c->coupon_count = kept;
}

static void on_promotions(void *ctx, const struct api_reply *r)
{
	struct till *t = ctx;
	struct cart *c = &t->sale.cart;

	t->promoting = 0;
	till_link_said(t, r->err);
	if (r->err != QT_OK) {
		t->promo_mark = 0;
		t->next_promo_ms = clock_mono_ms() + AGAIN_MS;
		return;
	}
	if (t->sale.stage != SALE_CART || cart_mark(c) != t->promo_mark)
		return; /* it was changed meanwhile: asked again by the next tick */
	int before = c->coupon_count;
	drop_refused(t, r->body);
	take_lines(c, r->body);
	c->promotions_for = t->promo_mark = cart_mark(c);
	c->promotions_told = false;
	if (c->coupon_count != before && c->coupon_count > 0)
		t->promo_mark = 0; /* those that are left are asked about alone */
	if (cart_price(c) != QT_OK) { /* a discount by hand asks for more than promotions leave: it goes first */
		c->promotions_for = 0;
		enum qt_err err = cart_price(c);
		if (err == QT_OUT_OF_RANGE) { /* the coupon that let points take so much off is gone */
			c->points = (struct cart_points){ 0 };
			err = cart_price(c);
		}
		if (err != QT_OK)
			log_line('E', "the cart cannot be priced: %s", err_info(err)->code);
	}
	tui_dirty(t->tui);
	if ((cart_promotion_cents(c) > 0 || before > 0) && till_keep_sale(t) != QT_OK)
		c->promotions_for = 0; /* not on disk: it does not count */
}

static void write_question(const struct till *t, struct json *j)
{
	const struct cart *c = &t->sale.cart;

	json_object(j, NULL);
	json_array(j, "lines");
	for (int i = 0; i < c->count; i++) {
		struct price_line l = c->lines[i].price;
		if (c->lines[i].card_id)
			continue;
		l.promotion_cents = l.order_discount_cents = 0;
		json_object(j, NULL);
		json_int(j, "item_id", c->lines[i].item_id);
		json_int(j, "quantity", c->lines[i].unit[0] ? 1 : c->lines[i].quantity);
		json_int(j, "left_cents", price_left(&l));
		json_end(j);
	}
	json_end(j);
	json_array(j, "codes");
	for (int i = 0; i < c->coupon_count; i++) {
		json_object(j, NULL);
		json_text(j, "code", c->coupons[i]);
		json_end(j);
	}
	json_end(j);
	if (t->sale.customer[0])
		json_text(j, "customer", t->sale.customer);
	json_end(j);
}

void till_promo_tick(struct till *t, int64_t now_ms)
{
	struct cart *c = &t->sale.cart;
	struct buf body = { 0 };
	struct json j;

	if (t->link == LINK_OFF)
		till_promo_alone(t);
	if (t->sale.stage != SALE_CART || c->count == 0 || t->session_token == NULL || t->link != LINK_ON || t->api == NULL ||
	    t->promoting || now_ms < t->next_promo_ms)
		return;
	bool goods = false;
	for (int i = 0; i < c->count; i++)
		goods |= c->lines[i].card_id == 0;
	if (!goods)
		return;
	bool same_customer = strcmp(t->promo_customer, t->sale.customer) == 0;
	if (cart_mark(c) == t->promo_mark && cart_has_promotions(c) && !c->promotions_told && same_customer)
		return;
	snprintf(t->promo_customer, sizeof t->promo_customer, "%s", t->sale.customer);
	if (!same_customer)
		c->promotions_for = 0;
	t->promo_mark = cart_mark(c);
	json_start(&j, &body);
	write_question(t, &j);
	const struct api_request r = { .method = "POST", .path = "/v1/promotions/try", .body = body.data,
		.done = on_promotions, .ctx = t };
	t->promoting = api_send(t->api, &r);
	buf_free(&body);
}

void till_coupon(struct till *t, const char *code)
{
	struct cart *c = &t->sale.cart;

	if (t->sale.stage != SALE_CART)
		return;
	if (t->link != LINK_ON) {
		tui_say(t->tui, STYLE_BAD, "%s", tr("coupons need the server, which cannot be reached"));
		return;
	}
	for (int i = 0; i < c->coupon_count; i++)
		if (strcmp(c->coupons[i], code) == 0) {
			tui_say(t->tui, STYLE_WARN, "%s", tr("this coupon is in the sale already"));
			return;
		}
	if (c->coupon_count == CART_COUPONS_MOST || c->count == 0) {
		tui_say(t->tui, STYLE_WARN, "%s", c->count ? tr("no more coupons in one sale")
		                                           : tr("scan the goods first, then the coupon"));
		return;
	}
	t->sale_message[0] = '\0';
	snprintf(c->coupons[c->coupon_count++], sizeof c->coupons[0], "%s", code);
	if (till_keep_sale(t) == QT_OK)
		tui_say(t->tui, STYLE_GOOD, "%s", tr("coupon scanned"));
}

void till_coupon_drop(struct till *t)
{
	struct cart *c = &t->sale.cart;

	if (t->sale.stage != SALE_CART || c->coupon_count == 0)
		return;
	c->coupon_count--;
	enum qt_err err = cart_price(c);
	if (err == QT_OK && till_keep_sale(t) == QT_OK)
		tui_say(t->tui, STYLE_NORMAL, "%s", tr("the coupon was taken out"));
}
