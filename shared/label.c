/* label: see label.h. All drawing is in millimetres; the surface scales. */
#include "shared/label.h"

#include "shared/label_parts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <cairo-pdf.h>
#include <cairo-svg.h>

#define MM_PER_INCH 25.4
#define POINTS_PER_MM (72 / MM_PER_INCH)
#define MODULE_MM_MIN 0.338 /* 4 dots at 300 dpi, 2 at 150 */
#define MODULE_MM_GOOD 0.45 /* smaller ones are not worth a stronger error correction */

static const struct label_size_info sizes[] = {
#define X(name, word, width, height, help) { word, width, height },
	LABEL_SIZES(X)
#undef X
};

const struct label_size_info *label_size_info(enum label_size size)
{
	return &sizes[size];
}

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
	struct label_box box;
};

/* Upright labels: the symbol above, the texts below it. */
static struct layout layout_upright(const struct label_size_info *s, bool foot)
{
	double pad = s->width * 0.05;
	struct layout l = { .qr_side = s->width * (foot ? 0.74 : 0.85), .qr_y = pad / 2 };

	l.qr_x = (s->width - l.qr_side) / 2;
	l.box = (struct label_box){ .x = pad, .y = l.qr_y + l.qr_side + pad / 2, .width = s->width - 2 * pad,
	                            .unit = s->width, .centred = true };
	l.box.height = s->height - l.box.y - pad;
	return l;
}

/* Lying labels: texts and symbol side by side; on a business card the texts come first and have more room. */
static struct layout layout_lying(const struct label_size_info *s, bool business)
{
	double pad = s->height * 0.05;
	struct layout l = { .qr_side = business ? s->height * 0.64 : s->height - 2 * pad };

	l.qr_y = (s->height - l.qr_side) / 2;
	l.qr_x = business ? s->width - pad - l.qr_side : pad;
	l.box = (struct label_box){ .x = business ? 2 * pad : l.qr_x + l.qr_side + pad, .y = pad * 1.5 };
	l.box.width = (business ? l.qr_x : s->width - pad) - l.box.x;
	l.box.height = s->height - 2 * l.box.y;
	l.box.unit = fmin(fmax(s->height, l.box.width), s->height * 1.3); /* a wide, low label has room for larger letters */
	return l;
}

static struct layout layout_of(const struct label *label)
{
	const struct label_size_info *s = &sizes[label->size];
	double edge = fmin(s->width, s->height);

	if (!label_has_text(label)) {
		double side = edge * 0.9;
		return (struct layout){ (s->width - side) / 2, (s->height - side) / 2, side, { 0 } };
	}
	bool foot = (label->price && *label->price) || (label->number && *label->number);
	return s->width <= s->height ? layout_upright(s, foot) : layout_lying(s, label->size == LABEL_BUSINESS);
}

/* A module is a whole number of printer's dots, so that all are of one size on paper. */
static double module_mm(const struct qr *qr, double side)
{
	double dot = MM_PER_INCH / LABEL_PNG_DPI;
	return floor(side / (qr->size + 2 * QR_MARGIN) / dot + 1e-9) * dot;
}

static void draw_qr(cairo_t *cr, const struct qr *qr, const struct layout *l)
{
	double module = module_mm(qr, l->qr_side), spare = (l->qr_side - module * qr->size) / 2;

	cairo_save(cr);
	cairo_translate(cr, l->qr_x + spare, l->qr_y + spare);
	cairo_scale(cr, module, module);
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

/* The symbol with the strongest error correction whose modules can be read from paper. */
static enum qt_err make_symbol(const struct label *label, double side, struct qr *qr, struct problem *p)
{
	const char *code = label->code ? label->code : "";
	enum qr_ec ec = label->ec_given ? label->ec : QR_EC_H;
	double module = 0;

	for (;; ec--) {
		enum qt_err err = qr_make(code, strlen(code), ec, qr, p);
		bool last = label->ec_given || ec == QR_EC_Q;
		if (err != QT_OK && (err != QT_TOO_LONG || last))
			return err;
		module = err == QT_OK ? module_mm(qr, side) : 0;
		if (last || module >= MODULE_MM_GOOD)
			break;
		qr_free(qr);
	}
	if (module >= MODULE_MM_MIN)
		return QT_OK;
	qr_free(qr);
	return problem_set(p, QT_TOO_LONG, "text", "the code's modules would be smaller than %.2f mm on this label",
	                   MODULE_MM_MIN);
}

enum qt_err label_draw(cairo_t *cr, const struct label *label, struct problem *p)
{
	const struct label_size_info *s = &sizes[label->size];
	struct layout l = layout_of(label);
	struct qr qr = { 0 };

	enum qt_err err = label_check_texts(label, p);
	if (err == QT_OK)
		err = make_symbol(label, l.qr_side, &qr, p);
	if (err != QT_OK)
		return err;
	cairo_set_source_rgb(cr, 1, 1, 1);
	cairo_rectangle(cr, 0, 0, s->width, s->height);
	cairo_fill(cr);
	cairo_set_source_rgb(cr, 0, 0, 0);
	draw_qr(cr, &qr, &l);
	if (label_has_text(label))
		err = label_draw_texts(cr, label, &l.box, p);
	qr_free(&qr);
	return err;
}

static cairo_status_t on_bytes(void *out, const unsigned char *data, unsigned len)
{
	buf_add(out, data, len);
	return CAIRO_STATUS_SUCCESS;
}

cairo_surface_t *label_surface_open(enum label_format format, double width_mm, double height_mm, struct buf *out,
                                    double *scale)
{
	*scale = format == LABEL_PNG ? LABEL_PNG_DPI / MM_PER_INCH : POINTS_PER_MM;
	double width = width_mm * *scale, height = height_mm * *scale;

	if (format == LABEL_PDF) {
		cairo_surface_t *pdf = cairo_pdf_surface_create_for_stream(on_bytes, out, width, height);
		cairo_pdf_surface_set_metadata(pdf, CAIRO_PDF_METADATA_CREATE_DATE, NULL);
		return pdf;
	}
	if (format == LABEL_SVG) {
		cairo_surface_t *svg = cairo_svg_surface_create_for_stream(on_bytes, out, width, height);
		cairo_svg_surface_set_document_unit(svg, CAIRO_SVG_UNIT_PT);
		return svg;
	}
	return cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)(width + 0.5), (int)(height + 0.5));
}

void label_surface_close(cairo_surface_t *surface, enum label_format format, struct buf *out)
{
	if (format == LABEL_PNG && cairo_surface_write_to_png_stream(surface, on_bytes, out) != CAIRO_STATUS_SUCCESS)
		fatal("cairo cannot write a PNG");
	cairo_surface_finish(surface);
	if (cairo_surface_status(surface) != CAIRO_STATUS_SUCCESS)
		fatal("cairo cannot draw: %s", cairo_status_to_string(cairo_surface_status(surface)));
	cairo_surface_destroy(surface);
}

enum qt_err label_make(const struct label *label, struct buf *out, struct problem *p)
{
	const struct label_sheet alone = { .paper = PAPER_LABEL, .size = label->size, .format = label->format };
	struct problem one = { 0 };
	enum qt_err err = label_sheet_make(&alone, label, 1, 0, out, &one);

	if (err != QT_OK && p) {
		const char *dot = strrchr(one.field, '.'); /* "labels[0].name": there is only one */
		*p = one;
		snprintf(p->field, sizeof p->field, "%s", dot ? dot + 1 : one.field);
	}
	return err;
}
