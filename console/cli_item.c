/* cli_item: taxes and the catalogue: `qrtill tax|item ...`, with import of a whole catalogue (cli_item_list.h). */
#include "console/cli_item_list.h"

#include <stdlib.h>
#include <string.h>

#define ID(help) (const struct cli_option[]){ { "ID", NULL, help, CLI_INT, ":id" }, { 0 } }
#define CSV_BYTES_MAX (64u << 20)

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
static const struct cli_route item_new = { "POST", "/v1/items", name_argument };
static const struct cli_route item_set = { "POST", "/v1/items/:id", ID("the item") };
static const struct cli_route item_show = { "GET", "/v1/items/:id", ID("the item") };
static const struct cli_route item_look = { "GET", "/v1/items/lookup", look_argument };
static const struct cli_route item_list = { "GET", "/v1/items", .list = "items",
	.columns = "item_id sku plu name name_zh price_cents barcodes" };

static enum qt_err load_taxes(struct item_list *list, struct problem *p)
{
	struct api_reply r = { 0 };
	const struct json_t *row;

	enum qt_err err = api_call(list->client->api, "GET", "/v1/taxes", NULL, NULL, &r);
	if (err != QT_OK && p)
		*p = r.problem;
	for (size_t i = 0; (row = jat(jget(r.body, "taxes"), i)) != NULL && list->tax_count < 32; i++) {
		struct item_tax *t = &list->taxes[list->tax_count++];
		t->id = jint(row, "tax_id", 0);
		snprintf(t->name, sizeof t->name, "%s", jtext(row, "name", ""));
	}
	api_reply_free(&r);
	return err;
}

static enum qt_err send_items(struct client *c, const char *body, struct problem *p)
{
	struct api_reply r = { 0 };

	enum qt_err err = client_call(c, "POST", "/v1/items/batch", body, &r, p);
	api_reply_free(&r);
	return err;
}

static enum qt_err item_import(struct cli *cli, struct problem *p)
{
	struct client c;
	struct item_list list = { .client = &c, .send = send_items };
	char *text = NULL;
	size_t len = 0;

	enum qt_err err = client_open(&c, cli, p);
	if (err != QT_OK)
		return err;
	err = cli_read_file(cli->arg[0], CSV_BYTES_MAX, &text, &len, p);
	if (err == QT_OK)
		err = load_taxes(&list, p);
	if (err == QT_OK)
		err = item_list_read(&list, text, len, p);
	if (err == QT_OK && !cli->dry_run) {
		if (cli->json)
			printf("{\"count\":%d}\n", list.sent);
		else
			printf("%d items\n", list.sent);
	} else if (list.sent > 0) {
		fprintf(stderr, "qrtill: the first %d items are in\n", list.sent);
	}
	free(text);
	client_close(&c);
	return err;
}

const struct command cli_item_commands[] = {
	{ "item", "new", "NAME --sku TEXT --price AMOUNT --tax ID", "add an item", new_options, 1, 1, client_run,
	  &item_new, true },
	{ "item", "set", "ID [options]", "change an item", set_options, 1, 1, client_run, &item_set, true },
	{ "item", "show", "ID", "show an item", NULL, 1, 1, client_run, &item_show, true },
	{ "item", "list", "[--find TEXT]", "list or search the catalogue", list_options, 0, 0, client_run, &item_list,
	  true },
	{ "item", "look", "CODE", "the item a barcode, PLU or SKU means", NULL, 1, 1, client_run, &item_look, true },
	{ "item", "import", "FILE.csv", "add a whole catalogue; - reads standard input", NULL, 1, 1, item_import, NULL,
	  true },
	{ 0 },
};
