/* till_customer: who buys. A customer is named for the sale; then the server is asked for the standing and whether no tax is
 * due. Until it has answered, and while it cannot be reached, the price is with tax, and the order is sent so. See
 * till.h. */
#include "pos/till.h"

#include "shared/clock.h"
#include "shared/tr.h"

#include <stdio.h>
#include <string.h>

#define AGAIN_MS 5000    /* after the server did not answer */
#define REFUSED_MS 60000 /* after it did not know the customer */

/* Another customer, or nobody: what was known is of the one before. */
static bool put(struct till *t, const char *code)
{
	static struct cart before;
	char was[sizeof t->sale.customer];

	before = t->sale.cart;
	memcpy(was, t->sale.customer, sizeof was);
	snprintf(t->sale.customer, sizeof t->sale.customer, "%s", code);
	t->sale.cart.customer = (struct cart_customer){ 0 };
	t->next_customer_ms = 0;
	enum qt_err err = cart_price(&t->sale.cart);
	if (err == QT_OK)
		err = till_keep_sale(t);
	else
		tui_say(t->tui, STYLE_BAD, "%s", tr_err(err));
	if (err == QT_OK)
		return true;
	memcpy(t->sale.customer, was, sizeof was);
	t->sale.cart = before;
	return false;
}

void till_customer_name(struct till *t, const char *code)
{
	if (t->sale.stage == SALE_PAID || t->sale.stage == SALE_QUEUED)
		till_next_sale(t);
	if (t->sale.stage == SALE_CART && put(t, code))
		tui_say(t->tui, STYLE_GOOD, "%s", tr("a customer is named"));
}

/* Keep what the server said; the cart costs what it does by it. */
static void take(struct till *t, const struct json_t *said)
{
	static struct cart before;
	struct cart *c = &t->sale.cart;

	before = *c;
	cart_customer_read(&c->customer, said);
	enum qt_err err = cart_price(c);
	if (err == QT_OK)
		err = till_keep_sale(t);
	if (err != QT_OK)
		*c = before;
	else if (cart_is_exempt(c))
		tui_say(t->tui, STYLE_GOOD, tr("no tax is due: certificate %s"), c->customer.certificate);
	tui_dirty(t->tui);
}

static void on_customer(void *ctx, const struct api_reply *r)
{
	struct till *t = ctx;
	const struct json_t *who = jat(jget(r->body, "customers"), 0);

	t->naming = 0;
	till_link_said(t, r->err);
	if (t->sale.stage != SALE_CART || strcmp(t->named, t->sale.customer) != 0)
		return;
	if (r->err == QT_OK && jint(who, "customer_id", 0) > 0)
		take(t, who);
	if (t->sale.cart.customer.customer_id == 0)
		t->next_customer_ms = clock_mono_ms() + (t->link == LINK_ON ? REFUSED_MS : AGAIN_MS);
}

void till_customer_tick(struct till *t, int64_t now_ms)
{
	struct buf body = { 0 };
	struct json j;

	if (t->sale.stage != SALE_CART || t->sale.customer[0] == '\0' || t->sale.cart.customer.customer_id != 0 ||
	    t->session_token == NULL || t->link != LINK_ON || t->api == NULL || t->naming || now_ms < t->next_customer_ms)
		return;
	snprintf(t->named, sizeof t->named, "%s", t->sale.customer);
	json_start(&j, &body);
	json_object(&j, NULL);
	json_text(&j, "identity_code", t->named);
	json_end(&j);
	const struct api_request r = { .method = "POST", .path = "/v1/members/find", .body = body.data, .done = on_customer,
	                               .ctx = t };
	t->naming = api_send(t->api, &r);
	buf_free(&body);
}
