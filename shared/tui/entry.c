/* entry: see entry.h. */
#include "shared/tui/entry.h"

#include "shared/text.h"

#include <string.h>

void entry_set(struct entry *e, const char *text)
{
	size_t room = e->most ? (size_t)e->most : sizeof e->text - 1, n = strlen(text), take = 0, step;

	while (take < n && (step = text_utf8_length(text + take, n - take)) > 0 && take + step <= room)
		take += step;
	memcpy(e->text, text, take);
	e->text[take] = '\0';
	e->len = e->at = take;
}

void entry_clear(struct entry *e)
{
	explicit_bzero(e->text, sizeof e->text);
	e->len = e->at = 0;
}

static bool takes(const struct entry *e, int key)
{
	if (key < 0x20 || key == 0x7f || key > 0x10ffff)
		return false;
	bool digit = key >= '0' && key <= '9';
	switch (e->kind) {
	case ENTRY_DIGITS: return digit;
	case ENTRY_AMOUNT: return digit || key == '.' || key == ',';
	case ENTRY_SALE: return digit || key == '*' || key == '.' || key == ',';
	case ENTRY_TEXT:
	case ENTRY_SECRET: break;
	}
	return true;
}

static void insert(struct entry *e, int key)
{
	char utf8[4];
	size_t n = key < 0x80 ? 1 : key < 0x800 ? 2 : key < 0x10000 ? 3 : 4;
	size_t room = e->most ? (size_t)e->most : sizeof e->text - 1;

	if (e->len + n > room)
		return;
	for (size_t i = n; i-- > 1; key >>= 6)
		utf8[i] = (char)(0x80 | (key & 63));
	utf8[0] = (char)(n == 1 ? key : (0xf00 >> n & 0xff) | key);
	memmove(e->text + e->at + n, e->text + e->at, e->len - e->at + 1);
	memcpy(e->text + e->at, utf8, n);
	e->len += n;
	e->at += n;
}

static void step(struct entry *e, int by)
{
	do
		e->at += (size_t)by;
	while (e->at > 0 && e->at < e->len && (e->text[e->at] & 0xc0) == 0x80);
}

bool entry_key(struct entry *e, int key)
{
	switch (key) {
	case TUI_LEFT:
		if (e->at > 0)
			step(e, -1);
		return e->len > 0;
	case TUI_RIGHT:
		if (e->at < e->len)
			step(e, 1);
		return e->len > 0;
	case TUI_HOME: case TUI_CTRL('a'):
		e->at = 0;
		return e->len > 0;
	case TUI_END:
		e->at = e->len;
		return e->len > 0;
	case TUI_CTRL('u'):
		entry_clear(e);
		return true;
	case TUI_BACKSPACE: case TUI_DELETE:
		if (e->len == 0 || (key == TUI_BACKSPACE ? e->at == 0 : e->at == e->len))
			return e->len > 0;
		size_t from = e->at;
		step(e, key == TUI_BACKSPACE ? -1 : 1);
		size_t low = e->at < from ? e->at : from, high = e->at < from ? from : e->at;
		memmove(e->text + low, e->text + high, e->len - high + 1);
		e->len -= high - low;
		e->at = low;
		return true;
	default:
		if (!takes(e, key))
			return false;
		insert(e, key);
		return true;
	}
}

void entry_draw(const struct entry *e, int y, int x, int width, bool focus)
{
	char shown[sizeof e->text];
	size_t start = 0;

	for (size_t i = 0; i <= e->len; i++)
		shown[i] = e->kind == ENTRY_SECRET && i < e->len ? '*' : e->text[i];
	/* Keep the cursor in sight. */
	shown[e->len] = '\0';
	char rest = shown[e->at];
	shown[e->at] = '\0';
	while (text_columns(shown + start) >= width && start < e->at)
		do
			start++;
		while ((shown[start] & 0xc0) == 0x80);
	int cursor = text_columns(shown + start);
	shown[e->at] = rest;
	size_t fit = text_fit(shown + start, width, NULL);
	shown[start + fit] = '\0';
	draw_text(y, x, width, STYLE_FIELD, shown + start);
	if (!focus)
		return;
	char under[8] = " ";
	if (e->at < start + fit && e->kind != ENTRY_SECRET) {
		size_t n = text_utf8_length(e->text + e->at, e->len - e->at);
		memcpy(under, e->text + e->at, n);
		under[n] = '\0';
	}
	draw_text(y, x + cursor, -1, STYLE_SELECTED, under);
}
