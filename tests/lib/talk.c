/* talk: see talk.h. */
#include "tests/lib/talk.h"

#include "shared/clock.h"
#include "tests/lib/api.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int connect_to(int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof a) != 0) {
		perror("connect");
		exit(1);
	}
	fcntl(fd, F_SETFL, O_NONBLOCK);
	return fd;
}

void talk_start(struct talk *t, int port, const char *bytes, size_t len)
{
	*t = (struct talk){ .fd = connect_to(port), .out = malloc(len + 1), .out_len = len };
	memcpy(t->out, bytes, len);
}

static void send_more(struct talk *t)
{
	while (t->sent < t->out_len && !t->cut) {
		ssize_t n = send(t->fd, t->out + t->sent, t->out_len - t->sent, MSG_NOSIGNAL);
		if (n > 0)
			t->sent += (size_t)n;
		else if (n < 0 && errno == EAGAIN)
			return;
		else
			t->cut = true;
	}
	if (t->half_close) {
		t->half_close = false;
		shutdown(t->fd, SHUT_WR);
	}
	if (t->drip && clock_mono_ms() >= t->drip_ms) {
		t->drip_ms = clock_mono_ms() + 100;
		if (send(t->fd, "a", 1, MSG_NOSIGNAL) < 0)
			t->drip = false;
	}
}

static void step(struct talk *t)
{
	send_more(t);
	for (;;) {
		char spill[4096];
		bool full = t->in_len == sizeof t->in - 1;
		ssize_t n = recv(t->fd, full ? spill : t->in + t->in_len, full ? sizeof spill : sizeof t->in - 1 - t->in_len, 0);
		if (n > 0 && !full)
			t->in_len += (size_t)n;
		if (n == 0 || (n < 0 && errno != EAGAIN))
			t->ended = true;
		if (n <= 0)
			break;
	}
	t->in[t->in_len] = '\0';
}

void talk_all(struct talk *talks, int count, int64_t bound_ms)
{
	int64_t until_ms = clock_mono_ms() + bound_ms;
	struct pollfd *fds = calloc((size_t)count, sizeof *fds);

	for (int open = count; open > 0 && clock_mono_ms() < until_ms;) {
		open = 0;
		for (int i = 0; i < count; i++) {
			if (!talks[i].ended)
				step(&talks[i]);
			open += !talks[i].ended;
			fds[i].fd = talks[i].ended ? -1 : talks[i].fd;
			fds[i].events = (short)(POLLIN | (talks[i].sent < talks[i].out_len && !talks[i].cut ? POLLOUT : 0));
		}
		poll(fds, (nfds_t)count, 50);
	}
	free(fds);
}

int talk_answers(const char *text)
{
	int n = 0;
	for (const char *s = text; (s = strstr(s, "HTTP/1.1 ")) != NULL; s++)
		n += s[9] >= '2' && s[9] <= '5'; /* not the interim 100 */
	return n;
}

/* 505 is what RFC 9110 wants for another version of HTTP, 501 what RFC 9112 wants for a transfer coding nobody knows. */
bool talk_refused(const struct talk *t)
{
	int answers = talk_answers(t->in);

	if (!t->ended || answers > 1)
		return false;
	return answers == 0 || t->in[9] == '4' || strncmp(t->in + 9, "505", 3) == 0 || strncmp(t->in + 9, "501", 3) == 0;
}

void talk_end(struct talk *t)
{
	close(t->fd);
	free(t->out);
	t->out = NULL;
}

void talk_judge(struct talk *t, const char *label)
{
	if (!api_ok(talk_refused(t), "%s", label))
		printf("# ended %d, answers %d: %.300s\n", t->ended, talk_answers(t->in), t->in);
	talk_end(t);
}
