/* Colour codes: three symbols in one picture, made and read. */
#include "shared/colour.h"
#include "shared/picture.h"
#include "tests/lib/draw.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void assert_three(const void *data, size_t len, const char *const texts[3])
{
	struct picture_codes codes;
	struct problem p = { 0 };
	if (picture_read(data, len, &codes, &p) != QT_OK)
		fail_msg("%s", p.detail);
	assert_int_equal(codes.count, 3);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(codes.codes[i].channel, i + 1);
		assert_string_equal(codes.codes[i].text, texts[i]);
	}
	picture_free(&codes);
}

static void test_three_times_the_content(void **state)
{
	static const char *const sets[][3] = {
		{ "first", "second", "third" },
		{ "HTTPS://PAY.EXAMPLE.COM/Q/4419B6QF7B3H40T859NMKMSCAGDCECQM3WZ2E", "小店", "1" },
	};
	char *const longs[3] = { xmalloc(401), xmalloc(401), xmalloc(401) };
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct buf png = { 0 };
		assert_int_equal(colour_make(sets[i], QR_EC_M, 4, 6, &png, NULL), QT_OK);
		assert_three(png.data, png.len, sets[i]);
		buf_free(&png);
	}
	/* 1200 characters in the space of 400. */
	for (int i = 0; i < 3; i++) {
		for (int k = 0; k < 400; k++)
			longs[i][k] = (char)('a' + (k * (i + 2)) % 26);
		longs[i][400] = '\0';
	}
	struct buf png = { 0 };
	const char *const texts[3] = { longs[0], longs[1], longs[2] };
	assert_int_equal(colour_make(texts, QR_EC_L, 4, 6, &png, NULL), QT_OK);
	assert_three(png.data, png.len, texts);
	/* As a photo: JPEG blurs colours more than light. */
	struct pixels pixels;
	assert_null(pixels_decode((const uint8_t *)png.data, png.len, &pixels));
	struct buf jpeg = { 0 };
	draw_jpeg(&pixels, 90, &jpeg);
	assert_three(jpeg.data, jpeg.len, texts);
	pixels_free(&pixels);
	buf_free(&png);
	buf_free(&jpeg);
	for (int i = 0; i < 3; i++)
		free(longs[i]);
}

static void test_a_plain_code_stays_one(void **state)
{
	/* A red symbol on white is colourful, but it is one code. */
	struct qr qr;
	struct picture_codes codes;
	struct buf png = { 0 };
	(void)state;
	assert_int_equal(qr_make("RED", 3, QR_EC_M, &qr, NULL), QT_OK);
	struct pixels grey = draw_qr(&qr, 4, 6);
	uint8_t *rgb = xmalloc((size_t)(grey.width * grey.height * 3));
	for (int i = 0; i < grey.width * grey.height; i++) {
		rgb[i * 3] = grey.data[i] ? 255 : 200;
		rgb[i * 3 + 1] = rgb[i * 3 + 2] = grey.data[i];
	}
	png_write(rgb, grey.width, grey.height, 3, &png);
	assert_int_equal(picture_read(png.data, png.len, &codes, NULL), QT_OK);
	assert_int_equal(codes.count, 1);
	assert_int_equal(codes.codes[0].channel, 0);
	assert_string_equal(codes.codes[0].text, "RED");
	picture_free(&codes);
	free(rgb);
	pixels_free(&grey);
	buf_free(&png);
	qr_free(&qr);
}

static void test_refusals_name_the_text(void **state)
{
	static const char *const texts[3] = { "a", "", "c" };
	struct buf png = { 0 };
	struct problem p = { 0 };
	(void)state;
	assert_int_equal(colour_make(texts, QR_EC_M, 4, 6, &png, &p), QT_BAD_FIELD);
	assert_string_equal(p.field, "text[1]");
	assert_int_equal(png.len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_three_times_the_content),
		cmocka_unit_test(test_a_plain_code_stays_one),
		cmocka_unit_test(test_refusals_name_the_text),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
