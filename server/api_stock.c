/* api_stock: routes of stock. Decode, call, reply; the rules are in stock.c. */
#include "server/catalogue.h"
#include "server/list.h"
#include "server/stock.h"

#include <stddef.h>

struct stock_args {
	int64_t store_id, item_id, quantity, low;
	int kind;
	const char *reason;
};
static const char *const kind_words[] = { "receive", "count", "adjust", NULL }; /* as enum stock_kind, less 1 */
static const struct field stock_fields[] = {
	FIELD(struct stock_args, store_id, INT, .flags = FIELD_REQUIRED, .min = 1, .max = INT64_MAX, .help = "which store"),
	FIELD(struct stock_args, item_id, INT, .flags = FIELD_REQUIRED, .min = 1, .max = INT64_MAX, .help = "which item"),
	FIELD(struct stock_args, kind, CHOICE, .flags = FIELD_REQUIRED, .choices = kind_words,
	      .help = "goods came, were counted, or are set right"),
	FIELD(struct stock_args, quantity, INT, .flags = FIELD_REQUIRED, .min = -STOCK_MAX, .max = STOCK_MAX,
	      .help = "that came, is there, or came or went; pieces, or thousandths of the item's unit"),
	FIELD(struct stock_args, low, INT, .min = -1, .max = STOCK_MAX, .fallback = -2,
	      .help = "at this and below it is low; -1: never; as it was when absent"),
	FIELD(struct stock_args, reason, TEXT, .min = 1, .max = STOCK_REASON_MAX, .help = "why; an adjustment needs it"),
	FIELDS_DONE
};

static enum qt_err stock_json(struct call *call, int64_t merchant_id, const struct stock *k)
{
	struct item it = { .id = 0 };
	enum qt_err err = catalogue_item_get(call->db, merchant_id, k->item_id, &it);

	json_int(call->reply, "stock_id", k->id);
	json_int(call->reply, "store_id", k->store_id);
	json_int(call->reply, "item_id", k->item_id);
	json_text(call->reply, "sku", it.sku);
	json_text(call->reply, "name", it.name);
	json_text(call->reply, "name_zh", it.name_zh);
	json_int(call->reply, "quantity", k->quantity);
	if (k->low >= 0)
		json_int(call->reply, "low", k->low);
	return err;
}

static enum qt_err stock_post(struct call *call)
{
	const struct stock_args *a = call->args;
	const struct stock_request r = { a->store_id, a->item_id, a->quantity, a->low, (enum stock_kind)(a->kind + 1),
		a->reason };
	struct merchant m;
	struct stock k;
	enum qt_err err = call_merchant(call, &m);

	if (err == QT_OK)
		err = stock_change(call, m.id, &r, &k);
	return err == QT_OK ? stock_json(call, m.id, &k) : err;
}

struct stocks_args {
	int64_t after, limit;
	bool low;
};
static const struct field stocks_fields[] = {
	FIELD(struct stocks_args, after, INT, .min = 0, .max = INT64_MAX, .help = "rows after this id; 0: from the first"),
	FIELD(struct stocks_args, limit, INT, .min = 1, .max = LIST_MAX, .fallback = 50, .help = "rows at most"),
	FIELD(struct stocks_args, low, BOOL, .help = "true: only what is low"),
	FIELDS_DONE
};

static enum qt_err stocks_get(struct call *call)
{
	SQL(all, "SELECT k.id FROM stock k JOIN store s ON s.id = k.store_id WHERE s.merchant_id = $1 AND k.id > $2 "
	         "ORDER BY k.id LIMIT $3");
	SQL(low, "SELECT k.id FROM stock k JOIN store s ON s.id = k.store_id WHERE s.merchant_id = $1 AND k.id > $2 "
	         "AND k.quantity <= k.low ORDER BY k.id LIMIT $3");
	const struct stocks_args *a = call->args;
	const struct list_args page = { .after = a->after, .limit = a->limit };
	int64_t ids[LIST_MAX];
	struct merchant m;
	struct stock k;
	int count = 0;
	enum qt_err err = call_merchant(call, &m);

	if (err == QT_OK)
		err = list_ids(call->db, a->low ? &low : &all, m.id, &page, ids, &count);
	json_array(call->reply, "stock");
	for (int i = 0; i < count && err == QT_OK; i++) {
		err = stock_get(call->db, m.id, ids[i], &k);
		json_object(call->reply, NULL);
		if (err == QT_OK)
			err = stock_json(call, m.id, &k);
		json_end(call->reply);
	}
	list_finish(call, &page, ids, count);
	return err;
}

static enum qt_err move_json(struct call *call, int64_t stock_id, int64_t id)
{
	SQL(by_id, "SELECT kind, quantity, left_quantity, order_id, actor_id, at_ms, COALESCE(reason, '') FROM stock_move "
	           "WHERE id = $1 AND stock_id = $2");
	int64_t kind, quantity, left, order_id, actor_id, at_ms;
	char reason[STOCK_REASON_MAX + 1];
	enum qt_err err = db_one(call->db, &by_id, "ii", id, stock_id, "iiiiiit", &kind, &quantity, &left, &order_id, &actor_id,
	                         &at_ms, reason, sizeof reason);

	if (err != QT_OK)
		return err;
	json_int(call->reply, "move_id", id);
	json_int(call->reply, "at_ms", at_ms);
	json_text(call->reply, "kind", stock_words[kind - 1]);
	json_int(call->reply, "quantity", quantity);
	json_int(call->reply, "left_quantity", left);
	if (order_id)
		json_int(call->reply, "order_id", order_id);
	json_int(call->reply, "actor_id", actor_id);
	if (reason[0])
		json_text(call->reply, "reason", reason);
	return QT_OK;
}

static enum qt_err moves_get(struct call *call)
{
	LIST_SQL(up, down, "stock_move", "stock_id");
	struct merchant m;
	struct stock k;
	enum qt_err err = call_merchant(call, &m);

	if (err == QT_OK)
		err = stock_get(call->db, m.id, call->id, &k);
	return err == QT_OK ? list_rows(call, "moves", &up, &down, k.id, move_json) : err;
}

const struct route stock_routes[] = {
	{ .method = "POST", .path = "/v1/stock", .roles = ROLES_BOSS, .flags = ROUTE_WRITE, .body_max = 1024,
	  .fields = stock_fields, .args_size = sizeof(struct stock_args), .handle = stock_post,
	  .help = "Goods of an item came to a store, were counted, or are set right." },
	{ .method = "GET", .path = "/v1/stock", .roles = ROLES_BOSS, .fields = stocks_fields,
	  .args_size = sizeof(struct stocks_args), .handle = stocks_get, .help = "What stores have, or what of it is low." },
	{ .method = "GET", .path = "/v1/stock/:id/moves", .roles = ROLES_BOSS, .fields = list_both_fields,
	  .args_size = sizeof(struct list_args), .handle = moves_get, .help = "Why the stock of an item in a store changed." },
};
const int stock_route_count = (int)(sizeof stock_routes / sizeof *stock_routes);
