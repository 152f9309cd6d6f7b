/* sale: a shop for API tests of sales, made through the API. Variables it sets:
 *   merchant store; till1 till2 till3 (terminals) cashier1 cashier2 (sessions at till1, till2) manager (at till3)
 *   fixed1 (till1's fixed code's token); tax item1 (3.33, barcode 1001, PLU 11) item2 (10.00) item3 (2.50, untaxed)
 *   open_item (price typed at the till); c1..c5 (devices) id1..id5 (customers) identity1..identity5
 *   card1 number1 (bearer, 100.00) card2 card2_id (bound to c5, 200.00) card3 (bearer, 5.00)
 *   other_merchant other_cashier other_item other_card: another company
 * Prices exclude 8.25 % tax, fee 0.6 %, 10 points per 1.00, a point is worth 1 cent, cashier's refund limit 20.00. */
#ifndef QT_TEST_SALE_H
#define QT_TEST_SALE_H

#include "tests/lib/api.h"

void sale_shop(void);
/* Besides: agent channel campaign campaign_code (levels 5, 3 and 1 %, channel 1, agent 0.5, platform 0.5 %; hold
 * 1000 s) root (channel's share code) s1 s2 s3 (share codes of c1, c2, c3: a chain below root), prefund of 500.00. */
void sale_campaign(void);
/* The audit's verdict on everything so far, as a TAP line. */
void sale_audit(void);
/* Token of a code's URL in variable `url`, kept as `token`. */
void sale_token(const char *url, const char *token);

#endif
