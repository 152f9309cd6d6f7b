/* promo: see promo.h. */
#include "tests/bench/promo.h"
#include "shared/clock.h"
#include "shared/promo.h"
#include "tests/bench/figures.h"

#define PROMOS 200
#define LINES 20
#define TIMES 200

static struct promo promos[PROMOS];
static struct promo_line lines[LINES];
static int64_t sections[LINES][2];

/* A merchant with many shelves: most promotions are about what is not in this basket. */
static void make_promo(struct promo *p, int i)
{
	static const int parts[] = { [PROMO_ITEM] = 1, [PROMO_GET] = 2, [PROMO_BUNDLE] = 3, [PROMO_FREE] = 1,
		[PROMO_ORDER] = 1 };
	bool whole = i % 29 == 0;

	*p = (struct promo){ .id = i + 1, .state = PROMO_RUNNING, .kind = 1 + i % 5, .stack = PROMO_STACKABLE,
		.priority = i % 7, .weekdays = i % 3 ? 0 : 127, .min_cents = i % 4 ? 0 : 1000 };
	if (i % 6 == 0) {
		p->stack = PROMO_GROUP;
		p->group = 1 + i % 4;
	}
	p->part_count = parts[p->kind];
	for (int k = 0; k < p->part_count; k++) {
		p->parts[k].pieces = 1 + k % 2;
		p->parts[k].ref_count = whole && p->kind != PROMO_FREE ? 0 : 4;
		for (int n = 0; n < 4; n++)
			p->parts[k].refs[n] = (struct promo_ref){ n == 3, n == 3 ? 1 + i % 90 : 1 + (i * 7 + k * 3 + n) % 400 };
	}
	p->price_cents = p->kind == PROMO_BUNDLE ? 900 : 0;
	p->sets_max = p->kind == PROMO_FREE;
	p->off_bp = p->kind == PROMO_ITEM || p->kind == PROMO_GET || p->kind == PROMO_ORDER ? 500 + i : 0;
}

void bench_promo(int rounds)
{
	static struct promo_verdict verdicts[PROMOS];
	static struct promo_result r;
	const struct promo_basket b = { .lines = lines, .line_count = LINES, .now_ms = 1000, .store_id = 1, .weekday = 2,
		.minute = 700, .birthday_days = -1 };

	for (int i = 0; i < PROMOS; i++)
		make_promo(&promos[i], i);
	for (int i = 0; i < LINES; i++) {
		sections[i][0] = 1 + i % 8;
		sections[i][1] = 20 + i % 3;
		lines[i] = (struct promo_line){ .item_id = 1 + i * 4, .sections = sections[i], .section_count = 2,
			.quantity_milli = 1000 * (1 + i % 4), .total_cents = 199 + 83 * i };
	}
	for (int n = 0; n < rounds; n++) {
		int64_t start = clock_mono_us();
		for (int t = 0; t < TIMES; t++) {
			for (int i = 0; i < PROMOS; i++)
				verdicts[i].promo = &promos[(i * 7 + t) % PROMOS];
			if (promo_eval(&b, verdicts, PROMOS, &r) != QT_OK || r.applied == 0)
				fatal("bench: no promotion applies");
		}
		figure_add("promo_eval_us", (double)(clock_mono_us() - start) / TIMES);
	}
}
