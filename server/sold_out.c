/* sold_out: see sold_out.h. */
#include "server/sold_out.h"

#include "server/audit_log.h"
#include "server/cache.h"
#include "server/catalogue.h"
#include "server/events.h"

#include <stdio.h>

/* How many items of a store are sold out; most often none. */
static struct cache counts = CACHE(1024, int64_t);

static enum qt_err count_of_writer(struct db *db, int64_t store_id, int64_t *count)
{
	SQL(count_of, "SELECT COUNT(*) FROM sold_out WHERE store_id = $1");
	int64_t *kept = cache_find(&counts, db, store_id);

	if (kept == NULL) {
		enum qt_err err = db_one(db, &count_of, "i", store_id, "i", count);
		if (err != QT_OK)
			return err;
		kept = cache_put(&counts, db, store_id);
		*kept = *count;
	}
	*count = *kept;
	return QT_OK;
}

static enum qt_err is_out(struct db *db, int64_t store_id, int64_t item_id, bool *sold_out)
{
	SQL(find, "SELECT since_ms FROM sold_out WHERE store_id = $1 AND item_id = $2");
	int64_t since_ms;
	enum qt_err err = db_one(db, &find, "ii", store_id, item_id, "i", &since_ms);

	*sold_out = err == QT_OK;
	return err == QT_NOT_FOUND ? QT_OK : err;
}

enum qt_err sold_out_of_writer(struct db *db, int64_t store_id, int64_t item_id, bool *sold_out)
{
	int64_t count;
	enum qt_err err = count_of_writer(db, store_id, &count);

	*sold_out = false;
	return err == QT_OK && count > 0 ? is_out(db, store_id, item_id, sold_out) : err;
}

enum qt_err sold_out_everywhere(struct db *db, int64_t merchant_id, int64_t item_id, bool *sold_out)
{
	SQL(have, "SELECT COUNT(*) FROM store s WHERE s.merchant_id = $1 AND NOT EXISTS (SELECT 1 FROM sold_out o WHERE "
	          "o.store_id = s.id AND o.item_id = $2)");
	int64_t stores = 0;
	enum qt_err err = db_one(db, &have, "ii", merchant_id, item_id, "i", &stores);

	*sold_out = stores == 0;
	return err;
}

static enum qt_err check(struct call *call, int64_t merchant_id, int64_t store_id, int64_t item_id, struct item *it)
{
	struct store store;
	enum qt_err err = catalogue_item_get(call->db, merchant_id, item_id, it);

	if (err == QT_NOT_FOUND)
		return problem_set(&call->problem, err, "", "there is no such item");
	if (err == QT_OK)
		err = store_get(call->db, merchant_id, store_id, &store);
	return err == QT_NOT_FOUND ? problem_set(&call->problem, err, "store_id", "there is no such store") : err;
}

static enum qt_err tell(struct call *call, int64_t merchant_id, int64_t store_id, int64_t item_id)
{
	char extra[48];

	snprintf(extra, sizeof extra, "{\"store_id\":%lld}", (long long)store_id);
	return event_add(call->db, TOPIC_MERCHANT, merchant_id, "sold-out", item_id, extra);
}

enum qt_err sold_out_set(struct call *call, int64_t merchant_id, int64_t store_id, int64_t item_id, bool sold_out)
{
	SQL(insert, "INSERT INTO sold_out (store_id, item_id, since_ms) VALUES ($1, $2, $3)");
	SQL(drop, "DELETE FROM sold_out WHERE store_id = $1 AND item_id = $2");
	int64_t count;
	struct item it;
	bool was;
	enum qt_err err = check(call, merchant_id, store_id, item_id, &it);

	if (err == QT_OK)
		err = is_out(call->db, store_id, item_id, &was);
	if (err != QT_OK || was == sold_out)
		return err;
	err = count_of_writer(call->db, store_id, &count);
	if (err == QT_OK && sold_out && count >= SOLD_OUT_MAX)
		return problem_set(&call->problem, QT_TOO_LONG, "", "%d items are sold out already", SOLD_OUT_MAX);
	cache_drop(&counts, store_id);
	if (err == QT_OK)
		err = sold_out ? db_run(call->db, &insert, "iii", store_id, item_id, call->now_ms)
		               : db_run(call->db, &drop, "ii", store_id, item_id);
	if (err == QT_OK)
		err = audit_log_add(call->db, &call->actor, call->now_ms, sold_out ? "item-sold-out" : "item-back", item_id, it.sku);
	return err == QT_OK ? tell(call, merchant_id, store_id, item_id) : err;
}
