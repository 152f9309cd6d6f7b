/* A crowd of slow phones while tills sell: each phone keeps a connection that sends or takes a byte now and then, and comes
 * again when it is turned away. Every sale of the tills is done; a phone that is not slow is served. CLIENTS sets how many
 * there are (300), SLOW_SECONDS for how long (3). How quickly the tills are answered is told to the proof, not judged, unless
 * SLOW_SECONDS is set: then 99 of 100 must be within 50 ms. */
#include "shared/clock.h"
#include "tests/bench/load.h"
#include "tests/bench/shop.h"
#include "tests/lib/api.h"
#include "tests/lib/client.h"
#include "tests/lib/proof.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define TICKS_A_SECOND 10 /* each client has its turn once a second */
#define SALES_A_SECOND 100
#define GOAL_P99_MS 50.0

/* What a slow client sends, a byte a second; then it takes the answer a byte a second. */
static const char *const manners[] = {
	"GET /v1/status HTTP/1.1\r\nHost: a\r\nX-Slow: ................................................................................",
	"POST /v1/codes/check HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 4000\r\n\r\n{\"text\":\"",
	"",                                                          /* says nothing */
	"GET /js/pay.mjs HTTP/1.1\r\nHost: a\r\n\r\n",               /* takes a large answer slowly; sent at once */
	"GET /v1/status HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\n\r\n", /* stays when it is served; sent at once */
	"\x16\x03\x01\x02\x00\x01",                                  /* wants TLS where there is none */
};
#define MANNERS (sizeof manners / sizeof *manners)

struct slow {
	int fd;
	size_t sent;
};

static struct crowd {
	struct slow *clients;
	int count, port;
	atomic_bool stopping;
	atomic_long comings;  /* connections made */
	atomic_int open;
	atomic_long served, refused; /* of the phone that is not slow */
} crowd;

static void come(struct slow *s)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons((uint16_t)crowd.port) };
	int room = 1024;

	s->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	s->sent = 0;
	if (s->fd < 0)
		fatal("no socket: %s", strerror(errno));
	setsockopt(s->fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
	if (connect(s->fd, (struct sockaddr *)&a, sizeof a) != 0 && errno != EINPROGRESS)
		fatal("cannot connect: %s", strerror(errno));
	atomic_fetch_add(&crowd.comings, 1);
	atomic_fetch_add(&crowd.open, 1);
}

static void go(struct slow *s)
{
	close(s->fd);
	s->fd = -1;
	atomic_fetch_sub(&crowd.open, 1);
}

static void take_turn(struct slow *s, int index)
{
	const char *text = manners[(size_t)index % MANNERS];
	bool at_once = (size_t)index % MANNERS == 3 || (size_t)index % MANNERS == 4;
	size_t left = strlen(text) - (s->sent < strlen(text) ? s->sent : strlen(text));
	char byte;

	if (s->fd < 0) {
		come(s);
		return;
	}
	if (left > 0) {
		ssize_t n = send(s->fd, text + s->sent, at_once ? left : 1, MSG_NOSIGNAL);
		if (n > 0)
			s->sent += (size_t)n;
		else if (errno != EAGAIN && errno != EINPROGRESS && errno != ENOTCONN)
			go(s);
		return;
	}
	ssize_t n = recv(s->fd, &byte, 1, 0);
	if (n == 0 || (n < 0 && errno != EAGAIN))
		go(s);
}

/* The crowd, one thread: a tenth of it each tenth of a second. */
static void *crowd_run(void *arg)
{
	(void)arg;
	for (int tick = 0; !atomic_load(&crowd.stopping); tick = (tick + 1) % TICKS_A_SECOND) {
		for (int i = tick; i < crowd.count; i += TICKS_A_SECOND)
			take_turn(&crowd.clients[i], i);
		usleep(1000000 / TICKS_A_SECOND);
	}
	for (int i = 0; i < crowd.count; i++)
		if (crowd.clients[i].fd >= 0)
			go(&crowd.clients[i]);
	return NULL;
}

static void *phone_run(void *arg)
{
	static const char text[] = "GET /v1/status HTTP/1.1\r\nHost: a\r\n\r\n";
	struct buf request = { 0 };
	struct client c;

	(void)arg;
	buf_adds(&request, text);
	client_open(&c, crowd.port);
	while (!atomic_load(&crowd.stopping)) {
		bool good = client_send(&c, &request, 10000) && c.status == 200;
		atomic_fetch_add(good ? &crowd.served : &crowd.refused, 1);
		usleep(50000);
	}
	client_close(&c);
	buf_free(&request);
	return NULL;
}

static bool make_sale(void *ctx, int till, int64_t serial, struct buf *out)
{
	static uint64_t random = UINT64_C(20261121);

	(void)serial;
	bench_shop_sale(ctx, till, &random, out);
	return true;
}

static void sell(struct bench_shop *shop, int port, int seconds, struct load_result *r)
{
	struct load_options o = { .port = port, .connections = shop->tills, .duration_ms = seconds * INT64_C(1000), .rate = SALES_A_SECOND,
		                  .make = make_sale, .ctx = shop };

	if (load_run(&o, r) != QT_OK)
		fatal("the server does not answer");
}

/* The whole crowd is there; twenty seconds are enough. */
static bool is_assembled(void)
{
	int64_t until_ms = clock_mono_ms() + 20000;

	while (atomic_load(&crowd.open) < crowd.count * 9 / 10 && clock_mono_ms() < until_ms)
		usleep(20000);
	return atomic_load(&crowd.open) >= crowd.count * 9 / 10;
}

int main(void)
{
	static const char *const flags[] = { "--connections-per-address=0", NULL };
	struct bench_shop_size size = { .tills = 8, .items = 20, .cards = 50, .customers = 20, .shares = 4 };
	const char *asked = getenv("SLOW_SECONDS");
	int seconds = proof_rounds("SLOW_SECONDS", 3), wrong = 0;
	struct rlimit files;
	struct test_server server;
	struct bench_shop shop;
	struct load_result r, alone = { 0 };
	pthread_t slow, phone;

	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files); /* the server inherits it */
	server_start(&server, "slow", flags);
	bench_shop_make(&shop, &size, server.socket, server.till_port, server.phone_port);
	if (asked != NULL) /* what the machine gives without a crowd */
		sell(&shop, server.till_port, seconds / 3 + 1, &alone);
	crowd.port = server.phone_port;
	crowd.count = proof_rounds("CLIENTS", 300);
	crowd.clients = xcalloc((size_t)crowd.count, sizeof *crowd.clients);
	for (int i = 0; i < crowd.count; i++)
		crowd.clients[i].fd = -1;
	if (pthread_create(&slow, NULL, crowd_run, NULL) != 0 || pthread_create(&phone, NULL, phone_run, NULL) != 0)
		fatal("no thread");
	wrong += !api_ok(is_assembled(), "%d slow phones are there", crowd.count);
	sell(&shop, server.till_port, seconds, &r);
	int still = atomic_load(&crowd.open);
	atomic_store(&crowd.stopping, true);
	pthread_join(slow, NULL);
	pthread_join(phone, NULL);
	int64_t sales = r.answered + r.refused + r.lost;
	wrong += !api_ok(r.refused == 0 && r.lost == 0 && r.answered >= seconds * INT64_C(50), "%" PRId64 " of %" PRId64 " sales are done", r.answered, sales);
	wrong += !api_ok(still >= crowd.count / 2, "%d of the crowd stay or come again: %ld connections", still, atomic_load(&crowd.comings));
	wrong += !api_ok(atomic_load(&crowd.served) > 0 && atomic_load(&crowd.refused) == 0, "the phone that is not slow is served, %ld times",
	                 atomic_load(&crowd.served));
	if (asked != NULL)
		wrong += !api_ok((double)r.p99_us / 1000 < GOAL_P99_MS, "99 of 100 sales within %.0f ms", GOAL_P99_MS);
	wrong += !api_ok(server_stop(&server), "the server stops cleanly");
	proof_say("slow", sales, r.refused + r.lost + wrong, "clients=%d connections=%ld p50_ms=%.2f p99_ms=%.2f max_ms=%.2f p99_ms_alone=%.2f",
	          crowd.count, atomic_load(&crowd.comings), (double)r.p50_us / 1000, (double)r.p99_us / 1000, (double)r.max_us / 1000,
	          (double)alone.p99_us / 1000);
	free(crowd.clients);
	bench_shop_free(&shop);
	return api_end();
}
