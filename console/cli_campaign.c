/* cli_campaign: campaigns, share chains, rebates and what pays for them: `qrtill
 * campaign|share|chain|rebate|prefund`. */
#include "console/cli_client.h"

#define ID(help) (const struct cli_option[]){ { "ID", NULL, help, CLI_INT, ":id" }, { 0 } }

static const struct cli_option list_options[] = {
	{ "after", "ID", "continue after this one", CLI_INT, "after" },
	{ "limit", "N", "at most this many", CLI_INT, "limit" },
	{ 0 },
};
static const struct cli_option name_argument[] = { { "NAME", NULL, "its name", CLI_TEXT, "name" }, { 0 } };
static const struct cli_option new_options[] = {
	{ "name-zh", "NAME", "name in Chinese", CLI_TEXT, "name_zh" },
	{ "level", "RATE", "per cent for a promoter; the nearest first, repeat for each level", CLI_RATES,
	  "levels.rate_bp" },
	{ "channel", "RATE", "per cent for the channel that showed the code", CLI_RATE, "channel_bp" },
	{ "agent", "RATE", "per cent for the merchant's agent", CLI_RATE, "agent_bp" },
	{ "platform", "RATE", "per cent for the platform", CLI_RATE, "platform_bp" },
	{ "cap-order", "AMOUNT", "at most this much per order", CLI_MONEY, "cap_order_cents" },
	{ "cap-person-day", "AMOUNT", "at most this much per person and day", CLI_MONEY, "cap_person_day_cents" },
	{ "budget", "AMOUNT", "at most this much in all", CLI_MONEY, "budget_cents" },
	{ "item", "ID", "only for this item", CLI_INT, "item_id" },
	{ "hold", "SECONDS", "how long rebates are held; default: the refund window", CLI_INT, "hold_s" },
	{ "starts", "TIME", "first moment", CLI_TIME, "starts_ms" },
	{ "ends", "TIME", "last moment", CLI_TIME, "ends_ms" },
	{ "intro", "TEXT", "what the landing page says", CLI_TEXT, "intro" },
	{ "intro-zh", "TEXT", "the same in Chinese", CLI_TEXT, "intro_zh" },
	{ 0 },
};
static const struct cli_option state_arguments[] = {
	{ "ID", NULL, "the campaign", CLI_INT, ":id" },
	{ "STATE", NULL, "running, paused or ended", CLI_TEXT, "state" },
	{ 0 },
};
static const struct cli_route new_campaign = { "POST", "/v1/campaigns", name_argument };
static const struct cli_route list = { "GET", "/v1/campaigns", .list = "campaigns",
	.columns = "campaign_id name state channel_bp agent_bp platform_bp budget_cents spent_cents code" };
static const struct cli_route show = { "GET", "/v1/campaigns/:id", ID("the campaign") };
static const struct cli_route state = { "POST", "/v1/campaigns/:id/state", state_arguments };
const struct command cli_campaign_commands[] = {
	{ "campaign", "new", "NAME [options]", "start a campaign", new_options, 1, 1, client_run, &new_campaign, true },
	{ "campaign", "list", "", "list the campaigns", list_options, 0, 0, client_run, &list, true },
	{ "campaign", "show", "ID", "a campaign and what it did so far", NULL, 1, 1, client_run, &show, true },
	{ "campaign", "state", "ID STATE", "pause, resume or end a campaign", NULL, 2, 2, client_run, &state, true },
	{ 0 },
};

/* Shares are made by customers: `qrtill wallet share`, or by a channel: `qrtill channel share`. */
static const struct cli_route chain_show = { "GET", "/v1/shares/:id/chain", ID("the share"), .list = "chain" };
const struct command cli_chain_commands[] = {
	{ "chain", "show", "SHARE", "a share and all before it, up to the campaign", NULL, 1, 1, client_run, &chain_show,
	  true },
	{ 0 },
};

static const struct cli_option code_argument[] = { { "TOKEN", NULL, "a code's token", CLI_TEXT, ":token" }, { 0 } };
static const struct cli_route share_look = { "GET", "/v1/landing/:token", code_argument };
const struct command cli_share_commands[] = {
	{ "share", "look", "TOKEN", "what anybody sees who opens this link", NULL, 1, 1, client_run, &share_look, true },
	{ 0 },
};

static const struct cli_option rebate_options[] = {
	{ "order", "ID", "those of one order", CLI_INT, "order_id" },
	{ 0 },
};
static const struct cli_route rebate_list = { "GET", "/v1/rebates", .list = "rows" };
const struct command cli_rebate_commands[] = {
	{ "rebate", "list", "--order ID", "who earned what from an order", rebate_options, 0, 0, client_run, &rebate_list,
	  true },
	{ 0 },
};

static const struct cli_option amount_argument[] = {
	{ "AMOUNT", NULL, "what the merchant paid in", CLI_MONEY, "amount_cents" }, { 0 },
};
static const struct cli_option reference_options[] = {
	{ "reference", "TEXT", "of the bank transfer", CLI_TEXT, "reference" }, { 0 },
};
static const struct cli_option statement_options[] = {
	{ "before", "ID", "older than this entry", CLI_INT, "before" },
	{ "limit", "N", "at most this many", CLI_INT, "limit" },
	{ 0 },
};
static const struct cli_route prefund_add = { "POST", "/v1/prefund", amount_argument };
static const struct cli_route prefund_show = { "GET", "/v1/prefund" };
static const struct cli_route prefund_statement = { "GET", "/v1/prefund/statement", .list = "rows" };
const struct command cli_prefund_commands[] = {
	{ "prefund", "add", "AMOUNT --reference TEXT", "book money a merchant paid in for rebates", reference_options, 1,
	  1, client_run,
	  &prefund_add, true },
	{ "prefund", "show", "", "balance, promises, and what each person got", NULL, 0, 0, client_run, &prefund_show,
	  true },
	{ "prefund", "statement", "", "every movement, newest first", statement_options, 0, 0, client_run,
	  &prefund_statement, true },
	{ 0 },
};
