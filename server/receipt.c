/* receipt: see receipt.h. */
#include "server/receipt.h"
#include "server/refund.h"
#include "server/terminal.h"

#include <assert.h>
#include <string.h>

#define REFUNDS_SHOWN 64
#define RATES_MAX 32

static void secret_of(const struct server *server, int64_t order_id, uint8_t secret[CODE_SECRET_SIZE])
{
	uint8_t text[16] = "receipt", hash[32];

	for (int i = 0; i < 8; i++)
		text[8 + i] = (uint8_t)((uint64_t)order_id >> (8 * i));
	crypto_hmac(server->keys.lookup_key, text, sizeof text, hash);
	memcpy(secret, hash, CODE_SECRET_SIZE);
}

char *receipt_code_url(const struct server *server, int64_t order_id, char out[CODE_URL_MAX])
{
	struct code code = { .kind = CODE_RECEIPT, .id = order_id };
	char token[CODE_TOKEN_MAX];

	secret_of(server, order_id, code.secret);
	enum qt_err err = code_make(&server->keys, &code, token);
	assert(err == QT_OK);
	return code_url(server->settings.public_url, token, out);
}

bool receipt_code_is_genuine(const struct server *server, const struct code *code)
{
	uint8_t secret[CODE_SECRET_SIZE];

	secret_of(server, code->id, secret);
	return crypto_equal(secret, code->secret, sizeof secret);
}

enum qt_err receipt_by_code(const struct server *server, const char *text, int64_t now_ms, int64_t *order_id)
{
	char token[CODE_TOKEN_MAX];
	struct code code;

	if (code_token_of(text, server->settings.public_url, token) == NULL)
		return QT_BAD_CODE;
	enum qt_err err = code_read(&server->keys, token, now_ms, &code);
	if (err != QT_OK)
		return err;
	if (code.kind != CODE_RECEIPT)
		return QT_WRONG_KIND;
	*order_id = code.id;
	return receipt_code_is_genuine(server, &code) ? QT_OK : QT_BAD_CODE;
}

/* ---- what it says ---- */

struct rate_sum {
	int64_t tax_id, rate_bp, base_cents, tax_cents;
};

/* Lines grouped by tax, in the order they first come; the base is without tax. */
static int sum_rates(const struct sale *sale, struct rate_sum *sums)
{
	int count = 0;

	for (int i = 0; i < sale->line_count; i++) {
		const struct order_line *l = &sale->lines[i];
		int k = 0;
		if (l->item_id == 0) /* cards bear no tax */
			continue;
		while (k < count && (sums[k].tax_id != l->tax_id || sums[k].rate_bp != l->rate_bp))
			k++;
		if (k == RATES_MAX)
			k--; /* more than any till has: the last group takes the rest */
		else if (k == count)
			sums[count++] = (struct rate_sum){ l->tax_id, l->rate_bp, 0, 0 };
		sums[k].tax_cents += l->tax_cents;
		sums[k].base_cents += l->total_cents - l->tax_cents;
	}
	return count;
}

static enum qt_err write_taxes(struct call *call, const struct sale *sale, struct json *j)
{
	SQL(name_of, "SELECT name, COALESCE(name_zh, name) FROM tax WHERE id = $1");
	struct rate_sum sums[RATES_MAX];
	char name[NAME_MAX_BYTES + 1], name_zh[NAME_MAX_BYTES + 1];
	int count = sum_rates(sale, sums);

	json_array(j, "taxes");
	for (int i = 0; i < count; i++) {
		enum qt_err err = db_one(call->db, &name_of, "i", sums[i].tax_id, "tt", name, sizeof name, name_zh,
			sizeof name_zh);
		if (err != QT_OK && err != QT_NOT_FOUND)
			return err;
		json_object(j, NULL);
		json_text(j, "name", err == QT_OK ? name : "");
		json_text(j, "name_zh", err == QT_OK ? name_zh : "");
		json_int(j, "rate_bp", sums[i].rate_bp);
		json_int(j, "base_cents", sums[i].base_cents);
		json_int(j, "tax_cents", sums[i].tax_cents);
		json_end(j);
	}
	json_end(j);
	return QT_OK;
}

static enum qt_err write_refunds(struct call *call, const struct sale *sale, struct json *j)
{
	struct refund list[REFUNDS_SHOWN];
	int count;

	enum qt_err err = refund_list(call->db, sale->order.last_refund_id, call->arena, list, REFUNDS_SHOWN, &count);
	if (err != QT_OK)
		return err;
	json_array(j, "refunds");
	for (int i = 0; i < count; i++) {
		json_object(j, NULL);
		json_int(j, "refund_id", list[i].id);
		json_int(j, "at_ms", list[i].created_ms);
		json_int(j, "refunded_cents", list[i].amount_cents);
		json_int(j, "tax_cents", list[i].tax_cents);
		json_text(j, "reason", list[i].reason);
		json_end(j);
	}
	json_end(j);
	return QT_OK;
}

static enum qt_err write_shop(struct call *call, const struct sale *sale, struct json *j)
{
	struct terminal terminal;
	struct store store;
	const struct merchant *m = &sale->merchant;

	enum qt_err err = terminal_get(call->db, 0, sale->order.terminal_id, &terminal);
	if (err == QT_OK)
		err = store_get(call->db, 0, terminal.store_id, &store);
	if (err != QT_OK)
		return err;
	json_text(j, "merchant_name", m->name);
	json_text(j, "merchant_name_zh", m->name_zh);
	json_text(j, "store_name", store.name);
	json_text(j, "store_name_zh", store.name_zh);
	json_text(j, "store_address", store.address);
	json_text(j, "receipt_footer", store.receipt_footer);
	json_object(j, "merchant");
	json_int(j, "id", m->id);
	json_text(j, "name", m->name);
	json_text(j, "name_zh", m->name_zh);
	json_end(j);
	json_object(j, "store");
	json_int(j, "id", store.id);
	json_text(j, "name", store.name);
	json_text(j, "name_zh", store.name_zh);
	json_text(j, "address", store.address);
	json_text(j, "city", store.city[0] ? store.city : m->city);
	json_text(j, "receipt_footer", store.receipt_footer);
	json_end(j);
	json_text(j, "terminal_name", terminal.name);
	return QT_OK;
}

enum qt_err receipt_json(struct call *call, int64_t order_id, struct json *j)
{
	struct sale *sale = arena_alloc(call->arena, sizeof *sale);
	char url[CODE_URL_MAX];

	enum qt_err err = sale_load(call->db, 0, order_id, call->arena, sale);
	if (err == QT_OK && sale->order.receipt_number == 0)
		err = QT_NOT_FOUND;
	if (err != QT_OK)
		return err;
	const struct order *o = &sale->order;
	json_bool(j, "verified", true);
	json_int(j, "number", o->receipt_number);
	json_int(j, "order_id", o->id);
	json_int(j, "order_number", o->number);
	json_text(j, "state", order_state_name((int)o->state));
	json_int(j, "at_ms", o->created_ms + o->paid_after_ms);
	json_text(j, "code", receipt_code_url(call->server, o->id, url));
	err = write_shop(call, sale, j);
	if (err != QT_OK)
		return err;
	sale_json_amounts(j, sale, false);
	sale_json_lines(j, sale);
	sale_json_steps(j, sale);
	sale_json_promotions(j, sale);
	sale_json_payments(j, call->server, sale, true);
	err = write_taxes(call, sale, j);
	return err == QT_OK ? write_refunds(call, sale, j) : err;
}
