/* The ledger: what it writes, refuses, takes back, remembers over a restart, and shows to readers. */
#include "server/ledger_state.h"
#include "server/store/tx.h"
#include "shared/buf.h"
#include "tests/lib/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include <cmocka.h>

#define USD 840

static int64_t account(struct db *db, enum account_kind kind, int64_t owner)
{
	int64_t id;
	assert_int_equal(ledger_account(db, kind, owner, USD, &id), QT_OK);
	return id;
}

static int64_t balance(struct db *db, int64_t id)
{
	int64_t value;
	assert_int_equal(ledger_balance(db, id, &value), QT_OK);
	return value;
}

static enum qt_err move(struct db *db, int64_t from, int64_t to, int64_t amount, struct problem *p)
{
	struct journal j = { .kind = JOURNAL_CARD_TOP_UP, .at_ms = 1000 };
	struct posting postings[] = { { from, -amount }, { to, amount } };
	return ledger_post(db, &j, postings, 2, p);
}

static void test_refuses_and_changes_nothing(void **state)
{
	(void)state;
	struct db *db = store_open("refuse");
	struct problem p = { 0 };
	struct journal j = { .kind = JOURNAL_SALE };
	int64_t points;

	db_begin(db);
	int64_t world = account(db, ACCOUNT_WORLD, 1), card = account(db, ACCOUNT_CARD, 1);
	assert_int_equal(ledger_account(db, ACCOUNT_POINTS_ISSUED, 1, UNIT_POINTS_BASE + 1, &points), QT_OK);
	assert_int_equal(move(db, world, card, 500, NULL), QT_OK);
	db_dirty_clear(db);
	assert_int_equal(move(db, card, world, 501, &p), QT_INSUFFICIENT);
	assert_string_equal(p.field, "postings[0]");
	assert_int_equal(ledger_check(db, card, -501), QT_INSUFFICIENT);
	assert_int_equal(ledger_check(db, card, -500), QT_OK);

	struct posting unbalanced[] = { { world, -5 }, { card, 4 } };
	assert_int_equal(ledger_post(db, &j, unbalanced, 2, &p), QT_UNBALANCED);
	struct posting units[] = { { points, -5 }, { card, 5 } };
	assert_int_equal(ledger_post(db, &j, units, 2, &p), QT_UNBALANCED);
	struct posting zero[] = { { world, 0 }, { card, 0 } };
	assert_int_equal(ledger_post(db, &j, zero, 2, &p), QT_UNBALANCED);
	assert_int_equal(ledger_post(db, &j, zero, 1, &p), QT_UNBALANCED);
	struct posting unknown[] = { { world, -5 }, { 4711, 5 } };
	assert_int_equal(ledger_post(db, &j, unknown, 2, &p), QT_NOT_FOUND);
	assert_string_equal(p.field, "postings[1]");
	struct posting huge[] = { { world, -MONEY_MAX }, { card, MONEY_MAX } };
	assert_int_equal(ledger_post(db, &j, huge, 2, &p), QT_OVERFLOW);

	assert_false(db_dirty(db));
	assert_int_equal(balance(db, card), 500);
	assert_int_equal(balance(db, world), -500);
	/* Several postings to one account count together. */
	struct posting twice[] = { { card, -600 }, { card, 200 }, { world, 400 } };
	assert_int_equal(ledger_post(db, &j, twice, 3, &p), QT_OK);
	assert_int_equal(balance(db, card), 100);
	assert_int_equal(db_commit(db), QT_OK);
	db_close(db);
}

static void test_rollback_takes_everything_back(void **state)
{
	(void)state;
	struct db *db = store_open("rollback");
	int64_t found;

	db_begin(db);
	int64_t world = account(db, ACCOUNT_WORLD, 1), card = account(db, ACCOUNT_CARD, 1);
	assert_int_equal(move(db, world, card, 500, NULL), QT_OK);
	assert_int_equal(db_commit(db), QT_OK);
	db_begin(db);
	int64_t other = account(db, ACCOUNT_CARD, 2);
	assert_int_equal(move(db, card, other, 300, NULL), QT_OK);
	assert_int_equal(balance(db, card), 200);
	db_rollback(db);
	db_begin(db);
	assert_int_equal(balance(db, card), 500);
	assert_int_equal(ledger_account_find(db, ACCOUNT_CARD, 2, USD, &found), QT_NOT_FOUND);
	assert_int_equal(ledger_balance(db, other, &found), QT_NOT_FOUND);
	/* The ids come again: no gap. */
	assert_int_equal(account(db, ACCOUNT_CARD, 3), other);
	struct journal j = { .kind = JOURNAL_SALE };
	struct posting postings[] = { { card, -1 }, { other, 1 } };
	assert_int_equal(ledger_post(db, &j, postings, 2, NULL), QT_OK);
	assert_int_equal(j.id, 2);
	assert_int_equal(db_commit(db), QT_OK);
	db_close(db);
}

static void test_rows_are_kept(void **state)
{
	static const char *const changes[] = {
		"UPDATE entry SET amount = 1", "DELETE FROM entry", "UPDATE journal SET at_ms = 0", "DELETE FROM journal",
		"INSERT OR REPLACE INTO entry (id, account_id, amount, back) VALUES (64, 1, 7, 0)",
		("INSERT OR REPLACE INTO journal (id, kind, merchant_id, order_id, ref_id, actor_id, at_ms) "
		 "VALUES (1, 0, 0, 0, 0, 0, 0)"),
	};
	(void)state;
	struct db *db = store_open("kept");
	db_begin(db);
	int64_t world = account(db, ACCOUNT_WORLD, 1), card = account(db, ACCOUNT_CARD, 1);
	assert_int_equal(move(db, world, card, 500, NULL), QT_OK);
	assert_int_equal(db_commit(db), QT_OK);
	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		struct problem why = { 0 };
		db_begin(db);
		assert_int_equal(db_schema_run(db, changes[i], &why), QT_BAD_CONFIG);
		assert_non_null(strstr(why.detail, "never"));
		db_rollback(db);
	}
	db_close(db);
}

static void test_holds(void **state)
{
	(void)state;
	struct db *db = store_open("holds");
	struct journal j = { .merchant_id = 1, .order_id = 9 };
	int64_t hold;
	int count;

	db_begin(db);
	int64_t world = account(db, ACCOUNT_WORLD, 1), card = account(db, ACCOUNT_CARD, 1);
	int64_t merchant = account(db, ACCOUNT_MERCHANT, 1);
	assert_int_equal(move(db, world, card, 500, NULL), QT_OK);
	db_dirty_clear(db);
	assert_int_equal(ledger_hold(db, &j, card, 501, 2000, &hold, NULL), QT_INSUFFICIENT);
	assert_int_equal(ledger_hold(db, &j, card, -1, 2000, &hold, NULL), QT_OUT_OF_RANGE);
	assert_false(db_dirty(db));
	assert_int_equal(ledger_hold(db, &j, card, 400, 2000, &hold, NULL), QT_OK);
	assert_int_equal(balance(db, card), 100);
	assert_int_equal(move(db, card, world, 101, NULL), QT_INSUFFICIENT);
	/* More than is held is refused; less gives the rest back. */
	struct posting too_much[] = { { merchant, 401 } }, debit[] = { { merchant, -1 } }, fits[] = { { merchant, 350 } };
	assert_int_equal(ledger_hold_post(db, &j, hold, too_much, 1, NULL), QT_INSUFFICIENT);
	assert_int_equal(ledger_hold_post(db, &j, hold, debit, 1, NULL), QT_OUT_OF_RANGE);
	assert_int_equal(ledger_hold_post(db, &j, hold, fits, 1, NULL), QT_OK);
	assert_int_equal(balance(db, card), 150);
	assert_int_equal(balance(db, merchant), 350);
	assert_int_equal(ledger_hold_post(db, &j, hold, fits, 1, NULL), QT_CONFLICT);
	assert_int_equal(ledger_hold_void(db, &j, hold, NULL), QT_CONFLICT);
	assert_int_equal(ledger_hold_void(db, &j, 4711, NULL), QT_NOT_FOUND);

	assert_int_equal(ledger_hold(db, &j, card, 150, 3000, &hold, NULL), QT_OK);
	assert_int_equal(ledger_hold_void(db, &j, hold, NULL), QT_OK);
	assert_int_equal(balance(db, card), 150);
	assert_int_equal(ledger_hold(db, &j, card, 150, 3000, &hold, NULL), QT_OK);
	assert_int_equal(ledger_holds_expire(db, 2999, &count), QT_OK);
	assert_int_equal(count, 0);
	assert_int_equal(ledger_holds_expire(db, 3000, &count), QT_OK);
	assert_int_equal(count, 1);
	assert_int_equal(ledger_holds_expire(db, 3000, &count), QT_OK);
	assert_int_equal(count, 0);
	assert_int_equal(balance(db, card), 150);
	assert_int_equal(db_commit(db), QT_OK);
	db_close(db);
}

static void test_statement_follows_the_chain(void **state)
{
	struct statement_row rows[10];
	int count;
	(void)state;
	struct db *db = store_open("statement");

	db_begin(db);
	int64_t world = account(db, ACCOUNT_WORLD, 1), card = account(db, ACCOUNT_CARD, 1);
	for (int i = 1; i <= 5; i++)
		assert_int_equal(move(db, world, card, 100 * i, NULL), QT_OK);
	assert_int_equal(ledger_statement(db, card, 0, rows, 3, &count), QT_OK);
	assert_int_equal(count, 3);
	assert_int_equal(rows[0].amount, 500);
	assert_int_equal(rows[0].balance_after, 1500);
	assert_int_equal(rows[2].amount, 300);
	assert_int_equal(rows[2].balance_after, 600);
	assert_int_equal(ledger_statement(db, card, rows[2].entry_id, rows, 10, &count), QT_OK);
	assert_int_equal(count, 2);
	assert_int_equal(rows[1].balance_after, 100);
	assert_int_equal(rows[1].kind, JOURNAL_CARD_TOP_UP);
	assert_int_equal(ledger_statement(db, 4711, 0, rows, 10, &count), QT_NOT_FOUND);
	assert_int_equal(db_commit(db), QT_OK);
	db_close(db);
}

/* Random moves with commits, rollbacks and restarts without writing back, against a plain array. */
static void test_restarts_and_readers_agree_with_a_model(void **state)
{
	enum { ACCOUNTS = 300 };
	int64_t model[ACCOUNTS] = { 0 }, kept[ACCOUNTS] = { 0 }, ids[ACCOUNTS];
	unsigned seed = 4242;
	(void)state;
	print_message("# seed %u\n", seed);
	struct db *db = store_open("model"), *reader, *stranger;

	db_begin(db);
	for (int i = 0; i < ACCOUNTS; i++)
		ids[i] = account(db, i == 0 ? ACCOUNT_WORLD : ACCOUNT_CARD, i);
	assert_int_equal(db_commit(db), QT_OK);
	for (int round = 0; round < 300; round++) {
		db_begin(db);
		for (int i = 0; i < 20; i++) {
			int from = rand_r(&seed) % ACCOUNTS, to = rand_r(&seed) % ACCOUNTS, amount = 1 + rand_r(&seed) % 100;
			from = rand_r(&seed) % 3 ? from : 0;
			enum qt_err err = move(db, ids[from], ids[to], amount, NULL);
			bool fits = from == 0 || from == to || model[from] >= amount;
			assert_int_equal(err, fits ? QT_OK : QT_INSUFFICIENT);
			if (err != QT_OK)
				continue;
			model[from] -= amount;
			model[to] += amount;
		}
		if (rand_r(&seed) % 4 == 0) {
			db_rollback(db);
			memcpy(model, kept, sizeof model);
		} else {
			assert_int_equal(db_commit(db), QT_OK);
			memcpy(kept, model, sizeof model);
		}
		if (round % 40 == 39) { /* as after a crash: rows are behind */
			db_close(db);
			assert_int_equal(db_open(store_path("model"), DB_READ, &stranger, NULL), QT_OK);
			for (int i = 0; i < ACCOUNTS; i++)
				assert_int_equal(balance(stranger, ids[i]), model[i]);
			db_close(stranger);
			db = store_open("model");
		}
		if (round % 50 == 49)
			assert_int_equal(ledger_write_back_all(db), QT_OK);
	}
	assert_int_equal(db_open(store_path("model"), DB_READ, &reader, NULL), QT_OK);
	for (int i = 0; i < ACCOUNTS; i++)
		assert_int_equal(balance(reader, ids[i]), model[i]);
	/* Readers do not see what is not committed. */
	db_begin(db);
	assert_int_equal(move(db, ids[0], ids[1], 77, NULL), QT_OK);
	assert_int_equal(balance(reader, ids[1]), model[1]);
	assert_int_equal(db_commit(db), QT_OK);
	assert_int_equal(balance(reader, ids[1]), model[1] + 77);
	db_close(db);
	assert_int_equal(balance(reader, ids[1]), model[1] + 77);
	db_close(reader);
}

static void test_journals_as_json(void **state)
{
	struct buf text = { 0 };
	struct json out;
	(void)state;
	struct db *db = store_open("json");

	db_begin(db);
	int64_t world = account(db, ACCOUNT_WORLD, 7), card = account(db, ACCOUNT_CARD, 1);
	struct journal j = { .kind = JOURNAL_CARD_TOP_UP, .merchant_id = 7, .order_id = 12, .at_ms = 5 };
	struct posting postings[] = { { world, -250 }, { card, 250 } };
	assert_int_equal(ledger_post(db, &j, postings, 2, NULL), QT_OK);
	json_start(&out, &text);
	json_object(&out, NULL);
	assert_int_equal(ledger_order_journals_json(db, 12, &out), QT_OK);
	json_end(&out);
	assert_string_equal(text.data, "{\"journals\":[{\"journal_id\":1,\"kind\":\"card-top-up\",\"merchant_id\":7,"
	                    "\"order_id\":12,\"ref_id\":0,\"actor_id\":0,\"at_ms\":5,\"entries\":["
	                    "{\"account_id\":1,\"account\":\"world\",\"owner_id\":7,\"unit\":840,\"amount\":-250},"
	                    "{\"account_id\":2,\"account\":\"card\",\"owner_id\":1,\"unit\":840,\"amount\":250}]}]}");
	buf_free(&text);
	db_rollback(db);
	db_close(db);
}

static struct posting many[LEDGER_POSTINGS_MAX + 1];

static void test_refuses_bad_arguments(void **state)
{
	struct journal sale = { .kind = JOURNAL_SALE, .at_ms = 1, .document = "", .document_len = 0 };
	int64_t hold;
	(void)state;
	struct db *db = store_open("arguments");

	assert_string_equal(account_kind_name((enum account_kind)99), "unknown");
	assert_string_equal(journal_kind_name((enum journal_kind)99), "unknown");
	db_begin(db);
	int64_t world = account(db, ACCOUNT_WORLD, 0), card = account(db, ACCOUNT_CARD, 1);
	for (int i = 0; i <= LEDGER_POSTINGS_MAX; i++)
		many[i] = (struct posting){ i % 2 ? world : card, i % 2 ? -1 : 1 };
	struct journal j = { .kind = JOURNAL_CARD_TOP_UP, .at_ms = 1 };
	assert_int_equal(ledger_post(db, &j, many, LEDGER_POSTINGS_MAX + 1, NULL), QT_UNBALANCED);
	assert_int_equal(ledger_post(db, &sale, many, 1, NULL), QT_UNBALANCED);
	assert_int_equal(ledger_post(db, &sale, many, 0, NULL), QT_OK); /* a free sale has a receipt */
	struct posting huge[] = { { world, MONEY_MAX }, { world, MONEY_MAX }, { card, -MONEY_MAX } };
	assert_int_equal(ledger_post(db, &j, huge, 3, NULL), QT_OVERFLOW);
	assert_int_equal(ledger_check(db, 4711, 1), QT_NOT_FOUND);
	assert_int_equal(ledger_check(db, world, -5), QT_OK);
	assert_int_equal(ledger_check(db, card, 5), QT_OK);
	assert_int_equal(move(db, world, card, MONEY_MAX, NULL), QT_OK);
	assert_int_equal(ledger_check(db, card, 5), QT_OVERFLOW);

	assert_int_equal(ledger_hold(db, &j, 4711, 1, 9, &hold, NULL), QT_NOT_FOUND);
	assert_int_equal(ledger_hold(db, &j, card, MONEY_MAX + 1, 9, &hold, NULL), QT_OUT_OF_RANGE);
	assert_int_equal(ledger_hold(db, &j, card, 100, 9, &hold, NULL), QT_OK);
	assert_int_equal(ledger_hold_post(db, &j, hold, many, 0, NULL), QT_UNBALANCED);
	assert_int_equal(ledger_hold_post(db, &j, hold, many, LEDGER_POSTINGS_MAX - 1, NULL), QT_UNBALANCED);
	struct posting nowhere = { 4711, 100 }, whole = { world, 100 };
	assert_int_equal(ledger_hold_post(db, &j, hold, &nowhere, 1, NULL), QT_NOT_FOUND);
	assert_int_equal(ledger_hold_post(db, &j, hold, &whole, 1, NULL), QT_OK);
	db_rollback(db);
	db_close(db);
}

/* Change rows behind the ledger's back. */
static void tamper(const char *name, const char *sql)
{
	sqlite3 *raw;

	assert_int_equal(sqlite3_open(store_path(name), &raw), SQLITE_OK);
	assert_int_equal(sqlite3_exec(raw, sql, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(raw), SQLITE_OK);
}

/* An account's number may be far above those before it, and numbers may be missing. */
static void test_far_and_missing_accounts(void **state)
{
	int64_t value, last;
	struct db *reader;
	(void)state;
	struct db *db = store_open("far");

	db_begin(db);
	int64_t world = account(db, ACCOUNT_WORLD, 0);
	assert_int_equal(db_commit(db), QT_OK);
	db_close(db);
	tamper("far", "INSERT INTO account (id, kind, owner_id, unit, overdraft) VALUES (300000, 1, 1, 840, 0)");
	db = store_open("far");
	assert_int_equal(db_open(store_path("far"), DB_READ, &reader, NULL), QT_OK);
	assert_int_equal(balance(reader, world), 0);
	db_begin(db);
	assert_int_equal(move(db, world, 300000, 5, NULL), QT_OK);
	assert_int_equal(ledger_balance(db, 5000, &value), QT_NOT_FOUND);
	assert_int_equal(ledger_balance(db, -1, &value), QT_NOT_FOUND);
	assert_int_equal(db_commit(db), QT_OK);
	assert_int_equal(ledger_look(reader, 90000, &value, &last), QT_NOT_FOUND); /* nothing there is in memory */
	/* The sweep, a step per account that it passes, steps over what is not in memory. */
	for (int i = 0; i < 12; i++) {
		db_begin(db);
		for (int k = 0; k < 200; k++)
			assert_int_equal(move(db, world, 300000, 1, NULL), QT_OK);
		assert_int_equal(db_commit(db), QT_OK);
	}
	assert_int_equal(balance(reader, 300000), 2405);
	assert_int_equal(ledger_write_back_all(db), QT_OK);
	db_close(db);
	db_close(reader);
}

/* More (kind, owner, unit) than are remembered, of one owner and of many: each is found again. */
static void test_many_keys(void **state)
{
	int64_t first[300], again;
	(void)state;
	struct db *db = store_open("keys");

	db_begin(db);
	for (int i = 0; i < 300; i++)
		assert_int_equal(ledger_account(db, (enum account_kind)(i % 7), 1, USD + i / 7, &first[i]), QT_OK);
	for (int i = 0; i < 300; i++) {
		assert_int_equal(ledger_account(db, (enum account_kind)(i % 7), 1, USD + i / 7, &again), QT_OK);
		assert_int_equal(again, first[i]);
	}
	for (int i = 0; i < 33000; i++)
		account(db, ACCOUNT_CARD, 100 + i);
	assert_int_equal(ledger_account(db, (enum account_kind)3, 1, USD, &again), QT_OK);
	assert_int_equal(again, first[3]);
	db_rollback(db);
	db_close(db);
}

/* What no rule of ours writes: the server does not start on it, and readers say that something is wrong. */
static void test_broken_rows(void **state)
{
	static const struct { const char *what, *sql; enum qt_err err; } cases[] = {
		{ "an entry of no account", "PRAGMA foreign_keys = OFF; "
		  "INSERT INTO entry (id, account_id, amount, back) VALUES (64000, 4711, 1, 0)", QT_STORE },
		{ "more than fits", "INSERT INTO entry (id, account_id, amount, back) VALUES (64000, 1, 1000000000000000, 0), "
		  "(64001, 1, 1000000000000000, 0)", QT_OVERFLOW },
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct db *db = store_open(cases[i].what), *other = store_open("beside"), *reader;
		struct statement_row rows[3];
		int64_t value, last;
		int count;
		db_begin(db);
		account(db, ACCOUNT_WORLD, 0);
		assert_int_equal(db_commit(db), QT_OK);
		db_close(db); /* not the youngest of those that are open */
		db_close(other);
		tamper(cases[i].what, cases[i].sql);
		assert_int_equal(db_open(store_path(cases[i].what), DB_WRITE, &db, NULL), QT_OK);
		assert_int_equal(ledger_open(db, NULL), cases[i].err);
		db_close(db);
		assert_int_equal(db_open(store_path(cases[i].what), DB_READ, &reader, NULL), QT_OK);
		assert_int_equal(ledger_look(reader, 1, &value, &last), i == 0 ? QT_OK : QT_OVERFLOW);
		assert_int_equal(ledger_look(reader, 999, &value, &last), QT_NOT_FOUND);
		db_close(reader);
		tamper(cases[i].what, "UPDATE account SET last_entry = 99999999 WHERE id = 1");
		assert_int_equal(db_open(store_path(cases[i].what), DB_READ, &reader, NULL), QT_OK);
		assert_int_equal(ledger_statement(reader, 1, 0, rows, 3, &count), QT_STORE);
		db_close(reader);
	}
}

/* Rows that refuse to be written: nothing is half written, and the ledger goes on when they do again. */
static void test_rows_that_refuse(void **state)
{
	(void)state;
	struct db *db = store_open("no_rows");

	db_begin(db);
	int64_t world = account(db, ACCOUNT_WORLD, 0), card = account(db, ACCOUNT_CARD, 1);
	assert_int_equal(move(db, world, card, 500, NULL), QT_OK);
	assert_int_equal(db_commit(db), QT_OK);
	db_begin(db);
	assert_int_equal(db_schema_run(db, "CREATE TRIGGER no_row BEFORE UPDATE ON account BEGIN SELECT RAISE(ABORT, 'no'); END", NULL),
	                 QT_OK);
	assert_int_equal(db_commit(db), QT_OK);
	assert_int_not_equal(ledger_write_back_all(db), QT_OK);
	db_begin(db);
	assert_int_equal(db_schema_run(db, "DROP TRIGGER no_row; CREATE TRIGGER no_mark BEFORE INSERT ON meta "
	                               "BEGIN SELECT RAISE(ABORT, 'no'); END", NULL), QT_OK);
	assert_int_equal(db_commit(db), QT_OK);
	assert_int_not_equal(ledger_write_back_all(db), QT_OK);
	db_begin(db);
	assert_int_equal(db_schema_run(db, "DROP TRIGGER no_mark", NULL), QT_OK);
	assert_int_equal(db_commit(db), QT_OK);
	assert_int_equal(ledger_write_back_all(db), QT_OK);
	assert_int_equal(balance(db, card), 500);
	db_close(db);
}

/* A ledger without a seal, as of a program that only looks after one file: it counts the same. */
static void test_without_a_seal(void **state)
{
	struct db *db;
	(void)state;

	db_close(store_open("unsealed"));
	assert_int_equal(db_open(store_path("unsealed"), DB_WRITE, &db, NULL), QT_OK);
	assert_int_equal(ledger_open(db, NULL), QT_OK);
	db_begin(db);
	int64_t world = account(db, ACCOUNT_WORLD, 0), card = account(db, ACCOUNT_CARD, 1);
	assert_int_equal(move(db, world, card, 500, NULL), QT_OK);
	assert_int_equal(balance(db, card), 500);
	db_rollback(db);
	db_close(db);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refuses_and_changes_nothing),
		cmocka_unit_test(test_rollback_takes_everything_back),
		cmocka_unit_test(test_rows_are_kept),
		cmocka_unit_test(test_holds),
		cmocka_unit_test(test_statement_follows_the_chain),
		cmocka_unit_test(test_restarts_and_readers_agree_with_a_model),
		cmocka_unit_test(test_journals_as_json),
		cmocka_unit_test(test_refuses_bad_arguments),
		cmocka_unit_test(test_far_and_missing_accounts),
		cmocka_unit_test(test_many_keys),
		cmocka_unit_test(test_broken_rows),
		cmocka_unit_test(test_rows_that_refuse),
		cmocka_unit_test(test_without_a_seal),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
