/* db_inside: what a connection is made of. Only db.c and tx.c include this. */
#ifndef QT_DB_INSIDE_H
#define QT_DB_INSIDE_H

#include "server/store/tx.h"

#include <sqlite3.h>

#define COUNTERS_MAX 64
#define WATCHERS_MAX 32
#define BEFORE_MAX 4

struct stmt {
	sqlite3_stmt *engine;
	struct db *db;
	const struct sql *sql;
	int rc;       /* of the last step */
	bool open;    /* between db_stmt and stmt_end */
	bool writes;
	int parameters;         /* that it has */
	int given;              /* bound since db_stmt: a parameter left out would keep an old value */
	uint64_t whole;         /* bit per parameter: it holds the whole number of `held`, from this use or an earlier one */
	int64_t held[];         /* of the first HELD_MAX parameters */
};
#define HELD_MAX 64

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

/* The error for a result code of the engine; logs what is not an answer but trouble. */
enum qt_err db_err_of(struct db *, int rc) QT_USE_RESULT;
/* Compile a statement of the store's own; fatal when it does not compile. */
sqlite3_stmt *db_prepare_own(struct db *, const char *text);
/* The hooks of a DB_WRITE connection (tx.c). */
void db_hooks_set(struct db *);

#endif
