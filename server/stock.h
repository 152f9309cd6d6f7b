/* stock: what stores have of the items that are counted. No HTTP, no JSON. Owns the tables stock, stock_move.
 *
 * An item is counted in a store from its first movement there on; others cost a sale nothing. Quantities are pieces, or
 * thousandths of the unit of measured goods, as on the lines of orders. A sale takes its lines off in the transaction that
 * settles it, also below nothing. A refund puts nothing back: whether goods can be sold again is said by a movement. */
#ifndef QT_STOCK_H
#define QT_STOCK_H

#include "server/order.h"

#define STOCK_MAX INT64_C(1000000000000)
#define STOCK_REASON_MAX 120

enum stock_kind { STOCK_RECEIVE = 1, STOCK_COUNT, STOCK_ADJUST, STOCK_SALE };
extern const char *const stock_words[]; /* by kind less 1; NULL at the end */

struct stock {
	int64_t id, store_id, item_id, quantity, low; /* low -1: not watched */
};

/* Any connection. QT_NOT_FOUND also for another merchant's. */
enum qt_err stock_get(struct db *, int64_t merchant_id, int64_t stock_id, struct stock *) QT_USE_RESULT;

/* A movement by hand: `quantity` that came (RECEIVE, 1 or more), is there (COUNT, 0 or more), or came or went (ADJUST, with
 * a reason). `low` -2: as it was. Errors name the field. Inside a transaction. */
struct stock_request {
	int64_t store_id, item_id, quantity, low;
	enum stock_kind kind;
	const char *reason; /* NULL: none */
};
enum qt_err stock_change(struct call *, int64_t merchant_id, const struct stock_request *, struct stock *) QT_USE_RESULT;

/* Take the lines of a sale that is being settled off. In the writer, inside its transaction. */
enum qt_err stock_sold(struct call *, const struct sale *) QT_USE_RESULT;

#endif
