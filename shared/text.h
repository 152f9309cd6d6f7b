/* text: UTF-8 checks, and the one function foreign text passes before it reaches a terminal, a printer,
 * HTML or CSV. Names, notes and reviews come from strangers: nothing here trusts them. */
#ifndef QT_TEXT_H
#define QT_TEXT_H

#include "shared/buf.h"

#include <stdint.h>

/* Bytes of the valid UTF-8 character at s (1-4; overlong forms, surrogates and values above U+10FFFF are
 * not valid), 0 when there is none within len. */
size_t text_utf8_length(const char *s, size_t len);
/* The whole string is valid UTF-8. */
bool text_is_utf8(const char *s, size_t len);
/* The string holds a C0 or C1 control, DEL, a bidirectional override or another invisible formatting
 * character that can forge what a person sees. */
bool text_has_controls(const char *s, size_t len);

/* Where text is going; decides what is escaped or replaced. */
enum text_sink {
	TEXT_TERMINAL, /* controls and bad bytes become U+FFFD; nothing else changes */
	TEXT_PRINTER,  /* as TERMINAL; no byte below 0x20 ever leaves */
	TEXT_HTML,     /* as TERMINAL, and & < > " ' become entities: for element text and quoted attributes */
	TEXT_CSV,      /* quoted by RFC 4180; a leading = + - @ tab or CR gets a ' before it (formula-safe) */
	TEXT_JSON      /* a whole document that a terminal may show: controls in it become \u escapes, bad bytes \ufffd */
};
void text_clean(struct buf *out, const char *s, size_t len, enum text_sink);

/* Columns on a terminal (wcwidth; East Asian wide characters are 2). Text must be UTF-8; bad bytes count 1. */
int text_columns(const char *s);
/* Bytes of the longest prefix of s that fits in `columns`; a wide character is never cut. *used (or NULL)
 * gets the columns it takes. */
size_t text_fit(const char *s, int columns, int *used);

#endif
