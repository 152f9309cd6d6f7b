/* catalogue_label: items by the barcodes that shops and scales print on packs, with a weight or a price inside. See
 * catalogue.h. */
#include "server/catalogue.h"

#include "server/store_rule.h"

#include <string.h>

enum qt_err catalogue_item_labelled(struct db *db, int64_t merchant_id, int64_t store_id, int64_t currency,
                                    const char *text, struct item *it, struct label_code *label)
{
	char patterns[STORE_RULE_MAX_BYTES + 1];

	*label = (struct label_code){ 0 };
	if (strlen(text) < 12 || (text[0] != ']' && text[0] != '(' && text[0] != '0' && text[0] != '2'))
		return QT_NOT_FOUND;
	enum qt_err err = store_rule_get(db, store_id, STORE_RULE_PATTERNS, patterns);
	if (err != QT_OK)
		return err;
	return label_code_read(text, patterns, currency, label) ? catalogue_item_lookup(db, merchant_id, label->key, it)
	                                                        : QT_NOT_FOUND;
}
