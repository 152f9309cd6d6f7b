/* jobs_sale: what orders, holds and rebates need by the clock. Each run goes on until nothing is due, in
 * transactions of a bounded size. */
#include "server/jobs.h"
#include "server/ledger.h"
#include "server/order.h"
#include "server/points_lot.h"
#include "server/rebate.h"
#include "shared/clock.h"

#define PER_TRANSACTION 50
#define RELEASE_SALES 200

struct due {
	int64_t now_ms;
	int count; /* out: what the last transaction did */
};

static enum qt_err expire_orders(void *ctx, struct db *db)
{
	struct due *d = ctx;
	return order_expire_due(db, d->now_ms, PER_TRANSACTION, &d->count);
}

static enum qt_err expire_holds(void *ctx, struct db *db)
{
	struct due *d = ctx;
	return ledger_holds_expire(db, d->now_ms, &d->count);
}

static enum qt_err release_rebates(void *ctx, struct db *db)
{
	struct due *d = ctx;
	return rebate_release_due(db, d->now_ms, RELEASE_SALES, &d->count);
}

static enum qt_err expire_points(void *ctx, struct db *db)
{
	struct due *d = ctx;
	return points_expire_due(db, d->now_ms, PER_TRANSACTION, &d->count);
}

static enum qt_err run_until_done(struct server *s, enum qt_err (*run)(void *, struct db *), int64_t now_ms)
{
	struct due d = { .now_ms = now_ms };
	enum qt_err err;

	do {
		d.count = 0;
		err = writer_run(s->writer, run, &d);
	} while (err == QT_OK && d.count > 0);
	return err;
}

static enum qt_err run_order_expiry(struct server *s, int64_t now_ms)
{
	enum qt_err err = run_until_done(s, expire_orders, now_ms);
	return err == QT_OK ? run_until_done(s, expire_holds, now_ms) : err;
}

static enum qt_err run_release(struct server *s, int64_t now_ms)
{
	return run_until_done(s, release_rebates, now_ms);
}

static enum qt_err run_points_expiry(struct server *s, int64_t now_ms)
{
	return run_until_done(s, expire_points, now_ms);
}

static enum qt_err sweep_days(void *ctx, struct db *db)
{
	return rebate_days_sweep(db, *(int64_t *)ctx);
}

/* By the real clock even when the job is run as of another time: a day that goes on keeps its caps. */
static enum qt_err run_day_sweep(struct server *s, int64_t as_of_ms)
{
	int64_t now_ms = clock_now_ms();
	(void)as_of_ms;
	return writer_run(s->writer, sweep_days, &now_ms);
}

const struct timer_job sale_jobs[] = {
	{ "expire", 2000, false, run_order_expiry },
	{ "rebate-release", 60000, false, run_release },
	{ "points-expire", 60000, false, run_points_expiry },
	{ "expire", 3600000, false, run_day_sweep },
};
const int sale_job_count = sizeof sale_jobs / sizeof *sale_jobs;
