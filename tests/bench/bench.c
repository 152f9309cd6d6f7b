/* bench: the server's figures. One settlement is a POST of an order with three lines, paid by a prepaid card, with points
 * and three rebate levels: see shop.c. The load generator runs on the same cores as the server. Prints a table and
 * writes build/bench.json.
 *
 *   bench [--quick]      shorter runs, 100,000 settlements in place of 1,000,000; the keys stay the same
 *   bench --settle=S     only settle, for S seconds, and print rate and CPU: for a profiler beside it */
#include "shared/buf.h"
#include "shared/clock.h"
#include "tests/bench/durable.h"
#include "tests/bench/event.h"
#include "tests/bench/figures.h"
#include "tests/bench/import.h"
#include "tests/bench/load.h"
#include "tests/bench/outage.h"
#include "tests/bench/pgbench.h"
#include "tests/bench/process.h"
#include "tests/bench/promo.h"
#include "tests/bench/report.h"
#include "tests/bench/shop.h"
#include "tests/bench/till.h"
#include "tests/lib/server.h"
#include "tests/lib/tmp.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MB (1024.0 * 1024.0)

static const struct plan {
	int rounds;
	int64_t settle_ms, steady_ms;
	int pgbench_s;
	int64_t many; /* settlements in the file for growth_ratio */
	struct bench_shop_size shop;
} full = { .rounds = 3, .settle_ms = 10000, .steady_ms = 20000, .pgbench_s = 8, .many = 1000000,
	   .shop = { .tills = 256, .items = 1000, .cards = 100000, .customers = 2000, .shares = 300 } },
  quick = { .rounds = 3, .settle_ms = 3000, .steady_ms = 5000, .pgbench_s = 3, .many = 100000,
	    .shop = { .tills = 256, .items = 1000, .cards = 100000, .customers = 500, .shares = 100 } };

static struct bench {
	const struct plan *plan;
	struct test_server server;
	struct bench_shop shop;
	uint64_t random;
	int64_t settled;
} bench = { .random = UINT64_C(20261121) };

static bool make_sale(void *ctx, int till, int64_t serial, struct buf *out)
{
	struct bench *b = ctx;
	(void)serial;
	bench_shop_sale(&b->shop, till, &b->random, out);
	return true;
}

/* Settle; every request must be answered with success. */
static void settle(int connections, int64_t requests, int64_t duration_ms, int64_t rate, struct load_result *r)
{
	struct load_options o = { .port = bench.server.till_port, .connections = connections, .requests = requests,
		                  .duration_ms = duration_ms, .rate = rate, .make = make_sale, .ctx = &bench };

	if (load_run(&o, r) != QT_OK)
		fatal("bench: the server does not answer");
	if (r->refused > 0 || r->lost > 0)
		fatal("bench: %" PRId64 " refused, %" PRId64 " lost: %s", r->refused, r->lost, r->first_refusal);
	bench.settled += r->answered;
}

static double rate_of(const struct load_result *r)
{
	return r->seconds > 0 ? (double)r->answered / r->seconds : 0;
}

/* Rate over a fixed number of settlements, the median of three runs. */
static double rate_now(int64_t requests)
{
	double rates[3];
	struct load_result r;

	for (int i = 0; i < 3; i++) {
		settle(64, requests, 0, 0, &r);
		rates[i] = rate_of(&r);
	}
	double low = rates[0] < rates[1] ? rates[0] : rates[1], high = rates[0] < rates[1] ? rates[1] : rates[0];
	return rates[2] < low ? low : rates[2] > high ? high : rates[2];
}

static void settle_rounds(void)
{
	struct load_result r;

	for (int i = 0; i < bench.plan->rounds; i++) {
		int64_t cpu = process_cpu_ns(bench.server.pid);
		settle(64, 0, bench.plan->settle_ms, 0, &r);
		cpu = process_cpu_ns(bench.server.pid) - cpu;
		figure_add("settle_per_s", rate_of(&r));
		figure_add("cpu_us_per_settlement", (double)cpu / 1000 / (double)r.answered);
		double ours = rate_of(&r);
		settle(256, 0, bench.plan->settle_ms, 0, &r);
		figure_add("settle_per_s_c256", rate_of(&r));
		double theirs = pgbench_run(bench.plan->pgbench_s);
		if (theirs > 0) {
			figure_add("pgbench_tpcb_per_s", theirs);
			figure_add("ratio_vs_pgbench", ours / theirs);
		}
		fprintf(stderr, "# round %d: %.0f settlements/s, %.0f pgbench transactions/s\n", i + 1, ours, theirs);
	}
}

static void steady_rounds(void)
{
	struct load_result r;

	for (int i = 0; i < bench.plan->rounds; i++) {
		settle(64, 0, bench.plan->steady_ms, 200, &r);
		figure_add("p50_ms_at_200", (double)r.p50_us / 1000);
		figure_add("p99_ms_at_200", (double)r.p99_us / 1000);
	}
}

static int64_t database_bytes(void)
{
	char path[160];
	snprintf(path, sizeof path, "%s/qrtill.db", bench.server.dir);
	return file_bytes(path);
}

/* Stop and start: everything is in the file then, nothing in its log. */
static int64_t bytes_at_rest(void)
{
	if (!server_stop(&bench.server))
		fatal("bench: the server did not stop cleanly");
	int64_t bytes = database_bytes();
	server_again(&bench.server);
	return bytes;
}

static void check_durability(void)
{
	struct load_result r;
	struct durable seen;

	if (!durable_begin(bench.server.pid)) {
		fprintf(stderr, "# strace cannot watch here: durability is not checked\n");
		return;
	}
	settle(64, 3000, 0, 0, &r);
	durable_end(&seen);
	fprintf(stderr, "# strace: %" PRId64 " answers, %" PRId64 " before their fdatasync, %" PRId64 " fdatasyncs\n",
	        seen.answers, seen.early, seen.fdatasyncs);
	figure_add("early_answers", seen.answers >= 3000 ? (double)seen.early : 3000);
	figure_add("settlements_per_fdatasync", seen.fdatasyncs ? (double)seen.answers / (double)seen.fdatasyncs : 0);
}

static int settle_only(int seconds)
{
	struct load_result r;
	int64_t cpu = process_cpu_ns(bench.server.pid);

	fprintf(stderr, "# settling for %d s; the server is process %d\n", seconds, (int)bench.server.pid);
	settle(64, 0, seconds * INT64_C(1000), 0, &r);
	cpu = process_cpu_ns(bench.server.pid) - cpu;
	printf("%.0f settlements/s, %.1f us CPU each, p50 %.2f ms, p99 %.2f ms\n", rate_of(&r),
	       (double)cpu / 1000 / (double)r.answered, (double)r.p50_us / 1000, (double)r.p99_us / 1000);
	server_stop(&bench.server);
	return 0;
}

int main(int argc, char **argv)
{
	int seconds = 0;
	static const char *const flags[] = { "--rate-limit=0", "--access-log=false", "--connections-per-address=0", NULL };
	struct load_result r;

	if (argc > 1)
		sscanf(argv[1], "--settle=%d", &seconds);
	bench.plan = seconds > 0 || (argc > 1 && strcmp(argv[1], "--quick") == 0) ? &quick : &full;
	server_start(&bench.server, "bench", flags);
	figure_add("rss_idle_mb", (double)process_rss_bytes(bench.server.pid) / MB);
	bench_shop_make(&bench.shop, &bench.plan->shop, bench.server.socket, bench.server.till_port, bench.server.phone_port);
	if (seconds > 0)
		return settle_only(seconds);
	if (!pgbench_start())
		fprintf(stderr, "# no PostgreSQL to compare with\n");

	bench_event(&bench.shop, bench.server.till_port, bench.server.phone_port, 21);
	int64_t bytes = bytes_at_rest();
	settle(64, 10000, 0, 0, &r);
	double few = rate_now(10000);
	check_durability();
	settle_rounds();
	steady_rounds();
	if (bench.settled < bench.plan->many)
		settle(64, bench.plan->many - bench.settled, 0, 0, &r);
	figure_add("growth_ratio", rate_now(10000) / few);
	figure_add("rss_1m_mb", (double)process_rss_bytes(bench.server.pid) / MB);
	figure_add("bytes_per_settlement", (double)(bytes_at_rest() - bytes) / (double)bench.settled);
	pgbench_stop();
	bench_report(&bench.server, bench.shop.merchant_id);
	server_stop(&bench.server);
	bench_shop_free(&bench.shop);
	const char *bin = getenv("QRTILL_BIN");
	bench_promo(7);
	bench_import(bin ? bin : "build/bin", test_folder(), 3);
	bench_outage(bin ? bin : "build/bin", test_folder(), 3);
	bench_till(bin ? bin : "build/bin", test_folder(), 7);
	fprintf(stderr, "# %" PRId64 " settlements\n", bench.settled);
	figures_print();
	if (figures_write("build/bench.json") != 0)
		fatal("build/bench.json: %s", strerror(errno));
	return 0;
}
