/* Shifts: float, cash in and out, blind count, X and Z, each with replay, conflict and refusals; what the reports say
 * against the ledger's entries. */
#include "tests/lib/shop.h"

#include "shared/jread.h"

#include <stdio.h>
#include <string.h>

static const struct step day[] = {
	{ "nothing to report yet", "operator:merchant", POST, "/v1/shifts/x", "{\"terminal_id\":${terminal}}", .status = 409,
	  .error = "conflict" },
	{ "nothing to close", "cashier", POST, "/v1/shifts/close", "{\"count\":[]}", .status = 409, .error = "conflict" },
	{ "nothing to take out", "cashier", POST, "/v1/shifts/cash-out", "{\"amount_cents\":1,\"reason\":\"x\"}",
	  .status = 409, .error = "conflict" },
	{ "none is open", "cashier", GET, "/v1/shifts/current", .status = 200,
	  .check = { { "state", "none" }, { "number", "1" }, { "opened_ms", "<none>" } } },
	{ "a float", "cashier", POST, "/v1/shifts", "{\"float_cents\":10000}", .status = 201,
	  .check = { { "state", "open" }, { "number", "1" }, { "automatic", "false" }, { "expected_cents", "<none>" } },
	  .save = { { "shift_id", "shift1" } } },
	{ "the same again", "cashier", POST, "/v1/shifts", "{\"float_cents\":10000}", .key = "=a float" },
	{ "open is open", "cashier", POST, "/v1/shifts", "{\"float_cents\":1}", .status = 409, .error = "conflict" },
	{ "a float below nothing", "cashier", POST, "/v1/shifts", "{\"float_cents\":-1}", .status = 422,
	  .error = "out-of-range", .check = { { "field", "float_cents" } } },
	{ "now one is open, without amounts", "cashier", GET, "/v1/shifts/current", .status = 200,
	  .check = { { "state", "open" }, { "number", "1" }, { "automatic", "false" }, { "expected_cents", "<none>" } } },
	{ "another till's is a manager's business", "cashier", GET,
	  "/v1/shifts/current?terminal_id=${manager_terminal}", .status = 403, .error = "forbidden" },
	{ "the drawer without a sale", "cashier", POST, "/v1/shifts/no-sale", "{\"reason\":\"change a note\"}",
	  .status = 201, .check = { { "reason", "change a note" } } },
	{ "never without a reason", "cashier", POST, "/v1/shifts/no-sale", "{}", .status = 422, .error = "missing-field",
	  .check = { { "field", "reason" } } },
	{ "change from the bank", "cashier", POST, "/v1/shifts/cash-in", "{\"amount_cents\":2000,\"reason\":\"coins\"}",
	  .status = 201, .check = { { "kind", "cash-in" }, { "shift.shift_id", "${shift1}" } } },
	{ "the bank once", "cashier", POST, "/v1/shifts/cash-in", "{\"amount_cents\":2000,\"reason\":\"coins\"}",
	  .key = "=change from the bank" },
	{ "without a reason", "cashier", POST, "/v1/shifts/cash-out", "{\"amount_cents\":5}", .status = 422,
	  .error = "missing-field", .check = { { "field", "reason" } } },
	{ "window cleaner", "cashier", POST, "/v1/shifts/cash-out", "{\"amount_cents\":1500,\"reason\":\"windows\"}",
	  .status = 201 },
	{ "into the safe", "cashier", POST, "/v1/shifts/safe-drop", "{\"amount_cents\":5000,\"reason\":\"noon\"}",
	  .status = 201 },
	{ "more than there is", "cashier", POST, "/v1/shifts/cash-out", "{\"amount_cents\":5501,\"reason\":\"all\"}",
	  .status = 409, .error = "insufficient-funds", .check = { { "field", "amount_cents" } } },
	{ "another's till", "cashier", POST, "/v1/shifts/cash-in",
	  "{\"amount_cents\":1,\"reason\":\"x\",\"terminal_id\":${manager_terminal}}", .status = 403, .error = "forbidden" },
	{ "another merchant's till", "operator:merchant", POST, "/v1/shifts",
	  "{\"float_cents\":1,\"terminal_id\":${other_terminal}}", .status = 404, .error = "not-found" },
	{ "which till", "operator:merchant", POST, "/v1/shifts", "{\"float_cents\":1}", .status = 422,
	  .error = "missing-field", .check = { { "field", "terminal_id" } } },
	{ "a cash sale", "cashier", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${item_milk},\"quantity\":3}],\"customer\":\"${ann_identity}\","
	  "\"payments\":[{\"method\":\"cash\",\"received_cents\":1000}]}",
	  .status = 201, .check = { { "total_cents", "646" } }, .save = { { "order_id", "order1" } } },
	{ "a card is sold", "cashier", POST, "/v1/cards", "{\"amount_cents\":3000,\"tender\":\"cash\"}", .status = 201,
	  .save = { { "code", "card" } } },
	{ "and topped up", "cashier", POST, "/v1/cards/top-up",
	  "{\"code\":\"${card}\",\"amount_cents\":700,\"tender\":\"terminal\"}", .status = 200 },
	{ "split tender", "cashier", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${item_bread},\"quantity\":2}],\"payments\":[{\"method\":\"card\",\"code\":\"${card}\","
	  "\"amount_cents\":500},{\"method\":\"terminal\",\"approval\":\"A1\"}]}", .status = 201,
	  .check = { { "total_cents", "758" }, { "state", "paid" } } },
	{ "an order stays open", "cashier", POST, "/v1/orders", "{\"lines\":[{\"item_id\":${item_milk},\"quantity\":1}]}",
	  .status = 201, .check = { { "total_cents", "215" } } },
	{ "a refund", "cashier", POST, "/v1/orders/${order1}/refunds",
	  "{\"lines\":[{\"line_no\":1,\"quantity\":1}],\"reason\":\"sour\"}", .status = 201 },
	{ "sold elsewhere", "manager", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${item_milk},\"quantity\":1}],\"payments\":[{\"method\":\"cash\"}]}", .status = 201 },
	{ "a cashier sees no X", "cashier", POST, "/v1/shifts/x", "{}", .status = 403, .error = "needs-approval",
	  .check = { { "field", "approval_staff" } } },
	{ "nor by another cashier's leave", "cashier", POST, "/v1/shifts/x",
	  "{\"approval_staff\":{\"number\":\"11\",\"pin\":\"1111\"}}", .status = 403,
	  .error = "forbidden" },
	{ "X", "manager", POST, "/v1/shifts/x", "{\"terminal_id\":${terminal}}", .status = 201,
	  .check = { { "report.kind", "x" }, { "report.number", "1" }, { "report.sales_count", "2" },
	             { "report.receipt_from", "1" }, { "report.receipt_to", "2" }, { "report.gross_cents", "1404" },
	             { "report.tax_cents", "107" }, { "report.discount_cents", "0" }, { "report.taxes", "<1 items>" },
	             { "report.refund_count", "1" }, { "report.refund_cents", "215" }, { "report.counted_cents", "<none>" } },
	  .save = { { "report_id", "x" }, { "report.expected_cents", "expected" } } },
	{ "the X again is the same report", "manager", POST, "/v1/shifts/x", "{\"terminal_id\":${terminal}}", .key = "=X" },
	{ "the X by its number", "manager", GET, "/v1/shift-reports/${x}", .status = 200,
	  .check = { { "report.expected_cents", "8931" }, { "report.tenders", "<3 items>" },
	             { "report.tenders[0].tender", "cash" }, { "report.tenders[0].amount_cents", "646" },
	             { "report.tenders[1].amount_cents", "500" }, { "report.tenders[2].amount_cents", "258" },
	             { "report.cards_sold[0].amount_cents", "3000" }, { "report.cards_topped_up[0].tender", "terminal" },
	             { "report.open_orders", "1" }, { "report.open_orders_cents", "215" },
	             { "report.movements", "<4 items>" }, { "report.points_earned", "6" } } },
	{ "a cashier's X that a manager approved", "cashier", POST, "/v1/shifts/x",
	  "{\"approval_staff\":{\"number\":\"22\",\"pin\":\"222222\"}}", .status = 201,
	  .check = { { "report.expected_cents", "8931" } } },
	{ "not the other merchant's", "other_manager", GET, "/v1/shift-reports/${x}", .status = 404, .error = "not-found" },
	{ "no Z while open", "manager", GET, "/v1/shifts/${shift1}/z", .status = 409, .error = "conflict" },
	{ "a denomination twice", "cashier", POST, "/v1/shifts/close",
	  "{\"count\":[{\"value_cents\":100,\"quantity\":1},{\"value_cents\":100,\"quantity\":2}]}", .status = 422,
	  .error = "bad-field", .check = { { "field", "count" } } },
	{ "no count", "cashier", POST, "/v1/shifts/close", "{}", .status = 422, .error = "missing-field",
	  .check = { { "field", "count" } } },
	{ "less than none", "cashier", POST, "/v1/shifts/close", "{\"count\":[{\"value_cents\":100,\"quantity\":-1}]}",
	  .status = 422, .error = "out-of-range" },
};

static const struct step close_day[] = {
	{ "Z, 31 cents short", "cashier", POST, "/v1/shifts/close",
	  "{\"count\":[{\"value_cents\":2000,\"quantity\":4},{\"value_cents\":100,\"quantity\":9}]}", .status = 201,
	  .check = { { "report.kind", "z" }, { "report.number", "1" }, { "report.expected_cents", "8931" },
	             { "report.counted_cents", "8900" }, { "report.difference_cents", "-31" },
	             { "report.gross_cents", "1404" }, { "report.count[1].quantity", "9" }, { "report.shift_id",
	                                                                                       "${shift1}" } } },
	{ "Z once", "cashier", POST, "/v1/shifts/close",
	  "{\"count\":[{\"value_cents\":2000,\"quantity\":4},{\"value_cents\":100,\"quantity\":9}]}",
	  .key = "=Z, 31 cents short" },
	{ "closed is closed", "cashier", POST, "/v1/shifts/close", "{\"count\":[]}", .status = 409, .error = "conflict" },
	{ "the next opens by itself", "cashier", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${item_milk},\"quantity\":1}],\"payments\":[{\"method\":\"cash\"}]}", .status = 201 },
	{ "too late for a float", "cashier", POST, "/v1/shifts", "{\"float_cents\":100}", .status = 409,
	  .error = "conflict" },
	{ "X of the next", "manager", POST, "/v1/shifts/x", "{\"terminal_id\":${terminal}}", .status = 201,
	  .check = { { "report.number", "2" }, { "report.automatic", "true" }, { "report.sales_count", "1" },
	             { "report.expected_cents", "215" }, { "report.open_orders", "1" }, { "report.movements",
	                                                                                  "<0 items>" } } },
	{ "an exact count", "cashier", POST, "/v1/shifts/close",
	  "{\"count\":[{\"value_cents\":215,\"quantity\":1}]}", .status = 201,
	  .check = { { "report.number", "2" }, { "report.difference_cents", "0" } } },
	{ "cash in opens one too", "cashier", POST, "/v1/shifts/cash-in", "{\"amount_cents\":50,\"reason\":\"found\"}",
	  .status = 201, .check = { { "shift.number", "3" }, { "shift.automatic", "true" } } },
	{ "the list", "manager", GET, "/v1/shifts", .status = 200,
	  .check = { { "shifts", "<3 items>" }, { "shifts[0].difference_cents", "-31" }, { "shifts[0].number", "1" },
	             { "shifts[1].number", "2" }, { "shifts[2].state", "open" } } },
	{ "others see none", "other_manager", GET, "/v1/shifts", .status = 200, .check = { { "shifts", "<0 items>" } } },
	{ "the audit is clean", "operator", POST, "/v1/audit", "{}", .key = "none", .status = 200,
	  .check = { { "clean", "true" } } },
};

/* Sum of all entries of the till's drawer, from the journals as the operator reads them: cash in the drawer. */
static int64_t drawer_from_entries(void)
{
	const struct step get = { "journals", "operator:merchant", GET, "/v1/journal?limit=500", .status = 200 };
	int64_t sum = 0;
	const struct answer *a = api_send(&get);
	struct json_t *journals = jget(a->body, "journals");

	for (size_t i = 0; i < jcount(journals); i++) {
		struct json_t *entries = jget(jat(journals, i), "entries");
		for (size_t k = 0; k < jcount(entries); k++) {
			struct json_t *e = jat(entries, k);
			if (strcmp(jtext(e, "account", ""), "cash") == 0 && jint(e, "owner_id", 0) == api_int("terminal"))
				sum -= jint(e, "amount", 0);
		}
	}
	return sum;
}

static void same_bytes(void)
{
	const struct step z = { "Z", "manager", GET, "/v1/shifts/${shift1}/z", .status = 200 };
	char first[8192];

	snprintf(first, sizeof first, "%s", api_send(&z)->text);
	api_ok(strstr(first, "\"difference_cents\":-31") != NULL && strcmp(first, api_send(&z)->text) == 0,
	       "the Z read later is the same to the byte");
}

int main(void)
{
	struct test_server server;

	server_start(&server, "server", NULL);
	api_begin(&server);
	shop_make("");
	shop_make("other_");
	shop_customer("ann");
	API_RUN(day);
	api_ok(drawer_from_entries() == api_int("expected"), "the X's cash is that of the drawer's entries");
	API_RUN(close_day);
	api_ok(drawer_from_entries() == 50, "after the close only the next shift's cash is in the drawer");
	same_bytes();
	return api_end();
}
