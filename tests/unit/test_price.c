/* Pricing: tax per line, rounding, parts of lines. */
#include "shared/price.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_tax_is_rounded_once_per_line(void **state)
{
	static const struct { int64_t quantity, price, rate; bool inclusive; int64_t tax, total; } cases[] = {
		{ 1, 1000, 825, false, 83, 1083 },    /* 82.5 goes away from zero */
		{ 3, 333, 825, false, 82, 1081 },     /* 82.4175, not three times 27.47 */
		{ 1, 1070, 700, true, 70, 1070 },
		{ 2, 119, 1900, true, 38, 238 },
		{ 1, 100, 0, true, 0, 100 },
		{ 7, 1, 1900, true, 1, 7 },           /* 1.1176 */
		{ 1, 0, 1900, false, 0, 0 },          /* free */
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct price_line l = { cases[i].quantity, cases[i].price, cases[i].rate, cases[i].inclusive, -1, -1 };
		int64_t tax, total;
		int bad = -1;
		assert_int_equal(price_lines(&l, 1, &tax, &total, &bad), QT_OK);
		assert_int_equal(l.tax_cents, cases[i].tax);
		assert_int_equal(l.total_cents, cases[i].total);
		assert_int_equal(tax, cases[i].tax);
		assert_int_equal(total, cases[i].total);
	}
}

static void test_sums_and_overflow(void **state)
{
	struct price_line l[3] = { { 2, 150, 500, false, 0, 0 }, { 1, 999, 0, false, 0, 0 }, { 1, 105, 500, true, 0, 0 } };
	int64_t tax = -1, total = -1;
	int bad = -1;
	(void)state;
	assert_int_equal(price_lines(l, 3, &tax, &total, &bad), QT_OK);
	assert_int_equal(tax, 15 + 5);
	assert_int_equal(total, 315 + 999 + 105);
	l[1].price_cents = MONEY_MAX;
	assert_int_equal(price_lines(l, 3, &tax, &total, &bad), QT_OVERFLOW);
	assert_int_equal(bad, 1);
	assert_int_equal(total, 315 + 999 + 105); /* untouched */
	l[1].quantity = MONEY_MAX;
	assert_int_equal(price_lines(l, 3, &tax, &total, &bad), QT_OVERFLOW);
}

static void test_parts_sum_to_the_whole(void **state)
{
	unsigned seed = 14112026;
	(void)state;
	print_message("# seed %u\n", seed);
	for (int round = 0; round < 50000; round++) {
		int64_t whole = rand_r(&seed) % 100000, all = 1 + rand_r(&seed) % 40, taken = 0, sum = 0;
		while (taken < all) {
			int64_t pieces = 1 + rand_r(&seed) % (all - taken);
			int64_t part = price_part(whole, taken, pieces, all);
			assert_true(part >= 0);
			sum += part;
			taken += pieces;
		}
		assert_int_equal(sum, whole);
	}
	assert_int_equal(price_part(100, 0, 1, 3), 33);
	assert_int_equal(price_part(100, 1, 1, 3), 34);
	assert_int_equal(price_part(100, 2, 1, 3), 33);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tax_is_rounded_once_per_line),
		cmocka_unit_test(test_sums_and_overflow),
		cmocka_unit_test(test_parts_sum_to_the_whole),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
