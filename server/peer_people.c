/* peer_people: the copies of people's rows that `service` keeps, the code keys it takes from `codes`, and the routes by
 * which the two talk. */
#include "server/peer_inside.h"

#include "server/jobs.h"
#include "server/page.h"
#include "server/wallet.h"
#include "shared/clock.h"
#include "shared/jread.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define START_WAIT_MS 30000
#define PAGE 200
#define CHANGED_MAX 256

struct person {
	int64_t id, phone_ms, created_ms;
	int64_t wallet_end_ms; /* wallet keys made up to then have ended; 0: none */
	const char *locale, *phone, *pin_hash; /* phone and pin_hash NULL: none */
};

/* Customers whose rows changed since the last push. */
static struct {
	pthread_mutex_t lock;
	int64_t ids[CHANGED_MAX];
	_Atomic int count; /* changed under the lock, looked at without */
} changed = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* --- `codes`: what the other process asks --- */

struct identify_args {
	const char *device_token;
};
static const struct field identify_fields[] = {
	{ "device_token", FIELD_TEXT, FIELD_REQUIRED | FIELD_SECRET, offsetof(struct identify_args, device_token),
	  .min = 1, .max = AUTH_TOKEN_MAX, .help = "credential of a customer's device" },
	{ 0 },
};

static enum qt_err identify_post(struct call *call)
{
	const struct identify_args *a = call->args;
	struct actor who = { .locale = "en" };
	enum qt_err err = a->device_token[0] == CREDENTIAL_DEVICE
		? auth_check(call->db, &call->server->keys, a->device_token, call->now_ms, &who) : QT_NOT_SIGNED_IN;

	if (err)
		return err;
	json_int(call->reply, "customer_id", who.customer_id);
	json_text(call->reply, "locale", who.locale);
	return QT_OK;
}

SQL(people_after, "SELECT id, locale, phone, phone_ms, pin_hash, created_ms, (SELECT ended_ms FROM wallet_end WHERE customer_id = id)"
                  " FROM customer WHERE id > $1 ORDER BY id LIMIT $2");
SQL(person_by_id, "SELECT id, locale, phone, phone_ms, pin_hash, created_ms, (SELECT ended_ms FROM wallet_end WHERE customer_id = id)"
                  " FROM customer WHERE id = $1");

static void write_person(struct json *j, struct stmt *s)
{
	json_int(j, "customer_id", stmt_col_int(s, 0));
	json_text(j, "locale", stmt_col_text(s, 1));
	json_text(j, "phone", stmt_col_text(s, 2));
	json_int(j, "phone_ms", stmt_col_int(s, 3));
	json_text(j, "pin_hash", stmt_col_text(s, 4));
	json_int(j, "created_ms", stmt_col_int(s, 5));
	json_int(j, "wallet_end_ms", stmt_col_int(s, 6));
}

struct people_args {
	int64_t after;
};
static const struct field people_fields[] = {
	{ "after", FIELD_INT, 0, offsetof(struct people_args, after), 0, INT64_MAX, .help = "customers with a greater id" },
	{ 0 },
};

static enum qt_err people_get(struct call *call)
{
	const struct people_args *a = call->args;
	struct stmt *s = db_stmt(call->db, &people_after);

	stmt_int(s, 1, a->after);
	stmt_int(s, 2, PAGE);
	json_array(call->reply, "people");
	while (stmt_step(s)) {
		json_object(call->reply, NULL);
		write_person(call->reply, s);
		json_end(call->reply);
	}
	json_end(call->reply);
	return stmt_end(s);
}

/* The keys codes are made with, and the pepper of PINs, sealed: both processes must agree on them. */
static enum qt_err keys_get(struct call *call)
{
	static const char use[] = "qrtill peer keys";
	const struct keyring *k = &call->server->keys;
	uint8_t plain[sizeof k->epochs + sizeof k->pepper + 1], sealed[sizeof plain + 28];
	char text[sizeof sealed * 2];

	memcpy(plain, k->epochs, sizeof k->epochs);
	memcpy(plain + sizeof k->epochs, k->pepper, sizeof k->pepper);
	plain[sizeof plain - 1] = (uint8_t)k->epoch_count;
	crypto_seal(k->peer_key, use, sizeof use, plain, sizeof plain, sealed);
	base64url_encode(sealed, sizeof sealed, text);
	json_text(call->reply, "keys", text);
	crypto_wipe(plain, sizeof plain);
	return QT_OK;
}

/* --- `service`: copies --- */

SQL(person_upsert, "INSERT INTO customer (id, locale, phone, phone_ms, pin_hash, created_ms) VALUES ($1, $2, $3, $4, $5, $6)"
                   " ON CONFLICT (id) DO UPDATE SET locale = excluded.locale, phone = excluded.phone,"
                   " phone_ms = excluded.phone_ms, pin_hash = excluded.pin_hash");
SQL(person_phone_free, "UPDATE customer SET phone = NULL, phone_ms = 0 WHERE phone = $1 AND id <> $2");

static enum qt_err keep_person(struct db *db, const struct person *p)
{
	/* A number that changed hands may still stand on the old holder's copy. */
	enum qt_err err = p->phone ? db_run(db, &person_phone_free, "ti", p->phone, p->id) : QT_OK;
	if (err == QT_OK)
		err = db_run(db, &person_upsert, "ittiti", p->id, p->locale, p->phone, p->phone_ms, p->pin_hash, p->created_ms);
	return err == QT_OK && p->wallet_end_ms ? wallet_end_put(db, p->id, p->wallet_end_ms) : err;
}

static const struct field person_fields[] = {
	{ "customer_id", FIELD_INT, FIELD_REQUIRED, offsetof(struct person, id), 1, INT64_MAX, .help = "the row's id" },
	{ "locale", FIELD_TEXT, FIELD_REQUIRED, offsetof(struct person, locale), 2, 2, .help = "en or zh" },
	{ "phone", FIELD_TEXT, 0, offsetof(struct person, phone), 1, 17, .help = "confirmed phone number, E.164" },
	{ "phone_ms", FIELD_INT, 0, offsetof(struct person, phone_ms), 0, INT64_MAX, .help = "when it was confirmed" },
	{ "pin_hash", FIELD_TEXT, FIELD_SECRET, offsetof(struct person, pin_hash), 1, 127, .help = "Argon2id, encoded" },
	{ "created_ms", FIELD_INT, FIELD_REQUIRED, offsetof(struct person, created_ms), 0, INT64_MAX, .help = "sign-up" },
	{ "wallet_end_ms", FIELD_INT, 0, offsetof(struct person, wallet_end_ms), 0, INT64_MAX,
	  .help = "wallet keys made up to then have ended" },
	{ 0 },
};

static enum qt_err person_post(struct call *call)
{
	return keep_person(call->db, call->args);
}

struct landing_args {
	int64_t customer_id;
};
static const struct field landing_fields[] = {
	{ "customer_id", FIELD_INT, 0, offsetof(struct landing_args, customer_id), 0, INT64_MAX, .help = "who looks; 0: unknown" },
	{ 0 },
};

static enum qt_err peer_landing_get(struct call *call)
{
	const struct landing_args *a = call->args;

	if (a->customer_id) {
		call->actor.role = ROLE_CUSTOMER;
		call->actor.customer_id = a->customer_id;
	}
	return page_landing_fill(call, call->reply);
}

const struct route peer_routes[] = {
	{ .method = "GET", .path = "/v1/peer/keys", .roles = ROLE_PEER, .flags = ROUTE_CODES, .handle = keys_get,
	  .help = "The code keys, sealed for the other process." },
	{ .method = "POST", .path = "/v1/peer/identify", .roles = ROLE_PEER, .flags = ROUTE_CODES,
	  .fields = identify_fields, .args_size = sizeof(struct identify_args), .handle = identify_post,
	  .help = "Whose device this is." },
	{ .method = "GET", .path = "/v1/peer/people", .roles = ROLE_PEER, .flags = ROUTE_CODES, .fields = people_fields,
	  .args_size = sizeof(struct people_args), .handle = people_get, .help = "People's rows for the copies of the other process." },
	{ .method = "POST", .path = "/v1/peer/person", .roles = ROLE_PEER, .flags = ROUTE_WRITE | ROUTE_NO_KEY,
	  .fields = person_fields, .args_size = sizeof(struct person), .handle = person_post, .help = "One person's row, new or changed." },
	{ .method = "GET", .path = "/v1/peer/landing/:token", .roles = ROLE_PEER, .fields = landing_fields,
	  .args_size = sizeof(struct landing_args), .handle = peer_landing_get,
	  .help = "What the landing page of a code shows, for the process that serves the page." },
};
const int peer_route_count = sizeof peer_routes / sizeof *peer_routes;

/* --- pushing changes --- */

void peer_person_changed(int64_t customer_id)
{
	pthread_mutex_lock(&changed.lock);
	bool known = false;
	for (int i = 0; i < changed.count && !known; i++)
		known = changed.ids[i] == customer_id;
	if (!known && changed.count < CHANGED_MAX) /* with more, the clock's reading of all people finds the rest */
		changed.ids[changed.count++] = customer_id;
	pthread_mutex_unlock(&changed.lock);
}

bool peer_has_changes(const struct server *s)
{
	return s->peer != NULL && s->role_codes && changed.count > 0;
}

static enum qt_err push_one(struct server *s, struct db *reader, int64_t id)
{
	struct buf body = { 0 }, answer = { 0 };
	struct json j;
	struct stmt *q = db_stmt(reader, &person_by_id);

	json_start(&j, &body);
	json_object(&j, NULL);
	stmt_int(q, 1, id);
	bool found = stmt_step(q);
	if (found)
		write_person(&j, q);
	enum qt_err err = stmt_end(q);
	json_end(&j);
	if (err == QT_OK && found)
		err = peer_call(s, "POST", "/v1/peer/person", body.data, &answer);
	buf_free(&body);
	buf_free(&answer);
	return err;
}

void peer_push(struct server *s, struct db *reader)
{
	int64_t ids[CHANGED_MAX];

	pthread_mutex_lock(&changed.lock);
	int count = changed.count;
	memcpy(ids, changed.ids, (size_t)count * sizeof *ids);
	changed.count = 0;
	pthread_mutex_unlock(&changed.lock);
	for (int i = 0; i < count; i++)
		if (push_one(s, reader, ids[i]) != QT_OK)
			peer_person_changed(ids[i]);
}

/* --- reading all --- */

struct page {
	struct json_t *people;
	int64_t last;
};

static enum qt_err keep_page(void *ctx, struct db *db)
{
	struct page *p = ctx;
	struct json_t *row;

	for (size_t i = 0; (row = jat(p->people, i)) != NULL; i++) {
		struct person person = {
			.id = jint(row, "customer_id", 0), .locale = jtext(row, "locale", "en"), .phone = jtext(row, "phone", NULL),
			.phone_ms = jint(row, "phone_ms", 0), .pin_hash = jtext(row, "pin_hash", NULL),
			.created_ms = jint(row, "created_ms", 0), .wallet_end_ms = jint(row, "wallet_end_ms", 0),
		};
		enum qt_err err = keep_person(db, &person);
		if (err)
			return err;
		p->last = person.id;
	}
	return QT_OK;
}

static enum qt_err read_keys(struct server *s)
{
	static const char use[] = "qrtill peer keys";
	struct keyring *k = &s->keys;
	uint8_t plain[sizeof k->epochs + sizeof k->pepper + 1], sealed[sizeof plain + 28];
	struct buf answer = { 0 };
	enum qt_err err = peer_call(s, "GET", "/v1/peer/keys", NULL, &answer);
	struct json_t *tree = err == QT_OK ? jparse(answer.data, answer.len) : NULL;
	const char *text = tree ? jtext(tree, "keys", "") : "";

	if (err == QT_OK && base64url_decode(text, strlen(text), sealed, sizeof sealed) != (int)sizeof sealed)
		err = QT_BAD_SIGNATURE;
	if (err == QT_OK && (err = crypto_open(k->peer_key, use, sizeof use, sealed, sizeof sealed, plain)) == QT_OK &&
	    memcmp(plain, k->epochs, sizeof k->epochs) != 0) {
		memcpy(k->epochs, plain, sizeof k->epochs);
		memcpy(k->pepper, plain + sizeof k->epochs, sizeof k->pepper);
		__atomic_store_n(&k->epoch_count, (int)plain[sizeof plain - 1], __ATOMIC_RELEASE);
		log_line('I', "code keys taken from the other process: %d epochs", k->epoch_count);
	}
	crypto_wipe(plain, sizeof plain);
	jfree(tree);
	buf_free(&answer);
	return err;
}

enum qt_err peer_people_read(struct server *s)
{
	struct page p = { 0 };
	enum qt_err err = read_keys(s);
	bool more = true;

	while (err == QT_OK && more) {
		char target[64];
		struct buf answer = { 0 };
		int64_t before = p.last;
		snprintf(target, sizeof target, "/v1/peer/people?after=%lld", (long long)p.last);
		err = peer_call(s, "GET", target, NULL, &answer);
		struct json_t *tree = err == QT_OK ? jparse(answer.data, answer.len) : NULL;
		p.people = tree ? jget(tree, "people") : NULL;
		if (err == QT_OK)
			err = writer_run(s->writer, keep_page, &p);
		more = p.last > before;
		jfree(tree);
		buf_free(&answer);
	}
	return err;
}

static enum qt_err run_people(struct server *s, int64_t now_ms)
{
	struct db *reader;

	(void)now_ms;
	if (s->peer == NULL)
		return QT_OK;
	if (!s->role_codes)
		return peer_people_read(s);
	if (!peer_has_changes(s))
		return QT_OK;
	enum qt_err err = jobs_reader(s, &reader);
	if (err == QT_OK)
		peer_push(s, reader);
	return err;
}

const struct timer_job peer_jobs[] = {
	{ "people", 10000, false, run_people, .both = true },
};
const int peer_job_count = sizeof peer_jobs / sizeof *peer_jobs;

/* --- start and stop --- */

enum qt_err peer_start(struct server *s, struct problem *problem)
{
	int64_t until_ms = clock_mono_ms() + START_WAIT_MS;
	enum qt_err err = QT_OK;

	if (s->role_codes && s->role_service)
		return QT_OK;
	struct peer *p = s->peer = xcalloc(1, sizeof *p);
	pthread_mutex_init(&p->lock, NULL);
	peer_forward_start(s);
	if (s->role_codes)
		return QT_OK;
	while ((err = peer_people_read(s)) == QT_OFFLINE && clock_mono_ms() < until_ms)
		usleep(100000);
	if (err != QT_OK)
		return problem_set(problem, QT_BAD_CONFIG, "peer_url", "peer_url: %s: the other process does not give its keys: %s",
		                   s->settings.peer_url, err_info(err)->en);
	return QT_OK;
}

void peer_stop(struct server *s)
{
	struct peer *p = s->peer;

	if (p == NULL)
		return;
	peer_forward_stop(s);
	free(p->known);
	free(p);
	s->peer = NULL;
}
