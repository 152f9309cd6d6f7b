/* entry: one line that is typed into, UTF-8, edited with the usual keys. */
#ifndef QT_TUI_ENTRY_H
#define QT_TUI_ENTRY_H

#include "shared/tui/tui.h"

enum entry_kind {
	ENTRY_TEXT,
	ENTRY_DIGITS, /* 0-9 */
	ENTRY_AMOUNT, /* 0-9 . , */
	ENTRY_SALE,   /* 0-9 * . , */
	ENTRY_SECRET  /* any; shown as stars */
};
struct entry {
	char text[512];
	size_t len, at;  /* bytes; at is the cursor */
	enum entry_kind kind;
	int most;        /* bytes at most; 0: as many as there is room for */
};
void entry_set(struct entry *, const char *text);
void entry_clear(struct entry *); /* also wipes the memory: it may have been a PIN */
/* false: not a key of editing; nothing changed. */
bool entry_key(struct entry *, int key);
/* `focus` shows the cursor. */
void entry_draw(const struct entry *, int y, int x, int width, bool focus);

#endif
