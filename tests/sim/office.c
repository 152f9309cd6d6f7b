/* office: the boss: pays in for rebates, moves the balance of lost cards, gives and takes points. See people.h. */
#include "shared/err.h"
#include "tests/sim/asker.h"
#include "tests/sim/desk.h"
#include "tests/sim/dice.h"
#include "tests/sim/net.h"
#include "tests/sim/people.h"
#include "tests/sim/shop.h"

#include <stdio.h>

struct mood mood;
static int deeds_left;

static void on_card(void *ctx, int status, const struct json_t *body)
{
	(void)ctx;
	if (status / 100 == 2)
		shop_card_add(jint(body, "card_id", 0), jtext(body, "code", ""), jtext(body, "number", ""));
}

static void ask(const char *path, const char *body, void (*done)(void *, int, const struct json_t *))
{
	asker_ask("operator", NULL, shop.merchant_id, "POST", path, body, done, NULL);
}

static void act(void *arg)
{
	int card = (int)dice_below(shop.card_count), other = (int)dice_below(shop.card_count);
	char body[700];

	if (deeds_left-- <= 0 || people_go())
		return;
	switch (dice_below(5)) {
	case 0:
		snprintf(body, sizeof body, "{\"amount_cents\":%lld,\"reference\":\"wire\"}", (long long)dice_between(1, 5000));
		ask("/v1/prefund", body, NULL);
		break;
	case 1:
		snprintf(body, sizeof body, "{\"from_code\":\"%s\",\"to_code\":\"%s\",\"reason\":\"lost\"}", shop.cards[card].code,
		         shop.cards[other].code);
		ask("/v1/cards/transfer", body, NULL);
		break;
	case 2:
		ask("/v1/cards", dice_chance(500) ? "{}" : "{\"amount_cents\":700,\"tender\":\"none\"}", on_card);
		break;
	case 3:
		snprintf(body, sizeof body, "{\"identity_code\":\"%s\",\"points\":%lld,\"reason\":\"gift\"}",
		         shop.customers[dice_below(SHOP_CUSTOMERS)].identity, (long long)dice_between(1, 200));
		ask("/v1/points/earn", body, NULL);
		break;
	default:
		snprintf(body, sizeof body, "{\"code\":\"%s\",\"amount_cents\":%lld,\"tender\":\"terminal\"}", shop.cards[card].code,
		         (long long)dice_between(1, 3000));
		ask("/v1/cards/top-up", body, NULL);
		break;
	}
	net_plan(dice_between(5000, 60000), act, arg);
}

void office_open(int deeds)
{
	deeds_left = deeds;
	net_plan(dice_between(1000, 30000), act, NULL);
}

void people_open(int deeds)
{
	for (int i = 0; i < TILLS; i++)
		cashier_open(i, deeds);
	phone_open(deeds / 3);
	office_open(deeds / 4);
}

bool people_are_done(void)
{
	for (int i = 0; i < TILLS; i++)
		if (!cashier_is_done(i))
			return false;
	return asker_waiting() == 0;
}
