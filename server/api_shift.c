/* api_shift: routes of shifts: float, cash in and out, X and Z. Decode, call, reply; the rules are in shift.c. */
#include "server/approval.h"
#include "server/audit_log.h"
#include "server/ledger.h"
#include "server/list.h"
#include "server/shift.h"
#include "server/terminal.h"

#include <stdlib.h>
#include <string.h>

struct shift_args {
	int64_t terminal_id, float_cents, amount_cents;
	const char *reason;
	struct field_list count;
	struct approval_args approval;
};
#define TERMINAL_FIELD \
	FIELD(struct shift_args, terminal_id, INT, .min = 1, .max = INT64_MAX, .fallback = 0, \
	      .help = "the till; at a till: this one, another only for a manager")

static const struct field open_fields[] = {
	FIELD(struct shift_args, float_cents, INT, .min = 0, .max = MONEY_MAX,
	      .help = "cash put into the drawer to begin with, minor units; default: 0"),
	TERMINAL_FIELD, FIELDS_DONE
};
static const struct field move_fields[] = {
	FIELD(struct shift_args, amount_cents, INT, .flags = FIELD_REQUIRED, .min = 1, .max = MONEY_MAX,
	      .help = "minor units"),
	FIELD(struct shift_args, reason, TEXT, .flags = FIELD_REQUIRED, .min = 1, .max = 120, .help = "why"),
	TERMINAL_FIELD, FIELDS_DONE
};
static const struct field out_fields[] = {
	FIELD(struct shift_args, amount_cents, INT, .flags = FIELD_REQUIRED, .min = 1, .max = MONEY_MAX,
	      .help = "minor units"),
	FIELD(struct shift_args, reason, TEXT, .flags = FIELD_REQUIRED, .min = 1, .max = 120, .help = "why"),
	{ "approval_staff", FIELD_OBJECT, 0, offsetof(struct shift_args, approval), .sub = approval_fields,
	  .help = "the manager who approves, where the cashier may not alone" },
	TERMINAL_FIELD, FIELDS_DONE
};
static const struct field x_fields[] = {
	{ "approval_staff", FIELD_OBJECT, 0, offsetof(struct shift_args, approval), .sub = approval_fields,
	  .help = "the manager who approves that a cashier sees it" },
	TERMINAL_FIELD, FIELDS_DONE
};
static const struct field no_sale_fields[] = {
	FIELD(struct shift_args, reason, TEXT, .flags = FIELD_REQUIRED, .min = 1, .max = 120, .help = "why"),
	{ "approval_staff", FIELD_OBJECT, 0, offsetof(struct shift_args, approval), .sub = approval_fields,
	  .help = "the manager who approves, where the cashier may not alone" },
	TERMINAL_FIELD, FIELDS_DONE
};
static const struct field current_fields[] = { TERMINAL_FIELD, FIELDS_DONE };
static const struct field count_fields[] = {
	FIELD(struct shift_count, value_cents, INT, .flags = FIELD_REQUIRED, .min = 1, .max = MONEY_MAX,
	      .help = "of one coin or note, minor units"),
	FIELD(struct shift_count, quantity, INT, .flags = FIELD_REQUIRED, .min = 0, .max = 1000000, .help = "how many"),
	FIELDS_DONE
};
static const struct field close_fields[] = {
	FIELD(struct shift_args, count, LIST, .flags = FIELD_REQUIRED, .min = 0, .max = SHIFT_COUNT_MAX,
	      .sub = count_fields, .sub_size = sizeof(struct shift_count),
	      .help = "what is in the drawer, by denomination; empty: nothing"),
	TERMINAL_FIELD, FIELDS_DONE
};

static bool is_boss(const struct call *call)
{
	return (call->actor.role & (unsigned)ROLES_BOSS) != 0;
}

/* The till that is meant, of the actor's merchant. */
static enum qt_err ask_of(struct call *call, int64_t terminal_id, struct shift_ask *ask)
{
	struct terminal t;
	struct merchant m;
	enum qt_err err = call_merchant(call, &m);

	if (err != QT_OK)
		return err;
	if (terminal_id == 0)
		terminal_id = call->actor.terminal_id;
	if (terminal_id == 0)
		return problem_set(&call->problem, QT_MISSING_FIELD, "terminal_id", "which till");
	if (terminal_id != call->actor.terminal_id && !is_boss(call))
		return problem_set(&call->problem, QT_FORBIDDEN, "terminal_id", "only a manager acts for another till");
	err = terminal_get(call->db, m.id, terminal_id, &t);
	if (err != QT_OK)
		return problem_set(&call->problem, err, "terminal_id", "%s", "");
	*ask = (struct shift_ask){ .merchant_id = m.id, .currency = m.currency, .terminal_id = terminal_id,
	                           .actor_id = actor_packed(&call->actor), .at_ms = call->now_ms };
	return QT_OK;
}

/* Without amounts while it is open: the count is blind. */
static void shift_json(struct json *out, const struct shift *s)
{
	json_int(out, "shift_id", s->id);
	json_int(out, "terminal_id", s->terminal_id);
	json_int(out, "number", s->number);
	json_text(out, "state", s->state == SHIFT_OPEN ? "open" : "closed");
	json_bool(out, "automatic", s->automatic != 0);
	json_int(out, "opened_ms", s->opened_ms);
	if (s->state == SHIFT_OPEN)
		return;
	json_int(out, "closed_ms", s->closed_ms);
	json_int(out, "expected_cents", s->expected_cents);
	json_int(out, "counted_cents", s->counted_cents);
	json_int(out, "difference_cents", s->counted_cents - s->expected_cents);
}

static enum qt_err open_post(struct call *call)
{
	const struct shift_args *a = call->args;
	struct shift_ask ask;
	struct shift s;
	enum qt_err err = ask_of(call, a->terminal_id, &ask);

	if (err == QT_OK)
		err = shift_open(call->db, &ask, a->float_cents, &s, &call->problem);
	if (err == QT_OK)
		err = audit_log_add(call->db, &call->actor, call->now_ms, "shift-open", s.id, NULL);
	if (err != QT_OK)
		return err;
	call->status = 201;
	shift_json(call->reply, &s);
	return QT_OK;
}

/* A manager's PIN came with the request. */
static bool needs_pin(const struct call *call)
{
	return ((const struct shift_args *)call->args)->approval.number != NULL;
}

static enum qt_err prepare(struct call *call)
{
	const struct shift_args *a = call->args;
	struct staff *staff;
	enum qt_err err = approval_take(call, &a->approval, &staff);

	call->prepared = staff;
	return err;
}

/* What is above the limit needs a manager, whose leave is kept. */
static enum qt_err check_limit(struct call *call, bool within, enum approval_action action, int64_t amount_cents)
{
	const struct staff *approver = call->prepared;

	if (within)
		return QT_OK;
	if (approver == NULL)
		return problem_set(&call->problem, QT_NEEDS_APPROVAL, "approval_staff",
		                   "above the cashier's limit a manager's number and PIN are needed");
	return approval_given(call, approver->id, action, amount_cents, 0);
}

static enum qt_err move_cash(struct call *call, enum shift_cash_kind kind)
{
	const struct shift_args *a = call->args;
	int64_t movement_id;
	struct shift_ask ask;
	struct shift s;
	struct staff_limit limit;
	enum qt_err err = ask_of(call, a->terminal_id, &ask);

	if (err == QT_OK)
		err = staff_limit_of_call(call, &limit);
	if (err == QT_OK && kind == SHIFT_CASH_OUT)
		err = check_limit(call, a->amount_cents <= limit.cash_out_cents, APPROVAL_CASH_OUT, a->amount_cents);
	if (err == QT_OK)
		err = shift_move(call->db, &ask, kind, a->amount_cents, a->reason, &s, &movement_id, &call->problem);
	if (err == QT_OK)
		err = audit_log_add(call->db, &call->actor, call->now_ms, shift_cash_kind_name(kind), movement_id, a->reason);
	if (err != QT_OK)
		return err;
	call->status = 201;
	json_int(call->reply, "movement_id", movement_id);
	json_text(call->reply, "kind", shift_cash_kind_name(kind));
	json_int(call->reply, "amount_cents", a->amount_cents);
	json_text(call->reply, "currency", currency_by_numeric(ask.currency)->alpha);
	json_text(call->reply, "reason", a->reason);
	json_object(call->reply, "shift");
	shift_json(call->reply, &s);
	json_end(call->reply);
	return QT_OK;
}

static enum qt_err cash_in_post(struct call *call)
{
	return move_cash(call, SHIFT_CASH_IN);
}

static enum qt_err cash_out_post(struct call *call)
{
	return move_cash(call, SHIFT_CASH_OUT);
}

static enum qt_err safe_drop_post(struct call *call)
{
	return move_cash(call, SHIFT_CASH_SAFE);
}

/* The stored report, as it was made. */
static enum qt_err write_report(struct call *call, int64_t merchant_id, int64_t report_id)
{
	SQL(get, "SELECT r.figures FROM shift_report r JOIN shift s ON s.id = r.shift_id WHERE r.id = $1 AND "
	         "s.merchant_id = $2");
	char *figures = NULL;
	enum qt_err err = db_one(call->db, &get, "ii", report_id, merchant_id, "z", &figures);

	if (err == QT_OK) {
		json_int(call->reply, "report_id", report_id);
		json_raw(call->reply, "report", figures, strlen(figures));
	}
	free(figures);
	return err;
}

/* It says what the drawer should hold: a cashier, whose count is blind, gets it only with a manager beside. */
static enum qt_err x_post(struct call *call)
{
	const struct shift_args *a = call->args;
	const struct staff *approver = call->prepared;
	int64_t report_id;
	struct shift_ask ask;
	enum qt_err err = ask_of(call, a->terminal_id, &ask);

	if (err == QT_OK && !is_boss(call) && approver == NULL)
		return problem_set(&call->problem, QT_NEEDS_APPROVAL, "approval_staff", "the count is blind: a manager has to approve");
	if (err == QT_OK)
		err = shift_x(call->db, &ask, &report_id, &call->problem);
	if (err == QT_OK && approver != NULL)
		err = audit_log_add(call->db, &call->actor, call->now_ms, "shift-x-approved", report_id, approver->name);
	call->status = 201;
	return err == QT_OK ? write_report(call, ask.merchant_id, report_id) : err;
}

static enum qt_err close_post(struct call *call)
{
	const struct shift_args *a = call->args;
	int64_t report_id;
	struct shift_ask ask;
	enum qt_err err = ask_of(call, a->terminal_id, &ask);

	if (err == QT_OK)
		err = shift_close(call->db, &ask, a->count.items, a->count.count, &report_id, &call->problem);
	if (err == QT_OK)
		err = audit_log_add(call->db, &call->actor, call->now_ms, "shift-close", report_id, NULL);
	call->status = 201;
	return err == QT_OK ? write_report(call, ask.merchant_id, report_id) : err;
}

/* The drawer is opened without a sale. Moves no money. */
static enum qt_err no_sale_post(struct call *call)
{
	const struct shift_args *a = call->args;
	struct shift_ask ask;
	struct staff_limit limit;
	enum qt_err err = ask_of(call, a->terminal_id, &ask);

	if (err == QT_OK)
		err = staff_limit_of_call(call, &limit);
	if (err == QT_OK)
		err = check_limit(call, limit.drawer_opens != 0, APPROVAL_DRAWER, 0);
	if (err == QT_OK)
		err = audit_log_add(call->db, &call->actor, call->now_ms, "no-sale", ask.terminal_id, a->reason);
	if (err == QT_OK)
		json_text(call->reply, "reason", a->reason);
	call->status = 201;
	return err;
}

static enum qt_err current_get(struct call *call)
{
	const struct shift_args *a = call->args;
	struct shift_ask ask;
	struct shift s;
	enum qt_err err = ask_of(call, a->terminal_id, &ask);

	if (err == QT_OK)
		err = shift_current(call->db, &ask, &s);
	if (err != QT_OK)
		return err;
	bool open = s.opened_ms != 0; /* also one that the next request opens, for what was sold */
	json_text(call->reply, "state", open ? "open" : "none");
	json_int(call->reply, "terminal_id", s.terminal_id);
	json_int(call->reply, "number", s.number);
	if (open) {
		json_bool(call->reply, "automatic", s.automatic != 0);
		json_int(call->reply, "opened_ms", s.opened_ms);
	}
	return QT_OK;
}

static enum qt_err report_get(struct call *call)
{
	struct merchant m;
	enum qt_err err = call_merchant(call, &m);
	return err == QT_OK ? write_report(call, m.id, call->id) : err;
}

/* The Z of a shift. */
static enum qt_err z_get(struct call *call)
{
	SQL(of_shift, "SELECT id FROM shift_report WHERE shift_id = $1 AND kind = 1");
	int64_t report_id;
	struct merchant m;
	struct shift s;
	enum qt_err err = call_merchant(call, &m);

	if (err == QT_OK)
		err = shift_get(call->db, m.id, call->id, &s);
	if (err == QT_OK && s.state == SHIFT_OPEN)
		return problem_set(&call->problem, QT_CONFLICT, "", "the shift is open: its Z is made when it closes");
	if (err == QT_OK)
		err = db_one(call->db, &of_shift, "i", s.id, "i", &report_id);
	return err == QT_OK ? write_report(call, m.id, report_id) : err;
}

static enum qt_err shift_row(struct call *call, int64_t merchant_id, int64_t id)
{
	struct shift row;
	enum qt_err err = shift_get(call->db, merchant_id, id, &row);

	if (err == QT_OK)
		shift_json(call->reply, &row);
	return err;
}

static enum qt_err shifts_get(struct call *call)
{
	LIST_SQL(up, down, "shift", "merchant_id");
	struct merchant m;
	enum qt_err err = call_merchant(call, &m);

	if (err == QT_OK)
		json_text(call->reply, "currency", currency_by_numeric(m.currency)->alpha);
	return err == QT_OK ? list_rows(call, "shifts", &up, &down, m.id, shift_row) : err;
}

#define ARGS(table) .fields = table, .args_size = sizeof(struct shift_args)
const struct route shift_routes[] = {
	{ .method = "POST", .path = "/v1/shifts", .roles = ROLES_STAFF, .flags = ROUTE_WRITE, ARGS(open_fields),
	  .handle = open_post,
	  .help = "Open a till's shift with a float; what is sold while none is open opens one by itself, with float 0." },
	{ .method = "POST", .path = "/v1/shifts/cash-in", .roles = ROLES_STAFF, .flags = ROUTE_WRITE, ARGS(move_fields),
	  .handle = cash_in_post, .help = "Put cash into the drawer; opens a shift when none is open." },
	{ .method = "POST", .path = "/v1/shifts/cash-out", .roles = ROLES_STAFF, .flags = ROUTE_WRITE, .body_max = 1024,
	  ARGS(out_fields), .prepare = prepare, .needs_prepare = needs_pin, .handle = cash_out_post, .help = "Take cash out of the drawer." },
	{ .method = "POST", .path = "/v1/shifts/safe-drop", .roles = ROLES_STAFF, .flags = ROUTE_WRITE, ARGS(move_fields),
	  .handle = safe_drop_post, .help = "Move cash from the drawer into the safe." },
	{ .method = "POST", .path = "/v1/shifts/x", .roles = ROLES_STAFF, .flags = ROUTE_WRITE, .body_max = 1024,
	  ARGS(x_fields), .prepare = prepare, .needs_prepare = needs_pin, .handle = x_post,
	  .help = "Make and keep an X report: the open shift so far; for a cashier, whose count is blind, a manager approves." },
	{ .method = "POST", .path = "/v1/shifts/no-sale", .roles = ROLES_STAFF, .flags = ROUTE_WRITE, .body_max = 1024,
	  ARGS(no_sale_fields), .prepare = prepare, .needs_prepare = needs_pin,
	  .handle = no_sale_post, .help = "Note that the drawer is opened without a sale, and why." },
	{ .method = "GET", .path = "/v1/shifts/current", .roles = ROLES_STAFF, ARGS(current_fields), .handle = current_get,
	  .help = "Is a shift open at the till, and since when; without amounts." },
	{ .method = "POST", .path = "/v1/shifts/close", .roles = ROLES_STAFF, .flags = ROUTE_WRITE, .body_max = 4096,
	  ARGS(close_fields), .handle = close_post,
	  .help = "Count the drawer, end the shift and make its Z report; the difference is booked, the cash taken out." },
	{ .method = "GET", .path = "/v1/shifts", .roles = ROLES_BOSS, .fields = list_both_fields,
	  .args_size = sizeof(struct list_args), .handle = shifts_get, .help = "The merchant's shifts, oldest first." },
	{ .method = "GET", .path = "/v1/shifts/:id/z", .roles = ROLES_BOSS, .handle = z_get,
	  .help = "The Z report of a closed shift, as it was made." },
	{ .method = "GET", .path = "/v1/shift-reports/:id", .roles = ROLES_BOSS, .handle = report_get,
	  .help = "An X or Z report, as it was made." },
};
const int shift_route_count = sizeof shift_routes / sizeof *shift_routes;
