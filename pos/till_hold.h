/* till_hold: sales put aside: the lines of a cart with a name, in the till's own file until they are taken up again or
 * dropped; and as a document that another till of the store can go on with. See till.h. Sharing is till_recall.h. */
#ifndef QT_POS_TILL_HOLD_H
#define QT_POS_TILL_HOLD_H

#include "pos/till_sale.h"

#define HOLD_NAME_ROOM 61 /* bytes of a name with its end */
#define HOLD_MOST 100     /* sales put aside at one time */

#define HOLD_KEY_ROOM 40

struct held_row {
	int64_t id, held_ms;       /* id 0: it is at another till */
	char name[HOLD_NAME_ROOM]; /* empty: only the number, which is the id */
	char key[HOLD_KEY_ROOM];   /* what the server knows it by; empty: it is this till's alone */
	bool shared;               /* the server has it: it decides who goes on with it */
	int64_t total_cents, pieces;
	char till[NAME_ROOM], by[NAME_ROOM]; /* of another till's: where, and who put it aside */
};

/* How many are put aside. */
int till_hold_count(struct tdb *);
/* Without total and pieces, oldest first, at most `most`; returns how many. */
int till_hold_list(struct tdb *, struct held_row *, int most);
/* Its number; 0: none has this key. */
int64_t till_hold_find(struct tdb *, const char *key);
/* The server has it. / It is this till's alone from now on. */
enum qt_err till_hold_shared(struct tdb *, const char *key) QT_USE_RESULT;
enum qt_err till_hold_unshare(struct tdb *, const char *key) QT_USE_RESULT;
/* Its document, into an open object, and back; approvals are of the till that got them alone. Back into a sale whose cart
 * is empty: QT_BAD_FIELD when it is none; names are cleaned. */
void till_hold_json(struct json *, const struct till_sale *, int64_t terminal_id);
enum qt_err till_hold_parse(const char *document, int64_t terminal_id, struct till_sale *) QT_USE_RESULT;
/* The lines of one, priced; `inclusive` as in struct cart. QT_NOT_FOUND. */
enum qt_err till_hold_read(struct tdb *, int64_t id, bool inclusive, struct cart *) QT_USE_RESULT;

/* Inside a transaction: put the sale's lines, customer and shared code aside, `key` empty or new. QT_TOO_LONG: there are
 * HOLD_MOST. *id gets its number. */
enum qt_err till_hold_put(struct tdb *, const struct till_sale *, const char *name, const char *key, int64_t now_ms,
                          int64_t *id) QT_USE_RESULT;
/* Inside a transaction: the sale, whose cart is empty, gets them back; nothing is put aside under that number any
 * more. QT_NOT_FOUND. Memory only is changed of the sale: save it in the same transaction. */
enum qt_err till_hold_take(struct tdb *, int64_t id, struct till_sale *) QT_USE_RESULT;
/* Forget one. */
enum qt_err till_hold_drop(struct tdb *, int64_t id) QT_USE_RESULT;

#endif
