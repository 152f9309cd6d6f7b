/* cli_member: what a merchant knows of its customers: `qrtill member ...`. */
#include "console/cli_client.h"

static const struct cli_option member_argument[] = {
	{ "CODE", NULL, "the customer's identity code", CLI_TEXT, "identity_code" }, { 0 },
};
static const struct cli_option member_options[] = {
	{ "level", "N", "1 to 15; 0: none", CLI_INT, "level" },
	{ "birthday", "MMDD", "month and day, 0412", CLI_INT, "birthday" },
	{ 0 },
};
static const struct cli_option exempt_arguments[] = {
	{ "CODE", NULL, "the customer's identity code", CLI_TEXT, "identity_code" },
	{ "CERTIFICATE", NULL, "its number, as it is written there", CLI_TEXT, "certificate" },
	{ 0 },
};
static const struct cli_option exempt_options[] = {
	{ "from", "TIME", "good from then on; default: now", CLI_TIME, "from_ms" },
	{ "until", "TIME", "good before; default: it has no end", CLI_TIME, "until_ms" },
	{ 0 },
};
static const struct cli_option list_options[] = {
	{ "after", "ID", "continue after this one", CLI_INT, "after" },
	{ "limit", "N", "at most this many", CLI_INT, "limit" },
	{ "desc", NULL, "newest first", CLI_FLAG, "desc" },
	{ 0 },
};
static const struct cli_option end_argument[] = { { "ID", NULL, "the exemption", CLI_INT, ":id" }, { 0 } };
static const struct cli_route member_set = { "POST", "/v1/members", member_argument };
static const struct cli_route exempt = { "POST", "/v1/tax-exemptions", exempt_arguments };
static const struct cli_route exemptions = { "GET", "/v1/tax-exemptions", .list = "exemptions",
	.columns = "exemption_id customer_id certificate from_ms until_ms state" };
static const struct cli_route exempt_end = { "POST", "/v1/tax-exemptions/:id/end", end_argument };
const struct command cli_member_commands[] = {
	{ "member", "set", "CODE [options]", "a customer's level and birthday at the merchant", member_options, 1, 1,
	  client_run, &member_set, true },
	{ "member", "exempt", "CODE CERTIFICATE [options]", "write down a certificate: the customer pays no tax",
	  exempt_options, 2, 2, client_run, &exempt, true },
	{ "member", "exemptions", "", "customers who pay no tax, and by which certificates", list_options, 0, 0, client_run,
	  &exemptions, true },
	{ "member", "exempt-end", "ID", "take a certificate back: the customer pays tax from now on", NULL, 1, 1, client_run,
	  &exempt_end, true },
	{ 0 },
};
