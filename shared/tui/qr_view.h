/* qr_view: a QR symbol on the screen, as large as fits, black on white with its quiet zone: a module is two cells where
 * there is room, else half a cell high by half blocks. */
#ifndef QT_TUI_QR_VIEW_H
#define QT_TUI_QR_VIEW_H

#include "shared/qr.h"
#include "shared/tui/tui.h"

/* The symbol for `text` at the best error correction that still fits in rows x cols (level M, else L). QT_TOO_LONG when
 * even L with a margin of 2 modules does not fit: the window is too small. The caller qr_free()s it. */
enum qt_err qr_view_make(const char *text, int rows, int cols, struct qr *) QT_USE_RESULT;
/* Rows and columns it takes there; then paint it. */
void qr_view_size(const struct qr *, int rows, int cols, int *used_rows, int *used_cols);
void qr_view_draw(const struct qr *, int y, int x, int rows, int cols);

#endif
