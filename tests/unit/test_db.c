/* The store: statements, errors, ids, guards, migrations, watchers, idempotency keys. */
#include "server/idempotency.h"
#include "server/audit_log.h"
#include "server/store/migrate.h"
#include "server/store/tx.h"
#include "tests/lib/store.h"
#include "tests/lib/tmp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static struct db *open_plain(const char *name)
{
	struct db *db;
	assert_int_equal(db_open(store_path(name), DB_WRITE, &db, NULL), QT_OK);
	db_begin(db);
	assert_int_equal(db_schema_run(db, "CREATE TABLE IF NOT EXISTS thing (id INTEGER PRIMARY KEY, name TEXT UNIQUE, "
	                               "body BYTEA, count BIGINT CHECK (count >= 0))", NULL), QT_OK);
	assert_int_equal(db_commit(db), QT_OK);
	return db;
}

static enum qt_err add(struct db *db, int64_t id, const char *name, const void *body, size_t len, int64_t count)
{
	SQL(insert, "INSERT INTO thing (id, name, body, count) VALUES ($1, $2, $3, $4)");
	return db_run(db, &insert, "itbi", id, name, body, len, count);
}

static void test_values_and_errors(void **state)
{
	SQL(get, "SELECT name, body, count, name FROM thing WHERE id = $1");
	SQL(returning, "UPDATE thing SET count = count + 1 WHERE id > 0 RETURNING count");
	char name[8], body[8], *copy;
	size_t len = sizeof body;
	int64_t count;
	(void)state;
	struct db *db = open_plain("values");

	db_begin(db);
	assert_false(db_dirty(db));
	assert_int_equal(add(db, 1, "caf\xc3\xa9 noir", "a\0b", 3, 7), QT_OK);
	assert_true(db_dirty(db));
	assert_int_equal(add(db, 1, "other", "", 0, 7), QT_EXISTS);
	assert_int_equal(add(db, 2, "caf\xc3\xa9 noir", "", 0, 7), QT_EXISTS);
	assert_int_equal(add(db, 2, "x", "", 0, -1), QT_CONFLICT);
	assert_int_equal(add(db, 2, NULL, NULL, 0, 3), QT_OK);
	assert_int_equal(db_one(db, &get, "i", (int64_t)1, "tbiz", name, (size_t)5, body, &len, &count, &copy), QT_OK);
	assert_string_equal(name, "caf"); /* cut before the character that does not fit whole */
	assert_int_equal(len, 3);
	assert_memory_equal(body, "a\0b", 3);
	assert_int_equal(count, 7);
	assert_string_equal(copy, "caf\xc3\xa9 noir");
	free(copy);
	assert_int_equal(db_one(db, &get, "i", (int64_t)2, "tbiz", name, sizeof name, body, &len, &count, &copy), QT_OK);
	assert_null(copy);
	assert_string_equal(name, "");
	assert_int_equal(db_one(db, &get, "i", (int64_t)3, "tbiz", name, sizeof name, body, &len, &count, &copy),
	                 QT_NOT_FOUND);
	/* All rows are changed although only the first is read. */
	assert_int_equal(db_one(db, &returning, "", "i", &count), QT_OK);
	assert_int_equal(db_changes(db), 2);
	assert_int_equal(db_commit(db), QT_OK);
	db_close(db);
}

/* A statement is used again with a number that its parameter held before something else. */
static void test_parameters_change_their_kind(void **state)
{
	SQL(set, "UPDATE thing SET body = $1 WHERE id = $2 RETURNING typeof(body), coalesce(length(body), 0)");
	static const struct {
		char kind;
		const char *type;
		int64_t length;
	} steps[] = { { 'i', "integer", 1 }, { 'n', "null", 0 }, { 'i', "integer", 1 }, { 't', "text", 3 }, { 'i', "integer", 1 },
		      { 'b', "blob", 2 }, { 'i', "integer", 1 }, { 'i', "integer", 1 } };
	(void)state;
	struct db *db = open_plain("kinds");

	db_begin(db);
	assert_int_equal(add(db, 1, "a", "", 0, 1), QT_OK);
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		struct stmt *s = db_stmt(db, &set);
		switch (steps[i].kind) {
		case 'i': stmt_int(s, 1, 7); break;
		case 't': stmt_text(s, 1, "abc"); break;
		case 'b': stmt_blob(s, 1, "ab", 2); break;
		default: stmt_null(s, 1);
		}
		stmt_int(s, 2, 1);
		assert_true(stmt_step(s));
		assert_string_equal(stmt_col_text(s, 0), steps[i].type);
		assert_int_equal(stmt_col_int(s, 1), steps[i].length);
		assert_int_equal(stmt_end(s), QT_OK);
	}
	db_rollback(db);
	db_close(db);
}

/* The second row of a statement fails: whoever asked hears of it, and nothing stays once the transaction is taken back. */
static void test_rows_that_fail_together(void **state)
{
	SQL(two, "INSERT INTO thing (id, name, count) VALUES ($1, $2, $3), ($4, $5, $6)");
	SQL(all, "SELECT count(*) FROM thing");
	int64_t count = -1;
	(void)state;
	struct db *db = open_plain("rows");

	db_begin(db);
	db_dirty_clear(db);
	assert_int_equal(db_run(db, &two, "itiiti", (int64_t)1, "a", (int64_t)1, (int64_t)1, "b", (int64_t)1), QT_EXISTS);
	assert_true(db_dirty(db));
	db_rollback(db);
	assert_int_equal(db_one(db, &all, "", "i", &count), QT_OK);
	assert_int_equal(count, 0);
	db_begin(db);
	assert_int_equal(db_run(db, &two, "itiiti", (int64_t)1, "a", (int64_t)1, (int64_t)2, "b", (int64_t)1), QT_OK);
	assert_int_equal(db_commit(db), QT_OK);
	assert_int_equal(db_one(db, &all, "", "i", &count), QT_OK);
	assert_int_equal(count, 2);
	db_close(db);
}

struct seen {
	int ends, commits;
};

static void on_end(void *ctx, bool committed)
{
	struct seen *seen = ctx;
	seen->ends++;
	seen->commits += committed;
}

static void test_ids_have_no_gaps(void **state)
{
	struct seen seen = { 0 };
	(void)state;
	struct db *db = open_plain("ids");

	db_watch(db, on_end, &seen);
	db_begin(db);
	assert_int_equal(db_new_id(db, "thing"), 1);
	assert_int_equal(db_new_id(db, "thing"), 2);
	db_rollback(db);
	db_begin(db);
	assert_int_equal(db_new_id(db, "thing"), 1);
	assert_int_equal(add(db, 1, "a", "", 0, 1), QT_OK);
	assert_int_equal(db_commit(db), QT_OK);
	assert_int_equal(seen.ends, 2);
	assert_int_equal(seen.commits, 1);
	db_close(db);
	db = open_plain("ids");
	db_begin(db);
	assert_int_equal(db_new_id(db, "thing"), 2);
	db_rollback(db);
	db_close(db);
}

/* What must stop the program is tried in a child. */
static int exit_of(void (*crime)(struct db *), const char *name)
{
	pid_t pid = fork();
	if (pid == 0) {
		if (freopen("/dev/null", "w", stderr) == NULL)
			_exit(99);
		crime(store_open(name));
		_exit(0);
	}
	int status;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void write_entry(struct db *db)
{
	SQL(steal, "INSERT INTO entry (id, account_id, amount, back) VALUES (64, 1, 1000000, 0)");
	db_begin(db);
	if (db_run(db, &steal, "") != QT_OK)
		_exit(98);
}

static void raise_balance(struct db *db)
{
	SQL(raise, "UPDATE account SET balance = balance + $1");
	db_begin(db);
	if (db_run(db, &raise, "i", (int64_t)5) != QT_OK)
		_exit(98);
}

static void commit_alone(struct db *db)
{
	SQL(commit, "COMMIT");
	db_begin(db);
	if (db_run(db, &commit, "") != QT_OK)
		_exit(98);
}

static void turn_guards_off(struct db *db)
{
	SQL(off, "PRAGMA recursive_triggers = OFF");
	if (db_run(db, &off, "") != QT_OK)
		_exit(98);
}

static void test_guards(void **state)
{
	(void)state;
	assert_int_equal(exit_of(write_entry, "guard1"), 1);
	assert_int_equal(exit_of(raise_balance, "guard2"), 1);
	assert_int_equal(exit_of(commit_alone, "guard3"), 1);
	assert_int_equal(exit_of(turn_guards_off, "guard4"), 1);
	assert_true(guard_may_write("entry", "server/ledger.c"));
	assert_false(guard_may_write("entry", "server/card.c"));
	assert_false(guard_may_write("sqlite_schema", "server/ledger.c"));
	assert_true(guard_may_write("card", "server/card.c"));
}

static void put_file(const char *folder, const char *name, const char *text)
{
	char path[400];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void test_migrations(void **state)
{
	char folder[300], path[400];
	struct problem why = { 0 };
	struct db *db;
	(void)state;

	snprintf(folder, sizeof folder, "%s/schema", test_folder());
	assert_int_equal(mkdir(folder, 0700), 0);
	assert_int_equal(db_open(store_path("migrate"), DB_WRITE, &db, NULL), QT_OK);
	assert_int_equal(migrate_run(db, "/nowhere", &why), QT_BAD_CONFIG);
	assert_int_equal(migrate_run(db, folder, &why), QT_BAD_CONFIG);
	put_file(folder, "0001-one.sql", "CREATE TABLE one (id INTEGER PRIMARY KEY); INSERT INTO one VALUES (5);");
	put_file(folder, "readme.txt", "not SQL");
	put_file(folder, "0002-two.sql", "CREATE TABLE two (id INTEGER PRIMARY KEY); CREATE TABLE one (id INTEGER);");
	assert_int_equal(migrate_run(db, folder, &why), QT_BAD_CONFIG); /* the second fails, as a whole */
	assert_true(db_table_exists(db, "one"));
	assert_false(db_table_exists(db, "two"));
	put_file(folder, "0002-two.sql", "CREATE TABLE two (id INTEGER PRIMARY KEY);");
	assert_int_equal(migrate_run(db, folder, &why), QT_OK);
	assert_int_equal(migrate_run(db, folder, &why), QT_OK);
	assert_true(db_table_exists(db, "two"));
	/* A program that does not know what is there must not touch it. */
	snprintf(path, sizeof path, "%s/0002-two.sql", folder);
	unlink(path);
	assert_int_equal(migrate_run(db, folder, &why), QT_BAD_CONFIG);
	assert_non_null(strstr(why.detail, "newer"));
	db_close(db);
}

static void test_files_are_private(void **state)
{
	struct stat info;
	struct problem why = { 0 };
	struct db *db;
	(void)state;
	db_close(open_plain("private"));
	assert_int_equal(stat(store_path("private"), &info), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
	assert_int_equal(db_open("/nowhere/file", DB_WRITE, &db, &why), QT_STORE);
	assert_null(db);
	assert_string_not_equal(why.detail, "");
}

static void test_idempotency_keys(void **state)
{
	static const struct { const char *text; bool good; int64_t high, low; } cases[] = {
		{ "1", true, 0, 1 }, { "9223372036854775807", true, 0, INT64_MAX }, { "9223372036854775808", false, 0, 0 },
		{ "0", false, 0, 0 }, { "01", false, 0, 0 }, { "-1", false, 0, 0 }, { "", false, 0, 0 }, { "1 ", false, 0, 0 },
		{ "0192f0a1-b2c3-7d4e-8f5a-6b7c8d9e0f1a", true, 0x0192f0a1b2c37d4e, (int64_t)UINT64_C(0x8f5a6b7c8d9e0f1a) },
		{ "0192F0A1-B2C3-7D4E-8F5A-6B7C8D9E0F1A", true, 0x0192f0a1b2c37d4e, (int64_t)UINT64_C(0x8f5a6b7c8d9e0f1a) },
		{ "00000000-0000-0000-0000-000000000001", false, 0, 0 }, { "0192f0a1b2c37d4e8f5a6b7c8d9e0f1a", false, 0, 0 },
		{ "0192f0a1-b2c3-7d4e-8f5a-6b7c8d9e0f1g", false, 0, 0 },
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct idempotency_key key = { 7, 7 };
		struct problem why = { 0 };
		enum qt_err err = idempotency_key_parse(cases[i].text, &key, &why);
		assert_int_equal(err, cases[i].good ? QT_OK : QT_BAD_FIELD);
		if (!cases[i].good)
			assert_string_equal(why.field, "Idempotency-Key");
		if (cases[i].good) {
			assert_int_equal(key.high, cases[i].high);
			assert_int_equal(key.low, cases[i].low);
		}
	}
}

static void test_first_answers_are_kept(void **state)
{
	struct arena arena = { 0 };
	struct idempotency row = { .actor_id = 3, .key = { 0, 9 }, .request_hash = -5, .status = 201, .reply = "{\"a\":1}" };
	struct idempotency look = { .actor_id = 3, .key = { 0, 9 }, .request_hash = -5 };
	(void)state;
	struct db *db = store_open("answers");

	db_begin(db);
	assert_int_equal(idempotency_find(db, &look, &arena), QT_NOT_FOUND);
	assert_int_equal(idempotency_store(db, &row, INT64_C(86400000) * 100), QT_OK);
	assert_int_equal(idempotency_store(db, &row, 0), QT_EXISTS);
	assert_int_equal(idempotency_find(db, &look, &arena), QT_OK);
	assert_int_equal(look.status, 201);
	assert_string_equal(look.reply, "{\"a\":1}");
	look.request_hash = 5;
	assert_int_equal(idempotency_find(db, &look, &arena), QT_KEY_REUSED);
	look = (struct idempotency){ .actor_id = 4, .key = { 0, 9 }, .request_hash = -5 };
	assert_int_equal(idempotency_find(db, &look, &arena), QT_NOT_FOUND);
	row = (struct idempotency){ .actor_id = 4, .key = { 0, 9 }, .request_hash = -5, .status = 201, .ref = { 17, 2 } };
	assert_int_equal(idempotency_store(db, &row, INT64_C(86400000) * 110), QT_OK);
	assert_int_equal(idempotency_find(db, &look, &arena), QT_OK);
	assert_null(look.reply);
	assert_int_equal(look.ref[0], 17);
	/* One row at a time; both were looked at after two calls, and the third begins anew. */
	struct idempotency swept = { .actor_id = 3, .key = { 0, 9 }, .request_hash = -5 };
	for (int i = 0; i < 3; i++)
		assert_int_equal(idempotency_sweep(db, INT64_C(86400000) * 120, 15, 1), QT_OK);
	assert_int_equal(idempotency_find(db, &swept, &arena), QT_NOT_FOUND);
	assert_int_equal(idempotency_find(db, &look, &arena), QT_OK);
	for (int i = 0; i < 3; i++)
		assert_int_equal(idempotency_sweep(db, INT64_C(86400000) * 130, 15, 1), QT_OK);
	assert_int_equal(idempotency_find(db, &look, &arena), QT_NOT_FOUND);
	assert_int_equal(db_commit(db), QT_OK);
	arena_free(&arena);
	db_close(db);
}

static void test_actors(void **state)
{
	struct actor cashier = { .role = ROLE_CASHIER, .terminal_id = 7, .staff_id = 3 };
	struct actor manager = { .role = ROLE_MANAGER, .terminal_id = 7, .staff_id = 4 };
	struct actor customer = { .role = ROLE_CUSTOMER, .customer_id = 7 }, operator = { .role = ROLE_OPERATOR };
	(void)state;
	assert_int_equal(actor_packed(&cashier), 3 * 16 + 3);
	assert_int_equal(actor_packed(&operator), 8);
	/* The till's keys are the till's, whoever is signed in; a customer's are not the till's. */
	assert_int_equal(idempotency_actor(&cashier), idempotency_actor(&manager));
	assert_int_not_equal(idempotency_actor(&customer), idempotency_actor(&cashier));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values_and_errors),
		cmocka_unit_test(test_parameters_change_their_kind),
		cmocka_unit_test(test_rows_that_fail_together),
		cmocka_unit_test(test_ids_have_no_gaps),
		cmocka_unit_test(test_guards),
		cmocka_unit_test(test_migrations),
		cmocka_unit_test(test_files_are_private),
		cmocka_unit_test(test_idempotency_keys),
		cmocka_unit_test(test_first_answers_are_kept),
		cmocka_unit_test(test_actors),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
