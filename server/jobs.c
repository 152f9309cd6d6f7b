/* jobs: see jobs.h. A module's jobs are added to tables[]. */
#include "server/jobs.h"

#include "server/events.h"
#include "server/idempotency.h"
#include "shared/clock.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define IDEMPOTENCY_DAYS 30
#define AS_OF_MS 60000 /* a job is run as of another time than now when that is further away */
#define IDEMPOTENCY_ROWS 2000

struct jobs {
	pthread_t thread;
	bool threaded;            /* it runs */
	pthread_mutex_t lock;     /* of stopping */
	pthread_cond_t stop;
	bool stopping;
	pthread_mutex_t running;  /* one job at a time, whoever asked for it */
	struct db *reader;        /* the running job's, once one has asked for it */
	struct due {
		const struct timer_job *job;
		int64_t at_ms;        /* monotonic */
	} *due;
	int count;
	int64_t opened_ms, opened_mono_ms; /* both clocks when it was made */
};

static enum qt_err sweep_events(void *now_ms, struct db *db)
{
	return events_sweep(db, *(int64_t *)now_ms);
}

static enum qt_err run_event_sweep(struct server *s, int64_t now_ms)
{
	return writer_run(s->writer, sweep_events, &now_ms);
}

static enum qt_err sweep_answers(void *now_ms, struct db *db)
{
	return idempotency_sweep(db, *(int64_t *)now_ms, IDEMPOTENCY_DAYS, IDEMPOTENCY_ROWS);
}

/* What is forgotten can be done twice, so a wall clock that jumps ahead is not believed here: by the time that passed since the
 * server began, unless the operator names another. */
static enum qt_err run_answer_sweep(struct server *s, int64_t now_ms)
{
	int64_t real_ms = clock_now_ms(), passed_ms = s->jobs->opened_ms + clock_mono_ms() - s->jobs->opened_mono_ms;

	if (now_ms > real_ms - AS_OF_MS && now_ms < real_ms + AS_OF_MS && now_ms > passed_ms + AS_OF_MS)
		now_ms = passed_ms;
	return writer_run(s->writer, sweep_answers, &now_ms);
}

const struct timer_job sweep_jobs[] = {
	{ "events", 60000, false, run_event_sweep, .both = true },
	{ "events", 60000, false, run_answer_sweep, .both = true },
};
const int sweep_job_count = sizeof sweep_jobs / sizeof *sweep_jobs;

/* X(table): TABLE_jobs and TABLE_job_count. */
#define TABLES(X) \
	X(sweep) X(peer) X(shop) X(sale) X(provider) X(report) X(item_import)

#define X(name) extern const struct timer_job name##_jobs[]; extern const int name##_job_count;
TABLES(X)
#undef X

static const struct {
	const struct timer_job *jobs;
	const int *count;
} tables[] = {
#define X(name) { name##_jobs, &name##_job_count },
	TABLES(X)
#undef X
};

static enum qt_err run_one(struct server *s, const struct timer_job *job, int64_t now_ms)
{
	pthread_mutex_lock(&s->jobs->running);
	enum qt_err err = job->run(s, now_ms);
	pthread_mutex_unlock(&s->jobs->running);
	if (err != QT_OK)
		log_line('W', "job %s: %s", job->name, err_info(err)->en);
	return err;
}

enum qt_err jobs_reader(struct server *s, struct db **reader)
{
	struct jobs *j = s->jobs;
	enum qt_err err = j->reader ? QT_OK : db_open(s->db_path, DB_READ, &j->reader, NULL);

	*reader = err == QT_OK ? j->reader : NULL;
	return err;
}

/* Sleep until the first job is due, at most a second; false: it is time to stop. */
static bool wait_for_next(struct jobs *j)
{
	int64_t now_ms = clock_mono_ms(), wait_ms = 1000;
	struct timespec until;

	for (int i = 0; i < j->count; i++)
		if (j->due[i].at_ms - now_ms < wait_ms)
			wait_ms = j->due[i].at_ms > now_ms ? j->due[i].at_ms - now_ms : 0;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += wait_ms / 1000;
	until.tv_nsec += wait_ms % 1000 * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	pthread_mutex_lock(&j->lock);
	while (!j->stopping && wait_ms > 0)
		if (pthread_cond_timedwait(&j->stop, &j->lock, &until) == ETIMEDOUT)
			break;
	bool go_on = !j->stopping;
	pthread_mutex_unlock(&j->lock);
	return go_on;
}

void jobs_turn(struct server *s)
{
	struct jobs *j = s->jobs;

	for (int i = 0; i < j->count; i++)
		if (clock_mono_ms() >= j->due[i].at_ms) {
			enum qt_err err = run_one(s, j->due[i].job, clock_now_ms());
			(void)err; /* logged; it comes again */
			j->due[i].at_ms = clock_mono_ms() + j->due[i].job->every_ms;
		}
}

static void *run_jobs(void *ctx)
{
	struct server *s = ctx;

	while (wait_for_next(s->jobs))
		jobs_turn(s);
	return NULL;
}

void jobs_open(struct server *s)
{
	struct jobs *j = s->jobs = xcalloc(1, sizeof *j);
	j->opened_ms = clock_now_ms();
	j->opened_mono_ms = clock_mono_ms();
	pthread_condattr_t monotonic;

	pthread_mutex_init(&j->lock, NULL);
	pthread_mutex_init(&j->running, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&j->stop, &monotonic);
	pthread_condattr_destroy(&monotonic);
	for (size_t t = 0; t < sizeof tables / sizeof *tables; t++)
		for (int i = 0; i < *tables[t].count; i++) {
			const struct timer_job *job = &tables[t].jobs[i];
			if (!job->both && (job->codes ? !s->role_codes : !s->role_service))
				continue;
			j->due = xrealloc(j->due, (size_t)(j->count + 1) * sizeof *j->due);
			j->due[j->count++] = (struct due){ job, clock_mono_ms() + job->every_ms };
		}
}

void jobs_start(struct server *s)
{
	if (pthread_create(&s->jobs->thread, NULL, run_jobs, s) != 0)
		fatal("cannot start a thread");
	s->jobs->threaded = true;
}

void jobs_stop(struct server *s)
{
	struct jobs *j = s->jobs;

	if (j == NULL)
		return;
	pthread_mutex_lock(&j->lock);
	j->stopping = true;
	pthread_cond_signal(&j->stop);
	pthread_mutex_unlock(&j->lock);
	if (j->threaded)
		pthread_join(j->thread, NULL);
	db_close(j->reader);
	free(j->due);
	free(j);
	s->jobs = NULL;
}

enum qt_err jobs_run(struct server *s, const char *name, int64_t now_ms, int *ran)
{
	*ran = 0;
	for (int i = 0; i < s->jobs->count; i++)
		if (strcmp(s->jobs->due[i].job->name, name) == 0) {
			enum qt_err err = run_one(s, s->jobs->due[i].job, now_ms);
			if (err)
				return err;
			(*ran)++;
		}
	return *ran > 0 ? QT_OK : QT_NOT_FOUND;
}
