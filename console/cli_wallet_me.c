/* cli_wallet_me: the customer's own matters: PIN, phone number, devices, bindings to payment institutions. */
#include "console/cli_wallet.h"

#include <stdlib.h>
#include <string.h>

const struct cli_option wallet_pin_options[] = {
	WALLET_OPTION,
	{ "pin-file", "FILE", "read the PIN from a file, - for standard input", CLI_OWN, NULL },
	{ "old-pin-file", "FILE", "the PIN so far", CLI_OWN, NULL },
	{ 0 },
};

/* Setting a PIN twice is setting it once: it is sent at once and not kept. */
enum qt_err wallet_pin(struct cli *cli, struct problem *p)
{
	const char *old_file = cli_option(cli, "old-pin-file");
	struct api_reply r = { 0 };
	struct buf b = { 0 };
	struct json j;
	struct wallet w;
	char pin[16], old[16];

	enum qt_err err = client_pin(cli, "new PIN", pin, p);
	if (err == QT_OK && old_file)
		err = client_pin_from(old_file, old, p);
	if (err == QT_OK)
		err = wallet_open(&w, cli, p);
	if (err != QT_OK)
		return err;
	json_start(&j, &b);
	json_object(&j, NULL);
	json_text(&j, "pin", pin);
	if (old_file)
		json_text(&j, "old_pin", old);
	json_end(&j);
	err = client_call(&w.client, "POST", "/v1/me", b.data, &r, p);
	if (err == QT_OK && !cli->dry_run)
		puts("the PIN is set");
	explicit_bzero(b.data, b.len);
	explicit_bzero(pin, sizeof pin);
	api_reply_free(&r);
	buf_free(&b);
	wallet_close(&w);
	return err;
}

/* "/v1/me/devices/7/revoke" out of its parts; the argument must be an id. */
static enum qt_err send_to_id(struct cli *cli, const char *before, const char *after, struct problem *p)
{
	char path[80], *end;
	long long id = strtoll(cli->arg[0], &end, 10);

	if (end == cli->arg[0] || *end != '\0' || id < 1)
		return problem_set(p, QT_BAD_FIELD, "id", "must be a number above 0");
	snprintf(path, sizeof path, "%s/%lld/%s", before, id, after);
	return wallet_send(cli, path, NULL, NULL, p);
}

enum qt_err wallet_phone(struct cli *cli, struct problem *p)
{
	return wallet_send(cli, "/v1/me/phone", "phone", cli->arg[0], p);
}

enum qt_err wallet_confirm(struct cli *cli, struct problem *p)
{
	return wallet_send(cli, "/v1/me/phone/confirm", "code", cli->arg[0], p);
}

enum qt_err wallet_devices(struct cli *cli, struct problem *p)
{
	return wallet_show_path(cli, "/v1/me/devices", "devices", p);
}

enum qt_err wallet_drop(struct cli *cli, struct problem *p)
{
	return send_to_id(cli, "/v1/me/devices", "revoke", p);
}

enum qt_err wallet_links(struct cli *cli, struct problem *p)
{
	return wallet_show_path(cli, "/v1/me/bindings", "bindings", p);
}

enum qt_err wallet_link(struct cli *cli, struct problem *p)
{
	return wallet_send(cli, "/v1/me/bindings", "institution", cli->arg[0], p);
}

enum qt_err wallet_unlink(struct cli *cli, struct problem *p)
{
	return send_to_id(cli, "/v1/me/bindings", "remove", p);
}

enum qt_err wallet_read(struct cli *cli, struct problem *p)
{
	return send_to_id(cli, "/v1/notices", "read", p);
}
