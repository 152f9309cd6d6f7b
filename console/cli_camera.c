/* cli_camera: be the camera of a till: `qrtill camera ...`. For cameras that a program looks after, and to try what a
 * phone's page does. The pairing's credential is kept by cli_state. */
#include "console/cli_client.h"

#include "shared/crypto.h"

#include <stdlib.h>
#include <string.h>

#define PICTURE_MAX (1 << 20) /* what the server takes */
#define FNC1_SIGN "\xe2\x90\x9d" /* U+241D stands for 0x1d on the way */

#define AS_OPTION { "as", "NAME", "which pairing of this machine; default: camera", CLI_OWN, NULL }
static const struct cli_option as_options[] = { AS_OPTION, { 0 } };
static const struct cli_option send_options[] = {
	AS_OPTION,
	{ "text", "TEXT", "what was decoded", CLI_OWN, NULL },
	{ "picture", "FILE", "a PNG or JPEG of at most 1 MB, decoded by the server; - for standard input", CLI_OWN, NULL },
	{ 0 },
};

struct camera {
	struct client client;
	struct state state;
};

/* The name of the pairing, checked. */
static enum qt_err start(struct camera *c, struct cli *cli, struct problem *p)
{
	const char *name = cli_option(cli, "as") ? cli_option(cli, "as") : "camera";

	*c = (struct camera){ .client = { .cli = cli }, .state = { .kind = "camera" } };
	if (!state_name_is_good(name))
		return problem_set(p, QT_BAD_FIELD, "as", "letters, digits, - and _ only, at most 40");
	snprintf(c->state.name, sizeof c->state.name, "%s", name);
	return QT_OK;
}

static enum qt_err connect_to(struct camera *c, const char *server, struct problem *p)
{
	const struct api_options o = { .url = server, .locale = c->client.cli->chinese ? "zh" : "en" };
	return api_open(&o, &c->client.api, p);
}

static void finish(struct camera *c)
{
	api_close(c->client.api);
	state_free(&c->state);
}

/* One text member in an object; `token`: with the credential. */
static void write_body(struct buf *b, const struct camera *c, bool token, const char *name, const char *text)
{
	struct json j;

	json_start(&j, b);
	json_object(&j, NULL);
	if (token)
		json_text(&j, "camera_token", state_get(&c->state, "camera_token"));
	if (name)
		json_text(&j, name, text);
	json_end(&j);
}

static enum qt_err ask(struct camera *c, const char *path, struct buf *b, struct api_reply *r, struct problem *p)
{
	enum qt_err err = client_call(&c->client, "POST", path, b->data, r, p);

	explicit_bzero(b->data, b->len);
	buf_free(b);
	return err;
}

static enum qt_err pair_exec(struct cli *cli, struct problem *p)
{
	const char *server = cli_option(cli, "server");
	struct api_reply r = { 0 };
	struct camera c;
	struct buf b = { 0 };
	enum qt_err err = start(&c, cli, p);

	if (err == QT_OK && server == NULL)
		err = problem_set(p, QT_MISSING_FIELD, "server", "--server URL is needed: the server's address for phones");
	if (err == QT_OK)
		err = connect_to(&c, server, p);
	if (err != QT_OK)
		return err;
	write_body(&b, &c, false, "code", cli->arg[0]);
	err = ask(&c, "/v1/cameras/pair", &b, &r, p);
	if (err == QT_OK && !cli->dry_run) {
		state_set(&c.state, "server", server);
		state_set(&c.state, "camera_token", jtext(r.body, "camera_token", ""));
		err = state_save(&c.state, p);
		if (err == QT_OK)
			printf("paired with %s of %s\n", jtext(r.body, "terminal_name", ""), jtext(r.body, "merchant_name", ""));
	}
	api_reply_free(&r);
	finish(&c);
	return err;
}

/* The kept pairing, connected. */
static enum qt_err open_camera(struct camera *c, struct cli *cli, struct problem *p)
{
	const char *name = cli_option(cli, "as") ? cli_option(cli, "as") : "camera";
	enum qt_err err = start(c, cli, p);

	if (err == QT_OK && (err = state_load(&c->state, "camera", name, p)) == QT_NOT_FOUND)
		err = problem_set(p, QT_NOT_FOUND, "as", "no camera of this name is paired; see qrtill camera pair");
	if (err == QT_OK)
		err = connect_to(c, cli_has(cli, "server") ? cli_option(cli, "server") : state_get(&c->state, "server"), p);
	if (err != QT_OK)
		state_free(&c->state);
	return err;
}

static enum qt_err write_text(struct buf *b, const struct camera *c, const char *text)
{
	struct buf signs = { 0 };

	for (const char *at = text; *at; at++)
		if (*at == 0x1d)
			buf_adds(&signs, FNC1_SIGN);
		else
			buf_addc(&signs, *at);
	write_body(b, c, true, "text", signs.data);
	buf_free(&signs);
	return QT_OK;
}

static enum qt_err write_picture(struct buf *b, const struct camera *c, const char *path, struct problem *p)
{
	char *data = NULL;
	size_t len = 0;
	enum qt_err err = cli_read_file(path, PICTURE_MAX, &data, &len, p);

	if (err == QT_TOO_LONG)
		err = problem_set(p, QT_BAD_PICTURE, "picture", "%.100s is larger than 1 MB", path);
	if (err == QT_OK) {
		char *text = xcalloc(1, len * 4 / 3 + 4);
		base64url_encode((const uint8_t *)data, len, text);
		write_body(b, c, true, "picture", text);
		free(text);
	}
	free(data);
	return err;
}

static enum qt_err send_exec(struct cli *cli, struct problem *p)
{
	const char *text = cli_option(cli, "text"), *picture = cli_option(cli, "picture");
	struct api_reply r = { 0 };
	struct buf b = { 0 };
	struct camera c;

	if ((text != NULL) == (picture != NULL))
		return problem_set(p, text ? QT_BAD_FIELD : QT_MISSING_FIELD, "text", "either --text or --picture");
	enum qt_err err = open_camera(&c, cli, p);
	if (err != QT_OK)
		return err;
	err = text ? write_text(&b, &c, text) : write_picture(&b, &c, picture, p);
	if (err == QT_OK)
		err = ask(&c, "/v1/cameras/send", &b, &r, p);
	if (err == QT_OK && !cli->dry_run)
		client_show(&c.client, r.body, NULL, NULL);
	api_reply_free(&r);
	finish(&c);
	return err;
}

static enum qt_err end_exec(struct cli *cli, struct problem *p)
{
	struct api_reply r = { 0 };
	struct buf b = { 0 };
	struct camera c;
	enum qt_err err = open_camera(&c, cli, p);

	if (err != QT_OK)
		return err;
	write_body(&b, &c, true, NULL, NULL);
	err = ask(&c, "/v1/cameras/end", &b, &r, p);
	if (err == QT_OK && !cli->dry_run) {
		state_set(&c.state, "camera_token", NULL);
		err = state_save(&c.state, p);
	}
	api_reply_free(&r);
	finish(&c);
	return err;
}

const struct command cli_camera_commands[] = {
	{ "camera", "pair", "CODE --server URL", "be the camera of the till that shows this code", as_options, 1, 1,
	  pair_exec, NULL, true },
	{ "camera", "send", "--text TEXT | --picture FILE", "what the camera sees; the till acts as if it had scanned it",
	  send_options, 0, 0, send_exec, NULL, true },
	{ "camera", "end", "", "end the pairing", as_options, 0, 0, end_exec, NULL, true },
	{ 0 },
};
