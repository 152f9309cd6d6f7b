/* draw: see draw.h. */
#include "shared/tui/draw.h"

#include "shared/buf.h"
#include "shared/text.h"

#include <ncurses.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

/* How a style looks: colours of the 8 every terminal has, -1 for the terminal's own; attributes. */
struct look {
	short fg, bg;
	attr_t attributes;
};
struct theme {
	const char *name;
	struct look looks[STYLE_COUNT];
};

static const struct theme themes[] = {
	{ "dark", {
		[STYLE_NORMAL] = { -1, -1, 0 },
		[STYLE_BAR] = { COLOR_WHITE, COLOR_BLUE, 0 },
		[STYLE_KEY] = { COLOR_YELLOW, COLOR_BLUE, A_BOLD },
		[STYLE_SELECTED] = { COLOR_BLACK, COLOR_CYAN, 0 },
		[STYLE_DIM] = { COLOR_CYAN, -1, 0 },
		[STYLE_BOLD] = { -1, -1, A_BOLD },
		[STYLE_GOOD] = { COLOR_GREEN, -1, A_BOLD },
		[STYLE_WARN] = { COLOR_YELLOW, -1, A_BOLD },
		[STYLE_BAD] = { COLOR_WHITE, COLOR_RED, A_BOLD },
		[STYLE_FIELD] = { -1, -1, A_UNDERLINE | A_BOLD },
		[STYLE_DIGIT] = { COLOR_BLACK, COLOR_GREEN, 0 },
		[STYLE_INK] = { COLOR_GREEN, -1, 0 },
		[STYLE_DIALOG] = { COLOR_BLACK, COLOR_WHITE, 0 },
		[STYLE_QR] = { COLOR_BLACK, COLOR_WHITE, 0 },
		[STYLE_QR_INK] = { COLOR_WHITE, COLOR_BLACK, 0 } } },
	{ "light", {
		[STYLE_NORMAL] = { COLOR_BLACK, COLOR_WHITE, 0 },
		[STYLE_BAR] = { COLOR_WHITE, COLOR_BLACK, 0 },
		[STYLE_KEY] = { COLOR_YELLOW, COLOR_BLACK, A_BOLD },
		[STYLE_SELECTED] = { COLOR_WHITE, COLOR_BLUE, 0 },
		[STYLE_DIM] = { COLOR_BLUE, COLOR_WHITE, 0 },
		[STYLE_BOLD] = { COLOR_BLACK, COLOR_WHITE, A_BOLD },
		[STYLE_GOOD] = { COLOR_GREEN, COLOR_WHITE, A_BOLD },
		[STYLE_WARN] = { COLOR_MAGENTA, COLOR_WHITE, A_BOLD },
		[STYLE_BAD] = { COLOR_WHITE, COLOR_RED, A_BOLD },
		[STYLE_FIELD] = { COLOR_BLACK, COLOR_WHITE, A_UNDERLINE },
		[STYLE_DIGIT] = { COLOR_WHITE, COLOR_BLACK, 0 },
		[STYLE_INK] = { COLOR_BLACK, COLOR_WHITE, 0 },
		[STYLE_DIALOG] = { COLOR_WHITE, COLOR_BLUE, 0 },
		[STYLE_QR] = { COLOR_BLACK, COLOR_WHITE, 0 },
		[STYLE_QR_INK] = { COLOR_WHITE, COLOR_BLACK, 0 } } },
	/* Nothing grey: the terminal's brightest on its darkest, and what is coloured is bold besides. */
	{ "contrast", {
		[STYLE_NORMAL] = { COLOR_WHITE, COLOR_BLACK, A_BOLD },
		[STYLE_BAR] = { COLOR_BLACK, COLOR_WHITE, 0 },
		[STYLE_KEY] = { COLOR_WHITE, COLOR_BLACK, A_BOLD },
		[STYLE_SELECTED] = { COLOR_BLACK, COLOR_YELLOW, 0 },
		[STYLE_DIM] = { COLOR_WHITE, COLOR_BLACK, A_BOLD },
		[STYLE_BOLD] = { COLOR_WHITE, COLOR_BLACK, A_BOLD },
		[STYLE_GOOD] = { COLOR_GREEN, COLOR_BLACK, A_BOLD },
		[STYLE_WARN] = { COLOR_YELLOW, COLOR_BLACK, A_BOLD },
		[STYLE_BAD] = { COLOR_BLACK, COLOR_YELLOW, A_BOLD | A_UNDERLINE },
		[STYLE_FIELD] = { COLOR_WHITE, COLOR_BLACK, A_BOLD | A_UNDERLINE },
		[STYLE_DIGIT] = { COLOR_BLACK, COLOR_YELLOW, 0 },
		[STYLE_INK] = { COLOR_YELLOW, COLOR_BLACK, A_BOLD },
		[STYLE_DIALOG] = { COLOR_BLACK, COLOR_WHITE, 0 },
		[STYLE_QR] = { COLOR_BLACK, COLOR_WHITE, 0 },
		[STYLE_QR_INK] = { COLOR_WHITE, COLOR_BLACK, 0 } } },
	{ "mono", {
		[STYLE_BAR] = { -1, -1, A_REVERSE },
		[STYLE_KEY] = { -1, -1, A_REVERSE | A_BOLD },
		[STYLE_SELECTED] = { -1, -1, A_REVERSE },
		[STYLE_NORMAL] = { -1, -1, 0 },
		[STYLE_DIM] = { -1, -1, 0 },
		[STYLE_BOLD] = { -1, -1, A_BOLD },
		[STYLE_GOOD] = { -1, -1, A_BOLD },
		[STYLE_WARN] = { -1, -1, A_BOLD },
		[STYLE_BAD] = { -1, -1, A_REVERSE | A_BOLD },
		[STYLE_FIELD] = { -1, -1, A_UNDERLINE },
		[STYLE_DIGIT] = { -1, -1, A_REVERSE },
		[STYLE_INK] = { -1, -1, 0 },
		[STYLE_DIALOG] = { -1, -1, A_REVERSE },
		[STYLE_QR] = { COLOR_BLACK, COLOR_WHITE, 0 },
		[STYLE_QR_INK] = { COLOR_WHITE, COLOR_BLACK, 0 } } },
};
#define THEME_COUNT ((int)(sizeof themes / sizeof *themes))

static struct canvas canvas;
static int theme_now;
static bool wide_blocks;

void draw_set_wide_blocks(bool wide)
{
	wide_blocks = wide;
}

bool draw_wide_blocks(void)
{
	return wide_blocks;
}

struct canvas draw_canvas(struct canvas c)
{
	struct canvas before = canvas;
	canvas = c;
	return before;
}

struct canvas draw_inside(int y, int x, int rows, int cols)
{
	struct canvas c = { canvas.y + y, canvas.x + x, rows, cols };
	if (y + rows > canvas.rows)
		c.rows = canvas.rows > y ? canvas.rows - y : 0;
	if (x + cols > canvas.cols)
		c.cols = canvas.cols > x ? canvas.cols - x : 0;
	return c;
}

static short cube_colour(short c)
{
	return (short)(16 + (c & 1 ? 180 : 0) + (c & 2 ? 30 : 0) + (c & 4 ? 5 : 0)); /* red, green, blue at their full */
}

enum qt_err draw_set_theme(const char *name)
{
	const char *no_color = getenv("NO_COLOR");
	int found = -1;

	if (name == NULL || name[0] == '\0')
		name = !has_colors() || (no_color && no_color[0]) ? "mono" : "dark";
	for (int i = 0; i < THEME_COUNT; i++)
		if (strcmp(themes[i].name, name) == 0)
			found = i;
	if (found < 0)
		return QT_NOT_FOUND;
	theme_now = found;
	if (!has_colors())
		return QT_OK;
	for (int i = 0; i < STYLE_COUNT; i++) {
		struct look l = themes[found].looks[i];
		if (COLORS >= 256 && strcmp(name, "contrast") == 0) { /* the eight are often grey; of the cube's none is */
			l.fg = cube_colour(l.fg);
			l.bg = cube_colour(l.bg);
		}
		if (i == STYLE_QR && COLORS >= 256) /* the eight colours are often grey; these are not */
			l.fg = 16, l.bg = 231;
		if (i == STYLE_QR_INK && COLORS >= 256)
			l.fg = 231, l.bg = 16;
		init_pair((short)(i + 1), l.fg, l.bg);
	}
	bkgdset((chtype)draw_attributes(STYLE_NORMAL) | ' ');
	return QT_OK;
}

const char *draw_theme(void)
{
	return themes[theme_now].name;
}

const char *draw_next_theme(void)
{
	return themes[(theme_now + 1) % THEME_COUNT].name;
}

int64_t draw_attributes(enum style s)
{
	attr_t a = themes[theme_now].looks[s].attributes;
	if (has_colors())
		a |= (attr_t)COLOR_PAIR(s + 1);
	else if (s == STYLE_QR)
		a |= A_REVERSE; /* light cells on the usual dark screen */
	return (int64_t)a;
}

/* Paint text known to fit; the only place that touches curses cells. */
static void put(int y, int x, enum style s, const char *utf8, size_t len)
{
	if (y < 0 || y >= canvas.rows || x < 0 || x >= canvas.cols)
		return;
	attrset((attr_t)draw_attributes(s));
	mvaddnstr(canvas.y + y, canvas.x + x, utf8, (int)len);
}

static void put_spaces(int y, int x, enum style s, int count)
{
	static const char spaces[] = "                                                                ";
	for (int done = 0; done < count; done += (int)sizeof spaces - 1) {
		int n = count - done < (int)sizeof spaces - 1 ? count - done : (int)sizeof spaces - 1;
		put(y, x + done, s, spaces, (size_t)n);
	}
}

static int clipped(int x, int width)
{
	int room = canvas.cols - x;
	return width > room ? room > 0 ? room : 0 : width;
}

/* align: 0 left, 1 centre, 2 right */
static int paint(int y, int x, int width, enum style s, const char *utf8, int align)
{
	struct buf clean = { 0 };
	int used;

	text_clean(&clean, utf8, strlen(utf8), TEXT_TERMINAL);
	const char *text = clean.data ? clean.data : "";
	int whole = text_columns(text);
	bool exact = width >= 0;
	width = clipped(x, exact ? width : whole);
	size_t bytes;
	if (whole > width && width >= 4) {
		bytes = text_fit(text, width - 2, &used);
		put(y, x, s, text, bytes);
		put(y, x + used, s, "..", 2);
		used += 2;
		put_spaces(y, x + used, s, width - used);
	} else {
		bytes = text_fit(text, width, &used);
		int before = align == 0 ? 0 : align == 1 ? (width - used) / 2 : width - used;
		if (exact)
			put_spaces(y, x, s, before);
		put(y, x + before, s, text, bytes);
		if (exact)
			put_spaces(y, x + before + used, s, width - used - before);
	}
	buf_free(&clean);
	return used;
}

int draw_text(int y, int x, int width, enum style s, const char *utf8)
{
	return paint(y, x, width, s, utf8, 0);
}

int draw_right(int y, int x, int width, enum style s, const char *utf8)
{
	return paint(y, x, width, s, utf8, 2);
}

int draw_center(int y, int x, int width, enum style s, const char *utf8)
{
	return paint(y, x, width, s, utf8, 1);
}

int draw_textf(int y, int x, int width, enum style s, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	return draw_text(y, x, width, s, text);
}

/* Does the text begin with a mark no Chinese line begins with? */
static bool begins_with_stop(const char *s)
{
	static const char *const stops[] = { "，", "。", "、", "；", "：", "？", "！", "）", "”" };

	for (size_t i = 0; i < sizeof stops / sizeof *stops; i++)
		if (strncmp(s, stops[i], strlen(stops[i])) == 0)
			return true;
	return false;
}

/* Bytes of the next line: up to the last space that fits, or as much as fits. */
static size_t line_bytes(const char *s, int width)
{
	size_t fit = text_fit(s, width, NULL);
	if (begins_with_stop(s + fit)) { /* the character before it goes along */
		size_t shorter = fit;
		while (shorter > 0 && (s[--shorter] & 0xc0) == 0x80)
			;
		fit = shorter > 0 ? shorter : fit;
	}
	if (s[fit] == '\0' || s[fit] == ' ')
		return fit;
	for (size_t i = fit; i > 0; i--) {
		if (s[i - 1] == ' ')
			return i;
		if ((unsigned char)s[i - 1] >= 0xe0) /* wide text may break anywhere */
			break;
	}
	return fit;
}

int draw_wrapped(int y, int x, int rows, int width, enum style s, const char *utf8)
{
	struct buf line = { 0 };
	int used = 0;

	while (*utf8 && used < rows && width > 1) {
		size_t n = line_bytes(utf8, width);
		if (n == 0)
			break;
		buf_reset(&line);
		buf_add(&line, utf8, n);
		draw_text(y + used++, x, width, s, line.data);
		utf8 += n;
		while (*utf8 == ' ')
			utf8++;
	}
	buf_free(&line);
	return used;
}

void draw_fill(int y, int x, int rows, int cols, enum style s)
{
	for (int i = 0; i < rows; i++)
		put_spaces(y + i, x, s, clipped(x, cols));
}

/* Three dots wide, five high; a bit per dot, the leftmost is 4. */
static const struct { char c; int width; unsigned char rows[DRAW_BIG_ROWS]; } glyphs[] = {
	{ '0', 3, { 7, 5, 5, 5, 7 } }, { '1', 3, { 2, 6, 2, 2, 7 } }, { '2', 3, { 7, 1, 7, 4, 7 } },
	{ '3', 3, { 7, 1, 7, 1, 7 } }, { '4', 3, { 5, 5, 7, 1, 1 } }, { '5', 3, { 7, 4, 7, 1, 7 } },
	{ '6', 3, { 7, 4, 7, 5, 7 } }, { '7', 3, { 7, 1, 1, 1, 1 } }, { '8', 3, { 7, 5, 7, 5, 7 } },
	{ '9', 3, { 7, 5, 7, 1, 7 } }, { '.', 1, { 0, 0, 0, 0, 4 } }, { ',', 1, { 0, 0, 0, 4, 4 } },
	{ '-', 3, { 0, 0, 7, 0, 0 } }, { ':', 1, { 0, 4, 0, 4, 0 } }, { ' ', 1, { 0, 0, 0, 0, 0 } },
};

static int glyph_of(char c)
{
	for (size_t i = 0; i < sizeof glyphs / sizeof *glyphs; i++)
		if (glyphs[i].c == c)
			return (int)i;
	return -1;
}

int draw_big_width(const char *digits, int dot_cols)
{
	int cols = 0;
	for (; *digits; digits++) {
		int g = glyph_of(*digits);
		if (g >= 0)
			cols += glyphs[g].width * dot_cols + 1;
	}
	return cols > 0 ? cols - 1 : 0;
}

/* Full blocks, so that the digits can be read in a plain text of the screen, too. */
static void draw_dot(int y, int x, int cols)
{
	if (wide_blocks) {
		put_spaces(y, x, STYLE_DIGIT, cols);
		return;
	}
	for (int i = 0; i < cols; i++)
		put(y, x + i, STYLE_INK, "\xe2\x96\x88", 3);
}

void draw_big(int y, int x, int width, const char *digits)
{
	int dot = draw_big_width(digits, 2) <= width ? 2 : 1;

	if (draw_big_width(digits, dot) > width) {
		draw_text(y + 2, x, width, STYLE_BOLD, digits);
		return;
	}
	for (; *digits; digits++) {
		int g = glyph_of(*digits);
		if (g < 0)
			continue;
		for (int row = 0; row < DRAW_BIG_ROWS; row++)
			for (int i = 0; i < glyphs[g].width; i++)
				if (glyphs[g].rows[row] & (4 >> i))
					draw_dot(y + row, x + i * dot, dot);
		x += glyphs[g].width * dot + 1;
	}
}
