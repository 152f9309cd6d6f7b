/* report_sum: what journals come to, by day and by hour, item, person, till, tender, tax and step of a price. Owns the
 * tables report_sum, report_mark and store_zone. No HTTP, no JSON.
 *
 * The journals are the truth. A job adds them up behind a mark, outside the writer; whoever asks adds those behind the
 * mark, in the same snapshot. So sums cost the settling transaction nothing and are never behind. */
#ifndef QT_REPORT_SUM_H
#define QT_REPORT_SUM_H

#include "server/store/db.h"
#include "shared/zone.h"

/* What is added up, and what its ref_id is. Numbers are stored and never reused. */
enum sum_kind {
	SUM_HOUR = 1,    /* sales by hour of the day, as the store's clock shows it: 0 to 23 */
	SUM_ITEM = 2,    /* lines by item of the catalogue */
	SUM_STAFF = 3,   /* sales by person; 0: nobody signed in */
	SUM_TILL = 4,    /* sales by terminal */
	SUM_TENDER = 5,  /* payments by enum payment_source */
	SUM_TAX = 6,     /* lines by tax; 0: sold without it to exempt customers */
	SUM_STEP = 7,    /* steps of prices by enum price_step_kind */
	SUM_CARDS = 8,   /* what was put on prepaid cards by lines of sales; ref_id 0. Is in no other sum but SUM_TENDER */
	SUM_MONTH = 16   /* added to the kinds above: the same by month, day is its first; for long reports */
};
/* The columns of report_sum, in their order. */
enum sum_value {
	SUM_COUNT, SUM_QUANTITY, SUM_BASE, SUM_AMOUNT, SUM_TAX_CENTS, SUM_BACK_COUNT, SUM_BACK_QUANTITY, SUM_BACK,
	SUM_BACK_TAX, SUM_LATE_COUNT, SUM_LATE, SUM_VALUES
};
struct sum_row {
	int64_t merchant_id, kind, day, store_id, ref_id;
	int64_t value[SUM_VALUES];
};
/* Rows, each key once. Zero-initialise; sums_free. */
struct sums {
	struct sum_row *rows;
	int count, room;
	int *index;       /* open addressing: row + 1, 0 free; room * 2 places */
};
/* The row of a key, made with zeros when it is not there. Valid until the next call. */
struct sum_row *sums_at(struct sums *, const struct sum_row *key);
void sums_free(struct sums *);

/* What is asked for: sums of one kind over days from_day <= day < to_day. */
struct sum_query {
	int64_t merchant_id, from_day, to_day;
	int64_t store_id;  /* 0: all stores */
	enum sum_kind kind;
	bool by_day;       /* rows by day; else by ref_id over all days */
};
/* Read the sums and add what the job has not counted yet; keys of the rows hold only day or ref_id. To be called inside
 * db_snapshot_begin. Read connections only. */
enum qt_err sums_read(struct db *, const struct sum_query *, struct sums *) QT_USE_RESULT;

/* Add journals first < id <= last into `out`: of one merchant, or of all (0). Any connection. */
enum qt_err sums_walk(struct db *, int64_t first, int64_t last, int64_t merchant_id, struct sums *out) QT_USE_RESULT;

/* The zone in force at a store (0: for what is no store's) for what happens now. Any connection. */
enum qt_err store_zone_get(struct db *, int64_t store_id, char name[ZONE_NAME_MAX + 1]) QT_USE_RESULT;
/* Put another zone in force from now on. QT_BAD_FIELD: there is no such zone. Inside a transaction. */
enum qt_err store_zone_put(struct db *, int64_t store_id, const char *name) QT_USE_RESULT;

#endif
