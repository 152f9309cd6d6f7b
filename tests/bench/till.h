/* till: the till's figures: start to first screen, look-up, scan and search among 100,000 items, memory, a code to the
 * screen, keys of a sale. */
#ifndef QT_BENCH_TILL_H
#define QT_BENCH_TILL_H

/* Adds till_start_ms, lookup_us_100k, sale_ms_100k, search_ms_100k, search_open_ms_100k, till_rss_mb, qr_draw_ms,
 * sale_keys, split_keys and refund_repeat_keys. `bin` is the folder of the programs, `folder` one to work in. */
void bench_till(const char *bin, const char *folder, int rounds);

#endif
