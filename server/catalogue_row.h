/* catalogue_row: what the catalogue's own files share; nobody else includes it. */
#ifndef QT_CATALOGUE_ROW_H
#define QT_CATALOGUE_ROW_H

#include "server/catalogue.h"

#define ITEM_COLUMNS \
	"i.id, i.version, i.price_cents, i.tax_id, t.rate_bp, i.plu, i.open_price, i.active, i.sku, i.name, " \
	"COALESCE(i.name_zh, i.name), i.unit, COALESCE(r.min_price_cents, 0), COALESCE(r.max_price_cents, 0), " \
	"COALESCE(r.min_age, 0), (SELECT COUNT(*) FROM item_option io WHERE io.item_id = i.id)"
/* Items that an import (item_import.h) is still adding are not there for anybody. */
#define ITEM_JOINS \
	"JOIN tax t ON t.id = i.tax_id AND NOT EXISTS (SELECT 1 FROM item_import m WHERE m.merchant_id = i.merchant_id " \
	"AND m.state IN (2, 3) AND m.state = 2 AND i.version > m.base_version) LEFT JOIN item_rule r ON r.id = i.id"
#define ITEM_TABLES "item i " ITEM_JOINS
/* The columns above of the present row. */
void catalogue_read_row(struct stmt *, struct item *);

/* The row changes: the writer's memory forgets it. */
void catalogue_forget_item(int64_t item_id);

/* Words of a name or of a query, folded: lower case; runs of letters and digits; Chinese text is one word. */
#define WORD_MAX_BYTES 24
#define WORDS_MAX 64
struct words {
	char word[WORDS_MAX][WORD_MAX_BYTES + 1];
	int count;
};
/* Add the words of `text`; with `rests` (for the index) also the rest of each Chinese word from every character on.
 * Doubles are left out, and what does not fit any more. Pure. */
void words_add(struct words *, const char *text, bool rests);

/* The words an item is found by. Pure. */
void catalogue_item_words(const struct item *, struct words *);
/* Bring the index from what an item was (NULL: it is new) to what it is. Inside a transaction. */
enum qt_err catalogue_index_item(struct db *, int64_t merchant_id, const struct item *before, const struct item *)
	QT_USE_RESULT;

/* Write an item that was checked: id 0 is a new one, else `before` is what it was. With `codes` its barcodes are replaced.
 * Inside a transaction. */
enum qt_err catalogue_write_item(struct db *, int64_t merchant_id, struct item_edit *, const struct item *before,
                                 bool codes) QT_USE_RESULT;

#endif
