/* The proof of a phone: joining a scheme makes a key on both sides, what is shown is opened by the server alone, for one
 * merchant, one kind, one minute, once. */
#include "tests/lib/sale.h"

#include "shared/clock.h"
#include "shared/points_code.h"

#include <string.h>

#define JOIN "/v1/points/join"

static const struct step refused[] = {
	{ "which scheme?", "c1", POST, JOIN, "{\"public_key\":\"${point}\"}", .status = 422, .error = "missing-field" },
	{ "not a point", "c1", POST, JOIN, "{\"merchant_id\":${merchant},\"public_key\":\"AAAA\"}", .status = 422,
	  .error = "bad-field", .check = { { "field", "public_key" } } },
	{ "not on the curve", "c1", POST, JOIN, "{\"merchant_id\":${merchant},\"public_key\":\"${off_curve}\"}", .status = 422,
	  .error = "bad-field", .check = { { "field", "public_key" } } },
	{ "no such merchant", "c1", POST, JOIN, "{\"merchant_id\":99,\"public_key\":\"${point}\"}", .status = 404 },
	{ "a cashier has no phone", "cashier1", POST, JOIN, "{\"merchant_id\":${merchant},\"public_key\":\"${point}\"}",
	  .status = 403 },
};
static const struct step joining[] = {
	{ "another merchant's scheme", "c1", POST, JOIN, "{\"merchant_id\":${other_merchant},\"public_key\":\"${point}\"}",
	  .status = 201, .save = { { "number", "other_number" }, { "server_key", "other_key" } } },
	{ "by the code on the counter", "c1", POST, JOIN, "{\"code\":\"${fixed1}\",\"public_key\":\"${point}\"}", .status = 201,
	  .save = { { "number", "number" }, { "server_key", "server_key" } },
	  .check = { { "format", "qrtill-points-1" }, { "merchant_id", "${merchant}" }, { "step_ms", "30000" } } },
};
static const struct step using[] = {
	{ "collect", "manager", POST, "/v1/points/earn", "{\"code\":\"${collect}\",\"points\":50,\"reason\":\"visit\"}",
	  .check = { { "customer_id", "${id1}" }, { "balance", "50" } } },
	{ "the same request is answered again", "manager", POST, "/v1/points/earn",
	  "{\"code\":\"${collect}\",\"points\":50,\"reason\":\"visit\"}", .key = "=collect", .check = { { "balance", "50" } } },
	{ "the same code is not good twice", "manager", POST, "/v1/points/earn",
	  "{\"code\":\"${collect}\",\"points\":50,\"reason\":\"visit\"}", .status = 409, .error = "code-used" },
	{ "an older one neither", "cashier1", POST, "/v1/points/spend", "{\"code\":\"${spend}\",\"points\":5,\"reason\":\"mug\"}",
	  .status = 409, .error = "code-used" },
};
static const struct step later[] = {
	{ "looking uses nothing", "cashier1", POST, "/v1/points/look", "{\"code\":\"${next}\"}", .key = "none",
	  .check = { { "customer_id", "${id1}" }, { "balance", "50" } } },
	{ "more than there is", "cashier1", POST, "/v1/points/spend", "{\"code\":\"${next}\",\"points\":51,\"reason\":\"mug\"}",
	  .status = 409, .error = "insufficient-funds" },
	{ "made to spend, it does not collect", "manager", POST, "/v1/points/earn",
	  "{\"code\":\"${next}\",\"points\":5,\"reason\":\"x\"}", .status = 422, .error = "wrong-kind" },
	{ "a changed character", "cashier1", POST, "/v1/points/spend", "{\"code\":\"${changed}\",\"points\":5,\"reason\":\"mug\"}",
	  .status = 422, .error = "bad-code", .check = { { "field", "code" } } },
	{ "another merchant's till", "other_cashier", POST, "/v1/points/look", "{\"code\":\"${next}\"}", .key = "none",
	  .status = 422, .error = "bad-code" },
	{ "sealed for another merchant, shown here", "cashier1", POST, "/v1/points/look", "{\"code\":\"${foreign}\"}",
	  .key = "none", .status = 422, .error = "bad-code" },
	{ "too old", "cashier1", POST, "/v1/points/look", "{\"code\":\"${old}\"}", .key = "none", .status = 410,
	  .error = "code-expired" },
	{ "after all that it is still good", "cashier1", POST, "/v1/points/spend",
	  "{\"code\":\"${next}\",\"points\":20,\"reason\":\"mug\"}", .check = { { "balance", "30" } } },
	{ "once", "cashier1", POST, "/v1/points/spend", "{\"code\":\"${next}\",\"points\":20,\"reason\":\"mug\"}", .status = 409,
	  .error = "code-used" },
};

static void agree(const uint8_t secret[32], const uint8_t own[CRYPTO_POINT_SIZE], const char *server_key,
                  int64_t merchant_id, int64_t number, uint8_t key[32])
{
	uint8_t theirs[CRYPTO_POINT_SIZE], agreed[32];
	const char *text = api_var(server_key);

	bool good = base64url_decode(text, strlen(text), theirs, sizeof theirs) == sizeof theirs &&
		crypto_agree(secret, own, theirs, agreed) == QT_OK;
	api_ok(good, "the server's message makes a key");
	points_code_key(agreed, merchant_id, number, key);
}

static void make(const char *name, const uint8_t key[32], int64_t merchant_id, enum points_code_kind kind, int64_t at_ms)
{
	char code[POINTS_CODE_SIZE];

	points_code_make(key, merchant_id, api_int("number"), kind, at_ms, code);
	api_set(name, "%s", code);
	code[40] = code[40] == '0' ? '1' : '0';
	api_set("changed", "%s", code);
}

int main(void)
{
	uint8_t secret[32], own[CRYPTO_POINT_SIZE], key[32], other[32];
	char text[CRYPTO_POINT_SIZE * 2];
	struct test_server server;

	server_start(&server, "points_key", NULL);
	api_begin(&server);
	sale_shop();
	crypto_pair(secret, own);
	base64url_encode(own, sizeof own, text);
	api_set("point", "%s", text);
	own[60] ^= 1;
	base64url_encode(own, sizeof own, text);
	api_set("off_curve", "%s", text);
	own[60] ^= 1;
	API_RUN(refused);
	API_RUN(joining);
	agree(secret, own, "server_key", api_int("merchant"), api_int("number"), key);
	agree(secret, own, "other_key", api_int("other_merchant"), api_int("other_number"), other);
	int64_t now_ms = clock_now_ms(), step_ms = POINTS_CODE_STEP_MS;
	make("spend", key, api_int("merchant"), POINTS_CODE_SPEND, now_ms);
	make("collect", key, api_int("merchant"), POINTS_CODE_COLLECT, now_ms);
	API_RUN(using);
	/* the phone's next code: its clock may be a step ahead */
	make("foreign", other, api_int("other_merchant"), POINTS_CODE_SPEND, now_ms + step_ms);
	make("old", key, api_int("merchant"), POINTS_CODE_SPEND, now_ms - 4 * step_ms);
	make("next", key, api_int("merchant"), POINTS_CODE_SPEND, now_ms + step_ms);
	API_RUN(later);
	sale_audit();
	api_ok(server_stop(&server), "the server stops cleanly");
	return api_end();
}
