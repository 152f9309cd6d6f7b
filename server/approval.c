/* approval: see approval.h. */
#include "server/approval.h"

#include "server/list.h"

const struct field approval_fields[] = {
	FIELD(struct approval_args, number, TEXT, .flags = FIELD_REQUIRED, .min = 1, .max = 6,
	      .help = "the manager's number"),
	FIELD(struct approval_args, pin, TEXT, .flags = FIELD_REQUIRED | FIELD_SECRET, .min = 1, .max = 32,
	      .help = "the manager's PIN"),
	FIELDS_DONE
};

enum qt_err approval_take(struct call *call, const struct approval_args *args, struct staff **staff)
{
	*staff = NULL;
	if (args->number == NULL)
		return QT_OK;
	struct staff *who = arena_alloc(call->arena, sizeof *who);
	enum qt_err err = staff_by_pin(call, args->number, args->pin, who);
	if (err != QT_OK)
		return err;
	if (who->role == ROLE_CASHIER)
		return problem_set(&call->problem, QT_FORBIDDEN, "approval_staff", "a cashier may not approve");
	*staff = who;
	return QT_OK;
}
