/* jobs_shop: what the shop's tables need by the clock: short messages, cards whose time is over, old PIN tries. */
#include "server/card.h"
#include "server/jobs.h"
#include "server/notice.h"
#include "server/staff.h"

struct expiry {
	int64_t now_ms;
	int count; /* out */
};

static enum qt_err expire_cards(void *ctx, struct db *db)
{
	struct expiry *e = ctx;
	return card_expire_due(db, e->now_ms, &e->count);
}

static enum qt_err run_card_expiry(struct server *server, int64_t now_ms)
{
	struct expiry e = { .now_ms = now_ms };
	enum qt_err err;

	do
		err = writer_run(server->writer, expire_cards, &e);
	while (err == QT_OK && e.count > 0);
	return err;
}

static enum qt_err sweep_tries(void *ctx, struct db *db)
{
	return pin_guard_sweep(db, *(int64_t *)ctx);
}

static enum qt_err run_pin_sweep(struct server *server, int64_t now_ms)
{
	return writer_run(server->writer, sweep_tries, &now_ms);
}

static enum qt_err run_messages(struct server *server, int64_t now_ms)
{
	int sent;
	return sms_send_due(server, now_ms, &sent);
}

const struct timer_job shop_jobs[] = {
	{ "expire", 60000, false, run_card_expiry },
	{ "notices", 2000, false, run_messages, .both = true },
	{ "expire", 600000, false, run_pin_sweep, .both = true },
};
const int shop_job_count = sizeof shop_jobs / sizeof *shop_jobs;
