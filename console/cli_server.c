/* cli_server: what the operator asks a running server: `qrtill server|journal|log ...`. */
#include "console/cli_client.h"

static const struct cli_option job_argument[] = {
	{ "JOB", NULL, "rebate-release, expire, notices, providers or events", CLI_TEXT, "job" }, { 0 },
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

static const struct cli_option page_options[] = {
	{ "order", "ID", "those of one order", CLI_INT, "order_id" },
	{ "after", "ID", "continue after this one", CLI_INT, "after" },
	{ "limit", "N", "at most this many", CLI_INT, "limit" },
	{ 0 },
};

/* Journals with their entries under each. */
static enum qt_err show_journals(struct cli *cli, struct problem *p)
{
	static const struct cli_route route = { "GET", "/v1/journal" };
	struct json_t *answer = NULL, *row;
	struct client c;

	enum qt_err err = client_open(&c, cli, p);
	if (err != QT_OK)
		return err;
	err = client_request(&c, &route, &answer, p);
	if (err == QT_OK && cli->json)
		client_show(&c, answer, NULL, NULL);
	for (size_t i = 0; !cli->json && (row = jat(jget(answer, "journals"), i)) != NULL; i++) {
		if (i)
			putchar('\n');
		client_show(&c, row, NULL, NULL);
	}
	jfree(answer);
	client_close(&c);
	return err;
}

const struct command cli_journal_commands[] = {
	{ "journal", "list", "[--order ID]", "journals with every entry", page_options, 0, 0, show_journals, NULL, true },
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
	{ "after", "ID", "continue after this one", CLI_INT, "after" },
	{ "limit", "N", "at most this many", CLI_INT, "limit" },
	{ 0 },
};
static const struct cli_route log_list = { "GET", "/v1/audit-log", .list = "rows" };
const struct command cli_log_commands[] = {
	{ "log", "list", "", "who did what: the audit log", log_options, 0, 0, client_run, &log_list, true },
	{ 0 },
};
