/* ean: see ean.h; GS1 element strings are in gs1.c. */
#include "shared/ean.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static const char *const kind_names[] = { "EAN-13", "EAN-8", "UPC-A", "UPC-E", "GTIN-14" };

const char *ean_kind_name(enum ean_kind kind)
{
	return kind_names[kind];
}

int ean_check_digit(const char *digits, int n)
{
	int sum = 0;

	for (int i = 0; i < n; i++)
		sum += (digits[n - 1 - i] - '0') * (i % 2 == 0 ? 3 : 1);
	return (10 - sum % 10) % 10;
}

static bool check_digit_fits(const char *digits, int n)
{
	return ean_check_digit(digits, n - 1) == digits[n - 1] - '0';
}

/* UPC-E (number system, six digits, check digit) as the UPC-A it is short for. */
static bool expand_upc_e(const char *e, char a[13])
{
	const char *d = e + 1;

	if (e[0] != '0' && e[0] != '1')
		return false;
	if (d[5] <= '2')
		snprintf(a, 13, "%c%.2s%c0000%.3s%c", e[0], d, d[5], d + 2, e[7]);
	else if (d[5] == '3')
		snprintf(a, 13, "%c%.3s00000%.2s%c", e[0], d, d + 3, e[7]);
	else if (d[5] == '4')
		snprintf(a, 13, "%c%.4s00000%c%c", e[0], d, d[4], e[7]);
	else
		snprintf(a, 13, "%c%.5s0000%c%c", e[0], d, d[5], e[7]);
	return check_digit_fits(a, 12);
}

static bool pattern_is_good(const char *pattern, size_t len)
{
	size_t items = 0, weights = 0, prices = 0, fixed = 0;

	if (len != 13 || pattern[12] != 'C')
		return false;
	for (size_t i = 0; i < 12; i++) {
		items += pattern[i] == 'I';
		weights += pattern[i] == 'W';
		prices += pattern[i] == 'P';
		fixed += isdigit((unsigned char)pattern[i]) || pattern[i] == 'V';
	}
	return items + weights + prices + fixed == 12 && items > 0 && (weights == 0 || prices == 0) &&
	       isdigit((unsigned char)pattern[0]) && isdigit((unsigned char)pattern[1]);
}

enum qt_err ean_check_patterns(const char *patterns, struct problem *p)
{
	for (const char *at = patterns; *at;) {
		size_t len = strcspn(at, ",");
		if (!pattern_is_good(at, len))
			return problem_set(p, QT_BAD_FIELD, "pattern", "\"%.*s\" must be 13 of: digits, I, W or P, V; then C; "
			                   "two digits first", (int)len, at);
		at += len + (at[len] == ',');
	}
	return QT_OK;
}

static bool pattern_matches(const char *pattern, const char *number)
{
	for (int i = 0; i < 12; i++)
		if (isdigit((unsigned char)pattern[i]) && pattern[i] != number[i])
			return false;
	return true;
}

/* Take weight or price out of a 13-digit in-store number by the first pattern that fits. */
static void read_in_store(struct ean *e, const char *patterns)
{
	for (const char *at = patterns; *at;) {
		size_t len = strcspn(at, ",");
		if (pattern_is_good(at, len) && pattern_matches(at, e->number)) {
			int64_t value = 0;
			bool any = false;
			memcpy(e->item, e->number, 12);
			e->item[12] = '\0';
			for (int i = 0; i < 12; i++) {
				if (at[i] == 'W' || at[i] == 'P') {
					value = value * 10 + (e->number[i] - '0');
					any = true;
					e->has_weight = at[i] == 'W';
					e->has_price = at[i] == 'P';
				}
				if (at[i] == 'W' || at[i] == 'P' || at[i] == 'V')
					e->item[i] = '0';
			}
			if (!any)
				memcpy(e->item, e->number, 14);
			if (e->has_weight)
				e->weight_g = value;
			if (e->has_price)
				e->price_minor = value;
			return;
		}
		at += len + (at[len] == ',');
	}
}

static bool is_in_store(const struct ean *e)
{
	const char *n = e->number;

	if (e->kind == EAN_8)
		return n[0] == '0' || n[0] == '2';
	if (e->kind == EAN_GTIN_14)
		return false;
	return n[0] == '2' || (n[0] == '0' && (n[1] == '2' || n[1] == '4'));
}

enum qt_err ean_read(const char *text, const char *patterns, struct ean *e, struct problem *p)
{
	size_t len = strlen(text);
	char upc[13];

	memset(e, 0, sizeof *e);
	if (strspn(text, "0123456789") != len || (len != 8 && len != 12 && len != 13 && len != 14))
		return problem_set(p, QT_BAD_CODE, "ean", "must be 8, 12, 13 or 14 digits");
	memcpy(e->digits, text, len + 1);
	bool fits = check_digit_fits(text, (int)len);
	if (len == 8 && !fits && expand_upc_e(text, upc)) {
		e->kind = EAN_UPC_E;
		snprintf(e->number, sizeof e->number, "0%s", upc);
		fits = true;
	} else if (len == 12) {
		e->kind = EAN_UPC_A;
		snprintf(e->number, sizeof e->number, "0%.12s", text);
	} else {
		e->kind = len == 8 ? EAN_8 : len == 13 ? EAN_13 : EAN_GTIN_14;
		memcpy(e->number, text, len + 1);
	}
	if (!fits)
		return problem_set(p, QT_BAD_CODE, "check-digit", "is %c, must be %d", text[len - 1],
		                   ean_check_digit(text, (int)len - 1));
	memcpy(e->item, e->number, sizeof e->item);
	e->in_store = is_in_store(e);
	if (e->in_store && e->kind != EAN_8)
		read_in_store(e, patterns ? patterns : EAN_PATTERNS_DEFAULT);
	return QT_OK;
}

enum qt_err ean_make_in_store(const char *pattern, int64_t item, int64_t value, char out[14], struct problem *p)
{
	if (!pattern_is_good(pattern, strlen(pattern)))
		return ean_check_patterns(pattern, p) == QT_OK ?
		       problem_set(p, QT_BAD_FIELD, "pattern", "exactly one is needed") : QT_BAD_FIELD;
	if (item < 0 || value < 0)
		return problem_set(p, QT_OUT_OF_RANGE, item < 0 ? "item" : "value", "must not be negative");
	for (int i = 11; i >= 0; i--) {
		int64_t *from = pattern[i] == 'I' ? &item : pattern[i] == 'W' || pattern[i] == 'P' ? &value : NULL;
		out[i] = from ? (char)('0' + *from % 10) : pattern[i] == 'V' ? '0' : pattern[i];
		if (from)
			*from /= 10;
	}
	if (item != 0 || value != 0)
		return problem_set(p, QT_OUT_OF_RANGE, item ? "item" : "value", "has more digits than the pattern");
	out[12] = (char)('0' + ean_check_digit(out, 12));
	out[13] = '\0';
	return QT_OK;
}

const char *aim_symbology(const char *text, const char **rest)
{
	static const struct { const char *prefix, *name; } prefixes[] = {
		{ "]E0", "EAN-13" },     { "]E3", "EAN-13 with add-on" }, { "]E4", "EAN-8" },   { "]C0", "Code 128" },
		{ "]C1", "GS1-128" },    { "]A0", "Code 39" },            { "]G0", "Code 93" }, { "]F0", "Codabar" },
		{ "]I0", "ITF" },        { "]I1", "ITF" },                { "]e0", "GS1 DataBar" },
		{ "]Q0", "QR" },         { "]Q1", "QR" },                 { "]Q3", "GS1 QR" },  { "]d1", "DataMatrix" },
		{ "]d2", "GS1 DataMatrix" }, { "]L0", "PDF417" },
	};
	for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
		if (strncmp(text, prefixes[i].prefix, 3) == 0) {
			*rest = text + 3;
			return prefixes[i].name;
		}
	*rest = text;
	return NULL;
}

bool aim_is_gs1(const char *text)
{
	static const char *const prefixes[] = { "]C1", "]e0", "]d2", "]Q3" };

	for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
		if (strncmp(text, prefixes[i], 3) == 0)
			return true;
	return false;
}
