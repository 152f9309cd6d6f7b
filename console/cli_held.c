/* cli_held: sales put aside in a store: `qrtill held list`. */
#include "console/cli_client.h"
#include "console/cli_request.h"

static const struct cli_option list_options[] = {
	{ "store", "ID", "the store; default: the till's", CLI_INT, "store_id" },
	{ "after", "ID", "continue after this one", CLI_INT, "after" },
	{ "limit", "N", "at most this many", CLI_INT, "limit" },
	{ 0 },
};
static const struct cli_route list = { "GET", "/v1/held-sales", .list = "held",
	.columns = "held_id till by name pieces total_cents held_ms" };
const struct command cli_held_commands[] = {
	{ "held", "list", "[--store ID]", "sales put aside that no till went on with yet", list_options, 0, 0, client_run,
	  &list, true },
	{ 0 },
};
