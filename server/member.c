/* member: see member.h. */
#include "server/member.h"

#include "shared/clock.h"

enum qt_err member_get(struct db *db, int64_t merchant_id, int64_t customer_id, struct member *m)
{
	SQL(find, "SELECT level, birthday FROM member WHERE merchant_id = $1 AND customer_id = $2");

	*m = (struct member){ .merchant_id = merchant_id, .customer_id = customer_id };
	enum qt_err err = db_one(db, &find, "ii", merchant_id, customer_id, "ii", &m->level, &m->birthday);
	return err == QT_NOT_FOUND ? QT_OK : err;
}

enum qt_err member_put(struct db *db, const struct member *m)
{
	SQL(find, "SELECT id FROM member WHERE merchant_id = $1 AND customer_id = $2");
	SQL(insert, "INSERT INTO member (id, merchant_id, customer_id, level, birthday) VALUES ($1, $2, $3, $4, $5)");
	SQL(update, "UPDATE member SET level = $2, birthday = $3 WHERE id = $1");
	int64_t id;

	enum qt_err err = db_one(db, &find, "ii", m->merchant_id, m->customer_id, "i", &id);
	if (err == QT_NOT_FOUND)
		return db_run(db, &insert, "iiiii", db_new_id(db, "member"), m->merchant_id, m->customer_id, m->level,
		              m->birthday);
	return err == QT_OK ? db_run(db, &update, "iii", id, m->level, m->birthday) : err;
}

bool member_birthday_valid(int64_t birthday)
{
	static const int days[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int64_t month = birthday / 100, day = birthday % 100;

	return month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1];
}

int member_birthday_days(int64_t birthday, int64_t day, int year)
{
	int64_t nearest = 366;

	if (birthday == 0)
		return -1;
	for (int y = year - 1; y <= year + 1; y++) {
		int64_t away = clock_day_of(y, (int)(birthday / 100), (int)(birthday % 100)) - day;
		if (away < 0)
			away = -away;
		if (away < nearest)
			nearest = away;
	}
	return (int)nearest;
}
