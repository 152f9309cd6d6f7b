/* cli_code: `qrtill code explain|read` and the table of the noun; make is in cli_code_make.c, label in
 * cli_label.c. */
#include "console/cli_client.h"
#include "console/cli_code_make.h"
#include "console/cli_label.h"
#include "shared/clock.h"
#include "shared/ean.h"
#include "shared/explain.h"
#include "shared/money.h"
#include "shared/picture.h"
#include "shared/text.h"

#include <stdlib.h>
#include <string.h>

#define TEXT_BYTES_MAX 8192

static const struct cli_option explain_options_table[] = {
	{ "keys", "FILE", "check our codes with this key file (qrtill-keys(5)), without a server" },
	{ "public-url", "URL", "what our codes carry; those of other hosts are web addresses" },
	{ "pattern", "PATTERNS", "layouts of in-store EAN-13 numbers" },
	{ "currency", "CODE", "currency of prices in in-store numbers" },
	{ "socket", "PATH", "check our codes with the server behind this operator's socket" },
	{ 0 },
};

/* Everything explaining needs besides the text. */
struct explainer {
	struct explain_options options;
	struct keyring ring;
	struct client client; /* connected when has_client */
	bool has_client;
	bool named;           /* an option names that server: not to reach it is an error; else its codes stay unchecked */
};

static enum qt_err open_explainer(struct cli *cli, struct explainer *x, struct problem *p)
{
	const char *keys = cli_option(cli, "keys"), *alpha = cli_option(cli, "currency");
	enum qt_err err = QT_OK;

	*x = (struct explainer){ .options = { .public_url = cli_option(cli, "public-url"), .now_ms = clock_now_ms(),
	                                      .ean_patterns = cli_option(cli, "pattern") } };
	if (x->options.ean_patterns)
		err = ean_check_patterns(x->options.ean_patterns, p);
	if (err == QT_OK && alpha) {
		const struct currency *c = currency_by_alpha(alpha);
		if (c == NULL)
			return problem_set(p, QT_BAD_FIELD, "currency", "\"%s\" is not known", alpha);
		x->options.currency = c->numeric;
	}
	if (err == QT_OK && keys) {
		err = keyring_load(keys, &x->ring, p);
		x->options.ring = &x->ring;
	} else if (err == QT_OK && client_has_server(cli)) {
		err = client_open(&x->client, cli, p);
		x->has_client = err == QT_OK;
		x->options.server_checks = x->has_client;
		x->named = cli_has(cli, "server") || cli_has(cli, "socket");
	}
	return err;
}

static void close_explainer(struct explainer *x)
{
	if (x->has_client)
		client_close(&x->client);
	crypto_wipe(&x->ring, sizeof x->ring);
}

/* The server alone knows whether a code of ours is in the book. */
static enum qt_err ask_server(struct explainer *x, const char *text, struct explain *e, struct problem *p)
{
	struct buf body = { 0 };
	struct api_reply reply = { 0 };
	struct json j;

	json_start(&j, &body);
	json_object(&j, NULL);
	json_text(&j, "text", text);
	json_end(&j);
	enum qt_err err = api_call(x->client.api, "POST", "/v1/codes/check", body.data, NULL, &reply);
	if (err == QT_OK && jbool(reply.body, "valid", false)) {
		explain_set_mac(e, MAC_VALID, jtext(reply.body, "merchant_name", NULL));
	} else if (err == QT_OK) {
		/* A link of another address is a link, a token that is not the server's is just text. */
		struct explain_options foreign = x->options;
		foreign.foreign = true;
		if (strchr(text, ':') != NULL && jbool(reply.body, "own_address", false)) {
			explain_set_mac(e, MAC_INVALID, NULL);
		} else {
			explain_free(e);
			explain_text(text, &foreign, e);
		}
	} else if (err == QT_OFFLINE && !x->named) {
		x->options.server_checks = false;
		explain_free(e);
		explain_text(text, &x->options, e);
		err = QT_OK;
	} else {
		*p = reply.problem;
	}
	api_reply_free(&reply);
	buf_free(&body);
	return err;
}

static enum qt_err explain_one(struct explainer *x, const char *text, struct explain *e, struct problem *p)
{
	explain_text(text, &x->options, e);
	return e->kind == KIND_QRTILL && x->has_client ? ask_server(x, text, e, p) : QT_OK;
}

static void print_rows_plain(const struct explain *e, struct buf *out)
{
	buf_addf(out, "kind\t%s\nvalid\t%s\n", text_kind_name(e->kind), e->valid ? "true" : "false");
	for (int i = 0; i < e->row_count; i++) {
		buf_addf(out, "%s\t", e->rows[i].id);
		text_clean(out, e->rows[i].value, strlen(e->rows[i].value), TEXT_TERMINAL);
		buf_addc(out, '\n');
	}
}

static enum qt_err explain_exec(struct cli *cli, struct problem *p)
{
	struct explain *e = xcalloc(1, sizeof *e);
	struct explainer x;
	struct buf out = { 0 };
	struct json j;
	char *data = NULL;
	size_t len = 0;

	enum qt_err err = open_explainer(cli, &x, p);
	const char *text = cli->arg[0];
	if (err == QT_OK && strcmp(text, "-") == 0) {
		err = cli_read_file("-", TEXT_BYTES_MAX, &data, &len, p);
		if (err == QT_OK && strlen(data) != len)
			err = problem_set(p, QT_CONTROL_CHARACTER, "text", "holds a NUL byte");
		text = data;
	}
	if (err == QT_OK && strlen(text) > TEXT_BYTES_MAX)
		err = problem_set(p, QT_TOO_LONG, "text", "at most %d bytes", TEXT_BYTES_MAX);
	if (err == QT_OK)
		err = explain_one(&x, text, e, p);
	if (err == QT_OK && cli->json) {
		json_start(&j, &out);
		json_object(&j, NULL);
		explain_json(e, cli->chinese, &j);
		json_end(&j);
		cli_print_json(&out);
	} else if (err == QT_OK) {
		if (cli->plain)
			print_rows_plain(e, &out);
		else
			explain_lines(e, cli->chinese, &out);
		fputs(out.data, stdout);
	}
	explain_free(e);
	free(e);
	buf_free(&out);
	free(data);
	close_explainer(&x);
	return err;
}

/* One code found in a picture: JSON members, or lines. */
static enum qt_err show_found(struct cli *cli, struct explainer *x, const struct picture_code *c, struct json *j,
                              struct buf *lines, struct problem *p)
{
	static const char *const channels[] = { "", "red", "green", "blue" };
	struct explain *e = xcalloc(1, sizeof *e);
	struct buf text = { 0 };

	/* DataBar holds GS1 data; zbar leaves the prefix that says so to others. */
	buf_addf(&text, "%s%s", strncmp(c->symbology, "DataBar", 7) == 0 ? "]e0" : "", c->text);
	enum qt_err err = explain_one(x, text.data, e, p);
	if (err != QT_OK)
		goto out;
	if (cli->json) {
		json_object(j, NULL);
		json_text(j, "symbology", c->symbology);
		json_textn(j, "text", c->text, c->len);
		if (c->channel)
			json_text(j, "channel", channels[c->channel]);
		json_bool(j, "inverted", c->inverted);
		explain_json(e, cli->chinese, j);
		json_end(j);
	} else {
		buf_addf(lines, "%s%s%s\t", c->symbology, c->channel ? "-" : "", channels[c->channel]);
		text_clean(lines, c->text, c->len, TEXT_TERMINAL);
		buf_addc(lines, '\n');
		if (!cli->plain && e->kind != KIND_TEXT)
			explain_lines(e, cli->chinese, lines);
	}
out:
	explain_free(e);
	free(e);
	buf_free(&text);
	return err;
}

static enum qt_err read_one(struct cli *cli, struct explainer *x, const char *path, struct json *j, struct buf *lines,
                            struct problem *p)
{
	struct picture_codes codes = { .count = 0 };
	struct buf one = { 0 };
	struct json list;
	char *data = NULL;
	size_t len = 0;

	enum qt_err err = cli_read_file(path, PICTURE_BYTES_MAX, &data, &len, p);
	if (err == QT_TOO_LONG)
		err = problem_set(p, QT_BAD_PICTURE, "picture", "%.100s is larger than %u MB", path, PICTURE_BYTES_MAX >> 20);
	else if (err == QT_OK)
		err = picture_read(data, len, &codes, p);
	if (err != QT_OK && len > 0) {
		char why[sizeof p->detail];
		snprintf(why, sizeof why, "%s", p->detail);
		(void)!problem_set(p, err, "picture", "%.120s%s%s", path, why[0] ? ": " : "", why);
	}
	json_start(&list, &one);
	json_array(&list, NULL);
	for (int i = 0; i < codes.count && err == QT_OK; i++)
		err = show_found(cli, x, &codes.codes[i], &list, lines, p);
	json_end(&list);
	if (err == QT_OK) {
		json_object(j, NULL);
		json_text(j, "picture", path);
		json_raw(j, "codes", one.data, one.len);
		json_end(j);
	}
	buf_free(&one);
	picture_free(&codes);
	free(data);
	return err;
}

static enum qt_err read_exec(struct cli *cli, struct problem *p)
{
	struct explainer x;
	struct buf out = { 0 }, lines = { 0 };
	struct json j;

	enum qt_err err = open_explainer(cli, &x, p), first = QT_OK;
	if (err != QT_OK)
		goto out;
	json_start(&j, &out);
	json_array(&j, NULL);
	/* A picture that cannot be read does not hide the others; its error is told and decides the exit code. */
	for (int i = 0; i < cli->args; i++) {
		struct problem one = { 0 };
		err = read_one(cli, &x, cli->arg[i], &j, &lines, &one);
		if (err != QT_OK && first != QT_OK)
			fprintf(stderr, "qrtill: %s: %s\n", err_info(err)->en, one.detail);
		if (err != QT_OK && first == QT_OK) {
			first = err;
			*p = one;
		}
	}
	json_end(&j);
	err = first;
	if (cli->json && (err == QT_OK || cli->args > 1))
		cli_print_json(&out);
	else if (!cli->json && lines.len > 0)
		fputs(lines.data, stdout);
out:
	buf_free(&out);
	buf_free(&lines);
	close_explainer(&x);
	return err;
}

const struct command cli_code_commands[] = {
	{ "code", "make", "[options] TEXT|- | --emv ... | --epc ... | --wifi ... | --ean ... | --colour TEXT TEXT TEXT",
	  "draw a code in the terminal, or as PNG or SVG", code_make_options, 0, 3, code_make_exec },
	{ "code", "explain", "[options] TEXT|-", "say what a code is, field by field", explain_options_table, 1, 1,
	  explain_exec },
	{ "code", "read", "[options] PICTURE...", "read the codes in PNG and JPEG pictures", explain_options_table, 1, -1,
	  read_exec },
	{ "code", "label", "--out FILE [options] TEXT|-", "make a label to print", code_label_options, 1, 1,
	  code_label_exec },
	{ 0 },
};
