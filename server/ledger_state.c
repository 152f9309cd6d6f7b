/* ledger_state: see ledger_state.h. Owns the rows' balance and last_entry and the mark. */
#include "server/ledger_state.h"

#include "server/store/tx.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK 1024              /* accounts per piece of memory */
#define SWEEP_ENTRIES 750000    /* entries per whole sweep: bounds what a start replays to twice this */
#define KEYS_MAX (1 << 15)      /* remembered (kind, owner, unit); then all are forgotten */

struct key {
	int64_t owner_id, unit, account_id; /* account_id 0: free */
	int kind;
};

/* A growing list of account ids. */
struct ids {
	int64_t *list;
	int count, room;
};

struct ledger {
	char *path;                    /* of the database; finds the ledger for readers of the same process */
	struct ledger *next;           /* in the process's list */
	int users;                     /* connections that hold it; under registry_lock */
	bool closed;                   /* the writer is gone: rows are right again */
	pthread_mutex_t lock;          /* kept_*, chunks and closed, between the writer and readers */
	struct account_state **chunks; /* by account id / CHUNK; NULL where nothing was loaded */
	int64_t chunk_count;
	struct key *keys;              /* open addressing; size is a power of two */
	int64_t key_room, key_count;
	/* this transaction */
	struct ids touched, opened, written;
	int64_t cursor, kept_cursor;           /* next account the sweep looks at */
	int64_t sweep_start, kept_sweep_start; /* newest entry when the sweep began */
	int64_t last_entry, kept_last_entry;   /* newest entry of all */
	int64_t last_account, kept_last_account;
	int64_t entries;                       /* written by this transaction */
};

static pthread_mutex_t registry_lock = PTHREAD_MUTEX_INITIALIZER;
static struct ledger *registry;

static void ids_add(struct ids *ids, int64_t id)
{
	if (ids->count == ids->room) {
		ids->room = ids->room ? ids->room * 2 : 256;
		ids->list = xrealloc(ids->list, (size_t)ids->room * sizeof *ids->list);
	}
	ids->list[ids->count++] = id;
}

/* The state of an account, loaded or not; NULL when its chunk does not exist and `make` is false. */
static struct account_state *state_at(struct ledger *l, int64_t id, bool make)
{
	int64_t chunk = id / CHUNK;

	if (chunk >= l->chunk_count) {
		if (!make)
			return NULL;
		int64_t count = l->chunk_count ? l->chunk_count : 64;
		while (count <= chunk)
			count *= 2;
		pthread_mutex_lock(&l->lock);
		l->chunks = xrealloc(l->chunks, (size_t)count * sizeof *l->chunks);
		memset(l->chunks + l->chunk_count, 0, (size_t)(count - l->chunk_count) * sizeof *l->chunks);
		l->chunk_count = count;
		pthread_mutex_unlock(&l->lock);
	}
	if (l->chunks[chunk] == NULL) {
		if (!make)
			return NULL;
		struct account_state *fresh = xcalloc(CHUNK, sizeof *fresh);
		pthread_mutex_lock(&l->lock);
		l->chunks[chunk] = fresh;
		pthread_mutex_unlock(&l->lock);
	}
	return &l->chunks[chunk][id % CHUNK];
}

/* Fill in what a row says. Readers must not see half of it. */
static void state_set(struct ledger *l, struct account_state *a, int64_t unit, bool overdraft, int64_t balance,
                      int64_t last_entry)
{
	pthread_mutex_lock(&l->lock);
	*a = (struct account_state){ .balance = balance, .last_entry = last_entry, .kept_balance = balance,
	                             .kept_last_entry = last_entry, .unit = unit, .overdraft = overdraft, .loaded = true };
	pthread_mutex_unlock(&l->lock);
}

struct ledger *ledger_of(struct db *db)
{
	struct ledger *l = db_attached(db, DB_SLOT_LEDGER);

	assert(db_is_writer(db) && l != NULL);
	return l;
}

struct account_state *ledger_load(struct ledger *l, struct db *db, int64_t id)
{
	SQL(load, "SELECT unit, overdraft, balance, last_entry FROM account WHERE id = $1");
	int64_t unit, overdraft, balance, last_entry;

	if (id <= 0 || id > l->last_account)
		return NULL;
	struct account_state *a = state_at(l, id, true);
	if (a->loaded)
		return a;
	if (db_one(db, &load, "i", id, "iiii", &unit, &overdraft, &balance, &last_entry) != QT_OK)
		return NULL;
	state_set(l, a, unit, overdraft != 0, balance, last_entry);
	return a;
}

void ledger_touch(struct ledger *l, int64_t id, struct account_state *a)
{
	if (a->touched)
		return;
	a->touched = a->stale = true;
	ids_add(&l->touched, id);
}

void ledger_opened(struct ledger *l, int64_t id, int64_t unit, bool overdraft)
{
	state_set(l, state_at(l, id, true), unit, overdraft, 0, 0);
	ids_add(&l->opened, id);
	assert(id > l->last_account);
	l->last_account = id;
}

void ledger_advance(struct ledger *l, int64_t last_entry, int count)
{
	l->last_entry = last_entry;
	l->entries += count;
}

static int64_t key_start(const struct ledger *l, enum account_kind kind, int64_t owner_id, int64_t unit)
{
	uint64_t h = (uint64_t)owner_id * UINT64_C(0x9E3779B97F4A7C15);
	h ^= ((uint64_t)unit * 64 + (uint64_t)kind) * UINT64_C(0xC2B2AE3D27D4EB4F);
	h ^= h >> 29;
	return (int64_t)(h * UINT64_C(0x9E3779B97F4A7C15) >> 20) & (l->key_room - 1);
}

static struct key *key_at(struct ledger *l, enum account_kind kind, int64_t owner_id, int64_t unit)
{
	int64_t i = key_start(l, kind, owner_id, unit);

	for (;; i = (i + 1) & (l->key_room - 1)) {
		struct key *k = &l->keys[i];
		if (k->account_id == 0 || (k->owner_id == owner_id && k->unit == unit && k->kind == (int)kind))
			return k;
	}
}

static void keys_resize(struct ledger *l, int64_t room)
{
	struct key *old = l->keys;
	int64_t old_room = l->key_room;

	l->keys = xcalloc((size_t)room, sizeof *l->keys);
	l->key_room = room;
	l->key_count = 0;
	for (int64_t i = 0; i < old_room; i++) {
		if (old[i].account_id == 0)
			continue;
		*key_at(l, (enum account_kind)old[i].kind, old[i].owner_id, old[i].unit) = old[i];
		l->key_count++;
	}
	free(old);
}

static void keys_forget(struct ledger *l)
{
	memset(l->keys, 0, (size_t)l->key_room * sizeof *l->keys);
	l->key_count = 0;
}

int64_t ledger_key_find(struct ledger *l, enum account_kind kind, int64_t owner_id, int64_t unit)
{
	return key_at(l, kind, owner_id, unit)->account_id;
}

void ledger_key_put(struct ledger *l, enum account_kind kind, int64_t owner_id, int64_t unit, int64_t account_id)
{
	if (l->key_count >= KEYS_MAX)
		keys_forget(l);
	if (l->key_count * 2 >= l->key_room)
		keys_resize(l, l->key_room * 2);
	struct key *k = key_at(l, kind, owner_id, unit);
	l->key_count += k->account_id == 0;
	*k = (struct key){ .owner_id = owner_id, .unit = unit, .account_id = account_id, .kind = (int)kind };
}

static enum qt_err set_mark(struct db *db, int64_t mark)
{
	SQL(set, "INSERT INTO meta (name, value) VALUES ('mark', $1) "
	         "ON CONFLICT (name) DO UPDATE SET value = excluded.value");

	return db_run(db, &set, "i", mark);
}

static enum qt_err write_row(struct ledger *l, struct db *db, int64_t id, struct account_state *a)
{
	SQL(write, "UPDATE account SET balance = $1, last_entry = $2 WHERE id = $3");
	enum qt_err err = db_run(db, &write, "iii", a->balance, a->last_entry, id);

	if (err == QT_OK) {
		a->stale = false;
		ids_add(&l->written, id);
	}
	return err;
}

/* Look at `steps` accounts from the cursor on and write the stale ones; at the end set the mark and begin anew. */
static enum qt_err sweep(struct ledger *l, struct db *db, int64_t steps)
{
	enum qt_err err = QT_OK;

	for (; err == QT_OK && steps > 0; steps--) {
		if (l->cursor > l->last_account) {
			err = set_mark(db, l->sweep_start);
			l->cursor = 1;
			l->sweep_start = l->last_entry;
			continue;
		}
		struct account_state *a = state_at(l, l->cursor, false);
		if (a == NULL) { /* nothing of this chunk is in memory */
			l->cursor = (l->cursor / CHUNK + 1) * CHUNK;
			continue;
		}
		if (a->stale)
			err = write_row(l, db, l->cursor, a);
		l->cursor++;
	}
	return err;
}

static enum qt_err before_commit(void *ctx, struct db *db)
{
	struct ledger *l = ctx;

	if (l->entries == 0)
		return QT_OK;
	return sweep(l, db, 1 + (l->last_account + 1) * l->entries / SWEEP_ENTRIES);
}

static void publish(struct ledger *l)
{
	pthread_mutex_lock(&l->lock);
	for (int i = 0; i < l->touched.count; i++) {
		struct account_state *a = state_at(l, l->touched.list[i], false);
		a->kept_balance = a->balance;
		a->kept_last_entry = a->last_entry;
		a->touched = false;
	}
	pthread_mutex_unlock(&l->lock);
}

static void take_back(struct ledger *l)
{
	for (int i = 0; i < l->touched.count; i++) {
		struct account_state *a = state_at(l, l->touched.list[i], false);
		a->balance = a->kept_balance;
		a->last_entry = a->kept_last_entry;
		a->touched = false;
	}
	/* A row written by this transaction is as it was before: perhaps behind, certainly not ahead. */
	for (int i = 0; i < l->written.count; i++)
		state_at(l, l->written.list[i], false)->stale = true;
	pthread_mutex_lock(&l->lock);
	for (int i = 0; i < l->opened.count; i++)
		*state_at(l, l->opened.list[i], false) = (struct account_state){ 0 };
	pthread_mutex_unlock(&l->lock);
	if (l->opened.count > 0)
		keys_forget(l);
}

static void tx_end(void *ctx, bool committed)
{
	struct ledger *l = ctx;

	if (committed) {
		publish(l);
		l->kept_cursor = l->cursor;
		l->kept_sweep_start = l->sweep_start;
		l->kept_last_entry = l->last_entry;
		l->kept_last_account = l->last_account;
	} else {
		take_back(l);
		l->cursor = l->kept_cursor;
		l->sweep_start = l->kept_sweep_start;
		l->last_entry = l->kept_last_entry;
		l->last_account = l->kept_last_account;
	}
	l->touched.count = l->opened.count = l->written.count = 0;
	l->entries = 0;
}

/* Give a connection's share back; the last one frees. */
static void release(void *thing)
{
	struct ledger *l = thing;

	pthread_mutex_lock(&registry_lock);
	bool last = --l->users == 0;
	pthread_mutex_unlock(&registry_lock);
	if (!last)
		return;
	for (int64_t i = 0; i < l->chunk_count; i++)
		free(l->chunks[i]);
	free(l->chunks);
	free(l->keys);
	free(l->touched.list);
	free(l->opened.list);
	free(l->written.list);
	free(l->path);
	pthread_mutex_destroy(&l->lock);
	free(l);
}

/* The writer's connection closes: readers go back to the rows. */
static void writer_release(void *thing)
{
	struct ledger *l = thing;

	pthread_mutex_lock(&registry_lock);
	for (struct ledger **p = &registry; *p != NULL; p = &(*p)->next)
		if (*p == l) {
			*p = l->next;
			break;
		}
	pthread_mutex_unlock(&registry_lock);
	pthread_mutex_lock(&l->lock);
	l->closed = true;
	pthread_mutex_unlock(&l->lock);
	release(l);
}

/* Add the entries that are younger than the mark to their accounts. */
static enum qt_err replay(struct ledger *l, struct db *db, int64_t mark)
{
	SQL(younger, "SELECT id, account_id, amount FROM entry WHERE id > $1 ORDER BY id");
	enum qt_err err = QT_OK;
	struct stmt *s = db_stmt(db, &younger);

	stmt_int(s, 1, mark);
	while (err == QT_OK && stmt_step(s)) {
		int64_t id = stmt_col_int(s, 0);
		struct account_state *a = ledger_load(l, db, stmt_col_int(s, 1));
		if (a == NULL) {
			err = QT_STORE;
			break;
		}
		if (id <= a->last_entry)
			continue;
		err = money_add(a->balance, stmt_col_int(s, 2), &a->balance);
		a->kept_balance = a->balance;
		a->last_entry = a->kept_last_entry = id;
		a->stale = true;
	}
	enum qt_err end = stmt_end(s);
	return err != QT_OK ? err : end;
}

enum qt_err ledger_open(struct db *db, struct problem *why)
{
	SQL(ends, "SELECT coalesce((SELECT value FROM meta WHERE name = 'mark'), 0), "
	          "coalesce((SELECT max(id) FROM entry), 0), coalesce((SELECT max(id) FROM account), 0)");
	struct ledger *l = xcalloc(1, sizeof *l);
	int64_t mark = 0;

	l->path = xstrdup(db_path(db));
	l->users = 1;
	pthread_mutex_init(&l->lock, NULL);
	keys_resize(l, 1024);
	db_attach(db, DB_SLOT_LEDGER, l, writer_release);
	enum qt_err err = db_one(db, &ends, "", "iii", &mark, &l->last_entry, &l->last_account);
	if (err == QT_OK)
		err = replay(l, db, mark);
	if (err != QT_OK)
		return problem_set(why, err, "database", "the ledger cannot be read: run the audit");
	l->cursor = 1;
	l->sweep_start = l->last_entry;
	tx_end(l, true);
	db_before_commit(db, before_commit, l);
	db_watch(db, tx_end, l);
	pthread_mutex_lock(&registry_lock);
	l->next = registry;
	registry = l;
	pthread_mutex_unlock(&registry_lock);
	return QT_OK;
}

enum qt_err ledger_write_back_all(struct db *db)
{
	struct ledger *l = ledger_of(db);
	enum qt_err err = QT_OK;

	db_begin(db);
	for (int64_t id = 1; err == QT_OK && id <= l->last_account; id++) {
		struct account_state *a = state_at(l, id, false);
		if (a != NULL && a->stale)
			err = write_row(l, db, id, a);
	}
	if (err == QT_OK)
		err = set_mark(db, l->last_entry);
	if (err == QT_OK)
		return db_commit(db);
	db_rollback(db);
	return err;
}

/* The ledger this process runs for a reader's database; NULL: none (another process, or nobody). */
static struct ledger *reader_ledger(struct db *db)
{
	struct ledger *l = db_attached(db, DB_SLOT_LEDGER);

	if (l != NULL)
		return l;
	pthread_mutex_lock(&registry_lock);
	for (l = registry; l != NULL && strcmp(l->path, db_path(db)) != 0; l = l->next)
		;
	if (l != NULL)
		l->users++;
	pthread_mutex_unlock(&registry_lock);
	if (l != NULL)
		db_attach(db, DB_SLOT_LEDGER, l, release);
	return l;
}

/* From what the connection itself sees: the row and the entries it does not count yet. */
static enum qt_err look_at_rows(struct db *db, int64_t id, int64_t *balance, int64_t *last_entry)
{
	SQL(row, "SELECT balance, last_entry FROM account WHERE id = $1");
	SQL(younger, "SELECT id, amount FROM entry WHERE account_id = $1 AND id > $2 AND "
	             "id > coalesce((SELECT value FROM meta WHERE name = 'mark'), 0) ORDER BY id");
	enum qt_err err = db_one(db, &row, "i", id, "ii", balance, last_entry);
	if (err != QT_OK)
		return err;
	struct stmt *s = db_stmt(db, &younger);
	stmt_int(s, 1, id);
	stmt_int(s, 2, *last_entry);
	while (err == QT_OK && stmt_step(s)) {
		*last_entry = stmt_col_int(s, 0);
		err = money_add(*balance, stmt_col_int(s, 1), balance);
	}
	enum qt_err end = stmt_end(s);
	return err != QT_OK ? err : end;
}

enum qt_err ledger_look(struct db *db, int64_t id, int64_t *balance, int64_t *last_entry)
{
	SQL(row, "SELECT balance, last_entry FROM account WHERE id = $1");
	bool known = false, closed;

	if (db_is_writer(db)) {
		struct account_state *a = ledger_load(ledger_of(db), db, id);
		if (a == NULL)
			return QT_NOT_FOUND;
		*balance = a->balance;
		*last_entry = a->last_entry;
		return QT_OK;
	}
	struct ledger *l = reader_ledger(db);
	if (l == NULL)
		return look_at_rows(db, id, balance, last_entry);
	pthread_mutex_lock(&l->lock);
	closed = l->closed;
	struct account_state *a = closed ? NULL : state_at(l, id, false);
	if (a != NULL && a->loaded) {
		*balance = a->kept_balance;
		*last_entry = a->kept_last_entry;
		known = true;
	}
	pthread_mutex_unlock(&l->lock);
	if (known)
		return QT_OK;
	/* Not in memory means not used since the start: the row is right. */
	return closed ? look_at_rows(db, id, balance, last_entry) : db_one(db, &row, "i", id, "ii", balance, last_entry);
}
