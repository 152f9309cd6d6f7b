/* cash_rounding: what a store rounds to what is paid in cash: the smallest coin in use. Kept as a rule of the store
 * (store_rule.h). No HTTP, no JSON. */
#ifndef QT_CASH_ROUNDING_H
#define QT_CASH_ROUNDING_H

#include "server/store/db.h"

#define CASH_ROUNDINGS_MAX 5 /* as many as price_is_coin allows */

/* What the store rounds to now comes first, then what it once rounded to: tills may have sold by that off line. */
struct cash_rounding {
	int64_t cents[CASH_ROUNDINGS_MAX]; /* 1: nothing is rounded */
	int count;                         /* 1 or more */
};
/* Any connection. */
enum qt_err cash_rounding_get(struct db *, int64_t store_id, struct cash_rounding *) QT_USE_RESULT;
/* The same in the writer, from its memory. Inside a transaction. */
enum qt_err cash_rounding_of_writer(struct db *, int64_t store_id, struct cash_rounding *) QT_USE_RESULT;
/* From now on the store rounds to this, which price_is_coin allows. Inside a transaction. */
enum qt_err cash_rounding_put(struct db *, int64_t store_id, int64_t cents) QT_USE_RESULT;

#endif
