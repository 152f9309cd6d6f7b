/* payment_tell: who hears of a payment (W13): the till and the page at once by an event, the customer, the shop and
 * the card's issuer by a notice. See payment.h. */
#include "server/card.h"
#include "server/events.h"
#include "server/notice.h"
#include "server/payment_rows.h"
#include "server/receipt.h"

#include <stdio.h>
#include <string.h>

/* What till and page need at once. */
static void event_json(const struct call *call, const struct sale *sale, const struct payment *p, struct buf *out)
{
	char url[CODE_URL_MAX];
	struct json j;

	json_start(&j, out);
	json_object(&j, NULL);
	json_int(&j, "payment_id", p->id);
	json_int(&j, "order_id", p->order_id);
	json_int(&j, "amount_cents", p->amount_cents);
	if (sale->order.currency)
		json_text(&j, "currency", currency_by_numeric(sale->order.currency)->alpha);
	json_text(&j, "state", payment_state_name((int)p->state));
	json_text(&j, "order_state", order_state_name((int)sale->order.state));
	if (sale->order.receipt_number) {
		json_object(&j, "receipt");
		json_int(&j, "number", sale->order.receipt_number);
		json_text(&j, "code", receipt_code_url(call->server, sale->order.id, url));
		json_end(&j);
	}
	json_end(&j);
	buf_addc(out, '\0'); /* terminated also for readers of text */
	out->len--;
}

static enum qt_err add_events(struct call *call, const struct sale *sale, const struct payment *p, const char *kind)
{
	struct buf extra = { 0 };
	enum qt_err err;

	event_json(call, sale, p, &extra);
	err = event_add(call->db, TOPIC_TERMINAL, sale->order.terminal_id, kind, p->id, extra.data);
	if (err == QT_OK)
		err = event_add(call->db, TOPIC_PAYMENT, p->id, kind, p->id, extra.data);
	if (err == QT_OK && p->customer_id)
		err = event_add(call->db, TOPIC_CUSTOMER, p->customer_id, kind, p->id, extra.data);
	buf_free(&extra);
	return err;
}

static void amount_text(const struct payment *p, const struct sale *sale, char *out, size_t size)
{
	const struct currency *c = currency_by_numeric(sale->order.currency);
	char digits[24];

	money_format(p->amount_cents, sale->order.currency, digits, sizeof digits);
	snprintf(out, size, "%s%s", c ? c->symbol : "", digits);
}

static enum qt_err tell_customer(struct call *call, const struct sale *sale, const struct payment *p)
{
	char amount[40], en[NOTICE_TEXT_MAX], zh[NOTICE_TEXT_MAX];

	if (p->customer_id == 0)
		return QT_OK;
	amount_text(p, sale, amount, sizeof amount);
	snprintf(en, sizeof en, "You paid %s at %s. Receipt %lld.", amount, sale->merchant.name,
	         (long long)sale->order.receipt_number);
	snprintf(zh, sizeof zh, "您在%s支付了 %s。小票号 %lld。", sale->merchant.name_zh, amount,
	         (long long)sale->order.receipt_number);
	struct notice notice = { .customer_id = p->customer_id, .merchant_id = sale->order.merchant_id, .kind = "paid",
		.ref_id = sale->order.id, .at_ms = call->now_ms, .text_en = en, .text_zh = zh, .sms = true };
	return notice_add(call->db, &notice);
}

/* The shop, and with a card its issuer when that is another company. */
static enum qt_err tell_merchants(struct call *call, const struct sale *sale, const struct payment *p)
{
	SQL(issuer_of, "SELECT c.merchant_id FROM account a JOIN card c ON c.id = a.owner_id WHERE a.id = $1");
	char amount[40], en[NOTICE_TEXT_MAX], zh[NOTICE_TEXT_MAX];
	int64_t issuer = sale->order.merchant_id;
	enum qt_err err = QT_OK;

	amount_text(p, sale, amount, sizeof amount);
	snprintf(en, sizeof en, "Order %lld was paid by phone: %s from %s.", (long long)sale->order.number, amount,
	         payment_source_name((int)p->source));
	snprintf(zh, sizeof zh, "订单 %lld 已通过手机支付：%s。", (long long)sale->order.number, amount);
	struct notice notice = { .merchant_id = sale->order.merchant_id, .kind = "order-paid", .ref_id = sale->order.id,
		.at_ms = call->now_ms, .text_en = en, .text_zh = zh };
	err = notice_add(call->db, &notice);
	if (err != QT_OK || p->source != SOURCE_CARD)
		return err;
	err = db_one(call->db, &issuer_of, "i", p->account_id, "i", &issuer);
	if (err != QT_OK || issuer == sale->order.merchant_id)
		return err;
	snprintf(en, sizeof en, "A card of yours paid %s at %s.", amount, sale->merchant.name);
	snprintf(zh, sizeof zh, "您发行的卡在%s支付了 %s。", sale->merchant.name_zh, amount);
	notice.merchant_id = issuer;
	notice.kind = "card-paid";
	return notice_add(call->db, &notice);
}

enum qt_err payment_tell(struct call *call, const struct sale *sale, const struct payment *p)
{
	enum qt_err err = add_events(call, sale, p, "payment-settled");

	if (err == QT_OK && p->state == PAYMENT_SETTLED)
		err = tell_customer(call, sale, p);
	return err == QT_OK && p->state == PAYMENT_SETTLED ? tell_merchants(call, sale, p) : err;
}

enum qt_err payment_tell_holders(struct call *call, const struct sale *sale)
{
	enum qt_err err = QT_OK;

	for (int i = 0; i < sale->payment_count && err == QT_OK; i++) {
		const struct payment *p = &sale->payments[i];
		if (p->state != PAYMENT_SETTLED || p->customer_id == 0)
			continue;
		if (p->method == METHOD_CARD)
			err = tell_customer(call, sale, p);
		else if (p->method == METHOD_WALLET)
			err = payment_tell(call, sale, p);
	}
	return err;
}

enum qt_err payment_tell_kind(struct call *call, const struct sale *sale, const struct payment *p, const char *kind)
{
	return add_events(call, sale, p, kind);
}

enum qt_err payment_tell_loose(struct call *call, const struct payment *p)
{
	struct sale none = { .order = { .terminal_id = p->terminal_id } };

	return add_events(call, &none, p, "payment-unmatched");
}
