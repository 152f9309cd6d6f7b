/* sale: see sale.h. */
#include "tests/lib/sale.h"

#include <string.h>

#define OP "operator:merchant"

static const struct step people[] = {
	{ "agent", "operator", POST, "/v1/agents", "{\"name\":\"Agent\",\"commission_bp\":1000}", .save = { { "agent_id", "agent" } } },
	{ "channel", "operator", POST, "/v1/channels", "{\"name\":\"Poster\"}", .save = { { "channel_id", "channel" } } },
	{ "merchant", "operator", POST, "/v1/merchants",
	  "{\"name\":\"Corner Shop\",\"name_zh\":\"街角商店\",\"currency\":\"USD\",\"country\":\"US\",\"city\":\"Portland\",\"mcc\":5411,"
	  "\"agent_id\":${agent},\"fee_bp\":60,\"tax_inclusive\":false,\"points_per_100\":10,\"point_value_cents\":1,"
	  "\"cashier_refund_limit_cents\":2000}", .save = { { "merchant_id", "merchant" } } },
	{ "store", OP, POST, "/v1/stores", "{\"name\":\"Main Street\"}", .save = { { "store_id", "store" } } },
	{ "till 1", OP, POST, "/v1/terminals", "{\"store_id\":${store},\"name\":\"One\"}",
	  .save = { { "enrolment_code", "enrol1" }, { "terminal_id", "till1_id" } } },
	{ "till 2", OP, POST, "/v1/terminals", "{\"store_id\":${store},\"name\":\"Two\"}", .save = { { "enrolment_code", "enrol2" } } },
	{ "till 3", OP, POST, "/v1/terminals", "{\"store_id\":${store},\"name\":\"Three\"}", .save = { { "enrolment_code", "enrol3" } } },
	{ "enrol 1", "", POST, "/v1/enrol", "{\"code\":\"${enrol1}\"}",
	  .save = { { "terminal_token", "till1" }, { "fixed_code", "fixed1_url" } } },
	{ "enrol 2", "", POST, "/v1/enrol", "{\"code\":\"${enrol2}\"}", .save = { { "terminal_token", "till2" } } },
	{ "enrol 3", "", POST, "/v1/enrol", "{\"code\":\"${enrol3}\"}", .save = { { "terminal_token", "till3" } } },
	{ "cashier", OP, POST, "/v1/staff", "{\"number\":\"1\",\"name\":\"Ann\",\"role\":\"cashier\",\"pin\":\"1234\"}" },
	{ "manager", OP, POST, "/v1/staff", "{\"number\":\"2\",\"name\":\"Bob\",\"role\":\"manager\",\"pin\":\"567890\"}",
	  .save = { { "staff_id", "manager_id" } } },
	{ "sign in 1", "till1", POST, "/v1/sign-in", "{\"number\":\"1\",\"pin\":\"1234\"}", .save = { { "session_token", "cashier1" } } },
	{ "sign in 2", "till2", POST, "/v1/sign-in", "{\"number\":\"1\",\"pin\":\"1234\"}", .save = { { "session_token", "cashier2" } } },
	{ "sign in 3", "till3", POST, "/v1/sign-in", "{\"number\":\"2\",\"pin\":\"567890\"}", .save = { { "session_token", "manager" } } },
	{ "tax", OP, POST, "/v1/taxes", "{\"name\":\"Sales tax\",\"name_zh\":\"销售税\",\"rate_bp\":825}", .save = { { "tax_id", "tax" } } },
	{ "no tax", OP, POST, "/v1/taxes", "{\"name\":\"Exempt\",\"rate_bp\":0}", .save = { { "tax_id", "no_tax" } } },
	{ "item 1", OP, POST, "/v1/items", "{\"sku\":\"A1\",\"name\":\"Apple\",\"name_zh\":\"苹果\",\"price_cents\":333,\"tax_id\":${tax},"
	  "\"plu\":11,\"barcodes\":[{\"code\":\"1001\"}]}", .save = { { "item_id", "item1" } } },
	{ "item 2", OP, POST, "/v1/items", "{\"sku\":\"A2\",\"name\":\"Basket\",\"price_cents\":1000,\"tax_id\":${tax}}",
	  .save = { { "item_id", "item2" } } },
	{ "item 3", OP, POST, "/v1/items", "{\"sku\":\"A3\",\"name\":\"Bread\",\"price_cents\":250,\"tax_id\":${no_tax}}",
	  .save = { { "item_id", "item3" } } },
	{ "open item", OP, POST, "/v1/items", "{\"sku\":\"A4\",\"name\":\"Sundries\",\"price_cents\":0,\"tax_id\":${no_tax},\"open_price\":true}",
	  .save = { { "item_id", "open_item" } } },
};

#define CUSTOMER(n) \
	{ "customer " #n, "", POST, "/v1/customers", "{\"locale\":\"en\"}", \
	  .save = { { "device_token", "c" #n }, { "customer_id", "id" #n }, { "identity_code", "identity" #n } } }
static const struct step wallets[] = {
	CUSTOMER(1), CUSTOMER(2), CUSTOMER(3), CUSTOMER(4), CUSTOMER(5),
	{ "card 1", "cashier1", POST, "/v1/cards", "{}", .save = { { "code", "card1" }, { "number", "number1" } } },
	{ "card 2", "cashier1", POST, "/v1/cards", "{}", .save = { { "code", "card2" }, { "card_id", "card2_id" } } },
	{ "card 3", "cashier1", POST, "/v1/cards", "{}", .save = { { "code", "card3" } } },
	{ "fill 1", "cashier1", POST, "/v1/cards/activate", "{\"code\":\"${card1}\",\"amount_cents\":10000,\"tender\":\"cash\"}" },
	{ "fill 2", "cashier1", POST, "/v1/cards/activate", "{\"code\":\"${card2}\",\"amount_cents\":20000,\"tender\":\"cash\"}" },
	{ "fill 3", "cashier1", POST, "/v1/cards/activate", "{\"code\":\"${card3}\",\"amount_cents\":500,\"tender\":\"cash\"}" },
	{ "bind 2", "c5", POST, "/v1/cards/bind", "{\"code\":\"${card2}\"}" },
};

static const struct step other_shop[] = {
	{ "another merchant", "operator", POST, "/v1/merchants",
	  "{\"name\":\"Other\",\"currency\":\"USD\",\"country\":\"US\",\"city\":\"Salem\",\"mcc\":5411,\"fee_bp\":0,\"tax_inclusive\":true}",
	  .save = { { "merchant_id", "other_merchant" } } },
	{ "its store", "operator:other_merchant", POST, "/v1/stores", "{\"name\":\"O\"}", .save = { { "store_id", "other_store" } } },
	{ "its till", "operator:other_merchant", POST, "/v1/terminals", "{\"store_id\":${other_store},\"name\":\"O\"}",
	  .save = { { "enrolment_code", "enrol4" } } },
	{ "enrol it", "", POST, "/v1/enrol", "{\"code\":\"${enrol4}\"}", .save = { { "terminal_token", "other_till" } } },
	{ "its cashier", "operator:other_merchant", POST, "/v1/staff",
	  "{\"number\":\"1\",\"name\":\"Eve\",\"role\":\"cashier\",\"pin\":\"9999\"}" },
	{ "sign in there", "other_till", POST, "/v1/sign-in", "{\"number\":\"1\",\"pin\":\"9999\"}",
	  .save = { { "session_token", "other_cashier" } } },
	{ "its tax", "operator:other_merchant", POST, "/v1/taxes", "{\"name\":\"VAT\",\"rate_bp\":1900}", .save = { { "tax_id", "other_tax" } } },
	{ "its item", "operator:other_merchant", POST, "/v1/items", "{\"sku\":\"O1\",\"name\":\"Orange\",\"price_cents\":119,\"tax_id\":${other_tax}}",
	  .save = { { "item_id", "other_item" } } },
	{ "its card", "other_cashier", POST, "/v1/cards", "{}", .save = { { "code", "other_card" } } },
	{ "fill it", "other_cashier", POST, "/v1/cards/activate", "{\"code\":\"${other_card}\",\"amount_cents\":10000,\"tender\":\"cash\"}" },
};

void sale_token(const char *url, const char *token)
{
	const char *text = api_var(url), *slash = strrchr(text, '/');
	api_set(token, "%s", slash ? slash + 1 : text);
}

void sale_shop(void)
{
	API_RUN(people);
	API_RUN(wallets);
	API_RUN(other_shop);
	sale_token("fixed1_url", "fixed1");
}

static const struct step campaign[] = {
	{ "campaign", OP, POST, "/v1/campaigns",
	  "{\"name\":\"Tell a friend\",\"name_zh\":\"告诉朋友\",\"levels\":[{\"rate_bp\":500},{\"rate_bp\":300},{\"rate_bp\":100}],"
	  "\"channel_bp\":100,\"agent_bp\":50,\"platform_bp\":50,\"hold_s\":1000}",
	  .save = { { "campaign_id", "campaign" }, { "code", "campaign_code" } } },
	{ "prefund", OP, POST, "/v1/prefund", "{\"amount_cents\":50000,\"reference\":\"wire 1\"}",
	  .check = { { "balance_cents", "50000" } } },
	{ "channel's root", OP, POST, "/v1/channels/${channel}/shares", "{\"campaign_id\":${campaign}}",
	  .save = { { "code", "root" } }, .check = { { "generation", "0" } } },
	{ "share of c1", "c1", POST, "/v1/shares", "{\"code\":\"${root}\"}", .save = { { "code", "s1" }, { "share_id", "s1_id" } },
	  .check = { { "generation", "1" } } },
	{ "share of c2", "c2", POST, "/v1/shares", "{\"code\":\"${s1}\"}", .save = { { "code", "s2" } },
	  .check = { { "generation", "2" } } },
	{ "share of c3", "c3", POST, "/v1/shares", "{\"code\":\"${s2}\"}", .save = { { "code", "s3" }, { "share_id", "s3_id" } },
	  .check = { { "generation", "3" } } },
};

void sale_campaign(void)
{
	API_RUN(campaign);
}

void sale_audit(void)
{
	static const struct step audit[] = {
		{ "the audit is clean", "operator", POST, "/v1/audit", .check = { { "clean", "true" } } },
	};
	API_RUN(audit);
}
