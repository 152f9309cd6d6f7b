/* Sales put aside, shared between the tills of a store: handed over once whatever is sent twice, listed by store, gone on
 * with once, dropped, and out of reach of other stores and merchants. */
#include "tests/lib/shop.h"
#include "tests/lib/tmp.h"

#include <stdio.h>

#define KEY_1 "01900000-0000-7000-8000-000000000001"
#define KEY_2 "01900000-0000-7000-8000-000000000002"
#define KEY_3 "01900000-0000-7000-8000-000000000003"
#define HELD(key, name) "{\"key\":\"" key "\",\"name\":\"" name "\",\"content\":\"{\\\"lines\\\":[1]}\",\"total_cents\":350," \
	"\"pieces\":2,\"held_ms\":1000}"

static const struct step steps[] = {
	{ "nothing is aside", "cashier", GET, "/v1/held-sales", .check = { { "held", "<0 items>" }, { "next", "<none>" } } },
	{ "put aside", "cashier", POST, "/v1/held-sales", HELD(KEY_1, "table 4"), .status = 201, .check = { { "held_id", "1" } } },
	{ "the same request again", "cashier", POST, "/v1/held-sales", HELD(KEY_1, "table 4"), .key = "=put aside" },
	{ "the key is taken", "cashier", POST, "/v1/held-sales", HELD(KEY_1, "other"), .status = 409, .error = "exists",
	  .check = { { "field", "key" } } },
	{ "a second", "cashier", POST, "/v1/held-sales", HELD(KEY_2, ""), .status = 201 },
	{ "without a document", "cashier", POST, "/v1/held-sales", "{\"key\":\"" KEY_3 "\",\"total_cents\":1,\"pieces\":1,\"held_ms\":1}",
	  .status = 422, .error = "missing-field", .check = { { "field", "content" } } },
	{ "no UUID", "cashier", POST, "/v1/held-sales/take", "{\"key\":\"1\"}", .status = 422, .error = "bad-field",
	  .check = { { "field", "key" } } },
	{ "another till of the store sees both", "manager", GET, "/v1/held-sales", .check = { { "held", "<2 items>" },
	  { "held[0].key", KEY_1 }, { "held[0].name", "table 4" }, { "held[0].terminal_id", "${terminal}" },
	  { "held[0].by", "<any>" }, { "held[0].total_cents", "350" }, { "held[0].pieces", "2" }, { "held[0].held_ms", "1000" },
	  { "held[0].content", "<none>" } } },
	{ "page by page", "manager", GET, "/v1/held-sales?limit=1", .check = { { "held", "<1 items>" }, { "next", "1" } } },
	{ "the second page", "manager", GET, "/v1/held-sales?limit=1&after=1", .check = { { "held[0].key", KEY_2 } } },
	{ "the operator names the store", "operator:merchant", GET, "/v1/held-sales", .status = 422, .error = "missing-field",
	  .check = { { "field", "store_id" } } },
	{ "and sees it", "operator:merchant", GET, "/v1/held-sales?store_id=${store}", .check = { { "held", "<2 items>" } } },
	{ "another merchant cannot look", "other_owner", GET, "/v1/held-sales?store_id=${store}", .status = 404, .error = "not-found" },
	{ "nor go on", "other_cashier", POST, "/v1/held-sales/take", "{\"key\":\"" KEY_1 "\"}", .status = 404, .error = "not-found" },
	{ "a second store", "owner", POST, "/v1/stores", "{\"name\":\"Harbour\"}", .status = 201, .save = { { "store_id", "store2" } } },
	{ "whose list is its own", "owner", GET, "/v1/held-sales?store_id=${store2}", .check = { { "held", "<0 items>" } } },
	{ "a till there", "owner", POST, "/v1/terminals", "{\"store_id\":${store2},\"name\":\"H1\"}", .status = 201,
	  .save = { { "enrolment_code", "h1_code" } } },
	{ "enrolled", "", POST, "/v1/enrol", "{\"code\":\"${h1_code}\"}", .status = 201, .save = { { "terminal_token", "h1" } } },
	{ "with a cashier", "h1", POST, "/v1/sign-in", "{\"number\":\"11\",\"pin\":\"1111\"}", .key = "none",
	  .save = { { "session_token", "cashier_h1" } } },
	{ "cannot go on with what is in another store", "cashier_h1", POST, "/v1/held-sales/take", "{\"key\":\"" KEY_1 "\"}", .status = 404,
	  .error = "not-found" },
	{ "another till goes on", "manager", POST, "/v1/held-sales/take", "{\"key\":\"" KEY_1 "\"}",
	  .check = { { "content", "{\"lines\":[1]}" }, { "held_id", "1" } } },
	{ "its answer was lost: the same again", "manager", POST, "/v1/held-sales/take", "{\"key\":\"" KEY_1 "\"}",
	  .key = "=another till goes on" },
	{ "the till it came from hears that it is gone", "cashier", POST, "/v1/held-sales/take", "{\"key\":\"" KEY_1 "\"}", .status = 409,
	  .error = "conflict", .check = { { "detail", "<any>" } } },
	{ "nor is it dropped", "cashier", POST, "/v1/held-sales/take", "{\"key\":\"" KEY_1 "\",\"drop\":true}", .status = 409,
	  .error = "conflict" },
	{ "one is left", "cashier", GET, "/v1/held-sales", .check = { { "held", "<1 items>" }, { "held[0].key", KEY_2 } } },
	{ "drop it", "cashier", POST, "/v1/held-sales/take", "{\"key\":\"" KEY_2 "\",\"drop\":true}", .check = { { "content", "<none>" } } },
	{ "gone", "manager", POST, "/v1/held-sales/take", "{\"key\":\"" KEY_2 "\"}", .status = 409, .error = "conflict" },
	{ "the tills heard of each", "manager", GET, "/v1/events?after=0", .check = { { "events[0].kind", "held-sale" },
	  { "events[3].kind", "held-sale" } } },
	{ "a key names one in its store for ever", "cashier", POST, "/v1/held-sales", HELD(KEY_2, "again"), .status = 409,
	  .error = "exists" },
	{ "the books are right", "operator", POST, "/v1/audit", "{}", .check = { { "clean", "true" } } },
};

int main(void)
{
	struct test_server server;

	server_start(&server, "server", NULL);
	api_begin(&server);
	shop_make("");
	shop_make("other_");
	API_RUN(steps);
	api_ok(server_stop(&server), "the server ends cleanly");
	return api_end();
}
