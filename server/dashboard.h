/* dashboard: a merchant's day at a glance: sales by hour against the same day a week ago, tenders, what is owed and what
 * needs somebody. Reads only. No HTTP, no JSON. */
#ifndef QT_DASHBOARD_H
#define QT_DASHBOARD_H

#include "server/merchant.h"
#include "server/order_state.h"

#define DASHBOARD_HOURS 24
#define DASHBOARD_SOURCES_MAX 16

/* Paid orders of one day, refunds not taken off. Amounts in minor units of the merchant's currency. */
struct dashboard_day {
	int64_t orders, total_cents;
	int64_t by_now_orders, by_now_cents;       /* up to the same time of day as now */
	int64_t hour_cents[DASHBOARD_HOURS];       /* by the hour since the day began */
	int64_t source_cents[DASHBOARD_SOURCES_MAX]; /* by enum payment_source; of today alone */
};
/* Sales of the day that begins at day_ms, as of now_ms. `sources`: also what they were paid with. Walks the orders of that
 * day alone: their ids grow with time. Any connection. */
enum qt_err dashboard_day(struct db *, int64_t merchant_id, int64_t day_ms, int64_t now_ms, bool sources,
                          struct dashboard_day *) QT_USE_RESULT;

/* What the merchant owes on its prepaid cards. Any connection. */
enum qt_err dashboard_cards(struct db *, int64_t merchant_id, int64_t *balance_cents, int64_t *cards) QT_USE_RESULT;

/* What needs somebody. X(KIND, "wire name") */
#define DASHBOARD_WARNINGS(X) \
	X(NO_STORE, "no-store") X(NO_ITEM, "no-item") X(NO_TILL, "no-till") X(PREFUND_LOW, "prefund-low") \
	X(PREFUND_EMPTY, "prefund-empty") X(TILL_SILENT, "till-silent") X(SHIFT_LONG, "shift-long") \
	X(BUDGET_LOW, "budget-low") X(PAYMENT_LOOSE, "payment-loose")
enum dashboard_warning {
#define X(name, wire) DASHBOARD_##name,
	DASHBOARD_WARNINGS(X)
#undef X
	DASHBOARD_WARNING_COUNT
};
const char *dashboard_warning_name(enum dashboard_warning);
struct dashboard_warned {
	enum dashboard_warning kind;
	int64_t ref_id;                 /* the till, shift or campaign; 0: none */
	char name[NAME_MAX_BYTES + 1];  /* its name; empty: none */
};
#define DASHBOARD_WARNED_MAX 20
/* Any connection. */
enum qt_err dashboard_warnings(struct db *, const struct merchant *, int64_t now_ms,
                               struct dashboard_warned out[DASHBOARD_WARNED_MAX], int *count) QT_USE_RESULT;

#endif
