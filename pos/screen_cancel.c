/* screen_cancel: giving an order up above the cashier's limit: a manager's number and PIN become an approval for exactly that,
 * and the order is cancelled with it. The PIN is never on the disk. See till.h. */
#include "pos/till.h"

#include "shared/tr.h"
#include "shared/tui/dialog.h"

#include <stdio.h>
#include <string.h>

static void on_approved(void *ctx, const struct api_reply *r)
{
	struct till *t = ctx;
	char body[64], why[256];

	t->wanted.asking = 0;
	till_link_said(t, r->err);
	if (r->err != QT_OK) {
		till_problem_text(r, why, sizeof why);
		tui_say(t->tui, STYLE_BAD, "%s", why);
		return;
	}
	tui_say(t->tui, STYLE_GOOD, tr("approved by %s"), jtext(r->body, "approved_by", ""));
	snprintf(body, sizeof body, "{\"approval_id\":%lld}", (long long)jint(r->body, "approval_id", 0));
	till_give_up_with(t, body);
}

static void pin_typed(void *ctx, const char *pin)
{
	struct till *t = ctx;

	if (pin[0] == '\0' || t->wanted.asking || t->api == NULL || t->sale.stage != SALE_OPEN)
		return;
	till_approval_ask(t, "cancel", till_sale_total_cents(&t->sale), t->wanted.approver, pin, on_approved);
}

static void approver_typed(void *ctx, const char *text)
{
	struct till *t = ctx;
	struct dialog d = { .title = tr("Approval"), .ask_text = true, .kind = ENTRY_SECRET, .most = 32,
	                    .answered = pin_typed, .ctx = t };
	char money[32];

	if (text[0] == '\0')
		return;
	snprintf(t->wanted.approver, sizeof t->wanted.approver, "%s", text);
	snprintf(d.text, sizeof d.text, "%s  %s %s (%s)", tr("The manager's PIN approves this and nothing else:"),
	         till_currency(t), till_money(t, till_sale_total_cents(&t->sale), money), tr("Give the payment up"));
	dialog_push(t->tui, &d);
}

void cancel_ask(struct till *t)
{
	struct dialog d = { .title = tr("Approval"), .ask_text = true, .kind = ENTRY_DIGITS, .most = 6,
	                    .answered = approver_typed, .ctx = t };
	char money[32];

	if (t->wanted.asking || t->sale.stage != SALE_OPEN)
		return;
	snprintf(d.text, sizeof d.text, "%s %s %s. %s", tr("Above your limit:"), till_currency(t),
	         till_money(t, till_sale_total_cents(&t->sale), money), tr("The number of the manager who approves:"));
	dialog_push(t->tui, &d);
}
