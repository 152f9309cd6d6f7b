/* label: see label.h. All drawing is in millimetres; the surface scales. */
#include "shared/label.h"

#include "shared/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <cairo.h>
#include <pango/pangocairo.h>

#define MM_PER_INCH 25.4
#define POINTS_PER_MM (72 / MM_PER_INCH)
#define MODULE_MM_MIN 0.25

static const struct size_info {
	const char *word;
	double width, height; /* mm */
} sizes[] = {
#define X(name, word, width, height, help) { word, width, height },
	LABEL_SIZES(X)
#undef X
};

const char *label_size_name(enum label_size size)
{
	return sizes[size].word;
}

bool label_size_by_name(const char *name, enum label_size *out)
{
	for (int i = 0; i < LABEL_SIZE_COUNT; i++)
		if (strcmp(sizes[i].word, name) == 0) {
			*out = (enum label_size)i;
			return true;
		}
	return false;
}

bool label_format_of(const char *path, enum label_format *out)
{
	static const char *const ends[] = { ".pdf", ".svg", ".png" };
	const char *dot = strrchr(path, '.');

	for (int i = 0; dot && i < 3; i++)
		if (strcasecmp(dot, ends[i]) == 0) {
			*out = (enum label_format)i;
			return true;
		}
	return false;
}

/* Where things go: the symbol's square with its margin, and the box of the texts. */
struct layout {
	double qr_x, qr_y, qr_side;
	double text_x, text_y, text_width, text_height;
	double unit; /* mm; text sizes follow it */
	bool centred;
};

static struct layout layout_of(const struct size_info *s, bool has_text)
{
	double edge = s->width < s->height ? s->width : s->height, pad = edge * 0.05;
	struct layout l = { .unit = edge, .centred = s->width <= s->height };

	if (!has_text) {
		l.qr_side = edge - 2 * pad;
		l.qr_x = (s->width - l.qr_side) / 2;
		l.qr_y = (s->height - l.qr_side) / 2;
	} else if (l.centred) {
		l.qr_side = edge * 0.85;
		l.qr_x = (s->width - l.qr_side) / 2;
		l.qr_y = pad / 2;
		l.text_x = pad;
		l.text_width = s->width - 2 * pad;
		l.text_y = l.qr_y + l.qr_side + pad / 2;
		l.text_height = s->height - l.text_y - pad;
	} else {
		l.qr_side = edge - 2 * pad;
		l.qr_x = l.qr_y = pad;
		l.text_x = l.qr_x + l.qr_side + pad;
		l.text_width = s->width - l.text_x - pad;
		l.text_y = pad * 1.5;
		l.text_height = s->height - 2 * l.text_y;
		l.unit = fmin(fmax(edge, l.text_width), edge * 1.3); /* a wide, low label has room for larger letters */
	}
	return l;
}

static void draw_qr(cairo_t *cr, const struct qr *qr, const struct layout *l)
{
	double module = l->qr_side / (qr->size + 2 * QR_MARGIN);

	cairo_save(cr);
	cairo_translate(cr, l->qr_x, l->qr_y);
	cairo_scale(cr, module, module);
	cairo_translate(cr, QR_MARGIN, QR_MARGIN);
	/* Runs, not modules: no hair lines between neighbours; no smoothing in pixels. */
	cairo_set_antialias(cr, CAIRO_ANTIALIAS_NONE);
	for (int y = 0; y < qr->size; y++)
		for (int x = 0, run; x < qr->size; x += run ? run : 1) {
			for (run = 0; qr_dark(qr, x + run, y); run++)
				;
			if (run)
				cairo_rectangle(cr, x, y, run, 1);
		}
	cairo_fill(cr);
	cairo_restore(cr);
}

/* One paragraph in the layout's column, with letters `size` mm high. Returns its height in mm; drawn only when asked. */
static double put_text(cairo_t *cr, const char *text, const struct layout *l, double y, double size, bool bold,
                       bool draw)
{
	PangoLayout *layout = pango_cairo_create_layout(cr);
	PangoContext *context = pango_layout_get_context(layout);
	cairo_font_options_t *exact = cairo_font_options_create();
	PangoFontDescription *font = pango_font_description_from_string("Noto Sans, Noto Sans CJK SC, sans-serif");
	int units_w, units_h;

	/* Letters stand where the font says, not on whole millimetres. */
	cairo_font_options_set_hint_style(exact, CAIRO_HINT_STYLE_NONE);
	cairo_font_options_set_hint_metrics(exact, CAIRO_HINT_METRICS_OFF);
	pango_cairo_context_set_font_options(context, exact);
	pango_context_set_round_glyph_positions(context, FALSE);
	cairo_font_options_destroy(exact);
	pango_font_description_set_absolute_size(font, size * PANGO_SCALE);
	pango_font_description_set_weight(font, bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
	pango_layout_set_font_description(layout, font);
	pango_layout_set_width(layout, (int)(l->text_width * PANGO_SCALE));
	pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
	pango_layout_set_alignment(layout, l->centred ? PANGO_ALIGN_CENTER : PANGO_ALIGN_LEFT);
	pango_layout_set_text(layout, text, -1);
	pango_layout_get_size(layout, &units_w, &units_h);
	if (draw) {
		cairo_move_to(cr, l->text_x, y);
		pango_cairo_show_layout(cr, layout);
	}
	pango_font_description_free(font);
	g_object_unref(layout);
	return (double)units_h / PANGO_SCALE;
}

static enum qt_err draw_texts(cairo_t *cr, const struct label *label, const struct layout *l, struct problem *p)
{
	const struct { const char *field, *text; double size; bool bold; } texts[] = {
		{ "name", label->name, 0.095, true },
		{ "name_zh", label->name_zh, 0.08, true },
		{ "intro", label->intro, 0.055, false },
	};
	const char *over = "name";

	/* Long texts make all letters smaller, down to half: what cannot be read is refused, nothing is cut. */
	for (double factor = 1; factor > 0.5; factor *= 0.93) {
		double spare = 0;
		for (int draw = 0; draw < 2; draw++) {
			double y = l->text_y + spare / 2, end = l->text_y + l->text_height;
			over = NULL;
			for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
				if (texts[i].text == NULL || *texts[i].text == '\0')
					continue;
				y += put_text(cr, texts[i].text, l, y, texts[i].size * factor * l->unit, texts[i].bold, draw == 1);
				if (y > end && over == NULL && draw == 0)
					over = texts[i].field;
				y += 0.015 * l->unit;
			}
			if (over)
				break;
			if (draw)
				return QT_OK;
			spare = end > y ? end - y : 0;
		}
	}
	return problem_set(p, QT_TOO_LONG, over, "does not fit on the label");
}

static cairo_status_t on_bytes(void *out, const unsigned char *data, unsigned len)
{
	buf_add(out, data, len);
	return CAIRO_STATUS_SUCCESS;
}

static cairo_surface_t *open_surface(enum label_format format, const struct size_info *s, struct buf *out,
                                     double *scale)
{
	*scale = format == LABEL_PNG ? LABEL_PNG_DPI / MM_PER_INCH : POINTS_PER_MM;
	double width = s->width * *scale, height = s->height * *scale;

	if (format == LABEL_PDF)
		return cairo_pdf_surface_create_for_stream(on_bytes, out, width, height);
	if (format == LABEL_SVG) {
		cairo_surface_t *svg = cairo_svg_surface_create_for_stream(on_bytes, out, width, height);
		cairo_svg_surface_set_document_unit(svg, CAIRO_SVG_UNIT_PT);
		return svg;
	}
	return cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)(width + 0.5), (int)(height + 0.5));
}

static enum qt_err check(const struct label *label, struct problem *p)
{
	const struct { const char *field, *text; } texts[] = {
		{ "name", label->name }, { "name_zh", label->name_zh }, { "intro", label->intro },
	};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		const char *text = texts[i].text ? texts[i].text : "";
		if (!text_is_utf8(text, strlen(text)))
			return problem_set(p, QT_NOT_UTF8, texts[i].field, NULL);
		if (text_has_controls(text, strlen(text)))
			return problem_set(p, QT_CONTROL_CHARACTER, texts[i].field, NULL);
		if (strlen(text) > 1000)
			return problem_set(p, QT_TOO_LONG, texts[i].field, "at most 1000 bytes");
	}
	return QT_OK;
}

enum qt_err label_make(const struct label *label, struct buf *out, struct problem *p)
{
	const struct size_info *s = &sizes[label->size];
	struct buf bytes = { 0 };
	struct qr qr = { 0 };
	double scale;

	enum qt_err err = check(label, p);
	if (err == QT_OK)
		err = qr_make(label->code, strlen(label->code), label->ec, &qr, p);
	if (err != QT_OK)
		return err;
	bool has_text = (label->name && *label->name) || (label->name_zh && *label->name_zh) ||
	                (label->intro && *label->intro);
	struct layout l = layout_of(s, has_text);
	if (l.qr_side / (qr.size + 2 * QR_MARGIN) < MODULE_MM_MIN) {
		qr_free(&qr);
		return problem_set(p, QT_TOO_LONG, "text", "the code's modules would be smaller than 0.25 mm on this label");
	}
	cairo_surface_t *surface = open_surface(label->format, s, &bytes, &scale);
	if (label->format == LABEL_PDF)
		cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, NULL);
	cairo_t *cr = cairo_create(surface);
	cairo_scale(cr, scale, scale);
	cairo_set_source_rgb(cr, 1, 1, 1);
	cairo_paint(cr);
	cairo_set_source_rgb(cr, 0, 0, 0);
	draw_qr(cr, &qr, &l);
	err = draw_texts(cr, label, &l, p);
	cairo_show_page(cr);
	cairo_destroy(cr);
	if (label->format == LABEL_PNG &&
	    cairo_surface_write_to_png_stream(surface, on_bytes, &bytes) != CAIRO_STATUS_SUCCESS)
		fatal("cairo cannot write a PNG");
	cairo_surface_finish(surface);
	if (cairo_surface_status(surface) != CAIRO_STATUS_SUCCESS)
		fatal("cairo cannot draw: %s", cairo_status_to_string(cairo_surface_status(surface)));
	cairo_surface_destroy(surface);
	if (err == QT_OK)
		buf_add(out, bytes.data, bytes.len);
	buf_free(&bytes);
	qr_free(&qr);
	return err;
}
