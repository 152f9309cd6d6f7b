/* exchange: one request and its answer on the way through the server, between http.c (which moves bytes) and
 * dispatch.c (which decides). Nobody else includes this. */
#ifndef QT_EXCHANGE_H
#define QT_EXCHANGE_H

#include "server/call.h"
#include "server/http_head.h"
#include "server/idempotency.h"
#include "server/pool.h"
#include "server/server.h"

#include <stdatomic.h>

enum listener { LISTENER_TILL, LISTENER_PHONE, LISTENER_SOCKET };

enum exchange_state {
	EXCHANGE_HEAD,    /* the head is being read */
	EXCHANGE_BODY,    /* the head was accepted; the body is being read */
	EXCHANGE_REFUSED, /* answered at the head; nothing more is read from this connection */
	EXCHANGE_RUNNING, /* with the dispatcher, another thread, or waiting for an event; suspended in the library */
	EXCHANGE_DONE     /* the answer is ready to be sent */
};

struct exchange {
	/* of the connection, by http.c */
	struct loop *loop;
	void *connection;         /* the library's */
	enum listener listener;
	bool tls;
	uint8_t peer[16];         /* IPv6 (mapped) address of the other end; zero for the local socket */
	/* the request, by http.c */
	enum exchange_state state;
	char target[HTTP_TARGET_MAX + 1]; /* as sent; cut at the query */
	size_t target_len, path_len;
	const char *query;        /* in target; NULL: none */
	size_t query_len;
	char method[17];
	struct http_head head;
	struct buf body;
	int64_t started_us;       /* when the request was complete (monotonic) */
	/* the decision, by dispatch.c */
	const struct route *route;
	unsigned allow;           /* 405: methods that the path knows, bits of enum method */
	bool cookie_used;         /* the credential came by cookie */
	bool close;               /* end the connection after the answer */
	struct call call;
	struct json json;
	struct buf reply;
	struct arena arena;
	enum qt_err err;
	bool replayed;
	struct idempotency key;
	bool has_key;
	struct job job;           /* while with the writer */
	struct task task;         /* while in the pool */
	bool in_pool;             /* the answer comes from a thread of the pool */
	const char *forwarded_type; /* content type of the other process's answer, in the arena; NULL: it is our own */
	bool identified;          /* the pool has found out whose credential it is: */
	enum qt_err identify_err;
	struct actor identity;
	const char *ask_for;      /* the credential to ask for, in the arena */
	bool pushing;             /* in the pool: people changed, tell the other process */
	bool redo;                /* back from the pool to be dispatched again */
	struct exchange *next;    /* in the loop's list of finished ones */
	struct exchange *wait_next, *wait_previous; /* among those that wait for events */
	bool waiting;
};

/* dispatch_admit.c: everything that must hold before the handler runs. */
enum qt_err dispatch_admit(struct server *, struct exchange *, struct db *reader) QT_USE_RESULT;

/* dispatch.c, called by http.c in the loop's thread. */
/* The head is known: find the route. false: err (and allow) is set and the answer goes out without the body. */
bool dispatch_head(struct server *, struct exchange *);
/* The request is complete. Sets state to DONE, or leaves it RUNNING: then exchange_finish comes later, or the
 * exchange was put among the waiting (call.wait_until_ms != 0). */
void dispatch(struct server *, struct exchange *, struct db *reader);
/* The pool has found out what dispatch had to know: once more. */
void dispatch_redo(struct server *, struct exchange *, struct db *reader);
/* Ask a waiting exchange's handler again; `last` when its time is over. Leaves it RUNNING or sets DONE. */
void dispatch_again(struct server *, struct exchange *, struct db *reader, bool last);
/* Before the answer is sent: an error becomes a problem document, a reply that was left for now is written. */
void dispatch_render(struct exchange *);
/* Ready for the next request on the connection; big buffers are given back. */
void exchange_reset(struct exchange *);

/* http.c, from any thread: the answer is ready; the loop sends it. */
void exchange_finish(struct exchange *);
/* http.c, loop's thread: from now on what is fired counts for this exchange; called before the rows are read, so that
 * nothing falls between reading and waiting. Taken back (false) when it does not come to a wait. */
void exchange_listen(struct exchange *, bool listens);
/* http.c, loop's thread: the exchange, which listens already, waits for events. */
void exchange_wait(struct exchange *);

#endif
