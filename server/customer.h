/* customer: people with phones, their devices, phone numbers and PINs. No HTTP, no JSON.
 * Owns the tables customer, device, phone_confirmation; belongs to the `codes` role of a split server. */
#ifndef QT_CUSTOMER_H
#define QT_CUSTOMER_H

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
                         int64_t now_ms, int64_t *customer_id, char token[96]) QT_USE_RESULT;

#endif
