/* Refunds: by line and quantity, whole, to every tender in proportion; points, fee and rebates follow; approval; preview says
 * what refund does; a full refund brings every account back to where it was. */
#include "tests/lib/sale.h"

#include <jansson.h>
#include <stdio.h>

#define OP "operator:merchant"
/* 3 x 3.33 = 10.81, 2 x 10.00 = 21.65, together 32.46 */
#define LINES "\"lines\":[{\"item_id\":${item1},\"quantity\":3},{\"item_id\":${item2},\"quantity\":2}]"

static const struct step cash[] = {
	{ "sold for cash and card", "cashier1", POST, "/v1/orders",
	  "{" LINES ",\"payments\":[{\"method\":\"cash\",\"amount_cents\":1246},{\"method\":\"card\",\"code\":\"${card1}\"}]}", .status = 201,
	  .save = { { "order_id", "order" }, { "receipt.code", "receipt_url" } }, .check = { { "total_cents", "3246" } } },
	{ "preview of one apple", "cashier1", GET, "/v1/orders/${order}/refunds/preview?lines=1*1",
	  .check = { { "refunded_cents", "360" }, { "tax_cents", "27" }, { "needs_approval", "false" }, { "tenders", "<2 items>" },
	             { "lines", "<1 items>" }, { "lines[0].line_no", "1" }, { "lines[0].quantity", "1" },
	             { "lines[0].amount_cents", "360" }, { "lines[0].tax_cents", "27" },
	             { "tenders[0].amount_cents", "138" }, { "tenders[1].amount_cents", "222" } } },
	{ "preview that is not well formed", "cashier1", GET, "/v1/orders/${order}/refunds/preview?lines=1x1", .status = 422,
	  .error = "bad-field" },
	{ "the preview changed nothing", "cashier1", GET, "/v1/orders/${order}", .check = { { "state", "paid" } } },
	{ "no reason", "cashier1", POST, "/v1/orders/${order}/refunds", "{}", .status = 422, .error = "missing-field",
	  .check = { { "field", "reason" } } },
	{ "a line that is not there", "cashier1", POST, "/v1/orders/${order}/refunds",
	  "{\"lines\":[{\"line_no\":3,\"quantity\":1}],\"reason\":\"r\"}", .status = 404, .error = "not-found",
	  .check = { { "field", "lines[0].line_no" } } },
	{ "more than was sold", "cashier1", POST, "/v1/orders/${order}/refunds",
	  "{\"lines\":[{\"line_no\":1,\"quantity\":4}],\"reason\":\"r\"}", .status = 409, .error = "refund-too-large",
	  .check = { { "field", "lines[0].quantity" } } },
	{ "a line twice", "cashier1", POST, "/v1/orders/${order}/refunds",
	  "{\"lines\":[{\"line_no\":1,\"quantity\":1},{\"line_no\":1,\"quantity\":1}],\"reason\":\"r\"}", .status = 422,
	  .error = "double-field" },
	{ "another company", "other_cashier", POST, "/v1/orders/${order}/refunds", "{\"reason\":\"r\"}", .status = 404, .error = "not-found" },
	{ "a customer", "c5", POST, "/v1/orders/${order}/refunds", "{\"reason\":\"r\"}", .status = 403, .error = "forbidden" },
	{ "one apple", "cashier1", POST, "/v1/orders/${order}/refunds", "{\"lines\":[{\"line_no\":1,\"quantity\":1}],\"reason\":\"bruised\"}",
	  .status = 201, .check = { { "refunded_cents", "360" }, { "tax_cents", "27" }, { "order.state", "part-refunded" },
	                            { "tenders[0].source", "cash" }, { "tenders[0].amount_cents", "138" },
	                            { "lines[0].line_no", "1" }, { "lines[0].quantity", "1" }, { "lines[0].amount_cents", "360" },
	                            { "order.payments[1].refunded_cents", "222" } } },
	{ "the same again", "cashier1", POST, "/v1/orders/${order}/refunds",
	  "{\"lines\":[{\"line_no\":1,\"quantity\":1}],\"reason\":\"bruised\"}", "=one apple" },
	{ "222 went to the card", "cashier1", POST, "/v1/cards/look", "{\"code\":\"${card1}\"}", .check = { { "balance_cents", "8222" } } },
	{ "above the cashier's limit with what went before", "cashier1", POST, "/v1/orders/${order}/refunds", "{\"reason\":\"all\"}",
	  .status = 403, .error = "needs-approval", .check = { { "field", "approval_staff" } } },
	{ "a part that stays below it", "cashier1", POST, "/v1/orders/${order}/refunds",
	  "{\"lines\":[{\"line_no\":2,\"quantity\":1}],\"reason\":\"r\"}", .status = 201, .check = { { "refunded_cents", "1083" } } },
	{ "sliced it passes no more easily", "cashier1", POST, "/v1/orders/${order}/refunds", "{\"reason\":\"all\"}", .status = 403,
	  .error = "needs-approval" },
	{ "approved by a wrong PIN", "cashier1", POST, "/v1/orders/${order}/refunds",
	  "{\"reason\":\"all\",\"approval_staff\":{\"number\":\"2\",\"pin\":\"000000\"}}", .status = 403, .error = "bad-pin" },
	{ "approved by a cashier", "cashier1", POST, "/v1/orders/${order}/refunds",
	  "{\"reason\":\"all\",\"approval_staff\":{\"number\":\"1\",\"pin\":\"1234\"}}", .status = 403, .error = "forbidden" },
	{ "approved by the manager", "cashier1", POST, "/v1/orders/${order}/refunds",
	  "{\"reason\":\"all\",\"approval_staff\":{\"number\":\"2\",\"pin\":\"567890\"}}", .status = 201,
	  .check = { { "order.state", "refunded" }, { "refunded_cents", "1803" }, { "tax_cents", "137" } } },
	{ "the sale told again is as it was paid", "cashier1", POST, "/v1/orders",
	  "{" LINES ",\"payments\":[{\"method\":\"cash\",\"amount_cents\":1246},{\"method\":\"card\",\"code\":\"${card1}\"}]}",
	  "=sold for cash and card" },
	{ "nothing is left", "manager", POST, "/v1/orders/${order}/refunds", "{\"reason\":\"more\"}", .status = 409, .error = "conflict" },
	{ "the card is as before", "cashier1", POST, "/v1/cards/look", "{\"code\":\"${card1}\"}", .check = { { "balance_cents", "10000" } } },
	{ "an open order", "cashier1", POST, "/v1/orders", "{" LINES "}", .status = 201, .save = { { "order_id", "open" } } },
	{ "has nothing to give back", "manager", POST, "/v1/orders/${open}/refunds", "{\"reason\":\"r\"}", .status = 409, .error = "conflict" },
};

/* Bought by c4 (points) through a chain of three; half is paid with a card, a part with points. */
static const struct step earn[] = {
	{ "c4 earns points", "cashier1", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${item2},\"quantity\":5}],\"customer\":\"${identity4}\",\"payments\":[{\"method\":\"cash\"}]}", .status = 201,
	  .check = { { "points_earned", "541" } } },
	{ "prefund before", OP, GET, "/v1/prefund", .check = { { "balance_cents", "50000" } } },
	{ "sold through the chain", "cashier1", POST, "/v1/orders",
	  "{" LINES ",\"customer\":\"${identity4}\",\"share\":\"${s3}\",\"payments\":[{\"method\":\"points\",\"amount_cents\":246},"
	  "{\"method\":\"card\",\"code\":\"${card1}\"}]}", .status = 201, .save = { { "order_id", "chain" } },
	  .check = { { "points_earned", "300" }, { "rebate_cents", "330" }, { "rebate_outcome", "paid" } } },
	{ "who earned", OP, GET, "/v1/rebates?order_id=${chain}",
	  .check = { { "rows", "<6 items>" }, { "rows[0].owner_id", "${id3}" }, { "rows[0].amount_cents", "150" },
	             { "rows[1].amount_cents", "90" }, { "rows[2].amount_cents", "30" }, { "rows[3].account", "channel" },
	             { "rows[3].amount_cents", "30" }, { "rows[4].amount_cents", "15" }, { "rows[5].amount_cents", "15" },
	             { "released", "false" } } },
	{ "points now", "c4", GET, "/v1/points", .check = { { "schemes[0].balance", "595" } } },
	{ "a third goes back", "manager", POST, "/v1/orders/${chain}/refunds", "{\"lines\":[{\"line_no\":1,\"quantity\":3}],\"reason\":\"r\"}",
	  .status = 201, .check = { { "refunded_cents", "1081" }, { "points_taken", "100" }, { "rebate_cents", "110" },
	                            { "tenders[0].amount_cents", "82" }, { "tenders[0].points", "82" }, { "tenders[1].amount_cents", "999" } } },
	{ "c3 keeps two thirds", "c3", GET, "/v1/rebates", .check = { { "held_cents", "100" }, { "available_cents", "0" },
	                                                              { "rows[0].state", "reversed" }, { "rows[1].state", "held" } } },
	{ "points follow", "c4", GET, "/v1/points", .check = { { "schemes[0].balance", "577" } } },
	{ "the rest goes back", "manager", POST, "/v1/orders/${chain}/refunds", "{\"reason\":\"r\"}", .status = 201,
	  .check = { { "refunded_cents", "2165" }, { "points_taken", "200" }, { "rebate_cents", "220" }, { "order.state", "refunded" } } },
	{ "prefund as before", OP, GET, "/v1/prefund", .check = { { "balance_cents", "50000" }, { "promised_cents", "0" } } },
	{ "c3 has nothing", "c3", GET, "/v1/rebates", .check = { { "held_cents", "0" }, { "available_cents", "0" } } },
	{ "points as before", "c4", GET, "/v1/points", .check = { { "schemes[0].balance", "541" } } },
	{ "the card as before", "cashier1", POST, "/v1/cards/look", "{\"code\":\"${card1}\"}", .check = { { "balance_cents", "10000" } } },
};

/* Refunded after the release, when the promoter has spent it: the balance becomes negative and is made up later. */
static const struct step released[] = {
	{ "sold again", "cashier1", POST, "/v1/orders",
	  "{" LINES ",\"share\":\"${s3}\",\"payments\":[{\"method\":\"cash\"}]}", .status = 201,
	  .save = { { "order_id", "sold" }, { "at_ms", "sold_ms" } }, .check = { { "rebate_cents", "355" } } },
};
static const struct step spent[] = {
	{ "too early", "operator", POST, "/v1/jobs/run", "{\"job\":\"rebate-release\"}" },
	{ "still held", "c3", GET, "/v1/rebates", .check = { { "held_cents", "162" }, { "available_cents", "0" } } },
	{ "the hold time is over", "operator", POST, "/v1/jobs/run", "{\"job\":\"rebate-release\",\"as_of_ms\":${due}}" },
	{ "released", "c3", GET, "/v1/rebates", .check = { { "held_cents", "0" }, { "available_cents", "162" }, { "rows[0].state", "released" } } },
	{ "once only", "operator", POST, "/v1/jobs/run", "{\"job\":\"rebate-release\",\"as_of_ms\":${due}}" },
	{ "not twice", "c3", GET, "/v1/rebates", .check = { { "available_cents", "162" } } },
	{ "something for 1.50", "cashier1", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${open_item},\"quantity\":1,\"price_cents\":150}],\"payments\":[{\"method\":\"code\"}]}", .status = 201,
	  .save = { { "payments[0].code", "spend_url" }, { "order_id", "spend_order" } } },
};
static const struct step negative[] = {
	{ "paid with rebates", "c3", POST, "/v1/pay/${spend}", "{\"source\":\"rebate\"}", .check = { { "state", "settled" } } },
	{ "12 left", "c3", GET, "/v1/rebates", .check = { { "available_cents", "12" } } },
	{ "the sale comes back", "manager", POST, "/v1/orders/${sold}/refunds", "{\"reason\":\"r\"}", .status = 201,
	  .check = { { "rebate_cents", "355" } } },
	{ "c3 owes it", "c3", GET, "/v1/rebates", .check = { { "available_cents", "-150" } } },
	{ "and cannot spend it", "cashier1", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${open_item},\"quantity\":1,\"price_cents\":10}],\"payments\":[{\"method\":\"code\"}]}", .status = 201,
	  .save = { { "payments[0].code", "ten_url" } } },
};
static const struct step after[] = {
	{ "not enough", "c3", POST, "/v1/pay/${ten}", "{\"source\":\"rebate\"}", .status = 409, .error = "insufficient-funds" },
	{ "what rebates paid goes back as rebates", "manager", POST, "/v1/orders/${spend_order}/refunds", "{\"reason\":\"r\"}", .status = 201,
	  .check = { { "tenders[0].source", "rebate" } } },
	{ "even again", "c3", GET, "/v1/rebates", .check = { { "available_cents", "0" } } },
	{ "the prefund has all of it", OP, GET, "/v1/prefund", .check = { { "balance_cents", "50000" } } },
	{ "the campaign spent nothing", OP, GET, "/v1/campaigns/${campaign}", .check = { { "spent_cents", "0" }, { "promised_cents", "0" } } },
};

/* A card that paid and was replaced since: the money goes to its heir. */
static const struct step heir[] = {
	{ "the small card pays", "cashier1", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${item3},\"quantity\":1}],\"payments\":[{\"method\":\"card\",\"code\":\"${card3}\"}]}", .status = 201,
	  .save = { { "order_id", "lost" } } },
	{ "it is lost and replaced", "manager", POST, "/v1/cards/transfer",
	  "{\"from_code\":\"${card3}\",\"to_code\":\"${card1}\",\"reason\":\"lost\"}" },
	{ "the goods come back", "cashier1", POST, "/v1/orders/${lost}/refunds", "{\"reason\":\"r\"}", .status = 201 },
	{ "to the card that took over", "cashier1", POST, "/v1/cards/look", "{\"code\":\"${card1}\"}", .check = { { "balance_cents", "10500" } } },
};

#define ACCOUNTS_MAX 64

/* A sale that was given back whole has left nothing on any account: its journals sum to zero for each. */
static void nothing_left(const char *order)
{
	static struct step journals = { "its journals", "operator:merchant", GET, NULL };
	struct { int64_t account, sum; } accounts[ACCOUNTS_MAX];
	int count = 0, entries = 0, wrong = 0;
	size_t i, k;
	json_t *journal, *entry;
	char path[64];

	snprintf(path, sizeof path, "/v1/journal?order_id=${%s}", order);
	journals.path = path;
	api_send(&journals);
	json_array_foreach(api_field("journals"), i, journal) {
		json_array_foreach(json_object_get(journal, "entries"), k, entry) {
			int64_t id = json_integer_value(json_object_get(entry, "account_id"));
			int at = 0;
			while (at < count && accounts[at].account != id)
				at++;
			if (at == count && count < ACCOUNTS_MAX) {
				accounts[count].account = id;
				accounts[count++].sum = 0;
			}
			accounts[at].sum += json_integer_value(json_object_get(entry, "amount"));
			entries++;
		}
	}
	for (int a = 0; a < count; a++)
		wrong += accounts[a].sum != 0;
	api_ok(entries > 4 && wrong == 0, "%d entries of %d accounts, nothing is left of %s (%d differ)", entries, count, order, wrong);
}

int main(void)
{
	struct test_server server;

	server_start(&server, "refund", NULL);
	api_begin(&server);
	sale_shop();
	sale_campaign();
	API_RUN(cash);
	nothing_left("order");
	API_RUN(earn);
	nothing_left("chain");
	API_RUN(released);
	api_set("due", "%lld", (long long)api_int("sold_ms") + 1001000LL);
	API_RUN(spent);
	sale_token("spend_url", "spend");
	API_RUN(negative);
	sale_token("ten_url", "ten");
	API_RUN(after);
	API_RUN(heir);
	sale_audit();
	api_ok(server_stop(&server), "the server stops cleanly");
	return api_end();
}
