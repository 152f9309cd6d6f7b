/* The shop's pure rules: card numbers and states, PIN locks, points, words of the search, the spool's text. */
#include "server/card.h"
#include "server/catalogue_row.h"
#include "server/notice.h"
#include "server/points.h"
#include "server/staff.h"
#include "shared/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_card_numbers(void **state)
{
	/* ISO/IEC 7812-1 annex B: 4992 7398 716 is valid. */
	(void)state;
	assert_int_equal(card_number_with_check(INT64_C(7992739871)), INT64_C(79927398713));
	assert_true(card_number_valid(INT64_C(49927398716)));
	assert_false(card_number_valid(INT64_C(49927398717)));
	assert_false(card_number_valid(0));
	assert_false(card_number_valid(-18));
	unsigned seed = 20261121;
	print_message("# seed %u\n", seed);
	for (int i = 0; i < 2000; i++) {
		int64_t number = card_number_with_check(INT64_C(900000000000000) + rand_r(&seed));
		assert_true(card_number_valid(number));
		/* Every single wrong digit is found. */
		int64_t place = 1;
		for (int k = 0; k < 16; k++, place *= 10) {
			int digit = (int)(number / place % 10), other = (digit + 1 + (int)(rand_r(&seed) % 9)) % 10;
			assert_false(card_number_valid(number + (other - digit) * place));
		}
	}
	char masked[24];
	assert_string_equal(card_number_masked(INT64_C(9000000000000042), masked), "•••• 0042");
}

static void test_card_states(void **state)
{
	static const struct { int64_t state, expires_ms; enum card_state now; enum qt_err usable; } cases[] = {
		{ CARD_NEW, 0, CARD_NEW, QT_CARD_NOT_ACTIVE },     { CARD_ACTIVE, 0, CARD_ACTIVE, QT_OK },
		{ CARD_ACTIVE, 1000, CARD_EXPIRED, QT_CODE_EXPIRED }, { CARD_ACTIVE, 1001, CARD_ACTIVE, QT_OK },
		{ CARD_FROZEN, 0, CARD_FROZEN, QT_CARD_FROZEN },   { CARD_FROZEN, 999, CARD_EXPIRED, QT_CODE_EXPIRED },
		{ CARD_CLOSED, 999, CARD_CLOSED, QT_CARD_REFUSED }, { CARD_EXPIRED, 0, CARD_EXPIRED, QT_CODE_EXPIRED },
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct card c = { .state = cases[i].state, .expires_ms = cases[i].expires_ms };
		assert_int_equal(card_state_at(&c, 1000), cases[i].now);
		assert_int_equal(card_check_usable(&c, 1000), cases[i].usable);
	}
}

static void test_pin_locks(void **state)
{
	static const struct { int64_t tries, lock_ms; } cases[] = {
		{ 0, 0 }, { 1, 0 }, { 4, 0 }, { 5, 300000 }, { 6, 0 }, { 9, 0 }, { 10, 600000 }, { 15, 1200000 },
		{ 40, 38400000 }, { 45, 76800000 }, { 50, 86400000 }, { 1000000, 86400000 },
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(pin_lock_ms(cases[i].tries), cases[i].lock_ms);
	assert_true(pin_person_of_number(1, "7") != pin_person_of_number(1, "007"));
	assert_true(pin_person_of_number(1, "999999") != pin_person_of_number(2, "999999"));
	assert_int_equal(pin_person_of_number(3, "11"), pin_person_of_number(3, "11"));
}

static void test_points(void **state)
{
	struct merchant m = { .points_per_100 = 3, .point_value_cents = 5 }, none = { 0 };
	int64_t r = -1;
	(void)state;
	assert_int_equal(points_for_amount(&m, 199, &r), QT_OK);
	assert_int_equal(r, 5);
	assert_int_equal(points_for_amount(&m, 33, &r), QT_OK);
	assert_int_equal(r, 0);
	assert_int_equal(points_for_amount(&m, -500, &r), QT_OK);
	assert_int_equal(r, 0);
	assert_int_equal(points_for_amount(&(struct merchant){ .points_per_100 = 10000 }, MONEY_MAX, &r), QT_OVERFLOW);
	assert_int_equal(points_needed(&m, 11, &r), QT_OK);
	assert_int_equal(r, 3);
	assert_int_equal(points_needed(&m, 10, &r), QT_OK);
	assert_int_equal(r, 2);
	assert_int_equal(points_value(&m, 7, &r), QT_OK);
	assert_int_equal(r, 35);
	assert_int_equal(points_value(&none, 7, &r), QT_CLOSED_HERE);
	assert_int_equal(points_needed(&none, 7, &r), QT_CLOSED_HERE);
}

static void check_words(const char *text, bool rests, const char *joined)
{
	struct words w = { .count = 0 };
	char all[1024] = "";

	words_add(&w, text, rests);
	for (int i = 0; i < w.count; i++) {
		strcat(all, i ? "|" : "");
		strcat(all, w.word[i]);
	}
	assert_string_equal(all, joined);
}

static void test_words(void **state)
{
	(void)state;
	check_words("Whole Milk, 1 l", true, "whole|milk|1|l");
	check_words("milk MILK milk", true, "milk");
	check_words("绿茶 100克", true, "绿茶|茶|100|克");
	check_words("绿茶", false, "绿茶");
	check_words("Café Ürün", false, "café|ürün");
	check_words("ЧАЙ", false, "чай");
	check_words("a\"';--%_", true, "a");
	check_words("，。！", true, "");
	check_words("", true, "");
	/* A word is cut at a whole character. */
	check_words("一二三四五六七八九", false, "一二三四五六七八");
	check_words("abcdefghijklmnopqrstuvwxyz", false, "abcdefghijklmnopqrstuvwx");
	/* Bad bytes end nothing and crash nothing. */
	struct words w = { .count = 0 };
	words_add(&w, "a\xff\xfe" "b", true);
	assert_true(w.count >= 1);
}

static void test_spool_text(void **state)
{
	struct buf b = { 0 };
	(void)state;
	sms_spool_text(&b, "+4917012345678", "您的码是 123456");
	assert_string_equal(b.data, "To: 4917012345678\nAlphabet: UTF-8\n\n您的码是 123456");
	buf_free(&b);
}

static void test_fields_of_people(void **state)
{
	struct problem p;
	(void)state;
	assert_int_equal(staff_check_number("007", &p), QT_OK);
	assert_int_equal(staff_check_number("", &p), QT_BAD_FIELD);
	assert_int_equal(staff_check_number("1234567", &p), QT_BAD_FIELD);
	assert_int_equal(staff_check_pin(ROLE_CASHIER, "1234", &p), QT_OK);
	assert_int_equal(staff_check_pin(ROLE_MANAGER, "12345", &p), QT_BAD_FIELD);
	assert_string_equal(p.field, "pin");
	assert_int_equal(staff_check_pin(ROLE_OWNER, "1234567890123", &p), QT_BAD_FIELD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_card_numbers), cmocka_unit_test(test_card_states),   cmocka_unit_test(test_pin_locks),
		cmocka_unit_test(test_points),       cmocka_unit_test(test_words),         cmocka_unit_test(test_spool_text),
		cmocka_unit_test(test_fields_of_people),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
