/* qr_view: see qr_view.h. */
#include "shared/tui/qr_view.h"

#include <string.h>

static enum qr_style style(void)
{
	return draw_wide_blocks() ? QR_FULL : QR_HALF;
}

/* The widest margin that fits, from 4 modules down to 2; 0: none does. */
static int margin_for(const struct qr *q, int rows, int cols)
{
	for (int margin = QR_MARGIN; margin >= 2; margin--)
		if (qr_lines(q, margin, style()) <= rows && qr_columns(q, margin, style()) <= cols)
			return margin;
	return 0;
}

enum qt_err qr_view_make(const char *text, int rows, int cols, struct qr *q)
{
	static const enum qr_ec levels[] = { QR_EC_M, QR_EC_L };

	for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
		enum qt_err err = qr_make(text, strlen(text), levels[i], q, NULL);
		if (err != QT_OK)
			return err;
		if (margin_for(q, rows, cols) > 0)
			return QT_OK;
		qr_free(q);
	}
	return QT_TOO_LONG;
}

void qr_view_size(const struct qr *q, int rows, int cols, int *used_rows, int *used_cols)
{
	int margin = margin_for(q, rows, cols);
	*used_rows = qr_lines(q, margin, style());
	*used_cols = qr_columns(q, margin, style());
}

void qr_view_draw(const struct qr *q, int y, int x, int rows, int cols)
{
	int margin = margin_for(q, rows, cols);
	int cols_used = margin > 0 ? qr_columns(q, margin, style()) : 0;
	struct buf line = { 0 };

	if (draw_wide_blocks()) {
		for (int row = 0; margin > 0 && row < q->size + 2 * margin; row++)
			for (int col = 0; col < q->size + 2 * margin; col++)
				draw_text(y + row, x + 2 * col, 2,
				          qr_dark(q, col - margin, row - margin) ? STYLE_QR_INK : STYLE_QR, "  ");
		return;
	}
	for (int i = 0; margin > 0 && i < qr_lines(q, margin, style()); i++) {
		buf_reset(&line);
		qr_line(q, margin, style(), i, &line);
		draw_text(y + i, x, cols_used, STYLE_QR, line.data ? line.data : "");
		/* A no-break space ends the row: who copies the screen's text would lose the quiet zone with plain spaces. */
		draw_text(y + i, x + cols_used - 1, 1, STYLE_QR, "\xc2\xa0");
	}
	buf_free(&line);
}
