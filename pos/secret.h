/* secret: texts that must wait on the till's disk but that a copy of its database must not give away, as a manager's PIN
 * inside a request. Sealed with AES-256-GCM under a key derived from the till's own credential, which is in another
 * file. Keeps nothing. */
#ifndef QT_POS_SECRET_H
#define QT_POS_SECRET_H

/* "sealed:BASE64URL"; the caller frees it. */
char *secret_seal(const char *terminal_token, const char *text);
/* The text again; the caller wipes and frees it. A text that was not sealed comes back as it is. NULL: it was sealed
 * under another credential, or changed. */
char *secret_open(const char *terminal_token, const char *sealed);

#endif
