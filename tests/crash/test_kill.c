/* A real server is killed (SIGKILL) over and over while eight tills sell. Each till asks again with the same bytes until
 * it is answered. Nothing that was acknowledged may be lost, nothing may be there twice, and the books must be clean,
 * also as they lie on the disk right after a kill. QRTILL_KILLS sets how often (200). */
#include "server/audit.h"
#include "shared/clock.h"
#include "tests/bench/shop.h"
#include "tests/lib/api.h"
#include "tests/lib/client.h"
#include "tests/lib/server.h"
#include "tests/lib/tmp.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CLIENTS 8
#define ASK_AGAIN 5        /* every so many answers, the same request once more */
#define PATIENCE_MS 30000
#define ACKS_PER_ROUND 16  /* at least, so that each kill meets work */
#define AUDIT_EVERY 20     /* kills */

struct till {
	int index;
	struct bench_shop *shop;
	struct client client;
	uint64_t random;
	int64_t *orders;  /* acknowledged, in order: order ids */
	int64_t count, room;
	int64_t wrong;    /* answers that must not be */
	char first_wrong[300];
};

static atomic_bool stopping;
static atomic_long acknowledged;

static void note_wrong(struct till *t, const char *what)
{
	if (t->wrong++ == 0)
		snprintf(t->first_wrong, sizeof t->first_wrong, "%s: %d %.200s", what, t->client.status,
		         t->client.body ? t->client.body : "");
}

static void sell_one(struct till *t)
{
	struct buf request = { 0 };

	bench_shop_sale(t->shop, t->index, &t->random, &request);
	if (!client_send(&t->client, &request, PATIENCE_MS)) {
		note_wrong(t, "no answer");
		goto out;
	}
	int64_t order = client_int(&t->client, "order_id");
	if (t->client.status / 100 != 2 || order == 0) {
		note_wrong(t, "refused");
		goto out;
	}
	if (t->count == t->room) {
		t->room = t->room ? t->room * 2 : 1024;
		t->orders = xrealloc(t->orders, (size_t)t->room * sizeof *t->orders);
	}
	t->orders[t->count++] = order;
	atomic_fetch_add(&acknowledged, 1);
	if (t->count % ASK_AGAIN == 0) {
		if (!client_send(&t->client, &request, PATIENCE_MS) || client_int(&t->client, "order_id") != order ||
		    !t->client.replayed)
			note_wrong(t, "asked again");
	}
out:
	buf_free(&request);
}

static void *till_run(void *arg)
{
	struct till *t = arg;

	while (!stopping && t->wrong == 0)
		sell_one(t);
	return NULL;
}

/* The books as they lie on the disk while nobody serves them. */
static int64_t audit_problems(const struct test_server *s, struct audit_report *r)
{
	char path[200], heads[200], keys_path[200];
	struct keyring keys;
	struct problem why = { 0 };
	struct audit_options o = { .keys = &keys, .heads_path = heads };

	snprintf(path, sizeof path, "%s/qrtill.db", s->dir);
	snprintf(heads, sizeof heads, "%s/heads", s->dir);
	snprintf(keys_path, sizeof keys_path, "%s/keys.conf", s->dir);
	if (keyring_load(keys_path, &keys, &why) != QT_OK || audit_file(path, &o, r, &why) != QT_OK) {
		printf("# %s\n", why.detail);
		return -1;
	}
	if (r->problem_count > 0)
		audit_print(r, stdout);
	return r->problem_count;
}

/* Orders of a till on the disk, in the order of their numbers, against what was acknowledged. */
static bool same_orders(struct db *db, const struct till *t, int64_t terminal_id)
{
	SQL(all, "SELECT id, number FROM orders WHERE terminal_id = $1 ORDER BY number");
	struct stmt *s = db_stmt(db, &all);
	int64_t n = 0;
	bool same = true;

	for (stmt_int(s, 1, terminal_id); stmt_step(s); n++)
		if (n >= t->count || stmt_col_int(s, 0) != t->orders[n]) {
			printf("# till %d: number %" PRId64 " is order %" PRId64 "\n", t->index, stmt_col_int(s, 1),
			       stmt_col_int(s, 0));
			same = false;
			break;
		}
	if (stmt_end(s) != QT_OK)
		return false;
	return same && n == t->count;
}

static void kill_rounds(struct test_server *s, int kills)
{
	int64_t dirty = 0, started_ms = clock_mono_ms();
	unsigned seed = (unsigned)(getenv("QRTILL_SEED") ? atoi(getenv("QRTILL_SEED")) : 20261121);
	struct audit_report r = { 0 };

	printf("# seed %u\n", seed);
	for (int round = 1; round <= kills; round++) {
		long from = acknowledged;
		int64_t until_ms = clock_mono_ms() + PATIENCE_MS;
		/* Somewhere in the middle of work: after a number of answers, and some microseconds more. */
		long wanted = ACKS_PER_ROUND + rand_r(&seed) % 64;
		while (acknowledged - from < wanted && clock_mono_ms() < until_ms)
			usleep(200);
		usleep((unsigned)rand_r(&seed) % 2000);
		server_kill(s);
		if (round % AUDIT_EVERY == 0) {
			dirty += audit_problems(s, &r) != 0;
			audit_free(&r);
		}
		server_again(s);
	}
	api_ok(dirty == 0, "the books are clean right after each %dth of %d kills", AUDIT_EVERY, kills);
	printf("# %d kills, %ld answers, %" PRId64 " ms\n", kills, (long)acknowledged, clock_mono_ms() - started_ms);
}

int main(void)
{
	struct test_server server;
	struct bench_shop shop;
	struct bench_shop_size size = { .tills = CLIENTS, .items = 50, .cards = 60, .customers = 20, .shares = 4 };
	struct till tills[CLIENTS] = { 0 };
	pthread_t threads[CLIENTS];
	struct audit_report r = { 0 };
	struct db *db = NULL;
	char path[200];
	int kills = getenv("QRTILL_KILLS") ? atoi(getenv("QRTILL_KILLS")) : 200, lost = 0;
	bool answered = true, same = true;

	server_start(&server, "kill", NULL);
	bench_shop_make(&shop, &size, server.socket, server.till_port, server.phone_port);
	for (int i = 0; i < CLIENTS; i++) {
		tills[i] = (struct till){ .index = i, .shop = &shop, .random = 88172645463325252u + (uint64_t)i * 7919 };
		client_open(&tills[i].client, server.till_port);
		if (pthread_create(&threads[i], NULL, till_run, &tills[i]) != 0)
			fatal("no thread");
	}
	kill_rounds(&server, kills);
	stopping = true;
	for (int i = 0; i < CLIENTS; i++) {
		pthread_join(threads[i], NULL);
		lost += tills[i].client.lost;
		answered = answered && tills[i].wrong == 0;
		if (tills[i].wrong)
			printf("# till %d: %s\n", i, tills[i].first_wrong);
	}
	api_ok(answered, "every request was answered well, and the same way when asked again (%d had to be sent again)", lost);
	api_ok(lost > 0, "kills met requests on their way");
	api_ok(server_stop(&server), "the server stops cleanly");
	snprintf(path, sizeof path, "%s/qrtill.db", server.dir);
	if (db_open(path, DB_READ, &db, NULL) != QT_OK)
		fatal("the database cannot be read");
	for (int i = 0; i < CLIENTS; i++)
		same = same_orders(db, &tills[i], i + 1) && same;
	db_close(db);
	api_ok(same, "orders on the disk are those that were acknowledged, each once");
	api_ok(audit_problems(&server, &r) == 0 && r.journals > acknowledged, "the books are clean at the end");
	audit_free(&r);
	for (int i = 0; i < CLIENTS; i++) {
		client_close(&tills[i].client);
		free(tills[i].orders);
	}
	bench_shop_free(&shop);
	return api_end();
}
