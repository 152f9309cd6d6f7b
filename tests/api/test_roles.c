/* One process or two: the same list of commands, with the same results, against a server that has both roles, and against
 * either half of a split one. What settles is in the service process alone. */
#include "tests/lib/api.h"
#include "tests/lib/shop.h"
#include "tests/lib/tmp.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct step list[] = {
	{ "who am I", "ann", GET, "/v1/me", .check = { { "customer_id", "${ann_id}" }, { "has_pin", "false" } } },
	{ "the same by cookie", "cookie:ann", GET, "/v1/me", .check = { { "customer_id", "${ann_id}" } } },
	{ "a stranger is nobody", "", GET, "/v1/me", .status = 401, .error = "not-signed-in" },
	{ "a forged device is nobody", "", GET, "/v1/cards", .status = 401, .error = "not-signed-in",
	  .header = "Authorization: Bearer D-1-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" },
	{ "a PIN", "ann", POST, "/v1/me", "{\"pin\":\"135790\"}", .check = { { "has_pin", "true" } } },
	{ "the PIN again", "ann", POST, "/v1/me", "{\"pin\":\"135790\"}", .key = "=a PIN" },
	{ "the key for another body", "ann", POST, "/v1/me", "{\"locale\":\"zh\"}", .key = "=a PIN", .status = 422,
	  .error = "idempotency-key-reused" },
	{ "a card from the till", "cashier", POST, "/v1/cards", "{\"amount_cents\":20000,\"tender\":\"cash\"}", .save = { { "code", "card" } },
	  .check = { { "balance_cents", "20000" } } },
	{ "the card is bound", "ann", POST, "/v1/cards/bind", "{\"code\":\"${card}\"}", .save = { { "card_id", "card_id" } },
	  .check = { { "bound", "true" } } },
	{ "no events yet", "cashier", GET, "/v1/events?after=-1", .save = { { "last", "last" } } },
	{ "an order to be paid by code", "cashier", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${item_milk},\"quantity\":2}],\"payments\":[{\"method\":\"code\"}]}",
	  .check = { { "state", "open" } }, .save = { { "order_id", "order" }, { "payments[0].code", "payment_code" },
	  { "total_cents", "total" } } },
	{ "the customer pays it", "ann", POST, "/v1/pay/${payment_token}", "{\"source\":\"card\",\"card_id\":${card_id}}",
	  .check = { { "state", "settled" } } },
	{ "and again: the same answer", "ann", POST, "/v1/pay/${payment_token}", "{\"source\":\"card\",\"card_id\":${card_id}}",
	  .key = "=the customer pays it" },
	{ "the till hears of it", "cashier", GET, "/v1/events?after=${last}&wait=10", .check = { { "events[0].kind", "payment-settled" } } },
	{ "the order is paid", "cashier", GET, "/v1/orders/${order}", .check = { { "state", "paid" }, { "due_cents", "0" } } },
	{ "a large one needs the PIN", "cashier", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${item_bread},\"quantity\":20}],\"payments\":[{\"method\":\"code\"}]}",
	  .save = { { "payments[0].code", "payment_code" } } },
};

static const struct step large[] = {
	{ "not without it", "ann", POST, "/v1/pay/${payment_token}", "{\"source\":\"card\",\"card_id\":${card_id}}", .status = 403,
	  .error = "pin-needed" },
	{ "not with a wrong one", "ann", POST, "/v1/pay/${payment_token}",
	  "{\"source\":\"card\",\"card_id\":${card_id},\"pin\":\"000000\"}", .status = 403, .error = "bad-pin" },
	{ "with the right one", "ann", POST, "/v1/pay/${payment_token}",
	  "{\"source\":\"card\",\"card_id\":${card_id},\"pin\":\"135790\"}", .check = { { "state", "settled" } } },
	{ "the till cannot be asked as a stranger", "", GET, "/v1/orders/${order}", .status = 401, .error = "not-signed-in" },
	{ "peers only", "ann", GET, "/v1/peer/people", .status = 403, .error = "forbidden" },
	{ "peers only, whatever they say", "", GET, "/v1/peer/keys", .status = 401,
	  .header = "X-Peer: 1:peer:00000000000000000000000000000000:"
	            "0000000000000000000000000000000000000000000000000000000000000000" },
	{ "the books are right", "operator", POST, "/v1/audit", "{}", .check = { { "clean", "true" } } },
};

/* The token of the URL in a variable. */
static void token_of(const char *from, const char *to)
{
	const char *url = api_var(from), *slash = strrchr(url, '/');
	api_set(to, "%s", slash ? slash + 1 : url);
}

static void page(const char *label, const char *as, const char *path, const char *holds)
{
	struct step s = { label, as, GET, path };
	const struct answer *a = api_send(&s);
	if (!api_ok(a->status == 200 && strstr(a->text, holds) != NULL, "%s", label))
		printf("# %d, without \"%s\": %.600s\n", a->status, holds, a->text);
}

static void run_list(const char *layout)
{
	enum { TO_ORDER = 11 };
	printf("# %s\n", layout);
	shop_make("");
	shop_customer("ann");
	api_run(list, TO_ORDER);
	token_of("payment_code", "payment_token");
	page("the code lands on a page with the amount", "", "/Q/${payment_token}", "4.31");
	page("the page knows a wallet", "cookie:ann", "/Q/${payment_token}", "4.31");
	api_run(list + TO_ORDER, (int)(sizeof list / sizeof *list) - TO_ORDER);
	token_of("payment_code", "payment_token");
	API_RUN(large);
}

static void start_half(struct test_server *s, const char *name, const char *role, int port, int peer_port)
{
	char listen[64], peer[64], roles[64];
	snprintf(listen, sizeof listen, "--listen-till=127.0.0.1:%d", port);
	snprintf(peer, sizeof peer, "--peer-url=http://127.0.0.1:%d", peer_port);
	snprintf(roles, sizeof roles, "--roles=%s", role);
	const char *const flags[] = { listen, peer, roles, "--public-url=http://pay.example.test", NULL };
	server_start(s, name, flags);
	s->till_port = port;
	snprintf(s->till_url, sizeof s->till_url, "http://127.0.0.1:%d", port);
}

/* Both halves need the same secrets. */
static void copy_keys(const char *from, const char *to)
{
	char path[200], text[8192];
	snprintf(path, sizeof path, "%s/keys.conf", from);
	FILE *f = fopen(path, "r");
	size_t n = f ? fread(text, 1, sizeof text, f) : 0;
	if (f)
		fclose(f);
	snprintf(path, sizeof path, "%s/%s", test_folder(), to);
	if (mkdir(path, 0700) != 0)
		perror(path);
	strcat(path, "/keys.conf");
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
	if (fd < 0 || write(fd, text, n) != (ssize_t)n)
		perror(path);
	close(fd);
}

int main(void)
{
	struct test_server whole, codes, service;
	static const char *const flags[] = { "--public-url=http://pay.example.test", NULL };
	char message[1000];

	server_start(&whole, "whole", flags);
	api_begin(&whole);
	run_list("both roles in one process");
	api_ok(server_stop(&whole), "one process ends cleanly");

	int codes_port = free_port(), service_port = free_port();
	start_half(&codes, "codes", "codes", codes_port, service_port);
	copy_keys(codes.dir, "service");
	start_half(&service, "service", "service", service_port, codes_port);
	api_begin(&codes);
	run_list("two processes, asked at codes");
	api_begin(&service);
	run_list("two processes, asked at service");

	/* What one half cannot do alone it refuses; the other half keeps its own work. */
	server_kill(&codes);
	static const struct step alone[] = {
		{ "a cash sale needs nobody else", "cashier", POST, "/v1/orders",
		  "{\"lines\":[{\"item_id\":${item_milk},\"quantity\":1}],\"payments\":[{\"method\":\"cash\",\"received_cents\":1000}]}",
		  .check = { { "state", "paid" } } },
		{ "sign-up waits for the other half", "", POST, "/v1/customers", "{}", .status = 503, .error = "offline" },
	};
	API_RUN(alone);
	server_again(&codes);
	static const struct step together[] = {
		{ "and works when it is back", "", POST, "/v1/customers", "{}", .key = "=sign-up waits for the other half",
		  .fresh = true, .within_ms = 5000 },
	};
	API_RUN(together);
	api_ok(server_stop(&service), "the service half ends cleanly");
	api_ok(server_stop(&codes), "the codes half ends cleanly");

	struct test_server wrong;
	static const char *const no_peer[] = { "--roles=codes", NULL };
	api_ok(server_refuses(&wrong, "wrong", no_peer, message, sizeof message) && strstr(message, "peer_url") != NULL,
	       "half a server without the other's address is refused");
	static const char *const no_role[] = { "--roles=cook", NULL };
	api_ok(server_refuses(&wrong, "wrong2", no_role, message, sizeof message) && strstr(message, "roles") != NULL,
	       "a role nobody knows is refused");
	return api_end();
}
