/* The power is cut, over and over, while eight tills sell (see powercut_shim.c): after each cut the server finds only
 * what was synced, every second time with a random part of the rest. Nothing that was acknowledged may be lost, nothing
 * may be there twice, and the books must be clean. To show that the cut is one, the same is done to a server whose
 * database syncs less than qrtill asks for: that must lose. CYCLES sets how many cuts (40). */
#include "shared/clock.h"
#include "tests/lib/api.h"
#include "tests/lib/proof.h"
#include "tests/lib/sellers.h"
#include "tests/lib/tmp.h"

#include <inttypes.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATIENCE_MS 30000
#define SHORT_MS 300     /* for sellers whose server does not come back */
#define AUDIT_EVERY 5    /* cuts */
#define LEVEL_RUNS 5

static int64_t *first_keys; /* the sellers' numbers when the shop was made */

static void run(const char *command)
{
	if (system(command) != 0)
		fatal("%s", command);
}

/* The next program started is under the shim; NULL: no longer. `seed` 0: nothing unsynced is kept. */
static void shim_set(const struct test_server *s, const char *level, unsigned seed)
{
	char self[300], shim[400], text[16];
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);

	unsetenv("LD_PRELOAD");
	unsetenv("QRTILL_CUT_SYNC");
	if (s == NULL)
		return;
	self[n > 0 ? n : 0] = '\0';
	snprintf(shim, sizeof shim, "%s/powercut_shim.so", dirname(self));
	if (access(shim, R_OK) != 0)
		fatal("%s is missing", shim);
	snprintf(text, sizeof text, "%u", seed);
	setenv("QRTILL_CUT_DIR", s->dir, 1);
	setenv("QRTILL_CUT_KEEP_SEED", text, 1);
	if (level != NULL)
		setenv("QRTILL_CUT_SYNC", level, 1);
	setenv("LD_PRELOAD", shim, 1);
}

static void start_under_shim(struct test_server *s, const char *level)
{
	shim_set(s, level, 0);
	server_again(s);
	shim_set(NULL, NULL, 0);
}

/* The cut, and the disk as the machine finds it. */
static void cut(struct test_server *s, unsigned seed)
{
	server_kill(s);
	shim_set(s, NULL, seed);
	run("true");
	shim_set(NULL, NULL, 0);
}

/* The folder as it was when the shop was made, all of it on the disk. */
static void shop_again(struct test_server *s, struct bench_shop *shop)
{
	char command[600];

	snprintf(command, sizeof command, "rm -rf '%s' '%s.mirror' && cp -a '%s.made' '%s'", s->dir, s->dir, s->dir, s->dir);
	run(command);
	memcpy(shop->next_key, first_keys, (size_t)shop->tills * sizeof *first_keys);
}

/* One cut of a server that syncs at `level`: how many acknowledged sales are gone. */
static int64_t lost_at(struct test_server *s, struct bench_shop *shop, const char *level, int64_t *acknowledged)
{
	static struct sellers sellers;

	shop_again(s, shop);
	start_under_shim(s, level);
	sellers_start(&sellers, shop, s->till_port, SHORT_MS);
	for (int tries = 0; sellers.acknowledged < 100 && tries < 100; tries++)
		sellers_wait(&sellers, 100 - sellers.acknowledged);
	cut(s, 0);
	sellers_stop(&sellers);
	int64_t lost = sellers_lost(&sellers, s);
	*acknowledged += sellers.acknowledged;
	sellers_free(&sellers);
	return lost;
}

static void test_level(struct test_server *s, struct bench_shop *shop, const char *level, bool must_lose)
{
	int64_t lost = 0, acknowledged = 0;
	int losing = 0;

	for (int i = 0; i < LEVEL_RUNS; i++) {
		int64_t gone = lost_at(s, shop, level, &acknowledged);
		lost += gone;
		losing += gone > 0;
	}
	api_ok(must_lose ? losing > 0 : lost == 0, "syncs at level %s: %s", level, must_lose ? "loses" : "loses nothing");
	printf("# %s: lost %" PRId64 " of %" PRId64 " acknowledged sales, in %d of %d cuts\n", level, lost, acknowledged,
	       losing, LEVEL_RUNS);
}

static void test_cuts(struct test_server *s, struct bench_shop *shop, int cycles)
{
	static struct sellers sellers;
	int64_t dirty = 0, started_ms = clock_mono_ms();
	unsigned seed = (unsigned)(getenv("QRTILL_SEED") ? atoi(getenv("QRTILL_SEED")) : 20261121);
	struct audit_report r = { 0 };

	printf("# seed %u\n", seed);
	shop_again(s, shop);
	start_under_shim(s, NULL);
	sellers_start(&sellers, shop, s->till_port, PATIENCE_MS);
	for (int i = 1; i <= cycles; i++) {
		sellers_wait(&sellers, 1 + rand_r(&seed) % 200);
		usleep((unsigned)rand_r(&seed) % 2000);
		cut(s, i % 2 == 0 ? (unsigned)rand_r(&seed) | 1 : 0);
		if (i % AUDIT_EVERY == 0) {
			dirty += audit_problems(s, &r) != 0;
			audit_free(&r);
		}
		start_under_shim(s, NULL);
	}
	sellers_stop(&sellers);
	api_ok(dirty == 0, "the books are clean right after each %dth of %d cuts", AUDIT_EVERY, cycles);
	api_ok(sellers_answered(&sellers), "every request was answered well, and the same way when asked again");
	api_ok(server_stop(s), "the server stops cleanly");
	api_ok(sellers_same(&sellers, s), "orders on the disk are those that were acknowledged, each once");
	api_ok(audit_problems(s, &r) == 0 && r.journals > sellers.acknowledged, "the books are clean at the end");
	printf("# %d cuts, %ld acknowledged sales, lost: %" PRId64 ", %" PRId64 " ms\n", cycles, (long)sellers.acknowledged,
	       sellers_lost(&sellers, s), clock_mono_ms() - started_ms);
	proof_say("powercut", cycles, sellers_lost(&sellers, s), "acknowledged=%ld", (long)sellers.acknowledged);
	audit_free(&r);
	sellers_free(&sellers);
}

int main(void)
{
	struct test_server server;
	struct bench_shop shop;
	struct bench_shop_size size = { .tills = SELLERS, .items = 50, .cards = 60, .customers = 20, .shares = 4 };
	char command[400];

	server_start(&server, "cut", NULL);
	bench_shop_make(&shop, &size, server.socket, server.till_port, server.phone_port);
	first_keys = xcalloc((size_t)shop.tills, sizeof *first_keys);
	memcpy(first_keys, shop.next_key, (size_t)shop.tills * sizeof *first_keys);
	api_ok(server_stop(&server), "a shop is made");
	snprintf(command, sizeof command, "mv '%s' '%s.made'", server.dir, server.dir);
	run(command);
	test_level(&server, &shop, "FULL", false);
	test_level(&server, &shop, "NORMAL", true);
	test_level(&server, &shop, "OFF", true);
	test_cuts(&server, &shop, getenv("CYCLES") ? atoi(getenv("CYCLES")) : 40);
	free(first_keys);
	bench_shop_free(&shop);
	return api_end();
}
