/* client: see client.h. */
#include "tests/lib/client.h"

#include "shared/clock.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define PAUSE_US 3000
#define ANSWER_S 20

void client_open(struct client *c, int port)
{
	memset(c, 0, sizeof *c);
	c->fd = -1;
	c->port = port;
}

static bool connected(struct client *c)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)c->port),
	                         .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct timeval patience = { .tv_sec = ANSWER_S };
	int on = 1;

	if (c->fd >= 0)
		return true;
	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd < 0)
		return false;
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	if (connect(c->fd, (struct sockaddr *)&a, sizeof a) == 0)
		return true;
	close(c->fd);
	c->fd = -1;
	return false;
}

static void drop(struct client *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
}

/* Value of a head line; NULL when it is not there. */
static const char *head_value(const char *head, const char *name)
{
	size_t len = strlen(name);

	for (const char *line = strstr(head, "\r\n"); line != NULL; line = strstr(line, "\r\n")) {
		line += 2;
		if (strncasecmp(line, name, len) == 0 && line[len] == ':')
			return line + len + 1;
	}
	return NULL;
}

static bool receive(struct client *c)
{
	size_t need = 0;

	buf_reset(&c->text);
	c->body = NULL;
	for (;;) {
		char piece[4096];
		ssize_t n = recv(c->fd, piece, sizeof piece, 0);
		if (n <= 0)
			return false;
		buf_add(&c->text, piece, (size_t)n);
		char *end = need ? NULL : strstr(c->text.data, "\r\n\r\n");
		if (end != NULL) {
			const char *length;
			*end = '\0';
			length = head_value(c->text.data, "Content-Length");
			c->replayed = head_value(c->text.data, "Idempotency-Replayed") != NULL;
			need = (size_t)(end + 4 - c->text.data) + (length ? strtoul(length, NULL, 10) : 0);
		}
		if (need > 0 && c->text.len >= need)
			break;
	}
	c->status = atoi(c->text.data + 9);
	c->body = c->text.data + strlen(c->text.data) + 4;
	return true;
}

bool client_try(struct client *c, const struct buf *request)
{
	if (!connected(c))
		return false;
	for (size_t sent = 0; sent < request->len;) {
		ssize_t n = send(c->fd, request->data + sent, request->len - sent, MSG_NOSIGNAL);
		if (n <= 0) {
			drop(c);
			return false;
		}
		sent += (size_t)n;
	}
	if (receive(c))
		return true;
	drop(c);
	return false;
}

bool client_send(struct client *c, const struct buf *request, int within_ms)
{
	int64_t until_ms = clock_mono_ms() + within_ms;

	while (!client_try(c, request)) {
		if (clock_mono_ms() > until_ms)
			return false;
		c->lost++;
		usleep(PAUSE_US);
	}
	return true;
}

int64_t client_int(const struct client *c, const char *name)
{
	char key[64];

	snprintf(key, sizeof key, "\"%s\":", name);
	const char *at = c->body ? strstr(c->body, key) : NULL;
	return at ? strtoll(at + strlen(key), NULL, 10) : 0;
}

void client_close(struct client *c)
{
	drop(c);
	buf_free(&c->text);
}

void client_post(struct buf *out, const char *path, const char *bearer, const char *key, const char *json)
{
	buf_addf(out, "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n", path);
	if (*bearer)
		buf_addf(out, "Authorization: Bearer %s\r\n", bearer);
	if (key != NULL)
		buf_addf(out, "Idempotency-Key: %s\r\n", key);
	buf_addf(out, "Content-Length: %zu\r\n\r\n%s", strlen(json), json);
}
