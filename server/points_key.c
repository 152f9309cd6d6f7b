/* points_key: see points_key.h. */
#include "server/points_key.h"

#include "server/wallet.h"
#include "shared/clock.h"

#include <stdio.h>
#include <string.h>

#define SEALED_SIZE (32 + 28)

static void sealing_key(const struct keyring *keys, uint8_t out[32])
{
	crypto_derive(keys->lookup_key, "points key", out, 32);
}

static size_t seal_text(char out[64], int64_t merchant_id, int64_t customer_id, int64_t number)
{
	return (size_t)snprintf(out, 64, "%lld %lld %lld", (long long)merchant_id, (long long)customer_id, (long long)number);
}

/* Room for one more. */
static enum qt_err end_oldest(struct call *call, int64_t merchant_id)
{
	SQL(held, "SELECT COUNT(*), COALESCE(MIN(id), 0) FROM points_key WHERE customer_id = $1 AND merchant_id = $2 AND "
	          "ended_ms = 0");
	SQL(end, "UPDATE points_key SET ended_ms = $2 WHERE id = $1");
	int64_t count, oldest;
	enum qt_err err = db_one(call->db, &held, "ii", call->actor.customer_id, merchant_id, "ii", &count, &oldest);

	return err == QT_OK && count >= POINTS_KEYS_MAX ? db_run(call->db, &end, "ii", oldest, call->now_ms) : err;
}

enum qt_err points_key_add(struct call *call, int64_t merchant_id, const uint8_t phone[CRYPTO_POINT_SIZE],
                           int64_t *number, uint8_t server_point[CRYPTO_POINT_SIZE])
{
	SQL(taken, "SELECT id FROM points_key WHERE number = $1");
	SQL(insert, "INSERT INTO points_key (id, customer_id, merchant_id, number, sealed_key, created_ms, ended_ms, last_step) "
	            "VALUES ($1, $2, $3, $4, $5, $6, 0, 0)");
	uint8_t secret[32], agreed[32], key[32], outer[32], sealed[SEALED_SIZE];
	int64_t me = call->actor.customer_id, ended_ms, created_ms = call->now_ms;
	char bound[64];

	crypto_pair(secret, server_point);
	enum qt_err err = crypto_agree(secret, server_point, phone, agreed);
	crypto_wipe(secret, sizeof secret);
	if (err != QT_OK)
		return problem_set(&call->problem, err, "public_key", "must be a point of P-256, uncompressed");
	err = wallet_end_get(call->db, me, &ended_ms);
	if (err == QT_OK && created_ms <= ended_ms)
		created_ms = ended_ms + 1; /* within the same millisecond, or after the clock was set back */
	if (err == QT_OK)
		err = end_oldest(call, merchant_id);
	if (err == QT_OK)
		err = db_free_number(call->db, &taken, (uint64_t)POINTS_KEY_LIMIT, number);
	points_code_key(agreed, merchant_id, err == QT_OK ? *number : 0, key);
	sealing_key(&call->server->keys, outer);
	crypto_seal(outer, bound, seal_text(bound, merchant_id, me, err == QT_OK ? *number : 0), key, sizeof key, sealed);
	crypto_wipe(agreed, sizeof agreed);
	crypto_wipe(outer, sizeof outer);
	crypto_wipe(key, sizeof key);
	if (err != QT_OK)
		return err;
	return db_run(call->db, &insert, "iiiibi", db_new_id(call->db, "points_key"), me, merchant_id, *number,
	              (const void *)sealed, sizeof sealed, created_ms);
}

enum qt_err points_key_claim(struct call *call, int64_t merchant_id, const char *text, int kind,
                             struct points_claim *claim)
{
	SQL(by_number, "SELECT id, customer_id, created_ms, last_step, sealed_key FROM points_key WHERE number = $1 AND "
	               "merchant_id = $2 AND ended_ms = 0");
	uint8_t sealed[SEALED_SIZE], outer[32], key[32];
	size_t len = sizeof sealed;
	int64_t created_ms, last_step, ended_ms;
	struct points_code c;
	char bound[64];

	enum qt_err err = points_code_read(text, &c);
	if (err == QT_OK)
		err = db_one(call->db, &by_number, "ii", c.number, merchant_id, "iiiib", &claim->key_id, &claim->customer_id,
		             &created_ms, &last_step, sealed, &len);
	if (err == QT_OK)
		err = wallet_end_get(call->db, claim->customer_id, &ended_ms);
	if (err == QT_OK && (created_ms <= ended_ms || len != sizeof sealed))
		err = QT_NOT_FOUND;
	if (err != QT_OK)
		return err == QT_NOT_FOUND ? QT_BAD_CODE : err;
	sealing_key(&call->server->keys, outer);
	err = crypto_open(outer, bound, seal_text(bound, merchant_id, claim->customer_id, c.number), sealed, len, key);
	crypto_wipe(outer, sizeof outer);
	if (err == QT_OK)
		err = points_code_open(&c, key, merchant_id, call->now_ms, &claim->step);
	else
		err = QT_STORE; /* the row was changed, or the keys are others */
	crypto_wipe(key, sizeof key);
	if (err == QT_OK && kind != 0 && c.kind != kind)
		return QT_WRONG_KIND;
	return err == QT_OK && claim->step <= totp_last(last_step, call->now_ms) ? QT_CODE_USED : err;
}

enum qt_err points_key_use(struct db *db, const struct points_claim *claim)
{
	SQL(use, "UPDATE points_key SET last_step = $2 WHERE id = $1");
	return db_run(db, &use, "ii", claim->key_id, claim->step);
}
