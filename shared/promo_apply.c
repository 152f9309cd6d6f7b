/* promo_apply: what each kind of promotion takes off. See promo_parts.h. */
#include "shared/promo_parts.h"

#include <assert.h>
#include <string.h>

/* part of whole; parts never pass the whole, so that nothing overflows. */
static int64_t ratio(int64_t whole, int64_t part, int64_t all)
{
	int64_t r = 0;
	enum qt_err err = money_ratio(whole, part, all, &r);
	assert(err == QT_OK);
	return r;
}

static int64_t smaller(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t left_cents(const struct promo_left *l)
{
	return l->open_cents + l->used_cents;
}

static int64_t sum_of(const int64_t *values, int count)
{
	int64_t sum = 0;
	for (int i = 0; i < count; i++)
		sum += values[i];
	return sum;
}

/* Lower `cuts` so that they sum to no more than the promotion's cap, each by its share. */
static int64_t keep_cap(const struct promo *p, int64_t *cuts, int count)
{
	int64_t capped[PROMO_LINES_MOST], sum = sum_of(cuts, count);

	if (p->cap_cents == 0 || sum <= p->cap_cents)
		return sum;
	enum qt_err err = money_split(p->cap_cents, cuts, count, capped);
	assert(err == QT_OK); /* sum > 0 */
	memcpy(cuts, capped, (size_t)count * sizeof *cuts);
	return p->cap_cents;
}

/* ---- item, order: off what lines cost ---- */

/* Take cuts off whole lines: open pieces and pieces in sets bear their share of it. */
static void cut_lines(struct promo_work *w, const int64_t *cuts)
{
	for (int i = 0; i < w->basket->line_count; i++) {
		struct promo_left *l = &w->left[i];
		int64_t before = left_cents(l);
		if (cuts[i] == 0)
			continue;
		l->open_cents = ratio(l->open_cents, before - cuts[i], before);
		l->used_cents = before - cuts[i] - l->open_cents;
	}
}

static int64_t apply_item(const struct promo *p, struct promo_work *w, int64_t *cuts)
{
	int count = w->basket->line_count;

	for (int i = 0; i < count; i++) {
		const struct promo_line *l = &w->basket->lines[i];
		int64_t left = left_cents(&w->left[i]), off = left;
		if (!w->parts[i])
			continue;
		if (p->off_bp)
			off = ratio(left, p->off_bp, 10000);
		else if (money_ratio(p->off_cents, l->quantity_milli, 1000, &off) != QT_OK)
			off = left; /* more than can be counted is more than there is */
		cuts[i] = smaller(off, left);
	}
	int64_t sum = keep_cap(p, cuts, count);
	cut_lines(w, cuts);
	return sum;
}

static int64_t apply_order(const struct promo *p, struct promo_work *w, int64_t *cuts)
{
	int64_t left[PROMO_LINES_MOST] = { 0 };
	int count = w->basket->line_count;

	for (int i = 0; i < count; i++)
		if (w->parts[i])
			left[i] = left_cents(&w->left[i]);
	int64_t sum = sum_of(left, count);
	int64_t off = smaller(p->off_bp ? ratio(sum, p->off_bp, 10000) : p->off_cents, sum);
	if (p->cap_cents)
		off = smaller(off, p->cap_cents);
	if (off == 0)
		return 0;
	enum qt_err err = money_split(off, left, count, cuts);
	assert(err == QT_OK); /* sum >= off > 0 */
	cut_lines(w, cuts);
	return off;
}

/* ---- get, bundle, free: pieces in sets ---- */

/* Pieces of one line taken for sets, and what they are worth. */
struct taken {
	int64_t pieces, cents;
};

/* Which of two lines has the cheaper open pieces; the upper one when they cost the same. */
static bool cheaper(const struct promo_left *a, const struct promo_left *b)
{
	return (__int128)a->open_cents * b->open_pieces < (__int128)b->open_cents * a->open_pieces;
}

/* Lines with open pieces that belong to one of `parts` (bits), cheapest first or dearest first. Returns how many. */
static int by_price(const struct promo_work *w, unsigned parts, bool dearest_first, int *order)
{
	int count = 0;

	for (int i = 0; i < w->basket->line_count; i++) {
		if (w->left[i].open_pieces == 0 || !(w->parts[i] & parts))
			continue;
		int at = count++;
		for (; at > 0; at--) {
			const struct promo_left *other = &w->left[order[at - 1]], *mine = &w->left[i];
			if (dearest_first ? !cheaper(other, mine) : !cheaper(mine, other))
				break;
			order[at] = order[at - 1];
		}
		order[at] = i;
	}
	return count;
}

/* Move pieces of a line from the open ones into a set. Returns what they cost. */
static int64_t take(struct promo_left *l, int64_t pieces)
{
	int64_t cents = ratio(l->open_cents, pieces, l->open_pieces);

	l->open_pieces -= pieces;
	l->open_cents -= cents;
	l->used_cents += cents;
	return cents;
}

/* Take `wanted` pieces of a part (its bit). No more than `shared` of them from lines that `other` has, too; other 0:
 * there is no such part. */
static void take_part(struct promo_work *w, unsigned part, unsigned other, int64_t shared, bool dearest_first,
                      int64_t wanted, struct taken *taken)
{
	int order[PROMO_LINES_MOST], count = by_price(w, part, dearest_first, order);

	for (int k = 0; k < count && wanted > 0; k++) {
		int i = order[k];
		bool both = w->parts[i] & other;
		int64_t pieces = smaller(wanted, w->left[i].open_pieces);
		if (both)
			pieces = smaller(pieces, shared);
		if (pieces <= 0)
			continue;
		taken[i].cents += take(&w->left[i], pieces);
		taken[i].pieces += pieces;
		wanted -= pieces;
		if (both)
			shared -= pieces;
	}
	assert(wanted == 0); /* promo_sets counted them */
}

/* What is taken off pieces that were got for less. */
static int64_t cut_taken(const struct promo *p, struct promo_work *w, const struct taken *taken, int64_t *cuts)
{
	for (int i = 0; i < w->basket->line_count; i++) {
		int64_t off = taken[i].cents;
		if (taken[i].pieces == 0)
			continue;
		if (p->kind == PROMO_GET && p->off_bp)
			off = ratio(taken[i].cents, p->off_bp, 10000);
		else if (p->kind == PROMO_GET && money_mul(p->off_cents, taken[i].pieces, &off) != QT_OK)
			off = taken[i].cents;
		cuts[i] = smaller(off, taken[i].cents);
	}
	int64_t sum = keep_cap(p, cuts, w->basket->line_count);
	for (int i = 0; i < w->basket->line_count; i++)
		w->left[i].used_cents -= cuts[i];
	return sum;
}

static int64_t open_of(const struct promo_work *w, unsigned part)
{
	int64_t pieces = 0;

	for (int i = 0; i < w->basket->line_count; i++)
		if (w->parts[i] & part)
			pieces += w->left[i].open_pieces;
	return pieces;
}

/* The cheapest pieces of the second part are got, the dearest left of the first are bought. What both parts have may be
 * got only as far as enough is left to buy. */
static int64_t apply_get(const struct promo *p, struct promo_work *w, int64_t *cuts)
{
	struct taken got[PROMO_LINES_MOST] = { 0 }, bought[PROMO_LINES_MOST] = { 0 };
	enum { BUY = 1, GET = 2 };
	int64_t missing, sets = promo_sets(p, w, &missing);

	if (sets == 0)
		return 0;
	int64_t buy = sets * p->parts[0].pieces;
	take_part(w, GET, BUY, open_of(w, BUY) - buy, false, sets * p->parts[1].pieces, got);
	take_part(w, BUY, 0, 0, true, buy, bought);
	return cut_taken(p, w, got, cuts);
}

static int64_t apply_free(const struct promo *p, struct promo_work *w, int64_t *cuts)
{
	struct taken got[PROMO_LINES_MOST] = { 0 };
	int64_t missing, sets = promo_sets(p, w, &missing);

	if (sets == 0)
		return 0;
	take_part(w, 1, 0, 0, false, sets * p->parts[0].pieces, got);
	return cut_taken(p, w, got, cuts);
}

/* Who stands where while a bundle's places are filled: places of a part are alike, so counts suffice. */
struct filling {
	const struct promo *promo;
	int lines;
	const uint8_t *parts;                              /* as in the work */
	int64_t free[PROMO_PARTS_MOST];                    /* places of each part not filled */
	int64_t from[PROMO_PARTS_MOST][PROMO_LINES_MOST];  /* pieces of each line in them */
};

/* Find places for up to `wanted` pieces of a line: free ones, or ones whose pieces can move elsewhere (an augmenting
 * path). Parts in *seen were tried. Returns how many were found; 0 only when there are none. */
static int64_t place(struct filling *f, int line, int64_t wanted, unsigned *seen)
{
	for (int k = 0; k < f->promo->part_count; k++) {
		if (!(f->parts[line] & ~*seen & (1u << k)))
			continue;
		*seen |= 1u << k;
		for (int i = 0; i < f->lines && f->free[k] == 0; i++) {
			if (f->from[k][i] == 0 || i == line)
				continue;
			int64_t moved = place(f, i, smaller(f->from[k][i], wanted), seen);
			f->from[k][i] -= moved;
			f->free[k] += moved;
		}
		int64_t here = smaller(f->free[k], wanted);
		f->free[k] -= here;
		f->from[k][line] += here;
		if (here > 0)
			return here;
	}
	return 0;
}

/* The pieces of so many sets, the dearest that fit (pieces that find places are a matroid: greed finds the best).
 * Returns what they are worth. */
static int64_t choose_sets(struct filling *f, const struct promo_work *w, const int *order, int count, int64_t sets,
                           int64_t *pieces)
{
	int64_t worth = 0, places = 0;

	for (int k = 0; k < f->promo->part_count; k++) {
		memset(f->from[k], 0, (size_t)f->lines * sizeof **f->from);
		f->free[k] = f->promo->parts[k].pieces * sets;
		places += f->free[k];
	}
	memset(pieces, 0, (size_t)f->lines * sizeof *pieces);
	for (int n = 0; n < count && places > 0; n++) {
		const struct promo_left *l = &w->left[order[n]];
		int64_t *mine = &pieces[order[n]], here = 1;
		while (*mine < l->open_pieces && here > 0) {
			unsigned seen = 0;
			here = place(f, order[n], l->open_pieces - *mine, &seen);
			*mine += here;
			places -= here;
		}
		worth += ratio(l->open_cents, *mine, l->open_pieces);
	}
	return worth;
}

/* How many sets are best: those of the cheapest pieces may be worth less than the bundle's price. What one more set is
 * worth only falls, so the last that gains is found by halving. */
static int64_t best_sets(struct filling *f, const struct promo_work *w, const int *order, int count)
{
	int64_t pieces[PROMO_LINES_MOST], missing, low = 0, high = promo_sets(f->promo, w, &missing);

	while (low < high) {
		int64_t middle = high - (high - low) / 2;
		int64_t gain = choose_sets(f, w, order, count, middle, pieces) -
		               choose_sets(f, w, order, count, middle - 1, pieces) - f->promo->price_cents;
		if (gain > 0)
			low = middle;
		else
			high = middle - 1;
	}
	return low;
}

static int64_t apply_bundle(const struct promo *p, struct promo_work *w, int64_t *cuts)
{
	int64_t pieces[PROMO_LINES_MOST] = { 0 }, cents[PROMO_LINES_MOST] = { 0 };
	int order[PROMO_LINES_MOST], lines = w->basket->line_count, count = by_price(w, ~0u, true, order);
	int64_t price = 0, worth = 0;
	struct filling f;

	f.promo = p;
	f.parts = w->parts;
	f.lines = lines;
	int64_t sets = best_sets(&f, w, order, count);
	if (sets == 0 || money_mul(p->price_cents, sets, &price) != QT_OK)
		return 0;
	choose_sets(&f, w, order, count, sets, pieces);
	for (int i = 0; i < lines; i++)
		if (pieces[i] > 0)
			worth += cents[i] = take(&w->left[i], pieces[i]);
	if (worth <= price)
		return 0;
	enum qt_err err = money_split(worth - price, cents, lines, cuts);
	assert(err == QT_OK);
	int64_t sum = keep_cap(p, cuts, lines);
	for (int i = 0; i < lines; i++)
		w->left[i].used_cents -= cuts[i];
	return sum;
}

int64_t promo_apply(const struct promo *p, struct promo_work *w, int64_t *cuts)
{
	static int64_t (*const apply[])(const struct promo *, struct promo_work *, int64_t *) = {
		[PROMO_ITEM] = apply_item, [PROMO_GET] = apply_get, [PROMO_BUNDLE] = apply_bundle, [PROMO_FREE] = apply_free,
		[PROMO_ORDER] = apply_order,
	};
	struct promo_left before[PROMO_LINES_MOST];
	size_t size = (size_t)w->basket->line_count * sizeof *before;

	memcpy(before, w->left, size);
	memset(cuts, 0, (size_t)w->basket->line_count * sizeof *cuts);
	int64_t sum = apply[p->kind](p, w, cuts);
	if (sum == 0) /* pieces in sets that bring nothing stay open */
		memcpy(w->left, before, size);
	return sum;
}
