/* screen_picture: a captured terminal screen (text with SGR colours, as `tmux capture-pane -e -p` gives it) as a
 * picture, so that what a till really shows can be read back by a barcode reader. Only colours and block characters
 * are drawn: letters leave their cell in its background. */
#ifndef QT_SCREEN_PICTURE_H
#define QT_SCREEN_PICTURE_H

#include "shared/buf.h"

#include <stdint.h>

#define SCREEN_CELL_WIDTH 8   /* pixels of a cell; half blocks are squares */
#define SCREEN_CELL_HEIGHT 16
#define SCREEN_COLUMNS_MAX 1000
#define SCREEN_LINES_MAX 1000

/* PNG (RGB) of the capture. QT_BAD_FIELD when it is empty or larger than the limits. */
enum qt_err screen_picture(const char *text, size_t len, struct buf *png, struct problem *) QT_USE_RESULT;

#endif
