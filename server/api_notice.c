/* api_notice: routes of notices. Decode, call, reply; the rules are in notice.c. */
#include "server/list.h"
#include "server/merchant.h"
#include "server/notice.h"

#include <string.h>

/* Whose notices the actor reads: a customer's own, or those of the merchant. */
static void owner_of(const struct actor *a, int64_t *customer_id, int64_t *merchant_id)
{
	*customer_id = a->role == ROLE_CUSTOMER ? a->customer_id : 0;
	*merchant_id = a->role == ROLE_CUSTOMER ? 0 : a->merchant_id;
}

static enum qt_err notice_row(struct call *call, int64_t owner_id, int64_t id)
{
	SQL(by_id, "SELECT kind, ref_id, text_en, text_zh, at_ms, read_ms FROM notice WHERE id = $1");
	char kind[32], en[NOTICE_TEXT_MAX], zh[NOTICE_TEXT_MAX];
	int64_t ref_id, at_ms, read_ms;
	enum qt_err err = db_one(call->db, &by_id, "i", id, "tittii", kind, sizeof kind, &ref_id, en, sizeof en,
	                         zh, sizeof zh, &at_ms, &read_ms);

	(void)owner_id;
	json_int(call->reply, "notice_id", id);
	json_text(call->reply, "kind", kind);
	json_text(call->reply, "text", strcmp(call->actor.locale, "zh") == 0 ? zh : en);
	json_int(call->reply, "at_ms", at_ms);
	json_bool(call->reply, "read", read_ms > 0);
	json_int(call->reply, "ref", ref_id);
	return err;
}

static enum qt_err notices_get(struct call *call)
{
	LIST_SQL(customers, customers_down, "notice", "customer_id > 0 AND customer_id");
	LIST_SQL(merchants, merchants_down, "notice", "customer_id = 0 AND merchant_id");
	int64_t customer_id, merchant_id;
	struct merchant m;
	enum qt_err err = call->actor.role == ROLE_CUSTOMER ? QT_OK : call_merchant(call, &m);

	if (err != QT_OK)
		return err;
	owner_of(&call->actor, &customer_id, &merchant_id);
	if (customer_id)
		return list_rows(call, "notices", &customers, &customers_down, customer_id, notice_row);
	return list_rows(call, "notices", &merchants, &merchants_down, merchant_id, notice_row);
}

static enum qt_err read_post(struct call *call)
{
	int64_t customer_id, merchant_id;

	owner_of(&call->actor, &customer_id, &merchant_id);
	if (customer_id == 0 && merchant_id == 0)
		return problem_set(&call->problem, QT_MISSING_FIELD, "X-Merchant", "say for which merchant in this header");
	return notice_mark_read(call->db, customer_id, merchant_id, call->id, call->now_ms);
}

const struct route notice_routes[] = {
	{ .method = "GET", .path = "/v1/notices", .roles = ROLE_CUSTOMER | ROLES_BOSS, .fields = list_both_fields,
	  .args_size = sizeof(struct list_args), .handle = notices_get,
	  .help = "What I, or the merchant, was told; in the reader's language." },
	{ .method = "POST", .path = "/v1/notices/:id/read", .roles = ROLE_CUSTOMER | ROLES_BOSS,
	  .flags = ROUTE_WRITE | ROUTE_NO_KEY, .handle = read_post, .help = "Mark a notice as read." },
};
const int notice_route_count = (int)(sizeof notice_routes / sizeof *notice_routes);
