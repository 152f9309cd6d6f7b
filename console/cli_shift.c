/* cli_shift: a till's shift: `qrtill shift ...`. */
#include "console/cli_client.h"
#include "console/cli_request.h"

#include <stdlib.h>
#include <string.h>

#define TILL { "till", "ID", "the till, when not at one (see terminal list)", CLI_INT, "terminal_id" }

static const struct cli_option till_options[] = { TILL, { 0 } };
static const struct cli_option open_options[] = {
	{ "float", "AMOUNT", "cash put into the drawer to begin with", CLI_MONEY, "float_cents" }, TILL, { 0 },
};
static const struct cli_option move_options[] = { { "reason", "TEXT", "why", CLI_TEXT, "reason" }, TILL, { 0 } };
static const struct cli_option list_options[] = {
	{ "desc", NULL, "newest first", CLI_FLAG, "desc" },
	{ "after", "ID", "continue after this one", CLI_INT, "after" },
	{ "limit", "N", "at most this many", CLI_INT, "limit" },
	{ 0 },
};
static const struct cli_option amount_argument[] = { { "AMOUNT", NULL, "how much", CLI_MONEY, "amount_cents" }, { 0 } };
static const struct cli_option shift_argument[] = { { "SHIFT", NULL, "the shift", CLI_INT, ":id" }, { 0 } };

/* "VALUE*QUANTITY": one denomination of the count. */
static enum qt_err add_denomination(struct client *c, struct json *j, const char *text, struct problem *p)
{
	const char *star = strrchr(text, '*');
	char value[32], *end = NULL;
	long long quantity;

	if (star == NULL || star == text || (size_t)(star - text) >= sizeof value)
		return problem_set(p, QT_BAD_FIELD, "count", "must be VALUE*QUANTITY");
	quantity = strtoll(star + 1, &end, 10);
	if (end == star + 1 || *end != '\0' || quantity < 0)
		return problem_set(p, QT_BAD_FIELD, "count", "after * must come how many");
	memcpy(value, text, (size_t)(star - text));
	value[star - text] = '\0';
	json_object(j, NULL);
	enum qt_err err = request_value(c, j, CLI_MONEY, "value_cents", "count", value, p);
	json_int(j, "quantity", quantity);
	json_end(j);
	return err;
}

static enum qt_err add_count(struct client *c, struct json *j, struct problem *p)
{
	enum qt_err err = QT_OK;

	json_array(j, "count");
	for (int i = 0; i < c->cli->args && err == QT_OK; i++)
		err = add_denomination(c, j, c->cli->arg[i], p);
	json_end(j);
	return err;
}

static const struct cli_route open_shift = { "POST", "/v1/shifts" };
static const struct cli_route cash_in = { "POST", "/v1/shifts/cash-in", amount_argument };
static const struct cli_route cash_out = { "POST", "/v1/shifts/cash-out", amount_argument };
static const struct cli_route safe_drop = { "POST", "/v1/shifts/safe-drop", amount_argument };
static const struct cli_route x = { "POST", "/v1/shifts/x" };
static const struct cli_route close_shift = { "POST", "/v1/shifts/close", .body = add_count,
	.confirm = N_("Close the shift with this count?") };
static const struct cli_route z = { "GET", "/v1/shifts/:id/z", shift_argument };
static const struct cli_route list = { "GET", "/v1/shifts", .list = "shifts",
	.columns = "shift_id terminal_id number state opened_ms closed_ms expected_cents counted_cents difference_cents" };
const struct command cli_shift_commands[] = {
	{ "shift", "open", "[--float AMOUNT]", "open a shift with a float", open_options, 0, 0, client_run, &open_shift,
	  true },
	{ "shift", "cash-in", "AMOUNT --reason TEXT", "put cash into the drawer", move_options, 1, 1, client_run, &cash_in,
	  true },
	{ "shift", "cash-out", "AMOUNT --reason TEXT", "take cash out of the drawer", move_options, 1, 1, client_run,
	  &cash_out, true },
	{ "shift", "safe-drop", "AMOUNT --reason TEXT", "move cash from the drawer into the safe", move_options, 1, 1,
	  client_run, &safe_drop, true },
	{ "shift", "x", "[--till ID]", "report of the open shift so far", till_options, 0, 0, client_run, &x, true },
	{ "shift", "close", "VALUE*QUANTITY...", "count the drawer, end the shift, make its Z", till_options, 0, 40,
	  client_run, &close_shift, true },
	{ "shift", "z", "SHIFT", "the Z report of a closed shift, as it was made", NULL, 1, 1, client_run, &z, true },
	{ "shift", "list", "", "list the shifts", list_options, 0, 0, client_run, &list, true },
	{ 0 },
};
