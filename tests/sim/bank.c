/* bank: see bank.h. */
#include "tests/sim/bank.h"

#include "server/provider.h"
#include "server/provider_sandbox.h"
#include "shared/clock.h"
#include "shared/sandbox_sign.h"
#include "tests/sim/dice.h"
#include "tests/sim/net.h"
#include "tests/sim/trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEALS_MAX 400
#define CALLBACK_PATH "/v1/providers/sandbox/callback"

enum deal_state { DEAL_PENDING, DEAL_PAID, DEAL_REFUSED, DEAL_CANCELLED };
static const char *const state_words[] = { "pending", "paid", "refused", "cancelled" };

/* One payment, or with a negative id one binding (of -id). */
static struct deal {
	int64_t id, amount_cents, given_back_cents;
	int64_t asked_ms; /* first, by the server's clock */
	int64_t refund_ids[16], customer_id;
	int refund_count;
	enum deal_state state;
	bool told;      /* the server has confirmed a callback about it */
	int tries;
} deals[DEALS_MAX];
static int deal_count;
static struct provider_ops ops;
static uint8_t key[32];

static struct deal *find(int64_t id)
{
	for (int i = 0; i < deal_count; i++)
		if (deals[i].id == id)
			return &deals[i];
	return NULL;
}

/* ---- callbacks ---- */

static void send_callback(void *);

static void callback_done(void *ctx, struct request *r, const struct answer *a)
{
	struct deal *d = ctx;

	(void)r;
	d->told = d->told || a->status / 100 == 2;
	/* Asked again for a while when it was not heard; and now and then although it was. */
	if (d->tries < 6 && (!d->told || dice_chance(100)))
		net_plan(dice_between(1000, 60000), send_callback, d);
}

static void send_callback(void *arg)
{
	struct deal *d = arg;
	char body[400], signature[SANDBOX_SIGNATURE_SIZE], time_text[24];
	int64_t now_ms = clock_now_ms();

	d->tries++;
	if (d->id > 0)
		snprintf(body, sizeof body, "{\"type\":\"payment\",\"reference\":\"payment-%lld\",\"payment\":\"P%lld\","
		         "\"state\":\"%s\",\"amount_cents\":%lld,\"currency\":\"USD\",\"at_ms\":%lld}", (long long)d->id,
		         (long long)d->id, state_words[d->state], (long long)d->amount_cents, (long long)now_ms);
	else
		snprintf(body, sizeof body, "{\"type\":\"binding\",\"reference\":\"binding-%lld-%lld\",\"binding\":\"B%lld\","
		         "\"state\":\"%s\"}", (long long)d->customer_id, (long long)-d->id, (long long)-d->id,
		         d->state == DEAL_PAID ? "active" : "revoked");
	sandbox_sign(key, "POST", CALLBACK_PATH, now_ms, body, strlen(body), signature);
	snprintf(time_text, sizeof time_text, "%lld", (long long)now_ms);
	struct request *r = net_request("bank", "POST", CALLBACK_PATH, body, NULL, NULL);
	r->time_text = xstrdup(time_text);
	r->signature = xstrdup(signature);
	r->done = callback_done;
	r->ctx = d;
	net_send(r, 10000);
}

/* The customer pays on the bank's page, or does not; rarely another amount than was asked. */
static void decide(void *arg)
{
	struct deal *d = arg;

	if (d->state != DEAL_PENDING)
		return;
	d->state = dice_chance(800) ? DEAL_PAID : DEAL_REFUSED;
	if (d->id > 0 && d->state == DEAL_PAID && dice_chance(40))
		d->amount_cents += dice_between(-1, 1) * (d->amount_cents > 10 ? 10 : 0);
	trace("bank: deal %lld is %s, %lld", (long long)d->id, state_words[d->state], (long long)d->amount_cents);
	send_callback(d);
}

static struct deal *new_deal(int64_t id, int64_t customer_id, int64_t amount_cents)
{
	if (deal_count == DEALS_MAX)
		fatal("the bank's book is full");
	struct deal *d = &deals[deal_count++];
	*d = (struct deal){ .id = id, .customer_id = customer_id, .amount_cents = amount_cents, .asked_ms = clock_now_ms() };
	return d;
}

/* ---- operations: the server asks, in its own process ---- */

/* What becomes of a request on its way: true with *err when nobody gets an answer. */
static bool lost(enum qt_err *err)
{
	if (dice_chance(net_weather.lost)) {
		*err = dice_chance(500) ? QT_PROVIDER_DOWN : QT_UNKNOWN_OUTCOME;
		return true;
	}
	return false;
}

static enum qt_err reply(const struct deal *d, struct provider_answer *out)
{
	static const enum provider_outcome outcomes[] = { PROVIDER_PENDING, PROVIDER_PAID, PROVIDER_FAILED, PROVIDER_FAILED };

	*out = (struct provider_answer){ .outcome = PROVIDER_UNKNOWN };
	if (dice_chance(net_weather.answer_lost))
		return QT_UNKNOWN_OUTCOME;
	out->outcome = outcomes[d->state];
	out->amount_cents = d->id > 0 ? d->amount_cents : 0;
	snprintf(out->reference, sizeof out->reference, "%c%lld", d->id > 0 ? 'P' : 'B', (long long)llabs(d->id));
	if (d->state == DEAL_PENDING)
		snprintf(out->redirect_url, sizeof out->redirect_url, "https://bank.test/%lld", (long long)d->id);
	return QT_OK;
}

static enum qt_err start(void *ctx, const struct provider_order *o, struct provider_answer *out)
{
	struct deal *d = find(o->payment_id);
	enum qt_err err;

	(void)ctx;
	*out = (struct provider_answer){ .outcome = PROVIDER_UNKNOWN };
	if (lost(&err))
		return err;
	if (d == NULL) {
		d = new_deal(o->payment_id, o->customer_id, o->amount_cents);
		trace("bank: asked for payment %lld, %lld", (long long)d->id, (long long)d->amount_cents);
		if (o->binding)
			d->state = dice_chance(900) ? DEAL_PAID : DEAL_REFUSED;
		else
			net_plan(dice_between(500, 120000), decide, d);
	}
	return reply(d, out);
}

static enum qt_err query(void *ctx, const struct provider_order *o, struct provider_answer *out)
{
	struct deal *d = find(o->payment_id);
	enum qt_err err;

	(void)ctx;
	*out = (struct provider_answer){ .outcome = PROVIDER_UNKNOWN };
	if (lost(&err))
		return err;
	return d ? reply(d, out) : QT_NOT_FOUND;
}

static enum qt_err cancel(void *ctx, const struct provider_order *o, struct provider_answer *out)
{
	struct deal *d = find(o->payment_id);
	enum qt_err err;

	(void)ctx;
	*out = (struct provider_answer){ .outcome = PROVIDER_UNKNOWN };
	if (lost(&err))
		return err;
	if (d == NULL)
		d = new_deal(o->payment_id, o->customer_id, o->amount_cents);
	if (d->state == DEAL_PENDING)
		d->state = DEAL_CANCELLED;
	trace("bank: asked to cancel payment %lld: %s", (long long)d->id, state_words[d->state]);
	return reply(d, out);
}

static enum qt_err refund(void *ctx, const struct provider_order *o, int64_t refund_id, int64_t amount_cents,
                          struct provider_answer *out)
{
	struct deal *d = find(o->payment_id);
	enum qt_err err;

	(void)ctx;
	*out = (struct provider_answer){ .outcome = PROVIDER_UNKNOWN };
	if (lost(&err))
		return err;
	if (d == NULL || d->state != DEAL_PAID)
		broken("the bank is to give back what it never took: payment %lld", (long long)o->payment_id);
	for (int i = 0; i < d->refund_count; i++)
		if (d->refund_ids[i] == refund_id)
			return reply(d, out);
	trace("bank: gives back %lld of payment %lld", (long long)amount_cents, (long long)d->id);
	d->given_back_cents += amount_cents;
	if (d->given_back_cents > d->amount_cents)
		broken("the bank gave back more than was paid: payment %lld, %lld of %lld", (long long)d->id,
		       (long long)d->given_back_cents, (long long)d->amount_cents);
	d->refund_ids[d->refund_count++] = refund_id;
	return reply(d, out);
}

static enum qt_err bind(void *ctx, int64_t customer_id, int64_t binding_id, struct provider_answer *out)
{
	struct deal *d = find(-binding_id);
	enum qt_err err;

	(void)ctx;
	if (lost(&err))
		return err;
	if (d == NULL) {
		d = new_deal(-binding_id, customer_id, 0);
		net_plan(dice_between(500, 20000), decide, d);
	}
	return reply(d, out);
}

static enum qt_err query_binding(void *ctx, const char *reference, struct provider_answer *out)
{
	struct deal *d = find(-strtoll(reference + 1, NULL, 10));
	enum qt_err err;

	(void)ctx;
	if (lost(&err))
		return err;
	return d ? reply(d, out) : QT_NOT_FOUND;
}

static enum qt_err unbind(void *ctx, const char *reference)
{
	struct deal *d = find(-strtoll(reference + 1, NULL, 10));

	(void)ctx;
	if (d)
		d->state = DEAL_REFUSED;
	return d ? QT_OK : QT_NOT_FOUND;
}

const struct provider_ops *bank_open(const char *folder)
{
	const struct provider_ops *real;
	struct problem p = { 0 };
	char path[240];

	snprintf(path, sizeof path, "%s/provider-sandbox.key", folder);
	if (sandbox_key_load(path, key, &p) != QT_OK ||
	    provider_sandbox_new("http://bank.test", path, "https://pay.test", &real, &p) != QT_OK)
		fatal("bank: %s", p.detail);
	ops = *real; /* callbacks are checked by the real one */
	ops.start = start;
	ops.query = query;
	ops.cancel = cancel;
	ops.refund = refund;
	ops.bind = bind;
	ops.query_binding = query_binding;
	ops.unbind = unbind;
	return &ops;
}

int64_t bank_taken_cents(void)
{
	int64_t sum = 0;

	for (int i = 0; i < deal_count; i++)
		if (deals[i].state == DEAL_PAID && deals[i].id > 0)
			sum += deals[i].amount_cents - deals[i].given_back_cents;
	return sum;
}

bool bank_is_quiet(void)
{
	for (int i = 0; i < deal_count; i++)
		if (deals[i].state == DEAL_PENDING)
			return false;
	return true;
}

int64_t bank_asked_ms(int64_t payment_id)
{
	const struct deal *d = find(payment_id);

	return d ? d->asked_ms : 0;
}

const char *bank_state(int64_t payment_id, int64_t *amount_cents)
{
	const struct deal *d = find(payment_id);

	*amount_cents = d ? d->amount_cents : 0;
	return d ? state_words[d->state] : "";
}
