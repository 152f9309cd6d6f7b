/* staff: people who work at a merchant, their PINs, and who is signed in where. No HTTP, no JSON.
 * Owns the tables staff, session, pin_guard. */
#ifndef QT_STAFF_H
#define QT_STAFF_H

#include "server/auth.h"
#include "server/call.h"
#include "server/merchant.h"
#include "server/server.h"

#define SESSION_TTL_MS (16 * 60 * 60 * 1000)
#define PIN_TRIES 5
#define PIN_LOCK_MS (5 * 60 * 1000) /* after PIN_TRIES wrong ones; doubles with each further five, to a day at most */

enum staff_state { STAFF_ACTIVE = 1, STAFF_LEFT };
struct staff {
	int64_t id, merchant_id;
	char number[7];        /* 1 to 6 digits */
	char name[NAME_MAX_BYTES + 1];
	int64_t role;          /* ROLE_CASHIER, ROLE_MANAGER or ROLE_OWNER */
	int64_t state;         /* enum staff_state */
	char pin_hash[128];
};
enum qt_err staff_get(struct db *, int64_t merchant_id, int64_t staff_id, struct staff *) QT_USE_RESULT;
const char *staff_role_name(int64_t role); /* "cashier" */

/* 1 to 6 digits. Pure. */
enum qt_err staff_check_number(const char *number, struct problem *) QT_USE_RESULT;
/* Digits: 4 to 12 for a cashier, 6 to 12 for others. Pure. */
enum qt_err staff_check_pin(int64_t role, const char *pin, struct problem *) QT_USE_RESULT;
/* number, name, role and pin_hash are set; QT_EXISTS. Inside a transaction. */
enum qt_err staff_add(struct db *, struct staff *, int64_t now_ms, struct problem *) QT_USE_RESULT;
/* Overwrites name, role, PIN and state; the person's sessions end. Inside a transaction. */
enum qt_err staff_change(struct db *, const struct staff *, int64_t now_ms) QT_USE_RESULT;

/* Sign in: a session at the terminal, whose earlier one ends; the token goes out once. Sign out. Inside a
 * transaction. */
enum qt_err session_open(struct db *, const struct keyring *, const struct staff *, int64_t terminal_id, int64_t now_ms,
                         char token[AUTH_TOKEN_MAX]) QT_USE_RESULT;
enum qt_err session_close(struct db *, int64_t terminal_id, int64_t now_ms) QT_USE_RESULT;

/* PIN tries, per person and terminal. */
/* WALLET: wrong wallet codes of a till; LOGIN: wrong passphrases of a login name */
enum pin_person { PIN_STAFF = 1, PIN_CUSTOMER, PIN_WALLET, PIN_LOGIN };
/* The person key of a staff number: the same for known and unknown ones, so that a lock tells nothing. */
int64_t pin_person_of_number(int64_t merchant_id, const char *number);
/* How long a lock lasts after `tries` wrong PINs; 0: no lock. Pure. */
int64_t pin_lock_ms(int64_t tries);
/* From a route's prepare: count a try, on disk, before the PIN is looked at. QT_PIN_LOCKED with the waiting time
 * in the detail. */
enum qt_err pin_guard_take(struct call *, enum pin_person, int64_t person, int64_t terminal_id) QT_USE_RESULT;
/* The PIN was right: forget the tries. From prepare. */
enum qt_err pin_guard_clear(struct call *, enum pin_person, int64_t person, int64_t terminal_id) QT_USE_RESULT;

/* Forget tries that are over. Inside a transaction. */
enum qt_err pin_guard_sweep(struct db *, int64_t now_ms) QT_USE_RESULT;

/* From a route's prepare: who is it that gives number and PIN at call's terminal? QT_BAD_PIN (also for an unknown
 * number or one who left), QT_PIN_LOCKED. Used for sign-in and for a manager's approval. */
enum qt_err staff_by_pin(struct call *, const char *number, const char *pin, struct staff *) QT_USE_RESULT;

#endif
