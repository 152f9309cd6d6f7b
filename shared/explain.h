/* explain: any text a scanner gives -> what kind of code it is, whether it is right, and its fields, as JSON and as
 * plain lines. A text that does not follow our rule is never called ours. Asks nobody: whoever has a server at hand
 * tells the result of its check with explain_set_mac. */
#ifndef QT_EXPLAIN_H
#define QT_EXPLAIN_H

#include "shared/buf.h"
#include "shared/code.h"

/* X(KIND, "word in JSON", "English", "Chinese") */
#define TEXT_KINDS(X) \
	X(QRTILL,   "qrtill",   "a code of qrtill", "qrtill 码") \
	X(EMV,      "emv",      "EMVCo payment code", "EMVCo 付款码") \
	X(EPC,      "epc",      "SEPA credit transfer (EPC069-12)", "SEPA 转账码 (EPC069-12)") \
	X(WIFI,     "wifi",     "Wi-Fi network", "无线网络") \
	X(EAN,      "ean",      "number on goods", "商品条码") \
	X(GS1,      "gs1",      "GS1 element string", "GS1 数据") \
	X(CUSTOMER, "customer", "customer's payment code", "客户付款码") \
	X(URL,      "url",      "web address", "网址") \
	X(TEXT,     "text",     "plain text", "文本")
enum text_kind {
#define X(name, wire, en, zh) KIND_##name,
	TEXT_KINDS(X)
#undef X
	TEXT_KIND_COUNT
};
const char *text_kind_name(enum text_kind);

enum mac_state { MAC_UNCHECKED, MAC_VALID, MAC_INVALID };

struct explain_options {
	const struct keyring *ring; /* NULL: MACs are not checked */
	const char *public_url;     /* codes of other hosts are web addresses; NULL: any host may be ours */
	int64_t now_ms;             /* decides what has expired */
	const char *ean_patterns;   /* NULL: EAN_PATTERNS_DEFAULT */
	bool server_checks;         /* a bare token may be ours: the caller asks a server */
	bool foreign;               /* the server said that it is not of its address: never of kind QRTILL */
	int currency;               /* of prices in in-store numbers, ISO 4217 numeric; 0: not known */
};

#define EXPLAIN_ROWS_MAX 160
struct explain_row {
	char id[16];           /* field's id where it has one ("62.07"), else its word ("ssid") */
	const char *en, *zh;   /* what it is; static */
	char *value;           /* owned */
};
struct explain {
	enum text_kind kind;
	bool valid;            /* everything that can be wrong was checked and is right; of ours: the MAC too */
	bool expired;          /* ours: a payment whose time is over */
	struct problem problem;/* why it is not valid; empty when it is */
	bool has_amount;
	int64_t amount_minor;
	char currency[4];      /* "USD"; empty: none */
	char name[320];        /* merchant, payee, network; empty: none */
	struct code code;      /* kind QRTILL */
	enum mac_state mac;
	char token[CODE_TOKEN_MAX]; /* kind QRTILL */
	struct explain_row rows[EXPLAIN_ROWS_MAX];
	int row_count;
};

/* `text` is NUL-terminated; whitespace around it is ignored. explain_free the result. */
void explain_text(const char *text, const struct explain_options *, struct explain *);
void explain_free(struct explain *);
/* What somebody with the keys said about a code of ours: sets mac, valid and the problem. */
void explain_set_mac(struct explain *, enum mac_state, const char *merchant_name);
/* Members of an object the caller has opened: kind, valid, what the kind has, fields [{id,name,value}]. */
void explain_json(const struct explain *, bool chinese, struct json *);
/* A line a field, aligned; text of strangers is cleaned for a terminal. */
void explain_lines(const struct explain *, bool chinese, struct buf *out);

#endif
