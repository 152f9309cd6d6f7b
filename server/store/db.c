/* db: see db.h and tx.h. The SQLite engine: connections, prepared statements, transactions, ids.
 * Knows no table of any module; guard.c says who may write what. */
#include "server/store/db.h"

#include "server/store/tx.h"
#include "shared/buf.h"
#include "shared/text.h"

#include <assert.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COUNTERS_MAX 64
#define WATCHERS_MAX 32
#define BEFORE_MAX 4
#define BUSY_MS 5000

struct stmt {
	sqlite3_stmt *engine;
	struct db *db;
	const struct sql *sql;
	int rc;       /* of the last step */
	bool open;    /* between db_stmt and stmt_end */
	bool writes;
};

/* The next id of one table. */
struct counter {
	const char *table; /* static */
	int64_t next;      /* with what this transaction took; 0: not known yet */
	int64_t kept;      /* as of the last commit; what a rollback goes back to */
};

struct db {
	sqlite3 *engine;
	enum db_mode mode;
	char *path;
	struct stmt **stmts;   /* by slot; NULL where not prepared on this connection */
	int stmt_room;
	const char *file;      /* whose statement is prepared or run; NULL: the store's own */
	bool dirty, in_tx, committing, snapshot;
	sqlite3_stmt *begin, *commit, *rollback;
	struct counter counters[COUNTERS_MAX];
	int counter_count;
	struct { void (*end)(void *, bool); void *ctx; } watchers[WATCHERS_MAX];
	int watcher_count;
	struct { enum qt_err (*run)(void *, struct db *); void *ctx; } before[BEFORE_MAX];
	int before_count;
	void (*row)(void *, char, const char *, int64_t);
	void *row_ctx;
	void (*log_grown)(void *, int);
	void *log_ctx;
	struct { void *thing; void (*free_it)(void *); } attached[DB_SLOT_COUNT];
};

static pthread_once_t engine_once = PTHREAD_ONCE_INIT;
static int last_slot; /* slots given out, over all connections */

static void engine_configure(void)
{
	/* One thread per connection: no mutexes; statistics would be a global lock. */
	if (sqlite3_config(SQLITE_CONFIG_MULTITHREAD) != SQLITE_OK ||
	    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) != SQLITE_OK || sqlite3_initialize() != SQLITE_OK)
		fatal("SQLite cannot be set up");
}

static enum qt_err err_of(struct db *db, int rc)
{
	switch (rc & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:   return QT_OK;
	case SQLITE_FULL:   return QT_DISK_FULL;
	case SQLITE_BUSY:
	case SQLITE_LOCKED: return QT_BUSY;
	case SQLITE_NOMEM:  fatal("out of memory");
	case SQLITE_CONSTRAINT: {
		int extended = sqlite3_extended_errcode(db->engine);
		return extended == SQLITE_CONSTRAINT_UNIQUE || extended == SQLITE_CONSTRAINT_PRIMARYKEY ||
		       extended == SQLITE_CONSTRAINT_ROWID ? QT_EXISTS : QT_CONFLICT;
	}
	default:
		log_line('E', "database: %s (%d)", sqlite3_errmsg(db->engine), rc);
		return QT_STORE;
	}
}

/* Called while a statement is compiled: ordinary code reads and writes rows of tables it may write, no more. */
static int authorize(void *ctx, int action, const char *a, const char *b, const char *c, const char *d)
{
	struct db *db = ctx;
	(void)b, (void)c, (void)d;

	if (db->file == NULL)
		return SQLITE_OK;
	switch (action) {
	case SQLITE_SELECT:
	case SQLITE_READ:
	case SQLITE_FUNCTION:
	case SQLITE_RECURSIVE:
		return SQLITE_OK;
	case SQLITE_INSERT:
	case SQLITE_UPDATE:
	case SQLITE_DELETE:
		return guard_may_write(a, db->file) ? SQLITE_OK : SQLITE_DENY;
	default:
		return SQLITE_DENY;
	}
}

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

static const char writer_setup[] =
	"PRAGMA journal_mode = WAL;"
	"PRAGMA synchronous = FULL;"
	"PRAGMA recursive_triggers = ON;"
	"PRAGMA foreign_keys = ON;"
	"PRAGMA cache_size = -8192;"
	"PRAGMA temp_store = MEMORY;"
	"PRAGMA wal_autocheckpoint = 2000;"
	"PRAGMA journal_size_limit = 67108864;";
static const char reader_setup[] =
	"PRAGMA query_only = ON;"
	"PRAGMA cache_size = -2048;"
	"PRAGMA temp_store = MEMORY;";

static sqlite3_stmt *prepare_own(struct db *db, const char *text)
{
	sqlite3_stmt *s = NULL;

	if (sqlite3_prepare_v3(db->engine, text, -1, SQLITE_PREPARE_PERSISTENT, &s, NULL) != SQLITE_OK)
		fatal("SQL does not compile: %s: %s", text, sqlite3_errmsg(db->engine));
	return s;
}

enum qt_err db_open(const char *path, enum db_mode mode, struct db **result, struct problem *why)
{
	enum qt_err err = QT_STORE;
	struct db *db = xcalloc(1, sizeof *db);
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (mode == DB_WRITE ? SQLITE_OPEN_CREATE : 0);

	*result = NULL;
	pthread_once(&engine_once, engine_configure);
	db->mode = mode;
	db->path = xstrdup(path);
	if (mode == DB_WRITE && strcmp(path, ":memory:") != 0) { /* a new file is for its owner alone; its companions follow it */
		int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		if (fd >= 0)
			close(fd);
	}
	int rc = sqlite3_open_v2(path, &db->engine, flags, NULL);
	if (rc == SQLITE_OK) {
		sqlite3_extended_result_codes(db->engine, 1);
		sqlite3_busy_timeout(db->engine, BUSY_MS);
		rc = sqlite3_exec(db->engine, mode == DB_WRITE ? writer_setup : reader_setup, NULL, NULL, NULL);
	}
	if (rc != SQLITE_OK) {
		problem_set(why, err, "database", "%.120s: %.60s", path,
		            db->engine ? sqlite3_errmsg(db->engine) : sqlite3_errstr(rc));
		goto out;
	}
	sqlite3_set_authorizer(db->engine, authorize, db);
	db->begin = prepare_own(db, mode == DB_WRITE ? "BEGIN IMMEDIATE" : "BEGIN");
	db->commit = prepare_own(db, "COMMIT");
	db->rollback = prepare_own(db, "ROLLBACK");
	if (mode == DB_WRITE) {
		sqlite3_commit_hook(db->engine, commit_hook, db);
		sqlite3_update_hook(db->engine, row_hook, db);
	}
	*result = db;
	db = NULL;
	err = QT_OK;
out:
	db_close(db);
	return err;
}

void db_close(struct db *db)
{
	if (db == NULL)
		return;
	for (int i = 0; i < DB_SLOT_COUNT; i++)
		if (db->attached[i].free_it != NULL)
			db->attached[i].free_it(db->attached[i].thing);
	for (int i = 0; i < db->stmt_room; i++) {
		if (db->stmts[i] == NULL)
			continue;
		sqlite3_finalize(db->stmts[i]->engine);
		free(db->stmts[i]);
	}
	free(db->stmts);
	sqlite3_finalize(db->begin);
	sqlite3_finalize(db->commit);
	sqlite3_finalize(db->rollback);
	if (sqlite3_close(db->engine) != SQLITE_OK)
		log_line('E', "database: %s", sqlite3_errmsg(db->engine));
	free(db->path);
	free(db);
}

/* Slots are given out once per statement text, by whichever connection prepares it first. */
static int slot_of(struct sql *sql)
{
	int slot = __atomic_load_n(&sql->slot, __ATOMIC_ACQUIRE);

	if (slot == 0) {
		int fresh = __atomic_add_fetch(&last_slot, 1, __ATOMIC_RELAXED);
		/* Another thread may have been first: its slot counts, ours stays unused. */
		if (__atomic_compare_exchange_n(&sql->slot, &slot, fresh, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
			slot = fresh;
	}
	return slot;
}

/* "$1" is a name to SQLite, numbered by where it first appears; "?1" is what PostgreSQL means by it. Caller frees. */
static char *numbered(const char *text)
{
	char *copy = xstrdup(text);

	for (char *p = copy; *p != '\0'; p++)
		if (*p == '$' && p[1] >= '0' && p[1] <= '9')
			*p = '?';
	return copy;
}

static struct stmt *prepare(struct db *db, struct sql *sql, int slot)
{
	struct stmt *s = xcalloc(1, sizeof *s);
	char *text = numbered(sql->text);

	if (slot >= db->stmt_room) {
		int room = db->stmt_room ? db->stmt_room : 64;
		while (room <= slot)
			room *= 2;
		db->stmts = xrealloc(db->stmts, (size_t)room * sizeof *db->stmts);
		memset(db->stmts + db->stmt_room, 0, (size_t)(room - db->stmt_room) * sizeof *db->stmts);
		db->stmt_room = room;
	}
	if (sqlite3_prepare_v3(db->engine, text, -1, SQLITE_PREPARE_PERSISTENT, &s->engine, NULL) != SQLITE_OK)
		fatal("SQL in %s does not compile: %s: %s", sql->file, sql->text, sqlite3_errmsg(db->engine));
	free(text);
	s->db = db;
	s->sql = sql;
	s->writes = !sqlite3_stmt_readonly(s->engine);
	db->stmts[slot] = s;
	return s;
}

struct stmt *db_stmt(struct db *db, struct sql *sql)
{
	int slot = slot_of(sql);
	struct stmt *s = slot < db->stmt_room ? db->stmts[slot] : NULL;

	db->file = sql->file;
	if (s == NULL)
		s = prepare(db, sql, slot);
	assert(!s->open);
	assert(!s->writes || (db->mode == DB_WRITE && db->in_tx));
	s->open = true;
	s->rc = SQLITE_OK;
	return s;
}

static void bound(struct stmt *s, int rc)
{
	if (rc != SQLITE_OK)
		fatal("a parameter does not fit: %s: %s", s->sql->text, sqlite3_errmsg(s->db->engine));
}

void stmt_int(struct stmt *s, int parameter, int64_t value)
{
	bound(s, sqlite3_bind_int64(s->engine, parameter, value));
}

void stmt_text(struct stmt *s, int parameter, const char *utf8)
{
	bound(s, sqlite3_bind_text(s->engine, parameter, utf8, -1, SQLITE_STATIC));
}

void stmt_blob(struct stmt *s, int parameter, const void *data, size_t len)
{
	if (data == NULL && len == 0)
		data = "";
	bound(s, sqlite3_bind_blob64(s->engine, parameter, data, len, SQLITE_STATIC));
}

void stmt_null(struct stmt *s, int parameter)
{
	bound(s, sqlite3_bind_null(s->engine, parameter));
}

bool stmt_step(struct stmt *s)
{
	if (s->writes)
		s->db->dirty = true;
	s->db->file = s->sql->file;
	s->rc = sqlite3_step(s->engine);
	return s->rc == SQLITE_ROW;
}

int64_t stmt_col_int(struct stmt *s, int column)
{
	return sqlite3_column_int64(s->engine, column);
}

const char *stmt_col_text(struct stmt *s, int column)
{
	return (const char *)sqlite3_column_text(s->engine, column);
}

const void *stmt_col_blob(struct stmt *s, int column, size_t *len)
{
	const void *data = sqlite3_column_blob(s->engine, column);

	*len = (size_t)sqlite3_column_bytes(s->engine, column);
	return data;
}

bool stmt_col_null(struct stmt *s, int column)
{
	return sqlite3_column_type(s->engine, column) == SQLITE_NULL;
}

char stmt_col_type(struct stmt *s, int column)
{
	switch (sqlite3_column_type(s->engine, column)) {
	case SQLITE_INTEGER: return 'i';
	case SQLITE_BLOB:    return 'b';
	case SQLITE_NULL:    return 'n';
	default:             return 't';
	}
}

int stmt_columns(struct stmt *s)
{
	return sqlite3_column_count(s->engine);
}

enum qt_err stmt_end(struct stmt *s)
{
	assert(s->open);
	enum qt_err err = err_of(s->db, s->rc);
	sqlite3_reset(s->engine);
	s->open = false;
	return err;
}

static struct stmt *bind_all(struct db *db, struct sql *sql, const char *in, va_list *ap)
{
	struct stmt *s = db_stmt(db, sql);

	for (int i = 1; *in; in++, i++) {
		switch (*in) {
		case 'i': stmt_int(s, i, va_arg(*ap, int64_t)); break;
		case 't': stmt_text(s, i, va_arg(*ap, const char *)); break;
		case 'b': {
			const void *data = va_arg(*ap, const void *);
			stmt_blob(s, i, data, va_arg(*ap, size_t));
			break;
		}
		case 'n': stmt_null(s, i); break;
		default: fatal("a bad parameter letter: %c", *in);
		}
	}
	return s;
}

enum qt_err db_run(struct db *db, struct sql *sql, const char *in, ...)
{
	va_list ap;

	va_start(ap, in);
	struct stmt *s = bind_all(db, sql, in, &ap);
	va_end(ap);
	while (stmt_step(s))
		;
	return stmt_end(s);
}

/* Copy text of a column, cut at a character when it does not fit. */
static void copy_text(char *out, size_t room, const char *text)
{
	size_t used = 0;

	assert(room > 0);
	for (const char *p = text; p != NULL && *p;) {
		size_t n = text_utf8_length(p, strlen(p));
		n = n ? n : 1;
		if (used + n >= room)
			break;
		memcpy(out + used, p, n);
		used += n;
		p += n;
	}
	out[used] = '\0';
}

static void read_columns(struct stmt *s, const char *out, va_list *ap)
{
	for (int i = 0; *out; out++, i++) {
		switch (*out) {
		case 'i': *va_arg(*ap, int64_t *) = stmt_col_int(s, i); break;
		case 't': {
			char *text = va_arg(*ap, char *);
			copy_text(text, va_arg(*ap, size_t), stmt_col_text(s, i));
			break;
		}
		case 'b': {
			size_t len;
			const void *data = stmt_col_blob(s, i, &len);
			void *to = va_arg(*ap, void *);
			size_t *room = va_arg(*ap, size_t *);
			*room = len < *room ? len : *room;
			if (*room > 0)
				memcpy(to, data, *room);
			break;
		}
		case 'z': {
			const char *text = stmt_col_text(s, i);
			*va_arg(*ap, char **) = text ? xstrdup(text) : NULL;
			break;
		}
		default: fatal("a bad column letter: %c", *out);
		}
	}
}

enum qt_err db_one(struct db *db, struct sql *sql, const char *in, ...)
{
	va_list ap;
	bool found;

	va_start(ap, in);
	struct stmt *s = bind_all(db, sql, in, &ap);
	const char *out = va_arg(ap, const char *);
	found = stmt_step(s);
	if (found)
		read_columns(s, out, &ap);
	va_end(ap);
	/* A statement that writes and returns must run to its end to count. */
	while (s->writes && s->rc == SQLITE_ROW)
		s->rc = sqlite3_step(s->engine);
	enum qt_err err = stmt_end(s);
	return err != QT_OK ? err : found ? QT_OK : QT_NOT_FOUND;
}

int64_t db_changes(struct db *db)
{
	return sqlite3_changes64(db->engine);
}

/* The largest id in a table. A table's name cannot be a parameter; it comes from the program's own text. */
static int64_t largest_id(struct db *db, const char *table)
{
	struct buf text = { 0 };

	assert(table[strspn(table, "abcdefghijklmnopqrstuvwxyz_")] == '\0');
	buf_adds(&text, "SELECT coalesce(max(id), 0) FROM ");
	buf_adds(&text, table);
	db->file = NULL;
	sqlite3_stmt *s = prepare_own(db, text.data);
	if (sqlite3_step(s) != SQLITE_ROW)
		fatal("the ids of %s cannot be read: %s", table, sqlite3_errmsg(db->engine));
	int64_t id = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	buf_free(&text);
	return id;
}

int64_t db_new_id(struct db *db, const char *table)
{
	struct counter *c = db->counters, *end = c + db->counter_count;

	assert(db->mode == DB_WRITE && db->in_tx);
	while (c < end && c->table != table && strcmp(c->table, table) != 0)
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
		err = err_of(db, run_own(db, db->commit));
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
	if (run_own(db, db->commit) != SQLITE_OK)
		log_line('E', "a read transaction did not end: %s", sqlite3_errmsg(db->engine));
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
