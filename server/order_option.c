/* order_option: the options of an order's lines: what was chosen is checked against the groups of the item, and kept as it
 * was. See order.h. */
#include "server/option.h"
#include "server/order.h"

#include <stdio.h>
#include <string.h>

/* "Size: at least 1 must be chosen". */
static enum qt_err refuse(struct call *call, enum qt_err err, int i, const char *name, const char *why, int64_t number,
                          const char *rest)
{
	char path[32];

	snprintf(path, sizeof path, "lines[%d].options", i);
	return problem_set(&call->problem, err, path, "%s: %s %lld%s", name, why, (long long)number, rest);
}

static bool is_chosen(const struct order_line_request *r, int64_t choice_id)
{
	const int64_t *ids = r->options.items;

	for (int i = 0; i < r->options.count; i++)
		if (ids[i] == choice_id)
			return true;
	return false;
}

/* How many of a group were named; none of one that must be chosen from: its presets are taken. */
static int count_named(const struct order_line_request *r, const struct option_group *g, bool *presets)
{
	int named = 0;

	for (int k = 0; k < g->choice_count; k++)
		named += is_chosen(r, g->choices[k].id);
	*presets = named == 0 && g->min_choices > 0;
	return named;
}

static const char *keep(struct call *call, const char *text)
{
	return arena_strndup(call->arena, text, strlen(text));
}

static void add(struct call *call, struct sale *sale, int i, const struct option_choice *c)
{
	if (sale->options == NULL)
		sale->options = arena_alloc(call->arena, (size_t)sale->line_count * OPTION_LINE_MAX * sizeof *sale->options);
	sale->options[sale->option_count++] = (struct order_option){ i + 1, c->id, c->price_cents, keep(call, c->name),
		strcmp(c->name, c->name_zh) == 0 ? NULL : keep(call, c->name_zh) };
}

static enum qt_err take_group(struct call *call, const struct order_line_request *r, int i, const struct option_group *g,
                              struct sale *sale, int *left)
{
	bool presets;
	int named = count_named(r, g, &presets), taken = 0;

	for (int k = 0; k < g->choice_count; k++) {
		const struct option_choice *c = &g->choices[k];
		if (!(presets ? c->preset : is_chosen(r, c->id)))
			continue;
		if ((*left)-- == 0)
			return refuse(call, QT_TOO_LONG, i, g->name, "a line has at most", OPTION_LINE_MAX, " options");
		add(call, sale, i, c);
		taken++;
	}
	if (taken < g->min_choices)
		return refuse(call, named ? QT_OUT_OF_RANGE : QT_MISSING_FIELD, i, g->name, "at least",
		              g->min_choices, " must be chosen");
	if (taken > g->max_choices)
		return refuse(call, QT_OUT_OF_RANGE, i, g->name, "at most", g->max_choices, " may be chosen");
	return QT_OK;
}

enum qt_err order_options_take(struct call *call, const struct order_line_request *r, int i, const struct item *it,
                               struct sale *sale)
{
	const int64_t *ids = r->options.items;
	int count = 0, left = OPTION_LINE_MAX, first = sale->option_count;
	struct option_group *groups = NULL;
	enum qt_err err = QT_OK;

	if (it->has_options) {
		groups = arena_alloc(call->arena, OPTION_GROUPS_MAX * sizeof *groups);
		err = option_of_item(call->db, it->id, groups, &count);
	}
	for (int k = 0; k < count && err == QT_OK; k++)
		err = take_group(call, r, i, &groups[k], sale, &left);
	for (int k = 0; k < r->options.count && err == QT_OK; k++) {
		bool known = false;
		for (int n = first; n < sale->option_count; n++)
			known |= sale->options[n].choice_id == ids[k];
		for (int n = 0; n < k && known; n++)
			if (ids[n] == ids[k])
				return refuse(call, QT_DOUBLE_FIELD, i, it->name, "choice", ids[k], " is there twice");
		if (!known)
			return refuse(call, QT_NOT_FOUND, i, it->name, "it has no choice", ids[k], "");
	}
	if (err == QT_OK && it->price_cents + order_options_cents(sale, i + 1) < 0 && !it->open_price)
		return refuse(call, QT_OUT_OF_RANGE, i, it->name, "its options take off more than the",
		              it->price_cents, " it costs");
	return err;
}

int64_t order_options_cents(const struct sale *sale, int64_t line_no)
{
	int64_t sum = 0;

	for (int i = 0; i < sale->option_count; i++)
		if (sale->options[i].line_no == line_no)
			sum += sale->options[i].price_cents;
	return sum;
}

/* ---- rows ---- */

enum qt_err order_options_insert(struct db *db, const struct sale *sale)
{
	SQL(insert, "INSERT INTO order_option (id, line_no, choice_id, price_cents, name, name_zh) "
	            "VALUES ($1, $2, $3, $4, $5, $6)");
	enum qt_err err = QT_OK;

	for (int i = 0; i < sale->option_count && err == QT_OK; i++) {
		const struct order_option *o = &sale->options[i];
		err = db_run(db, &insert, "iiiitt", sale->order.id * ORDER_STEP_ROOM + i + 1, o->line_no, o->choice_id,
		             o->price_cents, o->name, o->name_zh);
	}
	return err;
}

enum qt_err order_options_load(struct db *db, struct arena *arena, struct sale *sale)
{
	SQL(of_order, "SELECT line_no, choice_id, price_cents, name, name_zh FROM order_option WHERE id > $1 AND id < $2 "
	              "ORDER BY id");
	struct stmt *s = db_stmt(db, &of_order);
	int64_t first = sale->order.id * ORDER_STEP_ROOM;
	int room = sale->line_count * OPTION_LINE_MAX;

	stmt_int(s, 1, first);
	stmt_int(s, 2, first + ORDER_STEP_ROOM);
	while (stmt_step(s) && sale->option_count < room) {
		const char *name = stmt_col_text(s, 3), *zh = stmt_col_text(s, 4);
		if (sale->options == NULL)
			sale->options = arena_alloc(arena, (size_t)room * sizeof *sale->options);
		sale->options[sale->option_count++] = (struct order_option){ stmt_col_int(s, 0), stmt_col_int(s, 1),
			stmt_col_int(s, 2), arena_strndup(arena, name, strlen(name)),
			zh ? arena_strndup(arena, zh, strlen(zh)) : NULL };
	}
	return stmt_end(s);
}
