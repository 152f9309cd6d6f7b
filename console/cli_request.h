/* cli_request: options and arguments of a verb as a request of the server, by the tables of cli.h. */
#ifndef QT_CLI_REQUEST_H
#define QT_CLI_REQUEST_H

#include "console/cli_client.h"

/* Fill path (with its query, when the method is GET) and body (else empty). Asks the server for the currency when
 * an amount is among the options. */
enum qt_err request_build(struct client *, const struct cli_route *, struct buf *path, struct buf *body,
                          struct problem *) QT_USE_RESULT;
/* One value by its kind as JSON member `field` of the open object. `name`: the option, for errors. */
enum qt_err request_value(struct client *, struct json *, enum cli_kind, const char *field, const char *name,
                          const char *text, struct problem *) QT_USE_RESULT;

/* "5.5" -> 550; QT_BAD_FIELD when it is no rate from 0 to 100 per cent with at most two places. Pure. */
enum qt_err request_rate(const char *text, int64_t *rate_bp) QT_USE_RESULT;
/* "2026-12-31", "2026-12-31 18:00" or with T, local time -> unix ms; a bare date is its first moment. */
enum qt_err request_time(const char *text, int64_t *ms) QT_USE_RESULT;
/* A card as a person writes it: 16 digits, blanks and dashes between allowed. true: *number gets the digits. */
bool request_card_number(const char *text, char number[20]);

#endif
