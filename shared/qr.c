/* qr: see qr.h. */
#include "shared/qr.h"

#include <assert.h>
#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include <png.h>
#include <qrencode.h>

static const QRecLevel levels[] = { QR_ECLEVEL_L, QR_ECLEVEL_M, QR_ECLEVEL_Q, QR_ECLEVEL_H };

enum qt_err qr_make_version(const char *text, size_t len, enum qr_ec ec, int version_min, struct qr *qr,
                            struct problem *p)
{
	*qr = (struct qr){ .ec = ec };
	if (len == 0 || memchr(text, '\0', len) != NULL)
		return problem_set(p, QT_BAD_FIELD, "text", len == 0 ? "is empty" : "must not hold a NUL byte");
	char *copy = xmalloc(len + 1);
	memcpy(copy, text, len);
	copy[len] = '\0';
	QRcode *code = QRcode_encodeString(copy, version_min, levels[ec], QR_MODE_8, 1);
	free(copy);
	if (code == NULL)
		return problem_set(p, QT_TOO_LONG, "text", "%zu bytes do not fit in a QR symbol at this error correction", len);
	qr->version = code->version;
	qr->size = code->width;
	qr->modules = xmalloc((size_t)(qr->size * qr->size));
	for (int i = 0; i < qr->size * qr->size; i++)
		qr->modules[i] = code->data[i] & 1;
	QRcode_free(code);
	return QT_OK;
}

enum qt_err qr_make(const char *text, size_t len, enum qr_ec ec, struct qr *qr, struct problem *p)
{
	return qr_make_version(text, len, ec, 0, qr, p);
}

void qr_free(struct qr *qr)
{
	free(qr->modules);
	*qr = (struct qr){ 0 };
}

bool qr_dark(const struct qr *qr, int x, int y)
{
	return x >= 0 && y >= 0 && x < qr->size && y < qr->size && qr->modules[y * qr->size + x];
}

bool qr_ec_from_letter(const char *text, enum qr_ec *out)
{
	static const char letters[] = "LMQHlmqh";
	const char *at = text[0] ? strchr(letters, text[0]) : NULL;

	if (at == NULL || text[1] != '\0')
		return false;
	*out = (enum qr_ec)((at - letters) % 4);
	return true;
}

enum qr_style qr_style_for_terminal(void)
{
	const char *term = getenv("TERM");

	if (term == NULL || *term == '\0' || strcmp(term, "dumb") == 0)
		return QR_ASCII;
	return strcmp(nl_langinfo(CODESET), "UTF-8") == 0 && wcwidth(0x2580) == 1 ? QR_HALF : QR_FULL;
}

int qr_lines(const struct qr *qr, int margin, enum qr_style style)
{
	int rows = qr->size + 2 * margin;
	return style == QR_HALF ? (rows + 1) / 2 : rows;
}

int qr_columns(const struct qr *qr, int margin, enum qr_style style)
{
	int columns = qr->size + 2 * margin;
	return style == QR_HALF ? columns : columns * 2;
}

void qr_line(const struct qr *qr, int margin, enum qr_style style, int line, struct buf *out)
{
	static const char *const half[] = { " ", "▀", "▄", "█" };

	for (int x = -margin; x < qr->size + margin; x++)
		if (style == QR_HALF) {
			int y = line * 2 - margin;
			buf_adds(out, half[qr_dark(qr, x, y) + 2 * qr_dark(qr, x, y + 1)]);
		} else {
			buf_adds(out, qr_dark(qr, x, line - margin) ? "##" : "  ");
		}
}

/* Painted spaces: a run changes colour only where the module does. */
static void add_painted(const struct qr *qr, int margin, int line, struct buf *out)
{
	int before = -1;

	for (int x = -margin; x < qr->size + margin; x++) {
		int dark = qr_dark(qr, x, line - margin);
		if (dark != before)
			buf_adds(out, dark ? "\033[48;5;16m" : "\033[48;5;231m");
		before = dark;
		buf_adds(out, "  ");
	}
}

void qr_terminal(const struct qr *qr, int margin, enum qr_style style, struct buf *out)
{
	/* 16 and 231 are black and white of the colour cube: themes recolour the first sixteen, not these. */
	for (int line = 0; line < qr_lines(qr, margin, style); line++) {
		if (style == QR_HALF)
			buf_adds(out, "\033[38;5;16;48;5;231m");
		if (style == QR_FULL)
			add_painted(qr, margin, line, out);
		else
			qr_line(qr, margin, style, line, out);
		buf_adds(out, style == QR_ASCII ? "\n" : "\033[0m\n");
	}
}

static void on_png_bytes(png_structp png, png_bytep data, size_t len)
{
	buf_add(png_get_io_ptr(png), data, len);
}

static void on_png_flush(png_structp png)
{
	(void)png;
}

static void write_png(const uint8_t *rows, size_t stride, int width, int height, int bits, int colour, struct buf *out)
{
	png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
	png_infop info = png ? png_create_info_struct(png) : NULL;

	if (info == NULL)
		fatal("out of memory");
	if (setjmp(png_jmpbuf(png)))
		fatal("libpng cannot write");
	png_set_write_fn(png, out, on_png_bytes, on_png_flush);
	png_set_IHDR(png, info, (png_uint_32)width, (png_uint_32)height, bits, colour, PNG_INTERLACE_NONE,
	             PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
	png_write_info(png, info);
	for (int y = 0; y < height; y++)
		png_write_row(png, (png_const_bytep)(rows + (size_t)y * stride));
	png_write_end(png, NULL);
	png_destroy_write_struct(&png, &info);
}

void png_write(const uint8_t *pixels, int width, int height, int channels, struct buf *out)
{
	assert(channels == 1 || channels == 3);
	write_png(pixels, (size_t)width * (size_t)channels, width, height, 8,
	          channels == 3 ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_GRAY, out);
}

void qr_png(const struct qr *qr, int margin, int scale, struct buf *out)
{
	int side = (qr->size + 2 * margin) * scale;
	size_t stride = (size_t)(side + 7) / 8;
	uint8_t *rows = xcalloc(stride, (size_t)side);

	for (int y = 0; y < side; y++)
		for (int x = 0; x < side; x++)
			if (!qr_dark(qr, x / scale - margin, y / scale - margin))
				rows[(size_t)y * stride + (size_t)x / 8] |= (uint8_t)(0x80 >> x % 8);
	write_png(rows, stride, side, side, 1, PNG_COLOR_TYPE_GRAY, out);
	free(rows);
}

void qr_svg(const struct qr *qr, int margin, struct buf *out)
{
	int side = qr->size + 2 * margin;

	buf_addf(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" version=\"1.1\" "
	         "viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" shape-rendering=\"crispEdges\">\n"
	         "<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>\n<path fill=\"#000\" d=\"", side, side, side * 8, side * 8,
	         side, side);
	for (int y = 0; y < qr->size; y++)
		for (int x = 0, run; x < qr->size; x += run ? run : 1) {
			for (run = 0; qr_dark(qr, x + run, y); run++)
				;
			if (run)
				buf_addf(out, "M%d %dh%dv1h-%dz", x + margin, y + margin, run, run);
		}
	buf_adds(out, "\"/>\n</svg>\n");
}
