/* till_option: see till_option.h. */
#include "pos/till_option.h"

#include "shared/jread.h"

#include <stdio.h>

static void read_choices(struct option_sheet *sheet, struct option_group *g, const struct json_t *choices)
{
	const struct json_t *c;

	g->first = sheet->choice_count;
	for (size_t i = 0; (c = jat(choices, i)) != NULL && sheet->choice_count < OPTION_CHOICES_MOST; i++) {
		struct option_choice *out = &sheet->choices[sheet->choice_count++];
		*out = (struct option_choice){ .option = { jint(c, "choice_id", 0), jint(c, "price_cents", 0), "", "" },
			.group = sheet->group_count, .taken = jbool(c, "preset", false) };
		snprintf(out->option.name, sizeof out->option.name, "%s", jtext(c, "name", ""));
		snprintf(out->option.name_zh, sizeof out->option.name_zh, "%s", jtext(c, "name_zh", ""));
	}
	g->count = sheet->choice_count - g->first;
}

void option_sheet_read(struct option_sheet *sheet, const struct json_t *options)
{
	const struct json_t *group;

	sheet->group_count = sheet->choice_count = 0;
	for (size_t i = 0; (group = jat(options, i)) != NULL && sheet->group_count < OPTION_GROUPS_MOST; i++) {
		struct option_group *g = &sheet->groups[sheet->group_count];
		g->min_choices = jint(group, "min_choices", 0);
		g->max_choices = jint(group, "max_choices", 1);
		snprintf(g->name, sizeof g->name, "%s", jtext(group, "name", ""));
		snprintf(g->name_zh, sizeof g->name_zh, "%s", jtext(group, "name_zh", ""));
		read_choices(sheet, g, jget(group, "choices"));
		sheet->group_count++;
	}
}

static int count_taken(const struct option_sheet *sheet, const struct option_group *g)
{
	int taken = 0;

	for (int i = 0; i < g->count; i++)
		taken += sheet->choices[g->first + i].taken;
	return taken;
}

bool option_sheet_turn(struct option_sheet *sheet, int choice)
{
	struct option_choice *c = &sheet->choices[choice];
	const struct option_group *g = &sheet->groups[c->group];

	if (c->taken) {
		if (g->max_choices == 1 && g->min_choices == 1)
			return false;
		c->taken = false;
		return true;
	}
	if (count_taken(sheet, g) >= g->max_choices) {
		if (g->max_choices != 1)
			return false;
		for (int i = 0; i < g->count; i++)
			sheet->choices[g->first + i].taken = false;
	}
	c->taken = true;
	return true;
}

int option_sheet_missing(const struct option_sheet *sheet)
{
	for (int i = 0; i < sheet->group_count; i++)
		if (count_taken(sheet, &sheet->groups[i]) < sheet->groups[i].min_choices)
			return i;
	return -1;
}

bool option_sheet_take(const struct option_sheet *sheet, struct till_item *it)
{
	it->option_count = 0;
	for (int i = 0; i < sheet->choice_count; i++) {
		if (!sheet->choices[i].taken)
			continue;
		if (it->option_count == OPTIONS_MOST)
			return false;
		it->options[it->option_count++] = sheet->choices[i].option;
	}
	return true;
}

int64_t option_sheet_cents(const struct option_sheet *sheet)
{
	int64_t sum = 0;

	for (int i = 0; i < sheet->choice_count; i++)
		sum += sheet->choices[i].taken ? sheet->choices[i].option.price_cents : 0;
	return sum;
}
