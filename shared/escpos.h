/* escpos: bytes for receipt printers (ESC/POS): text in ASCII or GB18030 or as pictures, sizes, QR codes, cutting, the cash
 * drawer. Makes bytes only; who sends them is somebody else. The bytes are listed in qrtill-receipt(5). */
#ifndef QT_ESCPOS_H
#define QT_ESCPOS_H

#include "shared/buf.h"

enum escpos_text {
	ESCPOS_ASCII,   /* other characters become ? */
	ESCPOS_GB18030, /* GB 18030 in the printer's Chinese mode (FS &) */
	ESCPOS_RASTER   /* lines with other characters are sent as pictures */
};
enum escpos_align { ESCPOS_LEFT, ESCPOS_CENTER, ESCPOS_RIGHT };

struct escpos {
	struct buf out;      /* owned by the caller: buf_take it */
	enum escpos_text text;
	int paper_mm;        /* 58 or 80 */
	int columns;         /* of the normal font: 32 or 48 */
	int dots;            /* across the paper: 384 or 576 */
	bool big;            /* double size is on */
	enum escpos_align align;
};

/* Reset the printer and choose the paper; 58 mm unless paper_mm is 80. */
void escpos_begin(struct escpos *, int paper_mm, enum escpos_text);
void escpos_align(struct escpos *, enum escpos_align);
void escpos_bold(struct escpos *, bool on);
void escpos_big(struct escpos *, bool on); /* double width and height: half the columns */
/* A line of UTF-8 from anywhere: it passes text_clean. Longer lines are cut at the paper's width. */
void escpos_line(struct escpos *, const char *utf8);
/* Left and right of one line; the left is cut so that the right, which is a sum, never is. */
void escpos_pair(struct escpos *, const char *left, const char *right);
void escpos_rule(struct escpos *);
/* QR code, model 2, EC level M, by the printer itself; `module_dots` 3 to 16. At most 700 bytes, longer is left out. */
void escpos_qr(struct escpos *, const char *data, int module_dots);
void escpos_feed(struct escpos *, int lines);
void escpos_cut(struct escpos *);             /* feeds past the knife */
void escpos_drawer(struct escpos *, int pin); /* 2 or 5 */

/* escpos_raster.c: one line of text as a picture (GS v 0), in the printer's dots. */
void escpos_raster_line(struct escpos *, const char *utf8);

#endif
