/* order_state: the states of orders and payments and which may follow which; one table each. Pure.
 * Numbers are stored: they are never reused. Both machines are drawn in qrtill-architecture(7). */
#ifndef QT_ORDER_STATE_H
#define QT_ORDER_STATE_H

#include "shared/err.h"

/* X(STATE, number, "wire name", bitmask of the states that may follow) */
#define S(n) (1u << (n))
#define ORDER_STATES(X) \
	X(OPEN,          1, "open",          S(2) | S(3) | S(4)) \
	X(PAID,          2, "paid",          S(5) | S(6)) \
	X(CANCELLED,     3, "cancelled",     0) \
	X(EXPIRED,       4, "expired",       0) \
	X(PART_REFUNDED, 5, "part-refunded", S(5) | S(6)) \
	X(REFUNDED,      6, "refunded",      0)
enum order_state {
#define X(name, number, wire, next) ORDER_##name = number,
	ORDER_STATES(X)
#undef X
};

/* open: waits for somebody to pay. pending: the provider was asked. unknown: the provider was asked and nobody knows.
 * held: one part of a mixed payment, secured while the rest is due. late: money came after the end; it lies in
 * suspense until it is matched with an order (settled) or given back (returned). */
#define PAYMENT_STATES(X) \
	X(OPEN,           1, "open",          S(2) | S(4) | S(5) | S(7) | S(8)) \
	X(PENDING,        2, "pending",       S(3) | S(4) | S(5) | S(6)) \
	X(UNKNOWN,        3, "unknown",       S(4) | S(5) | S(6)) \
	X(SETTLED,        4, "settled",       S(10) | S(11)) \
	X(HELD,           5, "held",          S(4) | S(7) | S(8)) \
	X(FAILED,         6, "failed",        S(9)) \
	X(CANCELLED,      7, "cancelled",     S(9)) \
	X(EXPIRED,        8, "expired",       S(9)) \
	X(LATE,           9, "late",          S(4) | S(5) | S(12)) \
	X(PART_REFUNDED, 10, "part-refunded", S(10) | S(11)) \
	X(REFUNDED,      11, "refunded",      0) \
	X(RETURNED,      12, "returned",      0)
enum payment_state {
#define X(name, number, wire, next) PAYMENT_##name = number,
	PAYMENT_STATES(X)
#undef X
};

/* May `to` follow `from`? False for numbers that are no states. */
bool order_state_may(int from, int to);
bool payment_state_may(int from, int to);
/* Wire name; "?" for numbers that are no states. */
const char *order_state_name(int);
const char *payment_state_name(int);
/* State by wire name; 0 when there is none. */
int order_state_by_name(const char *);

/* How a payment was asked for. X(METHOD, number, "wire name") */
#define PAYMENT_METHODS(X) \
	X(CASH, 1, "cash") X(CARD, 2, "card") X(POINTS, 3, "points") X(CODE, 4, "code") X(PROVIDER, 5, "provider") \
	X(TERMINAL, 6, "terminal") X(FIXED, 7, "fixed") X(WALLET, 8, "wallet") X(POINTS_OFF, 9, "points-discount")
enum payment_method {
#define X(name, number, wire) METHOD_##name = number,
	PAYMENT_METHODS(X)
#undef X
};
const char *payment_method_name(int);

/* Where the money came from; 0 while nobody has paid. */
#define PAYMENT_SOURCES(X) \
	X(CASH, 1, "cash") X(CARD, 2, "card") X(POINTS, 3, "points") X(REBATE, 4, "rebate") X(PROVIDER, 5, "provider") \
	X(TERMINAL, 6, "terminal")
enum payment_source {
#define X(name, number, wire) SOURCE_##name = number,
	PAYMENT_SOURCES(X)
#undef X
};
const char *payment_source_name(int); /* NULL for 0 */

#endif
