/* withdraw: a till gives a sale up whose outcome it never learned: its answer was lost, and the server could not be reached
 * again in time. What the request did is undone, and what it might still do when a copy of it comes late is prevented, so
 * that the customer may pay in another way and is not charged twice. No HTTP, no JSON. Owns no table. */
#ifndef QT_WITHDRAW_H
#define QT_WITHDRAW_H

#include "server/order.h"

/* What there was to undo. X(OUTCOME, "wire name") */
#define WITHDRAW_OUTCOMES(X) \
	X(NOTHING,   "nothing")   /* the request had not arrived, and cannot any more */ \
	X(CANCELLED, "cancelled") /* the order was open: its codes ended, held parts went back */ \
	X(REFUNDED,  "refunded")  /* the order was paid: all of it went back to where it came from */ \
	X(OVER,      "over")      /* the order had ended before, or goods of it were taken back */
enum withdraw_outcome {
#define X(name, wire) WITHDRAW_##name,
	WITHDRAW_OUTCOMES(X)
#undef X
};
const char *withdraw_outcome_name(enum withdraw_outcome);

/* Withdraw the request that this terminal sent with the sequence number `request`; `order_id`: the order it was about, 0:
 * it was to make one. Asks for no approval, since without the server nobody could have given one: so it is only for the
 * order this till made last. `sale` gets the order; sale->order.id 0: there is none. Inside a transaction. QT_NOT_FOUND: no
 * order of this till, or the request made none; QT_CONFLICT: a later order was made. */
enum qt_err withdraw_request(struct call *, int64_t request, int64_t order_id, struct sale *, enum withdraw_outcome *)
	QT_USE_RESULT;

#endif
