/* api_report: routes of reports, and of the zones stores' days go by. Decode, call, reply. */
#include "server/audit_log.h"
#include "server/list.h"
#include "server/report.h"
#include "server/report_sum.h"
#include "shared/money.h"

#include <stddef.h>

#define DAYS_MAX 3660 /* of one report: ten years */

struct report_args {
	const char *from, *until;
	int64_t store_id;
};
static const struct field report_fields[] = {
	FIELD(struct report_args, from, TEXT, .min = 10, .max = 10, .help = "first day, \"2026-11-01\"; default: today"),
	FIELD(struct report_args, until, TEXT, .min = 10, .max = 10, .help = "last day, counted too; default: as from, or today"),
	FIELD(struct report_args, store_id, INT, .min = 1, .max = INT64_MAX, .help = "only this store; default: all"),
	FIELDS_DONE
};

struct zone_args {
	const char *zone;
};
static const struct field zone_fields[] = {
	FIELD(struct zone_args, zone, TEXT, .flags = FIELD_REQUIRED, .min = 1, .max = ZONE_NAME_MAX,
	      .help = "IANA name of the time zone, \"Asia/Shanghai\""),
	FIELDS_DONE
};

static enum qt_err parse_day(struct call *call, const char *field, const char *text, int64_t fallback, int64_t *day)
{
	*day = fallback;
	if (text != NULL && !zone_day_parse(text, day))
		return problem_set(&call->problem, QT_BAD_FIELD, field, "must be a day like 2026-11-21");
	return QT_OK;
}

/* The days that are asked for, by the clock of the store or of the merchant. */
static enum qt_err read_days(struct call *call, const struct zone *zone, struct report_ask *ask)
{
	const struct report_args *a = call->args;
	int64_t today = zone_local(zone, call->now_ms).day, last;
	enum qt_err err = parse_day(call, "from", a->from, today, &ask->from_day);

	if (err == QT_OK)
		err = parse_day(call, "until", a->until, ask->from_day > today ? ask->from_day : today, &last);
	if (err != QT_OK)
		return err;
	if (last < ask->from_day)
		return problem_set(&call->problem, QT_OUT_OF_RANGE, "until", "is before from");
	if (last - ask->from_day >= DAYS_MAX)
		return problem_set(&call->problem, QT_OUT_OF_RANGE, "until", "at most %d days", DAYS_MAX);
	ask->to_day = last + 1;
	ask->from_ms = zone_day_start(zone, ask->from_day);
	ask->to_ms = zone_day_start(zone, ask->to_day);
	return QT_OK;
}

/* The store that is meant, of the actor's merchant; 0 stays 0. */
static enum qt_err check_store(struct call *call, int64_t merchant_id, int64_t store_id)
{
	struct store store;
	enum qt_err err = store_id ? store_get(call->db, merchant_id, store_id, &store) : QT_OK;

	return err == QT_NOT_FOUND ? problem_set(&call->problem, err, "store_id", "there is no such store") : err;
}

static enum qt_err write_report(struct call *call, const struct report *r, const struct report_ask *ask,
                                const char *zone_name)
{
	struct json *j = call->reply;
	char day[11];

	json_text(j, "report", r->name);
	json_int(j, "merchant_id", ask->merchant->id);
	json_text(j, "name", ask->merchant->name);
	json_text(j, "name_zh", ask->merchant->name_zh);
	json_text(j, "currency", currency_by_numeric(ask->merchant->currency)->alpha);
	json_int(j, "at_ms", call->now_ms);
	json_text(j, "zone", zone_name);
	if (!r->now) {
		json_text(j, "from", zone_day_text(ask->from_day, day));
		json_text(j, "until", zone_day_text(ask->to_day - 1, day));
	}
	if (ask->store_id)
		json_int(j, "store_id", ask->store_id);
	db_snapshot_begin(call->db);
	enum qt_err err = report_write(call->db, r, ask, j);
	db_snapshot_end(call->db);
	return err;
}

static enum qt_err report_get(struct call *call)
{
	const struct report_args *a = call->args;
	const struct report *r = report_find(call->token);
	char zone_name[ZONE_NAME_MAX + 1];
	struct merchant m;
	struct report_ask ask = { .merchant = &m, .store_id = a->store_id };
	enum qt_err err = call_merchant(call, &m);

	if (err == QT_OK && r == NULL)
		return problem_set(&call->problem, QT_NOT_FOUND, "report", "there is no such report");
	if (err == QT_OK)
		err = check_store(call, m.id, a->store_id);
	if (err == QT_OK)
		err = store_zone_get(call->db, a->store_id, zone_name);
	const struct zone *zone = err == QT_OK ? zone_find(zone_name) : NULL;
	if (err == QT_OK && zone == NULL)
		zone = zone_find("UTC"); /* the machine has lost the zone's file */
	if (err == QT_OK)
		err = read_days(call, zone, &ask);
	return err == QT_OK ? write_report(call, r, &ask, zone_name) : err;
}

static enum qt_err reports_get(struct call *call)
{
	enum qt_err err = call_needs_merchant(call);

	json_array(call->reply, "reports");
	for (const struct report *r = reports; r->name; r++) {
		json_object(call->reply, NULL);
		json_text(call->reply, "report", r->name);
		json_text(call->reply, "title", r->title);
		json_text(call->reply, "title_zh", r->title_zh);
		json_text(call->reply, "help", r->help);
		json_end(call->reply);
	}
	json_end(call->reply);
	return err;
}

static enum qt_err zone_post(struct call *call)
{
	const struct zone_args *a = call->args;
	struct merchant m;
	enum qt_err err = call_merchant(call, &m);

	if (err == QT_OK)
		err = check_store(call, m.id, call->id);
	if (err == QT_OK)
		err = store_zone_put(call->db, call->id, a->zone);
	if (err == QT_BAD_FIELD)
		return problem_set(&call->problem, err, "zone", "there is no such time zone");
	if (err == QT_OK)
		err = audit_log_add(call->db, &call->actor, call->now_ms, "store-zone", call->id, a->zone);
	json_int(call->reply, "store_id", call->id);
	json_text(call->reply, "zone", a->zone);
	return err;
}

const struct route report_routes[] = {
	{ .method = "GET", .path = "/v1/reports", .roles = ROLES_BOSS, .handle = reports_get,
	  .help = "The reports there are." },
	{ .method = "GET", .path = "/v1/reports/:name", .roles = ROLES_BOSS, .flags = ROUTE_SLOW, .fields = report_fields,
	  .args_size = sizeof(struct report_args), .handle = report_get,
	  .help = "A report over days of the stores' own calendars: its rows and their total." },
	{ .method = "POST", .path = "/v1/stores/:id/zone", .roles = ROLES_BOSS, .flags = ROUTE_WRITE, .body_max = 256,
	  .fields = zone_fields, .args_size = sizeof(struct zone_args), .handle = zone_post,
	  .help = "The time zone a store's days go by from now on; earlier days stay what they were." },
};
const int report_route_count = sizeof report_routes / sizeof *report_routes;
