/* points_scheme: see points_scheme.h. */
#include "server/points_scheme.h"

#include "server/ledger.h"

#include <stdio.h>
#include <string.h>

#define DAY_MS INT64_C(86400000)

_Static_assert(JOURNAL_SALE == 0 && JOURNAL_REFUND == 1 && JOURNAL_POINTS_EARN == 10, "the queries spell these numbers");

enum qt_err points_scheme_get(struct db *db, int64_t merchant_id, struct points_scheme *p)
{
	SQL(get, "SELECT lifetime_days, level_days, cash_value_cents FROM points_scheme WHERE id = $1");
	SQL(levels, "SELECT from_points, name, name_zh FROM points_level WHERE id BETWEEN $1 AND $2 ORDER BY id");

	*p = (struct points_scheme){ .merchant_id = merchant_id, .level_days = 365 };
	enum qt_err err = db_one(db, &get, "i", merchant_id, "iii", &p->lifetime_days, &p->level_days,
	                         &p->cash_value_cents);
	if (err != QT_OK)
		return err == QT_NOT_FOUND ? QT_OK : err;
	struct stmt *s = db_stmt(db, &levels);
	stmt_int(s, 1, merchant_id * POINTS_LEVEL_ROOM);
	stmt_int(s, 2, merchant_id * POINTS_LEVEL_ROOM + POINTS_LEVELS_MAX - 1);
	while (p->level_count < POINTS_LEVELS_MAX && stmt_step(s)) {
		struct points_level *l = &p->levels[p->level_count++];
		const char *zh = stmt_col_text(s, 2);
		l->from_points = stmt_col_int(s, 0);
		snprintf(l->name, sizeof l->name, "%s", stmt_col_text(s, 1));
		snprintf(l->name_zh, sizeof l->name_zh, "%s", zh ? zh : "");
	}
	return stmt_end(s);
}

/* Levels begin at nothing and rise. */
static enum qt_err check_levels(const struct points_scheme *p, struct problem *problem)
{
	char field[40];

	for (int i = 0; i < p->level_count; i++) {
		if (i == 0 ? p->levels[i].from_points == 0 : p->levels[i].from_points > p->levels[i - 1].from_points)
			continue;
		snprintf(field, sizeof field, "levels[%d].from_points", i);
		return problem_set(problem, QT_BAD_FIELD, field, i ? "must be above the level before it" : "the first is from 0");
	}
	return QT_OK;
}

enum qt_err points_scheme_put(struct db *db, const struct points_scheme *p, struct problem *problem)
{
	SQL(put, "INSERT INTO points_scheme (id, lifetime_days, level_days, cash_value_cents) VALUES ($1, $2, $3, $4) "
	         "ON CONFLICT (id) DO UPDATE SET lifetime_days = $2, level_days = $3, cash_value_cents = $4");
	SQL(clear, "DELETE FROM points_level WHERE id BETWEEN $1 AND $2");
	SQL(add, "INSERT INTO points_level (id, from_points, name, name_zh) VALUES ($1, $2, $3, $4)");
	int64_t first = p->merchant_id * POINTS_LEVEL_ROOM;
	enum qt_err err = check_levels(p, problem);

	if (err == QT_OK)
		err = db_run(db, &put, "iiii", p->merchant_id, p->lifetime_days, p->level_days, p->cash_value_cents);
	if (err == QT_OK)
		err = db_run(db, &clear, "ii", first, first + POINTS_LEVEL_ROOM - 1);
	for (int i = 0; i < p->level_count && err == QT_OK; i++) {
		const struct points_level *l = &p->levels[i];
		err = db_run(db, &add, "iitt", first + i, l->from_points, l->name, l->name_zh[0] ? l->name_zh : NULL);
	}
	return err;
}

enum qt_err points_scheme_end(struct db *db, int64_t merchant_id, int64_t now_ms, int64_t *expires_ms)
{
	SQL(get, "SELECT lifetime_days FROM points_scheme WHERE id = $1");
	int64_t days = 0;
	enum qt_err err = db_one(db, &get, "i", merchant_id, "i", &days);

	*expires_ms = days ? now_ms + days * DAY_MS : 0;
	return err == QT_NOT_FOUND ? QT_OK : err;
}

enum qt_err points_level_of(struct db *db, const struct points_scheme *p, int64_t customer_id, int64_t now_ms,
                            int64_t *earned, int *level)
{
	SQL(came, "SELECT COALESCE(SUM(l.points), 0) FROM points_lot l JOIN journal j ON j.id = l.journal_id "
	          "WHERE l.account_id = $1 AND j.kind IN (0, 10) AND j.at_ms >= $2");
	SQL(went, "SELECT COALESCE(SUM(m.points), 0) FROM points_lot l JOIN points_move m ON m.lot_id = l.id "
	          "JOIN journal j ON j.id = m.journal_id WHERE l.account_id = $1 AND j.kind = 1 AND m.payment_id = 0 "
	          "AND m.points < 0 AND j.at_ms >= $2");
	int64_t account_id, since_ms = now_ms - p->level_days * DAY_MS, back = 0;

	*earned = 0;
	*level = p->level_count ? 0 : -1;
	enum qt_err err = ledger_account_find(db, ACCOUNT_POINTS, customer_id, UNIT_POINTS_BASE + p->merchant_id,
	                                      &account_id);
	if (err == QT_OK)
		err = db_one(db, &came, "ii", account_id, since_ms, "i", earned);
	if (err == QT_OK)
		err = db_one(db, &went, "ii", account_id, since_ms, "i", &back);
	if (err != QT_OK)
		return err == QT_NOT_FOUND ? QT_OK : err;
	*earned = *earned + back > 0 ? *earned + back : 0;
	for (int i = 1; i < p->level_count; i++)
		if (*earned >= p->levels[i].from_points)
			*level = i;
	return QT_OK;
}
