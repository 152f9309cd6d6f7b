/* form: see form.h. */
#include "shared/tui/form.h"

#include "shared/tr.h"

#include <assert.h>

void form_add(struct form *f, const char *label, enum entry_kind kind, int most, const char *text)
{
	assert(f->count < FORM_MOST);
	f->fields[f->count].label = label;
	f->fields[f->count].entry.kind = kind;
	f->fields[f->count].entry.most = most;
	entry_set(&f->fields[f->count].entry, text ? text : "");
	f->count++;
}

const char *form_text(const struct form *f, int field)
{
	return f->fields[field].entry.text;
}

enum form_result form_key(struct form *f, int key)
{
	switch (key) {
	case TUI_TAB: case TUI_DOWN:
		f->now = (f->now + 1) % f->count;
		return FORM_CHANGED;
	case TUI_BACKTAB: case TUI_UP:
		f->now = (f->now + f->count - 1) % f->count;
		return FORM_CHANGED;
	case TUI_ENTER:
		if (f->now == f->count - 1)
			return FORM_SEND;
		f->now++;
		return FORM_CHANGED;
	default:
		f->error[0] = '\0';
		return entry_key(&f->fields[f->now].entry, key) ? FORM_CHANGED : FORM_PASS;
	}
}

int form_draw(const struct form *f, int y, int x, int width, int label_width)
{
	int rows = 0;

	for (int i = 0; i < f->count; i++, rows += 2) {
		draw_text(y + rows, x, label_width, i == f->now ? STYLE_BOLD : STYLE_DIM, tr(f->fields[i].label));
		entry_draw(&f->fields[i].entry, y + rows, x + label_width, width - label_width, i == f->now);
	}
	if (f->error[0])
		rows += draw_wrapped(y + rows, x, 3, width, STYLE_BAD, f->error);
	return rows;
}

void form_wipe(struct form *f)
{
	for (int i = 0; i < f->count; i++)
		entry_clear(&f->fields[i].entry);
}
