/* api_approval: routes of approvals and of the limits above which they are needed. The rules are in approval.c. */
#include "server/approval.h"

#include "server/audit_log.h"
#include "server/list.h"
#include "server/merchant.h"
#include "server/ratelimit.h"
#include "server/staff.h"
#include "shared/money.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const action_words[] = {
#define X(name, number, wire) wire,
	APPROVAL_ACTIONS(X)
#undef X
	NULL
};

struct approve_args {
	int action;           /* its number less one */
	int64_t amount_cents;
	struct approval_args approval;
};
static const struct field approve_fields[] = {
	FIELD(struct approve_args, action, CHOICE, .flags = FIELD_REQUIRED, .choices = action_words,
	      .help = "what the person at the till may then do"),
	FIELD(struct approve_args, amount_cents, INT, .flags = FIELD_REQUIRED, .min = 0, .max = MONEY_MAX,
	      .help = "up to how much, minor units"),
	{ "approval_staff", FIELD_OBJECT, FIELD_REQUIRED, offsetof(struct approve_args, approval), .sub = approval_fields,
	  .help = "the manager who approves" },
	FIELDS_DONE
};

static enum qt_err approve_prepare(struct call *call)
{
	const struct approve_args *a = call->args;
	struct staff *staff;
	enum qt_err err = approval_take(call, &a->approval, &staff);

	call->prepared = staff;
	return err;
}

static enum qt_err approvals_post(struct call *call)
{
	const struct approve_args *args = call->args;
	const struct staff *by = call->prepared;
	struct approval a = { .merchant_id = call->actor.merchant_id, .terminal_id = call->actor.terminal_id,
		.asked_by = call->actor.staff_id, .approved_by = by->id, .action = args->action + 1,
		.amount_cents = args->amount_cents, .created_ms = call->now_ms,
		.expires_ms = call->now_ms + APPROVAL_TTL_MS };
	char detail[96];

	enum qt_err err = approval_add(call->db, &a);
	snprintf(detail, sizeof detail, "%s %lld by staff %s", approval_action_name(a.action), (long long)a.amount_cents,
	         by->number);
	if (err == QT_OK)
		err = audit_log_add(call->db, &call->actor, call->now_ms, "approve", a.id, detail);
	if (err != QT_OK)
		return err;
	call->status = 201;
	json_int(call->reply, "approval_id", a.id);
	json_text(call->reply, "action", approval_action_name(a.action));
	json_int(call->reply, "amount_cents", a.amount_cents);
	json_text(call->reply, "approved_by", by->name);
	json_int(call->reply, "expires_ms", a.expires_ms);
	return QT_OK;
}

static void approval_row(struct json *j, struct stmt *s)
{
	json_object(j, NULL);
	json_int(j, "approval_id", stmt_col_int(s, 0));
	json_int(j, "terminal_id", stmt_col_int(s, 1));
	json_text(j, "asked_by", stmt_col_text(s, 2));
	json_text(j, "approved_by", stmt_col_text(s, 3));
	json_text(j, "action", approval_action_name(stmt_col_int(s, 4)));
	json_int(j, "amount_cents", stmt_col_int(s, 5));
	json_int(j, "at_ms", stmt_col_int(s, 6));
	json_int(j, "used_ms", stmt_col_int(s, 7));
	json_int(j, "ref_id", stmt_col_int(s, 8));
	json_end(j);
}

static enum qt_err approvals_get(struct call *call)
{
	SQL(list, "SELECT a.id, a.terminal_id, COALESCE(w.name, ''), COALESCE(b.name, ''), a.action, a.amount_cents, "
	          "a.created_ms, a.used_ms, a.ref_id FROM approval a LEFT JOIN staff w ON w.id = a.asked_by "
	          "LEFT JOIN staff b ON b.id = a.approved_by WHERE a.merchant_id = $1 AND a.id > $2 ORDER BY a.id LIMIT $3");
	const struct list_args *args = call->args;
	int64_t ids[LIST_MAX];
	int count = 0;
	struct merchant m;
	enum qt_err err = call_merchant(call, &m);

	if (err != QT_OK)
		return err;
	struct stmt *s = db_stmt(call->db, &list);
	stmt_int(s, 1, m.id);
	stmt_int(s, 2, args->after);
	stmt_int(s, 3, args->limit < LIST_MAX ? args->limit : LIST_MAX);
	json_array(call->reply, "approvals");
	while (count < LIST_MAX && stmt_step(s)) {
		ids[count++] = stmt_col_int(s, 0);
		approval_row(call->reply, s);
	}
	list_finish(call, args, ids, count);
	return stmt_end(s);
}

/* ---- limits ---- */

struct limit_args {
	int64_t staff_id, discount_bp, discount_cents, price_cents, refund_cents, cancel_cents, cash_out_cents;
	int drawer_opens;
};
#define LIMIT_CENTS(name, text) \
	FIELD(struct limit_args, name, INT, .min = 0, .max = MONEY_MAX, .fallback = -1, .help = text ", minor units")
static const struct field limit_fields[] = {
	FIELD(struct limit_args, staff_id, INT, .min = 0, .max = INT64_MAX,
	      .help = "a cashier; 0: every cashier without limits of the own"),
	FIELD(struct limit_args, discount_bp, INT, .min = 0, .max = 10000, .fallback = -1,
	      .help = "discounts of one order, basis points of its lines"),
	LIMIT_CENTS(discount_cents, "discounts of one order"),
	LIMIT_CENTS(price_cents, "how far below the catalogue one order's prices may be set"),
	LIMIT_CENTS(refund_cents, "refunds of one order; the merchant's limit while never given"),
	LIMIT_CENTS(cancel_cents, "total of an order that may be cancelled after it was sent"),
	LIMIT_CENTS(cash_out_cents, "one movement of cash out of the drawer"),
	FIELD(struct limit_args, drawer_opens, MAYBE, .fallback = -1, .help = "may open the drawer without a sale"),
	FIELDS_DONE
};

static void limit_json(struct json *j, const struct staff_limit *l)
{
	json_int(j, "staff_id", l->staff_id);
	json_int(j, "discount_bp", l->discount_bp);
	json_int(j, "discount_cents", l->discount_cents);
	json_int(j, "price_cents", l->price_cents);
	if (l->refund_cents >= 0)
		json_int(j, "refund_cents", l->refund_cents);
	json_int(j, "cancel_cents", l->cancel_cents);
	json_bool(j, "drawer_opens", l->drawer_opens != 0);
	json_int(j, "cash_out_cents", l->cash_out_cents);
}

static void set(int64_t *target, int64_t given)
{
	if (given >= 0)
		*target = given;
}

static enum qt_err limits_post(struct call *call)
{
	const struct limit_args *a = call->args;
	struct staff_limit l;
	struct staff staff;
	struct merchant m;
	enum qt_err err = call_merchant(call, &m);

	if (err == QT_OK && a->staff_id)
		err = staff_get(call->db, m.id, a->staff_id, &staff);
	if (err == QT_NOT_FOUND)
		return problem_set(&call->problem, err, "staff_id", "there is no such person");
	if (err == QT_OK)
		err = staff_limit_get(call->db, m.id, a->staff_id, &l);
	if (err != QT_OK)
		return err;
	set(&l.discount_bp, a->discount_bp);
	set(&l.discount_cents, a->discount_cents);
	set(&l.price_cents, a->price_cents);
	set(&l.refund_cents, a->refund_cents);
	set(&l.cancel_cents, a->cancel_cents);
	set(&l.drawer_opens, a->drawer_opens);
	set(&l.cash_out_cents, a->cash_out_cents);
	err = staff_limit_put(call->db, &l);
	if (err == QT_OK)
		err = audit_log_add(call->db, &call->actor, call->now_ms, "staff-limits", a->staff_id, NULL);
	if (err == QT_OK)
		limit_json(call->reply, &l);
	return err;
}

struct limit_ask {
	int64_t staff_id;
};
static const struct field limit_ask_fields[] = {
	FIELD(struct limit_ask, staff_id, INT, .min = 0, .max = INT64_MAX,
	      .help = "a cashier; 0: every cashier without limits of the own"),
	FIELDS_DONE
};

static enum qt_err limits_get(struct call *call)
{
	const struct limit_ask *a = call->args;
	struct staff_limit l;
	struct merchant m;
	enum qt_err err = call_merchant(call, &m);

	if (err == QT_OK)
		err = staff_limit_get(call->db, m.id, a->staff_id, &l);
	if (err == QT_OK && l.id == 0 && a->staff_id)
		err = staff_limit_get(call->db, m.id, 0, &l);
	if (err == QT_OK)
		limit_json(call->reply, &l);
	return err;
}

const struct route approval_routes[] = {
	{ .method = "POST", .path = "/v1/approvals", .roles = ROLES_TILL, .flags = ROUTE_WRITE, .body_max = 512,
	  .limit = LIMIT_PIN, .fields = approve_fields, .args_size = sizeof(struct approve_args),
	  .prepare = approve_prepare, .handle = approvals_post,
	  .help = "A manager's leave for the person at this till: one action, up to an amount, once, for ten minutes." },
	{ .method = "GET", .path = "/v1/approvals", .roles = ROLES_BOSS, .fields = list_fields,
	  .args_size = sizeof(struct list_args), .handle = approvals_get,
	  .help = "Approvals, oldest first: who asked, who approved, and what came of it." },
	{ .method = "GET", .path = "/v1/staff-limits", .roles = ROLES_BOSS, .fields = limit_ask_fields,
	  .args_size = sizeof(struct limit_ask), .handle = limits_get,
	  .help = "What a cashier may do without approval." },
	{ .method = "POST", .path = "/v1/staff-limits", .roles = ROLES_BOSS, .flags = ROUTE_WRITE, .body_max = 1024,
	  .fields = limit_fields, .args_size = sizeof(struct limit_args), .handle = limits_post,
	  .help = "Change what a cashier may do without approval." },
};
const int approval_route_count = sizeof approval_routes / sizeof *approval_routes;
