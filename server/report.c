/* report: see report.h. sources[] says for each report where its rows come from. */
#include "server/report.h"

#include "server/ledger.h"
#include "server/order_state.h"
#include "server/points.h"
#include "server/report_sum.h"
#include "shared/price.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* A report being written; a row's cells are put in the order of its columns. */
struct writing {
	struct db *db;
	const struct report *report;
	const struct report_ask *ask;
	struct json *out;
	int at;                             /* next column of the open row */
	int64_t sum[REPORT_COLUMNS_MAX];
	bool silent;                        /* the row counts in no sum */
};

static void row_begin(struct writing *w)
{
	json_object(w->out, NULL);
	w->at = 0;
}

static void put(struct writing *w, int64_t number)
{
	const struct report_column *c = &w->report->columns[w->at];

	json_int(w->out, c->name, number);
	if (c->sum && !w->silent)
		w->sum[w->at] += number;
	w->at++;
}

static void put_text(struct writing *w, const char *text)
{
	json_text(w->out, w->report->columns[w->at++].name, text);
}

static void put_day(struct writing *w, int64_t day)
{
	char text[11];
	put_text(w, zone_day_text(day, text));
}

static void row_end(struct writing *w)
{
	assert(w->report->columns[w->at].name == NULL);
	json_end(w->out);
}

/* ---- sums ---- */

static int by_key(const void *a, const void *b)
{
	const struct sum_row *x = a, *y = b;

	if (x->day != y->day)
		return x->day < y->day ? -1 : 1;
	return x->ref_id < y->ref_id ? -1 : x->ref_id > y->ref_id;
}

static int64_t kept(const struct sum_row *r)
{
	return r->value[SUM_AMOUNT] - r->value[SUM_BACK];
}

static int by_amount(const void *a, const void *b)
{
	const struct sum_row *x = a, *y = b;

	return kept(x) == kept(y) ? by_key(a, b) : kept(x) > kept(y) ? -1 : 1;
}

static enum qt_err read_sums(struct writing *w, enum sum_kind kind, bool by_day, struct sums *out)
{
	const struct sum_query q = { w->ask->merchant->id, w->ask->from_day, w->ask->to_day, w->ask->store_id, kind, by_day };

	return sums_read(w->db, &q, out);
}

/* Sold, refunded, tax and net: net = sold - refunded - tax. */
static void put_money(struct writing *w, const struct sum_row *r)
{
	int64_t tax = r->value[SUM_TAX_CENTS] - r->value[SUM_BACK_TAX];

	put(w, r->value[SUM_AMOUNT]);
	put(w, r->value[SUM_BACK]);
	put(w, tax);
	put(w, kept(r) - tax);
}

static void put_sales(struct writing *w, const struct sum_row *r)
{
	put(w, r->value[SUM_COUNT]);
	put(w, r->value[SUM_QUANTITY]);
	put_money(w, r);
}

/* A report with a row for each sum. */
static enum qt_err write_sums(struct writing *w, enum sum_kind kind, bool by_day, int (*order)(const void *, const void *),
                              enum qt_err (*one)(struct writing *, const struct sum_row *))
{
	struct sums sums = { 0 };
	enum qt_err err = read_sums(w, kind, by_day, &sums);

	if (sums.count > 0)
		qsort(sums.rows, (size_t)sums.count, sizeof *sums.rows, order);
	for (int i = 0; i < sums.count && err == QT_OK; i++) {
		row_begin(w);
		err = one(w, &sums.rows[i]);
		row_end(w);
	}
	sums_free(&sums);
	return err;
}

static enum qt_err day_row(struct writing *w, const struct sum_row *r)
{
	put_day(w, r->day);
	put_sales(w, r);
	return QT_OK;
}

static enum qt_err hour_row(struct writing *w, const struct sum_row *r)
{
	put(w, r->ref_id);
	put_sales(w, r);
	return QT_OK;
}

/* The texts that name a row; NULL where there are none. */
static enum qt_err put_names(struct writing *w, struct sql *by_id, int64_t id, int texts)
{
	struct stmt *s = db_stmt(w->db, by_id);

	stmt_int(s, 1, id);
	bool found = stmt_step(s);
	for (int i = 0; i < texts; i++)
		put_text(w, found ? stmt_col_text(s, i) : NULL);
	return stmt_end(s);
}

static enum qt_err item_row(struct writing *w, const struct sum_row *r)
{
	SQL(by_id, "SELECT sku, name, name_zh FROM item WHERE id = $1");

	put(w, r->ref_id);
	enum qt_err err = put_names(w, &by_id, r->ref_id, 3);
	put(w, r->value[SUM_COUNT]);
	put(w, r->value[SUM_QUANTITY]);
	put(w, r->value[SUM_BASE]);
	put_money(w, r);
	return err;
}

static enum qt_err cashier_row(struct writing *w, const struct sum_row *r)
{
	SQL(by_id, "SELECT number, name FROM staff WHERE id = $1");

	put(w, r->ref_id);
	enum qt_err err = put_names(w, &by_id, r->ref_id, 2);
	put_sales(w, r);
	return err;
}

static enum qt_err till_row(struct writing *w, const struct sum_row *r)
{
	SQL(by_id, "SELECT name FROM terminal WHERE id = $1");

	put(w, r->ref_id);
	enum qt_err err = put_names(w, &by_id, r->ref_id, 1);
	put_sales(w, r);
	return err;
}

static enum qt_err tender_row(struct writing *w, const struct sum_row *r)
{
	put_text(w, payment_source_name((int)r->ref_id));
	put(w, r->value[SUM_COUNT]);
	put(w, r->value[SUM_AMOUNT]);
	put(w, r->value[SUM_BACK]);
	put(w, kept(r));
	put(w, r->value[SUM_QUANTITY] - r->value[SUM_BACK_QUANTITY]);
	return QT_OK;
}

static enum qt_err tax_row(struct writing *w, const struct sum_row *r)
{
	SQL(names, "SELECT name, name_zh FROM tax WHERE id = $1");
	SQL(rate_of, "SELECT rate_bp FROM tax WHERE id = $1");
	int64_t rate_bp = 0;

	put(w, r->ref_id);
	enum qt_err err = QT_OK;
	if (r->ref_id == 0) {
		put_text(w, report_word("exempt", false));
		put_text(w, report_word("exempt", true));
	} else {
		err = put_names(w, &names, r->ref_id, 2);
	}
	if (err == QT_OK)
		err = db_one(w->db, &rate_of, "i", r->ref_id, "i", &rate_bp);
	put(w, rate_bp);
	put_money(w, r);
	return err == QT_NOT_FOUND ? QT_OK : err;
}

static enum qt_err by_day(struct writing *w)
{
	return write_sums(w, SUM_HOUR, true, by_key, day_row);
}

static enum qt_err by_hour(struct writing *w)
{
	return write_sums(w, SUM_HOUR, false, by_key, hour_row);
}

static enum qt_err by_item(struct writing *w)
{
	return write_sums(w, SUM_ITEM, false, by_amount, item_row);
}

static enum qt_err by_cashier(struct writing *w)
{
	return write_sums(w, SUM_STAFF, false, by_amount, cashier_row);
}

static enum qt_err by_till(struct writing *w)
{
	return write_sums(w, SUM_TILL, false, by_amount, till_row);
}

static enum qt_err by_tender(struct writing *w)
{
	return write_sums(w, SUM_TENDER, false, by_amount, tender_row);
}

static enum qt_err by_tax(struct writing *w)
{
	return write_sums(w, SUM_TAX, false, by_key, tax_row);
}

/* ---- sections ---- */

/* Each item's sums to each of its sections; to section 0 when it is in none. */
static enum qt_err spread(struct writing *w, const struct sums *items, struct sums *out)
{
	SQL(of_item, "SELECT section_id FROM section_item WHERE item_id = $1");
	enum qt_err err = QT_OK;

	for (int i = 0; i < items->count && err == QT_OK; i++) {
		struct stmt *s = db_stmt(w->db, &of_item);
		bool any = false, more;
		stmt_int(s, 1, items->rows[i].ref_id);
		do {
			more = stmt_step(s);
			if (!more && any)
				break;
			const struct sum_row key = { .ref_id = more ? stmt_col_int(s, 0) : 0 };
			struct sum_row *to = sums_at(out, &key);
			for (int k = 0; k < SUM_VALUES; k++)
				to->value[k] += items->rows[i].value[k];
			any = true;
		} while (more);
		err = stmt_end(s);
	}
	return err;
}

static void put_lines(struct writing *w, const struct sum_row *r)
{
	put(w, r->value[SUM_COUNT]);
	put(w, r->value[SUM_QUANTITY]);
	put_money(w, r);
}

/* What is in two sections stands twice in the rows, but once in the total. */
static enum qt_err by_section(struct writing *w)
{
	SQL(by_id, "SELECT name, name_zh FROM section WHERE id = $1");
	struct sums items = { 0 }, sections = { 0 };
	struct sum_row all = { 0 };
	enum qt_err err = read_sums(w, SUM_ITEM, false, &items);

	if (err == QT_OK)
		err = spread(w, &items, &sections);
	if (sections.count > 0)
		qsort(sections.rows, (size_t)sections.count, sizeof *sections.rows, by_amount);
	w->silent = true;
	for (int i = 0; i < sections.count && err == QT_OK; i++) {
		row_begin(w);
		put(w, sections.rows[i].ref_id);
		err = put_names(w, &by_id, sections.rows[i].ref_id, 2);
		put_lines(w, &sections.rows[i]);
		row_end(w);
	}
	for (int i = 0; i < items.count; i++)
		for (int k = 0; k < SUM_VALUES; k++)
			all.value[k] += items.rows[i].value[k];
	int64_t tax = all.value[SUM_TAX_CENTS] - all.value[SUM_BACK_TAX];
	const int64_t totals[] = { 0, 0, 0, all.value[SUM_COUNT], all.value[SUM_QUANTITY], all.value[SUM_AMOUNT],
		all.value[SUM_BACK], tax, kept(&all) - tax };
	memcpy(w->sum, totals, sizeof totals);
	sums_free(&items);
	sums_free(&sections);
	return err;
}

/* ---- gross to net ---- */

static void line(struct writing *w, const char *word, int64_t amount_cents)
{
	row_begin(w);
	put_text(w, word);
	put(w, amount_cents);
	row_end(w);
}

static enum qt_err gross_to_net(struct writing *w)
{
	struct sums sales = { 0 }, steps = { 0 }, cards = { 0 };
	struct sum_row all = { 0 };
	static const int shown[] = { STEP_LABEL, STEP_OVERRIDE, STEP_OPTION, STEP_LINE_DISCOUNT, STEP_PROMOTION,
	                             STEP_ORDER_DISCOUNT, STEP_POINTS, STEP_EXEMPT };
	int64_t step_cents[STEP_OPTION + 1] = { 0 }, priced;
	enum qt_err err = read_sums(w, SUM_HOUR, false, &sales);

	if (err == QT_OK)
		err = read_sums(w, SUM_STEP, false, &steps);
	if (err == QT_OK)
		err = read_sums(w, SUM_CARDS, false, &cards);
	for (int i = 0; i < sales.count; i++)
		for (int k = 0; k < SUM_VALUES; k++)
			all.value[k] += sales.rows[i].value[k];
	for (int i = 0; i < steps.count; i++)
		if (steps.rows[i].ref_id <= STEP_OPTION)
			step_cents[steps.rows[i].ref_id] += steps.rows[i].value[SUM_AMOUNT];
	priced = all.value[SUM_BASE];
	line(w, "list-price", priced);
	for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
		line(w, price_step_name(shown[i]), step_cents[shown[i]]);
		priced += step_cents[shown[i]];
	}
	int64_t tax = all.value[SUM_TAX_CENTS] - all.value[SUM_BACK_TAX];
	line(w, "tax-added", all.value[SUM_AMOUNT] - priced);
	line(w, "sold", all.value[SUM_AMOUNT]);
	line(w, "refunded", -all.value[SUM_BACK]);
	line(w, "kept", kept(&all));
	line(w, "tax", -tax);
	line(w, "net", kept(&all) - tax);
	line(w, "cards-sold", cards.count ? kept(&cards.rows[0]) : 0);
	line(w, "taken", kept(&all) + (cards.count ? kept(&cards.rows[0]) : 0));
	sums_free(&sales);
	sums_free(&steps);
	sums_free(&cards);
	return err;
}

/* ---- what is owed ---- */

static void owed(struct writing *w, const char *kind, int64_t holders, int64_t amount_cents, int64_t points)
{
	row_begin(w);
	put_text(w, kind);
	put(w, holders);
	put(w, amount_cents);
	put(w, points);
	row_end(w);
}

static enum qt_err owed_on_cards(struct writing *w)
{
	SQL(accounts, "SELECT account_id FROM card WHERE merchant_id = $1 AND account_id > 0");
	struct stmt *s = db_stmt(w->db, &accounts);
	int64_t holders = 0, sum = 0;
	enum qt_err err = QT_OK, ended;

	stmt_int(s, 1, w->ask->merchant->id);
	while (stmt_step(s) && err == QT_OK) {
		int64_t balance = 0, held_id, held = 0;
		err = ledger_balance(w->db, stmt_col_int(s, 0), &balance);
		if (err == QT_OK) /* what waits for the rest of a mixed payment is still the card's */
			err = ledger_account_find(w->db, ACCOUNT_HELD, stmt_col_int(s, 0), w->ask->merchant->currency, &held_id);
		if (err == QT_OK)
			err = ledger_balance(w->db, held_id, &held);
		if (err == QT_NOT_FOUND)
			err = QT_OK;
		sum += balance + held;
		holders += balance + held > 0;
	}
	ended = stmt_end(s);
	owed(w, "cards", holders, sum, 0);
	return err == QT_OK ? ended : err;
}

/* The balance of one account of the merchant's; 0 when it was never opened. */
static enum qt_err balance_of(struct writing *w, enum account_kind kind, int64_t unit, int64_t *balance)
{
	int64_t account_id;
	enum qt_err err = ledger_account_find(w->db, kind, w->ask->merchant->id, unit, &account_id);

	*balance = 0;
	if (err == QT_OK)
		err = ledger_balance(w->db, account_id, balance);
	return err == QT_NOT_FOUND ? QT_OK : err;
}

static enum qt_err liabilities(struct writing *w)
{
	const struct merchant *m = w->ask->merchant;
	int64_t issued, lapsed, suspense, points, worth = 0;
	enum qt_err err = owed_on_cards(w);

	if (err == QT_OK)
		err = balance_of(w, ACCOUNT_POINTS_ISSUED, points_unit(m->id), &issued);
	if (err == QT_OK)
		err = balance_of(w, ACCOUNT_BREAKAGE, points_unit(m->id), &lapsed);
	if (err == QT_OK)
		err = balance_of(w, ACCOUNT_SUSPENSE, m->currency, &suspense);
	if (err != QT_OK)
		return err;
	points = -issued - lapsed;
	err = money_mul(points, m->point_value_cents, &worth);
	owed(w, "points-owed", 0, worth, points);
	owed(w, "suspense", 0, suspense, 0);
	return err;
}

/* ---- shifts ---- */

/* Rows about closed shifts: $1 merchant, $2 and $3 from and to, $4 store or 0. Column `text` is a name, the others are numbers. */
static enum qt_err shift_rows(struct writing *w, struct sql *rows, int columns, int text)
{
	struct stmt *s = db_stmt(w->db, rows);

	stmt_int(s, 1, w->ask->merchant->id);
	stmt_int(s, 2, w->ask->from_ms);
	stmt_int(s, 3, w->ask->to_ms);
	stmt_int(s, 4, w->ask->store_id);
	while (stmt_step(s)) {
		row_begin(w);
		for (int i = 0; i < columns; i++)
			if (i == text)
				put_text(w, stmt_col_text(s, i));
			else
				put(w, stmt_col_int(s, i));
		row_end(w);
	}
	return stmt_end(s);
}

static enum qt_err z_reports(struct writing *w)
{
	SQL(closed, "SELECT s.id, s.terminal_id, t.name, s.number, s.opened_ms, s.closed_ms, s.expected_cents, "
	            "s.counted_cents, s.counted_cents - s.expected_cents FROM shift s CROSS JOIN terminal t "
	            "WHERE s.merchant_id = $1 AND s.state = 2 AND s.closed_ms >= $2 AND s.closed_ms < $3 "
	            "AND t.id = s.terminal_id AND ($4 = 0 OR t.store_id = $4) ORDER BY s.id");

	return shift_rows(w, &closed, 9, 2);
}

static enum qt_err differences(struct writing *w)
{
	SQL(by_till, "SELECT s.terminal_id, MIN(t.name), COUNT(*), "
	             "SUM(CASE WHEN s.counted_cents < s.expected_cents THEN s.counted_cents - s.expected_cents ELSE 0 END), "
	             "SUM(CASE WHEN s.counted_cents > s.expected_cents THEN s.counted_cents - s.expected_cents ELSE 0 END), "
	             "SUM(s.counted_cents - s.expected_cents) FROM shift s CROSS JOIN terminal t "
	             "WHERE s.merchant_id = $1 AND s.state = 2 AND s.closed_ms >= $2 AND s.closed_ms < $3 "
	             "AND t.id = s.terminal_id AND ($4 = 0 OR t.store_id = $4) GROUP BY s.terminal_id ORDER BY s.terminal_id");

	return shift_rows(w, &by_till, 6, 1);
}

/* ---- the table ---- */

static const struct {
	const char *name;
	enum qt_err (*rows)(struct writing *);
} sources[] = {
	{ "day", by_day }, { "hour", by_hour }, { "item", by_item }, { "section", by_section }, { "cashier", by_cashier },
	{ "till", by_till }, { "tender", by_tender }, { "tax", by_tax }, { "net", gross_to_net },
	{ "liability", liabilities }, { "z", z_reports }, { "difference", differences },
};

enum qt_err report_write(struct db *db, const struct report *report, const struct report_ask *ask, struct json *out)
{
	struct writing w = { .db = db, .report = report, .ask = ask, .out = out };
	enum qt_err err = QT_NOT_FOUND;

	json_array(out, "rows");
	for (size_t i = 0; i < sizeof sources / sizeof *sources; i++)
		if (strcmp(sources[i].name, report->name) == 0)
			err = sources[i].rows(&w);
	json_end(out);
	json_object(out, "total");
	for (int i = 0; report->columns[i].name != NULL; i++)
		if (report->columns[i].sum)
			json_int(out, report->columns[i].name, w.sum[i]);
	json_end(out);
	return err;
}
