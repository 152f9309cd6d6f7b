/* The till's fixed code (W11): the customer types the amount; it is matched with the till's open order, or waits. */
#include "tests/lib/sale.h"

#define OPEN_ORDER "{\"lines\":[{\"item_id\":${item2},\"quantity\":1}]}" /* 10.83 */

static const struct step matched[] = {
	{ "what the code says", "", GET, "/v1/pay/${fixed1}",
	  .check = { { "kind", "fixed" }, { "merchant_name", "Corner Shop" }, { "amount_cents", "<none>" }, { "payment_id", "<none>" } } },
	{ "the amount is needed", "c5", POST, "/v1/pay/${fixed1}", "{\"source\":\"card\",\"card_id\":${card2_id}}", .status = 422,
	  .error = "missing-field", .check = { { "field", "amount_cents" } } },
	{ "an amount of nothing", "c5", POST, "/v1/pay/${fixed1}", "{\"source\":\"card\",\"card_id\":${card2_id},\"amount_cents\":0}",
	  .status = 422, .error = "out-of-range" },
	{ "an amount no order has", "c5", POST, "/v1/pay/${fixed1}", "{\"source\":\"card\",\"card_id\":${card2_id},\"amount_cents\":4999}",
	  .status = 200, .save = { { "payment_id", "wrong_amount" } }, .check = { { "state", "held" }, { "order_id", "<none>" } } },
	{ "an older open order", "cashier1", POST, "/v1/orders", OPEN_ORDER, .status = 201, .save = { { "order_id", "older" } } },
	{ "an open order of this amount", "cashier1", POST, "/v1/orders", OPEN_ORDER, .status = 201, .save = { { "order_id", "newer" } } },
	{ "one at another till", "cashier2", POST, "/v1/orders", OPEN_ORDER, .status = 201, .save = { { "order_id", "elsewhere" } } },
	{ "the newest is paid", "c5", POST, "/v1/pay/${fixed1}", "{\"source\":\"card\",\"card_id\":${card2_id},\"amount_cents\":1083}",
	  .check = { { "state", "settled" }, { "order_id", "${newer}" }, { "receipt_number", "1" } } },
	{ "sent again", "c5", POST, "/v1/pay/${fixed1}", "{\"source\":\"card\",\"card_id\":${card2_id},\"amount_cents\":1083}",
	  "=the newest is paid" },
	{ "the older one waits", "cashier1", GET, "/v1/orders/${older}", .check = { { "state", "open" } } },
	{ "the other till's too", "cashier2", GET, "/v1/orders/${elsewhere}", .check = { { "state", "open" } } },
	{ "paid again, the older one is next", "c5", POST, "/v1/pay/${fixed1}",
	  "{\"source\":\"card\",\"card_id\":${card2_id},\"amount_cents\":1083}", .check = { { "order_id", "${older}" } } },
};

static const struct step loose[] = {
	{ "money without an order", "c5", POST, "/v1/pay/${fixed1}", "{\"source\":\"card\",\"card_id\":${card2_id},\"amount_cents\":1083}",
	  .save = { { "payment_id", "loose" } }, .check = { { "state", "held" }, { "order_id", "<none>" } } },
	{ "it is held on the card", "c5", GET, "/v1/cards", .check = { { "cards[0].balance_cents", "11752" } } },
	{ "the till sees it", "till1", GET, "/v1/terminals/me/unmatched",
	  .check = { { "payments", "<2 items>" }, { "payments[1].payment_id", "${loose}" }, { "payments[1].amount_cents", "1083" } } },
	{ "another till does not", "till2", GET, "/v1/terminals/me/unmatched", .check = { { "payments", "<0 items>" } } },
	{ "an order", "cashier1", POST, "/v1/orders", OPEN_ORDER, .status = 201, .save = { { "order_id", "claims" } } },
	{ "which payment?", "cashier1", POST, "/v1/orders/${claims}/payments", "{\"method\":\"fixed\"}", .status = 422,
	  .error = "missing-field" },
	{ "another till's order cannot take it", "cashier2", POST, "/v1/orders/${elsewhere}/payments",
	  "{\"method\":\"fixed\",\"payment_id\":${loose}}", .status = 404, .error = "not-found" },
	{ "too much for it", "cashier1", POST, "/v1/orders/${claims}/payments", "{\"method\":\"fixed\",\"payment_id\":${wrong_amount}}",
	  .status = 409, .error = "amount-mismatch" },
	{ "the till attaches it", "cashier1", POST, "/v1/orders/${claims}/payments", "{\"method\":\"fixed\",\"payment_id\":${loose}}",
	  .check = { { "state", "paid" }, { "payments[0].method", "fixed" }, { "payments[0].source", "card" }, { "receipt.number", "3" } } },
	{ "only once", "cashier1", POST, "/v1/orders", OPEN_ORDER, .status = 201, .save = { { "order_id", "again" } } },
	{ "it is taken", "cashier1", POST, "/v1/orders/${again}/payments", "{\"method\":\"fixed\",\"payment_id\":${loose}}", .status = 409,
	  .error = "conflict" },
	{ "the till gives the other back", "cashier1", POST, "/v1/payments/${wrong_amount}/cancel", .check = { { "state", "cancelled" } } },
	{ "replayed", "cashier1", POST, "/v1/payments/${wrong_amount}/cancel", .key = "=the till gives the other back" },
	{ "not twice", "cashier1", POST, "/v1/payments/${wrong_amount}/cancel", .status = 409, .error = "conflict" },
	{ "it is back on the card", "c5", GET, "/v1/cards", .check = { { "cards[0].balance_cents", "16751" } } },
	{ "nothing waits", "till1", GET, "/v1/terminals/me/unmatched", .check = { { "payments", "<0 items>" } } },
	{ "one nobody claims", "c1", POST, "/v1/pay/${fixed1}", "{\"source\":\"card\",\"card_code\":\"${card3}\",\"amount_cents\":77}",
	  .save = { { "payment_id", "forgotten" } } },
	{ "its end", "till1", GET, "/v1/terminals/me/unmatched", .save = { { "payments[0].expires_ms", "end_ms" } } },
	{ "a day later", "operator", POST, "/v1/jobs/run", "{\"job\":\"expire\",\"as_of_ms\":${end_ms}}" },
	{ "it went back by itself", "cashier1", POST, "/v1/cards/look", "{\"code\":\"${card3}\"}", .check = { { "balance_cents", "500" } } },
	{ "an order with a part that is paid", "cashier1", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${item1},\"quantity\":3}],\"payments\":[{\"method\":\"cash\",\"amount_cents\":100}]}", .status = 201,
	  .save = { { "total_cents", "part_total" }, { "order_id", "part" } } },
	{ "its whole amount is not due", "c5", POST, "/v1/pay/${fixed1}",
	  "{\"source\":\"card\",\"card_id\":${card2_id},\"amount_cents\":${part_total}}", .save = { { "payment_id", "whole" } },
	  .check = { { "state", "held" }, { "order_id", "<none>" } } },
	{ "nor more than there is on the card", "c1", POST, "/v1/pay/${fixed1}",
	  "{\"source\":\"card\",\"card_code\":\"${card3}\",\"amount_cents\":501}", .status = 409, .error = "insufficient-funds" },
	{ "it goes back", "cashier1", POST, "/v1/payments/${whole}/cancel", .check = { { "state", "cancelled" } } },
	{ "an order of a known customer", "cashier1", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${item1},\"quantity\":2}],\"customer\":\"${identity1}\"}", .status = 201,
	  .save = { { "order_id", "known" }, { "total_cents", "known_total" } } },
	{ "another pays it", "c5", POST, "/v1/pay/${fixed1}",
	  "{\"source\":\"card\",\"card_id\":${card2_id},\"amount_cents\":${known_total}}",
	  .check = { { "state", "settled" }, { "order_id", "${known}" } } },
	{ "it stays the customer's", "c1", GET, "/v1/orders/${known}", .check = { { "state", "paid" } } },
	{ "an order with a code", "cashier1", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${item3},\"quantity\":1}],\"payments\":[{\"method\":\"code\"}]}", .status = 201,
	  .save = { { "payments[0].code", "last_url" } } },
	{ "a till that is gone", "operator:merchant", POST, "/v1/terminals/${till1_id}/revoke" },
	{ "its code takes no money", "c5", POST, "/v1/pay/${fixed1}", "{\"source\":\"card\",\"card_id\":${card2_id},\"amount_cents\":100}",
	  .status = 410, .error = "code-expired" },
};

static const struct step gone[] = {
	{ "a code it showed before is still good", "c5", POST, "/v1/pay/${last}", "{\"source\":\"card\",\"card_id\":${card2_id}}",
	  .check = { { "state", "settled" } } },
};

int main(void)
{
	struct test_server server;

	server_start(&server, "fixed_code", NULL);
	api_begin(&server);
	sale_shop();
	API_RUN(matched);
	API_RUN(loose);
	sale_token("last_url", "last");
	API_RUN(gone);
	sale_audit();
	api_ok(server_stop(&server), "the server stops cleanly");
	return api_end();
}
