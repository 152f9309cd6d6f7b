/* ledger_state: the running balances the writer keeps in memory, how they reach readers and the account rows.
 * Only the ledger's own files and writer.c include this.
 *
 * Every account that was used since the start is in memory. A transaction changes `balance` and `last_entry`; its
 * commit copies them to `kept_*`, which readers see; its rollback copies them back. The rows are brought up to date
 * by a sweep in id order that runs a little in every commit (neighbouring rows share pages, so a page is written
 * once per sweep); a whole sweep takes SWEEP_ENTRIES entries. The mark is the newest entry at the start of
 * the last whole sweep: entries up to it are in the rows for certain, younger ones are replayed at the start. */
#ifndef QT_LEDGER_STATE_H
#define QT_LEDGER_STATE_H

#include "server/ledger.h"

/* An entry's id is its journal's id times this, plus its place. */
#define ENTRY_STRIDE 64

struct account_state {
	int64_t balance, last_entry;           /* with what the transaction did */
	int64_t kept_balance, kept_last_entry; /* as of the last commit */
	int64_t unit;
	bool loaded;    /* false: ask the row */
	bool overdraft; /* may be negative */
	bool touched;   /* by this transaction */
	bool stale;     /* the row is behind */
};

struct ledger;

/* Reads the mark, replays younger entries, and ties the balances to the DB_WRITE connection. */
enum qt_err ledger_open(struct db *, struct problem *why) QT_USE_RESULT;
/* Write every stale row in a transaction of its own; before the connection is closed. */
enum qt_err ledger_write_back_all(struct db *) QT_USE_RESULT;

/* The ledger of a DB_WRITE connection. */
struct ledger *ledger_of(struct db *);
/* An account's state in memory; NULL when there is no such account. Valid until the next call that loads. */
struct account_state *ledger_load(struct ledger *, struct db *, int64_t account_id);
/* Must come before the first change of an account in a transaction. */
void ledger_touch(struct ledger *, int64_t account_id, struct account_state *);
/* A new account, whose row was just inserted. */
void ledger_opened(struct ledger *, int64_t account_id, int64_t unit, bool overdraft);
/* Entries were written up to and including this id. */
void ledger_advance(struct ledger *, int64_t last_entry, int count);

/* (kind, owner, unit) -> account id; 0: not in memory. */
int64_t ledger_key_find(struct ledger *, enum account_kind, int64_t owner_id, int64_t unit);
void ledger_key_put(struct ledger *, enum account_kind, int64_t owner_id, int64_t unit, int64_t account_id);

/* Balance and newest entry of an account as any connection may see it. QT_NOT_FOUND. */
enum qt_err ledger_look(struct db *, int64_t account_id, int64_t *balance, int64_t *last_entry) QT_USE_RESULT;

#endif
