/* practice: see practice.h. Sales and refunds; the shift is in practice_shift.c. */
#include "pos/practice_rows.h"
#include "pos/till.h"

#include "shared/money.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CODE_TEXT "TRAINING: THIS IS NO CODE TO PAY WITH"
#define CODE_LIFE_MS 180000
#define CODE_PAID_MS 4000 /* so long the customer needs; the till looks every five seconds */

const char *const practice_methods[PRACTICE_METHODS] = { "cash", "terminal", "code" };
static const char *const states[] = { "open", "held", "settled", "cancelled" };

struct practice *practice_new(void)
{
	return xcalloc(1, sizeof(struct practice));
}

void practice_free(struct practice *p)
{
	for (int i = 0; p && i < PRACTICE_SALES; i++)
		jfree(p->sales[i].goods);
	free(p);
}

static struct practice_sale *find(const struct practice_call *c)
{
	struct practice_sale *s = &c->books->sales[c->id % PRACTICE_SALES];
	return c->id > 0 && s->id == c->id ? s : NULL;
}

/* ---- an order as the server writes it ---- */

static int64_t due_cents(const struct practice_sale *s)
{
	int64_t due = s->total_cents;

	for (int i = 0; i < s->part_count; i++)
		if (s->parts[i].state == PART_HELD || s->parts[i].state == PART_SETTLED)
			due -= s->parts[i].amount_cents;
	return due;
}

static void raw_member(struct json *j, const char *name, const struct json_t *value)
{
	char *text = jdump(value);

	json_raw(j, name, text, strlen(text));
	free(text);
}

int64_t practice_rounding(const struct practice_part *p, int64_t before, int64_t cents)
{
	return price_in_cash(before + cents, p->coin_cents) - price_in_cash(before, p->coin_cents) - cents;
}

static void part_json(struct json *j, const struct practice_part *p)
{
	json_object(j, NULL);
	json_int(j, "payment_id", p->id);
	json_text(j, "method", practice_methods[p->method]);
	json_text(j, "state", states[p->state]);
	json_int(j, "amount_cents", p->amount_cents);
	if (practice_rounding(p, 0, p->amount_cents))
		json_int(j, "rounding_cents", practice_rounding(p, 0, p->amount_cents));
	if (p->approval[0])
		json_text(j, "approval", p->approval);
	if (p->method == PRACTICE_CODE) {
		json_text(j, "code", CODE_TEXT);
		json_int(j, "expires_ms", p->at_ms + CODE_LIFE_MS);
	}
	json_end(j);
}

static int64_t refunded_cents(const struct practice_sale *s)
{
	int64_t sum = 0;

	for (int i = 0; i < s->part_count; i++)
		sum += s->parts[i].refunded_cents;
	return sum;
}

static const char *state_name(const struct practice_sale *s)
{
	int64_t back = refunded_cents(s);

	if (s->cancelled)
		return "cancelled";
	if (s->receipt == 0)
		return "open";
	return back == 0 ? "paid" : back < s->total_cents ? "part-refunded" : "refunded";
}

static void sale_json(struct json *j, const struct practice_sale *s)
{
	json_int(j, "order_id", s->id);
	json_text(j, "state", state_name(s));
	json_int(j, "at_ms", s->at_ms);
	if (s->discount_cents)
		json_int(j, "discount_cents", s->discount_cents);
	json_int(j, "subtotal_cents", s->total_cents - s->tax_cents);
	json_int(j, "tax_cents", s->tax_cents);
	json_int(j, "total_cents", s->total_cents);
	json_int(j, "due_cents", due_cents(s));
	json_int(j, "change_cents", s->change_cents);
	raw_member(j, "lines", jget(s->goods, "lines"));
	if (jget(s->goods, "steps"))
		raw_member(j, "steps", jget(s->goods, "steps"));
	json_array(j, "payments");
	for (int i = 0; i < s->part_count; i++)
		part_json(j, &s->parts[i]);
	json_end(j);
	if (s->receipt) {
		json_object(j, "receipt");
		json_int(j, "number", s->receipt);
		json_end(j);
	}
}

/* ---- paying ---- */

/* Covered, every part settles and the sale gets its number. */
static void settle_if_covered(const struct practice_call *c, struct practice_sale *s)
{
	struct practice_shift *h = &c->books->shift;

	if (s->receipt || due_cents(s) > 0)
		return;
	practice_shift_need(c);
	s->receipt = ++c->books->last_receipt;
	h->receipt_from = h->sales.count ? h->receipt_from : s->receipt;
	h->receipt_to = s->receipt;
	h->sales.count++;
	h->sales.amount_cents += s->total_cents;
	h->tax_cents += s->tax_cents;
	h->discount_cents += s->discount_cents;
	for (int i = 0; i < s->part_count; i++) {
		struct practice_part *p = &s->parts[i];
		if (p->state == PART_OPEN)
			p->state = PART_CANCELLED;
		if (p->state != PART_HELD)
			continue;
		p->state = PART_SETTLED;
		h->sold[p->method].count++;
		h->sold[p->method].amount_cents += p->amount_cents;
		h->rounding_cents += practice_rounding(p, 0, p->amount_cents);
	}
}

/* One tender of a request: {"method", "amount_cents", "received_cents", "approval"}. */
static enum qt_err add_part(const struct practice_call *c, struct practice_sale *s, const struct json_t *tender)
{
	const char *method = jtext(tender, "method", "");
	int64_t due = due_cents(s), amount_cents = jint(tender, "amount_cents", due);
	int kind = 0;

	while (kind < PRACTICE_METHODS && strcmp(practice_methods[kind], method) != 0)
		kind++;
	if (kind == PRACTICE_METHODS)
		return QT_TRAINING;
	if (amount_cents <= 0 || amount_cents > due || s->part_count == PRACTICE_PARTS)
		return QT_OUT_OF_RANGE;
	struct practice_part *p = &s->parts[s->part_count++];
	*p = (struct practice_part){ .id = ++c->books->last_part, .method = (enum practice_method)kind,
	                             .state = kind == PRACTICE_CODE ? PART_OPEN : PART_HELD, .amount_cents = amount_cents,
	                             .at_ms = till_now_ms(c->till) };
	snprintf(p->approval, sizeof p->approval, "%s", jtext(tender, "approval", ""));
	p->coin_cents = kind == PRACTICE_CASH ? jint(tender, "cash_rounding_cents", 0) : 0;
	int64_t asked_cents = amount_cents + practice_rounding(p, 0, amount_cents);
	int64_t change_cents = jint(tender, "received_cents", asked_cents) - asked_cents;
	if (kind == PRACTICE_CASH && change_cents > 0)
		s->change_cents = change_cents;
	settle_if_covered(c, s);
	return QT_OK;
}

/* The cart's lines and steps, as an order has them. */
static struct json_t *goods_of(const struct cart *cart)
{
	struct buf b = { 0 };
	struct json j;

	json_start(&j, &b);
	json_object(&j, NULL);
	till_lines_json(cart, &j);
	json_end(&j);
	struct json_t *goods = jparse(b.data, b.len);
	buf_free(&b);
	return goods;
}

enum qt_err practice_order(const struct practice_call *c)
{
	const struct cart *cart = &c->till->sale.cart;
	struct practice_sale *s = &c->books->sales[(c->books->last_order + 1) % PRACTICE_SALES];
	const struct json_t *payments = jget(c->body, "payments"), *tender;
	enum qt_err err = QT_OK;

	if (cart_has_cards(cart) || cart->coupon_count || c->till->sale.customer[0] || c->till->sale.share[0])
		return QT_TRAINING;
	jfree(s->goods);
	*s = (struct practice_sale){ .id = c->books->last_order + 1, .at_ms = till_now_ms(c->till),
	                             .total_cents = cart->total_cents, .tax_cents = cart->tax_cents,
	                             .goods = goods_of(cart) };
	s->discount_cents = cart->given.discount_cents + cart->given.override_cents;
	for (size_t i = 0; err == QT_OK && (tender = jat(payments, i)) != NULL; i++)
		err = add_part(c, s, tender);
	if (err != QT_OK) {
		s->id = 0;
		return err;
	}
	c->books->last_order++;
	settle_if_covered(c, s); /* one that costs nothing is paid by nothing */
	sale_json(c->out, s);
	return QT_OK;
}

enum qt_err practice_order_look(const struct practice_call *c)
{
	struct practice_sale *s = find(c);

	if (s == NULL)
		return QT_NOT_FOUND;
	for (int i = 0; i < s->part_count; i++) {
		struct practice_part *p = &s->parts[i];
		int64_t age_ms = till_now_ms(c->till) - p->at_ms;
		if (p->state == PART_OPEN && age_ms >= CODE_PAID_MS && p->amount_cents <= due_cents(s))
			p->state = PART_HELD;
	}
	settle_if_covered(c, s);
	sale_json(c->out, s);
	return QT_OK;
}

enum qt_err practice_pay(const struct practice_call *c)
{
	struct practice_sale *s = find(c);

	if (s == NULL)
		return QT_NOT_FOUND;
	enum qt_err err = s->receipt || s->cancelled ? QT_CONFLICT : add_part(c, s, c->body);
	if (err == QT_OK)
		sale_json(c->out, s);
	return err;
}

enum qt_err practice_cancel(const struct practice_call *c)
{
	struct practice_sale *s = find(c);

	if (s == NULL)
		return QT_NOT_FOUND;
	if (s->receipt)
		return QT_CONFLICT;
	s->cancelled = true;
	for (int i = 0; i < s->part_count; i++)
		s->parts[i].state = PART_CANCELLED;
	sale_json(c->out, s);
	return QT_OK;
}

enum qt_err practice_release(const struct practice_call *c)
{
	for (int i = 0; i < PRACTICE_SALES; i++) {
		struct practice_sale *s = &c->books->sales[i];
		for (int k = 0; s->id && k < s->part_count; k++)
			if (s->parts[k].id == c->id) {
				if (s->parts[k].state == PART_SETTLED)
					return QT_CONFLICT;
				s->parts[k].state = PART_CANCELLED;
				json_int(c->out, "payment_id", c->id);
				return QT_OK;
			}
	}
	return QT_NOT_FOUND;
}

/* ---- refunds ---- */

struct plan {
	int64_t quantity[CART_LINES_MOST]; /* taken back now */
	int64_t amount_cents, tax_cents;
	int64_t tender_cents[PRACTICE_PARTS];
};

static int64_t line_quantity(const struct practice_sale *s, int line)
{
	const struct json_t *l = jat(jget(s->goods, "lines"), (size_t)line);
	return jint(l, "quantity_milli", jint(l, "quantity", 0));
}

/* What `quantity` more of a line is worth: shares of what was paid for all of it, so that they add up to the cent. */
static int64_t share(const struct practice_sale *s, int line, const char *member, int64_t quantity)
{
	int64_t whole = jint(jat(jget(s->goods, "lines"), (size_t)line), member, 0), upto = 0, before = 0;

	if (money_ratio(whole, s->back[line] + quantity, line_quantity(s, line), &upto) != QT_OK ||
	    money_ratio(whole, s->back[line], line_quantity(s, line), &before) != QT_OK)
		return 0;
	return upto - before;
}

static enum qt_err take_line(const struct practice_sale *s, struct plan *plan, int64_t line_no, int64_t quantity)
{
	int line = (int)line_no - 1;

	if (line < 0 || (size_t)line >= jcount(jget(s->goods, "lines")) || quantity <= 0 ||
	    quantity > line_quantity(s, line) - s->back[line] - plan->quantity[line])
		return QT_OUT_OF_RANGE;
	plan->quantity[line] += quantity;
	return QT_OK;
}

/* "lines=1*2,3*1000", or everything that is left. */
static enum qt_err read_query(const struct practice_sale *s, const char *query, struct plan *plan)
{
	enum qt_err err = QT_OK;
	const char *at = strstr(query, "lines=");

	for (size_t i = 0; at == NULL && i < jcount(jget(s->goods, "lines")); i++)
		plan->quantity[i] = line_quantity(s, (int)i) - s->back[i];
	for (at = at ? at + 6 : ""; *at && err == QT_OK;) {
		char *end;
		int64_t line_no = strtoll(at, &end, 10), quantity = *end == '*' ? strtoll(end + 1, &end, 10) : 1;
		err = take_line(s, plan, line_no, quantity);
		at = *end == ',' ? end + 1 : "";
	}
	return err;
}

static void work_out(const struct practice_sale *s, struct plan *plan)
{
	int64_t left_cents = 0, rest_cents;

	for (size_t i = 0; i < jcount(jget(s->goods, "lines")); i++) {
		if (plan->quantity[i] == 0)
			continue;
		plan->amount_cents += share(s, (int)i, "total_cents", plan->quantity[i]);
		plan->tax_cents += share(s, (int)i, "tax_cents", plan->quantity[i]);
	}
	rest_cents = plan->amount_cents;
	for (int i = 0; i < s->part_count; i++)
		if (s->parts[i].state == PART_SETTLED)
			left_cents += s->parts[i].amount_cents - s->parts[i].refunded_cents;
	for (int i = 0; i < s->part_count && left_cents > 0; i++) {
		int64_t of_this = s->parts[i].amount_cents - s->parts[i].refunded_cents;
		if (s->parts[i].state != PART_SETTLED)
			continue;
		if (money_ratio(rest_cents, of_this, left_cents, &plan->tender_cents[i]) != QT_OK)
			return;
		rest_cents -= plan->tender_cents[i];
		left_cents -= of_this;
	}
}

static void plan_json(struct json *j, const struct practice_sale *s, const struct plan *plan)
{
	json_int(j, "refunded_cents", plan->amount_cents);
	json_int(j, "tax_cents", plan->tax_cents);
	json_bool(j, "needs_approval", false);
	json_array(j, "lines");
	for (size_t i = 0; i < jcount(jget(s->goods, "lines")); i++) {
		const char *unit = jtext(jat(jget(s->goods, "lines"), i), "unit", NULL);
		if (plan->quantity[i] == 0)
			continue;
		json_object(j, NULL);
		json_int(j, "line_no", (int64_t)i + 1);
		json_int(j, unit ? "quantity_milli" : "quantity", plan->quantity[i]);
		if (unit)
			json_text(j, "unit", unit);
		json_int(j, "amount_cents", share(s, (int)i, "total_cents", plan->quantity[i]));
		json_end(j);
	}
	json_end(j);
	json_array(j, "tenders");
	for (int i = 0; i < s->part_count; i++) {
		if (plan->tender_cents[i] == 0)
			continue;
		json_object(j, NULL);
		json_text(j, "source", practice_methods[s->parts[i].method]);
		json_int(j, "amount_cents", plan->tender_cents[i]);
		int64_t rounding_cents = practice_rounding(&s->parts[i], s->parts[i].refunded_cents, plan->tender_cents[i]);
		if (rounding_cents)
			json_int(j, "rounding_cents", rounding_cents);
		json_end(j);
	}
	json_end(j);
}

enum qt_err practice_refund_preview(const struct practice_call *c)
{
	struct plan plan = { .amount_cents = 0 };
	const struct practice_sale *s = find(c);

	if (s == NULL || s->receipt == 0)
		return QT_NOT_FOUND;
	enum qt_err err = read_query(s, c->query, &plan);
	if (err != QT_OK)
		return err;
	work_out(s, &plan);
	if (plan.amount_cents == 0 && refunded_cents(s) == s->total_cents)
		return QT_CONFLICT;
	plan_json(c->out, s, &plan);
	return QT_OK;
}

static void book_refund(const struct practice_call *c, struct practice_sale *s, const struct plan *plan)
{
	struct practice_shift *h = &c->books->shift;

	practice_shift_need(c);
	for (size_t i = 0; i < jcount(jget(s->goods, "lines")); i++)
		s->back[i] += plan->quantity[i];
	for (int i = 0; i < s->part_count; i++) {
		if (plan->tender_cents[i] == 0)
			continue;
		h->refund_rounding_cents += practice_rounding(&s->parts[i], s->parts[i].refunded_cents, plan->tender_cents[i]);
		s->parts[i].refunded_cents += plan->tender_cents[i];
		h->given_back[s->parts[i].method].count++;
		h->given_back[s->parts[i].method].amount_cents += plan->tender_cents[i];
	}
	h->refunds.count++;
	h->refunds.amount_cents += plan->amount_cents;
}

enum qt_err practice_refund(const struct practice_call *c)
{
	struct practice_sale *s = find(c);
	struct plan plan = { .amount_cents = 0 };
	const struct json_t *lines = jget(c->body, "lines"), *l;
	enum qt_err err = QT_OK;

	if (s == NULL || s->receipt == 0)
		return QT_NOT_FOUND;
	for (size_t i = 0; err == QT_OK && (l = jat(lines, i)) != NULL; i++)
		err = take_line(s, &plan, jint(l, "line_no", 0), jint(l, "quantity_milli", jint(l, "quantity", 0)));
	if (err != QT_OK)
		return err;
	work_out(s, &plan);
	json_int(c->out, "refund_id", ++c->books->last_refund);
	plan_json(c->out, s, &plan);
	book_refund(c, s, &plan);
	json_object(c->out, "order");
	sale_json(c->out, s);
	json_end(c->out);
	return QT_OK;
}
