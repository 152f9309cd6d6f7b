/* qr_view: see qr_view.h. */
#include "shared/tui/qr_view.h"

#include <string.h>

/* How a symbol is painted in a given room. */
struct fit {
	enum qr_style style;
	int margin; /* modules, 4 down to 2; 0: it does not fit */
};

/* The widest margin that fits. */
static int margin_for(const struct qr *q, enum qr_style style, int rows, int cols)
{
	for (int margin = QR_MARGIN; margin >= 2; margin--)
		if (qr_lines(q, margin, style) <= rows && qr_columns(q, margin, style) <= cols)
			return margin;
	return 0;
}

/* Twice the size where there is room; the smaller needs block characters one cell wide. */
static struct fit fit_in(const struct qr *q, int rows, int cols)
{
	int margin = margin_for(q, QR_FULL, rows, cols);

	if (margin == 0 && !draw_wide_blocks())
		return (struct fit){ QR_HALF, margin_for(q, QR_HALF, rows, cols) };
	return (struct fit){ QR_FULL, margin };
}

enum qt_err qr_view_make(const char *text, int rows, int cols, struct qr *q)
{
	static const enum qr_ec levels[] = { QR_EC_M, QR_EC_L };

	for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
		enum qt_err err = qr_make(text, strlen(text), levels[i], q, NULL);
		if (err != QT_OK)
			return err;
		if (fit_in(q, rows, cols).margin > 0)
			return QT_OK;
		qr_free(q);
	}
	return QT_TOO_LONG;
}

void qr_view_size(const struct qr *q, int rows, int cols, int *used_rows, int *used_cols)
{
	struct fit f = fit_in(q, rows, cols);
	*used_rows = qr_lines(q, f.margin, f.style);
	*used_cols = qr_columns(q, f.margin, f.style);
}

/* A module is two cells; dark ones are blocks, or coloured spaces where blocks would be too wide. */
static void draw_large(const struct qr *q, int margin, int y, int x)
{
	bool spaces = draw_wide_blocks();

	for (int row = 0; row < q->size + 2 * margin; row++)
		for (int col = 0; col < q->size + 2 * margin; col++) {
			bool dark = qr_dark(q, col - margin, row - margin);
			draw_text(y + row, x + 2 * col, 2, dark && spaces ? STYLE_QR_INK : STYLE_QR,
			          dark && !spaces ? "\xe2\x96\x88\xe2\x96\x88" : "  ");
		}
}

void qr_view_draw(const struct qr *q, int y, int x, int rows, int cols)
{
	struct fit f = fit_in(q, rows, cols);
	struct buf line = { 0 };

	if (f.margin == 0)
		return;
	int lines = qr_lines(q, f.margin, f.style), columns = qr_columns(q, f.margin, f.style);
	if (f.style == QR_FULL)
		draw_large(q, f.margin, y, x);
	for (int i = 0; i < lines; i++) {
		buf_reset(&line);
		if (f.style == QR_HALF) {
			qr_line(q, f.margin, f.style, i, &line);
			draw_text(y + i, x, columns, STYLE_QR, line.data ? line.data : "");
		}
		/* A no-break space ends the row: who copies the screen's text would lose the quiet zone with plain spaces. */
		draw_text(y + i, x + columns - 1, 1, STYLE_QR, "\xc2\xa0");
	}
	buf_free(&line);
}
