/* binding: see binding.h. */
#include "server/binding.h"

#include "server/events.h"

#include <stdio.h>
#include <string.h>

const char *binding_state_name(int64_t state)
{
	return state == BINDING_PENDING ? "pending" : state == BINDING_ACTIVE ? "active" : "ended";
}

SQL(select_one, "SELECT id, customer_id, state, provider, reference FROM binding WHERE id = $1");
SQL(select_active, "SELECT id, customer_id, state, provider, reference FROM binding"
                   " WHERE customer_id = $1 AND provider = $2 AND state = 2 ORDER BY id DESC LIMIT 1");
SQL(select_open, "SELECT id, customer_id, state, provider, reference FROM binding"
                 " WHERE customer_id = $1 AND provider = $2 AND state IN (1, 2) ORDER BY id DESC LIMIT 1");
SQL(select_list, "SELECT id, customer_id, state, provider, reference FROM binding"
                 " WHERE customer_id = $1 AND state IN (1, 2) ORDER BY id LIMIT $2");
SQL(select_waiting, "SELECT id, customer_id, state, provider, reference FROM binding"
                    " WHERE state = 1 AND id > $1 ORDER BY id LIMIT $2");

static void take_row(struct stmt *s, struct binding *b)
{
	const char *provider = stmt_col_text(s, 3), *reference;

	b->id = stmt_col_int(s, 0);
	b->customer_id = stmt_col_int(s, 1);
	b->state = stmt_col_int(s, 2);
	snprintf(b->provider, sizeof b->provider, "%s", provider ? provider : "");
	reference = stmt_col_text(s, 4);
	snprintf(b->reference, sizeof b->reference, "%s", reference ? reference : "");
}

/* The rows of a statement that is bound; the end of its use. */
static enum qt_err take_rows(struct stmt *s, struct binding *list, int max, int *count)
{
	*count = 0;
	while (*count < max && stmt_step(s))
		take_row(s, &list[(*count)++]);
	return stmt_end(s);
}

static enum qt_err take_one(struct stmt *s, struct binding *b, enum qt_err none)
{
	int count;
	enum qt_err err = take_rows(s, b, 1, &count);
	return err == QT_OK && count == 0 ? none : err;
}

enum qt_err binding_get(struct db *db, int64_t id, struct binding *b)
{
	struct stmt *s = db_stmt(db, &select_one);
	stmt_int(s, 1, id);
	return take_one(s, b, QT_NOT_FOUND);
}

enum qt_err binding_active(struct db *db, int64_t customer_id, const char *provider, struct binding *b)
{
	struct stmt *s = db_stmt(db, &select_active);
	stmt_int(s, 1, customer_id);
	stmt_text(s, 2, provider);
	return take_one(s, b, QT_NOT_BOUND);
}

enum qt_err binding_list(struct db *db, int64_t customer_id, struct binding *list, int max, int *count)
{
	struct stmt *s = db_stmt(db, &select_list);
	stmt_int(s, 1, customer_id);
	stmt_int(s, 2, max);
	return take_rows(s, list, max, count);
}

enum qt_err binding_waiting(struct db *db, int64_t after, struct binding *list, int max, int *count)
{
	struct stmt *s = db_stmt(db, &select_waiting);
	stmt_int(s, 1, after);
	stmt_int(s, 2, max);
	return take_rows(s, list, max, count);
}

SQL(insert_binding, "INSERT INTO binding (id, customer_id, provider, reference, state, created_ms, ended_ms)"
                    " VALUES ($1, $2, $3, NULL, 1, $4, 0)");

enum qt_err binding_add(struct db *db, int64_t customer_id, const char *provider, int64_t now_ms, struct binding *b)
{
	struct binding all[BINDINGS_MAX];
	int count;
	struct stmt *s = db_stmt(db, &select_open);

	stmt_int(s, 1, customer_id);
	stmt_text(s, 2, provider);
	enum qt_err err = take_one(s, b, QT_NOT_FOUND);
	if (err != QT_NOT_FOUND)
		return err;
	err = binding_list(db, customer_id, all, BINDINGS_MAX, &count);
	if (err != QT_OK || count == BINDINGS_MAX)
		return err != QT_OK ? err : QT_TOO_MANY;
	*b = (struct binding){ .id = db_new_id(db, "binding"), .customer_id = customer_id, .state = BINDING_PENDING };
	snprintf(b->provider, sizeof b->provider, "%s", provider);
	return db_run(db, &insert_binding, "iiti", b->id, customer_id, provider, now_ms);
}

SQL(update_binding, "UPDATE binding SET reference = $2, state = $3, ended_ms = $4 WHERE id = $1");

enum qt_err binding_result(struct db *db, int64_t id, const struct provider_answer *answer, int64_t now_ms)
{
	struct binding b;
	enum qt_err err = binding_get(db, id, &b);
	int64_t state;

	if (err != QT_OK || b.state == BINDING_ENDED)
		return err;
	if (b.reference[0] != '\0' && answer->reference[0] != '\0' && strcmp(b.reference, answer->reference) != 0)
		return QT_CONFLICT;
	const char *reference = b.reference[0] != '\0' ? b.reference : answer->reference;
	state = answer->outcome == PROVIDER_PAID ? BINDING_ACTIVE : answer->outcome == PROVIDER_FAILED ? BINDING_ENDED : b.state;
	if (state == b.state && strcmp(reference, b.reference) == 0)
		return QT_OK;
	err = db_run(db, &update_binding, "itii", id, reference[0] != '\0' ? reference : NULL, state,
	             state == BINDING_ENDED ? now_ms : INT64_C(0));
	if (err == QT_OK && state != b.state)
		err = event_add(db, TOPIC_CUSTOMER, b.customer_id, state == BINDING_ACTIVE ? "binding-active" : "binding-ended",
		                id, NULL);
	return err;
}

enum qt_err binding_end(struct db *db, int64_t id, int64_t now_ms)
{
	struct provider_answer ended = { .outcome = PROVIDER_FAILED };
	return binding_result(db, id, &ended, now_ms);
}
