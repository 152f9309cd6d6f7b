/* store_rule: what a store has settled for its tills. No HTTP, no JSON. Owns the table store_rule. */
#ifndef QT_STORE_RULE_H
#define QT_STORE_RULE_H

#include "server/store/db.h"

#define STORE_RULE_MAX_BYTES 1000

/* Numbers are stored and never reused. */
enum store_rule_kind { STORE_RULE_REASONS = 1, STORE_RULE_PATTERNS = 2, STORE_RULE_CASH_ROUNDING = 3 };

/* The rule's value, or its default while the store has none. Any connection. */
enum qt_err store_rule_get(struct db *, int64_t store_id, enum store_rule_kind, char value[STORE_RULE_MAX_BYTES + 1])
	QT_USE_RESULT;
/* Inside a transaction. */
enum qt_err store_rule_put(struct db *, int64_t store_id, enum store_rule_kind, const char *value) QT_USE_RESULT;

#endif
