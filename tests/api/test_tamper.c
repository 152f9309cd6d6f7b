/* A shop that sold, refunded and shared; then its database is tampered with as somebody with the file and any tool
 * could: triggers and checks off, keys not known. The auditor must find each change and name the row. */
#include "server/audit.h"
#include "tests/lib/api.h"
#include "tests/lib/shop.h"

#include <errno.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct step life[] = {
	{ "prefund", "operator:merchant", POST, "/v1/prefund", "{\"amount_cents\":100000,\"reference\":\"wire\"}" },
	{ "campaign", "manager", POST, "/v1/campaigns",
	  "{\"name\":\"Share\",\"levels\":[{\"rate_bp\":300},{\"rate_bp\":200},{\"rate_bp\":100}],\"channel_bp\":50,"
	  "\"agent_bp\":50,\"platform_bp\":50}", .save = { { "campaign_id", "campaign" }, { "code", "campaign_code" } } },
	{ "run it", "manager", POST, "/v1/campaigns/${campaign}/state", "{\"state\":\"running\"}" },
	{ "first promoter", "ann", POST, "/v1/shares", "{\"code\":\"${campaign_code}\"}", .save = { { "code", "share1" } } },
	{ "second promoter", "bob", POST, "/v1/shares", "{\"code\":\"${share1}\"}", .save = { { "code", "share2" } } },
	{ "third promoter", "cat", POST, "/v1/shares", "{\"code\":\"${share2}\"}", .save = { { "code", "share3" } } },
	{ "card for dan", "cashier", POST, "/v1/cards", "{\"amount_cents\":20000,\"tender\":\"cash\"}",
	  .save = { { "card_id", "card1" }, { "code", "card1_code" } } },
	{ "bearer card", "cashier", POST, "/v1/cards", "{\"amount_cents\":30000,\"tender\":\"cash\"}",
	  .save = { { "card_id", "card2" }, { "code", "card2_code" } } },
	{ "lost card", "cashier", POST, "/v1/cards", "{\"amount_cents\":4000,\"tender\":\"cash\"}",
	  .save = { { "card_id", "card3" }, { "code", "card3_code" } } },
	{ "card in its place", "cashier", POST, "/v1/cards", "{\"amount_cents\":100,\"tender\":\"cash\"}",
	  .save = { { "card_id", "card4" }, { "code", "card4_code" } } },
	{ "frozen card", "cashier", POST, "/v1/cards", "{\"amount_cents\":500,\"tender\":\"cash\"}",
	  .save = { { "card_id", "card5" } } },
	{ "bind", "dan", POST, "/v1/cards/bind", "{\"code\":\"${card1_code}\"}" },
	{ "freeze", "manager", POST, "/v1/cards/${card5}/freeze", "{}" },
	{ "transfer", "manager", POST, "/v1/cards/transfer",
	  "{\"from_code\":\"${card3_code}\",\"to_code\":\"${card4_code}\",\"reason\":\"lost\"}" },
	{ "a sale through a chain", "cashier", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${item_milk},\"quantity\":3},{\"item_id\":${item_bread},\"quantity\":2}],"
	  "\"share\":\"${share3}\",\"customer\":\"${dan_identity}\",\"payments\":[{\"method\":\"card\","
	  "\"code\":\"${card2_code}\"}]}",
	  .check = { { "state", "paid" } }, .save = { { "order_id", "order1" } } },
	{ "a sale for cash", "cashier", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${item_bread},\"quantity\":1}],\"payments\":[{\"method\":\"cash\","
	  "\"received_cents\":1000}]}",
	  .check = { { "state", "paid" } }, .save = { { "order_id", "order2" } } },
	{ "a sale by code", "cashier", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${item_milk},\"quantity\":2}],\"payments\":[{\"method\":\"code\"}]}",
	  .save = { { "order_id", "order3" }, { "payments[0].code", "pay_code" } } },
	{ "a sale that is given back", "cashier", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${item_bread},\"quantity\":4}],\"share\":\"${share2}\","
	  "\"customer\":\"${dan_identity}\","
	  "\"payments\":[{\"method\":\"card\",\"code\":\"${card2_code}\"}]}",
	  .check = { { "state", "paid" } }, .save = { { "order_id", "order4" } } },
	{ "part of it back", "manager", POST, "/v1/orders/${order4}/refunds",
	  "{\"lines\":[{\"line_no\":1,\"quantity\":1}],\"reason\":\"stale\"}", .save = { { "refund_id", "refund1" } } },
	{ "a sale half paid", "cashier", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${item_bread},\"quantity\":2}],"
	  "\"payments\":[{\"method\":\"card\",\"code\":\"${card2_code}\",\"amount_cents\":300},{\"method\":\"code\"}]}",
	  .check = { { "state", "open" } }, .save = { { "order_id", "order5" } } },
	{ "a sale given up", "cashier", POST, "/v1/orders", "{\"lines\":[{\"item_id\":${item_milk},\"quantity\":1}]}",
	  .save = { { "order_id", "order6" } } },
	{ "cancel it", "cashier", POST, "/v1/orders/${order6}/cancel", "{}" },
};
static const struct step clean[] = {
	{ "the books are clean while the server runs", "operator", POST, "/v1/audit", NULL,
	  .check = { { "clean", "true" }, { "problem_count", "0" } } },
};

/* A change, and the row that must be named: its table and a query for its id in the untouched file. */
static const struct {
	const char *what, *sql, *table, *row;
} cases[] = {
	/* the ledger */
	{ "an entry's amount", "UPDATE entry SET amount = amount + 1 WHERE id = 65", "journal", "1" },
	{ "both entries of a top-up", "UPDATE entry SET amount = amount * 3 WHERE id / 64 = 2", "account",
	  "SELECT account_id FROM entry WHERE id = 129" },
	{ "a removed entry", "DELETE FROM entry WHERE id = 128", "entry", "128" },
	{ "an entry on another account",
	  "UPDATE entry SET account_id = (SELECT account_id FROM card WHERE id = 1) WHERE account_id = (SELECT "
	  "account_id FROM card "
	  "WHERE id = 2) AND amount < 0 AND id IN (SELECT max(id) FROM entry WHERE account_id = (SELECT account_id "
	  "FROM card WHERE "
	  "id = 2))", "account", "SELECT account_id FROM card WHERE id = 2" },
	{ "a removed journal", "DELETE FROM entry WHERE id / 64 = 3; DELETE FROM journal WHERE id = 3", "journal", "3" },
	{ "an added journal",
	  "INSERT INTO journal SELECT max(id) + 1, 2, 1, 0, 1, 0, max(at_ms) FROM journal;"
	  "INSERT INTO entry SELECT max(j.id) * 64, (SELECT id FROM account WHERE kind = 0), -9900, max(j.id) * 64 - "
	  "(SELECT max(e.id) FROM entry e JOIN account a ON a.id = e.account_id WHERE a.kind = 0) FROM journal j;"
	  "INSERT INTO entry SELECT max(j.id) * 64 + 1, (SELECT account_id FROM card WHERE id = 1), 9900, max(j.id) * "
	  "64 + 1 - "
	  "(SELECT max(id) FROM entry WHERE account_id = (SELECT account_id FROM card WHERE id = 1)) FROM journal j",
	  "journal", "SELECT max(id) + 1 FROM journal" },
	{ "a journal's order", "UPDATE journal SET order_id = 2 WHERE order_id = 1 AND kind = 0", "orders", "1" },
	{ "a journal's time", "UPDATE journal SET at_ms = at_ms - 86400000 WHERE id = 4", "journal", "4" },
	{ "a journal's kind", "UPDATE journal SET kind = 19 WHERE id = 4", "journal", "4" },
	{ "a re-linked history", "UPDATE entry SET back = 0 WHERE id = (SELECT max(id) FROM entry)", "entry",
	  "SELECT max(id) FROM entry" },
	{ "a balance moved between cards",
	  "UPDATE account SET balance = balance - 1000 WHERE id = (SELECT account_id FROM card WHERE id = 2);"
	  "UPDATE account SET balance = balance + 1000 WHERE id = (SELECT account_id FROM card WHERE id = 1)", "account",
	  "SELECT account_id FROM card WHERE id = 1" },
	{ "a card that may be negative", "UPDATE account SET overdraft = 1 WHERE kind = 3 AND owner_id = 2", "account",
	  "SELECT account_id FROM card WHERE id = 2" },
	{ "an account's owner", "UPDATE account SET owner_id = 99 WHERE kind = 3 AND owner_id = 2", "card", "2" },
	{ "the mark", "UPDATE meta SET value = value + 6400 WHERE name = 'mark'", "meta", "0" },
	{ "a removed hold", "DELETE FROM hold WHERE state = 0", "hold", "SELECT id FROM hold WHERE state = 0" },
	{ "a removed hold and its seal", "DELETE FROM row_seal WHERE id IN (SELECT id * 64 + 2 FROM hold WHERE state = 0);"
	  "DELETE FROM hold WHERE state = 0", "hold", "SELECT id FROM hold WHERE state = 0" },
	{ "a smaller hold", "UPDATE hold SET amount = 1 WHERE state = 0", "hold", "SELECT id FROM hold WHERE state = 0" },
	/* the seals */
	{ "a removed seal", "DELETE FROM seal WHERE id = 7", "seal", "7" },
	{ "a changed seal", "UPDATE seal SET hash = randomblob(32) WHERE id = 7", "seal", "7" },
	{ "a forged countersignature", "UPDATE seal SET mac = randomblob(16) WHERE id = 7", "seal", "7" },
	{ "a cut-off end",
	  "DELETE FROM entry WHERE id / 64 > (SELECT max(id) - 3 FROM journal); DELETE FROM journal WHERE id > (SELECT "
	  "max(id) - 3 "
	  "FROM journal); DELETE FROM seal WHERE last_journal > (SELECT max(id) FROM journal)", "seal",
	  "SELECT max(id) FROM seal" },
	{ "the newest seal cut off", "DELETE FROM seal WHERE id = (SELECT max(id) FROM seal)", "seal",
	  "SELECT max(id) FROM seal" },
	/* orders */
	{ "an order's total", "UPDATE orders SET total_cents = 100 WHERE id = 1", "orders", "1" },
	{ "a line's quantity", "UPDATE order_line SET quantity = 1 WHERE id = 257", "orders", "1" },
	{ "a line, the total and the payment alike",
	  "UPDATE order_line SET price_cents = price_cents - 50 WHERE id = 513; UPDATE orders SET total_cents = "
	  "total_cents - 50 "
	  "WHERE id = 2; UPDATE payment SET amount_cents = amount_cents - 50 WHERE order_id = 2", "orders", "2" },
	{ "a removed line", "DELETE FROM order_line WHERE id = 258", "orders", "1" },
	{ "a removed order", "DELETE FROM orders WHERE id = 2; DELETE FROM order_line WHERE id / 256 = 2; "
	  "DELETE FROM payment WHERE order_id = 2", "orders", "2" },
	{ "an order's buyer", "UPDATE orders SET customer_id = 1 WHERE id = 2", "journal",
	  "SELECT id FROM journal WHERE order_id = 2 AND kind = 0" },
	{ "an order's rebate", "UPDATE orders SET rebate_cents = 1 WHERE id = 1", "orders", "1" },
	{ "an order's points", "UPDATE orders SET points_earned = 900 WHERE id = 1", "orders", "1" },
	{ "an order's receipt number", "UPDATE orders SET receipt_number = 77 WHERE id = 1", "till_sequence", "1" },
	{ "a paid order cancelled", "UPDATE orders SET state = 3 WHERE id = 2", "orders", "2" },
	{ "an open order paid", "UPDATE orders SET state = 2 WHERE id = 5", "orders", "5" },
	{ "a payment's amount", "UPDATE payment SET amount_cents = 1 WHERE order_id = 1", "orders", "1" },
	{ "a payment's account", "UPDATE payment SET account_id = (SELECT account_id FROM card WHERE id = 1) WHERE "
	  "order_id = 1",
	  "orders", "1" },
	{ "a removed payment", "DELETE FROM payment WHERE order_id = 1", "payment",
	  "SELECT id FROM payment WHERE order_id = 1" },
	{ "what was sold", "UPDATE sold_item SET rate_bp = 0 WHERE id = 1", "sold_item", "1" },
	/* refunds */
	{ "a removed refund", "DELETE FROM refund WHERE id = 1; DELETE FROM refund_line; DELETE FROM "
	  "refund_tender", "refund",
	  "1" },
	{ "a refund's amount", "UPDATE refund SET amount_cents = 1 WHERE id = 1", "refund", "1" },
	{ "a refund forgotten by its payment", "UPDATE payment SET refunded_cents = 0 WHERE refunded_cents > 0", "payment",
	  "SELECT id FROM payment WHERE refunded_cents > 0" },
	{ "a refund forgotten by its order", "UPDATE orders SET state = 2 WHERE id = 4", "refund", "1" },
	/* rows with seals of their own */
	{ "another card's value", "UPDATE card SET account_id = (SELECT account_id FROM card WHERE id = 2) WHERE id = "
	  "1", "card",
	  "1" },
	{ "a closed card revived", "UPDATE card SET state = 2 WHERE id = 3", "card", "3" },
	{ "a frozen card thawed", "UPDATE card SET state = 2, frozen_by = 0 WHERE id = 5", "card", "5" },
	{ "a card's secret", "UPDATE card SET secret_hash = randomblob(32) WHERE id = 2", "card", "2" },
	{ "somebody else's card", "UPDATE card SET customer_id = 1 WHERE id = 1", "card", "1" },
	{ "a forged card", "INSERT INTO card SELECT 6, merchant_id, batch_id, number + 10, randomblob(32), account_id, "
	  "0, 2, 0, 0, 0, "
	  "created_ms, changed_ms FROM card WHERE id = 2", "card", "6" },
	{ "a removed card with its seal", "DELETE FROM card WHERE id = 5; DELETE FROM row_seal WHERE id = 5 * 64 + "
	  "13", "card",
	  "5" },
	{ "a cashier made owner", "UPDATE staff SET role = 32 WHERE number = '11'", "staff",
	  "SELECT id FROM staff WHERE number = '11'" },
	{ "a manager's PIN", "UPDATE staff SET pin_hash = 'x' WHERE number = '22'", "staff",
	  "SELECT id FROM staff WHERE number = '22'" },
	{ "a campaign's rate", "UPDATE campaign_level SET rate_bp = 5000 WHERE id = 17", "campaign_level", "17" },
	{ "a campaign's share for the channel", "UPDATE campaign SET channel_bp = 5000", "campaign", "1" },
	{ "what a campaign spent", "UPDATE campaign_use SET spent_cents = 0", "campaign_use", "1" },
	{ "what a campaign holds", "UPDATE campaign_use SET held_cents = 0", "campaign_use", "0" },
	{ "a refunded payment made whole", "UPDATE payment SET state = 4 WHERE state = 10", "payment",
	  "SELECT id FROM payment WHERE state = 10" },
	{ "a share's parent", "UPDATE share SET parent_id = 0 WHERE id = 3", "share", "3" },
	{ "a share's promoter", "UPDATE share SET customer_id = 4 WHERE id = 1", "share", "1" },
	{ "a terminal's secret", "UPDATE terminal SET secret_hash = randomblob(32) WHERE id = 1", "terminal", "1" },
	{ "a merchant's fee", "UPDATE merchant SET fee_bp = 0 WHERE id = 1", "merchant", "1" },
	{ "a customer's phone", "UPDATE customer SET phone = '+15550001' WHERE id = 4", "customer", "4" },
	{ "an added device", "INSERT INTO device SELECT max(id) + 1, 4, 'x', randomblob(32), 1, 0 FROM device", "device",
	  "SELECT max(id) + 1 FROM device" },
	{ "a forged session of the owner", "INSERT INTO session SELECT max(id) + 1, (SELECT id FROM staff WHERE number "
	  "= '33'), 1, "
	  "randomblob(32), created_ms, expires_ms * 2, 0 FROM session", "session", "SELECT max(id) + 1 FROM session" },
	{ "a used enrolment code made good again", "UPDATE enrolment SET used_ms = 0, expires_ms = expires_ms * 2 "
	  "WHERE id = 1",
	  "enrolment", "1" },
	{ "a forged binding", "INSERT INTO binding VALUES (1, 4, 'sandbox', 'x', 2, 1, 0)", "binding", "1" },
	{ "a tax rate", "UPDATE tax SET rate_bp = 0 WHERE id = 1", "tax", "1" },
	{ "an item's price", "UPDATE item SET price_cents = 1 WHERE id = 1", "item", "1" },
	{ "a removed line of the audit log", "DELETE FROM audit_log WHERE id = 2", "audit_log", "2" },
	{ "a changed line of the audit log", "UPDATE audit_log SET actor_id = 1 WHERE id = 2", "audit_log", "2" },
};

static struct test_server server;
static struct keyring keys;
static char original[200], copy[220], heads[200];

static void copy_original(void)
{
	char piece[65536];
	size_t n;
	FILE *in = fopen(original, "r"), *out = fopen(copy, "w");

	if (in == NULL || out == NULL)
		fatal("the database cannot be copied");
	while ((n = fread(piece, 1, sizeof piece, in)) > 0)
		if (fwrite(piece, 1, n, out) != n)
			fatal("the database cannot be copied");
	fclose(in);
	if (fclose(out) != 0)
		fatal("the database cannot be copied");
}

static sqlite3 *open_raw(const char *path)
{
	sqlite3 *db;

	if (sqlite3_open(path, &db) != SQLITE_OK)
		fatal("%s cannot be opened", path);
	return db;
}

/* A number: itself, or the answer of a query. */
static int64_t number_of(sqlite3 *db, const char *text)
{
	sqlite3_stmt *s;

	if (strncmp(text, "SELECT", 6) != 0)
		return atoll(text);
	if (sqlite3_prepare_v2(db, text, -1, &s, NULL) != SQLITE_OK || sqlite3_step(s) != SQLITE_ROW)
		fatal("%s: %s", text, sqlite3_errmsg(db));
	int64_t value = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return value;
}

/* Triggers are in the way of an honest server only. */
static void drop_triggers(sqlite3 *db)
{
	sqlite3_stmt *s;
	char sql[200];

	sqlite3_exec(db, "PRAGMA ignore_check_constraints = ON", NULL, NULL, NULL);
	for (;;) {
		sqlite3_prepare_v2(db, "SELECT name FROM sqlite_schema WHERE type = 'trigger'", -1, &s, NULL);
		if (sqlite3_step(s) != SQLITE_ROW)
			break;
		sqlite3_snprintf(sizeof sql, sql, "DROP TRIGGER \"%w\"", (const char *)sqlite3_column_text(s, 0));
		sqlite3_finalize(s);
		if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
			fatal("%s", sqlite3_errmsg(db));
	}
	sqlite3_finalize(s);
}

static void audit_copy(struct audit_report *r)
{
	struct audit_options o = { .keys = &keys, .heads_path = heads };
	struct problem why = { 0 };

	if (audit_file(copy, &o, r, &why) != QT_OK)
		fatal("%s: %s", copy, why.detail);
}

static bool is_named(const struct audit_report *r, const char *table, int64_t row)
{
	for (int64_t i = 0; i < r->problem_count && i < AUDIT_PROBLEMS_MAX; i++)
		if (strcmp(r->problems[i].table, table) == 0 && r->problems[i].row == row)
			return true;
	return false;
}

static void try_case(size_t i)
{
	struct audit_report r;
	char *message = NULL;

	copy_original();
	sqlite3 *db = open_raw(copy);
	int64_t row = number_of(db, cases[i].row);
	drop_triggers(db);
	int before = sqlite3_total_changes(db);
	if (sqlite3_exec(db, cases[i].sql, NULL, NULL, &message) != SQLITE_OK)
		fatal("%s: %s", cases[i].sql, message);
	bool changed = sqlite3_total_changes(db) > before;
	sqlite3_close(db);
	audit_copy(&r);
	bool named = is_named(&r, cases[i].table, row);
	if (!named)
		audit_print(&r, stdout);
	api_ok(changed && named, "%s: %s row %" PRId64 " is named", cases[i].what, cases[i].table, row);
	audit_free(&r);
}

/* The file that remembers what was signed is part of what is guarded. */
static void try_without_heads(void)
{
	struct audit_report r;

	copy_original();
	if (remove(heads) != 0)
		fatal("%s: %s", heads, strerror(errno));
	audit_copy(&r);
	sqlite3 *db = open_raw(copy);
	api_ok(is_named(&r, "seal", number_of(db, "SELECT MAX(id) FROM seal")), "the heads file removed: it is missed");
	sqlite3_close(db);
	audit_free(&r);
}

int main(void)
{
	char path[200];
	struct problem why = { 0 };
	struct audit_report r;

	server_start(&server, "tamper", NULL);
	api_begin(&server);
	shop_make("");
	shop_customer("ann");
	shop_customer("bob");
	shop_customer("cat");
	shop_customer("dan");
	API_RUN(life);
	const char *token = strrchr(api_var("pay_code"), '/');
	api_set("pay_token", "%s", token ? token + 1 : "");
	static const struct step pay[] = {
		{ "dan pays by code", "dan", POST, "/v1/pay/${pay_token}", "{\"source\":\"card\",\"card_id\":${card1}}",
		  .check = { { "state", "settled" } } },
	};
	API_RUN(pay);
	API_RUN(clean);
	api_ok(server_stop(&server), "the server stops cleanly");
	snprintf(original, sizeof original, "%s/qrtill.db", server.dir);
	snprintf(heads, sizeof heads, "%s/heads", server.dir);
	snprintf(copy, sizeof copy, "%s/copy.db", server.dir);
	snprintf(path, sizeof path, "%s/keys.conf", server.dir);
	if (keyring_load(path, &keys, &why) != QT_OK)
		fatal("%s", why.detail);
	copy_original();
	audit_copy(&r);
	if (r.problem_count)
		audit_print(&r, stdout);
	api_ok(r.problem_count == 0 && r.heads > 0, "the file is clean as it lies there");
	audit_free(&r);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		try_case(i);
	try_without_heads();
	return api_end();
}
