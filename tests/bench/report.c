/* report: see report.h. */
#include "tests/bench/report.h"

#include "server/store/db.h"
#include "shared/clock.h"
#include "tests/bench/figures.h"
#include "tests/lib/api.h"

#include <sqlite3.h>
#include <stdio.h>

#define DAY_MS INT64_C(86400000)

/* The newest journal stays where it is, the first goes a year back: item ids, tills and tenders as they were sold. */
static void spread(const struct test_server *server)
{
	static const char sql[] =
		"DROP TRIGGER IF EXISTS journal_kept; PRAGMA synchronous = OFF; "
		"CREATE TEMP TABLE ends AS SELECT max(at_ms) AS at_ms, max(id) AS id FROM journal; "
		"UPDATE journal SET at_ms = (SELECT at_ms FROM ends) - 31449600000 + 31449600000 * id / (SELECT id FROM ends); "
		"DELETE FROM report_sum; UPDATE report_mark SET journal_id = 0;";
	struct db *first = NULL;
	char path[160];
	sqlite3 *raw;

	snprintf(path, sizeof path, "%s/qrtill.db", server->dir);
	if (db_open(path, DB_READ, &first, NULL) != QT_OK) /* the store sets SQLite up: it comes first */
		fatal("bench: %s", path);
	db_close(first);
	if (sqlite3_open(path, &raw) != SQLITE_OK || sqlite3_exec(raw, sql, NULL, NULL, NULL) != SQLITE_OK)
		fatal("bench: the journals do not move: %s", sqlite3_errmsg(raw));
	sqlite3_close(raw);
}

void bench_report(struct test_server *server, long long merchant_id)
{
	static const char *const names[] = { "day", "hour", "item", "section", "cashier", "till", "tender", "tax", "net" };
	const struct step add_up = { "sums", "operator", POST, "/v1/jobs/run", "{\"job\":\"reports\"}", .key = "none" };

	if (!server_stop(server))
		fatal("bench: the server did not stop cleanly");
	spread(server);
	server_again(server);
	api_begin(server);
	api_set("merchant", "%lld", merchant_id);
	int64_t began = clock_mono_ms();
	if (api_send(&add_up)->status != 200)
		fatal("bench: no sums");
	fprintf(stderr, "# a year added up anew in %lld ms\n", (long long)(clock_mono_ms() - began));
	for (int round = 0; round < 3; round++) {
		int64_t slowest = 0;
		for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
			char path[100], today[21], year_ago[21];
			clock_format_utc(clock_now_ms() + DAY_MS, today);
			clock_format_utc(clock_now_ms() - 366 * DAY_MS, year_ago);
			snprintf(path, sizeof path, "/v1/reports/%s?from=%.10s&until=%.10s", names[i], year_ago, today);
			const struct step ask = { "report", "operator:merchant", GET, path, .status = 200 };
			int64_t from = clock_mono_us();
			if (api_send(&ask)->status != 200)
				fatal("bench: no report %s: %s", names[i], api_last()->text);
			int64_t us = clock_mono_us() - from;
			if (round == 0)
				fprintf(stderr, "# report %s: %.1f ms\n", names[i], (double)us / 1000);
			if (us > slowest)
				slowest = us;
		}
		figure_add("report_year_ms_1m", (double)slowest / 1000);
	}
}
