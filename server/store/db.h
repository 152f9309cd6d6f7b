/* db: one database connection and its prepared statements.
 * SQL is kept to what SQLite 3.40 and PostgreSQL 15 both accept:
 * $1 parameters, RETURNING, ON CONFLICT. SQL is never built with printf.
 *
 *     SQL(card_by_id, "SELECT account_id, state FROM card WHERE id = $1");
 *     err = db_one(db, &card_by_id, "i", id, "ii", &account_id, &state);
 *
 * A connection belongs to one thread at a time. Only db.c and tx.c know the engine. */
#ifndef QT_DB_H
#define QT_DB_H

#include "shared/err.h"

#include <stdint.h>

struct db;
struct stmt;

/* A statement text, static beside the function that uses it; prepared once per connection. */
struct sql {
	const char *text;
	int slot;         /* 0 until first prepared; owned by db.c */
	const char *file; /* where it is written: some tables are written by their owner's file alone (guard.c) */
};
#define SQL(name, text) static struct sql name = { text, 0, __FILE__ }

enum db_mode {
	DB_READ,  /* query-only; the schema must exist */
	DB_WRITE  /* the one writer: WAL, synchronous=FULL, recursive_triggers=ON, foreign_keys=ON */
};
/* Opens `path`. On error *db is NULL and `why` (or NULL) says the reason. */
enum qt_err db_open(const char *path, enum db_mode, struct db **db, struct problem *why) QT_USE_RESULT;
/* Give back the pages a large piece of work left in its cache. */
void db_shrink(struct db *);
void db_close(struct db *); /* NULL is allowed */

/* A prepared statement, ready to bind; every parameter must be bound before the first step (asserted: one left out would
 * keep its value of the last use). fatal when the SQL does not compile: that is a bug. The statement stays owned by the
 * connection. */
struct stmt *db_stmt(struct db *, struct sql *);
void stmt_int(struct stmt *, int parameter, int64_t);   /* parameters count from 1 */
void stmt_text(struct stmt *, int parameter, const char *utf8); /* NULL binds NULL; must stay valid until stmt_end */
void stmt_blob(struct stmt *, int parameter, const void *, size_t len); /* as stmt_text */
void stmt_null(struct stmt *, int parameter);
bool stmt_step(struct stmt *);  /* true: a row; false: the end, or an error that stmt_end returns */
int64_t stmt_col_int(struct stmt *, int column);        /* columns count from 0; NULL reads 0 */
const char *stmt_col_text(struct stmt *, int column);   /* NULL for NULL; valid until the next step */
const void *stmt_col_blob(struct stmt *, int column, size_t *len);
bool stmt_col_null(struct stmt *, int column);
/* What the column holds: 'i', 't', 'b', or 'n' for NULL. */
char stmt_col_type(struct stmt *, int column);
int stmt_columns(struct stmt *);
/* Ends the use; must follow every db_stmt. QT_OK, QT_STORE, QT_DISK_FULL, QT_EXISTS (unique),
 * QT_CONFLICT (CHECK or trigger), QT_BUSY. */
enum qt_err stmt_end(struct stmt *) QT_USE_RESULT;

/* Bind and run to the end. `in` has a letter per parameter: i int64_t, t const char *, b (const void *, size_t),
 * n (no argument, NULL). */
enum qt_err db_run(struct db *, struct sql *, const char *in, ...) QT_USE_RESULT;
/* The same, and read the first row: `out` has a letter per column: i int64_t *, t (char *, size_t: copied,
 * cut at a character), b (void *, size_t *: in room, out length), z char ** (allocated, caller frees; NULL for
 * NULL). QT_NOT_FOUND when there is no row. The out pointers follow the in arguments after the `out` letters:
 * db_one(db, &q, "it", id, name, "ii", &a, &b). */
enum qt_err db_one(struct db *, struct sql *, const char *in, ...) QT_USE_RESULT;
/* Rows the last statement that wrote changed. */
int64_t db_changes(struct db *);

/* Next id of a table whose key is dense: ids are given by the one writer, start at 1, have no gaps (a rollback
 * gives them back), so that a missing row is a removed row. Only on the DB_WRITE connection. */
int64_t db_new_id(struct db *, const char *table);
/* A random number below `limit` that no row has: `taken` ("SELECT id ... WHERE number = $1") finds the row that has $1. */
enum qt_err db_free_number(struct db *, struct sql *taken, uint64_t limit, int64_t *number) QT_USE_RESULT;

/* Call `end` after every commit or rollback of the DB_WRITE connection, in its thread: for what a module keeps in
 * memory about rows (caches): keep it when `committed`, forget what the transaction put in when not. Watchers live
 * as long as the connection. */
void db_watch(struct db *, void (*end)(void *ctx, bool committed), void *ctx);

/* A read transaction over several statements, so that they see one state. Read connections only. */
void db_snapshot_begin(struct db *);
void db_snapshot_end(struct db *);

#endif
