/* rebate_split: who gets how much of a sale's rebates, and how much a refund takes back. Pure.
 * Described in qrtill-rebate(7). */
#ifndef QT_REBATE_SPLIT_H
#define QT_REBATE_SPLIT_H

#include "shared/money.h"

#define REBATE_LEVELS_CAP 12 /* no configuration allows more levels */
#define REBATE_NO_LIMIT INT64_C(-1)

/* Why an order paid rebates or did not; stored, never renumbered. X(NAME, number, "wire name") */
#define REBATE_OUTCOMES(X) \
	X(NONE,          0, "none")             /* no campaign */ \
	X(PAID,          1, "paid") \
	X(CUT,           2, "cut")              /* paid, but less, because of a cap or the budget */ \
	X(CLOSED,        3, "campaign-closed")  /* not running when it was paid */ \
	X(PREFUND_EMPTY, 4, "prefund-empty")    /* the merchant's prepayment does not cover it */ \
	X(BUDGET_USED,   5, "budget-used")      /* campaign's budget or the order's cap leaves nothing */ \
	X(NOBODY,        6, "nobody")           /* nobody who may earn: self-referral, day caps, or too small */ \
	X(NO_ITEM,       7, "no-item")          /* the campaign's item is not in the order */
enum rebate_outcome {
#define X(name, number, wire) REBATE_##name = number,
	REBATE_OUTCOMES(X)
#undef X
};
const char *rebate_outcome_name(int);

/* The parts of one sale: promoters from the nearest up, then the others. */
enum { REBATE_PART_CHANNEL = REBATE_LEVELS_CAP, REBATE_PART_AGENT, REBATE_PART_PLATFORM, REBATE_PARTS };

struct rebate_request {
	int64_t base_cents;               /* what counts of the sale */
	int levels;                       /* how many of rate_bp are used */
	int64_t rate_bp[REBATE_PARTS];    /* per level; and of channel, agent, platform; 0: nothing */
	bool present[REBATE_PARTS];       /* there is somebody who may earn it */
	int64_t day_left[REBATE_LEVELS_CAP]; /* what this person may still earn today; REBATE_NO_LIMIT */
	int64_t cap_order_cents;          /* REBATE_NO_LIMIT */
	int64_t budget_left_cents;        /* REBATE_NO_LIMIT */
	int64_t prefund_cents;            /* the merchant's prepayment */
};
struct rebate_split {
	int64_t part[REBATE_PARTS];
	int64_t total_cents;
	enum rebate_outcome outcome;
};
/* Each part is its rate of the base, rounded down, and at most what the person may earn today. When the sum
 * passes the order's cap or the budget, all parts shrink in proportion (largest remainder). When the prefund does
 * not cover the sum, nobody gets anything. The parts always sum to total_cents. */
void rebate_split(const struct rebate_request *, struct rebate_split *);

/* What is left of a part when `refunded_cents` of an order of `total_cents` were given back; rounded down, 0 when
 * all was given back. A refund takes back the difference of before and after. */
int64_t rebate_kept(int64_t part_cents, int64_t total_cents, int64_t refunded_cents);

#endif
