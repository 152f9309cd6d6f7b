/* web_api: the merchant's signed calls. */
#include "server/sandbox/web_internal.h"

#include "shared/clock.h"
#include "shared/money.h"
#include "shared/sandbox_sign.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static void put_payment(struct exchange *x, const struct book_payment *p)
{
	char url[512];
	struct json j;

	snprintf(url, sizeof url, "%s/pay/%s", x->web->public_url, p->id);
	x->status = 200;
	json_start(&j, &x->out);
	json_object(&j, NULL);
	json_text(&j, "payment", p->id);
	json_text(&j, "reference", p->reference);
	json_text(&j, "state", book_state_name(p->state));
	json_int(&j, "amount_cents", p->amount_cents);
	json_int(&j, "refunded_cents", p->refunded_cents);
	json_text(&j, "currency", p->currency);
	json_int(&j, "at_ms", p->done_ms ? p->done_ms : p->made_ms);
	json_text(&j, "redirect_url", p->state == BOOK_PENDING ? url : NULL);
	json_end(&j);
}

static void put_binding(struct exchange *x, const struct book_binding *g)
{
	char url[512];
	struct json j;

	snprintf(url, sizeof url, "%s/bind/%s", x->web->public_url, g->id);
	x->status = 200;
	json_start(&j, &x->out);
	json_object(&j, NULL);
	json_text(&j, "binding", g->id);
	json_text(&j, "reference", g->reference);
	json_text(&j, "state", book_state_name(g->state));
	json_text(&j, "redirect_url", g->state == BOOK_PENDING ? url : NULL);
	json_end(&j);
}

/* Copy a text member; false when it is missing or too long. */
static bool take(const struct json_t *body, const char *name, char *out, size_t size)
{
	const char *text = jtext(body, name, NULL);
	if (text == NULL || strlen(text) >= size)
		return false;
	snprintf(out, size, "%s", text);
	return true;
}

static void payment_make(struct exchange *x, const struct json_t *body)
{
	struct book_payment p = { .amount_cents = jint(body, "amount_cents", 0) };
	const char *binding = jtext(body, "binding", NULL);

	if (!take(body, "reference", p.reference, sizeof p.reference) || p.reference[0] == '\0' ||
	    !take(body, "currency", p.currency, sizeof p.currency) || currency_by_alpha(p.currency) == NULL ||
	    p.amount_cents <= 0 || p.amount_cents > MONEY_MAX) {
		exchange_problem(x, QT_BAD_FIELD);
		return;
	}
	if (!take(body, "description", p.description, sizeof p.description))
		p.description[0] = '\0';
	if (!take(body, "callback_url", p.callback_url, sizeof p.callback_url))
		p.callback_url[0] = '\0';
	pthread_mutex_lock(&x->web->lock);
	bool refuse = x->web->fault == ANSWER_REFUSE;
	pthread_mutex_unlock(&x->web->lock);
	enum qt_err err = book_payment_make(x->web->options.book, &p, binding, refuse);
	if (err != QT_OK) {
		exchange_problem(x, err);
		return;
	}
	put_payment(x, &p);
	if (p.state != BOOK_PENDING)
		callback_payment(x->web->options.callbacks, &p);
}

static void payment_refund(struct exchange *x, const char *reference, const struct json_t *body)
{
	char refund[BOOK_REFERENCE_SIZE];
	int64_t amount_cents = jint(body, "amount_cents", 0);
	struct book_payment p;

	if (!take(body, "refund_reference", refund, sizeof refund) || amount_cents <= 0) {
		exchange_problem(x, QT_BAD_FIELD);
		return;
	}
	enum qt_err err = book_payment_refund(x->web->options.book, reference, refund, amount_cents, &p);
	if (err == QT_OK)
		put_payment(x, &p);
	else
		exchange_problem(x, err);
}

static void payments(struct exchange *x, bool post, const struct json_t *body)
{
	char reference[BOOK_REFERENCE_SIZE];
	const char *rest = "";
	struct book_payment p;
	enum qt_err err = QT_NO_ROUTE;

	if (strcmp(x->path, "/payments") == 0 && post) {
		payment_make(x, body);
		return;
	}
	if (path_word(x->path, "/payments/", reference, sizeof reference, &rest) != NULL) {
		if (post && strcmp(rest, "/refund") == 0) {
			payment_refund(x, reference, body);
			return;
		}
		if (post && strcmp(rest, "/cancel") == 0)
			err = book_payment_cancel(x->web->options.book, reference, &p);
		else if (!post && *rest == '\0')
			err = book_payment_by_reference(x->web->options.book, reference, &p);
	}
	if (err == QT_OK)
		put_payment(x, &p);
	else
		exchange_problem(x, err);
}

static void bindings(struct exchange *x, bool post, const struct json_t *body)
{
	struct book_binding g = { .state = BOOK_PENDING };
	char id[BOOK_ID_SIZE];
	const char *rest = "";
	enum qt_err err = QT_NO_ROUTE;

	if (strcmp(x->path, "/bindings") == 0 && post) {
		err = take(body, "reference", g.reference, sizeof g.reference) && g.reference[0] != '\0' ? QT_OK : QT_BAD_FIELD;
		if (!take(body, "callback_url", g.callback_url, sizeof g.callback_url))
			g.callback_url[0] = '\0';
		if (err == QT_OK)
			err = book_binding_make(x->web->options.book, &g);
	} else if (path_word(x->path, "/bindings/", id, sizeof id, &rest) != NULL) {
		if (post && strcmp(rest, "/revoke") == 0)
			err = book_binding_revoke(x->web->options.book, id, &g);
		else if (!post && *rest == '\0')
			err = book_binding_by_id(x->web->options.book, id, &g);
	}
	if (err == QT_OK)
		put_binding(x, &g);
	else
		exchange_problem(x, err);
}

/* The fault that is set, carried out as far as it comes before the work. True: the work is not to be done. */
static bool fault_before(struct exchange *x, enum answer_fault *fault, int64_t *delay_ms)
{
	pthread_mutex_lock(&x->web->lock);
	*fault = x->web->fault;
	*delay_ms = x->web->delay_ms;
	pthread_mutex_unlock(&x->web->lock);
	if (*fault != ANSWER_ERROR)
		return false;
	exchange_problem(x, QT_INTERNAL);
	return true;
}

void web_api(struct exchange *x)
{
	bool post = strcmp(x->method, "POST") == 0;
	enum answer_fault fault;
	int64_t delay_ms;
	struct json_t *body = NULL;

	if (!sandbox_signed(x->web->options.key, x->method, x->path, x->time_text, x->in.data, x->in.len, x->signature,
	                    clock_now_ms())) {
		exchange_problem(x, QT_BAD_SIGNATURE);
		return;
	}
	x->signed_call = true;
	if (fault_before(x, &fault, &delay_ms))
		return;
	if (post && x->in.len > 0 && (body = jparse(x->in.data, x->in.len)) == NULL)
		exchange_problem(x, QT_BAD_JSON);
	else if (strncmp(x->path, "/payments", 9) == 0)
		payments(x, post, body);
	else
		bindings(x, post, body);
	jfree(body);
	x->lost = fault == ANSWER_LOSE;
	x->forged = fault == ANSWER_FORGE;
	if (fault == ANSWER_DELAY) {
		struct timespec pause = { delay_ms / 1000, delay_ms % 1000 * 1000000 };
		nanosleep(&pause, NULL);
	}
}
