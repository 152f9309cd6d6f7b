/* api_points: what the routes of points share among themselves. Not for others. */
#ifndef QT_API_POINTS_H
#define QT_API_POINTS_H

#include "server/call.h"
#include "server/merchant.h"

/* A customer's balance, what lapses next, level, and what the points are good for here, into the reply. */
enum qt_err points_standing_json(struct call *, const struct merchant *, int64_t customer_id) QT_USE_RESULT;
/* The customer hears of a change outside a sale. Inside a transaction. */
enum qt_err points_tell(struct call *, const struct merchant *, int64_t customer_id, int64_t points,
                        int64_t balance) QT_USE_RESULT;

#endif
