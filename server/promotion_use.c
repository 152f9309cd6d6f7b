/* promotion_use: what was used of promotions, and who bought before. See promotion.h. */
#include "server/cache.h"
#include "server/coupon.h"
#include "server/promotion.h"

enum qt_err promotion_uses_get(struct db *db, int64_t promotion_id, struct promotion_uses *u)
{
	SQL(by_id, "SELECT uses, spent_cents FROM promotion_sum WHERE promotion_id = $1");
	*u = (struct promotion_uses){ 0 };
	enum qt_err err = db_one(db, &by_id, "i", promotion_id, "ii", &u->uses, &u->spent_cents);
	return err == QT_NOT_FOUND ? QT_OK : err;
}

enum qt_err promotion_read_uses(struct db *db, int64_t customer_id, int64_t day, struct promo *p)
{
	SQL(of_day, "SELECT uses FROM promotion_day WHERE promotion_id = $1 AND day = $2");
	SQL(of_person, "SELECT uses FROM promotion_person WHERE promotion_id = $1 AND customer_id = $2");
	struct promotion_uses u = { 0 };
	enum qt_err err = QT_OK;

	if (p->uses_max || p->budget_cents)
		err = promotion_uses_get(db, p->id, &u);
	p->uses = u.uses;
	p->spent_cents = u.spent_cents;
	if (err == QT_OK && p->day_max)
		err = db_one(db, &of_day, "ii", p->id, day, "i", &p->day_uses);
	if ((err == QT_OK || err == QT_NOT_FOUND) && p->person_max && customer_id)
		err = db_one(db, &of_person, "ii", p->id, customer_id, "i", &p->person_uses);
	return err == QT_NOT_FOUND ? QT_OK : err;
}

/* A use as it is stored. */
struct use {
	int64_t id, promotion_id, coupon_id, customer_id, day, saved_cents, state;
};

/* Count a use (by 1) or give it back (by -1). */
static enum qt_err count_use(struct db *db, const struct use *u, int64_t by)
{
	SQL(sum, "INSERT INTO promotion_sum (promotion_id, uses, spent_cents) VALUES ($1, $2, $3) ON CONFLICT (promotion_id) "
	         "DO UPDATE SET uses = promotion_sum.uses + $2, spent_cents = promotion_sum.spent_cents + $3");
	SQL(day, "INSERT INTO promotion_day (promotion_id, day, uses) VALUES ($1, $2, $3) ON CONFLICT (promotion_id, day) "
	         "DO UPDATE SET uses = promotion_day.uses + $3");
	SQL(person, "INSERT INTO promotion_person (promotion_id, customer_id, uses) VALUES ($1, $2, $3) "
	            "ON CONFLICT (promotion_id, customer_id) DO UPDATE SET uses = promotion_person.uses + $3");

	enum qt_err err = db_run(db, &sum, "iii", u->promotion_id, by, by * u->saved_cents);
	if (err == QT_OK)
		err = db_run(db, &day, "iii", u->promotion_id, u->day, by);
	if (err == QT_OK && u->customer_id)
		err = db_run(db, &person, "iii", u->promotion_id, u->customer_id, by);
	return err;
}

enum qt_err promotion_hold(struct db *db, int64_t order_id, int64_t customer_id, const struct promotion_outcome *out,
                           bool paid)
{
	SQL(insert, "INSERT INTO promotion_use (id, promotion_id, coupon_id, customer_id, day, saved_cents, state) "
	            "VALUES ($1, $2, $3, $4, $5, $6, $7)");
	enum qt_err err = QT_OK;

	for (int i = 0; i < out->count && err == QT_OK; i++) {
		const struct promo_verdict *v = &out->verdicts[i];
		if (v->why != PROMO_WHY_APPLIED)
			continue;
		const struct use u = { order_id * PROMOTION_USE_ROOM + v->row, v->promo->id,
			v->code >= 0 ? out->codes[v->code].coupon_id : 0, customer_id, out->day, v->saved_cents,
			paid ? PROMOTION_USED : PROMOTION_HELD };
		err = db_run(db, &insert, "iiiiiii", u.id, u.promotion_id, u.coupon_id, u.customer_id, u.day, u.saved_cents,
		             u.state);
		if (err == QT_OK)
			err = count_use(db, &u, 1);
		if (err == QT_OK && u.coupon_id)
			err = coupon_move(db, u.coupon_id, order_id, paid ? COUPON_USED : COUPON_HELD);
	}
	return err;
}

static enum qt_err read_uses(struct db *db, int64_t order_id, struct use *uses, int *count)
{
	SQL(of_order, "SELECT id, promotion_id, coupon_id, customer_id, day, saved_cents, state FROM promotion_use "
	              "WHERE id >= $1 AND id < $2 ORDER BY id");
	struct stmt *s = db_stmt(db, &of_order);

	*count = 0;
	stmt_int(s, 1, order_id * PROMOTION_USE_ROOM);
	stmt_int(s, 2, (order_id + 1) * PROMOTION_USE_ROOM);
	while (stmt_step(s) && *count < PROMOTION_USE_ROOM)
		uses[(*count)++] = (struct use){ stmt_col_int(s, 0), stmt_col_int(s, 1), stmt_col_int(s, 2), stmt_col_int(s, 3),
			stmt_col_int(s, 4), stmt_col_int(s, 5), stmt_col_int(s, 6) };
	return stmt_end(s);
}

enum qt_err promotion_move(struct db *db, int64_t order_id, enum promotion_use_state to)
{
	SQL(update, "UPDATE promotion_use SET state = $2 WHERE id = $1");
	static const int64_t from[] = { [PROMOTION_USED] = PROMOTION_HELD, [PROMOTION_RELEASED] = PROMOTION_HELD,
		[PROMOTION_GIVEN_BACK] = PROMOTION_USED };
	struct use uses[PROMOTION_USE_ROOM];
	int count;

	enum qt_err err = read_uses(db, order_id, uses, &count);
	for (int i = 0; i < count && err == QT_OK; i++) {
		if (uses[i].state != from[to])
			continue;
		err = db_run(db, &update, "ii", uses[i].id, (int64_t)to);
		if (err == QT_OK && to != PROMOTION_USED)
			err = count_use(db, &uses[i], -1);
		if (err == QT_OK && uses[i].coupon_id)
			err = coupon_move(db, uses[i].coupon_id, to == PROMOTION_USED ? order_id : 0,
			                  to == PROMOTION_USED ? COUPON_USED : COUPON_FRESH);
	}
	return err;
}

/* Buyers the writer has seen: most come again. */
static struct cache buyers = CACHE(1024, char);

static int64_t buyer_key(int64_t merchant_id, int64_t customer_id)
{
	return merchant_id << 40 ^ customer_id;
}

enum qt_err promotion_note_buyer(struct db *db, int64_t merchant_id, int64_t customer_id)
{
	SQL(insert, "INSERT INTO buyer (merchant_id, customer_id) VALUES ($1, $2) ON CONFLICT DO NOTHING");
	int64_t key = buyer_key(merchant_id, customer_id);

	if (cache_find(&buyers, db, key))
		return QT_OK;
	enum qt_err err = db_run(db, &insert, "ii", merchant_id, customer_id);
	if (err == QT_OK)
		*(char *)cache_put(&buyers, db, key) = 1;
	return err;
}

enum qt_err promotion_is_buyer(struct db *db, int64_t merchant_id, int64_t customer_id, bool *buyer)
{
	SQL(find, "SELECT 1 FROM buyer WHERE merchant_id = $1 AND customer_id = $2");
	int64_t one;

	enum qt_err err = db_one(db, &find, "ii", merchant_id, customer_id, "i", &one);
	*buyer = err == QT_OK;
	return err == QT_NOT_FOUND ? QT_OK : err;
}
