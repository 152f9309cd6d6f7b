/* pgbench: PostgreSQL beside us, through tests/bench/pgbench.sh. */
#ifndef QT_BENCH_PGBENCH_H
#define QT_BENCH_PGBENCH_H

#include <stdbool.h>

/* A cluster as Debian sets it up, filled with TPC-B at scale 50. False when PostgreSQL is not there. */
bool pgbench_start(void);
/* 16 clients, `seconds` each for simple and prepared; the better rate per second. 0 when not started. */
double pgbench_run(int seconds);
void pgbench_stop(void);

#endif
