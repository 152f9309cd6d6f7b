/* practice_rows: what practice.c and practice_shift.c share: the rows of a training's books. Amounts in minor units. */
#ifndef QT_POS_PRACTICE_ROWS_H
#define QT_POS_PRACTICE_ROWS_H

#include "pos/cart.h"
#include "pos/practice.h"

#define PRACTICE_SALES 50 /* the newest; older ones cannot be looked at any more */
#define PRACTICE_PARTS 16 /* of a sale */
#define PRACTICE_MOVES 64 /* of a shift */

enum practice_method { PRACTICE_CASH, PRACTICE_BANK, PRACTICE_CODE, PRACTICE_METHODS };
enum practice_state { PART_OPEN, PART_HELD, PART_SETTLED, PART_CANCELLED };

struct practice_part {
	int64_t id;
	enum practice_method method;
	enum practice_state state;
	int64_t amount_cents, refunded_cents;
	int64_t coin_cents; /* what cash was rounded to; 0: not rounded */
	int64_t at_ms;      /* when it was asked for */
	char approval[64];  /* of the bank's terminal */
};

struct practice_sale {
	int64_t id;         /* 0: the place is free */
	int64_t receipt;    /* its number; 0: not paid */
	int64_t at_ms;
	int64_t total_cents, tax_cents, discount_cents, change_cents;
	bool cancelled;
	struct json_t *goods; /* owned: "lines" and "steps" of an order */
	int64_t back[CART_LINES_MOST]; /* of each line's quantity, given back */
	struct practice_part parts[PRACTICE_PARTS];
	int part_count;
};

struct practice_sum {
	int64_t count, amount_cents;
};

struct practice_move {
	const char *kind;   /* "float", "cash-in" ... */
	int64_t amount_cents;
	char reason[128];
};

struct practice_shift {
	bool open, automatic;
	int64_t number, opened_ms;
	int64_t receipt_from, receipt_to;
	struct practice_sum sales, refunds;
	int64_t tax_cents, discount_cents;
	int64_t rounding_cents, refund_rounding_cents; /* of cash */
	struct practice_sum sold[PRACTICE_METHODS], given_back[PRACTICE_METHODS];
	struct practice_move moves[PRACTICE_MOVES];
	int move_count;
};

struct practice {
	struct practice_sale sales[PRACTICE_SALES]; /* of order N in place N modulo their number */
	int64_t last_order, last_part, last_receipt, last_refund, last_report, last_shift;
	struct practice_shift shift;
};

extern const char *const practice_methods[PRACTICE_METHODS]; /* as in the API */
/* What cash for the next `cents` of a part, taken or given back behind `before`, differs from them. */
int64_t practice_rounding(const struct practice_part *, int64_t before, int64_t cents);
/* A sale or a refund opens a shift when there is none. */
void practice_shift_need(const struct practice_call *);
/* Rows {NAME, "count", "amount_cents"} of those that are not empty. */
void practice_sums_json(struct json *, const char *array, const char *name, const struct practice_sum *);

#endif
