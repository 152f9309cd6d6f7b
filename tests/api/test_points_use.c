/* What points are good for besides paying (cash): they lower the price (discount) or buy a coupon (voucher), by the
 * member's level; a level may earn more. Everything the auditor recomputes. */
#include "tests/lib/sale.h"

#define OP "operator:merchant"
#define LEVELS "\"levels\":[{\"from_points\":0,\"name\":\"Guest\"},{\"from_points\":1000,\"name\":\"Gold\"}]"
#define ORDER "/v1/orders"
#define LOOK "{\"identity_code\":\"${identity1}\"}"
#define OFF(cents) "{\"method\":\"points-discount\",\"identity_code\":\"${identity1}\",\"amount_cents\":" cents "}"
#define TWO_LINES "{\"lines\":[{\"item_id\":${item3},\"quantity\":1},{\"item_id\":${item2},\"quantity\":1}],\"payments\":["
#define ONE_LINE "{\"lines\":[{\"item_id\":${item3},\"quantity\":1}],\"payments\":["
#define CASH "{\"method\":\"cash\"}"

static const struct step scheme[] = {
	{ "points to begin with", OP, POST, "/v1/points/earn",
	  "{\"identity_code\":\"${identity1}\",\"points\":400,\"reason\":\"test\"}" },
	{ "without an offer points are no discount", "cashier1", POST, ORDER, ONE_LINE OFF("100") "," CASH "]}", .status = 403,
	  .error = "closed-here", .check = { { "field", "payments[0].method" } } },
	{ "a promotion by coupons", OP, POST, "/v1/promotions",
	  "{\"name\":\"Mug\",\"name_zh\":\"马克杯\",\"kind\":\"order\",\"off_cents\":200,\"by_code\":true}", .status = 201,
	  .save = { { "promotion_id", "mug" } } },
	{ "one for all", OP, POST, "/v1/promotions", "{\"name\":\"All\",\"kind\":\"order\",\"off_cents\":200,\"code\":\"ALL\"}",
	  .status = 201, .save = { { "promotion_id", "all" } } },
	{ "an offer for a level there is not", OP, POST, "/v1/points/scheme",
	  "{" LEVELS ",\"offers\":[{\"kind\":\"discount\",\"level\":2,\"value_cents\":1}]}", .status = 422, .error = "bad-field",
	  .check = { { "field", "offers[0].level" } } },
	{ "an offer without its value", OP, POST, "/v1/points/scheme",
	  "{\"offers\":[{\"kind\":\"discount\",\"rate_bp\":5}]}", .status = 422, .error = "missing-field",
	  .check = { { "field", "offers[0].value_cents" } } },
	{ "a voucher of nothing", OP, POST, "/v1/points/scheme", "{\"offers\":[{\"kind\":\"voucher\",\"points\":5}]}",
	  .status = 422, .error = "missing-field", .check = { { "field", "offers[0].promotion_id" } } },
	{ "a voucher of another merchant", OP, POST, "/v1/points/scheme",
	  "{\"offers\":[{\"kind\":\"voucher\",\"points\":5,\"promotion_id\":99}]}", .status = 404, .error = "not-found",
	  .check = { { "field", "offers[0].promotion_id" } } },
	{ "a voucher with a code that all share", OP, POST, "/v1/points/scheme",
	  "{\"offers\":[{\"kind\":\"voucher\",\"points\":5,\"promotion_id\":${all}}]}", .status = 422, .error = "bad-field",
	  .check = { { "field", "offers[0].promotion_id" } } },
	{ "the same twice", OP, POST, "/v1/points/scheme",
	  "{\"offers\":[{\"kind\":\"earn\",\"rate_bp\":5},{\"kind\":\"earn\",\"rate_bp\":6}]}", .status = 422,
	  .error = "double-field", .check = { { "field", "offers[1].level" } } },
	{ "nothing of that was kept", OP, GET, "/v1/points/scheme", .check = { { "offers", "<0 items>" } } },
	{ "the scheme", OP, POST, "/v1/points/scheme",
	  "{" LEVELS ",\"offers\":[{\"kind\":\"discount\",\"value_cents\":1},{\"kind\":\"discount\",\"level\":1,\"value_cents\":2},"
	  "{\"kind\":\"earn\",\"level\":1,\"rate_bp\":15000},{\"kind\":\"voucher\",\"points\":150,\"promotion_id\":${mug}},"
	  "{\"kind\":\"voucher\",\"level\":1,\"points\":100,\"promotion_id\":${mug}}]}",
	  .check = { { "offers", "<5 items>" }, { "offers[1].level", "1" }, { "offers[1].value_cents", "2" },
	             { "offers[2].rate_bp", "15000" }, { "offers[3].points", "150" } } },
	{ "what they are good for", "cashier1", POST, "/v1/points/look", LOOK,
	  .check = { { "balance", "400" }, { "level", "Guest" }, { "discount_value_cents", "1" }, { "vouchers", "<1 items>" },
	             { "vouchers[0].points", "150" }, { "vouchers[0].name_zh", "马克杯" } } },
};
static const struct step discount[] = {
	{ "points lower the price before tax", "cashier1", POST, ORDER, TWO_LINES OFF("300") "," CASH "]}", .status = 201,
	  .save = { { "order_id", "order" } },
	  .check = { { "state", "paid" }, { "lines[0].total_cents", "190" }, { "tax_cents", "63" }, { "total_cents", "1013" },
	             { "points_earned", "101" }, { "steps[0].kind", "points" }, { "steps[1].amount_cents", "-240" },
	             { "payments[0].points", "300" }, { "payments[0].amount_cents", "0" }, { "payments[1].amount_cents", "1013" } } },
	{ "they are spent", "cashier1", POST, "/v1/points/look", LOOK, .check = { { "balance", "201" } } },
	{ "a line comes back, and its part of them", "manager", POST, ORDER "/${order}/refunds",
	  "{\"reason\":\"test\",\"lines\":[{\"line_no\":1,\"quantity\":1}]}", .status = 201,
	  .check = { { "refunded_cents", "190" }, { "points_taken", "19" }, { "tenders[1].points", "60" } } },
	{ "sixty", "cashier1", POST, "/v1/points/look", LOOK, .check = { { "balance", "242" } } },
	{ "the rest", "manager", POST, ORDER "/${order}/refunds", "{\"reason\":\"test\"}", .status = 201 },
	{ "all as it was", "cashier1", POST, "/v1/points/look", LOOK, .check = { { "balance", "400" } } },
	{ "points may take off all of it", "cashier1", POST, ORDER, ONE_LINE OFF("250") "]}", .status = 201,
	  .save = { { "order_id", "free" } }, .check = { { "state", "paid" }, { "total_cents", "0" } } },
	{ "for 250", "cashier1", POST, "/v1/points/look", LOOK, .check = { { "balance", "150" } } },
	{ "given back", "manager", POST, ORDER "/${free}/refunds", "{\"reason\":\"test\"}", .status = 201 },
	{ "as before", "cashier1", POST, "/v1/points/look", LOOK, .check = { { "balance", "400" } } },
	{ "more than it costs", "cashier1", POST, ORDER, ONE_LINE OFF("251") "]}", .status = 422, .error = "out-of-range",
	  .check = { { "field", "payments[0].amount_cents" } } },
	{ "more than there are", "cashier1", POST, ORDER, TWO_LINES OFF("401") "," CASH "]}", .status = 409,
	  .error = "insufficient-funds", .check = { { "field", "payments[0].amount_cents" } } },
	{ "discount and payment share one balance", "cashier1", POST, ORDER,
	  TWO_LINES OFF("300") ",{\"method\":\"points\",\"amount_cents\":101}," CASH "]}", .status = 409,
	  .error = "insufficient-funds" },
	{ "twice", "cashier1", POST, ORDER, TWO_LINES OFF("10") "," OFF("10") "," CASH "]}", .status = 422,
	  .error = "double-field", .check = { { "field", "payments[1].method" } } },
	{ "how much?", "cashier1", POST, ORDER, ONE_LINE "{\"method\":\"points-discount\",\"identity_code\":\"${identity1}\"}]}",
	  .status = 422, .error = "missing-field", .check = { { "field", "payments[0].amount_cents" } } },
	{ "whose?", "cashier1", POST, ORDER, ONE_LINE "{\"method\":\"points-discount\",\"amount_cents\":10}]}", .status = 422,
	  .error = "missing-field", .check = { { "field", "payments[0].identity_code" } } },
};
static const struct step held[] = {
	{ "an order that waits for its payment", "cashier1", POST, ORDER, TWO_LINES OFF("300") ",{\"method\":\"code\"}]}",
	  .status = 201, .save = { { "order_id", "order" }, { "payments[0].payment_id", "off" } },
	  .check = { { "state", "open" }, { "payments[0].state", "held" }, { "due_cents", "1013" } } },
	{ "holds them", "cashier1", POST, "/v1/points/look", LOOK, .check = { { "balance", "100" } } },
	{ "a price is not lowered later", "cashier1", POST, ORDER "/${order}/payments", OFF("10"), .status = 409,
	  .error = "conflict" },
	{ "nor is it raised again", "cashier1", POST, "/v1/payments/${off}/cancel", "{}", .status = 409, .error = "conflict" },
	{ "cancelled", "cashier1", POST, ORDER "/${order}/cancel", "{}" },
	{ "they are back", "cashier1", POST, "/v1/points/look", LOOK, .check = { { "balance", "400" } } },
	{ "again", "cashier1", POST, ORDER, TWO_LINES OFF("300") ",{\"method\":\"code\"}]}", .status = 201,
	  .save = { { "order_id", "order" } } },
	{ "and paid", "cashier1", POST, ORDER "/${order}/payments", CASH, .check = { { "state", "paid" }, { "points_earned", "101" } } },
};
static const struct step voucher[] = {
	{ "dearer than what is there", "c2", POST, "/v1/points/vouchers", "{\"promotion_id\":${mug}}", .status = 409,
	  .error = "insufficient-funds" },
	{ "not for points", "c1", POST, "/v1/points/vouchers", "{\"promotion_id\":${all}}", .status = 404, .error = "not-found" },
	{ "whose points?", "cashier1", POST, "/v1/points/vouchers", "{\"promotion_id\":${mug}}", .status = 422,
	  .error = "missing-field", .check = { { "field", "identity_code" } } },
	{ "on the phone", "c1", POST, "/v1/points/vouchers", "{\"promotion_id\":${mug}}", .save = { { "code", "coupon" } },
	  .check = { { "points", "150" }, { "balance", "51" }, { "name", "Mug" } } },
	{ "asked again it is the same one", "c1", POST, "/v1/points/vouchers", "{\"promotion_id\":${mug}}", .key = "=on the phone",
	  .check = { { "balance", "51" } } },
	{ "the wallet keeps it", "c1", GET, "/v1/coupons", .check = { { "coupons", "<1 items>" }, { "coupons[0].code", "${coupon}" } } },
	{ "it lowers a price once", "cashier1", POST, ORDER,
	  "{\"lines\":[{\"item_id\":${item2},\"quantity\":1}],\"codes\":[{\"code\":\"${coupon}\"}],\"payments\":[" CASH "]}",
	  .status = 201, .check = { { "discount_cents", "200" } } },
	{ "and not twice", "cashier1", POST, ORDER,
	  "{\"lines\":[{\"item_id\":${item2},\"quantity\":1}],\"codes\":[{\"code\":\"${coupon}\"}],\"payments\":[" CASH "]}",
	  .status = 409, .error = "coupon-refused" },
};
static const struct step gold[] = {
	{ "points make the level", OP, POST, "/v1/points/earn",
	  "{\"identity_code\":\"${identity1}\",\"points\":1000,\"reason\":\"test\"}",
	  .check = { { "level", "Gold" }, { "discount_value_cents", "2" }, { "earn_bp", "15000" }, { "vouchers[0].points", "100" },
	             { "vouchers", "<1 items>" } } },
	{ "a point takes off twice as much, rounded up, and half as many again are earned", "cashier1", POST, ORDER,
	  TWO_LINES OFF("301") "," CASH "]}", .status = 201,
	  .check = { { "payments[0].points", "151" }, { "total_cents", "1012" }, { "points_earned", "151" } } },
	{ "a voucher is cheaper", "cashier1", POST, "/v1/points/vouchers",
	  "{\"promotion_id\":${mug},\"identity_code\":\"${identity1}\"}", .check = { { "points", "100" } } },
	{ "the phone sees what its level is offered", "c1", GET, "/v1/points",
	  .check = { { "schemes[0].level", "Gold" }, { "schemes[0].vouchers[0].points", "100" },
	             { "schemes[0].discount_value_cents", "2" } } },
	{ "for members above only", OP, POST, "/v1/points/scheme",
	  "{" LEVELS ",\"offers\":[{\"kind\":\"voucher\",\"level\":1,\"points\":1,\"promotion_id\":${mug}}]}" },
	{ "a guest is not", "c2", POST, "/v1/points/vouchers", "{\"promotion_id\":${mug}}", .status = 403, .error = "forbidden" },
	{ "stopped", OP, POST, "/v1/promotions/${mug}/state", "{\"state\":\"stopped\"}" },
	{ "no more of them", "c1", POST, "/v1/points/vouchers", "{\"promotion_id\":${mug}}", .status = 409, .error = "conflict" },
	{ "nor are they offered", "c1", GET, "/v1/points", .check = { { "schemes[0].vouchers", "<0 items>" } } },
};

int main(void)
{
	struct test_server server;

	server_start(&server, "points_use", NULL);
	api_begin(&server);
	sale_shop();
	API_RUN(scheme);
	API_RUN(discount);
	sale_audit();
	API_RUN(held);
	API_RUN(voucher);
	API_RUN(gold);
	sale_audit();
	api_ok(server_stop(&server), "the server stops cleanly");
	return api_end();
}
