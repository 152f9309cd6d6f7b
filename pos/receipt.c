/* receipt: see receipt.h. */
#include "pos/receipt.h"

#include "shared/clock.h"
#include "shared/escpos.h"
#include "shared/tr.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct writer {
	const struct till *till;
	struct receipt_line *lines;
	int count, most;
};

static void add(struct writer *w, enum receipt_kind kind, const char *left, const char *right)
{
	if (w->count == w->most || (kind != RECEIPT_RULE && left[0] == '\0'))
		return;
	struct receipt_line *l = &w->lines[w->count++];
	l->kind = kind;
	snprintf(l->left, sizeof l->left, "%s", left);
	snprintf(l->right, sizeof l->right, "%s", right);
}

static void add_sum(struct writer *w, enum receipt_kind kind, const char *label, int64_t cents)
{
	char money[32];
	add(w, kind, label, till_money(w->till, cents, money));
}

/* "  Short date -8 %        -0.80": why a line costs less. The order's discount has a line of its own below. */
static void add_steps(struct writer *w, const struct json_t *steps, int64_t line_no)
{
	const struct json_t *s;
	char text[224], rate[48];

	for (size_t i = 0; (s = jat(steps, i)) != NULL; i++) {
		int64_t rate_bp = jint(s, "rate_bp", 0);
		const char *kind = jtext(s, "kind", "");
		if (jint(s, "line_no", 0) != line_no || strcmp(kind, "order-discount") == 0 || strcmp(kind, "label") == 0 ||
		    strcmp(kind, "option") == 0 || strcmp(kind, "points") == 0 || strcmp(kind, "tax-exempt") == 0)
			continue;
		snprintf(rate, sizeof rate, " %lld.%02lld %%", (long long)rate_bp / 100, (long long)rate_bp % 100);
		snprintf(text, sizeof text, "  %s%s", jtext(s, "reason", ""), rate_bp ? rate : "");
		add_sum(w, RECEIPT_PAIR, text, jint(s, "amount_cents", 0));
	}
}

/* Why no tax is due, and what the prices lost by it. */
static void add_exemption(struct writer *w, const struct json_t *steps)
{
	const struct json_t *s;
	const char *certificate = NULL;
	char text[192], money[32];
	int64_t sum = 0;

	for (size_t i = 0; (s = jat(steps, i)) != NULL; i++)
		if (strcmp(jtext(s, "kind", ""), "tax-exempt") == 0) {
			sum += jint(s, "amount_cents", 0);
			certificate = jtext(s, "reason", "");
		}
	snprintf(text, sizeof text, tr("tax exempt: %s"), certificate ? certificate : "");
	if (certificate)
		add(w, RECEIPT_PAIR, text, sum ? till_money(w->till, sum, money) : "");
}

/* What the order's discount took off all lines together. */
static void add_order_discount(struct writer *w, const struct json_t *steps)
{
	const struct json_t *s;
	const char *reason = "";
	char text[192];
	int64_t sum = 0;

	for (size_t i = 0; (s = jat(steps, i)) != NULL; i++)
		if (strcmp(jtext(s, "kind", ""), "order-discount") == 0) {
			sum += jint(s, "amount_cents", 0);
			reason = jtext(s, "reason", "");
		}
	snprintf(text, sizeof text, "%s: %s", tr("discount"), reason);
	if (sum != 0)
		add_sum(w, RECEIPT_PAIR, text, sum);
}

/* What points took off all lines together, and how many they were. */
static void add_points_off(struct writer *w, const struct json_t *order)
{
	const struct json_t *x;
	char text[64];
	int64_t sum = 0, points = 0;

	for (size_t i = 0; (x = jat(jget(order, "steps"), i)) != NULL; i++)
		if (strcmp(jtext(x, "kind", ""), "points") == 0)
			sum += jint(x, "amount_cents", 0);
	for (size_t i = 0; (x = jat(jget(order, "payments"), i)) != NULL; i++)
		if (strcmp(jtext(x, "method", ""), "points-discount") == 0)
			points += jint(x, "points", 0);
	snprintf(text, sizeof text, tr("%lld points"), (long long)points);
	if (sum != 0)
		add_sum(w, RECEIPT_PAIR, text, sum);
}

/* What a line costs before its options and discounts, which stand under it, and with the tax it lost, which stands under all
 * lines. */
static int64_t line_amount(const struct json_t *line, const struct json_t *steps)
{
	int64_t cents = jint(line, "total_cents", 0) + jint(line, "discount_cents", 0);
	const struct json_t *options = jget(line, "options"), *o, *s;

	for (size_t i = 0; (o = jat(options, i)) != NULL; i++)
		cents -= jint(o, "price_cents", 0) * jint(line, "quantity", 1);
	for (size_t i = 0; (s = jat(steps, i)) != NULL; i++)
		if (jint(s, "line_no", 0) == jint(line, "line_no", 0) && strcmp(jtext(s, "kind", ""), "tax-exempt") == 0)
			cents -= jint(s, "amount_cents", 0);
	return cents;
}

/* "  + Large            0.60" */
static void add_options(struct writer *w, const struct json_t *line)
{
	const struct json_t *options = jget(line, "options"), *o;
	char text[96];

	for (size_t i = 0; (o = jat(options, i)) != NULL; i++) {
		int64_t cents = jint(o, "price_cents", 0) * jint(line, "quantity", 1);
		snprintf(text, sizeof text, "  + %s", tr_pick(jtext(o, "name", ""), jtext(o, "name_zh", "")));
		if (cents)
			add_sum(w, RECEIPT_PAIR, text, cents);
		else
			add(w, RECEIPT_NOTE, text, "");
	}
}

int64_t receipt_quantity(const struct json_t *line)
{
	return jint(line, "quantity_milli", jint(line, "quantity", 0));
}

static void add_lines(struct writer *w, const struct json_t *lines, const struct json_t *steps)
{
	const struct json_t *l;
	char each[32], text[192], quantity[QUANTITY_TEXT_ROOM];

	for (size_t i = 0; (l = jat(lines, i)) != NULL; i++) {
		const char *unit = jtext(l, "unit", "");
		add_sum(w, RECEIPT_PAIR, tr_pick(jtext(l, "name", ""), jtext(l, "name_zh", "")), line_amount(l, steps));
		if (*unit || receipt_quantity(l) != 1) {
			snprintf(text, sizeof text, "  %s x %s%s%s", quantity_text(receipt_quantity(l), unit, quantity),
			         till_money(w->till, jint(l, "price_cents", 0), each), *unit ? "/" : "", unit);
			add(w, RECEIPT_NOTE, text, "");
		}
		add_options(w, l);
		if (jtext(l, "note", NULL)) {
			snprintf(text, sizeof text, "  %s", jtext(l, "note", ""));
			add(w, RECEIPT_NOTE, text, "");
		}
		add_steps(w, steps, jint(l, "line_no", 0));
	}
}

/* The words for what a payment was made with. */
const char *receipt_method_name(const char *method)
{
	static const struct { const char *method, *name; } names[] = {
		{ "cash", N_("cash") }, { "card", N_("prepaid card") }, { "points", N_("points") },
		{ "code", N_("paid by code") }, { "provider", N_("payment provider") }, { "terminal", N_("bank card") },
		{ "fixed", N_("code on the counter") }, { "wallet", N_("code on the phone") },
		{ "points-discount", N_("points off the price") },
	};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(names[i].method, method) == 0)
			return tr(names[i].name);
	return method;
}

int64_t receipt_tender_cents(const struct json_t *tender)
{
	return jint(tender, "amount_cents", 0) + jint(tender, "rounding_cents", 0);
}

static void add_payments(struct writer *w, const struct json_t *order)
{
	const struct json_t *payments = jget(order, "payments"), *p;

	for (size_t i = 0; (p = jat(payments, i)) != NULL; i++) {
		const char *state = jtext(p, "state", "");
		if (strcmp(state, "cancelled") == 0 || strcmp(state, "expired") == 0 || strcmp(state, "failed") == 0 ||
		    strcmp(state, "open") == 0 || strcmp(jtext(p, "method", ""), "points-discount") == 0)
			continue;
		if (jint(p, "rounding_cents", 0) != 0)
			add_sum(w, RECEIPT_PAIR, tr("rounding of cash"), jint(p, "rounding_cents", 0));
		add_sum(w, RECEIPT_PAIR, receipt_method_name(jtext(p, "method", "")), receipt_tender_cents(p));
	}
	if (jint(order, "change_cents", 0) > 0)
		add_sum(w, RECEIPT_PAIR, tr("change"), jint(order, "change_cents", 0));
}

static void add_head(struct writer *w, const struct json_t *order, int printed)
{
	const struct shop *s = &w->till->shop;
	const struct json_t *receipt = jget(order, "receipt");
	char text[128], when[17], number[32];

	add(w, RECEIPT_CENTER, tr_pick(s->merchant_name, s->merchant_name_zh), "");
	add(w, RECEIPT_CENTER, tr_pick(s->store_name, s->store_name_zh), "");
	add(w, RECEIPT_CENTER, s->address, "");
	if (printed > 0)
		add(w, RECEIPT_CENTER, tr("*** COPY ***"), "");
	if (jbool(order, "provisional", false))
		add(w, RECEIPT_CENTER, tr("made off line; the number follows"), "");
	snprintf(text, sizeof text, "%s %s", tr("receipt"), till_receipt_number(w->till, jint(receipt, "number", 0), number));
	add(w, RECEIPT_PAIR, receipt ? text : s->terminal_name,
	    clock_format_local(jint(order, "at_ms", w->till->sale.started_ms), when));
	if (receipt)
		add(w, RECEIPT_PAIR, s->terminal_name, "");
}

int receipt_lines(const struct till *t, const struct json_t *order, int printed, struct receipt_line *out, int most)
{
	struct writer w = { t, out, 0, most };
	const struct json_t *receipt = jget(order, "receipt");
	char text[96];

	add_head(&w, order, printed);
	add(&w, RECEIPT_RULE, "", "");
	add_lines(&w, jget(order, "lines"), jget(order, "steps"));
	add_order_discount(&w, jget(order, "steps"));
	add_points_off(&w, order);
	add_exemption(&w, jget(order, "steps"));
	add(&w, RECEIPT_RULE, "", "");
	add_sum(&w, RECEIPT_TOTAL, tr("TOTAL"), jint(order, "total_cents", 0));
	add_sum(&w, RECEIPT_PAIR, tr("tax included"), jint(order, "tax_cents", 0));
	add_payments(&w, order);
	if (jint(order, "points_earned", 0) > 0) {
		snprintf(text, sizeof text, "%lld", (long long)jint(order, "points_earned", 0));
		add(&w, RECEIPT_PAIR, tr("points earned"), text);
	}
	add(&w, RECEIPT_CODE, jtext(receipt, "code", ""), "");
	add(&w, RECEIPT_CENTER, t->shop.footer, "");
	return w.count;
}

const char *receipt_line_name(const struct json_t *order, int64_t line_no)
{
	const struct json_t *lines = jget(order, "lines"), *l;

	for (size_t i = 0; (l = jat(lines, i)) != NULL; i++)
		if (jint(l, "line_no", 0) == line_no)
			return tr_pick(jtext(l, "name", ""), jtext(l, "name_zh", ""));
	return "";
}

const char *receipt_source_name(const char *source)
{
	return strcmp(source, "rebate") == 0 ? tr("rebates") : receipt_method_name(source);
}

static void add_effects(struct writer *w, const struct json_t *answer)
{
	const struct json_t *tenders = jget(answer, "tenders"), *x;
	char text[32];

	for (size_t i = 0; (x = jat(tenders, i)) != NULL; i++) {
		if (jint(x, "amount_cents", 0) == 0 && jint(x, "points", 0) > 0) { /* they had lowered the price */
			snprintf(text, sizeof text, "%lld", (long long)jint(x, "points", 0));
			add(w, RECEIPT_PAIR, tr("points given back"), text);
			continue;
		}
		if (jint(x, "rounding_cents", 0) != 0)
			add_sum(w, RECEIPT_PAIR, tr("rounding of cash"), jint(x, "rounding_cents", 0));
		add_sum(w, RECEIPT_PAIR, receipt_source_name(jtext(x, "source", "")), receipt_tender_cents(x));
		if (jbool(x, "waiting", false))
			add(w, RECEIPT_NOTE, tr("  the provider still has to confirm it"), "");
	}
	const struct json_t *card;
	for (size_t i = 0; (card = jat(jget(answer, "cards"), i)) != NULL; i++) {
		snprintf(text, sizeof text, tr("off card %s"), jtext(card, "number_masked", ""));
		add_sum(w, RECEIPT_PAIR, text, jint(card, "amount_cents", 0));
	}
	if (jint(answer, "points_taken", 0) > 0) {
		snprintf(text, sizeof text, "%lld", (long long)jint(answer, "points_taken", 0));
		add(w, RECEIPT_PAIR, tr("points taken back"), text);
	}
}

int receipt_refund_lines(const struct till *t, const struct till_refund *r, struct receipt_line *out, int most)
{
	struct writer w = { t, out, 0, most };
	const struct json_t *lines = jget(r->answer, "lines"), *order = jget(r->answer, "order"), *l;
	const struct json_t *receipt = jget(order, "receipt");
	char text[192], when[17], number[32];

	add(&w, RECEIPT_CENTER, tr_pick(t->shop.merchant_name, t->shop.merchant_name_zh), "");
	add(&w, RECEIPT_CENTER, tr_pick(t->shop.store_name, t->shop.store_name_zh), "");
	add(&w, RECEIPT_CENTER, tr("*** REFUND ***"), "");
	snprintf(text, sizeof text, tr("refund %lld"), (long long)jint(r->answer, "refund_id", 0));
	add(&w, RECEIPT_PAIR, text, "");
	snprintf(text, sizeof text, tr("of receipt %s"), till_receipt_number(t, jint(receipt, "number", 0), number));
	add(&w, RECEIPT_PAIR, text, clock_format_local(jint(order, "at_ms", 0), when));
	add(&w, RECEIPT_PAIR, t->shop.terminal_name, "");
	add(&w, RECEIPT_RULE, "", "");
	for (size_t i = 0; (l = jat(lines, i)) != NULL; i++) {
		char quantity[QUANTITY_TEXT_ROOM];
		quantity_text(receipt_quantity(l), jtext(l, "unit", ""), quantity);
		snprintf(text, sizeof text, "%s x ", quantity);
		size_t n = strlen(text);
		snprintf(text + n, sizeof text - n, "%s", receipt_line_name(order, jint(l, "line_no", 0)));
		add_sum(&w, RECEIPT_PAIR, text, -jint(l, "amount_cents", 0));
	}
	add(&w, RECEIPT_RULE, "", "");
	add_sum(&w, RECEIPT_TOTAL, tr("GIVEN BACK"), jint(r->answer, "refunded_cents", 0));
	add_sum(&w, RECEIPT_PAIR, tr("tax included"), jint(r->answer, "tax_cents", 0));
	add_effects(&w, r->answer);
	add(&w, RECEIPT_NOTE, r->reason, "");
	add(&w, RECEIPT_CODE, jtext(receipt, "code", ""), "");
	return w.count;
}

static enum escpos_text text_mode(const char *name)
{
	return strcmp(name, "raster") == 0 ? ESCPOS_RASTER : strcmp(name, "ascii") == 0 ? ESCPOS_ASCII : ESCPOS_GB18030;
}

static void print_line(struct escpos *e, const struct receipt_line *l)
{
	switch (l->kind) {
	case RECEIPT_CENTER: escpos_line(e, l->left); break;
	case RECEIPT_NOTE: escpos_line(e, l->left); break;
	case RECEIPT_PAIR: escpos_pair(e, l->left, l->right); break;
	case RECEIPT_RULE: escpos_rule(e); break;
	case RECEIPT_CODE: escpos_qr(e, l->left, 6); break;
	case RECEIPT_TOTAL:
		escpos_bold(e, true);
		escpos_big(e, true);
		escpos_pair(e, l->left, l->right);
		escpos_big(e, false);
		escpos_bold(e, false);
		break;
	}
}

/* Above and below whatever a training prints. */
static void print_mark(struct escpos *e, const struct till *t)
{
	if (!t->settings.training)
		return;
	escpos_align(e, ESCPOS_CENTER);
	escpos_big(e, true);
	escpos_line(e, tr("*** TRAINING ***"));
	escpos_big(e, false);
	escpos_line(e, tr("no sale: worth nothing"));
	escpos_align(e, ESCPOS_LEFT);
}

void receipt_print_lines(const struct till *t, const struct receipt_line *lines, int count, bool drawer, struct buf *out)
{
	struct escpos e;

	escpos_begin(&e, (int)t->settings.paper_mm, text_mode(t->settings.printer_text));
	if (drawer)
		escpos_drawer(&e, 2);
	print_mark(&e, t);
	for (int i = 0; i < count; i++) {
		bool center = lines[i].kind == RECEIPT_CENTER || lines[i].kind == RECEIPT_CODE;
		if (center)
			escpos_align(&e, ESCPOS_CENTER);
		print_line(&e, &lines[i]);
		if (center)
			escpos_align(&e, ESCPOS_LEFT);
	}
	print_mark(&e, t);
	escpos_feed(&e, 2);
	escpos_cut(&e);
	*out = e.out;
}

void receipt_print(const struct till *t, const struct json_t *order, int printed, bool drawer, struct buf *out)
{
	struct receipt_line *lines = xcalloc(RECEIPT_LINES_MOST, sizeof *lines);
	int count = receipt_lines(t, order, printed, lines, RECEIPT_LINES_MOST);

	receipt_print_lines(t, lines, count, drawer, out);
	free(lines);
}

void receipt_print_refund(const struct till *t, const struct till_refund *r, bool drawer, struct buf *out)
{
	struct receipt_line *lines = xcalloc(RECEIPT_LINES_MOST, sizeof *lines);
	int count = receipt_refund_lines(t, r, lines, RECEIPT_LINES_MOST);

	receipt_print_lines(t, lines, count, drawer, out);
	free(lines);
}
