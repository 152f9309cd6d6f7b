/* Codes that customers show at the till: 18 digits from a key of the wallet, live 60 s, once, at one till; what pays is
 * the wallet's choice; every refusal changes nothing. */
#include "tests/lib/sale.h"

#include "shared/crypto.h"
#include "shared/wallet_code.h"
#include "shared/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ONE "\"lines\":[{\"item_id\":${item2},\"quantity\":1}]" /* 10.83 */
#define BY_CODE(code) "{" ONE ",\"payments\":[{\"method\":\"wallet\",\"code\":\"${" code "}\"}]}"

/* The digits of the key in ${KEY} and ${NUMBER}, `steps` steps from now, kept as `name`. */
static void digits(const char *name, const char *which, int steps)
{
	char variable[64], code[WALLET_CODE_SIZE];
	uint8_t key[WALLET_KEY_SIZE];

	snprintf(variable, sizeof variable, "%s_key", which);
	const char *text = api_var(variable);
	if (base64url_decode(text, strlen(text), key, sizeof key) != sizeof key)
		api_ok(false, "the key of %s has 32 bytes", which);
	snprintf(variable, sizeof variable, "%s_number", which);
	wallet_code_make(strtol(api_var(variable), NULL, 10), key, wallet_code_step(clock_now_ms()) + steps, code);
	api_set(name, "%s", code);
}

/* A code is taken once and up to a step later: tests that need several begin early in a step. */
static void wait_for_new_step(void)
{
	int64_t ms = WALLET_STEP_MS - clock_now_ms() % WALLET_STEP_MS;

	if (ms < 4000) {
		struct timespec t = { ms / 1000 + 1, 0 };
		nanosleep(&t, NULL);
	}
}

static const struct step keys[] = {
	{ "nobody has no key", "", POST, "/v1/me/codes", "{\"source\":\"points\"}", .status = 401, .error = "not-signed-in" },
	{ "nor has a till", "cashier1", POST, "/v1/me/codes", "{\"source\":\"points\"}", .status = 403, .error = "forbidden" },
	{ "which card?", "c5", POST, "/v1/me/codes", "{\"source\":\"card\"}", .status = 422, .error = "missing-field" },
	{ "somebody else's card", "c1", POST, "/v1/me/codes", "{\"source\":\"card\",\"card_id\":${card2_id}}", .status = 404,
	  .error = "card-refused" },
	{ "no card for points", "c5", POST, "/v1/me/codes", "{\"source\":\"points\",\"card_id\":${card2_id}}", .status = 422,
	  .error = "bad-field" },
	{ "a provider gives no code", "c5", POST, "/v1/me/codes", "{\"source\":\"provider\"}", .status = 422, .error = "bad-field" },
	{ "a key for the card", "c5", POST, "/v1/me/codes", "{\"source\":\"card\",\"card_id\":${card2_id}}", .status = 201,
	  .save = { { "key", "card_key" }, { "number", "card_number" }, { "key_id", "card_key_id" } },
	  .check = { { "prefix", "15" }, { "digits", "7" }, { "step_ms", "30000" }, { "now_ms", "<any>" } } },
	{ "sent again", "c5", POST, "/v1/me/codes", "{\"source\":\"card\",\"card_id\":${card2_id}}", .key = "=a key for the card" },
	{ "asked for again: the same", "c5", POST, "/v1/me/codes", "{\"source\":\"card\",\"card_id\":${card2_id}}", .status = 201,
	  .check = { { "key", "${card_key}" }, { "key_id", "${card_key_id}" } } },
	{ "one for points", "c5", POST, "/v1/me/codes", "{\"source\":\"points\"}", .status = 201,
	  .save = { { "key", "points_key" }, { "number", "points_number" } } },
	{ "one for rebates", "c5", POST, "/v1/me/codes", "{\"source\":\"rebate\"}", .status = 201,
	  .save = { { "key", "rebate_key" }, { "number", "rebate_number" } } },
	{ "the list has no keys in it", "c5", GET, "/v1/me/codes",
	  .check = { { "keys", "<3 items>" }, { "keys[0].number", "${card_number}" }, { "keys[0].source", "card" },
	             { "keys[0].key", "<none>" }, { "now_ms", "<any>" } } },
	{ "others do not see them", "c1", GET, "/v1/me/codes", .check = { { "keys", "<0 items>" } } },
	{ "events so far, of the customer", "c5", GET, "/v1/events?after=-1&wait=0", .save = { { "last", "c5_last" } } },
};

static const struct step pays[] = {
	{ "the code is missing", "cashier1", POST, "/v1/orders", "{" ONE ",\"payments\":[{\"method\":\"wallet\"}]}", .status = 422,
	  .error = "missing-field" },
	{ "not such digits", "cashier1", POST, "/v1/orders", "{" ONE ",\"payments\":[{\"method\":\"wallet\",\"code\":\"150004071761192461\"}]}",
	  .status = 422, .error = "bad-code" },
	{ "the customer shows the code", "cashier1", POST, "/v1/orders", BY_CODE("now"), .status = 201,
	  .save = { { "order_id", "order" } },
	  .check = { { "state", "paid" }, { "payments[0].method", "wallet" }, { "payments[0].source", "card" },
	             { "payments[0].state", "settled" }, { "points_earned", "108" }, { "receipt.number", "<any>" } } },
	{ "sent again, paid once", "cashier1", POST, "/v1/orders", BY_CODE("now"), .key = "=the customer shows the code" },
	{ "the same code again", "cashier1", POST, "/v1/orders", BY_CODE("now"), .status = 409, .error = "code-used" },
	{ "at another till", "cashier2", POST, "/v1/orders", BY_CODE("now"), .status = 409, .error = "code-used" },
	{ "an older one of the same wallet", "cashier1", POST, "/v1/orders", BY_CODE("before"), .status = 409, .error = "code-used" },
	{ "once is off the card", "c5", GET, "/v1/cards", .check = { { "cards[0].balance_cents", "18917" } } },
	{ "the phone hears it", "c5", GET, "/v1/events?after=${c5_last}&wait=0",
	  .check = { { "events[0].kind", "payment-settled" }, { "events[0].extra.order_state", "paid" },
	             { "events[0].extra.amount_cents", "1083" } } },
	{ "and has a notice", "c5", GET, "/v1/notices",
	  .check = { { "notices[0].kind", "paid" }, { "notices[0].text", "You paid $10.83 at Corner Shop. Receipt 1." } } },
	{ "the order is the customer's", "c5", GET, "/v1/orders/${order}", .check = { { "state", "paid" } } },
};

static const struct step bound[] = {
	{ "points that are not there", "cashier2", POST, "/v1/orders", BY_CODE("points_now"), .status = 409,
	  .error = "insufficient-funds", .check = { { "field", "payments[0].code" } } },
	{ "the code is that till's now", "cashier1", POST, "/v1/orders", BY_CODE("points_now"), .status = 409, .error = "code-used" },
	{ "there it pays a part", "cashier2", POST, "/v1/orders",
	  "{" ONE ",\"payments\":[{\"method\":\"wallet\",\"code\":\"${points_now}\",\"amount_cents\":100}]}", .status = 201,
	  .save = { { "order_id", "part" } },
	  .check = { { "state", "open" }, { "payments[0].state", "held" }, { "payments[0].source", "points" }, { "due_cents", "983" } } },
	{ "and no second part", "cashier2", POST, "/v1/orders/${part}/payments",
	  "{\"method\":\"wallet\",\"code\":\"${points_now}\",\"amount_cents\":8}", .status = 409, .error = "code-used" },
	{ "the rest in cash", "cashier2", POST, "/v1/orders/${part}/payments", "{\"method\":\"cash\"}", .check = { { "state", "paid" } } },
	{ "twice in one request", "cashier1", POST, "/v1/orders", "{" ONE ",\"payments\":[{\"method\":\"wallet\",\"code\":\"${rebate_now}\"},"
	  "{\"method\":\"wallet\",\"code\":\"${rebate_now}\"}]}", .status = 409, .error = "insufficient-funds" },
	{ "another company's till", "other_cashier", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${other_item},\"quantity\":1}],\"payments\":[{\"method\":\"wallet\",\"code\":\"${card_next}\"}]}",
	  .status = 404, .error = "card-refused" },
	{ "it was that till's", "cashier1", POST, "/v1/orders", BY_CODE("card_next"), .status = 409, .error = "code-used" },
};

static const struct step ends[] = {
	{ "another's key is not theirs to end", "c1", POST, "/v1/me/codes/${card_key_id}/end", .status = 404, .error = "not-found" },
	{ "the key ends", "c5", POST, "/v1/me/codes/${card_key_id}/end" },
	{ "its codes pay nothing", "cashier1", POST, "/v1/orders", BY_CODE("card_next"), .status = 422, .error = "bad-code" },
	{ "a device", "c5", GET, "/v1/me/devices", .save = { { "devices[0].device_id", "device" } } },
	{ "is taken away", "c5", POST, "/v1/me/devices/${device}/revoke" },
	{ "so its codes pay nothing", "cashier1", POST, "/v1/orders", BY_CODE("points_next"), .status = 422, .error = "bad-code" },
};

static const struct step pins[] = {
	{ "a PIN", "c1", POST, "/v1/me", "{\"pin\":\"2468\"}" },
	{ "a card", "operator:merchant", POST, "/v1/cards", "{\"amount_cents\":50000,\"tender\":\"none\"}", .status = 201,
	  .save = { { "code", "big_card" }, { "card_id", "big_id" } } },
	{ "bound", "c1", POST, "/v1/cards/bind", "{\"code\":\"${big_card}\"}" },
	{ "and its key", "c1", POST, "/v1/me/codes", "{\"source\":\"card\",\"card_id\":${big_id}}", .status = 201,
	  .save = { { "key", "big_key" }, { "number", "big_number" } } },
};
#define BIG "{\"lines\":[{\"item_id\":${item2},\"quantity\":20}],\"payments\":[{\"method\":\"wallet\",\"code\":\"${big_now}\""
static const struct step pin_asked[] = {
	{ "above the limit the PIN is needed", "cashier1", POST, "/v1/orders", BIG "}]}", .status = 403, .error = "pin-needed",
	  .check = { { "field", "payments[0].pin" } } },
	{ "a wrong one", "cashier1", POST, "/v1/orders", BIG ",\"pin\":\"1111\"}]}", .status = 403, .error = "bad-pin" },
	{ "the right one, with the same code", "cashier1", POST, "/v1/orders", BIG ",\"pin\":\"2468\"}]}", .status = 201,
	  .check = { { "state", "paid" } } },
};

static const struct step guess[] = {
	{ "guess 1", "cashier2", POST, "/v1/orders", BY_CODE("wrong"), .status = 422, .error = "bad-code" },
	{ "guess 2", "cashier2", POST, "/v1/orders", BY_CODE("wrong"), .status = 422, .error = "bad-code" },
	{ "guess 3", "cashier2", POST, "/v1/orders", BY_CODE("wrong"), .status = 422, .error = "bad-code" },
	{ "guess 4", "cashier2", POST, "/v1/orders", BY_CODE("nobody"), .status = 422, .error = "bad-code" },
	{ "guess 5", "cashier2", POST, "/v1/orders", BY_CODE("nobody"), .status = 422, .error = "bad-code" },
	{ "the till must wait", "cashier2", POST, "/v1/orders", BY_CODE("wrong"), .status = 429, .error = "too-many-requests" },
	{ "also with a right one", "cashier2", POST, "/v1/orders", BY_CODE("big_next"), .status = 429, .error = "too-many-requests" },
	{ "another till goes on", "cashier1", POST, "/v1/orders", BY_CODE("big_next"), .status = 201, .check = { { "state", "paid" } } },
};
static const struct step old[] = {
	{ "an old code", "cashier1", POST, "/v1/orders", BY_CODE("big_old"), .status = 410, .error = "code-expired" },
	{ "one of tomorrow", "cashier1", POST, "/v1/orders", BY_CODE("big_tomorrow"), .status = 422, .error = "bad-code" },
};

int main(void)
{
	struct test_server server;

	server_start(&server, "wallet_code", NULL);
	api_begin(&server);
	sale_shop();
	API_RUN(keys);
	wait_for_new_step();
	digits("now", "card", 0);
	digits("before", "card", -1);
	digits("card_next", "card", 1);
	digits("points_now", "points", 0);
	digits("points_next", "points", 1);
	digits("rebate_now", "rebate", 0);
	API_RUN(pays);
	API_RUN(bound);
	API_RUN(ends);
	API_RUN(pins);
	wait_for_new_step();
	digits("big_now", "big", 0);
	digits("big_next", "big", 1);
	digits("big_old", "big", -5);
	digits("big_tomorrow", "big", 100);
	digits("wrong", "big", 50);
	api_set("nobody", "%s", api_var("wrong"));
	API_RUN(pin_asked);
	API_RUN(guess);
	API_RUN(old);
	sale_audit();
	api_ok(server_stop(&server), "the server stops cleanly");
	return api_end();
}
