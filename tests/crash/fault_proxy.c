/* fault_proxy: a TCP proxy that does to a till what a bad network does. What it does now is the word in a file, which is looked
 * at all the time; each time it does harm it writes the word on a line of standard output.
 *
 *   fault_proxy LISTEN_PORT SERVER_PORT WORD_FILE
 *
 *   pass       everything goes through
 *   drop       packets are lost: nothing arrives on either side; what was sent arrives when it passes again
 *   half-open  connections that are there are dead for ever, and nobody is told; new ones reach nobody
 *   refuse     connections are reset, new ones too
 *   before     a request comes from the till; it goes nowhere, and both sides get a reset
 *   during     half of a request goes to the server; then both sides get a reset
 *   reset      a request goes to the server; when its answer comes, that is, after the commit, the till gets a reset in its place
 *   delay      each piece takes 50 to 1500 ms
 *   duplicate  each request reaches the server twice, on two connections; the second's answer is thrown away */
#include "shared/clock.h"
#include "shared/err.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum mode { PASS, DROP, HALF_OPEN, REFUSE, BEFORE, DURING, RESET, DELAY, DUPLICATE, MODE_COUNT };
static const char *const words[MODE_COUNT] = { "pass", "drop", "half-open", "refuse", "before", "during", "reset", "delay",
                                               "duplicate" };

#define PAIRS 64
#define PIECES 64
#define PIECE_BYTES 16384

/* Bytes on their way. */
struct piece {
	char *bytes; /* owned */
	size_t len;
	int64_t due_ms;
};
struct way {
	struct piece pieces[PIECES];
	int first, count;
};
struct pair {
	int till, server, second; /* sockets; -1: none; second: of a doubled request */
	bool used, dead;          /* dead: for ever, and nobody is told */
	bool posted;              /* a request that changes something is under way */
	struct way to_server, to_till;
};

static struct pair pairs[PAIRS];
static const char *word_file;
static enum mode mode;
static int server_port;

static void told(enum mode m)
{
	printf("%s\n", words[m]);
	fflush(stdout);
}

static void read_mode(void)
{
	char text[32] = "";
	int fd = open(word_file, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, text, sizeof text - 1) : 0;

	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = '\0';
	text[strcspn(text, "\n")] = '\0';
	for (int m = 0; m < MODE_COUNT; m++)
		if (strcmp(words[m], text) == 0)
			mode = (enum mode)m;
}

static struct sockaddr_in at_port(int port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons((uint16_t)port) };
}

static int dial(void)
{
	struct sockaddr_in a = at_port(server_port);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 && connect(fd, (struct sockaddr *)&a, sizeof a) != 0) {
		close(fd);
		return -1;
	}
	if (fd >= 0)
		fcntl(fd, F_SETFL, O_NONBLOCK);
	return fd;
}

static void close_reset(int *fd)
{
	struct linger now = { 1, 0 };

	if (*fd >= 0) {
		setsockopt(*fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
		close(*fd);
	}
	*fd = -1;
}

static void end_pair(struct pair *p)
{
	struct way *ways[] = { &p->to_server, &p->to_till };

	close_reset(&p->till);
	close_reset(&p->server);
	close_reset(&p->second);
	for (int w = 0; w < 2; w++)
		for (int i = 0; i < ways[w]->count; i++)
			free(ways[w]->pieces[(ways[w]->first + i) % PIECES].bytes);
	memset(p, 0, sizeof *p);
}

static void take_connection(int listen_fd)
{
	int fd = accept4(listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0)
		return;
	if (mode == REFUSE) {
		told(REFUSE);
		close_reset(&fd);
		return;
	}
	for (int i = 0; i < PAIRS; i++)
		if (!pairs[i].used) {
			pairs[i] = (struct pair){ .till = fd, .server = dial(), .second = -1, .used = true, .dead = mode == HALF_OPEN };
			if (pairs[i].server < 0)
				end_pair(&pairs[i]);
			return;
		}
	fatal("too many connections");
}

static void put(struct way *w, const char *bytes, size_t len)
{
	struct piece *p = &w->pieces[(w->first + w->count) % PIECES];

	if (w->count == PIECES)
		fatal("too much under way");
	w->count++;
	p->bytes = xmalloc(len);
	memcpy(p->bytes, bytes, len);
	p->len = len;
	p->due_ms = clock_mono_ms() + (mode == DELAY ? 50 + random() % 1450 : 0);
	if (mode == DELAY)
		told(DELAY);
}

/* The same request once more, by a connection of its own. */
static void send_twice(struct pair *p, const char *bytes, size_t len)
{
	if (p->second < 0)
		p->second = dial();
	if (p->second >= 0 && send(p->second, bytes, len, MSG_NOSIGNAL) == (ssize_t)len)
		told(DUPLICATE);
}

static void from_till(struct pair *p)
{
	char bytes[PIECE_BYTES];
	ssize_t n = recv(p->till, bytes, sizeof bytes, 0);

	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		end_pair(p);
		return;
	}
	if (n > 5 && memcmp(bytes, "POST ", 5) == 0)
		p->posted = true;
	if ((mode == BEFORE || mode == DURING) && p->posted) {
		told(mode);
		if (mode == DURING && send(p->server, bytes, (size_t)n / 2, MSG_NOSIGNAL) < 0)
			n = 0; /* it is gone already: that is a cut too */
		end_pair(p);
		return;
	}
	if (mode == DUPLICATE && p->posted)
		send_twice(p, bytes, (size_t)n);
	put(&p->to_server, bytes, (size_t)n);
}

static void from_server(struct pair *p)
{
	char bytes[PIECE_BYTES];
	ssize_t n = recv(p->server, bytes, sizeof bytes, 0);

	if (n < 0 && errno == EAGAIN)
		return;
	if (n > 0 && mode == RESET && p->posted) {
		told(RESET);
		end_pair(p);
		return;
	}
	if (n <= 0) {
		end_pair(p);
		return;
	}
	p->posted = false;
	put(&p->to_till, bytes, (size_t)n);
}

static void move_on(struct way *w, int fd)
{
	while (w->count > 0 && w->pieces[w->first].due_ms <= clock_mono_ms()) {
		struct piece *p = &w->pieces[w->first];
		if (send(fd, p->bytes, p->len, MSG_NOSIGNAL) != (ssize_t)p->len)
			return; /* small messages on a loopback: an error shows at the next reading */
		free(p->bytes);
		w->first = (w->first + 1) % PIECES;
		w->count--;
	}
}

static void step(struct pair *p, bool till_ready, bool server_ready)
{
	char spill[4096];

	if (mode == REFUSE && p->used) {
		told(REFUSE);
		end_pair(p);
	}
	if (mode == HALF_OPEN && p->used && !p->dead) {
		told(HALF_OPEN);
		p->dead = true;
	}
	if (!p->used)
		return;
	if (p->dead) { /* swallow; when the till gives up, so do we */
		ssize_t n = recv(p->till, spill, sizeof spill, 0);
		if (n == 0 || (n < 0 && errno != EAGAIN))
			end_pair(p);
		return;
	}
	if (mode == DROP) {
		if (till_ready)
			told(DROP);
		return; /* the sockets' own buffers keep it */
	}
	if (p->second >= 0)
		while (recv(p->second, spill, sizeof spill, 0) > 0)
			;
	if (till_ready)
		from_till(p);
	if (p->used && server_ready)
		from_server(p);
	if (p->used) {
		move_on(&p->to_server, p->server);
		move_on(&p->to_till, p->till);
	}
}

static void run(int listen_fd)
{
	for (;;) {
		struct pollfd fds[1 + 2 * PAIRS];
		fds[0] = (struct pollfd){ .fd = listen_fd, .events = POLLIN };
		for (int i = 0; i < PAIRS; i++) {
			bool deaf = !pairs[i].used || mode == DROP;
			fds[1 + 2 * i] = (struct pollfd){ .fd = deaf && mode != DROP ? -1 : pairs[i].used ? pairs[i].till : -1, .events = POLLIN };
			fds[2 + 2 * i] = (struct pollfd){ .fd = deaf || pairs[i].dead ? -1 : pairs[i].server, .events = POLLIN };
		}
		if (mode == DROP)
			usleep(20000); /* what is not read stays ready */
		poll(fds, 1 + 2 * PAIRS, 20);
		read_mode();
		if (fds[0].revents & POLLIN)
			take_connection(listen_fd);
		for (int i = 0; i < PAIRS; i++)
			step(&pairs[i], fds[1 + 2 * i].revents != 0, fds[2 + 2 * i].revents != 0);
	}
}

int main(int argc, char **argv)
{
	int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (argc != 4)
		fatal("usage: fault_proxy LISTEN_PORT SERVER_PORT WORD_FILE");
	struct sockaddr_in a = at_port(atoi(argv[1]));
	signal(SIGPIPE, SIG_IGN);
	srandom((unsigned)getpid());
	server_port = atoi(argv[2]);
	word_file = argv[3];
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof a) != 0 || listen(fd, 64) != 0)
		fatal("port %s: %s", argv[1], strerror(errno));
	socklen_t len = sizeof a;
	if (getsockname(fd, (struct sockaddr *)&a, &len) != 0)
		fatal("%s", strerror(errno));
	printf("port %d\n", ntohs(a.sin_port));
	fflush(stdout);
	run(fd);
}
