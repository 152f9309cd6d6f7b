/* cart: see cart.h. */
#include "pos/cart.h"

#include "shared/money.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static enum qt_err price_line(struct cart_line *l, bool inclusive)
{
	int64_t base;
	enum qt_err err = money_mul(l->price_cents, l->quantity, &base);

	if (err != QT_OK)
		return err;
	if (inclusive) {
		l->total_cents = base;
		return money_ratio(base, l->rate_bp, 10000 + l->rate_bp, &l->tax_cents);
	}
	err = money_ratio(base, l->rate_bp, 10000, &l->tax_cents);
	return err == QT_OK ? money_add(base, l->tax_cents, &l->total_cents) : err;
}

enum qt_err cart_price(struct cart *c)
{
	int64_t tax = 0, total = 0;

	for (int i = 0; i < c->count; i++) {
		enum qt_err err = price_line(&c->lines[i], c->inclusive);
		if (err == QT_OK)
			err = money_add(tax, c->lines[i].tax_cents, &tax);
		if (err == QT_OK)
			err = money_add(total, c->lines[i].total_cents, &total);
		if (err != QT_OK)
			return err;
	}
	c->tax_cents = tax;
	c->total_cents = total;
	return QT_OK;
}

static int find_line(const struct cart *c, const struct till_item *it)
{
	for (int i = 0; i < c->count; i++)
		if (c->lines[i].item_id == it->id && c->lines[i].price_cents == it->price_cents)
			return i;
	return -1;
}

/* Keep a change of one line only when the whole can still be priced. */
static enum qt_err keep_or_undo(struct cart *c, int line, const struct cart_line *before, int count_before)
{
	enum qt_err err = cart_price(c);

	if (err == QT_OK)
		return QT_OK;
	c->lines[line] = *before;
	c->count = count_before;
	enum qt_err again = cart_price(c);
	assert(again == QT_OK);
	return err;
}

enum qt_err cart_add(struct cart *c, const struct till_item *it, int64_t quantity, int *line)
{
	int at = find_line(c, it), count_before = c->count;

	if (quantity < 1 || quantity > CART_QUANTITY_MOST)
		return QT_OUT_OF_RANGE;
	if (at >= 0) {
		if (line)
			*line = at;
		return cart_set_quantity(c, at, c->lines[at].quantity + quantity);
	}
	if (c->count == CART_LINES_MOST)
		return QT_TOO_LONG;
	at = c->count++;
	const struct cart_line before = c->lines[at];
	struct cart_line *l = &c->lines[at];
	*l = (struct cart_line){ .item_id = it->id, .quantity = quantity, .price_cents = it->price_cents,
	                         .rate_bp = it->rate_bp, .open_price = it->open_price };
	memcpy(l->name, it->name, sizeof l->name);
	memcpy(l->name_zh, it->name_zh, sizeof l->name_zh);
	if (line)
		*line = at;
	return keep_or_undo(c, at, &before, count_before);
}

enum qt_err cart_set_quantity(struct cart *c, int line, int64_t quantity)
{
	assert(line >= 0 && line < c->count);
	if (quantity < 0 || quantity > CART_QUANTITY_MOST)
		return QT_OUT_OF_RANGE;
	if (quantity == 0) {
		cart_void(c, line);
		return QT_OK;
	}
	const struct cart_line before = c->lines[line];
	c->lines[line].quantity = quantity;
	return keep_or_undo(c, line, &before, c->count);
}

enum qt_err cart_change(struct cart *c, int line, int64_t by)
{
	assert(line >= 0 && line < c->count);
	return cart_set_quantity(c, line, c->lines[line].quantity + by);
}

void cart_void(struct cart *c, int line)
{
	assert(line >= 0 && line < c->count);
	c->count--;
	memmove(&c->lines[line], &c->lines[line + 1], (size_t)(c->count - line) * sizeof *c->lines);
	enum qt_err err = cart_price(c);
	assert(err == QT_OK); /* less than before */
}

void cart_clear(struct cart *c)
{
	c->count = 0;
	c->tax_cents = c->total_cents = 0;
}

int64_t cart_pieces(const struct cart *c)
{
	int64_t pieces = 0;
	for (int i = 0; i < c->count; i++)
		pieces += c->lines[i].quantity;
	return pieces;
}

void cart_json(const struct cart *c, struct json *j)
{
	json_array(j, "lines");
	for (int i = 0; i < c->count; i++) {
		json_object(j, NULL);
		json_int(j, "item_id", c->lines[i].item_id);
		json_int(j, "quantity", c->lines[i].quantity);
		if (c->lines[i].open_price)
			json_int(j, "price_cents", c->lines[i].price_cents);
		json_end(j);
	}
	json_end(j);
}

enum qt_err cart_parse_entry(const char *typed, int64_t *quantity, const char **code)
{
	const char *star = strchr(typed, '*');

	*quantity = 0;
	*code = typed;
	if (star == NULL)
		return QT_OK;
	size_t digits = strspn(typed, "0123456789");
	if (digits == 0 || typed + digits != star || strchr(star + 1, '*') != NULL)
		return QT_BAD_FIELD;
	if (digits > 6)
		return QT_OUT_OF_RANGE;
	int64_t n = strtoll(typed, NULL, 10);
	if (n < 1 || n > CART_QUANTITY_MOST)
		return QT_OUT_OF_RANGE;
	*quantity = n;
	*code = star + 1;
	return QT_OK;
}

enum qt_err cart_parse_amount(const char *typed, int64_t currency, bool as_cents, int64_t *amount_cents)
{
	size_t len = strlen(typed);

	if (len == 0)
		return QT_BAD_FIELD;
	if (!as_cents || strspn(typed, "0123456789") != len)
		return money_parse(typed, currency, amount_cents);
	if (len > 15)
		return QT_OVERFLOW;
	*amount_cents = strtoll(typed, NULL, 10);
	return QT_OK;
}

int cart_quick_amounts(int64_t due_cents, int64_t currency, int64_t out[4])
{
	static const int64_t steps[] = { 1, 5, 10, 20, 50, 100, 200, 500, 1000, 10000 };
	const struct currency *c = currency_by_numeric(currency);
	int64_t unit = 1;
	int count = 0;

	for (int i = c ? c->digits : 2; i > 0; i--)
		unit *= 10;
	for (size_t i = 0; i < sizeof steps / sizeof *steps && count < 4; i++) {
		int64_t step = steps[i] * unit;
		if (due_cents <= 0 || due_cents > MONEY_MAX - step)
			break;
		int64_t amount = (due_cents + step - 1) / step * step;
		if (amount > due_cents && (count == 0 || amount > out[count - 1]))
			out[count++] = amount;
	}
	return count;
}
