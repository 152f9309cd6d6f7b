/* Merchants, stores, agents and channels: who may make and change them, and what is refused. */
#include "tests/lib/shop.h"

#define MERCHANT(more) \
	"{\"name\":\"Cafe\",\"currency\":\"EUR\",\"country\":\"DE\",\"city\":\"Berlin\",\"mcc\":5812,\"fee_bp\":50," \
	"\"tax_inclusive\":true" more "}"

static const struct step steps[] = {
	{ "a merchant", "operator", POST, "/v1/merchants", MERCHANT(), .status = 201, .save = { { "merchant_id", "cafe" } } },
	{ "the same again", "operator", POST, "/v1/merchants", MERCHANT(), .key = "=a merchant" },
	{ "the same key for another", "operator", POST, "/v1/merchants", MERCHANT(",\"state\":\"closed\""), .key = "=a merchant",
	  .status = 422, .error = "idempotency-key-reused", .fresh = true },
	{ "only one was made", "operator", GET, "/v1/merchants?limit=500", .status = 200,
	  .check = { { "merchants", "<2 items>" }, { "next", "<none>" } } },
	{ "pages of one", "operator", GET, "/v1/merchants?limit=1", .status = 200,
	  .check = { { "merchants", "<1 items>" }, { "next", "${merchant}" } } },
	{ "the next page", "operator", GET, "/v1/merchants?limit=1&after=${merchant}", .status = 200,
	  .check = { { "merchants[0].merchant_id", "${cafe}" }, { "merchants[0].name_zh", "Cafe" },
	             { "merchants[0].points_per_100", "0" }, { "merchants[0].state", "open" } } },
	{ "nobody makes merchants", "", POST, "/v1/merchants", MERCHANT(), .status = 401, .error = "not-signed-in" },
	{ "an owner makes none either", "owner", POST, "/v1/merchants", MERCHANT(), .status = 403, .error = "forbidden" },
	{ "an owner does not list them", "owner", GET, "/v1/merchants", .status = 403, .error = "forbidden" },
	{ "an owner sees the own", "owner", GET, "/v1/merchants/${merchant}", .status = 200,
	  .check = { { "name", "Demo Cafe" }, { "name_zh", "示例咖啡" }, { "currency", "USD" }, { "cards_open", "true" } } },
	{ "but no other", "owner", GET, "/v1/merchants/${cafe}", .status = 404, .error = "not-found" },
	{ "nor one that is not there", "owner", GET, "/v1/merchants/99", .status = 404, .error = "not-found" },
	{ "a cashier sees none", "cashier", GET, "/v1/merchants/${merchant}", .status = 403, .error = "forbidden" },
	{ "no currency", "operator", POST, "/v1/merchants", "{\"name\":\"X\"}", .status = 422, .error = "missing-field",
	  .check = { { "field", "currency" } } },
	{ "a currency of nowhere", "operator", POST, "/v1/merchants",
	  "{\"name\":\"X\",\"currency\":\"XXX\",\"country\":\"DE\",\"city\":\"B\",\"mcc\":1,\"fee_bp\":0,\"tax_inclusive\":true}",
	  .status = 422, .error = "bad-field", .check = { { "field", "currency" } } },
	{ "a country in lower case", "operator", POST, "/v1/merchants",
	  "{\"name\":\"X\",\"currency\":\"EUR\",\"country\":\"de\",\"city\":\"B\",\"mcc\":1,\"fee_bp\":0,\"tax_inclusive\":true}",
	  .status = 422, .error = "bad-field", .check = { { "field", "country" } } },
	{ "a fee above everything", "operator", POST, "/v1/merchants/${cafe}", "{\"fee_bp\":10001}", .status = 422,
	  .error = "out-of-range", .check = { { "field", "fee_bp" } } },
	{ "a negative limit", "operator", POST, "/v1/merchants/${cafe}", "{\"cashier_refund_limit_cents\":-1}", .status = 422,
	  .error = "out-of-range", .check = { { "field", "cashier_refund_limit_cents" } } },
	{ "a name with an escape", "operator", POST, "/v1/merchants/${cafe}", "{\"name\":\"\\u001b]0;x\"}", .status = 422,
	  .error = "control-character", .check = { { "field", "name" } } },
	{ "an empty name", "operator", POST, "/v1/merchants/${cafe}", "{\"name\":\"\"}", .status = 422, .error = "bad-field",
	  .check = { { "field", "name" } } },
	{ "a phone that is none", "operator", POST, "/v1/merchants/${cafe}", "{\"phone\":\"0301234567\"}", .status = 422,
	  .error = "bad-field", .check = { { "field", "phone" } } },
	{ "an agent that is none", "operator", POST, "/v1/merchants/${cafe}", "{\"agent_id\":77}", .status = 404,
	  .error = "not-found", .check = { { "field", "agent_id" } } },
	{ "nothing of that was taken", "operator", GET, "/v1/merchants/${cafe}", .status = 200,
	  .check = { { "name", "Cafe" }, { "fee_bp", "50" }, { "phone", "<none>" }, { "agent_id", "<none>" } } },
	{ "the owner closes a part", "owner", POST, "/v1/merchants/${merchant}", "{\"points_open\":false,\"city_zh\":\"波特兰\"}",
	  .status = 200, .check = { { "points_open", "false" }, { "cards_open", "true" }, { "city_zh", "波特兰" },
	                            { "city", "Portland" } } },
	{ "and opens it again", "owner", POST, "/v1/merchants/${merchant}", "{\"points_open\":true}", .status = 200,
	  .check = { { "points_open", "true" } } },
	{ "but does not set the own fee", "owner", POST, "/v1/merchants/${merchant}", "{\"fee_bp\":0}", .status = 403,
	  .error = "forbidden", .check = { { "field", "fee_bp" } } },
	{ "nor another's name", "owner", POST, "/v1/merchants/${cafe}", "{\"name\":\"Mine\"}", .status = 404, .error = "not-found" },
	{ "a manager changes nothing", "manager", POST, "/v1/merchants/${merchant}", "{\"name\":\"Mine\"}", .status = 403,
	  .error = "forbidden" },
	{ "the currency stays once there are items", "operator", POST, "/v1/merchants/${merchant}", "{\"currency\":\"EUR\"}",
	  .status = 409, .error = "conflict", .check = { { "field", "currency" } } },
	{ "without items it may change", "operator", POST, "/v1/merchants/${cafe}", "{\"currency\":\"CHF\"}", .status = 200,
	  .check = { { "currency", "CHF" } } },

	{ "an agent", "operator", POST, "/v1/agents", "{\"name\":\"Ada\",\"commission_bp\":1000}", .status = 201,
	  .save = { { "agent_id", "agent" }, { "key", "agent_key" } } },
	{ "the same agent again, key and all", "operator", POST, "/v1/agents", "{\"name\":\"Ada\",\"commission_bp\":1000}",
	  .key = "=an agent", .check = { { "key", "${agent_key}" } } },
	{ "its merchant", "operator", POST, "/v1/merchants/${cafe}", "{\"agent_id\":${agent}}", .status = 200,
	  .check = { { "agent_id", "${agent}" } } },
	{ "more commission than fee", "operator", POST, "/v1/agents", "{\"name\":\"B\",\"commission_bp\":10001}", .status = 422,
	  .error = "out-of-range", .check = { { "field", "commission_bp" } } },
	{ "agents", "operator", GET, "/v1/agents", .status = 200,
	  .check = { { "agents", "<1 items>" }, { "agents[0].commission_bp", "1000" }, { "agents[0].key", "<none>" } } },
	{ "the agent's key is a credential", "agent_key", GET, "/v1/status", .status = 200 },
	{ "but not an operator's", "agent_key", GET, "/v1/agents", .status = 403, .error = "forbidden" },
	{ "a channel", "operator", POST, "/v1/channels", "{\"name\":\"Poster\"}", .status = 201,
	  .save = { { "channel_id", "channel" }, { "key", "channel_key" } } },
	{ "channels", "operator", GET, "/v1/channels", .status = 200,
	  .check = { { "channels[0].name", "Poster" }, { "channels", "<1 items>" } } },
	{ "owners make no channels", "owner", POST, "/v1/channels", "{\"name\":\"X\"}", .status = 403, .error = "forbidden" },

	{ "a store", "owner", POST, "/v1/stores", "{\"name\":\"Harbour\",\"address\":\"2 Quay\\nPier 3\",\"ssid\":\"guests\"}",
	  .status = 201, .save = { { "store_id", "harbour" } } },
	{ "the same store again", "owner", POST, "/v1/stores",
	  "{\"name\":\"Harbour\",\"address\":\"2 Quay\\nPier 3\",\"ssid\":\"guests\"}", .key = "=a store" },
	{ "stores", "manager", GET, "/v1/stores", .status = 200,
	  .check = { { "stores", "<2 items>" }, { "stores[1].address", "2 Quay\nPier 3" }, { "stores[1].name_zh", "Harbour" } } },
	{ "a cashier makes no store", "cashier", POST, "/v1/stores", "{\"name\":\"X\"}", .status = 403, .error = "forbidden" },
	{ "an operator says for whom", "operator", POST, "/v1/stores", "{\"name\":\"X\"}", .status = 422, .error = "missing-field",
	  .check = { { "field", "X-Merchant" } } },
	{ "and for one who is there", "operator", POST, "/v1/stores", "{\"name\":\"X\"}", .header = "X-Merchant: 99", .status = 404,
	  .error = "not-found", .check = { { "field", "X-Merchant" } } },
	{ "a bell in an address", "owner", POST, "/v1/stores", "{\"name\":\"X\",\"address\":\"a\\u0007\"}", .status = 422,
	  .error = "control-character", .check = { { "field", "address" } } },
	{ "the audit is clean", "operator", POST, "/v1/audit", "{}", .key = "none", .status = 200, .check = { { "clean", "true" } } },
};

int main(void)
{
	struct test_server server;

	server_start(&server, "server", NULL);
	api_begin(&server);
	shop_make("");
	API_RUN(steps);
	return api_end();
}
