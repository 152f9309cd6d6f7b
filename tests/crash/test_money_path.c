/* The ways money moves, each with its allocations and disk calls failing: each once, and all from there on for good. The
 * server answers with an error or ends; asked again with the same key it has done the work exactly once, by the rows it wrote
 * (as many as without a fault) and by what it says; at the end file and books are clean. PLACES sets how many places of
 * each kind are tried on each way (2); more than there are: all. */
#include "server/store/db.h"
#include "shared/clock.h"
#include "tests/crash/diskfault.h"
#include "tests/lib/proof.h"
#include "tests/lib/sale.h"
#include "tests/lib/sandbox.h"
#include "tests/lib/sellers.h"
#include "tests/lib/tmp.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define OP "operator:merchant"
#define LINE "\"lines\":[{\"item_id\":${item2},\"quantity\":1}]" /* 10.83 */
#define HANG_MS 15000  /* an answer that takes longer is none */
#define MEND_MS 20000  /* so long it may take until the work is done after a fault */
#define PLACES_MAX 5000

static struct test_server server;
static struct test_sandbox platform;
static struct diskfault *fault;
static int64_t tried, wrong, deaths, crashes;

/* ---- the ways ---- */

#define A_CARD { "a card", "cashier1", POST, "/v1/cards", "{\"amount_cents\":5000,\"tender\":\"cash\"}", \
	.save = { { "code", "card" }, { "card_id", "card_id" } } }
#define A_SALE(pay) { "a sale", "cashier1", POST, "/v1/orders", "{" LINE ",\"payments\":[" pay "]}", \
	.save = { { "order_id", "order" }, { "payments[0].payment_id", "payment" }, { "at_ms", "at_ms" } } }
#define A_CODE { "a code to be paid", "cashier1", POST, "/v1/orders", "{" LINE ",\"payments\":[{\"method\":\"code\"}]}", \
	.save = { { "order_id", "order" }, { "payments[0].payment_id", "payment" }, { "payments[0].code", "pay_url" } } }
#define BY_CARD "{\"method\":\"card\",\"code\":\"${card}\"}"
#define CARD_HAS(cents) { "what is on the card", "cashier1", POST, "/v1/cards/look", "{\"code\":\"${card}\"}", .key = "none", \
	.check = { { "balance_cents", cents } } }
#define ORDER_IS(what) { "the order", "cashier1", GET, "/v1/orders/${order}", .check = { { "state", what } } }
#define STEPS(...) (const struct step[]){ __VA_ARGS__ }, sizeof((const struct step[]){ __VA_ARGS__ }) / sizeof(struct step)

struct way {
	const char *name;
	const struct step *before; /* what must be there; without faults */
	int before_count;
	struct step act;           /* meets the faults; key is ${key}. No path: the platform's callback for ${payment} */
	const struct step *after;  /* what must be true when it was done once */
	int after_count;
};

#define ACT(as, path, body) { "the work", as, POST, path, body, .key = "${key}" }
static const struct way ways[] = {
	{ "card sale", STEPS(A_CARD), ACT("cashier1", "/v1/orders", "{" LINE ",\"payments\":[" BY_CARD "]}"),
	  STEPS(CARD_HAS("3917")) },
	{ "cash sale", NULL, 0, ACT("cashier1", "/v1/orders", "{" LINE ",\"payments\":[{\"method\":\"cash\",\"received_cents\":2000}]}"),
	  NULL, 0 },
	{ "sale for points",
	  STEPS({ "points", "manager", POST, "/v1/points/earn", "{\"identity_code\":\"${identity1}\",\"points\":1083,\"reason\":\"x\"}" }),
	  ACT("cashier1", "/v1/orders", "{" LINE ",\"payments\":[{\"method\":\"points\",\"identity_code\":\"${identity1}\"}]}"),
	  STEPS({ "no points are left", "manager", POST, "/v1/points/look", "{\"identity_code\":\"${identity1}\"}", .key = "none",
	          .check = { { "balance", "0" } } }) },
	{ "card and cash, shared, three levels of rebates", STEPS(A_CARD),
	  ACT("cashier1", "/v1/orders", "{" LINE ",\"customer\":\"${identity4}\",\"share\":\"${s3}\",\"payments\":["
	      "{\"method\":\"card\",\"code\":\"${card}\",\"amount_cents\":500},{\"method\":\"cash\"}]}"),
	  STEPS(CARD_HAS("4500")) },
	{ "code paid by phone",
	  STEPS(A_CODE), ACT("c5", "/v1/pay/${pay}", "{\"source\":\"card\",\"card_id\":${card2_id}}"),
	  STEPS(ORDER_IS("paid")) },
	{ "till's fixed code", STEPS({ "an order", "cashier1", POST, "/v1/orders", "{" LINE "}", .save = { { "order_id", "order" } } }),
	  ACT("c5", "/v1/pay/${fixed1}", "{\"source\":\"card\",\"card_id\":${card2_id},\"amount_cents\":1083}"),
	  STEPS(ORDER_IS("paid")) },
	{ "provider's callback",
	  STEPS(A_CODE, { "the platform is chosen", "c1", POST, "/v1/pay/${pay}", "{\"source\":\"provider\",\"institution\":\"sandbox\"}",
	                  .check = { { "state", "pending" } }, .save = { { "redirect_url", "page" } } }),
	  { "the callback" }, STEPS(ORDER_IS("paid")) },
	{ "refund", STEPS(A_CARD, A_SALE(BY_CARD)), ACT("manager", "/v1/orders/${order}/refunds", "{\"reason\":\"r\"}"),
	  STEPS(ORDER_IS("refunded"), CARD_HAS("5000")) },
	{ "card sold", NULL, 0, ACT("cashier1", "/v1/cards", "{\"amount_cents\":5000,\"tender\":\"cash\"}"), NULL, 0 },
	{ "top-up", STEPS(A_CARD), ACT("cashier1", "/v1/cards/top-up", "{\"code\":\"${card}\",\"amount_cents\":700,\"tender\":\"cash\"}"),
	  STEPS(CARD_HAS("5700")) },
	{ "card to card",
	  STEPS(A_CARD, { "the old card", "cashier1", POST, "/v1/cards", "{\"amount_cents\":300,\"tender\":\"cash\"}",
	                  .save = { { "card_id", "old_id" } } }),
	  ACT("manager", "/v1/cards/transfer", "{\"from_card_id\":${old_id},\"to_code\":\"${card}\",\"reason\":\"lost\"}"),
	  STEPS(CARD_HAS("5300")) },
	{ "shift closed", STEPS(A_SALE("{\"method\":\"cash\"}")), ACT("cashier1", "/v1/shifts/close", "{\"count\":[]}"),
	  STEPS({ "no shift", "cashier1", GET, "/v1/shifts/current", .check = { { "state", "none" } } }) },
	{ "prefund paid in", NULL, 0, ACT(OP, "/v1/prefund", "{\"amount_cents\":100,\"reference\":\"wire\"}"), NULL, 0 },
	{ "rebates paid out",
	  STEPS({ "a shared sale", "cashier1", POST, "/v1/orders", "{" LINE ",\"share\":\"${s3}\",\"payments\":[{\"method\":\"cash\"}]}",
	          .save = { { "at_ms", "at_ms" } }, .check = { { "rebate_outcome", "paid" } } }),
	  { "the work", "operator", POST, "/v1/jobs/run", "{\"job\":\"rebate-release\",\"as_of_ms\":${at_ms}9}", .key = "none" },
	  STEPS({ "nothing is promised any more", OP, GET, "/v1/prefund", .check = { { "promised_cents", "0" } } }) },
};
#define WAYS (int)(sizeof ways / sizeof *ways)

/* ---- faults ---- */

static const struct kind {
	const char *name;
	int errno_is;        /* 0: allocations */
	size_t field, seen;  /* in struct diskfault: what is set, and the count of such calls */
} kinds[] = {
#define AT(member) offsetof(struct diskfault, member)
	{ "allocations", 0, AT(alloc), AT(allocs) },
	{ "writes, EIO", EIO, AT(write_errno), AT(writes) },
	{ "writes, ENOSPC", ENOSPC, AT(write_errno), AT(writes) },
	{ "syncs, EIO", EIO, AT(sync_errno), AT(syncs) },
	{ "reads, EIO", EIO, AT(read_errno), AT(reads) },
	{ "files opened, renamed, cut, EIO", EIO, AT(name_errno), AT(names) },
};
#define KINDS (int)(sizeof kinds / sizeof *kinds)
static int counts[KINDS]; /* such calls in the last work without a fault */

static atomic_int *member(size_t at)
{
	return (atomic_int *)((char *)fault + at);
}

static void disarm(void)
{
	fault->write_errno = fault->sync_errno = fault->read_errno = fault->name_errno = 0;
	fault->alloc = fault->alloc_all = fault->alloc_out = 0;
}

/* The `at`-th call of this kind fails, from 1 on; and all behind it. */
static void arm(const struct kind *k, int at, bool for_good)
{
	if (k->errno_is == 0) {
		fault->alloc_all = for_good;
		fault->alloc = at;
		return;
	}
	fault->after = at - 1;
	fault->times = for_good ? -1 : 1;
	*member(k->field) = k->errno_is;
}

static int hits(void)
{
	return fault->hits + fault->alloc_hits;
}

static void set_shim(void)
{
	char self[300], shim[400], file[300];
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);

	self[n > 0 ? n : 0] = '\0';
	snprintf(shim, sizeof shim, "%s/diskfault_shim.so", dirname(self));
	snprintf(file, sizeof file, "%s/fault", test_folder());
	int fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (access(shim, R_OK) != 0 || fd < 0 || ftruncate(fd, sizeof *fault) != 0)
		fatal("%s or %s is missing", shim, file);
	fault = mmap(NULL, sizeof *fault, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (fault == MAP_FAILED)
		fatal("mmap");
	close(fd);
	setenv("QRTILL_FAULT_FILE", file, 1);
	snprintf(file, sizeof file, "%s/path", test_folder());
	setenv("QRTILL_FAULT_DIR", file, 1);
	setenv("LD_PRELOAD", shim, 1);
}

/* ---- one try ---- */

/* Status; 0: no answer. */
static int act(const struct way *w)
{
	char body[300];

	if (w->act.path != NULL)
		return api_send(&w->act)->status;
	snprintf(body, sizeof body, "{\"type\":\"payment\",\"reference\":\"payment-%s\",\"payment\":\"x\",\"state\":\"paid\","
	         "\"amount_cents\":1083,\"currency\":\"USD\",\"at_ms\":1}", api_var("payment"));
	return sandbox_callback(&platform, server.phone_url, body, true);
}

static bool prepare(const struct way *w)
{
	char uuid[37];

	api_set("key", "%s", api_uuid(uuid));
	/* The code of the sale is known only after its step, its token is needed in the next. */
	for (int i = 0; i < w->before_count; i++) {
		if (!api_holds(&w->before[i], 1))
			return false;
		if (strcmp(w->before[i].label, "a code to be paid") == 0)
			sale_token("pay_url", "pay");
	}
	if (w->act.path == NULL && sandbox_page(api_var("page"), "alice", "1111", true) != 200)
		return false;
	return true;
}

/* How many rows there are where money is written; of the file, the server may run. The caller frees. */
static char *rows_text(void)
{
	SQL(rows, "SELECT (SELECT COUNT(*) FROM journal) || ' journals, ' || (SELECT COUNT(*) FROM entry) || ' entries, ' || "
	    "(SELECT COUNT(*) FROM hold) || ' holds, ' || (SELECT COUNT(*) FROM orders) || ' orders, ' || "
	    "(SELECT COUNT(*) FROM order_line) || ' lines, ' || (SELECT COUNT(*) FROM payment) || ' payments, ' || "
	    "(SELECT COUNT(*) FROM refund) || ' refunds, ' || (SELECT COUNT(*) FROM card) || ' cards, ' || "
	    "(SELECT COUNT(*) FROM points_move) || ' moves of points, ' || (SELECT COUNT(*) FROM shift_report) || ' reports'");
	char path[200];
	struct db *db;

	snprintf(path, sizeof path, "%s/qrtill.db", server.dir);
	if (db_open(path, DB_READ, &db, NULL) != QT_OK)
		fatal("%s cannot be read", path);
	struct stmt *s = db_stmt(db, &rows);
	if (!stmt_step(s))
		fatal("the rows cannot be counted");
	char *text = xstrdup(stmt_col_text(s, 0));
	if (stmt_end(s) != QT_OK)
		fatal("the rows cannot be counted");
	db_close(db);
	return text;
}

/* The difference of two such texts into `out`. */
static void rows_minus(const char *now, const char *then, char *out, size_t size)
{
	size_t n = 0;

	out[0] = '\0';
	for (;; now++, then++) {
		char *a, *b;
		long d = strtol(now, &a, 10) - strtol(then, &b, 10);
		if (a == now || n >= size)
			break;
		int word = (int)strcspn(a, ",");
		n += (size_t)snprintf(out + n, size - n, "%+ld%.*s ", d, word, a);
		now = a + word;
		then = b + strcspn(b, ",");
		if (*now == '\0')
			break;
	}
}

/* Did it end? Then it is started again. */
static bool revived(void)
{
	siginfo_t ended = { 0 };

	if (waitid(P_PID, (id_t)server.pid, &ended, WEXITED | WNOHANG | WNOWAIT) != 0 || ended.si_pid != server.pid)
		return false;
	deaths++;
	if (ended.si_code != CLD_EXITED && ended.si_status != SIGABRT) {
		printf("# it ended by signal %d\n", ended.si_status);
		crashes++;
	}
	server_kill(&server);
	server_again(&server);
	return true;
}

/* After the fault is over: until the work is done. */
static bool done(const struct way *w)
{
	int64_t until_ms = clock_mono_ms() + MEND_MS;
	int status;

	do {
		revived();
		status = act(w);
		if (status / 100 == 2)
			return true;
		usleep(20000);
	} while ((status == 0 || status >= 500) && clock_mono_ms() < until_ms);
	printf("# %s: %d %.300s\n", w->name, status, api_last()->text);
	return false;
}

static bool may_be(int status)
{
	return status == 0 || status / 100 == 2 || status == 500 || status == 503 || status == 507;
}

/* One try with a fault; with `k` NULL without. True: all was as it must be. `grown` are the rows written, "": not yet
 * known, set then. */
static bool try_one(const struct way *w, const struct kind *k, int at, bool for_good, char grown[300])
{
	char now[300];

	if (!prepare(w))
		return false;
	char *first = rows_text();
	int64_t began_ms = clock_mono_ms();
	for (int i = 0; i < KINDS; i++)
		*member(kinds[i].seen) = 0;
	fault->counting = k == NULL;
	if (k != NULL)
		arm(k, at, for_good);
	int status = act(w);
	disarm();
	fault->counting = 0;
	for (int i = 0; i < KINDS && k == NULL; i++)
		counts[i] = *member(kinds[i].seen);
	bool good = may_be(status) && clock_mono_ms() - began_ms < HANG_MS;
	if (!good)
		printf("# %s: answered %d after %lld ms\n", w->name, status, (long long)(clock_mono_ms() - began_ms));
	for (int i = 0; status == 0 && i < 50 && !revived(); i++)
		usleep(2000);
	good = done(w) && api_holds(w->after, w->after_count) && good;
	char *last = rows_text();
	rows_minus(last, first, now, sizeof now);
	if (grown[0] == '\0')
		snprintf(grown, 300, "%s", now);
	if (strcmp(now, grown) != 0) {
		printf("# %s: %s\n#   without a fault %s\n", w->name, now, grown);
		good = false;
	}
	free(first);
	free(last);
	if (k != NULL) {
		tried++;
		wrong += !good;
		if (!good)
			printf("# %s: %s number %d%s\n", w->name, k->name, at, for_good ? " and all behind it" : "");
	}
	return good;
}

/* All places of a kind, or `places` of those that a run without faults had. How many were met. */
static int try_kind(const struct way *w, const struct kind *k, int count, int places, bool for_good, bool *good,
                    unsigned *seed, char grown[300])
{
	int stride = places < count ? count / places : 1, met = 0;

	for (int at = 1 + (stride > 1 ? rand_r(seed) % stride : 0); at < PLACES_MAX; at += stride) {
		int before = hits();
		*good = try_one(w, k, at, for_good, grown) && *good;
		met += hits() > before;
		if (hits() == before && at > count)
			break; /* behind the last */
	}
	return met;
}

static void try_way(const struct way *w, int places, unsigned *seed)
{
	char grown[300] = "", text[400] = "";
	bool good = try_one(w, NULL, 0, false, grown); /* what happens the first time only */

	grown[0] = '\0';
	good = try_one(w, NULL, 0, false, grown) && good;
	for (int i = 0; i < KINDS; i++) {
		int n = (int)strlen(text), met = try_kind(w, &kinds[i], counts[i], places, false, &good, seed, grown);
		met += try_kind(w, &kinds[i], counts[i], places > counts[i] ? places : 1, true, &good, seed, grown);
		snprintf(text + n, sizeof text - (size_t)n, "%s%d %s", i ? "; " : "", met, kinds[i].name);
	}
	api_ok(good, "%s: failed %s", w->name, text);
}

static bool file_is_whole(void)
{
	char path[200];
	sqlite3 *db = NULL;
	sqlite3_stmt *s = NULL;

	snprintf(path, sizeof path, "%s/qrtill.db", server.dir);
	bool whole = sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK &&
	             sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &s, NULL) == SQLITE_OK &&
	             sqlite3_step(s) == SQLITE_ROW && strcmp((const char *)sqlite3_column_text(s, 0), "ok") == 0;
	sqlite3_finalize(s);
	sqlite3_close(db);
	return whole;
}

int main(void)
{
	int places = proof_rounds("PLACES", 2);
	unsigned seed = (unsigned)(getenv("QRTILL_SEED") ? atoi(getenv("QRTILL_SEED")) : 20261121);
	const char *flags[] = { platform.flag, NULL }, *only = getenv("WAY");
	struct audit_report r = { 0 };

	printf("# seed %u\n", seed);
	sandbox_start(&platform, "path");
	sandbox_control(&platform, "/control", "{\"callbacks\":\"lose\"}");
	set_shim();
	server_start(&server, "path", flags);
	api_begin(&server);
	sale_shop();
	sale_campaign();
	static const struct step rich[] = {
		{ "much on the card of the phone", "cashier1", POST, "/v1/cards/top-up",
		  "{\"code\":\"${card2}\",\"amount_cents\":4000000,\"tender\":\"cash\"}" },
		{ "much for rebates", OP, POST, "/v1/prefund", "{\"amount_cents\":4000000,\"reference\":\"wire\"}" },
	};
	API_RUN(rich);
	for (int i = 0; i < WAYS; i++)
		if (only == NULL || strcmp(only, ways[i].name) == 0)
			try_way(&ways[i], places, &seed);
	api_ok(crashes == 0, "%d clean deaths, no crash", (int)deaths);
	api_ok(server_stop(&server), "the server stops cleanly");
	api_ok(file_is_whole(), "the file is whole");
	api_ok(audit_problems(&server, &r) == 0, "the books are clean");
	proof_say("path", tried, wrong + crashes + r.problem_count, "ways=%d deaths=%d failed_calls=%d failed_allocations=%d", WAYS,
	          (int)deaths, (int)fault->hits, (int)fault->alloc_hits);
	audit_free(&r);
	sandbox_stop(&platform);
	return api_end();
}
