/* Shares: chains of any depth, one share per person and parent, no cycles, channels (W5, W18). */
#include "tests/lib/sale.h"

#include <stdio.h>

#define OP "operator:merchant"

static const struct step chains[] = {
	{ "nobody shares", "", POST, "/v1/shares", "{\"code\":\"${s1}\"}", .status = 401, .error = "not-signed-in" },
	{ "no code", "c1", POST, "/v1/shares", "{}", .status = 422, .error = "missing-field" },
	{ "not a code", "c1", POST, "/v1/shares", "{\"code\":\"HELLO\"}", .status = 422, .error = "bad-code" },
	{ "a card is not shared", "c1", POST, "/v1/shares", "{\"code\":\"${card1}\"}", .status = 422, .error = "wrong-kind" },
	{ "asked again, the same share", "c1", POST, "/v1/shares", "{\"code\":\"${root}\"}", .check = { { "share_id", "${s1_id}" } } },
	{ "of the own share, no new generation", "c1", POST, "/v1/shares", "{\"code\":\"${s1}\"}",
	  .check = { { "share_id", "${s1_id}" }, { "generation", "1" } } },
	{ "somebody further up", "c1", POST, "/v1/shares", "{\"code\":\"${s3}\"}", .status = 409, .error = "chain-cycle" },
	{ "replayed", "c4", POST, "/v1/shares", "{\"code\":\"${s3}\"}", "4004", .save = { { "code", "s4" }, { "share_id", "s4_id" } },
	  .check = { { "generation", "4" }, { "channel_id", "${channel}" }, { "earned_cents", "0" }, { "currency", "USD" } } },
	{ "with the same key", "c4", POST, "/v1/shares", "{\"code\":\"${s3}\"}", "=replayed" },
	{ "from another parent it is another share", "c4", POST, "/v1/shares", "{\"code\":\"${campaign_code}\"}",
	  .check = { { "generation", "1" }, { "channel_id", "<none>" } } },
	{ "the chain", OP, GET, "/v1/shares/${s4_id}/chain",
	  .check = { { "chain", "<5 items>" }, { "chain[0].customer_id", "${id4}" }, { "chain[1].customer_id", "${id3}" },
	             { "chain[3].customer_id", "${id1}" }, { "chain[4].customer_id", "0" }, { "chain[4].generation", "0" } } },
	{ "another merchant's eyes", "operator:other_merchant", GET, "/v1/shares/${s4_id}/chain", .status = 404, .error = "not-found" },
	{ "a customer's eyes", "c1", GET, "/v1/shares/${s4_id}/chain", .status = 403, .error = "forbidden" },
	{ "a channel that is not there", OP, POST, "/v1/channels/99/shares", "{\"campaign_id\":${campaign}}", .status = 404, .error = "not-found" },
	{ "another merchant's campaign", "operator:other_merchant", POST, "/v1/channels/${channel}/shares", "{\"campaign_id\":${campaign}}",
	  .status = 404, .error = "not-found", .check = { { "field", "campaign_id" } } },
	{ "the root once more is the same", OP, POST, "/v1/channels/${channel}/shares", "{\"campaign_id\":${campaign}}",
	  .check = { { "code", "${root}" } } },
	{ "sold by the fourth generation", "cashier1", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${item2},\"quantity\":1}],\"share\":\"${s4}\",\"payments\":[{\"method\":\"cash\"}]}", .status = 201,
	  .save = { { "order_id", "order" } }, .check = { { "rebate_cents", "116" } } },
	{ "the three nearest earn, and the channel", OP, GET, "/v1/rebates?order_id=${order}",
	  .check = { { "rows", "<6 items>" }, { "rows[0].owner_id", "${id4}" }, { "rows[1].owner_id", "${id3}" },
	             { "rows[2].owner_id", "${id2}" }, { "rows[3].account", "channel" }, { "rows[3].owner_id", "${channel}" } } },
	{ "c4's shares", "c4", GET, "/v1/shares",
	  .check = { { "shares", "<2 items>" }, { "shares[0].earned_cents", "54" }, { "shares[0].campaign_name", "Tell a friend" } } },
	{ "a code to pay", "cashier1", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${item2},\"quantity\":1}],\"payments\":[{\"method\":\"code\"}]}", .status = 201,
	  .save = { { "payments[0].code", "pay_url" }, { "order_id", "by_phone" } } },
	{ "by the channel's own code", "cashier1", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${item2},\"quantity\":1}],\"share\":\"${root}\",\"payments\":[{\"method\":\"cash\"}]}", .status = 201,
	  .save = { { "order_id", "by_root" } }, .check = { { "rebate_cents", "20" } } },
	{ "the channel, the agent and the platform", OP, GET, "/v1/rebates?order_id=${by_root}",
	  .check = { { "rows", "<3 items>" }, { "rows[0].account", "channel" }, { "rows[0].amount_cents", "10" } } },
};

static const struct step landing[] = {
	{ "the link lands on the campaign", "", GET, "/v1/landing/${s4_token}",
	  .check = { { "name", "Tell a friend" }, { "generation", "4" }, { "over", "false" } } },
};

static const struct step by_phone[] = {
	{ "a card is no share", "c5", POST, "/v1/pay/${pay}",
	  "{\"source\":\"card\",\"card_id\":${card2_id},\"share\":\"${card1}\"}", .status = 422, .error = "wrong-kind",
	  .check = { { "field", "share" } } },
	{ "c5 came by c4's link and pays by phone", "c5", POST, "/v1/pay/${pay}",
	  "{\"source\":\"card\",\"card_id\":${card2_id},\"share\":\"${s4}\"}", .check = { { "state", "settled" } } },
	{ "c4 earns", OP, GET, "/v1/rebates?order_id=${by_phone}", .check = { { "rows[0].owner_id", "${id4}" }, { "rows[0].amount_cents", "54" } } },
};

/* A chain of 60 people: each shares what the one before shared. */
static void deep_chain(void)
{
	static const struct step join[] = {
		{ "one more joins", "", POST, "/v1/customers", "{\"locale\":\"zh\"}", .save = { { "device_token", "joined" } } },
		{ "and shares", "joined", POST, "/v1/shares", "{\"code\":\"${deep}\"}", .save = { { "code", "deep" }, { "generation", "depth" } } },
	};
	static const struct step sale[] = {
		{ "sold at the end of it", "cashier1", POST, "/v1/orders",
		  "{\"lines\":[{\"item_id\":${item2},\"quantity\":1}],\"share\":\"${deep}\",\"payments\":[{\"method\":\"cash\"}]}", .status = 201,
		  .check = { { "rebate_cents", "116" } } },
	};

	api_set("deep", "%s", api_var("s4"));
	for (int i = 0; i < 56; i++)
		API_RUN(join);
	api_ok(api_int("depth") == 60, "sixty generations");
	API_RUN(sale);
}

int main(void)
{
	struct test_server server;

	server_start(&server, "share", NULL);
	api_begin(&server);
	sale_shop();
	sale_campaign();
	API_RUN(chains);
	sale_token("s4", "s4_token");
	API_RUN(landing);
	sale_token("pay_url", "pay");
	API_RUN(by_phone);
	deep_chain();
	sale_audit();
	api_ok(server_stop(&server), "the server stops cleanly");
	return api_end();
}
