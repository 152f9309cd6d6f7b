/* remap: see remap.h. */
#include "shared/tui/remap.h"

#include <stdlib.h>
#include <string.h>

enum qt_err remap_parse(struct remap *r, const char *text, struct problem *p)
{
	char *save = NULL;

	memset(r, 0, sizeof *r);
	if (text == NULL)
		return QT_OK;
	r->text = xstrdup(text);
	for (char *word = strtok_r(r->text, " ,", &save); word; word = strtok_r(NULL, " ,", &save)) {
		char *equals = strchr(word, '='), *colon = equals && equals[1] ? strchr(equals + 2, ':') : NULL;
		if (colon)
			*colon = '\0';
		int key = equals ? tui_key_by_name(equals + 1) : 0, key2 = colon ? tui_key_by_name(colon + 1) : 0;
		if (colon)
			*colon = ':';
		if (key == 0 || (colon && key2 == 0) || r->count == REMAP_MOST)
			return problem_set(p, QT_BAD_CONFIG, "keys", "%s is not NAME=KEY or NAME=KEY:KEY with names of keys", word);
		*equals = '\0';
		r->rows[r->count].name = word;
		r->rows[r->count].key = key;
		r->rows[r->count++].key2 = key2;
	}
	return QT_OK;
}

void remap_free(struct remap *r)
{
	free(r->text);
	r->text = NULL;
	r->count = 0;
}

int remap_first(const struct remap *r, const struct binding *b)
{
	for (int i = 0; i < r->count; i++)
		if (strcmp(r->rows[i].name, b->name) == 0)
			return r->rows[i].key;
	return b->key;
}

int remap_second(const struct remap *r, const struct binding *b)
{
	for (int i = 0; i < r->count; i++)
		if (strcmp(r->rows[i].name, b->name) == 0 && r->rows[i].key2)
			return r->rows[i].key2;
	return b->key2;
}

const struct binding *remap_find(const struct remap *r, const struct binding *b, int key)
{
	for (; b && b->name; b++)
		if (remap_first(r, b) == key || (remap_second(r, b) != 0 && remap_second(r, b) == key))
			return b;
	return NULL;
}

static bool has_name(const struct binding *b, const char *name)
{
	for (; b && b->name; b++)
		if (strcmp(b->name, name) == 0)
			return true;
	return false;
}

/* Keys that type, choose or answer: a command given one of them would take it from every screen. */
static bool is_for_typing(int key)
{
	static const int keys[] = { TUI_ENTER, TUI_ESC, TUI_TAB, TUI_BACKSPACE, TUI_UP, TUI_DOWN, TUI_LEFT, TUI_RIGHT, TUI_HOME,
	                            TUI_END, TUI_PAGE_UP, TUI_PAGE_DOWN, TUI_BACKTAB, ' ', '+', '-', '*', '.', ',' };

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if (keys[i] == key)
			return true;
	return key >= '0' && key <= '9';
}

/* Two commands on one key: of the tables that hold on one screen at the same time. */
static enum qt_err check_screen(const struct remap *r, const struct binding *const tables[3], const char *screen,
                                struct problem *p)
{
	for (int i = 0; i < 3; i++)
		for (const struct binding *b = tables[i]; b && b->name; b++) {
			const int keys[2] = { remap_first(r, b), remap_second(r, b) };
			for (int k = 0; k < 2; k++) {
				if (keys[k] != b->key && keys[k] != b->key2 && is_for_typing(keys[k]))
					return problem_set(p, QT_BAD_CONFIG, "keys", "%s cannot have %s: it types or chooses", b->name,
					                   tui_key_name(keys[k]));
				for (int j = 0; keys[k] && j < 3; j++) {
					const struct binding *other = remap_find(r, tables[j], keys[k]);
					if (other && other != b)
						return problem_set(p, QT_BAD_CONFIG, "keys", "%s is both %s and %s (%s)",
						                   tui_key_name(keys[k]), b->name, other->name, screen);
				}
			}
		}
	return QT_OK;
}

enum qt_err remap_check(const struct remap *r, const struct screen_ops *const *screens, const struct binding *program,
                        const struct binding *always, struct problem *p)
{
	enum qt_err err = QT_OK;

	for (int i = 0; i < r->count; i++) {
		bool known = has_name(program, r->rows[i].name) || has_name(always, r->rows[i].name);
		for (int k = 0; screens[k] && !known; k++)
			known = has_name(screens[k]->keys, r->rows[i].name);
		if (!known)
			return problem_set(p, QT_BAD_CONFIG, "keys", "nothing is called %s", r->rows[i].name);
	}
	for (int i = 0; screens[i] && err == QT_OK; i++) {
		const struct binding *const tables[3] = { screens[i]->keys, program, always };
		err = check_screen(r, tables, screens[i]->title, p);
	}
	return err;
}
