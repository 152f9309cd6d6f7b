/* audit_report: the sums of reports against the orders, lines, payments and refunds of the journals they count. Part of the
 * auditor. By SQL of its own, over all days together: which day a journal belongs to is the calendar's matter. */
#include "server/audit_parts.h"

#include "server/ledger.h"
#include "server/report_sum.h"
#include "server/store/tx.h"

_Static_assert(JOURNAL_SALE == 0 && JOURNAL_REFUND == 1 && SUM_HOUR == 1 && SUM_ITEM == 2 && SUM_STAFF == 3 && SUM_TILL == 4 &&
               SUM_TENDER == 5 && SUM_TAX == 6 && SUM_CARDS == 8, "the queries below spell these numbers");

#define MARK "(SELECT journal_id FROM report_mark WHERE id = 1)"
/* Lines of the sales that are counted; CROSS JOIN goes from the journals outward. */
#define SOLD "FROM journal j CROSS JOIN orders o CROSS JOIN order_line l CROSS JOIN sold_item s WHERE j.kind = 0 AND " \
	"j.order_id > 0 AND j.id <= " MARK " AND o.id = j.order_id AND l.id > o.id * 256 AND l.id < o.id * 256 + 256 AND " \
	"s.id = l.sold_item_id "
#define LINE "coalesce(l.amount_cents, l.quantity * l.price_cents) + CASE WHEN s.inclusive = 1 THEN 0 ELSE l.tax_cents END"
/* And of their refunds, in the place of the till that gave back. */
#define BACK "FROM journal j CROSS JOIN refund r CROSS JOIN orders o CROSS JOIN refund_line f CROSS JOIN order_line l " \
	"CROSS JOIN sold_item s WHERE j.kind = 1 AND j.order_id > 0 AND j.id <= " MARK " AND r.id = j.ref_id AND " \
	"o.id = r.order_id AND f.id > r.id * 256 AND f.id < r.id * 256 + 256 AND l.id = o.id * 256 + (f.id - r.id * 256) AND " \
	"s.id = l.sold_item_id "
#define BACK_TILL "CASE WHEN r.terminal_id > 0 THEN r.terminal_id ELSE o.terminal_id END"
/* Rows that disagree: what the sums of a kind say under `key`, against sales and refunds. */
#define COMPARE(kind, key, said, sold_key, sold, back_key, back, which) \
	"SELECT ref, sum(got), sum(want) FROM (SELECT " key " AS ref, " said " AS got, 0 AS want FROM report_sum WHERE kind = " kind \
	" UNION ALL SELECT " sold_key ", 0, " sold " " SOLD which " UNION ALL SELECT " back_key ", 0, -(" back ") " BACK which \
	") x GROUP BY ref HAVING sum(got) <> sum(want)"
#define KEPT "amount_cents - back_cents"
#define PIECES(quantity) "CASE WHEN EXISTS (SELECT 1 FROM sold_unit u WHERE u.id = s.id) THEN 1 ELSE " quantity " END"
#define GOODS "AND s.item_id > 0"
#define EXEMPT "AND EXISTS (SELECT 1 FROM order_step t WHERE t.id > o.id * 4096 AND t.id < o.id * 4096 + 4096 " \
	"AND t.line_no = l.id - o.id * 256 AND t.kind = 5)"

static struct {
	const char *name;
	struct sql query;
	const char *detail; /* two %lld */
} checks[] = {
#define CHECK(name, text, detail) { name, { text, 0, __FILE__ }, detail }
	CHECK("report-day", COMPARE("1", "merchant_id", KEPT, "o.merchant_id", LINE, "o.merchant_id", "f.amount_cents", GOODS),
	      "reports say %lld was sold by this merchant, the orders %lld"),
	CHECK("report-item", COMPARE("2", "ref_id", KEPT, "s.item_id", LINE, "s.item_id", "f.amount_cents", GOODS),
	      "reports say %lld was sold of this item, the lines %lld"),
	CHECK("report-pieces", COMPARE("2", "ref_id", "quantity - back_quantity", "s.item_id", PIECES("l.quantity"),
	                               "s.item_id", PIECES("f.quantity"), GOODS),
	      "reports say %lld pieces of this item, the lines %lld"),
	CHECK("report-cashier", COMPARE("3", "ref_id", KEPT, "o.staff_id", LINE, "r.staff_id", "f.amount_cents", GOODS),
	      "reports say %lld was sold by this person, the orders %lld"),
	CHECK("report-till", COMPARE("4", "ref_id", KEPT, "o.terminal_id", LINE, BACK_TILL, "f.amount_cents", GOODS),
	      "reports say %lld was sold at this till, the orders %lld"),
	CHECK("report-tax", COMPARE("6", "ref_id", "tax_cents - back_tax_cents", "s.tax_id", "l.tax_cents", "s.tax_id",
	                            "f.tax_cents", GOODS),
	      "reports say %lld of this tax, the lines %lld"),
	CHECK("report-exempt", COMPARE("6 AND ref_id = 0", "merchant_id", KEPT, "o.merchant_id", LINE, "o.merchant_id",
	                               "f.amount_cents", EXEMPT),
	      "reports say %lld was sold without tax by this merchant, the lines %lld"),
	CHECK("report-cards", COMPARE("8", "merchant_id", KEPT, "o.merchant_id", LINE, "o.merchant_id", "f.amount_cents",
	                              "AND s.item_id = 0"),
	      "reports say %lld was put on cards by sales, the lines %lld"),
	CHECK("report-tender",
	      "SELECT ref, sum(got), sum(want) FROM (SELECT merchant_id * 16 + ref_id AS ref, " KEPT " AS got, 0 AS want "
	      "FROM report_sum WHERE kind = 5 UNION ALL SELECT j.merchant_id * 16 + p.source, 0, p.amount_cents FROM payment p "
	      "CROSS JOIN journal j WHERE p.state IN (4, 10, 11) AND p.order_id > 0 AND j.order_id = p.order_id AND j.order_id > 0 "
	      "AND j.kind = 0 AND j.id <= " MARK " UNION ALL SELECT j.merchant_id * 16 + p.source, 0, -t.amount_cents "
	      "FROM journal j CROSS JOIN refund_tender t CROSS JOIN payment p WHERE j.kind = 1 AND j.order_id > 0 AND j.id <= "
	      MARK " AND t.id > j.ref_id * 16 AND t.id < j.ref_id * 16 + 16 AND p.id = t.payment_id) x GROUP BY ref "
	      "HAVING sum(got) <> sum(want)",
	      "reports say %lld was paid so (merchant * 16 + tender), the payments %lld"),
	CHECK("report-month",
	      "SELECT ref_id, sum(CASE WHEN kind > 16 THEN amount_cents - back_cents + quantity + tax_cents ELSE 0 END), "
	      "sum(CASE WHEN kind < 16 THEN amount_cents - back_cents + quantity + tax_cents ELSE 0 END) FROM report_sum "
	      "GROUP BY merchant_id, kind % 16, store_id, ref_id HAVING "
	      "sum(CASE WHEN kind > 16 THEN amount_cents - back_cents + quantity + tax_cents ELSE 0 END) <> "
	      "sum(CASE WHEN kind < 16 THEN amount_cents - back_cents + quantity + tax_cents ELSE 0 END)",
	      "months come to %lld, their days to %lld"),
#undef CHECK
};

enum qt_err audit_reports(struct audit *a)
{
	enum qt_err err = QT_OK;

	if (!a->has_sale || !db_table_exists(a->db, "report_sum"))
		return QT_OK;
	for (size_t i = 0; i < sizeof checks / sizeof *checks && err == QT_OK; i++) {
		struct stmt *s = db_stmt(a->db, &checks[i].query);
		while (stmt_step(s))
			audit_say(a, checks[i].name, "report_sum", stmt_col_int(s, 0), checks[i].detail, (long long)stmt_col_int(s, 1),
			          (long long)stmt_col_int(s, 2));
		err = stmt_end(s);
	}
	return err;
}
