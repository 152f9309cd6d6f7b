/* asker: somebody outside the tills who wants something of the server: a phone, the operator. Asks with one key until there
 * is an answer that counts, as a client must. */
#ifndef QT_SIM_ASKER_H
#define QT_SIM_ASKER_H

#include "shared/jread.h"
#include "tests/sim/net.h"

/* `who` is an actor of the server with its own keys: "customer 3", "operator". Texts are copied. `done` (or NULL) gets the
 * answer that counted: what the server did or refused. */
void asker_ask(const char *who, const char *token, int64_t merchant_id, const char *method, const char *path,
               const char *body, void (*done)(void *ctx, int status, const struct json_t *), void *ctx);
/* Questions without an answer yet. */
int asker_waiting(void);

/* At once, in good weather, and it must be granted: for making the shop, and for looking at the end. The caller jfree()s. */
struct json_t *asker_must(const char *who, const char *token, int64_t merchant_id, const char *method, const char *path,
                          const char *body);

#endif
