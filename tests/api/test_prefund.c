/* Prefund (W7): paid in by the operator, warned once when low, rebates stop cleanly when it is used up, statement and people. */
#include "tests/lib/sale.h"

#define OP "operator:merchant"
#define SELL "{\"lines\":[{\"item_id\":${item2},\"quantity\":1}],\"share\":\"${s1}\",\"payments\":[{\"method\":\"cash\"}]}" /* 54 + 10 + 5 + 5 */

static const struct step steps[] = {
	{ "nothing was paid in", OP, GET, "/v1/prefund", .check = { { "balance_cents", "0" }, { "warning", "false" }, { "people", "<0 items>" } } },
	{ "an empty statement", OP, GET, "/v1/prefund/statement", .check = { { "rows", "<0 items>" } } },
	{ "the merchant cannot book it", "manager", POST, "/v1/prefund", "{\"amount_cents\":1,\"reference\":\"x\"}", .status = 403,
	  .error = "forbidden" },
	{ "for whom?", "operator", POST, "/v1/prefund", "{\"amount_cents\":1,\"reference\":\"x\"}", .status = 422, .error = "missing-field",
	  .check = { { "field", "X-Merchant" } } },
	{ "nothing", OP, POST, "/v1/prefund", "{\"amount_cents\":0,\"reference\":\"x\"}", .status = 422, .error = "out-of-range" },
	{ "no reference", OP, POST, "/v1/prefund", "{\"amount_cents\":100}", .status = 422, .error = "missing-field" },
	{ "a campaign without money", OP, POST, "/v1/campaigns",
	  "{\"name\":\"P\",\"levels\":[{\"rate_bp\":500}],\"channel_bp\":100,\"agent_bp\":50,\"platform_bp\":50,\"hold_s\":60}", .status = 201,
	  .save = { { "code", "campaign_code" }, { "campaign_id", "campaign" } } },
	{ "shared", "c1", POST, "/v1/shares", "{\"code\":\"${campaign_code}\"}", .save = { { "code", "s1" } } },
	{ "the sale goes on without rebates", "cashier1", POST, "/v1/orders", SELL, .status = 201,
	  .check = { { "state", "paid" }, { "rebate_cents", "0" }, { "rebate_outcome", "prefund-empty" } } },
	{ "the merchant is told", "manager", GET, "/v1/notices", .check = { { "notices[0].kind", "prefund-empty" }, { "notices", "<1 items>" } } },
	{ "again", "cashier1", POST, "/v1/orders", SELL, .status = 201, .check = { { "rebate_outcome", "prefund-empty" } } },
	{ "but told once", "manager", GET, "/v1/notices", .check = { { "notices", "<1 items>" } } },
	{ "paid in", OP, POST, "/v1/prefund", "{\"amount_cents\":200,\"reference\":\"wire\",\"warn_below_cents\":100}", .status = 201,
	  .check = { { "balance_cents", "200" } } },
	{ "paid in once", OP, POST, "/v1/prefund", "{\"amount_cents\":200,\"reference\":\"wire\",\"warn_below_cents\":100}", "=paid in" },
	{ "one sale", "cashier1", POST, "/v1/orders", SELL, .status = 201, .check = { { "rebate_cents", "64" }, { "rebate_outcome", "paid" } } },
	{ "above the threshold", OP, GET, "/v1/prefund",
	  .check = { { "balance_cents", "136" }, { "promised_cents", "54" }, { "warning", "false" }, { "people[0].customer_id", "${id1}" },
	             { "people[0].held_cents", "54" }, { "people[0].paid_cents", "0" } } },
	{ "another", "cashier1", POST, "/v1/orders", SELL, .status = 201, .save = { { "at_ms", "last_ms" }, { "order_id", "last" } } },
	{ "below it", OP, GET, "/v1/prefund", .check = { { "balance_cents", "72" }, { "warning", "true" } } },
	{ "the merchant is warned", "manager", GET, "/v1/notices", .check = { { "notices", "<2 items>" } } },
	{ "one more is covered", "cashier1", POST, "/v1/orders", SELL, .status = 201, .check = { { "rebate_cents", "64" } } },
	{ "the next is not", "cashier1", POST, "/v1/orders", SELL, .status = 201,
	  .check = { { "rebate_cents", "0" }, { "rebate_outcome", "prefund-empty" } } },
	{ "told that it is used up", "manager", GET, "/v1/notices", .check = { { "notices", "<3 items>" } } },
	{ "the statement", OP, GET, "/v1/prefund/statement?limit=3",
	  .save = { { "rows[2].entry_id", "third" } },
	  .check = { { "rows", "<3 items>" }, { "rows[0].amount_cents", "-64" }, { "rows[0].balance_cents", "8" }, { "rows[2].balance_cents", "136" } } },
	{ "its next page", OP, GET, "/v1/prefund/statement?before=${third}",
	  .check = { { "rows", "<1 items>" }, { "rows[0].kind", "prefund-in" }, { "rows[0].balance_cents", "200" } } },
	{ "another merchant's is its own", "operator:other_merchant", GET, "/v1/prefund", .check = { { "balance_cents", "0" } } },
};
static const struct step release[] = {
	{ "a minute and a second later", "operator", POST, "/v1/jobs/run", "{\"job\":\"rebate-release\",\"as_of_ms\":${due}}" },
	{ "paid to the person", OP, GET, "/v1/prefund",
	  .check = { { "promised_cents", "0" }, { "people[0].held_cents", "0" }, { "people[0].paid_cents", "162" } } },
	{ "one comes back", "manager", POST, "/v1/orders/${last}/refunds", "{\"reason\":\"r\"}", .status = 201 },
	{ "its rebate too", OP, GET, "/v1/prefund", .check = { { "balance_cents", "72" }, { "people[0].paid_cents", "108" } } },
	{ "a cashier does not see it", "cashier1", GET, "/v1/prefund", .status = 403, .error = "forbidden" },
};

int main(void)
{
	struct test_server server;

	server_start(&server, "prefund", NULL);
	api_begin(&server);
	sale_shop();
	API_RUN(steps);
	api_set("due", "%lld", (long long)api_int("last_ms") + 66000LL);
	API_RUN(release);
	sale_audit();
	api_ok(server_stop(&server), "the server stops cleanly");
	return api_end();
}
