/* till_event: what this till did, one row an event, each tied to the one before by its hash (shared/chain.h), written in
 * the transaction of the thing itself. The server gets them in batches and countersigns how far it has them; the word is
 * kept. Events are let go when they were countersigned and are older than the setting journal_days; the head that vouches
 * for the last of those stays. A till that is not enrolled writes none. See till.h. */
#ifndef QT_POS_TILL_EVENT_H
#define QT_POS_TILL_EVENT_H

#include "pos/cart.h"
#include "pos/tdb.h"
#include "shared/jread.h"

/* What of the cart was written last, to see what changed. */
struct till_event_cart {
	int64_t sale_number; /* of the sale */
	bool open;           /* its lines may change: leaving it behind is a void */
	int count;
	struct { int64_t item_id, quantity, price_cents, total_cents; bool measured; } lines[CART_LINES_MOST];
};

struct till;

/* Write one. `spec` has a letter per member of the content, each followed by name and value: i int64_t, t const char *.
 * Inside a transaction. */
enum qt_err till_event(struct till *, const char *kind, const char *spec, ...) QT_USE_RESULT;
/* The same in a transaction of its own; a failure is logged. */
void till_event_alone(struct till *, const char *kind, const char *spec, ...);
/* Write what changed in the cart since it was remembered. Inside the transaction that saves the sale. */
enum qt_err till_event_cart(struct till *) QT_USE_RESULT;
/* Take the cart as it is for what was written. */
void till_event_remember(struct till *);

/* The newest of them, newest first; contents are owned by the caller: till_event_last_free. Returns how many. */
struct till_event_row {
	int64_t at_ms;
	char kind[24];
	struct json_t *content; /* owned */
};
int till_event_last(struct till *, struct till_event_row *, int most);
void till_event_last_free(struct till_event_row *, int count);

/* Program start: says so, and whether the one before ended as it should. Program end. */
void till_event_start(struct till *);
void till_event_stop(struct till *);
/* Enrolled: the chain of this terminal goes on where the server has it, by the answer's "events". Inside a transaction. */
enum qt_err till_event_enrolled(struct till *, const struct json_t *head) QT_USE_RESULT;
/* Hand in what waits; let go what is old. */
void till_event_tick(struct till *, int64_t now_ms);

#endif
