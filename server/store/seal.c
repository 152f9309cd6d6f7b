/* seal: see seal.h. Owns the tables seal and row_seal. */
#include "server/store/seal.h"

#include "server/store/heads.h"
#include "server/store/sealed.h"
#include "server/store/tx.h"
#include "shared/clock.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define MAC_SIZE 16
#define KEPT true
#define CHANGED false

/* A sealed table with the statement that reads what its MAC covers. */
struct sealed {
	int number;
	const char *table;
	bool kept;
	struct sql select;
};
static struct sealed tables[] = {
#define X(number, table, how, columns) \
	{ number, #table, how, { "SELECT " columns " FROM " #table " WHERE id = $1", 0, __FILE__ } },
	SEALED_TABLES(X)
#undef X
};
#define TABLE_COUNT ((int)(sizeof tables / sizeof *tables))

/* The sum over all row seals: a 256-bit number, least word first. */
struct sum {
	uint64_t word[4];
};

struct seal {
	uint8_t chain_key[32], row_key[32], term_key[32], mask_key[32]; /* derived */
	uint8_t seed[32];                /* signs heads */
	char *heads_path;                /* NULL: none */
	uint8_t hash[32], kept_hash[32]; /* of the newest seal; zeros before the first */
	int64_t id, kept_id;             /* of the newest seal; 0: none */
	struct sum rows, kept_rows;
	struct buf journals;             /* canonical bytes of this transaction's journals */
	int64_t first_journal, last_journal; /* of this transaction; last 0: none */
	int64_t newest_journal;          /* of all, committed */
	int64_t *touched;                /* row_seal ids of this transaction's rows */
	int touched_count, touched_room;
	struct { const char *name; int table; } names[64]; /* table name pointers seen in the hook -> index, -1: not sealed */
	int64_t head_id, head_ms;        /* newest seal in the heads file, and when it was put there */
};

static void sum_add(struct sum *s, const uint8_t term[32], bool minus)
{
	unsigned __int128 carry = minus;

	/* a - b is a + ~b + 1 */
	for (int i = 0; i < 4; i++) {
		uint64_t word;
		memcpy(&word, term + i * 8, 8);
		carry += (unsigned __int128)s->word[i] + (minus ? ~word : word);
		s->word[i] = (uint64_t)carry;
		carry >>= 64;
	}
}

static void put_int(struct buf *b, int64_t value)
{
	buf_add(b, &value, sizeof value); /* little-endian on every machine Debian 12 runs a server on */
}

/* A row seal's share of the sum. Depends on a key, so that nobody can look for rows with a wanted sum. */
static void sum_term(const struct seal *seal, int64_t id, const uint8_t mac[MAC_SIZE], uint8_t term[32])
{
	uint8_t in[8 + MAC_SIZE];

	memcpy(in, &id, 8);
	memcpy(in + 8, mac, MAC_SIZE);
	crypto_hmac(seal->term_key, in, sizeof in, term);
}

/* Canonical bytes of a row: its row_seal id, then each column as a type letter and its value. */
static void row_bytes(struct stmt *s, int64_t id, int columns, struct buf *out)
{
	put_int(out, id);
	for (int i = 0; i < columns; i++) {
		char type = stmt_col_type(s, i);
		size_t len;
		buf_addc(out, type);
		if (type == 'i') {
			put_int(out, stmt_col_int(s, i));
		} else if (type != 'n') {
			const void *data = stmt_col_blob(s, i, &len);
			put_int(out, (int64_t)len);
			buf_add(out, data, len);
		}
	}
}

/* The MAC of a row as it is now. QT_NOT_FOUND: the row is gone. */
static enum qt_err row_mac(struct seal *seal, struct db *db, struct sealed *t, int64_t id, uint8_t mac[MAC_SIZE])
{
	struct buf bytes = { 0 };
	uint8_t full[32];
	struct stmt *s = db_stmt(db, &t->select);

	stmt_int(s, 1, id / SEALED_STRIDE);
	bool found = stmt_step(s);
	if (found)
		row_bytes(s, id, stmt_columns(s), &bytes);
	enum qt_err err = stmt_end(s);
	if (err == QT_OK && found) {
		crypto_hmac(seal->row_key, bytes.data, bytes.len, full);
		memcpy(mac, full, MAC_SIZE);
	}
	buf_free(&bytes);
	return err == QT_OK && !found ? QT_NOT_FOUND : err;
}

static enum qt_err reseal_row(struct seal *seal, struct db *db, struct sealed *t, int64_t id)
{
	SQL(old, "SELECT mac FROM row_seal WHERE id = $1");
	SQL(put, "INSERT INTO row_seal (id, mac) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET mac = excluded.mac");
	SQL(drop, "DELETE FROM row_seal WHERE id = $1");
	uint8_t before[MAC_SIZE], after[MAC_SIZE], term[32];
	size_t len = sizeof before;

	enum qt_err had = db_one(db, &old, "i", id, "b", before, &len);
	if (had != QT_OK && had != QT_NOT_FOUND)
		return had;
	enum qt_err has = row_mac(seal, db, t, id, after);
	if (has != QT_OK && has != QT_NOT_FOUND)
		return has;
	if (had == QT_OK) {
		sum_term(seal, id, before, term);
		sum_add(&seal->rows, term, true);
	}
	if (has == QT_NOT_FOUND)
		return had == QT_OK ? db_run(db, &drop, "i", id) : QT_OK;
	sum_term(seal, id, after, term);
	sum_add(&seal->rows, term, false);
	return db_run(db, &put, "ib", id, after, (size_t)MAC_SIZE);
}

static struct sealed *table_by_number(int number)
{
	for (int i = 0; i < TABLE_COUNT; i++)
		if (tables[i].number == number)
			return &tables[i];
	return NULL;
}

static int compare_ids(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return x < y ? -1 : x > y;
}

static enum qt_err reseal_touched(struct seal *seal, struct db *db)
{
	enum qt_err err = QT_OK;

	if (seal->touched_count > 1)
		qsort(seal->touched, (size_t)seal->touched_count, sizeof *seal->touched, compare_ids);
	for (int i = 0; err == QT_OK && i < seal->touched_count; i++) {
		if (i > 0 && seal->touched[i] == seal->touched[i - 1])
			continue;
		err = reseal_row(seal, db, table_by_number((int)(seal->touched[i] % SEALED_STRIDE)), seal->touched[i]);
	}
	return err;
}

/* The sum is masked anew for each seal, so that the stored bytes tell nothing about it. Its own inverse. */
static void mask_sum(const struct seal *seal, int64_t id, const void *in, void *out)
{
	uint8_t mask[32];

	crypto_hmac(seal->mask_key, &id, sizeof id, mask);
	for (int i = 0; i < 32; i++)
		((uint8_t *)out)[i] = (uint8_t)(((const uint8_t *)in)[i] ^ mask[i]);
}

static void chain_mac(const struct seal *seal, const uint8_t hash[32], uint8_t mac[MAC_SIZE])
{
	uint8_t full[32];

	crypto_hmac(seal->chain_key, hash, 32, full);
	memcpy(mac, full, MAC_SIZE);
}

static enum qt_err before_commit(void *ctx, struct db *db)
{
	SQL(insert, "INSERT INTO seal (id, first_journal, last_journal, rows_hidden, hash, mac) "
	            "VALUES ($1, $2, $3, $4, $5, $6)");
	struct seal *seal = ctx;
	uint8_t hidden[32], mac[MAC_SIZE];
	struct buf head = { 0 };

	if (seal->last_journal == 0 && seal->touched_count == 0)
		return QT_OK;
	enum qt_err err = reseal_touched(seal, db);
	if (err != QT_OK)
		return err;
	int64_t first = seal->last_journal ? seal->first_journal : seal->newest_journal + 1;
	int64_t last = seal->last_journal ? seal->last_journal : seal->newest_journal;
	seal->id = db_new_id(db, "seal");
	mask_sum(seal, seal->id, seal->rows.word, hidden);
	buf_add(&head, seal->hash, 32);
	put_int(&head, seal->id);
	put_int(&head, first);
	put_int(&head, last);
	buf_add(&head, hidden, 32);
	buf_add(&head, seal->journals.data, seal->journals.len);
	crypto_sha256(head.data, head.len, seal->hash);
	buf_free(&head);
	chain_mac(seal, seal->hash, mac);
	return db_run(db, &insert, "iiibbb", seal->id, first, last, hidden, sizeof hidden, seal->hash, sizeof seal->hash,
	              mac, sizeof mac);
}

static void tx_end(void *ctx, bool committed)
{
	struct seal *seal = ctx;

	if (committed) {
		seal->kept_id = seal->id;
		seal->kept_rows = seal->rows;
		memcpy(seal->kept_hash, seal->hash, 32);
		if (seal->last_journal > 0)
			seal->newest_journal = seal->last_journal;
	} else {
		seal->id = seal->kept_id;
		seal->rows = seal->kept_rows;
		memcpy(seal->hash, seal->kept_hash, 32);
	}
	seal->last_journal = 0;
	seal->touched_count = 0;
	buf_reset(&seal->journals);
}

/* Index of a table in `tables`, -1 when it is not sealed. The engine hands out the same pointer for the same table,
 * so that one comparison is enough for the tables that grow with every sale. */
static int table_index(struct seal *seal, const char *table)
{
	size_t at = (uintptr_t)table / 16 % 64;

	if (seal->names[at].name != table || (seal->names[at].table >= 0 &&
	                                      strcmp(tables[seal->names[at].table].table, table) != 0)) {
		int i = TABLE_COUNT - 1;
		while (i >= 0 && strcmp(tables[i].table, table) != 0)
			i--;
		seal->names[at].name = table;
		seal->names[at].table = i;
	}
	return seal->names[at].table;
}

static void row_touched(void *ctx, char operation, const char *table, int64_t id)
{
	struct seal *seal = ctx;
	int i = table_index(seal, table);

	if (i < 0 || (tables[i].kept && operation == 'u'))
		return;
	if (seal->touched_count == seal->touched_room) {
		seal->touched_room = seal->touched_room ? seal->touched_room * 2 : 64;
		seal->touched = xrealloc(seal->touched, (size_t)seal->touched_room * sizeof *seal->touched);
	}
	seal->touched[seal->touched_count++] = id * SEALED_STRIDE + tables[i].number;
}

struct buf *seal_journal(struct db *db, int64_t journal_id)
{
	struct seal *seal = db_attached(db, DB_SLOT_SEAL);

	if (seal == NULL)
		return NULL;
	if (seal->last_journal == 0)
		seal->first_journal = journal_id;
	seal->last_journal = journal_id;
	return &seal->journals;
}

static void seal_free(void *thing)
{
	struct seal *seal = thing;

	free(seal->touched);
	free(seal->heads_path);
	buf_free(&seal->journals);
	crypto_wipe(seal, sizeof *seal);
	free(seal);
}

/* Take up the chain where it ends. */
static enum qt_err load_newest(struct seal *seal, struct db *db, struct problem *why)
{
	SQL(newest, "SELECT id, last_journal, rows_hidden, hash, mac FROM seal ORDER BY id DESC LIMIT 1");
	uint8_t hidden[32] = { 0 }, mac[MAC_SIZE] = { 0 }, expected[MAC_SIZE];
	size_t hidden_len = sizeof hidden, hash_len = sizeof seal->hash, mac_len = sizeof mac;

	enum qt_err err = db_one(db, &newest, "", "iibbb", &seal->id, &seal->newest_journal, hidden, &hidden_len, seal->hash,
	                         &hash_len, mac, &mac_len);
	if (err == QT_NOT_FOUND)
		return QT_OK;
	if (err != QT_OK)
		return err;
	chain_mac(seal, seal->hash, expected);
	if (!crypto_equal(mac, expected, MAC_SIZE))
		return problem_set(why, QT_BAD_CONFIG, "keys", "seal %lld was not made with these keys: run the audit",
		                   (long long)seal->id);
	mask_sum(seal, seal->id, hidden, seal->rows.word);
	return QT_OK;
}

enum qt_err seal_open(struct db *db, const struct keyring *keys, const char *heads_path, struct problem *why)
{
	struct seal *seal = xcalloc(1, sizeof *seal);

	crypto_derive(keys->seal_seed, "qrtill seal chain", seal->chain_key, 32);
	crypto_derive(keys->row_key, "qrtill row seal", seal->row_key, 32);
	crypto_derive(keys->row_key, "qrtill row sum", seal->term_key, 32);
	crypto_derive(keys->row_key, "qrtill row mask", seal->mask_key, 32);
	memcpy(seal->seed, keys->seal_seed, 32);
	seal->heads_path = heads_path ? xstrdup(heads_path) : NULL;
	db_attach(db, DB_SLOT_SEAL, seal, seal_free);
	enum qt_err err = load_newest(seal, db, why);
	if (err != QT_OK)
		return err;
	tx_end(seal, true);
	db_before_commit(db, before_commit, seal);
	db_watch(db, tx_end, seal);
	db_on_row(db, row_touched, seal);
	return QT_OK;
}

bool seal_head_due(struct db *db)
{
	const struct seal *seal = db_attached(db, DB_SLOT_SEAL);

	return seal != NULL && seal->heads_path != NULL && seal->head_id < seal->id;
}

void seal_head_write(struct db *db, bool now)
{
	struct seal *seal = db_attached(db, DB_SLOT_SEAL);
	int64_t ms = clock_mono_ms();

	if (!seal_head_due(db) || (!now && ms - seal->head_ms < HEAD_EVERY_MS))
		return;
	struct head head = { .seal_id = seal->id, .at_ms = clock_now_ms() };
	memcpy(head.hash, seal->hash, 32);
	seal->head_ms = ms;
	if (heads_append(seal->heads_path, seal->seed, &head) == QT_OK)
		seal->head_id = seal->id;
}
