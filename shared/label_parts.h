/* label_parts: what the files of the label module share; nobody else includes it. All lengths are in millimetres. */
#ifndef QT_LABEL_PARTS_H
#define QT_LABEL_PARTS_H

#include "shared/label.h"

#include <cairo.h>

struct label_size_info {
	const char *word;
	double width, height; /* mm */
};
const struct label_size_info *label_size_info(enum label_size);

/* The column texts stand in. */
struct label_box {
	double x, y, width, height;
	double unit;  /* sizes of letters are parts of it */
	bool centred;
};
/* All texts of a label: those of the head wrapped and, where there are many, smaller; price and number at the foot in one
 * line. Draws in black. QT_TOO_LONG or QT_BAD_FIELD names the text. */
enum qt_err label_draw_texts(cairo_t *, const struct label *, const struct label_box *, struct problem *)
	QT_USE_RESULT;
bool label_has_text(const struct label *);
/* Every text is UTF-8 without controls and not absurdly long. */
enum qt_err label_check_texts(const struct label *, struct problem *) QT_USE_RESULT;
/* The label with its corner at the origin of `cr`, on white. */
enum qt_err label_draw(cairo_t *cr, const struct label *, struct problem *) QT_USE_RESULT;

/* A surface of `width` x `height` mm that writes to `out`; *scale gets its units a mm. */
cairo_surface_t *label_surface_open(enum label_format, double width, double height, struct buf *out, double *scale);
/* Write what is left, and free the surface. */
void label_surface_close(cairo_surface_t *, enum label_format, struct buf *out);

#endif
