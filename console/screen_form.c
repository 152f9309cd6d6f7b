/* screen_form: any verb as a form: a field for each argument and option of the command line, checked as the server
 * checks it, one by one when it is left and all together before they are sent. Also what a list is narrowed by. */
#include "console/console_action.h"

#include "shared/clock.h"
#include "shared/fields.h"
#include "shared/money.h"
#include "shared/tr.h"
#include "shared/tui/dialog.h"

#include <stdlib.h>
#include <string.h>

#define FORM_FIELDS_MOST 40
#define VALUE_MOST 300

enum { KEY_SEND = 1, KEY_PICK };
enum part { PART_ARGUMENT, PART_OPTION, PART_PIN, PART_REST };

struct form_field {
	enum part part;
	struct cli_option option;  /* a copy; made up for fields the command line asks for otherwise */
	const struct field *spec;  /* the server's; NULL: it has none */
	struct entry entry;
	char before[VALUE_MOST];
	char error[256];           /* empty: good so far */
};

struct form_screen {
	struct console_form_open open;
	const struct command *command;
	struct json_t *row;        /* owned */
	struct form_field fields[FORM_FIELDS_MOST];
	int count, now, top;
	bool sending;
};

/* ---- making the fields ---- */

static const char *member_of(const struct form_field *f, char out[40])
{
	const char *field = f->option.field ? f->option.field : f->option.name;

	if (f->option.kind == CLI_CARD)
		snprintf(out, 40, "%s%s", field, field[0] ? "card" : "number");
	else
		snprintf(out, 40, "%.*s", (int)strcspn(field, "."), field);
	size_t n = strlen(out);
	if (f->option.kind == CLI_CARD && n > 5 && out[n - 5] == '_')
		out[n - 5] = '\0';
	return out;
}

static struct form_field *add(struct form_screen *st, enum part part, const struct cli_option *o)
{
	if (st->count == FORM_FIELDS_MOST)
		return &st->fields[st->count - 1];
	struct form_field *f = &st->fields[st->count++];
	f->part = part;
	f->option = *o;
	f->spec = o->field ? call_field(st->command, o->field) : NULL;
	f->entry.most = VALUE_MOST - 1;
	if (part == PART_PIN || (f->spec && (f->spec->flags & FIELD_SECRET)))
		f->entry.kind = ENTRY_SECRET;
	return f;
}

/* What a value was, as a person would type it. */
static void value_before(const struct console *c, const struct json_t *row, struct form_field *f)
{
	char member[40], text[32];
	const struct json_t *value = jget(row, member_of(f, member));
	int64_t number = jvalue_int(value, 0);
	const struct currency *currency = currency_by_alpha(jtext(row, "currency", c->client.currency));
	struct buf b = { 0 };

	switch (jkind_of(value)) {
	case JKIND_INT:
		if (f->option.kind == CLI_MONEY)
			buf_adds(&b, money_format(number, currency ? currency->numeric : 840, text, sizeof text));
		else if (f->option.kind == CLI_RATE)
			buf_adds(&b, money_format(number, 840, text, sizeof text));
		else if (f->option.kind == CLI_TIME)
			buf_adds(&b, number ? clock_format_local(number, text) : "");
		else
			buf_add_int(&b, number);
		break;
	case JKIND_BOOL:
		buf_adds(&b, jvalue_bool(value) ? "yes" : "no");
		break;
	case JKIND_TEXT:
		buf_adds(&b, jvalue_text(value, ""));
		break;
	case JKIND_ARRAY: {
		struct view v = { .plain = true };
		for (size_t i = 0; i < jcount(value); i++) {
			const struct json_t *item = jat(value, i);
			const char *dot = strchr(f->option.field ? f->option.field : "", '.');
			if (i)
				buf_addc(&b, ',');
			if (jkind_of(item) == JKIND_OBJECT && dot && f->option.kind == CLI_RATES)
				buf_adds(&b, money_format(jint(item, dot + 1, 0), 840, text, sizeof text));
			else
				view_value(&b, &v, NULL, "", jkind_of(item) == JKIND_OBJECT && dot ? jget(item, dot + 1) : item);
		}
		break;
	}
	default:
		break;
	}
	snprintf(f->before, sizeof f->before, "%s", b.data ? b.data : "");
	entry_set(&f->entry, f->before);
	buf_free(&b);
}

/* Required by the server, though no option of the verb: the command line asks for it in another way. */
static void add_others(struct form_screen *st)
{
	bool has_body = st->command->route->body != NULL;

	for (const struct field *f = call_fields(st->command); has_body && f && f->type != FIELD_END; f++) {
		bool there = false;
		char member[40];
		for (int i = 0; i < st->count && !there; i++)
			there = strcmp(member_of(&st->fields[i], member), f->name) == 0 || st->fields[i].part == PART_REST;
		if (there || !(f->flags & FIELD_REQUIRED) || f->type == FIELD_LIST || f->type == FIELD_OBJECT)
			continue;
		const struct cli_option o = { f->name, "", f->help, CLI_OWN, f->name };
		add(st, f->flags & FIELD_SECRET ? PART_PIN : PART_OPTION, &o);
	}
}

static void add_options(struct form_screen *st)
{
	static const struct cli_option pin = { "pin", "PIN", "the new PIN; empty: as it was", CLI_OWN, "pin" };

	for (const struct cli_option *o = st->command->options; o && o->name; o++) {
		if (strcmp(o->name, "pin-file") == 0 || strcmp(o->name, "new-pin") == 0 ||
		    strcmp(o->name, "passphrase-file") == 0 ||
		    (o->field && st->open.filter && (call_is_paging(o->field) || strcmp(o->field, "q") == 0)))
			continue;
		add(st, PART_OPTION, o);
	}
	for (const struct cli_option *o = st->command->options; o && o->name; o++)
		if (strcmp(o->name, "new-pin") == 0 || (strcmp(o->name, "pin-file") == 0 && call_field(st->command, "pin") == NULL))
			add(st, PART_PIN, &pin);
}

static void make_fields(struct screen *s)
{
	struct form_screen *st = s->state;
	const struct cli_route *r = st->command->route;
	int named = 0;

	for (const struct cli_option *a = r->arguments; a && a->name; a++, named++)
		if (!(st->row && strcmp(a->field ? a->field : "", ":id") == 0) && !st->open.filter)
			add(st, PART_ARGUMENT, a);
	if (!st->open.filter && (st->command->args_max < 0 || st->command->args_max > named)) {
		const struct cli_option rest = { st->command->usage, "", st->command->help, CLI_OWN, NULL };
		add(st, PART_REST, &rest);
	}
	add_options(st);
	if (!st->open.filter)
		add_others(st);
	for (int i = 0; i < st->count; i++)
		if (st->row && st->fields[i].part != PART_PIN)
			value_before(s->app, st->row, &st->fields[i]);
	for (int i = 0; st->open.given && i < st->open.given->cli.given_count; i++)
		for (int k = 0; k < st->count; k++)
			if (strcmp(st->fields[k].option.name, st->open.given->names[i]) == 0)
				entry_set(&st->fields[k].entry, st->open.given->values[i]);
}

static enum qt_err form_screen_open(struct screen *s, const void *argument)
{
	struct form_screen *st = s->state;

	st->open = *(const struct console_form_open *)argument;
	st->command = st->open.filter ? cli_command(st->open.list->noun, st->open.list->verb)
	                              : console_action_command(st->open.list, st->open.action);
	st->row = jhold((struct json_t *)st->open.row);
	st->open.row = NULL;
	make_fields(s);
	st->open.given = NULL;
	return st->count > 0 ? QT_OK : QT_NOT_FOUND;
}

/* ---- values ---- */

/* The words a field may be; NULL: anything. */
static const char *const *words_of(const struct form_field *f)
{
	static const char *const yes_no[] = { "yes", "no", NULL };

	if (f->option.kind == CLI_CHOICE || f->option.kind == CLI_FLAG)
		return yes_no;
	return f->spec && f->spec->type == FIELD_CHOICE ? f->spec->choices : NULL;
}

static void turn(struct form_field *f, int by)
{
	const char *const *words = words_of(f);
	int count = 0, now = -1;

	for (; words[count]; count++)
		if (strcmp(words[count], f->entry.text) == 0)
			now = count;
	now = now < 0 ? (by > 0 ? 0 : count - 1) : (now + by + count) % count;
	entry_set(&f->entry, words[now]);
}

static bool check_one(struct screen *s, struct form_field *f)
{
	struct form_screen *st = s->state;
	struct problem p = { 0 };

	f->error[0] = '\0';
	if (f->part == PART_PIN || f->part == PART_REST || f->option.kind == CLI_OWN)
		return true;
	enum qt_err err = call_check(s->app, st->command, &f->option, f->entry.text, &p);
	if (err == QT_OK)
		return true;
	snprintf(f->error, sizeof f->error, "%s%s%s", tr_err(err), p.detail[0] ? ": " : "", p.detail);
	return false;
}

static void give_texts(struct console_call *call, const struct form_field *f)
{
	char copy[VALUE_MOST], *save = NULL;

	snprintf(copy, sizeof copy, "%s", f->entry.text);
	for (char *word = strtok_r(copy, ",", &save); word; word = strtok_r(NULL, ",", &save))
		call_give(call, f->option.name, word + strspn(word, " "));
}

static void give_field(struct form_screen *st, struct console_call *call, struct form_field *f)
{
	bool changed = strcmp(f->entry.text, f->before) != 0;
	char copy[VALUE_MOST], *save = NULL;

	switch (f->part) {
	case PART_ARGUMENT:
		call_arg(call, f->entry.text);
		break;
	case PART_REST:
		snprintf(copy, sizeof copy, "%s", f->entry.text);
		for (char *word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save))
			call_arg(call, word);
		break;
	case PART_PIN:
		if (f->entry.len == 0)
			break;
		call->cli.pin = f->entry.text;
		call_give(call, "new-pin", "");
		break;
	case PART_OPTION:
		if (!changed && (st->row || f->entry.len == 0))
			break;
		if (f->option.kind == CLI_TEXTS || f->option.kind == CLI_RATES || f->option.kind == CLI_INTS)
			give_texts(call, f);
		else if (f->option.kind != CLI_FLAG || strcmp(f->entry.text, "yes") == 0)
			call_give(call, f->option.name, f->entry.text);
		break;
	}
}

/* The field a problem is about gets its text and the cursor. */
static void blame(struct screen *s, enum qt_err err, const struct problem *p)
{
	struct form_screen *st = s->state;
	char member[40], why[400];
	size_t n = strcspn(p->field, "[.");

	for (int i = 0; i < st->count; i++) {
		struct form_field *f = &st->fields[i];
		member_of(f, member);
		bool same = strlen(member) == n && strncmp(member, p->field, n) == 0;
		if (n > 0 && (same || strcmp(f->option.name, p->field) == 0)) {
			snprintf(f->error, sizeof f->error, "%s%s%s", tr_err(err), p->detail[0] ? ": " : "", p->detail);
			st->now = i;
			return;
		}
	}
	console_problem(s->app, err, p, why, sizeof why);
	tui_say(s->tui, STYLE_BAD, "%s", why);
}

static void on_told(void *ctx, enum qt_err err, const struct problem *p)
{
	struct screen *s = ctx;
	struct form_screen *st = s->state;

	st->sending = false;
	if (err == QT_OK)
		tui_drop(s);
	else
		blame(s, err, p);
	tui_dirty(s->tui);
}

static enum action send(struct screen *s)
{
	struct form_screen *st = s->state;
	struct console_call call;
	struct problem p = { 0 };
	char id[24];

	if (st->sending)
		return ACTION_NONE;
	for (int i = 0; i < st->count; i++)
		if (!check_one(s, &st->fields[i])) {
			st->now = i;
			return ACTION_DRAW;
		}
	call_start(&call, s->app, st->command);
	if (st->row && !st->open.filter)
		call_arg(&call, action_id(st->open.list, st->row, id));
	for (int i = 0; i < st->count; i++)
		give_field(st, &call, &st->fields[i]);
	if (st->open.filter) {
		st->open.filter(st->open.ctx, &call);
		call_free(&call);
		return ACTION_POP;
	}
	if (st->open.action->given)
		call_give_all(&call, st->open.action->given);
	enum qt_err err = action_send(s->app, st->open.list, st->open.action, &call, st->row, on_told, s, &p);
	if (err != QT_OK)
		blame(s, err, &p);
	st->sending = err == QT_OK && st->command->route->confirm == NULL;
	call_free(&call);
	return ACTION_DRAW;
}

/* ---- drawing ---- */

static void field_label(struct screen *s, const struct form_field *f, struct buf *out)
{
	struct view v = console_view(s->app, NULL);
	char member[40];

	buf_reset(out);
	if (f->part == PART_REST)
		buf_add(out, f->option.name, strcspn(f->option.name, " "));
	else
		view_label(out, &v, member_of(f, member));
}

static bool is_required(const struct form_screen *st, const struct form_field *f)
{
	return f->part == PART_ARGUMENT || (f->spec && (f->spec->flags & FIELD_REQUIRED) && st->row == NULL);
}

static void draw_hint(struct screen *s, int y, int rows, int cols)
{
	const struct form_screen *st = s->state;
	const struct form_field *f = &st->fields[st->now];
	const char *const *words = words_of(f);
	char member[40];

	if (f->error[0])
		y += draw_wrapped(y, 1, rows, cols - 2, STYLE_BAD, f->error);
	y += draw_wrapped(y, 1, 2, cols - 2, STYLE_DIM, tr(f->option.help));
	if (words) {
		int x = 1;
		for (; *words && x < cols - 20; words++)
			x += draw_text(y, x, -1, strcmp(*words, f->entry.text) == 0 ? STYLE_KEY : STYLE_DIM, *words) + 2;
		draw_text(y, x, cols - x - 1, STYLE_DIM, tr("Left and Right choose"));
	} else if (console_list_of_field(member_of(f, member))) {
		draw_text(y, 1, cols - 2, STYLE_DIM, tr("F4 shows a list to choose from"));
	}
}

static void form_screen_draw(struct screen *s, int rows, int cols)
{
	struct form_screen *st = s->state;
	int page = rows - 6, label = cols >= 100 ? 30 : 24;
	struct buf b = { 0 };

	if (st->now < st->top)
		st->top = st->now;
	if (st->now >= st->top + page)
		st->top = st->now - page + 1;
	for (int i = st->top; i < st->count && i < st->top + page; i++) {
		const struct form_field *f = &st->fields[i];
		int y = 1 + i - st->top;
		field_label(s, f, &b);
		draw_text(y, 1, 1, STYLE_WARN, is_required(st, f) ? "*" : " ");
		draw_text(y, 3, label - 4, i == st->now ? STYLE_BOLD : STYLE_DIM, b.data);
		entry_draw(&f->entry, y, label, cols - label - 4, i == st->now);
		draw_text(y, cols - 3, 2, STYLE_BAD, f->error[0] ? "!" : strcmp(f->entry.text, f->before) ? "*" : " ");
	}
	buf_free(&b);
	draw_hint(s, rows - 5, 2, cols);
	if (st->sending)
		draw_text(rows - 1, 1, cols - 2, STYLE_WARN, tr("sending"));
}

/* ---- keys ---- */

static bool form_screen_typing(const struct screen *s)
{
	(void)s;
	return true;
}

static void leave(struct screen *s, int to)
{
	struct form_screen *st = s->state;

	check_one(s, &st->fields[st->now]);
	st->now = (to + st->count) % st->count;
}

static void drop_form(void *ctx, const char *text)
{
	(void)text;
	tui_drop(ctx);
}

static enum action escape(struct screen *s)
{
	const struct form_screen *st = s->state;
	struct dialog ask = { .title = tr("Leave"), .answered = drop_form, .ctx = s };
	bool changed = false;

	for (int i = 0; i < st->count; i++)
		changed = changed || strcmp(st->fields[i].entry.text, st->fields[i].before) != 0;
	if (!changed || st->open.filter)
		return ACTION_POP;
	snprintf(ask.text, sizeof ask.text, "%s", tr("Leave without saving what was typed?"));
	dialog_push(s->tui, &ask);
	return ACTION_DRAW;
}

static enum action form_screen_key(struct screen *s, int key)
{
	struct form_screen *st = s->state;
	struct form_field *f = &st->fields[st->now];

	switch (key) {
	case TUI_ESC:
		return escape(s);
	case TUI_TAB: case TUI_DOWN:
		leave(s, st->now + 1);
		return ACTION_DRAW;
	case TUI_BACKTAB: case TUI_UP:
		leave(s, st->now - 1);
		return ACTION_DRAW;
	case TUI_ENTER:
		if (st->now == st->count - 1)
			return send(s);
		leave(s, st->now + 1);
		return ACTION_DRAW;
	default:
		break;
	}
	if (words_of(f) && (key == TUI_LEFT || key == TUI_RIGHT || key == ' ')) {
		turn(f, key == TUI_LEFT ? -1 : 1);
		f->error[0] = '\0';
		return ACTION_DRAW;
	}
	f->error[0] = '\0';
	return entry_key(&f->entry, key) ? ACTION_DRAW : ACTION_PASS;
}

static void on_picked(void *ctx, const struct json_t *row, const char *id)
{
	struct screen *s = ctx;
	struct form_screen *st = s->state;

	(void)row;
	entry_set(&st->fields[st->now].entry, id);
}

static enum action form_screen_command(struct screen *s, int command)
{
	const struct form_screen *st = s->state;
	char member[40];

	if (command == KEY_SEND)
		return send(s);
	const struct console_list *l = console_list_of_field(member_of(&st->fields[st->now], member));
	if (l)
		console_list_push(s->app, &(struct console_list_open){ .list = l, .picked = on_picked, .ctx = s });
	else
		tui_say(s->tui, STYLE_WARN, "%s", tr("this field has no list"));
	return ACTION_DRAW;
}

static void form_screen_close(struct screen *s)
{
	struct form_screen *st = s->state;

	action_forget(s->app, s);
	jfree(st->row);
	for (int i = 0; i < st->count; i++)
		entry_clear(&st->fields[i].entry);
}

static const char *form_screen_name(const struct screen *s)
{
	static char name[120];
	const struct form_screen *st = s->state;

	snprintf(name, sizeof name, "%s: %s", tr(st->open.list->title), st->open.filter ? tr("Filter")
	         : tr(st->open.action->label));
	return name;
}

static const struct binding form_keys[] = {
	{ "send", KEY_SEND, TUI_F(2), TUI_CTRL('s'), N_("Save"), N_("check everything and send it"), false },
	{ "pick", KEY_PICK, TUI_F(4), TUI_CTRL('l'), N_("Choose"), N_("choose from the list the field means"), false },
	{ NULL }
};
const struct screen_ops screen_form_ops = {
	.title = N_("Form"), .state_size = sizeof(struct form_screen), .keys = form_keys, .open = form_screen_open,
	.draw = form_screen_draw, .command = form_screen_command, .key = form_screen_key, .close = form_screen_close,
	.typing = form_screen_typing, .name = form_screen_name,
};
