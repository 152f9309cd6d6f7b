/* cli_item: taxes and the catalogue: `qrtill tax|item ...`, with import of a whole catalogue from CSV (RFC 4180). */
#include "console/cli_client.h"
#include "console/cli_request.h"

#include "shared/money.h"

#include <csv.h>
#include <stdlib.h>
#include <string.h>

#define ID(help) (const struct cli_option[]){ { "ID", NULL, help, CLI_INT, ":id" }, { 0 } }
#define CSV_BYTES_MAX (64u << 20)
#define BATCH_ITEMS 500

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
	{ "unit", "TEXT", "what one is: piece, kg", CLI_TEXT, "unit" }
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

struct tax {
	int64_t id;
	char name[80];
};

/* What is known while a catalogue file is read. */
struct import {
	struct client *client;
	struct problem *problem;
	enum qt_err err;
	struct tax taxes[32];
	int tax_count;
	char columns[24][32]; /* head line */
	int column_count;
	char *cells[24];      /* row being read, owned */
	int cell;             /* next cell of the row */
	int line;             /* rows read, the head line is 1 */
	struct buf body;      /* items waiting to be sent */
	struct json json;
	int waiting, sent;    /* items */
};

static enum qt_err load_taxes(struct import *im)
{
	struct api_reply r = { 0 };
	const struct json_t *row;

	enum qt_err err = api_call(im->client->api, "GET", "/v1/taxes", NULL, NULL, &r);
	if (err != QT_OK && im->problem)
		*im->problem = r.problem;
	for (size_t i = 0; (row = jat(jget(r.body, "taxes"), i)) != NULL && im->tax_count < 32; i++) {
		struct tax *t = &im->taxes[im->tax_count++];
		t->id = jint(row, "tax_id", 0);
		snprintf(t->name, sizeof t->name, "%s", jtext(row, "name", ""));
	}
	api_reply_free(&r);
	return err;
}

static const char *cell_of(const struct import *im, const char *column)
{
	for (int i = 0; i < im->column_count; i++)
		if (strcmp(im->columns[i], column) == 0)
			return im->cells[i] ? im->cells[i] : "";
	return "";
}

/* The tax a row names, by name or by id. */
static enum qt_err add_tax(struct import *im)
{
	const char *wanted = cell_of(im, "tax");

	for (int i = 0; i < im->tax_count; i++) {
		if (strcasecmp(im->taxes[i].name, wanted) == 0 || im->taxes[i].id == atoll(wanted)) {
			json_int(&im->json, "tax_id", im->taxes[i].id);
			return QT_OK;
		}
	}
	return problem_set(im->problem, QT_BAD_FIELD, "tax", "line %d: there is no tax \"%.60s\"", im->line, wanted);
}

static enum qt_err add_numbers(struct import *im)
{
	const char *cents = cell_of(im, "price_cents"), *price = cell_of(im, "price");
	char name[32];
	enum qt_err err = QT_OK;

	snprintf(name, sizeof name, "line %d: plu", im->line);
	if (cell_of(im, "plu")[0])
		err = request_value(im->client, &im->json, CLI_INT, "plu", name, cell_of(im, "plu"), im->problem);
	if (err != QT_OK)
		return err;
	snprintf(name, sizeof name, "line %d: price", im->line);
	return cents[0] ? request_value(im->client, &im->json, CLI_INT, "price_cents", name, cents, im->problem)
	                : request_value(im->client, &im->json, CLI_MONEY, "price_cents", name, price, im->problem);
}

static void add_barcodes(struct import *im)
{
	const char *at = cell_of(im, "barcode");

	json_array(&im->json, "barcodes");
	while (*(at += strspn(at, " ")) != '\0') {
		size_t n = strcspn(at, " ");
		json_object(&im->json, NULL);
		json_textn(&im->json, "code", at, n);
		json_end(&im->json);
		at += n;
	}
	json_end(&im->json);
}

static enum qt_err send_batch(struct import *im)
{
	struct api_reply r = { 0 };
	int index = -1;

	if (im->waiting == 0)
		return QT_OK;
	json_end(&im->json);
	json_end(&im->json);
	enum qt_err err = client_call(im->client, "POST", "/v1/items/batch", im->body.data, &r, im->problem);
	if (err == QT_OK)
		im->sent += im->waiting;
	else if (sscanf(im->problem->field, "items[%d]", &index) == 1) {
		struct problem why = *im->problem;
		problem_set(im->problem, err, why.field, "line %d: %s", im->line - im->waiting + 1 + index, why.detail);
	}
	api_reply_free(&r);
	im->waiting = 0;
	return err;
}

static enum qt_err add_item(struct import *im)
{
	static const char *const texts[] = { "sku", "name", "name_zh", "unit" };

	if (im->waiting == 0) {
		buf_reset(&im->body);
		json_start(&im->json, &im->body);
		json_object(&im->json, NULL);
		json_array(&im->json, "items");
	}
	json_object(&im->json, NULL);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (cell_of(im, texts[i])[0])
			json_text(&im->json, texts[i], cell_of(im, texts[i]));
	add_barcodes(im);
	enum qt_err err = add_tax(im);
	if (err == QT_OK)
		err = add_numbers(im);
	json_end(&im->json);
	im->waiting++;
	return err == QT_OK && im->waiting == BATCH_ITEMS ? send_batch(im) : err;
}

static void on_cell(void *data, size_t len, void *ctx)
{
	struct import *im = ctx;

	if (im->cell >= 24)
		return;
	if (im->line == 0) {
		const char *text = data ? data : "";
		if (strncmp(text, "\xef\xbb\xbf", 3) == 0) { /* byte order mark of a spreadsheet */
			text += 3;
			len -= 3;
		}
		snprintf(im->columns[im->cell], sizeof im->columns[0], "%.*s", (int)len, text);
		im->column_count = im->cell + 1;
	} else {
		free(im->cells[im->cell]);
		im->cells[im->cell] = NULL;
		struct buf b = { 0 };
		buf_add(&b, data ? data : "", len);
		im->cells[im->cell] = buf_take(&b);
	}
	im->cell++;
}

static void on_row(int end, void *ctx)
{
	struct import *im = ctx;

	(void)end;
	im->line++;
	if (im->line > 1 && im->err == QT_OK) {
		if (im->cell != im->column_count)
			im->err = problem_set(im->problem, QT_BAD_FIELD, "file", "line %d has %d cells, the head line %d", im->line,
			                      im->cell, im->column_count);
		else
			im->err = add_item(im);
	}
	im->cell = 0;
}

static enum qt_err parse_catalogue(struct import *im, const char *text, size_t len)
{
	struct csv_parser parser;

	if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI) != 0)
		fatal("libcsv does not start");
	bool whole = csv_parse(&parser, text, len, on_cell, on_row, im) == len;
	whole = csv_fini(&parser, on_cell, on_row, im) == 0 && whole;
	csv_free(&parser);
	if (im->err == QT_OK && !whole)
		im->err = problem_set(im->problem, QT_BAD_FIELD, "file", "line %d is not CSV by RFC 4180", im->line + 1);
	return im->err == QT_OK ? send_batch(im) : im->err;
}

static enum qt_err item_import(struct cli *cli, struct problem *p)
{
	struct client c;
	struct import im = { .client = &c, .problem = p };
	char *text = NULL;
	size_t len = 0;

	enum qt_err err = client_open(&c, cli, p);
	if (err != QT_OK)
		return err;
	err = cli_read_file(cli->arg[0], CSV_BYTES_MAX, &text, &len, p);
	if (err == QT_OK)
		err = load_taxes(&im);
	if (err == QT_OK)
		err = parse_catalogue(&im, text, len);
	if (err == QT_OK && !cli->dry_run) {
		if (cli->json)
			printf("{\"count\":%d}\n", im.sent);
		else
			printf("%d items\n", im.sent);
	} else if (im.sent > 0) {
		fprintf(stderr, "qrtill: the first %d items are in\n", im.sent);
	}
	for (int i = 0; i < 24; i++)
		free(im.cells[i]);
	buf_free(&im.body);
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
