/* What an item asks before it is sold: bounds of an open price, which the server keeps, and an age, which tills ask. */
#include "tests/lib/sale.h"

#define OP "operator:merchant"

static const struct step rules[] = {
	{ "flowers at an open price", OP, POST, "/v1/items", "{\"sku\":\"FL\",\"name\":\"Flowers\",\"price_cents\":0,\"open_price\":true,"
	  "\"tax_id\":${no_tax},\"min_price_cents\":500,\"max_price_cents\":2000}", .save = { { "item_id", "flowers" } } },
	{ "as they are", OP, GET, "/v1/items/${flowers}", .check = { { "min_price_cents", "500" }, { "max_price_cents", "2000" },
	  { "min_age", "<none>" } } },
	{ "too little", "cashier1", POST, "/v1/orders", "{\"lines\":[{\"item_id\":${flowers},\"quantity\":1,\"price_cents\":499}]}",
	  .status = 422, .error = "out-of-range", .check = { { "field", "lines[0].price_cents" } } },
	{ "too much", "cashier1", POST, "/v1/orders", "{\"lines\":[{\"item_id\":${flowers},\"quantity\":1,\"price_cents\":2001}]}",
	  .status = 422, .error = "out-of-range" },
	{ "the least", "cashier1", POST, "/v1/orders", "{\"lines\":[{\"item_id\":${flowers},\"quantity\":2,\"price_cents\":500}]}",
	  .status = 201, .check = { { "total_cents", "1000" } } },
	{ "the most", "cashier1", POST, "/v1/orders", "{\"lines\":[{\"item_id\":${flowers},\"quantity\":1,\"price_cents\":2000}]}",
	  .status = 201 },
	{ "bounds that contradict", OP, POST, "/v1/items/${flowers}", "{\"max_price_cents\":499}", .status = 422,
	  .error = "out-of-range", .check = { { "field", "max_price_cents" } } },
	{ "no upper bound any more", OP, POST, "/v1/items/${flowers}", "{\"max_price_cents\":0}",
	  .check = { { "max_price_cents", "<none>" }, { "min_price_cents", "500" } } },
	{ "is followed at once", "cashier1", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${flowers},\"quantity\":1,\"price_cents\":9900}]}", .status = 201 },
	{ "wine from 18 on", OP, POST, "/v1/items", "{\"sku\":\"WI\",\"name\":\"Wine\",\"price_cents\":900,\"tax_id\":${tax},"
	  "\"min_age\":18,\"barcodes\":[{\"code\":\"96385074\"}]}", .save = { { "item_id", "wine" } } },
	{ "tills hear of it", "till1", GET, "/v1/items/lookup?code=96385074", .check = { { "min_age", "18" } } },
	{ "and search finds it", "till1", GET, "/v1/items?q=wine", .check = { { "items[0].min_age", "18" } } },
	{ "nobody is so old", OP, POST, "/v1/items/${wine}", "{\"min_age\":100}", .status = 422, .error = "out-of-range" },
};

int main(void)
{
	struct test_server server;

	server_start(&server, "server", NULL);
	api_begin(&server);
	sale_shop();
	API_RUN(rules);
	sale_audit();
	return api_end();
}
