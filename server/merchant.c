/* merchant: see merchant.h. */
#include "server/merchant.h"

#include "server/cache.h"

#include <string.h>

#define MERCHANT_COLUMNS \
	"id, name, COALESCE(name_zh, name), currency, country, city, COALESCE(city_zh, city), mcc, phone, " \
	"COALESCE(agent_id, 0), fee_bp, tax_inclusive, points_per_100, point_value_cents, " \
	"cashier_refund_limit_cents, closed_parts, state, created_ms"

enum qt_err merchant_get(struct db *db, int64_t merchant_id, struct merchant *m)
{
	SQL(by_id, "SELECT " MERCHANT_COLUMNS " FROM merchant WHERE id = $1");
	return db_one(db, &by_id, "i", merchant_id, "ittittt" "it" "iiiiiiiii",
	              &m->id, m->name, sizeof m->name, m->name_zh, sizeof m->name_zh, &m->currency,
	              m->country, sizeof m->country, m->city, sizeof m->city, m->city_zh, sizeof m->city_zh,
	              &m->mcc, m->phone, sizeof m->phone, &m->agent_id, &m->fee_bp, &m->tax_inclusive,
	              &m->points_per_100, &m->point_value_cents, &m->cashier_refund_limit_cents,
	              &m->closed_parts, &m->state, &m->created_ms);
}

static struct cache merchants = CACHE(256, struct merchant);

enum qt_err merchant_of_writer(struct db *db, int64_t merchant_id, const struct merchant **out)
{
	struct merchant fresh, *kept = cache_find(&merchants, db, merchant_id);

	if (kept == NULL) {
		enum qt_err err = merchant_get(db, merchant_id, &fresh);
		if (err != QT_OK)
			return err;
		kept = cache_put(&merchants, db, merchant_id);
		*kept = fresh;
	}
	*out = kept;
	return QT_OK;
}

enum qt_err merchant_check_part(const struct merchant *m, enum merchant_part part, struct problem *p)
{
	if (m->state != MERCHANT_OPEN)
		return problem_set(p, QT_CLOSED_HERE, "", "the merchant is closed");
	if (m->closed_parts & part)
		return problem_set(p, QT_CLOSED_HERE, "", "this part is closed for the merchant");
	return QT_OK;
}

/* A text that repeats its default, or is empty, is stored as NULL, so that the default may change later. */
static const char *unless_same(const char *text, const char *other)
{
	return text[0] == '\0' || strcmp(text, other) == 0 ? NULL : text;
}

static enum qt_err check_agent(struct db *db, int64_t agent_id, struct problem *p)
{
	int64_t commission_bp;
	enum qt_err err;

	if (agent_id == 0)
		return QT_OK;
	err = agent_get(db, agent_id, &commission_bp, NULL);
	return err == QT_NOT_FOUND ? problem_set(p, err, "agent_id", "there is no agent %lld", (long long)agent_id) : err;
}

/* Parameters 1 to 17 of both statements below. */
static enum qt_err write_row(struct db *db, struct sql *sql, const struct merchant *m)
{
	struct stmt *s = db_stmt(db, sql);

	stmt_int(s, 1, m->id);
	stmt_text(s, 2, m->name);
	stmt_text(s, 3, unless_same(m->name_zh, m->name));
	stmt_int(s, 4, m->currency);
	stmt_text(s, 5, m->country);
	stmt_text(s, 6, m->city);
	stmt_text(s, 7, unless_same(m->city_zh, m->city));
	stmt_int(s, 8, m->mcc);
	stmt_text(s, 9, unless_same(m->phone, ""));
	if (m->agent_id)
		stmt_int(s, 10, m->agent_id);
	else
		stmt_null(s, 10);
	stmt_int(s, 11, m->fee_bp);
	stmt_int(s, 12, m->tax_inclusive);
	stmt_int(s, 13, m->points_per_100);
	stmt_int(s, 14, m->point_value_cents);
	stmt_int(s, 15, m->cashier_refund_limit_cents);
	stmt_int(s, 16, m->closed_parts);
	stmt_int(s, 17, m->state);
	stmt_int(s, 18, m->created_ms);
	stmt_step(s);
	return stmt_end(s);
}

enum qt_err merchant_add(struct db *db, struct merchant *m, struct problem *p)
{
	SQL(insert, "INSERT INTO merchant (id, name, name_zh, currency, country, city, city_zh, mcc, phone, agent_id, "
	            "fee_bp, tax_inclusive, points_per_100, point_value_cents, cashier_refund_limit_cents, closed_parts, "
	            "state, created_ms) "
	            "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)");
	enum qt_err err = check_agent(db, m->agent_id, p);

	if (err != QT_OK)
		return err;
	m->id = db_new_id(db, "merchant");
	return write_row(db, &insert, m);
}

/* Prices and cards are in the currency: it stays once there are any. */
static enum qt_err check_currency(struct db *db, const struct merchant *m, struct problem *p)
{
	SQL(current, "SELECT currency, (SELECT COALESCE(MAX(version), 0) FROM item WHERE merchant_id = $1) + "
	             "(SELECT COALESCE(MAX(id), 0) FROM card WHERE merchant_id = $1) FROM merchant WHERE id = $1");
	int64_t currency, used;
	enum qt_err err = db_one(db, &current, "i", m->id, "ii", &currency, &used);

	if (err == QT_OK && currency != m->currency && used > 0)
		return problem_set(p, QT_CONFLICT, "currency", "there are items or cards in the present currency");
	return err;
}

enum qt_err merchant_change(struct db *db, const struct merchant *m, struct problem *p)
{
	SQL(update, "UPDATE merchant SET name = $2, name_zh = $3, currency = $4, country = $5, city = $6, city_zh = $7, "
	            "mcc = $8, phone = $9, agent_id = $10, fee_bp = $11, tax_inclusive = $12, points_per_100 = $13, "
	            "point_value_cents = $14, cashier_refund_limit_cents = $15, closed_parts = $16, state = $17, "
	            "created_ms = $18 WHERE id = $1");
	enum qt_err err = check_agent(db, m->agent_id, p);

	if (err == QT_OK)
		err = check_currency(db, m, p);
	cache_drop(&merchants, m->id);
	return err == QT_OK ? write_row(db, &update, m) : err;
}

enum qt_err store_get(struct db *db, int64_t merchant_id, int64_t store_id, struct store *st)
{
	SQL(by_id, "SELECT id, merchant_id, name, COALESCE(name_zh, name), address, city, receipt_footer, ssid "
	           "FROM store WHERE id = $1 AND (merchant_id = $2 OR $2 = 0)");
	return db_one(db, &by_id, "ii", store_id, merchant_id, "iitttttt", &st->id, &st->merchant_id,
	              st->name, sizeof st->name, st->name_zh, sizeof st->name_zh, st->address, sizeof st->address,
	              st->city, sizeof st->city, st->receipt_footer, sizeof st->receipt_footer, st->ssid, sizeof st->ssid);
}

enum qt_err store_add(struct db *db, struct store *st, int64_t now_ms)
{
	SQL(insert, "INSERT INTO store (id, merchant_id, name, name_zh, address, city, receipt_footer, ssid, created_ms) "
	            "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)");
	st->id = db_new_id(db, "store");
	return db_run(db, &insert, "iitttttti", st->id, st->merchant_id, st->name, unless_same(st->name_zh, st->name),
	              unless_same(st->address, ""), unless_same(st->city, ""), unless_same(st->receipt_footer, ""),
	              unless_same(st->ssid, ""), now_ms);
}

enum qt_err agent_get(struct db *db, int64_t agent_id, int64_t *commission_bp, char name[NAME_MAX_BYTES + 1])
{
	SQL(by_id, "SELECT commission_bp, name FROM agent WHERE id = $1");
	char unused[NAME_MAX_BYTES + 1];
	return db_one(db, &by_id, "i", agent_id, "it", commission_bp, name ? name : unused, sizeof unused);
}

enum qt_err channel_get(struct db *db, int64_t channel_id, char name[NAME_MAX_BYTES + 1])
{
	SQL(by_id, "SELECT name FROM channel WHERE id = $1");
	char unused[NAME_MAX_BYTES + 1];
	return db_one(db, &by_id, "i", channel_id, "t", name ? name : unused, sizeof unused);
}

enum qt_err agent_add(struct db *db, const char *name, int64_t commission_bp, int64_t now_ms, int64_t *agent_id)
{
	SQL(insert, "INSERT INTO agent (id, name, commission_bp, created_ms) VALUES ($1, $2, $3, $4)");
	*agent_id = db_new_id(db, "agent");
	return db_run(db, &insert, "itii", *agent_id, name, commission_bp, now_ms);
}

enum qt_err channel_add(struct db *db, const char *name, int64_t now_ms, int64_t *channel_id)
{
	SQL(insert, "INSERT INTO channel (id, name, created_ms) VALUES ($1, $2, $3)");
	*channel_id = db_new_id(db, "channel");
	return db_run(db, &insert, "iti", *channel_id, name, now_ms);
}

enum qt_err access_key_add(struct db *db, const struct keyring *keys, int64_t agent_id, int64_t channel_id,
                           int64_t now_ms,
                           char token[AUTH_TOKEN_MAX])
{
	SQL(insert, "INSERT INTO access_key (id, agent_id, channel_id, secret_hash, created_ms, expires_ms, revoked_ms) "
	            "VALUES ($1, NULLIF($2, 0), NULLIF($3, 0), $4, $5, 0, 0)");
	int64_t id = db_new_id(db, "access_key");
	uint8_t hash[32];

	auth_new_secret(CREDENTIAL_KEY, id, keys, token, hash);
	return db_run(db, &insert, "iiibi", id, agent_id, channel_id, (const void *)hash, sizeof hash, now_ms);
}

enum qt_err access_keys_revoke(struct db *db, int64_t agent_id, int64_t channel_id, int64_t now_ms)
{
	SQL(in_force, "SELECT id FROM access_key WHERE revoked_ms = 0 AND COALESCE(agent_id, 0) = $1 AND "
	              "COALESCE(channel_id, 0) = $2");
	SQL(revoke, "UPDATE access_key SET revoked_ms = $3 WHERE revoked_ms = 0 AND COALESCE(agent_id, 0) = $1 AND "
	            "COALESCE(channel_id, 0) = $2");
	struct stmt *s = db_stmt(db, &in_force);
	enum qt_err err;

	stmt_int(s, 1, agent_id);
	stmt_int(s, 2, channel_id);
	while (stmt_step(s))
		auth_forget(CREDENTIAL_KEY, stmt_col_int(s, 0));
	err = stmt_end(s);
	return err == QT_OK ? db_run(db, &revoke, "iii", agent_id, channel_id, now_ms) : err;
}
