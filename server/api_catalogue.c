/* api_catalogue: routes of taxes and items. Decode, call, reply; the rules are in catalogue*.c. */
#include "server/api_option.h"
#include "server/audit_log.h"
#include "server/catalogue.h"
#include "server/list.h"
#include "server/server.h"
#include "shared/code.h"
#include "shared/money.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define SYNC_MAX 1000 /* items of one answer to a till's copy */

struct tax_args {
	const char *name, *name_zh;
	int64_t rate_bp;
};
static const struct field tax_fields[] = {
	FIELD(struct tax_args, name, TEXT, .flags = FIELD_REQUIRED, .min = 1, .max = NAME_MAX_BYTES,
	      .help = "as on receipts"),
	FIELD(struct tax_args, name_zh, TEXT, .max = NAME_MAX_BYTES, .help = "Chinese name"),
	FIELD(struct tax_args, rate_bp, INT, .flags = FIELD_REQUIRED, .min = 0, .max = 10000, .help = "rate, basis points"),
	FIELDS_DONE
};

static enum qt_err tax_post(struct call *call)
{
	const struct tax_args *a = call->args;
	struct tax t = { .rate_bp = a->rate_bp };
	struct merchant m;
	enum qt_err err = call_merchant(call, &m);

	text_set(t.name, sizeof t.name, a->name);
	text_set(t.name_zh, sizeof t.name_zh, a->name_zh);
	if (err == QT_OK)
		err = tax_add(call->db, m.id, &t, call->now_ms);
	if (err == QT_OK)
		err = audit_log_add(call->db, &call->actor, call->now_ms, "tax-add", t.id, t.name);
	if (err != QT_OK)
		return err;
	call->status = 201;
	json_int(call->reply, "tax_id", t.id);
	return QT_OK;
}

/* Array "taxes" of a merchant, left open. */
static enum qt_err taxes_json(struct call *call, int64_t merchant_id, const struct list_args *args, int64_t *ids,
                              int *count)
{
	SQL(ids_of, "SELECT id FROM tax WHERE merchant_id = $1 AND id > $2 ORDER BY id LIMIT $3");
	enum qt_err err = list_ids(call->db, &ids_of, merchant_id, args, ids, count);

	json_array(call->reply, "taxes");
	for (int i = 0; err == QT_OK && i < *count; i++) {
		struct tax t;
		err = tax_get(call->db, merchant_id, ids[i], &t);
		json_object(call->reply, NULL);
		json_int(call->reply, "tax_id", t.id);
		json_text(call->reply, "name", t.name);
		json_text(call->reply, "name_zh", t.name_zh);
		json_int(call->reply, "rate_bp", t.rate_bp);
		json_end(call->reply);
	}
	return err;
}

static enum qt_err taxes_get(struct call *call)
{
	int64_t ids[LIST_MAX];
	int count = 0;
	struct merchant m;
	enum qt_err err = call_merchant(call, &m);

	if (err == QT_OK)
		err = taxes_json(call, m.id, call->args, ids, &count);
	if (err == QT_OK)
		list_finish(call, call->args, ids, count);
	return err;
}

struct barcode_args {
	const char *code;
};
static const struct field barcode_fields[] = {
	FIELD(struct barcode_args, code, TEXT, .flags = FIELD_REQUIRED, .min = 1, .max = BARCODE_MAX_BYTES,
	      .help = "as the scanner gives it"),
	FIELDS_DONE
};

/* Absent members are NULL or -1: as they were. */
struct item_args {
	const char *sku, *name, *name_zh, *unit;
	int64_t price_cents, tax_id, plu, min_price_cents, max_price_cents, min_age;
	int open_price, active, no_barcodes;
	struct field_list barcodes; /* of struct barcode_args */
};
#define ITEM_FIELDS(required) \
	FIELD(struct item_args, sku, TEXT, .flags = required, .min = 1, .max = SKU_MAX_BYTES, \
	      .help = "the merchant's own key"), \
	FIELD(struct item_args, name, TEXT, .flags = required, .min = 1, .max = NAME_MAX_BYTES, .help = "as on receipts"), \
	FIELD(struct item_args, name_zh, TEXT, .max = NAME_MAX_BYTES, .help = "Chinese name"), \
	FIELD(struct item_args, unit, TEXT, .max = ITEM_UNIT_MAX_BYTES, \
	      .help = "what the price is of; kg, g, l and m are measured, others (and empty) are pieces"), \
	FIELD(struct item_args, price_cents, INT, .flags = required, .min = 0, .max = MONEY_MAX, .fallback = -1, \
	      .help = "price of one, minor units; with tax when the merchant's prices are inclusive"), \
	FIELD(struct item_args, tax_id, INT, .flags = required, .min = 1, .max = INT64_MAX, .fallback = -1, \
	      .help = "its tax"), \
	FIELD(struct item_args, plu, INT, .min = 0, .max = 999999999, .fallback = -1, \
	      .help = "short number typed at the till; 0: none"), \
	FIELD(struct item_args, min_price_cents, INT, .min = 0, .max = MONEY_MAX, .fallback = -1, \
	      .help = "an open price is at least this, minor units; 0: any"), \
	FIELD(struct item_args, max_price_cents, INT, .min = 0, .max = MONEY_MAX, .fallback = -1, \
	      .help = "an open price is at most this, minor units; 0: any"), \
	FIELD(struct item_args, min_age, INT, .min = 0, .max = 99, .fallback = -1, \
	      .help = "years of who buys it: tills ask; 0: any"), \
	FIELD(struct item_args, open_price, MAYBE, .fallback = -1, .help = "the cashier types the price"), \
	FIELD(struct item_args, active, MAYBE, .fallback = -1, .help = "false: not sold any more"), \
	FIELD(struct item_args, barcodes, LIST, .max = ITEM_BARCODES_MAX, .sub = barcode_fields, \
	      .sub_size = sizeof(struct barcode_args), .help = "its barcodes; all of them")

static const struct field item_fields[] = { ITEM_FIELDS(FIELD_REQUIRED), FIELDS_DONE };
static const struct field item_change_fields[] = {
	ITEM_FIELDS(0),
	FIELD(struct item_args, no_barcodes, MAYBE, .fallback = 0, .help = "true: take its barcodes away"),
	FIELDS_DONE
};

struct batch_args {
	struct field_list items; /* of struct item_args */
};
static const struct field batch_fields[] = {
	FIELD(struct batch_args, items, LIST, .flags = FIELD_REQUIRED, .min = 1, .max = ITEM_BATCH_MAX, .sub = item_fields,
	      .sub_size = sizeof(struct item_args), .help = "new items"),
	FIELDS_DONE
};

/* Lay what was given over the item of `e`. Barcodes stay those of `e` when none are given. */
static void apply(struct call *call, const struct item_args *a, struct item_edit *e)
{
	struct item *it = &e->item;

	text_set(it->sku, sizeof it->sku, a->sku);
	text_set(it->name, sizeof it->name, a->name);
	text_set(it->name_zh, sizeof it->name_zh, a->name_zh);
	text_set(it->unit, sizeof it->unit, a->unit);
	it->price_cents = a->price_cents >= 0 ? a->price_cents : it->price_cents;
	it->tax_id = a->tax_id >= 0 ? a->tax_id : it->tax_id;
	it->min_price_cents = a->min_price_cents >= 0 ? a->min_price_cents : it->min_price_cents;
	it->max_price_cents = a->max_price_cents >= 0 ? a->max_price_cents : it->max_price_cents;
	it->min_age = a->min_age >= 0 ? a->min_age : it->min_age;
	it->plu = a->plu >= 0 ? a->plu : it->plu;
	it->open_price = a->open_price >= 0 ? a->open_price == 1 : it->open_price;
	it->active = a->active >= 0 ? a->active == 1 : it->active;
	if (a->no_barcodes == 1)
		e->barcode_count = 0;
	if (a->barcodes.count == 0)
		return;
	const struct barcode_args *given = a->barcodes.items;
	const char **codes = arena_alloc(call->arena, (size_t)a->barcodes.count * sizeof *codes);
	for (int i = 0; i < a->barcodes.count; i++)
		codes[i] = given[i].code;
	e->barcodes = codes;
	e->barcode_count = a->barcodes.count;
}

static enum qt_err item_post(struct call *call)
{
	struct item_edit e = { .item = { .active = true } };
	struct merchant m;
	enum qt_err err = call_merchant(call, &m);

	apply(call, call->args, &e);
	if (err == QT_OK)
		err = catalogue_items_write(call->db, m.id, &e, 1, false, &call->problem);
	if (err == QT_OK)
		err = audit_log_add(call->db, &call->actor, call->now_ms, "item-add", e.item.id, e.item.sku);
	if (err != QT_OK)
		return err;
	call->status = 201;
	json_int(call->reply, "item_id", e.item.id);
	json_int(call->reply, "version", e.item.version);
	return QT_OK;
}

static enum qt_err batch_post(struct call *call)
{
	const struct batch_args *a = call->args;
	const struct item_args *given = a->items.items;
	struct item_edit *edits = arena_alloc(call->arena, (size_t)a->items.count * sizeof *edits);
	struct merchant m;
	char detail[32];
	enum qt_err err = call_merchant(call, &m);

	for (int i = 0; i < a->items.count; i++) {
		edits[i].item.active = true;
		apply(call, &given[i], &edits[i]);
	}
	if (err == QT_OK)
		err = catalogue_items_write(call->db, m.id, edits, a->items.count, true, &call->problem);
	snprintf(detail, sizeof detail, "%d items", a->items.count);
	if (err == QT_OK)
		err = audit_log_add(call->db, &call->actor, call->now_ms, "item-batch-add", edits[0].item.id, detail);
	if (err != QT_OK)
		return err;
	call->status = 201;
	json_int(call->reply, "count", a->items.count);
	json_int(call->reply, "first_id", edits[0].item.id);
	json_int(call->reply, "version", edits[a->items.count - 1].item.version);
	return QT_OK;
}

/* Members of an item, into an open object. */
static enum qt_err item_json(struct call *call, const struct item *it)
{
	char codes[ITEM_BARCODES_MAX][BARCODE_MAX_BYTES + 1];
	int count;
	struct json *j = call->reply;
	enum qt_err err = catalogue_item_barcodes(call->db, it->id, codes, &count);

	json_int(j, "item_id", it->id);
	json_int(j, "version", it->version);
	json_text(j, "sku", it->sku);
	if (it->plu)
		json_int(j, "plu", it->plu);
	json_text(j, "name", it->name);
	json_text(j, "name_zh", it->name_zh);
	if (it->unit[0])
		json_text(j, "unit", it->unit);
	json_int(j, "price_cents", it->price_cents);
	json_int(j, "tax_id", it->tax_id);
	json_int(j, "tax_bp", it->tax_bp);
	json_bool(j, "open_price", it->open_price);
	if (it->min_price_cents)
		json_int(j, "min_price_cents", it->min_price_cents);
	if (it->max_price_cents)
		json_int(j, "max_price_cents", it->max_price_cents);
	if (it->min_age)
		json_int(j, "min_age", it->min_age);
	json_bool(j, "active", it->active);
	json_array(j, "barcodes");
	for (int i = 0; err == QT_OK && i < count; i++)
		json_text(j, NULL, codes[i]);
	json_end(j);
	return err == QT_OK && it->has_options ? item_options_json(call, it->id) : err;
}

static enum qt_err find_item(struct call *call, struct merchant *m, struct item *it)
{
	enum qt_err err = call_merchant(call, m);
	return err == QT_OK ? catalogue_item_get(call->db, m->id, call->id, it) : err;
}

static enum qt_err item_change_post(struct call *call)
{
	struct item_edit e = { 0 };
	struct merchant m;
	char codes[ITEM_BARCODES_MAX][BARCODE_MAX_BYTES + 1];
	const char *kept[ITEM_BARCODES_MAX];
	enum qt_err err = find_item(call, &m, &e.item);
	char detail[64];
	int64_t before;

	if (err == QT_OK)
		err = catalogue_item_barcodes(call->db, e.item.id, codes, &e.barcode_count);
	if (err != QT_OK)
		return err;
	for (int i = 0; i < e.barcode_count; i++)
		kept[i] = codes[i];
	e.barcodes = kept;
	before = e.item.price_cents;
	apply(call, call->args, &e);
	err = catalogue_items_write(call->db, m.id, &e, 1, false, &call->problem);
	snprintf(detail, sizeof detail, "price %" PRId64 " -> %" PRId64, before, e.item.price_cents);
	if (err == QT_OK)
		err = audit_log_add(call->db, &call->actor, call->now_ms, "item-change", e.item.id,
		                    before != e.item.price_cents ? detail : NULL);
	if (err == QT_OK)
		err = catalogue_item_get(call->db, m.id, e.item.id, &e.item);
	return err == QT_OK ? item_json(call, &e.item) : err;
}

/* The PRODUCT code's URL, for shelf labels. */
static char *product_url(const struct server *server, int64_t item_id, char out[CODE_URL_MAX])
{
	struct code code = { .kind = CODE_PRODUCT, .id = item_id };
	char token[CODE_TOKEN_MAX];

	if (code_make(&server->keys, &code, token) != QT_OK)
		fatal("the key file has no epoch for codes");
	return code_url(server->settings.public_url, token, out);
}

static enum qt_err item_get(struct call *call)
{
	struct merchant m;
	struct item it;
	char url[CODE_URL_MAX];
	enum qt_err err = find_item(call, &m, &it);

	if (err == QT_OK)
		json_text(call->reply, "code", product_url(call->server, it.id, url));
	return err == QT_OK ? item_json(call, &it) : err;
}

struct lookup_args {
	const char *code;
};
static const struct field lookup_fields[] = {
	FIELD(struct lookup_args, code, TEXT, .flags = FIELD_REQUIRED, .min = 1, .max = CODE_URL_MAX,
	      .help = "barcode, PLU, SKU or product code"),
	FIELDS_DONE
};

static enum qt_err lookup_get(struct call *call)
{
	const struct lookup_args *a = call->args;
	struct label_code label = { 0 };
	struct merchant m;
	struct item it;
	enum qt_err err = call_merchant(call, &m);

	if (err == QT_OK)
		err = catalogue_item_scanned(call->db, call->server, m.id, a->code, call->now_ms, &it);
	if (err == QT_NOT_FOUND)
		err = catalogue_item_labelled(call->db, m.id, call->actor.store_id, m.currency, a->code, &it, &label);
	if (err == QT_OK && label.has_weight)
		json_int(call->reply, "quantity_milli", label_code_milli(&label, it.unit));
	if (err == QT_OK && label.has_price)
		json_int(call->reply, "label_cents", label.price_cents);
	return err == QT_OK ? item_json(call, &it) : err;
}

static enum qt_err items_json(struct call *call, const struct item *items, int count)
{
	enum qt_err err = QT_OK;

	json_array(call->reply, "items");
	for (int i = 0; err == QT_OK && i < count; i++) {
		json_object(call->reply, NULL);
		err = item_json(call, &items[i]);
		json_end(call->reply);
	}
	json_end(call->reply);
	return err;
}

struct search_args {
	const char *q;
	int64_t after, limit;
	int sort;
	bool desc;
};
static const char *const sort_words[] = { "id", "sku", "name", "price", NULL }; /* as enum item_sort */
static const struct field search_fields[] = {
	FIELD(struct search_args, q, TEXT, .max = NAME_MAX_BYTES,
	      .help = "beginnings of words, or of a barcode; without it all items are listed"),
	FIELD(struct search_args, after, INT, .min = 0, .max = INT64_MAX, .help = "rows after this id; not with q"),
	FIELD(struct search_args, limit, INT, .min = 1, .max = LIST_MAX, .fallback = 50, .help = "rows at most"),
	FIELD(struct search_args, sort, CHOICE, .choices = sort_words, .help = "what the rows are in order of; not with q"),
	FIELD(struct search_args, desc, BOOL, .help = "true: the largest first; not with q"),
	FIELDS_DONE
};

static enum qt_err items_get(struct call *call)
{
	const struct search_args *a = call->args;
	bool search = a->q != NULL && a->q[0] != '\0';
	const struct item_page page = { a->after, (int)a->limit, (enum item_sort)a->sort, a->desc };
	struct item *items = arena_alloc(call->arena, (size_t)a->limit * sizeof *items);
	int count = 0;
	struct merchant m;
	enum qt_err err = call_merchant(call, &m);

	if (err == QT_OK)
		err = search ? catalogue_search(call->db, m.id, a->q, items, (int)a->limit, &count)
		             : catalogue_list(call->db, m.id, &page, items, &count);
	if (err == QT_OK)
		err = items_json(call, items, count);
	if (!search && count > 0 && count == a->limit)
		json_int(call->reply, "next", items[count - 1].id);
	else
		json_null(call->reply, "next");
	return err;
}

struct sync_args {
	int64_t after_version, limit;
};
static const struct field sync_fields[] = {
	FIELD(struct sync_args, after_version, INT, .min = 0, .max = INT64_MAX,
	      .help = "version of the till's copy; 0: empty"),
	FIELD(struct sync_args, limit, INT, .min = 1, .max = SYNC_MAX, .fallback = SYNC_MAX, .help = "items at most"),
	FIELDS_DONE
};

static enum qt_err catalogue_get(struct call *call)
{
	const struct sync_args *a = call->args;
	const struct list_args all_taxes = { .after = 0, .limit = LIST_MAX };
	struct item *items = arena_alloc(call->arena, (size_t)a->limit * sizeof *items);
	int64_t ids[LIST_MAX], newest, version = a->after_version;
	int count = 0, taxes = 0;
	struct merchant m;
	enum qt_err err = call_merchant(call, &m);

	if (err == QT_OK)
		err = catalogue_version(call->db, m.id, &newest);
	if (err == QT_OK)
		err = catalogue_changes(call->db, m.id, a->after_version, items, (int)a->limit, &count);
	if (err == QT_OK)
		err = items_json(call, items, count);
	if (err == QT_OK)
		err = taxes_json(call, m.id, &all_taxes, ids, &taxes);
	if (err != QT_OK)
		return err;
	json_end(call->reply);
	if (count > 0)
		version = items[count - 1].version;
	json_int(call->reply, "version", version);
	json_bool(call->reply, "more", version < newest);
	return QT_OK;
}

#define ROLES_SHOP (ROLE_TERMINAL | ROLES_TILL | ROLES_BOSS)
const struct route catalogue_routes[] = {
	{ .method = "POST", .path = "/v1/taxes", .roles = ROLES_BOSS, .flags = ROUTE_WRITE, .body_max = 1024,
	  .fields = tax_fields, .args_size = sizeof(struct tax_args), .handle = tax_post,
	  .help = "Add a tax; rates are never changed, items move to another." },
	{ .method = "GET", .path = "/v1/taxes", .roles = ROLES_SHOP, .fields = list_fields,
	  .args_size = sizeof(struct list_args), .handle = taxes_get, .help = "List the merchant's taxes." },
	{ .method = "POST", .path = "/v1/items", .roles = ROLES_BOSS, .flags = ROUTE_WRITE, .body_max = 8192,
	  .fields = item_fields, .args_size = sizeof(struct item_args), .handle = item_post, .help = "Add an item." },
	{ .method = "POST", .path = "/v1/items/batch", .roles = ROLES_BOSS, .flags = ROUTE_WRITE, .body_max = 1048576,
	  .fields = batch_fields, .args_size = sizeof(struct batch_args), .handle = batch_post,
	  .help = "Add up to 500 items, all or none." },
	{ .method = "GET", .path = "/v1/items", .roles = ROLES_SHOP, .fields = search_fields,
	  .args_size = sizeof(struct search_args), .handle = items_get,
	  .help = "Search items by the beginnings of words (q), or list all." },
	{ .method = "GET", .path = "/v1/items/lookup", .roles = ROLES_SHOP, .fields = lookup_fields,
	  .args_size = sizeof(struct lookup_args), .handle = lookup_get, .help = "The item of a barcode, PLU, SKU or product code." },
	{ .method = "GET", .path = "/v1/items/:id", .roles = ROLES_SHOP, .handle = item_get,
	  .help = "One item, with its product code for a shelf label." },
	{ .method = "POST", .path = "/v1/items/:id", .roles = ROLES_BOSS, .flags = ROUTE_WRITE, .body_max = 8192,
	  .fields = item_change_fields, .args_size = sizeof(struct item_args), .handle = item_change_post,
	  .help = "Change what is given." },
	{ .method = "GET", .path = "/v1/catalogue", .roles = ROLES_SHOP, .fields = sync_fields,
	  .args_size = sizeof(struct sync_args), .handle = catalogue_get,
	  .help = "What changed after a version, for a till's copy; ask again while `more` is true." },
};
const int catalogue_route_count = (int)(sizeof catalogue_routes / sizeof *catalogue_routes);
