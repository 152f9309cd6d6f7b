/* cli_terminal: tills: `qrtill terminal ...`. Besides making and revoking them, the command line can itself be an
 * enrolled till (for scripts): its credential is kept by cli_state, and `--terminal NAME` uses it. */
#include "console/cli_client.h"

#include <string.h>

#define ID(help) (const struct cli_option[]){ { "ID", NULL, help, CLI_INT, ":id" }, { 0 } }

static const struct cli_option new_arguments[] = {
	{ "STORE", NULL, "the shop it stands in", CLI_INT, "store_id" },
	{ "NAME", NULL, "its name", CLI_TEXT, "name" },
	{ 0 },
};
static const struct cli_option enrol_options[] = {
	{ "as", "NAME", "keep the credential under this name; default: till", CLI_OWN, NULL }, { 0 },
};
static const struct cli_option sign_in_options[] = {
	{ "pin-file", "FILE", "read the PIN from a file, - for standard input", CLI_OWN, NULL }, { 0 },
};
static const struct cli_route new_terminal = { "POST", "/v1/terminals", new_arguments };
static const struct cli_route list = { "GET", "/v1/terminals", .list = "terminals" };
static const struct cli_route revoke = { "POST", "/v1/terminals/:id/revoke", ID("the till"),
	.confirm = N_("This till will not work any more. Revoke it?") };
static const struct cli_route renew = { "POST", "/v1/terminals/:id/renew", ID("the till") };
static const struct cli_route show = { "GET", "/v1/terminals/me" };
static const struct cli_route unmatched = { "GET", "/v1/terminals/me/unmatched", .list = "payments" };

/* "CODE" or "CODE#sha256/..." as a console shows it. */
static void split_enrolment(const char *text, char *code, size_t size, const char **pin)
{
	const char *hash = strchr(text, '#');

	*pin = hash ? hash + 1 : "";
	snprintf(code, size, "%.*s", hash ? (int)(hash - text) : (int)strlen(text), text);
}

static enum qt_err ask_enrolment(struct client *c, const char *code, const char *name, struct state *s,
	struct problem *p)
{
	struct buf b = { 0 };
	struct json j;
	struct api_reply r = { 0 };

	json_start(&j, &b);
	json_object(&j, NULL);
	json_text(&j, "code", code);
	json_text(&j, "name", name);
	json_end(&j);
	enum qt_err err = client_call(c, "POST", "/v1/enrol", b.data, &r, p);
	if (err == QT_OK && !c->cli->dry_run) {
		const struct json_t *m = jget(r.body, "merchant");
		state_set(s, "terminal_token", jtext(r.body, "terminal_token", ""));
		state_set(s, "currency", jtext(m, "currency", ""));
		err = state_save(s, p);
		if (err == QT_OK)
			printf("terminal %lld of %s is enrolled as \"%s\"\n", (long long)jint(r.body, "terminal_id", 0),
			       jtext(m, "name", ""), s->name);
	}
	api_reply_free(&r);
	buf_free(&b);
	return err;
}

static enum qt_err enrol(struct cli *cli, struct problem *p)
{
	const char *name = cli_option(cli, "as") ? cli_option(cli, "as") : "till", *server = cli_option(cli, "server"),
		*pin;
	struct state s = { .kind = "terminal" };
	struct client c = { .cli = cli };
	char code[300];

	if (server == NULL)
		return problem_set(p, QT_MISSING_FIELD, "server", "--server URL is needed: the server's address for tills");
	if (!state_name_is_good(name))
		return problem_set(p, QT_BAD_FIELD, "as", "letters, digits, - and _ only, at most 40");
	snprintf(s.name, sizeof s.name, "%s", name);
	split_enrolment(cli->arg[0], code, sizeof code, &pin);
	struct api_options o = { .url = server, .pin = pin, .locale = cli->chinese ? "zh" : "en" };
	enum qt_err err = api_open(&o, &c.api, p);
	if (err == QT_OK) {
		state_set(&s, "server", server);
		state_set(&s, "pin", pin);
		err = ask_enrolment(&c, code, name, &s, p);
	}
	client_close(&c);
	state_free(&s);
	return err;
}

static enum qt_err keep_session(const struct cli *cli, const char *token, struct problem *p)
{
	const char *name = cli_option(cli, "terminal");
	struct state s;

	enum qt_err err = state_load(&s, "terminal", name, p);
	if (err == QT_OK) {
		state_set(&s, "session_token", token);
		err = state_save(&s, p);
	}
	state_free(&s);
	return err;
}

static enum qt_err send_sign_in(struct client *c, const char *number, const char *pin, struct problem *p)
{
	struct buf b = { 0 };
	struct json j;
	struct api_reply r = { 0 };

	json_start(&j, &b);
	json_object(&j, NULL);
	json_text(&j, "number", number);
	json_text(&j, "pin", pin);
	json_end(&j);
	enum qt_err err = api_call(c->api, "POST", "/v1/sign-in", b.data, NULL, &r);
	if (err == QT_OK) {
		err = keep_session(c->cli, jtext(r.body, "session_token", ""), p);
		if (err == QT_OK)
			printf("%s (%s) is signed in\n", jtext(r.body, "name", ""), jtext(r.body, "role", ""));
	} else {
		*p = r.problem;
	}
	explicit_bzero(b.data, b.len);
	buf_free(&b);
	api_reply_free(&r);
	return err;
}

static enum qt_err sign_in(struct cli *cli, struct problem *p)
{
	struct client c;
	char pin[16];

	if (cli_option(cli, "terminal") == NULL)
		return problem_set(p, QT_MISSING_FIELD, "terminal", "--terminal NAME says at which till");
	enum qt_err err = keep_session(cli, NULL, p); /* whoever was signed in before is not any more */
	if (err == QT_OK)
		err = client_pin(cli, "PIN", pin, p);
	if (err == QT_OK)
		err = client_open(&c, cli, p);
	if (err != QT_OK)
		return err;
	err = send_sign_in(&c, cli->arg[0], pin, p);
	explicit_bzero(pin, sizeof pin);
	client_close(&c);
	return err;
}

static enum qt_err sign_out(struct cli *cli, struct problem *p)
{
	struct api_reply r = { 0 };
	struct client c;

	if (cli_option(cli, "terminal") == NULL)
		return problem_set(p, QT_MISSING_FIELD, "terminal", "--terminal NAME says at which till");
	enum qt_err err = client_open(&c, cli, p);
	if (err != QT_OK)
		return err;
	err = client_call(&c, "POST", "/v1/sign-out", NULL, &r, p);
	api_reply_free(&r);
	client_close(&c);
	return err == QT_OK && !cli->dry_run ? keep_session(cli, NULL, p) : err;
}

const struct command cli_terminal_commands[] = {
	{ "terminal", "new", "STORE NAME", "add a till; shows its enrolment code", NULL, 2, 2, client_run, &new_terminal,
	  true },
	{ "terminal", "list", "", "list the tills", NULL, 0, 0, client_run, &list, true },
	{ "terminal", "renew", "ID", "a new enrolment code for a till", NULL, 1, 1, client_run, &renew, true },
	{ "terminal", "revoke", "ID", "take a till's credential away", NULL, 1, 1, client_run, &revoke, true },
	{ "terminal", "enrol", "CODE --server URL", "be a till: keep its credential here", enrol_options, 1, 1, enrol,
	  NULL, true },
	{ "terminal", "show", "--terminal NAME", "what this till is", NULL, 0, 0, client_run, &show, true },
	{ "terminal", "sign-in", "NUMBER --terminal NAME", "sign a person in at this till", sign_in_options, 1, 1,
	  sign_in, NULL, true },
	{ "terminal", "sign-out", "--terminal NAME", "sign the person out", NULL, 0, 0, sign_out, NULL, true },
	{ "terminal", "unmatched", "--terminal NAME", "payments by the fixed code that no order matched", NULL, 0, 0,
	  client_run,
	  &unmatched, true },
	{ 0 },
};
