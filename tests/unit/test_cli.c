/* test_cli: what the command line makes of what people type, and of the server's answers. */
#include "console/cli_request.h"
#include "console/cli_view.h"
#include "tests/lib/tmp.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void rates(void **state)
{
	static const struct { const char *text; int64_t bp; } good[] = {
		{ "5", 500 }, { "5.5", 550 }, { "0", 0 }, { "100", 10000 }, { "0.05", 5 }, { "2%", 200 }, { "7,25", 725 },
	};
	static const char *const bad[] = { "", "%", "-1", "100.01", "5.555", "five", "1e2", "5 %", "9999999999999999" };
	int64_t bp;

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		assert_int_equal(request_rate(good[i].text, &bp), QT_OK);
		assert_int_equal(bp, good[i].bp);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (request_rate(bad[i], &bp) == QT_OK)
			fail_msg("\"%s\" was taken as %lld bp", bad[i], (long long)bp);
}

static void times(void **state)
{
	static const char *const bad[] = { "", "2026", "2026-13-01", "2026-01-01 25:00", "2026-01-01x", "tomorrow" };
	int64_t ms;

	(void)state;
	setenv("TZ", "UTC", 1);
	assert_int_equal(request_time("2026-12-31", &ms), QT_OK);
	assert_int_equal(ms, INT64_C(1798675200000));
	assert_int_equal(request_time("2026-12-31 18:30", &ms), QT_OK);
	assert_int_equal(ms, INT64_C(1798741800000));
	assert_int_equal(request_time("2026-12-31T18:30", &ms), QT_OK);
	assert_int_equal(ms, INT64_C(1798741800000));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (request_time(bad[i], &ms) == QT_OK)
			fail_msg("\"%s\" was taken as a time", bad[i]);
}

static void card_numbers(void **state)
{
	char number[20];

	(void)state;
	assert_true(request_card_number("9206 2133-1834 7350", number));
	assert_string_equal(number, "9206213318347350");
	assert_false(request_card_number("920621331834735", number));
	assert_false(request_card_number("92062133183473501", number));
	assert_false(request_card_number("HTTPS://PAY.EXAMPLE.COM/Q/4C0G", number));
	assert_false(request_card_number("", number));
}

static char *shown(const char *json, bool plain, const char *list, const char *columns)
{
	struct view v = { .currency = "USD", .plain = plain };
	struct json_t *tree = jparse(json, strlen(json));
	struct buf out = { 0 };

	assert_non_null(tree);
	if (list)
		view_table(&out, &v, jget(tree, list), columns);
	else
		view_object(&out, &v, tree);
	jfree(tree);
	return buf_take(&out);
}

static void check(const char *json, bool plain, const char *list, const char *columns, const char *want)
{
	char *got = shown(json, plain, list, columns);
	assert_string_equal(got, want);
	free(got);
}

static void objects(void **state)
{
	(void)state;
	setenv("TZ", "UTC", 1);
	check("{\"card_id\":7,\"balance_cents\":1234,\"fee_bp\":525,\"bound\":true,\"expires_ms\":0,\"x\":null}", false,
		NULL, NULL,
	      "card id  7\nbalance  12.34 USD\nfee      5.25 %\nbound    yes\nexpires  -\n");
	check("{\"card_id\":7,\"balance_cents\":-5,\"fee_bp\":525,\"at_ms\":1798741800000,\"x\":null}", true, NULL, NULL,
	      "card_id\t7\nbalance_cents\t-0.05\nfee_bp\t525\nat_ms\t2026-12-31T18:30:00Z\nx\t-\n");
	/* The answer's own currency counts, with its places. */
	check("{\"currency\":\"JPY\",\"total_cents\":1500}", false, NULL, NULL, "currency  JPY\ntotal     1500 JPY\n");
	check("{\"a\":{\"b\":{\"c\":1}}}", true, NULL, NULL, "a.b.c\t1\n");
}

static void tables(void **state)
{
	static const char rows[] = "{\"items\":[{\"item_id\":1,\"name\":\"咖啡\",\"price_cents\":250,\"extra\":{}},"
	                           "{\"item_id\":12,\"name\":\"Tea\",\"price_cents\":12500}]}";

	(void)state;
	check(rows, false, "items", NULL,
		"item id  name       price\n      1  咖啡    2.50 USD\n     12  Tea   125.00 USD\n");
	check(rows, true, "items", "name item_id", "咖啡\t1\nTea\t12\n");
	check(rows, true, "items", "none", "-\n-\n");
	check("{\"items\":[]}", false, "items", NULL, "");
	check("{\"e\":[{\"unit\":840,\"amount\":-1992},{\"unit\":1000001,\"amount\":19}]}", true, "e", "amount",
		"-19.92\n19\n");
}

/* Names come from strangers: nothing of theirs reaches the terminal as a control. */
static void hostile_text(void **state)
{
	(void)state;
	char *got = shown("{\"name\":\"\\u001b[2Jx\\ttab\\u202e\"}", false, NULL, NULL);
	assert_null(strchr(got, '\033'));
	assert_null(strchr(got, '\t'));
	free(got);
}

/* The wallet's and tills' files: what is written is what is read; nobody else reads it; bad names stay outside. */
static void states(void **state)
{
	struct problem p = { 0 };
	struct state s = { .kind = "wallet", .name = "test" }, back;

	(void)state;
	setenv("XDG_STATE_HOME", test_folder(), 1);
	state_set(&s, "server", "http://127.0.0.1:1/\"quoted\"");
	state_set(&s, "gone", "soon");
	state_set(&s, "gone", NULL);
	assert_int_equal(state_save(&s, &p), QT_OK);
	assert_int_equal(state_load(&back, "wallet", "test", &p), QT_OK);
	assert_string_equal(state_get(&back, "server"), "http://127.0.0.1:1/\"quoted\"");
	assert_string_equal(state_get(&back, "gone"), "");
	state_free(&back);
	assert_int_equal(state_load(&back, "wallet", "other", &p), QT_NOT_FOUND);
	assert_int_equal(state_load(&back, "wallet", "../test", &p), QT_BAD_FIELD);
	assert_int_equal(state_load(&back, "wallet", "", &p), QT_BAD_FIELD);
	state_free(&s);
}

static void keys(void **state)
{
	char a[37], b[37];

	(void)state;
	client_new_key(a);
	client_new_key(b);
	assert_int_equal(strlen(a), 36);
	assert_int_equal(a[14], '7'); /* RFC 9562: version and variant */
	assert_non_null(strchr("89ab", a[19]));
	assert_string_not_equal(a, b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rates), cmocka_unit_test(times), cmocka_unit_test(card_numbers), cmocka_unit_test(objects),
		cmocka_unit_test(tables), cmocka_unit_test(hostile_text), cmocka_unit_test(states), cmocka_unit_test(keys),
	};
	setlocale(LC_ALL, "C.UTF-8"); /* widths of Chinese */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
