/* api_sold_out: routes of the sold-out switch. Decode, call, reply; the rules are in sold_out.c. */
#include "server/catalogue.h"
#include "server/list.h"
#include "server/sold_out.h"

#include <stddef.h>

struct switch_args {
	int64_t store_id;
	bool back;
};
static const struct field switch_fields[] = {
	FIELD(struct switch_args, store_id, INT, .min = 1, .max = INT64_MAX, .help = "in which store; the till's own when absent"),
	FIELD(struct switch_args, back, BOOL, .help = "true: it is there again"),
	FIELDS_DONE
};

static enum qt_err switch_post(struct call *call)
{
	const struct switch_args *a = call->args;
	bool at_till = call->actor.terminal_id != 0;
	int64_t store_id = at_till ? call->actor.store_id : a->store_id;
	struct merchant m;
	enum qt_err err = call_merchant(call, &m);

	if (err != QT_OK)
		return err;
	if (at_till && a->store_id != 0 && a->store_id != store_id)
		return problem_set(&call->problem, QT_NOT_FOUND, "store_id", "a till speaks for its own store");
	if (store_id == 0)
		return problem_set(&call->problem, QT_MISSING_FIELD, "store_id", "in which store");
	json_int(call->reply, "item_id", call->id);
	json_int(call->reply, "store_id", store_id);
	json_bool(call->reply, "sold_out", !a->back);
	return sold_out_set(call, m.id, store_id, call->id, !a->back);
}

struct outs_args {
	int64_t store_id;
};
static const struct field outs_fields[] = {
	FIELD(struct outs_args, store_id, INT, .min = 0, .max = INT64_MAX,
	      .help = "in which store; the till's own, else all when absent"),
	FIELDS_DONE
};

static enum qt_err outs_get(struct call *call)
{
	SQL(of_store, "SELECT o.item_id, o.store_id, o.since_ms, i.sku, i.name, COALESCE(i.name_zh, i.name) FROM store s "
	              "JOIN sold_out o ON o.store_id = s.id JOIN item i ON i.id = o.item_id WHERE s.merchant_id = $1 "
	              "AND (s.id = $2 OR $2 = 0) ORDER BY o.store_id, o.item_id");
	const struct outs_args *a = call->args;
	int64_t store_id = a->store_id ? a->store_id : call->actor.store_id;
	struct merchant m;
	enum qt_err err = call_merchant(call, &m), ended;

	if (err != QT_OK)
		return err;
	struct stmt *s = db_stmt(call->db, &of_store);
	stmt_int(s, 1, m.id);
	stmt_int(s, 2, store_id);
	json_array(call->reply, "items");
	while (stmt_step(s)) {
		json_object(call->reply, NULL);
		json_int(call->reply, "item_id", stmt_col_int(s, 0));
		json_int(call->reply, "store_id", stmt_col_int(s, 1));
		json_int(call->reply, "since_ms", stmt_col_int(s, 2));
		json_text(call->reply, "sku", stmt_col_text(s, 3));
		json_text(call->reply, "name", stmt_col_text(s, 4));
		json_text(call->reply, "name_zh", stmt_col_text(s, 5));
		json_end(call->reply);
	}
	ended = stmt_end(s);
	json_end(call->reply);
	return ended;
}

#define ROLES_SHOP (ROLE_TERMINAL | ROLES_TILL | ROLES_BOSS)
const struct route sold_out_routes[] = {
	{ .method = "POST", .path = "/v1/items/:id/sold-out", .roles = ROLES_TILL | ROLES_BOSS, .flags = ROUTE_WRITE,
	  .body_max = 256, .fields = switch_fields, .args_size = sizeof(struct switch_args), .handle = switch_post,
	  .help = "A store has none of an item just now, or has it again; its tills hear of it at once." },
	{ .method = "GET", .path = "/v1/sold-out", .roles = ROLES_SHOP, .fields = outs_fields,
	  .args_size = sizeof(struct outs_args), .handle = outs_get, .help = "What is sold out." },
};
const int sold_out_route_count = (int)(sizeof sold_out_routes / sizeof *sold_out_routes);
