/* http: sockets, threads and the HTTP library (libmicrohttpd), which only http*.c know. Reads requests, refuses what is
 * not well formed, hands the rest to dispatch.c, sends the answers. Knows no routes.
 *
 * Two loops, one thread each: one for tills, one for phones and the operator's socket, so that a crowd of phones
 * cannot starve tills. Each loop drives the library itself (its own thread stalls when one epoll_wait returns a multiple of
 * 128 events). A request whose work is elsewhere is suspended; finished ones come back through a list and one wake-up. */
#ifndef QT_HTTP_H
#define QT_HTTP_H

#include "server/server.h"

/* Bind the listeners of server->settings, compute server->tls_pin. Nothing is answered yet. QT_BAD_CONFIG says which
 * address or file and why. */
enum qt_err http_open(struct server *, struct problem *) QT_USE_RESULT;
/* Start the loops; writer and pool must run. */
enum qt_err http_start(struct server *, struct problem *) QT_USE_RESULT;
/* Accept nothing new, answer what is under way (at most `wait_ms`), end the loops. */
void http_stop(struct server *, int wait_ms);
void http_close(struct server *);

/* The addresses really bound (with port 0: the port the system chose), as "127.0.0.1:8443". */
const char *http_till_address(const struct server *);
const char *http_phone_address(const struct server *);

/* After a commit, from any thread: wake the loops that have something to do. */
void http_wake(struct server *);
/* Events were committed: their topics (events.c). From any thread. */
struct wait_topic;
void http_fire(struct server *, const struct wait_topic *, int count);

struct http_stats {
	int64_t requests, refused, connections, waiting;
};
void http_stats(const struct server *, struct http_stats *);

#endif
