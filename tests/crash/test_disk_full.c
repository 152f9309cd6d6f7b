/* A real full disk under a server that sells: changes are refused (disk-full), reads and the audit are answered, nothing
 * is half done; when there is room again it sells on without a restart, and what was refused is there once. FULLS sets how
 * often the disk fills up (4). Left out where no file system can be mounted. */
#include "server/store/db.h"
#include "tests/lib/api.h"
#include "tests/lib/proof.h"
#include "tests/lib/sellers.h"
#include "tests/lib/small_disk.h"
#include "tests/lib/tmp.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MEGABYTES 16 /* and three more for each time */
#define PATIENCE_MS 10000
#define REFUSALS 30   /* while it is full */
#define SALES 30      /* when there is room again */
#define SALES_MAX 2000 /* until it is full */

static struct test_server server;
static struct bench_shop shop;
static struct client till;
static uint64_t random_state = 88172645463325252u;
static int64_t sold, refused, wrong;

/* A sale that must be taken. */
static bool sell(const struct buf *request)
{
	bool good = client_send(&till, request, PATIENCE_MS) && till.status / 100 == 2;

	sold += good;
	if (!good)
		printf("# a sale: %d %.200s\n", till.status, till.body ? till.body : "");
	return good;
}

/* Sales until one is refused, which stays in `request`. */
static bool sell_until_full(struct buf *request)
{
	for (int i = 0; i < SALES_MAX; i++) {
		buf_reset(request);
		bench_shop_sale(&shop, 0, &random_state, request);
		if (!client_try(&till, request))
			return false;
		if (till.status / 100 != 2)
			return till.status == 507 && strstr(till.body, "\"disk-full\"") != NULL;
		sold++;
	}
	return false;
}

/* The same sale and further ones are refused again and again. */
static bool refuses_on(const struct buf *request)
{
	bool good = true;

	for (int i = 0; i < REFUSALS; i++) {
		bool no = client_try(&till, request) && till.status == 507;
		if (!no)
			printf("# while full: %d %.200s\n", till.status, till.body ? till.body : "");
		refused += no;
		good = good && no;
	}
	return good;
}

static void while_full(void)
{
	static const struct step steps[] = {
		{ "orders are listed", "operator:merchant", GET, "/v1/orders?limit=50", .check = { { "orders[0].order_id", "<any>" } } },
		{ "items too", "operator:merchant", GET, "/v1/items?limit=5", .check = { { "items", "<5 items>" } } },
		{ "the audit runs, and is clean", "operator", POST, "/v1/audit", "{}", .check = { { "clean", "true" } },
		  .within_ms = 3000 },
		{ "a backup has no room", "operator", POST, "/v1/backup", "{\"path\":\"${folder}/copy.db\"}", .status = 507,
		  .error = "disk-full" },
	};
	char path[200];

	API_RUN(steps);
	snprintf(path, sizeof path, "%s/copy.db", server.dir);
	bool nothing = access(path, F_OK) != 0;
	snprintf(path, sizeof path, "%s/copy.db.part", server.dir);
	api_ok(nothing && access(path, F_OK) != 0, "and leaves nothing");
}

static void fill_once(int round)
{
	struct buf request = { 0 };

	small_disk_fill(server.dir, 40000L * (round % 4));
	bool good = api_ok(sell_until_full(&request), "the disk fills up in the middle of sales: disk-full");
	small_disk_fill(server.dir, 0);
	good = api_ok(refuses_on(&request), "refused as long as it is full") && good;
	while_full();
	if (round % 4 == 3) {
		server_kill(&server); /* and what a crash finds there */
		small_disk_free(server.dir);
		server_again(&server);
		api_begin(&server);
	} else {
		small_disk_free(server.dir);
	}
	good = api_ok(sell(&request), "with room again, the sale that was refused is taken") && good;
	for (int i = 0; i < SALES && good; i++) {
		buf_reset(&request);
		bench_shop_sale(&shop, 0, &random_state, &request);
		good = sell(&request);
	}
	wrong += !api_ok(good, "and %d more", SALES);
	buf_free(&request);
}

static int64_t orders_in_file(void)
{
	SQL(count, "SELECT COUNT(*) FROM orders");
	char path[200];
	struct db *db;
	int64_t n = -1;

	snprintf(path, sizeof path, "%s/qrtill.db", server.dir);
	if (db_open(path, DB_READ, &db, NULL) != QT_OK || db_one(db, &count, "", "i", &n) != QT_OK)
		return -1;
	db_close(db);
	return n;
}

int main(void)
{
	struct bench_shop_size size = { .tills = 1, .items = 50, .cards = 20, .customers = 20, .shares = 4 };
	struct audit_report r = { 0 };
	int rounds = proof_rounds("FULLS", 4);
	char folder[200];

	snprintf(folder, sizeof folder, "%s/full", test_folder());
	if (!small_disk_mount(folder, MEGABYTES + 3 * rounds)) {
		printf("ok 1 # SKIP no file system can be mounted here\n1..1\n");
		return 0;
	}
	server_start(&server, "full", NULL);
	api_begin(&server);
	bench_shop_make(&shop, &size, server.socket, server.till_port, server.phone_port);
	api_set("merchant", "%lld", (long long)shop.merchant_id);
	api_set("folder", "%s", server.dir);
	client_open(&till, server.till_port);
	struct buf request = { 0 };
	bench_shop_sale(&shop, 0, &random_state, &request);
	api_ok(sell(&request), "a sale");
	buf_free(&request);
	for (int i = 0; i < rounds; i++)
		fill_once(i);
	api_ok(server_stop(&server), "the server stops cleanly");
	api_ok(orders_in_file() == sold, "each of %lld sales is there once", (long long)sold);
	api_ok(audit_problems(&server, &r) == 0, "the books are clean");
	proof_say("full", rounds, wrong + r.problem_count, "refused=%lld sales=%lld", (long long)refused, (long long)sold);
	audit_free(&r);
	client_close(&till);
	bench_shop_free(&shop);
	small_disk_unmount(folder);
	return api_end();
}
