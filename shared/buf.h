/* buf: a growable byte string, and a JSON writer on top of it.
 * The writer puts commas itself and escapes text; what it writes is always valid UTF-8 JSON. */
#ifndef QT_BUF_H
#define QT_BUF_H

#include "shared/err.h"

#include <stdint.h>

/* Zero-initialise to start. data is NUL-terminated once anything was added (not counted in len). */
struct buf {
	char *data;  /* owned; NULL while empty */
	size_t len;
	size_t room; /* allocated */
};

void buf_add(struct buf *, const void *data, size_t len);
void buf_adds(struct buf *, const char *text);
void buf_addc(struct buf *, char c);
void buf_addf(struct buf *, const char *fmt, ...) QT_PRINTF(2, 3);
void buf_add_int(struct buf *, int64_t);
void buf_reset(struct buf *);  /* empty, keep the memory */
void buf_free(struct buf *);   /* empty, give the memory back */
char *buf_take(struct buf *);  /* hand the NUL-terminated string to the caller, who frees it */

/* JSON writer. `key` is NULL inside arrays and for the outermost value. Text that is not valid UTF-8 is
 * written with U+FFFD in place of the bad bytes. A NULL text writes null. Depth at most 32. */
struct json {
	struct buf *out;  /* borrowed */
	int depth;
	uint32_t more;    /* bit per depth: a comma is due before the next value */
	uint32_t arrays;  /* bit per depth: the level is an array */
};
void json_start(struct json *, struct buf *out);
void json_object(struct json *, const char *key);
void json_array(struct json *, const char *key);
void json_end(struct json *);                          /* closes the innermost object or array */
void json_int(struct json *, const char *key, int64_t);
void json_bool(struct json *, const char *key, bool);
void json_text(struct json *, const char *key, const char *utf8);
void json_textn(struct json *, const char *key, const char *utf8, size_t len);
void json_null(struct json *, const char *key);
/* Insert JSON text made elsewhere, as it is. */
void json_raw(struct json *, const char *key, const char *json, size_t len);

#endif
