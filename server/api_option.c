/* api_option: routes of groups of options and their choices, and which items ask them. Decode, call, reply; the rules are in
 * option.c. */
#include "server/api_option.h"

#include "server/audit_log.h"
#include "server/list.h"
#include "shared/money.h"

#include <stddef.h>

/* Absent members are NULL or -1: as they were. */
struct group_args {
	const char *name, *name_zh;
	int64_t min_choices, max_choices;
};
#define GROUP_FIELDS(required) \
	FIELD(struct group_args, name, TEXT, .flags = required, .min = 1, .max = OPTION_NAME_MAX_BYTES, \
	      .help = "what is asked: Size"), \
	FIELD(struct group_args, name_zh, TEXT, .max = OPTION_NAME_MAX_BYTES, .help = "Chinese name"), \
	FIELD(struct group_args, min_choices, INT, .min = 0, .max = OPTION_LINE_MAX, .fallback = -1, \
	      .help = "at least so many are chosen; 0: none need be"), \
	FIELD(struct group_args, max_choices, INT, .min = 1, .max = OPTION_LINE_MAX, .fallback = -1, \
	      .help = "at most so many are chosen; 1 when absent"), \
	FIELDS_DONE
static const struct field group_fields[] = { GROUP_FIELDS(FIELD_REQUIRED) };
static const struct field group_change_fields[] = { GROUP_FIELDS(0) };

static void choice_json(struct json *j, const struct option_choice *c)
{
	json_int(j, "choice_id", c->id);
	json_text(j, "name", c->name);
	json_text(j, "name_zh", c->name_zh);
	json_int(j, "price_cents", c->price_cents);
	json_bool(j, "preset", c->preset);
	json_bool(j, "active", c->active);
}

static void group_json(struct json *j, const struct option_group *g)
{
	json_int(j, "group_id", g->id);
	json_text(j, "name", g->name);
	json_text(j, "name_zh", g->name_zh);
	json_int(j, "min_choices", g->min_choices);
	json_int(j, "max_choices", g->max_choices);
	json_array(j, "choices");
	for (int i = 0; i < g->choice_count; i++) {
		json_object(j, NULL);
		choice_json(j, &g->choices[i]);
		json_end(j);
	}
	json_end(j);
}

enum qt_err item_options_json(struct call *call, int64_t item_id)
{
	struct option_group *groups = arena_alloc(call->arena, OPTION_GROUPS_MAX * sizeof *groups);
	int count;
	enum qt_err err = option_of_item(call->db, item_id, groups, &count);

	json_array(call->reply, "options");
	for (int i = 0; i < count && err == QT_OK; i++) {
		json_object(call->reply, NULL);
		group_json(call->reply, &groups[i]);
		json_end(call->reply);
	}
	json_end(call->reply);
	return err;
}

/* ---- groups ---- */

static enum qt_err write_group(struct call *call, int64_t merchant_id, struct option_group *g, const char *action)
{
	const struct group_args *a = call->args;

	text_set(g->name, sizeof g->name, a->name);
	text_set(g->name_zh, sizeof g->name_zh, a->name_zh);
	g->min_choices = a->min_choices >= 0 ? a->min_choices : g->min_choices;
	g->max_choices = a->max_choices >= 0 ? a->max_choices : g->max_choices;
	enum qt_err err = option_group_write(call->db, merchant_id, g, &call->problem);
	if (err == QT_OK)
		err = audit_log_add(call->db, &call->actor, call->now_ms, action, g->id, g->name);
	if (err == QT_OK)
		err = option_group_get(call->db, merchant_id, g->id, g);
	if (err == QT_OK)
		group_json(call->reply, g);
	return err;
}

static enum qt_err group_post(struct call *call)
{
	struct option_group *g = arena_alloc(call->arena, sizeof *g);
	struct merchant m;
	enum qt_err err = call_merchant(call, &m);

	*g = (struct option_group){ .max_choices = 1 };
	call->status = 201;
	return err == QT_OK ? write_group(call, m.id, g, "option-group-add") : err;
}

static enum qt_err find_group(struct call *call, struct merchant *m, struct option_group **g)
{
	enum qt_err err = call_merchant(call, m);

	*g = arena_alloc(call->arena, sizeof **g);
	return err == QT_OK ? option_group_get(call->db, m->id, call->id, *g) : err;
}

static enum qt_err group_change_post(struct call *call)
{
	struct option_group *g;
	struct merchant m;
	enum qt_err err = find_group(call, &m, &g);

	return err == QT_OK ? write_group(call, m.id, g, "option-group-change") : err;
}

static enum qt_err group_get(struct call *call)
{
	struct option_group *g;
	struct merchant m;
	enum qt_err err = find_group(call, &m, &g);

	if (err == QT_OK)
		group_json(call->reply, g);
	return err;
}

static enum qt_err group_row(struct call *call, int64_t merchant_id, int64_t id)
{
	struct option_group *g = arena_alloc(call->arena, sizeof *g);
	enum qt_err err = option_group_get(call->db, merchant_id, id, g);

	if (err == QT_OK)
		group_json(call->reply, g);
	return err;
}

static enum qt_err groups_get(struct call *call)
{
	LIST_SQL(up, down, "option_group", "merchant_id");
	struct merchant m;
	enum qt_err err = call_merchant(call, &m);

	return err == QT_OK ? list_rows(call, "groups", &up, &down, m.id, group_row) : err;
}

/* ---- choices ---- */

struct choice_args {
	const char *name, *name_zh;
	int64_t price_cents; /* INT64_MIN: not given */
	int preset, active;
};
#define CHOICE_FIELDS(required) \
	FIELD(struct choice_args, name, TEXT, .flags = required, .min = 1, .max = OPTION_NAME_MAX_BYTES, \
	      .help = "what is chosen: Large"), \
	FIELD(struct choice_args, name_zh, TEXT, .max = OPTION_NAME_MAX_BYTES, .help = "Chinese name"), \
	FIELD(struct choice_args, price_cents, INT, .min = -MONEY_MAX, .max = MONEY_MAX, .fallback = INT64_MIN, \
	      .help = "what it adds to the price of one, minor units; negative: takes off"), \
	FIELD(struct choice_args, preset, MAYBE, .fallback = -1, .help = "true: chosen unless it is taken away"), \
	FIELD(struct choice_args, active, MAYBE, .fallback = -1, .help = "false: not sold any more"), \
	FIELDS_DONE
static const struct field choice_fields[] = { CHOICE_FIELDS(FIELD_REQUIRED) };
static const struct field choice_change_fields[] = { CHOICE_FIELDS(0) };

static enum qt_err write_choice(struct call *call, int64_t merchant_id, struct option_choice *c, const char *action)
{
	const struct choice_args *a = call->args;

	text_set(c->name, sizeof c->name, a->name);
	text_set(c->name_zh, sizeof c->name_zh, a->name_zh);
	c->price_cents = a->price_cents != INT64_MIN ? a->price_cents : c->price_cents;
	c->preset = a->preset >= 0 ? a->preset == 1 : c->preset;
	c->active = a->active >= 0 ? a->active == 1 : c->active;
	enum qt_err err = option_choice_write(call->db, merchant_id, c, &call->problem);
	if (err == QT_OK)
		err = audit_log_add(call->db, &call->actor, call->now_ms, action, c->id, c->name);
	if (err == QT_OK)
		choice_json(call->reply, c);
	return err;
}

static enum qt_err choice_post(struct call *call)
{
	struct option_choice c = { .group_id = call->id, .active = true };
	struct merchant m;
	enum qt_err err = call_merchant(call, &m);

	call->status = 201;
	return err == QT_OK ? write_choice(call, m.id, &c, "option-choice-add") : err;
}

static enum qt_err choice_change_post(struct call *call)
{
	struct option_choice c;
	struct merchant m;
	enum qt_err err = call_merchant(call, &m);

	if (err == QT_OK)
		err = option_choice_get(call->db, m.id, call->id, &c);
	return err == QT_OK ? write_choice(call, m.id, &c, "option-choice-change") : err;
}

static enum qt_err choice_row(struct call *call, int64_t group_id, int64_t id)
{
	struct option_choice c;
	struct merchant m;
	enum qt_err err = call_merchant(call, &m);

	(void)group_id;
	if (err == QT_OK)
		err = option_choice_get(call->db, m.id, id, &c);
	if (err == QT_OK)
		choice_json(call->reply, &c);
	return err;
}

static enum qt_err choices_get(struct call *call)
{
	LIST_SQL(up, down, "option_choice", "group_id");
	struct option_group *g;
	struct merchant m;
	enum qt_err err = find_group(call, &m, &g);

	return err == QT_OK ? list_rows(call, "choices", &up, &down, g->id, choice_row) : err;
}

/* ---- items ---- */

struct item_groups_args {
	struct field_list group_ids;
};
static const struct field item_groups_fields[] = {
	FIELD(struct item_groups_args, group_ids, INTS, .max = OPTION_GROUPS_MAX,
	      .help = "groups it asks, in their order, all of them; none when empty"),
	FIELDS_DONE
};

static enum qt_err item_groups_post(struct call *call)
{
	const struct item_groups_args *a = call->args;
	struct merchant m;
	struct item it;
	enum qt_err err = call_merchant(call, &m);

	if (err == QT_OK)
		err = catalogue_item_get(call->db, m.id, call->id, &it);
	if (err == QT_OK)
		err = option_item_set(call->db, m.id, &it, a->group_ids.items, a->group_ids.count, &call->problem);
	if (err == QT_OK)
		err = audit_log_add(call->db, &call->actor, call->now_ms, "item-options", it.id, it.sku);
	json_int(call->reply, "item_id", call->id);
	return err == QT_OK ? item_options_json(call, it.id) : err;
}

#define ROLES_SHOP (ROLE_TERMINAL | ROLES_TILL | ROLES_BOSS)
const struct route option_routes[] = {
	{ .method = "POST", .path = "/v1/option-groups", .roles = ROLES_BOSS, .flags = ROUTE_WRITE, .body_max = 1024,
	  .fields = group_fields, .args_size = sizeof(struct group_args), .handle = group_post,
	  .help = "Add a group of options: what is asked when an item is sold." },
	{ .method = "GET", .path = "/v1/option-groups", .roles = ROLES_SHOP, .fields = list_both_fields,
	  .args_size = sizeof(struct list_args), .handle = groups_get, .help = "Groups of options with their choices." },
	{ .method = "GET", .path = "/v1/option-groups/:id", .roles = ROLES_SHOP, .handle = group_get,
	  .help = "One group of options." },
	{ .method = "POST", .path = "/v1/option-groups/:id", .roles = ROLES_BOSS, .flags = ROUTE_WRITE, .body_max = 1024,
	  .fields = group_change_fields, .args_size = sizeof(struct group_args), .handle = group_change_post,
	  .help = "Change what is given; tills hear of it with the items that ask the group." },
	{ .method = "GET", .path = "/v1/option-groups/:id/choices", .roles = ROLES_SHOP, .fields = list_both_fields,
	  .args_size = sizeof(struct list_args), .handle = choices_get, .help = "The choices of a group." },
	{ .method = "POST", .path = "/v1/option-groups/:id/choices", .roles = ROLES_BOSS, .flags = ROUTE_WRITE,
	  .body_max = 1024, .fields = choice_fields, .args_size = sizeof(struct choice_args), .handle = choice_post,
	  .help = "Add a choice to a group." },
	{ .method = "POST", .path = "/v1/option-choices/:id", .roles = ROLES_BOSS, .flags = ROUTE_WRITE, .body_max = 1024,
	  .fields = choice_change_fields, .args_size = sizeof(struct choice_args), .handle = choice_change_post,
	  .help = "Change what is given of a choice." },
	{ .method = "POST", .path = "/v1/items/:id/options", .roles = ROLES_BOSS, .flags = ROUTE_WRITE, .body_max = 1024,
	  .fields = item_groups_fields, .args_size = sizeof(struct item_groups_args), .handle = item_groups_post,
	  .help = "Say which groups of options an item asks." },
};
const int option_route_count = (int)(sizeof option_routes / sizeof *option_routes);
