/* api_account: the ledger's accounts with their balances, for the operator. Reads only; what moved them is in
 * api_journal.c. */
#include "server/call.h"
#include "server/ledger.h"

#include <stddef.h>

#define PAGE_MAX 500

struct account_list_args {
	int64_t after, limit;
};
static const struct field account_list_fields[] = {
	{ "after", FIELD_INT, 0, offsetof(struct account_list_args, after), 0, INT64_MAX / 2,
	  .help = "accounts with a greater id" },
	{ "limit", FIELD_INT, 0, offsetof(struct account_list_args, limit), 1, PAGE_MAX, .fallback = 50,
	  .help = "at most this many" },
	{ 0 },
};

struct account_row {
	int64_t id, kind, owner_id, unit;
};

static enum qt_err read_rows(struct db *db, const struct account_list_args *args, struct account_row *rows, int *count)
{
	SQL(page, "SELECT id, kind, owner_id, unit FROM account WHERE id > $1 ORDER BY id LIMIT $2");
	struct stmt *s = db_stmt(db, &page);

	stmt_int(s, 1, args->after);
	stmt_int(s, 2, args->limit);
	for (*count = 0; *count < PAGE_MAX && stmt_step(s); (*count)++)
		rows[*count] = (struct account_row){ stmt_col_int(s, 0), stmt_col_int(s, 1), stmt_col_int(s, 2),
			stmt_col_int(s, 3) };
	return stmt_end(s);
}

static enum qt_err account_list_get(struct call *call)
{
	const struct account_list_args *args = call->args;
	struct account_row *rows = arena_alloc(call->arena, PAGE_MAX * sizeof *rows);
	struct json *j = call->reply;
	int count;

	enum qt_err err = read_rows(call->db, args, rows, &count);
	json_array(j, "accounts");
	for (int i = 0; err == QT_OK && i < count; i++) {
		int64_t balance = 0;
		err = ledger_balance(call->db, rows[i].id, &balance);
		json_object(j, NULL);
		json_int(j, "account_id", rows[i].id);
		json_text(j, "account", account_kind_name((enum account_kind)rows[i].kind));
		json_int(j, "owner_id", rows[i].owner_id);
		json_int(j, "unit", rows[i].unit);
		json_int(j, "amount", balance);
		json_end(j);
	}
	json_end(j);
	if (count == args->limit && count > 0)
		json_int(j, "next", rows[count - 1].id);
	else
		json_null(j, "next");
	return err;
}

const struct route account_routes[] = {
	{ .method = "GET", .path = "/v1/accounts", .roles = ROLE_OPERATOR, .fields = account_list_fields,
	  .args_size = sizeof(struct account_list_args), .handle = account_list_get,
	  .help = "The ledger's accounts and what is on each: kind, owner, unit, balance in minor units of the unit." },
};
const int account_route_count = sizeof account_routes / sizeof *account_routes;
