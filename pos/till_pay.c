/* till_pay: paying the present sale: each tender as a request that is written to the outbox together with the new stage
 * of the sale, and taking a secured part back. See till.h. */
#include "pos/till.h"

#include "pos/secret.h"
#include "shared/money.h"
#include "shared/tr.h"
#include "shared/tui/dialog.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How a part is paid. Texts are borrowed; NULL and 0 are left out. */
struct tender {
	const char *method, *code, *number, *identity_code, *approval, *pin;
	int64_t amount_cents, received_cents, cash_rounding_cents, payment_id;
};

static void tender_json(struct json *j, const struct tender *x)
{
	json_text(j, "method", x->method);
	if (x->amount_cents > 0)
		json_int(j, "amount_cents", x->amount_cents);
	if (x->received_cents > 0)
		json_int(j, "received_cents", x->received_cents);
	if (x->cash_rounding_cents > 0)
		json_int(j, "cash_rounding_cents", x->cash_rounding_cents);
	if (x->code)
		json_text(j, "code", x->code);
	if (x->number)
		json_text(j, "number", x->number);
	if (x->identity_code)
		json_text(j, "identity_code", x->identity_code);
	if (x->approval)
		json_text(j, "approval", x->approval);
	if (x->pin)
		json_text(j, "pin", x->pin);
	if (x->payment_id > 0)
		json_int(j, "payment_id", x->payment_id);
}

static void order_json(const struct till *t, const struct tender *x, struct json *j)
{
	json_int(j, "at_ms", till_now_ms(t));
	cart_json(&t->sale.cart, j);
	if (t->sale.customer[0]) {
		json_text(j, "customer", t->sale.customer);
		json_bool(j, "tax_exempt", cart_is_exempt(&t->sale.cart)); /* as the customer was told */
	}
	if (t->sale.share[0])
		json_text(j, "share", t->sale.share);
	json_array(j, "payments");
	if (t->sale.cart.points.off_cents > 0) { /* whose PIN it is, the server knows */
		const struct tender points = { .method = "points-discount", .amount_cents = t->sale.cart.points.off_cents,
			.identity_code = t->sale.cart.points.identity_code, .pin = x->pin };
		json_object(j, NULL);
		tender_json(j, &points);
		json_end(j);
	}
	if (t->sale.cart.total_cents > 0) { /* a free sale is paid by nothing */
		json_object(j, NULL);
		tender_json(j, x);
		json_end(j);
	}
	json_end(j);
}

void till_lines_json(const struct cart *c, struct json *j)
{
	json_array(j, "lines");
	for (int i = 0; i < c->count; i++) {
		json_object(j, NULL);
		json_int(j, "line_no", i + 1);
		json_text(j, "name", c->lines[i].name);
		if (c->lines[i].name_zh[0])
			json_text(j, "name_zh", c->lines[i].name_zh);
		json_int(j, c->lines[i].unit[0] ? "quantity_milli" : "quantity", c->lines[i].quantity);
		if (c->lines[i].unit[0])
			json_text(j, "unit", c->lines[i].unit);
		json_int(j, "price_cents", c->lines[i].price_cents);
		cart_options_json(&c->lines[i], j);
		if (c->lines[i].note[0])
			json_text(j, "note", c->lines[i].note);
		if (cart_taken_off(&c->lines[i]))
			json_int(j, "discount_cents", cart_taken_off(&c->lines[i]));
		json_int(j, "tax_cents", c->lines[i].tax_cents);
		json_int(j, "total_cents", c->lines[i].total_cents);
		json_end(j);
	}
	json_end(j);
	cart_steps_json(c, j);
}

/* The receipt a sale gets that was paid without the server: our own figures, marked as such. */
static struct json_t *provisional_order(const struct till *t, const struct tender *x, int64_t received_cents)
{
	const struct cart *c = &t->sale.cart;
	int64_t rounding_cents = price_in_cash(c->total_cents, x->cash_rounding_cents) - c->total_cents;
	struct buf b = { 0 };
	struct json j;

	json_start(&j, &b);
	json_object(&j, NULL);
	json_bool(&j, "provisional", true);
	json_text(&j, "state", "queued");
	if (cart_has_prices(c))
		json_int(&j, "discount_cents", c->given.discount_cents + c->given.override_cents);
	json_int(&j, "subtotal_cents", c->total_cents - c->tax_cents);
	json_int(&j, "tax_cents", c->tax_cents);
	json_int(&j, "total_cents", c->total_cents);
	json_int(&j, "due_cents", 0);
	json_int(&j, "change_cents", received_cents - c->total_cents - rounding_cents);
	till_lines_json(c, &j);
	json_array(&j, "payments");
	if (c->total_cents > 0) {
		json_object(&j, NULL);
		json_text(&j, "method", x->method);
		json_text(&j, "state", "queued");
		if (x->approval)
			json_text(&j, "approval", x->approval);
		json_int(&j, "amount_cents", c->total_cents);
		if (rounding_cents)
			json_int(&j, "rounding_cents", rounding_cents);
		json_end(&j);
	}
	json_end(&j);
	json_end(&j);
	struct json_t *order = jparse(b.data, b.len);
	buf_free(&b);
	return order;
}

/* Kept in memory only, until the next tender. */
static void remember(struct till *t, const struct tender *x)
{
	const char *text = x->code ? x->code : x->number ? x->number : x->identity_code ? x->identity_code : "";

	snprintf(t->asked.method, sizeof t->asked.method, "%s", x->method);
	snprintf(t->asked.text, sizeof t->asked.text, "%s", text);
	t->asked.amount_cents = x->amount_cents;
	t->asked.received_cents = x->received_cents;
}

/* Money that has changed hands needs no server: all of a sale in cash, or by the bank's own terminal. */
static struct json_t *paid_without_server(const struct till *t, const struct tender *x)
{
	int64_t total_cents = t->sale.cart.total_cents;

	if (cart_has_cards(&t->sale.cart) || t->sale.cart.points.off_cents > 0) /* only the server knows whether it can be */
		return NULL;
	if (total_cents == 0)
		return provisional_order(t, x, 0);
	if (strcmp(x->method, "cash") == 0 && x->amount_cents == 0 &&
	    x->received_cents >= price_in_cash(total_cents, x->cash_rounding_cents))
		return provisional_order(t, x, x->received_cents);
	if (x->approval && (x->amount_cents == 0 || x->amount_cents == total_cents))
		return provisional_order(t, x, total_cents);
	return NULL;
}

static void pay(struct till *t, const struct tender *x)
{
	struct buf body = { 0 };
	char *sealed = NULL;
	char path[64], amount[32], note[128];
	struct json j;
	enum sale_stage before = t->sale.stage;
	bool price;

	if (t->link == LINK_OFF)
		till_promo_alone(t);

	if (till_busy(t) || (before == SALE_CART && t->sale.cart.count == 0))
		return;
	if (before != SALE_CART && before != SALE_OPEN)
		return;
	if (before == SALE_CART && till_price_excess(t, &t->sale.cart, &price) > 0) {
		tui_say(t->tui, STYLE_BAD, tr("what was taken off is above your limit: %s asks a manager"),
		        tui_key_of(t->tui, &screen_sale_ops, "discount"));
		return;
	}
	if (before == SALE_CART && cart_has_cards(&t->sale.cart) && t->link != LINK_ON) {
		tui_say(t->tui, STYLE_BAD, "%s", tr("cards need the server, which cannot be reached"));
		return;
	}
	if (before == SALE_CART && t->sale.cart.points.off_cents > 0 && t->link != LINK_ON) {
		tui_say(t->tui, STYLE_BAD, "%s", tr("points need the server, which cannot be reached"));
		return;
	}
	struct json_t *without_server = before == SALE_CART ? paid_without_server(t, x) : NULL;
	if (t->link == LINK_OFF && without_server == NULL && (before == SALE_CART || !till_has_money(x->method))) {
		till_say_needs_server(t, x->method);
		return;
	}
	t->sale_message[0] = '\0';
	remember(t, x);
	json_start(&j, &body);
	json_object(&j, NULL);
	if (before == SALE_CART)
		order_json(t, x, &j);
	else
		tender_json(&j, x);
	json_end(&j);
	snprintf(t->sale.method, sizeof t->sale.method, "%s", x->method);
	snprintf(path, sizeof path, before == SALE_CART ? "/v1/orders" : "/v1/orders/%lld/payments",
	         (long long)till_sale_order_id(&t->sale));
	snprintf(note, sizeof note, "%s %s", x->method, till_money(t, till_sale_due_cents(&t->sale), amount));
	if (before == SALE_CART) {
		t->sale.stage = SALE_SENT;
		t->sale.order = without_server;
	}
	if (x->pin) /* it waits on the disk until it is answered */
		sealed = secret_seal(t->terminal_token, body.data);
	if (till_put(t, before == SALE_CART ? OUTBOX_ORDER : OUTBOX_PAYMENT, path, sealed ? sealed : body.data, note) != QT_OK) {
		t->sale.stage = before;
		if (before == SALE_CART) {
			jfree(t->sale.order);
			t->sale.order = NULL;
		}
	}
	free(sealed);
	explicit_bzero(body.data, body.len);
	buf_free(&body);
	if (t->link == LINK_OFF)
		till_finish_off_line(t);
	till_show_stage(t);
}

void till_pay_code(struct till *t, int64_t amount_cents)
{
	const struct tender x = { .method = "code", .amount_cents = amount_cents };
	pay(t, &x);
}

void till_pay_free(struct till *t)
{
	const struct tender x = { .method = "cash" };
	pay(t, &x);
}

int64_t till_cash_due_cents(const struct till *t)
{
	int64_t due_cents = t->sale.stage == SALE_SENT ? t->sale.cart.total_cents : till_sale_due_cents(&t->sale);

	return price_in_cash(due_cents, t->rules.cash_rounding_cents);
}

void till_pay_cash(struct till *t, int64_t received_cents)
{
	/* Less than due is a part; the server then counts exactly that. */
	const struct tender x = { .method = "cash", .received_cents = received_cents,
	                          .amount_cents = received_cents < till_cash_due_cents(t) ? received_cents : 0,
	                          .cash_rounding_cents = t->rules.cash_rounding_cents };
	pay(t, &x);
}

static void pay_with(struct till *t, const char *method, const char *text, int64_t amount_cents, const char *pin)
{
	bool card = strcmp(method, "card") == 0, points = strcmp(method, "points") == 0;
	const struct tender x = { .method = method, .amount_cents = amount_cents, .pin = pin,
	                          .code = points || (card && till_is_number(text)) ? NULL : text,
	                          .number = card && till_is_number(text) ? text : NULL,
	                          .identity_code = points ? text : NULL };
	pay(t, &x);
}

void till_pay_card(struct till *t, const char *text, int64_t amount_cents)
{
	pay_with(t, "card", text, amount_cents, NULL);
}

void till_pay_points(struct till *t, const char *identity_code, int64_t amount_cents)
{
	pay_with(t, "points", identity_code, amount_cents, NULL);
}

void till_pay_wallet(struct till *t, const char *digits, int64_t amount_cents)
{
	pay_with(t, "wallet", digits, amount_cents, NULL);
}

static void pin_typed(void *ctx, const char *pin)
{
	struct till *t = ctx;
	char method[sizeof t->asked.method], text[sizeof t->asked.text];

	if (pin[0] == '\0')
		return;
	memcpy(method, t->asked.method, sizeof method);
	memcpy(text, t->asked.text, sizeof text);
	if (text[0] == '\0') { /* the PIN is for points that lower the price */
		const struct tender x = { .method = method, .amount_cents = t->asked.amount_cents, .pin = pin,
		                          .received_cents = t->asked.received_cents };
		pay(t, &x);
		return;
	}
	pay_with(t, method, text, t->asked.amount_cents, pin);
}

void till_ask_pin(struct till *t)
{
	struct dialog d = { .title = tr("PIN"), .ask_text = true, .kind = ENTRY_SECRET, .most = 12, .answered = pin_typed,
	                    .ctx = t };

	if (t->asked.text[0] == '\0' && (t->sale.cart.points.off_cents == 0 || strcmp(t->asked.method, "terminal") == 0))
		return;
	snprintf(d.text, sizeof d.text, "%s", tr("Above this amount the customer types the PIN of the wallet"));
	dialog_push(t->tui, &d);
}

void till_pay_bank(struct till *t, const char *approval, int64_t amount_cents)
{
	const struct tender x = { .method = "terminal", .approval = approval, .amount_cents = amount_cents };
	pay(t, &x);
}

const struct json_t *till_part(const struct till *t, int index)
{
	const struct json_t *payments = jget(t->sale.order, "payments"), *p;

	for (size_t i = 0; t->sale.stage == SALE_OPEN && (p = jat(payments, i)) != NULL; i++)
		if (strcmp(jtext(p, "state", ""), "held") == 0 && index-- == 0)
			return p;
	return NULL;
}

void till_part_release(struct till *t, int64_t payment_id)
{
	char path[64];

	if (t->sale.stage != SALE_OPEN || till_busy(t))
		return;
	snprintf(path, sizeof path, "/v1/payments/%lld/cancel", (long long)payment_id);
	if (till_put(t, OUTBOX_RELEASE, path, "{}", tr("take a part back")) == QT_OK)
		till_show_stage(t);
}

/* Money by the code on the counter: exactly what is due if there is such, else the largest part of it. */
static void on_unmatched(void *ctx, const struct api_reply *r)
{
	struct till *t = ctx;
	const struct json_t *rows = jget(r->body, "payments"), *row;
	int64_t due_cents = till_sale_due_cents(&t->sale), best_cents = 0;
	struct tender x = { .method = "fixed" };

	t->asking = 0;
	till_link_said(t, r->err);
	for (size_t i = 0; (row = jat(rows, i)) != NULL; i++) {
		int64_t amount_cents = jint(row, "amount_cents", 0);
		if (amount_cents <= best_cents || amount_cents > due_cents)
			continue;
		best_cents = amount_cents;
		x.payment_id = jint(row, "payment_id", 0);
	}
	if (x.payment_id > 0)
		pay(t, &x);
	else
		tui_say(t->tui, STYLE_WARN, "%s",
		        r->err != QT_OK ? tr_err(r->err) : tr("no such money has come by the counter's code"));
}

void till_pay_unmatched(struct till *t)
{
	const struct api_request r = { .method = "GET", .path = "/v1/terminals/me/unmatched", .done = on_unmatched,
	                               .ctx = t };

	if (t->api == NULL || t->asking || till_busy(t))
		return;
	t->asking = api_send(t->api, &r);
}
