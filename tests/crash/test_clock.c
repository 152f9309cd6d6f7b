/* The server's wall clock is put forward and back, by a second and by 400 days, in the middle of a shop's day, and is right
 * again later. While it is wrong and after it: a request that was answered gets that answer again, tills sell, refund and sign
 * in, receipts count on without a gap, a code shown is taken once; PINs that were locked and codes that were used
 * under the wrong clock are not refused for years, orders of that time can be paid. The books stay clean. */
#include "shared/clock.h"
#include "shared/crypto.h"
#include "shared/err.h"
#include "shared/wallet_code.h"
#include "tests/lib/proof.h"
#include "tests/lib/sale.h"
#include "tests/lib/tmp.h"

#include <fcntl.h>
#include <libgen.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define DAY_MS INT64_C(86400000)
#define LINE "\"lines\":[{\"item_id\":${item2},\"quantity\":1}]" /* 10.83 */
#define BY_CARD "{" LINE ",\"payments\":[{\"method\":\"card\",\"code\":\"${card}\"}]}"
#define HOLDS(steps) holds(#steps, steps, (int)(sizeof(steps) / sizeof *(steps)))

static struct test_server server;
static _Atomic int64_t *offset_ms;
static int64_t right_ms; /* the offset of the right clock: only forward */
static int64_t tried, wrong;

static void holds(const char *name, const struct step *steps, int count)
{
	bool good = true;

	for (int i = 0; i < count; i++) {
		bool one = api_holds(&steps[i], 1);
		tried++;
		wrong += !one;
		good = good && one;
	}
	api_ok(good, "%s (clock %+lld s)", name, (long long)(*offset_ms - right_ms) / 1000);
}

/* The digits of the wallet's key by the clock that the server has, and its phones too. */
static void wallet_digits(int steps)
{
	char code[WALLET_CODE_SIZE];
	uint8_t key[WALLET_KEY_SIZE];
	const char *text = api_var("wallet_key");

	if (base64url_decode(text, strlen(text), key, sizeof key) != sizeof key)
		fatal("the key of the wallet");
	wallet_code_make(api_int("wallet_number"), key, wallet_code_step(clock_now_ms() + *offset_ms) + steps, code);
	api_set("digits", "%s", code);
}

static const struct step wallet[] = {
	{ "a key for codes", "c5", POST, "/v1/me/codes", "{\"source\":\"card\",\"card_id\":${card2_id}}",
	  .save = { { "key", "wallet_key" }, { "number", "wallet_number" } } },
	{ "money on its card", "cashier1", POST, "/v1/cards/top-up",
	  "{\"code\":\"${card2}\",\"amount_cents\":1000000,\"tender\":\"cash\"}" },
};
static const struct step before[] = {
	{ "a card", "cashier1", POST, "/v1/cards", "{\"amount_cents\":9000,\"tender\":\"cash\"}", .save = { { "code", "card" } } },
	{ "a sale before", "cashier1", POST, "/v1/orders", BY_CARD, .key = "${sale_key}", .save = { { "order_id", "order" } } },
	{ "another, to be refunded", "cashier1", POST, "/v1/orders", BY_CARD, .save = { { "order_id", "returned" } } },
	{ "one that stays open", "cashier1", POST, "/v1/orders", "{" LINE ",\"payments\":[{\"method\":\"code\"}]}",
	  .save = { { "order_id", "open" } } },
};
static const struct step sign_in[] = {
	{ "the cashier signs in", "till1", POST, "/v1/sign-in", "{\"number\":\"1\",\"pin\":\"1234\"}", .save = { { "session_token", "cashier1" } } },
	{ "the manager signs in", "till3", POST, "/v1/sign-in", "{\"number\":\"2\",\"pin\":\"567890\"}", .save = { { "session_token", "manager" } } },
};
static const struct step work[] = {
	{ "the answer from before", "cashier1", POST, "/v1/orders", BY_CARD, .key = "=a sale before" },
	{ "a sale", "cashier1", POST, "/v1/orders", BY_CARD, .save = { { "receipt.number", "receipt" } }, .check = { { "state", "paid" } } },
	{ "a code shown", "cashier1", POST, "/v1/orders", "{" LINE ",\"payments\":[{\"method\":\"wallet\",\"code\":\"${digits}\"}]}",
	  .check = { { "state", "paid" } }, .save = { { "receipt.number", "receipt" } } },
	{ "a code shown twice", "cashier1", POST, "/v1/orders", "{" LINE ",\"payments\":[{\"method\":\"wallet\",\"code\":\"${digits}\"}]}",
	  .status = 409, .error = "code-used" },
};
static const struct step odd[] = {
	{ "a refund of a sale from before", "manager", POST, "/v1/orders/${returned}/refunds", "{\"reason\":\"r\"}" },
	{ "an open order", "cashier1", POST, "/v1/orders", "{" LINE ",\"payments\":[{\"method\":\"code\"}]}", .save = { { "order_id", "odd_open" } } },
	{ "what is due by the clock", "operator", POST, "/v1/jobs/run", "{\"job\":\"expire\"}" },
	{ "what is forgotten by the clock", "operator", POST, "/v1/jobs/run", "{\"job\":\"events\"}" },
	{ "rebates that are due by the clock", "operator", POST, "/v1/jobs/run", "{\"job\":\"rebate-release\"}" },
};
static const struct step paid_after[] = {
	{ "the order of that time is paid", "cashier1", POST, "/v1/orders/${odd_open}/payments", "{\"method\":\"cash\"}",
	  .check = { { "state", "paid" } }, .save = { { "receipt.number", "receipt" } } },
};
static const struct step ended_after[] = {
	{ "what was due is done", "operator", POST, "/v1/jobs/run", "{\"job\":\"expire\"}" },
	{ "the order of long ago has expired", "cashier1", GET, "/v1/orders/${odd_open}", .check = { { "state", "expired" } } },
};
static const struct step clean[] = {
	{ "the books are clean", "operator", POST, "/v1/audit", "{}", .check = { { "clean", "true" } }, .within_ms = 3000 },
};
static const struct step wrong_pin[] = {
	{ "a wrong PIN", "till2", POST, "/v1/sign-in", "{\"number\":\"1\",\"pin\":\"9876\"}", .status = 403, .error = "bad-pin" },
};
static const struct step locked[] = {
	{ "locked", "till2", POST, "/v1/sign-in", "{\"number\":\"1\",\"pin\":\"1234\"}", .status = 423, .error = "pin-locked" },
};
static const struct step unlocked[] = {
	{ "not for ever", "till2", POST, "/v1/sign-in", "{\"number\":\"1\",\"pin\":\"1234\"}" },
};

/* The last receipt of the till. */
static void receipt_is(int64_t number)
{
	bool good = api_int("receipt") == number;

	tried++;
	wrong += !good;
	api_ok(good, "receipts count on: %lld, expected %lld", (long long)api_int("receipt"), (long long)number);
}

static void step_clock(int64_t delta_ms, int64_t *receipt)
{
	char uuid[37];

	api_set("sale_key", "%s", api_uuid(uuid));
	HOLDS(before);
	*receipt += 2;
	*offset_ms = right_ms + delta_ms;
	HOLDS(sign_in);
	wallet_digits(0);
	HOLDS(work);
	receipt_is(*receipt += 2);
	HOLDS(odd);
	for (int i = 0; i < 5; i++)
		HOLDS(wrong_pin);
	HOLDS(locked);
	*offset_ms = right_ms;
	HOLDS(sign_in);
	if (delta_ms > -DAY_MS) {
		HOLDS(locked); /* the lock is not lost with the step */
		HOLDS(paid_after);
		receipt_is(*receipt += 1);
	} else {
		HOLDS(ended_after);
	}
	right_ms += 10 * 60000; /* longer than the lock, and than a code lives */
	*offset_ms = right_ms;
	HOLDS(unlocked);
	wallet_digits(0);
	HOLDS(work);
	receipt_is(*receipt += 2);
	HOLDS(clean);
	right_ms += 10 * 60000;
	*offset_ms = right_ms;
}

static void set_shim(void)
{
	char self[300], shim[400], file[300];
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);

	self[n > 0 ? n : 0] = '\0';
	snprintf(shim, sizeof shim, "%s/clock_shim.so", dirname(self));
	snprintf(file, sizeof file, "%s/offset", test_folder());
	int fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (access(shim, R_OK) != 0 || fd < 0 || ftruncate(fd, sizeof *offset_ms) != 0)
		fatal("%s or %s is missing", shim, file);
	offset_ms = mmap(NULL, sizeof *offset_ms, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (offset_ms == MAP_FAILED)
		fatal("mmap");
	close(fd);
	setenv("QRTILL_CLOCK_FILE", file, 1);
	setenv("LD_PRELOAD", shim, 1);
}

int main(void)
{
	static const int64_t deltas_ms[] = { 1000, -1000, 400 * DAY_MS, -400 * DAY_MS };
	int64_t receipt = 0;

	set_shim();
	server_start(&server, "clock", NULL);
	api_begin(&server);
	sale_shop();
	sale_campaign();
	API_RUN(wallet);
	for (size_t i = 0; i < sizeof deltas_ms / sizeof *deltas_ms; i++)
		step_clock(deltas_ms[i], &receipt);
	sale_audit();
	api_ok(server_stop(&server), "the server stops cleanly");
	proof_say("clock", tried, wrong, "steps=%d", (int)(sizeof deltas_ms / sizeof *deltas_ms));
	return api_end();
}
