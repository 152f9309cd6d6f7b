/* cli_view: answers of the server as text for people and for scripts. Pure: JSON in, text out. What a member is follows
 * from the end of its name (_cents, _ms, _bp), which is why one printer serves every noun. */
#ifndef QT_CLI_VIEW_H
#define QT_CLI_VIEW_H

#include "shared/buf.h"
#include "shared/jread.h"

struct view {
	const char *currency; /* ISO alpha of amounts where the answer names none; "" : two places, no name */
	bool plain;           /* for scripts: tab between cells, names as in JSON, times in UTC, no alignment */
	bool chinese;         /* labels in Chinese where one is known */
	bool words;           /* for screens: "Till" where the member is terminal_id */
};

/* One value: "23.75 USD", "2026-11-21 02:07", "5.5 %", "yes". `siblings` is the object it is in (its currency or unit
 * counts), or NULL. All text passes text_clean. */
void view_value(struct buf *out, const struct view *, const struct json_t *siblings, const char *name,
                const struct json_t *value);
/* What a member is called: "price", or in Chinese where a word is known. */
void view_label(struct buf *out, const struct view *, const char *name);
/* Numbers stand to the right in tables. */
bool view_is_number(const char *name, const struct json_t *value);
/* An object as lines "label: value"; objects inside with their name before, arrays of objects as tables. */
void view_object(struct buf *out, const struct view *, const struct json_t *object);
/* An array of objects as a table with a head line (none when plain). `columns`: names, a space between; NULL: the plain
 * members of the first row. */
void view_table(struct buf *out, const struct view *, const struct json_t *rows, const char *columns);

#endif
