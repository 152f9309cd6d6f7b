/* remap: which keys a command has: those of its binding, or those the configuration gives it. */
#ifndef QT_TUI_REMAP_H
#define QT_TUI_REMAP_H

#include "shared/tui/tui.h"

#define REMAP_MOST 64

struct remap {
	struct { const char *name; int key, key2; } rows[REMAP_MOST]; /* names within text; key2 0: the binding's */
	int count;
	char *text; /* owned */
};

/* "pay=F8 cash=C-b:F12": the first key of a command, and after a colon the second. NULL: none. QT_BAD_CONFIG. */
enum qt_err remap_parse(struct remap *, const char *text, struct problem *) QT_USE_RESULT;
void remap_free(struct remap *);
/* Its keys, 0 where there is none. */
int remap_first(const struct remap *, const struct binding *);
int remap_second(const struct remap *, const struct binding *);
/* The binding of this table that has the key; NULL: none. */
const struct binding *remap_find(const struct remap *, const struct binding *table, int key);
/* Every name is a command's of one of these tables, and on each screen no key means two commands: QT_BAD_CONFIG names
 * both. `screens` ends with NULL; `program` (may be NULL) and `always` hold on every screen. */
enum qt_err remap_check(const struct remap *, const struct screen_ops *const *screens, const struct binding *program,
                        const struct binding *always, struct problem *) QT_USE_RESULT;

#endif
