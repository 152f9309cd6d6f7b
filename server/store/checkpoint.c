/* checkpoint: see checkpoint.h. */
#include "server/store/checkpoint.h"

#include "server/store/tx.h"

#include <pthread.h>
#include <stdlib.h>

#define MOVE_PAGES 1000  /* in the log since the last move: time for another */
#define LONG_PAGES 4000  /* in the log: the writer finishes the next move, so that the log begins anew */

struct checkpointer {
	struct db *writer, *db;   /* writer: borrowed */
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	int pages;                /* in the log after the last commit */
	int moved_at;             /* pages when the last move began */
	bool wanted, running, stopping;
	bool fresh;               /* a move just ended: hardly anything is left */
};

static void *checkpointer_loop(void *arg)
{
	struct checkpointer *c = arg;

	pthread_mutex_lock(&c->lock);
	while (!c->stopping) {
		if (!c->wanted) {
			pthread_cond_wait(&c->wake, &c->lock);
			continue;
		}
		c->wanted = false;
		c->running = true;
		c->moved_at = c->pages;
		pthread_mutex_unlock(&c->lock);
		db_checkpoint(c->db);
		pthread_mutex_lock(&c->lock);
		c->running = false;
		c->fresh = true;
	}
	pthread_mutex_unlock(&c->lock);
	return NULL;
}

/* In the writer's thread, after each commit. */
static void log_grown(void *ctx, int pages)
{
	struct checkpointer *c = ctx;
	bool finish = false;

	pthread_mutex_lock(&c->lock);
	if (pages < c->pages) /* the log began anew */
		c->moved_at = 0;
	c->pages = pages;
	if (!c->running && c->fresh && pages >= LONG_PAGES) {
		finish = true;
		c->moved_at = pages;
	} else if (!c->running && !c->wanted && pages - c->moved_at >= MOVE_PAGES) {
		c->wanted = true;
		pthread_cond_signal(&c->wake);
	}
	c->fresh = c->fresh && !finish;
	pthread_mutex_unlock(&c->lock);
	if (finish)
		db_checkpoint(c->writer);
}

enum qt_err checkpointer_start(struct db *writer, struct checkpointer **result, struct problem *why)
{
	struct db *db;
	enum qt_err err = db_open(db_path(writer), DB_READ, &db, why);

	*result = NULL;
	if (err != QT_OK)
		return err;
	struct checkpointer *c = xcalloc(1, sizeof *c);
	c->writer = writer;
	c->db = db;
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->wake, NULL);
	if (pthread_create(&c->thread, NULL, checkpointer_loop, c) != 0)
		fatal("the checkpointer's thread cannot be started");
	db_on_log(writer, log_grown, c);
	*result = c;
	return QT_OK;
}

void checkpointer_stop(struct checkpointer *c)
{
	if (c == NULL)
		return;
	pthread_mutex_lock(&c->lock);
	c->stopping = true;
	pthread_cond_signal(&c->wake);
	pthread_mutex_unlock(&c->lock);
	pthread_join(c->thread, NULL);
	db_close(c->db);
	pthread_cond_destroy(&c->wake);
	pthread_mutex_destroy(&c->lock);
	free(c);
}
