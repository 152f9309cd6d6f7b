/* denomination: the coins and notes of a currency, for counting a drawer. Pure. */
#ifndef QT_POS_DENOMINATION_H
#define QT_POS_DENOMINATION_H

#include <stdint.h>

#define DENOMINATIONS_MOST 20
/* Values in minor units, largest first; returns how many. Of a currency that is not listed: 1, 2, 5 and their tens. */
int denominations(int64_t currency, int64_t out[DENOMINATIONS_MOST]);

#endif
