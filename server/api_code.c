/* api_code: anyone can check a code (W1), and what the landing pages of cards, products and identities show. */
#include "server/api_card.h"
#include "server/catalogue.h"
#include "server/coupon.h"
#include "server/customer.h"
#include "server/landing_shop.h"
#include "server/list.h"
#include "server/ratelimit.h"
#include "server/sold_out.h"

#include <stddef.h>

struct check_args {
	const char *text;
};
static const struct field check_fields[] = {
	FIELD(struct check_args, text, TEXT, .flags = FIELD_REQUIRED | FIELD_SECRET, .min = 1, .max = 2048,
	      .help = "what a scanner gave: URL or token"),
	FIELDS_DONE
};

SQL(of_store, "SELECT merchant_id FROM store WHERE id = $1");
SQL(of_terminal, "SELECT merchant_id FROM terminal WHERE id = $1");
SQL(of_card, "SELECT merchant_id FROM card WHERE id = $1");
SQL(of_item, "SELECT merchant_id FROM item WHERE id = $1");
SQL(of_campaign, "SELECT merchant_id FROM campaign WHERE id = $1");
SQL(of_share, "SELECT c.merchant_id FROM share s JOIN campaign c ON c.id = s.campaign_id WHERE s.id = $1");
SQL(of_order, "SELECT merchant_id FROM orders WHERE id = $1");
SQL(of_camera, "SELECT t.merchant_id FROM camera c JOIN terminal t ON t.id = c.terminal_id WHERE c.id = $1");
SQL(of_coupon, "SELECT merchant_id FROM coupon WHERE id = $1");

/* Whose code it is, by kind; kinds without a row belong to no merchant. A row that is gone makes the code invalid. */
static struct sql *const merchant_of[] = {
	[CODE_PAYMENT] = &of_store, [CODE_FIXED] = &of_terminal, [CODE_CARD] = &of_card, [CODE_PRODUCT] = &of_item,
	[CODE_CAMPAIGN] = &of_campaign, [CODE_SHARE] = &of_share, [CODE_RECEIPT] = &of_order, [CODE_COUPON] = &of_coupon,
	[CODE_CAMERA] = &of_camera,
};

/* QT_NOT_FOUND: nothing of ours is behind it. *known is false for kinds that no merchant owns. */
static enum qt_err find_merchant(struct call *call, const struct code *code, struct merchant *m, bool *known)
{
	struct sql *sql = (size_t)code->kind < sizeof merchant_of / sizeof *merchant_of ? merchant_of[code->kind] : NULL;
	int64_t merchant_id;
	enum qt_err err;

	*known = sql != NULL;
	if (sql == NULL)
		return QT_OK;
	err = db_one(call->db, sql, "i", code->kind == CODE_PAYMENT ? code->shop_id : code->id, "i", &merchant_id);
	return err == QT_OK ? merchant_get(call->db, merchant_id, m) : err;
}

static void payment_json(struct call *call, const struct code *code)
{
	const struct currency *currency = currency_by_numeric(code->currency);

	json_int(call->reply, "amount_cents", code->amount_minor);
	if (currency != NULL)
		json_text(call->reply, "currency", currency->alpha);
	json_int(call->reply, "expires_ms", code->expires_s * 1000);
}

/* Whoever guesses a card's code learns nothing: a wrong secret is as invalid as a wrong MAC. */
static enum qt_err check_row(struct call *call, const struct code *code, struct merchant *m, bool *known)
{
	struct coupon coupon;
	struct card c;
	enum qt_err err = find_merchant(call, code, m, known);

	if (err == QT_OK && code->kind == CODE_CARD)
		err = card_by_read_code(call->db, call->server, 0, code, &c);
	if (err == QT_OK && code->kind == CODE_COUPON)
		err = coupon_by_read_code(call->db, call->server, 0, code, &coupon);
	return err == QT_CARD_REFUSED ? QT_NOT_FOUND : err;
}

static enum qt_err check_post(struct call *call)
{
	const struct check_args *a = call->args;
	const char *public_url = call->server->settings.public_url;
	char token[CODE_TOKEN_MAX], url[CODE_URL_MAX];
	struct code code;
	struct merchant m;
	bool known = false;
	enum qt_err err = QT_BAD_CODE;

	if (code_token_of(a->text, public_url, token) != NULL)
		err = code_read(&call->server->keys, token, call->now_ms, &code);
	if (err == QT_OK)
		err = check_row(call, &code, &m, &known);
	if (err != QT_OK && err != QT_BAD_CODE && err != QT_NOT_FOUND)
		return err;
	json_text(call->reply, "kind", err == QT_OK ? code_kind_name(code.kind) : "none");
	json_bool(call->reply, "valid", err == QT_OK);
	json_bool(call->reply, "own_address", code_token_of(a->text, public_url, token) != NULL);
	if (err != QT_OK)
		return QT_OK;
	json_bool(call->reply, "expired", code.kind == CODE_PAYMENT && code.expires_s * 1000 <= call->now_ms);
	if (code.kind == CODE_PAYMENT)
		payment_json(call, &code);
	if (known) {
		json_text(call->reply, "merchant_name", m.name);
		json_text(call->reply, "merchant_name_zh", m.name_zh);
	}
	json_text(call->reply, "landing_url", code_url(public_url, token, url));
	return QT_OK;
}

enum qt_err card_landing(struct call *call, const struct code *code, struct json *j)
{
	struct card c;
	struct merchant m;
	char masked[24];
	enum qt_err err = card_by_read_code(call->db, call->server, 0, code, &c);

	if (err == QT_OK)
		err = merchant_get(call->db, c.merchant_id, &m);
	if (err != QT_OK)
		return err == QT_CARD_REFUSED ? QT_NOT_FOUND : err;
	json_text(j, "merchant_name", m.name);
	json_text(j, "merchant_name_zh", m.name_zh);
	json_text(j, "number_masked", card_number_masked(c.number, masked));
	json_text(j, "state", card_state_name(card_state_at(&c, call->now_ms)));
	json_bool(j, "bound", c.customer_id != 0);
	json_int(j, "expires_ms", c.expires_ms);
	return QT_OK;
}

enum qt_err product_landing(struct call *call, const struct code *code, struct json *j)
{
	struct item it;
	struct merchant m;
	bool known, sold_out;
	enum qt_err err = find_merchant(call, code, &m, &known);

	if (err == QT_OK)
		err = catalogue_item_get(call->db, m.id, code->id, &it);
	if (err == QT_OK)
		err = sold_out_everywhere(call->db, m.id, it.id, &sold_out);
	if (err != QT_OK)
		return err;
	json_int(j, "item_id", it.id);
	json_text(j, "name", it.name);
	json_text(j, "name_zh", it.name_zh);
	json_text(j, "merchant_name", m.name);
	json_text(j, "merchant_name_zh", m.name_zh);
	json_int(j, "price_cents", it.price_cents);
	json_text(j, "currency", currency_by_numeric(m.currency)->alpha);
	if (it.unit[0])
		json_text(j, "unit", it.unit);
	json_text(j, "state", it.active ? "active" : "ended");
	json_bool(j, "sold_out", sold_out);
	return QT_OK;
}

enum qt_err identity_landing(struct call *call, const struct code *code, struct json *j)
{
	(void)call, (void)code;
	json_text(j, "state", "active"); /* who it is, is nobody's business */
	return QT_OK;
}

const struct route code_routes[] = {
	{ .method = "POST", .path = "/v1/codes/check", .roles = ROLE_ANYONE, .body_max = 4096, .limit = LIMIT_CODE,
	  .fields = check_fields, .args_size = sizeof(struct check_args), .handle = check_post,
	  .help = "Is this a code of ours, and what does it say?" },
};
const int code_route_count = (int)(sizeof code_routes / sizeof *code_routes);
