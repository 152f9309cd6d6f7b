/* asker: see asker.h. */
#include "tests/sim/asker.h"

#include "shared/err.h"
#include "tests/sim/dice.h"
#include "tests/sim/trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATIENCE_MS 15000

struct question {
	char *who, *token, *method, *path, *body, key[40];
	int64_t merchant_id;
	int tries;
	void (*done)(void *, int, const struct json_t *);
	void *ctx;
};
static int64_t last_key;
static int waiting;

static void ask(void *arg);

/* Busy, broken, or away: the same again. */
static bool counts(int status)
{
	return status != 0 && status != 429 && status < 500;
}

static void on_answer(void *ctx, struct request *r, const struct answer *a)
{
	struct question *q = ctx;
	struct json_t *body = a->len > 0 ? jparse(a->body, a->len) : NULL;

	(void)r;
	if (!counts(a->status) && strcmp(jtext(body, "code", ""), "provider-down") != 0) {
		jfree(body);
		net_plan(dice_between(300, 8000), ask, q);
		return;
	}
	waiting--;
	if (q->done)
		q->done(q->ctx, a->status, body);
	jfree(body);
}

static void ask(void *arg)
{
	struct question *q = arg;
	struct request *r = net_request(q->who, q->method, q->path, q->body, q->token, q->key[0] ? q->key : NULL);

	if (q->merchant_id >= 0) {
		r->door = DOOR_OPERATOR;
		r->merchant_id = q->merchant_id;
	}
	r->done = on_answer;
	r->ctx = q;
	q->tries++;
	net_send(r, PATIENCE_MS);
}

static char *copy(const char *s)
{
	return s ? xstrdup(s) : NULL;
}

/* merchant_id < 0: not the operator. */
void asker_ask(const char *who, const char *token, int64_t merchant_id, const char *method, const char *path,
               const char *body, void (*done)(void *, int, const struct json_t *), void *ctx)
{
	struct question *q = xcalloc(1, sizeof *q);

	*q = (struct question){ .who = copy(who), .token = copy(token), .method = copy(method), .path = copy(path),
		.body = copy(body), .merchant_id = merchant_id, .done = done, .ctx = ctx };
	if (body != NULL)
		snprintf(q->key, sizeof q->key, "00000000-0000-7000-8000-%012llx", (unsigned long long)++last_key);
	waiting++;
	ask(q);
}

int asker_waiting(void)
{
	return waiting;
}

struct granted {
	bool over;
	int status;
	struct json_t *body;
};

static void on_granted(void *ctx, int status, const struct json_t *body)
{
	struct granted *g = ctx;
	char *text = body ? jdump(body) : NULL;

	g->over = true;
	g->status = status;
	g->body = text ? jparse(text, strlen(text)) : NULL;
	free(text);
}

static bool is_over(void *ctx)
{
	return ((struct granted *)ctx)->over;
}

struct json_t *asker_must(const char *who, const char *token, int64_t merchant_id, const char *method, const char *path,
                          const char *body)
{
	struct granted g = { .over = false };

	asker_ask(who, token, merchant_id, method, path, body, on_granted, &g);
	if (!net_until(is_over, &g, 600000) || g.status / 100 != 2)
		broken("%s %s %s: %d %s", method, path, body ? body : "", g.status, g.body ? jtext(g.body, "code", "") : "");
	return g.body;
}
