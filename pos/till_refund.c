/* till_refund: see till_refund.h. */
#include "pos/till.h"

#include "pos/receipt.h"
#include "pos/secret.h"
#include "shared/clock.h"
#include "shared/code.h"
#include "shared/tr.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ASK_AGAIN_MS 2000

/* ---- on disk: settings refund_stage, refund_order, refund_preview, refund_answer ---- */

static enum qt_err keep_json(struct till *t, const char *name, const struct json_t *value)
{
	char *text = value ? jdump(value) : NULL;
	enum qt_err err = setting_put(t->store, name, text);

	free(text);
	return err;
}

/* Inside a transaction. */
static enum qt_err keep(struct till *t, enum refund_stage stage, const struct json_t *answer)
{
	bool none = stage == REFUND_NONE;
	enum qt_err err = setting_put_int(t->store, "refund_stage", stage);

	if (err == QT_OK)
		err = keep_json(t, "refund_order", none ? NULL : t->refund.order);
	if (err == QT_OK)
		err = keep_json(t, "refund_preview", none ? NULL : t->refund.preview);
	if (err == QT_OK)
		err = setting_put(t->store, "refund_reason", none ? NULL : t->refund.reason);
	return err == QT_OK ? keep_json(t, "refund_answer", answer) : err;
}

static struct json_t *read_json(struct till *t, const char *name)
{
	char *text = setting_text(t->store, name);
	struct json_t *value = text ? jparse(text, strlen(text)) : NULL;

	free(text);
	return value;
}

void till_refund_load(struct till *t)
{
	struct till_refund *r = &t->refund;
	char *reason = setting_text(t->store, "refund_reason");

	r->stage = (enum refund_stage)setting_int(t->store, "refund_stage", REFUND_NONE);
	r->order = read_json(t, "refund_order");
	r->preview = read_json(t, "refund_preview");
	r->answer = read_json(t, "refund_answer");
	snprintf(r->reason, sizeof r->reason, "%s", reason ? reason : "");
	free(reason);
}

void till_refund_free(struct till_refund *r)
{
	jfree(r->order);
	jfree(r->left);
	jfree(r->preview);
	jfree(r->answer);
	*r = (struct till_refund){ .stage = REFUND_NONE };
}

static void replace(struct json_t **place, struct json_t *value)
{
	jhold(value);
	jfree(*place);
	*place = value;
}

static void cancel_question(struct till *t)
{
	if (t->refund.asking && t->api)
		api_cancel(t->api, t->refund.asking);
	t->refund.asking = 0;
}

void till_refund_drop(struct till *t)
{
	if (t->refund.stage == REFUND_SENT)
		return;
	if (t->refund.stage == REFUND_DONE) {
		enum qt_err err = tdb_begin(t->store);
		if (err == QT_OK)
			err = tdb_commit(t->store, keep(t, REFUND_NONE, NULL));
		if (err != QT_OK) { /* it would come back: stay with it */
			tui_say(t->tui, STYLE_BAD, "%s", tr_err(err));
			return;
		}
	}
	cancel_question(t);
	till_refund_free(&t->refund);
	tui_dirty(t->tui);
}

/* ---- questions ---- */

static void ask(struct till *t, const char *path, api_done done)
{
	const struct api_request r = { .method = "GET", .path = path, .done = done, .ctx = t };

	cancel_question(t);
	if (t->api)
		t->refund.asking = api_send(t->api, &r);
	t->refund.retry_ms = clock_mono_ms() + ASK_AGAIN_MS;
}

/* false: the question failed, and that is said. */
static bool answered(struct till *t, const struct api_reply *r)
{
	t->refund.asking = 0;
	t->refund.error[0] = '\0';
	till_link_said(t, r->err);
	tui_dirty(t->tui);
	if (r->err != QT_OK)
		till_problem_text(r, t->refund.error, sizeof t->refund.error);
	if (r->err != QT_OK && r->err != QT_OFFLINE)
		t->refund.retry_ms = INT64_MAX; /* the same question would get the same answer */
	return r->err == QT_OK;
}

int till_refund_line_count(const struct till_refund *r)
{
	size_t count = jcount(jget(r->order, "lines"));
	return count < CART_LINES_MOST ? (int)count : CART_LINES_MOST;
}

int64_t till_refund_left(const struct till_refund *r, int line)
{
	const struct json_t *lines = jget(r->left, "lines"), *l;

	for (size_t i = 0; (l = jat(lines, i)) != NULL; i++)
		if (jint(l, "line_no", 0) == line + 1)
			return receipt_quantity(l);
	return 0;
}

/* A measured line goes back as a whole: nobody cuts the cheese again. */
static bool is_measured(const struct till_refund *r, int line)
{
	return jtext(jat(jget(r->order, "lines"), (size_t)line), "unit", "")[0] != '\0';
}

static bool chose_everything(const struct till_refund *r)
{
	for (int i = 0; i < till_refund_line_count(r); i++)
		if (r->chosen[i] != till_refund_left(r, i))
			return false;
	return true;
}

static bool chose_nothing(const struct till_refund *r)
{
	for (int i = 0; i < till_refund_line_count(r); i++)
		if (r->chosen[i] > 0)
			return false;
	return true;
}

static void on_preview(void *ctx, const struct api_reply *r)
{
	struct till *t = ctx;

	if (!answered(t, r))
		return;
	replace(&t->refund.preview, r->body);
}

static void ask_preview(struct till *t)
{
	struct till_refund *r = &t->refund;
	struct buf path = { 0 };

	replace(&r->preview, NULL);
	r->error[0] = '\0';
	if (chose_nothing(r)) {
		cancel_question(t);
		return;
	}
	buf_addf(&path, "/v1/orders/%lld/refunds/preview", (long long)jint(r->order, "order_id", 0));
	const char *before = "?lines=";
	for (int i = 0; i < till_refund_line_count(r) && !chose_everything(r); i++) {
		if (r->chosen[i] == 0)
			continue;
		buf_addf(&path, "%s%d*%lld", before, i + 1, (long long)r->chosen[i]);
		before = ",";
	}
	ask(t, path.data, on_preview);
	buf_free(&path);
}

static void on_left(void *ctx, const struct api_reply *r)
{
	struct till *t = ctx;

	if (!answered(t, r))
		return;
	replace(&t->refund.left, r->body);
	bool first = t->refund.refused[0] == '\0'; /* then everything that is left is chosen; else what was chosen stays */
	for (int i = 0; i < till_refund_line_count(&t->refund); i++) {
		int64_t left = till_refund_left(&t->refund, i);
		if (first || t->refund.chosen[i] > left)
			t->refund.chosen[i] = left;
	}
	if (first)
		replace(&t->refund.preview, r->body);
	else
		ask_preview(t);
}

static void ask_left(struct till *t)
{
	char path[96];

	snprintf(path, sizeof path, "/v1/orders/%lld/refunds/preview", (long long)jint(t->refund.order, "order_id", 0));
	ask(t, path, on_left);
}

static void on_order(void *ctx, const struct api_reply *r)
{
	struct till *t = ctx;

	if (!answered(t, r))
		return;
	replace(&t->refund.order, r->body);
	t->refund.stage = REFUND_CHOOSING;
	ask_left(t);
}

void till_refund_look_order(struct till *t, int64_t order_id)
{
	char path[64];

	if (t->refund.stage == REFUND_SENT || t->refund.stage == REFUND_DONE)
		return;
	cancel_question(t);
	till_refund_free(&t->refund);
	snprintf(path, sizeof path, "/v1/orders/%lld", (long long)order_id);
	ask(t, path, on_order);
}

static void on_receipt(void *ctx, const struct api_reply *r)
{
	struct till *t = ctx;

	if (answered(t, r))
		till_refund_look_order(t, jint(r->body, "order_id", 0));
}

void till_refund_look_code(struct till *t, const char *code)
{
	char token[CODE_TOKEN_MAX], path[CODE_TOKEN_MAX + 32];

	if (t->refund.stage == REFUND_SENT || t->refund.stage == REFUND_DONE)
		return;
	cancel_question(t);
	till_refund_free(&t->refund);
	if (code_token_of(code, NULL, token) == NULL) {
		snprintf(t->refund.error, sizeof t->refund.error, "%s", tr_err(QT_BAD_CODE));
		return;
	}
	snprintf(path, sizeof path, "/v1/receipts/%s", token);
	ask(t, path, on_receipt);
}

void till_refund_tick(struct till *t, int64_t now_ms)
{
	struct till_refund *r = &t->refund;

	if (r->stage != REFUND_CHOOSING || r->asking || now_ms < r->retry_ms || t->api == NULL)
		return;
	if (r->left == NULL)
		ask_left(t);
	else if (r->preview == NULL && r->error[0] && !chose_nothing(r))
		ask_preview(t);
}

void till_refund_choose(struct till *t, int line, int64_t by)
{
	struct till_refund *r = &t->refund;

	if (r->stage != REFUND_CHOOSING || r->left == NULL || line < 0 || line >= till_refund_line_count(r))
		return;
	int64_t pieces = is_measured(r, line) ? (by > 0 ? till_refund_left(r, line) : 0) : r->chosen[line] + by;
	if (pieces < 0 || pieces > till_refund_left(r, line))
		return;
	r->chosen[line] = pieces;
	r->refused[0] = '\0';
	ask_preview(t);
}

void till_refund_choose_all(struct till *t, bool all)
{
	struct till_refund *r = &t->refund;

	if (r->stage != REFUND_CHOOSING || r->left == NULL)
		return;
	for (int i = 0; i < till_refund_line_count(r); i++)
		r->chosen[i] = all ? till_refund_left(r, i) : 0;
	r->refused[0] = '\0';
	ask_preview(t);
}

/* ---- the request ---- */

static void write_body(const struct till_refund *r, const char *number, const char *pin, struct buf *body)
{
	struct json j;

	json_start(&j, body);
	json_object(&j, NULL);
	json_array(&j, "lines"); /* always named: what is left may have become more or less */
	for (int i = 0; i < till_refund_line_count(r); i++) {
		if (r->chosen[i] == 0)
			continue;
		json_object(&j, NULL);
		json_int(&j, "line_no", i + 1);
		json_int(&j, is_measured(r, i) ? "quantity_milli" : "quantity", r->chosen[i]);
		json_end(&j);
	}
	json_end(&j);
	json_text(&j, "reason", r->reason);
	if (number) {
		json_object(&j, "approval_staff");
		json_text(&j, "number", number);
		json_text(&j, "pin", pin);
		json_end(&j);
	}
	json_end(&j);
}

void till_refund_send(struct till *t, const char *reason, const char *number, const char *pin)
{
	struct till_refund *r = &t->refund;
	char path[64], note[96], amount[32];
	struct buf body = { 0 };

	if (r->stage != REFUND_CHOOSING || r->preview == NULL || chose_nothing(r))
		return;
	snprintf(r->reason, sizeof r->reason, "%s", reason);
	write_body(r, number, pin, &body);
	char *sealed = number ? secret_seal(t->terminal_token, body.data) : NULL;
	snprintf(path, sizeof path, "/v1/orders/%lld/refunds", (long long)jint(r->order, "order_id", 0));
	snprintf(note, sizeof note, "%s %s", tr("refund"), till_money(t, jint(r->preview, "refunded_cents", 0), amount));
	r->error[0] = r->refused[0] = '\0';
	cancel_question(t);
	enum qt_err err = tdb_begin(t->store);
	if (err == QT_OK) {
		err = outbox_add(t->store, OUTBOX_REFUND, path, sealed ? sealed : body.data, 0, note, clock_now_ms());
		if (err == QT_OK)
			err = keep(t, REFUND_SENT, NULL);
		if (err == QT_OK)
			err = till_event(t, "refund-ask", "iit", "order", jint(r->order, "order_id", 0), "refund_cents",
			                 jint(r->preview, "refunded_cents", 0), "reason", r->reason);
		err = tdb_commit(t->store, err);
	}
	if (err == QT_OK)
		r->stage = REFUND_SENT;
	else
		tui_say(t->tui, STYLE_BAD, "%s", tr_err(err));
	t->counts = outbox_counts(t->store);
	if (t->sending == 0)
		t->retry_ms = 0;
	free(sealed);
	explicit_bzero(body.data, body.len);
	buf_free(&body);
	tui_dirty(t->tui);
}

enum qt_err till_refund_keep_answer(struct till *t, const struct json_t *answer)
{
	enum qt_err err = till_receipt_renew(t->store, jget(answer, "order"));
	if (err == QT_OK)
		err = till_event(t, "refund", "iii", "order", jint(jget(answer, "order"), "order_id", 0), "refund",
		                 jint(answer, "refund_id", 0), "refund_cents", jint(answer, "refunded_cents", 0));
	return err == QT_OK ? keep(t, REFUND_DONE, answer) : err;
}

enum qt_err till_refund_keep_refusal(struct till *t)
{
	return keep(t, REFUND_NONE, NULL);
}

/* Cash went out, or the shop prints everything. */
static void print_refund(struct till *t)
{
	const struct json_t *tenders = jget(t->refund.answer, "tenders"), *x;
	bool cash = false;

	for (size_t i = 0; (x = jat(tenders, i)) != NULL; i++)
		cash |= strcmp(jtext(x, "source", ""), "cash") == 0;
	cash = cash && t->settings.open_drawer;
	if (cash || t->settings.print_always)
		till_print_refund(t, cash);
}

void till_refund_answered(struct till *t, struct json_t *answer, const char *why)
{
	struct till_refund *r = &t->refund;

	if (why == NULL) {
		r->stage = REFUND_DONE;
		replace(&r->answer, answer);
		print_refund(t);
	} else {
		r->stage = REFUND_CHOOSING;
		snprintf(r->refused, sizeof r->refused, "%s", why);
		replace(&r->left, NULL); /* asked anew: what is left and who may do it */
		replace(&r->preview, NULL);
		ask_left(t);
	}
	tui_dirty(t->tui);
}
