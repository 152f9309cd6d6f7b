/* store_rule: see store_rule.h. */
#include "server/store_rule.h"

#include "shared/ean.h"

#include <stdio.h>

static const char *default_of(enum store_rule_kind kind)
{
	switch (kind) {
	case STORE_RULE_REASONS: return "Damaged\nShort date\nGoodwill\nStaff\nPrice match";
	case STORE_RULE_PATTERNS: return EAN_PATTERNS_DEFAULT;
	case STORE_RULE_CASH_ROUNDING: return "1";
	}
	return "";
}

enum qt_err store_rule_get(struct db *db, int64_t store_id, enum store_rule_kind kind,
                           char value[STORE_RULE_MAX_BYTES + 1])
{
	SQL(of_store, "SELECT value FROM store_rule WHERE store_id = $1 AND kind = $2");
	enum qt_err err = db_one(db, &of_store, "ii", store_id, (int64_t)kind, "t", value, STORE_RULE_MAX_BYTES + 1);

	if (err != QT_NOT_FOUND)
		return err;
	snprintf(value, STORE_RULE_MAX_BYTES + 1, "%s", default_of(kind));
	return QT_OK;
}

enum qt_err store_rule_put(struct db *db, int64_t store_id, enum store_rule_kind kind, const char *value)
{
	SQL(find, "SELECT id FROM store_rule WHERE store_id = $1 AND kind = $2");
	SQL(insert, "INSERT INTO store_rule (id, store_id, kind, value) VALUES ($1, $2, $3, $4)");
	SQL(update, "UPDATE store_rule SET value = $2 WHERE id = $1");
	int64_t id;
	enum qt_err err = db_one(db, &find, "ii", store_id, (int64_t)kind, "i", &id);

	if (err == QT_NOT_FOUND)
		return db_run(db, &insert, "iiit", db_new_id(db, "store_rule"), store_id, (int64_t)kind, value);
	return err == QT_OK ? db_run(db, &update, "it", id, value) : err;
}
