/* sold_out: the switch that says that a store has none of an item just now. No HTTP, no JSON. Owns the table sold_out. The tills
 * of the merchant hear of each change at once. It moves no stock and no money. */
#ifndef QT_SOLD_OUT_H
#define QT_SOLD_OUT_H

#include "server/call.h"
#include "server/merchant.h"

#define SOLD_OUT_MAX 500 /* items of a store */

/* Switch it, by the actor of the call; to what it is already is no error. QT_NOT_FOUND (item or store_id), QT_TOO_LONG. Inside a
 * transaction. */
enum qt_err sold_out_set(struct call *, int64_t merchant_id, int64_t store_id, int64_t item_id, bool sold_out) QT_USE_RESULT;
/* In the writer: from memory for stores that have everything. */
enum qt_err sold_out_of_writer(struct db *, int64_t store_id, int64_t item_id, bool *sold_out) QT_USE_RESULT;
/* Has no store of the merchant any of it? Any connection. */
enum qt_err sold_out_everywhere(struct db *, int64_t merchant_id, int64_t item_id, bool *sold_out) QT_USE_RESULT;

#endif
