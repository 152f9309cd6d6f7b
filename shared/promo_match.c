/* promo_match: which lines and pieces a promotion is about, and how many sets they make. See promo_parts.h. */
#include "shared/promo_parts.h"

#include <string.h>

/* The bit of an id in a filter. */
static uint64_t bit_of(int64_t id)
{
	return UINT64_C(1) << ((uint64_t)id * UINT64_C(0x9E3779B97F4A7C15) >> 58);
}

void promo_work_start(struct promo_work *w, const struct promo_basket *b)
{
	w->basket = b;
	w->items = w->sections = 0;
	for (int i = 0; i < b->line_count; i++) {
		const struct promo_line *l = &b->lines[i];
		w->left[i] = (struct promo_left){ l->weighed ? 0 : l->quantity_milli / 1000, l->total_cents, 0 };
		w->items |= bit_of(l->item_id);
		for (int k = 0; k < l->section_count; k++)
			w->sections |= bit_of(l->sections[k]);
	}
}

void promo_work_copy(struct promo_work *w, const struct promo_work *from)
{
	w->basket = from->basket;
	w->items = from->items;
	w->sections = from->sections;
	memcpy(w->left, from->left, (size_t)from->basket->line_count * sizeof *w->left);
}

static bool in_section(const struct promo_line *l, int64_t section_id)
{
	for (int i = 0; i < l->section_count; i++)
		if (l->sections[i] == section_id)
			return true;
	return false;
}

static bool may_be_there(const struct promo_ref *ref, const struct promo_work *w)
{
	return (ref->section ? w->sections : w->items) & bit_of(ref->id);
}

/* Most promotions are about other goods: seen without a look at the lines. */
static bool may_fit(const struct promo *p, const struct promo_work *w)
{
	for (int k = 0; k < p->part_count; k++) {
		if (p->parts[k].ref_count == 0)
			return true;
		for (int n = 0; n < p->parts[k].ref_count; n++)
			if (may_be_there(&p->parts[k].refs[n], w))
				return true;
	}
	return false;
}

static void fit_ref(const struct promo_ref *ref, struct promo_work *w, uint8_t bit)
{
	const struct promo_line *lines = w->basket->lines;

	if (!may_be_there(ref, w))
		return;
	for (int i = 0; i < w->basket->line_count; i++)
		if (ref->section ? in_section(&lines[i], ref->id) : lines[i].item_id == ref->id)
			w->parts[i] |= bit;
}

int64_t promo_fit(const struct promo *p, struct promo_work *w)
{
	const struct promo_basket *b = w->basket;
	int64_t pieces = 0;
	uint8_t all = 0;

	if (!may_fit(p, w))
		return 0;
	for (int k = 0; k < p->part_count; k++)
		all |= (uint8_t)((p->parts[k].ref_count == 0) << k);
	memset(w->parts, all, (size_t)b->line_count);
	for (int k = 0; k < p->part_count; k++)
		for (int n = 0; n < p->parts[k].ref_count; n++)
			fit_ref(&p->parts[k].refs[n], w, (uint8_t)(1u << k));
	for (int i = 0; i < b->line_count; i++)
		if (w->parts[i])
			pieces += b->lines[i].weighed ? 1 : b->lines[i].quantity_milli / 1000;
	return pieces;
}

/* Can every part have its pieces of so many sets? By Hall's theorem: no choice of parts asks for more pieces than the
 * lines that belong to any of them hold. open[c] are the pieces of lines that belong to exactly the parts in c.
 * Returns how many pieces lack at the worst choice. */
static int64_t lacking(const struct promo *p, const int64_t *open, int64_t sets)
{
	int choices = 1 << p->part_count;
	int64_t worst = 0;

	for (int choice = 1; choice < choices; choice++) {
		int64_t asked = 0, held = 0;
		for (int k = 0; k < p->part_count; k++)
			if (choice & (1 << k))
				asked += p->parts[k].pieces * sets;
		for (int c = 1; c < choices; c++)
			if (c & choice)
				held += open[c];
		if (asked - held > worst)
			worst = asked - held;
	}
	return worst;
}

int64_t promo_sets(const struct promo *p, const struct promo_work *w, int64_t *missing)
{
	int64_t open[1 << PROMO_PARTS_MOST] = { 0 }, pieces = 0, per_set = 0, low = 0;

	for (int i = 0; i < w->basket->line_count; i++) {
		if (w->parts[i])
			pieces += w->left[i].open_pieces;
		open[w->parts[i]] += w->left[i].open_pieces;
	}
	for (int k = 0; k < p->part_count; k++)
		per_set += p->parts[k].pieces;
	int64_t high = pieces / per_set; /* low sets can be made, more than high cannot */
	if (p->sets_max && high > p->sets_max)
		high = p->sets_max;
	*missing = lacking(p, open, 1);
	while (low < high) {
		int64_t middle = high - (high - low) / 2;
		if (lacking(p, open, middle) == 0)
			low = middle;
		else
			high = middle - 1;
	}
	return low;
}
