/* api_login: routes of signing in at the console. Passphrases are hashed and checked in prepare, never in the writer. */
#include "server/audit_log.h"
#include "server/list.h"
#include "server/login.h"
#include "server/ratelimit.h"
#include "shared/money.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* Nobody's passphrase: looked at when the name is unknown, so that the answer takes as long. */
#define NOBODYS "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

struct login_args {
	const char *login, *passphrase, *code;
};
static const struct field set_fields[] = {
	FIELD(struct login_args, login, TEXT, .flags = FIELD_REQUIRED, .min = 3, .max = LOGIN_NAME_MAX,
	      .help = "what is typed to sign in: letters, digits, points, _, @ and -"),
	FIELD(struct login_args, passphrase, TEXT, .flags = FIELD_REQUIRED | FIELD_SECRET, .min = LOGIN_PASSPHRASE_MIN,
	      .max = LOGIN_PASSPHRASE_MAX, .help = "12 characters or more"),
	FIELDS_DONE
};
static const struct field login_fields[] = {
	FIELD(struct login_args, login, TEXT, .flags = FIELD_REQUIRED, .min = 1, .max = LOGIN_NAME_MAX, .help = "login name"),
	FIELD(struct login_args, passphrase, TEXT, .flags = FIELD_REQUIRED | FIELD_SECRET, .min = 1,
	      .max = LOGIN_PASSPHRASE_MAX, .help = "passphrase"),
	FIELD(struct login_args, code, TEXT, .flags = FIELD_SECRET, .max = 24,
	      .help = "owners: six digits of the authenticator app, or a recovery code"),
	FIELDS_DONE
};

/* An owner or the operator, for anybody but cashiers, who sign in at tills alone. */
static enum qt_err find_person(struct call *call, struct staff *st)
{
	struct merchant m;
	enum qt_err err = call_merchant(call, &m);

	if (err == QT_OK)
		err = staff_get(call->db, m.id, call->id, st);
	if (err == QT_OK && (st->role == ROLE_CASHIER || st->state != STAFF_ACTIVE))
		return problem_set(&call->problem, QT_CONFLICT, "", "only managers and owners who work here sign in at a console");
	return err;
}

static enum qt_err set_prepare(struct call *call)
{
	const struct login_args *a = call->args;
	char name[LOGIN_NAME_MAX + 1];
	struct staff st;
	enum qt_err err = login_fold(a->login, name, &call->problem);

	if (err == QT_OK)
		err = find_person(call, &st);
	if (err != QT_OK)
		return err;
	call->prepared = arena_alloc(call->arena, 128);
	pin_hash(a->passphrase, call->server->keys.pepper, call->prepared);
	return QT_OK;
}

static enum qt_err set_post(struct call *call)
{
	const struct login_args *a = call->args;
	const struct keyring *keys = &call->server->keys;
	char name[LOGIN_NAME_MAX + 1], uri[LOGIN_URI_ROOM], code[LOGIN_RECOVERY_ROOM];
	struct login l;
	struct staff st;
	enum qt_err err = find_person(call, &st);

	if (err == QT_OK)
		err = login_fold(a->login, name, &call->problem);
	if (err == QT_OK)
		err = login_set(call->db, &st, name, call->prepared, call->now_ms, &l, &call->problem);
	if (err == QT_OK)
		err = audit_log_add(call->db, &call->actor, call->now_ms, "login-set", st.id, name);
	if (err != QT_OK)
		return err;
	call->status = 201;
	json_text(call->reply, "login", name);
	json_int(call->reply, "staff_id", st.id);
	json_text(call->reply, "name", st.name);
	if (!l.totp)
		return QT_OK;
	login_uri(keys, &l, uri);
	json_text(call->reply, "otpauth_uri", uri);
	json_array(call->reply, "recovery_codes");
	for (int i = 0; i < LOGIN_RECOVERY_CODES; i++) {
		login_recovery(keys, &l, i, code);
		json_text(call->reply, NULL, code);
	}
	json_end(call->reply);
	return QT_OK;
}

/* The same person key for known and unknown names, so that a lock tells nothing. */
static int64_t person_of(const char *folded)
{
	uint8_t hash[32];
	int64_t key;

	crypto_sha256(folded, strlen(folded), hash);
	memcpy(&key, hash, sizeof key);
	return key & INT64_MAX;
}

static enum qt_err login_prepare(struct call *call)
{
	const struct login_args *a = call->args;
	const struct keyring *keys = &call->server->keys;
	struct login *l = arena_alloc(call->arena, sizeof *l);
	char name[LOGIN_NAME_MAX + 1] = "";
	enum qt_err err = login_fold(a->login, name, NULL);

	err = err == QT_OK ? login_by_name(call->db, name, l) : QT_NOT_FOUND;
	bool known = err == QT_OK;
	if (err != QT_OK && err != QT_NOT_FOUND)
		return err;
	err = pin_guard_take(call, PIN_LOGIN, person_of(name), 0);
	if (err != QT_OK)
		return err;
	bool right = pin_verify(a->passphrase, keys->pepper, known ? l->passphrase_hash : NOBODYS) && known;
	if (right && l->totp)
		right = a->code != NULL && login_code_fits(keys, l, a->code, call->now_ms);
	if (!right)
		return problem_set(&call->problem, QT_BAD_PIN, "passphrase", "login, passphrase or code is wrong");
	call->prepared = l;
	return pin_guard_clear(call, PIN_LOGIN, person_of(name), 0);
}

static enum qt_err login_post(struct call *call)
{
	SQL(merchant_of, "SELECT merchant_id FROM staff WHERE id = $1 AND state = 1");
	const struct login *l = call->prepared;
	char token[AUTH_TOKEN_MAX];
	struct merchant m = { 0 };
	struct staff st;
	int64_t merchant_id = 0;
	enum qt_err err = db_one(call->db, &merchant_of, "i", l->staff_id, "i", &merchant_id);

	if (err == QT_NOT_FOUND)
		return QT_BAD_PIN;
	if (err == QT_OK)
		err = staff_get(call->db, merchant_id, l->staff_id, &st);
	/* Whoever became an owner since gets a code first. */
	if (err == QT_OK && (st.role == ROLE_CASHIER || (st.role == ROLE_OWNER && !l->totp)))
		err = QT_BAD_PIN;
	if (err == QT_OK)
		err = merchant_get(call->db, merchant_id, &m);
	if (err == QT_OK)
		err = login_use(call->db, l, call->now_ms);
	if (err == QT_OK)
		err = login_session_open(call->db, &call->server->keys, st.id, call->now_ms, token);
	struct actor who = { .role = (enum role)st.role, .merchant_id = merchant_id, .staff_id = st.id };
	if (err == QT_OK)
		err = audit_log_add(call->db, &who, call->now_ms, "login", st.id, NULL);
	if (err != QT_OK)
		return err;
	json_text(call->reply, "session_token", token);
	json_int(call->reply, "staff_id", st.id);
	json_text(call->reply, "name", st.name);
	json_text(call->reply, "role", staff_role_name(st.role));
	json_int(call->reply, "merchant_id", m.id);
	json_text(call->reply, "merchant_name", m.name);
	json_text(call->reply, "currency", currency_by_numeric(m.currency)->alpha);
	json_int(call->reply, "expires_ms", call->now_ms + LOGIN_SESSION_MS);
	return QT_OK;
}

static enum qt_err logout_post(struct call *call)
{
	return login_session_close(call->db, call->actor.staff_id, call->now_ms);
}

const struct route login_routes[] = {
	{ .method = "POST", .path = "/v1/staff/:id/login", .roles = ROLE_OWNER | ROLE_OPERATOR,
	  .flags = ROUTE_WRITE | ROUTE_SECRET, .body_max = 1024, .fields = set_fields, .args_size = sizeof(struct login_args),
	  .prepare = set_prepare, .handle = set_post,
	  .help = "How a manager or owner signs in at a console; an owner's key for an authenticator app and recovery codes are "
	          "shown once; set again, what was before ends." },
	{ .method = "POST", .path = "/v1/login", .roles = ROLE_ANYONE, .flags = ROUTE_WRITE | ROUTE_NO_KEY, .body_max = 1024,
	  .limit = LIMIT_PIN, .fields = login_fields, .args_size = sizeof(struct login_args), .prepare = login_prepare,
	  .handle = login_post,
	  .help = "Sign in at a console for twelve hours; five wrong tries lock the name for five minutes and longer." },
	{ .method = "POST", .path = "/v1/logout", .roles = ROLE_MANAGER | ROLE_OWNER, .flags = ROUTE_WRITE | ROUTE_NO_KEY,
	  .handle = logout_post, .help = "End every session of the person at consoles." },
};
const int login_route_count = sizeof login_routes / sizeof *login_routes;
