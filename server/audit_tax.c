/* audit_tax: the tax of every line, recomputed from what it costs and its rate, and the exemptions of those that have
 * none. Part of the auditor; rounds with code of its own. */
#include "server/audit_parts.h"

#include "server/store/tx.h"
#include "shared/price.h"

#include <stddef.h>

_Static_assert(STEP_EXEMPT == 5, "the queries below spell this number");

/* amount * part / whole, half away from zero. */
static int64_t share(int64_t amount, int64_t part, int64_t whole)
{
	__int128 twice = (__int128)amount * part * 2;

	return (int64_t)((twice + (twice < 0 ? -whole : whole)) / ((__int128)whole * 2));
}

static int64_t tax_of(int64_t amount, int64_t rate_bp, bool inclusive)
{
	return share(amount, rate_bp, inclusive ? 10000 + rate_bp : 10000);
}

/* A line that is exempt has no tax, and lost what its price contained; any other has its tax. */
static enum qt_err check_lines(struct audit *a)
{
	SQL(lines, "SELECT l.id, COALESCE(l.amount_cents, l.quantity * l.price_cents), l.tax_cents, s.rate_bp, s.inclusive, "
	           "t.amount_cents FROM order_line l CROSS JOIN sold_item s LEFT JOIN order_step t ON t.id > l.id / 256 * 4096 "
	           "AND t.id < l.id / 256 * 4096 + 4096 AND t.line_no = l.id % 256 AND t.kind = 5 "
	           "WHERE s.id = l.sold_item_id ORDER BY l.id");
	struct stmt *s = db_stmt(a->db, &lines);

	while (stmt_step(s)) {
		int64_t id = stmt_col_int(s, 0), amount = stmt_col_int(s, 1), tax = stmt_col_int(s, 2), rate = stmt_col_int(s, 3);
		bool inclusive = stmt_col_int(s, 4) != 0, exempt = !stmt_col_null(s, 5);
		int64_t lost = -stmt_col_int(s, 5), want = exempt ? 0 : tax_of(amount, rate, inclusive);
		if (tax != want)
			audit_say(a, "line-tax", "order_line", id, "has a tax of %lld, its amount and rate come to %lld", (long long)tax,
			          (long long)want);
		want = inclusive ? tax_of(amount + lost, rate, true) : 0;
		if (exempt && (lost != want || rate == 0))
			audit_say(a, "line-exempt", "order_line", id, "lost a tax of %lld, its price contained %lld", (long long)lost,
			          (long long)want);
	}
	return stmt_end(s);
}

/* Rows that disagree: id, two numbers for the text. */
static struct {
	const char *name, *table;
	struct sql query;
	const char *detail;
} checks[] = {
	{ "order-exempt", "order_exemption", { "SELECT x.id, x.exemption_id, COALESCE(o.customer_id, 0) FROM order_exemption x "
	  "LEFT JOIN orders o ON o.id = x.id LEFT JOIN tax_exemption e ON e.id = x.exemption_id WHERE o.id IS NULL OR e.id IS NULL "
	  "OR e.customer_id <> o.customer_id OR e.merchant_id <> o.merchant_id OR o.created_ms < e.from_ms OR "
	  "(e.until_ms > 0 AND o.created_ms >= e.until_ms)", 0, __FILE__ },
	  "exemption %lld was not good for customer %lld" },
	{ "order-exempt", "orders", { "SELECT t.id / 4096, COUNT(*), COALESCE(x.exemption_id, 0) FROM order_step t "
	  "LEFT JOIN order_exemption x ON x.id = t.id / 4096 WHERE t.kind = 5 AND x.id IS NULL "
	  "GROUP BY t.id / 4096, x.exemption_id", 0, __FILE__ },
	  "%lld lines were sold without tax, by no exemption (%lld)" },
};

enum qt_err audit_taxes(struct audit *a)
{
	enum qt_err err = QT_OK;

	if (!a->has_sale || !db_table_exists(a->db, "order_exemption"))
		return QT_OK;
	err = check_lines(a);
	for (size_t i = 0; i < sizeof checks / sizeof *checks && err == QT_OK; i++) {
		struct stmt *s = db_stmt(a->db, &checks[i].query);
		while (stmt_step(s))
			audit_say(a, checks[i].name, checks[i].table, stmt_col_int(s, 0), checks[i].detail, (long long)stmt_col_int(s, 1),
			          (long long)stmt_col_int(s, 2));
		err = stmt_end(s);
	}
	return err;
}
