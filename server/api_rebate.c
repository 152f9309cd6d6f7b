/* api_rebate: routes of rebates: what a customer earned, and who earned what from an order. */
#include "server/campaign.h"
#include "server/list.h"
#include "server/rebate.h"
#include "server/rebate_split.h"

#define ROWS_SHOWN 100
#define UNITS_SHOWN 8

struct rebate_args {
	int64_t order_id;
};
static const struct field rebate_fields[] = {
	FIELD(struct rebate_args, order_id, INT, .min = 1, .max = INT64_MAX, .help = "staff: the order"),
	FIELDS_DONE
};

static const char *alpha_of(int64_t unit)
{
	const struct currency *c = currency_by_numeric(unit);
	return c ? c->alpha : "";
}

/* ---- staff: one order ---- */

static enum qt_err of_order(struct call *call, int64_t order_id)
{
	struct sale_entry entries[LEDGER_POSTINGS_MAX];
	struct campaign campaign;
	struct merchant m;
	struct order o;
	int64_t journal_id;
	bool released = false;
	int count = 0;

	enum qt_err err = call_merchant(call, &m);
	if (err == QT_OK)
		err = order_get(call->db, m.id, order_id, &o);
	if (err != QT_OK)
		return err == QT_NOT_FOUND ? problem_set(&call->problem, err, "order_id", "there is no such order") : err;
	err = sale_entries(call->db, o.id, &journal_id, entries, &count);
	if (err == QT_OK && o.campaign_id)
		err = campaign_get(call->db, 0, o.campaign_id, &campaign);
	if (err == QT_OK && o.campaign_id)
		err = rebate_is_released(call->db, campaign.hold_s, journal_id, &released);
	if (err != QT_OK && err != QT_NOT_FOUND)
		return err;
	json_int(call->reply, "order_id", o.id);
	json_text(call->reply, "currency", alpha_of(o.currency));
	json_text(call->reply, "outcome", rebate_outcome_name((int)o.rebate_outcome));
	json_int(call->reply, "rebate_cents", o.rebate_cents);
	json_bool(call->reply, "released", released);
	json_array(call->reply, "rows");
	for (int i = 0; i < count && o.rebate_cents; i++) {
		if (!sale_entry_is_rebate(&entries[i]))
			continue;
		json_object(call->reply, NULL);
		json_text(call->reply, "account", account_kind_name((enum account_kind)entries[i].kind));
		json_int(call->reply, "owner_id", entries[i].owner_id);
		json_int(call->reply, "amount_cents", entries[i].amount);
		json_end(call->reply);
	}
	json_end(call->reply);
	return QT_OK;
}

/* ---- customers: mine ---- */

static enum qt_err balance_of(struct db *db, enum account_kind kind, int64_t owner_id, int64_t unit,
                              int64_t *account_id, int64_t *balance)
{
	*balance = *account_id = 0;
	enum qt_err err = ledger_account_find(db, kind, owner_id, unit, account_id);
	if (err == QT_OK)
		err = ledger_balance(db, *account_id, balance);
	return err == QT_NOT_FOUND ? QT_OK : err;
}

static enum qt_err write_row(struct call *call, const struct statement_row *row, int64_t unit)
{
	struct campaign c = { 0 };
	bool released = true;
	struct order o;
	struct merchant m;

	if (row->order_id == 0)
		return QT_OK; /* the release itself: its rows are told as released */
	enum qt_err err = order_get(call->db, 0, row->order_id, &o);
	if (err == QT_OK)
		err = campaign_get(call->db, 0, o.campaign_id, &c);
	if (err == QT_OK)
		err = merchant_get(call->db, o.merchant_id, &m);
	if (err == QT_OK)
		err = rebate_is_released(call->db, c.hold_s, row->journal_id, &released);
	if (err != QT_OK)
		return err;
	json_object(call->reply, NULL);
	json_int(call->reply, "entry_id", row->entry_id);
	json_int(call->reply, "at_ms", row->at_ms);
	json_int(call->reply, "amount_cents", row->amount);
	json_text(call->reply, "currency", alpha_of(unit));
	json_text(call->reply, "campaign_name", c.name);
	if (c.name_zh[0])
		json_text(call->reply, "campaign_name_zh", c.name_zh);
	json_text(call->reply, "merchant_name", m.name);
	json_text(call->reply, "merchant_name_zh", m.name_zh);
	json_text(call->reply, "state", row->amount < 0 ? "reversed" : released ? "released" : "held");
	if (row->amount > 0 && !released)
		json_int(call->reply, "release_ms", row->at_ms + c.hold_s * 1000);
	json_end(call->reply);
	return QT_OK;
}

static enum qt_err my_units(struct db *db, int64_t customer_id, int64_t *units, int *count)
{
	SQL(all, "SELECT DISTINCT unit FROM account WHERE kind IN ($1, $2) AND owner_id = $3 ORDER BY unit LIMIT $4");
	struct stmt *s = db_stmt(db, &all);

	*count = 0;
	stmt_int(s, 1, ACCOUNT_REBATE_HELD);
	stmt_int(s, 2, ACCOUNT_REBATE);
	stmt_int(s, 3, customer_id);
	stmt_int(s, 4, UNITS_SHOWN);
	while (stmt_step(s) && *count < UNITS_SHOWN)
		units[(*count)++] = stmt_col_int(s, 0);
	return stmt_end(s);
}

static enum qt_err write_balances(struct call *call, const int64_t *units, int count)
{
	int64_t held, available, account_id;
	enum qt_err err = QT_OK;

	/* the first currency also stands by itself, for who knows of one only */
	for (int pass = 0; pass < 2; pass++) {
		if (pass)
			json_array(call->reply, "balances");
		for (int i = 0; i < (pass ? count : count > 0) && err == QT_OK; i++) {
			err = balance_of(call->db, ACCOUNT_REBATE_HELD, call->actor.customer_id, units[i], &account_id, &held);
			if (err == QT_OK)
				err = balance_of(call->db, ACCOUNT_REBATE, call->actor.customer_id, units[i], &account_id, &available);
			if (pass)
				json_object(call->reply, NULL);
			json_text(call->reply, "currency", alpha_of(units[i]));
			json_int(call->reply, "held_cents", held);
			json_int(call->reply, "available_cents", available);
			if (pass)
				json_end(call->reply);
		}
		if (pass)
			json_end(call->reply);
	}
	if (count == 0) {
		json_int(call->reply, "held_cents", 0);
		json_int(call->reply, "available_cents", 0);
	}
	return err;
}

static enum qt_err mine(struct call *call)
{
	struct statement_row rows[ROWS_SHOWN];
	int64_t units[UNITS_SHOWN], account_id, balance;
	int unit_count, count;

	enum qt_err err = my_units(call->db, call->actor.customer_id, units, &unit_count);
	if (err == QT_OK)
		err = write_balances(call, units, unit_count);
	json_array(call->reply, "rows");
	for (int i = 0; i < unit_count && err == QT_OK; i++) {
		err = balance_of(call->db, ACCOUNT_REBATE_HELD, call->actor.customer_id, units[i], &account_id, &balance);
		if (err != QT_OK || account_id == 0)
			continue;
		err = ledger_statement(call->db, account_id, 0, rows, ROWS_SHOWN, &count);
		for (int k = 0; k < count && err == QT_OK; k++)
			err = write_row(call, &rows[k], units[i]);
	}
	json_end(call->reply);
	return err;
}

static enum qt_err rebates_get(struct call *call)
{
	const struct rebate_args *a = call->args;

	if (call->actor.role == ROLE_CUSTOMER)
		return mine(call);
	if (a->order_id == 0)
		return problem_set(&call->problem, QT_MISSING_FIELD, "order_id", "say which order");
	return of_order(call, a->order_id);
}

const struct route rebate_routes[] = {
	{ .method = "GET", .path = "/v1/rebates", .roles = ROLE_CUSTOMER | ROLES_BOSS, .fields = rebate_fields,
	  .args_size = sizeof(struct rebate_args), .handle = rebates_get,
	  .help = "A customer's own rebates, held and available; staff: who earned what from an order." },
};
const int rebate_route_count = sizeof rebate_routes / sizeof *rebate_routes;
