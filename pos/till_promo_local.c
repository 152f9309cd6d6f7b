/* till_promo_local: promotions while the server cannot be reached. The till keeps a copy of those that need no server (no
 * code, no customer, no limit), as the server told them last, and judges them by the same rules (shared/promo.h). What it
 * takes off is told to the customer, and sent with the order when the server is back. See till.h. */
#include "pos/till.h"

#include "shared/promo.h"
#include "shared/tr.h"
#include "shared/zone.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECTIONS_MOST 16 /* of one item */

/* The copy, ready to be judged. */
struct till_promos {
	struct promo *rules;            /* owned */
	int count;
	struct json_t *told;            /* owned: the answer they were read from, for names and sections */
};

void till_promos_free(struct till *t)
{
	if (t->promos) {
		free(t->promos->rules);
		jfree(t->promos->told);
	}
	free(t->promos);
	t->promos = NULL;
}

static int64_t kind_of(const char *name, const char *(*name_of)(int64_t), int most)
{
	for (int i = 1; i <= most; i++)
		if (strcmp(name_of(i), name) == 0)
			return i;
	return 0;
}

static void read_refs(struct promo_part *part, const struct json_t *ids, bool section)
{
	for (size_t i = 0; i < jcount(ids) && part->ref_count < PROMO_REFS_MOST; i++)
		part->refs[part->ref_count++] = (struct promo_ref){ section, jvalue_int(jat(ids, i), 0) };
}

/* Stores are not read: the server told those of this one. */
static void read_rule(const struct json_t *p, struct promo *r)
{
	const struct json_t *parts = jget(p, "parts"), *days = jget(p, "weekdays"), *part;

	*r = (struct promo){ .id = jint(p, "promotion_id", 0), .state = PROMO_RUNNING,
		.kind = kind_of(jtext(p, "kind", ""), promo_kind_name, PROMO_ORDER),
		.stack = kind_of(jtext(p, "stack", ""), promo_stack_name, PROMO_EXCLUSIVE), .priority = jint(p, "priority", 0),
		.group = jint(p, "group", 0), .off_bp = jint(p, "off_bp", 0), .off_cents = jint(p, "off_cents", 0),
		.price_cents = jint(p, "price_cents", 0), .sets_max = jint(p, "sets_max", 0),
		.cap_cents = jint(p, "cap_cents", 0), .starts_ms = jint(p, "starts_ms", 0), .ends_ms = jint(p, "ends_ms", 0),
		.from_minute = jint(p, "from_minute", 0), .to_minute = jint(p, "to_minute", 0),
		.min_cents = jint(p, "min_cents", 0), .min_pieces = jint(p, "min_pieces", 0) };
	for (size_t i = 0; i < jcount(days); i++)
		r->weekdays |= INT64_C(1) << ((jvalue_int(jat(days, i), 1) - 1) & 7);
	for (size_t k = 0; (part = jat(parts, k)) != NULL && r->part_count < PROMO_PARTS_MOST; k++) {
		struct promo_part *to = &r->parts[r->part_count++];
		to->pieces = jint(part, "pieces", 1);
		read_refs(to, jget(part, "items"), false);
		read_refs(to, jget(part, "sections"), true);
	}
}

/* Takes `told` over. */
static void use_copy(struct till *t, struct json_t *told)
{
	const struct json_t *list = jget(told, "promotions"), *p;
	struct till_promos *mine = xcalloc(1, sizeof *mine);

	till_promos_free(t);
	mine->told = told;
	mine->rules = xcalloc(jcount(list) + 1, sizeof *mine->rules);
	for (size_t i = 0; (p = jat(list, i)) != NULL; i++)
		read_rule(p, &mine->rules[mine->count++]);
	t->promos = mine;
}

void till_promos_load(struct till *t)
{
	char *text = setting_text(t->store, "promotions_json");
	struct json_t *told = text ? jparse(text, strlen(text)) : NULL;

	if (told)
		use_copy(t, told);
	free(text);
}

static void on_running(void *ctx, const struct api_reply *r)
{
	struct till *t = ctx;

	till_link_said(t, r->err);
	if (r->err != QT_OK)
		return;
	char *now = jdump(r->body), *before = setting_text(t->store, "promotions_json");
	if (before == NULL || strcmp(now, before) != 0) {
		if (setting_put(t->store, "promotions_json", now) != QT_OK)
			tui_say(t->tui, STYLE_BAD, "%s", tr_err(QT_STORE));
		use_copy(t, jhold(r->body));
	}
	free(now);
	free(before);
}

void till_promos_ask(struct till *t)
{
	const struct api_request r = { .method = "GET", .path = "/v1/promotions/running", .token = t->terminal_token,
	                               .done = on_running, .ctx = t };
	api_send(t->api, &r);
}

/* The sections an item is in, of those the promotions name. */
static int sections_of(const struct till_promos *mine, int64_t item_id, int64_t out[SECTIONS_MOST])
{
	const struct json_t *sections = jget(mine->told, "sections"), *section;
	int count = 0;

	for (size_t i = 0; (section = jat(sections, i)) != NULL && count < SECTIONS_MOST; i++) {
		const struct json_t *items = jget(section, "items");
		size_t low = 0, high = jcount(items); /* they ascend */
		while (low < high) {
			size_t middle = (low + high) / 2;
			if (jvalue_int(jat(items, middle), 0) < item_id)
				low = middle + 1;
			else
				high = middle;
		}
		if (jvalue_int(jat(items, low), 0) == item_id)
			out[count++] = jint(section, "section_id", 0);
	}
	return count;
}

static enum qt_err judge(const struct till *t, struct promo_verdict *verdicts, struct promo_result *result)
{
	static int64_t sections[CART_LINES_MOST][SECTIONS_MOST];
	static struct promo_line lines[CART_LINES_MOST];
	const struct cart *c = &t->sale.cart;
	const struct zone *zone = zone_find(jtext(t->promos->told, "zone", "UTC"));
	const struct zone_time now = zone_local(zone ? zone : zone_find("UTC"), till_now_ms(t));
	const struct promo_basket b = { .lines = lines, .line_count = c->count, .now_ms = till_now_ms(t),
		.weekday = (int)((now.day + 3) % 7), .minute = now.minute, .birthday_days = -1, .offline = true };

	for (int i = 0; i < c->count; i++) {
		const struct cart_line *l = &c->lines[i];
		struct price_line price = l->price;
		lines[i] = (struct promo_line){ .item_id = l->item_id };
		if (l->card_id) /* no piece, no money */
			continue;
		price.promotion_cents = price.order_discount_cents = 0;
		lines[i].weighed = l->unit[0] != '\0';
		lines[i].quantity_milli = lines[i].weighed ? l->quantity : l->quantity * 1000;
		lines[i].total_cents = price_left(&price);
		lines[i].sections = sections[i];
		lines[i].section_count = sections_of(t->promos, l->item_id, sections[i]);
	}
	for (int i = 0; i < t->promos->count; i++)
		verdicts[i].promo = &t->promos->rules[i];
	return promo_eval(&b, verdicts, t->promos->count, result);
}

static void take_result(struct cart *c, const struct till_promos *mine, const struct promo_verdict *verdicts,
                        const struct promo_result *result)
{
	const struct json_t *list = jget(mine->told, "promotions");

	c->promotion_count = result->applied;
	for (int i = 0; i < mine->count; i++) {
		const struct promo_verdict *v = &verdicts[i];
		if (v->why != PROMO_WHY_APPLIED)
			continue;
		const struct json_t *p = jat(list, (size_t)(v->promo - mine->rules));
		struct cart_promotion *to = &c->promotions[v->row];
		to->id = v->promo->id;
		to->saved_cents = v->saved_cents;
		snprintf(to->name, sizeof to->name, "%s", jtext(p, "name", ""));
		snprintf(to->name_zh, sizeof to->name_zh, "%s", jtext(p, "name_zh", ""));
		memcpy(to->cuts, result->cuts[v->row], (size_t)c->count * sizeof *to->cuts);
	}
	for (int i = 0; i < c->count; i++)
		c->lines[i].promotion_cents = result->line_saved[i];
	c->promotions_for = cart_mark(c);
	c->promotions_told = true;
}

void till_promo_alone(struct till *t)
{
	static struct promo_result result;
	struct cart *c = &t->sale.cart;

	if (t->promos == NULL || t->sale.stage != SALE_CART || c->count == 0 || cart_has_promotions(c))
		return;
	struct promo_verdict *verdicts = xcalloc((size_t)t->promos->count + 1, sizeof *verdicts);
	c->promotions_for = 0;
	enum qt_err err = cart_price(c);
	if (err == QT_OK)
		err = judge(t, verdicts, &result);
	if (err == QT_OK) {
		take_result(c, t->promos, verdicts, &result);
		err = cart_price(c);
	}
	if (err != QT_OK) { /* a discount by hand asks for more than promotions leave: it goes first */
		c->promotion_count = 0;
		for (int i = 0; i < c->count; i++)
			c->lines[i].promotion_cents = 0;
		err = cart_price(c);
	}
	if (err != QT_OK)
		log_line('E', "the cart cannot be priced: %s", err_info(err)->code);
	free(verdicts);
	tui_dirty(t->tui);
	if (c->promotion_count > 0 && till_keep_sale(t) != QT_OK)
		c->promotions_for = 0; /* not on disk: it does not count */
}
