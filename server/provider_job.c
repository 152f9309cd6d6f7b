/* provider_job: see provider_job.h. Follows payments that were started: asks what became of them, cancels those whose
 * outcome stays unknown or whose time is over, gives late money and refunds back, and follows bindings. The network is
 * only touched here and in api_provider.c, never inside a transaction. A restart loses nothing: what is to be asked
 * follows from the rows, and every request to a provider may be repeated. */
#include "server/provider_job.h"

#include "server/binding.h"
#include "server/events.h"
#include "server/merchant.h"
#include "server/provider_sandbox.h"
#include "shared/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TASKS_MAX 16
#define ASKING_MS 10000 /* longer than a provider takes to answer or to time out: the job does not ask beside a request */

/* What is remembered of a payment that was asked about; a row of provider_ask. */
struct ask {
	int64_t first_ms, next_ms, unknown_ms; /* first_ms 0: a payment back to the customer, never tried */
	char redirect_url[512];
};

/* One thing to ask, with all that is needed to ask it outside of a transaction. */
struct question {
	struct provider_task task;
	struct ask ask;
	char binding[PAYMENT_REFERENCE_MAX + 1]; /* the customer's active binding; empty: none */
	int64_t binding_id;                      /* the same; 0: none */
	char subject[96];                        /* merchant's name */
	struct provider_answer answer;
	enum qt_err err;                         /* of asking */
	bool asked;
};

/* A batch of them, on its way through reader, provider and writer. */
struct batch {
	struct server *server;
	int64_t now_ms, after;
	enum provider_task_kind kind;
	struct question questions[TASKS_MAX];
	int count;
};

SQL(select_ask, "SELECT first_ms, next_ms, unknown_ms, redirect_url FROM provider_ask WHERE payment_id = $1");

static enum qt_err ask_get(struct db *db, int64_t payment_id, struct ask *a)
{
	*a = (struct ask){ 0 };
	enum qt_err err = db_one(db, &select_ask, "i", payment_id, "iiit", &a->first_ms, &a->next_ms, &a->unknown_ms,
	                         a->redirect_url, sizeof a->redirect_url);
	return err == QT_NOT_FOUND ? QT_OK : err;
}

enum qt_err provider_redirect(struct db *db, int64_t payment_id, char url[512])
{
	struct ask a;
	enum qt_err err = ask_get(db, payment_id, &a);
	memcpy(url, a.redirect_url, sizeof a.redirect_url);
	return err;
}

SQL(upsert_ask, "INSERT INTO provider_ask (payment_id, first_ms, next_ms, unknown_ms, redirect_url)"
                " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (payment_id) DO UPDATE"
                " SET next_ms = excluded.next_ms, unknown_ms = excluded.unknown_ms, redirect_url = excluded.redirect_url");

static enum qt_err ask_put(struct db *db, int64_t payment_id, const struct ask *a)
{
	return db_run(db, &upsert_ask, "iiiit", payment_id, a->first_ms, a->next_ms, a->unknown_ms,
	              a->redirect_url[0] != '\0' ? a->redirect_url : NULL);
}

SQL(select_merchant_name, "SELECT m.name FROM payment p LEFT JOIN orders o ON o.id = p.order_id"
                          " JOIN terminal t ON t.id = CASE WHEN p.order_id = 0 THEN p.terminal_id ELSE o.terminal_id END"
                          " JOIN merchant m ON m.id = t.merchant_id WHERE p.id = $1");

static enum qt_err load_question(struct db *db, struct question *q)
{
	struct binding b;
	enum qt_err err = ask_get(db, q->task.payment.id, &q->ask);

	if (err == QT_OK)
		err = db_one(db, &select_merchant_name, "i", q->task.payment.id, "t", q->subject, sizeof q->subject);
	if (err != QT_OK)
		return err;
	err = binding_active(db, q->task.payment.customer_id, q->task.payment.provider, &b);
	if (err == QT_OK) {
		memcpy(q->binding, b.reference, sizeof q->binding);
		q->binding_id = b.id;
	}
	return err == QT_NOT_BOUND ? QT_OK : err;
}

/* In the writer, for want of a reader of the jobs' own; a few indexed reads. */
static enum qt_err load_batch(void *ctx, struct db *db)
{
	struct batch *batch = ctx;
	struct provider_task tasks[TASKS_MAX];
	enum qt_err err = provider_tasks(db, batch->kind, batch->after, tasks, TASKS_MAX, &batch->count);

	for (int i = 0; i < batch->count && err == QT_OK; i++) {
		batch->questions[i] = (struct question){ .task = tasks[i] };
		err = load_question(db, &batch->questions[i]);
	}
	return err;
}

/* Which of the provider's operations is due for a payment that waits. */
static enum qt_err ask_payment(const struct batch *batch, struct question *q, const struct provider_ops *ops,
                               const struct provider_order *o)
{
	const struct settings *s = &batch->server->settings;
	bool over = q->task.payment.expires_ms != 0 && q->task.payment.expires_ms < batch->now_ms;
	bool given_up = q->ask.unknown_ms != 0 && batch->now_ms - q->ask.unknown_ms >= s->provider_give_up_ms;

	if (over || given_up)
		return ops->cancel(ops->ctx, o, &q->answer);
	enum qt_err err = ops->query(ops->ctx, o, &q->answer);
	/* The provider has never heard of it: the first request was lost, or the process ended before it was sent. The same
	 * again cannot double it. */
	return err == QT_NOT_FOUND ? ops->start(ops->ctx, o, &q->answer) : err;
}

static int64_t longest_pause_ms(const struct settings *s)
{
	return 10 * s->provider_query_ms > ASKING_MS ? 10 * s->provider_query_ms : ASKING_MS;
}

/* A time further off than any pause was written before the clock was put back: nobody waits until it comes again. */
static bool is_due(const struct settings *s, const struct ask *a, int64_t now_ms)
{
	return a->next_ms <= now_ms || a->next_ms > now_ms + longest_pause_ms(s);
}

static void ask(const struct batch *batch, struct question *q)
{
	const struct payment *p = &q->task.payment;
	const struct provider_ops *ops = provider_by_name(p->provider);
	struct provider_order o = { .payment_id = p->id, .amount_cents = p->amount_cents, .currency = q->task.currency,
		                    .subject = q->subject, .customer_id = p->customer_id,
		                    .binding = q->binding[0] != '\0' ? q->binding : NULL,
		                    .reference = p->reference[0] != '\0' ? p->reference : NULL };

	if (ops == NULL || !is_due(&batch->server->settings, &q->ask, batch->now_ms))
		return;
	q->asked = true;
	q->answer = (struct provider_answer){ .outcome = PROVIDER_UNKNOWN };
	if (batch->kind == PROVIDER_TASK_QUERY)
		q->err = ask_payment(batch, q, ops, &o);
	else /* returns and refunds share the provider's name space: a return takes the payment's number, negative */
		q->err = ops->refund(ops->ctx, &o, batch->kind == PROVIDER_TASK_REFUND ? q->task.refund_tender_id : -p->id,
		                     q->task.amount_cents, &q->answer);
	if (q->err != QT_OK)
		q->answer.outcome = PROVIDER_UNKNOWN;
	/* The platform said no to the request itself: nothing was paid and nothing will be. */
	if (batch->kind == PROVIDER_TASK_QUERY && (q->err == QT_NOT_BOUND || q->err == QT_BAD_FIELD || q->err == QT_CONFLICT))
		q->answer.outcome = PROVIDER_FAILED;
}

/* When to ask again after this answer. */
static void schedule(const struct settings *s, struct ask *a, const struct provider_answer *answer, int64_t now_ms)
{
	if (a->first_ms == 0)
		a->first_ms = now_ms;
	if (answer->outcome != PROVIDER_UNKNOWN)
		a->unknown_ms = 0;
	else if (a->unknown_ms == 0 || a->unknown_ms > now_ms)
		a->unknown_ms = now_ms;
	if (answer->redirect_url[0] != '\0')
		memcpy(a->redirect_url, answer->redirect_url, sizeof a->redirect_url);
	/* A provider that is away is asked less and less often, up to ten times as seldom. */
	int64_t away_ms = a->unknown_ms != 0 ? now_ms - a->unknown_ms : 0, wait_ms = s->provider_query_ms + away_ms / 20;
	a->next_ms = now_ms + (wait_ms < 10 * s->provider_query_ms ? wait_ms : 10 * s->provider_query_ms);
}

enum qt_err provider_begun(struct db *db, int64_t payment_id, const struct idempotency *key)
{
	SQL(note, "UPDATE provider_ask SET actor_id = $2, key_high = $3, key_low = $4, request_hash = $5 WHERE payment_id = $1");
	return db_run(db, &note, "iiiii", payment_id, key->actor_id, key->key.high, key->key.low, key->request_hash);
}

enum qt_err provider_begun_before(struct db *db, const struct idempotency *key, int64_t *payment_id)
{
	SQL(find, "SELECT payment_id, request_hash FROM provider_ask WHERE key_high = $1 AND key_low = $2 AND actor_id = $3");
	int64_t hash;
	enum qt_err err = db_one(db, &find, "iii", key->key.high, key->key.low, key->actor_id, "ii", payment_id, &hash);

	return err == QT_OK && hash != key->request_hash ? QT_KEY_REUSED : err;
}

enum qt_err provider_asked(struct db *db, const struct server *s, int64_t payment_id, int64_t now_ms,
                           const struct provider_answer *answer)
{
	struct ask a;
	enum qt_err err = ask_get(db, payment_id, &a);

	if (err != QT_OK)
		return err;
	if (answer != NULL) {
		schedule(&s->settings, &a, answer, now_ms);
	} else {
		a.first_ms = a.first_ms != 0 ? a.first_ms : now_ms;
		a.next_ms = now_ms + ASKING_MS;
	}
	return ask_put(db, payment_id, &a);
}

/* The page to send the customer to reaches the phone that waits for it. */
static enum qt_err tell_redirect(struct db *db, const struct question *q)
{
	struct buf extra = { 0 };
	struct json j;

	json_start(&j, &extra);
	json_object(&j, NULL);
	json_int(&j, "payment_id", q->task.payment.id);
	json_text(&j, "redirect_url", q->answer.redirect_url);
	json_end(&j);
	enum qt_err err = event_add(db, TOPIC_PAYMENT, q->task.payment.id, "payment-redirect", q->task.payment.id, extra.data);
	if (err == QT_OK && q->task.payment.customer_id != 0)
		err = event_add(db, TOPIC_CUSTOMER, q->task.payment.customer_id, "payment-redirect", q->task.payment.id, extra.data);
	buf_free(&extra);
	return err;
}

struct report {
	struct batch *batch;
	struct question *question;
};

static enum qt_err report_one(void *ctx, struct db *db)
{
	struct report *r = ctx;
	struct question *q = r->question;
	struct arena arena = { 0 };
	struct call call = { .server = r->batch->server, .db = db, .now_ms = r->batch->now_ms, .arena = &arena,
		             .actor = { .locale = "en" } };
	bool first_page = q->ask.redirect_url[0] == '\0' && q->answer.redirect_url[0] != '\0';
	struct ask before = q->ask;
	enum qt_err err = QT_OK;

	schedule(&r->batch->server->settings, &q->ask, &q->answer, r->batch->now_ms);
	if (r->batch->kind == PROVIDER_TASK_QUERY)
		err = payment_provider_result(&call, q->task.payment.id, q->task.payment.provider, &q->answer);
	else if (q->err == QT_OK)
		err = provider_returned(db, &q->task, r->batch->now_ms);
	if (err == QT_OK)
		err = ask_put(db, q->task.payment.id, &q->ask);
	if (err == QT_OK && first_page)
		err = tell_redirect(db, q);
	/* The provider ended the binding and its word about that was lost. */
	if (err == QT_OK && q->err == QT_NOT_BOUND && q->binding_id != 0)
		err = binding_end(db, q->binding_id, r->batch->now_ms);
	q->ask = before; /* the writer may run this again */
	arena_free(&arena);
	return err;
}

static enum qt_err run_tasks(struct server *s, int64_t now_ms, enum provider_task_kind kind)
{
	struct batch *batch = xcalloc(1, sizeof *batch);
	enum qt_err err;

	*batch = (struct batch){ .server = s, .now_ms = now_ms, .kind = kind };
	do {
		err = writer_run(s->writer, load_batch, batch);
		for (int i = 0; err == QT_OK && i < batch->count; i++) {
			struct report report = { batch, &batch->questions[i] };
			ask(batch, report.question);
			if (report.question->asked && (err = writer_run(s->writer, report_one, &report)) != QT_OK) {
				log_line('E', "payment %lld: the provider's answer could not be entered: %s",
				         (long long)report.question->task.payment.id, err_info(err)->code);
				err = QT_OK; /* the others are not to wait for it; it is asked again */
			}
		}
		if (batch->count > 0)
			batch->after = kind == PROVIDER_TASK_REFUND ? batch->questions[batch->count - 1].task.refund_tender_id
			                                            : batch->questions[batch->count - 1].task.payment.id;
	} while (err == QT_OK && batch->count == TASKS_MAX);
	free(batch);
	return err;
}

static enum qt_err run_payments(struct server *s, int64_t now_ms)
{
	enum qt_err err = QT_OK;

	for (int kind = PROVIDER_TASK_QUERY; kind <= PROVIDER_TASK_REFUND && err == QT_OK && provider_at(0) != NULL; kind++)
		err = run_tasks(s, now_ms, (enum provider_task_kind)kind);
	return err;
}

/* ---- bindings ---- */

struct binding_batch {
	struct binding list[TASKS_MAX];
	int count;
	int64_t after, now_ms;
	struct binding *one;
	struct provider_answer answer;
};

static enum qt_err load_bindings(void *ctx, struct db *db)
{
	struct binding_batch *b = ctx;
	return binding_waiting(db, b->after, b->list, TASKS_MAX, &b->count);
}

static enum qt_err report_binding(void *ctx, struct db *db)
{
	struct binding_batch *b = ctx;
	return binding_result(db, b->one->id, &b->answer, b->now_ms);
}

static enum qt_err run_bindings(struct server *s, int64_t now_ms)
{
	struct binding_batch b = { .now_ms = now_ms };
	enum qt_err err = QT_OK;

	if (provider_at(0) == NULL)
		return QT_OK;
	do {
		err = writer_run(s->writer, load_bindings, &b);
		for (int i = 0; err == QT_OK && i < b.count; i++) {
			const struct provider_ops *ops = provider_by_name(b.list[i].provider);
			b.one = &b.list[i];
			b.after = b.one->id;
			if (ops == NULL)
				continue;
			enum qt_err asked = b.one->reference[0] != '\0'
				? ops->query_binding(ops->ctx, b.one->reference, &b.answer)
				: ops->bind(ops->ctx, b.one->customer_id, b.one->id, &b.answer);
			if (asked == QT_OK)
				err = writer_run(s->writer, report_binding, &b);
		}
	} while (err == QT_OK && b.count == TASKS_MAX);
	return err;
}

const struct timer_job provider_jobs[] = {
	{ "providers", 250, false, run_payments },
	{ "providers", 2000, false, run_bindings },
};
const int provider_job_count = sizeof provider_jobs / sizeof *provider_jobs;

/* ---- at start ---- */

static enum qt_err open_one(const struct server *s, const char *entry, struct problem *p)
{
	const char *equals = strchr(entry, '=');
	const struct provider_ops *ops;
	char key_file[600];

	if (equals == NULL || strncmp(entry, "sandbox=", 8) != 0)
		return problem_set(p, QT_BAD_CONFIG, "providers", "providers: \"%s\" is not NAME=URL of a provider known here", entry);
	snprintf(key_file, sizeof key_file, "%s/provider-sandbox.key", s->settings.data_dir);
	enum qt_err err = provider_sandbox_new(equals + 1, key_file, s->settings.public_url, &ops, p);
	if (err == QT_OK && !provider_register(ops))
		err = problem_set(p, QT_BAD_CONFIG, "providers", "providers: %s is named twice", ops->name);
	return err;
}

enum qt_err providers_open(const struct server *s, struct problem *p)
{
	char *list = xstrdup(s->settings.providers), *save = NULL;
	enum qt_err err = QT_OK;

	for (char *entry = strtok_r(list, ", ", &save); entry != NULL && err == QT_OK; entry = strtok_r(NULL, ", ", &save))
		err = open_one(s, entry, p);
	free(list);
	return err;
}
