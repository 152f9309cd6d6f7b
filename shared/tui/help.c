/* help: see help.h. */
#include "shared/tui/help.h"

#include "shared/tr.h"

#include <stdio.h>
#include <string.h>

struct help {
	const struct screen_ops *of;
	const struct binding *program;
	int first; /* line at the top */
	int last;  /* of the lines that may be there, as drawn */
};

static enum qt_err help_open(struct screen *s, const void *argument)
{
	memcpy(s->state, argument, sizeof(struct help));
	return QT_OK;
}

static void draw_row(int y, int rows, int cols, const char *keys, const char *text)
{
	if (y < 0 || y >= rows)
		return;
	draw_text(y, 3, 16, STYLE_BOLD, keys);
	draw_text(y, 20, cols - 22, STYLE_NORMAL, text);
}

static int draw_table(const struct tui *t, const struct binding *b, int y, int rows, int cols)
{
	for (; b && b->name; b++, y++) {
		char keys[40];
		int key, key2;
		tui_binding_keys(t, b, &key, &key2);
		int n = snprintf(keys, sizeof keys, "%s", tui_key_name(key));
		if (key2 != 0)
			snprintf(keys + n, sizeof keys - (size_t)n, "  %s", tui_key_name(key2));
		draw_row(y, rows, cols, keys, tr(b->help ? b->help : b->label));
	}
	return y;
}

/* Rows of the whole page. */
static int page_rows(const struct help *h)
{
	const struct binding *const tables[] = { h->of->keys, h->program, tui_always() };
	int rows = 6; /* two heads, Esc, and what is free between */

	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
		for (const struct binding *b = tables[i]; b && b->name; b++)
			rows++;
	for (const struct key_help *k = h->of->more; k && k->keys; k++)
		rows++;
	return rows;
}

static void help_draw(struct screen *s, int rows, int cols)
{
	struct help *h = s->state;
	int room = rows - 1, all = page_rows(h);

	h->last = all > room ? all - room : 0;
	if (h->first > h->last)
		h->first = h->last;
	int y = 1 - h->first;
	if (y >= 0 && y < room)
		draw_textf(y, 3, cols - 5, STYLE_DIM, "%s: %s", tr("Keys of"), tr(h->of->title));
	y = draw_table(s->tui, h->of->keys, y + 1, room, cols);
	for (const struct key_help *k = h->of->more; k && k->keys; k++)
		draw_row(y++, room, cols, tr(k->keys), tr(k->help));
	y++;
	if (y >= 0 && y < room)
		draw_text(y, 3, cols - 5, STYLE_DIM, tr("Everywhere"));
	y = draw_table(s->tui, h->program, y + 1, room, cols);
	y = draw_table(s->tui, tui_always(), y, room, cols);
	draw_row(y, room, cols, "Esc", tr("back to the screen before"));
	draw_text(rows - 1, 3, cols - 16, STYLE_DIM, tr("Up and Down move the page; any other key goes back"));
	if (h->first < h->last)
		draw_right(rows - 1, cols - 12, 10, STYLE_BOLD, tr("more: Down"));
}

static enum action help_key(struct screen *s, int key)
{
	struct help *h = s->state;

	if (key == TUI_DOWN || key == TUI_PAGE_DOWN)
		h->first += key == TUI_DOWN ? 1 : 10;
	else if (key == TUI_UP || key == TUI_PAGE_UP)
		h->first -= key == TUI_UP ? 1 : 10;
	else
		return ACTION_POP;
	if (h->first > h->last)
		h->first = h->last;
	if (h->first < 0)
		h->first = 0;
	return ACTION_DRAW;
}

static enum action help_scan(struct screen *s, const char *text)
{
	(void)s, (void)text;
	return ACTION_POP;
}

static const struct screen_ops help_ops = {
	.title = N_("Help"), .state_size = sizeof(struct help),
	.open = help_open, .draw = help_draw, .key = help_key, .scan = help_scan,
};

void help_push(struct tui *t, const struct screen_ops *of, const struct binding *program)
{
	const struct help h = { of, program, 0, 0 };
	if (of != &help_ops)
		screen_push(t, &help_ops, &h);
}
