/* seal: makes changes behind the server's back evident. Every commit that writes journals or sealed rows appends one
 * row to `seal`: a hash chain over the journals (and the documents they settle), countersigned with a key that is not
 * in the database, and a hidden sum over the MACs of all sealed rows, so that neither an old state of a row nor a
 * removed one fits any more. Heads of the chain also go to a signed file beside the database, so that a cut-off end
 * of everything is found. The layout of what is hashed is in qrtill-ledger(7); audit*.c checks it with code of its own. */
#ifndef QT_SEAL_H
#define QT_SEAL_H

#include "server/store/db.h"
#include "shared/buf.h"
#include "shared/crypto.h"

/* Tie the chain to the DB_WRITE connection; after ledger_open, outside a transaction. `keys` is borrowed for the
 * connection's life. `heads_path` NULL: no heads file. QT_BAD_CONFIG when the newest seal was made with other keys. */
enum qt_err seal_open(struct db *, const struct keyring *keys, const char *heads_path, struct problem *) QT_USE_RESULT;

/* Where the canonical bytes of a new journal go, for ledger.c; NULL when nothing is sealed here. */
struct buf *seal_journal(struct db *, int64_t journal_id);

/* The newest seal is not in the heads file yet. */
bool seal_head_due(struct db *);
/* Append the newest head when it is due and the last one is older than HEAD_EVERY_MS, or at once when `now`. Outside a
 * transaction. A failure is logged; the next call tries again. */
#define HEAD_EVERY_MS 10000
void seal_head_write(struct db *, bool now);

#endif
