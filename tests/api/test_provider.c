/* Payment providers (P2-P4) against a real platform that loses, delays, doubles, reorders and forges what it says:
 * whatever happens, a payment is made once, and the books agree with the platform's. */
#include "shared/clock.h"
#include "tests/lib/sale.h"
#include "tests/lib/sandbox.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PRICE 1083 /* item 2 with its tax */
#define BY_SANDBOX "{\"source\":\"provider\",\"institution\":\"sandbox\"}"
#define SOON .within_ms = 20000

static struct test_sandbox platform;
static struct test_server server;

/* ---- pieces of the scenes ---- */

/* A sale with a code: ${order}, ${payment}, ${pay} (token). */
static void sell(void)
{
	static const struct step steps[] = {
		{ "a sale by code", "cashier1", POST, "/v1/orders",
		  "{\"lines\":[{\"item_id\":${item2},\"quantity\":1}],\"payments\":[{\"method\":\"code\"}]}", .status = 201,
		  .save = { { "order_id", "order" }, { "payments[0].payment_id", "payment" }, { "payments[0].code", "pay_url" } } },
	};
	API_RUN(steps);
	sale_token("pay_url", "pay");
}

/* c1 chooses the platform; ${page} is where to pay. */
static void choose(void)
{
	static const struct step steps[] = {
		{ "the customer chooses the platform", "c1", POST, "/v1/pay/${pay}", BY_SANDBOX, .save = { { "redirect_url", "page" } },
		  .check = { { "state", "pending" }, { "payment_id", "${payment}" } } },
	};
	sell();
	API_RUN(steps);
}

static void becomes(const char *state, const char *order_state)
{
	const struct step steps[] = {
		{ "the till hears what became of it", "cashier1", GET, "/v1/payments/${payment}", .check = { { "state", state } }, SOON },
		{ "and the order", "cashier1", GET, "/v1/orders/${order}", .check = { { "state", order_state } }, SOON },
	};
	API_RUN(steps);
}

static void pays(const char *label)
{
	api_ok(sandbox_page(api_var("page"), "alice", "1111", true) == 200, "%s", label);
}

/* What Alice has at the platform changes by `change` within a bound. */
static int64_t alice_had;
static void alice_changed(int64_t change, const char *label)
{
	int64_t until_ms = clock_mono_ms() + 20000, now = sandbox_number(&platform, "alice");

	while (now != alice_had + change && clock_mono_ms() < until_ms) {
		usleep(20000);
		now = sandbox_number(&platform, "alice");
	}
	api_ok(now == alice_had + change, "%s (%lld)", label, (long long)(now - alice_had));
	alice_had = now;
}

static void counted(const char *name, int64_t at_least, const char *label)
{
	int64_t until_ms = clock_mono_ms() + 20000;

	while (sandbox_number(&platform, name) < at_least && clock_mono_ms() < until_ms)
		usleep(20000);
	api_ok(sandbox_number(&platform, name) >= at_least, "%s", label);
}

/* ---- unbound: the list, the page, the callback ---- */

static void test_unbound(void)
{
	static const struct step list[] = {
		{ "the institutions", "c1", GET, "/v1/providers",
		  .check = { { "institutions", "<1 items>" }, { "institutions[0].institution", "sandbox" },
		             { "institutions[0].name_zh", "沙盒支付" }, { "institutions[0].bound", "false" } } },
		{ "for anybody", "", GET, "/v1/providers", .check = { { "institutions[0].institution", "sandbox" } } },
	};
	static const struct step refused[] = {
		{ "an institution nobody knows", "c1", POST, "/v1/pay/${pay}", "{\"source\":\"provider\",\"institution\":\"gold\"}",
		  .status = 404, .error = "not-found", .check = { { "field", "institution" } } },
		{ "none named", "c1", POST, "/v1/pay/${pay}", "{\"source\":\"provider\"}", .status = 422, .error = "missing-field",
		  .check = { { "field", "institution" } } },
		{ "the page offers it", "c1", GET, "/v1/pay/${pay}",
		  .check = { { "state", "open" }, { "sources.providers[0].institution", "sandbox" },
		             { "sources.providers[0].bound", "false" }, { "redirect_url", "<none>" } } },
		{ "the customer chooses it", "c1", POST, "/v1/pay/${pay}", BY_SANDBOX, .save = { { "redirect_url", "page" } },
		  .check = { { "state", "pending" }, { "amount_cents", "1083" } } },
		{ "the same again", "c1", POST, "/v1/pay/${pay}", BY_SANDBOX, .key = "=the customer chooses it",
		  .check = { { "redirect_url", "${page}" } } },
		{ "the key with another body", "c1", POST, "/v1/pay/${pay}", "{\"source\":\"points\"}",
		  .key = "=the customer chooses it", .fresh = true, .status = 422, .error = "idempotency-key-reused" },
		{ "chosen twice, the same payment", "c1", POST, "/v1/pay/${pay}", BY_SANDBOX,
		  .check = { { "state", "pending" }, { "redirect_url", "${page}" } } },
		{ "the way back to the page", "c1", GET, "/v1/pay/${pay}",
		  .check = { { "state", "pending" }, { "redirect_url", "${page}" } } },
		{ "not for others", "c2", GET, "/v1/pay/${pay}", .check = { { "redirect_url", "<none>" } } },
		{ "nobody else pays it now", "c5", POST, "/v1/pay/${pay}", "{\"source\":\"card\",\"card_id\":${card2_id}}",
		  .status = 409, .error = "conflict" },
	};
	static const struct step paid[] = {
		{ "the page shows the receipt", "c1", GET, "/v1/pay/${pay}",
		  .check = { { "state", "settled" }, { "receipt_code", "<any>" }, { "redirect_url", "<none>" } } },
		{ "paid once, not again", "c1", POST, "/v1/pay/${pay}", BY_SANDBOX, .status = 409, .error = "code-used" },
	};

	API_RUN(list);
	sell();
	API_RUN(refused);
	api_ok(sandbox_page(api_var("page"), "alice", "9999", true) == 403, "a wrong PIN at the platform pays nothing");
	pays("the customer pays at the platform");
	becomes("settled", "paid");
	API_RUN(paid);
	alice_changed(-PRICE, "paid once at the platform");
	counted("taken", 1, "the callback was taken");
}

static void test_declined(void)
{
	static const struct step cash[] = {
		{ "the till takes cash instead", "cashier1", POST, "/v1/orders/${order}/payments", "{\"method\":\"cash\"}",
		  .save = { { "payments[1].payment_id", "cash" } }, .check = { { "state", "paid" } } },
	};

	choose();
	api_ok(sandbox_page(api_var("page"), "alice", "1111", false) == 200, "the customer declines");
	becomes("failed", "open");
	API_RUN(cash);
	choose();
	api_ok(sandbox_page(api_var("page"), "carol", "3333", true) == 200, "an account without money");
	becomes("failed", "open");
	sandbox_control(&platform, "/control", "{\"answers\":\"refuse\"}");
	sell();
	static const struct step refuse[] = {
		{ "the platform refuses at once", "c1", POST, "/v1/pay/${pay}", BY_SANDBOX, .check = { { "state", "failed" } } },
	};
	API_RUN(refuse);
	sandbox_control(&platform, "/control", "{\"answers\":\"normal\"}");
	becomes("failed", "open");
	alice_changed(0, "nothing was paid");
}

/* ---- callbacks that go wrong ---- */

static void test_callback_faults(void)
{
	static const struct { const char *fault, *label; } faults[] = {
		{ "lose", "a lost callback: found out by asking" },
		{ "double", "a doubled callback: one payment" },
		{ "hold", "a late callback, after asking: one payment" },
		{ "forge-signature", "a callback with a wrong signature is not believed" },
		{ "forge-amount", "a callback with another amount is not believed" },
	};
	char json[96];

	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
		int64_t failed = sandbox_number(&platform, "failed"), taken = sandbox_number(&platform, "taken");
		snprintf(json, sizeof json, "{\"callbacks\":\"%s\"}", faults[i].fault);
		sandbox_control(&platform, "/control", json);
		choose();
		pays(faults[i].label);
		becomes("settled", "paid");
		alice_changed(-PRICE, "paid once at the platform");
		sandbox_control(&platform, "/control/flush", "{}");
		if (strncmp(faults[i].fault, "forge", 5) == 0)
			counted("failed", failed + 1, "it was refused every time it came");
		else if (i > 0)
			counted("taken", taken + (i == 1 ? 2 : 1), "it was taken, to no further effect");
		becomes("settled", "paid");
	}
	/* Two payments whose callbacks come in the wrong order. */
	int64_t taken = sandbox_number(&platform, "taken");
	sandbox_control(&platform, "/control", "{\"callbacks\":\"reorder\"}");
	for (int i = 0; i < 2; i++) {
		choose();
		pays("one of two");
	}
	sandbox_control(&platform, "/control/flush", "{}");
	counted("taken", taken + 2, "both callbacks were taken, the newer first");
	becomes("settled", "paid");
	alice_changed(-2 * PRICE, "both are paid once");
	sandbox_control(&platform, "/control", "{\"callbacks\":\"deliver\"}");
}

static void test_forged_callbacks(void)
{
	char body[300];

	choose();
	snprintf(body, sizeof body, "{\"type\":\"payment\",\"reference\":\"payment-%s\",\"payment\":\"x\",\"state\":\"paid\","
	         "\"amount_cents\":%d,\"currency\":\"USD\",\"at_ms\":1}", api_var("payment"), PRICE);
	api_ok(sandbox_callback(&platform, server.phone_url, body, false) == 401, "a stranger's callback is refused");
	static const struct { const char *what, *reference, *currency; int amount, status; } cases[] = {
		{ "another amount", NULL, "USD", PRICE + 1, 409 },
		{ "no amount", NULL, "USD", 0, 409 },
		{ "another currency", NULL, "EUR", PRICE, 422 },
		{ "a payment that does not exist", "payment-999999", "USD", PRICE, 404 },
		{ "no payment at all", "sale-1", "USD", PRICE, 400 },
		{ "a payment in cash", "payment-${cash}", "USD", PRICE, 404 },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char reference[64];
		snprintf(reference, sizeof reference, "%s", cases[i].reference ? cases[i].reference : "");
		if (cases[i].reference == NULL || strstr(reference, "${cash}"))
			snprintf(reference, sizeof reference, "payment-%s", api_var(cases[i].reference ? "cash" : "payment"));
		snprintf(body, sizeof body, "{\"type\":\"payment\",\"reference\":\"%s\",\"payment\":\"x\",\"state\":\"paid\","
		         "\"amount_cents\":%d,\"currency\":\"%s\",\"at_ms\":1}", reference,
		         cases[i].amount, cases[i].currency);
		int status = sandbox_callback(&platform, server.phone_url, body, true);
		api_ok(status == cases[i].status, "signed, but about %s: %d", cases[i].what, status);
	}
	api_ok(sandbox_callback(&platform, server.phone_url, "{", true) == 400, "signed, but no JSON");
	becomes("pending", "open");
	pays("the real one settles it");
	becomes("settled", "paid");
	alice_changed(-PRICE, "paid once");
}

/* ---- answers that go wrong ---- */

static void test_answer_faults(void)
{
	static const char *const faults[] = { "lose", "forge", "error" };
	static const struct step unknown[] = {
		{ "the outcome is not known", "c1", POST, "/v1/pay/${pay}", BY_SANDBOX, .check = { { "state", "unknown" } } },
	};
	static const struct step known[] = {
		{ "then it is", "c1", GET, "/v1/pay/${pay}", .save = { { "redirect_url", "page" } },
		  .check = { { "redirect_url", "<any>" } }, SOON },
	};
	static const struct step slow[] = {
		{ "a slow answer is an answer", "c1", POST, "/v1/pay/${pay}", BY_SANDBOX, .save = { { "redirect_url", "page" } },
		  .check = { { "state", "pending" } } },
	};
	char json[64];

	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
		snprintf(json, sizeof json, "{\"answers\":\"%s\"}", faults[i]);
		sandbox_control(&platform, "/control", json);
		sell();
		API_RUN(unknown);
		sandbox_control(&platform, "/control", "{\"answers\":\"normal\"}");
		API_RUN(known);
		pays("the customer pays");
		becomes("settled", "paid");
		alice_changed(-PRICE, "exactly one payment at the platform");
	}
	sandbox_control(&platform, "/control", "{\"answers\":\"delay\",\"delay_ms\":400}");
	sell();
	API_RUN(slow);
	sandbox_control(&platform, "/control", "{\"answers\":\"normal\"}");
	pays("the customer pays");
	becomes("settled", "paid");
	alice_changed(-PRICE, "one payment");
}

static void test_platform_away(void)
{
	static const struct step away[] = {
		{ "the platform is away", "c1", POST, "/v1/pay/${pay}", BY_SANDBOX, .check = { { "state", "unknown" } } },
	};
	static const struct step back[] = {
		{ "it is back: the payment is there", "c1", GET, "/v1/pay/${pay}", .save = { { "redirect_url", "page" } },
		  .check = { { "redirect_url", "<any>" } }, SOON },
	};

	sell();
	sandbox_stop(&platform);
	API_RUN(away);
	sandbox_again(&platform);
	API_RUN(back);
	pays("the customer pays");
	becomes("settled", "paid");
	alice_changed(-PRICE, "one payment");
}

/* Asked for so long in vain that it is given up: closed at the platform, so that it can never be paid. */
static void test_given_up(void)
{
	static const struct step asked[] = {
		{ "asked in vain", "c1", POST, "/v1/pay/${pay}", BY_SANDBOX, .check = { { "state", "unknown" } } },
	};
	char path[64];

	sandbox_control(&platform, "/control", "{\"answers\":\"error\"}");
	sell();
	API_RUN(asked);
	usleep(2500000); /* longer than provider_give_up_ms: the next word to the platform is a cancel */
	sandbox_control(&platform, "/control", "{\"answers\":\"normal\"}");
	becomes("failed", "open");
	snprintf(path, sizeof path, "/payments/payment-%s", api_var("payment"));
	api_ok(sandbox_call(&platform, GET, path, "") == 200, "the platform knows it, as closed");
	alice_changed(0, "nothing was paid");
}

/* The cashier does not wait for a platform that says nothing: the order ends, and what is paid all the same goes back. */
static void test_order_given_up(void)
{
	static const struct step given_up[] = {
		{ "the till may not give up at once", "cashier1", POST, "/v1/orders/${order}/cancel", "{}", .status = 409, .error = "conflict" },
		{ "but in time", "cashier1", POST, "/v1/orders/${order}/cancel", "{}", .check = { { "state", "cancelled" } }, SOON },
	};

	choose();
	sandbox_control(&platform, "/control", "{\"answers\":\"error\"}");
	API_RUN(given_up);
	pays("the customer pays all the same");
	sandbox_control(&platform, "/control", "{\"answers\":\"normal\"}");
	becomes("returned", "cancelled");
	alice_changed(0, "the money went back");
}

/* ---- the till's side ---- */

static void test_cancel_and_late_money(void)
{
	static const struct step cancel[] = {
		{ "the till cancels while the customer looks at the page", "cashier1", POST, "/v1/payments/${payment}/cancel",
		  .check = { { "state", "failed" } } },
		{ "replayed", "cashier1", POST, "/v1/payments/${payment}/cancel", .key = "=the till cancels while the customer looks at "
		  "the page" },
	};
	static const struct step too_late[] = {
		{ "too late to cancel: it is paid", "cashier1", POST, "/v1/payments/${payment}/cancel", .check = { { "state", "settled" } } },
	};
	char body[96];

	choose();
	API_RUN(cancel);
	api_ok(sandbox_page(api_var("page"), "alice", "1111", true) == 409, "the page takes no money any more");
	alice_changed(0, "nothing was paid");
	/* The platform changes its mind. */
	static const struct step closed[] = {
		{ "the order is dropped", "cashier1", POST, "/v1/orders/${order}/cancel", .check = { { "state", "cancelled" } } },
	};
	API_RUN(closed);
	snprintf(body, sizeof body, "{\"payment\":\"%s\",\"account\":\"alice\"}", strrchr(api_var("page"), '/') + 1);
	sandbox_control(&platform, "/control/pay", body);
	becomes("returned", "cancelled");
	alice_changed(0, "late money went back");

	sandbox_control(&platform, "/control", "{\"callbacks\":\"lose\"}");
	choose();
	pays("the customer pays, nobody hears of it");
	API_RUN(too_late);
	sandbox_control(&platform, "/control", "{\"callbacks\":\"deliver\"}");
	becomes("settled", "paid");
	alice_changed(-PRICE, "one payment");
}

static void test_refund(void)
{
	static const struct step refund[] = {
		{ "the manager gives it back", "manager", POST, "/v1/orders/${order}/refunds", "{\"reason\":\"broken\"}",
		  .check = { { "refunded_cents", "1083" } } },
		{ "replayed", "manager", POST, "/v1/orders/${order}/refunds", "{\"reason\":\"broken\"}",
		  .key = "=the manager gives it back" },
		{ "not twice", "manager", POST, "/v1/orders/${order}/refunds", "{\"reason\":\"broken\"}", .status = 409 },
	};

	choose();
	pays("the customer pays");
	becomes("settled", "paid");
	alice_changed(-PRICE, "paid");
	sandbox_control(&platform, "/control", "{\"answers\":\"lose\"}"); /* the first words about it are lost */
	API_RUN(refund);
	alice_changed(PRICE, "the account has it back");
	sandbox_control(&platform, "/control", "{\"answers\":\"normal\"}");
	alice_changed(0, "once");
}

static void test_fixed_code(void)
{
	static const struct step steps[] = {
		{ "an open order", "cashier1", POST, "/v1/orders", "{\"lines\":[{\"item_id\":${item2},\"quantity\":1}]}", .status = 201,
		  .save = { { "order_id", "order" } } },
		{ "the counter's code, by the platform", "c1", POST, "/v1/pay/${fixed1}",
		  "{\"source\":\"provider\",\"institution\":\"sandbox\",\"amount_cents\":1083}",
		  .save = { { "payment_id", "payment" }, { "redirect_url", "page" } }, .check = { { "state", "pending" } } },
	};

	API_RUN(steps);
	pays("the customer pays");
	becomes("settled", "paid");
	alice_changed(-PRICE, "one payment");
}

/* ---- bound accounts ---- */

static void bind(const char *customer, const char *account, const char *pin)
{
	const struct step steps[] = {
		{ "bind an account", customer, POST, "/v1/me/bindings", "{\"institution\":\"sandbox\"}", .status = 201,
		  .save = { { "binding_id", "binding" } }, .check = { { "state", "pending" } } },
		{ "the same binding again", customer, POST, "/v1/me/bindings", "{\"institution\":\"sandbox\"}", .status = 201,
		  .check = { { "binding_id", "${binding}" } } },
		{ "its page", customer, GET, "/v1/me/bindings", .save = { { "bindings[0].redirect_url", "page" } },
		  .check = { { "bindings[0].state", "pending" }, { "bindings[0].redirect_url", "<any>" } }, SOON },
	};
	const struct step bound[] = {
		{ "it is bound", customer, GET, "/v1/me/bindings", .check = { { "bindings[0].state", "active" } }, SOON },
		{ "the list says so", customer, GET, "/v1/providers", .check = { { "institutions[0].bound", "true" } } },
	};

	api_run(steps, 3);
	api_ok(sandbox_page(api_var("page"), account, pin, true) == 200, "%s agrees at the platform", account);
	api_run(bound, 2);
}

static void test_bound(void)
{
	static const struct step unknown[] = {
		{ "no such institution to bind", "c1", POST, "/v1/me/bindings", "{\"institution\":\"gold\"}", .status = 404,
		  .error = "not-found", .check = { { "field", "institution" } } },
		{ "not without a wallet", "", POST, "/v1/me/bindings", "{\"institution\":\"sandbox\"}", .status = 401 },
	};
	static const struct step straight[] = {
		{ "it goes straight through", "c1", POST, "/v1/pay/${pay}", BY_SANDBOX,
		  .check = { { "state", "settled" }, { "redirect_url", "<none>" }, { "receipt_code", "<any>" } } },
	};
	static const struct step poor[] = {
		{ "bound, without money", "c2", POST, "/v1/pay/${pay}", BY_SANDBOX, .check = { { "state", "failed" } } },
	};
	static const struct step foreign[] = {
		{ "another's binding", "c2", POST, "/v1/me/bindings/${binding}/remove", .status = 404, .error = "not-found" },
	};
	static const struct step removed[] = {
		{ "the customer ends it", "c1", POST, "/v1/me/bindings/${binding}/remove", .check = { { "state", "ended" } } },
		{ "replayed", "c1", POST, "/v1/me/bindings/${binding}/remove", .key = "=the customer ends it" },
		{ "it is gone", "c1", GET, "/v1/me/bindings", .check = { { "bindings", "<0 items>" } } },
	};
	char path[96];

	API_RUN(unknown);
	bind("c1", "alice", "1111");
	API_RUN(foreign);
	sell();
	API_RUN(straight);
	becomes("settled", "paid");
	alice_changed(-PRICE, "one payment");
	API_RUN(removed);
	choose();
	api_ok(strstr(api_var("page"), "/pay/") != NULL, "unbound again: the page is needed");
	pays("the customer pays");
	becomes("settled", "paid");
	alice_changed(-PRICE, "one payment");

	bind("c2", "carol", "3333");
	sell();
	API_RUN(poor);
	becomes("failed", "open");

	/* The platform ended it and nobody heard: it verifies the binding, so nothing is paid. */
	bind("c3", "alice", "1111");
	snprintf(path, sizeof path, "/bindings/%s/revoke", strrchr(api_var("page"), '/') + 1);
	sandbox_control(&platform, "/control", "{\"callbacks\":\"lose\"}");
	api_ok(sandbox_call(&platform, POST, path, "{}") == 200, "the platform revokes a binding");
	sandbox_control(&platform, "/control", "{\"callbacks\":\"deliver\"}");
	static const struct step revoked[] = {
		{ "it does not pay", "c3", POST, "/v1/pay/${pay}", BY_SANDBOX, .check = { { "state", "failed" } } },
		{ "the binding is known to be gone", "c3", GET, "/v1/me/bindings", .check = { { "bindings", "<0 items>" } } },
		{ "the list says so", "c3", GET, "/v1/providers", .check = { { "institutions[0].bound", "false" } } },
	};
	sell();
	API_RUN(revoked);
	becomes("failed", "open");
	alice_changed(0, "nothing was paid");
}

/* ---- the server is killed between asking and the answer ---- */

static void *ask_in_vain(void *ctx)
{
	(void)ctx;
	char command[512];
	snprintf(command, sizeof command, "curl -s -m 20 -o /dev/null -X POST -H 'Authorization: Bearer %s' "
	         "-H 'Content-Type: application/json' -H 'Idempotency-Key: 01932f00-0000-7000-8000-000000000001' "
	         "-d '" BY_SANDBOX "' %s/v1/pay/%s", api_var("c1"), server.phone_url, api_var("pay"));
	if (system(command) == -1)
		abort();
	return NULL;
}

static void test_killed_while_asking(void)
{
	static const struct step back[] = {
		{ "after the restart the payment is followed", "c1", GET, "/v1/pay/${pay}", .save = { { "redirect_url", "page" } },
		  .check = { { "state", "pending" }, { "redirect_url", "<any>" } }, .within_ms = 30000 },
		{ "the customer's phone asks again", "c1", POST, "/v1/pay/${pay}", BY_SANDBOX,
		  .key = "01932f00-0000-7000-8000-000000000001", .check = { { "state", "pending" }, { "redirect_url", "${page}" } } },
	};
	pthread_t asking;

	sandbox_control(&platform, "/control", "{\"answers\":\"delay\",\"delay_ms\":5000}");
	sell();
	int64_t known = sandbox_number(&platform, "payments");
	pthread_create(&asking, NULL, ask_in_vain, NULL);
	/* The platform's answers are slow, its work is not: once it knows the payment, the server waits for the answer. */
	counted("payments", known + 1, "the platform was asked");
	server_kill(&server);
	pthread_join(asking, NULL);
	sandbox_control(&platform, "/control", "{\"answers\":\"normal\"}");
	server_again(&server);
	api_begin(&server);
	API_RUN(back);
	pays("the customer pays");
	becomes("settled", "paid");
	alice_changed(-PRICE, "exactly one payment");
	api_ok(sandbox_number(&platform, "payments") == known + 1, "the platform was asked for one");
}

int main(void)
{
	sandbox_start(&platform, "provider");
	const char *const flags[] = { platform.flag, "--provider-query-ms=200", "--provider-give-up-ms=2000", NULL };
	server_start(&server, "provider", flags);
	api_begin(&server);
	sale_shop();
	alice_had = sandbox_number(&platform, "alice");
	test_unbound();
	test_declined();
	test_callback_faults();
	test_forged_callbacks();
	test_answer_faults();
	test_platform_away();
	test_given_up();
	test_order_given_up();
	test_cancel_and_late_money();
	test_refund();
	test_fixed_code();
	test_bound();
	/* Also before the kill: a server that is killed cannot tell a coverage build what it ran. */
	api_ok(server_stop(&server), "a stop in between, with nothing left to do");
	server_again(&server);
	api_begin(&server);
	test_killed_while_asking();
	sale_audit();
	api_ok(sandbox_number(&platform, "alice") == alice_had, "nothing moved meanwhile");
	api_ok(server_stop(&server), "the server stops cleanly");
	sandbox_stop(&platform);
	return api_end();
}
