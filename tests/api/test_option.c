/* Options: groups with choices, asked by items; what a line chose is priced, kept, told, given back and audited. */
#include "tests/lib/sale.h"

#define OP "operator:merchant"
#define LINE(more) "{\"lines\":[{\"item_id\":${coffee},\"quantity\":2" more "}]}"
#define SALE(more) "{\"lines\":[{\"item_id\":${coffee},\"quantity\":2" more "}],\"payments\":[{\"method\":\"cash\",\"received_cents\":100000}]}"

static const struct step catalogue[] = {
	{ "coffee", OP, POST, "/v1/items", "{\"sku\":\"CO\",\"name\":\"Coffee\",\"price_cents\":300,\"tax_id\":${no_tax}}",
	  .save = { { "item_id", "coffee" }, { "version", "version" } } },
	{ "sizes", OP, POST, "/v1/option-groups", "{\"name\":\"Size\",\"name_zh\":\"杯型\",\"min_choices\":1}", .status = 201,
	  .save = { { "group_id", "size" } }, .check = { { "max_choices", "1" }, { "choices", "<0 items>" } } },
	{ "less at most than at least", OP, POST, "/v1/option-groups", "{\"name\":\"X\",\"min_choices\":2,\"max_choices\":1}",
	  .status = 422, .error = "out-of-range", .check = { { "field", "max_choices" } } },
	{ "small", OP, POST, "/v1/option-groups/${size}/choices", "{\"name\":\"Small\",\"price_cents\":-50}", .status = 201,
	  .save = { { "choice_id", "small" } }, .check = { { "price_cents", "-50" }, { "active", "true" } } },
	{ "medium, the default", OP, POST, "/v1/option-groups/${size}/choices", "{\"name\":\"Medium\",\"preset\":true}",
	  .status = 201, .save = { { "choice_id", "medium" } } },
	{ "two defaults of one choice", OP, POST, "/v1/option-groups/${size}/choices",
	  "{\"name\":\"Large\",\"price_cents\":60,\"preset\":true}", .status = 409, .error = "conflict",
	  .check = { { "field", "preset" } } },
	{ "large", OP, POST, "/v1/option-groups/${size}/choices", "{\"name\":\"Large\",\"name_zh\":\"大杯\",\"price_cents\":60}",
	  .status = 201, .save = { { "choice_id", "large" } } },
	{ "extras", OP, POST, "/v1/option-groups", "{\"name\":\"Extras\",\"max_choices\":2}", .status = 201,
	  .save = { { "group_id", "extras" } } },
	{ "oat", OP, POST, "/v1/option-groups/${extras}/choices", "{\"name\":\"Oat milk\",\"price_cents\":40}", .status = 201,
	  .save = { { "choice_id", "oat" } } },
	{ "shot", OP, POST, "/v1/option-groups/${extras}/choices", "{\"name\":\"Shot\",\"price_cents\":80}", .status = 201,
	  .save = { { "choice_id", "shot" } } },
	{ "decaf", OP, POST, "/v1/option-groups/${extras}/choices", "{\"name\":\"Decaf\"}", .status = 201,
	  .save = { { "choice_id", "decaf" } } },
	{ "not by a cashier", "cashier1", POST, "/v1/option-groups", "{\"name\":\"X\"}", .status = 403 },
	{ "a group twice", OP, POST, "/v1/items/${coffee}/options", "{\"group_ids\":[${size},${size}]}", .status = 422,
	  .check = { { "field", "group_ids" } } },
	{ "a group there is not", OP, POST, "/v1/items/${coffee}/options", "{\"group_ids\":[${size},999]}", .status = 404,
	  .check = { { "field", "group_ids" } } },
	{ "another merchant's item", "operator:other_merchant", POST, "/v1/items/${coffee}/options", "{\"group_ids\":[]}",
	  .status = 404 },
	{ "another merchant's group", "operator:other_merchant", POST, "/v1/option-groups/${size}", "{\"name\":\"Mine\"}",
	  .status = 404 },
	{ "another merchant's choice", "operator:other_merchant", POST, "/v1/option-choices/${oat}", "{\"price_cents\":0}",
	  .status = 404 },
	{ "coffee asks both", OP, POST, "/v1/items/${coffee}/options", "{\"group_ids\":[${size},${extras}]}",
	  .check = { { "options", "<2 items>" }, { "options[0].name_zh", "杯型" }, { "options[1].choices", "<3 items>" } } },
	{ "tills get it with the item", "till1", GET, "/v1/catalogue?after_version=${version}",
	  .check = { { "items[0].options[0].choices[2].price_cents", "60" }, { "items", "<1 items>" } } },
	{ "an item with options is not weighed", OP, POST, "/v1/items/${coffee}", "{\"unit\":\"kg\"}", .status = 409,
	  .check = { { "field", "unit" } } },
	{ "nor gets what is weighed options", OP, POST, "/v1/items", "{\"sku\":\"BE\",\"name\":\"Beans\",\"price_cents\":2000,"
	  "\"unit\":\"kg\",\"tax_id\":${no_tax}}", .save = { { "item_id", "beans" } } },
	{ "refused", OP, POST, "/v1/items/${beans}/options", "{\"group_ids\":[${size}]}", .status = 409 },
};

static const struct step selling[] = {
	{ "nothing said: the default", "cashier1", POST, "/v1/orders", LINE(""), .status = 201,
	  .check = { { "total_cents", "600" }, { "lines[0].options", "<1 items>" }, { "lines[0].options[0].name", "Medium" },
	             { "steps", "<none>" } } },
	{ "large with oat and decaf", "cashier1", POST, "/v1/orders", SALE(",\"options\":[${decaf},${large},${oat}]"), .status = 201,
	  .save = { { "order_id", "order" }, { "receipt.code", "receipt" } },
	  .check = { { "total_cents", "800" }, { "lines[0].price_cents", "300" }, { "lines[0].options", "<3 items>" },
	             { "lines[0].options[0].name_zh", "大杯" }, { "lines[0].options[2].name", "Decaf" }, { "steps", "<2 items>" },
	             { "steps[0].kind", "option" }, { "steps[0].amount_cents", "120" }, { "steps[1].reason", "Oat milk" },
	             { "discount_cents", "0" } } },
	{ "asked again with its key", "cashier1", POST, "/v1/orders", SALE(",\"options\":[${decaf},${large},${oat}]"),
	  .key = "=large with oat and decaf" },
	{ "kept", "cashier1", GET, "/v1/orders/${order}", .check = { { "lines[0].options[1].name", "Oat milk" },
	  { "lines[0].options[1].price_cents", "40" } } },
	{ "small takes off", "cashier1", POST, "/v1/orders", LINE(",\"options\":[${small}]"), .status = 201,
	  .check = { { "total_cents", "500" }, { "steps[0].amount_cents", "-100" } } },
	{ "a discount counts of all of it", "cashier1", POST, "/v1/orders",
	  LINE(",\"options\":[${large}],\"discount\":{\"rate_bp\":1000,\"reason\":\"x\"}"), .status = 201,
	  .check = { { "total_cents", "648" }, { "discount_cents", "72" }, { "steps", "<2 items>" } } },
	{ "two sizes", "cashier1", POST, "/v1/orders", LINE(",\"options\":[${small},${large}]"), .status = 422,
	  .error = "out-of-range", .check = { { "field", "lines[0].options" } } },
	{ "three extras", "cashier1", POST, "/v1/orders", LINE(",\"options\":[${oat},${shot},${decaf}]"), .status = 422,
	  .error = "out-of-range" },
	{ "the same twice", "cashier1", POST, "/v1/orders", LINE(",\"options\":[${oat},${oat}]"), .status = 422,
	  .check = { { "field", "lines[0].options" } } },
	{ "a choice it has not", "cashier1", POST, "/v1/orders", LINE(",\"options\":[999]"), .status = 404,
	  .check = { { "field", "lines[0].options" } } },
	{ "options of an item without", "cashier1", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${item1},\"quantity\":1,\"options\":[${oat}]}]}", .status = 404 },
	{ "oat is out", OP, POST, "/v1/option-choices/${oat}", "{\"active\":false}", .check = { { "active", "false" } } },
	{ "it cannot be chosen", "cashier1", POST, "/v1/orders", LINE(",\"options\":[${oat}]"), .status = 404 },
	{ "the order that had it still says so", "cashier1", GET, "/v1/orders/${order}",
	  .check = { { "lines[0].options[1].name", "Oat milk" }, { "total_cents", "800" } } },
	{ "small must not cost less than nothing", OP, POST, "/v1/option-choices/${small}", "{\"price_cents\":-301}",
	  .check = { { "price_cents", "-301" } } },
	{ "refused when sold", "cashier1", POST, "/v1/orders", LINE(",\"options\":[${small}]"), .status = 422,
	  .error = "out-of-range" },
	{ "one of two goes back with half of its options", "cashier1", POST, "/v1/orders/${order}/refunds",
	  "{\"lines\":[{\"line_no\":1,\"quantity\":1}],\"reason\":\"cold\"}", .status = 201, .check = { { "refunded_cents", "400" } } },
	{ "no default any more", OP, POST, "/v1/option-choices/${medium}", "{\"preset\":false}" },
	{ "nothing said: it must be", "cashier1", POST, "/v1/orders", LINE(""), .status = 422, .error = "missing-field",
	  .check = { { "field", "lines[0].options" } } },
	{ "coffee asks nothing any more", OP, POST, "/v1/items/${coffee}/options", "{\"group_ids\":[]}",
	  .check = { { "options", "<0 items>" } } },
	{ "and is sold plainly", "cashier1", POST, "/v1/orders", LINE(""), .status = 201, .check = { { "total_cents", "600" },
	  { "lines[0].options", "<none>" } } },
	{ "gross to net has what options added", OP, GET, "/v1/reports/net?from=2026-01-01&until=2035-12-31",
	  .check = { { "rows[0].amount_cents", "600" }, { "rows[3].line", "option" }, { "rows[3].amount_cents", "200" } } },
};

int main(void)
{
	struct test_server server;

	server_start(&server, "server", NULL);
	api_begin(&server);
	sale_shop();
	API_RUN(catalogue);
	API_RUN(selling);
	sale_token("receipt", "token");
	static const struct step page[] = {
		{ "on the receipt's page", "", GET, "/v1/receipts/${token}", .check = { { "lines[0].options", "<3 items>" } } },
	};
	API_RUN(page);
	sale_audit();
	return api_end();
}
