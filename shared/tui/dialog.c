/* dialog: see dialog.h. */
#include "shared/tui/dialog.h"

#include "shared/tr.h"

#include <stdio.h>
#include <string.h>

struct box {
	struct dialog d;
	struct entry entry;
};

static enum qt_err box_open(struct screen *s, const void *argument)
{
	struct box *b = s->state;
	b->d = *(const struct dialog *)argument;
	b->entry.kind = b->d.kind;
	b->entry.most = b->d.most;
	return QT_OK;
}

static void box_draw(struct screen *s, int rows, int cols)
{
	const struct box *b = s->state;
	int width = cols < 64 ? cols - 4 : 60, height = 10;
	struct canvas before = draw_canvas(draw_inside((rows - height) / 2, (cols - width) / 2, height, width));

	draw_fill(0, 0, height, width, STYLE_DIALOG);
	draw_text(1, 3, width - 6, STYLE_DIALOG, b->d.title);
	draw_wrapped(3, 3, b->d.ask_text ? 3 : 5, width - 6, STYLE_DIALOG, b->d.text);
	if (b->d.ask_text)
		entry_draw(&b->entry, 6, 3, width - 6, true);
	draw_text(8, 3, width - 6, STYLE_DIALOG, b->d.ask_text ? tr("Enter: done   Esc: back") : tr("y: yes   n: no"));
	draw_canvas(before);
}

static enum action answer(struct screen *s)
{
	struct box *b = s->state;
	struct dialog d = b->d;
	char text[sizeof b->entry.text];

	snprintf(text, sizeof text, "%s", b->entry.text);
	entry_clear(&b->entry);
	b->d.answered = NULL; /* once */
	b->d.dropped = NULL;
	if (d.answered)
		d.answered(d.ctx, text);
	explicit_bzero(text, sizeof text);
	return ACTION_POP;
}

static enum action box_key(struct screen *s, int key)
{
	struct box *b = s->state;

	const struct binding *of = tui_binding(s, key);
	if (key == TUI_ESC)
		return ACTION_POP;
	if (of && of->anywhere && (key < ' ' || key > 0x10ffff))
		return ACTION_PASS;
	if (b->d.ask_text) {
		if (key == TUI_ENTER)
			return answer(s);
		entry_key(&b->entry, key);
		return ACTION_DRAW;
	}
	if (key == 'y' || key == 'Y')
		return answer(s);
	return key == 'n' || key == 'N' ? ACTION_POP : ACTION_DRAW;
}

static void box_close(struct screen *s)
{
	struct box *b = s->state;

	entry_clear(&b->entry);
	if (b->d.dropped)
		b->d.dropped(b->d.ctx);
}

static enum action box_scan(struct screen *s, const char *text)
{
	struct box *b = s->state;

	if (b->d.ask_text && b->entry.kind == ENTRY_TEXT) {
		entry_set(&b->entry, text);
		return answer(s);
	}
	if (b->d.ask_text) { /* typed quickly: keys after all, but never the Enter */
		for (; *text; text++)
			entry_key(&b->entry, (unsigned char)*text);
	}
	return ACTION_DRAW;
}

static const struct key_help box_more[] = {
	{ "Enter", N_("what was typed is the answer") },
	{ "y  n", N_("yes, or no, where nothing is to be typed") },
	{ NULL }
};

static const struct screen_ops box_ops = {
	.title = N_("Question"), .more = box_more, .state_size = sizeof(struct box), .overlay = true,
	.open = box_open, .draw = box_draw, .key = box_key, .scan = box_scan, .close = box_close,
};

void dialog_push(struct tui *t, const struct dialog *d)
{
	screen_push(t, &box_ops, d);
}
