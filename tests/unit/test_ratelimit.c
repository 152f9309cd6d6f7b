/* Tries of an address: a burst, then so many a minute; others are not touched. */
#include "server/ratelimit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static int takes(enum limit_purpose purpose, const uint8_t address[16], int64_t now_ms)
{
	int n = 0;
	while (n < 100000 && ratelimit_take(purpose, address, now_ms) == QT_OK)
		n++;
	return n;
}

static void test_burst_and_refill(void **state)
{
	static const uint8_t a[16] = { [10] = 0xff, 0xff, 192, 0, 2, 1 }, b[16] = { [10] = 0xff, 0xff, 192, 0, 2, 2 };
	(void)state;
	assert_int_equal(takes(LIMIT_PIN, a, 1000), 20);
	assert_int_equal(takes(LIMIT_PIN, a, 1000), 0);
	assert_int_equal(takes(LIMIT_PIN, b, 1000), 20);
	assert_int_equal(takes(LIMIT_ENROL, a, 1000), 10);
	assert_int_equal(takes(LIMIT_PIN, a, 1000 + 3000), 1); /* 20 a minute */
	assert_int_equal(takes(LIMIT_PIN, a, 1000 + 3000 + 30000), 10);
	assert_int_equal(takes(LIMIT_PIN, a, 1000000000), 20); /* never more than the burst */
	assert_int_equal(takes(LIMIT_PIN, a, 5), 0);           /* a clock that goes back gives nothing */
	assert_int_equal(takes(LIMIT_NONE, a, 1000), 100000);
}

static void test_addresses(void **state)
{
	static const uint8_t local[16] = { 0 };
	static const uint8_t one[16] = { 0x20, 1, 0xd, 0xb8, [15] = 1 }, same_64[16] = { 0x20, 1, 0xd, 0xb8, [15] = 9 };
	static const uint8_t other_64[16] = { 0x20, 1, 0xd, 0xb8, [7] = 1, [15] = 1 };
	(void)state;
	assert_int_equal(takes(LIMIT_PIN, local, 1000), 100000);
	assert_int_equal(takes(LIMIT_PIN, one, 1000), 20);
	assert_int_equal(takes(LIMIT_PIN, same_64, 1000), 0);
	assert_int_equal(takes(LIMIT_PIN, other_64, 1000), 20);
}

static void test_scale(void **state)
{
	static const uint8_t a[16] = { [10] = 0xff, 0xff, 198, 51, 100, 1 }, b[16] = { [10] = 0xff, 0xff, 198, 51, 100, 2 };
	(void)state;
	ratelimit_scale(3);
	assert_int_equal(takes(LIMIT_PHONE, a, 1000), 15);
	ratelimit_scale(0);
	assert_int_equal(takes(LIMIT_PHONE, b, 1000), 100000);
	ratelimit_scale(1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_burst_and_refill),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_scale),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
