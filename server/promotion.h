/* promotion: a merchant's promotions, what they take off an order, and what was used of them. No HTTP, no JSON. What a
 * promotion does is decided in shared/promo.h; qrtill-promotion(7) tells it for people.
 * Owns the tables promotion, promotion_part, promotion_ref (promotion.c) and promotion_sum, promotion_day,
 * promotion_person, promotion_use, buyer (promotion_use.c).
 *
 * An order holds its uses from the moment it is made: they count against all limits and keep their coupons, so that no
 * limit is passed however many tills sell at once. Paying turns them into uses for good, cancelling and expiry release
 * them, and the refund of the last piece gives them back. */
#ifndef QT_PROMOTION_H
#define QT_PROMOTION_H

#include "server/call.h"
#include "server/merchant.h"
#include "shared/promo.h"

#define PROMOTION_CODE_MAX 32      /* bytes of a shared code */
#define PROMOTIONS_RUNNING_MAX 500 /* of a merchant, not stopped */
#define PROMOTION_PART_ROOM 16     /* promotion_part.id = promotion * this + part */
#define PROMOTION_REF_ROOM 1024    /* promotion_ref.id = promotion * this + number */
#define PROMOTION_USE_ROOM 16      /* promotion_use.id = order * this + number */

enum promotion_use_state { PROMOTION_HELD = 1, PROMOTION_USED, PROMOTION_RELEASED, PROMOTION_GIVEN_BACK };

/* A promotion with its names. */
struct promotion {
	struct promo rule;               /* first, so that its address is the promotion's; uses are 0 unless read */
	int64_t merchant_id, created_ms;
	char name[NAME_MAX_BYTES + 1], name_zh[NAME_MAX_BYTES + 1]; /* name_zh is name when there is no other */
	char code[PROMOTION_CODE_MAX + 1]; /* that all share; empty: none */
};

/* QT_NOT_FOUND also for another merchant's; merchant_id 0: any. Any connection. */
enum qt_err promotion_get(struct db *, int64_t merchant_id, int64_t promotion_id, struct promotion *) QT_USE_RESULT;
/* Insert; p->rule.id is set. QT_BAD_FIELD, QT_NOT_FOUND (items, sections, stores), QT_EXISTS (code), QT_TOO_MANY. Inside
 * a transaction. */
enum qt_err promotion_add(struct db *, struct promotion *, struct problem *) QT_USE_RESULT;
/* running <-> paused -> stopped. QT_CONFLICT when it was stopped. Inside a transaction. */
enum qt_err promotion_set_state(struct db *, struct promotion *, int state, struct problem *) QT_USE_RESULT;
/* The shared code as it is kept: capitals. False: no code. */
bool promotion_code_fold(const char *text, char out[PROMOTION_CODE_MAX + 1]);

/* All promotions of a merchant that are not stopped, by id. In the writer from its memory, valid until the next call;
 * else read, in the arena. */
struct promotion_set {
	const struct promotion *list;
	int count;
	bool sections; /* one of them asks for sections */
};
enum qt_err promotion_set_read(struct db *, int64_t merchant_id, struct arena *, struct promotion_set *) QT_USE_RESULT;
enum qt_err promotion_set_of_writer(struct db *, int64_t merchant_id, struct promotion_set *) QT_USE_RESULT;

/* ---- promotion_price.c ---- */

/* What is asked: a basket and who buys it when and where. */
struct promotion_request {
	int64_t merchant_id, store_id, customer_id; /* customer 0: not known */
	int64_t at_ms;
	struct promo_line *lines;     /* sections are filled in by the call */
	int line_count;
	const char *const *codes;     /* coupons and shared codes as scanned or typed */
	int code_count;
	bool offline;                 /* the till sold it alone: codes and limits were out */
	bool all;                     /* paused ones are judged, too: for the pane where promotions are tried */
};
struct promotion_outcome {
	const struct promotion **promotions; /* promotions[i] of verdicts[i] */
	struct promo_verdict *verdicts;
	int count;
	struct promo_result *result;
	struct { int64_t promo_id, coupon_id; enum promo_why refused; } codes[PROMO_CODES_MOST]; /* what each code is */
	int64_t day;                  /* of the calendar: days since 1970 */
	bool told;                    /* it is not what was judged here, but what the till told the customer */
	int64_t judged_cents;         /* told: what was judged here */
};
/* Judge the merchant's promotions. In the writer or with a read connection (`writer`). Memory is the arena's. */
enum qt_err promotion_judge(struct call *, const struct promotion_request *, bool writer, struct promotion_outcome *)
	QT_USE_RESULT;

/* What a promotion could take off the basket at most, whenever and wherever: a till that was alone may be wrong about when
 * it ran, not about what it does. The rule without its times, stores and state goes into `rule`. 0: nothing, or it needs
 * the server. Any connection. */
enum qt_err promotion_most(struct call *, const struct promotion_request *, const struct promo *, struct promo *rule,
                           int64_t *most_cents) QT_USE_RESULT;

/* ---- promotion_use.c ---- */

struct promotion_uses {
	int64_t uses, spent_cents;
};
/* Zeroes before the first use. Any connection. */
enum qt_err promotion_uses_get(struct db *, int64_t promotion_id, struct promotion_uses *) QT_USE_RESULT;
/* Fill the used members of a rule, as far as it has limits. */
enum qt_err promotion_read_uses(struct db *, int64_t customer_id, int64_t day, struct promo *) QT_USE_RESULT;

/* Everything below is inside a transaction. The order exists. */
/* Write the uses of a new order: held, or used when it is `paid` already. */
enum qt_err promotion_hold(struct db *, int64_t order_id, int64_t customer_id, const struct promotion_outcome *,
                           bool paid) QT_USE_RESULT;
/* Move all uses of an order: held -> used (paid) or released (cancelled, expired), used -> given back (refunded). */
enum qt_err promotion_move(struct db *, int64_t order_id, enum promotion_use_state to) QT_USE_RESULT;
/* The customer bought here. */
enum qt_err promotion_note_buyer(struct db *, int64_t merchant_id, int64_t customer_id) QT_USE_RESULT;
enum qt_err promotion_is_buyer(struct db *, int64_t merchant_id, int64_t customer_id, bool *) QT_USE_RESULT;

#endif
