/* cli_order: orders and payments as a till makes them: `qrtill order|payment|provider ...`. */
#include "console/cli_client.h"
#include "console/cli_request.h"
#include "shared/quantity.h"

#include <stdlib.h>
#include <string.h>

#define ID(help) (const struct cli_option[]){ { "ID", NULL, help, CLI_INT, ":id" }, { 0 } }
#define CODE_MAX 300

/* "CODE", "CODE*3" or, measured, "CODE*0.752": one line of an order. */
static enum qt_err add_line(struct json *j, const char *text, struct problem *p)
{
	const char *star = strrchr(text, '*');
	char code[CODE_MAX];
	int64_t milli = QUANTITY_MILLI;
	bool measured = star && strpbrk(star, ".,");

	if (star && quantity_parse(star + 1, strlen(star + 1), &milli) != QT_OK)
		return problem_set(p, QT_BAD_FIELD, "line", "after * must come how many, or how much: 0.752");
	snprintf(code, sizeof code, "%.*s", star ? (int)(star - text) : (int)strlen(text), text);
	json_text(j, "barcode", code);
	json_int(j, measured ? "quantity_milli" : "quantity", measured ? milli : milli / QUANTITY_MILLI);
	return QT_OK;
}

/* Members of one payment: "METHOD" or "METHOD:AMOUNT", and what the options say about it. */
static enum qt_err add_payment(struct client *c, struct json *j, const char *text, struct problem *p)
{
	const char *colon = strchr(text, ':'), *card = cli_option(c->cli, "card");
	const char *received = cli_option(c->cli, "received");
	char method[16];
	enum qt_err err = QT_OK;

	snprintf(method, sizeof method, "%.*s", colon ? (int)(colon - text) : (int)strlen(text), text);
	json_text(j, "method", method);
	if (colon)
		err = request_value(c, j, CLI_MONEY, "amount_cents", "pay", colon + 1, p);
	if (err == QT_OK && card && strcmp(method, "card") == 0)
		err = request_value(c, j, CLI_CARD, "", "card", card, p);
	if (err == QT_OK && received && strcmp(method, "cash") == 0)
		err = request_value(c, j, CLI_MONEY, "received_cents", "received", received, p);
	if (cli_option(c->cli, "identity") && strncmp(method, "points", 6) == 0)
		json_text(j, "identity_code", cli_option(c->cli, "identity"));
	if (cli_option(c->cli, "institution") && strcmp(method, "provider") == 0)
		json_text(j, "institution", cli_option(c->cli, "institution"));
	if (cli_option(c->cli, "approval") && strcmp(method, "terminal") == 0)
		json_text(j, "approval", cli_option(c->cli, "approval"));
	return err;
}

/* "10%" or "2.50" as member "discount", with the reason that --why gives. */
static enum qt_err add_discount(struct client *c, struct json *j, const char *name, const char *text, struct problem *p)
{
	const char *why = cli_option(c->cli, "why");
	size_t len = strlen(text);
	char rate[16];
	enum qt_err err;

	if (why == NULL)
		return problem_set(p, QT_MISSING_FIELD, "why", "a discount or another price has a reason");
	json_object(j, "discount");
	if (len > 1 && len < sizeof rate && text[len - 1] == '%') {
		snprintf(rate, sizeof rate, "%.*s", (int)len - 1, text);
		err = request_value(c, j, CLI_RATE, "rate_bp", name, rate, p);
	} else {
		err = request_value(c, j, CLI_MONEY, "amount_cents", name, text, p);
	}
	json_text(j, "reason", why);
	json_end(j);
	return err;
}

/* What "LINE:VALUE" of an option says about line `no`; NULL: nothing. */
static const char *about_line(const struct cli *cli, const char *option, long no)
{
	for (int i = 0; i < cli->given_count; i++) {
		char *end;
		if (strcmp(cli->given[i].name, option) == 0 && strtol(cli->given[i].value, &end, 10) == no && *end == ':')
			return end + 1;
	}
	return NULL;
}

static enum qt_err add_prices(struct client *c, struct json *j, long no, struct problem *p)
{
	const char *price = about_line(c->cli, "line-price", no), *why = cli_option(c->cli, "why");
	const char *discount = about_line(c->cli, "line-discount", no);
	enum qt_err err = QT_OK;

	if (price)
		err = request_value(c, j, CLI_MONEY, "price_cents", "line-price", price, p);
	if (err == QT_OK && price && why)
		json_text(j, "price_reason", why);
	return err == QT_OK && discount ? add_discount(c, j, "line-discount", discount, p) : err;
}

/* The order's discount and the approvals it needs. */
static enum qt_err add_order_prices(struct client *c, struct json *j, struct problem *p)
{
	const struct cli *cli = c->cli;
	enum qt_err err = QT_OK;

	if (cli_has(cli, "discount"))
		err = add_discount(c, j, "discount", cli_option(cli, "discount"), p);
	if (err != QT_OK || !cli_has(cli, "approved"))
		return err;
	json_array(j, "approvals");
	for (int i = 0; i < cli->given_count && err == QT_OK; i++)
		if (strcmp(cli->given[i].name, "approved") == 0)
			err = request_value(c, j, CLI_INT, NULL, "approved", cli->given[i].value, p);
	json_end(j);
	return err;
}

static enum qt_err add_order(struct client *c, struct json *j, struct problem *p)
{
	const struct cli *cli = c->cli;
	enum qt_err err = QT_OK;

	json_array(j, "lines");
	for (int i = 0; i < cli->args && err == QT_OK; i++) {
		json_object(j, NULL);
		err = add_line(j, cli->arg[i], p);
		if (err == QT_OK)
			err = add_prices(c, j, i + 1, p);
		json_end(j);
	}
	json_end(j);
	if (err == QT_OK)
		err = add_order_prices(c, j, p);
	if (err != QT_OK || !cli_has(cli, "pay"))
		return err;
	json_array(j, "payments");
	for (int i = 0; i < cli->given_count && err == QT_OK; i++) {
		if (strcmp(cli->given[i].name, "pay") != 0)
			continue;
		json_object(j, NULL);
		err = add_payment(c, j, cli->given[i].value, p);
		json_end(j);
	}
	json_end(j);
	return err;
}

static enum qt_err add_pay(struct client *c, struct json *j, struct problem *p)
{
	return add_payment(c, j, c->cli->arg[1], p);
}

/* "LINE" or "LINE*QUANTITY" of every --line; the approving person's PIN. */
static enum qt_err add_refund(struct client *c, struct json *j, struct problem *p)
{
	const struct cli *cli = c->cli;
	const char *number = cli_option(cli, "approve");
	char pin[16];

	if (cli_has(cli, "line"))
		json_array(j, "lines");
	for (int i = 0; i < cli->given_count; i++) {
		const char *star = strchr(cli->given[i].value, '*');
		int64_t milli = QUANTITY_MILLI;
		long long line;
		char rest;
		if (strcmp(cli->given[i].name, "line") != 0)
			continue;
		int n = sscanf(cli->given[i].value, "%lld%c", &line, &rest);
		if (n < 1 || (n == 2 && rest != '*') || line < 1 ||
		    (star && quantity_parse(star + 1, strlen(star + 1), &milli) != QT_OK))
			return problem_set(p, QT_BAD_FIELD, "line", "must be LINE or LINE*QUANTITY");
		json_object(j, NULL);
		json_int(j, "line_no", line);
		bool measured = star && strpbrk(star, ".,");
		json_int(j, measured ? "quantity_milli" : "quantity", measured ? milli : milli / QUANTITY_MILLI);
		json_end(j);
	}
	if (cli_has(cli, "line"))
		json_end(j);
	if (number == NULL)
		return QT_OK;
	enum qt_err err = client_pin(cli, "PIN of who approves", pin, p);
	if (err != QT_OK)
		return err;
	json_object(j, "approval_staff");
	json_text(j, "number", number);
	json_text(j, "pin", pin);
	json_end(j);
	explicit_bzero(pin, sizeof pin);
	return QT_OK;
}

#define PAY_OPTIONS \
	{ "card", "CARD", "with --pay card: its number or code", CLI_OWN, NULL }, \
	{ "received", "AMOUNT", "with cash: what was given", CLI_OWN, NULL }, \
	{ "identity", "CODE", "with points or points-discount: the customer's identity code", CLI_OWN, NULL }, \
	{ "institution", "NAME", "with provider: which", CLI_OWN, NULL }, \
	{ "approval", "TEXT", "with terminal: the bank terminal's approval", CLI_OWN, NULL }
static const struct cli_option new_options[] = {
	{ "pay", "METHOD[:AMOUNT]", "cash, card, points, code, provider or terminal; points-discount:AMOUNT lowers the "
	  "price; may be repeated", CLI_OWN, NULL },
	PAY_OPTIONS,
	{ "discount", "RATE%|AMOUNT", "off the whole order; --why says why", CLI_OWN, NULL },
	{ "line-discount", "LINE:RATE%|AMOUNT", "off one line; may be repeated", CLI_OWN, NULL },
	{ "line-price", "LINE:AMOUNT", "another price of one than the catalogue's, or an open price", CLI_OWN, NULL },
	{ "why", "TEXT", "why: a discount and another price have a reason", CLI_OWN, NULL },
	{ "approved", "ID", "an approval that covers it; may be repeated", CLI_OWN, NULL },
	{ "share", "CODE", "the share or campaign code that led here", CLI_TEXT, "share" },
	{ "customer", "CODE", "the customer's identity code", CLI_TEXT, "customer" },
	{ 0 },
};
static const struct cli_option pay_options[] = { PAY_OPTIONS, { 0 } };
static const struct cli_option list_options[] = {
	{ "state", "STATE", "open, paid, cancelled, expired, part-refunded or refunded", CLI_TEXT, "state" },
	{ "from", "TIME", "made at or after", CLI_TIME, "from_ms" },
	{ "to", "TIME", "made before", CLI_TIME, "to_ms" },
	{ "desc", NULL, "newest first", CLI_FLAG, "desc" },
	{ "after", "ID", "continue after this one", CLI_INT, "after" },
	{ "limit", "N", "at most this many", CLI_INT, "limit" },
	{ 0 },
};
static const struct cli_option refund_options[] = {
	{ "line", "LINE[*N]", "only this line, this many; may be repeated; default: everything", CLI_OWN, NULL },
	{ "reason", "TEXT", "why", CLI_TEXT, "reason" },
	{ "approve", "NUMBER", "staff number of who approves; the PIN is asked", CLI_OWN, NULL },
	{ "pin-file", "FILE", "read that PIN from a file, - for standard input", CLI_OWN, NULL },
	{ 0 },
};
static const struct cli_route new_order = { "POST", "/v1/orders", .body = add_order };
static const struct cli_route show = { "GET", "/v1/orders/:id", ID("the order") };
static const struct cli_route list = { "GET", "/v1/orders", .list = "orders",
	.columns = "order_id number state at_ms total_cents" };
static const struct cli_route pay = { "POST", "/v1/orders/:id/payments", ID("the order"), .body = add_pay };
static const struct cli_option cancel_options[] = {
	{ "approved", "ID", "an approval, above the cashier's limit", CLI_INT, "approval_id" }, { 0 },
};
static const struct cli_route cancel = { "POST", "/v1/orders/:id/cancel", ID("the order"),
	.confirm = N_("Cancel this order?") };
static const struct cli_option preview_options[] = {
	{ "lines", "LINE*N,...", "only these lines, so many of each; default: everything", CLI_TEXT, "lines" }, { 0 },
};
static const struct cli_route preview = { "GET", "/v1/orders/:id/refunds/preview", ID("the order") };
static const struct cli_route refund = { "POST", "/v1/orders/:id/refunds", ID("the order"), .body = add_refund,
	.confirm = N_("Give this money back?") };
const struct command cli_order_commands[] = {
	{ "order", "new", "CODE[*N]... [--pay METHOD]", "sell: barcodes, PLUs or SKUs", new_options, 1, -1, client_run,
	  &new_order,
	  true },
	{ "order", "show", "ID", "show an order", NULL, 1, 1, client_run, &show, true },
	{ "order", "list", "", "list orders", list_options, 0, 0, client_run, &list, true },
	{ "order", "pay", "ID METHOD[:AMOUNT]", "pay what is due, or a part", pay_options, 2, 2, client_run, &pay, true },
	{ "order", "cancel", "ID", "cancel an unpaid order", cancel_options, 1, 1, client_run, &cancel, true },
	{ "order", "preview", "ID [--lines LINE*N,...]", "what a refund would give back", preview_options, 1, 1,
	  client_run, &preview,
	  true },
	{ "order", "refund", "ID --reason TEXT", "give money back to where it came from", refund_options, 1, 1,
	  client_run, &refund,
	  true },
	{ 0 },
};

/* Payments a till may have to ask about. */
static const struct cli_route payment_show = { "GET", "/v1/payments/:id", ID("the payment") };
static const struct cli_route payment_cancel = { "POST", "/v1/payments/:id/cancel", ID("the payment"),
	.confirm = N_("Cancel this payment?") };
const struct command cli_payment_commands[] = {
	{ "payment", "show", "ID", "show a payment", NULL, 1, 1, client_run, &payment_show, true },
	{ "payment", "cancel", "ID", "cancel a payment that is not settled", NULL, 1, 1, client_run, &payment_cancel,
	  true },
	{ 0 },
};

static const struct cli_route provider_list = { "GET", "/v1/providers", .list = "institutions" };
const struct command cli_provider_commands[] = {
	{ "provider", "list", "", "payment institutions customers can choose", NULL, 0, 0, client_run, &provider_list,
	  true },
	{ 0 },
};
