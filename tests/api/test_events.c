/* Events: what happened reaches those it concerns and nobody else, while they wait or when they come back. */
#include "tests/lib/api.h"
#include "tests/lib/sale.h"

#include "shared/clock.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#define BY_CODE "{\"lines\":[{\"item_id\":${item1},\"quantity\":1}],\"payments\":[{\"method\":\"code\"}]}"

static const struct step before[] = {
	{ "where the till stands", "cashier1", GET, "/v1/events?after=-1", .check = { { "events", "<0 items>" } },
	  .save = { { "last", "start" } } },
	{ "a wait of nothing", "cashier1", GET, "/v1/events?after=${start}&wait=0", .check = { { "events", "<0 items>" },
	  { "last", "${start}" } } },
	{ "an order by code", "cashier1", POST, "/v1/orders", BY_CODE, .save = { { "payments[0].code", "url" }, { "order_id", "order" },
	  { "payments[0].payment_id", "payment" } } },
};

static const struct step after[] = {
	{ "the till comes back and reads it", "cashier1", GET, "/v1/events?after=${start}", .check = { { "events[0].kind", "payment-settled" },
	  { "events[0].extra.order_id", "${order}" }, { "events[0].extra.payment_id", "${payment}" } }, .save = { { "last", "seen" } } },
	{ "and once only", "cashier1", GET, "/v1/events?after=${seen}", .check = { { "events", "<0 items>" }, { "last", "${seen}" } } },
	{ "reading again from before gives it again", "cashier1", GET, "/v1/events?after=${start}",
	  .check = { { "events[0].kind", "payment-settled" } } },
	{ "another till of the shop hears only the shop's notice", "cashier2", GET, "/v1/events?after=${start}",
	  .check = { { "events", "<1 items>" }, { "events[0].kind", "notice" } } },
	{ "another company neither", "other_cashier", GET, "/v1/events?after=${start}", .check = { { "events", "<0 items>" } } },
	{ "the customer's page hears of it", "c5", GET, "/v1/events?after=${start}", .check = { { "events[0].event_id", "<any>" } } },
	{ "another customer does not", "c1", GET, "/v1/events?after=${start}", .check = { { "events", "<0 items>" } } },
	{ "who holds the payment's code may follow it", "", GET, "/v1/events?after=${start}&payment=${token}",
	  .check = { { "events[0].event_id", "<any>" } } },
	{ "a forged code follows nothing", "", GET, "/v1/events?after=${start}&payment=ABCDEFGHJKMNPQRSTVWXYZ", .status = 422,
	  .error = "bad-code" },
	{ "another kind of code neither", "", GET, "/v1/events?after=${start}&payment=${fixed1}", .status = 422, .error = "wrong-kind" },
};

static const struct step restarted[] = {
	{ "after a restart it is still there", "cashier1", GET, "/v1/events?after=${start}",
	  .check = { { "events[0].kind", "payment-settled" } } },
	{ "a wait that nothing ends has an end", "other_cashier", GET, "/v1/events?after=${seen}&wait=1", .check = { { "events", "<0 items>" } } },
	{ "old ones are swept", "operator", POST, "/v1/jobs/run", "{\"job\":\"events\",\"as_of_ms\":${tomorrow}}" },
	{ "swept, but for the newest, from which ids go on", "cashier1", GET, "/v1/events?after=${start}",
	  .check = { { "events", "<1 items>" } } },
};

/* A listener on a connection of its own, while the test goes on. */
struct listener {
	pthread_t thread;
	char url[400], header[200];
	char text[4000];
	size_t len;
	long status;
	int64_t ended_us;
};

static size_t take(char *data, size_t size, size_t count, void *ctx)
{
	struct listener *l = ctx;
	size_t n = size * count;
	if (l->len + n < sizeof l->text) {
		memcpy(l->text + l->len, data, n);
		l->len += n;
	}
	return n;
}

static void *listen_once(void *ctx)
{
	struct listener *l = ctx;
	CURL *c = curl_easy_init();
	struct curl_slist *headers = curl_slist_append(NULL, l->header);

	curl_easy_setopt(c, CURLOPT_URL, l->url);
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(c, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_TIMEOUT, 40L);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, l);
	if (curl_easy_perform(c) == CURLE_OK)
		curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &l->status);
	l->ended_us = clock_mono_us();
	curl_slist_free_all(headers);
	curl_easy_cleanup(c);
	return NULL;
}

static void start_listener(struct listener *l, const struct test_server *s, const char *who)
{
	*l = (struct listener){ 0 };
	snprintf(l->url, sizeof l->url, "%s/v1/events?after=%s&wait=30", s->till_url, api_var("seen_before"));
	snprintf(l->header, sizeof l->header, "Authorization: Bearer %s", api_var(who));
	pthread_create(&l->thread, NULL, listen_once, l);
}

static void wait_for_listeners(int count)
{
	char text[16];
	snprintf(text, sizeof text, "%d", count);
	struct step s = { "they wait", "operator", GET, "/v1/status", .check = { { "waiting", text } }, .within_ms = 5000 };
	api_run(&s, 1);
}

static void test_waiting(const struct test_server *server)
{
	struct listener right[4], wrong;
	static const struct step order = { "another order by code", "cashier1", POST, "/v1/orders", BY_CODE,
		.save = { { "payments[0].code", "url" } } };
	static const struct step pay = { "it is paid", "c5", POST, "/v1/pay/${token}", "{\"source\":\"card\",\"card_id\":${card2_id}}",
		.check = { { "state", "settled" } } };
	static const struct step where = { "where the till stands now", "cashier1", GET, "/v1/events?after=-1",
		.save = { { "last", "seen_before" } } };

	api_run(&where, 1);
	for (int i = 0; i < 4; i++)
		start_listener(&right[i], server, i % 2 ? "till1" : "cashier1");
	start_listener(&wrong, server, "other_cashier");
	wait_for_listeners(5);
	api_run(&order, 1);
	sale_token("url", "token");
	wait_for_listeners(5);
	api_run(&pay, 1);
	int64_t paid_us = clock_mono_us(), slowest_us = 0;
	int heard = 0;
	for (int i = 0; i < 4; i++) {
		pthread_join(right[i].thread, NULL);
		heard += right[i].status == 200 && strstr(right[i].text, "\"payment-settled\"") != NULL;
		if (right[i].ended_us - paid_us > slowest_us)
			slowest_us = right[i].ended_us - paid_us;
	}
	api_ok(heard == 4, "all four who wait for the till hear that it is paid");
	printf("# the last of them %lld us after the payment's answer\n", (long long)slowest_us);
	wait_for_listeners(1);
	/* Who waits when the server stops gets an answer, not silence. */
	server_stop((struct test_server *)server);
	pthread_join(wrong.thread, NULL);
	api_ok(wrong.status == 200 && strstr(wrong.text, "\"events\":[]") != NULL, "a listener is answered when the server stops");
}

int main(void)
{
	struct test_server server;

	curl_global_init(CURL_GLOBAL_DEFAULT);
	server_start(&server, "server", NULL);
	api_begin(&server);
	sale_shop();
	API_RUN(before);
	sale_token("url", "token");
	static const struct step pay[] = {
		{ "the customer pays", "c5", POST, "/v1/pay/${token}", "{\"source\":\"card\",\"card_id\":${card2_id}}",
		  .check = { { "state", "settled" } } },
	};
	API_RUN(pay);
	API_RUN(after);
	test_waiting(&server);
	server_again(&server);
	api_begin(&server);
	api_set("tomorrow", "%lld", (long long)clock_now_ms() + 25 * 3600 * 1000LL);
	API_RUN(restarted);
	sale_audit();
	api_ok(server_stop(&server), "the server ends cleanly");
	return api_end();
}
