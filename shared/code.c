/* code: see code.h; the rule is published in qrtill-code(5). Pure: no database, no clock of its own. */
#include "shared/code.h"

#include "shared/money.h"

#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define VERSION 1
#define MAC_SIZE 8
#define EPOCH_LEEWAY_MS 300000 /* clocks of two machines may differ by five minutes */

enum body { BODY_NONE, BODY_PAYMENT, BODY_SECRET };

static const struct kind_info {
	const char *wire; /* NULL: no such kind */
} kinds[32] = {
#define X(name, number, wire, en, zh) [number] = { wire },
	CODE_KINDS(X)
#undef X
};

static enum body body_of(enum code_kind kind)
{
	switch (kind) {
	case CODE_PAYMENT:
		return BODY_PAYMENT;
	case CODE_CARD: case CODE_COUPON: case CODE_ENROLMENT: case CODE_RECEIPT:
		return BODY_SECRET;
	default:
		return BODY_NONE;
	}
}

const char *code_kind_name(enum code_kind kind)
{
	return (unsigned)kind < 32 && kinds[kind].wire ? kinds[kind].wire : "none";
}

enum code_kind code_kind_by_name(const char *name)
{
	for (int i = 1; i < 32; i++)
		if (kinds[i].wire && strcmp(kinds[i].wire, name) == 0)
			return (enum code_kind)i;
	return CODE_NONE;
}

/* Unsigned LEB128, shortest form. */
static size_t put_leb128(uint8_t *out, int64_t value)
{
	uint64_t v = (uint64_t)value;
	size_t n = 0;

	do {
		out[n] = v & 0x7f;
		v >>= 7;
		if (v)
			out[n] |= 0x80;
		n++;
	} while (v);
	return n;
}

/* What is being read; `bad` stays set once anything did not fit. */
struct reader {
	const uint8_t *at, *end;
	bool bad;
};

static int64_t get_leb128(struct reader *r)
{
	uint64_t v = 0;

	for (int shift = 0; shift < 63 && r->at < r->end; shift += 7) {
		uint8_t b = *r->at++;
		v |= (uint64_t)(b & 0x7f) << shift;
		if (b & 0x80)
			continue;
		if (b == 0 && shift > 0)
			break; /* not the shortest form */
		return (int64_t)v;
	}
	r->bad = true;
	return 0;
}

static int64_t get_fixed(struct reader *r, int size)
{
	int64_t v = 0;

	if (r->end - r->at < size) {
		r->bad = true;
		return 0;
	}
	for (int i = 0; i < size; i++)
		v = v << 8 | *r->at++;
	return v;
}

static size_t put_fixed(uint8_t *out, int64_t v, int size)
{
	for (int i = size - 1; i >= 0; i--, v >>= 8)
		out[i] = (uint8_t)v;
	return (size_t)size;
}

static bool values_fit(const struct code *c)
{
	if (c->kind < 1 || c->kind > 31 || kinds[c->kind].wire == NULL || c->id <= 0)
		return false;
	return body_of(c->kind) != BODY_PAYMENT ||
	       (c->amount_minor > 0 && c->amount_minor <= MONEY_MAX && c->currency >= 1 && c->currency <= 999 &&
	        c->shop_id > 0 && c->expires_s > 0 && c->expires_s <= UINT32_MAX);
}

enum qt_err code_make(const struct keyring *ring, struct code *c, char token[CODE_TOKEN_MAX])
{
	uint8_t bytes[64], mac[32];
	size_t n = 0;

	assert(ring->epoch_count > 0);
	if (!values_fit(c))
		return QT_OUT_OF_RANGE;
	c->epoch = ring->epochs[ring->epoch_count - 1].epoch;
	bytes[n++] = (uint8_t)(VERSION << 5 | (int)c->kind);
	bytes[n++] = (uint8_t)c->epoch;
	n += put_leb128(bytes + n, c->id);
	switch (body_of(c->kind)) {
	case BODY_PAYMENT:
		n += put_leb128(bytes + n, c->amount_minor);
		n += put_fixed(bytes + n, c->currency, 2);
		n += put_leb128(bytes + n, c->shop_id);
		n += put_fixed(bytes + n, c->expires_s, 4);
		break;
	case BODY_SECRET:
		memcpy(bytes + n, c->secret, CODE_SECRET_SIZE);
		n += CODE_SECRET_SIZE;
		break;
	case BODY_NONE:
		break;
	}
	crypto_hmac(ring->epochs[ring->epoch_count - 1].code_key, bytes, n, mac);
	memcpy(bytes + n, mac, MAC_SIZE);
	n += MAC_SIZE;
	base32_encode(bytes, n, token);
	return QT_OK;
}

static enum qt_err check_mac(const struct keyring *ring, int epoch, const uint8_t *bytes, size_t len, int64_t now_ms)
{
	uint8_t mac[32];

	for (int i = 0; i < ring->epoch_count; i++) {
		if (ring->epochs[i].epoch != epoch)
			continue;
		crypto_hmac(ring->epochs[i].code_key, bytes, len, mac);
		if (!crypto_equal(mac, bytes + len, MAC_SIZE))
			return QT_BAD_CODE;
		bool begun = now_ms >= ring->epochs[i].from_ms - EPOCH_LEEWAY_MS;
		bool ended = ring->epochs[i].until_ms != 0 && now_ms >= ring->epochs[i].until_ms;
		return begun && !ended ? QT_OK : QT_BAD_CODE;
	}
	return QT_BAD_CODE;
}

enum qt_err code_read(const struct keyring *ring, const char *token, int64_t now_ms, struct code *out)
{
	uint8_t bytes[64];
	struct code c = { 0 };
	int n = base32_decode(token, strnlen(token, CODE_TOKEN_MAX), bytes, sizeof bytes);

	if (n < 3 + MAC_SIZE)
		return QT_BAD_CODE;
	struct reader r = { .at = bytes + 2, .end = bytes + n - MAC_SIZE };
	if (bytes[0] >> 5 != VERSION)
		return QT_BAD_CODE;
	c.kind = bytes[0] & 31;
	c.epoch = bytes[1];
	c.id = get_leb128(&r);
	switch (body_of(c.kind)) {
	case BODY_PAYMENT:
		c.amount_minor = get_leb128(&r);
		c.currency = (int)get_fixed(&r, 2);
		c.shop_id = get_leb128(&r);
		c.expires_s = get_fixed(&r, 4);
		break;
	case BODY_SECRET:
		if (r.end - r.at != CODE_SECRET_SIZE)
			return QT_BAD_CODE;
		memcpy(c.secret, r.at, CODE_SECRET_SIZE);
		r.at = r.end;
		break;
	case BODY_NONE:
		break;
	}
	if (r.bad || r.at != r.end || !values_fit(&c))
		return QT_BAD_CODE;
	if (ring != NULL) {
		enum qt_err err = check_mac(ring, c.epoch, bytes, (size_t)n - MAC_SIZE, now_ms);
		if (err != QT_OK)
			return err;
	}
	*out = c;
	return QT_OK;
}

char *code_url(const char *public_url, const char *token, char out[CODE_URL_MAX])
{
	size_t n = strlen(public_url);

	while (n > 0 && public_url[n - 1] == '/')
		n--;
	int len = snprintf(out, CODE_URL_MAX, "%.*s/Q/%s", (int)n, public_url, token);
	if (len >= CODE_URL_MAX)
		fatal("public_url is too long for a code");
	for (char *p = out; *p; p++)
		*p = (char)toupper((unsigned char)*p);
	return out;
}

/* "HTTPS://HOST[:PORT]/Q/" of any case: returns what follows, NULL when text is no such URL. */
static const char *after_prefix(const char *text, const char *public_url)
{
	const char *host = strncasecmp(text, "https://", 8) == 0 ? text + 8 :
	                   strncasecmp(text, "http://", 7) == 0 ? text + 7 : NULL;
	if (host == NULL)
		return NULL;
	size_t host_len = strcspn(host, "/?#");
	if (host_len == 0 || strncasecmp(host + host_len, "/q/", 3) != 0)
		return NULL;
	if (public_url != NULL) {
		const char *own = strstr(public_url, "://");
		own = own ? own + 3 : public_url;
		size_t own_len = strcspn(own, "/");
		if (own_len != host_len || strncasecmp(own, host, host_len) != 0)
			return NULL;
	}
	return host + host_len + 3;
}

/* A character of a token as it is written; those that people take for another are read as what they may have meant.
 * 0: not of the alphabet. */
static char token_char(char c)
{
	if (c >= 'a' && c <= 'z')
		c = (char)(c - 'a' + 'A');
	if (c == 'O')
		return '0';
	if (c == 'I' || c == 'L')
		return '1';
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z' && c != 'U') ? c : 0;
}

const char *code_token_of(const char *text, const char *public_url, char out[CODE_TOKEN_MAX])
{
	const char *token = after_prefix(text, public_url);
	size_t len;

	if (token != NULL) {
		len = strcspn(token, "?#");
		if (len > 0 && token[len - 1] == '/')
			len--; /* some scanners and browsers add one */
	} else {
		token = text;
		len = strlen(text);
	}
	if (len < (3 + MAC_SIZE) * 8 / 5 || len >= CODE_TOKEN_MAX)
		return NULL;
	for (size_t i = 0; i < len; i++)
		if ((out[i] = token_char(token[i])) == 0)
			return NULL;
	out[len] = '\0';
	/* The version's bits are the first three of the first character. */
	return strchr("4567", out[0]) != NULL ? out : NULL;
}
