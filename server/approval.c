/* approval: see approval.h. */
#include "server/approval.h"

#include "server/audit_log.h"
#include "server/list.h"
#include "shared/money.h"

#include <stdio.h>

const char *approval_action_name(int64_t action)
{
	switch (action) {
#define X(name, number, wire) case number: return wire;
	APPROVAL_ACTIONS(X)
#undef X
	default: return "unknown";
	}
}

enum qt_err approval_add(struct db *db, struct approval *a)
{
	SQL(insert, "INSERT INTO approval (id, merchant_id, terminal_id, asked_by, approved_by, action, amount_cents, "
	            "created_ms, expires_ms, used_ms, ref_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)");

	a->id = db_new_id(db, "approval");
	return db_run(db, &insert, "iiiiiiiiiii", a->id, a->merchant_id, a->terminal_id, a->asked_by, a->approved_by,
	              a->action, a->amount_cents, a->created_ms, a->expires_ms, a->used_ms, a->ref_id);
}

enum qt_err approval_check(struct call *call, int64_t approval_id, int64_t action, int64_t at_ms, struct approval *a)
{
	SQL(by_id, "SELECT id, merchant_id, terminal_id, asked_by, approved_by, action, amount_cents, created_ms, "
	           "expires_ms, used_ms, ref_id FROM approval WHERE id = $1 AND merchant_id = $2");
	const struct actor *who = &call->actor;

	enum qt_err err = db_one(call->db, &by_id, "ii", approval_id, who->merchant_id, "iiiiiiiiiii", &a->id,
	                         &a->merchant_id, &a->terminal_id, &a->asked_by, &a->approved_by, &a->action,
	                         &a->amount_cents, &a->created_ms, &a->expires_ms, &a->used_ms, &a->ref_id);
	if (err != QT_OK)
		return err;
	if (a->terminal_id != who->terminal_id || a->asked_by != who->staff_id || (action && a->action != action))
		return QT_NOT_FOUND;
	if (a->used_ms != 0)
		return QT_APPROVAL_USED;
	return at_ms > a->expires_ms ? QT_APPROVAL_EXPIRED : QT_OK;
}

enum qt_err approval_use(struct db *db, struct approval *a, int64_t ref_id, int64_t now_ms)
{
	SQL(use, "UPDATE approval SET used_ms = $2, ref_id = $3 WHERE id = $1");

	a->used_ms = now_ms;
	a->ref_id = ref_id;
	return db_run(db, &use, "iii", a->id, now_ms, ref_id);
}

enum qt_err approval_given(struct call *call, int64_t approved_by, int64_t action, int64_t amount_cents, int64_t ref_id)
{
	struct approval a = { .merchant_id = call->actor.merchant_id, .terminal_id = call->actor.terminal_id,
		.asked_by = call->actor.staff_id, .approved_by = approved_by, .action = action, .amount_cents = amount_cents,
		.created_ms = call->now_ms, .expires_ms = call->now_ms, .used_ms = call->now_ms, .ref_id = ref_id };
	char detail[64];

	enum qt_err err = approval_add(call->db, &a);
	snprintf(detail, sizeof detail, "%s %lld", approval_action_name(action), (long long)amount_cents);
	return err == QT_OK ? audit_log_add(call->db, &call->actor, call->now_ms, "approve", a.id, detail) : err;
}

const struct field approval_fields[] = {
	FIELD(struct approval_args, number, TEXT, .flags = FIELD_REQUIRED, .min = 1, .max = 6,
	      .help = "the manager's number"),
	FIELD(struct approval_args, pin, TEXT, .flags = FIELD_REQUIRED | FIELD_SECRET, .min = 1, .max = 32,
	      .help = "the manager's PIN"),
	FIELDS_DONE
};

enum qt_err approval_take(struct call *call, const struct approval_args *args, struct staff **staff)
{
	*staff = NULL;
	if (args->number == NULL)
		return QT_OK;
	struct staff *who = arena_alloc(call->arena, sizeof *who);
	enum qt_err err = staff_by_pin(call, args->number, args->pin, who);
	if (err != QT_OK)
		return err;
	if (who->role == ROLE_CASHIER)
		return problem_set(&call->problem, QT_FORBIDDEN, "approval_staff", "a cashier may not approve");
	*staff = who;
	return QT_OK;
}

/* ---- limits ---- */

enum qt_err staff_limit_get(struct db *db, int64_t merchant_id, int64_t staff_id, struct staff_limit *l)
{
	SQL(of_staff, "SELECT id, discount_bp, discount_cents, price_cents, refund_cents, cancel_cents, drawer_opens, "
	              "cash_out_cents FROM staff_limit WHERE merchant_id = $1 AND staff_id = $2");

	*l = (struct staff_limit){ .merchant_id = merchant_id, .staff_id = staff_id, .discount_bp = 1000,
		.discount_cents = MONEY_MAX, .refund_cents = -1, .cancel_cents = MONEY_MAX, .drawer_opens = 1,
		.cash_out_cents = MONEY_MAX };
	enum qt_err err = db_one(db, &of_staff, "ii", merchant_id, staff_id, "iiiiiiii", &l->id, &l->discount_bp,
	                         &l->discount_cents, &l->price_cents, &l->refund_cents, &l->cancel_cents, &l->drawer_opens,
	                         &l->cash_out_cents);
	return err == QT_NOT_FOUND ? QT_OK : err;
}

enum qt_err staff_limit_put(struct db *db, struct staff_limit *l)
{
	SQL(insert, "INSERT INTO staff_limit (id, merchant_id, staff_id, discount_bp, discount_cents, price_cents, "
	            "refund_cents, cancel_cents, drawer_opens, cash_out_cents) "
	            "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)");
	SQL(update, "UPDATE staff_limit SET merchant_id = $2, staff_id = $3, discount_bp = $4, discount_cents = $5, "
	            "price_cents = $6, refund_cents = $7, cancel_cents = $8, drawer_opens = $9, cash_out_cents = $10 "
	            "WHERE id = $1");
	bool fresh = l->id == 0;

	if (fresh)
		l->id = db_new_id(db, "staff_limit");
	return db_run(db, fresh ? &insert : &update, "iiiiiiiiii", l->id, l->merchant_id, l->staff_id, l->discount_bp,
	              l->discount_cents, l->price_cents, l->refund_cents, l->cancel_cents, l->drawer_opens,
	              l->cash_out_cents);
}

enum qt_err staff_limit_of_call(struct call *call, struct staff_limit *l)
{
	const struct actor *a = &call->actor;

	*l = (struct staff_limit){ .merchant_id = a->merchant_id, .staff_id = a->staff_id, .discount_bp = 10000,
		.discount_cents = MONEY_MAX, .price_cents = MONEY_MAX, .refund_cents = MONEY_MAX, .cancel_cents = MONEY_MAX,
		.drawer_opens = 1, .cash_out_cents = MONEY_MAX };
	if (a->role != ROLE_CASHIER)
		return QT_OK;
	enum qt_err err = staff_limit_get(call->db, a->merchant_id, a->staff_id, l);
	return err == QT_OK && l->id == 0 ? staff_limit_get(call->db, a->merchant_id, 0, l) : err;
}
