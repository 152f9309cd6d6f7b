/* label_text: the letters of a label: which size they get, where they break, and what is refused because it cannot be
 * read. Must not know where the code stands. */
#include "shared/label_parts.h"

#include "shared/text.h"

#include <math.h>
#include <string.h>

#include <pango/pangocairo.h>

#define TEXT_BYTES_MAX 1000
#define LETTER_MM_MIN 1.5 /* about 4 points: smaller cannot be read */
#define TEXTS_MAX (LABEL_LINES_MAX + 4)

struct piece {
	const char *field, *text;
	double size; /* part of the box's unit */
	bool bold;
};

/* The texts of the head, in order; absent ones are left out. */
static int head_of(const struct label *label, struct piece out[TEXTS_MAX])
{
	const struct piece first[] = {
		{ "name", label->name, 0.095, true },
		{ "name_zh", label->name_zh, 0.08, true },
		{ "intro", label->intro, 0.055, false },
	};
	int n = 0;

	for (size_t i = 0; i < sizeof first / sizeof *first; i++)
		if (first[i].text && *first[i].text)
			out[n++] = first[i];
	for (int i = 0; i < LABEL_LINES_MAX; i++)
		if (label->lines[i] && *label->lines[i])
			out[n++] = (struct piece){ "lines", label->lines[i], 0.055, false };
	if (label->phone && *label->phone)
		out[n++] = (struct piece){ "phone", label->phone, 0.06, true };
	return n;
}

/* The texts of the foot: price with unit, number. */
static int foot_of(const struct label *label, struct piece out[3])
{
	const struct piece all[] = {
		{ "price", label->price, 0.26, true },
		{ "unit", label->unit, 0.09, false },
		{ "number", label->number, 0.085, true },
	};
	int n = 0;

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (all[i].text && *all[i].text)
			out[n++] = all[i];
	return n;
}

bool label_has_text(const struct label *label)
{
	struct piece pieces[TEXTS_MAX];
	return head_of(label, pieces) + foot_of(label, pieces) > 0;
}

enum qt_err label_check_texts(const struct label *label, struct problem *p)
{
	struct piece pieces[TEXTS_MAX + 3];
	int n = head_of(label, pieces);

	n += foot_of(label, pieces + n);
	for (int i = 0; i < n; i++) {
		const char *text = pieces[i].text;
		if (!text_is_utf8(text, strlen(text)))
			return problem_set(p, QT_NOT_UTF8, pieces[i].field, NULL);
		if (text_has_controls(text, strlen(text)))
			return problem_set(p, QT_CONTROL_CHARACTER, pieces[i].field, NULL);
		if (strlen(text) > TEXT_BYTES_MAX)
			return problem_set(p, QT_TOO_LONG, pieces[i].field, "at most %d bytes", TEXT_BYTES_MAX);
	}
	return QT_OK;
}

/* A paragraph with letters `size` mm high; `width` 0: one line. The caller unrefs it. */
static PangoLayout *set_text(cairo_t *cr, const char *text, double size, bool bold, double width)
{
	PangoLayout *layout = pango_cairo_create_layout(cr);
	PangoContext *context = pango_layout_get_context(layout);
	cairo_font_options_t *exact = cairo_font_options_create();
	PangoFontDescription *font = pango_font_description_from_string("Noto Sans, Noto Sans CJK SC, sans-serif");

	/* Letters stand where the font says, not on whole millimetres. */
	cairo_font_options_set_hint_style(exact, CAIRO_HINT_STYLE_NONE);
	cairo_font_options_set_hint_metrics(exact, CAIRO_HINT_METRICS_OFF);
	pango_cairo_context_set_font_options(context, exact);
	pango_context_set_round_glyph_positions(context, FALSE);
	cairo_font_options_destroy(exact);
	pango_font_description_set_absolute_size(font, size * PANGO_SCALE);
	pango_font_description_set_weight(font, bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
	pango_layout_set_font_description(layout, font);
	if (width > 0)
		pango_layout_set_width(layout, (int)(width * PANGO_SCALE));
	pango_layout_set_text(layout, text, -1);
	pango_font_description_free(font);
	return layout;
}

static void size_of(PangoLayout *layout, double *width, double *height)
{
	int w, h;
	pango_layout_get_size(layout, &w, &h);
	*width = (double)w / PANGO_SCALE;
	*height = (double)h / PANGO_SCALE;
}

static enum qt_err check_letters(cairo_t *cr, const struct piece *piece, struct problem *p)
{
	PangoLayout *layout = set_text(cr, piece->text, 10, piece->bold, 0);
	int unknown = pango_layout_get_unknown_glyphs_count(layout);

	g_object_unref(layout);
	if (unknown == 0)
		return QT_OK;
	return problem_set(p, QT_BAD_FIELD, piece->field, "has %d characters that no font on this machine can draw", unknown);
}

/* How a try at setting the head went. */
struct fit {
	double height;
	const char *over; /* the first text that does not fit; NULL: all do */
};

/* Set all texts of the head with letters made smaller by `factor`; drawn from `y` on when asked. Words are broken only
 * when `split`. */
static struct fit set_head(cairo_t *cr, const struct piece *pieces, int count, const struct label_box *box,
                           double factor, bool split, double y, bool draw)
{
	struct fit fit = { 0 };

	for (int i = 0; i < count; i++) {
		double size = pieces[i].size * factor * box->unit, width, height;
		PangoLayout *layout = set_text(cr, pieces[i].text, size, pieces[i].bold, box->width);
		pango_layout_set_wrap(layout, split ? PANGO_WRAP_WORD_CHAR : PANGO_WRAP_WORD);
		pango_layout_set_alignment(layout, box->centred ? PANGO_ALIGN_CENTER : PANGO_ALIGN_LEFT);
		size_of(layout, &width, &height);
		if (draw) {
			cairo_move_to(cr, box->x, y + fit.height);
			pango_cairo_show_layout(cr, layout);
		}
		g_object_unref(layout);
		fit.height += height;
		bool fits = fit.height <= box->height && width <= box->width + 0.01 && size >= LETTER_MM_MIN;
		if (!fits && fit.over == NULL)
			fit.over = pieces[i].field;
		fit.height += i + 1 < count ? 0.015 * box->unit : 0;
	}
	return fit;
}

static enum qt_err draw_head(cairo_t *cr, const struct label *label, const struct label_box *box, struct problem *p)
{
	struct piece pieces[TEXTS_MAX];
	int count = head_of(label, pieces);
	const char *over = NULL;

	for (int i = 0; i < count; i++) {
		enum qt_err err = check_letters(cr, &pieces[i], p);
		if (err != QT_OK)
			return err;
	}
	/* Long texts make all letters smaller, down to four tenths; words are broken only when that does not help. What
	 * cannot be read is refused, nothing is cut. */
	for (int split = 0; count > 0 && split < 2; split++) {
		for (double factor = 1; factor > 0.4; factor *= 0.93) {
			struct fit fit = set_head(cr, pieces, count, box, factor, split, 0, false);
			over = fit.over;
			if (over == NULL) {
				double y = box->y + (box->height - fit.height) / 2;
				(void)set_head(cr, pieces, count, box, factor, split, y, true);
				return QT_OK;
			}
		}
	}
	return count == 0 ? QT_OK : problem_set(p, QT_TOO_LONG, over, "does not fit on the label");
}

/* One line that ends at `bottom`: the piece and, behind it, a smaller one (or NULL). *height gets what it takes. */
static enum qt_err draw_line(cairo_t *cr, const struct piece *main, const struct piece *behind,
                             const struct label_box *box, double bottom, double *height, struct problem *p)
{
	double gap = behind ? 0.03 * box->unit : 0;

	for (double factor = 1; factor > 0.3; factor *= 0.93) {
		double w1, h1, w2 = 0, h2 = 0, size = main->size * box->unit * factor;
		PangoLayout *one = set_text(cr, main->text, size, main->bold, 0), *two = NULL;
		size_of(one, &w1, &h1);
		if (behind) {
			two = set_text(cr, behind->text, behind->size * box->unit * factor, behind->bold, 0);
			size_of(two, &w2, &h2);
		}
		bool fits = w1 + gap + w2 <= box->width && h1 <= box->height * 0.6 && size >= LETTER_MM_MIN &&
		            (!behind || behind->size * box->unit * factor >= LETTER_MM_MIN);
		if (fits) {
			double x = box->x + (box->centred ? (box->width - w1 - gap - w2) / 2 : 0);
			double base = bottom - h1 + (double)pango_layout_get_baseline(one) / PANGO_SCALE;
			cairo_move_to(cr, x, bottom - h1);
			pango_cairo_show_layout(cr, one);
			if (two) {
				cairo_move_to(cr, x + w1 + gap, base - (double)pango_layout_get_baseline(two) / PANGO_SCALE);
				pango_cairo_show_layout(cr, two);
			}
			*height = h1;
		}
		g_object_unref(one);
		if (two)
			g_object_unref(two);
		if (fits)
			return QT_OK;
	}
	return problem_set(p, QT_TOO_LONG, main->field, "does not fit on the label");
}

enum qt_err label_draw_texts(cairo_t *cr, const struct label *label, const struct label_box *box, struct problem *p)
{
	struct piece pieces[3];
	struct label_box head = *box;
	double bottom = box->y + box->height, height = 0;
	int count = foot_of(label, pieces);
	enum qt_err err = QT_OK;

	/* From below: the number, then the price with its unit behind it. */
	for (int i = count - 1; i >= 0 && err == QT_OK; i--) {
		err = check_letters(cr, &pieces[i], p);
		bool behind = i > 0 && strcmp(pieces[i].field, "unit") == 0;
		if (err == QT_OK && behind)
			err = check_letters(cr, &pieces[i - 1], p);
		if (err == QT_OK)
			err = behind ? draw_line(cr, &pieces[i - 1], &pieces[i], box, bottom, &height, p)
			             : draw_line(cr, &pieces[i], NULL, box, bottom, &height, p);
		bottom -= height;
		i -= behind;
	}
	head.height = bottom - box->y;
	return err == QT_OK ? draw_head(cr, label, &head, p) : err;
}
