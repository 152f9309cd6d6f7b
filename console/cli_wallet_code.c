/* cli_wallet_code: `qrtill wallet code`: the 18 digits to show at a till, made without asking the server once the key is
 * in the wallet's file. */
#include "console/cli_wallet.h"

#include "shared/clock.h"
#include "shared/wallet_code.h"

#include <stdlib.h>
#include <string.h>

const struct cli_option wallet_code_options[] = {
	WALLET_OPTION,
	{ "card", "ID", "a code by which this card pays; default: the first card", CLI_OWN, NULL },
	{ "points", NULL, "by which points pay", CLI_OWN, NULL },
	{ "rebate", NULL, "by which earned rebates pay", CLI_OWN, NULL },
	{ "renew", NULL, "ask the server for the key again", CLI_OWN, NULL },
	{ 0 },
};

/* What pays, as the request says it and as the wallet's file names it. */
struct way {
	const char *source;
	int64_t card_id; /* 0: no card */
	char member[24];
};

static enum qt_err choose_way(struct wallet *w, struct way *way, struct problem *p)
{
	const struct cli *cli = w->client.cli;
	struct json_t *answer = NULL;

	way->source = cli_has(cli, "points") ? "points" : cli_has(cli, "rebate") ? "rebate" : "card";
	way->card_id = 0;
	snprintf(way->member, sizeof way->member, "code_%s", way->source);
	if (strcmp(way->source, "card") != 0)
		return QT_OK;
	enum qt_err err = cli_option_int(cli, "card", 1, INT64_MAX, &way->card_id, p);
	if (err == QT_OK && way->card_id == 0)
		way->card_id = strtoll(state_get(&w->state, "code_first_card"), NULL, 10);
	if (err == QT_OK && way->card_id == 0) {
		err = wallet_get(w, "/v1/cards", &answer, p);
		if (err == QT_OK)
			way->card_id = jint(jat(jget(answer, "cards"), 0), "card_id", 0);
		jfree(answer);
		if (err == QT_OK && way->card_id == 0)
			return problem_set(p, QT_NOT_FOUND, "card", "this wallet has no card; see qrtill wallet bind");
		char text[24];
		snprintf(text, sizeof text, "%lld", (long long)way->card_id);
		state_set(&w->state, "code_first_card", text);
	}
	snprintf(way->member, sizeof way->member, "code_c%lld", (long long)way->card_id);
	return err;
}

/* "NUMBER KEY" into the wallet's file. */
static enum qt_err fetch_key(struct wallet *w, const struct way *way, struct problem *p)
{
	struct json_t *answer = NULL;
	char body[80], text[128];

	if (way->card_id)
		snprintf(body, sizeof body, "{\"source\":\"card\",\"card_id\":%lld}", (long long)way->card_id);
	else
		snprintf(body, sizeof body, "{\"source\":\"%s\"}", way->source);
	enum qt_err err = wallet_post(w, "/v1/me/codes", body, NULL, &answer, p);
	if (err != QT_OK || answer == NULL)
		return err;
	snprintf(text, sizeof text, "%s %s", jtext(answer, "number", ""), jtext(answer, "key", ""));
	state_set(&w->state, way->member, text);
	explicit_bzero(text, sizeof text);
	jfree(answer);
	return state_save(&w->state, p);
}

static enum qt_err show_code(struct wallet *w, const struct way *way, struct problem *p)
{
	const char *text = state_get(&w->state, way->member);
	uint8_t key[WALLET_KEY_SIZE];
	char code[WALLET_CODE_SIZE], *end;
	int64_t now_ms = clock_now_ms(), step = wallet_code_step(now_ms);
	long number = strtol(text, &end, 10);

	if (*end != ' ' || base64url_decode(end + 1, strlen(end + 1), key, sizeof key) != sizeof key)
		return problem_set(p, QT_BAD_CONFIG, "wallet", "the wallet's file holds no such key: use --renew");
	wallet_code_make(number, key, step, code);
	explicit_bzero(key, sizeof key);
	if (w->client.cli->json)
		printf("{\"code\":\"%s\",\"source\":\"%s\",\"next_ms\":%lld,\"ends_ms\":%lld}\n", code, way->source,
		       (long long)(step + 1) * WALLET_STEP_MS, (long long)(step + 2) * WALLET_STEP_MS);
	else
		printf("%s\n", code);
	return QT_OK;
}

enum qt_err wallet_code(struct cli *cli, struct problem *p)
{
	struct wallet w;
	struct way way;

	enum qt_err err = wallet_open(&w, cli, p);
	if (err != QT_OK)
		return err;
	err = choose_way(&w, &way, p);
	if (err == QT_OK && (cli_has(cli, "renew") || state_get(&w.state, way.member)[0] == '\0'))
		err = fetch_key(&w, &way, p);
	if (err == QT_OK && !cli->dry_run)
		err = show_code(&w, &way, p);
	wallet_close(&w);
	return err;
}
