/* till_price: discounts and other prices of the sale under way: what the person signed in may do alone, and the
 * manager's approval for more. An approval comes from the server after it has checked the manager's PIN; without the
 * server there is none. */
#ifndef QT_POS_TILL_PRICE_H
#define QT_POS_TILL_PRICE_H

#include "pos/cart.h"

#define PRICE_REASONS_MOST 9 /* a digit each */

struct till;
struct json_t;
struct api_reply;

/* What the store has settled and the person may do, as the server said last; kept in the file. */
struct till_rules {
	char reasons[PRICE_REASONS_MOST][CART_REASON_ROOM];
	int reason_count;
	int64_t discount_bp, discount_cents, price_cents;
	int64_t cash_rounding_cents; /* what is paid in cash is rounded to this; 1: not at all */
};
void till_rules_load(struct till *); /* from the file; without any, those of a server that was never told */
enum qt_err till_rules_apply(struct till *, const struct json_t *rules) QT_USE_RESULT;
void till_rules_ask(struct till *);  /* after sign-in, and from time to time */

/* What is wanted while dialogs ask for it. */
struct till_wanted {
	int line;                       /* of the cart; -1: the whole sale */
	bool price;                     /* another price; else a discount */
	struct price_discount discount; /* both 0: take it away */
	int64_t new_price_cents;
	char reason[CART_REASON_ROOM];
	char approver[8];
	int64_t item_id;                /* of the line: another may stand there when the approval comes */
	struct cart *cart;              /* owned: the cart as it would become; NULL: nothing waits */
	int64_t asking;                 /* api number of the approval under way; 0: none */
	int64_t amount_cents;           /* that is to be approved: */
	bool approve_price;             /* prices below the catalogue's; else discounts */
};

/* How much is above what the person may do and no approval covers; 0: nothing. *price: of prices, else of discounts. */
int64_t till_price_excess(const struct till *, const struct cart *, bool *price);
/* Do what t->wanted says. true: done, or refused and said why; false: a manager must approve, see amount_cents. */
bool till_price_do(struct till *);
/* Ask the server for a manager's approval of an action ("discount") up to an amount; t->wanted.asking until `done` is
 * called. The PIN is nowhere kept. */
void till_approval_ask(struct till *, const char *action, int64_t amount_cents, const char *number, const char *pin,
                       void (*done)(void *till, const struct api_reply *));
/* Ask for the approval of what t->wanted says; done when it comes. */
void till_price_approve(struct till *, const char *number, const char *pin);
void till_price_close(struct till *);

#endif
