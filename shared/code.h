/* code: qrtill's own code rule, version 1, described in qrtill-code(5) with test vectors.
 *
 * A code is an upper-case URL  HTTPS://HOST/Q/<TOKEN>.  TOKEN is base32 (crypto.h) of
 *   byte 0      version (high 3 bits, 1) and kind (low 5 bits)
 *   byte 1      key epoch
 *   then        id of the row, unsigned LEB128 (the shortest form)
 *   then        the kind's body (below)
 *   last 8      MAC: first 8 bytes of HMAC-SHA-256(code key of the epoch, all bytes before it)
 * The MAC throws out forgeries before the database is asked; the database row is the authority.
 *
 * Body of a till payment: amount (LEB128, minor units), currency (2 bytes, ISO 4217 numeric, big endian), shop
 * (LEB128, store id), expiry (4 bytes, unix seconds, big endian). Body of a card, coupon, enrolment, receipt: 10
 * bytes of secret (80 bits). Other kinds: no body. */
#ifndef QT_CODE_H
#define QT_CODE_H

#include "shared/crypto.h"

/* X(KIND, number, "wire name", "English", "Chinese") numbers are for ever */
#define CODE_KINDS(X) \
	X(PAYMENT,   1, "payment",   "till payment",   "收款码") \
	X(FIXED,     2, "fixed",     "fixed till code", "固定收款码") \
	X(CARD,      3, "card",      "prepaid card",   "预付卡") \
	X(PRODUCT,   4, "product",   "product",        "商品") \
	X(CAMPAIGN,  5, "campaign",  "campaign",       "活动") \
	X(SHARE,     6, "share",     "share",          "分享") \
	X(TASK,      7, "task",      "task",           "任务") \
	X(COUPON,    8, "coupon",    "coupon",         "优惠券") \
	X(RECEIPT,   9, "receipt",   "receipt",        "小票") \
	X(TABLE,    10, "table",     "table",          "餐桌") \
	X(IDENTITY, 11, "identity",  "identity",       "身份码") \
	X(POINTS,   12, "points",    "points key",     "积分钥匙") \
	X(ENROLMENT,13, "enrolment", "enrolment",      "终端注册") \
	X(CAMERA,   14, "camera",    "paired camera",  "配对摄像头")
enum code_kind {
	CODE_NONE = 0,
#define X(name, number, wire, en, zh) CODE_##name = number,
	CODE_KINDS(X)
#undef X
};
const char *code_kind_name(enum code_kind);      /* "payment"; "none" for unknown numbers */
enum code_kind code_kind_by_name(const char *);  /* CODE_NONE when unknown */

#define CODE_SECRET_SIZE 10
#define CODE_TOKEN_MAX 96   /* characters of the longest token, with NUL */
#define CODE_URL_MAX 256

struct code {
	enum code_kind kind;
	int epoch;
	int64_t id;             /* > 0 */
	int64_t amount_minor;   /* PAYMENT */
	int currency;           /* PAYMENT: ISO 4217 numeric */
	int64_t shop_id;        /* PAYMENT */
	int64_t expires_s;      /* PAYMENT: unix seconds */
	uint8_t secret[CODE_SECRET_SIZE]; /* CARD, COUPON, ENROLMENT, RECEIPT */
};

/* Make a token under the newest epoch of the ring (code->epoch is set). */
enum qt_err code_make(const struct keyring *, struct code *, char token[CODE_TOKEN_MAX]) QT_USE_RESULT;
/* Read and check. QT_BAD_CODE: not under the rule, or the MAC is wrong, or the epoch has ended. Expiry of a payment
 * is not judged here (the server does). `ring` NULL: structure only, the MAC is not checked. */
enum qt_err code_read(const struct keyring *, const char *token, int64_t now_ms, struct code *) QT_USE_RESULT;

/* "https://host[:port]" + token -> upper-case URL. */
char *code_url(const char *public_url, const char *token, char out[CODE_URL_MAX]);
/* Find the token in what a scanner gave: a URL of ours in any case (also with ?query or #fragment, which are cut), or
 * a bare token. NULL when it cannot be ours. `host` NULL: any host. Result in out. */
const char *code_token_of(const char *text, const char *public_url, char out[CODE_TOKEN_MAX]);

#endif
