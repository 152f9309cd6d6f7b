/* A till gives up what it sent and never heard of: what was done is undone in whole, what did not arrive cannot any more,
 * and neither is done twice or to somebody else's order. */
#include "tests/lib/sale.h"

#define ONE "\"lines\":[{\"item_id\":${item2},\"quantity\":1}]"
#define BY_CARD "{" ONE ",\"payments\":[{\"method\":\"card\",\"code\":\"${card1}\"}]}"
#define BY_CODE "{" ONE ",\"payments\":[{\"method\":\"code\"}]}"
#define WITHDRAW "/v1/orders/withdraw"
#define CARD_HAS(cents) .check = { { "balance_cents", cents } }

static const struct step whole[] = {
	{ "a sale by card, its answer lost", "cashier1", POST, "/v1/orders", BY_CARD, "41", .status = 201,
	  .save = { { "order_id", "first" } } },
	{ "the till gives it up", "cashier1", POST, WITHDRAW, "{\"request\":41}", "42",
	  .check = { { "outcome", "refunded" }, { "order.order_id", "${first}" }, { "order.state", "refunded" } } },
	{ "the card has its money", "cashier1", POST, "/v1/cards/look", "{\"code\":\"${card1}\"}", CARD_HAS("10000") },
	{ "and says so twice when asked twice", "cashier1", POST, WITHDRAW, "{\"request\":41}", "=the till gives it up" },
	{ "a further try finds it over", "cashier1", POST, WITHDRAW, "{\"request\":41}", .check = { { "outcome", "over" } } },
	{ "a late copy of the sale is no second one", "cashier1", POST, "/v1/orders", BY_CARD,
	  "=a sale by card, its answer lost" },
	{ "the card still has its money", "cashier1", POST, "/v1/cards/look", "{\"code\":\"${card1}\"}", CARD_HAS("10000") },
};

static const struct step never[] = {
	{ "a sale that did not arrive", "cashier1", POST, WITHDRAW, "{\"request\":51}", "52",
	  .check = { { "outcome", "nothing" }, { "order", "<none>" } } },
	{ "it comes late", "cashier1", POST, "/v1/orders", BY_CARD, "51", .status = 422, .error = "idempotency-key-reused" },
	{ "nothing was charged", "cashier1", POST, "/v1/cards/look", "{\"code\":\"${card1}\"}", CARD_HAS("10000") },
	{ "the next sale is made", "cashier1", POST, "/v1/orders", BY_CARD, "53", .status = 201 },
	{ "once", "cashier1", POST, "/v1/cards/look", "{\"code\":\"${card1}\"}", CARD_HAS("8917") },
};

static const struct step open_order[] = {
	{ "a code, its answer lost", "cashier1", POST, "/v1/orders", BY_CODE, "61", .status = 201,
	  .save = { { "order_id", "open" }, { "payments[0].payment_id", "payment" }, { "payments[0].code", "pay_url" } } },
	{ "given up", "cashier1", POST, WITHDRAW, "{\"request\":61}", .check = { { "outcome", "cancelled" },
	  { "order.order_id", "${open}" }, { "order.state", "cancelled" }, { "order.payments[0].state", "cancelled" } } },
	{ "a part by one card", "cashier1", POST, "/v1/orders",
	  "{" ONE ",\"payments\":[{\"method\":\"card\",\"code\":\"${card3}\",\"amount_cents\":300}]}", "63", .status = 201,
	  .save = { { "order_id", "mixed" } }, .check = { { "state", "open" } } },
	{ "the rest did not arrive", "cashier1", POST, WITHDRAW, "{\"request\":64,\"order_id\":${mixed}}", "65",
	  .check = { { "outcome", "cancelled" }, { "order.state", "cancelled" } } },
	{ "it comes late", "cashier1", POST, "/v1/orders/${mixed}/payments", "{\"method\":\"card\",\"code\":\"${card1}\"}", "64",
	  .status = 422, .error = "idempotency-key-reused" },
	{ "the part went back", "cashier1", POST, "/v1/cards/look", "{\"code\":\"${card3}\"}", CARD_HAS("500") },
	{ "a part again", "cashier1", POST, "/v1/orders",
	  "{" ONE ",\"payments\":[{\"method\":\"card\",\"code\":\"${card3}\",\"amount_cents\":300}]}", "66", .status = 201,
	  .save = { { "order_id", "mixed" } } },
	{ "the rest did arrive", "cashier1", POST, "/v1/orders/${mixed}/payments", "{\"method\":\"card\",\"code\":\"${card1}\"}", "67",
	  .check = { { "state", "paid" } } },
	{ "all goes back", "cashier1", POST, WITHDRAW, "{\"request\":67,\"order_id\":${mixed}}",
	  .check = { { "outcome", "refunded" }, { "order.state", "refunded" } } },
	{ "to one card", "cashier1", POST, "/v1/cards/look", "{\"code\":\"${card3}\"}", CARD_HAS("500") },
	{ "and the other", "cashier1", POST, "/v1/cards/look", "{\"code\":\"${card1}\"}", CARD_HAS("8917") },
};

static const struct step limits[] = {
	{ "more than a cashier may give back", "cashier1", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${item2},\"quantity\":9}],\"payments\":[{\"method\":\"terminal\",\"approval\":\"B4NK\"}]}", "71",
	  .status = 201 },
	{ "is given up all the same", "cashier1", POST, WITHDRAW, "{\"request\":71}", .check = { { "outcome", "refunded" } } },
	{ "a sale", "cashier1", POST, "/v1/orders", BY_CARD, "73", .status = 201, .save = { { "order_id", "sold" } } },
	{ "another till has sent no such request", "cashier2", POST, WITHDRAW, "{\"request\":73}", .check = { { "outcome", "nothing" } } },
	{ "and has no such order", "cashier2", POST, WITHDRAW, "{\"request\":74,\"order_id\":${sold}}", .status = 404,
	  .error = "not-found" },
	{ "which uses up no key", "cashier2", POST, "/v1/orders", "{" ONE ",\"payments\":[{\"method\":\"cash\"}]}", "74", .status = 201 },
	{ "the next sale", "cashier1", POST, "/v1/orders", "{" ONE ",\"payments\":[{\"method\":\"cash\"}]}", "75", .status = 201 },
	{ "then the one before stays", "cashier1", POST, WITHDRAW, "{\"request\":73}", .status = 409, .error = "conflict" },
	{ "it is paid", "cashier1", GET, "/v1/orders/${sold}", .check = { { "state", "paid" } } },
	{ "a till gives it up, no person elsewhere", "operator:merchant", POST, WITHDRAW, "{\"request\":73}", .status = 403,
	  .error = "forbidden" },
	{ "a number is needed", "cashier1", POST, WITHDRAW, "{}", .status = 422, .error = "missing-field" },
};

int main(void)
{
	struct test_server server;

	server_start(&server, "withdraw", NULL);
	api_begin(&server);
	sale_shop();
	API_RUN(whole);
	API_RUN(never);
	API_RUN(open_order);
	sale_audit();
	API_RUN(limits);
	sale_audit();
	api_ok(server_stop(&server), "the server stops cleanly");
	return api_end();
}
