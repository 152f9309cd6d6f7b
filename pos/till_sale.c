/* till_sale: see till_sale.h. */
#include "pos/till_sale.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

SQL(read_sale, "SELECT number, stage, method, order_json, started_ms, customer, share FROM sale WHERE id = 1");
SQL(read_lines, "SELECT item_id, name, COALESCE(name_zh, ''), quantity, price_cents, rate_bp, open_price"
    " FROM cart_line ORDER BY line_no");

static void read_line(struct cart_line *l)
{
	*l = (struct cart_line){ .item_id = tdb_int(&read_lines, 0), .quantity = tdb_int(&read_lines, 3),
	                         .price_cents = tdb_int(&read_lines, 4), .rate_bp = tdb_int(&read_lines, 5),
	                         .open_price = tdb_int(&read_lines, 6) != 0 };
	snprintf(l->name, sizeof l->name, "%s", tdb_text(&read_lines, 1));
	snprintf(l->name_zh, sizeof l->name_zh, "%s", tdb_text(&read_lines, 2));
}

SQL(read_prices, "SELECT prices FROM cart_price WHERE held_id = $1");

enum qt_err cart_prices_load(struct tdb *s, int64_t held_id, struct cart *c)
{
	if (tdb_row(s, &read_prices, "i", held_id)) {
		const char *text = tdb_text(&read_prices, 0);
		struct json_t *prices = jparse(text, strlen(text));
		cart_prices_read(c, prices);
		jfree(prices);
	}
	return tdb_end(&read_prices);
}

SQL(drop_prices, "DELETE FROM cart_price WHERE held_id = $1");
SQL(put_prices, "INSERT INTO cart_price (held_id, prices) VALUES ($1, $2)");

enum qt_err cart_prices_drop(struct tdb *s, int64_t held_id)
{
	return tdb_run(s, &drop_prices, "i", held_id);
}

enum qt_err cart_prices_save(struct tdb *s, int64_t held_id, const struct cart *c)
{
	struct buf text = { 0 };
	struct json j;

	enum qt_err err = cart_prices_drop(s, held_id);
	if (err != QT_OK || !cart_has_prices(c))
		return err;
	json_start(&j, &text);
	json_object(&j, NULL);
	cart_prices_json(c, &j);
	json_end(&j);
	err = tdb_run(s, &put_prices, "it", held_id, text.data);
	buf_free(&text);
	return err;
}

enum qt_err till_sale_load(struct tdb *s, struct till_sale *sale, bool inclusive, int64_t now_ms)
{
	bool found = tdb_row(s, &read_sale, "");

	memset(sale, 0, sizeof *sale);
	sale->cart.inclusive = inclusive;
	sale->number = 1;
	sale->stage = SALE_CART;
	sale->started_ms = now_ms;
	if (found) {
		const char *json = tdb_text(&read_sale, 3);
		sale->number = tdb_int(&read_sale, 0);
		sale->stage = (enum sale_stage)tdb_int(&read_sale, 1);
		snprintf(sale->method, sizeof sale->method, "%s", tdb_text(&read_sale, 2));
		sale->order = json[0] ? jparse(json, strlen(json)) : NULL;
		sale->started_ms = tdb_int(&read_sale, 4);
		snprintf(sale->customer, sizeof sale->customer, "%s", tdb_text(&read_sale, 5));
		snprintf(sale->share, sizeof sale->share, "%s", tdb_text(&read_sale, 6));
	}
	enum qt_err err = tdb_end(&read_sale);
	if (err != QT_OK)
		return err;
	for (bool row = tdb_row(s, &read_lines, ""); row && sale->cart.count < CART_LINES_MOST; row = tdb_next(&read_lines))
		read_line(&sale->cart.lines[sale->cart.count++]);
	err = tdb_end(&read_lines);
	if (err == QT_OK)
		err = cart_prices_load(s, 0, &sale->cart);
	return err == QT_OK ? cart_price(&sale->cart) : err;
}

void till_sale_free(struct till_sale *sale)
{
	jfree(sale->order);
	sale->order = NULL;
}

SQL(put_sale, "INSERT INTO sale (id, number, stage, method, order_json, started_ms, customer, share)"
    " VALUES (1, $1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO UPDATE SET number = $1, stage = $2, method = $3,"
    " order_json = $4, started_ms = $5, customer = $6, share = $7");
SQL(drop_lines, "DELETE FROM cart_line");
SQL(put_line, "INSERT INTO cart_line (line_no, item_id, name, name_zh, quantity, price_cents, rate_bp, open_price)"
    " VALUES ($1, $2, $3, NULLIF($4, ''), $5, $6, $7, $8)");

enum qt_err till_sale_save(struct tdb *s, const struct till_sale *sale)
{
	char *json = sale->order ? jdump(sale->order) : NULL;
	enum qt_err err = tdb_run(s, &put_sale, "iittitt", sale->number, (int64_t)sale->stage, sale->method, json,
	                            sale->started_ms, sale->customer, sale->share);

	free(json);
	if (err == QT_OK)
		err = tdb_run(s, &drop_lines, "");
	for (int i = 0; err == QT_OK && i < sale->cart.count; i++) {
		const struct cart_line *l = &sale->cart.lines[i];
		err = tdb_run(s, &put_line, "iittiiii", (int64_t)(i + 1), l->item_id, l->name, l->name_zh, l->quantity,
		                l->price_cents, l->rate_bp, (int64_t)l->open_price);
	}
	return err == QT_OK ? cart_prices_save(s, 0, &sale->cart) : err;
}

void till_sale_next(struct till_sale *sale, int64_t now_ms)
{
	jfree(sale->order);
	sale->order = NULL;
	sale->number++;
	sale->stage = SALE_CART;
	sale->method[0] = sale->customer[0] = sale->share[0] = '\0';
	sale->started_ms = now_ms;
	cart_clear(&sale->cart);
}

int64_t till_sale_order_id(const struct till_sale *sale)
{
	return jint(sale->order, "order_id", 0);
}

int64_t till_sale_total_cents(const struct till_sale *sale)
{
	return jint(sale->order, "total_cents", sale->cart.total_cents);
}

int64_t till_sale_due_cents(const struct till_sale *sale)
{
	return jint(sale->order, "due_cents", sale->order ? 0 : sale->cart.total_cents);
}

const char *till_sale_code(const struct till_sale *sale, int64_t *expires_ms, int64_t *payment_id)
{
	const struct json_t *payments = jget(sale->order, "payments"), *p;
	const char *code = NULL;

	for (size_t i = 0; (p = jat(payments, i)) != NULL; i++) {
		if (strcmp(jtext(p, "method", ""), "code") != 0 || jtext(p, "code", NULL) == NULL)
			continue;
		const char *state = jtext(p, "state", "");
		if (strcmp(state, "open") != 0 && strcmp(state, "pending") != 0)
			continue;
		code = jtext(p, "code", NULL);
		*expires_ms = jint(p, "expires_ms", 0);
		*payment_id = jint(p, "payment_id", 0);
	}
	return code;
}

SQL(put_receipt, "INSERT INTO receipt (order_id, number, at_ms, total_cents, order_json) VALUES ($1, $2, $3, $4, $5)"
    " ON CONFLICT (order_id) DO UPDATE SET order_json = $5");
SQL(has_receipt, "SELECT 1 FROM receipt WHERE order_id = $1");
SQL(trim_receipts, "DELETE FROM receipt WHERE id <= (SELECT MAX(id) FROM receipt) - 1000");

enum qt_err till_receipt_put(struct tdb *s, const struct json_t *order, int64_t at_ms)
{
	bool known = tdb_row(s, &has_receipt, "i", jint(order, "order_id", 0));
	enum qt_err err = tdb_end(&has_receipt);

	if (err == QT_OK && !known)
		err = till_items_sold(s, order);
	if (err != QT_OK)
		return err;
	char *json = jdump(order);
	err = tdb_run(s, &put_receipt, "iiiit", jint(order, "order_id", 0), jint(jget(order, "receipt"), "number", 0), at_ms,
	              jint(order, "total_cents", 0), json);
	free(json);
	return err == QT_OK ? tdb_run(s, &trim_receipts, "") : err;
}

SQL(renew_receipt, "UPDATE receipt SET order_json = $2 WHERE order_id = $1");

enum qt_err till_receipt_renew(struct tdb *s, const struct json_t *order)
{
	char *json = jdump(order);
	enum qt_err err = tdb_run(s, &renew_receipt, "it", jint(order, "order_id", 0), json);

	free(json);
	return err;
}

SQL(list_receipts, "SELECT id, order_id, number, at_ms, total_cents, printed FROM receipt ORDER BY id DESC LIMIT $1");

int till_receipt_list(struct tdb *s, struct receipt_row *out, int most)
{
	struct tdb_sql *q = &list_receipts;
	int count = 0;

	for (bool row = tdb_row(s, q, "i", (int64_t)most); row && count < most; row = tdb_next(q))
		out[count++] = (struct receipt_row){ tdb_int(q, 0), tdb_int(q, 1), tdb_int(q, 2), tdb_int(q, 3),
		                                     tdb_int(q, 4), (int)tdb_int(q, 5) };
	if (tdb_end(q) != QT_OK)
		log_line('E', "the receipts cannot be read");
	return count;
}

SQL(get_receipt, "SELECT order_json, printed FROM receipt WHERE order_id = $1");

struct json_t *till_receipt_order(struct tdb *s, int64_t order_id, int *printed)
{
	struct json_t *order = NULL;

	if (tdb_row(s, &get_receipt, "i", order_id)) {
		const char *json = tdb_text(&get_receipt, 0);
		order = jparse(json, strlen(json));
		*printed = (int)tdb_int(&get_receipt, 1);
	}
	if (tdb_end(&get_receipt) != QT_OK)
		log_line('E', "a receipt cannot be read");
	return order;
}

SQL(count_print, "UPDATE receipt SET printed = printed + 1 WHERE order_id = $1");

enum qt_err till_receipt_count_print(struct tdb *s, int64_t order_id)
{
	return tdb_run(s, &count_print, "i", order_id);
}
