/* phone: customers: pay the codes that tills show, pay by the code on the counter, bind cards, freeze them. See people.h. */
#include "shared/err.h"
#include "tests/sim/asker.h"
#include "tests/sim/dice.h"
#include "tests/sim/net.h"
#include "tests/sim/people.h"
#include "tests/sim/shop.h"

#include <stdio.h>
#include <string.h>

struct scan {
	char token[200];
	int64_t amount_cents; /* of a code on the counter: what is typed */
	bool fixed;
};

static void ask(int customer, const char *path, const char *body)
{
	asker_ask(shop_customer_name(customer), shop.customers[customer].token, -1, "POST", path, body, NULL, NULL);
}

/* A card this customer may use: an own one by its id, or a bearer's code. */
static int pick_card(int customer, char *member, size_t size)
{
	int card = (int)dice_below(shop.card_count);

	for (int i = 0; i < shop.card_count && dice_chance(700); i++)
		if (shop.cards[i].holder == customer)
			card = i;
	if (shop.cards[card].holder == customer)
		snprintf(member, size, "\"card_id\":%lld", (long long)shop.cards[card].id);
	else
		snprintf(member, size, "\"card_code\":\"%s\"", shop.cards[card].code);
	return card;
}

static void pay(void *arg)
{
	const struct scan *s = arg;
	int customer = (int)dice_below(SHOP_CUSTOMERS);
	char path[240], body[700], how[260], more[300] = "";
	int64_t kind = dice_below(100);

	if (people_go())
		return;
	if (kind < 45)
		pick_card(customer, how, sizeof how);
	if (s->fixed)
		snprintf(more, sizeof more, ",\"amount_cents\":%lld", (long long)s->amount_cents);
	else if (dice_chance(200))
		snprintf(more, sizeof more, ",\"share\":\"%s\"", shop.shares[dice_below(SHOP_SHARES)].code);
	if (kind < 45)
		snprintf(body, sizeof body, "{\"source\":\"card\",%s%s}", how, more);
	else if (kind < 55)
		snprintf(body, sizeof body, "{\"source\":\"points\"%s}", more);
	else if (kind < 65)
		snprintf(body, sizeof body, "{\"source\":\"rebate\"%s}", more);
	else
		snprintf(body, sizeof body, "{\"source\":\"provider\",\"institution\":\"sandbox\"%s}", more);
	snprintf(path, sizeof path, "/v1/pay/%s", s->token);
	ask(customer, path, body);
}

static void plan(const char *token, int64_t amount_cents, bool fixed, int64_t in_ms)
{
	struct scan *s = xcalloc(1, sizeof *s);

	snprintf(s->token, sizeof s->token, "%s", token);
	s->amount_cents = amount_cents;
	s->fixed = fixed;
	net_plan(in_ms, pay, s);
}

void phone_scan(const char *token, int64_t amount_cents, int64_t in_ms)
{
	plan(token, amount_cents, false, in_ms);
}

static void look_after_cards(void)
{
	int customer = (int)dice_below(SHOP_CUSTOMERS), card = (int)dice_below(shop.card_count);
	char path[100], body[300];

	if (shop.cards[card].holder >= 0 && dice_chance(700)) {
		customer = shop.cards[card].holder;
		snprintf(path, sizeof path, "/v1/cards/%lld/%s", (long long)shop.cards[card].id,
		         dice_chance(400) ? "freeze" : "unfreeze");
		ask(customer, path, "{}");
		return;
	}
	snprintf(body, sizeof body, "{\"code\":\"%s\"}", shop.cards[card].code);
	ask(customer, "/v1/cards/bind", body);
}

static int deeds_left;

static void live(void *arg)
{
	int64_t amounts[] = { 100, 333, 1000, 360, dice_between(1, 6000) };

	if (deeds_left-- <= 0 || people_go())
		return;
	if (dice_chance(500))
		plan(shop.fixed_codes[dice_below(TILLS)], amounts[dice_below(5)], true, 0);
	else if (dice_chance(300))
		ask((int)dice_below(SHOP_CUSTOMERS), "/v1/me/bindings", "{\"institution\":\"sandbox\"}");
	else
		look_after_cards();
	net_plan(dice_between(5000, 60000), live, arg);
}

void phone_open(int deeds)
{
	deeds_left = deeds;
	net_plan(dice_between(1000, 30000), live, NULL);
}
