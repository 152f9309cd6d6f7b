/* approval: what cashiers may do alone, and a manager's leave for what they may not. No HTTP, no JSON.
 * Owns the tables approval and staff_limit.
 *
 * An approval names who asked, who approved, the action and the most it may amount to; it is good at the till it was
 * given at, for minutes, and once. Tills hold nothing but its number: who it is for is in the row. A sale that a till
 * kept while off line is judged by the time it was made at. */
#ifndef QT_APPROVAL_H
#define QT_APPROVAL_H

#include "server/staff.h"

#define APPROVAL_TTL_MS (10 * INT64_C(60000))
#define APPROVALS_MAX 8 /* of one order */

/* Numbers are stored and never reused. X(ACTION, number, "wire name") */
#define APPROVAL_ACTIONS(X) \
	X(DISCOUNT, 1, "discount") X(PRICE, 2, "price") X(REFUND, 3, "refund") X(CANCEL, 4, "cancel") \
	X(DRAWER, 5, "drawer") X(CASH_OUT, 6, "cash-out") X(CARD_MOVE, 7, "card-move")
enum approval_action {
#define X(name, number, wire) APPROVAL_##name = number,
	APPROVAL_ACTIONS(X)
#undef X
};
const char *approval_action_name(int64_t action); /* "discount" */

/* A row; members as the columns of 0008-price.sql. */
struct approval {
	int64_t id, merchant_id, terminal_id, asked_by, approved_by, action, amount_cents, created_ms, expires_ms, used_ms,
		ref_id;
};
/* Write a new one; id is set. Inside a transaction. */
enum qt_err approval_add(struct db *, struct approval *) QT_USE_RESULT;
/* May the person of this call use it for `action` at `at_ms`? QT_NOT_FOUND (also another's, another till's or another
 * action's), QT_APPROVAL_USED, QT_APPROVAL_EXPIRED. Any connection. */
enum qt_err approval_check(struct call *, int64_t approval_id, int64_t action, int64_t at_ms, struct approval *)
	QT_USE_RESULT;
/* Use it for `ref_id`. Inside a transaction, after approval_check. */
enum qt_err approval_use(struct db *, struct approval *, int64_t ref_id, int64_t now_ms) QT_USE_RESULT;
/* A manager's PIN that came with the request itself: an approval that is used at once. Inside a transaction. */
enum qt_err approval_given(struct call *, int64_t approved_by, int64_t action, int64_t amount_cents, int64_t ref_id)
	QT_USE_RESULT;

/* A manager's number and PIN inside a request of a cashier: it approves that request and no other. */
struct approval_args {
	const char *number, *pin; /* number NULL: nobody approves */
};
/* Of the object "approval_staff" in a route's fields. */
extern const struct field approval_fields[];

/* From a route's prepare: who approves, in the arena, or NULL when nobody was named. QT_FORBIDDEN for a cashier, and as
 * staff_by_pin. */
enum qt_err approval_take(struct call *, const struct approval_args *, struct staff **) QT_USE_RESULT;

/* A row; members as the columns. */
struct staff_limit {
	int64_t id, merchant_id, staff_id, discount_bp, discount_cents, price_cents, refund_cents, cancel_cents,
		drawer_opens, cash_out_cents;
};
/* Exactly this person's (0: of every cashier); the defaults when there is no row: id is then 0. Any connection. */
enum qt_err staff_limit_get(struct db *, int64_t merchant_id, int64_t staff_id, struct staff_limit *) QT_USE_RESULT;
enum qt_err staff_limit_put(struct db *, struct staff_limit *) QT_USE_RESULT; /* inside a transaction */
/* What the person of this call may do: without bounds unless a cashier. Any connection. */
enum qt_err staff_limit_of_call(struct call *, struct staff_limit *) QT_USE_RESULT;

#endif
