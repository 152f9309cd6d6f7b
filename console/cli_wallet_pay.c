/* cli_wallet_pay: `qrtill wallet pay CODE`: what the pay page of the phone does. Shows shop and amount, chooses what
 * pays, asks, sends, and says what came of it. */
#include "console/cli_wallet.h"

#include "shared/text.h"

#include <stdlib.h>
#include <string.h>

const struct cli_option wallet_pay_options[] = {
	WALLET_OPTION,
	{ "card", "ID", "pay with this card; default: the first that has enough", CLI_OWN, NULL },
	{ "card-code", "CODE", "pay with a bearer card by its code", CLI_OWN, NULL },
	{ "points", NULL, "pay with points", CLI_OWN, NULL },
	{ "rebate", NULL, "pay with earned rebates", CLI_OWN, NULL },
	{ "provider", "NAME", "pay through this institution", CLI_OWN, NULL },
	{ "amount", "AMOUNT", "for a code without an amount", CLI_OWN, NULL },
	{ "share", "CODE", "the friend's or campaign's code that led here", CLI_OWN, NULL },
	{ "pin-file", "FILE", "read the PIN from a file, - for standard input", CLI_OWN, NULL },
	{ 0 },
};

/* What is being paid. */
struct bill {
	char token[CODE_TOKEN_MAX];
	const struct json_t *page; /* the server's answer about the code */
	int64_t amount_cents;      /* from the code, or what the customer typed */
	bool typed;
};

static enum qt_err bill_amount(struct wallet *w, struct bill *b, struct problem *p)
{
	const char *typed = cli_option(w->client.cli, "amount");

	snprintf(w->client.currency, sizeof w->client.currency, "%s", jtext(b->page, "currency", ""));
	b->amount_cents = jint(b->page, "amount_cents", 0);
	if (b->amount_cents > 0)
		return QT_OK; /* the code's amount is the amount; --amount is for codes without one */
	if (typed == NULL)
		return problem_set(p, QT_MISSING_FIELD, "amount", "this code carries no amount: --amount says it");
	b->typed = true;
	return client_money(&w->client, "amount", typed, &b->amount_cents, p);
}

/* The card that pays when none was named: the first with enough on it. */
static int64_t choose_card(const struct bill *b)
{
	const struct json_t *cards = jget(jget(b->page, "sources"), "cards"), *card;

	for (size_t i = 0; (card = jat(cards, i)) != NULL; i++)
		if (jint(card, "balance_cents", 0) >= b->amount_cents)
			return jint(card, "card_id", 0);
	return 0;
}

static enum qt_err add_source(const struct cli *cli, const struct bill *b, struct json *j, struct problem *p)
{
	int64_t card_id = 0;

	if (cli_has(cli, "points") || cli_has(cli, "rebate")) {
		json_text(j, "source", cli_has(cli, "points") ? "points" : "rebate");
		return QT_OK;
	}
	if (cli_has(cli, "provider")) {
		json_text(j, "source", "provider");
		json_text(j, "institution", cli_option(cli, "provider"));
		return QT_OK;
	}
	json_text(j, "source", "card");
	if (cli_has(cli, "card-code")) {
		json_text(j, "card_code", cli_option(cli, "card-code"));
		return QT_OK;
	}
	enum qt_err err = cli_option_int(cli, "card", 1, INT64_MAX, &card_id, p);
	if (err != QT_OK)
		return err;
	if (card_id == 0)
		card_id = choose_card(b);
	if (card_id == 0)
		return problem_set(p, QT_INSUFFICIENT, "card", "no card of this wallet has enough; see qrtill wallet balance");
	json_int(j, "card_id", card_id);
	return QT_OK;
}

/* What the customer is about to pay, on standard error, and the question. */
static enum qt_err ask(const struct wallet *w, const struct bill *b, struct problem *p)
{
	struct view v = { .currency = w->client.currency, .chinese = w->client.cli->chinese };
	struct buf text = { 0 };
	char line[64];

	const char *name = w->client.cli->chinese ? jtext(b->page, "merchant_name_zh", "") : "";
	if (name[0] == '\0')
		name = jtext(b->page, "merchant_name", "");
	snprintf(line, sizeof line, "{\"amount_cents\":%lld}", (long long)b->amount_cents);
	struct json_t *amount = jparse(line, strlen(line));
	view_value(&text, &v, b->page, "amount_cents", jget(amount, "amount_cents"));
	buf_adds(&text, w->client.cli->chinese ? " → " : " to ");
	text_clean(&text, name, strlen(name), TEXT_TERMINAL);
	buf_addc(&text, '?');
	jfree(amount);
	struct buf question = { 0 };
	buf_addf(&question, "%s %s", w->client.cli->chinese ? "支付" : "Pay", text.data);
	enum qt_err err = client_confirm(w->client.cli, question.data, p);
	buf_free(&question);
	buf_free(&text);
	return err;
}

static enum qt_err send_payment(struct wallet *w, struct bill *b, struct json_t **answer, struct problem *p)
{
	const struct cli *cli = w->client.cli;
	struct buf body = { 0 };
	struct json j;
	char pin[16], path[CODE_TOKEN_MAX + 16];

	json_start(&j, &body);
	json_object(&j, NULL);
	enum qt_err err = add_source(cli, b, &j, p);
	if (b->typed)
		json_int(&j, "amount_cents", b->amount_cents);
	if (cli_option(cli, "share"))
		json_text(&j, "share", cli_option(cli, "share"));
	json_end(&j);
	bool needs_pin = jbool(b->page, "pin_needed", false) || cli_has(cli, "pin-file");
	if (err == QT_OK && needs_pin && !cli->dry_run)
		err = client_pin(cli, "PIN", pin, p);
	snprintf(path, sizeof path, "/v1/pay/%s", b->token);
	if (err == QT_OK)
		err = wallet_post(w, path, body.data, needs_pin ? pin : NULL, answer, p);
	explicit_bzero(pin, sizeof pin);
	buf_free(&body);
	return err;
}

enum qt_err wallet_pay(struct cli *cli, struct problem *p)
{
	struct bill b = { 0 };
	struct json_t *page = NULL, *answer = NULL;
	struct wallet w;
	char path[CODE_TOKEN_MAX + 16];

	enum qt_err err = wallet_token(cli->arg[0], b.token, p);
	if (err == QT_OK)
		err = wallet_open(&w, cli, p);
	if (err != QT_OK)
		return err;
	snprintf(path, sizeof path, "/v1/pay/%s", b.token);
	err = wallet_get(&w, path, &page, p);
	b.page = page;
	if (err == QT_OK)
		err = bill_amount(&w, &b, p);
	if (err == QT_OK && !cli->dry_run)
		err = ask(&w, &b, p);
	if (err == QT_OK)
		err = send_payment(&w, &b, &answer, p);
	if (err == QT_OK)
		client_show(&w.client, answer, NULL, NULL);
	jfree(page);
	jfree(answer);
	wallet_close(&w);
	return err;
}
