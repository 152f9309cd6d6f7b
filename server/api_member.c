/* api_member: routes of what a merchant knows of its customers: level and birthday, and certificates by which they pay no
 * tax. The rules are in member.c and exemption.c. */
#include "server/audit_log.h"
#include "server/customer.h"
#include "server/exemption.h"
#include "server/list.h"
#include "server/member.h"
#include "server/merchant.h"
#include "server/points.h"
#include "server/ratelimit.h"
#include "shared/promo.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

/* ---- members ---- */

struct member_args {
	const char *identity_code;
	int64_t level, birthday;
};
static const struct field member_fields[] = {
	FIELD(struct member_args, identity_code, TEXT, .flags = FIELD_REQUIRED, .min = 1, .max = CODE_URL_MAX,
	      .help = "the customer's"),
	FIELD(struct member_args, level, INT, .min = 0, .max = PROMO_LEVEL_MOST, .fallback = -1,
	      .help = "0: none; as it was when absent"),
	FIELD(struct member_args, birthday, INT, .min = 0, .max = 1231, .fallback = -1,
	      .help = "month times 100 plus day, 0: not told; as it was when absent"),
	FIELDS_DONE
};

static enum qt_err members_post(struct call *call)
{
	const struct member_args *a = call->args;
	struct member was;
	struct merchant m;
	int64_t customer_id;
	char detail[48];

	enum qt_err err = call_merchant(call, &m);
	if (err == QT_OK && customer_by_identity(call->server, a->identity_code, call->now_ms, &customer_id) != QT_OK)
		return problem_set(&call->problem, QT_WRONG_KIND, "identity_code", "an identity code is needed");
	if (err == QT_OK)
		err = member_get(call->db, m.id, customer_id, &was);
	if (err == QT_OK && a->birthday > 0 && !member_birthday_valid(a->birthday))
		return problem_set(&call->problem, QT_BAD_FIELD, "birthday", "no date of a year");
	if (err != QT_OK)
		return err;
	was.level = a->level >= 0 ? a->level : was.level;
	was.birthday = a->birthday >= 0 ? a->birthday : was.birthday;
	err = member_put(call->db, &was);
	snprintf(detail, sizeof detail, "level %" PRId64, was.level);
	if (err == QT_OK)
		err = audit_log_add(call->db, &call->actor, call->now_ms, "member-set", customer_id, detail);
	json_int(call->reply, "customer_id", customer_id);
	json_int(call->reply, "level", was.level);
	json_int(call->reply, "birthday", was.birthday);
	return err;
}

/* ---- looking up ---- */

struct find_args {
	const char *identity_code;
};
static const struct field find_fields[] = {
	FIELD(struct find_args, identity_code, TEXT, .flags = FIELD_REQUIRED, .min = 1, .max = CODE_URL_MAX,
	      .help = "the customer's"),
	FIELDS_DONE
};

/* What a till shows of a customer: the standing, not who it is. */
static enum qt_err standing_json(struct call *call, const struct merchant *m, int64_t customer_id)
{
	struct json *j = call->reply;
	struct exemption e;
	struct member member;
	int64_t points = 0;

	enum qt_err err = member_get(call->db, m->id, customer_id, &member);
	if (err == QT_OK)
		err = points_balance(call->db, m->id, customer_id, &points);
	if (err != QT_OK)
		return err;
	json_object(j, NULL);
	json_int(j, "customer_id", customer_id);
	json_int(j, "level", member.level);
	json_int(j, "points", points);
	err = exemption_find(call->db, m->id, customer_id, call->now_ms, &e);
	if (err == QT_OK)
		json_text(j, "tax_certificate", e.certificate);
	json_end(j);
	return err == QT_NOT_FOUND ? QT_OK : err;
}

static enum qt_err find_post(struct call *call)
{
	const struct find_args *a = call->args;
	int64_t customer_id;
	struct merchant m;

	enum qt_err err = call_merchant(call, &m);
	if (err == QT_OK && customer_by_identity(call->server, a->identity_code, call->now_ms, &customer_id) != QT_OK)
		return problem_set(&call->problem, QT_WRONG_KIND, "identity_code", "an identity code is needed");
	if (err != QT_OK)
		return err;
	json_array(call->reply, "customers");
	err = standing_json(call, &m, customer_id);
	json_end(call->reply);
	return err;
}

/* ---- tax exemptions ---- */

struct exemption_args {
	const char *identity_code, *certificate;
	int64_t from_ms, until_ms;
};
static const struct field exemption_fields[] = {
	FIELD(struct exemption_args, identity_code, TEXT, .flags = FIELD_REQUIRED, .min = 1, .max = CODE_URL_MAX,
	      .help = "the customer's"),
	FIELD(struct exemption_args, certificate, TEXT, .flags = FIELD_REQUIRED, .min = 1, .max = CERTIFICATE_MAX,
	      .help = "its number, as it is written there"),
	FIELD(struct exemption_args, from_ms, INT, .min = 0, .max = INT64_MAX / 2, .fallback = -1,
	      .help = "good from then on, unix ms; from now on when absent"),
	FIELD(struct exemption_args, until_ms, INT, .min = 0, .max = INT64_MAX / 2,
	      .help = "good before, unix ms; 0: it has no end"),
	FIELDS_DONE
};

static const char *exemption_state(const struct exemption *e, int64_t now_ms)
{
	if (e->ended_ms != 0 && now_ms >= e->ended_ms)
		return "ended";
	return exemption_is_good(e, now_ms) ? "good" : now_ms < e->from_ms ? "not-yet" : "over";
}

static void exemption_json(struct call *call, const struct exemption *e)
{
	struct json *j = call->reply;

	json_int(j, "exemption_id", e->id);
	json_int(j, "customer_id", e->customer_id);
	json_text(j, "certificate", e->certificate);
	json_int(j, "from_ms", e->from_ms);
	json_int(j, "until_ms", e->until_ms);
	json_text(j, "state", exemption_state(e, call->now_ms));
	json_int(j, "ended_ms", e->ended_ms);
}

static enum qt_err exemptions_post(struct call *call)
{
	const struct exemption_args *a = call->args;
	struct exemption e = { .from_ms = a->from_ms >= 0 ? a->from_ms : call->now_ms, .until_ms = a->until_ms,
		.created_ms = call->now_ms, .actor_id = actor_packed(&call->actor) };
	char detail[96];
	struct merchant m;

	enum qt_err err = call_merchant(call, &m);
	if (err == QT_OK && customer_by_identity(call->server, a->identity_code, call->now_ms, &e.customer_id) != QT_OK)
		return problem_set(&call->problem, QT_WRONG_KIND, "identity_code", "an identity code is needed");
	if (err == QT_OK && e.until_ms != 0 && (e.until_ms <= e.from_ms || e.until_ms <= call->now_ms))
		return problem_set(&call->problem, QT_OUT_OF_RANGE, "until_ms", "it is over before it begins, or already");
	if (err != QT_OK)
		return err;
	e.merchant_id = m.id;
	text_set(e.certificate, sizeof e.certificate, a->certificate);
	err = exemption_add(call->db, &e);
	snprintf(detail, sizeof detail, "customer %" PRId64 " by %s", e.customer_id, e.certificate);
	if (err == QT_OK)
		err = audit_log_add(call->db, &call->actor, call->now_ms, "tax-exempt", e.id, detail);
	call->status = 201;
	exemption_json(call, &e);
	return err;
}

static enum qt_err exemption_row(struct call *call, int64_t merchant_id, int64_t id)
{
	struct exemption e;
	enum qt_err err = exemption_get(call->db, merchant_id, id, &e);

	if (err == QT_OK)
		exemption_json(call, &e);
	return err;
}

static enum qt_err exemptions_get(struct call *call)
{
	LIST_SQL(up, down, "tax_exemption", "merchant_id");
	struct merchant m;
	enum qt_err err = call_merchant(call, &m);

	return err == QT_OK ? list_rows(call, "exemptions", &up, &down, m.id, exemption_row) : err;
}

static enum qt_err exemption_end_post(struct call *call)
{
	struct exemption e;
	struct merchant m;

	enum qt_err err = call_merchant(call, &m);
	if (err == QT_OK)
		err = exemption_get(call->db, m.id, call->id, &e);
	if (err == QT_NOT_FOUND)
		return problem_set(&call->problem, err, "", "there is no such exemption");
	if (err == QT_OK && e.ended_ms != 0)
		return problem_set(&call->problem, QT_CONFLICT, "", "it was taken back already");
	if (err == QT_OK)
		err = exemption_end(call->db, e.id, call->now_ms);
	if (err == QT_OK)
		err = audit_log_add(call->db, &call->actor, call->now_ms, "tax-exempt-end", e.id, e.certificate);
	e.ended_ms = call->now_ms;
	if (err == QT_OK)
		exemption_json(call, &e);
	return err;
}

const struct route member_routes[] = {
	{ .method = "POST", .path = "/v1/members", .roles = ROLES_BOSS, .flags = ROUTE_WRITE, .fields = member_fields,
	  .args_size = sizeof(struct member_args), .handle = members_post,
	  .help = "Set a customer's level and birthday at this merchant." },
	{ .method = "POST", .path = "/v1/members/find", .roles = ROLES_TILL | ROLES_BOSS, .limit = LIMIT_MEMBER,
	  .fields = find_fields, .args_size = sizeof(struct find_args), .handle = find_post,
	  .help = "What a till may know of a customer: level, points, and whether no tax is due." },
	{ .method = "POST", .path = "/v1/tax-exemptions", .roles = ROLES_BOSS, .flags = ROUTE_WRITE, .body_max = 1024,
	  .fields = exemption_fields, .args_size = sizeof(struct exemption_args), .handle = exemptions_post,
	  .help = "Write down a certificate by which a customer pays no tax at this merchant." },
	{ .method = "GET", .path = "/v1/tax-exemptions", .roles = ROLES_BOSS, .fields = list_both_fields,
	  .args_size = sizeof(struct list_args), .handle = exemptions_get,
	  .help = "Customers who pay no tax, and by which certificates." },
	{ .method = "POST", .path = "/v1/tax-exemptions/:id/end", .roles = ROLES_BOSS, .flags = ROUTE_WRITE,
	  .handle = exemption_end_post, .help = "Take a certificate back: from now on the customer pays tax." },
};
const int member_route_count = sizeof member_routes / sizeof *member_routes;
