/* shop: see shop.h. */
#include "tests/sim/shop.h"

#include "shared/code.h"
#include "shared/err.h"
#include "tests/sim/asker.h"
#include "tests/sim/desk.h"
#include "tests/sim/trace.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct sim_shop shop;

/* What changes from variant to variant. */
static const struct {
	bool inclusive;
	int fee_bp, points_per_100, point_value_cents, level_bp[SHOP_LEVELS], agent_bp, platform_bp, coin_cents;
} variants[SHOP_VARIANTS] = {
	{ false, 60, 10, 1, { 500, 300, 100 }, 50, 70, 1 },
	{ true, 133, 7, 2, { 333, 200, 0 }, 25, 25, 5 },
};

static struct json_t *operator_must(const char *path, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static struct json_t *operator_must(const char *path, const char *fmt, ...)
{
	char body[600];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(body, sizeof body, fmt, ap);
	va_end(ap);
	return asker_must("operator", NULL, shop.merchant_id, "POST", path, body);
}

static int64_t take_id(struct json_t *body, const char *name)
{
	int64_t id = jint(body, name, 0);

	if (id == 0)
		fatal("no %s in an answer", name);
	jfree(body);
	return id;
}

static void copy(char *out, size_t size, const char *text)
{
	if (snprintf(out, size, "%s", text) >= (int)size || text[0] == '\0')
		fatal("a text does not fit");
}

void shop_token(const char *url, char out[200])
{
	char token[CODE_TOKEN_MAX];

	copy(out, 200, code_token_of(url, NULL, token) ? token : url);
}

const char *shop_customer_name(int customer)
{
	static char name[24];
	snprintf(name, sizeof name, "customer %d", customer);
	return name;
}

/* ---- finding ---- */

int shop_card_by(const char *text)
{
	char token[200];

	shop_token(text, token);
	for (int i = 0; i < shop.card_count; i++)
		if (strcmp(shop.cards[i].number, text) == 0 || strcmp(shop.cards[i].code, token) == 0)
			return i;
	return -1;
}

int shop_card_by_id(int64_t card_id)
{
	for (int i = 0; i < shop.card_count; i++)
		if (shop.cards[i].id == card_id)
			return i;
	return -1;
}

void shop_card_add(int64_t id, const char *code, const char *number)
{
	if (shop.card_count == SHOP_CARDS_MAX || shop_card_by_id(id) >= 0)
		return;
	struct shop_card *c = &shop.cards[shop.card_count++];
	c->id = id;
	c->holder = -1;
	shop_token(code, c->code);
	copy(c->number, sizeof c->number, number);
}

int shop_customer_by_id(int64_t customer_id)
{
	for (int i = 0; i < SHOP_CUSTOMERS; i++)
		if (shop.customers[i].id == customer_id)
			return i;
	return -1;
}

int shop_customer_by_identity(const char *code)
{
	char token[200];

	shop_token(code, token);
	for (int i = 0; i < SHOP_CUSTOMERS; i++)
		if (strcmp(shop.customers[i].identity, token) == 0)
			return i;
	return -1;
}

int shop_till_by_terminal(int64_t terminal_id)
{
	for (int i = 0; i < TILLS; i++)
		if (shop.terminal_ids[i] == terminal_id)
			return i;
	return -1;
}

/* ---- making ---- */

static void make_merchant(int variant)
{
	shop.inclusive = variants[variant].inclusive;
	shop.fee_bp = variants[variant].fee_bp;
	shop.points_per_100 = variants[variant].points_per_100;
	shop.point_value_cents = variants[variant].point_value_cents;
	shop.agent_bp = variants[variant].agent_bp;
	shop.platform_bp = variants[variant].platform_bp;
	shop.coin_cents = variants[variant].coin_cents;
	shop.pin_above_cents = 5000;
	for (int i = 0; i < SHOP_LEVELS; i++)
		shop.level_bp[i] = variants[variant].level_bp[i];
	shop.agent_id = take_id(operator_must("/v1/agents", "{\"name\":\"Agent\",\"commission_bp\":1000}"), "agent_id");
	shop.merchant_id = take_id(operator_must("/v1/merchants",
		"{\"name\":\"Sim Cafe\",\"currency\":\"USD\",\"country\":\"US\",\"city\":\"Portland\",\"mcc\":5812,\"agent_id\":%d,"
		"\"fee_bp\":%d,\"tax_inclusive\":%s,\"points_per_100\":%d,\"point_value_cents\":%d,"
		"\"cashier_refund_limit_cents\":100000}", (int)shop.agent_id, (int)shop.fee_bp, shop.inclusive ? "true" : "false",
		(int)shop.points_per_100, (int)shop.point_value_cents), "merchant_id");
	jfree(operator_must("/v1/prefund", "{\"amount_cents\":20000,\"reference\":\"first\"}"));
}

static void make_items(void)
{
	static const int prices[SHOP_ITEMS] = { 333, 1000, 250, 1, 1999, 47 }, rates[2] = { 825, 0 };
	int64_t taxes[2];

	for (int i = 0; i < 2; i++)
		taxes[i] = take_id(operator_must("/v1/taxes", "{\"name\":\"Tax %d\",\"rate_bp\":%d}", i, rates[i]), "tax_id");
	for (int i = 0; i < SHOP_ITEMS; i++) {
		struct shop_item *it = &shop.items[i];
		it->price_cents = prices[i];
		it->rate_bp = rates[i % 3 == 2];
		snprintf(it->sku, sizeof it->sku, "SKU%d", i);
		it->id = take_id(operator_must("/v1/items", "{\"sku\":\"%s\",\"name\":\"Item %d\",\"price_cents\":%d,\"tax_id\":%d}",
			it->sku, i, prices[i], (int)taxes[i % 3 == 2]), "item_id");
	}
}

static void enrol(struct till *t, void *code)
{
	till_enrol(t, t->settings.server, code);
}

static bool is_enrolled(void *till)
{
	return ((struct till *)till)->terminal_token != NULL;
}

static bool is_signed_in(void *till)
{
	return ((struct till *)till)->session_token != NULL && ((struct till *)till)->item_count == SHOP_ITEMS;
}

static void sign_in(struct till *t, void *number)
{
	till_sign_in(t, number, "567890");
}

void shop_sign_in(int till)
{
	char number[2] = { (char)('1' + till), '\0' };
	desk_do(till, sign_in, number);
}

/* The first till's person is a manager, the other's a cashier. */
static void make_tills(void)
{
	int64_t store = take_id(operator_must("/v1/stores", "{\"name\":\"Main\"}"), "store_id");
	char code[600];

	for (int i = 0; i < TILLS; i++) {
		jfree(operator_must("/v1/staff", "{\"number\":\"%d\",\"name\":\"P%d\",\"role\":\"%s\",\"pin\":\"567890\"}", i + 1, i,
		                    i == 0 ? "manager" : "cashier"));
		if (i == 0 && shop.coin_cents > 1)
			jfree(operator_must("/v1/store-rules", "{\"store_id\":%d,\"cash_rounding_cents\":%d}", (int)store,
			                    (int)shop.coin_cents));
		struct json_t *made = operator_must("/v1/terminals", "{\"store_id\":%d,\"name\":\"Till %d\"}", (int)store, i);
		copy(code, sizeof code, jtext(made, "enrolment_code", ""));
		shop.terminal_ids[i] = jint(made, "terminal_id", 0);
		jfree(made);
		desk_start(i);
		desk_do(i, enrol, code);
		if (!net_until(is_enrolled, desk_till(i), 60000))
			fatal("till %d is not enrolled: %s", i, desk_till(i)->answer_error);
		shop_sign_in(i);
		if (!net_until(is_signed_in, desk_till(i), 60000))
			fatal("nobody is signed in at till %d: %s", i, desk_till(i)->answer_error);
		shop_token(desk_till(i)->shop.fixed_code, shop.fixed_codes[i]);
	}
}

static void make_customers(void)
{
	for (int i = 0; i < SHOP_CUSTOMERS; i++) {
		struct shop_customer *c = &shop.customers[i];
		struct json_t *made = asker_must(shop_customer_name(i), NULL, -1, "POST", "/v1/customers", "{\"locale\":\"en\"}");
		c->id = jint(made, "customer_id", 0);
		snprintf(c->token, sizeof c->token, "Bearer %s", jtext(made, "device_token", ""));
		shop_token(jtext(made, "identity_code", ""), c->identity);
		jfree(made);
	}
}

static void make_campaign(void)
{
	char body[300];
	struct json_t *made = operator_must("/v1/campaigns",
		"{\"name\":\"Share\",\"starts_ms\":1000,\"levels\":[{\"rate_bp\":%d},{\"rate_bp\":%d},{\"rate_bp\":%d}],\"channel_bp\":0,"
		"\"agent_bp\":%d,\"platform_bp\":%d,\"hold_s\":%d}", (int)shop.level_bp[0], (int)shop.level_bp[1],
		(int)shop.level_bp[2], (int)shop.agent_bp, (int)shop.platform_bp, SHOP_HOLD_S);

	shop_token(jtext(made, "code", ""), shop.shares[0].code);
	snprintf(body, sizeof body, "/v1/campaigns/%lld/state", (long long)jint(made, "campaign_id", 0));
	jfree(made);
	jfree(operator_must(body, "{\"state\":\"running\"}"));
	for (int i = 1; i < SHOP_SHARES; i++) {
		snprintf(body, sizeof body, "{\"code\":\"%s\"}", shop.shares[i - 1].code);
		made = asker_must(shop_customer_name(i - 1), shop.customers[i - 1].token, -1, "POST", "/v1/shares", body);
		shop_token(jtext(made, "code", ""), shop.shares[i].code);
		shop.shares[i].id = jint(made, "share_id", 0);
		jfree(made);
		shop.shares[i].chain_count = i;
		for (int k = 0; k < i; k++)
			shop.shares[i].chain[k] = i - 1 - k;
	}
}

/* Four full ones (two of them bound to customers 3 and 4), one nearly empty, three new. */
static void make_cards(void)
{
	static const int amounts[] = { 10000, 20000, 15000, 9000, 500 };
	char body[300];

	for (int i = 0; i < 8; i++) {
		struct json_t *made = operator_must("/v1/cards", "{}");
		shop_card_add(jint(made, "card_id", 0), jtext(made, "code", ""), jtext(made, "number", ""));
		jfree(made);
		if (i < 5)
			jfree(operator_must("/v1/cards/activate", "{\"code\":\"%s\",\"amount_cents\":%d,\"tender\":\"terminal\"}",
			                    shop.cards[i].code, amounts[i]));
	}
	for (int i = 0; i < 2; i++) {
		snprintf(body, sizeof body, "{\"code\":\"%s\"}", shop.cards[i].code);
		jfree(asker_must(shop_customer_name(3 + i), shop.customers[3 + i].token, -1, "POST", "/v1/cards/bind", body));
		shop.cards[i].holder = 3 + i;
	}
	for (int i = 3; i < 6; i++)
		jfree(operator_must("/v1/points/earn", "{\"identity_code\":\"%s\",\"points\":%d,\"reason\":\"welcome\"}",
		                    shop.customers[i].identity, 200 * i));
}

void shop_make(int variant)
{
	make_merchant(variant);
	make_items();
	make_tills();
	make_customers();
	make_campaign();
	make_cards();
}
