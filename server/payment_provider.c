/* payment_provider: the payment's side of providers: what their answers do, late money, and the lists of what is
 * still to be asked. Never calls a provider. See provider.h. */
#include "server/ledger.h"
#include "server/payment_rows.h"
#include "server/refund.h"
#include "server/settle.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* Whose money it is: the order, or for a fixed code the terminal's merchant. */
static enum qt_err load_owner(struct call *call, const struct payment *p, struct sale *sale)
{
	SQL(merchant_of, "SELECT merchant_id FROM terminal WHERE id = $1");

	if (p->order_id)
		return sale_load(call->db, 0, p->order_id, call->arena, sale);
	memset(sale, 0, sizeof *sale);
	enum qt_err err = db_one(call->db, &merchant_of, "i", p->terminal_id, "i", &sale->order.merchant_id);
	if (err == QT_OK)
		err = merchant_get(call->db, sale->order.merchant_id, &sale->merchant);
	sale->order.terminal_id = p->terminal_id;
	sale->order.currency = sale->merchant.currency;
	return err;
}

/* Ended payments (and ones that ended by being paid wrongly) pass through `late`. */
static enum qt_err make_late(struct call *call, struct payment *p)
{
	enum qt_err err = QT_OK;

	if (p->state == PAYMENT_PENDING || p->state == PAYMENT_UNKNOWN)
		err = payment_move(call->db, p, PAYMENT_FAILED);
	return err == QT_OK ? payment_move(call->db, p, PAYMENT_LATE) : err;
}

/* The money lies in suspense: does an order take it? */
static enum qt_err claim(struct call *call, struct sale *sale, struct payment *p, bool *claimed)
{
	struct payment *mine = NULL;

	*claimed = false;
	if (p->order_id == 0) {
		p->ready = p->changed = true;
		enum qt_err err = payment_match_fixed(call, p, sale);
		*claimed = p->order_id != 0;
		return err;
	}
	for (int i = 0; i < sale->payment_count; i++)
		if (sale->payments[i].id == p->id)
			mine = &sale->payments[i];
	bool asked = mine && (mine->state == PAYMENT_PENDING || mine->state == PAYMENT_UNKNOWN);
	int64_t due = sale_due(sale) + (asked ? mine->amount_cents : 0);
	if (mine == NULL || sale->order.state != ORDER_OPEN || p->amount_cents > due || (!asked && p->amount_cents != due))
		return QT_OK;
	*mine = *p;
	mine->ready = mine->changed = true;
	enum qt_err err = payment_commit(call, sale, false);
	*p = *mine;
	*claimed = true;
	return err;
}

/* Nobody's order takes the money: with a fixed code it waits for the till, else it goes back. */
static enum qt_err keep(struct call *call, struct sale *sale, struct payment *p)
{
	enum qt_err err;

	if (p->order_id == 0 && (p->state == PAYMENT_PENDING || p->state == PAYMENT_UNKNOWN)) {
		p->expires_ms = call->now_ms + 24 * INT64_C(3600000);
		err = payment_move(call->db, p, PAYMENT_HELD);
		return err == QT_OK ? payment_tell_loose(call, p) : err;
	}
	err = make_late(call, p);
	return err == QT_OK ? payment_tell_kind(call, sale, p, "provider-late") : err;
}

static enum qt_err money_came(struct call *call, struct payment *p, const struct provider_answer *a)
{
	int64_t asked = p->amount_cents, came = a->amount_cents ? a->amount_cents : asked;
	bool was_asked = p->state == PAYMENT_PENDING || p->state == PAYMENT_UNKNOWN, claimed = false;
	struct sale sale;

	enum qt_err err = load_owner(call, p, &sale);
	if (err == QT_OK)
		err = payment_into_suspense(call->db, p, sale.order.merchant_id, sale.order.currency, came, settle_actor(call),
		                            call->now_ms, &call->problem);
	if (err != QT_OK)
		return err;
	p->amount_cents = came; /* what is really there is settled or given back */
	if (!was_asked) {
		err = make_late(call, p);
	} else if (came != asked) {
		err = make_late(call, p);
		return err == QT_OK ? payment_tell_kind(call, &sale, p, "provider-late") : err;
	}
	if (err == QT_OK)
		err = claim(call, &sale, p, &claimed);
	if (err != QT_OK)
		return err;
	if (claimed)
		return payment_tell(call, &sale, p);
	return was_asked ? keep(call, &sale, p) : payment_tell_kind(call, &sale, p, "provider-late");
}

static enum qt_err refused(struct call *call, struct payment *p)
{
	struct sale sale;

	enum qt_err err = load_owner(call, p, &sale);
	if (err == QT_OK)
		err = payment_move(call->db, p, PAYMENT_FAILED);
	return err == QT_OK ? payment_tell_kind(call, &sale, p, "payment-failed") : err;
}

enum qt_err payment_provider_result(struct call *call, int64_t payment_id, const char *provider,
                                    const struct provider_answer *a)
{
	struct payment p;

	enum qt_err err = payment_get(call->db, payment_id, &p);
	if (err == QT_OK && (p.source != SOURCE_PROVIDER || strcmp(p.provider, provider) != 0))
		err = QT_NOT_FOUND;
	if (err != QT_OK)
		return err == QT_NOT_FOUND ? problem_set(&call->problem, err, "payment_id",
			"not a payment of this provider") : err;
	bool waits = p.state == PAYMENT_PENDING || p.state == PAYMENT_UNKNOWN;
	bool ended = p.state == PAYMENT_FAILED || p.state == PAYMENT_CANCELLED || p.state == PAYMENT_EXPIRED;
	bool named = a->reference[0] && p.reference[0] == '\0';
	if (named)
		snprintf(p.reference, sizeof p.reference, "%s", a->reference);
	if (a->outcome == PROVIDER_PAID && (waits || ended))
		return money_came(call, &p, a);
	if (a->outcome == PROVIDER_FAILED && waits)
		return refused(call, &p);
	if (a->outcome == PROVIDER_UNKNOWN && p.state == PAYMENT_PENDING)
		return payment_move(call->db, &p, PAYMENT_UNKNOWN);
	/* said before, or nothing new: at most the provider's reference is worth keeping */
	return named ? payment_update(call->db, &p) : QT_OK;
}

/* ---- what is still to be asked ---- */

static enum qt_err payment_tasks(struct db *db, enum provider_task_kind kind, int64_t after,
                                 struct provider_task *tasks, int max, int *count)
{
	/* both states' lists are short; `payment_asked` serves them */
	SQL(waiting, "SELECT p.id, t.merchant_id, m.currency FROM payment p "
	             "LEFT JOIN orders o ON o.id = p.order_id "
	             "JOIN terminal t ON t.id = CASE WHEN p.order_id = 0 THEN p.terminal_id ELSE o.terminal_id END "
	             "JOIN merchant m ON m.id = t.merchant_id "
	             "WHERE p.provider IS NOT NULL AND (p.state = 2 OR p.state = 3 OR p.state = 9) "
	             "AND (p.state = 9) = ($1 = 9) AND p.id > $2 ORDER BY p.id LIMIT $3");
	struct stmt *s = db_stmt(db, &waiting);
	int n = 0;

	stmt_int(s, 1, kind == PROVIDER_TASK_RETURN ? PAYMENT_LATE : PAYMENT_PENDING);
	stmt_int(s, 2, after);
	stmt_int(s, 3, max);
	while (stmt_step(s)) {
		assert(n < max);
		tasks[n] = (struct provider_task){ .kind = kind, .currency = stmt_col_int(s, 2) };
		tasks[n++].payment.id = stmt_col_int(s, 0);
	}
	enum qt_err err = stmt_end(s);
	for (int i = 0; i < n && err == QT_OK; i++) {
		struct order order;
		err = payment_get(db, tasks[i].payment.id, &tasks[i].payment);
		tasks[i].amount_cents = tasks[i].payment.amount_cents;
		tasks[i].since_ms = tasks[i].payment.created_ms;
		if (err == QT_OK && tasks[i].since_ms == 0) {
			err = order_get(db, 0, tasks[i].payment.order_id, &order);
			tasks[i].since_ms = order.created_ms;
		}
	}
	*count = n;
	return err;
}

static enum qt_err refund_tasks(struct db *db, int64_t after, struct provider_task *tasks, int max, int *count)
{
	SQL(waiting, "SELECT t.id, t.payment_id, t.amount_cents, r.created_ms, m.currency FROM refund_tender t "
	             "JOIN refund r ON r.id = t.id / 16 JOIN orders o ON o.id = r.order_id "
	             "JOIN merchant m ON m.id = o.merchant_id "
	             "WHERE t.state = 2 AND t.id > $1 ORDER BY t.id LIMIT $2");
	struct stmt *s = db_stmt(db, &waiting);
	int n = 0;

	stmt_int(s, 1, after);
	stmt_int(s, 2, max);
	while (stmt_step(s)) {
		assert(n < max);
		tasks[n] = (struct provider_task){ .kind = PROVIDER_TASK_REFUND, .refund_tender_id = stmt_col_int(s, 0),
			.amount_cents = stmt_col_int(s, 2), .since_ms = stmt_col_int(s, 3), .currency = stmt_col_int(s, 4) };
		tasks[n++].payment.id = stmt_col_int(s, 1);
	}
	enum qt_err err = stmt_end(s);
	for (int i = 0; i < n && err == QT_OK; i++)
		err = payment_get(db, tasks[i].payment.id, &tasks[i].payment);
	*count = n;
	return err;
}

enum qt_err provider_tasks(struct db *db, enum provider_task_kind kind, int64_t after, struct provider_task *tasks,
                           int max, int *count)
{
	return kind == PROVIDER_TASK_REFUND ? refund_tasks(db, after, tasks, max, count)
	                                    : payment_tasks(db, kind, after, tasks, max, count);
}

/* The money leaves suspense for the provider. */
static enum qt_err post_return(struct db *db, const struct payment *p, int64_t amount_cents, int64_t currency,
                               int64_t now_ms)
{
	const struct provider_ops *ops = provider_by_name(p->provider);
	SQL(merchant_of, "SELECT owner_id FROM account WHERE id = $1");
	struct journal journal = { .kind = JOURNAL_LATE_RETURN, .order_id = p->order_id, .ref_id = p->id, .at_ms = now_ms };
	struct posting postings[2] = { { p->account_id, -amount_cents }, { 0, amount_cents } };
	struct problem problem = { 0 };

	if (ops == NULL)
		return QT_NOT_FOUND;
	enum qt_err err = db_one(db, &merchant_of, "i", p->account_id, "i", &journal.merchant_id);
	if (err == QT_OK)
		err = ledger_account(db, ACCOUNT_PROVIDER, ops->id, currency, &postings[1].account_id);
	return err == QT_OK ? ledger_post(db, &journal, postings, 2, &problem) : err;
}

enum qt_err provider_returned(struct db *db, const struct provider_task *task, int64_t now_ms)
{
	SQL(state_of, "SELECT state FROM refund_tender WHERE id = $1");
	SQL(done, "UPDATE refund_tender SET state = 1 WHERE id = $1");
	struct payment p;
	int64_t state;

	enum qt_err err = payment_get(db, task->payment.id, &p);
	if (err != QT_OK)
		return err;
	if (task->kind == PROVIDER_TASK_RETURN) {
		if (p.state != PAYMENT_LATE)
			return QT_OK; /* reported before */
		err = post_return(db, &p, p.amount_cents, task->currency, now_ms);
		return err == QT_OK ? payment_move(db, &p, PAYMENT_RETURNED) : err;
	}
	err = db_one(db, &state_of, "i", task->refund_tender_id, "i", &state);
	if (err != QT_OK || state != REFUND_TENDER_WAITING)
		return err;
	err = post_return(db, &p, task->amount_cents, task->currency, now_ms);
	return err == QT_OK ? db_run(db, &done, "i", task->refund_tender_id) : err;
}
