/* cli_wallet_points: the keys a wallet holds for merchants' points schemes: `qrtill wallet join`, and the codes made with
 * them: `qrtill wallet points`. The key is agreed on with the server and never sent (shared/points_code.h). */
#include "console/cli_wallet.h"

#include "shared/clock.h"
#include "shared/points_code.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct cli_option wallet_points_options[] = {
	WALLET_OPTION,
	{ "collect", NULL, "to collect points instead", CLI_OWN, NULL },
	{ 0 },
};

static void key_member(int64_t merchant_id, char out[40])
{
	snprintf(out, 40, "points_%lld", (long long)merchant_id);
}

/* "NUMBER KEY" into the wallet's file, made out of the server's message. */
static enum qt_err keep_key(struct wallet *w, const struct json_t *message, const uint8_t secret[32],
                            const uint8_t own[CRYPTO_POINT_SIZE], struct problem *p)
{
	const char *text = jtext(message, "server_key", "");
	int64_t merchant_id = jint(message, "merchant_id", 0), number = jint(message, "number", -1);
	uint8_t theirs[CRYPTO_POINT_SIZE], agreed[32], key[32];
	char member[40], encoded[64], line[96];

	if (strcmp(jtext(message, "format", ""), "qrtill-points-1") != 0 || number < 0 ||
	    base64url_decode(text, strlen(text), theirs, sizeof theirs) != sizeof theirs ||
	    crypto_agree(secret, own, theirs, agreed) != QT_OK)
		return problem_set(p, QT_BAD_FIELD, "server_key", "the server's message is not of this format");
	points_code_key(agreed, merchant_id, number, key);
	base64url_encode(key, sizeof key, encoded);
	snprintf(line, sizeof line, "%lld %s", (long long)number, encoded);
	key_member(merchant_id, member);
	state_set(&w->state, member, line);
	explicit_bzero(line, sizeof line);
	explicit_bzero(encoded, sizeof encoded);
	explicit_bzero(key, sizeof key);
	explicit_bzero(agreed, sizeof agreed);
	return state_save(&w->state, p);
}

static enum qt_err join_body(const struct cli *cli, const uint8_t own[CRYPTO_POINT_SIZE], struct buf *b, struct problem *p)
{
	char encoded[CRYPTO_POINT_SIZE * 2], token[CODE_TOKEN_MAX], *end;
	long long merchant_id = strtoll(cli->arg[0], &end, 10);
	bool number = end != cli->arg[0] && *end == '\0' && merchant_id > 0;
	struct json j;

	if (!number && wallet_token(cli->arg[0], token, p) != QT_OK)
		return QT_BAD_CODE;
	base64url_encode(own, CRYPTO_POINT_SIZE, encoded);
	json_start(&j, b);
	json_object(&j, NULL);
	if (number)
		json_int(&j, "merchant_id", merchant_id);
	else
		json_text(&j, "code", token);
	json_text(&j, "public_key", encoded);
	json_end(&j);
	return QT_OK;
}

/* The secret is nowhere but here: a join whose outcome is unknown is made again, with another pair. */
enum qt_err wallet_join(struct cli *cli, struct problem *p)
{
	uint8_t secret[32], own[CRYPTO_POINT_SIZE];
	struct api_reply r = { 0 };
	struct buf b = { 0 };
	struct wallet w;

	crypto_pair(secret, own);
	enum qt_err err = wallet_open(&w, cli, p);
	if (err != QT_OK)
		return err;
	err = join_body(cli, own, &b, p);
	if (err == QT_OK)
		err = client_call(&w.client, "POST", "/v1/points/join", b.data, &r, p);
	if (err == QT_OK && r.body)
		err = keep_key(&w, r.body, secret, own, p);
	if (err == QT_OK && r.body)
		client_show(&w.client, r.body, NULL, NULL);
	explicit_bzero(secret, sizeof secret);
	api_reply_free(&r);
	buf_free(&b);
	wallet_close(&w);
	return err;
}

enum qt_err wallet_points(struct cli *cli, struct problem *p)
{
	int64_t merchant_id = strtoll(cli->arg[0], NULL, 10);
	bool collect = cli_has(cli, "collect");
	char member[40], code[POINTS_CODE_SIZE], *end;
	uint8_t key[32];
	struct wallet w;

	enum qt_err err = wallet_open(&w, cli, p);
	if (err != QT_OK)
		return err;
	key_member(merchant_id, member);
	const char *text = state_get(&w.state, member);
	long long number = strtoll(text, &end, 10);
	if (*end != ' ' || base64url_decode(end + 1, strlen(end + 1), key, sizeof key) != sizeof key) {
		err = problem_set(p, QT_NOT_FOUND, "MERCHANT", "this wallet has not joined there; see qrtill wallet join");
	} else {
		points_code_make(key, merchant_id, number, collect ? POINTS_CODE_COLLECT : POINTS_CODE_SPEND, clock_now_ms(), code);
		printf(cli->json ? "{\"code\":\"%s\"}\n" : "%s\n", code);
	}
	explicit_bzero(key, sizeof key);
	wallet_close(&w);
	return err;
}
