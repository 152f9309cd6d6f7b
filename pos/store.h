/* store: the till's own file, one SQLite database (WAL, synchronous=FULL): what is in it survives a power cut. Holds the
 * catalogue copy, the sale under way, every request the server has not answered yet, and the last receipts. The only
 * module of the till that knows SQLite. SQL is static text beside the function that uses it, with $1 parameters.
 *
 *     SQL(item_by_id, "SELECT name, price_cents FROM item WHERE id = $1");
 *     if (store_row(store, &item_by_id, "i", id))
 *             name = store_text(&item_by_id, 0);   valid until store_end
 *     err = store_end(&item_by_id);
 */
#ifndef QT_POS_STORE_H
#define QT_POS_STORE_H

#include "shared/err.h"

#include <stdint.h>

struct store;
struct sqlite3_stmt;

/* A statement text; prepared once. One store per process. */
struct store_sql {
	const char *text;
	struct sqlite3_stmt *prepared; /* the store's */
	struct store *store;
};
#define SQL(name, text) static struct store_sql name = { text, NULL, NULL }

/* Open DIR/till.db, made when missing (folder 0700, file 0600). QT_BAD_CONFIG, QT_STORE; QT_BUSY when another till has
 * it open. */
enum qt_err store_open(const char *folder, struct store **, struct problem *) QT_USE_RESULT;
void store_close(struct store *);

/* Parameters: a letter each: i int64_t, t const char * (NULL binds NULL; must live until the end). */
enum qt_err store_run(struct store *, struct store_sql *, const char *in, ...) QT_USE_RESULT;
/* First row. false: none, or an error that store_end tells. */
bool store_row(struct store *, struct store_sql *, const char *in, ...);
bool store_next(struct store_sql *);
int64_t store_int(struct store_sql *, int column);
const char *store_text(struct store_sql *, int column); /* "" for NULL */
/* Ends a use. QT_OK, QT_STORE, QT_DISK_FULL. */
enum qt_err store_end(struct store_sql *);

/* Transactions do not nest. store_commit rolls back when `err` is not QT_OK and returns it, else commits: after QT_OK
 * everything is on disk. */
enum qt_err store_begin(struct store *) QT_USE_RESULT;
enum qt_err store_commit(struct store *, enum qt_err err) QT_USE_RESULT;

/* Small named values: numbers and texts. */
int64_t setting_int(struct store *, const char *name, int64_t fallback);
char *setting_text(struct store *, const char *name); /* caller frees; NULL: not set */
enum qt_err setting_put(struct store *, const char *name, const char *text) QT_USE_RESULT; /* NULL removes it */
enum qt_err setting_put_int(struct store *, const char *name, int64_t) QT_USE_RESULT;

#endif
