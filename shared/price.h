/* price: what lines and orders cost, and why. Pure: no database, no clock. The server and the till use this one file, so
 * that both come to the same cent; the server's word counts. qrtill-price(7) tells it for people.
 *
 * The way of a price, each step on what the step before left:
 *   1. base             price of one * quantity (a measured quantity is in thousandths: rounded once); the price on
 *                      the pack's own label counts instead, the difference is a step
 *   2. override         another price of one, given at the till: the difference to the base
 *   3. options          what was chosen adds to the price of one (or takes off), times the quantity
 *   4. line discount    a rate (rounded) or an amount, of this line
 *   5. promotions       what the caller puts into promotion_cents between price_begin and price_finish
 *   6. order discount   a rate (rounded) or an amount of the sum, split over the lines by largest remainder
 *   7. points           an amount the customer's points take off, split the same way
 *   8. exemption        prices that contain tax lose it; no tax is added
 *   9. tax              of each line by its own rate, contained or added, rounded once per line
 * The one rounding rule is half away from zero (money_ratio). Parts of a line are differences of rounded running
 * parts, so that they sum to the line exactly. */
#ifndef QT_PRICE_H
#define QT_PRICE_H

#include "shared/money.h"
#include "shared/quantity.h"

/* The steps by which an amount changes, as they are stored and shown. Numbers are stored and never reused.
 * X(KIND, number, "wire name") */
#define PRICE_STEPS(X) \
	X(OVERRIDE, 1, "price") X(LINE_DISCOUNT, 2, "line-discount") X(PROMOTION, 3, "promotion") \
	X(ORDER_DISCOUNT, 4, "order-discount") X(EXEMPT, 5, "tax-exempt") X(LABEL, 6, "label") X(POINTS, 7, "points") \
	X(OPTION, 8, "option")
enum price_step_kind {
#define X(name, number, wire) STEP_##name = number,
	PRICE_STEPS(X)
#undef X
};
const char *price_step_name(int kind); /* "line-discount"; "unknown" */
int price_step_by_name(const char *name); /* 0: no such step */

/* What is paid in cash for `cents` (0 or more) when the smallest coin is `coin_cents`: half up. 0 and 1: nothing is
 * rounded. */
int64_t price_in_cash(int64_t cents, int64_t coin_cents);
/* May a store round cash to this? 1 (not at all), 5, 10, 50 or 100. */
bool price_is_coin(int64_t coin_cents);

/* What somebody takes off: a rate or an amount; both 0: nothing. */
struct price_discount {
	int64_t rate_bp;      /* 1 to 10000 */
	int64_t amount_cents; /* 1 or more; when rate_bp is 0 */
};

struct price_line {
	int64_t quantity;    /* pieces, or thousandths when `measured`; 1 or more */
	int64_t price_cents; /* of one, as in the catalogue or typed for an open price */
	int64_t rate_bp;     /* tax */
	bool inclusive;      /* the price contains the tax */
	int64_t tax_cents;   /* out */
	int64_t total_cents; /* out: what the customer pays, tax included */
	bool measured;       /* quantity is in thousandths of a unit */
	bool fixed;          /* takes no part in the order's discount, nor do points: value put on a card */
	bool labelled;       /* label_cents counts for all of it instead of price_cents * quantity */
	int64_t label_cents;
	int64_t option_cents; /* what its options add to the price of one; negative: take off */
	bool overridden;     /* new_price_cents counts instead of price_cents */
	int64_t new_price_cents;
	struct price_discount discount;
	int64_t promotion_cents;      /* taken off by promotions; the caller's */
	/* out; what is taken off is positive */
	int64_t base_cents;           /* price_cents * quantity */
	int64_t label_step_cents;     /* the label's price less base; may be of either sign */
	int64_t option_step_cents;    /* option_cents * quantity */
	int64_t override_cents;       /* new price less what the line cost; may be of either sign */
	int64_t discount_cents;
	int64_t order_discount_cents;
	int64_t points_cents;         /* taken off for points */
	int64_t exempt_cents;         /* tax that was in the price and is not due */
	int64_t amount_cents;         /* after all steps; contains the tax when inclusive */
};

struct price_order {
	struct price_line *lines;
	int count;
	struct price_discount discount; /* of the order */
	int64_t points_cents;           /* that points take off; 0: none do */
	bool exempt;                    /* the customer pays no tax */
	/* out */
	int64_t discount_cents;         /* of the order, over all lines */
	int64_t tax_cents, total_cents;
	int bad_line;                   /* on error: index of the line; -1: the order's discount; -2: points */
};

/* Steps 1 to 4. QT_OVERFLOW; QT_OUT_OF_RANGE: a discount of more than is left. */
enum qt_err price_begin(struct price_order *) QT_USE_RESULT;
/* What the steps so far leave of a line, before promotions and the order's discount. */
int64_t price_left(const struct price_line *);
/* Is this line sold without the tax it has? */
static inline bool price_line_exempt(const struct price_order *o, const struct price_line *l)
{
	return o->exempt && l->rate_bp > 0;
}
/* Steps 6 to 9, and the sums. The same errors; QT_OUT_OF_RANGE also for promotions of more than is left. */
enum qt_err price_finish(struct price_order *) QT_USE_RESULT;

/* All lines without discounts: tax and total of each line and the sums. QT_OVERFLOW with the line's index in
 * *bad_line. */
enum qt_err price_lines(struct price_line *lines, int count, int64_t *tax_cents, int64_t *total_cents, int *bad_line)
	QT_USE_RESULT;

/* What people took off by hand, lines and order together, without promotions; and what it was taken of. */
struct price_given {
	int64_t discount_cents, override_cents; /* override: how much below the catalogue's prices; 0 when above */
	int64_t base_cents;
};
struct price_given price_given(const struct price_order *);
/* May someone with these limits take so much off? A limit is passed by more than `limit_cents` or by more than
 * `limit_bp` of the base. */
bool price_within(int64_t taken_cents, int64_t base_cents, int64_t limit_bp, int64_t limit_cents);

/* The part of `whole` that `pieces` more of `all` take when `before` were taken already: the parts of any sequence of
 * takings that ends with all sum to whole. 0 <= before, before + pieces <= all, all > 0. */
int64_t price_part(int64_t whole, int64_t before, int64_t pieces, int64_t all);

#endif
