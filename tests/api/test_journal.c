/* The operator's look into the books: journals, the audit log and the auditor; and who may not look. */
#include "tests/lib/api.h"
#include "tests/lib/shop.h"

#include <stdio.h>
#include <string.h>

static const struct step work[] = {
	{ "a card", "cashier", POST, "/v1/cards", "{\"amount_cents\":5000,\"tender\":\"cash\"}",
	  .save = { { "card_id", "card" }, { "code", "card_code" } } },
	{ "a sale by card", "cashier", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${item_bread},\"quantity\":2}],\"payments\":[{\"method\":\"card\","
	  "\"code\":\"${card_code}\"}]}",
	  .check = { { "state", "paid" }, { "total_cents", "758" } }, .save = { { "order_id", "order" } } },
	{ "the same again", "cashier", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${item_bread},\"quantity\":2}],\"payments\":[{\"method\":\"card\","
	  "\"code\":\"${card_code}\"}]}",
	  "=a sale by card" },
	{ "the same key for another sale", "cashier", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${item_bread},\"quantity\":3}],\"payments\":[{\"method\":\"card\","
	  "\"code\":\"${card_code}\"}]}",
	  "=a sale by card", .status = 422, .error = "idempotency-key-reused", .fresh = true },
	{ "more than the card holds", "cashier", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${item_bread},\"quantity\":20}],\"payments\":[{\"method\":\"card\","
	  "\"code\":\"${card_code}\"}]}",
	  .status = 409, .error = "insufficient-funds" },
	{ "freeze", "manager", POST, "/v1/cards/${card}/freeze", "{}" },
	{ "freeze in the other shop", "other_manager", POST, "/v1/cards/${card}/freeze", "{}", .status = 404,
	  .error = "not-found" },
};
static const struct step looks[] = {
	/* The sale once, although it was asked for three times. 1 % fee of 758 is 8. */
	{ "the order's journals", "operator", GET, "/v1/journal?order_id=${order}", NULL,
	  .check = { { "journals", "<1 "
	    "items>" }, { "journals[0].kind", "sale" }, { "journals[0].merchant_id", "${merchant}" },
	             { "journals[0].entries", "<3 items>" }, { "journals[0].entries[0].account", "card" },
	             { "journals[0].entries[0].owner_id", "${card}" }, { "journals[0].entries[0].amount", "-758" },
	             { "journals[0].entries[1].account", "merchant" }, { "journals[0].entries[1].amount", "750" },
	             { "journals[0].entries[2].account", "fee" }, { "journals[0].entries[2].amount", "8" } } },
	{ "all journals, one by one", "operator", GET, "/v1/journal?limit=1", NULL,
	  .check = { { "journals", "<1 items>" }, { "journals[0].journal_id", "1" }, { "journals[0].kind", "card-top-up" },
	             { "next", "1" } } },
	{ "the next", "operator", GET, "/v1/journal?limit=1&after=1", NULL, .check = { { "journals[0].kind", "sale" } } },
	{ "after the last", "operator", GET, "/v1/journal?after=2", NULL,
	  .check = { { "journals", "<0 items>" }, { "next", "<none>" } } },
	{ "an order that is not there", "operator", GET, "/v1/journal?order_id=4711", NULL,
	  .check = { { "journals", "<0 items>" } } },
	{ "a bad number", "operator", GET, "/v1/journal?after=-1", NULL, .status = 422, .error = "out-of-range",
	  .check = { { "field", "after" } } },
	{ "too many at once", "operator", GET, "/v1/journal?limit=501", NULL, .status = 422, .error = "out-of-range",
	  .check = { { "field", "limit" } } },
	{ "journals are not the owner's to see", "owner", GET, "/v1/journal", NULL, .status = 403, .error = "forbidden" },
	{ "nor anybody's", "", GET, "/v1/journal", NULL, .status = 401, .error = "not-signed-in" },
	{ "the audit is the operator's", "owner", POST, "/v1/audit", NULL, .status = 403, .error = "forbidden" },
	{ "the owner sees the shop's audit log", "owner", GET, "/v1/audit-log?limit=500", NULL,
	  .check = { { "rows[0].merchant_id", "${merchant}" }, { "next", "<none>" } } },
	{ "a cashier does not", "cashier", GET, "/v1/audit-log", NULL, .status = 403, .error = "forbidden" },
	{ "the other shop sees its own", "other_owner", GET, "/v1/audit-log?limit=500", NULL,
	  .check = { { "rows[0].merchant_id", "${other_merchant}" } } },
	{ "the books are clean", "operator", POST, "/v1/audit", NULL,
	  .check = { { "clean", "true" }, { "problems", "<0 items>" }, { "journals", "2" }, { "entries", "5" } } },
};

/* Every row of the last list is this merchant's, and at least one says `action`. */
static void check_rows(const char *merchant, const char *action, bool there)
{
	char expected[80];
	const char *text = api_last()->text;
	bool only = true;

	snprintf(expected, sizeof expected, "\"merchant_id\":%s,", api_var(merchant));
	for (const char *at = text; (at = strstr(at, "\"merchant_id\":")) != NULL; at++)
		only = only && strncmp(at, expected, strlen(expected)) == 0;
	snprintf(expected, sizeof expected, "\"action\":\"%s\"", action);
	api_ok(only && (strstr(text, expected) != NULL) == there, "rows of %s only, %s "
	  "%s", merchant, there ? "with" : "without",
	       action);
}

int main(void)
{
	static const struct step own = { "own rows", "owner", GET, "/v1/audit-log?limit=500" };
	static const struct step other = { "the other's rows", "other_owner", GET, "/v1/audit-log?limit=500" };
	struct test_server server;

	server_start(&server, "journal", NULL);
	api_begin(&server);
	shop_make("");
	shop_make("other_");
	API_RUN(work);
	API_RUN(looks);
	api_run(&own, 1);
	check_rows("merchant", "card-freeze", true);
	api_run(&other, 1);
	check_rows("other_merchant", "card-freeze", false);
	api_ok(server_stop(&server), "the server stops cleanly");
	return api_end();
}
