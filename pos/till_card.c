/* till_card: prepaid cards at the till: as lines of the sale, and what is done to a card itself. See till.h. */
#include "pos/till.h"

#include "pos/secret.h"
#include "shared/tr.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool till_card_sell(struct till *t, bool top_up, int64_t quantity, int64_t amount_cents)
{
	static struct cart before;
	const char *state = jtext(t->answer, "state", "");

	if (strcmp(state, top_up ? "active" : "new") != 0) {
		tui_say(t->tui, STYLE_BAD, "%s", top_up ? tr("only an active card is topped up") : tr("only a new card is sold"));
		return false;
	}
	if (t->link != LINK_ON) {
		tui_say(t->tui, STYLE_BAD, "%s", tr("cards need the server, which cannot be reached"));
		return false;
	}
	if (t->sale.stage == SALE_PAID || t->sale.stage == SALE_QUEUED)
		till_next_sale(t);
	if (t->sale.stage != SALE_CART) {
		tui_say(t->tui, STYLE_WARN, "%s", tr("finish the sale that is being paid first"));
		return false;
	}
	before = t->sale.cart;
	enum qt_err err = cart_add_card(&t->sale.cart, jint(t->answer, "card_id", 0), top_up, quantity, amount_cents,
	                                jtext(t->answer, "number_masked", ""));
	if (err == QT_OK)
		err = till_keep_sale(t);
	if (err != QT_OK) {
		t->sale.cart = before;
		tui_say(t->tui, STYLE_BAD, "%s", err == QT_EXISTS ? tr("this card is in the sale already") : tr_err(err));
		return false;
	}
	t->sale_message[0] = '\0';
	return true;
}

void till_card_issue(struct till *t)
{
	if (till_put(t, OUTBOX_CARD, "/v1/cards", "{}", tr("new card")) == QT_OK)
		tui_say(t->tui, STYLE_WARN, "%s...", tr("new card"));
}

void till_card_freeze(struct till *t, bool release)
{
	char path[64];
	const char *note = release ? tr("release the card") : tr("freeze the card");

	snprintf(path, sizeof path, "/v1/cards/%lld/%s", (long long)jint(t->answer, "card_id", 0),
	         release ? "unfreeze" : "freeze");
	if (till_put(t, OUTBOX_CARD, path, "{}", note) == QT_OK)
		tui_say(t->tui, STYLE_WARN, "%s...", note);
}

static void text_by_kind(struct json *j, const char *code_member, const char *number_member, const char *text)
{
	json_text(j, till_is_number(text) ? number_member : code_member, text);
}

void till_card_bind(struct till *t, const char *identity_code)
{
	struct buf body = { 0 };
	struct json j;

	json_start(&j, &body);
	json_object(&j, NULL);
	text_by_kind(&j, "code", "number", t->answer_code);
	json_text(&j, "customer", identity_code);
	json_end(&j);
	if (till_put(t, OUTBOX_CARD, "/v1/cards/bind", body.data, tr("bind the card")) == QT_OK)
		tui_say(t->tui, STYLE_WARN, "%s...", tr("bind the card"));
	buf_free(&body);
}

void till_card_move(struct till *t, const char *to, const char *manager, const char *pin)
{
	struct buf body = { 0 };
	struct json j;

	json_start(&j, &body);
	json_object(&j, NULL);
	json_int(&j, "from_card_id", jint(t->answer, "card_id", 0));
	text_by_kind(&j, "to_code", "to_number", to);
	json_text(&j, "reason", "lost");
	if (manager) {
		json_object(&j, "approval_staff");
		json_text(&j, "number", manager);
		json_text(&j, "pin", pin);
		json_end(&j);
	}
	json_end(&j);
	char *sealed = manager ? secret_seal(t->terminal_token, body.data) : NULL; /* it waits on the disk */
	if (till_put(t, OUTBOX_CARD, "/v1/cards/transfer", sealed ? sealed : body.data, tr("move the balance")) == QT_OK)
		tui_say(t->tui, STYLE_WARN, "%s...", tr("move the balance"));
	free(sealed);
	explicit_bzero(body.data, body.len);
	buf_free(&body);
}

static void on_statement(void *ctx, const struct api_reply *r)
{
	struct till *t = ctx;
	char why[256];

	t->asking = 0;
	till_link_said(t, r->err);
	if (r->err == QT_OK) {
		jfree(t->statement);
		t->statement = jhold(r->body);
	} else {
		till_problem_text(r, why, sizeof why);
		tui_say(t->tui, STYLE_BAD, "%s", why);
	}
	tui_dirty(t->tui);
}

void till_card_statement(struct till *t)
{
	char path[80];

	if (t->api == NULL || t->asking)
		return;
	snprintf(path, sizeof path, "/v1/cards/%lld/statement?limit=12", (long long)jint(t->answer, "card_id", 0));
	const struct api_request r = { .method = "GET", .path = path, .done = on_statement, .ctx = t };
	t->asking = api_send(t->api, &r);
}
