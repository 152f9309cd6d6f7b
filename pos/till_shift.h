/* till_shift: the till's shift, from the float to the count of the drawer. What is done goes to the outbox, so that float,
 * cash in and out, drops and the close itself also work without the network, in their order: the server's Z of a close
 * that waited counts exactly what was sent before it. Works out no figures: reports are the server's, kept as they came,
 * so that they read the same later. See till.h. */
#ifndef QT_POS_TILL_SHIFT_H
#define QT_POS_TILL_SHIFT_H

#include "pos/tdb.h"
#include "shared/jread.h"

#define SHIFT_REASON_ROOM 121 /* bytes of a reason with its end; the server takes 120 */

/* Stored numbers; never reused. */
enum till_shift_state { SHIFT_UNKNOWN = 0, SHIFT_NONE = 1, SHIFT_OPEN = 2 };
enum shift_move { SHIFT_CASH_IN, SHIFT_CASH_OUT, SHIFT_SAFE_DROP };

struct till_shift {
	enum till_shift_state state; /* as the server said last, and what was done here since */
	int64_t number;              /* of the shift; 0: the server has not said yet */
	int64_t opened_ms;           /* 0: as number */
	bool automatic;              /* it was opened by what was sold, without a float */
	bool offer;                  /* somebody has just signed in: ask for the float when no shift is open */
	bool awaited;                /* somebody looks at the screen for the answer of the last request */
	int64_t asking;              /* api number of the question for the state; 0: none */
};

/* A count by denomination; without those of which there is none. */
struct till_count {
	int64_t value_cents, quantity;
};

/* Reports of this till as they came, the newest REPORTS_KEPT. */
#define REPORTS_KEPT 400
struct report_row {
	int64_t id, report_id, number, at_ms; /* id: of the till's file; number: of the shift */
	bool z;
};
int till_report_list(struct tdb *, struct report_row *, int most); /* newest first */
/* The figures of one; the caller jfree()s them. NULL: not there. */
struct json_t *till_report_read(struct tdb *, int64_t id);

struct till;
struct api_reply;
struct outbox_row;

void till_shift_load(struct till *);
/* Ask the server whether a shift is open; its answer does not count while requests wait. */
void till_shift_ask(struct till *);
/* What was done, for the outbox. false: it could not be written, and that was said. */
bool till_shift_open(struct till *, int64_t float_cents);
bool till_shift_move(struct till *, enum shift_move, int64_t amount_cents, const char *reason);
/* The drawer is opened without a sale. */
bool till_no_sale(struct till *, const char *reason);
bool till_shift_close(struct till *, const struct till_count *, int count);
/* An X; number and PIN of the manager who approves it, or NULL. Needs the server. */
bool till_shift_x(struct till *, const char *number, const char *pin);

/* For the outbox. Inside a transaction: the effect of the answer. */
enum qt_err till_shift_keep_answer(struct till *, const struct outbox_row *, const struct json_t *answer) QT_USE_RESULT;
/* Does a refusal stay in view? It does when nobody waited for it: the cash has moved. */
bool till_shift_keeps_refusal(const struct till *);
/* After that is on disk. */
void till_shift_answered(struct till *, const struct outbox_row *, const char *why);

#endif
