/* cli_client: see cli_client.h. How options become a request is in cli_request.c. */
#include "console/cli_client.h"

#include "console/cli_request.h"
#include "shared/clock.h"
#include "shared/conf.h"
#include "shared/money.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define UNKNOWN_RETRY_S 20
#define CREDENTIAL_MAX 512

const struct cli_option client_options[] = {
	{ "socket", "PATH", "the operator's socket of a server on this machine" },
	{ "merchant", "ID", "the merchant the operator acts for" },
	{ "terminal", "NAME", "act as this enrolled till (qrtill terminal enrol)" },
	{ "owner", "NAME", "act as this person who is signed in (qrtill login in)" },
	{ "token-file", "FILE", "act with the credential in this file" },
	{ "currency", "CODE", "currency of amounts given here, instead of the merchant's" },
	{ "wait", "SECONDS", "how long to ask again while the outcome is unknown; default: 20" },
	{ "key", "KEY", "idempotency key of this change; the same key never does it twice" },
	{ 0 },
};

/* Where the server is when no option says it: environment QRTILL_SERVER..., qrtill.conf, these defaults. */
struct client_settings {
	char *server, *socket, *terminal, *owner, *token_file; /* owned */
	int64_t merchant;
};
static const struct conf_option settings_table[] = {
	{ "server", CONF_TEXT, NULL, 0, 0, offsetof(struct client_settings, server), "URL of the server" },
	{ "socket", CONF_PATH, "/run/qrtill/operator.sock", 0, 0, offsetof(struct client_settings, socket),
	  "the operator's socket" },
	{ "terminal", CONF_TEXT, NULL, 0, 0, offsetof(struct client_settings, terminal), "enrolled till to act as" },
	{ "owner", CONF_TEXT, NULL, 0, 0, offsetof(struct client_settings, owner), "signed-in person to act as" },
	{ "token_file", CONF_PATH, NULL, 0, 0, offsetof(struct client_settings, token_file), "file with a credential" },
	{ "merchant", CONF_INT, "0", 0, INT64_MAX, offsetof(struct client_settings, merchant),
	  "merchant the operator acts for" },
	{ 0 },
};

static void override(const struct cli *cli, const char *option, char **slot)
{
	const char *value = cli_option(cli, option);
	if (value == NULL)
		return;
	free(*slot);
	*slot = xstrdup(value);
}

static enum qt_err read_settings(const struct cli *cli, struct client_settings *s, struct problem *p)
{
	char program[] = "qrtill", *argv[] = { program, NULL };
	int first;

	enum qt_err err = conf_load("qrtill", settings_table, s, 1, argv, &first, p);
	if (err != QT_OK)
		return err;
	/* Who is asked is one decision: an option for one way silences settings for the others. */
	bool named = cli_has(cli, "server") || cli_has(cli, "socket") || cli_has(cli, "terminal") ||
		cli_has(cli, "owner");
	if (named)
		for (size_t i = 0; i < 3; i++) {
			char **slot = i == 0 ? &s->server : i == 1 ? &s->terminal : &s->owner;
			free(*slot);
			*slot = NULL;
		}
	override(cli, "server", &s->server);
	override(cli, "socket", &s->socket);
	override(cli, "terminal", &s->terminal);
	override(cli, "owner", &s->owner);
	override(cli, "token-file", &s->token_file);
	return cli_option_int(cli, "merchant", 1, INT64_MAX, &s->merchant, p);
}

static bool is_set(const char *text)
{
	return text != NULL && text[0] != '\0';
}

static enum qt_err read_token(const char *path, char token[CREDENTIAL_MAX], struct problem *p)
{
	char *text = NULL;
	size_t len = 0;

	enum qt_err err = cli_read_file(path, CREDENTIAL_MAX - 1, &text, &len, p);
	if (err != QT_OK)
		return err;
	snprintf(token, CREDENTIAL_MAX, "%.*s", (int)strcspn(text, " \t\r\n"), text);
	free(text);
	return QT_OK;
}

/* A till ("terminal") or a person at a console ("owner"): what cli_state keeps of it. */
static enum qt_err open_kept(struct client *c, const char *kind, const char *name, struct api_options *o,
                             struct problem *p)
{
	struct state state;

	enum qt_err err = state_load(&state, kind, name, p);
	if (err == QT_OK) {
		const char *session = state_get(&state, "session_token");
		o->url = state_get(&state, "server");
		o->pin = state_get(&state, "pin");
		o->token = session[0] ? session : state_get(&state, "terminal_token");
		snprintf(c->currency, sizeof c->currency, "%s", state_get(&state, "currency"));
		err = api_open(o, &c->api, p);
	}
	state_free(&state);
	return err;
}

enum qt_err client_open(struct client *c, const struct cli *cli, struct problem *p)
{
	struct client_settings s = { 0 };
	struct api_options o = { .locale = cli->chinese ? "zh" : "en" };
	char token[CREDENTIAL_MAX] = "";

	*c = (struct client){ .cli = cli };
	enum qt_err err = read_settings(cli, &s, p);
	if (err != QT_OK)
		goto out;
	if (is_set(s.terminal)) {
		err = open_kept(c, "terminal", s.terminal, &o, p);
		goto out;
	}
	if (is_set(s.owner)) {
		err = open_kept(c, "owner", s.owner, &o, p);
		goto out;
	}
	if (is_set(s.token_file) && (err = read_token(s.token_file, token, p)) != QT_OK)
		goto out;
	o.token = token;
	if (is_set(s.server)) {
		o.url = s.server;
	} else {
		o.socket = s.socket;
		o.merchant_id = c->merchant_id = s.merchant;
		c->operator_socket = true;
	}
	err = api_open(&o, &c->api, p);
out:
	conf_free(settings_table, &s);
	if (err != QT_OK)
		client_close(c);
	return err;
}

bool client_has_server(const struct cli *cli)
{
	struct client_settings s = { 0 };
	bool has = cli_has(cli, "server") || cli_has(cli, "socket");

	if (!has && read_settings(cli, &s, NULL) == QT_OK)
		has = is_set(s.server) || is_set(s.terminal) || is_set(s.owner) || (is_set(s.socket) && access(s.socket, W_OK) == 0);
	conf_free(settings_table, &s);
	return has;
}

void client_close(struct client *c)
{
	api_close(c->api);
	c->api = NULL;
}

enum qt_err client_currency(struct client *c, struct problem *p)
{
	const char *wanted = cli_option(c->cli, "currency");
	struct api_reply r = { 0 };
	char path[64] = "/v1/terminals/me";
	enum qt_err err = QT_OK;

	if (wanted != NULL)
		snprintf(c->currency, sizeof c->currency, "%s", wanted);
	if (c->currency[0] == '\0') {
		if (c->merchant_id > 0)
			snprintf(path, sizeof path, "/v1/merchants/%lld", (long long)c->merchant_id);
		else if (c->operator_socket)
			return problem_set(p, QT_MISSING_FIELD, "merchant", "--merchant or --currency is needed for amounts");
		err = api_call(c->api, "GET", path, NULL, NULL, &r);
		const struct json_t *m = jget(r.body, "merchant") ? jget(r.body, "merchant") : r.body;
		snprintf(c->currency, sizeof c->currency, "%s", jtext(m, "currency", ""));
		if (err != QT_OK && p)
			*p = r.problem;
		api_reply_free(&r);
	}
	if (err == QT_OK && currency_by_alpha(c->currency) == NULL)
		err = problem_set(p, QT_BAD_FIELD, "currency", "\"%s\" is no currency", c->currency);
	return err;
}

enum qt_err client_money(struct client *c, const char *name, const char *text, int64_t *cents, struct problem *p)
{
	enum qt_err err = client_currency(c, p);
	if (err != QT_OK)
		return err;
	const struct currency *currency = currency_by_alpha(c->currency);
	if (money_parse(text, currency->numeric, cents) != QT_OK)
		return problem_set(p, QT_BAD_FIELD, name, "must be an amount like 23.75, at most %d places", currency->digits);
	return QT_OK;
}

static enum qt_err show_dry_run(const char *method, const char *path, const char *body, struct api_reply *r)
{
	printf("%s %s\n%s%s", method, path, body ? body : "", body ? "\n" : "");
	*r = (struct api_reply){ .err = QT_OK };
	return QT_OK;
}

enum qt_err client_call_key(struct client *c, const char *method, const char *path, const char *body, const char *key,
                            struct api_reply *r, struct problem *p)
{
	int64_t wait_s = UNKNOWN_RETRY_S;

	*r = (struct api_reply){ 0 };
	enum qt_err err = cli_option_int(c->cli, "wait", 0, 3600, &wait_s, p);
	if (err != QT_OK)
		return err;
	int64_t until = clock_mono_ms() + wait_s * 1000;
	err = api_call(c->api, method, path, body, key, r);
	while (err == QT_UNKNOWN_OUTCOME && clock_mono_ms() < until) {
		api_reply_free(r);
		api_wait(c->api, -1, 500);
		err = api_call(c->api, method, path, body, key, r);
		if (err == QT_OFFLINE) /* not reached now says nothing about the first try */
			err = r->err = QT_UNKNOWN_OUTCOME;
	}
	if (err == QT_OK)
		return err;
	if (p) {
		*p = r->problem;
		if (err == QT_UNKNOWN_OUTCOME && key)
			problem_set(p, err, "", "ask again with --key %s", key);
	}
	return err;
}

enum qt_err client_call(struct client *c, const char *method, const char *path, const char *body,
                        struct api_reply *r, struct problem *p)
{
	const char *key = cli_option(c->cli, "key");
	char fresh[37];

	if (strcmp(method, "POST") != 0)
		return client_call_key(c, method, path, body, NULL, r, p);
	if (c->cli->dry_run)
		return show_dry_run(method, path, body, r);
	if (key == NULL) {
		client_new_key(fresh);
		key = fresh;
	}
	return client_call_key(c, method, path, body, key, r, p);
}

void client_show(const struct client *c, const struct json_t *body, const char *list, const char *columns)
{
	struct view v = { .currency = c->currency, .plain = c->cli->plain, .chinese = c->cli->chinese };
	struct buf b = { 0 };

	if (body == NULL)
		return;
	v.currency = jtext(body, "currency", c->currency);
	if (c->cli->json) {
		char *text = jdump(body);
		buf_adds(&b, text);
		cli_print_json(&b);
		buf_free(&b);
		free(text);
		return;
	}
	if (list)
		view_table(&b, &v, jget(body, list), columns);
	else
		view_object(&b, &v, body);
	fwrite(b.data ? b.data : "", 1, b.len, stdout);
	buf_free(&b);
}

enum qt_err client_request(struct client *c, const struct cli_route *route, struct json_t **answer, struct problem *p)
{
	struct buf path = { 0 }, body = { 0 };
	struct api_reply r = { 0 };

	*answer = NULL;
	enum qt_err err = request_build(c, route, &path, &body, p);
	if (err == QT_OK)
		err = client_call(c, route->method, path.data, body.data, &r, p);
	if (err == QT_OK)
		*answer = jhold(r.body);
	api_reply_free(&r);
	buf_free(&path);
	buf_free(&body);
	return err;
}

enum qt_err client_run(struct cli *cli, struct problem *p)
{
	const struct cli_route *route = cli->command->route;
	struct json_t *answer = NULL;
	struct client c;

	enum qt_err err = client_open(&c, cli, p);
	if (err != QT_OK)
		return err;
	if (route->confirm && !cli->dry_run)
		err = client_confirm(cli, route->confirm, p);
	if (err == QT_OK)
		err = client_request(&c, route, &answer, p);
	if (err == QT_OK && answer != NULL && !cli->json && c.currency[0] == '\0' && c.merchant_id > 0) {
		/* Only for showing amounts with their name. */
		if (client_currency(&c, NULL) != QT_OK)
			c.currency[0] = '\0';
	}
	if (err == QT_OK)
		client_show(&c, answer, route->list, route->columns);
	jfree(answer);
	client_close(&c);
	return err;
}

enum qt_err client_confirm(const struct cli *cli, const char *question, struct problem *p)
{
	char line[16] = "";

	if (cli->yes)
		return QT_OK;
	if (cli->no_input || !isatty(STDIN_FILENO))
		return problem_set(p, QT_BAD_REQUEST, "yes", "this needs a yes: give --yes");
	fprintf(stderr, "%s [y/N] ", question);
	if (fgets(line, sizeof line, stdin) != NULL && (line[0] == 'y' || line[0] == 'Y'))
		return QT_OK;
	return problem_set(p, QT_BAD_REQUEST, "yes", "nothing was done");
}

static enum qt_err take_pin(const char *text, char pin[16], struct problem *p)
{
	size_t n = strspn(text, "0123456789");
	size_t rest = strspn(text + n, "\r\n");

	if (n < 4 || n > 12 || text[n + rest] != '\0')
		return problem_set(p, QT_BAD_FIELD, "pin", "4 to 12 digits");
	memcpy(pin, text, n);
	pin[n] = '\0';
	return QT_OK;
}

/* One line typed on the terminal without echo. */
static enum qt_err prompt_secret(const char *field, const char *question, char *line, size_t size, struct problem *p)
{
	struct termios quiet, before;

	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	if (fd < 0 || tcgetattr(fd, &before) != 0) {
		if (fd >= 0)
			close(fd);
		return problem_set(p, QT_MISSING_FIELD, field, "there is no terminal to ask on");
	}
	dprintf(fd, "%s: ", question);
	quiet = before;
	quiet.c_lflag &= (tcflag_t)~ECHO;
	tcsetattr(fd, TCSAFLUSH, &quiet);
	ssize_t n = read(fd, line, size - 1);
	tcsetattr(fd, TCSAFLUSH, &before);
	dprintf(fd, "\n");
	close(fd);
	line[n > 0 ? n : 0] = '\0';
	return QT_OK;
}

static enum qt_err prompt_pin(const char *question, char pin[16], struct problem *p)
{
	char line[32] = "";
	enum qt_err err = prompt_secret("pin", question, line, sizeof line, p);

	if (err == QT_OK)
		err = take_pin(line, pin, p);
	explicit_bzero(line, sizeof line);
	return err;
}

enum qt_err client_secret(const struct cli *cli, const struct client_secret *what, char *out, size_t size,
                          struct problem *p)
{
	const char *file = what->file_option ? cli_option(cli, what->file_option) : NULL;
	const char *environment = getenv(what->environment);
	char *text = NULL;
	size_t len = 0;
	enum qt_err err = QT_OK;

	out[0] = '\0';
	if (cli->pin != NULL) {
		snprintf(out, size, "%s", cli->pin);
	} else if (file != NULL) {
		err = cli_read_file(file, size - 1, &text, &len, p);
		snprintf(out, size, "%s", err == QT_OK ? text : "");
		if (text)
			explicit_bzero(text, len);
		free(text);
	} else if (environment != NULL) {
		snprintf(out, size, "%s", environment);
	} else if (cli->no_input) {
		err = problem_set(p, QT_MISSING_FIELD, what->field, "give it in $%s", what->environment);
	} else {
		err = prompt_secret(what->field, what->question, out, size, p);
	}
	out[strcspn(out, "\r\n")] = '\0';
	return err;
}

enum qt_err client_pin_from(const char *file, char pin[16], struct problem *p)
{
	char *text = NULL;
	size_t len = 0;

	enum qt_err err = cli_read_file(file, 64, &text, &len, p);
	if (err != QT_OK)
		return err;
	err = take_pin(text, pin, p);
	explicit_bzero(text, len);
	free(text);
	return err;
}

enum qt_err client_pin(const struct cli *cli, const char *question, char pin[16], struct problem *p)
{
	const char *file = cli_option(cli, "pin-file"), *environment = getenv("QRTILL_PIN");

	if (cli->pin != NULL)
		return take_pin(cli->pin, pin, p);
	if (file != NULL)
		return client_pin_from(file, pin, p);
	if (environment != NULL)
		return take_pin(environment, pin, p);
	if (cli->no_input)
		return problem_set(p, QT_MISSING_FIELD, "pin", "give it with --pin-file or in $QRTILL_PIN");
	return prompt_pin(question, pin, p);
}

void client_new_key(char key[37])
{
	uint8_t b[16];
	int64_t now = clock_now_ms();
	char *at = key;

	random_bytes(b, sizeof b);
	for (int i = 0; i < 6; i++)
		b[i] = (uint8_t)(now >> (40 - 8 * i));
	b[6] = (uint8_t)(0x70 | (b[6] & 0x0f));
	b[8] = (uint8_t)(0x80 | (b[8] & 0x3f));
	for (int i = 0; i < 16; i++)
		at += sprintf(at, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", b[i]);
}
