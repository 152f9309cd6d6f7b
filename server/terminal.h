/* terminal: tills and their enrolment by a one-time code. No HTTP, no JSON. Owns the tables terminal and enrolment. */
#ifndef QT_TERMINAL_H
#define QT_TERMINAL_H

#include "server/auth.h"
#include "server/merchant.h"
#include "server/server.h"

#define ENROLMENT_TTL_MS (15 * 60 * 1000)

struct terminal {
	int64_t id, merchant_id, store_id;
	char name[NAME_MAX_BYTES + 1];
	int64_t created_ms, enrolled_ms, revoked_ms; /* 0: not yet */
};
/* QT_NOT_FOUND also for another merchant's; merchant_id 0: any. */
enum qt_err terminal_get(struct db *, int64_t merchant_id, int64_t terminal_id, struct terminal *) QT_USE_RESULT;
/* The fixed till code (W11) of a terminal: its URL. */
char *terminal_fixed_url(const struct server *, int64_t terminal_id, char out[CODE_URL_MAX]);

/* A new till and its enrolment code; QT_NOT_FOUND (store_id). The code is derived like a card's: enrolment_url
 * repeats it. Inside a transaction. */
enum qt_err terminal_add(struct db *, const struct server *, struct terminal *, int64_t now_ms, int64_t *enrolment_id,
                         struct problem *) QT_USE_RESULT;
/* A fresh code for a terminal whose code ran out, or that gets another machine; earlier unused ones end.
 * QT_CONFLICT when it was revoked. Inside a transaction. */
enum qt_err terminal_renew(struct db *, const struct server *, const struct terminal *, int64_t now_ms,
                           int64_t *enrolment_id) QT_USE_RESULT;
char *enrolment_url(const struct server *, int64_t enrolment_id, char out[CODE_URL_MAX]);
/* Use the code: the terminal gets a fresh credential (an earlier one ends). QT_BAD_CODE (also unknown or wrong secret),
 * QT_WRONG_KIND, QT_CODE_EXPIRED, QT_CODE_USED. Inside a transaction. */
enum qt_err terminal_enrol(struct db *, const struct server *, const char *code, const char *name, int64_t now_ms,
                           struct terminal *, char token[AUTH_TOKEN_MAX]) QT_USE_RESULT;
enum qt_err terminal_revoke(struct db *, struct terminal *, int64_t now_ms) QT_USE_RESULT;

#endif
