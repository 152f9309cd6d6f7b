/* till_refund: the refund under way: which order, what of it goes back, what the server says that would do, and the
 * request. Prices nothing: every figure is the server's. From the moment it is sent until a person has seen the result
 * it is on disk, so that a till killed at any moment comes back to it. See till.h. */
#ifndef QT_POS_TILL_REFUND_H
#define QT_POS_TILL_REFUND_H

#include "pos/cart.h"
#include "shared/jread.h"

#define REFUND_REASON_ROOM 201 /* bytes of a reason with its end; the server takes 200 */

/* Stored numbers; never reused. */
enum refund_stage {
	REFUND_NONE = 0,     /* no order is chosen */
	REFUND_CHOOSING = 1, /* lines and quantities may change; nothing is on disk */
	REFUND_SENT = 2,     /* the request is in the outbox; no answer yet */
	REFUND_DONE = 3      /* the server did it; nobody has confirmed seeing it */
};

struct till_refund {
	enum refund_stage stage;
	struct json_t *order;            /* owned; as the server answered it; NULL: none */
	struct json_t *left;             /* owned; preview of everything that is left */
	struct json_t *preview;          /* owned; of what is chosen; NULL: not answered yet, or nothing is chosen */
	struct json_t *answer;           /* owned; REFUND_DONE: the server's answer */
	int64_t chosen[CART_LINES_MOST]; /* quantities that go back, by line_no - 1 */
	char reason[REFUND_REASON_ROOM]; /* as it was sent; empty: not asked yet */
	char error[256];                 /* why the last question was not answered; empty: it was */
	char refused[256];               /* why the request was refused; empty: it was not, or something changed since */
	int64_t asking;                  /* api number of a question under way; 0: none */
	int64_t retry_ms;                /* monotonic: the preview is not asked again before */
};

struct till;
struct api_reply;

/* Read what was on disk. */
void till_refund_load(struct till *);
void till_refund_free(struct till_refund *);
/* Begin with the order of a receipt: by the receipt's code, or by the order's id. Nothing while one is sent or done. */
void till_refund_look_code(struct till *, const char *code);
void till_refund_look_order(struct till *, int64_t order_id);
/* Forget it: what is chosen, or a result that was seen. Nothing while it is sent. */
void till_refund_drop(struct till *);
/* Ask again for a preview that did not come. */
void till_refund_tick(struct till *, int64_t now_ms);

/* Pieces of a line that are left to give back; `line` from 0. */
int64_t till_refund_left(const struct till_refund *, int line);
int till_refund_line_count(const struct till_refund *);
/* Change what goes back by `by` pieces, within 0 and what is left; or all lines at once. Asks for the preview. */
void till_refund_choose(struct till *, int line, int64_t by);
void till_refund_choose_all(struct till *, bool all);
/* Send it. `number` and `pin` of the manager who approves exactly this refund; NULL: nobody. */
void till_refund_send(struct till *, const char *reason, const char *number, const char *pin);

/* For the outbox. Inside a transaction: the effect of the answer, or of a refusal. */
enum qt_err till_refund_keep_answer(struct till *, const struct json_t *answer) QT_USE_RESULT;
enum qt_err till_refund_keep_refusal(struct till *) QT_USE_RESULT;
/* After that is on disk. `why` NULL: it was done. */
void till_refund_answered(struct till *, struct json_t *answer, const char *why);

#endif
