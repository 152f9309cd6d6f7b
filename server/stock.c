/* stock: see stock.h. */
#include "server/stock.h"

#include "server/cache.h"
#include "server/catalogue.h"
#include "server/settle.h"

const char *const stock_words[] = { "receive", "count", "adjust", "sale", NULL };

enum qt_err stock_get(struct db *db, int64_t merchant_id, int64_t stock_id, struct stock *k)
{
	SQL(by_id, "SELECT k.id, k.store_id, k.item_id, k.quantity, k.low FROM stock k JOIN store s ON s.id = k.store_id "
	           "WHERE k.id = $1 AND s.merchant_id = $2");
	return db_one(db, &by_id, "ii", stock_id, merchant_id, "iiiii", &k->id, &k->store_id, &k->item_id, &k->quantity,
	              &k->low);
}

static enum qt_err find(struct db *db, int64_t store_id, int64_t item_id, struct stock *k)
{
	SQL(by_item, "SELECT id, quantity, low FROM stock WHERE store_id = $1 AND item_id = $2");

	*k = (struct stock){ .store_id = store_id, .item_id = item_id, .low = -1 };
	return db_one(db, &by_item, "ii", store_id, item_id, "iii", &k->id, &k->quantity, &k->low);
}

/* Whether an item is counted in a store; 0: it is not. The key joins both ids. */
static struct cache counted = CACHE(4096, int64_t);

static int64_t cache_key(int64_t store_id, int64_t item_id)
{
	return store_id << 32 | (item_id & 0xffffffff);
}

static enum qt_err move(struct call *call, struct stock *k, enum stock_kind kind, int64_t quantity, int64_t order_id,
                        const char *reason)
{
	SQL(put, "UPDATE stock SET quantity = $2, low = $3 WHERE id = $1");
	SQL(insert, "INSERT INTO stock_move (id, stock_id, kind, quantity, left_quantity, order_id, actor_id, at_ms, reason) "
	            "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)");

	k->quantity += quantity;
	enum qt_err err = db_run(call->db, &put, "iii", k->id, k->quantity, k->low);
	if (err == QT_OK)
		err = db_run(call->db, &insert, "iiiiiiiit", db_new_id(call->db, "stock_move"), k->id, (int64_t)kind, quantity,
		             k->quantity, order_id, settle_actor(call), call->now_ms, reason);
	return err;
}

static enum qt_err check(struct call *call, const struct stock_request *r)
{
	if (r->kind == STOCK_RECEIVE && r->quantity < 1)
		return problem_set(&call->problem, QT_OUT_OF_RANGE, "quantity", "1 or more must come");
	if (r->kind == STOCK_COUNT && r->quantity < 0)
		return problem_set(&call->problem, QT_OUT_OF_RANGE, "quantity", "what is there is 0 or more");
	if (r->kind == STOCK_ADJUST && r->quantity == 0)
		return problem_set(&call->problem, QT_OUT_OF_RANGE, "quantity", "something must come or go");
	if (r->kind == STOCK_ADJUST && r->reason == NULL)
		return problem_set(&call->problem, QT_MISSING_FIELD, "reason", "an adjustment says why");
	return QT_OK;
}

enum qt_err stock_change(struct call *call, int64_t merchant_id, const struct stock_request *r, struct stock *k)
{
	SQL(insert, "INSERT INTO stock (id, store_id, item_id, quantity, low) VALUES ($1, $2, $3, 0, $4)");
	struct store store;
	struct item it;
	enum qt_err err = check(call, r);

	if (err != QT_OK)
		return err;
	err = store_get(call->db, merchant_id, r->store_id, &store);
	if (err == QT_NOT_FOUND)
		return problem_set(&call->problem, err, "store_id", "there is no such store");
	if (err == QT_OK)
		err = catalogue_item_get(call->db, merchant_id, r->item_id, &it);
	if (err == QT_NOT_FOUND)
		return problem_set(&call->problem, err, "item_id", "there is no such item");
	if (err == QT_OK)
		err = find(call->db, r->store_id, r->item_id, k);
	if (err != QT_OK && err != QT_NOT_FOUND)
		return err;
	int64_t by = r->kind == STOCK_COUNT ? r->quantity - k->quantity : r->quantity;
	if (k->quantity + by > STOCK_MAX || k->quantity + by < -STOCK_MAX)
		return problem_set(&call->problem, QT_OUT_OF_RANGE, "quantity", "more than can be counted");
	k->low = r->low >= -1 ? r->low : k->low;
	if (err == QT_NOT_FOUND) {
		k->id = db_new_id(call->db, "stock");
		cache_drop(&counted, cache_key(r->store_id, r->item_id));
		err = db_run(call->db, &insert, "iiii", k->id, k->store_id, k->item_id, k->low);
	}
	return err == QT_OK ? move(call, k, r->kind, by, 0, r->reason) : err;
}

/* Is it counted? From memory, but for the first time. */
static enum qt_err is_counted(struct db *db, int64_t store_id, int64_t item_id, bool *yes)
{
	int64_t *kept = cache_find(&counted, db, cache_key(store_id, item_id));
	struct stock k;
	enum qt_err err;

	if (kept == NULL) {
		err = find(db, store_id, item_id, &k);
		if (err != QT_OK && err != QT_NOT_FOUND)
			return err;
		kept = cache_put(&counted, db, cache_key(store_id, item_id));
		*kept = err == QT_OK;
	}
	*yes = *kept != 0;
	return QT_OK;
}

enum qt_err stock_sold(struct call *call, const struct sale *sale)
{
	enum qt_err err = QT_OK;
	struct stock k;
	bool yes;

	for (int i = 0; i < sale->line_count && err == QT_OK; i++) {
		const struct order_line *l = &sale->lines[i];
		if (l->item_id == 0)
			continue;
		err = is_counted(call->db, sale->store_id, l->item_id, &yes);
		if (err != QT_OK || !yes)
			continue;
		err = find(call->db, sale->store_id, l->item_id, &k);
		if (err == QT_OK)
			err = move(call, &k, STOCK_SALE, -l->quantity, sale->order.id, NULL);
	}
	return err;
}
