/* receipt: what a receipt says, from an order as the server answered it; once for the screen, once for the printer. */
#ifndef QT_POS_RECEIPT_H
#define QT_POS_RECEIPT_H

#include "pos/till.h"

enum receipt_kind { RECEIPT_CENTER, RECEIPT_PAIR, RECEIPT_RULE, RECEIPT_TOTAL, RECEIPT_NOTE, RECEIPT_CODE };
struct receipt_line {
	enum receipt_kind kind;
	char left[256], right[32]; /* CODE: the code in left */
};
#define RECEIPT_LINES_MOST 600
/* Fill `out`; returns how many. `printed`: times on paper before: 1 and more mark a copy. */
int receipt_lines(const struct till *, const struct json_t *order, int printed, struct receipt_line *out, int most);
/* The same for a refund that was done: what came back, and what went where. */
int receipt_refund_lines(const struct till *, const struct till_refund *, struct receipt_line *out, int most);
/* Paint lines from `first` on into a column of the present canvas. In screen_receipt.c. */
void receipt_lines_draw(const struct receipt_line *, int count, int y, int x, int rows, int cols, int first);
/* The name of a line of the order the refund is of, in the present language; the text is the order's. */
const char *receipt_line_name(const struct json_t *order, int64_t line_no);
/* How much of a line, of an order or a refund: pieces, or thousandths when it has a unit. */
int64_t receipt_quantity(const struct json_t *line);
/* What a way of paying is called: "cash", "wallet" and so on, as in the API. */
const char *receipt_method_name(const char *method);
/* What a source of money is called: "card", "cash" and so on, as in the API. */
const char *receipt_source_name(const char *source);
/* What changed hands by a payment or a refund's tender: cash that was rounded is not what it is worth. */
int64_t receipt_tender_cents(const struct json_t *tender);
/* The ESC/POS bytes; `out` is the caller's. `drawer` opens the cash drawer first. */
void receipt_print(const struct till *, const struct json_t *order, int printed, bool drawer, struct buf *out);
/* Any lines; `drawer` as above. */
void receipt_print_lines(const struct till *, const struct receipt_line *, int count, bool drawer, struct buf *out);
/* An X or Z report from its figures as the server gave them, by them alone: the same figures, the same lines. In report.c. */
int report_lines(const struct till *, const struct json_t *figures, struct receipt_line *out, int most);
void receipt_print_refund(const struct till *, const struct till_refund *, bool drawer, struct buf *out);

#endif
