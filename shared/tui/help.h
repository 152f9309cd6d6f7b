/* help: the page F1 shows, made from the binding tables of a screen and of the program. */
#ifndef QT_TUI_HELP_H
#define QT_TUI_HELP_H

#include "shared/tui/tui.h"

void help_push(struct tui *, const struct screen_ops *of, const struct binding *program);

#endif
