/* Sold out: the switch of an item in a store, who hears of it, and what is still sold. */
#include "tests/lib/shop.h"

#define SALE(more) "{\"lines\":[{\"item_id\":${item_milk},\"quantity\":1}]" more "}"
#define OUT "/v1/items/${item_milk}/sold-out"

static const struct step steps[] = {
	{ "there is some", "cashier", POST, "/v1/orders", SALE(""), .status = 201 },
	{ "what tills heard of", "till", GET, "/v1/events?after=0&wait=0", .save = { { "last", "last" } } },
	{ "a cashier says that it is gone", "cashier", POST, OUT, "{}", .check = { { "sold_out", "true" }, { "store_id", "${store}" } } },
	{ "the tills hear of it", "till", GET, "/v1/events?after=${last}&wait=5",
	  .check = { { "events[0].kind", "sold-out" }, { "events[0].ref_id", "${item_milk}" } } },
	{ "and see it", "till", GET, "/v1/sold-out", .check = { { "items", "<1 items>" }, { "items[0].sku", "MILK" } } },
	{ "a cashier does not sell it", "cashier", POST, "/v1/orders", SALE(""), .status = 409, .error = "conflict",
	  .check = { { "field", "lines[0]" } } },
	{ "other things go on", "cashier", POST, "/v1/orders", "{\"lines\":[{\"item_id\":${item_bread},\"quantity\":1}]}",
	  .status = 201 },
	{ "money that changed hands is not refused", "cashier", POST, "/v1/orders",
	  SALE(",\"payments\":[{\"method\":\"cash\",\"received_cents\":100000}]"), .status = 201 },
	{ "a manager sells on", "manager", POST, "/v1/orders", SALE(""), .status = 201 },
	{ "said twice", "manager", POST, OUT, "{}", .check = { { "sold_out", "true" } } },
	{ "is once", "manager", GET, "/v1/sold-out", .check = { { "items", "<1 items>" } } },
	{ "its code", "till", GET, "/v1/items/${item_milk}", .save = { { "code", "code" } } },
	{ "another merchant's item", "other_cashier", POST, OUT, "{}", .status = 404 },
	{ "another merchant's store", "operator:merchant", POST, OUT, "{\"store_id\":${other_store}}", .status = 404,
	  .check = { { "field", "store_id" } } },
	{ "no store", "operator:merchant", POST, OUT, "{}", .status = 422, .error = "missing-field" },
	{ "another merchant sees nothing", "other_till", GET, "/v1/sold-out", .check = { { "items", "<0 items>" } } },
	{ "a second store has it", "operator:merchant", POST, "/v1/stores", "{\"name\":\"Second\",\"city\":\"X\",\"address\":\"Y\"}",
	  .status = 201, .save = { { "store_id", "second" } } },
	{ "gone there too", "operator:merchant", POST, OUT, "{\"store_id\":${second}}" },
	{ "a till sees its own store", "till", GET, "/v1/sold-out", .check = { { "items", "<1 items>" } } },
	{ "the office all", "operator:merchant", GET, "/v1/sold-out", .check = { { "items", "<2 items>" } } },
	{ "back again", "cashier", POST, OUT, "{\"back\":true}", .check = { { "sold_out", "false" } } },
	{ "is sold", "cashier", POST, "/v1/orders", SALE(""), .status = 201 },
	{ "the books", "operator", POST, "/v1/audit", "{}", .key = "none", .check = { { "problems", "<0 items>" } } },
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
