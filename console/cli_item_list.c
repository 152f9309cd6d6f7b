/* cli_item_list: see cli_item_list.h. */
#include "console/cli_item_list.h"

#include "console/cli_request.h"

#include <csv.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define BATCH_ITEMS 500
#define COLUMNS_MAX 24

/* What is known while a file is read. */
struct import {
	struct item_list *list;
	struct problem *problem;
	enum qt_err err;
	char columns[COLUMNS_MAX][32]; /* head line */
	int column_count;
	char *cells[COLUMNS_MAX]; /* row being read, owned */
	int cell;             /* next cell of the row */
	int line;             /* rows read, the head line is 1 */
	struct buf body;      /* items waiting to be sent */
	struct json json;
	int waiting;          /* items */
};

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

	for (int i = 0; i < im->list->tax_count; i++) {
		if (strcasecmp(im->list->taxes[i].name, wanted) == 0 || im->list->taxes[i].id == atoll(wanted)) {
			json_int(&im->json, "tax_id", im->list->taxes[i].id);
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
		err = request_value(im->list->client, &im->json, CLI_INT, "plu", name, cell_of(im, "plu"), im->problem);
	if (err != QT_OK)
		return err;
	snprintf(name, sizeof name, "line %d: price", im->line);
	return cents[0] ? request_value(im->list->client, &im->json, CLI_INT, "price_cents", name, cents, im->problem)
	                : request_value(im->list->client, &im->json, CLI_MONEY, "price_cents", name, price, im->problem);
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
	int index = -1;

	if (im->waiting == 0)
		return QT_OK;
	json_end(&im->json);
	json_end(&im->json);
	enum qt_err err = im->list->send(im->list->client, im->body.data, im->problem);
	if (err == QT_OK)
		im->list->sent += im->waiting;
	else if (sscanf(im->problem->field, "items[%d]", &index) == 1) {
		struct problem why = *im->problem;
		problem_set(im->problem, err, why.field, "line %d: %s", im->line - im->waiting + 1 + index, why.detail);
	}
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

static void set_column(struct import *im, const char *name)
{
	if (im->cell == 0 && strncmp(name, "\xef\xbb\xbf", 3) == 0) /* byte order mark of a spreadsheet */
		name += 3;
	snprintf(im->columns[im->cell], sizeof im->columns[0], "%s", name);
	im->column_count = im->cell + 1;
}

/* libcsv's bytes are not terminated. */
static void on_cell(void *data, size_t len, void *ctx)
{
	struct import *im = ctx;
	struct buf text = { 0 };

	if (im->err == QT_OK && im->cell >= COLUMNS_MAX)
		im->err = problem_set(im->problem, QT_TOO_LONG, "file", "at most %d columns", COLUMNS_MAX);
	if (im->err == QT_OK && len > 0 && memchr(data, '\0', len) != NULL)
		im->err = problem_set(im->problem, QT_CONTROL_CHARACTER, "file", "line %d holds a NUL byte", im->line + 1);
	if (im->err != QT_OK)
		return;
	buf_add(&text, len > 0 ? data : "", len);
	if (im->line == 0) {
		set_column(im, text.data ? text.data : "");
		buf_free(&text);
	} else {
		free(im->cells[im->cell]);
		im->cells[im->cell] = buf_take(&text);
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

enum qt_err item_list_read(struct item_list *list, const char *text, size_t len, struct problem *p)
{
	struct import im = { .list = list, .problem = p };
	struct csv_parser parser;

	if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI) != 0)
		fatal("libcsv does not start");
	bool whole = csv_parse(&parser, text, len, on_cell, on_row, &im) == len;
	whole = csv_fini(&parser, on_cell, on_row, &im) == 0 && whole;
	csv_free(&parser);
	if (im.err == QT_OK && !whole)
		im.err = problem_set(p, QT_BAD_FIELD, "file", "line %d is not CSV by RFC 4180", im.line + 1);
	if (im.err == QT_OK)
		im.err = send_batch(&im);
	for (int i = 0; i < COLUMNS_MAX; i++)
		free(im.cells[i]);
	buf_free(&im.body);
	return im.err;
}
