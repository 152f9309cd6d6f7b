/* console_call: verbs of the command line as requests of the console. The request is made by the command line's own
 * functions; what a field may be is read from the server's route table, which is linked in. See console.h. */
#include "console/console.h"

#include "console/cli_request.h"
#include "server/routes.h"

#include <stdlib.h>
#include <string.h>

void call_start(struct console_call *call, const struct console *c, const struct command *command)
{
	*call = (struct console_call){ .cli = { .command = command, .no_input = true, .yes = true,
		.chinese = c->client.cli && c->client.cli->chinese } };
	call->cli.arg = call->args;
}

void call_arg(struct console_call *call, const char *text)
{
	if (call->cli.args < CALL_ARGS_MAX)
		call->args[call->cli.args++] = xstrdup(text);
}

void call_give(struct console_call *call, const char *option, const char *text)
{
	int n = call->cli.given_count;

	if (n == CLI_GIVEN_MAX)
		return;
	call->names[n] = xstrdup(option);
	call->values[n] = xstrdup(text);
	call->cli.given[n].name = call->names[n];
	call->cli.given[n].value = call->values[n];
	call->cli.given_count++;
}

void call_give_all(struct console_call *call, const char *given)
{
	char name[64], value[64];
	int n;

	for (; given && *given; given += n + strspn(given + n, " ")) {
		if (given[0] == '#' && sscanf(given, "#%63s%n", value, &n) == 1)
			call_arg(call, value);
		else if (sscanf(given, "%63[^=]=%63s%n", name, value, &n) == 2)
			call_give(call, name, value);
		else
			return;
	}
}

void call_free(struct console_call *call)
{
	for (int i = 0; i < call->cli.args; i++)
		free(call->args[i]);
	for (int i = 0; i < call->cli.given_count; i++) {
		free(call->names[i]);
		if (call->values[i])
			explicit_bzero(call->values[i], strlen(call->values[i]));
		free(call->values[i]);
	}
	*call = (struct console_call){ 0 };
}

/* The server's row for a verb: any id will do for finding it. */
static const struct route *route_of(const struct command *command)
{
	char path[128], token[128];
	const struct route *r;
	size_t len = 0;
	unsigned allow;
	int64_t id;

	if (command->route == NULL)
		return NULL;
	for (const char *s = command->route->path; *s && len + 2 < sizeof path;) {
		if (*s != ':') {
			path[len++] = *s++;
			continue;
		}
		path[len++] = '1';
		s += strcspn(s, "/");
	}
	return routes_match(command->route->method, path, len, &r, &id, token, &allow) == QT_OK ? r : NULL;
}

const struct field *call_fields(const struct command *command)
{
	const struct route *r = route_of(command);
	return r ? r->fields : NULL;
}

const struct field *call_field(const struct command *command, const char *name)
{
	for (const struct field *f = name ? call_fields(command) : NULL; f && f->type != FIELD_END; f++)
		if (strcmp(f->name, name) == 0)
			return f;
	return NULL;
}

bool call_is_paging(const char *field)
{
	static const char *const words[] = { "after", "before", "limit", "sort", "desc" };

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strcmp(words[i], field) == 0)
			return true;
	return false;
}

bool call_allowed(const struct console *c, const struct command *command)
{
	const struct route *r = route_of(command);
	return r == NULL || c->role == 0 || (r->roles & (c->role | ROLE_ANYONE));
}

static enum qt_err check_body(const struct command *command, const struct buf *body, struct problem *p)
{
	const struct route *r = route_of(command);
	struct arena arena = { 0 };
	enum qt_err err = QT_OK;

	if (r && r->fields && strcmp(r->method, "POST") == 0) {
		void *args = arena_alloc(&arena, r->args_size);
		err = fields_from_json(r->fields, args, r->args_size, body->data, body->len, &arena, p);
	}
	arena_free(&arena);
	return err;
}

enum qt_err call_build(struct console *c, struct console_call *call, struct buf *path, struct buf *body,
                       struct problem *p)
{
	struct client client = c->client;

	client.cli = &call->cli;
	enum qt_err err = request_build(&client, call->cli.command->route, path, body, p);
	memcpy(c->client.currency, client.currency, sizeof client.currency);
	return err == QT_OK ? check_body(call->cli.command, body, p) : err;
}

/* One member of an object, checked by its own row alone. */
enum qt_err call_check(struct console *c, const struct command *command, const struct cli_option *o, const char *text,
                       struct problem *p)
{
	const struct field *f = o->field ? call_field(command, o->field) : NULL;
	const struct route *r = route_of(command);
	struct console_call call;
	struct buf body = { 0 };
	struct json j;

	if (text[0] == '\0' || o->field == NULL || o->field[0] == ':' || o->kind == CLI_TEXTS || o->kind == CLI_RATES ||
	    o->kind == CLI_INTS)
		return QT_OK;
	call_start(&call, c, command);
	struct client client = c->client;
	client.cli = &call.cli;
	json_start(&j, &body);
	json_object(&j, NULL);
	enum qt_err err = request_value(&client, &j, o->kind, o->field, o->name, text, p);
	if (err == QT_OK)
		json_end(&j);
	if (err == QT_OK && f && strcmp(r->method, "POST") == 0) {
		struct field alone[] = { *f, { .type = FIELD_END } };
		struct arena arena = { 0 };
		void *args = arena_alloc(&arena, r->args_size);
		err = fields_from_json(alone, args, r->args_size, body.data, body.len, &arena, p);
		arena_free(&arena);
	}
	call_free(&call);
	buf_free(&body);
	return err;
}
