/* api_held: routes of sales put aside. The rules are in held.c. */
#include "server/held.h"
#include "server/list.h"
#include "server/merchant.h"
#include "shared/money.h"

#include <stdlib.h>

#define KEY_HELP "UUID that the till gave it"
static const struct field put_fields[] = {
	FIELD(struct held, key, TEXT, .flags = FIELD_REQUIRED, .min = 36, .max = 36, .help = KEY_HELP),
	FIELD(struct held, name, TEXT, .max = 60, .help = "a name or a table"),
	FIELD(struct held, content, TEXT, .flags = FIELD_REQUIRED | FIELD_SECRET, .min = 2, .max = HELD_CONTENT_MAX,
	      .help = "the till's own document of lines, prices and people, handed as it is to the till that goes on"),
	FIELD(struct held, total_cents, INT, .flags = FIELD_REQUIRED, .min = 0, .max = MONEY_MAX,
	      .help = "as the till saw it, minor units"),
	FIELD(struct held, pieces, INT, .flags = FIELD_REQUIRED, .min = 1, .max = INT64_MAX, .help = "how many pieces"),
	FIELD(struct held, held_ms, INT, .flags = FIELD_REQUIRED, .min = 0, .max = INT64_MAX,
	      .help = "when, by the till's clock"),
	FIELDS_DONE
};

static enum qt_err held_post(struct call *call)
{
	int64_t id;
	enum qt_err err = held_put(call, call->args, &id);

	if (err != QT_OK)
		return err;
	call->status = 201;
	json_int(call->reply, "held_id", id);
	return QT_OK;
}

struct take_args {
	const char *key;
	bool drop;
};
static const struct field take_fields[] = {
	FIELD(struct take_args, key, TEXT, .flags = FIELD_REQUIRED, .min = 36, .max = 36, .help = KEY_HELP),
	FIELD(struct take_args, drop, BOOL, .help = "forget it: nobody goes on with it, and nothing of it is answered"),
	FIELDS_DONE
};

static enum qt_err take_post(struct call *call)
{
	const struct take_args *a = call->args;
	char *content;
	int64_t id;
	enum qt_err err = held_take(call, a->key, &id, &content);

	if (err == QT_OK) {
		json_int(call->reply, "held_id", id);
		if (!a->drop)
			json_text(call->reply, "content", content);
	}
	free(content);
	return err;
}

struct ask_args {
	struct list_args list;
	int64_t store_id;
};
static const struct field ask_fields[] = {
	{ .name = "after", .type = FIELD_INT, .offset = offsetof(struct ask_args, list.after), .min = 0, .max = INT64_MAX,
	  .help = "continue after this id" },
	{ .name = "limit", .type = FIELD_INT, .offset = offsetof(struct ask_args, list.limit), .min = 1, .max = LIST_MAX,
	  .fallback = 100, .help = "at most this many" },
	FIELD(struct ask_args, store_id, INT, .min = 1, .max = INT64_MAX, .help = "the store; at a till: the till's"),
	FIELDS_DONE
};

static enum qt_err held_get(struct call *call)
{
	const struct ask_args *a = call->args;
	int64_t ids[LIST_MAX], store_id = a->store_id ? a->store_id : call->actor.store_id;
	struct store store;
	struct merchant m;
	int count = 0;
	enum qt_err err = call_merchant(call, &m);

	if (err != QT_OK)
		return err;
	if (store_id == 0)
		return problem_set(&call->problem, QT_MISSING_FIELD, "store_id", "which store");
	err = store_get(call->db, m.id, store_id, &store);
	if (err == QT_NOT_FOUND)
		return problem_set(&call->problem, err, "store_id", "there is no such store");
	if (err == QT_OK)
		err = held_list(call, store_id, a->list.after, a->list.limit, ids, &count);
	if (err == QT_OK)
		list_finish(call, &a->list, ids, count);
	return err;
}

const struct route held_routes[] = {
	{ .method = "GET", .path = "/v1/held-sales", .roles = ROLES_STAFF, .fields = ask_fields,
	  .args_size = sizeof(struct ask_args), .handle = held_get,
	  .help = "Sales put aside in a store that nobody went on with yet, oldest first." },
	{ .method = "POST", .path = "/v1/held-sales", .roles = ROLES_TILL, .flags = ROUTE_WRITE,
	  .body_max = HELD_CONTENT_MAX + HELD_CONTENT_MAX / 4, .fields = put_fields, .args_size = sizeof(struct held),
	  .handle = held_post, .help = "Put a sale aside for any till of the store." },
	{ .method = "POST", .path = "/v1/held-sales/take", .roles = ROLES_TILL, .flags = ROUTE_WRITE, .body_max = 256,
	  .fields = take_fields, .args_size = sizeof(struct take_args), .handle = take_post,
	  .help = "Go on with a sale put aside, or drop it: one till can, once, and the others hear where." },
};
const int held_route_count = sizeof held_routes / sizeof *held_routes;
