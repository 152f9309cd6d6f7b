/* cli_item_csv: see cli_item_csv.h. */
#include "console/cli_item_csv.h"

#include "console/cli_request.h"
#include "shared/money.h"
#include "shared/text.h"

#include <csv.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define COLUMNS_MAX 40

enum column {
	COLUMN_SKU, COLUMN_NAME, COLUMN_NAME_ZH, COLUMN_BARCODE, COLUMN_PLU, COLUMN_UNIT, COLUMN_PRICE, COLUMN_TAX,
	COLUMN_OPEN_PRICE, COLUMN_ACTIVE, COLUMN_PRICE_CENTS, COLUMN_UNKNOWN
};
/* In the order they are written; the last is only read. */
static const char *const column_names[] = {
	"sku", "name", "name_zh", "barcode", "plu", "unit", "price", "tax", "open_price", "active", "price_cents", NULL
};

/* What is known while a file is read. */
struct reading {
	struct item_csv *csv;
	bool head_read;
	bool stop;                     /* nothing more can be made of the file */
	enum column columns[COLUMNS_MAX];
	int column_count;
	bool has[COLUMN_UNKNOWN];
	char *cells[COLUMNS_MAX];      /* of the row being read; owned */
	int cell;                      /* next cell of the row */
	int line;                      /* being read, from 1 */
	int row_line;                  /* where the row began; 0: none is begun */
	struct json json;
};

bool item_csv_problem(struct item_csv *csv, int line, const char *column, enum qt_err err, const char *detail)
{
	if (csv->problem_count == ITEM_CSV_PROBLEMS_MAX)
		return false;
	struct item_csv_problem *p = &csv->problems[csv->problem_count++];
	*p = (struct item_csv_problem){ .line = line, .err = err };
	snprintf(p->column, sizeof p->column, "%s", column);
	snprintf(p->detail, sizeof p->detail, "%s", detail);
	return csv->problem_count < ITEM_CSV_PROBLEMS_MAX;
}

static void say(struct reading *r, const char *column, enum qt_err err, const char *detail)
{
	if (!item_csv_problem(r->csv, r->row_line ? r->row_line : r->line, column, err, detail))
		r->stop = true;
}

/* ---- head line ---- */

static void set_column(struct reading *r, const char *name)
{
	struct item_csv *csv = r->csv;
	int k = 0;

	while (column_names[k] && strcasecmp(column_names[k], name) != 0)
		k++;
	if (k < COLUMN_UNKNOWN && r->has[k]) {
		say(r, name, QT_DOUBLE_FIELD, "the column is there twice");
		r->stop = true;
	}
	if (k < COLUMN_UNKNOWN) {
		r->has[k] = true;
	} else {
		size_t len = strlen(csv->unknown);
		snprintf(csv->unknown + len, sizeof csv->unknown - len, "%s%.40s", len ? ", " : "", name);
	}
	r->columns[r->column_count++] = (enum column)k;
}

static void end_head(struct reading *r)
{
	for (int i = 0; i < r->cell && !r->stop; i++)
		set_column(r, r->cells[i]);
	if (!r->stop && !r->has[COLUMN_SKU]) {
		say(r, "sku", QT_MISSING_FIELD, "the head line has no such column");
		r->stop = true;
	}
	if (!r->stop && r->has[COLUMN_PRICE] && r->has[COLUMN_PRICE_CENTS]) {
		say(r, "price", QT_DOUBLE_FIELD, "price and price_cents are one thing");
		r->stop = true;
	}
	r->csv->cents = r->has[COLUMN_PRICE_CENTS];
	r->head_read = true;
}

/* ---- rows ---- */

static const char *cell_of(const struct reading *r, enum column column)
{
	for (int i = 0; i < r->column_count; i++)
		if (r->columns[i] == column)
			return r->cells[i];
	return "";
}

/* The tax a row names, by name, else by id. */
static bool add_tax(struct reading *r)
{
	const char *wanted = cell_of(r, COLUMN_TAX);
	char why[120];

	if (!r->has[COLUMN_TAX])
		return true;
	for (int pass = 0; pass < 2; pass++) {
		for (int i = 0; i < r->csv->tax_count; i++) {
			const struct item_tax *t = &r->csv->taxes[i];
			char id[24];
			snprintf(id, sizeof id, "%lld", (long long)t->id);
			if (pass == 0 ? strcasecmp(t->name, wanted) == 0 : strcmp(id, wanted) == 0) {
				json_int(&r->json, "tax_id", t->id);
				return true;
			}
		}
	}
	snprintf(why, sizeof why, "there is no tax \"%.60s\"", wanted);
	say(r, "tax", QT_BAD_FIELD, why);
	return false;
}

static bool add_number(struct reading *r, enum column column, enum cli_kind kind, const char *field)
{
	struct problem p = { 0 };

	if (!r->has[column])
		return true;
	enum qt_err err = request_value(r->csv->client, &r->json, kind, field, column_names[column], cell_of(r, column), &p);
	if (err != QT_OK)
		say(r, column_names[column], err, p.detail);
	return err == QT_OK;
}

static bool add_yes_no(struct reading *r, enum column column)
{
	static const char *const words[] = { "no", "yes", "0", "1", "false", "true" };
	const char *text = cell_of(r, column);

	if (!r->has[column] || text[0] == '\0')
		return true;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (strcasecmp(text, words[i]) == 0) {
			json_bool(&r->json, column_names[column], i % 2 == 1);
			return true;
		}
	}
	say(r, column_names[column], QT_BAD_FIELD, "must be yes or no");
	return false;
}

/* A space between; a space that is part of one has a backslash before it, as has a backslash. */
static void add_barcodes(struct reading *r)
{
	const char *at = cell_of(r, COLUMN_BARCODE);
	struct buf code = { 0 };
	bool any = false;

	if (!r->has[COLUMN_BARCODE])
		return;
	json_array(&r->json, "barcodes");
	while (*(at += strspn(at, " ")) != '\0') {
		buf_reset(&code);
		while (*at != '\0' && *at != ' ') {
			at += *at == '\\' && at[1] != '\0';
			buf_addc(&code, *at++);
		}
		json_object(&r->json, NULL);
		json_textn(&r->json, "code", code.data, code.len);
		json_end(&r->json);
		any = true;
	}
	json_end(&r->json);
	if (!any)
		json_bool(&r->json, "no_barcodes", true);
	buf_free(&code);
}

static bool add_members(struct reading *r)
{
	static const enum column texts[] = { COLUMN_SKU, COLUMN_NAME, COLUMN_NAME_ZH, COLUMN_UNIT };
	bool good = true;

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (r->has[texts[i]])
			json_text(&r->json, column_names[texts[i]], cell_of(r, texts[i]));
	add_barcodes(r);
	good &= add_tax(r);
	if (r->has[COLUMN_PLU] && cell_of(r, COLUMN_PLU)[0] == '\0')
		json_int(&r->json, "plu", 0);
	else
		good &= add_number(r, COLUMN_PLU, CLI_INT, "plu");
	good &= add_number(r, COLUMN_PRICE, CLI_MONEY, "price_cents");
	good &= add_number(r, COLUMN_PRICE_CENTS, CLI_INT, "price_cents");
	good &= add_yes_no(r, COLUMN_OPEN_PRICE);
	good &= add_yes_no(r, COLUMN_ACTIVE);
	return good;
}

static bool is_blank(const struct reading *r)
{
	for (int i = 0; i < r->cell; i++)
		if (r->cells[i][0] != '\0')
			return false;
	return true;
}

static void end_row(struct reading *r)
{
	struct item_csv *csv = r->csv;
	size_t start = csv->text.len;
	char why[80];

	if (is_blank(r))
		return;
	if (r->cell != r->column_count) {
		snprintf(why, sizeof why, "it has %d cells, the head line %d", r->cell, r->column_count);
		say(r, "", QT_BAD_FIELD, why);
		return;
	}
	json_start(&r->json, &csv->text);
	json_object(&r->json, NULL);
	if (!add_members(r)) {
		csv->text.len = start;
		return;
	}
	json_end(&r->json);
	if (csv->row_count == csv->row_room) {
		csv->row_room = csv->row_room ? csv->row_room * 2 : 256;
		csv->rows = xrealloc(csv->rows, (size_t)csv->row_room * sizeof *csv->rows);
	}
	csv->rows[csv->row_count++] = (struct item_csv_row){ r->row_line, start, csv->text.len - start };
}

/* What item_csv_write puts before a formula. */
static bool is_guarded(const char *s, size_t len)
{
	size_t n = 0;

	while (n < len && s[n] == '\'')
		n++;
	return n > 0 && n < len && strchr("=+-@", s[n]) != NULL;
}

/* libcsv's bytes are not terminated. */
static void on_cell(void *data, size_t len, void *ctx)
{
	struct reading *r = ctx;
	const char *s = len > 0 ? data : "";
	struct buf text = { 0 };

	if (r->stop)
		return;
	if (r->cell == COLUMNS_MAX) {
		say(r, "", QT_TOO_LONG, "more than 40 cells");
		r->stop = true;
		return;
	}
	if (memchr(s, '\0', len) != NULL || !text_is_utf8(s, len)) {
		bool head = !r->head_read;
		say(r, head || r->cell >= r->column_count || r->columns[r->cell] == COLUMN_UNKNOWN
		           ? "" : column_names[r->columns[r->cell]],
		    memchr(s, '\0', len) ? QT_CONTROL_CHARACTER : QT_NOT_UTF8,
		    memchr(s, '\0', len) ? "it holds a NUL byte" : "the text is not UTF-8");
		r->stop = true; /* such a file is of another kind as a whole */
		return;
	}
	if (is_guarded(s, len))
		s++, len--;
	buf_add(&text, s, len);
	buf_addc(&text, '\0');
	free(r->cells[r->cell]);
	r->cells[r->cell++] = buf_take(&text);
}

static void on_row(int end, void *ctx)
{
	struct reading *r = ctx;

	(void)end;
	if (!r->stop && !r->head_read)
		end_head(r);
	else if (!r->stop)
		end_row(r);
	r->cell = 0;
	r->row_line = 0;
}

/* What stands between cells: a comma, or what the head line has in its place. */
static unsigned char delimiter_of(const char *text, size_t len)
{
	size_t n = 0;

	while (n < len && text[n] != '\n' && text[n] != '\r')
		n++;
	if (memchr(text, ',', n) != NULL)
		return ',';
	return memchr(text, ';', n) != NULL ? ';' : memchr(text, '\t', n) != NULL ? '\t' : ',';
}

/* Line by line, so that the number of the line is known. */
static bool parse(struct reading *r, struct csv_parser *parser, const char *text, size_t len)
{
	for (size_t at = 0, n; at < len && !r->stop; at += n) {
		n = 0;
		while (at + n < len && text[at + n] != '\n' && text[at + n] != '\r')
			n++;
		if (at + n < len)
			n += text[at + n] == '\r' && at + n + 1 < len && text[at + n + 1] == '\n' ? 2 : 1;
		r->line++;
		if (r->row_line == 0 && strchr("\r\n", text[at]) == NULL)
			r->row_line = r->line;
		if (csv_parse(parser, text + at, n, on_cell, on_row, r) != n)
			return false;
	}
	return r->stop || csv_fini(parser, on_cell, on_row, r) == 0;
}

enum qt_err item_csv_read(struct item_csv *csv, const char *text, size_t len)
{
	struct reading r = { .csv = csv };
	struct csv_parser parser;

	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) { /* byte order mark of a spreadsheet */
		text += 3;
		len -= 3;
	}
	if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI) != 0)
		fatal("libcsv does not start");
	csv_set_delim(&parser, delimiter_of(text, len));
	if (!parse(&r, &parser, text, len)) {
		say(&r, "", QT_BAD_FIELD, "this is not CSV by RFC 4180: a quote is where none may be, or is not closed");
	}
	csv_free(&parser);
	if (!r.head_read && csv->problem_count == 0)
		item_csv_problem(csv, 1, "", QT_MISSING_FIELD, "the file is empty");
	else if (csv->row_count == 0 && csv->problem_count == 0)
		item_csv_problem(csv, r.line, "", QT_MISSING_FIELD, "there is no row below the head line");
	for (int i = 0; i < COLUMNS_MAX; i++)
		free(r.cells[i]);
	return csv->problem_count > 0 ? csv->problems[0].err : QT_OK;
}

void item_csv_free(struct item_csv *csv)
{
	buf_free(&csv->text);
	free(csv->rows);
	csv->rows = NULL;
}

/* ---- writing ---- */

static void write_cell(struct buf *out, const char *text, char before)
{
	struct buf guarded = { 0 };

	if (before)
		buf_addc(out, before);
	if (is_guarded(text, strlen(text)))
		buf_addc(&guarded, '\'');
	buf_adds(&guarded, text);
	text_clean(out, guarded.data ? guarded.data : "", guarded.len, TEXT_CSV);
	buf_free(&guarded);
}

static void write_barcodes(struct buf *out, const struct json_t *codes)
{
	struct buf text = { 0 };

	for (size_t i = 0; i < jcount(codes); i++) {
		if (i > 0)
			buf_addc(&text, ' ');
		for (const char *s = jvalue_text(jat(codes, i), ""); *s; s++) {
			if (*s == ' ' || *s == '\\')
				buf_addc(&text, '\\');
			buf_addc(&text, *s);
		}
	}
	write_cell(out, text.data ? text.data : "", ',');
	buf_free(&text);
}

/* A tax by its name when no other has it, nor it as id. */
static void write_tax(struct buf *out, const struct item_csv *csv, int64_t id)
{
	const char *name = NULL;
	char number[24];
	int same = 0;

	for (int i = 0; i < csv->tax_count; i++)
		if (csv->taxes[i].id == id)
			name = csv->taxes[i].name;
	for (int i = 0; name && i < csv->tax_count; i++)
		same += strcasecmp(csv->taxes[i].name, name) == 0;
	snprintf(number, sizeof number, "%lld", (long long)id);
	write_cell(out, same == 1 ? name : number, ',');
}

void item_csv_head(struct buf *out)
{
	for (int i = 0; i < COLUMN_PRICE_CENTS; i++)
		buf_addf(out, "%s%s", i ? "," : "", column_names[i]);
	buf_adds(out, "\r\n");
}

void item_csv_write(struct buf *out, const struct item_csv *csv, const struct json_t *items)
{
	const struct currency *currency = currency_by_alpha(csv->client->currency);
	char text[32];

	for (size_t i = 0; i < jcount(items); i++) {
		const struct json_t *it = jat(items, i);
		const char *name = jtext(it, "name", ""), *zh = jtext(it, "name_zh", "");
		write_cell(out, jtext(it, "sku", ""), 0);
		write_cell(out, name, ',');
		write_cell(out, strcmp(name, zh) == 0 ? "" : zh, ',');
		write_barcodes(out, jget(it, "barcodes"));
		snprintf(text, sizeof text, "%lld", (long long)jint(it, "plu", 0));
		write_cell(out, jint(it, "plu", 0) ? text : "", ',');
		write_cell(out, jtext(it, "unit", ""), ',');
		buf_addc(out, ',');
		buf_adds(out, money_format(jint(it, "price_cents", 0), currency ? currency->numeric : 840, text, sizeof text));
		write_tax(out, csv, jint(it, "tax_id", 0));
		buf_addf(out, ",%s,%s\r\n", jbool(it, "open_price", false) ? "yes" : "no", jbool(it, "active", true) ? "yes" : "no");
	}
}
