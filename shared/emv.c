/* emv: see emv.h. */
#include "shared/emv.h"

#include "shared/money.h"
#include "shared/text.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum shape { SHAPE_TEXT, SHAPE_DIGITS, SHAPE_LETTERS, SHAPE_AMOUNT, SHAPE_RATE, SHAPE_HEX };

/* What is known of a field. Paths of the root and of templates; `x` stands for any digit. */
static const struct field_rule {
	const char *path, *en, *zh;
	enum shape shape;
	int min, max; /* characters */
	bool required, is_template;
} rules[] = {
	{ "00", "payload format", "格式版本", SHAPE_DIGITS, 2, 2, true },
	{ "01", "use", "使用方式", SHAPE_DIGITS, 2, 2 },
	{ "52", "merchant category", "商户类别", SHAPE_DIGITS, 4, 4, true },
	{ "53", "currency", "币种", SHAPE_DIGITS, 3, 3, true },
	{ "54", "amount", "金额", SHAPE_AMOUNT, 1, 13 },
	{ "55", "tip", "小费", SHAPE_DIGITS, 2, 2 },
	{ "56", "fixed fee", "固定附加费", SHAPE_AMOUNT, 1, 13 },
	{ "57", "percentage fee", "附加费比例", SHAPE_RATE, 1, 5 },
	{ "58", "country", "国家", SHAPE_LETTERS, 2, 2, true },
	{ "59", "merchant name", "商户名称", SHAPE_TEXT, 1, 25, true },
	{ "60", "city", "城市", SHAPE_TEXT, 1, 15, true },
	{ "61", "postcode", "邮编", SHAPE_TEXT, 1, 10 },
	{ "62", "additional data", "附加数据", SHAPE_TEXT, 1, 99, false, true },
	{ "62.01", "bill", "账单号", SHAPE_TEXT, 1, 25 },
	{ "62.02", "mobile number", "手机号", SHAPE_TEXT, 1, 25 },
	{ "62.03", "store", "门店", SHAPE_TEXT, 1, 25 },
	{ "62.04", "loyalty number", "会员号", SHAPE_TEXT, 1, 25 },
	{ "62.05", "reference", "参考号", SHAPE_TEXT, 1, 25 },
	{ "62.06", "customer", "客户", SHAPE_TEXT, 1, 25 },
	{ "62.07", "terminal", "终端", SHAPE_TEXT, 1, 25 },
	{ "62.08", "purpose", "用途", SHAPE_TEXT, 1, 25 },
	{ "62.09", "asks for", "需要客户提供", SHAPE_TEXT, 1, 3 },
	{ "62.10", "merchant tax id", "商户税号", SHAPE_TEXT, 1, 20 },
	{ "62.11", "channel", "渠道", SHAPE_TEXT, 3, 3 },
	{ "62.[5-9]x", "payment system data", "支付系统数据", SHAPE_TEXT, 1, 99, false, true },
	{ "62.[5-9]x.00", "GUID", "标识", SHAPE_TEXT, 1, 32 },
	{ "63", "checksum", "校验和", SHAPE_HEX, 4, 4, true },
	{ "64", "second language", "第二语言", SHAPE_TEXT, 1, 99, false, true },
	{ "64.00", "language", "语言", SHAPE_LETTERS, 2, 2 },
	{ "64.01", "merchant name", "商户名称", SHAPE_TEXT, 1, 25 },
	{ "64.02", "city", "城市", SHAPE_TEXT, 1, 15 },
	{ "0[2-3]", "Visa account", "Visa 商户账号", SHAPE_TEXT, 1, 99 },
	{ "0[4-5]", "Mastercard account", "Mastercard 商户账号", SHAPE_TEXT, 1, 99 },
	{ "0[6-8]", "EMVCo account", "EMVCo 商户账号", SHAPE_TEXT, 1, 99 },
	{ "0[9-9]", "Discover account", "Discover 商户账号", SHAPE_TEXT, 1, 99 },
	{ "1[0-0]", "Discover account", "Discover 商户账号", SHAPE_TEXT, 1, 99 },
	{ "1[1-2]", "American Express account", "美国运通商户账号", SHAPE_TEXT, 1, 99 },
	{ "1[3-4]", "JCB account", "JCB 商户账号", SHAPE_TEXT, 1, 99 },
	{ "1[5-6]", "UnionPay account", "银联商户账号", SHAPE_TEXT, 1, 99 },
	{ "1[7-9]", "merchant account", "商户账号", SHAPE_TEXT, 1, 99 },
	{ "2[0-5]", "merchant account", "商户账号", SHAPE_TEXT, 1, 99 },
	{ "2[6-9]", "merchant account", "商户账号", SHAPE_TEXT, 1, 99, false, true },
	{ "[3-4]x", "merchant account", "商户账号", SHAPE_TEXT, 1, 99, false, true },
	{ "5[0-1]", "merchant account", "商户账号", SHAPE_TEXT, 1, 99, false, true },
	{ "[2-5]x.00", "GUID", "标识", SHAPE_TEXT, 1, 32 },
	{ "[8-9]x", "private data", "私有数据", SHAPE_TEXT, 1, 99, false, true },
	{ "[8-9]x.00", "GUID", "标识", SHAPE_TEXT, 1, 32 },
	{ "xx", "reserved", "保留", SHAPE_TEXT, 1, 99 },
	{ "xx.xx", "data", "数据", SHAPE_TEXT, 1, 99 },
	{ "xx.xx.xx", "data", "数据", SHAPE_TEXT, 1, 99 },
};
#define RULE_COUNT (sizeof rules / sizeof *rules)

static bool path_matches(const char *pattern, const char *path)
{
	for (; *pattern; path++) {
		if (*pattern == '[') {
			if (*path < pattern[1] || *path > pattern[3])
				return false;
			pattern += 5;
		} else {
			if (*pattern == 'x' ? !isdigit((unsigned char)*path) : *pattern != *path)
				return false;
			pattern++;
		}
	}
	return *path == '\0';
}

static const struct field_rule *rule_of(const char *path)
{
	for (size_t i = 0; i < RULE_COUNT; i++)
		if (path_matches(rules[i].path, path))
			return &rules[i];
	return NULL;
}

uint16_t emv_crc(const void *data, size_t len)
{
	const uint8_t *p = data;
	uint16_t crc = 0xffff;

	for (size_t i = 0; i < len; i++) {
		crc ^= (uint16_t)(p[i] << 8);
		for (int bit = 0; bit < 8; bit++)
			crc = (uint16_t)(crc & 0x8000 ? crc << 1 ^ 0x1021 : crc << 1);
	}
	return crc;
}

bool emv_looks_like(const char *text)
{
	return strncmp(text, "000201", 6) == 0;
}

const char *emv_value(const struct emv *e, const char *path)
{
	for (int i = 0; i < e->field_count; i++)
		if (strcmp(e->fields[i].path, path) == 0)
			return e->fields[i].value;
	return NULL;
}

static bool all_of(const char *value, int (*test)(int))
{
	for (; *value; value++)
		if (!test((unsigned char)*value))
			return false;
	return true;
}

static bool is_decimal(const char *value, int places_max)
{
	size_t whole = strspn(value, "0123456789");
	if (whole == 0)
		return false;
	if (value[whole] == '\0')
		return true;
	size_t part = strspn(value + whole + 1, "0123456789");
	return value[whole] == '.' && value[whole + 1 + part] == '\0' && (int)part <= places_max;
}

static enum qt_err check_shape(const struct field_rule *rule, const char *path, const char *value, int characters,
                               struct problem *p)
{
	if (characters < rule->min || characters > rule->max)
		return problem_set(p, QT_BAD_CODE, path, "%s: %d characters, must be %d to %d", rule->en, characters, rule->min,
		                   rule->max);
	bool good = true;
	const char *want = "";
	switch (rule->shape) {
	case SHAPE_TEXT: good = !text_has_controls(value, strlen(value)); want = "text without control characters"; break;
	case SHAPE_DIGITS: good = all_of(value, isdigit); want = "digits"; break;
	case SHAPE_LETTERS: good = all_of(value, isalpha); want = "letters"; break;
	case SHAPE_AMOUNT: good = is_decimal(value, 12); want = "an amount with a point"; break;
	case SHAPE_RATE: good = is_decimal(value, 2); want = "a percentage"; break;
	case SHAPE_HEX: good = all_of(value, isxdigit); want = "four hexadecimal digits"; break;
	}
	return good ? QT_OK : problem_set(p, QT_BAD_CODE, path, "%s: must be %s", rule->en, want);
}

/* Bytes of the first `characters` characters; -1 when the text is shorter or not UTF-8. */
static long bytes_of(const char *text, size_t len, int characters)
{
	size_t at = 0;

	while (characters-- > 0) {
		size_t n = at < len ? text_utf8_length(text + at, len - at) : 0;
		if (n == 0)
			return -1;
		at += n;
	}
	return (long)at;
}

static const char *store(struct emv *e, const char *value, size_t len)
{
	if (e->store_used + len + 1 > sizeof e->text_store)
		return NULL;
	char *at = e->text_store + e->store_used;
	memcpy(at, value, len);
	at[len] = '\0';
	e->store_used += len + 1;
	return at;
}

/* Objects of one level; `prefix` is "" or the template's path. */
static enum qt_err read_level(struct emv *e, const char *text, size_t len, const char *prefix, int depth,
                              struct problem *p)
{
	bool seen[100] = { false };
	size_t at = 0;

	while (at < len) {
		char path[12];
		const char *o = text + at;
		if (len - at < 4 || !isdigit((unsigned char)o[0]) || !isdigit((unsigned char)o[1]))
			return problem_set(p, QT_BAD_CODE, *prefix ? prefix : "emv", "no object at byte %zu", at);
		snprintf(path, sizeof path, "%s%s%.2s", prefix, *prefix ? "." : "", o);
		if (!isdigit((unsigned char)o[2]) || !isdigit((unsigned char)o[3]))
			return problem_set(p, QT_BAD_CODE, path, "its length is not two digits");
		int id = (o[0] - '0') * 10 + o[1] - '0', characters = (o[2] - '0') * 10 + o[3] - '0';
		if (seen[id])
			return problem_set(p, QT_BAD_CODE, path, "is there twice");
		seen[id] = true;
		long bytes = bytes_of(o + 4, len - at - 4, characters);
		if (bytes < 0)
			return problem_set(p, QT_BAD_CODE, path, "%d characters announced, the text ends before", characters);
		const struct field_rule *rule = rule_of(path);
		const char *value = store(e, o + 4, (size_t)bytes);
		if (rule == NULL || value == NULL || e->field_count == EMV_FIELDS_MAX)
			return problem_set(p, QT_BAD_CODE, path, "too many objects");
		e->fields[e->field_count++] = (struct emv_field){ .en = rule->en, .zh = rule->zh,
			.value = rule->is_template ? "" : value, .is_template = rule->is_template };
		memcpy(e->fields[e->field_count - 1].path, path, sizeof path);
		enum qt_err err = check_shape(rule, path, value, characters, p);
		if (err == QT_OK && rule->is_template && depth < 3)
			err = read_level(e, o + 4, (size_t)bytes, path, depth + 1, p);
		if (err != QT_OK)
			return err;
		at += 4 + (size_t)bytes;
	}
	return QT_OK;
}

/* An amount such as "23.75", "23" or "23." in minor units. */
static enum qt_err read_amount(struct emv *e, const char *path, int64_t *out, struct problem *p)
{
	const char *value = emv_value(e, path);
	char digits[16];

	snprintf(digits, sizeof digits, "%s", value);
	size_t n = strlen(digits);
	if (n > 0 && digits[n - 1] == '.')
		digits[n - 1] = '\0';
	if (strchr(digits, ',') || money_parse(digits, e->currency, out) != QT_OK)
		return problem_set(p, QT_BAD_CODE, path, "\"%s\" is no amount of currency %03d", value, e->currency);
	return QT_OK;
}

/* What one field demands of another. */
static enum qt_err check_fields(struct emv *e, struct problem *p)
{
	const char *use = emv_value(e, "01"), *tip = emv_value(e, "55");
	bool account = false;
	int64_t fee;

	for (size_t i = 0; i < RULE_COUNT; i++)
		if (rules[i].required && emv_value(e, rules[i].path) == NULL)
			return problem_set(p, QT_BAD_CODE, rules[i].path, "%s is missing", rules[i].en);
	for (int i = 0; i < e->field_count; i++)
		account = account || (strlen(e->fields[i].path) == 2 && atoi(e->fields[i].path) >= 2 &&
		                      atoi(e->fields[i].path) <= 51);
	if (!account)
		return problem_set(p, QT_BAD_CODE, "26", "no merchant account (02 to 51)");
	for (int i = 0; i < e->field_count; i++) {
		char guid[16];
		snprintf(guid, sizeof guid, "%s.00", e->fields[i].path);
		bool needs = e->fields[i].is_template && e->fields[i].path[0] != '6';
		if (needs && emv_value(e, guid) == NULL)
			return problem_set(p, QT_BAD_CODE, guid, "the template has no GUID");
	}
	if (use && strcmp(use, "11") != 0 && strcmp(use, "12") != 0)
		return problem_set(p, QT_BAD_CODE, "01", "must be 11 (static) or 12 (dynamic)");
	e->dynamic = use && use[1] == '2';
	if (currency_by_numeric(e->currency) == NULL)
		return problem_set(p, QT_BAD_CODE, "53", "currency %03d is not known", e->currency);
	if (emv_value(e, "54")) {
		enum qt_err err = read_amount(e, "54", &e->amount_minor, p);
		if (err != QT_OK)
			return err;
		if (e->amount_minor == 0)
			return problem_set(p, QT_BAD_CODE, "54", "the amount must not be zero");
	}
	if (tip && (strlen(tip) != 2 || tip[0] != '0' || tip[1] < '1' || tip[1] > '3'))
		return problem_set(p, QT_BAD_CODE, "55", "must be 01, 02 or 03");
	if ((emv_value(e, "56") != NULL) != (tip && tip[1] == '2'))
		return problem_set(p, QT_BAD_CODE, "56", "belongs with 55 being 02, and only then");
	if ((emv_value(e, "57") != NULL) != (tip && tip[1] == '3'))
		return problem_set(p, QT_BAD_CODE, "57", "belongs with 55 being 03, and only then");
	return emv_value(e, "56") ? read_amount(e, "56", &fee, p) : QT_OK;
}

enum qt_err emv_read(const char *text, struct emv *e, struct problem *p)
{
	size_t len = strlen(text);

	memset(e, 0, sizeof *e);
	if (!text_is_utf8(text, len))
		return problem_set(p, QT_NOT_UTF8, "emv", NULL);
	if (len > EMV_TEXT_MAX * 4 || bytes_of(text, len, EMV_TEXT_MAX + 1) >= 0)
		return problem_set(p, QT_BAD_CODE, "emv", "more than %d characters", EMV_TEXT_MAX);
	if (!emv_looks_like(text))
		return problem_set(p, QT_BAD_CODE, "00", "the text must begin with 000201");
	enum qt_err err = read_level(e, text, len, "", 1, p);
	const char *currency = emv_value(e, "53");
	if (currency && all_of(currency, isdigit))
		e->currency = atoi(currency);
	if (err != QT_OK)
		return err;
	if (emv_value(e, "63") != NULL && strcmp(e->fields[e->field_count - 1].path, "63") != 0)
		return problem_set(p, QT_BAD_CODE, "63", "the checksum must come last");
	if (emv_value(e, "63") != NULL) {
		char want[8];
		snprintf(want, sizeof want, "%04X", emv_crc(text, len - 4));
		e->crc_ok = strcmp(want, emv_value(e, "63")) == 0;
		if (!e->crc_ok)
			return problem_set(p, QT_BAD_CODE, "63", "the checksum is %s, must be %s", emv_value(e, "63"), want);
	}
	return check_fields(e, p);
}

static int by_path(const void *a, const void *b)
{
	const struct emv_part *x = a, *y = b;
	return strcmp(x->path, y->path);
}

static bool put_object(struct buf *out, const char *id, const struct buf *value)
{
	int characters = 0;
	const char *data = value->data ? value->data : "";

	for (size_t at = 0; at < value->len; characters++) {
		size_t n = text_utf8_length(data + at, value->len - at);
		if (n == 0)
			return false;
		at += n;
	}
	if (characters > 99)
		return false;
	buf_addf(out, "%.2s%02d", id, characters);
	buf_add(out, data, value->len);
	return true;
}

/* All parts whose path begins with the same `depth` ids form one object. Parts are sorted. */
static enum qt_err write_level(struct buf *out, const struct emv_part *parts, int count, size_t from, struct problem *p)
{
	for (int i = 0, n; i < count; i += n) {
		const char *path = parts[i].path;
		struct buf value = { 0 };
		enum qt_err err = QT_OK;
		if (!isdigit((unsigned char)path[from]) || !isdigit((unsigned char)path[from + 1]) ||
		    (path[from + 2] != '\0' && path[from + 2] != '.') || strlen(path) > 8)
			return problem_set(p, QT_BAD_FIELD, path, "is no path such as 54 or 62.07");
		for (n = 1; i + n < count && strncmp(parts[i + n].path, path, from + 2) == 0; n++)
			;
		if (path[from + 2] == '.')
			err = write_level(&value, parts + i, n, from + 3, p);
		else if (n > 1)
			err = problem_set(p, QT_DOUBLE_FIELD, path, "is given twice");
		else
			buf_adds(&value, parts[i].value);
		if (err == QT_OK && !put_object(out, path + from, &value))
			err = problem_set(p, QT_TOO_LONG, path, "must be UTF-8 of at most 99 characters");
		buf_free(&value);
		if (err != QT_OK)
			return err;
	}
	return QT_OK;
}

enum qt_err emv_make(const struct emv_part *given, int count, char out[EMV_TEXT_MAX * 4], struct problem *p)
{
	struct emv_part *parts = xcalloc((size_t)count + 1, sizeof *parts);
	struct emv *check = xmalloc(sizeof *check);
	struct buf b = { 0 };

	memcpy(parts, given, (size_t)count * sizeof *parts);
	qsort(parts, (size_t)count, sizeof *parts, by_path);
	buf_adds(&b, "000201");
	enum qt_err err = write_level(&b, parts, count, 0, p);
	if (err != QT_OK)
		goto out;
	buf_adds(&b, "6304");
	buf_addf(&b, "%04X", emv_crc(b.data, b.len));
	if (b.len >= EMV_TEXT_MAX * 4) {
		err = problem_set(p, QT_TOO_LONG, "emv", "more than %d characters", EMV_TEXT_MAX);
		goto out;
	}
	err = emv_read(b.data, check, p);
	if (err != QT_OK)
		goto out;
	memcpy(out, b.data, b.len + 1);
out:
	buf_free(&b);
	free(check);
	free(parts);
	return err;
}
