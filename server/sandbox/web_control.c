/* web_control: the switches tests use, and a view of the book. Not signed: the sandbox listens on loopback. */
#include "server/sandbox/web_internal.h"

#include <string.h>

static const char *const answer_names[] = {
#define X(name, word, help) word,
	ANSWER_FAULTS(X)
#undef X
};

static void put_state(struct exchange *x)
{
	struct book_account accounts[16];
	struct callback_stats stats;
	struct json j;
	int count = book_accounts(x->web->options.book, accounts, 16);

	callbacks_stats(x->web->options.callbacks, &stats);
	x->status = 200;
	json_start(&j, &x->out);
	json_object(&j, NULL);
	json_text(&j, "callbacks", callback_fault_name(stats.fault));
	pthread_mutex_lock(&x->web->lock);
	json_text(&j, "answers", answer_names[x->web->fault]);
	pthread_mutex_unlock(&x->web->lock);
	json_int(&j, "payments", book_payments(x->web->options.book));
	json_int(&j, "queued", stats.queued);
	json_int(&j, "sent", stats.sent);
	json_int(&j, "taken", stats.taken);
	json_int(&j, "failed", stats.failed);
	json_object(&j, "accounts");
	for (int i = 0; i < count; i++)
		json_int(&j, accounts[i].name, accounts[i].balance_cents);
	json_end(&j);
	json_end(&j);
}

static enum qt_err set_faults(struct exchange *x, const struct json_t *body)
{
	const char *callbacks = jtext(body, "callbacks", NULL), *answers = jtext(body, "answers", NULL);
	enum callback_fault callback = callbacks ? callback_fault_by_name(callbacks) : CALLBACK_NONE;
	int answer = 0;

	while (answers && answer < ANSWER_FAULT_COUNT && strcmp(answer_names[answer], answers) != 0)
		answer++;
	if (body == NULL || callback == CALLBACK_FAULT_COUNT || answer == ANSWER_FAULT_COUNT)
		return QT_BAD_FIELD;
	if (callbacks)
		callbacks_set_fault(x->web->options.callbacks, callback, jint(body, "late_ms", 1000));
	pthread_mutex_lock(&x->web->lock);
	if (answers)
		x->web->fault = (enum answer_fault)answer;
	x->web->delay_ms = jint(body, "delay_ms", x->web->delay_ms);
	pthread_mutex_unlock(&x->web->lock);
	return QT_OK;
}

/* A payment that was refused or cancelled is paid after all, and called back. */
static enum qt_err pay_late(struct exchange *x, const struct json_t *body)
{
	struct book_payment p;
	enum qt_err err = book_payment_force(x->web->options.book, jtext(body, "payment", ""), jtext(body, "account", ""), &p);

	if (err == QT_OK)
		callback_payment(x->web->options.callbacks, &p);
	return err;
}

void web_control(struct exchange *x)
{
	enum qt_err err = QT_OK;

	if (strcmp(x->method, "POST") == 0 && strcmp(x->path, "/control/flush") == 0) {
		callbacks_flush(x->web->options.callbacks);
	} else if (strcmp(x->method, "POST") == 0 && strcmp(x->path, "/control/pay") == 0) {
		struct json_t *body = jparse(x->in.data ? x->in.data : "", x->in.len);
		err = pay_late(x, body);
		jfree(body);
	} else if (strcmp(x->method, "POST") == 0 && strcmp(x->path, "/control") == 0) {
		struct json_t *body = jparse(x->in.data ? x->in.data : "", x->in.len);
		err = set_faults(x, body);
		jfree(body);
	} else if (strcmp(x->method, "GET") != 0 || strcmp(x->path, "/control") != 0) {
		err = QT_NO_ROUTE;
	}
	if (err == QT_OK)
		put_state(x);
	else
		exchange_problem(x, err);
}
