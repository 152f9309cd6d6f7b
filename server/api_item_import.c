/* api_item_import: routes of imports of the catalogue. Decode, call, reply; the rules are in item_import.c. */
#include "server/audit_log.h"
#include "server/item_import.h"
#include "server/jobs.h"
#include "server/list.h"
#include "shared/money.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

struct code_args {
	const char *code;
};
static const struct field code_fields[] = {
	FIELD(struct code_args, code, TEXT, .flags = FIELD_REQUIRED, .min = 1, .max = BARCODE_MAX_BYTES,
	      .help = "as the scanner gives it"),
	FIELDS_DONE
};

/* Absent members are NULL or -1: as they were. */
struct row_args {
	const char *sku, *name, *name_zh, *unit;
	int64_t price_cents, tax_id, plu;
	int open_price, active;
	bool no_barcodes;
	struct field_list barcodes; /* of struct code_args */
};
static const struct field row_fields[] = {
	FIELD(struct row_args, sku, TEXT, .flags = FIELD_REQUIRED, .min = 1, .max = SKU_MAX_BYTES,
	      .help = "which item it is; a new one when there is none"),
	FIELD(struct row_args, name, TEXT, .min = 1, .max = NAME_MAX_BYTES, .help = "as on receipts"),
	FIELD(struct row_args, name_zh, TEXT, .max = NAME_MAX_BYTES, .help = "Chinese name"),
	FIELD(struct row_args, unit, TEXT, .max = ITEM_UNIT_MAX_BYTES, .help = "what one of it is; empty: a piece"),
	FIELD(struct row_args, price_cents, INT, .min = 0, .max = MONEY_MAX, .fallback = -1,
	      .help = "price of one, minor units; with tax when the merchant's prices are inclusive"),
	FIELD(struct row_args, tax_id, INT, .min = 1, .max = INT64_MAX, .fallback = -1, .help = "its tax"),
	FIELD(struct row_args, plu, INT, .min = 0, .max = 999999999, .fallback = -1,
	      .help = "short number typed at the till; 0: none"),
	FIELD(struct row_args, open_price, MAYBE, .fallback = -1, .help = "the cashier types the price"),
	FIELD(struct row_args, active, MAYBE, .fallback = -1, .help = "false: not sold any more"),
	FIELD(struct row_args, barcodes, LIST, .max = ITEM_BARCODES_MAX, .sub = code_fields,
	      .sub_size = sizeof(struct code_args), .help = "its barcodes; all of them"),
	FIELD(struct row_args, no_barcodes, BOOL, .help = "true: it has none"),
	FIELDS_DONE
};

struct stage_args {
	int64_t first;
	struct field_list rows; /* of struct row_args */
};
static const struct field stage_fields[] = {
	FIELD(struct stage_args, first, INT, .flags = FIELD_REQUIRED, .min = 1, .max = ITEM_IMPORT_ROWS_MAX,
	      .help = "number of the first of these rows, from 1"),
	FIELD(struct stage_args, rows, LIST, .flags = FIELD_REQUIRED, .min = 1, .max = ITEM_BATCH_MAX, .sub = row_fields,
	      .sub_size = sizeof(struct row_args), .help = "rows, in their order"),
	FIELDS_DONE
};

static enum qt_err import_json(struct call *call, const struct item_import *m)
{
	json_int(call->reply, "import_id", m->id);
	json_text(call->reply, "state", item_import_words[m->state]);
	json_int(call->reply, "row_count", m->row_count);
	json_int(call->reply, "new_count", m->new_count);
	json_int(call->reply, "same_count", m->same_count);
	json_int(call->reply, "change_count", m->row_count - m->new_count - m->same_count);
	json_int(call->reply, "done_count", m->done_count);
	return QT_OK;
}

static enum qt_err import_post(struct call *call)
{
	struct item_import m;
	struct merchant shop;
	enum qt_err err = call_merchant(call, &shop);

	if (err == QT_OK)
		err = item_import_new(call->db, shop.id, actor_packed(&call->actor), call->now_ms, &m);
	call->status = 201;
	return err == QT_OK ? import_json(call, &m) : err;
}

static enum qt_err find_import(struct call *call, struct item_import *m)
{
	struct merchant shop;
	enum qt_err err = call_merchant(call, &shop);
	return err == QT_OK ? item_import_get(call->db, shop.id, call->id, m) : err;
}

static enum qt_err import_get(struct call *call)
{
	struct item_import m;
	enum qt_err err = find_import(call, &m);
	return err == QT_OK ? import_json(call, &m) : err;
}

static const char *code_lines(struct call *call, const struct row_args *a)
{
	const struct code_args *codes = a->barcodes.items;
	char *text, *at;

	if (a->barcodes.count == 0)
		return a->no_barcodes ? "" : NULL;
	text = at = arena_alloc(call->arena, (size_t)a->barcodes.count * (BARCODE_MAX_BYTES + 1) + 1);
	for (int i = 0; i < a->barcodes.count; i++)
		at += sprintf(at, "%s%s", i ? "\n" : "", codes[i].code);
	return text;
}

static enum qt_err rows_post(struct call *call)
{
	const struct stage_args *a = call->args;
	const struct row_args *given = a->rows.items;
	struct item_import_row *rows = arena_alloc(call->arena, (size_t)a->rows.count * sizeof *rows);
	struct item_import m;
	enum qt_err err = find_import(call, &m);

	for (int i = 0; i < a->rows.count; i++)
		rows[i] = (struct item_import_row){ given[i].sku, given[i].name, given[i].name_zh, given[i].unit,
			given[i].price_cents, given[i].tax_id, given[i].plu, given[i].open_price, given[i].active,
			code_lines(call, &given[i]) };
	if (err == QT_OK)
		err = item_import_stage(call->db, &m, a->first, rows, a->rows.count, call->now_ms, &call->problem);
	return err == QT_OK ? import_json(call, &m) : err;
}

static enum qt_err apply_post(struct call *call)
{
	struct item_import m;
	char detail[80];
	enum qt_err err = find_import(call, &m);
	bool begins = err == QT_OK && m.state == IMPORT_STAGING;

	if (err == QT_OK)
		err = item_import_begin(call->db, &m, call->now_ms, &call->problem);
	if (err == QT_OK && begins) {
		snprintf(detail, sizeof detail, "%lld rows, %lld new items", (long long)m.row_count, (long long)m.new_count);
		err = audit_log_add(call->db, &call->actor, call->now_ms, "item-import", m.id, detail);
	}
	if (err == QT_OK && m.state != IMPORT_DONE)
		err = item_import_step(call->db, &m, call->now_ms);
	return err == QT_OK ? import_json(call, &m) : err;
}

static enum qt_err discard_post(struct call *call)
{
	struct item_import m;
	enum qt_err err = find_import(call, &m);

	if (err == QT_OK)
		err = item_import_discard(call->db, &m, call->now_ms, &call->problem);
	return err == QT_OK ? import_json(call, &m) : err;
}

const struct route item_import_routes[] = {
	{ .method = "POST", .path = "/v1/item-imports", .roles = ROLES_BOSS, .flags = ROUTE_WRITE, .handle = import_post,
	  .help = "Begin an import of the catalogue; nothing of it is seen before it is applied." },
	{ .method = "GET", .path = "/v1/item-imports/:id", .roles = ROLES_BOSS, .handle = import_get,
	  .help = "How far an import is." },
	{ .method = "POST", .path = "/v1/item-imports/:id/rows", .roles = ROLES_BOSS, .flags = ROUTE_WRITE,
	  .body_max = 1048576, .fields = stage_fields, .args_size = sizeof(struct stage_args), .handle = rows_post,
	  .help = "Check and keep up to 500 rows, all or none." },
	{ .method = "POST", .path = "/v1/item-imports/:id/apply", .roles = ROLES_BOSS, .flags = ROUTE_WRITE,
	  .handle = apply_post,
	  .help = "Take the next rows into the catalogue; ask again until `state` is done: what has begun is finished." },
	{ .method = "POST", .path = "/v1/item-imports/:id/discard", .roles = ROLES_BOSS, .flags = ROUTE_WRITE,
	  .handle = discard_post, .help = "Drop an import that is not being applied." },
};
const int item_import_route_count = (int)(sizeof item_import_routes / sizeof *item_import_routes);

static enum qt_err step_due(void *ctx, struct db *db)
{
	int64_t *now_and_count = ctx;
	int count;
	enum qt_err err = item_import_due(db, now_and_count[0], &count);

	now_and_count[1] = count;
	return err;
}

static enum qt_err run_due(struct server *server, int64_t now_ms)
{
	int64_t now_and_count[2] = { now_ms, 0 };
	enum qt_err err;

	do
		err = writer_run(server->writer, step_due, now_and_count);
	while (err == QT_OK && now_and_count[1] > 0);
	return err;
}

const struct timer_job item_import_jobs[] = { { "item-import", 2000, false, run_due } };
const int item_import_job_count = sizeof item_import_jobs / sizeof *item_import_jobs;
