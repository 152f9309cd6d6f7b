/* rebate_split: see rebate_split.h. */
#include "server/rebate_split.h"

#include <assert.h>
#include <string.h>

const char *rebate_outcome_name(int outcome)
{
	switch (outcome) {
#define X(name, number, wire) case number: return wire;
	REBATE_OUTCOMES(X)
#undef X
	}
	return "?";
}

static int64_t lower(int64_t limit, int64_t other)
{
	return limit == REBATE_NO_LIMIT || (other != REBATE_NO_LIMIT && other < limit) ? other : limit;
}

/* Parts before the caps of the whole sale; true when a person's day cap took something away. */
static bool wanted_parts(const struct rebate_request *r, int64_t *part)
{
	bool cut = false;

	for (int i = 0; i < REBATE_PARTS; i++) {
		bool unused = i < REBATE_LEVELS_CAP && i >= r->levels;
		part[i] = 0;
		if (unused || !r->present[i] || money_share_down(r->base_cents, r->rate_bp[i], &part[i]) != QT_OK)
			continue;
		if (i >= REBATE_LEVELS_CAP || r->day_left[i] == REBATE_NO_LIMIT || part[i] <= r->day_left[i])
			continue;
		part[i] = r->day_left[i] > 0 ? r->day_left[i] : 0;
		cut = true;
	}
	return cut;
}

static int64_t sum_of(const int64_t *part)
{
	int64_t sum = 0;
	for (int i = 0; i < REBATE_PARTS; i++)
		sum += part[i];
	return sum;
}

static void nothing(struct rebate_split *s, enum rebate_outcome outcome)
{
	memset(s, 0, sizeof *s);
	s->outcome = outcome;
}

void rebate_split(const struct rebate_request *r, struct rebate_split *s)
{
	assert(r->levels >= 0 && r->levels <= REBATE_LEVELS_CAP);
	memset(s, 0, sizeof *s);
	bool cut = wanted_parts(r, s->part);
	int64_t sum = sum_of(s->part);
	int64_t limit = lower(r->cap_order_cents, r->budget_left_cents);

	if (sum == 0) {
		nothing(s, REBATE_NOBODY);
		return;
	}
	if (limit != REBATE_NO_LIMIT && sum > limit) {
		int64_t weights[REBATE_PARTS];
		if (limit <= 0) {
			nothing(s, REBATE_BUDGET_USED);
			return;
		}
		memcpy(weights, s->part, sizeof weights);
		enum qt_err err = money_split(limit, weights, REBATE_PARTS, s->part);
		assert(err == QT_OK);
		sum = limit;
		cut = true;
	}
	if (sum > r->prefund_cents) {
		nothing(s, REBATE_PREFUND_EMPTY);
		return;
	}
	s->total_cents = sum;
	s->outcome = cut ? REBATE_CUT : REBATE_PAID;
}

int64_t rebate_kept(int64_t part_cents, int64_t total_cents, int64_t refunded_cents)
{
	assert(refunded_cents >= 0 && refunded_cents <= total_cents);
	if (total_cents == 0)
		return part_cents;
	return (int64_t)((__int128)part_cents * (total_cents - refunded_cents) / total_cents);
}
