/* exemption: see exemption.h. */
#include "server/exemption.h"

#include <string.h>

bool exemption_is_good(const struct exemption *e, int64_t at_ms)
{
	return at_ms >= e->from_ms && (e->until_ms == 0 || at_ms < e->until_ms) && (e->ended_ms == 0 || at_ms < e->ended_ms);
}

#define COLUMNS "id, merchant_id, customer_id, certificate, from_ms, until_ms, created_ms, actor_id, ended_ms"

enum qt_err exemption_find(struct db *db, int64_t merchant_id, int64_t customer_id, int64_t at_ms, struct exemption *e)
{
	SQL(good, "SELECT " COLUMNS " FROM tax_exemption WHERE merchant_id = $1 AND customer_id = $2 AND from_ms <= $3 "
	          "AND (until_ms = 0 OR $3 < until_ms) AND (ended_ms = 0 OR $3 < ended_ms) ORDER BY id DESC LIMIT 1");
	return db_one(db, &good, "iii", merchant_id, customer_id, at_ms, "iiitiiiii", &e->id, &e->merchant_id,
	              &e->customer_id, e->certificate, sizeof e->certificate, &e->from_ms, &e->until_ms, &e->created_ms,
	              &e->actor_id, &e->ended_ms);
}

enum qt_err exemption_get(struct db *db, int64_t merchant_id, int64_t exemption_id, struct exemption *e)
{
	SQL(by_id, "SELECT " COLUMNS " FROM tax_exemption WHERE id = $1 AND merchant_id = $2");
	return db_one(db, &by_id, "ii", exemption_id, merchant_id, "iiitiiiii", &e->id, &e->merchant_id, &e->customer_id,
	              e->certificate, sizeof e->certificate, &e->from_ms, &e->until_ms, &e->created_ms, &e->actor_id,
	              &e->ended_ms);
}

enum qt_err exemption_add(struct db *db, struct exemption *e)
{
	SQL(insert, "INSERT INTO tax_exemption (" COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)");

	e->id = db_new_id(db, "tax_exemption");
	return db_run(db, &insert, "iiitiiiii", e->id, e->merchant_id, e->customer_id, e->certificate, e->from_ms,
	              e->until_ms, e->created_ms, e->actor_id, e->ended_ms);
}

enum qt_err exemption_end(struct db *db, int64_t exemption_id, int64_t now_ms)
{
	SQL(end, "UPDATE tax_exemption SET ended_ms = $2 WHERE id = $1");

	return db_run(db, &end, "ii", exemption_id, now_ms);
}

enum qt_err exemption_use(struct db *db, int64_t exemption_id, int64_t order_id)
{
	SQL(insert, "INSERT INTO order_exemption (id, exemption_id) VALUES ($1, $2)");
	return db_run(db, &insert, "ii", order_id, exemption_id);
}
