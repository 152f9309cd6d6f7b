/* list: which row of a list is chosen and which is at the top; keeps the chosen one in sight. */
#ifndef QT_TUI_LIST_H
#define QT_TUI_LIST_H

#include "shared/tui/tui.h"

struct list {
	int count, chosen, top;
};
void list_set_count(struct list *, int count); /* keeps chosen within */
bool list_key(struct list *, int key, int rows); /* true: moved or at the end */
/* Calls draw for each visible row with its place; `rows` is the height. */
void list_draw(struct list *, int y, int rows, void (*row)(void *ctx, int index, int y, bool chosen), void *ctx);
/* The same for rows of more than one line. */
void list_draw_tall(struct list *, int y, int rows, int (*height)(void *ctx, int index),
                    void (*row)(void *ctx, int index, int y, bool chosen), void *ctx);

#endif
