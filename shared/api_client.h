/* api_client: the one way the till and the command line talk to the server: HTTP with JSON over libcurl, with
 * bearer credentials, a pinned server key, idempotency keys, and problems read back into struct problem.
 * Requests run in the background of one loop (api_wait); api_call waits for one of them. Knows no routes and keeps
 * nothing on disk: whoever sends a mutation stores it and its key first.
 *
 * One struct api belongs to one thread. */
#ifndef QT_API_CLIENT_H
#define QT_API_CLIENT_H

#include "shared/err.h"
#include "shared/jread.h"

#include <stdint.h>

struct api;

/* All text is copied. */
struct api_options {
	const char *url;      /* "https://pay.example.com:8443"; with `socket` the host is only a name */
	const char *socket;   /* path of the operator's Unix socket; NULL or empty: TCP */
	const char *token;    /* credential sent as "Authorization: Bearer"; NULL or empty: none */
	const char *pin;      /* "sha256/BASE64" of the server's public key: then this key alone is trusted, with
	                         whatever certificate; NULL or empty: the system's certificate authorities */
	const char *locale;   /* "en" or "zh": Accept-Language; NULL: none */
	int64_t merchant_id;  /* operator only: X-Merchant; 0: none */
	int timeout_ms;       /* for a whole request; 0: 15000 */
};

/* QT_BAD_CONFIG when url or pin cannot be used. */
enum qt_err api_open(const struct api_options *, struct api **, struct problem *) QT_USE_RESULT;
void api_close(struct api *); /* drops what is under way without calling back; NULL is allowed */
void api_set_token(struct api *, const char *token); /* NULL or empty: none; for requests made from now on */
void api_set_locale(struct api *, const char *locale);

/* What came back. `err` tells it all:
 *   QT_OK               2xx; body is the decoded JSON (NULL when the answer was empty)
 *   a registered error  the server's own refusal, with field and detail in `problem`
 *   QT_OFFLINE          the server was not reached: it has not seen the request
 *   QT_UNKNOWN_OUTCOME  a POST may or may not have been carried out: send it again with the same key
 *   QT_BAD_SIGNATURE    the server's key is not the pinned one, or its certificate is not trusted */
struct api_reply {
	enum qt_err err;
	int status;             /* HTTP; 0: no answer */
	bool replayed;          /* the first answer to this key, again */
	struct json_t *body;    /* owned by the reply (read with jread.h); NULL: none */
	struct problem problem; /* err again, with field and detail */
	char title[160];        /* the server's text for the error in the asked language; empty: use err_info */
};
void api_reply_free(struct api_reply *);

typedef void (*api_done)(void *ctx, const struct api_reply *); /* the reply lives until it returns */

struct api_request {
	const char *method;  /* "GET" or "POST" */
	const char *path;    /* "/v1/orders?after=7"; already percent-encoded */
	const char *body;    /* JSON text; NULL: none (POST sends {}) */
	const char *key;     /* Idempotency-Key; NULL: none */
	const char *token;   /* credential of this request alone; NULL: that of the client */
	int timeout_ms;      /* 0: the client's */
	api_done done;       /* called from api_wait, once; not after api_cancel */
	void *ctx;
};
/* Start a request; everything is copied. Returns its number (> 0). */
int64_t api_send(struct api *, const struct api_request *);
/* Forget a request: its callback will not come. The server may still carry it out. */
void api_cancel(struct api *, int64_t number);
/* Requests under way, long polls not counted. */
int api_pending(const struct api *);

/* Wait at most timeout_ms for the network or for `fd` (-1: none) and run callbacks. true: fd can be read. */
bool api_wait(struct api *, int fd, int timeout_ms);
/* From another thread: make api_wait return now. */
void api_wake(struct api *);

/* Send and wait for the answer (command line). `reply` is filled on success and on error; api_reply_free it.
 * Returns reply->err. */
enum qt_err api_call(struct api *, const char *method, const char *path, const char *body, const char *key,
                     struct api_reply *reply) QT_USE_RESULT;

/* Events: one long poll that starts itself again, resumes after the last event seen, and backs off (0.5 s to 8 s)
 * while the server cannot be reached. */
struct api_events {
	int64_t after;  /* last event seen; -1: only new ones */
	const char *query; /* more query text, "&payment=TOKEN"; borrowed; NULL: none */
	/* extra is borrowed and may be NULL */
	void (*event)(void *ctx, const char *kind, int64_t ref_id, const struct json_t *extra);
	void (*state)(void *ctx, enum qt_err); /* after every poll: QT_OK, or why it failed; NULL: not wanted */
	void *ctx;
	/* private */
	struct api *api;
	int64_t number;    /* of the request under way; 0: none */
	int64_t retry_ms;  /* monotonic time of the next try while number is 0 */
	int backoff_ms;    /* 0: the last poll went well */
	int wait_s;        /* 0 for the first poll, so that the state is known at once */
};
void api_events_start(struct api *, struct api_events *); /* the struct must live until api_events_stop */
void api_events_stop(struct api_events *);

/* What carries requests in place of libcurl: the simulation's network. Both are called in the loop's thread; texts are
 * borrowed. For every request that was sent and not cancelled, the transport calls api_answer once. */
struct api_message {
	const char *method, *path;
	const char *body;      /* of a POST */
	const char *token, *key; /* NULL: none */
	const char *locale;    /* NULL: none */
	int64_t merchant_id;   /* 0: none */
	int timeout_ms;
};
struct api_transport {
	void (*send)(void *ctx, struct api *, int64_t number, const struct api_message *);
	void (*cancel)(void *ctx, struct api *, int64_t number);
	void *ctx;
};
/* For every client opened from now on; the struct must outlive them. NULL: libcurl again. */
void api_inject(const struct api_transport *);
/* The answer to a request of the transport's; runs its callback. `status` 0: none came, and `seen` says whether the
 * server may have had the request. */
void api_answer(struct api *, int64_t number, int status, bool replayed, bool seen, const char *body, size_t len);

/* Percent-encode `text` for a path or query value; caller frees. */
char *api_escape(const char *text);

#endif
