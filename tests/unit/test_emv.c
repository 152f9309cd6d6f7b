/* EMVCo payloads: the vectors, every byte changed, the maker. */
#include "shared/emv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define EXAMPLE "00020101021226370010COM.QRTILL0107M00012302087F3K9Q2X520458125303840540523.755802US5909DEMO CAFE" \
	"6008PORTLAND62170106B000420703T016304FD90"

static struct emv emv;

static void test_crc(void **state)
{
	(void)state;
	assert_int_equal(emv_crc("123456789", 9), 0x29b1);
	assert_int_equal(emv_crc("", 0), 0xffff);
}

static void test_vectors(void **state)
{
	FILE *f = fopen("tests/vectors/emv.txt", "r");
	char line[2048], path[12];
	int ok = 0, bad = 0;
	(void)state;
	assert_non_null(f);
	while (fgets(line, sizeof line, f)) {
		struct problem p = { 0 };
		long long amount;
		int currency, at = 0;
		line[strcspn(line, "\n")] = '\0';
		if (sscanf(line, "ok %lld %d %n", &amount, &currency, &at) == 2 && at) {
			if (emv_read(line + at, &emv, &p) != QT_OK)
				fail_msg("%s: %s: %s", line + at, p.field, p.detail);
			assert_int_equal(emv.amount_minor, amount);
			assert_int_equal(emv.currency, currency);
			assert_true(emv.crc_ok);
			ok++;
		} else if (sscanf(line, "bad %11s %n", path, &at) == 1 && at) {
			if (emv_read(line + at, &emv, &p) != QT_BAD_CODE || strcmp(p.field, path) != 0 || p.detail[0] == '\0')
				fail_msg("%s: field \"%s\", %s", line, p.field, p.detail);
			bad++;
		} else {
			assert_int_equal(line[0], '#');
		}
	}
	fclose(f);
	assert_int_equal(ok, 10);
	assert_int_equal(bad, 37);
}

static void test_example_in_full(void **state)
{
	static const char *const want[][2] = {
		{ "00", "01" }, { "01", "12" }, { "26", "" }, { "26.00", "COM.QRTILL" }, { "26.01", "M000123" },
		{ "26.02", "7F3K9Q2X" }, { "52", "5812" }, { "53", "840" }, { "54", "23.75" }, { "58", "US" },
		{ "59", "DEMO CAFE" }, { "60", "PORTLAND" }, { "62", "" }, { "62.01", "B00042" }, { "62.07", "T01" },
		{ "63", "FD90" },
	};
	(void)state;
	assert_int_equal(strlen(EXAMPLE), 137);
	assert_int_equal(emv_read(EXAMPLE, &emv, NULL), QT_OK);
	assert_int_equal(emv.field_count, sizeof want / sizeof *want);
	for (int i = 0; i < emv.field_count; i++) {
		assert_string_equal(emv.fields[i].path, want[i][0]);
		assert_string_equal(emv.fields[i].value, want[i][1]);
		assert_non_null(emv.fields[i].en);
	}
	assert_true(emv.dynamic);
	assert_int_equal(emv.amount_minor, 2375);
	assert_string_equal(emv_value(&emv, "62.07"), "T01");
	assert_null(emv_value(&emv, "62.05"));
}

static void test_every_changed_bit_is_refused(void **state)
{
	char text[] = EXAMPLE;
	(void)state;
	for (size_t bit = 0; bit < (sizeof text - 1) * 8; bit++) {
		struct problem p = { 0 };
		text[bit / 8] ^= (char)(1u << bit % 8);
		assert_int_not_equal(emv_read(text, &emv, &p), QT_OK);
		assert_true(p.field[0] != '\0');
		text[bit / 8] ^= (char)(1u << bit % 8);
	}
	for (size_t len = 0; len < sizeof text - 1; len++) { /* every cut */
		char cut[sizeof text];
		memcpy(cut, EXAMPLE, len);
		cut[len] = '\0';
		assert_int_not_equal(emv_read(cut, &emv, NULL), QT_OK);
	}
}

static void test_make(void **state)
{
	static const struct emv_part example[] = {
		{ "62.07", "T01" }, { "62.01", "B00042" }, { "60", "PORTLAND" }, { "59", "DEMO CAFE" }, { "58", "US" },
		{ "54", "23.75" }, { "53", "840" }, { "52", "5812" }, { "26.02", "7F3K9Q2X" }, { "26.01", "M000123" },
		{ "26.00", "COM.QRTILL" }, { "01", "12" },
	};
	enum { COUNT = sizeof example / sizeof *example };
	static const struct { int replace; const char *path, *value; enum qt_err err; const char *field; } bad[] = {
		{ 5, "54", "0", QT_BAD_CODE, "54" },
		{ 5, "54", "23,75", QT_BAD_CODE, "54" },
		{ 3, "59", "A NAME THAT IS FAR TOO LONG", QT_BAD_CODE, "59" },
		{ 3, "59", "\xff", QT_TOO_LONG, "59" },
		{ 3, "59", "a\x1b[31m", QT_BAD_CODE, "59" },
		{ 3, "5", "x", QT_BAD_FIELD, "5" },
		{ 3, "62.07", "x", QT_DOUBLE_FIELD, "62.07" },
		{ 3, "62.1", "x", QT_BAD_FIELD, "62.1" },
		{ 3, "64.01", "x", QT_BAD_CODE, "59" },
		{ 3, "63", "0000", QT_BAD_CODE, "63" },
		{ 3, "00", "01", QT_BAD_CODE, "00" },
	};
	char out[EMV_TEXT_MAX * 4];
	(void)state;
	assert_int_equal(emv_make(example, COUNT, out, NULL), QT_OK);
	assert_string_equal(out, EXAMPLE);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct emv_part parts[COUNT];
		struct problem p = { 0 };
		memcpy(parts, example, sizeof parts);
		parts[bad[i].replace] = (struct emv_part){ bad[i].path, bad[i].value };
		enum qt_err err = emv_make(parts, COUNT, out, &p);
		if (err != bad[i].err || strcmp(p.field, bad[i].field) != 0)
			fail_msg("%s=%s: %s, field \"%s\": %s", bad[i].path, bad[i].value, err_info(err)->code, p.field, p.detail);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_crc),
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_example_in_full),
		cmocka_unit_test(test_every_changed_bit_is_refused),
		cmocka_unit_test(test_make),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
