/* An upgrade from the schema before, of a shop with sales in it, that is killed at each statement of the migration: the
 * file is at the old schema or at the new one, never between; the next start completes it, with the same content as
 * an upgrade that nothing disturbed; a server starts on it, its books are clean, and it sells. The newest
 * migration is tried; MIGRATIONS sets how many of the newest. */
#include "server/store/db.h"
#include "server/store/migrate.h"
#include "tests/lib/proof.h"
#include "tests/lib/sale.h"
#include "tests/lib/sellers.h"
#include "tests/lib/tmp.h"

#include <dirent.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define SCHEMA "data/schema"
#define STATEMENTS_MAX 1000

static struct test_server server;
static int kill_at; /* the child's statement; 0: none */

static void shell(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void shell(const char *fmt, ...)
{
	char line[1200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof line, fmt, ap);
	va_end(ap);
	if (system(line) != 0)
		fatal("%s", line);
}

/* First word a command prints. */
static char *word_of(char out[100], const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static char *word_of(char out[100], const char *fmt, ...)
{
	char line[1200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof line, fmt, ap);
	va_end(ap);
	FILE *f = popen(line, "r");
	if (f == NULL || fscanf(f, "%99s", out) != 1)
		fatal("%s", line);
	pclose(f);
	return out;
}

/* Everything in a file but when it was migrated, as one hash. */
static char *content_of(const char *path, char out[100])
{
	return word_of(out, "sqlite3 %s .dump | grep -v '^INSERT INTO migration ' | sha256sum", path);
}

static int schema_of(const char *path)
{
	char word[100];
	return atoi(word_of(word, "sqlite3 %s 'SELECT max(id) FROM migration'", path));
}

static int newest_schema(void)
{
	struct dirent **list;
	int count = scandir(SCHEMA, &list, NULL, alphasort), newest = 0;

	for (int i = 0; i < count; i++) {
		newest = atoi(list[i]->d_name) > newest ? atoi(list[i]->d_name) : newest;
		free(list[i]);
	}
	free(list);
	return newest;
}

/* A shop with something of everything that is sold. */
static void make_shop(void)
{
	static const struct step steps[] = {
		{ "a sale", "cashier1", POST, "/v1/orders",
		  "{\"lines\":[{\"item_id\":${item2},\"quantity\":2}],\"customer\":\"${identity4}\",\"share\":\"${s3}\","
		  "\"payments\":[{\"method\":\"card\",\"code\":\"${card1}\"}]}", .save = { { "order_id", "order" } } },
		{ "one for cash", "cashier1", POST, "/v1/orders",
		  "{\"lines\":[{\"item_id\":${item1},\"quantity\":1}],\"payments\":[{\"method\":\"cash\"}]}" },
		{ "one that is open", "cashier1", POST, "/v1/orders",
		  "{\"lines\":[{\"item_id\":${item1},\"quantity\":1}],\"payments\":[{\"method\":\"code\"}]}" },
		{ "a refund", "manager", POST, "/v1/orders/${order}/refunds",
		  "{\"lines\":[{\"line_no\":1,\"quantity\":1}],\"reason\":\"r\"}" },
		{ "the end of the shift", "cashier1", POST, "/v1/shifts/close", "{\"count\":[]}" },
	};
	server_start(&server, "shop", NULL);
	api_begin(&server);
	sale_shop();
	sale_campaign();
	API_RUN(steps);
	api_ok(server_stop(&server), "the shop's server stops");
}

static void on(sqlite3 *db, const char *text)
{
	char *why = NULL;

	if (sqlite3_exec(db, text, NULL, NULL, &why) != SQLITE_OK)
		fatal("%s: %s", text, why);
}

/* One table's rows from the shop, in the columns both schemas have. */
static void copy_table(sqlite3 *db, const char *table)
{
	sqlite3_stmt *s;
	char *columns = NULL;
	char *text = sqlite3_mprintf("SELECT group_concat('\"' || o.name || '\"') FROM pragma_table_info(%Q, 'main') o "
	                             "JOIN pragma_table_info(%Q, 'shop') n ON n.name = o.name", table, table);

	if (sqlite3_prepare_v2(db, text, -1, &s, NULL) != SQLITE_OK || sqlite3_step(s) != SQLITE_ROW)
		fatal("%s: %s", table, sqlite3_errmsg(db));
	if (sqlite3_column_text(s, 0) != NULL)
		columns = sqlite3_mprintf("%s", sqlite3_column_text(s, 0));
	sqlite3_finalize(s);
	sqlite3_free(text);
	if (columns == NULL)
		return; /* the new schema has no such table */
	text = sqlite3_mprintf("INSERT OR REPLACE INTO main.\"%w\" (%s) SELECT %s FROM shop.\"%w\"", table, columns, columns, table);
	on(db, text);
	sqlite3_free(text);
	sqlite3_free(columns);
}

/* The shop as it was at schema `number`: that schema, with the rows and columns it has. */
static void make_old(const char *path, int number)
{
	char folder[200], attach[400];
	struct problem why = { 0 };
	struct db *first;
	sqlite3 *db;
	sqlite3_stmt *s;

	snprintf(folder, sizeof folder, "%s/schema", test_folder());
	shell("rm -rf %s %s %s-wal %s-shm && mkdir %s && for f in " SCHEMA "/*.sql; do "
	      "n=${f##*/}; [ $((1${n%%%%-*} - 10000)) -gt %d ] || cp $f %s; done", folder, path, path, path, folder, number, folder);
	if (db_open(path, DB_WRITE, &first, &why) != QT_OK || migrate_run(first, folder, &why) != QT_OK)
		fatal("%s", why.detail);
	db_close(first);
	if (sqlite3_open(path, &db) != SQLITE_OK)
		fatal("%s cannot be opened", path);
	sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	snprintf(attach, sizeof attach, "PRAGMA foreign_keys = OFF; ATTACH '%s/qrtill.db' AS shop", server.dir);
	on(db, attach);
	if (sqlite3_prepare_v2(db, "SELECT name FROM main.sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND "
	                       "name <> 'migration'", -1, &s, NULL) != SQLITE_OK)
		fatal("%s", sqlite3_errmsg(db));
	char *tables[200];
	int count = 0;
	while (sqlite3_step(s) == SQLITE_ROW && count < 200)
		tables[count++] = xstrdup((const char *)sqlite3_column_text(s, 0));
	sqlite3_finalize(s);
	for (int i = 0; i < count; i++) {
		copy_table(db, tables[i]);
		free(tables[i]);
	}
	on(db, "DETACH shop; PRAGMA wal_checkpoint(TRUNCATE)");
	sqlite3_close(db);
}

/* ---- the upgrade, in a child that may be killed ---- */

static int count_statement(unsigned what, void *ctx, void *statement, void *text)
{
	static int seen;
	(void)what, (void)ctx, (void)statement, (void)text;

	if (kill_at > 0 && ++seen == kill_at)
		kill(getpid(), SIGKILL);
	return 0;
}

static int watch_connection(sqlite3 *db, const char **why, const void *api)
{
	(void)why, (void)api;
	return sqlite3_trace_v2(db, SQLITE_TRACE_STMT, count_statement, NULL);
}

/* True: it ended well. False: killed. Anything else ends the test. */
static bool upgrade(const char *path, const char *folder, int at)
{
	int status;

	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		struct problem why = { 0 };
		struct db *db;
		/* The engine is set up by the first connection; only then may it be watched. */
		if (db_open(":memory:", DB_WRITE, &db, NULL) != QT_OK)
			_exit(1);
		db_close(db);
		kill_at = at;
		sqlite3_auto_extension((void (*)(void))watch_connection);
		if (db_open(path, DB_WRITE, &db, &why) != QT_OK || migrate_run(db, folder, &why) != QT_OK) {
			fprintf(stderr, "# %s\n", why.detail);
			_exit(1);
		}
		_exit(0);
	}
	waitpid(pid, &status, 0);
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
		return false;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		fatal("an upgrade failed: %d", status);
	return true;
}

/* Files of the schema up to `number`, in a folder of the test. */
static void schema_up_to(int number, char folder[200])
{
	snprintf(folder, 200, "%s/schema%d", test_folder(), number);
	shell("mkdir -p %s && for f in " SCHEMA "/*.sql; do n=${f##*/}; [ $((1${n%%%%-*} - 10000)) -gt %d ] || cp $f %s; done",
	      folder, number, folder);
}

/* Kill it at each statement. How many there were; *wrong counts what was not as it must be. */
static int kill_each(int number, int64_t *wrong)
{
	char old[200], work[240], folder[200], want[100], have[100];
	int k = 1;

	snprintf(old, sizeof old, "%s/old.db", test_folder());
	snprintf(work, sizeof work, "%s/work.db", test_folder());
	make_old(old, number - 1);
	schema_up_to(number, folder);
	shell("cp %s %s && rm -f %s-wal %s-shm", old, work, work, work);
	upgrade(work, folder, 0);
	content_of(work, want);
	for (bool whole = false; !whole && k < STATEMENTS_MAX; k++) {
		shell("cp %s %s && rm -f %s-wal %s-shm", old, work, work, work);
		whole = upgrade(work, folder, k);
		int at = schema_of(work);
		bool good = at == number || (!whole && at == number - 1);
		upgrade(work, folder, 0); /* the next start */
		good = good && schema_of(work) == number && strcmp(content_of(work, have), want) == 0 &&
		       strcmp(word_of(have, "sqlite3 %s 'PRAGMA integrity_check'", work), "ok") == 0;
		if (!good)
			printf("# migration %d, statement %d: schema %d after the crash\n", number, k, at);
		*wrong += !good;
	}
	return k - 2; /* the last two: the one after the last statement, and the step past it */
}

/* The file of the newest migration that was killed last, under a real server. */
static void serve(void)
{
	static const struct step steps[] = {
		{ "the books are clean", "operator", POST, "/v1/audit", "{}", .check = { { "clean", "true" } }, .within_ms = 3000 },
		{ "the order from before", "cashier1", GET, "/v1/orders/${order}", .check = { { "state", "part-refunded" } } },
		{ "it sells", "cashier1", POST, "/v1/orders",
		  "{\"lines\":[{\"item_id\":${item2},\"quantity\":2}],\"share\":\"${s3}\",\"payments\":[{\"method\":\"card\",\"code\":\"${card2}\"}]}" },
		{ "and the rest comes back", "manager", POST, "/v1/orders/${order}/refunds", "{\"reason\":\"r\"}" },
		{ "still clean", "operator", POST, "/v1/audit", "{}", .check = { { "clean", "true" } }, .within_ms = 3000 },
	};
	shell("rm -f %s/qrtill.db-wal %s/qrtill.db-shm && cp %s/work.db %s/qrtill.db", server.dir, server.dir, test_folder(),
	      server.dir);
	server_again(&server);
	api_begin(&server);
	API_RUN(steps);
	api_ok(server_stop(&server), "it stops cleanly");
}

int main(void)
{
	int newest = newest_schema(), migrations = proof_rounds("MIGRATIONS", 1), statements = 0;
	int64_t wrong = 0;

	make_shop();
	/* The newest last: the server is started on its file. */
	for (int n = newest - migrations + 1 < 2 ? 2 : newest - migrations + 1; n <= newest; n++) {
		int64_t before = wrong;
		int killed = kill_each(n, &wrong);
		statements += killed;
		api_ok(wrong == before && killed > 2, "migration %d killed at each of %d statements: old or new, and whole after the next start",
		       n, killed);
	}
	serve();
	proof_say("migrate", statements, wrong, "migrations=%d", migrations < newest - 1 ? migrations : newest - 1);
	return api_end();
}
