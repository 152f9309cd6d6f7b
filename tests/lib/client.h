/* client: one blocking HTTP connection for the crash and race tests: it sends bytes that were made before, and asks
 * again with the same bytes when the connection ends without an answer, as a till does. */
#ifndef QT_TEST_CLIENT_H
#define QT_TEST_CLIENT_H

#include "shared/buf.h"

#include <stdint.h>

struct client {
	int fd;          /* -1: not connected */
	int port;        /* on 127.0.0.1 */
	int lost;        /* how often a request had to be sent again */
	int status;      /* of the last answer */
	bool replayed;   /* it was marked Idempotency-Replayed */
	struct buf text; /* head and body of the last answer */
	const char *body; /* in text */
};

void client_open(struct client *, int port);
/* One try. False: no (whole) answer came. */
bool client_try(struct client *, const struct buf *request);
/* Until it is answered; a pause between tries. False after `within_ms`. */
bool client_send(struct client *, const struct buf *request, int within_ms);
/* The integer member `name` anywhere in the body; 0 when it is not there. */
int64_t client_int(const struct client *, const char *name);
void client_close(struct client *);

/* "POST path" with a bearer credential (empty: none), an idempotency key (NULL: none) and a JSON body. */
void client_post(struct buf *out, const char *path, const char *bearer, const char *key, const char *json);

#endif
