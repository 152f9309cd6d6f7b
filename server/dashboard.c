/* dashboard: see dashboard.h. */
#include "server/dashboard.h"

#include "server/ledger.h"
#include "server/prefund.h"
#include "server/seen.h"

#include <assert.h>
#include <stdio.h>

#define HOUR_MS INT64_C(3600000)
#define LATE_ORDERS 2000                    /* a till's queue may bring orders so far behind their time */
#define SILENT_MS (10 * 60 * 1000)          /* a till asks for events twice a minute */
#define SHIFT_LONG_MS (24 * HOUR_MS)

const char *dashboard_warning_name(enum dashboard_warning kind)
{
	static const char *const names[] = {
#define X(name, wire) wire,
		DASHBOARD_WARNINGS(X)
#undef X
	};
	return names[kind];
}

/* The first order made at or after a time: their ids grow with it but for what came late from a till's queue. */
static enum qt_err first_order(struct db *db, int64_t at_ms, int64_t *id)
{
	SQL(last, "SELECT COALESCE(MAX(id), 0) FROM orders");
	SQL(next, "SELECT id, created_ms FROM orders WHERE id >= $1 ORDER BY id LIMIT 1");
	int64_t low = 1, high = 0;
	enum qt_err err = db_one(db, &last, "", "i", &high);

	high++;
	while (err == QT_OK && low < high) {
		int64_t middle = low + (high - low) / 2, found = 0, created_ms = 0;
		err = db_one(db, &next, "i", middle, "ii", &found, &created_ms);
		if (err == QT_NOT_FOUND || (err == QT_OK && created_ms >= at_ms)) {
			high = middle;
			err = QT_OK;
		} else {
			low = found + 1;
		}
	}
	*id = low;
	return err;
}

static enum qt_err add_sources(struct db *db, int64_t payment_id, struct dashboard_day *day)
{
	SQL(by_id, "SELECT source, amount_cents, previous_id, state FROM payment WHERE id = $1");
	enum qt_err err = QT_OK;

	while (err == QT_OK && payment_id > 0) {
		int64_t source = 0, amount = 0, previous = 0, state = 0;
		err = db_one(db, &by_id, "i", payment_id, "iiii", &source, &amount, &previous, &state);
		bool took = state == PAYMENT_SETTLED || state == PAYMENT_PART_REFUNDED || state == PAYMENT_REFUNDED;
		if (took && source > 0 && source < DASHBOARD_SOURCES_MAX)
			day->source_cents[source] += amount;
		payment_id = previous;
	}
	return err;
}

struct sold {
	int64_t created_ms, total_cents, last_payment_id;
};

static void add_order(struct dashboard_day *day, const struct sold *o, int64_t day_ms, int64_t now_ms)
{
	day->orders++;
	day->total_cents += o->total_cents;
	day->hour_cents[(o->created_ms - day_ms) / HOUR_MS] += o->total_cents;
	if (o->created_ms <= now_ms) {
		day->by_now_orders++;
		day->by_now_cents += o->total_cents;
	}
}

enum qt_err dashboard_day(struct db *db, int64_t merchant_id, int64_t day_ms, int64_t now_ms, bool sources,
                          struct dashboard_day *day)
{
	SQL(of_day, "SELECT created_ms, total_cents, last_payment_id FROM orders WHERE id >= $1 AND id < $2 "
	            "AND merchant_id = $3 AND state IN (2, 5, 6) AND created_ms >= $4 AND created_ms < $5 ORDER BY id");
	int64_t end_ms = day_ms + DASHBOARD_HOURS * HOUR_MS, from = 0, to = 0;
	enum qt_err err = first_order(db, day_ms, &from), later = QT_OK;

	*day = (struct dashboard_day){ 0 };
	if (err == QT_OK)
		err = first_order(db, end_ms, &to);
	if (err != QT_OK)
		return err;
	struct stmt *s = db_stmt(db, &of_day);
	stmt_int(s, 1, from > LATE_ORDERS ? from - LATE_ORDERS : 0);
	stmt_int(s, 2, to + LATE_ORDERS);
	stmt_int(s, 3, merchant_id);
	stmt_int(s, 4, day_ms);
	stmt_int(s, 5, end_ms);
	while (stmt_step(s)) {
		const struct sold o = { stmt_col_int(s, 0), stmt_col_int(s, 1), stmt_col_int(s, 2) };
		add_order(day, &o, day_ms, now_ms);
		if (sources && later == QT_OK)
			later = add_sources(db, o.last_payment_id, day);
	}
	err = stmt_end(s);
	return err == QT_OK ? later : err;
}

enum qt_err dashboard_cards(struct db *db, int64_t merchant_id, int64_t *balance_cents, int64_t *cards)
{
	SQL(accounts, "SELECT account_id FROM card WHERE merchant_id = $1 AND account_id > 0 AND state IN (2, 3)");
	struct stmt *s = db_stmt(db, &accounts);
	enum qt_err err = QT_OK;

	*balance_cents = *cards = 0;
	stmt_int(s, 1, merchant_id);
	while (stmt_step(s)) {
		int64_t balance = 0;
		if (err == QT_OK)
			err = ledger_balance(db, stmt_col_int(s, 0), &balance);
		*balance_cents += balance;
		*cards += balance > 0;
	}
	enum qt_err ended = stmt_end(s);
	return err == QT_OK ? ended : err;
}

/* ---- warnings ---- */

struct warnings {
	struct dashboard_warned *out;
	int *count;
};

static void warn(struct warnings *w, enum dashboard_warning kind, int64_t ref_id, const char *name)
{
	if (*w->count == DASHBOARD_WARNED_MAX)
		return;
	struct dashboard_warned *one = &w->out[(*w->count)++];
	*one = (struct dashboard_warned){ .kind = kind, .ref_id = ref_id };
	snprintf(one->name, sizeof one->name, "%s", name ? name : "");
}

static enum qt_err missing(struct db *db, int64_t merchant_id, struct warnings *w)
{
	SQL(stores, "SELECT COUNT(*) FROM (SELECT 1 FROM store WHERE merchant_id = $1 LIMIT 1) x");
	SQL(items, "SELECT COUNT(*) FROM (SELECT 1 FROM item WHERE merchant_id = $1 LIMIT 1) x");
	SQL(tills, "SELECT COUNT(*) FROM (SELECT 1 FROM terminal WHERE merchant_id = $1 AND revoked_ms = 0 LIMIT 1) x");
	const struct { struct sql *sql; enum dashboard_warning kind; } checks[] = {
		{ &stores, DASHBOARD_NO_STORE }, { &items, DASHBOARD_NO_ITEM }, { &tills, DASHBOARD_NO_TILL },
	};
	enum qt_err err = QT_OK;

	for (size_t i = 0; i < sizeof checks / sizeof *checks && err == QT_OK; i++) {
		int64_t found = 0;
		err = db_one(db, checks[i].sql, "i", merchant_id, "i", &found);
		if (err == QT_OK && found == 0)
			warn(w, checks[i].kind, 0, NULL);
	}
	return err;
}

/* Money for rebates matters only while a campaign runs. */
static enum qt_err rebates(struct db *db, const struct merchant *m, struct warnings *w)
{
	SQL(running, "SELECT c.id, c.name, c.budget_cents, COALESCE(u.spent_cents, 0) FROM campaign c "
	             "LEFT JOIN campaign_use u ON u.campaign_id = c.id WHERE c.merchant_id = $1 AND c.state = 1");
	struct prefund p;
	int64_t balance = 0, count = 0;
	enum qt_err err = prefund_get(db, m->id, &p);

	if (err == QT_OK)
		err = prefund_balance(db, m->id, m->currency, &balance);
	if (err != QT_OK)
		return err;
	struct stmt *s = db_stmt(db, &running);
	stmt_int(s, 1, m->id);
	for (; stmt_step(s); count++)
		if (stmt_col_int(s, 2) > 0 && stmt_col_int(s, 3) / 9 * 10 >= stmt_col_int(s, 2))
			warn(w, DASHBOARD_BUDGET_LOW, stmt_col_int(s, 0), stmt_col_text(s, 1));
	if (count > 0 && balance <= 0)
		warn(w, DASHBOARD_PREFUND_EMPTY, 0, NULL);
	else if (count > 0 && balance < p.warn_below_cents)
		warn(w, DASHBOARD_PREFUND_LOW, 0, NULL);
	return stmt_end(s);
}

static enum qt_err tills(struct db *db, int64_t merchant_id, int64_t now_ms, struct warnings *w)
{
	SQL(enrolled, "SELECT id, name FROM terminal WHERE merchant_id = $1 AND revoked_ms = 0 AND enrolled_ms > 0");
	SQL(loose, "SELECT COUNT(*) FROM payment WHERE terminal_id = $1 AND order_id = 0 AND state = 5");
	struct stmt *s = db_stmt(db, &enrolled);
	enum qt_err err = QT_OK;

	stmt_int(s, 1, merchant_id);
	while (stmt_step(s)) {
		int64_t id = stmt_col_int(s, 0), seen = seen_ms(id), waiting = 0;
		if (seen > 0 && seen + SILENT_MS < now_ms)
			warn(w, DASHBOARD_TILL_SILENT, id, stmt_col_text(s, 1));
		if (err == QT_OK)
			err = db_one(db, &loose, "i", id, "i", &waiting);
		if (waiting > 0)
			warn(w, DASHBOARD_PAYMENT_LOOSE, id, stmt_col_text(s, 1));
	}
	enum qt_err ended = stmt_end(s);
	return err == QT_OK ? ended : err;
}

static enum qt_err shifts(struct db *db, int64_t merchant_id, int64_t now_ms, struct warnings *w)
{
	SQL(open, "SELECT s.id, t.name FROM terminal t CROSS JOIN shift s WHERE t.merchant_id = $1 AND s.terminal_id = t.id "
	          "AND s.number = (SELECT MAX(n.number) FROM shift n WHERE n.terminal_id = t.id) AND s.state = 1 "
	          "AND s.opened_ms < $2");
	struct stmt *s = db_stmt(db, &open);

	stmt_int(s, 1, merchant_id);
	stmt_int(s, 2, now_ms - SHIFT_LONG_MS);
	while (stmt_step(s))
		warn(w, DASHBOARD_SHIFT_LONG, stmt_col_int(s, 0), stmt_col_text(s, 1));
	return stmt_end(s);
}

enum qt_err dashboard_warnings(struct db *db, const struct merchant *m, int64_t now_ms,
                               struct dashboard_warned out[DASHBOARD_WARNED_MAX], int *count)
{
	struct warnings w = { out, count };

	*count = 0;
	enum qt_err err = missing(db, m->id, &w);
	if (err == QT_OK)
		err = rebates(db, m, &w);
	if (err == QT_OK)
		err = tills(db, m->id, now_ms, &w);
	return err == QT_OK ? shifts(db, m->id, now_ms, &w) : err;
}
