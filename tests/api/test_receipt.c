/* Receipts (R14): by their code alone, taxes per rate, after refunds, numbers without gaps, in both languages. */
#include "tests/lib/sale.h"

static const struct step selling[] = {
	{ "sold", "cashier1", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${item1},\"quantity\":3},{\"item_id\":${item3},\"quantity\":2},{\"item_id\":${item2},\"quantity\":1}],"
	  "\"customer\":\"${identity4}\",\"payments\":[{\"method\":\"cash\",\"received_cents\":3000}]}", .status = 201,
	  .save = { { "receipt.code", "url" }, { "order_id", "order" } } },
	{ "refused, so without a number", "cashier1", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${item1},\"quantity\":3}],\"payments\":[{\"method\":\"card\",\"code\":\"${card3}\"}]}", .status = 409,
	  .error = "insufficient-funds" },
	{ "left open, so without a number", "cashier1", POST, "/v1/orders", "{\"lines\":[{\"item_id\":${item1},\"quantity\":3}]}", .status = 201,
	  .check = { { "receipt", "<none>" } } },
	{ "the next number", "cashier1", POST, "/v1/orders", "{\"lines\":[{\"item_id\":${item3},\"quantity\":1}],\"payments\":[{\"method\":\"cash\"}]}",
	  .status = 201, .check = { { "receipt.number", "2" } }, .save = { { "receipt.code", "second" } } },
};
static const struct step reading[] = {
	{ "anybody who has the code", "", GET, "/v1/receipts/${token}",
	  .check = { { "verified", "true" }, { "number", "1" }, { "order_id", "${order}" }, { "merchant.name_zh", "街角商店" },
	             { "store.name", "Main Street" }, { "total_cents", "2664" }, { "change_cents", "336" }, { "lines", "<3 items>" },
	             { "payments[0].received_cents", "3000" }, { "points_earned", "266" }, { "refunds", "<0 items>" }, { "code", "${url}" } } },
	{ "taxes per rate", "", GET, "/v1/receipts/${token}",
	  .check = { { "taxes", "<2 items>" }, { "taxes[0].name", "Sales tax" }, { "taxes[0].name_zh", "销售税" }, { "taxes[0].rate_bp", "825" },
	             { "taxes[0].base_cents", "1999" }, { "taxes[0].tax_cents", "165" }, { "taxes[1].rate_bp", "0" },
	             { "taxes[1].base_cents", "500" }, { "taxes[1].tax_cents", "0" } } },
	{ "a customer too", "c1", GET, "/v1/receipts/${token}", .check = { { "number", "1" } } },
	{ "not by another code", "", GET, "/v1/receipts/${card_token}", .status = 422, .error = "wrong-kind" },
	{ "not by a word", "", GET, "/v1/receipts/HELLO", .status = 422, .error = "bad-code" },
	{ "by landing", "", GET, "/v1/landing/${token}", .check = { { "number", "1" }, { "merchant_name", "Corner Shop" } } },
	{ "the name changes", "operator:merchant", POST, "/v1/items/${item1}", "{\"name\":\"Pear\",\"price_cents\":999}" },
	{ "the receipt does not", "", GET, "/v1/receipts/${token}", .check = { { "lines[0].name", "Apple" }, { "lines[0].price_cents", "333" } } },
	{ "new sales do", "cashier1", POST, "/v1/orders", "{\"lines\":[{\"item_id\":${item1},\"quantity\":1}],\"payments\":[{\"method\":\"cash\"}]}",
	  .status = 201, .check = { { "lines[0].name", "Pear" }, { "receipt.number", "3" } } },
	{ "one goes back", "cashier1", POST, "/v1/orders/${order}/refunds", "{\"lines\":[{\"line_no\":1,\"quantity\":1}],\"reason\":\"rotten\"}",
	  .status = 201 },
	{ "the receipt says so", "", GET, "/v1/receipts/${token}",
	  .check = { { "state", "part-refunded" }, { "refunds", "<1 items>" }, { "refunds[0].refunded_cents", "360" },
	             { "refunds[0].reason", "rotten" }, { "total_cents", "2664" } } },
	{ "the till's last number", "till1", GET, "/v1/terminals/me", .check = { { "last_receipt_number", "3" } } },
};

/* Every bit of a receipt's code matters. */
static void forged(void)
{
	static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	static const struct step look[] = {
		{ "forged", "", GET, "/v1/receipts/${forged}", .status = 422, .error = "bad-code" },
	};
	const char *token = api_var("token");
	int refused = 0, tried = 0;

	for (int i = 0; token[i]; i++) {
		api_set("forged", "%.*s%c%s", i, token, digits[(i * 7 + 3) % 32] == token[i] ? 'Z' : digits[(i * 7 + 3) % 32], token + i + 1);
		tried++;
		refused += api_send(look)->status == 422;
	}
	api_ok(refused == tried, "all %d forged codes are refused (%d)", tried, refused);
}

int main(void)
{
	struct test_server server;

	server_start(&server, "receipt", NULL);
	api_begin(&server);
	sale_shop();
	API_RUN(selling);
	sale_token("url", "token");
	sale_token("card1", "card_token");
	API_RUN(reading);
	forged();
	sale_audit();
	api_ok(server_stop(&server), "the server stops cleanly");
	return api_end();
}
