/* till_ops: what cashiers do, as requests: written to the outbox together with the new stage of the sale. See till.h. */
#include "pos/till.h"

#include "pos/receipt.h"
#include "pos/till_hold.h"
#include "shared/clock.h"
#include "shared/code.h"
#include "shared/money.h"
#include "shared/tr.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum till_text till_classify(const char *text)
{
	char token[CODE_TOKEN_MAX];
	struct code c;
	size_t digits = strspn(text, "0123456789 ");

	if (digits >= 16 && text[digits] == '\0')
		return TEXT_CARD; /* 16 digits as printed on a card; no barcode of goods is so long */
	if (code_token_of(text, NULL, token) == NULL || code_read(NULL, token, clock_now_ms(), &c) != QT_OK)
		return TEXT_ITEM;
	switch (c.kind) {
	case CODE_PRODUCT: return TEXT_ITEM;
	case CODE_CARD: return TEXT_CARD;
	case CODE_IDENTITY: return TEXT_IDENTITY;
	case CODE_SHARE: case CODE_CAMPAIGN: return TEXT_SHARE;
	case CODE_RECEIPT: return TEXT_RECEIPT;
	default: return TEXT_OTHER_CODE;
	}
}

void till_add(struct till *t, const struct till_item *it, int64_t quantity, int *line)
{
	static struct cart before;

	if (t->sale.stage == SALE_PAID || t->sale.stage == SALE_QUEUED)
		till_next_sale(t);
	if (t->sale.stage != SALE_CART)
		return;
	before = t->sale.cart;
	enum qt_err err = cart_add(&t->sale.cart, it, quantity, line);
	if (err != QT_OK)
		tui_say(t->tui, STYLE_BAD, "%s", tr_err(err));
	else if (till_keep_sale(t) != QT_OK)
		t->sale.cart = before;
	t->sale_message[0] = '\0';
}

/* How a part is paid. Texts are borrowed; NULL and 0 are left out. */
struct tender {
	const char *method, *code, *number, *identity_code;
	int64_t amount_cents, received_cents, payment_id;
};

static void tender_json(struct json *j, const struct tender *x)
{
	json_text(j, "method", x->method);
	if (x->amount_cents > 0)
		json_int(j, "amount_cents", x->amount_cents);
	if (x->received_cents > 0)
		json_int(j, "received_cents", x->received_cents);
	if (x->code)
		json_text(j, "code", x->code);
	if (x->number)
		json_text(j, "number", x->number);
	if (x->identity_code)
		json_text(j, "identity_code", x->identity_code);
	if (x->payment_id > 0)
		json_int(j, "payment_id", x->payment_id);
}

static void order_json(const struct till *t, const struct tender *x, struct json *j)
{
	json_int(j, "at_ms", till_now_ms(t));
	cart_json(&t->sale.cart, j);
	if (t->sale.customer[0])
		json_text(j, "customer", t->sale.customer);
	if (t->sale.share[0])
		json_text(j, "share", t->sale.share);
	json_array(j, "payments");
	if (t->sale.cart.total_cents > 0) { /* a free sale is paid by nothing */
		json_object(j, NULL);
		tender_json(j, x);
		json_end(j);
	}
	json_end(j);
}

/* Write a request and the sale as it becomes by it. */
static enum qt_err put(struct till *t, enum outbox_kind kind, const char *path, const struct buf *body, const char *note)
{
	bool of_sale = kind == OUTBOX_ORDER || kind == OUTBOX_PAYMENT || kind == OUTBOX_CANCEL;
	enum qt_err err = tdb_begin(t->store);

	if (err == QT_OK) {
		err = outbox_add(t->store, kind, path, body->data, of_sale ? t->sale.number : 0, note, clock_now_ms());
		if (err == QT_OK && of_sale)
			err = till_sale_save(t->store, &t->sale);
		err = tdb_commit(t->store, err);
	}
	if (err != QT_OK)
		tui_say(t->tui, STYLE_BAD, "%s", tr_err(err));
	t->counts = outbox_counts(t->store);
	if (t->sending == 0)
		t->retry_ms = 0;
	return err;
}

/* The receipt a cash sale gets when the server cannot be reached: our own figures, marked as such. */
static struct json_t *provisional_order(const struct till *t, int64_t received_cents)
{
	const struct cart *c = &t->sale.cart;
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
	json_int(&j, "change_cents", received_cents - c->total_cents);
	json_array(&j, "lines");
	for (int i = 0; i < c->count; i++) {
		json_object(&j, NULL);
		json_int(&j, "line_no", i + 1);
		json_text(&j, "name", c->lines[i].name);
		if (c->lines[i].name_zh[0])
			json_text(&j, "name_zh", c->lines[i].name_zh);
		json_int(&j, "quantity", c->lines[i].quantity);
		json_int(&j, "price_cents", c->lines[i].price_cents);
		if (cart_taken_off(&c->lines[i]))
			json_int(&j, "discount_cents", cart_taken_off(&c->lines[i]));
		json_int(&j, "tax_cents", c->lines[i].tax_cents);
		json_int(&j, "total_cents", c->lines[i].total_cents);
		json_end(&j);
	}
	json_end(&j);
	cart_steps_json(c, &j);
	json_array(&j, "payments");
	if (c->total_cents > 0) {
		json_object(&j, NULL);
		json_text(&j, "method", "cash");
		json_text(&j, "state", "queued");
		json_int(&j, "amount_cents", c->total_cents);
		json_end(&j);
	}
	json_end(&j);
	json_end(&j);
	struct json_t *order = jparse(b.data, b.len);
	buf_free(&b);
	return order;
}

static void pay(struct till *t, const struct tender *x)
{
	struct buf body = { 0 };
	char path[64], amount[32], note[128];
	struct json j;
	enum sale_stage before = t->sale.stage;
	bool price;

	if (till_busy(t) || (before == SALE_CART && t->sale.cart.count == 0))
		return;
	if (before != SALE_CART && before != SALE_OPEN)
		return;
	if (before == SALE_CART && till_price_excess(t, &t->sale.cart, &price) > 0) {
		tui_say(t->tui, STYLE_BAD, "%s", tr("what was taken off is above your limit: F4 asks a manager"));
		return;
	}
	t->sale_message[0] = '\0';
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
		if (t->sale.cart.total_cents == 0)
			t->sale.order = provisional_order(t, 0);
		else if (strcmp(x->method, "cash") == 0 && x->received_cents >= t->sale.cart.total_cents && x->amount_cents == 0)
			t->sale.order = provisional_order(t, x->received_cents);
	}
	if (put(t, before == SALE_CART ? OUTBOX_ORDER : OUTBOX_PAYMENT, path, &body, note) != QT_OK) {
		t->sale.stage = before;
		if (before == SALE_CART) {
			jfree(t->sale.order);
			t->sale.order = NULL;
		}
	}
	buf_free(&body);
	if (t->link == LINK_OFF)
		till_finish_off_line(t);
	till_show_stage(t);
}

void till_pay_code(struct till *t)
{
	const struct tender x = { .method = "code" };
	pay(t, &x);
}

void till_pay_free(struct till *t)
{
	const struct tender x = { .method = "cash" };
	pay(t, &x);
}

void till_pay_cash(struct till *t, int64_t received_cents)
{
	int64_t due_cents = till_sale_due_cents(&t->sale);
	/* Less than due is a part; the server then counts exactly that. */
	const struct tender x = { .method = "cash", .received_cents = received_cents,
	                          .amount_cents = received_cents < due_cents ? received_cents : 0 };
	pay(t, &x);
}

static bool is_number(const char *text)
{
	return text[strspn(text, "0123456789 ")] == '\0';
}

void till_pay_card(struct till *t, const char *text, int64_t amount_cents)
{
	const struct tender x = { .method = "card", .amount_cents = amount_cents,
	                          .code = is_number(text) ? NULL : text, .number = is_number(text) ? text : NULL };
	pay(t, &x);
}

void till_pay_points(struct till *t, const char *identity_code, int64_t amount_cents)
{
	const struct tender x = { .method = "points", .identity_code = identity_code, .amount_cents = amount_cents };
	pay(t, &x);
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

void till_give_up(struct till *t)
{
	const struct buf empty = { .data = (char[]){ "{}" }, .len = 2 };
	char path[64];

	if (t->sale.stage != SALE_OPEN || till_busy(t))
		return;
	snprintf(path, sizeof path, "/v1/orders/%lld/cancel", (long long)till_sale_order_id(&t->sale));
	if (put(t, OUTBOX_CANCEL, path, &empty, "cancel") == QT_OK)
		till_show_stage(t);
}

void till_next_sale(struct till *t)
{
	if (t->sale.stage != SALE_PAID && t->sale.stage != SALE_QUEUED && t->sale.stage != SALE_CART)
		return;
	till_sale_next(&t->sale, clock_now_ms());
	t->sale_message[0] = '\0';
	if (till_keep_sale(t) == QT_OK)
		till_show_stage(t);
}

void till_hold(struct till *t, const char *name)
{
	static struct till_sale before; /* large: the cart is in it */
	int64_t id = 0, now_ms = clock_now_ms();

	if (t->sale.stage != SALE_CART || t->sale.cart.count == 0)
		return;
	before = t->sale;
	enum qt_err err = tdb_begin(t->store);
	if (err == QT_OK) {
		err = till_hold_put(t->store, &t->sale, name, now_ms, &id);
		till_sale_next(&t->sale, now_ms); /* a cart has no order: nothing is freed that `before` needs */
		if (err == QT_OK)
			err = till_sale_save(t->store, &t->sale);
		err = tdb_commit(t->store, err);
	}
	if (err != QT_OK) {
		t->sale = before;
		tui_say(t->tui, STYLE_BAD, "%s", err == QT_TOO_LONG ? tr("too many sales are put aside") : tr_err(err));
		return;
	}
	t->held_count = till_hold_count(t->store);
	t->sale_message[0] = '\0';
	tui_say(t->tui, STYLE_GOOD, tr("put aside as %lld %s"), (long long)id, name);
}

bool till_recall(struct till *t, int64_t held_id)
{
	static struct till_sale before;

	if (t->sale.stage != SALE_CART || t->sale.cart.count > 0) {
		tui_say(t->tui, STYLE_WARN, "%s", tr("this sale has lines: put it aside first"));
		return false;
	}
	before = t->sale;
	enum qt_err err = tdb_begin(t->store);
	if (err == QT_OK) {
		err = till_hold_take(t->store, held_id, &t->sale);
		if (err == QT_OK)
			err = till_sale_save(t->store, &t->sale);
		err = tdb_commit(t->store, err);
	}
	if (err != QT_OK) {
		t->sale = before;
		tui_say(t->tui, STYLE_BAD, "%s", tr_err(err));
		return false;
	}
	t->held_count = till_hold_count(t->store);
	return true;
}

void till_drop_held(struct till *t, int64_t held_id)
{
	enum qt_err err = tdb_begin(t->store);

	if (err == QT_OK)
		err = tdb_commit(t->store, till_hold_drop(t->store, held_id));
	if (err != QT_OK)
		tui_say(t->tui, STYLE_BAD, "%s", tr_err(err));
	t->held_count = till_hold_count(t->store);
}

static void on_look(void *ctx, const struct api_reply *r)
{
	struct till *t = ctx;

	t->asking = 0;
	till_link_said(t, r->err);
	jfree(t->answer);
	t->answer = NULL;
	t->answer_error[0] = '\0';
	if (r->err == QT_OK)
		t->answer = jhold(r->body);
	else
		till_problem_text(r, t->answer_error, sizeof t->answer_error);
	t->answer_serial++;
	tui_dirty(t->tui);
}

static void look(struct till *t, const char *path, const char *member, const char *text)
{
	struct buf body = { 0 };
	struct json j;

	if (t->api == NULL)
		return;
	if (t->asking)
		api_cancel(t->api, t->asking);
	snprintf(t->answer_code, sizeof t->answer_code, "%s", text);
	json_start(&j, &body);
	json_object(&j, NULL);
	json_text(&j, member, text);
	json_end(&j);
	const struct api_request r = { .method = "POST", .path = path, .body = body.data, .done = on_look, .ctx = t };
	t->asking = api_send(t->api, &r);
	buf_free(&body);
}

void till_card_look(struct till *t, const char *text)
{
	look(t, "/v1/cards/look", is_number(text) ? "number" : "code", text);
}

void till_points_look(struct till *t, const char *code)
{
	look(t, "/v1/points/look", till_classify(code) == TEXT_CARD ? "code" : "identity_code", code);
}

void till_card_do(struct till *t, const char *verb, int64_t amount_cents)
{
	struct buf body = { 0 };
	char path[64], note[128], amount[32];
	struct json j;
	bool freeze = strcmp(verb, "freeze") == 0 || strcmp(verb, "unfreeze") == 0;
	bool issue = strcmp(verb, "issue") == 0;

	json_start(&j, &body);
	json_object(&j, NULL);
	if (!freeze && !issue)
		json_text(&j, is_number(t->answer_code) ? "number" : "code", t->answer_code);
	if (amount_cents > 0)
		json_int(&j, "amount_cents", amount_cents);
	if (!freeze && (!issue || amount_cents > 0))
		json_text(&j, "tender", "cash");
	json_end(&j);
	if (freeze)
		snprintf(path, sizeof path, "/v1/cards/%lld/%s", (long long)jint(t->answer, "card_id", 0), verb);
	else
		snprintf(path, sizeof path, issue ? "/v1/cards" : "/v1/cards/%s", verb);
	snprintf(note, sizeof note, "%s %s %s", tr("card"), verb,
	         amount_cents > 0 ? till_money(t, amount_cents, amount) : "");
	if (put(t, OUTBOX_CARD, path, &body, note) == QT_OK)
		tui_say(t->tui, STYLE_WARN, "%s...", note);
	buf_free(&body);
}

void till_points_do(struct till *t, bool earn, int64_t points, const char *reason)
{
	struct buf body = { 0 };
	char note[128];
	struct json j;

	json_start(&j, &body);
	json_object(&j, NULL);
	json_text(&j, "identity_code", t->answer_code);
	json_int(&j, "points", points);
	json_text(&j, "reason", reason);
	json_end(&j);
	snprintf(note, sizeof note, "%s %lld", earn ? tr("points earned") : tr("points spent"), (long long)points);
	if (put(t, OUTBOX_POINTS, earn ? "/v1/points/earn" : "/v1/points/spend", &body, note) == QT_OK)
		tui_say(t->tui, STYLE_WARN, "%s...", note);
	buf_free(&body);
}

static bool has_printer(struct till *t)
{
	if (t->printer == NULL)
		tui_say(t->tui, STYLE_WARN, "%s", tr("no printer is set (qrtill-pos.conf: printer)"));
	return t->printer != NULL;
}

static enum qt_err send_bytes(struct till *t, struct buf *bytes)
{
	size_t len = bytes->len;
	return printer_send(t->printer, buf_take(bytes), len);
}

static void say_printing(struct till *t, enum qt_err err)
{
	tui_say(t->tui, err == QT_OK ? STYLE_NORMAL : STYLE_BAD, "%s", err == QT_OK ? tr("printing") : tr_err(err));
}

void till_print(struct till *t, int64_t order_id, bool drawer)
{
	int printed = 0;
	struct json_t *order = order_id ? till_receipt_order(t->store, order_id, &printed) : jhold(t->sale.order);

	if (order == NULL)
		return;
	if (has_printer(t)) {
		struct buf bytes = { 0 };
		receipt_print(t, order, printed, drawer, &bytes);
		enum qt_err err = send_bytes(t, &bytes);
		if (err == QT_OK && order_id)
			err = till_receipt_count_print(t->store, order_id);
		say_printing(t, err);
	}
	jfree(order);
}

void till_print_refund(struct till *t, bool drawer)
{
	struct buf bytes = { 0 };

	if (t->refund.stage != REFUND_DONE || !has_printer(t))
		return;
	receipt_print_refund(t, &t->refund, drawer, &bytes);
	say_printing(t, send_bytes(t, &bytes));
}

void till_print_report(struct till *t, int64_t report_row)
{
	struct json_t *figures = till_report_read(t->store, report_row);
	struct receipt_line *lines = xcalloc(RECEIPT_LINES_MOST, sizeof *lines);
	struct buf bytes = { 0 };

	if (figures && has_printer(t)) {
		int count = report_lines(t, figures, lines, RECEIPT_LINES_MOST);
		receipt_print_lines(t, lines, count, false, &bytes);
		say_printing(t, send_bytes(t, &bytes));
	}
	free(lines);
	jfree(figures);
}
