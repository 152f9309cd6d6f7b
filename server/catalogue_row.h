/* catalogue_row: what the catalogue's own files share; nobody else includes it. */
#ifndef QT_CATALOGUE_ROW_H
#define QT_CATALOGUE_ROW_H

#include "server/catalogue.h"

#define ITEM_COLUMNS \
	"i.id, i.version, i.price_cents, i.tax_id, t.rate_bp, i.plu, i.open_price, i.active, i.sku, i.name, " \
	"COALESCE(i.name_zh, i.name), i.unit"
#define ITEM_TABLES "item i JOIN tax t ON t.id = i.tax_id"
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

/* Replace the words an item is found by. Inside a transaction. */
enum qt_err catalogue_index_item(struct db *, int64_t merchant_id, const struct item *) QT_USE_RESULT;

#endif
