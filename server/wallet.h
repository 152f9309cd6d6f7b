/* wallet: codes that customers show at the till: their keys, and using a code once, at one till. No HTTP, no JSON.
 * Owns the tables wallet_key, wallet_code and wallet_end. The digits are shared/wallet_code.h's. */
#ifndef QT_WALLET_H
#define QT_WALLET_H

#include "server/call.h"
#include "server/server.h"
#include "shared/wallet_code.h"

#define WALLET_KEYS_MAX 20              /* in force, of one customer; a further one ends the oldest */
#define WALLET_BOUND_MS (3 * 60 * 1000) /* how long a scanned code is good at its till: time to type a PIN */

/* A row of wallet_key; members as its columns. */
struct wallet_key {
	int64_t id, customer_id, number, source, card_id, created_ms, ended_ms;
};

/* A key for source and card; the same again while one is in force and made after `wallet_end`. QT_CARD_REFUSED: not a
 * card of the customer. Inside a transaction. */
enum qt_err wallet_key_add(struct call *, int64_t source, int64_t card_id, struct wallet_key *) QT_USE_RESULT;
/* The customer's keys that are in force, by id. Any connection. */
enum qt_err wallet_key_list(struct db *, int64_t customer_id, struct wallet_key *, int max, int *count) QT_USE_RESULT;
/* QT_NOT_FOUND also for another customer's. Ending twice changes nothing. Inside a transaction. */
enum qt_err wallet_key_end(struct db *, int64_t customer_id, int64_t key_id, int64_t now_ms) QT_USE_RESULT;
/* The key's bytes, derived. */
void wallet_key_bytes(const struct keyring *, const struct wallet_key *, uint8_t out[WALLET_KEY_SIZE]);

/* All keys of a customer made so far end. Inside a transaction. */
enum qt_err wallet_end_put(struct db *, int64_t customer_id, int64_t now_ms) QT_USE_RESULT;
/* When that was last; 0: never. Any connection. */
enum qt_err wallet_end_get(struct db *, int64_t customer_id, int64_t *ended_ms) QT_USE_RESULT;

/* A code a till has scanned. */
struct wallet_claim {
	int64_t key_id, step;
	int64_t customer_id;
};
/* From a route's prepare: count a try of this till, look for the key, check the one-time part, and bind the code to
 * this till, on disk. QT_BAD_CODE (the same for an unknown wallet and wrong digits), QT_CODE_EXPIRED, QT_CODE_USED,
 * QT_TOO_MANY (this till gave too many wrong ones). */
enum qt_err wallet_claim(struct call *, const char *text, struct wallet_claim *) QT_USE_RESULT;
/* Inside the transaction that pays: is the claim still good here? Nothing is written. QT_CODE_USED. */
enum qt_err wallet_claim_check(struct call *, const struct wallet_claim *, struct wallet_key *) QT_USE_RESULT;
/* The code has paid. Inside a transaction, after wallet_claim_check. */
enum qt_err wallet_claim_spend(struct db *, int64_t key_id) QT_USE_RESULT;

#endif
