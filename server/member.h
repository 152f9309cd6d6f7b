/* member: what a merchant knows of a customer: level and birthday. No HTTP, no JSON. Owns the table member. */
#ifndef QT_MEMBER_H
#define QT_MEMBER_H

#include "server/store/db.h"

struct member {
	int64_t merchant_id, customer_id;
	int64_t level;    /* 1 to PROMO_LEVEL_MOST; 0: none */
	int64_t birthday; /* month * 100 + day; 0: not told */
};

/* Zeroes for a customer nothing is known of. Any connection. */
enum qt_err member_get(struct db *, int64_t merchant_id, int64_t customer_id, struct member *) QT_USE_RESULT;
/* Insert or overwrite. Inside a transaction. */
enum qt_err member_put(struct db *, const struct member *) QT_USE_RESULT;
/* Is it a date of some year? Pure. */
bool member_birthday_valid(int64_t birthday);
/* Days from the day (since 1970, of this year) to the nearest birthday; -1: not told. Pure. */
int member_birthday_days(int64_t birthday, int64_t day, int year);

#endif
