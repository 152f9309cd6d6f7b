/* api_points_scheme: routes of a merchant's points scheme: levels, what points are good for, and the vouchers they buy.
 * Decode, call, reply; the rules are in points_scheme.c and points_offer.c. */
#include "server/api_points.h"
#include "server/audit_log.h"
#include "server/customer.h"
#include "server/list.h"
#include "server/points.h"
#include "server/points_offer.h"
#include "server/promotion.h"
#include "shared/buf.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

struct level_args {
	int64_t from_points;
	const char *name, *name_zh;
};
struct offer_args {
	int kind; /* enum points_offer_kind, less 1 */
	int64_t level, value_cents, rate_bp, points, promotion_id;
};
struct scheme_args {
	int64_t lifetime_days, level_days, cash_value_cents;
	struct field_list levels, offers;
};
static const struct field level_fields[] = {
	FIELD(struct level_args, from_points, INT, .flags = FIELD_REQUIRED, .min = 0, .max = MONEY_MAX,
	      .help = "points earned within level_days; the first is from 0"),
	FIELD(struct level_args, name, TEXT, .flags = FIELD_REQUIRED, .min = 1, .max = LEVEL_NAME_MAX, .help = "its name"),
	FIELD(struct level_args, name_zh, TEXT, .min = 1, .max = LEVEL_NAME_MAX, .help = "its Chinese name"),
	FIELDS_DONE
};
static const char *const kind_words[] = {
#define X(name, number, wire, member) wire,
	POINTS_OFFERS(X)
#undef X
	NULL
};
static const struct field offer_fields[] = {
	FIELD(struct offer_args, kind, CHOICE, .flags = FIELD_REQUIRED, .choices = kind_words,
	      .help = "discount: points lower the price at the till; earn: what a level earns; voucher: points buy a coupon"),
	FIELD(struct offer_args, level, INT, .min = 0, .max = POINTS_LEVELS_MAX - 1,
	      .help = "for this level and those above, by its place in levels; 0: everybody"),
	FIELD(struct offer_args, value_cents, INT, .min = 1, .max = 1000000,
	      .help = "discount: minor units a point takes off"),
	FIELD(struct offer_args, rate_bp, INT, .min = 1, .max = 1000000,
	      .help = "earn: basis points of what everybody earns; 15000 is half as much again"),
	FIELD(struct offer_args, points, INT, .min = 1, .max = 1000000000, .help = "voucher: what it costs"),
	FIELD(struct offer_args, promotion_id, INT, .min = 1, .max = INT64_MAX,
	      .help = "voucher: the promotion whose coupon it is; it must ask for single codes"),
	FIELDS_DONE
};
static const struct field scheme_fields[] = {
	FIELD(struct scheme_args, lifetime_days, INT, .min = 0, .max = 3650,
	      .help = "days until points lapse that are earned from now on; 0: never"),
	FIELD(struct scheme_args, level_days, INT, .min = 1, .max = 3650, .fallback = 365,
	      .help = "points of so many days back make the level"),
	FIELD(struct scheme_args, cash_value_cents, INT, .min = 0, .max = 1000000,
	      .help = "what a point is worth when it is paid out in cash, minor units; 0: it is not"),
	FIELD(struct scheme_args, levels, LIST, .min = 0, .max = POINTS_LEVELS_MAX, .sub = level_fields,
	      .sub_size = sizeof(struct level_args), .help = "levels, the lowest first"),
	FIELD(struct scheme_args, offers, LIST, .min = 0, .max = POINTS_OFFERS_MAX, .sub = offer_fields,
	      .sub_size = sizeof(struct offer_args), .help = "what points are good for besides paying; by the highest level "
	                                                     "a customer has reached"),
	FIELDS_DONE
};

static const char *const value_members[] = {
#define X(name, number, wire, member) [number] = member,
	POINTS_OFFERS(X)
#undef X
};

static void offers_json(struct json *j, const struct points_offers *o)
{
	json_array(j, "offers");
	for (int i = 0; i < o->count; i++) {
		const struct points_offer *x = &o->list[i];
		json_object(j, NULL);
		json_text(j, "kind", kind_words[x->kind - 1]);
		json_int(j, "level", x->level);
		json_int(j, value_members[x->kind], x->value);
		if (x->promotion_id)
			json_int(j, "promotion_id", x->promotion_id);
		json_end(j);
	}
	json_end(j);
}

static void scheme_json(struct json *j, const struct points_scheme *p, const struct points_offers *o)
{
	json_int(j, "lifetime_days", p->lifetime_days);
	json_int(j, "level_days", p->level_days);
	json_int(j, "cash_value_cents", p->cash_value_cents);
	json_array(j, "levels");
	for (int i = 0; i < p->level_count; i++) {
		json_object(j, NULL);
		json_int(j, "from_points", p->levels[i].from_points);
		json_text(j, "name", p->levels[i].name);
		if (p->levels[i].name_zh[0])
			json_text(j, "name_zh", p->levels[i].name_zh);
		json_end(j);
	}
	json_end(j);
	offers_json(j, o);
}

static enum qt_err scheme_get(struct call *call)
{
	struct points_scheme p;
	struct points_offers o;
	struct merchant m;
	enum qt_err err = call_merchant(call, &m);

	if (err == QT_OK)
		err = points_scheme_get(call->db, m.id, &p);
	if (err == QT_OK)
		err = points_offers_get(call->db, m.id, &o);
	if (err == QT_OK)
		scheme_json(call->reply, &p, &o);
	return err;
}

static void read_offers(const struct scheme_args *a, struct points_offers *o)
{
	const struct offer_args *given = a->offers.items;

	o->count = a->offers.count;
	for (int i = 0; i < o->count; i++) {
		const int64_t values[] = { given[i].value_cents, given[i].rate_bp, given[i].points };
		o->list[i] = (struct points_offer){ given[i].kind + 1, given[i].level, values[given[i].kind],
			given[i].promotion_id };
	}
}

static enum qt_err scheme_post(struct call *call)
{
	const struct scheme_args *a = call->args;
	const struct level_args *levels = a->levels.items;
	struct points_scheme p = { .lifetime_days = a->lifetime_days, .level_days = a->level_days,
		.cash_value_cents = a->cash_value_cents, .level_count = a->levels.count };
	struct points_offers offers;
	struct merchant m;
	enum qt_err err = call_merchant(call, &m);

	read_offers(a, &offers);
	for (int i = 0; i < p.level_count; i++) {
		p.levels[i].from_points = levels[i].from_points;
		snprintf(p.levels[i].name, sizeof p.levels[i].name, "%s", levels[i].name);
		snprintf(p.levels[i].name_zh, sizeof p.levels[i].name_zh, "%s", levels[i].name_zh ? levels[i].name_zh : "");
	}
	p.merchant_id = m.id;
	if (err == QT_OK)
		err = points_scheme_put(call->db, &p, &call->problem);
	if (err == QT_OK)
		err = points_offers_put(call->db, &p, &offers, &call->problem);
	if (err == QT_OK)
		err = audit_log_add(call->db, &call->actor, call->now_ms, "points-scheme", m.id, NULL);
	if (err == QT_OK)
		scheme_json(call->reply, &p, &offers);
	return err;
}

/* ---- vouchers ---- */

struct voucher_args {
	int64_t promotion_id;
	const char *identity_code;
};
static const struct field voucher_fields[] = {
	FIELD(struct voucher_args, promotion_id, INT, .flags = FIELD_REQUIRED, .min = 1, .max = INT64_MAX,
	      .help = "the promotion whose coupon points buy"),
	FIELD(struct voucher_args, identity_code, TEXT, .min = 1, .max = CODE_URL_MAX,
	      .help = "at the till: the customer's identity code"),
	FIELDS_DONE
};

/* Who buys, and of whom: at a till its own merchant's; on the phone whose the promotion is. */
static enum qt_err voucher_parties(struct call *call, struct merchant *m, struct promotion *promotion,
                                   int64_t *customer_id)
{
	const struct voucher_args *a = call->args;
	bool phone = call->actor.role == ROLE_CUSTOMER;
	enum qt_err err = phone ? QT_OK : call_merchant(call, m);

	*customer_id = call->actor.customer_id;
	if (err == QT_OK && !phone && a->identity_code == NULL)
		return problem_set(&call->problem, QT_MISSING_FIELD, "identity_code", "the customer's identity code");
	if (err == QT_OK && !phone)
		err = customer_by_identity(call->server, a->identity_code, call->now_ms, customer_id);
	if (err != QT_OK)
		return call->problem.err != QT_OK ? err : problem_set(&call->problem, err, "identity_code", "%s", "");
	err = promotion_get(call->db, phone ? 0 : m->id, a->promotion_id, promotion);
	if (err != QT_OK)
		return problem_set(&call->problem, err, "promotion_id", "points do not buy this");
	if (phone)
		err = merchant_get(call->db, promotion->merchant_id, m);
	return err == QT_OK ? merchant_check_part(m, PART_POINTS, &call->problem) : err;
}

static enum qt_err voucher_post(struct call *call)
{
	struct promotion *promotion = arena_alloc(call->arena, sizeof *promotion);
	struct merchant m;
	struct coupon coupon;
	int64_t customer_id, points = 0, balance;
	char url[CODE_URL_MAX], detail[64];

	enum qt_err err = voucher_parties(call, &m, promotion, &customer_id);
	if (err == QT_OK)
		err = points_voucher_buy(call, m.id, customer_id, promotion->rule.id, &coupon, &points);
	snprintf(detail, sizeof detail, "%" PRId64 ": coupon %" PRId64, points, err == QT_OK ? coupon.id : 0);
	if (err == QT_OK)
		err = audit_log_add(call->db, &call->actor, call->now_ms, "points-voucher", customer_id, detail);
	if (err == QT_OK)
		err = points_balance(call->db, m.id, customer_id, &balance);
	if (err == QT_OK)
		err = points_tell(call, &m, customer_id, -points, balance);
	if (err != QT_OK)
		return err;
	json_int(call->reply, "coupon_id", coupon.id);
	json_int(call->reply, "promotion_id", promotion->rule.id);
	json_text(call->reply, "name", promotion->name);
	json_text(call->reply, "name_zh", promotion->name_zh);
	json_text(call->reply, "code", coupon_code_url(call->server, &coupon, url));
	json_int(call->reply, "points", points);
	json_int(call->reply, "balance", balance);
	return QT_OK;
}

const struct route points_scheme_routes[] = {
	{ .method = "GET", .path = "/v1/points/scheme", .roles = ROLES_STAFF, .handle = scheme_get,
	  .help = "The merchant's points scheme: how long points live, levels, and what points are good for." },
	{ .method = "POST", .path = "/v1/points/scheme", .roles = ROLE_OWNER | ROLE_OPERATOR, .flags = ROUTE_WRITE,
	  .body_max = 16384, .fields = scheme_fields, .args_size = sizeof(struct scheme_args), .handle = scheme_post,
	  .help = "Overwrite it, offers too; points that were earned before keep their end." },
	{ .method = "POST", .path = "/v1/points/vouchers", .roles = ROLE_CUSTOMER | ROLES_TILL | ROLE_OWNER,
	  .flags = ROUTE_WRITE | ROUTE_SECRET, .body_max = 1024, .fields = voucher_fields, .args_size = sizeof(struct voucher_args),
	  .handle = voucher_post, .help = "Points buy a coupon of a promotion, which the customer's wallet keeps." },
};
const int points_scheme_route_count = (int)(sizeof points_scheme_routes / sizeof *points_scheme_routes);
