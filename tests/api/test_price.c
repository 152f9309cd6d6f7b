/* How prices come about: discounts of lines and orders with their reasons, other prices than the catalogue's, what a
 * cashier may do alone, approvals that are good once, free orders; refunds give back the stored figures. */
#include "tests/lib/sale.h"

#define OP "operator:merchant"
#define CASH ",\"payments\":[{\"method\":\"cash\"}]"
#define LINE1 "{\"item_id\":${item1},\"quantity\":3"
#define LINE2 "{\"item_id\":${item2},\"quantity\":2"
#define LINE3 "{\"item_id\":${item3},\"quantity\":1}"

static const struct step discounts[] = {
	/* 9.99 less 10 % = 8.99, tax 0.74; 2.50 untaxed */
	{ "a line's discount by rate", "cashier1", POST, "/v1/orders",
	  "{\"lines\":[" LINE1 ",\"discount\":{\"rate_bp\":800,\"reason\":\"Short date\"}}," LINE3 "]" CASH "}", .status = 201,
	  .save = { { "order_id", "line_rate" } },
	  .check = { { "lines[0].discount_cents", "80" }, { "lines[0].tax_cents", "76" }, { "lines[0].total_cents", "995" },
	             { "total_cents", "1245" }, { "discount_cents", "80" }, { "steps", "<1 items>" }, { "steps[0].kind", "line-discount" },
	             { "steps[0].line_no", "1" }, { "steps[0].rate_bp", "800" }, { "steps[0].amount_cents", "-80" },
	             { "steps[0].reason", "Short date" } } },
	{ "told again it is the same", "cashier1", POST, "/v1/orders",
	  "{\"lines\":[" LINE1 ",\"discount\":{\"rate_bp\":800,\"reason\":\"Short date\"}}," LINE3 "]" CASH "}",
	  "=a line's discount by rate" },
	{ "looked at it is the same", "cashier1", GET, "/v1/orders/${line_rate}",
	  .check = { { "steps[0].amount_cents", "-80" }, { "lines[0].total_cents", "995" }, { "total_cents", "1245" } } },
	/* 9.99 + 20.00 + 2.50 = 32.49; 1.00 off: 0.31, 0.61 and 0.08 by largest remainder */
	{ "an order's discount by amount, split", "cashier1", POST, "/v1/orders",
	  "{\"lines\":[" LINE1 "}," LINE2 "}," LINE3 "],\"discount\":{\"amount_cents\":100,\"reason\":\"Goodwill\"}" CASH "}", .status = 201,
	  .save = { { "order_id", "split" } },
	  .check = { { "lines[0].discount_cents", "31" }, { "lines[1].discount_cents", "61" }, { "lines[2].discount_cents", "8" },
	             { "lines[0].tax_cents", "80" }, { "lines[1].tax_cents", "160" }, { "lines[2].tax_cents", "0" },
	             { "tax_cents", "240" }, { "total_cents", "3389" }, { "steps", "<3 items>" }, { "steps[1].kind", "order-discount" } } },
	{ "a line's goes before the order's", "cashier1", POST, "/v1/orders",
	  "{\"lines\":[" LINE2 ",\"discount\":{\"amount_cents\":100,\"reason\":\"Damaged\"}}],\"discount\":{\"rate_bp\":500,\"reason\":\"Staff\"}"
	  CASH "}", .status = 201,
	  .check = { { "discount_cents", "195" }, { "steps[0].amount_cents", "-100" }, { "steps[1].amount_cents", "-95" },
	             { "tax_cents", "149" }, { "total_cents", "1954" } } },
	{ "no reason", "cashier1", POST, "/v1/orders", "{\"lines\":[" LINE2 ",\"discount\":{\"rate_bp\":500}}]" CASH "}", .status = 422,
	  .error = "missing-field", .check = { { "field", "lines[0].discount.reason" } } },
	{ "both rate and amount", "cashier1", POST, "/v1/orders",
	  "{\"lines\":[" LINE2 "}],\"discount\":{\"rate_bp\":500,\"amount_cents\":5,\"reason\":\"x\"}" CASH "}", .status = 422,
	  .error = "bad-field", .check = { { "field", "discount" } } },
	{ "more than the line", "manager", POST, "/v1/orders",
	  "{\"lines\":[" LINE3 ",{\"item_id\":${item3},\"quantity\":1,\"discount\":{\"amount_cents\":251,\"reason\":\"x\"}}]" CASH "}", .status = 422,
	  .error = "out-of-range", .check = { { "field", "lines[1].discount" } } },
	{ "more than the order", "manager", POST, "/v1/orders", "{\"lines\":[" LINE3 "],\"discount\":{\"amount_cents\":251,\"reason\":\"x\"}" CASH "}",
	  .status = 422, .error = "out-of-range", .check = { { "field", "discount" } } },
};

/* By quantity, in three parts: 8.99 + tax comes back to the cent. */
static const struct step refunds[] = {
	{ "one piece of the discounted line", "manager", POST, "/v1/orders/${line_rate}/refunds",
	  "{\"reason\":\"r\",\"lines\":[{\"line_no\":1,\"quantity\":1}]}", .status = 201,
	  .check = { { "refunded_cents", "332" }, { "tax_cents", "25" } } },
	{ "another", "manager", POST, "/v1/orders/${line_rate}/refunds",
	  "{\"reason\":\"r\",\"lines\":[{\"line_no\":1,\"quantity\":1}]}", .status = 201,
	  .check = { { "refunded_cents", "331" }, { "tax_cents", "26" } } },
	{ "the rest", "manager", POST, "/v1/orders/${line_rate}/refunds", "{\"reason\":\"r\"}", .status = 201,
	  .check = { { "refunded_cents", "582" }, { "tax_cents", "25" }, { "order.state", "refunded" } } },
};

static const struct step limits[] = {
	{ "ten per cent is a cashier's own", "cashier1", POST, "/v1/orders",
	  "{\"lines\":[" LINE2 "}],\"discount\":{\"rate_bp\":1000,\"reason\":\"Staff\"}" CASH "}", .status = 201 },
	{ "more is not", "cashier1", POST, "/v1/orders", "{\"lines\":[" LINE2 "}],\"discount\":{\"rate_bp\":1100,\"reason\":\"Staff\"}" CASH "}",
	  .status = 403, .error = "needs-approval", .check = { { "field", "approvals" } } },
	{ "nor two that are together", "cashier1", POST, "/v1/orders",
	  "{\"lines\":[" LINE2 ",\"discount\":{\"rate_bp\":600,\"reason\":\"x\"}}],\"discount\":{\"rate_bp\":600,\"reason\":\"x\"}" CASH "}",
	  .status = 403, .error = "needs-approval" },
	{ "a manager needs none", "manager", POST, "/v1/orders",
	  "{\"lines\":[" LINE2 "}],\"discount\":{\"rate_bp\":5000,\"reason\":\"Staff\"}" CASH "}", .status = 201,
	  .check = { { "total_cents", "1083" } } },
	{ "a wrong PIN approves nothing", "cashier1", POST, "/v1/approvals",
	  "{\"action\":\"discount\",\"amount_cents\":1000,\"approval_staff\":{\"number\":\"2\",\"pin\":\"000000\"}}", .status = 403, .error = "bad-pin" },
	{ "nor does a cashier", "cashier1", POST, "/v1/approvals",
	  "{\"action\":\"discount\",\"amount_cents\":1000,\"approval_staff\":{\"number\":\"1\",\"pin\":\"1234\"}}", .status = 403, .error = "forbidden" },
	{ "a manager approves", "cashier1", POST, "/v1/approvals",
	  "{\"action\":\"discount\",\"amount_cents\":1000,\"approval_staff\":{\"number\":\"2\",\"pin\":\"567890\"}}", .status = 201,
	  .save = { { "approval_id", "leave" } }, .check = { { "approved_by", "Bob" }, { "action", "discount" }, { "expires_ms", "<any>" } } },
	{ "it is not another person's or till's", "cashier2", POST, "/v1/orders",
	  "{\"lines\":[" LINE2 "}],\"discount\":{\"rate_bp\":5000,\"reason\":\"x\"},\"approvals\":[${leave}]" CASH "}", .status = 404,
	  .error = "not-found", .check = { { "field", "approvals" } } },
	{ "nor another merchant's", "other_cashier", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${other_item},\"quantity\":1}],\"approvals\":[${leave}]" CASH "}", .status = 404, .error = "not-found" },
	{ "nor for more than it says", "cashier1", POST, "/v1/orders",
	  "{\"lines\":[" LINE2 "}],\"discount\":{\"amount_cents\":1001,\"reason\":\"x\"},\"approvals\":[${leave}]" CASH "}", .status = 403,
	  .error = "needs-approval" },
	{ "nor for a price", "cashier1", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${item2},\"quantity\":1,\"price_cents\":900,\"price_reason\":\"x\"}],\"approvals\":[${leave}]" CASH "}",
	  .status = 403, .error = "needs-approval" },
	{ "half off with it", "cashier1", POST, "/v1/orders",
	  "{\"lines\":[" LINE2 "}],\"discount\":{\"rate_bp\":5000,\"reason\":\"Damaged\"},\"approvals\":[${leave}]" CASH "}", .status = 201,
	  .save = { { "order_id", "half" } }, .check = { { "total_cents", "1083" }, { "steps[0].approved_by", "Bob" } } },
	{ "the same again is the same", "cashier1", POST, "/v1/orders",
	  "{\"lines\":[" LINE2 "}],\"discount\":{\"rate_bp\":5000,\"reason\":\"Damaged\"},\"approvals\":[${leave}]" CASH "}", "=half off with it" },
	{ "but it is good once", "cashier1", POST, "/v1/orders",
	  "{\"lines\":[" LINE2 "}],\"discount\":{\"rate_bp\":5000,\"reason\":\"Damaged\"},\"approvals\":[${leave}]" CASH "}", .status = 409,
	  .error = "approval-used" },
	{ "who asked, who approved, what for", "manager", GET, "/v1/approvals",
	  .check = { { "approvals", "<1 items>" }, { "approvals[0].asked_by", "Ann" }, { "approvals[0].approved_by", "Bob" },
	             { "approvals[0].action", "discount" }, { "approvals[0].amount_cents", "1000" }, { "approvals[0].ref_id", "${half}" } } },
	{ "a limit in money", OP, POST, "/v1/staff-limits", "{\"discount_bp\":10000,\"discount_cents\":50,\"price_cents\":200}",
	  .check = { { "discount_cents", "50" }, { "drawer_opens", "true" } } },
	{ "holds", "cashier1", POST, "/v1/orders", "{\"lines\":[" LINE2 "}],\"discount\":{\"amount_cents\":51,\"reason\":\"x\"}" CASH "}",
	  .status = 403, .error = "needs-approval" },
	{ "to the cent", "cashier1", POST, "/v1/orders", "{\"lines\":[" LINE2 "}],\"discount\":{\"amount_cents\":50,\"reason\":\"x\"}" CASH "}",
	  .status = 201 },
	{ "one's own limits go before", OP, POST, "/v1/staff-limits", "{\"staff_id\":${manager_id},\"discount_cents\":1}",
	  .check = { { "staff_id", "${manager_id}" }, { "discount_bp", "1000" } } },
	{ "a cashier may not set limits", "cashier1", POST, "/v1/staff-limits", "{}", .status = 403, .error = "forbidden" },
	{ "of nobody", OP, POST, "/v1/staff-limits", "{\"staff_id\":999}", .status = 404, .error = "not-found" },
};

static const struct step prices[] = {
	{ "another price without a reason", "cashier1", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${item2},\"quantity\":1,\"price_cents\":900}]" CASH "}", .status = 422, .error = "bad-field" },
	{ "another price within the limit", "cashier1", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${item2},\"quantity\":2,\"price_cents\":900,\"price_reason\":\"Price match\"}]" CASH "}", .status = 201,
	  .check = { { "lines[0].price_cents", "1000" }, { "steps[0].kind", "price" }, { "steps[0].amount_cents", "-200" },
	             { "tax_cents", "149" }, { "total_cents", "1949" } } },
	{ "above the limit", "cashier1", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${item2},\"quantity\":1,\"price_cents\":799,\"price_reason\":\"x\"}]" CASH "}", .status = 403,
	  .error = "needs-approval" },
	{ "dearer needs none", "cashier1", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${item2},\"quantity\":1,\"price_cents\":1100,\"price_reason\":\"x\"}]" CASH "}", .status = 201,
	  .check = { { "steps[0].amount_cents", "100" }, { "total_cents", "1191" } } },
};

static const struct step free_orders[] = {
	{ "a free order", "manager", POST, "/v1/orders",
	  "{\"lines\":[" LINE2 "}," LINE3 "],\"customer\":\"${identity1}\",\"discount\":{\"rate_bp\":10000,\"reason\":\"Goodwill\"}}", .status = 201,
	  .save = { { "order_id", "free" } },
	  .check = { { "state", "paid" }, { "total_cents", "0" }, { "tax_cents", "0" }, { "discount_cents", "2250" }, { "payments", "<0 items>" },
	             { "receipt.number", "<any>" }, { "points_earned", "0" } } },
	{ "is not paid", "manager", POST, "/v1/orders",
	  "{\"lines\":[" LINE2 "}],\"discount\":{\"rate_bp\":10000,\"reason\":\"Goodwill\"}" CASH "}", .status = 409, .error = "amount-mismatch" },
	{ "a part of it comes back", "manager", POST, "/v1/orders/${free}/refunds",
	  "{\"reason\":\"r\",\"lines\":[{\"line_no\":1,\"quantity\":1}]}", .status = 201,
	  .check = { { "refunded_cents", "0" }, { "order.state", "part-refunded" } } },
	{ "and the rest", "manager", POST, "/v1/orders/${free}/refunds", "{\"reason\":\"r\"}", .status = 201,
	  .check = { { "order.state", "refunded" } } },
};

static const struct step cancels[] = {
	{ "a limit for cancelling", OP, POST, "/v1/staff-limits", "{\"cancel_cents\":1000,\"cash_out_cents\":100,\"drawer_opens\":false}" },
	{ "an order that waits", "cashier1", POST, "/v1/orders", "{\"lines\":[" LINE2 "}]}", .status = 201, .save = { { "order_id", "open" } } },
	{ "is too large to cancel alone", "cashier1", POST, "/v1/orders/${open}/cancel", NULL, .status = 403, .error = "needs-approval" },
	{ "a manager's leave", "cashier1", POST, "/v1/approvals",
	  "{\"action\":\"cancel\",\"amount_cents\":2165,\"approval_staff\":{\"number\":\"2\",\"pin\":\"567890\"}}", .status = 201,
	  .save = { { "approval_id", "leave" } } },
	{ "not for another person at another till", "cashier2", POST, "/v1/orders/${open}/cancel", "{\"approval_id\":${leave}}", .status = 404,
	  .error = "not-found" },
	{ "a leave for another thing", "cashier1", POST, "/v1/approvals",
	  "{\"action\":\"discount\",\"amount_cents\":2165,\"approval_staff\":{\"number\":\"2\",\"pin\":\"567890\"}}", .status = 201,
	  .save = { { "approval_id", "wrong_leave" } } },
	{ "does not cancel", "cashier1", POST, "/v1/orders/${open}/cancel", "{\"approval_id\":${wrong_leave}}", .status = 404,
	  .error = "not-found" },
	{ "cancels it", "cashier1", POST, "/v1/orders/${open}/cancel", "{\"approval_id\":${leave}}", .check = { { "state", "cancelled" } } },
	{ "cash out above the limit", "cashier1", POST, "/v1/shifts/cash-out", "{\"amount_cents\":101,\"reason\":\"milk\"}", .status = 403,
	  .error = "needs-approval" },
	{ "with a manager", "cashier1", POST, "/v1/shifts/cash-out",
	  "{\"amount_cents\":101,\"reason\":\"milk\",\"approval_staff\":{\"number\":\"2\",\"pin\":\"567890\"}}", .status = 201 },
	{ "the drawer", "cashier1", POST, "/v1/shifts/no-sale", "{\"reason\":\"coins\"}", .status = 403, .error = "needs-approval" },
	{ "with a manager beside", "cashier1", POST, "/v1/shifts/no-sale",
	  "{\"reason\":\"coins\",\"approval_staff\":{\"number\":\"2\",\"pin\":\"567890\"}}", .status = 201 },
	{ "all are kept", "manager", GET, "/v1/approvals?after=1",
	  .check = { { "approvals", "<4 items>" }, { "approvals[0].action", "cancel" }, { "approvals[0].ref_id", "${open}" },
	             { "approvals[1].used_ms", "0" }, { "approvals[2].action", "cash-out" }, { "approvals[2].amount_cents", "101" }, { "approvals[3].action", "drawer" } } },
};

static const struct step rules[] = {
	{ "reasons tills offer", "till1", GET, "/v1/store-rules", .check = { { "discount_reasons[0]", "Damaged" }, { "limits", "<none>" } } },
	{ "and what the cashier may", "cashier1", GET, "/v1/store-rules", .check = { { "limits.cancel_cents", "1000" } } },
	{ "may be settled", OP, POST, "/v1/store-rules", "{\"store_id\":${store},\"discount_reasons\":\"Old\\nBent\"}",
	  .check = { { "discount_reasons", "<2 items>" }, { "discount_reasons[1]", "Bent" } } },
	{ "not by a cashier", "cashier1", POST, "/v1/store-rules", "{\"store_id\":${store}}", .status = 403, .error = "forbidden" },
	{ "not of another's store", "operator:other_merchant", POST, "/v1/store-rules", "{\"store_id\":${store}}", .status = 404, .error = "not-found" },
	{ "the receipt says how", "cashier1", GET, "/v1/orders/${split}", .save = { { "receipt.code", "receipt_url" } } },
};

int main(void)
{
	struct test_server server;

	server_start(&server, "server", NULL);
	api_begin(&server);
	sale_shop();
	API_RUN(discounts);
	API_RUN(refunds);
	sale_audit();
	API_RUN(limits);
	API_RUN(prices);
	API_RUN(free_orders);
	API_RUN(cancels);
	API_RUN(rules);
	sale_token("receipt_url", "receipt");
	static const struct step figures[] = {
		{ "the shift's report counts what was taken off", "manager", POST, "/v1/shifts/x", "{}", .status = 201,
		  .check = { { "report.discount_cents", "3250" } } },
	};
	API_RUN(figures);
	static const struct step receipt[] = {
		{ "the receipt's page has it", "", GET, "/v1/receipts/${receipt}", .check = { { "steps", "<3 items>" }, { "discount_cents", "100" },
		  { "taxes[0].base_cents", "2907" }, { "taxes[0].tax_cents", "240" }, { "taxes[1].base_cents", "242" } } },
	};
	API_RUN(receipt);
	sale_audit();
	return api_end();
}
