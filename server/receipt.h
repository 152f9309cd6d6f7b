/* receipt: what the customer gets: numbered per terminal without gaps, kept here, shown to whoever holds its code
 * (R14). No HTTP. A receipt has no row: it is the order as it was paid. The code's secret is derived from the
 * lookup key and the order's id, so that nothing is stored for it. */
#ifndef QT_RECEIPT_H
#define QT_RECEIPT_H

#include "server/order.h"

/* The RECEIPT code's URL of a paid order. */
char *receipt_code_url(const struct server *, int64_t order_id, char out[CODE_URL_MAX]);
/* The order a RECEIPT code names; text is a URL or bare token. QT_BAD_CODE, QT_WRONG_KIND. The row is not read. */
enum qt_err receipt_by_code(const struct server *, const char *text, int64_t now_ms, int64_t *order_id) QT_USE_RESULT;
/* The same for a code that was read already: is its secret the order's? */
bool receipt_code_is_genuine(const struct server *, const struct code *);
/* Members of the receipt of a paid order, into the object that is open. QT_NOT_FOUND. Any connection. */
enum qt_err receipt_json(struct call *, int64_t order_id, struct json *) QT_USE_RESULT;

#endif
