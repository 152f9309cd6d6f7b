/* item_import_row: what the files of item_import share; nobody else includes it. */
#ifndef QT_ITEM_IMPORT_ROW_H
#define QT_ITEM_IMPORT_ROW_H

#include "server/item_import.h"

/* Barcodes of a row, or of an item, one by one. */
struct item_codes {
	char text[ITEM_BARCODES_MAX][BARCODE_MAX_BYTES + 1];
	const char *code[ITEM_BARCODES_MAX]; /* into text */
	int count;
};
/* From a line each; NULL: none. What does not fit is left out: the decoder has checked it. */
void item_codes_read(struct item_codes *, const char *lines);

/* Write state and counts back. */
enum qt_err item_import_put(struct db *, const struct item_import *) QT_USE_RESULT;
/* The item of a SKU, also one that this import has added and nobody sees yet. */
enum qt_err item_import_find(struct db *, int64_t merchant_id, const char *sku, struct item *) QT_USE_RESULT;
/* Lay a row over an item (id 0: a new one) and its barcodes; *same: nothing changes by it. */
enum qt_err item_import_lay(struct db *, const struct item_import_row *, struct item *, struct item_codes *, bool *same)
	QT_USE_RESULT;

#endif
