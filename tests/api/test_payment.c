/* Payment by code: what the customer sees, paying once, by whom and with what, mixed with other tenders, cancelled and
 * expired codes; and the notices and events that follow (W12, W13). */
#include "tests/lib/sale.h"

#define CODE_ORDER "{\"lines\":[{\"item_id\":${item2},\"quantity\":2}],\"payments\":[{\"method\":\"code\"}]}" /* 21.65 */

static const struct step paying[] = {
	{ "an order by code", "cashier1", POST, "/v1/orders", CODE_ORDER, .status = 201,
	  .save = { { "order_id", "order" }, { "payments[0].payment_id", "payment" }, { "payments[0].code", "url" } },
	  .check = { { "state", "open" }, { "due_cents", "2165" }, { "payments[0].state", "open" },
	             { "payments[0].expires_ms", "<any>" } } },
	{ "events so far, at the till", "till1", GET, "/v1/events?after=-1&wait=0", .save = { { "last", "till_last" } } },
	{ "events so far, of the customer", "c5", GET, "/v1/events?after=-1&wait=0", .save = { { "last", "c5_last" } } },
};
static const struct step pay[] = {
	{ "anybody sees amount and shop", "", GET, "/v1/pay/${token}",
	  .check = { { "kind", "payment" }, { "amount_cents", "2165" }, { "currency", "USD" }, { "merchant_name", "Corner Shop" },
	             { "store_name", "Main Street" }, { "state", "open" }, { "lines[0].name", "Basket" }, { "sources", "<none>" },
	             { "pin_needed", "false" } } },
	{ "a customer sees the own cards", "c5", GET, "/v1/pay/${token}",
	  .check = { { "sources.cards[0].balance_cents", "20000" }, { "sources.providers", "<0 items>" } } },
	{ "another sees none", "c1", GET, "/v1/pay/${token}", .check = { { "sources.cards", "<0 items>" } } },
	{ "nobody cannot pay", "", POST, "/v1/pay/${token}", "{\"source\":\"card\"}", .status = 401, .error = "not-signed-in" },
	{ "a till cannot pay", "cashier1", POST, "/v1/pay/${token}", "{\"source\":\"card\"}", .status = 403, .error = "forbidden" },
	{ "which card?", "c5", POST, "/v1/pay/${token}", "{\"source\":\"card\"}", .status = 422, .error = "missing-field" },
	{ "somebody else's card", "c1", POST, "/v1/pay/${token}", "{\"source\":\"card\",\"card_id\":${card2_id}}", .status = 404,
	  .error = "card-refused", .check = { { "field", "card_id" } } },
	{ "somebody else's card by its code", "c1", POST, "/v1/pay/${token}", "{\"source\":\"card\",\"card_code\":\"${card2}\"}",
	  .status = 409, .error = "card-bound" },
	{ "another company's card", "c1", POST, "/v1/pay/${token}", "{\"source\":\"card\",\"card_code\":\"${other_card}\"}",
	  .status = 404, .error = "card-refused" },
	{ "a card without enough", "c1", POST, "/v1/pay/${token}", "{\"source\":\"card\",\"card_code\":\"${card3}\"}", .status = 409,
	  .error = "insufficient-funds" },
	{ "points that are not there", "c5", POST, "/v1/pay/${token}", "{\"source\":\"points\"}", .status = 409,
	  .error = "insufficient-funds" },
	{ "rebates that are not there", "c5", POST, "/v1/pay/${token}", "{\"source\":\"rebate\"}", .status = 409,
	  .error = "insufficient-funds" },
	{ "a provider that is not there", "c5", POST, "/v1/pay/${token}", "{\"source\":\"provider\",\"institution\":\"nobank\"}",
	  .status = 404, .error = "not-found", .check = { { "field", "institution" } } },
	{ "the amount is the code's", "c5", POST, "/v1/pay/${token}", "{\"source\":\"card\",\"card_id\":${card2_id},\"amount_cents\":1}",
	  .status = 422, .error = "bad-field", .check = { { "field", "amount_cents" } } },
	{ "an unknown source", "c5", POST, "/v1/pay/${token}", "{\"source\":\"gold\"}", .status = 422, .error = "bad-field" },
	{ "still open", "cashier1", GET, "/v1/payments/${payment}", .check = { { "state", "open" } } },
	{ "paid", "c5", POST, "/v1/pay/${token}", "{\"source\":\"card\",\"card_id\":${card2_id}}", .status = 200,
	  .save = { { "receipt_code", "receipt" } },
	  .check = { { "state", "settled" }, { "order_id", "${order}" }, { "receipt_number", "1" } } },
	{ "sent again, paid once", "c5", POST, "/v1/pay/${token}", "{\"source\":\"card\",\"card_id\":${card2_id}}", .key = "=paid" },
	{ "the same customer again", "c5", POST, "/v1/pay/${token}", "{\"source\":\"card\",\"card_id\":${card2_id}}", .status = 409,
	  .error = "code-used" },
	{ "another customer", "c1", POST, "/v1/pay/${token}", "{\"source\":\"card\",\"card_code\":\"${card1}\"}", .status = 409,
	  .error = "code-used" },
	{ "the code as it is now", "", GET, "/v1/pay/${token}", .check = { { "state", "settled" } } },
	{ "once is off the card", "c5", GET, "/v1/cards", .check = { { "cards[0].balance_cents", "17835" } } },
	{ "the till hears it", "till1", GET, "/v1/events?after=${till_last}&wait=0",
	  .check = { { "events[0].kind", "payment-settled" }, { "events[0].ref_id", "${payment}" }, { "events[0].extra.amount_cents", "2165" },
	             { "events[0].extra.receipt.number", "1" } } },
	{ "the customer hears it", "c5", GET, "/v1/events?after=${c5_last}&wait=0",
	  .check = { { "events[0].kind", "payment-settled" }, { "events[0].extra.order_state", "paid" } } },
	{ "the customer has a notice", "c5", GET, "/v1/notices",
	  .check = { { "notices[0].kind", "paid" }, { "notices[0].text", "You paid $21.65 at Corner Shop. Receipt 1." } } },
	{ "the customer sees the order", "c5", GET, "/v1/orders/${order}",
	  .check = { { "state", "paid" }, { "points_earned", "216" }, { "payments[0].method", "code" }, { "payments[0].source", "card" } } },
	{ "the till sees it too", "cashier2", GET, "/v1/orders/${order}", .check = { { "state", "paid" } } },
};

static const struct step kinds[] = {
	{ "not a code", "c5", GET, "/v1/pay/HELLO", .status = 422, .error = "bad-code" },
	{ "a card is no payment", "c5", GET, "/v1/pay/${card_token}", .status = 422, .error = "wrong-kind" },
	{ "nor can it be paid", "c5", POST, "/v1/pay/${card_token}", "{\"source\":\"points\"}", .status = 422, .error = "wrong-kind" },
	{ "lower case is the same", "", GET, "/v1/pay/${token}", .check = { { "kind", "payment" } } },
};

static const struct step mixed[] = {
	{ "cash and code", "cashier1", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${item2},\"quantity\":2}],\"payments\":[{\"method\":\"cash\",\"amount_cents\":1000},{\"method\":\"code\"}]}",
	  .status = 201, .save = { { "order_id", "mix" }, { "payments[1].code", "mix_url" }, { "payments[1].payment_id", "mix_code" } },
	  .check = { { "payments[0].state", "held" }, { "payments[1].amount_cents", "1165" }, { "due_cents", "1165" } } },
};
static const struct step mixed_pay[] = {
	{ "a bearer card pays the rest", "c1", POST, "/v1/pay/${mix}", "{\"source\":\"card\",\"card_code\":\"${card1}\"}",
	  .check = { { "state", "settled" }, { "receipt_number", "2" } } },
	{ "two codes for one order", "cashier1", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${item2},\"quantity\":2}],\"payments\":[{\"method\":\"code\",\"amount_cents\":1000},{\"method\":\"code\"}]}",
	  .status = 201, .save = { { "order_id", "two" }, { "payments[0].code", "two_a_url" }, { "payments[1].code", "two_b_url" } } },
	{ "a third has nothing to ask for", "cashier1", POST, "/v1/orders/${two}/payments", "{\"method\":\"code\"}", .status = 409,
	  .error = "amount-mismatch" },
};
static const struct step two_pay[] = {
	{ "the first half", "c1", POST, "/v1/pay/${two_a}", "{\"source\":\"card\",\"card_code\":\"${card1}\"}",
	  .check = { { "state", "held" }, { "receipt_number", "<none>" } } },
	{ "a half is not paid twice", "c5", POST, "/v1/pay/${two_a}", "{\"source\":\"card\",\"card_id\":${card2_id}}", .status = 409,
	  .error = "code-used" },
	{ "the second half", "c5", POST, "/v1/pay/${two_b}", "{\"source\":\"card\",\"card_id\":${card2_id}}",
	  .check = { { "state", "settled" }, { "receipt_number", "3" } } },
	{ "both are settled", "cashier1", GET, "/v1/orders/${two}",
	  .check = { { "state", "paid" }, { "payments[0].state", "settled" }, { "payments[1].state", "settled" } } },
};

static const struct step ends[] = {
	{ "a code", "cashier1", POST, "/v1/orders", CODE_ORDER, .status = 201,
	  .save = { { "order_id", "gone" }, { "payments[0].payment_id", "gone_payment" }, { "payments[0].code", "gone_url" } } },
	{ "another till's merchant cannot cancel it", "other_cashier", POST, "/v1/payments/${gone_payment}/cancel", .status = 404,
	  .error = "not-found" },
	{ "the till cancels it", "cashier1", POST, "/v1/payments/${gone_payment}/cancel", .check = { { "state", "cancelled" } } },
	{ "the same again", "cashier1", POST, "/v1/payments/${gone_payment}/cancel", .key = "=the till cancels it" },
	{ "only once", "cashier1", POST, "/v1/payments/${gone_payment}/cancel", .status = 409, .error = "conflict" },
};
static const struct step after_cancel[] = {
	{ "a cancelled code takes nothing", "c5", POST, "/v1/pay/${gone}", "{\"source\":\"card\",\"card_id\":${card2_id}}", .status = 409,
	  .error = "order-closed" },
	{ "cash instead of a code", "cashier1", POST, "/v1/orders", CODE_ORDER, .status = 201,
	  .save = { { "order_id", "instead" }, { "payments[0].code", "instead_url" } } },
	{ "the customer had cash", "cashier1", POST, "/v1/orders/${instead}/payments", "{\"method\":\"cash\"}",
	  .check = { { "state", "paid" }, { "payments[0].state", "cancelled" }, { "payments[1].state", "settled" } } },
	{ "part of it in cash", "cashier1", POST, "/v1/orders", CODE_ORDER, .status = 201,
	  .save = { { "order_id", "less" }, { "payments[0].code", "less_url" } } },
	{ "the code asked for too much", "cashier1", POST, "/v1/orders/${less}/payments", "{\"method\":\"cash\",\"amount_cents\":100}",
	  .check = { { "state", "open" }, { "payments[0].state", "cancelled" }, { "due_cents", "2065" } } },
	{ "a code for the rest", "cashier1", POST, "/v1/orders/${less}/payments", "{\"method\":\"code\"}",
	  .save = { { "payments[2].code", "rest_url" } }, .check = { { "payments[2].amount_cents", "2065" } } },
};
static const struct step expiry[] = {
	{ "the old code", "c5", POST, "/v1/pay/${instead_token}", "{\"source\":\"card\",\"card_id\":${card2_id}}", .status = 409,
	  .error = "order-closed" },
	{ "the order is cancelled", "cashier1", POST, "/v1/orders/${less}/cancel", .check = { { "payments[1].state", "cancelled" } } },
	{ "its code too", "c5", POST, "/v1/pay/${rest}", "{\"source\":\"card\",\"card_id\":${card2_id}}", .status = 409,
	  .error = "order-closed" },
	{ "one that will expire", "cashier1", POST, "/v1/orders", CODE_ORDER, .status = 201,
	  .save = { { "order_id", "late" }, { "payments[0].code", "late_url" }, { "payments[0].expires_ms", "expires" } } },
};
static const struct step expired[] = {
	{ "time passes", "operator", POST, "/v1/jobs/run", "{\"job\":\"expire\",\"as_of_ms\":${expires}}" },
	{ "it has expired", "c5", POST, "/v1/pay/${late_token}", "{\"source\":\"card\",\"card_id\":${card2_id}}", .status = 410,
	  .error = "code-expired" },
	{ "the order goes on", "cashier1", GET, "/v1/orders/${late}", .check = { { "state", "open" }, { "payments[0].state", "expired" } } },
	{ "with a new code", "cashier1", POST, "/v1/orders/${late}/payments", "{\"method\":\"code\"}", .save = { { "payments[1].code", "new_url" } } },
};
static const struct step large[] = {
	{ "the new code pays", "c5", POST, "/v1/pay/${new}", "{\"source\":\"card\",\"card_id\":${card2_id}}", .check = { { "state", "settled" } } },
	{ "a large amount", "cashier1", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${item2},\"quantity\":6}],\"payments\":[{\"method\":\"code\"}]}", .status = 201,
	  .save = { { "payments[0].code", "large_url" } } },
};
static const struct step pins[] = {
	{ "needs a PIN", "c5", GET, "/v1/pay/${large}", .check = { { "pin_needed", "true" } } },
	{ "no PIN", "c5", POST, "/v1/pay/${large}", "{\"source\":\"card\",\"card_id\":${card2_id}}", .status = 403, .error = "pin-needed",
	  .check = { { "field", "pin" } } },
	{ "a PIN is set", "c5", POST, "/v1/me", "{\"pin\":\"4711\"}" },
	{ "a wrong PIN", "c5", POST, "/v1/pay/${large}", "{\"source\":\"card\",\"card_id\":${card2_id},\"pin\":\"1111\"}", .status = 403,
	  .error = "bad-pin" },
	{ "the right PIN", "c5", POST, "/v1/pay/${large}", "{\"source\":\"card\",\"card_id\":${card2_id},\"pin\":\"4711\"}",
	  .check = { { "state", "settled" } } },
	{ "earned points", "c5", GET, "/v1/points", .check = { { "schemes[0].balance", "1081" } } },
	{ "a small amount", "cashier1", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${item3},\"quantity\":1}],\"payments\":[{\"method\":\"code\"}]}", .status = 201,
	  .save = { { "payments[0].code", "small_url" } } },
};
static const struct step by_points[] = {
	{ "paid with points", "c5", POST, "/v1/pay/${small}", "{\"source\":\"points\"}", .check = { { "state", "settled" } } },
	{ "they are gone, and earn nothing", "c5", GET, "/v1/points", .check = { { "schemes[0].balance", "831" } } },
};

/* Tenders at the till that are wrong in one place; each changes nothing. */
#define WITH(payments) "cashier1", POST, "/v1/orders", "{\"lines\":[{\"item_id\":${item2},\"quantity\":1}],\"payments\":[" payments "]}"
#define POINTS(more) "{\"method\":\"points\"" more "}"
static const struct step tenders[] = {
	{ "points of nobody", WITH(POINTS("")), .status = 422, .error = "missing-field",
	  .check = { { "field", "payments[0].identity_code" } } },
	{ "points of a card", WITH(POINTS(",\"identity_code\":\"${card1}\"")), .status = 422, .error = "wrong-kind" },
	{ "points of somebody without any", WITH(POINTS(",\"identity_code\":\"${identity1}\"")), .status = 409,
	  .error = "insufficient-funds" },
	{ "more points than there are, in two parts", WITH(POINTS(",\"identity_code\":\"${identity5}\",\"amount_cents\":500") ","
	  POINTS(",\"identity_code\":\"${identity5}\",\"amount_cents\":500")), .status = 409, .error = "insufficient-funds",
	  .check = { { "field", "payments[1].identity_code" } } },
	{ "in two parts", WITH(POINTS(",\"identity_code\":\"${identity5}\",\"amount_cents\":300") ","
	  POINTS(",\"identity_code\":\"${identity5}\",\"amount_cents\":200") ",{\"method\":\"cash\"}"), .status = 201,
	  .check = { { "state", "paid" }, { "payments[1].points", "200" } } },
	{ "approved by the bank's terminal", WITH("{\"method\":\"terminal\",\"approval\":\"A-1\"}"), .status = 201,
	  .check = { { "payments[0].approval", "A-1" } } },
	{ "an open order", WITH("{\"method\":\"cash\",\"amount_cents\":1}"), .status = 201,
	  .save = { { "order_id", "open" }, { "payments[0].payment_id", "open_cash" } } },
	{ "a payment that is no fixed code's", "cashier1", POST, "/v1/orders/${open}/payments",
	  "{\"method\":\"fixed\",\"payment_id\":${open_cash}}", .status = 404, .error = "not-found" },
	{ "a payment nobody made", "cashier1", POST, "/v1/orders/${open}/payments", "{\"method\":\"fixed\",\"payment_id\":999999}",
	  .status = 404, .error = "not-found" },
	{ "the held part goes back", "cashier1", POST, "/v1/payments/${open_cash}/cancel", .check = { { "state", "cancelled" } } },
};
static const struct step one_more[] = {
	{ "a cent more", "cashier1", POST, "/v1/orders/${open}/payments", "{\"method\":\"cash\",\"amount_cents\":1}",
	  .check = { { "state", "open" } } },
};
static const struct step sixteenth[] = {
	{ "a sixteenth payment", "cashier1", POST, "/v1/orders/${open}/payments", "{\"method\":\"cash\",\"amount_cents\":1}", .status = 422,
	  .error = "too-long" },
	{ "no points without the PIN", "cashier1", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${item2},\"quantity\":6}],\"payments\":[{\"method\":\"code\"}]}", .status = 201,
	  .save = { { "payments[0].code", "big_url" } } },
};
static const struct step phone[] = {
	{ "the phone, by points, above the limit", "c5", POST, "/v1/pay/${big}", "{\"source\":\"points\"}", .status = 403,
	  .error = "pin-needed" },
	{ "by rebates", "c5", POST, "/v1/pay/${big}", "{\"source\":\"rebate\"}", .status = 403, .error = "pin-needed" },
	{ "an order by code", "cashier1", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${item2},\"quantity\":1}],\"payments\":[{\"method\":\"code\"}]}", .status = 201,
	  .save = { { "payments[0].code", "own_url" } } },
	{ "no cards here", "operator", POST, "/v1/merchants/${merchant}", "{\"cards_open\":false,\"points_open\":false}" },
	{ "the till takes none", WITH("{\"method\":\"card\",\"code\":\"${card1}\"}"), .status = 403, .error = "closed-here" },
	{ "nor points", WITH(POINTS(",\"identity_code\":\"${identity5}\"")), .status = 403, .error = "closed-here" },
};
static const struct step phone_closed[] = {
	{ "nor does the phone pay by one", "c5", POST, "/v1/pay/${own}", "{\"source\":\"card\",\"card_id\":${card2_id}}", .status = 403,
	  .error = "closed-here" },
	{ "cards again", "operator", POST, "/v1/merchants/${merchant}", "{\"cards_open\":true,\"points_open\":true}" },
	{ "the holder reads the code of the own card", "c5", POST, "/v1/pay/${own}", "{\"source\":\"card\",\"card_code\":\"${card2}\"}",
	  .check = { { "state", "settled" } } },
};

int main(void)
{
	struct test_server server;

	server_start(&server, "payment", NULL);
	api_begin(&server);
	sale_shop();
	API_RUN(paying);
	sale_token("url", "token");
	API_RUN(pay);
	sale_token("card1", "card_token");
	API_RUN(kinds);
	API_RUN(mixed);
	sale_token("mix_url", "mix");
	API_RUN(mixed_pay);
	sale_token("two_a_url", "two_a");
	sale_token("two_b_url", "two_b");
	API_RUN(two_pay);
	API_RUN(ends);
	sale_token("gone_url", "gone");
	API_RUN(after_cancel);
	sale_token("instead_url", "instead_token");
	sale_token("rest_url", "rest");
	API_RUN(expiry);
	sale_token("late_url", "late_token");
	API_RUN(expired);
	sale_token("new_url", "new");
	API_RUN(large);
	sale_token("large_url", "large");
	API_RUN(pins);
	sale_token("small_url", "small");
	API_RUN(by_points);
	API_RUN(tenders);
	for (int i = 1; i < 15; i++)
		API_RUN(one_more);
	API_RUN(sixteenth);
	sale_token("big_url", "big");
	API_RUN(phone);
	sale_token("own_url", "own");
	API_RUN(phone_closed);
	sale_audit();
	api_ok(server_stop(&server), "the server stops cleanly");
	return api_end();
}
