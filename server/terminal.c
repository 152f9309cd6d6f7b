/* terminal: see terminal.h. */
#include "server/terminal.h"

#include "server/auth.h"

#include <stdio.h>
#include <string.h>

enum qt_err terminal_get(struct db *db, int64_t merchant_id, int64_t terminal_id, struct terminal *t)
{
	SQL(by_id, "SELECT id, merchant_id, store_id, name, created_ms, enrolled_ms, revoked_ms FROM terminal "
	           "WHERE id = $1 AND (merchant_id = $2 OR $2 = 0)");
	return db_one(db, &by_id, "ii", terminal_id, merchant_id, "iiitiii", &t->id, &t->merchant_id, &t->store_id,
	              t->name, sizeof t->name, &t->created_ms, &t->enrolled_ms, &t->revoked_ms);
}

static char *make_url(const struct server *server, struct code *code, char out[CODE_URL_MAX])
{
	char token[CODE_TOKEN_MAX];

	if (code_make(&server->keys, code, token) != QT_OK)
		fatal("the key file has no epoch for codes");
	return code_url(server->settings.public_url, token, out);
}

char *terminal_fixed_url(const struct server *server, int64_t terminal_id, char out[CODE_URL_MAX])
{
	return make_url(server, &(struct code){ .kind = CODE_FIXED, .id = terminal_id }, out);
}

/* The code's secret, from a key outside the database: a repeated answer repeats it, and no row holds it. */
static void derive_secret(const struct keyring *keys, int64_t enrolment_id, uint8_t secret[CODE_SECRET_SIZE])
{
	uint8_t key[32], mac[32];
	char text[24];
	int len = snprintf(text, sizeof text, "%lld", (long long)enrolment_id);

	crypto_derive(keys->lookup_key, "enrolment secret", key, sizeof key);
	crypto_hmac(key, text, (size_t)len, mac);
	memcpy(secret, mac, CODE_SECRET_SIZE);
	crypto_wipe(key, sizeof key);
	crypto_wipe(mac, sizeof mac);
}

/* What the row keeps of the secret. */
static void secret_hash(const struct keyring *keys, int64_t enrolment_id, const uint8_t secret[CODE_SECRET_SIZE],
                        uint8_t out[32])
{
	char text[64];
	char hex[2 * CODE_SECRET_SIZE + 1];

	hex_encode(secret, CODE_SECRET_SIZE, hex);
	int len = snprintf(text, sizeof text, "enrolment %lld %s", (long long)enrolment_id, hex);
	crypto_hmac(keys->lookup_key, text, (size_t)len, out);
	crypto_wipe(text, sizeof text);
	crypto_wipe(hex, sizeof hex);
}

char *enrolment_url(const struct server *server, int64_t enrolment_id, char out[CODE_URL_MAX])
{
	struct code code = { .kind = CODE_ENROLMENT, .id = enrolment_id };

	derive_secret(&server->keys, enrolment_id, code.secret);
	return make_url(server, &code, out);
}

static enum qt_err add_enrolment(struct db *db, const struct server *server, int64_t terminal_id, int64_t now_ms,
                                 int64_t *enrolment_id)
{
	SQL(insert, "INSERT INTO enrolment (id, terminal_id, secret_hash, created_ms, expires_ms, used_ms) "
	            "VALUES ($1, $2, $3, $4, $5, 0)");
	uint8_t secret[CODE_SECRET_SIZE], hash[32];

	*enrolment_id = db_new_id(db, "enrolment");
	derive_secret(&server->keys, *enrolment_id, secret);
	secret_hash(&server->keys, *enrolment_id, secret, hash);
	return db_run(db, &insert, "iibii", *enrolment_id, terminal_id, (const void *)hash, sizeof hash, now_ms,
	              now_ms + ENROLMENT_TTL_MS);
}

enum qt_err terminal_add(struct db *db, const struct server *server, struct terminal *t, int64_t now_ms,
                         int64_t *enrolment_id, struct problem *p)
{
	SQL(insert,
	    "INSERT INTO terminal (id, merchant_id, store_id, name, secret_hash, created_ms, enrolled_ms, revoked_ms) "
	            "VALUES ($1, $2, $3, $4, NULL, $5, 0, 0)");
	struct store st;
	enum qt_err err = store_get(db, t->merchant_id, t->store_id, &st);

	if (err == QT_NOT_FOUND)
		return problem_set(p, err, "store_id", "there is no such store");
	if (err != QT_OK)
		return err;
	t->id = db_new_id(db, "terminal");
	t->created_ms = now_ms;
	err = db_run(db, &insert, "iiiti", t->id, t->merchant_id, t->store_id, t->name, now_ms);
	return err == QT_OK ? add_enrolment(db, server, t->id, now_ms, enrolment_id) : err;
}

enum qt_err terminal_renew(struct db *db, const struct server *server, const struct terminal *t, int64_t now_ms,
                           int64_t *enrolment_id)
{
	SQL(cancel, "UPDATE enrolment SET expires_ms = $2 WHERE terminal_id = $1 AND used_ms = 0 AND expires_ms > $2");
	enum qt_err err = t->revoked_ms ? QT_CONFLICT : db_run(db, &cancel, "ii", t->id, now_ms);

	return err == QT_OK ? add_enrolment(db, server, t->id, now_ms, enrolment_id) : err;
}

/* The row behind a code. */
static enum qt_err read_enrolment(struct db *db, const struct server *server, const char *text, int64_t now_ms,
                                  int64_t *enrolment_id, int64_t *terminal_id)
{
	SQL(by_id, "SELECT terminal_id, secret_hash, expires_ms, used_ms FROM enrolment WHERE id = $1");
	uint8_t given[32], kept[32] = { 0 };
	size_t kept_len = sizeof kept;
	char token[CODE_TOKEN_MAX];
	int64_t expires_ms, used_ms;
	struct code code;
	enum qt_err err;

	if (code_token_of(text, server->settings.public_url, token) == NULL ||
	    code_read(&server->keys, token, now_ms, &code) != QT_OK)
		return QT_BAD_CODE;
	if (code.kind != CODE_ENROLMENT)
		return QT_WRONG_KIND;
	secret_hash(&server->keys, code.id, code.secret, given);
	err = db_one(db, &by_id, "i", code.id, "ibii", terminal_id, kept, &kept_len, &expires_ms, &used_ms);
	if (err != QT_OK && err != QT_NOT_FOUND)
		return err;
	if (!crypto_equal(given, kept, sizeof kept) || err == QT_NOT_FOUND)
		return QT_BAD_CODE;
	*enrolment_id = code.id;
	if (used_ms > 0)
		return QT_CODE_USED;
	return now_ms >= expires_ms ? QT_CODE_EXPIRED : QT_OK;
}

enum qt_err terminal_enrol(struct db *db, const struct server *server, const char *code, const char *name,
                           int64_t now_ms,
                           struct terminal *t, char token[AUTH_TOKEN_MAX])
{
	SQL(use, "UPDATE enrolment SET used_ms = $2 WHERE id = $1 AND used_ms = 0");
	SQL(give, "UPDATE terminal SET secret_hash = $2, name = $3, enrolled_ms = $4 WHERE id = $1");
	int64_t enrolment_id, terminal_id;
	uint8_t hash[32];
	enum qt_err err = read_enrolment(db, server, code, now_ms, &enrolment_id, &terminal_id);

	if (err == QT_OK)
		err = terminal_get(db, 0, terminal_id, t);
	if (err == QT_OK && t->revoked_ms > 0)
		err = QT_CODE_EXPIRED;
	if (err == QT_OK)
		err = db_run(db, &use, "ii", enrolment_id, now_ms);
	if (err != QT_OK)
		return err;
	if (name != NULL && name[0] != '\0')
		snprintf(t->name, sizeof t->name, "%s", name);
	t->enrolled_ms = now_ms;
	auth_forget(CREDENTIAL_TERMINAL, t->id);
	auth_new_secret(CREDENTIAL_TERMINAL, t->id, &server->keys, token, hash);
	return db_run(db, &give, "ibti", t->id, (const void *)hash, sizeof hash, t->name, now_ms);
}

enum qt_err terminal_revoke(struct db *db, struct terminal *t, int64_t now_ms)
{
	SQL(revoke, "UPDATE terminal SET revoked_ms = $2 WHERE id = $1");
	SQL(sign_out, "UPDATE session SET revoked_ms = $2 WHERE terminal_id = $1 AND revoked_ms = 0");
	enum qt_err err;

	if (t->revoked_ms > 0)
		return QT_OK;
	t->revoked_ms = now_ms;
	auth_forget(CREDENTIAL_TERMINAL, t->id);
	err = db_run(db, &revoke, "ii", t->id, now_ms);
	return err == QT_OK ? db_run(db, &sign_out, "ii", t->id, now_ms) : err;
}
