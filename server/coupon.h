/* coupon: single codes of a promotion, each good for one order. The code's secret (80 bits) is given out once, the row
 * keeps its keyed hash. No HTTP, no JSON. Owns the tables coupon_batch and coupon.
 *
 * Refusals are uniform: a forged code, an unknown coupon, a wrong secret and another merchant's coupon are all
 * QT_NOT_FOUND after the same work. */
#ifndef QT_COUPON_H
#define QT_COUPON_H

#include "server/merchant.h"
#include "server/server.h"
#include "shared/promo.h"

#define COUPON_BATCH_MAX 10000

enum coupon_state { COUPON_FRESH = 1, COUPON_HELD, COUPON_USED };
const char *coupon_state_name(int64_t state); /* "fresh", "held", "used" */

struct coupon {
	int64_t id, merchant_id, promotion_id, batch_id;
	int64_t customer_id; /* whose wallet keeps it; 0: nobody's */
	int64_t state;       /* enum coupon_state */
	int64_t order_id;    /* that holds or used it; 0: none */
	int64_t expires_ms;  /* 0: with the promotion */
};
struct coupon_batch {
	int64_t id, merchant_id, promotion_id, count, expires_ms, first_coupon_id, created_ms, exported_ms;
	char name[NAME_MAX_BYTES + 1]; /* empty: none */
};

/* Look-ups on any connection; merchant_id 0: any merchant's. */
enum qt_err coupon_get(struct db *, int64_t merchant_id, int64_t coupon_id, struct coupon *) QT_USE_RESULT;
/* A COUPON code whose MAC was checked. QT_NOT_FOUND. */
enum qt_err coupon_by_read_code(struct db *, const struct server *, int64_t merchant_id, const struct code *,
                                struct coupon *) QT_USE_RESULT;
/* Why a genuine coupon is not accepted now; PROMO_WHY_APPLIED: it is. Somebody else's is refused when the buyer is
 * known. Pure. */
enum promo_why coupon_judge(const struct coupon *, int64_t customer_id, int64_t now_ms);
char *coupon_code_url(const struct server *, const struct coupon *, char out[CODE_URL_MAX]);
enum qt_err coupon_batch_get(struct db *, int64_t merchant_id, int64_t batch_id, struct coupon_batch *) QT_USE_RESULT;

/* Everything below is inside a transaction. */
/* Makes `count` coupons without codes; id and first_coupon_id are set. */
enum qt_err coupon_batch_add(struct db *, struct coupon_batch *) QT_USE_RESULT;
/* Its codes are valid from now on. QT_NOT_FOUND; QT_CONFLICT when they were given out before. */
enum qt_err coupon_batch_export(struct db *, const struct server *, int64_t merchant_id, int64_t batch_id, int64_t now_ms,
                                struct coupon_batch *) QT_USE_RESULT;
/* Held by, used by, or given back (order 0, COUPON_FRESH). */
enum qt_err coupon_move(struct db *, int64_t coupon_id, int64_t order_id, enum coupon_state) QT_USE_RESULT;
/* Keep it in a wallet: then only that customer uses it where the customer is known. QT_CONFLICT when it is another's. */
enum qt_err coupon_keep(struct db *, struct coupon *, int64_t customer_id) QT_USE_RESULT;

#endif
