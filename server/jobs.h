/* jobs: what runs by the clock: expiry, releases, notices, polls, sweeps. One thread; a job that writes goes through
 * writer_run like everybody else. */
#ifndef QT_JOBS_H
#define QT_JOBS_H

#include "server/server.h"

struct timer_job {
	const char *name;  /* "rebate-release"; several jobs may share one: POST /v1/jobs/run runs them all */
	int every_ms;
	bool codes;        /* belongs to the `codes` role of a split server; else to `service` */
	/* In the jobs' thread (or a pool thread when asked for by hand), never two at once. now_ms is the clock, or what
	 * the operator gave as as_of_ms. */
	enum qt_err (*run)(struct server *, int64_t now_ms);
	bool both;         /* runs in both processes */
};

/* The list of jobs; then either a thread runs them (jobs_start), or whoever calls jobs_turn does (simulations). */
void jobs_open(struct server *);
void jobs_start(struct server *);
/* Run the jobs that are due. */
void jobs_turn(struct server *);
void jobs_stop(struct server *);
/* A reader for the job that runs, and only while it runs; it is opened once and stays the jobs'. */
enum qt_err jobs_reader(struct server *, struct db **reader) QT_USE_RESULT;
/* Run all jobs of this name now. QT_NOT_FOUND when there is none. */
enum qt_err jobs_run(struct server *, const char *name, int64_t now_ms, int *ran) QT_USE_RESULT;

#endif
