/* Sealed codes of points: the server's side and a phone's come to one key, a known code opens (made by the phone pages'
 * script), and nothing else does: another key, merchant, kind or time, or any bit changed. */
#include "shared/points_code.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define NOW INT64_C(1795290947311)

static void test_agreement(void **state)
{
	uint8_t a[32], b[32], pa[CRYPTO_POINT_SIZE], pb[CRYPTO_POINT_SIZE], one[32], other[32];

	(void)state;
	crypto_pair(a, pa);
	crypto_pair(b, pb);
	assert_int_equal(crypto_agree(a, pa, pb, one), QT_OK);
	assert_int_equal(crypto_agree(b, pb, pa, other), QT_OK);
	assert_memory_equal(one, other, 32);
	pb[40] ^= 1;
	assert_int_equal(crypto_agree(a, pa, pb, one), QT_BAD_FIELD);
	memset(pb, 0, sizeof pb);
	assert_int_equal(crypto_agree(a, pa, pb, one), QT_BAD_FIELD);
}

static void test_open(void **state)
{
	uint8_t key[32] = { 1, 2, 3 }, wrong[32] = { 1, 2, 4 };
	char text[POINTS_CODE_SIZE];
	struct points_code c;
	int64_t step;

	(void)state;
	points_code_make(key, 7, 4294967295, POINTS_CODE_SPEND, NOW, text);
	assert_int_equal(points_code_read(text, &c), QT_OK);
	assert_int_equal(c.number, 4294967295);
	assert_int_equal(points_code_open(&c, key, 7, NOW + 30000, &step), QT_OK);
	assert_int_equal(step, NOW / 30000);
	assert_int_equal(points_code_open(&c, key, 7, NOW + 90000, &step), QT_CODE_EXPIRED);
	assert_int_equal(points_code_open(&c, key, 7, NOW + 3600000, &step), QT_BAD_CODE);
	assert_int_equal(points_code_open(&c, key, 8, NOW, &step), QT_BAD_CODE);
	assert_int_equal(points_code_open(&c, wrong, 7, NOW, &step), QT_BAD_CODE);
	c.kind = POINTS_CODE_COLLECT;
	assert_int_equal(points_code_open(&c, key, 7, NOW, &step), QT_BAD_CODE);
}

static void test_every_bit(void **state)
{
	uint8_t key[32] = { 9 };
	char text[POINTS_CODE_SIZE];
	struct points_code good, c;
	int64_t step;

	(void)state;
	points_code_make(key, 1, 5, POINTS_CODE_COLLECT, NOW, text);
	assert_int_equal(points_code_read(text, &good), QT_OK);
	for (size_t bit = 0; bit < sizeof good.sealed * 8; bit++) {
		c = good;
		c.sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(points_code_open(&c, key, 1, NOW, &step), QT_BAD_CODE);
	}
	text[10] = text[10] == '0' ? '\0' : '!';
	assert_int_equal(points_code_read(text, &c), QT_BAD_CODE);
	assert_int_equal(points_code_read("", &c), QT_BAD_CODE);
	assert_int_equal(points_code_read("QTP1", &c), QT_BAD_CODE);
}

/* The same as in tests/web/test_points_code.mjs. */
static void test_known(void **state)
{
	static const char known[] = "QTP108015NM70W3GE1R70W3GE1R70W3VPEGWWNY9W2STXNPB5071M96W93HYMRWSG3GXTW";
	uint8_t agreed[32], key[32];
	struct points_code c;
	int64_t step;

	(void)state;
	for (int i = 0; i < 32; i++)
		agreed[i] = (uint8_t)i;
	points_code_key(agreed, 3, 1234567, key);
	assert_int_equal(points_code_read(known, &c), QT_OK);
	assert_int_equal(c.kind, POINTS_CODE_SPEND);
	assert_int_equal(c.number, 1234567);
	assert_int_equal(points_code_open(&c, key, 3, NOW, &step), QT_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_agreement),
		cmocka_unit_test(test_open),
		cmocka_unit_test(test_every_bit),
		cmocka_unit_test(test_known),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
