/* promotion_price: a merchant's promotions judged for a basket: gathers what shared/promo.h must know. See promotion.h. */
#include "server/coupon.h"
#include "server/member.h"
#include "server/promotion.h"
#include "server/report_sum.h"
#include "shared/zone.h"

#include <stdlib.h>
#include <string.h>

#define SECTIONS_MOST 16 /* of one item */

static enum qt_err read_sections(struct call *call, struct promo_line *lines, int count)
{
	SQL(of_item, "SELECT section_id FROM section_item WHERE item_id = $1 ORDER BY section_id LIMIT $2");
	enum qt_err err = QT_OK;

	for (int i = 0; i < count && err == QT_OK; i++) {
		int64_t *ids = arena_alloc(call->arena, SECTIONS_MOST * sizeof *ids);
		struct stmt *s = db_stmt(call->db, &of_item);
		stmt_int(s, 1, lines[i].item_id);
		stmt_int(s, 2, SECTIONS_MOST);
		while (stmt_step(s))
			ids[lines[i].section_count++] = stmt_col_int(s, 0);
		lines[i].sections = ids;
		err = stmt_end(s);
	}
	return err;
}

/* Whose code it is: a coupon's, or one that all share. */
static enum qt_err read_code(struct call *call, const struct promotion_request *r, const struct promotion_set *set,
                             const char *text, int64_t *promo_id, int64_t *coupon_id, enum promo_why *refused)
{
	char token[CODE_TOKEN_MAX], shared[PROMOTION_CODE_MAX + 1];
	struct code code;
	struct coupon c;

	*promo_id = *coupon_id = 0;
	*refused = PROMO_WHY_CODE_REFUSED;
	if (promotion_code_fold(text, shared))
		for (int i = 0; i < set->count; i++)
			if (strcmp(set->list[i].code, shared) == 0) {
				*promo_id = set->list[i].rule.id;
				*refused = PROMO_WHY_APPLIED;
				return QT_OK;
			}
	if (code_token_of(text, call->server->settings.public_url, token) == NULL ||
	    code_read(&call->server->keys, token, call->now_ms, &code) != QT_OK || code.kind != CODE_COUPON)
		return QT_OK;
	enum qt_err err = coupon_by_read_code(call->db, call->server, r->merchant_id, &code, &c);
	if (err == QT_NOT_FOUND)
		return QT_OK;
	*promo_id = c.promotion_id;
	*coupon_id = c.id;
	*refused = coupon_judge(&c, r->customer_id, r->at_ms);
	return err;
}

/* The same coupon twice is one coupon. */
static bool seen_before(const struct promotion_outcome *out, int i)
{
	for (int k = 0; k < i; k++)
		if (out->codes[k].coupon_id == out->codes[i].coupon_id && out->codes[i].coupon_id != 0)
			return true;
	return false;
}

static enum qt_err read_codes(struct call *call, const struct promotion_request *r, const struct promotion_set *set,
                              struct promotion_outcome *out, struct promo_code *codes)
{
	enum qt_err err = QT_OK;

	for (int i = 0; i < r->code_count && err == QT_OK; i++) {
		err = read_code(call, r, set, r->codes[i], &out->codes[i].promo_id, &out->codes[i].coupon_id,
		                &out->codes[i].refused);
		if (seen_before(out, i))
			out->codes[i].refused = PROMO_WHY_CODE_USED;
		codes[i] = (struct promo_code){ out->codes[i].promo_id, out->codes[i].refused };
	}
	return err;
}

static enum qt_err read_customer(struct call *call, const struct promotion_request *r, int64_t day,
                                 struct promo_basket *b)
{
	struct member m;
	char date[11];
	bool buyer;

	b->birthday_days = -1;
	if (r->customer_id == 0)
		return QT_OK;
	enum qt_err err = member_get(call->db, r->merchant_id, r->customer_id, &m);
	if (err == QT_OK)
		err = promotion_is_buyer(call->db, r->merchant_id, r->customer_id, &buyer);
	if (err != QT_OK)
		return err;
	b->level = m.level;
	b->first_purchase = !buyer;
	b->birthday_days = member_birthday_days(m.birthday, day, atoi(zone_day_text(day, date)));
	return QT_OK;
}

/* What the clocks of the store show: its days, weekdays and hours are what rules name. */
static enum qt_err local_time(struct db *db, const struct promotion_request *r, struct zone_time *now)
{
	char name[ZONE_NAME_MAX + 1];
	const struct zone *zone;
	enum qt_err err = store_zone_get(db, r->store_id, name);

	if (err != QT_OK)
		return err;
	zone = zone_find(name);
	*now = zone_local(zone ? zone : zone_find("UTC"), r->at_ms); /* the machine may have lost the zone's file */
	return QT_OK;
}

static bool is_limited(const struct promo *p)
{
	return p->uses_max || p->day_max || p->person_max || p->budget_cents;
}

/* The rules to judge: as they are kept, or with what was used of them. */
static enum qt_err gather_rules(struct call *call, const struct promotion_request *r, const struct promotion_set *set,
                                struct promotion_outcome *out)
{
	enum qt_err err = QT_OK;

	out->verdicts = arena_alloc(call->arena, (size_t)set->count * sizeof *out->verdicts + 1);
	for (int i = 0; i < set->count && err == QT_OK; i++) {
		const struct promo *rule = &set->list[i].rule;
		if (rule->state != PROMO_RUNNING && !r->all)
			continue;
		if (is_limited(rule)) {
			struct promotion *copy = arena_alloc(call->arena, sizeof *copy);
			*copy = set->list[i];
			err = promotion_read_uses(call->db, r->customer_id, out->day, &copy->rule);
			rule = &copy->rule;
		}
		out->verdicts[out->count++].promo = rule;
	}
	return err;
}

enum qt_err promotion_judge(struct call *call, const struct promotion_request *r, bool writer,
                            struct promotion_outcome *out)
{
	struct promo_code codes[PROMO_CODES_MOST];
	struct promotion_set set;
	struct zone_time now;

	memset(out, 0, sizeof *out);
	enum qt_err err = writer ? promotion_set_of_writer(call->db, r->merchant_id, &set)
	                         : promotion_set_read(call->db, r->merchant_id, call->arena, &set);
	if (err != QT_OK || (set.count == 0 && r->code_count == 0))
		return err;
	err = local_time(call->db, r, &now);
	if (err != QT_OK)
		return err;
	out->day = now.day;
	/* 1970-01-01 was a Thursday. */
	struct promo_basket b = { .lines = r->lines, .line_count = r->line_count, .codes = codes,
		.code_count = r->code_count, .now_ms = r->at_ms, .store_id = r->store_id,
		.weekday = (int)((now.day + 3) % 7), .minute = now.minute,
		.customer_id = r->customer_id, .offline = r->offline };
	if (set.sections)
		err = read_sections(call, r->lines, r->line_count);
	if (err == QT_OK)
		err = read_codes(call, r, &set, out, codes);
	if (err == QT_OK)
		err = read_customer(call, r, now.day, &b);
	if (err == QT_OK)
		err = gather_rules(call, r, &set, out);
	if (err != QT_OK)
		return err;
	out->result = arena_alloc(call->arena, sizeof *out->result);
	err = promo_eval(&b, out->verdicts, out->count, out->result);
	out->promotions = arena_alloc(call->arena, (size_t)out->count * sizeof *out->promotions + 1);
	for (int i = 0; i < out->count; i++) /* the rule is the first member of its promotion, kept or copied */
		out->promotions[i] = (const struct promotion *)(const void *)out->verdicts[i].promo;
	return err;
}

enum qt_err promotion_most(struct call *call, const struct promotion_request *r, const struct promo *p, struct promo *rule,
                           int64_t *most_cents)
{
	struct promo_basket b = { .lines = r->lines, .line_count = r->line_count, .now_ms = r->at_ms,
		.store_id = r->store_id, .birthday_days = -1, .offline = true };
	struct promo_result *result = arena_alloc(call->arena, sizeof *result);
	struct promo_verdict verdict = { .promo = rule };

	*rule = *p;
	rule->state = PROMO_RUNNING;
	rule->starts_ms = rule->ends_ms = rule->weekdays = rule->from_minute = rule->to_minute = 0;
	rule->store_count = 0;
	for (int i = 0; i < r->line_count; i++)
		r->lines[i].section_count = 0;
	enum qt_err err = read_sections(call, r->lines, r->line_count);
	if (err == QT_OK)
		err = promo_eval(&b, &verdict, 1, result);
	*most_cents = verdict.saved_cents;
	return err;
}
