/* draw: text and shapes on the screen, inside the present canvas. The only way screens paint: every text passes
 * text_clean here, so names from strangers cannot carry escapes; widths are those of wcwidth; a wide character is
 * never cut in half. No line-drawing characters: their width is ambiguous on East Asian terminals. */
#ifndef QT_TUI_DRAW_H
#define QT_TUI_DRAW_H

#include "shared/err.h"

#include <stdbool.h>
#include <stdint.h>

/* What a piece of screen means; the theme says how that looks. */
enum style {
	STYLE_NORMAL,
	STYLE_BAR,      /* title row, soft-key row */
	STYLE_KEY,      /* key names in the soft-key row */
	STYLE_SELECTED, /* the chosen row of a list */
	STYLE_DIM,      /* labels, hints */
	STYLE_BOLD,
	STYLE_GOOD,     /* paid, on line */
	STYLE_WARN,     /* waiting, queue not empty */
	STYLE_BAD,      /* refused, off line */
	STYLE_FIELD,    /* where text is typed */
	STYLE_DIGIT,    /* cells of big digits painted as spaces */
	STYLE_INK,      /* block characters of big digits */
	STYLE_DIALOG,   /* a box above the screen */
	STYLE_QR,       /* black on white, whatever the theme */
	STYLE_QR_INK,   /* a dark cell of a code drawn without block characters */
	STYLE_COUNT
};

/* A rectangle of the terminal; rows and columns of the calls below count from its corner. */
struct canvas {
	int y, x, rows, cols;
};
struct canvas draw_canvas(struct canvas); /* set it; returns the one before */
/* A canvas inside the present one, clipped to it. */
struct canvas draw_inside(int y, int x, int rows, int cols);

/* Themes: "dark", "light", "contrast", "mono". NULL or empty: mono when NO_COLOR is set or the terminal has no colours, else dark.
 * QT_NOT_FOUND for another name. After the terminal was started. */
enum qt_err draw_set_theme(const char *name) QT_USE_RESULT;
const char *draw_theme(void);
const char *draw_next_theme(void); /* the name after the present one */
/* The attributes of a style, for curses calls of the framework itself. */
int64_t draw_attributes(enum style);

/* Paint `text` into exactly `width` columns (cut with ".." at the end, or filled with spaces); width < 0: only as
 * wide as the text is. Returns the columns used by the text. */
int draw_text(int y, int x, int width, enum style, const char *utf8);
int draw_right(int y, int x, int width, enum style, const char *utf8);  /* against the right edge of width */
int draw_center(int y, int x, int width, enum style, const char *utf8);
int draw_textf(int y, int x, int width, enum style, const char *fmt, ...) QT_PRINTF(5, 6);
/* Break at spaces (and between wide characters) into at most `rows` lines of `width`; returns the lines used. */
int draw_wrapped(int y, int x, int rows, int width, enum style, const char *utf8);
void draw_fill(int y, int x, int rows, int cols, enum style);

/* Whether the terminal draws block characters (U+2580 and its like) two cells wide, as some East Asian ones do; set once
 * at the start. Then blocks are painted as coloured spaces. */
void draw_set_wide_blocks(bool wide);
bool draw_wide_blocks(void);

/* Digits five rows high; "0123456789.,-:" . Two columns a dot when they fit in `width`, else one. */
#define DRAW_BIG_ROWS 5
int draw_big_width(const char *digits, int dot_cols);
void draw_big(int y, int x, int width, const char *digits);

#endif
