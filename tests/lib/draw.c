/* draw: see draw.h. */
#include "tests/lib/draw.h"

#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>

struct pixels draw_qr(const struct qr *qr, int margin, int scale)
{
	int side = (qr->size + 2 * margin) * scale;
	struct pixels p = { .width = side, .height = side, .channels = 1, .data = xmalloc((size_t)(side * side)) };

	for (int y = 0; y < side; y++)
		for (int x = 0; x < side; x++)
			p.data[y * side + x] = qr_dark(qr, x / scale - margin, y / scale - margin) ? 0 : 255;
	return p;
}

void draw_photo_noise(struct pixels *grey, unsigned *seed)
{
	for (int y = 0; y < grey->height; y++)
		for (int x = 0; x < grey->width; x++) {
			uint8_t *at = &grey->data[(size_t)y * (size_t)grey->width + (size_t)x];
			int light = 150 + 80 * x / grey->width - 40 * y / grey->height; /* of 255 */
			int value = 30 + *at * light / 255 * 4 / 5 + rand_r(seed) % 40 - 20;
			*at = (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
		}
}

void draw_jpeg(const struct pixels *p, int quality, struct buf *out)
{
	struct jpeg_compress_struct jpeg;
	struct jpeg_error_mgr errors;
	unsigned char *data = NULL;
	unsigned long len = 0;

	jpeg.err = jpeg_std_error(&errors);
	jpeg_create_compress(&jpeg);
	jpeg_mem_dest(&jpeg, &data, &len);
	jpeg.image_width = (JDIMENSION)p->width;
	jpeg.image_height = (JDIMENSION)p->height;
	jpeg.input_components = p->channels;
	jpeg.in_color_space = p->channels == 3 ? JCS_RGB : JCS_GRAYSCALE;
	jpeg_set_defaults(&jpeg);
	jpeg_set_quality(&jpeg, quality, TRUE);
	jpeg_start_compress(&jpeg, TRUE);
	while (jpeg.next_scanline < jpeg.image_height) {
		JSAMPROW row = p->data + (size_t)jpeg.next_scanline * (size_t)p->width * (size_t)p->channels;
		jpeg_write_scanlines(&jpeg, &row, 1);
	}
	jpeg_finish_compress(&jpeg);
	jpeg_destroy_compress(&jpeg);
	buf_add(out, data, len);
	free(data);
}
