/* card: see card.h. Rows, codes and numbers; the movements of money are in card_money.c. */
#include "server/card.h"

#include "shared/clock.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define CARD_COLUMNS \
	"id, merchant_id, COALESCE(batch_id, 0), number, account_id, customer_id, state, expires_ms, frozen_by, replaced_by"
#define CARD_OUT "iiiiiiiiii"
#define CARD_POINTERS(c) \
	&(c)->id, &(c)->merchant_id, &(c)->batch_id, &(c)->number, &(c)->account_id, &(c)->customer_id, &(c)->state, \
	&(c)->expires_ms, &(c)->frozen_by, &(c)->replaced_by

enum qt_err card_get(struct db *db, int64_t merchant_id, int64_t card_id, struct card *c)
{
	SQL(by_id, "SELECT " CARD_COLUMNS " FROM card WHERE id = $1 AND (merchant_id = $2 OR $2 = 0)");
	return db_one(db, &by_id, "ii", card_id, merchant_id, CARD_OUT, CARD_POINTERS(c));
}

/* What the row keeps of a code's secret. */
static void secret_hash(const struct keyring *keys, int64_t card_id, const uint8_t secret[CODE_SECRET_SIZE],
                        uint8_t out[32])
{
	uint8_t text[4 + 8 + CODE_SECRET_SIZE] = "card";

	for (int i = 0; i < 8; i++)
		text[4 + i] = (uint8_t)((uint64_t)card_id >> (8 * i));
	memcpy(text + 12, secret, CODE_SECRET_SIZE);
	crypto_hmac(keys->lookup_key, text, sizeof text, out);
	crypto_wipe(text, sizeof text);
}

/* The secret itself: from a key outside the database, so that an answer can be repeated and no row holds it. */
static void derive_secret(const struct keyring *keys, const struct card *c, uint8_t secret[CODE_SECRET_SIZE])
{
	uint8_t key[32], mac[32];
	char text[48];
	int len = snprintf(text, sizeof text, "%lld %lld", (long long)c->id, (long long)c->number);

	crypto_derive(keys->lookup_key, "card secret", key, sizeof key);
	crypto_hmac(key, text, (size_t)len, mac);
	memcpy(secret, mac, CODE_SECRET_SIZE);
	crypto_wipe(key, sizeof key);
	crypto_wipe(mac, sizeof mac);
}

enum qt_err card_by_read_code(struct db *db, const struct server *server, int64_t merchant_id, const struct code *code,
                              struct card *c)
{
	SQL(by_id, "SELECT " CARD_COLUMNS ", secret_hash FROM card WHERE id = $1");
	uint8_t given[32], kept[32] = { 0 };
	size_t kept_len = sizeof kept;
	enum qt_err err;

	secret_hash(&server->keys, code->id, code->secret, given);
	err = db_one(db, &by_id, "i", code->id, CARD_OUT "b", CARD_POINTERS(c), kept, &kept_len);
	if (err != QT_OK && err != QT_NOT_FOUND)
		return err;
	/* Without a row, or before its batch is given out, `kept` is all zeros, as no hash is. */
	if (!crypto_equal(given, kept, sizeof kept) || (merchant_id != 0 && c->merchant_id != merchant_id))
		return QT_CARD_REFUSED;
	return QT_OK;
}

enum qt_err card_by_code(struct db *db, const struct server *server, int64_t merchant_id, const char *text,
                         int64_t now_ms, struct card *c)
{
	char token[CODE_TOKEN_MAX];
	struct code code;

	if (code_token_of(text, server->settings.public_url, token) == NULL ||
	    code_read(&server->keys, token, now_ms, &code) != QT_OK)
		return QT_CARD_REFUSED;
	if (code.kind != CODE_CARD)
		return QT_WRONG_KIND;
	return card_by_read_code(db, server, merchant_id, &code, c);
}

enum qt_err card_by_number(struct db *db, int64_t merchant_id, const char *digits, struct card *c)
{
	SQL(by_number, "SELECT " CARD_COLUMNS " FROM card WHERE number = $1 AND (merchant_id = $2 OR $2 = 0)");
	int64_t number = 0;
	int count = 0;
	enum qt_err err;

	for (; *digits && count <= 16; digits++) {
		if (*digits == ' ')
			continue;
		if (*digits < '0' || *digits > '9')
			return QT_CARD_REFUSED;
		number = number * 10 + (*digits - '0');
		count++;
	}
	if (count != 16 || !card_number_valid(number))
		return QT_CARD_REFUSED;
	err = db_one(db, &by_number, "ii", number, merchant_id, CARD_OUT, CARD_POINTERS(c));
	return err == QT_NOT_FOUND ? QT_CARD_REFUSED : err;
}

enum card_state card_state_at(const struct card *c, int64_t now_ms)
{
	if (c->state != CARD_CLOSED && c->expires_ms > 0 && now_ms >= c->expires_ms)
		return CARD_EXPIRED;
	return (enum card_state)c->state;
}

const char *card_state_name(enum card_state state)
{
	static const char *const names[] = { "", "new", "active", "frozen", "closed", "expired" };
	return names[state];
}

enum qt_err card_check_usable(const struct card *c, int64_t now_ms)
{
	static const enum qt_err refusal[] = {
		[CARD_NEW] = QT_CARD_NOT_ACTIVE, [CARD_ACTIVE] = QT_OK, [CARD_FROZEN] = QT_CARD_FROZEN,
		[CARD_CLOSED] = QT_CARD_REFUSED, [CARD_EXPIRED] = QT_CODE_EXPIRED,
	};
	return refusal[card_state_at(c, now_ms)];
}

/* Sum of Luhn's algorithm over all digits; every second one counted double, starting with the last when `doubled`. */
static int luhn_sum(int64_t number, bool doubled)
{
	int sum = 0;

	for (; number > 0; number /= 10, doubled = !doubled) {
		int digit = (int)(number % 10) * (doubled ? 2 : 1);
		sum += digit > 9 ? digit - 9 : digit;
	}
	return sum;
}

int64_t card_number_with_check(int64_t payload)
{
	return payload * 10 + (10 - luhn_sum(payload, true) % 10) % 10;
}

bool card_number_valid(int64_t number)
{
	return number > 0 && luhn_sum(number, false) % 10 == 0;
}

char *card_number_masked(int64_t number, char out[24])
{
	snprintf(out, 24, "•••• %04d", (int)(number % 10000));
	return out;
}

char *card_code_url(const struct server *server, const struct card *c, char out[CODE_URL_MAX])
{
	struct code code = { .kind = CODE_CARD, .id = c->id };
	char token[CODE_TOKEN_MAX];

	derive_secret(&server->keys, c, code.secret);
	enum qt_err err = code_make(&server->keys, &code, token);
	assert(err == QT_OK);
	return code_url(server->settings.public_url, token, out);
}

/* 15 random digits that start with 9 (ISO/IEC 7812-1: for national use), and the check digit. */
static int64_t random_number(void)
{
	uint64_t r;

	do
		random_bytes(&r, sizeof r);
	while (r >= UINT64_MAX - UINT64_MAX % 100000000000000); /* no remainder favoured */
	return card_number_with_check(INT64_C(900000000000000) + (int64_t)(r % 100000000000000));
}

/* A number nobody has; a collision is as good as never, and drawn again. */
static enum qt_err free_number(struct db *db, int64_t *number)
{
	SQL(taken, "SELECT id FROM card WHERE number = $1");
	enum qt_err err;
	int64_t id;

	do {
		*number = random_number();
		err = db_one(db, &taken, "i", *number, "i", &id);
	} while (err == QT_OK);
	return err == QT_NOT_FOUND ? QT_OK : err;
}

static enum qt_err insert_card(struct db *db, struct card *c, const uint8_t *hash, int64_t now_ms)
{
	SQL(insert, "INSERT INTO card (id, merchant_id, batch_id, number, secret_hash, account_id, customer_id, state, "
	            "expires_ms, frozen_by, replaced_by, created_ms, changed_ms) "
	            "VALUES ($1, $2, $3, $4, $5, 0, 0, 1, $6, 0, 0, $7, $7)");
	struct stmt *s = db_stmt(db, &insert);

	stmt_int(s, 1, c->id);
	stmt_int(s, 2, c->merchant_id);
	if (c->batch_id)
		stmt_int(s, 3, c->batch_id);
	else
		stmt_null(s, 3);
	stmt_int(s, 4, c->number);
	if (hash)
		stmt_blob(s, 5, hash, 32);
	else
		stmt_null(s, 5);
	stmt_int(s, 6, c->expires_ms);
	stmt_int(s, 7, now_ms);
	stmt_step(s);
	return stmt_end(s);
}

enum qt_err card_batch_add(struct db *db, struct card_batch *b, int64_t now_ms)
{
	SQL(insert,
	    "INSERT INTO card_batch (id, merchant_id, name, count, face_cents, expires_ms, first_card_id, created_ms, "
	            "exported_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0)");
	enum qt_err err = QT_OK;

	b->id = db_new_id(db, "card_batch");
	b->first_card_id = 0;
	for (int64_t i = 0; i < b->count && err == QT_OK; i++) {
		struct card c = { .id = db_new_id(db, "card"), .merchant_id = b->merchant_id, .batch_id = b->id,
		                  .expires_ms = b->expires_ms };
		if (i == 0) {
			b->first_card_id = c.id;
			err = db_run(db, &insert, "iitiiiii", b->id, b->merchant_id, b->name, b->count, b->face_cents,
			             b->expires_ms, b->first_card_id, now_ms);
		}
		if (err == QT_OK)
			err = free_number(db, &c.number);
		if (err == QT_OK)
			err = insert_card(db, &c, NULL, now_ms);
	}
	return err;
}

enum qt_err card_batch_get(struct db *db, int64_t merchant_id, int64_t batch_id, struct card_batch *b)
{
	SQL(by_id, "SELECT id, merchant_id, count, face_cents, expires_ms, first_card_id, exported_ms FROM card_batch "
	           "WHERE id = $1 AND merchant_id = $2");
	b->name = NULL;
	return db_one(db, &by_id, "ii", batch_id, merchant_id, "iiiiiii", &b->id, &b->merchant_id, &b->count,
	              &b->face_cents,
	              &b->expires_ms, &b->first_card_id, &b->exported_ms);
}

enum qt_err card_batch_export(struct db *db, const struct server *server, int64_t merchant_id, int64_t batch_id,
                              int64_t now_ms, struct card_batch *b)
{
	SQL(mark, "UPDATE card_batch SET exported_ms = $2 WHERE id = $1");
	SQL(set_hash, "UPDATE card SET secret_hash = $2, changed_ms = $3 WHERE id = $1");
	enum qt_err err = card_batch_get(db, merchant_id, batch_id, b);

	if (err == QT_OK && b->exported_ms > 0)
		err = QT_CONFLICT;
	if (err == QT_OK)
		err = db_run(db, &mark, "ii", batch_id, now_ms);
	for (int64_t id = b->first_card_id; err == QT_OK && id < b->first_card_id + b->count; id++) {
		uint8_t secret[CODE_SECRET_SIZE], hash[32];
		struct card c;
		err = card_get(db, merchant_id, id, &c);
		if (err != QT_OK)
			break;
		derive_secret(&server->keys, &c, secret);
		secret_hash(&server->keys, id, secret, hash);
		err = db_run(db, &set_hash, "ibi", id, (const void *)hash, sizeof hash, now_ms);
	}
	return err;
}

enum qt_err card_issue(struct db *db, const struct server *server, int64_t merchant_id, int64_t expires_ms,
                       int64_t now_ms,
                       struct card *c)
{
	uint8_t secret[CODE_SECRET_SIZE], hash[32];
	enum qt_err err;

	*c = (struct card){ .merchant_id = merchant_id, .state = CARD_NEW, .expires_ms = expires_ms };
	err = free_number(db, &c->number);
	if (err != QT_OK)
		return err;
	c->id = db_new_id(db, "card");
	derive_secret(&server->keys, c, secret);
	secret_hash(&server->keys, c->id, secret, hash);
	return insert_card(db, c, hash, now_ms);
}

enum qt_err card_bind(struct db *db, struct card *c, int64_t customer_id, int64_t now_ms)
{
	SQL(bind, "UPDATE card SET customer_id = $2, changed_ms = $3 WHERE id = $1");
	enum qt_err err = card_check_usable(c, now_ms);

	if (err != QT_OK || c->customer_id == customer_id)
		return err;
	if (c->customer_id != 0)
		return QT_CARD_BOUND;
	c->customer_id = customer_id;
	return db_run(db, &bind, "iii", c->id, customer_id, now_ms);
}

static enum qt_err set_frozen(struct db *db, struct card *c, enum card_state state, enum card_freezer by,
                              int64_t now_ms)
{
	SQL(update, "UPDATE card SET state = $2, frozen_by = $3, changed_ms = $4 WHERE id = $1");
	c->state = state;
	c->frozen_by = by;
	return db_run(db, &update, "iiii", c->id, c->state, c->frozen_by, now_ms);
}

enum qt_err card_freeze(struct db *db, struct card *c, enum card_freezer by, int64_t now_ms)
{
	enum qt_err err = card_check_usable(c, now_ms);

	if (err != QT_OK && err != QT_CARD_FROZEN)
		return err == QT_CODE_EXPIRED ? QT_CARD_REFUSED : err;
	/* The merchant's freeze covers the holder's. */
	if (err == QT_CARD_FROZEN && (int64_t)by <= c->frozen_by)
		return QT_OK;
	return set_frozen(db, c, CARD_FROZEN, by, now_ms);
}

enum qt_err card_unfreeze(struct db *db, struct card *c, enum card_freezer by, int64_t now_ms)
{
	enum qt_err err = card_check_usable(c, now_ms);

	if (err != QT_CARD_FROZEN)
		return err == QT_CODE_EXPIRED ? QT_CARD_REFUSED : err;
	if (by == CARD_FROZEN_BY_HOLDER && c->frozen_by == CARD_FROZEN_BY_MERCHANT)
		return QT_FORBIDDEN;
	return set_frozen(db, c, CARD_ACTIVE, CARD_FROZEN_BY_NOBODY, now_ms);
}
