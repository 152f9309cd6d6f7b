/* shift_figures: what a shift's reports say, worked out from journals and from the rows they settle. Reads only; writes
 * one JSON object whose members are always the same and in the same order. Part of shift.h. */
#include "server/ledger.h"
#include "server/order_state.h"
#include "server/shift.h"
#include "shared/price.h"

_Static_assert(JOURNAL_SALE == 0 && JOURNAL_REFUND == 1 && PAYMENT_SETTLED == 4 && PAYMENT_PART_REFUNDED == 10 &&
               PAYMENT_REFUNDED == 11 && ORDER_OPEN == 1 && STEP_ORDER_DISCOUNT == 4 &&
               STEP_EXEMPT == 5 && STEP_POINTS == 7, "the queries below spell these numbers");

/* Sales of terminal $1 in the journals behind $2 up to $3. */
#define SALES "journal j JOIN orders o ON o.id = j.order_id AND o.terminal_id = $1 " \
	"WHERE j.id > $2 AND j.id <= $3 AND j.kind = 0 AND j.order_id > 0"
#define REFUNDS "journal j JOIN refund r ON r.id = j.ref_id AND r.terminal_id = $1 " \
	"WHERE j.id > $2 AND j.id <= $3 AND j.kind = 1"

#define LINES_OF_CARDS(use) "SELECT 3 AS tender, c.amount_cents FROM order_card c JOIN orders o ON o.id = c.order_id " \
	"WHERE c.journal_id > $2 AND c.journal_id <= $3 AND o.terminal_id = $1 AND c.card_use = " use

/* Joins by a range of ids are written CROSS JOIN: SQLite then keeps to the order written, from the shift's journals
 * outward; its own choice would look at every line there is. */
struct range {
	struct db *db;
	int64_t terminal_id, first, last; /* journals first < id <= last */
	struct json *out;
};

/* Members `names` (a column each) of the only row of a query over the range. */
static enum qt_err write_row(const struct range *r, struct sql *query, const char *const *names)
{
	struct stmt *s = db_stmt(r->db, query);

	stmt_int(s, 1, r->terminal_id);
	stmt_int(s, 2, r->first);
	stmt_int(s, 3, r->last);
	if (stmt_step(s))
		for (int i = 0; names[i] != NULL; i++)
			json_int(r->out, names[i], stmt_col_int(s, i));
	return stmt_end(s);
}

/* An array of objects; the first column is written by its name in words when `word` knows one. */
static enum qt_err write_rows(const struct range *r, struct sql *query, const char *array, const char *const *names,
                              const char *(*word)(int))
{
	struct stmt *s = db_stmt(r->db, query);

	stmt_int(s, 1, r->terminal_id);
	stmt_int(s, 2, r->first);
	stmt_int(s, 3, r->last);
	json_array(r->out, array);
	while (stmt_step(s)) {
		json_object(r->out, NULL);
		for (int i = 0; names[i] != NULL; i++)
			if (i == 0 && word != NULL)
				json_text(r->out, names[i], word((int)stmt_col_int(s, i)));
			else
				json_int(r->out, names[i], stmt_col_int(s, i));
		json_end(r->out);
	}
	json_end(r->out);
	return stmt_end(s);
}

static enum qt_err write_sales(const struct range *r)
{
	SQL(sums, "SELECT COUNT(*), COALESCE(MIN(o.receipt_number), 0), COALESCE(MAX(o.receipt_number), 0), "
	          "COALESCE(SUM(o.total_cents), 0), COALESCE(SUM(o.tax_cents), 0) FROM " SALES);
	SQL(discounts, "SELECT COALESCE(-SUM(t.amount_cents), 0) FROM journal j CROSS JOIN orders o CROSS JOIN order_step t "
	               "WHERE j.id > $2 AND j.id <= $3 AND j.kind = 0 AND j.order_id > 0 AND o.id = j.order_id "
	               "AND o.terminal_id = $1 AND t.id > o.id * 4096 AND t.id < o.id * 4096 + 4096 AND t.kind IN (1, 2, 3, 4, 7)");
	SQL(points, "SELECT COALESCE(SUM(o.points_earned), 0) FROM " SALES);
	SQL(cards, "SELECT COALESCE(SUM(c.amount_cents), 0) FROM order_card c JOIN orders o ON o.id = c.order_id "
	           "WHERE c.journal_id > $2 AND c.journal_id <= $3 AND o.terminal_id = $1");
	/* what exempt customers bought is with what has no tax */
	SQL(taxes, "SELECT CASE WHEN x.id IS NULL THEN i.rate_bp ELSE 0 END AS rate_bp, "
	           "SUM(COALESCE(l.amount_cents, l.quantity * l.price_cents) "
	           "- CASE WHEN i.inclusive = 1 THEN l.tax_cents ELSE 0 "
	           "END), SUM(l.tax_cents) FROM journal j CROSS JOIN orders o CROSS JOIN order_line l CROSS JOIN sold_item i "
	           "LEFT JOIN order_exemption x ON x.id = o.id WHERE j.id > $2 AND j.id <= $3 AND j.kind = 0 AND j.order_id > 0 "
	           "AND o.id = j.order_id AND o.terminal_id = $1 AND l.id BETWEEN o.id * 256 + 1 AND o.id * 256 + 255 "
	           "AND i.id = l.sold_item_id AND i.item_id > 0 GROUP BY 1 ORDER BY 1");
	SQL(tenders, "WITH RECURSIVE p(id, previous_id, source, amount_cents, points, state) AS ("
	             "SELECT q.id, q.previous_id, q.source, q.amount_cents, q.points, q.state FROM journal j "
	             "JOIN orders o ON o.id = j.order_id AND o.terminal_id = $1 JOIN payment q ON q.id = o.last_payment_id "
	             "WHERE j.id > $2 AND j.id <= $3 AND j.kind = 0 AND j.order_id > 0 "
	             "UNION ALL SELECT q.id, q.previous_id, q.source, q.amount_cents, q.points, q.state FROM p "
	             "JOIN payment q ON q.id = p.previous_id) "
	             "SELECT source, COUNT(*), SUM(amount_cents), SUM(points) FROM p WHERE state IN (4, 10, 11) "
	             "GROUP BY source ORDER BY source");
	SQL(rounding, "WITH RECURSIVE p(id, previous_id, amount_cents, coin_cents, state) AS ("
	              "SELECT q.id, q.previous_id, q.amount_cents, q.cash_rounding_cents, q.state FROM journal j "
	              "JOIN orders o ON o.id = j.order_id AND o.terminal_id = $1 JOIN payment q ON q.id = o.last_payment_id "
	              "WHERE j.id > $2 AND j.id <= $3 AND j.kind = 0 AND j.order_id > 0 "
	              "UNION ALL SELECT q.id, q.previous_id, q.amount_cents, q.cash_rounding_cents, q.state FROM p "
	              "JOIN payment q ON q.id = p.previous_id) "
	              "SELECT COALESCE(SUM((amount_cents + coin_cents / 2) / coin_cents * coin_cents - amount_cents), 0) FROM p "
	              "WHERE state IN (4, 10, 11) AND coin_cents > 0");
	static const char *const rounding_names[] = { "rounding_cents", NULL };
	static const char *const sum_names[] = { "sales_count", "receipt_from", "receipt_to", "gross_cents", "tax_cents",
		                                     NULL };
	static const char *const discount_names[] = { "discount_cents", NULL }, *const point_names[] = { "points_earned", NULL };
	static const char *const card_names[] = { "cards_cents", NULL };
	static const char *const tax_names[] = { "rate_bp", "base_cents", "tax_cents", NULL };
	static const char *const tender_names[] = { "tender", "count", "amount_cents", "points", NULL };

	enum qt_err err = write_row(r, &sums, sum_names);
	if (err == QT_OK)
		err = write_row(r, &discounts, discount_names);
	if (err == QT_OK)
		err = write_row(r, &cards, card_names);
	if (err == QT_OK)
		err = write_row(r, &points, point_names);
	if (err == QT_OK)
		err = write_rows(r, &taxes, "taxes", tax_names, NULL);
	if (err == QT_OK)
		err = write_rows(r, &tenders, "tenders", tender_names, payment_source_name);
	return err == QT_OK ? write_row(r, &rounding, rounding_names) : err;
}

static enum qt_err write_refunds(const struct range *r)
{
	SQL(sums, "SELECT COUNT(*), COALESCE(SUM(r.amount_cents), 0), COALESCE(SUM(r.tax_cents), 0), "
	          "COALESCE(SUM(r.points), 0) FROM " REFUNDS);
	SQL(tenders, "SELECT p.source, COUNT(*), SUM(t.amount_cents), SUM(t.points) FROM journal j "
	             "CROSS JOIN refund r CROSS JOIN refund_tender t CROSS JOIN payment p "
	             "WHERE j.id > $2 AND j.id <= $3 AND j.kind = 1 AND r.id = j.ref_id AND r.terminal_id = $1 "
	             "AND t.id BETWEEN r.id * 16 + 1 AND r.id * 16 + 15 AND p.id = t.payment_id GROUP BY p.source ORDER BY p.source");
	SQL(cards, "SELECT COALESCE(SUM(c.amount_cents), 0) FROM journal j CROSS JOIN refund r CROSS JOIN order_card c "
	           "JOIN journal b ON b.id = c.back_journal_id WHERE j.id > $2 AND j.id <= $3 AND j.kind = 1 AND "
	           "r.id = j.ref_id AND r.terminal_id = $1 AND c.order_id = r.order_id AND c.back_journal_id > $2 AND "
	           "c.back_journal_id <= $3 AND b.id < j.id AND NOT EXISTS (SELECT 1 FROM journal k WHERE k.order_id = j.order_id "
	           "AND k.order_id > 0 AND k.kind = 1 AND k.id > b.id AND k.id < j.id)");
	SQL(rounding, "SELECT COALESCE(SUM(t.rounding_cents), 0) FROM journal j CROSS JOIN refund r CROSS JOIN refund_tender t "
	              "WHERE j.id > $2 AND j.id <= $3 AND j.kind = 1 AND r.id = j.ref_id AND r.terminal_id = $1 "
	              "AND t.id BETWEEN r.id * 16 + 1 AND r.id * 16 + 15");
	static const char *const rounding_names[] = { "refund_rounding_cents", NULL };
	static const char *const card_names[] = { "refund_cards_cents", NULL };
	static const char *const sum_names[] = { "refund_count", "refund_cents", "refund_tax_cents",
		                                     "refund_points_taken", NULL };
	static const char *const tender_names[] = { "tender", "count", "amount_cents", "points", NULL };

	enum qt_err err = write_row(r, &sums, sum_names);
	if (err == QT_OK)
		err = write_row(r, &cards, card_names);
	if (err == QT_OK)
		err = write_rows(r, &tenders, "refund_tenders", tender_names, payment_source_name);
	return err == QT_OK ? write_row(r, &rounding, rounding_names) : err;
}

static const char *card_tender_word(int tender)
{
	static const char *const words[] = { "none", "cash", "terminal", "sale" };
	return words[tender];
}

static enum qt_err write_cards(const struct range *r)
{
	/* 3: on a line of a sale, whose tenders paid it */
	SQL(sold, "SELECT tender, COUNT(*), SUM(amount_cents) FROM (SELECT tender, amount_cents FROM shift_card WHERE "
	          "terminal_id = $1 AND journal_id > $2 AND journal_id <= $3 AND sold = 1 UNION ALL " LINES_OF_CARDS("1")
	          ") b GROUP BY tender ORDER BY tender");
	SQL(topped_up, "SELECT tender, COUNT(*), SUM(amount_cents) FROM (SELECT tender, amount_cents FROM shift_card WHERE "
	               "terminal_id = $1 AND journal_id > $2 AND journal_id <= $3 AND sold = 0 UNION ALL "
	               LINES_OF_CARDS("2") ") b GROUP BY tender ORDER BY tender");
	static const char *const names[] = { "tender", "count", "amount_cents", NULL };

	enum qt_err err = write_rows(r, &sold, "cards_sold", names, card_tender_word);
	return err == QT_OK ? write_rows(r, &topped_up, "cards_topped_up", names, card_tender_word) : err;
}

static enum qt_err write_movements(const struct range *r, const struct shift *shift)
{
	SQL(movements, "SELECT id, kind, amount_cents, at_ms, reason FROM shift_cash WHERE shift_id = $1 AND "
	               "journal_id <= $2 ORDER BY id");
	struct stmt *s = db_stmt(r->db, &movements);

	stmt_int(s, 1, shift->id);
	stmt_int(s, 2, r->last);
	json_array(r->out, "movements");
	while (stmt_step(s)) {
		json_object(r->out, NULL);
		json_int(r->out, "movement_id", stmt_col_int(s, 0));
		json_text(r->out, "kind", shift_cash_kind_name((enum shift_cash_kind)stmt_col_int(s, 1)));
		json_int(r->out, "amount_cents", stmt_col_int(s, 2));
		json_int(r->out, "at_ms", stmt_col_int(s, 3));
		json_text(r->out, "reason", stmt_col_text(s, 4));
		json_end(r->out);
	}
	json_end(r->out);
	return stmt_end(s);
}

/* The drawer's account by kind of journal: what the ledger says, whatever the rows above say. */
static enum qt_err write_drawer(const struct range *r, int64_t currency, int64_t *expected_cents)
{
	/* From the entries: from the journals the planner would look at all of them once per entry. */
	SQL(kinds, "SELECT j.kind, COUNT(*), -SUM(e.amount) FROM entry e JOIN journal j ON j.id = e.id / 64 "
	           "WHERE e.account_id = $1 AND e.id >= ($2 + 1) * 64 AND e.id < ($3 + 1) * 64 "
	           "GROUP BY j.kind ORDER BY j.kind");
	int64_t account_id = 0, sum = 0;
	enum qt_err err = ledger_account_find(r->db, ACCOUNT_CASH, r->terminal_id, currency, &account_id);

	if (err != QT_OK && err != QT_NOT_FOUND)
		return err;
	struct stmt *s = db_stmt(r->db, &kinds);
	stmt_int(s, 1, account_id);
	stmt_int(s, 2, r->first);
	stmt_int(s, 3, r->last);
	json_array(r->out, "drawer");
	while (stmt_step(s)) {
		json_object(r->out, NULL);
		json_text(r->out, "kind", journal_kind_name((enum journal_kind)stmt_col_int(s, 0)));
		json_int(r->out, "count", stmt_col_int(s, 1));
		json_int(r->out, "amount_cents", stmt_col_int(s, 2));
		json_end(r->out);
		sum += stmt_col_int(s, 2);
	}
	json_end(r->out);
	json_int(r->out, "expected_cents", sum);
	*expected_cents = sum;
	return stmt_end(s);
}

/* Orders that wait for payment go on into the next shift. */
static enum qt_err write_open_orders(const struct range *r)
{
	SQL(open, "SELECT COUNT(*), COALESCE(SUM(total_cents), 0) FROM orders WHERE terminal_id = $1 AND state = 1");
	int64_t count, cents;
	enum qt_err err = db_one(r->db, &open, "i", r->terminal_id, "ii", &count, &cents);

	if (err != QT_OK)
		return err;
	json_int(r->out, "open_orders", count);
	json_int(r->out, "open_orders_cents", cents);
	return QT_OK;
}

enum qt_err shift_figures(struct db *db, const struct shift *shift, int64_t last_journal, int64_t currency,
                          struct json *out, int64_t *expected_cents)
{
	const struct range r = { db, shift->terminal_id, shift->first_journal, last_journal, out };

	enum qt_err err = write_sales(&r);
	if (err == QT_OK)
		err = write_refunds(&r);
	if (err == QT_OK)
		err = write_cards(&r);
	if (err == QT_OK)
		err = write_open_orders(&r);
	if (err == QT_OK)
		err = write_movements(&r, shift);
	return err == QT_OK ? write_drawer(&r, currency, expected_cents) : err;
}
