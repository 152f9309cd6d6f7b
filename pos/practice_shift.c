/* practice_shift: the shift of a training and its X and Z reports. See practice.h. */
#include "pos/practice_rows.h"
#include "pos/till.h"

#include <stdio.h>
#include <string.h>

static void begin(const struct practice_call *c, bool automatic)
{
	struct practice_shift *h = &c->books->shift;

	*h = (struct practice_shift){ .open = true, .automatic = automatic, .number = ++c->books->last_shift,
	                              .opened_ms = till_now_ms(c->till) };
}

void practice_shift_need(const struct practice_call *c)
{
	if (!c->books->shift.open)
		begin(c, true);
}

static void shift_json(struct json *j, const struct practice_shift *h)
{
	json_text(j, "state", h->open ? "open" : "none");
	json_int(j, "number", h->number);
	json_bool(j, "automatic", h->automatic);
	json_int(j, "opened_ms", h->opened_ms);
}

enum qt_err practice_shift_look(const struct practice_call *c)
{
	shift_json(c->out, &c->books->shift);
	return QT_OK;
}

/* ---- cash ---- */

static int64_t drawer_cents(const struct practice_shift *h)
{
	int64_t sum = h->sold[PRACTICE_CASH].amount_cents + h->rounding_cents - h->given_back[PRACTICE_CASH].amount_cents -
		h->refund_rounding_cents;

	for (int i = 0; i < h->move_count; i++)
		sum += h->moves[i].amount_cents;
	return sum;
}

static enum qt_err move(const struct practice_call *c, const char *kind, int sign)
{
	struct practice_shift *h = &c->books->shift;
	int64_t amount_cents = sign * jint(c->body, "amount_cents", 0);

	practice_shift_need(c);
	if (h->move_count == PRACTICE_MOVES || drawer_cents(h) + amount_cents < 0)
		return QT_OUT_OF_RANGE;
	struct practice_move *m = &h->moves[h->move_count++];
	*m = (struct practice_move){ .kind = kind, .amount_cents = amount_cents };
	snprintf(m->reason, sizeof m->reason, "%s", jtext(c->body, "reason", ""));
	json_object(c->out, "shift");
	shift_json(c->out, h);
	json_end(c->out);
	return QT_OK;
}

enum qt_err practice_cash_in(const struct practice_call *c)
{
	return move(c, "cash-in", 1);
}

enum qt_err practice_cash_out(const struct practice_call *c)
{
	return move(c, "cash-out", -1);
}

enum qt_err practice_safe_drop(const struct practice_call *c)
{
	return move(c, "safe-drop", -1);
}

enum qt_err practice_no_sale(const struct practice_call *c)
{
	practice_shift_need(c);
	return QT_OK;
}

enum qt_err practice_shift_open(const struct practice_call *c)
{
	struct practice_shift *h = &c->books->shift;

	if (h->open)
		return QT_CONFLICT;
	begin(c, false);
	h->moves[h->move_count++] = (struct practice_move){ .kind = "float",
	                                                    .amount_cents = jint(c->body, "float_cents", 0) };
	shift_json(c->out, h);
	return QT_OK;
}

/* ---- reports ---- */

void practice_sums_json(struct json *j, const char *array, const char *name, const struct practice_sum *sums)
{
	json_array(j, array);
	for (int i = 0; i < PRACTICE_METHODS; i++) {
		if (sums[i].count == 0)
			continue;
		json_object(j, NULL);
		json_text(j, name, practice_methods[i]);
		json_int(j, "count", sums[i].count);
		json_int(j, "amount_cents", sums[i].amount_cents);
		json_end(j);
	}
	json_end(j);
}

static void drawer_row(struct json *j, const char *kind, int64_t count, int64_t amount_cents)
{
	if (count == 0)
		return;
	json_object(j, NULL);
	json_text(j, "kind", kind);
	json_int(j, "count", count);
	json_int(j, "amount_cents", amount_cents);
	json_end(j);
}

static void drawer_json(struct json *j, const struct practice_shift *h)
{
	json_array(j, "movements");
	for (int i = 0; i < h->move_count; i++) {
		json_object(j, NULL);
		json_text(j, "kind", h->moves[i].kind);
		json_int(j, "amount_cents", h->moves[i].amount_cents);
		json_text(j, "reason", h->moves[i].reason);
		json_end(j);
	}
	json_end(j);
	json_array(j, "drawer");
	drawer_row(j, "sale", h->sold[PRACTICE_CASH].count,
	           h->sold[PRACTICE_CASH].amount_cents + h->rounding_cents);
	drawer_row(j, "refund", h->given_back[PRACTICE_CASH].count,
	           -h->given_back[PRACTICE_CASH].amount_cents - h->refund_rounding_cents);
	for (int i = 0; i < h->move_count; i++)
		drawer_row(j, h->moves[i].kind, 1, h->moves[i].amount_cents);
	json_end(j);
	json_int(j, "expected_cents", drawer_cents(h));
}

/* What was counted goes into the Z as it came. */
static void count_json(struct json *j, const struct practice_call *c)
{
	const struct json_t *rows = jget(c->body, "count"), *row;
	int64_t counted_cents = 0;

	json_array(j, "count");
	for (size_t i = 0; (row = jat(rows, i)) != NULL; i++) {
		int64_t value_cents = jint(row, "value_cents", 0), quantity = jint(row, "quantity", 0);
		json_object(j, NULL);
		json_int(j, "value_cents", value_cents);
		json_int(j, "quantity", quantity);
		json_end(j);
		counted_cents += value_cents * quantity;
	}
	json_end(j);
	json_int(j, "counted_cents", counted_cents);
	json_int(j, "difference_cents", counted_cents - drawer_cents(&c->books->shift));
}

static void report_json(const struct practice_call *c, bool z)
{
	const struct practice_shift *h = &c->books->shift;
	struct json *j = c->out;

	json_int(j, "report_id", ++c->books->last_report);
	json_object(j, "report");
	json_text(j, "kind", z ? "z" : "x");
	json_int(j, "number", h->number);
	json_bool(j, "automatic", h->automatic);
	json_int(j, "opened_ms", h->opened_ms);
	json_int(j, "at_ms", till_now_ms(c->till));
	json_int(j, "sales_count", h->sales.count);
	json_int(j, "receipt_from", h->receipt_from);
	json_int(j, "receipt_to", h->receipt_to);
	json_int(j, "gross_cents", h->sales.amount_cents);
	json_int(j, "tax_cents", h->tax_cents);
	json_int(j, "discount_cents", h->discount_cents);
	practice_sums_json(j, "tenders", "tender", h->sold);
	json_int(j, "rounding_cents", h->rounding_cents);
	json_int(j, "refund_count", h->refunds.count);
	json_int(j, "refund_cents", h->refunds.amount_cents);
	practice_sums_json(j, "refund_tenders", "tender", h->given_back);
	json_int(j, "refund_rounding_cents", h->refund_rounding_cents);
	drawer_json(j, h);
	if (z)
		count_json(j, c);
	json_end(j);
}

enum qt_err practice_x(const struct practice_call *c)
{
	practice_shift_need(c);
	report_json(c, false);
	return QT_OK;
}

enum qt_err practice_shift_close(const struct practice_call *c)
{
	practice_shift_need(c);
	report_json(c, true);
	c->books->shift = (struct practice_shift){ .open = false };
	return QT_OK;
}
