/* draw: pictures for tests: grey or RGB pixels as JPEG bytes, a symbol as pixels, grain from a seed. */
#ifndef QT_TEST_DRAW_H
#define QT_TEST_DRAW_H

#include "shared/pixels.h"
#include "shared/qr.h"

struct pixels draw_qr(const struct qr *, int margin, int scale);
/* Uneven light and grain, as in a photo. */
void draw_photo_noise(struct pixels *grey, unsigned *seed);
void draw_jpeg(const struct pixels *, int quality, struct buf *out);

#endif
