/* pool: a few threads for what may block: Argon2, reports, calls to other servers. Two at a time, a bounded queue. */
#ifndef QT_POOL_H
#define QT_POOL_H

#include "server/store/db.h"

struct pool;

struct task {
	/* In a thread of the pool, with its read connection. The task may be freed or reused inside. */
	void (*run)(struct task *, struct db *reader);
	struct task *next; /* the queue's; do not touch */
};

/* `threads` readers of the database at `path`; 0: one reader, and tasks run in pool_turn (simulations). */
enum qt_err pool_start(const char *path, int threads, int queue_max, struct pool **, struct problem *) QT_USE_RESULT;
/* QT_BUSY when the queue is full (run is then not called). */
enum qt_err pool_submit(struct pool *, struct task *) QT_USE_RESULT;
/* Without threads: run the oldest task. false: none waits. */
bool pool_turn(struct pool *);
/* Finish what is queued, then end. */
void pool_stop(struct pool *);

#endif
