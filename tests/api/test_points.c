/* Points outside a sale: earn, spend, balance at several merchants; never below zero, never another merchant's. */
#include "tests/lib/shop.h"

#define ANN "\"identity_code\":\"${ann_identity}\""

static const struct step steps[] = {
	{ "no points yet", "cashier", POST, "/v1/points/look", "{" ANN "}", .key = "none", .status = 200,
	  .check = { { "customer_id", "${ann_id}" }, { "balance", "0" }, { "point_value_cents", "1" }, { "currency",
	                                                                                                 "USD" } } },
	{ "nothing to spend", "cashier", POST, "/v1/points/spend", "{" ANN ",\"points\":1,\"reason\":\"mug\"}",
	  .status = 409,
	  .error = "insufficient-funds", .check = { { "field", "points" } } },
	{ "a cashier gives none", "cashier", POST, "/v1/points/earn", "{" ANN ",\"points\":10,\"reason\":\"x\"}",
	  .status = 403,
	  .error = "forbidden" },
	{ "a manager gives points", "manager", POST, "/v1/points/earn", "{" ANN ",\"points\":120,\"reason\":\"complaint\"}",
	  .status = 200, .check = { { "balance", "120" } } },
	{ "the same again", "manager", POST, "/v1/points/earn", "{" ANN ",\"points\":120,\"reason\":\"complaint\"}",
	  .key = "=a manager gives points", .check = { { "balance", "120" } } },
	{ "counted once", "cashier", POST, "/v1/points/look", "{" ANN "}", .key = "none", .status = 200,
	  .check = { { "balance", "120" } } },
	{ "spend", "cashier", POST, "/v1/points/spend", "{" ANN ",\"points\":20,\"reason\":\"mug\"}", .status = 200,
	  .check = { { "balance", "100" } } },
	{ "more than there is", "cashier", POST, "/v1/points/spend", "{" ANN ",\"points\":101,\"reason\":\"mug\"}",
	  .status = 409,
	  .error = "insufficient-funds" },
	{ "negative is not earning", "cashier", POST, "/v1/points/spend", "{" ANN ",\"points\":-5,\"reason\":\"x\"}",
	  .status = 422, .error = "out-of-range", .check = { { "field", "points" } } },
	{ "none at all", "manager", POST, "/v1/points/earn", "{" ANN ",\"points\":0,\"reason\":\"x\"}", .status = 422,
	  .error = "out-of-range" },
	{ "without a reason", "manager", POST, "/v1/points/earn", "{" ANN ",\"points\":5}", .status = 422,
	  .error = "missing-field", .check = { { "field", "reason" } } },
	{ "not an identity", "cashier", POST, "/v1/points/look", "{\"identity_code\":\"${fixed_code}\"}", .key = "none",
	  .status = 422, .error = "wrong-kind", .check = { { "field", "identity_code" } } },
	{ "not a code", "cashier", POST, "/v1/points/look", "{\"identity_code\":\"HTTPS://EXAMPLE.COM/Q/123\"}",
	  .key = "none",
	  .status = 422, .error = "bad-code" },
	{ "nobody's", "cashier", POST, "/v1/points/look", "{}", .key = "none", .status = 422, .error = "missing-field",
	  .check = { { "field", "identity_code" } } },
	{ "at another merchant there are none", "other_cashier", POST, "/v1/points/look", "{" ANN "}", .key = "none",
	  .status = 200, .check = { { "balance", "0" } } },
	{ "and none to spend", "other_cashier", POST, "/v1/points/spend", "{" ANN ",\"points\":1,\"reason\":\"x\"}",
	  .status = 409,
	  .error = "insufficient-funds" },
	{ "the other merchant gives some too", "other_manager", POST, "/v1/points/earn",
	  "{" ANN ",\"points\":7,\"reason\":\"opening\"}", .status = 200, .check = { { "balance", "7" } } },
	{ "one phone, many schemes", "ann", GET, "/v1/points", .status = 200,
	  .check = { { "schemes", "<2 items>" }, { "schemes[0].balance", "100" }, { "schemes[1].balance", "7" },
	             { "schemes[0].merchant_name_zh", "示例咖啡" } } },
	{ "nobody else's", "bob", GET, "/v1/points", .status = 200, .check = { { "schemes", "<0 items>" } } },
	{ "each change was told", "ann", GET, "/v1/notices", .status = 200,
	  .check = { { "notices", "<3 items>" }, { "notices[0].kind", "points" },
	             { "notices[1].text", "Demo Cafe: -20 points, you have 100 now." } } },

	{ "a card", "cashier", POST, "/v1/cards", "{\"amount_cents\":100,\"tender\":\"cash\"}", .status = 201,
	  .save = { { "code", "card" } } },
	{ "a bearer card is nobody's", "cashier", POST, "/v1/points/look", "{\"code\":\"${card}\"}", .key = "none",
	  .status = 404,
	  .error = "not-found", .check = { { "field", "code" } } },
	{ "bound", "ann", POST, "/v1/cards/bind", "{\"code\":\"${card}\"}", .status = 200 },
	{ "it shows its holder's points", "cashier", POST, "/v1/points/look", "{\"code\":\"${card}\"}", .key = "none",
	  .status = 200, .check = { { "balance", "100" } } },
	{ "points closed", "owner", POST, "/v1/merchants/${merchant}", "{\"points_open\":false}", .status = 200 },
	{ "nothing goes", "manager", POST, "/v1/points/earn", "{" ANN ",\"points\":5,\"reason\":\"x\"}", .status = 403,
	  .error = "closed-here" },
	{ "the audit is clean", "operator", POST, "/v1/audit", "{}", .key = "none", .status = 200,
	  .check = { { "clean", "true" } } },
};

int main(void)
{
	struct test_server server;

	server_start(&server, "server", NULL);
	api_begin(&server);
	shop_make("");
	shop_make("other_");
	shop_customer("ann");
	shop_customer("bob");
	API_RUN(steps);
	return api_end();
}
