/* points_offer: see points_offer.h. */
#include "server/points_offer.h"

#include "server/ledger.h"
#include "server/points.h"
#include "server/promotion.h"

#include <stdio.h>

enum qt_err points_offers_get(struct db *db, int64_t merchant_id, struct points_offers *o)
{
	SQL(all, "SELECT kind, level, value, promotion_id FROM points_offer WHERE id BETWEEN $1 AND $2 ORDER BY id");
	struct stmt *s = db_stmt(db, &all);

	o->count = 0;
	stmt_int(s, 1, merchant_id * POINTS_OFFER_ROOM);
	stmt_int(s, 2, merchant_id * POINTS_OFFER_ROOM + POINTS_OFFER_ROOM - 1);
	while (o->count < POINTS_OFFERS_MAX && stmt_step(s))
		o->list[o->count++] = (struct points_offer){ stmt_col_int(s, 0), stmt_col_int(s, 1), stmt_col_int(s, 2),
			stmt_col_int(s, 3) };
	return stmt_end(s);
}

/* A voucher is a single coupon: of a promotion of this merchant that asks for one. */
static enum qt_err check_voucher(struct db *db, int64_t merchant_id, const struct points_offer *o)
{
	struct promotion promotion;
	enum qt_err err = promotion_get(db, merchant_id, o->promotion_id, &promotion);

	if (err == QT_OK && (!promotion.rule.by_code || promotion.code[0]))
		err = QT_BAD_FIELD;
	return err;
}

static enum qt_err check_offer(struct db *db, const struct points_scheme *scheme, const struct points_offers *o, int i,
                               struct problem *p)
{
	static const char *const members[] = {
#define X(name, number, wire, member) [number] = member,
		POINTS_OFFERS(X)
#undef X
	};
	const struct points_offer *x = &o->list[i];
	char field[40];

	snprintf(field, sizeof field, "offers[%d].%s", i, members[x->kind]);
	if (x->value <= 0)
		return problem_set(p, QT_MISSING_FIELD, field, "how much");
	snprintf(field, sizeof field, "offers[%d].level", i);
	if (x->level > 0 && x->level >= scheme->level_count)
		return problem_set(p, QT_BAD_FIELD, field, "the scheme has no such level");
	for (int k = 0; k < i; k++)
		if (o->list[k].kind == x->kind && o->list[k].level == x->level && o->list[k].promotion_id == x->promotion_id)
			return problem_set(p, QT_DOUBLE_FIELD, field, "offered for this level twice");
	snprintf(field, sizeof field, "offers[%d].promotion_id", i);
	if ((x->kind == OFFER_VOUCHER) != (x->promotion_id != 0))
		return problem_set(p, x->promotion_id ? QT_BAD_FIELD : QT_MISSING_FIELD, field,
		                   "a voucher, and only a voucher, is a promotion's coupon");
	enum qt_err err = x->kind == OFFER_VOUCHER ? check_voucher(db, scheme->merchant_id, x) : QT_OK;
	return err == QT_OK ? err : problem_set(p, err, field, "%s", err == QT_BAD_FIELD
	                                        ? "its promotion must ask for single codes" : "there is no such promotion");
}

enum qt_err points_offers_put(struct db *db, const struct points_scheme *scheme, const struct points_offers *o,
                              struct problem *p)
{
	SQL(clear, "DELETE FROM points_offer WHERE id BETWEEN $1 AND $2");
	SQL(add, "INSERT INTO points_offer (id, kind, level, value, promotion_id) VALUES ($1, $2, $3, $4, $5)");
	int64_t first = scheme->merchant_id * POINTS_OFFER_ROOM;
	enum qt_err err = QT_OK;

	for (int i = 0; i < o->count && err == QT_OK; i++)
		err = check_offer(db, scheme, o, i, p);
	if (err == QT_OK)
		err = db_run(db, &clear, "ii", first, first + POINTS_OFFER_ROOM - 1);
	for (int i = 0; i < o->count && err == QT_OK; i++) {
		const struct points_offer *x = &o->list[i];
		err = db_run(db, &add, "iiiii", first + i, x->kind, x->level, x->value, x->promotion_id);
	}
	return err;
}

/* The customer's level; 0 also without levels. */
static enum qt_err level_of(struct db *db, int64_t merchant_id, int64_t customer_id, int64_t now_ms, int *level)
{
	struct points_scheme scheme;
	int64_t earned;
	enum qt_err err = points_scheme_get(db, merchant_id, &scheme);

	*level = 0;
	if (err == QT_OK && scheme.level_count > 0)
		err = points_level_of(db, &scheme, customer_id, now_ms, &earned, level);
	return err;
}

enum qt_err points_offer_best(struct db *db, int64_t merchant_id, int64_t customer_id, enum points_offer_kind kind,
                              int64_t now_ms, int64_t *value)
{
	struct points_offers offers;
	int level = 0, best = -1;
	bool any = false, by_level = false;
	enum qt_err err = points_offers_get(db, merchant_id, &offers);

	*value = 0;
	for (int i = 0; i < offers.count; i++) {
		any |= offers.list[i].kind == (int64_t)kind;
		by_level |= offers.list[i].kind == (int64_t)kind && offers.list[i].level > 0;
	}
	if (err == QT_OK && by_level)
		err = level_of(db, merchant_id, customer_id, now_ms, &level);
	for (int i = 0; i < offers.count && err == QT_OK && any; i++) {
		const struct points_offer *x = &offers.list[i];
		if (x->kind != (int64_t)kind || x->level > level || x->level <= best)
			continue;
		best = (int)x->level;
		*value = x->value;
	}
	return err;
}

enum qt_err points_offer_earned(struct db *db, int64_t merchant_id, int64_t customer_id, int64_t now_ms, int64_t *points)
{
	int64_t rate_bp;
	enum qt_err err = points_offer_best(db, merchant_id, customer_id, OFFER_EARN, now_ms, &rate_bp);

	if (err != QT_OK || rate_bp == 0)
		return err;
	__int128 p = (__int128)*points * rate_bp / 10000;
	if (p > MONEY_MAX)
		return QT_OVERFLOW;
	*points = (int64_t)p;
	return QT_OK;
}

/* The offer of this coupon for the highest level that is not above the customer's. */
static enum qt_err find_voucher(struct call *call, int64_t merchant_id, int64_t customer_id, int64_t promotion_id,
                                int64_t *points)
{
	struct points_offers offers;
	int level, best = -1;
	bool there = false;
	enum qt_err err = points_offers_get(call->db, merchant_id, &offers);

	if (err == QT_OK)
		err = level_of(call->db, merchant_id, customer_id, call->now_ms, &level);
	for (int i = 0; i < offers.count && err == QT_OK; i++) {
		const struct points_offer *x = &offers.list[i];
		if (x->kind != OFFER_VOUCHER || x->promotion_id != promotion_id)
			continue;
		there = true;
		if (x->level > level || x->level <= best)
			continue;
		best = (int)x->level;
		*points = x->value;
	}
	if (err == QT_OK && !there)
		return problem_set(&call->problem, QT_NOT_FOUND, "promotion_id", "points do not buy this");
	if (err == QT_OK && best < 0)
		return problem_set(&call->problem, QT_FORBIDDEN, "promotion_id", "it is for a higher level");
	return err;
}

enum qt_err points_voucher_buy(struct call *call, int64_t merchant_id, int64_t customer_id, int64_t promotion_id,
                               struct coupon *coupon, int64_t *points)
{
	SQL(add, "INSERT INTO points_voucher (id, account_id, journal_id, points) VALUES ($1, $2, $3, $4)");
	struct coupon_batch batch = { .merchant_id = merchant_id, .promotion_id = promotion_id, .count = 1,
		.created_ms = call->now_ms, .name = "points" };
	struct promotion promotion;
	int64_t account_id, journal_id, balance;

	enum qt_err err = find_voucher(call, merchant_id, customer_id, promotion_id, points);
	if (err == QT_OK)
		err = promotion_get(call->db, merchant_id, promotion_id, &promotion);
	if (err == QT_OK && (promotion.rule.state != PROMO_RUNNING ||
	    (promotion.rule.ends_ms && promotion.rule.ends_ms <= call->now_ms)))
		return problem_set(&call->problem, QT_CONFLICT, "promotion_id", "its promotion is over");
	if (err == QT_OK)
		err = points_move(call->db, merchant_id, customer_id, -*points, actor_packed(&call->actor), call->now_ms,
		                  &balance, &journal_id, &call->problem);
	if (err == QT_OK)
		err = coupon_batch_add(call->db, &batch);
	if (err == QT_OK)
		err = coupon_batch_export(call->db, call->server, merchant_id, batch.id, call->now_ms, &batch);
	if (err == QT_OK)
		err = coupon_get(call->db, merchant_id, batch.first_coupon_id, coupon);
	if (err == QT_OK)
		err = coupon_keep(call->db, coupon, customer_id);
	if (err == QT_OK)
		err = ledger_account_find(call->db, ACCOUNT_POINTS, customer_id, points_unit(merchant_id), &account_id);
	return err == QT_OK ? db_run(call->db, &add, "iiii", coupon->id, account_id, journal_id, *points) : err;
}
