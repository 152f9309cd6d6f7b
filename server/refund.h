/* refund: goods taken back: money to the tenders it came from, points and rebates follow. No HTTP, no JSON.
 * Owns the tables refund, refund_line and refund_tender. The document of its journal is described in order.h.
 *
 * Lines give back their part of what was stored (price_part), so that the last piece brings the rest of the line
 * to the cent. Money goes back to the payments in proportion to what each has left. Fee, earned points and every
 * rebate shrink to rebate_kept of their part; what was released by then comes out of the promoter's available
 * rebates, which may so become negative and are made up by the next ones. Earned points are taken back as far as
 * they are still there. Points that had lowered the price go back in proportion to what they had taken off the pieces.
 *
 * Cash is given back by the rounding it was taken by: what was given back of a payment so far is rounded as a whole, so
 * that refunds in parts come to what the customer paid. */
#ifndef QT_REFUND_H
#define QT_REFUND_H

#include "server/ledger.h"
#include "server/order.h"

#define REFUND_LINE_ROOM 256
#define REFUND_TENDER_ROOM 16
#define REFUND_REASON_MAX 200

enum refund_tender_state { REFUND_TENDER_DONE = 1, REFUND_TENDER_WAITING = 2 };

/* Rows; members as the columns of 0004-sale.sql and 0027-cash-rounding.sql, 0 is none. */
struct refund {
	int64_t id, order_id, terminal_id, staff_id, approved_by, created_ms, amount_cents, tax_cents, points, rebate_cents;
	int64_t previous_id;
	const char *reason;
};
struct refund_line {
	int64_t id, quantity, amount_cents, tax_cents; /* quantity as in order_line */
};
struct refund_tender {
	int64_t id, payment_id, amount_cents, points, state, rounding_cents;
};

struct refund_line_request {
	int64_t line_no;
	int64_t quantity;       /* pieces; 0: not given */
	int64_t quantity_milli; /* thousandths of the unit of measured goods; 0: not given */
};
struct refund_request {
	const struct refund_line_request *lines;
	int line_count;       /* 0: everything that is left */
	const char *reason;
	int64_t approved_by;  /* manager whose number and PIN came with this request; 0: none */
	bool withdrawn;       /* by withdraw.h: without a limit */
};

/* Everything a refund does, worked out before anything is written: preview and refund share it. */
struct refund_plan {
	struct refund refund;
	struct refund_line lines[ORDER_LINES_MAX];
	int line_count;
	struct refund_tender tenders[PAYMENTS_MAX];
	int tender_count;
	int64_t before_cents;    /* given back earlier */
	int64_t points_off_cents, points_off_before_cents; /* of what points had taken off these lines; by earlier refunds */
	int64_t pieces_left;     /* of all lines, after this refund */
	int64_t rounding_cents;  /* of all tenders: the drawer gives so much more than they are worth */
	int64_t held_cents;      /* of rebate_cents: what people had not got yet */
	struct posting postings[LEDGER_POSTINGS_MAX];
	int posting_count;
	bool needs_approval;     /* a cashier may not do this alone */
	struct refund_card {     /* value that comes back from a card */
		int64_t order_card_id, card_id, number, amount_cents;
		bool freeze;         /* the sale had sold the card: it pays nothing more */
	} *cards;                /* in the call's arena */
	int card_count;
	int64_t cards_cents;     /* of all of them, part of the refund's amount */
	int64_t cards_before_cents; /* by earlier refunds */
};
/* QT_CONFLICT (not paid, or nothing is left), QT_NOT_FOUND (line_no), QT_REFUND_TOO_LARGE (quantity). Any
 * connection. */
enum qt_err refund_work_out(struct call *, const struct sale *, const struct refund_request *, struct refund_plan *)
	QT_USE_RESULT;
/* Do it. QT_NEEDS_APPROVAL. The sale is updated. Inside a transaction. */
enum qt_err refund_make(struct call *, struct sale *, const struct refund_request *,
                        struct refund_plan *) QT_USE_RESULT;

/* Refunds of an order, oldest first; at most `max`. Reasons live in the arena. Any connection. */
enum qt_err refund_list(struct db *, int64_t last_refund_id, struct arena *, struct refund *, int max, int *count)
	QT_USE_RESULT;

#endif
