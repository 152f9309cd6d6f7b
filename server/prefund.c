/* prefund: see prefund.h. */
#include "server/prefund.h"
#include "server/cache.h"
#include "server/ledger.h"
#include "server/notice.h"
#include "server/settle.h"

#include <stdio.h>

static struct cache prefunds = CACHE(256, struct prefund);

enum qt_err prefund_get(struct db *db, int64_t merchant_id, struct prefund *p)
{
	SQL(by_id, "SELECT warn_below_cents, told FROM prefund WHERE merchant_id = $1");
	*p = (struct prefund){ 0 };
	enum qt_err err = db_one(db, &by_id, "i", merchant_id, "ii", &p->warn_below_cents, &p->told);
	return err == QT_NOT_FOUND ? QT_OK : err;
}

static enum qt_err prefund_put(struct db *db, int64_t merchant_id, const struct prefund *p)
{
	SQL(put, "INSERT INTO prefund (merchant_id, warn_below_cents, told) VALUES ($1, $2, $3) "
	         "ON CONFLICT (merchant_id) DO UPDATE SET warn_below_cents = $2, told = $3");
	cache_drop(&prefunds, merchant_id);
	return db_run(db, &put, "iii", merchant_id, p->warn_below_cents, p->told);
}

enum qt_err prefund_balance(struct db *db, int64_t merchant_id, int64_t currency, int64_t *balance_cents)
{
	int64_t account_id;

	*balance_cents = 0;
	enum qt_err err = ledger_account_find(db, ACCOUNT_PREFUND, merchant_id, currency, &account_id);
	if (err == QT_NOT_FOUND)
		return QT_OK;
	return err == QT_OK ? ledger_balance(db, account_id, balance_cents) : err;
}

enum qt_err prefund_pay_in(struct db *db, const struct merchant *m, int64_t amount_cents, int64_t warn_below_cents,
                           int64_t actor_id, int64_t now_ms, struct problem *problem)
{
	struct prefund p;
	struct posting postings[2] = { { 0, -amount_cents }, { 0, amount_cents } };
	struct journal journal = { .kind = JOURNAL_PREFUND_IN, .merchant_id = m->id, .actor_id = actor_id,
		.at_ms = now_ms };

	enum qt_err err = prefund_get(db, m->id, &p);
	if (err == QT_OK)
		err = ledger_account(db, ACCOUNT_WORLD, m->id, m->currency, &postings[0].account_id);
	if (err == QT_OK)
		err = ledger_account(db, ACCOUNT_PREFUND, m->id, m->currency, &postings[1].account_id);
	if (err == QT_OK)
		err = ledger_post(db, &journal, postings, 2, problem);
	if (err != QT_OK)
		return err;
	p.told = PREFUND_TOLD_NOTHING;
	p.warn_below_cents = warn_below_cents >= 0 ? warn_below_cents : amount_cents / 10;
	return prefund_put(db, m->id, &p);
}

static enum qt_err tell(struct db *db, const struct merchant *m, int64_t balance_cents, bool stopped, int64_t now_ms)
{
	char amount[24], en[NOTICE_TEXT_MAX], zh[NOTICE_TEXT_MAX];
	const struct currency *currency = currency_by_numeric(m->currency);
	const char *symbol = currency ? currency->symbol : "";

	money_format(balance_cents, m->currency, amount, sizeof amount);
	snprintf(en, sizeof en, stopped ? "The rebate prefund is used up (%s%s left): sales go on without rebates." :
	                                  "The rebate prefund runs low: %s%s left.", symbol, amount);
	snprintf(zh, sizeof zh, stopped ? "返利预存款已用完（剩余 %s%s）：销售继续，不再发放返利。" : "返利预存款即将用完：剩余 %s%s。",
	         symbol, amount);
	struct notice notice = { .merchant_id = m->id, .kind = stopped ? "prefund-empty" : "prefund-low", .at_ms = now_ms,
		.text_en = en, .text_zh = zh, .sms = true };
	return notice_add(db, &notice);
}

enum qt_err prefund_watch(struct db *db, const struct merchant *m, int64_t balance_cents, bool stopped, int64_t now_ms)
{
	struct prefund fresh;
	const struct prefund *p = cache_find(&prefunds, db, m->id);

	if (p == NULL) {
		enum qt_err err = prefund_get(db, m->id, &fresh);
		if (err != QT_OK)
			return err;
		*(struct prefund *)cache_put(&prefunds, db, m->id) = fresh;
		p = &fresh;
	}
	int64_t told = stopped ? PREFUND_TOLD_EMPTY : balance_cents < p->warn_below_cents ? PREFUND_TOLD_LOW : 0;
	if (told <= p->told)
		return QT_OK;
	struct prefund now = { .warn_below_cents = p->warn_below_cents, .told = told };
	enum qt_err err = prefund_put(db, m->id, &now);
	return err == QT_OK ? tell(db, m, balance_cents, stopped, now_ms) : err;
}
