/* Outbox: what waits is on disk in order, its keys are never used twice, and the sale comes back as it was. */
#include "pos/outbox.h"
#include "pos/till_sale.h"
#include "tests/lib/tmp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

static struct tdb *open_file(const char *name)
{
	char path[256];
	struct problem p = { 0 };
	struct tdb *s;

	snprintf(path, sizeof path, "%s/%s", test_folder(), name);
	if (tdb_open(path, &s, &p) != QT_OK)
		fail_msg("%s", p.detail);
	return s;
}

static void put(struct tdb *s, enum outbox_kind kind, const char *body, int64_t sale_number)
{
	assert_int_equal(tdb_begin(s), QT_OK);
	assert_int_equal(tdb_commit(s, outbox_add(s, kind, "/v1/orders", body, sale_number, "a note", 7)), QT_OK);
}

static void test_rows_survive_and_keep_their_order(void **state)
{
	struct tdb *s = open_file("order");
	struct outbox_row r;
	(void)state;
	put(s, OUTBOX_ORDER, "{\"a\":1}", 4);
	put(s, OUTBOX_CARD, "{\"b\":2}", 0);
	assert_int_equal(outbox_next(s, &r), QT_OK);
	int64_t first = r.sequence;
	outbox_row_free(&r);
	assert_int_equal(outbox_tried(s, first, true), QT_OK);
	assert_int_equal(outbox_tried(s, first, false), QT_OK);
	tdb_close(s);

	s = open_file("order");
	assert_int_equal(outbox_next(s, &r), QT_OK);
	assert_int_equal(r.sequence, first);
	assert_int_equal(r.kind, OUTBOX_ORDER);
	assert_string_equal(r.body, "{\"a\":1}");
	assert_string_equal(r.path, "/v1/orders");
	assert_int_equal(r.sale_number, 4);
	assert_int_equal(r.tries, 2);
	assert_true(r.seen); /* once seen, always seen */
	outbox_row_free(&r);
	assert_int_equal(outbox_done(s, first), QT_OK);
	assert_int_equal(outbox_next(s, &r), QT_OK);
	assert_int_equal(r.kind, OUTBOX_CARD);
	outbox_row_free(&r);
	tdb_close(s);
}

static void test_keys_are_never_used_twice(void **state)
{
	struct tdb *s = open_file("keys");
	struct outbox_row r;
	int64_t last = 0;
	(void)state;
	for (int round = 0; round < 20; round++) {
		put(s, OUTBOX_POINTS, "{}", 0);
		assert_int_equal(outbox_next(s, &r), QT_OK);
		assert_true(r.sequence > last);
		last = r.sequence;
		outbox_row_free(&r);
		assert_int_equal(outbox_done(s, last), QT_OK); /* the table is empty again */
		if (round % 5 == 4) {
			tdb_close(s);
			s = open_file("keys");
		}
	}
	assert_int_equal(outbox_next(s, &r), QT_NOT_FOUND);
	tdb_close(s);
}

static void test_refused_rows_stay_in_view_and_block_nobody(void **state)
{
	struct tdb *s = open_file("refused");
	struct outbox_row r, all[4];
	(void)state;
	put(s, OUTBOX_ORDER, "{}", 1);
	put(s, OUTBOX_ORDER, "{}", 2);
	assert_int_equal(outbox_next(s, &r), QT_OK);
	assert_int_equal(outbox_refuse(s, r.sequence, "the price changed"), QT_OK);
	outbox_row_free(&r);
	assert_int_equal(outbox_next(s, &r), QT_OK);
	assert_int_equal(r.sale_number, 2);
	outbox_row_free(&r);
	struct outbox_counts c = outbox_counts(s);
	assert_int_equal(c.waiting, 1);
	assert_int_equal(c.refused, 1);
	assert_int_equal(outbox_list(s, all, 4), 2);
	assert_string_equal(all[0].refused, "the price changed");
	assert_string_equal(all[1].refused, "");
	tdb_close(s);
}

static void test_a_failed_transaction_leaves_nothing(void **state)
{
	struct tdb *s = open_file("rollback");
	struct outbox_row r;
	(void)state;
	assert_int_equal(tdb_begin(s), QT_OK);
	assert_int_equal(outbox_add(s, OUTBOX_ORDER, "/v1/orders", "{}", 1, "", 7), QT_OK);
	assert_int_equal(tdb_commit(s, QT_DISK_FULL), QT_DISK_FULL);
	assert_int_equal(outbox_next(s, &r), QT_NOT_FOUND);
	put(s, OUTBOX_ORDER, "{}", 1);
	assert_int_equal(outbox_counts(s).waiting, 1);
	tdb_close(s);
}

static void test_the_sale_comes_back(void **state)
{
	static struct till_sale sale, again;
	struct tdb *s = open_file("sale");
	const struct till_item coffee = { .id = 3, .price_cents = 350, .rate_bp = 825, .name = "Coffee", .name_zh = "咖啡" };
	const struct till_item open = { .id = 4, .price_cents = 99, .open_price = true, .name = "Open" };
	static const char json[] = "{\"order_id\":9,\"state\":\"open\",\"total_cents\":1137,\"due_cents\":37,"
		"\"payments\":[{\"payment_id\":5,\"method\":\"code\",\"state\":\"cancelled\",\"code\":\"OLD\",\"expires_ms\":1},"
		"{\"payment_id\":6,\"method\":\"code\",\"state\":\"open\",\"code\":\"NEW\",\"expires_ms\":99}]}";
	int64_t expires_ms = 0, payment_id = 0;
	(void)state;
	assert_int_equal(till_sale_load(s, &sale, false, 100), QT_OK);
	assert_int_equal(sale.number, 1);
	assert_int_equal(sale.stage, SALE_CART);
	assert_int_equal(cart_add(&sale.cart, &coffee, 3, NULL), QT_OK);
	assert_int_equal(cart_add(&sale.cart, &open, 1, NULL), QT_OK);
	sale.stage = SALE_OPEN;
	strcpy(sale.method, "code");
	strcpy(sale.share, "SHARECODE");
	sale.order = jparse(json, strlen(json));
	assert_int_equal(tdb_begin(s), QT_OK);
	assert_int_equal(tdb_commit(s, till_sale_save(s, &sale)), QT_OK);
	tdb_close(s);

	s = open_file("sale");
	assert_int_equal(till_sale_load(s, &again, false, 200), QT_OK);
	assert_int_equal(again.stage, SALE_OPEN);
	assert_string_equal(again.method, "code");
	assert_string_equal(again.share, "SHARECODE");
	assert_int_equal(again.started_ms, 100);
	assert_int_equal(again.cart.count, 2);
	assert_string_equal(again.cart.lines[0].name_zh, "咖啡");
	assert_true(again.cart.lines[1].open_price);
	assert_int_equal(again.cart.total_cents, sale.cart.total_cents);
	assert_int_equal(till_sale_order_id(&again), 9);
	assert_int_equal(till_sale_due_cents(&again), 37);
	assert_string_equal(till_sale_code(&again, &expires_ms, &payment_id), "NEW");
	assert_int_equal(payment_id, 6);
	till_sale_next(&again, 300);
	assert_int_equal(again.number, 2);
	assert_int_equal(again.cart.count, 0);
	assert_string_equal(again.share, "");
	assert_null(again.order);
	till_sale_free(&sale);
	tdb_close(s);
}

static void test_one_till_a_file(void **state)
{
	struct tdb *s = open_file("lock"), *second;
	struct problem p = { 0 };
	char path[256];
	struct stat st;
	(void)state;
	snprintf(path, sizeof path, "%s/lock", test_folder());
	assert_int_equal(tdb_open(path, &second, &p), QT_BUSY);
	assert_non_null(strstr(p.detail, "another till"));
	snprintf(path, sizeof path, "%s/lock/till.db", test_folder());
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 077, 0); /* nobody else reads it */
	tdb_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows_survive_and_keep_their_order),
		cmocka_unit_test(test_keys_are_never_used_twice),
		cmocka_unit_test(test_refused_rows_stay_in_view_and_block_nobody),
		cmocka_unit_test(test_a_failed_transaction_leaves_nothing),
		cmocka_unit_test(test_the_sale_comes_back),
		cmocka_unit_test(test_one_till_a_file),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
