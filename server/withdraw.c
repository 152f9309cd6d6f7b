/* withdraw: see withdraw.h. */
#include "server/withdraw.h"

#include "server/idempotency.h"
#include "server/refund.h"
#include "server/settle.h"

#include <string.h>

const char *withdraw_outcome_name(enum withdraw_outcome outcome)
{
	static const char *const names[] = {
#define X(name, wire) wire,
		WITHDRAW_OUTCOMES(X)
#undef X
	};
	return names[outcome];
}

/* Was the request done? Its order then. Else its key is used up: a copy that is still under way is refused as a key used
 * for something else. */
static enum qt_err end_request(struct call *call, int64_t request, bool *done, int64_t *order_id)
{
	static const char no_answer[] = "{}";
	struct idempotency look = { .actor_id = idempotency_actor(&call->actor), .key = { 0, request } };
	enum qt_err err = idempotency_find(call->db, &look, call->arena);

	*done = err == QT_OK || err == QT_KEY_REUSED;
	if (*done) {
		*order_id = look.ref[0] ? look.ref[0] : look.ref[1];
		return QT_OK;
	}
	if (err != QT_NOT_FOUND)
		return err;
	look.status = 409;
	look.reply = no_answer;
	look.reply_len = sizeof no_answer - 1;
	return idempotency_store(call->db, &look, call->now_ms);
}

/* Only the last order of this very till. */
static enum qt_err load_own(struct call *call, int64_t order_id, struct sale *sale)
{
	struct till_sequence sequence;
	enum qt_err err = sale_load(call->db, call->actor.merchant_id, order_id, call->arena, sale);

	if (err == QT_OK && sale->order.terminal_id != call->actor.terminal_id)
		err = QT_NOT_FOUND;
	if (err == QT_NOT_FOUND)
		return problem_set(&call->problem, err, "order_id", "there is no such order of this till");
	if (err == QT_OK)
		err = till_sequence_of_writer(call->db, call->actor.terminal_id, &sequence);
	if (err == QT_OK && sale->order.number < sequence.last_number)
		return problem_set(&call->problem, QT_CONFLICT, "request", "the till has sold since: refund the order");
	return err;
}

enum qt_err withdraw_request(struct call *call, int64_t request, int64_t order_id, struct sale *sale,
                             enum withdraw_outcome *outcome)
{
	const struct refund_request whole = { .reason = "given up at the till, outcome not known", .withdrawn = true };
	struct refund_plan *plan = arena_alloc(call->arena, sizeof *plan);
	int64_t made_id = 0;
	bool done;

	memset(sale, 0, sizeof *sale);
	*outcome = WITHDRAW_NOTHING;
	enum qt_err err = end_request(call, request, &done, &made_id);
	if (err != QT_OK)
		return err;
	if (order_id == 0 && done && made_id == 0)
		return problem_set(&call->problem, QT_NOT_FOUND, "request", "it made no order");
	if (order_id == 0 && !done)
		return QT_OK;
	err = load_own(call, order_id ? order_id : made_id, sale);
	if (err != QT_OK)
		return err;
	switch (sale->order.state) {
	case ORDER_OPEN:
		*outcome = WITHDRAW_CANCELLED;
		return order_cancel(call->db, sale, settle_actor(call), call->now_ms, 0, &call->problem);
	case ORDER_PAID:
		*outcome = WITHDRAW_REFUNDED;
		return refund_make(call, sale, &whole, plan);
	default:
		*outcome = WITHDRAW_OVER;
		return QT_OK;
	}
}
