/* prefund: what a merchant paid in for rebates (W7): payments in, the warning, the clean stop. No HTTP, no JSON.
 * Owns the table prefund; the money is on the merchant's PREFUND account. */
#ifndef QT_PREFUND_H
#define QT_PREFUND_H

#include "server/merchant.h"
#include "server/server.h"

enum prefund_told { PREFUND_TOLD_NOTHING, PREFUND_TOLD_LOW, PREFUND_TOLD_EMPTY };

struct prefund {
	int64_t warn_below_cents;
	int64_t told; /* enum prefund_told */
};
/* Zeroes when nothing was ever paid in. Any connection. */
enum qt_err prefund_get(struct db *, int64_t merchant_id, struct prefund *) QT_USE_RESULT;
/* Balance of the account; 0 when there is none. Any connection. */
enum qt_err prefund_balance(struct db *, int64_t merchant_id, int64_t currency, int64_t *balance_cents) QT_USE_RESULT;

/* The merchant's money arrives (from the bank: WORLD). warn_below_cents -1: a tenth of the amount. Tells nothing;
 * forgets what was told. Inside a transaction. */
enum qt_err prefund_pay_in(struct db *, const struct merchant *, int64_t amount_cents, int64_t warn_below_cents,
                           int64_t actor_id, int64_t now_ms, struct problem *) QT_USE_RESULT;
/* After a sale: tell the merchant once when the balance is low, and once when rebates stop. `stopped`: this sale paid
 * none for want of money. Inside a transaction. */
enum qt_err prefund_watch(struct db *, const struct merchant *, int64_t balance_cents, bool stopped, int64_t now_ms)
	QT_USE_RESULT;

#endif
