/* The writer: groups, refusals, replays, a full queue, a full disk, failing syncs, many threads. */
#include "server/ledger_state.h"
#include "server/store/tx.h"
#include "server/store/writer.h"
#include "tests/lib/faultfs.h"
#include "tests/lib/store.h"

#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define USD 840

static int64_t world = 1, card = 2; /* made first, so that ids are known */

static enum qt_err open_accounts(void *ctx, struct db *db)
{
	(void)ctx;
	enum qt_err err = ledger_account(db, ACCOUNT_WORLD, 1, USD, &world);
	return err == QT_OK ? ledger_account(db, ACCOUNT_CARD, 1, USD, &card) : err;
}

static enum qt_err add_to_card(struct db *db, int64_t amount)
{
	struct journal j = { .kind = JOURNAL_CARD_TOP_UP };
	struct posting postings[] = { { world, -amount }, { card, amount } };
	return ledger_post(db, &j, postings, 2, NULL);
}

static struct writer *start(const char *name, int queue_max)
{
	struct writer_options o = { .path = store_path(name), .queue_max = queue_max, .schema_dir = STORE_SCHEMA,
	                            .keys = store_keys() };
	struct writer *w;
	struct problem why = { 0 };

	if (writer_start(&o, &w, &why) != QT_OK)
		fail_msg("%s", why.detail);
	assert_int_equal(writer_run(w, open_accounts, NULL), QT_OK);
	return w;
}

static int64_t card_balance(const char *name)
{
	struct db *db;
	int64_t value = 0;
	assert_int_equal(db_open(store_path(name), DB_READ, &db, NULL), QT_OK);
	assert_int_equal(ledger_balance(db, card, &value), QT_OK);
	db_close(db);
	return value;
}

/* A job whose wishes are in the struct. */
struct wish {
	struct job job;
	int64_t amount;          /* 0: no write */
	enum qt_err result;      /* after the write */
	sem_t *wait;             /* before anything */
	enum qt_err got;
	int runs;
	sem_t *finished;
	struct db *reader;       /* asked in done, when set */
	int64_t seen;            /* the card's balance then */
};

static enum qt_err wish_run(struct job *job, struct db *db)
{
	struct wish *w = (struct wish *)job;

	if (w->runs++ == 0 && w->wait != NULL)
		sem_wait(w->wait);
	enum qt_err err = w->amount ? add_to_card(db, w->amount) : QT_OK;
	return err == QT_OK ? w->result : err;
}

static void wish_done(struct job *job, enum qt_err err)
{
	struct wish *w = (struct wish *)job;

	w->got = err;
	if (w->reader != NULL && ledger_balance(w->reader, card, &w->seen) != QT_OK)
		w->seen = -1;
	sem_post(w->finished);
}

/* Submit all behind a job that waits, so that they meet in the queue; wait for all. */
static void run_wishes(struct writer *writer, struct wish *wishes, int count)
{
	sem_t gate, finished;
	sem_init(&gate, 0, 0);
	sem_init(&finished, 0, 0);
	struct wish first = { .job = { wish_run, wish_done, NULL }, .wait = &gate, .finished = &finished };

	assert_int_equal(writer_submit(writer, &first.job), QT_OK);
	for (int i = 0; i < count; i++) {
		wishes[i].job = (struct job){ wish_run, wish_done, NULL };
		wishes[i].finished = &finished;
		assert_int_equal(writer_submit(writer, &wishes[i].job), QT_OK);
	}
	sem_post(&gate);
	for (int i = 0; i < count + 1; i++)
		sem_wait(&finished);
	sem_destroy(&gate);
	sem_destroy(&finished);
}

static void test_groups_share_a_commit(void **state)
{
	enum { JOBS = 300 };
	static struct wish wishes[JOBS];
	struct writer_stats before, after;
	struct db *reader;
	(void)state;
	struct writer *w = start("groups", 1000);

	assert_int_equal(db_open(store_path("groups"), DB_READ, &reader, NULL), QT_OK);
	memset(wishes, 0, sizeof wishes);
	for (int i = 0; i < JOBS; i++) {
		wishes[i].amount = 1;
		wishes[i].reader = reader;
	}
	writer_stats(w, &before);
	run_wishes(w, wishes, JOBS);
	writer_stats(w, &after);
	assert_int_equal(after.jobs - before.jobs, JOBS + 1);
	assert_in_range(after.commits - before.commits, 2, 4);
	/* done comes after the commit: what the job wrote can be read. */
	for (int i = 0; i < JOBS; i++) {
		assert_int_equal(wishes[i].got, QT_OK);
		assert_int_equal(wishes[i].runs, 1);
		assert_true(wishes[i].seen >= i + 1);
	}
	db_close(reader);
	writer_stop(w);
	assert_int_equal(card_balance("groups"), JOBS);
}

static void test_refusals_cost_nothing_and_failures_take_only_themselves_back(void **state)
{
	static struct wish wishes[60];
	struct writer_stats before, after;
	int64_t expected = 0;
	(void)state;
	struct writer *w = start("failures", 1000);

	memset(wishes, 0, sizeof wishes);
	for (int i = 0; i < 60; i++) {
		wishes[i].amount = i % 5 == 3 ? 0 : i + 1;                       /* 3, 8, 13...: refused before any write */
		wishes[i].result = i % 5 == 3 ? QT_NOT_FOUND : i == 17 || i == 42 ? QT_INTERNAL : QT_OK;
		expected += wishes[i].result == QT_OK ? i + 1 : 0;
	}
	writer_stats(w, &before);
	run_wishes(w, wishes, 60);
	writer_stats(w, &after);
	for (int i = 0; i < 60; i++)
		assert_int_equal(wishes[i].got, wishes[i].result);
	assert_int_equal(after.replays - before.replays, 2);
	writer_stop(w);
	assert_int_equal(card_balance("failures"), expected);
}

static void test_a_full_queue_is_busy(void **state)
{
	sem_t gate, finished;
	struct wish wishes[6];
	(void)state;
	struct writer *w = start("busy", 4);

	memset(wishes, 0, sizeof wishes);
	sem_init(&gate, 0, 0);
	sem_init(&finished, 0, 0);
	for (int i = 0; i < 6; i++)
		wishes[i] = (struct wish){ .job = { wish_run, wish_done, NULL }, .finished = &finished, .amount = i ? 1 : 0,
		                           .wait = i ? NULL : &gate };
	assert_int_equal(writer_submit(w, &wishes[0].job), QT_OK);
	struct writer_stats stats = { .queued = 1 };
	for (int tries = 0; stats.queued > 0 && tries < 1000000; tries++) /* until the writer has taken it */
		writer_stats(w, &stats);
	for (int i = 1; i < 5; i++)
		assert_int_equal(writer_submit(w, &wishes[i].job), QT_OK);
	assert_int_equal(writer_submit(w, &wishes[5].job), QT_BUSY);
	sem_post(&gate);
	for (int i = 0; i < 5; i++)
		sem_wait(&finished);
	writer_stop(w);
	assert_int_equal(card_balance("busy"), 4);
	sem_destroy(&gate);
	sem_destroy(&finished);
}

static void test_trouble_with_the_disk(void **state)
{
	static const struct { enum fault fault; enum qt_err err; } cases[] = {
		{ FAULT_FULL, QT_DISK_FULL }, { FAULT_WRITE, QT_STORE }, { FAULT_SYNC, QT_STORE },
	};
	static struct wish wishes[20];
	int64_t expected = 0;
	(void)state;
	struct writer *w = start("disk", 1000);

	for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
		int hits = faultfs_hits();
		faultfs_set(cases[c].fault);
		memset(wishes, 0, sizeof wishes);
		for (int i = 0; i < 20; i++)
			wishes[i].amount = 10;
		run_wishes(w, wishes, 20);
		faultfs_set(FAULT_NONE);
		assert_true(faultfs_hits() > hits);
		for (int i = 0; i < 20; i++)
			assert_int_equal(wishes[i].got, cases[c].err);
		assert_int_equal(card_balance("disk"), expected);
		/* It lives on and recovers. */
		memset(wishes, 0, sizeof wishes);
		for (int i = 0; i < 20; i++)
			wishes[i].amount = 1;
		run_wishes(w, wishes, 20);
		for (int i = 0; i < 20; i++)
			assert_int_equal(wishes[i].got, QT_OK);
		expected += 20;
		assert_int_equal(card_balance("disk"), expected);
	}
	writer_stop(w);
	struct db *db = store_open("disk");
	int64_t last;
	SQL(newest, "SELECT max(id) FROM journal");
	assert_int_equal(db_one(db, &newest, "", "i", &last), QT_OK);
	assert_int_equal(last, 60); /* no gaps from what was rolled back */
	db_close(db);
	assert_int_equal(card_balance("disk"), 60);
}

static enum qt_err add_one(void *ctx, struct db *db)
{
	(void)ctx;
	return add_to_card(db, 1);
}

static void *hammer(void *arg)
{
	intptr_t good = 0;
	for (int i = 0; i < 200; i++)
		good += writer_run(arg, add_one, NULL) == QT_OK;
	return (void *)good;
}

static void test_many_threads(void **state)
{
	pthread_t threads[8];
	intptr_t good = 0;
	(void)state;
	struct writer *w = start("threads", 1000);

	for (int i = 0; i < 8; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, hammer, w), 0);
	for (int i = 0; i < 8; i++) {
		void *result;
		pthread_join(threads[i], &result);
		good += (intptr_t)result;
	}
	writer_stop(w);
	assert_int_equal(good, 1600);
	assert_int_equal(card_balance("threads"), 1600);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_groups_share_a_commit),
		cmocka_unit_test(test_refusals_cost_nothing_and_failures_take_only_themselves_back),
		cmocka_unit_test(test_a_full_queue_is_busy),
		cmocka_unit_test(test_trouble_with_the_disk),
		cmocka_unit_test(test_many_threads),
	};
	faultfs_install();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
