/* option: what is asked when an item is sold: groups of choices (size, spice, extras), and which items ask them. No HTTP, no
 * JSON. Owns the tables option_group, option_choice, item_option. Everything is within one merchant. A change gives the
 * items that ask the group a new version, so that tills fetch them. */
#ifndef QT_OPTION_H
#define QT_OPTION_H

#include "server/catalogue.h"

#define OPTION_NAME_MAX_BYTES 40
#define OPTION_CHOICES_MAX 32 /* of a group */
#define OPTION_GROUPS_MAX 8   /* of an item */
#define OPTION_LINE_MAX 16    /* choices of a line of an order */
#define OPTION_ITEMS_MAX 1000 /* that ask a group */

struct option_choice {
	int64_t id, group_id;
	int64_t price_cents; /* what it adds to the price of one; negative: takes off */
	bool preset;         /* chosen unless it is taken away */
	bool active;         /* false: not sold any more */
	char name[OPTION_NAME_MAX_BYTES + 1], name_zh[OPTION_NAME_MAX_BYTES + 1]; /* name_zh is name when there is no other */
};
struct option_group {
	int64_t id, min_choices, max_choices; /* of one piece */
	char name[OPTION_NAME_MAX_BYTES + 1], name_zh[OPTION_NAME_MAX_BYTES + 1]; /* as above */
	int choice_count;
	struct option_choice choices[OPTION_CHOICES_MAX];
};

/* With all its choices, also those not sold any more. QT_NOT_FOUND. Any connection. */
enum qt_err option_group_get(struct db *, int64_t merchant_id, int64_t group_id, struct option_group *) QT_USE_RESULT;
/* QT_NOT_FOUND also for another merchant's. Any connection. */
enum qt_err option_choice_get(struct db *, int64_t merchant_id, int64_t choice_id, struct option_choice *) QT_USE_RESULT;

/* Write the head of a group; id 0 is a new one. Errors name the field. Inside a transaction. */
enum qt_err option_group_write(struct db *, int64_t merchant_id, struct option_group *, struct problem *) QT_USE_RESULT;
/* Write a choice of the group it names; id 0 is a new one. Inside a transaction. */
enum qt_err option_choice_write(struct db *, int64_t merchant_id, struct option_choice *, struct problem *) QT_USE_RESULT;
/* The item asks these groups from now on, in this order, and no others. QT_NOT_FOUND, QT_DOUBLE_FIELD, QT_CONFLICT: it is
 * measured. Inside a transaction. */
enum qt_err option_item_set(struct db *, int64_t merchant_id, const struct item *, const int64_t *group_ids, int count,
                            struct problem *) QT_USE_RESULT;
/* The groups an item asks, with the choices that are sold. Any connection. */
enum qt_err option_of_item(struct db *, int64_t item_id, struct option_group groups[OPTION_GROUPS_MAX], int *count)
	QT_USE_RESULT;

#endif
