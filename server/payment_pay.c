/* payment_pay: a customer pays by the code on the till: a payment's code with its amount, or the till's fixed code
 * with an amount typed by the customer (W11, W12). See payment.h. */
#include "server/order_card.h"
#include "server/card.h"
#include "server/events.h"
#include "server/ledger.h"
#include "server/payment_rows.h"
#include "server/settle.h"
#include "server/share.h"
#include "server/terminal.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define LOOSE_TTL_MS (24 * INT64_C(3600000)) /* money by fixed code goes back by itself after this */

enum qt_err pay_target_of(struct call *call, const struct code *code, struct pay_target *t)
{
	struct terminal terminal;
	struct order order = { .terminal_id = code->id };
	enum qt_err err = QT_OK;

	memset(t, 0, sizeof *t);
	t->kind = code->kind;
	if (code->kind != CODE_PAYMENT && code->kind != CODE_FIXED)
		return problem_set(&call->problem, QT_WRONG_KIND, "token", "a code to pay by is needed");
	if (code->kind == CODE_PAYMENT) {
		err = payment_get(call->db, code->id, &t->payment);
		if (err == QT_OK)
			err = order_get(call->db, 0, t->payment.order_id, &order);
	}
	if (err == QT_OK)
		err = terminal_get(call->db, 0, order.terminal_id, &terminal);
	if (err != QT_OK)
		return problem_set(&call->problem, err, "token", "the payment is not known");
	if (terminal.revoked_ms != 0 && code->kind == CODE_FIXED)
		return problem_set(&call->problem, QT_CODE_EXPIRED, "token", "the till is no longer in use");
	t->terminal_id = terminal.id;
	t->merchant_id = terminal.merchant_id;
	t->store_id = terminal.store_id;
	return QT_OK;
}

enum qt_err pay_target(struct call *call, const char *text, struct pay_target *t)
{
	char token[CODE_TOKEN_MAX];
	struct code code;

	memset(t, 0, sizeof *t);
	if (code_token_of(text, call->server->settings.public_url, token) == NULL)
		return problem_set(&call->problem, QT_BAD_CODE, "token", "not a code of ours");
	enum qt_err err = code_read(&call->server->keys, token, call->now_ms, &code);
	return err == QT_OK ? pay_target_of(call, &code, t) : problem_set(&call->problem, err, "token",
		"not a code of ours");
}

/* ---- where the money comes from ---- */

static enum qt_err from_card(struct call *call, const struct sale *sale, const struct pay_request *r, struct payment *p)
{
	int64_t me = r->customer_id;
	const char *field = r->card_id ? "card_id" : "card_code";
	struct card card;

	if ((r->card_id != 0) == (r->card_code != NULL))
		return problem_set(&call->problem, QT_MISSING_FIELD, "card_id", "give either card_id or card_code");
	enum qt_err err = merchant_check_part(&sale->merchant, PART_CARDS, &call->problem);
	if (err != QT_OK)
		return err;
	if (r->card_id) {
		err = card_get(call->db, sale->order.merchant_id, r->card_id, &card);
		if (err == QT_NOT_FOUND || (err == QT_OK && card.customer_id != me))
			err = QT_CARD_REFUSED; /* others' cards and unknown ones look the same */
	} else {
		err = card_by_code(call->db, call->server, sale->order.merchant_id, r->card_code, call->now_ms, &card);
		if (err == QT_OK && card.customer_id != 0 && card.customer_id != me)
			err = QT_CARD_BOUND;
	}
	if (err == QT_OK)
		err = card_check_usable(&card, call->now_ms);
	if (err == QT_OK && card.customer_id == me && !r->pin_checked &&
	    p->amount_cents > call->server->settings.pin_above_cents)
		return problem_set(&call->problem, QT_PIN_NEEDED, "pin", "above this amount your PIN is needed");
	if (err == QT_OK && order_cards_have(sale, card.id))
		return problem_set(&call->problem, QT_CONFLICT, field, "a card is not topped up with itself");
	if (err == QT_OK)
		err = payment_check_balance(call, sale, card.account_id, p->amount_cents);
	if (err != QT_OK)
		return problem_set(&call->problem, err, field, "the card cannot pay this");
	p->account_id = card.account_id;
	return QT_OK;
}

static enum qt_err from_rebate(struct call *call, const struct sale *sale, int64_t customer_id, struct payment *p)
{
	enum qt_err err = ledger_account_find(call->db, ACCOUNT_REBATE, customer_id, sale->order.currency,
	                                      &p->account_id);
	if (err == QT_NOT_FOUND)
		return QT_INSUFFICIENT;
	return err == QT_OK ? payment_check_balance(call, sale, p->account_id, p->amount_cents) : err;
}

enum qt_err payment_fill_source(struct call *call, const struct sale *sale, const struct pay_request *r,
                                struct payment *p)
{
	enum qt_err err = QT_OK;

	if ((r->source == SOURCE_POINTS || r->source == SOURCE_REBATE) && !r->pin_checked &&
	    p->amount_cents > call->server->settings.pin_above_cents)
		return problem_set(&call->problem, QT_PIN_NEEDED, "pin", "above this amount your PIN is needed");
	switch (r->source) {
	case SOURCE_CARD: err = from_card(call, sale, r, p); break;
	case SOURCE_POINTS: err = payment_by_points(call, sale, r->customer_id, p); break;
	case SOURCE_REBATE: err = from_rebate(call, sale, r->customer_id, p); break;
	default: return problem_set(&call->problem, QT_BAD_FIELD, "source", "not a way to pay by phone");
	}
	if (err != QT_OK)
		return call->problem.err ? call->problem.err : problem_set(&call->problem, err, "source", "this cannot pay it");
	p->source = r->source;
	p->customer_id = r->customer_id;
	p->ready = p->changed = true;
	return QT_OK;
}

/* ---- the order ---- */

/* Why a payment's code takes no money any more. */
static enum qt_err check_open(struct call *call, const struct payment *p)
{
	switch (p->state) {
	case PAYMENT_OPEN:
		if (p->expires_ms <= call->now_ms)
			return problem_set(&call->problem, QT_CODE_EXPIRED, "token", "ask at the till for a new code");
		return QT_OK;
	case PAYMENT_EXPIRED:
		return problem_set(&call->problem, QT_CODE_EXPIRED, "token", "ask at the till for a new code");
	case PAYMENT_PENDING: case PAYMENT_UNKNOWN:
		return problem_set(&call->problem, QT_CONFLICT, "token", "a payment provider was asked already");
	case PAYMENT_CANCELLED: case PAYMENT_FAILED: case PAYMENT_LATE: case PAYMENT_RETURNED:
		return problem_set(&call->problem, QT_ORDER_CLOSED, "token", "the till has closed this payment");
	default:
		return problem_set(&call->problem, QT_CODE_USED, "token", "it is paid");
	}
}

/* Load the order and point *p to its payment; the customer and the share that brought them are noted on it. */
static enum qt_err open_sale(struct call *call, const struct pay_target *t, const struct pay_request *r,
                             struct sale *sale, struct payment **p)
{
	enum qt_err err = sale_load(call->db, t->merchant_id, t->payment.order_id, call->arena, sale);

	*p = NULL;
	for (int i = 0; i < sale->payment_count && err == QT_OK; i++)
		if (sale->payments[i].id == t->payment.id)
			*p = &sale->payments[i];
	if (err == QT_OK) {
		assert(*p != NULL);
		err = check_open(call, *p);
	}
	if (err == QT_OK && sale->order.state != ORDER_OPEN)
		err = problem_set(&call->problem, QT_ORDER_CLOSED, "token", "the order is %s",
		                  order_state_name((int)sale->order.state));
	if (err == QT_OK && (*p)->amount_cents > sale_due(sale))
		err = problem_set(&call->problem, QT_AMOUNT_MISMATCH, "token", "less is due by now; ask for a new code");
	if (err == QT_OK && sale->order.customer_id == 0)
		sale->order.customer_id = call->actor.customer_id;
	if (err == QT_OK && r->share && sale->order.campaign_id == 0)
		err = share_credit(call, r->share, &sale->order);
	return err;
}

static enum qt_err pay_code(struct call *call, const struct pay_target *t, const struct pay_request *r,
                            struct payment *paid, struct sale *sale)
{
	struct payment *p;

	if (r->amount_cents)
		return problem_set(&call->problem, QT_BAD_FIELD, "amount_cents", "the code says the amount");
	enum qt_err err = open_sale(call, t, r, sale, &p);
	if (err == QT_OK)
		err = payment_fill_source(call, sale, r, p);
	if (err == QT_OK)
		err = payment_commit(call, sale, false);
	if (err != QT_OK)
		return err;
	*paid = *p;
	return payment_tell(call, sale, paid);
}

/* ---- the fixed till code ---- */

/* The till's newest open order of exactly this amount with nothing paid yet; order.id stays 0 when there is none. */
static enum qt_err match_order(struct call *call, int64_t terminal_id, int64_t amount_cents, struct sale *sale)
{
	SQL(newest, "SELECT id FROM orders WHERE state = 1 AND terminal_id = $1 AND total_cents = $2 AND created_ms >= $3 "
	            "ORDER BY id DESC LIMIT 1");
	int64_t order_id;

	memset(sale, 0, sizeof *sale);
	enum qt_err err = db_one(call->db, &newest, "iii", terminal_id, amount_cents, call->now_ms - FIXED_MATCH_MS, "i",
	                         &order_id);
	if (err != QT_OK)
		return err == QT_NOT_FOUND ? QT_OK : err;
	err = sale_load(call->db, 0, order_id, call->arena, sale);
	if (err == QT_OK && (sale_due(sale) != amount_cents || sale->payment_count == PAYMENTS_MAX))
		memset(sale, 0, sizeof *sale);
	return err;
}

enum qt_err payment_match_fixed(struct call *call, struct payment *p, struct sale *sale)
{
	enum qt_err err = match_order(call, p->terminal_id, p->amount_cents, sale);

	if (err != QT_OK || sale->order.id == 0)
		return err;
	if (sale->order.customer_id == 0)
		sale->order.customer_id = p->customer_id;
	sale->payments[sale->payment_count++] = *p;
	err = payment_commit(call, sale, false);
	*p = sale->payments[sale->payment_count - 1];
	return err;
}

/* Nobody's order: the money waits for the till to say whose it is. */
static enum qt_err keep_loose(struct call *call, struct sale *sale, struct payment *p)
{
	p->state = PAYMENT_HELD;
	p->expires_ms = call->now_ms + LOOSE_TTL_MS;
	p->ready = p->changed = false;
	enum qt_err err = payment_hold(call, &sale->order, p, p->expires_ms);
	if (err == QT_OK)
		err = payment_insert(call->db, p);
	return err == QT_OK ? payment_tell_loose(call, p) : err;
}

/* A sale without an order, so that sources can be checked against merchant and currency. */
static enum qt_err no_order(struct call *call, const struct pay_target *t, struct sale *sale)
{
	memset(sale, 0, sizeof *sale);
	enum qt_err err = merchant_get(call->db, t->merchant_id, &sale->merchant);
	if (err == QT_OK)
		err = merchant_check_part(&sale->merchant, PART_FIXED_CODES, &call->problem);
	sale->order.merchant_id = t->merchant_id;
	sale->order.terminal_id = t->terminal_id;
	sale->order.currency = sale->merchant.currency;
	return err;
}

static void new_fixed(const struct call *call, const struct pay_target *t, const struct pay_request *r,
                      struct payment *p)
{
	*p = (struct payment){ .method = METHOD_FIXED, .amount_cents = r->amount_cents, .state = PAYMENT_OPEN,
		.created_ms = call->now_ms, .customer_id = call->actor.customer_id, .terminal_id = t->terminal_id };
}

static enum qt_err pay_fixed(struct call *call, const struct pay_target *t, const struct pay_request *r,
                             struct payment *paid, struct sale *sale)
{
	struct sale loose;

	if (r->amount_cents <= 0)
		return problem_set(&call->problem, QT_MISSING_FIELD, "amount_cents", "the till's fixed code needs the amount");
	enum qt_err err = no_order(call, t, &loose);
	if (err != QT_OK)
		return err;
	new_fixed(call, t, r, paid);
	err = payment_fill_source(call, &loose, r, paid);
	if (err == QT_OK)
		err = match_order(call, t->terminal_id, r->amount_cents, sale);
	if (err != QT_OK)
		return err;
	if (sale->order.id == 0) {
		*sale = loose;
		paid->id = db_new_id(call->db, "payment");
		return keep_loose(call, sale, paid);
	}
	if (sale->order.customer_id == 0)
		sale->order.customer_id = paid->customer_id;
	if (r->share && sale->order.campaign_id == 0)
		err = share_credit(call, r->share, &sale->order);
	if (err != QT_OK)
		return err;
	paid->fresh = true;
	sale->payments[sale->payment_count++] = *paid;
	err = payment_commit(call, sale, false);
	*paid = sale->payments[sale->payment_count - 1];
	return err == QT_OK ? payment_tell(call, sale, paid) : err;
}

enum qt_err payment_pay(struct call *call, const struct pay_target *t, const struct pay_request *r,
                        struct payment *paid, struct sale *sale)
{
	call->problem.err = QT_OK;
	return t->kind == CODE_FIXED ? pay_fixed(call, t, r, paid, sale) : pay_code(call, t, r, paid, sale);
}

enum qt_err payment_provider_begin(struct call *call, const struct pay_target *t, const struct pay_request *r,
                                   struct payment *out)
{
	struct sale sale;
	struct payment *p = out;

	if (t->kind == CODE_FIXED) {
		if (r->amount_cents <= 0)
			return problem_set(&call->problem, QT_MISSING_FIELD, "amount_cents",
				"the till's fixed code needs the amount");
		enum qt_err err = no_order(call, t, &sale);
		if (err != QT_OK)
			return err;
		new_fixed(call, t, r, out);
		out->state = PAYMENT_PENDING;
	} else {
		if (t->payment.state == PAYMENT_PENDING && t->payment.customer_id == call->actor.customer_id &&
		    strcmp(t->payment.provider, r->institution) == 0) {
			*out = t->payment;
			return QT_OK;
		}
		enum qt_err err = open_sale(call, t, r, &sale, &p);
		if (err == QT_OK)
			err = order_update(call->db, &sale.order, ORDER_OPEN);
		if (err != QT_OK)
			return err;
	}
	p->source = SOURCE_PROVIDER;
	p->customer_id = call->actor.customer_id;
	snprintf(p->provider, sizeof p->provider, "%s", r->institution);
	if (t->kind == CODE_FIXED) {
		p->id = db_new_id(call->db, "payment");
		return payment_insert(call->db, p);
	}
	*out = *p;
	return payment_move(call->db, out, PAYMENT_PENDING);
}

/* ---- ending ---- */

enum qt_err payment_cancel(struct call *call, struct payment *p)
{
	struct sale sale;

	if (p->state != PAYMENT_OPEN && p->state != PAYMENT_HELD)
		return problem_set(&call->problem, QT_CONFLICT, "", "the payment is %s", payment_state_name((int)p->state));
	if (p->method == METHOD_POINTS_OFF)
		return problem_set(&call->problem, QT_CONFLICT, "", "the points lowered the price: cancel the order instead");
	enum qt_err err = sale_load(call->db, 0, p->order_id, call->arena, &sale);
	if (err == QT_OK && sale.order.state != ORDER_OPEN)
		return problem_set(&call->problem, QT_ORDER_CLOSED, "", "the order is %s",
		                   order_state_name((int)sale.order.state));
	if (err == QT_OK)
		err = payment_release(call->db, &sale, p, PAYMENT_CANCELLED, settle_actor(call), call->now_ms, &call->problem);
	if (err == QT_OK)
		err = event_add(call->db, TOPIC_PAYMENT, p->id, "payment-cancelled", p->id, NULL);
	return err == QT_OK && p->customer_id
		? event_add(call->db, TOPIC_CUSTOMER, p->customer_id, "payment-cancelled", p->id, NULL) : err;
}

enum qt_err payment_give_back(struct call *call, struct payment *p)
{
	struct sale sale = { .order = { .merchant_id = call->actor.merchant_id, .terminal_id = p->terminal_id } };

	if (p->order_id != 0 || p->state != PAYMENT_HELD)
		return problem_set(&call->problem, QT_CONFLICT, "", "only money without an order is given back; this is %s",
		                   payment_state_name((int)p->state));
	return payment_release(call->db, &sale, p, PAYMENT_CANCELLED, settle_actor(call), call->now_ms, &call->problem);
}
