/* promo_parts: what the files of the promotion engine share: the lines as promotions change them. See promo.h. */
#ifndef QT_PROMO_PARTS_H
#define QT_PROMO_PARTS_H

#include "shared/promo.h"

/* A line while promotions are applied. A piece serves in one set only; what it is worth may still be reduced. */
struct promo_left {
	int64_t open_pieces; /* not in a set yet; 0 for weighed lines */
	int64_t open_cents;  /* what those are worth, or the weighed line is */
	int64_t used_cents;  /* what the pieces in sets still cost */
};
struct promo_work {
	const struct promo_basket *basket;
	uint64_t items, sections;         /* filters: no bit of an id set: it is not in the basket */
	uint8_t parts[PROMO_LINES_MOST];  /* of the promotion that was fitted last: bit k: the line belongs to part k */
	struct promo_left left[PROMO_LINES_MOST];
};
void promo_work_start(struct promo_work *, const struct promo_basket *);
/* The lines as they are in another work of the same basket. */
void promo_work_copy(struct promo_work *, const struct promo_work *from);

/* Find which lines belong to the promotion's parts; everything below goes by that. Returns how many pieces they have;
 * weighed lines count as one. 0: nothing is fitted. */
int64_t promo_fit(const struct promo *, struct promo_work *);
/* Whole sets that the open pieces make, up to sets_max; *missing gets how many pieces the first one lacks. */
int64_t promo_sets(const struct promo *, const struct promo_work *, int64_t *missing);

/* Take the promotion's reduction off the lines and write it into cuts (one per line, zeroed by this call). Returns the
 * sum; 0: the work is as before. */
int64_t promo_apply(const struct promo *, struct promo_work *, int64_t *cuts);

#endif
