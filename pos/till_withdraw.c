/* till_withdraw: giving up a sale whose outcome the till does not know. The request that was sent in vain makes room for one
 * that withdraws it, which the server gets before anything else; the lines stay, as a new sale, so that the customer can
 * pay in another way at once. See till.h. */
#include "pos/till.h"

#include "shared/clock.h"
#include "shared/tr.h"

#include <stdio.h>
#include <string.h>

int64_t till_give_up_in_s(const struct till *t)
{
	int64_t left_ms = t->vain_since_ms + t->settings.give_up_s * 1000 - clock_mono_ms();

	if (!till_busy(t) || t->vain_since_ms == 0 || t->vain_sale != t->sale.number)
		return -1;
	return left_ms > 0 ? (left_ms + 999) / 1000 : 0;
}

/* Inside a transaction: the withdrawal in place of the request, and the lines as a new sale. */
static enum qt_err put_withdrawal(struct till *t, const struct outbox_row *row)
{
	int64_t order_id = till_sale_order_id(&t->sale), number = t->sale.number;
	struct buf body = { 0 };
	struct json j;

	json_start(&j, &body);
	json_object(&j, NULL);
	json_int(&j, "request", row->sequence);
	if (order_id)
		json_int(&j, "order_id", order_id);
	json_end(&j);
	enum qt_err err = outbox_done(t->store, row->sequence);
	if (err == QT_OK)
		err = outbox_add(t->store, OUTBOX_WITHDRAW, "/v1/orders/withdraw", body.data, number, "withdraw", clock_now_ms());
	buf_free(&body);
	if (err != QT_OK)
		return err;
	struct till_sale fresh = t->sale;
	fresh.number++;
	fresh.stage = SALE_CART;
	fresh.order = NULL;
	err = till_sale_save(t->store, &fresh);
	if (err == QT_OK)
		err = till_event(t, "withdraw", "iit", "sale", number, "order", order_id, "tender", t->sale.method);
	return err;
}

void till_withdraw(struct till *t)
{
	struct outbox_row row = { 0 };

	if (till_give_up_in_s(t) != 0)
		return;
	enum qt_err err = outbox_next(t->store, &row);
	if (err == QT_OK && row.sale_number != t->sale.number)
		err = QT_CONFLICT;
	if (err == QT_OK && t->sending) { /* its answer would be about a sale that is no more */
		api_cancel(t->api, t->sending);
		t->sending = 0;
		outbox_row_free(&t->row);
	}
	if (err == QT_OK)
		err = tdb_begin(t->store);
	if (err == QT_OK)
		err = tdb_commit(t->store, put_withdrawal(t, &row));
	outbox_row_free(&row);
	if (err != QT_OK) {
		tui_say(t->tui, STYLE_BAD, "%s", tr_err(err));
		return;
	}
	jfree(t->sale.order);
	t->sale.order = NULL;
	t->sale.stage = SALE_CART;
	t->sale.number++;
	t->vain_since_ms = t->retry_ms = t->retry_count = 0;
	t->unknown = false;
	t->counts = outbox_counts(t->store);
	snprintf(t->sale_message, sizeof t->sale_message, "%s",
	         tr("given up: another tender can follow; what was charged goes back"));
	till_show_stage(t);
}

enum qt_err till_withdraw_keep_answer(struct till *t, const struct json_t *answer)
{
	return till_event(t, "withdrawn", "iit", "sale", t->row.sale_number, "order",
	                  jint(jget(answer, "order"), "order_id", 0), "outcome", jtext(answer, "outcome", ""));
}

void till_withdraw_answered(struct till *t, const struct json_t *answer, const char *why)
{
	const char *outcome = jtext(answer, "outcome", "");
	char money[32];

	t->sale_message[0] = '\0';
	if (why)
		tui_say(t->tui, STYLE_BAD, tr("the sale given up before: %s"), why);
	else if (strcmp(outcome, "refunded") == 0)
		tui_say(t->tui, STYLE_WARN, tr("the sale given up before had been paid: %s went back"),
		        till_money(t, jint(jget(answer, "order"), "total_cents", 0), money));
	else if (strcmp(outcome, "nothing") == 0)
		tui_say(t->tui, STYLE_GOOD, "%s", tr("the sale given up before had not arrived: nothing was charged"));
	else
		tui_say(t->tui, STYLE_GOOD, "%s", tr("the order given up before is cancelled: nothing stays charged"));
}
