/* shop: see shop.h. */
#include "tests/bench/shop.h"

#include "shared/api_client.h"
#include "shared/buf.h"
#include "shared/code.h"
#include "shared/jread.h"
#include "tests/bench/load.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct maker {
	struct bench_shop *shop;
	struct api *operator, *till, *phone;
	int64_t key;
	char store_id[24], tax_id[24];
};

/* Call and insist. The caller frees the reply. */
static void must(struct maker *m, struct api *api, const char *method, const char *path, const char *body,
                 struct api_reply *reply)
{
	char key[40];

	/* A UUID of version 7 (RFC 9562) that counts in place of the clock: unique here, and in order. */
	m->key++;
	snprintf(key, sizeof key, "%08x-%04x-7000-8000-000000000000", (unsigned)(m->key >> 16), (unsigned)m->key & 0xffff);
	if (api_call(api, method, path, body, key, reply) != QT_OK)
		fatal("bench: %s %s: %s %s %s", method, path, err_info(reply->err)->code, reply->problem.field,
		      reply->problem.detail);
}

static int64_t must_id(struct maker *m, struct api *api, const char *path, const char *body, const char *name)
{
	struct api_reply reply;

	must(m, api, "POST", path, body, &reply);
	int64_t id = jint(reply.body, name, 0);
	api_reply_free(&reply);
	if (id == 0)
		fatal("bench: %s gave no %s", path, name);
	return id;
}

static void take_token(const struct json_t *object, const char *name, char out[96])
{
	const char *url = jtext(object, name, NULL);
	if (url == NULL || code_token_of(url, NULL, out) == NULL)
		fatal("bench: no code in %s", name);
}

static struct api *open_api(const char *url, const char *socket, int64_t merchant_id)
{
	struct api_options options = { .url = url, .socket = socket, .merchant_id = merchant_id, .timeout_ms = 120000 };
	struct problem why;
	struct api *api;

	if (api_open(&options, &api, &why) != QT_OK)
		fatal("bench: %s", why.detail);
	return api;
}

static void make_merchant(struct maker *m, const char *socket)
{
	char body[512];
	int64_t agent = must_id(m, m->operator, "/v1/agents", "{\"name\":\"Agent\",\"commission_bp\":50}", "agent_id");

	snprintf(body, sizeof body,
	         "{\"name\":\"Bench Cafe\",\"currency\":\"USD\",\"country\":\"US\",\"city\":\"PORTLAND\",\"mcc\":5812,"
	         "\"fee_bp\":60,\"tax_inclusive\":true,\"points_per_100\":1,\"point_value_cents\":1,\"agent_id\":%" PRId64 "}",
	         agent);
	m->shop->merchant_id = must_id(m, m->operator, "/v1/merchants", body, "merchant_id");
	api_close(m->operator);
	m->operator = open_api("http://localhost", socket, m->shop->merchant_id);
	snprintf(m->store_id, sizeof m->store_id, "%" PRId64,
	         must_id(m, m->operator, "/v1/stores", "{\"name\":\"Main\"}", "store_id"));
	snprintf(m->tax_id, sizeof m->tax_id, "%" PRId64,
	         must_id(m, m->operator, "/v1/taxes", "{\"name\":\"Sales tax\",\"rate_bp\":825}", "tax_id"));
	must_id(m, m->operator, "/v1/staff", "{\"number\":\"1\",\"name\":\"Bench\",\"role\":\"cashier\",\"pin\":\"4711\"}",
	        "staff_id");
	must_id(m, m->operator, "/v1/prefund", "{\"amount_cents\":900000000000,\"reference\":\"bench\"}", "balance_cents");
}

static void make_items(struct maker *m, int count)
{
	struct bench_shop *shop = m->shop;
	struct buf body = { 0 };

	shop->items = count;
	shop->item_ids = xcalloc((size_t)count, sizeof *shop->item_ids);
	for (int from = 0; from < count; from += 500) {
		int n = count - from < 500 ? count - from : 500;
		buf_reset(&body);
		buf_adds(&body, "{\"items\":[");
		for (int i = 0; i < n; i++)
			buf_addf(&body, "%s{\"sku\":\"B%06d\",\"name\":\"Item %d\",\"price_cents\":%d,\"tax_id\":%s}", i ? "," : "",
			         from + i, from + i, 100 + (from + i) % 900, m->tax_id);
		buf_adds(&body, "]}");
		int64_t first = must_id(m, m->operator, "/v1/items/batch", body.data, "first_id");
		for (int i = 0; i < n; i++)
			shop->item_ids[from + i] = first + i;
	}
	buf_free(&body);
}

static void make_tills(struct maker *m, int count)
{
	struct bench_shop *shop = m->shop;
	struct api_reply made, enrolled, signed_in;
	char body[512];

	shop->tills = count;
	shop->sessions = xcalloc((size_t)count, sizeof *shop->sessions);
	shop->next_key = xcalloc((size_t)count, sizeof *shop->next_key);
	for (int i = 0; i < count; i++) {
		snprintf(body, sizeof body, "{\"store_id\":%s,\"name\":\"Till %d\"}", m->store_id, i + 1);
		must(m, m->operator, "POST", "/v1/terminals", body, &made);
		snprintf(body, sizeof body, "{\"code\":\"%s\"}", jtext(made.body, "enrolment_code", ""));
		must(m, m->till, "POST", "/v1/enrol", body, &enrolled);
		api_set_token(m->till, jtext(enrolled.body, "terminal_token", ""));
		must(m, m->till, "POST", "/v1/sign-in", "{\"number\":\"1\",\"pin\":\"4711\"}", &signed_in);
		snprintf(shop->sessions[i], sizeof shop->sessions[i], "%s", jtext(signed_in.body, "session_token", ""));
		api_set_token(m->till, NULL);
		shop->next_key[i] = 1;
		api_reply_free(&made);
		api_reply_free(&enrolled);
		api_reply_free(&signed_in);
	}
}

/* Customers, and among the first 3 * shares of them chains of three promoters. */
static void make_customers(struct maker *m, int customers, int shares)
{
	struct bench_shop *shop = m->shop;
	struct api_reply reply;
	char campaign[96], body[256], (*tokens)[128] = xcalloc((size_t)customers, sizeof *tokens);

	must(m, m->operator, "POST", "/v1/campaigns",
	     "{\"name\":\"Share\",\"levels\":[{\"rate_bp\":300},{\"rate_bp\":200},{\"rate_bp\":100}],\"channel_bp\":0,"
	     "\"agent_bp\":0,\"platform_bp\":0}",
	     &reply);
	take_token(reply.body, "code", campaign);
	snprintf(body, sizeof body, "/v1/campaigns/%" PRId64 "/state", jint(reply.body, "campaign_id", 0));
	api_reply_free(&reply);
	must(m, m->operator, "POST", body, "{\"state\":\"running\"}", &reply);
	api_reply_free(&reply);
	shop->customers = customers;
	shop->identities = xcalloc((size_t)customers, sizeof *shop->identities);
	for (int i = 0; i < customers; i++) {
		must(m, m->phone, "POST", "/v1/customers", "{\"locale\":\"en\"}", &reply);
		snprintf(tokens[i], sizeof tokens[i], "%s", jtext(reply.body, "device_token", ""));
		take_token(reply.body, "identity_code", shop->identities[i]);
		api_reply_free(&reply);
	}
	shop->shares = shares;
	shop->share_codes = xcalloc((size_t)shares, sizeof *shop->share_codes);
	for (int i = 0; i < shares; i++) {
		snprintf(shop->share_codes[i], sizeof shop->share_codes[i], "%s", campaign);
		for (int level = 0; level < 3; level++) {
			api_set_token(m->phone, tokens[3 * i + level]);
			snprintf(body, sizeof body, "{\"code\":\"%s\"}", shop->share_codes[i]);
			must(m, m->phone, "POST", "/v1/shares", body, &reply);
			take_token(reply.body, "code", shop->share_codes[i]);
			api_reply_free(&reply);
		}
	}
	api_set_token(m->phone, NULL);
	free(tokens);
}

/* Put together by hand, like the sale below: formatting would take the server's cores as long as a tenth of a sale. */
static void request_head(struct bench_shop *shop, int till, const char *path, size_t body_len, struct buf *out)
{
	buf_adds(out, "POST ");
	buf_adds(out, path);
	buf_adds(out, " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ");
	buf_adds(out, shop->sessions[till]);
	buf_adds(out, "\r\nContent-Type: application/json\r\nIdempotency-Key: ");
	buf_add_int(out, shop->next_key[till]);
	buf_adds(out, "\r\nContent-Length: ");
	buf_add_int(out, (int64_t)body_len);
	buf_adds(out, "\r\n\r\n");
}

static bool make_activation(void *ctx, int till, int64_t serial, struct buf *out)
{
	struct bench_shop *shop = ctx;
	char body[256];
	int len = snprintf(body, sizeof body, "{\"code\":\"%s\",\"amount_cents\":100000000,\"tender\":\"cash\"}",
	                   shop->card_codes[serial]);

	request_head(shop, till, "/v1/cards/activate", (size_t)len, out);
	shop->next_key[till]++;
	buf_add(out, body, (size_t)len);
	return true;
}

static void make_cards(struct maker *m, int count, int till_port)
{
	struct bench_shop *shop = m->shop;
	struct api_reply reply;
	struct load_result result;
	char path[96];

	shop->cards = 0;
	shop->card_codes = xcalloc((size_t)count, sizeof *shop->card_codes);
	while (shop->cards < count) {
		int n = count - shop->cards < 10000 ? count - shop->cards : 10000;
		snprintf(path, sizeof path, "{\"count\":%d,\"face_cents\":0}", n);
		int64_t batch = must_id(m, m->operator, "/v1/card-batches", path, "batch_id");
		snprintf(path, sizeof path, "/v1/card-batches/%" PRId64 "/export", batch);
		must(m, m->operator, "POST", path, "{}", &reply);
		const struct json_t *cards = jget(reply.body, "cards");
		for (int i = 0; i < n; i++)
			take_token(jat(cards, (size_t)i), "code", shop->card_codes[shop->cards++]);
		api_reply_free(&reply);
	}
	struct load_options load = { .port = till_port, .connections = shop->tills < 64 ? shop->tills : 64,
		                     .requests = count, .make = make_activation, .ctx = shop };
	if (load_run(&load, &result) != QT_OK || result.answered != count)
		fatal("bench: %" PRId64 " of %d cards were activated: %s", result.answered, count, result.first_refusal);
}

void bench_shop_make(struct bench_shop *shop, const struct bench_shop_size *size, const char *socket, int till_port,
                     int phone_port)
{
	struct maker m = { .shop = shop, .key = 0 };
	char url[64];

	memset(shop, 0, sizeof *shop);
	m.operator = open_api("http://localhost", socket, 0);
	snprintf(url, sizeof url, "http://127.0.0.1:%d", till_port);
	m.till = open_api(url, NULL, 0);
	snprintf(url, sizeof url, "http://127.0.0.1:%d", phone_port);
	m.phone = open_api(url, NULL, 0);
	fprintf(stderr, "# making %d tills, %d items, %d customers, %d chains, %d cards\n", size->tills, size->items,
	        size->customers, size->shares, size->cards);
	make_merchant(&m, socket);
	make_items(&m, size->items);
	make_tills(&m, size->tills);
	make_customers(&m, size->customers, size->shares);
	make_cards(&m, size->cards, till_port);
	api_close(m.operator);
	api_close(m.till);
	api_close(m.phone);
}

void bench_shop_free(struct bench_shop *shop)
{
	free(shop->sessions);
	free(shop->next_key);
	free(shop->item_ids);
	free(shop->card_codes);
	free(shop->identities);
	free(shop->share_codes);
}

/* xorshift64*, by Vigna: quick, and good enough to pick cards. */
static uint64_t next_random(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * UINT64_C(2685821657736338717);
}

static int pick(uint64_t *random, int from, int to)
{
	return from + (int)(next_random(random) >> 33) % (to - from);
}

static void add_int(struct buf *b, const char *before, int64_t value)
{
	buf_adds(b, before);
	buf_add_int(b, value);
}

static void add_text(struct buf *b, const char *before, const char *text)
{
	buf_adds(b, before);
	buf_adds(b, text);
}

void bench_shop_sale(struct bench_shop *shop, int till, uint64_t *random, struct buf *out)
{
	struct buf body = { 0 };
	int buyers = 3 * shop->shares < shop->customers ? 3 * shop->shares : 0; /* nobody earns on their own purchase */

	add_int(&body, "{\"number\":", shop->next_key[till]);
	add_int(&body, ",\"lines\":[{\"item_id\":", shop->item_ids[pick(random, 0, shop->items)]);
	add_int(&body, ",\"quantity\":1},{\"item_id\":", shop->item_ids[pick(random, 0, shop->items)]);
	add_int(&body, ",\"quantity\":2},{\"item_id\":", shop->item_ids[pick(random, 0, shop->items)]);
	add_text(&body, ",\"quantity\":1}],\"share\":\"", shop->share_codes[pick(random, 0, shop->shares)]);
	add_text(&body, "\",\"customer\":\"", shop->identities[pick(random, buyers, shop->customers)]);
	add_text(&body, "\",\"payments\":[{\"method\":\"card\",\"code\":\"", shop->card_codes[pick(random, 0, shop->cards)]);
	buf_adds(&body, "\"}]}");
	request_head(shop, till, "/v1/orders", body.len, out);
	shop->next_key[till]++;
	buf_add(out, body.data, body.len);
	buf_free(&body);
}
