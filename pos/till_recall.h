/* till_recall: sales put aside, shared between the tills of a store. Each is in the file of the till that made it, and with
 * the server as soon as that can be reached; from then on the server decides which till goes on with it, and one does.
 * Without the network a till goes on at once with what the server has never seen; with what it has, only after somebody
 * said so, and when another till did too, that stays in view in the queue. See till.h. */
#ifndef QT_POS_TILL_RECALL_H
#define QT_POS_TILL_RECALL_H

#include "pos/outbox.h"
#include "pos/till_hold.h"

#define HELD_THERE_MOST 100

struct till_held {
	struct held_row there[HELD_THERE_MOST]; /* those of other tills, as of the server's last list */
	int there_count;
	int count;             /* all of them, this till's too */
	int serial;            /* counts up with every change */
	int64_t asking;        /* api number of the question for the list; 0: none */
	char taking[HOLD_KEY_ROOM]; /* what this till asked to go on with; empty: nothing */
};

struct till;

/* All, this till's first; at most HOLD_MOST + HELD_THERE_MOST; returns how many. */
int till_held_list(struct till *, struct held_row *);
/* Count again after a change. */
void till_held_count(struct till *);
/* Ask the server for the list. */
void till_held_ask(struct till *);

/* Put the cart aside; an empty name: only a number. */
void till_hold(struct till *, const char *name);
/* What became of the wish to go on with one. */
enum held_taken { HELD_NOT, HELD_TAKEN, HELD_ASKED, HELD_UNSURE };
/* Go on with it, in an empty cart. HELD_TAKEN: it is the sale; HELD_ASKED: the server is asked; HELD_NOT: it did not go, and
 * that was said; HELD_UNSURE: the server has it and cannot be reached: `anyway` goes on nevertheless. */
enum held_taken till_recall(struct till *, const struct held_row *, bool anyway);
void till_drop_held(struct till *, const struct held_row *);

/* For the outbox. Inside a transaction: the effect of the answer, or of a refusal. */
enum qt_err till_held_keep_answer(struct till *, const struct outbox_row *, const struct json_t *answer) QT_USE_RESULT;
enum qt_err till_held_keep_refusal(struct till *, const struct outbox_row *, enum qt_err, const char *why) QT_USE_RESULT;
/* Did this till go on without asking? Then a refusal stays in view. */
bool till_held_was_used(const struct outbox_row *);
/* After that is on disk. `why`: the server's particulars of a refusal; NULL: it was done. */
void till_held_answered(struct till *, const struct outbox_row *, const char *why);

#endif
