/* console: requests in the background of the loop, who we are, and taking back. See console.h. */
#include "console/console_action.h"

#include "server/call.h"
#include "shared/clock.h"
#include "shared/tr.h"

#include <stdlib.h>
#include <string.h>

#define ASK_AGAIN_MS 700
#define GIVE_UP_MS 20000

/* One request under way. A change (key set) outlives the screen that made it. */
struct pending {
	struct pending *next;
	struct console *console;
	int64_t number;       /* of the API client; 0: waits to be sent again */
	char key[37];         /* empty: only a question */
	char *path, *body;    /* owned; body NULL: none */
	console_done done;    /* NULL: nobody waits any more */
	void *ctx;
	int64_t retry_ms;     /* monotonic, while number is 0 */
	int64_t until_ms;     /* when to give up */
};

static void take_out(struct pending *p)
{
	struct pending **at = &p->console->pending;

	while (*at != p)
		at = &(*at)->next;
	*at = p->next;
	if (p->body)
		explicit_bzero(p->body, strlen(p->body));
	free(p->body);
	free(p->path);
	free(p);
}

static void on_reply(void *ctx, const struct api_reply *r)
{
	struct pending *p = ctx;
	struct console *c = p->console;
	console_done done = p->done;
	void *to = p->ctx;
	int64_t now = clock_mono_ms();

	c->on_line = r->err != QT_OFFLINE;
	p->number = 0;
	if (p->key[0] && now < p->until_ms && (r->err == QT_UNKNOWN_OUTCOME || r->err == QT_OFFLINE)) {
		p->retry_ms = now + ASK_AGAIN_MS;
		return;
	}
	if (p->key[0] && r->err == QT_OK)
		c->changes++;
	take_out(p);
	tui_dirty(c->tui);
	if (done)
		done(to, r->err, r->body, &r->problem);
}

static void start(struct pending *p)
{
	const struct api_request q = { .method = p->key[0] ? "POST" : "GET", .path = p->path, .body = p->body,
		.key = p->key[0] ? p->key : NULL, .done = on_reply, .ctx = p };
	p->number = api_send(p->console->client.api, &q);
}

static struct pending *new_pending(struct console *c, const char *path, console_done done, void *ctx)
{
	struct pending *p = xcalloc(1, sizeof *p);

	*p = (struct pending){ .next = c->pending, .console = c, .path = xstrdup(path), .done = done, .ctx = ctx,
		.until_ms = clock_mono_ms() + GIVE_UP_MS };
	c->pending = p;
	return p;
}

int64_t console_get(struct console *c, const char *path, console_done done, void *ctx)
{
	struct pending *p = new_pending(c, path, done, ctx);

	start(p);
	return p->number;
}

void console_forget(struct console *c, int64_t number)
{
	for (struct pending *p = c->pending; p && number; p = p->next)
		if (p->number == number && !p->key[0]) {
			api_cancel(c->client.api, number);
			take_out(p);
			return;
		}
}

void console_post(struct console *c, const char *path, const char *body, console_done done, void *ctx)
{
	struct pending *p = new_pending(c, path, done, ctx);

	p->body = xstrdup(body);
	client_new_key(p->key);
	start(p);
}

void console_action_forget(struct console *c, console_done of, const void *ctx)
{
	for (struct pending *p = c->pending; p; p = p->next)
		if (p->done == of)
			action_untell(p->ctx, ctx);
}

void console_problem(const struct console *c, enum qt_err err, const struct problem *p, char *out, size_t size)
{
	struct view v = console_view(c, NULL);
	struct buf label = { 0 };

	if (p && p->field[0])
		view_label(&label, &v, p->field);
	snprintf(out, size, "%s%s%s%s%s", label.data ? label.data : "", label.data ? ": " : "", tr_err(err),
	         p && p->detail[0] ? ": " : "", p ? p->detail : "");
	buf_free(&label);
}

struct view console_view(const struct console *c, const struct json_t *siblings)
{
	return (struct view){ .currency = jtext(siblings, "currency", c->client.currency),
		.chinese = strcmp(tr_language(), "zh") == 0, .words = true };
}

void console_set_language(struct console *c, const char *language)
{
	tr_set_language(language);
	c->base.cli.chinese = strcmp(tr_language(), "zh") == 0;
	if (c->client.api)
		api_set_locale(c->client.api, tr_language());
	if (c->tui)
		tui_dirty(c->tui);
}

void console_untell(struct console *c, const void *ctx)
{
	for (struct pending *p = c->pending; p; p = p->next)
		if (p->ctx == ctx && p->key[0])
			p->done = NULL;
}

/* ---- taking back ---- */

static void undo_clear(struct console *c)
{
	free(c->undo.path);
	free(c->undo.body);
	c->undo = (struct console_undo){ 0 };
}

void console_undo_set(struct console *c, const struct command *command, const char *path, const char *body)
{
	undo_clear(c);
	c->undo = (struct console_undo){ command, xstrdup(path), xstrdup(body) };
}

static void undone(void *ctx, enum qt_err err, const struct json_t *body, const struct problem *p)
{
	struct console *c = ctx;
	char why[400];

	(void)body;
	if (err == QT_OK) {
		tui_say(c->tui, STYLE_GOOD, "%s", tr("taken back"));
		undo_clear(c);
		return;
	}
	console_problem(c, err, p, why, sizeof why);
	tui_say(c->tui, STYLE_BAD, "%s", why);
}

void console_undo_run(struct console *c)
{
	if (c->undo.command == NULL)
		tui_say(c->tui, STYLE_WARN, "%s", tr("there is nothing to take back"));
	else
		console_post(c, c->undo.path, c->undo.body, undone, c);
}

/* ---- the loop ---- */

bool console_wait(void *app, int fd, int timeout_ms)
{
	struct console *c = app;
	return api_wait(c->client.api, fd, timeout_ms);
}

bool console_busy(void *app)
{
	const struct console *c = app;
	return c->pending != NULL;
}

void console_tick(void *app, int64_t now_ms)
{
	struct console *c = app;

	for (struct pending *p = c->pending; p; p = p->next)
		if (p->number == 0 && now_ms >= p->retry_ms)
			start(p);
}

const char *console_status(void *app, enum style *style)
{
	static char text[256];
	const struct console *c = app;
	char now[17];

	if (!c->on_line)
		*style = STYLE_BAD;
	snprintf(text, sizeof text, "%s  %s  %s", c->who, c->on_line ? tr("on line") : tr("OFF LINE"),
	         clock_format_local(clock_now_ms(), now) + 11);
	return text;
}

/* ---- who we are ---- */

static void give(struct console *c, const char *option, const char *value)
{
	if (value && value[0])
		call_give(&c->base, option, value);
}

void console_disconnect(struct console *c)
{
	while (c->pending) {
		if (c->pending->number)
			api_cancel(c->client.api, c->pending->number);
		take_out(c->pending);
	}
	undo_clear(c);
	client_close(&c->client);
	call_free(&c->base);
}

void console_set_role(struct console *c, const char *word)
{
	static const struct { const char *word; enum role role; } roles[] = {
		{ "cashier", ROLE_CASHIER }, { "manager", ROLE_MANAGER }, { "owner", ROLE_OWNER }, { "operator", ROLE_OPERATOR },
	};
	for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
		if (strcmp(roles[i].word, word) == 0)
			c->role = roles[i].role;
}

void console_set_session(struct console *c, const struct json_t *body)
{
	api_set_token(c->client.api, jtext(body, "session_token", ""));
	snprintf(c->client.currency, sizeof c->client.currency, "%s", jtext(body, "currency", ""));
	console_set_role(c, jtext(body, "role", ""));
	c->signed_in = true;
}

static bool is_given(const char *text)
{
	return text && text[0];
}

bool console_needs_session(const struct console *c)
{
	const struct console_settings *s = &c->settings;

	return !c->signed_in && !c->client.operator_socket && is_given(s->server) && !is_given(s->terminal) &&
	       !is_given(s->owner) && !is_given(s->token_file);
}

enum qt_err console_connect(struct console *c, struct problem *p)
{
	const struct console_settings *s = &c->settings;
	char merchant[24] = "";
	bool chinese = strcmp(tr_language(), "zh") == 0;

	console_disconnect(c);
	call_start(&c->base, c, NULL);
	c->base.cli.chinese = chinese;
	if (s->merchant > 0)
		snprintf(merchant, sizeof merchant, "%lld", (long long)s->merchant);
	give(c, "server", s->server);
	give(c, "socket", s->socket);
	give(c, "terminal", s->terminal);
	give(c, "owner", s->owner);
	give(c, "token-file", s->token_file);
	give(c, "merchant", merchant);
	enum qt_err err = client_open(&c->client, &c->base.cli, p);
	c->role = err == QT_OK && c->client.operator_socket ? ROLE_OPERATOR : 0;
	c->on_line = err == QT_OK;
	return err;
}
