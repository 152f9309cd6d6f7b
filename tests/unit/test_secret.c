/* Secrets on the till's disk: sealed under its credential, opened by it alone, refused when changed. */
#include "pos/secret.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char request[] = "{\"approval_staff\":{\"number\":\"9\",\"pin\":\"246810\"}}";

static void test_a_sealed_text_opens_again(void **state)
{
	char *sealed = secret_seal("T-1-abc", request), *again = secret_seal("T-1-abc", request);
	char *opened = secret_open("T-1-abc", sealed);
	(void)state;
	assert_null(strstr(sealed, "246810"));
	assert_string_not_equal(sealed, again); /* a new nonce each time */
	assert_string_equal(opened, request);
	free(opened);
	free(again);
	free(sealed);
}

static void test_what_is_not_sealed_is_itself(void **state)
{
	char *opened = secret_open("T-1-abc", "{\"a\":1}");
	(void)state;
	assert_string_equal(opened, "{\"a\":1}");
	free(opened);
}

static void test_another_key_or_a_change_opens_nothing(void **state)
{
	char *sealed = secret_seal("T-1-abc", request);
	size_t len = strlen(sealed);
	(void)state;
	assert_null(secret_open("T-2-abc", sealed));
	for (size_t i = 7; i < len; i++) {
		char kept = sealed[i];
		sealed[i] = kept == 'A' ? 'B' : 'A';
		assert_null(secret_open("T-1-abc", sealed));
		sealed[i] = kept;
	}
	sealed[7 + 20] = '\0'; /* shorter than nonce and tag */
	assert_null(secret_open("T-1-abc", sealed));
	assert_null(secret_open("T-1-abc", "sealed:"));
	assert_null(secret_open("T-1-abc", "sealed:$$"));
	free(sealed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_sealed_text_opens_again),
		cmocka_unit_test(test_what_is_not_sealed_is_itself),
		cmocka_unit_test(test_another_key_or_a_change_opens_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
