/* qr: QR symbols (ISO/IEC 18004) from text, and their drawings: lines for a terminal, PNG, SVG, modules for others
 * to paint. Symbols are computed by libqrencode. Knows nothing of what the text means. */
#ifndef QT_QR_H
#define QT_QR_H

#include "shared/buf.h"

#include <stdint.h>

#define QR_MARGIN 4 /* modules of quiet zone the standard asks for; 2 is enough for phone cameras on a screen */

enum qr_ec { QR_EC_L, QR_EC_M, QR_EC_Q, QR_EC_H }; /* 7, 15, 25, 30 % of the symbol may be lost */

struct qr {
	int version;      /* 1 to 40 */
	int size;         /* modules on a side: 17 + 4 * version */
	enum qr_ec ec;
	uint8_t *modules; /* owned; size * size, row by row; 1 dark, 0 light */
};

/* The smallest symbol that holds `len` bytes of UTF-8 text; upper-case text becomes alphanumeric, digits numeric.
 * QT_TOO_LONG when version 40 is too small; QT_BAD_FIELD when the text is empty or holds a NUL. */
enum qt_err qr_make(const char *text, size_t len, enum qr_ec, struct qr *, struct problem *) QT_USE_RESULT;
/* The same in at least version `version_min`, for several symbols of one size. */
enum qt_err qr_make_version(const char *text, size_t len, enum qr_ec, int version_min, struct qr *, struct problem *)
	QT_USE_RESULT;
void qr_free(struct qr *);

/* Is the module dark? Outside the symbol (the margin) everything is light. */
bool qr_dark(const struct qr *, int x, int y);
/* 'L' 'M' 'Q' 'H' in either case; false for anything else. */
bool qr_ec_from_letter(const char *text, enum qr_ec *out);

/* How a terminal draws modules. */
enum qr_style {
	QR_HALF,  /* two rows of modules in a line of half blocks: needs a font with U+2580, one cell wide */
	QR_FULL,  /* a module is two spaces, painted: any terminal with colour or reverse video, twice the lines */
	QR_ASCII  /* a module is "##" or two spaces, no escape sequences: for TERM=dumb and files; dark on light paper */
};
/* Half blocks where the locale is UTF-8 and draws them one cell wide (their East Asian width is "ambiguous"); QR_FULL
 * where it does not; QR_ASCII when TERM is dumb or not set. Needs setlocale. */
enum qr_style qr_style_for_terminal(void);
/* Lines and columns a drawing takes. */
int qr_lines(const struct qr *, int margin, enum qr_style);
int qr_columns(const struct qr *, int margin, enum qr_style);
/* Line `line` (0 first) as text without escape sequences: QR_HALF: " ", "▀", "▄", "█" (ink is dark);
 * others: "##" for dark, two spaces for light. The caller paints black on white. */
void qr_line(const struct qr *, int margin, enum qr_style, int line, struct buf *out);
/* All lines with explicit black on white (QR_HALF, QR_FULL) and a newline after each. */
void qr_terminal(const struct qr *, int margin, enum qr_style, struct buf *out);

/* PNG, 1 bit a pixel, `scale` pixels a module. */
void qr_png(const struct qr *, int margin, int scale, struct buf *out);
/* SVG with one path, 1 unit a module, on a white ground. */
void qr_svg(const struct qr *, int margin, struct buf *out);

/* Write PNG bytes of any picture: 1 channel of grey or 3 of RGB, 8 bits each. */
void png_write(const uint8_t *pixels, int width, int height, int channels, struct buf *out);

#endif
