/* bench_ledger: what the store and the ledger alone cost, without HTTP and sales. Not part of the checks.
 *     bench_ledger [JOURNALS [ACCOUNTS [GROUP]]]
 * Writes journals of 9 postings like a settlement's, with a document of 400 bytes, in groups of GROUP, into a fresh
 * file in the present folder, and prints rate, CPU and bytes per journal, in ten steps. */
#include "server/ledger_state.h"
#include "server/store/migrate.h"
#include "server/store/seal.h"
#include "server/store/tx.h"
#include "shared/clock.h"
#include "tests/lib/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define USD 840
#define MERCHANTS 20

static int64_t cpu_us(void)
{
	struct rusage u;
	getrusage(RUSAGE_SELF, &u);
	return (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * INT64_C(1000000) + u.ru_utime.tv_usec + u.ru_stime.tv_usec;
}

static int64_t open_account(struct db *db, enum account_kind kind, int64_t owner, int64_t unit)
{
	int64_t id;
	if (ledger_account(db, kind, owner, unit, &id) != QT_OK)
		fatal("account");
	return id;
}

static void post_one(struct db *db, unsigned *seed, int64_t accounts, int64_t n)
{
	static char document[400];
	int64_t m = rand_r(seed) % MERCHANTS + 1, unit = UNIT_POINTS_BASE + m;
	int64_t owner[5];
	for (int i = 0; i < 5; i++)
		owner[i] = ((int64_t)rand_r(seed) * 32768 + rand_r(seed)) % (accounts / 3) + 1;
	struct posting p[] = {
		{ open_account(db, ACCOUNT_CARD, owner[0], USD), -1500 }, { open_account(db, ACCOUNT_MERCHANT, m, USD), 1485 },
		{ open_account(db, ACCOUNT_FEE, 0, USD), 15 },            { open_account(db, ACCOUNT_PREFUND, m, USD), -75 },
		{ open_account(db, ACCOUNT_REBATE_HELD, owner[1], USD), 45 }, { open_account(db, ACCOUNT_REBATE_HELD, owner[2], USD), 20 },
		{ open_account(db, ACCOUNT_REBATE_HELD, owner[3], USD), 10 }, { open_account(db, ACCOUNT_POINTS, owner[4] % 5000, unit), 15 },
		{ open_account(db, ACCOUNT_POINTS_ISSUED, m, unit), -15 },
	};
	struct journal j = { .kind = JOURNAL_SALE, .merchant_id = m, .order_id = n, .actor_id = 1234, .at_ms = clock_now_ms(),
		.document = document, .document_len = sizeof document };
	struct problem problem = { 0 };
	if (ledger_post(db, &j, p, sizeof p / sizeof *p, &problem) != QT_OK)
		fatal("post: %s %s", problem.field, problem.detail);
}

static void fund(struct db *db, enum account_kind kind, int64_t owner, int64_t amount)
{
	struct journal j = { .kind = JOURNAL_CARD_TOP_UP };
	struct posting p[] = { { open_account(db, ACCOUNT_WORLD, 1, USD), -amount }, { open_account(db, kind, owner, USD), amount } };
	if (ledger_post(db, &j, p, 2, NULL) != QT_OK)
		fatal("fund");
}

int main(int argc, char **argv)
{
	int64_t journals = argc > 1 ? atoll(argv[1]) : 100000, accounts = argc > 2 ? atoll(argv[2]) : 100000;
	int group = argc > 3 ? atoi(argv[3]) : 40;
	const char *path = "bench_ledger.db";
	struct problem why = { 0 };
	struct db *db;
	unsigned seed = 1;
	struct stat st;

	unlink(path);
	unlink("bench_ledger.db-wal");
	unlink("bench_ledger.db-shm");
	if (db_open(path, DB_WRITE, &db, &why) != QT_OK || migrate_run(db, STORE_SCHEMA, &why) != QT_OK ||
	    ledger_open(db, &why) != QT_OK || seal_open(db, store_keys(), NULL, &why) != QT_OK)
		fatal("%s", why.detail);
	for (int64_t i = 1; i <= accounts / 3; i++) {
		if (i % 1000 == 1)
			db_begin(db);
		fund(db, ACCOUNT_CARD, i, 1000000);
		open_account(db, ACCOUNT_REBATE_HELD, i, USD);
		if (i <= MERCHANTS)
			fund(db, ACCOUNT_PREFUND, i, 100000000000);
		if ((i % 1000 == 0 || i == accounts / 3) && db_commit(db) != QT_OK)
			fatal("commit");
	}
	int64_t bytes0 = stat(path, &st) == 0 ? st.st_size : 0, first_bytes = bytes0;
	for (int step = 0; step < 10; step++) {
		int64_t cpu = cpu_us(), wall = clock_mono_us(), n = journals / 10, worst = 0;
		for (int64_t i = 0; i < n; i += group) {
			int64_t t = clock_mono_us();
			db_begin(db);
			for (int k = 0; k < group; k++)
				post_one(db, &seed, accounts, step * n + i + k + 1);
			if (db_commit(db) != QT_OK)
				fatal("commit");
			t = clock_mono_us() - t;
			worst = t > worst ? t : worst;
		}
		cpu = cpu_us() - cpu;
		wall = clock_mono_us() - wall;
		if (stat(path, &st) != 0)
			fatal("stat");
		printf("%9lld journals  %6.0f/s  cpu %5.2f us  bytes %lld  worst group %lld us\n", (long long)(step + 1) * n,
		       1e6 * (double)n / (double)wall, (double)cpu / (double)n, (long long)(st.st_size - bytes0) / n, (long long)worst);
		bytes0 = st.st_size;
	}
	printf("bytes per journal over all %lld\n", (long long)(bytes0 - first_bytes) / journals);
	int64_t t = clock_mono_us();
	db_close(db);
	if (db_open(path, DB_WRITE, &db, &why) != QT_OK || ledger_open(db, &why) != QT_OK)
		fatal("%s", why.detail);
	printf("start %lld ms\n", (long long)(clock_mono_us() - t) / 1000);
	db_close(db);
	return 0;
}
