/* cli_stock: what stores have of items: `qrtill stock ...`. */
#include "console/cli_client.h"
#include "console/cli_request.h"

#define ID(help) (const struct cli_option[]){ { "ID", NULL, help, CLI_INT, ":id" }, { 0 } }

static const struct cli_option move_arguments[] = { { "ITEM", NULL, "id of the item", CLI_INT, "item_id" }, { 0 } };
static const struct cli_option move_options[] = {
	{ "store", "ID", "in which store", CLI_INT, "store_id" },
	{ "kind", "WHAT", "receive: so much came; count: so much is there; adjust: so much more, or less with a minus",
	  CLI_TEXT, "kind" },
	{ "quantity", "N", "pieces, or thousandths of the item's unit", CLI_INT, "quantity" },
	{ "low", "N", "at this and below it is low; -1: never", CLI_INT, "low" },
	{ "reason", "TEXT", "why; an adjustment needs it", CLI_TEXT, "reason" },
	{ 0 },
};
static const struct cli_option list_options[] = {
	{ "low", NULL, "only what is low", CLI_FLAG, "low" },
	{ "after", "ID", "continue after this one", CLI_INT, "after" },
	{ "limit", "N", "at most this many", CLI_INT, "limit" },
	{ 0 },
};
static const struct cli_option moves_options[] = {
	{ "desc", NULL, "the newest first", CLI_FLAG, "desc" },
	{ "after", "ID", "continue after this one", CLI_INT, "after" },
	{ "limit", "N", "at most this many", CLI_INT, "limit" },
	{ 0 },
};
static const struct cli_route move = { "POST", "/v1/stock", move_arguments };
static const struct cli_route list = { "GET", "/v1/stock", .list = "stock",
	.columns = "stock_id store_id item_id sku name name_zh quantity low" };
static const struct cli_route moves = { "GET", "/v1/stock/:id/moves", ID("the stock"), .list = "moves",
	.columns = "move_id at_ms kind quantity left_quantity order_id reason" };

static const struct cli_option out_options[] = {
	{ "store", "ID", "in which store", CLI_INT, "store_id" },
	{ 0 },
};
static const struct cli_route outs = { "GET", "/v1/sold-out", .list = "items",
	.columns = "item_id store_id sku name name_zh since_ms" };

const struct command cli_stock_commands[] = {
	{ "stock", "move", "ITEM --store ID --kind WHAT --quantity N", "goods came, were counted, or are set right", move_options,
	  1, 1, client_run, &move, true },
	{ "stock", "list", "[--low]", "what stores have", list_options, 0, 0, client_run, &list, true },
	{ "stock", "sold-out", "[--store ID]", "what stores have none of just now", out_options, 0, 0, client_run, &outs, true },
	{ "stock", "moves", "ID", "why a stock changed", moves_options, 1, 1, client_run, &moves, true },
	{ 0 },
};
