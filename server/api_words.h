/* api_words: the words in which the API is described: roles, flags, values. */
#ifndef QT_API_WORDS_H
#define QT_API_WORDS_H

#include "server/call.h"

struct api_role { unsigned role; const char *name, *help; };
extern const struct api_role api_roles[];
extern const int api_role_count;

/* " cashier manager", each with a blank before it. */
void api_words_roles(unsigned roles, struct buf *out);
/* JSON text in lines, two blanks a level, so that a change shows as a change. */
void api_words_indent(const char *json, size_t len, struct buf *out);
/* What a field may hold, in words: "integer 1 to 99", "text, at most 80 bytes", "one of: cash card". */
void api_words_field(const struct field *, struct buf *out);

#endif
