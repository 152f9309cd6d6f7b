/* report_pdf: see report_pdf.h. Lengths are points. */
#include "console/report_pdf.h"

#include "shared/clock.h"
#include "shared/money.h"
#include "shared/text.h"

#include <cairo-pdf.h>
#include <pango/pangocairo.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define A4_SHORT 595.28
#define A4_LONG 841.89
#define MARGIN 42.0
#define LETTERS 8.5        /* of the table */
#define LINE 14.0
#define GAP 10.0           /* between columns */
#define TEXT_MOST 150.0    /* of a column of text; longer ones end in dots */
#define CHART_HEIGHT 170.0
#define ROWS_MOST 20000
#define SLICES 7           /* of a pie; what is left is one more */
#define WIDE_FROM 8        /* so many columns turn the page */

struct paper {
	cairo_t *cr;
	const struct report *report;
	const struct json_t *answer, *rows;
	bool chinese;
	int64_t unit;           /* of money: currency */
	double width, height, y;
	double column[REPORT_COLUMNS_MAX]; /* widths */
	int columns, page, pages;
};
struct rgb {
	double r, g, b;
};
static const struct rgb colours[SLICES + 1] = {
	{ 0.16, 0.38, 0.63 }, { 0.90, 0.55, 0.13 }, { 0.27, 0.58, 0.36 }, { 0.72, 0.26, 0.27 }, { 0.46, 0.36, 0.63 },
	{ 0.35, 0.66, 0.71 }, { 0.55, 0.43, 0.33 }, { 0.60, 0.60, 0.60 },
};
static const struct rgb ink = { 0.12, 0.12, 0.12 }, grey = { 0.45, 0.45, 0.45 }, pale = { 0.93, 0.94, 0.96 },
                        red = { 0.70, 0.15, 0.15 };

static cairo_status_t on_bytes(void *out, const unsigned char *data, unsigned len)
{
	buf_add(out, data, len);
	return CAIRO_STATUS_SUCCESS;
}

/* ---- text ---- */

static PangoLayout *layout_of(struct paper *p, const char *text, double size, bool bold)
{
	PangoLayout *layout = pango_cairo_create_layout(p->cr);
	PangoFontDescription *font = pango_font_description_from_string("Noto Sans, Noto Sans CJK SC, sans-serif");

	pango_font_description_set_absolute_size(font, size * PANGO_SCALE);
	pango_font_description_set_weight(font, bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
	pango_layout_set_font_description(layout, font);
	pango_layout_set_single_paragraph_mode(layout, TRUE);
	pango_layout_set_text(layout, text, -1);
	pango_font_description_free(font);
	return layout;
}

static double width_of(struct paper *p, const char *text, double size, bool bold)
{
	PangoLayout *layout = layout_of(p, text, size, bold);
	int width;

	pango_layout_get_size(layout, &width, NULL);
	g_object_unref(layout);
	return (double)width / PANGO_SCALE;
}

struct place {
	double x, y, width; /* width 0: as wide as it is */
	double size;
	bool bold, right;
	struct rgb colour;
};

static void put(struct paper *p, const struct place *at, const char *text)
{
	PangoLayout *layout = layout_of(p, text, at->size, at->bold);

	if (at->width > 0) {
		pango_layout_set_width(layout, (int)(at->width * PANGO_SCALE));
		pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
		pango_layout_set_alignment(layout, at->right ? PANGO_ALIGN_RIGHT : PANGO_ALIGN_LEFT);
	}
	cairo_set_source_rgb(p->cr, at->colour.r, at->colour.g, at->colour.b);
	cairo_move_to(p->cr, at->x, at->y);
	pango_cairo_show_layout(p->cr, layout);
	g_object_unref(layout);
}

static void rule(struct paper *p, double y, double width)
{
	cairo_set_source_rgb(p->cr, grey.r, grey.g, grey.b);
	cairo_set_line_width(p->cr, width);
	cairo_move_to(p->cr, MARGIN, y);
	cairo_line_to(p->cr, p->width - MARGIN, y);
	cairo_stroke(p->cr);
}

/* ---- cells ---- */

void report_cell(struct buf *out, const struct report_column *c, const struct json_t *row, int64_t unit, bool chinese)
{
	const struct json_t *value = jget(row, c->name);
	int64_t number = jvalue_int(value, 0);
	const char *text = jvalue_text(value, "");
	char local[32];

	switch (c->type) {
	case REPORT_MONEY:
		buf_adds(out, money_format(number, unit, local, sizeof local));
		break;
	case REPORT_RATE:
		buf_addf(out, "%lld.%02lld %%", (long long)(number / 100), (long long)(number % 100));
		break;
	case REPORT_TIME:
		buf_adds(out, number ? clock_format_local(number, local) : "-");
		break;
	case REPORT_NUMBER:
	case REPORT_COUNT:
		buf_add_int(out, number);
		break;
	case REPORT_WORD:
		buf_adds(out, report_word(text, chinese));
		break;
	case REPORT_TEXT:
	case REPORT_DAY:
		text_clean(out, text, strlen(text), TEXT_TERMINAL);
	}
}

static bool is_right(const struct report_column *c)
{
	return c->type == REPORT_MONEY || c->type == REPORT_COUNT || c->type == REPORT_RATE || c->type == REPORT_NUMBER;
}

static const char *cell(struct paper *p, struct buf *b, int column, const struct json_t *row)
{
	buf_reset(b);
	report_cell(b, &p->report->columns[column], row, p->unit, p->chinese);
	return b->len > 0 ? b->data : "";
}

static const char *title_of(const struct paper *p, const struct report_column *c)
{
	return p->chinese ? c->title_zh : c->title;
}

/* As wide as what is in them; all narrower when they do not fit the page. */
static void measure(struct paper *p)
{
	double sum = 0, room = p->width - 2 * MARGIN;
	struct buf b = { 0 };

	for (int i = 0; i < p->columns; i++) {
		const struct report_column *c = &p->report->columns[i];
		double widest = width_of(p, title_of(p, c), LETTERS, true);
		for (size_t n = 0; n <= jcount(p->rows); n++) {
			bool last = n == jcount(p->rows);
			if (last && !c->sum)
				break;
			double w = width_of(p, cell(p, &b, i, last ? jget(p->answer, "total") : jat(p->rows, n)), LETTERS, last);
			widest = w > widest ? w : widest;
		}
		if (c->type == REPORT_TEXT && widest > TEXT_MOST)
			widest = TEXT_MOST;
		p->column[i] = widest + 1;
		sum += p->column[i] + (i ? GAP : 0);
	}
	double spare = room - sum;
	for (int i = 0; i < p->columns; i++)
		if (spare < 0)
			p->column[i] *= (room - (p->columns - 1) * GAP) / (sum - (p->columns - 1) * GAP);
		else
			p->column[i] += spare / p->columns < 40 ? spare / p->columns : 40;
	buf_free(&b);
}

/* ---- pages ---- */

static void foot(struct paper *p)
{
	char text[64];
	struct place at = { MARGIN, p->height - MARGIN + 8, p->width - 2 * MARGIN, 7.5, false, true, grey };

	snprintf(text, sizeof text, "%d / %d", p->page, p->pages);
	put(p, &at, text);
}

static void head(struct paper *p)
{
	const char *zh = jtext(p->answer, "name_zh", NULL), *name = p->chinese && zh ? zh : jtext(p->answer, "name", "");
	const char *from = jtext(p->answer, "from", ""), *until = jtext(p->answer, "until", "");
	char made[17];
	struct buf b = { 0 };

	struct place at = { MARGIN, MARGIN, p->width - 2 * MARGIN, 18, true, false, ink };
	put(p, &at, p->chinese ? p->report->title_zh : p->report->title);
	at.y += 25;
	at.size = 10.5;
	text_clean(&b, name, strlen(name), TEXT_TERMINAL);
	if (*from)
		buf_addf(&b, "   %s%s%s", from, strcmp(from, until) ? " – " : "", strcmp(from, until) ? until : "");
	put(p, &at, b.data);
	buf_reset(&b);
	at.y += 16;
	at.size = 8;
	at.bold = false;
	at.colour = grey;
	buf_addf(&b, p->chinese ? "金额单位 %s，时区 %s，生成于 %s" : "Amounts in %s, days by %s, made %s",
	         jtext(p->answer, "currency", ""), jtext(p->answer, "zone", ""),
	         clock_format_local(jint(p->answer, "at_ms", 0), made));
	put(p, &at, b.data);
	rule(p, at.y + 15, 0.8);
	p->y = at.y + 25;
	buf_free(&b);
}

static void table_head(struct paper *p)
{
	double x = MARGIN;

	cairo_set_source_rgb(p->cr, pale.r, pale.g, pale.b);
	cairo_rectangle(p->cr, MARGIN - 3, p->y - 2, p->width - 2 * MARGIN + 6, LINE);
	cairo_fill(p->cr);
	for (int i = 0; i < p->columns; i++) {
		const struct report_column *c = &p->report->columns[i];
		struct place at = { x, p->y, p->column[i], LETTERS, true, is_right(c), ink };
		put(p, &at, title_of(p, c));
		x += p->column[i] + GAP;
	}
	p->y += LINE + 3;
}

static void table_row(struct paper *p, const struct json_t *row, bool total)
{
	struct buf b = { 0 };
	double x = MARGIN;

	for (int i = 0; i < p->columns; i++) {
		const struct report_column *c = &p->report->columns[i];
		bool less = c->type == REPORT_MONEY && jint(row, c->name, 0) < 0;
		struct place at = { x, p->y, p->column[i], LETTERS, total, is_right(c), less ? red : ink };
		if (total && i == 0 && !c->sum)
			put(p, &(struct place){ x, p->y, p->column[i], LETTERS, true, false, ink }, p->chinese ? "合计" : "Total");
		else if (!total || c->sum)
			put(p, &at, cell(p, &b, i, row));
		x += p->column[i] + GAP;
	}
	p->y += LINE;
	buf_free(&b);
}

static void next_page(struct paper *p)
{
	foot(p);
	cairo_show_page(p->cr);
	p->page++;
	p->y = MARGIN;
	table_head(p);
}

/* ---- charts ---- */

static int column_of(const struct report *r, const char *name)
{
	for (int i = 0; r->columns[i].name; i++)
		if (strcmp(r->columns[i].name, name) == 0)
			return i;
	return 0;
}

/* What a bar or slice is called: of two names the one that is read. */
static const char *label_of(struct paper *p, struct buf *b, const struct json_t *row)
{
	const char *zh = jtext(row, "name_zh", NULL);
	int column = column_of(p->report, p->report->label);

	if (p->chinese && zh && strcmp(p->report->label, "name") == 0)
		column = column_of(p->report, "name_zh");
	return cell(p, b, column, row);
}

static int64_t value_of(const struct paper *p, size_t row)
{
	return jint(jat(p->rows, row), p->report->value, 0);
}

/* A round number at or above `most`: 1, 2 or 5 with noughts. */
static double round_up(double most)
{
	double ten = pow(10, floor(log10(most)));

	return most <= ten ? ten : most <= 2 * ten ? 2 * ten : most <= 5 * ten ? 5 * ten : 10 * ten;
}

static void bar_axis(struct paper *p, double left, double top, double height, double most)
{
	char text[32];

	for (int i = 0; i <= 4; i++) {
		double y = top + height - height * i / 4;
		struct place at = { MARGIN, y - 5, left - MARGIN - 6, 7, false, true, grey };
		int64_t cents = (int64_t)(most * i / 4);
		put(p, &at, money_format(cents, p->unit, text, sizeof text));
		cairo_set_source_rgb(p->cr, 0.85, 0.85, 0.85);
		cairo_set_line_width(p->cr, 0.5);
		cairo_move_to(p->cr, left, y);
		cairo_line_to(p->cr, p->width - MARGIN, y);
		cairo_stroke(p->cr);
	}
}

/* Bars of the first rows; what is below nothing hangs from the line in red. */
static void bars(struct paper *p)
{
	size_t most_bars = p->report->columns[0].type == REPORT_DAY ? 400 : 14, count = jcount(p->rows);
	double most = 1, left = MARGIN + 62, height = CHART_HEIGHT - 30, top = p->y, label_to = 0;
	struct buf b = { 0 };

	count = count > most_bars ? most_bars : count;
	for (size_t i = 0; i < count; i++)
		most = fabs((double)value_of(p, i)) > most ? fabs((double)value_of(p, i)) : most;
	most = round_up(most);
	bar_axis(p, left, top, height, most);
	double step = (p->width - MARGIN - left) / (double)(count > 6 ? count : 6), thick = step > 60 ? 36 : step * 0.7;
	for (size_t i = 0; i < count; i++) {
		double value = (double)value_of(p, i), x = left + step * ((double)i + 0.5);
		const struct rgb *c = value < 0 ? &red : &colours[0];
		cairo_set_source_rgb(p->cr, c->r, c->g, c->b);
		cairo_rectangle(p->cr, x - thick / 2, top + height, thick, -height * fabs(value) / most);
		cairo_fill(p->cr);
		const char *label = label_of(p, &b, jat(p->rows, i));
		double w = width_of(p, label, 7, false), room = step * 0.96;
		bool whole = p->report->columns[0].type == REPORT_DAY || w <= room;
		if (whole && x - w / 2 < label_to) /* days too close to each other: every so many */
			continue;
		struct place at = { whole ? x - w / 2 : x - room / 2, top + height + 4, whole ? 0 : room, 7, false, false, grey };
		put(p, &at, label);
		label_to = x + (whole ? w / 2 : room / 2) + 4;
	}
	p->y += CHART_HEIGHT;
	buf_free(&b);
}

struct slice {
	int64_t value;
	size_t row;
};

static int by_value(const void *a, const void *b)
{
	const struct slice *x = a, *y = b;
	return x->value == y->value ? (x->row > y->row) - (x->row < y->row) : x->value < y->value ? 1 : -1;
}

static void slice(struct paper *p, int n, double *angle, double share, const char *name)
{
	const double x = MARGIN + 80, y = p->y + 70, key = p->y + 14.0 * n;
	const struct rgb *c = &colours[n];
	char percent[16];

	cairo_set_source_rgb(p->cr, c->r, c->g, c->b);
	cairo_new_path(p->cr);
	cairo_arc(p->cr, x, y, 66, *angle, *angle + share * 2 * G_PI);
	cairo_arc_negative(p->cr, x, y, 36, *angle + share * 2 * G_PI, *angle);
	cairo_close_path(p->cr);
	cairo_fill_preserve(p->cr);
	cairo_set_source_rgb(p->cr, 1, 1, 1);
	cairo_set_line_width(p->cr, 1);
	cairo_stroke(p->cr);
	*angle += share * 2 * G_PI;
	cairo_set_source_rgb(p->cr, c->r, c->g, c->b);
	cairo_rectangle(p->cr, x + 96, key + 2, 8, 8);
	cairo_fill(p->cr);
	snprintf(percent, sizeof percent, "%.1f %%", share * 100);
	put(p, &(struct place){ x + 110, key, 150, 8.5, false, false, ink }, name);
	put(p, &(struct place){ x + 264, key, 50, 8.5, false, true, grey }, percent);
}

/* Shares of what is above nothing, the largest first. */
static void pie(struct paper *p)
{
	size_t count = jcount(p->rows), kept = 0;
	struct slice *all = xcalloc(count + 1, sizeof *all);
	double sum = 0, angle = -G_PI / 2, rest = 0;
	struct buf b = { 0 };

	for (size_t i = 0; i < count; i++)
		if (value_of(p, i) > 0) {
			all[kept++] = (struct slice){ value_of(p, i), i };
			sum += (double)value_of(p, i);
		}
	qsort(all, kept, sizeof *all, by_value);
	for (size_t i = 0; i < kept; i++)
		if (i < SLICES)
			slice(p, (int)i, &angle, (double)all[i].value / sum,
			      label_of(p, &b, jat(p->rows, all[i].row)));
		else
			rest += (double)all[i].value;
	if (rest > 0)
		slice(p, SLICES, &angle, rest / sum, p->chinese ? "其他" : "Others");
	p->y += CHART_HEIGHT - 15;
	free(all);
	buf_free(&b);
}

/* ---- the whole ---- */

static void draw(struct paper *p)
{
	const struct json_t *total = jget(p->answer, "total");
	double end = p->height - MARGIN - LINE;
	bool sums = false;

	head(p);
	if (jcount(p->rows) > 0 && p->report->chart == REPORT_BARS)
		bars(p);
	else if (jcount(p->rows) > 0 && p->report->chart == REPORT_PIE)
		pie(p);
	table_head(p);
	for (size_t i = 0; i < jcount(p->rows); i++) {
		if (p->y > end)
			next_page(p);
		table_row(p, jat(p->rows, i), false);
	}
	for (int i = 0; i < p->columns; i++)
		sums = sums || p->report->columns[i].sum;
	if (p->y + LINE > end)
		next_page(p);
	rule(p, p->y + 1, 0.5);
	p->y += 4;
	if (sums)
		table_row(p, total, true);
	foot(p);
}

enum qt_err report_pdf(const struct report *report, const struct json_t *answer, bool chinese, struct buf *out,
                       struct problem *problem)
{
	const struct currency *currency = currency_by_alpha(jtext(answer, "currency", ""));
	struct paper p = { .report = report, .answer = answer, .rows = jget(answer, "rows"), .chinese = chinese,
		.unit = currency ? currency->numeric : 840, .columns = report_column_count(report), .page = 1 };
	bool wide = p.columns >= WIDE_FROM;
	struct buf trial = { 0 };

	if (jcount(p.rows) > ROWS_MOST)
		return problem_set(problem, QT_TOO_LONG, "pdf", "more than %d rows: ask for CSV", ROWS_MOST);
	p.width = wide ? A4_LONG : A4_SHORT;
	p.height = wide ? A4_SHORT : A4_LONG;
	/* Drawn twice: the first time counts the pages that the second one names. */
	for (int pass = 0; pass < 2; pass++) {
		cairo_surface_t *surface = cairo_pdf_surface_create_for_stream(on_bytes, pass ? out : &trial, p.width, p.height);
		cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, NULL);
		p.cr = cairo_create(surface);
		p.page = 1;
		if (pass == 0)
			measure(&p);
		draw(&p);
		p.pages = p.page;
		cairo_show_page(p.cr);
		cairo_status_t status = cairo_status(p.cr);
		cairo_destroy(p.cr);
		cairo_surface_destroy(surface);
		if (status != CAIRO_STATUS_SUCCESS)
			fatal("no page of a report: %s", cairo_status_to_string(status));
	}
	buf_free(&trial);
	return QT_OK;
}
