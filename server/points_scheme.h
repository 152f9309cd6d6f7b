/* points_scheme: what a merchant's points scheme is besides its rates: how long points live, levels, and what a point is
 * worth in cash. No HTTP, no JSON. Owns the tables points_scheme and points_level. */
#ifndef QT_POINTS_SCHEME_H
#define QT_POINTS_SCHEME_H

#include "server/store/db.h"

#define POINTS_LEVELS_MAX 8
#define POINTS_LEVEL_ROOM 16 /* level id = merchant * this + n */
#define LEVEL_NAME_MAX 60

struct points_level {
	int64_t from_points;               /* earned within level_days; the first is from 0 */
	char name[LEVEL_NAME_MAX + 1];
	char name_zh[LEVEL_NAME_MAX + 1];  /* empty: as name */
};
struct points_scheme {
	int64_t merchant_id;
	int64_t lifetime_days;             /* 0: points never lapse */
	int64_t level_days;                /* points of so many days back make the level */
	int64_t cash_value_cents;          /* of a point paid out; 0: not paid out */
	struct points_level levels[POINTS_LEVELS_MAX];
	int level_count;                   /* 0: no levels */
};

/* The scheme; the defaults (nothing lapses, no levels, 365 days, no cash) for a merchant without one. Any connection. */
enum qt_err points_scheme_get(struct db *, int64_t merchant_id, struct points_scheme *) QT_USE_RESULT;
/* Overwrite it. QT_BAD_FIELD (levels not rising from 0). Inside a transaction. */
enum qt_err points_scheme_put(struct db *, const struct points_scheme *, struct problem *) QT_USE_RESULT;

/* When points earned now lapse; 0: never. */
enum qt_err points_scheme_end(struct db *, int64_t merchant_id, int64_t now_ms, int64_t *expires_ms) QT_USE_RESULT;

/* Points earned by an account in sales within the days that make the level, less what refunds took back, and the level
 * they give: index, -1 without levels. Any connection. */
enum qt_err points_level_of(struct db *, const struct points_scheme *, int64_t customer_id, int64_t now_ms,
                            int64_t *earned, int *level) QT_USE_RESULT;

#endif
