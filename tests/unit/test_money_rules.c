/* The rules of payments and of the jobs that move money, below HTTP, on a shop that a real server made: what providers may
 * say and when, and every statement of it failing once. A failed statement is an error of the whole, which is rolled back;
 * the same once more does the work. */
#include "server/card.h"
#include "server/payment_rows.h"
#include "server/provider.h"
#include "server/rebate.h"
#include "server/settle.h"
#include "server/store/seal.h"
#include "server/store/tx.h"
#include "server/ledger_state.h"
#include "shared/clock.h"
#include "tests/lib/sale.h"

#include <dlfcn.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#define HOUR_MS INT64_C(3600000)

/* ---- a statement that fails: this stands before the SQLite library's own function ---- */

static int fail_at, seen, hits; /* fail_at 0: none does */

int sqlite3_step(sqlite3_stmt *s);
int sqlite3_step(sqlite3_stmt *s)
{
	static int (*real)(sqlite3_stmt *);
	const char *text = sqlite3_sql(s);

	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "sqlite3_step");
	/* Beginning, rolling back and the look for the largest id: there a server has no way but to end. */
	if (fail_at == 0 || sqlite3_stmt_busy(s) || strncmp(text, "BEGIN", 5) == 0 || strncmp(text, "ROLLBACK", 8) == 0 ||
	    strncmp(text, "SELECT coalesce(max(id), 0) FROM", 32) == 0 || ++seen != fail_at)
		return real(s);
	hits++;
	return SQLITE_IOERR;
}

/* ---- the shop ---- */

static char public_url[] = "https://pay.example.com";
static struct server server = { .settings = { .public_url = public_url, .payment_ttl_s = 300, .pin_above_cents = 5000 } };
static struct arena arena;
static struct db *db;

/* A provider that is never asked here. */
static const struct provider_ops provider = { .id = 77, .name = "fake", .name_en = "Fake", .name_zh = "Fake" };

/* What is done in one transaction. */
typedef enum qt_err work_fn(struct call *);

static int64_t payment_id, amount_cents, later_ms;
static const char *code;
static struct provider_answer answer;

static enum qt_err run(work_fn *work)
{
	struct call call = { .server = &server, .db = db, .now_ms = clock_now_ms() + later_ms, .arena = &arena,
		.actor = { .role = ROLE_CUSTOMER, .customer_id = api_int("id1"), .locale = "en" } };

	db_begin(db);
	enum qt_err err = work(&call);
	if (err == QT_OK && fail_at == 0)
		err = db_commit(db);
	else
		db_rollback(db);
	return err;
}

/* Each statement fails once, and each time all of it has failed; then it is done. */
static void does(const char *what, work_fn *work, enum qt_err want)
{
	int unnoticed = 0, places = 0;

	for (fail_at = 1;; fail_at++, places++) {
		seen = hits = 0;
		enum qt_err err = run(work);
		if (hits == 0)
			break;
		unnoticed += err == QT_OK;
	}
	fail_at = 0;
	api_ok(unnoticed == 0, "%s: %d statements that failed, each is noticed", what, places);
	enum qt_err err = run(work);
	api_ok(err == want, "%s: %s", what, err_info(err)->code);
}

static enum qt_err choose(struct call *call)
{
	struct pay_request r = { .customer_id = api_int("id1"), .source = SOURCE_PROVIDER, .institution = "fake",
		.amount_cents = amount_cents };
	struct pay_target target;
	struct payment p;

	enum qt_err err = pay_target(call, code, &target);
	if (err == QT_OK)
		err = payment_provider_begin(call, &target, &r, &p);
	payment_id = p.id;
	return err;
}

static enum qt_err hear(struct call *call)
{
	return payment_provider_result(call, payment_id, "fake", &answer);
}

static void hears(const char *what, enum provider_outcome outcome, int64_t cents, const char *reference)
{
	answer = (struct provider_answer){ .outcome = outcome, .amount_cents = cents };
	snprintf(answer.reference, sizeof answer.reference, "%s", reference);
	does(what, hear, QT_OK);
}

static void is(int state, const char *what)
{
	struct payment p = { 0 };
	bool found_it = payment_get(db, payment_id, &p) == QT_OK;
	api_ok(found_it && p.state == state, "%s: %s", what, payment_state_name((int)p.state));
}

static void begins(const char *name, int64_t cents)
{
	code = api_var(name);
	amount_cents = cents;
	does("a customer chooses the provider", choose, QT_OK);
	is(PAYMENT_PENDING, "it is waited for");
}

/* ---- jobs ---- */

static int found;
static struct provider_task tasks[20];

static enum qt_err look_returns(struct call *call)
{
	return provider_tasks(call->db, PROVIDER_TASK_RETURN, 0, tasks, 20, &found);
}

static enum qt_err look_queries(struct call *call)
{
	return provider_tasks(call->db, PROVIDER_TASK_QUERY, 0, tasks, 20, &found);
}

static enum qt_err look_refunds(struct call *call)
{
	return provider_tasks(call->db, PROVIDER_TASK_REFUND, 0, tasks, 20, &found);
}

static enum qt_err give_back_first(struct call *call)
{
	return provider_returned(call->db, &tasks[0], call->now_ms);
}

static enum qt_err expire_payments(struct call *call)
{
	return payment_expire_due(call->db, call->now_ms, 64, &found);
}

static enum qt_err expire_cards(struct call *call)
{
	return card_expire_due(call->db, call->now_ms, &found);
}

static enum qt_err expire_holds(struct call *call)
{
	return ledger_holds_expire(call->db, call->now_ms, &found);
}

static enum qt_err release_rebates(struct call *call)
{
	return rebate_release_due(call->db, call->now_ms, 100, &found);
}

static enum qt_err sweep_days(struct call *call)
{
	return rebate_days_sweep(call->db, call->now_ms);
}

static enum qt_err count_earned(struct call *call)
{
	int64_t cents;
	return rebate_earned(call->db, api_int("id3"), 840, 1, &cents);
}

static enum qt_err cancel_order(struct call *call)
{
	struct payment payment;
	enum qt_err err = payment_get(call->db, payment_id, &payment);
	return err == QT_OK ? payment_cancel(call, &payment) : err;
}

static enum qt_err give_back_loose(struct call *call)
{
	struct payment payment;
	enum qt_err err = payment_get(call->db, payment_id, &payment);
	call->actor.merchant_id = api_int("merchant");
	return err == QT_OK ? payment_give_back(call, &payment) : err;
}

/* ---- what a provider may say ---- */

static void test_in_order(void)
{
	begins("code1", 0);
	does("chosen again, the same payment", choose, QT_OK);
	hears("it waits for the customer", PROVIDER_PENDING, 0, "ref-1");
	hears("nothing new", PROVIDER_PENDING, 0, "ref-1");
	hears("no answer", PROVIDER_UNKNOWN, 0, "");
	is(PAYMENT_UNKNOWN, "unknown");
	hears("no answer again", PROVIDER_UNKNOWN, 0, "");
	does("what is asked about", look_queries, QT_OK);
	api_ok(found == 1, "it is on the list");
	hears("paid", PROVIDER_PAID, 1083, "ref-1");
	is(PAYMENT_SETTLED, "settled");
	hears("paid, said twice", PROVIDER_PAID, 1083, "ref-1");
	hears("refused, said late", PROVIDER_FAILED, 0, "");
	is(PAYMENT_SETTLED, "settled still");
}

/* Money after the end: the order takes it while it is open and just so much is due, else it goes back. */
static void test_late(void)
{
	begins("code2", 0);
	hears("refused", PROVIDER_FAILED, 0, "");
	is(PAYMENT_FAILED, "failed");
	hears("refused, said twice", PROVIDER_FAILED, 0, "");
	hears("paid after all", PROVIDER_PAID, 1083, "");
	is(PAYMENT_SETTLED, "the open order takes it");

	begins("code3", 0);
	hears("another amount than was asked", PROVIDER_PAID, 1000, "");
	is(PAYMENT_LATE, "it is late money");

	begins("code4", 0);
	hears("refused", PROVIDER_FAILED, 0, "");
	hears("paid after all, but less", PROVIDER_PAID, 5, "");
	is(PAYMENT_LATE, "late money, which the order does not take");
	does("what is to go back", look_returns, QT_OK);
	api_ok(found == 2, "both are on the list");
	payment_id = tasks[0].payment.id;
	does("given back", give_back_first, QT_OK);
	is(PAYMENT_RETURNED, "returned");
	does("reported twice", give_back_first, QT_OK);
}

/* Money by the counter's code that no order claims, and one that an order claims. */
static void test_fixed(void)
{
	begins("fixed1", 777);
	hears("paid, and nobody's", PROVIDER_PAID, 0, "");
	is(PAYMENT_HELD, "it waits for the till");
	later_ms = 25 * HOUR_MS;
	does("payments whose time is over", expire_payments, QT_OK);
	later_ms = 0;
	is(PAYMENT_LATE, "it goes back");

	begins("fixed1", 778);
	hears("paid, and nobody's", PROVIDER_PAID, 0, "");
	does("the till gives it back", give_back_loose, QT_OK);
	is(PAYMENT_LATE, "it goes back");
	does("only once", give_back_loose, QT_CONFLICT);

	begins("fixed1", 333 + 27);
	hears("paid, and an order waits for just so much", PROVIDER_PAID, 360, "");
	is(PAYMENT_SETTLED, "the order takes it");

	begins("fixed1", 779);
	hears("refused", PROVIDER_FAILED, 0, "");
	hears("paid after all", PROVIDER_PAID, 0, "");
	is(PAYMENT_LATE, "late money");
	amount_cents = 0;
	does("the counter's code without an amount", choose, QT_MISSING_FIELD);
}

/* What is no payment of the provider's, or of one that is gone. */
static enum qt_err hear_of_another(struct call *call)
{
	return payment_provider_result(call, payment_id, "other", &answer);
}

static enum qt_err hear_gone(struct call *call)
{
	SQL(rename, "UPDATE payment SET provider = 'gone' WHERE id = $1");
	enum qt_err err = db_run(call->db, &rename, "i", payment_id);
	if (err != QT_OK)
		return err;
	err = payment_provider_result(call, payment_id, "gone", &answer);
	return err == QT_OK ? QT_CONFLICT : err;
}

static enum qt_err return_gone(struct call *call)
{
	SQL(rename, "UPDATE payment SET provider = 'gone' WHERE id = $1");
	enum qt_err err = db_run(call->db, &rename, "i", tasks[0].payment.id);
	return err == QT_OK ? provider_returned(call->db, &tasks[0], call->now_ms) : err;
}

static void test_strangers(void)
{
	struct provider_task unknown = { .kind = PROVIDER_TASK_RETURN };

	begins("code5", 0);
	does("another provider's word", hear_of_another, QT_NOT_FOUND);
	answer.outcome = PROVIDER_PAID;
	does("of a provider that is gone", hear_gone, QT_NOT_FOUND);
	is(PAYMENT_PENDING, "it waits still");
	does("what is to go back", look_returns, QT_OK);
	does("to a provider that is gone", return_gone, QT_NOT_FOUND);
	does("cancelled at the till", cancel_order, QT_CONFLICT);
	payment_id = 999999;
	does("a payment nobody made", hear, QT_NOT_FOUND);
	tasks[0] = unknown;
	does("a report about nothing", give_back_first, QT_NOT_FOUND);
	tasks[0].kind = PROVIDER_TASK_REFUND;
	does("a refund of nothing", give_back_first, QT_NOT_FOUND);
	does("refunds to ask for", look_refunds, QT_OK);
}

/* ---- what the clock brings ---- */

static void test_jobs(void)
{
	later_ms = 3000 * 1000;
	does("rebates whose time has come", release_rebates, QT_OK);
	does("what somebody earned", count_earned, QT_OK);
	does("old days are forgotten", sweep_days, QT_OK);
	later_ms = 40 * 24 * HOUR_MS;
	does("codes that were never paid", expire_payments, QT_OK);
	does("cards whose time is over", expire_cards, QT_OK);
	does("holds that nobody ended", expire_holds, QT_OK);
	later_ms = 0;
}

/* A look whose end fails is over all the same: the next one begins. */
static void test_reader_goes_on(const char *path)
{
	struct db *reader;

	if (db_open(path, DB_READ, &reader, NULL) != QT_OK)
		fatal("no reader");
	for (int i = 0; i < 2; i++) {
		struct payment p;
		db_snapshot_begin(reader);
		bool there = payment_get(reader, 1, &p) == QT_OK;
		fail_at = 1;
		seen = hits = 0;
		db_snapshot_end(reader);
		fail_at = 0;
		api_ok(there && hits == 1, "a reader whose look could not be ended looks again");
	}
	db_close(reader);
}

static void make_world(void)
{
#define CODE_ORDER(n) \
	{ "an order by code", "cashier1", POST, "/v1/orders", \
	  "{\"lines\":[{\"item_id\":${item2},\"quantity\":1}],\"payments\":[{\"method\":\"code\"}]}", .status = 201, \
	  .save = { { "payments[0].code", "code" #n } } }
	static const struct step steps[] = {
		CODE_ORDER(1), CODE_ORDER(2), CODE_ORDER(3), CODE_ORDER(4), CODE_ORDER(5), CODE_ORDER(6),
		{ "an order for the counter's code", "cashier1", POST, "/v1/orders",
		  "{\"lines\":[{\"item_id\":${item1},\"quantity\":1}]}", .status = 201, .check = { { "total_cents", "360" } } },
		{ "a sale that was shared", "cashier1", POST, "/v1/orders",
		  "{\"lines\":[{\"item_id\":${item2},\"quantity\":5}],\"share\":\"${s3}\",\"customer\":\"${identity4}\","
		  "\"payments\":[{\"method\":\"cash\"}]}", .status = 201 },
		{ "a card that ends", "manager", POST, "/v1/cards", "{\"amount_cents\":700,\"tender\":\"cash\"}",
		  .save = { { "card_id", "ending" } } },
		{ "money for nobody", "c5", POST, "/v1/pay/${fixed1}", "{\"source\":\"card\",\"card_id\":${card2_id},\"amount_cents\":4321}",
		  .check = { { "state", "held" } } },
	};

	sale_shop();
	sale_campaign();
	API_RUN(steps);
	for (int i = 1; i <= 6; i++) {
		char name[8];
		snprintf(name, sizeof name, "code%d", i);
		sale_token(name, name);
	}
}

static void open_file(const struct test_server *s)
{
	char path[300];
	struct problem why = { 0 };

	snprintf(path, sizeof path, "%s/keys.conf", s->dir);
	api_ok(keyring_load(path, &server.keys, &why) == QT_OK, "the server's keys %s", why.detail);
	snprintf(path, sizeof path, "%s/qrtill.db", s->dir);
	api_ok(db_open(path, DB_WRITE, &db, &why) == QT_OK && ledger_open(db, &why) == QT_OK &&
	       seal_open(db, &server.keys, NULL, &why) == QT_OK, "its database, in this process %s", why.detail);
	api_ok(provider_register(&provider), "a provider");
}

int main(void)
{
	struct test_server s;

	server_start(&s, "rules", NULL);
	api_begin(&s);
	make_world();
	api_ok(server_stop(&s), "the server stops cleanly");
	open_file(&s);
	test_in_order();
	test_late();
	test_strangers();
	test_fixed();
	test_jobs();
	test_reader_goes_on(db_path(db));
	api_ok(ledger_write_back_all(db) == QT_OK, "all is written back");
	db_close(db);
	arena_free(&arena);
	server_again(&s);
	api_begin(&s);
	sale_audit();
	api_ok(server_stop(&s), "and stops cleanly");
	return api_end();
}
