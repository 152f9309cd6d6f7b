/* template: HTML pages filled with JSON values. Pure: knows no files, no server, no codes.
 *
 * A template is text with tags; what a tag writes is always escaped for element text and quoted attributes, there
 * is no way round it:
 *   {{name}}          a value: text, number, true or false; nothing when it is missing or null
 *   {{money:name}}    integer minor units as an amount with symbol; the value "currency" (ISO alpha) in scope
 *   {{rate:name}}     basis points as a percentage, "8.25%"
 *   {{time:name}}     unix milliseconds as "2026-11-21 02:33 UTC"; {{iso:name}} as "2026-11-21T02:33:00Z"
 *   {{local:name}}    name_zh in a Chinese page when it is there and not empty, else name
 *   {{t:key}}         a text of the dictionary
 *   {{#name}}...{{/name}}  for each element of a list (its members come into scope), or once when the value is
 *                     true, not 0, not empty; {{^name}}...{{/name}} when it is not
 *   {{>name}}         another template at this place, with the same scope */
#ifndef QT_TEMPLATE_H
#define QT_TEMPLATE_H

#include "shared/buf.h"

struct json_t; /* jread.h */

struct template_env {
	const struct json_t *text;  /* dictionary: one object of key to text; borrowed */
	bool chinese;        /* which of name and name_zh {{local:name}} takes */
	/* Source of another template, NUL-terminated, or NULL when there is none; borrowed. NULL: no inclusion. */
	const char *(*find)(void *context, const char *name);
	void *context;
};

/* Append `source` filled with `values` (an object) to `out`. QT_BAD_CONFIG when the template is not well formed (an
 * open tag, sections that do not match, an unknown text or filter, inclusion deeper than 4); the problem says which
 * tag. `out` then holds a part that must not be shown. */
enum qt_err template_render(const struct template_env *, const char *source, const struct json_t *values,
                            struct buf *out, struct problem *) QT_USE_RESULT;

#endif
