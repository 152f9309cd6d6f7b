/* colour: three QR symbols in the red, green and blue channels of one picture: three times the content in the same
 * space. picture_read reads them back (channel 1, 2, 3). */
#ifndef QT_COLOUR_H
#define QT_COLOUR_H

#include "shared/qr.h"

/* PNG of three texts; all symbols get the version the longest needs. `scale` pixels a module. A module is dark in the
 * channels whose symbol is dark there: all three dark is black, none is white. Errors name text[0] to text[2]. */
enum qt_err colour_make(const char *const texts[3], enum qr_ec, int margin, int scale, struct buf *png,
                        struct problem *) QT_USE_RESULT;

#endif
