/* shift: a till's shift from float to count: cash in and out, X and Z reports. No HTTP. Owns the tables shift,
 * shift_cash, shift_card and shift_report. Sales and refunds do not know of shifts: a shift is a range of journals.
 *
 * Shifts of a till follow each other without a gap. What happens while none is open belongs to the next one, which is
 * opened by itself with float 0 by the first request about the drawer (cash in or out, X, close). Closing books the
 * difference between count and ledger as a correction and takes the counted cash out: the drawer's account is 0
 * between shifts. */
#ifndef QT_SHIFT_H
#define QT_SHIFT_H

#include "server/call.h"
#include "server/card.h"
#include "server/merchant.h"

enum shift_state { SHIFT_OPEN = 1, SHIFT_CLOSED = 2 };
enum shift_report_kind { SHIFT_X, SHIFT_Z };
/* X(KIND, "wire name"); numbers are stored. FLOAT opens, DIFFERENCE and CLOSE end a shift. */
#define SHIFT_CASH_KINDS(X) \
	X(FLOAT, "float") X(IN, "cash-in") X(OUT, "cash-out") X(SAFE, "safe-drop") X(DIFFERENCE, "difference") \
	X(CLOSE, "close")
enum shift_cash_kind {
#define X(name, wire) SHIFT_CASH_##name,
	SHIFT_CASH_KINDS(X)
#undef X
	SHIFT_CASH_KIND_COUNT
};
const char *shift_cash_kind_name(enum shift_cash_kind);

/* A row of shift; members as the columns of 0007-shift.sql. */
struct shift {
	int64_t id, merchant_id, terminal_id, number, state, automatic, opened_by, opened_ms, first_journal, closed_by,
		closed_ms, last_journal, end_journal, expected_cents, counted_cents;
};
/* Who asks for what till: of all that changes a shift. */
struct shift_ask {
	int64_t merchant_id, currency, terminal_id;
	int64_t actor_id; /* packed */
	int64_t at_ms;
};
/* One denomination of a count. */
struct shift_count {
	int64_t value_cents, quantity;
};
#define SHIFT_COUNT_MAX 40

/* Any connection. QT_NOT_FOUND also for another merchant's. */
enum qt_err shift_get(struct db *, int64_t merchant_id, int64_t shift_id, struct shift *) QT_USE_RESULT;

/* The till's open shift, or the one that would be opened now by itself for what happened since the last: its id is then 0
 * and its opened_ms not; 0 too when nothing happened. Any connection. */
enum qt_err shift_current(struct db *, const struct shift_ask *, struct shift *) QT_USE_RESULT;
/* Open with a float (0 or more), which moves into the drawer. QT_CONFLICT when one is open, also by itself. */
enum qt_err shift_open(struct db *, const struct shift_ask *, int64_t float_cents, struct shift *,
                       struct problem *) QT_USE_RESULT;
/* Cash in, cash out or a drop into the safe, amount > 0. QT_INSUFFICIENT: more than lies in the drawer. */
enum qt_err shift_move(struct db *, const struct shift_ask *, enum shift_cash_kind, int64_t amount_cents,
                       const char *reason, struct shift *, int64_t *movement_id, struct problem *) QT_USE_RESULT;
/* A report of the open shift so far. QT_CONFLICT: none is open and nothing happened. */
enum qt_err shift_x(struct db *, const struct shift_ask *, int64_t *report_id, struct problem *) QT_USE_RESULT;
/* Count and end the open shift; the report is its Z. QT_CONFLICT as above; QT_BAD_FIELD for a denomination given
 * twice; QT_OVERFLOW. */
enum qt_err shift_close(struct db *, const struct shift_ask *, const struct shift_count *, int count,
                        int64_t *report_id, struct problem *) QT_USE_RESULT;

/* Note what a till put on a card. Inside the transaction of the journal. */
enum qt_err shift_card_add(struct db *, int64_t terminal_id, int64_t journal_id, enum card_tender, bool sold,
                           int64_t amount_cents) QT_USE_RESULT;

/* Sums of a shift's journals up to last_journal (shift->last_journal, or so far), members into an open object, and what
 * the ledger expects in the drawer. Pure reading; the one place where figures are worked out. */
enum qt_err shift_figures(struct db *, const struct shift *, int64_t last_journal, int64_t currency, struct json *,
                          int64_t *expected_cents) QT_USE_RESULT;

#endif
