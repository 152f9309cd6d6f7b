/* api_merchant: routes of merchants, stores, agents and channels. Decode, call, reply; the rules are in merchant.c. */
#include "server/audit_log.h"
#include "server/list.h"
#include "server/merchant.h"
#include "server/server.h"
#include "shared/money.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* Absent members are NULL or -1: as they were. */
struct merchant_args {
	const char *name, *name_zh, *currency, *country, *city, *city_zh, *phone;
	int64_t mcc, agent_id, fee_bp, points_per_100, point_value_cents, cashier_refund_limit_cents;
	int tax_inclusive, state, cards_open, points_open, campaigns_open, fixed_codes_open, providers_open;
};
static const char *const state_words[] = { "open", "closed", NULL };

#define MERCHANT_FIELDS(required) \
	FIELD(struct merchant_args, name, TEXT, .flags = required, .min = 1, .max = NAME_MAX_BYTES, \
	      .help = "as on receipts"), \
	FIELD(struct merchant_args, name_zh, TEXT, .max = NAME_MAX_BYTES, .help = "Chinese name"), \
	FIELD(struct merchant_args, currency, TEXT, .flags = required, .min = 3, .max = 3, .help = "ISO 4217, \"USD\""), \
	FIELD(struct merchant_args, country, TEXT, .flags = required, .min = 2, .max = 2, .help = "ISO 3166, \"US\""), \
	FIELD(struct merchant_args, city, TEXT, .flags = required, .min = 1, .max = CITY_MAX_BYTES, .help = "city"), \
	FIELD(struct merchant_args, city_zh, TEXT, .max = CITY_MAX_BYTES, .help = "Chinese name of the city"), \
	FIELD(struct merchant_args, phone, TEXT, .max = 16, .help = "E.164, for notices; empty: none"), \
	FIELD(struct merchant_args, mcc, INT, .flags = required, .min = 0, .max = 9999, .fallback = -1, \
	      .help = "ISO 18245 category"), \
	FIELD(struct merchant_args, agent_id, INT, .min = 0, .max = INT64_MAX, .fallback = -1, \
	      .help = "agent who signed the merchant up; 0: nobody"), \
	FIELD(struct merchant_args, fee_bp, INT, .flags = required, .min = 0, .max = 10000, .fallback = -1, \
	      .help = "the platform's fee, basis points"), \
	FIELD(struct merchant_args, tax_inclusive, MAYBE, .flags = required, .fallback = -1, \
	      .help = "prices contain the tax"), \
	FIELD(struct merchant_args, points_per_100, INT, .min = 0, .max = 10000, .fallback = -1, \
	      .help = "points per 100 minor units paid; 0: no scheme"), \
	FIELD(struct merchant_args, point_value_cents, INT, .min = 0, .max = 1000000, .fallback = -1, \
	      .help = "minor units a point is worth when spent; 0: not spendable"), \
	FIELD(struct merchant_args, cashier_refund_limit_cents, INT, .min = 0, .max = MONEY_MAX, .fallback = -1, \
	      .help = "above it a manager approves a refund, minor units"), \
	FIELD(struct merchant_args, state, CHOICE, .choices = state_words, .fallback = -1, \
	      .help = "closed: nothing is sold"), \
	FIELD(struct merchant_args, cards_open, MAYBE, .fallback = -1, .help = "prepaid cards are open"), \
	FIELD(struct merchant_args, points_open, MAYBE, .fallback = -1, .help = "points are open"), \
	FIELD(struct merchant_args, campaigns_open, MAYBE, .fallback = -1, .help = "campaigns are open"), \
	FIELD(struct merchant_args, fixed_codes_open, MAYBE, .fallback = -1, .help = "fixed till codes are open"), \
	FIELD(struct merchant_args, providers_open, MAYBE, .fallback = -1, .help = "payment providers are open"), \
	FIELDS_DONE

static const struct field add_fields[] = { MERCHANT_FIELDS(FIELD_REQUIRED) };
static const struct field change_fields[] = { MERCHANT_FIELDS(0) };

static void set_part(struct merchant *m, enum merchant_part part, int open)
{
	if (open == 1)
		m->closed_parts &= ~(int64_t)part;
	else if (open == 0)
		m->closed_parts |= part;
}

static void set_number(int64_t *target, int64_t given)
{
	if (given >= 0)
		*target = given;
}

/* Lay what was given over `m`. */
static enum qt_err apply(const struct merchant_args *a, struct merchant *m, struct problem *p)
{
	if (a->currency != NULL) {
		const struct currency *c = currency_by_alpha(a->currency);
		if (c == NULL)
			return problem_set(p, QT_BAD_FIELD, "currency", "not a currency known here");
		m->currency = c->numeric;
	}
	if (a->country != NULL && strspn(a->country, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 2)
		return problem_set(p, QT_BAD_FIELD, "country", "two capital letters");
	if (a->phone != NULL && a->phone[0] != '\0' &&
	    (a->phone[0] != '+' || strspn(a->phone + 1, "0123456789") != strlen(a->phone) - 1 || strlen(a->phone) < 9))
		return problem_set(p, QT_BAD_FIELD, "phone", "an international number: + and 8 to 15 digits");
	text_set(m->name, sizeof m->name, a->name);
	text_set(m->name_zh, sizeof m->name_zh, a->name_zh);
	text_set(m->country, sizeof m->country, a->country);
	text_set(m->city, sizeof m->city, a->city);
	text_set(m->city_zh, sizeof m->city_zh, a->city_zh);
	text_set(m->phone, sizeof m->phone, a->phone);
	set_number(&m->mcc, a->mcc);
	set_number(&m->agent_id, a->agent_id);
	set_number(&m->fee_bp, a->fee_bp);
	set_number(&m->points_per_100, a->points_per_100);
	set_number(&m->point_value_cents, a->point_value_cents);
	set_number(&m->cashier_refund_limit_cents, a->cashier_refund_limit_cents);
	set_number(&m->tax_inclusive, a->tax_inclusive);
	if (a->state >= 0)
		m->state = a->state == 0 ? MERCHANT_OPEN : MERCHANT_CLOSED;
	set_part(m, PART_CARDS, a->cards_open);
	set_part(m, PART_POINTS, a->points_open);
	set_part(m, PART_CAMPAIGNS, a->campaigns_open);
	set_part(m, PART_FIXED_CODES, a->fixed_codes_open);
	set_part(m, PART_PROVIDERS, a->providers_open);
	return QT_OK;
}

static enum qt_err merchant_post(struct call *call)
{
	struct merchant m = { .state = MERCHANT_OPEN, .created_ms = call->now_ms };
	enum qt_err err = apply(call->args, &m, &call->problem);

	if (err == QT_OK)
		err = merchant_add(call->db, &m, &call->problem);
	if (err == QT_OK)
		err = audit_log_add(call->db, &call->actor, call->now_ms, "merchant-add", m.id, m.name);
	if (err != QT_OK)
		return err;
	call->status = 201;
	json_int(call->reply, "merchant_id", m.id);
	return QT_OK;
}

void merchant_json(struct json *j, const struct merchant *m)
{
	json_int(j, "merchant_id", m->id);
	json_text(j, "name", m->name);
	json_text(j, "name_zh", m->name_zh);
	json_text(j, "currency", currency_by_numeric(m->currency)->alpha);
	json_text(j, "country", m->country);
	json_text(j, "city", m->city);
	json_text(j, "city_zh", m->city_zh);
	json_int(j, "mcc", m->mcc);
	json_bool(j, "tax_inclusive", m->tax_inclusive != 0);
	json_int(j, "points_per_100", m->points_per_100);
	json_int(j, "point_value_cents", m->point_value_cents);
	json_int(j, "cashier_refund_limit_cents", m->cashier_refund_limit_cents);
	json_text(j, "state", state_words[m->state - 1]);
	json_bool(j, "cards_open", !(m->closed_parts & PART_CARDS));
	json_bool(j, "points_open", !(m->closed_parts & PART_POINTS));
	json_bool(j, "campaigns_open", !(m->closed_parts & PART_CAMPAIGNS));
	json_bool(j, "fixed_codes_open", !(m->closed_parts & PART_FIXED_CODES));
	json_bool(j, "providers_open", !(m->closed_parts & PART_PROVIDERS));
}

/* What the merchant and the operator see besides. */
static void private_json(struct json *j, const struct merchant *m)
{
	merchant_json(j, m);
	if (m->phone[0])
		json_text(j, "phone", m->phone);
	if (m->agent_id)
		json_int(j, "agent_id", m->agent_id);
	json_int(j, "fee_bp", m->fee_bp);
	json_int(j, "created_ms", m->created_ms);
}

/* The operator sees every merchant, the others their own. */
static enum qt_err visible(struct call *call, struct merchant *m)
{
	if (call->actor.role != ROLE_OPERATOR && call->id != call->actor.merchant_id)
		return QT_NOT_FOUND;
	return merchant_get(call->db, call->id, m);
}

static enum qt_err merchant_change_post(struct call *call)
{
	struct merchant m;
	enum qt_err err = visible(call, &m);

	if (err == QT_OK && call->actor.role != ROLE_OPERATOR) {
		const struct merchant_args *a = call->args;
		if (a->fee_bp >= 0 || a->agent_id >= 0)
			return problem_set(&call->problem, QT_FORBIDDEN, a->fee_bp >= 0 ? "fee_bp" : "agent_id",
			                   "only the operator");
	}
	if (err == QT_OK)
		err = apply(call->args, &m, &call->problem);
	if (err == QT_OK)
		err = merchant_change(call->db, &m, &call->problem);
	if (err == QT_OK)
		err = audit_log_add(call->db, &call->actor, call->now_ms, "merchant-change", m.id, NULL);
	if (err == QT_OK)
		private_json(call->reply, &m);
	return err;
}

static enum qt_err merchant_get_one(struct call *call)
{
	struct merchant m;
	enum qt_err err = visible(call, &m);

	if (err == QT_OK)
		private_json(call->reply, &m);
	return err;
}

static enum qt_err merchants_get(struct call *call)
{
	SQL(ids_of, "SELECT id FROM merchant WHERE $1 = 0 AND id > $2 ORDER BY id LIMIT $3");
	const struct list_args *args = call->args;
	int64_t ids[LIST_MAX];
	int count;
	enum qt_err err = list_ids(call->db, &ids_of, 0, args, ids, &count);

	json_array(call->reply, "merchants");
	for (int i = 0; i < count && err == QT_OK; i++) {
		struct merchant m;
		err = merchant_get(call->db, ids[i], &m);
		json_object(call->reply, NULL);
		if (err == QT_OK)
			private_json(call->reply, &m);
		json_end(call->reply);
	}
	list_finish(call, args, ids, count);
	return err;
}

struct store_args {
	const char *name, *name_zh, *address, *city, *receipt_footer, *ssid;
};
static const struct field store_fields[] = {
	FIELD(struct store_args, name, TEXT, .flags = FIELD_REQUIRED, .min = 1, .max = NAME_MAX_BYTES, .help = "name"),
	FIELD(struct store_args, name_zh, TEXT, .max = NAME_MAX_BYTES, .help = "Chinese name"),
	FIELD(struct store_args, address, LINES, .max = TEXT_MAX_BYTES, .help = "lines on receipts"),
	FIELD(struct store_args, city, TEXT, .max = CITY_MAX_BYTES, .help = "when it is not the merchant's"),
	FIELD(struct store_args, receipt_footer, LINES, .max = TEXT_MAX_BYTES, .help = "lines under each receipt"),
	FIELD(struct store_args, ssid, TEXT, .max = 32, .help = "name of the guests' Wi-Fi"),
	FIELDS_DONE
};

static enum qt_err store_post(struct call *call)
{
	const struct store_args *a = call->args;
	struct store st = { 0 };
	struct merchant m;
	enum qt_err err = call_merchant(call, &m);

	if (err != QT_OK)
		return err;
	st.merchant_id = m.id;
	text_set(st.name, sizeof st.name, a->name);
	text_set(st.name_zh, sizeof st.name_zh, a->name_zh);
	text_set(st.address, sizeof st.address, a->address);
	text_set(st.city, sizeof st.city, a->city);
	text_set(st.receipt_footer, sizeof st.receipt_footer, a->receipt_footer);
	text_set(st.ssid, sizeof st.ssid, a->ssid);
	err = store_add(call->db, &st, call->now_ms);
	if (err == QT_OK)
		err = audit_log_add(call->db, &call->actor, call->now_ms, "store-add", st.id, st.name);
	if (err != QT_OK)
		return err;
	call->status = 201;
	json_int(call->reply, "store_id", st.id);
	return QT_OK;
}

void store_json(struct json *j, const struct store *st)
{
	json_int(j, "store_id", st->id);
	json_text(j, "name", st->name);
	json_text(j, "name_zh", st->name_zh);
	json_text(j, "address", st->address);
	json_text(j, "city", st->city);
	json_text(j, "receipt_footer", st->receipt_footer);
	json_text(j, "ssid", st->ssid);
}

static enum qt_err store_row(struct call *call, int64_t merchant_id, int64_t id)
{
	struct store row;
	enum qt_err err = store_get(call->db, merchant_id, id, &row);

	if (err == QT_OK)
		store_json(call->reply, &row);
	return err;
}

static enum qt_err stores_get(struct call *call)
{
	LIST_SQL(up, down, "store", "merchant_id");
	struct merchant m;
	enum qt_err err = call_merchant(call, &m);

	return err == QT_OK ? list_rows(call, "stores", &up, &down, m.id, store_row) : err;
}

struct party_args {
	const char *name;
	int64_t commission_bp;
};
static const struct field agent_fields[] = {
	FIELD(struct party_args, name, TEXT, .flags = FIELD_REQUIRED, .min = 1, .max = NAME_MAX_BYTES, .help = "name"),
	FIELD(struct party_args, commission_bp, INT, .flags = FIELD_REQUIRED, .min = 0, .max = 10000,
	      .help = "of the platform's fee, basis points"),
	FIELDS_DONE
};
static const struct field channel_fields[] = {
	FIELD(struct party_args, name, TEXT, .flags = FIELD_REQUIRED, .min = 1, .max = NAME_MAX_BYTES, .help = "name"),
	FIELDS_DONE
};

static enum qt_err agent_post(struct call *call)
{
	const struct party_args *a = call->args;
	char key[AUTH_TOKEN_MAX];
	int64_t id;
	enum qt_err err = agent_add(call->db, a->name, a->commission_bp, call->now_ms, &id);

	if (err == QT_OK)
		err = access_key_add(call->db, &call->server->keys, id, 0, call->now_ms, key);
	if (err == QT_OK)
		err = audit_log_add(call->db, &call->actor, call->now_ms, "agent-add", id, a->name);
	if (err != QT_OK)
		return err;
	call->status = 201;
	json_int(call->reply, "agent_id", id);
	json_text(call->reply, "key", key);
	return QT_OK;
}

static enum qt_err channel_post(struct call *call)
{
	const struct party_args *a = call->args;
	char key[AUTH_TOKEN_MAX];
	int64_t id;
	enum qt_err err = channel_add(call->db, a->name, call->now_ms, &id);

	if (err == QT_OK)
		err = access_key_add(call->db, &call->server->keys, 0, id, call->now_ms, key);
	if (err == QT_OK)
		err = audit_log_add(call->db, &call->actor, call->now_ms, "channel-add", id, a->name);
	if (err != QT_OK)
		return err;
	call->status = 201;
	json_int(call->reply, "channel_id", id);
	json_text(call->reply, "key", key);
	return QT_OK;
}

/* Another key for who is there already; whatever key was lost or leaked ends. */
static enum qt_err renew_key(struct call *call, int64_t agent_id, int64_t channel_id, const char *action)
{
	char key[AUTH_TOKEN_MAX];
	enum qt_err err = access_keys_revoke(call->db, agent_id, channel_id, call->now_ms);

	if (err == QT_OK)
		err = access_key_add(call->db, &call->server->keys, agent_id, channel_id, call->now_ms, key);
	if (err == QT_OK)
		err = audit_log_add(call->db, &call->actor, call->now_ms, action, call->id, NULL);
	if (err != QT_OK)
		return err;
	call->status = 201;
	json_int(call->reply, agent_id ? "agent_id" : "channel_id", call->id);
	json_text(call->reply, "key", key);
	return QT_OK;
}

static enum qt_err agent_renew_post(struct call *call)
{
	int64_t commission_bp;
	enum qt_err err = agent_get(call->db, call->id, &commission_bp, NULL);
	return err == QT_OK ? renew_key(call, call->id, 0, "agent-renew") : err;
}

static enum qt_err channel_renew_post(struct call *call)
{
	enum qt_err err = channel_get(call->db, call->id, NULL);
	return err == QT_OK ? renew_key(call, 0, call->id, "channel-renew") : err;
}

static enum qt_err agents_get(struct call *call)
{
	SQL(ids_of, "SELECT id FROM agent WHERE $1 = 0 AND id > $2 ORDER BY id LIMIT $3");
	const struct list_args *args = call->args;
	int64_t ids[LIST_MAX], commission_bp;
	char name[NAME_MAX_BYTES + 1];
	int count;
	enum qt_err err = list_ids(call->db, &ids_of, 0, args, ids, &count);

	json_array(call->reply, "agents");
	for (int i = 0; i < count && err == QT_OK; i++) {
		err = agent_get(call->db, ids[i], &commission_bp, name);
		json_object(call->reply, NULL);
		json_int(call->reply, "agent_id", ids[i]);
		json_text(call->reply, "name", name);
		json_int(call->reply, "commission_bp", commission_bp);
		json_end(call->reply);
	}
	list_finish(call, args, ids, count);
	return err;
}

static enum qt_err channels_get(struct call *call)
{
	SQL(ids_of, "SELECT id FROM channel WHERE $1 = 0 AND id > $2 ORDER BY id LIMIT $3");
	const struct list_args *args = call->args;
	int64_t ids[LIST_MAX];
	char name[NAME_MAX_BYTES + 1];
	int count;
	enum qt_err err = list_ids(call->db, &ids_of, 0, args, ids, &count);

	json_array(call->reply, "channels");
	for (int i = 0; i < count && err == QT_OK; i++) {
		err = channel_get(call->db, ids[i], name);
		json_object(call->reply, NULL);
		json_int(call->reply, "channel_id", ids[i]);
		json_text(call->reply, "name", name);
		json_end(call->reply);
	}
	list_finish(call, args, ids, count);
	return err;
}

#define LIST_ROUTE .fields = list_fields, .args_size = sizeof(struct list_args)
const struct route merchant_routes[] = {
	{ .method = "POST", .path = "/v1/merchants", .roles = ROLE_OPERATOR, .flags = ROUTE_WRITE, .body_max = 4096,
	  .fields = add_fields, .args_size = sizeof(struct merchant_args), .handle = merchant_post,
	  .help = "Add a merchant." },
	{ .method = "GET", .path = "/v1/merchants", .roles = ROLE_OPERATOR, LIST_ROUTE, .handle = merchants_get,
	  .help = "List merchants." },
	{ .method = "GET", .path = "/v1/merchants/:id", .roles = ROLES_BOSS, .handle = merchant_get_one,
	  .help = "One merchant; others than the operator see their own." },
	{ .method = "POST", .path = "/v1/merchants/:id", .roles = ROLE_OPERATOR | ROLE_OWNER, .flags = ROUTE_WRITE,
	  .body_max = 4096, .fields = change_fields, .args_size = sizeof(struct merchant_args),
	  .handle = merchant_change_post, .help = "Change what is given; parts are opened and closed here." },
	{ .method = "POST", .path = "/v1/agents", .roles = ROLE_OPERATOR, .flags = ROUTE_WRITE | ROUTE_SECRET,
	  .body_max = 1024,
	  .fields = agent_fields, .args_size = sizeof(struct party_args), .handle = agent_post,
	  .help = "Add an agent; the access key is shown once." },
	{ .method = "GET", .path = "/v1/agents", .roles = ROLE_OPERATOR, LIST_ROUTE, .handle = agents_get,
	  .help = "List agents." },
	{ .method = "POST", .path = "/v1/agents/:id/renew", .roles = ROLE_OPERATOR, .flags = ROUTE_WRITE | ROUTE_SECRET,
	  .handle = agent_renew_post, .help = "Another access key for an agent; the ones before end." },
	{ .method = "POST", .path = "/v1/channels", .roles = ROLE_OPERATOR, .flags = ROUTE_WRITE | ROUTE_SECRET,
	  .body_max = 1024,
	  .fields = channel_fields, .args_size = sizeof(struct party_args), .handle = channel_post,
	  .help = "Add a channel; the access key is shown once." },
	{ .method = "GET", .path = "/v1/channels", .roles = ROLE_OPERATOR, LIST_ROUTE, .handle = channels_get,
	  .help = "List channels." },
	{ .method = "POST", .path = "/v1/channels/:id/renew", .roles = ROLE_OPERATOR, .flags = ROUTE_WRITE | ROUTE_SECRET,
	  .handle = channel_renew_post, .help = "Another access key for a channel; the ones before end." },
	{ .method = "POST", .path = "/v1/stores", .roles = ROLES_BOSS, .flags = ROUTE_WRITE, .body_max = 4096,
	  .fields = store_fields, .args_size = sizeof(struct store_args), .handle = store_post, .help = "Add a store." },
	{ .method = "GET", .path = "/v1/stores", .roles = ROLES_BOSS, .fields = list_both_fields,
	  .args_size = sizeof(struct list_args), .handle = stores_get,
	  .help = "List the merchant's stores." },
};
const int merchant_route_count = (int)(sizeof merchant_routes / sizeof *merchant_routes);
