/* Customers who pay no tax: certificates, what orders of theirs cost with prices without and with tax, refunds, reports,
 * a till that could not ask, and what the auditor finds. Shop of sale.h: 8.25 % added; the other merchant: 19 % contained. */
#include "tests/lib/sale.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OP "operator:merchant"
#define OTHER "operator:other_merchant"
#define ORDER(as, lines, more) as, POST, "/v1/orders", "{\"lines\":[" lines "]" more "}"
#define BASKET "{\"item_id\":${item2},\"quantity\":1}"
#define BREAD "{\"item_id\":${item3},\"quantity\":1}"
#define ORANGE(n) "{\"item_id\":${other_item},\"quantity\":" #n "}"
#define CASH ",\"payments\":[{\"method\":\"cash\"}]"
#define WHO(n) ",\"customer\":\"${identity" #n "}\""

static const struct step certificates[] = {
	{ "not by a cashier", "cashier1", POST, "/v1/tax-exemptions", "{\"identity_code\":\"${identity1}\",\"certificate\":\"C-1\"}",
	  .status = 403, .error = "forbidden" },
	{ "a card is nobody", "manager", POST, "/v1/tax-exemptions", "{\"identity_code\":\"${card1}\",\"certificate\":\"C-1\"}",
	  .status = 422, .error = "wrong-kind", .check = { { "field", "identity_code" } } },
	{ "without its number", "manager", POST, "/v1/tax-exemptions", "{\"identity_code\":\"${identity1}\"}", .status = 422,
	  .error = "missing-field", .check = { { "field", "certificate" } } },
	{ "over already", "manager", POST, "/v1/tax-exemptions",
	  "{\"identity_code\":\"${identity1}\",\"certificate\":\"C-1\",\"from_ms\":1000,\"until_ms\":2000}", .status = 422,
	  .error = "out-of-range", .check = { { "field", "until_ms" } } },
	{ "a certificate", "manager", POST, "/v1/tax-exemptions", "{\"identity_code\":\"${identity1}\",\"certificate\":\"C-1\"}",
	  .status = 201, .save = { { "exemption_id", "exempt1" } },
	  .check = { { "state", "good" }, { "customer_id", "${id1}" }, { "until_ms", "0" } } },
	{ "one that begins in a hundred years", "manager", POST, "/v1/tax-exemptions",
	  "{\"identity_code\":\"${identity2}\",\"certificate\":\"C-2\",\"from_ms\":4900000000000,\"until_ms\":5000000000000}",
	  .status = 201, .check = { { "state", "not-yet" } } },
	{ "the list", "manager", GET, "/v1/tax-exemptions", .check = { { "exemptions", "<2 items>" },
	  { "exemptions[0].certificate", "C-1" } } },
	{ "another merchant sees none", OTHER, GET, "/v1/tax-exemptions", .check = { { "exemptions", "<0 items>" } } },
	{ "nor ends one", OTHER, POST, "/v1/tax-exemptions/${exempt1}/end", "{}", .status = 404, .error = "not-found" },
	{ "it is what the till is told", "cashier1", POST, "/v1/members/find", "{\"identity_code\":\"${identity1}\"}", .key = "none",
	  .check = { { "customers", "<1 items>" }, { "customers[0].customer_id", "${id1}" }, { "customers[0].tax_certificate", "C-1" },
	             { "customers[0].level", "0" }, { "customers[0].points", "0" } } },
	{ "of others nothing", "cashier1", POST, "/v1/members/find", "{\"identity_code\":\"${identity2}\"}", .key = "none",
	  .check = { { "customers[0].tax_certificate", "<none>" } } },
};

static const struct step sales[] = {
	{ "tax is not added, and the step says why", ORDER("cashier1", BASKET "," BREAD, WHO(1) CASH ",\"total_cents\":1250"), .status = 201,
	  .save = { { "order_id", "sold" } },
	  .check = { { "total_cents", "1250" }, { "tax_cents", "0" }, { "tax_certificate", "C-1" }, { "steps", "<1 items>" },
	             { "steps[0].kind", "tax-exempt" }, { "steps[0].amount_cents", "0" }, { "steps[0].rate_bp", "825" },
	             { "steps[0].reason", "C-1" }, { "lines[0].tax_cents", "0" }, { "discount_cents", "0" } } },
	{ "the same again", ORDER("cashier1", BASKET "," BREAD, WHO(1) CASH ",\"total_cents\":1250"),
	  "=tax is not added, and the step says why" },
	{ "looked at", "cashier1", GET, "/v1/orders/${sold}", .check = { { "tax_certificate", "C-1" }, { "total_cents", "1250" } } },
	{ "after a discount", ORDER("cashier1", BASKET, WHO(1) CASH ",\"discount\":{\"rate_bp\":1000,\"reason\":\"x\"}"), .status = 201,
	  .check = { { "total_cents", "900" }, { "discount_cents", "100" }, { "steps", "<2 items>" } } },
	{ "only goods without tax: nothing to say", ORDER("cashier1", BREAD, WHO(1) CASH), .status = 201,
	  .check = { { "total_cents", "250" }, { "steps", "<none>" }, { "tax_certificate", "<none>" } } },
	{ "nobody pays tax", ORDER("cashier1", BASKET, CASH), .status = 201, .check = { { "total_cents", "1083" } } },
	{ "who has another's certificate too", ORDER("cashier1", BASKET, WHO(3) CASH), .status = 201,
	  .check = { { "total_cents", "1083" } } },
	{ "before it begins", ORDER("cashier1", BASKET, WHO(2) CASH), .status = 201, .check = { { "total_cents", "1083" } } },
	{ "a till that could not ask told the sum with tax", ORDER("cashier1", BASKET, WHO(1) CASH ",\"tax_exempt\":false,\"total_cents\":1083"),
	  .status = 201, .check = { { "total_cents", "1083" }, { "tax_certificate", "<none>" } } },
	{ "without tax for who has none", ORDER("cashier1", BASKET, WHO(3) CASH ",\"tax_exempt\":true"), .status = 409,
	  .error = "conflict", .check = { { "field", "tax_exempt" } } },
	{ "without tax for nobody", ORDER("cashier1", BASKET, CASH ",\"tax_exempt\":true"), .status = 422, .error = "missing-field",
	  .check = { { "field", "customer" } } },
	{ "the sum with tax is refused", ORDER("cashier1", BASKET, WHO(1) CASH ",\"total_cents\":1083"), .status = 409,
	  .error = "amount-mismatch", .check = { { "detail", "it comes to 1000, not 1083" } } },
	{ "one basket comes back", "manager", POST, "/v1/orders/${sold}/refunds",
	  "{\"reason\":\"r\",\"lines\":[{\"line_no\":1,\"quantity\":1}]}", .status = 201,
	  .check = { { "refunded_cents", "1000" }, { "tax_cents", "0" } } },
	/* 3 oranges at 1.19: 3.57, of which 0.57 is tax */
	{ "a certificate at the other shop", OTHER, POST, "/v1/tax-exemptions",
	  "{\"identity_code\":\"${identity1}\",\"certificate\":\"DE 4711\",\"until_ms\":5000000000000}", .status = 201 },
	{ "prices lose the tax they contain", ORDER("other_cashier", ORANGE(3), WHO(1) CASH), .status = 201, .save = { { "order_id", "oranges" } },
	  .check = { { "total_cents", "300" }, { "tax_cents", "0" }, { "steps[0].kind", "tax-exempt" },
	             { "steps[0].amount_cents", "-57" }, { "steps[0].rate_bp", "1900" }, { "subtotal_cents", "300" } } },
	{ "one orange comes back", OTHER, POST, "/v1/orders/${oranges}/refunds",
	  "{\"reason\":\"r\",\"lines\":[{\"line_no\":1,\"quantity\":1}]}", .status = 201,
	  .check = { { "refunded_cents", "100" }, { "tax_cents", "0" } } },
	{ "with tax for others", ORDER("other_cashier", ORANGE(3), CASH), .status = 201, .check = { { "total_cents", "357" }, { "tax_cents", "57" } } },
	{ "by tax: a row of its own", OTHER, GET, "/v1/reports/tax", .check = { { "rows", "<2 items>" },
	  { "rows[0].tax_id", "0" }, { "rows[0].name", "Exempt customers" }, { "rows[0].total_cents", "300" },
	  { "rows[0].refunded_cents", "100" }, { "rows[0].tax_cents", "0" }, { "rows[1].tax_cents", "57" } } },
	{ "gross to net", OTHER, GET, "/v1/reports/net", .check = { { "rows[0].amount_cents", "714" },
	  { "rows[8].line", "tax-exempt" }, { "rows[8].amount_cents", "-57" }, { "rows[9].line", "tax-added" },
	  { "rows[9].amount_cents", "0" }, { "rows[10].amount_cents", "657" } } },
};

static const struct step over[] = {
	{ "taken back", "manager", POST, "/v1/tax-exemptions/${exempt1}/end", "{}", .check = { { "state", "ended" } } },
	{ "once", "manager", POST, "/v1/tax-exemptions/${exempt1}/end", "{}", .status = 409, .error = "conflict" },
	{ "the customer pays tax again", ORDER("cashier1", BASKET, WHO(1) CASH), .status = 201, .check = { { "total_cents", "1083" } } },
	{ "what was sold stands: the rest comes back without tax", "manager", POST, "/v1/orders/${sold}/refunds", "{\"reason\":\"r\"}",
	  .status = 201, .check = { { "refunded_cents", "250" }, { "order.state", "refunded" } } },
};

/* A change of the file, the check that must name it, and its taking back. */
static const struct {
	const char *check, *sql, *undo;
} wrongs[] = {
	{ "line-tax", "UPDATE order_line SET tax_cents = tax_cents + 1 WHERE id = (SELECT min(id) FROM order_line)",
	  "UPDATE order_line SET tax_cents = tax_cents - 1 WHERE id = (SELECT min(id) FROM order_line)" },
	{ "line-exempt", "UPDATE order_step SET amount_cents = amount_cents + 1 WHERE kind = 5 AND amount_cents < 0",
	  "UPDATE order_step SET amount_cents = amount_cents - 1 WHERE kind = 5 AND amount_cents < 0" },
	{ "order-exempt", "UPDATE order_exemption SET exemption_id = exemption_id + 100",
	  "UPDATE order_exemption SET exemption_id = exemption_id - 100" },
	{ "order-exempt", "UPDATE tax_exemption SET from_ms = from_ms + 900000000", "UPDATE tax_exemption SET from_ms = from_ms - 900000000" },
	{ "order-exempt", "UPDATE order_exemption SET id = id + 1000", "UPDATE order_exemption SET id = id - 1000" },
};

static void audit_finds(const struct test_server *server, size_t i)
{
	char command[400], path[160], line[300];
	bool found = false;
	sqlite3 *raw;

	snprintf(path, sizeof path, "%s/qrtill.db", server->dir);
	sqlite3_open(path, &raw);
	sqlite3_busy_timeout(raw, 5000);
	int changed = sqlite3_exec(raw, wrongs[i].sql, NULL, NULL, NULL);
	snprintf(command, sizeof command, "%s/qrtill audit --data-dir %s 2>&1", getenv("QRTILL_BIN") ? getenv("QRTILL_BIN") : "build/bin",
	         server->dir);
	FILE *f = popen(command, "r");
	while (f && fgets(line, sizeof line, f) != NULL)
		found = found || strncmp(line, wrongs[i].check, strlen(wrongs[i].check)) == 0;
	if (f)
		pclose(f);
	api_ok(changed == SQLITE_OK && found, "the auditor says %s: %s", wrongs[i].check, wrongs[i].sql);
	sqlite3_exec(raw, wrongs[i].undo, NULL, NULL, NULL);
	sqlite3_close(raw);
}

int main(void)
{
	struct test_server server;

	server_start(&server, "server", NULL);
	api_begin(&server);
	sale_shop();
	API_RUN(certificates);
	API_RUN(sales);
	API_RUN(over);
	sale_audit();
	for (size_t i = 0; i < sizeof wrongs / sizeof *wrongs; i++)
		audit_finds(&server, i);
	sale_audit();
	server_stop(&server);
	return api_end();
}
