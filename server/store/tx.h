/* tx: the inside of the store: transactions of the DB_WRITE connection. Only migrate.c, writer.c, the ledger's and
 * the auditor's start-up and tests may include this; everybody else is called inside a transaction. */
#ifndef QT_TX_H
#define QT_TX_H

#include "server/store/db.h"

void db_begin(struct db *);
/* QT_OK: it is on disk. Otherwise nothing was changed and the transaction has ended. Calls the watchers. */
enum qt_err db_commit(struct db *) QT_USE_RESULT;
/* Also when there is no transaction any more. Calls the watchers. */
void db_rollback(struct db *);

/* Something was written since the flag was last cleared. */
bool db_dirty(struct db *);
void db_dirty_clear(struct db *);

/* Run before every commit, inside the transaction (balances written back, the seal). An error fails the commit. */
void db_before_commit(struct db *, enum qt_err (*before)(void *ctx, struct db *), void *ctx);

/* Told of every row that is inserted ('i'), updated ('u') or deleted ('d') in rowid tables. */
void db_on_row(struct db *, void (*row)(void *ctx, char operation, const char *table, int64_t id), void *ctx);

/* Several statements of schema text, without guards. Only migrate.c. */
enum qt_err db_schema_run(struct db *, const char *text, struct problem *) QT_USE_RESULT;
bool db_table_exists(struct db *, const char *table);

/* The file the connection was opened with. */
const char *db_path(const struct db *);
bool db_is_writer(const struct db *);

/* One pointer of another module kept with the connection; freed by `free_it` at db_close. */
enum db_slot { DB_SLOT_LEDGER, DB_SLOT_SEAL, DB_SLOT_COUNT };
void db_attach(struct db *, enum db_slot, void *thing, void (*free_it)(void *));
void *db_attached(const struct db *, enum db_slot);

/* The log of committed pages. After each commit `grown` is told how many pages are in it; nobody moves them into the
 * database then but db_checkpoint: as far as no reader or writer is in the way, without waiting for any. */
void db_on_log(struct db *, void (*grown)(void *ctx, int pages), void *ctx);
void db_checkpoint(struct db *);

/* Copy the whole database, as it is at one moment, into a new file while others write. */
enum qt_err db_copy(struct db *from, const char *path, struct problem *) QT_USE_RESULT;

/* guard.c: may a statement written in `file` write `table`? */
bool guard_may_write(const char *table, const char *file);

#endif
