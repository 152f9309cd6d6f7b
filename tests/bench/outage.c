/* outage: see outage.h. A real till at a real server; the waiting sales are put into its outbox as it writes them. */
#include "tests/bench/outage.h"

#include "pos/outbox.h"
#include "shared/api_client.h"
#include "shared/buf.h"
#include "shared/clock.h"
#include "tests/bench/figures.h"
#include "tests/bench/shop.h"
#include "tests/lib/server.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SALES 2000
#define FIRST_SALE 1000 /* its number at the till: far from that of the sale on the screen */
#define DRAIN_MS 60000

static void must(enum qt_err err, const char *what)
{
	if (err != QT_OK)
		fatal("bench: %s: %s", what, err_info(err)->en);
}

/* A till in a pseudo-terminal, so that it draws as at a counter; with `code` it is enrolled by a script and ends. */
struct till_process {
	pid_t pid;
	int fd;
};

static struct till_process start_till(const char *bin, const char *folder, const char *url, const char *script,
                                      const char *code)
{
	struct winsize size = { .ws_row = 24, .ws_col = 80 };
	struct till_process t;
	char program[512];

	snprintf(program, sizeof program, "%s/qrtill-pos", bin);
	t.pid = forkpty(&t.fd, NULL, NULL, &size);
	if (t.pid == 0) {
		setenv("TERM", "xterm-256color", 1);
		setenv("LC_ALL", "C.UTF-8", 1);
		execl(program, "qrtill-pos", "--data-dir", folder, "--lang", "en", "--ask-float=false", "--server", url,
		      code ? "--script" : (char *)NULL, script, "--enrol", code, (char *)NULL);
		_exit(127);
	}
	if (t.pid < 0)
		fatal("bench: no pseudo-terminal: %s", strerror(errno));
	fcntl(t.fd, F_SETFL, O_NONBLOCK);
	return t;
}

static void write_script(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	if (f == NULL || fputs(text, f) < 0 || fclose(f) != 0)
		fatal("bench: %s: %s", path, strerror(errno));
}

/* A terminal of the bench's shop and a till that is enrolled as it and where somebody signed in. */
static void enrol_till(const char *bin, const char *folder, const struct test_server *server, int64_t merchant_id)
{
	struct api_options o = { .socket = server->socket, .merchant_id = merchant_id };
	char code[512], script[512];
	struct api_reply r;
	struct api *api;
	int status;

	must(api_open(&o, &api, NULL), "the operator's socket");
	must(api_call(api, "POST", "/v1/terminals", "{\"store_id\":1,\"name\":\"Outage\"}", "ffffffff-ffff-7000-8000-000000000000", &r), "a terminal");
	snprintf(code, sizeof code, "%s", jtext(r.body, "enrolment_code", ""));
	api_reply_free(&r);
	api_close(api);
	snprintf(script, sizeof script, "%s.script", folder);
	write_script(script, "wait PIN\ntype 1\nkey Enter\ntype 4711\nkey Enter\nwait Scan an item\nidle\n");
	struct till_process t = start_till(bin, folder, server->till_url, script, code);
	if (waitpid(t.pid, &status, 0) != t.pid || status != 0)
		fatal("bench: the till was not enrolled");
	close(t.fd);
}

static void fill_outbox(const char *folder, int64_t item_id)
{
	int64_t now_ms = clock_now_ms();
	struct problem p = { 0 };
	struct tdb *s;
	char body[256];

	must(tdb_open(folder, &s, &p), p.detail);
	must(tdb_begin(s), "the till's file");
	for (int i = 0; i < SALES; i++) {
		snprintf(body, sizeof body, "{\"at_ms\":%" PRId64 ",\"lines\":[{\"item_id\":%" PRId64 ",\"quantity\":1}],"
		         "\"payments\":[{\"method\":\"cash\",\"received_cents\":10000}]}", now_ms - SALES + i, item_id);
		must(outbox_add(s, OUTBOX_ORDER, "/v1/orders", body, FIRST_SALE + i, "cash", now_ms), "the outbox");
	}
	must(tdb_commit(s, QT_OK), "the till's file");
	tdb_close(s);
}

/* at_ms of an order; 0: it is not there. */
static int64_t order_time(struct api *api, int64_t order_id)
{
	struct api_reply r;
	char path[64];

	snprintf(path, sizeof path, "/v1/orders/%" PRId64, order_id);
	int64_t at_ms = api_call(api, "GET", path, NULL, NULL, &r) == QT_OK ? jint(r.body, "at_ms", 0) : 0;
	api_reply_free(&r);
	return at_ms;
}

static void await_order(struct api *api, const struct till_process *t, int64_t order_id)
{
	int64_t end_ms = clock_mono_ms() + DRAIN_MS;
	char drawn[4096];

	while (order_time(api, order_id) == 0) {
		while (read(t->fd, drawn, sizeof drawn) > 0)
			;
		if (clock_mono_ms() > end_ms)
			fatal("bench: sale %" PRId64 " did not arrive", order_id);
		usleep(5000);
	}
}

static void drain(const char *bin, const char *folder, int round)
{
	const struct bench_shop_size size = { .tills = 1, .items = 10, .cards = 10, .customers = 30, .shares = 3 };
	struct test_server server;
	struct bench_shop shop = { 0 };
	char name[32], data[400];

	snprintf(name, sizeof name, "outage-%d", round);
	snprintf(data, sizeof data, "%s/till-%d", folder, round);
	server_start(&server, name, NULL);
	bench_shop_make(&shop, &size, server.socket, server.till_port, server.phone_port);
	enrol_till(bin, data, &server, shop.merchant_id);
	struct api_options o = { .url = server.till_url, .token = shop.sessions[0] };
	struct api *api;
	must(api_open(&o, &api, NULL), "the server");
	if (order_time(api, 1) != 0)
		fatal("bench: the shop has orders already");
	fill_outbox(data, shop.item_ids[0]);
	struct till_process t = start_till(bin, data, server.till_url, NULL, NULL);
	await_order(api, &t, 1);
	int64_t us = clock_mono_us();
	await_order(api, &t, SALES);
	figure_add("offline_drain_per_s", (SALES - 1) * 1e6 / (double)(clock_mono_us() - us));
	kill(t.pid, SIGTERM);
	waitpid(t.pid, NULL, 0);
	close(t.fd);
	int64_t before_ms = 0;
	for (int64_t id = 1; id <= SALES + 1; id++) {
		int64_t at_ms = order_time(api, id);
		if (id <= SALES ? at_ms <= before_ms : at_ms != 0)
			fatal("bench: sale %" PRId64 " is not in its place", id);
		before_ms = at_ms;
	}
	api_close(api);
	server_stop(&server);
	bench_shop_free(&shop);
}

void bench_outage(const char *bin, const char *folder, int rounds)
{
	for (int i = 0; i < rounds; i++)
		drain(bin, folder, i);
}
