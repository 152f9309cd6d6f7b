/* The auditor on a ledger alone: clean after ordinary work, after restarts and beside a writer; and each kind of
 * tampering is found and named. Whole shops are tampered with in tests/api. */
#include "server/audit.h"
#include "server/ledger_state.h"
#include "server/store/seal.h"
#include "server/store/tx.h"
#include "shared/clock.h"
#include "tests/lib/store.h"
#include "tests/lib/tmp.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define USD 840

static int64_t account(struct db *db, enum account_kind kind, int64_t owner)
{
	int64_t id;
	assert_int_equal(ledger_account(db, kind, owner, USD, &id), QT_OK);
	return id;
}

static void move(struct db *db, int64_t from, int64_t to, int64_t amount)
{
	struct journal j = { .kind = JOURNAL_CARD_TOP_UP, .merchant_id = 1, .at_ms = 1000 };
	struct posting postings[] = { { from, -amount }, { to, amount } };
	assert_int_equal(ledger_post(db, &j, postings, 2, NULL), QT_OK);
}

/* Accounts 1 world, 2 to 4 cards, 5 held; journals 1 to 12, one per commit; two holds, the second open. */
static void make_books(const char *name, bool stop_cleanly)
{
	struct db *db = store_open(name);
	struct journal j = { .merchant_id = 1, .at_ms = 2000 };
	int64_t hold;

	db_begin(db);
	int64_t world = account(db, ACCOUNT_WORLD, 1), card[3];
	for (int i = 0; i < 3; i++)
		card[i] = account(db, ACCOUNT_SUSPENSE, i + 1); /* whose owner need not exist here */
	assert_int_equal(db_commit(db), QT_OK);
	for (int i = 0; i < 9; i++) {
		db_begin(db);
		move(db, i % 3 ? card[i % 3 - 1] : world, card[i % 3 ? i % 3 : 0], 1000 - i * 10);
		assert_int_equal(db_commit(db), QT_OK);
	}
	db_begin(db);
	assert_int_equal(ledger_hold(db, &j, card[2], 50, 9000, &hold, NULL), QT_OK);
	assert_int_equal(db_commit(db), QT_OK);
	db_begin(db);
	assert_int_equal(ledger_hold_void(db, &j, hold, NULL), QT_OK);
	assert_int_equal(ledger_hold(db, &j, card[2], 70, 9000, &hold, NULL), QT_OK);
	assert_int_equal(db_commit(db), QT_OK);
	if (stop_cleanly)
		assert_int_equal(ledger_write_back_all(db), QT_OK);
	db_close(db);
}

static void audit(const char *name, const char *heads, struct audit_report *r)
{
	struct audit_options o = { .keys = store_keys(), .heads_path = heads };
	struct problem why = { 0 };

	if (audit_file(store_path(name), &o, r, &why) != QT_OK)
		fail_msg("%s", why.detail);
}

static void assert_clean(const char *name, const char *heads)
{
	struct audit_report r;

	audit(name, heads, &r);
	if (r.problem_count != 0)
		audit_print(&r, stderr);
	assert_int_equal(r.problem_count, 0);
	audit_free(&r);
}

/* As an attacker would: any tool, triggers dropped first. */
static void tamper(const char *name, const char *sql)
{
	static const char drop[] = "PRAGMA ignore_check_constraints = ON; DROP TRIGGER entry_kept; DROP TRIGGER "
	  "entry_stays; DROP TRIGGER journal_kept;"
		"DROP TRIGGER journal_stays; DROP TRIGGER seal_kept; DROP TRIGGER seal_stays;"
		"DROP TRIGGER audit_log_kept; DROP TRIGGER audit_log_stays;";
	sqlite3 *file;
	char *message = NULL;

	assert_int_equal(sqlite3_open(store_path(name), &file), SQLITE_OK);
	assert_int_equal(sqlite3_exec(file, drop, NULL, NULL, &message), SQLITE_OK);
	if (sqlite3_exec(file, sql, NULL, NULL, &message) != SQLITE_OK)
		fail_msg("%s: %s", sql, message);
	sqlite3_close(file);
}

static bool named(const struct audit_report *r, const char *table, int64_t row)
{
	for (int64_t i = 0; i < r->problem_count && i < AUDIT_PROBLEMS_MAX; i++)
		if (strcmp(r->problems[i].table, table) == 0 && r->problems[i].row == row)
			return true;
	return false;
}

static void test_clean_books(void **state)
{
	struct audit_report r;
	(void)state;

	make_books("clean", true);
	assert_clean("clean", NULL);
	make_books("behind", false); /* rows are behind the entries: the mark says so */
	assert_clean("behind", NULL);
	audit("behind", NULL, &r);
	assert_int_equal(r.journals, 12);
	assert_int_equal(r.entries, 24);
	assert_int_equal(r.accounts, 5);
	assert_true(r.seals >= 11);
	assert_int_equal(r.sealed_rows, 7);
	audit_free(&r);
}

static void test_tampering_is_found_and_named(void **state)
{
	static const struct { const char *sql, *table; int64_t row; } cases[] = {
		{ "UPDATE entry SET amount = amount + 1 WHERE id = 65", "journal", 1 },
		{ "UPDATE entry SET amount = amount * 2 WHERE id IN (64, 65)", "account", 2 },
		{ "UPDATE entry SET account_id = 4 WHERE id = 65", "journal", 1 },
		{ "DELETE FROM entry WHERE id = 192", "entry", 192 },
		{ "DELETE FROM entry WHERE id / 64 = 3", "journal", 3 },
		{ "DELETE FROM entry WHERE id / 64 = 3; DELETE FROM journal WHERE id = 3", "journal", 3 },
		{ "DELETE FROM entry WHERE id / 64 = 12; DELETE FROM journal WHERE id = 12", "journal", 12 },
		{ "UPDATE entry SET back = 0 WHERE id = 256", "entry", 256 },
		{ "UPDATE journal SET at_ms = at_ms + 1 WHERE id = 5", "journal", 5 },
		{ "UPDATE journal SET kind = 4 WHERE id = 5", "journal", 5 },
		{ "UPDATE account SET balance = balance + 100 WHERE id = 2", "account", 2 },
		{ "UPDATE account SET balance = balance - 100 WHERE id = 2; UPDATE account SET balance = balance + 100 "
		  "WHERE id = 3", "account", 3 },
		{ "UPDATE account SET overdraft = 1 WHERE id = 2", "account", 2 },
		{ "UPDATE account SET owner_id = 99 WHERE id = 2", "account", 2 },
		{ "UPDATE account SET last_entry = 65 WHERE id = 2", "account", 2 },
		{ "DELETE FROM account WHERE id = 3", "account", 3 },
		{ "INSERT INTO account (id, kind, owner_id, unit, overdraft) VALUES (6, 15, 9, 840, 0)", "account", 6 },
		{ "INSERT INTO journal VALUES (13, 2, 1, 0, 0, 0, 3000); INSERT INTO entry VALUES (832, 1, -5, 832 - 577),"
		  "(833, 2, 5, 833 - 512)", "journal", 13 },
		{ "DELETE FROM hold WHERE id = 2", "hold", 2 },
		{ "DELETE FROM hold WHERE id = 2; DELETE FROM row_seal WHERE id = 2 * 64 + 2", "account", 5 },
		{ "UPDATE hold SET state = 2 WHERE id = 2", "hold", 2 },
		{ "UPDATE hold SET amount = 10 WHERE id = 2", "hold", 2 },
		{ "UPDATE hold SET state = 0 WHERE id = 1", "hold", 1 },
		{ "UPDATE hold SET expires_ms = 1 WHERE id = 2", "hold", 2 },
		{ "DELETE FROM seal WHERE id = 4", "seal", 4 },
		{ "DELETE FROM seal WHERE id = (SELECT max(id) FROM seal)", "journal", 12 },
		{ "UPDATE seal SET hash = zeroblob(32) WHERE id = 4", "seal", 4 },
		{ "UPDATE seal SET mac = zeroblob(16) WHERE id = 4", "seal", 4 },
		{ "UPDATE seal SET rows_hidden = zeroblob(32) WHERE id = 4", "seal", 4 },
		{ "UPDATE row_seal SET mac = zeroblob(16) WHERE id = 2 * 64 + 1", "account", 2 },
		{ "DELETE FROM row_seal WHERE id = 2 * 64 + 1", "account", 2 },
		{ "UPDATE meta SET value = value + 1000000 WHERE name = 'mark'", "meta", 0 },
		{ "INSERT INTO audit_log VALUES (1, 1, 0, 1, 'card-freeze', 2, NULL)", "audit_log", 1 },
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct audit_report r;
		unlink(store_path("tamper"));
		make_books("tamper", true);
		tamper("tamper", cases[i].sql);
		audit("tamper", NULL, &r);
		if (!named(&r, cases[i].table, cases[i].row)) {
			audit_print(&r, stderr);
			fail_msg("%s: %s row %lld is not named", cases[i].sql, cases[i].table, (long long)cases[i].row);
		}
		audit_free(&r);
	}
}

/* An older state of a row together with its own old seal: only the hidden sum tells. */
static void test_old_state_with_its_seal(void **state)
{
	struct audit_report r;
	sqlite3 *file;
	(void)state;

	make_books("replay", true);
	assert_int_equal(sqlite3_open(store_path("replay"), &file), SQLITE_OK);
	assert_int_equal(sqlite3_exec(file, "CREATE TEMP TABLE h AS SELECT * FROM hold WHERE id = 2;"
	                 "CREATE TEMP TABLE s AS SELECT * FROM row_seal WHERE id = 2 * 64 + "
	                 "2", NULL, NULL, NULL), SQLITE_OK);
	struct db *db = store_open("replay");
	struct journal j = { .merchant_id = 1 };
	db_begin(db);
	assert_int_equal(ledger_hold_void(db, &j, 2, NULL), QT_OK);
	assert_int_equal(db_commit(db), QT_OK);
	assert_int_equal(ledger_write_back_all(db), QT_OK);
	db_close(db);
	assert_clean("replay", NULL);
	assert_int_equal(sqlite3_exec(file, "REPLACE INTO hold SELECT * FROM h; REPLACE INTO row_seal SELECT * FROM s",
	                              NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(file);
	audit("replay", NULL, &r);
	assert_true(named(&r, "row_seal", 0));
	audit_free(&r);
}

static void copy_file(const char *from, const char *to)
{
	char piece[8192];
	size_t n;
	FILE *in = fopen(from, "r"), *out = fopen(to, "w");
	assert_non_null(in);
	assert_non_null(out);
	while ((n = fread(piece, 1, sizeof piece, in)) > 0)
		assert_int_equal(fwrite(piece, 1, n, out), n);
	fclose(in);
	assert_int_equal(fclose(out), 0);
}

/* The whole database put back to an older copy: the heads file tells. */
static void test_older_copy_of_everything(void **state)
{
	char heads[300], old[320];
	struct audit_report r;
	struct problem why = { 0 };
	struct db *db;
	(void)state;

	make_books("older", true);
	snprintf(old, sizeof old, "%s.old", store_path("older"));
	copy_file(store_path("older"), old);
	snprintf(heads, sizeof heads, "%s/heads", test_folder());
	assert_int_equal(db_open(store_path("older"), DB_WRITE, &db, &why), QT_OK);
	assert_int_equal(ledger_open(db, &why), QT_OK);
	assert_int_equal(seal_open(db, store_keys(), heads, &why), QT_OK);
	db_begin(db);
	move(db, 1, 2, 5);
	assert_int_equal(db_commit(db), QT_OK);
	seal_head_write(db, true);
	assert_false(seal_head_due(db));
	db_close(db);
	assert_clean("older", heads);
	copy_file(old, store_path("older"));
	assert_clean("older", NULL); /* consistent in itself */
	audit("older", heads, &r);
	assert_true(r.problem_count > 0);
	assert_string_equal(r.problems[0].check, "heads");
	audit_free(&r);
	/* A heads file somebody else wrote into. */
	FILE *f = fopen(heads, "a");
	assert_non_null(f);
	fputs("1 99 5 0000 AAAA\n", f);
	fclose(f);
	audit("older", heads, &r);
	assert_string_equal(r.problems[0].table, "seal");
	audit_free(&r);
}

/* Other keys do not take the chain over. */
static void test_other_keys(void **state)
{
	struct keyring other = *store_keys();
	struct problem why = { 0 };
	struct audit_report r;
	struct db *db;
	(void)state;

	make_books("keys", true);
	other.seal_seed[0] ^= 1;
	assert_int_equal(db_open(store_path("keys"), DB_WRITE, &db, &why), QT_OK);
	assert_int_equal(ledger_open(db, &why), QT_OK);
	assert_int_equal(seal_open(db, &other, NULL, &why), QT_BAD_CONFIG);
	db_close(db);
	struct audit_options o = { .keys = &other };
	assert_int_equal(audit_file(store_path("keys"), &o, &r, &why), QT_OK);
	assert_true(named(&r, "seal", 1));
	audit_free(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clean_books),
		cmocka_unit_test(test_tampering_is_found_and_named),
		cmocka_unit_test(test_old_state_with_its_seal),
		cmocka_unit_test(test_older_copy_of_everything),
		cmocka_unit_test(test_other_keys),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
