/* http: see http.h. The library's callbacks, the listeners and TLS. */
#include "server/http.h"

#include "server/http_loop.h"
#include "server/routes.h"
#include "shared/clock.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BODY_BYTES_PER_MS 20 /* slower than this no body may come */
#define IDLE_MS 75000     /* a connection may wait this long between two requests */

/* When what is being sent to us must be complete: an absolute time, however slowly it drips. */
static int64_t request_deadline_ms(const struct loop *l)
{
	return clock_mono_ms() + l->server->settings.request_timeout_s * 1000;
}

static struct client *client_of(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	return info ? info->socket_context : NULL;
}

static void read_peer(struct MHD_Connection *connection, uint8_t out[16])
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	const struct sockaddr *a = info ? info->client_addr : NULL;

	memset(out, 0, 16);
	if (a == NULL)
		return;
	if (a->sa_family == AF_INET) {
		out[10] = out[11] = 0xff;
		memcpy(out + 12, &((const struct sockaddr_in *)(const void *)a)->sin_addr, 4);
	} else if (a->sa_family == AF_INET6) {
		memcpy(out, &((const struct sockaddr_in6 *)(const void *)a)->sin6_addr, 16);
	}
}

/* Only root and the server's own user may use the operator's socket, whatever the file's mode. */
static bool is_operator(int fd)
{
	struct ucred who;
	socklen_t len = sizeof who;
	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) == 0 && (who.uid == 0 || who.uid == geteuid());
}

static void on_connection(void *ctx, struct MHD_Connection *connection, void **context,
                          enum MHD_ConnectionNotificationCode code)
{
	struct port *port = ctx;
	struct loop *l = port->loop;
	struct client *c = *context;

	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		c = xcalloc(1, sizeof *c);
		c->connection = connection;
		c->fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
		c->deadline_ms = request_deadline_ms(l);
		c->refused = port->kind == LISTENER_SOCKET && !is_operator(c->fd);
		c->exchange.loop = l;
		c->exchange.connection = connection;
		c->exchange.listener = port->kind;
		c->exchange.tls = port->kind != LISTENER_SOCKET && l->server->http->cert != NULL;
		read_peer(connection, c->exchange.peer);
		exchange_reset(&c->exchange);
		c->next = l->clients;
		if (c->next != NULL)
			c->next->previous = c;
		l->clients = c;
		atomic_fetch_add(&l->connections, 1);
		*context = c;
	} else if (c != NULL) {
		if (l->current == c)
			l->current = NULL;
		if (c->previous != NULL)
			c->previous->next = c->next;
		else
			l->clients = c->next;
		if (c->next != NULL)
			c->next->previous = c->previous;
		atomic_fetch_sub(&l->connections, 1);
		exchange_reset(&c->exchange);
		arena_free(&c->exchange.arena);
		buf_free(&c->exchange.body);
		buf_free(&c->exchange.reply);
		free(c);
		*context = NULL;
	}
}

/* The request target is known, the headers are not yet. What is returned is the request's context. */
static void *on_target(void *ctx, const char *target, struct MHD_Connection *connection)
{
	(void)ctx;
	struct client *c = client_of(connection);
	struct exchange *x = &c->exchange;
	int64_t until_ms = request_deadline_ms(x->loop);

	if (x->state != EXCHANGE_HEAD) /* the request before has left something; as a rule on_completed has cleared it away */
		exchange_reset(x);
	c->parsing = true;
	x->loop->current = c;
	x->target_len = strlen(target);
	if (x->target_len <= HTTP_TARGET_MAX)
		memcpy(x->target, target, x->target_len + 1);
	if (c->deadline_ms == 0 || until_ms < c->deadline_ms)
		c->deadline_ms = until_ms;
	return c;
}

static void answer_broken(struct client *c)
{
	static const char answer[] = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";

	if (!c->exchange.tls && send(c->fd, answer, sizeof answer - 1, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		log_line('W', "a malformed request got no answer: %s", strerror(errno));
	shutdown(c->fd, SHUT_WR);
	c->parsing = false;
	atomic_fetch_add(&c->exchange.loop->refused, 1);
}

/* The library refuses some heads by itself (a Content-Length that is no number) and then writes the header of
 * its answer twice. It logs before it sends, so here the connection gets one answer of ours and is shut for writing.
 * The message does not say whose it is: nearly always the one whose request line was read just now, else one of the few
 * whose head came in pieces and is not complete; those all have to come again. */
static void on_library_log(void *ctx, const char *format, va_list ap) __attribute__((format(printf, 2, 0)));
static void on_library_log(void *ctx, const char *format, va_list ap)
{
	struct loop *l = ctx;
	char line[300];

	vsnprintf(line, sizeof line, format, ap);
	const char *code = strstr(line, "response code is ");
	if (code == NULL) {
		line[strcspn(line, "\n")] = '\0';
		log_line('W', "http: %s", line);
		return;
	}
	int status = atoi(code + strlen("response code is "));
	if (status != MHD_HTTP_BAD_REQUEST && status != MHD_HTTP_CONTENT_TOO_LARGE)
		return;
	if (l->current != NULL && l->current->parsing) {
		answer_broken(l->current);
		return;
	}
	for (struct client *c = l->clients; c != NULL; c = c->next)
		if (c->parsing)
			answer_broken(c);
}

/* Escapes stay as they are: what they may stand for is judged in http_head.c. */
static size_t keep_escapes(void *ctx, struct MHD_Connection *connection, char *text)
{
	(void)ctx, (void)connection;
	return strlen(text);
}

static enum qt_err check_head(struct client *c, const char *method)
{
	struct exchange *x = &c->exchange;
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(c->connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
	struct problem *p = &x->call.problem;
	enum qt_err err = http_head_check(method, info->header_size, x->target_len, &x->head, p);

	if (err)
		return err;
	if (MHD_get_connection_values(c->connection, MHD_HEADER_KIND, NULL, NULL) != x->head.lines)
		return problem_set(p, QT_BAD_REQUEST, "", "the head holds a NUL");
	if ((err = http_target_check(x->target, x->target_len, &x->path_len, p)))
		return err;
	if (x->path_len < x->target_len) {
		x->query = x->target + x->path_len + 1;
		x->query_len = x->target_len - x->path_len - 1;
		x->target[x->path_len] = '\0';
	}
	if (c->refused)
		return problem_set(p, QT_FORBIDDEN, "", "only root and the server's own user may use this socket");
	return QT_OK;
}

/* The head is complete: accept the request, or answer at once and read nothing more from this connection. */
static enum MHD_Result begin(struct client *c, const char *method)
{
	struct exchange *x = &c->exchange;
	struct loop *l = x->loop;

	c->parsing = false;
	l->current = NULL;
	x->started_us = clock_mono_us();
	x->state = EXCHANGE_BODY;
	snprintf(x->method, sizeof x->method, "%.16s", method);
	x->err = check_head(c, method);
	if (x->err != QT_OK)
		atomic_fetch_add(&l->refused, 1);
	if (x->err != QT_OK || !dispatch_head(l->server, x)) {
		x->state = EXCHANGE_REFUSED;
		x->close = true;
		dispatch_render(x);
		return answer_send(c);
	}
	if (x->head.content_length > 0)
		c->deadline_ms = request_deadline_ms(l) + x->head.content_length / BODY_BYTES_PER_MS;
	return MHD_YES;
}

static enum MHD_Result on_request(void *ctx, struct MHD_Connection *connection, const char *url, const char *method,
                                  const char *version, const char *data, size_t *size, void **context)
{
	(void)ctx, (void)connection, (void)url, (void)version;
	struct client *c = *context;
	struct exchange *x = &c->exchange;
	struct loop *l = x->loop;

	switch (x->state) {
	case EXCHANGE_HEAD:
		return begin(c, method);
	case EXCHANGE_BODY:
		if (*size > 0) {
			if (x->body.len + *size > (size_t)route_body_max(x->route))
				return MHD_NO; /* more than its own Content-Length, which was checked */
			buf_add(&x->body, data, *size);
			*size = 0;
			return MHD_YES;
		}
		atomic_fetch_add(&l->requests, 1);
		atomic_fetch_add(&l->server->http->under_way, 1);
		x->started_us = clock_mono_us();
		x->state = EXCHANGE_RUNNING;
		c->deadline_ms = 0;
		dispatch(l->server, x, l->reader);
		if (x->state == EXCHANGE_RUNNING) {
			MHD_suspend_connection(connection);
			return MHD_YES;
		}
		atomic_fetch_sub(&l->server->http->under_way, 1);
		dispatch_render(x);
		return answer_send(c);
	case EXCHANGE_DONE:
		dispatch_render(x);
		return answer_send(c);
	case EXCHANGE_REFUSED:
		*size = 0; /* read and forgotten */
		return MHD_YES;
	case EXCHANGE_RUNNING:
		return MHD_YES;
	}
	return MHD_NO;
}

static void on_completed(void *ctx, struct MHD_Connection *connection, void **context,
                         enum MHD_RequestTerminationCode code)
{
	(void)ctx, (void)connection, (void)code;
	struct client *c = *context;

	if (c == NULL)
		return;
	exchange_reset(&c->exchange);
	c->deadline_ms = clock_mono_ms() + IDLE_MS;
	*context = NULL;
}

const char *call_header(const struct call *call, const char *name)
{
	const struct exchange *x = (const struct exchange *)(const void *)((const char *)call - offsetof(struct exchange, call));
	return MHD_lookup_connection_value(x->connection, MHD_HEADER_KIND, name);
}

static enum qt_err start_port(struct server *s, struct port *port, struct problem *p)
{
	struct http *h = s->http;
	const struct settings *c = &s->settings;
	bool tls = h->cert != NULL && port->kind != LISTENER_SOCKET;
	unsigned per_address = port->kind == LISTENER_PHONE && !c->trust_proxy ? (unsigned)c->connections_per_address : 0;
	unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC | (tls ? MHD_USE_TLS : 0) | MHD_USE_ERROR_LOG;
	struct MHD_OptionItem tls_options[] = {
		{ MHD_OPTION_HTTPS_MEM_CERT, 0, h->cert },
		{ MHD_OPTION_HTTPS_MEM_KEY, 0, h->key },
		{ MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(uintptr_t) "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2" },
		{ MHD_OPTION_END, 0, NULL },
	};
	static struct MHD_OptionItem no_options[] = { { MHD_OPTION_END, 0, NULL } };

	port->daemon = MHD_start_daemon(flags, 0, NULL, NULL, on_request, NULL,
		MHD_OPTION_EXTERNAL_LOGGER, on_library_log, port->loop,
		MHD_OPTION_LISTEN_SOCKET, port->listen_fd,
		MHD_OPTION_CONNECTION_LIMIT, (unsigned)c->connections_max,
		MHD_OPTION_PER_IP_CONNECTION_LIMIT, per_address,
		/* The library reads heads into half of it and clears all of it after each request. */
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)2 * HTTP_HEAD_MAX,
		MHD_OPTION_STRICT_FOR_CLIENT, -1, /* a missing Host is found in http_head.c */
		MHD_OPTION_NOTIFY_CONNECTION, on_connection, port,
		MHD_OPTION_URI_LOG_CALLBACK, on_target, NULL,
		MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, NULL,
		MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL,
		MHD_OPTION_ARRAY, tls ? tls_options : no_options,
		MHD_OPTION_END);
	if (port->daemon == NULL)
		return problem_set(p, QT_BAD_CONFIG, tls ? "tls_key" : "", "the HTTP library does not start%s",
		                   tls ? "; certificate and key may not belong together" : "");
	port->poll_fd = MHD_get_daemon_info(port->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
	port->loop->ports[port->loop->port_count++] = port;
	return QT_OK;
}

enum qt_err http_start(struct server *s, struct problem *p)
{
	enum qt_err err;

	for (int i = 0; i < LISTENERS; i++)
		if (s->http->ports[i].listen_fd >= 0 && (err = start_port(s, &s->http->ports[i], p)))
			return err;
	for (int i = 0; i < 2; i++) {
		struct loop *l = &s->http->loops[i];
		if ((err = db_open(s->db_path, DB_READ, &l->reader, p)))
			return err;
		l->running = true;
		if (pthread_create(&l->thread, NULL, loop_run, l) != 0)
			fatal("cannot start a thread");
	}
	return QT_OK;
}

void http_stop(struct server *s, int wait_ms)
{
	struct http *h = s->http;
	int64_t until_ms = clock_mono_ms() + wait_ms;

	for (int i = 0; i < LISTENERS; i++)
		if (h->ports[i].daemon != NULL)
			MHD_quiesce_daemon(h->ports[i].daemon); /* the socket stays ours */
	atomic_store(&h->stopping, true);
	for (int i = 0; i < 2; i++)
		loop_wake(&h->loops[i]);
	while (atomic_load(&h->under_way) > 0 && clock_mono_ms() < until_ms)
		usleep(2000);
	usleep(20000); /* the last answers leave */
	for (int i = 0; i < 2; i++) {
		struct loop *l = &h->loops[i];
		if (!l->running)
			continue;
		l->running = false;
		loop_wake(l);
		pthread_join(l->thread, NULL);
	}
}

void http_close(struct server *s)
{
	struct http *h = s->http;

	if (h == NULL)
		return;
	for (int i = 0; i < LISTENERS; i++) {
		struct port *port = &h->ports[i];
		for (struct client *c = port->daemon ? port->loop->clients : NULL; c != NULL; c = c->next)
			if (c->exchange.listener == port->kind && c->exchange.state == EXCHANGE_RUNNING)
				MHD_resume_connection(c->connection); /* the library must not stop with suspended ones */
		if (port->daemon != NULL)
			MHD_stop_daemon(port->daemon);
		if (port->listen_fd >= 0)
			close(port->listen_fd);
		if (port->kind == LISTENER_SOCKET && port->listen_fd >= 0)
			unlink(s->settings.socket);
	}
	for (int i = 0; i < 2; i++) {
		db_close(h->loops[i].reader);
		close(h->loops[i].wake_fd);
		buf_free(&h->loops[i].log);
		free(h->loops[i].fired);
	}
	free(h->cert);
	free(h->key);
	free(h);
	s->http = NULL;
}

const char *http_till_address(const struct server *s)
{
	return s->http->ports[LISTENER_TILL].address;
}

const char *http_phone_address(const struct server *s)
{
	return s->http->ports[LISTENER_PHONE].address;
}

void http_stats(const struct server *s, struct http_stats *out)
{
	*out = (struct http_stats){ 0 };
	for (int i = 0; i < 2; i++) {
		struct loop *l = &s->http->loops[i];
		out->requests += atomic_load(&l->requests);
		out->refused += atomic_load(&l->refused);
		out->connections += atomic_load(&l->connections);
		out->waiting += atomic_load(&l->waiting);
	}
}
