/* Stock: goods come, are counted, are set right and sold; what is low; the auditor counts it again. */
#include "tests/lib/shop.h"

#define MOVE(kind, quantity, more) "{\"store_id\":${store},\"item_id\":${item_milk},\"kind\":\"" kind "\",\"quantity\":" #quantity more "}"
#define SALE(pieces, more) "{\"lines\":[{\"item_id\":${item_milk},\"quantity\":" #pieces "},{\"item_id\":${item_bread},\"quantity\":1}]" more "}"
#define CASH ",\"payments\":[{\"method\":\"cash\",\"received_cents\":100000}]"

static const struct step steps[] = {
	{ "not counted: sold as ever", "cashier", POST, "/v1/orders", SALE(1, CASH), .status = 201, .check = { { "state", "paid" } } },
	{ "and there is no stock", "manager", GET, "/v1/stock", .check = { { "stock", "<0 items>" } } },
	{ "goods come", "manager", POST, "/v1/stock", MOVE("receive", 10, ",\"low\":5"), .save = { { "stock_id", "stock" } },
	  .check = { { "quantity", "10" }, { "low", "5" }, { "sku", "MILK" } } },
	{ "the same request again", "manager", POST, "/v1/stock", MOVE("receive", 10, ",\"low\":5"), .key = "=goods come" },
	{ "not by a cashier", "cashier", POST, "/v1/stock", MOVE("receive", 10, ""), .status = 403, .error = "forbidden" },
	{ "nothing comes", "manager", POST, "/v1/stock", MOVE("receive", 0, ""), .status = 422, .error = "out-of-range",
	  .check = { { "field", "quantity" } } },
	{ "less than nothing is there", "manager", POST, "/v1/stock", MOVE("count", -1, ""), .status = 422,
	  .error = "out-of-range" },
	{ "set right without a reason", "manager", POST, "/v1/stock", MOVE("adjust", -1, ""), .status = 422,
	  .error = "missing-field", .check = { { "field", "reason" } } },
	{ "a sale is not said by hand", "manager", POST, "/v1/stock", MOVE("sale", 1, ""), .status = 422,
	  .check = { { "field", "kind" } } },
	{ "another merchant's store", "other_owner", POST, "/v1/stock", MOVE("receive", 1, ""), .status = 404,
	  .error = "not-found", .check = { { "field", "store_id" } } },
	{ "an order that is not paid", "cashier", POST, "/v1/orders", SALE(3, ""), .status = 201 },
	{ "takes nothing", "manager", GET, "/v1/stock", .check = { { "stock[0].quantity", "10" }, { "stock", "<1 items>" } } },
	{ "a paid one", "cashier", POST, "/v1/orders", SALE(4, CASH), .status = 201, .save = { { "order_id", "order" } } },
	{ "again, with its key", "cashier", POST, "/v1/orders", SALE(4, CASH), .key = "=a paid one" },
	{ "takes its pieces once", "manager", GET, "/v1/stock", .check = { { "stock[0].quantity", "6" } } },
	{ "not low yet", "manager", GET, "/v1/stock?low=true", .check = { { "stock", "<0 items>" } } },
	{ "one broke", "manager", POST, "/v1/stock", MOVE("adjust", -1, ",\"reason\":\"broken\""),
	  .check = { { "quantity", "5" }, { "low", "5" } } },
	{ "low", "manager", GET, "/v1/stock?low=true", .check = { { "stock[0].name_zh", "全脂牛奶" } } },
	{ "counted", "manager", POST, "/v1/stock", MOVE("count", 3, ""), .check = { { "quantity", "3" } } },
	{ "more is sold than was counted", "cashier", POST, "/v1/orders", SALE(4, CASH), .status = 201 },
	{ "why", "manager", GET, "/v1/stock/${stock}/moves",
	  .check = { { "moves", "<5 items>" }, { "moves[1].kind", "sale" }, { "moves[1].quantity", "-4" },
	             { "moves[1].order_id", "${order}" }, { "moves[2].reason", "broken" }, { "moves[3].kind", "count" },
	             { "moves[3].quantity", "-2" }, { "moves[4].left_quantity", "-1" } } },
	{ "the newest first", "manager", GET, "/v1/stock/${stock}/moves?desc=true&limit=1",
	  .check = { { "moves[0].left_quantity", "-1" } } },
	{ "not another merchant's", "other_owner", GET, "/v1/stock/${stock}/moves", .status = 404, .error = "not-found" },
	{ "the auditor comes to the same", "operator", POST, "/v1/audit", "{}", .key = "none", .status = 200,
	  .check = { { "problems", "<0 items>" } } },
};

int main(void)
{
	static struct test_server server;

	server_start(&server, "server", NULL);
	api_begin(&server);
	shop_make("");
	shop_make("other_");
	API_RUN(steps);
	api_ok(server_stop(&server), "the server stops by itself");
	return api_end();
}
