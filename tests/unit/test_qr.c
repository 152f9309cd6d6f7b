/* QR symbols: sizes the design relies on, drawings that read back. */
#include "shared/picture.h"
#include "shared/qr.h"
#include "shared/text.h"
#include "tests/lib/draw.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define EXAMPLE "00020101021226370010COM.QRTILL0107M00012302087F3K9Q2X520458125303840540523.755802US5909DEMO CAFE" \
	"6008PORTLAND62170106B000420703T016304FD90"

static struct qr make(const char *text, enum qr_ec ec)
{
	struct qr qr;
	assert_int_equal(qr_make(text, strlen(text), ec, &qr, NULL), QT_OK);
	return qr;
}

static void assert_reads(const void *picture, size_t len, const char *want)
{
	struct picture_codes codes;
	struct problem p = { 0 };
	if (picture_read(picture, len, &codes, &p) != QT_OK)
		fail_msg("%s: %s", err_info(p.err)->code, p.detail);
	assert_int_equal(codes.count, 1);
	assert_string_equal(codes.codes[0].text, want);
	assert_string_equal(codes.codes[0].symbology, "QR");
	picture_free(&codes);
}

static void test_sizes(void **state)
{
	static const struct { const char *text; enum qr_ec ec; int version, half_lines; } cases[] = {
		{ "https://pay.example.com/q/4g17zd2v8", QR_EC_M, 3, 19 },
		{ "HTTPS://PAY.EXAMPLE.COM/Q/4G17ZD2V8", QR_EC_M, 2, 17 },
		{ EXAMPLE, QR_EC_L, 5, 23 },
		{ EXAMPLE, QR_EC_M, 6, 25 },
		{ "160000000000000001", QR_EC_M, 1, 15 },
		/* A till payment of ours, 60 characters, must fit in 24 lines. */
		{ "HTTPS://PAY.EXAMPLE.COM/Q/4419B6QF7B3H40T859NMKMSCAGDCECQM3WZ2E", QR_EC_M, 4, 21 },
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct qr qr = make(cases[i].text, cases[i].ec);
		assert_int_equal(qr.version, cases[i].version);
		assert_int_equal(qr.size, 17 + 4 * qr.version);
		assert_int_equal(qr_lines(&qr, QR_MARGIN, QR_HALF), cases[i].half_lines);
		qr_free(&qr);
	}
}

static void test_pictures_read_back(void **state)
{
	static const char *const texts[] = { "A", EXAMPLE, "小店收款 23.75 元", "line\nline" };
	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		for (int ec = QR_EC_L; ec <= QR_EC_H; ec++) {
			struct qr qr = make(texts[i], (enum qr_ec)ec);
			struct buf png = { 0 };
			qr_png(&qr, QR_MARGIN, 4, &png);
			assert_reads(png.data, png.len, texts[i]);
			buf_free(&png);
			qr_free(&qr);
		}
}

/* Paint the lines of a terminal as a terminal would and read the picture. */
static void test_terminal_lines_read_back(void **state)
{
	(void)state;
	setlocale(LC_ALL, "C.UTF-8");
	for (int style = QR_HALF; style <= QR_ASCII; style++) {
		struct qr qr = make(EXAMPLE, QR_EC_M);
		int lines = qr_lines(&qr, 2, (enum qr_style)style), columns = qr_columns(&qr, 2, (enum qr_style)style);
		int cell_w = style == QR_HALF ? 4 : 2, cell_h = style == QR_HALF ? 8 : 4;
		int width = (columns + 8) * cell_w, height = (lines + 8) * cell_h;
		uint8_t *pixels = xmalloc((size_t)(width * height));
		memset(pixels, 255, (size_t)(width * height));
		for (int line = 0; line < lines; line++) {
			struct buf b = { 0 };
			qr_line(&qr, 2, (enum qr_style)style, line, &b);
			assert_int_equal(text_columns(b.data), columns);
			const char *at = b.data;
			for (int column = 0; column < columns; column++) {
				size_t n = text_utf8_length(at, strlen(at));
				bool full = *at == '#' || strncmp(at, "█", n) == 0;
				bool upper = full || strncmp(at, "▀", n) == 0, lower = full || strncmp(at, "▄", n) == 0;
				for (int y = 0; y < cell_h; y++)
					for (int x = 0; x < cell_w; x++)
						if (y < cell_h / 2 ? upper : lower)
							pixels[((line + 4) * cell_h + y) * width + (column + 4) * cell_w + x] = 0;
				at += n;
			}
			buf_free(&b);
		}
		struct buf png = { 0 };
		png_write(pixels, width, height, 1, &png);
		assert_reads(png.data, png.len, EXAMPLE);
		buf_free(&png);
		free(pixels);
		qr_free(&qr);
	}
}

static void test_explicit_black_on_white(void **state)
{
	struct qr qr = make("A", QR_EC_L);
	struct buf b = { 0 };
	(void)state;
	qr_terminal(&qr, 4, QR_HALF, &b);
	int lines = 0;
	for (char *line = strtok(b.data, "\n"); line; line = strtok(NULL, "\n"), lines++) {
		assert_memory_equal(line, "\033[38;5;16;48;5;231m", 19);
		assert_string_equal(line + strlen(line) - 4, "\033[0m");
	}
	assert_int_equal(lines, 15);
	buf_reset(&b);
	qr_terminal(&qr, 4, QR_ASCII, &b);
	assert_null(strchr(b.data, '\033'));
	buf_reset(&b);
	qr_terminal(&qr, 4, QR_FULL, &b);
	assert_null(strchr(b.data, '#'));
	buf_free(&b);
	qr_free(&qr);
}

static void test_style_follows_the_terminal(void **state)
{
	(void)state;
	setlocale(LC_ALL, "C.UTF-8");
	setenv("TERM", "xterm-256color", 1);
	assert_int_equal(qr_style_for_terminal(), QR_HALF);
	setenv("TERM", "dumb", 1);
	assert_int_equal(qr_style_for_terminal(), QR_ASCII);
	unsetenv("TERM");
	assert_int_equal(qr_style_for_terminal(), QR_ASCII);
	setenv("TERM", "xterm", 1);
	setlocale(LC_ALL, "C");
	assert_int_equal(qr_style_for_terminal(), QR_FULL);
	setlocale(LC_ALL, "C.UTF-8");
}

static void test_refusals(void **state)
{
	struct qr qr;
	struct problem p = { 0 };
	char *big = xmalloc(8000);
	enum qr_ec ec;
	(void)state;
	memset(big, 'x', 8000);
	assert_int_equal(qr_make("", 0, QR_EC_M, &qr, &p), QT_BAD_FIELD);
	assert_int_equal(qr_make("a\0b", 3, QR_EC_M, &qr, &p), QT_BAD_FIELD);
	assert_int_equal(qr_make(big, 2953, QR_EC_L, &qr, &p), QT_OK);
	assert_int_equal(qr.version, 40);
	qr_free(&qr);
	assert_int_equal(qr_make(big, 2954, QR_EC_L, &qr, &p), QT_TOO_LONG);
	assert_string_equal(p.field, "text");
	free(big);
	assert_true(qr_ec_from_letter("q", &ec) && ec == QR_EC_Q);
	assert_false(qr_ec_from_letter("X", &ec) || qr_ec_from_letter("", &ec) || qr_ec_from_letter("MM", &ec));
}

static void test_svg(void **state)
{
	struct qr qr = make("HTTPS://PAY.EXAMPLE.COM/Q/4G", QR_EC_M);
	struct buf b = { 0 };
	int dark = 0, drawn = 0, x, y, run, n;
	(void)state;
	qr_svg(&qr, QR_MARGIN, &b);
	assert_non_null(strstr(b.data, "<rect width=\"33\" height=\"33\" fill=\"#fff\"/>"));
	for (int i = 0; i < qr.size * qr.size; i++)
		dark += qr.modules[i];
	for (const char *at = strstr(b.data, "d=\"") + 3; sscanf(at, "M%d %dh%dv1h-%*dz%n", &x, &y, &run, &n) == 3; at += n)
		for (int i = 0; i < run; i++, drawn++)
			assert_true(qr_dark(&qr, x - QR_MARGIN + i, y - QR_MARGIN));
	assert_int_equal(drawn, dark);
	buf_free(&b);
	qr_free(&qr);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_pictures_read_back),
		cmocka_unit_test(test_terminal_lines_read_back),
		cmocka_unit_test(test_explicit_black_on_white),
		cmocka_unit_test(test_style_follows_the_terminal),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_svg),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
