/* screen_picture: see screen_picture.h. Escape sequences are those of ECMA-48: only SGR (CSI ... m) is understood. */
#include "shared/screen_picture.h"

#include "shared/qr.h"
#include "shared/text.h"

#include <stdlib.h>
#include <string.h>

struct colour {
	uint8_t r, g, b;
};
struct pen {
	struct colour ink, paper;
	bool reverse;
};
struct canvas {
	uint8_t *pixels; /* owned; RGB */
	int columns, lines;
	struct pen pen;
};

static const struct colour default_ink = { 0xe5, 0xe5, 0xe5 }, default_paper = { 0, 0, 0 };

/* The palette of xterm. */
static struct colour palette(int n)
{
	static const struct colour first[16] = {
		{ 0, 0, 0 }, { 205, 0, 0 }, { 0, 205, 0 }, { 205, 205, 0 }, { 0, 0, 238 }, { 205, 0, 205 }, { 0, 205, 205 },
		{ 229, 229, 229 }, { 127, 127, 127 }, { 255, 0, 0 }, { 0, 255, 0 }, { 255, 255, 0 }, { 92, 92, 255 },
		{ 255, 0, 255 }, { 0, 255, 255 }, { 255, 255, 255 },
	};
	static const uint8_t steps[6] = { 0, 95, 135, 175, 215, 255 };

	if (n < 16)
		return first[n < 0 ? 0 : n];
	if (n < 232) {
		n -= 16;
		return (struct colour){ steps[n / 36], steps[n / 6 % 6], steps[n % 6] };
	}
	uint8_t grey = (uint8_t)(8 + 10 * ((n > 255 ? 255 : n) - 232));
	return (struct colour){ grey, grey, grey };
}

/* 38 or 48 with what follows; returns how many parameters were taken. */
static int extended(const int *p, int count, struct colour *out)
{
	if (count >= 3 && p[1] == 5) {
		*out = palette(p[2]);
		return 3;
	}
	if (count >= 5 && p[1] == 2) {
		*out = (struct colour){ (uint8_t)p[2], (uint8_t)p[3], (uint8_t)p[4] };
		return 5;
	}
	return count;
}

static int sgr_one(struct pen *pen, const int *p, int count)
{
	int n = p[0];

	if (n == 0)
		*pen = (struct pen){ default_ink, default_paper, false };
	else if (n == 7 || n == 27)
		pen->reverse = n == 7;
	else if (n == 38 || n == 48)
		return extended(p, count, n == 38 ? &pen->ink : &pen->paper);
	else if (n == 39)
		pen->ink = default_ink;
	else if (n == 49)
		pen->paper = default_paper;
	else if (n >= 30 && n <= 37)
		pen->ink = palette(n - 30);
	else if (n >= 40 && n <= 47)
		pen->paper = palette(n - 40);
	else if (n >= 90 && n <= 97)
		pen->ink = palette(n - 82);
	else if (n >= 100 && n <= 107)
		pen->paper = palette(n - 92);
	return 1;
}

/* An escape sequence at s (len left); returns its bytes. */
static size_t escape(struct pen *pen, const char *s, size_t len)
{
	int params[16] = { 0 }, count = 1;
	size_t i = 2;

	if (len < 2 || s[1] != '[')
		return len < 2 ? len : 2;
	for (; i < len && (unsigned char)s[i] < 0x40; i++) {
		if (s[i] >= '0' && s[i] <= '9' && params[count - 1] < 10000)
			params[count - 1] = params[count - 1] * 10 + s[i] - '0';
		else if ((s[i] == ';' || s[i] == ':') && count < 16)
			count++;
	}
	if (i < len && s[i] == 'm')
		for (int at = 0; at < count;)
			at += sgr_one(pen, params + at, count - at);
	return i < len ? i + 1 : len;
}

static void fill(struct canvas *c, int column, int line, int from, int to, struct colour colour)
{
	int width = c->columns * SCREEN_CELL_WIDTH;

	for (int y = line * SCREEN_CELL_HEIGHT + from; y < line * SCREEN_CELL_HEIGHT + to; y++) {
		uint8_t *at = c->pixels + 3 * ((size_t)y * (size_t)width + (size_t)column * SCREEN_CELL_WIDTH);
		for (int x = 0; x < SCREEN_CELL_WIDTH; x++, at += 3) {
			at[0] = colour.r;
			at[1] = colour.g;
			at[2] = colour.b;
		}
	}
}

static void draw(struct canvas *c, int column, int line, const char *s, size_t len)
{
	struct colour ink = c->pen.reverse ? c->pen.paper : c->pen.ink, paper = c->pen.reverse ? c->pen.ink : c->pen.paper;
	bool upper = len == 3 && memcmp(s, "▀", 3) == 0, lower = len == 3 && memcmp(s, "▄", 3) == 0;
	bool whole = (len == 3 && memcmp(s, "█", 3) == 0) || *s == '#';
	int half = SCREEN_CELL_HEIGHT / 2;

	fill(c, column, line, 0, half, upper || whole ? ink : paper);
	fill(c, column, line, half, SCREEN_CELL_HEIGHT, lower || whole ? ink : paper);
}

/* Walk over the capture; with `draw_it` cells are painted, else only the size is taken. */
static void walk(struct canvas *c, const char *s, size_t len, bool draw_it)
{
	int line = 0, column = 0;

	sgr_one(&c->pen, (int[]){ 0 }, 1);
	for (size_t i = 0, n; i < len; i += n) {
		char one[5] = "";
		if (s[i] == '\033') {
			n = escape(&c->pen, s + i, len - i);
			continue;
		}
		n = text_utf8_length(s + i, len - i);
		if (n == 0)
			n = 1;
		if (s[i] == '\n') {
			line++;
			column = 0;
			continue;
		}
		memcpy(one, s + i, n);
		int width = text_columns(one);
		for (int w = 0; w < width && draw_it && line < c->lines && column + w < c->columns; w++)
			draw(c, column + w, line, s + i, n);
		column += width;
		if (!draw_it && column > c->columns)
			c->columns = column;
		if (!draw_it && line >= c->lines)
			c->lines = line + 1;
	}
}

enum qt_err screen_picture(const char *text, size_t len, struct buf *png, struct problem *p)
{
	struct canvas c = { 0 };

	walk(&c, text, len, false);
	if (c.columns == 0 || c.columns > SCREEN_COLUMNS_MAX || c.lines > SCREEN_LINES_MAX)
		return problem_set(p, QT_BAD_FIELD, "screen", "must have 1 to %d columns and at most %d lines", SCREEN_COLUMNS_MAX,
		                   SCREEN_LINES_MAX);
	c.pixels = xcalloc((size_t)c.columns * SCREEN_CELL_WIDTH * 3, (size_t)c.lines * SCREEN_CELL_HEIGHT);
	walk(&c, text, len, true);
	png_write(c.pixels, c.columns * SCREEN_CELL_WIDTH, c.lines * SCREEN_CELL_HEIGHT, 3, png);
	free(c.pixels);
	return QT_OK;
}
