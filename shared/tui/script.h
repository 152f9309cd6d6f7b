/* script: drives a program without a terminal: keys in, screen dumps out. One command a line, # begins a comment:
 *   type TEXT            the characters of TEXT, one key each
 *   key NAME...          keys by their names: F12 Enter Esc Up C-p
 *   scan TEXT            what a barcode scanner would send
 *   wait TEXT            until the screen shows TEXT; fails after 10 s
 *   gone TEXT            until the screen does not show it
 *   idle                 until no answer is awaited
 *   dump FILE            write the screen's text; "-" is standard output
 * The end of the file ends the program. A failed wait dumps the screen to standard error; the exit status is then 1. */
#ifndef QT_TUI_SCRIPT_H
#define QT_TUI_SCRIPT_H

#include "shared/tui/tui.h"

struct script;
enum qt_err script_open(const char *path, struct script **, struct problem *) QT_USE_RESULT;
void script_close(struct script *); /* NULL is allowed */
/* One command, once per turn of the loop. true: the program ends now, *exit_status says how. */
bool script_step(struct script *, struct tui *, int *exit_status);
int script_wait_ms(const struct script *); /* how long the loop may wait for the network */

#endif
