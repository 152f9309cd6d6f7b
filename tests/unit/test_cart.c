/* Cart: quantities, totals, and what cashiers type. */
#include "pos/till_option.h"
#include "pos/cart.h"
#include "shared/jread.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct till_item coffee = { .id = 7, .price_cents = 350, .rate_bp = 825, .active = true, .name = "Coffee" };
static const struct till_item tea = { .id = 8, .price_cents = 299, .rate_bp = 825, .active = true, .name = "Tea" };

static struct cart *empty_cart(bool inclusive)
{
	static struct cart c;
	memset(&c, 0, sizeof c);
	c.inclusive = inclusive;
	return &c;
}

static void test_totals_follow_the_one_rounding_rule(void **state)
{
	struct cart *c = empty_cart(false);
	int line = -1;
	(void)state;
	assert_int_equal(cart_add(c, &coffee, 3, &line), QT_OK);
	assert_int_equal(line, 0);
	assert_int_equal(cart_add(c, &tea, 1, &line), QT_OK);
	assert_int_equal(c->lines[0].tax_cents, 87);  /* 1050 * 8.25 % = 86.625 */
	assert_int_equal(c->lines[1].tax_cents, 25);  /* 24.6675 */
	assert_int_equal(c->tax_cents, 112);
	assert_int_equal(c->total_cents, 1050 + 299 + 112);
	c = empty_cart(true);
	assert_int_equal(cart_add(c, &coffee, 3, NULL), QT_OK);
	assert_int_equal(c->total_cents, 1050);
	assert_int_equal(c->tax_cents, 80);           /* 1050 * 825 / 10825 = 80.02 */
}

static void test_same_item_is_one_line(void **state)
{
	struct cart *c = empty_cart(true);
	struct till_item dear = coffee;
	int line = -1;
	(void)state;
	dear.price_cents = 400;
	dear.open_price = true;
	assert_int_equal(cart_add(c, &coffee, 1, NULL), QT_OK);
	assert_int_equal(cart_add(c, &tea, 1, NULL), QT_OK);
	assert_int_equal(cart_add(c, &coffee, 2, &line), QT_OK);
	assert_int_equal(line, 0);
	assert_int_equal(c->count, 2);
	assert_int_equal(c->lines[0].quantity, 3);
	assert_int_equal(cart_add(c, &dear, 1, &line), QT_OK); /* another price is another line */
	assert_int_equal(line, 2);
	assert_int_equal(cart_pieces(c), 5);
	assert_int_equal(cart_change(c, 1, -1), QT_OK);
	assert_int_equal(c->count, 2);
	assert_int_equal(c->total_cents, 3 * 350 + 400);
	cart_void(c, 0);
	assert_int_equal(c->total_cents, 400);
	struct buf out = { 0 };
	struct json j;
	json_start(&j, &out);
	json_object(&j, NULL);
	cart_json(c, &j);
	json_end(&j);
	assert_string_equal(out.data, "{\"lines\":[{\"item_id\":7,\"quantity\":1,\"price_cents\":400}],"
	                    "\"promotions\":\"none\"}"); /* nobody was asked what they take off */
	buf_free(&out);
}

static void test_limits_change_nothing(void **state)
{
	struct cart *c = empty_cart(true);
	struct till_item gold = { .id = 9, .price_cents = 900000000000000, .active = true, .name = "Gold" };
	(void)state;
	assert_int_equal(cart_add(c, &coffee, 0, NULL), QT_OUT_OF_RANGE);
	assert_int_equal(cart_add(c, &coffee, CART_QUANTITY_MOST + 1, NULL), QT_OUT_OF_RANGE);
	assert_int_equal(cart_add(c, &gold, 2, NULL), QT_OVERFLOW);
	assert_int_equal(c->count, 0);
	assert_int_equal(cart_add(c, &gold, 1, NULL), QT_OK);
	assert_int_equal(cart_change(c, 0, 1), QT_OVERFLOW);
	assert_int_equal(c->lines[0].quantity, 1);
	assert_int_equal(c->total_cents, gold.price_cents);
	c = empty_cart(true);
	for (int i = 0; i < CART_LINES_MOST; i++) {
		struct till_item it = coffee;
		it.id = 100 + i;
		assert_int_equal(cart_add(c, &it, 1, NULL), QT_OK);
	}
	assert_int_equal(cart_add(c, &tea, 1, NULL), QT_TOO_LONG);
	assert_int_equal(c->count, CART_LINES_MOST);
	assert_int_equal(cart_add(c, &(struct till_item){ .id = 100, .price_cents = 350 }, 1, NULL), QT_OK);
}

static void test_measured_goods(void **state)
{
	struct cart *c = empty_cart(true);
	struct till_item cheese = { .id = 11, .price_cents = 1290, .active = true, .name = "Cheese", .unit = "kg" }, pack = coffee;
	int line = -1;
	(void)state;
	assert_int_equal(cart_add(c, &cheese, 752, NULL), QT_OK);
	assert_int_equal(c->total_cents, 970);                  /* 970.08 */
	assert_int_equal(cart_add(c, &cheese, 500, &line), QT_OK);
	assert_int_equal(line, 1);                              /* each weighing is a line */
	assert_int_equal(cart_change(c, 0, 1), QT_CONFLICT);
	assert_int_equal(cart_pieces(c), 2);
	assert_int_equal(cart_add(c, &cheese, CART_QUANTITY_MOST * 1000 + 1, NULL), QT_OUT_OF_RANGE);
	strcpy(pack.label, "2023456004567");
	pack.label_cents = 456;
	assert_int_equal(cart_add(c, &pack, 1, NULL), QT_OK);
	assert_int_equal(c->total_cents, 970 + 645 + 456);
	assert_int_equal(c->lines[2].price.label_step_cents, 106);
	struct buf out = { 0 };
	struct json j;
	json_start(&j, &out);
	json_object(&j, NULL);
	cart_json(c, &j);
	json_end(&j);
	assert_non_null(strstr(out.data, "[{\"item_id\":11,\"quantity_milli\":752},{\"item_id\":11,\"quantity_milli\":500},"
	                       "{\"barcode\":\"2023456004567\"}]"));
	buf_free(&out);
}

static void test_options(void **state)
{
	static const char asks[] =
		"[{\"group_id\":1,\"name\":\"Size\",\"min_choices\":1,\"max_choices\":1,\"choices\":["
		"{\"choice_id\":1,\"name\":\"S\",\"price_cents\":-50},{\"choice_id\":2,\"name\":\"M\",\"price_cents\":0,\"preset\":true},"
		"{\"choice_id\":3,\"name\":\"L\",\"price_cents\":60}]},"
		"{\"group_id\":2,\"name\":\"Extra\",\"min_choices\":0,\"max_choices\":2,\"choices\":["
		"{\"choice_id\":4,\"name\":\"a\",\"price_cents\":40},{\"choice_id\":5,\"name\":\"b\",\"price_cents\":0},"
		"{\"choice_id\":6,\"name\":\"c\",\"price_cents\":1}]}]";
	static struct option_sheet sheet;
	struct till_item it = coffee;
	struct cart *c = empty_cart(false);
	struct json_t *options = jparse(asks, strlen(asks));

	(void)state;
	option_sheet_read(&sheet, options);
	jfree(options);
	assert_int_equal(sheet.group_count, 2);
	assert_int_equal(option_sheet_missing(&sheet), -1);
	assert_false(option_sheet_turn(&sheet, 1)); /* one size must stay */
	assert_true(option_sheet_turn(&sheet, 2));  /* another takes its place */
	assert_false(sheet.choices[1].taken);
	assert_true(option_sheet_turn(&sheet, 3) && option_sheet_turn(&sheet, 4));
	assert_false(option_sheet_turn(&sheet, 5)); /* two at most */
	assert_int_equal(option_sheet_cents(&sheet), 100);
	assert_true(option_sheet_take(&sheet, &it));
	assert_int_equal(it.option_count, 3);
	assert_int_equal(cart_add(c, &coffee, 1, NULL), QT_OK);
	assert_int_equal(cart_add(c, &it, 2, NULL), QT_OK);
	assert_int_equal(c->count, 2); /* other options, another line */
	assert_int_equal(cart_add(c, &it, 1, NULL), QT_OK);
	assert_int_equal(c->count, 2);
	assert_int_equal(c->lines[1].price.base_cents, 3 * 350);
	assert_int_equal(c->lines[1].price.option_step_cents, 3 * 100);
	assert_int_equal(c->lines[1].price.amount_cents, 3 * 450);
	sheet.choices[2].taken = false;
	assert_int_equal(option_sheet_missing(&sheet), 0);
}

static void test_entry_line(void **state)
{
	static const struct { const char *typed; enum qt_err err; int64_t quantity; const char *code; } cases[] = {
		{ "4006381333931", QT_OK, 0, "4006381333931" }, { "3*", QT_OK, 3000, "" }, { "3*17", QT_OK, 3000, "17" },
		{ "*17", QT_BAD_FIELD, 0, NULL },  { "a*17", QT_BAD_FIELD, 0, NULL }, { "2*3*4", QT_BAD_FIELD, 0, NULL },
		{ "0*1", QT_OUT_OF_RANGE, 0, NULL }, { "100001*1", QT_OUT_OF_RANGE, 0, NULL },
		{ "99999999999999999999*1", QT_OUT_OF_RANGE, 0, NULL }, { "100000*1", QT_OK, 100000000, "1" },
		{ "0.752*", QT_OK, 752, "" }, { "0,5*17", QT_OK, 500, "17" }, { "0.7521*", QT_BAD_FIELD, 0, NULL },
		{ "0.*", QT_BAD_FIELD, 0, NULL }, { ".5*", QT_BAD_FIELD, 0, NULL }, { "0.000*1", QT_OUT_OF_RANGE, 0, NULL },
		{ "1.2.3*1", QT_BAD_FIELD, 0, NULL },
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int64_t quantity = -1;
		const char *code = NULL;
		assert_int_equal(cart_parse_entry(cases[i].typed, &quantity, &code), cases[i].err);
		if (cases[i].err == QT_OK) {
			assert_int_equal(quantity, cases[i].quantity);
			assert_string_equal(code, cases[i].code);
		}
	}
}

static void test_amounts_as_typed(void **state)
{
	int64_t a = -1;
	(void)state;
	assert_int_equal(cart_parse_amount("2375", 840, true, &a), QT_OK);
	assert_int_equal(a, 2375);
	assert_int_equal(cart_parse_amount("2375", 840, false, &a), QT_OK);
	assert_int_equal(a, 237500);
	assert_int_equal(cart_parse_amount("23,75", 840, true, &a), QT_OK);
	assert_int_equal(a, 2375);
	assert_int_equal(cart_parse_amount("", 840, true, &a), QT_BAD_FIELD);
	assert_int_equal(cart_parse_amount("1.234", 840, true, &a), QT_BAD_FIELD);
	assert_int_equal(cart_parse_amount("9999999999999999", 840, true, &a), QT_OVERFLOW);
}

static void test_quick_amounts(void **state)
{
	static const struct { int64_t due, currency; int count; int64_t out[4]; } cases[] = {
		{ 2375, 840, 4, { 2400, 2500, 3000, 4000 } }, { 1000, 840, 4, { 2000, 5000, 10000, 20000 } },
		{ 512, 392, 4, { 515, 520, 550, 600 } }, { 0, 840, 0, { 0 } },
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int64_t out[4];
		assert_int_equal(cart_quick_amounts(cases[i].due, cases[i].currency, out), cases[i].count);
		for (int k = 0; k < cases[i].count; k++)
			assert_int_equal(out[k], cases[i].out[k]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_totals_follow_the_one_rounding_rule),
		cmocka_unit_test(test_same_item_is_one_line),
		cmocka_unit_test(test_limits_change_nothing),
		cmocka_unit_test(test_measured_goods), cmocka_unit_test(test_options), cmocka_unit_test(test_entry_line),
		cmocka_unit_test(test_amounts_as_typed),
		cmocka_unit_test(test_quick_amounts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
