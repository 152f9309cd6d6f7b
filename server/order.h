/* order: orders and their lines: what was bought, at the catalogue's prices. No HTTP, no JSON.
 * Owns the tables sold_item, sold_unit, till_sequence, orders, order_line,
 * order_option and order_step. Payments are payment.h's, the settling journal is
 * settle.h's.
 *
 * Document of a sale's journal (journal.document, hashed into the seal chain): 64-bit little-endian integers,
 * columns in the order of the schema:
 *   1                                                   (layout)
 *   orders:     id .. rebate_outcome, with the merchant's currency after created_ms (16 numbers)
 *   how many lines; each order_line: id .. tax_cents    (5 numbers), by id
 * and of a sale whose prices have steps, or that has measured goods
 *   3
 *   orders:     as above
 *   how many lines; each order_line: id .. amount_cents (6 numbers, the last as it is computed when NULL), by id
 *   how many steps; each order_step: id .. approval_id  (6 numbers), by id
 * then in both
 *   how many payments; each payment: id .. received_cents (8 numbers) of those that settled the order, by id
 * and of a sale of which cash was rounded 5 instead of 1, 7 instead of 3, and of each payment after received_cents also
 * cash_rounding_cents and rounding_cents (10 numbers)
 * Document of a refund's journal:
 *   2
 *   refund:     id .. rebate_cents                      (10 numbers)
 *   how many lines; each refund_line: id .. tax_cents   (4 numbers), by id
 *   how many tenders; each refund_tender: id .. points  (4 numbers), by id
 * and when cash was rounded 6 instead of 2, and of each refund_tender after points also rounding_cents (5 numbers) */
#ifndef QT_ORDER_H
#define QT_ORDER_H

#include "server/approval.h"
#include "server/call.h"
#include "server/exemption.h"
#include "server/merchant.h"
#include "server/order_state.h"
#include "server/payment.h"
#include "server/server.h"
#include "shared/price.h"

#define ORDER_LINES_MAX 250
#define ORDER_LINE_ROOM 256       /* line id = order * ORDER_LINE_ROOM + line number */
#define ORDER_STEP_ROOM 4096      /* step id = order * ORDER_STEP_ROOM + step number */
#define ORDER_REASON_MAX 80
#define ORDER_CUTS_MAX 500        /* told by a till */
#define ORDER_QUANTITY_MAX QUANTITY_LINE_MOST
#define ORDER_TTL_MS (12 * INT64_C(3600000)) /* an open order expires after this: a till's day */

/* A row of orders; members as the columns of 0004-sale.sql, 0 is none. currency is the merchant's. */
struct order {
	int64_t id, merchant_id, terminal_id, number, staff_id, created_ms, currency, tax_cents, total_cents, customer_id,
		campaign_id, share_id, receipt_number, points_earned, rebate_cents, rebate_outcome;
	int64_t state, expires_ms, paid_after_ms, last_payment_id, last_refund_id;
};

/* A line with what its item was when it was sold. Texts live in the arena it was read into. */
struct order_line {
	int64_t id, sold_item_id, quantity, price_cents, tax_cents; /* quantity: thousandths of a measured unit, else pieces */
	int64_t amount_cents; /* after all steps; contains the tax when inclusive */
	int64_t total_cents; /* tax included */
	int64_t item_id, rate_bp, tax_id;
	bool inclusive;      /* price_cents contains the tax */
	const char *name;
	const char *name_zh; /* NULL: as name */
	const char *note;    /* NULL: none */
	const char *unit;    /* kg, g, l or m; NULL: sold by the piece */
};

/* A row of order_step; texts live in the arena it was read into. */
struct order_step {
	int64_t id, line_no, kind, amount_cents, rate_bp, approval_id;
	const char *reason;   /* NULL: none */
	const char *approver; /* name of who approved; NULL: nobody needed to */
};

/* A row of order_option; texts live in the arena it was read into. */
struct order_option {
	int64_t line_no, choice_id;
	int64_t price_cents; /* of one piece */
	const char *name;
	const char *name_zh; /* NULL: as name */
};

/* Last order and receipt number of a till. */
struct till_sequence {
	int64_t last_number, last_receipt;
};

/* An order with everything that belongs to it, in memory: what settle, refund, receipt and the replies work on. */
struct sale {
	struct order order;
	struct order_line *lines;
	int line_count;
	struct order_step *steps;              /* how the lines' amounts came about, by line; NULL: plain prices */
	int step_count;
	struct order_option *options;          /* chosen for the lines, by line; NULL: none */
	int option_count;
	struct sale_promotion {                /* that took something off */
		int64_t promotion_id, saved_cents;
		const char *name, *name_zh;
	} *promotions;
	int promotion_count;
	struct order_card *cards;              /* that lines sell or top up, by card; NULL: none */
	int card_count;
	struct payment payments[PAYMENTS_MAX]; /* oldest first */
	int payment_count;
	struct merchant merchant;
	int64_t store_id;                      /* of the terminal */
	struct exemption exemption;            /* by which a new order is sold without tax; id 0: none */
	struct till_sequence sequence;         /* read and written back by who makes or settles */
};
/* Are the lines written with their amounts (layout 3)? */
static inline bool sale_is_stepped(const struct sale *sale)
{
	bool measured = false;

	for (int i = 0; i < sale->line_count; i++)
		measured |= sale->lines[i].unit != NULL;
	return measured || sale->step_count > 0;
}

/* Number of a line within its order, from 1. */
static inline int64_t order_line_no(const struct order_line *l)
{
	return l->id % ORDER_LINE_ROOM;
}

/* What a till asks for; texts are borrowed. Members as in the API. */
struct order_line_request {
	int64_t item_id;      /* 0: by barcode */
	const char *barcode;  /* or PLU, or SKU; NULL: by item_id */
	int64_t quantity;     /* pieces; 0: not given */
	int64_t quantity_milli; /* thousandths of the unit of measured goods; 0: not given */
	int64_t price_cents;  /* -1: the catalogue's */
	const char *price_reason; /* why another price than the catalogue's; NULL: an open price, or no other */
	struct order_discount_request {
		int64_t rate_bp, amount_cents; /* one of them; both 0: none */
		const char *reason;
	} discount;
	const char *note;     /* NULL: none */
	struct field_list options; /* of int64_t: choices of its item's options; of a group that must be chosen from: presets when none */
	int64_t card_id;      /* a card is sold or topped up, not an item; of several the first. 0: an item */
	int card_use;         /* enum order_card_use, less 1 */
};
struct order_request {
	int64_t number;       /* 0: the server gives the next */
	int64_t at_ms;        /* when the till sold it; 0: now */
	const struct order_line_request *lines;
	int line_count;
	struct order_discount_request discount; /* of the whole order */
	const int64_t *approvals; /* ids; each covers what it names */
	int approval_count;
	const char *const *codes; /* of promotions: coupons, or codes that all share */
	int code_count;
	enum order_promotions { ORDER_PROMOTIONS_ALL, ORDER_PROMOTIONS_PLAIN, ORDER_PROMOTIONS_NONE,
		ORDER_PROMOTIONS_TOLD } promotions;
	const struct order_cut {
		int64_t promotion_id, line_no, saved_cents;
	} *cuts;                /* TOLD: what the till took off while it was alone */
	int cut_count;
	int64_t expected_cents; /* what the till told the customer; -1: it did not say */
	const char *share;    /* SHARE or CAMPAIGN code; NULL: none */
	const char *customer; /* IDENTITY code; NULL: not known */
	int tax_exempt;       /* what the till told the customer: 1 no tax, 0 tax; -1: as the customer's certificate says */
	const struct tender *payments;
	int payment_count;
};

/* Price the lines, take the payments, and settle when they cover the total: all of it or nothing. QT_EXISTS (number),
 * QT_NOT_FOUND, QT_BAD_FIELD, and what the payments refuse; fields are named "lines[i]..." and "payments[i]...".
 * Inside a transaction. `sale` is filled; its lines live in the call's arena. */
enum qt_err order_make(struct call *, const struct order_request *, struct sale *) QT_USE_RESULT;

/* Price the lines of a new sale (order_price.c), `labels` as their barcodes said:
 * amounts, tax, totals and steps. QT_NEEDS_APPROVAL above the cashier's
 * limits; the approvals that cover it are checked and left in `used`, for approval_use once the order is there. */
struct order_approvals {
	struct approval list[APPROVALS_MAX];
	int count;
};
struct promotion_outcome;
struct label_code;
enum qt_err order_price(struct call *, const struct order_request *, const struct label_code *labels, struct sale *,
                        struct order_approvals *used,
                        struct promotion_outcome *) QT_USE_RESULT;
/* Promotions of the lines after their discounts (order_promotion.c): what they take off into promotion_cents, which into
 * the sale. QT_COUPON_REFUSED names the code and why. */
struct price_order;
enum qt_err order_promotions(struct call *, const struct order_request *, struct sale *, struct price_order *,
                             struct promotion_outcome *) QT_USE_RESULT;
/* A line in the audit log when the till took off something else than was judged. After the order has its id. */
enum qt_err order_promotions_note(struct call *, const struct sale *, const struct promotion_outcome *) QT_USE_RESULT;
/* Which promotions an order's steps came from. Any connection. */
enum qt_err order_promotions_load(struct db *, struct arena *, struct sale *) QT_USE_RESULT;
/* Steps of an order into the sale; names of approvers with them. Any connection. */
enum qt_err order_steps_load(struct db *, struct arena *, struct sale *) QT_USE_RESULT;
enum qt_err order_steps_insert(struct db *, const struct sale *) QT_USE_RESULT;
/* Options of a new sale's line (order_option.c): what was chosen of the groups of its item, behind the sale's others. Errors name
 * the field. */
struct item;
enum qt_err order_options_take(struct call *, const struct order_line_request *, int i, const struct item *, struct sale *)
	QT_USE_RESULT;
/* What the options of a line (number from 1) add to the price of one. */
int64_t order_options_cents(const struct sale *, int64_t line_no);
enum qt_err order_options_insert(struct db *, const struct sale *) QT_USE_RESULT;
/* Any connection. */
enum qt_err order_options_load(struct db *, struct arena *, struct sale *) QT_USE_RESULT;
/* Number of the certificate by which lines were sold without tax; NULL: none was. */
const char *sale_certificate(const struct sale *);
/* What was taken off a line (number from 1), or, with 0, off all of them: positive. Without the tax of an exemption. */
int64_t sale_discount_cents(const struct sale *, int64_t line_no);
/* Sum of the steps of one kind; what was taken off is negative. */
int64_t sale_step_cents(const struct sale *, int kind);

/* Any connection. QT_NOT_FOUND; merchant_id 0: any merchant's. */
enum qt_err order_get(struct db *, int64_t merchant_id, int64_t order_id, struct order *) QT_USE_RESULT;
/* The order with lines and payments. */
enum qt_err sale_load(struct db *, int64_t merchant_id, int64_t order_id, struct arena *, struct sale *) QT_USE_RESULT;

/* What of the total is covered (settled or held), what may still come (a provider was asked), and what is asked
 * by open codes. */
struct sale_sums {
	int64_t paid_cents, pending_cents, open_cents;
};
struct sale_sums sale_sums(const struct sale *);

/* Write state, sums and chain heads of an order back. QT_CONFLICT when the state may not follow. */
enum qt_err order_update(struct db *, struct order *, int new_state) QT_USE_RESULT;
/* open -> cancelled: open codes end, held parts go back. QT_ORDER_CLOSED; QT_CONFLICT while a provider's answer is due
 * that was asked less than `give_up_ms` ago; what such a one pays later is late money. */
enum qt_err order_cancel(struct db *, struct sale *, int64_t actor_id, int64_t now_ms, int64_t give_up_ms, struct problem *)
	QT_USE_RESULT;
/* A job: open orders and open payments whose time is over; at most `max` a call, *count says how many. */
enum qt_err order_expire_due(struct db *, int64_t now_ms, int max, int *count) QT_USE_RESULT;

/* Numbers of a till. Zeroes for a till that never sold. Any connection. */
enum qt_err till_sequence_get(struct db *, int64_t terminal_id, struct till_sequence *) QT_USE_RESULT;
/* The same in the writer, from its memory. Inside a transaction. */
enum qt_err till_sequence_of_writer(struct db *, int64_t terminal_id, struct till_sequence *) QT_USE_RESULT;
enum qt_err till_sequence_put(struct db *, int64_t terminal_id, const struct till_sequence *) QT_USE_RESULT;

/* Canonical bytes (above) of a sale whose payments are settled. */
void sale_document(const struct sale *, struct buf *);

/* Insert rows of a sale that is new: order and lines. Payments are written by payment_insert. */
enum qt_err sale_insert(struct db *, const struct sale *) QT_USE_RESULT;

/* The JSON object of an order, members only (into an object that is open). `as_paid`: as it was when it was paid,
 * whatever came later: what the first answer said. The parts are shared with the receipt. */
void sale_json(struct json *, const struct server *, const struct sale *, bool as_paid);
void sale_json_amounts(struct json *, const struct sale *, bool as_paid);
/* How much of a line: quantity of pieces, or quantity_milli with unit and quantity_text. */
void quantity_json(struct json *, int64_t quantity, const char *unit);
void sale_json_lines(struct json *, const struct sale *);
void sale_json_steps(struct json *, const struct sale *); /* nothing when there are none */
void sale_json_promotions(struct json *, const struct sale *); /* the same */
void sale_json_payments(struct json *, const struct server *, const struct sale *, bool settled_only);
void payment_json(struct json *, const struct server *, const struct payment *, int64_t currency, int64_t store_id,
                  bool as_paid);

#endif
