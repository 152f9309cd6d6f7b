/* report: how long reports over a year take: the sales of a shop are spread over a year, added up, and asked for. */
#ifndef QT_BENCH_REPORT_H
#define QT_BENCH_REPORT_H

#include "tests/lib/server.h"

/* Measures report_year_ms_1m: the slowest of the reports over the year, each asked for three times. The server runs; it is
 * stopped to move its journals to their days, which its audit will not like: nothing but stopping it may follow. */
void bench_report(struct test_server *, long long merchant_id);

#endif
