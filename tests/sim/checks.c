/* checks: see checks.h. Reads with a connection of its own, which faults of the disk pass by. */
#include "tests/sim/checks.h"

#include "shared/err.h"
#include "tests/sim/host.h"
#include "tests/sim/trace.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

/* Numbers of the tables, as qrtill-ledger(7) and the schema have them. */
enum { KIND_CARD = 3, KIND_HELD = 4, KIND_FEE = 5, KIND_PREFUND = 6, KIND_REBATE_HELD = 7, KIND_POINTS = 12,
       KIND_SUSPENSE = 15, KIND_BREAKAGE = 16 };
enum { PLACES = 64 };  /* of entries in a journal */
enum { FIRST_POINTS_UNIT = 1000000 };

struct account {
	int64_t id, kind, owner_id, unit, sum, newest;
};
static struct account *accounts; /* by id - 1 */
static int64_t account_count, account_room, last_entry, last_journal, version, done;

static sqlite3 *db;
enum { STATEMENTS_MAX = 24 };
static struct { const char *text; sqlite3_stmt *statement; } kept[STATEMENTS_MAX];

/* ---- asking ---- */

static sqlite3_stmt *query(const char *text)
{
	int i = 0;

	while (i < STATEMENTS_MAX && kept[i].text != NULL && kept[i].text != text)
		i++;
	if (i == STATEMENTS_MAX)
		fatal("too many statements");
	if (kept[i].statement == NULL) {
		kept[i].text = text;
		if (sqlite3_prepare_v3(db, text, -1, SQLITE_PREPARE_PERSISTENT, &kept[i].statement, NULL) != SQLITE_OK)
			fatal("%s: %s", text, sqlite3_errmsg(db));
	}
	sqlite3_reset(kept[i].statement);
	return kept[i].statement;
}

static bool row(sqlite3_stmt *s)
{
	int rc = sqlite3_step(s);

	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		broken("the database cannot be read: %s", sqlite3_errmsg(db));
	return rc == SQLITE_ROW;
}

static int64_t num(sqlite3_stmt *s, int column)
{
	return sqlite3_column_int64(s, column);
}

/* The one number of the first row. */
static int64_t number(const char *text)
{
	sqlite3_stmt *s = query(text);
	int64_t value = row(s) ? num(s, 0) : 0;

	sqlite3_reset(s);
	return value;
}

static const char *const kind_names[] = { "world", "cash", "merchant", "card", "held", "fee", "prefund", "rebate-held",
	"rebate", "channel", "agent", "platform", "points", "points-issued", "provider", "suspense", "breakage", "rounding" };

static struct account *account(int64_t id)
{
	if (id < 1 || id > account_count)
		broken("an entry names account %lld, which is not there", (long long)id);
	return &accounts[id - 1];
}

/* ---- the promises ---- */

static void read_accounts(void)
{
	sqlite3_stmt *s = query("SELECT id, kind, owner_id, unit FROM account WHERE id > ?1 ORDER BY id");

	sqlite3_bind_int64(s, 1, account_count);
	while (row(s)) {
		if (num(s, 0) != account_count + 1)
			broken("accounts have a gap before %lld", (long long)num(s, 0));
		if (account_count == account_room) {
			account_room = account_room ? 2 * account_room : 256;
			accounts = xrealloc(accounts, (size_t)account_room * sizeof *accounts);
		}
		accounts[account_count++] = (struct account){ num(s, 0), num(s, 1), num(s, 2), num(s, 3), 0, 0 };
	}
}

static void journals_are_dense(void)
{
	sqlite3_stmt *s = query("SELECT id FROM journal WHERE id > ?1 ORDER BY id");

	sqlite3_bind_int64(s, 1, last_journal);
	while (row(s)) {
		if (num(s, 0) != last_journal + 1)
			broken("journals have a gap before %lld", (long long)num(s, 0));
		last_journal++;
	}
}

/* The entries of each journal sum to zero, per unit. */
static void entries_sum_to_zero(void)
{
	sqlite3_stmt *s = query("SELECT id, account_id, amount, back FROM entry WHERE id > ?1 ORDER BY id");
	int64_t journal = 0, money = 0, points = 0;

	read_accounts();
	sqlite3_bind_int64(s, 1, last_entry);
	for (bool more = true; more;) {
		more = row(s);
		if (journal != 0 && (!more || num(s, 0) / PLACES != journal) && (money != 0 || points != 0))
			broken("journal %lld sums to %lld, in points %lld", (long long)journal, (long long)money, (long long)points);
		if (!more)
			break;
		if (num(s, 0) / PLACES != journal)
			money = points = 0;
		journal = num(s, 0) / PLACES;
		struct account *a = account(num(s, 1));
		if (a->newest != (num(s, 3) ? num(s, 0) - num(s, 3) : 0))
			broken("entry %lld of account %lld follows %lld, not the account's last, %lld", (long long)num(s, 0),
			       (long long)num(s, 1), num(s, 3) ? (long long)(num(s, 0) - num(s, 3)) : 0, (long long)a->newest);
		*(a->unit >= FIRST_POINTS_UNIT ? &points : &money) += num(s, 2);
		a->sum += num(s, 2);
		a->newest = last_entry = num(s, 0);
	}
	if (last_entry / PLACES != last_journal)
		broken("journal %lld is the newest, but the newest entries are of %lld", (long long)last_journal,
		       (long long)(last_entry / PLACES));
}

static void nothing_is_below_its_limit(void)
{
	static const int limited[] = { KIND_CARD, KIND_HELD, KIND_FEE, KIND_PREFUND, KIND_POINTS, KIND_SUSPENSE, KIND_BREAKAGE };

	for (int64_t i = 0; i < account_count; i++)
		for (size_t k = 0; k < sizeof limited / sizeof *limited; k++)
			if (accounts[i].kind == limited[k] && accounts[i].sum < 0)
				broken("%s of %lld is at %lld", kind_names[accounts[i].kind], (long long)accounts[i].owner_id,
				       (long long)accounts[i].sum);
}

/* The row says what the entries say, as of the entry it names. */
static void balances_match(void)
{
	sqlite3_stmt *s = query("SELECT id, balance, last_entry FROM account");

	while (row(s)) {
		const struct account *a = account(num(s, 0));
		if (num(s, 2) == a->newest && num(s, 1) != a->sum)
			broken("%s of %lld: its row says %lld, its entries %lld", kind_names[a->kind], (long long)a->owner_id,
			       (long long)num(s, 1), (long long)a->sum);
	}
}

/* What is held is what open payments were promised; sources: points by their number, others by cents. */
static void held_equals_promised(void)
{
	sqlite3_stmt *s = query("SELECT h.held_id, sum(h.amount), count(*) FROM hold h WHERE h.state = 0 GROUP BY h.held_id");
	int64_t open = 0, held = 0, counted = 0;

	while (row(s)) {
		open += num(s, 2);
		counted += num(s, 1);
		if (account(num(s, 0))->sum != num(s, 1))
			broken("account %lld holds %lld, but holds of %lld are open", (long long)num(s, 0),
			       (long long)account(num(s, 0))->sum, (long long)num(s, 1));
	}
	for (int64_t i = 0; i < account_count; i++)
		held += accounts[i].kind == KIND_HELD ? accounts[i].sum : 0;
	if (held != counted)
		broken("%lld is held, but open holds are %lld", (long long)held, (long long)counted);
	if (open != number("SELECT count(*) FROM payment p JOIN hold h ON h.id = p.hold_id WHERE p.hold_id > 0 AND p.state = 5"
	                   " AND h.state = 0 AND h.amount = CASE WHEN p.source = 3 THEN p.points ELSE p.amount_cents END") ||
	    open != number("SELECT count(*) FROM payment WHERE hold_id > 0"))
		broken("%lld holds are open, but not as many payments have one", (long long)open);
}

static void suspense_is_explained(void)
{
	int64_t sum = 0, explained = number(
		"SELECT (SELECT coalesce(sum(amount_cents), 0) FROM payment WHERE provider IS NOT NULL AND state IN (5, 9))"
		" + (SELECT coalesce(sum(amount_cents), 0) FROM refund_tender WHERE state = 2)");

	for (int64_t i = 0; i < account_count; i++)
		sum += accounts[i].kind == KIND_SUSPENSE ? accounts[i].sum : 0;
	if (sum != explained)
		broken("%lld wait in suspense, but payments and refunds there are %lld", (long long)sum, (long long)explained);
}

static void rebates_are_promised(void)
{
	int64_t sum = 0, promised = number("SELECT coalesce(sum(held_cents), 0) FROM campaign_use");

	for (int64_t i = 0; i < account_count; i++)
		sum += accounts[i].kind == KIND_REBATE_HELD ? accounts[i].sum : 0;
	if (sum != promised)
		broken("rebates of %lld are held, but campaigns promised %lld", (long long)sum, (long long)promised);
}

/* A paid order has one journal of its sale, one receipt of an unbroken row, and payments of exactly its total. */
static void each_sale_is_once(void)
{
	int64_t paid = number("SELECT count(*) FROM orders WHERE state IN (2, 5, 6)");
	sqlite3_stmt *s = query("SELECT terminal_id, count(*), max(receipt_number), count(DISTINCT receipt_number), min(receipt_number)"
	                        " FROM orders WHERE state IN (2, 5, 6) GROUP BY terminal_id");

	if (number("SELECT count(*) FROM journal WHERE kind = 0") != paid ||
	    number("SELECT count(DISTINCT order_id) FROM journal WHERE kind = 0") != paid)
		broken("%lld orders are paid, but not as many sales are in the books", (long long)paid);
	while (row(s))
		if (num(s, 1) != num(s, 2) || num(s, 1) != num(s, 3) || num(s, 4) != 1)
			broken("till %lld has %lld paid orders, but receipts up to %lld", (long long)num(s, 0), (long long)num(s, 1),
			       (long long)num(s, 2));
	s = query("SELECT o.id, o.total_cents, (SELECT coalesce(sum(p.amount_cents), 0) FROM payment p WHERE p.order_id = o.id"
	          " AND p.state IN (4, 10, 11)) AS paid FROM orders o WHERE o.state IN (2, 5, 6) AND paid <> o.total_cents");
	if (row(s))
		broken("order %lld costs %lld, but %lld were paid", (long long)num(s, 0), (long long)num(s, 1), (long long)num(s, 2));
}

static const struct {
	const char *name;
	void (*check)(void);
} checks[] = {
	{ "journals are dense", journals_are_dense },
	{ "entries sum to zero", entries_sum_to_zero },
	{ "nothing is below its limit", nothing_is_below_its_limit },
	{ "balances match", balances_match },
	{ "held equals promised", held_equals_promised },
	{ "suspense is explained", suspense_is_explained },
	{ "rebates are promised", rebates_are_promised },
	{ "each sale is once", each_sale_is_once },
};

/* ---- life ---- */

static void run_all(void)
{
	done++;
	sqlite3_exec(db, "BEGIN", NULL, NULL, NULL);
	for (size_t i = 0; i < sizeof checks / sizeof *checks; i++)
		checks[i].check();
	for (int i = 0; i < STATEMENTS_MAX && kept[i].statement; i++)
		sqlite3_reset(kept[i].statement);
	sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
}

void checks_open(void)
{
	if (sqlite3_open_v2(host_db_path(), &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
		broken("the database cannot be opened: %s", sqlite3_errmsg(db));
	version = 0;
	checks_step();
}

void checks_close(void)
{
	for (int i = 0; i < STATEMENTS_MAX; i++) {
		sqlite3_finalize(kept[i].statement);
		kept[i].statement = NULL;
		kept[i].text = NULL;
	}
	sqlite3_close(db);
	db = NULL;
}

void checks_step(void)
{
	if (db == NULL)
		return;
	int64_t now = number("PRAGMA data_version");
	if (now != version)
		run_all();
	version = now;
}

int64_t checks_done(void)
{
	return done;
}

bool checks_account(int index, int *kind, int64_t *owner_id, bool *points, int64_t *balance)
{
	if (index >= account_count)
		return false;
	const struct account *a = &accounts[index];
	*kind = (int)a->kind;
	*owner_id = a->owner_id;
	*points = a->unit >= FIRST_POINTS_UNIT;
	*balance = a->sum;
	return true;
}

int64_t checks_balance(int kind, int64_t owner_id, bool points)
{
	for (int64_t i = 0; i < account_count; i++)
		if (accounts[i].kind == kind && accounts[i].owner_id == owner_id &&
		    (accounts[i].unit >= FIRST_POINTS_UNIT) == points)
			return accounts[i].sum;
	return 0;
}
