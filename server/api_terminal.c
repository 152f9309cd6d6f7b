/* api_terminal: routes of tills and their enrolment. Decode, call, reply; the rules are in terminal.c. */
#include "server/audit_log.h"
#include "server/list.h"
#include "server/ratelimit.h"
#include "server/seen.h"
#include "server/terminal.h"
#include "server/till_event.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

struct terminal_args {
	int64_t store_id;
	const char *name;
};
static const struct field terminal_fields[] = {
	FIELD(struct terminal_args, store_id, INT, .flags = FIELD_REQUIRED, .min = 1, .max = INT64_MAX,
	      .help = "its store"),
	FIELD(struct terminal_args, name, TEXT, .flags = FIELD_REQUIRED, .min = 1, .max = NAME_MAX_BYTES, .help = "name"),
	FIELDS_DONE
};

/* The answer, also when it is repeated: the code is made again, and no row holds it. */
static enum qt_err enrolment_reply(struct call *call)
{
	SQL(by_id, "SELECT terminal_id, expires_ms FROM enrolment WHERE id = $1");
	char url[CODE_URL_MAX], text[CODE_URL_MAX + 72];
	const char *pin = call->server->tls_pin;
	int64_t terminal_id, expires_ms;
	enum qt_err err = db_one(call->db, &by_id, "i", call->ref[0], "ii", &terminal_id, &expires_ms);

	if (err != QT_OK)
		return err;
	call->status = 201;
	json_int(call->reply, "terminal_id", terminal_id);
	/* With TLS the till learns here which key is the server's. */
	snprintf(text, sizeof text, "%s%s%s", enrolment_url(call->server, call->ref[0], url), pin[0] ? "#" : "", pin);
	json_text(call->reply, "enrolment_code", text);
	json_int(call->reply, "expires_ms", expires_ms);
	return QT_OK;
}

static enum qt_err terminal_post(struct call *call)
{
	const struct terminal_args *a = call->args;
	struct terminal t = { .store_id = a->store_id };
	struct merchant m;
	enum qt_err err = call_merchant(call, &m);

	if (err != QT_OK)
		return err;
	t.merchant_id = m.id;
	text_set(t.name, sizeof t.name, a->name);
	err = terminal_add(call->db, call->server, &t, call->now_ms, &call->ref[0], &call->problem);
	if (err == QT_OK)
		err = audit_log_add(call->db, &call->actor, call->now_ms, "terminal-add", t.id, t.name);
	return err == QT_OK ? enrolment_reply(call) : err;
}

static enum qt_err find_terminal(struct call *call, struct terminal *t)
{
	struct merchant m;
	enum qt_err err = call_merchant(call, &m);

	return err == QT_OK ? terminal_get(call->db, m.id, call->id, t) : err;
}

static enum qt_err renew_post(struct call *call)
{
	struct terminal t;
	enum qt_err err = find_terminal(call, &t);

	if (err == QT_OK)
		err = terminal_renew(call->db, call->server, &t, call->now_ms, &call->ref[0]);
	if (err == QT_OK)
		err = audit_log_add(call->db, &call->actor, call->now_ms, "terminal-renew", t.id, NULL);
	return err == QT_OK ? enrolment_reply(call) : err;
}

static void terminal_json(struct json *j, const struct terminal *t)
{
	json_int(j, "terminal_id", t->id);
	json_int(j, "store_id", t->store_id);
	json_text(j, "name", t->name);
	json_text(j, "state", t->revoked_ms ? "revoked" : t->enrolled_ms ? "enrolled" : "new");
	json_int(j, "enrolled_ms", t->enrolled_ms);
	json_int(j, "last_seen_ms", seen_ms(t->id));
}

static enum qt_err revoke_post(struct call *call)
{
	struct terminal t;
	enum qt_err err = find_terminal(call, &t);

	if (err == QT_OK)
		err = terminal_revoke(call->db, &t, call->now_ms);
	if (err == QT_OK)
		err = audit_log_add(call->db, &call->actor, call->now_ms, "terminal-revoke", t.id, NULL);
	if (err == QT_OK)
		terminal_json(call->reply, &t);
	return err;
}

static enum qt_err terminal_row(struct call *call, int64_t merchant_id, int64_t id)
{
	struct terminal row;
	enum qt_err err = terminal_get(call->db, merchant_id, id, &row);

	if (err == QT_OK)
		terminal_json(call->reply, &row);
	return err;
}

static enum qt_err terminals_get(struct call *call)
{
	LIST_SQL(up, down, "terminal", "merchant_id");
	struct merchant m;
	enum qt_err err = call_merchant(call, &m);

	return err == QT_OK ? list_rows(call, "terminals", &up, &down, m.id, terminal_row) : err;
}

/* What a till knows of itself: members merchant, store, fixed_code. */
static enum qt_err surroundings_json(struct call *call, const struct terminal *t)
{
	struct merchant m;
	struct store st;
	char url[CODE_URL_MAX];
	enum qt_err err = merchant_get(call->db, t->merchant_id, &m);

	if (err == QT_OK)
		err = store_get(call->db, m.id, t->store_id, &st);
	if (err != QT_OK)
		return err;
	json_object(call->reply, "merchant");
	json_int(call->reply, "id", m.id);
	merchant_json(call->reply, &m);
	json_end(call->reply);
	json_object(call->reply, "store");
	json_int(call->reply, "id", st.id);
	store_json(call->reply, &st);
	json_end(call->reply);
	json_text(call->reply, "fixed_code", terminal_fixed_url(call->server, t->id, url));
	return QT_OK;
}

struct enrol_args {
	const char *code, *name;
};
static const struct field enrol_fields[] = {
	FIELD(struct enrol_args, code, TEXT, .flags = FIELD_REQUIRED | FIELD_SECRET, .min = 1, .max = CODE_URL_MAX + 64,
	      .help = "enrolment code: URL or token; a key pin after # is ignored"),
	FIELD(struct enrol_args, name, TEXT, .max = NAME_MAX_BYTES, .help = "what the till calls itself"),
	FIELDS_DONE
};

static enum qt_err enrol_post(struct call *call)
{
	const struct enrol_args *a = call->args;
	struct terminal t;
	struct till_event_head head;
	char token[AUTH_TOKEN_MAX];
	enum qt_err err = terminal_enrol(call->db, call->server, a->code, a->name, call->now_ms, &t, token);

	if (err == QT_OK) {
		struct actor who = { .role = ROLE_TERMINAL, .merchant_id = t.merchant_id, .terminal_id = t.id };
		err = audit_log_add(call->db, &who, call->now_ms, "terminal-enrol", t.id, t.name);
	}
	if (err == QT_OK)
		err = till_event_newest(call->db, t.id, &head);
	if (err != QT_OK)
		return err;
	call->status = 201;
	json_int(call->reply, "terminal_id", t.id);
	json_text(call->reply, "terminal_token", token);
	json_object(call->reply, "events"); /* another machine was this till before: its chain goes on */
	till_event_head_json(&head, call->server->keys.seal_seed, call->reply);
	json_end(call->reply);
	return surroundings_json(call, &t);
}

static enum qt_err me_get(struct call *call)
{
	SQL(numbers, "SELECT last_number, last_receipt FROM till_sequence WHERE terminal_id = $1");
	struct terminal t;
	int64_t last_number = 0, last_receipt = 0;
	enum qt_err err = terminal_get(call->db, call->actor.merchant_id, call->actor.terminal_id, &t);

	if (err != QT_OK)
		return err;
	err = db_one(call->db, &numbers, "i", t.id, "ii", &last_number, &last_receipt);
	if (err != QT_OK && err != QT_NOT_FOUND) /* none: it never sold */
		return err;
	terminal_json(call->reply, &t);
	json_int(call->reply, "server_time_ms", call->now_ms);
	json_int(call->reply, "last_order_number", last_number);
	json_int(call->reply, "last_receipt_number", last_receipt);
	return surroundings_json(call, &t);
}

const struct route terminal_routes[] = {
	{ .method = "POST", .path = "/v1/terminals", .roles = ROLES_BOSS, .flags = ROUTE_WRITE | ROUTE_COMPACT,
	  .body_max = 1024, .fields = terminal_fields, .args_size = sizeof(struct terminal_args), .handle = terminal_post,
	  .rebuild = enrolment_reply,
	  .help = "Add a till; its one-time enrolment code is good for 15 minutes and, with TLS, names the server's "
	          "key behind a #." },
	{ .method = "GET", .path = "/v1/terminals", .roles = ROLES_BOSS, .fields = list_both_fields,
	  .args_size = sizeof(struct list_args), .handle = terminals_get, .help = "List the merchant's tills." },
	{ .method = "POST", .path = "/v1/terminals/:id/renew", .roles = ROLES_BOSS, .flags = ROUTE_WRITE | ROUTE_COMPACT,
	  .handle = renew_post, .rebuild = enrolment_reply,
	  .help = "A fresh enrolment code, for another machine; the present one works until it is used." },
	{ .method = "POST", .path = "/v1/terminals/:id/revoke", .roles = ROLES_BOSS, .flags = ROUTE_WRITE,
	  .handle = revoke_post, .help = "End a till's credential and its sessions for good." },
	{ .method = "POST", .path = "/v1/enrol", .roles = ROLE_ANYONE, .flags = ROUTE_WRITE | ROUTE_SECRET,
	  .body_max = 1024,
	  .limit = LIMIT_ENROL, .fields = enrol_fields, .args_size = sizeof(struct enrol_args), .handle = enrol_post,
	  .help = "Become a till by a one-time code; the credential is shown once." },
	{ .method = "GET", .path = "/v1/terminals/me", .roles = ROLE_TERMINAL | ROLES_TILL, .handle = me_get,
	  .help = "What a till knows of itself, its merchant and its store." },
};
const int terminal_route_count = (int)(sizeof terminal_routes / sizeof *terminal_routes);
