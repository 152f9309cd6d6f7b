/* Terminals: one-time enrolment, what a till may do without a person, renewal, revocation. */
#include "tests/lib/shop.h"
#include "tests/lib/tmp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

static const struct step enrolment[] = {
	{ "a till", "owner", POST, "/v1/terminals", "{\"store_id\":${store},\"name\":\"Till 9\"}", .status = 201,
	  .check = { { "expires_ms", "<any>" } }, .save = { { "terminal_id", "t9" }, { "enrolment_code", "code9" } } },
	{ "the same answer again, code and all", "owner", POST, "/v1/terminals",
	  "{\"store_id\":${store},\"name\":\"Till 9\"}",
	  .key = "=a till", .check = { { "enrolment_code", "${code9}" } } },
	{ "in a store that is not there", "owner", POST, "/v1/terminals", "{\"store_id\":99,\"name\":\"X\"}", .status = 404,
	  .error = "not-found", .check = { { "field", "store_id" } } },
	{ "in another merchant's store", "other_owner", POST, "/v1/terminals", "{\"store_id\":${store},\"name\":\"X\"}",
	  .status = 404, .error = "not-found", .check = { { "field", "store_id" } } },
	{ "a cashier makes none", "cashier", POST, "/v1/terminals", "{\"store_id\":${store},\"name\":\"X\"}", .status = 403,
	  .error = "forbidden" },
	{ "listed as new", "owner", GET, "/v1/terminals?after=3", .status = 200,
	  .check = { { "terminals[0].state", "new" }, { "terminals[0].name", "Till 9" } } },
	{ "the code says what it is", "", POST, "/v1/codes/check", "{\"text\":\"${code9}\"}", .key = "none", .status = 200,
	  .check = { { "kind", "enrolment" }, { "valid", "true" }, { "merchant_name", "<none>" } } },
	{ "a code of another kind", "", POST, "/v1/enrol", "{\"code\":\"${fixed_code}\"}", .status = 422,
	  .error = "wrong-kind" },
	{ "no code at all", "", POST, "/v1/enrol", "{\"code\":\"HTTPS://EXAMPLE.COM/\"}", .status = 422,
	  .error = "bad-code" },
	{ "strangers need a UUID as key", "", POST, "/v1/enrol", "{\"code\":\"${code9}\"}", .key = "7", .status = 422,
	  .error = "bad-field", .check = { { "field", "Idempotency-Key" } } },
	{ "enrol", "", POST, "/v1/enrol", "{\"code\":\"${code9}\",\"name\":\"By the door\"}", .status = 201,
	  .check = { { "terminal_id", "${t9}" }, { "merchant.name", "Demo Cafe" }, { "store.name", "Main Street" },
	             { "fixed_code", "<any>" } },
	  .save = { { "terminal_token", "till9" } } },
	{ "the answer was lost: the same credential again", "", POST, "/v1/enrol",
	  "{\"code\":\"${code9}\",\"name\":\"By the door\"}", .key = "=enrol", .check = { { "terminal_token",
	                                                                                    "${till9}" } } },
	{ "the code works once", "", POST, "/v1/enrol", "{\"code\":\"${code9}\"}", .status = 409, .error = "code-used" },
	{ "it knows itself", "till9", GET, "/v1/terminals/me", .status = 200,
	  .check = { { "terminal_id", "${t9}" }, { "name", "By the door" }, { "merchant.currency", "USD" },
	             { "last_receipt_number", "0" }, { "server_time_ms", "<any>" } } },
	{ "without a person it sells nothing", "till9", POST, "/v1/cards", "{}", .status = 403, .error = "forbidden" },
	{ "but it may read the catalogue", "till9", GET, "/v1/catalogue", .status = 200,
	  .check = { { "items", "<3 items>" } } },
	{ "a fresh code, for another machine", "owner", POST, "/v1/terminals/${t9}/renew", "{}", .status = 201,
	  .save = { { "enrolment_code", "code9b" } } },
	{ "the old machine still works", "till9", GET, "/v1/terminals/me", .status = 200 },
	{ "a newer code", "owner", POST, "/v1/terminals/${t9}/renew", "{}", .status = 201,
	  .save = { { "enrolment_code", "code9c" } } },
	{ "ends the one before", "", POST, "/v1/enrol", "{\"code\":\"${code9b}\"}", .status = 410,
	  .error = "code-expired" },
	{ "the new machine", "", POST, "/v1/enrol", "{\"code\":\"${code9c}\"}", .status = 201,
	  .check = { { "terminal_id", "${t9}" } }, .save = { { "terminal_token", "till9c" } } },
	{ "takes over from the old one", "till9", GET, "/v1/terminals/me", .status = 401, .error = "not-signed-in" },
	{ "and keeps its name", "till9c", GET, "/v1/terminals/me", .status = 200, .check = { { "name", "By the door" } } },
	{ "somebody signs in there", "till9c", POST, "/v1/sign-in", "{\"number\":\"11\",\"pin\":\"1111\"}", .key = "none",
	  .status = 200, .save = { { "session_token", "at9" } } },
	{ "another merchant cannot revoke it", "other_owner", POST, "/v1/terminals/${t9}/revoke", "{}", .status = 404,
	  .error = "not-found" },
	{ "nor renew it", "other_owner", POST, "/v1/terminals/${t9}/renew", "{}", .status = 404, .error = "not-found" },
	{ "revoke", "owner", POST, "/v1/terminals/${t9}/revoke", "{}", .status = 200, .check = { { "state", "revoked" } } },
	{ "twice changes nothing", "owner", POST, "/v1/terminals/${t9}/revoke", "{}", .status = 200,
	  .check = { { "state", "revoked" } } },
	{ "the till is out", "till9c", GET, "/v1/terminals/me", .status = 401, .error = "not-signed-in" },
	{ "and so is the person", "at9", GET, "/v1/taxes", .status = 401, .error = "not-signed-in" },
	{ "it cannot be renewed", "owner", POST, "/v1/terminals/${t9}/renew", "{}", .status = 409, .error = "conflict" },
	{ "the credential lies nowhere in clear", "operator", POST, "/v1/audit", "{}", .key = "none", .status = 200,
	  .check = { { "clean", "true" } } },
};

/* Every character of the code changed into another: never accepted, and the real one still works. */
static void forged_codes(void)
{
	struct step s = { "a till to forge for", "owner", POST, "/v1/terminals", "{\"store_id\":${store},\"name\":\"T\"}",
	                  .status = 201, .save = { { "enrolment_code", "real" } } };
	char code[256], body[320];
	int accepted = 0, tried = 0;

	api_run(&s, 1);
	const char *real = api_var("real");
	size_t start = (size_t)(strrchr(real, '/') + 1 - real);
	for (size_t i = start; real[i] != '\0'; i++) {
		snprintf(code, sizeof code, "%s", real);
		code[i] = code[i] == '7' ? 'K' : '7';
		snprintf(body, sizeof body, "{\"code\":\"%s\"}", code);
		struct step forged = { "forged", "", POST, "/v1/enrol", body };
		const struct answer *a = api_send(&forged);
		accepted += a->status < 400;
		tried++;
	}
	api_ok(tried > 20 && accepted == 0, "none of %d forged enrolment codes is accepted", tried);
	struct step after = { "the real one still works", "", POST, "/v1/enrol", "{\"code\":\"${real}\"}", .status = 201 };
	api_run(&after, 1);
}

/* The database, its log and the kept answers hold no credential in clear. */
static void no_secret_on_disk(const struct test_server *server)
{
	const char *secret = strchr(strchr(api_var("till9"), '-') + 1, '-') + 1;
	char command[400];

	snprintf(command, sizeof command, "cat %s/*.db* %s | grep -aqF '%s'", server->dir, server->log, secret);
	api_ok(WEXITSTATUS(system(command)) == 1, "the credential is not in the database and not in the log");
}

/* With TLS the code carries the pin of the server's key, and works as a whole. */
static void pinned(void)
{
	static const struct step steps[] = {
		{ "the key's pin", "operator", GET, "/v1/status", .status = 200, .save = { { "tls_pin", "pin" } } },
		{ "a merchant", "operator", POST, "/v1/merchants",
		  "{\"name\":\"M\",\"currency\":\"USD\",\"country\":\"US\",\"city\":\"X\",\"mcc\":1,\"fee_bp\":0,"
		  "\"tax_inclusive\":true}", .status = 201, .save = { { "merchant_id", "m" } } },
		{ "a store", "operator:m", POST, "/v1/stores", "{\"name\":\"S\"}", .status = 201, .save = { { "store_id", "s" } } },
		{ "a till behind TLS", "operator:m", POST, "/v1/terminals", "{\"store_id\":${s},\"name\":\"T\"}", .status = 201,
		  .save = { { "enrolment_code", "text" } } },
		{ "enrol with the whole text", "", POST, "/v1/enrol", "{\"code\":\"${text}\"}", .status = 201 },
	};
	struct test_server server;
	char cert[200], key[200], command[700];

	snprintf(cert, sizeof cert, "--tls-cert=%s/cert.pem", test_folder());
	snprintf(key, sizeof key, "--tls-key=%s/key.pem", test_folder());
	snprintf(command, sizeof command, "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 "
	         "-subj /CN=localhost -keyout %s -out %s 2>/dev/null && chmod 600 %s", strchr(key, '=') + 1,
	         strchr(cert, '=') + 1, strchr(key, '=') + 1);
	if (!api_ok(system(command) == 0, "a certificate"))
		return;
	server_start(&server, "tls", (const char *const[]){ cert, key, NULL });
	api_begin(&server);
	API_RUN(steps);
	const char *hash = strchr(api_var("text"), '#');
	api_ok(hash != NULL && strcmp(hash + 1, api_var("pin")) == 0, "the code names the server's key");
	server_stop(&server);
}

int main(void)
{
	struct test_server server;

	server_start(&server, "server", NULL);
	api_begin(&server);
	shop_make("");
	shop_make("other_");
	API_RUN(enrolment);
	forged_codes();
	no_secret_on_disk(&server);
	pinned();
	return api_end();
}
