/* till_hold: see till_hold.h. */
#include "pos/till_hold.h"

#include "shared/money.h"
#include "shared/text.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

SQL(count_held, "SELECT COUNT(*) FROM held");

int till_hold_count(struct tdb *s)
{
	int count = tdb_row(s, &count_held, "") ? (int)tdb_int(&count_held, 0) : 0;
	if (tdb_end(&count_held) != QT_OK)
		log_line('E', "the sales put aside cannot be counted");
	return count;
}

SQL(list_held, "SELECT id, held_ms, name, key, shared FROM held ORDER BY id LIMIT $1");

int till_hold_list(struct tdb *s, struct held_row *out, int most)
{
	int count = 0;

	for (bool row = tdb_row(s, &list_held, "i", (int64_t)most); row && count < most; row = tdb_next(&list_held)) {
		struct held_row *h = &out[count++];
		*h = (struct held_row){ .id = tdb_int(&list_held, 0), .held_ms = tdb_int(&list_held, 1),
		                        .shared = tdb_int(&list_held, 4) != 0 };
		snprintf(h->name, sizeof h->name, "%s", tdb_text(&list_held, 2));
		snprintf(h->key, sizeof h->key, "%s", tdb_text(&list_held, 3));
	}
	if (tdb_end(&list_held) != QT_OK)
		log_line('E', "the sales put aside cannot be read");
	return count;
}

SQL(find_held, "SELECT id FROM held WHERE key = $1");

int64_t till_hold_find(struct tdb *s, const char *key)
{
	int64_t id = key[0] && tdb_row(s, &find_held, "t", key) ? tdb_int(&find_held, 0) : 0;
	if (key[0] && tdb_end(&find_held) != QT_OK)
		log_line('E', "the sales put aside cannot be read");
	return id;
}

SQL(share_held, "UPDATE held SET shared = 1 WHERE key = $1");
SQL(unshare_held, "UPDATE held SET shared = 0, key = '' WHERE key = $1");

enum qt_err till_hold_shared(struct tdb *s, const char *key)
{
	return tdb_run(s, &share_held, "t", key);
}

enum qt_err till_hold_unshare(struct tdb *s, const char *key)
{
	return tdb_run(s, &unshare_held, "t", key);
}

SQL(held_lines, "SELECT item_id, name, COALESCE(name_zh, ''), quantity, price_cents, rate_bp, open_price FROM held_line"
    " WHERE held_id = $1 ORDER BY line_no");

enum qt_err till_hold_read(struct tdb *s, int64_t id, bool inclusive, struct cart *c)
{
	struct tdb_sql *q = &held_lines;

	memset(c, 0, sizeof *c);
	c->inclusive = inclusive;
	for (bool row = tdb_row(s, q, "i", id); row && c->count < CART_LINES_MOST; row = tdb_next(q)) {
		struct cart_line *l = &c->lines[c->count++];
		l->item_id = tdb_int(q, 0);
		snprintf(l->name, sizeof l->name, "%s", tdb_text(q, 1));
		snprintf(l->name_zh, sizeof l->name_zh, "%s", tdb_text(q, 2));
		l->quantity = tdb_int(q, 3);
		l->price_cents = tdb_int(q, 4);
		l->rate_bp = tdb_int(q, 5);
		l->open_price = tdb_int(q, 6) != 0;
	}
	enum qt_err err = tdb_end(q);
	if (err == QT_OK && c->count == 0)
		err = QT_NOT_FOUND;
	if (err == QT_OK)
		err = cart_prices_load(s, id, c);
	return err == QT_OK ? cart_price(c) : err;
}

SQL(put_held, "INSERT INTO held (name, held_ms, customer, share, key) VALUES ($1, $2, $3, $4, $5)");
SQL(last_held, "SELECT MAX(id) FROM held");
SQL(put_held_line, "INSERT INTO held_line (held_id, line_no, item_id, name, name_zh, quantity, price_cents, rate_bp,"
    " open_price) VALUES ($1, $2, $3, $4, NULLIF($5, ''), $6, $7, $8, $9)");

enum qt_err till_hold_put(struct tdb *s, const struct till_sale *sale, const char *name, const char *key, int64_t now_ms,
                          int64_t *id)
{
	if (till_hold_count(s) >= HOLD_MOST)
		return QT_TOO_LONG;
	enum qt_err err = tdb_run(s, &put_held, "tittt", name, now_ms, sale->customer, sale->share, key);
	if (err != QT_OK)
		return err;
	*id = tdb_row(s, &last_held, "") ? tdb_int(&last_held, 0) : 0;
	err = tdb_end(&last_held);
	for (int i = 0; err == QT_OK && i < sale->cart.count; i++) {
		const struct cart_line *l = &sale->cart.lines[i];
		err = tdb_run(s, &put_held_line, "iiittiiii", *id, (int64_t)(i + 1), l->item_id, l->name, l->name_zh,
		              l->quantity, l->price_cents, l->rate_bp, (int64_t)l->open_price);
	}
	return err == QT_OK ? cart_prices_save(s, *id, &sale->cart) : err;
}

SQL(held_people, "SELECT customer, share FROM held WHERE id = $1");

enum qt_err till_hold_take(struct tdb *s, int64_t id, struct till_sale *sale)
{
	assert(sale->cart.count == 0);
	enum qt_err err = till_hold_read(s, id, sale->cart.inclusive, &sale->cart);
	sale->cart.customer = (struct cart_customer){ 0 }; /* asked anew: it may have been long */
	if (err == QT_OK && tdb_row(s, &held_people, "i", id)) { /* who was named since stays */
		if (sale->customer[0] == '\0')
			snprintf(sale->customer, sizeof sale->customer, "%s", tdb_text(&held_people, 0));
		if (sale->share[0] == '\0')
			snprintf(sale->share, sizeof sale->share, "%s", tdb_text(&held_people, 1));
	}
	if (err == QT_OK)
		err = tdb_end(&held_people);
	if (err == QT_OK)
		err = cart_price(&sale->cart);
	return err == QT_OK ? till_hold_drop(s, id) : err;
}

SQL(drop_held_lines, "DELETE FROM held_line WHERE held_id = $1");
SQL(drop_held, "DELETE FROM held WHERE id = $1");

enum qt_err till_hold_drop(struct tdb *s, int64_t id)
{
	enum qt_err err = tdb_run(s, &drop_held_lines, "i", id);
	if (err == QT_OK)
		err = cart_prices_drop(s, id);
	return err == QT_OK ? tdb_run(s, &drop_held, "i", id) : err;
}

/* ---- the document ---- */

void till_hold_json(struct json *j, const struct till_sale *sale, int64_t terminal_id)
{
	json_int(j, "terminal_id", terminal_id);
	json_text(j, "customer", sale->customer);
	json_text(j, "share", sale->share);
	json_array(j, "lines");
	for (int i = 0; i < sale->cart.count; i++) {
		const struct cart_line *l = &sale->cart.lines[i];
		json_object(j, NULL);
		json_int(j, "item_id", l->item_id);
		json_text(j, "name", l->name);
		json_text(j, "name_zh", l->name_zh);
		json_int(j, "quantity", l->quantity);
		json_int(j, "price_cents", l->price_cents);
		json_int(j, "rate_bp", l->rate_bp);
		json_bool(j, "open_price", l->open_price);
		json_end(j);
	}
	json_end(j);
	json_object(j, "prices");
	cart_prices_json(&sale->cart, j);
	json_end(j);
}

static void copy_clean(char *out, size_t size, const char *text)
{
	struct buf clean = { 0 };

	text_clean(&clean, text, strlen(text), TEXT_TERMINAL);
	snprintf(out, size, "%s", clean.len ? clean.data : "");
	buf_free(&clean);
}

static bool parse_line(const struct json_t *line, struct cart_line *l)
{
	*l = (struct cart_line){ .item_id = jint(line, "item_id", 0), .quantity = jint(line, "quantity", 0),
	                         .price_cents = jint(line, "price_cents", -1), .rate_bp = jint(line, "rate_bp", -1),
	                         .open_price = jbool(line, "open_price", false) };
	copy_clean(l->name, sizeof l->name, jtext(line, "name", ""));
	copy_clean(l->name_zh, sizeof l->name_zh, jtext(line, "name_zh", ""));
	return l->item_id > 0 && l->quantity > 0 && l->quantity <= CART_QUANTITY_MOST && l->price_cents >= 0 &&
	       l->price_cents <= MONEY_MAX && l->rate_bp >= 0 && l->rate_bp <= 10000;
}

enum qt_err till_hold_parse(const char *document, int64_t terminal_id, struct till_sale *sale)
{
	struct json_t *d = jparse(document, strlen(document));
	const struct json_t *lines = jget(d, "lines"), *line;
	struct cart *c = &sale->cart;
	bool good = d != NULL;

	assert(c->count == 0);
	for (size_t i = 0; good && (line = jat(lines, i)) != NULL && c->count < CART_LINES_MOST; i++)
		good = parse_line(line, &c->lines[c->count++]);
	enum qt_err err = good && c->count > 0 ? QT_OK : QT_BAD_FIELD;
	if (err == QT_OK) {
		cart_prices_read(c, jget(d, "prices"));
		if (jint(d, "terminal_id", 0) != terminal_id)
			c->approval_count = 0;
		c->customer = (struct cart_customer){ 0 };
		err = cart_price(c);
	}
	if (err == QT_OK && sale->customer[0] == '\0') /* who was named since stays */
		snprintf(sale->customer, sizeof sale->customer, "%s", jtext(d, "customer", ""));
	if (err == QT_OK && sale->share[0] == '\0')
		snprintf(sale->share, sizeof sale->share, "%s", jtext(d, "share", ""));
	if (err != QT_OK)
		cart_clear(c);
	jfree(d);
	return err;
}
