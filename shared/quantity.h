/* quantity: how much of an item is sold: pieces, or thousandths of the unit the item is measured in. Pure text.
 * In JSON and SQL a number of pieces is `quantity`, thousandths are `quantity_milli`; the unit says which it is. */
#ifndef QT_QUANTITY_H
#define QT_QUANTITY_H

#include "shared/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define QUANTITY_MILLI 1000
#define QUANTITY_LINE_MOST INT64_C(100000) /* pieces or units of one line */
#define QUANTITY_TEXT_ROOM 32
#define QUANTITY_UNIT_ROOM 13

/* Is an item of this unit measured: kg, g, l or m? All others (also "", NULL) are sold by the piece. */
bool quantity_is_measured(const char *unit);
/* "3", "0.752 kg"; `quantity` is thousandths when the unit is measured. Returns out. */
char *quantity_text(int64_t quantity, const char *unit, char out[QUANTITY_TEXT_ROOM]);
/* "0.752", "0,752" or "3" as thousandths. QT_BAD_FIELD: not such a number, or more than three places;
 * QT_OUT_OF_RANGE: nothing, or more than QUANTITY_LINE_MOST units. */
enum qt_err quantity_parse(const char *text, size_t len, int64_t *milli) QT_USE_RESULT;

/* What a barcode of goods carries besides the item: a weight or the price of what is in the pack. */
struct label_code {
	char key[16];         /* what to look the item up by */
	bool has_weight, has_price;
	int64_t weight_g;     /* of has_weight: grams (or thousandths of a litre or metre) */
	int64_t price_cents;  /* of has_price: minor units of the store's currency */
};
/* In-store EAN-13 by `patterns` (ean.h; NULL: the default) and GS1 element strings with AI 310n or 392n. `currency` ISO
 * 4217 numeric. False: it carries neither. */
bool label_code_read(const char *text, const char *patterns, int64_t currency, struct label_code *);
/* The weight in thousandths of a measured unit. */
int64_t label_code_milli(const struct label_code *, const char *unit);

#endif
