/* tdb: see tdb.h. */
#include "pos/tdb.h"

#include "shared/buf.h"
#include "shared/wal.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <fcntl.h>
#include <unistd.h>

/* Each step makes the tables of its version out of those of the one before. A step that was once given out is never
 * changed. */
static const char first_tables[] =
	/* Named values: who this till is, where it stands in lists of the server. */
	"CREATE TABLE setting ("
	"	name  TEXT PRIMARY KEY,"
	"	value TEXT NOT NULL"
	") WITHOUT ROWID;"
	/* Copy of the server's taxes. */
	"CREATE TABLE tax ("
	"	id      INTEGER PRIMARY KEY,"  /* tax_id of the server */
	"	name    TEXT NOT NULL,"
	"	name_zh TEXT,"                 /* NULL: as name */
	"	rate_bp INTEGER NOT NULL"
	");"
	/* Copy of the server's items. */
	"CREATE TABLE item ("
	"	id          INTEGER PRIMARY KEY," /* item_id of the server */
	"	sku         TEXT NOT NULL,"
	"	plu         INTEGER,"             /* NULL: none */
	"	name        TEXT NOT NULL,"
	"	name_zh     TEXT,"                /* NULL: as name */
	"	price_cents INTEGER NOT NULL,"    /* with tax when the merchant's prices are inclusive */
	"	tax_id      INTEGER NOT NULL,"
	"	open_price  INTEGER NOT NULL,"    /* 1: the cashier types the price */
	"	active      INTEGER NOT NULL"     /* 0: not sold any more */
	");"
	"CREATE INDEX item_plu ON item (plu) WHERE plu IS NOT NULL;"
	"CREATE INDEX item_sku ON item (sku);"
	"CREATE TABLE barcode ("
	"	code    TEXT PRIMARY KEY,"
	"	item_id INTEGER NOT NULL"
	") WITHOUT ROWID;"
	"CREATE INDEX barcode_item ON barcode (item_id);"
	/* The sale under way: one row. */
	"CREATE TABLE sale ("
	"	id           INTEGER PRIMARY KEY CHECK (id = 1),"
	"	number       INTEGER NOT NULL," /* of this till's sales; ties outbox rows to it */
	"	stage        INTEGER NOT NULL," /* enum sale_stage */
	"	method       TEXT NOT NULL,"    /* what was asked last: code, cash, card, points; empty: nothing yet */
	"	order_json   TEXT,"             /* the server's last answer about it; NULL: none */
	"	started_ms   INTEGER NOT NULL,"
	"	customer     TEXT NOT NULL,"    /* scanned identity code; empty: none */
	"	share        TEXT NOT NULL"     /* scanned share or campaign code; empty: none */
	");"
	"CREATE TABLE cart_line ("
	"	line_no     INTEGER PRIMARY KEY," /* from 1 */
	"	item_id     INTEGER NOT NULL,"
	"	name        TEXT NOT NULL,"
	"	name_zh     TEXT,"
	"	quantity    INTEGER NOT NULL,"
	"	price_cents INTEGER NOT NULL,"
	"	rate_bp     INTEGER NOT NULL,"
	"	open_price  INTEGER NOT NULL"
	");"
	/* Requests that change something and have no answer yet. Written before they are sent, removed with the answer. */
	"CREATE TABLE outbox ("
	"	sequence    INTEGER PRIMARY KEY AUTOINCREMENT," /* the Idempotency-Key; never used twice */
	"	kind        TEXT NOT NULL,"    /* outbox.h */
	"	path        TEXT NOT NULL,"
	"	body        TEXT NOT NULL,"
	"	sale_number INTEGER NOT NULL," /* sale it belongs to; 0: none */
	"	note        TEXT NOT NULL,"    /* for people, in English */
	"	tries       INTEGER NOT NULL DEFAULT 0,"
	"	seen        INTEGER NOT NULL DEFAULT 0," /* 1: the server may have seen it */
	"	refused     TEXT,"             /* why it was refused; then it is not sent again. NULL: waiting */
	"	created_ms  INTEGER NOT NULL"
	");"
	/* Receipts of this till, the newest 1000, as the server gave them. */
	"CREATE TABLE receipt ("
	"	id          INTEGER PRIMARY KEY AUTOINCREMENT,"
	"	order_id    INTEGER NOT NULL UNIQUE,"
	"	number      INTEGER NOT NULL," /* receipt number */
	"	at_ms       INTEGER NOT NULL,"
	"	total_cents INTEGER NOT NULL,"
	"	order_json  TEXT NOT NULL,"
	"	printed     INTEGER NOT NULL DEFAULT 0" /* times on paper; more than one: marked as a copy */
	");";
static const char held_tables[] =
	/* Sales put aside; nothing of them was sent. */
	"CREATE TABLE held ("
	"	id       INTEGER PRIMARY KEY," /* the number cashiers see; used again once nothing is put aside */
	"	name     TEXT NOT NULL,"       /* empty: only the number */
	"	held_ms  INTEGER NOT NULL,"
	"	customer TEXT NOT NULL,"       /* as in sale */
	"	share    TEXT NOT NULL"        /* as in sale */
	");"
	"CREATE TABLE held_line (" /* columns as in cart_line */
	"	held_id     INTEGER NOT NULL,"
	"	line_no     INTEGER NOT NULL,"
	"	item_id     INTEGER NOT NULL,"
	"	name        TEXT NOT NULL,"
	"	name_zh     TEXT,"
	"	quantity    INTEGER NOT NULL,"
	"	price_cents INTEGER NOT NULL,"
	"	rate_bp     INTEGER NOT NULL,"
	"	open_price  INTEGER NOT NULL,"
	"	PRIMARY KEY (held_id, line_no)"
	") WITHOUT ROWID;";
static const char report_tables[] =
	/* X and Z reports of this till, the newest REPORTS_KEPT, as the server gave them. */
	"CREATE TABLE report ("
	"	id        INTEGER PRIMARY KEY AUTOINCREMENT,"
	"	report_id INTEGER NOT NULL UNIQUE," /* of the server */
	"	kind      TEXT NOT NULL,"           /* x or z */
	"	number    INTEGER NOT NULL,"        /* of the shift */
	"	at_ms     INTEGER NOT NULL,"
	"	figures   TEXT NOT NULL"            /* JSON, as it came */
	");";
static const char price_tables[] =
	/* Discounts, other prices and approvals of a cart, when it has any. */
	"CREATE TABLE IF NOT EXISTS cart_price ("
	"	held_id INTEGER PRIMARY KEY," /* of held; 0: the sale under way */
	"	prices  TEXT NOT NULL"        /* JSON, cart_prices_json */
	");";
static const char event_tables[] =
	/* What the till did, in a hash chain: till_event.h. */
	"CREATE TABLE event ("
	"	sequence INTEGER PRIMARY KEY," /* without gaps */
	"	at_ms    INTEGER NOT NULL,"
	"	kind     TEXT NOT NULL,"
	"	content  TEXT NOT NULL,"       /* JSON, as it was hashed */
	"	previous TEXT NOT NULL,"       /* hash of the event before */
	"	hash     TEXT NOT NULL"
	");"
	/* How far the server has them, countersigned; the oldest vouches for events that were let go. */
	"CREATE TABLE event_head ("
	"	sequence  INTEGER PRIMARY KEY,"
	"	hash      TEXT NOT NULL,"
	"	at_ms     INTEGER NOT NULL,"   /* the server's clock */
	"	signature TEXT NOT NULL"
	");";
static const char measured_tables[] =
	/* What an item's price is of; kg, g, l and m are measured. NULL: a piece. The copy is fetched anew for it. */
	"ALTER TABLE item ADD COLUMN unit TEXT;"
	"DELETE FROM setting WHERE name = 'catalogue_version';";
static const char held_key_tables[] =
	/* Sales put aside are shared with the other tills of the store. */
	"ALTER TABLE held ADD COLUMN key TEXT NOT NULL DEFAULT '';"      /* UUID the server knows it by; empty: it does not */
	"ALTER TABLE held ADD COLUMN shared INTEGER NOT NULL DEFAULT 0;"; /* 1: the server has it */
static const char rule_tables[] =
	/* What is asked before an item is sold; 0: nothing. The copy is fetched anew for it. */
	"ALTER TABLE item ADD COLUMN min_price_cents INTEGER NOT NULL DEFAULT 0;" /* of an open price */
	"ALTER TABLE item ADD COLUMN max_price_cents INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE item ADD COLUMN min_age INTEGER NOT NULL DEFAULT 0;"         /* years of who buys it */
	"DELETE FROM setting WHERE name = 'catalogue_version';";
static const char sold_tables[] =
	/* In how many sales of this till an item was: what is sold most is shown first. */
	"CREATE TABLE item_sold ("
	"	item_id INTEGER PRIMARY KEY,"
	"	sales   INTEGER NOT NULL"
	");"
	"CREATE INDEX item_sold_sales ON item_sold (sales);";
static const char option_tables[] =
	/* What an item asks, as the server gave it: JSON; NULL: nothing. The copy is fetched anew for it. */
	"ALTER TABLE item ADD COLUMN options TEXT;"
	"DELETE FROM setting WHERE name = 'catalogue_version';";
static const char sold_out_tables[] =
	/* What the store has none of just now. */
	"CREATE TABLE sold_out ("
	"	item_id INTEGER PRIMARY KEY"
	");";
static const struct {
	const char *tables, *mark;
} steps[] = {
	{ first_tables, "PRAGMA user_version = 1" },
	{ held_tables, "PRAGMA user_version = 2" },
	{ report_tables, "PRAGMA user_version = 3" },
	{ price_tables, "PRAGMA user_version = 4" },
	{ event_tables, "PRAGMA user_version = 5" },
	{ measured_tables, "PRAGMA user_version = 6" },
	{ held_key_tables, "PRAGMA user_version = 7" },
	{ rule_tables, "PRAGMA user_version = 8" },
	{ sold_tables, "PRAGMA user_version = 9" },
	{ option_tables, "PRAGMA user_version = 10" },
	{ sold_out_tables, "PRAGMA user_version = 11" },
};
#define SCHEMA_VERSION ((int64_t)(sizeof steps / sizeof *steps))

struct tdb {
	int opening; /* counts up with every tdb_open of the process */
	sqlite3 *db;
	int lock_fd;
	bool in_tx;
};

static enum qt_err error_of(int rc)
{
	switch (rc & 0xff) {
	case SQLITE_OK: case SQLITE_ROW: case SQLITE_DONE: return QT_OK;
	case SQLITE_FULL: return QT_DISK_FULL;
	default: return QT_STORE;
	}
}

static enum qt_err run_text(sqlite3 *db, const char *sql)
{
	return error_of(sqlite3_exec(db, sql, NULL, NULL, NULL));
}

SQL(user_version, "PRAGMA user_version");

static enum qt_err migrate(struct tdb *s, struct problem *p)
{
	int64_t version = tdb_row(s, &user_version, "") ? tdb_int(&user_version, 0) : -1;
	enum qt_err err = tdb_end(&user_version);

	if (err != QT_OK || version == SCHEMA_VERSION)
		return err;
	if (version < 0 || version > SCHEMA_VERSION)
		return problem_set(p, QT_BAD_CONFIG, "data_dir", "till.db was written by a newer version");
	if ((err = tdb_begin(s)) != QT_OK)
		return err;
	for (int64_t i = version; err == QT_OK && i < SCHEMA_VERSION; i++) {
		err = run_text(s->db, steps[i].tables);
		if (err == QT_OK)
			err = run_text(s->db, steps[i].mark);
	}
	return tdb_commit(s, err);
}

/* One till per file: two would send each other's requests. */
static enum qt_err take_lock(const char *folder, struct tdb *s, struct problem *p)
{
	char path[PATH_MAX];

	if (mkdir(folder, 0700) != 0 && errno != EEXIST)
		return problem_set(p, QT_BAD_CONFIG, "data_dir", "%s cannot be made: %s", folder, strerror(errno));
	if (snprintf(path, sizeof path, "%s/till.lock", folder) >= (int)sizeof path)
		return problem_set(p, QT_BAD_CONFIG, "data_dir", "the path is too long");
	s->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (s->lock_fd < 0)
		return problem_set(p, QT_BAD_CONFIG, "data_dir", "%s: %s", path, strerror(errno));
	if (flock(s->lock_fd, LOCK_EX | LOCK_NB) != 0)
		return problem_set(p, QT_BUSY, "data_dir", "another till is running in %s", folder);
	return QT_OK;
}

enum qt_err tdb_open(const char *folder, struct tdb **out, struct problem *p)
{
	char path[PATH_MAX];
	static int openings;
	struct tdb *s = xcalloc(1, sizeof *s);
	enum qt_err err;

	*out = NULL;
	s->opening = ++openings;
	s->lock_fd = -1;
	if ((err = take_lock(folder, s, p)) != QT_OK)
		goto out;
	if (snprintf(path, sizeof path, "%s/till.db", folder) >= (int)sizeof path) {
		err = problem_set(p, QT_BAD_CONFIG, "data_dir", "the path is too long");
		goto out;
	}
	mode_t before = umask(077);
	int rc = sqlite3_open_v2(path, &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
	err = error_of(rc);
	if (err == QT_OK)
		err = run_text(s->db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
		                      "PRAGMA case_sensitive_like = OFF; PRAGMA cache_size = -4096");
	if (err == QT_OK)
		err = error_of(wal_sync(s->db));
	umask(before);
	if (err != QT_OK) {
		problem_set(p, err, "data_dir", "%s: %s", path, s->db ? sqlite3_errmsg(s->db) : "cannot be opened");
		goto out;
	}
	if ((err = migrate(s, p)) != QT_OK)
		goto out;
	*out = s;
	s = NULL;
out:
	tdb_close(s);
	return err;
}

void tdb_close(struct tdb *s)
{
	sqlite3_stmt *st;

	if (s == NULL)
		return;
	while (s->db && (st = sqlite3_next_stmt(s->db, NULL)) != NULL)
		sqlite3_finalize(st);
	sqlite3_close(s->db);
	if (s->lock_fd >= 0)
		close(s->lock_fd);
	free(s);
}

int tdb_opening(const struct tdb *s)
{
	return s->opening;
}

static void bind_all(struct tdb *s, struct tdb_sql *q, const char *in, va_list ap)
{
	if (q->opening != s->opening) { /* the statement of a file that was closed went with it */
		if (sqlite3_prepare_v3(s->db, q->text, -1, SQLITE_PREPARE_PERSISTENT, &q->prepared, NULL) != SQLITE_OK)
			fatal("SQL of the till does not compile: %s", sqlite3_errmsg(s->db));
		q->opening = s->opening;
	}
	sqlite3_reset(q->prepared);
	for (int i = 1; *in; in++, i++) {
		/* To SQLite "$2" is a name; its place is where it appears first. */
		char name[16];
		snprintf(name, sizeof name, "$%d", i);
		int place = sqlite3_bind_parameter_index(q->prepared, name);
		assert(place > 0);
		if (*in == 'i') {
			sqlite3_bind_int64(q->prepared, place, va_arg(ap, int64_t));
			continue;
		}
		assert(*in == 't');
		sqlite3_bind_text(q->prepared, place, va_arg(ap, const char *), -1, SQLITE_STATIC);
	}
}

bool tdb_row(struct tdb *s, struct tdb_sql *q, const char *in, ...)
{
	va_list ap;

	va_start(ap, in);
	bind_all(s, q, in, ap);
	va_end(ap);
	return tdb_next(q);
}

bool tdb_next(struct tdb_sql *q)
{
	return sqlite3_step(q->prepared) == SQLITE_ROW;
}

int64_t tdb_int(struct tdb_sql *q, int column)
{
	return sqlite3_column_int64(q->prepared, column);
}

const char *tdb_text(struct tdb_sql *q, int column)
{
	const char *text = (const char *)sqlite3_column_text(q->prepared, column);
	return text ? text : "";
}

enum qt_err tdb_end(struct tdb_sql *q)
{
	enum qt_err err = error_of(sqlite3_reset(q->prepared));
	sqlite3_clear_bindings(q->prepared);
	return err;
}

enum qt_err tdb_run(struct tdb *s, struct tdb_sql *q, const char *in, ...)
{
	va_list ap;

	va_start(ap, in);
	bind_all(s, q, in, ap);
	va_end(ap);
	while (tdb_next(q))
		;
	return tdb_end(q);
}

enum qt_err tdb_begin(struct tdb *s)
{
	assert(!s->in_tx);
	enum qt_err err = run_text(s->db, "BEGIN IMMEDIATE");
	s->in_tx = err == QT_OK;
	return err;
}

enum qt_err tdb_commit(struct tdb *s, enum qt_err err)
{
	assert(s->in_tx);
	s->in_tx = false;
	if (err == QT_OK)
		err = run_text(s->db, "COMMIT");
	if (err != QT_OK && run_text(s->db, "ROLLBACK") != QT_OK && !sqlite3_get_autocommit(s->db))
		fatal("the till's file cannot be rolled back: %s", sqlite3_errmsg(s->db));
	return err;
}

/* ---- a copy of what is not of this till alone ---- */

/* All rows of `select` into `table`, whose columns are as many. */
static enum qt_err copy_rows(sqlite3 *from, sqlite3 *to, const char *select, const char *table)
{
	sqlite3_stmt *in = NULL, *out = NULL;
	struct buf insert = { 0 };
	int rc = sqlite3_prepare_v2(from, select, -1, &in, NULL);

	if (rc == SQLITE_OK) {
		buf_adds(&insert, "INSERT INTO ");
		buf_adds(&insert, table);
		buf_adds(&insert, " VALUES (?");
		for (int i = 1; i < sqlite3_column_count(in); i++)
			buf_adds(&insert, ", ?");
		buf_adds(&insert, ")");
		rc = sqlite3_prepare_v2(to, insert.data, -1, &out, NULL);
	}
	buf_free(&insert);
	while (rc == SQLITE_OK && (rc = sqlite3_step(in)) == SQLITE_ROW) {
		for (int i = 0; i < sqlite3_column_count(in); i++)
			sqlite3_bind_value(out, i + 1, sqlite3_column_value(in, i));
		sqlite3_step(out);
		rc = sqlite3_reset(out);
	}
	sqlite3_finalize(in);
	sqlite3_finalize(out);
	return error_of(rc);
}

static enum qt_err empty_all(sqlite3 *db)
{
	static const char names[] = "SELECT 'DELETE FROM \"' || name || '\"' FROM sqlite_schema WHERE type = 'table'";
	struct buf all = { 0 };
	sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(db, names, -1, &st, NULL);

	while (rc == SQLITE_OK && (rc = sqlite3_step(st)) == SQLITE_ROW) {
		buf_adds(&all, (const char *)sqlite3_column_text(st, 0));
		buf_addc(&all, ';');
		rc = SQLITE_OK;
	}
	sqlite3_finalize(st);
	enum qt_err err = error_of(rc);
	if (err == QT_OK)
		err = run_text(db, all.data);
	buf_free(&all);
	return err;
}

static int64_t number_of(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *st = NULL;
	int64_t number = sqlite3_prepare_v2(db, sql, -1, &st, NULL) == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW ?
	                 sqlite3_column_int64(st, 0) : -1;

	sqlite3_finalize(st);
	return number;
}

static enum qt_err copy_all(sqlite3 *from, sqlite3 *to)
{
	static const struct { const char *select, *table; } parts[] = {
		{ "SELECT * FROM tax", "tax" }, { "SELECT * FROM item", "item" }, { "SELECT * FROM barcode", "barcode" },
		{ "SELECT name, value FROM setting WHERE name IN ('shop_json', 'shop_inclusive', 'rules_json',"
		  " 'barcode_patterns', 'currency', 'catalogue_version', 'clock_offset_ms', 'lang')", "setting" },
	};
	enum qt_err err = empty_all(to);

	for (size_t i = 0; err == QT_OK && i < sizeof parts / sizeof *parts; i++)
		err = copy_rows(from, to, parts[i].select, parts[i].table);
	return err;
}

enum qt_err tdb_copy_shop(struct tdb *s, const char *folder, struct problem *p)
{
	char path[PATH_MAX];
	sqlite3 *from = NULL;
	enum qt_err err = QT_BAD_CONFIG;

	if (snprintf(path, sizeof path, "%s/till.db", folder) >= (int)sizeof path)
		return problem_set(p, err, "data_dir", "the path is too long");
	if (sqlite3_open_v2(path, &from, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
		problem_set(p, err, "data_dir", "%s: %s", path, from ? sqlite3_errmsg(from) : "cannot be opened");
	else if (number_of(from, "PRAGMA user_version") != SCHEMA_VERSION)
		problem_set(p, err, "data_dir", "%s is of another version: start the till once without training", path);
	else if (number_of(from, "SELECT COUNT(*) FROM setting WHERE name = 'shop_json'") != 1)
		err = problem_set(p, QT_NOT_SIGNED_IN, "data_dir", "the till was never enrolled: there is nothing to train with");
	else if ((err = tdb_begin(s)) == QT_OK)
		err = tdb_commit(s, copy_all(from, s->db));
	if (err != QT_OK && p->detail[0] == '\0')
		problem_set(p, err, "data_dir", "%s cannot be copied", path);
	sqlite3_close(from);
	return err;
}

SQL(setting_get, "SELECT value FROM setting WHERE name = $1");
SQL(setting_set, "INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = $2");
SQL(setting_remove, "DELETE FROM setting WHERE name = $1");

char *setting_text(struct tdb *s, const char *name)
{
	char *text = tdb_row(s, &setting_get, "t", name) ? xstrdup(tdb_text(&setting_get, 0)) : NULL;
	if (tdb_end(&setting_get) != QT_OK)
		log_line('W', "setting %s cannot be read", name);
	return text;
}

int64_t setting_int(struct tdb *s, const char *name, int64_t fallback)
{
	char *text = setting_text(s, name);
	int64_t value = text ? strtoll(text, NULL, 10) : fallback;
	free(text);
	return value;
}

enum qt_err setting_put(struct tdb *s, const char *name, const char *text)
{
	return text ? tdb_run(s, &setting_set, "tt", name, text) : tdb_run(s, &setting_remove, "t", name);
}

enum qt_err setting_put_int(struct tdb *s, const char *name, int64_t value)
{
	char text[24];
	snprintf(text, sizeof text, "%lld", (long long)value);
	return setting_put(s, name, text);
}
