/* Prepaid cards below HTTP: what the routes cannot ask for, or ask for seldom. */
#include "server/card.h"
#include "server/store/tx.h"
#include "tests/lib/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define USD 840
#define NOW_MS INT64_C(1000000)

static char public_url[] = "https://pay.example.com";
static struct server server = { .settings = { .public_url = public_url } };

/* Two merchants. */
static struct db *open_shop(const char *name)
{
	SQL(merchants, "INSERT INTO merchant (id, name, currency, country, city, mcc, fee_bp, tax_inclusive, points_per_100, "
	               "point_value_cents, cashier_refund_limit_cents, closed_parts, state, created_ms) VALUES "
	               "(1, 'One', 840, 'US', 'Salem', 5411, 0, 0, 0, 0, 0, 0, 1, 1), "
	               "(2, 'Two', 840, 'US', 'Salem', 5411, 0, 0, 0, 0, 0, 0, 1, 1)");

	server.keys = *store_keys();
	struct db *db = store_open(name);
	db_begin(db);
	assert_int_equal(db_run(db, &merchants, ""), QT_OK);
	return db;
}

static void close_shop(struct db *db)
{
	db_rollback(db);
	db_close(db);
}

static struct card issue(struct db *db, int64_t merchant_id, int64_t expires_ms)
{
	struct card c;
	assert_int_equal(card_issue(db, &server, merchant_id, expires_ms, NOW_MS, &c), QT_OK);
	return c;
}

static struct card_money money(int64_t amount_cents)
{
	return (struct card_money){ .amount_cents = amount_cents, .tender = CARD_TENDER_NONE, .currency = USD, .at_ms = NOW_MS };
}

static struct card active(struct db *db, int64_t amount_cents)
{
	struct card c = issue(db, 1, 0);
	struct card_money m = money(amount_cents);
	assert_int_equal(card_activate(db, &c, &m, NULL), QT_OK);
	return c;
}

static int64_t balance(struct db *db, const struct card *c)
{
	int64_t cents;
	assert_int_equal(ledger_balance(db, c->account_id, &cents), QT_OK);
	return cents;
}

static void test_numbers(void **state)
{
	static const char *const none[] = { "", "1", "92000000000000000000", "920000000000000/", "920000000000000:",
		"9000000000000000", "9200 0000 0000 000x" };
	char spaced[40];
	struct card c, found;
	(void)state;
	struct db *db = open_shop("numbers");

	for (size_t i = 0; i < sizeof none / sizeof *none; i++)
		assert_int_equal(card_by_number(db, 0, none[i], &found), QT_CARD_REFUSED);
	c = issue(db, 1, 0);
	long long n = (long long)c.number;
	snprintf(spaced, sizeof spaced, "%04lld %04lld %04lld %04lld", n / 1000000000000, n / 100000000 % 10000,
	         n / 10000 % 10000, n % 10000);
	assert_int_equal(card_by_number(db, 0, spaced, &found), QT_OK);
	assert_int_equal(found.id, c.id);
	assert_int_equal(card_by_number(db, 2, spaced, &found), QT_CARD_REFUSED);
	close_shop(db);
}

static void test_freezing(void **state)
{
	(void)state;
	struct db *db = open_shop("freezing");
	struct card fresh = issue(db, 1, 0), over = issue(db, 1, NOW_MS - 1), c = active(db, 100);

	over.state = CARD_ACTIVE;
	assert_int_equal(card_freeze(db, &fresh, CARD_FROZEN_BY_HOLDER, NOW_MS), QT_CARD_NOT_ACTIVE);
	assert_int_equal(card_unfreeze(db, &fresh, CARD_FROZEN_BY_HOLDER, NOW_MS), QT_CARD_NOT_ACTIVE);
	assert_int_equal(card_freeze(db, &over, CARD_FROZEN_BY_HOLDER, NOW_MS), QT_CARD_REFUSED);
	assert_int_equal(card_unfreeze(db, &over, CARD_FROZEN_BY_HOLDER, NOW_MS), QT_CARD_REFUSED);
	assert_int_equal(card_unfreeze(db, &c, CARD_FROZEN_BY_HOLDER, NOW_MS), QT_OK); /* it is not frozen */
	assert_int_equal(card_freeze(db, &c, CARD_FROZEN_BY_HOLDER, NOW_MS), QT_OK);
	assert_int_equal(card_freeze(db, &c, CARD_FROZEN_BY_HOLDER, NOW_MS), QT_OK);
	assert_int_equal(card_freeze(db, &c, CARD_FROZEN_BY_MERCHANT, NOW_MS), QT_OK); /* covers the holder's */
	assert_int_equal(c.frozen_by, CARD_FROZEN_BY_MERCHANT);
	assert_int_equal(card_freeze(db, &c, CARD_FROZEN_BY_HOLDER, NOW_MS), QT_OK);
	assert_int_equal(c.frozen_by, CARD_FROZEN_BY_MERCHANT);
	assert_int_equal(card_unfreeze(db, &c, CARD_FROZEN_BY_HOLDER, NOW_MS), QT_FORBIDDEN);
	assert_int_equal(card_unfreeze(db, &c, CARD_FROZEN_BY_MERCHANT, NOW_MS), QT_OK);
	close_shop(db);
}

static void test_transfer_refuses(void **state)
{
	struct problem p;
	int64_t cents;
	(void)state;
	struct db *db = open_shop("transfer");
	struct card from = active(db, 500), fresh = issue(db, 1, 0), other = issue(db, 2, 0), closed = active(db, 0),
	            over = issue(db, 1, NOW_MS - 1), mine = active(db, 7), theirs = active(db, 8);
	const struct { struct card *from, *to; enum qt_err err; } cases[] = {
		{ &from, &from, QT_CONFLICT }, { &from, &other, QT_CARD_REFUSED }, { &fresh, &from, QT_CONFLICT },
		{ &over, &from, QT_CONFLICT }, { &closed, &from, QT_CONFLICT }, { &from, &closed, QT_CONFLICT },
		{ &from, &over, QT_CONFLICT }, { &mine, &theirs, QT_CARD_BOUND },
	};

	closed.state = CARD_CLOSED;
	mine.customer_id = 5;
	theirs.customer_id = 6;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(card_transfer(db, cases[i].from, cases[i].to, USD, 1, NOW_MS, &cents, &p), cases[i].err);
	/* A frozen one may go; an empty one takes nothing with it, and its holder's card may be the same person's. */
	theirs.customer_id = 5;
	assert_int_equal(card_transfer(db, &mine, &theirs, USD, 1, NOW_MS, &cents, &p), QT_OK);
	assert_int_equal(cents, 7);
	assert_int_equal(balance(db, &theirs), 15);
	struct card empty = active(db, 0), next = issue(db, 1, 0);
	assert_int_equal(card_freeze(db, &empty, CARD_FROZEN_BY_MERCHANT, NOW_MS), QT_OK);
	assert_int_equal(card_transfer(db, &empty, &next, USD, 1, NOW_MS, &cents, &p), QT_OK);
	assert_int_equal(cents, 0);
	close_shop(db);
}

/* A card that was replaced again and again: its newest heir gets what a sale puts on it. */
static void test_heirs(void **state)
{
	struct card_money m = money(100);
	int64_t cents, journal_id;
	struct problem p;
	struct card c;
	(void)state;
	struct db *db = open_shop("heirs");
	struct card first = active(db, 500), last = first;

	for (int i = 0; i < 17; i++) {
		struct card next = issue(db, 1, 0);
		assert_int_equal(card_transfer(db, &last, &next, USD, 1, NOW_MS, &cents, &p), QT_OK);
		last = next;
		if (i == 15) {
			assert_int_equal(card_load(db, first.id, &m, &journal_id), QT_OK);
			assert_int_equal(balance(db, &last), 600);
		}
	}
	assert_int_equal(card_living(db, first.id, &c), QT_OK);
	assert_int_not_equal(c.id, last.id); /* sixteen are followed, no more */
	assert_int_equal(card_living(db, 4711, &c), QT_NOT_FOUND);
	close_shop(db);
}

static void test_sold_and_taken_back(void **state)
{
	struct card_money m = money(100);
	int64_t journal_id;
	struct problem p;
	(void)state;
	struct db *db = open_shop("sold");
	struct card fresh = issue(db, 1, 0), c = active(db, 50);

	assert_int_equal(card_sell(db, fresh.id, &m, &journal_id), QT_OK);
	assert_int_equal(card_sell(db, fresh.id, &m, &journal_id), QT_CONFLICT); /* it is active */
	assert_int_equal(card_sell(db, 4711, &m, &journal_id), QT_NOT_FOUND);
	assert_int_equal(card_load(db, 4711, &m, &journal_id), QT_NOT_FOUND);
	assert_int_equal(card_take_back(db, 4711, &m, true, &journal_id, &p), QT_NOT_FOUND);
	assert_int_equal(card_take_back(db, c.id, &m, true, &journal_id, &p), QT_INSUFFICIENT);
	m.amount_cents = 20;
	assert_int_equal(card_take_back(db, c.id, &m, true, &journal_id, &p), QT_OK);
	assert_int_equal(card_take_back(db, c.id, &m, true, &journal_id, &p), QT_OK); /* frozen already */
	assert_int_equal(balance(db, &c), 10);
	close_shop(db);
}

/* The value of a card whose time is over goes to the merchant, but not what an open payment holds. */
static void test_expiry(void **state)
{
	struct journal j = { .kind = JOURNAL_HOLD, .merchant_id = 1, .at_ms = NOW_MS };
	struct card_money m = money(300);
	int64_t hold;
	int count;
	(void)state;
	struct db *db = open_shop("expiry");
	struct card held = issue(db, 1, NOW_MS + 10), fresh = issue(db, 1, NOW_MS + 10), empty = issue(db, 1, NOW_MS + 10);

	assert_int_equal(card_activate(db, &held, &m, NULL), QT_OK);
	m.amount_cents = 0;
	assert_int_equal(card_activate(db, &empty, &m, NULL), QT_OK);
	assert_int_equal(ledger_hold(db, &j, held.account_id, 100, NOW_MS + 100, &hold, NULL), QT_OK);
	assert_int_equal(card_expire_due(db, NOW_MS + 9, &count), QT_OK);
	assert_int_equal(count, 0);
	assert_int_equal(card_expire_due(db, NOW_MS + 10, &count), QT_OK);
	assert_int_equal(count, 2);
	assert_int_equal(card_get(db, 1, fresh.id, &fresh), QT_OK);
	assert_int_equal(fresh.state, CARD_EXPIRED);
	assert_int_equal(ledger_hold_void(db, &j, hold, NULL), QT_OK);
	assert_int_equal(card_expire_due(db, NOW_MS + 10, &count), QT_OK);
	assert_int_equal(count, 1);
	assert_int_equal(balance(db, &held), 0);
	close_shop(db);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_freezing),
		cmocka_unit_test(test_transfer_refuses),
		cmocka_unit_test(test_heirs),
		cmocka_unit_test(test_sold_and_taken_back),
		cmocka_unit_test(test_expiry),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
