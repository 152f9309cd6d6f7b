/* peer_inside: what peer.c, peer_forward.c and peer_people.c share. */
#ifndef QT_PEER_INSIDE_H
#define QT_PEER_INSIDE_H

#include "server/auth.h"
#include "server/peer.h"

#include <curl/curl.h>
#include <pthread.h>

#define PEER_HEADER_MAX 256

struct forward; /* a request on its way, peer_forward.c */

struct peer {
	pthread_mutex_t lock;      /* of known and queue */
	struct known {
		char token[AUTH_TOKEN_MAX];
		int64_t until_ms;
		struct actor actor;
	} *known;                  /* credentials the other process has just vouched for */
	unsigned next_known;
	CURLM *multi;              /* of the forwarding thread */
	pthread_t thread;
	bool stopping;
	struct forward *queue;     /* not yet started */
};

void peer_sign_header(const struct server *, const char *method, const char *target, enum peer_as,
                      const uint8_t address[16], const char *body, size_t len, char out[PEER_HEADER_MAX]);
/* Ask the other process, as the process itself; the answer's body in `answer`. Blocks up to 5 s. QT_OFFLINE, or the
 * other's own refusal. */
enum qt_err peer_call(struct server *, const char *method, const char *target, const char *body, struct buf *answer)
	QT_USE_RESULT;

/* peer_forward.c */
void peer_forward_start(struct server *);
void peer_forward_stop(struct server *);
/* peer_people.c: read all people (and the code keys) of the other process. */
enum qt_err peer_people_read(struct server *) QT_USE_RESULT;

#endif
