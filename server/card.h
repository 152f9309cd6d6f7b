/* card: prepaid cards. The value is on a ledger account of kind CARD; the row holds state, holder and the keyed hash of
 * the code's secret. No HTTP, no JSON. Owns the tables card_batch and card.
 *
 * Refusals are uniform: a forged code, an unknown card, a wrong secret and another merchant's card all give
 * QT_CARD_REFUSED after the same work, so that guessing learns nothing. */
#ifndef QT_CARD_H
#define QT_CARD_H

#include "server/ledger.h"
#include "server/server.h"

enum card_state { CARD_NEW = 1, CARD_ACTIVE, CARD_FROZEN, CARD_CLOSED, CARD_EXPIRED };
/* Who froze a card: what the merchant froze its holder cannot release. */
enum card_freezer { CARD_FROZEN_BY_NOBODY, CARD_FROZEN_BY_HOLDER, CARD_FROZEN_BY_MERCHANT };

struct card {
	int64_t id;
	int64_t merchant_id; /* the issuer */
	int64_t batch_id;    /* 0: issued singly */
	int64_t number;      /* 16 digits */
	int64_t account_id;  /* ledger account; 0 before activation */
	int64_t customer_id; /* bound to; 0: bearer */
	int64_t state;       /* enum card_state as stored; card_state_at judges expiry */
	int64_t expires_ms;  /* 0: never */
	int64_t frozen_by;   /* enum card_freezer */
	int64_t replaced_by; /* card that took over; 0: none */
};

/* Look-ups: one indexed select, any connection. `merchant_id` 0: any merchant's (a customer asks). */
enum qt_err card_get(struct db *, int64_t merchant_id, int64_t card_id, struct card *) QT_USE_RESULT; /* QT_NOT_FOUND */
/* `text`: URL or bare token. Checks MAC, row and the secret's keyed hash (constant time). QT_WRONG_KIND for a
 * genuine code of another kind, else QT_CARD_REFUSED. */
enum qt_err card_by_code(struct db *, const struct server *, int64_t merchant_id, const char *text, int64_t now_ms,
                         struct card *) QT_USE_RESULT;
/* The same for a code whose MAC was checked: QT_CARD_REFUSED. */
enum qt_err card_by_read_code(struct db *, const struct server *, int64_t merchant_id, const struct code *,
                              struct card *)
	QT_USE_RESULT;
/* 16 digits (spaces allowed). QT_CARD_REFUSED. */
enum qt_err card_by_number(struct db *, int64_t merchant_id, const char *digits, struct card *) QT_USE_RESULT;

/* The stored state, or CARD_EXPIRED once its time is over (closed stays closed). Pure. */
enum card_state card_state_at(const struct card *, int64_t now_ms);
const char *card_state_name(enum card_state); /* "active" */
/* May the card pay, or take money, now? QT_CARD_NOT_ACTIVE, QT_CARD_FROZEN, QT_CARD_REFUSED (closed), QT_CODE_EXPIRED.
 * Its account_id is then set. Pure. */
enum qt_err card_check_usable(const struct card *, int64_t now_ms) QT_USE_RESULT;

/* Luhn (ISO/IEC 7812-1): the number with its check digit appended; and the check of a whole number. Pure. */
int64_t card_number_with_check(int64_t payload);
bool card_number_valid(int64_t number);
/* "•••• 1234": what people are shown. */
char *card_number_masked(int64_t number, char out[24]);
/* The CARD code's URL of a card whose secret was made. The secret is derived from the lookup key, id and number:
 * so a replayed
 * answer repeats it, and the database alone does not know it. */
char *card_code_url(const struct server *, const struct card *, char out[CODE_URL_MAX]);

/* Everything below is inside a transaction, checks before it writes, and fills the problem on refusal. */

struct card_batch {
	int64_t id, merchant_id, count;
	int64_t face_cents;    /* put on a card that is activated without an amount */
	int64_t expires_ms;    /* of its cards; 0: never */
	int64_t first_card_id; /* its cards follow one another */
	int64_t exported_ms;   /* 0: not yet */
	const char *name; /* NULL: none */
};
/* QT_NOT_FOUND also for another merchant's. Any connection; name is not read. */
enum qt_err card_batch_get(struct db *, int64_t merchant_id, int64_t batch_id, struct card_batch *) QT_USE_RESULT;
/* Makes `count` cards in state new, without codes. */
enum qt_err card_batch_add(struct db *, struct card_batch *, int64_t now_ms) QT_USE_RESULT;
/* Marks the batch as exported: its codes are valid from now on. QT_NOT_FOUND; QT_CONFLICT when it was exported
 * before. */
enum qt_err card_batch_export(struct db *, const struct server *, int64_t merchant_id, int64_t batch_id, int64_t now_ms,
                              struct card_batch *) QT_USE_RESULT;
/* One card with a code, in state new. */
enum qt_err card_issue(struct db *, const struct server *, int64_t merchant_id, int64_t expires_ms, int64_t now_ms,
                       struct card *) QT_USE_RESULT;

/* How the money for a card came in. */
enum card_tender { CARD_TENDER_NONE, CARD_TENDER_CASH, CARD_TENDER_TERMINAL };
struct card_money {
	int64_t amount_cents;     /* >= 0 */
	/* CASH: the terminal's drawer; TERMINAL: a bank terminal (WORLD); NONE: given by the merchant */
	enum card_tender tender;
	int64_t terminal_id;      /* for CASH */
	int64_t currency;         /* of the merchant */
	int64_t actor_id;         /* packed */
	int64_t at_ms;
	int64_t order_id;         /* whose line it is; 0: none */
};
/* new -> active, with its first money (0: none). QT_CONFLICT when it is not new. */
enum qt_err card_activate(struct db *, struct card *, const struct card_money *, struct problem *) QT_USE_RESULT;
enum qt_err card_top_up(struct db *, struct card *, const struct card_money *, struct problem *) QT_USE_RESULT;
/* Bearer -> bound. Binding to the same customer again changes nothing. QT_CARD_BOUND when it is somebody else's. */
enum qt_err card_bind(struct db *, struct card *, int64_t customer_id, int64_t now_ms) QT_USE_RESULT;
/* active <-> frozen; the state it is in already changes nothing. QT_CARD_NOT_ACTIVE, QT_CARD_REFUSED (closed, expired),
 * QT_FORBIDDEN when the holder would release what the merchant froze. */
enum qt_err card_freeze(struct db *, struct card *, enum card_freezer, int64_t now_ms) QT_USE_RESULT;
enum qt_err card_unfreeze(struct db *, struct card *, enum card_freezer, int64_t now_ms) QT_USE_RESULT;
/* Whole balance of `from` (active or frozen) to `to` (new or active, same issuer); from is closed, to takes over
 * the holder when it has none. *amount_cents gets what moved. */
enum qt_err card_transfer(struct db *, struct card *from, struct card *to, int64_t currency, int64_t actor_id,
                          int64_t now_ms, int64_t *amount_cents, struct problem *) QT_USE_RESULT;
/* The card itself, or the one that took over its balance. Any connection. */
enum qt_err card_living(struct db *, int64_t card_id, struct card *) QT_USE_RESULT;
/* For lines of a sale (order_card.h), which checked the card when the order was made: a new card becomes active with its
 * money; a card, or its heir, gets more. *journal_id is what moved it. */
enum qt_err card_sell(struct db *, int64_t card_id, const struct card_money *, int64_t *journal_id) QT_USE_RESULT;
enum qt_err card_load(struct db *, int64_t card_id, const struct card_money *, int64_t *journal_id) QT_USE_RESULT;
/* A refund: from the card to the merchant; `freeze`: the card pays nothing more. QT_INSUFFICIENT. */
enum qt_err card_take_back(struct db *, int64_t card_id, const struct card_money *, bool freeze, int64_t *journal_id,
                           struct problem *) QT_USE_RESULT;
/* A job: cards whose time is over lose their balance to BREAKAGE; up to 100 a call, *count says how many. */
enum qt_err card_expire_due(struct db *, int64_t now_ms, int *count) QT_USE_RESULT;

#endif
