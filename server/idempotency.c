/* idempotency: see idempotency.h. Owns the table idempotency. */
#include "server/idempotency.h"

#include <ctype.h>
#include <string.h>

#define DAY_MS INT64_C(86400000)
/* Stored small: these rows are as many as sales. A request is told from another by 48 bits of its hash (only its own
 * sender could want them to be alike), and a status by its distance from 200. */
#define HASH_MASK INT64_C(0xffffffffffff)
#define STATUS_BASE 200

/* Hex digits of a UUID (8-4-4-4-12) into two words. */
static bool parse_uuid(const char *text, uint64_t word[2])
{
	int digits = 0;

	word[0] = word[1] = 0;
	if (strlen(text) != 36)
		return false;
	for (int i = 0; i < 36; i++) {
		unsigned char c = (unsigned char)text[i];
		if (i == 8 || i == 13 || i == 18 || i == 23) {
			if (c != '-')
				return false;
			continue;
		}
		if (!isxdigit(c))
			return false;
		int value = isdigit(c) ? c - '0' : tolower(c) - 'a' + 10;
		word[digits / 16] = word[digits / 16] << 4 | (uint64_t)value;
		digits++;
	}
	return true;
}

/* 1 to 2^63-1 without leading zeros, so that a number has one spelling. */
static bool parse_sequence(const char *text, int64_t *value)
{
	int64_t v = 0;

	if (*text < '1' || *text > '9')
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return false;
		if (__builtin_mul_overflow(v, INT64_C(10), &v) || __builtin_add_overflow(v, (int64_t)(*text - '0'), &v))
			return false;
	}
	*value = v;
	return true;
}

enum qt_err idempotency_key_parse(const char *text, struct idempotency_key *key, struct problem *p)
{
	uint64_t word[2];

	if (parse_sequence(text, &key->low)) {
		key->high = 0;
		return QT_OK;
	}
	/* The nil UUID and others with an empty upper half could be mistaken for a sequence number. */
	if (!parse_uuid(text, word) || word[0] == 0)
		return problem_set(p, QT_BAD_FIELD, "Idempotency-Key", "a decimal number from 1 or a UUID is needed");
	key->high = (int64_t)word[0];
	key->low = (int64_t)word[1];
	return QT_OK;
}

int64_t idempotency_actor(const struct actor *actor)
{
	struct actor terminal = { .role = ROLE_TERMINAL, .terminal_id = actor->terminal_id };

	return actor_packed(actor->terminal_id ? &terminal : actor);
}

enum qt_err idempotency_find(struct db *db, struct idempotency *look, struct arena *arena)
{
	SQL(find, "SELECT request_hash, status, ref0, ref1, reply FROM idempotency "
	          "WHERE actor_id = $1 AND key_high = $2 AND key_low = $3");
	enum qt_err err = QT_NOT_FOUND;
	struct stmt *s = db_stmt(db, &find);

	stmt_int(s, 1, look->actor_id);
	stmt_int(s, 2, look->key.high);
	stmt_int(s, 3, look->key.low);
	if (stmt_step(s)) {
		err = stmt_col_int(s, 0) == (look->request_hash & HASH_MASK) ? QT_OK : QT_KEY_REUSED;
		look->status = (int)stmt_col_int(s, 1) + STATUS_BASE;
		look->ref[0] = stmt_col_int(s, 2);
		look->ref[1] = stmt_col_int(s, 3);
		look->reply = NULL;
		look->reply_len = 0;
		const char *reply = stmt_col_text(s, 4);
		if (err == QT_OK && reply != NULL) {
			look->reply_len = strlen(reply);
			look->reply = arena_strndup(arena, reply, look->reply_len);
		}
	}
	enum qt_err end = stmt_end(s);
	return end == QT_OK ? err : end;
}

enum qt_err idempotency_store(struct db *db, const struct idempotency *row, int64_t now_ms)
{
	SQL(store, "INSERT INTO idempotency (actor_id, key_high, key_low, request_hash, status, day, ref0, ref1, reply) "
	           "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)");

	return db_run(db, &store, "iiiiiiiit", row->actor_id, row->key.high, row->key.low, row->request_hash & HASH_MASK,
	              (int64_t)row->status - STATUS_BASE, now_ms / DAY_MS, row->ref[0], row->ref[1], row->reply);
}

/* Where the next sweep goes on: a look at all rows at once would hold up the writer. */
static struct place {
	int64_t high, low, actor_id;
} sweep_at = { INT64_MIN, INT64_MIN, INT64_MIN };

#define SWEEP_MAX 1000

enum qt_err idempotency_sweep(struct db *db, int64_t now_ms, int days, int max)
{
	SQL(next, "SELECT key_high, key_low, actor_id, day FROM idempotency "
	          "WHERE (key_high, key_low, actor_id) > ($1, $2, $3) ORDER BY key_high, key_low, actor_id LIMIT $4");
	SQL(drop, "DELETE FROM idempotency WHERE key_high = $1 AND key_low = $2 AND actor_id = $3");
	struct place old[SWEEP_MAX];
	int seen = 0, count = 0;

	max = max < SWEEP_MAX ? max : SWEEP_MAX;
	struct stmt *s = db_stmt(db, &next);
	stmt_int(s, 1, sweep_at.high);
	stmt_int(s, 2, sweep_at.low);
	stmt_int(s, 3, sweep_at.actor_id);
	stmt_int(s, 4, max);
	for (; seen < max && stmt_step(s); seen++) {
		sweep_at = (struct place){ stmt_col_int(s, 0), stmt_col_int(s, 1), stmt_col_int(s, 2) };
		if (stmt_col_int(s, 3) < now_ms / DAY_MS - days)
			old[count++] = sweep_at;
	}
	if (seen < max) /* the end: begin anew */
		sweep_at = (struct place){ INT64_MIN, INT64_MIN, INT64_MIN };
	enum qt_err err = stmt_end(s);
	for (int i = 0; err == QT_OK && i < count; i++)
		err = db_run(db, &drop, "iii", old[i].high, old[i].low, old[i].actor_id);
	return err;
}
