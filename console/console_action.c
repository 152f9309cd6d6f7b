/* console_action: doing what an action says: opening a list, a form, asking, sending, and remembering how it is taken
 * back. Also the key tables of the screens that show actions. See console.h. */
#include "console/console_action.h"

#include "shared/tr.h"
#include "shared/tui/dialog.h"

#include <stdlib.h>
#include <string.h>

/* An action on its way; lives until its answer came. */
struct doing {
	struct console *console;
	const struct console_list *list;
	const struct console_action *action;
	char *path, *body;           /* owned; the request */
	char *undo_path, *undo_body; /* owned; NULL: it is not taken back */
	const struct command *undo;
	action_done told;            /* NULL: nobody but the message line */
	void *ctx;
};

static void doing_free(struct doing *d)
{
	if (d->body)
		explicit_bzero(d->body, strlen(d->body));
	free(d->path);
	free(d->body);
	free(d->undo_path);
	free(d->undo_body);
	free(d);
}

char *action_id(const struct console_list *l, const struct json_t *row, char out[24])
{
	snprintf(out, 24, "%lld", (long long)(l->id ? jint(row, l->id, 0) : 0));
	return out;
}

/* The values of before for every member that is sent; false: one of them is not known. */
struct inverse {
	const struct json_t *row;
	struct json j;
	bool whole;
};

static void add_before(void *ctx, const char *name, struct json_t *value)
{
	struct inverse *v = ctx;
	const struct json_t *before = jget(v->row, name);
	enum jkind kind = jkind_of(before);

	(void)value;
	if (kind == JKIND_INT || kind == JKIND_BOOL || kind == JKIND_TEXT) {
		char *text = jdump(before);
		json_raw(&v->j, name, text, strlen(text));
		free(text);
	} else {
		v->whole = false;
	}
}

static void same_verb_back(struct doing *d, const struct command *command, const struct json_t *row)
{
	struct json_t *sent = jparse(d->body, strlen(d->body));
	struct buf body = { 0 };
	struct inverse v = { .row = row, .whole = true };

	json_start(&v.j, &body);
	json_object(&v.j, NULL);
	jeach(sent, add_before, &v);
	json_end(&v.j);
	if (v.whole && row) {
		d->undo = command;
		d->undo_path = xstrdup(d->path);
		d->undo_body = xstrdup(body.data);
	}
	buf_free(&body);
	jfree(sent);
}

static void other_verb_back(struct doing *d, const struct console_call *call)
{
	struct console_call back;
	struct buf path = { 0 }, body = { 0 };

	call_start(&back, d->console, cli_command(d->list->noun, d->action->inverse));
	for (int i = 0; i < call->cli.args; i++)
		call_arg(&back, call->args[i]);
	if (call_build(d->console, &back, &path, &body, NULL) == QT_OK) {
		d->undo = back.cli.command;
		d->undo_path = xstrdup(path.data);
		d->undo_body = xstrdup(body.data);
	}
	call_free(&back);
	buf_free(&path);
	buf_free(&body);
}

static void answered(void *ctx, enum qt_err err, const struct json_t *body, const struct problem *p)
{
	struct doing *d = ctx;
	struct console *c = d->console;
	char why[400];

	if (d->told)
		d->told(d->ctx, err, p);
	if (err != QT_OK) {
		console_problem(c, err, p, why, sizeof why);
		if (d->told == NULL)
			tui_say(c->tui, STYLE_BAD, "%s", why);
		doing_free(d);
		return;
	}
	if (d->undo)
		console_undo_set(c, d->undo, d->undo_path, d->undo_body);
	if (d->action->flags & ACTION_SHOW) {
		console_record_push(c, &(struct console_record_open){ .list = d->list, .row = body, .title = d->action->label,
			.whole = true });
	} else {
		tui_say(c->tui, STYLE_GOOD, d->undo ? tr("%s: done; u takes it back") : tr("%s: done"), tr(d->action->label));
	}
	doing_free(d);
}

static void send_now(void *ctx, const char *text)
{
	struct doing *d = ctx;

	(void)text;
	if (d->body)
		console_post(d->console, d->path, d->body, answered, d);
	else
		console_get(d->console, d->path, answered, d);
}

static void not_sent(void *ctx)
{
	doing_free(ctx);
}

enum qt_err action_send(struct console *c, const struct console_list *l, const struct console_action *a,
                        struct console_call *call, const struct json_t *row, action_done told, void *ctx,
                        struct problem *p)
{
	const struct command *command = call->cli.command;
	struct buf path = { 0 }, body = { 0 };
	bool post = strcmp(command->route->method, "POST") == 0;

	enum qt_err err = call_build(c, call, &path, &body, p);
	if (err == QT_OK) {
		struct doing *d = xcalloc(1, sizeof *d);
		*d = (struct doing){ .console = c, .list = l, .action = a, .path = buf_take(&path),
			.body = post ? buf_take(&body) : NULL, .told = told, .ctx = ctx };
		if (a->inverse && a->inverse[0])
			other_verb_back(d, call);
		else if (a->inverse && post)
			same_verb_back(d, command, row);
		if (command->route->confirm) {
			struct dialog ask = { .title = tr(a->label), .answered = send_now, .dropped = not_sent, .ctx = d };
			snprintf(ask.text, sizeof ask.text, "%s", tr(command->route->confirm));
			dialog_push(c->tui, &ask);
		} else {
			send_now(d, "");
		}
	}
	buf_free(&path);
	buf_free(&body);
	return err;
}

void action_forget(struct console *c, const void *ctx)
{
	console_action_forget(c, answered, ctx);
}

void action_untell(void *doing, const void *ctx)
{
	struct doing *d = doing;

	if (d->ctx == ctx)
		d->told = NULL;
}

static void do_now(struct console *c, const struct console_list *l, const struct console_action *a,
                   const struct command *command, const struct json_t *row)
{
	struct console_call call;
	struct problem p = { 0 };
	char id[24], why[400];

	call_start(&call, c, command);
	if (a->flags & ACTION_ROW)
		call_arg(&call, action_id(l, row, id));
	call_give_all(&call, a->given);
	enum qt_err err = action_send(c, l, a, &call, row, NULL, NULL, &p);
	if (err != QT_OK) {
		console_problem(c, err, &p, why, sizeof why);
		tui_say(c->tui, STYLE_BAD, "%s", why);
	}
	call_free(&call);
}

void console_do(struct console *c, const struct console_list *l, const struct console_action *a, const struct json_t *row)
{
	const struct command *command = console_action_command(l, a);
	char id[24];

	if ((a->flags & ACTION_ROW) && row == NULL) {
		tui_say(c->tui, STYLE_WARN, "%s", tr("choose a row first"));
	} else if (a->flags & ACTION_OPEN) {
		console_list_push(c, &(struct console_list_open){ .list = console_list_find(command->noun, command->verb),
			.arg = row ? action_id(l, row, id) : NULL, .arg_field = l->id });
	} else if (a->flags & ACTION_NOW) {
		do_now(c, l, a, command, row);
	} else {
		const struct console_form_open open = { .list = l, .action = a,
			.row = a->flags & ACTION_ROW ? row : NULL };
		screen_push(c->tui, &screen_form_ops, &open);
	}
}

int action_bindings(const struct console *c, const struct console_list *l, unsigned only, struct binding *out, int most)
{
	int n = 0;

	for (const struct console_action *a = l->actions; a && a->label; a++) {
		const struct command *command = console_action_command(l, a);
		if (a->key == 0 || n == most || (a->flags & only) != only || !call_allowed(c, command))
			continue;
		out[n++] = (struct binding){ .name = command->verb, .command = (int)(a - l->actions) + 1, .key = a->key,
			.label = a->label, .help = command->help };
	}
	return n;
}
