/* api_prefund: routes of the merchant's prepayment for rebates (W7): pay in, balance and people, statement. */
#include "server/audit_log.h"
#include "server/ledger.h"
#include "server/list.h"
#include "server/prefund.h"
#include "server/settle.h"

#define PEOPLE_SHOWN 500
#define STATEMENT_MAX 500

struct pay_in_args {
	int64_t amount_cents, warn_below_cents;
	const char *reference;
};
static const struct field pay_in_fields[] = {
	FIELD(struct pay_in_args, amount_cents, INT, .flags = FIELD_REQUIRED, .min = 1, .max = MONEY_MAX,
	      .help = "what the merchant paid in, minor units"),
	FIELD(struct pay_in_args, reference, TEXT, .flags = FIELD_REQUIRED, .min = 1, .max = 80,
	      .help = "of the bank transfer"),
	FIELD(struct pay_in_args, warn_below_cents, INT, .min = 0, .max = MONEY_MAX, .fallback = -1,
	      .help = "the merchant is told when the balance falls below; a tenth of the amount when absent"),
	FIELDS_DONE
};

static const char *alpha_of(const struct merchant *m)
{
	const struct currency *c = currency_by_numeric(m->currency);
	return c ? c->alpha : "";
}

static enum qt_err prefund_post(struct call *call)
{
	const struct pay_in_args *a = call->args;
	int64_t balance;
	struct merchant m;

	enum qt_err err = call_merchant(call, &m);
	if (err == QT_OK)
		err = prefund_pay_in(call->db, &m, a->amount_cents, a->warn_below_cents, settle_actor(call), call->now_ms,
		                     &call->problem);
	if (err == QT_OK)
		err = audit_log_add(call->db, &call->actor, call->now_ms, "prefund-in", m.id, a->reference);
	if (err == QT_OK)
		err = prefund_balance(call->db, m.id, m.currency, &balance);
	if (err != QT_OK)
		return err;
	call->status = 201;
	json_int(call->reply, "balance_cents", balance);
	json_text(call->reply, "currency", alpha_of(&m));
	return QT_OK;
}

/* Per person: held now, and what was released less what refunds took back from it. The order of the tables is fixed: each
 * journal once; account by account it took a minute of a few thousand. */
static enum qt_err write_people(struct call *call, const struct merchant *m)
{
	SQL(people, "SELECT a.owner_id, SUM(CASE WHEN a.kind = $2 THEN e.amount ELSE 0 END), "
	            "SUM(CASE WHEN a.kind = $3 THEN e.amount ELSE 0 END) "
	            "FROM journal j CROSS JOIN entry e CROSS JOIN account a "
	            "WHERE e.id BETWEEN j.id * 64 AND j.id * 64 + 63 AND a.id = e.account_id AND j.merchant_id = $1 "
	            "AND j.kind IN ($4, $5, $6) AND (a.kind = $2 OR (a.kind = $3 AND "
	            "(j.kind = $6 OR (j.kind = $5 AND e.amount < 0)))) AND a.unit = $7 "
	            "GROUP BY a.owner_id ORDER BY a.owner_id LIMIT $8");
	struct stmt *s = db_stmt(call->db, &people);

	stmt_int(s, 1, m->id);
	stmt_int(s, 2, ACCOUNT_REBATE_HELD);
	stmt_int(s, 3, ACCOUNT_REBATE);
	stmt_int(s, 4, JOURNAL_SALE);
	stmt_int(s, 5, JOURNAL_REFUND);
	stmt_int(s, 6, JOURNAL_REBATE_RELEASE);
	stmt_int(s, 7, m->currency);
	stmt_int(s, 8, PEOPLE_SHOWN);
	json_array(call->reply, "people");
	while (stmt_step(s)) {
		json_object(call->reply, NULL);
		json_int(call->reply, "customer_id", stmt_col_int(s, 0));
		json_int(call->reply, "held_cents", stmt_col_int(s, 1));
		json_int(call->reply, "paid_cents", stmt_col_int(s, 2));
		json_end(call->reply);
	}
	json_end(call->reply);
	return stmt_end(s);
}

static enum qt_err prefund_get_one(struct call *call)
{
	SQL(promised, "SELECT COALESCE(SUM(u.held_cents), 0) FROM campaign_use u JOIN campaign c ON c.id = u.campaign_id "
	              "WHERE c.merchant_id = $1");
	int64_t balance, held;
	struct prefund p;
	struct merchant m;

	enum qt_err err = call_merchant(call, &m);
	if (err == QT_OK)
		err = prefund_balance(call->db, m.id, m.currency, &balance);
	if (err == QT_OK)
		err = prefund_get(call->db, m.id, &p);
	if (err == QT_OK)
		err = db_one(call->db, &promised, "i", m.id, "i", &held);
	if (err != QT_OK)
		return err;
	json_text(call->reply, "currency", alpha_of(&m));
	json_int(call->reply, "balance_cents", balance);
	json_int(call->reply, "promised_cents", held);
	json_int(call->reply, "warn_below_cents", p.warn_below_cents);
	json_bool(call->reply, "warning", balance < p.warn_below_cents || p.told != PREFUND_TOLD_NOTHING);
	return write_people(call, &m);
}

struct statement_args {
	int64_t before, limit;
};
static const struct field statement_fields[] = {
	FIELD(struct statement_args, before, INT, .min = 1, .max = INT64_MAX, .help = "rows older than this entry"),
	FIELD(struct statement_args, limit, INT, .min = 1, .max = STATEMENT_MAX, .fallback = 50,
		.help = "at most this many"),
	FIELDS_DONE
};

static enum qt_err prefund_statement(struct call *call)
{
	const struct statement_args *a = call->args;
	struct statement_row *rows = arena_alloc(call->arena, (size_t)a->limit * sizeof *rows);
	int64_t account_id;
	struct merchant m;
	int count = 0;

	enum qt_err err = call_merchant(call, &m);
	if (err == QT_OK)
		err = ledger_account_find(call->db, ACCOUNT_PREFUND, m.id, m.currency, &account_id);
	if (err == QT_OK)
		err = ledger_statement(call->db, account_id, a->before, rows, (int)a->limit, &count);
	if (err != QT_OK && err != QT_NOT_FOUND)
		return err;
	json_text(call->reply, "currency", alpha_of(&m));
	json_array(call->reply, "rows");
	for (int i = 0; i < count; i++) {
		json_object(call->reply, NULL);
		json_int(call->reply, "entry_id", rows[i].entry_id);
		json_int(call->reply, "at_ms", rows[i].at_ms);
		json_text(call->reply, "kind", journal_kind_name(rows[i].kind));
		json_int(call->reply, "amount_cents", rows[i].amount);
		json_int(call->reply, "balance_cents", rows[i].balance_after);
		if (rows[i].order_id)
			json_int(call->reply, "order_id", rows[i].order_id);
		json_end(call->reply);
	}
	json_end(call->reply);
	return QT_OK;
}

const struct route prefund_routes[] = {
	{ .method = "POST", .path = "/v1/prefund", .roles = ROLE_OPERATOR, .flags = ROUTE_WRITE, .fields = pay_in_fields,
	  .args_size = sizeof(struct pay_in_args), .handle = prefund_post,
	  .help = "Book what a merchant paid in for rebates." },
	{ .method = "GET", .path = "/v1/prefund", .roles = ROLES_BOSS, .flags = ROUTE_SLOW, .handle = prefund_get_one,
	  .help = "The prefund's balance, what is promised of it, and what each person got." },
	{ .method = "GET", .path = "/v1/prefund/statement", .roles = ROLES_BOSS, .fields = statement_fields,
	  .args_size = sizeof(struct statement_args), .handle = prefund_statement,
	  .help = "Every movement of the prefund, newest first." },
};
const int prefund_route_count = sizeof prefund_routes / sizeof *prefund_routes;
