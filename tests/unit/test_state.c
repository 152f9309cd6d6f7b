/* The state machines of orders and payments: what may follow what, said a second time by hand. */
#include "server/order_state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Every allowed step, as "from>to"; all others must be refused. */
static const char *const order_steps[] = {
	"open>paid", "open>cancelled", "open>expired", "paid>part-refunded", "paid>refunded",
	"part-refunded>part-refunded", "part-refunded>refunded",
};
static const char *const payment_steps[] = {
	"open>pending", "open>settled", "open>held", "open>cancelled", "open>expired",
	"pending>settled", "pending>held", "pending>failed", "pending>unknown",
	"unknown>settled", "unknown>held", "unknown>failed",
	"held>settled", "held>cancelled", "held>expired",
	"settled>part-refunded", "settled>refunded", "part-refunded>part-refunded", "part-refunded>refunded",
	"cancelled>late", "expired>late", "failed>late", "late>settled", "late>held", "late>returned",
};

static bool listed(const char *const *steps, size_t count, const char *from, const char *to)
{
	char step[64];
	strcpy(step, from);
	strcat(step, ">");
	strcat(step, to);
	for (size_t i = 0; i < count; i++)
		if (strcmp(steps[i], step) == 0)
			return true;
	return false;
}

static void test_order_steps(void **state)
{
	int allowed = 0;
	(void)state;
	for (int from = -2; from < 40; from++)
		for (int to = -2; to < 40; to++) {
			bool want = listed(order_steps, sizeof order_steps / sizeof *order_steps, order_state_name(from),
			                   order_state_name(to));
			assert_int_equal(order_state_may(from, to), want);
			allowed += want;
		}
	assert_int_equal(allowed, sizeof order_steps / sizeof *order_steps);
}

static void test_payment_steps(void **state)
{
	int allowed = 0;
	(void)state;
	for (int from = -2; from < 40; from++)
		for (int to = -2; to < 40; to++) {
			bool want = listed(payment_steps, sizeof payment_steps / sizeof *payment_steps, payment_state_name(from),
			                   payment_state_name(to));
			assert_int_equal(payment_state_may(from, to), want);
			allowed += want;
		}
	assert_int_equal(allowed, sizeof payment_steps / sizeof *payment_steps);
}

/* A failed, cancelled or expired payment may still see its money: only through `late`. */
static void test_late_money_has_one_door(void **state)
{
	static const int ended[] = { PAYMENT_FAILED, PAYMENT_CANCELLED, PAYMENT_EXPIRED };
	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_true(payment_state_may(ended[i], PAYMENT_LATE));
		assert_false(payment_state_may(ended[i], PAYMENT_SETTLED));
	}
	assert_false(payment_state_may(PAYMENT_SETTLED, PAYMENT_SETTLED));
}

static void test_names(void **state)
{
	(void)state;
	assert_int_equal(order_state_by_name("part-refunded"), ORDER_PART_REFUNDED);
	assert_int_equal(order_state_by_name("settled"), 0);
	assert_string_equal(payment_method_name(METHOD_FIXED), "fixed");
	assert_string_equal(payment_source_name(SOURCE_REBATE), "rebate");
	assert_null(payment_source_name(0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order_steps),
		cmocka_unit_test(test_payment_steps),
		cmocka_unit_test(test_late_money_has_one_door),
		cmocka_unit_test(test_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
