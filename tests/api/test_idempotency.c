/* Idempotency as the dispatcher promises it: same key and body, the first answer again; another body, a refusal; whose
 * key it is; what is not kept; many at once; across a kill. */
#include "tests/lib/api.h"
#include "tests/lib/client.h"
#include "tests/lib/sale.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SALE "{\"lines\":[{\"item_id\":${item1},\"quantity\":1}],\"payments\":[{\"method\":\"cash\",\"received_cents\":1000}]}"
#define CARD "{\"lines\":[{\"item_id\":${item1},\"quantity\":1}],\"payments\":[{\"method\":\"card\",\"code\":\"${card1}\"}]}"

static const struct step steps[] = {
	{ "no key", "cashier1", POST, "/v1/orders", SALE, .key = "none", .status = 400, .error = "no-idempotency-key" },
	{ "an empty key", "cashier1", POST, "/v1/orders", SALE, .key = "none", .header = "Idempotency-Key;", .status = 422,
	  .error = "bad-field", .check = { { "field", "Idempotency-Key" } } },
	{ "a key of words", "cashier1", POST, "/v1/orders", SALE, .key = "once", .status = 422, .error = "bad-field" },
	{ "a key of zero", "cashier1", POST, "/v1/orders", SALE, .key = "0", .status = 422, .error = "bad-field" },
	{ "a negative key", "cashier1", POST, "/v1/orders", SALE, .key = "-1", .status = 422, .error = "bad-field" },
	{ "a key that overflows", "cashier1", POST, "/v1/orders", SALE, .key = "9223372036854775808", .status = 422, .error = "bad-field" },
	{ "half a UUID", "cashier1", POST, "/v1/orders", SALE, .key = "0190a5f0-0000-7000-8000", .status = 422, .error = "bad-field" },

	{ "a sale by number", "cashier1", POST, "/v1/orders", SALE, .key = "7001", .save = { { "order_id", "first" } } },
	{ "the same again", "cashier1", POST, "/v1/orders", SALE, .key = "=a sale by number", .check = { { "order_id", "${first}" } } },
	{ "and again", "cashier1", POST, "/v1/orders", SALE, .key = "=a sale by number" },
	{ "one blank more is another request", "cashier1", POST, "/v1/orders", " " SALE, .key = "7001", .status = 422,
	  .error = "idempotency-key-reused" },
	{ "another path too", "cashier1", POST, "/v1/orders/${first}/refunds", "{\"reason\":\"x\"}", .key = "7001", .status = 422,
	  .error = "idempotency-key-reused" },
	{ "the first still stands", "cashier1", POST, "/v1/orders", SALE, .key = "=a sale by number" },
	{ "another till's number 7001 is its own", "cashier2", POST, "/v1/orders", SALE, .key = "7001" },
	{ "so is the manager's", "manager", POST, "/v1/orders", SALE, .key = "7001" },

	{ "a sale by UUID", "cashier1", POST, "/v1/orders", CARD, .key = "0190a5f0-1111-7000-8000-000000000001" },
	{ "the same by UUID", "cashier1", POST, "/v1/orders", CARD, .key = "=a sale by UUID" },
	{ "capitals are the same UUID", "cashier1", POST, "/v1/orders", SALE, .key = "0190A5F0-1111-7000-8000-000000000001", .status = 422,
	  .error = "idempotency-key-reused" },

	{ "a sale that cannot be", "cashier1", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${item2},\"quantity\":1}],\"payments\":[{\"method\":\"card\",\"code\":\"${card3}\"}]}", .key = "7003",
	  .status = 409, .error = "insufficient-funds" },
	{ "its key is still free", "cashier1", POST, "/v1/orders", SALE, .key = "7003" },

	{ "sign-up needs a UUID", "", POST, "/v1/customers", "{}", .key = "5", .status = 422, .error = "bad-field",
	  .check = { { "field", "Idempotency-Key" } } },
	{ "sign-up", "", POST, "/v1/customers", "{}", .save = { { "device_token", "fresh" }, { "customer_id", "fresh_id" } } },
	{ "sign-up again is the same customer", "", POST, "/v1/customers", "{}", .key = "=sign-up",
	  .check = { { "customer_id", "${fresh_id}" }, { "device_token", "${fresh}" } } },
	{ "a cookie needs its header", "cookie:fresh", POST, "/v1/me", "{\"locale\":\"zh\"}", .status = 403, .error = "forbidden",
	  .check = { { "field", "X-Qrtill" } } },
	{ "with the header it does", "cookie:fresh", POST, "/v1/me", "{\"locale\":\"zh\"}", .header = "X-Qrtill: 1",
	  .check = { { "locale", "zh" } } },
	{ "another value does not", "cookie:fresh", POST, "/v1/me", "{\"locale\":\"en\"}", .header = "X-Qrtill: 0", .status = 403 },
};

static const struct step after_kill[] = {
	{ "after a kill: the first answer", "cashier1", POST, "/v1/orders", SALE, .key = "=a sale by number" },
	{ "after a kill: the answer of a card sale", "cashier1", POST, "/v1/orders", CARD, .key = "=a sale by UUID" },
	{ "after a kill: the sign-up", "", POST, "/v1/customers", "{}", .key = "=sign-up" },
	{ "after a kill: another body is refused", "cashier1", POST, "/v1/orders", " " SALE, .key = "7001", .status = 422,
	  .error = "idempotency-key-reused" },
};

/* --- many at once with one key --- */

#define THREADS 16

static struct {
	struct buf request;
	int port;
	pthread_barrier_t barrier;
	_Atomic int fresh, replayed, other;
	_Atomic int64_t order_id;
} race;

static void *ask(void *ctx)
{
	struct client c;

	(void)ctx;
	client_open(&c, race.port);
	pthread_barrier_wait(&race.barrier);
	if (!client_send(&c, &race.request, 10000) || c.status / 100 != 2)
		atomic_fetch_add(&race.other, 1);
	else if (c.replayed)
		atomic_fetch_add(&race.replayed, 1);
	else
		atomic_fetch_add(&race.fresh, 1);
	int64_t id = client_int(&c, "order_id"), none = 0;
	if (!atomic_compare_exchange_strong(&race.order_id, &none, id) && none != id)
		atomic_fetch_add(&race.other, 1);
	client_close(&c);
	return NULL;
}

static void test_race(const struct test_server *server, int rounds)
{
	pthread_t threads[THREADS];
	char body[300], key[40];
	bool ok = true;

	race.port = server->till_port;
	snprintf(body, sizeof body, "{\"lines\":[{\"item_id\":%s,\"quantity\":1}],\"payments\":[{\"method\":\"cash\",\"received_cents\":1000}]}",
	         api_var("item1"));
	for (int round = 0; round < rounds && ok; round++) {
		snprintf(key, sizeof key, "%d", 9000 + round);
		race.request = (struct buf){ 0 };
		client_post(&race.request, "/v1/orders", api_var("cashier2"), key, body);
		atomic_store(&race.fresh, 0);
		atomic_store(&race.replayed, 0);
		atomic_store(&race.other, 0);
		atomic_store(&race.order_id, 0);
		pthread_barrier_init(&race.barrier, NULL, THREADS);
		for (int i = 0; i < THREADS; i++)
			pthread_create(&threads[i], NULL, ask, NULL);
		for (int i = 0; i < THREADS; i++)
			pthread_join(threads[i], NULL);
		pthread_barrier_destroy(&race.barrier);
		buf_free(&race.request);
		ok = race.fresh == 1 && race.replayed == THREADS - 1 && race.other == 0;
	}
	if (!api_ok(ok, "%d at once with one key: one effect, the same answer for all (%d rounds)", THREADS, rounds))
		printf("# fresh %d, replayed %d, other %d\n", race.fresh, race.replayed, race.other);
}

int main(void)
{
	struct test_server server;

	server_start(&server, "server", NULL);
	api_begin(&server);
	sale_shop();
	API_RUN(steps);
	/* The cookie of the sign-up comes again with its answer. */
	struct step again = { "the cookie comes again", "", POST, "/v1/customers", "{}", .key = "=sign-up" };
	const struct answer *a = api_send(&again);
	char cookie[200];
	snprintf(cookie, sizeof cookie, "qrtill_device=%s;", api_var("fresh"));
	api_ok(a->replayed && strstr(a->headers, cookie) != NULL && strstr(a->headers, "HttpOnly") != NULL, "the cookie comes again");
	test_race(&server, 20);
	server_kill(&server);
	server_again(&server);
	api_begin(&server);
	API_RUN(after_kill);
	sale_audit();
	api_ok(server_stop(&server), "the server ends cleanly");
	return api_end();
}
