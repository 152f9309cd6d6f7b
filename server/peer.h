/* peer: the other process of a split server. `codes` owns code keys, people and landing pages; `service` owns
 * orders, payments and settlement (the commit that settles is never split). Each answers its own routes and forwards
 * the others over HTTP, signed with the peer key they share. In one process all of this is a plain call.
 *
 * A signed request has the header "X-Peer: TIME:AS:ADDRESS:SIGNATURE": unix ms; whom it speaks for ("peer" the process
 * itself, "operator", or "client" whose own credential is in the request); the client's address; HMAC-SHA-256 by the peer
 * key over method, target, those three and the SHA-256 of the body, in hex. Older or newer than a minute is refused.
 *
 * People live in `codes`; `service` keeps copies of their rows, so that its transactions need nobody else: all are
 * read at its start, a change is pushed before it is answered, and what a lost push missed is read again by the clock. */
#ifndef QT_PEER_H
#define QT_PEER_H

#include "server/exchange.h"

/* Does this process answer the route itself? */
bool peer_is_ours(const struct server *, const struct route *);
/* Would finding out whose credential this is mean asking the other process? */
bool peer_must_ask(const struct server *, const char *token);
/* Whose credential this is: as auth_check. May block when peer_must_ask; then only from the pool. */
enum qt_err peer_identify(struct server *, struct db *reader, const char *token, int64_t now_ms, struct actor *) QT_USE_RESULT;

/* Check the X-Peer header of a request and give it the address it came from. `as` gets whom it speaks for. */
enum peer_as { PEER_CLIENT, PEER_ITSELF, PEER_OPERATOR };
enum qt_err peer_verify(struct server *, struct exchange *, const char *header, enum peer_as *as) QT_USE_RESULT;

/* Send a request on; exchange_finish comes with the answer of the other process as it is. */
enum qt_err peer_forward(struct server *, struct exchange *) QT_USE_RESULT;

/* What a landing page shows is known by the other process: write its members into the open object. Blocks. */
bool peer_has_landing(const struct server *, int code_kind);
enum qt_err peer_landing(struct call *, struct json *) QT_USE_RESULT;

/* Inside a transaction of `codes`: this customer's row changed. */
void peer_person_changed(int64_t customer_id);
/* There are changes to push. */
bool peer_has_changes(const struct server *);
/* Push them; what cannot be pushed now is tried again by the clock. Blocks. */
void peer_push(struct server *, struct db *reader);

/* Start what a split server needs; waits for the other process (30 s) when this one is `service`. */
enum qt_err peer_start(struct server *, struct problem *) QT_USE_RESULT;
void peer_stop(struct server *);

#endif
