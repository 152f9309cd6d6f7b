/* customer: people with phones, their devices, phone numbers and PINs. No HTTP, no JSON.
 * Owns the tables customer, device, phone_confirmation; belongs to the `codes` role of a split server. */
#ifndef QT_CUSTOMER_H
#define QT_CUSTOMER_H

#include "server/auth.h"
#include "server/server.h"

struct customer {
	int64_t id;
	char locale[3];      /* "en" or "zh" */
	char phone[17];      /* E.164, confirmed; empty: none */
	char pin_hash[128];  /* empty: no PIN */
	int64_t created_ms;
};
/* QT_NOT_FOUND. Any connection. */
enum qt_err customer_get(struct db *, int64_t customer_id, struct customer *) QT_USE_RESULT;

/* The customer an IDENTITY code names (URL or bare token). QT_BAD_CODE, QT_WRONG_KIND; the code alone decides, no
 * row is read. */
enum qt_err customer_by_identity(const struct server *, const char *text, int64_t now_ms, int64_t *customer_id)
	QT_USE_RESULT;
/* The IDENTITY code's URL. */
char *customer_identity_url(const struct server *, int64_t customer_id, char out[CODE_URL_MAX]);

/* For a route's prepare (never in the writer): check the customer's PIN, counting the try first. QT_OK,
 * QT_PIN_NEEDED (no PIN given, or none set), QT_BAD_PIN, QT_PIN_LOCKED. */
struct call;
enum qt_err customer_pin_check(struct call *, int64_t customer_id, const char *pin) QT_USE_RESULT;

/* Sign-up from the device alone. The token goes out once. Inside a transaction. */
enum qt_err customer_add(struct db *, const struct server *, const char *locale, const char *device_name,
                         int64_t now_ms, int64_t *customer_id, char token[AUTH_TOKEN_MAX]) QT_USE_RESULT;
/* QT_NOT_FOUND also for another customer's; revoking twice changes nothing. All the
 * customer's wallet keys end too. Inside a transaction. */
enum qt_err device_revoke(struct db *, int64_t customer_id, int64_t device_id, int64_t now_ms) QT_USE_RESULT;
/* Overwrites locale and PIN. Inside a transaction. */
enum qt_err customer_change(struct db *, const struct customer *) QT_USE_RESULT;

/* customer_phone.c: a number is confirmed by a 6-digit code sent to it. */
#define PHONE_CODE_TTL_MS (10 * 60 * 1000)
#define PHONE_CODE_TRIES 5
#define PHONE_CODES_A_DAY 5 /* that one customer may ask for */

/* "+" and 8 to 15 digits. Pure. */
enum qt_err phone_check(const char *phone, struct problem *) QT_USE_RESULT;
/* Make a code, put its message into the outbox. QT_TOO_MANY. Inside a transaction. */
enum qt_err phone_ask(struct db *, const struct server *, const struct customer *, const char *phone, int64_t now_ms,
                      struct problem *) QT_USE_RESULT;
/* From a route's prepare: count a try, then compare; confirmation_id gets the row for phone_confirm. One refusal
 * for wrong, expired, used up and never asked: QT_BAD_FIELD (code). */
enum qt_err phone_check_code(struct call *, int64_t customer_id, const char *code, int64_t *confirmation_id)
	QT_USE_RESULT;
/* The code was right: the number becomes the customer's; whoever had it before has it no more. QT_CONFLICT when it was
 * used meanwhile. Inside a transaction. */
enum qt_err phone_confirm(struct db *, int64_t confirmation_id, int64_t now_ms, char phone[17]) QT_USE_RESULT;

#endif
