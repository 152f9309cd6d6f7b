/* api_campaign: routes of rebate campaigns. */
#include "server/audit_log.h"
#include "server/campaign.h"
#include "server/list.h"

#include <stdio.h>

struct level_args {
	int64_t rate_bp;
};
static const struct field level_fields[] = {
	FIELD(struct level_args, rate_bp, INT, .flags = FIELD_REQUIRED, .min = 0, .max = 10000, .help = "basis points"),
	FIELDS_DONE
};
struct campaign_args {
	const char *name, *name_zh, *intro, *intro_zh;
	struct field_list levels;
	int64_t starts_ms, ends_ms, channel_bp, agent_bp, platform_bp, cap_order_cents, cap_person_day_cents, budget_cents,
		item_id, hold_s;
};
#define RATE(member, text) FIELD(struct campaign_args, member, INT, .min = 0, .max = 10000, .help = text)
#define CAP(member, text) FIELD(struct campaign_args, member, INT, .min = 1, .max = MONEY_MAX, .help = text)
static const struct field campaign_fields[] = {
	FIELD(struct campaign_args, name, TEXT, .flags = FIELD_REQUIRED, .min = 1, .max = NAME_MAX_BYTES,
		.help = "its name"),
	FIELD(struct campaign_args, name_zh, TEXT, .min = 1, .max = NAME_MAX_BYTES, .help = "its Chinese name"),
	FIELD(struct campaign_args, intro, LINES, .min = 1, .max = TEXT_MAX_BYTES, .help = "shown to who scans it"),
	FIELD(struct campaign_args, intro_zh, LINES, .min = 1, .max = TEXT_MAX_BYTES, .help = "the same in Chinese"),
	FIELD(struct campaign_args, levels, LIST, .min = 0, .max = REBATE_LEVELS_CAP, .sub = level_fields,
	      .sub_size = sizeof(struct level_args), .help = "rates of promoters, the nearest first"),
	FIELD(struct campaign_args, starts_ms, INT, .min = 0, .max = INT64_MAX / 2, .help = "unix ms; now when absent"),
	FIELD(struct campaign_args, ends_ms, INT, .min = 1, .max = INT64_MAX / 2, .help = "unix ms; no end when absent"),
	RATE(channel_bp, "share of the channel, basis points"),
	RATE(agent_bp, "share of the merchant's agent, basis points"),
	RATE(platform_bp, "share of the platform, basis points"),
	CAP(cap_order_cents, "most that one order pays, minor units"),
	CAP(cap_person_day_cents, "most that one person earns on one day (UTC), minor units"),
	CAP(budget_cents, "most that the campaign pays, minor units"),
	FIELD(struct campaign_args, item_id, INT, .min = 1, .max = INT64_MAX, .help = "only this item counts"),
	FIELD(struct campaign_args, hold_s, INT, .min = 0, .max = INT64_MAX, .fallback = -1,
	      .help = "seconds a rebate is held; the refund window when absent"),
	FIELDS_DONE
};

static void read_campaign(const struct call *call, const struct campaign_args *a, struct campaign *c)
{
	const struct level_args *levels = a->levels.items;

	*c = (struct campaign){ .starts_ms = a->starts_ms ? a->starts_ms : call->now_ms, .ends_ms = a->ends_ms,
		.channel_bp = a->channel_bp, .agent_bp = a->agent_bp, .platform_bp = a->platform_bp,
		.cap_order_cents = a->cap_order_cents, .cap_person_day_cents = a->cap_person_day_cents,
		.budget_cents = a->budget_cents, .item_id = a->item_id, .created_ms = call->now_ms, .levels = a->levels.count,
		.hold_s = a->hold_s >= 0 ? a->hold_s : call->server->settings.refund_window_s };
	for (int i = 0; i < a->levels.count; i++)
		c->rate_bp[i] = levels[i].rate_bp;
	text_set(c->name, sizeof c->name, a->name);
	text_set(c->name_zh, sizeof c->name_zh, a->name_zh);
	text_set(c->intro, sizeof c->intro, a->intro);
	text_set(c->intro_zh, sizeof c->intro_zh, a->intro_zh);
}

static enum qt_err campaigns_post(struct call *call)
{
	struct campaign c;
	struct merchant m;
	char url[CODE_URL_MAX];

	enum qt_err err = call_merchant(call, &m);
	if (err == QT_OK)
		err = merchant_check_part(&m, PART_CAMPAIGNS, &call->problem);
	if (err != QT_OK)
		return err;
	read_campaign(call, call->args, &c);
	c.merchant_id = m.id;
	err = campaign_add(call->db, &call->server->settings, &c, &call->problem);
	if (err == QT_OK)
		err = audit_log_add(call->db, &call->actor, call->now_ms, "campaign-new", c.id, c.name);
	if (err != QT_OK)
		return err;
	call->status = 201;
	json_int(call->reply, "campaign_id", c.id);
	json_text(call->reply, "code", campaign_code_url(call->server, c.id, url));
	return QT_OK;
}

static void text_if(struct json *j, const char *key, const char *text)
{
	if (*text)
		json_text(j, key, text);
}

static void cents_if(struct json *j, const char *key, int64_t cents)
{
	if (cents)
		json_int(j, key, cents);
}

static enum qt_err write_use(struct call *call, const struct campaign *c)
{
	SQL(count, "SELECT COUNT(*) FROM share WHERE campaign_id = $1");
	struct campaign_use use;
	int64_t shares;

	enum qt_err err = campaign_use_get(call->db, c->id, &use);
	if (err == QT_OK)
		err = db_one(call->db, &count, "i", c->id, "i", &shares);
	if (err != QT_OK)
		return err;
	json_int(call->reply, "spent_cents", use.spent_cents);
	json_int(call->reply, "promised_cents", use.held_cents);
	json_int(call->reply, "orders", use.orders);
	json_int(call->reply, "shares", shares);
	return QT_OK;
}

static enum qt_err write_campaign(struct call *call, const struct campaign *c)
{
	struct json *j = call->reply;
	char url[CODE_URL_MAX];

	json_int(j, "campaign_id", c->id);
	json_text(j, "name", c->name);
	text_if(j, "name_zh", c->name_zh);
	text_if(j, "intro", c->intro);
	text_if(j, "intro_zh", c->intro_zh);
	json_text(j, "state", campaign_state_name(c->state));
	json_bool(j, "running", campaign_is_running(c, call->now_ms));
	json_int(j, "starts_ms", c->starts_ms);
	cents_if(j, "ends_ms", c->ends_ms);
	json_array(j, "levels");
	for (int i = 0; i < c->levels; i++) {
		json_object(j, NULL);
		json_int(j, "rate_bp", c->rate_bp[i]);
		json_end(j);
	}
	json_end(j);
	json_int(j, "channel_bp", c->channel_bp);
	json_int(j, "agent_bp", c->agent_bp);
	json_int(j, "platform_bp", c->platform_bp);
	cents_if(j, "cap_order_cents", c->cap_order_cents);
	cents_if(j, "cap_person_day_cents", c->cap_person_day_cents);
	cents_if(j, "budget_cents", c->budget_cents);
	cents_if(j, "item_id", c->item_id);
	json_int(j, "hold_s", c->hold_s);
	json_text(j, "code", campaign_code_url(call->server, c->id, url));
	return write_use(call, c);
}

static enum qt_err load_campaign(struct call *call, struct campaign *c)
{
	struct merchant m;

	enum qt_err err = call_merchant(call, &m);
	if (err != QT_OK)
		return err;
	err = campaign_get(call->db, m.id, call->id, c);
	return err == QT_NOT_FOUND ? problem_set(&call->problem, err, "", "there is no such campaign") : err;
}

static enum qt_err campaign_get_one(struct call *call)
{
	const struct currency *currency;
	struct campaign c;
	struct merchant m;

	enum qt_err err = load_campaign(call, &c);
	if (err == QT_OK)
		err = merchant_get(call->db, c.merchant_id, &m);
	if (err != QT_OK)
		return err;
	currency = currency_by_numeric(m.currency);
	json_text(call->reply, "currency", currency ? currency->alpha : "");
	return write_campaign(call, &c);
}

static enum qt_err campaign_row(struct call *call, int64_t merchant_id, int64_t id)
{
	struct campaign row;
	enum qt_err err = campaign_get(call->db, merchant_id, id, &row);

	return err == QT_OK ? write_campaign(call, &row) : err;
}

static enum qt_err campaigns_get(struct call *call)
{
	LIST_SQL(up, down, "campaign", "merchant_id");
	struct merchant m;
	enum qt_err err = call_merchant(call, &m);

	return err == QT_OK ? list_rows(call, "campaigns", &up, &down, m.id, campaign_row) : err;
}

struct state_args {
	int state;
};
static const char *const state_words[] = {
#define X(name, number, wire) wire,
	CAMPAIGN_STATES(X)
#undef X
	NULL
};
static const struct field state_fields[] = {
	FIELD(struct state_args, state, CHOICE, .flags = FIELD_REQUIRED, .choices = state_words,
	      .help = "an ended campaign stays ended"),
	FIELDS_DONE
};

static enum qt_err campaign_state_post(struct call *call)
{
	const struct state_args *a = call->args;
	struct campaign c;

	enum qt_err err = load_campaign(call, &c);
	if (err == QT_OK)
		err = campaign_set_state(call->db, &c, a->state + 1, &call->problem);
	if (err == QT_OK)
		err = audit_log_add(call->db, &call->actor, call->now_ms, "campaign-state", c.id, state_words[a->state]);
	return err == QT_OK ? write_campaign(call, &c) : err;
}

const struct route campaign_routes[] = {
	{ .method = "POST", .path = "/v1/campaigns", .roles = ROLES_BOSS, .flags = ROUTE_WRITE, .fields = campaign_fields,
	  .args_size = sizeof(struct campaign_args), .handle = campaigns_post, .help = "Start a rebate campaign." },
	{ .method = "GET", .path = "/v1/campaigns", .roles = ROLES_BOSS, .fields = list_both_fields,
	  .args_size = sizeof(struct list_args), .handle = campaigns_get, .help = "The merchant's campaigns." },
	{ .method = "GET", .path = "/v1/campaigns/:id", .roles = ROLES_BOSS, .handle = campaign_get_one,
	  .help = "A campaign and what it paid so far." },
	{ .method = "POST", .path = "/v1/campaigns/:id/state", .roles = ROLES_BOSS, .flags = ROUTE_WRITE,
	  .fields = state_fields, .args_size = sizeof(struct state_args), .handle = campaign_state_post,
	  .help = "Pause, resume or end a campaign." },
};
const int campaign_route_count = sizeof campaign_routes / sizeof *campaign_routes;
