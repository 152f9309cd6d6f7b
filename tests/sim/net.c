/* net: see net.h. */
#include "tests/sim/net.h"

#include "shared/clock.h"
#include "shared/err.h"
#include "tests/sim/dice.h"
#include "tests/sim/host.h"
#include "tests/sim/trace.h"

#include <stdlib.h>
#include <string.h>

#define BEGIN_MS INT64_C(1790000000000) /* some day in September 2026 */
#define MONO_MS INT64_C(1000000)        /* monotonic clocks do not begin at 0 */

struct event {
	int64_t at_ms, number;
	void (*run)(void *);
	void *arg;
};

int64_t net_now_ms;
int64_t net_clock_off_ms[PROCESS_COUNT];
struct net_weather net_weather;
static struct event *queue; /* a heap, the next one first */
static int count, room;
static int64_t last_number, last_request;

/* ---- clocks ---- */

static int64_t wall_ms(void *ctx)
{
	(void)ctx;
	return BEGIN_MS + net_now_ms + net_clock_off_ms[process_now];
}

static int64_t mono_us(void *ctx)
{
	(void)ctx;
	return (MONO_MS + net_now_ms) * 1000;
}

static void bytes(void *ctx, void *out, size_t size)
{
	(void)ctx;
	dice_bytes(&byte_dice, out, size);
}

void net_open(void)
{
	static const struct clock_source source = { wall_ms, mono_us, bytes, NULL };
	clock_inject(&source);
}

/* ---- events ---- */

static bool before(const struct event *a, const struct event *b)
{
	return a->at_ms != b->at_ms ? a->at_ms < b->at_ms : a->number < b->number;
}

void net_plan(int64_t in_ms, void (*run)(void *), void *arg)
{
	struct event e = { net_now_ms + (in_ms > 0 ? in_ms : 0), ++last_number, run, arg };
	int i = count++;

	if (count > room) {
		room = room ? 2 * room : 256;
		queue = xrealloc(queue, (size_t)room * sizeof *queue);
	}
	for (; i > 0 && before(&e, &queue[(i - 1) / 2]); i = (i - 1) / 2)
		queue[i] = queue[(i - 1) / 2];
	queue[i] = e;
}

static struct event take_first(void)
{
	struct event first = queue[0], last = queue[--count];
	int i = 0;

	for (int child; (child = 2 * i + 1) < count; i = child) {
		if (child + 1 < count && before(&queue[child + 1], &queue[child]))
			child++;
		if (!before(&queue[child], &last))
			break;
		queue[i] = queue[child];
	}
	if (count > 0)
		queue[i] = last;
	return first;
}

bool net_step(void)
{
	if (count == 0)
		return false;
	struct event e = take_first();
	net_now_ms = e.at_ms;
	e.run(e.arg);
	return true;
}

bool net_until(bool (*over)(void *), void *arg, int64_t most_ms)
{
	int64_t until_ms = net_now_ms + most_ms;

	while (!over(arg))
		if (net_now_ms > until_ms || !net_step())
			return false;
	return true;
}

/* ---- messages ---- */

static char *copy(const char *s)
{
	return s ? xstrdup(s) : NULL;
}

struct request *net_request(const char *who, const char *method, const char *path, const char *body, const char *token,
                            const char *key)
{
	struct request *r = xcalloc(1, sizeof *r);

	r->id = ++last_request;
	r->door = DOOR_PHONE;
	r->who = copy(who);
	r->method = copy(method);
	r->path = copy(path);
	r->body = copy(body);
	r->token = copy(token);
	r->key = copy(key);
	return r;
}

/* Requests that were refused: who asked, with which key, and when they heard. */
static struct { const char *who, *key; int64_t at_ms; } refusals[500];
static int refusal_count;

static bool was_refused(const struct request *r)
{
	for (int i = 0; i < refusal_count && r->key; i++)
		if (strcmp(refusals[i].key, r->key) == 0 && strcmp(refusals[i].who, r->who) == 0 &&
		    r->sent_ms < refusals[i].at_ms)
			return true;
	return false;
}

static void give(struct request *r, const struct answer *a)
{
	if (r->over)
		return;
	r->over = true;
	if (r->from != PROCESS_NONE && r->life != process_life[r->from])
		return; /* who asked is dead */
	if (a->status / 100 == 4 && a->status != 401 && a->status != 429 && r->key && refusal_count < 500) {
		refusals[refusal_count].at_ms = net_now_ms;
		refusals[refusal_count].who = r->who;
		refusals[refusal_count++].key = r->key;
	}
	if (a->status == 0)
		trace("#%lld %s hears nothing", (long long)r->id, r->who);
	if (r->done)
		r->done(r->ctx, r, a);
}

struct parcel {
	struct request *request;
	struct answer answer;
	char *body;
};

static void arrive_back(void *arg)
{
	struct parcel *p = arg;

	give(p->request, &p->answer);
	free(p->body);
	free(p);
}

static int64_t way_ms(void)
{
	return dice_chance(net_weather.late) ? dice_between(500, 40000) : dice_between(1, 40);
}

void net_answer(struct request *r, const struct answer *a)
{
	if (r->over || dice_chance(net_weather.answer_lost))
		return;
	struct parcel *p = xcalloc(1, sizeof *p);
	p->request = r;
	p->answer = *a;
	p->body = xmalloc(a->len + 1);
	if (a->len > 0)
		memcpy(p->body, a->body, a->len);
	p->body[a->len] = '\0';
	p->answer.body = p->body;
	net_plan(way_ms(), arrive_back, p);
}

static void time_out(void *arg)
{
	const struct answer none = { .seen = true };
	give(arg, &none);
}

static void refused(void *arg)
{
	const struct answer none = { .seen = false };
	give(arg, &none);
}

static void arrive(void *arg)
{
	struct request *r = arg;

	if (!host_is_up()) {
		if (r->copies == 0)
			net_plan(dice_between(1, 20), refused, r);
		return;
	}
	/* Sent before that: its connection was closed when the client went on, and the server reads no more from it. It
	 * would count as new, see "What survives what" in qrtill-architecture(7). */
	if (was_refused(r)) {
		trace("#%lld comes too late", (long long)r->id);
		return;
	}
	if (r->copies++ == 0) {
		r->seen_ms = net_now_ms;
		r->seen_server_ms = BEGIN_MS + net_now_ms + net_clock_off_ms[PROCESS_SERVER];
	}
	host_take(r);
}

void net_send(struct request *r, int timeout_ms)
{
	r->life = process_life[r->from];
	r->sent_ms = net_now_ms;
	net_plan(timeout_ms, time_out, r);
	if (!dice_chance(net_weather.lost))
		net_plan(way_ms(), arrive, r);
	if (dice_chance(net_weather.doubled))
		net_plan(way_ms() + dice_below(3000), arrive, r);
}
