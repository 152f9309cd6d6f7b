/* pixels: a decoded picture and simple changes to it. Owns decoding of PNG and JPEG; runs inside the jail only. */
#ifndef QT_PIXELS_H
#define QT_PIXELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pixels {
	int width, height;
	uint8_t *data; /* owned; grey: 1 byte a pixel, RGB: 3 */
	int channels;  /* 1 or 3 */
	bool damaged;  /* the file ended early; what is missing is grey */
};

/* NULL on success, else why not (static text). Large JPEGs are read at a half, quarter or eighth of their size. */
const char *pixels_decode(const uint8_t *data, size_t len, struct pixels *);
void pixels_free(struct pixels *);
/* Grey by luminance (channel -1) or one channel of an RGB picture. Caller frees. */
struct pixels pixels_grey(const struct pixels *, int channel);
bool pixels_colourful(const struct pixels *); /* more than 1 in 100 pixels is clearly not grey */
void pixels_invert(struct pixels *);
/* Each returns a new grey picture. */
struct pixels pixels_blur(const struct pixels *);   /* 3x3 mean: removes the grain of a photo */
struct pixels pixels_half(const struct pixels *);
struct pixels pixels_double(const struct pixels *); /* bilinear */
struct pixels pixels_turn(const struct pixels *, double degrees); /* about its middle, white around */

#endif
