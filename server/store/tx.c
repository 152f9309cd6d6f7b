/* tx: see tx.h and db.h. The SQLite engine: transactions of the writer, snapshots of readers, dense ids, the log and
 * copies. */
#include "server/store/tx.h"

#include "server/store/db_inside.h"
#include "shared/buf.h"
#include "shared/clock.h"

#include <assert.h>
#include <string.h>

/* The writer alone commits. */
static int commit_hook(void *ctx)
{
	struct db *db = ctx;

	if (!db->committing)
		fatal("a commit outside the writer");
	return 0;
}

static void row_hook(void *ctx, int operation, const char *schema, const char *table, sqlite3_int64 id)
{
	struct db *db = ctx;
	(void)schema;

	if (db->row != NULL)
		db->row(db->row_ctx, operation == SQLITE_INSERT ? 'i' : operation == SQLITE_UPDATE ? 'u' : 'd', table, id);
}

void db_hooks_set(struct db *db)
{
	sqlite3_commit_hook(db->engine, commit_hook, db);
	sqlite3_update_hook(db->engine, row_hook, db);
}

/* The largest id in a table. A table's name cannot be a parameter; it comes from the program's own text. */
static int64_t largest_id(struct db *db, const char *table)
{
	struct buf text = { 0 };

	assert(table[strspn(table, "abcdefghijklmnopqrstuvwxyz_")] == '\0');
	buf_adds(&text, "SELECT coalesce(max(id), 0) FROM ");
	buf_adds(&text, table);
	db->file = NULL;
	sqlite3_stmt *s = db_prepare_own(db, text.data);
	if (sqlite3_step(s) != SQLITE_ROW)
		fatal("the ids of %s cannot be read: %s", table, sqlite3_errmsg(db->engine));
	int64_t id = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	buf_free(&text);
	return id;
}

enum qt_err db_free_number(struct db *db, struct sql *taken, uint64_t limit, int64_t *number)
{
	enum qt_err err;
	uint64_t r;
	int64_t id;

	do {
		random_bytes(&r, sizeof r);
		*number = (int64_t)(r % limit);
		err = db_one(db, taken, "i", *number, "i", &id);
	} while (err == QT_OK);
	return err == QT_NOT_FOUND ? QT_OK : err;
}

int64_t db_new_id(struct db *db, const char *table)
{
	struct counter *c = db->counters, *end = c + db->counter_count;

	assert(db->mode == DB_WRITE && db->in_tx);
	while (c < end && c->table != table)
		c++;
	if (c == end) /* the same name in another file */
		for (c = db->counters; c < end && strcmp(c->table, table) != 0;)
			c++;
	if (c == end) {
		assert(db->counter_count < COUNTERS_MAX);
		db->counter_count++;
		c->table = table;
		c->next = 0;
	}
	if (c->next == 0)
		c->next = c->kept = largest_id(db, table) + 1;
	return c->next++;
}

void db_watch(struct db *db, void (*end)(void *, bool), void *ctx)
{
	assert(db->watcher_count < WATCHERS_MAX);
	db->watchers[db->watcher_count].end = end;
	db->watchers[db->watcher_count++].ctx = ctx;
}

void db_before_commit(struct db *db, enum qt_err (*run)(void *, struct db *), void *ctx)
{
	assert(db->before_count < BEFORE_MAX);
	db->before[db->before_count].run = run;
	db->before[db->before_count++].ctx = ctx;
}

void db_on_row(struct db *db, void (*row)(void *, char, const char *, int64_t), void *ctx)
{
	db->row = row;
	db->row_ctx = ctx;
}

static int run_own(struct db *db, sqlite3_stmt *s)
{
	db->file = NULL; /* the engine may compile it anew, and ask authorize */
	int rc = sqlite3_step(s);

	sqlite3_reset(s);
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static void tx_ended(struct db *db, bool committed)
{
	db->in_tx = db->dirty = false;
	for (int i = 0; i < db->counter_count; i++) {
		if (committed)
			db->counters[i].kept = db->counters[i].next;
		else
			db->counters[i].next = db->counters[i].kept;
	}
	for (int i = 0; i < db->watcher_count; i++)
		db->watchers[i].end(db->watchers[i].ctx, committed);
}

void db_begin(struct db *db)
{
	assert(db->mode == DB_WRITE && !db->in_tx);
	if (run_own(db, db->begin) != SQLITE_OK)
		fatal("no transaction can be begun: %s", sqlite3_errmsg(db->engine));
	db->in_tx = true;
	db->dirty = false;
}

enum qt_err db_commit(struct db *db)
{
	enum qt_err err = QT_OK;

	assert(db->in_tx);
	for (int i = 0; err == QT_OK && i < db->before_count; i++)
		err = db->before[i].run(db->before[i].ctx, db);
	if (err == QT_OK) {
		db->committing = true;
		err = db_err_of(db, run_own(db, db->commit));
		db->committing = false;
	}
	if (err != QT_OK)
		db_rollback(db);
	else
		tx_ended(db, true);
	return err;
}

void db_rollback(struct db *db)
{
	/* After a full disk the engine may have rolled back by itself. */
	if (!sqlite3_get_autocommit(db->engine) && run_own(db, db->rollback) != SQLITE_OK)
		fatal("a transaction cannot be rolled back: %s", sqlite3_errmsg(db->engine));
	tx_ended(db, false);
}

void db_snapshot_begin(struct db *db)
{
	assert(db->mode == DB_READ && !db->snapshot);
	if (run_own(db, db->begin) != SQLITE_OK)
		fatal("no read transaction can be begun: %s", sqlite3_errmsg(db->engine));
	db->snapshot = true;
}

void db_snapshot_end(struct db *db)
{
	assert(db->snapshot);
	/* Nothing was written: to end is all, or the connection's next look would find the transaction still open. */
	if (run_own(db, db->commit) != SQLITE_OK && !sqlite3_get_autocommit(db->engine) &&
	    run_own(db, db->rollback) != SQLITE_OK)
		fatal("a read transaction cannot be ended: %s", sqlite3_errmsg(db->engine));
	db->snapshot = false;
}

bool db_dirty(struct db *db)
{
	return db->dirty;
}

void db_dirty_clear(struct db *db)
{
	db->dirty = false;
}

enum qt_err db_schema_run(struct db *db, const char *text, struct problem *why)
{
	assert(db->in_tx);
	db->file = NULL;
	if (sqlite3_exec(db->engine, text, NULL, NULL, NULL) == SQLITE_OK)
		return QT_OK;
	return problem_set(why, QT_BAD_CONFIG, "schema", "%.150s", sqlite3_errmsg(db->engine));
}

bool db_table_exists(struct db *db, const char *table)
{
	SQL(find, "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = $1");
	int64_t one;

	return db_one(db, &find, "t", table, "i", &one) == QT_OK;
}

const char *db_path(const struct db *db)
{
	return db->path;
}

bool db_is_writer(const struct db *db)
{
	return db->mode == DB_WRITE;
}

void db_attach(struct db *db, enum db_slot slot, void *thing, void (*free_it)(void *))
{
	assert(db->attached[slot].thing == NULL);
	db->attached[slot].thing = thing;
	db->attached[slot].free_it = free_it;
}

void *db_attached(const struct db *db, enum db_slot slot)
{
	return db->attached[slot].thing;
}

static int log_hook(void *ctx, sqlite3 *engine, const char *schema, int pages)
{
	struct db *db = ctx;
	(void)engine, (void)schema;

	db->log_grown(db->log_ctx, pages);
	return SQLITE_OK;
}

void db_on_log(struct db *db, void (*grown)(void *, int), void *ctx)
{
	db->log_grown = grown;
	db->log_ctx = ctx;
	sqlite3_wal_hook(db->engine, log_hook, db); /* takes the place of the automatic one */
}

void db_checkpoint(struct db *db)
{
	int rc = sqlite3_wal_checkpoint_v2(db->engine, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);

	if (rc != SQLITE_OK && rc != SQLITE_BUSY)
		log_line('W', "the log was not moved: %s", sqlite3_errmsg(db->engine));
}

enum qt_err db_copy(struct db *from, const char *path, struct problem *why)
{
	sqlite3 *to = NULL;
	sqlite3_backup *backup = NULL;
	int rc = sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);

	/* In one step from inside a read transaction: the copy is one moment, and writers go on beside it. */
	if (rc == SQLITE_OK)
		backup = sqlite3_backup_init(to, "main", from->engine, "main");
	if (backup != NULL) {
		sqlite3_backup_step(backup, -1);
		rc = sqlite3_backup_finish(backup);
	} else if (rc == SQLITE_OK) {
		rc = sqlite3_errcode(to);
	}
	if (rc != SQLITE_OK)
		problem_set(why, QT_STORE, "path", "%.100s: %.80s", path, to ? sqlite3_errmsg(to) : sqlite3_errstr(rc));
	sqlite3_close(to);
	return rc == SQLITE_OK ? QT_OK : (rc & 0xff) == SQLITE_FULL ? QT_DISK_FULL : QT_STORE;
}
