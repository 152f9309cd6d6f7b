/* practice: the books of a training (training.h): sales, parts of a payment, refunds and the shift, in memory, and the
 * answers a server would give about them. Nothing of it outlives the program. Takes its prices from the till's cart. */
#ifndef QT_POS_PRACTICE_H
#define QT_POS_PRACTICE_H

#include "shared/buf.h"
#include "shared/err.h"

#include <stdint.h>

struct till;
struct json_t;
struct practice;

/* What an answer is made from. */
struct practice_call {
	struct practice *books;
	const struct till *till;
	const struct json_t *body; /* of the request; NULL: none */
	int64_t id;                /* from the path; 0: none */
	const char *query;         /* behind the path's "?"; empty: none */
	struct json *out;          /* an open object */
};

struct practice *practice_new(void);
void practice_free(struct practice *);

/* Each answers one request; on an error nothing was changed. QT_TRAINING: a training has no such thing. */
enum qt_err practice_order(const struct practice_call *);          /* sells the till's cart; id 0 */
enum qt_err practice_order_look(const struct practice_call *);     /* a code that is shown is paid after some seconds */
enum qt_err practice_pay(const struct practice_call *);
enum qt_err practice_cancel(const struct practice_call *);
enum qt_err practice_release(const struct practice_call *);        /* id: of the payment */
enum qt_err practice_refund(const struct practice_call *);
enum qt_err practice_refund_preview(const struct practice_call *);

/* practice_shift.c */
enum qt_err practice_shift_look(const struct practice_call *);
enum qt_err practice_shift_open(const struct practice_call *);
enum qt_err practice_cash_in(const struct practice_call *);
enum qt_err practice_cash_out(const struct practice_call *);
enum qt_err practice_safe_drop(const struct practice_call *);
enum qt_err practice_no_sale(const struct practice_call *);
enum qt_err practice_x(const struct practice_call *);
enum qt_err practice_shift_close(const struct practice_call *);

#endif
