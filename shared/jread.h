/* jread: reading JSON answers as a tree (libjansson), for the till, the command line and the filling of pages. The server
 * never builds a tree of what it is sent: it uses fields.h. This is the only module that sees jansson, whose names
 * would clash with the JSON writer of buf.h. */
#ifndef QT_JREAD_H
#define QT_JREAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_t; /* a JSON value; every function below takes NULL for "absent" */

/* Parse strictly; doubled names are refused. NULL when it is not JSON. The caller jfree()s it. */
struct json_t *jparse(const char *text, size_t len);
struct json_t *jhold(struct json_t *);  /* one more owner; returns its argument */
void jfree(struct json_t *);            /* one owner less */
char *jdump(const struct json_t *);     /* compact text, names in their order; caller frees; "null" for NULL */

/* All results are borrowed from the tree. */
struct json_t *jget(const struct json_t *object, const char *name); /* NULL when absent */
struct json_t *jat(const struct json_t *array, size_t index);       /* NULL past the end */
size_t jcount(const struct json_t *array);                          /* 0 when it is no array */
/* Call `each` for every member of an object, in its order. */
void jeach(const struct json_t *object, void (*each)(void *ctx, const char *name, struct json_t *value), void *ctx);
/* The member, or the fallback when it is absent or of another type. */
int64_t jint(const struct json_t *object, const char *name, int64_t fallback);
const char *jtext(const struct json_t *object, const char *name, const char *fallback);
bool jbool(const struct json_t *object, const char *name, bool fallback);
/* What a value is: JKIND_NONE for NULL; numbers with a fraction are JKIND_OTHER, there are none in qrtill. */
enum jkind { JKIND_NONE, JKIND_NULL, JKIND_BOOL, JKIND_INT, JKIND_TEXT, JKIND_ARRAY, JKIND_OBJECT, JKIND_OTHER };
enum jkind jkind_of(const struct json_t *);
bool jvalue_bool(const struct json_t *);            /* true only for true */
/* The value itself, for elements of arrays. */
int64_t jvalue_int(const struct json_t *, int64_t fallback);
const char *jvalue_text(const struct json_t *, const char *fallback);

#endif
