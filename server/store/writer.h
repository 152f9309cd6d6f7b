/* writer: the one write path. Jobs from any thread go into one bounded queue; one thread takes what is there
 * (natural batching, at most 256, no timer), runs each inside one transaction, commits once (WAL,
 * synchronous=FULL: fdatasync has returned), and only then tells each job. Nothing is answered before that.
 *
 * A job checks everything before its first write; it returns an error without having written. If it fails
 * after a write (a bug, or the disk), the writer rolls the whole batch back and replays its jobs singly, so
 * `run` may be called more than once and must not keep state of an earlier call. */
#ifndef QT_WRITER_H
#define QT_WRITER_H

#include "server/store/db.h"

struct writer;

struct job {
	/* In the writer's thread, inside the transaction. */
	enum qt_err (*run)(struct job *, struct db *);
	/* In the writer's thread, after the commit (or after the failure): hand the result on; must not block.
	 * `err` is run's result, or QT_STORE / QT_DISK_FULL when the commit failed. */
	void (*done)(struct job *, enum qt_err err);
	struct job *next; /* the queue's; do not touch */
};

struct keyring;
struct writer_options {
	const char *path;       /* database file */
	int queue_max;          /* jobs waiting at most; more get QT_BUSY */
	const char *schema_dir; /* schema files, applied first; NULL: the schema is there already */
	const struct keyring *keys; /* for the seals; must outlive the writer; NULL: nothing is sealed (tests of parts) */
	const char *heads_path; /* file outside the database that takes signed heads of the chain; NULL: none */
	/* After the last done() of a group, in the writer's thread, to wake whoever waits once per group. NULL: none. */
	void (*group_done)(void *ctx);
	void *group_ctx;
	/* No threads: jobs run in writer_turn and writer_run, and the log is moved by whoever calls db_checkpoint. For
	 * simulations, where one seed decides the order of everything. */
	bool stepped;
};
/* Opens the database, applies the schema, reads the ledger's balances, and starts the thread. QT_BAD_CONFIG or
 * QT_STORE with the reason when it cannot. */
enum qt_err writer_start(const struct writer_options *, struct writer **, struct problem *) QT_USE_RESULT;
/* QT_BUSY when the queue is full (done is then not called). The job must live until done was called. */
enum qt_err writer_submit(struct writer *, struct job *) QT_USE_RESULT;
/* Submit and wait; for jobs of the server itself (timers, start-up), never from the HTTP loop. */
enum qt_err writer_run(struct writer *, enum qt_err (*run)(void *ctx, struct db *), void *ctx) QT_USE_RESULT;
/* Stepped: run the jobs that wait as one group and tell them. false: none waited. */
bool writer_turn(struct writer *);
/* Finish what is queued, write the balances back, sign the head, stop. */
void writer_stop(struct writer *);

/* A dirty word: a job says that it has written, so that a later error means rollback and replay.
 * db.c sets it on every INSERT, UPDATE or DELETE by itself. */

struct writer_stats {
	int64_t commits, jobs, replays, queued;
};
void writer_stats(struct writer *, struct writer_stats *);

#endif
