/* pixels: see pixels.h. */
#include "shared/pixels.h"

#include "shared/err.h"
#include "shared/picture.h"

#include <math.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <png.h>

#define JPEG_PIXELS_WANTED (12u << 20) /* larger photos are read smaller: codes in them are large too */

static bool size_is_good(unsigned long width, unsigned long height)
{
	return width > 0 && height > 0 && width <= PICTURE_SIDE_MAX && height <= PICTURE_SIDE_MAX &&
	       width * height <= PICTURE_PIXELS_MAX;
}

static const char *decode_png(const uint8_t *data, size_t len, struct pixels *out)
{
	png_image image = { .version = PNG_IMAGE_VERSION };
	const png_color white = { 255, 255, 255 };

	if (!png_image_begin_read_from_memory(&image, data, len))
		return "the PNG is damaged";
	if (!size_is_good(image.width, image.height)) {
		png_image_free(&image);
		return "the picture is too large";
	}
	image.format = PNG_FORMAT_RGB;
	out->channels = 3;
	out->width = (int)image.width;
	out->height = (int)image.height;
	out->data = xmalloc(PNG_IMAGE_SIZE(image));
	if (!png_image_finish_read(&image, &white, out->data, 0, NULL)) {
		pixels_free(out);
		return "the PNG is damaged";
	}
	return NULL;
}

struct jpeg_failure {
	struct jpeg_error_mgr base;
	jmp_buf back;
};

static void on_jpeg_error(j_common_ptr jpeg)
{
	longjmp(((struct jpeg_failure *)jpeg->err)->back, 1);
}

static void on_jpeg_message(j_common_ptr jpeg)
{
	(void)jpeg;
}

static const char *decode_jpeg(const uint8_t *data, size_t len, struct pixels *out)
{
	struct jpeg_decompress_struct jpeg;
	struct jpeg_failure failure;

	jpeg.err = jpeg_std_error(&failure.base);
	failure.base.error_exit = on_jpeg_error;
	failure.base.output_message = on_jpeg_message;
	if (setjmp(failure.back)) {
		jpeg_destroy_decompress(&jpeg);
		pixels_free(out);
		return "the JPEG is damaged";
	}
	jpeg_create_decompress(&jpeg);
	jpeg_mem_src(&jpeg, data, len);
	jpeg_read_header(&jpeg, TRUE);
	if (!size_is_good(jpeg.image_width, jpeg.image_height)) {
		jpeg_destroy_decompress(&jpeg);
		return "the picture is too large";
	}
	jpeg.out_color_space = JCS_RGB;
	for (jpeg.scale_num = 1, jpeg.scale_denom = 1; jpeg.scale_denom < 8; jpeg.scale_denom *= 2)
		if ((unsigned long)jpeg.image_width * jpeg.image_height / (jpeg.scale_denom * jpeg.scale_denom) <=
		    JPEG_PIXELS_WANTED)
			break;
	jpeg_start_decompress(&jpeg);
	out->channels = 3;
	out->width = (int)jpeg.output_width;
	out->height = (int)jpeg.output_height;
	out->data = xmalloc((size_t)out->width * (size_t)out->height * 3);
	while (jpeg.output_scanline < jpeg.output_height) {
		JSAMPROW row = out->data + (size_t)jpeg.output_scanline * (size_t)out->width * 3;
		jpeg_read_scanlines(&jpeg, &row, 1);
	}
	jpeg_finish_decompress(&jpeg);
	out->damaged = failure.base.num_warnings > 0;
	jpeg_destroy_decompress(&jpeg);
	return NULL;
}

const char *pixels_decode(const uint8_t *data, size_t len, struct pixels *out)
{
	*out = (struct pixels){ 0 };
	if (len >= 8 && memcmp(data, "\x89PNG\r\n\x1a\n", 8) == 0)
		return decode_png(data, len, out);
	if (len >= 3 && memcmp(data, "\xff\xd8\xff", 3) == 0)
		return decode_jpeg(data, len, out);
	return "it is neither PNG nor JPEG";
}

void pixels_free(struct pixels *p)
{
	free(p->data);
	*p = (struct pixels){ 0 };
}

static struct pixels grey_of_size(int width, int height)
{
	return (struct pixels){ .width = width, .height = height, .channels = 1,
	                        .data = xmalloc((size_t)width * (size_t)height) };
}

struct pixels pixels_grey(const struct pixels *p, int channel)
{
	struct pixels out = grey_of_size(p->width, p->height);
	size_t count = (size_t)p->width * (size_t)p->height;

	for (size_t i = 0; i < count; i++) {
		const uint8_t *c = p->data + i * (size_t)p->channels;
		if (p->channels == 1)
			out.data[i] = c[0];
		else
			out.data[i] = channel >= 0 ? c[channel] : (uint8_t)((c[0] * 77 + c[1] * 150 + c[2] * 29) >> 8);
	}
	return out;
}

bool pixels_colourful(const struct pixels *p)
{
	size_t count = (size_t)p->width * (size_t)p->height, coloured = 0;

	if (p->channels != 3)
		return false;
	for (size_t i = 0; i < count; i++) {
		const uint8_t *c = p->data + i * 3;
		int most = c[0] > c[1] ? c[0] : c[1], least = c[0] < c[1] ? c[0] : c[1];
		most = c[2] > most ? c[2] : most;
		least = c[2] < least ? c[2] : least;
		coloured += most - least > 80;
	}
	return coloured > count / 100;
}

void pixels_invert(struct pixels *p)
{
	size_t count = (size_t)p->width * (size_t)p->height * (size_t)p->channels;
	for (size_t i = 0; i < count; i++)
		p->data[i] = (uint8_t)(255 - p->data[i]);
}

struct pixels pixels_blur(const struct pixels *p)
{
	struct pixels out = grey_of_size(p->width, p->height);

	for (int y = 0; y < p->height; y++)
		for (int x = 0; x < p->width; x++) {
			int sum = 0, n = 0;
			for (int dy = -1; dy <= 1; dy++)
				for (int dx = -1; dx <= 1; dx++)
					if (x + dx >= 0 && x + dx < p->width && y + dy >= 0 && y + dy < p->height) {
						sum += p->data[(size_t)(y + dy) * (size_t)p->width + (size_t)(x + dx)];
						n++;
					}
			out.data[(size_t)y * (size_t)p->width + (size_t)x] = (uint8_t)(sum / n);
		}
	return out;
}

struct pixels pixels_half(const struct pixels *p)
{
	int width = p->width / 2 > 0 ? p->width / 2 : 1, height = p->height / 2 > 0 ? p->height / 2 : 1;
	struct pixels out = grey_of_size(width, height);

	for (int y = 0; y < height; y++)
		for (int x = 0; x < width; x++) {
			int right = 2 * x + 1 < p->width ? 1 : 0, below = 2 * y + 1 < p->height ? p->width : 0;
			const uint8_t *at = p->data + (size_t)(2 * y) * (size_t)p->width + (size_t)(2 * x);
			out.data[(size_t)y * (size_t)width + (size_t)x] = (uint8_t)((at[0] + at[right] + at[below] +
			                                                           at[below + right]) / 4);
		}
	return out;
}

/* The grey at a point between pixels; white outside. */
static uint8_t between(const struct pixels *p, double x, double y)
{
	int left = (int)floor(x), top = (int)floor(y);
	double fx = x - left, fy = y - top;

	if (left < 0 || top < 0 || left + 1 >= p->width || top + 1 >= p->height)
		return 255;
	const uint8_t *at = p->data + (size_t)top * (size_t)p->width + (size_t)left;
	double upper = at[0] + fx * (at[1] - at[0]);
	double lower = at[p->width] + fx * (at[p->width + 1] - at[p->width]);
	return (uint8_t)lround(upper + fy * (lower - upper));
}

struct pixels pixels_double(const struct pixels *p)
{
	struct pixels out = grey_of_size(p->width * 2, p->height * 2);

	for (int y = 0; y < out.height; y++)
		for (int x = 0; x < out.width; x++)
			out.data[(size_t)y * (size_t)out.width + (size_t)x] = between(p, x / 2.0, y / 2.0);
	return out;
}

struct pixels pixels_turn(const struct pixels *p, double degrees)
{
	double angle = degrees * M_PI / 180, c = cos(angle), s = sin(angle);
	int width = (int)(fabs(p->width * c) + fabs(p->height * s)) + 1;
	int height = (int)(fabs(p->width * s) + fabs(p->height * c)) + 1;
	struct pixels out = grey_of_size(width, height);

	for (int y = 0; y < height; y++)
		for (int x = 0; x < width; x++) {
			double dx = x - width / 2.0, dy = y - height / 2.0;
			out.data[(size_t)y * (size_t)width + (size_t)x] =
				between(p, dx * c + dy * s + p->width / 2.0, -dx * s + dy * c + p->height / 2.0);
		}
	return out;
}
