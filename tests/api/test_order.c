/* Orders: prices, tax, tenders at the till, what is refused, replays, cancelling and expiry. */
#include "tests/lib/sale.h"

#define OP "manager"
#define LINES "\"lines\":[{\"item_id\":${item1},\"quantity\":3},{\"item_id\":${item2},\"quantity\":1},{\"item_id\":${item3},\"quantity\":2}]"
/* 9.99 + tax 0.82 = 10.81; 10.00 + 0.83 = 10.83; 5.00: 26.64 */

static const struct step selling[] = {
	{ "cash with change", "cashier1", POST, "/v1/orders",
	  "{\"number\":7," LINES ",\"payments\":[{\"method\":\"cash\",\"received_cents\":3000}]}", "1", .status = 201,
	  .save = { { "order_id", "order1" }, { "receipt.code", "receipt1" } },
	  .check = { { "number", "7" }, { "state", "paid" }, { "subtotal_cents", "2499" }, { "tax_cents", "165" },
	             { "total_cents", "2664" }, { "paid_cents", "2664" }, { "due_cents", "0" }, { "change_cents", "336" },
	             { "lines[0].tax_cents", "82" }, { "lines[1].total_cents", "1083" }, { "receipt.number", "1" },
	             { "payments[0].state", "settled" } } },
	{ "the same again is the same", "cashier1", POST, "/v1/orders",
	  "{\"number\":7," LINES ",\"payments\":[{\"method\":\"cash\",\"received_cents\":3000}]}", "=cash with change" },
	{ "the same key for another order", "cashier1", POST, "/v1/orders",
	  "{\"number\":8," LINES ",\"payments\":[{\"method\":\"cash\"}]}", "1", .status = 422, .error = "idempotency-key-reused" },
	{ "the till's number again", "cashier1", POST, "/v1/orders", "{\"number\":7," LINES "}", .status = 409, .error = "exists",
	  .check = { { "field", "number" } } },
	{ "another till may have it", "cashier2", POST, "/v1/orders",
	  "{\"number\":7," LINES ",\"payments\":[{\"method\":\"terminal\",\"approval\":\"A-77\"}]}", .status = 201,
	  .check = { { "receipt.number", "1" }, { "payments[0].approval", "A-77" } } },
	{ "a number that was skipped", "cashier1", POST, "/v1/orders", "{\"number\":3," LINES ",\"payments\":[{\"method\":\"cash\"}]}",
	  .status = 201, .check = { { "number", "3" }, { "receipt.number", "2" } } },
	{ "no number", "cashier1", POST, "/v1/orders", "{\"lines\":[{\"barcode\":\"1001\",\"quantity\":1}],\"payments\":[{\"method\":\"cash\"}]}",
	  .status = 201, .check = { { "number", "8" }, { "total_cents", "360" }, { "lines[0].name_zh", "苹果" } } },
	{ "by PLU, by SKU, and a typed price", "cashier1", POST, "/v1/orders",
	  "{\"lines\":[{\"barcode\":\"11\",\"quantity\":1},{\"barcode\":\"A3\",\"quantity\":1},{\"item_id\":${open_item},\"quantity\":2,"
	  "\"price_cents\":150,\"note\":\"blue\"}],\"payments\":[{\"method\":\"cash\"}]}", .status = 201,
	  .check = { { "lines[2].total_cents", "300" }, { "lines[2].note", "blue" }, { "total_cents", "910" } } },
	{ "a bearer card by its code", "cashier1", POST, "/v1/orders",
	  "{" LINES ",\"customer\":\"${identity4}\",\"payments\":[{\"method\":\"card\",\"code\":\"${card1}\"}]}", .status = 201,
	  .save = { { "order_id", "card_order" } },
	  .check = { { "points_earned", "266" }, { "payments[0].source", "card" }, { "customer_id", "${id4}" } } },
	{ "without another order's note", "cashier1", GET, "/v1/orders/${card_order}",
	  .check = { { "lines", "<3 items>" }, { "lines[2].note", "<none>" } } },
	{ "and by its number", "cashier2", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${item3},\"quantity\":1}],\"payments\":[{\"method\":\"card\",\"number\":\"${number1}\"}]}", .status = 201 },
	{ "the card's balance", "cashier1", POST, "/v1/cards/look", "{\"code\":\"${card1}\"}", .check = { { "balance_cents", "7086" } } },
	{ "points and cash", "cashier1", POST, "/v1/orders",
	  "{" LINES ",\"customer\":\"${identity4}\",\"payments\":[{\"method\":\"points\",\"amount_cents\":200},{\"method\":\"cash\"}]}",
	  .status = 201, .check = { { "payments[0].points", "200" }, { "payments[1].amount_cents", "2464" },
	                            { "points_earned", "246" } } },
	{ "the points left", "c4", GET, "/v1/points", .check = { { "schemes[0].balance", "312" } } },
	{ "inclusive prices", "other_cashier", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${other_item},\"quantity\":2}],\"payments\":[{\"method\":\"cash\"}]}", .status = 201,
	  .check = { { "total_cents", "238" }, { "tax_cents", "38" }, { "subtotal_cents", "200" } } },
	{ "the journal of a card sale", "operator:merchant", GET, "/v1/journal?order_id=${card_order}",
	  .check = { { "journals", "<1 items>" }, { "journals[0].entries", "<5 items>" }, { "journals[0].entries[0].amount", "-2664" },
	             { "journals[0].entries[1].amount", "2648" }, { "journals[0].entries[2].account", "fee" },
	             { "journals[0].entries[2].amount", "16" } } },
};

#define ONE "\"lines\":[{\"item_id\":${item1},\"quantity\":1}]"
static const struct step refused[] = {
	{ "nobody", "", POST, "/v1/orders", "{" ONE "}", .status = 401, .error = "not-signed-in" },
	{ "a till without a person", "till1", POST, "/v1/orders", "{" ONE "}", .status = 403, .error = "forbidden" },
	{ "a customer", "c1", POST, "/v1/orders", "{" ONE "}", .status = 403, .error = "forbidden" },
	{ "no lines", "cashier1", POST, "/v1/orders", "{}", .status = 422, .error = "missing-field", .check = { { "field", "lines" } } },
	{ "an empty list of lines", "cashier1", POST, "/v1/orders", "{\"lines\":[]}", .status = 422, .check = { { "field", "lines" } },
	  .error = "bad-field" },
	{ "quantity zero", "cashier1", POST, "/v1/orders", "{\"lines\":[{\"item_id\":${item1},\"quantity\":0}]}", .status = 422,
	  .error = "out-of-range", .check = { { "field", "lines[0].quantity" } } },
	{ "quantity below zero", "cashier1", POST, "/v1/orders", "{\"lines\":[{\"item_id\":${item1},\"quantity\":-1}]}", .status = 422,
	  .error = "out-of-range" },
	{ "item and barcode", "cashier1", POST, "/v1/orders", "{\"lines\":[{\"item_id\":${item1},\"barcode\":\"1001\",\"quantity\":1}]}",
	  .status = 422, .error = "bad-field", .check = { { "field", "lines[0]" } } },
	{ "an unknown item", "cashier1", POST, "/v1/orders", "{\"lines\":[{\"item_id\":999999,\"quantity\":1}]}", .status = 404,
	  .error = "not-found", .check = { { "field", "lines[0].item_id" } } },
	{ "an item of another merchant", "cashier1", POST, "/v1/orders", "{\"lines\":[{\"item_id\":${item1},\"quantity\":1},"
	  "{\"item_id\":${other_item},\"quantity\":1}]}", .status = 404, .error = "not-found", .check = { { "field", "lines[1].item_id" } } },
	{ "an unknown barcode", "cashier1", POST, "/v1/orders", "{\"lines\":[{\"barcode\":\"999\",\"quantity\":1}]}", .status = 404,
	  .error = "not-found", .check = { { "field", "lines[0].barcode" } } },
	{ "a price for a priced item", "cashier1", POST, "/v1/orders", "{\"lines\":[{\"item_id\":${item1},\"quantity\":1,\"price_cents\":1}]}",
	  .status = 422, .error = "bad-field", .check = { { "field", "lines[0].price_cents" } } },
	{ "no price for an open one", "cashier1", POST, "/v1/orders", "{\"lines\":[{\"item_id\":${open_item},\"quantity\":1}]}",
	  .status = 422, .error = "missing-field", .check = { { "field", "lines[0].price_cents" } } },
	{ "an amount too large to count", "cashier1", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${open_item},\"quantity\":1000,\"price_cents\":1000000000000000}]}", .status = 422, .error = "overflow" },
	{ "nothing but free items", "cashier1", POST, "/v1/orders", "{\"lines\":[{\"item_id\":${open_item},\"quantity\":1,\"price_cents\":0}]}",
	  .status = 422, .error = "out-of-range" },
	{ "a time in the future", "cashier1", POST, "/v1/orders", "{" ONE ",\"at_ms\":4000000000000}", .status = 422,
	  .error = "out-of-range", .check = { { "field", "at_ms" } } },
	{ "less cash than due", "cashier1", POST, "/v1/orders", "{" ONE ",\"payments\":[{\"method\":\"cash\",\"received_cents\":100}]}",
	  .status = 409, .error = "amount-mismatch", .check = { { "field", "payments[0].received_cents" } } },
	{ "more than due", "cashier1", POST, "/v1/orders", "{" ONE ",\"payments\":[{\"method\":\"cash\",\"amount_cents\":1000}]}",
	  .status = 409, .error = "amount-mismatch", .check = { { "field", "payments[0].amount_cents" } } },
	{ "a payment too many", "cashier1", POST, "/v1/orders", "{" ONE ",\"payments\":[{\"method\":\"cash\"},{\"method\":\"cash\"}]}",
	  .status = 409, .error = "amount-mismatch", .check = { { "field", "payments[1]" } } },
	{ "a card without enough", "cashier1", POST, "/v1/orders",
	  "{" LINES ",\"payments\":[{\"method\":\"card\",\"code\":\"${card3}\"}]}", .status = 409, .error = "insufficient-funds",
	  .check = { { "field", "payments[0].code" } } },
	{ "one card twice, together too much", "cashier1", POST, "/v1/orders",
	  "{" LINES ",\"payments\":[{\"method\":\"card\",\"amount_cents\":400,\"code\":\"${card3}\"},"
	  "{\"method\":\"card\",\"amount_cents\":200,\"code\":\"${card3}\"},{\"method\":\"cash\"}]}", .status = 409,
	  .error = "insufficient-funds", .check = { { "field", "payments[1].code" } } },
	{ "a card of another company", "cashier1", POST, "/v1/orders", "{" ONE ",\"payments\":[{\"method\":\"card\",\"code\":\"${other_card}\"}]}",
	  .status = 404, .error = "card-refused" },
	{ "no card at all", "cashier1", POST, "/v1/orders", "{" ONE ",\"payments\":[{\"method\":\"card\"}]}", .status = 422,
	  .error = "missing-field" },
	{ "an identity code is no card", "cashier1", POST, "/v1/orders",
	  "{" ONE ",\"payments\":[{\"method\":\"card\",\"code\":\"${identity1}\"}]}", .status = 422, .error = "wrong-kind" },
	{ "a card is no identity", "cashier1", POST, "/v1/orders", "{" ONE ",\"customer\":\"${card1}\"}", .status = 422,
	  .error = "wrong-kind", .check = { { "field", "customer" } } },
	{ "points of somebody without any", "cashier1", POST, "/v1/orders",
	  "{" ONE ",\"payments\":[{\"method\":\"points\",\"identity_code\":\"${identity1}\"}]}", .status = 409, .error = "insufficient-funds" },
	{ "a bound card above the limit", "cashier1", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${item2},\"quantity\":10}],\"payments\":[{\"method\":\"card\",\"code\":\"${card2}\"}]}", .status = 403,
	  .error = "pin-needed", .check = { { "field", "payments[0].pin" } } },
	{ "its holder sets a PIN", "c5", POST, "/v1/me", "{\"pin\":\"4711\"}" },
	{ "with a wrong PIN", "cashier1", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${item2},\"quantity\":10}],\"payments\":[{\"method\":\"card\",\"code\":\"${card2}\",\"pin\":\"4712\"}]}",
	  .status = 403, .error = "bad-pin" },
	{ "with the holder's PIN", "cashier1", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${item2},\"quantity\":10}],\"payments\":[{\"method\":\"card\",\"code\":\"${card2}\",\"pin\":\"4711\"}]}",
	  .status = 201, .check = { { "state", "paid" }, { "customer_id", "${id5}" } } },
	{ "many points", OP, POST, "/v1/points/earn", "{\"identity_code\":\"${identity5}\",\"points\":9000,\"reason\":\"gift\"}" },
	{ "points above the limit", "cashier1", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${item2},\"quantity\":6}],\"customer\":\"${identity5}\",\"payments\":[{\"method\":\"points\"}]}",
	  .status = 403, .error = "pin-needed" },
	{ "with the buyer's PIN", "cashier1", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${item2},\"quantity\":6}],\"customer\":\"${identity5}\",\"payments\":[{\"method\":\"points\","
	  "\"pin\":\"4711\"}]}", .status = 201, .check = { { "points_earned", "0" }, { "payments[0].points", "6495" } } },
	{ "an open order of the buyer", "cashier1", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${item2},\"quantity\":6}],\"customer\":\"${identity5}\"}", .status = 201,
	  .save = { { "order_id", "pin_order" } } },
	{ "a wrong PIN at the second step", "cashier1", POST, "/v1/orders/${pin_order}/payments",
	  "{\"method\":\"card\",\"code\":\"${card2}\",\"pin\":\"1111\"}", .status = 403, .error = "bad-pin" },
	{ "the right one", "cashier1", POST, "/v1/orders/${pin_order}/payments",
	  "{\"method\":\"card\",\"code\":\"${card2}\",\"pin\":\"4711\"}", .check = { { "state", "paid" } } },
	{ "nothing was taken by what was refused", "cashier1", POST, "/v1/cards/look", "{\"code\":\"${card3}\"}",
	  .check = { { "balance_cents", "500" } } },
};

static const struct step parts[] = {
	{ "an open order with a part by card", "cashier1", POST, "/v1/orders",
	  "{" LINES ",\"payments\":[{\"method\":\"card\",\"amount_cents\":300,\"code\":\"${card3}\"}]}", .status = 201,
	  .save = { { "order_id", "parts" }, { "payments[0].payment_id", "part1" } },
	  .check = { { "state", "open" }, { "paid_cents", "300" }, { "due_cents", "2364" }, { "payments[0].state", "held" },
	             { "receipt", "<none>" } } },
	{ "what is held cannot be spent", "cashier2", POST, "/v1/orders",
	  "{" ONE ",\"payments\":[{\"method\":\"card\",\"code\":\"${card3}\"}]}", .status = 409, .error = "insufficient-funds" },
	{ "the open order as it is", "cashier1", GET, "/v1/orders/${parts}", .check = { { "state", "open" } } },
	{ "the rest in cash", "cashier1", POST, "/v1/orders/${parts}/payments", "{\"method\":\"cash\",\"received_cents\":5000}",
	  .check = { { "state", "paid" }, { "due_cents", "0" }, { "change_cents", "2636" }, { "payments[0].state", "settled" } } },
	{ "the same again", "cashier1", POST, "/v1/orders/${parts}/payments", "{\"method\":\"cash\",\"received_cents\":5000}",
	  "=the rest in cash" },
	{ "paid is paid", "cashier1", POST, "/v1/orders/${parts}/payments", "{\"method\":\"cash\"}", .status = 409, .error = "order-closed" },
	{ "a paid order is not cancelled", "cashier1", POST, "/v1/orders/${parts}/cancel", .status = 409, .error = "order-closed" },
	{ "200 are left on the card", "cashier1", POST, "/v1/cards/look", "{\"code\":\"${card3}\"}", .check = { { "balance_cents", "200" } } },
	{ "another part", "cashier1", POST, "/v1/orders",
	  "{" LINES ",\"payments\":[{\"method\":\"card\",\"amount_cents\":200,\"code\":\"${card3}\"}]}", .status = 201,
	  .save = { { "order_id", "parts2" } } },
	{ "others cannot pay for it", "other_cashier", POST, "/v1/orders/${parts2}/payments", "{\"method\":\"cash\"}", .status = 404,
	  .error = "not-found" },
	{ "nor look at it", "other_cashier", GET, "/v1/orders/${parts2}", .status = 404, .error = "not-found" },
	{ "nor cancel it", "other_cashier", POST, "/v1/orders/${parts2}/cancel", .status = 404, .error = "not-found" },
	{ "a customer sees only the own", "c1", GET, "/v1/orders/${parts2}", .status = 404, .error = "not-found" },
	{ "cancelled", "cashier1", POST, "/v1/orders/${parts2}/cancel",
	  .check = { { "state", "cancelled" }, { "payments[0].state", "cancelled" } } },
	{ "the same cancel again", "cashier1", POST, "/v1/orders/${parts2}/cancel", .key = "=cancelled" },
	{ "cancelled once", "cashier1", POST, "/v1/orders/${parts2}/cancel", .status = 409, .error = "order-closed" },
	{ "the part went back", "cashier1", POST, "/v1/cards/look", "{\"code\":\"${card3}\"}", .check = { { "balance_cents", "200" } } },
	{ "left open", "cashier1", POST, "/v1/orders",
	  "{" LINES ",\"payments\":[{\"method\":\"card\",\"amount_cents\":200,\"code\":\"${card3}\"}]}", .status = 201,
	  .save = { { "order_id", "stale" }, { "at_ms", "stale_ms" } } },
};

static const struct step expired[] = {
	{ "half a day later", "operator", POST, "/v1/jobs/run", "{\"job\":\"expire\",\"as_of_ms\":${later}}" },
	{ "it has expired", "cashier1", GET, "/v1/orders/${stale}", .check = { { "state", "expired" }, { "payments[0].state", "expired" } } },
	{ "and takes no money", "cashier1", POST, "/v1/orders/${stale}/payments", "{\"method\":\"cash\"}", .status = 410, .error = "order-expired" },
	{ "the held part went back", "cashier1", POST, "/v1/cards/look", "{\"code\":\"${card3}\"}", .check = { { "balance_cents", "200" } } },
	{ "the list by state", "manager", GET, "/v1/orders?state=expired", .check = { { "orders[0].order_id", "<any>" }, { "next", "<none>" } } },
	{ "a state that is none", "manager", GET, "/v1/orders?state=lost", .status = 422, .error = "bad-field" },
	{ "a page of the list", "cashier1", GET, "/v1/orders?limit=2", .check = { { "orders", "<2 items>" }, { "next", "2" } } },
	{ "others see none of it", "other_cashier", GET, "/v1/orders", .check = { { "orders", "<1 items>" } } },
};

int main(void)
{
	struct test_server server;

	server_start(&server, "order", NULL);
	api_begin(&server);
	sale_shop();
	API_RUN(selling);
	API_RUN(refused);
	API_RUN(parts);
	api_set("later", "%lld", (long long)api_int("stale_ms") + 13 * 3600000LL);
	API_RUN(expired);
	sale_audit();
	api_ok(server_stop(&server), "the server stops cleanly");
	return api_end();
}
