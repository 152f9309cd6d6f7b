/* Reports over a random shop: each figure is worked out again from the ledger's entries and from rows, by SQL of the
 * test's own, half of it behind the mark of the sums and half before it; then over a year of days of 23, 24 and 25
 * hours; and who may see what. */
#include "server/report_sum.h"
#include "tests/lib/sale.h"
#include "tests/lib/tmp.h"

#include "shared/jread.h"

#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SALES 110
#define OP "operator:merchant"

static unsigned seed = 2111;
static sqlite3 *db;

static int below(int n)
{
	return (int)(rand_r(&seed) % (unsigned)n);
}

/* ---- the random shop ---- */

static void add(char *body, size_t size, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
static void add(char *body, size_t size, const char *fmt, ...)
{
	size_t len = strlen(body);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(body + len, size - len, fmt, ap);
	va_end(ap);
}

static void make_lines(char *body, size_t size)
{
	static const char *const items[] = { "item1", "item2", "item3" };

	add(body, size, "{\"lines\":[");
	for (int i = 0, n = 1 + below(4); i < n; i++) {
		add(body, size, "%s{\"item_id\":${%s},\"quantity\":%d", i ? "," : "", items[below(3)], 1 + below(5));
		if (below(4) == 0)
			add(body, size, ",\"discount\":{\"rate_bp\":%d,\"reason\":\"Damaged\"}", 100 + below(3000));
		if (below(6) == 0)
			add(body, size, ",\"price_cents\":%d,\"price_reason\":\"Price match\"", 100 + below(500));
		add(body, size, "}");
	}
	if (below(6) == 0)
		add(body, size, ",{\"card_id\":${card2_id},\"card_use\":\"top-up\",\"quantity\":1,\"price_cents\":%d}", 100 + below(900));
	add(body, size, "]");
	if (below(4) == 0)
		add(body, size, ",\"discount\":{\"amount_cents\":%d,\"reason\":\"Goodwill\"}", 1 + below(60));
}

/* One sale with one to three tenders; sometimes a refund of a part or of all. */
static void random_sale(int i)
{
	static const char *const people[] = { "cashier1", "cashier2", "manager" };
	char body[3000] = "";
	int tender = below(6);

	make_lines(body, sizeof body);
	if (below(2))
		add(body, sizeof body, ",\"customer\":\"${identity1}\"");
	static const char *const payments[] = {
		"{\"method\":\"cash\"}", "{\"method\":\"terminal\",\"approval\":\"A1\"}",
		"{\"method\":\"card\",\"code\":\"${card1}\"}",
		"{\"method\":\"card\",\"code\":\"${card1}\",\"amount_cents\":37},{\"method\":\"cash\"}",
		("{\"method\":\"cash\",\"amount_cents\":21},{\"method\":\"card\",\"code\":\"${card1}\",\"amount_cents\":13},"
		"{\"method\":\"terminal\",\"approval\":\"A2\"}"),
		"{\"method\":\"points\",\"identity_code\":\"${identity2}\",\"amount_cents\":10},{\"method\":\"cash\"}",
	};
	add(body, sizeof body, ",\"payments\":[%s]}", payments[tender]);
	const struct step sale = { "sale", people[below(3)], POST, "/v1/orders", body, .status = 201 };
	const struct answer *a = api_send(&sale);
	if (a->status != 201)
		return;
	api_set("order", "%" PRId64, jint(a->body, "order_id", 0));
	if (i % 5 == 0) {
		const struct step refund = { "refund", "manager", POST, "/v1/orders/${order}/refunds",
			below(2) ? "{\"reason\":\"late\"}" : "{\"lines\":[{\"line_no\":1,\"quantity\":1}],\"reason\":\"bad\"}" };
		api_send(&refund);
	}
}

/* ---- figures ---- */

/* The number a statement of the test's own says; ?1 the merchant. */
static int64_t own(const char *sql)
{
	sqlite3_stmt *s;

	if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK) {
		printf("Bail out! %s: %s\n", sql, sqlite3_errmsg(db));
		exit(1);
	}
	sqlite3_bind_int64(s, 1, api_int("merchant"));
	int64_t n = sqlite3_step(s) == SQLITE_ROW ? sqlite3_column_int64(s, 0) : -1;
	sqlite3_finalize(s);
	return n;
}

/* A report of all days; borrowed until the next request. */
static const struct json_t *report(const char *name)
{
	char path[200];

	snprintf(path, sizeof path, "/v1/reports/%s%s", name, strcmp(name, "liability") == 0 ? ""
	                                                      : "?from=2026-01-01&until=2035-12-31");
	const struct step get = { "report", OP, GET, path, .status = 200 };
	return api_send(&get)->body;
}

/* Sum of a member over the rows, or over those whose `where` is `is`. */
static int64_t sum_rows(const struct json_t *body, const char *member, const char *where, const char *is)
{
	const struct json_t *rows = jget(body, "rows");
	int64_t sum = 0;

	for (size_t i = 0; i < jcount(rows); i++) {
		char number[24];
		snprintf(number, sizeof number, "%" PRId64, where ? jint(jat(rows, i), where, -1) : 0);
		if (where == NULL || strcmp(jtext(jat(rows, i), where, number), is) == 0)
			sum += jint(jat(rows, i), member, 0);
	}
	return sum;
}

/* Entries of journals of a kind on accounts of a kind, in the merchant's money. */
#define CARDS "SELECT coalesce(sum(c.amount_cents), 0) FROM order_card c JOIN orders o ON o.id = c.order_id " \
	"WHERE o.merchant_id = ?1 AND c.journal_id > 0"
#define GOODS "order_line l JOIN orders o ON o.id = l.id / 256 JOIN sold_item s ON s.id = l.sold_item_id " \
	"WHERE o.merchant_id = ?1 AND o.state IN (2, 5, 6) AND s.item_id > 0"
#define ENTRIES(journal, account) \
	"SELECT coalesce(sum(e.amount), 0) FROM journal j JOIN entry e ON e.id >= j.id * 64 AND e.id < j.id * 64 + 64 " \
	"JOIN account a ON a.id = e.account_id WHERE j.merchant_id = ?1 AND j.kind = " journal " AND a.kind = " account

static void check(const char *what, int64_t got, int64_t want)
{
	api_ok(got == want, "%s: %" PRId64 ", the test's own %" PRId64, what, got, want);
}

static const struct {
	const char *report, *member, *where, *is, *sql;
} figures[] = {
	{ "day", "orders", NULL, NULL, "SELECT count(*) FROM orders WHERE merchant_id = ?1 AND state IN (2, 5, 6)" },
	{ "day", "total_cents", NULL, NULL, "SELECT sum(total_cents) - (" CARDS ") FROM orders WHERE "
	  "merchant_id = ?1 AND state IN (2, 5, 6)" },
	{ "day", "refunded_cents", NULL, NULL, "SELECT sum(r.amount_cents) - (" CARDS " AND c.back_journal_id > 0) FROM refund "
	  "r JOIN orders o ON o.id = r.order_id WHERE o.merchant_id = ?1" },
	{ "net", "amount_cents", "line", "cards-sold", "SELECT (" CARDS ") - (" CARDS " AND c.back_journal_id > 0)" },
	{ "net", "amount_cents", "line", "taken", "SELECT (SELECT sum(total_cents) FROM orders WHERE merchant_id = ?1 AND state "
	  "IN (2, 5, 6)) - (SELECT sum(r.amount_cents) FROM refund r JOIN orders o ON o.id = r.order_id WHERE o.merchant_id = ?1)" },
	{ "day", "tax_cents", NULL, NULL,
	  "SELECT (SELECT sum(l.tax_cents) FROM order_line l JOIN orders o ON o.id = l.id / 256 WHERE o.merchant_id = ?1 AND "
	  "o.state IN (2, 5, 6)) - (SELECT sum(r.tax_cents) FROM refund_line r JOIN refund f ON f.id = r.id / 256 JOIN orders "
	  "o ON o.id = f.order_id WHERE o.merchant_id = ?1)" },
	{ "day", "pieces", NULL, NULL, "SELECT sum(l.quantity) FROM " GOODS },
	{ "till", "total_cents", "terminal_id", "${till1_id}",
	  "SELECT sum(coalesce(l.amount_cents, l.quantity * l.price_cents) + l.tax_cents) FROM " GOODS
	  " AND o.terminal_id = (SELECT min(id) FROM terminal WHERE merchant_id = ?1)" },
	{ "cashier", "refunded_cents", "number", "2",
	  "SELECT sum(r.amount_cents) FROM refund_line r JOIN refund f ON f.id = r.id / 256 JOIN staff p ON p.id = f.staff_id JOIN "
	  "order_line l ON l.id = f.order_id * 256 + r.id % 256 JOIN sold_item s ON s.id = l.sold_item_id AND s.item_id > 0 WHERE "
	  "p.merchant_id = ?1 AND p.number = '2'" },
	{ "item", "pieces", "sku", "A2",
	  "SELECT sum(l.quantity) FROM order_line l JOIN sold_item s ON s.id = l.sold_item_id JOIN item i ON i.id = s.item_id "
	  "JOIN orders o ON o.id = l.id / 256 WHERE i.sku = 'A2' AND o.merchant_id = ?1 AND o.state IN (2, 5, 6)" },
	{ "tax", "tax_cents", "rate_bp", "825",
	  "SELECT (SELECT sum(tax_cents) FROM orders WHERE merchant_id = ?1 AND state IN (2, 5, 6)) - (SELECT sum(r.tax_cents) "
	  "FROM refund r JOIN orders o ON o.id = r.order_id WHERE o.merchant_id = ?1)" },
	/* from the ledger's entries alone */
	{ "tender", "total_cents", "tender", "cash", "SELECT -(" ENTRIES("0", "1") ")" },
	{ "tender", "refunded_cents", "tender", "cash", ENTRIES("1", "1") },
	{ "tender", "total_cents", "tender", "terminal", "SELECT -(" ENTRIES("0", "0") ")" },
	{ "tender", "refunded_cents", "tender", "terminal", ENTRIES("1", "0") },
	{ "tender", "total_cents", "tender", "card", "SELECT -(" ENTRIES("0", "3") ")" },
	{ "tender", "refunded_cents", "tender", "card", ENTRIES("1", "3") },
	{ "tender", "points", "tender", "points",
	  "SELECT -(" ENTRIES("0", "12") " AND e.amount < 0) - (SELECT coalesce(sum(t.points), 0) FROM refund_tender t JOIN "
	  "payment p ON p.id = t.payment_id JOIN orders o ON o.id = p.order_id WHERE o.merchant_id = ?1 AND p.source = 3)" },
	{ "liability", "amount_cents", "kind", "cards",
	  "SELECT sum(e.amount) FROM entry e JOIN account a ON a.id = e.account_id JOIN card c ON a.kind = 3 AND c.id = "
	  "a.owner_id WHERE c.merchant_id = ?1" },
	{ "liability", "points", "kind", "points-owed",
	  "SELECT sum(e.amount) FROM entry e JOIN account a ON a.id = e.account_id WHERE a.kind = 12 AND a.unit = 1000000 + ?1" },
	{ "difference", "difference_cents", NULL, NULL, "SELECT -(" ENTRIES("19", "1") ")" },
	{ "z", "expected_cents", NULL, NULL,
	  "SELECT -(sum(e.amount)) FROM entry e JOIN account a ON a.id = e.account_id JOIN journal j ON j.id = e.id / 64 WHERE "
	  "a.kind = 1 AND a.owner_id = (SELECT min(id) FROM terminal WHERE merchant_id = ?1) AND j.kind NOT IN (16, 19)" },
};

/* What the merchant and the platform got for sales is what was paid in money: of the tenders all but points. */
static void check_whole(void)
{
	static const char *const same[] = { "hour", "till", "cashier", "item", "tax", "section" };
	const struct json_t *body = report("tender");
	int64_t money = sum_rows(body, "left_cents", NULL, NULL) - sum_rows(body, "left_cents", "tender", "points");

	check("money kept: merchant's and fee's entries", money,
	      own(ENTRIES("0", "2")) + own(ENTRIES("0", "5")) + own(ENTRIES("1", "2")) + own(ENTRIES("1", "5")));
	body = report("day");
	int64_t total = sum_rows(body, "total_cents", NULL, NULL), net = jint(jget(body, "total"), "net_cents", -1);
	check("the total is the rows' sum", jint(jget(body, "total"), "total_cents", -1), total);
	for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
		body = report(same[i]);
		char what[60];
		snprintf(what, sizeof what, "%s: the same net as by day", same[i]);
		check(what, jint(jget(body, "total"), "net_cents", -1), net);
	}
	body = report("net");
	check("gross to net ends there", sum_rows(body, "amount_cents", "line", "net"), net);
	check("and is sold what was sold", sum_rows(body, "amount_cents", "line", "sold"), total);
	check("from list prices", sum_rows(body, "amount_cents", "line", "list-price"),
	      own("SELECT sum(l.quantity * l.price_cents) FROM " GOODS));
	check("discounts of lines", sum_rows(body, "amount_cents", "line", "line-discount"),
	      own("SELECT sum(t.amount_cents) FROM order_step t JOIN orders o ON o.id = t.id / 4096 WHERE o.merchant_id = ?1 AND "
	          "o.state IN (2, 5, 6) AND t.kind = 2"));
}

static void check_figures(const char *when)
{
	printf("# %s; behind the mark: %" PRId64 " of %" PRId64 " journals\n", when,
	       own("SELECT journal_id + ?1 * 0 FROM report_mark"), own("SELECT max(id) + ?1 * 0 FROM journal"));
	for (size_t i = 0; i < sizeof figures / sizeof *figures; i++) {
		char what[120];
		const char *is = figures[i].is && figures[i].is[0] == '$' ? api_var("till1_id") : figures[i].is;
		const struct json_t *body = report(figures[i].report);
		snprintf(what, sizeof what, "%s %s %s", figures[i].report, figures[i].member, is ? is : "");
		check(what, sum_rows(body, figures[i].member, figures[i].where, is), own(figures[i].sql));
	}
	check_whole();
}

/* ---- who and what is refused ---- */

static const struct step asking[] = {
	{ "the list", "manager", GET, "/v1/reports", .status = 200, .check = { { "reports[0].report", "day" } } },
	{ "no cashier", "cashier1", GET, "/v1/reports/day", .status = 403, .error = "forbidden" },
	{ "no such report", OP, GET, "/v1/reports/nothing", .status = 404, .error = "not-found" },
	{ "no day", OP, GET, "/v1/reports/day?from=2026-02-30", .status = 422, .error = "bad-field",
	  .check = { { "field", "from" } } },
	{ "backwards", OP, GET, "/v1/reports/day?from=2026-03-02&until=2026-03-01", .status = 422, .error = "out-of-range",
	  .check = { { "field", "until" } } },
	{ "another's store", OP, GET, "/v1/reports/day?store_id=${other_store}", .status = 404, .error = "not-found",
	  .check = { { "field", "store_id" } } },
	{ "another merchant's are another's", "operator:other_merchant", GET, "/v1/reports/day?from=2026-01-01&until=2035-12-31",
	  .status = 200, .check = { { "rows", "<0 items>" }, { "total.total_cents", "0" } } },
	{ "today", "manager", GET, "/v1/reports/till", .status = 200, .check = { { "rows", "<3 items>" }, { "currency", "USD" } } },
	{ "a zone", OP, POST, "/v1/stores/${store}/zone", "{\"zone\":\"Asia/Shanghai\"}", .status = 200 },
	{ "the zone again", OP, POST, "/v1/stores/${store}/zone", "{\"zone\":\"Asia/Shanghai\"}", .key = "=a zone" },
	{ "is the report's", OP, GET, "/v1/reports/day?store_id=${store}", .status = 200, .check = { { "zone", "Asia/Shanghai" } } },
	{ "no zone", OP, POST, "/v1/stores/${store}/zone", "{\"zone\":\"Asia/Nowhere\"}", .status = 422, .error = "bad-field",
	  .check = { { "field", "zone" } } },
	{ "another's zone", OP, POST, "/v1/stores/${other_store}/zone", "{\"zone\":\"UTC\"}", .status = 404, .error = "not-found" },
};
static const struct step add_up[] = {
	{ "the sums are made", "operator", POST, "/v1/jobs/run", "{\"job\":\"reports\"}", .key = "none", .status = 200 },
};
static const struct step shop_day[] = {
	{ "points for customer 2", OP, POST, "/v1/points/earn", "{\"identity_code\":\"${identity2}\",\"points\":5000,\"reason\":\"x\"}" },
	{ "ten off apples", "manager", POST, "/v1/promotions",
	  "{\"name\":\"Ten off\",\"kind\":\"item\",\"off_bp\":1000,\"parts\":[{\"items\":[${item1}]}]}", .status = 201 },
	{ "a section", "manager", POST, "/v1/sections", "{\"name\":\"Fruit\"}", .save = { { "section_id", "fruit" } } },
	{ "with apples", "manager", POST, "/v1/sections/${fruit}/items", "{\"add\":[${item1}]}" },
};
static const struct step close_till[] = {
	{ "till 1 is counted", "manager", POST, "/v1/shifts/close",
	  "{\"terminal_id\":${till1_id},\"count\":[{\"value_cents\":100,\"quantity\":93}]}", .status = 201 },
};

/* The same figures over months and pieces of months as day by day. */
static void check_ranges(const char *path)
{
	struct db *reader = NULL;
	int64_t from, to, wrong = 0;
	enum qt_err err = db_open(path, DB_READ, &reader, NULL);

	zone_day_parse("2026-02-27", &from);
	zone_day_parse("2026-12-02", &to);
	for (int i = 0; i < 40 && err == QT_OK; i++) {
		int64_t a = from + below((int)(to - from)), b = a + 1 + below(90), whole = 0, by_day = 0;
		struct sums once = { 0 }, days = { 0 };
		const struct sum_query q = { api_int("merchant"), a, b, 0, SUM_HOUR, false };
		struct sum_query d = q;
		d.by_day = true;
		db_snapshot_begin(reader);
		err = sums_read(reader, &q, &once);
		if (err == QT_OK)
			err = sums_read(reader, &d, &days);
		db_snapshot_end(reader);
		for (int k = 0; k < once.count; k++)
			whole += once.rows[k].value[SUM_AMOUNT];
		for (int k = 0; k < days.count; k++)
			by_day += days.rows[k].value[SUM_AMOUNT];
		wrong += whole != by_day;
		sums_free(&once);
		sums_free(&days);
	}
	db_close(reader);
	api_ok(err == QT_OK && wrong == 0, "by month and by day the same: %" PRId64 " of 40 ranges differ", wrong);
}

/* ---- days of 23 and 25 hours ---- */

#define APART_MS INT64_C(1234567) /* some twenty minutes */

/* Move the journals of a stopped server's file over days when clocks are put forward and back. */
static void spread_journals(const char *path)
{
	sqlite3 *raw;
	char sql[300];

	sqlite3_open(path, &raw);
	snprintf(sql, sizeof sql, "DROP TRIGGER journal_kept; UPDATE journal SET at_ms = CASE WHEN id %% 2 = 0 THEN "
	         "1772928000000 ELSE 1793491200000 END + id * %" PRId64 "; DELETE FROM report_sum; DELETE FROM store_zone; "
	         "UPDATE report_mark SET journal_id = 0; INSERT INTO store_zone VALUES (1, 0, 0, 'America/New_York')", APART_MS);
	if (sqlite3_exec(raw, sql, NULL, NULL, NULL) != SQLITE_OK)
		api_ok(false, "the journals are moved: %s", sqlite3_errmsg(raw));
	sqlite3_close(raw);
}

/* Sales by hour of two days, against the C library's clock. */
static void check_days(const char *path)
{
	static const char *const days[] = { "2026-03-08", "2026-11-01" };
	struct db *reader = NULL;

	setenv("TZ", "America/New_York", 1);
	tzset();
	api_ok(db_open(path, DB_READ, &reader, NULL) == QT_OK, "the file opens");
	for (int d = 0; d < 2; d++) {
		int64_t want[24] = { 0 }, got[24] = { 0 }, day, sales = 0;
		struct sums sums = { 0 };
		sqlite3_stmt *s;
		zone_day_parse(days[d], &day);
		sqlite3_prepare_v2(db, "SELECT at_ms FROM journal WHERE kind = 0 AND merchant_id = ?1", -1, &s, NULL);
		sqlite3_bind_int64(s, 1, api_int("merchant"));
		while (sqlite3_step(s) == SQLITE_ROW) {
			time_t t = (time_t)(sqlite3_column_int64(s, 0) / 1000);
			struct tm tm;
			char text[40];
			localtime_r(&t, &tm);
			strftime(text, sizeof text, "%Y-%m-%d", &tm);
			if (strcmp(text, days[d]) == 0)
				want[tm.tm_hour]++, sales++;
		}
		sqlite3_finalize(s);
		const struct sum_query q = { api_int("merchant"), day, day + 1, 0, SUM_HOUR, false };
		db_snapshot_begin(reader);
		enum qt_err err = sums_read(reader, &q, &sums);
		db_snapshot_end(reader);
		for (int i = 0; i < sums.count; i++)
			got[sums.rows[i].ref_id] += sums.rows[i].value[SUM_COUNT];
		api_ok(err == QT_OK && sales > 5 && memcmp(want, got, sizeof want) == 0, "%s: %" PRId64 " sales in the right hours",
		       days[d], sales);
		if (d == 0)
			api_ok(got[2] == 0, "the hour that was not there is empty");
		sums_free(&sums);
	}
	db_close(reader);
}

/* ---- the auditor ---- */

static const struct wrong {
	const char *check, *sql;
} wrongs[] = {
	{ "report-day", "UPDATE report_sum SET amount_cents = amount_cents + 1 WHERE kind = 1" },
	{ "report-item", "UPDATE report_sum SET back_cents = back_cents + 1 WHERE kind = 2" },
	{ "report-pieces", "UPDATE report_sum SET quantity = quantity - 1 WHERE kind = 2" },
	{ "report-cashier", "DELETE FROM report_sum WHERE kind = 3" },
	{ "report-till", "UPDATE report_sum SET ref_id = ref_id + 100 WHERE kind = 4" },
	{ "report-tender", "UPDATE report_sum SET amount_cents = amount_cents + 1 WHERE kind = 5" },
	{ "report-tax", "UPDATE report_sum SET tax_cents = tax_cents + 1 WHERE kind = 6" },
	{ "report-cards", "UPDATE report_sum SET amount_cents = amount_cents + 1 WHERE kind = 8" },
	{ "report-month", "UPDATE report_sum SET amount_cents = amount_cents + 1 WHERE kind = 18" },
	{ "report-till", "UPDATE report_mark SET journal_id = journal_id - 9" },
};

/* A changed sum has a name in the auditor's report. */
static void audit_finds(const struct test_server *server, const char *path, const struct wrong *w)
{
	char command[400], line[200] = "";
	bool found = false;
	sqlite3 *raw;

	sqlite3_open(path, &raw);
	sqlite3_exec(raw, "BEGIN", NULL, NULL, NULL);
	sqlite3_exec(raw, "CREATE TABLE kept AS SELECT * FROM report_sum; CREATE TABLE kept_mark AS SELECT * FROM report_mark",
	             NULL, NULL, NULL);
	sqlite3_exec(raw, w->sql, NULL, NULL, NULL);
	sqlite3_exec(raw, "COMMIT", NULL, NULL, NULL);
	snprintf(command, sizeof command, "%s/qrtill audit --data-dir %s 2>&1", getenv("QRTILL_BIN") ? getenv("QRTILL_BIN") : "build/bin",
	         server->dir);
	FILE *f = popen(command, "r");
	while (f && fgets(line, sizeof line, f) != NULL)
		found = found || strncmp(line, w->check, strlen(w->check)) == 0;
	if (f)
		pclose(f);
	api_ok(found, "the auditor finds it: %s", w->sql);
	sqlite3_exec(raw, "BEGIN; DELETE FROM report_sum; INSERT INTO report_sum SELECT * FROM kept; DELETE FROM report_mark; "
	             "INSERT INTO report_mark SELECT * FROM kept_mark; DROP TABLE kept; DROP TABLE kept_mark; COMMIT", NULL, NULL, NULL);
	sqlite3_close(raw);
}

int main(int argc, char **argv)
{
	struct test_server server;
	struct db *first = NULL;
	char path[160];

	if (argc > 1)
		seed = (unsigned)atoi(argv[1]);
	printf("# seed %u\n", seed);
	server_start(&server, "server", NULL);
	api_begin(&server);
	sale_shop();
	API_RUN(shop_day);
	snprintf(path, sizeof path, "%s/qrtill.db", server.dir);
	if (db_open(path, DB_READ, &first, NULL) != QT_OK) /* the store sets SQLite up: it comes first */
		api_ok(false, "the store opens it");
	db_close(first);
	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
		api_ok(false, "the database opens");
	for (int i = 0; i < SALES; i++) {
		random_sale(i);
		if (i == SALES / 2)
			API_RUN(add_up);
	}
	API_RUN(close_till);
	api_ok(own("SELECT count(*) FROM orders WHERE merchant_id = ?1 AND state IN (2, 5, 6)") > SALES / 3, "enough was sold");
	check_figures("half live");
	API_RUN(add_up);
	check_figures("all added up");
	API_RUN(asking);
	sale_audit();
	api_ok(server_stop(&server), "the server ends cleanly");
	for (size_t i = 0; i < sizeof wrongs / sizeof *wrongs; i++)
		audit_finds(&server, path, &wrongs[i]);
	spread_journals(path);
	check_days(path);
	server_again(&server);
	API_RUN(add_up);
	check_days(path);
	check_ranges(path);
	api_ok(server_stop(&server), "the server ends cleanly again");
	sqlite3_close(db);
	return api_end();
}
