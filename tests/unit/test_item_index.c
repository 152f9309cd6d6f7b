/* test_item_index: searching the catalogue copy: words in either case, in any order, in names of both languages and SKUs; by
 * name; changes of the copy are seen. */
#include "pos/till_items.h"
#include "shared/jread.h"
#include "tests/lib/tmp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static struct tdb *file;

static void apply(const char *page)
{
	struct json_t *j = jparse(page, strlen(page));
	bool more;

	assert_non_null(j);
	assert_int_equal(till_items_apply(file, j, &more), QT_OK);
	jfree(j);
}

/* The ids that are found, one after the other. */
static void finds(const char *text, const char *expected)
{
	struct till_item found[3];
	char ids[40] = "";
	int count = till_item_search(file, text, found, 3);

	for (int i = 0; i < count; i++)
		snprintf(ids + strlen(ids), sizeof ids - strlen(ids), "%lld ", (long long)found[i].id);
	assert_string_equal(ids, expected);
}

static void test_search(void **state)
{
	(void)state;
	apply("{\"taxes\":[],\"items\":["
	      "{\"item_id\":1,\"version\":1,\"sku\":\"AB-9\",\"name\":\"Green tea\",\"name_zh\":\"绿茶\",\"price_cents\":1,\"tax_id\":1},"
	      "{\"item_id\":2,\"version\":2,\"sku\":\"CD-9\",\"name\":\"Black Tea, large\",\"price_cents\":1,\"tax_id\":1},"
	      "{\"item_id\":3,\"version\":3,\"sku\":\"100%_x\",\"name\":\"Coffee\",\"price_cents\":1,\"tax_id\":1}],\"version\":3}");
	finds("", "2 3 1 ");
	finds("tea", "2 1 ");
	finds("  TEA  ", "2 1 ");
	finds("large bLACK", "2 ");
	finds("tea tea-", "");
	finds("绿茶", "1 ");
	finds("-9", "2 1 ");
	finds("green ab", "1 ");
	finds("a c o", "");
	finds("100%", "3 ");
	finds("100_", "");
	finds("teacoffee", "");
	finds("zzz", "");
	apply("{\"taxes\":[],\"items\":["
	      "{\"item_id\":1,\"version\":4,\"sku\":\"AB-9\",\"name\":\"Zebra tea\",\"price_cents\":1,\"tax_id\":1},"
	      "{\"item_id\":2,\"version\":5,\"sku\":\"CD-9\",\"name\":\"Black Tea, large\",\"price_cents\":1,\"tax_id\":1,\"active\":false},"
	      "{\"item_id\":4,\"version\":6,\"sku\":\"T\",\"name\":\"Tea\",\"price_cents\":1,\"tax_id\":1}],\"version\":6}");
	finds("tea", "4 1 ");
	finds("green", "");
	finds("zebra", "1 ");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_search) };
	struct problem p = { 0 };
	char folder[300];

	snprintf(folder, sizeof folder, "%s/till", test_folder());
	if (tdb_open(folder, &file, &p) != QT_OK)
		fatal("%s", p.detail);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	tdb_close(file);
	return failed;
}
