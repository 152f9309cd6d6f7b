/* screen_record: one record, all its members, with the actions of its list; the code in it is shown on a key. */
#include "console/console_action.h"

#include "shared/text.h"
#include "shared/tr.h"
#include "shared/tui/list.h"

#include <stdlib.h>
#include <string.h>

enum { KEY_CODE = 100 };

struct record {
	const struct console_list *list;
	struct json_t *row;     /* owned; what is shown */
	int64_t asked;          /* the whole record is on its way */
	int64_t changes;
	char *text;             /* owned; lines */
	int top, lines, page;
	int left;               /* columns that tables are moved to the left */
	bool whole;             /* nothing more to ask for */
	char language;          /* of the text, its first letter */
	char currency[4];
};

static void make_text(struct screen *s)
{
	struct record *st = s->state;
	struct view v = console_view(s->app, st->row);
	struct buf b = { 0 };

	view_object(&b, &v, st->row);
	buf_addc(&b, '\n');
	free(st->text);
	st->text = buf_take(&b);
	st->lines = 0;
	for (const char *c = st->text; *c; c++)
		st->lines += *c == '\n';
	st->language = tr_language()[0];
}

static void on_record(void *ctx, enum qt_err err, const struct json_t *body, const struct problem *p)
{
	struct screen *s = ctx;
	struct record *st = s->state;
	char why[400];

	st->asked = 0;
	if (err != QT_OK) {
		console_problem(s->app, err, p, why, sizeof why);
		tui_say(s->tui, STYLE_BAD, "%s", why);
		return;
	}
	jfree(st->row);
	st->row = jhold((struct json_t *)body);
	make_text(s);
}

static void ask(struct screen *s)
{
	struct record *st = s->state;
	struct console *c = s->app;
	struct console_call call;
	struct buf path = { 0 }, body = { 0 };
	char id[24];

	st->changes = c->changes;
	if (st->whole || st->list->show == NULL)
		return;
	console_forget(c, st->asked);
	st->asked = 0;
	call_start(&call, c, cli_command(st->list->noun, st->list->show));
	call_arg(&call, action_id(st->list, st->row, id));
	if (call_build(c, &call, &path, &body, NULL) == QT_OK)
		st->asked = console_get(c, path.data, on_record, s);
	call_free(&call);
	buf_free(&path);
	buf_free(&body);
}

/* A member that is a code of qrtill. */
static const char *code_of(const struct json_t *row)
{
	static const char *const names[] = { "enrolment_code", "code", "fixed_code", "receipt_code", "otpauth_uri" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (jtext(row, names[i], "")[0])
			return jtext(row, names[i], "");
	return NULL;
}

static void show_code(struct screen *s)
{
	const struct record *st = s->state;
	const struct console_code_open open = { .text = code_of(st->row), .title = jtext(st->row, "name", "") };

	if (open.text)
		screen_push(s->tui, &screen_code_ops, &open);
	else
		tui_say(s->tui, STYLE_WARN, "%s", tr("there is no code in it"));
}

static enum qt_err record_open(struct screen *s, const void *argument)
{
	const struct console_record_open *open = argument;
	struct record *st = s->state;

	st->list = open->list;
	st->row = jhold((struct json_t *)open->row);
	st->whole = open->whole;
	make_text(s);
	ask(s);
	return QT_OK;
}

/* A row of a table, moved to the left; never broken. */
static void draw_table_row(const struct record *st, int y, int cols, const char *line)
{
	size_t skip = st->left > 0 ? text_fit(line, st->left, NULL) : 0;
	draw_text(y, 2, cols - 4, STYLE_NORMAL, line + skip);
}

static void record_draw(struct screen *s, int rows, int cols)
{
	struct record *st = s->state;
	struct buf line = { 0 };
	bool table = false;
	int y = 1, n = 0;

	if (st->language != tr_language()[0])
		make_text(s);
	st->page = rows - 2;
	for (const char *at = st->text; *at && y < rows - 1; n++) {
		size_t len = strcspn(at, "\n");
		buf_reset(&line);
		buf_add(&line, at, len);
		buf_addc(&line, '\0');
		table = len > 0 && (table || at[len - 1] == ':');
		if (n >= st->top && table)
			draw_table_row(st, y++, cols, line.data);
		else if (n >= st->top)
			y += draw_wrapped(y, 2, rows - 1 - y, cols - 4, STYLE_NORMAL, line.data) + (len == 0);
		at += len + (at[len] == '\n');
	}
	buf_free(&line);
	if (st->asked)
		draw_text(rows - 1, 1, cols - 2, STYLE_DIM, tr("loading"));
}

static enum action record_command(struct screen *s, int command)
{
	struct record *st = s->state;

	if (command == KEY_CODE)
		show_code(s);
	else
		console_do(s->app, st->list, &st->list->actions[command - 1], st->row);
	return ACTION_DRAW;
}

static enum action record_key(struct screen *s, int key)
{
	struct record *st = s->state;
	struct list scroll = { .count = st->lines, .chosen = st->top };

	if (key == TUI_LEFT || key == TUI_RIGHT) {
		st->left += key == TUI_RIGHT ? 16 : -16;
		st->left = st->left < 0 ? 0 : st->left > 160 ? 160 : st->left;
		return ACTION_DRAW;
	}
	if (!list_key(&scroll, key, st->page))
		return ACTION_PASS;
	st->top = scroll.chosen > st->lines - st->page ? st->lines - st->page : scroll.chosen;
	st->top = st->top < 0 ? 0 : st->top;
	return ACTION_DRAW;
}

static enum action record_tick(struct screen *s, int64_t now_ms)
{
	const struct record *st = s->state;
	const struct console *c = s->app;

	(void)now_ms;
	if (st->changes != c->changes)
		ask(s);
	return ACTION_NONE;
}

static void record_close(struct screen *s)
{
	struct record *st = s->state;

	console_forget(s->app, st->asked);
	jfree(st->row);
	free(st->text);
}

static const struct screen_ops screen_record_ops = {
	.title = N_("Record"), .state_size = sizeof(struct record), .open = record_open, .draw = record_draw,
	.command = record_command, .key = record_key, .tick = record_tick, .close = record_close,
};

void console_record_push(struct console *c, const struct console_record_open *open)
{
	/* Its keys are the actions of its list that need a row. */
	static struct { struct screen_ops ops; struct binding keys[ACTION_KEYS_MAX + 2]; } made[CONSOLE_LISTS_MAX], plain;
	size_t place = (size_t)(open->list - console_lists);
	struct screen_ops *ops = open->whole ? &plain.ops : &made[place].ops;
	struct binding *b = open->whole ? plain.keys : made[place].keys;
	int n = 0;

	if (code_of(open->row) || open->list->show)
		b[n++] = (struct binding){ "code", KEY_CODE, 'q', 0, N_("Show code"), N_("show the code that is in it"), false };
	if (!open->whole)
		n += action_bindings(c, open->list, ACTION_ROW, b + n, ACTION_KEYS_MAX);
	b[n] = (struct binding){ .name = NULL };
	*ops = screen_record_ops;
	ops->title = open->title ? open->title : open->list->title;
	ops->keys = b;
	screen_push(c->tui, ops, open);
}
