/* Money: the arithmetic nothing else may do. */
#include "shared/clock.h"
#include "shared/money.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_add_refuses_overflow(void **state)
{
	int64_t r = 7;
	(void)state;
	assert_int_equal(money_add(1, 2, &r), QT_OK);
	assert_int_equal(r, 3);
	assert_int_equal(money_add(MONEY_MAX, 1, &r), QT_OVERFLOW);
	assert_int_equal(r, 3);
	assert_int_equal(money_sub(-MONEY_MAX, 1, &r), QT_OVERFLOW);
	assert_int_equal(money_mul(MONEY_MAX, MONEY_MAX, &r), QT_OVERFLOW);
	assert_int_equal(money_add(INT64_MAX, INT64_MAX, &r), QT_OVERFLOW);
}

static void test_ratio_rounds_half_away_from_zero(void **state)
{
	static const int64_t cases[][4] = {
		{ 5, 1, 10, 1 },      { -5, 1, 10, -1 },     { 4, 1, 10, 0 },           { 15, 1, 10, 2 },
		{ 7, 1, 3, 2 },       { 8, 1, 3, 3 },        { 1050, 10, 110, 95 },     { 999, 825, 10000, 82 },
		{ 0, 825, 10000, 0 }, { 1, 1, 2, 1 },        { 3, 1, 2, 2 },            { -3, 1, 2, -2 },
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int64_t r;
		assert_int_equal(money_ratio(cases[i][0], cases[i][1], cases[i][2], &r), QT_OK);
		assert_int_equal(r, cases[i][3]);
	}
}

static void test_split_sums_exactly(void **state)
{
	unsigned seed = 20261121;
	(void)state;
	print_message("# seed %u\n", seed);
	for (int round = 0; round < 20000; round++) {
		int64_t weights[8], parts[8], sum = 0, weight_sum = 0;
		int n = 1 + rand_r(&seed) % 8;
		int64_t total = rand_r(&seed) % 100000;
		for (int i = 0; i < n; i++)
			weight_sum += weights[i] = rand_r(&seed) % 1000;
		weights[0] += weight_sum == 0;
		assert_int_equal(money_split(total, weights, n, parts), QT_OK);
		for (int i = 0; i < n; i++) {
			assert_true(parts[i] >= 0);
			sum += parts[i];
			if (weights[i] == 0)
				assert_int_equal(parts[i], 0);
		}
		assert_int_equal(sum, total);
	}
	int64_t three[] = { 1, 1, 1 }, parts[3];
	assert_int_equal(money_split(100, three, 3, parts), QT_OK);
	assert_int_equal(parts[0], 34);
	assert_int_equal(parts[1], 33);
	assert_int_equal(money_split(-1, three, 3, parts), QT_BAD_REQUEST);
}

static void test_text_forms(void **state)
{
	static const struct { const char *text; int64_t unit; enum qt_err err; int64_t amount; } cases[] = {
		{ "23.75", 840, QT_OK, 2375 },  { "23,75", 840, QT_OK, 2375 },   { "23", 840, QT_OK, 2300 },
		{ "0.5", 840, QT_OK, 50 },      { "-1.05", 840, QT_OK, -105 },   { "", 840, QT_BAD_FIELD, 0 },
		{ "1.", 840, QT_BAD_FIELD, 0 }, { ".5", 840, QT_BAD_FIELD, 0 },  { "1.234", 840, QT_BAD_FIELD, 0 },
		{ "1e3", 840, QT_BAD_FIELD, 0 },{ "500", 392, QT_OK, 500 },      { "5.0", 392, QT_BAD_FIELD, 0 },
		{ "99999999999999999999", 840, QT_OVERFLOW, 0 },                 { "1.234", 414, QT_OK, 1234 },
	};
	char out[32];
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int64_t amount = 0;
		assert_int_equal(money_parse(cases[i].text, cases[i].unit, &amount), cases[i].err);
		assert_int_equal(amount, cases[i].amount);
	}
	assert_string_equal(money_format(-5, 840, out, sizeof out), "-0.05");
	assert_string_equal(money_format(123456, 840, out, sizeof out), "1234.56");
	assert_string_equal(money_format(500, 392, out, sizeof out), "500");
	assert_string_equal(money_format(120, UNIT_POINTS_BASE + 1, out, sizeof out), "120");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_add_refuses_overflow),
		cmocka_unit_test(test_ratio_rounds_half_away_from_zero),
		cmocka_unit_test(test_split_sums_exactly),
		cmocka_unit_test(test_text_forms),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
