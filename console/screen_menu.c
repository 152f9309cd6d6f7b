/* screen_menu: every list there is, in groups; and the palette, which finds lists, actions and records while one types. */
#include "console/console_action.h"

#include "shared/text.h"
#include "shared/tr.h"
#include "shared/tui/entry.h"
#include "shared/tui/list.h"

#include <stdlib.h>
#include <string.h>

/* ---- the menu ---- */

struct menu {
	struct list list;
	const struct console_list *lists[CONSOLE_LISTS_MAX];
};

static enum qt_err menu_open(struct screen *s, const void *argument)
{
	struct menu *st = s->state;
	int n = 0;

	(void)argument;
	for (int g = 0; g < GROUP_COUNT; g++)
		for (const struct console_list *l = console_lists; l->noun; l++)
			if (!l->hidden && l->group == g && call_allowed(s->app, cli_command(l->noun, l->verb)))
				st->lists[n++] = l;
	list_set_count(&st->list, n);
	return QT_OK;
}

static void menu_draw(struct screen *s, int rows, int cols)
{
	struct menu *st = s->state;
	int columns = cols >= 78 ? 3 : 2, width = (cols - 2) / columns, y = 1, column = 0, group = -1;
	int total = st->list.count, per = 0;

	for (int i = 0, g = -1; i < total; g = st->lists[i++]->group)
		per += 1 + (st->lists[i]->group != g ? 2 : 0);
	per = (per + columns - 1) / columns + 1;
	for (int i = 0; i < total; i++) {
		const struct console_list *l = st->lists[i];
		if (l->group != group) {
			int members = 0;
			for (int k = i; k < total && st->lists[k]->group == l->group; k++)
				members++;
			if ((y + 2 + members / 2 > per || y + 2 + members > rows) && y > 1 && column + 1 < columns) {
				column++;
				y = 1;
			}
			draw_text(y++, 2 + column * width, width - 2, STYLE_DIM, tr(console_groups[l->group]));
			group = l->group;
		}
		draw_textf(y++, 2 + column * width, width - 4, i == st->list.chosen ? STYLE_SELECTED : STYLE_NORMAL, "  %s",
		           tr(l->title));
		if (i + 1 < total && st->lists[i + 1]->group != group)
			y++;
	}
}

static enum action menu_key(struct screen *s, int key)
{
	struct menu *st = s->state;

	if (key == TUI_ENTER && st->list.count > 0) {
		console_list_push(s->app, &(struct console_list_open){ .list = st->lists[st->list.chosen] });
		return ACTION_DRAW;
	}
	return list_key(&st->list, key, 10) ? ACTION_DRAW : ACTION_PASS;
}

const struct screen_ops screen_menu_ops = {
	.title = N_("All screens"), .state_size = sizeof(struct menu), .open = menu_open, .draw = menu_draw, .key = menu_key,
};

/* ---- the palette ---- */

#define FOUND_MOST 60
#define RECORD_ROWS 5     /* of each list that is searched */

/* A thing that was found. */
struct found {
	const struct console_list *list;
	const struct console_action *action; /* NULL: the list, or a record of it */
	struct json_t *row;                  /* owned; NULL: no record */
};
struct palette {
	struct entry entry;
	struct list list;
	struct found found[FOUND_MOST];
	int64_t asked[CONSOLE_LISTS_MAX];    /* searches under way, by list; 0: none */
	struct palette_search { struct screen *screen; const struct console_list *list; } searches[CONSOLE_LISTS_MAX];
};

static void add_found(struct palette *st, const struct found *f)
{
	if (st->list.count < FOUND_MOST)
		st->found[st->list.count++] = *f;
}

/* Every word typed occurs in the text, in any case. */
static bool matches(const char *text, const char *typed)
{
	char word[64];
	int n;

	for (; sscanf(typed, " %63s%n", word, &n) == 1; typed += n)
		if (strcasestr(text, word) == NULL)
			return false;
	return true;
}

static void add_screens(struct screen *s)
{
	struct palette *st = s->state;
	char text[200];

	for (int with_group = 0; with_group < 2; with_group++) /* what has the name comes before what is near it */
		for (const struct console_list *l = console_lists; l->noun; l++) {
			snprintf(text, sizeof text, "%s %s %s", tr(l->title), l->title, l->noun);
			bool named = matches(text, st->entry.text);
			bool near = !named && with_group && matches(tr(console_groups[l->group]), st->entry.text);
			if (!l->hidden && call_allowed(s->app, cli_command(l->noun, l->verb)) && (with_group ? near : named))
				add_found(st, &(struct found){ .list = l });
		}
	for (const struct console_list *l = console_lists; l->noun && st->entry.len > 0; l++)
		for (const struct console_action *a = l->actions; a && a->label; a++) {
			if ((a->flags & ACTION_ROW) || !call_allowed(s->app, console_action_command(l, a)))
				continue;
			snprintf(text, sizeof text, "%s %s %s %s %s %s", tr(l->title), l->title, tr(a->label), a->label, l->noun,
			         a->verb);
			if (matches(text, st->entry.text))
				add_found(st, &(struct found){ .list = l, .action = a });
		}
}

static void forget_records(struct screen *s)
{
	struct palette *st = s->state;

	for (int i = 0; i < st->list.count; i++)
		jfree(st->found[i].row);
	st->list.count = 0;
	for (int i = 0; i < CONSOLE_LISTS_MAX; i++) {
		console_forget(s->app, st->asked[i]);
		st->asked[i] = 0;
	}
}

static void on_records(void *ctx, enum qt_err err, const struct json_t *body, const struct problem *p)
{
	struct palette_search *search = ctx;
	struct palette *st = search->screen->state;
	const struct json_t *rows = jget(body, cli_command(search->list->noun, search->list->verb)->route->list);

	(void)p;
	st->asked[search->list - console_lists] = 0;
	for (size_t i = 0; err == QT_OK && i < jcount(rows); i++)
		if (st->list.count < FOUND_MOST)
			add_found(st, &(struct found){ .list = search->list, .row = jhold(jat(rows, i)) });
}

/* Lists the server can search by a text are asked for their best rows. */
static void search_records(struct screen *s)
{
	struct palette *st = s->state;
	char *escaped = api_escape(st->entry.text);
	struct buf path = { 0 };

	for (const struct console_list *l = console_lists; l->noun; l++) {
		const struct command *command = cli_command(l->noun, l->verb);
		size_t i = (size_t)(l - console_lists);
		if (l->hidden || l->id == NULL || !call_allowed(s->app, command) || call_field(command, "q") == NULL)
			continue;
		buf_reset(&path);
		buf_addf(&path, "%s?q=%s&limit=%d", command->route->path, escaped, RECORD_ROWS);
		st->searches[i] = (struct palette_search){ s, l };
		st->asked[i] = console_get(s->app, path.data, on_records, &st->searches[i]);
	}
	free(escaped);
	buf_free(&path);
}

static void search_screens(struct screen *s)
{
	struct palette *st = s->state;

	forget_records(s);
	add_screens(s);
	list_set_count(&st->list, st->list.count);
	st->list.chosen = 0;
	if (st->entry.len >= 2)
		search_records(s);
}

static enum qt_err palette_open(struct screen *s, const void *argument)
{
	struct palette *st = s->state;

	(void)argument;
	st->entry.most = 60;
	search_screens(s);
	return QT_OK;
}

/* A record in one line: its first members. */
static void record_line(const struct console *c, const struct found *f, struct buf *out)
{
	const char *columns = f->list->columns ? f->list->columns : cli_command(f->list->noun, f->list->verb)->route->columns;
	struct view v = console_view(c, f->row);
	char name[32];
	int n;

	for (int i = 0; columns && i < 4 && sscanf(columns, " %31s%n", name, &n) == 1; i++, columns += n) {
		const struct json_t *value = jget(f->row, name);
		if (value == NULL || jkind_of(value) == JKIND_NULL)
			continue;
		buf_adds(out, i ? "  " : "");
		view_value(out, &v, f->row, name, value);
	}
}

struct found_row {
	const struct screen *screen;
	int cols;
};

static void draw_found(void *ctx, int index, int y, bool chosen)
{
	const struct found_row *r = ctx;
	const struct palette *st = r->screen->state;
	const struct found *f = &st->found[index];
	enum style style = chosen ? STYLE_SELECTED : STYLE_DIALOG;
	struct buf line = { 0 };
	int side = r->cols > 60 ? 18 : 12;

	if (f->row)
		record_line(r->screen->app, f, &line);
	else
		buf_adds(&line, f->action ? tr(f->action->label) : tr(f->list->title));
	draw_text(y, 2, r->cols - side - 4, style, line.data);
	draw_text(y, r->cols - side - 2, side, style, f->row || f->action ? tr(f->list->title) : tr(console_groups[f->list->group]));
	buf_free(&line);
}

static void palette_draw(struct screen *s, int rows, int cols)
{
	struct palette *st = s->state;
	int width = cols < 84 ? cols - 6 : 76, height = rows < 24 ? rows - 2 : 22;
	struct canvas before = draw_canvas(draw_inside(1, (cols - width) / 2, height, width));
	struct found_row r = { s, width };

	draw_fill(0, 0, height, width, STYLE_DIALOG);
	draw_text(1, 2, 1, STYLE_DIALOG, ":");
	entry_draw(&st->entry, 1, 4, width - 6, true);
	list_draw(&st->list, 3, height - 5, draw_found, &r);
	if (st->list.count == 0)
		draw_text(3, 2, width - 4, STYLE_DIALOG, tr("nothing has all these words"));
	draw_text(height - 1, 2, width - 4, STYLE_DIALOG, tr("Enter: open   Esc: back"));
	draw_canvas(before);
}

static enum action go(struct screen *s)
{
	struct palette *st = s->state;
	struct console *c = s->app;

	if (st->list.count == 0)
		return ACTION_NONE;
	struct found f = st->found[st->list.chosen];
	struct json_t *row = jhold(f.row);
	tui_drop(s); /* what opens stands in its place */
	if (row) {
		console_record_push(c, &(struct console_record_open){ .list = f.list, .row = row });
	} else {
		console_list_push(c, &(struct console_list_open){ .list = f.list });
		if (f.action)
			console_do(c, f.list, f.action, NULL);
	}
	jfree(row);
	return ACTION_DRAW;
}

static enum action palette_key(struct screen *s, int key)
{
	struct palette *st = s->state;

	if (key == TUI_ENTER)
		return go(s);
	if (key == TUI_ESC)
		return ACTION_POP;
	if (key != TUI_HOME && key != TUI_END && list_key(&st->list, key, 10))
		return ACTION_DRAW;
	if (!entry_key(&st->entry, key))
		return ACTION_PASS;
	search_screens(s);
	return ACTION_DRAW;
}

static void palette_close(struct screen *s)
{
	forget_records(s);
}

static bool palette_typing(const struct screen *s)
{
	(void)s;
	return true;
}

const struct screen_ops screen_palette_ops = {
	.title = N_("Find"), .state_size = sizeof(struct palette), .overlay = true, .open = palette_open,
	.draw = palette_draw, .key = palette_key, .close = palette_close, .typing = palette_typing,
};
