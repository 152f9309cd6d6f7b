/* Backups while four tills sell: each copy is whole, clean by the auditor, and no younger than what was signed; a path that
 * cannot be used changes nothing; a server starts on the last copy and goes on. The drill, as an operator does it: qrtill
 * backup, qrtill restore into a new folder, a server there, its audit, a sale; BACKUPS sets how often (2). */
#include "server/audit.h"
#include "server/store/db.h"
#include "tests/bench/shop.h"
#include "tests/lib/api.h"
#include "tests/lib/client.h"
#include "tests/lib/proof.h"
#include "tests/lib/tmp.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CLIENTS 4 /* sell all the time; one more till sells to what was restored */
#define BACKUPS 5
#define SALES_BETWEEN 100
#define PATIENCE_MS 20000
#define PAUSE_US 8000 /* of a till between two sales: a busy shop, and a file that can be audited again and again */

static struct test_server server;
static struct bench_shop shop;
static atomic_bool stopping;
static atomic_long sold;

static void *till_run(void *arg)
{
	int till = (int)(intptr_t)arg;
	uint64_t random = 777 + (uint64_t)till;
	struct buf request = { 0 };
	struct client c;

	client_open(&c, server.till_port);
	while (!stopping) {
		buf_reset(&request);
		bench_shop_sale(&shop, till, &random, &request);
		if (!client_send(&c, &request, PATIENCE_MS) || c.status / 100 != 2)
			fatal("a sale failed: %d %s", c.status, c.body ? c.body : "");
		atomic_fetch_add(&sold, 1);
		usleep(PAUSE_US);
	}
	buf_free(&request);
	client_close(&c);
	return NULL;
}

static void copy_file(const char *from, const char *to)
{
	char piece[65536];
	size_t n;
	FILE *in = fopen(from, "r"), *out = fopen(to, "w");

	if (in == NULL || out == NULL)
		fatal("%s cannot be copied", from);
	while ((n = fread(piece, 1, sizeof piece, in)) > 0)
		if (fwrite(piece, 1, n, out) != n)
			fatal("%s cannot be written", to);
	fclose(in);
	if (fclose(out) != 0 || chmod(to, 0600) != 0)
		fatal("%s cannot be written", to);
}

/* Wait until the tills have sold some more, so that each copy is taken in the middle of work. */
static void let_sell(void)
{
	long from = sold;
	for (int tries = 0; sold - from < SALES_BETWEEN && tries < PATIENCE_MS; tries++)
		usleep(1000);
}

static void back_up_and_audit(const char *folder)
{
	static const struct step backup[] = {
		{ "a backup while tills sell", "operator", POST, "/v1/backup", "{\"path\":\"${folder}/qrtill.db\"}",
		  .check = { { "path", "${folder}/qrtill.db" }, { "bytes", "<any>" } } },
	};
	char path[200], heads[200];
	struct keyring keys;
	struct problem why = { 0 };
	struct audit_report r;
	struct audit_options o = { .keys = &keys, .heads_path = heads };

	/* Heads first: each must be in the copy that is taken after it. */
	snprintf(path, sizeof path, "%s/heads", server.dir);
	snprintf(heads, sizeof heads, "%s/heads", folder);
	copy_file(path, heads);
	long before = sold;
	API_RUN(backup);
	snprintf(path, sizeof path, "%s/keys.conf", folder);
	if (keyring_load(path, &keys, &why) != QT_OK)
		fatal("%s", why.detail);
	snprintf(path, sizeof path, "%s/qrtill.db", folder);
	if (audit_file(path, &o, &r, &why) != QT_OK)
		fatal("%s", why.detail);
	if (r.problem_count)
		audit_print(&r, stdout);
	api_ok(r.problem_count == 0 && r.heads > 0 && r.journals >= before, "the copy is clean and holds all that was sold");
	audit_free(&r);
}

/* A command of qrtill for the running server; its output goes to a file of the test. */
static bool command(const char *fmt, ...)
{
	char line[900];
	const char *bin = getenv("QRTILL_BIN");
	va_list ap;

	int n = snprintf(line, sizeof line, "QRTILL_SOCKET=%s %s/qrtill ", server.socket, bin ? bin : "build/bin");
	va_start(ap, fmt);
	n += vsnprintf(line + n, sizeof line - (size_t)n, fmt, ap);
	va_end(ap);
	snprintf(line + n, sizeof line - (size_t)n, " >>%s/commands.log 2>&1", test_folder());
	return system(line) == 0;
}

/* Orders the restored server has, as its dashboard would count them. */
static int64_t orders_in(const char *folder)
{
	SQL(count, "SELECT COUNT(*) FROM orders");
	char path[240];
	struct db *db;
	int64_t n = -1;

	snprintf(path, sizeof path, "%s/qrtill.db", folder);
	if (db_open(path, DB_READ, &db, NULL) != QT_OK || db_one(db, &count, "", "i", &n) != QT_OK)
		return -1;
	db_close(db);
	return n;
}

/* One drill while the tills sell on. */
static bool drill(int number, uint64_t *random)
{
	static const struct step audit[] = {
		{ "the restored books are clean", "operator", POST, "/v1/audit", NULL, .check = { { "clean", "true" } },
		  .within_ms = 3000 },
	};
	char name[32], copy[240], folder[200];
	struct test_server other;
	struct buf request = { 0 };
	struct client c;

	snprintf(name, sizeof name, "restored%d", number);
	snprintf(folder, sizeof folder, "%s/%s", test_folder(), name);
	snprintf(copy, sizeof copy, "%s.db", folder);
	let_sell();
	long before = sold;
	bool good = api_ok(command("backup %s", copy), "drill %d: qrtill backup while tills sell", number);
	good = api_ok(command("restore %s --data-dir %s --keys %s/keys.conf", copy, folder, server.dir), "qrtill restore") && good;
	good = api_ok(orders_in(folder) >= before, "it holds what was acknowledged before") && good;
	server_start(&other, name, NULL);
	api_begin(&other);
	good = api_holds(audit, 1) && good;
	bench_shop_sale(&shop, CLIENTS, random, &request);
	client_open(&c, other.till_port);
	good = api_ok(client_send(&c, &request, PATIENCE_MS) && c.status / 100 == 2, "it sells") && good;
	good = api_ok(api_holds(audit, 1) && server_stop(&other), "and its books are clean") && good;
	api_begin(&server);
	client_close(&c);
	buf_free(&request);
	unlink(copy);
	return good;
}

int main(void)
{
	static const struct step refusals[] = {
		{ "a relative path", "operator", POST, "/v1/backup", "{\"path\":\"copy.db\"}", .status = 422, .error = "bad-field",
		  .check = { { "field", "path" } } },
		{ "a folder that is not there", "operator", POST, "/v1/backup", "{\"path\":\"/nowhere/copy.db\"}", .status = 422,
		  .error = "bad-field", .check = { { "field", "path" } } },
		{ "no path", "operator", POST, "/v1/backup", "{}", .status = 422, .error = "missing-field",
		  .check = { { "field", "path" } } },
		{ "not for strangers", "", POST, "/v1/backup", "{\"path\":\"/tmp/copy.db\"}", .status = 401,
		  .error = "not-signed-in" },
	};
	static const struct step after[] = {
		{ "the books of the restored server are clean", "operator", POST, "/v1/audit", NULL,
		  .check = { { "clean", "true" } } },
	};
	struct bench_shop_size size = { .tills = CLIENTS + 1, .items = 20, .cards = 50, .customers = 20, .shares = 4 };
	pthread_t threads[CLIENTS];
	char folder[sizeof server.dir], from[200], to[200];
	struct test_server restored;

	server_start(&server, "backup", NULL);
	api_begin(&server);
	bench_shop_make(&shop, &size, server.socket, server.till_port, server.phone_port);
	snprintf(folder, sizeof folder, "%.80s.copy", server.dir);
	if (mkdir(folder, 0700) != 0)
		fatal("%s cannot be made", folder);
	snprintf(from, sizeof from, "%s/keys.conf", server.dir);
	snprintf(to, sizeof to, "%s/keys.conf", folder);
	copy_file(from, to);
	api_set("folder", "%s", folder);
	for (int i = 0; i < CLIENTS; i++)
		if (pthread_create(&threads[i], NULL, till_run, (void *)(intptr_t)i) != 0)
			fatal("no thread");
	for (int i = 0; i < BACKUPS; i++) {
		let_sell();
		back_up_and_audit(folder);
	}
	API_RUN(refusals);
	uint64_t drill_random = 99;
	int drills = proof_rounds("BACKUPS", 2), bad = 0;
	for (int i = 0; i < drills; i++)
		bad += !drill(i + 1, &drill_random);
	proof_say("backup", drills, bad, "sold_meanwhile=%ld", (long)sold);
	stopping = true;
	for (int i = 0; i < CLIENTS; i++)
		pthread_join(threads[i], NULL);
	api_ok(server_stop(&server), "the server stops cleanly");

	restored = server; /* the same ports, so that the tills find it */
	memcpy(restored.dir, folder, sizeof folder);
	server_again(&restored);
	api_begin(&restored);
	API_RUN(after);
	struct client c;
	struct buf request = { 0 };
	uint64_t random = 5;
	client_open(&c, restored.till_port);
	bench_shop_sale(&shop, 0, &random, &request);
	api_ok(client_send(&c, &request, PATIENCE_MS) && c.status / 100 == 2, "it sells on");
	API_RUN(after);
	api_ok(server_stop(&restored), "it stops cleanly");
	buf_free(&request);
	client_close(&c);
	bench_shop_free(&shop);
	return api_end();
}
