/* api_till_event: routes of the tills' events: a till hands its chain in, a manager reads it. The rules are in
 * till_event.c. */
#include "server/list.h"
#include "server/terminal.h"
#include "server/till_event.h"

struct event_args {
	struct field_list events; /* struct till_event_row */
};
static const struct field row_fields[] = {
	FIELD(struct till_event_row, sequence, INT, .flags = FIELD_REQUIRED, .min = 1, .max = INT64_MAX,
	      .help = "of the till, from 1 without gaps"),
	FIELD(struct till_event_row, at_ms, INT, .flags = FIELD_REQUIRED, .min = 0, .max = INT64_MAX,
	      .help = "when, by the till's clock"),
	FIELD(struct till_event_row, kind, TEXT, .flags = FIELD_REQUIRED, .min = 1, .max = CHAIN_KIND_MAX, .help = "what"),
	FIELD(struct till_event_row, content, TEXT, .flags = FIELD_REQUIRED, .min = 2, .max = CHAIN_CONTENT_MAX,
	      .help = "particulars, the text that was hashed"),
	FIELD(struct till_event_row, hash, TEXT, .flags = FIELD_REQUIRED, .min = CHAIN_HASH, .max = CHAIN_HASH,
	      .help = "SHA-256 over it and the hash before, hex"),
	FIELDS_DONE
};
static const struct field event_fields[] = {
	FIELD(struct event_args, events, LIST, .flags = FIELD_REQUIRED, .min = 1, .max = TILL_EVENTS_MAX, .sub = row_fields,
	      .sub_size = sizeof(struct till_event_row), .help = "in rising order, the first not behind a gap"),
	FIELDS_DONE
};

static enum qt_err events_post(struct call *call)
{
	const struct event_args *a = call->args;
	struct till_event_head head;
	enum qt_err err = till_event_take(call->db, call->server->keys.seal_seed, call->actor.terminal_id, a->events.items,
	                                  a->events.count, call->now_ms, &head, &call->problem);

	if (err == QT_OK)
		till_event_head_json(&head, call->server->keys.seal_seed, call->reply);
	return err;
}

struct read_args {
	int64_t after, limit;
};
static const struct field read_fields[] = {
	FIELD(struct read_args, after, INT, .min = 0, .max = INT64_MAX, .help = "continue after this event"),
	FIELD(struct read_args, limit, INT, .min = 1, .max = 200, .fallback = 200, .help = "at most this many"),
	FIELDS_DONE
};

static enum qt_err events_get(struct call *call)
{
	const struct read_args *a = call->args;
	struct terminal t;
	struct merchant m;
	char key[65];
	int64_t last;
	enum qt_err err = call_merchant(call, &m);

	if (err == QT_OK)
		err = terminal_get(call->db, m.id, call->id, &t);
	if (err != QT_OK)
		return err;
	json_int(call->reply, "terminal_id", t.id);
	chain_public(call->server->keys.seal_seed, key);
	json_text(call->reply, "public_key", key);
	err = till_event_list(call->db, t.id, a->after, a->limit, call->reply, &last);
	if (err == QT_OK && last - a->after >= a->limit)
		json_int(call->reply, "next_after", last);
	return err;
}

const struct route till_event_routes[] = {
	{ .method = "POST", .path = "/v1/till-events", .roles = ROLE_TERMINAL | ROLES_TILL,
	  .flags = ROUTE_WRITE | ROUTE_NO_KEY, .body_max = 131072, .fields = event_fields,
	  .args_size = sizeof(struct event_args), .handle = events_post,
	  .help = "Hand in what this till did, in its hash chain; what is known is passed over. Answers the countersigned head." },
	{ .method = "GET", .path = "/v1/terminals/:id/events", .roles = ROLES_BOSS, .fields = read_fields,
	  .args_size = sizeof(struct read_args), .handle = events_get,
	  .help = "What a till did, as its hash chain, with the heads the server countersigned." },
};
const int till_event_route_count = sizeof till_event_routes / sizeof *till_event_routes;
