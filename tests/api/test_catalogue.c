/* Catalogue: taxes, items with several barcodes, batches, search, a till's copy by version. */
#include "tests/lib/shop.h"

#include "shared/buf.h"

#include <stdio.h>
#include <string.h>

#define ITEM(sku, more) "{\"sku\":\"" sku "\",\"name\":\"Thing\",\"price_cents\":100,\"tax_id\":${tax}" more "}"

static const struct step items[] = {
	{ "an item", "manager", POST, "/v1/items",
	  "{\"sku\":\"TEA-1\",\"name\":\"Green Tea 100 g\",\"name_zh\":\"绿茶 100 克\",\"price_cents\":899,\"tax_id\":${tax},\"plu\":77,"
	  "\"unit\":\"pc\",\"barcodes\":[{\"code\":\"2000000000015\"},{\"code\":\"96385074\"}]}",
	  .status = 201, .save = { { "item_id", "tea" }, { "version", "tea_version" } } },
	{ "the same again", "manager", POST, "/v1/items",
	  "{\"sku\":\"TEA-1\",\"name\":\"Green Tea 100 g\",\"name_zh\":\"绿茶 100 克\",\"price_cents\":899,\"tax_id\":${tax},\"plu\":77,"
	  "\"unit\":\"pc\",\"barcodes\":[{\"code\":\"2000000000015\"},{\"code\":\"96385074\"}]}", .key = "=an item" },
	{ "by its first barcode", "till", GET, "/v1/items/lookup?code=2000000000015", .status = 200,
	  .check = { { "item_id", "${tea}" }, { "price_cents", "899" }, { "tax_bp", "825" }, { "barcodes",
	                                                                                       "<2 items>" } } },
	{ "by its second", "till", GET, "/v1/items/lookup?code=96385074", .status = 200,
	  .check = { { "item_id", "${tea}" } } },
	{ "by PLU", "till", GET, "/v1/items/lookup?code=77", .status = 200, .check = { { "item_id", "${tea}" } } },
	{ "by SKU", "till", GET, "/v1/items/lookup?code=TEA-1", .status = 200, .check = { { "item_id", "${tea}" } } },
	{ "its product code", "till", GET, "/v1/items/${tea}", .status = 200, .save = { { "code", "tea_code" } } },
	{ "is one of ours", "", POST, "/v1/codes/check", "{\"text\":\"${tea_code}\"}", .key = "none", .status = 200,
	  .check = { { "kind", "product" }, { "valid", "true" }, { "merchant_name_zh", "示例咖啡" } } },
	{ "a phone shows it: found", "till", GET, "/v1/items/lookup?code=${tea_code}", .status = 200,
	  .check = { { "item_id", "${tea}" } } },
	{ "and sold", "cashier", POST, "/v1/orders", "{\"lines\":[{\"barcode\":\"${tea_code}\",\"quantity\":1}]}",
	  .status = 201, .check = { { "lines[0].item_id", "${tea}" }, { "lines[0].price_cents", "899" } } },
	{ "not at another merchant", "other_cashier", POST, "/v1/orders",
	  "{\"lines\":[{\"barcode\":\"${tea_code}\",\"quantity\":1}]}", .status = 404, .error = "not-found",
	  .check = { { "field", "lines[0].barcode" } } },
	{ "another kind of code is no item", "till", GET, "/v1/items/lookup?code=${fixed_code}", .status = 404,
	  .error = "not-found" },
	{ "unknown", "till", GET, "/v1/items/lookup?code=2000000000022", .status = 404, .error = "not-found" },
	{ "another merchant does not find it", "other_till", GET, "/v1/items/lookup?code=2000000000015", .status = 404,
	  .error = "not-found" },
	{ "nor by its id", "other_owner", GET, "/v1/items/${tea}", .status = 404, .error = "not-found" },
	{ "nor changes it", "other_owner", POST, "/v1/items/${tea}", "{\"price_cents\":1}", .status = 404,
	  .error = "not-found" },
	{ "nor uses its tax", "other_owner", POST, "/v1/items", ITEM("Q", ""), .status = 404, .error = "not-found",
	  .check = { { "field", "tax_id" } } },
	{ "a cashier adds none", "cashier", POST, "/v1/items", ITEM("Q", ""), .status = 403, .error = "forbidden" },
	{ "the SKU is taken", "manager", POST, "/v1/items", ITEM("TEA-1", ""), .status = 409, .error = "exists",
	  .check = { { "field", "sku" } } },
	{ "the PLU is taken", "manager", POST, "/v1/items", ITEM("Q", ",\"plu\":77"), .status = 409, .error = "exists",
	  .check = { { "field", "plu" } } },
	{ "the barcode is taken", "manager", POST, "/v1/items",
	  ITEM("Q", ",\"barcodes\":[{\"code\":\"1\"},{\"code\":\"96385074\"}]"), .status = 409, .error = "exists",
	  .check = { { "field", "barcodes[1].code" } } },
	{ "a barcode twice", "manager", POST, "/v1/items", ITEM("Q", ",\"barcodes\":[{\"code\":\"1\"},{\"code\":\"1\"}]"),
	  .status = 409, .error = "exists", .check = { { "field", "barcodes[1].code" } } },
	{ "a negative price", "manager", POST, "/v1/items",
	  "{\"sku\":\"Q\",\"name\":\"X\",\"price_cents\":-1,\"tax_id\":${tax}}", .status = 422, .error = "out-of-range",
	  .check = { { "field", "price_cents" } } },
	{ "a price beyond counting", "manager", POST, "/v1/items",
	  "{\"sku\":\"Q\",\"name\":\"X\",\"price_cents\":1000000000000001,\"tax_id\":${tax}}", .status = 422,
	  .error = "out-of-range", .check = { { "field", "price_cents" } } },
	{ "an escape in a Chinese name", "manager", POST, "/v1/items", ITEM("Q", ",\"name_zh\":\"茶\\u009b\""),
	  .status = 422,
	  .error = "control-character", .check = { { "field", "name_zh" } } },
	{ "none of that was taken", "manager", GET, "/v1/items/lookup?code=Q", .status = 404, .error = "not-found" },
	{ "a new price", "manager", POST, "/v1/items/${tea}", "{\"price_cents\":949}", .status = 200,
	  .check = { { "price_cents", "949" }, { "name_zh", "绿茶 100 克" }, { "barcodes", "<2 items>" }, { "plu", "77" } } },
	{ "other barcodes", "manager", POST, "/v1/items/${tea}",
	  "{\"barcodes\":[{\"code\":\"96385074\"},{\"code\":\"5\"}]}",
	  .status = 200, .check = { { "barcodes[0]", "5" }, { "barcodes", "<2 items>" } } },
	{ "a barcode that went is free", "manager", POST, "/v1/items", ITEM("CUP",
	                                                                    ",\"barcodes\":[{\"code\":\"2000000000015\"}]"),
	  .status = 201, .save = { { "item_id", "cup" } } },
	{ "no barcodes, no PLU", "manager", POST, "/v1/items/${tea}", "{\"no_barcodes\":true,\"plu\":0}", .status = 200,
	  .check = { { "barcodes", "<0 items>" }, { "plu", "<none>" } } },
	{ "taxes", "till", GET, "/v1/taxes", .status = 200,
	  .check = { { "taxes[0].rate_bp", "825" }, { "taxes[0].name_zh", "销售税" } } },
	{ "a tax above all", "manager", POST, "/v1/taxes", "{\"name\":\"X\",\"rate_bp\":10001}", .status = 422,
	  .error = "out-of-range", .check = { { "field", "rate_bp" } } },
};

static const struct step search[] = {
	{ "by the beginning of a word", "till", GET, "/v1/items?q=gre", .status = 200,
	  .check = { { "items", "<1 items>" }, { "items[0].item_id", "${tea}" }, { "next", "<none>" } } },
	{ "case does not matter", "till", GET, "/v1/items?q=TEA", .status = 200,
	  .check = { { "items[0].item_id", "${tea}" } } },
	{ "by two words in any order", "till", GET, "/v1/items?q=te+gree", .status = 200,
	  .check = { { "items", "<1 items>" }, { "items[0].item_id", "${tea}" } } },
	{ "both must fit", "till", GET, "/v1/items?q=tea+milk", .status = 200, .check = { { "items", "<0 items>" } } },
	{ "not from the middle of an English word", "till", GET, "/v1/items?q=reen", .status = 200,
	  .check = { { "items", "<0 items>" } } },
	{ "by Chinese", "till", GET, "/v1/items?q=%E7%BB%BF%E8%8C%B6", .status = 200,
	  .check = { { "items[0].item_id", "${tea}" } } },
	{ "also from the middle", "till", GET, "/v1/items?q=%E8%8C%B6", .status = 200,
	  .check = { { "items", "<1 items>" }, { "items[0].item_id", "${tea}" } } },
	{ "by SKU", "till", GET, "/v1/items?q=tea-1", .status = 200, .check = { { "items", "<1 items>" } } },
	{ "by the beginning of a barcode", "till", GET, "/v1/items?q=40063813", .status = 200,
	  .check = { { "items", "<1 items>" }, { "items[0].item_id", "${item_milk}" } } },
	{ "nothing but signs", "till", GET, "/v1/items?q=%25%27%3B--", .status = 200,
	  .check = { { "items", "<0 items>" } } },
	{ "not sold any more", "manager", POST, "/v1/items/${tea}", "{\"active\":false}", .status = 200 },
	{ "is not found", "till", GET, "/v1/items?q=green", .status = 200, .check = { { "items", "<0 items>" } } },
	{ "but listed", "manager", GET, "/v1/items?after=3&limit=1", .status = 200,
	  .check = { { "items[0].item_id", "${tea}" }, { "items[0].active", "false" }, { "next", "${tea}" } } },
	{ "renamed", "manager", POST, "/v1/items/${tea}", "{\"name\":\"Oolong\",\"active\":true}", .status = 200 },
	{ "is found by the new name", "till", GET, "/v1/items?q=ool", .status = 200,
	  .check = { { "items[0].item_id", "${tea}" } } },
	{ "and not by the old", "till", GET, "/v1/items?q=green", .status = 200, .check = { { "items", "<0 items>" } } },
	{ "another merchant finds nothing", "other_till", GET, "/v1/items?q=ool", .status = 200,
	  .check = { { "items", "<0 items>" } } },
};

static const struct step sync[] = {
	{ "a till's first copy", "till", GET, "/v1/catalogue?limit=2", .status = 200,
	  .check = { { "items", "<2 items>" }, { "more", "true" }, { "taxes", "<1 items>" } }, .save = { { "version",
	                                                                                                   "v1" } } },
	{ "the rest", "till", GET, "/v1/catalogue?after_version=${v1}", .status = 200, .check = { { "more", "false" } },
	  .save = { { "version", "v2" } } },
	{ "nothing new", "till", GET, "/v1/catalogue?after_version=${v2}", .status = 200,
	  .check = { { "items", "<0 items>" }, { "more", "false" }, { "version", "${v2}" } } },
	{ "sold at the price it has", "cashier", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${item_milk},\"quantity\":1}]}",
	  .status = 201, .check = { { "lines[0].price_cents", "199" }, { "tax_cents", "16" }, { "total_cents", "215" } } },
	{ "a change", "manager", POST, "/v1/items/${item_milk}", "{\"price_cents\":209}", .status = 200 },
	{ "brings just that", "till", GET, "/v1/catalogue?after_version=${v2}", .status = 200,
	  .check = { { "items", "<1 items>" }, { "items[0].item_id", "${item_milk}" }, { "items[0].price_cents", "209" },
	             { "items[0].barcodes[0]", "4006381333931" } } },
	{ "sold at the new price from then on", "cashier", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${item_milk},\"quantity\":1}]}", .status = 201,
	  .check = { { "lines[0].price_cents", "209" }, { "total_cents", "226" } } },
	{ "a change that is refused", "manager", POST, "/v1/items/${item_milk}", "{\"price_cents\":1,\"sku\":\"BREAD\"}",
	  .status = 409, .error = "exists" },
	{ "changes no price", "cashier", POST, "/v1/orders", "{\"lines\":[{\"item_id\":${item_milk},\"quantity\":1}]}",
	  .status = 201, .check = { { "lines[0].price_cents", "209" } } },
	{ "another merchant cannot sell it", "other_cashier", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${item_milk},\"quantity\":1}]}", .status = 404, .error = "not-found",
	  .check = { { "field", "lines[0].item_id" } } },
	{ "prices with the tax in them", "owner", POST, "/v1/merchants/${merchant}", "{\"tax_inclusive\":true}",
	  .status = 200 },
	{ "count at once", "cashier", POST, "/v1/orders", "{\"lines\":[{\"item_id\":${item_milk},\"quantity\":1}]}",
	  .status = 201,
	  .check = { { "total_cents", "209" }, { "tax_cents", "16" } } },
};

/* `count` items with SKU and barcode from `first` on. */
static void add_items(struct buf *b, int first, int count, const char *last_sku)
{
	buf_adds(b, "{\"items\":[");
	for (int i = first; i < first + count; i++) {
		bool last = i == first + count - 1;
		buf_addf(b, "%s{\"sku\":\"", i == first ? "" : ",");
		if (last && last_sku != NULL)
			buf_adds(b, last_sku);
		else
			buf_addf(b, "S%06d", i);
		buf_addf(b, "\",\"name\":\"Product number %d\",\"name_zh\":\"商品%d号\",\"price_cents\":%d,\"tax_id\":${tax},"
		         "\"barcodes\":[{\"code\":\"29%011d\"}]}", i, i, 100 + i % 900, i);
	}
	buf_adds(b, "]}");
}

static void batches(void)
{
	struct buf b = { 0 };

	for (int i = 0; i < 10; i++) {
		buf_reset(&b);
		add_items(&b, i * 500, 500, NULL);
		struct step s = { "500 items", "manager", POST, "/v1/items/batch", b.data, .status = 201,
		                  .check = { { "count", "500" } }, .save = { { "first_id", "first" } } };
		api_run(&s, 1);
	}
	struct step again = { "the last 500 again", "manager", POST, "/v1/items/batch", b.data, .key = "=500 items" };
	api_run(&again, 1);
	buf_reset(&b);
	add_items(&b, 5000, 501, NULL);
	struct step many = { "501 items", "manager", POST, "/v1/items/batch", b.data, .status = 422, .error = "too-long",
	                     .check = { { "field", "items" } } };
	api_run(&many, 1);
	buf_reset(&b);
	add_items(&b, 5000, 500, "S000007");
	struct step taken = { "a SKU in it is taken", "manager", POST, "/v1/items/batch", b.data, .status = 409,
	                      .error = "exists", .check = { { "field", "items[499].sku" } } };
	api_run(&taken, 1);
	buf_reset(&b);
	add_items(&b, 5000, 500, "S005003");
	struct step twice = { "a SKU is in it twice", "manager", POST, "/v1/items/batch", b.data, .status = 409,
	                      .error = "exists", .check = { { "field", "items[499].sku" } } };
	api_run(&twice, 1);
	buf_free(&b);
}

static const struct step many[] = {
	{ "all or none: nothing of the refused batches is there", "till", GET, "/v1/items/lookup?code=S005000",
	  .status = 404,
	  .error = "not-found" },
	{ "one in five thousand", "till", GET, "/v1/items/lookup?code=2900000004711", .status = 200,
	  .check = { { "sku", "S004711" }, { "price_cents", "311" } } },
	{ "a word that all have", "till", GET, "/v1/items?q=p&limit=20", .status = 200,
	  .check = { { "items", "<20 items>" } } },
	{ "narrowed by another", "till", GET, "/v1/items?q=product+4711", .status = 200,
	  .check = { { "items", "<1 items>" }, { "items[0].sku", "S004711" } } },
	{ "narrowed in Chinese", "till", GET, "/v1/items?q=%E5%95%86%E5%93%81+4711", .status = 200,
	  .check = { { "items", "<1 items>" }, { "items[0].sku", "S004711" } } },
	{ "a whole page of the copy", "till", GET, "/v1/catalogue?limit=1000", .status = 200,
	  .check = { { "items", "<1000 items>" }, { "more", "true" } } },
	{ "no page is longer", "till", GET, "/v1/catalogue?limit=1001", .status = 422, .error = "out-of-range" },
	{ "the audit is clean", "operator", POST, "/v1/audit", "{}", .key = "none", .status = 200,
	  .check = { { "clean", "true" } } },
};

int main(void)
{
	struct test_server server;

	server_start(&server, "server", NULL);
	api_begin(&server);
	shop_make("");
	shop_make("other_");
	API_RUN(items);
	API_RUN(search);
	API_RUN(sync);
	batches();
	API_RUN(many);
	return api_end();
}
