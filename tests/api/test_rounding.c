/* Cash rounding: only what is paid in cash is rounded, in whole sales, parts and refunds; the difference has its account,
 * its place on receipts and reports; what a till did off line by an older rule is accepted, what the store never had is not. */
#include "tests/lib/sale.h"

#define OP "operator:merchant"
#define RULE(cents) "{\"store_id\":${store},\"cash_rounding_cents\":" cents "}"
/* 9.99 and 8.25 %: 10.81 */
#define LINES "\"lines\":[{\"item_id\":${item1},\"quantity\":3}]"

static const struct step rules[] = {
	{ "nothing is rounded at first", "till1", GET, "/v1/store-rules", .check = { { "cash_rounding_cents", "1" } } },
	{ "cash as it is", "cashier1", POST, "/v1/orders", "{" LINES ",\"payments\":[{\"method\":\"cash\"}]}", .status = 201,
	  .save = { { "order_id", "plain" } },
	  .check = { { "total_cents", "1081" }, { "rounding_cents", "<none>" }, { "payments[0].rounding_cents", "<none>" } } },
	{ "not to three", OP, POST, "/v1/store-rules", RULE("3"), .status = 422, .error = "bad-field",
	  .check = { { "field", "cash_rounding_cents" } } },
	{ "nor to more than a hundred", OP, POST, "/v1/store-rules", RULE("500"), .status = 422, .error = "out-of-range" },
	{ "a till may not say what the store never had", "cashier1", POST, "/v1/orders",
	  "{" LINES ",\"payments\":[{\"method\":\"cash\",\"cash_rounding_cents\":5}]}", .status = 422, .error = "bad-field",
	  .check = { { "field", "payments[0].cash_rounding_cents" } } },
	{ "to five", OP, POST, "/v1/store-rules", RULE("5"), .check = { { "cash_rounding_cents", "5" } } },
	{ "tills hear it", "till1", GET, "/v1/store-rules", .check = { { "cash_rounding_cents", "5" } } },
};

static const struct step sales[] = {
	{ "down is up to the half", "cashier1", POST, "/v1/orders",
	  "{" LINES ",\"payments\":[{\"method\":\"cash\",\"received_cents\":2000}]}", .status = 201, .save = { { "order_id", "three" } },
	  .check = { { "total_cents", "1081" }, { "tax_cents", "82" }, { "paid_cents", "1081" }, { "due_cents", "0" },
	             { "rounding_cents", "-1" }, { "change_cents", "920" }, { "payments[0].amount_cents", "1081" },
	             { "payments[0].rounding_cents", "-1" }, { "payments[0].change_cents", "920" } } },
	{ "asked again", "cashier1", POST, "/v1/orders",
	  "{" LINES ",\"payments\":[{\"method\":\"cash\",\"received_cents\":2000}]}", "=down is up to the half" },
	{ "the rounded sum is enough", "cashier1", POST, "/v1/orders",
	  "{" LINES ",\"payments\":[{\"method\":\"cash\",\"received_cents\":1080}]}", .status = 201,
	  .check = { { "state", "paid" }, { "change_cents", "0" }, { "payments[0].received_cents", "<none>" } } },
	{ "less is not", "cashier1", POST, "/v1/orders",
	  "{" LINES ",\"payments\":[{\"method\":\"cash\",\"received_cents\":1079}]}", .status = 409, .error = "amount-mismatch",
	  .check = { { "field", "payments[0].received_cents" } } },
	{ "another tender is not rounded", "cashier1", POST, "/v1/orders",
	  "{" LINES ",\"payments\":[{\"method\":\"terminal\",\"approval\":\"A1\"}]}", .status = 201,
	  .check = { { "state", "paid" }, { "rounding_cents", "<none>" } } },
	/* 10.81 less 4.03: 6.78 -> 6.80 */
	{ "of two tenders the cash is", "cashier1", POST, "/v1/orders",
	  "{" LINES ",\"payments\":[{\"method\":\"terminal\",\"approval\":\"A2\",\"amount_cents\":403},{\"method\":\"cash\"}]}", .status = 201,
	  .save = { { "order_id", "split" } },
	  .check = { { "state", "paid" }, { "payments[0].rounding_cents", "<none>" }, { "payments[1].amount_cents", "678" },
	             { "payments[1].rounding_cents", "2" }, { "rounding_cents", "2" } } },
	{ "a part is held rounded", "cashier1", POST, "/v1/orders",
	  "{" LINES ",\"payments\":[{\"method\":\"cash\",\"amount_cents\":500}]}", .status = 201, .save = { { "order_id", "parts" } },
	  .check = { { "state", "open" }, { "due_cents", "581" }, { "rounding_cents", "<none>" } } },
	{ "and the rest", "cashier1", POST, "/v1/orders/${parts}/payments", "{\"method\":\"cash\",\"received_cents\":580}",
	  .check = { { "state", "paid" }, { "rounding_cents", "-1" }, { "change_cents", "0" } } },
	{ "the receipt has it", "manager", GET, "/v1/orders/${three}",
	  .check = { { "rounding_cents", "-1" }, { "receipt.number", "<any>" } } },
};

/* 10.81 in three parts of a third: 3.60, 3.61, 3.60; in cash 3.60, 7.20 - 3.60, 10.80 - 7.20 */
static const struct step refunds[] = {
	{ "a preview says what the drawer gives", "cashier1", GET, "/v1/orders/${three}/refunds/preview?lines=1*2",
	  .check = { { "refunded_cents", "721" }, { "tenders[0].rounding_cents", "-1" } } },
	{ "one piece", "cashier1", POST, "/v1/orders/${three}/refunds", "{\"reason\":\"r\",\"lines\":[{\"line_no\":1,\"quantity\":1}]}",
	  .status = 201, .check = { { "refunded_cents", "360" }, { "tenders[0].rounding_cents", "<none>" } } },
	{ "the rule changes meanwhile", OP, POST, "/v1/store-rules", RULE("100") },
	{ "another", "cashier1", POST, "/v1/orders/${three}/refunds", "{\"reason\":\"r\",\"lines\":[{\"line_no\":1,\"quantity\":1}]}",
	  .status = 201, .check = { { "refunded_cents", "361" }, { "tenders[0].rounding_cents", "-1" } } },
	{ "the rest", "cashier1", POST, "/v1/orders/${three}/refunds", "{\"reason\":\"r\"}",
	  .status = 201, .check = { { "refunded_cents", "360" }, { "tenders[0].rounding_cents", "<none>" },
	                            { "order.state", "refunded" } } },
	{ "what was not rounded is given back exactly", "cashier1", POST, "/v1/orders/${plain}/refunds", "{\"reason\":\"r\"}",
	  .status = 201, .check = { { "refunded_cents", "1081" }, { "tenders[0].rounding_cents", "<none>" } } },
	{ "of two tenders each its part", "cashier1", POST, "/v1/orders/${split}/refunds", "{\"reason\":\"r\"}",
	  .status = 201, .check = { { "refunded_cents", "1081" }, { "tenders[0].rounding_cents", "<none>" },
	                            { "tenders[1].rounding_cents", "2" } } },
	{ "to a hundred", "cashier1", POST, "/v1/orders", "{" LINES ",\"payments\":[{\"method\":\"cash\",\"received_cents\":1100}]}",
	  .status = 201, .check = { { "rounding_cents", "19" }, { "change_cents", "0" } } },
	{ "a till off line may not know it yet", "cashier1", POST, "/v1/orders",
	  "{" LINES ",\"payments\":[{\"method\":\"cash\",\"received_cents\":1080,\"cash_rounding_cents\":5}]}", .status = 201,
	  .check = { { "state", "paid" }, { "rounding_cents", "-1" } } },
	{ "nor that anything is", "cashier1", POST, "/v1/orders",
	  "{" LINES ",\"payments\":[{\"method\":\"cash\",\"received_cents\":1081,\"cash_rounding_cents\":1}]}", .status = 201,
	  .check = { { "state", "paid" }, { "rounding_cents", "<none>" } } },
	/* a hundred's half, and less: a whole sale may come to nothing in cash */
	{ "nine cents are nothing in cash", "cashier1", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${open_item},\"quantity\":1,\"price_cents\":9}],\"payments\":[{\"method\":\"cash\"}]}", .status = 201,
	  .save = { { "order_id", "nothing" } }, .check = { { "state", "paid" }, { "total_cents", "9" }, { "rounding_cents", "-9" } } },
	{ "and nothing comes back", "cashier1", POST, "/v1/orders/${nothing}/refunds", "{\"reason\":\"r\"}", .status = 201,
	  .check = { { "refunded_cents", "9" }, { "tenders[0].rounding_cents", "-9" } } },
	/* three cards were sold for 305.00; drawer: 1081 + 1080 + 1080 + 680 + 500 + 580 + 1100 + 1080 + 1081, back 1080 + 1081 + 680 */
	{ "the report", "cashier1", POST, "/v1/shifts/x",
	  "{\"approval_staff\":{\"number\":\"2\",\"pin\":\"567890\"}}", .status = 201,
	  .check = { { "report.rounding_cents", "8" }, { "report.refund_rounding_cents", "-8" },
	             { "report.expected_cents", "35921" } } },
};

int main(void)
{
	struct test_server server;

	server_start(&server, "server", NULL);
	api_begin(&server);
	sale_shop();
	API_RUN(rules);
	API_RUN(sales);
	API_RUN(refunds);
	sale_audit();
	return api_end();
}
