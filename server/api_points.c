/* api_points: routes of points outside a sale. Decode, call, reply; the rules are in points.c. */
#include "server/api_points.h"
#include "server/audit_log.h"
#include "server/card.h"
#include "server/customer.h"
#include "server/list.h"
#include "server/notice.h"
#include "server/payment.h"
#include "server/points.h"
#include "server/points_key.h"
#include "server/points_lot.h"
#include "server/points_offer.h"
#include "server/promotion.h"
#include "shared/buf.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define SCHEMES_MAX 200

/* Coupons that points buy at this level or below, each at its price for the highest. */
static enum qt_err vouchers_json(struct call *call, const struct merchant *m, int level)
{
	struct promotion *promotion = arena_alloc(call->arena, sizeof *promotion);
	struct points_offers offers;
	enum qt_err err = points_offers_get(call->db, m->id, &offers);

	json_array(call->reply, "vouchers");
	for (int i = 0; i < offers.count && err == QT_OK; i++) {
		const struct points_offer *x = &offers.list[i];
		bool best = x->kind == OFFER_VOUCHER && x->level <= level;
		for (int k = 0; k < offers.count; k++)
			if (offers.list[k].kind == OFFER_VOUCHER && offers.list[k].promotion_id == x->promotion_id &&
			    offers.list[k].level <= level && offers.list[k].level > x->level)
				best = false;
		if (!best)
			continue;
		err = promotion_get(call->db, m->id, x->promotion_id, promotion);
		if (err != QT_OK || promotion->rule.state != PROMO_RUNNING ||
		    (promotion->rule.ends_ms && promotion->rule.ends_ms <= call->now_ms))
			continue;
		json_object(call->reply, NULL);
		json_int(call->reply, "promotion_id", x->promotion_id);
		json_text(call->reply, "name", promotion->name);
		json_text(call->reply, "name_zh", promotion->name_zh);
		json_int(call->reply, "points", x->value);
		json_end(call->reply);
	}
	json_end(call->reply);
	return err;
}

/* Balance, what lapses next, the level, and what it may do. */
enum qt_err points_standing_json(struct call *call, const struct merchant *m, int64_t customer_id)
{
	int64_t account_id, balance = 0, next = 0, next_ms = 0, earned, discount_cents, earn_bp;
	struct points_scheme scheme;
	int level;
	enum qt_err err = points_scheme_get(call->db, m->id, &scheme);

	if (err == QT_OK)
		err = points_balance(call->db, m->id, customer_id, &balance);
	if (err == QT_OK)
		err = ledger_account_find(call->db, ACCOUNT_POINTS, customer_id, points_unit(m->id), &account_id);
	if (err == QT_OK)
		err = points_next_expiry(call->db, account_id, &next, &next_ms);
	if (err == QT_OK || err == QT_NOT_FOUND)
		err = points_level_of(call->db, &scheme, customer_id, call->now_ms, &earned, &level);
	if (err == QT_OK)
		err = points_offer_best(call->db, m->id, customer_id, OFFER_DISCOUNT, call->now_ms, &discount_cents);
	if (err == QT_OK)
		err = points_offer_best(call->db, m->id, customer_id, OFFER_EARN, call->now_ms, &earn_bp);
	if (err != QT_OK)
		return err;
	json_int(call->reply, "balance", balance);
	json_text(call->reply, "currency", currency_by_numeric(m->currency)->alpha);
	json_int(call->reply, "point_value_cents", m->point_value_cents);
	json_int(call->reply, "discount_value_cents", discount_cents);
	if (earn_bp > 0)
		json_int(call->reply, "earn_bp", earn_bp);
	if (next > 0) {
		json_int(call->reply, "next_points", next);
		json_int(call->reply, "next_expires_ms", next_ms);
	}
	if (level >= 0) {
		const struct points_level *l = &scheme.levels[level];
		json_text(call->reply, "level", l->name);
		json_text(call->reply, "level_zh", l->name_zh[0] ? l->name_zh : l->name);
		json_int(call->reply, "level_points", earned);
		if (level + 1 < scheme.level_count)
			json_int(call->reply, "next_level_points", scheme.levels[level + 1].from_points);
	}
	return vouchers_json(call, m, level > 0 ? level : 0);
}

static enum qt_err schemes_get(struct call *call)
{
	int64_t merchants[SCHEMES_MAX];
	int count;
	enum qt_err err = points_schemes(call->db, call->actor.customer_id, merchants, SCHEMES_MAX, &count);

	json_array(call->reply, "schemes");
	for (int i = 0; i < count && err == QT_OK; i++) {
		struct merchant m;
		err = merchant_get(call->db, merchants[i], &m);
		if (err != QT_OK)
			return err;
		json_object(call->reply, NULL);
		json_int(call->reply, "merchant_id", m.id);
		json_text(call->reply, "merchant_name", m.name);
		json_text(call->reply, "merchant_name_zh", m.name_zh);
		err = points_standing_json(call, &m, call->actor.customer_id);
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
	      .help = "or a card bound to the customer, or what the phone shows to collect or spend"),
	FIELDS_DONE
};
static const struct field change_fields[] = {
	FIELD(struct points_args, identity_code, TEXT, .min = 1, .max = CODE_URL_MAX,
	      .help = "the customer's identity code"),
	FIELD(struct points_args, code, TEXT, .flags = FIELD_SECRET, .min = 1, .max = CODE_URL_MAX,
	      .help = "or what the phone shows: made to collect or to spend, live for a minute, once"),
	FIELD(struct points_args, points, INT, .flags = FIELD_REQUIRED, .min = 1, .max = 1000000000, .help = "how many"),
	FIELD(struct points_args, reason, TEXT, .flags = FIELD_REQUIRED, .min = 1, .max = NAME_MAX_BYTES, .help = "why"),
	FIELDS_DONE
};

/* The customer whose phone made a sealed code. */
static enum qt_err by_phone(struct call *call, int64_t merchant_id, const char *text, int kind, struct points_claim *claim)
{
	enum qt_err err = points_key_claim(call, merchant_id, text, kind, claim);

	if (err == QT_OK || err == QT_STORE)
		return err;
	return problem_set(&call->problem, err, "code", err == QT_WRONG_KIND ? "the phone shows a code for the other thing"
	                   : "ask the customer to show a new code");
}

/* The merchant, whose points must be open, and the customer of the code given. `kind`: of a phone's code, 0: any; its claim is
 * to be used when all is done (key_id 0: it was another code). */
static enum qt_err parties(struct call *call, int kind, struct merchant *m, int64_t *customer_id,
                           struct points_claim *claim)
{
	struct points_code sealed;
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
	if (points_code_read(a->code, &sealed) == QT_OK) {
		err = by_phone(call, m->id, a->code, kind, claim);
		*customer_id = claim->customer_id;
		return err;
	}
	if (kind != 0) /* a card is only looked at */
		return problem_set(&call->problem, QT_BAD_CODE, "code", "not what a phone shows to collect or spend points");
	err = card_by_code(call->db, call->server, m->id, a->code, call->now_ms, &c);
	if (err == QT_OK && c.customer_id == 0)
		return problem_set(&call->problem, QT_NOT_FOUND, "code", "the card is bound to nobody");
	*customer_id = c.customer_id;
	return err == QT_OK ? err : problem_set(&call->problem, err, "code", "%s", "");
}

static enum qt_err look_post(struct call *call)
{
	struct merchant m;
	struct points_claim claim = { 0 };
	int64_t customer_id;
	enum qt_err err = parties(call, 0, &m, &customer_id, &claim);

	if (err != QT_OK)
		return err;
	json_int(call->reply, "customer_id", customer_id);
	return points_standing_json(call, &m, customer_id);
}

enum qt_err points_tell(struct call *call, const struct merchant *m, int64_t customer_id, int64_t points,
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
	struct points_claim claim = { 0 };
	char detail[NAME_MAX_BYTES + 32];
	enum qt_err err = parties(call, sign > 0 ? POINTS_CODE_COLLECT : POINTS_CODE_SPEND, &m, &customer_id, &claim);

	if (err == QT_OK)
		err = points_change(call->db, m.id, customer_id, sign * a->points, actor_packed(&call->actor), call->now_ms,
		                    &balance,
		                    &call->problem);
	snprintf(detail, sizeof detail, "%" PRId64 ": %s", a->points, a->reason);
	if (err == QT_OK)
		err = audit_log_add(call->db, &call->actor, call->now_ms, action, customer_id, detail);
	if (err == QT_OK && claim.key_id)
		err = points_key_use(call->db, &claim);
	if (err == QT_OK)
		err = points_tell(call, &m, customer_id, sign * a->points, balance);
	if (err != QT_OK)
		return err;
	json_int(call->reply, "customer_id", customer_id);
	return points_standing_json(call, &m, customer_id);
}

static enum qt_err earn_post(struct call *call)
{
	return change(call, 1, "points-earn");
}

static enum qt_err spend_post(struct call *call)
{
	return change(call, -1, "points-spend");
}

/* ---- joining ---- */

struct join_args {
	int64_t merchant_id;
	const char *code, *public_key;
};
static const struct field join_fields[] = {
	FIELD(struct join_args, merchant_id, INT, .min = 1, .max = INT64_MAX, .help = "whose scheme"),
	FIELD(struct join_args, code, TEXT, .min = 1, .max = CODE_URL_MAX,
	      .help = "or a code to pay by that the shop shows, as the one on the counter"),
	FIELD(struct join_args, public_key, TEXT, .flags = FIELD_REQUIRED, .min = 1, .max = 100,
	      .help = "the phone's: a point of P-256, uncompressed, base64url"),
	FIELDS_DONE
};

static enum qt_err join_merchant(struct call *call, struct merchant *m)
{
	const struct join_args *a = call->args;
	struct pay_target target;
	int64_t merchant_id = a->merchant_id;
	enum qt_err err = QT_OK;

	if ((a->merchant_id != 0) == (a->code != NULL))
		return problem_set(&call->problem, QT_MISSING_FIELD, "merchant_id", "give either merchant_id or code");
	if (a->code)
		err = pay_target(call, a->code, &target);
	if (err != QT_OK)
		return problem_set(&call->problem, err, "code", "not a code of a shop");
	if (a->code)
		merchant_id = target.merchant_id;
	err = merchant_get(call->db, merchant_id, m);
	if (err != QT_OK)
		return problem_set(&call->problem, err, "merchant_id", "there is no such merchant");
	return merchant_check_part(m, PART_POINTS, &call->problem);
}

/* The reply is the message of fixed format (qrtill-code(5)) out of which the phone makes the key. */
static enum qt_err join_post(struct call *call)
{
	const struct join_args *a = call->args;
	uint8_t phone[CRYPTO_POINT_SIZE], point[CRYPTO_POINT_SIZE];
	char text[CRYPTO_POINT_SIZE * 2];
	struct merchant m;
	int64_t number;
	enum qt_err err = join_merchant(call, &m);

	if (err == QT_OK && base64url_decode(a->public_key, strlen(a->public_key), phone, sizeof phone) != sizeof phone)
		return problem_set(&call->problem, QT_BAD_FIELD, "public_key", "must be 65 bytes as base64url");
	if (err == QT_OK)
		err = points_key_add(call, m.id, phone, &number, point);
	if (err == QT_OK)
		err = audit_log_add(call->db, &call->actor, call->now_ms, "points-join", m.id, NULL);
	if (err != QT_OK)
		return err;
	base64url_encode(point, sizeof point, text);
	call->status = 201;
	json_text(call->reply, "format", "qrtill-points-1");
	json_int(call->reply, "merchant_id", m.id);
	json_text(call->reply, "merchant_name", m.name);
	json_text(call->reply, "merchant_name_zh", m.name_zh);
	json_int(call->reply, "number", number);
	json_text(call->reply, "server_key", text);
	json_int(call->reply, "step_ms", POINTS_CODE_STEP_MS);
	json_int(call->reply, "now_ms", call->now_ms);
	return QT_OK;
}

const struct route points_routes[] = {
	{ .method = "POST", .path = "/v1/points/join", .roles = ROLE_CUSTOMER, .flags = ROUTE_WRITE, .body_max = 1024,
	  .fields = join_fields, .args_size = sizeof(struct join_args), .handle = join_post,
	  .help = "Join a merchant's points scheme: what the phone needs to make its key for it." },
	{ .method = "GET", .path = "/v1/points", .roles = ROLE_CUSTOMER, .handle = schemes_get,
	  .help = "My points at each merchant, what of them lapses next, and my level." },
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
