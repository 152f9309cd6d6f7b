/* staff: see staff.h. The counting of PIN tries is in pin_guard.c. */
#include "server/staff.h"

#include "server/auth.h"

#include <string.h>

/* Nobody's PIN: looked at when the number is unknown, so that the answer takes as long. */
#define NOBODYS_PIN "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

#define STAFF_COLUMNS "id, merchant_id, number, name, role, state, pin_hash"

enum qt_err staff_get(struct db *db, int64_t merchant_id, int64_t staff_id, struct staff *st)
{
	SQL(by_id, "SELECT " STAFF_COLUMNS " FROM staff WHERE id = $1 AND merchant_id = $2");
	return db_one(db, &by_id, "ii", staff_id, merchant_id, "iittiit", &st->id, &st->merchant_id,
	              st->number, sizeof st->number, st->name, sizeof st->name, &st->role, &st->state,
	              st->pin_hash, sizeof st->pin_hash);
}

static enum qt_err by_number(struct db *db, int64_t merchant_id, const char *number, struct staff *st)
{
	SQL(find, "SELECT " STAFF_COLUMNS " FROM staff WHERE merchant_id = $1 AND number = $2");
	return db_one(db, &find, "it", merchant_id, number, "iittiit", &st->id, &st->merchant_id,
	              st->number, sizeof st->number, st->name, sizeof st->name, &st->role, &st->state,
	              st->pin_hash, sizeof st->pin_hash);
}

const char *staff_role_name(int64_t role)
{
	return role == ROLE_OWNER ? "owner" : role == ROLE_MANAGER ? "manager" : "cashier";
}

enum qt_err staff_check_number(const char *number, struct problem *p)
{
	size_t len = strlen(number);

	if (len < 1 || len > 6 || strspn(number, "0123456789") != len)
		return problem_set(p, QT_BAD_FIELD, "number", "1 to 6 digits");
	return QT_OK;
}

enum qt_err staff_check_pin(int64_t role, const char *pin, struct problem *p)
{
	size_t least = role == ROLE_CASHIER ? 4 : 6, len = strlen(pin);

	if (strspn(pin, "0123456789") != len || len < least || len > 12)
		return problem_set(p, QT_BAD_FIELD, "pin", "%zu to 12 digits for a %s", least, staff_role_name(role));
	return QT_OK;
}

enum qt_err staff_add(struct db *db, struct staff *st, int64_t now_ms, struct problem *p)
{
	SQL(insert, "INSERT INTO staff (id, merchant_id, number, name, role, pin_hash, state, created_ms) "
	            "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)");
	struct staff other;
	enum qt_err err = by_number(db, st->merchant_id, st->number, &other);

	if (err == QT_OK)
		return problem_set(p, QT_EXISTS, "number", "the number is taken");
	if (err != QT_NOT_FOUND)
		return err;
	st->id = db_new_id(db, "staff");
	st->state = STAFF_ACTIVE;
	return db_run(db, &insert, "iittitii", st->id, st->merchant_id, st->number, st->name, st->role, st->pin_hash,
	              st->state, now_ms);
}

enum qt_err staff_change(struct db *db, const struct staff *st, int64_t now_ms)
{
	SQL(update, "UPDATE staff SET name = $2, role = $3, pin_hash = $4, state = $5 WHERE id = $1");
	SQL(sign_out, "UPDATE session SET revoked_ms = $2 WHERE staff_id = $1 AND revoked_ms = 0");
	SQL(log_out, "UPDATE login_session SET revoked_ms = $2 WHERE staff_id = $1 AND revoked_ms = 0");
	enum qt_err err = db_run(db, &update, "ititi", st->id, st->name, st->role, st->pin_hash, st->state);

	/* Whoever left, or has another PIN or role now, signs in again. */
	if (err == QT_OK)
		err = db_run(db, &sign_out, "ii", st->id, now_ms);
	if (err == QT_OK)
		err = db_run(db, &log_out, "ii", st->id, now_ms);
	auth_forget(CREDENTIAL_OF_STAFF, st->id);
	return err;
}

enum qt_err session_close(struct db *db, int64_t terminal_id, int64_t now_ms)
{
	SQL(sign_out, "UPDATE session SET revoked_ms = $2 WHERE terminal_id = $1 AND revoked_ms = 0");
	auth_forget(CREDENTIAL_TERMINAL, terminal_id);
	return db_run(db, &sign_out, "ii", terminal_id, now_ms);
}

enum qt_err session_open(struct db *db, const struct keyring *keys, const struct staff *st, int64_t terminal_id,
                         int64_t now_ms, char token[AUTH_TOKEN_MAX])
{
	SQL(insert, "INSERT INTO session (id, staff_id, terminal_id, secret_hash, created_ms, expires_ms, revoked_ms) "
	            "VALUES ($1, $2, $3, $4, $5, $6, 0)");
	enum qt_err err = session_close(db, terminal_id, now_ms);
	uint8_t hash[32];

	if (err != QT_OK)
		return err;
	int64_t id = db_new_id(db, "session");
	auth_new_secret(CREDENTIAL_SESSION, id, keys, token, hash);
	return db_run(db, &insert, "iiibii", id, st->id, terminal_id, (const void *)hash, sizeof hash, now_ms,
	              now_ms + SESSION_TTL_MS);
}

enum qt_err staff_by_pin(struct call *call, const char *number, const char *pin, struct staff *st)
{
	const struct keyring *keys = &call->server->keys;
	int64_t person = pin_person_of_number(call->actor.merchant_id, number);
	enum qt_err err = by_number(call->db, call->actor.merchant_id, number, st);
	bool known = err == QT_OK && st->state == STAFF_ACTIVE;

	if (err != QT_OK && err != QT_NOT_FOUND)
		return err;
	err = pin_guard_take(call, PIN_STAFF, person, call->actor.terminal_id);
	if (err != QT_OK)
		return err;
	if (!pin_verify(pin, keys->pepper, known ? st->pin_hash : NOBODYS_PIN) || !known)
		return problem_set(&call->problem, QT_BAD_PIN, "pin", "%s", "");
	return pin_guard_clear(call, PIN_STAFF, person, call->actor.terminal_id);
}
