/* label_sheet: labels on sheets of paper: how many fit, where they stand, where to cut. Must not know what is on a
 * label. */
#include "shared/label_parts.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define MARGIN 8.0      /* mm around the labels; most printers need 5 */
#define MARK_OFF 1.5    /* mm from the label's corner to its mark, so that none is left after the cut */
#define MARK_LENGTH 4.0 /* mm */
#define MARK_WIDTH 0.2  /* mm */

static const struct {
	const char *word;
	double width, height; /* mm */
} papers[] = {
#define X(name, word, width, height, help) { word, width, height },
	LABEL_PAPERS(X)
#undef X
};

bool label_paper_by_name(const char *name, enum label_paper *out)
{
	for (int i = 0; i < PAPER_COUNT; i++)
		if (strcmp(papers[i].word, name) == 0) {
			*out = (enum label_paper)i;
			return true;
		}
	return false;
}

enum qt_err label_grid_of(const struct label_sheet *sheet, struct label_grid *g, struct problem *p)
{
	const struct label_size_info *s = label_size_info(sheet->size);
	bool alone = sheet->paper == PAPER_LABEL;
	double gap = sheet->gap_mm;

	*g = (struct label_grid){ .columns = 1, .rows = 1, .marks = !alone && !sheet->no_marks,
	                          .page_width = alone ? s->width : papers[sheet->paper].width,
	                          .page_height = alone ? s->height : papers[sheet->paper].height };
	if (s->width > g->page_width || s->height > g->page_height)
		return problem_set(p, QT_BAD_FIELD, "paper", "%s is smaller than a %s label", papers[sheet->paper].word, s->word);
	int columns = (int)floor((g->page_width - 2 * MARGIN + gap) / (s->width + gap) + 1e-9);
	int rows = (int)floor((g->page_height - 2 * MARGIN + gap) / (s->height + gap) + 1e-9);
	if (alone || columns < 1 || rows < 1) {
		g->marks = false;
	} else {
		g->columns = columns;
		g->rows = rows;
	}
	g->left = (g->page_width - g->columns * s->width - (g->columns - 1) * gap) / 2;
	g->top = (g->page_height - g->rows * s->height - (g->rows - 1) * gap) / 2;
	return QT_OK;
}

static void draw_mark(cairo_t *cr, double x, double y, double dx, double dy)
{
	cairo_move_to(cr, x + dx * MARK_OFF, y + dy * MARK_OFF);
	cairo_rel_line_to(cr, dx * MARK_LENGTH, dy * MARK_LENGTH);
}

/* Marks stand outside the labels only: a ruler between two of them shows the cut. */
static void draw_marks(cairo_t *cr, const struct label_grid *g, const struct label_size_info *s, double gap)
{
	double right = g->left + g->columns * (s->width + gap) - gap, bottom = g->top + g->rows * (s->height + gap) - gap;

	cairo_set_source_rgb(cr, 0, 0, 0);
	cairo_set_line_width(cr, MARK_WIDTH);
	for (int edge = 0; edge < 2 * g->columns; edge++) {
		double x = g->left + edge / 2 * (s->width + gap) + edge % 2 * s->width;
		draw_mark(cr, x, g->top, 0, -1);
		draw_mark(cr, x, bottom, 0, 1);
	}
	for (int edge = 0; edge < 2 * g->rows; edge++) {
		double y = g->top + edge / 2 * (s->height + gap) + edge % 2 * s->height;
		draw_mark(cr, g->left, y, -1, 0);
		draw_mark(cr, right, y, 1, 0);
	}
	cairo_stroke(cr);
}

/* The labels from `first` on, as many as the page holds. */
static enum qt_err draw_page(cairo_t *cr, const struct label_sheet *sheet, const struct label_grid *g,
                             const struct label *labels, int count, int first, struct problem *p)
{
	const struct label_size_info *s = label_size_info(sheet->size);

	cairo_set_source_rgb(cr, 1, 1, 1);
	cairo_paint(cr);
	for (int at = 0; at < g->columns * g->rows && first + at < count; at++) {
		struct problem one = { 0 };
		struct label label = labels[first + at];
		label.size = sheet->size;
		cairo_save(cr);
		cairo_translate(cr, g->left + at % g->columns * (s->width + sheet->gap_mm),
		                g->top + at / g->columns * (s->height + sheet->gap_mm));
		enum qt_err err = label_draw(cr, &label, &one);
		cairo_restore(cr);
		if (err != QT_OK) {
			char field[sizeof one.field];
			snprintf(field, sizeof field, "labels[%d].%.40s", first + at, one.field);
			return problem_set(p, err, field, one.detail[0] ? "%s" : NULL, one.detail);
		}
	}
	if (g->marks)
		draw_marks(cr, g, s, sheet->gap_mm);
	return QT_OK;
}

enum qt_err label_sheet_make(const struct label_sheet *sheet, const struct label *labels, int count, int page,
                             struct buf *out, struct problem *p)
{
	struct label_grid g;
	struct buf bytes = { 0 };
	double scale;

	assert(count > 0);
	enum qt_err err = label_grid_of(sheet, &g, p);
	if (err != QT_OK)
		return err;
	int each = g.columns * g.rows, first = sheet->format == LABEL_PDF ? 0 : page * each;
	int end = sheet->format == LABEL_PDF ? count : first + each;
	cairo_surface_t *surface = label_surface_open(sheet->format, g.page_width, g.page_height, &bytes, &scale);
	cairo_t *cr = cairo_create(surface);
	cairo_scale(cr, scale, scale);
	for (; err == QT_OK && first < end; first += each) {
		err = draw_page(cr, sheet, &g, labels, count, first, p);
		cairo_show_page(cr);
	}
	cairo_destroy(cr);
	label_surface_close(surface, sheet->format, &bytes);
	if (err == QT_OK)
		buf_add(out, bytes.data, bytes.len);
	buf_free(&bytes);
	return err;
}
