/* shop: what there is before the story begins: a merchant with items, two tills with people signed in, customers with
 * phones, cards, a campaign with a chain of promoters. Made through the API, in good weather, the same for every seed of a
 * variant. */
#ifndef QT_SIM_SHOP_H
#define QT_SIM_SHOP_H

#include "tests/sim/process.h"

#define SHOP_ITEMS 6
#define SHOP_CUSTOMERS 6
#define SHOP_CARDS_MAX 60
#define SHOP_SHARES 4       /* the campaign's own code, and those of customers 0, 1 and 2 */
#define SHOP_LEVELS 3
#define SHOP_VARIANTS 2
#define SHOP_HOLD_S 600     /* until a rebate may be spent */
#define SHOP_PAYMENT_TTL_MS 300000

struct shop_item {
	int64_t id, price_cents, rate_bp;
	char sku[8];
};
struct shop_card {
	int64_t id;
	char code[200], number[24];
	int holder;             /* whose phone it is bound to; -1: nobody's */
};
struct shop_customer {
	int64_t id;
	char token[160], identity[200];
};
struct shop_share {
	int64_t id;             /* 0: the campaign itself */
	char code[200];
	int chain[SHOP_LEVELS]; /* customers from the nearest promoter up */
	int chain_count;
};

extern struct sim_shop {
	int64_t merchant_id, agent_id, terminal_ids[TILLS];
	bool inclusive;
	int64_t fee_bp, points_per_100, point_value_cents, pin_above_cents;
	int64_t coin_cents; /* what cash is rounded to; 1: not at all */
	int64_t level_bp[SHOP_LEVELS], agent_bp, platform_bp;
	struct shop_item items[SHOP_ITEMS];
	struct shop_customer customers[SHOP_CUSTOMERS];
	struct shop_card cards[SHOP_CARDS_MAX];
	int card_count;
	struct shop_share shares[SHOP_SHARES];
	char fixed_codes[TILLS][200];
} shop;

/* Server and tills are open. `variant` from 0. */
void shop_make(int variant);
/* The card with this code or number; -1: none. */
int shop_card_by(const char *code_or_number);
int shop_card_by_id(int64_t card_id);
/* A card that was issued during the story. */
void shop_card_add(int64_t id, const char *code, const char *number);
int shop_customer_by_id(int64_t customer_id);
int shop_customer_by_identity(const char *code);
int shop_till_by_terminal(int64_t terminal_id);
/* The token in a code's URL. */
void shop_token(const char *url, char out[200]);
/* "customer 3" */
const char *shop_customer_name(int customer);
void shop_sign_in(int till);

#endif
