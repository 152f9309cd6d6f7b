/* Numbers on goods, in-store numbers, AIM prefixes, GS1 element strings. */
#include "shared/ean.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_numbers(void **state)
{
	static const struct { const char *text; int kind; const char *number, *item; bool in_store; } good[] = {
		{ "4006381333931", EAN_13, "4006381333931", "4006381333931", false },
		{ "96385074", EAN_8, "96385074", "96385074", false },
		{ "20123451", EAN_8, "20123451", "20123451", true },
		{ "036000291452", EAN_UPC_A, "0036000291452", "0036000291452", false },
		{ "04252614", EAN_UPC_E, "0042100005264", "0042100005264", false },
		{ "10012345678902", EAN_GTIN_14, "10012345678902", "10012345678902", false },
		{ "2100001027506", EAN_13, "2100001027506", "210000100000", true },
		{ "2412345678901", EAN_13, "2412345678901", "2412345678901", true },
	};
	static const char *const bad[] = {
		"4006381333930", "400638133393", "96385073", "036000291453", "10012345678903", "", "123", "40063813339311111",
		"400638133393x", " 4006381333931", "-006381333931", "91234565",
	};
	struct ean e;
	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		struct problem p = { 0 };
		if (ean_read(good[i].text, NULL, &e, &p) != QT_OK)
			fail_msg("%s: %s %s", good[i].text, p.field, p.detail);
		assert_string_equal(e.number, good[i].number);
		assert_string_equal(e.item, good[i].item);
		assert_int_equal(e.kind, good[i].kind);
		assert_int_equal(e.in_store, good[i].in_store);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (ean_read(bad[i], NULL, &e, NULL) != QT_BAD_CODE)
			fail_msg("%s", bad[i]);
	/* A check digit finds every single wrong digit. */
	char text[] = "4006381333931";
	for (int at = 0; at < 13; at++)
		for (char digit = '0'; digit <= '9'; digit++) {
			char right = text[at];
			text[at] = digit;
			assert_int_equal(ean_read(text, NULL, &e, NULL), digit == right ? QT_OK : QT_BAD_CODE);
			text[at] = right;
		}
}

static void test_in_store(void **state)
{
	struct ean e;
	char out[14];
	(void)state;
	assert_int_equal(ean_read("2100001027506", NULL, &e, NULL), QT_OK);
	assert_true(e.has_weight && !e.has_price);
	assert_int_equal(e.weight_g, 2750);
	assert_int_equal(ean_read("2100001027506", "28IIIIIWWWWWC,21IIIIIPPPPPC", &e, NULL), QT_OK);
	assert_true(e.has_price && !e.has_weight);
	assert_int_equal(e.price_minor, 2750);
	assert_int_equal(ean_read("2100001027506", "21IIIIVWWWWWC", &e, NULL), QT_OK);
	assert_string_equal(e.item, "210000000000");
	assert_int_equal(ean_read("2100001027506", "21IIIIIIIIIIC", &e, NULL), QT_OK);
	assert_string_equal(e.item, "2100001027506");
	assert_false(e.has_weight || e.has_price);
	assert_int_equal(ean_make_in_store("21IIIIIWWWWWC", 1, 2750, out, NULL), QT_OK);
	assert_string_equal(out, "2100001027506");
	assert_int_equal(ean_make_in_store("21IIIIIWWWWWC", 100000, 1, out, NULL), QT_OUT_OF_RANGE);
	assert_int_equal(ean_make_in_store("21IIIIIWWWWWC", 1, 100000, out, NULL), QT_OUT_OF_RANGE);
	assert_int_equal(ean_make_in_store("21IIIIIWWWWWC", 1, -1, out, NULL), QT_OUT_OF_RANGE);
	assert_int_equal(ean_make_in_store("21IIIIIWWWWC", 1, 1, out, NULL), QT_BAD_FIELD);
	assert_int_equal(ean_make_in_store("21IIIIIWWWWWC,22IIIIIWWWWWC", 1, 1, out, NULL), QT_BAD_FIELD);
	assert_int_equal(ean_check_patterns(EAN_PATTERNS_DEFAULT, NULL), QT_OK);
	assert_int_equal(ean_check_patterns("21IIIIIWWPPPC", NULL), QT_BAD_FIELD);
	assert_int_equal(ean_check_patterns("21WWWWWWWWWWC", NULL), QT_BAD_FIELD);
	assert_int_equal(ean_check_patterns("I1IIIIIWWWWWC", NULL), QT_BAD_FIELD);
	assert_int_equal(ean_check_patterns("21IIIIIWWWWW6", NULL), QT_BAD_FIELD);
}

static void test_aim(void **state)
{
	const char *rest;
	(void)state;
	assert_string_equal(aim_symbology("]E04006381333931", &rest), "EAN-13");
	assert_string_equal(rest, "4006381333931");
	assert_string_equal(aim_symbology("]d2010400638133393110A", &rest), "GS1 DataMatrix");
	assert_null(aim_symbology("4006381333931", &rest));
	assert_string_equal(rest, "4006381333931");
	assert_null(aim_symbology("]Z9x", &rest));
	assert_true(aim_is_gs1("]C10104006381333931"));
	assert_false(aim_is_gs1("]C0abc"));
}

static void test_gs1(void **state)
{
	struct gs1 g;
	(void)state;
	assert_int_equal(gs1_read("0104006381333931" "10AB-1\x1d" "17261231" "3103002750" "3922" "1299", &g, NULL), QT_OK);
	assert_int_equal(g.count, 5);
	assert_string_equal(g.gtin, "04006381333931");
	assert_string_equal(g.elements[1].value, "AB-1");
	assert_int_equal(g.weight_g, 2750);
	assert_int_equal(g.price_minor, 1299);
	assert_int_equal(gs1_read("(01)04006381333931(3102)000275(3920)12", &g, NULL), QT_OK);
	assert_int_equal(g.weight_g, 2750);
	assert_int_equal(g.price_minor, 1200);
	assert_int_equal(gs1_read("\x1d" "37" "5\x1d" "21X", &g, NULL), QT_OK);
	assert_int_equal(g.price_minor, -1);
	static const struct { const char *text, *field; } bad[] = {
		{ "", "gs1" }, { "\x1d", "gs1" }, { "05123", "gs1" }, { "0104006381333930", "01" }, { "010400638133393", "01" },
		{ "17261331", "17" }, { "17260132", "17" }, { "10", "10" }, { "10A B", "10" }, { "(01)04006381333931(", "gs1" },
		{ "(01", "01" }, { "3103" "00275", "3103" }, { "37123456789", "37" },
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct problem p = { 0 };
		if (gs1_read(bad[i].text, &g, &p) != QT_BAD_CODE || strcmp(p.field, bad[i].field) != 0)
			fail_msg("%s: \"%s\" %s", bad[i].text, p.field, p.detail);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_in_store),
		cmocka_unit_test(test_aim),
		cmocka_unit_test(test_gs1),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
