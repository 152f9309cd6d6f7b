/* screen_code: one code as large as the terminal allows, with its text for whoever types it. */
#include "console/console.h"

#include "shared/tr.h"
#include "shared/tui/qr_view.h"

#include <stdlib.h>
#include <string.h>

struct code_screen {
	char *text, *title; /* owned */
};

static enum qt_err code_open(struct screen *s, const void *argument)
{
	const struct console_code_open *open = argument;
	struct code_screen *st = s->state;

	st->text = xstrdup(open->text);
	st->title = xstrdup(open->title ? open->title : "");
	return QT_OK;
}

static void code_draw(struct screen *s, int rows, int cols)
{
	const struct code_screen *st = s->state;
	struct qr qr;
	int used_rows = 0, used_cols = 0, left = cols >= 100 ? 44 : 0;

	if (qr_view_make(st->text, rows - (left ? 0 : 1), cols - left, &qr) == QT_OK) {
		qr_view_size(&qr, rows - (left ? 0 : 1), cols - left, &used_rows, &used_cols);
		qr_view_draw(&qr, 0, left + (cols - left - used_cols) / 2, used_rows, used_cols);
		qr_free(&qr);
	} else {
		draw_text(2, 2, cols - 4, STYLE_WARN, tr("the window is too small for this code"));
		draw_wrapped(4, 2, rows - 5, cols - 4, STYLE_NORMAL, st->text);
		return;
	}
	if (left) {
		draw_text(1, 2, left - 4, STYLE_BOLD, st->title);
		draw_wrapped(3, 2, 12, left - 4, STYLE_NORMAL, st->text);
	} else {
		draw_text(rows - 1, 1, cols - 2, STYLE_NORMAL, st->text);
	}
}

static void code_close(struct screen *s)
{
	struct code_screen *st = s->state;
	free(st->text);
	free(st->title);
}

const struct screen_ops screen_code_ops = {
	.title = N_("Code"), .state_size = sizeof(struct code_screen), .open = code_open, .draw = code_draw,
	.close = code_close,
};
