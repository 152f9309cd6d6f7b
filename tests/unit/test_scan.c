/* Scan: what a scanner sends is told from what a person types, by time alone. */
#include "shared/tui/scan.h"
#include "shared/tui/tui.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* What came out, in order: keys as characters, scans in brackets. */
static char out[4096];

static void on_key(void *ctx, int key)
{
	(void)ctx;
	size_t n = strlen(out);
	snprintf(out + n, sizeof out - n, key == TUI_ENTER ? "!" : key < 0x80 ? "%c" : "{%x}", (unsigned)key);
}

static void on_scan(void *ctx, const char *text)
{
	(void)ctx;
	size_t n = strlen(out);
	snprintf(out + n, sizeof out - n, "[%s]", text);
}

static const struct scan_sink sink = { on_key, on_scan, NULL };

/* Feed keys with `gap_us` between them, then let a second pass. */
static const char *feed(const char *keys, int64_t gap_us)
{
	static struct scan s;
	int64_t now = 1000000;

	memset(&s, 0, sizeof s);
	out[0] = '\0';
	for (; *keys; keys++, now += gap_us)
		scan_key(&s, *keys == '!' ? TUI_ENTER : (unsigned char)*keys, now, &sink);
	scan_tick(&s, now + 1000000, &sink);
	assert_int_equal(scan_due_us(&s, now), -1);
	return out;
}

static void test_speed_tells(void **state)
{
	(void)state;
	assert_string_equal(feed("4006381333931!", 2000), "[4006381333931]");
	assert_string_equal(feed("4006381333931!", 30000), "[4006381333931]");
	assert_string_equal(feed("4006381333931!", 60000), "4006381333931!");
	assert_string_equal(feed("4006381333931", 2000), "4006381333931"); /* no end key: typed or pasted */
	assert_string_equal(feed("3*!", 1000), "3*!");                     /* too short for a scan */
	assert_string_equal(feed("12345!678901!", 1000), "[12345][678901]");
	assert_string_equal(feed("!!", 1000), "!!");
}

static void test_typing_before_a_scan_stays_typing(void **state)
{
	static struct scan s;
	(void)state;
	out[0] = '\0';
	scan_key(&s, '3', 0, &sink);
	scan_key(&s, '*', 400000, &sink);
	for (int i = 0; i < 8; i++)
		scan_key(&s, '1' + i, 900000 + i * 3000, &sink);
	scan_key(&s, TUI_ENTER, 925000, &sink);
	assert_string_equal(out, "3*[12345678]");
}

static void test_other_keys_end_a_burst(void **state)
{
	static struct scan s;
	(void)state;
	out[0] = '\0';
	scan_key(&s, 'a', 0, &sink);
	scan_key(&s, 'b', 1000, &sink);
	scan_key(&s, TUI_F(12), 2000, &sink);
	scan_key(&s, TUI_ENTER, 3000, &sink);
	char expected[32];
	snprintf(expected, sizeof expected, "ab{%x}!", (unsigned)TUI_F(12));
	assert_string_equal(out, expected);
}

static void test_bytes_come_out_as_utf8_and_bounded(void **state)
{
	static struct scan s;
	(void)state;
	out[0] = '\0';
	static const int keys[] = { 0x62b9, 0x8336, 0xe9, 'x', 0x1d, '7', TUI_ENTER };
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		scan_key(&s, keys[i], (int64_t)i * 1000, &sink);
	assert_string_equal(out, "[抹茶éx\x1d" "7]");
	out[0] = '\0';
	for (int i = 0; i < SCAN_MOST + 5; i++)
		scan_key(&s, 'q', 1000000 + i, &sink);
	assert_int_equal(strlen(out), SCAN_MOST); /* longer than any scan: keys */
	assert_true(scan_due_us(&s, 1000000 + SCAN_MOST) > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_speed_tells),
		cmocka_unit_test(test_typing_before_a_scan_stays_typing),
		cmocka_unit_test(test_other_keys_end_a_burst),
		cmocka_unit_test(test_bytes_come_out_as_utf8_and_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
