/* api_dashboard: the merchant's day at a glance. Decode, call, reply; the figures are in dashboard.c. */
#include "server/dashboard.h"
#include "server/list.h"
#include "server/prefund.h"
#include "server/seen.h"
#include "server/staff.h"
#include "shared/money.h"

#include <stddef.h>

#define DAY_MS (DASHBOARD_HOURS * INT64_C(3600000))
#define WEEK_MS (7 * DAY_MS)

struct dashboard_args {
	int64_t day_ms;
};
static const struct field dashboard_fields[] = {
	FIELD(struct dashboard_args, day_ms, INT, .min = 0, .max = INT64_MAX / 4,
	      .help = "when the day began where the shop is, unix ms; 0: midnight UTC"),
	FIELDS_DONE
};

static void day_json(struct json *j, const char *key, const struct dashboard_day *d)
{
	json_object(j, key);
	json_int(j, "orders", d->orders);
	json_int(j, "total_cents", d->total_cents);
	json_int(j, "by_now_orders", d->by_now_orders);
	json_int(j, "by_now_cents", d->by_now_cents);
	json_end(j);
}

static void hours_json(struct json *j, const struct dashboard_day *today, const struct dashboard_day *week_ago)
{
	json_array(j, "hours");
	for (int i = 0; i < DASHBOARD_HOURS; i++) {
		json_object(j, NULL);
		json_int(j, "hour", i);
		json_int(j, "today_cents", today->hour_cents[i]);
		json_int(j, "week_ago_cents", week_ago->hour_cents[i]);
		json_end(j);
	}
	json_end(j);
	json_array(j, "tenders");
	for (int i = 1; i < DASHBOARD_SOURCES_MAX; i++) {
		if (today->source_cents[i] == 0)
			continue;
		json_object(j, NULL);
		json_text(j, "tender", payment_source_name(i));
		json_int(j, "amount_cents", today->source_cents[i]);
		json_end(j);
	}
	json_end(j);
}

static enum qt_err tills_json(struct call *call, int64_t merchant_id)
{
	SQL(enrolled, "SELECT id, name FROM terminal WHERE merchant_id = $1 AND revoked_ms = 0 AND enrolled_ms > 0");
	struct stmt *s = db_stmt(call->db, &enrolled);
	struct json *j = call->reply;

	stmt_int(s, 1, merchant_id);
	json_array(j, "tills");
	while (stmt_step(s)) {
		json_object(j, NULL);
		json_int(j, "terminal_id", stmt_col_int(s, 0));
		json_text(j, "name", stmt_col_text(s, 1));
		json_int(j, "seen_ms", seen_ms(stmt_col_int(s, 0)));
		json_end(j);
	}
	json_end(j);
	return stmt_end(s);
}

static enum qt_err warnings_json(struct call *call, const struct merchant *m)
{
	struct dashboard_warned *list = arena_alloc(call->arena, DASHBOARD_WARNED_MAX * sizeof *list);
	struct json *j = call->reply;
	int count = 0;
	enum qt_err err = dashboard_warnings(call->db, m, call->now_ms, list, &count);

	json_array(j, "warnings");
	for (int i = 0; i < count; i++) {
		json_object(j, NULL);
		json_text(j, "kind", dashboard_warning_name(list[i].kind));
		json_int(j, "ref_id", list[i].ref_id);
		json_text(j, "name", list[i].name);
		json_end(j);
	}
	json_end(j);
	return err;
}

/* What is kept for others, and what is paid in for rebates. */
static enum qt_err balances_json(struct call *call, const struct merchant *m)
{
	struct writer_stats w;
	struct prefund p;
	int64_t prefund = 0, owed = 0, cards = 0;
	enum qt_err err = prefund_get(call->db, m->id, &p);

	if (err == QT_OK)
		err = prefund_balance(call->db, m->id, m->currency, &prefund);
	if (err == QT_OK)
		err = dashboard_cards(call->db, m->id, &owed, &cards);
	writer_stats(call->server->writer, &w);
	json_int(call->reply, "prefund_cents", prefund);
	json_int(call->reply, "prefund_warn_below_cents", p.warn_below_cents);
	json_int(call->reply, "cards_cents", owed);
	json_int(call->reply, "cards", cards);
	json_int(call->reply, "queue", w.queued);
	return err;
}

static enum qt_err dashboard_get(struct call *call)
{
	const struct dashboard_args *a = call->args;
	int64_t day_ms = a->day_ms > 0 ? a->day_ms : call->now_ms - call->now_ms % DAY_MS;
	struct dashboard_day today, week_ago;
	struct merchant m;
	enum qt_err err = call_merchant(call, &m);

	if (err == QT_OK)
		err = dashboard_day(call->db, m.id, day_ms, call->now_ms, true, &today);
	if (err == QT_OK)
		err = dashboard_day(call->db, m.id, day_ms - WEEK_MS, call->now_ms - WEEK_MS, false, &week_ago);
	if (err != QT_OK)
		return err;
	json_int(call->reply, "merchant_id", m.id);
	json_text(call->reply, "role", call->actor.role == ROLE_OPERATOR ? "operator" : staff_role_name(call->actor.role));
	json_text(call->reply, "name", m.name);
	json_text(call->reply, "name_zh", m.name_zh);
	json_text(call->reply, "currency", currency_by_numeric(m.currency)->alpha);
	json_int(call->reply, "at_ms", call->now_ms);
	day_json(call->reply, "today", &today);
	day_json(call->reply, "week_ago", &week_ago);
	hours_json(call->reply, &today, &week_ago);
	err = balances_json(call, &m);
	if (err == QT_OK)
		err = tills_json(call, m.id);
	return err == QT_OK ? warnings_json(call, &m) : err;
}

const struct route dashboard_routes[] = {
	{ .method = "GET", .path = "/v1/dashboard", .roles = ROLES_BOSS, .flags = ROUTE_SLOW, .fields = dashboard_fields,
	  .args_size = sizeof(struct dashboard_args), .handle = dashboard_get,
	  .help = "The day at a glance: sales by hour against a week ago, tenders, prefund, cards, tills, warnings." },
};
const int dashboard_route_count = sizeof dashboard_routes / sizeof *dashboard_routes;
