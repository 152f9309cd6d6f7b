/* audit_log: who did what to settings, staff, cards and campaigns. Rows are sealed and never changed. */
#ifndef QT_AUDIT_LOG_H
#define QT_AUDIT_LOG_H

#include "server/call.h"

/* Inside the transaction of what is done. `action` is a short word ("card-freeze"), `ref_id` the row it is done to
 * (0: none), `detail` what changed, for people, without secrets; NULL: the action says it all. */
enum qt_err audit_log_add(struct db *, const struct actor *, int64_t now_ms, const char *action, int64_t ref_id,
                          const char *detail) QT_USE_RESULT;

#endif
