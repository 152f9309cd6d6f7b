/* Imports of the catalogue: rows are checked when they are staged, nothing is seen before they are applied, and then all
 * of it, also when a client or the server breaks off. */
#include "tests/lib/shop.h"

#include "shared/buf.h"

#include <stdio.h>

#define ROW(sku, more) "{\"sku\":\"" sku "\",\"name\":\"Thing\",\"price_cents\":100,\"tax_id\":${tax}" more "}"
#define ROWS(first, rows) "{\"first\":" #first ",\"rows\":[" rows "]}"
#define STAGE "/v1/item-imports/${import}/rows"

static const struct step staging[] = {
	{ "an import", "manager", POST, "/v1/item-imports", "{}", .status = 201, .save = { { "import_id", "import" } },
	  .check = { { "state", "staging" }, { "row_count", "0" } } },
	{ "not for a cashier", "cashier", POST, "/v1/item-imports", "{}", .status = 403, .error = "forbidden" },
	{ "two rows", "manager", POST, STAGE, ROWS(1, ROW("I1", ",\"barcodes\":[{\"code\":\"2000000000039\"}],\"plu\":501") ","
	                                              ROW("I2", "")), .check = { { "row_count", "2" }, { "new_count", "2" } } },
	{ "sent again: the same answer", "manager", POST, STAGE,
	  ROWS(1, ROW("I1", ",\"barcodes\":[{\"code\":\"2000000000039\"}],\"plu\":501") "," ROW("I2", "")), .key = "=two rows" },
	{ "the same rows as a new request are out of order", "manager", POST, STAGE, ROWS(1, ROW("I3", "")), .status = 409,
	  .error = "conflict", .check = { { "field", "first" } } },
	{ "a gap", "manager", POST, STAGE, ROWS(4, ROW("I3", "")), .status = 409, .error = "conflict" },
	{ "a SKU of an earlier row", "manager", POST, STAGE, ROWS(3, ROW("I3", "") "," ROW("I1", "")), .status = 409,
	  .error = "exists", .check = { { "field", "rows[1].sku" }, { "detail", "row 1 has it already" } } },
	{ "a SKU twice in one request", "manager", POST, STAGE, ROWS(3, ROW("I3", "") "," ROW("I3", "")), .status = 409,
	  .error = "exists", .check = { { "field", "rows[1].sku" }, { "detail", "row 3 has it already" } } },
	{ "a PLU of an earlier row", "manager", POST, STAGE, ROWS(3, ROW("I3", ",\"plu\":501")), .status = 409,
	  .error = "exists", .check = { { "field", "rows[0].plu" } } },
	{ "a PLU of an item", "manager", POST, STAGE, ROWS(3, ROW("I3", ",\"plu\":12")), .status = 409, .error = "exists",
	  .check = { { "field", "rows[0].plu" }, { "detail", "another item has it already" } } },
	{ "a barcode of an earlier row", "manager", POST, STAGE,
	  ROWS(3, ROW("I3", ",\"barcodes\":[{\"code\":\"1\"},{\"code\":\"2000000000039\"}]")), .status = 409, .error = "exists",
	  .check = { { "field", "rows[0].barcodes[1].code" } } },
	{ "a barcode twice in a row", "manager", POST, STAGE,
	  ROWS(3, ROW("I3", ",\"barcodes\":[{\"code\":\"1\"},{\"code\":\"1\"}]")), .status = 409, .error = "exists" },
	{ "a barcode of an item", "manager", POST, STAGE, ROWS(3, ROW("I3", ",\"barcodes\":[{\"code\":\"4006381333931\"}]")),
	  .status = 409, .error = "exists", .check = { { "field", "rows[0].barcodes[0].code" } } },
	{ "a new item without a price", "manager", POST, STAGE,
	  ROWS(3, "{\"sku\":\"I3\",\"name\":\"X\",\"tax_id\":${tax}}"), .status = 422, .error = "missing-field",
	  .check = { { "field", "rows[0].price_cents" } } },
	{ "a new item without a name", "manager", POST, STAGE, ROWS(3, "{\"sku\":\"I3\",\"price_cents\":1,\"tax_id\":${tax}}"),
	  .status = 422, .error = "missing-field", .check = { { "field", "rows[0].name" } } },
	{ "another merchant's tax", "manager", POST, STAGE,
	  ROWS(3, "{\"sku\":\"I3\",\"name\":\"X\",\"price_cents\":1,\"tax_id\":${other_tax}}"), .status = 404,
	  .error = "not-found", .check = { { "field", "rows[0].tax_id" } } },
	{ "a name too long is named", "manager", POST, STAGE, ROWS(3, ROW("I3", "") ",{\"sku\":\"I4\",\"name\":\"\"}"),
	  .status = 422, .check = { { "field", "rows[1].name" } } },
	{ "nothing of the refused is staged", "manager", GET, "/v1/item-imports/${import}", .status = 200,
	  .check = { { "row_count", "2" }, { "new_count", "2" } } },
	{ "another merchant does not see it", "other_owner", GET, "/v1/item-imports/${import}", .status = 404,
	  .error = "not-found" },
	{ "nor applies it", "other_owner", POST, "/v1/item-imports/${import}/apply", "{}", .status = 404,
	  .error = "not-found" },
	{ "a change of an item, only what is given", "manager", POST, STAGE,
	  ROWS(3, "{\"sku\":\"MILK\",\"price_cents\":205}"), .check = { { "change_count", "1" } } },
	{ "what is staged is not there", "till", GET, "/v1/items/lookup?code=I1", .status = 404, .error = "not-found" },
};

static const struct step applying[] = {
	{ "applied", "manager", POST, "/v1/item-imports/${import}/apply", "{}", .status = 200,
	  .check = { { "state", "done" } } },
	{ "applied again: done", "manager", POST, "/v1/item-imports/${import}/apply", "{}", .status = 200,
	  .check = { { "state", "done" } } },
	{ "no more rows", "manager", POST, STAGE, ROWS(4, ROW("I9", "")), .status = 409, .error = "conflict" },
	{ "not dropped", "manager", POST, "/v1/item-imports/${import}/discard", "{}", .status = 409, .error = "conflict" },
	{ "by its barcode", "till", GET, "/v1/items/lookup?code=2000000000039", .status = 200,
	  .check = { { "sku", "I1" }, { "plu", "501" } } },
	{ "found by a word", "till", GET, "/v1/items?q=thing", .status = 200, .check = { { "items", "<2 items>" } } },
	{ "the other price", "till", GET, "/v1/items/${item_milk}", .status = 200,
	  .check = { { "price_cents", "205" }, { "barcodes[0]", "4006381333931" }, { "plu", "12" } } },
	{ "sold at it", "cashier", POST, "/v1/orders", "{\"lines\":[{\"item_id\":${item_milk},\"quantity\":1}]}",
	  .status = 201, .check = { { "lines[0].price_cents", "205" } } },
	{ "a second import", "manager", POST, "/v1/item-imports", "{}", .status = 201, .save = { { "import_id", "import" } } },
	{ "with a row", "manager", POST, STAGE, ROWS(1, ROW("I5", "")) },
	{ "the catalogue changes meanwhile", "manager", POST, "/v1/items/${item_milk}", "{\"price_cents\":199}" },
	{ "it is not applied", "manager", POST, "/v1/item-imports/${import}/apply", "{}", .status = 409, .error = "conflict" },
	{ "dropped", "manager", POST, "/v1/item-imports/${import}/discard", "{}", .check = { { "state", "discarded" } } },
	{ "not applied any more", "manager", POST, "/v1/item-imports/${import}/apply", "{}", .status = 409,
	  .error = "conflict" },
	{ "its row never came", "till", GET, "/v1/items/lookup?code=I5", .status = 404, .error = "not-found" },
};

static void stage_many(const char *prefix, int count, const char *more)
{
	struct buf b = { 0 };

	for (int i = 0; i < count; i += 500) {
		buf_reset(&b);
		buf_addf(&b, "{\"first\":%d,\"rows\":[", i + 1);
		for (int k = i; k < i + 500; k++)
			buf_addf(&b, "%s{\"sku\":\"%s%06d\",\"name\":\"Wombat %d\",\"tax_id\":${tax}%s}", k > i ? "," : "", prefix, k, k, more);
		buf_adds(&b, "]}");
		struct step s = { "500 rows", "manager", POST, STAGE, b.data, .status = 200 };
		api_run(&s, 1);
	}
	buf_free(&b);
}

static const struct step begin[] = {
	{ "an import", "manager", POST, "/v1/item-imports", "{}", .status = 201, .save = { { "import_id", "import" } } },
	{ "the till's copy", "till", GET, "/v1/catalogue?after_version=0", .status = 200, .save = { { "version", "before" } } },
};
static const struct step part[] = {
	{ "a part is applied", "manager", POST, "/v1/item-imports/${import}/apply", "{}", .status = 200,
	  .check = { { "state", "adding" }, { "done_count", "300" } } },
	{ "nobody finds it by word", "till", GET, "/v1/items?q=wombat", .status = 200, .check = { { "items", "<0 items>" } } },
	{ "nor by SKU", "till", GET, "/v1/items/lookup?code=W000001", .status = 404, .error = "not-found" },
	{ "nor gets a copy", "till", GET, "/v1/catalogue?after_version=${before}", .status = 200,
	  .check = { { "items", "<0 items>" }, { "more", "false" } } },
	{ "nor sells it", "cashier", POST, "/v1/orders", "{\"lines\":[{\"barcode\":\"W000001\",\"quantity\":1}]}", .status = 404,
	  .error = "not-found" },
	{ "the rest sells", "cashier", POST, "/v1/orders", "{\"lines\":[{\"item_id\":${item_milk},\"quantity\":1}]}",
	  .status = 201 },
	{ "nobody else changes the catalogue", "manager", POST, "/v1/items/${item_milk}", "{\"price_cents\":1}",
	  .status = 409, .error = "conflict" },
	{ "nor imports", "manager", POST, "/v1/item-imports", "{}", .status = 201, .save = { { "import_id", "second" } } },
	{ "a second at once", "manager", POST, "/v1/item-imports/${second}/apply", "{}", .status = 409, .error = "conflict" },
	{ "it cannot be dropped", "manager", POST, "/v1/item-imports/${import}/discard", "{}", .status = 409,
	  .error = "conflict" },
};
/* Nobody asks any more: the server goes on by itself. */
static const struct step finished[] = {
	{ "it is finished", "manager", GET, "/v1/item-imports/${import}", .status = 200, .check = { { "done_count", "1000" } },
	  .within_ms = 30000 },
	{ "all of it", "till", GET, "/v1/items?q=wombat&limit=500", .status = 200, .check = { { "items", "<500 items>" } } },
	{ "the last", "till", GET, "/v1/items/lookup?code=W000999", .status = 200, .check = { { "name", "Wombat 999" } } },
	{ "the till's copy gets it", "till", GET, "/v1/catalogue?after_version=${before}", .status = 200,
	  .check = { { "items", "<1000 items>" } } },
	{ "the catalogue is free again", "manager", POST, "/v1/items/${item_milk}", "{\"price_cents\":198}" },
};
static const struct step changed[] = {
	{ "applied, first step", "manager", POST, "/v1/item-imports/${import}/apply", "{}", .status = 200,
	  .check = { { "state", "adding" } } },
	{ "the server goes on", "till", GET, "/v1/items/lookup?code=W000999", .status = 200,
	  .check = { { "price_cents", "777" }, { "name", "Wombat 999" } }, .within_ms = 30000 },
};

int main(void)
{
	static struct test_server server;

	server_start(&server, "server", NULL);
	api_begin(&server);
	shop_make("");
	shop_make("other_");
	API_RUN(staging);
	API_RUN(applying);
	API_RUN(begin);
	stage_many("W", 1000, ",\"price_cents\":5");
	API_RUN(part);
	server_kill(&server);
	server_again(&server);
	api_begin(&server);
	API_RUN(finished);
	API_RUN(begin);
	stage_many("W", 1000, ",\"price_cents\":777");
	API_RUN(changed);
	api_ok(server_stop(&server), "the server stops by itself");
	return api_end();
}
