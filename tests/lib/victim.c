/* victim: see victim.h. */
#include "tests/lib/victim.h"

#include "tests/lib/sale.h"

#include <string.h>

#define OP "operator:v_merchant"

static const struct step people[] = {
	{ "victim: merchant", "operator", POST, "/v1/merchants",
	  "{\"name\":\"Xylograph Ltd\",\"name_zh\":\"Xylograph木刻\",\"currency\":\"USD\",\"country\":\"US\",\"city\":\"Xylograph City\","
	  "\"mcc\":5411,\"fee_bp\":60,\"tax_inclusive\":false,\"points_per_100\":10,\"point_value_cents\":1}",
	  .save = { { "merchant_id", "v_merchant" } } },
	{ "victim: store", OP, POST, "/v1/stores", "{\"name\":\"Xylograph Store\",\"address\":\"1 Xylograph Road\","
	  "\"receipt_footer\":\"Xylograph thanks\",\"ssid\":\"Xylograph-net\"}", .save = { { "store_id", "v_store" } } },
	{ "victim: till", OP, POST, "/v1/terminals", "{\"store_id\":${v_store},\"name\":\"Xylograph Till\"}",
	  .save = { { "enrolment_code", "v_enrol" }, { "terminal_id", "v_till_id" } } },
	{ "victim: second till", OP, POST, "/v1/terminals", "{\"store_id\":${v_store},\"name\":\"Xylograph Till 2\"}",
	  .save = { { "enrolment_code", "v_enrol2" } } },
	{ "victim: enrol", "", POST, "/v1/enrol", "{\"code\":\"${v_enrol}\"}", .save = { { "terminal_token", "v_till" } } },
	{ "victim: enrol the second", "", POST, "/v1/enrol", "{\"code\":\"${v_enrol2}\"}",
	  .save = { { "terminal_token", "v_till2" } } },
	{ "victim: cashier", OP, POST, "/v1/staff",
	  "{\"number\":\"71\",\"name\":\"Xylograph Cashier\",\"role\":\"cashier\","
	  "\"pin\":\"" VICTIM_STAFF_PIN "\"}", .save = { { "staff_id", "v_cashier_id" } } },
	{ "victim: manager", OP, POST, "/v1/staff",
	  "{\"number\":\"72\",\"name\":\"Xylograph Manager\",\"role\":\"manager\","
	  "\"pin\":\"" VICTIM_STAFF_PIN "\"}" },
	{ "victim: the cashier signs in", "v_till", POST, "/v1/sign-in",
	  "{\"number\":\"71\",\"pin\":\"" VICTIM_STAFF_PIN "\"}",
	  .save = { { "session_token", "v_cashier" } } },
	{ "victim: the manager signs in", "v_till2", POST, "/v1/sign-in",
	  "{\"number\":\"72\",\"pin\":\"" VICTIM_STAFF_PIN "\"}",
	  .save = { { "session_token", "v_manager" } } },
	{ "victim: tax", OP, POST, "/v1/taxes", "{\"name\":\"Xylograph tax\",\"rate_bp\":825}",
	  .save = { { "tax_id", "v_tax" } } },
	{ "victim: item", OP, POST, "/v1/items",
	  "{\"sku\":\"XYLOGRAPH1\",\"name\":\"Xylograph print\",\"price_cents\":1000,"
	  "\"tax_id\":${v_tax},\"plu\":77,\"barcodes\":[{\"code\":\"7077\"}]}", .save = { { "item_id", "v_item" } } },
	{ "victim: campaign", OP, POST, "/v1/campaigns", "{\"name\":\"Xylograph friends\",\"levels\":[{\"rate_bp\":500}],"
	  "\"intro\":\"Xylograph for all\",\"channel_bp\":0,\"agent_bp\":0,\"platform_bp\":0,\"hold_s\":1000}",
	  .save = { { "campaign_id", "v_campaign" }, { "code", "v_campaign_code" } } },
	{ "victim: prefund", OP, POST, "/v1/prefund", "{\"amount_cents\":50000,\"reference\":\"Xylograph wire\"}" },
};

static const struct step goods[] = {
	{ "victim: customer", "", POST, "/v1/customers", "{\"locale\":\"en\",\"device_name\":\"Xylograph phone\"}",
	  .save = { { "device_token", "v_customer" }, { "customer_id", "v_customer_id" }, { "identity_code", "v_identity" } } },
	{ "victim: the customer's device", "v_customer", GET, "/v1/me/devices",
	  .save = { { "devices[0].device_id", "v_device_id" } } },
	{ "victim: the customer's PIN", "v_customer", POST, "/v1/me", "{\"pin\":\"" VICTIM_PIN "\"}" },
	{ "victim: the customer's phone", "v_customer", POST, "/v1/me/phone", "{\"phone\":\"" VICTIM_PHONE "\"}" },
	{ "victim: card", "v_cashier", POST, "/v1/cards", "{}",
	  .save = { { "code", "v_card" }, { "card_id", "v_card_id" }, { "number", "v_number" } } },
	{ "victim: the card is filled", "v_cashier", POST, "/v1/cards/activate",
	  "{\"code\":\"${v_card}\",\"amount_cents\":20000,\"tender\":\"cash\"}" },
	{ "victim: the card is bound", "v_customer", POST, "/v1/cards/bind", "{\"code\":\"${v_card}\"}" },
	{ "victim: a key for codes", "v_customer", POST, "/v1/me/codes", "{\"source\":\"card\",\"card_id\":${v_card_id}}",
	  .save = { { "key_id", "v_wallet_key" }, { "key", "v_wallet_secret" } } },
	{ "victim: the card is topped up", "v_cashier", POST, "/v1/cards/top-up",
	  "{\"code\":\"${v_card}\",\"amount_cents\":1000,\"tender\":\"cash\"}" },
	{ "victim: bearer card", "v_cashier", POST, "/v1/cards", "{}",
	  .save = { { "code", "v_bearer" }, { "number", "v_bearer_number" }, { "card_id", "v_bearer_id" } } },
	{ "victim: the bearer card is filled", "v_cashier", POST, "/v1/cards/activate",
	  "{\"code\":\"${v_bearer}\",\"amount_cents\":20000,\"tender\":\"cash\"}" },
	{ "victim: a code for a camera", "v_cashier", POST, "/v1/cameras", "{}", .status = 201,
	  .save = { { "code", "v_camera" } } },
	{ "victim: its camera", "", POST, "/v1/cameras/pair", "{\"code\":\"${v_camera}\"}", .status = 201,
	  .save = { { "camera_token", "v_camera_token" } } },
	{ "victim: it sees a card", "", POST, "/v1/cameras/send",
	  "{\"camera_token\":\"${v_camera_token}\",\"text\":\"${v_bearer}\"}" },
	{ "victim: a code that waits", "v_manager", POST, "/v1/cameras", "{}", .status = 201,
	  .save = { { "code", "v_camera_waiting" } } },
	{ "victim: batch", OP, POST, "/v1/card-batches", "{\"count\":3,\"face_cents\":500,\"name\":\"Xylograph batch\"}",
	  .save = { { "batch_id", "v_batch" } } },
	{ "victim: tax exemption", OP, POST, "/v1/tax-exemptions",
	  "{\"identity_code\":\"${v_identity}\",\"certificate\":\"Xylograph 1\"}", .save = { { "exemption_id", "v_exemption" } } },
	{ "victim: promotion", "operator:v_merchant", POST, "/v1/promotions",
	  "{\"name\":\"Hidden offer\",\"kind\":\"order\",\"off_bp\":100,\"by_code\":true}", .status = 201,
	  .save = { { "promotion_id", "v_promotion" } } },
	{ "victim: coupons", "operator:v_merchant", POST, "/v1/coupon-batches",
	  "{\"promotion_id\":${v_promotion},\"count\":1}", .status = 201, .save = { { "batch_id", "v_coupons" } } },
	{ "victim: section", "operator:v_merchant", POST, "/v1/sections", "{\"name\":\"Hidden section\"}", .status = 201,
	  .save = { { "section_id", "v_section" } } },
	{ "victim: stock", "operator:v_merchant", POST, "/v1/stock",
	  "{\"store_id\":${v_store},\"item_id\":${v_item},\"kind\":\"receive\",\"quantity\":7}", .status = 200,
	  .save = { { "stock_id", "v_stock" } } },
	{ "victim: options", "operator:v_merchant", POST, "/v1/option-groups", "{\"name\":\"Hidden options\"}", .status = 201,
	  .save = { { "group_id", "v_group" } } },
	{ "victim: a choice", "operator:v_merchant", POST, "/v1/option-groups/${v_group}/choices",
	  "{\"name\":\"Hidden choice\",\"price_cents\":7}", .status = 201, .save = { { "choice_id", "v_choice" } } },
	{ "victim: import", "operator:v_merchant", POST, "/v1/item-imports", "{}", .status = 201,
	  .save = { { "import_id", "v_import" } } },
	{ "victim: share", "v_customer", POST, "/v1/shares", "{\"code\":\"${v_campaign_code}\"}",
	  .save = { { "share_id", "v_share_id" }, { "code", "v_share" } } },
	{ "victim: a sale", "v_cashier", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${v_item},\"quantity\":2,\"note\":\"Xylograph note\"}],\"payments\":[{\"method\":\"card\",\"code\":\"${v_bearer}\"}]}",
	  .key = "${v_key}", .save = { { "order_id", "v_order" }, { "receipt.code", "v_receipt" }, { "payments[0].payment_id", "v_payment" } } },
	{ "victim: a sale put aside", "v_cashier", POST, "/v1/held-sales", "{\"key\":\"01900000-0000-7000-8000-00000000face\","
	  "\"name\":\"Xylograph table\",\"content\":\"{}\",\"total_cents\":1,\"pieces\":1,\"held_ms\":1}" },
	{ "victim: a code to be paid", "v_cashier", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${v_item},\"quantity\":1,\"note\":\"Xylograph note\"}],\"payments\":[{\"method\":\"code\"}]}",
	  .save = { { "order_id", "v_open" }, { "payments[0].code", "v_pay_code" }, { "payments[0].payment_id", "v_open_payment" } } },
	{ "victim: an X report", "v_manager", POST, "/v1/shifts/x", "{\"terminal_id\":${v_till_id}}",
	  .save = { { "report_id", "v_report" }, { "report.shift_id", "v_shift" } } },
	{ "victim: notices are made", "operator", POST, "/v1/jobs/run", "{\"job\":\"notices\"}" },
	{ "victim: a notice", "v_customer", GET, "/v1/notices",
	  .save = { { "notices[0].notice_id", "v_notice" } }, .within_ms = 5000 },
};

void victim_shop(void)
{
	char uuid[37];

	api_set("v_key", "%s", api_uuid(uuid));
	API_RUN(people);
	API_RUN(goods);
}

const char *victim_leak(const char *text)
{
	static const char *const variables[] = { "v_number", "v_bearer_number", "v_customer", "v_till", "v_cashier" };

	if (strcasestr(text, VICTIM_MARK) != NULL)
		return VICTIM_MARK;
	if (strstr(text, VICTIM_PHONE) != NULL)
		return VICTIM_PHONE;
	for (size_t i = 0; i < sizeof variables / sizeof *variables; i++)
		if (strstr(text, api_var(variables[i])) != NULL)
			return variables[i];
	return NULL;
}
