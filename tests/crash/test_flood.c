/* Floods of guesses: codes and numbers of cards, coupons, receipts, payments and enrolments, PINs. None may hit; what is
 * answered at all is one refusal, the same byte for byte whether the thing exists or not; beyond the limit of tries at most
 * one in a hundred is answered. Each flood comes from an address of its own. GUESSES sets how many a flood has (1,000); when it
 * is set, the times of answers are compared, too. */
#include "shared/clock.h"
#include "shared/code.h"
#include "tests/lib/client.h"
#include "tests/lib/proof.h"
#include "tests/lib/sale.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PATIENCE_MS 10000

static struct keyring keys;
static int64_t card_id, coupon_id; /* of a card and a coupon that exist */

/* What is guessed: into `out`, for try `i`. */
typedef void guess_fn(enum code_kind kind, int64_t i, char out[CODE_URL_MAX]);

static uint64_t random_number(void)
{
	uint64_t r;

	random_bytes(&r, sizeof r);
	return r;
}

/* A token of this kind under the server's own key, as nobody else can make one: the MAC is right, the secret is not. */
static void sign_token(enum code_kind kind, int64_t id, char out[CODE_URL_MAX])
{
	struct code code = { .kind = kind, .id = id };

	if (kind == CODE_PAYMENT) {
		code.amount_minor = 100;
		code.currency = 840;
		code.shop_id = 1;
		code.expires_s = (int64_t)UINT32_MAX;
	}
	random_bytes(code.secret, sizeof code.secret);
	if (code_make(&keys, &code, out) != QT_OK)
		fatal("no code of kind %d", kind);
}

/* For even tries the id of a thing that exists; for odd ones one that no row has, as long in a token. */
static int64_t id_for(enum code_kind kind, int64_t i)
{
	return i % 2 ? 100 + i % 27 : kind == CODE_COUPON ? coupon_id : card_id;
}

/* Tokens as those who guess can make them: all is right but the MAC. */
static void guess_forged(enum code_kind kind, int64_t i, char out[CODE_URL_MAX])
{
	static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

	sign_token(kind, id_for(kind, i), out);
	for (size_t at = strlen(out) - 8; out[at] != '\0'; at++)
		out[at] = digits[random_number() % 32];
}

/* In turn the codes of a thing that exists and of one that does not, as if the server's key were known. */
static void guess_signed(enum code_kind kind, int64_t i, char out[CODE_URL_MAX])
{
	sign_token(kind, id_for(kind, i), out);
}

static void guess_both(enum code_kind kind, int64_t i, char out[CODE_URL_MAX])
{
	(i % 3 == 0 ? guess_forged : guess_signed)(kind, i, out);
}

/* Sixteen digits that end as they must (ISO/IEC 7812-1). */
static void guess_number(enum code_kind kind, int64_t i, char out[CODE_URL_MAX])
{
	int64_t payload = INT64_C(920000000000000) + (int64_t)(random_number() % UINT64_C(9999999999999));
	int sum = 0;

	(void)kind, (void)i;
	for (int64_t n = payload, place = 0; n > 0; n /= 10, place++) {
		int digit = (int)(n % 10) * (place % 2 == 0 ? 2 : 1);
		sum += digit > 9 ? digit - 9 : digit;
	}
	snprintf(out, CODE_URL_MAX, "%" PRId64, payload * 10 + (10 - sum % 10) % 10);
}

/* The right one is among them, but only when the person is locked. */
static void guess_pin(enum code_kind kind, int64_t i, char out[CODE_URL_MAX])
{
	(void)kind;
	snprintf(out, CODE_URL_MAX, "%s", i > 10 && i % 7 == 0 ? "1234" : "");
	if (out[0] == '\0')
		snprintf(out, CODE_URL_MAX, "%04d", 2000 + (int)(random_number() % 8000));
}

static const struct flood {
	const char *what, *method, *path, *bearer; /* path and body: %s is the guess */
	const char *body;
	bool at_till;
	guess_fn *guess;
	enum code_kind kind;
	int status;             /* of the refusal; 0: several, the body's code then is among `codes` */
	const char *codes[3];
	int burst, per_minute;  /* server/ratelimit.h */
} floods[] = {
	{ "card codes to look at", "POST", "/v1/cards/look", "c1", "{\"code\":\"%s\"}", false, guess_both, CODE_CARD, 404,
	  { "card-refused" }, 60, 60 },
	{ "card codes to bind", "POST", "/v1/cards/bind", "c2", "{\"code\":\"%s\"}", false, guess_both, CODE_CARD, 404,
	  { "card-refused" }, 60, 60 },
	{ "card codes at a till", "POST", "/v1/cards/look", "cashier1", "{\"code\":\"%s\"}", true, guess_both, CODE_CARD, 404,
	  { "card-refused" }, 60, 60 },
	{ "card numbers at a till", "POST", "/v1/cards/look", "cashier2", "{\"number\":\"%s\"}", true, guess_number, CODE_CARD, 404,
	  { "card-refused" }, 60, 60 },
	{ "pages of cards", "GET", "/Q/%s", "", NULL, false, guess_both, CODE_CARD, 404, { "" }, 600, 1200 },
	{ "coupons at a till", "POST", "/v1/coupons/look", "manager", "{\"code\":\"%s\"}", true, guess_both, CODE_COUPON, 404,
	  { "not-found" }, 60, 60 },
	{ "coupons to keep", "POST", "/v1/coupons/keep", "c3", "{\"code\":\"%s\"}", false, guess_both, CODE_COUPON, 404,
	  { "not-found" }, 60, 60 },
	{ "pages of coupons", "GET", "/Q/%s", "", NULL, false, guess_both, CODE_COUPON, 404, { "" }, 600, 1200 },
	{ "any codes", "POST", "/v1/codes/check", "", "{\"text\":\"%s\"}", false, guess_forged, CODE_COUPON, 200,
	  { "" }, 60, 60 },
	{ "payment codes", "GET", "/v1/pay/%s", "", NULL, false, guess_forged, CODE_PAYMENT, 422, { "bad-code" }, 60, 60 },
	{ "receipts", "GET", "/v1/receipts/%s", "", NULL, false, guess_both, CODE_RECEIPT, 422, { "bad-code" }, 60, 60 },
	{ "enrolment codes", "POST", "/v1/enrol", "", "{\"code\":\"%s\"}", true, guess_both, CODE_ENROLMENT, 422, { "bad-code" }, 10,
	  10 },
	{ "PINs of a cashier", "POST", "/v1/sign-in", "till1", "{\"number\":\"1\",\"pin\":\"%s\"}", true, guess_pin, CODE_NONE, 0,
	  { "bad-pin", "pin-locked" }, 20, 20 },
	{ "PINs of nobody", "POST", "/v1/sign-in", "till2", "{\"number\":\"9\",\"pin\":\"%s\"}", true, guess_pin, CODE_NONE, 0,
	  { "bad-pin", "pin-locked" }, 20, 20 },
};
#define FLOODS (sizeof floods / sizeof *floods)

static const struct flood *flood_of(const char *path)
{
	size_t i = 0;

	while (i < FLOODS - 1 && strcmp(floods[i].path, path) != 0)
		i++;
	return &floods[i];
}

static void make_request(struct buf *out, const struct flood *f, const char *guess, int address)
{
	char path[400], body[400] = "", key[37];

	snprintf(path, sizeof path, f->path, guess);
	if (f->body != NULL)
		snprintf(body, sizeof body, f->body, guess);
	buf_reset(out);
	buf_addf(out, "%s %s HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 198.51.100.%d\r\n", f->method, path, address);
	buf_addf(out, "Idempotency-Key: %s\r\n", api_uuid(key));
	if (*f->bearer)
		buf_addf(out, "Authorization: Bearer %s\r\n", api_var(f->bearer));
	if (f->body != NULL)
		buf_addf(out, "Content-Type: application/json\r\nContent-Length: %zu\r\n", strlen(body));
	buf_addf(out, "\r\n%s", body);
}

static bool is_refusal(const struct flood *f, const struct client *c)
{
	char code[60];

	if (f->status != 0 && c->status != f->status)
		return false;
	for (size_t i = 0; i < 3 && f->codes[i] != NULL; i++) {
		snprintf(code, sizeof code, "\"code\":\"%s\"", f->codes[i]);
		if (f->codes[i][0] == '\0' || strstr(c->body, code) != NULL)
			return true;
	}
	return false;
}

/* What one flood met. */
struct met {
	int64_t answered;  /* not "too many" */
	int64_t hits, odd; /* answered with success; with something else than the refusal */
	int64_t differing; /* refusals that are not the first one byte for byte */
	double seconds;
};

static void run_flood(const struct flood *f, int address, int port, int64_t guesses, struct met *m)
{
	struct client c;
	struct buf request = { 0 }, first = { 0 };
	char guess[CODE_URL_MAX];
	int64_t began_ms = clock_mono_ms();

	memset(m, 0, sizeof *m);
	client_open(&c, port);
	for (int64_t i = 0; i < guesses; i++) {
		f->guess(f->kind, i, guess);
		make_request(&request, f, guess, address);
		if (!client_send(&c, &request, PATIENCE_MS))
			fatal("%s: no answer", f->what);
		if (c.status == 429)
			continue;
		m->answered++;
		/* A question whether a code is one of ours is answered with no. */
		bool hit = c.status / 100 == 2 && strstr(c.body, "\"valid\":false") == NULL;
		m->hits += hit;
		if (!hit && !is_refusal(f, &c) && m->odd++ == 0)
			printf("# %s: %d %s\n", f->what, c.status, c.body);
		if (first.len == 0)
			buf_adds(&first, c.body);
		else if (strcmp(first.data, c.body) != 0 && f->kind != CODE_NONE && m->differing++ == 0)
			printf("# %s: %s is not %s\n", f->what, c.body, first.data);
	}
	m->seconds = (double)(clock_mono_ms() - began_ms) / 1000;
	client_close(&c);
	buf_free(&request);
	buf_free(&first);
}

static int judge_flood(const struct flood *f, const struct met *m, int64_t guesses)
{
	double allowed = f->burst + f->per_minute * m->seconds / 60 + 1;
	bool good = m->hits == 0 && m->odd == 0 && m->answered > 0;
	int wrong = 0;

	wrong += !api_ok(good, "%s: %" PRId64 " guesses, no hit", f->what, guesses);
	wrong += !api_ok(m->differing == 0, "%s: one refusal, byte for byte", f->what);
	wrong += !api_ok((double)m->answered - allowed <= (double)guesses / 100, "%s: %" PRId64 " answered, %.0f allowed in %.1f s", f->what,
	                 m->answered, allowed, m->seconds);
	return wrong;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* Largest distance of the two distributions (Kolmogorov and Smirnov); both sorted. */
static double distance(const double *a, const double *b, int64_t n)
{
	double most = 0;

	for (int64_t i = 0, k = 0; i < n; i++) {
		while (k < n && b[k] <= a[i])
			k++;
		if (i + 1 < n && a[i + 1] <= a[i])
			continue; /* the last of those that are equal */
		double gap = fabs((double)(i + 1 - k) / (double)n);
		most = gap > most ? gap : most;
	}
	return most;
}

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* Time of answers for codes of a thing that exists (`i` even) and of none (odd), in turn, without limits. Returns 1 when the
 * medians are further apart than one in twenty and 3 us, else 0. */
static int compare_times(const char *how, const struct flood *f, guess_fn *guess_one, int port, int64_t guesses)
{
	double *us[2] = { xcalloc((size_t)guesses, sizeof(double)), xcalloc((size_t)guesses, sizeof(double)) };
	struct buf request = { 0 };
	char guess[CODE_URL_MAX];
	struct client c;

	client_open(&c, port);
	for (int64_t i = 0; i < guesses; i++)
		for (int k = 0; k < 2; k++) {
			int which = (int)((i + k) % 2); /* neither is always the first of a pair */
			guess_one(f->kind, 2 * i + which, guess);
			make_request(&request, f, guess, 200);
			double began_us = now_us();
			if (!client_send(&c, &request, PATIENCE_MS) || c.status != 404)
				fatal("%s: %d", how, c.status);
			us[which][i] = now_us() - began_us;
		}
	client_close(&c);
	buf_free(&request);
	qsort(us[0], (size_t)guesses, sizeof **us, by_size);
	qsort(us[1], (size_t)guesses, sizeof **us, by_size);
	double there = us[0][guesses / 2], nowhere = us[1][guesses / 2], apart = fabs(there - nowhere);
	bool told = apart > 3 && apart > there / 20;
	proof_say("flood", 2 * guesses, told, "%s_us_there=%.1f %s_us_of_none=%.1f %s_ks=%.4f ks_1_percent=%.4f", how, there, how, nowhere,
	          how, distance(us[0], us[1], guesses), 1.63 * sqrt(2 / (double)guesses));
	free(us[0]);
	free(us[1]);
	return told;
}

/* The id in a code of the server's. */
static int64_t id_of(const char *url)
{
	char token[CODE_TOKEN_MAX];
	struct code code = { 0 };

	api_ok(code_token_of(url, NULL, token) != NULL && code_read(&keys, token, 0, &code) == QT_OK, "a code is read");
	return code.id;
}

static void read_keys(const struct test_server *server)
{
	char path[200];
	struct problem p = { 0 };

	snprintf(path, sizeof path, "%s/keys.conf", server->dir);
	api_ok(keyring_load(path, &keys, &p) == QT_OK, "the server's keys are read");
	card_id = id_of(api_var("card1"));
	coupon_id = id_of(api_var("coupon"));
}

int main(void)
{
	static const char *const flags[] = { "--connections-per-address=0", "--rate-limit=0", "--trust-proxy=true", NULL };
	static const struct step coupon[] = {
		{ "a promotion", "manager", POST, "/v1/promotions",
		  "{\"name\":\"Two off\",\"kind\":\"order\",\"off_cents\":200,\"by_code\":true}", .status = 201,
		  .save = { { "promotion_id", "two" } } },
		{ "a coupon of it", "manager", POST, "/v1/coupon-batches", "{\"promotion_id\":${two},\"count\":1}", .status = 201,
		  .save = { { "batch_id", "batch" } } },
		{ "given out", "manager", POST, "/v1/coupon-batches/${batch}/export", "{}", .key = "none",
		  .save = { { "coupons[0].code", "coupon" } } },
	}, served[] = {
		{ "who knows the code is served", "c1", POST, "/v1/cards/look", "{\"code\":\"${card1}\"}", .key = "none" },
		{ "with a coupon, too", "c4", POST, "/v1/coupons/keep", "{\"code\":\"${coupon}\"}" },
		{ "the books are clean", "operator", POST, "/v1/audit", NULL, .check = { { "clean", "true" } } },
	};
	int64_t guesses = proof_rounds("GUESSES", 1000);
	struct test_server server;
	int wrong = 0;

	server_start(&server, "flood", flags);
	api_begin(&server);
	sale_shop();
	API_RUN(coupon);
	read_keys(&server);
	if (getenv("GUESSES") != NULL) {
		compare_times("forged_card", flood_of("/v1/cards/look"), guess_forged, server.phone_port, guesses);
		compare_times("signed_card", flood_of("/v1/cards/look"), guess_signed, server.phone_port, guesses);
		compare_times("forged_coupon", flood_of("/v1/coupons/keep"), guess_forged, server.phone_port, guesses);
		compare_times("signed_coupon", flood_of("/v1/coupons/keep"), guess_signed, server.phone_port, guesses);
	}
	server_stop(&server);
	snprintf(server.flags[server.flag_count++], sizeof *server.flags, "--rate-limit=1");
	server_again(&server);
	api_begin(&server);
	for (size_t i = 0; i < FLOODS; i++) {
		struct met m;
		run_flood(&floods[i], (int)i + 1, floods[i].at_till ? server.till_port : server.phone_port, guesses, &m);
		wrong += judge_flood(&floods[i], &m, guesses);
	}
	API_RUN(served);
	api_ok(server_stop(&server), "the server stops cleanly");
	proof_say("flood", (int64_t)FLOODS * guesses, wrong, "floods=%zu", FLOODS);
	return api_end();
}
