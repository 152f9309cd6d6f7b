/* settle: the one journal that settles a sale: tenders, merchant, fee, points, rebates (W6). No HTTP, no JSON. */
#ifndef QT_SETTLE_H
#define QT_SETTLE_H

#include "server/ledger.h"
#include "server/order.h"
#include "server/provider.h"
#include "server/rebate_split.h"

/* Who asks, for journals; 0 for the server's own jobs. */
int64_t settle_actor(const struct call *);

/* Settle a sale whose payments cover its total: payments that are ready or held become settled (in memory:
 * rows are the caller's); the journal is posted; the order's receipt number, points and rebates are set (state,
 * too). The order and its payments have their ids. Nothing is refused but what ledger_post refuses: balances were
 * checked before. Inside a transaction. */
enum qt_err settle_sale(struct call *, struct sale *) QT_USE_RESULT;

#endif
