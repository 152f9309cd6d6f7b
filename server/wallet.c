/* wallet: see wallet.h. */
#include "server/wallet.h"

#include "server/card.h"
#include "server/order_state.h"
#include "server/staff.h"
#include "shared/clock.h"

#include <stdio.h>
#include <string.h>

#define EXPIRED_STEPS 20 /* ten minutes: a code this old is called expired, an older one wrong */

#define KEY_COLUMNS "id, customer_id, number, source, card_id, created_ms, ended_ms"
#define KEY_OUT(k) "iiiiiii", &(k)->id, &(k)->customer_id, &(k)->number, &(k)->source, &(k)->card_id, \
	&(k)->created_ms, &(k)->ended_ms

void wallet_key_bytes(const struct keyring *keys, const struct wallet_key *k, uint8_t out[WALLET_KEY_SIZE])
{
	uint8_t key[32];
	char text[64];
	int len = snprintf(text, sizeof text, "%lld %lld", (long long)k->id, (long long)k->number);

	crypto_derive(keys->lookup_key, "wallet code", key, sizeof key);
	crypto_hmac(key, text, (size_t)len, out);
	crypto_wipe(key, sizeof key);
}

enum qt_err wallet_end_get(struct db *db, int64_t customer_id, int64_t *ended_ms)
{
	SQL(get, "SELECT ended_ms FROM wallet_end WHERE customer_id = $1");
	enum qt_err err = db_one(db, &get, "i", customer_id, "i", ended_ms);

	if (err == QT_NOT_FOUND)
		*ended_ms = 0;
	return err == QT_NOT_FOUND ? QT_OK : err;
}

enum qt_err wallet_end_put(struct db *db, int64_t customer_id, int64_t now_ms)
{
	SQL(put, "INSERT INTO wallet_end (customer_id, ended_ms) VALUES ($1, $2) "
	         "ON CONFLICT (customer_id) DO UPDATE SET ended_ms = $2 WHERE wallet_end.ended_ms < $2");
	return db_run(db, &put, "ii", customer_id, now_ms);
}

enum qt_err wallet_key_list(struct db *db, int64_t customer_id, struct wallet_key *list, int max, int *count)
{
	SQL(of_customer, "SELECT " KEY_COLUMNS " FROM wallet_key WHERE customer_id = $1 AND ended_ms = 0 "
	                 "AND created_ms > $2 ORDER BY id LIMIT $3");
	int64_t ended_ms;
	enum qt_err err = wallet_end_get(db, customer_id, &ended_ms);

	*count = 0;
	if (err != QT_OK)
		return err;
	struct stmt *s = db_stmt(db, &of_customer);
	stmt_int(s, 1, customer_id);
	stmt_int(s, 2, ended_ms);
	stmt_int(s, 3, max);
	while (*count < max && stmt_step(s)) {
		struct wallet_key *k = &list[(*count)++];
		k->id = stmt_col_int(s, 0);
		k->customer_id = stmt_col_int(s, 1);
		k->number = stmt_col_int(s, 2);
		k->source = stmt_col_int(s, 3);
		k->card_id = stmt_col_int(s, 4);
		k->created_ms = stmt_col_int(s, 5);
		k->ended_ms = stmt_col_int(s, 6);
	}
	return stmt_end(s);
}

static enum qt_err end_key(struct db *db, int64_t key_id, int64_t now_ms)
{
	SQL(end, "UPDATE wallet_key SET ended_ms = $2 WHERE id = $1");
	return db_run(db, &end, "ii", key_id, now_ms);
}

enum qt_err wallet_key_end(struct db *db, int64_t customer_id, int64_t key_id, int64_t now_ms)
{
	SQL(by_id, "SELECT " KEY_COLUMNS " FROM wallet_key WHERE id = $1");
	struct wallet_key k;
	enum qt_err err = db_one(db, &by_id, "i", key_id, KEY_OUT(&k));

	if (err == QT_OK && k.customer_id != customer_id)
		err = QT_NOT_FOUND;
	return err == QT_OK && k.ended_ms == 0 ? end_key(db, key_id, now_ms) : err;
}

enum qt_err wallet_key_add(struct call *call, int64_t source, int64_t card_id, struct wallet_key *k)
{
	SQL(taken, "SELECT id FROM wallet_key WHERE number = $1");
	SQL(insert, "INSERT INTO wallet_key (" KEY_COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6, $7)");
	int64_t me = call->actor.customer_id, ended_ms;
	struct wallet_key list[WALLET_KEYS_MAX];
	struct card card;
	int count = 0;
	enum qt_err err = source == SOURCE_CARD ? card_get(call->db, 0, card_id, &card) : QT_OK;

	if (err == QT_NOT_FOUND || (err == QT_OK && source == SOURCE_CARD && card.customer_id != me))
		return problem_set(&call->problem, QT_CARD_REFUSED, "card_id", "it is not a card of this wallet");
	if (err == QT_OK)
		err = wallet_key_list(call->db, me, list, WALLET_KEYS_MAX, &count);
	for (int i = 0; i < count && err == QT_OK; i++)
		if (list[i].source == source && list[i].card_id == card_id) {
			*k = list[i];
			return QT_OK;
		}
	if (err == QT_OK && count == WALLET_KEYS_MAX)
		err = end_key(call->db, list[0].id, call->now_ms);
	*k = (struct wallet_key){ .customer_id = me, .source = source, .card_id = card_id, .created_ms = call->now_ms };
	if (err == QT_OK)
		err = wallet_end_get(call->db, me, &ended_ms);
	if (err == QT_OK && k->created_ms <= ended_ms)
		k->created_ms = ended_ms + 1; /* within the same millisecond, or after the clock was set back */
	if (err == QT_OK)
		err = db_free_number(call->db, &taken, WALLET_NUMBER_LIMIT, &k->number);
	if (err != QT_OK)
		return err;
	k->id = db_new_id(call->db, "wallet_key");
	return db_run(call->db, &insert, "iiiiiii", k->id, k->customer_id, k->number, k->source, k->card_id,
	              k->created_ms, k->ended_ms);
}

/* ---- a code at the till ---- */

/* What a till shows the server, as the writer takes it. */
struct scan {
	struct wallet_digits digits;
	const struct server *server;
	int64_t terminal_id, now_ms;
	struct wallet_claim *claim;
	enum qt_err verdict; /* out */
};

static enum qt_err key_by_number(struct db *db, int64_t number, struct wallet_key *k)
{
	SQL(by_number, "SELECT " KEY_COLUMNS " FROM wallet_key WHERE number = $1");
	int64_t ended_ms;
	enum qt_err err = db_one(db, &by_number, "i", number, KEY_OUT(k));

	if (err == QT_OK)
		err = wallet_end_get(db, k->customer_id, &ended_ms);
	return err == QT_OK && (k->ended_ms != 0 || k->created_ms <= ended_ms) ? QT_NOT_FOUND : err;
}

static enum qt_err newest_code(struct db *db, int64_t key_id, int64_t *step, int64_t *terminal_id, int64_t *bound_ms,
                               int64_t *spent)
{
	SQL(get, "SELECT step, terminal_id, bound_ms, spent FROM wallet_code WHERE key_id = $1");
	enum qt_err err = db_one(db, &get, "i", key_id, "iiii", step, terminal_id, bound_ms, spent);

	if (err == QT_NOT_FOUND)
		*step = -1;
	return err == QT_NOT_FOUND ? QT_OK : err;
}

/* In the writer: the code is this till's from now on, unless an equal or newer one was shown before. */
static enum qt_err bind_code(void *ctx, struct db *db)
{
	SQL(put, "INSERT INTO wallet_code (key_id, step, terminal_id, bound_ms, spent) VALUES ($1, $2, $3, $4, 0) "
	         "ON CONFLICT (key_id) DO UPDATE SET step = $2, terminal_id = $3, bound_ms = $4, spent = 0");
	struct scan *scan = ctx;
	struct wallet_key k;
	uint8_t key[WALLET_KEY_SIZE];
	int64_t last, terminal_id = 0, bound_ms = 0, spent = 0;
	enum qt_err err = key_by_number(db, scan->digits.number, &k);

	scan->verdict = QT_BAD_CODE;
	if (err != QT_OK)
		return err == QT_NOT_FOUND ? QT_OK : err;
	wallet_key_bytes(&scan->server->keys, &k, key);
	err = newest_code(db, k.id, &last, &terminal_id, &bound_ms, &spent);
	last = totp_last(last, scan->now_ms);
	int64_t step = wallet_code_find(key, scan->digits.one_time, scan->now_ms);
	bool here = terminal_id == scan->terminal_id && scan->now_ms < bound_ms + WALLET_BOUND_MS;
	if (step < 0 && here && last >= 0 && wallet_code_at(key, last) == scan->digits.one_time)
		step = last; /* scanned here in time; typing a PIN took longer */
	if (err == QT_OK && step < 0 && wallet_code_was(key, scan->digits.one_time, scan->now_ms, EXPIRED_STEPS))
		scan->verdict = QT_CODE_EXPIRED;
	else if (err == QT_OK && step >= 0)
		scan->verdict = step < last || (step == last && (spent || !here)) ? QT_CODE_USED : QT_OK;
	crypto_wipe(key, sizeof key);
	if (err != QT_OK || scan->verdict != QT_OK)
		return err;
	*scan->claim = (struct wallet_claim){ .key_id = k.id, .step = step, .customer_id = k.customer_id };
	return step == last ? QT_OK : db_run(db, &put, "iiii", k.id, step, scan->terminal_id, scan->now_ms);
}

enum qt_err wallet_claim(struct call *call, const char *text, struct wallet_claim *claim)
{
	struct scan scan = { .server = call->server, .terminal_id = call->actor.terminal_id, .now_ms = call->now_ms,
		.claim = claim };
	enum qt_err err = wallet_code_read(text, &scan.digits);

	if (err != QT_OK) /* a slip of the finger or another system's code: says nothing about any wallet */
		return problem_set(&call->problem, err, "code", "these are not the 18 digits of a wallet's code");
	err = pin_guard_take(call, PIN_WALLET, call->actor.merchant_id, call->actor.terminal_id);
	if (err == QT_PIN_LOCKED)
		return problem_set(&call->problem, QT_TOO_MANY, "code", "too many wrong codes at this till; wait a while");
	if (err != QT_OK)
		return err;
	err = writer_run(call->server->writer, bind_code, &scan);
	if (err != QT_OK)
		return err;
	if (scan.verdict != QT_BAD_CODE && (err = pin_guard_clear(call, PIN_WALLET, call->actor.merchant_id,
	                                                          call->actor.terminal_id)) != QT_OK)
		return err;
	return scan.verdict == QT_OK ? QT_OK : problem_set(&call->problem, scan.verdict, "code",
		"ask the customer to show a new code");
}

enum qt_err wallet_claim_check(struct call *call, const struct wallet_claim *claim, struct wallet_key *k)
{
	SQL(by_id, "SELECT " KEY_COLUMNS " FROM wallet_key WHERE id = $1");
	int64_t last, terminal_id = 0, bound_ms, spent = 1, ended_ms;
	enum qt_err err = db_one(call->db, &by_id, "i", claim->key_id, KEY_OUT(k));

	if (err == QT_OK)
		err = wallet_end_get(call->db, k->customer_id, &ended_ms);
	if (err == QT_OK && (k->ended_ms != 0 || k->created_ms <= ended_ms))
		return QT_BAD_CODE;
	if (err == QT_OK)
		err = newest_code(call->db, k->id, &last, &terminal_id, &bound_ms, &spent);
	return err == QT_OK && (last != claim->step || terminal_id != call->actor.terminal_id || spent) ? QT_CODE_USED : err;
}

enum qt_err wallet_claim_spend(struct db *db, int64_t key_id)
{
	SQL(spend, "UPDATE wallet_code SET spent = 1 WHERE key_id = $1 AND spent = 0");
	enum qt_err err = db_run(db, &spend, "i", key_id);
	return err == QT_OK && db_changes(db) != 1 ? QT_CODE_USED : err;
}
