/* explain: see explain.h. */
#include "shared/explain.h"

#include "shared/clock.h"
#include "shared/ean.h"
#include "shared/emv.h"
#include "shared/epc.h"
#include "shared/money.h"
#include "shared/text.h"
#include "shared/wifi.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define TOKEN_LENGTH_MIN 17 /* the shortest code has 11 bytes */

static const struct kind_text {
	const char *wire, *en, *zh;
} kind_texts[] = {
#define X(name, wire, en, zh) { wire, en, zh },
	TEXT_KINDS(X)
#undef X
};

static const struct kind_text code_texts[] = {
	{ "none", "unknown", "未知" },
#define X(name, number, wire, en, zh) [number] = { wire, en, zh },
	CODE_KINDS(X)
#undef X
};

const char *text_kind_name(enum text_kind kind)
{
	return kind_texts[kind].wire;
}

static void add_row(struct explain *e, const char *id, const char *en, const char *zh, const char *fmt, ...)
	QT_PRINTF(5, 6);

static void add_row(struct explain *e, const char *id, const char *en, const char *zh, const char *fmt, ...)
{
	struct explain_row *row = &e->rows[e->row_count];
	va_list ap;

	if (e->row_count == EXPLAIN_ROWS_MAX)
		return;
	snprintf(row->id, sizeof row->id, "%s", id);
	row->en = en;
	row->zh = zh;
	va_start(ap, fmt);
	if (vasprintf(&row->value, fmt, ap) < 0)
		fatal("out of memory");
	va_end(ap);
	e->row_count++;
}

static void note_amount(struct explain *e, int64_t amount_minor, int currency)
{
	const struct currency *c = currency_by_numeric(currency);

	e->has_amount = true;
	e->amount_minor = amount_minor;
	snprintf(e->currency, sizeof e->currency, "%s", c ? c->alpha : "");
}

static void set_amount(struct explain *e, int64_t amount_minor, int currency)
{
	char text[32];

	note_amount(e, amount_minor, currency);
	add_row(e, "amount", "amount", "金额", "%s%s%s", money_format(amount_minor, currency, text, sizeof text),
	        e->currency[0] ? " " : "", e->currency);
}

static bool explain_own(const char *text, const struct explain_options *o, struct explain *e)
{
	char when[21];

	/* A bare token is believed to be ours only with a MAC that is right: it might be anybody's serial number. */
	bool is_url = strncasecmp(text, "http", 4) == 0;
	if (o->foreign || code_token_of(text, o->public_url, e->token) == NULL ||
	    code_read(NULL, e->token, o->now_ms, &e->code) != QT_OK)
		return false;
	enum qt_err err = o->ring ? code_read(o->ring, e->token, o->now_ms, &e->code) : QT_OK;
	if (!is_url && (o->ring ? err != QT_OK : !o->server_checks))
		return false;
	e->kind = KIND_QRTILL;
	add_row(e, "code_kind", "kind", "类型", "%s", code_kind_name(e->code.kind));
	add_row(e, "id", "number", "编号", "%lld", (long long)e->code.id);
	if (e->code.kind == CODE_PAYMENT) {
		set_amount(e, e->code.amount_minor, e->code.currency);
		add_row(e, "shop_id", "shop", "门店", "%lld", (long long)e->code.shop_id);
		e->expired = o->now_ms >= e->code.expires_s * 1000;
		add_row(e, "expires", "expires", "到期", "%s", clock_format_utc(e->code.expires_s * 1000, when));
	}
	add_row(e, "epoch", "key epoch", "密钥期", "%d", e->code.epoch);
	explain_set_mac(e, o->ring == NULL ? MAC_UNCHECKED : err == QT_OK ? MAC_VALID : MAC_INVALID, NULL);
	return true;
}

void explain_set_mac(struct explain *e, enum mac_state mac, const char *merchant_name)
{
	e->mac = mac;
	e->valid = mac == MAC_VALID;
	e->problem = (struct problem){ 0 };
	if (merchant_name && *merchant_name) {
		snprintf(e->name, sizeof e->name, "%s", merchant_name);
		add_row(e, "name", "merchant", "商户", "%s", merchant_name);
	}
	if (mac == MAC_INVALID)
		(void)!problem_set(&e->problem, QT_BAD_CODE, "mac", "is wrong, or its key's time is over: forged or altered");
	if (mac == MAC_UNCHECKED)
		(void)!problem_set(&e->problem, QT_BAD_CODE, "mac", "was not checked: that takes the keys or a server");
}

static bool explain_emv(const char *text, const struct explain_options *o, struct explain *e)
{
	struct emv *emv = xmalloc(sizeof *emv);
	const char *name;

	(void)o;
	if (!emv_looks_like(text)) {
		free(emv);
		return false;
	}
	e->kind = KIND_EMV;
	e->valid = emv_read(text, emv, &e->problem) == QT_OK;
	for (int i = 0; i < emv->field_count; i++)
		add_row(e, emv->fields[i].path, emv->fields[i].en, emv->fields[i].zh, "%s", emv->fields[i].value);
	if ((name = emv_value(emv, "59")) != NULL)
		snprintf(e->name, sizeof e->name, "%s", name);
	note_amount(e, emv->amount_minor, emv->currency); /* field 54 is a row already */
	e->has_amount = emv->amount_minor > 0;
	free(emv);
	return true;
}

static bool explain_epc(const char *text, const struct explain_options *o, struct explain *e)
{
	struct epc epc;

	(void)o;
	if (!epc_looks_like(text))
		return false;
	e->kind = KIND_EPC;
	e->valid = epc_read(text, &epc, &e->problem) == QT_OK;
	const struct { const char *id, *en, *zh, *value; } rows[] = {
		{ "version", "version", "版本", epc.version },         { "bic", "bank (BIC)", "银行 (BIC)", epc.bic },
		{ "name", "payee", "收款人", epc.name },               { "iban", "account (IBAN)", "账号 (IBAN)", epc.iban },
		{ "purpose", "purpose", "用途", epc.purpose },         { "reference", "reference", "参考号", epc.reference },
		{ "text", "text", "附言", epc.text },                  { "info", "note to the payer", "付款人提示", epc.info },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (rows[i].value[0])
			add_row(e, rows[i].id, rows[i].en, rows[i].zh, "%s", rows[i].value);
	snprintf(e->name, sizeof e->name, "%s", epc.name);
	if (epc.amount_cents > 0)
		set_amount(e, epc.amount_cents, EPC_CURRENCY);
	return true;
}

static bool explain_wifi(const char *text, const struct explain_options *o, struct explain *e)
{
	struct wifi wifi;

	(void)o;
	if (!wifi_looks_like(text))
		return false;
	e->kind = KIND_WIFI;
	e->valid = wifi_read(text, &wifi, &e->problem) == QT_OK;
	add_row(e, "ssid", "network", "网络", "%s", wifi.ssid);
	add_row(e, "security", "security", "安全", "%s", wifi_security_name(wifi.security));
	if (wifi.password[0])
		add_row(e, "password", "password", "密码", "%s", wifi.password);
	add_row(e, "hidden", "hidden", "隐藏", "%s", wifi.hidden ? "true" : "false");
	snprintf(e->name, sizeof e->name, "%s", wifi.ssid);
	return true;
}

static bool explain_gs1(const char *text, const struct explain_options *o, struct explain *e)
{
	struct gs1 gs1;
	const char *rest;

	if (!aim_is_gs1(text) && strncmp(text, "(01)", 4) != 0 && strncmp(text, "(02)", 4) != 0)
		return false;
	(void)aim_symbology(text, &rest);
	e->kind = KIND_GS1;
	e->valid = gs1_read(rest, &gs1, &e->problem) == QT_OK;
	for (int i = 0; i < gs1.count; i++)
		add_row(e, gs1.elements[i].ai, gs1.elements[i].en, gs1.elements[i].zh, "%s", gs1.elements[i].value);
	if (gs1.price_minor >= 0)
		set_amount(e, gs1.price_minor, o->currency);
	return true;
}

static bool explain_ean(const char *text, const struct explain_options *o, struct explain *e)
{
	struct ean ean;
	const char *digits;
	size_t len;

	(void)aim_symbology(text, &digits);
	len = strlen(digits);
	if (strspn(digits, "0123456789") != len || (len != 8 && len != 12 && len != 13 && len != 14))
		return false;
	/* Any 8, 12 or 14 digits may be something else; 13 digits or a scanner's word are taken as a number on goods. */
	bool sure = len == 13 || digits != text;
	e->valid = ean_read(digits, o->ean_patterns, &ean, &e->problem) == QT_OK;
	if (!e->valid && !sure) {
		e->problem = (struct problem){ 0 };
		return false;
	}
	e->kind = KIND_EAN;
	if (!e->valid) {
		add_row(e, "number", "number", "号码", "%s", digits);
		return true;
	}
	add_row(e, "symbology", "symbology", "条码制式", "%s", ean_kind_name(ean.kind));
	add_row(e, "number", "number", "号码", "%s", ean.number);
	add_row(e, "in_store", "given by the store", "店内码", "%s", ean.in_store ? "true" : "false");
	if (ean.has_weight || ean.has_price)
		add_row(e, "item", "item", "商品", "%s", ean.item);
	if (ean.has_weight)
		add_row(e, "weight_g", "weight", "重量", "%lld.%03lld kg", (long long)ean.weight_g / 1000,
		        (long long)ean.weight_g % 1000);
	if (ean.has_price)
		set_amount(e, ean.price_minor, o->currency);
	return true;
}

/* 18 digits beginning with 10 to 15 or 160: shown by a customer, paid by the merchant's provider. */
static bool explain_customer(const char *text, const struct explain_options *o, struct explain *e)
{
	(void)o;
	if (strlen(text) != 18 || strspn(text, "0123456789") != 18 ||
	    !((text[0] == '1' && text[1] <= '5') || strncmp(text, "160", 3) == 0))
		return false;
	e->kind = KIND_CUSTOMER;
	e->valid = true;
	add_row(e, "number", "number", "号码", "%s", text);
	return true;
}

static bool same_host(const char *host, size_t len, const char *public_url)
{
	const char *own = strstr(public_url, "://");

	own = own ? own + 3 : public_url;
	return strcspn(own, "/") == len && strncasecmp(own, host, len) == 0;
}

static bool explain_url(const char *text, const struct explain_options *o, struct explain *e)
{
	const char *host = strncasecmp(text, "https://", 8) == 0 ? text + 8 :
	                   strncasecmp(text, "http://", 7) == 0 ? text + 7 : NULL;

	if (host == NULL)
		return false;
	size_t len = strcspn(host, "/?#");
	/* Shaped like a code of ours and none: a person must not take it for one. */
	bool imitation = strncasecmp(host + len, "/q/", 3) == 0 && strcspn(host + len + 3, "/?#") >= TOKEN_LENGTH_MIN &&
	                 (o->public_url == NULL || same_host(host, len, o->public_url));
	bool wrong = strpbrk(text, " \"<>\\^`{|}") != NULL || text_has_controls(text, strlen(text)) ||
	             memchr(host, '@', len) != NULL;
	e->kind = KIND_URL;
	e->valid = len > 0 && !wrong && !imitation;
	if (!e->valid)
		(void)!problem_set(&e->problem, QT_BAD_CODE, "url", "%s", len == 0 ? "has no host" :
		                   wrong ? "holds characters a web address does not have, or a user name" :
		                   "is shaped like a code of qrtill but does not follow its rule");
	add_row(e, "host", "host", "主机", "%.*s", (int)len, host);
	add_row(e, "url", "address", "地址", "%s", text);
	return true;
}

static bool explain_plain(const char *text, const struct explain_options *o, struct explain *e)
{
	(void)o;
	e->kind = KIND_TEXT;
	e->valid = true;
	add_row(e, "text", "text", "文本", "%s", text);
	return true;
}

void explain_text(const char *given, const struct explain_options *o, struct explain *e)
{
	/* From the strictest shape to none at all; the first that knows the text has it. */
	static bool (*const readers[])(const char *, const struct explain_options *, struct explain *) = {
		explain_emv, explain_epc, explain_wifi, explain_own, explain_gs1, explain_ean, explain_customer, explain_url,
		explain_plain,
	};
	size_t len;

	memset(e, 0, sizeof *e);
	while (*given == ' ' || *given == '\t' || *given == '\r' || *given == '\n')
		given++;
	len = strlen(given);
	while (len > 0 && isspace((unsigned char)given[len - 1]) && given[len - 1] != 0x1d)
		len--;
	char *text = xmalloc(len + 1);
	memcpy(text, given, len);
	text[len] = '\0';
	if (len == 0 || !text_is_utf8(text, len)) {
		e->kind = KIND_TEXT;
		(void)!problem_set(&e->problem, len ? QT_NOT_UTF8 : QT_MISSING_FIELD, "text", len ? NULL : "is empty");
	} else {
		for (size_t i = 0; i < sizeof readers / sizeof *readers; i++)
			if (readers[i](text, o, e))
				break;
	}
	free(text);
}

void explain_free(struct explain *e)
{
	for (int i = 0; i < e->row_count; i++)
		free(e->rows[i].value);
	e->row_count = 0;
}

static const char *const mac_words[] = { "unchecked", "valid", "invalid" };

void explain_json(const struct explain *e, bool chinese, struct json *j)
{
	json_text(j, "kind", text_kind_name(e->kind));
	json_bool(j, "valid", e->valid);
	if (e->kind == KIND_QRTILL) {
		json_text(j, "code_kind", code_kind_name(e->code.kind));
		json_text(j, "mac", mac_words[e->mac]);
		json_int(j, "id", e->code.id);
		json_int(j, "epoch", e->code.epoch);
		if (e->code.kind == CODE_PAYMENT) {
			json_int(j, "shop_id", e->code.shop_id);
			json_int(j, "expires_ms", e->code.expires_s * 1000);
			json_bool(j, "expired", e->expired);
		}
	}
	if (e->has_amount)
		json_int(j, "amount_minor", e->amount_minor);
	if (e->currency[0])
		json_text(j, "currency", e->currency);
	if (e->name[0])
		json_text(j, "name", e->name);
	if (e->problem.err != QT_OK) {
		json_object(j, "problem");
		json_text(j, "code", err_info(e->problem.err)->code);
		json_text(j, "field", e->problem.field);
		json_text(j, "detail", e->problem.detail[0] ? e->problem.detail : err_info(e->problem.err)->en);
		json_end(j);
	}
	json_array(j, "fields");
	for (int i = 0; i < e->row_count; i++) {
		json_object(j, NULL);
		json_text(j, "id", e->rows[i].id);
		json_text(j, "name", chinese ? e->rows[i].zh : e->rows[i].en);
		json_text(j, "value", e->rows[i].value);
		json_end(j);
	}
	json_end(j);
}

static void add_line(struct buf *out, const char *id, const char *label, const char *value)
{
	int pad = 26 - text_columns(label);

	buf_addf(out, "  %-9s %s%*s ", id, label, pad > 0 ? pad : 0, "");
	text_clean(out, value, strlen(value), TEXT_TERMINAL);
	buf_addc(out, '\n');
}

void explain_lines(const struct explain *e, bool chinese, struct buf *out)
{
	static const char *const mac_en[] = { "not checked", "valid", "NOT VALID: forged or altered" };
	static const char *const mac_zh[] = { "未校验", "有效", "无效：伪造或被改动" };

	buf_adds(out, chinese ? kind_texts[e->kind].zh : kind_texts[e->kind].en);
	if (e->kind == KIND_QRTILL)
		buf_addf(out, chinese ? "：%s" : ": %s", chinese ? code_texts[e->code.kind].zh : code_texts[e->code.kind].en);
	if (e->expired)
		buf_adds(out, chinese ? "，已过期" : ", expired");
	buf_addc(out, '\n');
	for (int i = 0; i < e->row_count; i++) {
		const struct explain_row *row = &e->rows[i];
		bool number = isdigit((unsigned char)row->id[0]);
		add_line(out, number ? row->id : "", chinese ? row->zh : row->en, row->value);
	}
	if (e->kind == KIND_QRTILL)
		add_line(out, "", chinese ? "校验码" : "MAC", chinese ? mac_zh[e->mac] : mac_en[e->mac]);
	if (e->problem.err != QT_OK && !(e->kind == KIND_QRTILL && e->mac == MAC_UNCHECKED)) {
		buf_addf(out, "%s", chinese ? "无效：" : "not valid: ");
		if (e->problem.field[0])
			buf_addf(out, "%s ", e->problem.field);
		text_clean(out, e->problem.detail[0] ? e->problem.detail : err_info(e->problem.err)->en,
		           strlen(e->problem.detail[0] ? e->problem.detail : err_info(e->problem.err)->en), TEXT_TERMINAL);
		buf_addc(out, '\n');
	}
}
