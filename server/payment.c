/* payment: rows of payments and how those end that are not paid. Tenders at the till are in payment_plan.c,
 * payment by code in payment_pay.c, providers in payment_provider.c. See payment.h. */
#include "server/events.h"
#include "server/ledger.h"
#include "server/payment_rows.h"
#include "server/settle.h"

#include <assert.h>
#include <string.h>

#define PAYMENT_COLUMNS \
	"id, order_id, method, source, account_id, amount_cents, points, received_cents, state, created_ms, expires_ms, " \
	"customer_id, terminal_id, hold_id, refunded_cents, previous_id, provider, reference, cash_rounding_cents"
#define PAYMENT_OUT(p) "iiiiiiiiiiiiiiiitti", &(p)->id, &(p)->order_id, &(p)->method, &(p)->source, &(p)->account_id, \
	&(p)->amount_cents, &(p)->points, &(p)->received_cents, &(p)->state, &(p)->created_ms, &(p)->expires_ms, \
	&(p)->customer_id, &(p)->terminal_id, &(p)->hold_id, &(p)->refunded_cents, &(p)->previous_id, (p)->provider, \
	sizeof (p)->provider, (p)->reference, sizeof (p)->reference, &(p)->cash_rounding_cents

int64_t payment_rounding_cents(const struct payment *p)
{
	return price_in_cash(p->amount_cents, p->cash_rounding_cents) - p->amount_cents;
}

enum qt_err payment_get(struct db *db, int64_t payment_id, struct payment *p)
{
	SQL(by_id, "SELECT " PAYMENT_COLUMNS " FROM payment WHERE id = $1");
	memset(p, 0, sizeof *p);
	return db_one(db, &by_id, "i", payment_id, PAYMENT_OUT(p));
}

enum qt_err payment_list(struct db *db, int64_t last_payment_id, struct payment *list, int *count)
{
	int n = 0;

	for (int64_t id = last_payment_id; id != 0 && n < PAYMENTS_MAX; n++) {
		enum qt_err err = payment_get(db, id, &list[n]);
		if (err != QT_OK)
			return err == QT_NOT_FOUND ? QT_STORE : err; /* the chain names rows that are there */
		id = list[n].previous_id;
	}
	for (int i = 0; i < n / 2; i++) {
		struct payment swap = list[i];
		list[i] = list[n - 1 - i];
		list[n - 1 - i] = swap;
	}
	*count = n;
	return QT_OK;
}

static const char *unless_empty(const char *text)
{
	return *text ? text : NULL;
}

enum qt_err payment_insert(struct db *db, const struct payment *p)
{
	SQL(insert, "INSERT INTO payment (" PAYMENT_COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, "
	            "$13, $14, $15, $16, $17, $18, $19)");
	return db_run(db, &insert, "iiiiiiiiiiiiiiiitti", p->id, p->order_id, p->method, p->source, p->account_id,
	              p->amount_cents, p->points, p->received_cents, p->state, p->created_ms, p->expires_ms, p->customer_id,
	              p->terminal_id, p->hold_id, p->refunded_cents, p->previous_id, unless_empty(p->provider),
	              unless_empty(p->reference), p->cash_rounding_cents);
}

enum qt_err payment_update(struct db *db, const struct payment *p)
{
	SQL(update, "UPDATE payment SET order_id = $2, source = $3, account_id = $4, amount_cents = $5, points = $6, "
	            "state = $7, expires_ms = $8, customer_id = $9, hold_id = $10, refunded_cents = $11, previous_id = $12, "
	            "provider = $13, reference = $14 WHERE id = $1");
	return db_run(db, &update, "iiiiiiiiiiiitt", p->id, p->order_id, p->source, p->account_id, p->amount_cents,
		p->points,
	              p->state, p->expires_ms, p->customer_id, p->hold_id, p->refunded_cents, p->previous_id,
	              unless_empty(p->provider), unless_empty(p->reference));
}

enum qt_err payment_move(struct db *db, struct payment *p, int state)
{
	assert(payment_state_may((int)p->state, state));
	p->state = state;
	return payment_update(db, p);
}

int64_t sale_due(const struct sale *sale)
{
	struct sale_sums sums = sale_sums(sale);
	return sale->order.total_cents - sums.paid_cents - sums.pending_cents;
}

char *payment_code_url(const struct server *server, const struct payment *p, int64_t currency, int64_t store_id,
                       char out[CODE_URL_MAX])
{
	struct code code = { .kind = CODE_PAYMENT, .id = p->id, .amount_minor = p->amount_cents, .currency = (int)currency,
		.shop_id = store_id, .expires_s = p->expires_ms / 1000 };
	char token[CODE_TOKEN_MAX];

	assert(p->method == METHOD_CODE);
	enum qt_err err = code_make(&server->keys, &code, token);
	assert(err == QT_OK);
	return code_url(server->settings.public_url, token, out);
}

enum qt_err payment_into_suspense(struct db *db, struct payment *p, int64_t merchant_id, int64_t currency,
                                  int64_t amount_cents, int64_t actor_id, int64_t now_ms, struct problem *problem)
{
	const struct provider_ops *ops = provider_by_name(p->provider);
	struct journal journal = { .kind = JOURNAL_LATE_MONEY, .merchant_id = merchant_id, .order_id = p->order_id,
		.ref_id = p->id, .actor_id = actor_id, .at_ms = now_ms };
	struct posting postings[2] = { { 0, -amount_cents }, { 0, amount_cents } };

	if (ops == NULL)
		return problem_set(problem, QT_NOT_FOUND, "", "there is no payment provider of that name");
	enum qt_err err = ledger_account(db, ACCOUNT_PROVIDER, ops->id, currency, &postings[0].account_id);
	if (err == QT_OK)
		err = ledger_account(db, ACCOUNT_SUSPENSE, merchant_id, currency, &postings[1].account_id);
	if (err == QT_OK)
		err = ledger_post(db, &journal, postings, 2, problem);
	if (err == QT_OK)
		p->account_id = postings[1].account_id;
	return err;
}

static enum qt_err void_hold(struct db *db, const struct sale *sale, struct payment *p, int64_t actor_id,
                             int64_t now_ms, struct problem *problem)
{
	struct journal journal = { .kind = JOURNAL_HOLD_VOID, .merchant_id = sale->order.merchant_id,
		.order_id = sale->order.id, .ref_id = p->hold_id, .actor_id = actor_id, .at_ms = now_ms };

	enum qt_err err = ledger_hold_void(db, &journal, p->hold_id, problem);
	if (err == QT_OK)
		p->hold_id = 0;
	return err;
}

enum qt_err payment_release(struct db *db, const struct sale *sale, struct payment *p, int state, int64_t actor_id,
                            int64_t now_ms, struct problem *problem)
{
	bool in_suspense = p->state == PAYMENT_HELD && p->source == SOURCE_PROVIDER;
	enum qt_err err = QT_OK;

	if (p->state == PAYMENT_HELD && p->hold_id != 0)
		err = void_hold(db, sale, p, actor_id, now_ms, problem);
	if (err == QT_OK)
		err = payment_move(db, p, state);
	/* the provider's money is here, but nobody's: a job gives it back */
	return err == QT_OK && in_suspense ? payment_move(db, p, PAYMENT_LATE) : err;
}

static enum qt_err expire_payment(struct db *db, int64_t payment_id, int64_t now_ms)
{
	struct sale sale = { 0 };
	struct payment p;
	struct problem problem = { 0 };

	enum qt_err err = payment_get(db, payment_id, &p);
	if (err == QT_OK && p.order_id != 0)
		err = order_get(db, 0, p.order_id, &sale.order);
	if (err != QT_OK)
		return err;
	if (p.order_id == 0) { /* a fixed code's money that no till claimed */
		SQL(merchant_of, "SELECT merchant_id FROM terminal WHERE id = $1");
		err = db_one(db, &merchant_of, "i", p.terminal_id, "i", &sale.order.merchant_id);
		if (err != QT_OK)
			return err;
		sale.order.terminal_id = p.terminal_id;
	}
	err = payment_release(db, &sale, &p, PAYMENT_EXPIRED, 0, now_ms, &problem);
	if (err == QT_OK)
		err = event_add(db, TOPIC_TERMINAL, sale.order.terminal_id, "payment-expired", p.id, NULL);
	return err == QT_OK ? event_add(db, TOPIC_PAYMENT, p.id, "payment-expired", p.id, NULL) : err;
}

enum qt_err payment_expire_due(struct db *db, int64_t now_ms, int max, int *count)
{
	SQL(due, "SELECT id FROM payment WHERE expires_ms > 0 AND (state = 1 OR state = 5) AND expires_ms <= $1 "
	         "ORDER BY expires_ms LIMIT $2");
	int64_t ids[64];
	int found = 0;
	struct stmt *s = db_stmt(db, &due);

	stmt_int(s, 1, now_ms);
	stmt_int(s, 2, max < 64 ? max : 64);
	while (stmt_step(s))
		ids[found++] = stmt_col_int(s, 0);
	enum qt_err err = stmt_end(s);
	*count = 0;
	for (int i = 0; i < found && err == QT_OK; i++) {
		err = expire_payment(db, ids[i], now_ms);
		*count += err == QT_OK;
	}
	return err;
}

enum qt_err payment_close_codes(struct db *db, struct sale *sale)
{
	int64_t due = sale_due(sale);
	enum qt_err err = QT_OK;

	for (int i = 0; i < sale->payment_count && err == QT_OK; i++) {
		struct payment *p = &sale->payments[i];
		if (p->state != PAYMENT_OPEN || p->fresh || p->amount_cents <= due)
			continue;
		err = payment_move(db, p, PAYMENT_CANCELLED);
		if (err == QT_OK)
			err = event_add(db, TOPIC_PAYMENT, p->id, "payment-cancelled", p->id, NULL);
	}
	return err;
}
