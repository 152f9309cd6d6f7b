/* Every route with everybody: the route table is walked, and each route is asked by each kind of caller with what belongs to
 * another shop. Each gets the refusal that is due, nothing of the other shop comes back, and no row of the database
 * changes. A route without a line in the list below fails the test: who adds one says what a stranger gets from it. */
#include "server/routes.h"
#include "shared/code.h"
#include "tests/lib/sale.h"
#include "tests/lib/tmp.h"
#include "tests/lib/victim.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Who asks. `role` 0: the credential is none (any more), so that every route says 401. */
static const struct caller {
	const char *name, *as;
	unsigned role;
	bool cookie; /* a browser's request without the header that other sites cannot set */
} callers[] = {
	{ "nobody", "", ROLE_ANYONE, false },
	{ "customer", "c1", ROLE_CUSTOMER, false },
	{ "customer with a card", "c5", ROLE_CUSTOMER, false },
	{ "customer by cookie", "cookie:c1", ROLE_CUSTOMER, true },
	{ "terminal", "till1", ROLE_TERMINAL, false },
	{ "cashier", "cashier1", ROLE_CASHIER, false },
	{ "manager", "manager", ROLE_MANAGER, false },
	{ "owner", "owner", ROLE_OWNER, false },
	{ "agent", "agent_key", ROLE_AGENT, false },
	{ "channel", "channel_key", ROLE_CHANNEL, false },
	{ "operator for no merchant", "operator", ROLE_OPERATOR, false },
	{ "operator for the merchant", "operator:merchant", ROLE_OPERATOR, false },
	{ "revoked terminal", "dead_till", 0, false },
	{ "session at a revoked terminal", "dead_till_session", 0, false },
	{ "signed-out session", "dead_session", 0, false },
	{ "revoked device", "dead_device", 0, false },
	{ "renewed agent key", "dead_key", 0, false },
	{ "flipped terminal", "flipped_till", 0, false },
	{ "flipped session", "flipped_session", 0, false },
	{ "flipped device", "flipped_device", 0, false },
	{ "flipped key", "flipped_key", 0, false },
};

#define MAY_MAX 5
/* What is asked of a route. Paths and bodies name rows of the other shop, so that they would take effect if nothing stood in
 * the way. */
struct attack {
	const char *method, *path; /* as in the route table */
	const char *asked;         /* the path that is sent; NULL: `path` */
	const char *body;
	int may[MAY_MAX];          /* what those get whom the route is for; 200 is for reads only. {0}: they are not asked,
	                              since all of it is theirs and was done in making the shops */
	const char *allowed_body;  /* what those send whom the route is for, when `body` would be theirs to do */
	const char *not_asked;     /* callers whose name begins so may do this to any shop; NULL: none */
};

#define G(route, ...) { .method = GET, .path = route, __VA_ARGS__ }
#define P(route, ...) { .method = POST, .path = route, __VA_ARGS__ }
#define MAY(...) .may = { __VA_ARGS__ }
#define EMPTY .body = "{}"
static const struct attack attacks[] = {
	/* operations */
	G("/v1/status", MAY(200)),
	P("/v1/jobs/run", .body = "{\"job\":\"events\"}", MAY(404), .allowed_body = "{\"job\":\"make-coffee\"}"),
	G("/v1/accounts", MAY(200)),
	G("/v1/journal", .asked = "/v1/journal?order_id=${v_order}", MAY(200)),
	G("/v1/audit-log", MAY(200), .not_asked = "operator for no merchant"),
	P("/v1/audit", EMPTY, MAY(200)),
	P("/v1/backup", .body = "{\"path\":\"${folder}/stolen.db\"}", MAY(422), .allowed_body = "{}"),
	G("/v1/events", .asked = "/v1/events?after=0&payment=${flipped_pay}", MAY(200, 401, 404, 422)),
	/* pages */
	G("/", MAY(200)),
	G("/Q/:token", .asked = "/Q/${flipped_pay}", MAY(404)),
	G("/Q/:name", .asked = "/Q/no-code", MAY(404)),
	G("/Q/:token/qr.svg", .asked = "/Q/${flipped_card}/qr.svg", MAY(404, 422)),
	G("/v1/landing/:token", .asked = "/v1/landing/${flipped_receipt}", MAY(404, 422)),
	G("/manifest.webmanifest", MAY(200)),
	G("/app.css", MAY(200)),
	G("/sw.js", MAY(200)),
	G("/js/:name", .asked = "/js/qrtill.db", MAY(404)),
	G("/text/:name", .asked = "/text/keys.conf", MAY(404)),
	G("/icons/:name", .asked = "/icons/none.png", MAY(404)),
	/* merchants and people */
	P("/v1/merchants", .body = "{\"name\":\"Mine\",\"currency\":\"USD\",\"country\":\"US\",\"city\":\"C\",\"mcc\":5411,\"fee_bp\":0,"
	  "\"tax_inclusive\":false}", MAY(422), .allowed_body = "{}"),
	G("/v1/merchants", MAY(200)),
	G("/v1/merchants/:id", .asked = "/v1/merchants/${v_merchant}", MAY(404), .not_asked = "operator"),
	P("/v1/merchants/:id", .asked = "/v1/merchants/${v_merchant}", .body = "{\"name\":\"Taken\"}", MAY(404),
	  .not_asked = "operator"),
	P("/v1/agents", .body = "{\"name\":\"A\",\"commission_bp\":1}", MAY(422), .allowed_body = "{}"),
	G("/v1/agents", MAY(200)),
	P("/v1/agents/:id/renew", .asked = "/v1/agents/${agent}/renew", MAY(0)),
	P("/v1/channels", .body = "{\"name\":\"A\"}", MAY(422), .allowed_body = "{}"),
	G("/v1/channels", MAY(200)),
	P("/v1/channels/:id/renew", .asked = "/v1/channels/${channel}/renew", MAY(0)),
	P("/v1/stores", .body = "{\"name\":\"S\"}", MAY(422), .allowed_body = "{}"),
	G("/v1/stores", MAY(200, 422)),
	P("/v1/stores/:id/zone", .asked = "/v1/stores/${v_store}/zone", .body = "{\"zone\":\"Asia/Tokyo\"}", MAY(404, 422)),
	P("/v1/terminals", .body = "{\"store_id\":${v_store},\"name\":\"T\"}", MAY(404, 422)),
	G("/v1/terminals", MAY(200, 422)),
	P("/v1/terminals/:id/renew", .asked = "/v1/terminals/${v_till_id}/renew", MAY(404, 422)),
	P("/v1/terminals/:id/revoke", .asked = "/v1/terminals/${v_till_id}/revoke", MAY(404, 422)),
	P("/v1/enrol", .body = "{\"code\":\"${flipped_enrol}\"}", MAY(404, 422)),
	G("/v1/terminals/me", MAY(200)),
	/* paired cameras: a till's own pairing is its own to make and end */
	P("/v1/cameras", EMPTY),
	G("/v1/cameras/mine", MAY(200)),
	P("/v1/cameras/mine/end", EMPTY),
	P("/v1/cameras/pair", .body = "{\"code\":\"${flipped_camera}\"}", MAY(422)),
	P("/v1/cameras/send", .body = "{\"camera_token\":\"${flipped_camera_token}\",\"text\":\"106\"}", MAY(401)),
	P("/v1/cameras/end", .body = "{\"camera_token\":\"${flipped_camera_token}\"}", MAY(401)),
	P("/v1/staff", .body = "{\"number\":\"9\",\"name\":\"S\",\"role\":\"cashier\",\"pin\":\"1234\"}", MAY(422),
	  .allowed_body = "{}"),
	G("/v1/staff", MAY(200, 422)),
	P("/v1/staff/:id", .asked = "/v1/staff/${v_cashier_id}", .body = "{\"name\":\"Taken\",\"pin\":\"123456\"}",
	  MAY(404, 422)),
	P("/v1/staff/:id/login", .asked = "/v1/staff/${v_cashier_id}/login",
	  .body = "{\"login\":\"taken\",\"passphrase\":\"a long passphrase\"}", MAY(404, 422)),
	P("/v1/login", .body = "{\"login\":\"nobody\",\"passphrase\":\"a long passphrase\"}", MAY(403, 423, 429)),
	P("/v1/logout", EMPTY, MAY(0)),
	P("/v1/sign-in", .body = "{\"number\":\"71\",\"pin\":\"" VICTIM_STAFF_PIN "\"}", MAY(403)),
	P("/v1/sign-out", EMPTY, MAY(0)),
	/* catalogue */
	P("/v1/taxes", .body = "{\"name\":\"T\",\"rate_bp\":1}", MAY(422), .allowed_body = "{}"),
	G("/v1/taxes", MAY(200, 422)),
	P("/v1/items", .body = "{\"sku\":\"Q\",\"name\":\"Q\",\"price_cents\":1,\"tax_id\":${v_tax}}", MAY(404, 422)),
	P("/v1/items/batch", .body = "{\"items\":[{\"sku\":\"Q\",\"name\":\"Q\",\"price_cents\":1,\"tax_id\":${v_tax}}]}",
	  MAY(404, 422)),
	G("/v1/items", .asked = "/v1/items?q=xylograph", MAY(200, 422)),
	G("/v1/items/lookup", .asked = "/v1/items/lookup?code=7077", MAY(404, 422)),
	G("/v1/items/:id", .asked = "/v1/items/${v_item}", MAY(404, 422)),
	P("/v1/items/:id", .asked = "/v1/items/${v_item}", .body = "{\"price_cents\":1}", MAY(404, 422)),
	P("/v1/items/:id/options", .asked = "/v1/items/${v_item}/options", .body = "{\"group_ids\":[]}", MAY(404, 422)),
	P("/v1/items/:id/sold-out", .asked = "/v1/items/${v_item}/sold-out", .body = "{\"store_id\":${v_store}}", MAY(404, 422)),
	G("/v1/sold-out", MAY(200, 422)),
	P("/v1/option-groups", .body = "{\"name\":\"Q\"}", MAY(0)),
	G("/v1/option-groups", MAY(200, 422)),
	G("/v1/option-groups/:id", .asked = "/v1/option-groups/${v_group}", MAY(404, 422)),
	P("/v1/option-groups/:id", .asked = "/v1/option-groups/${v_group}", .body = "{\"name\":\"Q\"}", MAY(404, 422)),
	G("/v1/option-groups/:id/choices", .asked = "/v1/option-groups/${v_group}/choices", MAY(404, 422)),
	P("/v1/option-groups/:id/choices", .asked = "/v1/option-groups/${v_group}/choices", .body = "{\"name\":\"Q\"}",
	  MAY(404, 422)),
	P("/v1/option-choices/:id", .asked = "/v1/option-choices/${v_choice}", .body = "{\"price_cents\":0}", MAY(404, 422)),
	P("/v1/item-imports", EMPTY, MAY(0)),
	G("/v1/item-imports/:id", .asked = "/v1/item-imports/${v_import}", MAY(404, 422)),
	P("/v1/item-imports/:id/rows", .asked = "/v1/item-imports/${v_import}/rows",
	  .body = "{\"first\":1,\"rows\":[{\"sku\":\"Q\",\"name\":\"Q\",\"price_cents\":1,\"tax_id\":${v_tax}}]}", MAY(404, 422)),
	P("/v1/item-imports/:id/apply", .asked = "/v1/item-imports/${v_import}/apply", EMPTY, MAY(404, 422)),
	P("/v1/item-imports/:id/discard", .asked = "/v1/item-imports/${v_import}/discard", EMPTY, MAY(404, 422)),
	P("/v1/stock", .body = "{\"store_id\":${v_store},\"item_id\":${v_item},\"kind\":\"count\",\"quantity\":1}", MAY(404, 422)),
	G("/v1/stock", MAY(200, 422)),
	G("/v1/stock/:id/moves", .asked = "/v1/stock/${v_stock}/moves", MAY(404, 422)),
	G("/v1/catalogue", .asked = "/v1/catalogue?after_version=0", MAY(200, 422)),
	/* customers */
	P("/v1/customers", .body = "{\"locale\":\"xx\"}", MAY(422)),
	G("/v1/me", MAY(200)),
	P("/v1/me", .body = "{\"locale\":\"zh\"}", MAY(422), .allowed_body = "{\"locale\":\"xx\"}"),
	P("/v1/me/phone", .body = "{\"phone\":\"" VICTIM_PHONE "\"}", MAY(422), .allowed_body = "{}"),
	P("/v1/me/phone/confirm", .body = "{\"code\":\"000000\"}", MAY(403, 404, 409, 422)),
	G("/v1/me/devices", MAY(200)),
	P("/v1/me/devices/:id/revoke", .asked = "/v1/me/devices/${v_device_id}/revoke", MAY(404)),
	G("/v1/me/codes", MAY(200)),
	P("/v1/me/codes", .body = "{\"source\":\"card\",\"card_id\":${v_card_id}}", MAY(404)),
	P("/v1/me/codes/:id/end", .asked = "/v1/me/codes/${v_wallet_key}/end", MAY(404)),
	/* cards and points */
	P("/v1/cards", .body = "{\"amount_cents\":100,\"tender\":\"cash\"}", MAY(422),
	  .allowed_body = "{\"amount_cents\":-1}"),
	P("/v1/cards/activate", .body = "{\"number\":\"${v_number}\",\"amount_cents\":100,\"tender\":\"cash\"}",
	  MAY(404, 422)),
	P("/v1/cards/top-up", .body = "{\"code\":\"${v_card}\",\"amount_cents\":100,\"tender\":\"cash\"}", MAY(404, 422)),
	P("/v1/cards/look", .body = "{\"code\":\"${v_card}\"}", MAY(404, 422)),
	G("/v1/cards", MAY(200, 422)),
	G("/v1/cards/:id/statement", .asked = "/v1/cards/${v_card_id}/statement", MAY(404, 422)),
	P("/v1/cards/bind", .body = "{\"code\":\"${v_card}\"}", MAY(404, 409, 422)),
	P("/v1/cards/:id/freeze", .asked = "/v1/cards/${v_card_id}/freeze", MAY(404, 422)),
	P("/v1/cards/:id/unfreeze", .asked = "/v1/cards/${v_card_id}/unfreeze", MAY(404, 422)),
	P("/v1/cards/transfer", .body = "{\"from_card_id\":${v_card_id},\"to_code\":\"${card1}\",\"reason\":\"lost\"}",
	  MAY(403, 404, 422)),
	P("/v1/card-batches", .body = "{\"count\":1,\"face_cents\":100}", MAY(422), .allowed_body = "{}"),
	G("/v1/card-batches", MAY(200, 422)),
	P("/v1/card-batches/:id/export", .asked = "/v1/card-batches/${v_batch}/export", MAY(404, 422)),
	G("/v1/points", MAY(200)),
	P("/v1/points/look", .body = "{\"code\":\"${v_card}\"}", MAY(404, 422)),
	P("/v1/points/earn", .body = "{\"identity_code\":\"${v_identity}\",\"points\":1,\"reason\":\"r\"}", MAY(404, 422),
	  .allowed_body = "{\"identity_code\":\"${flipped_identity}\",\"points\":1,\"reason\":\"r\"}"),
	P("/v1/points/spend", .body = "{\"identity_code\":\"${v_identity}\",\"points\":1,\"reason\":\"r\"}",
	  MAY(404, 409, 422)),
	G("/v1/points/scheme", MAY(200, 422)),
	P("/v1/points/scheme", .body = "{\"lifetime_days\":10}", MAY(422), .allowed_body = "{\"lifetime_days\":-1}"),
	P("/v1/points/join", .body = "{\"merchant_id\":${v_merchant},\"public_key\":\"AAAA\"}", MAY(422)),
	P("/v1/points/vouchers", .body = "{\"promotion_id\":${v_promotion},\"identity_code\":\"${v_identity}\"}", MAY(404, 422)),
	G("/v1/notices", MAY(200, 422)),
	P("/v1/notices/:id/read", .asked = "/v1/notices/${v_notice}/read", MAY(404, 422)),
	P("/v1/codes/check", .body = "{\"text\":\"${flipped_card}\"}", MAY(200)),
	/* sales */
	P("/v1/orders", .body = "{\"lines\":[{\"item_id\":${v_item},\"quantity\":1}],\"payments\":[{\"method\":\"cash\"}]}",
	  MAY(404, 422)),
	G("/v1/orders", MAY(200, 422)),
	G("/v1/orders/:id", .asked = "/v1/orders/${v_order}", MAY(404, 422)),
	P("/v1/orders/:id/payments", .asked = "/v1/orders/${v_open}/payments", .body = "{\"method\":\"cash\"}", MAY(404)),
	P("/v1/orders/withdraw", .body = "{\"request\":999999,\"order_id\":${v_open}}", MAY(404)),
	P("/v1/orders/:id/cancel", .asked = "/v1/orders/${v_open}/cancel", MAY(404)),
	P("/v1/orders/:id/refunds", .asked = "/v1/orders/${v_order}/refunds", .body = "{\"reason\":\"r\"}", MAY(404, 422)),
	G("/v1/orders/:id/refunds/preview", .asked = "/v1/orders/${v_order}/refunds/preview", MAY(404, 422)),
	G("/v1/pay/:token", .asked = "/v1/pay/${flipped_pay}", MAY(404, 422)),
	P("/v1/pay/:token", .asked = "/v1/pay/${v_pay}", .body = "{\"source\":\"card\",\"card_id\":${v_card_id}}",
	  MAY(403, 404)),
	G("/v1/payments/:id", .asked = "/v1/payments/${v_payment}", MAY(404, 422)),
	P("/v1/payments/:id/cancel", .asked = "/v1/payments/${v_open_payment}/cancel", MAY(404)),
	G("/v1/terminals/me/unmatched", MAY(200)),
	/* shifts */
#define AT_THEIR_TILL "\"terminal_id\":${v_till_id}"
	G("/v1/dashboard", MAY(200, 422)),
	G("/v1/reports", MAY(200, 422)),
	G("/v1/reports/:name", .asked = "/v1/reports/day?store_id=${v_store}", MAY(404, 422)),
	P("/v1/shifts", .body = "{\"float_cents\":100," AT_THEIR_TILL "}", MAY(403, 404, 422)),
	P("/v1/shifts/cash-in", .body = "{\"amount_cents\":1,\"reason\":\"r\"," AT_THEIR_TILL "}", MAY(403, 404, 422)),
	P("/v1/shifts/cash-out", .body = "{\"amount_cents\":1,\"reason\":\"r\"," AT_THEIR_TILL "}", MAY(403, 404, 422)),
	P("/v1/shifts/safe-drop", .body = "{\"amount_cents\":1,\"reason\":\"r\"," AT_THEIR_TILL "}", MAY(403, 404, 422)),
	P("/v1/shifts/x", .body = "{" AT_THEIR_TILL "}", MAY(403, 404, 422)),
	P("/v1/shifts/no-sale", .body = "{\"reason\":\"r\"," AT_THEIR_TILL "}", MAY(403, 404, 422)),
	G("/v1/shifts/current", .asked = "/v1/shifts/current?terminal_id=${v_till_id}", MAY(403, 404, 422)),
	P("/v1/approvals", .body = "{\"action\":\"discount\",\"amount_cents\":1,\"approval_staff\":{\"number\":\"71\",\"pin\":\"0000\"}}",
	  MAY(403, 422)),
	G("/v1/approvals", MAY(200, 422)),
	G("/v1/staff-limits", .asked = "/v1/staff-limits?staff_id=${v_cashier_id}", MAY(200, 404, 422)),
	P("/v1/staff-limits", .body = "{\"staff_id\":${v_cashier_id},\"discount_bp\":10000}", MAY(404, 422)),
	G("/v1/store-rules", .asked = "/v1/store-rules?store_id=${v_store}", MAY(404, 422)),
	P("/v1/store-rules", .body = "{\"store_id\":${v_store},\"discount_reasons\":\"x\"}", MAY(404, 422)),
	P("/v1/shifts/close", .body = "{\"count\":[]," AT_THEIR_TILL "}", MAY(403, 404, 422)),
	G("/v1/held-sales", .asked = "/v1/held-sales?store_id=${v_store}", MAY(404, 422)),
	P("/v1/held-sales", .body = "{\"key\":\"01900000-0000-7000-8000-000000000001\",\"content\":\"{}\",\"total_cents\":1,"
	  "\"pieces\":1,\"held_ms\":1}", MAY(422), .allowed_body = "{}"),
	P("/v1/held-sales/take", .body = "{\"key\":\"01900000-0000-7000-8000-00000000face\"}", MAY(404)),
	P("/v1/till-events", .body = "{\"events\":[{\"sequence\":9,\"at_ms\":1,\"kind\":\"start\",\"content\":\"{}\","
	  "\"hash\":\"0000000000000000000000000000000000000000000000000000000000000000\"}]}", MAY(409)),
	G("/v1/terminals/:id/events", .asked = "/v1/terminals/${v_till_id}/events", MAY(404, 422)),
	G("/v1/shifts", MAY(200, 422)),
	G("/v1/shifts/:id/z", .asked = "/v1/shifts/${v_shift}/z", MAY(404, 422)),
	G("/v1/shift-reports/:id", .asked = "/v1/shift-reports/${v_report}", MAY(404, 422)),
	/* campaigns */
	P("/v1/campaigns", .body = "{\"name\":\"C\",\"levels\":[{\"rate_bp\":1}],\"item_id\":${v_item},\"channel_bp\":0,\"agent_bp\":0,"
	  "\"platform_bp\":0}", MAY(404, 422)),
	G("/v1/campaigns", MAY(200, 422)),
	G("/v1/campaigns/:id", .asked = "/v1/campaigns/${v_campaign}", MAY(404, 422)),
	P("/v1/campaigns/:id/state", .asked = "/v1/campaigns/${v_campaign}/state", .body = "{\"state\":\"ended\"}",
	  MAY(404, 422)),
	/* promotions */
	P("/v1/promotions", .body = "{\"name\":\"P\",\"kind\":\"item\",\"off_bp\":1,\"parts\":[{\"items\":[${v_item}]}]}",
	  MAY(404, 422)),
	G("/v1/promotions", MAY(200, 422)),
	G("/v1/promotions/running", MAY(200)),
	G("/v1/promotions/:id", .asked = "/v1/promotions/${v_promotion}", MAY(404, 422)),
	P("/v1/promotions/:id/state", .asked = "/v1/promotions/${v_promotion}/state", .body = "{\"state\":\"stopped\"}",
	  MAY(404, 422)),
	P("/v1/promotions/try", .body = "{\"lines\":[{\"item_id\":${v_item},\"quantity\":1}]}", MAY(404, 422)),
	P("/v1/coupon-batches", .body = "{\"promotion_id\":${v_promotion},\"count\":1}", MAY(404, 422)),
	G("/v1/coupon-batches", MAY(200, 422)),
	P("/v1/coupon-batches/:id/export", .asked = "/v1/coupon-batches/${v_coupons}/export", MAY(404, 422)),
	P("/v1/coupons/look", .body = "{\"code\":\"${flipped_card}\"}", MAY(404, 422)),
	P("/v1/coupons/keep", .body = "{\"code\":\"${flipped_card}\"}", MAY(404, 422)),
	G("/v1/coupons", MAY(200)),
	P("/v1/sections", .body = "{\"name\":\"S\"}", MAY(422), .allowed_body = "{}"),
	G("/v1/sections", MAY(200, 422)),
	P("/v1/sections/:id/items", .asked = "/v1/sections/${v_section}/items", .body = "{\"add\":[${v_item}]}",
	  MAY(404, 422)),
	P("/v1/members", .body = "{\"identity_code\":\"${flipped_card}\",\"level\":1}", MAY(422)),
	P("/v1/members/find", .body = "{\"identity_code\":\"${flipped_card}\"}", MAY(422)),
	P("/v1/tax-exemptions", .body = "{\"identity_code\":\"${flipped_card}\",\"certificate\":\"C\"}", MAY(422)),
	G("/v1/tax-exemptions", MAY(200, 422)),
	P("/v1/tax-exemptions/:id/end", .asked = "/v1/tax-exemptions/${v_exemption}/end", EMPTY, MAY(404, 422)),
	P("/v1/shares", .body = "{\"code\":\"${v_share}\"}", MAY(404, 422),
	  .allowed_body = "{\"code\":\"${flipped_share}\"}"),
	G("/v1/shares", MAY(200)),
	P("/v1/channels/:id/shares", .asked = "/v1/channels/${channel}/shares", .body = "{\"campaign_id\":${v_campaign}}",
	  MAY(404, 422)),
	G("/v1/shares/:id/chain", .asked = "/v1/shares/${v_share_id}/chain", MAY(404, 422)),
	G("/v1/rebates", .asked = "/v1/rebates?order_id=${v_order}", MAY(200, 404, 422)),
	P("/v1/prefund", .body = "{\"amount_cents\":100,\"reference\":\"r\"}", MAY(422), .allowed_body = "{}"),
	G("/v1/prefund", MAY(200, 422)),
	G("/v1/prefund/statement", MAY(200, 422)),
	G("/v1/receipts/:token", .asked = "/v1/receipts/${flipped_receipt}", MAY(404, 422)),
	/* providers and the other process */
	G("/v1/providers", MAY(200)),
	G("/v1/me/bindings", MAY(200)),
	P("/v1/me/bindings", .body = "{\"institution\":\"none\"}", MAY(404, 422)),
	P("/v1/me/bindings/:id/remove", .asked = "/v1/me/bindings/1/remove", MAY(404)),
	P("/v1/providers/:name/callback", .asked = "/v1/providers/sandbox/callback", .body = "{\"payment\":\"1\"}",
	  MAY(401, 404)),
	G("/v1/peer/keys", MAY(0)),
	P("/v1/peer/identify", .body = "{\"device_token\":\"${v_customer}\"}", MAY(0)),
	G("/v1/peer/people", MAY(0)),
	P("/v1/peer/person", .body = "{\"customer_id\":1,\"locale\":\"en\",\"created_ms\":1}", MAY(0)),
	G("/v1/peer/landing/:token", .asked = "/v1/peer/landing/${v_pay}", MAY(0)),
};
#define ATTACK_COUNT (sizeof attacks / sizeof *attacks)

/* Tables that change without anybody asking (seals and marks of the jobs), and the count of wrong PINs, which has to. */
static const char *const moving[] = { "pin_guard", "meta", "seal", "row_seal", "report_sum", "report_mark" };

/* A sum over all rows of all other tables. The order of rows does not matter to it. */
struct picture {
	int count;
	struct { char name[64]; uint64_t sum; int64_t rows; } tables[80];
};

static uint64_t row_sum(sqlite3_stmt *s)
{
	uint64_t h = 14695981039346656037u;

	for (int i = 0; i < sqlite3_column_count(s); i++) {
		const unsigned char *bytes = sqlite3_column_blob(s, i);
		int len = sqlite3_column_bytes(s, i);
		h = (h ^ (uint64_t)(sqlite3_column_type(s, i) + 256)) * 1099511628211u;
		for (int k = 0; k < len; k++)
			h = (h ^ bytes[k]) * 1099511628211u;
	}
	return h;
}

static sqlite3_stmt *prepare(sqlite3 *db, char *sql)
{
	sqlite3_stmt *s;

	if (sql == NULL || sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK) {
		api_ok(false, "the database can be read: %s", sqlite3_errmsg(db));
		exit(api_end());
	}
	sqlite3_free(sql);
	return s;
}

static void take_picture(sqlite3 *db, struct picture *p)
{
	*p = (struct picture){ 0 };
	sqlite3_exec(db, "BEGIN", NULL, NULL, NULL);
	sqlite3_stmt *names = prepare(db, sqlite3_mprintf("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"));
	while (sqlite3_step(names) == SQLITE_ROW && p->count < 80) {
		const char *name = (const char *)sqlite3_column_text(names, 0);
		bool skip = false;
		for (size_t i = 0; i < sizeof moving / sizeof *moving; i++)
			skip = skip || strcmp(name, moving[i]) == 0;
		if (skip)
			continue;
		sqlite3_stmt *rows = prepare(db, sqlite3_mprintf("SELECT * FROM \"%w\"", name));
		snprintf(p->tables[p->count].name, sizeof p->tables->name, "%s", name);
		for (; sqlite3_step(rows) == SQLITE_ROW; p->tables[p->count].rows++)
			p->tables[p->count].sum += row_sum(rows);
		p->count++;
		sqlite3_finalize(rows);
	}
	sqlite3_finalize(names);
	sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
}

/* The first table that differs; NULL when all is as it was. */
static const char *changed(const struct picture *a, const struct picture *b)
{
	for (int i = 0; i < a->count; i++)
		if (a->tables[i].sum != b->tables[i].sum || a->tables[i].rows != b->tables[i].rows)
			return a->tables[i].name;
	return a->count != b->count ? "the number of tables" : NULL;
}

static const struct attack *attack_on(const struct route *r)
{
	for (size_t i = 0; i < ATTACK_COUNT; i++)
		if (strcmp(attacks[i].method, r->method) == 0 && strcmp(attacks[i].path, r->path) == 0)
			return &attacks[i];
	return NULL;
}

static bool among(int status, const int may[MAY_MAX])
{
	for (int i = 0; i < MAY_MAX; i++)
		if (may[i] == status)
			return true;
	return false;
}

/* Is this the answer that is due? */
static bool right_answer(const struct route *r, const struct attack *at, const struct caller *c, const struct answer *a)
{
	if (c->role == 0)
		return a->status == 401;
	if (!(r->roles & (c->role | ROLE_ANYONE)))
		return a->status == (c->role == ROLE_ANYONE ? 401 : 403);
	if (c->cookie && strcmp(r->method, POST) == 0)
		return a->status == 403;
	return among(a->status, at->may);
}

/* One caller's request. True when all is well with the answer. */
static bool ask(const struct route *r, const struct attack *at, const struct caller *c)
{
	bool allowed = c->role != 0 && (r->roles & (c->role | ROLE_ANYONE)) && !(c->cookie && strcmp(r->method, POST) == 0);

	if (allowed && (at->may[0] == 0 || (at->not_asked != NULL && strncmp(c->name, at->not_asked, strlen(at->not_asked)) == 0)))
		return true;
	struct step s = { .label = "attack", .as = c->as, .method = at->method, .path = at->asked ? at->asked : at->path };
	s.body = allowed && at->allowed_body ? at->allowed_body : at->body;
	const struct answer *a = api_send(&s);
	/* What is the operator's alone shows all merchants. */
	const char *leak = r->roles == ROLE_OPERATOR && allowed ? NULL : victim_leak(a->text);
	if (right_answer(r, at, c, a) && leak == NULL && victim_leak(a->headers) == NULL)
		return true;
	printf("# %s %s as %s: %d%s%s: %.400s\n", s.method, s.path, c->name, a->status, leak ? ", it tells " : "", leak ? leak : "",
	       a->text);
	return false;
}

static void attack_route(const struct route *r, sqlite3 *db)
{
	const struct attack *at = attack_on(r);
	struct picture before, after;
	bool ok = true;

	if (at == NULL) {
		api_ok(false, "%s %s is in the list of attacks", r->method, r->path);
		return;
	}
	take_picture(db, &before);
	for (size_t i = 0; i < sizeof callers / sizeof *callers; i++)
		ok = ask(r, at, &callers[i]) && ok;
	take_picture(db, &after);
	const char *table = changed(&before, &after);
	api_ok(ok && table == NULL, "%s %s%s%s", r->method, r->path, table ? ": it changed " : "", table ? table : "");
}

/* Credentials that hold no longer, and the keys of others. */
static const struct step outcasts[] = {
	{ "owner", "operator:merchant", POST, "/v1/staff",
	  "{\"number\":\"3\",\"name\":\"Olga\",\"role\":\"owner\",\"pin\":\"333333\"}" },
	{ "till 4", "operator:merchant", POST, "/v1/terminals", "{\"store_id\":${store},\"name\":\"Four\"}",
	  .save = { { "enrolment_code", "e4" } } },
	{ "enrol 4", "", POST, "/v1/enrol", "{\"code\":\"${e4}\"}", .save = { { "terminal_token", "till4" } } },
	{ "the owner signs in", "till4", POST, "/v1/sign-in", "{\"number\":\"3\",\"pin\":\"333333\"}",
	  .save = { { "session_token", "owner" } } },
	{ "till 5", "operator:merchant", POST, "/v1/terminals", "{\"store_id\":${store},\"name\":\"Five\"}",
	  .save = { { "enrolment_code", "e5" }, { "terminal_id", "till5_id" } } },
	{ "enrol 5", "", POST, "/v1/enrol", "{\"code\":\"${e5}\"}", .save = { { "terminal_token", "dead_till" } } },
	{ "somebody at till 5", "dead_till", POST, "/v1/sign-in", "{\"number\":\"1\",\"pin\":\"1234\"}",
	  .save = { { "session_token", "dead_till_session" } } },
	{ "till 5 is revoked", "owner", POST, "/v1/terminals/${till5_id}/revoke" },
	{ "somebody at till 2", "till2", POST, "/v1/sign-in", "{\"number\":\"1\",\"pin\":\"1234\"}",
	  .save = { { "session_token", "dead_session" } } },
	{ "who signs out", "dead_session", POST, "/v1/sign-out" },
	{ "a customer more", "", POST, "/v1/customers", "{}", .save = { { "device_token", "dead_device" } } },
	{ "whose device", "dead_device", GET, "/v1/me/devices", .save = { { "devices[0].device_id", "dead_device_id" } } },
	{ "is revoked", "dead_device", POST, "/v1/me/devices/${dead_device_id}/revoke" },
	{ "an agent's key", "operator", POST, "/v1/agents/${agent}/renew", .save = { { "key", "dead_key" } } },
	{ "and the next", "operator", POST, "/v1/agents/${agent}/renew", .save = { { "key", "agent_key" } } },
	{ "a channel's key", "operator", POST, "/v1/channels/${channel}/renew", .save = { { "key", "channel_key" } } },
	{ "a till nobody is at yet", "operator:v_merchant", POST, "/v1/terminals",
	  "{\"store_id\":${v_store},\"name\":\"Xylograph 3\"}",
	  .save = { { "enrolment_code", "v_enrol3_url" } } },
};

/* `from` with one character changed, `back` before its end, as `to`. */
static void flip(const char *from, size_t back, const char *to)
{
	char text[256];

	snprintf(text, sizeof text, "%s", api_var(from));
	char *at = text + strlen(text) - back;
	*at = *at == 'A' ? 'B' : 'A';
	api_set(to, "%s", text);
}

/* A code as nobody but the server can make it, MAC and all, with a secret or a row that is not there. */
static void forge(const struct keyring *keys, enum code_kind kind, int64_t id, const char *to)
{
	struct code code = { .kind = kind, .id = id, .amount_minor = 1, .currency = 840, .shop_id = 1, .expires_s = 4000000000 };
	char token[CODE_TOKEN_MAX];

	if (code_make(keys, &code, token) != QT_OK)
		api_ok(false, "%s is made", to);
	api_set(to, "%s", token);
}

static void make_forgeries(const struct test_server *server)
{
	char path[128];
	struct keyring keys;
	struct problem p = { 0 };
	static const char *const tokens[][3] = { /* URL, its token, forged */
		{ "v_pay_code", "v_pay", "flipped_pay" }, { "v_card", "v_card_token", "flipped_card" },
		{ "v_receipt", "v_receipt_token", "flipped_receipt" }, { "v_share", "v_share_token", "flipped_share" },
		{ "v_identity", "v_identity_token", "flipped_identity" }, { "v_enrol3_url", "v_enrol3", "flipped_enrol" },
		{ "v_camera_waiting", "v_camera_waiting_token", "flipped_camera" },
	};
	for (size_t i = 0; i < sizeof tokens / sizeof *tokens; i++) {
		sale_token(tokens[i][0], tokens[i][1]);
		flip(tokens[i][1], 4, tokens[i][2]);
	}
	flip("v_till", 9, "flipped_till");
	flip("v_cashier", 9, "flipped_session");
	flip("v_customer", 9, "flipped_device");
	flip("agent_key", 9, "flipped_key");
	flip("v_camera_token", 9, "flipped_camera_token");
	api_set("borrowed_secret", "D-%lld-%s", (long long)api_int("v_device_id"), strchr(api_var("c1") + 2, '-') + 1);
	snprintf(path, sizeof path, "%s/keys.conf", server->dir);
	if (!api_ok(keyring_load(path, &keys, &p) == QT_OK, "the server's keys are read"))
		return;
	forge(&keys, CODE_CARD, api_int("v_card_id"), "secretless_card");
	forge(&keys, CODE_CARD, 999999, "rowless_card");
	forge(&keys, CODE_ENROLMENT, 1, "secretless_enrol");
	forge(&keys, CODE_ENROLMENT, 999999, "rowless_enrol");
	crypto_wipe(&keys, sizeof keys);
}

/* One refusal for everything that could be guessed: status, code and text do not tell how near a guess was. */
struct guess {
	const char *what;
	struct step asked[5]; /* ended by one without a method */
};

#define ASK(as, method, path, ...) { "guess", as, method, path, __VA_ARGS__ }
#define LOOK(as, body) ASK(as, POST, "/v1/cards/look", body)
#define SIGN_IN(number, pin) ASK("till3", POST, "/v1/sign-in", "{\"number\":\"" number "\",\"pin\":\"" pin "\"}")
static const struct guess guesses[] = {
	{ "card codes at a till", { LOOK("cashier1", "{\"code\":\"${v_bearer}\"}"), LOOK("cashier1",
	  "{\"code\":\"${flipped_card}\"}"),
	  LOOK("cashier1", "{\"code\":\"NOTACODE\"}"), LOOK("cashier1", "{\"code\":\"${secretless_card}\"}"),
	  LOOK("cashier1", "{\"code\":\"${rowless_card}\"}") } },
	{ "card numbers at a till", { LOOK("cashier1", "{\"number\":\"${v_number}\"}"), LOOK("cashier1",
	  "{\"number\":\"4539148803436467\"}"),
	  LOOK("cashier1", "{\"number\":\"4539148803436468\"}") } },
	{ "card codes in a wallet", { LOOK("c1", "{\"code\":\"${v_card}\"}"), LOOK("c1", "{\"code\":\"${flipped_card}\"}"),
	  LOOK("c1", "{\"code\":\"NOTACODE\"}"), LOOK("c1", "{\"code\":\"${secretless_card}\"}") } },
	{ "card numbers in a wallet", { LOOK("c1", "{\"number\":\"${v_number}\"}"), LOOK("c1",
	  "{\"number\":\"4539148803436467\"}") } },
	{ "cards by id", { ASK("c1", GET, "/v1/cards/${v_card_id}/statement", NULL),
	  ASK("c1", GET, "/v1/cards/999999/statement", NULL),
	  ASK("c1", GET, "/v1/cards/${v_bearer_id}/statement", NULL) } },
	{ "orders by id", { ASK("c1", GET, "/v1/orders/${v_order}", NULL), ASK("c1", GET, "/v1/orders/999999", NULL),
	  ASK("cashier1", GET, "/v1/orders/${v_order}", NULL), ASK("manager", GET, "/v1/orders/999999", NULL) } },
	{ "enrolment codes", { ASK("", POST, "/v1/enrol", "{\"code\":\"${flipped_enrol}\"}"), ASK("", POST, "/v1/enrol",
	  "{\"code\":\"NOTACODE\"}"),
	  ASK("", POST, "/v1/enrol", "{\"code\":\"${secretless_enrol}\"}"), ASK("", POST, "/v1/enrol",
	  "{\"code\":\"${rowless_enrol}\"}") } },
	{ "people at a till", { SIGN_IN("2", "111111111111"), SIGN_IN("98765", "111111111111"), SIGN_IN("71", VICTIM_STAFF_PIN) } },
	{ "payment codes", { ASK("c1", GET, "/v1/pay/${flipped_pay}", NULL), ASK("c1", GET, "/v1/pay/NOTACODE", NULL),
	  ASK("", GET, "/v1/pay/${flipped_pay}", NULL) } },
	{ "receipt codes", { ASK("", GET, "/v1/receipts/${flipped_receipt}", NULL), ASK("", GET, "/v1/receipts/NOTACODE",
	  NULL) } },
	{ "credentials", { ASK("dead_till", GET, "/v1/me", NULL), ASK("flipped_session", GET, "/v1/me", NULL),
	  ASK("dead_device", GET, "/v1/me", NULL), ASK("borrowed_secret", GET, "/v1/me", NULL) } },
};

static void try_guesses(const struct guess *g)
{
	const struct answer *a = api_send(&g->asked[0]);
	char *first = strdup(a->text);
	int status = a->status;
	bool ok = status >= 400 && status < 500;

	if (!ok)
		printf("# %d %s\n", status, first);
	for (int i = 1; i < 5 && g->asked[i].method != NULL; i++) {
		a = api_send(&g->asked[i]);
		if (a->status == status && strcmp(a->text, first) == 0)
			continue;
		ok = false;
		printf("# guess 1: %d %s\n# guess %d: %d %s\n", status, first, i + 1, a->status, a->text);
	}
	free(first);
	api_ok(ok, "one refusal for %s", g->what);
}

/* Every character of a credential counts: no change of one is let in. */
static void flip_all(const char *name)
{
	const char *token = api_var(name);
	int let_in = 0, len = (int)strlen(token);
	char text[128];

	for (int i = 0; i < len - 1; i++) { /* the last one carries two bits that stand for nothing; they must be 0 */
		snprintf(text, sizeof text, "%s", token);
		text[i] = text[i] == 'A' ? 'B' : text[i] == '1' ? '2' : 'A';
		api_set("changed", "%s", text);
		struct step s = { "changed", "changed", GET, "/v1/status" };
		let_in += api_send(&s)->status != 401;
	}
	for (const char *c = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"; *c != '\0'; c++) {
		if (*c == token[len - 1])
			continue;
		api_set("changed", "%.*s%c", len - 1, token, *c);
		struct step s = { "changed", "changed", GET, "/v1/status" };
		let_in += api_send(&s)->status != 401;
	}
	api_ok(let_in == 0, "no change of one character of %s is let in", name);
	if (let_in)
		printf("# %d were\n", let_in);
}

/* A key is its maker's: with the same key and the same request nobody else gets the answer. */
static const struct step keys[] = {
	{ "the sale of the other shop, with its key", "cashier1", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${v_item},\"quantity\":2,\"note\":\"Xylograph note\"}],\"payments\":[{\"method\":\"card\",\"code\":\"${v_bearer}\"}]}",
	  .key = "${v_key}", .status = 404 },
	{ "a customer's language", "c1", POST, "/v1/me", "{\"locale\":\"en\"}", .check = { { "customer_id", "${id1}" } } },
	{ "another customer with that key", "c2", POST, "/v1/me", "{\"locale\":\"en\"}",
	  .key = "=a customer's language", .fresh = true,
	  .check = { { "customer_id", "${id2}" } } },
	{ "a manager adds a person", "manager", POST, "/v1/staff",
	  "{\"number\":\"44\",\"name\":\"Kim\",\"role\":\"cashier\",\"pin\":\"4444\"}" },
	{ "a cashier at the same till", "till3", POST, "/v1/sign-in", "{\"number\":\"44\",\"pin\":\"4444\"}",
	  .save = { { "session_token", "cashier3" } } },
	{ "gets no answer by that key", "cashier3", POST, "/v1/staff",
	  "{\"number\":\"44\",\"name\":\"Kim\",\"role\":\"cashier\",\"pin\":\"4444\"}", .key = "=a manager adds a person",
	  .status = 403,
	  .error = "forbidden" },
	{ "a store by the operator", "operator:merchant", POST, "/v1/stores", "{\"name\":\"Annex\"}" },
	{ "is not answered for another merchant", "operator:v_merchant", POST, "/v1/stores", "{\"name\":\"Annex\"}",
	  .key = "=a store by the operator", .status = 422, .error = "idempotency-key-reused" },
	{ "and again for its own", "operator:merchant", POST, "/v1/stores", "{\"name\":\"Annex\"}",
	  .key = "=a store by the operator" },
};

/* The machine's zone is written down when sums are first made: not while a table must not change. */
static const struct step sums[] = {
	{ "sums for reports", "operator", POST, "/v1/jobs/run", "{\"job\":\"reports\"}", .key = "none" },
};

int main(void)
{
	struct test_server server;
	char path[128], spool[96];
	sqlite3 *db;

	snprintf(spool, sizeof spool, "--sms-spool=%s", test_folder());
	server_start(&server, "server", (const char *const[]){ spool, NULL });
	api_begin(&server);
	sale_shop();
	sale_campaign();
	victim_shop();
	API_RUN(sums);
	API_RUN(outcasts);
	make_forgeries(&server);
	api_set("folder", "%s", server.dir);
	snprintf(path, sizeof path, "%s/qrtill.db", server.dir);
	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
		api_ok(false, "the database opens");
	routes_open();
	for (int i = 0; routes_at(i) != NULL; i++)
		attack_route(routes_at(i), db);
	sqlite3_close(db);
	for (size_t i = 0; i < sizeof guesses / sizeof *guesses; i++)
		try_guesses(&guesses[i]);
	flip_all("till1");
	flip_all("cashier1");
	flip_all("c1");
	flip_all("channel_key");
	API_RUN(keys);
	sale_audit();
	api_ok(server_stop(&server), "the server ends cleanly");
	return api_end();
}
