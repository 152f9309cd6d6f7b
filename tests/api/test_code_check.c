/* Anyone can check a code (W1), through the API and by the command line that asks the server. */
#include "tests/lib/sale.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct test_server server;

/* The first line `qrtill code explain --plain` prints for a text, and its second: "kind\tqrtill valid\ttrue". */
static void explains(const char *label, const char *text, const char *want)
{
	const char *bin = getenv("QRTILL_BIN");
	char command[700], got[160] = "", line[80];
	size_t len = 0;

	snprintf(command, sizeof command, "%s/qrtill code explain --plain --server %s '%s' | head -n 2", bin ? bin : "build/bin",
	         server.phone_url, text);
	FILE *f = popen(command, "r");
	while (f != NULL && fgets(line, sizeof line, f) != NULL && len < sizeof got - 1)
		len += (size_t)snprintf(got + len, sizeof got - len, "%s%.*s", len ? " " : "", (int)strcspn(line, "\n"), line);
	if (f != NULL)
		pclose(f);
	api_ok(strcmp(got, want) == 0, "%s: %s", label, got);
}

/* The same text with its character at `at` (from the end) replaced by another of the alphabet. */
static const char *altered(const char *text, size_t at)
{
	static char out[300];
	size_t i = strlen(text) - at;

	snprintf(out, sizeof out, "%s", text);
	out[i] = out[i] == '7' ? '8' : '7';
	return out;
}

int main(void)
{
	static const struct step sell[] = {
		{ "a sale by code", "cashier1", POST, "/v1/orders",
		  "{\"lines\":[{\"item_id\":${item2},\"quantity\":1}],\"payments\":[{\"method\":\"code\"}]}", .status = 201,
		  .save = { { "payments[0].code", "url" } } },
	};
	static const struct step check[] = {
		{ "a payment's code", "", POST, "/v1/codes/check", "{\"text\":\"${url}\"}", .key = "none",
		  .check = { { "kind", "payment" }, { "valid", "true" }, { "expired", "false" }, { "amount_cents", "1083" },
		             { "currency", "USD" }, { "merchant_name", "Corner Shop" }, { "own_address", "true" } } },
		{ "its token", "", POST, "/v1/codes/check", "{\"text\":\"${token}\"}", .key = "none",
		  .check = { { "kind", "payment" }, { "valid", "true" } } },
		{ "altered", "", POST, "/v1/codes/check", "{\"text\":\"${altered}\"}", .key = "none",
		  .check = { { "kind", "none" }, { "valid", "false" }, { "own_address", "true" }, { "amount_cents", "<none>" } } },
		{ "the same token at another address", "", POST, "/v1/codes/check", "{\"text\":\"HTTPS://EVIL.EXAMPLE/Q/${token}\"}",
		  .key = "none", .check = { { "kind", "none" }, { "valid", "false" }, { "own_address", "false" } } },
		{ "no text", "", POST, "/v1/codes/check", "{}", .key = "none", .status = 422, .error = "missing-field",
		  .check = { { "field", "text" } } },
	};
	char other[400];

	server_start(&server, "code_check", NULL);
	api_begin(&server);
	sale_shop();
	API_RUN(sell);
	sale_token("url", "token");
	api_set("altered", "%s", altered(api_var("url"), 3));
	API_RUN(check);
	explains("the command line asks the server", api_var("url"), "kind\tqrtill valid\ttrue");
	explains("for a token too", api_var("token"), "kind\tqrtill valid\ttrue");
	explains("altered in its last bits", altered(api_var("url"), 2), "kind\tqrtill valid\tfalse");
	explains("altered: a token is text", altered(api_var("token"), 3), "kind\ttext valid\ttrue");
	snprintf(other, sizeof other, "HTTPS://EVIL.EXAMPLE/Q/%s", api_var("token"));
	explains("another address is never ours", other, "kind\turl valid\tfalse");
	explains("what is no code of ours is not asked about", "hello", "kind\ttext valid\ttrue");
	api_ok(server_stop(&server), "the server stops cleanly");
	return api_end();
}
