/* api_promotion: routes of promotions: make, look, pause, stop, and try a basket. */
#include "server/audit_log.h"
#include "server/catalogue.h"
#include "server/customer.h"
#include "server/list.h"
#include "server/promotion.h"
#include "server/report_sum.h"
#include "shared/zone.h"

#include <stdio.h>
#include <string.h>

#define SECTIONS_TOLD_MOST 1000 /* that a till hears of */

/* ---- making ---- */

struct part_args {
	int64_t pieces;
	struct field_list items, sections;
};
static const struct field part_fields[] = {
	FIELD(struct part_args, pieces, INT, .min = 1, .max = PROMO_SETS_MOST, .fallback = 1, .help = "of one set"),
	FIELD(struct part_args, items, INTS, .max = PROMO_REFS_MOST, .help = "ids of items; neither items nor sections: all"),
	FIELD(struct part_args, sections, INTS, .max = PROMO_REFS_MOST, .help = "ids of sections"),
	FIELDS_DONE
};
struct promotion_args {
	const char *name, *name_zh, *code;
	int kind, stack;
	int64_t priority, group, off_bp, off_cents, price_cents, sets_max, cap_cents, starts_ms, ends_ms, from_minute,
		to_minute, birthday_days, min_cents, min_pieces, uses_max, day_max, person_max, budget_cents;
	bool first_purchase, birthday, by_code;
	struct field_list parts, stores, weekdays, levels;
};
static const char *const kind_words[] = {
#define X(name, number, wire, least, most) wire,
	PROMO_KINDS(X)
#undef X
	NULL
};
static const char *const stack_words[] = {
#define X(name, number, wire) wire,
	PROMO_STACKS(X)
#undef X
	NULL
};
#define A struct promotion_args
#define CENTS(member, text) FIELD(A, member, INT, .min = 1, .max = MONEY_MAX, .help = text ", minor units")
#define COUNT(member, text) FIELD(A, member, INT, .min = 1, .max = 1000000000, .help = text)
static const struct field promotion_fields[] = {
	FIELD(A, name, TEXT, .flags = FIELD_REQUIRED, .min = 1, .max = NAME_MAX_BYTES, .help = "as on the receipt"),
	FIELD(A, name_zh, TEXT, .min = 1, .max = NAME_MAX_BYTES, .help = "the same in Chinese"),
	FIELD(A, kind, CHOICE, .flags = FIELD_REQUIRED, .choices = kind_words, .help = "what it does"),
	FIELD(A, stack, CHOICE, .choices = stack_words, .help = "with which others it goes; stackable when absent"),
	FIELD(A, priority, INT, .min = 0, .max = 999, .help = "larger goes first"),
	FIELD(A, group, INT, .min = 1, .max = 999, .help = "with stack group: of each group one applies"),
	FIELD(A, off_bp, INT, .min = 1, .max = 10000, .help = "basis points taken off"),
	CENTS(off_cents, "taken off each piece, or the order"),
	FIELD(A, price_cents, INT, .min = 0, .max = MONEY_MAX, .help = "of a bundle, minor units"),
	FIELD(A, sets_max, INT, .min = 1, .max = PROMO_SETS_MOST, .help = "get, bundle, free: most sets in one order"),
	CENTS(cap_cents, "most it takes off one order"),
	FIELD(A, parts, LIST, .min = 0, .max = PROMO_PARTS_MOST, .sub = part_fields, .sub_size = sizeof(struct part_args),
	      .help = "what it is about; get: what is bought, what is got; bundle: each part; the whole order when absent"),
	FIELD(A, stores, INTS, .max = PROMO_REFS_MOST, .help = "ids of stores; all when absent"),
	FIELD(A, starts_ms, INT, .min = 0, .max = INT64_MAX / 2, .help = "unix ms; now when absent"),
	FIELD(A, ends_ms, INT, .min = 1, .max = INT64_MAX / 2, .help = "unix ms, over from then on; no end when absent"),
	FIELD(A, weekdays, INTS, .max = 7, .help = "1 Monday to 7 Sunday; all when absent"),
	FIELD(A, from_minute, INT, .min = 0, .max = 1439, .help = "minute of the day it begins"),
	FIELD(A, to_minute, INT, .min = 0, .max = 1440, .help = "minute it ends; before from_minute: the next day"),
	FIELD(A, levels, INTS, .max = PROMO_LEVEL_MOST, .help = "customers' levels, 1 to 15; anybody when absent"),
	FIELD(A, first_purchase, BOOL, .help = "only a customer's first purchase"),
	FIELD(A, birthday, BOOL, .help = "only about a customer's birthday"),
	FIELD(A, birthday_days, INT, .min = 0, .max = 31, .help = "so many days before and after it"),
	CENTS(min_cents, "the basket must cost this before promotions"),
	COUNT(min_pieces, "so many pieces of its parts"),
	FIELD(A, by_code, BOOL, .help = "only with a code: a coupon, or the code given here"),
	FIELD(A, code, TEXT, .min = 3, .max = PROMOTION_CODE_MAX, .help = "code that all share: letters, digits, hyphens"),
	COUNT(uses_max, "orders in all"),
	COUNT(day_max, "orders a day"),
	COUNT(person_max, "orders a customer"),
	CENTS(budget_cents, "most it takes off altogether"),
	FIELDS_DONE
};

static enum qt_err take_bits(struct call *call, const struct field_list *list, const char *field, int64_t most,
                             int shift, int64_t *bits)
{
	const int64_t *values = list->items;

	for (int i = 0; i < list->count; i++) {
		if (values[i] < 1 || values[i] > most)
			return problem_set(&call->problem, QT_OUT_OF_RANGE, field, "1 to %d", (int)most);
		*bits |= INT64_C(1) << (values[i] - shift);
	}
	return QT_OK;
}

static enum qt_err take_parts(struct call *call, const A *a, struct promo *r)
{
	const struct part_args *parts = a->parts.items;

	for (int k = 0; k < a->parts.count; k++) {
		struct promo_part *part = &r->parts[r->part_count++];
		const int64_t *items = parts[k].items.items, *sections = parts[k].sections.items;
		if (parts[k].items.count + parts[k].sections.count > PROMO_REFS_MOST)
			return problem_set(&call->problem, QT_TOO_LONG, "parts", "at most %d items and sections", PROMO_REFS_MOST);
		part->pieces = parts[k].pieces;
		for (int i = 0; i < parts[k].items.count; i++)
			part->refs[part->ref_count++] = (struct promo_ref){ false, items[i] };
		for (int i = 0; i < parts[k].sections.count; i++)
			part->refs[part->ref_count++] = (struct promo_ref){ true, sections[i] };
	}
	if (r->part_count == 0 && (r->kind == PROMO_ORDER || r->kind == PROMO_ITEM))
		r->parts[r->part_count++].pieces = 1;
	return QT_OK;
}

static enum qt_err read_promotion(struct call *call, const A *a, struct promotion *p)
{
	struct promo *r = &p->rule;

	memset(p, 0, sizeof *p);
	*r = (struct promo){ .state = PROMO_RUNNING, .kind = a->kind + 1, .stack = a->stack + 1, .priority = a->priority,
		.group = a->group, .off_bp = a->off_bp, .off_cents = a->off_cents, .price_cents = a->price_cents,
		.sets_max = a->sets_max, .cap_cents = a->cap_cents, .starts_ms = a->starts_ms ? a->starts_ms : call->now_ms,
		.ends_ms = a->ends_ms, .from_minute = a->from_minute, .to_minute = a->to_minute,
		.first_purchase = a->first_purchase, .birthday = a->birthday, .birthday_days = a->birthday_days,
		.min_cents = a->min_cents, .min_pieces = a->min_pieces, .by_code = a->by_code || a->code,
		.uses_max = a->uses_max, .day_max = a->day_max, .person_max = a->person_max,
		.budget_cents = a->budget_cents };
	if (r->kind == PROMO_FREE && r->sets_max == 0)
		r->sets_max = 1;
	p->created_ms = call->now_ms;
	text_set(p->name, sizeof p->name, a->name);
	text_set(p->name_zh, sizeof p->name_zh, a->name_zh);
	if (a->code && !promotion_code_fold(a->code, p->code))
		return problem_set(&call->problem, QT_BAD_FIELD, "code", "3 to %d letters, digits and hyphens",
		                   PROMOTION_CODE_MAX);
	const int64_t *stores = a->stores.items;
	for (int i = 0; i < a->stores.count; i++)
		r->stores[r->store_count++] = stores[i];
	enum qt_err err = take_bits(call, &a->weekdays, "weekdays", 7, 1, &r->weekdays);
	if (err == QT_OK)
		err = take_bits(call, &a->levels, "levels", PROMO_LEVEL_MOST, 0, &r->levels);
	return err == QT_OK ? take_parts(call, a, r) : err;
}
#undef A

static enum qt_err promotions_post(struct call *call)
{
	struct promotion *p = arena_alloc(call->arena, sizeof *p);
	struct merchant m;

	enum qt_err err = call_merchant(call, &m);
	if (err == QT_OK)
		err = merchant_check_part(&m, PART_CAMPAIGNS, &call->problem);
	if (err == QT_OK)
		err = read_promotion(call, call->args, p);
	if (err != QT_OK)
		return err;
	p->merchant_id = m.id;
	err = promotion_add(call->db, p, &call->problem);
	if (err == QT_OK)
		err = audit_log_add(call->db, &call->actor, call->now_ms, "promotion-new", p->rule.id, p->name);
	if (err != QT_OK)
		return err;
	call->status = 201;
	json_int(call->reply, "promotion_id", p->rule.id);
	return QT_OK;
}

/* ---- looking ---- */

static void write_ids(struct json *j, const char *key, const struct promo_part *part, bool section)
{
	json_array(j, key);
	for (int i = 0; i < part->ref_count; i++)
		if (part->refs[i].section == section)
			json_int(j, NULL, part->refs[i].id);
	json_end(j);
}

static void write_bits(struct json *j, const char *key, int64_t bits, int shift)
{
	if (bits == 0)
		return;
	json_array(j, key);
	for (int i = 0; i < 32; i++)
		if (bits & (INT64_C(1) << i))
			json_int(j, NULL, i + shift);
	json_end(j);
}

static void write_parts(struct json *j, const struct promo *r)
{
	json_array(j, "parts");
	for (int k = 0; k < r->part_count; k++) {
		json_object(j, NULL);
		json_int(j, "pieces", r->parts[k].pieces);
		write_ids(j, "items", &r->parts[k], false);
		write_ids(j, "sections", &r->parts[k], true);
		json_end(j);
	}
	json_end(j);
	if (r->store_count == 0)
		return;
	json_array(j, "stores");
	for (int i = 0; i < r->store_count; i++)
		json_int(j, NULL, r->stores[i]);
	json_end(j);
}

/* Numbers that say nothing when they are 0. */
static void write_numbers(struct json *j, const struct promo *r)
{
	const struct { const char *key; int64_t value; } numbers[] = {
		{ "group", r->group }, { "off_bp", r->off_bp }, { "off_cents", r->off_cents }, { "sets_max", r->sets_max },
		{ "cap_cents", r->cap_cents }, { "ends_ms", r->ends_ms }, { "from_minute", r->from_minute },
		{ "to_minute", r->to_minute }, { "min_cents", r->min_cents }, { "min_pieces", r->min_pieces },
		{ "uses_max", r->uses_max }, { "day_max", r->day_max }, { "person_max", r->person_max },
		{ "budget_cents", r->budget_cents },
	};

	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		if (numbers[i].value)
			json_int(j, numbers[i].key, numbers[i].value);
	if (r->kind == PROMO_BUNDLE)
		json_int(j, "price_cents", r->price_cents);
	json_bool(j, "first_purchase", r->first_purchase);
	json_bool(j, "birthday", r->birthday);
	if (r->birthday)
		json_int(j, "birthday_days", r->birthday_days);
	json_bool(j, "by_code", r->by_code);
}

static enum qt_err write_promotion(struct call *call, const struct promotion *p)
{
	const struct promo *r = &p->rule;
	struct json *j = call->reply;
	struct promotion_uses uses;

	enum qt_err err = promotion_uses_get(call->db, r->id, &uses);
	if (err != QT_OK)
		return err;
	json_int(j, "promotion_id", r->id);
	json_text(j, "name", p->name);
	json_text(j, "name_zh", p->name_zh);
	json_text(j, "state", promo_state_name(r->state));
	json_text(j, "kind", promo_kind_name(r->kind));
	json_text(j, "stack", promo_stack_name(r->stack));
	json_int(j, "priority", r->priority);
	json_int(j, "starts_ms", r->starts_ms);
	write_numbers(j, r);
	write_parts(j, r);
	write_bits(j, "weekdays", r->weekdays, 1);
	write_bits(j, "levels", r->levels, 0);
	if (p->code[0])
		json_text(j, "code", p->code);
	json_int(j, "uses", uses.uses);
	json_int(j, "spent_cents", uses.spent_cents);
	if (r->budget_cents)
		json_int(j, "budget_left_cents", r->budget_cents - uses.spent_cents);
	return QT_OK;
}

static enum qt_err load_promotion(struct call *call, struct promotion **out)
{
	struct promotion *p = *out = arena_alloc(call->arena, sizeof *p);
	struct merchant m;

	enum qt_err err = call_merchant(call, &m);
	if (err != QT_OK)
		return err;
	err = promotion_get(call->db, m.id, call->id, p);
	return err == QT_NOT_FOUND ? problem_set(&call->problem, err, "", "there is no such promotion") : err;
}

static enum qt_err promotion_get_one(struct call *call)
{
	const struct currency *currency;
	struct promotion *p;
	struct merchant m;

	enum qt_err err = load_promotion(call, &p);
	if (err == QT_OK)
		err = merchant_get(call->db, p->merchant_id, &m);
	if (err != QT_OK)
		return err;
	currency = currency_by_numeric(m.currency);
	json_text(call->reply, "currency", currency ? currency->alpha : "");
	return write_promotion(call, p);
}

static enum qt_err promotions_get(struct call *call)
{
	SQL(ids_of, "SELECT id FROM promotion WHERE merchant_id = $1 AND id > $2 ORDER BY id LIMIT $3");
	struct promotion *p = arena_alloc(call->arena, sizeof *p);
	int64_t ids[LIST_MAX];
	struct merchant m;
	int count;

	enum qt_err err = call_merchant(call, &m);
	if (err == QT_OK)
		err = list_ids(call->db, &ids_of, m.id, call->args, ids, &count);
	if (err != QT_OK)
		return err;
	json_array(call->reply, "promotions");
	for (int i = 0; i < count && err == QT_OK; i++) {
		err = promotion_get(call->db, m.id, ids[i], p);
		json_object(call->reply, NULL);
		if (err == QT_OK)
			err = write_promotion(call, p);
		json_end(call->reply);
	}
	list_finish(call, call->args, ids, count);
	return err;
}

struct state_args {
	int state;
};
static const char *const state_words[] = {
#define X(name, number, wire) wire,
	PROMO_STATES(X)
#undef X
	NULL
};
static const struct field state_fields[] = {
	FIELD(struct state_args, state, CHOICE, .flags = FIELD_REQUIRED, .choices = state_words,
	      .help = "what was stopped stays so"),
	FIELDS_DONE
};

static enum qt_err promotion_state_post(struct call *call)
{
	const struct state_args *a = call->args;
	struct promotion *p;

	enum qt_err err = load_promotion(call, &p);
	if (err == QT_OK)
		err = promotion_set_state(call->db, p, a->state + 1, &call->problem);
	if (err == QT_OK)
		err = audit_log_add(call->db, &call->actor, call->now_ms, "promotion-state", p->rule.id, state_words[a->state]);
	return err == QT_OK ? write_promotion(call, p) : err;
}

/* ---- for a till that is alone ---- */

/* Does a till need the server to judge it? Then it is not for one that is alone. */
static bool is_plain(const struct promo *r)
{
	return r->state == PROMO_RUNNING && !r->by_code && !r->levels && !r->first_purchase && !r->birthday && !r->uses_max &&
		!r->day_max && !r->person_max && !r->budget_cents;
}

static bool is_for_store(const struct promo *r, int64_t store_id)
{
	for (int i = 0; i < r->store_count; i++)
		if (r->stores[i] == store_id)
			return true;
	return r->store_count == 0;
}

/* Sections by the promotions that name them, each once, with their items. */
static enum qt_err write_sections(struct call *call, const struct promo **rules, int count)
{
	SQL(items, "SELECT item_id FROM section_item WHERE section_id = $1 ORDER BY item_id");
	int64_t *seen = arena_alloc(call->arena, SECTIONS_TOLD_MOST * sizeof *seen);
	int seen_count = 0;
	enum qt_err err = QT_OK;

	json_array(call->reply, "sections");
	for (int i = 0; i < count; i++)
		for (int k = 0; k < rules[i]->part_count; k++)
			for (int n = 0; n < rules[i]->parts[k].ref_count && err == QT_OK; n++) {
				const struct promo_ref *ref = &rules[i]->parts[k].refs[n];
				int at = 0;
				while (at < seen_count && seen[at] != ref->id)
					at++;
				if (!ref->section || at < seen_count || at == SECTIONS_TOLD_MOST)
					continue;
				seen[seen_count++] = ref->id;
				json_object(call->reply, NULL);
				json_int(call->reply, "section_id", ref->id);
				json_array(call->reply, "items");
				struct stmt *s = db_stmt(call->db, &items);
				stmt_int(s, 1, ref->id);
				while (stmt_step(s))
					json_int(call->reply, NULL, stmt_col_int(s, 0));
				err = stmt_end(s);
				json_end(call->reply);
				json_end(call->reply);
			}
	json_end(call->reply);
	return err;
}

static enum qt_err promotions_running(struct call *call)
{
	char zone[ZONE_NAME_MAX + 1];
	struct promotion_set set;
	int count = 0;

	enum qt_err err = promotion_set_read(call->db, call->actor.merchant_id, call->arena, &set);
	if (err == QT_OK)
		err = store_zone_get(call->db, call->actor.store_id, zone);
	if (err != QT_OK)
		return err;
	const struct promo **rules = arena_alloc(call->arena, (size_t)set.count * sizeof *rules + 1);
	json_text(call->reply, "zone", zone);
	json_array(call->reply, "promotions");
	for (int i = 0; i < set.count && err == QT_OK; i++) {
		if (!is_plain(&set.list[i].rule) || !is_for_store(&set.list[i].rule, call->actor.store_id))
			continue;
		rules[count++] = &set.list[i].rule;
		json_object(call->reply, NULL);
		err = write_promotion(call, &set.list[i]);
		json_end(call->reply);
	}
	json_end(call->reply);
	return err == QT_OK ? write_sections(call, rules, count) : err;
}

/* ---- trying ---- */

struct try_line {
	int64_t item_id, quantity, left_cents;
	const char *barcode;
};
static const struct field try_line_fields[] = {
	FIELD(struct try_line, item_id, INT, .min = 1, .max = INT64_MAX, .help = "the item, or barcode"),
	FIELD(struct try_line, barcode, TEXT, .min = 1, .max = CODE_URL_MAX, .help = "barcode, PLU, SKU or product code"),
	FIELD(struct try_line, quantity, INT, .flags = FIELD_REQUIRED, .min = 1, .max = 100000, .help = "pieces; of measured goods 1"),
	FIELD(struct try_line, left_cents, INT, .min = 0, .max = MONEY_MAX, .fallback = -1,
	      .help = "what the line costs after its discounts, minor units; quantity times the price when absent"),
	FIELDS_DONE
};
struct code_args {
	const char *code;
};
static const struct field code_fields[] = {
	FIELD(struct code_args, code, TEXT, .flags = FIELD_REQUIRED | FIELD_SECRET, .min = 1, .max = CODE_URL_MAX,
	      .help = "a coupon's code, or one that all share"),
	FIELDS_DONE
};
struct try_args {
	struct field_list lines, codes;
	const char *customer;
	int64_t store_id, at_ms;
};
static const struct field try_fields[] = {
	FIELD(struct try_args, lines, LIST, .flags = FIELD_REQUIRED, .min = 1, .max = PROMO_LINES_MOST,
	      .sub = try_line_fields, .sub_size = sizeof(struct try_line), .help = "the basket"),
	FIELD(struct try_args, codes, LIST, .min = 0, .max = PROMO_CODES_MOST, .sub = code_fields,
	      .sub_size = sizeof(struct code_args), .help = "codes that are presented"),
	FIELD(struct try_args, customer, TEXT, .min = 1, .max = CODE_URL_MAX, .help = "identity code"),
	FIELD(struct try_args, store_id, INT, .min = 1, .max = INT64_MAX, .help = "the till's when absent"),
	FIELD(struct try_args, at_ms, INT, .min = 1, .max = INT64_MAX / 2, .help = "unix ms; now when absent"),
	FIELDS_DONE
};

static enum qt_err bad_line(struct call *call, enum qt_err err, int i, const char *field, const char *why)
{
	char path[48];

	snprintf(path, sizeof path, "lines[%d].%s", i, field);
	return problem_set(&call->problem, err, path, "%s", why);
}

static enum qt_err read_try_line(struct call *call, int64_t merchant_id, const struct try_line *t, int i,
                                 struct promo_line *l, struct item *it)
{
	enum qt_err err;

	if ((t->item_id != 0) == (t->barcode != NULL))
		return bad_line(call, QT_BAD_FIELD, i, "item_id", "give either item_id or barcode (or PLU, SKU, product code)");
	if (t->item_id)
		err = catalogue_item_get(call->db, merchant_id, t->item_id, it);
	else
		err = catalogue_item_scanned(call->db, call->server, merchant_id, t->barcode, call->now_ms, it);
	if (err == QT_NOT_FOUND)
		return bad_line(call, err, i, t->item_id ? "item_id" : "barcode", "there is no such item");
	if (err != QT_OK)
		return err;
	*l = (struct promo_line){ .item_id = it->id, .quantity_milli = t->quantity * 1000,
		.weighed = quantity_is_measured(it->unit), .total_cents = t->left_cents };
	if (t->left_cents < 0)
		err = money_mul(it->price_cents, t->quantity, &l->total_cents);
	return err == QT_OK ? err : bad_line(call, err, i, "quantity", "the amount is too large");
}

static void write_rules(struct json *j, const struct promotion_outcome *out)
{
	json_array(j, "rules");
	for (int i = 0; i < out->count; i++) {
		const struct promo_verdict *v = &out->verdicts[i];
		const struct promotion *p = out->promotions[i];
		json_object(j, NULL);
		json_int(j, "promotion_id", p->rule.id);
		json_text(j, "name", p->name);
		json_text(j, "name_zh", p->name_zh);
		json_text(j, "kind", promo_kind_name(p->rule.kind));
		json_bool(j, "applied", v->why == PROMO_WHY_APPLIED);
		json_text(j, "why", promo_why_info(v->why)->code);
		json_text(j, "reason", promo_why_info(v->why)->en);
		json_text(j, "reason_zh", promo_why_info(v->why)->zh);
		if (v->missing)
			json_int(j, v->why == PROMO_WHY_MIN_SPEND || v->why == PROMO_WHY_BUDGET_UP ? "missing_cents"
			                                                                           : "missing_pieces", v->missing);
		if (v->by_id)
			json_int(j, "by_promotion_id", v->by_id);
		json_int(j, "alone_cents", v->alone_cents);
		json_int(j, "saved_cents", v->saved_cents);
		json_end(j);
	}
	json_end(j);
}

/* Why each code does something or not: its promotion's verdict, or why it is not accepted at all. */
static void write_codes(struct json *j, const struct promotion_outcome *out, int code_count)
{
	json_array(j, "codes");
	for (int i = 0; i < code_count; i++) {
		enum promo_why why = out->codes[i].refused;
		const struct promo_verdict *v = NULL;
		for (int k = 0; k < out->count; k++)
			if (out->verdicts[k].promo->id == out->codes[i].promo_id)
				v = &out->verdicts[k];
		if (why == PROMO_WHY_APPLIED && v == NULL)
			why = PROMO_WHY_NOT_RUNNING;
		else if (why == PROMO_WHY_APPLIED)
			why = v->why;
		json_object(j, NULL);
		if (out->codes[i].promo_id)
			json_int(j, "promotion_id", out->codes[i].promo_id);
		json_text(j, "why", promo_why_info(why)->code);
		json_text(j, "reason", promo_why_info(why)->en);
		json_text(j, "reason_zh", promo_why_info(why)->zh);
		if (v && v->missing && why == v->why)
			json_int(j, why == PROMO_WHY_MIN_SPEND || why == PROMO_WHY_BUDGET_UP ? "missing_cents" : "missing_pieces",
			         v->missing);
		json_end(j);
	}
	json_end(j);
}

static void write_lines(struct json *j, const struct promo_line *lines, const struct item *items, int count,
                        const struct promotion_outcome *out)
{
	int64_t sum = 0, saved = out->result ? out->result->saved_cents : 0;

	json_array(j, "lines");
	for (int i = 0; i < count; i++) {
		json_object(j, NULL);
		json_int(j, "item_id", lines[i].item_id);
		json_text(j, "name", items[i].name);
		json_text(j, "name_zh", items[i].name_zh);
		json_int(j, "quantity", lines[i].quantity_milli / 1000);
		json_int(j, "left_cents", lines[i].total_cents);
		json_int(j, "saved_cents", out->result ? out->result->line_saved[i] : 0);
		json_end(j);
		sum += lines[i].total_cents;
	}
	json_end(j);
	json_int(j, "left_cents", sum);
	json_int(j, "saved_cents", saved);
	json_int(j, "total_cents", sum - saved);
}

static enum qt_err promotions_try(struct call *call)
{
	const struct try_args *a = call->args;
	const struct try_line *given = a->lines.items;
	const struct code_args *codes = a->codes.items;
	const char *texts[PROMO_CODES_MOST];
	struct promo_line *lines = arena_alloc(call->arena, (size_t)a->lines.count * sizeof *lines);
	struct item *items = arena_alloc(call->arena, (size_t)a->lines.count * sizeof *items);
	struct promotion_request r = { .at_ms = a->at_ms ? a->at_ms : call->now_ms,
		.store_id = a->store_id ? a->store_id : call->actor.store_id, .lines = lines, .line_count = a->lines.count,
		.codes = texts, .code_count = a->codes.count, .all = !(call->actor.role & ROLES_TILL) };
	struct promotion_outcome out;
	struct merchant m;

	enum qt_err err = call_merchant(call, &m);
	if (err == QT_OK && a->customer &&
	    customer_by_identity(call->server, a->customer, call->now_ms, &r.customer_id) != QT_OK)
		return problem_set(&call->problem, QT_WRONG_KIND, "customer", "an identity code is needed");
	for (int i = 0; i < a->lines.count && err == QT_OK; i++)
		err = read_try_line(call, m.id, &given[i], i, &lines[i], &items[i]);
	for (int i = 0; i < a->codes.count; i++)
		texts[i] = codes[i].code;
	r.merchant_id = m.id;
	if (err == QT_OK)
		err = promotion_judge(call, &r, false, &out);
	if (err != QT_OK)
		return err;
	const struct currency *currency = currency_by_numeric(m.currency);
	json_text(call->reply, "currency", currency ? currency->alpha : "");
	write_lines(call->reply, lines, items, a->lines.count, &out);
	write_rules(call->reply, &out);
	write_codes(call->reply, &out, a->codes.count);
	return QT_OK;
}

const struct route promotion_routes[] = {
	{ .method = "POST", .path = "/v1/promotions", .roles = ROLES_BOSS, .flags = ROUTE_WRITE, .body_max = 16384,
	  .fields = promotion_fields, .args_size = sizeof(struct promotion_args), .handle = promotions_post,
	  .help = "Make a promotion; it runs from its start." },
	{ .method = "GET", .path = "/v1/promotions", .roles = ROLES_BOSS, .fields = list_fields,
	  .args_size = sizeof(struct list_args), .handle = promotions_get,
	  .help = "The merchant's promotions with uses, cost and what is left of the budget." },
	{ .method = "GET", .path = "/v1/promotions/running", .roles = ROLE_TERMINAL | ROLES_TILL, .handle = promotions_running,
	  .help = "What a till judges alone while it is off line: running promotions of its store without code, customer or "
	          "limit, and the items of the sections they name." },
	{ .method = "GET", .path = "/v1/promotions/:id", .roles = ROLES_BOSS, .handle = promotion_get_one,
	  .help = "A promotion and what was used of it." },
	{ .method = "POST", .path = "/v1/promotions/:id/state", .roles = ROLES_BOSS, .flags = ROUTE_WRITE,
	  .fields = state_fields, .args_size = sizeof(struct state_args), .handle = promotion_state_post,
	  .help = "Pause, resume or stop a promotion." },
	{ .method = "POST", .path = "/v1/promotions/try", .roles = ROLES_TILL | ROLES_BOSS, .body_max = 65536,
	  .fields = try_fields, .args_size = sizeof(struct try_args), .handle = promotions_try,
	  .help = "What promotions would take off a basket, and why each applies or not; nothing is done." },
};
const int promotion_route_count = sizeof promotion_routes / sizeof *promotion_routes;
