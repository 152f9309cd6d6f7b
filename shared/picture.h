/* picture: codes out of PNG and JPEG pictures: EAN, UPC, Code 128, Code 39, Code 93, ITF, Codabar, DataBar and QR, also
 * inverted, turned, blurred, and three QR symbols in the colour channels. Pictures come from strangers: they are
 * decoded by another program, qrtill-decode, in a child process of it that can do nothing else (jail.h). It lies beside the
 * running program or in PREFIX/libexec/qrtill. */
#ifndef QT_PICTURE_H
#define QT_PICTURE_H

#include "shared/err.h"

#include <stddef.h>

#define PICTURE_BYTES_MAX (32u << 20)   /* of a file */
#define PICTURE_PIXELS_MAX (64u << 20)  /* decoded */
#define PICTURE_SIDE_MAX 20000
#define PICTURE_CODES_MAX 32

struct picture_code {
	char symbology[24]; /* "QR", "EAN-13", "Code 128" ... */
	int channel;        /* 0: the whole picture; 1, 2, 3: the red, green, blue symbol of a colour code */
	bool inverted;      /* light on dark */
	char *text;         /* owned, NUL-terminated; UTF-8 unless the symbol holds other bytes */
	size_t len;
};
struct picture_codes {
	struct picture_code codes[PICTURE_CODES_MAX];
	int count;
};

/* Read a picture's bytes. QT_BAD_PICTURE (not a PNG or JPEG, damaged, too large, took too long),
 * QT_NO_CODE_IN_PICTURE. */
enum qt_err picture_read(const void *data, size_t len, struct picture_codes *, struct problem *) QT_USE_RESULT;
void picture_free(struct picture_codes *);

#endif
