/* order: rows of orders and their lines, the document, cancelling and expiry. Making one is in order_make.c, the
 * reply in order_json.c. See order.h. */
#include "server/order_card.h"
#include "server/cache.h"
#include "server/payment_rows.h"
#include "server/promotion.h"

#include <assert.h>
#include <string.h>

#define ORDER_COLUMNS \
	"id, merchant_id, terminal_id, number, staff_id, created_ms, tax_cents, total_cents, customer_id, " \
	"campaign_id, share_id, receipt_number, points_earned, rebate_cents, rebate_outcome, " \
	"state, expires_ms, paid_after_ms, last_payment_id, last_refund_id"

enum qt_err order_get(struct db *db, int64_t merchant_id, int64_t order_id, struct order *o)
{
	SQL(by_id, "SELECT " ORDER_COLUMNS ", (SELECT m.currency FROM merchant m WHERE m.id = merchant_id) FROM orders "
	           "WHERE id = $1 AND (merchant_id = $2 OR $2 = 0)");
	return db_one(db, &by_id, "ii", order_id, merchant_id, "iiiiiiiiiiiiiiiiiiiii",
	              &o->id, &o->merchant_id, &o->terminal_id, &o->number, &o->staff_id, &o->created_ms, &o->tax_cents,
	              &o->total_cents, &o->customer_id, &o->campaign_id, &o->share_id, &o->receipt_number,
	              &o->points_earned, &o->rebate_cents, &o->rebate_outcome,
	              &o->state, &o->expires_ms, &o->paid_after_ms, &o->last_payment_id, &o->last_refund_id, &o->currency);
}

static char *keep_text(struct arena *arena, const char *text)
{
	return text ? arena_strndup(arena, text, strlen(text)) : NULL;
}

static enum qt_err load_lines(struct db *db, struct arena *arena, struct sale *sale)
{
	SQL(of_order,
		"SELECT l.id, l.sold_item_id, l.quantity, l.price_cents, l.tax_cents, s.item_id, s.rate_bp, s.tax_id, "
	              "s.inclusive, s.name, s.name_zh, n.note, COALESCE(l.amount_cents, l.quantity * l.price_cents), u.unit "
	              "FROM order_line l JOIN sold_item s ON s.id = l.sold_item_id "
	              "LEFT JOIN order_note n ON n.id = l.id LEFT JOIN sold_unit u ON u.id = l.sold_item_id "
	              "WHERE l.id BETWEEN $1 AND $2 ORDER BY l.id");
	int64_t first = sale->order.id * ORDER_LINE_ROOM;
	struct stmt *s = db_stmt(db, &of_order);

	sale->lines = arena_alloc(arena, ORDER_LINES_MAX * sizeof *sale->lines);
	sale->line_count = 0;
	stmt_int(s, 1, first);
	stmt_int(s, 2, first + ORDER_LINE_ROOM - 1);
	while (stmt_step(s) && sale->line_count < ORDER_LINES_MAX) {
		struct order_line *l = &sale->lines[sale->line_count++];
		l->id = stmt_col_int(s, 0);
		l->sold_item_id = stmt_col_int(s, 1);
		l->quantity = stmt_col_int(s, 2);
		l->price_cents = stmt_col_int(s, 3);
		l->tax_cents = stmt_col_int(s, 4);
		l->item_id = stmt_col_int(s, 5);
		l->rate_bp = stmt_col_int(s, 6);
		l->tax_id = stmt_col_int(s, 7);
		l->inclusive = stmt_col_int(s, 8) != 0;
		l->name = keep_text(arena, stmt_col_text(s, 9));
		l->name_zh = keep_text(arena, stmt_col_text(s, 10));
		l->note = keep_text(arena, stmt_col_text(s, 11));
		l->amount_cents = stmt_col_int(s, 12);
		l->unit = keep_text(arena, stmt_col_text(s, 13));
		l->total_cents = l->amount_cents + (l->inclusive ? 0 : l->tax_cents);
	}
	return stmt_end(s);
}

enum qt_err sale_load(struct db *db, int64_t merchant_id, int64_t order_id, struct arena *arena, struct sale *sale)
{
	SQL(store_of, "SELECT store_id FROM terminal WHERE id = $1");

	memset(sale, 0, sizeof *sale);
	enum qt_err err = order_get(db, merchant_id, order_id, &sale->order);
	if (err == QT_OK)
		err = merchant_get(db, sale->order.merchant_id, &sale->merchant);
	if (err == QT_OK)
		err = load_lines(db, arena, sale);
	if (err == QT_OK)
		err = order_steps_load(db, arena, sale);
	if (err == QT_OK)
		err = order_options_load(db, arena, sale);
	if (err == QT_OK)
		err = order_promotions_load(db, arena, sale);
	if (err == QT_OK)
		err = order_cards_load(db, arena, sale);
	if (err == QT_OK)
		err = payment_list(db, sale->order.last_payment_id, sale->payments, &sale->payment_count);
	if (err == QT_OK)
		err = db_one(db, &store_of, "i", sale->order.terminal_id, "i", &sale->store_id);
	return err;
}

struct sale_sums sale_sums(const struct sale *sale)
{
	struct sale_sums sums = { 0 };

	for (int i = 0; i < sale->payment_count; i++) {
		const struct payment *p = &sale->payments[i];
		switch (p->state) {
		case PAYMENT_SETTLED: case PAYMENT_HELD: case PAYMENT_PART_REFUNDED: case PAYMENT_REFUNDED:
			sums.paid_cents += p->amount_cents;
			break;
		case PAYMENT_PENDING: case PAYMENT_UNKNOWN:
			sums.pending_cents += p->amount_cents;
			break;
		case PAYMENT_OPEN:
			sums.open_cents += p->amount_cents;
			break;
		}
	}
	return sums;
}

/* Rows of up to eight lines in one statement. */
#define ROW(a, b, c, d, e) "($" #a ", $" #b ", $" #c ", $" #d ", $" #e ")"
#define INTO_LINE "INSERT INTO order_line (id, sold_item_id, quantity, price_cents, tax_cents) VALUES "
#define LINE_COLUMNS 5
#define ROWS_1 ROW(1, 2, 3, 4, 5)
#define ROWS_2 ROWS_1 ", " ROW(6, 7, 8, 9, 10)
#define ROWS_3 ROWS_2 ", " ROW(11, 12, 13, 14, 15)
#define ROWS_4 ROWS_3 ", " ROW(16, 17, 18, 19, 20)
#define ROWS_8 ROWS_4 ", " ROW(21, 22, 23, 24, 25) ", " ROW(26, 27, 28, 29, 30) ", " \
	ROW(31, 32, 33, 34, 35) ", " ROW(36, 37, 38, 39, 40)

static enum qt_err insert_notes(struct db *db, const struct order_line *lines, int count)
{
	SQL(note, "INSERT INTO order_note (id, note) VALUES ($1, $2)");
	enum qt_err err = QT_OK;

	for (int i = 0; i < count && err == QT_OK; i++)
		if (lines[i].note)
			err = db_run(db, &note, "it", lines[i].id, lines[i].note);
	return err;
}

/* Lines of an order with steps or measured goods: all with their amount. */
static enum qt_err insert_stepped(struct db *db, const struct sale *sale)
{
	SQL(stepped, "INSERT INTO order_line (id, sold_item_id, quantity, price_cents, tax_cents, amount_cents) "
	             "VALUES ($1, $2, $3, $4, $5, $6)");
	enum qt_err err = QT_OK;

	for (int i = 0; i < sale->line_count && err == QT_OK; i++) {
		const struct order_line *l = &sale->lines[i];
		err = db_run(db, &stepped, "iiiiii", l->id, l->sold_item_id, l->quantity, l->price_cents, l->tax_cents,
		             l->amount_cents);
	}
	return err == QT_OK ? order_steps_insert(db, sale) : err;
}

static enum qt_err insert_lines(struct db *db, const struct order_line *lines, int count)
{
	SQL(one, INTO_LINE ROWS_1);
	SQL(two, INTO_LINE ROWS_2);
	SQL(three, INTO_LINE ROWS_3);
	SQL(four, INTO_LINE ROWS_4);
	SQL(eight, INTO_LINE ROWS_8);
	struct sql *const by_count[] = { NULL, &one, &two, &three, &four };

	while (count > 0) {
		int n = count >= 8 ? 8 : count > 4 ? 4 : count;
		struct stmt *s = db_stmt(db, n == 8 ? &eight : by_count[n]);
		for (int i = 0; i < n; i++) {
			stmt_int(s, i * LINE_COLUMNS + 1, lines[i].id);
			stmt_int(s, i * LINE_COLUMNS + 2, lines[i].sold_item_id);
			stmt_int(s, i * LINE_COLUMNS + 3, lines[i].quantity);
			stmt_int(s, i * LINE_COLUMNS + 4, lines[i].price_cents);
			stmt_int(s, i * LINE_COLUMNS + 5, lines[i].tax_cents);
		}
		(void)stmt_step(s);
		enum qt_err err = stmt_end(s);
		if (err != QT_OK)
			return err;
		lines += n;
		count -= n;
	}
	return QT_OK;
}

enum qt_err sale_insert(struct db *db, const struct sale *sale)
{
	SQL(insert,
		"INSERT INTO orders (" ORDER_COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, "
	            "$14, $15, $16, $17, $18, $19, $20)");
	const struct order *o = &sale->order;

	enum qt_err err = db_run(db, &insert, "iiiiiiiiiiiiiiiiiiii", o->id, o->merchant_id, o->terminal_id, o->number,
	                         o->staff_id, o->created_ms, o->tax_cents, o->total_cents, o->customer_id, o->campaign_id,
	                         o->share_id, o->receipt_number, o->points_earned, o->rebate_cents,
	                         o->rebate_outcome, o->state, o->expires_ms, o->paid_after_ms, o->last_payment_id,
	                         o->last_refund_id);
	if (err == QT_OK)
		err = sale_is_stepped(sale) ? insert_stepped(db, sale) : insert_lines(db, sale->lines, sale->line_count);
	if (err == QT_OK)
		err = order_options_insert(db, sale);
	if (err == QT_OK)
		err = order_cards_insert(db, sale);
	return err == QT_OK ? insert_notes(db, sale->lines, sale->line_count) : err;
}

/* Uses of promotions follow their order. */
static enum qt_err order_move_promotions(struct db *db, int64_t order_id, int state)
{
	switch (state) {
	case ORDER_PAID: return promotion_move(db, order_id, PROMOTION_USED);
	case ORDER_CANCELLED: case ORDER_EXPIRED: return promotion_move(db, order_id, PROMOTION_RELEASED);
	case ORDER_REFUNDED: return promotion_move(db, order_id, PROMOTION_GIVEN_BACK);
	}
	return QT_OK;
}

enum qt_err order_update(struct db *db, struct order *o, int new_state)
{
	SQL(update, "UPDATE orders SET customer_id = $2, campaign_id = $3, share_id = $4, receipt_number = $5, "
	            "points_earned = $6, rebate_cents = $7, rebate_outcome = $8, state = $9, expires_ms = $10, "
	            "paid_after_ms = $11, last_payment_id = $12, last_refund_id = $13 WHERE id = $1");

	if (new_state != o->state && !order_state_may((int)o->state, new_state))
		return QT_CONFLICT;
	o->state = new_state;
	enum qt_err err = order_move_promotions(db, o->id, new_state);
	if (err != QT_OK)
		return err;
	return db_run(db, &update, "iiiiiiiiiiiii", o->id, o->customer_id, o->campaign_id, o->share_id, o->receipt_number,
	              o->points_earned, o->rebate_cents, o->rebate_outcome, o->state, o->expires_ms, o->paid_after_ms,
	              o->last_payment_id, o->last_refund_id);
}

enum qt_err till_sequence_get(struct db *db, int64_t terminal_id, struct till_sequence *t)
{
	SQL(by_id, "SELECT last_number, last_receipt FROM till_sequence WHERE terminal_id = $1");
	*t = (struct till_sequence){ 0 };
	enum qt_err err = db_one(db, &by_id, "i", terminal_id, "ii", &t->last_number, &t->last_receipt);
	return err == QT_NOT_FOUND ? QT_OK : err;
}

static struct cache sequences = CACHE(1024, struct till_sequence);

enum qt_err till_sequence_of_writer(struct db *db, int64_t terminal_id, struct till_sequence *t)
{
	const struct till_sequence *kept = cache_find(&sequences, db, terminal_id);

	if (kept == NULL)
		return till_sequence_get(db, terminal_id, t);
	*t = *kept;
	return QT_OK;
}

enum qt_err till_sequence_put(struct db *db, int64_t terminal_id, const struct till_sequence *t)
{
	SQL(put, "INSERT INTO till_sequence (terminal_id, last_number, last_receipt) VALUES ($1, $2, $3) "
	         "ON CONFLICT (terminal_id) DO UPDATE SET last_number = $2, last_receipt = $3");
	enum qt_err err = db_run(db, &put, "iii", terminal_id, t->last_number, t->last_receipt);

	if (err == QT_OK)
		*(struct till_sequence *)cache_put(&sequences, db, terminal_id) = *t;
	return err;
}

/* ---- the document ---- */

void document_ints(struct buf *b, const int64_t *values, int count)
{
	buf_add(b, values, (size_t)count * sizeof *values); /* little-endian on every machine Debian 12 runs a server on */
}

static bool is_settled(const struct payment *p)
{
	return p->state == PAYMENT_SETTLED || p->state == PAYMENT_PART_REFUNDED || p->state == PAYMENT_REFUNDED;
}

/* Was any cash that settled it rounded? */
static bool sale_is_rounded(const struct sale *sale)
{
	bool rounded = false;

	for (int i = 0; i < sale->payment_count; i++)
		rounded |= is_settled(&sale->payments[i]) && sale->payments[i].cash_rounding_cents != 0;
	return rounded;
}

void sale_document(const struct sale *sale, struct buf *b)
{
	const struct order *o = &sale->order;
	const bool stepped = sale_is_stepped(sale), rounded = sale_is_rounded(sale);
	const int64_t order[] = { (stepped ? 3 : 1) + (rounded ? 4 : 0), o->id, o->merchant_id, o->terminal_id, o->number, o->staff_id,
		o->created_ms, o->currency, o->tax_cents, o->total_cents, o->customer_id, o->campaign_id, o->share_id, o->receipt_number,
		o->points_earned, o->rebate_cents, o->rebate_outcome, sale->line_count };
	int64_t settled = 0, steps = sale->step_count;

	document_ints(b, order, sizeof order / sizeof *order);
	for (int i = 0; i < sale->line_count; i++) {
		const struct order_line *l = &sale->lines[i];
		const int64_t line[] = { l->id, l->sold_item_id, l->quantity, l->price_cents, l->tax_cents, l->amount_cents };
		document_ints(b, line, stepped ? 6 : 5);
	}
	if (stepped)
		document_ints(b, &steps, 1);
	for (int i = 0; i < sale->step_count; i++) {
		const struct order_step *s = &sale->steps[i];
		const int64_t step[] = { s->id, s->line_no, s->kind, s->amount_cents, s->rate_bp, s->approval_id };
		document_ints(b, step, sizeof step / sizeof *step);
	}
	for (int i = 0; i < sale->payment_count; i++)
		settled += is_settled(&sale->payments[i]);
	document_ints(b, &settled, 1);
	for (int i = 0; i < sale->payment_count; i++) {
		const struct payment *p = &sale->payments[i];
		const int64_t payment[] = { p->id, p->order_id, p->method, p->source, p->account_id, p->amount_cents, p->points,
			p->received_cents, p->cash_rounding_cents, payment_rounding_cents(p) };
		if (is_settled(p))
			document_ints(b, payment, rounded ? 10 : 8);
	}
}

/* ---- the end of an order that is not paid ---- */

/* Payments that are still open or held end with their order: codes close, held parts go back. */
static enum qt_err end_payments(struct db *db, struct sale *sale, int state, int64_t actor_id, int64_t now_ms,
                                struct problem *problem)
{
	for (int i = 0; i < sale->payment_count; i++) {
		struct payment *p = &sale->payments[i];
		if (p->state != PAYMENT_OPEN && p->state != PAYMENT_HELD)
			continue;
		enum qt_err err = payment_release(db, sale, p, state, actor_id, now_ms, problem);
		if (err != QT_OK)
			return err;
	}
	return QT_OK;
}

/* A provider was asked and has not said what came of it. Long enough ago the order need not wait for that: the provider is
 * asked to cancel, and what it pays all the same comes late and goes back. */
static enum qt_err leave_pending(struct db *db, struct sale *sale, int64_t now_ms, int64_t give_up_ms,
                                 struct problem *problem)
{
	SQL(asked, "SELECT first_ms FROM provider_ask WHERE payment_id = $1");
	enum qt_err err = QT_OK;

	for (int i = 0; i < sale->payment_count && err == QT_OK; i++) {
		struct payment *p = &sale->payments[i];
		int64_t first_ms = 0;
		if (p->state != PAYMENT_PENDING && p->state != PAYMENT_UNKNOWN)
			continue;
		err = db_one(db, &asked, "i", p->id, "i", &first_ms);
		int64_t left_ms = err == QT_OK && first_ms > 0 && first_ms <= now_ms ? first_ms + give_up_ms - now_ms : give_up_ms;
		if (err != QT_OK && err != QT_NOT_FOUND)
			return err;
		if (left_ms > 0)
			return problem_set(problem, QT_CONFLICT, "", "a payment provider was asked; without its answer the order "
			                   "can be given up in %lld s", (long long)(left_ms + 999) / 1000);
		p->expires_ms = now_ms;
		err = payment_update(db, p);
	}
	return err;
}

enum qt_err order_cancel(struct db *db, struct sale *sale, int64_t actor_id, int64_t now_ms, int64_t give_up_ms,
                         struct problem *problem)
{
	if (sale->order.state != ORDER_OPEN)
		return problem_set(problem, QT_ORDER_CLOSED, "", "the order is %s", order_state_name((int)sale->order.state));
	enum qt_err err = leave_pending(db, sale, now_ms, give_up_ms, problem);
	if (err == QT_OK)
		err = end_payments(db, sale, PAYMENT_CANCELLED, actor_id, now_ms, problem);
	return err == QT_OK ? order_update(db, &sale->order, ORDER_CANCELLED) : err;
}

static enum qt_err expire_order(struct db *db, int64_t order_id, struct arena *arena, int64_t now_ms)
{
	struct sale sale;
	struct problem problem = { 0 };

	enum qt_err err = sale_load(db, 0, order_id, arena, &sale);
	if (err != QT_OK)
		return err;
	if (sale_sums(&sale).pending_cents > 0) { /* money may be under way: look again when the provider has answered */
		sale.order.expires_ms = now_ms + 60 * 1000;
		return order_update(db, &sale.order, ORDER_OPEN);
	}
	err = end_payments(db, &sale, PAYMENT_EXPIRED, 0, now_ms, &problem);
	return err == QT_OK ? order_update(db, &sale.order, ORDER_EXPIRED) : err;
}

enum qt_err order_expire_due(struct db *db, int64_t now_ms, int max, int *count)
{
	SQL(due, "SELECT id FROM orders WHERE state = 1 AND expires_ms <= $1 ORDER BY expires_ms LIMIT $2");
	struct arena arena = { 0 };
	int64_t ids[64];
	int found = 0;
	struct stmt *s = db_stmt(db, &due);

	stmt_int(s, 1, now_ms);
	stmt_int(s, 2, max < 64 ? max : 64);
	while (stmt_step(s))
		ids[found++] = stmt_col_int(s, 0);
	enum qt_err err = stmt_end(s);
	*count = 0;
	for (int i = 0; i < found && err == QT_OK; i++) {
		err = expire_order(db, ids[i], &arena, now_ms);
		*count += err == QT_OK;
	}
	int payments = 0;
	if (err == QT_OK)
		err = payment_expire_due(db, now_ms, max, &payments);
	*count += payments;
	arena_free(&arena);
	return err;
}
