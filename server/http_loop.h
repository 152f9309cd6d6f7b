/* http_loop: the inside of http.c: one loop thread, its connections and what it waits for. */
#ifndef QT_HTTP_LOOP_H
#define QT_HTTP_LOOP_H

#include "server/exchange.h"
#include "server/http.h"

#include <microhttpd.h>
#include <pthread.h>

#define LISTENERS 3

/* One connection of a client; its exchange is used again for request after request. */
struct client {
	struct client *next, *previous;
	struct MHD_Connection *connection;
	int fd;
	bool parsing;          /* the request line was read, the head is not complete */
	bool refused;          /* the other end of the local socket is somebody else */
	int64_t deadline_ms;   /* monotonic; 0: none while the server itself is at work */
	struct exchange exchange;
};

struct port {
	enum listener kind;
	struct loop *loop;
	struct MHD_Daemon *daemon;
	int listen_fd, poll_fd;
	char address[64];
};

struct loop {
	struct server *server;
	pthread_t thread;
	int wake_fd;
	_Atomic bool running;
	struct db *reader;
	struct port *ports[LISTENERS];
	int port_count;
	struct client *clients;
	struct client *current;               /* whose request line was read last in this turn; NULL: nobody's */
	struct exchange *waiters;
	int64_t next_sweep_ms;
	struct buf log;                       /* access lines of this turn */
	_Atomic(struct exchange *) finished;  /* a stack */
	_Atomic bool awake;                   /* a wake-up is on its way */
	_Atomic int waiting;                  /* length of waiters */
	_Atomic int64_t requests, refused, connections;
	pthread_mutex_t lock;
	struct wait_topic *fired;             /* under lock */
	int fired_count, fired_room;
};

struct http {
	struct loop loops[2];
	struct port ports[LISTENERS];
	int port_count;
	char *cert, *key;     /* PEM texts; the library borrows them */
	_Atomic bool stopping;
	_Atomic int under_way; /* exchanges that are RUNNING and do not just wait */
};

/* http_answer.c: hand the answer to the library, write its line into the log of this turn. */
enum MHD_Result answer_send(struct client *);
/* http_loop.c */
void *loop_run(void *loop);
void loop_wake(struct loop *);

#endif
