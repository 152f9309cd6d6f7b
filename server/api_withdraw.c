/* api_withdraw: the route by which a till gives a sale up whose outcome it does not know. The rule is in withdraw.c. */
#include "server/list.h"
#include "server/withdraw.h"

struct withdraw_args {
	int64_t request, order_id;
};
static const struct field withdraw_fields[] = {
	FIELD(struct withdraw_args, request, INT, .flags = FIELD_REQUIRED, .min = 1, .max = INT64_MAX,
	      .help = "Idempotency-Key of the request whose answer never came; a sequence number"),
	FIELD(struct withdraw_args, order_id, INT, .min = 1, .max = INT64_MAX,
	      .help = "the order it was about; absent when it was to make one"),
	FIELDS_DONE
};

static enum qt_err withdraw_post(struct call *call)
{
	const struct withdraw_args *a = call->args;
	struct sale *sale = arena_alloc(call->arena, sizeof *sale);
	enum withdraw_outcome outcome;

	if (call->actor.terminal_id == 0)
		return problem_set(&call->problem, QT_FORBIDDEN, "", "a till gives up what it sent");
	enum qt_err err = withdraw_request(call, a->request, a->order_id, sale, &outcome);
	if (err != QT_OK)
		return err;
	json_text(call->reply, "outcome", withdraw_outcome_name(outcome));
	if (sale->order.id) {
		json_object(call->reply, "order");
		sale_json(call->reply, call->server, sale, false);
		json_end(call->reply);
	}
	return QT_OK;
}

const struct route withdraw_routes[] = {
	{ .method = "POST", .path = "/v1/orders/withdraw", .roles = ROLES_TILL, .flags = ROUTE_WRITE, .body_max = 256,
	  .fields = withdraw_fields, .args_size = sizeof(struct withdraw_args), .handle = withdraw_post,
	  .help = "Give up a request whose answer never came, and the order with it: undone if it was done, else never." },
};
const int withdraw_route_count = sizeof withdraw_routes / sizeof *withdraw_routes;
