/* Wi-Fi codes and their escaping. */
#include "shared/wifi.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_both_ways(void **state)
{
	static const struct { const char *text; struct wifi w; } cases[] = {
		{ "WIFI:T:WPA;S:Bistro;P:espresso1;;", { WIFI_WPA, "Bistro", "espresso1", false } },
		{ "WIFI:T:WPA;S:ssid;P:password;H:true;;", { WIFI_WPA, "ssid", "password", true } },
		{ "WIFI:T:nopass;S:Open House;;", { WIFI_OPEN, "Open House", "", false } },
		{ "WIFI:T:WEP;S:old;P:12345;;", { WIFI_WEP, "old", "12345", false } },
		{ "WIFI:T:WPA;S:a\\\\b\\;c\\,d\\\"e\\:f;P:\\:\\;\\,\\\\\\\"xyz;;",
		  { WIFI_WPA, "a\\b;c,d\"e:f", ":;,\\\"xyz", false } },
		{ "WIFI:T:WPA;S:\"CAFE\";P:\"deadbeef\";;", { WIFI_WPA, "CAFE", "deadbeef", false } },
		{ "WIFI:T:WPA;S:小店;P:密码密码密;;", { WIFI_WPA, "小店", "密码密码密", false } },
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char out[WIFI_TEXT_MAX];
		struct wifi w;
		struct problem p = { 0 };
		assert_int_equal(wifi_make(&cases[i].w, out, &p), QT_OK);
		assert_string_equal(out, cases[i].text);
		assert_int_equal(wifi_read(cases[i].text, &w, &p), QT_OK);
		assert_memory_equal(&w, &cases[i].w, sizeof w);
	}
}

static void test_reads_what_others_print(void **state)
{
	struct wifi w;
	(void)state;
	assert_int_equal(wifi_read("wifi:S:Shop;P:12345678;T:WPA2;;", &w, NULL), QT_OK);
	assert_int_equal(w.security, WIFI_WPA);
	assert_int_equal(wifi_read("WIFI:S:Shop;P:12345678;;", &w, NULL), QT_OK);
	assert_int_equal(w.security, WIFI_WPA);
	assert_int_equal(wifi_read("WIFI:S:Shop;T:;P:;H:false;;", &w, NULL), QT_OK);
	assert_int_equal(w.security, WIFI_OPEN);
	assert_int_equal(wifi_read("WIFI:T:SAE;S:Shop;P:12345678;R:1;;", &w, NULL), QT_OK); /* R is not ours to judge */
}

static void test_refusals_name_the_field(void **state)
{
	static const struct { const char *text, *field; } cases[] = {
		{ "WIFI:T:WPA;S:x;P:12345678", "wifi" },
		{ "WIFI:T:WPA;S:x;P:12345678;", "wifi" },
		{ "WIFI:T:WPA;S:x;P:12345678;;x", "wifi" },
		{ "WIFI:T:WPA;S:x;P:1234\\", "wifi" },
		{ "WIFI:T:WPA;S:\"x;P:12345678;;", "wifi" },
		{ "WIFI:T:WPA;S:x;S:y;P:12345678;;", "wifi" },
		{ "WIFI:T:WPA;P:12345678;;", "ssid" },
		{ "WIFI:T:WPA;S:123456789012345678901234567890123;P:12345678;;", "ssid" },
		{ "WIFI:T:WPA;S:a\x1b[0m;P:12345678;;", "ssid" },
		{ "WIFI:T:WPA;S:x;P:1234567;;", "password" },
		{ "WIFI:T:WPA;S:x;;", "password" },
		{ "WIFI:T:nopass;S:x;P:12345678;;", "password" },
		{ "WIFI:T:XYZ;S:x;P:12345678;;", "security" },
		{ "WIFI:T:WPA;S:x;P:12345678;H:maybe;;", "hidden" },
		{ "WIFI:;", "ssid" },
		{ "WIFI:", "wifi" },
	};
	struct wifi w;
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct problem p = { 0 };
		if (wifi_read(cases[i].text, &w, &p) != QT_BAD_CODE || strcmp(p.field, cases[i].field) != 0)
			fail_msg("%s: \"%s\" %s", cases[i].text, p.field, p.detail);
	}
	w = (struct wifi){ WIFI_WPA, "x", "short", false };
	char out[WIFI_TEXT_MAX];
	assert_int_equal(wifi_make(&w, out, NULL), QT_BAD_FIELD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_ways),
		cmocka_unit_test(test_reads_what_others_print),
		cmocka_unit_test(test_refusals_name_the_field),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
