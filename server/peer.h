/* peer: the other process of a split server. `codes` owns code keys, people and landing pages; `service` owns
 * orders, payments and settlement (the commit that settles is never split). Each answers its own routes and forwards
 * the others over HTTP, signed with the peer key they share. In one process all of this is a plain call. */
#ifndef QT_PEER_H
#define QT_PEER_H

#include "server/exchange.h"

/* Does this process answer the route itself? */
bool peer_is_ours(const struct server *, const struct route *);

/* Whose credential this is: as auth_check, asking the other process for those that live there. */
enum qt_err peer_identify(struct server *, struct db *reader, const char *token, int64_t now_ms, struct actor *) QT_USE_RESULT;

/* "Peer TIME:SIGNATURE", HMAC-SHA-256(peer_key, method, target, time, SHA-256 of the body) in hex. QT_BAD_SIGNATURE;
 * a time more than 60 s off is refused as well. */
enum qt_err peer_verify(struct server *, const char *method, const char *target, const char *given, const char *body,
                        size_t len, int64_t now_ms, struct actor *) QT_USE_RESULT;

/* Send a request on and take the answer as it is: status, body, cookie. In the pool. */
enum qt_err peer_forward(struct server *, struct call *, const char *method, const char *target, const char *query,
                         const struct http_head *, struct buf *reply) QT_USE_RESULT;

enum qt_err peer_start(struct server *, struct problem *) QT_USE_RESULT;
void peer_stop(struct server *);

#endif
