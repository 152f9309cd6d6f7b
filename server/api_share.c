/* api_share: routes of shares: a customer's own code for a campaign, a channel's root, the chain. */
#include "server/audit_log.h"
#include "server/list.h"
#include "server/rebate.h"
#include "server/share.h"

#define CHAIN_SHOWN 1000

static enum qt_err share_json(struct call *call, const struct share *s)
{
	struct json *j = call->reply;
	char url[CODE_URL_MAX];
	struct campaign c;
	struct merchant m;
	int64_t earned = 0;

	enum qt_err err = campaign_get(call->db, 0, s->campaign_id, &c);
	if (err != QT_OK)
		return err;
	err = merchant_get(call->db, c.merchant_id, &m);
	if (err == QT_OK && s->customer_id)
		err = rebate_earned(call->db, s->customer_id, m.currency, s->campaign_id, &earned);
	if (err != QT_OK)
		return err;
	json_int(j, "share_id", s->id);
	json_text(j, "code", share_code_url(call->server, s->id, url));
	json_text(j, "link", url);
	json_int(j, "generation", s->generation);
	json_int(j, "campaign_id", c.id);
	json_text(j, "campaign_name", c.name);
	if (c.name_zh[0])
		json_text(j, "campaign_name_zh", c.name_zh);
	json_text(j, "merchant_name", m.name);
	json_text(j, "merchant_name_zh", m.name_zh);
	if (s->channel_id)
		json_int(j, "channel_id", s->channel_id);
	json_text(j, "currency", currency_by_numeric(m.currency)->alpha);
	json_int(j, "earned_cents", earned);
	return QT_OK;
}

struct share_args {
	const char *code;
	int64_t channel_id;
};
static const struct field share_fields[] = {
	FIELD(struct share_args, code, TEXT, .flags = FIELD_REQUIRED, .min = 1, .max = CODE_URL_MAX,
	      .help = "the campaign's code, or the share that led here"),
	FIELD(struct share_args, channel_id, INT, .min = 1, .max = INT64_MAX,
	      .help = "channel credited by this share, unless the chain has one already"),
	FIELDS_DONE
};

static enum qt_err shares_post(struct call *call)
{
	const struct share_args *a = call->args;
	struct share from, made;

	enum qt_err err = share_by_code(call->db, call->server, a->code, call->now_ms, &from);
	if (err != QT_OK)
		return problem_set(&call->problem, err, "code", "a campaign or share code is needed");
	err = share_make(call->db, &from, call->actor.customer_id, a->channel_id, call->now_ms, &made, &call->problem);
	if (err != QT_OK)
		return err;
	call->status = 201;
	return share_json(call, &made);
}

static enum qt_err shares_get(struct call *call)
{
	SQL(ids_of, "SELECT id FROM share WHERE customer_id = $1 AND id > $2 ORDER BY id LIMIT $3");
	int64_t ids[LIST_MAX];
	int count;

	enum qt_err err = list_ids(call->db, &ids_of, call->actor.customer_id, call->args, ids, &count);
	if (err != QT_OK)
		return err;
	json_array(call->reply, "shares");
	for (int i = 0; i < count && err == QT_OK; i++) {
		struct share s;
		err = share_get(call->db, ids[i], &s);
		json_object(call->reply, NULL);
		if (err == QT_OK)
			err = share_json(call, &s);
		json_end(call->reply);
	}
	list_finish(call, call->args, ids, count);
	return err;
}

struct root_args {
	int64_t campaign_id;
};
static const struct field root_fields[] = {
	FIELD(struct root_args, campaign_id, INT, .flags = FIELD_REQUIRED, .min = 1, .max = INT64_MAX,
		.help = "the campaign"),
	FIELDS_DONE
};

static enum qt_err channel_shares_post(struct call *call)
{
	const struct root_args *a = call->args;
	char name[NAME_MAX_BYTES + 1];
	struct campaign c;
	struct merchant m;
	struct share root;

	enum qt_err err = call_merchant(call, &m);
	if (err != QT_OK)
		return err;
	err = channel_get(call->db, call->id, name);
	if (err == QT_NOT_FOUND)
		return problem_set(&call->problem, err, "", "there is no such channel");
	if (err == QT_OK)
		err = campaign_get(call->db, m.id, a->campaign_id, &c);
	if (err == QT_NOT_FOUND)
		return problem_set(&call->problem, err, "campaign_id", "there is no such campaign");
	if (err == QT_OK)
		err = share_make_root(call->db, &c, call->id, call->now_ms, &root);
	if (err == QT_OK)
		err = audit_log_add(call->db, &call->actor, call->now_ms, "channel-share", root.id, name);
	if (err != QT_OK)
		return err;
	call->status = 201;
	return share_json(call, &root);
}

static enum qt_err chain_get(struct call *call)
{
	struct share s;
	struct campaign c;
	struct merchant m;

	enum qt_err err = call_merchant(call, &m);
	if (err == QT_OK)
		err = share_get(call->db, call->id, &s);
	if (err == QT_OK)
		err = campaign_get(call->db, m.id, s.campaign_id, &c);
	if (err != QT_OK)
		return err == QT_NOT_FOUND ? problem_set(&call->problem, err, "", "there is no such share") : err;
	json_int(call->reply, "campaign_id", c.id);
	json_array(call->reply, "chain");
	for (int i = 0; i < CHAIN_SHOWN && err == QT_OK; i++) {
		json_object(call->reply, NULL);
		json_int(call->reply, "share_id", s.id);
		json_int(call->reply, "generation", s.generation);
		json_int(call->reply, "customer_id", s.customer_id);
		json_int(call->reply, "channel_id", s.channel_id);
		json_int(call->reply, "created_ms", s.created_ms);
		json_end(call->reply);
		if (s.parent_id == 0)
			break;
		err = share_get(call->db, s.parent_id, &s);
	}
	json_end(call->reply);
	return err;
}

const struct route share_routes[] = {
	{ .method = "POST", .path = "/v1/shares", .roles = ROLE_CUSTOMER, .flags = ROUTE_WRITE, .fields = share_fields,
	  .args_size = sizeof(struct share_args), .handle = shares_post,
	  .help = "The customer's own code and link; asking again gives the same." },
	{ .method = "GET", .path = "/v1/shares", .roles = ROLE_CUSTOMER, .fields = list_fields,
	  .args_size = sizeof(struct list_args), .handle = shares_get,
	  .help = "The customer's shares and what their campaigns earned them." },
	{ .method = "POST", .path = "/v1/channels/:id/shares", .roles = ROLES_BOSS, .flags = ROUTE_WRITE,
	  .fields = root_fields, .args_size = sizeof(struct root_args), .handle = channel_shares_post,
	  .help = "A channel's own code for a campaign: sales by it are credited to the channel." },
	{ .method = "GET", .path = "/v1/shares/:id/chain", .roles = ROLES_BOSS, .handle = chain_get,
	  .help = "A share and all before it, up to the campaign." },
};
const int share_route_count = sizeof share_routes / sizeof *share_routes;
