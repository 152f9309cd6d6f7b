/* desk: see desk.h. Takes the place of main.c, the screens and libcurl of the till. */
#include "tests/sim/desk.h"

#include "shared/clock.h"
#include "shared/tui/dialog.h"
#include "tests/sim/dice.h"
#include "tests/sim/disk.h"
#include "tests/sim/net.h"
#include "tests/sim/trace.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct desk {
	int number;
	bool up, power;
	char folder[220], who[16];
	struct till till;
};
static struct desk desks[TILLS];
static bool resting;

/* ---- what the screens give to the rest ---- */

void tui_say(struct tui *tui, enum style style, const char *fmt, ...)
{
	char text[300];
	va_list ap;

	(void)tui;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	trace("%s says%s: %s", process_names[process_now], style == STYLE_BAD ? " no" : "", text);
}

void tui_dirty(struct tui *tui)
{
	(void)tui;
}

const char *tui_key_of(const struct tui *tui, const struct screen_ops *ops, const char *name)
{
	(void)tui, (void)ops;
	return name;
}

const struct screen_ops screen_sale_ops, screen_pay_ops, screen_float_ops, screen_shift_ops, screen_report_ops,
	screen_camera_ops;
static struct screen only_screen = { .ops = &screen_sale_ops };

struct screen *screen_top(struct tui *tui)
{
	(void)tui;
	return &only_screen;
}

void screen_push(struct tui *tui, const struct screen_ops *ops, const void *argument)
{
	(void)tui, (void)ops, (void)argument;
}

void screen_close(struct tui *tui, const struct screen_ops *ops)
{
	(void)tui, (void)ops;
}

/* Nobody holds a camera: the cashiers scan by the till's own functions. */
void tui_feed_scan(struct tui *tui, const char *text)
{
	(void)tui, (void)text;
}

/* Nobody has a PIN at hand. */
void dialog_push(struct tui *tui, const struct dialog *dialog)
{
	(void)tui, (void)dialog;
}

void till_show_stage(struct till *t)
{
	(void)t;
}

void cancel_ask(struct till *t)
{
	(void)t;
}

/* ---- the network ---- */

/* A request of a client; lives as long as the world. */
struct flight {
	struct api *api;
	int64_t number;
	struct desk *desk;
	struct request *request;
	const struct answer *answer;
	struct flight *next;
};
static struct flight *flights;

static void work(struct desk *d, void (*what)(void *), void *arg);

static void take_answer(void *arg)
{
	struct flight *f = arg;
	const struct answer *a = f->answer;

	api_answer(f->api, f->number, a->status, a->replayed, a->seen, a->body ? a->body : "", a->len);
}

static void on_done(void *ctx, struct request *r, const struct answer *a)
{
	struct flight *f = ctx;

	(void)r;
	f->answer = a;
	work(f->desk, take_answer, f);
}

static void transport_send(void *ctx, struct api *api, int64_t number, const struct api_message *m)
{
	struct flight *f = xcalloc(1, sizeof *f);
	struct desk *d = &desks[process_now - PROCESS_TILL];
	char bearer[160];

	(void)ctx;
	snprintf(bearer, sizeof bearer, "Bearer %s", m->token ? m->token : "");
	struct request *r = net_request(d->who, m->method, m->path, m->body, m->token ? bearer : NULL, m->key);
	r->door = DOOR_TILL;
	r->from = process_now;
	r->done = on_done;
	r->ctx = f;
	*f = (struct flight){ api, number, d, r, NULL, flights };
	flights = f;
	net_send(r, m->timeout_ms);
}

static void transport_cancel(void *ctx, struct api *api, int64_t number)
{
	(void)ctx;
	for (struct flight *f = flights; f != NULL; f = f->next)
		if (f->api == api && f->number == number && f->request->life == process_life[f->request->from])
			f->request->over = true;
}

/* ---- life ---- */

static char nothing[] = "", url[] = "http://till.test";

static void start(void *arg)
{
	struct desk *d = arg;
	struct problem p = { 0 };

	d->till.settings = (struct pos_settings){
		.data_dir = d->folder, .server = url, .enrol = nothing, .lang = nothing, .theme = nothing, .keys = nothing,
		.blocks = nothing, .printer = nothing, .printer_text = nothing, .script = nothing, .locale_dir = nothing,
	};
	enum qt_err err = till_open(&d->till, &p);
	if (err != QT_OK) {
		trace("%s does not start: %s %s", d->who, err_info(err)->code, p.field); /* the detail has a path of this run */
		process_die("it cannot start");
	}
	d->up = true;
}

static void start_event(void *arg)
{
	desk_start(((struct desk *)arg)->number);
}

static void bury(struct desk *d, bool power)
{
	char lock[240];

	d->up = false;
	memset(&d->till, 0, sizeof d->till);
	disk_cut(PROCESS_TILL + (enum process)d->number, power);
	process_reborn(PROCESS_TILL + (enum process)d->number);
	snprintf(lock, sizeof lock, "%s/till.lock", d->folder);
	unlink(lock); /* the dead one's descriptor still has the lock */
	net_plan(dice_between(100, 20000), start_event, d);
}

static void work(struct desk *d, void (*what)(void *), void *arg)
{
	if (d->up && !process_run(PROCESS_TILL + (enum process)d->number, what, arg))
		bury(d, dice_chance(700));
}

static void tick(void *arg)
{
	struct desk *d = arg;

	if (d->till.api)
		api_wait(d->till.api, -1, 0);
	till_tick(&d->till, clock_mono_ms());
}

void desk_tick(int till)
{
	work(&desks[till], tick, &desks[till]);
}

static void tick_event(void *arg)
{
	if (resting)
		return;
	desk_tick(((struct desk *)arg)->number);
	net_plan(dice_between(2000, 5000), tick_event, arg);
}

void desk_rest(void)
{
	resting = true;
}

void desk_open(const char *folder)
{
	static const struct api_transport transport = { transport_send, transport_cancel, NULL };

	api_inject(&transport);
	for (int i = 0; i < TILLS; i++) {
		struct desk *d = &desks[i];
		d->number = i;
		snprintf(d->folder, sizeof d->folder, "%s/till%d", folder, i);
		snprintf(d->who, sizeof d->who, "till %d", i);
		mkdir(d->folder, 0700);
		net_plan(i * 500, tick_event, d);
	}
}

void desk_start(int till)
{
	struct desk *d = &desks[till];

	if (d->up)
		return;
	trace("%s starts", d->who);
	if (!process_run(PROCESS_TILL + (enum process)till, start, d))
		bury(d, true);
}

bool desk_is_up(int till)
{
	return desks[till].up;
}

struct till *desk_till(int till)
{
	return &desks[till].till;
}

struct deed {
	struct till *till;
	void (*what)(struct till *, void *);
	void *arg;
};

static void do_it(void *arg)
{
	struct deed *deed = arg;
	deed->what(deed->till, deed->arg);
}

bool desk_do(int till, void (*what)(struct till *, void *), void *arg)
{
	struct deed deed = { &desks[till].till, what, arg };
	int life = process_life[PROCESS_TILL + till];

	if (!desks[till].up)
		return false;
	work(&desks[till], do_it, &deed);
	desk_tick(till);
	return life == process_life[PROCESS_TILL + till];
}

static void be_killed(void *arg)
{
	(void)arg;
	process_die("killed");
}

void desk_kill(int till, bool power)
{
	struct desk *d = &desks[till];

	if (!d->up)
		return;
	process_run(PROCESS_TILL + (enum process)till, be_killed, NULL);
	bury(d, power);
}
