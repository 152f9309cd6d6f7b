/* cli_label: `qrtill code label` and `qrtill label sheet|items`: labels and sheets of them into files. */
#include "console/cli_label.h"

#include "console/cli_client.h"
#include "console/cli_label_list.h"
#include "shared/text.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define LIST_BYTES_MAX (16u << 20)
#define CODE_BYTES_MAX 8192

#define TEXT_OPTIONS \
	{ "name", "TEXT", "the large text" }, \
	{ "name-zh", "TEXT", "the name in Chinese, below it" }, \
	{ "intro", "TEXT", "the small text" }, \
	{ "line", "TEXT", "a line of an address; may be repeated" }, \
	{ "phone", "TEXT", "a telephone number, below the address" }, \
	{ "price", "TEXT", "a price, very large, as it is to stand there" }, \
	{ "unit", "TEXT", "what the price is for, behind it" }, \
	{ "number", "TEXT", "a card's number, at the foot" }, \
	{ "ec", "L|M|Q|H", "error correction of the QR code (H, or Q where H does not fit)" }
#define SIZE_HELP "sticker (60 x 80 mm), poster (A4), card (85.6 x 54), shelf (90 x 38), business (85 x 55)"
#define SHEET_OPTIONS \
	{ "out", "FILE", "what to write; .pdf, .svg or .png says the form" }, \
	{ "paper", "PAPER", "a4, a5, letter, or label: a page for each" }, \
	{ "gap", "MM", "between labels (0)" }, \
	{ "no-marks", NULL, "no cut marks" }

const struct cli_option code_label_options[] = {
	{ "size", "SIZE", SIZE_HELP },
	TEXT_OPTIONS,
	{ "out", "FILE", "what to write; .pdf, .svg or .png says the form" },
	{ 0 },
};
static const struct cli_option sheet_options[] = {
	{ "from", "FILE", "a list of labels, CSV or JSON (- for standard input)" },
	{ "count", "N", "so many of each label (with TEXT: as many as fit)" },
	{ "size", "SIZE", SIZE_HELP },
	SHEET_OPTIONS,
	TEXT_OPTIONS,
	{ "currency", "CODE", "currency of price_cents in the list" },
	{ 0 },
};
static const struct cli_option items_options[] = {
	{ "find", "TEXT", "only items found by this" },
	{ "count", "N", "so many of each label" },
	{ "size", "SIZE", SIZE_HELP },
	SHEET_OPTIONS,
	{ 0 },
};

/* What every label of this command line has. */
static enum qt_err label_of_options(const struct cli *cli, struct label *label, struct problem *p)
{
	const char *ec = cli_option(cli, "ec");
	int lines = 0;

	*label = (struct label){ .name = cli_option(cli, "name"), .name_zh = cli_option(cli, "name-zh"),
	                         .intro = cli_option(cli, "intro"), .phone = cli_option(cli, "phone"),
	                         .price = cli_option(cli, "price"), .unit = cli_option(cli, "unit"),
	                         .number = cli_option(cli, "number"), .ec_given = ec != NULL };
	for (int i = 0; i < cli->given_count; i++) {
		if (strcmp(cli->given[i].name, "line") != 0)
			continue;
		if (lines == LABEL_LINES_MAX)
			return problem_set(p, QT_TOO_LONG, "line", "at most %d lines", LABEL_LINES_MAX);
		label->lines[lines++] = cli->given[i].value;
	}
	if (ec && !qr_ec_from_letter(ec, &label->ec))
		return problem_set(p, QT_BAD_FIELD, "ec", "must be L, M, Q or H");
	return QT_OK;
}

static enum qt_err form_of_options(const struct cli *cli, enum label_size *size, enum label_format *format,
                                   struct problem *p)
{
	const char *name = cli_option(cli, "size"), *path = cli_option(cli, "out");

	if (path == NULL)
		return problem_set(p, QT_MISSING_FIELD, "out", "--out FILE is needed");
	if (!label_format_of(path, format))
		return problem_set(p, QT_BAD_FIELD, "out", "the file must end in .pdf, .svg or .png");
	if (name && !label_size_by_name(name, size))
		return problem_set(p, QT_BAD_FIELD, "size", "must be sticker, poster, card, shelf or business");
	return QT_OK;
}

/* The code's text: the argument, or standard input without its line end ("-"), for secrets such as a Wi-Fi password.
 * *data is the caller's to free. */
static enum qt_err code_text(const char *argument, const char **text, char **data, struct problem *p)
{
	size_t len = 0;

	*text = argument;
	if (strcmp(argument, "-") == 0) {
		enum qt_err err = cli_read_file("-", CODE_BYTES_MAX, data, &len, p);
		if (err != QT_OK)
			return err;
		if (*data == NULL || strlen(*data) != len)
			return problem_set(p, QT_BAD_FIELD, "text", len ? "holds a NUL byte" : "is empty");
		(*data)[strcspn(*data, "\r\n")] = '\0';
		*text = *data;
	}
	return text_is_utf8(*text, strlen(*text)) ? QT_OK : problem_set(p, QT_NOT_UTF8, "text", NULL);
}

enum qt_err code_label_exec(struct cli *cli, struct problem *p)
{
	const char *path = cli_option(cli, "out");
	struct label label;
	enum label_size size = LABEL_STICKER;
	enum label_format format = LABEL_PDF;
	struct buf out = { 0 };
	char *data = NULL;
	struct json j;

	enum qt_err err = form_of_options(cli, &size, &format, p);
	if (err == QT_OK)
		err = label_of_options(cli, &label, p);
	if (err == QT_OK)
		err = code_text(cli->arg[0], &label.code, &data, p);
	if (err != QT_OK)
		goto out;
	label.size = size;
	label.format = format;
	err = label_make(&label, &out, p);
	if (err == QT_OK && !cli->dry_run)
		err = cli_write_file(path, out.data, out.len, p);
	if (err != QT_OK)
		goto out;
	buf_reset(&out);
	json_start(&j, &out);
	json_object(&j, NULL);
	json_text(&j, "file", path);
	json_text(&j, "size", label_size_name(label.size));
	json_end(&j);
	if (cli->json)
		cli_print_json(&out);
	else
		puts(path);
out:
	free(data);
	buf_free(&out);
	return err;
}

static enum qt_err sheet_of_options(const struct cli *cli, struct label_sheet *s, struct label_grid *g,
                                    struct problem *p)
{
	const char *paper = cli_option(cli, "paper");
	int64_t gap = 0;

	enum qt_err err = form_of_options(cli, &s->size, &s->format, p);
	if (err == QT_OK && paper && !label_paper_by_name(paper, &s->paper))
		err = problem_set(p, QT_BAD_FIELD, "paper", "must be a4, a5, letter or label");
	if (err == QT_OK)
		err = cli_option_int(cli, "gap", 0, LABEL_GAP_MM_MAX, &gap, p);
	s->gap_mm = (int)gap;
	s->no_marks = cli_has(cli, "no-marks");
	return err == QT_OK ? label_grid_of(s, g, p) : err;
}

/* "shelf.png" -> "shelf-2.png" for the second of several pages. */
static enum qt_err page_path(const char *path, int page, int pages, char out[PATH_MAX], struct problem *p)
{
	const char *dot = strrchr(path, '.');
	int n = pages == 1 ? snprintf(out, PATH_MAX, "%s", path)
	                   : snprintf(out, PATH_MAX, "%.*s-%d%s", (int)(dot - path), path, page + 1, dot);

	return n < PATH_MAX ? QT_OK : problem_set(p, QT_TOO_LONG, "out", "the path is too long");
}

/* All pages are drawn before the first is written: a label that does not fit leaves no file. */
static enum qt_err make_files(const struct cli *cli, const struct label_sheet *s, const struct label_grid *g,
                              const struct label_list *list, struct problem *p)
{
	const char *path = cli_option(cli, "out");
	int each = g->columns * g->rows, pages = (list->count + each - 1) / each;
	int files = s->format == LABEL_PDF ? 1 : pages, made = 0;
	struct buf *bytes = xcalloc((size_t)files, sizeof *bytes), out = { 0 };
	struct json j;
	char name[PATH_MAX];
	enum qt_err err = QT_OK;

	for (; err == QT_OK && made < files; made++)
		err = label_sheet_make(s, list->labels, list->count, made, &bytes[made], p);
	json_start(&j, &out);
	json_object(&j, NULL);
	json_array(&j, "files");
	for (int i = 0; err == QT_OK && i < files; i++) {
		err = page_path(path, i, files, name, p);
		if (err == QT_OK && !cli->dry_run)
			err = cli_write_file(name, bytes[i].data, bytes[i].len, p);
		if (err == QT_OK && !cli->json)
			puts(name);
		json_text(&j, NULL, name);
	}
	json_end(&j);
	json_text(&j, "size", label_size_name(s->size));
	json_int(&j, "labels", list->count);
	json_int(&j, "pages", pages);
	json_int(&j, "columns", g->columns);
	json_int(&j, "rows", g->rows);
	json_end(&j);
	if (err == QT_OK && cli->json)
		cli_print_json(&out);
	for (int i = 0; i < made; i++)
		buf_free(&bytes[i]);
	free(bytes);
	buf_free(&out);
	return err;
}

/* Every label `times` times, neighbours of each other. */
static enum qt_err repeat(struct label_list *list, int64_t times, struct problem *p)
{
	if (times * list->count > LABELS_MAX)
		return problem_set(p, QT_OUT_OF_RANGE, "count", "at most %d labels at once", LABELS_MAX);
	int count = (int)times * list->count;
	struct label *all = xcalloc((size_t)count, sizeof *all);
	for (int i = 0; i < count; i++)
		all[i] = list->labels[i / times];
	free(list->labels);
	list->labels = all;
	list->count = list->room = count;
	return QT_OK;
}

static enum qt_err sheet_exec(struct cli *cli, struct problem *p)
{
	const char *from = cli_option(cli, "from"), *currency = cli_option(cli, "currency");
	struct label_sheet sheet = { .paper = PAPER_A4, .size = LABEL_STICKER };
	struct label_list list = { 0 };
	struct label_grid grid;
	char *data = NULL;
	size_t len = 0;

	if ((from != NULL) == (cli->args == 1))
		return problem_set(p, QT_BAD_REQUEST, "text", "give either TEXT or --from FILE");
	enum qt_err err = sheet_of_options(cli, &sheet, &grid, p);
	int64_t count = from ? 1 : grid.columns * grid.rows;
	if (err == QT_OK)
		err = label_of_options(cli, &list.common, p);
	if (err == QT_OK)
		err = cli_option_int(cli, "count", 1, LABELS_MAX, &count, p);
	if (err != QT_OK)
		goto out;
	snprintf(list.currency, sizeof list.currency, "%s", currency ? currency : "");
	if (from) {
		err = cli_read_file(from, LIST_BYTES_MAX, &data, &len, p);
		if (err == QT_OK)
			err = label_list_read(&list, data ? data : "", len, p);
	} else {
		list.labels = xcalloc(1, sizeof *list.labels);
		list.count = 1;
		list.labels[0] = list.common;
		err = code_text(cli->arg[0], &list.labels[0].code, &data, p);
	}
	if (err == QT_OK)
		err = repeat(&list, count, p);
	if (err == QT_OK)
		err = make_files(cli, &sheet, &grid, &list, p);
out:
	label_list_free(&list);
	free(data);
	return err;
}

/* One item with its product code, which the list of items does not have. */
static enum qt_err add_item(struct client *c, struct label_list *list, const char *id, struct problem *p)
{
	struct api_reply r = { 0 };
	char path[64];
	char *end = NULL;
	long long number = strtoll(id, &end, 10);

	if (end == id || *end != '\0' || number < 1)
		return problem_set(p, QT_BAD_FIELD, "id", "\"%.40s\" is no item's id", id);
	snprintf(path, sizeof path, "/v1/items/%lld", number);
	enum qt_err err = client_call(c, "GET", path, NULL, &r, p);
	if (err == QT_OK)
		err = label_list_add(list, r.body, "item", p);
	api_reply_free(&r);
	return err;
}

static enum qt_err add_found(struct client *c, struct label_list *list, const char *find, struct problem *p)
{
	struct buf path = { 0 };
	int64_t after = 0;
	enum qt_err err = QT_OK;

	do {
		struct api_reply r = { 0 };
		buf_reset(&path);
		buf_adds(&path, "/v1/items?limit=500");
		if (after > 0)
			buf_addf(&path, "&after=%lld", (long long)after);
		for (const char *at = find ? find : ""; *at; at++)
			buf_addf(&path, "%s%%%02X", at == find ? "&q=" : "", (unsigned char)*at);
		err = client_call(c, "GET", path.data, NULL, &r, p);
		for (size_t i = 0; err == QT_OK && i < jcount(jget(r.body, "items")); i++) {
			char id[24];
			snprintf(id, sizeof id, "%lld", (long long)jint(jat(jget(r.body, "items"), i), "item_id", 0));
			err = add_item(c, list, id, p);
		}
		after = jint(r.body, "next", 0);
		api_reply_free(&r);
	} while (err == QT_OK && after > 0);
	buf_free(&path);
	return err;
}

static enum qt_err items_exec(struct cli *cli, struct problem *p)
{
	struct label_sheet sheet = { .paper = PAPER_A4, .size = LABEL_SHELF };
	struct label_list list = { 0 };
	struct label_grid grid;
	struct client c;
	int64_t count = 1;

	enum qt_err err = sheet_of_options(cli, &sheet, &grid, p);
	if (err == QT_OK)
		err = cli_option_int(cli, "count", 1, LABELS_MAX, &count, p);
	if (err != QT_OK)
		return err;
	if (cli->args > 0 && cli_has(cli, "find"))
		return problem_set(p, QT_BAD_REQUEST, "find", "give either ids or --find");
	err = client_open(&c, cli, p);
	if (err != QT_OK)
		return err;
	err = client_currency(&c, p);
	snprintf(list.currency, sizeof list.currency, "%s", c.currency);
	for (int i = 0; err == QT_OK && i < cli->args; i++)
		err = add_item(&c, &list, cli->arg[i], p);
	if (err == QT_OK && cli->args == 0)
		err = add_found(&c, &list, cli_option(cli, "find"), p);
	if (err == QT_OK && list.count == 0)
		err = problem_set(p, QT_NOT_FOUND, "find", "there is no such item");
	if (err == QT_OK)
		err = repeat(&list, count, p);
	if (err == QT_OK)
		err = make_files(cli, &sheet, &grid, &list, p);
	label_list_free(&list);
	client_close(&c);
	return err;
}

const struct command cli_label_commands[] = {
	{ "label", "sheet", "--out FILE [options] TEXT | --from FILE", "labels on sheets with cut marks", sheet_options, 0,
	  1, sheet_exec },
	{ "label", "items", "--out FILE [options] [ID]...", "shelf labels of the catalogue, with prices", items_options, 0,
	  -1, items_exec, NULL, true },
	{ 0 },
};
