/* quantity: see quantity.h. */
#include "shared/quantity.h"

#include "shared/ean.h"
#include "shared/money.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool quantity_is_measured(const char *unit)
{
	static const char *const measured[] = { "kg", "g", "l", "m" };

	for (size_t i = 0; unit && i < sizeof measured / sizeof *measured; i++)
		if (strcmp(measured[i], unit) == 0)
			return true;
	return false;
}

char *quantity_text(int64_t quantity, const char *unit, char out[QUANTITY_TEXT_ROOM])
{
	if (quantity_is_measured(unit))
		snprintf(out, QUANTITY_TEXT_ROOM, "%lld.%03lld %s", (long long)(quantity / QUANTITY_MILLI),
		         (long long)(quantity % QUANTITY_MILLI), unit);
	else
		snprintf(out, QUANTITY_TEXT_ROOM, "%lld", (long long)quantity);
	return out;
}

enum qt_err quantity_parse(const char *text, size_t len, int64_t *milli)
{
	size_t whole = 0, places;
	int64_t value = 0;

	while (whole < len && text[whole] >= '0' && text[whole] <= '9')
		whole++;
	places = len > whole ? len - whole - 1 : 0;
	if (whole == 0 || places > 3 || (len > whole && ((text[whole] != '.' && text[whole] != ',') || places == 0)))
		return QT_BAD_FIELD;
	if (whole > 6)
		return QT_OUT_OF_RANGE;
	for (size_t i = 0; i < whole + 4; i++) {
		if (i == whole)
			continue;
		char digit = i < len ? text[i] : '0';
		if (digit < '0' || digit > '9')
			return QT_BAD_FIELD;
		value = value * 10 + (digit - '0');
	}
	if (value < 1 || value > QUANTITY_LINE_MOST * QUANTITY_MILLI)
		return QT_OUT_OF_RANGE;
	*milli = value;
	return QT_OK;
}

/* Hundredths in minor units of the currency; -1: not a whole number of them. */
static int64_t of_hundredths(int64_t hundredths, int64_t currency)
{
	const struct currency *c = currency_by_numeric(currency);
	int digits = c ? c->digits : 2;

	if (digits == 0)
		return hundredths % 100 ? -1 : hundredths / 100;
	return digits == 3 ? hundredths * 10 : hundredths;
}

static bool read_gs1(const char *text, int64_t currency, struct label_code *c)
{
	struct problem problem = { 0 };
	struct gs1 g;

	if (gs1_read(text, &g, &problem) != QT_OK || g.gtin[0] == '\0')
		return false;
	snprintf(c->key, sizeof c->key, "%.14s", g.gtin[0] == '0' ? g.gtin + 1 : g.gtin);
	c->has_weight = g.weight_g > 0;
	c->weight_g = g.weight_g;
	c->price_cents = g.price_minor >= 0 ? of_hundredths(g.price_minor, currency) : -1;
	c->has_price = c->price_cents >= 0; /* of both the price counts: it is what the label says */
	return c->has_weight || c->has_price;
}

bool label_code_read(const char *text, const char *patterns, int64_t currency, struct label_code *c)
{
	struct problem problem = { 0 };
	struct ean e;
	const char *rest;

	memset(c, 0, sizeof *c);
	bool gs1 = aim_is_gs1(text);
	if (aim_symbology(text, &rest) != NULL)
		text = rest;
	if (gs1 || *text == '(')
		return read_gs1(text, currency, c);
	if (ean_read(text, patterns, &e, &problem) != QT_OK || !(e.has_weight || e.has_price))
		return false;
	snprintf(c->key, sizeof c->key, "%.14s", e.item);
	c->has_weight = e.has_weight && e.weight_g > 0;
	c->weight_g = e.weight_g;
	c->has_price = e.has_price;
	c->price_cents = e.price_minor;
	return c->has_weight || c->has_price;
}

int64_t label_code_milli(const struct label_code *c, const char *unit)
{
	return strcmp(unit, "g") == 0 ? c->weight_g * QUANTITY_MILLI : c->weight_g;
}
