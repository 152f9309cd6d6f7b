/* cli_server: what is asked of a running server: `qrtill server|dashboard|notice|account|log ...`. */
#include "console/cli_client.h"

static const struct cli_option job_argument[] = {
	{ "JOB", NULL, "rebate-release, expire, notices, providers, reports or events", CLI_TEXT, "job" }, { 0 },
};
static const struct cli_option job_options[] = {
	{ "as-of", "TIME", "as if it were this late", CLI_TIME, "as_of_ms" }, { 0 },
};
static const struct cli_route status = { "GET", "/v1/status" };
static const struct cli_route run_job = { "POST", "/v1/jobs/run", job_argument };
const struct command cli_server_commands[] = {
	{ "server", "status", "", "is it running, and what it did", NULL, 0, 0, client_run, &status, true },
	{ "server", "run", "JOB [--as-of TIME]", "run one of its jobs now", job_options, 1, 1, client_run, &run_job, true },
	{ 0 },
};

static const struct cli_option day_options[] = {
	{ "day", "DATE", "the day; default: today in UTC", CLI_TIME, "day_ms" }, { 0 },
};
static const struct cli_route dashboard = { "GET", "/v1/dashboard" };
const struct command cli_dashboard_commands[] = {
	{ "dashboard", "show", "[--day DATE]", "sales by hour against a week ago, tenders, balances, warnings", day_options,
	  0, 0, client_run, &dashboard, true },
	{ 0 },
};

static const struct cli_option notice_options[] = {
	{ "desc", NULL, "newest first", CLI_FLAG, "desc" },
	{ "after", "ID", "continue after this one", CLI_INT, "after" },
	{ "limit", "N", "at most this many", CLI_INT, "limit" },
	{ 0 },
};
static const struct cli_option notice_argument[] = { { "ID", NULL, "the notice", CLI_INT, ":id" }, { 0 } };
static const struct cli_route notice_list = { "GET", "/v1/notices", .list = "notices" };
static const struct cli_route notice_read = { "POST", "/v1/notices/:id/read", notice_argument };
const struct command cli_notice_commands[] = {
	{ "notice", "list", "", "list what the merchant was told", notice_options, 0, 0, client_run, &notice_list, true },
	{ "notice", "read", "ID", "mark one as read", NULL, 1, 1, client_run, &notice_read, true },
	{ 0 },
};

static const struct cli_option account_options[] = {
	{ "after", "ID", "continue after this one", CLI_INT, "after" },
	{ "limit", "N", "at most this many", CLI_INT, "limit" },
	{ 0 },
};
static const struct cli_route account_list = { "GET", "/v1/accounts", .list = "accounts" };
const struct command cli_account_commands[] = {
	{ "account", "list", "", "the ledger's accounts and what is on each", account_options, 0, 0, client_run,
	  &account_list, true },
	{ 0 },
};

static const struct cli_option log_options[] = {
	{ "find", "TEXT", "only rows with this in action or detail", CLI_TEXT, "q" },
	{ "desc", NULL, "newest first", CLI_FLAG, "desc" },
	{ "after", "ID", "continue after this one", CLI_INT, "after" },
	{ "limit", "N", "at most this many", CLI_INT, "limit" },
	{ 0 },
};
static const struct cli_route log_list = { "GET", "/v1/audit-log", .list = "rows" };
const struct command cli_log_commands[] = {
	{ "log", "list", "", "who did what: the audit log", log_options, 0, 0, client_run, &log_list, true },
	{ 0 },
};
