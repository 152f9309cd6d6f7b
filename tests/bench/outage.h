/* outage: how fast the sales that waited in a till while its server was away are taken in when it is back. */
#ifndef QT_BENCH_OUTAGE_H
#define QT_BENCH_OUTAGE_H

/* Adds offline_drain_per_s, `rounds` times. `bin` is the folder of the programs, `folder` one to work in. Each sale must
 * arrive once and in order. */
void bench_outage(const char *bin, const char *folder, int rounds);

#endif
