/* points: a customer's points at a merchant: ledger accounts in the unit UNIT_POINTS_BASE + merchant. No HTTP, no
 * JSON. */
#ifndef QT_POINTS_H
#define QT_POINTS_H

#include "server/ledger.h"
#include "server/merchant.h"

static inline int64_t points_unit(int64_t merchant_id)
{
	return UNIT_POINTS_BASE + merchant_id;
}
/* Points for paying `amount_cents` (rounded down). Pure; QT_OVERFLOW. */
enum qt_err points_for_amount(const struct merchant *, int64_t amount_cents, int64_t *points) QT_USE_RESULT;
/* Money value of points, and the points needed for an amount (rounded up). QT_CLOSED_HERE when they are not
 * spendable. Pure. */
enum qt_err points_value(const struct merchant *, int64_t points, int64_t *value_cents) QT_USE_RESULT;
enum qt_err points_needed(const struct merchant *, int64_t amount_cents, int64_t *points) QT_USE_RESULT;

/* The customer's account, opened when needed, and the merchant's counter account. Inside a transaction. */
enum qt_err points_accounts(struct db *, int64_t merchant_id, int64_t customer_id, int64_t *account_id,
                            int64_t *issued_account_id) QT_USE_RESULT;
/* 0 when there is no account. Any connection. */
enum qt_err points_balance(struct db *, int64_t merchant_id, int64_t customer_id, int64_t *points) QT_USE_RESULT;
/* Earn (points > 0) or spend (points < 0) outside a sale. QT_INSUFFICIENT, QT_OVERFLOW. Inside a transaction. */
enum qt_err points_change(struct db *, int64_t merchant_id, int64_t customer_id, int64_t points, int64_t actor_id,
                          int64_t now_ms, int64_t *balance, struct problem *) QT_USE_RESULT;
/* The same; *journal_id gets the journal that did it. */
enum qt_err points_move(struct db *, int64_t merchant_id, int64_t customer_id, int64_t points, int64_t actor_id,
                        int64_t now_ms, int64_t *balance, int64_t *journal_id, struct problem *) QT_USE_RESULT;
/* Merchants at whom the customer has points; up to `max`. Any connection. */
enum qt_err points_schemes(struct db *, int64_t customer_id, int64_t *merchant_ids, int max, int *count) QT_USE_RESULT;

#endif
