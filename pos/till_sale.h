/* till_sale: the sale under way as it is on disk: cart, stage, and the server's last answer about its order. Every change
 * is written before it counts, so that a till killed at any moment comes back to the same screen. */
#ifndef QT_POS_TILL_SALE_H
#define QT_POS_TILL_SALE_H

#include "pos/cart.h"
#include "shared/jread.h"

/* Stored numbers; never reused. */
enum sale_stage {
	SALE_CART = 1, /* lines may change */
	SALE_SENT = 2, /* the order's request is in the outbox; no answer yet */
	SALE_OPEN = 3, /* the server has the order; something is due */
	SALE_PAID = 4, /* paid, with the server's receipt */
	SALE_QUEUED = 5 /* paid in cash while the server could not be reached: the request stays in the outbox */
};

struct till_sale {
	int64_t number;      /* of this till's sales, from 1 */
	enum sale_stage stage;
	char method[16];     /* what was asked last: "code", "cash", "card", "points"; empty: nothing yet */
	int64_t started_ms;
	char customer[256];  /* IDENTITY code that was scanned, sent with the order; empty: none */
	char share[256];     /* SHARE or CAMPAIGN code that was scanned; empty: none */
	struct cart cart;
	struct json_t *order; /* owned; the server's answer, or for SALE_QUEUED what the till made; NULL: none */
};

/* Read it, or begin the first one. */
enum qt_err till_sale_load(struct tdb *, struct till_sale *, bool inclusive, int64_t now_ms) QT_USE_RESULT;
void till_sale_free(struct till_sale *);
/* Write everything. Inside a transaction. */
enum qt_err till_sale_save(struct tdb *, const struct till_sale *) QT_USE_RESULT;
/* Discounts, other prices and approvals of the cart of a sale put aside (0: of the sale under way). Writing is inside a
 * transaction; a cart without any leaves no row. */
enum qt_err cart_prices_load(struct tdb *, int64_t held_id, struct cart *) QT_USE_RESULT;
enum qt_err cart_prices_save(struct tdb *, int64_t held_id, const struct cart *) QT_USE_RESULT;
enum qt_err cart_prices_drop(struct tdb *, int64_t held_id) QT_USE_RESULT;
/* Forget the cart and begin the next one; in memory. */
void till_sale_next(struct till_sale *, int64_t now_ms);

/* What the order says; 0, NULL or empty while there is none. Amounts in minor units. */
int64_t till_sale_order_id(const struct till_sale *);
int64_t till_sale_total_cents(const struct till_sale *); /* the server's, or the cart's while there is no order */
int64_t till_sale_due_cents(const struct till_sale *);   /* what is still to pay: the total while there is no order */
/* The newest open payment by code: its URL and end; NULL when there is none. */
const char *till_sale_code(const struct till_sale *, int64_t *expires_ms, int64_t *payment_id);

/* Receipts: the newest 1000 of this till. */
struct receipt_row {
	int64_t id, order_id, number, at_ms, total_cents;
	int printed;
};
enum qt_err till_receipt_put(struct tdb *, const struct json_t *order, int64_t at_ms) QT_USE_RESULT; /* in a tx */
/* The order changed after it was paid; nothing when it is no receipt of this till. In a transaction. */
enum qt_err till_receipt_renew(struct tdb *, const struct json_t *order) QT_USE_RESULT;
int till_receipt_list(struct tdb *, struct receipt_row *, int most); /* newest first */
/* The order of a receipt; the caller jfree()s it. NULL: not there. */
struct json_t *till_receipt_order(struct tdb *, int64_t order_id, int *printed);
enum qt_err till_receipt_count_print(struct tdb *, int64_t order_id) QT_USE_RESULT;

#endif
