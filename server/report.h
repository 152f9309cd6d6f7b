/* report: the rows of every report of shared/report.h. Reads only. No HTTP. Where rows come from is the table in report.c;
 * what is summed is report_sum.h's. */
#ifndef QT_SERVER_REPORT_H
#define QT_SERVER_REPORT_H

#include "server/merchant.h"
#include "shared/buf.h"
#include "shared/report.h"

struct report_ask {
	const struct merchant *merchant;
	int64_t store_id;          /* 0: all stores */
	int64_t from_day, to_day;  /* from_day <= day < to_day; of each store's own calendar */
	int64_t from_ms, to_ms;    /* the same for what goes by time, by the clock of the store or the merchant */
};
/* Write the members "rows" and "total" into an open object. Any read connection, inside db_snapshot_begin. */
enum qt_err report_write(struct db *, const struct report *, const struct report_ask *, struct json *) QT_USE_RESULT;

#endif
