/* share: see share.h. */
#include "server/share.h"
#include "server/cache.h"

#include <assert.h>

#define CHAIN_WALK_MAX 100000 /* no chain is deeper: a longer walk means a damaged table */

static struct cache shares = CACHE(16384, struct share);

#define SHARE_COLUMNS "id, campaign_id, parent_id, customer_id, channel_id, generation, created_ms"
#define SHARE_OUT(s) "iiiiiii", &(s)->id, &(s)->campaign_id, &(s)->parent_id, &(s)->customer_id, &(s)->channel_id, \
	&(s)->generation, &(s)->created_ms

enum qt_err share_get(struct db *db, int64_t share_id, struct share *s)
{
	SQL(by_id, "SELECT " SHARE_COLUMNS " FROM share WHERE id = $1");
	return db_one(db, &by_id, "i", share_id, SHARE_OUT(s));
}

static enum qt_err share_of_writer(struct db *db, int64_t share_id, struct share *out)
{
	struct share *kept = cache_find(&shares, db, share_id);
	enum qt_err err = QT_OK;

	if (kept) {
		*out = *kept;
		return QT_OK;
	}
	err = share_get(db, share_id, out);
	if (err == QT_OK)
		*(struct share *)cache_put(&shares, db, share_id) = *out;
	return err;
}

enum qt_err share_chain_of_writer(struct db *db, int64_t share_id, struct share *chain, int max, int *count)
{
	*count = 0;
	while (share_id != 0 && *count < max) {
		enum qt_err err = share_of_writer(db, share_id, &chain[*count]);
		if (err != QT_OK)
			return err == QT_NOT_FOUND ? QT_STORE : err; /* a parent is always there */
		share_id = chain[(*count)++].parent_id;
	}
	return QT_OK;
}

/* The code without its row: campaign's, or share's with the id alone. */
static enum qt_err read_code(const struct server *server, const char *text, int64_t now_ms, struct code *code)
{
	char token[CODE_TOKEN_MAX];

	if (code_token_of(text, server->settings.public_url, token) == NULL)
		return QT_BAD_CODE;
	enum qt_err err = code_read(&server->keys, token, now_ms, code);
	if (err == QT_OK && code->kind != CODE_SHARE && code->kind != CODE_CAMPAIGN)
		return QT_WRONG_KIND;
	return err;
}

enum qt_err share_by_code(struct db *db, const struct server *server, const char *text, int64_t now_ms, struct share *s)
{
	struct campaign campaign;
	struct code code;

	*s = (struct share){ 0 };
	enum qt_err err = read_code(server, text, now_ms, &code);
	if (err != QT_OK)
		return err;
	if (code.kind == CODE_SHARE)
		return share_get(db, code.id, s);
	err = campaign_get(db, 0, code.id, &campaign);
	s->campaign_id = campaign.id;
	return err;
}

enum qt_err share_credit(struct call *call, const char *text, struct order *o)
{
	const struct campaign *campaign;
	struct share share = { 0 };
	struct code code;

	enum qt_err err = read_code(call->server, text, call->now_ms, &code);
	if (err != QT_OK)
		return problem_set(&call->problem, err, "share", "a share or campaign code is needed");
	share.campaign_id = code.id;
	if (code.kind == CODE_SHARE)
		err = share_of_writer(call->db, code.id, &share);
	if (err == QT_OK)
		err = campaign_of_writer(call->db, share.campaign_id, &campaign);
	if (err == QT_NOT_FOUND || (err == QT_OK && campaign->merchant_id != o->merchant_id))
		return problem_set(&call->problem, QT_NOT_FOUND, "share", "not of a campaign of this merchant");
	if (err != QT_OK)
		return err;
	o->campaign_id = share.campaign_id;
	o->share_id = share.id;
	return QT_OK;
}

static enum qt_err find_or_add(struct db *db, struct share *s)
{
	SQL(find, "SELECT " SHARE_COLUMNS " FROM share WHERE campaign_id = $1 AND customer_id = $2 AND parent_id = $3 "
	          "AND channel_id = $4");
	SQL(insert, "INSERT INTO share (" SHARE_COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6, $7)");

	enum qt_err err = db_one(db, &find, "iiii", s->campaign_id, s->customer_id, s->parent_id, s->channel_id,
		SHARE_OUT(s));
	if (err != QT_NOT_FOUND)
		return err;
	s->id = db_new_id(db, "share");
	return db_run(db, &insert, "iiiiiii", s->id, s->campaign_id, s->parent_id, s->customer_id, s->channel_id,
	              s->generation, s->created_ms);
}

/* Is the customer a promoter somewhere above `share_id`? */
static enum qt_err is_above(struct db *db, int64_t share_id, int64_t customer_id, bool *above)
{
	struct share s;

	*above = false;
	for (int i = 0; share_id != 0 && i < CHAIN_WALK_MAX; i++) {
		enum qt_err err = share_of_writer(db, share_id, &s);
		if (err != QT_OK)
			return err;
		if (s.customer_id == customer_id) {
			*above = true;
			break;
		}
		share_id = s.parent_id;
	}
	return QT_OK;
}

enum qt_err share_make(struct db *db, const struct share *from, int64_t customer_id, int64_t channel_id, int64_t now_ms,
                       struct share *out, struct problem *p)
{
	const struct campaign *campaign;
	char channel_name[NAME_MAX_BYTES + 1];
	bool above = false;

	enum qt_err err = campaign_of_writer(db, from->campaign_id, &campaign);
	if (err != QT_OK)
		return err;
	if (!campaign_is_running(campaign, now_ms))
		return problem_set(p, QT_CAMPAIGN_CLOSED, "code", "the campaign is not running");
	if (channel_id != 0 && (err = channel_get(db, channel_id, channel_name)) != QT_OK)
		return err == QT_NOT_FOUND ? problem_set(p, err, "channel_id", "there is no such channel") : err;
	if (from->customer_id == customer_id) { /* sharing one's own share again is no new generation */
		*out = *from;
		return QT_OK;
	}
	err = is_above(db, from->parent_id, customer_id, &above);
	if (err != QT_OK)
		return err;
	if (above)
		return problem_set(p, QT_CHAIN_CYCLE, "code", "you are already further up this chain");
	*out = (struct share){ .campaign_id = from->campaign_id, .parent_id = from->id, .customer_id = customer_id,
		.channel_id = from->channel_id ? from->channel_id : channel_id, .generation = from->generation + 1,
		.created_ms = now_ms };
	return find_or_add(db, out);
}

enum qt_err share_make_root(struct db *db, const struct campaign *campaign, int64_t channel_id, int64_t now_ms,
                            struct share *out)
{
	*out = (struct share){ .campaign_id = campaign->id, .channel_id = channel_id, .created_ms = now_ms };
	return find_or_add(db, out);
}

char *share_code_url(const struct server *server, int64_t share_id, char out[CODE_URL_MAX])
{
	struct code code = { .kind = CODE_SHARE, .id = share_id };
	char token[CODE_TOKEN_MAX];

	enum qt_err err = code_make(&server->keys, &code, token);
	assert(err == QT_OK);
	return code_url(server->settings.public_url, token, out);
}
