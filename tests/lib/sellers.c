/* sellers: see sellers.h. */
#include "tests/lib/sellers.h"

#include "server/store/db.h"
#include "shared/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define ASK_AGAIN 5 /* every so many answers, the same request once more */

static void note_wrong(struct seller *t, const char *what)
{
	if (t->wrong++ == 0)
		snprintf(t->first_wrong, sizeof t->first_wrong, "%s: %d %.200s", what, t->client.status,
		         t->client.body ? t->client.body : "");
}

static void sell_one(struct seller *t)
{
	struct buf request = { 0 };

	bench_shop_sale(t->all->shop, t->index, &t->random, &request);
	if (!client_send(&t->client, &request, t->all->patience_ms)) {
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
	atomic_fetch_add(&t->all->acknowledged, 1);
	if (t->count % ASK_AGAIN == 0) {
		if (!client_send(&t->client, &request, t->all->patience_ms) ||
		    client_int(&t->client, "order_id") != order || !t->client.replayed)
			note_wrong(t, "asked again");
	}
out:
	buf_free(&request);
}

static void *seller_run(void *arg)
{
	struct seller *t = arg;

	while (!t->all->stopping && t->wrong == 0)
		sell_one(t);
	return NULL;
}

void sellers_start(struct sellers *all, struct bench_shop *shop, int port, int patience_ms)
{
	*all = (struct sellers){ .shop = shop, .patience_ms = patience_ms };
	for (int i = 0; i < SELLERS; i++) {
		struct seller *t = &all->each[i];
		*t = (struct seller){ .all = all, .index = i, .random = 88172645463325252u + (uint64_t)i * 7919 };
		client_open(&t->client, port);
		if (pthread_create(&all->threads[i], NULL, seller_run, t) != 0)
			fatal("no thread");
	}
}

void sellers_wait(struct sellers *all, long more)
{
	long from = all->acknowledged;
	int64_t until_ms = clock_mono_ms() + all->patience_ms;

	while (all->acknowledged - from < more && clock_mono_ms() < until_ms)
		usleep(200);
}

int sellers_stop(struct sellers *all)
{
	int again = 0;

	all->stopping = true;
	for (int i = 0; i < SELLERS; i++) {
		pthread_join(all->threads[i], NULL);
		again += all->each[i].client.lost;
		client_close(&all->each[i].client);
	}
	return again;
}

bool sellers_answered(const struct sellers *all)
{
	bool answered = true;

	for (int i = 0; i < SELLERS; i++)
		if (all->each[i].wrong) {
			printf("# till %d: %s\n", i, all->each[i].first_wrong);
			answered = false;
		}
	return answered;
}

/* NULL: it cannot be opened. */
static struct db *open_file(const struct test_server *s)
{
	char path[200];
	struct db *db;

	snprintf(path, sizeof path, "%s/qrtill.db", s->dir);
	return db_open(path, DB_READ, &db, NULL) == QT_OK ? db : NULL;
}

static bool same_orders(struct db *db, const struct seller *t)
{
	SQL(all, "SELECT id, number FROM orders WHERE terminal_id = $1 ORDER BY number");
	struct stmt *s = db_stmt(db, &all);
	int64_t n = 0;
	bool same = true;

	for (stmt_int(s, 1, t->index + 1); stmt_step(s); n++)
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

bool sellers_same(const struct sellers *all, const struct test_server *server)
{
	struct db *db = open_file(server);
	bool same = db != NULL;

	for (int i = 0; db != NULL && i < SELLERS; i++)
		same = same_orders(db, &all->each[i]) && same;
	db_close(db);
	return same;
}

int64_t sellers_lost(const struct sellers *all, const struct test_server *server)
{
	SQL(find, "SELECT COUNT(*) FROM orders WHERE id = $1 AND terminal_id = $2");
	struct db *db = open_file(server);
	int64_t lost = 0;

	for (int i = 0; i < SELLERS; i++)
		for (int64_t n = 0; n < all->each[i].count; n++) {
			int64_t found = 0;
			if (db == NULL || db_one(db, &find, "ii", all->each[i].orders[n], (int64_t)i + 1, "i", &found) != QT_OK ||
			    found != 1)
				lost++;
		}
	db_close(db);
	return lost;
}

void sellers_free(struct sellers *all)
{
	for (int i = 0; i < SELLERS; i++)
		free(all->each[i].orders);
}

int64_t audit_problems(const struct test_server *s, struct audit_report *r)
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
