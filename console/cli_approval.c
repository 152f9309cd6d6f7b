/* cli_approval: what cashiers may do alone, and a manager's leave for more: `qrtill approval|limit|rule ...`. */
#include "console/cli_client.h"
#include "console/cli_request.h"

#include <stdlib.h>
#include <string.h>

/* ---- approval ---- */

static enum qt_err add_staff(struct client *c, struct json *j, struct problem *p)
{
	const char *number = cli_option(c->cli, "approve");
	char pin[16];

	if (number == NULL)
		return problem_set(p, QT_MISSING_FIELD, "approve", "who approves");
	enum qt_err err = client_pin(c->cli, "PIN of who approves", pin, p);
	if (err != QT_OK)
		return err;
	json_object(j, "approval_staff");
	json_text(j, "number", number);
	json_text(j, "pin", pin);
	json_end(j);
	explicit_bzero(pin, sizeof pin);
	return QT_OK;
}

static const struct cli_option new_arguments[] = {
	{ "ACTION", NULL, "discount, price, refund, cancel, drawer or cash-out", CLI_TEXT, "action" },
	{ "AMOUNT", NULL, "up to how much", CLI_MONEY, "amount_cents" },
	{ 0 },
};
static const struct cli_option new_options[] = {
	{ "approve", "NUMBER", "staff number of who approves; the PIN is asked", CLI_OWN, NULL },
	{ "pin-file", "FILE", "read that PIN from a file, - for standard input", CLI_OWN, NULL },
	{ 0 },
};
static const struct cli_option list_options[] = {
	{ "after", "ID", "continue after this one", CLI_INT, "after" },
	{ "limit", "N", "at most this many", CLI_INT, "limit" },
	{ 0 },
};
static const struct cli_route approve = { "POST", "/v1/approvals", new_arguments, .body = add_staff };
static const struct cli_route list = { "GET", "/v1/approvals", .list = "approvals",
	.columns = "approval_id action amount_cents asked_by approved_by at_ms used_ms ref_id" };
const struct command cli_approval_commands[] = {
	{ "approval", "new", "ACTION AMOUNT --approve NUMBER", "let a manager approve one thing", new_options, 2, 2,
	  client_run, &approve, true },
	{ "approval", "list", "", "who asked, who approved, what came of it", list_options, 0, 0, client_run, &list, true },
	{ 0 },
};

/* ---- limit ---- */

#define STAFF { "staff", "ID", "one cashier; default: every cashier without limits of the own", CLI_INT, "staff_id" }
static const struct cli_option limit_show_options[] = { STAFF, { 0 } };
static const struct cli_option limit_set_options[] = {
	STAFF,
	{ "discount-rate", "PERCENT", "discounts of one order, per cent", CLI_RATE, "discount_bp" },
	{ "discount", "AMOUNT", "discounts of one order", CLI_MONEY, "discount_cents" },
	{ "price", "AMOUNT", "how far below the catalogue one order's prices may be set", CLI_MONEY, "price_cents" },
	{ "refund", "AMOUNT", "refunds of one order", CLI_MONEY, "refund_cents" },
	{ "cancel", "AMOUNT", "total of an order that may be cancelled after it was sent", CLI_MONEY, "cancel_cents" },
	{ "cash-out", "AMOUNT", "one movement of cash out of the drawer", CLI_MONEY, "cash_out_cents" },
	{ "drawer", "yes|no", "may open the drawer without a sale", CLI_CHOICE, "drawer_opens" },
	{ 0 },
};
static const struct cli_route limit_show = { "GET", "/v1/staff-limits" };
static const struct cli_route limit_set = { "POST", "/v1/staff-limits" };
const struct command cli_limit_commands[] = {
	{ "limit", "show", "[--staff ID]", "what cashiers may do alone", limit_show_options, 0, 0, client_run, &limit_show,
	  true },
	{ "limit", "set", "[options]", "change it", limit_set_options, 0, 0, client_run, &limit_set, true },
	{ 0 },
};

/* ---- rule ---- */

static enum qt_err add_rules(struct client *c, struct json *j, struct problem *p)
{
	const struct cli *cli = c->cli;
	struct buf reasons = { 0 };

	(void)p;
	for (int i = 0; i < cli->given_count; i++)
		if (strcmp(cli->given[i].name, "reason") == 0)
			buf_addf(&reasons, "%s%s", reasons.len ? "\n" : "", cli->given[i].value);
	if (reasons.len)
		json_text(j, "discount_reasons", reasons.data);
	buf_free(&reasons);
	return QT_OK;
}

static const struct cli_option rule_show_options[] = {
	{ "store", "ID", "the store; default: the till's", CLI_INT, "store_id" }, { 0 },
};
static const struct cli_option rule_set_options[] = {
	{ "reason", "TEXT", "a reason of discounts that tills offer; may be repeated: all of them", CLI_OWN, NULL },
	{ "patterns", "LIST", "layouts of barcodes with a weight or price inside, as 21IIIIIWWWWWC; comma between", CLI_TEXT,
	  "barcode_patterns" },
	{ "cash-rounding", "AMOUNT", "what is paid in cash is rounded to this: 0.05, 0.10, 0.50 or 1.00; 0.01: not at all",
	  CLI_MONEY, "cash_rounding_cents" },
	{ 0 },
};
static const struct cli_option store_argument[] = { { "STORE", NULL, "the store", CLI_INT, "store_id" }, { 0 } };
static const struct cli_route rule_show = { "GET", "/v1/store-rules" };
static const struct cli_route rule_set = { "POST", "/v1/store-rules", store_argument, .body = add_rules };
const struct command cli_rule_commands[] = {
	{ "rule", "show", "[--store ID]", "what a store has settled for its tills", rule_show_options, 0, 0, client_run,
	  &rule_show, true },
	{ "rule", "set", "STORE [options]", "settle it", rule_set_options, 1, 1, client_run, &rule_set, true },
	{ 0 },
};
