/* promo: conditions, limits, and who goes with whom. What a promotion takes off is in promo_apply.c. See promo.h. */
#include "shared/promo_parts.h"

#include <stdlib.h>
#include <string.h>

const struct promo_why_info *promo_why_info(enum promo_why why)
{
	static const struct promo_why_info infos[] = {
#define X(name, wire, en, zh) { wire, en, zh },
		PROMO_WHYS(X)
#undef X
	};
	return &infos[why];
}

const char *promo_kind_name(int64_t kind)
{
	switch (kind) {
#define X(name, number, wire, least, most) case number: return wire;
	PROMO_KINDS(X)
#undef X
	}
	return "?";
}

const char *promo_stack_name(int64_t stack)
{
	switch (stack) {
#define X(name, number, wire) case number: return wire;
	PROMO_STACKS(X)
#undef X
	}
	return "?";
}

const char *promo_state_name(int64_t state)
{
	switch (state) {
#define X(name, number, wire) case number: return wire;
	PROMO_STATES(X)
#undef X
	}
	return "?";
}

/* ---- conditions: each says true when it stands in the way ---- */

static bool in_list(const int64_t *ids, int count, int64_t id)
{
	for (int i = 0; i < count; i++)
		if (ids[i] == id)
			return true;
	return false;
}

static bool wrong_store(const struct promo *p, const struct promo_basket *b)
{
	return p->store_count > 0 && !in_list(p->stores, p->store_count, b->store_id);
}

/* Is now in the part of its hours that lies behind midnight? Then the day they began counts. */
static bool after_midnight(const struct promo *p, const struct promo_basket *b)
{
	return p->to_minute <= p->from_minute && p->from_minute > 0 && b->minute < p->to_minute;
}

static bool wrong_weekday(const struct promo *p, const struct promo_basket *b)
{
	int day = after_midnight(p, b) ? (b->weekday + 6) % 7 : b->weekday;
	return p->weekdays != 0 && !(p->weekdays & (1 << day));
}

static bool wrong_hour(const struct promo *p, const struct promo_basket *b)
{
	if (p->from_minute == 0 && p->to_minute == 0)
		return false;
	if (p->from_minute < p->to_minute)
		return b->minute < p->from_minute || b->minute >= p->to_minute;
	return b->minute < p->from_minute && b->minute >= p->to_minute;
}

static bool needs_customer(const struct promo *p)
{
	return p->levels || p->first_purchase || p->birthday || p->person_max;
}

static bool not_running(const struct promo *p, const struct promo_basket *b)
{
	(void)b;
	return p->state != PROMO_RUNNING;
}

static bool not_started(const struct promo *p, const struct promo_basket *b)
{
	return b->now_ms < p->starts_ms;
}

static bool is_over(const struct promo *p, const struct promo_basket *b)
{
	return p->ends_ms != 0 && b->now_ms >= p->ends_ms;
}

static bool server_needed(const struct promo *p, const struct promo_basket *b)
{
	return b->offline && (p->by_code || needs_customer(p) || p->uses_max || p->day_max || p->budget_cents);
}

static bool customer_missing(const struct promo *p, const struct promo_basket *b)
{
	return needs_customer(p) && b->customer_id == 0;
}

static bool wrong_level(const struct promo *p, const struct promo_basket *b)
{
	return p->levels != 0 && (b->level <= 0 || b->level > PROMO_LEVEL_MOST || !(p->levels & (1 << b->level)));
}

static bool not_first(const struct promo *p, const struct promo_basket *b)
{
	return p->first_purchase && !b->first_purchase;
}

static bool no_birthday(const struct promo *p, const struct promo_basket *b)
{
	return p->birthday && (b->birthday_days < 0 || b->birthday_days > p->birthday_days);
}

static bool uses_up(const struct promo *p, const struct promo_basket *b)
{
	(void)b;
	return p->uses_max && p->uses >= p->uses_max;
}

static bool day_up(const struct promo *p, const struct promo_basket *b)
{
	(void)b;
	return p->day_max && p->day_uses >= p->day_max;
}

static bool person_up(const struct promo *p, const struct promo_basket *b)
{
	(void)b;
	return p->person_max && p->person_uses >= p->person_max;
}

static const struct {
	enum promo_why why;
	bool (*fails)(const struct promo *, const struct promo_basket *);
} before_code[] = {
	{ PROMO_WHY_NOT_RUNNING, not_running }, { PROMO_WHY_NOT_STARTED, not_started }, { PROMO_WHY_ENDED, is_over },
	{ PROMO_WHY_STORE, wrong_store }, { PROMO_WHY_WEEKDAY, wrong_weekday }, { PROMO_WHY_HOUR, wrong_hour },
	{ PROMO_WHY_ONLINE, server_needed },
}, after_code[] = {
	{ PROMO_WHY_NO_CUSTOMER, customer_missing }, { PROMO_WHY_LEVEL, wrong_level }, { PROMO_WHY_NOT_FIRST, not_first },
	{ PROMO_WHY_NOT_BIRTHDAY, no_birthday }, { PROMO_WHY_USES_UP, uses_up }, { PROMO_WHY_DAY_UP, day_up },
	{ PROMO_WHY_PERSON_UP, person_up },
};
#define COUNT(array) (sizeof (array) / sizeof *(array))

/* A good code of the promotion; else why the last one given was refused. */
static enum promo_why find_code(const struct promo_basket *b, struct promo_verdict *v)
{
	enum promo_why why = PROMO_WHY_NO_CODE;

	for (int i = 0; i < b->code_count; i++) {
		if (b->codes[i].promo_id != v->promo->id)
			continue;
		why = b->codes[i].refused;
		v->code = i;
		if (why == PROMO_WHY_APPLIED)
			break;
	}
	return why;
}

static enum promo_why judge_conditions(const struct promo_basket *b, struct promo_verdict *v)
{
	for (size_t i = 0; i < COUNT(before_code); i++)
		if (before_code[i].fails(v->promo, b))
			return before_code[i].why;
	enum promo_why code = v->promo->by_code ? find_code(b, v) : PROMO_WHY_APPLIED;
	if (code != PROMO_WHY_APPLIED)
		return code;
	for (size_t i = 0; i < COUNT(after_code); i++)
		if (after_code[i].fails(v->promo, b))
			return after_code[i].why;
	return PROMO_WHY_APPLIED;
}

/* Conditions that need a look at the lines, and what it would take off alone. */
static enum promo_why judge_basket(struct promo_work *fresh, int64_t sum_cents, struct promo_verdict *v,
                                   struct promo_work *work)
{
	const struct promo *p = v->promo;
	int64_t cuts[PROMO_LINES_MOST], pieces = promo_fit(p, fresh);

	if (pieces == 0)
		return PROMO_WHY_NO_ITEM;
	if (sum_cents < p->min_cents) {
		v->missing = p->min_cents - sum_cents;
		return PROMO_WHY_MIN_SPEND;
	}
	if (pieces < p->min_pieces) {
		v->missing = p->min_pieces - pieces;
		return PROMO_WHY_MIN_PIECES;
	}
	bool in_sets = p->kind != PROMO_ITEM && p->kind != PROMO_ORDER;
	if (in_sets && promo_sets(p, fresh, &v->missing) == 0)
		return PROMO_WHY_SET;
	promo_work_copy(work, fresh);
	memcpy(work->parts, fresh->parts, (size_t)fresh->basket->line_count);
	v->alone_cents = promo_apply(p, work, cuts);
	if (v->alone_cents == 0)
		return PROMO_WHY_NO_GAIN;
	if (p->budget_cents && v->alone_cents > p->budget_cents - p->spent_cents) {
		v->missing = v->alone_cents - (p->budget_cents - p->spent_cents);
		return PROMO_WHY_BUDGET_UP;
	}
	return PROMO_WHY_APPLIED;
}

/* ---- the order of judgement ---- */

static bool may_apply(const struct promo_verdict *v)
{
	return v->why == PROMO_WHY_APPLIED;
}

static int compare(int64_t a, int64_t b)
{
	return a < b ? -1 : a > b;
}

static int compare_parts(const struct promo *a, const struct promo *b)
{
	int c = compare(a->part_count, b->part_count);

	for (int k = 0; k < a->part_count && c == 0; k++) {
		const struct promo_part *x = &a->parts[k], *y = &b->parts[k];
		c = compare(x->pieces, y->pieces);
		if (c == 0)
			c = compare(x->ref_count, y->ref_count);
		for (int i = 0; i < x->ref_count && c == 0; i++) {
			c = compare(x->refs[i].section, y->refs[i].section);
			if (c == 0)
				c = compare(x->refs[i].id, y->refs[i].id);
		}
	}
	return c;
}

/* What they do, so that ids decide only between promotions that do the same. */
static int compare_effect(const struct promo *a, const struct promo *b)
{
	const int64_t pairs[][2] = {
		{ a->kind, b->kind }, { a->stack, b->stack }, { a->off_bp, b->off_bp }, { a->off_cents, b->off_cents },
		{ a->price_cents, b->price_cents }, { a->sets_max, b->sets_max }, { a->cap_cents, b->cap_cents },
		{ a->by_code, b->by_code }, { a->group, b->group },
		{ a->budget_cents - a->spent_cents, b->budget_cents - b->spent_cents },
	};
	int c = 0;

	for (size_t i = 0; i < COUNT(pairs) && c == 0; i++)
		c = compare(pairs[i][0], pairs[i][1]);
	return c ? c : compare_parts(a, b);
}

/* Larger saving first, then by effect, then by id. */
static int compare_worth(const struct promo_verdict *a, const struct promo_verdict *b)
{
	int c = compare(b->alone_cents, a->alone_cents);

	if (c == 0)
		c = compare_effect(a->promo, b->promo);
	return c ? c : compare(a->promo->id, b->promo->id);
}

static int compare_verdicts(const void *x, const void *y)
{
	const struct promo_verdict *a = x, *b = y;
	int c = compare(b->promo->priority, a->promo->priority);

	if (c == 0) /* off the order comes after what is off its lines */
		c = compare(a->promo->kind == PROMO_ORDER, b->promo->kind == PROMO_ORDER);
	return c ? c : compare_worth(a, b);
}

/* Bring those that may apply to the front, in their order. Returns how many. */
static int sort_fit(struct promo_verdict *verdicts, int count)
{
	int fit = 0;

	for (int i = 0; i < count; i++)
		if (may_apply(&verdicts[i])) {
			struct promo_verdict kept = verdicts[fit];
			verdicts[fit++] = verdicts[i];
			verdicts[i] = kept;
		}
	qsort(verdicts, (size_t)fit, sizeof *verdicts, compare_verdicts);
	return fit;
}

/* Higher priority, then worth: who is the best of a group, or of those that go alone. */
static bool better(const struct promo_verdict *a, const struct promo_verdict *b)
{
	int c = compare(b->promo->priority, a->promo->priority);
	return c ? c < 0 : compare_worth(a, b) < 0;
}

/* ---- who goes with whom ---- */

static void keep_best_of_groups(struct promo_verdict *verdicts, int count)
{
	for (int i = 0; i < count; i++)
		for (int k = 0; k < count && may_apply(&verdicts[i]) && verdicts[i].promo->stack == PROMO_GROUP; k++) {
			const struct promo_verdict *other = &verdicts[k];
			bool rival = other->promo->stack == PROMO_GROUP && other->promo->group == verdicts[i].promo->group &&
				(may_apply(other) || other->why == PROMO_WHY_GROUP_TAKEN);
			if (!rival || !better(other, &verdicts[i]))
				continue;
			verdicts[i].why = PROMO_WHY_GROUP_TAKEN;
			verdicts[i].by_id = other->promo->id;
		}
	/* name the best, not the first that was better */
	for (int i = 0; i < count; i++)
		for (int k = 0; k < count && verdicts[i].why == PROMO_WHY_GROUP_TAKEN; k++)
			if (may_apply(&verdicts[k]) && verdicts[k].promo->stack == PROMO_GROUP &&
			    verdicts[k].promo->group == verdicts[i].promo->group)
				verdicts[i].by_id = verdicts[k].promo->id;
}

static void exclude(struct promo_verdict *v, int64_t by_id)
{
	v->why = PROMO_WHY_EXCLUDED;
	v->by_id = by_id;
}

/* Apply all that may, in order. Returns the sum. */
static int64_t apply_all(struct promo_work *w, struct promo_verdict *verdicts, int count, struct promo_result *r)
{
	memset(r, 0, offsetof(struct promo_result, cuts));
	for (int i = 0; i < count; i++) {
		struct promo_verdict *v = &verdicts[i];
		const struct promo *p = v->promo;
		if (!may_apply(v))
			continue;
		if (r->applied == PROMO_APPLIED_MOST) {
			v->why = PROMO_WHY_TOO_MANY;
			continue;
		}
		struct promo_left before[PROMO_LINES_MOST];
		memcpy(before, w->left, (size_t)w->basket->line_count * sizeof *before);
		int64_t *cuts = r->cuts[r->applied], saved;
		(void)promo_fit(p, w);
		saved = promo_apply(p, w, cuts);
		if (saved == 0) {
			v->why = PROMO_WHY_NO_GAIN;
			continue;
		}
		if (p->budget_cents && saved > p->budget_cents - p->spent_cents) {
			memcpy(w->left, before, (size_t)w->basket->line_count * sizeof *before);
			v->why = PROMO_WHY_BUDGET_UP;
			v->missing = saved - (p->budget_cents - p->spent_cents);
			continue;
		}
		v->saved_cents = saved;
		v->row = r->applied++;
		r->saved_cents += saved;
		for (int k = 0; k < w->basket->line_count; k++)
			r->line_saved[k] += cuts[k];
	}
	return r->saved_cents;
}

/* Out of all that go alone the best, and which of the others has the highest priority. NULL: none. */
static void find_best(struct promo_verdict *verdicts, int count, struct promo_verdict **alone,
                      struct promo_verdict **others)
{
	*alone = *others = NULL;
	for (int i = 0; i < count; i++) {
		struct promo_verdict *v = &verdicts[i];
		struct promo_verdict **best = v->promo->stack == PROMO_EXCLUSIVE ? alone : others;
		if (may_apply(v) && (*best == NULL || better(v, *best)))
			*best = v;
	}
}

/* An exclusive promotion stands against all others together: the higher priority wins, at the same priority what
 * saves the customer more, at the same saving the exclusive one. What loses is marked. */
static void settle_exclusive(const struct promo_work *fresh, struct promo_work *work, struct promo_verdict *verdicts,
                             int count, struct promo_result *r)
{
	struct promo_verdict *alone, *others;

	find_best(verdicts, count, &alone, &others);
	if (alone == NULL)
		return;
	bool wins = others == NULL || alone->promo->priority > others->promo->priority;
	if (!wins && alone->promo->priority == others->promo->priority) {
		struct promo_verdict *trial = xmalloc((size_t)count * sizeof *trial);
		memcpy(trial, verdicts, (size_t)count * sizeof *trial);
		for (int i = 0; i < count; i++)
			if (may_apply(&trial[i]) && trial[i].promo->stack == PROMO_EXCLUSIVE)
				exclude(&trial[i], 0);
		promo_work_copy(work, fresh);
		wins = alone->alone_cents >= apply_all(work, trial, count, r);
		free(trial);
	}
	int64_t winner = wins ? alone->promo->id : others->promo->id;
	for (int i = 0; i < count; i++) {
		bool exclusive = verdicts[i].promo->stack == PROMO_EXCLUSIVE;
		if (may_apply(&verdicts[i]) && (wins ? &verdicts[i] != alone : exclusive))
			exclude(&verdicts[i], winner);
	}
}

enum qt_err promo_eval(const struct promo_basket *b, struct promo_verdict *verdicts, int count, struct promo_result *r)
{
	struct promo_work fresh, work;
	int64_t sum_cents = 0;

	memset(r, 0, offsetof(struct promo_result, cuts));
	if (b->line_count > PROMO_LINES_MOST)
		return QT_TOO_LONG;
	for (int i = 0; i < b->line_count; i++) {
		enum qt_err err = money_add(sum_cents, b->lines[i].total_cents, &sum_cents);
		if (err != QT_OK || b->lines[i].total_cents < 0)
			return QT_OVERFLOW;
	}
	promo_work_start(&fresh, b);
	for (int i = 0; i < count; i++) {
		struct promo_verdict *v = &verdicts[i];
		*v = (struct promo_verdict){ .promo = v->promo, .code = -1, .row = -1 };
		v->why = judge_conditions(b, v);
		if (v->why == PROMO_WHY_APPLIED)
			v->why = judge_basket(&fresh, sum_cents, v, &work);
	}
	count = sort_fit(verdicts, count);
	keep_best_of_groups(verdicts, count);
	settle_exclusive(&fresh, &work, verdicts, count, r);
	promo_work_copy(&work, &fresh);
	apply_all(&work, verdicts, count, r);
	return QT_OK;
}
