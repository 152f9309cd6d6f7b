/* Days and hours of time zones: against the C library's own (TZ), over days of 23, 24 and 25 hours. */
#include "shared/zone.h"

#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define HOUR_MS INT64_C(3600000)

static void test_days(void **state)
{
	static const struct { const char *zone, *day; int hours; } days[] = {
		{ "America/New_York", "2026-03-08", 23 }, { "America/New_York", "2026-11-01", 25 },
		{ "America/New_York", "2026-06-01", 24 }, { "Europe/Berlin", "2026-03-29", 23 },
		{ "Europe/Berlin", "2026-10-25", 25 }, { "Asia/Shanghai", "2026-03-08", 24 }, { "UTC", "2026-11-01", 24 },
		{ "America/Sao_Paulo", "2018-11-04", 23 }, /* begins at one o'clock */
		{ "America/Sao_Paulo", "2018-02-17", 25 }, { "Asia/Kathmandu", "2026-01-01", 24 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof days / sizeof *days; i++) {
		const struct zone *z = zone_find(days[i].zone);
		int64_t day;
		char text[11];
		assert_non_null(z);
		assert_true(zone_day_parse(days[i].day, &day));
		assert_string_equal(zone_day_text(day, text), days[i].day);
		int64_t start = zone_day_start(z, day), end = zone_day_start(z, day + 1);
		assert_int_equal(end - start, days[i].hours * HOUR_MS);
		assert_int_equal(zone_local(z, start).day, day);
		assert_int_equal(zone_local(z, start - 1).day, day - 1);
		assert_int_equal(zone_local(z, end - 1).day, day);
	}
}

/* Every half hour of two years. */
static void test_against_libc(void **state)
{
	static const char *const zones[] = { "America/New_York", "Europe/Berlin", "Asia/Shanghai", "Asia/Kathmandu",
		"Australia/Lord_Howe", "America/Sao_Paulo" };

	(void)state;
	for (size_t i = 0; i < sizeof zones / sizeof *zones; i++) {
		const struct zone *z = zone_find(zones[i]);
		assert_non_null(z);
		setenv("TZ", zones[i], 1);
		tzset();
		for (time_t t = 1767225600; t < 1767225600 + 2 * 365 * 86400; t += 1800) {
			struct tm tm;
			localtime_r(&t, &tm);
			struct zone_time at = zone_local(z, t * INT64_C(1000) + 999);
			char text[11], want[40];
			strftime(want, sizeof want, "%Y-%m-%d", &tm);
			if (strcmp(zone_day_text(at.day, text), want) != 0 || at.minute != tm.tm_hour * 60 + tm.tm_min)
				fail_msg("%s at %lld: %s %d, not %s %02d:%02d", zones[i], (long long)t, text, at.minute, want,
				         tm.tm_hour, tm.tm_min);
		}
	}
	unsetenv("TZ");
}

static void test_names(void **state)
{
	static const char *const bad[] = { "", "Nowhere/Town", "../etc/passwd", "/etc/localtime", "Asia/Shanghai ", "Asia",
		"+08:00", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" };
	static const char *const bad_days[] = { "", "2026-02-29", "2026-13-01", "2026-1-1", "26-01-01", "2026-01-01x",
		"1969-12-31", "2026/01/01", "2026-01--1", "----------" };
	int64_t day;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_null(zone_find(bad[i]));
	for (size_t i = 0; i < sizeof bad_days / sizeof *bad_days; i++)
		assert_false(zone_day_parse(bad_days[i], &day));
	assert_true(zone_day_parse("1970-01-01", &day));
	assert_int_equal(day, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_days), cmocka_unit_test(test_against_libc), cmocka_unit_test(test_names),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
