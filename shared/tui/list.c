/* list: see list.h. */
#include "shared/tui/list.h"

void list_set_count(struct list *l, int count)
{
	l->count = count;
	if (l->chosen >= count)
		l->chosen = count > 0 ? count - 1 : 0;
	if (l->chosen < 0)
		l->chosen = 0;
}

bool list_key(struct list *l, int key, int rows)
{
	int to;

	switch (key) {
	case TUI_UP: to = l->chosen - 1; break;
	case TUI_DOWN: to = l->chosen + 1; break;
	case TUI_PAGE_UP: to = l->chosen - (rows > 1 ? rows - 1 : 1); break;
	case TUI_PAGE_DOWN: to = l->chosen + (rows > 1 ? rows - 1 : 1); break;
	case TUI_HOME: to = 0; break;
	case TUI_END: to = l->count - 1; break;
	default: return false;
	}
	if (to >= l->count)
		to = l->count - 1;
	l->chosen = to < 0 ? 0 : to;
	return true;
}

/* Which one is chosen is seen without colours, too. */
static void mark(int y)
{
	draw_text(y, 0, 1, STYLE_SELECTED, ">");
}

void list_draw(struct list *l, int y, int rows, void (*row)(void *ctx, int index, int y, bool chosen), void *ctx)
{
	if (l->chosen < l->top)
		l->top = l->chosen;
	if (l->chosen >= l->top + rows)
		l->top = l->chosen - rows + 1;
	if (l->top > l->count - rows)
		l->top = l->count > rows ? l->count - rows : 0;
	for (int i = 0; i < rows && l->top + i < l->count; i++)
		row(ctx, l->top + i, y + i, l->top + i == l->chosen);
	if (l->count > 0 && l->chosen < l->top + rows)
		mark(y + l->chosen - l->top);
}

void list_draw_tall(struct list *l, int y, int rows, int (*height)(void *ctx, int index),
                    void (*row)(void *ctx, int index, int y, bool chosen), void *ctx)
{
	int used = 0, last = y + rows;

	if (l->chosen < l->top)
		l->top = l->chosen;
	for (int i = l->top; i <= l->chosen && i < l->count; i++)
		used += height(ctx, i);
	while (used > rows && l->top < l->chosen)
		used -= height(ctx, l->top++);
	for (int i = l->chosen + 1; i < l->count; i++)
		used += height(ctx, i);
	while (l->top > 0 && used + height(ctx, l->top - 1) <= rows)
		used += height(ctx, --l->top);
	for (int i = l->top; i < l->count && y + height(ctx, i) <= last; i++) {
		row(ctx, i, y, i == l->chosen);
		if (i == l->chosen)
			mark(y);
		y += height(ctx, i);
	}
}
