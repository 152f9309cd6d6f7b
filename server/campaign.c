/* campaign: see campaign.h. */
#include "server/campaign.h"
#include "server/cache.h"
#include "server/catalogue.h"

#include <assert.h>
#include <string.h>

#define HOLD_MAX_S (400 * 86400)

static struct cache campaigns = CACHE(64, struct campaign);

const char *campaign_state_name(int64_t state)
{
	switch (state) {
#define X(name, number, wire) case number: return wire;
	CAMPAIGN_STATES(X)
#undef X
	}
	return "?";
}

bool campaign_is_running(const struct campaign *c, int64_t now_ms)
{
	return c->state == CAMPAIGN_RUNNING && c->starts_ms <= now_ms && (c->ends_ms == 0 || now_ms < c->ends_ms);
}

static enum qt_err read_levels(struct db *db, struct campaign *c)
{
	SQL(levels, "SELECT rate_bp FROM campaign_level WHERE id BETWEEN $1 AND $2 ORDER BY id");
	struct stmt *s = db_stmt(db, &levels);

	stmt_int(s, 1, c->id * CAMPAIGN_LEVEL_ROOM);
	stmt_int(s, 2, c->id * CAMPAIGN_LEVEL_ROOM + CAMPAIGN_LEVEL_ROOM - 1);
	c->levels = 0;
	while (stmt_step(s) && c->levels < REBATE_LEVELS_CAP)
		c->rate_bp[c->levels++] = stmt_col_int(s, 0);
	return stmt_end(s);
}

enum qt_err campaign_get(struct db *db, int64_t merchant_id, int64_t campaign_id, struct campaign *c)
{
	SQL(by_id, "SELECT id, merchant_id, starts_ms, ends_ms, channel_bp, agent_bp, platform_bp, cap_order_cents, "
	           "cap_person_day_cents, budget_cents, item_id, hold_s, created_ms, state, name, name_zh, intro, intro_zh "
	           "FROM campaign WHERE id = $1 AND (merchant_id = $2 OR $2 = 0)");

	memset(c, 0, sizeof *c);
	enum qt_err err = db_one(db, &by_id, "ii", campaign_id, merchant_id, "iiiiiiiiiiiiiitttt", &c->id, &c->merchant_id,
	                         &c->starts_ms, &c->ends_ms, &c->channel_bp, &c->agent_bp, &c->platform_bp,
	                         &c->cap_order_cents, &c->cap_person_day_cents, &c->budget_cents, &c->item_id, &c->hold_s,
	                         &c->created_ms, &c->state, c->name, sizeof c->name, c->name_zh, sizeof c->name_zh,
	                         c->intro, sizeof c->intro, c->intro_zh, sizeof c->intro_zh);
	return err == QT_OK ? read_levels(db, c) : err;
}

enum qt_err campaign_of_writer(struct db *db, int64_t campaign_id, const struct campaign **out)
{
	struct campaign fresh;
	struct campaign *kept = cache_find(&campaigns, db, campaign_id);

	if (kept == NULL) {
		enum qt_err err = campaign_get(db, 0, campaign_id, &fresh);
		if (err != QT_OK)
			return err;
		kept = cache_put(&campaigns, db, campaign_id);
		*kept = fresh;
	}
	*out = kept;
	return QT_OK;
}

/* All shares together never pass the sale itself. */
static enum qt_err check_rates(const struct campaign *c, int64_t levels_max, struct problem *p)
{
	int64_t sum = c->channel_bp + c->agent_bp + c->platform_bp;

	if (c->levels > levels_max || c->levels > REBATE_LEVELS_CAP)
		return problem_set(p, QT_TOO_LONG, "levels", "at most %d levels", (int)levels_max);
	for (int i = 0; i < c->levels; i++)
		sum += c->rate_bp[i];
	if (sum > 10000)
		return problem_set(p, QT_OUT_OF_RANGE, "levels", "all rates together pass 100 %%");
	if (sum == 0)
		return problem_set(p, QT_OUT_OF_RANGE, "levels", "a campaign must pay something");
	if (c->ends_ms != 0 && c->ends_ms <= c->starts_ms)
		return problem_set(p, QT_OUT_OF_RANGE, "ends_ms", "it must end after it starts");
	if (c->hold_s < 0 || c->hold_s > HOLD_MAX_S)
		return problem_set(p, QT_OUT_OF_RANGE, "hold_s", "0 to %d seconds", HOLD_MAX_S);
	return QT_OK;
}

static const char *unless_empty(const char *text)
{
	return *text ? text : NULL;
}

enum qt_err campaign_add(struct db *db, const struct settings *settings, struct campaign *c, struct problem *p)
{
	SQL(insert, "INSERT INTO campaign (id, merchant_id, starts_ms, ends_ms, channel_bp, agent_bp, platform_bp, "
	            "cap_order_cents, cap_person_day_cents, budget_cents, item_id, hold_s, created_ms, state, name, name_zh, "
	            "intro, intro_zh) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)");
	SQL(level, "INSERT INTO campaign_level (id, rate_bp) VALUES ($1, $2)");
	struct item item;

	enum qt_err err = check_rates(c, settings->rebate_levels_max, p);
	if (err == QT_OK && c->item_id != 0) {
		err = catalogue_item_get(db, c->merchant_id, c->item_id, &item);
		if (err == QT_NOT_FOUND)
			return problem_set(p, err, "item_id", "there is no such item");
	}
	if (err != QT_OK)
		return err;
	c->id = db_new_id(db, "campaign");
	c->state = CAMPAIGN_RUNNING;
	err = db_run(db, &insert, "iiiiiiiiiiiiiitttt", c->id, c->merchant_id, c->starts_ms, c->ends_ms, c->channel_bp,
	             c->agent_bp, c->platform_bp, c->cap_order_cents, c->cap_person_day_cents, c->budget_cents, c->item_id,
	             c->hold_s, c->created_ms, c->state, c->name, unless_empty(c->name_zh), unless_empty(c->intro),
	             unless_empty(c->intro_zh));
	for (int i = 0; i < c->levels && err == QT_OK; i++)
		err = db_run(db, &level, "ii", c->id * CAMPAIGN_LEVEL_ROOM + i, c->rate_bp[i]);
	return err;
}

enum qt_err campaign_set_state(struct db *db, struct campaign *c, int state, struct problem *p)
{
	SQL(update, "UPDATE campaign SET state = $2 WHERE id = $1");

	if (c->state == state)
		return QT_OK;
	if (c->state == CAMPAIGN_ENDED)
		return problem_set(p, QT_CONFLICT, "state", "the campaign has ended");
	cache_drop(&campaigns, c->id);
	c->state = state;
	return db_run(db, &update, "ii", c->id, (int64_t)state);
}

enum qt_err campaign_use_get(struct db *db, int64_t campaign_id, struct campaign_use *u)
{
	SQL(by_id, "SELECT orders, spent_cents, held_cents FROM campaign_use WHERE campaign_id = $1");
	*u = (struct campaign_use){ 0 };
	enum qt_err err = db_one(db, &by_id, "i", campaign_id, "iii", &u->orders, &u->spent_cents, &u->held_cents);
	return err == QT_NOT_FOUND ? QT_OK : err;
}

enum qt_err campaign_use_add(struct db *db, int64_t campaign_id, int64_t orders, int64_t spent_cents,
                             int64_t held_cents)
{
	SQL(add, "INSERT INTO campaign_use (campaign_id, orders, spent_cents, held_cents) VALUES ($1, $2, $3, $4) "
	         "ON CONFLICT (campaign_id) DO UPDATE SET orders = campaign_use.orders + $2, "
	         "spent_cents = campaign_use.spent_cents + $3, held_cents = campaign_use.held_cents + $4");
	return db_run(db, &add, "iiii", campaign_id, orders, spent_cents, held_cents);
}

char *campaign_code_url(const struct server *server, int64_t campaign_id, char out[CODE_URL_MAX])
{
	struct code code = { .kind = CODE_CAMPAIGN, .id = campaign_id };
	char token[CODE_TOKEN_MAX];

	enum qt_err err = code_make(&server->keys, &code, token);
	assert(err == QT_OK);
	return code_url(server->settings.public_url, token, out);
}
