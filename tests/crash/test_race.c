/* 64 clients at once want what only one can have: the last balance of a card, an unbound card, a payment code. 200 rounds
 * each; exactly one wins, the others get the registered refusal, and the books are clean. QRTILL_ROUNDS sets how many. */
#include "shared/code.h"
#include "tests/bench/shop.h"
#include "tests/lib/api.h"
#include "tests/lib/client.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLIENTS 64
#define PATIENCE_MS 30000

/* One of the 64: a till, and a customer with a phone and a card of their own. */
struct racer {
	struct client till, phone;
	const char *session;
	char device[128];
	int64_t card_id;  /* the customer's own */
	int64_t key;
	struct buf request;
	int status;       /* of the last round */
	char error[40];
};

struct race {
	struct racer racers[CLIENTS];
	struct bench_shop shop;
	pthread_barrier_t start, end;
	bool by_phone, over;
	int64_t order_id; /* the thing of the present round, where it is an order */
	char thing[CODE_URL_MAX];
};

static struct race race;

static void post(struct client *c, const char *path, const char *bearer, int64_t *key, const char *json)
{
	struct buf request = { 0 };
	char text[37];

	snprintf(text, sizeof text, "%" PRId64, ++*key);
	client_post(&request, path, bearer, *bearer ? text : api_uuid(text), json);
	if (!client_send(c, &request, PATIENCE_MS) || c->status / 100 != 2)
		fatal("%s: %d %s", path, c->status, c->body ? c->body : "no answer");
	buf_free(&request);
}

/* A text member of the last answer. */
static void take_text(const struct client *c, const char *name, char *out, size_t room)
{
	char key[40];

	snprintf(key, sizeof key, "\"%s\":\"", name);
	const char *at = c->body ? strstr(c->body, key) : NULL;
	snprintf(out, room, "%.*s", at ? (int)strcspn(at + strlen(key), "\"") : 0, at ? at + strlen(key) : "");
}

static void *racer_run(void *arg)
{
	struct racer *r = arg;
	for (;;) {
		pthread_barrier_wait(&race.start);
		if (race.over)
			return NULL;
		struct client *c = race.by_phone ? &r->phone : &r->till;
		r->status = client_send(c, &r->request, PATIENCE_MS) ? c->status : 0;
		take_text(c, "code", r->error, sizeof r->error);
		pthread_barrier_wait(&race.end);
	}
}

/* Give everybody the same request, let them go, and judge. */
static bool round_fair(const char *path, const char *json, const char *refusal)
{
	int winners = 0, refused = 0;

	for (int i = 0; i < CLIENTS; i++) {
		struct racer *r = &race.racers[i];
		char own[300], key[24];
		snprintf(own, sizeof own, json, race.thing, r->card_id);
		buf_reset(&r->request);
		snprintf(key, sizeof key, "%" PRId64, ++r->key);
		client_post(&r->request, path, race.by_phone ? r->device : r->session, key, own);
	}
	pthread_barrier_wait(&race.start);
	pthread_barrier_wait(&race.end);
	for (int i = 0; i < CLIENTS; i++) {
		winners += race.racers[i].status / 100 == 2;
		refused += strcmp(race.racers[i].error, refusal) == 0;
	}
	if (winners == 1 && refused == CLIENTS - 1)
		return true;
	printf("# %d winners, %d refused with %s, e.g. %d %s\n", winners, refused, refusal, race.racers[1].status,
	       race.racers[1].error);
	return false;
}

/* A fresh card with this balance into race.thing. */
static void issue_card(int64_t amount_cents)
{
	struct racer *r = &race.racers[0];
	char body[80];

	snprintf(body, sizeof body, "{\"amount_cents\":%" PRId64 ",\"tender\":\"cash\"}", amount_cents);
	post(&r->till, "/v1/cards", r->session, &r->key, body);
	take_text(&r->till, "code", race.thing, sizeof race.thing);
}

static bool last_balance(void)
{
	char json[200];

	race.by_phone = false;
	issue_card(100); /* the price of the first item */
	snprintf(json, sizeof json, "{\"lines\":[{\"item_id\":%" PRId64 ",\"quantity\":1}],"
	         "\"payments\":[{\"method\":\"card\",\"code\":\"%%s\"}]}", race.shop.item_ids[0]);
	return round_fair("/v1/orders", json, "insufficient-funds");
}

static bool unbound_card(void)
{
	race.by_phone = true;
	issue_card(100);
	return round_fair("/v1/cards/bind", "{\"code\":\"%s\"}", "card-bound");
}

static bool payment_code(void)
{
	struct racer *r = &race.racers[0];
	char body[200], token[CODE_TOKEN_MAX], path[160];

	race.by_phone = true;
	snprintf(body, sizeof body, "{\"lines\":[{\"item_id\":%" PRId64 ",\"quantity\":1}],"
	         "\"payments\":[{\"method\":\"code\"}]}", race.shop.item_ids[0]);
	post(&r->till, "/v1/orders", r->session, &r->key, body);
	take_text(&r->till, "code", race.thing, sizeof race.thing);
	if (code_token_of(race.thing, NULL, token) == NULL)
		fatal("no code in %s", r->till.body);
	snprintf(path, sizeof path, "/v1/pay/%s", token);
	race.thing[0] = '\0';
	return round_fair(path, "%s{\"source\":\"card\",\"card_id\":%" PRId64 "}", "code-used");
}

static void make_racers(const struct test_server *server)
{
	for (int i = 0; i < CLIENTS; i++) {
		struct racer *r = &race.racers[i];
		char body[400];
		r->session = race.shop.sessions[i];
		r->key = race.shop.next_key[i];
		client_open(&r->till, server->till_port);
		client_open(&r->phone, server->phone_port);
		post(&r->phone, "/v1/customers", "", &r->key, "{}");
		take_text(&r->phone, "device_token", r->device, sizeof r->device);
		post(&r->till, "/v1/cards", r->session, &r->key, "{\"amount_cents\":1000000,\"tender\":\"cash\"}");
		take_text(&r->till, "code", race.thing, sizeof race.thing);
		r->card_id = client_int(&r->till, "card_id");
		snprintf(body, sizeof body, "{\"code\":\"%s\"}", race.thing);
		post(&r->phone, "/v1/cards/bind", r->device, &r->key, body);
	}
}

int main(void)
{
	static const struct { const char *what; bool (*round)(void); } races[] = {
		{ "the last balance of a card", last_balance }, { "a card to bind", unbound_card },
		{ "a payment code", payment_code },
	};
	static const char *const flags[] = { "--connections-per-address=0", NULL };
	static const struct step audit[] = {
		{ "the books are clean", "operator", POST, "/v1/audit", NULL, .check = { { "clean", "true" } } },
	};
	int rounds = getenv("QRTILL_ROUNDS") ? atoi(getenv("QRTILL_ROUNDS")) : 200;
	struct bench_shop_size size = { .tills = CLIENTS, .items = 5, .cards = 1, .customers = 6, .shares = 1 };
	struct test_server server;
	pthread_t threads[CLIENTS];

	server_start(&server, "race", flags);
	bench_shop_make(&race.shop, &size, server.socket, server.till_port, server.phone_port);
	make_racers(&server);
	pthread_barrier_init(&race.start, NULL, CLIENTS + 1);
	pthread_barrier_init(&race.end, NULL, CLIENTS + 1);
	for (int i = 0; i < CLIENTS; i++)
		if (pthread_create(&threads[i], NULL, racer_run, &race.racers[i]) != 0)
			fatal("no thread");
	for (size_t k = 0; k < sizeof races / sizeof *races; k++) {
		int fair = 0;
		while (fair < rounds && races[k].round())
			fair++;
		api_ok(fair == rounds, "%s: %d rounds of %d clients, one winner each", races[k].what, rounds, CLIENTS);
	}
	race.over = true;
	pthread_barrier_wait(&race.start);
	for (int i = 0; i < CLIENTS; i++) {
		pthread_join(threads[i], NULL);
		client_close(&race.racers[i].till);
		client_close(&race.racers[i].phone);
		buf_free(&race.racers[i].request);
	}
	api_begin(&server);
	API_RUN(audit);
	api_ok(server_stop(&server), "the server stops cleanly");
	bench_shop_free(&race.shop);
	return api_end();
}
