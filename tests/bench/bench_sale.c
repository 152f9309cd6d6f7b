/* bench_sale: settlements alone, for looking into the server with a profiler. Not part of the checks or of the figures.
 *     bench_sale [SETTLEMENTS [CONNECTIONS [CARDS [RATE]]]]
 * Prints rate, server CPU and bytes per settlement in ten steps, then what reports over them as a year's take. QRTILL_BIN says where qrtilld is; with PERF set, its
 * value is run by the shell in step 5 with the server's process id in $PID. */
#include "tests/bench/load.h"
#include "tests/bench/figures.h"
#include "tests/bench/process.h"
#include "tests/bench/report.h"
#include "tests/bench/shop.h"
#include "tests/lib/server.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static struct bench_shop shop;
static uint64_t random_state = 20261121;

static bool make_sale(void *ctx, int till, int64_t serial, struct buf *out)
{
	(void)ctx, (void)serial;
	bench_shop_sale(&shop, till, &random_state, out);
	return true;
}

int main(int argc, char **argv)
{
	int64_t count = argc > 1 ? atoll(argv[1]) : 100000;
	struct bench_shop_size size = { .tills = argc > 2 ? atoi(argv[2]) : 64, .items = 1000,
		.cards = argc > 3 ? atoi(argv[3]) : 20000, .customers = 400, .shares = 100 };
	struct test_server server;
	char path[200], pid[20];

	server_start(&server, "sale", NULL);
	bench_shop_make(&shop, &size, server.socket, server.till_port, server.phone_port);
	snprintf(path, sizeof path, "%s/qrtill.db", server.dir);
	snprintf(pid, sizeof pid, "%d", (int)server.pid);
	setenv("PID", pid, 1);
	for (int step = 1; step <= 10; step++) {
		struct load_options o = { .port = server.till_port, .connections = size.tills, .requests = count / 10,
			.rate = argc > 4 ? atoll(argv[4]) : 0, .make = make_sale };
		struct load_result r;
		int64_t cpu = process_cpu_ns(server.pid), bytes = file_bytes(path);
		if (step == 5 && getenv("PERF") != NULL && system(getenv("PERF")) != 0)
			fprintf(stderr, "PERF failed\n");
		if (load_run(&o, &r) != QT_OK || r.refused > 0 || r.lost > 0)
			fatal("%" PRId64 " refused: %s", r.refused, r.first_refusal);
		printf("%8" PRId64 "  %6.0f/s  cpu %5.1f us  %4" PRId64 " bytes  p50 %5.2f p99 %6.2f max %6.2f ms  rss %" PRId64 " MB\n",
		       step * count / 10, (double)r.answered / r.seconds,
		       (double)(process_cpu_ns(server.pid) - cpu) / 1000 / (double)r.answered,
		       (file_bytes(path) - bytes) / r.answered, (double)r.p50_us / 1000, (double)r.p99_us / 1000,
		       (double)r.max_us / 1000, process_rss_bytes(server.pid) >> 20);
		fflush(stdout);
	}
	bench_report(&server, shop.merchant_id);
	printf("report_year_ms %.1f\n", figure_median("report_year_ms_1m"));
	bench_shop_free(&shop);
	return server_stop(&server) ? 0 : 1;
}
