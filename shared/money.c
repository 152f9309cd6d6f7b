/* money: see money.h. */
#include "shared/money.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static enum qt_err in_range(__int128 v, int64_t *r)
{
	if (v > MONEY_MAX || v < -MONEY_MAX)
		return QT_OVERFLOW;
	*r = (int64_t)v;
	return QT_OK;
}

enum qt_err money_add(int64_t a, int64_t b, int64_t *r)
{
	return in_range((__int128)a + b, r);
}

enum qt_err money_sub(int64_t a, int64_t b, int64_t *r)
{
	return in_range((__int128)a - b, r);
}

enum qt_err money_mul(int64_t a, int64_t b, int64_t *r)
{
	return in_range((__int128)a * b, r);
}

enum qt_err money_ratio(int64_t amount, int64_t num, int64_t den, int64_t *r)
{
	if (den <= 0)
		return QT_BAD_REQUEST;
	__int128 p = (__int128)amount * num;
	__int128 half = den / 2 + (den & 1); /* p/den >= n + 1/2 exactly when remainder >= ceil(den/2) */
	__int128 q = (p < 0 ? -p : p) / den;
	if ((p < 0 ? -p : p) % den >= half)
		q++;
	return in_range(p < 0 ? -q : q, r);
}

enum qt_err money_share_down(int64_t amount, int64_t rate_bp, int64_t *r)
{
	return in_range((__int128)amount * rate_bp / 10000, r);
}

enum qt_err money_split(int64_t total, const int64_t *weights, int n, int64_t *parts)
{
	__int128 sum = 0;
	int64_t given = 0;

	if (total < 0 || total > MONEY_MAX || n < 1)
		return QT_BAD_REQUEST;
	for (int i = 0; i < n; i++) {
		if (weights[i] < 0)
			return QT_BAD_REQUEST;
		sum += weights[i];
	}
	if (sum == 0 || sum > MONEY_MAX)
		return QT_BAD_REQUEST;
	for (int i = 0; i < n; i++) {
		parts[i] = (int64_t)((__int128)total * weights[i] / sum);
		given += parts[i];
	}
	/* What is left is smaller than n: one unit each to the largest remainders, found one by one. */
	for (int64_t left = total - given; left > 0; left--) {
		int best = -1;
		__int128 best_rest = -1;
		for (int i = 0; i < n; i++) {
			__int128 share = (__int128)total * weights[i];
			__int128 rest = share - (__int128)parts[i] * sum;
			if (rest > best_rest) {
				best = i;
				best_rest = rest;
			}
		}
		parts[best]++;
	}
	return QT_OK;
}

/* ISO 4217, the currencies of the places qrtill is used in. */
static const struct currency currencies[] = {
	{ 840, "USD", 2, "$" },   { 978, "EUR", 2, "€" },   { 156, "CNY", 2, "¥" },   { 826, "GBP", 2, "£" },
	{ 392, "JPY", 0, "¥" },   { 756, "CHF", 2, "CHF" }, { 344, "HKD", 2, "HK$" }, { 901, "TWD", 2, "NT$" },
	{ 702, "SGD", 2, "S$" },  { 410, "KRW", 0, "₩" },   { 124, "CAD", 2, "C$" },  { 36, "AUD", 2, "A$" },
	{ 554, "NZD", 2, "NZ$" }, { 356, "INR", 2, "₹" },   { 458, "MYR", 2, "RM" },  { 764, "THB", 2, "฿" },
	{ 360, "IDR", 2, "Rp" },  { 608, "PHP", 2, "₱" },   { 704, "VND", 0, "₫" },   { 446, "MOP", 2, "MOP$" },
	{ 986, "BRL", 2, "R$" },  { 484, "MXN", 2, "MX$" }, { 752, "SEK", 2, "kr" },  { 578, "NOK", 2, "kr" },
	{ 208, "DKK", 2, "kr" },  { 985, "PLN", 2, "zł" },  { 203, "CZK", 2, "Kč" },  { 414, "KWD", 3, "KD" },
	{ 784, "AED", 2, "AED" }, { 710, "ZAR", 2, "R" },   { 949, "TRY", 2, "₺" },
};

const struct currency *currency_by_numeric(int64_t numeric)
{
	for (size_t i = 0; i < sizeof currencies / sizeof *currencies; i++)
		if (currencies[i].numeric == numeric)
			return &currencies[i];
	return NULL;
}

const struct currency *currency_by_alpha(const char *alpha)
{
	for (size_t i = 0; i < sizeof currencies / sizeof *currencies; i++)
		if (strcmp(currencies[i].alpha, alpha) == 0)
			return &currencies[i];
	return NULL;
}

static int unit_digits(int64_t unit)
{
	if (unit >= UNIT_POINTS_BASE)
		return 0;
	const struct currency *c = currency_by_numeric(unit);
	return c ? c->digits : 2;
}

char *money_format(int64_t amount, int64_t unit, char *out, size_t size)
{
	int digits = unit_digits(unit);
	uint64_t a = amount < 0 ? 0 - (uint64_t)amount : (uint64_t)amount;
	uint64_t scale = 1;

	for (int i = 0; i < digits; i++)
		scale *= 10;
	if (digits == 0)
		snprintf(out, size, "%s%" PRIu64, amount < 0 ? "-" : "", a);
	else
		snprintf(out, size, "%s%" PRIu64 ".%0*" PRIu64, amount < 0 ? "-" : "", a / scale, digits, a % scale);
	return out;
}

enum qt_err money_parse(const char *text, int64_t unit, int64_t *amount)
{
	int digits = unit_digits(unit), places = -1;
	int64_t v = 0;
	bool negative = *text == '-', any = false;

	for (const char *p = text + negative; *p; p++) {
		if ((*p == '.' || *p == ',') && places < 0 && any) {
			places = 0;
			continue;
		}
		if (*p < '0' || *p > '9' || (places >= 0 && places == digits))
			return QT_BAD_FIELD;
		v = v * 10 + (*p - '0');
		any = true;
		if (places >= 0)
			places++;
		if (v > MONEY_MAX)
			return QT_OVERFLOW;
	}
	if (!any || places == 0)
		return QT_BAD_FIELD;
	for (int i = places < 0 ? 0 : places; i < digits; i++) {
		v *= 10;
		if (v > MONEY_MAX)
			return QT_OVERFLOW;
	}
	*amount = negative ? -v : v;
	return QT_OK;
}
