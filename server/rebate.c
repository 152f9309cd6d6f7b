/* rebate: see rebate.h. */
#include "server/order_card.h"
#include "server/rebate.h"
#include "server/campaign.h"
#include "server/rebate_split.h"
#include "server/refund.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define HOLD_TIMES_MAX 64      /* different hold times looked at per run */
#define DUE_MAX 2000           /* parts collected per run */
#define PER_JOURNAL (LEDGER_POSTINGS_MAX / 2)

enum qt_err sale_entries(struct db *db, int64_t order_id, int64_t *journal_id, struct sale_entry *entries, int *count)
{
	SQL(journal_of, "SELECT id FROM journal WHERE order_id = $1 AND order_id > 0 AND kind = $2");
	SQL(entries_of, "SELECT e.account_id, a.kind, a.owner_id, a.unit, e.amount FROM entry e "
	                "JOIN account a ON a.id = e.account_id WHERE e.id BETWEEN $1 AND $2 ORDER BY e.id");
	int n = 0;

	enum qt_err err = db_one(db, &journal_of, "ii", order_id, (int64_t)JOURNAL_SALE, "i", journal_id);
	if (err != QT_OK)
		return err;
	struct stmt *s = db_stmt(db, &entries_of);
	stmt_int(s, 1, *journal_id * LEDGER_POSTINGS_MAX);
	stmt_int(s, 2, *journal_id * LEDGER_POSTINGS_MAX + LEDGER_POSTINGS_MAX - 1);
	while (stmt_step(s)) { /* a journal's ids have room for no more */
		assert(n < LEDGER_POSTINGS_MAX);
		entries[n++] = (struct sale_entry){ stmt_col_int(s, 0), stmt_col_int(s, 1), stmt_col_int(s, 2),
			stmt_col_int(s, 3), stmt_col_int(s, 4) };
	}
	*count = n;
	return stmt_end(s);
}

bool sale_entry_is_rebate(const struct sale_entry *e)
{
	return e->kind == ACCOUNT_REBATE_HELD || e->kind == ACCOUNT_CHANNEL || e->kind == ACCOUNT_AGENT ||
	       e->kind == ACCOUNT_PLATFORM;
}

static enum qt_err released_up_to(struct db *db, int64_t hold_s, int64_t *journal_id)
{
	SQL(cursor, "SELECT journal_id FROM rebate_release WHERE hold_s = $1");
	*journal_id = 0;
	enum qt_err err = db_one(db, &cursor, "i", hold_s, "i", journal_id);
	return err == QT_NOT_FOUND ? QT_OK : err;
}

enum qt_err rebate_is_released(struct db *db, int64_t hold_s, int64_t journal_id, bool *released)
{
	int64_t up_to;
	enum qt_err err = released_up_to(db, hold_s, &up_to);
	*released = journal_id <= up_to;
	return err;
}

/* ---- the job ---- */

/* A part that is due. */
struct due {
	int64_t merchant_id, account_id, owner_id, unit, amount;
};
struct release {
	struct due list[DUE_MAX];
	int count;
};

static int by_merchant(const void *a, const void *b)
{
	const struct due *x = a, *y = b;
	if (x->merchant_id != y->merchant_id)
		return x->merchant_id < y->merchant_id ? -1 : 1;
	return x->account_id < y->account_id ? -1 : x->account_id > y->account_id;
}

/* What people still have of one order's rebates, added to the list. */
static enum qt_err collect(struct db *db, struct release *r, int64_t order_id)
{
	struct sale_entry entries[LEDGER_POSTINGS_MAX];
	SQL(refunded, "SELECT COALESCE(SUM(amount_cents), 0) FROM refund WHERE id IN "
	              "(WITH RECURSIVE chain (id) AS (SELECT last_refund_id FROM orders WHERE id = $1 UNION ALL "
	              "SELECT f.previous_id FROM refund f JOIN chain c ON f.id = c.id WHERE f.previous_id > 0) "
	              "SELECT id FROM chain)");
	int64_t journal_id, back, cards = 0, cards_back = 0, held = 0;
	struct order o;
	int count;

	enum qt_err err = order_get(db, 0, order_id, &o);
	if (err == QT_OK)
		err = sale_entries(db, order_id, &journal_id, entries, &count);
	if (err == QT_OK)
		err = db_one(db, &refunded, "i", order_id, "i", &back);
	if (err == QT_OK)
		err = order_cards_sums(db, order_id, &cards, &cards_back);
	if (err != QT_OK)
		return err;
	for (int i = 0; i < count; i++) {
		if (entries[i].kind != ACCOUNT_REBATE_HELD)
			continue;
		int64_t kept = rebate_kept(entries[i].amount, o.total_cents - cards, back - cards_back);
		if (kept == 0)
			continue;
		r->list[r->count++] = (struct due){ o.merchant_id, entries[i].account_id, entries[i].owner_id, entries[i].unit,
			kept };
		held += kept;
	}
	return held ? campaign_use_add(db, o.campaign_id, 0, 0, -held) : QT_OK;
}

/* Sales with this hold time that are due, in the order of their journals; the cursor moves behind them. */
static enum qt_err collect_due(struct db *db, struct release *r, int64_t hold_s, int64_t now_ms, int max, int *looked)
{
	SQL(sales, "SELECT j.id, j.at_ms, j.order_id, CASE WHEN o.rebate_cents > 0 AND c.hold_s = $2 THEN 1 ELSE 0 END "
	           "FROM journal j JOIN orders o ON o.id = j.order_id LEFT JOIN campaign c ON c.id = o.campaign_id "
	           "WHERE j.id > $1 AND j.kind = $3 ORDER BY j.id LIMIT $4");
	SQL(put, "INSERT INTO rebate_release (hold_s, journal_id) VALUES ($1, $2) "
	         "ON CONFLICT (hold_s) DO UPDATE SET journal_id = $2");
	int64_t from, to, *orders = xmalloc((size_t)max * sizeof *orders);
	int count = 0;

	enum qt_err err = released_up_to(db, hold_s, &from);
	if (err != QT_OK)
		goto out;
	to = from;
	struct stmt *s = db_stmt(db, &sales);
	stmt_int(s, 1, from);
	stmt_int(s, 2, hold_s);
	stmt_int(s, 3, JOURNAL_SALE);
	stmt_int(s, 4, max);
	while (stmt_step(s) && stmt_col_int(s, 1) + hold_s * 1000 <= now_ms) {
		if (stmt_col_int(s, 3) && r->count + (count + 1) * REBATE_LEVELS_CAP > DUE_MAX)
			break;
		to = stmt_col_int(s, 0);
		if (stmt_col_int(s, 3))
			orders[count++] = stmt_col_int(s, 2);
		++*looked;
	}
	err = stmt_end(s);
	for (int i = 0; i < count && err == QT_OK; i++)
		err = collect(db, r, orders[i]);
	if (err == QT_OK && to > from)
		err = db_run(db, &put, "ii", hold_s, to);
out:
	free(orders);
	return err;
}

/* One merchant's parts, added up per account; at most PER_JOURNAL accounts from `first` on. Returns where it
 * stopped. */
static int add_up(const struct release *r, int first, struct due *sums, int *count)
{
	int i = first;

	*count = 0;
	for (; i < r->count && r->list[i].merchant_id == r->list[first].merchant_id; i++) {
		if (*count && sums[*count - 1].account_id == r->list[i].account_id) {
			sums[*count - 1].amount += r->list[i].amount;
			continue;
		}
		if (*count == PER_JOURNAL)
			break;
		sums[(*count)++] = r->list[i];
	}
	return i;
}

static enum qt_err post_release(struct db *db, const struct due *sums, int count, int64_t now_ms)
{
	struct posting postings[LEDGER_POSTINGS_MAX];
	struct journal journal = { .kind = JOURNAL_REBATE_RELEASE, .merchant_id = sums[0].merchant_id, .at_ms = now_ms };
	struct problem problem = { 0 };

	for (int i = 0; i < count; i++) {
		postings[2 * i] = (struct posting){ sums[i].account_id, -sums[i].amount };
		postings[2 * i + 1].amount = sums[i].amount;
		enum qt_err err = ledger_account(db, ACCOUNT_REBATE, sums[i].owner_id, sums[i].unit,
		                                 &postings[2 * i + 1].account_id);
		if (err != QT_OK)
			return err;
	}
	return ledger_post(db, &journal, postings, 2 * count, &problem);
}

static enum qt_err hold_times(struct db *db, int64_t *times, int *count)
{
	SQL(all, "SELECT DISTINCT hold_s FROM campaign ORDER BY hold_s LIMIT $1");
	struct stmt *s = db_stmt(db, &all);

	*count = 0;
	stmt_int(s, 1, HOLD_TIMES_MAX);
	while (stmt_step(s)) {
		assert(*count < HOLD_TIMES_MAX);
		times[(*count)++] = stmt_col_int(s, 0);
	}
	return stmt_end(s);
}

enum qt_err rebate_release_due(struct db *db, int64_t now_ms, int max, int *looked)
{
	struct release *r = xcalloc(1, sizeof *r);
	struct due sums[PER_JOURNAL];
	int64_t times[HOLD_TIMES_MAX];
	int time_count;

	*looked = 0;
	enum qt_err err = hold_times(db, times, &time_count);
	for (int i = 0; i < time_count && err == QT_OK; i++)
		err = collect_due(db, r, times[i], now_ms, max, looked);
	qsort(r->list, (size_t)r->count, sizeof *r->list, by_merchant);
	for (int i = 0; i < r->count && err == QT_OK;) {
		int count;
		i = add_up(r, i, sums, &count);
		err = post_release(db, sums, count, now_ms);
	}
	free(r);
	return err;
}

/* ---- what somebody earned ---- */

/* Sum over an account's entries that orders of this campaign made; kind < 0: all of them, else what journals of
 * that kind took away. */
static enum qt_err sum_of_campaign(struct db *db, int64_t account_id, int64_t campaign_id, int64_t kind, int64_t *cents)
{
	SQL(sum, "WITH RECURSIVE line (id, back, amount) AS (SELECT id, back, amount FROM entry WHERE id = $1 UNION ALL "
	         "SELECT e.id, e.back, e.amount FROM line l JOIN entry e ON e.id = l.id - l.back WHERE l.back > 0) "
	         "SELECT COALESCE(SUM(l.amount), 0) FROM line l JOIN journal j ON j.id = l.id / 64 "
	         "JOIN orders o ON o.id = j.order_id "
	         "WHERE o.campaign_id = $2 AND ($3 < 0 OR (j.kind = $3 AND l.amount < 0))");
	struct statement_row newest;
	int count;

	*cents = 0;
	enum qt_err err = ledger_statement(db, account_id, 0, &newest, 1, &count);
	if (err != QT_OK || count == 0)
		return err;
	return db_one(db, &sum, "iii", newest.entry_id, campaign_id, kind, "i", cents);
}

enum qt_err rebate_earned(struct db *db, int64_t customer_id, int64_t unit, int64_t campaign_id, int64_t *cents)
{
	int64_t account_id, held = 0, taken = 0;

	*cents = 0;
	enum qt_err err = ledger_account_find(db, ACCOUNT_REBATE_HELD, customer_id, unit, &account_id);
	if (err == QT_OK)
		err = sum_of_campaign(db, account_id, campaign_id, -1, &held);
	if (err == QT_OK)
		err = ledger_account_find(db, ACCOUNT_REBATE, customer_id, unit, &account_id);
	if (err == QT_OK)
		err = sum_of_campaign(db, account_id, campaign_id, JOURNAL_REFUND, &taken);
	*cents = held + taken;
	return err == QT_NOT_FOUND ? QT_OK : err;
}

enum qt_err rebate_days_sweep(struct db *db, int64_t now_ms)
{
	SQL(sweep, "DELETE FROM rebate_day WHERE day < $1");
	return db_run(db, &sweep, "i", now_ms / 86400000 - 1);
}
