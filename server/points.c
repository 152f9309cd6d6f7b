/* points: see points.h. */
#include "server/points.h"

#include "server/points_lot.h"
#include "server/points_scheme.h"

enum qt_err points_for_amount(const struct merchant *m, int64_t amount_cents, int64_t *points)
{
	__int128 p = amount_cents <= 0 ? 0 : (__int128)amount_cents * m->points_per_100 / 100;

	if (p > MONEY_MAX)
		return QT_OVERFLOW;
	*points = (int64_t)p;
	return QT_OK;
}

enum qt_err points_value(const struct merchant *m, int64_t points, int64_t *value_cents)
{
	if (m->point_value_cents == 0)
		return QT_CLOSED_HERE;
	return money_mul(points, m->point_value_cents, value_cents);
}

enum qt_err points_needed(const struct merchant *m, int64_t amount_cents, int64_t *points)
{
	if (m->point_value_cents == 0)
		return QT_CLOSED_HERE;
	*points = amount_cents / m->point_value_cents + (amount_cents % m->point_value_cents != 0);
	return QT_OK;
}

enum qt_err points_accounts(struct db *db, int64_t merchant_id, int64_t customer_id, int64_t *account_id,
                            int64_t *issued_account_id)
{
	int64_t unit = points_unit(merchant_id);
	enum qt_err err = ledger_account(db, ACCOUNT_POINTS, customer_id, unit, account_id);

	return err == QT_OK ? ledger_account(db, ACCOUNT_POINTS_ISSUED, merchant_id, unit, issued_account_id) : err;
}

enum qt_err points_balance(struct db *db, int64_t merchant_id, int64_t customer_id, int64_t *points)
{
	int64_t account_id;
	enum qt_err err = ledger_account_find(db, ACCOUNT_POINTS, customer_id, points_unit(merchant_id), &account_id);

	*points = 0;
	if (err == QT_NOT_FOUND)
		return QT_OK;
	return err == QT_OK ? ledger_balance(db, account_id, points) : err;
}

enum qt_err points_change(struct db *db, int64_t merchant_id, int64_t customer_id, int64_t points, int64_t actor_id,
                          int64_t now_ms, int64_t *balance, struct problem *p)
{
	int64_t journal_id;
	return points_move(db, merchant_id, customer_id, points, actor_id, now_ms, balance, &journal_id, p);
}

enum qt_err points_move(struct db *db, int64_t merchant_id, int64_t customer_id, int64_t points, int64_t actor_id,
                        int64_t now_ms, int64_t *balance, int64_t *journal_id, struct problem *p)
{
	struct journal j = { .kind = points > 0 ? JOURNAL_POINTS_EARN : JOURNAL_POINTS_SPEND, .merchant_id = merchant_id,
	                     .ref_id = customer_id, .actor_id = actor_id, .at_ms = now_ms };
	int64_t account_id, issued_id, ends_ms = 0;
	enum qt_err err = points_balance(db, merchant_id, customer_id, balance);

	/* Before an account is opened: a refusal writes nothing. */
	if (err == QT_OK && *balance + points < 0)
		return problem_set(p, QT_INSUFFICIENT, "points", "there are %lld points", (long long)*balance);
	if (err == QT_OK)
		err = points_accounts(db, merchant_id, customer_id, &account_id, &issued_id);
	if (err != QT_OK)
		return err;
	struct posting postings[] = { { account_id, points }, { issued_id, -points } };
	bool kept;
	err = points_lots_open(db, merchant_id, account_id, &kept);
	if (err == QT_OK)
		err = ledger_post(db, &j, postings, 2, p);
	*journal_id = j.id;
	if (err == QT_OK && kept && points > 0)
		err = points_scheme_end(db, merchant_id, now_ms, &ends_ms);
	if (err == QT_OK && kept)
		err = points > 0 ? points_lot_add(db, account_id, j.id, points, ends_ms)
		                 : points_lots_take(db, account_id, j.id, 0, -points, 0);
	return err == QT_OK ? ledger_balance(db, account_id, balance) : err;
}

enum qt_err points_schemes(struct db *db, int64_t customer_id, int64_t *merchant_ids, int max, int *count)
{
	SQL(units, "SELECT unit FROM account WHERE kind = $1 AND owner_id = $2 ORDER BY unit LIMIT $3");
	struct stmt *s = db_stmt(db, &units);

	*count = 0;
	stmt_int(s, 1, ACCOUNT_POINTS);
	stmt_int(s, 2, customer_id);
	stmt_int(s, 3, max);
	while (*count < max && stmt_step(s))
		merchant_ids[(*count)++] = stmt_col_int(s, 0) - UNIT_POINTS_BASE;
	return stmt_end(s);
}
