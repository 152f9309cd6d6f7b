/* idempotency: first answers to requests, kept in the transaction of their effect. The dispatcher is the only
 * caller that replays; withdraw.c uses up the key of a request that did not arrive. */
#ifndef QT_IDEMPOTENCY_H
#define QT_IDEMPOTENCY_H

#include "server/call.h"

/* A client's key as 128 bits: a decimal sequence number (1 to 2^63-1; high is 0), or a UUID (RFC 9562; version 7,
 * which grows with time, keeps the table fast). */
struct idempotency_key {
	int64_t high, low;
};
/* Read the Idempotency-Key header. QT_BAD_FIELD (field "Idempotency-Key") when it is neither. */
enum qt_err idempotency_key_parse(const char *text, struct idempotency_key *, struct problem *) QT_USE_RESULT;

/* Whose keys they are: the terminal when the request comes from one (a retry after another person signed in is
 * still the same request), else actor_packed. */
int64_t idempotency_actor(const struct actor *);

struct idempotency {
	int64_t actor_id;           /* idempotency_actor */
	struct idempotency_key key;
	int64_t request_hash;       /* first 8 bytes of SHA-256 over method, path and body */
	int status;                 /* HTTP status of the first answer */
	int64_t ref[2];             /* call->ref[0], [1]: the answer is rebuilt from them, or [1] is the order it opened */
	const char *reply;          /* the answer; NULL: rebuild from ref */
	size_t reply_len;
};
/* Was this request answered before? QT_NOT_FOUND: no, it is new. QT_OK: yes; status, ref and reply are filled, reply
 * in the arena. QT_KEY_REUSED: the key was used with another request. Needs actor_id, key and request_hash. Any
 * connection; the one that counts is the look inside the transaction. */
enum qt_err idempotency_find(struct db *, struct idempotency *, struct arena *) QT_USE_RESULT;
/* Keep the answer. Inside the transaction, after the effect. */
enum qt_err idempotency_store(struct db *, const struct idempotency *, int64_t now_ms) QT_USE_RESULT;
/* Look at the next `max` rows (at most 1000) and forget those older than `days`; call after call it goes round the whole
 * table. Inside the transaction, on one database per process. A job of the server calls it. */
enum qt_err idempotency_sweep(struct db *, int64_t now_ms, int days, int max) QT_USE_RESULT;

#endif
