/* points_lot: see points_lot.h. */
#include "server/points_lot.h"

#include "server/ledger.h"
#include "server/points.h"

#include <string.h>

#define LOTS_AT_ONCE 64 /* read in one go; more are read again */
/* Those that never lapse come last. */
#define SPENDING_ORDER "ORDER BY CASE WHEN expires_ms = 0 THEN 1 ELSE 0 END, expires_ms, id"

static enum qt_err add_move(struct db *db, int64_t lot_id, int64_t journal_id, int64_t payment_id, int64_t points)
{
	SQL(change, "UPDATE points_lot SET left_points = left_points + $2 WHERE id = $1");
	SQL(insert, "INSERT INTO points_move (id, lot_id, journal_id, payment_id, points) VALUES ($1, $2, $3, $4, $5)");
	enum qt_err err = db_run(db, &change, "ii", lot_id, points);

	return err == QT_OK ? db_run(db, &insert, "iiiii", db_new_id(db, "points_move"), lot_id, journal_id, payment_id,
	                             points) : err;
}

enum qt_err points_lot_add(struct db *db, int64_t account_id, int64_t journal_id, int64_t points, int64_t expires_ms)
{
	SQL(insert, "INSERT INTO points_lot (id, account_id, journal_id, points, expires_ms, left_points) "
	            "VALUES ($1, $2, $3, $4, $5, $4)");
	return db_run(db, &insert, "iiiii", db_new_id(db, "points_lot"), account_id, journal_id, points, expires_ms);
}

enum qt_err points_lots_open(struct db *db, int64_t merchant_id, int64_t account_id, bool *kept)
{
	SQL(scheme, "SELECT id FROM points_scheme WHERE id = $1");
	SQL(any, "SELECT id FROM points_lot WHERE account_id = $1 LIMIT 1");
	int64_t id, held_id, balance = 0, held = 0;
	enum qt_err err = db_one(db, &scheme, "i", merchant_id, "i", &id);

	*kept = err == QT_OK;
	if (!*kept)
		return err == QT_NOT_FOUND ? QT_OK : err;
	err = db_one(db, &any, "i", account_id, "i", &id);
	if (err != QT_NOT_FOUND)
		return err;
	err = ledger_balance(db, account_id, &balance);
	if (err == QT_OK)
		err = ledger_account_find(db, ACCOUNT_HELD, account_id, points_unit(merchant_id), &held_id);
	if (err == QT_OK)
		err = ledger_balance(db, held_id, &held);
	if (err != QT_OK && err != QT_NOT_FOUND)
		return err;
	return balance + held > 0 ? points_lot_add(db, account_id, 0, balance + held, 0) : QT_OK;
}

/* Lots with something left, in the order they are spent. */
static enum qt_err read_lots(struct db *db, int64_t account_id, struct points_lot *lots, int max, int *count)
{
	SQL(left, "SELECT id, points, left_points, expires_ms, journal_id FROM points_lot WHERE account_id = $1 AND "
	          "left_points > 0 " SPENDING_ORDER " LIMIT $2");
	struct stmt *s = db_stmt(db, &left);

	*count = 0;
	stmt_int(s, 1, account_id);
	stmt_int(s, 2, max);
	while (*count < max && stmt_step(s))
		lots[(*count)++] = (struct points_lot){ stmt_col_int(s, 0), stmt_col_int(s, 1), stmt_col_int(s, 2),
			stmt_col_int(s, 3), stmt_col_int(s, 4) };
	return stmt_end(s);
}

enum qt_err points_lots(struct db *db, int64_t account_id, struct points_lot *lots, int max, int *count)
{
	return read_lots(db, account_id, lots, max, count);
}

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* The lot of one journal gives what it can. */
static enum qt_err take_of_journal(struct db *db, int64_t account_id, int64_t journal_id, int64_t *points,
                                   int64_t first_journal_id)
{
	SQL(lot_of, "SELECT id, left_points FROM points_lot WHERE journal_id = $1 AND account_id = $2 AND left_points > 0");
	int64_t id, left;
	enum qt_err err = db_one(db, &lot_of, "ii", first_journal_id, account_id, "ii", &id, &left);

	if (err != QT_OK)
		return err == QT_NOT_FOUND ? QT_OK : err;
	left = least(left, *points);
	*points -= left;
	return add_move(db, id, journal_id, 0, -left);
}

enum qt_err points_lots_take(struct db *db, int64_t account_id, int64_t journal_id, int64_t payment_id, int64_t points,
                             int64_t first_journal_id)
{
	struct points_lot lots[LOTS_AT_ONCE];
	enum qt_err err = first_journal_id ? take_of_journal(db, account_id, journal_id, &points, first_journal_id) : QT_OK;
	int count = 1;

	while (err == QT_OK && points > 0 && count > 0) {
		err = read_lots(db, account_id, lots, LOTS_AT_ONCE, &count);
		for (int i = 0; i < count && err == QT_OK && points > 0; i++) {
			int64_t part = least(points, lots[i].left_points);
			points -= part;
			err = add_move(db, lots[i].id, journal_id, payment_id, -part);
		}
	}
	return err == QT_OK && points > 0 ? QT_STORE : err; /* the account had them, so some lot has */
}

enum qt_err points_lots_return(struct db *db, int64_t account_id, int64_t journal_id, int64_t payment_id, int64_t points,
                               int64_t now_ms, int64_t expires_ms)
{
	SQL(taken, "SELECT m.lot_id, -SUM(m.points), l.expires_ms FROM points_move m JOIN points_lot l ON l.id = m.lot_id "
	           "WHERE m.payment_id = $1 AND m.payment_id > 0 GROUP BY m.lot_id, l.expires_ms HAVING SUM(m.points) < 0 "
	           "ORDER BY MAX(m.id) DESC LIMIT 64");
	int64_t lots[LOTS_AT_ONCE], owed[LOTS_AT_ONCE], ends[LOTS_AT_ONCE], lapsed = 0;
	int count = 0;
	struct stmt *s = db_stmt(db, &taken);

	stmt_int(s, 1, payment_id);
	while (count < LOTS_AT_ONCE && stmt_step(s)) {
		lots[count] = stmt_col_int(s, 0);
		owed[count] = stmt_col_int(s, 1);
		ends[count++] = stmt_col_int(s, 2);
	}
	enum qt_err err = stmt_end(s);
	for (int i = 0; i < count && err == QT_OK && points > 0; i++) {
		int64_t part = least(points, owed[i]);
		points -= part;
		err = add_move(db, lots[i], journal_id, payment_id, part);
		if (err == QT_OK && ends[i] != 0 && ends[i] <= now_ms) { /* out again, into a lot of its own */
			lapsed += part;
			err = add_move(db, lots[i], journal_id, 0, -part);
		}
	}
	lapsed += points; /* paid before lots were kept */
	return err == QT_OK && lapsed > 0 ? points_lot_add(db, account_id, journal_id, lapsed, expires_ms) : err;
}

enum qt_err points_next_expiry(struct db *db, int64_t account_id, int64_t *points, int64_t *expires_ms)
{
	SQL(next, "SELECT expires_ms FROM points_lot WHERE account_id = $1 AND left_points > 0 AND expires_ms > 0 "
	          "ORDER BY expires_ms LIMIT 1");
	SQL(sum, "SELECT SUM(left_points) FROM points_lot WHERE account_id = $1 AND left_points > 0 AND expires_ms = $2");
	enum qt_err err = db_one(db, &next, "i", account_id, "i", expires_ms);

	*points = 0;
	if (err == QT_OK)
		return db_one(db, &sum, "ii", account_id, *expires_ms, "i", points);
	*expires_ms = 0;
	return err == QT_NOT_FOUND ? QT_OK : err;
}

/* What an open payment holds of the account does not lapse before the payment ends. */
static enum qt_err expire_lot(struct db *db, int64_t lot_id, int64_t account_id, int64_t left, int64_t now_ms, bool *done)
{
	SQL(owner_of, "SELECT owner_id, unit FROM account WHERE id = $1");
	struct journal j = { .kind = JOURNAL_POINTS_EXPIRE, .at_ms = now_ms };
	int64_t balance, customer_id, unit, breakage_id;
	enum qt_err err = ledger_balance(db, account_id, &balance);

	left = least(left, balance);
	*done = left > 0;
	if (err != QT_OK || left == 0)
		return err;
	err = db_one(db, &owner_of, "i", account_id, "ii", &customer_id, &unit);
	j.merchant_id = unit - UNIT_POINTS_BASE;
	j.ref_id = customer_id;
	if (err == QT_OK)
		err = ledger_account(db, ACCOUNT_BREAKAGE, j.merchant_id, unit, &breakage_id);
	if (err != QT_OK)
		return err;
	struct posting postings[] = { { account_id, -left }, { breakage_id, left } };
	err = ledger_post(db, &j, postings, 2, NULL);
	return err == QT_OK ? add_move(db, lot_id, j.id, 0, -left) : err;
}

enum qt_err points_expire_due(struct db *db, int64_t now_ms, int max, int *count)
{
	SQL(due, "SELECT id, account_id, left_points FROM points_lot WHERE left_points > 0 AND expires_ms > 0 AND "
	         "expires_ms <= $1 ORDER BY expires_ms LIMIT $2");
	int64_t ids[LOTS_AT_ONCE], accounts[LOTS_AT_ONCE], left[LOTS_AT_ONCE];
	struct stmt *s = db_stmt(db, &due);
	int found = 0;

	stmt_int(s, 1, now_ms);
	stmt_int(s, 2, max < LOTS_AT_ONCE ? max : LOTS_AT_ONCE);
	while (found < LOTS_AT_ONCE && stmt_step(s)) {
		ids[found] = stmt_col_int(s, 0);
		accounts[found] = stmt_col_int(s, 1);
		left[found++] = stmt_col_int(s, 2);
	}
	enum qt_err err = stmt_end(s);
	*count = 0;
	for (int i = 0; i < found && err == QT_OK; i++) {
		bool done = false;
		err = expire_lot(db, ids[i], accounts[i], left[i], now_ms, &done);
		*count += done;
	}
	return err;
}
