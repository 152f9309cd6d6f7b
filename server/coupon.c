/* coupon: see coupon.h. */
#include "server/coupon.h"

#include <string.h>

#define COUPON_COLUMNS "id, merchant_id, promotion_id, batch_id, customer_id, state, order_id, expires_ms"
#define COUPON_OUT "iiiiiiii"
#define COUPON_POINTERS(c) &(c)->id, &(c)->merchant_id, &(c)->promotion_id, &(c)->batch_id, &(c)->customer_id, \
	&(c)->state, &(c)->order_id, &(c)->expires_ms

const char *coupon_state_name(int64_t state)
{
	static const char *const names[] = { "?", "fresh", "held", "used" };
	return names[state >= COUPON_FRESH && state <= COUPON_USED ? state : 0];
}

enum qt_err coupon_get(struct db *db, int64_t merchant_id, int64_t coupon_id, struct coupon *c)
{
	SQL(by_id, "SELECT " COUPON_COLUMNS " FROM coupon WHERE id = $1 AND (merchant_id = $2 OR $2 = 0)");
	return db_one(db, &by_id, "ii", coupon_id, merchant_id, COUPON_OUT, COUPON_POINTERS(c));
}

static void put_id(uint8_t *at, int64_t id)
{
	for (int i = 0; i < 8; i++)
		at[i] = (uint8_t)((uint64_t)id >> (8 * i));
}

/* What the row keeps of a code's secret. */
static void secret_hash(const struct keyring *keys, int64_t coupon_id, const uint8_t secret[CODE_SECRET_SIZE],
                        uint8_t out[32])
{
	uint8_t text[6 + 8 + CODE_SECRET_SIZE] = "coupon";

	put_id(text + 6, coupon_id);
	memcpy(text + 14, secret, CODE_SECRET_SIZE);
	crypto_hmac(keys->lookup_key, text, sizeof text, out);
	crypto_wipe(text, sizeof text);
}

/* The secret itself: from a key outside the database, so that no row holds it. */
static void derive_secret(const struct keyring *keys, const struct coupon *c, uint8_t secret[CODE_SECRET_SIZE])
{
	uint8_t key[32], mac[32], text[16];

	put_id(text, c->id);
	put_id(text + 8, c->batch_id);
	crypto_derive(keys->lookup_key, "coupon secret", key, sizeof key);
	crypto_hmac(key, text, sizeof text, mac);
	memcpy(secret, mac, CODE_SECRET_SIZE);
	crypto_wipe(key, sizeof key);
	crypto_wipe(mac, sizeof mac);
}

enum qt_err coupon_by_read_code(struct db *db, const struct server *server, int64_t merchant_id, const struct code *code,
                                struct coupon *c)
{
	SQL(by_id, "SELECT " COUPON_COLUMNS ", secret_hash FROM coupon WHERE id = $1");
	uint8_t given[32], had[32] = { 0 };
	size_t had_len = sizeof had;

	secret_hash(&server->keys, code->id, code->secret, given);
	enum qt_err err = db_one(db, &by_id, "i", code->id, COUPON_OUT "b", COUPON_POINTERS(c), had, &had_len);
	if (err != QT_OK && err != QT_NOT_FOUND)
		return err;
	if (!crypto_equal(given, had, sizeof had) || err == QT_NOT_FOUND || had_len != sizeof had ||
	    (merchant_id != 0 && c->merchant_id != merchant_id))
		return QT_NOT_FOUND;
	return QT_OK;
}

enum promo_why coupon_judge(const struct coupon *c, int64_t customer_id, int64_t now_ms)
{
	if (c->state == COUPON_USED)
		return PROMO_WHY_CODE_USED;
	if (c->state == COUPON_HELD)
		return PROMO_WHY_CODE_HELD;
	if (c->expires_ms && now_ms >= c->expires_ms)
		return PROMO_WHY_CODE_EXPIRED;
	if (c->customer_id && customer_id && c->customer_id != customer_id)
		return PROMO_WHY_CODE_REFUSED;
	return PROMO_WHY_APPLIED;
}

char *coupon_code_url(const struct server *server, const struct coupon *c, char out[CODE_URL_MAX])
{
	struct code code = { .kind = CODE_COUPON, .id = c->id };
	char token[CODE_TOKEN_MAX];

	derive_secret(&server->keys, c, code.secret);
	if (code_make(&server->keys, &code, token) != QT_OK)
		fatal("the key file has no epoch for codes");
	return code_url(server->settings.public_url, token, out);
}

enum qt_err coupon_batch_get(struct db *db, int64_t merchant_id, int64_t batch_id, struct coupon_batch *b)
{
	SQL(by_id, "SELECT id, merchant_id, promotion_id, count, expires_ms, first_coupon_id, created_ms, exported_ms, name "
	           "FROM coupon_batch WHERE id = $1 AND merchant_id = $2");
	return db_one(db, &by_id, "ii", batch_id, merchant_id, "iiiiiiiit", &b->id, &b->merchant_id, &b->promotion_id,
	              &b->count, &b->expires_ms, &b->first_coupon_id, &b->created_ms, &b->exported_ms, b->name,
	              sizeof b->name);
}

enum qt_err coupon_batch_add(struct db *db, struct coupon_batch *b)
{
	SQL(batch, "INSERT INTO coupon_batch (id, merchant_id, promotion_id, name, count, expires_ms, first_coupon_id, "
	           "created_ms, exported_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0)");
	SQL(one, "INSERT INTO coupon (id, merchant_id, promotion_id, batch_id, secret_hash, customer_id, state, order_id, "
	         "expires_ms) VALUES ($1, $2, $3, $4, NULL, 0, 1, 0, $5)");
	enum qt_err err = QT_OK;

	b->id = db_new_id(db, "coupon_batch");
	for (int64_t i = 0; i < b->count && err == QT_OK; i++) {
		int64_t id = db_new_id(db, "coupon");
		if (i == 0)
			b->first_coupon_id = id;
		err = db_run(db, &one, "iiiii", id, b->merchant_id, b->promotion_id, b->id, b->expires_ms);
	}
	return err == QT_OK ? db_run(db, &batch, "iiitiiii", b->id, b->merchant_id, b->promotion_id,
	                             b->name[0] ? b->name : NULL, b->count, b->expires_ms, b->first_coupon_id, b->created_ms)
	                    : err;
}

enum qt_err coupon_batch_export(struct db *db, const struct server *server, int64_t merchant_id, int64_t batch_id,
                                int64_t now_ms, struct coupon_batch *b)
{
	SQL(mark, "UPDATE coupon_batch SET exported_ms = $2 WHERE id = $1");
	SQL(set_hash, "UPDATE coupon SET secret_hash = $2 WHERE id = $1");

	enum qt_err err = coupon_batch_get(db, merchant_id, batch_id, b);
	if (err == QT_OK && b->exported_ms > 0)
		err = QT_CONFLICT;
	if (err == QT_OK)
		err = db_run(db, &mark, "ii", batch_id, now_ms);
	for (int64_t id = b->first_coupon_id; err == QT_OK && id < b->first_coupon_id + b->count; id++) {
		const struct coupon c = { .id = id, .batch_id = batch_id };
		uint8_t secret[CODE_SECRET_SIZE], hash[32];
		derive_secret(&server->keys, &c, secret);
		secret_hash(&server->keys, id, secret, hash);
		err = db_run(db, &set_hash, "ib", id, (const void *)hash, sizeof hash);
		crypto_wipe(secret, sizeof secret);
	}
	return err;
}

enum qt_err coupon_move(struct db *db, int64_t coupon_id, int64_t order_id, enum coupon_state state)
{
	SQL(update, "UPDATE coupon SET state = $2, order_id = $3 WHERE id = $1");
	return db_run(db, &update, "iii", coupon_id, (int64_t)state, order_id);
}

enum qt_err coupon_keep(struct db *db, struct coupon *c, int64_t customer_id)
{
	SQL(update, "UPDATE coupon SET customer_id = $2 WHERE id = $1");

	if (c->customer_id == customer_id)
		return QT_OK;
	if (c->customer_id != 0)
		return QT_CONFLICT;
	c->customer_id = customer_id;
	return db_run(db, &update, "ii", c->id, customer_id);
}
