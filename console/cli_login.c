/* cli_login: signing in away from a till: `qrtill login ...`. What is kept is used by `--owner NAME`. */
#include "console/cli_client.h"

#include <stdlib.h>
#include <string.h>

static const struct cli_option new_arguments[] = {
	{ "STAFF", NULL, N_("the person"), CLI_INT, ":id" },
	{ "LOGIN", NULL, N_("what is typed to sign in: letters, digits, . _ @ -"), CLI_TEXT, "login" },
	{ 0 },
};
#define PASSPHRASE_FILE { "passphrase-file", "FILE", "read the passphrase from a file, - for standard input", CLI_OWN, NULL }
static const struct cli_option new_options[] = { PASSPHRASE_FILE, { 0 } };
static const struct cli_option in_options[] = {
	{ "as", "NAME", "keep the credential under this name; default: console", CLI_OWN, NULL },
	PASSPHRASE_FILE,
	{ 0 },
};

static enum qt_err passphrase(const struct cli *cli, char out[160], struct problem *p)
{
	const struct client_secret what = { "passphrase", "passphrase-file", "QRTILL_PASSPHRASE", "passphrase" };

	return client_secret(cli, &what, out, 160, p);
}

static enum qt_err add_passphrase(struct client *c, struct json *j, struct problem *p)
{
	char text[160];

	if (c->cli->dry_run) {
		json_text(j, "passphrase", "****");
		return QT_OK;
	}
	enum qt_err err = passphrase(c->cli, text, p);
	if (err == QT_OK)
		json_text(j, "passphrase", text);
	explicit_bzero(text, sizeof text);
	return err;
}
static const struct cli_route new_login = { "POST", "/v1/staff/:id/login", new_arguments, .body = add_passphrase };

static enum qt_err keep(const struct cli *cli, const struct json_t *body, const char *server, const char *name,
                        struct problem *p)
{
	struct state s = { .kind = "owner" };

	snprintf(s.name, sizeof s.name, "%s", name);
	state_set(&s, "server", server);
	state_set(&s, "session_token", jtext(body, "session_token", ""));
	state_set(&s, "currency", jtext(body, "currency", ""));
	enum qt_err err = state_save(&s, p);
	if (err == QT_OK && !cli->json)
		printf("%s (%s) of %s is signed in\n", jtext(body, "name", ""), jtext(body, "role", ""),
		       jtext(body, "merchant_name", ""));
	else if (err == QT_OK)
		printf("{\"staff_id\":%lld,\"expires_ms\":%lld}\n", (long long)jint(body, "staff_id", 0),
		       (long long)jint(body, "expires_ms", 0));
	state_free(&s);
	return err;
}

/* The request's body; wiped by the caller. */
static enum qt_err ask_all(const struct cli *cli, struct buf *body, struct problem *p)
{
	const struct client_secret code_is = { "code", NULL, "QRTILL_CODE", "code of the authenticator app (empty: none)" };
	char text[160] = "", code[32] = "";
	struct json j;

	enum qt_err err = passphrase(cli, text, p);
	if (err == QT_OK)
		err = client_secret(cli, &code_is, code, sizeof code, p);
	json_start(&j, body);
	json_object(&j, NULL);
	json_text(&j, "login", cli->arg[0]);
	json_text(&j, "passphrase", text);
	if (code[0])
		json_text(&j, "code", code);
	json_end(&j);
	explicit_bzero(text, sizeof text);
	explicit_bzero(code, sizeof code);
	return err;
}

static enum qt_err login_in(struct cli *cli, struct problem *p)
{
	const char *name = cli_option(cli, "as") ? cli_option(cli, "as") : "console", *server = cli_option(cli, "server");
	struct client c = { .cli = cli };
	struct api_options o = { .url = server, .locale = cli->chinese ? "zh" : "en" };
	struct api_reply r = { 0 };
	struct buf body = { 0 };

	if (server == NULL)
		return problem_set(p, QT_MISSING_FIELD, "server", "--server URL is needed: the server's address");
	if (!state_name_is_good(name))
		return problem_set(p, QT_BAD_FIELD, "as", "letters, digits, - and _ only, at most 40");
	enum qt_err err = ask_all(cli, &body, p);
	if (err == QT_OK)
		err = api_open(&o, &c.api, p);
	if (err == QT_OK) {
		err = api_call(c.api, "POST", "/v1/login", body.data, NULL, &r);
		if (err != QT_OK)
			*p = r.problem;
		else
			err = keep(cli, r.body, server, name, p);
	}
	if (body.data)
		explicit_bzero(body.data, body.len);
	buf_free(&body);
	api_reply_free(&r);
	client_close(&c);
	return err;
}

static const struct cli_route log_out = { "POST", "/v1/logout" };
const struct command cli_login_commands[] = {
	{ "login", "new", "STAFF LOGIN", N_("let a manager or owner sign in at a console; shows the key of an owner's app once"),
	  new_options, 2, 2, client_run, &new_login, true },
	{ "login", "in", "LOGIN --server URL", "sign in; asks for passphrase and code", in_options, 1, 1, login_in, NULL, true },
	{ "login", "out", "--owner NAME", "end every session of the person", NULL, 0, 0, client_run, &log_out, true },
	{ 0 },
};
