/* keys: names of keys, both ways. */
#include "shared/tui/tui.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct { int key; const char *name; } names[] = {
	{ TUI_ENTER, "Enter" }, { TUI_ESC, "Esc" }, { TUI_TAB, "Tab" }, { TUI_BACKSPACE, "Backspace" }, { ' ', "Space" },
	{ TUI_UP, "Up" }, { TUI_DOWN, "Down" }, { TUI_LEFT, "Left" }, { TUI_RIGHT, "Right" }, { TUI_HOME, "Home" },
	{ TUI_END, "End" }, { TUI_PAGE_UP, "PgUp" }, { TUI_PAGE_DOWN, "PgDn" }, { TUI_DELETE, "Del" },
	{ TUI_INSERT, "Ins" }, { TUI_BACKTAB, "S-Tab" },
};

const char *tui_key_name(int key)
{
	static char out[8];

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (names[i].key == key)
			return names[i].name;
	if (key > TUI_F0 && key <= TUI_F(24))
		snprintf(out, sizeof out, "F%d", key - TUI_F0);
	else if (key > 0 && key < 0x20)
		snprintf(out, sizeof out, "C-%c", tolower(key + '@'));
	else
		snprintf(out, sizeof out, "%c", key > 0x20 && key < 0x7f ? key : '?');
	return out;
}

int tui_key_by_name(const char *name)
{
	char *end;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcasecmp(names[i].name, name) == 0)
			return names[i].key;
	if ((name[0] == 'F' || name[0] == 'f') && isdigit((unsigned char)name[1])) {
		long n = strtol(name + 1, &end, 10);
		return *end == '\0' && n >= 1 && n <= 24 ? TUI_F((int)n) : 0;
	}
	if (strncasecmp(name, "C-", 2) == 0 && isalpha((unsigned char)name[2]) && name[3] == '\0')
		return TUI_CTRL(name[2]);
	return name[0] > 0x20 && name[0] < 0x7f && name[1] == '\0' ? name[0] : 0;
}
