/* api_receipt: the receipt by its code, and what the landing pages of the sale's codes show. */
#include "server/campaign.h"
#include "server/catalogue.h"
#include "server/landing_sale.h"
#include "server/payment_rows.h"
#include "server/ratelimit.h"
#include "server/receipt.h"
#include "server/share.h"

static enum qt_err receipt_get(struct call *call)
{
	int64_t order_id = 0;

	enum qt_err err = receipt_by_code(call->server, call->token, call->now_ms, &order_id);
	if (err == QT_OK)
		err = receipt_json(call, order_id, call->reply);
	return err == QT_OK ? err : problem_set(&call->problem, err, "token", "not the code of a receipt");
}

const struct route receipt_routes[] = {
	{ .method = "GET", .path = "/v1/receipts/:token", .roles = ROLE_ANYONE | ROLE_CUSTOMER, .limit = LIMIT_CODE,
	  .handle = receipt_get, .help = "A receipt, for whoever holds its code." },
};
const int receipt_route_count = sizeof receipt_routes / sizeof *receipt_routes;

/* ---- landing ---- */

enum qt_err receipt_landing(struct call *call, const struct code *code, struct json *j)
{
	return receipt_code_is_genuine(call->server, code) ? receipt_json(call, code->id, j) : QT_NOT_FOUND;
}

enum qt_err pay_landing(struct call *call, const struct code *code, struct json *j)
{
	struct json *reply = call->reply;
	struct pay_target t;

	enum qt_err err = pay_target_of(call, code, &t);
	call->reply = j; /* the same members as GET /v1/pay/:token */
	if (err == QT_OK)
		err = pay_target_json(call, &t);
	call->reply = reply;
	return err;
}

enum qt_err campaign_landing(struct call *call, const struct code *code, struct json *j)
{
	struct share share = { .campaign_id = code->id };
	struct campaign c;
	struct merchant m;
	struct item item;
	enum qt_err err = QT_OK;

	if (code->kind == CODE_SHARE)
		err = share_get(call->db, code->id, &share);
	if (err == QT_OK)
		err = campaign_get(call->db, 0, share.campaign_id, &c);
	if (err == QT_OK)
		err = merchant_get(call->db, c.merchant_id, &m);
	if (err != QT_OK)
		return err;
	const struct currency *currency = currency_by_numeric(m.currency);
	json_int(j, "merchant_id", m.id);
	json_text(j, "merchant_name", m.name);
	json_text(j, "merchant_name_zh", m.name_zh);
	json_text(j, "currency", currency ? currency->alpha : "");
	json_int(j, "campaign_id", c.id);
	json_text(j, "name", c.name);
	json_text(j, "name_zh", c.name_zh[0] ? c.name_zh : c.name);
	json_text(j, "intro", c.intro);
	json_text(j, "intro_zh", c.intro_zh[0] ? c.intro_zh : c.intro);
	json_text(j, "state", campaign_state_name(c.state));
	json_bool(j, "over", !campaign_is_running(&c, call->now_ms));
	if (c.ends_ms)
		json_int(j, "ends_ms", c.ends_ms);
	if (code->kind == CODE_SHARE)
		json_int(j, "generation", share.generation);
	if (c.item_id == 0 || catalogue_item_get(call->db, m.id, c.item_id, &item) != QT_OK)
		return QT_OK;
	json_object(j, "item");
	json_int(j, "item_id", item.id);
	json_text(j, "name", item.name);
	json_text(j, "name_zh", item.name_zh);
	json_int(j, "price_cents", item.price_cents);
	json_end(j);
	return QT_OK;
}
