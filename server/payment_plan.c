/* payment_plan: tenders at the till: what each takes, whether it may, and what happens when all together cover the
 * order or do not. See payment.h. */
#include "server/card.h"
#include "server/cash_rounding.h"
#include "server/customer.h"
#include "server/events.h"
#include "server/ledger.h"
#include "server/order_card.h"
#include "server/payment_rows.h"
#include "server/points.h"
#include "server/points_offer.h"
#include "server/settle.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* Where in the request a tender is, for errors. */
struct place {
	struct call *call;
	int index;
	bool list;
};

static enum qt_err refuse(const struct place *at, enum qt_err err, const char *field, const char *why)
{
	char path[64];

	if (at->list)
		snprintf(path, sizeof path, "payments[%d]%s%s", at->index, *field ? "." : "", field);
	else
		snprintf(path, sizeof path, "%s", field);
	return problem_set(&at->call->problem, err, path, "%s", why);
}

/* What the ready payments of this sale take from an account so far. */
static int64_t planned_from(const struct sale *sale, int64_t account_id)
{
	int64_t sum = 0;
	for (int i = 0; i < sale->payment_count; i++) {
		const struct payment *p = &sale->payments[i];
		if (p->ready && p->account_id == account_id)
			sum += p->source == SOURCE_POINTS ? p->points : p->amount_cents;
	}
	return sum;
}

enum qt_err payment_check_balance(struct call *call, const struct sale *sale, int64_t account_id, int64_t amount)
{
	int64_t balance;

	/* not ledger_check: rebates may go below zero by a refund, but not by paying */
	enum qt_err err = ledger_balance(call->db, account_id, &balance);
	if (err == QT_OK && balance - planned_from(sale, account_id) < amount)
		err = QT_INSUFFICIENT;
	return err;
}

/* What a till rounds to off line may be older than what its store rounds to now; what the store never had is refused. */
static enum qt_err round_cash(const struct place *at, const struct sale *sale, const struct tender *t, struct payment *p)
{
	struct cash_rounding rounding;
	enum qt_err err = cash_rounding_of_writer(at->call->db, sale->store_id, &rounding);
	bool known = t->cash_rounding_cents == 0;

	if (err != QT_OK)
		return err;
	for (int i = 0; i < rounding.count; i++)
		known |= rounding.cents[i] == t->cash_rounding_cents;
	if (!known)
		return refuse(at, QT_BAD_FIELD, "cash_rounding_cents", "the store never rounded to this");
	int64_t coin_cents = t->cash_rounding_cents ? t->cash_rounding_cents : rounding.cents[0];
	if (coin_cents > 1)
		p->cash_rounding_cents = coin_cents;
	return QT_OK;
}

static enum qt_err by_cash(const struct place *at, const struct sale *sale, const struct tender *t, struct payment *p)
{
	enum qt_err err = round_cash(at, sale, t, p);
	int64_t asked_cents = p->amount_cents + payment_rounding_cents(p);

	if (err != QT_OK)
		return err;
	p->source = SOURCE_CASH;
	if (t->received_cents != 0 && t->received_cents < asked_cents)
		return refuse(at, QT_AMOUNT_MISMATCH, "received_cents", "less than the amount to pay");
	p->received_cents = t->received_cents > asked_cents ? t->received_cents : 0;
	return QT_OK;
}

static enum qt_err by_card(const struct place *at, struct sale *sale, const struct tender *t, struct payment *p)
{
	struct call *call = at->call;
	struct card card;

	if ((t->code != NULL) == (t->number != NULL))
		return refuse(at, QT_MISSING_FIELD, "code", "give either the card's code or its number");
	enum qt_err err = merchant_check_part(&sale->merchant, PART_CARDS, &call->problem);
	if (err != QT_OK)
		return err;
	const char *field = t->code ? "code" : "number";
	if (t->code)
		err = card_by_code(call->db, call->server, call->actor.merchant_id, t->code, call->now_ms, &card);
	else
		err = card_by_number(call->db, call->actor.merchant_id, t->number, &card);
	if (err == QT_OK)
		err = card_check_usable(&card, call->now_ms);
	if (err != QT_OK)
		return refuse(at, err, field, "the card cannot pay");
	if (card.customer_id && !t->pin_checked && p->amount_cents > call->server->settings.pin_above_cents)
		return refuse(at, QT_PIN_NEEDED, "pin", "the card is bound: its holder's PIN is needed");
	if (order_cards_have(sale, card.id))
		return refuse(at, QT_CONFLICT, field, "a card is not topped up with itself");
	err = payment_check_balance(call, sale, card.account_id, p->amount_cents);
	if (err != QT_OK)
		return refuse(at, err, field, "there is not enough on the card");
	p->source = SOURCE_CARD;
	p->account_id = card.account_id;
	p->customer_id = card.customer_id;
	if (sale->order.customer_id == 0)
		sale->order.customer_id = card.customer_id;
	return QT_OK;
}

enum qt_err payment_by_points(struct call *call, const struct sale *sale, int64_t customer_id, struct payment *p)
{
	enum qt_err err = merchant_check_part(&sale->merchant, PART_POINTS, &call->problem);

	if (err == QT_OK)
		err = points_needed(&sale->merchant, p->amount_cents, &p->points);
	if (err == QT_OK)
		err = ledger_account_find(call->db, ACCOUNT_POINTS, customer_id, points_unit(sale->order.merchant_id),
		                          &p->account_id);
	if (err == QT_NOT_FOUND)
		return QT_INSUFFICIENT;
	if (err == QT_OK)
		err = payment_check_balance(call, sale, p->account_id, p->points);
	p->source = SOURCE_POINTS;
	return err;
}

/* Whose points: of the code given, or the order's customer, who becomes the order's. With the PIN above the limit. */
static enum qt_err points_customer(const struct place *at, struct sale *sale, const struct tender *t,
                                   int64_t amount_cents, int64_t *customer_id)
{
	struct call *call = at->call;
	enum qt_err err = QT_OK;

	*customer_id = sale->order.customer_id;
	if (t->identity_code)
		err = customer_by_identity(call->server, t->identity_code, call->now_ms, customer_id);
	else if (*customer_id == 0)
		err = QT_MISSING_FIELD;
	if (err != QT_OK)
		return refuse(at, err, "identity_code", "the customer's identity code is needed");
	if (!t->pin_checked && amount_cents > call->server->settings.pin_above_cents)
		return refuse(at, QT_PIN_NEEDED, "pin", "above this amount the customer's PIN is needed");
	if (sale->order.customer_id == 0)
		sale->order.customer_id = *customer_id;
	return QT_OK;
}

static enum qt_err by_points(const struct place *at, struct sale *sale, const struct tender *t, struct payment *p)
{
	int64_t customer_id;
	enum qt_err err = points_customer(at, sale, t, p->amount_cents, &customer_id);

	if (err != QT_OK)
		return err;
	err = payment_by_points(at->call, sale, customer_id, p);
	if (err != QT_OK)
		return refuse(at, err, "identity_code", "the points cannot pay this");
	p->customer_id = customer_id;
	return QT_OK;
}

/* Points took something off the price (order_price): the row says what they cost; it pays nothing. */
static enum qt_err by_points_off(const struct place *at, struct sale *sale, const struct tender *t)
{
	struct call *call = at->call;
	struct payment *p = &sale->payments[sale->payment_count];
	int64_t customer_id, value_cents = 0;

	if (sale->order.id != 0)
		return refuse(at, QT_CONFLICT, "method", "points lower a price only when the order is made");
	enum qt_err err = points_customer(at, sale, t, t->amount_cents, &customer_id);
	if (err == QT_OK)
		err = merchant_check_part(&sale->merchant, PART_POINTS, &call->problem);
	if (err != QT_OK)
		return err;
	err = points_offer_best(call->db, sale->order.merchant_id, customer_id, OFFER_DISCOUNT, call->now_ms, &value_cents);
	if (err == QT_OK && value_cents == 0)
		return refuse(at, QT_CLOSED_HERE, "method", "points are no discount here, or not at this level");
	memset(p, 0, sizeof *p);
	*p = (struct payment){ .method = METHOD_POINTS_OFF, .source = SOURCE_POINTS, .state = PAYMENT_OPEN,
		.customer_id = customer_id, .fresh = true, .ready = true };
	p->points = t->amount_cents / value_cents + (t->amount_cents % value_cents != 0);
	if (err == QT_OK)
		err = ledger_account_find(call->db, ACCOUNT_POINTS, customer_id, points_unit(sale->order.merchant_id),
		                          &p->account_id);
	if (err == QT_OK)
		err = payment_check_balance(call, sale, p->account_id, p->points);
	if (err != QT_OK)
		return refuse(at, err == QT_NOT_FOUND ? QT_INSUFFICIENT : err, "amount_cents", "there are not enough points");
	sale->payment_count++;
	return QT_OK;
}

/* What the customer's phone shows, scanned or typed here: the wallet says what pays. */
static enum qt_err by_wallet(const struct place *at, struct sale *sale, const struct tender *t, struct payment *p)
{
	struct call *call = at->call;
	struct wallet_key key;

	for (int i = 0; i < sale->payment_count; i++)
		if (sale->payments[i].wallet_key_id == t->claim.key_id)
			return refuse(at, QT_CODE_USED, "code", "this code pays another part already");
	enum qt_err err = wallet_claim_check(call, &t->claim, &key);
	if (err != QT_OK)
		return refuse(at, err, "code", "ask the customer to show a new code");
	struct pay_request r = { .customer_id = key.customer_id, .source = (int)key.source, .card_id = key.card_id,
		.pin_checked = t->pin_checked };
	err = payment_fill_source(call, sale, &r, p);
	if (err != QT_OK)
		return refuse(at, err, err == QT_PIN_NEEDED ? "pin" : "code", err == QT_PIN_NEEDED
		              ? "above this amount the customer's PIN is needed" : "what the wallet chose cannot pay this");
	p->wallet_key_id = key.id;
	if (sale->order.customer_id == 0)
		sale->order.customer_id = key.customer_id;
	return QT_OK;
}

/* Money that came by the till's fixed code and waits for its order. */
static enum qt_err by_fixed(const struct place *at, struct sale *sale, const struct tender *t, int64_t left)
{
	struct payment *p = &sale->payments[sale->payment_count];

	if (t->payment_id == 0)
		return refuse(at, QT_MISSING_FIELD, "payment_id", "say which payment");
	enum qt_err err = payment_get(at->call->db, t->payment_id, p);
	if (err == QT_NOT_FOUND || (err == QT_OK &&
		(p->method != METHOD_FIXED || p->terminal_id != sale->order.terminal_id)))
		return refuse(at, QT_NOT_FOUND, "payment_id", "there is no such payment of this terminal");
	if (err != QT_OK)
		return err;
	if (p->order_id != 0 || p->state != PAYMENT_HELD)
		return refuse(at, QT_CONFLICT, "payment_id", "the payment waits no longer for its order");
	if (p->amount_cents > left)
		return refuse(at, QT_AMOUNT_MISMATCH, "payment_id", "it is more than what is due");
	p->changed = true;
	sale->payment_count++;
	if (sale->order.customer_id == 0)
		sale->order.customer_id = p->customer_id;
	return QT_OK;
}

/* What is due after the ready payments, and for a code also after the codes that are open. */
static int64_t left_for(const struct sale *sale, int method)
{
	int64_t left = sale_due(sale);

	for (int i = 0; i < sale->payment_count; i++) {
		const struct payment *p = &sale->payments[i];
		if (p->state == PAYMENT_OPEN && (p->ready || p->fresh || method == METHOD_CODE))
			left -= p->amount_cents;
	}
	return left;
}

static enum qt_err take_tender(const struct place *at, struct sale *sale, const struct tender *t)
{
	int64_t left = left_for(sale, t->method);
	struct payment *p = &sale->payments[sale->payment_count];
	enum qt_err err = QT_OK;

	if (t->method == METHOD_POINTS_OFF)
		return by_points_off(at, sale, t);
	if (left <= 0)
		return refuse(at, QT_AMOUNT_MISMATCH, "", "nothing more is due");
	if (t->amount_cents > left)
		return refuse(at, QT_AMOUNT_MISMATCH, "amount_cents", "it is more than what is due");
	if (t->method == METHOD_FIXED)
		return by_fixed(at, sale, t, left);
	memset(p, 0, sizeof *p);
	p->method = t->method;
	p->amount_cents = t->amount_cents ? t->amount_cents : left;
	p->state = PAYMENT_OPEN;
	switch (t->method) {
	case METHOD_CASH: err = by_cash(at, sale, t, p); break;
	case METHOD_CARD: err = by_card(at, sale, t, p); break;
	case METHOD_POINTS: err = by_points(at, sale, t, p); break;
	case METHOD_WALLET: err = by_wallet(at, sale, t, p); break;
	case METHOD_CODE: p->expires_ms = at->call->now_ms + at->call->server->settings.payment_ttl_s * 1000; break;
	case METHOD_TERMINAL:
		p->source = SOURCE_TERMINAL;
		snprintf(p->reference, sizeof p->reference, "%s", t->approval ? t->approval : "");
		break;
	default: return refuse(at, QT_BAD_FIELD, "method", "the customer chooses a provider on the phone: show a code");
	}
	if (err != QT_OK)
		return err;
	p->fresh = true;
	p->ready = p->source != 0;
	sale->payment_count++;
	return QT_OK;
}

enum qt_err payment_plan(struct call *call, struct sale *sale, const struct tender *tenders, int count, bool list)
{
	struct place at = { call, 0, list };

	if (sale->order.state != ORDER_OPEN)
		return problem_set(&call->problem, sale->order.state == ORDER_EXPIRED ? QT_ORDER_EXPIRED : QT_ORDER_CLOSED, "",
		                   "the order is %s", order_state_name((int)sale->order.state));
	if (sale->payment_count + count > PAYMENTS_MAX)
		return problem_set(&call->problem, QT_TOO_LONG, "", "at most %d payments of one order", PAYMENTS_MAX);
	for (; at.index < count; at.index++) {
		enum qt_err err = take_tender(&at, sale, &tenders[at.index]);
		if (err != QT_OK)
			return err;
	}
	return QT_OK;
}

/* ---- writing ---- */

static void give_ids(struct call *call, struct sale *sale, bool fresh)
{
	struct order *o = &sale->order;

	if (fresh) {
		o->id = db_new_id(call->db, "orders");
		for (int i = 0; i < sale->line_count; i++)
			sale->lines[i].id = o->id * ORDER_LINE_ROOM + i + 1;
		for (int i = 0; i < sale->step_count; i++)
			sale->steps[i].id = o->id * ORDER_STEP_ROOM + i + 1;
	}
	for (int i = 0; i < sale->payment_count; i++) {
		struct payment *p = &sale->payments[i];
		if (!p->fresh && p->order_id != 0)
			continue;
		if (p->fresh) {
			p->id = db_new_id(call->db, "payment");
			p->created_ms = fresh ? 0 : call->now_ms;
		}
		p->order_id = o->id;
		p->previous_id = o->last_payment_id;
		o->last_payment_id = p->id;
	}
}

/* The order is not covered yet: secure the ready parts. */
static enum qt_err hold_parts(struct call *call, struct sale *sale)
{
	const struct order *o = &sale->order;

	for (int i = 0; i < sale->payment_count; i++) {
		struct payment *p = &sale->payments[i];
		if (!p->ready)
			continue;
		assert(payment_state_may((int)p->state, PAYMENT_HELD));
		p->state = PAYMENT_HELD;
		p->changed = true;
		p->expires_ms = 0; /* it ends with its order */
		if (p->account_id == 0 || p->source == SOURCE_PROVIDER)
			continue;
		enum qt_err err = payment_hold(call, o, p, o->expires_ms);
		if (err != QT_OK)
			return err;
	}
	return QT_OK;
}

enum qt_err payment_hold(struct call *call, const struct order *o, struct payment *p, int64_t expires_ms)
{
	/* later than the end of order or payment, whose job voids it: the ledger's own expiry is the last resort */
	const int64_t grace_ms = 24 * INT64_C(3600000);
	struct journal journal = { .kind = JOURNAL_HOLD, .merchant_id = o->merchant_id, .order_id = o->id,
		.actor_id = settle_actor(call), .at_ms = call->now_ms };

	return ledger_hold(call->db, &journal, p->account_id, p->source == SOURCE_POINTS ? p->points : p->amount_cents,
	                   expires_ms + grace_ms, &p->hold_id, &call->problem);
}

/* Whatever else asked for money of an order that is paid now. */
static void end_open_codes(struct sale *sale)
{
	for (int i = 0; i < sale->payment_count; i++) {
		struct payment *p = &sale->payments[i];
		if (p->state == PAYMENT_OPEN) {
			p->state = PAYMENT_CANCELLED;
			p->changed = true;
		}
	}
}

static enum qt_err write_payments(struct call *call, struct sale *sale)
{
	for (int i = 0; i < sale->payment_count; i++) {
		struct payment *p = &sale->payments[i];
		enum qt_err err = p->wallet_key_id ? wallet_claim_spend(call->db, p->wallet_key_id) : QT_OK;
		if (err == QT_OK)
			err = p->fresh ? payment_insert(call->db, p) : p->changed ? payment_update(call->db, p) : QT_OK;
		if (err != QT_OK)
			return err;
		p->fresh = p->changed = p->ready = false;
	}
	return QT_OK;
}

static bool is_covered(const struct sale *sale)
{
	int64_t sum = sale_sums(sale).paid_cents;

	for (int i = 0; i < sale->payment_count; i++)
		if (sale->payments[i].ready)
			sum += sale->payments[i].amount_cents;
	return sum == sale->order.total_cents;
}

/* Phones whose code secured a part hear of it; the rest is due still. */
static enum qt_err tell_wallets(struct call *call, struct sale *sale)
{
	enum qt_err err = QT_OK;

	for (int i = 0; i < sale->payment_count && err == QT_OK; i++)
		if (sale->payments[i].wallet_key_id != 0)
			err = payment_tell(call, sale, &sale->payments[i]);
	return err;
}

enum qt_err payment_commit(struct call *call, struct sale *sale, bool fresh)
{
	struct order *o = &sale->order;
	bool covered = is_covered(sale);
	enum qt_err err = QT_OK;

	give_ids(call, sale, fresh);
	if (covered) {
		if (!fresh)
			err = till_sequence_of_writer(call->db, o->terminal_id, &sale->sequence);
		if (err == QT_OK)
			err = settle_sale(call, sale);
		end_open_codes(sale);
	} else {
		if (fresh)
			o->expires_ms = call->now_ms + ORDER_TTL_MS;
		err = hold_parts(call, sale);
	}
	if (err == QT_OK && (fresh || covered))
		err = till_sequence_put(call->db, o->terminal_id, &sale->sequence);
	if (err == QT_OK && fresh) {
		o->state = covered ? ORDER_PAID : ORDER_OPEN;
		err = sale_insert(call->db, sale);
	} else if (err == QT_OK) {
		err = order_update(call->db, o, covered ? ORDER_PAID : ORDER_OPEN);
	}
	if (err == QT_OK)
		err = write_payments(call, sale);
	if (err == QT_OK)
		err = covered ? payment_tell_holders(call, sale) : tell_wallets(call, sale);
	return err == QT_OK && !covered && !fresh ? payment_close_codes(call->db, sale) : err;
}
