/* load: see load.h. */
#include "tests/bench/load.h"

#include "shared/clock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define IN_ROOM 65536

struct connection {
	int fd;
	bool busy;           /* a request is out */
	bool finished;       /* make() had nothing more */
	int64_t due_us;      /* when the request fell due (closed loop: when it was sent) */
	struct buf out;      /* the request */
	size_t sent;
	char *in;            /* the answer so far, IN_ROOM bytes */
	size_t got;
};

struct load {
	const struct load_options *options;
	struct load_result *result;
	struct connection *connections;
	int epoll_fd, alive;
	int64_t serial, start_us, last_us;
	int64_t next_due_us;     /* open loop */
	uint32_t *latency_us;
	size_t latency_count, latency_room;
};

static int dial(int port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
		                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if (connect(fd, (struct sockaddr *)&to, sizeof to) != 0) {
		close(fd);
		return -1;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	return fd;
}

static void drop(struct load *l, struct connection *c)
{
	if (c->busy)
		l->result->lost++;
	close(c->fd);
	c->fd = -1;
	c->busy = false;
	l->alive--;
}

static bool may_send(const struct load *l, int64_t now_us)
{
	const struct load_options *o = l->options;
	return (o->requests == 0 || l->serial < o->requests) &&
	       (o->duration_ms == 0 || now_us - l->start_us < o->duration_ms * 1000);
}

static void send_rest(struct load *l, struct connection *c)
{
	while (c->sent < c->out.len) {
		ssize_t n = send(c->fd, c->out.data + c->sent, c->out.len - c->sent, MSG_NOSIGNAL);
		if (n <= 0) {
			drop(l, c);
			return;
		}
		c->sent += (size_t)n;
	}
}

static void start_request(struct load *l, struct connection *c, int64_t due_us)
{
	buf_reset(&c->out);
	if (!l->options->make(l->options->ctx, (int)(c - l->connections), l->serial, &c->out)) {
		c->finished = true;
		return;
	}
	l->serial++;
	c->sent = c->got = 0;
	c->busy = true;
	c->due_us = due_us;
	send_rest(l, c);
}

static void note_latency(struct load *l, int64_t us)
{
	if (l->latency_count == l->latency_room) {
		l->latency_room = l->latency_room ? 2 * l->latency_room : 1 << 16;
		l->latency_us = xrealloc(l->latency_us, l->latency_room * sizeof *l->latency_us);
	}
	l->latency_us[l->latency_count++] = (uint32_t)us;
}

/* The answer is whole: its status, and where its body starts; false while bytes are missing. Header by header: it is the
 * cores of the server that look for them. */
static bool answer_whole(const struct connection *c, int *status, size_t *body, size_t *body_len)
{
	static const char version[] = "HTTP/1.1 ", length[] = "content-length:";
	const char *at = memmem(c->in, c->got, "\r\n", 2), *next;

	*body_len = 0;
	if (at == NULL || strncmp(c->in, version, sizeof version - 1) != 0)
		return false;
	*status = atoi(c->in + sizeof version - 1);
	for (at += 2; (next = memmem(at, c->got - (size_t)(at - c->in), "\r\n", 2)) != NULL; at = next + 2) {
		if (next == at) {
			*body = (size_t)(at - c->in) + 2;
			return c->got >= *body + *body_len;
		}
		if (strncasecmp(at, length, sizeof length - 1) == 0)
			*body_len = (size_t)strtoul(at + sizeof length - 1, NULL, 10);
	}
	return false;
}

static void receive(struct load *l, struct connection *c)
{
	ssize_t n = recv(c->fd, c->in + c->got, IN_ROOM - 1 - c->got, MSG_DONTWAIT);
	int status;
	size_t body, len;

	if (n <= 0) {
		if (n == 0 || (errno != EAGAIN && errno != EINTR))
			drop(l, c);
		return;
	}
	c->got += (size_t)n;
	c->in[c->got] = '\0';
	if (!c->busy || !answer_whole(c, &status, &body, &len))
		return;
	int64_t now = clock_mono_us();
	l->last_us = now;
	c->busy = false;
	note_latency(l, now - c->due_us);
	if (status == 200 || status == 201)
		l->result->answered++;
	else if (l->result->refused++ == 0)
		snprintf(l->result->first_refusal, sizeof l->result->first_refusal, "%.*s", (int)len, c->in + body);
	if (l->options->answer)
		l->options->answer(l->options->ctx, (int)(c - l->connections), status, c->in + body, len);
	if (l->options->rate == 0 && c->fd >= 0 && may_send(l, now))
		start_request(l, c, now);
}

static struct connection *idle_connection(struct load *l)
{
	for (int i = 0; i < l->options->connections; i++)
		if (l->connections[i].fd >= 0 && !l->connections[i].busy && !l->connections[i].finished)
			return &l->connections[i];
	return NULL;
}

/* Open loop: send what has fallen due; returns microseconds until the next, at most 100,000. */
static int64_t send_due(struct load *l)
{
	int64_t step = 1000000 / l->options->rate, now = clock_mono_us();
	struct connection *c;

	while (l->next_due_us <= now && may_send(l, now) && (c = idle_connection(l)) != NULL) {
		start_request(l, c, l->next_due_us);
		l->next_due_us += step;
	}
	int64_t wait = l->next_due_us - clock_mono_us();
	return wait < 0 ? 1000 : wait > 100000 ? 100000 : wait;
}

static bool any_busy(const struct load *l)
{
	for (int i = 0; i < l->options->connections; i++)
		if (l->connections[i].busy)
			return true;
	return false;
}

static int by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return x < y ? -1 : x > y;
}

static void finish(struct load *l)
{
	struct load_result *r = l->result;
	size_t n = l->latency_count;

	r->seconds = (double)(l->last_us - l->start_us) / 1e6;
	if (n > 0) {
		qsort(l->latency_us, n, sizeof *l->latency_us, by_value);
		r->p50_us = l->latency_us[n / 2];
		r->p99_us = l->latency_us[n * 99 / 100];
		r->max_us = l->latency_us[n - 1];
	}
	free(l->latency_us);
	for (int i = 0; i < l->options->connections; i++) {
		if (l->connections[i].fd >= 0)
			close(l->connections[i].fd);
		buf_free(&l->connections[i].out);
		free(l->connections[i].in);
	}
	free(l->connections);
	close(l->epoll_fd);
}

enum qt_err load_run(const struct load_options *o, struct load_result *r)
{
	struct load l = { .options = o, .result = r, .epoll_fd = epoll_create1(EPOLL_CLOEXEC) };
	struct epoll_event events[256];

	*r = (struct load_result){ 0 };
	l.connections = xcalloc((size_t)o->connections, sizeof *l.connections);
	for (int i = 0; i < o->connections; i++) {
		struct connection *c = &l.connections[i];
		c->in = xmalloc(IN_ROOM);
		if ((c->fd = dial(o->port)) < 0)
			continue;
		struct epoll_event e = { .events = EPOLLIN, .data.ptr = c };
		epoll_ctl(l.epoll_fd, EPOLL_CTL_ADD, c->fd, &e);
		l.alive++;
	}
	l.start_us = l.last_us = l.next_due_us = clock_mono_us();
	if (l.alive == 0) {
		finish(&l);
		return QT_OFFLINE;
	}
	for (int i = 0; o->rate == 0 && i < o->connections; i++)
		if (l.connections[i].fd >= 0 && may_send(&l, clock_mono_us()))
			start_request(&l, &l.connections[i], clock_mono_us());
	while (l.alive > 0) {
		int64_t wait_us = 1000000;
		if (o->rate > 0)
			wait_us = send_due(&l);
		if (!any_busy(&l) && (o->rate == 0 || !may_send(&l, clock_mono_us())))
			break;
		struct timespec wait = { wait_us / 1000000, wait_us % 1000000 * 1000 };
		int n = epoll_pwait2(l.epoll_fd, events, 256, &wait, NULL);
		for (int i = 0; i < n; i++) {
			struct connection *c = events[i].data.ptr;
			if (c->fd >= 0)
				receive(&l, c);
		}
	}
	finish(&l);
	return QT_OK;
}
