/* db: see db.h. The SQLite engine: connections and prepared statements. Transactions and ids are in tx.c. Knows no table
 * of any module; guard.c says who may write what. */
#include "server/store/db.h"

#include "server/store/db_inside.h"
#include "shared/buf.h"
#include "shared/text.h"
#include "shared/wal.h"

#include <assert.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BUSY_MS 5000

static pthread_once_t engine_once = PTHREAD_ONCE_INIT;
static int last_slot; /* slots given out, over all connections */

static void engine_configure(void)
{
	/* One thread per connection: no mutexes; statistics would be a global lock. */
	if (sqlite3_config(SQLITE_CONFIG_MULTITHREAD) != SQLITE_OK ||
	    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) != SQLITE_OK || sqlite3_initialize() != SQLITE_OK)
		fatal("SQLite cannot be set up");
}

enum qt_err db_err_of(struct db *db, int rc)
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

sqlite3_stmt *db_prepare_own(struct db *db, const char *text)
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
		if (rc == SQLITE_OK && mode == DB_WRITE)
			rc = wal_sync(db->engine);
	}
	if (rc != SQLITE_OK) {
		problem_set(why, err, "database", "%.120s: %.60s", path,
		            db->engine ? sqlite3_errmsg(db->engine) : sqlite3_errstr(rc));
		goto out;
	}
	sqlite3_set_authorizer(db->engine, authorize, db);
	db->begin = db_prepare_own(db, mode == DB_WRITE ? "BEGIN IMMEDIATE" : "BEGIN");
	db->commit = db_prepare_own(db, "COMMIT");
	db->rollback = db_prepare_own(db, "ROLLBACK");
	if (mode == DB_WRITE)
		db_hooks_set(db);
	*result = db;
	db = NULL;
	err = QT_OK;
out:
	db_close(db);
	return err;
}

void db_shrink(struct db *db)
{
	sqlite3_db_release_memory(db->engine);
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

/* The text as SQLite wants it; caller frees.
 * "$1" is a name to SQLite, numbered by where it first appears; "?1" is what PostgreSQL means by it.
 * An INSERT of several rows that fails at the second would take back the first by a journal of its own, into which pages
 * are copied before they change: dear, and of no use here, where a job that fails after it has written (the writer's
 * db_dirty) takes its whole transaction back. */
static char *for_engine(const char *text)
{
	static const char insert[] = "INSERT INTO ";
	bool rows = strncmp(text, insert, sizeof insert - 1) == 0 && strstr(text, "), ($") != NULL;
	struct buf out = { 0 };

	buf_adds(&out, rows ? "INSERT OR FAIL INTO " : "");
	buf_adds(&out, rows ? text + sizeof insert - 1 : text);
	for (char *p = out.data; *p != '\0'; p++)
		if (*p == '$' && p[1] >= '0' && p[1] <= '9')
			*p = '?';
	return buf_take(&out);
}

static struct stmt *prepare(struct db *db, struct sql *sql, int slot)
{
	char *text = for_engine(sql->text);
	sqlite3_stmt *engine = NULL;

	if (slot >= db->stmt_room) {
		int room = db->stmt_room ? db->stmt_room : 64;
		while (room <= slot)
			room *= 2;
		db->stmts = xrealloc(db->stmts, (size_t)room * sizeof *db->stmts);
		memset(db->stmts + db->stmt_room, 0, (size_t)(room - db->stmt_room) * sizeof *db->stmts);
		db->stmt_room = room;
	}
	if (sqlite3_prepare_v3(db->engine, text, -1, SQLITE_PREPARE_PERSISTENT, &engine, NULL) != SQLITE_OK)
		fatal("SQL in %s does not compile: %s: %s", sql->file, sql->text, sqlite3_errmsg(db->engine));
	free(text);
	int parameters = sqlite3_bind_parameter_count(engine);
	size_t held = (size_t)(parameters < HELD_MAX ? parameters : HELD_MAX);
	struct stmt *s = xcalloc(1, sizeof *s + held * sizeof *s->held);
	s->engine = engine;
	s->db = db;
	s->sql = sql;
	s->writes = !sqlite3_stmt_readonly(engine);
	s->parameters = parameters;
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
	s->given = 0;
	s->rc = SQLITE_OK;
	return s;
}

static void bound(struct stmt *s, int rc)
{
	if (rc != SQLITE_OK)
		fatal("a parameter does not fit: %s: %s", s->sql->text, sqlite3_errmsg(s->db->engine));
	s->given++;
}

static uint64_t whole_bit(int parameter)
{
	return parameter <= HELD_MAX ? UINT64_C(1) << (parameter - 1) : 0;
}

/* A parameter keeps its value from use to use, and every second one of a sale is what it was for the sale before. */
void stmt_int(struct stmt *s, int parameter, int64_t value)
{
	uint64_t bit = whole_bit(parameter);

	if ((s->whole & bit) && s->held[parameter - 1] == value) {
		s->given++;
		return;
	}
	bound(s, sqlite3_bind_int64(s->engine, parameter, value));
	s->whole |= bit;
	if (bit != 0)
		s->held[parameter - 1] = value;
}

void stmt_text(struct stmt *s, int parameter, const char *utf8)
{
	bound(s, sqlite3_bind_text(s->engine, parameter, utf8, -1, SQLITE_STATIC));
	s->whole &= ~whole_bit(parameter);
}

void stmt_blob(struct stmt *s, int parameter, const void *data, size_t len)
{
	if (data == NULL && len == 0)
		data = "";
	bound(s, sqlite3_bind_blob64(s->engine, parameter, data, len, SQLITE_STATIC));
	s->whole &= ~whole_bit(parameter);
}

void stmt_null(struct stmt *s, int parameter)
{
	bound(s, sqlite3_bind_null(s->engine, parameter));
	s->whole &= ~whole_bit(parameter);
}

bool stmt_step(struct stmt *s)
{
	assert(s->given >= s->parameters);
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
	enum qt_err err = db_err_of(s->db, s->rc);
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
