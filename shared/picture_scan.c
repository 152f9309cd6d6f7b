/* picture_scan: see picture_scan.h. zbar reads the symbols. */
#include "shared/picture_scan.h"

#include "shared/pixels.h"

#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zbar.h>

static const struct jail_limits limits = { .seconds = PICTURE_SECONDS, .memory_mb = 1024, .output_max = PICTURE_OUTPUT_MAX };

/* Short symbols of the last four are easily seen where there are none, so a least length is asked. */
static const struct symbology {
	zbar_symbol_type_t type;
	const char *name;
	int length_min;
} symbologies[] = {
	{ ZBAR_QRCODE, "QR", 0 },       { ZBAR_EAN13, "EAN-13", 0 },       { ZBAR_EAN8, "EAN-8", 0 },
	{ ZBAR_UPCA, "UPC-A", 0 },      { ZBAR_UPCE, "UPC-E", 0 },         { ZBAR_DATABAR, "DataBar", 0 },
	{ ZBAR_DATABAR_EXP, "DataBar Expanded", 0 },                       { ZBAR_CODE128, "Code 128", 0 },
	{ ZBAR_CODE39, "Code 39", 3 },  { ZBAR_CODE93, "Code 93", 3 },     { ZBAR_CODABAR, "Codabar", 5 },
	{ ZBAR_I25, "ITF", 6 },
};
#define SYMBOLOGY_COUNT (sizeof symbologies / sizeof *symbologies)

struct job {
	const uint8_t *data; /* the file, in the memory the child inherits */
	size_t len;
};

/* zbar turns text of other encodings into UTF-8 by iconv, which loads its tables from files: before the door closes. */
static void load_tables(void)
{
	static const char *const encodings[] = { "UTF-8", "ISO8859-1", "SJIS", "BIG5", "CP437", "GB18030" };

	/* The descriptors are kept open, so that the tables stay loaded; the process is short-lived. */
	for (size_t i = 0; i < sizeof encodings / sizeof *encodings; i++)
		(void)!iconv_open("UTF-8", encodings[i]);
}

static void add_record(struct buf *out, const char *name, int channel, bool inverted, const char *text, size_t len)
{
	char head[24] = { 0 };
	uint8_t rest[6] = { (uint8_t)channel, inverted, (uint8_t)len, (uint8_t)(len >> 8), (uint8_t)(len >> 16),
	                    (uint8_t)(len >> 24) };

	snprintf(head, sizeof head, "%s", name);
	buf_add(out, head, sizeof head);
	buf_add(out, rest, sizeof rest);
	buf_add(out, text, len);
}

/* Symbols of one grey picture; returns how many were added. */
static int scan(const struct pixels *grey, bool qr_only, int channel, bool inverted, struct buf *out)
{
	zbar_image_scanner_t *scanner = zbar_image_scanner_create();
	zbar_image_t *image = zbar_image_create();
	int found = 0;

	if (scanner == NULL || image == NULL)
		fatal("out of memory");
	zbar_image_scanner_set_config(scanner, ZBAR_NONE, ZBAR_CFG_ENABLE, 0);
	for (size_t i = 0; i < SYMBOLOGY_COUNT && (i == 0 || !qr_only); i++) {
		zbar_image_scanner_set_config(scanner, symbologies[i].type, ZBAR_CFG_ENABLE, 1);
		if (symbologies[i].length_min)
			zbar_image_scanner_set_config(scanner, symbologies[i].type, ZBAR_CFG_MIN_LEN, symbologies[i].length_min);
	}
	zbar_image_set_format(image, zbar_fourcc('Y', '8', '0', '0'));
	zbar_image_set_size(image, (unsigned)grey->width, (unsigned)grey->height);
	zbar_image_set_data(image, grey->data, (unsigned long)grey->width * (unsigned long)grey->height, NULL);
	zbar_scan_image(scanner, image);
	for (const zbar_symbol_t *s = zbar_image_first_symbol(image); s; s = zbar_symbol_next(s))
		for (size_t i = 0; i < SYMBOLOGY_COUNT; i++)
			if (symbologies[i].type == zbar_symbol_get_type(s)) {
				add_record(out, symbologies[i].name, channel, inverted, zbar_symbol_get_data(s),
				           zbar_symbol_get_data_length(s));
				found++;
			}
	zbar_image_destroy(image);
	zbar_image_scanner_destroy(scanner);
	return found;
}

static bool same_text(const struct buf *a, const struct buf *b)
{
	return a->len == b->len && memcmp(a->data + PICTURE_RECORD_HEAD, b->data + PICTURE_RECORD_HEAD, a->len - PICTURE_RECORD_HEAD) == 0;
}

/* Three QR symbols in the colour channels: each channel has one, and they are not one symbol printed in a colour. */
static bool scan_colours(const struct pixels *rgb, struct buf *out)
{
	struct buf found[3] = { 0 };
	int good = 0;

	for (int channel = 0; channel < 3; channel++) {
		struct pixels grey = pixels_grey(rgb, channel);
		good += scan(&grey, true, channel + 1, false, &found[channel]) == 1;
		pixels_free(&grey);
	}
	if (good == 3 && same_text(&found[0], &found[1]) && same_text(&found[1], &found[2]))
		good = 0;
	for (int channel = 0; channel < 3; channel++) {
		if (good == 3)
			buf_add(out, found[channel].data, found[channel].len);
		buf_free(&found[channel]);
	}
	return good == 3;
}

static int scan_both_ways(struct pixels *grey, struct buf *out)
{
	int found = scan(grey, false, 0, false, out);

	if (found == 0) {
		pixels_invert(grey);
		found = scan(grey, false, 0, true, out);
		pixels_invert(grey);
	}
	return found;
}

static struct pixels turn_a_little(const struct pixels *p)
{
	return pixels_turn(p, 20);
}

static struct pixels turn_by_half_a_right_angle(const struct pixels *p)
{
	return pixels_turn(p, 45);
}

static struct pixels turn_a_little_more(const struct pixels *p)
{
	return pixels_turn(p, -20);
}

/* As it is, and if that shows nothing, what helps with photos: less grain, smaller, larger, turned. */
static int scan_hard(struct pixels *grey, struct buf *out)
{
	static struct pixels (*const helps[])(const struct pixels *) = {
		pixels_half, pixels_blur, pixels_double, turn_by_half_a_right_angle, turn_a_little, turn_a_little_more,
	};
	int found = scan_both_ways(grey, out);

	for (size_t i = 0; i < sizeof helps / sizeof *helps && found == 0; i++) {
		size_t count = (size_t)grey->width * (size_t)grey->height;
		if (helps[i] == pixels_double && count > 4u << 20)
			continue;
		struct pixels other = helps[i](grey);
		found = scan_both_ways(&other, out);
		pixels_free(&other);
	}
	return found;
}

static bool read_in_jail(void *ctx, struct buf *out)
{
	const struct job *job = ctx;
	struct pixels picture = { 0 };
	bool good = true;

	const char *why = pixels_decode(job->data, job->len, &picture);
	if (why != NULL) {
		buf_adds(out, why);
		return false;
	}
	if (!pixels_colourful(&picture) || !scan_colours(&picture, out)) {
		struct pixels grey = pixels_grey(&picture, -1);
		good = scan_hard(&grey, out) > 0 || !picture.damaged;
		if (!good)
			buf_adds(out, "the picture is damaged");
		pixels_free(&grey);
	}
	pixels_free(&picture);
	return good;
}

enum jail_end picture_scan(const void *data, size_t len, struct buf *out)
{
	struct job job = { data, len };

	return jail_run(load_tables, read_in_jail, &job, &limits, out);
}

bool picture_scan_unlocked(const void *data, size_t len, struct buf *out)
{
	struct job job = { data, len };

	return read_in_jail(&job, out);
}
