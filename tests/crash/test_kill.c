/* A real server is killed (SIGKILL) over and over while eight tills sell. Each till asks again with the same bytes until
 * it is answered. Nothing that was acknowledged may be lost, nothing may be there twice, and the books must be clean,
 * also as they lie on the disk right after a kill. QRTILL_KILLS sets how often (200). */
#include "shared/clock.h"
#include "tests/lib/api.h"
#include "tests/lib/proof.h"
#include "tests/lib/sellers.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define PATIENCE_MS 30000
#define ACKS_PER_ROUND 16  /* at least, so that each kill meets work */
#define AUDIT_EVERY 20     /* kills */

static void kill_rounds(struct test_server *s, struct sellers *sellers, int kills)
{
	int64_t dirty = 0, started_ms = clock_mono_ms();
	unsigned seed = (unsigned)(getenv("QRTILL_SEED") ? atoi(getenv("QRTILL_SEED")) : 20261121);
	struct audit_report r = { 0 };

	printf("# seed %u\n", seed);
	for (int round = 1; round <= kills; round++) {
		/* Somewhere in the middle of work: after a number of answers, and some microseconds more. */
		sellers_wait(sellers, ACKS_PER_ROUND + rand_r(&seed) % 64);
		usleep((unsigned)rand_r(&seed) % 2000);
		server_kill(s);
		if (round % AUDIT_EVERY == 0) {
			dirty += audit_problems(s, &r) != 0;
			audit_free(&r);
		}
		server_again(s);
	}
	api_ok(dirty == 0, "the books are clean right after each %dth of %d kills", AUDIT_EVERY, kills);
	printf("# %d kills, %ld answers, %" PRId64 " ms\n", kills, (long)sellers->acknowledged,
	       clock_mono_ms() - started_ms);
}

int main(void)
{
	static struct sellers sellers;
	struct test_server server;
	struct bench_shop shop;
	struct bench_shop_size size = { .tills = SELLERS, .items = 50, .cards = 60, .customers = 20, .shares = 4 };
	struct audit_report r = { 0 };
	int kills = getenv("QRTILL_KILLS") ? atoi(getenv("QRTILL_KILLS")) : 200;

	server_start(&server, "kill", NULL);
	bench_shop_make(&shop, &size, server.socket, server.till_port, server.phone_port);
	sellers_start(&sellers, &shop, server.till_port, PATIENCE_MS);
	kill_rounds(&server, &sellers, kills);
	int again = sellers_stop(&sellers);
	api_ok(sellers_answered(&sellers),
	       "every request was answered well, and the same way when asked again (%d had to be sent again)", again);
	api_ok(again > 0, "kills met requests on their way");
	api_ok(server_stop(&server), "the server stops cleanly");
	api_ok(sellers_same(&sellers, &server), "orders on the disk are those that were acknowledged, each once");
	api_ok(audit_problems(&server, &r) == 0 && r.journals > sellers.acknowledged, "the books are clean at the end");
	proof_say("kill", kills, sellers_lost(&sellers, &server), "acknowledged=%ld", (long)sellers.acknowledged);
	audit_free(&r);
	sellers_free(&sellers);
	bench_shop_free(&shop);
	return api_end();
}
