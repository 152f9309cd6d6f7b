/* shop: a merchant with everything that sells, made through the API, for tests that need one. */
#ifndef QT_TEST_SHOP_H
#define QT_TEST_SHOP_H

#include "tests/lib/api.h"

/* Variables it sets, with `p` (say "" or "other_") in front of each name:
 *   merchant, store, terminal, tax (8.25 %), till (terminal credential), fixed_code,
 *   cashier (number 11, PIN 1111), manager (22, PIN 222222), owner (33, PIN 333333): sessions, each at a till of its own:
 *   cashier_terminal (= terminal), manager_terminal, owner_terminal and their tills: till, manager_till, owner_till
 *   item_milk (199, barcode 4006381333931, PLU 12), item_bread (350, barcode 5901234123457), item_open (open price)
 * The merchant's money is USD, prices are without tax, 1 % fee, 1 point per 100 cents, a point is worth 1 cent. */
void shop_make(const char *p);
/* A customer: variables ${p}${name} (device credential), ${name}_id and ${name}_identity. */
void shop_customer(const char *name);

#endif
