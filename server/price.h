/* price: what lines, orders and parts of them cost. Pure: no database, no clock.
 * The one rounding rule: tax is rounded once per line, half away from zero (money_ratio); parts of a line are
 * differences of rounded running parts, so that they sum to the line exactly. */
#ifndef QT_PRICE_H
#define QT_PRICE_H

#include "shared/money.h"

struct price_line {
	int64_t quantity;    /* pieces, 1 or more */
	int64_t price_cents; /* of one piece */
	int64_t rate_bp;     /* tax */
	bool inclusive;      /* the price contains the tax */
	int64_t tax_cents;   /* out */
	int64_t total_cents; /* out: tax included */
};

/* Fill tax and total of each line and the sums over all. QT_OVERFLOW with the line's index in *bad_line. */
enum qt_err price_lines(struct price_line *lines, int count, int64_t *tax_cents, int64_t *total_cents, int *bad_line)
	QT_USE_RESULT;

/* The part of `whole` that `pieces` more of `all` take when `before` were taken already: the parts of any sequence of
 * takings that ends with all sum to whole. 0 <= before, before + pieces <= all, all > 0. */
int64_t price_part(int64_t whole, int64_t before, int64_t pieces, int64_t all);

#endif
