/* payment: tenders of an order, payment by code, fixed till codes, and late money. No HTTP, no JSON.
 * Owns the table payment. */
#ifndef QT_PAYMENT_H
#define QT_PAYMENT_H

#include "server/call.h"
#include "server/order_state.h"
#include "server/server.h"
#include "server/wallet.h"

#define PAYMENTS_MAX 15               /* of one order, cancelled ones too */
#define PAYMENT_REFERENCE_MAX 64
#define PAYMENT_PROVIDER_MAX 24
#define FIXED_MATCH_MS (5 * 60 * 1000) /* how old an open order may be that a fixed code's money is matched with */

/* A row of payment; members as the columns of 0004-sale.sql and 0027-cash-rounding.sql, 0 is none. */
struct payment {
	int64_t id, order_id, method, source, account_id, amount_cents, points, received_cents;
	int64_t cash_rounding_cents;
	int64_t state, created_ms, expires_ms, customer_id, terminal_id, hold_id, refunded_cents, previous_id;
	char provider[PAYMENT_PROVIDER_MAX + 1];
	char reference[PAYMENT_REFERENCE_MAX + 1];
	int64_t wallet_key_id; /* METHOD_WALLET, until it is written: whose code it spends; 0: none */
	bool ready;    /* to be settled or held now: its source was checked */
	bool fresh;    /* not a row yet */
	bool changed;  /* differs from its row */
};

/* A payment as a till asks for it; texts are borrowed. Members as in the API. */
struct tender {
	int method;                /* enum payment_method */
	int64_t amount_cents;      /* 0: what is due */
	int64_t received_cents;    /* cash given; 0: exactly the amount */
	int64_t cash_rounding_cents; /* cash: what the till rounded to; 0: the store's */
	const char *code, *number, *identity_code, *approval;
	bool pin_checked;          /* the customer's PIN was given and right */
	int64_t payment_id;        /* METHOD_FIXED: the unmatched payment */
	struct wallet_claim claim; /* METHOD_WALLET: the code that was scanned */
};
/* A customer's payment by code. */
struct pay_request {
	int64_t customer_id;       /* who pays */
	int source;                /* enum payment_source */
	int64_t card_id;
	const char *card_code;
	const char *institution;
	int64_t amount_cents;      /* fixed code only */
	const char *share;         /* SHARE or CAMPAIGN code; NULL: none */
	bool pin_checked;          /* the customer's PIN was given and right */
};

struct sale;
/* Add tenders to a sale in memory: each is checked against card, balance and what is due; nothing is written.
 * Fields of errors start with `path` ("payments[%d]." when the tenders are a list, else ""). */
enum qt_err payment_plan(struct call *, struct sale *, const struct tender *, int count, bool list) QT_USE_RESULT;
/* After payment_plan: settle the whole sale when its ready payments cover it, else hold them; write rows and events.
 * `fresh` sale: the order and its lines are inserted too. */
enum qt_err payment_commit(struct call *, struct sale *, bool fresh) QT_USE_RESULT;

/* What the drawer gets more than the payment's amount, because cash is rounded; negative: less. */
int64_t payment_rounding_cents(const struct payment *);

/* QT_NOT_FOUND; merchant_id 0: any. Any connection. */
enum qt_err payment_get(struct db *, int64_t payment_id, struct payment *) QT_USE_RESULT;
/* The payments of an order, oldest first. */
enum qt_err payment_list(struct db *, int64_t last_payment_id, struct payment *, int *count) QT_USE_RESULT;
enum qt_err payment_insert(struct db *, const struct payment *) QT_USE_RESULT;
enum qt_err payment_update(struct db *, const struct payment *) QT_USE_RESULT;
/* The PAYMENT code's URL; empty when the payment has no code. */
char *payment_code_url(const struct server *, const struct payment *, int64_t currency, int64_t store_id,
                       char out[CODE_URL_MAX]);

/* What a code scanned by a customer leads to. */
struct pay_target {
	enum code_kind kind;        /* CODE_PAYMENT or CODE_FIXED */
	struct payment payment;     /* CODE_PAYMENT */
	int64_t terminal_id, merchant_id, store_id;
};
/* QT_BAD_CODE, QT_WRONG_KIND, QT_NOT_FOUND. Any connection. */
enum qt_err pay_target(struct call *, const char *token, struct pay_target *) QT_USE_RESULT;
/* The same for a code that was read already. */
enum qt_err pay_target_of(struct call *, const struct code *, struct pay_target *) QT_USE_RESULT;
/* A customer pays by code. `paid` gets the payment (settled, or pending with a provider), `sale` its order
 * (order.id 0: money by fixed code that no order claims). Inside a transaction. */
enum qt_err payment_pay(struct call *, const struct pay_target *, const struct pay_request *, struct payment *paid,
                        struct sale *) QT_USE_RESULT;
/* Cancel an open code, or let go a part that is held for an open order. QT_CONFLICT when it is neither. Inside a transaction. */
enum qt_err payment_cancel(struct call *, struct payment *) QT_USE_RESULT;
/* Money of a fixed code that no order claims goes back to where it came from. Inside a transaction. */
enum qt_err payment_give_back(struct call *, struct payment *) QT_USE_RESULT;
/* A customer chose a provider: the payment becomes pending, on disk before the provider is asked. Asked again by
 * the same customer for the same provider it changes nothing. Inside a transaction. */
enum qt_err payment_provider_begin(struct call *, const struct pay_target *, const struct pay_request *,
                                   struct payment *) QT_USE_RESULT;
/* What settles a payment or a part tells everybody (W13): till, page, customer, issuer and shop. */
enum qt_err payment_tell(struct call *, const struct sale *, const struct payment *) QT_USE_RESULT;

#endif
