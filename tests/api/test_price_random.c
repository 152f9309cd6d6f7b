/* Random sales of pieces and weights with discounts, other prices and reasons, priced by the till's cart and by the server: the same to the
 * cent; given back in random parts, the parts sum to what was paid, tax as well; the auditor agrees with it all. */
#include "pos/cart.h"
#include "tests/lib/sale.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SALES 60

static unsigned seed = 21112026;

static int64_t below(int64_t n)
{
	return rand_r(&seed) % n;
}

static void random_discount(struct price_discount *d, char reason[CART_REASON_ROOM], int64_t most_cents)
{
	if (below(2))
		d->rate_bp = 1 + below(10000);
	else
		d->amount_cents = 1 + below(most_cents);
	snprintf(reason, CART_REASON_ROOM, "reason %d", (int)below(9));
}

static void random_cart(struct cart *c)
{
	static const struct { const char *var; int64_t price_cents, rate_bp; const char *unit; } items[] = {
		{ "item1", 333, 825, "" }, { "item2", 1000, 825, "" }, { "item3", 250, 0, "" }, { "cheese", 1290, 825, "kg" },
	};

	memset(c, 0, sizeof *c);
	c->count = 1 + (int)below(8);
	for (int i = 0; i < c->count; i++) {
		int k = (int)below(4);
		struct cart_line *l = &c->lines[i];
		*l = (struct cart_line){ .item_id = api_int(items[k].var), .quantity = 1 + below(9),
			.price_cents = items[k].price_cents, .rate_bp = items[k].rate_bp };
		if (items[k].unit[0]) {
			snprintf(l->unit, sizeof l->unit, "%s", items[k].unit);
			l->quantity = 1 + below(2500);
		}
		if (below(3) == 0) {
			l->overridden = true;
			l->new_price_cents = below(1500);
			snprintf(l->price_reason, sizeof l->price_reason, "match");
		}
		if (below(2))
			random_discount(&l->discount, l->discount_reason, 900);
	}
	if (below(2))
		random_discount(&c->discount, c->discount_reason, 2000);
}

/* Give the order back a few pieces at a time; the sums of what came back. */
static bool give_back(const struct cart *c, int64_t *cents, int64_t *tax_cents)
{
	int64_t left[CART_LINES_MOST], pieces = 0;

	for (int i = 0; i < c->count; i++)
		pieces += left[i] = c->lines[i].quantity;
	while (pieces > 0) {
		char body[128];
		int i = (int)below(c->count);
		if (left[i] == 0)
			continue;
		int64_t n = left[i] > 500 ? 500 : 1 + below(left[i]);
		snprintf(body, sizeof body, "{\"reason\":\"r\",\"lines\":[{\"line_no\":%d,\"%s\":%lld}]}", i + 1,
		         c->lines[i].unit[0] ? "quantity_milli" : "quantity", (long long)n);
		const struct step refund = { "back", "manager", POST, "/v1/orders/${order}/refunds", body, .status = 201 };
		const struct answer *a = api_send(&refund);
		if (a->status != 201)
			return false;
		const char *at = strstr(a->text, "\"refunded_cents\":"), *tax = strstr(a->text, "\"tax_cents\":");
		*cents += strtoll(at + 17, NULL, 10);
		*tax_cents += strtoll(tax + 12, NULL, 10);
		left[i] -= n;
		pieces -= n;
	}
	return true;
}

/* One sale; what is wrong with it, or NULL. A cart the till refuses, the server refuses too. */
static const char *one_sale(int *refused)
{
	static struct cart c;
	struct buf body = { 0 };
	struct json j;
	char id[32];

	random_cart(&c);
	enum qt_err err = cart_price(&c);
	json_start(&j, &body);
	json_object(&j, NULL);
	cart_json(&c, &j);
	buf_adds(&body, err == QT_OK && c.total_cents == 0 ? "" : ",\"payments\":[{\"method\":\"cash\"}]");
	json_end(&j);
	const struct step sell = { "sell", "manager", POST, "/v1/orders", body.data };
	const struct answer *a = api_send(&sell);
	buf_free(&body);
	if (err != QT_OK) {
		++*refused;
		return a->status == 422 ? NULL : "the till refuses what the server sells";
	}
	if (a->status != 201)
		return "the server refuses what the till sells";
	const char *order = strstr(a->text, "\"order_id\":"), *tax = strstr(a->text, "\"tax_cents\":");
	const char *total = strstr(a->text, "\"total_cents\":");
	if (strtoll(total + 14, NULL, 10) != c.total_cents || strtoll(tax + 12, NULL, 10) != c.tax_cents)
		return "till and server come to different sums";
	snprintf(id, sizeof id, "%lld", strtoll(order + 11, NULL, 10));
	api_set("order", "%s", id);
	int64_t cents = 0, tax_cents = 0;
	if (!give_back(&c, &cents, &tax_cents))
		return "a part cannot be given back";
	return cents == c.total_cents && tax_cents == c.tax_cents ? NULL : "the parts do not sum to what was paid";
}

static const struct step goods[] = {
	{ "cheese by kg", "operator:merchant", POST, "/v1/items", "{\"sku\":\"CH\",\"name\":\"Cheese\",\"unit\":\"kg\","
	  "\"price_cents\":1290,\"tax_id\":${tax}}", .save = { { "item_id", "cheese" } } },
};

int main(void)
{
	struct test_server server;
	const char *wrong = NULL;
	int refused = 0, i = 0;

	server_start(&server, "server", NULL);
	api_begin(&server);
	sale_shop();
	API_RUN(goods);
	if (getenv("SEED"))
		seed = (unsigned)strtoul(getenv("SEED"), NULL, 10);
	printf("# seed %u\n", seed);
	for (; i < SALES && wrong == NULL; i++)
		wrong = one_sale(&refused);
	api_ok(wrong == NULL, "%d random sales, %d of them refused by both%s%s", i, refused, wrong ? ": " : "", wrong ? wrong : "");
	api_ok(refused < SALES / 2, "most are sold");
	sale_audit();
	return api_end();
}
