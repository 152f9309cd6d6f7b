/* order_promotion: promotions of a new order: what they take off its lines, and which codes are refused. See order.h. */
#include "server/audit_log.h"
#include "server/order.h"
#include "server/promotion.h"

#include <stdio.h>
#include <string.h>

static struct promo_line *read_lines(struct call *call, const struct sale *sale, const struct price_order *o)
{
	struct promo_line *lines = arena_alloc(call->arena, (size_t)o->count * sizeof *lines);

	for (int i = 0; i < o->count; i++) {
		const struct price_line *l = &o->lines[i];
		if (l->fixed) /* no piece, no money */
			continue;
		lines[i] = (struct promo_line){ .item_id = sale->lines[i].item_id, .weighed = l->measured,
			.quantity_milli = l->measured ? l->quantity : l->quantity * 1000, .total_cents = price_left(l) };
	}
	return lines;
}

static enum qt_err refuse_code(struct call *call, int i, enum promo_why why, int64_t missing)
{
	char field[24];

	snprintf(field, sizeof field, "codes[%d]", i);
	if (missing)
		return problem_set(&call->problem, QT_COUPON_REFUSED, field, "%s: %s, %lld missing", promo_why_info(why)->code,
		                   promo_why_info(why)->en, (long long)missing);
	return problem_set(&call->problem, QT_COUPON_REFUSED, field, "%s: %s", promo_why_info(why)->code,
	                   promo_why_info(why)->en);
}

/* A code that was presented takes something off, or the order is refused: nobody presents one for nothing. */
static enum qt_err check_codes(struct call *call, const struct order_request *r, const struct promotion_outcome *out)
{
	for (int i = 0; i < r->code_count; i++) {
		const struct promo_verdict *v = NULL;
		for (int k = 0; k < out->count; k++)
			if (out->verdicts[k].promo->id == out->codes[i].promo_id)
				v = &out->verdicts[k];
		if (out->codes[i].refused != PROMO_WHY_APPLIED)
			return refuse_code(call, i, out->codes[i].refused, 0);
		if (v == NULL)
			return refuse_code(call, i, PROMO_WHY_NOT_RUNNING, 0);
		if (v->why != PROMO_WHY_APPLIED)
			return refuse_code(call, i, v->why, v->missing);
		if (v->code != i)
			return refuse_code(call, i, PROMO_WHY_NO_GAIN, 0);
	}
	return QT_OK;
}

static const char *keep(struct arena *arena, const char *text)
{
	return arena_strndup(arena, text, strlen(text));
}

static void take_outcome(struct call *call, struct sale *sale, struct price_order *o,
                         const struct promotion_outcome *out)
{
	sale->promotion_count = out->result->applied;
	sale->promotions = arena_alloc(call->arena, (size_t)sale->promotion_count * sizeof *sale->promotions + 1);
	for (int i = 0; i < out->count; i++) {
		const struct promo_verdict *v = &out->verdicts[i];
		if (v->why == PROMO_WHY_APPLIED)
			sale->promotions[v->row] = (struct sale_promotion){ v->promo->id, v->saved_cents,
				keep(call->arena, out->promotions[i]->name), keep(call->arena, out->promotions[i]->name_zh) };
	}
	for (int i = 0; i < o->count; i++)
		o->lines[i].promotion_cents = out->result->line_saved[i];
}

/* ---- what a till told the customer while it was alone ---- */

static enum qt_err refuse_cut(struct call *call, enum qt_err err, int i, const char *field, const char *why)
{
	char path[40];

	snprintf(path, sizeof path, "cuts[%d].%s", i, field);
	return problem_set(&call->problem, err, path, "%s", why);
}

/* The till's cuts as an outcome: promotions in the order they were named. */
static enum qt_err read_cuts(struct call *call, const struct order_request *r, const struct sale *sale,
                             const struct price_order *o, struct promotion_outcome *told)
{
	struct promo_result *result = told->result = arena_alloc(call->arena, sizeof *result);

	told->verdicts = arena_alloc(call->arena, PROMO_APPLIED_MOST * sizeof *told->verdicts);
	told->promotions = arena_alloc(call->arena, PROMO_APPLIED_MOST * sizeof *told->promotions);
	for (int i = 0; i < r->cut_count; i++) {
		const struct order_cut *c = &r->cuts[i];
		int64_t line = c->line_no - 1;
		int k = 0;
		while (k < told->count && told->verdicts[k].promo->id != c->promotion_id)
			k++;
		if (line >= o->count || o->lines[line].fixed)
			return refuse_cut(call, QT_NOT_FOUND, i, "line_no", "there is no such line");
		if (k == PROMO_APPLIED_MOST)
			return refuse_cut(call, QT_TOO_LONG, i, "promotion_id", "at most 12 take part");
		if (k == told->count) {
			struct promotion *p = arena_alloc(call->arena, sizeof *p);
			enum qt_err err = promotion_get(call->db, sale->order.merchant_id, c->promotion_id, p);
			if (err != QT_OK)
				return refuse_cut(call, err, i, "promotion_id", "there is no such promotion");
			told->promotions[k] = p;
			told->verdicts[k] = (struct promo_verdict){ .promo = &p->rule, .why = PROMO_WHY_APPLIED, .code = -1,
				.row = k };
			told->count = result->applied = k + 1;
		}
		if (c->saved_cents > price_left(&o->lines[line]) - result->line_saved[line])
			return refuse_cut(call, QT_OUT_OF_RANGE, i, "saved_cents", "more than the line costs");
		told->verdicts[k].saved_cents += c->saved_cents;
		result->cuts[k][line] += c->saved_cents;
		result->line_saved[line] += c->saved_cents;
		result->saved_cents += c->saved_cents;
	}
	return QT_OK;
}

static bool is_alike(const struct promotion_outcome *judged, const struct promotion_outcome *told, int lines)
{
	int applied = judged->result ? judged->result->applied : 0, alike = 0;

	for (int k = 0; k < told->count; k++)
		for (int i = 0; i < judged->count; i++) {
			const struct promo_verdict *v = &judged->verdicts[i];
			if (v->why == PROMO_WHY_APPLIED && v->promo->id == told->verdicts[k].promo->id)
				alike += memcmp(judged->result->cuts[v->row], told->result->cuts[k],
				                (size_t)lines * sizeof(int64_t)) == 0;
		}
	return alike == applied && told->count == applied;
}

/* The customer paid what the till said: that stands, where it is no more than the promotions could ever take off. What it
 * should have been is kept with it. */
static enum qt_err take_told(struct call *call, const struct order_request *r, const struct promotion_request *request,
                             const struct sale *sale, const struct price_order *o, struct promotion_outcome *out)
{
	struct promo *rule = arena_alloc(call->arena, sizeof *rule);
	struct promotion_outcome told = { .day = out->day, .told = true,
		.judged_cents = out->result ? out->result->saved_cents : 0 };
	enum qt_err err = read_cuts(call, r, sale, o, &told);

	if (err != QT_OK || is_alike(out, &told, o->count))
		return err;
	for (int k = 0; k < told.count && err == QT_OK; k++) {
		int64_t most_cents;
		err = promotion_most(call, request, told.verdicts[k].promo, rule, &most_cents);
		if (err == QT_OK && told.verdicts[k].saved_cents > most_cents)
			return problem_set(&call->problem, QT_OUT_OF_RANGE, "cuts", "promotion %lld takes off %lld at most",
			                   (long long)told.verdicts[k].promo->id, (long long)most_cents);
	}
	*out = told;
	return err;
}

enum qt_err order_promotions_note(struct call *call, const struct sale *sale, const struct promotion_outcome *out)
{
	char detail[120];

	if (!out->told)
		return QT_OK;
	snprintf(detail, sizeof detail, "the till took off %lld, the promotions of that time %lld",
	         (long long)out->result->saved_cents, (long long)out->judged_cents);
	return audit_log_add(call->db, &call->actor, call->now_ms, "promotion-told", sale->order.id, detail);
}

enum qt_err order_promotions(struct call *call, const struct order_request *r, struct sale *sale, struct price_order *o,
                             struct promotion_outcome *out)
{
	struct promotion_request request = { .merchant_id = sale->order.merchant_id, .store_id = sale->store_id,
		.customer_id = sale->order.customer_id, .at_ms = sale->order.created_ms, .line_count = o->count,
		.codes = r->codes, .code_count = r->code_count, .offline = r->promotions != ORDER_PROMOTIONS_ALL };

	if (r->promotions == ORDER_PROMOTIONS_NONE)
		return r->code_count ? refuse_code(call, 0, PROMO_WHY_ONLINE, 0) : QT_OK;
	request.lines = read_lines(call, sale, o);
	enum qt_err err = promotion_judge(call, &request, true, out);
	if (err == QT_OK && r->promotions == ORDER_PROMOTIONS_TOLD)
		err = take_told(call, r, &request, sale, o, out);
	if (err == QT_OK)
		err = check_codes(call, r, out);
	if (err == QT_OK && out->result)
		take_outcome(call, sale, o, out);
	return err;
}

enum qt_err order_promotions_load(struct db *db, struct arena *arena, struct sale *sale)
{
	SQL(of_order, "SELECT u.promotion_id, u.saved_cents, p.name, COALESCE(p.name_zh, p.name) FROM promotion_use u "
	              "JOIN promotion p ON p.id = u.promotion_id WHERE u.id >= $1 AND u.id < $2 ORDER BY u.id");
	bool any = false;

	for (int i = 0; i < sale->step_count; i++)
		any |= sale->steps[i].kind == STEP_PROMOTION;
	if (!any)
		return QT_OK;
	sale->promotions = arena_alloc(arena, PROMOTION_USE_ROOM * sizeof *sale->promotions);
	struct stmt *s = db_stmt(db, &of_order);
	stmt_int(s, 1, sale->order.id * PROMOTION_USE_ROOM);
	stmt_int(s, 2, (sale->order.id + 1) * PROMOTION_USE_ROOM);
	while (stmt_step(s) && sale->promotion_count < PROMOTION_USE_ROOM)
		sale->promotions[sale->promotion_count++] = (struct sale_promotion){ stmt_col_int(s, 0), stmt_col_int(s, 1),
			keep(arena, stmt_col_text(s, 2)), keep(arena, stmt_col_text(s, 3)) };
	return stmt_end(s);
}
