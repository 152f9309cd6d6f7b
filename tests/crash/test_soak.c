/* A server sells at a steady rate for a long time: every sale is answered well, memory does not grow once it is warm, the
 * descriptors stay the same, the books are clean. SOAK_SECONDS sets how long (20; growth is judged from 300 on),
 * SOAK_RATE how many sales a second (200). */
#include "shared/clock.h"
#include "tests/lib/api.h"
#include "tests/lib/proof.h"
#include "tests/lib/sellers.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TILLS 8
#define JUDGED_SECONDS 300
#define GROWTH_PER_MILLE 10  /* of the memory, over the second half */
#define PATIENCE_MS 20000
#define SAMPLES_MAX 100000

static struct test_server server;
static struct bench_shop shop;
static atomic_bool stopping;
static atomic_long sold, failed;
static int64_t gap_us; /* between two sales of one till */

static void *till_run(void *arg)
{
	int till = (int)(intptr_t)arg;
	uint64_t random = 4242 + (uint64_t)till;
	int64_t next_us = clock_mono_us() + gap_us * till / TILLS;
	struct buf request = { 0 };
	struct client c;

	client_open(&c, server.till_port);
	while (!stopping) {
		int64_t now_us = clock_mono_us();
		if (now_us < next_us) {
			usleep((unsigned)(next_us - now_us));
			continue;
		}
		next_us += gap_us; /* behind its time it sells without a pause */
		buf_reset(&request);
		bench_shop_sale(&shop, till, &random, &request);
		if (client_send(&c, &request, PATIENCE_MS) && c.status / 100 == 2)
			atomic_fetch_add(&sold, 1);
		else if (atomic_fetch_add(&failed, 1) == 0)
			printf("# a sale: %d %.200s\n", c.status, c.body ? c.body : "");
	}
	buf_free(&request);
	client_close(&c);
	return NULL;
}

/* Memory that is the server's own, in KiB. */
static int64_t memory_kib(void)
{
	char path[64], line[200];
	int64_t kib = 0;

	snprintf(path, sizeof path, "/proc/%d/status", (int)server.pid);
	FILE *f = fopen(path, "r");
	while (f != NULL && fgets(line, sizeof line, f) != NULL)
		if (strncmp(line, "RssAnon:", 8) == 0)
			kib = atoll(line + 8);
	if (f != NULL)
		fclose(f);
	return kib;
}

static int descriptors(void)
{
	char path[64];
	int count = -2; /* the folder's own entries */

	snprintf(path, sizeof path, "/proc/%d/fd", (int)server.pid);
	DIR *d = opendir(path);
	while (d != NULL && readdir(d) != NULL)
		count++;
	if (d != NULL)
		closedir(d);
	return count;
}

/* Least squares over samples a second apart: by how many thousandths of their mean they grow from first to last. */
static int64_t growth_per_mille(const int64_t *kib, int count)
{
	double mean_t = (count - 1) / 2.0, mean = 0, above = 0, below = 0;

	for (int i = 0; i < count; i++)
		mean += (double)kib[i] / count;
	for (int i = 0; i < count; i++) {
		above += (i - mean_t) * ((double)kib[i] - mean);
		below += (i - mean_t) * (i - mean_t);
	}
	return below > 0 && mean > 0 ? (int64_t)(above / below * (count - 1) / mean * 1000) : 0;
}

int main(void)
{
	static int64_t kib[SAMPLES_MAX];
	struct bench_shop_size size = { .tills = TILLS, .items = 50, .cards = 100, .customers = 50, .shares = 4 };
	int seconds = proof_rounds("SOAK_SECONDS", 20), rate = proof_rounds("SOAK_RATE", 200), least = 0, most = 0;
	struct audit_report r = { 0 };
	pthread_t threads[TILLS];

	seconds = seconds < SAMPLES_MAX ? seconds : SAMPLES_MAX;
	gap_us = INT64_C(1000000) * TILLS / rate;
	server_start(&server, "soak", NULL);
	bench_shop_make(&shop, &size, server.socket, server.till_port, server.phone_port);
	int64_t began_ms = clock_mono_ms();
	for (int i = 0; i < TILLS; i++)
		if (pthread_create(&threads[i], NULL, till_run, (void *)(intptr_t)i) != 0)
			fatal("no thread");
	for (int i = 0; i < seconds; i++) {
		usleep(1000000);
		kib[i] = memory_kib();
		int now = descriptors();
		if (i >= seconds / 2) {
			least = least == 0 || now < least ? now : least;
			most = now > most ? now : most;
		}
	}
	int64_t passed_ms = clock_mono_ms() - began_ms, growth = growth_per_mille(kib + seconds / 2, seconds - seconds / 2);
	stopping = true;
	for (int i = 0; i < TILLS; i++)
		pthread_join(threads[i], NULL);
	bool well = api_ok(failed == 0 && sold > 0, "each of %ld sales was answered well", (long)sold);
	well = api_ok(most - least <= 1, "the descriptors stay the same: %d to %d", least, most) && well; /* a file is reopened now and then */
	if (seconds >= JUDGED_SECONDS)
		well = api_ok(growth < GROWTH_PER_MILLE, "memory grows by %" PRId64 " thousandths in the second half", growth) && well;
	well = api_ok(server_stop(&server), "the server stops cleanly") && well;
	well = api_ok(audit_problems(&server, &r) == 0 && r.journals >= sold, "the books are clean") && well;
	proof_say("soak", sold, !well, "per_second=%" PRId64 " memory_kib=%" PRId64 " growth_per_mille=%" PRId64 " descriptors=%d",
	          (int64_t)sold * 1000 / passed_ms, kib[seconds - 1], growth, most);
	audit_free(&r);
	bench_shop_free(&shop);
	return api_end();
}
