/* till_hold: sales put aside: the lines of a cart with a name, in the till's own file until they are taken up again or
 * dropped. Nothing of them was sent to the server. See till.h. */
#ifndef QT_POS_TILL_HOLD_H
#define QT_POS_TILL_HOLD_H

#include "pos/till_sale.h"

#define HOLD_NAME_ROOM 61 /* bytes of a name with its end */
#define HOLD_MOST 100     /* sales put aside at one time */

struct held_row {
	int64_t id, held_ms;
	char name[HOLD_NAME_ROOM]; /* empty: only the number, which is the id */
	struct cart cart;          /* read by till_hold_read alone */
};

/* How many are put aside. */
int till_hold_count(struct tdb *);
/* Without their lines, oldest first, at most `most`; returns how many. */
int till_hold_list(struct tdb *, struct held_row *, int most);
/* The lines of one, priced; `inclusive` as in struct cart. QT_NOT_FOUND. */
enum qt_err till_hold_read(struct tdb *, int64_t id, bool inclusive, struct cart *) QT_USE_RESULT;

/* Inside a transaction: put the sale's lines, customer and shared code aside. QT_TOO_LONG: there are HOLD_MOST. *id gets
 * its number. */
enum qt_err till_hold_put(struct tdb *, const struct till_sale *, const char *name, int64_t now_ms, int64_t *id)
	QT_USE_RESULT;
/* Inside a transaction: the sale, whose cart is empty, gets them back; nothing is put aside under that number any
 * more. QT_NOT_FOUND. Memory only is changed of the sale: save it in the same transaction. */
enum qt_err till_hold_take(struct tdb *, int64_t id, struct till_sale *) QT_USE_RESULT;
/* Forget one. */
enum qt_err till_hold_drop(struct tdb *, int64_t id) QT_USE_RESULT;

#endif
