/* event: see event.h. The till waits as the real one does, in one long poll, while the customer pays in a thread. */
#include "tests/bench/event.h"

#include "shared/api_client.h"
#include "shared/clock.h"
#include "shared/code.h"
#include "tests/bench/figures.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

struct payer {
	struct api *phone;
	char path[160], body[160], key[40];
	int64_t answered_us;
};

static struct api *open_api(int port, const char *token)
{
	char url[64];
	struct api *api;
	struct problem why;

	snprintf(url, sizeof url, "http://127.0.0.1:%d", port);
	if (api_open(&(struct api_options){ .url = url, .token = token }, &api, &why) != QT_OK)
		fatal("bench: %s", why.detail);
	return api;
}

static void must_post(struct api *api, const char *path, const char *body, const char *key, struct api_reply *r)
{
	if (api_call(api, "POST", path, body, key, r) != QT_OK)
		fatal("bench: %s: %s %s", path, err_info(r->err)->code, r->problem.detail);
}

static void *pay(void *arg)
{
	struct payer *p = arg;
	struct api_reply r;

	must_post(p->phone, p->path, p->body, p->key, &r);
	p->answered_us = clock_mono_us();
	api_reply_free(&r);
	return NULL;
}

static void hear(void *ctx, const char *kind, int64_t ref_id, const struct json_t *extra)
{
	(void)ref_id;
	(void)extra;
	if (strcmp(kind, "payment-settled") == 0)
		*(int64_t *)ctx = clock_mono_us();
}

/* A sale of one item, its code in the path of the payment to come. */
static void show_code(struct bench_shop *shop, struct api *till, struct payer *p)
{
	char body[200], key[24], token[96];
	struct api_reply r;

	snprintf(key, sizeof key, "%" PRId64, shop->next_key[0]);
	snprintf(body, sizeof body, "{\"number\":%" PRId64 ",\"lines\":[{\"item_id\":%" PRId64 ",\"quantity\":1}],"
	         "\"payments\":[{\"method\":\"code\"}]}", shop->next_key[0]++, shop->item_ids[0]);
	must_post(till, "/v1/orders", body, key, &r);
	const char *url = jtext(jat(jget(r.body, "payments"), 0), "code", "");
	if (code_token_of(url, NULL, token) == NULL)
		fatal("bench: an order without a code");
	snprintf(p->path, sizeof p->path, "/v1/pay/%s", token);
	snprintf(p->body, sizeof p->body, "{\"source\":\"card\",\"card_code\":\"%s\"}", shop->card_codes[0]);
	api_reply_free(&r);
}

void bench_event(struct bench_shop *shop, int till_port, int phone_port, int rounds)
{
	struct api *till = open_api(till_port, shop->sessions[0]), *listener = open_api(till_port, shop->sessions[0]);
	struct payer p = { 0 };
	struct api_reply r;
	int64_t heard_us = 0;
	struct api_events events = { .after = -1, .event = hear, .ctx = &heard_us };

	p.phone = open_api(phone_port, NULL);
	must_post(p.phone, "/v1/customers", "{\"locale\":\"en\"}", "00000001-0000-7000-8000-000000000000", &r);
	api_set_token(p.phone, jtext(r.body, "device_token", ""));
	api_reply_free(&r);
	api_events_start(listener, &events);
	for (int i = 0; i < rounds; i++) {
		pthread_t thread;
		snprintf(p.key, sizeof p.key, "00000001-0000-7000-8000-%012d", i + 1);
		show_code(shop, till, &p);
		/* Past the first answer, which comes at once, and what it says happened before. */
		for (int turn = 0; turn < 3; turn++)
			api_wait(listener, -1, 50);
		heard_us = 0;
		if (pthread_create(&thread, NULL, pay, &p) != 0)
			fatal("bench: no thread");
		for (int turn = 0; turn < 5 && heard_us == 0; turn++)
			api_wait(listener, -1, 1000);
		pthread_join(thread, NULL);
		if (heard_us == 0)
			fatal("bench: the till did not hear of a payment");
		figure_add("paid_event_ms", heard_us > p.answered_us ? (double)(heard_us - p.answered_us) / 1000 : 0);
	}
	api_close(p.phone);
	api_events_stop(&events);
	api_close(listener);
	api_close(till);
}
