/* held: sales that tills put aside, shared between the tills of a store. Each is taken once: by the till that goes on with
 * it, or that drops it. No HTTP. Owns the table held_sale. What is in one is the till's own document: nothing here prices
 * or sells, and what comes of it is an order as any other. */
#ifndef QT_HELD_H
#define QT_HELD_H

#include "server/call.h"

#define HELD_CONTENT_MAX 100000 /* bytes */
#define HELD_STORE_MAX 400      /* that wait in one store at one time */

/* What a till puts aside; members as the columns of 0020-held-sale.sql. */
struct held {
	const char *key, *name, *content;
	int64_t total_cents, pieces, held_ms;
};

/* Put one aside for the store of this till. Inside a transaction. QT_EXISTS: the key is in use; QT_TOO_LONG: too many
 * wait. *id gets its number. */
enum qt_err held_put(struct call *, const struct held *, int64_t *id) QT_USE_RESULT;
/* Take the one with this key, of the store of this till, so that no other can. Inside a transaction. QT_NOT_FOUND;
 * QT_CONFLICT: it was taken, the problem says where. *content (allocated, the caller frees it) gets the document; *id its
 * number. */
enum qt_err held_take(struct call *, const char *key, int64_t *id, char **content) QT_USE_RESULT;
/* Member "held": those of a store that wait, oldest first, behind the id `after`, at most `limit`; ids and how many. Any
 * connection. */
enum qt_err held_list(struct call *, int64_t store_id, int64_t after, int64_t limit, int64_t *ids, int *count)
	QT_USE_RESULT;

#endif
