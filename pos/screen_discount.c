/* screen_discount: the dialogs that ask for a discount or another price, why, and for a manager where it is above the
 * limit of who is signed in. What they ask for waits in till.wanted. */
#include "pos/till.h"

#include "shared/tr.h"
#include "shared/tui/dialog.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void pin_typed(void *ctx, const char *text)
{
	struct till *t = ctx;

	if (text[0])
		till_price_approve(t, t->wanted.approver, text);
}

static void approver_typed(void *ctx, const char *text)
{
	struct till *t = ctx;
	struct dialog d = { .title = tr("PIN"), .ask_text = true, .kind = ENTRY_SECRET, .most = 32, .answered = pin_typed,
	                    .ctx = t };
	char money[32];

	if (text[0] == '\0')
		return;
	snprintf(t->wanted.approver, sizeof t->wanted.approver, "%s", text);
	snprintf(d.text, sizeof d.text, "%s  %s %s (%s)", tr("The manager's PIN approves this and nothing else:"),
	         till_currency(t), till_money(t, t->wanted.amount_cents, money), t->wanted.reason);
	dialog_push(t->tui, &d);
}

/* Everything is known: do it, or ask who approves. */
static void finish(struct till *t)
{
	struct dialog d = { .title = tr("Approval"), .ask_text = true, .kind = ENTRY_DIGITS, .most = 6,
	                    .answered = approver_typed, .ctx = t };
	char money[32];

	if (till_price_do(t))
		return;
	snprintf(d.text, sizeof d.text, "%s %s %s. %s", tr("Above your limit:"), till_currency(t),
	         till_money(t, t->wanted.amount_cents, money), tr("The number of the manager who approves:"));
	dialog_push(t->tui, &d);
}

static void reason_typed(void *ctx, const char *text)
{
	struct till *t = ctx;
	int digit = text[0] - '1';

	if (text[0] == '\0') {
		tui_say(t->tui, STYLE_WARN, "%s", tr("it needs a reason"));
		return;
	}
	bool listed = text[1] == '\0' && digit >= 0 && digit < t->rules.reason_count;
	snprintf(t->wanted.reason, sizeof t->wanted.reason, "%s", listed ? tr(t->rules.reasons[digit]) : text);
	finish(t);
}

static void ask_reason(struct till *t)
{
	struct dialog d = { .title = tr("Reason"), .ask_text = true, .kind = ENTRY_TEXT, .most = CART_REASON_ROOM - 1,
	                    .answered = reason_typed, .ctx = t };
	size_t n = 0;

	for (int i = 0; i < t->rules.reason_count && n < sizeof d.text - 120; i++)
		n += (size_t)snprintf(d.text + n, sizeof d.text - n, "%d %s   ", i + 1, tr(t->rules.reasons[i]));
	snprintf(d.text + n, sizeof d.text - n, "%s", tr("or type it"));
	dialog_push(t->tui, &d);
}

/* "10%" or "12.5%"; false when it is no rate from 0 to 100 with at most two places. */
static bool read_rate(const char *text, int64_t *rate_bp)
{
	char number[16];
	size_t len = strlen(text);

	if (len < 2 || len > sizeof number || text[len - 1] != '%')
		return false;
	snprintf(number, sizeof number, "%.*s", (int)len - 1, text);
	return money_parse(number, 840, rate_bp) == QT_OK && *rate_bp <= 10000; /* two places, as of a dollar */
}

static void discount_typed(void *ctx, const char *text)
{
	struct till *t = ctx;
	struct price_discount *d = &t->wanted.discount;
	enum qt_err err = QT_OK;

	*d = (struct price_discount){ 0 };
	if (strchr(text, '%'))
		err = read_rate(text, &d->rate_bp) ? QT_OK : QT_BAD_FIELD;
	else if (text[0])
		err = cart_parse_amount(text, t->shop.currency, t->settings.amounts_as_cents, &d->amount_cents);
	if (err == QT_OK && (d->rate_bp < 0 || d->amount_cents < 0))
		err = QT_OUT_OF_RANGE;
	if (err != QT_OK)
		tui_say(t->tui, STYLE_BAD, "%s", tr_err(err));
	else if (d->rate_bp == 0 && d->amount_cents == 0)
		finish(t); /* it is taken away again */
	else
		ask_reason(t);
}

void discount_ask(struct till *t, int line)
{
	struct dialog d = { .title = tr("Discount"), .ask_text = true, .kind = ENTRY_TEXT, .most = 15,
	                    .answered = discount_typed, .ctx = t };
	const struct cart *c = &t->sale.cart;

	if (t->wanted.asking || (line >= 0 && c->lines[line].card_id)) {
		tui_say(t->tui, STYLE_WARN, "%s", t->wanted.asking ? tr("one moment: the server is asked")
		        : tr("what is put on a card has no discount and no other price"));
		return;
	}
	t->wanted.line = line;
	t->wanted.price = false;
	t->wanted.reason[0] = '\0';
	snprintf(d.text, sizeof d.text, "%s. %s",
	         line >= 0 ? tr_pick(c->lines[line].name, c->lines[line].name_zh) : tr("The whole sale"),
	         tr("10% or an amount; nothing takes a discount away"));
	dialog_push(t->tui, &d);
}

static void price_typed(void *ctx, const char *text)
{
	struct till *t = ctx;
	const struct cart *c = &t->sale.cart;
	int64_t cents = -1;

	if (t->wanted.line >= c->count)
		return;
	enum qt_err err = text[0] == '\0' ? QT_OK : cart_parse_amount(text, t->shop.currency, t->settings.amounts_as_cents,
	                                                             &cents);
	if (err == QT_OK && text[0] && cents < 0)
		err = QT_OUT_OF_RANGE;
	if (err != QT_OK) {
		tui_say(t->tui, STYLE_BAD, "%s", tr_err(err));
		return;
	}
	t->wanted.new_price_cents = text[0] ? cents : c->lines[t->wanted.line].price_cents;
	if (t->wanted.new_price_cents == c->lines[t->wanted.line].price_cents)
		finish(t); /* the catalogue's again */
	else
		ask_reason(t);
}

void price_ask(struct till *t, int line)
{
	struct dialog d = { .title = tr("Price"), .ask_text = true, .kind = ENTRY_AMOUNT, .most = 16,
	                    .answered = price_typed, .ctx = t };
	const struct cart_line *l = &t->sale.cart.lines[line];
	char money[32];

	if (l->card_id) {
		tui_say(t->tui, STYLE_WARN, "%s", tr("what is put on a card has no discount and no other price"));
		return;
	}
	if (t->wanted.asking || l->open_price) {
		tui_say(t->tui, STYLE_WARN, "%s", l->open_price ? tr("its price was typed: take the line out and sell it again")
		        : tr("one moment: the server is asked"));
		return;
	}
	t->wanted.line = line;
	t->wanted.price = true;
	t->wanted.reason[0] = '\0';
	snprintf(d.text, sizeof d.text, "%s  %s. %s", tr_pick(l->name, l->name_zh), till_money(t, l->price_cents, money),
	         tr("Another price of one; nothing takes it back"));
	dialog_push(t->tui, &d);
}
