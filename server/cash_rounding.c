/* cash_rounding: see cash_rounding.h. The rule's text is the numbers, the present one first: "5 1". */
#include "server/cash_rounding.h"

#include "server/cache.h"
#include "server/store_rule.h"
#include "shared/buf.h"

#include <stdlib.h>

static struct cache roundings = CACHE(256, struct cash_rounding);

enum qt_err cash_rounding_get(struct db *db, int64_t store_id, struct cash_rounding *r)
{
	char text[STORE_RULE_MAX_BYTES + 1];
	enum qt_err err = store_rule_get(db, store_id, STORE_RULE_CASH_ROUNDING, text);

	*r = (struct cash_rounding){ 0 };
	if (err != QT_OK)
		return err;
	for (char *at = text; *at && r->count < CASH_ROUNDINGS_MAX;)
		r->cents[r->count++] = strtoll(at, &at, 10);
	return QT_OK;
}

enum qt_err cash_rounding_of_writer(struct db *db, int64_t store_id, struct cash_rounding *r)
{
	const struct cash_rounding *kept = cache_find(&roundings, db, store_id);

	if (kept != NULL) {
		*r = *kept;
		return QT_OK;
	}
	enum qt_err err = cash_rounding_get(db, store_id, r);
	if (err == QT_OK)
		*(struct cash_rounding *)cache_put(&roundings, db, store_id) = *r;
	return err;
}

enum qt_err cash_rounding_put(struct db *db, int64_t store_id, int64_t cents)
{
	struct cash_rounding before;
	struct buf text = { 0 };

	enum qt_err err = cash_rounding_get(db, store_id, &before);
	if (err != QT_OK)
		return err;
	buf_addf(&text, "%lld", (long long)cents);
	for (int i = 0; i < before.count; i++)
		if (before.cents[i] != cents)
			buf_addf(&text, " %lld", (long long)before.cents[i]);
	err = store_rule_put(db, store_id, STORE_RULE_CASH_ROUNDING, text.data);
	buf_free(&text);
	cache_drop(&roundings, store_id);
	return err;
}
