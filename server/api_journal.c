/* api_journal: the books for those who look after them: journals, the audit log, the auditor and backups. */
#include "server/audit.h"
#include "server/backup.h"
#include "server/call.h"
#include "server/ledger.h"
#include "server/server.h"

#include <stdio.h>

#define LIST_MAX 500

struct list_args {
	int64_t order_id, after, limit;
};
static const struct field journal_fields[] = {
	{ "order_id", FIELD_INT, 0, offsetof(struct list_args, order_id), 0, INT64_MAX,
	  .help = "journals of this order; 0: all, by id" },
	{ "after", FIELD_INT, 0, offsetof(struct list_args, after), 0, INT64_MAX, .help = "those with a larger id" },
	{ "limit", FIELD_INT, 0, offsetof(struct list_args, limit), 1, LIST_MAX, 50, .help = "at most this many" },
	{ 0 },
};
struct audit_log_args {
	int64_t after, limit;
	bool desc;
	const char *q;
};
static const struct field audit_log_fields[] = {
	{ "after", FIELD_INT, 0, offsetof(struct audit_log_args, after), 0, INT64_MAX,
	  .help = "those behind this id, in the order asked for" },
	{ "limit", FIELD_INT, 0, offsetof(struct audit_log_args, limit), 1, LIST_MAX, 50, .help = "at most this many" },
	{ "desc", FIELD_BOOL, 0, offsetof(struct audit_log_args, desc), .help = "true: newest first" },
	{ "q", FIELD_TEXT, 0, offsetof(struct audit_log_args, q), .max = 60, .help = "only rows with this in action or detail" },
	{ 0 },
};

struct backup_args {
	const char *path;
};
static const struct field backup_fields[] = {
	{ "path", FIELD_TEXT, FIELD_REQUIRED, offsetof(struct backup_args, path), .min = 2, .max = 400,
	  .help = "absolute path of the copy, on the server's machine" },
	{ 0 },
};

static void write_next(struct json *out, int64_t next)
{
	if (next)
		json_int(out, "next", next);
	else
		json_null(out, "next");
}

static enum qt_err journal_get(struct call *call)
{
	SQL(page, "SELECT id FROM journal WHERE id > $1 ORDER BY id LIMIT $2");
	const struct list_args *args = call->args;
	int64_t ids[LIST_MAX];
	int count = 0;

	if (args->order_id > 0)
		return ledger_order_journals_json(call->db, args->order_id, call->reply);
	struct stmt *s = db_stmt(call->db, &page);
	stmt_int(s, 1, args->after);
	stmt_int(s, 2, args->limit);
	while (count < LIST_MAX && stmt_step(s))
		ids[count++] = stmt_col_int(s, 0);
	enum qt_err err = stmt_end(s);
	json_array(call->reply, "journals");
	for (int i = 0; err == QT_OK && i < count; i++)
		err = ledger_journal_json(call->db, ids[i], call->reply);
	json_end(call->reply);
	write_next(call->reply, count == args->limit ? ids[count - 1] : 0);
	return err;
}

/* A merchant's people see what was done in its matters; the operator without a merchant sees all. */
static enum qt_err audit_log_get(struct call *call)
{
#define LOG_PAGE(cursor, order) \
	"SELECT id, at_ms, actor_id, merchant_id, action, ref_id, detail FROM audit_log WHERE id " cursor " $1 " \
	"AND ($2 = 0 OR merchant_id = $2) AND (action || ' ' || COALESCE(detail, '')) LIKE $4 ORDER BY id " order " LIMIT $3"
	SQL(up, LOG_PAGE(">", "ASC"));
	SQL(down, LOG_PAGE("<", "DESC"));
	const struct audit_log_args *args = call->args;
	struct json *out = call->reply;
	int64_t count = 0, last = 0;
	char like[64];
	struct stmt *s = db_stmt(call->db, args->desc ? &down : &up);

	snprintf(like, sizeof like, "%%%s%%", args->q ? args->q : "");
	stmt_int(s, 1, args->desc && args->after == 0 ? INT64_MAX : args->after);
	stmt_int(s, 2, call->actor.merchant_id);
	stmt_int(s, 3, args->limit);
	stmt_text(s, 4, like);
	json_array(out, "rows");
	for (; stmt_step(s); count++) {
		last = stmt_col_int(s, 0);
		json_object(out, NULL);
		json_int(out, "audit_id", last);
		json_int(out, "at_ms", stmt_col_int(s, 1));
		json_int(out, "actor_id", stmt_col_int(s, 2));
		json_int(out, "merchant_id", stmt_col_int(s, 3));
		json_text(out, "action", stmt_col_text(s, 4));
		json_int(out, "ref_id", stmt_col_int(s, 5));
		json_text(out, "detail", stmt_col_text(s, 6));
		json_end(out);
	}
	json_end(out);
	write_next(out, count == args->limit ? last : 0);
	return stmt_end(s);
}

static enum qt_err audit_post(struct call *call)
{
	char heads[600];
	struct audit_report report;
	struct audit_options options = { .keys = &call->server->keys, .heads_path = heads };

	snprintf(heads, sizeof heads, "%s/heads", call->server->settings.data_dir);
	enum qt_err err = audit_run(call->db, &options, &report);
	if (err == QT_OK)
		audit_json(&report, call->reply);
	audit_free(&report);
	return err;
}

static enum qt_err backup_post(struct call *call)
{
	const struct backup_args *args = call->args;
	int64_t bytes = 0;

	if (args->path[0] != '/')
		return problem_set(&call->problem, QT_BAD_FIELD, "path", "an absolute path is needed");
	enum qt_err err = backup_run(call->db, args->path, &bytes, &call->problem);
	json_text(call->reply, "path", args->path);
	json_int(call->reply, "bytes", bytes);
	return err;
}

const struct route journal_routes[] = {
	{ .method = "GET", .path = "/v1/journal", .roles = ROLE_OPERATOR, .flags = ROUTE_SLOW | ROUTE_BOTH,
	  .fields = journal_fields, .args_size = sizeof(struct list_args), .handle = journal_get,
	  .help = "Journals with their entries: of one order, or all by id." },
	{ .method = "GET", .path = "/v1/audit-log", .roles = ROLES_BOSS, .flags = ROUTE_SLOW | ROUTE_BOTH,
	  .fields = audit_log_fields, .args_size = sizeof(struct audit_log_args), .handle = audit_log_get,
	  .help = "Who changed settings, staff, cards and campaigns." },
	{ .method = "POST", .path = "/v1/audit", .roles = ROLE_OPERATOR, .flags = ROUTE_SLOW | ROUTE_BOTH,
	  .handle = audit_post, .help = "Recompute everything from the entries and name each row that disagrees." },
	{ .method = "POST", .path = "/v1/backup", .roles = ROLE_OPERATOR, .flags = ROUTE_SLOW | ROUTE_BOTH,
	  .body_max = 1024, .fields = backup_fields, .args_size = sizeof(struct backup_args), .handle = backup_post,
	  .help = "Copy the whole database as it is at this moment into a file." },
};
const int journal_route_count = sizeof journal_routes / sizeof *journal_routes;
