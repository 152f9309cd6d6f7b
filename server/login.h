/* login: how owners and managers sign in away from a till: name, passphrase, and for owners a code of an authenticator app
 * (RFC 6238, SHA-1, 6 digits, 30 s) or one of eight recovery codes. No HTTP, no JSON. Owns the tables login and
 * login_session. */
#ifndef QT_LOGIN_H
#define QT_LOGIN_H

#include "server/staff.h"

#define LOGIN_NAME_MAX 64
#define LOGIN_PASSPHRASE_MIN 12
#define LOGIN_PASSPHRASE_MAX 128
#define LOGIN_SESSION_MS (12 * 60 * 60 * 1000)
#define LOGIN_RECOVERY_CODES 8
#define LOGIN_RECOVERY_ROOM 20  /* "XXXX-XXXX-XXXX-XXXX", 80 bits */
#define LOGIN_URI_ROOM 256

struct login {
	int64_t staff_id, serial, last_step, recovery_used;
	bool totp;
	char name[LOGIN_NAME_MAX + 1];
	char passphrase_hash[128];
};
/* 3 to 64 letters, digits and . _ @ - ; folded to lower case into out. Pure. */
enum qt_err login_fold(const char *name, char out[LOGIN_NAME_MAX + 1], struct problem *) QT_USE_RESULT;
enum qt_err login_by_name(struct db *, const char *folded, struct login *) QT_USE_RESULT;

/* Set (again) how a person signs in; what was before ends, also its sessions. QT_EXISTS (name). Inside a transaction. */
enum qt_err login_set(struct db *, const struct staff *, const char *folded, const char *passphrase_hash, int64_t now_ms,
                      struct login *, struct problem *) QT_USE_RESULT;
/* What the person keeps: "otpauth://totp/..." and the recovery codes. Derived: the same for the same serial. */
void login_uri(const struct keyring *, const struct login *, char out[LOGIN_URI_ROOM]);
void login_recovery(const struct keyring *, const struct login *, int number, char out[LOGIN_RECOVERY_ROOM]);

/* Is it a code of this person, of an app or for recovery, that was not used before? On success what is used up is noted in
 * the struct; login_use writes it. */
bool login_code_fits(const struct keyring *, struct login *, const char *code, int64_t now_ms);
/* Inside a transaction: note what was used up. QT_BAD_PIN when somebody else was faster. */
enum qt_err login_use(struct db *, const struct login *, int64_t now_ms) QT_USE_RESULT;
/* A session; the token goes out once. Inside a transaction. */
enum qt_err login_session_open(struct db *, const struct keyring *, int64_t staff_id, int64_t now_ms,
                               char token[AUTH_TOKEN_MAX]) QT_USE_RESULT;
/* End all sessions of a person. Inside a transaction. */
enum qt_err login_session_close(struct db *, int64_t staff_id, int64_t now_ms) QT_USE_RESULT;

#endif
