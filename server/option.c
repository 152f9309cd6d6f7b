/* option: see option.h. */
#include "server/option.h"

#include <stdio.h>
#include <string.h>

static void read_choice(struct stmt *s, struct option_choice *c)
{
	const char *name = stmt_col_text(s, 5), *zh = stmt_col_text(s, 6);

	*c = (struct option_choice){ .id = stmt_col_int(s, 0), .group_id = stmt_col_int(s, 1),
		.price_cents = stmt_col_int(s, 2), .preset = stmt_col_int(s, 3) != 0, .active = stmt_col_int(s, 4) != 0 };
	snprintf(c->name, sizeof c->name, "%s", name);
	snprintf(c->name_zh, sizeof c->name_zh, "%s", zh ? zh : name);
}

static enum qt_err read_choices(struct db *db, bool active_only, struct option_group *g)
{
	SQL(of_group, "SELECT id, group_id, price_cents, preset, active, name, name_zh FROM option_choice WHERE group_id = $1 "
	              "ORDER BY id");
	struct stmt *s = db_stmt(db, &of_group);

	g->choice_count = 0;
	stmt_int(s, 1, g->id);
	while (g->choice_count < OPTION_CHOICES_MAX && stmt_step(s)) {
		read_choice(s, &g->choices[g->choice_count]);
		g->choice_count += g->choices[g->choice_count].active || !active_only;
	}
	return stmt_end(s);
}

enum qt_err option_group_get(struct db *db, int64_t merchant_id, int64_t group_id, struct option_group *g)
{
	SQL(by_id, "SELECT id, min_choices, max_choices, name, COALESCE(name_zh, name) FROM option_group WHERE id = $1 AND "
	           "merchant_id = $2");
	enum qt_err err = db_one(db, &by_id, "ii", group_id, merchant_id, "iiitt", &g->id, &g->min_choices, &g->max_choices,
	                         g->name, sizeof g->name, g->name_zh, sizeof g->name_zh);

	return err == QT_OK ? read_choices(db, false, g) : err;
}

enum qt_err option_choice_get(struct db *db, int64_t merchant_id, int64_t choice_id, struct option_choice *c)
{
	SQL(by_id, "SELECT c.id, c.group_id, c.price_cents, c.preset, c.active, c.name, c.name_zh FROM option_choice c "
	           "JOIN option_group g ON g.id = c.group_id WHERE c.id = $1 AND g.merchant_id = $2");
	struct stmt *s = db_stmt(db, &by_id);

	stmt_int(s, 1, choice_id);
	stmt_int(s, 2, merchant_id);
	bool found = stmt_step(s);
	if (found)
		read_choice(s, c);
	enum qt_err err = stmt_end(s);
	return err == QT_OK && !found ? QT_NOT_FOUND : err;
}

/* ---- writing ---- */

/* The items that ask a group are new to the tills. */
static enum qt_err touch_items(struct db *db, int64_t merchant_id, int64_t group_id, struct problem *p)
{
	SQL(of_group, "SELECT item_id FROM item_option WHERE group_id = $1 ORDER BY item_id LIMIT $2");
	struct stmt *s = db_stmt(db, &of_group);
	int64_t ids[OPTION_ITEMS_MAX];
	int count = 0;

	stmt_int(s, 1, group_id);
	stmt_int(s, 2, OPTION_ITEMS_MAX);
	while (stmt_step(s))
		ids[count++] = stmt_col_int(s, 0);
	enum qt_err err = stmt_end(s);
	return err == QT_OK ? catalogue_touch_items(db, merchant_id, ids, count, p) : err;
}

static const char *other_name(const char *name, const char *name_zh)
{
	return name_zh[0] == '\0' || strcmp(name_zh, name) == 0 ? NULL : name_zh;
}

static int presets_of(const struct option_group *g)
{
	int presets = 0;

	for (int i = 0; i < g->choice_count; i++)
		presets += g->choices[i].active && g->choices[i].preset;
	return presets;
}

enum qt_err option_group_write(struct db *db, int64_t merchant_id, struct option_group *g, struct problem *p)
{
	SQL(insert, "INSERT INTO option_group (id, merchant_id, min_choices, max_choices, name, name_zh) "
	            "VALUES ($1, $2, $3, $4, $5, $6)");
	SQL(update, "UPDATE option_group SET min_choices = $3, max_choices = $4, name = $5, name_zh = $6 "
	            "WHERE id = $1 AND merchant_id = $2");
	bool fresh = g->id == 0;

	if (g->max_choices < g->min_choices)
		return problem_set(p, QT_OUT_OF_RANGE, "max_choices", "it is less than min_choices");
	if (presets_of(g) > g->max_choices)
		return problem_set(p, QT_CONFLICT, "max_choices", "more choices than that are chosen by default");
	if (fresh)
		g->id = db_new_id(db, "option_group");
	enum qt_err err = db_run(db, fresh ? &insert : &update, "iiiitt", g->id, merchant_id, g->min_choices, g->max_choices,
	                         g->name, other_name(g->name, g->name_zh));
	return err == QT_OK && !fresh ? touch_items(db, merchant_id, g->id, p) : err;
}

/* Would the group still be whole with this choice as it is to be? */
static enum qt_err check_choice(struct option_group *g, const struct option_choice *c, struct problem *p)
{
	int at = 0;

	while (at < g->choice_count && g->choices[at].id != c->id)
		at++;
	if (at == OPTION_CHOICES_MAX)
		return problem_set(p, QT_TOO_LONG, "name", "a group has at most %d choices", OPTION_CHOICES_MAX);
	g->choices[at] = *c;
	g->choice_count += at == g->choice_count;
	return presets_of(g) > g->max_choices
	       ? problem_set(p, QT_CONFLICT, "preset", "as many choices as may be chosen are defaults already") : QT_OK;
}

enum qt_err option_choice_write(struct db *db, int64_t merchant_id, struct option_choice *c, struct problem *p)
{
	SQL(insert, "INSERT INTO option_choice (id, group_id, price_cents, preset, active, name, name_zh) "
	            "VALUES ($1, $2, $3, $4, $5, $6, $7)");
	SQL(update, "UPDATE option_choice SET price_cents = $3, preset = $4, active = $5, name = $6, name_zh = $7 "
	            "WHERE id = $1 AND group_id = $2");
	struct option_group g;
	bool fresh = c->id == 0;

	enum qt_err err = option_group_get(db, merchant_id, c->group_id, &g);
	if (err == QT_NOT_FOUND)
		return problem_set(p, err, "", "there is no such group of options");
	if (err == QT_OK)
		err = check_choice(&g, c, p);
	if (err != QT_OK)
		return err;
	if (fresh)
		c->id = db_new_id(db, "option_choice");
	err = db_run(db, fresh ? &insert : &update, "iiiiitt", c->id, c->group_id, c->price_cents, (int64_t)c->preset,
	             (int64_t)c->active, c->name, other_name(c->name, c->name_zh));
	return err == QT_OK ? touch_items(db, merchant_id, c->group_id, p) : err;
}

static enum qt_err check_groups(struct db *db, int64_t merchant_id, const int64_t *ids, int count, struct problem *p)
{
	SQL(uses, "SELECT g.id, (SELECT COUNT(*) FROM item_option o WHERE o.group_id = g.id) FROM option_group g "
	          "WHERE g.id = $1 AND g.merchant_id = $2");
	int64_t id, items;

	for (int i = 0; i < count; i++) {
		for (int k = 0; k < i; k++)
			if (ids[k] == ids[i])
				return problem_set(p, QT_DOUBLE_FIELD, "group_ids", "group %lld is there twice", (long long)ids[i]);
		enum qt_err err = db_one(db, &uses, "ii", ids[i], merchant_id, "ii", &id, &items);
		if (err == QT_NOT_FOUND)
			return problem_set(p, err, "group_ids", "there is no group of options %lld", (long long)ids[i]);
		if (err == QT_OK && items >= OPTION_ITEMS_MAX)
			return problem_set(p, QT_TOO_LONG, "group_ids", "%d items ask group %lld already", OPTION_ITEMS_MAX,
			                   (long long)ids[i]);
		if (err != QT_OK)
			return err;
	}
	return QT_OK;
}

enum qt_err option_item_set(struct db *db, int64_t merchant_id, const struct item *it, const int64_t *group_ids, int count,
                            struct problem *p)
{
	SQL(clear, "DELETE FROM item_option WHERE item_id = $1");
	SQL(insert, "INSERT INTO item_option (item_id, place, group_id) VALUES ($1, $2, $3)");

	if (count > 0 && quantity_is_measured(it->unit))
		return problem_set(p, QT_CONFLICT, "group_ids", "goods that are measured have no options");
	enum qt_err err = check_groups(db, merchant_id, group_ids, count, p);
	if (err == QT_OK)
		err = catalogue_touch_items(db, merchant_id, &it->id, 1, p);
	if (err == QT_OK)
		err = db_run(db, &clear, "i", it->id);
	for (int i = 0; i < count && err == QT_OK; i++)
		err = db_run(db, &insert, "iii", it->id, (int64_t)i, group_ids[i]);
	return err;
}

enum qt_err option_of_item(struct db *db, int64_t item_id, struct option_group groups[OPTION_GROUPS_MAX], int *count)
{
	SQL(of_item, "SELECT g.id, g.min_choices, g.max_choices, g.name, g.name_zh FROM item_option o JOIN option_group g "
	             "ON g.id = o.group_id WHERE o.item_id = $1 ORDER BY o.place");
	struct stmt *s = db_stmt(db, &of_item);

	*count = 0;
	stmt_int(s, 1, item_id);
	while (*count < OPTION_GROUPS_MAX && stmt_step(s)) {
		struct option_group *g = &groups[(*count)++];
		const char *name = stmt_col_text(s, 3), *zh = stmt_col_text(s, 4);
		g->id = stmt_col_int(s, 0);
		g->min_choices = stmt_col_int(s, 1);
		g->max_choices = stmt_col_int(s, 2);
		snprintf(g->name, sizeof g->name, "%s", name);
		snprintf(g->name_zh, sizeof g->name_zh, "%s", zh ? zh : name);
	}
	enum qt_err err = stmt_end(s);
	for (int i = 0; i < *count && err == QT_OK; i++)
		err = read_choices(db, true, &groups[i]);
	return err;
}
