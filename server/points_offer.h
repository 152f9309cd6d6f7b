/* points_offer: what points are good for besides paying, by level: a discount at the till (minor units a point takes off),
 * vouchers (coupons of a promotion, for so many points), and what a level earns. No HTTP, no JSON. Owns the tables
 * points_offer and points_voucher. As cash points are worth the same to everybody (merchant.point_value_cents). */
#ifndef QT_POINTS_OFFER_H
#define QT_POINTS_OFFER_H

#include "server/call.h"
#include "server/coupon.h"
#include "server/points_scheme.h"

#define POINTS_OFFERS_MAX 24
#define POINTS_OFFER_ROOM 64 /* offer id = merchant * this + n */

/* Numbers are stored. X(KIND, number, "wire name", "member that carries its value") */
#define POINTS_OFFERS(X) \
	X(DISCOUNT, 1, "discount", "value_cents") X(EARN, 2, "earn", "rate_bp") X(VOUCHER, 3, "voucher", "points")
enum points_offer_kind {
#define X(name, number, wire, member) OFFER_##name = number,
	POINTS_OFFERS(X)
#undef X
};

/* A row of points_offer; members as its columns. */
struct points_offer {
	int64_t kind, level, value, promotion_id;
};
struct points_offers {
	struct points_offer list[POINTS_OFFERS_MAX];
	int count;
};

/* The merchant's offers in the order they were given. Any connection. */
enum qt_err points_offers_get(struct db *, int64_t merchant_id, struct points_offers *) QT_USE_RESULT;
/* Overwrite them, after the scheme whose levels they name. QT_MISSING_FIELD, QT_BAD_FIELD, QT_NOT_FOUND (promotion_id),
 * QT_DOUBLE_FIELD (the same for a level twice). Inside a transaction. */
enum qt_err points_offers_put(struct db *, const struct points_scheme *, const struct points_offers *,
                              struct problem *) QT_USE_RESULT;

/* The best value of this kind for a customer's level: of the highest level that has one; 0: none. Any connection. */
enum qt_err points_offer_best(struct db *, int64_t merchant_id, int64_t customer_id, enum points_offer_kind,
                              int64_t now_ms, int64_t *value) QT_USE_RESULT;
/* *points that everybody would earn become those of the customer's level, rounded down. Any connection. */
enum qt_err points_offer_earned(struct db *, int64_t merchant_id, int64_t customer_id, int64_t now_ms,
                                int64_t *points) QT_USE_RESULT;

/* Points become a coupon of the promotion, kept in the customer's wallet. QT_NOT_FOUND (no such voucher), QT_FORBIDDEN
 * (not at this level), QT_INSUFFICIENT, QT_CONFLICT (the promotion is over). Inside a transaction. */
enum qt_err points_voucher_buy(struct call *, int64_t merchant_id, int64_t customer_id, int64_t promotion_id,
                               struct coupon *, int64_t *points) QT_USE_RESULT;

#endif
