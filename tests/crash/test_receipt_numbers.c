/* Receipt numbers of each till count from 1 without gaps: while eight tills sell and the server is killed in the middle of
 * their work, and two more try sales that are refused, left open or cancelled between those that are paid. */
#include "shared/clock.h"
#include "tests/lib/api.h"
#include "tests/lib/sellers.h"

#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define PATIENCE_MS 30000
#define KILLS 5
#define MIXED 2         /* tills beside the sellers */
#define ROUND 12        /* requests of each of those between two kills */

struct mixed {
	struct client client;
	const char *session;
	int64_t key;
	int paid, refused, others;
};

/* One request; its status. */
static int ask(struct mixed *m, const char *path, const char *json)
{
	struct buf request = { 0 };
	char key[24];

	snprintf(key, sizeof key, "%" PRId64, ++m->key);
	client_post(&request, path, m->session, key, json);
	if (!client_send(&m->client, &request, PATIENCE_MS))
		fatal("no answer to %s", path);
	buf_free(&request);
	return m->client.status;
}

/* A sale of this kind by the item: paid, refused for its item, refused for its card, left open, cancelled. */
static void sell(struct mixed *m, int64_t item_id, int kind)
{
	static const char *const ends[] = { ",\"payments\":[{\"method\":\"cash\"}]", ",\"payments\":[{\"method\":\"cash\"}]",
		",\"payments\":[{\"method\":\"card\",\"number\":\"0000000000000000\"}]", "", "" };
	char json[300], path[80];

	snprintf(json, sizeof json, "{\"lines\":[{\"item_id\":%" PRId64 ",\"quantity\":1}]%s}", kind == 1 ? item_id + 1000000 : item_id,
	         ends[kind]);
	int status = ask(m, "/v1/orders", json);
	m->paid += kind == 0 && status == 201;
	m->refused += kind > 0 && kind < 3 && status / 100 == 4;
	m->others += kind >= 3 && status == 201;
	if (kind < 4 || status != 201)
		return;
	snprintf(path, sizeof path, "/v1/orders/%" PRId64 "/cancel", client_int(&m->client, "order_id"));
	if (ask(m, path, "{}") != 200)
		fatal("not cancelled: %s", m->client.body);
}

static int64_t number(const struct test_server *s, const char *sql)
{
	char path[200];
	sqlite3 *db;
	sqlite3_stmt *q;
	int64_t value = -1;

	snprintf(path, sizeof path, "%s/qrtill.db", s->dir);
	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK ||
	    sqlite3_prepare_v2(db, sql, -1, &q, NULL) != SQLITE_OK)
		fatal("%s: %s", path, sqlite3_errmsg(db));
	if (sqlite3_step(q) == SQLITE_ROW)
		value = sqlite3_column_int64(q, 0);
	sqlite3_finalize(q);
	sqlite3_close(db);
	return value;
}

/* Tills whose numbers are not 1 to their count, each once. */
#define BROKEN_TILLS(where) \
	"SELECT COUNT(*) FROM (SELECT terminal_id FROM orders WHERE receipt_number > 0" where " GROUP BY terminal_id HAVING " \
	"COUNT(*) <> MAX(receipt_number) OR MIN(receipt_number) <> 1 OR COUNT(DISTINCT receipt_number) <> COUNT(*))"

int main(void)
{
	static struct sellers sellers;
	struct test_server server;
	struct bench_shop shop;
	struct bench_shop_size size = { .tills = SELLERS + MIXED, .items = 20, .cards = 30, .customers = 10, .shares = 2 };
	struct mixed mixed[MIXED] = { 0 };
	unsigned seed = (unsigned)(getenv("QRTILL_SEED") ? atoi(getenv("QRTILL_SEED")) : 20261121);
	int paid = 0, refused = 0, others = 0;

	printf("# seed %u\n", seed);
	server_start(&server, "numbers", NULL);
	bench_shop_make(&shop, &size, server.socket, server.till_port, server.phone_port);
	for (int i = 0; i < MIXED; i++) {
		mixed[i].session = shop.sessions[SELLERS + i];
		mixed[i].key = shop.next_key[SELLERS + i];
		client_open(&mixed[i].client, server.till_port);
	}
	sellers_start(&sellers, &shop, server.till_port, PATIENCE_MS);
	for (int kill = 0; kill <= KILLS; kill++) {
		for (int i = 0; i < ROUND * MIXED; i++)
			sell(&mixed[i % MIXED], shop.item_ids[0], i / MIXED < 5 ? i / MIXED : rand_r(&seed) % 5);
		sellers_wait(&sellers, 16);
		usleep((unsigned)rand_r(&seed) % 2000);
		if (kill < KILLS) {
			server_kill(&server);
			server_again(&server);
		}
	}
	int again = sellers_stop(&sellers);
	for (int i = 0; i < MIXED; i++) {
		paid += mixed[i].paid;
		refused += mixed[i].refused;
		others += mixed[i].others;
		client_close(&mixed[i].client);
	}
	api_ok(again > 0, "kills met sales on their way (%d were sent again)", again);
	api_ok(refused >= 2 * MIXED * KILLS && others >= 2 * MIXED * KILLS && paid >= MIXED * KILLS,
	       "between %d paid sales %d were refused and %d left open or cancelled", paid, refused, others);
	api_ok(server_stop(&server), "the server stops cleanly");
	api_ok(number(&server, "SELECT COUNT(DISTINCT terminal_id) FROM orders WHERE receipt_number > 0") == SELLERS + MIXED,
	       "all %d tills gave receipts", SELLERS + MIXED);
	api_ok(number(&server, BROKEN_TILLS("")) == 0, "each till's numbers count from 1 without gaps, each once");
	api_ok(number(&server, BROKEN_TILLS(" AND receipt_number <> 2")) == SELLERS + MIXED, "a gap would be found");
	sellers_free(&sellers);
	bench_shop_free(&shop);
	return api_end();
}
