/* Keys of codes are rotated as the manual says, by qrtill keys rotate and a restart: every code printed before is taken as
 * before, new ones are made under the new key; when the old key ends, by its until_ms, its codes are refused and the new ones
 * are not; without that end they are taken again. */
#include "shared/clock.h"
#include "shared/err.h"
#include "tests/lib/proof.h"
#include "tests/lib/sale.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDS 3

static struct test_server server;
static int64_t tried, wrong;

static const struct step made_before[] = {
	{ "a code to be paid", "cashier1", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${item2},\"quantity\":1}],\"payments\":[{\"method\":\"code\"}]}",
	  .save = { { "order_id", "old_order" }, { "payments[0].code", "old_pay_url" } } },
	{ "a paid sale", "cashier1", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${item2},\"quantity\":1}],\"payments\":[{\"method\":\"cash\"}]}",
	  .save = { { "receipt.code", "old_receipt" } } },
	{ "a till that waits to be enrolled", "operator:merchant", POST, "/v1/terminals", "{\"store_id\":${store},\"name\":\"Later\"}",
	  .save = { { "enrolment_code", "old_enrolment" } } },
};

/* What was printed before still works. */
static const struct step old_works[] = {
	{ "the card pays", "cashier1", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${item3},\"quantity\":1}],\"payments\":[{\"method\":\"card\",\"code\":\"${card1}\"}]}",
	  .check = { { "state", "paid" } } },
	{ "the customer's code is known", "cashier1", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${item3},\"quantity\":1}],\"customer\":\"${identity4}\",\"share\":\"${s3}\","
	  "\"payments\":[{\"method\":\"cash\"}]}", .check = { { "state", "paid" }, { "rebate_outcome", "paid" } } },
	{ "the till's fixed code", "", GET, "/v1/pay/${fixed1}", .check = { { "kind", "fixed" } } },
	{ "the receipt", "", POST, "/v1/codes/check", "{\"text\":\"${old_receipt}\"}", .key = "none", .check = { { "kind", "receipt" } } },
	{ "the campaign", "", POST, "/v1/codes/check", "{\"text\":\"${campaign_code}\"}", .key = "none", .check = { { "kind", "campaign" } } },
	{ "the share", "", POST, "/v1/codes/check", "{\"text\":\"${s3}\"}", .key = "none", .check = { { "kind", "share" } } },
};
static const struct step old_pays[] = {
	{ "the code on the till's screen is paid", "c5", POST, "/v1/pay/${old_pay}", "{\"source\":\"card\",\"card_id\":${card2_id}}",
	  .check = { { "state", "settled" } } },
	{ "its order", "cashier1", GET, "/v1/orders/${old_order}", .check = { { "state", "paid" } } },
	{ "the till is enrolled", "", POST, "/v1/enrol", "{\"code\":\"${old_enrolment}\"}", .save = { { "fixed_code", "new_fixed_url" } } },
};
static const struct step made_now[] = {
	{ "a new card", "cashier1", POST, "/v1/cards", "{\"amount_cents\":5000,\"tender\":\"cash\"}", .save = { { "code", "new_card" } } },
	{ "it pays", "cashier1", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${item3},\"quantity\":1}],\"payments\":[{\"method\":\"card\",\"code\":\"${new_card}\"}]}",
	  .check = { { "state", "paid" } } },
};
static const struct step ended[] = {
	{ "the old card is refused", "cashier1", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${item3},\"quantity\":1}],\"payments\":[{\"method\":\"card\",\"code\":\"${card1}\"}]}",
	  .status = 404, .error = "card-refused" },
	{ "the old fixed code", "", GET, "/v1/pay/${fixed1}", .status = 422, .error = "bad-code" },
	{ "the old receipt", "", POST, "/v1/codes/check", "{\"text\":\"${old_receipt}\"}", .key = "none",
	  .check = { { "valid", "false" } } },
	{ "the new card pays", "cashier1", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${item3},\"quantity\":1}],\"payments\":[{\"method\":\"card\",\"code\":\"${new_card}\"}]}",
	  .check = { { "state", "paid" } } },
};
#define HOLDS(steps) holds(steps, (int)(sizeof(steps) / sizeof *(steps)))
static void holds(const struct step *steps, int count)
{
	for (int i = 0; i < count; i++) {
		tried++;
		bool good = api_holds(&steps[i], 1);
		wrong += !good;
		api_ok(good, "%s", steps[i].label);
	}
}

static bool command(const char *fmt, const char *a, const char *b)
{
	char line[900];

	snprintf(line, sizeof line, fmt, a, b);
	return system(line) == 0;
}

static int epoch_of(const char *url)
{
	char line[900];
	const char *bin = getenv("QRTILL_BIN");
	int epoch = 0;

	snprintf(line, sizeof line, "%s/qrtill code explain '%s' --json", bin ? bin : "build/bin", url);
	FILE *f = popen(line, "r");
	char text[4000] = "";
	size_t n = f ? fread(text, 1, sizeof text - 1, f) : 0;
	text[n] = '\0';
	if (f != NULL)
		pclose(f);
	const char *at = strstr(text, "\"epoch\":");
	if (at != NULL)
		epoch = atoi(at + 8);
	return epoch;
}

static void restart(void)
{
	api_ok(server_stop(&server), "the server stops");
	server_again(&server);
	api_begin(&server);
}

static void rotate(int round)
{
	const char *bin = getenv("QRTILL_BIN");

	api_ok(command("%s/qrtill keys rotate --data-dir=%s --yes >/dev/null 2>&1", bin ? bin : "build/bin", server.dir),
	       "qrtill keys rotate, number %d", round);
	restart();
}

/* The first key ends now; then all but it are taken away. */
static void end_first_key(void)
{
	char path[120], kept[130], until[64];

	snprintf(path, sizeof path, "%s/keys.conf", server.dir);
	snprintf(kept, sizeof kept, "%s.kept", path);
	if (!command("cp %s %s", path, kept))
		fatal("%s cannot be copied", path);
	snprintf(until, sizeof until, "0,/until_ms = [0-9]*/s//until_ms = %lld/", (long long)clock_now_ms() - 1000);
	api_ok(command("sed -i '%s' %s", until, path), "the old key is given an end");
	restart();
	HOLDS(ended);
	if (!command("mv %s %s", kept, path))
		fatal("%s cannot be moved", kept);
	restart();
	HOLDS(old_works);
}

int main(void)
{
	server_start(&server, "keys", NULL);
	api_begin(&server);
	sale_shop();
	sale_campaign();
	int first = epoch_of(api_var("card1"));
	API_RUN(made_before);
	sale_token("old_pay_url", "old_pay");
	for (int round = 1; round <= ROUNDS; round++) {
		rotate(round);
		HOLDS(old_works);
		if (round == 1)
			HOLDS(old_pays);
		HOLDS(made_now);
		api_ok(epoch_of(api_var("new_card")) == first + round, "the new card is under the new key");
	}
	api_ok(epoch_of(api_var("card1")) == first, "the old one still under the old");
	end_first_key();
	sale_audit();
	api_ok(server_stop(&server), "the server stops cleanly");
	proof_say("keys", tried, wrong, "rotations=%d", ROUNDS);
	return api_end();
}
