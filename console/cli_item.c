/* cli_item: taxes and the catalogue: `qrtill tax|item ...`, with import and export of a whole catalogue (cli_item_import.h). */
#include "console/cli_client.h"
#include "console/cli_item_import.h"

#define ID(help) (const struct cli_option[]){ { "ID", NULL, help, CLI_INT, ":id" }, { 0 } }

static const struct cli_option name_argument[] = { { "NAME", NULL, "its name", CLI_TEXT, "name" }, { 0 } };
static const struct cli_option tax_options[] = {
	{ "name-zh", "NAME", "name in Chinese", CLI_TEXT, "name_zh" },
	{ "rate", "RATE", "per cent", CLI_RATE, "rate_bp" },
	{ 0 },
};
static const struct cli_route tax_new = { "POST", "/v1/taxes", name_argument };
static const struct cli_route tax_list = { "GET", "/v1/taxes", .list = "taxes" };
const struct command cli_tax_commands[] = {
	{ "tax", "new", "NAME --rate RATE", "add a tax", tax_options, 1, 1, client_run, &tax_new, true },
	{ "tax", "list", "", "list the taxes", NULL, 0, 0, client_run, &tax_list, true },
	{ 0 },
};

#define ITEM_OPTIONS \
	{ "name-zh", "NAME", "name in Chinese", CLI_TEXT, "name_zh" }, \
	{ "price", "AMOUNT", "price of one", CLI_MONEY, "price_cents" }, \
	{ "tax", "ID", "its tax", CLI_INT, "tax_id" }, \
	{ "barcode", "CODE", "EAN, UPC or other; may be repeated", CLI_TEXTS, "barcodes.code" }, \
	{ "plu", "NUMBER", "short number typed at the till", CLI_INT, "plu" }, \
	{ "min-price", "AMOUNT", "an open price is at least this; 0: any", CLI_MONEY, "min_price_cents" }, \
	{ "max-price", "AMOUNT", "an open price is at most this; 0: any", CLI_MONEY, "max_price_cents" }, \
	{ "min-age", "YEARS", "of who buys it: tills ask; 0: any", CLI_INT, "min_age" }, \
	{ "unit", "TEXT", "what the price is of: kg, g, l and m are measured; else pieces", CLI_TEXT, "unit" }
static const struct cli_option new_options[] = {
	{ "sku", "TEXT", "the shop's own number", CLI_TEXT, "sku" },
	{ "open-price", NULL, "the price is typed at the till", CLI_FLAG, "open_price" },
	ITEM_OPTIONS,
	{ 0 },
};
static const struct cli_option set_options[] = {
	{ "name", "NAME", "new name", CLI_TEXT, "name" },
	{ "active", "yes|no", "whether it can be sold", CLI_CHOICE, "active" },
	ITEM_OPTIONS,
	{ 0 },
};
static const struct cli_option list_options[] = {
	{ "find", "TEXT", "beginnings of words of its name, or its numbers", CLI_TEXT, "q" },
	{ "sort", "BY", "in the order of id, sku, name or price", CLI_TEXT, "sort" },
	{ "desc", NULL, "the largest first", CLI_FLAG, "desc" },
	{ "after", "ID", "continue after this one", CLI_INT, "after" },
	{ "limit", "N", "at most this many", CLI_INT, "limit" },
	{ 0 },
};
static const struct cli_option look_argument[] = { { "CODE", NULL, "barcode, PLU or SKU", CLI_TEXT, "code" }, { 0 } };
static const struct cli_option options_options[] = {
	{ "group", "ID", "a group of options; may be repeated, in the order of asking", CLI_INTS, "group_ids" },
	{ 0 },
};
static const struct cli_route item_options = { "POST", "/v1/items/:id/options", ID("the item"), .list = "options",
	.columns = "group_id name name_zh min_choices max_choices choices" };
static const struct cli_option out_options[] = {
	{ "store", "ID", "in which store", CLI_INT, "store_id" },
	{ "back", NULL, "it is there again", CLI_FLAG, "back" },
	{ 0 },
};
static const struct cli_route item_out = { "POST", "/v1/items/:id/sold-out", ID("the item") };
static const struct cli_route item_new = { "POST", "/v1/items", name_argument };
static const struct cli_route item_set = { "POST", "/v1/items/:id", ID("the item") };
static const struct cli_route item_show = { "GET", "/v1/items/:id", ID("the item") };
static const struct cli_route item_look = { "GET", "/v1/items/lookup", look_argument };
static const struct cli_route item_list = { "GET", "/v1/items", .list = "items",
	.columns = "item_id sku plu name name_zh price_cents barcodes" };

const struct command cli_item_commands[] = {
	{ "item", "new", "NAME --sku TEXT --price AMOUNT --tax ID", "add an item", new_options, 1, 1, client_run,
	  &item_new, true },
	{ "item", "set", "ID [options]", "change an item", set_options, 1, 1, client_run, &item_set, true },
	{ "item", "show", "ID", "show an item", NULL, 1, 1, client_run, &item_show, true },
	{ "item", "list", "[--find TEXT]", "list or search the catalogue", list_options, 0, 0, client_run, &item_list,
	  true },
	{ "item", "look", "CODE", "the item a barcode, PLU or SKU means", NULL, 1, 1, client_run, &item_look, true },
	{ "item", "options", "ITEM [--group ID]...", "the groups of options an item asks; without any it asks none",
	  options_options, 1, 1, client_run, &item_options, true },
	{ "item", "sold-out", "ITEM --store ID [--back]", "a store has none of an item just now, or has it again", out_options,
	  1, 1, client_run, &item_out, true },
	{ "item", "import", "FILE.csv", "take a whole catalogue, all of it or nothing; - reads standard input", NULL, 1, 1,
	  item_import, NULL, true },
	{ "item", "export", "FILE.csv", "write the whole catalogue; - is standard output", NULL, 1, 1, item_export, NULL,
	  true },
	{ 0 },
};
