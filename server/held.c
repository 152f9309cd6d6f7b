/* held: see held.h. */
#include "server/held.h"

#include "server/events.h"

#include <stdio.h>
#include <stdlib.h>

/* The tills of the merchant hear that the list of this store changed. */
static enum qt_err tell(struct call *call, int64_t id)
{
	char extra[48];

	snprintf(extra, sizeof extra, "{\"store_id\":%lld}", (long long)call->actor.store_id);
	return event_add(call->db, TOPIC_MERCHANT, call->actor.merchant_id, "held-sale", id, extra);
}

enum qt_err held_put(struct call *call, const struct held *h, int64_t *id)
{
	SQL(waiting, "SELECT COUNT(*) FROM held_sale WHERE store_id = $1 AND taken_ms = 0");
	SQL(known, "SELECT id FROM held_sale WHERE store_id = $1 AND held_key = $2");
	SQL(insert, "INSERT INTO held_sale (id, merchant_id, store_id, terminal_id, staff_id, held_key, name, content, "
	            "total_cents, pieces, held_ms, taken_ms, taken_by) "
	            "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, 0)");
	const struct actor *who = &call->actor;
	int64_t count = 0;

	enum qt_err err = db_one(call->db, &known, "it", who->store_id, h->key, "i", id);
	if (err == QT_OK)
		return problem_set(&call->problem, QT_EXISTS, "key", "a sale was put aside with this key");
	if (err == QT_NOT_FOUND)
		err = db_one(call->db, &waiting, "i", who->store_id, "i", &count);
	if (err != QT_OK)
		return err;
	if (count >= HELD_STORE_MAX)
		return problem_set(&call->problem, QT_TOO_LONG, NULL, "%d sales are aside in this store", HELD_STORE_MAX);
	*id = db_new_id(call->db, "held_sale");
	err = db_run(call->db, &insert, "iiiiitttiii", *id, who->merchant_id, who->store_id, who->terminal_id,
	             who->staff_id, h->key, h->name ? h->name : "", h->content, h->total_cents, h->pieces, h->held_ms);
	return err == QT_OK ? tell(call, *id) : err;
}

/* It was taken before: where. */
static enum qt_err refuse_taken(struct call *call, int64_t taken_by)
{
	SQL(till, "SELECT name FROM terminal WHERE id = $1");
	char name[256] = "";
	enum qt_err err = db_one(call->db, &till, "i", taken_by, "t", name, sizeof name);

	if (err != QT_OK && err != QT_NOT_FOUND)
		return err;
	return problem_set(&call->problem, QT_CONFLICT, "key", "it was gone on with at %s", name);
}

enum qt_err held_take(struct call *call, const char *key, int64_t *id, char **content)
{
	SQL(find, "SELECT id, taken_ms, taken_by, content FROM held_sale WHERE store_id = $1 AND held_key = $2");
	SQL(take, "UPDATE held_sale SET taken_ms = $2, taken_by = $3, content = '' WHERE id = $1 AND taken_ms = 0");
	int64_t taken_ms, taken_by;

	*content = NULL;
	enum qt_err err = db_one(call->db, &find, "it", call->actor.store_id, key, "iiiz", id, &taken_ms, &taken_by,
	                         content);
	if (err == QT_NOT_FOUND)
		return problem_set(&call->problem, err, "key", "no sale was put aside with this key");
	if (err == QT_OK && taken_ms != 0)
		err = refuse_taken(call, taken_by);
	if (err == QT_OK)
		err = db_run(call->db, &take, "iii", *id, call->now_ms, call->actor.terminal_id);
	if (err == QT_OK)
		err = tell(call, *id);
	if (err != QT_OK) {
		free(*content);
		*content = NULL;
	}
	return err;
}

enum qt_err held_list(struct call *call, int64_t store_id, int64_t after, int64_t limit, int64_t *ids, int *count)
{
	SQL(list, "SELECT h.id, h.held_key, h.terminal_id, COALESCE(t.name, ''), COALESCE(p.name, ''), h.name, "
	          "h.total_cents, h.pieces, h.held_ms FROM held_sale h LEFT JOIN terminal t ON t.id = h.terminal_id "
	          "LEFT JOIN staff p ON p.id = h.staff_id "
	          "WHERE h.store_id = $1 AND h.taken_ms = 0 AND h.id > $2 ORDER BY h.id LIMIT $3");
	struct stmt *s = db_stmt(call->db, &list);
	struct json *j = call->reply;

	stmt_int(s, 1, store_id);
	stmt_int(s, 2, after);
	stmt_int(s, 3, limit);
	json_array(j, "held");
	while (*count < limit && stmt_step(s)) {
		ids[(*count)++] = stmt_col_int(s, 0);
		json_object(j, NULL);
		json_int(j, "held_id", stmt_col_int(s, 0));
		json_text(j, "key", stmt_col_text(s, 1));
		json_int(j, "terminal_id", stmt_col_int(s, 2));
		json_text(j, "till", stmt_col_text(s, 3));
		json_text(j, "by", stmt_col_text(s, 4));
		json_text(j, "name", stmt_col_text(s, 5));
		json_int(j, "total_cents", stmt_col_int(s, 6));
		json_int(j, "pieces", stmt_col_int(s, 7));
		json_int(j, "held_ms", stmt_col_int(s, 8));
		json_end(j);
	}
	return stmt_end(s);
}
