/* http_loop: the turns of a loop thread: wake-ups, waiting clients, deadlines. */
#include "server/http_loop.h"

#include "shared/clock.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define SWEEP_MS 500

void loop_wake(struct loop *l)
{
	if (!atomic_exchange(&l->awake, true)) {
		ssize_t n = write(l->wake_fd, &(uint64_t){ 1 }, sizeof(uint64_t));
		(void)n; /* a full counter wakes as well */
	}
}

void http_wake(struct server *server)
{
	for (int i = 0; i < 2; i++)
		if (atomic_load(&server->http->loops[i].finished) != NULL)
			loop_wake(&server->http->loops[i]);
}

void exchange_finish(struct exchange *x)
{
	struct loop *l = x->loop;
	/* Jobs of the writer are woken for once per group (http_wake), others at once. Read before it is handed over. */
	bool wake = x->in_pool;

	x->next = atomic_load(&l->finished);
	while (!atomic_compare_exchange_weak(&l->finished, &x->next, x))
		;
	if (wake)
		loop_wake(l);
}

void exchange_listen(struct exchange *x, bool listens)
{
	atomic_fetch_add(&x->loop->waiting, listens ? 1 : -1);
}

void exchange_wait(struct exchange *x)
{
	struct loop *l = x->loop;

	if (x->waiting)
		return;
	x->waiting = true;
	x->wait_previous = NULL;
	x->wait_next = l->waiters;
	if (l->waiters != NULL)
		l->waiters->wait_previous = x;
	l->waiters = x;
	atomic_fetch_sub(&l->server->http->under_way, 1);
}

static void stop_waiting(struct exchange *x)
{
	struct loop *l = x->loop;

	if (x->wait_previous != NULL)
		x->wait_previous->wait_next = x->wait_next;
	else
		l->waiters = x->wait_next;
	if (x->wait_next != NULL)
		x->wait_next->wait_previous = x->wait_previous;
	x->waiting = false;
	atomic_fetch_sub(&l->waiting, 1);
	atomic_fetch_add(&l->server->http->under_way, 1);
}

static void resume(struct exchange *x)
{
	x->state = EXCHANGE_DONE;
	atomic_fetch_sub(&x->loop->server->http->under_way, 1);
	MHD_resume_connection(x->connection);
}

/* true when something came back. */
static bool take_finished(struct loop *l)
{
	struct exchange *x = atomic_exchange(&l->finished, NULL), *order = NULL, *next;

	for (; x != NULL; x = next) { /* oldest first */
		next = x->next;
		x->next = order;
		order = x;
	}
	bool any = order != NULL;
	for (x = order; x != NULL; x = next) {
		next = x->next;
		if (x->redo) {
			dispatch_redo(l->server, x, l->reader);
			if (x->state != EXCHANGE_DONE)
				continue;
		}
		resume(x);
	}
	return any;
}

void http_fire(struct server *server, const struct wait_topic *topics, int count)
{
	for (int i = 0; i < 2; i++) {
		struct loop *l = &server->http->loops[i];
		if (atomic_load(&l->waiting) == 0)
			continue; /* whoever comes later reads the rows */
		pthread_mutex_lock(&l->lock);
		while (l->fired_count + count > l->fired_room) {
			l->fired_room = l->fired_room ? 2 * l->fired_room : 256;
			l->fired = xrealloc(l->fired, (size_t)l->fired_room * sizeof *l->fired);
		}
		for (int k = 0; k < count; k++)
			l->fired[l->fired_count++] = topics[k];
		pthread_mutex_unlock(&l->lock);
		loop_wake(l);
	}
}

static int by_topic(const void *a, const void *b)
{
	const struct wait_topic *x = a, *y = b;
	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	return x->topic - y->topic;
}

static bool concerns(const struct exchange *x, const struct wait_topic *fired, int count)
{
	for (int i = 0; i < (int)(sizeof x->call.wait_topics / sizeof *x->call.wait_topics); i++)
		if (x->call.wait_topics[i].topic != 0 &&
		    bsearch(&x->call.wait_topics[i], fired, (size_t)count, sizeof *fired, by_topic) != NULL)
			return true;
	return false;
}

/* Ask those again whose topics fired, and end the waits that are over. */
static bool serve_waiters(struct loop *l, int64_t now_ms, bool all)
{
	struct wait_topic *fired;
	int count;
	bool any = false;

	pthread_mutex_lock(&l->lock);
	fired = l->fired;
	count = l->fired_count;
	l->fired = NULL;
	l->fired_count = l->fired_room = 0;
	pthread_mutex_unlock(&l->lock);
	if (count > 0)
		qsort(fired, (size_t)count, sizeof *fired, by_topic);
	for (struct exchange *x = l->waiters, *next; x != NULL; x = next) {
		next = x->wait_next;
		bool last = all || now_ms >= x->call.wait_until_ms;
		if (!last && !(count > 0 && concerns(x, fired, count)))
			continue;
		dispatch_again(l->server, x, l->reader, last);
		if (x->state != EXCHANGE_DONE)
			continue;
		stop_waiting(x);
		resume(x);
		any = true;
	}
	free(fired);
	return any;
}

/* Connections past their deadline are cut; the library notices and cleans up. */
static void sweep(struct loop *l, int64_t now_ms)
{
	if (now_ms < l->next_sweep_ms)
		return;
	l->next_sweep_ms = now_ms + SWEEP_MS;
	for (struct client *c = l->clients; c != NULL; c = c->next)
		if (c->deadline_ms != 0 && now_ms >= c->deadline_ms) {
			c->deadline_ms = 0;
			shutdown(c->fd, SHUT_RDWR);
		}
}

static int turn_timeout(const struct loop *l, int64_t now_ms)
{
	int64_t timeout = SWEEP_MS;
	MHD_UNSIGNED_LONG_LONG t;

	for (int i = 0; i < l->port_count; i++)
		if (MHD_get_timeout(l->ports[i]->daemon, &t) == MHD_YES && (int64_t)t < timeout)
			timeout = (int64_t)t;
	for (const struct exchange *x = l->waiters; x != NULL; x = x->wait_next)
		if (x->call.wait_until_ms - now_ms < timeout)
			timeout = x->call.wait_until_ms - now_ms;
	return timeout > 0 ? (int)timeout : 0;
}

void *loop_run(void *ctx)
{
	struct loop *l = ctx;
	struct http *http = l->server->http;
	struct pollfd fds[LISTENERS + 1];

	for (int i = 0; i < l->port_count; i++)
		fds[i] = (struct pollfd){ .fd = l->ports[i]->poll_fd, .events = POLLIN };
	fds[l->port_count] = (struct pollfd){ .fd = l->wake_fd, .events = POLLIN };
	while (atomic_load(&l->running)) {
		int timeout = turn_timeout(l, clock_mono_ms());
		if (poll(fds, (nfds_t)l->port_count + 1, timeout) < 0 && errno != EINTR)
			fatal("poll: errno %d", errno);
		if (fds[l->port_count].revents & POLLIN) {
			uint64_t count;
			ssize_t n = read(l->wake_fd, &count, sizeof count);
			(void)n;
			atomic_store(&l->awake, false);
		}
		int64_t now_ms = clock_mono_ms();
		take_finished(l);
		serve_waiters(l, now_ms, atomic_load(&http->stopping));
		l->current = NULL;
		for (int i = 0; i < l->port_count; i++)
			MHD_run(l->ports[i]->daemon);
		sweep(l, now_ms);
		if (l->log.len > 0) {
			ssize_t n = write(STDERR_FILENO, l->log.data, l->log.len);
			(void)n; /* a log that is gone stops nothing */
			buf_reset(&l->log);
		}
	}
	return NULL;
}
