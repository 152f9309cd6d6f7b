/* host: see host.h. Takes the place of main.c and http*.c of the server. */
#include "tests/sim/host.h"

#include "server/auth.h"
#include "server/events.h"
#include "server/exchange.h"
#include "server/http.h"
#include "server/jobs.h"
#include "server/pool.h"
#include "server/provider.h"
#include "server/ratelimit.h"
#include "server/routes.h"
#include "server/settings.h"
#include "server/store/tx.h"
#include "shared/clock.h"
#include "tests/sim/checks.h"
#include "tests/sim/dice.h"
#include "tests/sim/disk.h"
#include "tests/sim/model.h"
#include "tests/sim/trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A request inside the server. */
struct guest {
	struct exchange exchange;
	struct request *request;
	struct guest *next;
	bool finished;  /* exchange_finish was called */
};

static struct {
	char folder[200];
	const struct provider_ops *provider;
	struct keyring keys;
	bool has_keys, up, turn_planned, fired;
	bool bare;                  /* it died, or began, without a power cut: what was not synced is there */
	struct server server;
	struct db *reader;          /* the loop's; it also moves the log */
	struct guest *guests, **last_guest; /* in the order they came */
	int64_t turns;
} host;

/* ---- what http.c gives to the rest ---- */

void exchange_finish(struct exchange *x)
{
	((struct guest *)(void *)x)->finished = true;
}

void exchange_listen(struct exchange *x, bool listens)
{
	(void)x, (void)listens; /* rows are read again after every turn */
}

void exchange_wait(struct exchange *x)
{
	x->waiting = true;
}

void http_wake(struct server *s)
{
	(void)s;
}

void http_fire(struct server *s, const struct wait_topic *topics, int n)
{
	(void)s, (void)topics, (void)n;
	host.fired = true;
}

void http_stats(const struct server *s, struct http_stats *out)
{
	(void)s;
	*out = (struct http_stats){ 0 };
}

const char *http_till_address(const struct server *s)
{
	(void)s;
	return "till";
}

const char *http_phone_address(const struct server *s)
{
	(void)s;
	return "phone";
}

const char *call_header(const struct call *call, const char *name)
{
	const struct guest *g = (const struct guest *)(const void *)((const char *)call - offsetof(struct exchange, call));

	if (strcasecmp(name, "X-Sandbox-Time") == 0)
		return g->request->time_text;
	return strcasecmp(name, "X-Sandbox-Signature") == 0 ? g->request->signature : NULL;
}

/* ---- life ---- */

struct server *host_server(void)
{
	return &host.server;
}

const char *host_db_path(void)
{
	return host.server.db_path;
}

int64_t host_turns(void)
{
	return host.turns;
}

bool host_is_up(void)
{
	return host.up;
}

void host_open(const char *folder, const struct provider_ops *provider)
{
	snprintf(host.folder, sizeof host.folder, "%s", folder);
	host.provider = provider;
	host.last_guest = &host.guests;
}

static void group_done(void *ctx)
{
	auth_commit();
	events_commit(ctx);
}

/* The settings as qrtilld reads them, with the simulation's own. */
static enum qt_err read_settings(struct settings *s, struct problem *p)
{
	char data[220], arg0[] = "qrtilld", schema[] = "--schema-dir=data/schema", url[] = "--public-url=https://pay.test",
		limit[] = "--rate-limit=0", log[] = "--access-log=false";
	char *argv[] = { arg0, data, schema, url, limit, log, NULL };
	int first;

	snprintf(data, sizeof data, "--data-dir=%s", host.folder);
	return conf_load("qrtilld", settings_options, s, 6, argv, &first, p);
}

/* The key file is made once and is kept in memory from then on; see disk.h. */
static enum qt_err read_keys(struct keyring *keys, struct problem *p)
{
	char path[240];
	enum qt_err err = QT_OK;

	snprintf(path, sizeof path, "%s/keys.conf", host.folder);
	if (!host.has_keys)
		err = keyring_create(path, &host.keys, p);
	host.has_keys = true;
	*keys = host.keys;
	return err;
}

static enum qt_err start_parts(struct server *s, struct problem *p)
{
	enum qt_err err;

	if ((err = read_settings(&s->settings, p)) || (err = settings_check(s, p)) || (err = read_keys(&s->keys, p)))
		return err;
	ratelimit_scale((int)s->settings.rate_limit);
	s->started_ms = clock_now_ms();
	provider_register(host.provider);
	struct writer_options options = {
		.path = s->db_path, .queue_max = (int)s->settings.queue_max, .schema_dir = s->settings.schema_dir,
		.keys = &s->keys, .group_done = group_done, .group_ctx = s, .stepped = true,
	};
	if ((err = writer_start(&options, &s->writer, p)) || (err = pool_start(s->db_path, 0, 256, &s->pool, p)) ||
	    (err = db_open(s->db_path, DB_READ, &host.reader, p)))
		return err;
	jobs_open(s);
	return QT_OK;
}

static void start(void *arg)
{
	struct problem p = { 0 };
	enum qt_err err;

	(void)arg;
	host.server = (struct server){ 0 };
	routes_open();
	err = start_parts(&host.server, &p);
	if (err != QT_OK) {
		trace("the server does not start: %s %s", err_info(err)->code, p.field); /* the detail has a path of this run */
		process_die("it cannot start");
	}
	host.up = true;
}

/* Everybody who waits for the dead one gets no answer; some notice at once. */
static void bury(bool power)
{
	host.up = false;
	host.bare = !power;
	host.guests = NULL;
	host.last_guest = &host.guests;
	checks_close();
	disk_cut(PROCESS_SERVER, power);
	process_reborn(PROCESS_SERVER);
}

bool host_start(void)
{
	if (host.up)
		return true;
	trace("the server starts");
	if (!process_run(PROCESS_SERVER, start, NULL)) {
		bury(true);
		return false;
	}
	checks_open();
	return true;
}

static void start_event(void *arg)
{
	(void)arg;
	if (!host_start())
		host_start_in(dice_between(100, 3000));
}

void host_start_in(int64_t in_ms)
{
	net_plan(in_ms, start_event, NULL);
}

static void stop(void *arg)
{
	struct server *s = &host.server;

	(void)arg;
	jobs_stop(s);
	pool_stop(s->pool);
	db_close(host.reader);
	writer_stop(s->writer);
}

void host_stop(void)
{
	if (!host.up)
		return;
	trace("the server stops");
	checks_close();
	bool alive = process_run(PROCESS_SERVER, stop, NULL);
	bury(!alive);
}

/* One piece of work of the server; when it dies in it, it comes up again some time later. */
static void work(void (*what)(void *), void *arg)
{
	if (!host.up)
		return;
	if (!process_run(PROCESS_SERVER, what, arg)) {
		bury(dice_chance(500));
		host_start_in(dice_between(50, 5000));
		return;
	}
	checks_step();
}

static void be_killed(void *arg)
{
	(void)arg;
	process_die("killed");
}

void host_kill(bool power)
{
	if (!host.up)
		return;
	process_run(PROCESS_SERVER, be_killed, NULL);
	bury(power);
	host_start_in(dice_between(50, 5000));
}

/* ---- requests ---- */

static void power_goes(void *arg)
{
	(void)arg;
	host_kill(true);
}

static void tell(struct guest *g)
{
	struct exchange *x = &g->exchange;
	struct request *r = g->request;

	dispatch_render(x);
	const struct answer a = { .status = x->call.status, .replayed = x->replayed, .seen = true,
		.body = x->reply.data ? x->reply.data : "", .len = x->reply.len };
	trace("#%lld -> %d%s %.*s", (long long)r->id, a.status, a.replayed ? " again" : "",
	      a.status >= 400 ? (int)(a.len < 160 ? a.len : 160) : 0, a.body);
	model_hears(r, &a);
	net_answer(r, &a);
	if (host.bare && a.replayed) { /* what it found unsynced and spoke of must not be gone then */
		host.bare = false;
		net_plan(dice_below(3), power_goes, NULL);
	}
	arena_free(&x->arena);
	buf_free(&x->body);
	buf_free(&x->reply);
	buf_free(&x->call.page);
}

/* Answers that are ready go out, in the order the requests came. */
static void tell_all(void)
{
	for (struct guest **at = &host.guests, *g; (g = *at) != NULL;) {
		if (g->finished && g->exchange.redo) {
			g->finished = false;
			dispatch_redo(&host.server, &g->exchange, host.reader);
		}
		if (!g->finished && g->exchange.state != EXCHANGE_DONE) {
			at = &g->next;
			continue;
		}
		*at = g->next;
		if (*at == NULL)
			host.last_guest = at;
		tell(g);
		free(g);
	}
}

static void ask_waiters(bool all)
{
	for (struct guest *g = host.guests; g != NULL; g = g->next) {
		struct exchange *x = &g->exchange;
		bool last = clock_mono_ms() >= x->call.wait_until_ms;
		if (x->waiting && (all || last))
			dispatch_again(&host.server, x, host.reader, last);
	}
}

static void turn(void *arg)
{
	(void)arg;
	bool any = true;
	while (any) {
		any = pool_turn(host.server.pool);
		any = writer_turn(host.server.writer) || any;
	}
	ask_waiters(host.fired);
	host.fired = false;
	host.turns++;
	tell_all();
}

static void turn_event(void *arg)
{
	(void)arg;
	host.turn_planned = false;
	work(turn, NULL);
}

static void plan_turn(void)
{
	if (!host.turn_planned)
		net_plan(dice_below(4), turn_event, NULL);
	host.turn_planned = true;
}

static void waited(void *arg)
{
	(void)arg;
	if (host.up)
		plan_turn();
}

static void fill_head(struct exchange *x, struct request *r)
{
	static const char *const json = "application/json";
	const char *query = strchr(r->path, '?');

	snprintf(x->method, sizeof x->method, "%s", r->method);
	snprintf(x->target, sizeof x->target, "%s", r->path);
	x->target_len = strlen(r->path);
	x->path_len = query ? (size_t)(query - r->path) : x->target_len;
	if (query) {
		x->query = x->target + x->path_len + 1;
		x->query_len = x->target_len - x->path_len - 1;
		x->target[x->path_len] = '\0';
	}
	x->head.content_length = r->body ? (int64_t)strlen(r->body) : -1;
	x->head.content_type = r->body ? json : NULL;
	x->head.idempotency_key = r->key;
	if (r->token)
		x->head.authorization = arena_strndup(&x->arena, r->token, strlen(r->token));
	if (r->merchant_id) {
		char *text = arena_alloc(&x->arena, 24);
		snprintf(text, 24, "%lld", (long long)r->merchant_id);
		x->head.merchant = text;
	}
}

static void enter(void *arg)
{
	struct request *r = arg;
	struct guest *g = xcalloc(1, sizeof *g);
	struct exchange *x = &g->exchange;

	trace("#%lld %s %s %s%s%s %s", (long long)r->id, r->who, r->method, r->path, r->key ? " key " : "",
	      r->key ? r->key : "", r->body ? r->body : "");
	model_sees(r);
	g->request = r;
	x->listener = r->door == DOOR_TILL ? LISTENER_TILL : r->door == DOOR_PHONE ? LISTENER_PHONE : LISTENER_SOCKET;
	if (x->listener != LISTENER_SOCKET)
		memcpy(x->peer, (uint8_t[]){ 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1 }, 16);
	exchange_reset(x);
	fill_head(x, r);
	*host.last_guest = g;
	host.last_guest = &g->next;
	if (!dispatch_head(&host.server, x)) {
		x->state = EXCHANGE_DONE;
	} else {
		if (r->body)
			buf_adds(&x->body, r->body);
		x->state = EXCHANGE_RUNNING;
		dispatch(&host.server, x, host.reader);
	}
	if (x->waiting)
		net_plan(x->call.wait_until_ms - clock_mono_ms(), waited, NULL);
	else
		tell_all();
}

void host_take(struct request *r)
{
	work(enter, r);
	if (host.up)
		plan_turn();
}

static void jobs(void *arg)
{
	(void)arg;
	jobs_turn(&host.server);
}

void host_jobs(void)
{
	work(jobs, NULL);
	if (host.up)
		plan_turn();
}

static void checkpoint(void *arg)
{
	(void)arg;
	db_checkpoint(host.reader);
}

void host_checkpoint(void)
{
	work(checkpoint, NULL);
}
