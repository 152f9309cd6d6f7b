/* api_staff: routes of staff, sign-in and sign-out. PINs are hashed and checked in prepare, never in the writer. */
#include "server/audit_log.h"
#include "server/list.h"
#include "server/ratelimit.h"
#include "server/staff.h"

#include <stddef.h>
#include <string.h>

/* Absent members are NULL or -1: as they were. */
struct staff_args {
	const char *number, *name, *pin;
	int role, state;
};
static const char *const role_words[] = { "cashier", "manager", "owner", NULL };
static const int64_t roles[] = { ROLE_CASHIER, ROLE_MANAGER, ROLE_OWNER };
static const char *const state_words[] = { "active", "left", NULL };

static const struct field add_fields[] = {
	FIELD(struct staff_args, number, TEXT, .flags = FIELD_REQUIRED, .min = 1, .max = 6,
	      .help = "1 to 6 digits to sign in with"),
	FIELD(struct staff_args, name, TEXT, .flags = FIELD_REQUIRED, .min = 1, .max = NAME_MAX_BYTES, .help = "name"),
	FIELD(struct staff_args, role, CHOICE, .flags = FIELD_REQUIRED, .choices = role_words, .help = "role"),
	FIELD(struct staff_args, pin, TEXT, .flags = FIELD_REQUIRED | FIELD_SECRET, .min = 1, .max = 12,
	      .help = "digits: 4 to 12 for a cashier, 6 to 12 for others"),
	FIELDS_DONE
};
static const struct field change_fields[] = {
	FIELD(struct staff_args, name, TEXT, .min = 1, .max = NAME_MAX_BYTES, .help = "name"),
	FIELD(struct staff_args, role, CHOICE, .choices = role_words, .fallback = -1, .help = "role"),
	FIELD(struct staff_args, pin, TEXT, .flags = FIELD_SECRET, .min = 1, .max = 12, .help = "a new PIN"),
	FIELD(struct staff_args, state, CHOICE, .choices = state_words, .fallback = -1,
	      .help = "left: cannot sign in any more"),
	FIELDS_DONE
};

/* A manager manages cashiers; owners and the operator manage everybody. */
static enum qt_err may_manage(struct call *call, int64_t role, const char *field)
{
	if (call->actor.role == ROLE_MANAGER && role != ROLE_CASHIER)
		return problem_set(&call->problem, QT_FORBIDDEN, field, "only an owner");
	return QT_OK;
}

/* The hash of the PIN given, into call->prepared; NULL when none is given. */
static enum qt_err hash_pin(struct call *call)
{
	const struct staff_args *a = call->args;

	if (a->pin != NULL) {
		call->prepared = arena_alloc(call->arena, 128);
		pin_hash(a->pin, call->server->keys.pepper, call->prepared);
	}
	return QT_OK;
}

static enum qt_err add_prepare(struct call *call)
{
	const struct staff_args *a = call->args;
	enum qt_err err = staff_check_number(a->number, &call->problem);

	if (err == QT_OK)
		err = staff_check_pin(roles[a->role], a->pin, &call->problem);
	if (err == QT_OK)
		err = may_manage(call, roles[a->role], "role");
	return err == QT_OK ? hash_pin(call) : err;
}

static enum qt_err staff_post(struct call *call)
{
	const struct staff_args *a = call->args;
	struct staff st = { .role = roles[a->role] };
	struct merchant m;
	enum qt_err err = call_merchant(call, &m);

	if (err != QT_OK)
		return err;
	st.merchant_id = m.id;
	text_set(st.number, sizeof st.number, a->number);
	text_set(st.name, sizeof st.name, a->name);
	text_set(st.pin_hash, sizeof st.pin_hash, call->prepared);
	err = staff_add(call->db, &st, call->now_ms, &call->problem);
	if (err == QT_OK)
		err = audit_log_add(call->db, &call->actor, call->now_ms, "staff-add", st.id, staff_role_name(st.role));
	if (err != QT_OK)
		return err;
	call->status = 201;
	json_int(call->reply, "staff_id", st.id);
	return QT_OK;
}

static void staff_json(struct json *j, const struct staff *st)
{
	json_int(j, "staff_id", st->id);
	json_text(j, "number", st->number);
	json_text(j, "name", st->name);
	json_text(j, "role", staff_role_name(st->role));
	json_text(j, "state", state_words[st->state - 1]);
}

static enum qt_err change_prepare(struct call *call)
{
	const struct staff_args *a = call->args;
	struct staff st;
	struct merchant m;
	enum qt_err err = call_merchant(call, &m);

	if (err == QT_OK)
		err = staff_get(call->db, m.id, call->id, &st);
	if (err == QT_OK)
		err = may_manage(call, st.role, "");
	if (err == QT_OK && a->role >= 0)
		err = may_manage(call, roles[a->role], "role");
	if (err == QT_OK && a->pin != NULL)
		err = staff_check_pin(a->role >= 0 ? roles[a->role] : st.role, a->pin, &call->problem);
	if (err == QT_OK && a->role > 0 && st.role == ROLE_CASHIER && a->pin == NULL)
		err = problem_set(&call->problem, QT_MISSING_FIELD, "pin", "a higher role needs a new PIN");
	return err == QT_OK ? hash_pin(call) : err;
}

/* What was changed, for the audit log. */
static const char *change_word(const struct staff_args *a)
{
	if (a->state >= 0)
		return a->state == 0 ? "staff-return" : "staff-leave";
	return a->role >= 0 ? "staff-role" : a->pin != NULL ? "staff-pin" : "staff-name";
}

static enum qt_err staff_change_post(struct call *call)
{
	const struct staff_args *a = call->args;
	struct staff st;
	enum qt_err err = staff_get(call->db, call->actor.merchant_id, call->id, &st);

	/* Again: the row may have changed since prepare. */
	if (err == QT_OK)
		err = may_manage(call, st.role, "");
	if (err != QT_OK)
		return err;
	text_set(st.name, sizeof st.name, a->name);
	text_set(st.pin_hash, sizeof st.pin_hash, call->prepared);
	if (a->role >= 0)
		st.role = roles[a->role];
	if (a->state >= 0)
		st.state = a->state == 0 ? STAFF_ACTIVE : STAFF_LEFT;
	err = staff_change(call->db, &st, call->now_ms);
	if (err == QT_OK)
		err = audit_log_add(call->db, &call->actor, call->now_ms, change_word(a), st.id, staff_role_name(st.role));
	if (err == QT_OK)
		staff_json(call->reply, &st);
	return err;
}

static enum qt_err staff_row(struct call *call, int64_t merchant_id, int64_t id)
{
	struct staff row;
	enum qt_err err = staff_get(call->db, merchant_id, id, &row);

	if (err == QT_OK)
		staff_json(call->reply, &row);
	return err;
}

static enum qt_err staff_list_get(struct call *call)
{
	LIST_SQL(up, down, "staff", "merchant_id");
	struct merchant m;
	enum qt_err err = call_merchant(call, &m);

	return err == QT_OK ? list_rows(call, "staff", &up, &down, m.id, staff_row) : err;
}

struct sign_in_args {
	const char *number, *pin;
};
static const struct field sign_in_fields[] = {
	FIELD(struct sign_in_args, number, TEXT, .flags = FIELD_REQUIRED, .min = 1, .max = 6, .help = "staff number"),
	FIELD(struct sign_in_args, pin, TEXT, .flags = FIELD_REQUIRED | FIELD_SECRET, .min = 1, .max = 12, .help = "PIN"),
	FIELDS_DONE
};

static enum qt_err sign_in_prepare(struct call *call)
{
	const struct sign_in_args *a = call->args;
	struct staff *st = arena_alloc(call->arena, sizeof *st);
	enum qt_err err = staff_check_number(a->number, &call->problem);

	call->prepared = st;
	return err == QT_OK ? staff_by_pin(call, a->number, a->pin, st) : err;
}

static enum qt_err sign_in_post(struct call *call)
{
	const struct staff *known = call->prepared;
	struct staff st;
	char token[AUTH_TOKEN_MAX];
	enum qt_err err = staff_get(call->db, call->actor.merchant_id, known->id, &st);

	/* Again: the person may have left, or got another PIN, since prepare. */
	if (err == QT_OK && (st.state != STAFF_ACTIVE || strcmp(st.pin_hash, known->pin_hash) != 0))
		err = QT_BAD_PIN;
	if (err == QT_OK)
		err = session_open(call->db, &call->server->keys, &st, call->actor.terminal_id, call->now_ms, token);
	if (err == QT_OK)
		err = audit_log_add(call->db, &call->actor, call->now_ms, "sign-in", st.id, NULL);
	if (err != QT_OK)
		return err;
	json_text(call->reply, "session_token", token);
	json_int(call->reply, "staff_id", st.id);
	json_text(call->reply, "name", st.name);
	json_text(call->reply, "role", staff_role_name(st.role));
	json_int(call->reply, "expires_ms", call->now_ms + SESSION_TTL_MS);
	return QT_OK;
}

static enum qt_err sign_out_post(struct call *call)
{
	return session_close(call->db, call->actor.terminal_id, call->now_ms);
}

const struct route staff_routes[] = {
	{ .method = "POST", .path = "/v1/staff", .roles = ROLES_BOSS, .flags = ROUTE_WRITE, .body_max = 1024,
	  .fields = add_fields, .args_size = sizeof(struct staff_args), .prepare = add_prepare, .handle = staff_post,
	  .help = "Add a person; a manager adds cashiers only." },
	{ .method = "GET", .path = "/v1/staff", .roles = ROLES_BOSS, .fields = list_both_fields,
	  .args_size = sizeof(struct list_args), .handle = staff_list_get, .help = "List the merchant's staff." },
	{ .method = "POST", .path = "/v1/staff/:id", .roles = ROLES_BOSS, .flags = ROUTE_WRITE, .body_max = 1024,
	  .fields = change_fields, .args_size = sizeof(struct staff_args), .prepare = change_prepare,
	  .handle = staff_change_post, .help = "Change what is given; the person signs in again." },
	{ .method = "POST", .path = "/v1/sign-in", .roles = ROLE_TERMINAL | ROLES_TILL, .flags = ROUTE_WRITE | ROUTE_NO_KEY,
	  .body_max = 512, .limit = LIMIT_PIN, .fields = sign_in_fields, .args_size = sizeof(struct sign_in_args),
	  .prepare = sign_in_prepare,
	  .handle = sign_in_post,
	  .help = "Sign in at the till; five wrong PINs lock the person at this till for five minutes and longer." },
	{ .method = "POST", .path = "/v1/sign-out", .roles = ROLES_TILL | ROLE_OWNER, .flags = ROUTE_WRITE | ROUTE_NO_KEY,
	  .handle = sign_out_post, .help = "End the session at this till." },
};
const int staff_route_count = (int)(sizeof staff_routes / sizeof *staff_routes);
