/* outbox: requests that change something, kept in the till's file from before they are sent until the server has
 * answered. The sequence number is the Idempotency-Key: a request sent again after a crash or a lost answer is the same
 * request. They are sent one at a time, in order. Knows no network. */
#ifndef QT_POS_OUTBOX_H
#define QT_POS_OUTBOX_H

#include "pos/tdb.h"

/* What a request is about; decides what its answer does. X(KIND, "stored name") */
#define OUTBOX_KINDS(X) \
	X(ORDER,   "order")   /* the sale's first request: makes the order, maybe pays it */ \
	X(PAYMENT, "payment") /* a further payment of the order */ \
	X(CANCEL,  "cancel")  /* the order is given up */ \
	X(RELEASE, "release") /* one part of the order goes back */ \
	X(WITHDRAW, "withdraw") /* a request whose answer never came, and the order with it */ \
	X(CARD,    "card")    /* issue, activate, top up, freeze */ \
	X(POINTS,  "points")  /* earn, spend */ \
	X(REFUND,  "refund")  /* goods taken back; sealed (secret.h) when a manager's PIN is in it */ \
	X(SHIFT,   "shift")   /* float, cash in and out, drop, X, close; sealed likewise */ \
	X(HELD,    "held")    /* a sale put aside: handed to the other tills, taken, dropped */
enum outbox_kind {
#define X(name, text) OUTBOX_##name,
	OUTBOX_KINDS(X)
#undef X
	OUTBOX_KIND_COUNT
};

struct outbox_row {
	int64_t sequence;
	enum outbox_kind kind;
	char *path, *body;    /* owned */
	int64_t sale_number;  /* 0: of no sale */
	int64_t created_ms;
	int tries;
	bool seen;            /* the server may have seen it */
	char note[160];       /* for people */
	char refused[256];    /* why it was refused; empty: waiting */
};
void outbox_row_free(struct outbox_row *);

/* Inside a transaction of the caller, together with what the request means for the sale. Texts are copied. */
enum qt_err outbox_add(struct tdb *, enum outbox_kind, const char *path, const char *body, int64_t sale_number,
                       const char *note, int64_t now_ms) QT_USE_RESULT;
/* The number of the one that waits of this kind and has `text` in its body, whether the server may have seen it; 0: there
 * is none. */
int64_t outbox_find(struct tdb *, enum outbox_kind, const char *text, bool *seen);
/* The oldest that waits. QT_NOT_FOUND: none. The caller frees it. */
enum qt_err outbox_next(struct tdb *, struct outbox_row *) QT_USE_RESULT;
/* The same among those that came behind `sequence`. */
enum qt_err outbox_after(struct tdb *, int64_t sequence, struct outbox_row *) QT_USE_RESULT;
/* Number of the newest that is there; 0: none. */
int64_t outbox_newest(struct tdb *);
/* It was tried without an answer; `seen`: the server may have seen it. */
enum qt_err outbox_tried(struct tdb *, int64_t sequence, bool seen) QT_USE_RESULT;
/* Answered: inside a transaction, together with the effect of the answer. */
enum qt_err outbox_done(struct tdb *, int64_t sequence) QT_USE_RESULT;
/* Refused, and nobody is there to tell: keep it in view with the reason. Inside a transaction or not. */
enum qt_err outbox_refuse(struct tdb *, int64_t sequence, const char *why) QT_USE_RESULT;

struct outbox_counts {
	int waiting, refused;
};
/* When the file cannot be read just now, one is said to wait, so that it is looked at again. */
struct outbox_counts outbox_counts(struct tdb *);
/* All rows, oldest first, at most `most`; without path and body. Returns how many. */
int outbox_list(struct tdb *, struct outbox_row *, int most);

#endif
