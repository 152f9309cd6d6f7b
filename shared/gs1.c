/* gs1: element strings of the GS1 General Specifications (declared in ean.h). */
#include "shared/ean.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FNC1 '\x1d'

enum gs1_shape { GS1_TEXT, GS1_DIGITS, GS1_DATE, GS1_GTIN };

/* Application identifiers a till meets. `n` in an AI stands for any digit (the number of decimals). */
static const struct ai_rule {
	const char *ai;
	enum gs1_shape shape;
	int min, max;     /* characters of the value */
	bool predefined;  /* its length is fixed by its first two digits: no FNC1 follows */
	const char *en, *zh;
} rules[] = {
	{ "00", GS1_DIGITS, 18, 18, true, "shipping container", "物流单元" },
	{ "01", GS1_GTIN, 14, 14, true, "item", "商品" },
	{ "02", GS1_GTIN, 14, 14, true, "contained item", "内含商品" },
	{ "10", GS1_TEXT, 1, 20, false, "batch", "批号" },
	{ "11", GS1_DATE, 6, 6, true, "made on", "生产日期" },
	{ "13", GS1_DATE, 6, 6, true, "packed on", "包装日期" },
	{ "15", GS1_DATE, 6, 6, true, "best before", "最佳食用日期" },
	{ "16", GS1_DATE, 6, 6, true, "sell by", "销售截止日期" },
	{ "17", GS1_DATE, 6, 6, true, "expires on", "有效期" },
	{ "20", GS1_DIGITS, 2, 2, true, "variant", "变体" },
	{ "21", GS1_TEXT, 1, 20, false, "serial number", "序列号" },
	{ "240", GS1_TEXT, 1, 30, false, "maker's item", "厂商货号" },
	{ "30", GS1_DIGITS, 1, 8, false, "count", "数量" },
	{ "310n", GS1_DIGITS, 6, 6, true, "net weight, kg", "净重（千克）" },
	{ "320n", GS1_DIGITS, 6, 6, true, "net weight, lb", "净重（磅）" },
	{ "330n", GS1_DIGITS, 6, 6, true, "gross weight, kg", "毛重（千克）" },
	{ "37", GS1_DIGITS, 1, 8, false, "contained count", "内含数量" },
	{ "390n", GS1_DIGITS, 1, 15, false, "amount due", "应付金额" },
	{ "391n", GS1_DIGITS, 4, 18, false, "amount due with currency", "应付金额与币种" },
	{ "392n", GS1_DIGITS, 1, 15, false, "price", "价格" },
	{ "393n", GS1_DIGITS, 4, 18, false, "price with currency", "价格与币种" },
	{ "414", GS1_DIGITS, 13, 13, true, "place", "地点" },
	{ "415", GS1_DIGITS, 13, 13, true, "invoicing party", "开票方" },
	{ "422", GS1_DIGITS, 3, 3, false, "country of origin", "原产国" },
	{ "8005", GS1_DIGITS, 6, 6, false, "unit price", "单价" },
	{ "8008", GS1_DIGITS, 8, 12, false, "made at", "生产时间" },
	{ "8018", GS1_DIGITS, 18, 18, false, "service relation", "服务关系" },
	{ "8020", GS1_TEXT, 1, 25, false, "payment slip", "缴费单号" },
	{ "9n", GS1_TEXT, 1, 90, false, "company data", "企业内部数据" },
};

static const struct ai_rule *find_rule(const char *text, size_t *ai_len)
{
	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
		size_t len = strlen(rules[i].ai), k = 0;
		while (k < len && (rules[i].ai[k] == 'n' ? isdigit((unsigned char)text[k]) : rules[i].ai[k] == text[k]))
			k++;
		if (k == len) {
			*ai_len = len;
			return &rules[i];
		}
	}
	return NULL;
}

static bool value_fits(const struct ai_rule *rule, const char *value, size_t len)
{
	if ((int)len < rule->min || (int)len > rule->max)
		return false;
	for (size_t i = 0; i < len; i++)
		if (rule->shape == GS1_TEXT ? value[i] < 0x21 || value[i] > 0x7e : !isdigit((unsigned char)value[i]))
			return false;
	if (rule->shape == GS1_GTIN)
		return ean_check_digit(value, 13) == value[13] - '0';
	if (rule->shape == GS1_DATE) {
		int month = (value[2] - '0') * 10 + value[3] - '0', day = (value[4] - '0') * 10 + value[5] - '0';
		return month >= 1 && month <= 12 && day <= 31; /* day 00: the whole month */
	}
	return true;
}

/* `decimals` of the AI's last digit, as a count in 10^-want: 310n in kg to grams. -1 when it does not divide. */
static int64_t scaled(const char *value, int decimals, int want)
{
	int64_t v = strtoll(value, NULL, 10);

	for (; decimals < want; decimals++)
		v *= 10;
	for (; decimals > want; decimals--) {
		if (v % 10 != 0)
			return -1;
		v /= 10;
	}
	return v;
}

static void keep_known(struct gs1 *g, const char *ai, const char *value)
{
	int decimals = ai[strlen(ai) - 1] - '0';

	if (strcmp(ai, "01") == 0 || strcmp(ai, "02") == 0)
		snprintf(g->gtin, sizeof g->gtin, "%.14s", value);
	else if (strncmp(ai, "310", 3) == 0 && decimals <= 6)
		g->weight_g = scaled(value, decimals, 3);
	else if (strncmp(ai, "392", 3) == 0 && decimals <= 3)
		g->price_minor = scaled(value, decimals, 2);
}

enum qt_err gs1_read(const char *text, struct gs1 *g, struct problem *p)
{
	const char *at = text;
	bool bracketed = *text == '(';

	memset(g, 0, sizeof *g);
	g->weight_g = g->price_minor = -1;
	while (*at == FNC1)
		at++;
	if (*at == '\0')
		return problem_set(p, QT_BAD_CODE, "gs1", "is empty");
	while (*at) {
		size_t ai_len = 0, len;
		char ai[8];
		at += bracketed && *at == '(';
		const struct ai_rule *rule = find_rule(at, &ai_len);
		if (rule == NULL || g->count == GS1_ELEMENTS_MAX)
			return problem_set(p, QT_BAD_CODE, "gs1", "no application identifier at byte %d", (int)(at - text));
		snprintf(ai, sizeof ai, "%.*s", (int)ai_len, at);
		at += ai_len;
		if (bracketed && *at++ != ')')
			return problem_set(p, QT_BAD_CODE, ai, "the bracket does not close");
		len = bracketed ? strcspn(at, "(") : rule->predefined ? strnlen(at, (size_t)rule->max) : strcspn(at, "\x1d");
		if (!value_fits(rule, at, len))
			return problem_set(p, QT_BAD_CODE, ai, "%s: the value is not right", rule->en);
		snprintf(g->elements[g->count].ai, sizeof g->elements[0].ai, "%.4s", ai);
		snprintf(g->elements[g->count].value, GS1_VALUE_MAX, "%.*s", (int)len, at);
		g->elements[g->count].en = rule->en;
		g->elements[g->count].zh = rule->zh;
		keep_known(g, ai, g->elements[g->count].value);
		g->count++;
		at += len;
		while (*at == FNC1)
			at++;
	}
	return QT_OK;
}
