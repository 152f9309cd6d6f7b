/* api_payment: routes of payments by code: what a customer sees of one, paying it, and what the till may do with
 * it. */
#include "server/binding.h"
#include "server/card.h"
#include "server/customer.h"
#include "server/ledger.h"
#include "server/list.h"
#include "server/payment_rows.h"
#include "server/points.h"
#include "server/provider_job.h"
#include "server/ratelimit.h"
#include "server/receipt.h"
#include "server/terminal.h"

#include <string.h>

#define CARDS_SHOWN 20

/* ---- what a code asks for ---- */

static enum qt_err write_lines(struct call *call, const struct pay_target *t)
{
	struct sale *sale = arena_alloc(call->arena, sizeof *sale);
	enum qt_err err = sale_load(call->db, 0, t->payment.order_id, call->arena, sale);

	if (err != QT_OK)
		return err;
	json_int(call->reply, "order_total_cents", sale->order.total_cents);
	sale_json_lines(call->reply, sale);
	return QT_OK;
}

enum qt_err pay_target_json(struct call *call, const struct pay_target *t)
{
	struct json *j = call->reply;
	const struct payment *p = &t->payment;
	bool over = p->state == PAYMENT_OPEN && p->expires_ms <= call->now_ms;
	struct merchant m;
	struct store store;

	enum qt_err err = merchant_get(call->db, t->merchant_id, &m);
	if (err == QT_OK)
		err = store_get(call->db, 0, t->store_id, &store);
	if (err != QT_OK)
		return err;
	const struct currency *currency = currency_by_numeric(m.currency);
	json_int(j, "merchant_id", m.id);
	json_text(j, "merchant_name", m.name);
	json_text(j, "merchant_name_zh", m.name_zh);
	json_text(j, "store_name", store.name);
	json_text(j, "store_name_zh", store.name_zh);
	json_text(j, "currency", currency ? currency->alpha : "");
	if (t->kind == CODE_FIXED)
		return QT_OK;
	json_int(j, "payment_id", p->id);
	json_text(j, "state", over ? "expired" : payment_state_name((int)p->state));
	json_int(j, "amount_cents", p->amount_cents);
	json_int(j, "expires_ms", p->expires_ms);
	return write_lines(call, t);
}

static enum qt_err write_cards(struct call *call, const struct pay_target *t)
{
	SQL(mine, "SELECT id, number, account_id FROM card WHERE customer_id = $1 AND customer_id > 0 AND merchant_id = $2 "
	          "AND state = 2 AND (expires_ms = 0 OR expires_ms > $3) ORDER BY id LIMIT $4");
	struct { int64_t id, number, account_id; } cards[CARDS_SHOWN];
	struct stmt *s = db_stmt(call->db, &mine);
	char masked[24];
	int count = 0;

	stmt_int(s, 1, call->actor.customer_id);
	stmt_int(s, 2, t->merchant_id);
	stmt_int(s, 3, call->now_ms);
	stmt_int(s, 4, CARDS_SHOWN);
	for (; count < CARDS_SHOWN && stmt_step(s); count++) {
		cards[count].id = stmt_col_int(s, 0);
		cards[count].number = stmt_col_int(s, 1);
		cards[count].account_id = stmt_col_int(s, 2);
	}
	enum qt_err err = stmt_end(s);
	json_array(call->reply, "cards");
	for (int i = 0; i < count && err == QT_OK; i++) {
		int64_t balance;
		err = ledger_balance(call->db, cards[i].account_id, &balance);
		json_object(call->reply, NULL);
		json_int(call->reply, "card_id", cards[i].id);
		json_text(call->reply, "number_masked", card_number_masked(cards[i].number, masked));
		json_int(call->reply, "balance_cents", err == QT_OK ? balance : 0);
		json_end(call->reply);
	}
	json_end(call->reply);
	return err;
}

static enum qt_err write_points(struct call *call, const struct merchant *m)
{
	int64_t points, cents;
	enum qt_err err = points_balance(call->db, m->id, call->actor.customer_id, &points);

	if (err != QT_OK || points == 0 || (m->closed_parts & PART_POINTS) || points_value(m, points, &cents) != QT_OK)
		return err;
	json_object(call->reply, "points");
	json_int(call->reply, "balance", points);
	json_int(call->reply, "cents", cents);
	json_end(call->reply);
	return QT_OK;
}

static enum qt_err write_rebate(struct call *call, const struct merchant *m)
{
	int64_t account_id, balance = 0;
	enum qt_err err = ledger_account_find(call->db, ACCOUNT_REBATE, call->actor.customer_id, m->currency, &account_id);

	if (err == QT_OK)
		err = ledger_balance(call->db, account_id, &balance);
	if (err == QT_OK && balance > 0)
		json_int(call->reply, "rebate_cents", balance);
	return err == QT_NOT_FOUND ? QT_OK : err;
}

static enum qt_err write_sources(struct call *call, const struct pay_target *t)
{
	const struct provider_ops *ops;
	struct binding binding;
	struct merchant m;

	enum qt_err err = merchant_get(call->db, t->merchant_id, &m);
	if (err != QT_OK)
		return err;
	json_object(call->reply, "sources");
	err = write_cards(call, t);
	if (err == QT_OK)
		err = write_points(call, &m);
	if (err == QT_OK)
		err = write_rebate(call, &m);
	json_array(call->reply, "providers");
	for (int i = 0; err == QT_OK && !(m.closed_parts & PART_PROVIDERS) && (ops = provider_at(i)) != NULL; i++) {
		json_object(call->reply, NULL);
		json_text(call->reply, "institution", ops->name);
		json_text(call->reply, "name", ops->name_en);
		json_text(call->reply, "name_zh", ops->name_zh);
		err = binding_active(call->db, call->actor.customer_id, ops->name, &binding);
		json_bool(call->reply, "bound", err == QT_OK);
		err = err == QT_NOT_BOUND ? QT_OK : err;
		json_end(call->reply);
	}
	json_end(call->reply);
	json_end(call->reply);
	return err;
}

/* Who paid it may open the receipt from here again. */
static enum qt_err write_receipt(struct call *call, const struct payment *p)
{
	struct order o;
	char url[CODE_URL_MAX];

	if (p->customer_id == 0 || p->customer_id != call->actor.customer_id || p->order_id == 0)
		return QT_OK;
	enum qt_err err = order_get(call->db, 0, p->order_id, &o);
	if (err == QT_OK && o.receipt_number)
		json_text(call->reply, "receipt_code", receipt_code_url(call->server, o.id, url));
	return err;
}

/* Who left the provider's page without an answer may go back to it. */
static enum qt_err write_redirect(struct call *call, const struct payment *p)
{
	char url[512];

	if ((p->state != PAYMENT_PENDING && p->state != PAYMENT_UNKNOWN) || p->customer_id != call->actor.customer_id)
		return QT_OK;
	enum qt_err err = provider_redirect(call->db, p->id, url);
	if (err == QT_OK && url[0] != '\0')
		json_text(call->reply, "redirect_url", url);
	return err;
}

static enum qt_err pay_get(struct call *call)
{
	struct pay_target t;

	enum qt_err err = pay_target(call, call->token, &t);
	if (err == QT_OK) {
		json_text(call->reply, "kind", code_kind_name(t.kind));
		err = pay_target_json(call, &t);
	}
	if (err == QT_OK && t.kind == CODE_PAYMENT)
		json_bool(call->reply, "pin_needed", t.payment.amount_cents > call->server->settings.pin_above_cents);
	if (err == QT_OK && call->actor.role == ROLE_CUSTOMER)
		err = write_sources(call, &t);
	if (err == QT_OK && t.kind == CODE_PAYMENT && call->actor.role == ROLE_CUSTOMER)
		err = write_receipt(call, &t.payment);
	if (err == QT_OK && t.kind == CODE_PAYMENT && call->actor.role == ROLE_CUSTOMER)
		err = write_redirect(call, &t.payment);
	return err;
}

/* ---- paying ---- */

struct pay_args {
	int source;
	int64_t card_id, amount_cents;
	const char *card_code, *institution, *pin, *share;
};
static const char *const source_words[] = { "card", "points", "rebate", "provider", NULL };
static const int source_of_word[] = { SOURCE_CARD, SOURCE_POINTS, SOURCE_REBATE, SOURCE_PROVIDER };
static const struct field pay_fields[] = {
	{ "source", FIELD_CHOICE, FIELD_REQUIRED, offsetof(struct pay_args, source), .choices = source_words,
	  .help = "where the money comes from" },
	{ "card_id", FIELD_INT, 0, offsetof(struct pay_args, card_id), 1, INT64_MAX,
	  .help = "card: one of the customer's" },
	{ "card_code", FIELD_TEXT, FIELD_SECRET, offsetof(struct pay_args, card_code), 1, CODE_URL_MAX,
	  .help = "card: the code of a bearer card" },
	{ "institution", FIELD_TEXT, 0, offsetof(struct pay_args, institution), 1, PAYMENT_PROVIDER_MAX,
	  .help = "provider: which" },
	{ "pin", FIELD_TEXT, FIELD_SECRET, offsetof(struct pay_args, pin), 1, 32,
	  .help = "the customer's PIN, above the limit" },
	{ "amount_cents", FIELD_INT, 0, offsetof(struct pay_args, amount_cents), 1, MONEY_MAX,
	  .help = "only for a till's fixed code: what the customer typed, minor units" },
	{ "share", FIELD_TEXT, 0, offsetof(struct pay_args, share), 1, CODE_URL_MAX,
	  .help = "share or campaign code that brought the customer" },
	{ 0 },
};

/* What prepare leaves for the handler. */
struct pay_prepared {
	bool pin_checked;
	struct payment begun;            /* provider: the payment as it was given to it; id 0: not by a provider */
	int64_t ended_binding_id;        /* the provider does not know this binding any more; 0: none */
	struct provider_answer answer;
};

static struct pay_request read_request(const struct call *call, bool pin_checked)
{
	const struct pay_args *a = call->args;

	return (struct pay_request){ .customer_id = call->actor.customer_id, .source = source_of_word[a->source],
		.card_id = a->card_id, .card_code = a->card_code,
		.institution = a->institution, .amount_cents = a->amount_cents, .share = a->share, .pin_checked = pin_checked };
}

/* The writer's half of asking a provider: the payment is pending on disk before anybody is asked. */
struct begin {
	struct call call; /* a copy, with the writer's connection */
	struct payment begun;
};
static enum qt_err begin_provider(void *ctx, struct db *db)
{
	struct begin *b = ctx;
	struct pay_request r = read_request(&b->call, false);
	struct pay_target t;

	b->call.db = db;
	/* An earlier try may have begun it and ended before it could answer: its payment goes on. */
	enum qt_err err = provider_begun_before(db, b->call.key, &b->begun.id);
	if (err == QT_OK)
		return payment_get(db, b->begun.id, &b->begun);
	if (err == QT_NOT_FOUND)
		err = pay_target(&b->call, b->call.token, &t);
	if (err == QT_OK)
		err = payment_provider_begin(&b->call, &t, &r, &b->begun);
	if (err == QT_OK)
		err = provider_asked(db, b->call.server, b->begun.id, b->call.now_ms, NULL);
	return err == QT_OK ? provider_begun(db, b->begun.id, b->call.key) : err;
}

static enum qt_err ask_provider(struct call *call, struct pay_prepared *prepared)
{
	const struct pay_args *a = call->args;
	const struct provider_ops *ops = a->institution ? provider_by_name(a->institution) : NULL;
	struct begin b = { .call = *call };
	struct binding binding;
	struct pay_target t;
	struct merchant m;

	if (ops == NULL)
		return problem_set(&call->problem, a->institution ? QT_NOT_FOUND : QT_MISSING_FIELD, "institution",
		                   "say which payment institution");
	enum qt_err err = pay_target(call, call->token, &t);
	if (err == QT_OK)
		err = merchant_get(call->db, t.merchant_id, &m);
	if (err == QT_OK)
		err = merchant_check_part(&m, PART_PROVIDERS, &call->problem);
	if (err == QT_OK) {
		err = writer_run(call->server->writer, begin_provider, &b);
		call->problem = b.call.problem;
	}
	if (err != QT_OK)
		return err;
	err = binding_active(call->db, call->actor.customer_id, ops->name, &binding);
	if (err != QT_OK && err != QT_NOT_BOUND)
		return err;
	bool bound = err == QT_OK;
	char url[CODE_URL_MAX];
	struct provider_order order = { .payment_id = b.begun.id, .amount_cents = b.begun.amount_cents,
		.currency = m.currency, .subject = m.name, .customer_id = call->actor.customer_id,
		.binding = bound ? binding.reference : NULL, .return_url = code_url(call->server->settings.public_url,
			call->token, url),
		.reference = b.begun.reference[0] ? b.begun.reference : NULL };
	err = ops->start(ops->ctx, &order, &prepared->answer);
	if (err == QT_NOT_BOUND && bound) {
		prepared->answer = (struct provider_answer){ .outcome = PROVIDER_FAILED };
		prepared->ended_binding_id = binding.id;
	} else if (err != QT_OK) { /* it may have been asked or not: a job asks again until it is known */
		prepared->answer = (struct provider_answer){ .outcome = PROVIDER_UNKNOWN };
	}
	prepared->begun = b.begun;
	return QT_OK;
}

static bool pay_needs_prepare(const struct call *call)
{
	const struct pay_args *a = call->args;
	return a->pin != NULL || source_of_word[a->source] == SOURCE_PROVIDER;
}

static enum qt_err pay_prepare(struct call *call)
{
	const struct pay_args *a = call->args;
	struct pay_prepared *prepared = arena_alloc(call->arena, sizeof *prepared);
	enum qt_err err = QT_OK;

	if (a->pin)
		err = customer_pin_check(call, call->actor.customer_id, a->pin);
	prepared->pin_checked = a->pin != NULL && err == QT_OK;
	if (err == QT_OK && source_of_word[a->source] == SOURCE_PROVIDER)
		err = ask_provider(call, prepared);
	call->prepared = prepared;
	return err;
}

static void paid_json(struct call *call, const struct payment *p, const struct order *o)
{
	char url[CODE_URL_MAX];

	json_int(call->reply, "payment_id", p->id);
	json_text(call->reply, "state", payment_state_name((int)p->state));
	json_int(call->reply, "amount_cents", p->amount_cents);
	if (o->id)
		json_int(call->reply, "order_id", o->id);
	if (o->receipt_number) {
		json_int(call->reply, "receipt_number", o->receipt_number);
		json_text(call->reply, "receipt_code", receipt_code_url(call->server, o->id, url));
	}
}

/* The provider was asked in prepare; its answer is taken in here, in the transaction that keeps the reply. */
static enum qt_err pay_by_provider(struct call *call, const struct pay_prepared *prepared)
{
	struct order order = { 0 };
	struct payment p;

	enum qt_err err = payment_provider_result(call, prepared->begun.id, prepared->begun.provider, &prepared->answer);
	if (err == QT_OK)
		err = payment_get(call->db, prepared->begun.id, &p);
	if (err == QT_OK && p.order_id)
		err = order_get(call->db, 0, p.order_id, &order);
	if (err == QT_OK)
		err = provider_asked(call->db, call->server, p.id, call->now_ms, &prepared->answer);
	if (err == QT_OK && prepared->ended_binding_id)
		err = binding_end(call->db, prepared->ended_binding_id, call->now_ms);
	if (err != QT_OK)
		return err;
	paid_json(call, &p, &order);
	if (prepared->answer.redirect_url[0])
		json_text(call->reply, "redirect_url", prepared->answer.redirect_url);
	return QT_OK;
}

static enum qt_err pay_post(struct call *call)
{
	const struct pay_prepared *prepared = call->prepared;
	struct pay_request r = read_request(call, prepared && prepared->pin_checked);
	struct sale *sale = arena_alloc(call->arena, sizeof *sale);
	struct pay_target t;
	struct payment p;

	if (r.source == SOURCE_PROVIDER)
		return pay_by_provider(call, prepared);
	enum qt_err err = pay_target(call, call->token, &t);
	if (err == QT_OK)
		err = payment_pay(call, &t, &r, &p, sale);
	if (err == QT_OK)
		paid_json(call, &p, &sale->order);
	return err;
}

/* ---- the till's side ---- */

/* A payment of the actor's merchant (and, for a till, store). */
static enum qt_err load_payment(struct call *call, struct payment *p, struct terminal *t, int64_t *currency)
{
	struct order o = { .terminal_id = 0 };
	struct merchant m;

	enum qt_err err = call_needs_merchant(call);
	if (err == QT_OK)
		err = payment_get(call->db, call->id, p);
	if (err == QT_OK && p->order_id)
		err = order_get(call->db, 0, p->order_id, &o);
	if (err == QT_OK)
		err = terminal_get(call->db, call->actor.merchant_id, p->order_id ? o.terminal_id : p->terminal_id, t);
	if (err == QT_OK && call->actor.store_id && t->store_id != call->actor.store_id)
		err = QT_NOT_FOUND;
	if (err == QT_OK)
		err = merchant_get(call->db, t->merchant_id, &m);
	if (err == QT_OK)
		*currency = m.currency;
	return err == QT_NOT_FOUND ? problem_set(&call->problem, err, "", "there is no such payment") : err;
}

static void one_payment(struct call *call, const struct payment *p, const struct terminal *t, int64_t currency)
{
	if (p->order_id)
		json_int(call->reply, "order_id", p->order_id);
	payment_json(call->reply, call->server, p, currency, t->store_id, false);
}

static enum qt_err payment_get_one(struct call *call)
{
	struct payment p;
	struct terminal t;
	int64_t currency;

	enum qt_err err = load_payment(call, &p, &t, &currency);
	if (err == QT_OK)
		one_payment(call, &p, &t, currency);
	return err;
}

static bool at_provider(const struct payment *p)
{
	return p->state == PAYMENT_PENDING || p->state == PAYMENT_UNKNOWN;
}

/* A payment a provider was asked for is cancelled by the provider: only it knows whether the money is under way. */
static enum qt_err cancel_prepare(struct call *call)
{
	struct provider_answer *answer = arena_alloc(call->arena, sizeof *answer);
	struct payment p;
	struct terminal t;
	int64_t currency;

	enum qt_err err = load_payment(call, &p, &t, &currency);
	if (err != QT_OK || !at_provider(&p))
		return err;
	const struct provider_ops *ops = provider_by_name(p.provider);
	if (ops == NULL)
		return problem_set(&call->problem, QT_PROVIDER_DOWN, "", "the provider is not configured any more");
	struct provider_order order = { .payment_id = p.id, .amount_cents = p.amount_cents, .currency = currency,
		.subject = "", .customer_id = p.customer_id, .reference = p.reference[0] ? p.reference : NULL };
	if (ops->cancel(ops->ctx, &order, answer) != QT_OK)
		answer->outcome = PROVIDER_UNKNOWN;
	call->prepared = answer;
	return QT_OK;
}

static enum qt_err payment_cancel_post(struct call *call)
{
	const struct provider_answer *answer = call->prepared;
	struct payment p;
	struct terminal t;
	int64_t currency;

	enum qt_err err = load_payment(call, &p, &t, &currency);
	if (err != QT_OK)
		return err;
	if (at_provider(&p) && answer)
		err = payment_provider_result(call, p.id, p.provider, answer);
	else if (p.order_id == 0 && p.state == PAYMENT_HELD)
		err = payment_give_back(call, &p);
	else
		err = payment_cancel(call, &p);
	if (err == QT_OK)
		err = payment_get(call->db, call->id, &p);
	if (err == QT_OK)
		one_payment(call, &p, &t, currency);
	return err;
}

static enum qt_err unmatched_get(struct call *call)
{
	SQL(loose, "SELECT id FROM payment WHERE terminal_id = $1 AND order_id = 0 AND state = 5 ORDER BY id LIMIT 100");
	int64_t ids[100];
	int count = 0;
	struct stmt *s = db_stmt(call->db, &loose);

	stmt_int(s, 1, call->actor.terminal_id);
	while (count < 100 && stmt_step(s))
		ids[count++] = stmt_col_int(s, 0);
	enum qt_err err = stmt_end(s);
	json_array(call->reply, "payments");
	for (int i = 0; i < count && err == QT_OK; i++) {
		struct payment p;
		err = payment_get(call->db, ids[i], &p);
		json_object(call->reply, NULL);
		payment_json(call->reply, call->server, &p, 0, call->actor.store_id, false);
		json_int(call->reply, "at_ms", p.created_ms);
		json_int(call->reply, "expires_ms", p.expires_ms);
		json_end(call->reply);
	}
	json_end(call->reply);
	return err;
}

const struct route payment_routes[] = {
	{ .method = "GET", .path = "/v1/pay/:token", .roles = ROLE_ANYONE | ROLE_CUSTOMER, .limit = LIMIT_CODE,
	  .handle = pay_get,
	  .help = "What a payment's or a till's fixed code asks for; a customer also sees what can pay it." },
	{ .method = "POST", .path = "/v1/pay/:token", .roles = ROLE_CUSTOMER, .flags = ROUTE_WRITE, .fields = pay_fields,
	  .args_size = sizeof(struct pay_args), .limit = LIMIT_CODE, .handle = pay_post, .prepare = pay_prepare,
	  .needs_prepare = pay_needs_prepare, .help = "Pay by code: from a card, points, rebates or a provider." },
	{ .method = "GET", .path = "/v1/payments/:id", .roles = ROLES_STAFF | ROLE_TERMINAL, .handle = payment_get_one,
	  .help = "A payment and its state." },
	{ .method = "POST", .path = "/v1/payments/:id/cancel", .roles = ROLES_TILL, .flags = ROUTE_WRITE,
	  .handle = payment_cancel_post, .prepare = cancel_prepare,
	  .help = "Cancel an open code, let a held part of an open order go back, ask the provider to cancel, or give back money "
	          "that no order claims." },
	{ .method = "GET", .path = "/v1/terminals/me/unmatched", .roles = ROLES_TILL | ROLE_TERMINAL,
	  .handle = unmatched_get,
	  .help = "Money by this till's fixed code that no order claims yet." },
};
const int payment_route_count = sizeof payment_routes / sizeof *payment_routes;
