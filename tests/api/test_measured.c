/* Measured goods: sold by kg, g, l or m in thousandths; barcodes with a weight or price inside, by the store's patterns and
 * GS1; what is kept, given back and audited. */
#include "tests/lib/sale.h"

#define OP "operator:merchant"

static const struct step goods[] = {
	{ "cheese by kg", OP, POST, "/v1/items", "{\"sku\":\"CH\",\"name\":\"Cheese\",\"unit\":\"kg\",\"price_cents\":1290,"
	  "\"tax_id\":${tax},\"barcodes\":[{\"code\":\"210000100000\"},{\"code\":\"4006381333931\"}]}",
	  .save = { { "item_id", "cheese" } } },
	{ "saffron by g", OP, POST, "/v1/items", "{\"sku\":\"SF\",\"name\":\"Saffron\",\"unit\":\"g\",\"price_cents\":1100,"
	  "\"tax_id\":${tax}}", .save = { { "item_id", "saffron" } } },
	{ "packed meat", OP, POST, "/v1/items", "{\"sku\":\"MT\",\"name\":\"Meat\",\"price_cents\":0,\"tax_id\":${no_tax},"
	  "\"barcodes\":[{\"code\":\"202345600000\"}]}", .save = { { "item_id", "meat" } } },
	{ "ham by kg, priced on its pack", OP, POST, "/v1/items", "{\"sku\":\"HM\",\"name\":\"Ham\",\"unit\":\"kg\","
	  "\"price_cents\":1999,\"tax_id\":${no_tax},\"barcodes\":[{\"code\":\"207777700000\"}]}", .save = { { "item_id", "ham" } } },
};

static const struct step weights[] = {
	{ "0.752 kg at 12.90", "cashier1", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${cheese},\"quantity_milli\":752}],\"payments\":[{\"method\":\"cash\"}]}", .status = 201,
	  .save = { { "order_id", "sold" }, { "receipt.code", "receipt_url" } },
	  .check = { { "lines[0].quantity_milli", "752" }, { "lines[0].unit", "kg" }, { "lines[0].quantity_text", "0.752 kg" },
	             { "lines[0].quantity", "<none>" }, { "subtotal_cents", "970" }, { "tax_cents", "80" }, { "total_cents", "1050" } } },
	{ "half a cent goes up", "cashier1", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${cheese},\"quantity_milli\":5}],\"payments\":[{\"method\":\"cash\"}]}", .status = 201,
	  .check = { { "subtotal_cents", "6" } } },
	{ "2.5 g", "cashier1", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${saffron},\"quantity_milli\":2500}],\"payments\":[{\"method\":\"cash\"}]}", .status = 201,
	  .check = { { "subtotal_cents", "2750" } } },
	{ "pieces of it", "cashier1", POST, "/v1/orders", "{\"lines\":[{\"item_id\":${cheese},\"quantity\":1}]}", .status = 422,
	  .error = "bad-field", .check = { { "field", "lines[0].quantity" } } },
	{ "a weight of pieces", "cashier1", POST, "/v1/orders", "{\"lines\":[{\"item_id\":${item1},\"quantity_milli\":500}]}",
	  .status = 422, .error = "bad-field", .check = { { "field", "lines[0].quantity_milli" } } },
	{ "no weight", "cashier1", POST, "/v1/orders", "{\"lines\":[{\"item_id\":${cheese}}]}", .status = 422,
	  .error = "missing-field", .check = { { "field", "lines[0].quantity_milli" } } },
	{ "nor a number", "cashier1", POST, "/v1/orders", "{\"lines\":[{\"item_id\":${item1}}]}", .status = 422,
	  .error = "missing-field", .check = { { "field", "lines[0].quantity" } } },
	{ "a discount on a weight", "cashier1", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${cheese},\"quantity_milli\":752,\"discount\":{\"rate_bp\":1000,\"reason\":\"old\"}},"
	  "{\"item_id\":${item1},\"quantity\":2}],\"payments\":[{\"method\":\"cash\"}]}", .status = 201,
	  .check = { { "lines[0].discount_cents", "97" }, { "lines[1].quantity", "2" }, { "subtotal_cents", "1539" } } },
};

static const struct step labels[] = {
	{ "2.750 kg on the label", "cashier1", POST, "/v1/orders",
	  "{\"lines\":[{\"barcode\":\"2100001027506\"}],\"payments\":[{\"method\":\"cash\"}]}", .status = 201,
	  .check = { { "lines[0].item_id", "${cheese}" }, { "lines[0].quantity_milli", "2750" }, { "subtotal_cents", "3548" } } },
	{ "its check digit counts", "cashier1", POST, "/v1/orders", "{\"lines\":[{\"barcode\":\"2100001027505\"}]}", .status = 404,
	  .error = "not-found" },
	{ "GS1 says 1.5 kg", "cashier1", POST, "/v1/orders",
	  "{\"lines\":[{\"barcode\":\"]e001040063813339313103001500\"}],\"payments\":[{\"method\":\"cash\"}]}", .status = 201,
	  .check = { { "lines[0].quantity_milli", "1500" }, { "subtotal_cents", "1935" } } },
	{ "GS1 says 1.5 kg for 19.00", "cashier1", POST, "/v1/orders",
	  "{\"lines\":[{\"barcode\":\"(01)04006381333931(3103)001500(3922)1900\"}],\"payments\":[{\"method\":\"cash\"}]}", .status = 201,
	  .check = { { "lines[0].quantity_milli", "1500" }, { "subtotal_cents", "1900" }, { "steps[0].kind", "label" },
	             { "steps[0].amount_cents", "-35" }, { "lines[0].discount_cents", "<none>" } } },
	{ "4.56 on the pack", "cashier1", POST, "/v1/orders",
	  "{\"lines\":[{\"barcode\":\"2023456004567\"}],\"payments\":[{\"method\":\"cash\"}]}", .status = 201,
	  .save = { { "order_id", "pack" } },
	  .check = { { "lines[0].item_id", "${meat}" }, { "lines[0].quantity", "1" }, { "total_cents", "456" } } },
	{ "the price of ham says how much it is", "cashier1", POST, "/v1/orders",
	  "{\"lines\":[{\"barcode\":\"2077777010004\"}],\"payments\":[{\"method\":\"cash\"}]}", .status = 201,
	  .check = { { "lines[0].item_id", "${ham}" }, { "lines[0].quantity_milli", "500" }, { "total_cents", "1000" } } },
	{ "not twice of a label", "cashier1", POST, "/v1/orders", "{\"lines\":[{\"barcode\":\"2023456004567\",\"quantity\":2}]}",
	  .status = 422, .error = "bad-field" },
	{ "nor another price", "cashier1", POST, "/v1/orders",
	  "{\"lines\":[{\"barcode\":\"2023456004567\",\"price_cents\":1}]}", .status = 422, .error = "bad-field" },
	{ "look-up says what the label says", "cashier1", GET, "/v1/items/lookup?code=2100001027506",
	  .check = { { "item_id", "${cheese}" }, { "quantity_milli", "2750" } } },
	{ "another store's layout", OP, POST, "/v1/store-rules", "{\"store_id\":${store},\"barcode_patterns\":\"21WWWWWIIIIIC\"}",
	  .check = { { "barcode_patterns", "21WWWWWIIIIIC" } } },
	{ "is followed", "cashier1", POST, "/v1/orders", "{\"lines\":[{\"barcode\":\"2100001027506\"}]}", .status = 404,
	  .error = "not-found" },
	{ "a layout that is none", OP, POST, "/v1/store-rules", "{\"store_id\":${store},\"barcode_patterns\":\"21WWWWWIIIIIX\"}",
	  .status = 422, .error = "bad-field" },
};

static const struct step back[] = {
	{ "a part goes back", "manager", POST, "/v1/orders/${sold}/refunds",
	  "{\"reason\":\"mould\",\"lines\":[{\"line_no\":1,\"quantity_milli\":252}]}", .status = 201,
	  .check = { { "refunded_cents", "352" }, { "lines[0].quantity_milli", "252" }, { "lines[0].unit", "kg" } } },
	{ "by weight only", "manager", POST, "/v1/orders/${sold}/refunds",
	  "{\"reason\":\"mould\",\"lines\":[{\"line_no\":1,\"quantity\":1}]}", .status = 422, .error = "missing-field" },
	{ "not more than is left", "manager", POST, "/v1/orders/${sold}/refunds",
	  "{\"reason\":\"mould\",\"lines\":[{\"line_no\":1,\"quantity_milli\":501}]}", .status = 409, .error = "refund-too-large" },
	{ "a preview", "manager", GET, "/v1/orders/${sold}/refunds/preview?lines=1*500", .check = { { "refunded_cents", "698" } } },
	{ "the rest", "manager", POST, "/v1/orders/${sold}/refunds", "{\"reason\":\"mould\"}", .status = 201,
	  .check = { { "refunded_cents", "698" }, { "order.state", "refunded" } } },
	{ "the labelled pack", "manager", POST, "/v1/orders/${pack}/refunds", "{\"reason\":\"mould\"}", .status = 201,
	  .check = { { "refunded_cents", "456" } } },
};

int main(void)
{
	struct test_server server;

	server_start(&server, "server", NULL);
	api_begin(&server);
	sale_shop();
	API_RUN(goods);
	API_RUN(weights);
	API_RUN(labels);
	API_RUN(back);
	sale_audit();
	return api_end();
}
