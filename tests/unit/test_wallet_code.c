/* The customer's 18 digits: RFC 6238's own vectors cut to seven digits, the layout, and what is refused. */
#include "shared/wallet_code.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

/* RFC 6238 appendix B: the SHA-256 seed. */
static const uint8_t seed[WALLET_KEY_SIZE + 1] = "12345678901234567890123456789012";

static void test_vectors(void **state)
{
	/* unix seconds, the last seven of the RFC's eight digits */
	static const struct { int64_t at_s; const char *tail; } vectors[] = {
		{ 59, "6119246" }, { 1111111109, "8084774" }, { 1111111111, "7062674" }, { 1234567890, "1819424" },
		{ 2000000000, "0698825" }, { 20000000000, "7737706" },
	};
	char code[WALLET_CODE_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
		struct wallet_digits d;
		wallet_code_make(40717, seed, wallet_code_step(vectors[i].at_s * 1000), code);
		assert_int_equal(strlen(code), 18);
		assert_memory_equal(code, "1500040717", 10);
		assert_memory_equal(code + 10, vectors[i].tail, 7);
		assert_int_equal(wallet_code_read(code, &d), QT_OK);
		assert_int_equal(d.number, 40717);
		assert_int_equal(wallet_code_find(seed, d.one_time, vectors[i].at_s * 1000), vectors[i].at_s / 30);
	}
	/* the whole of the first one, as in qrtill-code(5) */
	wallet_code_make(40717, seed, 1, code);
	assert_string_equal(code, "150004071761192467");
}

static void test_window(void **state)
{
	char code[WALLET_CODE_SIZE];
	struct wallet_digits d;
	const int64_t step = 1000000;

	(void)state;
	wallet_code_make(7, seed, step, code);
	assert_int_equal(wallet_code_read(code, &d), QT_OK);
	assert_int_equal(wallet_code_find(seed, d.one_time, (step - 1) * 30000), step); /* a phone whose clock is fast */
	assert_int_equal(wallet_code_find(seed, d.one_time, (step - 1) * 30000 - 1), -1);
	assert_int_equal(wallet_code_find(seed, d.one_time, (step + 2) * 30000 - 1), step);
	assert_int_equal(wallet_code_find(seed, d.one_time, (step + 2) * 30000), -1); /* 60 s after it began */
	assert_true(wallet_code_was(seed, d.one_time, (step + 2) * 30000, 20));
	assert_false(wallet_code_was(seed, d.one_time, (step + 1) * 30000, 20));
	assert_false(wallet_code_was(seed, d.one_time, (step + 100) * 30000, 20));
}

static void test_refused(void **state)
{
	char code[WALLET_CODE_SIZE], bad[64];
	struct wallet_digits d;

	(void)state;
	wallet_code_make(12345678, seed, 5, code);
	snprintf(bad, sizeof bad, "%.4s %.4s %.4s %.4s %s", code, code + 4, code + 8, code + 12, code + 16);
	assert_int_equal(wallet_code_read(bad, &d), QT_OK); /* as people write it */
	assert_int_equal(d.number, 12345678);
	for (int i = 0; i < 18; i++) { /* each digit typed wrongly, each two neighbours swapped (but 0 and 9) */
		strcpy(bad, code);
		bad[i] = bad[i] == '9' ? '0' : (char)(bad[i] + 1);
		assert_int_equal(wallet_code_read(bad, &d), QT_BAD_CODE);
		strcpy(bad, code);
		if (i == 17 || bad[i] == bad[i + 1] || bad[i] + bad[i + 1] == '0' + '9')
			continue;
		bad[i] = code[i + 1];
		bad[i + 1] = code[i];
		assert_int_equal(wallet_code_read(bad, &d), QT_BAD_CODE);
	}
	assert_int_equal(wallet_code_read("", &d), QT_BAD_CODE);
	snprintf(bad, sizeof bad, "%s0", code);
	assert_int_equal(wallet_code_read(bad, &d), QT_BAD_CODE);
	bad[17] = 'x';
	assert_int_equal(wallet_code_read(bad, &d), QT_BAD_CODE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_window),
		cmocka_unit_test(test_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
