/* 64 clients at once want what only one can have. A row of the table below says what that is: it makes the thing, and names
 * the request of each client and how the others are refused. Exactly one wins in each round, and the books are clean.
 * A naive till, which looks first and takes then, must fail in the same hands. ROUNDS sets how many rounds a row has (20). */
#include "shared/clock.h"
#include "shared/code.h"
#include "shared/crypto.h"
#include "shared/wallet_code.h"
#include "tests/bench/shop.h"
#include "tests/lib/api.h"
#include "tests/lib/client.h"
#include "tests/lib/proof.h"
#include "tests/lib/tmp.h"

#include <inttypes.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLIENTS 64
#define PATIENCE_MS 30000
#define PRICE_CENTS 100 /* of the shop's first item */

/* One of the 64: a till, and a customer with a phone and a card of their own. */
struct racer {
	int index;
	struct client till, phone;
	const char *session;
	char device[128];
	int64_t card_id;  /* the customer's own */
	int64_t key;
	struct buf request;
	struct client *by; /* this round's: &till or &phone */
	sqlite3 *naive;   /* a connection of the naive till's */
	int status;       /* of the last round */
	bool replayed;
	char error[40];
};

/* A naive till: what there is one of is in a file of its own, looked at first, taken then. */
struct naive {
	const char *make, *look, *take; /* SQL; the thing is there when the look finds a number that is not 0 */
};

/* A "once": what there is one of. To try another, add a row. */
struct row {
	const char *what;
	void (*prepare)(void);                       /* makes the thing of a round */
	void (*ask)(struct racer *, struct buf *);   /* this client's request for it; NULL: `naive` does */
	const char *refusals[3];                     /* what the losers may be told */
	const struct naive *naive;
};

static struct race {
	struct racer racers[CLIENTS];
	struct bench_shop shop;
	pthread_barrier_t start, end;
	bool over;
	const struct row *row;
	int64_t id;        /* the thing of the present round, where it is an order */
	char thing[320];   /* where it is a code */
	char to[320];      /* a second one */
	char device[128];  /* who all of them claim to be, where it is one person */
	char naive_path[200];
} race;

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

/* The first till's own doing, before a round. */
static struct client *till_does(const char *path, const char *json)
{
	struct racer *r = &race.racers[0];
	post(&r->till, path, r->session, &r->key, json);
	return &r->till;
}

/* A text member of the last answer. */
static void take_text(const struct client *c, const char *name, char *out, size_t room)
{
	char key[40];

	snprintf(key, sizeof key, "\"%s\":\"", name);
	const char *at = c->body ? strstr(c->body, key) : NULL;
	snprintf(out, room, "%.*s", at ? (int)strcspn(at + strlen(key), "\"") : 0, at ? at + strlen(key) : "");
}

static void ask_as(struct racer *r, struct buf *out, bool by_phone, const char *path, const char *json)
{
	char key[24];

	snprintf(key, sizeof key, "%" PRId64, ++r->key);
	r->by = by_phone ? &r->phone : &r->till;
	client_post(out, path, by_phone ? r->device : r->session, key, json);
}

/* A fresh card with this balance; its code into `code`. */
static void issue_card(int64_t amount_cents, char code[320])
{
	char body[80];

	snprintf(body, sizeof body, "{\"amount_cents\":%" PRId64 ",\"tender\":\"cash\"}", amount_cents);
	take_text(till_does("/v1/cards", body), "code", code, 320);
}

/* An order of the first item; `more`: members besides its lines. */
static void make_order(int quantity, const char *more)
{
	char body[400];

	snprintf(body, sizeof body, "{\"lines\":[{\"item_id\":%" PRId64 ",\"quantity\":%d}]%s}", race.shop.item_ids[0], quantity, more);
	race.id = client_int(till_does("/v1/orders", body), "order_id");
}

static void prepare_balance(void)
{
	issue_card(PRICE_CENTS, race.thing);
}

static void ask_balance(struct racer *r, struct buf *out)
{
	char json[480];

	snprintf(json, sizeof json, "{\"lines\":[{\"item_id\":%" PRId64 ",\"quantity\":1}],"
	         "\"payments\":[{\"method\":\"card\",\"code\":\"%s\"}]}", race.shop.item_ids[0], race.thing);
	ask_as(r, out, false, "/v1/orders", json);
}

static void ask_bind(struct racer *r, struct buf *out)
{
	char json[400];

	snprintf(json, sizeof json, "{\"code\":\"%s\"}", race.thing);
	ask_as(r, out, true, "/v1/cards/bind", json);
}

static void prepare_new_card(void)
{
	take_text(till_does("/v1/cards", "{}"), "code", race.thing, sizeof race.thing);
}

static void ask_activate(struct racer *r, struct buf *out)
{
	char json[400];

	snprintf(json, sizeof json, "{\"code\":\"%s\",\"amount_cents\":500,\"tender\":\"cash\"}", race.thing);
	ask_as(r, out, false, "/v1/cards/activate", json);
}

/* All of them are the first customer, who bound the card. */
static void prepare_transfer(void)
{
	struct racer *r = &race.racers[0];
	char json[400];

	issue_card(500, race.thing);
	issue_card(0, race.to);
	snprintf(json, sizeof json, "{\"code\":\"%s\"}", race.thing);
	post(&r->phone, "/v1/cards/bind", r->device, &r->key, json);
	snprintf(race.device, sizeof race.device, "%s", r->device);
}

static void ask_transfer(struct racer *r, struct buf *out)
{
	char json[800], key[37];

	snprintf(json, sizeof json, "{\"from_code\":\"%s\",\"to_code\":\"%s\",\"reason\":\"lost\"}", race.thing, race.to);
	r->by = &r->phone;
	client_post(out, "/v1/cards/transfer", race.device, api_uuid(key), json);
}

static void prepare_code(void)
{
	char code[320], token[CODE_TOKEN_MAX];

	make_order(1, ",\"payments\":[{\"method\":\"code\"}]");
	take_text(&race.racers[0].till, "code", code, sizeof code);
	if (code_token_of(code, NULL, token) == NULL)
		fatal("no code in %s", race.racers[0].till.body);
	snprintf(race.thing, sizeof race.thing, "/v1/pay/%s", token);
}

static void ask_pay_code(struct racer *r, struct buf *out)
{
	char json[80];

	snprintf(json, sizeof json, "{\"source\":\"card\",\"card_id\":%" PRId64 "}", r->card_id);
	ask_as(r, out, true, race.thing, json);
}

/* Phones pay the code while tills cancel the order. */
static void ask_pay_or_cancel(struct racer *r, struct buf *out)
{
	char path[80];

	snprintf(path, sizeof path, "/v1/orders/%" PRId64 "/cancel", race.id);
	if (r->index % 2)
		ask_pay_code(r, out);
	else
		ask_as(r, out, false, path, "{}");
}

static void prepare_paid(void)
{
	make_order(1, ",\"payments\":[{\"method\":\"cash\"}]");
}

static void ask_refund(struct racer *r, struct buf *out)
{
	char path[80];

	snprintf(path, sizeof path, "/v1/orders/%" PRId64 "/refunds", race.id);
	ask_as(r, out, false, path, "{\"reason\":\"bruised\"}");
}

static void prepare_open(void)
{
	make_order(1, "");
}

static void ask_pay_order(struct racer *r, struct buf *out)
{
	char path[80];

	snprintf(path, sizeof path, "/v1/orders/%" PRId64 "/payments", race.id);
	ask_as(r, out, false, path, "{\"method\":\"cash\"}");
}

/* The first customer of the shop gets ten points, and has no more. */
static void prepare_points(void)
{
	char more[300];

	snprintf(more, sizeof more, ",\"customer\":\"%s\",\"payments\":[{\"method\":\"cash\"}]", race.shop.identities[0]);
	make_order(10, more);
}

static void ask_spend(struct racer *r, struct buf *out)
{
	char json[300];

	snprintf(json, sizeof json, "{\"identity_code\":\"%s\",\"points\":10,\"reason\":\"a mug\"}", race.shop.identities[0]);
	ask_as(r, out, false, "/v1/points/spend", json);
}

/* The first customer's phone shows one code; 64 tills scan it. */
static void prepare_wallet_code(void)
{
	struct racer *r = &race.racers[0];
	char body[400], key_text[64], number[16];
	uint8_t key[WALLET_KEY_SIZE];

	issue_card(1000000, race.thing);
	snprintf(body, sizeof body, "{\"code\":\"%s\"}", race.thing);
	post(&r->phone, "/v1/cards/bind", r->device, &r->key, body);
	snprintf(body, sizeof body, "{\"source\":\"card\",\"card_id\":%" PRId64 "}", client_int(&r->phone, "card_id"));
	post(&r->phone, "/v1/me/codes", r->device, &r->key, body);
	take_text(&r->phone, "key", key_text, sizeof key_text);
	take_text(&r->phone, "number", number, sizeof number);
	if (base64url_decode(key_text, strlen(key_text), key, sizeof key) != sizeof key)
		fatal("no key in %s", r->phone.body);
	wallet_code_make(strtol(number, NULL, 10), key, wallet_code_step(clock_now_ms()), race.thing);
}

static void ask_wallet_code(struct racer *r, struct buf *out)
{
	char json[480];

	snprintf(json, sizeof json, "{\"lines\":[{\"item_id\":%" PRId64 ",\"quantity\":1}],"
	         "\"payments\":[{\"method\":\"wallet\",\"code\":\"%s\"}]}", race.shop.item_ids[0], race.thing);
	ask_as(r, out, false, "/v1/orders", json);
}

static void prepare_held(void)
{
	char body[480];

	api_uuid(race.thing);
	snprintf(body, sizeof body, "{\"key\":\"%s\",\"name\":\"table 4\",\"content\":\"{}\",\"total_cents\":100,\"pieces\":1,"
	         "\"held_ms\":1}", race.thing);
	till_does("/v1/held-sales", body);
}

static void ask_take_held(struct racer *r, struct buf *out)
{
	char json[400];

	snprintf(json, sizeof json, "{\"key\":\"%s\"%s}", race.thing, r->index % 4 == 0 ? ",\"drop\":true" : "");
	ask_as(r, out, false, "/v1/held-sales/take", json);
}

/* All of them are the first till, each with a key of its own. */
static void prepare_shift(void)
{
	till_does("/v1/shifts/cash-in", "{\"amount_cents\":100,\"reason\":\"change\"}");
}

static void ask_close(struct racer *r, struct buf *out)
{
	char key[24];

	snprintf(key, sizeof key, "%" PRId64, ++race.racers[0].key);
	r->by = &r->till;
	client_post(out, "/v1/shifts/close", race.racers[0].session, key, "{\"count\":[]}");
}

/* A coupon of its own for each round, of one promotion. */
static void prepare_coupon(void)
{
	static const struct step steps[] = {
		{ "a coupon", "operator:merchant", POST, "/v1/coupon-batches", "{\"promotion_id\":${promotion},\"count\":1}", .status = 201,
		  .save = { { "batch_id", "batch" } } },
		{ "given out", "operator:merchant", POST, "/v1/coupon-batches/${batch}/export", "{}", .key = "none",
		  .save = { { "coupons[0].code", "coupon" } } },
	};

	if (!api_holds(steps, 2))
		fatal("no coupon");
	snprintf(race.thing, sizeof race.thing, "%s", api_var("coupon"));
}

/* A sale that is paid, or one that waits for its money and holds the coupon. */
static void ask_coupon(struct racer *r, struct buf *out)
{
	char json[480];

	snprintf(json, sizeof json, "{\"lines\":[{\"item_id\":%" PRId64 ",\"quantity\":1}],\"codes\":[{\"code\":\"%s\"}]%s}",
	         race.shop.item_ids[0], race.thing, r->index % 2 ? "" : ",\"payments\":[{\"method\":\"cash\"}]");
	ask_as(r, out, false, "/v1/orders", json);
}

static void ask_keep_coupon(struct racer *r, struct buf *out)
{
	char json[400];

	snprintf(json, sizeof json, "{\"code\":\"%s\"}", race.thing);
	ask_as(r, out, true, "/v1/coupons/keep", json);
}

/* A promotion that may be used once, by a code that all know. The one before has ended. */
static void prepare_last_use(void)
{
	static const struct step steps[] = {
		{ "a promotion", "operator:merchant", POST, "/v1/promotions",
		  "{\"name\":\"First\",\"kind\":\"order\",\"off_cents\":20,\"code\":\"${word}\",\"uses_max\":1}", .status = 201,
		  .save = { { "promotion_id", "once" } } },
	}, stop[] = {
		{ "the one before", "operator:merchant", POST, "/v1/promotions/${once}/state", "{\"state\":\"stopped\"}" },
	};
	static int serial;

	if (serial > 0 && !api_holds(stop, 1))
		fatal("the promotion does not stop");
	snprintf(race.thing, sizeof race.thing, "FIRST-%d", ++serial);
	api_set("word", "%s", race.thing);
	if (!api_holds(steps, 1))
		fatal("no promotion");
}

static void prepare_key(void)
{
	++race.racers[0].key;
}

/* One key of the first till, for a sale that differs from client to client. */
static void ask_same_key(struct racer *r, struct buf *out)
{
	char json[200], key[24];

	snprintf(key, sizeof key, "%" PRId64, race.racers[0].key);
	snprintf(json, sizeof json, "{\"lines\":[{\"item_id\":%" PRId64 ",\"quantity\":%d}],\"payments\":[{\"method\":\"cash\"}]}",
	         race.shop.item_ids[0], r->index + 1);
	r->by = &r->till;
	client_post(out, "/v1/orders", race.racers[0].session, key, json);
}

/* One key, one sale, sent 64 times: done once, the others hear what came of it. */
static void ask_same_request(struct racer *r, struct buf *out)
{
	char json[200], key[24];

	snprintf(key, sizeof key, "%" PRId64, race.racers[0].key);
	snprintf(json, sizeof json, "{\"lines\":[{\"item_id\":%" PRId64 ",\"quantity\":1}],\"payments\":[{\"method\":\"cash\"}]}",
	         race.shop.item_ids[0]);
	r->by = &r->till;
	client_post(out, "/v1/orders", race.racers[0].session, key, json);
}

static void naive_run(sqlite3 *db, const char *sql, int64_t *value)
{
	sqlite3_stmt *s;

	if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK)
		fatal("%s: %s", sql, sqlite3_errmsg(db));
	if (sqlite3_step(s) == SQLITE_ROW && value != NULL)
		*value = sqlite3_column_int64(s, 0);
	if (sqlite3_finalize(s) != SQLITE_OK)
		fatal("%s: %s", sql, sqlite3_errmsg(db));
}

static sqlite3 *naive_open(void)
{
	sqlite3 *db;

	if (sqlite3_open(race.naive_path, &db) != SQLITE_OK)
		fatal("%s: %s", race.naive_path, sqlite3_errmsg(db));
	sqlite3_busy_timeout(db, PATIENCE_MS);
	return db;
}

static void prepare_naive(void)
{
	sqlite3 *db = naive_open();

	naive_run(db, "PRAGMA journal_mode = WAL", NULL);
	naive_run(db, "DROP TABLE IF EXISTS thing", NULL);
	naive_run(db, race.row->naive->make, NULL);
	sqlite3_close(db);
}

static void naive_take(struct racer *r)
{
	int64_t there = 0;

	if (r->naive == NULL)
		r->naive = naive_open();
	naive_run(r->naive, race.row->naive->look, &there);
	r->status = there ? 200 : 409;
	snprintf(r->error, sizeof r->error, "%s", there ? "" : race.row->refusals[0]);
	if (there)
		naive_run(r->naive, race.row->naive->take, NULL);
}

static void *racer_run(void *arg)
{
	struct racer *r = arg;
	for (;;) {
		pthread_barrier_wait(&race.start);
		if (race.over)
			return NULL;
		if (race.row->ask == NULL) {
			naive_take(r);
		} else {
			r->status = client_send(r->by, &r->request, PATIENCE_MS) ? r->by->status : 0;
			r->replayed = r->by->replayed;
			take_text(r->by, "code", r->error, sizeof r->error);
		}
		pthread_barrier_wait(&race.end);
	}
}

static bool is_refusal(const struct racer *r, const struct row *row)
{
	if (r->status / 100 == 2)
		return r->replayed && strcmp(row->refusals[0], "replayed") == 0;
	for (size_t i = 0; i < sizeof row->refusals / sizeof *row->refusals && row->refusals[i] != NULL; i++)
		if (strcmp(r->error, row->refusals[i]) == 0)
			return true;
	return false;
}

/* Make the thing, give everybody their request, let them go, and judge. */
static bool round_fair(const struct row *row, bool quiet)
{
	int winners = 0, refused = 0, odd = 0;

	race.row = row;
	row->prepare();
	for (int i = 0; i < CLIENTS; i++) {
		buf_reset(&race.racers[i].request);
		race.racers[i].replayed = false;
		if (row->ask != NULL)
			row->ask(&race.racers[i], &race.racers[i].request);
	}
	pthread_barrier_wait(&race.start);
	pthread_barrier_wait(&race.end);
	for (int i = 0; i < CLIENTS; i++) {
		bool loser = is_refusal(&race.racers[i], row), winner = race.racers[i].status / 100 == 2 && !loser;
		winners += winner;
		refused += loser;
		odd = loser || winner ? odd : i;
	}
	if (winners == 1 && refused == CLIENTS - 1)
		return true;
	if (!quiet)
		printf("# %s: %d winners, %d refused as they should be, e.g. %d %s\n", row->what, winners, refused,
		       race.racers[odd].status, race.racers[odd].error);
	return false;
}

static const struct row rows[] = {
	{ "the last balance of a card", prepare_balance, ask_balance, { "insufficient-funds" } },
	{ "a card to bind", prepare_balance, ask_bind, { "card-bound" } },
	{ "a card to activate", prepare_new_card, ask_activate, { "conflict" } },
	{ "a lost card's balance to move", prepare_transfer, ask_transfer, { "conflict", "card-refused", "card-not-active" } },
	{ "a payment code", prepare_code, ask_pay_code, { "code-used" } },
	{ "the code on a phone", prepare_wallet_code, ask_wallet_code, { "code-used" } },
	{ "an order to pay or to cancel", prepare_code, ask_pay_or_cancel, { "order-closed", "code-used", "conflict" } },
	{ "an order to pay at a till", prepare_open, ask_pay_order, { "order-closed" } },
	{ "a sale to refund", prepare_paid, ask_refund, { "conflict" } },
	{ "the last points", prepare_points, ask_spend, { "insufficient-funds" } },
	{ "a sale put aside, to go on with or to drop", prepare_held, ask_take_held, { "conflict" } },
	{ "a coupon to use", prepare_coupon, ask_coupon, { "coupon-refused" } },
	{ "a coupon to keep", prepare_coupon, ask_keep_coupon, { "conflict" } },
	{ "the last use of a promotion", prepare_last_use, ask_coupon, { "coupon-refused" } },
	{ "a shift to close", prepare_shift, ask_close, { "conflict" } },
	{ "one key for many sales", prepare_key, ask_same_key, { "idempotency-key-reused" } },
	{ "one sale sent by many", prepare_key, ask_same_request, { "replayed" } },
};
static const struct row naive_rows[] = {
	{ "a naive till's card", prepare_naive, NULL, { "insufficient-funds" }, &(const struct naive){
		"CREATE TABLE thing AS SELECT 100 AS balance_cents", "SELECT balance_cents >= 100 FROM thing",
		"UPDATE thing SET balance_cents = balance_cents - 100" } },
	{ "a naive till's coupon", prepare_naive, NULL, { "coupon-refused" }, &(const struct naive){
		"CREATE TABLE thing AS SELECT 'fresh' AS state, 0 AS order_id", "SELECT state = 'fresh' FROM thing",
		"UPDATE thing SET state = 'used', order_id = order_id + 1" } },
};

static void make_racers(const struct test_server *server)
{
	for (int i = 0; i < CLIENTS; i++) {
		struct racer *r = &race.racers[i];
		char body[400];
		r->index = i;
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

static void end_racers(pthread_t threads[CLIENTS])
{
	race.over = true;
	pthread_barrier_wait(&race.start);
	for (int i = 0; i < CLIENTS; i++) {
		struct racer *r = &race.racers[i];
		pthread_join(threads[i], NULL);
		client_close(&r->till);
		client_close(&r->phone);
		buf_free(&r->request);
		sqlite3_close(r->naive);
	}
}

static void run_rows(int rounds)
{
	int unfair = 0, tried = 0;

	for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
		int fair = 0;
		while (fair < rounds && round_fair(&rows[k], false))
			fair++;
		unfair += fair < rounds;
		tried += fair;
		api_ok(fair == rounds, "%s: %d rounds of %d clients, one winner each", rows[k].what, rounds, CLIENTS);
	}
	for (size_t k = 0; k < sizeof naive_rows / sizeof *naive_rows; k++) {
		int won_by_many = 0;
		for (int i = 0; i < rounds && won_by_many == 0; i++)
			won_by_many += !round_fair(&naive_rows[k], true);
		api_ok(won_by_many > 0, "%s, looked at first and taken then, fails the same test", naive_rows[k].what);
	}
	proof_say("race", tried, unfair, "things=%zu clients=%d", sizeof rows / sizeof *rows, CLIENTS);
}

int main(void)
{
	static const char *const flags[] = { "--connections-per-address=0", "--rate-limit=0", NULL };
	static const struct step limit[] = {
		{ "cashiers may refund", "operator", POST, "/v1/merchants/${merchant}", "{\"cashier_refund_limit_cents\":100000}" },
		{ "something off with a coupon", "operator:merchant", POST, "/v1/promotions",
		  "{\"name\":\"Coupon\",\"kind\":\"order\",\"off_cents\":20,\"by_code\":true}", .status = 201,
		  .save = { { "promotion_id", "promotion" } } },
	}, audit[] = {
		{ "the books are clean", "operator", POST, "/v1/audit", NULL, .check = { { "clean", "true" } } },
	};
	struct bench_shop_size size = { .tills = CLIENTS, .items = 5, .cards = 1, .customers = 6, .shares = 1 };
	struct test_server server;
	pthread_t threads[CLIENTS];

	server_start(&server, "race", flags);
	bench_shop_make(&race.shop, &size, server.socket, server.till_port, server.phone_port);
	api_begin(&server);
	api_set("merchant", "%" PRId64, race.shop.merchant_id);
	API_RUN(limit);
	snprintf(race.naive_path, sizeof race.naive_path, "%s/naive.db", test_folder());
	make_racers(&server);
	pthread_barrier_init(&race.start, NULL, CLIENTS + 1);
	pthread_barrier_init(&race.end, NULL, CLIENTS + 1);
	for (int i = 0; i < CLIENTS; i++)
		if (pthread_create(&threads[i], NULL, racer_run, &race.racers[i]) != 0)
			fatal("no thread");
	run_rows(proof_rounds("ROUNDS", 20));
	end_racers(threads);
	API_RUN(audit);
	api_ok(server_stop(&server), "the server stops cleanly");
	bench_shop_free(&race.shop);
	return api_end();
}
