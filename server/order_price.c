/* order_price: the prices of a new order: what the till asked for goes the way of shared/price.h, is held against what
 * the cashier may do alone, and becomes the steps that are stored. See order.h. */
#include "server/order.h"
#include "server/promotion.h"
#include "server/staff.h"

#include <stdio.h>
#include <string.h>

static enum qt_err refuse_line(struct call *call, enum qt_err err, int i, const char *field, const char *why)
{
	char path[48];

	if (i < 0)
		snprintf(path, sizeof path, "%s", field);
	else
		snprintf(path, sizeof path, "lines[%d]%s%s", i, *field ? "." : "", field);
	return problem_set(&call->problem, err, path, "%s", why);
}

/* A discount names a rate or an amount, and why. `i` -1: the order's. */
static enum qt_err read_discount(struct call *call, const struct order_discount_request *r, int i,
                                 struct price_discount *d)
{
	*d = (struct price_discount){ r->rate_bp, r->amount_cents };
	if (r->rate_bp == 0 && r->amount_cents == 0)
		return r->reason ? refuse_line(call, QT_MISSING_FIELD, i, "discount", "give rate_bp or amount_cents") : QT_OK;
	if (r->rate_bp != 0 && r->amount_cents != 0)
		return refuse_line(call, QT_BAD_FIELD, i, "discount", "either rate_bp or amount_cents");
	return r->reason ? QT_OK : refuse_line(call, QT_MISSING_FIELD, i, "discount.reason", "a discount has a reason");
}

static enum qt_err read_lines(struct call *call, const struct order_request *r, const struct label_code *labels,
                              const struct sale *sale, struct price_line *lines)
{
	enum qt_err err = QT_OK;

	for (int i = 0; i < sale->line_count && err == QT_OK; i++) {
		const struct order_line *l = &sale->lines[i];
		lines[i] = (struct price_line){ .quantity = l->quantity, .price_cents = l->price_cents,
			.rate_bp = l->rate_bp, .inclusive = l->inclusive, .fixed = r->lines[i].card_id != 0,
			.measured = l->unit != NULL, .labelled = labels[i].has_price, .label_cents = labels[i].price_cents,
			.option_cents = order_options_cents(sale, i + 1) };
		if (r->lines[i].price_reason) {
			lines[i].overridden = true;
			lines[i].new_price_cents = r->lines[i].price_cents;
		}
		err = read_discount(call, &r->lines[i].discount, i, &lines[i].discount);
	}
	return err;
}

/* ---- what the cashier may ---- */

/* How much of `action` the approvals cover. */
static int64_t covered(const struct order_approvals *used, int64_t action)
{
	int64_t sum = 0;

	for (int i = 0; i < used->count; i++)
		if (used->list[i].action == action)
			sum += used->list[i].amount_cents;
	return sum;
}

static enum qt_err read_approvals(struct call *call, const struct order_request *r, int64_t at_ms,
                                  struct order_approvals *used)
{
	used->count = 0;
	for (int i = 0; i < r->approval_count; i++) {
		struct approval *a = &used->list[used->count];
		enum qt_err err = approval_check(call, r->approvals[i], 0, at_ms, a);
		for (int k = 0; k < used->count && err == QT_OK; k++)
			if (used->list[k].id == a->id)
				err = QT_DOUBLE_FIELD;
		if (err == QT_OK && a->action != APPROVAL_DISCOUNT && a->action != APPROVAL_PRICE)
			err = QT_NOT_FOUND;
		if (err != QT_OK)
			return problem_set(&call->problem, err, "approvals", "approval %lld", (long long)r->approvals[i]);
		used->count++;
	}
	return QT_OK;
}

static enum qt_err check_limits(struct call *call, const struct price_order *o, const struct order_approvals *used)
{
	const struct price_given given = price_given(o);
	struct staff_limit limit;

	if (given.discount_cents == 0 && given.override_cents == 0)
		return QT_OK;
	enum qt_err err = staff_limit_of_call(call, &limit);
	if (err != QT_OK)
		return err;
	if (!price_within(given.discount_cents, given.base_cents, limit.discount_bp, limit.discount_cents) &&
	    covered(used, APPROVAL_DISCOUNT) < given.discount_cents)
		return problem_set(&call->problem, QT_NEEDS_APPROVAL, "approvals",
		                   "discounts of %lld are above the cashier's limit", (long long)given.discount_cents);
	if (given.override_cents > limit.price_cents && covered(used, APPROVAL_PRICE) < given.override_cents)
		return problem_set(&call->problem, QT_NEEDS_APPROVAL, "approvals",
		                   "prices %lld below the catalogue's are above the cashier's limit",
		                   (long long)given.override_cents);
	return QT_OK;
}

/* ---- steps ---- */

/* The approval that stands at steps it covers, and who gave it; id 0: none was needed. */
struct leave {
	int64_t id;
	const char *approver;
};

static enum qt_err find_leave(struct call *call, const struct order_approvals *used, int64_t action, struct leave *out)
{
	struct staff staff;

	*out = (struct leave){ 0 };
	for (int i = 0; i < used->count; i++) {
		if (used->list[i].action != action)
			continue;
		enum qt_err err = staff_get(call->db, call->actor.merchant_id, used->list[i].approved_by, &staff);
		if (err != QT_OK)
			return err;
		*out = (struct leave){ used->list[i].id, arena_strndup(call->arena, staff.name, strlen(staff.name)) };
		break;
	}
	return QT_OK;
}

static void put_step(struct sale *sale, int64_t line_no, int64_t kind, int64_t amount_cents, int64_t rate_bp,
                     const struct leave *leave, const char *reason)
{
	sale->steps[sale->step_count++] = (struct order_step){ .line_no = line_no, .kind = kind,
		.amount_cents = amount_cents, .rate_bp = rate_bp, .approval_id = leave->id, .reason = reason,
		.approver = leave->approver };
}

static void add_step(struct sale *sale, int64_t line_no, int64_t kind, int64_t amount_cents, int64_t rate_bp,
                     const struct leave *leave, const char *reason)
{
	if (amount_cents != 0)
		put_step(sale, line_no, kind, amount_cents, rate_bp, leave, reason);
}

static void add_options(struct sale *sale, int64_t line_no, int64_t quantity)
{
	static const struct leave none = { 0 };

	for (int i = 0; i < sale->option_count; i++)
		if (sale->options[i].line_no == line_no)
			add_step(sale, line_no, STEP_OPTION, sale->options[i].price_cents * quantity, 0, &none, sale->options[i].name);
}

/* Steps in the order they were taken, line by line. */
static enum qt_err write_steps(struct call *call, const struct order_request *r, const struct price_order *o,
                               const struct order_approvals *used, const struct promotion_outcome *promotions,
                               struct sale *sale)
{
	static const struct leave none = { 0 };
	struct leave discount, price;

	enum qt_err err = find_leave(call, used, APPROVAL_DISCOUNT, &discount);
	if (err == QT_OK)
		err = find_leave(call, used, APPROVAL_PRICE, &price);
	if (err != QT_OK)
		return err;
	sale->steps = arena_alloc(call->arena, (size_t)o->count * (size_t)(7 + sale->promotion_count) * sizeof *sale->steps +
	                           (size_t)sale->option_count * sizeof *sale->steps);
	for (int i = 0; i < o->count; i++) {
		const struct price_line *l = &o->lines[i];
		add_step(sale, i + 1, STEP_LABEL, l->label_step_cents, 0, &none, NULL);
		add_step(sale, i + 1, STEP_OVERRIDE, l->override_cents, 0, &price, r->lines[i].price_reason);
		add_options(sale, i + 1, l->quantity);
		add_step(sale, i + 1, STEP_LINE_DISCOUNT, -l->discount_cents, l->discount.rate_bp, &discount,
		         r->lines[i].discount.reason);
		for (int k = 0; k < sale->promotion_count; k++)
			add_step(sale, i + 1, STEP_PROMOTION, -promotions->result->cuts[k][i], 0, &none,
			         sale->promotions[k].name);
		add_step(sale, i + 1, STEP_ORDER_DISCOUNT, -l->order_discount_cents, o->discount.rate_bp, &discount,
		         r->discount.reason);
		add_step(sale, i + 1, STEP_POINTS, -l->points_cents, 0, &none, NULL);
		if (price_line_exempt(o, l)) /* also where the tax would have been added: nothing else says why there is none */
			put_step(sale, i + 1, STEP_EXEMPT, -l->exempt_cents, l->rate_bp, &none, sale->exemption.certificate);
	}
	if (sale->step_count >= ORDER_STEP_ROOM)
		return problem_set(&call->problem, QT_TOO_LONG, "lines", "the prices have too many steps for one order");
	return QT_OK;
}

/* What points take off: the tender that says so has no part in paying. */
static enum qt_err read_points(struct call *call, const struct order_request *r, int *at, int64_t *points_cents)
{
	char path[40];

	*at = -1;
	for (int i = 0; i < r->payment_count; i++) {
		if (r->payments[i].method != METHOD_POINTS_OFF)
			continue;
		snprintf(path, sizeof path, "payments[%d].%s", i, *at < 0 ? "amount_cents" : "method");
		if (*at >= 0)
			return problem_set(&call->problem, QT_DOUBLE_FIELD, path, "points are taken off once");
		if (r->payments[i].amount_cents == 0)
			return problem_set(&call->problem, QT_MISSING_FIELD, path, "how much the points take off");
		*at = i;
		*points_cents = r->payments[i].amount_cents;
	}
	return QT_OK;
}

enum qt_err order_price(struct call *call, const struct order_request *r, const struct label_code *labels,
                        struct sale *sale, struct order_approvals *used, struct promotion_outcome *promotions)
{
	struct price_order o = { .count = sale->line_count, .exempt = sale->exemption.id != 0 };
	int points_at;

	o.lines = arena_alloc(call->arena, (size_t)sale->line_count * sizeof *o.lines);
	enum qt_err err = read_lines(call, r, labels, sale, o.lines);
	if (err == QT_OK)
		err = read_discount(call, &r->discount, -1, &o.discount);
	if (err == QT_OK)
		err = read_points(call, r, &points_at, &o.points_cents);
	if (err == QT_OK)
		err = read_approvals(call, r, sale->order.created_ms, used);
	if (err != QT_OK)
		return err;
	err = price_begin(&o);
	if (err == QT_OK)
		err = order_promotions(call, r, sale, &o, promotions);
	if (err == QT_COUPON_REFUSED || err == QT_STORE || (err != QT_OK && call->problem.err == err))
		return err;
	if (err == QT_OK)
		err = price_finish(&o);
	if (err == QT_OUT_OF_RANGE && o.bad_line == -2) {
		char path[40];
		snprintf(path, sizeof path, "payments[%d].amount_cents", points_at);
		return problem_set(&call->problem, err, path, "it is more than what it is taken off");
	}
	if (err == QT_OUT_OF_RANGE)
		return refuse_line(call, err, o.bad_line, "discount", "it is more than what it is taken off");
	if (err != QT_OK)
		return refuse_line(call, err, o.bad_line, "", "the amount is too large");
	err = check_limits(call, &o, used);
	if (err != QT_OK)
		return err;
	for (int i = 0; i < sale->line_count; i++) {
		sale->lines[i].tax_cents = o.lines[i].tax_cents;
		sale->lines[i].amount_cents = o.lines[i].amount_cents;
		sale->lines[i].total_cents = o.lines[i].total_cents;
	}
	sale->order.tax_cents = o.tax_cents;
	sale->order.total_cents = o.total_cents;
	if (r->expected_cents >= 0 && r->expected_cents != o.total_cents)
		return problem_set(&call->problem, QT_AMOUNT_MISMATCH, "total_cents", "it comes to %lld, not %lld",
		                   (long long)o.total_cents, (long long)r->expected_cents);
	return write_steps(call, r, &o, used, promotions, sale);
}

/* ---- rows ---- */

static const char *keep(struct arena *arena, const char *text)
{
	return text ? arena_strndup(arena, text, strlen(text)) : NULL;
}

enum qt_err order_steps_load(struct db *db, struct arena *arena, struct sale *sale)
{
	SQL(of_order, "SELECT t.id, t.line_no, t.kind, t.amount_cents, t.rate_bp, t.approval_id, t.reason, s.name "
	              "FROM order_step t LEFT JOIN approval a ON a.id = t.approval_id LEFT JOIN staff s "
	              "ON s.id = a.approved_by WHERE t.id > $1 AND t.id < $2 ORDER BY t.id");
	int64_t first = sale->order.id * ORDER_STEP_ROOM;
	struct stmt *s = db_stmt(db, &of_order);
	int room = 0;

	sale->step_count = 0;
	sale->steps = NULL;
	stmt_int(s, 1, first);
	stmt_int(s, 2, first + ORDER_STEP_ROOM);
	while (stmt_step(s) && sale->step_count < ORDER_STEP_ROOM) {
		if (sale->step_count == room) {
			const struct order_step *old = sale->steps;
			room = room ? room * 2 : 16;
			sale->steps = arena_alloc(arena, (size_t)room * sizeof *sale->steps);
			if (old)
				memcpy(sale->steps, old, (size_t)sale->step_count * sizeof *old);
		}
		sale->steps[sale->step_count++] = (struct order_step){ stmt_col_int(s, 0), stmt_col_int(s, 1),
			stmt_col_int(s, 2), stmt_col_int(s, 3), stmt_col_int(s, 4), stmt_col_int(s, 5),
			keep(arena, stmt_col_text(s, 6)), keep(arena, stmt_col_text(s, 7)) };
	}
	return stmt_end(s);
}

enum qt_err order_steps_insert(struct db *db, const struct sale *sale)
{
	SQL(insert, "INSERT INTO order_step (id, line_no, kind, amount_cents, rate_bp, approval_id, reason) "
	            "VALUES ($1, $2, $3, $4, $5, $6, $7)");
	enum qt_err err = QT_OK;

	for (int i = 0; i < sale->step_count && err == QT_OK; i++) {
		const struct order_step *t = &sale->steps[i];
		err = db_run(db, &insert, "iiiiiit", t->id, t->line_no, t->kind, t->amount_cents, t->rate_bp, t->approval_id,
		             t->reason);
	}
	return err;
}

const char *sale_certificate(const struct sale *sale)
{
	for (int i = 0; i < sale->step_count; i++)
		if (sale->steps[i].kind == STEP_EXEMPT)
			return sale->steps[i].reason;
	return NULL;
}

int64_t sale_discount_cents(const struct sale *sale, int64_t line_no)
{
	int64_t sum = 0;

	for (int i = 0; i < sale->step_count; i++) {
		const struct order_step *t = &sale->steps[i];
		if ((line_no == 0 || t->line_no == line_no) && t->kind != STEP_EXEMPT && t->kind != STEP_LABEL &&
		    t->kind != STEP_OPTION)
			sum -= t->amount_cents;
	}
	return sum;
}

int64_t sale_step_cents(const struct sale *sale, int kind)
{
	int64_t sum = 0;

	for (int i = 0; i < sale->step_count; i++)
		if (sale->steps[i].kind == kind)
			sum += sale->steps[i].amount_cents;
	return sum;
}
