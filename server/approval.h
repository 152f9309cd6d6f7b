/* approval: a manager's number and PIN inside a request of a cashier. It approves that request and no other: the
 * approval is part of it. */
#ifndef QT_APPROVAL_H
#define QT_APPROVAL_H

#include "server/staff.h"

struct approval_args {
	const char *number, *pin; /* number NULL: nobody approves */
};
/* Of the object "approval_staff" in a route's fields. */
extern const struct field approval_fields[];

/* From a route's prepare: who approves, in the arena, or NULL when nobody was named. QT_FORBIDDEN for a cashier, and as
 * staff_by_pin. */
enum qt_err approval_take(struct call *, const struct approval_args *, struct staff **) QT_USE_RESULT;

#endif
