/* tdb: the till's own file, one SQLite database (WAL, synchronous=FULL): what is in it survives a power cut. Holds the
 * catalogue copy, the sale under way, every request the server has not answered yet, and the last receipts. The only
 * module of the till that knows SQLite. SQL is static text beside the function that uses it, with $1 parameters.
 *
 *     SQL(item_by_id, "SELECT name, price_cents FROM item WHERE id = $1");
 *     if (tdb_row(store, &item_by_id, "i", id))
 *             name = tdb_text(&item_by_id, 0);   valid until tdb_end
 *     err = tdb_end(&item_by_id);
 */
#ifndef QT_POS_TDB_H
#define QT_POS_TDB_H

#include "shared/err.h"

#include <stdint.h>

struct tdb;
struct sqlite3_stmt;

/* A statement text; prepared once. One open file per process at a time. */
struct tdb_sql {
	const char *text;
	struct sqlite3_stmt *prepared; /* the open file's */
	int opening;                   /* which opening of a file it was prepared for; 0: none */
};
#define SQL(name, text) static struct tdb_sql name = { text, NULL, 0 }

/* Open DIR/till.db, made when missing (folder 0700, file 0600). QT_BAD_CONFIG, QT_STORE; QT_BUSY when another till has
 * it open. */
enum qt_err tdb_open(const char *folder, struct tdb **, struct problem *) QT_USE_RESULT;
void tdb_close(struct tdb *);
/* Empty this file and fill it with the catalogue and the particulars of the till whose file is in `folder`, which is only
 * read, also while that till runs; nothing of its sales, requests or credentials. QT_NOT_SIGNED_IN: that till was never
 * enrolled; QT_BAD_CONFIG: there is none, or of another version. */
enum qt_err tdb_copy_shop(struct tdb *, const char *folder, struct problem *) QT_USE_RESULT;
/* Which opening of the process it is, from 1: what is kept in memory about the file is of that one. */
int tdb_opening(const struct tdb *);

/* Parameters: a letter each: i int64_t, t const char * (NULL binds NULL; must live until the end). */
enum qt_err tdb_run(struct tdb *, struct tdb_sql *, const char *in, ...) QT_USE_RESULT;
/* First row. false: none, or an error that tdb_end tells. */
bool tdb_row(struct tdb *, struct tdb_sql *, const char *in, ...);
bool tdb_next(struct tdb_sql *);
int64_t tdb_int(struct tdb_sql *, int column);
const char *tdb_text(struct tdb_sql *, int column); /* "" for NULL */
/* Ends a use. QT_OK, QT_STORE, QT_DISK_FULL. */
enum qt_err tdb_end(struct tdb_sql *);

/* Transactions do not nest. tdb_commit rolls back when `err` is not QT_OK and returns it, else commits: after QT_OK
 * everything is on disk. */
enum qt_err tdb_begin(struct tdb *) QT_USE_RESULT;
enum qt_err tdb_commit(struct tdb *, enum qt_err err) QT_USE_RESULT;

/* Small named values: numbers and texts. */
int64_t setting_int(struct tdb *, const char *name, int64_t fallback);
char *setting_text(struct tdb *, const char *name); /* caller frees; NULL: not set */
enum qt_err setting_put(struct tdb *, const char *name, const char *text) QT_USE_RESULT; /* NULL removes it */
enum qt_err setting_put_int(struct tdb *, const char *name, int64_t) QT_USE_RESULT;

#endif
