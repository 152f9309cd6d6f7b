/* audit_document: the canonical bytes of what a journal settles, computed from the rows as they are now (layouts in
 * order.h). Part of the auditor: shares no code with what wrote them. */
#include "server/audit_parts.h"

#include "server/ledger.h"

static void put_int(struct buf *b, int64_t v)
{
	for (int i = 0; i < 8; i++)
		buf_addc(b, (char)((uint64_t)v >> (8 * i)));
}

/* Rows of a statement: how many, then all their columns. The statement is bound and is ended here. */
static enum qt_err put_rows(struct stmt *s, struct buf *out)
{
	struct buf rows = { 0 };
	int64_t count = 0;

	for (; stmt_step(s); count++)
		for (int i = 0; i < stmt_columns(s); i++)
			put_int(&rows, stmt_col_int(s, i));
	put_int(out, count);
	buf_add(out, rows.data, rows.len);
	buf_free(&rows);
	return stmt_end(s);
}

/* A row's columns without a count. Nothing when the row is gone; others name it. */
static enum qt_err put_row(struct stmt *s, struct buf *out)
{
	if (stmt_step(s))
		for (int i = 0; i < stmt_columns(s); i++)
			put_int(out, stmt_col_int(s, i));
	return stmt_end(s);
}

static enum qt_err sale(struct db *db, int64_t order_id, struct buf *out)
{
	SQL(order, "SELECT id, merchant_id, terminal_id, number, staff_id, created_ms, "
	           "(SELECT m.currency FROM merchant m WHERE m.id = merchant_id), tax_cents, total_cents, "
	           "customer_id, campaign_id, share_id, receipt_number, points_earned, rebate_cents, rebate_outcome "
	           "FROM orders WHERE id = $1");
	SQL(lines, "SELECT id, sold_item_id, quantity, price_cents, tax_cents FROM order_line "
	           "WHERE id > $1 * 256 AND id < $1 * 256 + 256 ORDER BY id");
	SQL(stepped_lines, "SELECT id, sold_item_id, quantity, price_cents, tax_cents, "
	                   "coalesce(amount_cents, quantity * price_cents) FROM order_line "
	                   "WHERE id > $1 * 256 AND id < $1 * 256 + 256 ORDER BY id");
	SQL(steps, "SELECT id, line_no, kind, amount_cents, rate_bp, approval_id FROM order_step "
	           "WHERE id > $1 * 4096 AND id < $1 * 4096 + 4096 ORDER BY id");
	SQL(priced, "SELECT (SELECT count(*) FROM order_step WHERE id > $1 * 4096 AND id < $1 * 4096 + 4096) + "
	            "(SELECT count(*) FROM order_line WHERE id > $1 * 256 AND id < $1 * 256 + 256 AND "
	            "amount_cents IS NOT NULL)");
	int64_t marks = 0;
	/* From the newest payment back along the chain, then in the order they were made. */
	SQL(payments, "WITH RECURSIVE chain(step, id) AS (SELECT 0, last_payment_id FROM orders WHERE id = $1 UNION ALL "
	              "SELECT c.step + 1, p.previous_id FROM chain c JOIN payment p ON p.id = c.id WHERE c.step < 100) "
	              "SELECT p.id, p.order_id, p.method, p.source, p.account_id, p.amount_cents, p.points, "
	              "p.received_cents FROM chain c JOIN payment p ON p.id = c.id WHERE p.state IN (4, 10, 11) "
	              "ORDER BY c.step DESC");
	SQL(rounded_payments,
	    "WITH RECURSIVE chain(step, id) AS (SELECT 0, last_payment_id FROM orders WHERE id = $1 UNION ALL "
	    "SELECT c.step + 1, p.previous_id FROM chain c JOIN payment p ON p.id = c.id WHERE c.step < 100) "
	    "SELECT p.id, p.order_id, p.method, p.source, p.account_id, p.amount_cents, p.points, p.received_cents, "
	    "p.cash_rounding_cents, CASE WHEN p.cash_rounding_cents > 0 THEN (p.amount_cents + p.cash_rounding_cents / 2) "
	    "/ p.cash_rounding_cents * p.cash_rounding_cents - p.amount_cents ELSE 0 END FROM chain c JOIN payment p ON p.id = c.id "
	    "WHERE p.state IN (4, 10, 11) ORDER BY c.step DESC");
	SQL(rounded, "WITH RECURSIVE chain(step, id) AS (SELECT 0, last_payment_id FROM orders WHERE id = $1 UNION ALL "
	             "SELECT c.step + 1, p.previous_id FROM chain c JOIN payment p ON p.id = c.id WHERE c.step < 100) "
	             "SELECT count(*) FROM chain c JOIN payment p ON p.id = c.id WHERE p.state IN (4, 10, 11) "
	             "AND p.cash_rounding_cents <> 0");
	int64_t coins = 0;
	enum qt_err err = db_one(db, &priced, "i", order_id, "i", &marks);
	if (err != QT_OK)
		return err;
	err = db_one(db, &rounded, "i", order_id, "i", &coins);
	if (err != QT_OK)
		return err;
	struct stmt *s = db_stmt(db, &order);

	put_int(out, (marks ? 3 : 1) + (coins ? 4 : 0));
	stmt_int(s, 1, order_id);
	err = put_row(s, out);
	if (err != QT_OK)
		return err;
	s = db_stmt(db, marks ? &stepped_lines : &lines);
	stmt_int(s, 1, order_id);
	err = put_rows(s, out);
	if (err == QT_OK && marks) {
		s = db_stmt(db, &steps);
		stmt_int(s, 1, order_id);
		err = put_rows(s, out);
	}
	if (err != QT_OK)
		return err;
	s = db_stmt(db, coins ? &rounded_payments : &payments);
	stmt_int(s, 1, order_id);
	return put_rows(s, out);
}

static enum qt_err refund(struct db *db, int64_t refund_id, struct buf *out)
{
	SQL(row, "SELECT id, order_id, terminal_id, staff_id, approved_by, created_ms, amount_cents, tax_cents, points, "
	         "rebate_cents FROM refund WHERE id = $1");
	SQL(lines, "SELECT id, quantity, amount_cents, tax_cents FROM refund_line "
	           "WHERE id > $1 * 256 AND id < $1 * 256 + 256 ORDER BY id");
	SQL(tenders, "SELECT id, payment_id, amount_cents, points FROM refund_tender "
	             "WHERE id > $1 * 16 AND id < $1 * 16 + 16 ORDER BY id");
	SQL(rounded_tenders, "SELECT id, payment_id, amount_cents, points, rounding_cents FROM refund_tender "
	                     "WHERE id > $1 * 16 AND id < $1 * 16 + 16 ORDER BY id");
	SQL(rounded, "SELECT count(*) FROM refund_tender WHERE id > $1 * 16 AND id < $1 * 16 + 16 AND rounding_cents <> 0");
	int64_t coins = 0;
	enum qt_err err = db_one(db, &rounded, "i", refund_id, "i", &coins);

	if (err != QT_OK)
		return err;
	struct stmt *s = db_stmt(db, &row);
	put_int(out, coins ? 6 : 2);
	stmt_int(s, 1, refund_id);
	err = put_row(s, out);
	if (err != QT_OK)
		return err;
	s = db_stmt(db, &lines);
	stmt_int(s, 1, refund_id);
	err = put_rows(s, out);
	if (err != QT_OK)
		return err;
	s = db_stmt(db, coins ? &rounded_tenders : &tenders);
	stmt_int(s, 1, refund_id);
	return put_rows(s, out);
}

enum qt_err audit_document(struct audit *a, const struct audit_journal *j, struct buf *out)
{
	if (!a->has_sale)
		return QT_OK;
	if (j->kind == JOURNAL_SALE && j->order_id != 0)
		return sale(a->db, j->order_id, out);
	if (j->kind == JOURNAL_REFUND && j->ref_id != 0)
		return refund(a->db, j->ref_id, out);
	return QT_OK;
}
