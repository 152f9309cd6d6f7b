/* colour: see colour.h. */
#include "shared/colour.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum qt_err colour_make(const char *const texts[3], enum qr_ec ec, int margin, int scale, struct buf *png,
                        struct problem *p)
{
	struct qr symbols[3] = { 0 };
	enum qt_err err = QT_OK;
	int version = 0;

	/* First pass: which version does the longest need? Second: all in that version. */
	for (int pass = 0; pass < 2; pass++)
		for (int i = 0; i < 3 && err == QT_OK; i++) {
			qr_free(&symbols[i]);
			err = qr_make_version(texts[i], strlen(texts[i]), ec, version, &symbols[i], p);
			if (err == QT_OK && pass == 0 && i == 2)
				for (int k = 0; k < 3; k++)
					version = symbols[k].version > version ? symbols[k].version : version;
			if (err != QT_OK && p)
				snprintf(p->field, sizeof p->field, "text[%d]", i);
		}
	if (err != QT_OK)
		goto out;
	int side = (symbols[0].size + 2 * margin) * scale;
	uint8_t *pixels = xmalloc((size_t)side * (size_t)side * 3), *at = pixels;
	for (int y = 0; y < side; y++)
		for (int x = 0; x < side; x++)
			for (int i = 0; i < 3; i++)
				*at++ = qr_dark(&symbols[i], x / scale - margin, y / scale - margin) ? 0 : 255;
	png_write(pixels, side, side, 3, png);
	free(pixels);
out:
	for (int i = 0; i < 3; i++)
		qr_free(&symbols[i]);
	return err;
}
