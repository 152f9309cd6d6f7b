/* pool: see pool.h. */
#include "server/pool.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

#define THREADS_MAX 8

struct pool {
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct task *first, **last;
	int queued, queue_max;
	bool stopping;
	int threads;
	struct worker {
		struct pool *pool;
		struct db *db;
		pthread_t thread;
	} workers[THREADS_MAX];
};

static void *work(void *ctx)
{
	struct worker *me = ctx;
	struct pool *p = me->pool;

	pthread_mutex_lock(&p->lock);
	for (;;) {
		while (p->first == NULL && !p->stopping)
			pthread_cond_wait(&p->more, &p->lock);
		if (p->first == NULL)
			break;
		struct task *task = p->first;
		p->first = task->next;
		if (p->first == NULL)
			p->last = &p->first;
		p->queued--;
		pthread_mutex_unlock(&p->lock);
		task->run(task, me->db);
		pthread_mutex_lock(&p->lock);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

enum qt_err pool_start(const char *path, int threads, int queue_max, struct pool **out, struct problem *problem)
{
	struct pool *p = xcalloc(1, sizeof *p);
	enum qt_err err = QT_OK;

	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->more, NULL);
	p->last = &p->first;
	p->queue_max = queue_max;
	if (threads == 0 && (err = db_open(path, DB_READ, &p->workers[0].db, problem)))
		goto out;
	while (p->threads < threads && p->threads < THREADS_MAX) {
		struct worker *w = &p->workers[p->threads];
		w->pool = p;
		if ((err = db_open(path, DB_READ, &w->db, problem)))
			goto out;
		if (pthread_create(&w->thread, NULL, work, w) != 0)
			fatal("cannot start a thread");
		p->threads++;
	}
	*out = p;
	p = NULL;
out:
	if (p != NULL)
		pool_stop(p);
	return err;
}

enum qt_err pool_submit(struct pool *p, struct task *task)
{
	enum qt_err err = QT_BUSY;

	pthread_mutex_lock(&p->lock);
	if (p->queued < p->queue_max && !p->stopping) {
		task->next = NULL;
		*p->last = task;
		p->last = &task->next;
		p->queued++;
		pthread_cond_signal(&p->more);
		err = QT_OK;
	}
	pthread_mutex_unlock(&p->lock);
	return err;
}

bool pool_turn(struct pool *p)
{
	struct task *task = p->first;

	assert(p->threads == 0);
	if (task == NULL)
		return false;
	p->first = task->next;
	if (p->first == NULL)
		p->last = &p->first;
	p->queued--;
	task->run(task, p->workers[0].db);
	return true;
}

void pool_stop(struct pool *p)
{
	if (p == NULL)
		return;
	pthread_mutex_lock(&p->lock);
	p->stopping = true;
	pthread_cond_broadcast(&p->more);
	pthread_mutex_unlock(&p->lock);
	for (int i = 0; i < p->threads; i++) {
		pthread_join(p->workers[i].thread, NULL);
		db_close(p->workers[i].db);
	}
	if (p->threads == 0) {
		while (pool_turn(p))
			;
		db_close(p->workers[0].db);
	}
	pthread_mutex_destroy(&p->lock);
	pthread_cond_destroy(&p->more);
	free(p);
}
