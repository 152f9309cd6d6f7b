/* shop: the shop the bench loads: tills with signed-in cashiers, items, activated prepaid cards, customers with
 * points, chains of three promoters and a funded campaign; all made through the API. */
#ifndef QT_BENCH_SHOP_H
#define QT_BENCH_SHOP_H

#include "shared/err.h"

#include <stdint.h>

struct bench_shop {
	int64_t merchant_id;
	int tills;               /* each with a session of its own */
	char (*sessions)[96];    /* bearer credentials */
	int64_t *next_key;       /* per till: next Idempotency-Key and order number */
	int items;
	int64_t *item_ids;
	int cards;
	char (*card_codes)[96];  /* tokens */
	int customers;
	char (*identities)[96];  /* identity tokens */
	int shares;
	char (*share_codes)[96]; /* third generation */
};

struct bench_shop_size {
	int tills, items, cards, customers, shares;
};

/* `socket` is the operator's, `till_port` and `phone_port` the listeners on 127.0.0.1. Prints what it does to stderr; fatal
 * when the server refuses anything. */
void bench_shop_make(struct bench_shop *, const struct bench_shop_size *, const char *socket, int till_port,
                     int phone_port);
void bench_shop_free(struct bench_shop *);

/* One settlement, as the bench defines it: three lines, a prepaid card, points, three rebate levels. Whole HTTP request
 * for till `till`, written into `out`. */
struct buf;
void bench_shop_sale(struct bench_shop *, int till, uint64_t *random, struct buf *out);

#endif
