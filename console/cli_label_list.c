/* cli_label_list: see cli_label_list.h. */
#include "console/cli_label_list.h"

#include "shared/money.h"

#include <csv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS_MAX 32

/* Columns of a CSV and members of an object that are one text of a label. */
static const struct member {
	const char *name;
	size_t offset;
} members[] = {
	{ "code", offsetof(struct label, code) },     { "name", offsetof(struct label, name) },
	{ "name_zh", offsetof(struct label, name_zh) }, { "intro", offsetof(struct label, intro) },
	{ "phone", offsetof(struct label, phone) },   { "price", offsetof(struct label, price) },
	{ "unit", offsetof(struct label, unit) },     { "number", offsetof(struct label, number) },
};
#define MEMBER_COUNT (sizeof members / sizeof *members)

static const char **text_of(struct label *label, const struct member *m)
{
	return (const char **)(void *)((char *)label + m->offset);
}

static const char *keep(struct label_list *list, const char *text)
{
	if (list->text_count == list->text_room) {
		list->text_room = list->text_room ? list->text_room * 2 : 64;
		list->texts = xrealloc(list->texts, (size_t)list->text_room * sizeof *list->texts);
	}
	return list->texts[list->text_count++] = xstrdup(text);
}

static enum qt_err next_label(struct label_list *list, struct label **out, struct problem *p)
{
	if (list->count == LABELS_MAX)
		return problem_set(p, QT_TOO_LONG, "from", "at most %d labels at once", LABELS_MAX);
	if (list->count == list->room) {
		list->room = list->room ? list->room * 2 : 64;
		list->labels = xrealloc(list->labels, (size_t)list->room * sizeof *list->labels);
	}
	*out = &list->labels[list->count++];
	**out = list->common;
	return QT_OK;
}

/* "$12.50" from minor units. */
static enum qt_err set_price(struct label_list *list, struct label *label, int64_t cents, const char *currency,
                             const char *where, struct problem *p)
{
	const struct currency *c = currency_by_alpha(currency);
	char amount[32], text[48];

	if (c == NULL)
		return problem_set(p, QT_MISSING_FIELD, "currency", "%s has price_cents; --currency says of what", where);
	money_format(cents, c->numeric, amount, sizeof amount);
	snprintf(text, sizeof text, "%s%s", c->symbol, amount);
	label->price = keep(list, text);
	return QT_OK;
}

/* 16 digits in groups of four, as they are read aloud; anything else as it is. */
static const char *keep_number(struct label_list *list, const char *number)
{
	char grouped[24];

	if (strlen(number) != 16 || strspn(number, "0123456789") != 16)
		return keep(list, number);
	snprintf(grouped, sizeof grouped, "%.4s %.4s %.4s %.4s", number, number + 4, number + 8, number + 12);
	return keep(list, grouped);
}

enum qt_err label_list_add(struct label_list *list, const struct json_t *object, const char *where, struct problem *p)
{
	const struct json_t *lines = jget(object, "lines");
	struct label *label;

	enum qt_err err = next_label(list, &label, p);
	if (err != QT_OK)
		return err;
	if (jkind_of(object) != JKIND_OBJECT)
		return problem_set(p, QT_BAD_FIELD, where, "must be an object");
	for (size_t i = 0; i < MEMBER_COUNT; i++) {
		const char *text = jtext(object, members[i].name, "");
		if (*text)
			*text_of(label, &members[i]) = strcmp(members[i].name, "number") == 0 ? keep_number(list, text) : keep(list, text);
	}
	if (jcount(lines) > LABEL_LINES_MAX)
		return problem_set(p, QT_TOO_LONG, where, "at most %d lines", LABEL_LINES_MAX);
	for (size_t i = 0; i < jcount(lines); i++)
		label->lines[i] = keep(list, jvalue_text(jat(lines, i), ""));
	/* An item without a code of its own is found by its barcode or the shop's number. */
	if (label->code == NULL || *jtext(object, "code", "") == '\0') {
		const char *barcode = jvalue_text(jat(jget(object, "barcodes"), 0), NULL);
		const char *code = barcode ? barcode : jtext(object, "sku", NULL);
		if (code)
			label->code = keep(list, code);
	}
	if (label->code == NULL)
		return problem_set(p, QT_MISSING_FIELD, where, "has no code");
	int64_t cents = jint(object, "price_cents", -1);
	if (cents >= 0 && *jtext(object, "price", "") == '\0' && !jbool(object, "open_price", false))
		err = set_price(list, label, cents, jtext(object, "currency", list->currency), where, p);
	return err;
}

static enum qt_err read_json(struct label_list *list, const char *text, size_t len, struct problem *p)
{
	static const char *const names[] = { "labels", "cards", "items" };
	struct json_t *tree = jparse(text, len), *rows = NULL;
	const char *name = "labels";
	enum qt_err err = QT_OK;

	if (tree == NULL)
		return problem_set(p, QT_BAD_JSON, "from", "the list is not valid JSON");
	if (jkind_of(tree) == JKIND_ARRAY)
		rows = tree;
	for (size_t i = 0; rows == NULL && i < sizeof names / sizeof *names; i++)
		if (jkind_of(jget(tree, names[i])) == JKIND_ARRAY) {
			rows = jget(tree, names[i]);
			name = names[i];
		}
	if (rows == NULL)
		err = problem_set(p, QT_MISSING_FIELD, "from", "the object has no labels, cards or items");
	for (size_t i = 0; err == QT_OK && i < jcount(rows); i++) {
		char where[48];
		snprintf(where, sizeof where, "%s[%zu]", name, i);
		err = label_list_add(list, jat(rows, i), where, p);
	}
	jfree(tree);
	return err;
}

/* What is known while a CSV is read. */
struct reader {
	struct label_list *list;
	struct problem *p;
	const struct member *columns[COLUMNS_MAX]; /* NULL: passed over */
	bool is_line[COLUMNS_MAX], is_cents[COLUMNS_MAX];
	int column_count, cell, row; /* row 0: the head line */
	int code_columns;
	struct label *label;         /* of this row */
	int line_count;
	enum qt_err err;
};

static void read_head(struct reader *r, const char *name)
{
	if (strncmp(name, "\xef\xbb\xbf", 3) == 0) /* byte order mark of a spreadsheet */
		name += 3;
	for (size_t i = 0; i < MEMBER_COUNT; i++)
		if (strcmp(members[i].name, name) == 0)
			r->columns[r->cell] = &members[i];
	r->is_line[r->cell] = strcmp(name, "line") == 0;
	r->is_cents[r->cell] = strcmp(name, "price_cents") == 0;
	r->code_columns += strcmp(name, "code") == 0;
}

static enum qt_err read_cell(struct reader *r, const char *text)
{
	const struct member *m = r->columns[r->cell];
	char where[32], *end = NULL;

	snprintf(where, sizeof where, "line %d", r->row + 1);
	if (*text == '\0')
		return QT_OK;
	if (m)
		*text_of(r->label, m) = strcmp(m->name, "number") == 0 ? keep_number(r->list, text) : keep(r->list, text);
	if (r->is_line[r->cell]) {
		if (r->line_count == LABEL_LINES_MAX)
			return problem_set(r->p, QT_TOO_LONG, where, "at most %d lines", LABEL_LINES_MAX);
		r->label->lines[r->line_count++] = keep(r->list, text);
	}
	if (r->is_cents[r->cell]) {
		long long cents = strtoll(text, &end, 10);
		if (end == text || *end != '\0' || cents < 0 || cents > MONEY_MAX)
			return problem_set(r->p, QT_OUT_OF_RANGE, where, "price_cents must be a whole number");
		return set_price(r->list, r->label, cents, r->list->currency, where, r->p);
	}
	return QT_OK;
}

static void on_cell(void *data, size_t len, void *ctx)
{
	struct reader *r = ctx;
	struct buf text = { 0 };

	if (r->err == QT_OK && r->cell >= COLUMNS_MAX)
		r->err = problem_set(r->p, QT_TOO_LONG, "from", "at most %d columns", COLUMNS_MAX);
	if (r->err != QT_OK)
		return;
	buf_add(&text, len > 0 ? data : "", len);
	if (strlen(text.data ? text.data : "") != len) {
		r->err = problem_set(r->p, QT_CONTROL_CHARACTER, "from", "line %d holds a NUL byte", r->row + 1);
	} else if (r->row == 0) {
		read_head(r, text.data ? text.data : "");
	} else {
		if (r->cell == 0)
			r->err = next_label(r->list, &r->label, r->p);
		if (r->err == QT_OK)
			r->err = read_cell(r, text.data ? text.data : "");
	}
	r->cell++;
	buf_free(&text);
}

static void on_row(int end, void *ctx)
{
	struct reader *r = ctx;

	(void)end;
	if (r->err == QT_OK && r->row == 0) {
		r->column_count = r->cell;
		if (r->code_columns != 1 && (r->code_columns > 1 || r->list->common.code == NULL))
			r->err = problem_set(r->p, QT_MISSING_FIELD, "from", "the head line must name one column code");
	} else if (r->err == QT_OK && r->cell != r->column_count) {
		r->err = problem_set(r->p, QT_BAD_FIELD, "from", "line %d has %d cells, the head line %d", r->row + 1, r->cell,
		                     r->column_count);
	} else if (r->err == QT_OK && r->label->code == NULL) {
		r->err = problem_set(r->p, QT_MISSING_FIELD, "code", "line %d has no code", r->row + 1);
	}
	r->row++;
	r->cell = r->line_count = 0;
}

static enum qt_err read_csv(struct label_list *list, const char *text, size_t len, struct problem *p)
{
	struct reader r = { .list = list, .p = p };
	struct csv_parser parser;

	if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI) != 0)
		fatal("libcsv does not start");
	bool whole = csv_parse(&parser, text, len, on_cell, on_row, &r) == len;
	whole = csv_fini(&parser, on_cell, on_row, &r) == 0 && whole;
	csv_free(&parser);
	if (r.err == QT_OK && !whole)
		return problem_set(p, QT_BAD_FIELD, "from", "line %d is not CSV by RFC 4180", r.row + 1);
	return r.err;
}

enum qt_err label_list_read(struct label_list *list, const char *text, size_t len, struct problem *p)
{
	size_t blank = strspn(text, " \t\r\n");
	bool json = text[blank] == '{' || text[blank] == '[';
	enum qt_err err = json ? read_json(list, text, len, p) : read_csv(list, text, len, p);

	if (err == QT_OK && list->count == 0)
		err = problem_set(p, QT_BAD_FIELD, "from", "the list is empty");
	return err;
}

void label_list_free(struct label_list *list)
{
	for (int i = 0; i < list->text_count; i++)
		free(list->texts[i]);
	free(list->texts);
	free(list->labels);
	*list = (struct label_list){ 0 };
}
