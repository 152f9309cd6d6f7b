/* till_send: the outbox at work: sends what waits in order, each when the one before was answered, and puts the answer's effect on
 * disk together with the removal of the request. See till.h. */
#include "pos/till.h"

#include "pos/receipt.h"
#include "pos/secret.h"
#include "shared/clock.h"
#include "shared/money.h"
#include "shared/tr.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_paid(const struct json_t *order)
{
	const char *state = jtext(order, "state", "");
	return strcmp(state, "paid") == 0 || strcmp(state, "part-refunded") == 0 || strcmp(state, "refunded") == 0;
}

static bool is_over(const struct json_t *order)
{
	const char *state = jtext(order, "state", "");
	return strcmp(state, "cancelled") == 0 || strcmp(state, "expired") == 0;
}

static void set_order(struct till_sale *s, struct json_t *order)
{
	jhold(order);
	jfree(s->order);
	s->order = order;
}

static enum qt_err receipt_event(struct till *t, const struct json_t *order, int64_t sale_number)
{
	return till_event(t, "receipt", "iiii", "sale", sale_number, "order", jint(order, "order_id", 0), "receipt",
	                  jint(jget(order, "receipt"), "number", 0), "total_cents", jint(order, "total_cents", 0));
}

/* Inside a transaction: the sale becomes what the server says about its order. */
static enum qt_err take_order(struct till *t, struct json_t *order)
{
	enum qt_err err = QT_OK;

	if (is_over(order)) {
		jfree(t->sale.order);
		t->sale.order = NULL;
		t->sale.stage = SALE_CART;
	} else {
		set_order(&t->sale, order);
		t->sale.stage = is_paid(order) ? SALE_PAID : SALE_OPEN;
	}
	if (t->sale.stage == SALE_PAID)
		err = till_receipt_put(t->store, order, till_now_ms(t));
	if (err == QT_OK && t->sale.stage == SALE_PAID)
		err = receipt_event(t, order, t->sale.number);
	return err == QT_OK ? till_sale_save(t->store, &t->sale) : err;
}

static void after_paid(struct till *t, bool was_paid)
{
	const struct json_t *payments = jget(t->sale.order, "payments"), *p;
	bool cash = false;

	if (t->sale.stage != SALE_PAID || was_paid)
		return;
	for (size_t i = 0; (p = jat(payments, i)) != NULL; i++)
		cash |= strcmp(jtext(p, "method", ""), "cash") == 0;
	if (t->settings.print_always || (cash && t->settings.open_drawer))
		till_print(t, till_sale_order_id(&t->sale), cash && t->settings.open_drawer);
}

/* What an answer changes of the sale. Where the disk does not take it, it did not happen: a sale that went on in memory
 * alone would be asked for again. */
struct before {
	enum sale_stage stage;
	struct json_t *order; /* held */
};

static void remember(const struct till *t, struct before *b)
{
	b->stage = t->sale.stage;
	b->order = jhold(t->sale.order);
}

static void go_back_unless(struct till *t, const struct before *b, bool kept)
{
	if (!kept) {
		set_order(&t->sale, b->order);
		t->sale.stage = b->stage;
	}
	jfree(b->order);
}

void till_apply_order(struct till *t, struct json_t *order)
{
	bool was_paid = t->sale.stage == SALE_PAID;
	struct before before;

	if (t->sale.stage != SALE_OPEN || jint(order, "order_id", 0) != till_sale_order_id(&t->sale))
		return;
	remember(t, &before);
	enum qt_err err = tdb_begin(t->store);
	if (err == QT_OK)
		err = tdb_commit(t->store, take_order(t, order));
	go_back_unless(t, &before, err == QT_OK);
	if (err != QT_OK) {
		tui_say(t->tui, STYLE_BAD, "%s", tr_err(err));
		return;
	}
	if (t->sale.stage == SALE_CART)
		snprintf(t->sale_message, sizeof t->sale_message, "%s", tr("the order was closed without payment"));
	after_paid(t, was_paid);
	till_show_stage(t);
}

enum qt_err till_keep_sale(struct till *t)
{
	enum qt_err err = tdb_begin(t->store);

	if (err == QT_OK) {
		err = till_sale_save(t->store, &t->sale);
		if (err == QT_OK)
			err = till_event_cart(t);
		err = tdb_commit(t->store, err);
	}
	if (err == QT_OK)
		till_event_remember(t);
	else if (t->tui)
		tui_say(t->tui, STYLE_BAD, "%s", tr_err(err));
	return err;
}

/* Is this answer about the sale on the screen? */
static bool is_present_sale(const struct till *t)
{
	return t->row.sale_number != 0 && t->row.sale_number == t->sale.number;
}

/* Cash that was taken while the server could not be reached: the answer came later. */
static enum qt_err effect_of_queued(struct till *t, const struct api_reply *r)
{
	if (is_paid(r->body)) {
		enum qt_err err = till_receipt_put(t->store, r->body, t->row.created_ms);
		return err == QT_OK ? receipt_event(t, r->body, t->row.sale_number) : err;
	}
	char due[32], why[96];
	snprintf(why, sizeof why, "due: %s", till_money(t, jint(r->body, "due_cents", 0), due));
	return outbox_refuse(t->store, t->row.sequence, why);
}

/* Inside a transaction: the effect of an answer that says yes. */
static enum qt_err effect(struct till *t, const struct api_reply *r)
{
	switch (t->row.kind) {
	case OUTBOX_ORDER:
		if (!is_present_sale(t) || (t->sale.stage == SALE_QUEUED && !is_paid(r->body)))
			return effect_of_queued(t, r);
		return take_order(t, r->body);
	case OUTBOX_PAYMENT:
		return is_present_sale(t) ? take_order(t, r->body) : QT_OK;
	case OUTBOX_CANCEL:
		if (!is_present_sale(t) || t->sale.stage != SALE_OPEN)
			return QT_OK;
		jfree(t->sale.order);
		t->sale.order = NULL;
		t->sale.stage = SALE_CART;
		return till_sale_save(t->store, &t->sale);
	case OUTBOX_REFUND:
		return till_refund_keep_answer(t, r->body);
	case OUTBOX_SHIFT:
		return till_shift_keep_answer(t, &t->row, r->body);
	case OUTBOX_HELD:
		return till_held_keep_answer(t, &t->row, r->body);
	case OUTBOX_WITHDRAW:
		return till_withdraw_keep_answer(t, r->body);
	case OUTBOX_RELEASE: /* what is left of the order is asked for */
	case OUTBOX_CARD:
	case OUTBOX_POINTS:
	case OUTBOX_KIND_COUNT:
		break;
	}
	return QT_OK;
}

/* Inside a transaction: the effect of a refusal. */
static enum qt_err effect_of_refusal(struct till *t, enum qt_err refusal, const char *why)
{
	bool here = is_present_sale(t);

	if (t->row.kind == OUTBOX_SHIFT)
		return till_shift_keeps_refusal(t) ? outbox_refuse(t->store, t->row.sequence, why) : QT_OK;
	if (t->row.kind == OUTBOX_WITHDRAW) /* a manager looks at it */
		return outbox_refuse(t->store, t->row.sequence, why);
	if (t->row.kind == OUTBOX_REFUND)
		return till_refund_keep_refusal(t);
	if (t->row.kind == OUTBOX_HELD)
		return till_held_keep_refusal(t, &t->row, refusal, why);
	if (t->row.kind == OUTBOX_ORDER && (!here || t->sale.stage == SALE_QUEUED))
		return outbox_refuse(t->store, t->row.sequence, why);
	if (t->row.kind == OUTBOX_ORDER) {
		jfree(t->sale.order);
		t->sale.order = NULL;
		t->sale.stage = SALE_CART;
		return till_sale_save(t->store, &t->sale);
	}
	return QT_OK;
}

/* Is the answered request about the card or the customer that is looked at? Its answer may come late, when somebody
 * else is on the screen: what is then done must not be done to the wrong one. */
static bool is_shown_account(const struct till *t)
{
	char path[64];

	if (t->row.kind == OUTBOX_CARD && (strcmp(t->row.path, "/v1/cards") == 0 ||
	                                   strcmp(t->row.path, "/v1/cards/transfer") == 0))
		return true; /* a new card, or the one that took over, is shown */
	snprintf(path, sizeof path, "/v1/cards/%lld/", (long long)jint(t->answer, "card_id", 0));
	if (strncmp(t->row.path, path, strlen(path)) == 0)
		return true;
	return t->answer_code[0] != '\0' && strstr(t->row.body, t->answer_code) != NULL;
}

/* What people see of an answer, after it is on disk. */
static void tell(struct till *t, const struct api_reply *r, const char *why, bool was_paid)
{
	bool ok = r->err == QT_OK;

	if (t->row.kind == OUTBOX_POINTS && ok && jget(r->body, "coupon_id")) {
		tui_say(t->tui, STYLE_GOOD, "%s: %s", t->row.note, tr("done"));
		if (t->sale.stage == SALE_CART && t->sale.cart.count > 0)
			till_coupon(t, jtext(r->body, "code", ""));
		if (is_shown_account(t))
			till_points_look(t, t->answer_code);
	} else if (t->row.kind == OUTBOX_CARD || t->row.kind == OUTBOX_POINTS) {
		if (is_shown_account(t)) {
			jfree(t->answer);
			t->answer = ok ? jhold(r->body) : NULL;
			snprintf(t->answer_error, sizeof t->answer_error, "%s", ok ? "" : why);
			if (jtext(t->answer, "code", NULL)) /* issued now: what follows is about this card */
				snprintf(t->answer_code, sizeof t->answer_code, "%s", jtext(t->answer, "code", ""));
			t->answer_serial++;
		}
		tui_say(t->tui, ok ? STYLE_GOOD : STYLE_BAD, "%s: %s", t->row.note, ok ? tr("done") : why);
	} else if (t->row.kind == OUTBOX_REFUND) {
		till_refund_answered(t, r->body, ok ? NULL : why);
		tui_say(t->tui, ok ? STYLE_GOOD : STYLE_BAD, "%s: %s", t->row.note, ok ? tr("done") : why);
	} else if (t->row.kind == OUTBOX_WITHDRAW) {
		till_withdraw_answered(t, r->body, ok ? NULL : why);
	} else if (t->row.kind == OUTBOX_HELD) {
		till_held_answered(t, &t->row, ok ? NULL : r->problem.detail);
	} else if (t->row.kind == OUTBOX_SHIFT) {
		till_shift_answered(t, &t->row, ok ? NULL : why);
	} else if (is_present_sale(t)) {
		snprintf(t->sale_message, sizeof t->sale_message, "%s", ok ? "" : why);
		if (!ok)
			tui_say(t->tui, STYLE_BAD, "%s", why);
		after_paid(t, was_paid);
	}
	if (t->row.kind == OUTBOX_RELEASE || (!ok && t->row.kind != OUTBOX_ORDER && t->row.kind != OUTBOX_WITHDRAW))
		till_refresh_order(t);
	till_show_stage(t);
	if (r->err == QT_PIN_NEEDED && is_present_sale(t))
		till_ask_pin(t);
	if (r->err == QT_NEEDS_APPROVAL && t->row.kind == OUTBOX_CANCEL && is_present_sale(t))
		cancel_ask(t);
}

/* No answer that counts: the same request goes again later. */
static bool is_no_answer(enum qt_err err)
{
	switch (err) {
	case QT_OFFLINE: case QT_UNKNOWN_OUTCOME: case QT_BUSY: case QT_TOO_MANY: case QT_INTERNAL: case QT_STORE:
	case QT_DISK_FULL: case QT_BAD_SIGNATURE: case QT_NOT_SIGNED_IN:
		return true;
	default:
		return false;
	}
}

void till_finish_off_line(struct till *t)
{
	if (t->sale.stage != SALE_SENT || jget(t->sale.order, "provisional") == NULL)
		return;
	bool drawer = t->settings.open_drawer && strcmp(t->sale.method, "cash") == 0;
	t->sale.stage = SALE_QUEUED;
	if (till_keep_sale(t) != QT_OK)
		t->sale.stage = SALE_SENT;
	else if (t->settings.print_always || drawer)
		till_print(t, 0, drawer);
	till_show_stage(t);
}

void till_say_needs_server(struct till *t, const char *method)
{
	snprintf(t->sale_message, sizeof t->sale_message,
	         tr("%s: needs the server, which cannot be reached; cash and the bank's terminal go on"),
	         receipt_method_name(method));
	tui_say(t->tui, STYLE_BAD, "%s", t->sale_message);
}

bool till_has_money(const char *method)
{
	return strcmp(method, "cash") == 0 || strcmp(method, "terminal") == 0;
}

/* The server has not seen this request, and nobody is charged by it before it has: the cashier decides anew. A request of the
 * program before may have been seen without a note of it, so it stays. */
static bool take_back(struct till *t)
{
	bool order = t->row.kind == OUTBOX_ORDER;
	enum sale_stage before = t->sale.stage;

	bool part = t->row.kind == OUTBOX_PAYMENT && before == SALE_OPEN && !till_has_money(t->sale.method);

	if (t->row.seen || t->row.sequence <= t->old_sequence || !is_present_sale(t) ||
	    !(part || (order && before == SALE_SENT && t->sale.order == NULL)))
		return false;
	if (order)
		t->sale.stage = SALE_CART;
	enum qt_err err = tdb_begin(t->store);
	if (err == QT_OK) {
		err = outbox_done(t->store, t->row.sequence);
		if (err == QT_OK)
			err = till_sale_save(t->store, &t->sale);
		if (err == QT_OK)
			err = till_event(t, "not-sent", "it", "sale", t->sale.number, "tender", t->sale.method);
		err = tdb_commit(t->store, err);
	}
	if (err != QT_OK) {
		t->sale.stage = before;
		return false;
	}
	t->counts = outbox_counts(t->store);
	t->retry_count = 0;
	t->vain_since_ms = 0;
	till_say_needs_server(t, t->sale.method);
	till_show_stage(t);
	return true;
}

static void try_later(struct till *t, enum qt_err err)
{
	static const int pauses_ms[] = { 500, 1000, 2000, 3000, 5000 };
	int i = t->retry_count < 4 ? t->retry_count : 4;

	if (err == QT_OFFLINE && take_back(t))
		return;
	bool seen = err != QT_OFFLINE && err != QT_BUSY && err != QT_TOO_MANY;
	t->unknown = seen || t->row.seen;
	if (t->vain_since_ms == 0 || t->vain_sale != t->row.sale_number)
		t->vain_since_ms = clock_mono_ms();
	t->vain_sale = t->row.sale_number;
	if (outbox_tried(t->store, t->row.sequence, seen) != QT_OK)
		log_line('E', "the outbox cannot be written");
	t->retry_count++;
	t->retry_ms = clock_mono_ms() + pauses_ms[i];
	t->shift.awaited = false;
	if (err == QT_OFFLINE || err == QT_UNKNOWN_OUTCOME)
		till_finish_off_line(t);
	tui_dirty(t->tui);
}

static void on_answer(void *ctx, const struct api_reply *r);

/* Send a row that is in the outbox. false: it was sealed under a credential this till no longer has. */
static bool send_row(struct till *t, const struct outbox_row *row)
{
	char key[24], *body = secret_open(t->terminal_token, row->body);

	if (body == NULL)
		return false;
	snprintf(key, sizeof key, "%lld", (long long)row->sequence);
	const struct api_request r = { .method = "POST", .path = row->path, .body = body, .key = key, .done = on_answer,
	                               .ctx = t };
	t->sending = api_send(t->api, &r);
	explicit_bzero(body, strlen(body));
	free(body);
	return true;
}

/* A whole sale that nobody at the till waits for. */
static bool is_left_behind(const struct till *t, const struct outbox_row *row)
{
	return row->kind == OUTBOX_ORDER && row->sale_number != t->sale.number;
}

/* After an outage many such sales wait, and what is answered to one says nothing about the next: that goes out while the
 * disk takes this answer. In their order all the same, as the server has answered this one. *next is then its row. */
static void send_ahead(struct till *t, struct outbox_row *next)
{
	*next = (struct outbox_row){ 0 };
	if (!is_left_behind(t, &t->row) || t->session_token == NULL ||
	    outbox_after(t->store, t->row.sequence, next) != QT_OK)
		return;
	if (!is_left_behind(t, next) || !send_row(t, next))
		outbox_row_free(next);
}

/* This answer is not on the disk: it is asked for again, and what was sent ahead after it. */
static void ask_again(struct till *t, struct outbox_row *next)
{
	if (next->path)
		api_cancel(t->api, t->sending);
	outbox_row_free(next);
	t->sending = 0;
	t->retry_ms = clock_mono_ms() + 2000;
}

/* Counting reads all that waits: with many it is one less by each answer. */
static void count_down(struct till *t, bool kept)
{
	if (kept || t->counts.waiting < 32)
		t->counts = outbox_counts(t->store);
	else
		t->counts.waiting--;
}

static void on_answer(void *ctx, const struct api_reply *r)
{
	struct till *t = ctx;
	struct outbox_row next;
	bool kept = true;
	bool was_paid = t->sale.stage == SALE_PAID || t->sale.stage == SALE_QUEUED;
	struct before before;
	char why[256];

	t->sending = 0;
	if (t->refreshing) { /* a look at the order that was sent before may be older than this answer */
		api_cancel(t->api, t->refreshing);
		t->refreshing = 0;
	}
	till_link_said(t, r->err);
	if (is_no_answer(r->err)) {
		try_later(t, r->err);
		outbox_row_free(&t->row);
		return;
	}
	t->retry_count = 0;
	t->unknown = false;
	t->vain_since_ms = 0;
	t->retry_ms = 0;
	till_problem_text(r, why, sizeof why);
	remember(t, &before);
	send_ahead(t, &next);
	enum qt_err err = tdb_begin(t->store);
	if (err == QT_OK) {
		err = r->err == QT_OK ? effect(t, r) : effect_of_refusal(t, r->err, why);
		/* A refused row that stays in view is no longer waiting, but it is kept. */
		kept = t->row.kind == OUTBOX_ORDER && (!is_present_sale(t) || t->sale.stage == SALE_QUEUED) &&
		            (r->err != QT_OK || !is_paid(r->body));
		kept |= t->row.kind == OUTBOX_SHIFT && r->err != QT_OK && till_shift_keeps_refusal(t);
		kept |= t->row.kind == OUTBOX_WITHDRAW && r->err != QT_OK;
		kept |= t->row.kind == OUTBOX_HELD && r->err != QT_OK && till_held_was_used(&t->row);
		if (err == QT_OK && !kept)
			err = outbox_done(t->store, t->row.sequence);
		err = tdb_commit(t->store, err);
	}
	go_back_unless(t, &before, err == QT_OK);
	count_down(t, kept || err != QT_OK);
	if (err != QT_OK) {
		tui_say(t->tui, STYLE_BAD, "%s", tr_err(err));
		ask_again(t, &next);
	} else {
		tell(t, r, why, was_paid);
	}
	outbox_row_free(&t->row);
	t->row = next;
	tui_dirty(t->tui);
}

/* Sealed under a credential this till no longer has: it cannot be asked again, so it stays in view. */
static void give_up_sealed(struct till *t)
{
	const char *why = tr("cannot be asked again: the till was enrolled anew");
	bool refund = t->row.kind == OUTBOX_REFUND;
	enum qt_err err = tdb_begin(t->store);

	if (err == QT_OK) {
		err = outbox_refuse(t->store, t->row.sequence, why);
		if (err == QT_OK && refund)
			err = till_refund_keep_refusal(t);
		err = tdb_commit(t->store, err);
	}
	if (err == QT_OK && refund)
		till_refund_answered(t, NULL, why);
	t->counts = outbox_counts(t->store);
	outbox_row_free(&t->row);
}

void till_send_tick(struct till *t, int64_t now_ms)
{
	if (t->api == NULL || t->sending != 0 || t->session_token == NULL || now_ms < t->retry_ms)
		return;
	if (t->counts.waiting == 0)
		return;
	enum qt_err err = outbox_next(t->store, &t->row);
	if (err != QT_OK) {
		t->counts = outbox_counts(t->store);
		return;
	}
	if (!send_row(t, &t->row))
		give_up_sealed(t);
}
