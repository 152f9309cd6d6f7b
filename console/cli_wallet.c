/* cli_wallet: a wallet for trying payments without a phone: `qrtill wallet ...`. It is a customer's device like any
 * phone: it signs up from nothing, keeps its credential (cli_state), and pays through the same routes as the phone
 * pages.
 *
 * A change is written to the wallet's file with its key before it is sent, and taken out when the outcome is known:
 * killed or cut off at any moment, the same command (or `wallet resume`) asks again and never pays twice. */
#include "console/cli_wallet.h"

#include <stdlib.h>
#include <string.h>

static const char *wallet_name(const struct cli *cli)
{
	const char *name = cli_option(cli, "wallet");
	return name ? name : "default";
}

static enum qt_err wallet_connect(struct wallet *w, const struct cli *cli, struct problem *p)
{
	struct api_options o = { .url = state_get(&w->state, "server"), .token = state_get(&w->state, "device_token"),
		.locale = cli->chinese ? "zh" : "en" };

	w->client = (struct client){ .cli = cli };
	return api_open(&o, &w->client.api, p);
}

void wallet_close(struct wallet *w)
{
	client_close(&w->client);
	state_free(&w->state);
}

enum qt_err wallet_open(struct wallet *w, const struct cli *cli, struct problem *p)
{
	*w = (struct wallet){ 0 };
	enum qt_err err = state_load(&w->state, "wallet", wallet_name(cli), p);
	if (err == QT_OK && cli_option(cli, "server"))
		state_set(&w->state, "server", cli_option(cli, "server"));
	if (err == QT_OK)
		err = wallet_connect(w, cli, p);
	if (err != QT_OK)
		wallet_close(w);
	return err;
}

enum qt_err wallet_token(const char *text, char token[CODE_TOKEN_MAX], struct problem *p)
{
	if (code_token_of(text, NULL, token) == NULL)
		return problem_set(p, QT_BAD_CODE, "code", "this is not a code of qrtill");
	return QT_OK;
}

enum qt_err wallet_get(struct wallet *w, const char *path, struct json_t **answer, struct problem *p)
{
	struct api_reply r = { 0 };

	enum qt_err err = client_call(&w->client, "GET", path, NULL, &r, p);
	*answer = err == QT_OK ? jhold(r.body) : NULL;
	api_reply_free(&r);
	return err;
}

/* The body of what is under way; a PIN is never in the file but put in when it is sent. */
static enum qt_err pending_body(struct wallet *w, const char *pin, struct buf *body, struct problem *p)
{
	char asked[16];
	const char *text = state_get(&w->state, "pending_body");

	if (state_get(&w->state, "pending_pin")[0] == '\0') {
		buf_adds(body, text);
		return QT_OK;
	}
	if (pin == NULL) {
		enum qt_err err = client_pin(w->client.cli, "PIN", asked, p);
		if (err != QT_OK)
			return err;
		pin = asked;
	}
	buf_add(body, text, strlen(text) - 1);
	buf_addf(body, ",\"pin\":\"%s\"}", pin); /* digits only, client_pin saw to it */
	explicit_bzero(asked, sizeof asked);
	return QT_OK;
}

/* Send what the file says is under way; forget it when the outcome is known, keep it when it is not. */
static enum qt_err send_pending(struct wallet *w, const char *pin, struct json_t **answer, struct problem *p)
{
	struct api_reply r = { 0 };
	struct buf body = { 0 };

	enum qt_err err = pending_body(w, pin, &body, p);
	if (err != QT_OK)
		return err;
	err = client_call_key(&w->client, "POST", state_get(&w->state, "pending_path"), body.data,
	                      state_get(&w->state, "pending_key"), &r, p);
	explicit_bzero(body.data, body.len);
	buf_free(&body);
	if (err == QT_OK && answer)
		*answer = jhold(r.body);
	api_reply_free(&r);
	if (err == QT_UNKNOWN_OUTCOME)
		return problem_set(p, err, "", "run qrtill wallet resume to ask again");
	if (err == QT_OFFLINE)
		return err;
	state_set(&w->state, "pending_key", NULL);
	state_set(&w->state, "pending_path", NULL);
	state_set(&w->state, "pending_body", NULL);
	state_set(&w->state, "pending_pin", NULL);
	struct problem unsaved = { 0 };
	if (state_save(&w->state, &unsaved) != QT_OK)
		fprintf(stderr, "qrtill: %s\n", unsaved.detail); /* the answer stands; asking again is harmless */
	return err;
}

enum qt_err wallet_post(struct wallet *w, const char *path, const char *body, const char *pin, struct json_t **answer,
                        struct problem *p)
{
	char key[37];

	if (w->client.cli->dry_run) {
		struct api_reply r;
		return client_call(&w->client, "POST", path, body, &r, p);
	}
	if (state_get(&w->state, "pending_key")[0]) {
		bool same = strcmp(state_get(&w->state, "pending_path"), path) == 0 &&
		            strcmp(state_get(&w->state, "pending_body"), body) == 0;
		enum qt_err err = send_pending(w, same ? pin : NULL, same ? answer : NULL, p);
		if (same || err == QT_UNKNOWN_OUTCOME || err == QT_OFFLINE)
			return err;
	}
	client_new_key(key);
	state_set(&w->state, "pending_key", key);
	state_set(&w->state, "pending_path", path);
	state_set(&w->state, "pending_body", body);
	state_set(&w->state, "pending_pin", pin ? "yes" : NULL);
	enum qt_err err = state_save(&w->state, p);
	return err == QT_OK ? send_pending(w, pin, answer, p) : err;
}

static enum qt_err wallet_new(struct cli *cli, struct problem *p)
{
	struct wallet w = { 0 };
	struct state there;
	struct json_t *answer = NULL;
	const char *server = cli_option(cli, "server") ? cli_option(cli, "server") : getenv("QRTILL_SERVER");
	char body[64];

	if (server == NULL)
		return problem_set(p, QT_MISSING_FIELD, "server", "--server URL is needed: the server's address for phones");
	if (state_load(&there, "wallet", wallet_name(cli), NULL) == QT_OK) {
		state_free(&there);
		return problem_set(p, QT_EXISTS, "wallet", "there is a wallet \"%s\" already", wallet_name(cli));
	}
	state_free(&there);
	snprintf(w.state.kind, sizeof w.state.kind, "wallet");
	snprintf(w.state.name, sizeof w.state.name, "%s", wallet_name(cli));
	state_set(&w.state, "server", server);
	enum qt_err err = wallet_connect(&w, cli, p);
	snprintf(body, sizeof body, "{\"locale\":\"%s\",\"device_name\":\"qrtill wallet\"}", cli->chinese ? "zh" : "en");
	if (err == QT_OK)
		err = wallet_post(&w, "/v1/customers", body, NULL, &answer, p);
	if (err == QT_OK && answer) {
		state_set(&w.state, "device_token", jtext(answer, "device_token", ""));
		state_set(&w.state, "identity_code", jtext(answer, "identity_code", ""));
		err = state_save(&w.state, p);
	}
	if (err == QT_OK && answer && cli->json)
		printf("{\"customer_id\":%lld,\"identity_code\":\"%s\"}\n", (long long)jint(answer, "customer_id", 0),
		       state_get(&w.state, "identity_code"));
	else if (err == QT_OK && answer)
		printf("wallet \"%s\": customer %lld\n%s\n", w.state.name, (long long)jint(answer, "customer_id", 0),
		       state_get(&w.state, "identity_code"));
	jfree(answer);
	wallet_close(&w);
	return err;
}

enum qt_err wallet_show_path(struct cli *cli, const char *path, const char *list, struct problem *p)
{
	struct json_t *answer = NULL;
	struct wallet w;

	enum qt_err err = wallet_open(&w, cli, p);
	if (err != QT_OK)
		return err;
	err = wallet_get(&w, path, &answer, p);
	if (err == QT_OK)
		client_show(&w.client, answer, list, NULL);
	jfree(answer);
	wallet_close(&w);
	return err;
}

static enum qt_err wallet_show(struct cli *cli, struct problem *p) { return wallet_show_path(cli, "/v1/me", NULL, p); }
static enum qt_err wallet_cards(struct cli *cli, struct problem *p)
{
	return wallet_show_path(cli, "/v1/cards", "cards", p);
}

static enum qt_err wallet_rebates(struct cli *cli, struct problem *p)
{
	return wallet_show_path(cli, "/v1/rebates", NULL, p);
}

static enum qt_err wallet_notices(struct cli *cli, struct problem *p)
{
	return wallet_show_path(cli, "/v1/notices", "notices", p);
}

static enum qt_err wallet_shares(struct cli *cli, struct problem *p)
{
	return wallet_show_path(cli, "/v1/shares", "shares", p);
}


static enum qt_err wallet_statement(struct cli *cli, struct problem *p)
{
	char path[64], *end;
	long long id = strtoll(cli->arg[0], &end, 10);

	if (*end != '\0' || id < 1)
		return problem_set(p, QT_BAD_FIELD, "card", "must be a card id, as qrtill wallet cards shows it");
	snprintf(path, sizeof path, "/v1/cards/%lld/statement", id);
	return wallet_show_path(cli, path, "rows", p);
}

/* Cards, points and rebates in one answer. */
static enum qt_err wallet_balance(struct cli *cli, struct problem *p)
{
	static const struct { const char *path, *member; } parts[] = {
		{ "/v1/cards", "cards" }, { "/v1/points", "schemes" }, { "/v1/rebates", NULL },
	};
	struct json_t *answers[3] = { NULL }, *whole;
	struct buf b = { 0 };
	struct json j;
	struct wallet w;

	enum qt_err err = wallet_open(&w, cli, p);
	if (err != QT_OK)
		return err;
	for (int i = 0; i < 3 && err == QT_OK; i++)
		err = wallet_get(&w, parts[i].path, &answers[i], p);
	if (err == QT_OK) {
		json_start(&j, &b);
		json_object(&j, NULL);
		json_int(&j, "rebate_held_cents", jint(answers[2], "held_cents", 0));
		json_int(&j, "rebate_available_cents", jint(answers[2], "available_cents", 0));
		for (int i = 0; i < 2; i++) {
			char *text = jdump(jget(answers[i], parts[i].member));
			json_raw(&j, i == 0 ? "cards" : "points", text, strlen(text));
			free(text);
		}
		json_end(&j);
		whole = jparse(b.data, b.len);
		client_show(&w.client, whole, NULL, NULL);
		jfree(whole);
	}
	for (int i = 0; i < 3; i++)
		jfree(answers[i]);
	buf_free(&b);
	wallet_close(&w);
	return err;
}

enum qt_err wallet_send(struct cli *cli, const char *path, const char *name, const char *text, struct problem *p)
{
	struct json_t *answer = NULL;
	struct buf b = { 0 };
	struct json j;
	struct wallet w;

	enum qt_err err = wallet_open(&w, cli, p);
	if (err != QT_OK)
		return err;
	json_start(&j, &b);
	json_object(&j, NULL);
	if (name)
		json_text(&j, name, text);
	json_end(&j);
	err = wallet_post(&w, path, b.data, NULL, &answer, p);
	if (err == QT_OK)
		client_show(&w.client, answer, NULL, NULL);
	jfree(answer);
	buf_free(&b);
	wallet_close(&w);
	return err;
}

/* Verbs that send one code: {"code":...}. */
static enum qt_err send_code(struct cli *cli, const char *path, struct problem *p)
{
	char token[CODE_TOKEN_MAX];

	enum qt_err err = wallet_token(cli->arg[0], token, p);
	return err == QT_OK ? wallet_send(cli, path, "code", token, p) : err;
}

static enum qt_err wallet_bind(struct cli *cli, struct problem *p) { return send_code(cli, "/v1/cards/bind", p); }
static enum qt_err wallet_share(struct cli *cli, struct problem *p) { return send_code(cli, "/v1/shares", p); }

static enum qt_err wallet_resume(struct cli *cli, struct problem *p)
{
	struct json_t *answer = NULL;
	struct wallet w;

	enum qt_err err = wallet_open(&w, cli, p);
	if (err != QT_OK)
		return err;
	if (state_get(&w.state, "pending_key")[0] == '\0')
		fprintf(stderr, "qrtill: nothing is under way\n");
	else
		err = send_pending(&w, NULL, &answer, p);
	if (err == QT_OK)
		client_show(&w.client, answer, NULL, NULL);
	jfree(answer);
	wallet_close(&w);
	return err;
}

static const struct cli_option new_options[] = { WALLET_OPTION, { 0 } };

const struct command cli_wallet_commands[] = {
	{ "wallet", "new", "--server URL", "sign up: a new customer's device", new_options, 0, 0, wallet_new },
	{ "wallet", "show", "", "what the server knows of this customer", new_options, 0, 0, wallet_show },
	{ "wallet", "pay", "CODE", "pay a code: with a card, points, rebates or an institution", wallet_pay_options, 1, 1,
	  wallet_pay },
	{ "wallet", "code", "", "the 18 digits to show at a till; live for a minute, once", wallet_code_options, 0, 0,
	  wallet_code },
	{ "wallet", "join", "MERCHANT", "join a merchant's points scheme, by its number or a code of its shop: makes the key",
	  new_options, 1, 1, wallet_join },
	{ "wallet", "points", "MERCHANT", "what to show at a till to spend points there; live for a minute, once",
	  wallet_points_options, 1, 1, wallet_points },
	{ "wallet", "bind", "CODE", "make a prepaid card mine", new_options, 1, 1, wallet_bind },
	{ "wallet", "cards", "", "my cards", new_options, 0, 0, wallet_cards },
	{ "wallet", "balance", "", "cards, points and rebates", new_options, 0, 0, wallet_balance },
	{ "wallet", "statement", "CARD", "movements of a card, newest first", new_options, 1, 1, wallet_statement },
	{ "wallet", "share", "CODE", "turn a campaign's or friend's code into my own", new_options, 1, 1, wallet_share },
	{ "wallet", "shares", "", "my codes and what they earned", new_options, 0, 0, wallet_shares },
	{ "wallet", "rebates", "", "what I earned", new_options, 0, 0, wallet_rebates },
	{ "wallet", "notices", "", "what I was told", new_options, 0, 0, wallet_notices },
	{ "wallet", "read", "NOTICE", "mark a notice as read", new_options, 1, 1, wallet_read },
	{ "wallet", "pin", "", "set the PIN asked above a limit", wallet_pin_options, 0, 0, wallet_pin },
	{ "wallet", "phone", "NUMBER", "give a phone number; a code comes by short message", new_options, 1, 1,
	  wallet_phone },
	{ "wallet", "confirm", "DIGITS", "confirm the number with that code", new_options, 1, 1, wallet_confirm },
	{ "wallet", "devices", "", "my devices", new_options, 0, 0, wallet_devices },
	{ "wallet", "drop", "DEVICE", "take a lost device's credential away", new_options, 1, 1, wallet_drop },
	{ "wallet", "links", "", "payment institutions my account is bound to", new_options, 0, 0, wallet_links },
	{ "wallet", "link", "NAME", "bind my account at an institution, so that it pays straight through", new_options, 1,
	  1,
	  wallet_link },
	{ "wallet", "unlink", "BINDING", "end a binding", new_options, 1, 1, wallet_unlink },
	{ "wallet", "resume", "", "ask again about a change whose outcome is unknown", new_options, 0, 0, wallet_resume },
	{ 0 },
};
