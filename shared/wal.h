/* wal: what the log of a SQLite database needs besides what SQLite does. Used by the server's store and the till's file. */
#ifndef QT_WAL_H
#define QT_WAL_H

#include <sqlite3.h>

/* Sync the log of an opened database (WAL mode). A program that was killed between writing a commit and syncing it leaves
 * the commit in the log; whoever opens the file next sees it, but a power cut would still take it away. SQLite's
 * recovery does not sync what it finds; so it is synced before anybody is told of it.
 * Outside a transaction. Returns SQLite's result code. */
int wal_sync(sqlite3 *);

#endif
