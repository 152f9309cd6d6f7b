/* people: who does something in the simulated shop: a cashier at each till, customers with phones, the boss in the office.
 * They want things at random, and look only at what their screens show. */
#ifndef QT_SIM_PEOPLE_H
#define QT_SIM_PEOPLE_H

#include <stdbool.h>
#include <stdint.h>

/* How they are today; of 1000. */
struct mood {
	int refunds, cards, points, holds, codes, shares, office;
};
extern struct mood mood;

/* They begin to act; cashiers so many times each. */
void people_open(int deeds);
/* From now on they only finish what they began. */
void people_go_home(void);
bool people_go(void); /* are they? */
/* Everybody is gone: nobody even looks. */
void people_are_gone(void);
/* Nothing is begun any more: tills have an empty sale and nothing to send, phones have their answers. */
bool people_are_done(void);

/* cashier.c: sales that were finished at a till: receipt in hand, or cash taken while off line. */
int64_t cashier_sales(int till);
int64_t cashier_sales_cents(int till);
void cashier_open(int till, int deeds);
bool cashier_is_done(int till);
/* phone.c: somebody scans the code a till shows. */
void phone_scan(const char *token, int64_t amount_cents, int64_t in_ms);
void phone_open(int deeds);
/* office.c */
void office_open(int deeds);

#endif
