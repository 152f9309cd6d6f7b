/* http_head: the strict check of a request's head (RFC 9112), where the HTTP library is lenient. Pure: it looks at
 * bytes and knows neither the library nor routes.
 *
 * libmicrohttpd parses in place: in its buffer every CRLF has become NUL NUL, a bare LF or CR a single NUL, the colon
 * after a name and the spaces of the request line a NUL each; and it tells how many bytes the head had. So the
 * buffer, read again by that rule, shows exactly what the client sent. Anything else than one well-formed head is
 * refused, also what a library of another version might do differently: it fails closed. */
#ifndef QT_HTTP_HEAD_H
#define QT_HTTP_HEAD_H

#include "shared/err.h"

#include <stdint.h>

#define HTTP_HEAD_MAX 8192   /* bytes of request line and headers */
#define HTTP_TARGET_MAX 2000 /* bytes of the request target */
#define HTTP_HEADERS_MAX 64

/* What the rest of the server wants of a head; texts point into it, NULL when not sent. */
struct http_head {
	int lines;              /* header lines; the library must have found as many, or a NUL was sent as such */
	int64_t content_length; /* -1: not sent */
	const char *host, *authorization, *cookie, *idempotency_key, *content_type, *accept_language, *merchant, *qrtill;
	const char *if_none_match, *forwarded_for;
};

/* `head` is the library's buffer from the method on, `size` the head's bytes including the empty line; `target_len`
 * the bytes of the request target. QT_BAD_REQUEST with the reason. */
enum qt_err http_head_check(const char *head, size_t size, size_t target_len, struct http_head *, struct problem *)
	QT_USE_RESULT;

/* The request target as it was sent: printable ASCII only, begins with '/', escapes are well formed and stand for no
 * NUL, control or slash in the path. Gives the length of the path. */
enum qt_err http_target_check(const char *target, size_t len, size_t *path_len, struct problem *) QT_USE_RESULT;

#endif
