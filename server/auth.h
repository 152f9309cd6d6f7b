/* auth: who asks. Makes and checks credentials; keeps those it has seen in memory. Knows no routes.
 *
 * A credential is KIND-ID-SECRET: a letter, the id of the row that holds its keyed hash, and 32 random bytes in
 * base64url. The hash is HMAC-SHA-256(lookup_key, "KIND-ID-" and the secret bytes), so that a stolen database gives no
 * credential and a row's hash is of no use in another row. */
#ifndef QT_AUTH_H
#define QT_AUTH_H

#include "server/call.h"
#include "shared/crypto.h"

enum credential {
	CREDENTIAL_TERMINAL = 'T', /* an enrolled till: table terminal */
	CREDENTIAL_SESSION  = 'S', /* a person signed in at a till: table session */
	CREDENTIAL_LOGIN    = 'L', /* a person signed in at a console: table login_session */
	CREDENTIAL_DEVICE   = 'D', /* a customer's device: table device */
	CREDENTIAL_KEY      = 'K', /* an agent's or a channel's key: table access_key */
	/* for auth_forget only: every credential that belongs to one of these */
	CREDENTIAL_OF_STAFF    = 's',
	CREDENTIAL_OF_CUSTOMER = 'c',
	CREDENTIAL_OF_MERCHANT = 'm'
};
#define AUTH_TOKEN_MAX 96
#define AUTH_SECRET_SIZE 32

/* A fresh secret for row `id`: the text to hand out and the hash to keep. */
void auth_new_secret(enum credential, int64_t id, const struct keyring *, char token[AUTH_TOKEN_MAX], uint8_t hash[32]);

/* Whose credential this is. QT_NOT_SIGNED_IN, the same for unknown, wrong, expired and revoked ones. `actor` is filled
 * but for the locale of those who have none of their own (left as it is). Any reader connection. */
enum qt_err auth_check(struct db *, const struct keyring *, const char *token, int64_t now_ms, struct actor *) QT_USE_RESULT;

/* What is remembered of a credential no longer holds: it was revoked, or the row behind it changed. A terminal's
 * sessions go with it. Called inside the transaction that changes it; takes effect again at the commit. */
void auth_forget(enum credential, int64_t id);
/* After a commit, in the writer's thread: forget once more what was looked up while the transaction was open. */
void auth_commit(void);

#endif
