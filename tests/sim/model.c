/* model: see model.h. This file: what is seen while it happens. The sums of the end are in model_sum.c. */
#include "tests/sim/model.h"

#include "shared/err.h"
#include "tests/sim/bank.h"
#include "tests/sim/disk.h"
#include "tests/sim/model_sum.h"
#include "tests/sim/paper.h"
#include "tests/sim/shop.h"
#include "tests/sim/trace.h"

#include <stdlib.h>
#include <string.h>

#define CODES_MAX 600

/* A code that a till showed, and until when the server said it may be paid; server's clock. */
static struct { char token[200]; int64_t expires_ms; } codes[CODES_MAX];
static int code_count;
/* Since when a card may certainly not be used, world's time; 0: it may. */
static int64_t shut_ms[SHOP_CARDS_MAX];
static int64_t granted;
static bool open;

void model_open(void)
{
	paper_begin();
	open = true;
}

int64_t model_granted(void)
{
	return granted;
}

static bool ends_with(const char *text, const char *end)
{
	size_t n = strlen(text), m = strlen(end);
	return n >= m && strcmp(text + n - m, end) == 0;
}

/* ---- codes and cards ---- */

/* The codes of an order's open payments. */
static void note_codes(const struct json_t *order)
{
	const struct json_t *payments = jget(order, "payments"), *p;
	char token[200];

	for (size_t i = 0; (p = jat(payments, i)) != NULL; i++) {
		if (jtext(p, "code", NULL) == NULL || code_count == CODES_MAX)
			continue;
		shop_token(jtext(p, "code", ""), token);
		memcpy(codes[code_count].token, token, sizeof token);
		codes[code_count++].expires_ms = jint(p, "expires_ms", 0);
	}
}

/* The card a request names, in whichever member; -1: none. */
static int card_of(const struct request *r, const struct json_t *body)
{
	static const char *const texts[] = { "code", "number", "card_code", "from_code" };

	if (strncmp(r->path, "/v1/cards/", 10) == 0 && r->path[10] >= '1' && r->path[10] <= '9')
		return shop_card_by_id(strtoll(r->path + 10, NULL, 10));
	if (jint(body, "card_id", 0) != 0)
		return shop_card_by_id(jint(body, "card_id", 0));
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (jtext(body, texts[i], NULL) != NULL)
			return shop_card_by(jtext(body, texts[i], ""));
	return -1;
}

/* Whatever may open a card again makes it uncertain from its arrival on. */
static void note_opening(const struct request *r)
{
	struct json_t *body = r->body ? jparse(r->body, strlen(r->body)) : NULL;
	int card = ends_with(r->path, "/unfreeze") || ends_with(r->path, "/transfer") ? card_of(r, body) : -1;

	if (card >= 0)
		shut_ms[card] = 0;
	jfree(body);
}

static void judge_card(const struct request *r, const struct json_t *body, const char *what)
{
	int card = card_of(r, body);

	if (card >= 0 && shut_ms[card] != 0 && r->seen_ms > shut_ms[card])
		broken("#%lld %s with card %lld, which was frozen or closed", (long long)r->id, what,
		       (long long)shop.cards[card].id);
}

/* A code takes no money after its end; what a provider was asked for before goes on. */
static void judge_code(const struct request *r, const struct json_t *answer)
{
	int64_t asked_ms = bank_asked_ms(jint(answer, "payment_id", 0));

	for (int i = 0; i < code_count; i++)
		if (strcmp(codes[i].token, r->path + 8) == 0 && r->seen_server_ms > codes[i].expires_ms &&
		    (asked_ms == 0 || asked_ms > codes[i].expires_ms))
			broken("#%lld pays by a code that ended %lld ms ago", (long long)r->id,
			       (long long)(r->seen_server_ms - codes[i].expires_ms));
}

/* Was this against the rules? Only what was carried out now is judged, not an answer that is given again. */
static void judge(const struct request *r, const struct json_t *body, const struct json_t *answer)
{
	const struct json_t *tenders = jget(body, "payments"), *t;

	for (size_t i = 0; (t = jat(tenders, i)) != NULL; i++)
		judge_card(r, t, "pays");
	if (ends_with(r->path, "/payments") || strncmp(r->path, "/v1/pay/", 8) == 0)
		judge_card(r, body, "pays");
	if (ends_with(r->path, "/top-up"))
		judge_card(r, body, "tops up");
	if (strncmp(r->path, "/v1/pay/", 8) == 0)
		judge_code(r, answer);
}

/* What a granted request means for what may come. */
static void learn(const struct request *r, const struct json_t *body, const struct json_t *answer)
{
	int card = card_of(r, body);

	if (strcmp(r->path, "/v1/cards") == 0)
		shop_card_add(jint(answer, "card_id", 0), jtext(answer, "code", ""), jtext(answer, "number", ""));
	if (card >= 0 && (ends_with(r->path, "/freeze") || ends_with(r->path, "/transfer")))
		shut_ms[card] = net_now_ms;
	if (card >= 0 && ends_with(r->path, "/bind"))
		shop.cards[card].holder = (int)(r->who[strlen(r->who) - 1] - '0');
}

/* ---- answers ---- */

/* The same request again: the same answer, at least in all that counts. */
static void compare(const struct request *r, struct fact *f, const struct json_t *answer, bool again)
{
	static const char *const counts[] = { "order_id", "payment_id", "card_id", "refund_id", "total_cents", "refunded_cents",
		"balance_cents", "binding_id", "amount_cents", "points_earned", "rebate_cents", "balance" };

	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
		if (jint(f->answer, counts[i], 0) != jint(answer, counts[i], 0) && strcmp(f->path, "/v1/cards") != 0)
			broken("#%lld %s key %s was answered before with %s %lld, now %lld", (long long)r->id, r->who, r->key, counts[i],
			       (long long)jint(f->answer, counts[i], 0), (long long)jint(answer, counts[i], 0));
	if (!again && f->fresh)
		broken("#%lld %s key %s was carried out twice", (long long)r->id, r->who, r->key);
	f->fresh = f->fresh || !again;
	f->copies++;
}

/* An error of the server's own is right only when its disk failed. */
static void judge_error(const struct request *r, const struct answer *a, const struct json_t *answer)
{
	const char *code = jtext(answer, "code", "");

	if (strcmp(code, "internal") == 0)
		broken("#%lld %s %s: internal error", (long long)r->id, r->who, r->path);
	if (a->status >= 500 && disk_failed[PROCESS_SERVER] == 0 && strcmp(code, "busy") != 0 &&
	    strcmp(code, "provider-down") != 0)
		broken("#%lld %s %s: %s, with a good disk", (long long)r->id, r->who, r->path, code);
}

void model_sees(const struct request *r)
{
	note_opening(r);
}

void model_hears(const struct request *r, const struct answer *a)
{
	if (a->status < 500 && strcmp(r->method, "GET") == 0)
		return; /* changes nothing, and says nothing that is not said elsewhere */
	struct json_t *answer = a->len > 0 ? jparse(a->body, a->len) : NULL;
	if (open && a->status >= 500)
		judge_error(r, a, answer);
	if (a->status / 100 == 2)
		note_codes(jget(answer, "order") ? jget(answer, "order") : answer);
	if (!open || a->status / 100 != 2 || r->key == NULL) {
		jfree(answer);
		return;
	}
	struct json_t *body = r->body ? jparse(r->body, strlen(r->body)) : NULL;
	struct fact *f = paper_fact(r->who, r->key);
	if (!a->replayed)
		judge(r, body, answer);
	if (f == NULL) {
		granted++;
		f = paper_note(r->who, r->key, r->path, body, answer);
		f->fresh = !a->replayed;
		learn(r, body, answer);
		return; /* the paper keeps both */
	}
	compare(r, f, answer, a->replayed);
	jfree(answer);
	jfree(body);
}

void model_settle(void)
{
	open = false;
	model_sum();
	paper_compare();
}
