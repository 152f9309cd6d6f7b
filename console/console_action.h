/* console_action: what screens need to run actions. */
#ifndef QT_CONSOLE_ACTION_H
#define QT_CONSOLE_ACTION_H

#include "console/console.h"

typedef void (*action_done)(void *ctx, enum qt_err, const struct problem *);
/* Build the request of a call and send it, after the verb's question if it has one. An error: nothing was sent and *p says
 * why. `row`: the values of before. `told` (may be NULL) hears how it went; action_forget when ctx goes first. */
enum qt_err action_send(struct console *, const struct console_list *, const struct console_action *,
                        struct console_call *, const struct json_t *row, action_done told, void *ctx, struct problem *)
	QT_USE_RESULT;
void action_forget(struct console *, const void *ctx);
/* Of console.c and this file alone: */
void console_action_forget(struct console *, console_done of, const void *ctx);
void action_untell(void *doing, const void *ctx);
/* The id by which actions know a row. */
char *action_id(const struct console_list *, const struct json_t *row, char out[24]);
/* Keys of a list's actions that have all flags of `only` and are allowed; command: 1 + the action's place. */
#define ACTION_KEYS_MAX 24
int action_bindings(const struct console *, const struct console_list *, unsigned only, struct binding *out, int most);

#endif
