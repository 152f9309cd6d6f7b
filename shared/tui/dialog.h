/* dialog: a box above the screen that asks for yes or no, or for one line. Nothing that moves money is answered by
 * Enter alone: a scan ends with Enter. */
#ifndef QT_TUI_DIALOG_H
#define QT_TUI_DIALOG_H

#include "shared/tui/entry.h"

struct dialog {
	const char *title;          /* already translated; read while the dialog is open: static or the caller's */
	char text[512];             /* what is asked */
	bool ask_text;              /* a line is typed; else y and n answer */
	enum entry_kind kind;
	int most;                   /* of the line, bytes */
	/* Called when answered (not on Esc or n); `text` is the line, or empty. The dialog is closed first. */
	void (*answered)(void *ctx, const char *text);
	void (*dropped)(void *ctx); /* called when it is closed without an answer; NULL: nobody */
	void *ctx;
};
void dialog_push(struct tui *, const struct dialog *); /* copied */

#endif
