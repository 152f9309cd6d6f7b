/* cli_item_import: see cli_item_import.h. A file is read whole, its rows are staged at the server, which checks each, and
 * applied only when none is broken; until then the catalogue is as it was. */
#include "console/cli_item_import.h"

#include "console/cli_item_csv.h"
#include "shared/clock.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CSV_BYTES_MAX (256u << 20)
#define BATCH_ROWS 500
#define BATCH_BYTES 900000
#define TAXES_MAX 500
#define BAR_COLUMNS 30

struct import {
	const struct cli *cli;
	struct client client;
	struct item_csv csv;
	struct item_tax taxes[TAXES_MAX];
	int64_t id;               /* at the server; 0: not begun */
	int *staged_line;         /* of each staged row */
	int staged;
	int64_t shown_ms;         /* when the bar was last drawn; 0: never */
	int64_t new_count, change_count, same_count;
};

/* A bar on a terminal's standard error, ten times a second at most. */
static void show_progress(struct import *im, const char *what, int64_t done, int64_t all)
{
	char bar[BAR_COLUMNS + 1];
	int64_t now = clock_mono_ms();
	int full = (int)(all > 0 ? done * BAR_COLUMNS / all : 0);

	if (im->cli->json || im->cli->plain || !isatty(STDERR_FILENO) || (done < all && now - im->shown_ms < 100))
		return;
	im->shown_ms = now;
	for (int i = 0; i < BAR_COLUMNS; i++)
		bar[i] = i < full ? '#' : '.';
	bar[BAR_COLUMNS] = '\0';
	fprintf(stderr, "\r%-12s [%s] %3d %%  %lld/%lld ", tr(what), bar, (int)(all > 0 ? done * 100 / all : 0),
	        (long long)done, (long long)all);
}

static void end_progress(struct import *im)
{
	if (im->shown_ms)
		fprintf(stderr, "\n");
	im->shown_ms = 0;
}

static enum qt_err load_taxes(struct import *im, struct problem *p)
{
	struct api_reply r = { 0 };
	const struct json_t *row;

	enum qt_err err = client_call_key(&im->client, "GET", "/v1/taxes?limit=500", NULL, NULL, &r, p);
	for (size_t i = 0; (row = jat(jget(r.body, "taxes"), i)) != NULL && im->csv.tax_count < TAXES_MAX; i++) {
		struct item_tax *t = &im->taxes[im->csv.tax_count++];
		t->id = jint(row, "tax_id", 0);
		snprintf(t->name, sizeof t->name, "%s", jtext(row, "name", ""));
	}
	im->csv.taxes = im->taxes;
	api_reply_free(&r);
	return err;
}

/* POST to the import, with a key of its own. */
static enum qt_err post(struct import *im, const char *what, const char *body, struct api_reply *r, struct problem *p)
{
	char path[80], key[37];

	if (im->id)
		snprintf(path, sizeof path, "/v1/item-imports/%lld/%s", (long long)im->id, what);
	else
		snprintf(path, sizeof path, "/v1/item-imports");
	client_new_key(key);
	return client_call_key(&im->client, "POST", path, body, key, r, p);
}

static enum qt_err begin(struct import *im, struct problem *p)
{
	struct api_reply r = { 0 };
	enum qt_err err = post(im, "", NULL, &r, p);

	im->id = jint(r.body, "import_id", 0);
	api_reply_free(&r);
	return err;
}

/* What the server's field is called in the file. */
static const char *column_of(const struct import *im, const char *field)
{
	static const struct { const char *field, *column; } names[] = {
		{ "barcodes", "barcode" }, { "tax_id", "tax" }, { "price_cents", "price" }, { "open_price", "open_price" },
		{ "active", "active" }, { "name_zh", "name_zh" }, { "name", "name" }, { "sku", "sku" }, { "plu", "plu" },
		{ "unit", "unit" },
	};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strncmp(field, names[i].field, strlen(names[i].field)) == 0)
			return i == 2 && im->csv.cents ? "price_cents" : names[i].column;
	return "";
}

/* The server refused a row of the batch: note it. Returns its index, -1 when it was not about a row. */
static int note_refusal(struct import *im, const int *rows, int count, enum qt_err err, const struct problem *why)
{
	int index = -1, used = 0, other = 0;
	char detail[200];

	if (sscanf(why->field, "rows[%d]%n", &index, &used) != 1 || index < 0 || index >= count)
		return -1;
	snprintf(detail, sizeof detail, "%s", why->detail);
	if (sscanf(why->detail, "row %d has it already", &other) == 1 && other >= 1 && other <= im->staged + count)
		snprintf(detail, sizeof detail, "line %d has it already", other <= im->staged ? im->staged_line[other - 1]
		         : im->csv.rows[rows[other - im->staged - 1]].line);
	item_csv_problem(&im->csv, im->csv.rows[rows[index]].line,
	                 column_of(im, why->field + used + (why->field[used] == '.')), err, detail);
	return index;
}

static void write_batch(struct import *im, const int *rows, int count, struct buf *body)
{
	struct json j;

	buf_reset(body);
	json_start(&j, body);
	json_object(&j, NULL);
	json_int(&j, "first", im->staged + 1);
	json_array(&j, "rows");
	for (int i = 0; i < count; i++)
		json_raw(&j, NULL, im->csv.text.data + im->csv.rows[rows[i]].start, im->csv.rows[rows[i]].len);
	json_end(&j);
	json_end(&j);
}

/* Send rows; those the server refuses are noted and left out. */
static enum qt_err send_batch(struct import *im, int *rows, int count, struct buf *body, struct problem *p)
{
	enum qt_err err = QT_OK;

	while (count > 0) {
		struct api_reply r = { 0 };
		write_batch(im, rows, count, body);
		err = post(im, "rows", body->data, &r, p);
		if (err == QT_OK) {
			im->new_count = jint(r.body, "new_count", 0);
			im->change_count = jint(r.body, "change_count", 0);
			im->same_count = jint(r.body, "same_count", 0);
		}
		api_reply_free(&r);
		if (err == QT_OK)
			break;
		int bad = note_refusal(im, rows, count, err, p);
		if (bad < 0 || im->csv.problem_count == ITEM_CSV_PROBLEMS_MAX)
			return bad < 0 ? err : QT_OK;
		memmove(&rows[bad], &rows[bad + 1], (size_t)(count - bad - 1) * sizeof *rows);
		count--;
	}
	for (int i = 0; i < count; i++)
		im->staged_line[im->staged++] = im->csv.rows[rows[i]].line;
	return QT_OK;
}

static enum qt_err stage(struct import *im, struct problem *p)
{
	struct buf body = { 0 };
	int rows[BATCH_ROWS], count = 0;
	size_t bytes = 0;
	enum qt_err err = QT_OK;

	im->staged_line = xcalloc((size_t)im->csv.row_count + 1, sizeof *im->staged_line);
	for (int i = 0; i < im->csv.row_count && err == QT_OK && im->csv.problem_count < ITEM_CSV_PROBLEMS_MAX; i++) {
		rows[count++] = i;
		bytes += im->csv.rows[i].len;
		if (count == BATCH_ROWS || bytes > BATCH_BYTES || i == im->csv.row_count - 1) {
			err = send_batch(im, rows, count, &body, p);
			count = 0;
			bytes = 0;
			show_progress(im, N_("checked"), i + 1, im->csv.row_count);
		}
	}
	buf_free(&body);
	end_progress(im);
	return err;
}

static enum qt_err apply(struct import *im, struct problem *p)
{
	bool done = false;
	enum qt_err err = QT_OK;

	while (!done && err == QT_OK) {
		struct api_reply r = { 0 };
		err = post(im, "apply", NULL, &r, p);
		if (err == QT_OK) {
			const char *state = jtext(r.body, "state", "done");
			done = strcmp(state, "done") == 0;
			show_progress(im, strcmp(state, "adding") == 0 ? N_("added") : N_("applied"), jint(r.body, "done_count", 0),
			              jint(r.body, "row_count", 0));
		}
		api_reply_free(&r);
	}
	end_progress(im);
	return err;
}

static void discard(struct import *im)
{
	struct api_reply r = { 0 };

	/* What it leaves behind when this fails is dropped by the server after a day. */
	if (im->id && post(im, "discard", NULL, &r, NULL) != QT_OK && !im->cli->json)
		fprintf(stderr, "qrtill: the staged rows stay at the server for a day\n");
	api_reply_free(&r);
}

static int by_line(const void *a, const void *b)
{
	return ((const struct item_csv_problem *)a)->line - ((const struct item_csv_problem *)b)->line;
}

/* All problems, for people to standard error, for scripts as JSON to standard output; the first is the command's error. */
static enum qt_err tell_problems(struct import *im, struct problem *p)
{
	struct item_csv *csv = &im->csv;
	struct buf out = { 0 };
	struct json j;
	char where[64];

	qsort(csv->problems, (size_t)csv->problem_count, sizeof *csv->problems, by_line);
	json_start(&j, &out);
	json_object(&j, NULL);
	json_array(&j, "errors");
	for (int i = 0; i < csv->problem_count; i++) {
		const struct item_csv_problem *b = &csv->problems[i];
		json_object(&j, NULL);
		json_int(&j, "line", b->line);
		json_text(&j, "column", b->column);
		json_text(&j, "code", err_info(b->err)->code);
		json_text(&j, "detail", b->detail);
		json_end(&j);
		if (!im->cli->json && i > 0)
			fprintf(stderr, "line %d%s%s: %s\n", b->line, b->column[0] ? ": " : "", b->column, b->detail);
	}
	json_end(&j);
	json_end(&j);
	if (im->cli->json)
		cli_print_json(&out);
	else
		fprintf(stderr, csv->problem_count == ITEM_CSV_PROBLEMS_MAX ? "at least %d rows are broken; nothing was imported\n"
		        : "broken rows: %d; nothing was imported\n", csv->problem_count);
	buf_free(&out);
	const struct item_csv_problem *first = &csv->problems[0];
	snprintf(where, sizeof where, "line %d%s%s", first->line, first->column[0] ? ": " : "", first->column);
	return problem_set(p, first->err, where, "%s", first->detail);
}

static void tell_result(const struct import *im)
{
	const struct cli *cli = im->cli;

	if (im->csv.unknown[0] && !cli->json)
		fprintf(stderr, "qrtill: columns that were passed over: %s\n", im->csv.unknown);
	if (cli->json)
		printf("{\"count\":%d,\"new_count\":%lld,\"change_count\":%lld,\"same_count\":%lld}\n", im->staged,
		       (long long)im->new_count, (long long)im->change_count, (long long)im->same_count);
	else
		printf("%s%d items: %lld new, %lld changed, %lld as they were\n", cli->dry_run ? "would import " : "", im->staged,
		       (long long)im->new_count, (long long)im->change_count, (long long)im->same_count);
}

static enum qt_err run_import(struct import *im, struct problem *p)
{
	char *text = NULL;
	size_t len = 0;
	enum qt_err err = cli_read_file(im->cli->arg[0], CSV_BYTES_MAX, &text, &len, p);

	if (err == QT_OK)
		err = client_currency(&im->client, p);
	if (err == QT_OK)
		err = load_taxes(im, p);
	if (err == QT_OK) {
		bool good = item_csv_read(&im->csv, text, len) == QT_OK;
		/* The server looks at the other rows too, so that one try names all that is broken. */
		if (good || (im->csv.row_count > 0 && im->csv.problem_count < ITEM_CSV_PROBLEMS_MAX)) {
			err = begin(im, p);
			if (err == QT_OK)
				err = stage(im, p);
		}
	}
	free(text);
	if (err == QT_OK && im->csv.problem_count > 0)
		err = tell_problems(im, p);
	if (err == QT_OK && !im->cli->dry_run)
		err = apply(im, p);
	else
		discard(im);
	return err;
}

enum qt_err item_import(struct cli *cli, struct problem *p)
{
	struct import *im = xcalloc(1, sizeof *im);

	im->cli = cli;
	im->csv.client = &im->client;
	enum qt_err err = client_open(&im->client, cli, p);
	if (err == QT_OK) {
		err = run_import(im, p);
		if (err == QT_OK)
			tell_result(im);
		client_close(&im->client);
	}
	item_csv_free(&im->csv);
	free(im->staged_line);
	free(im);
	return err;
}

static enum qt_err run_export(struct import *im, struct problem *p)
{
	struct buf out = { 0 };
	int64_t after = 0;
	char path[80];
	enum qt_err err = load_taxes(im, p);

	if (err == QT_OK)
		err = client_currency(&im->client, p);
	item_csv_head(&out);
	do {
		struct api_reply r = { 0 };
		snprintf(path, sizeof path, "/v1/items?limit=500&after=%lld", (long long)after);
		if (err == QT_OK)
			err = client_call_key(&im->client, "GET", path, NULL, NULL, &r, p);
		item_csv_write(&out, &im->csv, jget(r.body, "items"));
		after = jint(r.body, "next", 0);
		api_reply_free(&r);
	} while (err == QT_OK && after > 0);
	if (err == QT_OK)
		err = cli_write_file(im->cli->arg[0], out.data, out.len, p);
	buf_free(&out);
	return err;
}

enum qt_err item_export(struct cli *cli, struct problem *p)
{
	struct import *im = xcalloc(1, sizeof *im);

	im->cli = cli;
	im->csv.client = &im->client;
	enum qt_err err = client_open(&im->client, cli, p);
	if (err == QT_OK) {
		err = run_export(im, p);
		client_close(&im->client);
	}
	free(im);
	return err;
}
