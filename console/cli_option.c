/* cli_option: groups of options and their choices: `qrtill option ...`. Which items ask them: `qrtill item options`. */
#include "console/cli_client.h"
#include "console/cli_request.h"

#define ID(help) (const struct cli_option[]){ { "ID", NULL, help, CLI_INT, ":id" }, { 0 } }

#define GROUP_OPTIONS \
	{ "name-zh", "NAME", "name in Chinese", CLI_TEXT, "name_zh" }, \
	{ "min", "N", "at least so many are chosen; 0: none need be", CLI_INT, "min_choices" }, \
	{ "max", "N", "at most so many are chosen", CLI_INT, "max_choices" }
#define CHOICE_OPTIONS \
	{ "name-zh", "NAME", "name in Chinese", CLI_TEXT, "name_zh" }, \
	{ "price", "AMOUNT", "what it adds to the price of one; with a minus: takes off", CLI_MONEY, "price_cents" }, \
	{ "preset", "yes|no", "whether it is chosen unless it is taken away", CLI_CHOICE, "preset" }
static const struct cli_option name_argument[] = { { "NAME", NULL, "what is asked", CLI_TEXT, "name" }, { 0 } };
static const struct cli_option new_options[] = { GROUP_OPTIONS, { 0 } };
static const struct cli_option set_options[] = { { "name", "NAME", "new name", CLI_TEXT, "name" }, GROUP_OPTIONS, { 0 } };
static const struct cli_option choice_arguments[] = {
	{ "GROUP", NULL, "id of the group", CLI_INT, ":id" },
	{ "NAME", NULL, "what is chosen", CLI_TEXT, "name" },
	{ 0 },
};
static const struct cli_option choice_options[] = { CHOICE_OPTIONS, { 0 } };
static const struct cli_option choice_set_options[] = {
	{ "name", "NAME", "new name", CLI_TEXT, "name" },
	{ "active", "yes|no", "whether it can be chosen", CLI_CHOICE, "active" },
	CHOICE_OPTIONS,
	{ 0 },
};
static const struct cli_option list_options[] = {
	{ "desc", NULL, "the newest first", CLI_FLAG, "desc" },
	{ "after", "ID", "continue after this one", CLI_INT, "after" },
	{ "limit", "N", "at most this many", CLI_INT, "limit" },
	{ 0 },
};

static const struct cli_route new = { "POST", "/v1/option-groups", name_argument };
static const struct cli_route set = { "POST", "/v1/option-groups/:id", ID("the group") };
static const struct cli_route show = { "GET", "/v1/option-groups/:id", ID("the group") };
static const struct cli_route list = { "GET", "/v1/option-groups", .list = "groups",
	.columns = "group_id name name_zh min_choices max_choices" };
static const struct cli_route choice = { "POST", "/v1/option-groups/:id/choices", choice_arguments };
static const struct cli_route choice_set = { "POST", "/v1/option-choices/:id", ID("the choice") };
static const struct cli_route choices = { "GET", "/v1/option-groups/:id/choices", ID("the group"), .list = "choices",
	.columns = "choice_id name name_zh price_cents preset active" };

const struct command cli_option_commands[] = {
	{ "option", "new", "NAME [--min N] [--max N]", "add a group of options", new_options, 1, 1, client_run, &new, true },
	{ "option", "set", "ID [options]", "change a group", set_options, 1, 1, client_run, &set, true },
	{ "option", "show", "ID", "a group with its choices", NULL, 1, 1, client_run, &show, true },
	{ "option", "list", "", "groups of options", list_options, 0, 0, client_run, &list, true },
	{ "option", "choice", "GROUP NAME [--price AMOUNT]", "add a choice to a group", choice_options, 2, 2, client_run,
	  &choice, true },
	{ "option", "choice-set", "ID [options]", "change a choice", choice_set_options, 1, 1, client_run, &choice_set, true },
	{ "option", "choices", "ID", "the choices of a group", list_options, 1, 1, client_run, &choices, true },
	{ 0 },
};
