/* story: see story.h. */
#include "tests/sim/story.h"

#include "shared/crypto.h"
#include "tests/sim/asker.h"
#include "tests/sim/bank.h"
#include "tests/sim/checks.h"
#include "tests/sim/desk.h"
#include "tests/sim/dice.h"
#include "tests/sim/disk.h"
#include "tests/sim/host.h"
#include "tests/sim/model.h"
#include "tests/sim/people.h"
#include "tests/sim/shop.h"
#include "tests/sim/trace.h"

#include <stdio.h>
#include <stdlib.h>

#define HOUR_MS INT64_C(3600000)
#define DAY_MS (24 * HOUR_MS)
#define LONGEST_MS (6 * 60 * 1000) /* of a story's first part */
#define HOME_MS (2 * 3600 * 1000)    /* until everybody is home */

/* How bad this seed is: what happens every so often. */
static struct {
	int every_ms;      /* on average; 0: nothing ever goes wrong */
	int kills, cuts, errors, clocks, stops, storms; /* weights */
} plan;
static bool over;      /* nothing goes wrong any more */

static const struct net_weather fair;

/* ---- what goes wrong ---- */

static enum process any_process(void)
{
	return dice_chance(600) ? PROCESS_SERVER : (enum process)(PROCESS_TILL + dice_below(TILLS));
}

static void kill_one(void)
{
	enum process p = any_process();
	bool power = dice_chance(600);

	if (p == PROCESS_SERVER)
		host_kill(power);
	else
		desk_kill(p - PROCESS_TILL, power);
}

static void cut_at_a_write(void)
{
	enum process p = any_process();

	if (dice_chance(400))
		disk_fault[p].die_in_syncs = (int)dice_between(1, 5);
	else
		disk_fault[p].die_in = (int)dice_between(1, dice_chance(500) ? 12 : 120);
	trace("%s will lose its power at a disk call", process_names[p]);
}

static void break_disk(void)
{
	enum process p = any_process();

	disk_fault[p].fail_in = (int)dice_between(1, 30);
	disk_fault[p].fail_count = dice_chance(700) ? 1 : (int)dice_between(2, 40);
	disk_fault[p].full = dice_chance(400);
}

static void move_clock(void)
{
	static const int64_t steps_ms[] = { 1000, -1000, 60000, -60000, 400000, 3600000, -3600000 };
	enum process p = any_process();

	net_clock_off_ms[p] += steps_ms[dice_below(7)];
	trace("%s: its clock is %lld ms ahead now", process_names[p], (long long)net_clock_off_ms[p]);
}

static void storm_over(void *arg)
{
	(void)arg;
	if (!over)
		net_weather = (struct net_weather){ (int)dice_below(60), (int)dice_below(60), (int)dice_below(60), (int)dice_below(60) };
}

static void storm(void)
{
	net_weather = (struct net_weather){ (int)dice_between(200, 1000), 100, (int)dice_between(100, 800), 300 };
	trace("a storm");
	net_plan(dice_between(5000, 60000), storm_over, NULL);
}

static void stop_server(void)
{
	if (dice_chance(500)) {
		host_checkpoint();
		return;
	}
	host_stop();
	host_start_in(dice_between(100, 10000));
}

static void misfortune(void *arg)
{
	const struct { int weight; void (*happen)(void); } list[] = {
		{ plan.kills, kill_one }, { plan.cuts, cut_at_a_write }, { plan.errors, break_disk }, { plan.clocks, move_clock },
		{ plan.storms, storm }, { plan.stops, stop_server },
	};
	int64_t sum = 0;

	if (over || plan.every_ms == 0)
		return;
	for (int i = 0; i < 6; i++)
		sum += list[i].weight;
	int64_t pick = dice_below(sum);
	for (int i = 0; i < 6 && sum > 0; i++) {
		pick -= list[i].weight;
		if (pick < 0) {
			list[i].happen();
			break;
		}
	}
	net_plan(dice_between(plan.every_ms / 5, 2 * plan.every_ms), misfortune, arg);
}

static void jobs_event(void *arg)
{
	host_jobs();
	net_plan(dice_between(500, 20000), jobs_event, arg);
}

/* A fifth of the seeds are calm: what is wrong then is in the rules. */
static void make_plan(int64_t seed)
{
	bool calm = seed % 5 == 0;

	plan.every_ms = calm ? 0 : (int)dice_between(10000, 80000);
	plan.kills = (int)dice_below(4);
	plan.cuts = (int)dice_below(4);
	plan.errors = (int)dice_below(4);
	plan.clocks = (int)dice_below(3);
	plan.stops = (int)dice_below(3);
	plan.storms = (int)dice_below(3);
	if (!calm)
		storm_over(NULL);
	mood = (struct mood){ .refunds = (int)dice_below(300), .cards = (int)dice_below(200), .points = (int)dice_below(100),
		.holds = (int)dice_below(100), .codes = 300, .shares = (int)dice_below(900), .office = 300 };
}

/* ---- the world ---- */

void story_prepare(const char *folder, int variant)
{
	char data[220];

	process_open();
	dice_seed((uint64_t)variant);
	net_open();
	disk_open();
	snprintf(data, sizeof data, "%s/server", folder);
	host_open(data, bank_open(folder));
	if (!host_start())
		fatal("the server does not start");
	desk_open(folder);
	shop_make(variant);
}

static bool done(void *arg)
{
	(void)arg;
	return people_are_done() && host_is_up() && (!over || bank_is_quiet());
}

static bool never(void *arg)
{
	(void)arg;
	return false;
}

static void say_who_waits(void)
{
	for (int i = 0; i < TILLS; i++) {
		const struct till *t = desk_till(i);
		if (!cashier_is_done(i))
			broken("till %d waits for ever: %s, stage %d, %d lines, %d requests wait, one is sent: %s, refund %d", i,
			       desk_is_up(i) ? "up" : "down", t->sale.stage, t->sale.cart.count, t->counts.waiting,
			       t->sending ? "yes" : "no", t->refund.stage);
	}
	broken("somebody waits for ever: %d questions", asker_waiting());
}

/* All clocks are right, and so much later; then some time goes by. */
static void later(int64_t more_ms, int64_t pass_ms)
{
	static int64_t sum_ms;

	sum_ms += more_ms;
	for (int p = 0; p < PROCESS_COUNT; p++)
		net_clock_off_ms[p] = sum_ms;
	net_until(never, NULL, pass_ms);
}

/* The sky clears, everybody finishes what was begun and goes home. */
static void go_home(void)
{
	over = true;
	net_weather = fair;
	for (int p = 0; p < PROCESS_COUNT; p++)
		disk_fault[p] = (struct disk_fault){ 0 };
	trace("everybody goes home");
	people_go_home();
	if (!net_until(done, NULL, HOME_MS))
		say_who_waits();
	people_are_gone();
	desk_rest();
	/* Hours later the bank has been asked about what it could not say, whatever the clocks were; days later everything that
	 * waited has come to its end. */
	later(2 * HOUR_MS, 70000);
	later(3 * DAY_MS, 130000);
}

void story_tell(int64_t seed, bool loud)
{
	unsigned char hash[32];
	char hex[65];

	dice_seed((uint64_t)seed);
	make_plan(seed);
	model_open();
	people_open((int)dice_between(2, 10));
	net_plan(1000, misfortune, NULL);
	net_plan(500, jobs_event, NULL);
	net_until(done, NULL, LONGEST_MS);
	go_home();
	model_settle();
	if (!loud)
		return;
	disk_hash(hash);
	hex_encode(hash, sizeof hash, hex);
	printf("seed %lld: trace %016llx, disks %s, %lld requests granted, %lld s, %lld looks\n", (long long)seed,
	       (unsigned long long)trace_hash(), hex, (long long)model_granted(), (long long)net_now_ms / 1000,
	       (long long)checks_done());
}
