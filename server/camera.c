/* camera: see camera.h. */
#include "server/camera.h"

#include "server/events.h"
#include "shared/clock.h"

#include <stdio.h>
#include <string.h>

#define SECRET_SIZE 32
#define SEAL_SIZE 28 /* what crypto_seal adds */

#define CAMERA_COLUMNS "id, terminal_id, created_ms, paired_ms, expires_ms, ended_ms"
#define CAMERA_OUT(c) "iiiiii", &(c)->id, &(c)->terminal_id, &(c)->created_ms, &(c)->paired_ms, &(c)->expires_ms, \
	&(c)->ended_ms

static bool in_force(const struct camera *c, int64_t now_ms)
{
	return c->ended_ms == 0 && now_ms < c->expires_ms;
}

const char *camera_state(const struct camera *c, int64_t now_ms)
{
	return !in_force(c, now_ms) ? "ended" : c->paired_ms ? "paired" : "waiting";
}

static enum qt_err tell_till(struct db *db, const struct camera *c)
{
	return event_add(db, TOPIC_TERMINAL, c->terminal_id, "camera", c->id, NULL);
}

enum qt_err camera_of_terminal(struct db *db, int64_t terminal_id, struct camera *c)
{
	SQL(newest, "SELECT " CAMERA_COLUMNS " FROM camera WHERE terminal_id = $1 ORDER BY id DESC LIMIT 1");
	return db_one(db, &newest, "i", terminal_id, CAMERA_OUT(c));
}

enum qt_err camera_get(struct db *db, int64_t camera_id, struct camera *c)
{
	SQL(by_id, "SELECT " CAMERA_COLUMNS " FROM camera WHERE id = $1");
	return db_one(db, &by_id, "i", camera_id, CAMERA_OUT(c));
}

enum qt_err camera_end(struct db *db, const struct camera *c, int64_t now_ms)
{
	SQL(end, "UPDATE camera SET ended_ms = $2 WHERE id = $1 AND ended_ms = 0");
	enum qt_err err = db_run(db, &end, "ii", c->id, now_ms);
	return err == QT_OK ? tell_till(db, c) : err;
}

enum qt_err camera_add(struct db *db, int64_t terminal_id, int64_t now_ms, struct camera *c)
{
	SQL(insert, "INSERT INTO camera (id, terminal_id, secret_hash, created_ms, paired_ms, expires_ms, ended_ms)"
	            " VALUES ($1, $2, $3, $4, 0, $5, 0)");
	static const uint8_t none[32];
	struct camera before;
	enum qt_err err = camera_of_terminal(db, terminal_id, &before);

	if (err == QT_OK && before.ended_ms == 0)
		err = camera_end(db, &before, now_ms);
	if (err != QT_OK && err != QT_NOT_FOUND)
		return err;
	*c = (struct camera){ .id = db_new_id(db, "camera"), .terminal_id = terminal_id, .created_ms = now_ms,
	                      .expires_ms = now_ms + CAMERA_CODE_MS };
	return db_run(db, &insert, "iibii", c->id, terminal_id, (const void *)none, sizeof none, now_ms, c->expires_ms);
}

/* As credentials of auth.h, but good for nothing else. */
static void hash_secret(const struct keyring *keys, int64_t id, const uint8_t secret[SECRET_SIZE], uint8_t hash[32])
{
	uint8_t text[64 + SECRET_SIZE];
	int n = snprintf((char *)text, 64, "camera-%lld-", (long long)id);

	memcpy(text + n, secret, SECRET_SIZE);
	crypto_hmac(keys->lookup_key, text, (size_t)n + SECRET_SIZE, hash);
	crypto_wipe(text, sizeof text);
}

/* QT_NOT_FOUND: no till, or one that was revoked. */
static enum qt_err till_is_there(struct db *db, int64_t terminal_id)
{
	SQL(alive, "SELECT id FROM terminal WHERE id = $1 AND revoked_ms = 0");
	int64_t id;
	return db_one(db, &alive, "i", terminal_id, "i", &id);
}

/* Only the till's newest pairing counts. */
static enum qt_err is_newest(struct db *db, const struct camera *c)
{
	struct camera newest;
	enum qt_err err = camera_of_terminal(db, c->terminal_id, &newest);
	return err == QT_OK && newest.id != c->id ? QT_NOT_FOUND : err;
}

enum qt_err camera_pair(struct call *call, const char *text, struct camera *c, char token[CAMERA_TOKEN_MAX])
{
	SQL(give, "UPDATE camera SET secret_hash = $2, paired_ms = $3, expires_ms = $4 WHERE id = $1 AND paired_ms = 0");
	const struct keyring *keys = &call->server->keys;
	uint8_t secret[SECRET_SIZE], hash[32];
	char bare[CODE_TOKEN_MAX], encoded[48];
	struct code code;

	if (code_token_of(text, call->server->settings.public_url, bare) == NULL)
		return QT_BAD_CODE;
	enum qt_err err = code_read(keys, bare, call->now_ms, &code);
	if (err == QT_OK && code.kind != CODE_CAMERA)
		err = QT_WRONG_KIND;
	if (err == QT_OK)
		err = camera_get(call->db, code.id, c);
	if (err == QT_OK && c->paired_ms)
		return QT_CODE_USED;
	if (err == QT_OK && (!in_force(c, call->now_ms) || till_is_there(call->db, c->terminal_id) != QT_OK))
		return QT_CODE_EXPIRED;
	if (err != QT_OK)
		return err == QT_NOT_FOUND ? QT_BAD_CODE : err;
	random_bytes(secret, sizeof secret);
	hash_secret(keys, c->id, secret, hash);
	base64url_encode(secret, sizeof secret, encoded);
	snprintf(token, CAMERA_TOKEN_MAX, "%lld-%s", (long long)c->id, encoded);
	crypto_wipe(secret, sizeof secret);
	crypto_wipe(encoded, sizeof encoded);
	c->paired_ms = call->now_ms;
	c->expires_ms = call->now_ms + CAMERA_LIFE_MS;
	err = db_run(call->db, &give, "ibii", c->id, (const void *)hash, sizeof hash, c->paired_ms, c->expires_ms);
	return err == QT_OK ? tell_till(call->db, c) : err;
}

/* "ID-SECRET" apart, in the one form camera_pair makes. */
static bool parse_token(const char *token, int64_t *id, uint8_t secret[SECRET_SIZE])
{
	const char *dash = strchr(token, '-');

	*id = 0;
	if (dash == NULL || dash == token || dash - token > 18 || token[0] == '0')
		return false;
	for (const char *p = token; p < dash; p++) {
		if (*p < '0' || *p > '9')
			return false;
		*id = *id * 10 + (*p - '0');
	}
	return strlen(dash + 1) == 43 && base64url_decode(dash + 1, 43, secret, SECRET_SIZE) == SECRET_SIZE;
}

enum qt_err camera_by_token(struct call *call, const char *token, struct camera *c)
{
	SQL(hash_by_id, "SELECT secret_hash FROM camera WHERE id = $1");
	uint8_t secret[SECRET_SIZE], given[32], kept[32];
	size_t len = sizeof kept;
	int64_t id;

	if (!parse_token(token, &id, secret))
		return QT_NOT_SIGNED_IN;
	enum qt_err err = camera_get(call->db, id, c);
	if (err == QT_OK)
		err = db_one(call->db, &hash_by_id, "i", id, "b", kept, &len);
	hash_secret(&call->server->keys, id, secret, given);
	crypto_wipe(secret, sizeof secret);
	if (err == QT_OK && (len != sizeof kept || c->paired_ms == 0 || !crypto_equal(given, kept, sizeof kept) ||
	                     !in_force(c, call->now_ms)))
		err = QT_NOT_FOUND;
	if (err == QT_OK)
		err = is_newest(call->db, c);
	if (err == QT_OK)
		err = till_is_there(call->db, c->terminal_id);
	return err == QT_NOT_FOUND ? QT_NOT_SIGNED_IN : err;
}

static void scan_key(const struct keyring *keys, uint8_t key[32])
{
	crypto_derive(keys->lookup_key, "camera scan", key, 32);
}

static enum qt_err add_scan(struct call *call, int64_t camera_id, const uint8_t key[32], const char *text)
{
	SQL(insert, "INSERT INTO camera_scan (id, camera_id, at_ms, text) VALUES ($1, $2, $3, $4)");
	uint8_t sealed[CAMERA_TEXT_MAX + SEAL_SIZE];
	size_t len = strlen(text);
	int64_t id = db_new_id(call->db, "camera_scan");

	if (len > CAMERA_TEXT_MAX)
		return problem_set(&call->problem, QT_TOO_LONG, "text", NULL);
	crypto_seal(key, &id, sizeof id, text, len, sealed);
	return db_run(call->db, &insert, "iiib", id, camera_id, call->now_ms, (const void *)sealed, len + SEAL_SIZE);
}

enum qt_err camera_scan_add(struct call *call, const struct camera *c, const char *const *texts, int count)
{
	/* Never the newest row: ids only rise, also across a restart. */
	SQL(forget, "DELETE FROM camera_scan WHERE camera_id = $1 AND at_ms < $2"
	            " AND id < (SELECT MAX(id) FROM camera_scan)");
	SQL(waiting, "SELECT COUNT(*) FROM camera_scan WHERE camera_id = $1");
	uint8_t key[32];
	int64_t there = 0;
	enum qt_err err = db_run(call->db, &forget, "ii", c->id, call->now_ms - CAMERA_SCAN_MS);

	if (err == QT_OK)
		err = db_one(call->db, &waiting, "i", c->id, "i", &there);
	if (err == QT_OK && there + count > CAMERA_SCANS_MAX)
		err = problem_set(&call->problem, QT_TOO_MANY, "", "the till cannot take so many; wait a little");
	scan_key(&call->server->keys, key);
	for (int i = 0; i < count && err == QT_OK; i++)
		err = add_scan(call, c->id, key, texts[i]);
	crypto_wipe(key, sizeof key);
	return err == QT_OK ? tell_till(call->db, c) : err;
}

enum qt_err camera_scan_next(struct call *call, const struct camera *c, int64_t after, struct camera_scan *scan)
{
	SQL(next, "SELECT id, text FROM camera_scan WHERE camera_id = $1 AND id > $2 AND at_ms >= $3 ORDER BY id LIMIT 1");
	uint8_t sealed[CAMERA_TEXT_MAX + SEAL_SIZE], key[32];
	size_t len = sizeof sealed;
	enum qt_err err = db_one(call->db, &next, "iii", c->id, after, call->now_ms - CAMERA_SCAN_MS, "ib", &scan->id,
	                         sealed, &len);

	if (err != QT_OK)
		return err;
	if (len < SEAL_SIZE)
		return QT_STORE;
	scan_key(&call->server->keys, key);
	err = crypto_open(key, &scan->id, sizeof scan->id, sealed, len, scan->text);
	crypto_wipe(key, sizeof key);
	scan->text[len - SEAL_SIZE] = '\0';
	return err == QT_OK ? QT_OK : QT_STORE;
}
