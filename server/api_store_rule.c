/* api_store_rule: what tills must know to sell as their store wants: reasons of discounts, and what the person signed
 * in may do alone. */
#include "server/approval.h"
#include "server/audit_log.h"
#include "server/cash_rounding.h"
#include "server/list.h"
#include "server/merchant.h"
#include "server/store_rule.h"
#include "shared/ean.h"
#include "shared/price.h"

#include <stdlib.h>
#include <string.h>

struct rule_args {
	int64_t store_id, cash_rounding_cents;
	const char *discount_reasons, *barcode_patterns;
};
static const struct field ask_fields[] = {
	FIELD(struct rule_args, store_id, INT, .min = 1, .max = INT64_MAX, .help = "the store; at a till: the till's"),
	FIELDS_DONE
};
static const struct field put_fields[] = {
	FIELD(struct rule_args, store_id, INT, .flags = FIELD_REQUIRED, .min = 1, .max = INT64_MAX, .help = "the store"),
	FIELD(struct rule_args, discount_reasons, LINES, .min = 1, .max = STORE_RULE_MAX_BYTES,
	      .help = "reasons of discounts, a line each, as tills offer them"),
	FIELD(struct rule_args, barcode_patterns, TEXT, .min = 13, .max = STORE_RULE_MAX_BYTES,
	      .help = "layouts of barcodes with a weight or price inside, comma between, 13 characters each: digits stand "
	              "for themselves, I item, W grams, P price, V is not looked at, C check digit"),
	FIELD(struct rule_args, cash_rounding_cents, INT, .min = 1, .max = 100,
	      .help = "what is paid in cash is rounded to this: 5, 10, 50 or 100; 1: not at all"),
	FIELDS_DONE
};

/* The store that is meant, of the actor's merchant. */
static enum qt_err store_of(struct call *call, int64_t *store_id)
{
	const struct rule_args *a = call->args;
	struct store store;
	struct merchant m;
	enum qt_err err = call_merchant(call, &m);

	if (err != QT_OK)
		return err;
	*store_id = a->store_id ? a->store_id : call->actor.store_id;
	if (*store_id == 0)
		return problem_set(&call->problem, QT_MISSING_FIELD, "store_id", "which store");
	err = store_get(call->db, m.id, *store_id, &store);
	return err == QT_NOT_FOUND ? problem_set(&call->problem, err, "store_id", "there is no such store") : err;
}

/* An array of the lines of a text. */
static void lines_json(struct json *j, const char *name, char *text)
{
	char *rest = text, *line;

	json_array(j, name);
	while ((line = strsep(&rest, "\n")) != NULL)
		if (line[0])
			json_text(j, NULL, line);
	json_end(j);
}

static enum qt_err write_rules(struct call *call, int64_t store_id)
{
	char value[STORE_RULE_MAX_BYTES + 1];
	struct cash_rounding rounding;
	struct staff_limit limit;

	enum qt_err err = store_rule_get(call->db, store_id, STORE_RULE_REASONS, value);
	if (err == QT_OK)
		err = staff_limit_of_call(call, &limit);
	if (err != QT_OK)
		return err;
	json_int(call->reply, "store_id", store_id);
	lines_json(call->reply, "discount_reasons", value);
	err = store_rule_get(call->db, store_id, STORE_RULE_PATTERNS, value);
	if (err != QT_OK)
		return err;
	json_text(call->reply, "barcode_patterns", value);
	err = cash_rounding_get(call->db, store_id, &rounding);
	if (err != QT_OK)
		return err;
	json_int(call->reply, "cash_rounding_cents", rounding.cents[0]);
	if (call->actor.staff_id == 0)
		return QT_OK;
	json_object(call->reply, "limits");
	json_int(call->reply, "discount_bp", limit.discount_bp);
	json_int(call->reply, "discount_cents", limit.discount_cents);
	json_int(call->reply, "price_cents", limit.price_cents);
	json_int(call->reply, "cancel_cents", limit.cancel_cents);
	json_end(call->reply);
	return QT_OK;
}

static enum qt_err rules_get(struct call *call)
{
	int64_t store_id;
	enum qt_err err = store_of(call, &store_id);

	return err == QT_OK ? write_rules(call, store_id) : err;
}

static enum qt_err rules_post(struct call *call)
{
	const struct rule_args *a = call->args;
	int64_t store_id;
	enum qt_err err = store_of(call, &store_id);

	if (err == QT_OK && a->discount_reasons)
		err = store_rule_put(call->db, store_id, STORE_RULE_REASONS, a->discount_reasons);
	if (err == QT_OK && a->barcode_patterns) {
		err = ean_check_patterns(a->barcode_patterns, &call->problem);
		if (err == QT_OK)
			err = store_rule_put(call->db, store_id, STORE_RULE_PATTERNS, a->barcode_patterns);
	}
	if (err == QT_OK && a->cash_rounding_cents)
		err = price_is_coin(a->cash_rounding_cents)
			? cash_rounding_put(call->db, store_id, a->cash_rounding_cents)
			: problem_set(&call->problem, QT_BAD_FIELD, "cash_rounding_cents", "must be 1, 5, 10, 50 or 100");
	if (err == QT_OK)
		err = audit_log_add(call->db, &call->actor, call->now_ms, "store-rules", store_id, NULL);
	return err == QT_OK ? write_rules(call, store_id) : err;
}

const struct route store_rule_routes[] = {
	{ .method = "GET", .path = "/v1/store-rules", .roles = ROLES_STAFF | ROLE_TERMINAL, .fields = ask_fields,
	  .args_size = sizeof(struct rule_args), .handle = rules_get,
	  .help = "What a store has settled for its tills, and what the person signed in may do without approval." },
	{ .method = "POST", .path = "/v1/store-rules", .roles = ROLES_BOSS, .flags = ROUTE_WRITE, .body_max = 8192,
	  .fields = put_fields, .args_size = sizeof(struct rule_args), .handle = rules_post,
	  .help = "Settle what is given for a store's tills." },
};
const int store_rule_route_count = sizeof store_rule_routes / sizeof *store_rule_routes;
