/* refund: see refund.h. */
#include "server/refund.h"
#include "server/order_card.h"
#include "server/campaign.h"
#include "server/card.h"
#include "server/payment_rows.h"
#include "server/points.h"
#include "server/points_lot.h"
#include "server/points_scheme.h"
#include "shared/price.h"
#include "server/rebate.h"
#include "server/settle.h"

#include <assert.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

enum qt_err refund_list(struct db *db, int64_t last_refund_id, struct arena *arena, struct refund *list, int max,
                        int *count)
{
	SQL(by_id, "SELECT id, order_id, terminal_id, staff_id, approved_by, created_ms, amount_cents, tax_cents, points, "
	           "rebate_cents, previous_id, reason FROM refund WHERE id = $1");
	int n = 0;

	for (int64_t id = last_refund_id; id != 0 && n < max; n++) {
		struct refund *r = &list[n];
		char reason[REFUND_REASON_MAX + 1];
		enum qt_err err = db_one(db, &by_id, "i", id, "iiiiiiiiiiit", &r->id, &r->order_id, &r->terminal_id,
			&r->staff_id,
		                         &r->approved_by, &r->created_ms, &r->amount_cents, &r->tax_cents, &r->points,
		                         &r->rebate_cents, &r->previous_id, reason, sizeof reason);
		if (err != QT_OK)
			return err == QT_NOT_FOUND ? QT_STORE : err;
		r->reason = arena_strndup(arena, reason, strlen(reason));
		id = r->previous_id;
	}
	for (int i = 0; i < n / 2; i++) {
		struct refund swap = list[i];
		list[i] = list[n - 1 - i];
		list[n - 1 - i] = swap;
	}
	*count = n;
	return QT_OK;
}

/* ---- lines ---- */

/* Pieces of each line (by line number) that earlier refunds took back, and their money. */
static enum qt_err taken_before(struct db *db, int64_t last_refund_id, int64_t *taken, int64_t *cents)
{
	SQL(head, "SELECT amount_cents, previous_id FROM refund WHERE id = $1");
	SQL(lines, "SELECT id, quantity FROM refund_line WHERE id BETWEEN $1 AND $2");
	int64_t amount;

	*cents = 0;
	for (int64_t id = last_refund_id; id != 0;) {
		struct stmt *s = db_stmt(db, &lines);
		stmt_int(s, 1, id * REFUND_LINE_ROOM);
		stmt_int(s, 2, id * REFUND_LINE_ROOM + REFUND_LINE_ROOM - 1);
		while (stmt_step(s))
			taken[stmt_col_int(s, 0) % REFUND_LINE_ROOM] += stmt_col_int(s, 1);
		enum qt_err err = stmt_end(s);
		if (err == QT_OK)
			err = db_one(db, &head, "i", id, "ii", &amount, &id);
		if (err != QT_OK)
			return err;
		*cents += amount;
	}
	return QT_OK;
}

static void take_line(struct refund_plan *plan, const struct order_line *l, int64_t taken, int64_t pieces)
{
	struct refund_line *line = &plan->lines[plan->line_count++];

	*line = (struct refund_line){ order_line_no(l), pieces, price_part(l->total_cents, taken, pieces, l->quantity),
		price_part(l->tax_cents, taken, pieces, l->quantity) };
	plan->refund.amount_cents += line->amount_cents;
	plan->refund.tax_cents += line->tax_cents;
}

static enum qt_err bad_line(struct call *call, enum qt_err err, int i, const char *field, const char *why)
{
	char path[48];
	snprintf(path, sizeof path, "lines[%d].%s", i, field);
	return problem_set(&call->problem, err, path, "%s", why);
}

/* What points had taken off the pieces that are given back, now and earlier. */
static void find_points_off(const struct sale *sale, const int64_t *taken, struct refund_plan *plan)
{
	int64_t back[REFUND_LINE_ROOM] = { 0 };

	for (int i = 0; i < plan->line_count; i++)
		back[plan->lines[i].id] = plan->lines[i].quantity;
	for (int i = 0; i < sale->step_count; i++) {
		const struct order_step *t = &sale->steps[i];
		if (t->kind != STEP_POINTS)
			continue;
		int64_t all = sale->lines[t->line_no - 1].quantity;
		plan->points_off_before_cents += price_part(-t->amount_cents, 0, taken[t->line_no], all);
		plan->points_off_cents += price_part(-t->amount_cents, taken[t->line_no], back[t->line_no], all);
	}
}

static enum qt_err take_lines(struct call *call, const struct sale *sale, const struct refund_request *r,
                              struct refund_plan *plan)
{
	int64_t taken[REFUND_LINE_ROOM] = { 0 };
	bool named[REFUND_LINE_ROOM] = { 0 };

	enum qt_err err = taken_before(call->db, sale->order.last_refund_id, taken, &plan->before_cents);
	if (err != QT_OK)
		return err;
	for (int i = 0; i < r->line_count; i++) {
		int64_t no = r->lines[i].line_no;
		if (no < 1 || no > sale->line_count)
			return bad_line(call, QT_NOT_FOUND, i, "line_no", "the order has no such line");
		if (named[no])
			return bad_line(call, QT_DOUBLE_FIELD, i, "line_no", "the line is named twice");
		named[no] = true;
		const struct order_line *l = &sale->lines[no - 1];
		const char *field = l->unit ? "quantity_milli" : "quantity";
		int64_t quantity = l->unit ? r->lines[i].quantity_milli : r->lines[i].quantity;
		if (quantity == 0)
			return bad_line(call, QT_MISSING_FIELD, i, field, "how much of this line");
		if (quantity > l->quantity - taken[no])
			return bad_line(call, QT_REFUND_TOO_LARGE, i, field, "more than is left of this line");
		take_line(plan, l, taken[no], quantity);
	}
	for (int i = 0; i < sale->line_count && r->line_count == 0; i++) {
		int64_t left = sale->lines[i].quantity - taken[i + 1];
		if (left > 0)
			take_line(plan, &sale->lines[i], taken[i + 1], left);
	}
	for (int i = 0; i < sale->line_count; i++)
		plan->pieces_left += sale->lines[i].quantity - taken[i + 1];
	for (int i = 0; i < plan->line_count; i++)
		plan->pieces_left -= plan->lines[i].quantity;
	find_points_off(sale, taken, plan);
	if (plan->line_count == 0)
		return problem_set(&call->problem, QT_CONFLICT, "", "everything was given back already");
	return QT_OK;
}

/* ---- money ---- */

static void post(struct refund_plan *plan, int64_t account_id, int64_t amount)
{
	if (amount == 0)
		return;
	assert(plan->posting_count < LEDGER_POSTINGS_MAX);
	plan->postings[plan->posting_count++] = (struct posting){ account_id, amount };
}

/* Money goes back to the card that took over when the one that paid was replaced. */
static enum qt_err living_card(struct db *db, int64_t *account_id)
{
	SQL(heir, "SELECT n.account_id FROM account a JOIN card c ON c.id = a.owner_id JOIN card n ON n.id = c.replaced_by "
	          "WHERE a.id = $1 AND c.replaced_by > 0");
	enum qt_err err = QT_OK;

	for (int i = 0; i < 16 && err == QT_OK; i++)
		err = db_one(db, &heir, "i", *account_id, "i", account_id);
	return err == QT_NOT_FOUND ? QT_OK : err;
}

/* Earlier sales of a till without a drawer account cannot be: the sale opened it. */
static enum qt_err drawer(struct call *call, const struct sale *sale, int64_t *account_id)
{
	int64_t terminal_id = call->actor.terminal_id ? call->actor.terminal_id : sale->order.terminal_id;
	enum qt_err err = ledger_account_find(call->db, ACCOUNT_CASH, terminal_id, sale->order.currency, account_id);
	if (err == QT_NOT_FOUND) /* this till never took cash: the drawer the money lies in */
		err = ledger_account_find(call->db, ACCOUNT_CASH, sale->order.terminal_id, sale->order.currency, account_id);
	return err;
}

static enum qt_err post_tender(struct call *call, const struct sale *sale, const struct payment *p,
                               const struct refund_tender *t, struct refund_plan *plan, int64_t *points_back)
{
	int64_t account_id = p->account_id, issued;
	enum qt_err err = QT_OK;

	switch (p->source) {
	case SOURCE_POINTS:
		err = ledger_account_find(call->db, ACCOUNT_POINTS_ISSUED, sale->order.merchant_id,
		                          points_unit(sale->order.merchant_id), &issued);
		if (err == QT_OK) {
			post(plan, account_id, t->points);
			post(plan, issued, -t->points);
			*points_back += t->points;
		}
		return err;
	case SOURCE_CASH:
		plan->rounding_cents += t->rounding_cents;
		err = t->amount_cents + t->rounding_cents ? drawer(call, sale, &account_id) : QT_OK;
		break;
	case SOURCE_TERMINAL:
		err = ledger_account_find(call->db, ACCOUNT_WORLD, sale->order.merchant_id, sale->order.currency, &account_id);
		break;
	case SOURCE_CARD: err = living_card(call->db, &account_id); break;
	}
	if (err == QT_OK)
		post(plan, account_id, t->amount_cents + t->rounding_cents);
	return err;
}

/* What cash given back differs by from what the tender is worth. */
static int64_t rounding_of(const struct payment *p, int64_t part)
{
	int64_t coin_cents = p->cash_rounding_cents;

	return price_in_cash(p->refunded_cents + part, coin_cents) - price_in_cash(p->refunded_cents, coin_cents) - part;
}

/* Each payment gives back its part of the refund, in proportion to what it has left. */
static enum qt_err split_tenders(struct call *call, const struct sale *sale, struct refund_plan *plan, int64_t *money,
                                 int64_t *points_back)
{
	int64_t left[PAYMENTS_MAX] = { 0 }, part[PAYMENTS_MAX];

	for (int i = 0; i < sale->payment_count; i++) {
		const struct payment *p = &sale->payments[i];
		if (p->state == PAYMENT_SETTLED || p->state == PAYMENT_PART_REFUNDED)
			left[i] = p->amount_cents - p->refunded_cents;
	}
	enum qt_err err = plan->refund.amount_cents ? money_split(plan->refund.amount_cents, left, sale->payment_count,
		part)
	                                            : QT_OK;
	for (int i = 0; i < sale->payment_count && err == QT_OK && plan->refund.amount_cents; i++) {
		const struct payment *p = &sale->payments[i];
		if (part[i] == 0)
			continue;
		struct refund_tender *t = &plan->tenders[plan->tender_count++];
		*t = (struct refund_tender){ plan->tender_count, p->id, part[i], 0, REFUND_TENDER_DONE,
			rounding_of(p, part[i]) };
		if (p->source == SOURCE_POINTS)
			t->points = price_part(p->points, p->refunded_cents, part[i], p->amount_cents);
		else
			*money += part[i];
		if (p->source == SOURCE_PROVIDER) /* it waits in suspense until the provider has given it back */
			t->state = REFUND_TENDER_WAITING;
		err = post_tender(call, sale, p, t, plan, points_back);
	}
	return err;
}

/* Points that lowered the price go back like a tender of no money. */
static enum qt_err return_points_off(struct call *call, const struct sale *sale, struct refund_plan *plan,
                                     int64_t *points_back)
{
	int64_t all = -sale_step_cents(sale, STEP_POINTS);
	enum qt_err err = QT_OK;

	for (int i = 0; i < sale->payment_count && err == QT_OK && plan->points_off_cents > 0; i++) {
		const struct payment *p = &sale->payments[i];
		if (p->method != METHOD_POINTS_OFF)
			continue;
		struct refund_tender t = { plan->tender_count + 1, p->id, 0,
			price_part(p->points, plan->points_off_before_cents, plan->points_off_cents, all), REFUND_TENDER_DONE };
		if (t.points == 0)
			continue;
		plan->tenders[plan->tender_count++] = t;
		err = post_tender(call, sale, p, &t, plan, points_back);
	}
	return err;
}

/* What a part of the sale loses by this refund. */
static int64_t lost(const struct sale *sale, const struct refund_plan *plan, int64_t part)
{
	/* of the goods: cards earned nothing */
	int64_t total = sale->order.total_cents - order_cards_cents(sale);
	int64_t before = plan->before_cents - plan->cards_before_cents;

	if (total == 0) /* nor did a free sale */
		return 0;
	return rebate_kept(part, total, before) -
	       rebate_kept(part, total, before + plan->refund.amount_cents - plan->cards_cents);
}

static enum qt_err take_points(struct call *call, const struct sale *sale, struct refund_plan *plan,
                               int64_t points_back)
{
	const struct order *o = &sale->order;
	int64_t account_id, issued, balance, back = lost(sale, plan, o->points_earned);

	if (back == 0)
		return QT_OK;
	enum qt_err err = ledger_account_find(call->db, ACCOUNT_POINTS, o->customer_id, points_unit(o->merchant_id),
	                                      &account_id);
	if (err == QT_OK)
		err = ledger_account_find(call->db, ACCOUNT_POINTS_ISSUED, o->merchant_id, points_unit(o->merchant_id),
			&issued);
	if (err == QT_OK)
		err = ledger_balance(call->db, account_id, &balance);
	if (err != QT_OK)
		return err;
	if (back > balance + points_back)
		back = balance + points_back;
	plan->refund.points = back;
	post(plan, account_id, -back);
	post(plan, issued, back);
	return QT_OK;
}

/* A person's part comes out of what is held, or, once released, out of what is available. */
static enum qt_err post_rebate(struct call *call, const struct sale_entry *e, int64_t back, bool released,
                               struct refund_plan *plan)
{
	int64_t account_id = e->account_id;
	enum qt_err err = QT_OK;

	if (e->kind == ACCOUNT_REBATE_HELD && released)
		err = ledger_account_find(call->db, ACCOUNT_REBATE, e->owner_id, e->unit, &account_id);
	if (err != QT_OK)
		return err;
	post(plan, account_id, -back);
	plan->refund.rebate_cents += back;
	if (e->kind == ACCOUNT_REBATE_HELD && !released)
		plan->held_cents += back;
	return QT_OK;
}

static enum qt_err take_rebates(struct call *call, const struct sale *sale, struct refund_plan *plan, int64_t *fee)
{
	struct sale_entry entries[LEDGER_POSTINGS_MAX];
	struct campaign campaign;
	int64_t journal_id, prefund = 0;
	bool released = false;
	int count;

	*fee = 0;
	enum qt_err err = sale_entries(call->db, sale->order.id, &journal_id, entries, &count);
	if (err == QT_OK && sale->order.rebate_cents) {
		err = campaign_get(call->db, 0, sale->order.campaign_id, &campaign);
		if (err == QT_OK)
			err = rebate_is_released(call->db, campaign.hold_s, journal_id, &released);
	}
	for (int i = 0; i < count && err == QT_OK; i++) {
		const struct sale_entry *e = &entries[i];
		if (e->kind == ACCOUNT_PREFUND)
			prefund = e->account_id;
		if (e->kind == ACCOUNT_FEE) {
			*fee = lost(sale, plan, e->amount);
			post(plan, e->account_id, -*fee);
		}
		if (sale_entry_is_rebate(e))
			err = post_rebate(call, e, lost(sale, plan, e->amount), released, plan);
	}
	if (err == QT_OK)
		post(plan, prefund, plan->refund.rebate_cents);
	return err;
}

enum qt_err refund_work_out(struct call *call, const struct sale *sale, const struct refund_request *r,
                            struct refund_plan *plan)
{
	int64_t money = 0, points_back = 0, fee, merchant;
	struct staff_limit limit;

	memset(plan, 0, sizeof *plan);
	if (sale->order.state != ORDER_PAID && sale->order.state != ORDER_PART_REFUNDED)
		return problem_set(&call->problem, QT_CONFLICT, "", "the order is %s",
			order_state_name((int)sale->order.state));
	plan->refund = (struct refund){ .order_id = sale->order.id, .terminal_id = call->actor.terminal_id,
		.staff_id = call->actor.staff_id, .approved_by = r->approved_by, .created_ms = call->now_ms,
		.previous_id = sale->order.last_refund_id, .reason = r->reason };
	enum qt_err err = take_lines(call, sale, r, plan);
	if (err == QT_OK)
		err = order_cards_plan_back(call, sale, plan);
	if (err == QT_OK)
		err = split_tenders(call, sale, plan, &money, &points_back);
	if (err == QT_OK)
		err = return_points_off(call, sale, plan, &points_back);
	if (err == QT_OK)
		err = take_points(call, sale, plan, points_back);
	if (err == QT_OK)
		err = take_rebates(call, sale, plan, &fee);
	if (err == QT_OK)
		err = money - fee ? ledger_account_find(call->db, ACCOUNT_MERCHANT, sale->order.merchant_id,
			sale->order.currency,
		                                        &merchant) : QT_OK;
	if (err == QT_OK && money - fee)
		post(plan, merchant, fee - money);
	if (err == QT_OK)
		err = staff_limit_of_call(call, &limit);
	if (err == QT_OK && limit.refund_cents < 0)
		limit.refund_cents = sale->merchant.cashier_refund_limit_cents;
	plan->needs_approval = !r->withdrawn && r->approved_by == 0 && plan->before_cents + plan->refund.amount_cents > limit.refund_cents;
	return err;
}

/* ---- writing ---- */

static void refund_document(const struct refund_plan *plan, struct buf *b)
{
	const struct refund *r = &plan->refund;
	bool rounded = false;
	for (int i = 0; i < plan->tender_count; i++)
		rounded |= plan->tenders[i].rounding_cents != 0;
	const int64_t head[] = { rounded ? 6 : 2, r->id, r->order_id, r->terminal_id, r->staff_id, r->approved_by, r->created_ms,
		r->amount_cents, r->tax_cents, r->points, r->rebate_cents, plan->line_count };
	int64_t tenders = plan->tender_count;

	document_ints(b, head, sizeof head / sizeof *head);
	for (int i = 0; i < plan->line_count; i++) {
		const struct refund_line *l = &plan->lines[i];
		const int64_t line[] = { l->id, l->quantity, l->amount_cents, l->tax_cents };
		document_ints(b, line, 4);
	}
	document_ints(b, &tenders, 1);
	for (int i = 0; i < plan->tender_count; i++) {
		const struct refund_tender *t = &plan->tenders[i];
		const int64_t tender[] = { t->id, t->payment_id, t->amount_cents, t->points, t->rounding_cents };
		document_ints(b, tender, rounded ? 5 : 4);
	}
}

static int by_line(const void *a, const void *b)
{
	const struct refund_line *x = a, *y = b;
	return x->id < y->id ? -1 : x->id > y->id;
}

static enum qt_err write_rows(struct db *db, const struct refund_plan *plan)
{
	SQL(head,
		"INSERT INTO refund (id, order_id, terminal_id, staff_id, approved_by, created_ms, amount_cents, tax_cents, "
	          "points, rebate_cents, previous_id, reason) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)");
	SQL(line, "INSERT INTO refund_line (id, quantity, amount_cents, tax_cents) VALUES ($1, $2, $3, $4)");
	SQL(tender, "INSERT INTO refund_tender (id, payment_id, amount_cents, points, state, rounding_cents) VALUES "
	            "($1, $2, $3, $4, $5, $6)");
	const struct refund *r = &plan->refund;

	enum qt_err err = db_run(db, &head, "iiiiiiiiiiit", r->id, r->order_id, r->terminal_id, r->staff_id, r->approved_by,
	                         r->created_ms, r->amount_cents, r->tax_cents, r->points, r->rebate_cents, r->previous_id,
	                         r->reason);
	for (int i = 0; i < plan->line_count && err == QT_OK; i++)
		err = db_run(db, &line, "iiii", plan->lines[i].id, plan->lines[i].quantity, plan->lines[i].amount_cents,
		             plan->lines[i].tax_cents);
	for (int i = 0; i < plan->tender_count && err == QT_OK; i++)
		err = db_run(db, &tender, "iiiiii", plan->tenders[i].id, plan->tenders[i].payment_id,
		             plan->tenders[i].amount_cents, plan->tenders[i].points, plan->tenders[i].state,
		             plan->tenders[i].rounding_cents);
	return err;
}

static bool points_off_is_back(const struct sale *sale, const struct refund_plan *plan)
{
	return plan->points_off_before_cents + plan->points_off_cents == -sale_step_cents(sale, STEP_POINTS);
}

static enum qt_err update_payments(struct db *db, struct sale *sale, const struct refund_plan *plan)
{
	for (int i = 0; i < plan->tender_count; i++)
		for (int k = 0; k < sale->payment_count; k++) {
			struct payment *p = &sale->payments[k];
			if (p->id != plan->tenders[i].payment_id)
				continue;
			p->refunded_cents += plan->tenders[i].amount_cents;
			bool all = p->method == METHOD_POINTS_OFF ? points_off_is_back(sale, plan)
			                                          : p->refunded_cents == p->amount_cents;
			enum qt_err err = payment_move(db, p, all ? PAYMENT_REFUNDED : PAYMENT_PART_REFUNDED);
			if (err != QT_OK)
				return err;
		}
	return QT_OK;
}

/* The payment of this sale that a tender of the refund goes back to. */
static const struct payment *payment_of(const struct sale *sale, const struct refund_tender *t)
{
	for (int i = 0; i < sale->payment_count; i++)
		if (sale->payments[i].id == t->payment_id)
			return &sale->payments[i];
	return NULL;
}

static enum qt_err open_lots(struct call *call, const struct sale *sale, const struct refund_plan *plan, int64_t *earner,
                             bool *kept)
{
	int64_t merchant_id = sale->order.merchant_id;
	enum qt_err err = QT_OK;

	*earner = 0;
	*kept = false;
	for (int i = 0; i < plan->tender_count && err == QT_OK; i++)
		if (plan->tenders[i].points)
			err = points_lots_open(call->db, merchant_id, payment_of(sale, &plan->tenders[i])->account_id, kept);
	if (err != QT_OK || plan->refund.points == 0)
		return err;
	err = ledger_account_find(call->db, ACCOUNT_POINTS, sale->order.customer_id, points_unit(merchant_id), earner);
	return err == QT_OK ? points_lots_open(call->db, merchant_id, *earner, kept) : err;
}

/* Spent points go back to their lots; earned ones leave the lot the sale brought, then others. */
static enum qt_err move_lots(struct call *call, const struct sale *sale, const struct refund_plan *plan,
                             int64_t journal_id, int64_t earner)
{
	SQL(sale_journal, "SELECT id FROM journal WHERE order_id = $1 AND order_id > 0 AND kind = 0");
	int64_t ends_ms, first = 0;
	enum qt_err err = points_scheme_end(call->db, sale->order.merchant_id, call->now_ms, &ends_ms);

	for (int i = 0; i < plan->tender_count && err == QT_OK; i++) {
		const struct refund_tender *t = &plan->tenders[i];
		if (t->points)
			err = points_lots_return(call->db, payment_of(sale, t)->account_id, journal_id, t->payment_id, t->points,
			                         call->now_ms, ends_ms);
	}
	if (err != QT_OK || earner == 0)
		return err;
	err = db_one(call->db, &sale_journal, "i", sale->order.id, "i", &first);
	return err == QT_OK ? points_lots_take(call->db, earner, journal_id, 0, plan->refund.points, first) : err;
}

/* The account may be new: the sale's own cash may have come to a round sum. */
static enum qt_err post_rounding(struct call *call, const struct sale *sale, struct refund_plan *plan)
{
	int64_t account_id;

	if (plan->rounding_cents == 0)
		return QT_OK;
	enum qt_err err = ledger_account(call->db, ACCOUNT_ROUNDING, sale->order.merchant_id, sale->order.currency,
	                                 &account_id);
	if (err == QT_OK)
		post(plan, account_id, -plan->rounding_cents);
	return err;
}

enum qt_err refund_make(struct call *call, struct sale *sale, const struct refund_request *r, struct refund_plan *plan)
{
	struct order *o = &sale->order;
	struct journal journal = { .kind = JOURNAL_REFUND, .merchant_id = o->merchant_id, .order_id = o->id,
		.actor_id = settle_actor(call), .at_ms = call->now_ms };
	struct buf document = { 0 };
	int64_t earner;
	bool lots;

	enum qt_err err = refund_work_out(call, sale, r, plan);
	if (err != QT_OK)
		return err;
	if (plan->needs_approval)
		return problem_set(&call->problem, QT_NEEDS_APPROVAL, "approval_staff",
		                   "above the cashier's limit a manager's number and PIN are needed");
	qsort(plan->lines, (size_t)plan->line_count, sizeof *plan->lines, by_line);
	plan->refund.id = journal.ref_id = db_new_id(call->db, "refund");
	for (int i = 0; i < plan->line_count; i++)
		plan->lines[i].id += plan->refund.id * REFUND_LINE_ROOM;
	for (int i = 0; i < plan->tender_count; i++)
		plan->tenders[i].id += plan->refund.id * REFUND_TENDER_ROOM;
	refund_document(plan, &document);
	journal.document = document.data;
	journal.document_len = document.len;
	err = open_lots(call, sale, plan, &earner, &lots);
	if (err == QT_OK)
		err = post_rounding(call, sale, plan);
	if (err == QT_OK)
		err = order_cards_take_back(call, sale, plan);
	if (err == QT_OK)
		err = ledger_post(call->db, &journal, plan->postings, plan->posting_count, &call->problem);
	buf_free(&document);
	if (err == QT_OK)
		err = lots ? move_lots(call, sale, plan, journal.id, earner) : QT_OK;
	if (err == QT_OK)
		err = write_rows(call->db, plan);
	if (err == QT_OK)
		err = update_payments(call->db, sale, plan);
	if (err == QT_OK && plan->refund.rebate_cents)
		err = campaign_use_add(call->db, o->campaign_id, 0, -plan->refund.rebate_cents, -plan->held_cents);
	o->last_refund_id = plan->refund.id;
	if (err == QT_OK && r->approved_by)
		err = approval_given(call, r->approved_by, APPROVAL_REFUND, plan->refund.amount_cents, plan->refund.id);
	bool all = plan->pieces_left == 0; /* not by money: lines that cost nothing may be left */
	return err == QT_OK ? order_update(call->db, o, all ? ORDER_REFUNDED : ORDER_PART_REFUNDED) : err;
}
