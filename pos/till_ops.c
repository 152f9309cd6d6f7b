/* till_ops: what cashiers do, as requests: written to the outbox together with the new stage of the sale. See till.h. */
#include "pos/till.h"

#include "pos/receipt.h"
#include "shared/clock.h"
#include "shared/code.h"
#include "shared/money.h"
#include "shared/points_code.h"
#include "shared/tr.h"
#include "shared/wallet_code.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum till_text till_classify(const char *text)
{
	char token[CODE_TOKEN_MAX];
	struct code c;
	struct wallet_digits wallet;
	struct points_code points;
	size_t digits = strspn(text, "0123456789 ");

	if (wallet_code_read(text, &wallet) == QT_OK)
		return TEXT_WALLET;
	if (points_code_read(text, &points) == QT_OK)
		return TEXT_POINTS;
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
	case CODE_COUPON: return TEXT_COUPON;
	default: return TEXT_OTHER_CODE;
	}
}

bool till_is_number(const char *text)
{
	return text[strspn(text, "0123456789 ")] == '\0';
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

int64_t till_age_known(const struct till *t)
{
	return t->sale.stage == SALE_CART ? t->sale.cart.age_checked : 0;
}

char *till_age_limit(const struct till *t, int64_t years, char out[11])
{
	char today[17];
	int year, month, day;

	if (sscanf(clock_format_local(till_now_ms(t), today), "%d-%d-%d", &year, &month, &day) != 3)
		return strcpy(out, "");
	year -= (int)years;
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
	if (month == 2 && day == 29 && !leap)
		day = 28;
	snprintf(out, 11, "%04u-%02u-%02u", (unsigned)year % 10000, (unsigned)month % 100, (unsigned)day % 100);
	return out;
}

bool till_age_checked(struct till *t, const struct till_item *it, bool old_enough)
{
	char born[11];
	enum qt_err err;

	if (t->sale.stage == SALE_PAID || t->sale.stage == SALE_QUEUED)
		till_next_sale(t);
	if (t->sale.stage != SALE_CART)
		return false;
	err = tdb_begin(t->store);
	if (err == QT_OK)
		err = tdb_commit(t->store, till_event(t, old_enough ? "age-seen" : "age-refused", "iiit", "sale", t->sale.number,
		                                      "item", it->id, "min_age", it->min_age, "born_by",
		                                      till_age_limit(t, it->min_age, born)));
	if (err != QT_OK)
		tui_say(t->tui, STYLE_BAD, "%s", tr_err(err));
	else if (old_enough)
		t->sale.cart.age_checked = it->min_age; /* on disk with the line that follows */
	return err == QT_OK;
}

/* What a request means, for the journal. In its transaction. */
static enum qt_err request_event(struct till *t, enum outbox_kind kind, const char *note)
{
	int64_t number = t->sale.number;
	enum qt_err err = QT_OK;

	switch (kind) {
	case OUTBOX_ORDER:
		err = till_event(t, "total", "iii", "sale", number, "lines", (int64_t)t->sale.cart.count, "total_cents",
		                 t->sale.cart.total_cents);
		return err == QT_OK ? till_event(t, "tender", "it", "sale", number, "tender", note) : err;
	case OUTBOX_PAYMENT: return till_event(t, "tender", "it", "sale", number, "tender", note);
	case OUTBOX_RELEASE: return till_event(t, "release", "it", "sale", number, "tender", note);
	case OUTBOX_CANCEL:
		return till_event(t, "cancel", "ii", "sale", number, "order", till_sale_order_id(&t->sale));
	case OUTBOX_CARD: return till_event(t, "card", "t", "what", note);
	case OUTBOX_POINTS: return till_event(t, "points", "t", "what", note);
	default: return err;
	}
}

enum qt_err till_put(struct till *t, enum outbox_kind kind, const char *path, const char *body, const char *note)
{
	bool of_sale = kind == OUTBOX_ORDER || kind == OUTBOX_PAYMENT || kind == OUTBOX_CANCEL ||
	               kind == OUTBOX_RELEASE;
	enum qt_err err = tdb_begin(t->store);

	if (err == QT_OK) {
		err = outbox_add(t->store, kind, path, body, of_sale ? t->sale.number : 0, note, clock_now_ms());
		if (err == QT_OK && of_sale)
			err = till_sale_save(t->store, &t->sale);
		if (err == QT_OK)
			err = request_event(t, kind, note);
		err = tdb_commit(t->store, err);
	}
	if (err != QT_OK)
		tui_say(t->tui, STYLE_BAD, "%s", tr_err(err));
	t->counts = outbox_counts(t->store);
	if (t->sending == 0)
		t->retry_ms = 0;
	return err;
}

void till_give_up(struct till *t)
{
	till_give_up_with(t, "{}");
}

void till_give_up_with(struct till *t, const char *body)
{
	char path[64];

	if (t->sale.stage != SALE_OPEN || till_busy(t))
		return;
	snprintf(path, sizeof path, "/v1/orders/%lld/cancel", (long long)till_sale_order_id(&t->sale));
	if (till_put(t, OUTBOX_CANCEL, path, body, "cancel") == QT_OK)
		till_show_stage(t);
}

void till_next_sale(struct till *t)
{
	if (t->sale.stage != SALE_PAID && t->sale.stage != SALE_QUEUED && t->sale.stage != SALE_CART)
		return;
	t->event_cart.open = t->sale.stage == SALE_CART; /* what was paid is not void */
	till_sale_next(&t->sale, clock_now_ms());
	t->sale_message[0] = '\0';
	if (till_keep_sale(t) == QT_OK)
		till_show_stage(t);
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
	look(t, "/v1/cards/look", till_is_number(text) ? "number" : "code", text);
}

void till_points_look(struct till *t, const char *code)
{
	look(t, "/v1/points/look", till_classify(code) == TEXT_IDENTITY ? "identity_code" : "code", code);
}

void till_points_do(struct till *t, bool earn, int64_t points, const char *reason)
{
	struct buf body = { 0 };
	char note[128];
	struct json j;

	json_start(&j, &body);
	json_object(&j, NULL);
	json_text(&j, till_classify(t->answer_code) == TEXT_POINTS ? "code" : "identity_code", t->answer_code);
	json_int(&j, "points", points);
	json_text(&j, "reason", reason);
	json_end(&j);
	snprintf(note, sizeof note, "%s %lld", earn ? tr("points earned") : tr("points spent"), (long long)points);
	if (till_put(t, OUTBOX_POINTS, earn ? "/v1/points/earn" : "/v1/points/spend", body.data, note) == QT_OK)
		tui_say(t->tui, STYLE_WARN, "%s...", note);
	buf_free(&body);
}

bool till_points_off(struct till *t, int64_t off_cents)
{
	struct cart *c = &t->sale.cart;
	const struct cart_points before = c->points;

	if (t->sale.stage != SALE_CART || c->count == 0) {
		tui_say(t->tui, STYLE_WARN, "%s", tr("scan the goods first, then the points"));
		return false;
	}
	c->points = (struct cart_points){ .off_cents = off_cents };
	if (off_cents > 0)
		snprintf(c->points.identity_code, sizeof c->points.identity_code, "%s", t->answer_code);
	enum qt_err err = cart_price(c);
	if (err != QT_OK) {
		c->points = before;
		tui_say(t->tui, STYLE_BAD, "%s", tr_err(err));
		err = cart_price(c);
		assert(err == QT_OK);
		return false;
	}
	t->sale_message[0] = '\0';
	return till_keep_sale(t) == QT_OK;
}

void till_points_voucher(struct till *t, int64_t promotion_id, int64_t points)
{
	struct buf body = { 0 };
	char note[128];
	struct json j;

	json_start(&j, &body);
	json_object(&j, NULL);
	json_text(&j, "identity_code", t->answer_code);
	json_int(&j, "promotion_id", promotion_id);
	json_end(&j);
	snprintf(note, sizeof note, "%s %lld", tr("points for a voucher"), (long long)points);
	if (till_put(t, OUTBOX_POINTS, "/v1/points/vouchers", body.data, note) == QT_OK)
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

/* A receipt went to the printer: counted, and in the journal. */
static enum qt_err count_print(struct till *t, int64_t order_id, int printed, bool drawer)
{
	enum qt_err err = tdb_begin(t->store);

	if (err != QT_OK)
		return err;
	if (order_id)
		err = till_receipt_count_print(t->store, order_id);
	if (err == QT_OK)
		err = till_event(t, printed > 0 ? "reprint" : "print", "ii", "order", order_id, "copy", (int64_t)printed);
	if (err == QT_OK && drawer)
		err = till_event(t, "drawer-open", "t", "why", "cash sale");
	return tdb_commit(t->store, err);
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
		if (err == QT_OK)
			err = count_print(t, order_id, printed, drawer);
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
