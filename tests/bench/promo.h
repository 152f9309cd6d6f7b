/* promo: how long the promotions of a basket take. */
#ifndef QT_BENCH_PROMO_H
#define QT_BENCH_PROMO_H

/* Adds promo_eval_us `rounds` times: 200 running promotions of all kinds, of which some thirty fit a basket of 20 lines;
 * each figure is the mean of many baskets. */
void bench_promo(int rounds);

#endif
