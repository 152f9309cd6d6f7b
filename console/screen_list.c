/* screen_list: any list: rows of a verb of the command line, fetched page by page as they come into sight, filtered and
 * sorted by the server. Keeps a window of rows, so that a list of any length costs the same. */
#include "console/console_action.h"

#include "shared/fields.h"
#include "shared/text.h"
#include "shared/tr.h"
#include "shared/tui/entry.h"
#include "shared/tui/list.h"

#include <stdlib.h>
#include <string.h>

#define PAGE 100
#define WINDOW 600        /* rows kept */
#define COLUMNS_MOST 12
#define WIDTH_MOST 40
#define DETAIL_FROM 110   /* columns of the terminal from which the chosen row is shown beside */
#define DETAIL_COLS 44

enum { KEY_FIND = 100, KEY_SORT, KEY_TURN, KEY_FILTER, KEY_RELOAD };

enum load { LOAD_START, LOAD_END, LOAD_MORE, LOAD_BACK };

struct list_screen {
	struct console_list_open open;  /* arg: owned copy below */
	const struct command *command;
	char *arg;                      /* owned */
	struct json_t *rows[WINDOW + PAGE]; /* owned; in the order of the screen */
	bool at_start, at_end;          /* nothing before the first, after the last */
	int64_t next;                   /* cursor behind the last row, as the server gave it */
	char currency[4];
	struct list list;
	int64_t asked;                  /* number of the request under way; 0: none */
	enum load load;
	int64_t changes;                /* of the console when it was loaded */
	bool loaded, finding;
	bool down;                      /* sorted from the largest */
	int sort;                       /* index into the choices */
	struct entry find;
	struct console_call filter;     /* given: what the filter form said */
	char columns[COLUMNS_MOST][32];
	int widths[COLUMNS_MOST];
	bool right[COLUMNS_MOST];
	int column_count;
	int page;                       /* rows of the last drawing */
};

static const struct field *spec(const struct list_screen *st, const char *name)
{
	return call_field(st->command, name);
}

static void drop_rows(struct list_screen *st, int from, int count)
{
	for (int i = 0; i < count; i++)
		jfree(st->rows[from + i]);
	memmove(st->rows + from, st->rows + from + count, (size_t)(st->list.count - from - count) * sizeof *st->rows);
	st->list.count -= count;
}

/* ---- columns ---- */

static void collect(void *ctx, const char *name, struct json_t *value)
{
	struct list_screen *st = ctx;
	enum jkind kind = jkind_of(value);

	if (kind != JKIND_OBJECT && kind != JKIND_ARRAY && st->column_count < COLUMNS_MOST && strlen(name) < 32)
		strcpy(st->columns[st->column_count++], name);
}

static void choose_columns(struct list_screen *st, const struct json_t *row)
{
	const char *wanted = st->open.list->columns ? st->open.list->columns : st->command->route->columns;

	for (; wanted && *wanted && st->column_count < COLUMNS_MOST; wanted += strspn(wanted, " ")) {
		size_t n = strcspn(wanted, " ");
		snprintf(st->columns[st->column_count++], 32, "%.*s", (int)n, wanted);
		wanted += n;
	}
	if (wanted == NULL)
		jeach(row, collect, st);
}

static void cell(const struct screen *s, const struct json_t *row, const char *name, struct buf *out)
{
	const struct list_screen *st = s->state;
	const struct console *c = s->app;
	struct view v = console_view(c, NULL);
	const struct json_t *value = jget(row, name);

	if (st->currency[0])
		v.currency = st->currency;
	v.currency = jtext(row, "currency", v.currency);
	buf_reset(out);
	if (jkind_of(value) == JKIND_INT && strlen(name) > 6 && strcmp(name + strlen(name) - 6, "_cents") == 0)
		v.plain = true; /* the currency is the same in all rows: said once, in the record */
	if (value && jkind_of(value) != JKIND_NULL)
		view_value(out, &v, row, name, value);
	if (out->data == NULL)
		buf_adds(out, "");
}

static void measure(struct screen *s, int from, int to)
{
	struct list_screen *st = s->state;
	struct view v = console_view(s->app, NULL);
	struct buf b = { 0 };

	for (int i = 0; i < st->column_count; i++) {
		buf_reset(&b);
		view_label(&b, &v, st->columns[i]);
		int width = text_columns(b.data);
		st->widths[i] = width > st->widths[i] ? width : st->widths[i];
		for (int r = from; r < to; r++) {
			cell(s, st->rows[r], st->columns[i], &b);
			width = text_columns(b.data);
			st->widths[i] = width > st->widths[i] ? width : st->widths[i];
			st->right[i] = st->right[i] || view_is_number(st->columns[i], jget(st->rows[r], st->columns[i]));
		}
		st->widths[i] = st->widths[i] > WIDTH_MOST ? WIDTH_MOST : st->widths[i];
	}
	buf_free(&b);
}

/* ---- loading ---- */

static void add_param(struct buf *path, const char *name, int64_t value)
{
	buf_addf(path, "%c%s=%lld", strchr(path->data, '?') ? '&' : '?', name, (long long)value);
}

static void add_filters(struct list_screen *st, struct console_call *call)
{
	for (int i = 0; i < st->filter.cli.given_count; i++)
		call_give(call, st->filter.names[i], st->filter.values[i]);
	if (st->arg == NULL)
		return;
	if (st->command->args_max > 0)
		call_arg(call, st->arg);
	for (const struct cli_option *o = st->command->options; st->command->args_max == 0 && o && o->name; o++)
		if (o->field && st->open.arg_field && strcmp(o->field, st->open.arg_field) == 0)
			call_give(call, o->name, st->arg);
}

static void add_query(const struct list_screen *st, struct buf *path, enum load load)
{
	const struct field *sort = spec(st, "sort");
	char id[24];
	bool back = load == LOAD_BACK || load == LOAD_END;
	int64_t cursor = load == LOAD_MORE ? st->next : load == LOAD_BACK ? atoll(action_id(st->open.list, st->rows[0], id)) : 0;

	if (spec(st, "limit"))
		add_param(path, "limit", PAGE);
	if (st->find.len > 0) {
		char *escaped = api_escape(st->find.text);
		buf_addf(path, "%cq=%s", strchr(path->data, '?') ? '&' : '?', escaped);
		free(escaped);
	} else if (sort && st->sort > 0) {
		buf_addf(path, "%csort=%s", strchr(path->data, '?') ? '&' : '?', sort->choices[st->sort]);
	}
	if (spec(st, "desc") && back != st->down)
		buf_addf(path, "%cdesc=true", strchr(path->data, '?') ? '&' : '?');
	if (cursor > 0)
		add_param(path, spec(st, "before") ? "before" : "after", cursor);
}

/* Take the rows of an answer in; returns how many. */
static int take_rows(struct list_screen *st, const struct json_t *rows)
{
	int count = (int)jcount(rows), had = st->list.count;
	bool back = st->load == LOAD_BACK || st->load == LOAD_END;

	count = count > PAGE * 5 ? PAGE * 5 : count;
	if (st->load == LOAD_START || st->load == LOAD_END) {
		drop_rows(st, 0, had);
		had = 0;
	}
	/* Make room on the side that is out of sight. */
	int over = had + count - (int)(sizeof st->rows / sizeof *st->rows);
	if (over > 0 && st->load == LOAD_MORE) {
		drop_rows(st, 0, over);
		st->list.chosen -= over;
		st->list.top -= over;
		st->at_start = false;
	} else if (over > 0) {
		drop_rows(st, had - over, over);
		st->at_end = false;
	}
	had = st->list.count;
	if (back)
		memmove(st->rows + count, st->rows, (size_t)had * sizeof *st->rows);
	for (int i = 0; i < count; i++)
		st->rows[back ? count - 1 - i : had + i] = jhold(jat(rows, (size_t)i));
	st->list.count = had + count;
	if (st->load == LOAD_BACK) {
		st->list.chosen += count;
		st->list.top += count;
	}
	return count;
}

static void set_ends(struct list_screen *st, const struct json_t *body)
{
	bool ended = jkind_of(jget(body, "next")) != JKIND_INT;
	char id[24];

	switch (st->load) {
	case LOAD_START:
		st->at_start = true;
		st->at_end = ended;
		break;
	case LOAD_MORE:
		st->at_end = ended;
		break;
	case LOAD_BACK:
		st->at_start = ended;
		break;
	case LOAD_END:
		st->at_end = true;
		st->at_start = ended;
		break;
	}
	if (st->load == LOAD_START || st->load == LOAD_MORE)
		st->next = jint(body, "next", 0);
	if (!st->at_end && st->open.list->id && st->list.count > 0 && spec(st, "desc"))
		st->next = atoll(action_id(st->open.list, st->rows[st->list.count - 1], id));
}

static void on_rows(void *ctx, enum qt_err err, const struct json_t *body, const struct problem *p)
{
	struct screen *s = ctx;
	struct list_screen *st = s->state;
	const char *member = st->command->route->list;
	char why[400];

	st->asked = 0;
	st->loaded = true;
	if (err != QT_OK) {
		console_problem(s->app, err, p, why, sizeof why);
		tui_say(s->tui, STYLE_BAD, "%s", why);
		st->at_start = st->at_end = true;
		return;
	}
	const struct json_t *rows = jget(body, member);
	snprintf(st->currency, sizeof st->currency, "%s", jtext(body, "currency", ""));
	if (st->column_count == 0)
		choose_columns(st, jat(rows, 0));
	int count = take_rows(st, rows);
	set_ends(st, body);
	if (st->load == LOAD_END)
		st->list.chosen = st->list.count - 1;
	list_set_count(&st->list, st->list.count);
	if (st->load == LOAD_MORE)
		measure(s, st->list.count - count, st->list.count);
	else
		measure(s, 0, count);
}

static void load(struct screen *s, enum load how)
{
	struct list_screen *st = s->state;
	struct console *c = s->app;
	struct console_call call;
	struct buf path = { 0 }, body = { 0 };
	struct problem p = { 0 };
	char why[400];

	if (st->asked && (how == LOAD_MORE || how == LOAD_BACK))
		return;
	console_forget(c, st->asked);
	st->asked = 0;
	st->load = how;
	st->changes = c->changes;
	call_start(&call, c, st->command);
	add_filters(st, &call);
	enum qt_err err = call_build(c, &call, &path, &body, &p);
	if (err == QT_OK) {
		add_query(st, &path, how);
		st->asked = console_get(c, path.data, on_rows, s);
	} else {
		console_problem(c, err, &p, why, sizeof why);
		tui_say(c->tui, STYLE_BAD, "%s", why);
	}
	call_free(&call);
	buf_free(&path);
	buf_free(&body);
}

/* ---- drawing ---- */

/* How many columns fit, and how wide the last of them may be. */
static int fit_columns(const struct list_screen *st, int cols, int widths[COLUMNS_MOST])
{
	int n = 0, used = 1;

	for (; n < st->column_count; n++) {
		int room = cols - used;
		widths[n] = st->widths[n];
		if (n > 0 && room < (st->right[n] || st->widths[n] < 10 ? st->widths[n] : 10))
			break;
		widths[n] = widths[n] > room ? room : widths[n];
		used += widths[n] + 2;
	}
	return n;
}

struct painting {
	const struct screen *screen;
	int widths[COLUMNS_MOST];
	int count, cols;
};

static void draw_row(void *ctx, int index, int y, bool chosen)
{
	const struct painting *p = ctx;
	const struct list_screen *st = p->screen->state;
	enum style style = chosen ? STYLE_SELECTED : STYLE_NORMAL;
	struct buf b = { 0 };
	int x = 1;

	if (chosen)
		draw_fill(y, 0, 1, p->cols, STYLE_SELECTED);
	for (int i = 0; i < p->count; i++) {
		cell(p->screen, st->rows[index], st->columns[i], &b);
		if (st->right[i])
			draw_right(y, x, p->widths[i], style, b.data);
		else
			draw_text(y, x, p->widths[i], style, b.data);
		x += p->widths[i] + 2;
	}
	buf_free(&b);
}

static void draw_heads(const struct screen *s, const struct painting *p, int y)
{
	const struct list_screen *st = s->state;
	const struct field *sort = spec(st, "sort");
	struct view v = console_view(s->app, NULL);
	struct buf b = { 0 };

	for (int i = 0, x = 1; i < p->count; x += p->widths[i] + 2, i++) {
		bool sorted = sort && st->sort > 0 && strncmp(sort->choices[st->sort], st->columns[i],
			strlen(sort->choices[st->sort])) == 0;
		buf_reset(&b);
		view_label(&b, &v, st->columns[i]);
		if (st->right[i])
			draw_right(y, x, p->widths[i], sorted ? STYLE_BOLD : STYLE_DIM, b.data);
		else
			draw_text(y, x, p->widths[i], sorted ? STYLE_BOLD : STYLE_DIM, b.data);
	}
	buf_free(&b);
}

/* What the list is narrowed to. */
static void draw_filters(const struct screen *s, int cols)
{
	const struct list_screen *st = s->state;
	const struct field *sort = spec(st, "sort");
	int x = 1;

	if (st->finding || st->find.len > 0) {
		x += draw_textf(0, x, -1, STYLE_DIM, "%s: ", tr("find"));
		if (st->finding) {
			entry_draw(&st->find, 0, x, 30, true);
			x += 32;
		} else {
			x += draw_text(0, x, -1, STYLE_WARN, st->find.text) + 2;
		}
	}
	for (int i = 0; i < st->filter.cli.given_count && x < cols - 20; i++)
		x += draw_textf(0, x, -1, STYLE_WARN, "%s: %s", st->filter.names[i], st->filter.values[i]) + 2;
	if (sort && (st->sort > 0 || st->down))
		x += draw_textf(0, x, -1, STYLE_DIM, "%s: %s%s", tr("sorted by"), st->sort > 0 ? sort->choices[st->sort] : "id",
		                st->down ? tr(", largest first") : "");
	if (st->open.picked)
		draw_right(0, x, cols - x - 1, STYLE_WARN, tr("Enter chooses"));
}

static void draw_detail(const struct screen *s, int x, int rows, int cols)
{
	const struct list_screen *st = s->state;
	struct view v = console_view(s->app, st->rows[st->list.chosen]);
	struct buf b = { 0 };
	char *save = NULL;

	if (st->currency[0])
		v.currency = st->currency;
	view_object(&b, &v, st->rows[st->list.chosen]);
	int y = 1;
	for (char *line = b.data ? strtok_r(b.data, "\n", &save) : NULL; line && y < rows; line = strtok_r(NULL, "\n", &save))
		y += draw_wrapped(y, x, rows - y < 3 ? rows - y : 3, cols, STYLE_NORMAL, line);
	buf_free(&b);
}

static void list_screen_draw(struct screen *s, int rows, int cols)
{
	struct list_screen *st = s->state;
	struct painting p = { .screen = s, .cols = cols };

	if (cols >= DETAIL_FROM && st->list.count > 0) {
		p.cols = cols - DETAIL_COLS - 2;
		draw_detail(s, p.cols + 2, rows - 1, DETAIL_COLS - 1);
	}
	p.count = fit_columns(st, p.cols, p.widths);
	st->page = rows - 3;
	draw_filters(s, p.cols);
	draw_heads(s, &p, 1);
	list_draw(&st->list, 2, st->page, draw_row, &p);
	if (st->list.count == 0)
		draw_text(3, 2, cols - 4, STYLE_DIM, st->asked || !st->loaded ? tr("loading") : tr("nothing here"));
	else if (st->asked)
		draw_text(rows - 1, 1, cols - 2, STYLE_DIM, tr("loading"));
	else if (!st->at_end)
		draw_text(rows - 1, 1, cols - 2, STYLE_DIM, tr("more below"));
}

/* ---- keys ---- */

static struct json_t *chosen(const struct list_screen *st)
{
	return st->list.count > 0 ? st->rows[st->list.chosen] : NULL;
}

static enum action enter(struct screen *s)
{
	struct list_screen *st = s->state;
	const struct console_list *l = st->open.list;
	struct json_t *row = chosen(st);
	char id[24];

	if (row == NULL)
		return ACTION_NONE;
	if (st->open.picked) {
		st->open.picked(st->open.ctx, row, action_id(l, row, id));
		return ACTION_POP;
	}
	for (const struct console_action *a = l->actions; a && a->label; a++)
		if (a->flags & ACTION_ENTER) {
			console_do(s->app, l, a, row);
			return ACTION_DRAW;
		}
	console_record_push(s->app, &(struct console_record_open){ .list = l, .row = row });
	return ACTION_DRAW;
}

static enum action find_key(struct screen *s, int key)
{
	struct list_screen *st = s->state;

	if (key == TUI_ENTER || key == TUI_DOWN || key == TUI_UP) {
		st->finding = false;
		return ACTION_DRAW;
	}
	if (key == TUI_ESC) {
		st->finding = false;
		entry_clear(&st->find);
	} else if (!entry_key(&st->find, key)) {
		return ACTION_PASS;
	}
	load(s, LOAD_START);
	st->list.chosen = st->list.top = 0;
	return ACTION_DRAW;
}

static enum action move(struct screen *s, int key)
{
	struct list_screen *st = s->state;

	if (key == TUI_HOME && !st->at_start) {
		load(s, LOAD_START);
		st->list.chosen = 0;
		return ACTION_DRAW;
	}
	if (key == TUI_END && !st->at_end && spec(st, "desc")) {
		load(s, LOAD_END);
		return ACTION_DRAW;
	}
	if (!list_key(&st->list, key, st->page))
		return ACTION_PASS;
	if (st->list.chosen + st->page >= st->list.count && !st->at_end && st->loaded)
		load(s, LOAD_MORE);
	else if (st->list.chosen < st->page && !st->at_start && st->loaded && spec(st, "desc"))
		load(s, LOAD_BACK);
	return ACTION_DRAW;
}

static enum action list_screen_key(struct screen *s, int key)
{
	struct list_screen *st = s->state;

	if (st->finding)
		return find_key(s, key);
	if (key == TUI_ENTER)
		return enter(s);
	if (key == TUI_ESC && st->find.len > 0) {
		entry_clear(&st->find);
		load(s, LOAD_START);
		return ACTION_DRAW;
	}
	return move(s, key);
}

static void filtered(void *ctx, const struct console_call *call)
{
	struct screen *s = ctx;
	struct list_screen *st = s->state;

	call_free(&st->filter);
	call_start(&st->filter, s->app, st->command);
	for (int i = 0; i < call->cli.given_count; i++)
		call_give(&st->filter, call->names[i], call->values[i]);
	st->list.chosen = st->list.top = 0;
	load(s, LOAD_START);
}

static bool list_screen_typing(const struct screen *s)
{
	const struct list_screen *st = s->state;
	return st->finding;
}

static enum action list_screen_command(struct screen *s, int command)
{
	struct list_screen *st = s->state;
	const struct field *sort = spec(st, "sort");

	switch (command) {
	case KEY_FIND:
		st->finding = true;
		return ACTION_DRAW;
	case KEY_SORT:
		st->sort = sort->choices[st->sort + 1] ? st->sort + 1 : 0;
		break;
	case KEY_TURN:
		st->down = !st->down;
		break;
	case KEY_FILTER: {
		const struct console_form_open open = { .list = st->open.list, .filter = filtered, .ctx = s,
			.given = &st->filter };
		screen_push(s->tui, &screen_form_ops, &open);
		return ACTION_DRAW;
	}
	case KEY_RELOAD:
		break;
	default:
		console_do(s->app, st->open.list, &st->open.list->actions[command - 1], chosen(st));
		return ACTION_DRAW;
	}
	st->list.chosen = st->list.top = 0;
	load(s, LOAD_START);
	return ACTION_DRAW;
}

static enum action list_screen_tick(struct screen *s, int64_t now_ms)
{
	struct list_screen *st = s->state;
	const struct console *c = s->app;

	(void)now_ms;
	if (st->changes != c->changes && s == screen_top(s->tui))
		load(s, LOAD_START);
	return ACTION_NONE;
}

static enum qt_err list_screen_open(struct screen *s, const void *argument)
{
	struct list_screen *st = s->state;

	st->open = *(const struct console_list_open *)argument;
	st->command = cli_command(st->open.list->noun, st->open.list->verb);
	st->arg = st->open.arg ? xstrdup(st->open.arg) : NULL;
	st->open.arg = NULL;
	st->find.most = 60;
	st->down = st->open.list->newest;
	call_start(&st->filter, s->app, st->command);
	if (!call_allowed(s->app, st->command))
		return QT_FORBIDDEN;
	load(s, LOAD_START);
	return QT_OK;
}

static void list_screen_close(struct screen *s)
{
	struct list_screen *st = s->state;

	console_forget(s->app, st->asked);
	drop_rows(st, 0, st->list.count);
	call_free(&st->filter);
	free(st->arg);
}

static const struct screen_ops screen_list_ops = {
	.title = N_("List"), .state_size = sizeof(struct list_screen), .open = list_screen_open, .draw = list_screen_draw,
	.command = list_screen_command, .key = list_screen_key, .tick = list_screen_tick, .close = list_screen_close,
	.typing = list_screen_typing,
};

static bool has_filters(const struct command *command)
{
	for (const struct cli_option *o = command->options; o && o->name; o++)
		if (o->field && strcmp(o->field, "q") != 0 && !call_is_paging(o->field))
			return true;
	return false;
}

void console_list_push(struct console *c, const struct console_list_open *open)
{
	/* The keys of a list are its actions; one table per list, made anew since they follow from the role. */
	static struct { struct screen_ops ops; struct binding keys[ACTION_KEYS_MAX + 8]; } made[CONSOLE_LISTS_MAX];
	const struct console_list *l = open->list;
	const struct command *command = cli_command(l->noun, l->verb);
	size_t place = (size_t)(l - console_lists);
	struct binding *b = made[place].keys;
	int n = 0;

	if (call_field(command, "q"))
		b[n++] = (struct binding){ "find", KEY_FIND, '/', 0, N_("Find"), N_("narrow the list while you type"), false };
	n += action_bindings(c, l, 0, b + n, ACTION_KEYS_MAX);
	if (call_field(command, "sort"))
		b[n++] = (struct binding){ "sort", KEY_SORT, 's', 0, N_("Sort"), N_("sort by the next column"), false };
	if (call_field(command, "desc"))
		b[n++] = (struct binding){ "turn", KEY_TURN, 'r', 0, N_("Turn"), N_("largest or newest first"), false };
	if (has_filters(command))
		b[n++] = (struct binding){ "filter", KEY_FILTER, 'f', 0, N_("Filter"), N_("narrow the list by its fields"), false };
	b[n++] = (struct binding){ "reload", KEY_RELOAD, TUI_F(5), TUI_CTRL('r'), N_("Reload"), N_("ask the server again"),
		true };
	b[n] = (struct binding){ .name = NULL };
	made[place].ops = screen_list_ops;
	made[place].ops.title = l->title;
	made[place].ops.keys = b;
	screen_push(c->tui, &made[place].ops, open);
}
