/* EPC069-12 codes. */
#include "shared/epc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define GOOD "BCD\n002\n1\nSCT\n\nQRTILL DEMO\nDE89370400440532013000\nEUR12.34\n\n\nInvoice 7"

static void test_reads_and_makes(void **state)
{
	struct epc e;
	char out[EPC_BYTES_MAX + 1];
	(void)state;
	assert_int_equal(epc_read(GOOD, &e, NULL), QT_OK);
	assert_string_equal(e.name, "QRTILL DEMO");
	assert_string_equal(e.iban, "DE89370400440532013000");
	assert_int_equal(e.amount_cents, 1234);
	assert_string_equal(e.text, "Invoice 7");
	assert_string_equal(e.bic, "");
	assert_int_equal(epc_make(&e, out, NULL), QT_OK);
	assert_string_equal(out, GOOD);
	/* Carriage returns, an older version with its BIC, a structured reference, no amount. */
	assert_int_equal(epc_read("BCD\r\n001\r\n1\r\nSCT\r\nCOBADEFFXXX\r\nCafé\r\nDE89 3704 0044 0532 0130 00\r\n\r\nGDDS\r\n"
	                          "RF18539007547034\r\n\r\nhello\r\n", &e, NULL), QT_OK);
	assert_int_equal(e.amount_cents, 0);
	assert_string_equal(e.reference, "RF18539007547034");
	assert_string_equal(e.purpose, "GDDS");
	assert_string_equal(e.info, "hello");
	assert_int_equal(epc_make(&e, out, NULL), QT_OK);
	assert_string_equal(out, "BCD\n002\n1\nSCT\nCOBADEFFXXX\nCafé\nDE89370400440532013000\n\nGDDS\nRF18539007547034\n\nhello");
}

static void test_refusals_name_the_field(void **state)
{
	static const struct { const char *text, *field; } cases[] = {
		{ "BCD\n002\n1\nSCT\n\nA", "epc" },
		{ "BCD\n003\n1\nSCT\n\nA\nDE89370400440532013000", "version" },
		{ "BCD\n002\n9\nSCT\n\nA\nDE89370400440532013000", "encoding" },
		{ "BCD\n002\n1\nINST\n\nA\nDE89370400440532013000", "identification" },
		{ "BCD\n001\n1\nSCT\n\nA\nDE89370400440532013000", "bic" },
		{ "BCD\n002\n1\nSCT\nCOBADE\nA\nDE89370400440532013000", "bic" },
		{ "BCD\n002\n1\nSCT\n\n\nDE89370400440532013000", "name" },
		{ "BCD\n002\n1\nSCT\n\nA\nDE89370400440532013001", "iban" },
		{ "BCD\n002\n1\nSCT\n\nA\nde89370400440532013000", "iban" },
		{ "BCD\n002\n1\nSCT\n\nA\nDE89370400440532013000\nUSD1.00", "amount" },
		{ "BCD\n002\n1\nSCT\n\nA\nDE89370400440532013000\nEUR0", "amount" },
		{ "BCD\n002\n1\nSCT\n\nA\nDE89370400440532013000\nEUR1,00", "amount" },
		{ "BCD\n002\n1\nSCT\n\nA\nDE89370400440532013000\nEUR-1", "amount" },
		{ "BCD\n002\n1\nSCT\n\nA\nDE89370400440532013000\nEUR1000000000.00", "amount" },
		{ "BCD\n002\n1\nSCT\n\nA\nDE89370400440532013000\nEUR1\nGOODS", "purpose" },
		{ "BCD\n002\n1\nSCT\n\nA\nDE89370400440532013000\nEUR1\n\nRF18539007547035", "reference" },
		{ "BCD\n002\n1\nSCT\n\nA\nDE89370400440532013000\nEUR1\n\nRF18539007547034\nboth", "reference" },
		{ "BCD\n002\n1\nSCT\n\n\x1b[2J\nDE89370400440532013000", "name" },
		{ "BCD\n002\n1\nSCT\n\n\xff\nDE89370400440532013000", "name" },
		{ "BCD\n002\n1\nSCT\n\nA\nDE89370400440532013000\nEUR1\n\n\n\n\nextra line", "epc" },
	};
	struct epc e;
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct problem p = { 0 };
		if (epc_read(cases[i].text, &e, &p) != QT_BAD_CODE || strcmp(p.field, cases[i].field) != 0)
			fail_msg("%s: \"%s\" %s", cases[i].text, p.field, p.detail);
	}
}

static void test_at_most_331_bytes(void **state)
{
	struct epc e = { .iban = "DE89370400440532013000", .amount_cents = 1 };
	struct problem p = { 0 };
	char out[EPC_BYTES_MAX + 1];
	(void)state;
	for (int i = 0; i < 70; i++)
		strcat(e.name, "ü");
	assert_int_equal(epc_make(&e, out, &p), QT_OK);
	for (int i = 0; i < 140; i++)
		strcat(e.text, "ü");
	assert_int_equal(epc_make(&e, out, &p), QT_TOO_LONG);
	strcat(e.name, "x");
	assert_int_equal(epc_make(&e, out, &p), QT_BAD_FIELD);
	assert_string_equal(p.field, "name");
}

static void test_iban(void **state)
{
	(void)state;
	assert_true(iban_is_valid("GB29NWBK60161331926819"));
	assert_true(iban_is_valid("NO9386011117947"));
	assert_false(iban_is_valid("GB29NWBK60161331926818"));
	assert_false(iban_is_valid("GB29"));
	assert_false(iban_is_valid(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads_and_makes),
		cmocka_unit_test(test_refusals_name_the_field),
		cmocka_unit_test(test_at_most_331_bytes),
		cmocka_unit_test(test_iban),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
