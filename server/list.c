/* list: see list.h. */
#include "server/list.h"

#include "server/merchant.h"

#include <stddef.h>
#include <stdio.h>

const struct field list_fields[] = {
	FIELD(struct list_args, after, INT, .min = 0, .max = INT64_MAX, .help = "rows after this id; 0: from the first"),
	FIELD(struct list_args, limit, INT, .min = 1, .max = LIST_MAX, .fallback = 50, .help = "rows at most"),
	FIELDS_DONE
};

const struct field list_both_fields[] = {
	FIELD(struct list_args, after, INT, .min = 0, .max = INT64_MAX,
	      .help = "rows after this id, in the order asked for; 0: from the first"),
	FIELD(struct list_args, limit, INT, .min = 1, .max = LIST_MAX, .fallback = 50, .help = "rows at most"),
	FIELD(struct list_args, desc, BOOL, .help = "true: newest first"),
	FIELDS_DONE
};

enum qt_err list_ids(struct db *db, struct sql *sql, int64_t owner_id, const struct list_args *args, int64_t *ids,
                     int *count)
{
	struct stmt *s = db_stmt(db, sql);

	*count = 0;
	stmt_int(s, 1, owner_id);
	stmt_int(s, 2, args->after);
	stmt_int(s, 3, args->limit);
	while (*count < LIST_MAX && stmt_step(s))
		ids[(*count)++] = stmt_col_int(s, 0);
	return stmt_end(s);
}

enum qt_err list_rows(struct call *call, const char *name, struct sql *up, struct sql *down, int64_t owner_id,
                      list_row row)
{
	struct list_args args = *(const struct list_args *)call->args;
	int64_t ids[LIST_MAX];
	int count;

	if (args.desc && args.after == 0)
		args.after = INT64_MAX;
	enum qt_err err = list_ids(call->db, args.desc ? down : up, owner_id, &args, ids, &count);
	json_array(call->reply, name);
	for (int i = 0; i < count && err == QT_OK; i++) {
		json_object(call->reply, NULL);
		err = row(call, owner_id, ids[i]);
		json_end(call->reply);
	}
	list_finish(call, &args, ids, count);
	return err;
}

void list_finish(struct call *call, const struct list_args *args, const int64_t *ids, int count)
{
	json_end(call->reply);
	if (count > 0 && count == args->limit)
		json_int(call->reply, "next", ids[count - 1]);
	else
		json_null(call->reply, "next");
}

enum qt_err call_needs_merchant(struct call *call)
{
	if (call->actor.merchant_id != 0)
		return QT_OK;
	return problem_set(&call->problem, QT_MISSING_FIELD, "X-Merchant", "say for which merchant in this header");
}

enum qt_err call_merchant(struct call *call, struct merchant *m)
{
	enum qt_err err = call_needs_merchant(call);

	if (err != QT_OK)
		return err;
	err = merchant_get(call->db, call->actor.merchant_id, m);
	return err == QT_NOT_FOUND ? problem_set(&call->problem, err, "X-Merchant", "there is no such merchant") : err;
}

void text_set(char *target, size_t size, const char *given)
{
	if (given != NULL)
		snprintf(target, size, "%s", given);
}
