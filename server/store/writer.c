/* writer: see writer.h. Owns the DB_WRITE connection and the queue of jobs. */
#include "server/store/writer.h"

#include "server/ledger_state.h"
#include "server/store/checkpoint.h"
#include "server/store/migrate.h"
#include "server/store/seal.h"
#include "server/store/tx.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#define GROUP_MAX 256
#define IDLE_S 1 /* without jobs, until the newest head goes to its file */

struct writer {
	struct db *db;
	struct checkpointer *checkpointer;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct job *first, **last; /* the queue */
	int queued, queue_max;
	bool asleep;               /* the thread waits for `more` */
	bool stopping;
	bool stepped;              /* no thread: writer_turn does the work */
	void (*group_done)(void *);
	void *group_ctx;
	struct writer_stats stats; /* under lock, except that only the thread writes it */
};

/* The outcome of a try: how many jobs ran before one failed after it had written. */
struct attempt {
	int failed;   /* index; -1: none */
	enum qt_err err;
};

/* Run jobs in one transaction and commit it. Results are valid when nothing failed. */
static struct attempt run_together(struct db *db, struct job **jobs, enum qt_err *results, int count)
{
	struct attempt a = { -1, QT_OK };
	bool written = false;

	db_begin(db);
	for (int i = 0; i < count; i++) {
		db_dirty_clear(db);
		results[i] = jobs[i]->run(jobs[i], db);
		if (!db_dirty(db))
			continue;
		written = true;
		if (results[i] != QT_OK) {
			a.failed = i;
			a.err = results[i];
			db_rollback(db);
			return a;
		}
	}
	if (!written) {
		db_rollback(db);
		return a;
	}
	a.err = db_commit(db);
	for (int i = 0; a.err != QT_OK && i < count; i++)
		results[i] = a.err; /* refusals too: they may rest on what was rolled back */
	return a;
}

static void run_group(struct writer *w, struct job **jobs, enum qt_err *results, int count)
{
	while (count > 0) {
		struct attempt a = run_together(w->db, jobs, results, count);
		w->stats.commits++;
		if (a.failed < 0)
			return;
		w->stats.replays++;
		if (a.err == QT_DISK_FULL) {
			for (int i = 0; i < count; i++)
				results[i] = QT_DISK_FULL;
			return;
		}
		/* What ran before the failure runs again without it, then the culprit alone, then the rest. */
		run_group(w, jobs, results, a.failed);
		struct attempt alone = run_together(w->db, jobs + a.failed, results + a.failed, 1);
		if (alone.failed == 0)
			log_line('W', "a job failed after it had written: %s", err_info(alone.err)->code);
		jobs += a.failed + 1;
		results += a.failed + 1;
		count -= a.failed + 1;
	}
}

/* Wait for a signal; when that takes long, use the time to put the newest head into its file. */
static void wait_for_more(struct writer *w)
{
	struct timespec until;

	if (!seal_head_due(w->db)) {
		pthread_cond_wait(&w->more, &w->lock);
		return;
	}
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += IDLE_S;
	if (pthread_cond_timedwait(&w->more, &w->lock, &until) == ETIMEDOUT && w->first == NULL) {
		pthread_mutex_unlock(&w->lock);
		seal_head_write(w->db, true);
		pthread_mutex_lock(&w->lock);
	}
}

/* Wait for jobs and take what is there. 0: stopping and nothing is left. */
static int take(struct writer *w, struct job **jobs)
{
	int count = 0;

	pthread_mutex_lock(&w->lock);
	while (w->first == NULL && !w->stopping) {
		w->asleep = true;
		wait_for_more(w);
		w->asleep = false;
	}
	while (w->first != NULL && count < GROUP_MAX) {
		jobs[count++] = w->first;
		w->first = w->first->next;
	}
	if (w->first == NULL)
		w->last = &w->first;
	w->queued -= count;
	w->stats.jobs += count;
	pthread_mutex_unlock(&w->lock);
	return count;
}

static void serve(struct writer *w, struct job **jobs, enum qt_err *results, int count)
{
	run_group(w, jobs, results, count);
	for (int i = 0; i < count; i++)
		jobs[i]->done(jobs[i], results[i]); /* may free the job */
	if (w->group_done != NULL)
		w->group_done(w->group_ctx);
	seal_head_write(w->db, false);
}

static void *writer_loop(void *arg)
{
	struct writer *w = arg;
	struct job *jobs[GROUP_MAX];
	enum qt_err results[GROUP_MAX];
	int count;

	while ((count = take(w, jobs)) > 0)
		serve(w, jobs, results, count);
	return NULL;
}

bool writer_turn(struct writer *w)
{
	struct job *jobs[GROUP_MAX];
	enum qt_err results[GROUP_MAX];

	assert(w->stepped);
	if (w->first == NULL)
		return false;
	serve(w, jobs, results, take(w, jobs));
	return true;
}

static void init_monotonic(pthread_cond_t *cond)
{
	pthread_condattr_t attributes;

	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(cond, &attributes);
	pthread_condattr_destroy(&attributes);
}

enum qt_err writer_start(const struct writer_options *o, struct writer **result, struct problem *why)
{
	struct checkpointer *checkpointer = NULL;
	struct db *db = NULL;
	enum qt_err err = db_open(o->path, DB_WRITE, &db, why);

	*result = NULL;
	if (err == QT_OK && o->schema_dir != NULL)
		err = migrate_run(db, o->schema_dir, why);
	if (err == QT_OK)
		err = ledger_open(db, why);
	if (err == QT_OK && o->keys != NULL)
		err = seal_open(db, o->keys, o->heads_path, why);
	if (err == QT_OK && !o->stepped)
		err = checkpointer_start(db, &checkpointer, why);
	if (err != QT_OK)
		goto out;
	struct writer *w = xcalloc(1, sizeof *w);
	w->db = db;
	w->checkpointer = checkpointer;
	db = NULL;
	w->last = &w->first;
	w->queue_max = o->queue_max > 0 ? o->queue_max : 4096;
	w->group_done = o->group_done;
	w->group_ctx = o->group_ctx;
	w->stepped = o->stepped;
	pthread_mutex_init(&w->lock, NULL);
	init_monotonic(&w->more);
	if (!w->stepped && pthread_create(&w->thread, NULL, writer_loop, w) != 0)
		fatal("the writer's thread cannot be started");
	*result = w;
out:
	db_close(db);
	return err;
}

enum qt_err writer_submit(struct writer *w, struct job *job)
{
	enum qt_err err = QT_OK;
	bool wake = false;

	job->next = NULL;
	pthread_mutex_lock(&w->lock);
	if (w->queued >= w->queue_max || w->stopping) {
		err = QT_BUSY;
	} else {
		*w->last = job;
		w->last = &job->next;
		w->queued++;
		wake = w->asleep;
		w->asleep = false;
	}
	pthread_mutex_unlock(&w->lock);
	if (wake)
		pthread_cond_signal(&w->more);
	return err;
}

/* A job somebody waits for. */
struct waited {
	struct job job;
	enum qt_err (*run)(void *, struct db *);
	void *ctx;
	pthread_mutex_t lock;
	pthread_cond_t over;
	bool finished;
	enum qt_err err;
};

static enum qt_err waited_run(struct job *job, struct db *db)
{
	struct waited *w = (struct waited *)job;
	return w->run(w->ctx, db);
}

static void waited_done(struct job *job, enum qt_err err)
{
	struct waited *w = (struct waited *)job;

	pthread_mutex_lock(&w->lock);
	w->err = err;
	w->finished = true;
	pthread_cond_signal(&w->over);
	pthread_mutex_unlock(&w->lock);
}

enum qt_err writer_run(struct writer *writer, enum qt_err (*run)(void *, struct db *), void *ctx)
{
	struct waited w = { .job = { waited_run, waited_done, NULL }, .run = run, .ctx = ctx };

	assert(writer->stepped || !pthread_equal(pthread_self(), writer->thread));
	pthread_mutex_init(&w.lock, NULL);
	pthread_cond_init(&w.over, NULL);
	enum qt_err err = writer_submit(writer, &w.job);
	while (err == QT_OK && writer->stepped && !w.finished)
		writer_turn(writer);
	if (err == QT_OK) {
		pthread_mutex_lock(&w.lock);
		while (!w.finished)
			pthread_cond_wait(&w.over, &w.lock);
		pthread_mutex_unlock(&w.lock);
		err = w.err;
	}
	pthread_cond_destroy(&w.over);
	pthread_mutex_destroy(&w.lock);
	return err;
}

void writer_stop(struct writer *w)
{
	if (w == NULL)
		return;
	pthread_mutex_lock(&w->lock);
	w->stopping = true;
	pthread_cond_signal(&w->more);
	pthread_mutex_unlock(&w->lock);
	if (w->stepped)
		writer_turn(w);
	else
		pthread_join(w->thread, NULL);
	if (ledger_write_back_all(w->db) != QT_OK)
		log_line('W', "balances were not written back; they are computed at the next start");
	if (seal_head_due(w->db))
		seal_head_write(w->db, true);
	checkpointer_stop(w->checkpointer);
	db_close(w->db);
	pthread_cond_destroy(&w->more);
	pthread_mutex_destroy(&w->lock);
	free(w);
}

void writer_stats(struct writer *w, struct writer_stats *stats)
{
	pthread_mutex_lock(&w->lock);
	*stats = w->stats;
	stats->queued = w->queued;
	pthread_mutex_unlock(&w->lock);
}
