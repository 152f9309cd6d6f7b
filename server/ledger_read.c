/* ledger_read: accounts' histories and journals as people read them. Reads only. */
#include "server/ledger_state.h"

#include "shared/buf.h"

#include <assert.h>

/* One step back along an account's chain. */
struct link {
	struct statement_row row;
	int64_t back; /* to the entry before; 0: the first */
};

static enum qt_err link_get(struct db *db, int64_t account_id, int64_t entry_id, struct link *link)
{
	SQL(get, "SELECT e.amount, e.back, j.kind, j.at_ms, j.order_id, j.ref_id, j.id FROM entry e "
	         "JOIN journal j ON j.id = e.id / 64 WHERE e.id = $1 AND e.account_id = $2");
	struct statement_row *row = &link->row;
	int64_t kind = 0;

	enum qt_err err = db_one(db, &get, "ii", entry_id, account_id, "iiiiiii", &row->amount, &link->back, &kind,
	                         &row->at_ms, &row->order_id, &row->ref_id, &row->journal_id);
	row->kind = (enum journal_kind)kind;
	row->entry_id = entry_id;
	return err;
}

enum qt_err ledger_statement(struct db *db, int64_t account_id, int64_t before, struct statement_row *rows, int max,
                             int *count)
{
	int64_t balance, id;

	*count = 0;
	enum qt_err err = ledger_look(db, account_id, &balance, &id);
	while (err == QT_OK && id > 0 && *count < max) {
		struct link link = { 0 };
		err = link_get(db, account_id, id, &link);
		if (err == QT_NOT_FOUND)
			err = QT_STORE; /* a broken chain: the audit names it */
		if (err != QT_OK)
			break;
		link.row.balance_after = balance;
		if (before == 0 || id < before)
			rows[(*count)++] = link.row;
		balance -= link.row.amount;
		id = link.back ? id - link.back : 0;
	}
	return err;
}

static enum qt_err write_entries(struct db *db, int64_t journal_id, struct json *out)
{
	SQL(entries, "SELECT e.account_id, a.kind, a.owner_id, a.unit, e.amount FROM entry e "
	             "JOIN account a ON a.id = e.account_id WHERE e.id >= $1 AND e.id < $2 ORDER BY e.id");
	struct stmt *s = db_stmt(db, &entries);

	stmt_int(s, 1, journal_id * ENTRY_STRIDE);
	stmt_int(s, 2, (journal_id + 1) * ENTRY_STRIDE);
	json_array(out, "entries");
	while (stmt_step(s)) {
		json_object(out, NULL);
		json_int(out, "account_id", stmt_col_int(s, 0));
		json_text(out, "account", account_kind_name((enum account_kind)stmt_col_int(s, 1)));
		json_int(out, "owner_id", stmt_col_int(s, 2));
		json_int(out, "unit", stmt_col_int(s, 3));
		json_int(out, "amount", stmt_col_int(s, 4));
		json_end(out);
	}
	json_end(out);
	return stmt_end(s);
}

enum qt_err ledger_journal_json(struct db *db, int64_t journal_id, struct json *out)
{
	SQL(get, "SELECT kind, merchant_id, order_id, ref_id, actor_id, at_ms FROM journal WHERE id = $1");
	int64_t kind, merchant_id, order_id, ref_id, actor_id, at_ms;

	enum qt_err err = db_one(db, &get, "i", journal_id, "iiiiii", &kind, &merchant_id, &order_id, &ref_id, &actor_id,
	                         &at_ms);
	if (err != QT_OK)
		return err;
	json_object(out, NULL);
	json_int(out, "journal_id", journal_id);
	json_text(out, "kind", journal_kind_name((enum journal_kind)kind));
	json_int(out, "merchant_id", merchant_id);
	json_int(out, "order_id", order_id);
	json_int(out, "ref_id", ref_id);
	json_int(out, "actor_id", actor_id);
	json_int(out, "at_ms", at_ms);
	err = write_entries(db, journal_id, out);
	json_end(out);
	return err;
}

#define ORDER_JOURNALS_MAX 1000

enum qt_err ledger_order_journals_json(struct db *db, int64_t order_id, struct json *out)
{
	SQL(of_order, "SELECT id FROM journal WHERE order_id = $1 AND order_id > 0 ORDER BY id LIMIT $2");
	int64_t ids[ORDER_JOURNALS_MAX];
	int count = 0;
	struct stmt *s = db_stmt(db, &of_order);

	stmt_int(s, 1, order_id);
	stmt_int(s, 2, ORDER_JOURNALS_MAX);
	while (stmt_step(s)) {
		assert(count < ORDER_JOURNALS_MAX);
		ids[count++] = stmt_col_int(s, 0);
	}
	enum qt_err err = stmt_end(s);
	json_array(out, "journals");
	for (int i = 0; err == QT_OK && i < count; i++)
		err = ledger_journal_json(db, ids[i], out);
	json_end(out);
	return err;
}
