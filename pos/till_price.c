/* till_price: see till_price.h. */
#include "pos/till.h"

#include "shared/clock.h"
#include "shared/tr.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- rules ---- */

/* Of a store that has settled none; others are shown as they were typed. */
static const char *const usual_reasons[] = { N_("Damaged"), N_("Short date"), N_("Goodwill"), N_("Staff"),
                                             N_("Price match") };

static void read_rules(struct till *t, const struct json_t *rules)
{
	const struct json_t *reasons = jget(rules, "discount_reasons"), *limits = jget(rules, "limits");
	struct till_rules *r = &t->rules;

	r->reason_count = 0;
	for (size_t i = 0; i < jcount(reasons) && r->reason_count < PRICE_REASONS_MOST; i++)
		snprintf(r->reasons[r->reason_count++], CART_REASON_ROOM, "%s", jvalue_text(jat(reasons, i), ""));
	for (size_t i = 0; reasons == NULL && i < sizeof usual_reasons / sizeof *usual_reasons; i++)
		snprintf(r->reasons[r->reason_count++], CART_REASON_ROOM, "%s", usual_reasons[i]);
	r->discount_bp = jint(limits, "discount_bp", 1000);
	r->discount_cents = jint(limits, "discount_cents", MONEY_MAX);
	r->price_cents = jint(limits, "price_cents", 0);
	r->cash_rounding_cents = jint(rules, "cash_rounding_cents", 1);
}

void till_rules_load(struct till *t)
{
	char *text = setting_text(t->store, "rules_json");
	struct json_t *rules = text ? jparse(text, strlen(text)) : NULL;

	read_rules(t, rules);
	jfree(rules);
	free(text);
}

enum qt_err till_rules_apply(struct till *t, const struct json_t *rules)
{
	char *text = jdump(rules);
	enum qt_err err = setting_put(t->store, "rules_json", text);
	if (err == QT_OK && jtext(rules, "barcode_patterns", NULL))
		err = setting_put(t->store, "barcode_patterns", jtext(rules, "barcode_patterns", NULL));
	if (err == QT_OK)
		err = setting_put_int(t->store, "currency", t->shop.currency);

	free(text);
	read_rules(t, rules);
	return err;
}

static void on_rules(void *ctx, const struct api_reply *r)
{
	struct till *t = ctx;

	till_link_said(t, r->err);
	if (r->err == QT_OK && till_rules_apply(t, r->body) != QT_OK)
		tui_say(t->tui, STYLE_BAD, "%s", tr_err(QT_STORE));
}

void till_rules_ask(struct till *t)
{
	const struct api_request r = { .method = "GET", .path = "/v1/store-rules", .done = on_rules, .ctx = t };

	if (t->api && t->session_token)
		api_send(t->api, &r);
}

/* ---- discounts and prices ---- */

static int64_t covered(const struct till *t, const struct cart *c, bool price)
{
	int64_t sum = 0;

	for (int i = 0; i < c->approval_count; i++)
		if (c->approvals[i].price == price && c->approvals[i].expires_ms > till_now_ms(t))
			sum += c->approvals[i].amount_cents;
	return sum;
}

int64_t till_price_excess(const struct till *t, const struct cart *c, bool *price)
{
	const struct till_rules *r = &t->rules;
	const struct price_given *g = &c->given;

	if (till_is_boss(t))
		return 0;
	*price = g->override_cents > r->price_cents && covered(t, c, true) < g->override_cents;
	if (*price)
		return g->override_cents - covered(t, c, true);
	if (price_within(g->discount_cents, g->base_cents, r->discount_bp, r->discount_cents) ||
	    covered(t, c, false) >= g->discount_cents)
		return 0;
	return g->discount_cents - covered(t, c, false);
}

static void forget(struct till *t)
{
	free(t->wanted.cart);
	t->wanted.cart = NULL;
}

/* What was given, to what, why and by whose leave, for the journal; a discount of 0 was taken back. `approval` NULL: nobody
 * was asked. Inside the transaction that saves it. */
static enum qt_err given_event(struct till *t, const struct till_wanted *w, const struct json_t *approval)
{
	return till_event(t, w->price ? "price" : "discount", "iiiiitit", "sale", t->sale.number, "line",
	                  (int64_t)(w->line + 1), "rate_bp", w->price ? 0 : w->discount.rate_bp, "amount_cents",
	                  w->price ? w->new_price_cents : w->discount.amount_cents, "taken_off_cents",
	                  t->sale.cart.given.discount_cents + t->sale.cart.given.override_cents, "reason", w->reason,
	                  "approval", jint(approval, "approval_id", 0), "approved_by", jtext(approval, "approved_by", ""));
}

/* The cart becomes what was wanted, on disk first. */
static void take(struct till *t, const struct json_t *approval)
{
	static struct cart before;

	before = t->sale.cart;
	t->sale.cart = *t->wanted.cart;
	forget(t);
	enum qt_err err = tdb_begin(t->store);
	if (err == QT_OK) {
		err = till_sale_save(t->store, &t->sale);
		if (err == QT_OK)
			err = given_event(t, &t->wanted, approval);
		if (err == QT_OK)
			err = till_event_cart(t);
		err = tdb_commit(t->store, err);
	}
	if (err == QT_OK) {
		till_event_remember(t);
	} else {
		t->sale.cart = before;
		tui_say(t->tui, STYLE_BAD, "%s", tr_err(err));
	}
	t->sale_message[0] = '\0';
	tui_dirty(t->tui);
}

static void change(struct cart *c, const struct till_wanted *w)
{
	bool nothing = w->discount.rate_bp == 0 && w->discount.amount_cents == 0;
	const char *reason = nothing && !w->price ? "" : w->reason;
	struct cart_line *l = w->line >= 0 ? &c->lines[w->line] : NULL;

	if (l && w->price) {
		l->overridden = w->new_price_cents != l->price_cents;
		l->new_price_cents = w->new_price_cents;
		snprintf(l->price_reason, sizeof l->price_reason, "%s", l->overridden ? reason : "");
	} else if (l) {
		l->discount = w->discount;
		snprintf(l->discount_reason, sizeof l->discount_reason, "%s", reason);
	} else {
		c->discount = w->discount;
		snprintf(c->discount_reason, sizeof c->discount_reason, "%s", reason);
	}
}

bool till_price_do(struct till *t)
{
	struct till_wanted *w = &t->wanted;
	bool price;

	forget(t);
	if (t->sale.stage != SALE_CART || w->line >= t->sale.cart.count)
		return true;
	w->cart = xmalloc(sizeof *w->cart);
	*w->cart = t->sale.cart;
	w->item_id = w->line >= 0 ? t->sale.cart.lines[w->line].item_id : 0;
	change(w->cart, w);
	enum qt_err err = cart_price(w->cart);
	if (err != QT_OK) {
		tui_say(t->tui, STYLE_BAD, "%s", err == QT_OUT_OF_RANGE ? tr("that is more than there is") : tr_err(err));
		forget(t);
		return true;
	}
	w->amount_cents = till_price_excess(t, w->cart, &price);
	if (w->amount_cents == 0) {
		take(t, NULL);
		return true;
	}
	w->approve_price = price;
	if (t->link == LINK_ON)
		return false;
	tui_say(t->tui, STYLE_BAD, "%s", tr("above your limit: a manager can approve it only while the server is there"));
	forget(t);
	return true;
}

/* The cart as it is now, with what was approved: lines may have come since it was asked for. */
static bool change_now(struct till *t, const struct json_t *approval)
{
	struct till_wanted *w = &t->wanted;
	struct cart *c = w->cart;

	if (c == NULL || t->sale.stage != SALE_CART || w->line >= t->sale.cart.count ||
	    t->sale.cart.approval_count == CART_APPROVALS_MOST ||
	    (w->line >= 0 && t->sale.cart.lines[w->line].item_id != w->item_id))
		return false;
	*c = t->sale.cart;
	change(c, w);
	c->approvals[c->approval_count++] = (struct cart_approval){ jint(approval, "approval_id", 0),
		jint(approval, "amount_cents", 0), jint(approval, "expires_ms", 0), w->approve_price };
	return cart_price(c) == QT_OK;
}

static void on_approved(void *ctx, const struct api_reply *r)
{
	struct till *t = ctx;
	char why[256];

	t->wanted.asking = 0;
	till_link_said(t, r->err);
	if (r->err != QT_OK || !change_now(t, r->body)) {
		till_problem_text(r, why, sizeof why);
		tui_say(t->tui, STYLE_BAD, "%s", r->err != QT_OK ? why : tr_err(QT_CONFLICT));
		forget(t);
		return;
	}
	take(t, r->body);
	tui_say(t->tui, STYLE_GOOD, tr("approved by %s"), jtext(r->body, "approved_by", ""));
}

void till_approval_ask(struct till *t, const char *action, int64_t amount_cents, const char *number, const char *pin,
                       void (*done)(void *till, const struct api_reply *))
{
	struct buf body = { 0 };
	struct json j;
	char key[40];

	json_start(&j, &body);
	json_object(&j, NULL);
	json_text(&j, "action", action);
	json_int(&j, "amount_cents", amount_cents);
	json_object(&j, "approval_staff");
	json_text(&j, "number", number);
	json_text(&j, "pin", pin);
	json_end(&j);
	json_end(&j);
	till_make_uuid(key);
	const struct api_request r = { .method = "POST", .path = "/v1/approvals", .body = body.data, .key = key,
	                               .done = done, .ctx = t };
	t->wanted.asking = api_send(t->api, &r);
	explicit_bzero(body.data, body.len);
	buf_free(&body);
}

void till_price_approve(struct till *t, const char *number, const char *pin)
{
	if (t->wanted.cart == NULL || t->wanted.asking || t->api == NULL)
		return;
	till_approval_ask(t, t->wanted.approve_price ? "price" : "discount", t->wanted.amount_cents, number, pin, on_approved);
}

void till_price_close(struct till *t)
{
	forget(t);
}
