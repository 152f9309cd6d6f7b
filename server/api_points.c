/* api_points: routes of points outside a sale. Decode, call, reply; the rules are in points.c. */
#include "server/audit_log.h"
#include "server/card.h"
#include "server/customer.h"
#include "server/list.h"
#include "server/notice.h"
#include "server/points.h"
#include "shared/buf.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

#define SCHEMES_MAX 200

static enum qt_err schemes_get(struct call *call)
{
	int64_t merchants[SCHEMES_MAX], balance;
	int count;
	enum qt_err err = points_schemes(call->db, call->actor.customer_id, merchants, SCHEMES_MAX, &count);

	json_array(call->reply, "schemes");
	for (int i = 0; i < count && err == QT_OK; i++) {
		struct merchant m;
		err = merchant_get(call->db, merchants[i], &m);
		if (err == QT_OK)
			err = points_balance(call->db, m.id, call->actor.customer_id, &balance);
		if (err != QT_OK)
			return err;
		json_object(call->reply, NULL);
		json_int(call->reply, "merchant_id", m.id);
		json_text(call->reply, "merchant_name", m.name);
		json_text(call->reply, "merchant_name_zh", m.name_zh);
		json_int(call->reply, "balance", balance);
		json_text(call->reply, "currency", currency_by_numeric(m.currency)->alpha);
		json_int(call->reply, "point_value_cents", m.point_value_cents);
		json_end(call->reply);
	}
	json_end(call->reply);
	return err;
}

struct points_args {
	const char *identity_code, *code, *reason;
	int64_t points;
};
static const struct field look_fields[] = {
	FIELD(struct points_args, identity_code, TEXT, .min = 1, .max = CODE_URL_MAX,
	      .help = "the customer's identity code"),
	FIELD(struct points_args, code, TEXT, .flags = FIELD_SECRET, .min = 1, .max = CODE_URL_MAX,
	      .help = "or a card bound to the customer"),
	FIELDS_DONE
};
static const struct field change_fields[] = {
	FIELD(struct points_args, identity_code, TEXT, .flags = FIELD_REQUIRED, .min = 1, .max = CODE_URL_MAX,
	      .help = "the customer's identity code"),
	FIELD(struct points_args, points, INT, .flags = FIELD_REQUIRED, .min = 1, .max = 1000000000, .help = "how many"),
	FIELD(struct points_args, reason, TEXT, .flags = FIELD_REQUIRED, .min = 1, .max = NAME_MAX_BYTES, .help = "why"),
	FIELDS_DONE
};

/* The merchant, whose points must be open, and the customer of the code given. */
static enum qt_err parties(struct call *call, struct merchant *m, int64_t *customer_id)
{
	const struct points_args *a = call->args;
	enum qt_err err = call_merchant(call, m);
	struct card c;

	if (err == QT_OK)
		err = merchant_check_part(m, PART_POINTS, &call->problem);
	if (err != QT_OK)
		return err;
	if (a->identity_code == NULL && a->code == NULL)
		return problem_set(&call->problem, QT_MISSING_FIELD, "identity_code", "an identity code or a card's code");
	if (a->identity_code != NULL) {
		err = customer_by_identity(call->server, a->identity_code, call->now_ms, customer_id);
		return err == QT_OK ? err : problem_set(&call->problem, err, "identity_code", "%s", "");
	}
	err = card_by_code(call->db, call->server, m->id, a->code, call->now_ms, &c);
	if (err == QT_OK && c.customer_id == 0)
		return problem_set(&call->problem, QT_NOT_FOUND, "code", "the card is bound to nobody");
	*customer_id = c.customer_id;
	return err == QT_OK ? err : problem_set(&call->problem, err, "code", "%s", "");
}

static void standing_json(struct json *j, const struct merchant *m, int64_t customer_id, int64_t balance)
{
	json_int(j, "customer_id", customer_id);
	json_int(j, "balance", balance);
	json_int(j, "point_value_cents", m->point_value_cents);
	json_text(j, "currency", currency_by_numeric(m->currency)->alpha);
}

static enum qt_err look_post(struct call *call)
{
	struct merchant m;
	int64_t customer_id, balance;
	enum qt_err err = parties(call, &m, &customer_id);

	if (err == QT_OK)
		err = points_balance(call->db, m.id, customer_id, &balance);
	if (err == QT_OK)
		standing_json(call->reply, &m, customer_id, balance);
	return err;
}

static enum qt_err tell(struct call *call, const struct merchant *m, int64_t customer_id, int64_t points,
                        int64_t balance)
{
	char en[NOTICE_TEXT_MAX], zh[NOTICE_TEXT_MAX];

	snprintf(en, sizeof en, "%s: %+" PRId64 " points, you have %" PRId64 " now.", m->name, points, balance);
	snprintf(zh, sizeof zh, "%s：积分 %+" PRId64 "，现有 %" PRId64 " 分。", m->name_zh, points, balance);
	return notice_add(call->db, &(struct notice){ .customer_id = customer_id, .merchant_id = m->id, .kind = "points",
	                  .ref_id = m->id, .at_ms = call->now_ms, .text_en = en, .text_zh = zh });
}

static enum qt_err change(struct call *call, int sign, const char *action)
{
	const struct points_args *a = call->args;
	struct merchant m;
	int64_t customer_id, balance;
	char detail[NAME_MAX_BYTES + 32];
	enum qt_err err = parties(call, &m, &customer_id);

	if (err == QT_OK)
		err = points_change(call->db, m.id, customer_id, sign * a->points, actor_packed(&call->actor), call->now_ms,
		                    &balance,
		                    &call->problem);
	snprintf(detail, sizeof detail, "%" PRId64 ": %s", a->points, a->reason);
	if (err == QT_OK)
		err = audit_log_add(call->db, &call->actor, call->now_ms, action, customer_id, detail);
	if (err == QT_OK)
		err = tell(call, &m, customer_id, sign * a->points, balance);
	if (err == QT_OK)
		standing_json(call->reply, &m, customer_id, balance);
	return err;
}

static enum qt_err earn_post(struct call *call)
{
	return change(call, 1, "points-earn");
}

static enum qt_err spend_post(struct call *call)
{
	return change(call, -1, "points-spend");
}

const struct route points_routes[] = {
	{ .method = "GET", .path = "/v1/points", .roles = ROLE_CUSTOMER, .handle = schemes_get,
	  .help = "My points at each merchant." },
	{ .method = "POST", .path = "/v1/points/look", .roles = ROLES_TILL | ROLE_OWNER, .body_max = 1024,
	  .fields = look_fields, .args_size = sizeof(struct points_args), .handle = look_post,
	  .help = "A customer's points here, by identity code or by a card bound to the customer." },
	{ .method = "POST", .path = "/v1/points/earn", .roles = ROLES_BOSS, .flags = ROUTE_WRITE, .body_max = 1024,
	  .fields = change_fields, .args_size = sizeof(struct points_args), .handle = earn_post,
	  .help = "Give points outside a sale." },
	{ .method = "POST", .path = "/v1/points/spend", .roles = ROLES_TILL | ROLE_OWNER, .flags = ROUTE_WRITE,
	  .body_max = 1024, .fields = change_fields, .args_size = sizeof(struct points_args), .handle = spend_post,
	  .help = "Take points for a reward." },
};
const int points_route_count = (int)(sizeof points_routes / sizeof *points_routes);
