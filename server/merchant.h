/* merchant: merchants, their stores, agents and channels. No HTTP, no JSON.
 * Owns the tables merchant, store, agent, channel, access_key. */
#ifndef QT_MERCHANT_H
#define QT_MERCHANT_H

#include "server/auth.h"
#include "server/store/db.h"

#define NAME_MAX_BYTES 120 /* of names of shops, people and items, without NUL */
#define TEXT_MAX_BYTES 500 /* of addresses and footers, without NUL */
#define CITY_MAX_BYTES 60

enum merchant_state { MERCHANT_OPEN = 1, MERCHANT_CLOSED };

/* Subsystems that can be closed for a merchant (a bit each in merchant.closed_parts).
 * X(PART, bit, "wire name") */
#define MERCHANT_PARTS(X) \
	X(CARDS, 0, "cards") X(POINTS, 1, "points") X(CAMPAIGNS, 2, "campaigns") \
	X(FIXED_CODES, 3, "fixed-codes") X(PROVIDERS, 4, "providers")
enum merchant_part {
#define X(name, bit, wire) PART_##name = 1 << bit,
	MERCHANT_PARTS(X)
#undef X
};

struct merchant {
	int64_t id;
	char name[NAME_MAX_BYTES + 1], name_zh[NAME_MAX_BYTES + 1]; /* name_zh is name when there is no other */
	int64_t currency;          /* ISO 4217 numeric: the unit of its money */
	char country[3];           /* ISO 3166 alpha-2 */
	char city[CITY_MAX_BYTES + 1], city_zh[CITY_MAX_BYTES + 1];
	int64_t mcc;               /* ISO 18245 */
	char phone[17];            /* E.164; empty: none */
	int64_t agent_id;          /* 0: nobody */
	int64_t fee_bp;            /* the platform's fee, basis points */
	int64_t tax_inclusive;     /* 1: prices contain the tax */
	int64_t points_per_100;    /* points earned per 100 minor units; 0: no scheme */
	int64_t point_value_cents; /* of one point when spent; 0: not spendable as money */
	int64_t cashier_refund_limit_cents;
	int64_t closed_parts;      /* bits of enum merchant_part */
	int64_t state;             /* enum merchant_state */
	int64_t created_ms;
};

/* One indexed select; any connection. QT_NOT_FOUND. */
enum qt_err merchant_get(struct db *, int64_t merchant_id, struct merchant *) QT_USE_RESULT;
/* The same from the writer's memory: for the writer only, valid until the next call. */
enum qt_err merchant_of_writer(struct db *, int64_t merchant_id, const struct merchant **) QT_USE_RESULT;
/* QT_CLOSED_HERE when the merchant or this part of it is closed. Pure. */
enum qt_err merchant_check_part(const struct merchant *, enum merchant_part, struct problem *) QT_USE_RESULT;

/* Insert (m->id is set) or overwrite a row. Inside a transaction. QT_NOT_FOUND (field agent_id) when the agent does not
 * exist; QT_CONFLICT (field currency) when the currency of a merchant with accounts or orders would change. */
enum qt_err merchant_add(struct db *, struct merchant *, struct problem *) QT_USE_RESULT;
enum qt_err merchant_change(struct db *, const struct merchant *, struct problem *) QT_USE_RESULT;

struct store {
	int64_t id, merchant_id;
	char name[NAME_MAX_BYTES + 1], name_zh[NAME_MAX_BYTES + 1];
	char address[TEXT_MAX_BYTES + 1];        /* lines; empty: none */
	char city[CITY_MAX_BYTES + 1];           /* empty: the merchant's */
	char receipt_footer[TEXT_MAX_BYTES + 1]; /* lines; empty: none */
	char ssid[33];                           /* guests' Wi-Fi; empty: none */
};
/* QT_NOT_FOUND also for another merchant's store; merchant_id 0: any merchant's. */
enum qt_err store_get(struct db *, int64_t merchant_id, int64_t store_id, struct store *) QT_USE_RESULT;
enum qt_err store_add(struct db *, struct store *, int64_t now_ms) QT_USE_RESULT;

/* QT_NOT_FOUND. name may be NULL. */
enum qt_err agent_get(struct db *, int64_t agent_id, int64_t *commission_bp, char name[NAME_MAX_BYTES + 1])
	QT_USE_RESULT;
enum qt_err channel_get(struct db *, int64_t channel_id, char name[NAME_MAX_BYTES + 1]) QT_USE_RESULT;
enum qt_err agent_add(struct db *, const char *name, int64_t commission_bp, int64_t now_ms, int64_t *agent_id)
	QT_USE_RESULT;
enum qt_err channel_add(struct db *, const char *name, int64_t now_ms, int64_t *channel_id) QT_USE_RESULT;
/* A key for an agent or a channel (the other id is 0). The secret goes out once in token, its keyed hash into the
 * row. */
struct keyring;
enum qt_err access_key_add(struct db *, const struct keyring *, int64_t agent_id, int64_t channel_id, int64_t now_ms,
                           char token[AUTH_TOKEN_MAX]) QT_USE_RESULT;
/* End the keys of an agent or a channel (the other id is 0). Inside a transaction. */
enum qt_err access_keys_revoke(struct db *, int64_t agent_id, int64_t channel_id, int64_t now_ms) QT_USE_RESULT;

#endif
