/* catalogue: taxes and items with their barcodes, and the search in them. No HTTP, no JSON.
 * Owns the tables tax, item, item_rule, barcode, item_word. Everything is within one merchant. */
#ifndef QT_CATALOGUE_H
#define QT_CATALOGUE_H

#include "server/merchant.h"
#include "shared/quantity.h"

#define SKU_MAX_BYTES 40
#define BARCODE_MAX_BYTES 48
#define ITEM_BARCODES_MAX 16
#define ITEM_UNIT_MAX_BYTES 12
#define ITEM_BATCH_MAX 500

struct tax {
	int64_t id;
	char name[NAME_MAX_BYTES + 1], name_zh[NAME_MAX_BYTES + 1]; /* name_zh is name when there is no other */
	int64_t rate_bp;
};
enum qt_err tax_get(struct db *, int64_t merchant_id, int64_t tax_id, struct tax *) QT_USE_RESULT;
enum qt_err tax_add(struct db *, int64_t merchant_id, struct tax *, int64_t now_ms) QT_USE_RESULT;

/* An item as a sale needs it. */
struct item {
	int64_t id, version;
	int64_t price_cents;  /* with tax when the merchant's prices are inclusive */
	int64_t tax_id, tax_bp;
	int64_t plu;          /* 0: none */
	bool open_price;      /* the cashier types the price */
	bool active;          /* false: not sold any more */
	bool has_options;     /* it asks groups of options; see option.h */
	int64_t min_price_cents, max_price_cents; /* of an open price; 0: none */
	int64_t min_age;      /* years of who buys it; 0: any */
	char sku[SKU_MAX_BYTES + 1];
	char name[NAME_MAX_BYTES + 1], name_zh[NAME_MAX_BYTES + 1]; /* name_zh is name when there is no other */
	char unit[ITEM_UNIT_MAX_BYTES + 1];                         /* empty: a piece */
};

/* One indexed select each; any connection. QT_NOT_FOUND also for another merchant's item. Inactive items are found too:
 * the caller judges `active`. */
enum qt_err catalogue_item_get(struct db *, int64_t merchant_id, int64_t item_id, struct item *) QT_USE_RESULT;
enum qt_err catalogue_item_by_barcode(struct db *, int64_t merchant_id, const char *barcode, struct item *)
	QT_USE_RESULT;
/* The first from the writer's memory: for the writer only. */
enum qt_err catalogue_item_of_writer(struct db *, int64_t merchant_id, int64_t item_id, struct item *) QT_USE_RESULT;
/* By barcode, else PLU (digits), else SKU. */
enum qt_err catalogue_item_lookup(struct db *, int64_t merchant_id, const char *text, struct item *) QT_USE_RESULT;

/* What a scanner gave: one of our PRODUCT codes (its MAC is checked), else as catalogue_item_lookup. */
struct server;
enum qt_err catalogue_item_scanned(struct db *, const struct server *, int64_t merchant_id, const char *text,
                                   int64_t now_ms, struct item *) QT_USE_RESULT;

/* A barcode with a weight or a price inside, by the store's patterns: what it carries into *label, whose item. QT_NOT_FOUND
 * also when it is no such code. Store 0: the usual patterns. */
enum qt_err catalogue_item_labelled(struct db *, int64_t merchant_id, int64_t store_id, int64_t currency,
                                    const char *text, struct item *, struct label_code *label) QT_USE_RESULT;

/* Barcodes of an item, in the order of their text; returns how many (at most ITEM_BARCODES_MAX). */
enum qt_err catalogue_item_barcodes(struct db *, int64_t item_id, char codes[][BARCODE_MAX_BYTES + 1], int *count)
	QT_USE_RESULT;

/* What is written: an item with all its barcodes. */
struct item_edit {
	struct item item;  /* id 0: a new one; version is set by the call */
	const char *const *barcodes;
	int barcode_count;
};
/* Checks tax, SKU, PLU and barcodes against the merchant's other items (and, in a batch, against its other elements),
 * then writes. Errors: QT_NOT_FOUND tax_id, QT_EXISTS sku, plu or barcodes[i].code; with `batch` the field is named
 * "items[3].sku". Nothing is written when any element is refused. Inside a transaction. */
enum qt_err catalogue_items_write(struct db *, int64_t merchant_id, struct item_edit *, int count, bool batch,
                                  struct problem *) QT_USE_RESULT;

/* Give items a new version: something about them that is kept elsewhere has changed. QT_CONFLICT: an import is being applied.
 * Inside a transaction. */
enum qt_err catalogue_touch_items(struct db *, int64_t merchant_id, const int64_t *item_ids, int count, struct problem *)
	QT_USE_RESULT;

/* Newest version of the merchant's catalogue; 0 when it is empty. */
enum qt_err catalogue_version(struct db *, int64_t merchant_id, int64_t *version) QT_USE_RESULT;
/* Items newer than `version`, oldest change first; up to `max`. */
enum qt_err catalogue_changes(struct db *, int64_t merchant_id, int64_t version, struct item *, int max, int *count)
	QT_USE_RESULT;

/* All items, also inactive, in an order, behind the item `after` (0: from the first). */
enum item_sort { ITEM_BY_ID, ITEM_BY_SKU, ITEM_BY_NAME, ITEM_BY_PRICE };
struct item_page {
	int64_t after;
	int limit;
	enum item_sort sort;
	bool desc;            /* from the largest */
};
/* QT_NOT_FOUND when `after` is none of the merchant's. Any connection. */
enum qt_err catalogue_list(struct db *, int64_t merchant_id, const struct item_page *, struct item *, int *count)
	QT_USE_RESULT;

/* Active items whose name, SKU or PLU holds a word that starts with each word of `text` (of Chinese names: that
 * holds it anywhere), or that have a barcode which starts with it. In the order of the word found, `max` at
 * most; the cost is bounded whatever the text. */
enum qt_err catalogue_search(struct db *, int64_t merchant_id, const char *text, struct item *, int max, int *count)
	QT_USE_RESULT;

#endif
