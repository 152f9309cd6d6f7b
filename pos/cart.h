/* cart: the lines of the sale under way. Pure: no file, no network, no screen. Totals are computed by shared/price.h as
 * the server does, so that both agree; where they do not, the server is right. */
#ifndef QT_POS_CART_H
#define QT_POS_CART_H

#include "pos/till_items.h"
#include "shared/buf.h"
#include "shared/price.h"

#define CART_LINES_MOST 250
#define CART_QUANTITY_MOST QUANTITY_LINE_MOST
#define CART_CARDS_MOST 500 /* of one line */
#define CART_REASON_ROOM 81
#define CART_APPROVALS_MOST 8
#define CART_COUPONS_MOST 8
#define CART_PROMOTIONS_MOST 12
#define CART_NOTE_ROOM 121
#define CART_CERTIFICATE_ROOM 41

struct cart_line {
	int64_t item_id;
	int64_t quantity;    /* pieces; thousandths when the unit is measured */
	int64_t price_cents; /* of one; as in the catalogue, or as typed; without its options */
	int64_t rate_bp;
	int64_t tax_cents;   /* of the line, contained in total_cents */
	int64_t total_cents; /* what the customer pays for it */
	int64_t promotion_cents; /* what promotions take off it, as the server said for promotions_for */
	int64_t card_id;     /* a prepaid card is sold or topped up, not an item; of several the first. 0: an item */
	bool top_up;         /* of the card; else it is sold */
	bool open_price;     /* the cashier typed the price: it is sent */
	bool overridden;     /* new_price_cents counts instead of the catalogue's */
	int64_t new_price_cents;
	char price_reason[CART_REASON_ROOM];
	struct price_discount discount;
	char discount_reason[CART_REASON_ROOM];
	char unit[QUANTITY_UNIT_ROOM]; /* of a measured item; empty: sold by the piece */
	char label[LABEL_ROOM];        /* barcode with the price inside; empty: none */
	int64_t label_cents;           /* what it says */
	struct cart_option options[OPTIONS_MOST]; /* what was chosen */
	int option_count;
	char note[CART_NOTE_ROOM]; /* on the receipt; empty: none */
	struct price_line price; /* how the total came about, as of the last cart_price */
	char name[NAME_ROOM], name_zh[NAME_ROOM];
};
/* A manager's leave, as the server gave it. */
struct cart_approval {
	int64_t id, amount_cents, expires_ms;
	bool price; /* to set prices; else for discounts */
};
/* Who buys, as the server said. */
struct cart_customer {
	int64_t customer_id;        /* 0: nobody, or it was not asked yet */
	int64_t level, points;      /* at this merchant; level 0: none */
	char certificate[CART_CERTIFICATE_ROOM]; /* by which no tax is due; empty: tax is due */
};
struct cart {
	struct cart_line lines[CART_LINES_MOST];
	int count;
	bool inclusive;       /* prices contain the tax */
	int64_t tax_cents, total_cents;
	struct price_discount discount; /* of the whole */
	char discount_reason[CART_REASON_ROOM];
	int64_t discount_cents;         /* what it takes off */
	struct cart_points {
		int64_t off_cents;          /* what the customer's points take off; 0: nothing */
		char identity_code[256];    /* whose */
	} points;
	struct price_given given;       /* what was taken off by hand, as of the last cart_price */
	struct cart_approval approvals[CART_APPROVALS_MOST];
	int approval_count;
	char coupons[CART_COUPONS_MOST][256]; /* codes that were scanned */
	int coupon_count;
	struct cart_customer customer;
	int64_t age_checked;            /* years the customer was found to have; 0: not asked yet */
	uint64_t promotions_for;        /* cart_mark of the lines the server spoke of; 0: it has not */
	bool promotions_told;           /* they were judged here, while the server was away */
	struct cart_promotion {
		int64_t id, saved_cents;
		int64_t cuts[CART_LINES_MOST]; /* told: what it takes off each line */
		char name[NAME_ROOM], name_zh[NAME_ROOM];
	} promotions[CART_PROMOTIONS_MOST]; /* that take something off */
	int promotion_count;
};

/* A mark of all that promotions depend on; never 0. Another mark: what the server said is not true of these lines. */
uint64_t cart_mark(const struct cart *);
/* True while promotion_cents are those of the present lines; else cart_price leaves them out. */
bool cart_has_promotions(const struct cart *);
/* What promotions take off all lines. */
int64_t cart_promotion_cents(const struct cart *);

/* Add `quantity` (pieces, or thousandths of a measured unit) of an item: measured and labelled goods on a line of their own,
 * others to the line that has it at the same price, else to a new one. *line (or NULL) gets its
 * index. QT_TOO_LONG, QT_OUT_OF_RANGE, QT_OVERFLOW; the cart is then unchanged. */
enum qt_err cart_add(struct cart *, const struct till_item *, int64_t quantity, int *line) QT_USE_RESULT;
/* A line that sells `quantity` prepaid cards from this one on, or tops one up. QT_EXISTS: the card is on a line;
 * QT_TOO_LONG, QT_OUT_OF_RANGE, QT_OVERFLOW; the cart is then unchanged. */
enum qt_err cart_add_card(struct cart *, int64_t card_id, bool top_up, int64_t quantity, int64_t amount_cents,
                          const char *number_masked) QT_USE_RESULT;
/* Is a card on a line? Such a sale needs the server. */
bool cart_has_cards(const struct cart *);
/* Change a line's quantity by `by`; at 0 the line goes. QT_OUT_OF_RANGE; QT_CONFLICT: it was measured or labelled, or is of cards. */
enum qt_err cart_change(struct cart *, int line, int64_t by) QT_USE_RESULT;
enum qt_err cart_set_quantity(struct cart *, int line, int64_t quantity) QT_USE_RESULT;
void cart_void(struct cart *, int line);
void cart_clear(struct cart *); /* keeps `inclusive` */
/* Fill tax and totals. QT_OVERFLOW; QT_OUT_OF_RANGE: a discount of more than there is. */
enum qt_err cart_price(struct cart *) QT_USE_RESULT;
int64_t cart_pieces(const struct cart *);
/* The members "lines", "discount", "codes" (or "promotions") and "approvals" of an order, into an open object. */
void cart_json(const struct cart *, struct json *);
/* What is not in the lines' own columns: discounts, other prices, notes, approvals; read back with cart_prices_read. */
bool cart_has_prices(const struct cart *);
void cart_prices_json(const struct cart *, struct json *);
struct json_t;
void cart_customer_read(struct cart_customer *, const struct json_t *said); /* as the server tells of a customer */
void cart_prices_read(struct cart *, const struct json_t *);
/* The member "steps" of an order, as the server writes it: what a receipt says; nothing without steps. */
void cart_steps_json(const struct cart *, struct json *);
/* The member "options" of a line as the server writes it; nothing when it has none. */
void cart_options_json(const struct cart_line *, struct json *);
/* The most that points can take off: what the goods cost without them. */
int64_t cart_points_most(const struct cart *);
/* Is no tax due of these lines? */
static inline bool cart_is_exempt(const struct cart *c)
{
	return c->customer.certificate[0] != '\0';
}
/* What people took off a line; 0: nothing. */
int64_t cart_taken_off(const struct cart_line *);

/* What was typed in the sale's line: "3*4006381333931" -> 3000 thousandths and the code; "0.752*" -> 752, the code is
 * empty. Without a star the quantity is 0 (not given). QT_BAD_FIELD: no number before the star; QT_OUT_OF_RANGE. */
enum qt_err cart_parse_entry(const char *typed, int64_t *quantity_milli, const char **code) QT_USE_RESULT;

/* An amount as cashiers type it: "2375" is 23.75 when `as_cents`, "23.75" and "23,75" always are. QT_BAD_FIELD,
 * QT_OVERFLOW. `currency` ISO 4217 numeric. */
enum qt_err cart_parse_amount(const char *typed, int64_t currency, bool as_cents, int64_t *amount_cents) QT_USE_RESULT;
/* Up to 4 sums a customer is likely to hand over for `due_cents`: the next whole unit, 5, 10, 20, 50, 100 ...; each
 * above due. Returns how many. */
int cart_quick_amounts(int64_t due_cents, int64_t currency, int64_t out[4]);

#endif
