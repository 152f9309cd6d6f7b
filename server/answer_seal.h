/* answer_seal: kept answers that hold a credential (ROUTE_SECRET) lie sealed in the database, so that a stolen
 * database or backup gives none. AES-256-GCM with a key outside the database, bound to the request's own key. */
#ifndef QT_ANSWER_SEAL_H
#define QT_ANSWER_SEAL_H

#include "server/idempotency.h"
#include "shared/buf.h"
#include "shared/crypto.h"

/* Append the sealed form, printable, to out. */
void answer_seal(const struct keyring *, const struct idempotency *, const char *text, size_t len, struct buf *out);
/* Back; text in the arena. A text that is not sealed is given back as it is. QT_STORE when it was changed. */
enum qt_err answer_open(const struct keyring *, const struct idempotency *, struct arena *, const char **text,
                        size_t *len)
	QT_USE_RESULT;

#endif
