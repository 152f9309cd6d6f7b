/* api_coupon: routes of coupons: batches of single codes, what one is, and a customer's own. Also of what promotions ask
 * for: sections of the catalogue. */
#include "server/audit_log.h"
#include "server/coupon.h"
#include "server/customer.h"
#include "server/landing_shop.h"
#include "server/list.h"
#include "server/promotion.h"
#include "server/ratelimit.h"

#include <inttypes.h>
#include <stdio.h>

/* ---- batches ---- */

struct batch_args {
	int64_t promotion_id, count, expires_ms;
	const char *name;
};
static const struct field batch_fields[] = {
	FIELD(struct batch_args, promotion_id, INT, .flags = FIELD_REQUIRED, .min = 1, .max = INT64_MAX,
	      .help = "one that applies by code"),
	FIELD(struct batch_args, count, INT, .flags = FIELD_REQUIRED, .min = 1, .max = COUPON_BATCH_MAX,
	      .help = "how many codes"),
	FIELD(struct batch_args, expires_ms, INT, .min = 1, .max = INT64_MAX / 2,
	      .help = "not accepted from then on; with the promotion when absent"),
	FIELD(struct batch_args, name, TEXT, .min = 1, .max = NAME_MAX_BYTES, .help = "for the merchant's own list"),
	FIELDS_DONE
};

static enum qt_err batch_post(struct call *call)
{
	const struct batch_args *a = call->args;
	struct promotion *p = arena_alloc(call->arena, sizeof *p);
	struct coupon_batch b = { .promotion_id = a->promotion_id, .count = a->count, .expires_ms = a->expires_ms,
		.created_ms = call->now_ms };
	struct merchant m;
	char detail[48];

	enum qt_err err = call_merchant(call, &m);
	if (err != QT_OK)
		return err;
	err = promotion_get(call->db, m.id, a->promotion_id, p);
	if (err == QT_NOT_FOUND)
		return problem_set(&call->problem, err, "promotion_id", "there is no such promotion");
	if (err == QT_OK && !p->rule.by_code)
		return problem_set(&call->problem, QT_CONFLICT, "promotion_id", "it applies without a code");
	if (err == QT_OK && p->rule.state == PROMO_STOPPED)
		return problem_set(&call->problem, QT_CONFLICT, "promotion_id", "it was stopped");
	if (err == QT_OK && a->expires_ms && a->expires_ms <= call->now_ms)
		return problem_set(&call->problem, QT_OUT_OF_RANGE, "expires_ms", "it is over already");
	b.merchant_id = m.id;
	text_set(b.name, sizeof b.name, a->name);
	if (err == QT_OK)
		err = coupon_batch_add(call->db, &b);
	snprintf(detail, sizeof detail, "%" PRId64 " coupons", b.count);
	if (err == QT_OK)
		err = audit_log_add(call->db, &call->actor, call->now_ms, "coupon-batch-add", b.id, detail);
	if (err != QT_OK)
		return err;
	call->status = 201;
	json_int(call->reply, "batch_id", b.id);
	json_int(call->reply, "count", b.count);
	return QT_OK;
}

static enum qt_err batch_json(struct call *call, int64_t merchant_id, int64_t id)
{
	SQL(counts, "SELECT COALESCE(SUM(CASE WHEN state = 3 THEN 1 ELSE 0 END), 0), COALESCE(SUM(CASE WHEN state = 2 THEN 1 "
	            "ELSE 0 END), 0) FROM coupon WHERE id >= $1 AND id < $2");
	struct coupon_batch b;
	int64_t used, held;

	enum qt_err err = coupon_batch_get(call->db, merchant_id, id, &b);
	if (err == QT_OK)
		err = db_one(call->db, &counts, "ii", b.first_coupon_id, b.first_coupon_id + b.count, "ii", &used, &held);
	if (err != QT_OK)
		return err;
	json_int(call->reply, "batch_id", b.id);
	json_int(call->reply, "promotion_id", b.promotion_id);
	json_text(call->reply, "name", b.name);
	json_int(call->reply, "count", b.count);
	json_int(call->reply, "used", used);
	json_int(call->reply, "held", held);
	json_int(call->reply, "expires_ms", b.expires_ms);
	json_int(call->reply, "created_ms", b.created_ms);
	json_int(call->reply, "exported_ms", b.exported_ms);
	return QT_OK;
}

static enum qt_err batches_get(struct call *call)
{
	SQL(ids_of, "SELECT id FROM coupon_batch WHERE merchant_id = $1 AND id > $2 ORDER BY id LIMIT $3");
	int64_t ids[LIST_MAX];
	struct merchant m;
	int count;

	enum qt_err err = call_merchant(call, &m);
	if (err == QT_OK)
		err = list_ids(call->db, &ids_of, m.id, call->args, ids, &count);
	if (err != QT_OK)
		return err;
	json_array(call->reply, "batches");
	for (int i = 0; i < count && err == QT_OK; i++) {
		json_object(call->reply, NULL);
		err = batch_json(call, m.id, ids[i]);
		json_end(call->reply);
	}
	list_finish(call, call->args, ids, count);
	return err;
}

static enum qt_err export_post(struct call *call)
{
	struct coupon_batch b;
	struct merchant m;
	char url[CODE_URL_MAX];

	enum qt_err err = call_merchant(call, &m);
	if (err == QT_OK)
		err = coupon_batch_export(call->db, call->server, m.id, call->id, call->now_ms, &b);
	if (err == QT_CONFLICT)
		return problem_set(&call->problem, err, "", "the codes were given out already; they are shown once");
	if (err == QT_OK)
		err = audit_log_add(call->db, &call->actor, call->now_ms, "coupon-batch-export", call->id, NULL);
	if (err != QT_OK)
		return err;
	json_array(call->reply, "coupons");
	for (int64_t id = b.first_coupon_id; id < b.first_coupon_id + b.count; id++) {
		const struct coupon c = { .id = id, .batch_id = b.id };
		json_object(call->reply, NULL);
		json_int(call->reply, "coupon_id", id);
		json_text(call->reply, "code", coupon_code_url(call->server, &c, url));
		json_end(call->reply);
	}
	json_end(call->reply);
	return QT_OK;
}

/* ---- one coupon ---- */

static enum qt_err write_coupon(struct call *call, const struct coupon *c, struct json *j)
{
	struct promotion *p = arena_alloc(call->arena, sizeof *p);
	struct merchant m;

	enum qt_err err = promotion_get(call->db, 0, c->promotion_id, p);
	if (err == QT_OK)
		err = merchant_get(call->db, c->merchant_id, &m);
	if (err != QT_OK)
		return err;
	int64_t ends_ms = c->expires_ms && (p->rule.ends_ms == 0 || c->expires_ms < p->rule.ends_ms) ? c->expires_ms
	                                                                                            : p->rule.ends_ms;
	bool over = c->state == COUPON_FRESH && ((ends_ms && call->now_ms >= ends_ms) || p->rule.state == PROMO_STOPPED);
	json_int(j, "coupon_id", c->id);
	json_text(j, "name", p->name);
	json_text(j, "name_zh", p->name_zh);
	json_text(j, "merchant_name", m.name);
	json_text(j, "merchant_name_zh", m.name_zh);
	json_text(j, "state", over ? "expired" : coupon_state_name(c->state));
	json_bool(j, "usable", c->state == COUPON_FRESH && !over);
	json_int(j, "expires_ms", ends_ms);
	json_int(j, "min_cents", p->rule.min_cents);
	json_text(j, "currency", currency_by_numeric(m.currency)->alpha);
	return QT_OK;
}

struct code_args {
	const char *code;
};
static const struct field code_fields[] = {
	FIELD(struct code_args, code, TEXT, .flags = FIELD_REQUIRED | FIELD_SECRET, .min = 1, .max = CODE_URL_MAX,
	      .help = "the coupon's code"),
	FIELDS_DONE
};

/* One refusal for all that is not a coupon of this merchant (0: of any). */
static enum qt_err coupon_of_text(struct call *call, int64_t merchant_id, struct coupon *c)
{
	const struct code_args *a = call->args;
	char token[CODE_TOKEN_MAX];
	struct code code;
	enum qt_err err = QT_NOT_FOUND;

	if (code_token_of(a->code, call->server->settings.public_url, token) != NULL &&
	    code_read(&call->server->keys, token, call->now_ms, &code) == QT_OK && code.kind == CODE_COUPON)
		err = coupon_by_read_code(call->db, call->server, merchant_id, &code, c);
	return err == QT_NOT_FOUND ? problem_set(&call->problem, err, "code", "no coupon of this shop") : err;
}

static enum qt_err look_post(struct call *call)
{
	struct coupon c;
	struct merchant m;

	enum qt_err err = call_merchant(call, &m);
	if (err == QT_OK)
		err = coupon_of_text(call, m.id, &c);
	return err == QT_OK ? write_coupon(call, &c, call->reply) : err;
}

static enum qt_err keep_post(struct call *call)
{
	struct coupon c;

	enum qt_err err = coupon_of_text(call, 0, &c);
	if (err == QT_OK)
		err = coupon_keep(call->db, &c, call->actor.customer_id);
	if (err == QT_CONFLICT)
		return problem_set(&call->problem, err, "code", "somebody else keeps this coupon");
	return err == QT_OK ? write_coupon(call, &c, call->reply) : err;
}

static enum qt_err mine_get(struct call *call)
{
	SQL(ids_of, "SELECT id FROM coupon WHERE customer_id = $1 AND id > $2 ORDER BY id LIMIT $3");
	int64_t ids[LIST_MAX];
	int count;

	enum qt_err err = list_ids(call->db, &ids_of, call->actor.customer_id, call->args, ids, &count);
	if (err != QT_OK)
		return err;
	json_array(call->reply, "coupons");
	for (int i = 0; i < count && err == QT_OK; i++) {
		char url[CODE_URL_MAX];
		struct coupon c;
		err = coupon_get(call->db, 0, ids[i], &c);
		json_object(call->reply, NULL);
		if (err == QT_OK)
			err = write_coupon(call, &c, call->reply);
		if (err == QT_OK)
			json_text(call->reply, "code", coupon_code_url(call->server, &c, url));
		json_end(call->reply);
	}
	list_finish(call, call->args, ids, count);
	return err;
}

enum qt_err coupon_landing(struct call *call, const struct code *code, struct json *j)
{
	struct coupon c;

	enum qt_err err = coupon_by_read_code(call->db, call->server, 0, code, &c);
	if (err == QT_OK)
		err = write_coupon(call, &c, j);
	if (err == QT_OK)
		json_bool(j, "mine", c.customer_id != 0 && c.customer_id == call->actor.customer_id);
	return err;
}

/* ---- sections ---- */

struct section_args {
	const char *name, *name_zh;
};
static const struct field section_fields[] = {
	FIELD(struct section_args, name, TEXT, .flags = FIELD_REQUIRED, .min = 1, .max = NAME_MAX_BYTES, .help = "its name"),
	FIELD(struct section_args, name_zh, TEXT, .min = 1, .max = NAME_MAX_BYTES, .help = "its Chinese name"),
	FIELDS_DONE
};

static enum qt_err sections_post(struct call *call)
{
	SQL(insert, "INSERT INTO section (id, merchant_id, name, name_zh) VALUES ($1, $2, $3, $4)");
	const struct section_args *a = call->args;
	struct merchant m;

	enum qt_err err = call_merchant(call, &m);
	if (err != QT_OK)
		return err;
	int64_t id = db_new_id(call->db, "section");
	err = db_run(call->db, &insert, "iitt", id, m.id, a->name, a->name_zh);
	call->status = 201;
	json_int(call->reply, "section_id", id);
	return err;
}

static enum qt_err sections_get(struct call *call)
{
	SQL(ids_of, "SELECT id FROM section WHERE merchant_id = $1 AND id > $2 ORDER BY id LIMIT $3");
	SQL(by_id, "SELECT name, COALESCE(name_zh, name), (SELECT COUNT(*) FROM section_item i WHERE i.section_id = $1) "
	           "FROM section WHERE id = $1");
	int64_t ids[LIST_MAX], items;
	struct merchant m;
	int count;

	enum qt_err err = call_merchant(call, &m);
	if (err == QT_OK)
		err = list_ids(call->db, &ids_of, m.id, call->args, ids, &count);
	if (err != QT_OK)
		return err;
	json_array(call->reply, "sections");
	for (int i = 0; i < count && err == QT_OK; i++) {
		char name[NAME_MAX_BYTES + 1] = "", name_zh[NAME_MAX_BYTES + 1] = "";
		err = db_one(call->db, &by_id, "i", ids[i], "tti", name, sizeof name, name_zh, sizeof name_zh, &items);
		json_object(call->reply, NULL);
		json_int(call->reply, "section_id", ids[i]);
		json_text(call->reply, "name", name);
		json_text(call->reply, "name_zh", name_zh);
		json_int(call->reply, "items", items);
		json_end(call->reply);
	}
	list_finish(call, call->args, ids, count);
	return err;
}

struct section_items_args {
	struct field_list add, remove;
};
static const struct field section_items_fields[] = {
	FIELD(struct section_items_args, add, INTS, .max = 500, .help = "ids of items that come in"),
	FIELD(struct section_items_args, remove, INTS, .max = 500, .help = "ids of items that go"),
	FIELDS_DONE
};

static enum qt_err section_items_post(struct call *call)
{
	SQL(find, "SELECT id FROM section WHERE id = $1 AND merchant_id = $2");
	SQL(item, "SELECT id FROM item WHERE id = $1 AND merchant_id = $2");
	SQL(insert, "INSERT INTO section_item (item_id, section_id) VALUES ($1, $2) ON CONFLICT DO NOTHING");
	SQL(drop, "DELETE FROM section_item WHERE item_id = $1 AND section_id = $2");
	const struct section_items_args *a = call->args;
	const int64_t *add = a->add.items, *gone = a->remove.items;
	struct merchant m;
	int64_t id;

	enum qt_err err = call_merchant(call, &m);
	if (err != QT_OK)
		return err;
	err = db_one(call->db, &find, "ii", call->id, m.id, "i", &id);
	if (err == QT_NOT_FOUND)
		return problem_set(&call->problem, err, "", "there is no such section");
	for (int i = 0; i < a->add.count && err == QT_OK; i++) {
		err = db_one(call->db, &item, "ii", add[i], m.id, "i", &id);
		if (err == QT_NOT_FOUND)
			return problem_set(&call->problem, err, "add", "there is no item %" PRId64, add[i]);
	}
	for (int i = 0; i < a->add.count && err == QT_OK; i++)
		err = db_run(call->db, &insert, "ii", add[i], call->id);
	for (int i = 0; i < a->remove.count && err == QT_OK; i++)
		err = db_run(call->db, &drop, "ii", gone[i], call->id);
	json_int(call->reply, "section_id", call->id);
	return err;
}

const struct route coupon_routes[] = {
	{ .method = "POST", .path = "/v1/coupon-batches", .roles = ROLES_BOSS, .flags = ROUTE_WRITE, .body_max = 1024,
	  .fields = batch_fields, .args_size = sizeof(struct batch_args), .handle = batch_post,
	  .help = "Make up to 10,000 single codes of a promotion." },
	{ .method = "GET", .path = "/v1/coupon-batches", .roles = ROLES_BOSS, .fields = list_fields,
	  .args_size = sizeof(struct list_args), .handle = batches_get, .help = "Batches of coupons and how many were used." },
	{ .method = "POST", .path = "/v1/coupon-batches/:id/export", .roles = ROLES_BOSS,
	  .flags = ROUTE_WRITE | ROUTE_NO_KEY, .handle = export_post, .help = "The codes of a batch; once only." },
	{ .method = "POST", .path = "/v1/coupons/look", .roles = ROLES_TILL | ROLES_BOSS, .limit = LIMIT_CODE,
	  .fields = code_fields, .args_size = sizeof(struct code_args), .handle = look_post,
	  .help = "What a coupon is, and its state." },
	{ .method = "POST", .path = "/v1/coupons/keep", .roles = ROLE_CUSTOMER, .flags = ROUTE_WRITE, .limit = LIMIT_CODE,
	  .fields = code_fields, .args_size = sizeof(struct code_args), .handle = keep_post,
	  .help = "Keep a coupon in the customer's wallet." },
	{ .method = "GET", .path = "/v1/coupons", .roles = ROLE_CUSTOMER, .fields = list_fields,
	  .args_size = sizeof(struct list_args), .handle = mine_get, .help = "The customer's coupons." },
	{ .method = "POST", .path = "/v1/sections", .roles = ROLES_BOSS, .flags = ROUTE_WRITE, .fields = section_fields,
	  .args_size = sizeof(struct section_args), .handle = sections_post, .help = "Make a section of the catalogue." },
	{ .method = "GET", .path = "/v1/sections", .roles = ROLES_BOSS, .fields = list_fields,
	  .args_size = sizeof(struct list_args), .handle = sections_get, .help = "Sections of the catalogue." },
	{ .method = "POST", .path = "/v1/sections/:id/items", .roles = ROLES_BOSS, .flags = ROUTE_WRITE, .body_max = 32768,
	  .fields = section_items_fields, .args_size = sizeof(struct section_items_args), .handle = section_items_post,
	  .help = "Put items into a section, or take them out." },
};
const int coupon_route_count = sizeof coupon_routes / sizeof *coupon_routes;
