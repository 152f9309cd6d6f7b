/* term: the terminal itself, by ncurses: started, read, shown, and always given back. Of the framework only. */
#ifndef QT_TUI_TERM_H
#define QT_TUI_TERM_H

#include "shared/err.h"

/* `headless`: no terminal at all; rows and columns as given (scripts). */
enum qt_err term_start(bool headless, int rows, int cols, struct problem *) QT_USE_RESULT;
void term_stop(void);
/* Next key (tui.h), 0 when there is none now, -1 when the terminal is gone. Never waits, but for the rest of an
 * escape sequence (25 ms). */
int term_read_key(void);
/* A signal asked the program to end. */
bool term_ending(void);
void term_clear(int *rows, int *cols);
void term_show(void);
/* What is shown; caller frees. */
char *term_text(void);
/* Columns the terminal gives a character of ambiguous width (block elements): 1 or 2, asked from the terminal itself
 * before term_start; 1 when it does not answer within 200 ms. */
int term_ask_ambiguous_width(void);

#endif
