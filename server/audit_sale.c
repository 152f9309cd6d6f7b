/* audit_sale: orders, lines, payments, refunds, cards, points and prefunds against each other and against the ledger's
 * entries. Part of the auditor. Each check is one query that yields the rows that disagree: the row's id and two
 * numbers for the text. Journals' kinds and states are numbers in SQL: they are stored and never change. */
#include "server/audit_parts.h"

#include "server/ledger.h"

#include <assert.h>
#include <stdlib.h>

_Static_assert(JOURNAL_SALE == 0 && JOURNAL_REFUND == 1 && JOURNAL_CARD_TOP_UP == 2 && JOURNAL_POINTS_EXPIRE == 20 &&
               JOURNAL_CARD_TAKE_BACK == 21 && ACCOUNT_WORLD == 0 && ACCOUNT_CASH == 1 &&
               ACCOUNT_CARD == 3 && ACCOUNT_PREFUND == 6 && ACCOUNT_REBATE_HELD == 7 && ACCOUNT_POINTS == 12 && ACCOUNT_ROUNDING == 17,
               "the queries below spell these numbers");

struct check {
	const char *name, *table;
	struct sql query;
	const char *detail; /* two %lld */
};
#define CHECK(name, table, text, detail) { name, table, { text, 0, __FILE__ }, detail }

/* By how much cash was rounded that a payment says was rounded to cash_rounding_cents. */
#define ROUNDING(p) "((" p ".amount_cents + " p ".cash_rounding_cents / 2) / " p ".cash_rounding_cents * " p \
	".cash_rounding_cents - " p ".amount_cents)"

/* Entries of an order's sale journal. */
#define SALE_ENTRIES "journal j JOIN entry e ON e.id >= j.id * 64 AND e.id < j.id * 64 + 64 " \
	"JOIN account a ON a.id = e.account_id WHERE j.order_id = o.id AND j.order_id > 0 AND j.kind = 0 "

/* What line l costs before its steps: measured goods (u) in thousandths, half up. */
#define LINE_BASE "CASE WHEN u.unit IS NULL THEN l.quantity * l.price_cents ELSE (l.quantity * l.price_cents + 500) / 1000 END"

static struct check sale_checks[] = {
	CHECK("order-lines", "orders",
	      "SELECT o.id, o.total_cents, coalesce(sum(coalesce(l.amount_cents, l.quantity * l.price_cents) + "
	      "CASE WHEN s.inclusive = 1 THEN 0 ELSE l.tax_cents END), 0) AS lines FROM orders o "
	      "LEFT JOIN order_line l ON l.id > o.id * 256 AND l.id < o.id * 256 + 256 "
	      "LEFT JOIN sold_item s ON s.id = l.sold_item_id GROUP BY o.id, o.total_cents HAVING o.total_cents <> "
	      "coalesce(sum(coalesce(l.amount_cents, l.quantity * l.price_cents) + CASE WHEN s.inclusive = 1 THEN 0 ELSE l.tax_cents END), 0)",
	      "total is %lld, its lines sum to %lld"),
	CHECK("order-tax", "orders",
	      "SELECT o.id, o.tax_cents, coalesce(sum(l.tax_cents), 0) FROM orders o "
	      "LEFT JOIN order_line l ON l.id > o.id * 256 AND l.id < o.id * 256 + 256 "
	      "GROUP BY o.id, o.tax_cents HAVING o.tax_cents <> coalesce(sum(l.tax_cents), 0)",
	      "tax is %lld, its lines' sums to %lld"),
	CHECK("order-lines", "order_line",
	      "SELECT o.id * 256 + count(l.id), max(l.id) - o.id * 256, count(l.id) FROM orders o "
	      "JOIN order_line l ON l.id > o.id * 256 AND l.id < o.id * 256 + 256 "
	      "GROUP BY o.id HAVING max(l.id) - o.id * 256 <> count(l.id)",
	      "the last line is number %lld, but there are %lld"),
	CHECK("line-steps", "order_line",
	      "SELECT l.id, l.amount_cents, " LINE_BASE " + coalesce(sum(t.amount_cents), 0) FROM order_line l "
	      "LEFT JOIN sold_unit u ON u.id = l.sold_item_id LEFT JOIN order_step t ON t.id > l.id / 256 * 4096 AND "
	      "t.id < l.id / 256 * 4096 + 4096 AND t.line_no = l.id % 256 WHERE l.amount_cents IS NOT NULL "
	      "GROUP BY l.id, l.amount_cents, l.quantity, l.price_cents, u.unit "
	      "HAVING l.amount_cents <> " LINE_BASE " + coalesce(sum(t.amount_cents), 0)",
	      "costs %lld, its price and steps come to %lld"),
	CHECK("line-options", "order_line",
	      "SELECT l.id, l.quantity * o.price, o.steps FROM (SELECT line_id, sum(price) AS price, sum(step) AS steps FROM "
	      "(SELECT id / 4096 * 256 + line_no AS line_id, price_cents AS price, 0 AS step FROM order_option UNION ALL "
	      " SELECT id / 4096 * 256 + line_no, 0, amount_cents FROM order_step WHERE kind = 8) b GROUP BY line_id) o "
	      "LEFT JOIN order_line l ON l.id = o.line_id WHERE l.id IS NULL OR l.quantity * o.price <> o.steps",
	      "has options of %lld, its steps say %lld"),
	CHECK("option-choice", "order_option",
	      "SELECT p.id, p.choice_id, p.id / 4096 FROM order_option p JOIN orders o ON o.id = p.id / 4096 "
	      "LEFT JOIN option_choice c ON c.id = p.choice_id LEFT JOIN option_group g ON g.id = c.group_id "
	      "AND g.merchant_id = o.merchant_id WHERE g.id IS NULL",
	      "the merchant has no choice %lld (order %lld)"),
	CHECK("line-measured", "order_line",
	      "SELECT l.id, l.quantity, l.price_cents FROM order_line l JOIN sold_unit u ON u.id = l.sold_item_id "
	      "WHERE l.amount_cents IS NULL OR u.unit NOT IN ('kg', 'g', 'l', 'm')",
	      "is measured, but has no amount or no such unit (%lld at %lld)"),
	CHECK("step-line", "order_step",
	      "SELECT t.id, t.id / 4096, t.line_no FROM order_step t LEFT JOIN order_line l "
	      "ON l.id = t.id / 4096 * 256 + t.line_no WHERE l.id IS NULL OR l.amount_cents IS NULL",
	      "order %lld has no line %lld with steps"),
	CHECK("step-approval", "order_step",
	      "SELECT t.id, t.approval_id, t.id / 4096 FROM order_step t LEFT JOIN approval a ON a.id = t.approval_id "
	      "LEFT JOIN orders o ON o.id = t.id / 4096 WHERE t.approval_id > 0 AND (a.id IS NULL OR a.used_ms = 0 OR "
	      "a.ref_id <> o.id OR a.terminal_id <> o.terminal_id OR a.asked_by <> o.staff_id)",
	      "approval %lld was not used for order %lld"),
	CHECK("line-order", "order_line",
	      "SELECT l.id, l.id / 256, 0 FROM order_line l LEFT JOIN orders o ON o.id = l.id / 256 WHERE o.id IS NULL",
	      "there is no order %lld (%lld)"),
	CHECK("line-item", "order_line",
	      "SELECT l.id, l.sold_item_id, 0 FROM order_line l LEFT JOIN sold_item s ON s.id = l.sold_item_id "
	      "WHERE s.id IS NULL",
	      "there is no sold item %lld (%lld)"),
	CHECK("order-journal", "orders",
	      "SELECT o.id, o.state, count(j.id) FROM orders o LEFT JOIN journal j "
	      "ON j.order_id = o.id AND j.order_id > 0 AND j.kind = 0 GROUP BY o.id, o.state "
	      "HAVING count(j.id) <> CASE WHEN o.state IN (2, 5, 6) THEN 1 ELSE 0 END",
	      "state %lld does not go with %lld sale journals"),
	CHECK("order-journal", "orders",
	      "SELECT j.order_id, j.id, 0 FROM journal j LEFT JOIN orders o ON o.id = j.order_id "
	      "WHERE j.order_id > 0 AND o.id IS NULL",
	      "journal %lld is about it, but the row is missing (%lld)"),
	CHECK("order-books", "orders",
	      "SELECT o.id, o.merchant_id, j.merchant_id FROM orders o JOIN journal j ON j.order_id = o.id AND "
	      "j.order_id > 0 WHERE j.merchant_id <> o.merchant_id",
	      "is merchant %lld's, its journal is in the books of %lld"),
	CHECK("order-payments", "orders",
	      "SELECT o.id, o.total_cents, coalesce(p.paid, 0) FROM orders o LEFT JOIN "
	      "(SELECT order_id, sum(amount_cents) AS paid FROM payment WHERE state IN (4, 10, 11) GROUP BY order_id) p "
	      "ON p.order_id = o.id WHERE o.state IN (2, 5, 6) AND coalesce(p.paid, 0) <> o.total_cents",
	      "total is %lld, its settled payments sum to %lld"),
	CHECK("payment-order", "payment",
	      "SELECT p.id, p.order_id, coalesce(o.state, 0) FROM payment p LEFT JOIN orders o ON o.id = p.order_id "
	      "WHERE p.order_id > 0 AND (o.id IS NULL OR (p.state IN (4, 10, 11) AND o.state NOT IN (2, 5, 6)))",
	      "is settled for order %lld, whose state is %lld"),
	CHECK("payment-entries", "orders",
	      "SELECT q.order_id, q.due, coalesce(-sum(e.amount), 0) FROM "
	      "(SELECT order_id, account_id, sum(CASE WHEN source = 3 THEN points ELSE amount_cents END) AS due "
	      " FROM payment WHERE state IN (4, 10, 11) AND account_id > 0 AND order_id > 0 GROUP BY order_id, account_id) q "
	      "LEFT JOIN journal j ON j.order_id = q.order_id AND j.order_id > 0 AND j.kind = 0 "
	      "LEFT JOIN entry e ON e.id >= j.id * 64 AND e.id < j.id * 64 + 64 AND e.account_id = q.account_id "
	      "AND e.amount < 0 GROUP BY q.order_id, q.account_id, q.due HAVING coalesce(-sum(e.amount), 0) <> q.due",
	      "payments from an account sum to %lld, its entries to %lld"),
	CHECK("payment-cash", "orders",
	      "SELECT o.id, o.cash, o.moved FROM (SELECT o.id, "
	      "coalesce((SELECT sum(p.amount_cents + CASE WHEN p.cash_rounding_cents > 0 THEN " ROUNDING("p") " ELSE 0 END) "
	      "FROM payment p WHERE p.order_id = o.id AND p.source IN (1, 6) AND p.state IN (4, 10, 11)), 0) AS cash, "
	      "coalesce((SELECT -sum(e.amount) FROM " SALE_ENTRIES "AND a.kind IN (0, 1)), 0) AS moved "
	      "FROM orders o WHERE o.id IN (SELECT order_id FROM payment WHERE source IN (1, 6))) o WHERE o.cash <> o.moved",
	      "cash and bank payments sum to %lld, their entries to %lld"),
	CHECK("cash-rounding", "payment",
	      "SELECT id, amount_cents, cash_rounding_cents FROM payment WHERE cash_rounding_cents <> 0 AND "
	      "(source <> 1 OR cash_rounding_cents NOT IN (5, 10, 50, 100))",
	      "of %lld is rounded to %lld: no coin, or no cash"),
	CHECK("cash-rounding", "orders",
	      "SELECT o.id, o.rounding, o.moved FROM (SELECT q.id, q.rounding, coalesce((SELECT sum(e.amount) FROM journal j "
	      "JOIN entry e ON e.id >= j.id * 64 AND e.id < j.id * 64 + 64 JOIN account a ON a.id = e.account_id AND a.kind = 17 "
	      "WHERE j.order_id = q.id AND j.order_id > 0 AND j.kind = 0), 0) AS moved FROM (SELECT order_id AS id, "
	      "sum(" ROUNDING("payment") ") AS rounding FROM payment WHERE state IN (4, 10, 11) AND cash_rounding_cents > 0 "
	      "AND order_id > 0 GROUP BY order_id) q) o WHERE o.rounding <> o.moved",
	      "payments were rounded by %lld, the entries say %lld"),
	CHECK("order-rebate", "orders",
	      "SELECT o.id, o.rebate_cents, o.moved FROM (SELECT o.id, o.rebate_cents, "
	      "coalesce((SELECT -sum(e.amount) FROM " SALE_ENTRIES "AND a.kind = 6), 0) AS moved FROM orders o "
	      "WHERE o.rebate_cents <> 0 OR o.campaign_id <> 0) o WHERE o.rebate_cents <> o.moved",
	      "says rebates of %lld, the prefund paid %lld"),
	CHECK("order-points", "orders",
	      "SELECT o.id, o.points_earned, o.moved FROM (SELECT o.id, o.points_earned, "
	      "coalesce((SELECT sum(e.amount) FROM " SALE_ENTRIES "AND a.kind = 12 AND e.amount > 0), 0) AS moved "
	      "FROM orders o WHERE o.customer_id <> 0 OR o.points_earned <> 0) o WHERE o.points_earned <> o.moved",
	      "says %lld points earned, the entries say %lld"),
	CHECK("card-line", "order_line",
	      "SELECT l.id, l.quantity * l.price_cents, coalesce(sum(c.amount_cents), 0) FROM order_line l "
	      "JOIN sold_item s ON s.id = l.sold_item_id AND s.item_id = 0 LEFT JOIN order_card c "
	      "ON c.order_id = l.id / 256 AND c.line_no = l.id % 256 GROUP BY l.id, l.quantity, l.price_cents, l.tax_cents, "
	      "l.amount_cents HAVING l.quantity * l.price_cents <> coalesce(sum(c.amount_cents), 0) OR "
	      "count(c.id) <> l.quantity OR l.tax_cents <> 0 OR coalesce(l.amount_cents, l.quantity * l.price_cents) <> "
	      "l.quantity * l.price_cents",
	      "costs %lld, %lld goes on its cards"),
	CHECK("card-line", "order_card",
	      "SELECT c.id, c.order_id, c.line_no FROM order_card c LEFT JOIN order_line l ON l.id = c.order_id * 256 + "
	      "c.line_no LEFT JOIN sold_item s ON s.id = l.sold_item_id WHERE s.id IS NULL OR s.item_id <> 0",
	      "order %lld has no line %lld of cards"),
	CHECK("card-paid", "order_card",
	      "SELECT c.id, c.journal_id, coalesce(o.state, 0) FROM order_card c LEFT JOIN orders o ON o.id = c.order_id WHERE o.id IS NULL "
	      "OR (CASE WHEN c.journal_id > 0 THEN 1 ELSE 0 END) <> (CASE WHEN o.state IN (2, 5, 6) THEN 1 ELSE 0 END)",
	      "journal %lld does not go with the order's state %lld"),
	CHECK("card-put", "order_card",
	      "SELECT c.id, c.amount_cents, coalesce(sum(e.amount), 0) FROM order_card c LEFT JOIN journal j "
	      "ON j.id = c.journal_id AND j.kind = 2 AND j.order_id = c.order_id LEFT JOIN entry e ON e.id >= j.id * 64 "
	      "AND e.id < j.id * 64 + 64 AND e.amount > 0 AND e.account_id IN (SELECT id FROM account WHERE kind = 3) "
	      "WHERE c.journal_id > 0 GROUP BY c.id, c.amount_cents HAVING coalesce(sum(e.amount), 0) <> c.amount_cents",
	      "is worth %lld, its journal put %lld on a card"),
	CHECK("card-back", "order_card",
	      "SELECT c.id, c.amount_cents, coalesce(-sum(e.amount), 0) FROM order_card c LEFT JOIN journal j "
	      "ON j.id = c.back_journal_id AND j.kind = 21 AND j.order_id = c.order_id LEFT JOIN entry e ON e.id >= j.id * 64 "
	      "AND e.id < j.id * 64 + 64 AND e.amount < 0 AND e.account_id IN (SELECT id FROM account WHERE kind = 3) "
	      "WHERE c.back_journal_id > 0 GROUP BY c.id, c.amount_cents HAVING coalesce(-sum(e.amount), 0) <> c.amount_cents",
	      "is worth %lld, its refund took %lld off a card"),
	CHECK("card-back", "order_line",
	      "SELECT l.id, coalesce((SELECT sum(f.quantity) FROM refund r JOIN refund_line f ON f.id = r.id * 256 + l.id % 256 "
	      "WHERE r.order_id = l.id / 256), 0), count(c.id) FROM order_line l JOIN sold_item s ON s.id = l.sold_item_id "
	      "AND s.item_id = 0 LEFT JOIN order_card c ON c.order_id = l.id / 256 AND c.line_no = l.id % 256 "
	      "AND c.back_journal_id > 0 GROUP BY l.id HAVING count(c.id) <> coalesce((SELECT sum(f.quantity) FROM refund r "
	      "JOIN refund_line f ON f.id = r.id * 256 + l.id % 256 WHERE r.order_id = l.id / 256), 0)",
	      "%lld pieces were given back, but %lld cards"),
	CHECK("card-journal", "journal",
	      "SELECT j.id, j.order_id, j.kind FROM journal j LEFT JOIN order_card c ON c.order_id = j.order_id AND "
	      "(c.journal_id = j.id OR c.back_journal_id = j.id) WHERE j.order_id > 0 AND j.kind IN (2, 21) AND c.id IS NULL",
	      "moved a card's value for order %lld, which has no such card (kind %lld)"),
	CHECK("points-discount", "orders",
	      "SELECT o.id, o.cut, o.points FROM (SELECT o.id, (SELECT coalesce(-sum(t.amount_cents), 0) FROM order_step t "
	      "WHERE t.id > o.id * 4096 AND t.id < o.id * 4096 + 4096 AND t.kind = 7) AS cut, (SELECT coalesce(sum(p.points), 0) "
	      "FROM payment p WHERE p.order_id = o.id AND p.method = 9) AS points FROM orders o WHERE o.id IN (SELECT order_id "
	      "FROM payment WHERE method = 9 UNION SELECT id / 4096 FROM order_step WHERE kind = 7)) o "
	      "WHERE (o.cut > 0) <> (o.points > 0) OR o.points > o.cut",
	      "points took %lld off its price, and cost %lld"),
	CHECK("points-discount", "payment",
	      "SELECT id, amount_cents, source FROM payment WHERE method = 9 AND (amount_cents <> 0 OR source <> 3 OR points <= 0)",
	      "is points off a price, but pays %lld from source %lld"),
	CHECK("points-voucher", "points_voucher",
	      "SELECT v.id, v.points, coalesce(-sum(e.amount), 0) FROM points_voucher v LEFT JOIN journal j ON j.id = v.journal_id "
	      "AND j.kind = 11 LEFT JOIN entry e ON e.id >= j.id * 64 AND e.id < j.id * 64 + 64 AND e.account_id = v.account_id "
	      "LEFT JOIN coupon c ON c.id = v.id LEFT JOIN account a ON a.id = v.account_id GROUP BY v.id, v.points, c.customer_id, "
	      "a.owner_id HAVING v.points <> coalesce(-sum(e.amount), 0) OR coalesce(c.customer_id, 0) <> a.owner_id",
	      "cost %lld points, its journal took %lld of the holder's"),
	CHECK("payment-wallet", "payment",
	      "SELECT id, source, customer_id FROM payment WHERE method = 8 AND (source NOT IN (2, 3, 4) OR customer_id = 0)",
	      "is by a wallet's code, but its source is %lld and its customer %lld"),
	CHECK("lot-left", "points_lot",
	      "SELECT l.id, l.left_points, l.points + coalesce(m.moved, 0) FROM points_lot l LEFT JOIN "
	      "(SELECT lot_id, sum(points) AS moved FROM points_move GROUP BY lot_id) m ON m.lot_id = l.id "
	      "WHERE l.left_points <> l.points + coalesce(m.moved, 0)",
	      "has %lld left, its moves leave %lld"),
	CHECK("lot-journal", "journal",
	      "SELECT q.journal_id, q.lots, coalesce((SELECT sum(e.amount) FROM entry e WHERE e.id >= q.journal_id * 64 "
	      "AND e.id < q.journal_id * 64 + 64 AND e.account_id = q.account_id), 0) FROM "
	      "(SELECT journal_id, account_id, sum(points) AS lots FROM (SELECT journal_id, account_id, points FROM points_lot "
	      " WHERE journal_id > 0 UNION ALL SELECT m.journal_id, l.account_id, m.points FROM points_move m "
	      " JOIN points_lot l ON l.id = m.lot_id) b GROUP BY journal_id, account_id) q "
	      "WHERE q.lots <> coalesce((SELECT sum(e.amount) FROM entry e WHERE e.id >= q.journal_id * 64 "
	      "AND e.id < q.journal_id * 64 + 64 AND e.account_id = q.account_id), 0)",
	      "moved %lld points of an account's lots, but %lld by its entries"),
	CHECK("lot-over", "points_lot",
	      "SELECT m.lot_id, m.journal_id, l.expires_ms FROM points_move m JOIN points_lot l ON l.id = m.lot_id "
	      "JOIN journal j ON j.id = m.journal_id WHERE j.kind = 20 AND (l.expires_ms = 0 OR l.expires_ms > j.at_ms)",
	      "lapsed by journal %lld before its end at %lld"),
	CHECK("receipts", "till_sequence",
	      "SELECT t.terminal_id, t.last_receipt, coalesce(o.count, 0) FROM till_sequence t LEFT JOIN "
	      "(SELECT terminal_id, count(*) AS count, max(receipt_number) AS last FROM orders WHERE receipt_number > 0 "
	      " GROUP BY terminal_id) o ON o.terminal_id = t.terminal_id "
	      "WHERE t.last_receipt <> coalesce(o.count, 0) OR t.last_receipt <> coalesce(o.last, 0)",
	      "last receipt is %lld, but the till has %lld"),
};

static struct check refund_checks[] = {
	CHECK("refund-order", "refund",
	      "SELECT r.id, r.order_id, 0 FROM refund r LEFT JOIN orders o ON o.id = r.order_id AND o.state IN (5, 6) "
	      "WHERE o.id IS NULL",
	      "order %lld is not refunded (%lld)"),
	CHECK("refund-sum", "orders",
	      "SELECT o.id, o.total_cents, coalesce(r.back, 0) FROM orders o LEFT JOIN "
	      "(SELECT order_id, sum(amount_cents) AS back, count(*) AS count FROM refund GROUP BY order_id) r "
	      "ON r.order_id = o.id WHERE o.state IN (2, 5, 6) AND (coalesce(r.back, 0) > o.total_cents OR "
	      "(o.state = 6 AND coalesce(r.back, 0) <> o.total_cents) OR (o.state = 5 AND r.count IS NULL))",
	      "total is %lld, its refunds sum to %lld"),
	CHECK("refund-lines", "refund",
	      "SELECT r.id, r.amount_cents, coalesce(sum(l.amount_cents), 0) FROM refund r LEFT JOIN refund_line l "
	      "ON l.id > r.id * 256 AND l.id < r.id * 256 + 256 GROUP BY r.id, r.amount_cents "
	      "HAVING r.amount_cents <> coalesce(sum(l.amount_cents), 0)",
	      "is %lld, its lines sum to %lld"),
	CHECK("refund-tenders", "refund",
	      "SELECT r.id, r.amount_cents, coalesce(sum(t.amount_cents), 0) FROM refund r LEFT JOIN refund_tender t "
	      "ON t.id > r.id * 16 AND t.id < r.id * 16 + 16 GROUP BY r.id, r.amount_cents "
	      "HAVING r.amount_cents <> coalesce(sum(t.amount_cents), 0)",
	      "is %lld, its tenders sum to %lld"),
	CHECK("refund-journal", "refund",
	      "SELECT r.id, r.order_id, count(j.id) FROM refund r LEFT JOIN journal j ON j.order_id = r.order_id AND "
	      "j.order_id > 0 AND j.kind = 1 AND j.ref_id = r.id GROUP BY r.id, r.order_id HAVING count(j.id) <> 1",
	      "of order %lld has %lld journals"),
	CHECK("refund-journal", "refund",
	      "SELECT j.ref_id, j.id, 0 FROM journal j LEFT JOIN refund r ON r.id = j.ref_id AND r.order_id = j.order_id "
	      "WHERE j.kind = 1 AND j.order_id > 0 AND r.id IS NULL",
	      "journal %lld is about it, but the row is missing (%lld)"),
	CHECK("refund-payment", "payment",
	      "SELECT p.id, p.refunded_cents, coalesce(t.back, 0) FROM payment p LEFT JOIN "
	      "(SELECT payment_id, sum(amount_cents) AS back FROM refund_tender GROUP BY payment_id) t "
	      "ON t.payment_id = p.id WHERE p.refunded_cents <> coalesce(t.back, 0) AND p.state IN (4, 10, 11)",
	      "says %lld given back, its refunds say %lld"),
	/* what was given back of a payment so far, rounded as it was taken, less the same before this refund */
	CHECK("refund-rounding", "refund_tender",
	      "SELECT t.id, t.rounding_cents, t.due FROM (SELECT b.id, b.rounding_cents, CASE WHEN b.coin = 0 THEN 0 ELSE "
	      "(b.so_far + b.coin / 2) / b.coin * b.coin - (b.so_far - b.amount_cents + b.coin / 2) / b.coin * b.coin "
	      "- b.amount_cents END AS due FROM (SELECT f.id, f.rounding_cents, f.amount_cents, p.cash_rounding_cents AS coin, "
	      "sum(f.amount_cents) OVER (PARTITION BY f.payment_id ORDER BY f.id) AS so_far FROM refund_tender f "
	      "JOIN payment p ON p.id = f.payment_id) b) t WHERE t.rounding_cents <> t.due",
	      "is rounded by %lld, the rule gives %lld"),
	CHECK("refund-rounding", "refund",
	      "SELECT r.id, r.rounding, r.moved FROM (SELECT q.id, q.rounding, coalesce((SELECT -sum(e.amount) FROM refund f "
	      "JOIN journal j ON j.order_id = f.order_id AND j.order_id > 0 AND j.kind = 1 AND j.ref_id = f.id "
	      "JOIN entry e ON e.id >= j.id * 64 AND e.id < j.id * 64 + 64 JOIN account a ON a.id = e.account_id AND a.kind = 17 "
	      "WHERE f.id = q.id), 0) AS moved FROM (SELECT id / 16 AS id, sum(rounding_cents) AS rounding FROM refund_tender "
	      "WHERE rounding_cents <> 0 GROUP BY id / 16) q) r WHERE r.rounding <> r.moved",
	      "tenders were rounded by %lld, the entries say %lld"),
	CHECK("refund-state", "payment",
	      "SELECT id, state, refunded_cents FROM payment WHERE (state = 4 AND refunded_cents <> 0) OR "
	      "(state = 10 AND method <> 9 AND (refunded_cents <= 0 OR refunded_cents >= amount_cents)) OR "
	      "(state = 11 AND refunded_cents <> amount_cents)",
	      "state %lld does not go with %lld given back"),
};

static struct check owner_checks[] = {
	CHECK("card-account", "card",
	      "SELECT c.id, c.account_id, coalesce(a.owner_id, 0) FROM card c LEFT JOIN account a ON a.id = c.account_id "
	      "AND a.kind = 3 WHERE c.account_id > 0 AND (a.id IS NULL OR a.owner_id <> c.id)",
	      "account %lld is that of card %lld"),
	CHECK("card-account", "card",
	      "SELECT a.owner_id, a.id, coalesce(c.account_id, 0) FROM account a LEFT JOIN card c ON c.id = a.owner_id "
	      "WHERE a.kind = 3 AND (c.id IS NULL OR c.account_id <> a.id)",
	      "owns account %lld, but names %lld"),
	CHECK("card-currency", "card",
	      "SELECT c.id, a.unit, m.currency FROM card c JOIN account a ON a.id = c.account_id "
	      "JOIN merchant m ON m.id = c.merchant_id WHERE a.unit <> m.currency",
	      "is kept in %lld, its merchant's currency is %lld"),
	CHECK("shift-drawer", "shift",
	      "SELECT s.id, s.expected_cents, coalesce(-sum(e.amount), 0) FROM shift s "
	      "JOIN merchant m ON m.id = s.merchant_id "
	      "LEFT JOIN account a ON a.kind = 1 AND a.owner_id = s.terminal_id AND a.unit = m.currency "
	      "LEFT JOIN entry e ON e.account_id = a.id AND e.id >= (s.first_journal + 1) * 64 AND "
	      "e.id < (s.last_journal + 1) * 64 WHERE s.state = 2 GROUP BY s.id, s.expected_cents "
	      "HAVING s.expected_cents <> coalesce(-sum(e.amount), 0)",
	      "expected %lld in the drawer, whose entries say %lld"),
	CHECK("shift-number", "shift",
	      "SELECT max(id), max(number), count(*) FROM shift GROUP BY terminal_id HAVING max(number) <> count(*)",
	      "is number %lld of its till, which has %lld shifts"),
	CHECK("till-event-gap", "till_event",
	      "SELECT terminal_id, max(sequence), count(*) FROM till_event GROUP BY terminal_id "
	      "HAVING max(sequence) <> count(*)",
	      "has event %lld, but %lld of them"),
	CHECK("campaign-spent", "campaign_use",
	      "SELECT u.campaign_id, u.spent_cents, coalesce(o.spent, 0) FROM campaign_use u LEFT JOIN "
	      "(SELECT o.campaign_id, sum(o.rebate_cents - coalesce((SELECT sum(r.rebate_cents) FROM refund r "
	      " WHERE r.order_id = o.id), 0)) AS spent FROM orders o WHERE o.campaign_id > 0 AND o.rebate_cents > 0 "
	      " GROUP BY o.campaign_id) o ON o.campaign_id = u.campaign_id WHERE u.spent_cents <> coalesce(o.spent, 0)",
	      "says %lld spent, its orders say %lld"),
	CHECK("promotion-uses", "promotion_sum",
	      "SELECT p.id, coalesce(s.uses, 0), coalesce(u.uses, 0) FROM promotion p LEFT JOIN promotion_sum s "
	      "ON s.promotion_id = p.id LEFT JOIN (SELECT promotion_id, count(*) AS uses FROM promotion_use "
	      "WHERE state IN (1, 2) GROUP BY promotion_id) u ON u.promotion_id = p.id "
	      "WHERE coalesce(s.uses, 0) <> coalesce(u.uses, 0)",
	      "says %lld uses, its orders say %lld"),
	CHECK("promotion-spent", "promotion_sum",
	      "SELECT p.id, coalesce(s.spent_cents, 0), coalesce(u.spent, 0) FROM promotion p LEFT JOIN promotion_sum s "
	      "ON s.promotion_id = p.id LEFT JOIN (SELECT promotion_id, sum(saved_cents) AS spent FROM promotion_use "
	      "WHERE state IN (1, 2) GROUP BY promotion_id) u ON u.promotion_id = p.id "
	      "WHERE coalesce(s.spent_cents, 0) <> coalesce(u.spent, 0)",
	      "says %lld taken off, its orders say %lld"),
	CHECK("promotion-limit", "promotion",
	      "SELECT p.id, u.uses, u.spent FROM promotion p JOIN (SELECT promotion_id, count(*) AS uses, "
	      "sum(saved_cents) AS spent FROM promotion_use WHERE state IN (1, 2) GROUP BY promotion_id) u "
	      "ON u.promotion_id = p.id WHERE (p.uses_max > 0 AND u.uses > p.uses_max) OR "
	      "(p.budget_cents > 0 AND u.spent > p.budget_cents)",
	      "was used %lld times for %lld, more than its limits"),
	CHECK("promotion-day", "promotion_day",
	      "SELECT d.promotion_id, d.uses, coalesce(u.uses, 0) FROM promotion_day d LEFT JOIN "
	      "(SELECT promotion_id, day, count(*) AS uses FROM promotion_use WHERE state IN (1, 2) "
	      " GROUP BY promotion_id, day) u ON u.promotion_id = d.promotion_id AND u.day = d.day "
	      "JOIN promotion p ON p.id = d.promotion_id WHERE d.uses <> coalesce(u.uses, 0) OR "
	      "(p.day_max > 0 AND d.uses > p.day_max)",
	      "says %lld uses on a day, its orders say %lld"),
	CHECK("promotion-person", "promotion_person",
	      "SELECT d.promotion_id, d.uses, coalesce(u.uses, 0) FROM promotion_person d LEFT JOIN "
	      "(SELECT promotion_id, customer_id, count(*) AS uses FROM promotion_use WHERE state IN (1, 2) "
	      " GROUP BY promotion_id, customer_id) u ON u.promotion_id = d.promotion_id AND "
	      "u.customer_id = d.customer_id JOIN promotion p ON p.id = d.promotion_id "
	      "WHERE d.uses <> coalesce(u.uses, 0) OR (p.person_max > 0 AND d.uses > p.person_max)",
	      "says %lld uses by a customer, its orders say %lld"),
	CHECK("promotion-state", "promotion_use",
	      "SELECT u.id, u.state, coalesce(o.state, 0) FROM promotion_use u LEFT JOIN orders o ON o.id = u.id / 16 "
	      "WHERE o.id IS NULL OR u.state <> CASE WHEN o.state = 1 THEN 1 WHEN o.state IN (2, 5) THEN 2 "
	      "WHEN o.state IN (3, 4) THEN 3 ELSE 4 END",
	      "state %lld does not go with its order's %lld"),
	CHECK("promotion-steps", "orders",
	      "SELECT o.id, u.saved, coalesce(-sum(t.amount_cents), 0) FROM (SELECT id / 16 AS id, sum(saved_cents) AS saved "
	      "FROM promotion_use GROUP BY id / 16) u JOIN orders o ON o.id = u.id LEFT JOIN order_step t "
	      "ON t.id > o.id * 4096 AND t.id < o.id * 4096 + 4096 AND t.kind = 3 GROUP BY o.id, u.saved "
	      "HAVING u.saved <> coalesce(-sum(t.amount_cents), 0)",
	      "promotions took %lld off, its steps say %lld"),
	CHECK("coupon-state", "coupon",
	      "SELECT c.id, c.state, count(u.id) FROM coupon c LEFT JOIN promotion_use u ON c.order_id > 0 AND "
	      "u.id >= c.order_id * 16 AND u.id < c.order_id * 16 + 16 AND u.coupon_id = c.id AND "
	      "u.state = c.state - 1 GROUP BY c.id, c.state "
	      "HAVING count(u.id) <> CASE WHEN c.state = 1 THEN 0 ELSE 1 END",
	      "state %lld does not go with %lld uses"),
};

static enum qt_err run_checks(struct audit *a, struct check *checks, size_t count)
{
	enum qt_err err = QT_OK;

	for (size_t i = 0; a->has_sale && err == QT_OK && i < count; i++) {
		struct stmt *s = db_stmt(a->db, &checks[i].query);
		while (stmt_step(s))
			audit_say(a, checks[i].name, checks[i].table, stmt_col_int(s, 0), checks[i].detail,
			          (long long)stmt_col_int(s, 1), (long long)stmt_col_int(s, 2));
		err = stmt_end(s);
	}
	return err;
}

enum qt_err audit_sales(struct audit *a)
{
	return run_checks(a, sale_checks, sizeof sale_checks / sizeof *sale_checks);
}

enum qt_err audit_refunds(struct audit *a)
{
	return run_checks(a, refund_checks, sizeof refund_checks / sizeof *refund_checks);
}

/* A card that ended holds nothing; asked of the computed balances, since rows may be behind. */
static enum qt_err check_ended_cards(struct audit *a)
{
	SQL(ended, "SELECT id, account_id FROM card WHERE state IN (1, 4) AND account_id > 0");
	struct stmt *s = db_stmt(a->db, &ended);

	while (stmt_step(s)) {
		const struct audit_account *acc = audit_account(a, stmt_col_int(s, 1));
		if (acc != NULL && acc->balance != 0)
			audit_say(a, "card-balance", "card", stmt_col_int(s, 0), "is closed or new, but holds %lld",
			          (long long)acc->balance);
	}
	return stmt_end(s);
}

/* Rebates that campaigns say are held, against what people's accounts hold, per currency. */
static enum qt_err check_held_rebates(struct audit *a)
{
	SQL(promised, "SELECT m.currency, coalesce(sum(u.held_cents), 0) FROM merchant m "
	              "LEFT JOIN campaign c ON c.merchant_id = m.id LEFT JOIN campaign_use u ON u.campaign_id = c.id "
	              "GROUP BY m.currency");
	struct stmt *s = db_stmt(a->db, &promised);

	while (stmt_step(s)) {
		int64_t unit = stmt_col_int(s, 0), held = 0;
		for (int64_t id = 1; id <= a->account_count; id++) {
			const struct audit_account *acc = &a->accounts[id];
			if (acc->exists && acc->kind == ACCOUNT_REBATE_HELD && acc->unit == unit)
				held += acc->balance;
		}
		if (held != stmt_col_int(s, 1))
			audit_say(a, "rebates-held", "campaign_use", 0, "campaigns hold %lld in currency %lld, accounts hold %lld",
			          (long long)stmt_col_int(s, 1), (long long)unit, (long long)held);
	}
	return stmt_end(s);
}

/* Points of an account with lots are what its lots have left, less what is held. */
static enum qt_err check_lots(struct audit *a)
{
	SQL(lots, "SELECT account_id, sum(left_points) FROM points_lot GROUP BY account_id");
	int64_t *held = xcalloc((size_t)a->account_count + 1, sizeof *held); /* by the account it is held of */
	struct stmt *s = db_stmt(a->db, &lots);

	for (int64_t id = 1; id <= a->account_count; id++) {
		const struct audit_account *h = &a->accounts[id];
		const struct audit_account *of = h->exists && h->kind == ACCOUNT_HELD ? audit_account(a, h->owner_id) : NULL;
		if (of != NULL && of->unit == h->unit)
			held[h->owner_id] += h->balance;
	}
	while (stmt_step(s)) {
		int64_t id = stmt_col_int(s, 0), left = stmt_col_int(s, 1);
		const struct audit_account *acc = audit_account(a, id);
		int64_t has = acc ? acc->balance + held[id] : 0;
		if (acc == NULL || acc->kind != ACCOUNT_POINTS || has != left)
			audit_say(a, "points-lots", "account", id, "its lots have %lld left, its entries %lld", (long long)left,
			          (long long)has);
	}
	free(held);
	return stmt_end(s);
}

/* A stock is the sum of its movements, and each sale took what the order's lines have of the item. */
static enum qt_err check_stock(struct audit *a)
{
	SQL(sums, "SELECT k.id, k.quantity, COALESCE((SELECT SUM(m.quantity) FROM stock_move m WHERE m.stock_id = k.id), 0) "
	          "FROM stock k");
	SQL(sold, "SELECT m.stock_id, m.order_id, SUM(m.quantity), (SELECT SUM(l.quantity) FROM order_line l JOIN sold_item s "
	          "ON s.id = l.sold_item_id WHERE l.id BETWEEN m.order_id * 256 AND m.order_id * 256 + 255 "
	          "AND s.item_id = k.item_id) FROM stock_move m JOIN stock k ON k.id = m.stock_id WHERE m.order_id > 0 "
	          "GROUP BY m.stock_id, m.order_id, k.item_id");
	struct stmt *s = db_stmt(a->db, &sums);

	while (stmt_step(s))
		if (stmt_col_int(s, 1) != stmt_col_int(s, 2))
			audit_say(a, "stock", "stock", stmt_col_int(s, 0), "it says %lld, its movements come to %lld",
			          (long long)stmt_col_int(s, 1), (long long)stmt_col_int(s, 2));
	enum qt_err err = stmt_end(s);
	if (err != QT_OK)
		return err;
	s = db_stmt(a->db, &sold);
	while (stmt_step(s))
		if (stmt_col_int(s, 2) != -stmt_col_int(s, 3))
			audit_say(a, "stock-sold", "stock", stmt_col_int(s, 0), "order %lld took %lld of it, its lines have %lld",
			          (long long)stmt_col_int(s, 1), (long long)-stmt_col_int(s, 2), (long long)stmt_col_int(s, 3));
	return stmt_end(s);
}

enum qt_err audit_owners(struct audit *a)
{
	enum qt_err err = run_checks(a, owner_checks, sizeof owner_checks / sizeof *owner_checks);

	if (err == QT_OK && a->has_sale)
		err = check_ended_cards(a);
	if (err == QT_OK && a->has_sale)
		err = check_held_rebates(a);
	if (err == QT_OK && a->has_sale)
		err = check_lots(a);
	return err == QT_OK && a->has_sale ? check_stock(a) : err;
}
