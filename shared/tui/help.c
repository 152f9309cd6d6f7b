/* help: see help.h. */
#include "shared/tui/help.h"

#include "shared/tr.h"

#include <stdio.h>
#include <string.h>

struct help {
	const struct screen_ops *of;
	const struct binding *program;
	int first; /* line at the top */
};

static enum qt_err help_open(struct screen *s, const void *argument)
{
	memcpy(s->state, argument, sizeof(struct help));
	return QT_OK;
}

static int draw_table(const struct binding *b, int y, int rows, int cols)
{
	for (; b && b->name; b++, y++) {
		char keys[40];
		int n = snprintf(keys, sizeof keys, "%s", tui_key_name(b->key));
		if (b->key2 != 0)
			snprintf(keys + n, sizeof keys - (size_t)n, "  %s", tui_key_name(b->key2));
		if (y < 0 || y >= rows)
			continue;
		draw_text(y, 3, 16, STYLE_BOLD, keys);
		draw_text(y, 20, cols - 22, STYLE_NORMAL, tr(b->help ? b->help : b->label));
	}
	return y;
}

static void help_draw(struct screen *s, int rows, int cols)
{
	const struct help *h = s->state;
	static const struct binding always[] = {
		{ "help", 1, TUI_F(1), '?', NULL, N_("this page") },
		{ "back", 2, TUI_ESC, 0, NULL, N_("back to the screen before") },
		{ NULL }
	};
	int y = 1 - h->first;

	if (y >= 0 && y < rows)
		draw_textf(y, 3, cols - 5, STYLE_DIM, "%s: %s", tr("Keys of"), tr(h->of->title));
	y = draw_table(h->of->keys, y + 2, rows - 1, cols) + 1;
	if (y >= 0 && y < rows)
		draw_text(y, 3, cols - 5, STYLE_DIM, tr("Everywhere"));
	y = draw_table(h->program, y + 1, rows - 1, cols);
	draw_table(always, y, rows - 1, cols);
	draw_text(rows - 1, 3, cols - 5, STYLE_DIM, tr("Up and Down move the page; any other key goes back"));
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
	if (h->first < 0)
		h->first = 0;
	if (h->first > 40)
		h->first = 40;
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
	const struct help h = { of, program, 0 };
	if (of != &help_ops)
		screen_push(t, &help_ops, &h);
}
