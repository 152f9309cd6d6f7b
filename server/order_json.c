/* order_json: an order as JSON: the reply of the order routes and the body of receipts. See order.h. */
#include "server/order_card.h"
#include "server/rebate_split.h"
#include "server/receipt.h"

static const char *alpha(int64_t currency)
{
	const struct currency *c = currency_by_numeric(currency);
	return c ? c->alpha : "";
}

void quantity_json(struct json *j, int64_t quantity, const char *unit)
{
	char text[QUANTITY_TEXT_ROOM];

	if (unit == NULL) {
		json_int(j, "quantity", quantity);
		return;
	}
	json_int(j, "quantity_milli", quantity);
	json_text(j, "unit", unit);
	json_text(j, "quantity_text", quantity_text(quantity, unit, text));
}

static bool is_settled(const struct payment *p)
{
	return p->state == PAYMENT_SETTLED || p->state == PAYMENT_PART_REFUNDED || p->state == PAYMENT_REFUNDED;
}

static int64_t change_of(const struct payment *p)
{
	return p->received_cents ? p->received_cents - p->amount_cents - payment_rounding_cents(p) : 0;
}

void sale_json_amounts(struct json *j, const struct sale *sale, bool as_paid)
{
	const struct order *o = &sale->order;
	struct sale_sums sums = sale_sums(sale);
	int64_t paid = as_paid ? o->total_cents : sums.paid_cents, change = 0, rounding = 0;

	for (int i = 0; i < sale->payment_count; i++) {
		const struct payment *p = &sale->payments[i];
		change += change_of(p);
		rounding += is_settled(p) || p->state == PAYMENT_HELD ? payment_rounding_cents(p) : 0;
	}
	json_text(j, "currency", alpha(o->currency));
	if (sale->step_count)
		json_int(j, "discount_cents", sale_discount_cents(sale, 0));
	json_int(j, "subtotal_cents", o->total_cents - o->tax_cents);
	json_int(j, "tax_cents", o->tax_cents);
	json_int(j, "total_cents", o->total_cents);
	json_int(j, "paid_cents", paid);
	json_int(j, "due_cents", o->total_cents - paid);
	json_int(j, "change_cents", change);
	if (rounding)
		json_int(j, "rounding_cents", rounding);
	json_int(j, "points_earned", o->points_earned);
	json_int(j, "rebate_cents", o->rebate_cents);
}

/* Nothing when the line has none. */
static void options_json(struct json *j, const struct sale *sale, int64_t line_no)
{
	bool any = false;

	for (int i = 0; i < sale->option_count; i++) {
		const struct order_option *o = &sale->options[i];
		if (o->line_no != line_no)
			continue;
		if (!any)
			json_array(j, "options");
		any = true;
		json_object(j, NULL);
		json_int(j, "choice_id", o->choice_id);
		json_text(j, "name", o->name);
		json_text(j, "name_zh", o->name_zh ? o->name_zh : o->name);
		json_int(j, "price_cents", o->price_cents);
		json_end(j);
	}
	if (any)
		json_end(j);
}

void sale_json_lines(struct json *j, const struct sale *sale)
{
	json_array(j, "lines");
	for (int i = 0; i < sale->line_count; i++) {
		const struct order_line *l = &sale->lines[i];
		json_object(j, NULL);
		json_int(j, "line_no", i + 1);
		json_int(j, "item_id", l->item_id);
		json_text(j, "name", l->name);
		json_text(j, "name_zh", l->name_zh ? l->name_zh : l->name);
		quantity_json(j, l->quantity, l->unit);
		json_int(j, "price_cents", l->price_cents);
		if (sale_discount_cents(sale, i + 1))
			json_int(j, "discount_cents", sale_discount_cents(sale, i + 1));
		json_int(j, "rate_bp", l->rate_bp);
		json_int(j, "tax_cents", l->tax_cents);
		json_int(j, "total_cents", l->total_cents);
		options_json(j, sale, i + 1);
		for (int k = 0; k < sale->card_count; k++)
			if (sale->cards[k].line_no == i + 1) {
				json_text(j, "card_use", order_card_use_name(sale->cards[k].card_use));
				json_int(j, "card_id", sale->cards[k].card_id);
				break;
			}
		if (l->note)
			json_text(j, "note", l->note);
		json_end(j);
	}
	json_end(j);
}

void sale_json_steps(struct json *j, const struct sale *sale)
{
	if (sale->step_count == 0)
		return;
	json_array(j, "steps");
	for (int i = 0; i < sale->step_count; i++) {
		const struct order_step *t = &sale->steps[i];
		json_object(j, NULL);
		json_int(j, "line_no", t->line_no);
		json_text(j, "kind", price_step_name((int)t->kind));
		json_int(j, "amount_cents", t->amount_cents);
		if (t->rate_bp)
			json_int(j, "rate_bp", t->rate_bp);
		if (t->reason)
			json_text(j, "reason", t->reason);
		if (t->approver)
			json_text(j, "approved_by", t->approver);
		json_end(j);
	}
	json_end(j);
}

void sale_json_promotions(struct json *j, const struct sale *sale)
{
	if (sale->promotion_count == 0)
		return;
	json_array(j, "promotions");
	for (int i = 0; i < sale->promotion_count; i++) {
		json_object(j, NULL);
		json_int(j, "promotion_id", sale->promotions[i].promotion_id);
		json_text(j, "name", sale->promotions[i].name);
		json_text(j, "name_zh", sale->promotions[i].name_zh);
		json_int(j, "saved_cents", sale->promotions[i].saved_cents);
		json_end(j);
	}
	json_end(j);
}

void payment_json(struct json *j, const struct server *server, const struct payment *p, int64_t currency,
                  int64_t store_id, bool as_paid)
{
	char url[CODE_URL_MAX];

	json_int(j, "payment_id", p->id);
	json_text(j, "method", payment_method_name((int)p->method));
	if (p->source)
		json_text(j, "source", payment_source_name((int)p->source));
	json_text(j, "state", payment_state_name(as_paid && is_settled(p) ? PAYMENT_SETTLED : (int)p->state));
	json_int(j, "amount_cents", p->amount_cents);
	if (p->points)
		json_int(j, "points", p->points);
	if (payment_rounding_cents(p))
		json_int(j, "rounding_cents", payment_rounding_cents(p));
	if (p->received_cents) {
		json_int(j, "received_cents", p->received_cents);
		json_int(j, "change_cents", change_of(p));
	}
	if (p->refunded_cents && !as_paid)
		json_int(j, "refunded_cents", p->refunded_cents);
	if (p->state == PAYMENT_OPEN && p->method == METHOD_CODE) {
		json_text(j, "code", payment_code_url(server, p, currency, store_id, url));
		json_int(j, "expires_ms", p->expires_ms);
	}
	if (p->provider[0])
		json_text(j, "institution", p->provider);
	if (p->reference[0])
		json_text(j, p->source == SOURCE_TERMINAL ? "approval" : "reference", p->reference);
}

void sale_json_payments(struct json *j, const struct server *server, const struct sale *sale, bool settled_only)
{
	json_array(j, "payments");
	for (int i = 0; i < sale->payment_count; i++) {
		const struct payment *p = &sale->payments[i];
		if (settled_only && !is_settled(p))
			continue;
		json_object(j, NULL);
		payment_json(j, server, p, sale->order.currency, sale->store_id, settled_only);
		json_end(j);
	}
	json_end(j);
}

void sale_json(struct json *j, const struct server *server, const struct sale *sale, bool as_paid)
{
	const struct order *o = &sale->order;
	char url[CODE_URL_MAX];

	json_int(j, "order_id", o->id);
	json_int(j, "number", o->number);
	json_text(j, "state", order_state_name(as_paid ? ORDER_PAID : (int)o->state));
	json_int(j, "at_ms", o->created_ms);
	sale_json_amounts(j, sale, as_paid);
	if (o->customer_id)
		json_int(j, "customer_id", o->customer_id);
	if (sale_certificate(sale))
		json_text(j, "tax_certificate", sale_certificate(sale));
	if (o->campaign_id) {
		json_int(j, "campaign_id", o->campaign_id);
		json_text(j, "rebate_outcome", rebate_outcome_name((int)o->rebate_outcome));
	}
	if (o->share_id)
		json_int(j, "share_id", o->share_id);
	sale_json_lines(j, sale);
	sale_json_steps(j, sale);
	sale_json_promotions(j, sale);
	sale_json_payments(j, server, sale, as_paid);
	if (o->receipt_number) {
		json_object(j, "receipt");
		json_int(j, "number", o->receipt_number);
		json_text(j, "code", receipt_code_url(server, o->id, url));
		json_end(j);
	}
}
