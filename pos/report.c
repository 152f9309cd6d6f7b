/* report: the lines of an X or Z report, from its figures as the server gave them and nothing else, so that it reads the
 * same whenever it is shown or printed. Part of receipt.h. */
#include "pos/receipt.h"

#include "shared/clock.h"
#include "shared/tr.h"

#include <stdio.h>
#include <string.h>

struct writer {
	const struct till *till;
	struct receipt_line *lines;
	int count, most;
};

static void add(struct writer *w, enum receipt_kind kind, const char *left, const char *right)
{
	if (w->count == w->most)
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

static void add_number(struct writer *w, const char *label, int64_t number)
{
	char text[24];
	snprintf(text, sizeof text, "%lld", (long long)number);
	add(w, RECEIPT_PAIR, label, text);
}

/* The words for kinds of journals, movements and what cards were paid with; tenders have theirs in receipt.c. */
static const char *word(const char *kind)
{
	static const struct { const char *kind, *word; } words[] = {
		{ "sale", N_("sales") }, { "refund", N_("refunds") }, { "card-top-up", N_("cards") },
		{ "cash-in", N_("cash in") }, { "cash-out", N_("cash out") }, { "safe-drop", N_("safe drop") },
		{ "float", N_("float") }, { "none", N_("without payment") }, { "correction", N_("correction") },
	};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strcmp(words[i].kind, kind) == 0)
			return tr(words[i].word);
	return receipt_source_name(kind);
}

/* "3 x cash    12.00": one line for each row of an array. */
static void add_rows(struct writer *w, const struct json_t *figures, const char *array, const char *name)
{
	const struct json_t *rows = jget(figures, array), *row;
	char text[96];

	for (size_t i = 0; (row = jat(rows, i)) != NULL; i++) {
		snprintf(text, sizeof text, "  %lld x %s", (long long)jint(row, "count", 0), word(jtext(row, name, "")));
		add_sum(w, RECEIPT_PAIR, text, jint(row, "amount_cents", 0));
	}
}

static void add_head(struct writer *w, const struct json_t *f, bool z)
{
	const struct shop *s = &w->till->shop;
	char text[96], when[17];

	add(w, RECEIPT_CENTER, tr_pick(s->merchant_name, s->merchant_name_zh), "");
	add(w, RECEIPT_CENTER, tr_pick(s->store_name, s->store_name_zh), "");
	add(w, RECEIPT_CENTER, z ? tr("*** Z REPORT ***") : tr("*** X REPORT ***"), "");
	snprintf(text, sizeof text, tr("shift %lld"), (long long)jint(f, "number", 0));
	add(w, RECEIPT_PAIR, text, s->terminal_name);
	add(w, RECEIPT_PAIR, tr("opened"), clock_format_local(jint(f, "opened_ms", 0), when));
	add(w, RECEIPT_PAIR, z ? tr("closed") : tr("until"), clock_format_local(jint(f, "at_ms", 0), when));
	if (jbool(f, "automatic", false))
		add(w, RECEIPT_NOTE, tr("opened by itself, without a float"), "");
	add(w, RECEIPT_RULE, "", "");
}

static void add_sales(struct writer *w, const struct json_t *f)
{
	const struct json_t *taxes = jget(f, "taxes"), *row;
	char text[96], right[80], from[32], to[32];

	add_number(w, tr("sales"), jint(f, "sales_count", 0));
	if (jint(f, "sales_count", 0) > 0) {
		snprintf(right, sizeof right, "%s - %s", till_receipt_number(w->till, jint(f, "receipt_from", 0), from),
		         till_receipt_number(w->till, jint(f, "receipt_to", 0), to));
		add(w, RECEIPT_PAIR, tr("receipts"), right);
	}
	add_sum(w, RECEIPT_TOTAL, tr("SOLD"), jint(f, "gross_cents", 0));
	add_rows(w, f, "tenders", "tender");
	if (jint(f, "rounding_cents", 0) != 0)
		add_sum(w, RECEIPT_PAIR, tr("rounding of cash"), jint(f, "rounding_cents", 0));
	if (jint(f, "cards_cents", 0) != 0)
		add_sum(w, RECEIPT_PAIR, tr("of it on cards, owed"), jint(f, "cards_cents", 0));
	if (jint(f, "discount_cents", 0) != 0)
		add_sum(w, RECEIPT_PAIR, tr("discounts"), jint(f, "discount_cents", 0));
	add_sum(w, RECEIPT_PAIR, tr("tax included"), jint(f, "tax_cents", 0));
	for (size_t i = 0; (row = jat(taxes, i)) != NULL; i++) {
		char base[32];
		snprintf(text, sizeof text, tr("  %lld.%02lld%% of %s"), (long long)jint(row, "rate_bp", 0) / 100,
		         (long long)jint(row, "rate_bp", 0) % 100, till_money(w->till, jint(row, "base_cents", 0), base));
		add_sum(w, RECEIPT_PAIR, text, jint(row, "tax_cents", 0));
	}
	add_number(w, tr("refunds"), jint(f, "refund_count", 0));
	if (jint(f, "refund_count", 0) > 0)
		add_sum(w, RECEIPT_TOTAL, tr("GIVEN BACK"), jint(f, "refund_cents", 0));
	add_rows(w, f, "refund_tenders", "tender");
	if (jint(f, "refund_rounding_cents", 0) != 0)
		add_sum(w, RECEIPT_PAIR, tr("rounding of cash"), jint(f, "refund_rounding_cents", 0));
	if (jint(f, "refund_cards_cents", 0) != 0)
		add_sum(w, RECEIPT_PAIR, tr("of it off cards"), jint(f, "refund_cards_cents", 0));
	if (jcount(jget(f, "cards_sold")) > 0)
		add(w, RECEIPT_PAIR, tr("cards sold"), "");
	add_rows(w, f, "cards_sold", "tender");
	if (jcount(jget(f, "cards_topped_up")) > 0)
		add(w, RECEIPT_PAIR, tr("cards topped up"), "");
	add_rows(w, f, "cards_topped_up", "tender");
	if (jint(f, "open_orders", 0) > 0) {
		add_number(w, tr("open orders, carried over"), jint(f, "open_orders", 0));
		add_sum(w, RECEIPT_PAIR, "", jint(f, "open_orders_cents", 0));
	}
}

static void add_drawer(struct writer *w, const struct json_t *f)
{
	const struct json_t *rows = jget(f, "movements"), *row;

	add(w, RECEIPT_RULE, "", "");
	for (size_t i = 0; (row = jat(rows, i)) != NULL; i++) {
		const char *reason = jtext(row, "reason", "");
		add_sum(w, RECEIPT_PAIR, word(jtext(row, "kind", "")), jint(row, "amount_cents", 0));
		if (reason[0])
			add(w, RECEIPT_NOTE, reason, "");
	}
	add(w, RECEIPT_PAIR, tr("drawer by the books"), "");
	add_rows(w, f, "drawer", "kind");
	add_sum(w, RECEIPT_TOTAL, tr("EXPECTED"), jint(f, "expected_cents", 0));
}

static void add_count(struct writer *w, const struct json_t *f)
{
	const struct json_t *rows = jget(f, "count"), *row;
	char text[64], value[32];

	add(w, RECEIPT_RULE, "", "");
	for (size_t i = 0; (row = jat(rows, i)) != NULL; i++) {
		int64_t value_cents = jint(row, "value_cents", 0), quantity = jint(row, "quantity", 0);
		snprintf(text, sizeof text, "%6lld x %s", (long long)quantity, till_money(w->till, value_cents, value));
		add_sum(w, RECEIPT_PAIR, text, value_cents * quantity);
	}
	add_sum(w, RECEIPT_TOTAL, tr("COUNTED"), jint(f, "counted_cents", 0));
	add_sum(w, RECEIPT_TOTAL, tr("DIFFERENCE"), jint(f, "difference_cents", 0));
}

int report_lines(const struct till *t, const struct json_t *figures, struct receipt_line *out, int most)
{
	struct writer w = { t, out, 0, most };
	bool z = strcmp(jtext(figures, "kind", ""), "z") == 0;

	add_head(&w, figures, z);
	add_sales(&w, figures);
	add_drawer(&w, figures);
	if (z)
		add_count(&w, figures);
	return w.count;
}
