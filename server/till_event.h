/* till_event: what tills say they did, in a hash chain per till (shared/chain.h): taken in without a gap, countersigned,
 * handed out for checking. No HTTP. Owns the tables till_event and till_event_head. Moves no money: it is the account a
 * till gives of itself, against which the books can be held. */
#ifndef QT_TILL_EVENT_H
#define QT_TILL_EVENT_H

#include "server/call.h"
#include "shared/chain.h"

#define TILL_EVENTS_MAX 100 /* of one request */

struct till_event_row {
	int64_t sequence, at_ms;
	const char *kind, *content, *hash;
};
struct till_event_head {
	int64_t sequence, at_ms; /* sequence 0: there is no event of the till yet */
	char hash[CHAIN_HASH + 1], signature[CHAIN_SIGNATURE + 1];
};

/* The newest countersigned head. Any connection. */
enum qt_err till_event_newest(struct db *, int64_t terminal_id, struct till_event_head *) QT_USE_RESULT;
/* Take a batch in, in rising order; what is there already is passed over when it is the same. Inside a transaction.
 * QT_CONFLICT: a gap, another event with the same number, or one that does not follow; QT_BAD_SIGNATURE: the hash is not
 * that of the event. *head is the newest then. */
enum qt_err till_event_take(struct db *, const uint8_t seal_seed[32], int64_t terminal_id,
                            const struct till_event_row *, int count, int64_t now_ms, struct till_event_head *,
                            struct problem *) QT_USE_RESULT;
/* Its members and the public key its signature is checked with, into an open object. */
void till_event_head_json(const struct till_event_head *, const uint8_t seal_seed[32], struct json *);
/* Members "events" and "heads" behind `after`, at most `limit` events and the heads among them, into an open object;
 * *last gets the newest event's number, `after` when there is none. Any connection. */
enum qt_err till_event_list(struct db *, int64_t terminal_id, int64_t after, int64_t limit, struct json *, int64_t *last)
	QT_USE_RESULT;

#endif
