/* till_option: what an item asks when it is sold: groups of choices from the catalogue's copy, and what is chosen of them.
 * Pure: no file, no screen. */
#ifndef QT_POS_TILL_OPTION_H
#define QT_POS_TILL_OPTION_H

#include "pos/till_items.h"

#define OPTION_GROUPS_MOST 8
#define OPTION_CHOICES_MOST 256 /* of all groups of an item */

struct option_sheet {
	struct option_group {
		int64_t min_choices, max_choices; /* of one piece */
		int first, count;                 /* of its choices */
		char name[OPTION_NAME_ROOM], name_zh[OPTION_NAME_ROOM];
	} groups[OPTION_GROUPS_MOST];
	int group_count;
	struct option_choice {
		struct cart_option option;
		int group;
		bool taken;
	} choices[OPTION_CHOICES_MOST];
	int choice_count;
};

/* Read the array "options" of an item; its presets are taken. */
struct json_t;
void option_sheet_read(struct option_sheet *, const struct json_t *options);
/* Take a choice, or leave it. In a group of which one is taken another takes its place. false: the group has as many as it
 * may, or must keep this one. */
bool option_sheet_turn(struct option_sheet *, int choice);
/* The first group of which more must be taken; -1: none. */
int option_sheet_missing(const struct option_sheet *);
/* What is taken goes into item->options. false: more than a line may have. */
bool option_sheet_take(const struct option_sheet *, struct till_item *);
/* What is taken adds to the price of one. */
int64_t option_sheet_cents(const struct option_sheet *);

#endif
