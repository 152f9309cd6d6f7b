/* campaign: a merchant's rebate campaigns: rates per level, shares, caps, time. No HTTP, no JSON.
 * Owns the tables campaign, campaign_level and campaign_use. Rules of the money are in rebate_split.h; see
 * qrtill-rebate(7). */
#ifndef QT_CAMPAIGN_H
#define QT_CAMPAIGN_H

#include "server/merchant.h"
#include "server/rebate_split.h"
#include "server/server.h"

#define CAMPAIGN_LEVEL_ROOM 16 /* level id = campaign * CAMPAIGN_LEVEL_ROOM + level */

/* X(STATE, number, "wire name") */
#define CAMPAIGN_STATES(X) X(RUNNING, 1, "running") X(PAUSED, 2, "paused") X(ENDED, 3, "ended")
enum campaign_state {
#define X(name, number, wire) CAMPAIGN_##name = number,
	CAMPAIGN_STATES(X)
#undef X
};
const char *campaign_state_name(int64_t); /* "?" for numbers that are no states */

/* A row of campaign with its levels; members as the columns of 0004-sale.sql, 0 is none. */
struct campaign {
	int64_t id, merchant_id, starts_ms, ends_ms, channel_bp, agent_bp, platform_bp, cap_order_cents,
		cap_person_day_cents, budget_cents, item_id, hold_s, created_ms, state;
	int levels;
	int64_t rate_bp[REBATE_LEVELS_CAP]; /* index 0: the nearest promoter */
	char name[NAME_MAX_BYTES + 1], name_zh[NAME_MAX_BYTES + 1];   /* name_zh empty: none */
	char intro[TEXT_MAX_BYTES + 1], intro_zh[TEXT_MAX_BYTES + 1]; /* empty: none */
};
/* Running, and within its time. Pure. */
bool campaign_is_running(const struct campaign *, int64_t now_ms);

/* QT_NOT_FOUND also for another merchant's; merchant_id 0: any. Any connection. */
enum qt_err campaign_get(struct db *, int64_t merchant_id, int64_t campaign_id, struct campaign *) QT_USE_RESULT;
/* The writer's copy, kept in memory; valid until the next call. Writer only. */
enum qt_err campaign_of_writer(struct db *, int64_t campaign_id, const struct campaign **) QT_USE_RESULT;
/* Insert; c->id is set. QT_BAD_FIELD, QT_OUT_OF_RANGE, QT_NOT_FOUND (item_id). Inside a transaction. */
enum qt_err campaign_add(struct db *, const struct settings *, struct campaign *, struct problem *) QT_USE_RESULT;
/* running <-> paused -> ended. QT_CONFLICT when it has ended. Inside a transaction. */
enum qt_err campaign_set_state(struct db *, struct campaign *, int state, struct problem *) QT_USE_RESULT;

/* What it has paid so far; a row of campaign_use. */
struct campaign_use {
	int64_t orders, spent_cents, held_cents;
};
/* Zeroes before the first sale. Any connection. */
enum qt_err campaign_use_get(struct db *, int64_t campaign_id, struct campaign_use *) QT_USE_RESULT;
/* Add to the row (amounts may be negative). Inside a transaction. */
enum qt_err campaign_use_add(struct db *, int64_t campaign_id, int64_t orders, int64_t spent_cents, int64_t held_cents)
	QT_USE_RESULT;

/* The CAMPAIGN code's URL. */
char *campaign_code_url(const struct server *, int64_t campaign_id, char out[CODE_URL_MAX]);

#endif
