/* ean_bars: the bars of an EAN-13 (ISO/IEC 15420), for labels and terminals. Reading is picture.h's. */
#ifndef QT_EAN_BARS_H
#define QT_EAN_BARS_H

#include "shared/buf.h"

#include <stdint.h>

#define EAN_BARS_MODULES 113 /* 95 of the symbol, 11 of quiet zone before it, 7 after */

/* One byte a module, 1 dark, quiet zones included. `digits`: 13, check digit right. */
void ean_bars(const char *digits, uint8_t modules[EAN_BARS_MODULES]);
/* PNG, `scale` pixels a module, 60 modules high. */
void ean_bars_png(const char *digits, int scale, struct buf *out);
void ean_bars_svg(const char *digits, struct buf *out);
/* Lines of quarter-width bars for a terminal: two modules a cell, black on white, 57 columns. */
void ean_bars_terminal(const char *digits, int lines, struct buf *out);

#endif
