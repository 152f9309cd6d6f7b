/* Rebates: the split, and 100,000 random chains with random caps, sales and refunds beside a naive model. */
#include "server/rebate_split.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct rebate_request request(int64_t base, int levels)
{
	struct rebate_request r = { .base_cents = base, .levels = levels, .cap_order_cents = REBATE_NO_LIMIT,
		.budget_left_cents = REBATE_NO_LIMIT, .prefund_cents = MONEY_MAX };
	for (int i = 0; i < REBATE_LEVELS_CAP; i++) {
		r.rate_bp[i] = 500 / (i + 1);
		r.present[i] = i < levels;
		r.day_left[i] = REBATE_NO_LIMIT;
	}
	return r;
}

static void test_plain_split(void **state)
{
	struct rebate_request r = request(10000, 3);
	struct rebate_split s;
	(void)state;
	r.rate_bp[REBATE_PART_CHANNEL] = 200;
	r.rate_bp[REBATE_PART_PLATFORM] = 50;
	r.present[REBATE_PART_PLATFORM] = true; /* no channel: its share stays with the merchant */
	rebate_split(&r, &s);
	assert_int_equal(s.outcome, REBATE_PAID);
	assert_int_equal(s.part[0], 500);
	assert_int_equal(s.part[1], 250);
	assert_int_equal(s.part[2], 166);
	assert_int_equal(s.part[3], 0);
	assert_int_equal(s.part[REBATE_PART_CHANNEL], 0);
	assert_int_equal(s.part[REBATE_PART_PLATFORM], 50);
	assert_int_equal(s.total_cents, 966);
}

static void test_outcome_names(void **state)
{
	(void)state;
	assert_string_equal(rebate_outcome_name(REBATE_NONE), "none");
	assert_string_equal(rebate_outcome_name(REBATE_NO_ITEM), "no-item");
	assert_string_equal(rebate_outcome_name(99), "?");
}

static void test_limits(void **state)
{
	struct rebate_request r = request(10000, 2);
	struct rebate_split s;
	(void)state;
	r.cap_order_cents = 100; /* 500 + 250 wanted */
	rebate_split(&r, &s);
	assert_int_equal(s.outcome, REBATE_CUT);
	assert_int_equal(s.part[0], 67);
	assert_int_equal(s.part[1], 33);
	r.budget_left_cents = 0;
	rebate_split(&r, &s);
	assert_int_equal(s.outcome, REBATE_BUDGET_USED);
	assert_int_equal(s.total_cents, 0);
	r.budget_left_cents = REBATE_NO_LIMIT;
	r.prefund_cents = 99; /* one short: nobody gets anything */
	rebate_split(&r, &s);
	assert_int_equal(s.outcome, REBATE_PREFUND_EMPTY);
	assert_int_equal(s.part[0], 0);
	r.prefund_cents = 100;
	rebate_split(&r, &s);
	assert_int_equal(s.total_cents, 100);
	r = request(10000, 2);
	r.present[0] = false; /* the buyer's own share: its level stays empty, nobody moves up */
	rebate_split(&r, &s);
	assert_int_equal(s.part[0], 0);
	assert_int_equal(s.part[1], 250);
	r.day_left[1] = 10;
	rebate_split(&r, &s);
	assert_int_equal(s.part[1], 10);
	assert_int_equal(s.outcome, REBATE_CUT);
	r.present[1] = false;
	rebate_split(&r, &s);
	assert_int_equal(s.outcome, REBATE_NOBODY);
}

static void test_kept(void **state)
{
	(void)state;
	assert_int_equal(rebate_kept(100, 999, 0), 100);
	assert_int_equal(rebate_kept(100, 999, 998), 0);
	assert_int_equal(rebate_kept(100, 300, 100), 66);
	assert_int_equal(rebate_kept(100, 999, 999), 0);
	assert_int_equal(rebate_kept(0, 0, 0), 0);
}

/* ---- random chains beside a naive model ---- */

#define PEOPLE 40
#define SALES 6
struct world {
	int64_t prefund, funded, budget, spent;          /* budget REBATE_NO_LIMIT: none */
	int64_t cap_order, cap_day;
	int64_t person[PEOPLE], day[PEOPLE], other[3];   /* earned, earned today, channel agent platform */
	struct sale { int64_t total, refunded; int who[REBATE_LEVELS_CAP]; struct rebate_split s; } sale[SALES];
};
static unsigned seed;

static int64_t pick(int64_t below)
{
	return (int64_t)(((uint64_t)rand_r(&seed) << 31 ^ (uint64_t)rand_r(&seed)) % (uint64_t)below);
}

static int64_t maybe(int64_t below)
{
	return pick(2) ? pick(below) : REBATE_NO_LIMIT;
}

static void check_world(const struct world *w)
{
	int64_t earned = w->other[0] + w->other[1] + w->other[2];
	for (int i = 0; i < PEOPLE; i++) {
		assert_true(w->person[i] >= 0);
		if (w->cap_day != REBATE_NO_LIMIT)
			assert_true(w->day[i] <= w->cap_day);
		earned += w->person[i];
	}
	assert_int_equal(w->prefund + earned, w->funded);
	assert_int_equal(w->spent, earned);
	assert_true(w->prefund >= 0);
	if (w->budget != REBATE_NO_LIMIT)
		assert_true(w->spent <= w->budget);
}

/* Parts of a split go to (or come back from) their owners. */
static void move_part(struct world *w, const struct sale *sale, int part, int64_t amount)
{
	if (part < REBATE_LEVELS_CAP) {
		w->person[sale->who[part]] += amount;
		w->day[sale->who[part]] += amount;
	} else {
		w->other[part - REBATE_LEVELS_CAP] += amount;
	}
	w->prefund -= amount;
	w->spent += amount;
}

static void sell(struct world *w, struct sale *sale, struct rebate_request *r, int depth)
{
	int buyer = (int)pick(PEOPLE);

	sale->total = 1 + pick(200000);
	r->base_cents = pick(4) ? sale->total : pick(sale->total + 1);
	for (int i = 0; i < r->levels; i++) {
		bool again;
		do { /* nobody is twice in a chain */
			sale->who[i] = (int)pick(PEOPLE);
			again = false;
			for (int k = 0; k < i; k++)
				again |= sale->who[k] == sale->who[i];
		} while (again);
		r->present[i] = i < depth && sale->who[i] != buyer;
		r->day_left[i] = w->cap_day == REBATE_NO_LIMIT ? REBATE_NO_LIMIT : w->cap_day - w->day[sale->who[i]];
	}
	for (int i = REBATE_PART_CHANNEL; i < REBATE_PARTS; i++)
		r->present[i] = pick(2);
	r->budget_left_cents = w->budget == REBATE_NO_LIMIT ? REBATE_NO_LIMIT : w->budget - w->spent;
	r->cap_order_cents = w->cap_order;
	r->prefund_cents = w->prefund;
	rebate_split(r, &sale->s);
	int64_t sum = 0;
	for (int i = 0; i < REBATE_PARTS; i++) {
		assert_true(sale->s.part[i] >= 0);
		assert_true((__int128)sale->s.part[i] * 10000 <= (__int128)r->base_cents * r->rate_bp[i] + 9999);
		if (!r->present[i])
			assert_int_equal(sale->s.part[i], 0);
		sum += sale->s.part[i];
		move_part(w, sale, i, sale->s.part[i]);
	}
	assert_int_equal(sum, sale->s.total_cents);
	if (w->cap_order != REBATE_NO_LIMIT)
		assert_true(sum <= w->cap_order);
	assert_int_equal(sum > 0, sale->s.outcome == REBATE_PAID || sale->s.outcome == REBATE_CUT);
}

static void give_back(struct world *w, struct sale *sale, int64_t amount)
{
	for (int i = 0; i < REBATE_PARTS; i++) {
		int64_t before = rebate_kept(sale->s.part[i], sale->total, sale->refunded);
		int64_t after = rebate_kept(sale->s.part[i], sale->total, sale->refunded + amount);
		assert_true(after <= before);
		/* naive: never more than the exact part of what is left, never a whole unit less */
		__int128 exact = (__int128)sale->s.part[i] * (sale->total - sale->refunded - amount);
		assert_true((__int128)after * sale->total <= exact && (__int128)(after + 1) * sale->total > exact);
		move_part(w, sale, i, after - before);
	}
	sale->refunded += amount;
}

static void one_world(void)
{
	struct world w = { .budget = maybe(50000), .cap_order = maybe(5000), .cap_day = maybe(3000) };
	struct rebate_request r = { .levels = (int)pick(REBATE_LEVELS_CAP + 1) };
	int sales = 1 + (int)pick(SALES);

	w.funded = w.prefund = pick(3) ? pick(100000) : MONEY_MAX / 2;
	for (int i = 0; i < REBATE_PARTS; i++)
		r.rate_bp[i] = pick(10000 / REBATE_PARTS);
	for (int i = 0; i < sales; i++) {
		sell(&w, &w.sale[i], &r, (int)pick(r.levels + 3));
		check_world(&w);
		if (pick(2)) {
			give_back(&w, &w.sale[i], pick(w.sale[i].total + 1));
			check_world(&w);
		}
	}
	for (int i = 0; i < sales; i++) {
		while (w.sale[i].refunded < w.sale[i].total) {
			int64_t left = w.sale[i].total - w.sale[i].refunded;
			give_back(&w, &w.sale[i], pick(2) ? left : 1 + pick(left));
		}
		check_world(&w);
	}
	assert_int_equal(w.prefund, w.funded); /* all was given back: exactly nothing is left with anybody */
	assert_int_equal(w.spent, 0);
	for (int i = 0; i < PEOPLE; i++)
		assert_int_equal(w.person[i], 0);
}

static void test_random_chains(void **state)
{
	const char *given = getenv("QRTILL_SEED");
	(void)state;
	seed = given ? (unsigned)strtoul(given, NULL, 10) : 20261121;
	print_message("# seed %u\n", seed);
	for (int i = 0; i < 100000; i++)
		one_world();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain_split),
		cmocka_unit_test(test_outcome_names),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_kept),
		cmocka_unit_test(test_random_chains),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
