/* price: see price.h. */
#include "shared/price.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	int kind;
	const char *name;
} step_names[] = {
#define X(name, number, wire) { number, wire },
	PRICE_STEPS(X)
#undef X
};

const char *price_step_name(int kind)
{
	for (size_t i = 0; i < sizeof step_names / sizeof *step_names; i++)
		if (step_names[i].kind == kind)
			return step_names[i].name;
	return "unknown";
}

int price_step_by_name(const char *name)
{
	for (size_t i = 0; i < sizeof step_names / sizeof *step_names; i++)
		if (strcmp(step_names[i].name, name) == 0)
			return step_names[i].kind;
	return 0;
}

static enum qt_err times(const struct price_line *l, int64_t price_cents, int64_t *cents)
{
	return l->measured ? money_ratio(price_cents, l->quantity, QUANTITY_MILLI, cents)
	                   : money_mul(l->quantity, price_cents, cents);
}

/* What a discount takes off `left`. */
static enum qt_err take_off(const struct price_discount *d, int64_t left, int64_t *cents)
{
	*cents = d->amount_cents;
	if (d->rate_bp != 0) {
		enum qt_err err = money_ratio(left, d->rate_bp, 10000, cents);
		if (err != QT_OK)
			return err;
	}
	return *cents < 0 || *cents > left ? QT_OUT_OF_RANGE : QT_OK;
}

static enum qt_err begin_line(struct price_line *l)
{
	int64_t new_cents;
	enum qt_err err = times(l, l->price_cents, &l->base_cents);

	l->override_cents = l->label_step_cents = 0;
	if (err == QT_OK && l->labelled)
		err = money_sub(l->label_cents, l->base_cents, &l->label_step_cents);
	if (err == QT_OK && l->overridden) {
		err = times(l, l->new_price_cents, &new_cents);
		if (err == QT_OK)
			err = money_sub(new_cents, l->base_cents + l->label_step_cents, &l->override_cents);
	}
	if (err == QT_OK)
		err = times(l, l->option_cents, &l->option_step_cents);
	l->discount_cents = 0;
	return err == QT_OK ? take_off(&l->discount, price_left(l), &l->discount_cents) : err;
}

enum qt_err price_begin(struct price_order *o)
{
	enum qt_err err = QT_OK;

	for (int i = 0; i < o->count && err == QT_OK; i++) {
		o->bad_line = i;
		err = begin_line(&o->lines[i]);
	}
	return err;
}

int64_t price_left(const struct price_line *l)
{
	return l->base_cents + l->label_step_cents + l->override_cents + l->option_step_cents - l->discount_cents;
}

/* What is taken off the whole order, over the lines in proportion to what is left of each; into `member` of each. */
static enum qt_err split_over_lines(struct price_order *o, int64_t cents, size_t member)
{
	int64_t *left = xmalloc((size_t)o->count * 2 * sizeof *left), *part = left + o->count;

	for (int i = 0; i < o->count; i++)
		left[i] = o->lines[i].fixed ? 0 : o->lines[i].amount_cents;
	enum qt_err err = money_split(cents, left, o->count, part);
	for (int i = 0; i < o->count && err == QT_OK; i++) {
		*(int64_t *)((char *)&o->lines[i] + member) = part[i];
		o->lines[i].amount_cents -= part[i];
	}
	free(left);
	return err;
}

static enum qt_err take_off_order(struct price_order *o)
{
	int64_t sum = 0;
	enum qt_err err = QT_OK;

	for (int i = 0; i < o->count && err == QT_OK; i++) {
		struct price_line *l = &o->lines[i];
		o->bad_line = i;
		l->order_discount_cents = l->points_cents = 0;
		l->amount_cents = price_left(l) - l->promotion_cents;
		err = l->promotion_cents < 0 || l->amount_cents < 0 ? QT_OUT_OF_RANGE : money_add(sum, l->fixed ? 0 : l->amount_cents, &sum);
	}
	if (err != QT_OK)
		return err;
	o->bad_line = -1;
	err = take_off(&o->discount, sum, &o->discount_cents);
	if (err == QT_OK && o->discount_cents > 0)
		err = split_over_lines(o, o->discount_cents, offsetof(struct price_line, order_discount_cents));
	if (err != QT_OK || o->points_cents == 0)
		return err;
	o->bad_line = -2;
	if (o->points_cents < 0 || o->points_cents > sum - o->discount_cents)
		return QT_OUT_OF_RANGE;
	return split_over_lines(o, o->points_cents, offsetof(struct price_line, points_cents));
}

static enum qt_err tax_line(struct price_line *l, bool exempt)
{
	enum qt_err err = QT_OK;

	l->exempt_cents = 0;
	l->tax_cents = 0;
	if (l->inclusive)
		err = money_ratio(l->amount_cents, l->rate_bp, 10000 + l->rate_bp, &l->tax_cents);
	else if (!exempt)
		err = money_ratio(l->amount_cents, l->rate_bp, 10000, &l->tax_cents);
	if (err == QT_OK && exempt) {
		l->exempt_cents = l->tax_cents;
		l->amount_cents -= l->tax_cents;
		l->tax_cents = 0;
	}
	l->total_cents = l->amount_cents;
	return err == QT_OK && !l->inclusive ? money_add(l->amount_cents, l->tax_cents, &l->total_cents) : err;
}

enum qt_err price_finish(struct price_order *o)
{
	int64_t tax = 0, total = 0;
	enum qt_err err = take_off_order(o);

	for (int i = 0; i < o->count && err == QT_OK; i++) {
		o->bad_line = i;
		err = tax_line(&o->lines[i], o->exempt);
		if (err == QT_OK)
			err = money_add(tax, o->lines[i].tax_cents, &tax);
		if (err == QT_OK)
			err = money_add(total, o->lines[i].total_cents, &total);
	}
	if (err == QT_OK) {
		o->tax_cents = tax;
		o->total_cents = total;
	}
	return err;
}

enum qt_err price_lines(struct price_line *lines, int count, int64_t *tax_cents, int64_t *total_cents, int *bad_line)
{
	struct price_order o = { .lines = lines, .count = count };
	enum qt_err err = price_begin(&o);

	if (err == QT_OK)
		err = price_finish(&o);
	if (err != QT_OK) {
		*bad_line = o.bad_line;
		return err;
	}
	*tax_cents = o.tax_cents;
	*total_cents = o.total_cents;
	return QT_OK;
}

struct price_given price_given(const struct price_order *o)
{
	struct price_given g = { .discount_cents = o->discount_cents };

	for (int i = 0; i < o->count; i++) {
		const struct price_line *l = &o->lines[i];
		g.discount_cents += l->discount_cents;
		if (!l->fixed)
			g.base_cents += l->base_cents + l->label_step_cents + l->override_cents + l->option_step_cents;
		if (l->override_cents < 0)
			g.override_cents -= l->override_cents;
	}
	return g;
}

bool price_within(int64_t taken_cents, int64_t base_cents, int64_t limit_bp, int64_t limit_cents)
{
	int64_t most = 0;

	if (taken_cents > limit_cents)
		return false;
	enum qt_err err = money_ratio(base_cents, limit_bp, 10000, &most);
	return err == QT_OK && taken_cents <= most;
}

/* whole * n / all, rounded; cannot overflow since n <= all. */
static int64_t running_part(int64_t whole, int64_t n, int64_t all)
{
	int64_t r = 0;
	enum qt_err err = money_ratio(whole, n, all, &r);
	assert(err == QT_OK);
	return r;
}

int64_t price_part(int64_t whole, int64_t before, int64_t pieces, int64_t all)
{
	assert(all > 0 && before >= 0 && pieces >= 0 && before + pieces <= all);
	return running_part(whole, before + pieces, all) - running_part(whole, before, all);
}

int64_t price_in_cash(int64_t cents, int64_t coin_cents)
{
	return coin_cents > 1 ? (cents + coin_cents / 2) / coin_cents * coin_cents : cents;
}

bool price_is_coin(int64_t coin_cents)
{
	return coin_cents == 1 || coin_cents == 5 || coin_cents == 10 || coin_cents == 50 || coin_cents == 100;
}
