/* rebate: rebates after the sale: what was given, and their release when the hold time is over. No HTTP, no JSON. A
 * rebate has no row: it is an entry of its order's sale journal on an account of kind rebate-held, channel, agent or
 * platform. Owns the table rebate_release (rebate_day is written by settle). */
#ifndef QT_REBATE_H
#define QT_REBATE_H

#include "server/ledger.h"
#include "server/order.h"

/* One entry of an order's sale journal, with its account. */
struct sale_entry {
	int64_t account_id, kind, owner_id, unit, amount;
};
/* The sale journal of an order and its entries (at most LEDGER_POSTINGS_MAX). QT_NOT_FOUND when it is not paid. Any
 * connection. */
enum qt_err sale_entries(struct db *, int64_t order_id, int64_t *journal_id, struct sale_entry *,
                         int *count) QT_USE_RESULT;
/* Is this entry somebody's share of the rebates? Pure. */
bool sale_entry_is_rebate(const struct sale_entry *);

/* Were the rebates of this sale journal released (hold time of its campaign)? Any connection. */
enum qt_err rebate_is_released(struct db *, int64_t hold_s, int64_t journal_id, bool *released) QT_USE_RESULT;

/* A job: release what is due at `now_ms`: one journal per merchant, from rebate-held to rebate. Looks at up to
 * `max` sales per hold time; *count says how many it looked at. */
enum qt_err rebate_release_due(struct db *, int64_t now_ms, int max, int *count) QT_USE_RESULT;

/* What a customer earned from a campaign with all their shares, less what refunds took back. Any connection. */
enum qt_err rebate_earned(struct db *, int64_t customer_id, int64_t unit, int64_t campaign_id,
                          int64_t *cents) QT_USE_RESULT;

/* A job: forget what people earned on days that are over (rebate_day). Inside a transaction. */
enum qt_err rebate_days_sweep(struct db *, int64_t now_ms) QT_USE_RESULT;

#endif
