/* fields: JSON bodies and query strings decoded into plain structs by a table, without a tree.
 * One pass, strict RFC 8259, UTF-8 checked, doubled and unknown fields refused, every error naming the
 * field's path ("lines[2].quantity") and the reason. The tables also yield the API description. */
#ifndef QT_FIELDS_H
#define QT_FIELDS_H

#include "shared/err.h"

#include <stddef.h>
#include <stdint.h>

enum field_type {
	FIELD_END,    /* closes a table */
	FIELD_INT,    /* int64_t; min..max inclusive. JSON numbers with fraction or exponent are refused */
	FIELD_BOOL,   /* bool */
	FIELD_MAYBE,  /* int: 1 for true, 0 for false; `fallback` (say -1) when absent: for what a change may leave */
	FIELD_TEXT,   /* const char *, NUL-terminated, in the arena; min..max bytes;
	                 valid UTF-8 without controls (text_has_controls) */
	FIELD_LINES,  /* as TEXT, but newline and tab are allowed */
	FIELD_CHOICE, /* int: index into `choices`, a NULL-terminated list of words */
	FIELD_LIST,   /* struct field_list: array of objects decoded by `sub`; min..max elements */
	FIELD_INTS,   /* struct field_list of int64_t: array of integers, max elements; each >= 0 */
	FIELD_OBJECT  /* embedded struct decoded by `sub` */
};

/* A decoded list: `count` elements of `sub_size` bytes each, in the arena. */
struct field_list {
	void *items;
	int count;
};

#define FIELD_REQUIRED 1u /* absence is QT_MISSING_FIELD; without it absence leaves `fallback` (INT, BOOL,
                             MAYBE, CHOICE), NULL (TEXT) or an empty list */
#define FIELD_SECRET   2u /* never logged, never echoed in an error's detail */

struct field {
	const char *name;
	enum field_type type;
	unsigned flags;
	size_t offset;              /* of the member in the target struct */
	int64_t min, max;           /* INT: value; TEXT: bytes; LIST: elements. max 0 for TEXT means 255 */
	int64_t fallback;           /* value when absent (INT, BOOL, MAYBE, CHOICE) */
	const char *const *choices; /* CHOICE */
	const struct field *sub;    /* LIST, OBJECT */
	size_t sub_size;            /* LIST: sizeof one element */
	const char *help;           /* one line for qrtill-api(7) and openapi.json; says the unit */
};

/* Bump memory that lives as long as the request. Zero-initialise; arena_free gives all back. */
struct arena {
	struct arena_chunk *chunks;
};
void *arena_alloc(struct arena *, size_t size); /* zeroed, aligned 16; fatal on out of memory */
char *arena_strndup(struct arena *, const char *, size_t len);
/* Empty it but keep up to `keep` bytes for the next request: memory that goes from thread to thread costs locks. */
void arena_reset(struct arena *, size_t keep);
void arena_free(struct arena *);

/* Decode `body` (len bytes, not NUL-terminated) by `table` into `target` (zeroed by this call over
 * `target_size` bytes). Text points into the arena. On error *p says field and reason and target is not
 * to be used. Nesting at most 4. */
enum qt_err fields_from_json(const struct field *table, void *target, size_t target_size,
                             const char *body, size_t len, struct arena *, struct problem *p) QT_USE_RESULT;

/* The same for "a=1&b=two" (percent-decoded, + is a space). LIST, INTS and OBJECT cannot appear. */
enum qt_err fields_from_query(const struct field *table, void *target, size_t target_size,
                              const char *query, size_t len, struct arena *, struct problem *p) QT_USE_RESULT;

/* JSON text that is valid by RFC 8259, as a whole (used by tests and by the pass-through routes). */
bool json_is_valid(const char *text, size_t len);

#endif
