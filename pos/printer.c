/* printer: see printer.h. */
#include "pos/printer.h"

#include "shared/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define JOBS_MOST 16
#define STEP_MS 10000 /* a printer that takes no byte for so long has failed */

struct job {
	char *bytes; /* owned */
	size_t len;
};
struct printer {
	char *where; /* owned */
	void (*wake)(void *ctx);
	void *ctx;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t change;
	struct job jobs[JOBS_MOST];       /* waiting, oldest first */
	int job_count;
	struct problem results[JOBS_MOST]; /* not yet read, oldest first */
	int result_count;
	bool stop, ended;
};

static enum qt_err wait_for(int fd, short what)
{
	struct pollfd p = { .fd = fd, .events = what };
	return poll(&p, 1, STEP_MS) == 1 && !(p.revents & (POLLERR | POLLNVAL)) ? QT_OK : QT_OFFLINE;
}

static enum qt_err write_all(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, bytes, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno != EAGAIN)
			return errno == ENOSPC ? QT_DISK_FULL : QT_OFFLINE;
		if (n > 0) {
			bytes += n;
			len -= (size_t)n;
		} else if (wait_for(fd, POLLOUT) != QT_OK) {
			return QT_OFFLINE;
		}
	}
	return QT_OK;
}

/* "HOST:PORT", "[::1]:9100". */
static bool split_host(const char *text, char *host, size_t size, const char **port)
{
	const char *colon = strrchr(text, ':');

	if (colon == NULL || colon == text || colon[1] == '\0' || (size_t)(colon - text) >= size)
		return false;
	size_t n = (size_t)(colon - text);
	if (text[0] == '[' && text[n - 1] == ']')
		text++, n -= 2;
	memcpy(host, text, n);
	host[n] = '\0';
	*port = colon + 1;
	return true;
}

static int connect_to(const char *text)
{
	const struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM };
	struct addrinfo *list = NULL;
	char host[256];
	const char *port;
	int fd = -1;

	if (!split_host(text, host, sizeof host, &port) || getaddrinfo(host, port, &hints, &list) != 0)
		return -1;
	for (const struct addrinfo *a = list; a && fd < 0; a = a->ai_next) {
		int error = 0;
		socklen_t size = sizeof error;
		fd = socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		if (fd < 0)
			continue;
		if (connect(fd, a->ai_addr, a->ai_addrlen) == 0)
			break;
		if (errno == EINPROGRESS && wait_for(fd, POLLOUT) == QT_OK &&
		    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0)
			break;
		close(fd);
		fd = -1;
	}
	freeaddrinfo(list);
	return fd;
}

static enum qt_err print(const char *where, const struct job *j, struct problem *p)
{
	bool tcp = strncmp(where, "tcp:", 4) == 0;
	int fd = tcp ? connect_to(where + 4)
	             : open(where, O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK | O_CLOEXEC | O_NOCTTY, 0600);

	if (fd < 0)
		return problem_set(p, QT_OFFLINE, "printer", "%s cannot be reached", where);
	enum qt_err err = write_all(fd, j->bytes, j->len);
	if (tcp)
		shutdown(fd, SHUT_WR);
	if (close(fd) != 0 && err == QT_OK)
		err = QT_OFFLINE;
	return err == QT_OK ? QT_OK : problem_set(p, err, "printer", "%s takes no bytes", where);
}

static void *work(void *arg)
{
	struct printer *pr = arg;

	pthread_mutex_lock(&pr->lock);
	for (;;) {
		while (pr->job_count == 0 && !pr->stop)
			pthread_cond_wait(&pr->change, &pr->lock);
		if (pr->job_count == 0)
			break;
		struct job j = pr->jobs[0];
		memmove(pr->jobs, pr->jobs + 1, (size_t)--pr->job_count * sizeof *pr->jobs);
		pthread_mutex_unlock(&pr->lock);
		struct problem p = { .err = QT_OK };
		p.err = print(pr->where, &j, &p);
		free(j.bytes);
		pthread_mutex_lock(&pr->lock);
		if (pr->result_count < JOBS_MOST)
			pr->results[pr->result_count++] = p;
		if (!pr->stop)
			pr->wake(pr->ctx);
	}
	pr->ended = true;
	pthread_cond_broadcast(&pr->change);
	pthread_mutex_unlock(&pr->lock);
	return NULL;
}

struct printer *printer_start(const char *where, void (*wake)(void *ctx), void *ctx)
{
	struct printer *pr = xcalloc(1, sizeof *pr);

	pr->where = xstrdup(where);
	pr->wake = wake;
	pr->ctx = ctx;
	pthread_mutex_init(&pr->lock, NULL);
	pthread_condattr_t monotonic;
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&pr->change, &monotonic);
	pthread_condattr_destroy(&monotonic);
	if (pthread_create(&pr->thread, NULL, work, pr) != 0)
		fatal("no thread for the printer");
	return pr;
}

void printer_stop(struct printer *pr)
{
	if (pr == NULL)
		return;
	int64_t until_ms = clock_mono_ms() + 2000;
	const struct timespec until = { until_ms / 1000, until_ms % 1000 * 1000000 };
	pthread_mutex_lock(&pr->lock);
	pr->stop = true;
	pthread_cond_broadcast(&pr->change);
	while (!pr->ended && pthread_cond_timedwait(&pr->change, &pr->lock, &until) == 0)
		;
	bool ended = pr->ended;
	pthread_mutex_unlock(&pr->lock);
	if (!ended) { /* it hangs in the printer; the process is about to end */
		pthread_detach(pr->thread);
		return;
	}
	pthread_join(pr->thread, NULL);
	pthread_mutex_destroy(&pr->lock);
	pthread_cond_destroy(&pr->change);
	free(pr->where);
	free(pr);
}

enum qt_err printer_send(struct printer *pr, char *bytes, size_t len)
{
	enum qt_err err = QT_OK;

	pthread_mutex_lock(&pr->lock);
	if (pr->job_count == JOBS_MOST) {
		err = QT_BUSY;
		free(bytes);
	} else {
		pr->jobs[pr->job_count++] = (struct job){ bytes, len };
		pthread_cond_broadcast(&pr->change);
	}
	pthread_mutex_unlock(&pr->lock);
	return err;
}

bool printer_result(struct printer *pr, struct problem *p)
{
	bool any;

	pthread_mutex_lock(&pr->lock);
	any = pr->result_count > 0;
	if (any) {
		*p = pr->results[0];
		memmove(pr->results, pr->results + 1, (size_t)--pr->result_count * sizeof *pr->results);
	}
	pthread_mutex_unlock(&pr->lock);
	return any;
}
