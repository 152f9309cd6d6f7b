/* Campaigns: what is refused, states, caps per order, person and day, budget, one item only, who earns and who does not. */
#include "tests/lib/sale.h"

#define OP "operator:merchant"

static const struct step making[] = {
	{ "a name is needed", OP, POST, "/v1/campaigns", "{}", .status = 422, .error = "missing-field", .check = { { "field", "name" } } },
	{ "more than 100 %", OP, POST, "/v1/campaigns", "{\"name\":\"x\",\"levels\":[{\"rate_bp\":9000}],\"agent_bp\":1001}", .status = 422,
	  .error = "out-of-range", .check = { { "field", "levels" } } },
	{ "a negative rate", OP, POST, "/v1/campaigns", "{\"name\":\"x\",\"levels\":[{\"rate_bp\":-1}]}", .status = 422,
	  .error = "out-of-range", .check = { { "field", "levels[0].rate_bp" } } },
	{ "more levels than the settings allow", OP, POST, "/v1/campaigns",
	  "{\"name\":\"x\",\"levels\":[{\"rate_bp\":1},{\"rate_bp\":1},{\"rate_bp\":1},{\"rate_bp\":1}]}", .status = 422, .error = "too-long" },
	{ "nothing to pay", OP, POST, "/v1/campaigns", "{\"name\":\"x\",\"levels\":[]}", .status = 422, .error = "out-of-range" },
	{ "over before it starts", OP, POST, "/v1/campaigns",
	  "{\"name\":\"x\",\"levels\":[{\"rate_bp\":1}],\"starts_ms\":2000,\"ends_ms\":1000}", .status = 422, .error = "out-of-range",
	  .check = { { "field", "ends_ms" } } },
	{ "another merchant's item", OP, POST, "/v1/campaigns",
	  "{\"name\":\"x\",\"levels\":[{\"rate_bp\":1}],\"item_id\":${other_item}}", .status = 404, .error = "not-found",
	  .check = { { "field", "item_id" } } },
	{ "a terminal escape", OP, POST, "/v1/campaigns", "{\"name\":\"\\u001b[2J\",\"levels\":[{\"rate_bp\":1}]}", .status = 422,
	  .error = "control-character" },
	{ "a cashier", "cashier1", POST, "/v1/campaigns", "{\"name\":\"x\",\"levels\":[{\"rate_bp\":1}]}", .status = 403, .error = "forbidden" },
	{ "made by the manager", "manager", POST, "/v1/campaigns",
	  "{\"name\":\"Capped\",\"levels\":[{\"rate_bp\":1000},{\"rate_bp\":500}],\"cap_order_cents\":90,\"hold_s\":0,\"intro\":\"a\\nb\"}",
	  .status = 201, .save = { { "campaign_id", "capped" }, { "code", "capped_code" } } },
	{ "made once", "manager", POST, "/v1/campaigns",
	  "{\"name\":\"Capped\",\"levels\":[{\"rate_bp\":1000},{\"rate_bp\":500}],\"cap_order_cents\":90,\"hold_s\":0,\"intro\":\"a\\nb\"}",
	  "=made by the manager" },
	{ "as it is", OP, GET, "/v1/campaigns/${capped}",
	  .check = { { "state", "running" }, { "levels", "<2 items>" }, { "cap_order_cents", "90" }, { "spent_cents", "0" } } },
	{ "another merchant does not see it", "operator:other_merchant", GET, "/v1/campaigns/${capped}", .status = 404, .error = "not-found" },
	{ "two in the list", OP, GET, "/v1/campaigns", .check = { { "campaigns", "<2 items>" } } },
};

#define SELL(what) "{\"lines\":[{\"item_id\":${item2},\"quantity\":1}],\"share\":\"${" what "}\",\"payments\":[{\"method\":\"cash\"}]}" /* 10.83 */
static const struct step capped[] = {
	{ "c1 shares it", "c1", POST, "/v1/shares", "{\"code\":\"${capped_code}\"}", .save = { { "code", "cap1" } } },
	{ "c2 shares that", "c2", POST, "/v1/shares", "{\"code\":\"${cap1}\"}", .save = { { "code", "cap2" } } },
	{ "108 + 54 wanted, 90 allowed", "cashier1", POST, "/v1/orders", SELL("cap2"), .status = 201, .save = { { "order_id", "cut" } },
	  .check = { { "rebate_cents", "90" }, { "rebate_outcome", "cut" } } },
	{ "in proportion", OP, GET, "/v1/rebates?order_id=${cut}", .check = { { "rows[0].amount_cents", "60" }, { "rows[1].amount_cents", "30" } } },
	{ "c2 buys by the own share", "cashier1", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${item2},\"quantity\":1}],\"customer\":\"${identity2}\",\"share\":\"${cap2}\",\"payments\":[{\"method\":\"cash\"}]}",
	  .status = 201, .save = { { "order_id", "self" } }, .check = { { "rebate_cents", "54" } } },
	{ "only who is above earns", OP, GET, "/v1/rebates?order_id=${self}", .check = { { "rows", "<1 items>" }, { "rows[0].owner_id", "${id1}" } } },
	{ "c1 buys by the own share", "cashier1", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${item2},\"quantity\":1}],\"customer\":\"${identity1}\",\"share\":\"${cap1}\",\"payments\":[{\"method\":\"cash\"}]}",
	  .status = 201, .check = { { "rebate_cents", "0" }, { "rebate_outcome", "nobody" } } },
	{ "by the campaign's own code nobody shared", "cashier1", POST, "/v1/orders", SELL("capped_code"), .status = 201,
	  .check = { { "rebate_outcome", "nobody" } } },
	{ "paused", OP, POST, "/v1/campaigns/${capped}/state", "{\"state\":\"paused\"}", .check = { { "state", "paused" } } },
	{ "the sale goes on without", "cashier1", POST, "/v1/orders", SELL("cap2"), .status = 201,
	  .check = { { "rebate_cents", "0" }, { "rebate_outcome", "campaign-closed" } } },
	{ "nothing is shared meanwhile", "c3", POST, "/v1/shares", "{\"code\":\"${cap2}\"}", .status = 409, .error = "campaign-closed" },
	{ "it runs again", OP, POST, "/v1/campaigns/${capped}/state", "{\"state\":\"running\"}" },
	{ "and pays", "cashier1", POST, "/v1/orders", SELL("cap2"), .status = 201, .check = { { "rebate_cents", "90" } } },
	{ "ended", OP, POST, "/v1/campaigns/${capped}/state", "{\"state\":\"ended\"}" },
	{ "for good", OP, POST, "/v1/campaigns/${capped}/state", "{\"state\":\"running\"}", .status = 409, .error = "conflict" },
	{ "a state that is none", OP, POST, "/v1/campaigns/${capped}/state", "{\"state\":\"gone\"}", .status = 422, .error = "bad-field" },
	{ "another's campaign", "operator:other_merchant", POST, "/v1/campaigns/${capped}/state", "{\"state\":\"ended\"}", .status = 404,
	  .error = "not-found" },
	{ "what it paid", OP, GET, "/v1/campaigns/${capped}", .check = { { "spent_cents", "234" }, { "orders", "3" }, { "shares", "2" } } },
};

static const struct step limits[] = {
	{ "with a budget and a day's cap", OP, POST, "/v1/campaigns",
	  "{\"name\":\"Small\",\"levels\":[{\"rate_bp\":1000}],\"platform_bp\":100,\"budget_cents\":300,\"cap_person_day_cents\":150,\"hold_s\":0}",
	  .status = 201, .save = { { "campaign_id", "small" }, { "code", "small_code" } } },
	{ "c1's", "c1", POST, "/v1/shares", "{\"code\":\"${small_code}\"}", .save = { { "code", "small1" } } },
	{ "c2's", "c2", POST, "/v1/shares", "{\"code\":\"${small_code}\"}", .save = { { "code", "small2" } } },
	{ "108 for c1, 10 for the platform", "cashier1", POST, "/v1/orders", SELL("small1"), .status = 201,
	  .check = { { "rebate_cents", "118" }, { "rebate_outcome", "paid" } } },
	{ "42 are left of the day", "cashier1", POST, "/v1/orders", SELL("small1"), .status = 201,
	  .check = { { "rebate_cents", "52" }, { "rebate_outcome", "cut" } } },
	{ "none is left of the day", "cashier1", POST, "/v1/orders", SELL("small1"), .status = 201,
	  .check = { { "rebate_cents", "10" }, { "rebate_outcome", "cut" } } },
	{ "c2 has a day of their own", "cashier1", POST, "/v1/orders", SELL("small2"), .status = 201, .check = { { "rebate_cents", "118" } } },
	{ "2 are left of the budget", "cashier1", POST, "/v1/orders", SELL("small2"), .status = 201,
	  .check = { { "rebate_cents", "2" }, { "rebate_outcome", "cut" } } },
	{ "the budget is used up", "cashier1", POST, "/v1/orders", SELL("small2"), .status = 201,
	  .check = { { "rebate_cents", "0" }, { "rebate_outcome", "budget-used" } } },
	{ "to the cent", OP, GET, "/v1/campaigns/${small}", .check = { { "spent_cents", "300" }, { "orders", "5" } } },
	{ "one item only", OP, POST, "/v1/campaigns", "{\"name\":\"Bread\",\"levels\":[{\"rate_bp\":1000}],\"item_id\":${item3},\"hold_s\":0}",
	  .status = 201, .save = { { "code", "bread_code" } } },
	{ "shared", "c1", POST, "/v1/shares", "{\"code\":\"${bread_code}\"}", .save = { { "code", "bread1" } } },
	{ "only that item counts", "cashier1", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${item2},\"quantity\":1},{\"item_id\":${item3},\"quantity\":2}],\"share\":\"${bread1}\",\"payments\":[{\"method\":\"cash\"}]}",
	  .status = 201, .check = { { "rebate_cents", "50" } } },
	{ "it is not there", "cashier1", POST, "/v1/orders", SELL("bread1"), .status = 201, .check = { { "rebate_outcome", "no-item" } } },
	{ "one that ended long ago", OP, POST, "/v1/campaigns",
	  "{\"name\":\"Old\",\"levels\":[{\"rate_bp\":1000}],\"starts_ms\":1000,\"ends_ms\":2000}", .status = 201, .save = { { "code", "old_code" } } },
	{ "pays nothing", "cashier1", POST, "/v1/orders", SELL("old_code"), .status = 201, .check = { { "rebate_outcome", "campaign-closed" } } },
	{ "a code of another merchant's campaign", "other_cashier", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${other_item},\"quantity\":1}],\"share\":\"${small1}\",\"payments\":[{\"method\":\"cash\"}]}", .status = 404,
	  .error = "not-found", .check = { { "field", "share" } } },
	{ "a card is no share", "cashier1", POST, "/v1/orders", SELL("card1"), .status = 422, .error = "wrong-kind" },
};

int main(void)
{
	struct test_server server;

	server_start(&server, "campaign", NULL);
	api_begin(&server);
	sale_shop();
	sale_campaign();
	API_RUN(making);
	API_RUN(capped);
	API_RUN(limits);
	sale_audit();
	api_ok(server_stop(&server), "the server stops cleanly");
	return api_end();
}
