/* api_provider: routes of payment providers: the list of institutions (P4), bindings (P3), callbacks. */
#include "server/binding.h"
#include "server/routes.h"

#include <stdio.h>
#include <string.h>

static bool is_bound(const struct binding *list, int count, const char *provider)
{
	for (int i = 0; i < count; i++)
		if (list[i].state == BINDING_ACTIVE && strcmp(list[i].provider, provider) == 0)
			return true;
	return false;
}

static enum qt_err providers_get(struct call *call)
{
	struct binding list[BINDINGS_MAX];
	const struct provider_ops *ops;
	int count = 0;
	enum qt_err err = QT_OK;

	if (call->actor.customer_id != 0)
		err = binding_list(call->db, call->actor.customer_id, list, BINDINGS_MAX, &count);
	if (err != QT_OK)
		return err;
	json_array(call->reply, "institutions");
	for (int i = 0; (ops = provider_at(i)) != NULL; i++) {
		json_object(call->reply, NULL);
		json_text(call->reply, "institution", ops->name);
		json_text(call->reply, "name", ops->name_en);
		json_text(call->reply, "name_zh", ops->name_zh);
		json_bool(call->reply, "bound", is_bound(list, count, ops->name));
		json_end(call->reply);
	}
	json_end(call->reply);
	return QT_OK;
}

static void put_binding(struct call *call, const struct binding *b, const char *redirect_url)
{
	json_int(call->reply, "binding_id", b->id);
	json_text(call->reply, "institution", b->provider);
	json_text(call->reply, "state", binding_state_name(b->state));
	json_text(call->reply, "redirect_url", redirect_url);
}

/* In the pool: a binding that is pending is asked for again, which gives its page. */
static enum qt_err bindings_get(struct call *call)
{
	struct binding list[BINDINGS_MAX];
	int count;
	enum qt_err err = binding_list(call->db, call->actor.customer_id, list, BINDINGS_MAX, &count);

	if (err != QT_OK)
		return err;
	json_array(call->reply, "bindings");
	for (int i = 0; i < count; i++) {
		const struct provider_ops *ops = provider_by_name(list[i].provider);
		struct provider_answer answer = { .outcome = PROVIDER_UNKNOWN };
		if (list[i].state == BINDING_PENDING && ops != NULL &&
		    ops->bind(ops->ctx, list[i].customer_id, list[i].id, &answer) != QT_OK)
			answer.redirect_url[0] = '\0';
		json_object(call->reply, NULL);
		put_binding(call, &list[i], answer.redirect_url[0] != '\0' ? answer.redirect_url : NULL);
		json_end(call->reply);
	}
	json_end(call->reply);
	return QT_OK;
}

struct bind_args {
	const char *institution;
};
static const struct field bind_fields[] = {
	{ .name = "institution", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .offset = offsetof(struct bind_args, institution),
	  .min = 1, .max = PAYMENT_PROVIDER_MAX, .help = "the provider's word from GET /v1/providers" },
	{ .type = FIELD_END },
};

static enum qt_err binding_post(struct call *call)
{
	const struct bind_args *args = call->args;
	struct binding b;

	if (provider_by_name(args->institution) == NULL)
		return problem_set(&call->problem, QT_NOT_FOUND, "institution", "there is no such payment provider here");
	enum qt_err err = binding_add(call->db, call->actor.customer_id, args->institution, call->now_ms, &b);
	if (err != QT_OK)
		return err;
	call->status = 201;
	put_binding(call, &b, NULL);
	return QT_OK;
}

static enum qt_err own_binding(struct call *call, struct binding *b)
{
	enum qt_err err = binding_get(call->db, call->id, b);
	return err == QT_OK && b->customer_id != call->actor.customer_id ? QT_NOT_FOUND : err;
}

/* Outside the transaction: the provider is told. When it cannot be reached the binding ends here all the same, and is never
 * used again. */
static enum qt_err binding_remove_prepare(struct call *call)
{
	struct binding b;
	enum qt_err err = own_binding(call, &b);

	if (err != QT_OK)
		return err;
	const struct provider_ops *ops = provider_by_name(b.provider);
	if (ops != NULL && b.reference[0] != '\0' && b.state != BINDING_ENDED &&
	    (err = ops->unbind(ops->ctx, b.reference)) != QT_OK)
		log_line('W', "provider %s was not told that binding %lld ended: %s", b.provider, (long long)b.id,
		         err_info(err)->code);
	return QT_OK;
}

static enum qt_err binding_remove(struct call *call)
{
	struct binding b;
	enum qt_err err = own_binding(call, &b);

	if (err == QT_OK)
		err = binding_end(call->db, b.id, call->now_ms);
	if (err != QT_OK)
		return err;
	b.state = BINDING_ENDED;
	put_binding(call, &b, NULL);
	return QT_OK;
}

/* A callback that names another amount or currency than was asked is not believed: the query that the job sends anyway
 * tells what was really paid. */
static enum qt_err check_amount(struct call *call, const struct provider_callback *c)
{
	SQL(currency_of, "SELECT m.currency FROM payment p LEFT JOIN orders o ON o.id = p.order_id"
	                 " JOIN terminal t ON t.id = CASE WHEN p.order_id = 0 THEN p.terminal_id ELSE o.terminal_id END"
	                 " JOIN merchant m ON m.id = t.merchant_id WHERE p.id = $1");
	struct payment p;
	int64_t currency = 0;

	enum qt_err err = payment_get(call->db, c->payment_id, &p);
	if (err == QT_OK)
		err = db_one(call->db, &currency_of, "i", c->payment_id, "i", &currency);
	if (err != QT_OK)
		return err == QT_NOT_FOUND ? problem_set(&call->problem, err, "reference", "not a payment of ours") : err;
	if (c->currency != currency)
		return problem_set(&call->problem, QT_UNIT_MISMATCH, "currency", "not the currency that was asked for");
	if (c->answer.amount_cents != p.amount_cents)
		return problem_set(&call->problem, QT_AMOUNT_MISMATCH, "amount_cents", "%lld were asked for",
		                   (long long)p.amount_cents);
	return QT_OK;
}

/* A provider calls back. The signature is its credential; saying the same twice, late or out of order has one effect. */
static enum qt_err callback_post(struct call *call)
{
	const struct provider_ops *ops = provider_by_name(call->token);
	struct provider_callback callback;

	if (ops == NULL)
		return QT_NOT_FOUND;
	enum qt_err err = ops->verify_callback(call, ops->ctx, &callback);
	if (err != QT_OK)
		return err;
	if (callback.binding_id != 0) {
		struct binding b;
		err = binding_get(call->db, callback.binding_id, &b);
		if (err == QT_OK && strcmp(b.provider, ops->name) != 0)
			err = QT_NOT_FOUND;
		return err == QT_OK ? binding_result(call->db, b.id, &callback.answer, call->now_ms) : err;
	}
	err = check_amount(call, &callback);
	return err == QT_OK ? payment_provider_result(call, callback.payment_id, ops->name, &callback.answer) : err;
}

const struct route provider_routes[] = {
	{ .method = "GET", .path = "/v1/providers", .roles = ROLE_ANYONE | ROLE_CUSTOMER | ROLES_TILL, .handle = providers_get,
	  .help = "The payment institutions to choose from, and which the customer is bound to." },
	{ .method = "GET", .path = "/v1/me/bindings", .roles = ROLE_CUSTOMER, .flags = ROUTE_SLOW, .handle = bindings_get,
	  .help = "The customer's bindings; a pending one with the page where it is agreed to." },
	{ .method = "POST", .path = "/v1/me/bindings", .roles = ROLE_CUSTOMER, .flags = ROUTE_WRITE, .body_max = 256,
	  .fields = bind_fields, .args_size = sizeof(struct bind_args), .handle = binding_post,
	  .help = "Begin to bind an account at a provider; its page follows by GET /v1/me/bindings." },
	{ .method = "POST", .path = "/v1/me/bindings/:id/remove", .roles = ROLE_CUSTOMER, .flags = ROUTE_WRITE, .body_max = 256,
	  .prepare = binding_remove_prepare, .handle = binding_remove, .help = "End a binding, here and at the provider." },
	{ .method = "POST", .path = "/v1/providers/:name/callback", .roles = ROLE_ANYONE, .flags = ROUTE_WRITE | ROUTE_NO_KEY,
	  .body_max = 16384, .handle = callback_post,
	  .help = "A provider's signed word on a payment or a binding." },
};
const int provider_route_count = sizeof provider_routes / sizeof *provider_routes;
