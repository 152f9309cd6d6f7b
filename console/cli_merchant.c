/* cli_merchant: merchants and who works with them: `qrtill merchant|store|staff|agent|channel ...`. */
#include "console/cli_client.h"

#include <string.h>

#define ID(help) (const struct cli_option[]){ { "ID", NULL, help, CLI_INT, ":id" }, { 0 } }
#define SCALE_OPTIONS \
	{ "name-zh", "NAME", "name in Chinese", CLI_TEXT, "name_zh" }, \
	{ "fee", "RATE", "the platform's fee, per cent of sales", CLI_RATE, "fee_bp" }, \
	{ "points-per-100", "N", "points earned per 100 minor units", CLI_INT, "points_per_100" }, \
	{ "point-value", "AMOUNT", "cash value of one point when spent", CLI_MONEY, "point_value_cents" }, \
	{ "cashier-refund-limit", "AMOUNT", "what a cashier may refund alone", CLI_MONEY, "cashier_refund_limit_cents" }, \
	{ "city", "NAME", "for codes and receipts", CLI_TEXT, "city" }, \
	{ "city-zh", "NAME", "the city in Chinese", CLI_TEXT, "city_zh" }, \
	{ "mcc", "CODE", "merchant category of ISO 18245, 4 digits", CLI_INT, "mcc" }, \
	{ "tax-inclusive", "yes|no", "whether prices contain the tax", CLI_CHOICE, "tax_inclusive" }, \
	{ "phone", "NUMBER", "for notices, with + and country", CLI_TEXT, "phone" }

/* --currency is one of client_options: here it is the merchant's own. */
static enum qt_err add_currency(struct client *c, struct json *j, struct problem *p)
{
	const char *currency = cli_option(c->cli, "currency");
	if (currency == NULL)
		return problem_set(p, QT_MISSING_FIELD, "currency", "--currency is needed, USD for example");
	json_text(j, "currency", currency);
	return QT_OK;
}

static const struct cli_option new_options[] = {
	{ "country", "CODE", "ISO 3166, US for example", CLI_TEXT, "country" },
	{ "agent", "ID", "the agent who signed it up", CLI_INT, "agent_id" },
	SCALE_OPTIONS,
	{ 0 },
};
/* Parts that can be opened or closed for a merchant. */
#define PART(name, field) { name, "yes|no", "whether this part is open", CLI_CHOICE, field }
static const struct cli_option set_options[] = {
	{ "name", "NAME", "new name", CLI_TEXT, "name" },
	{ "state", "STATE", "open or closed", CLI_TEXT, "state" },
	PART("cards", "cards_open"),
	PART("points", "points_open"),
	PART("campaigns", "campaigns_open"),
	PART("fixed-codes", "fixed_codes_open"),
	PART("providers", "providers_open"),
	SCALE_OPTIONS,
	{ 0 },
};
static const struct cli_option name_argument[] = { { "NAME", NULL, "its name", CLI_TEXT, "name" }, { 0 } };
static const struct cli_option list_options[] = {
	{ "after", "ID", "continue after this one", CLI_INT, "after" },
	{ "limit", "N", "at most this many", CLI_INT, "limit" },
	{ 0 },
};

static const struct cli_route merchant_new = { "POST", "/v1/merchants", name_argument, .body = add_currency };
static const struct cli_route merchant_set = { "POST", "/v1/merchants/:id", ID("the merchant") };
static const struct cli_route merchant_show = { "GET", "/v1/merchants/:id", ID("the merchant") };
static const struct cli_route merchant_list = { "GET", "/v1/merchants", .list = "merchants",
	.columns = "merchant_id name name_zh currency city state" };
const struct command cli_merchant_commands[] = {
	{ "merchant", "new", "NAME --currency CODE --country CODE --city NAME --mcc CODE --fee RATE --tax-inclusive yes|no",
	  "add a merchant", new_options, 1, 1, client_run, &merchant_new,
	  true },
	{ "merchant", "set", "ID [options]", "change a merchant", set_options, 1, 1, client_run, &merchant_set, true },
	{ "merchant", "show", "ID", "show a merchant", NULL, 1, 1, client_run, &merchant_show, true },
	{ "merchant", "list", "", "list merchants", list_options, 0, 0, client_run, &merchant_list, true },
	{ 0 },
};

static const struct cli_option store_options[] = {
	{ "name-zh", "NAME", "name in Chinese", CLI_TEXT, "name_zh" },
	{ "address", "TEXT", "street and number", CLI_TEXT, "address" },
	{ "city", "NAME", "city", CLI_TEXT, "city" },
	{ "receipt-footer", "TEXT", "last line of receipts", CLI_TEXT, "receipt_footer" },
	{ "ssid", "NAME", "the shop's wireless network, for its code", CLI_TEXT, "ssid" },
	{ 0 },
};
static const struct cli_route store_new = { "POST", "/v1/stores", name_argument };
static const struct cli_route store_list = { "GET", "/v1/stores", .list = "stores",
	.columns = "store_id name name_zh address city" };
static const struct cli_option zone_arguments[] = {
	{ "ID", NULL, "the shop", CLI_INT, ":id" }, { "ZONE", NULL, "its time zone, \"Asia/Shanghai\"", CLI_TEXT, "zone" }, { 0 },
};
static const struct cli_route store_zone = { "POST", "/v1/stores/:id/zone", zone_arguments };
const struct command cli_store_commands[] = {
	{ "store", "new", "NAME [options]", "add a shop", store_options, 1, 1, client_run, &store_new, true },
	{ "store", "list", "", "list the shops", list_options, 0, 0, client_run, &store_list, true },
	{ "store", "zone", "ID ZONE", "set the time zone its days go by from now on", NULL, 2, 2, client_run, &store_zone, true },
	{ 0 },
};

/* A PIN is never an argument: asked, from a file or from the environment. */
static enum qt_err add_pin(struct client *c, struct json *j, struct problem *p)
{
	char pin[16];

	if (c->cli->dry_run) { /* what would be sent is shown: no secret in it */
		json_text(j, "pin", "****");
		return QT_OK;
	}
	enum qt_err err = client_pin(c->cli, "PIN of the new person", pin, p);
	if (err == QT_OK)
		json_text(j, "pin", pin);
	explicit_bzero(pin, sizeof pin);
	return err;
}

static enum qt_err add_pin_if_asked(struct client *c, struct json *j, struct problem *p)
{
	return cli_has(c->cli, "new-pin") ? add_pin(c, j, p) : QT_OK;
}

static const struct cli_option staff_new_options[] = {
	{ "number", "DIGITS", "what the person signs in with, 1 to 6 digits", CLI_TEXT, "number" },
	{ "role", "ROLE", "cashier, manager or owner", CLI_TEXT, "role" },
	{ "pin-file", "FILE", "read the PIN from a file, - for standard input", CLI_OWN, NULL },
	{ 0 },
};
static const struct cli_option staff_set_options[] = {
	{ "name", "NAME", "new name", CLI_TEXT, "name" },
	{ "state", "STATE", "active or left", CLI_TEXT, "state" },
	{ "role", "ROLE", "cashier, manager or owner", CLI_TEXT, "role" },
	{ "new-pin", NULL, "give a new PIN (asked, --pin-file or $QRTILL_PIN)", CLI_OWN, NULL },
	{ "pin-file", "FILE", "read the PIN from a file, - for standard input", CLI_OWN, NULL },
	{ 0 },
};
static const struct cli_route staff_new = { "POST", "/v1/staff", name_argument, .body = add_pin };
static const struct cli_route staff_set = { "POST", "/v1/staff/:id", ID("the person"), .body = add_pin_if_asked };
static const struct cli_route staff_list = { "GET", "/v1/staff", .list = "staff" };
const struct command cli_staff_commands[] = {
	{ "staff", "new", "NAME --number DIGITS --role ROLE", "add a person", staff_new_options, 1, 1, client_run,
	  &staff_new, true },
	{ "staff", "set", "ID [options]", "change a person", staff_set_options, 1, 1, client_run, &staff_set, true },
	{ "staff", "list", "", "list the staff", list_options, 0, 0, client_run, &staff_list, true },
	{ 0 },
};

static const struct cli_option agent_options[] = {
	{ "commission", "RATE", "per cent of its merchants' rebated sales", CLI_RATE, "commission_bp" },
	{ 0 },
};
static const struct cli_route agent_new = { "POST", "/v1/agents", name_argument };
static const struct cli_route agent_list = { "GET", "/v1/agents", .list = "agents" };
const struct command cli_agent_commands[] = {
	{ "agent", "new", "NAME --commission RATE", "add an agent; shows its key once", agent_options, 1, 1, client_run,
	  &agent_new,
	  true },
	{ "agent", "list", "", "list the agents", list_options, 0, 0, client_run, &agent_list, true },
	{ 0 },
};

static const struct cli_option channel_share_arguments[] = {
	{ "ID", NULL, "the channel", CLI_INT, ":id" },
	{ "CAMPAIGN", NULL, "the campaign", CLI_INT, "campaign_id" },
	{ 0 },
};
static const struct cli_route channel_new = { "POST", "/v1/channels", name_argument };
static const struct cli_route channel_list = { "GET", "/v1/channels", .list = "channels" };
static const struct cli_route channel_share = { "POST", "/v1/channels/:id/shares", channel_share_arguments };
const struct command cli_channel_commands[] = {
	{ "channel", "new", "NAME", "add a channel; shows its key once", NULL, 1, 1, client_run, &channel_new, true },
	{ "channel", "list", "", "list the channels", list_options, 0, 0, client_run, &channel_list, true },
	{ "channel", "share", "ID CAMPAIGN", "make the channel's code for a campaign", NULL, 2, 2, client_run,
	  &channel_share, true },
	{ 0 },
};
