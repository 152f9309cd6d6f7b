/* till_items: the till's copy of the merchant's items, so that looking up and searching need no server. Prices here are
 * for showing: the server decides. */
#ifndef QT_POS_TILL_ITEMS_H
#define QT_POS_TILL_ITEMS_H

#include "pos/tdb.h"
#include "shared/quantity.h"

#define NAME_ROOM 128
#define LABEL_ROOM 96

#define OPTION_NAME_ROOM 48
#define OPTIONS_MOST 16 /* chosen for one line */

/* What was chosen of an item's options. */
struct cart_option {
	int64_t choice_id;
	int64_t price_cents; /* adds to the price of one; negative: takes off */
	char name[OPTION_NAME_ROOM], name_zh[OPTION_NAME_ROOM];
};

struct till_item {
	int64_t id;
	int64_t price_cents;
	int64_t rate_bp;    /* of its tax */
	int64_t plu;        /* 0: none */
	bool open_price;    /* the cashier types the price */
	bool active;
	int64_t min_price_cents, max_price_cents; /* of an open price; 0: none */
	int64_t min_age;    /* years of who buys it; 0: any */
	bool sold_out;      /* the store has none of it just now */
	bool has_options;   /* it asks: till_item_options */
	char sku[48], name[NAME_ROOM], name_zh[NAME_ROOM];
	char unit[QUANTITY_UNIT_ROOM]; /* kg, g, l and m are measured: quantities are thousandths; else pieces */
	/* what the barcode that found it carries besides; nothing of the catalogue */
	int64_t label_quantity;        /* in terms of the unit; 0: it does not say */
	int64_t label_cents;           /* of label: what it costs */
	char label[LABEL_ROOM];        /* the barcode when a price is inside; empty: none */
	/* what was chosen when it was sold; nothing of the catalogue */
	struct cart_option options[OPTIONS_MOST];
	int option_count;
};

/* By barcode, else PLU (digits), else SKU. Indexed: the same time for 100 items and 100,000. QT_NOT_FOUND, also for
 * items that are not sold any more, and for a weight in the code of an item that is sold by the piece. By last: a code with a
 * weight or price inside, by the settings barcode_patterns and currency.
 * A leading AIM identifier of a scanner ("]E0") is ignored; UPC-A also matches as
 * EAN-13 and the other way round (a leading zero). */
enum qt_err till_item_find(struct tdb *, const char *text, struct till_item *) QT_USE_RESULT;
/* The groups of options an item asks, as the server gave them; the caller jfree()s it. NULL: none. */
struct json_t;
struct json_t *till_item_options(struct tdb *, int64_t item_id);
/* Items whose name in either language, SKU or barcode contains every word of `text`; active ones only, by name. Returns
 * how many (at most `most`). */
int till_item_search(struct tdb *, const char *text, struct till_item *, int most);
int64_t till_item_count(struct tdb *);
/* By id, sold or not. QT_NOT_FOUND. */
enum qt_err till_item_get(struct tdb *, int64_t id, struct till_item *) QT_USE_RESULT;
/* What this till sold in most sales, most first; active ones only. Returns how many. */
int till_item_favourites(struct tdb *, struct till_item *, int most);
/* Count the items of a sale that was paid, each once. Inside a transaction. */
struct json_t;
enum qt_err till_items_sold(struct tdb *, const struct json_t *order) QT_USE_RESULT;

/* Apply a page of GET /v1/catalogue; one transaction. *more: there are further pages. */
enum qt_err till_items_apply(struct tdb *, const struct json_t *page, bool *more) QT_USE_RESULT;
int64_t till_items_version(struct tdb *);

#endif
