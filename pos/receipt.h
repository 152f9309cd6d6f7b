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
/* The ESC/POS bytes; `out` is the caller's. `drawer` opens the cash drawer first. */
void receipt_print(const struct till *, const struct json_t *order, int printed, bool drawer, struct buf *out);

#endif
