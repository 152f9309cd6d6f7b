/* catalogue_write: items are checked against each other and against the merchant's catalogue, then written with
 * a new version. See catalogue.h. */
#include "server/catalogue_row.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A text of an element that must be unique in the merchant's catalogue. */
struct unique_text {
	const char *text;
	int element;    /* index in the batch */
	int barcode;    /* index in the element; -1: the SKU */
};

static const char *field_path(char out[64], bool batch, int element, const char *name, int index)
{
	char head[24] = "";

	if (batch)
		snprintf(head, sizeof head, "items[%d].", element);
	if (index >= 0)
		snprintf(out, 64, "%s%s[%d].code", head, name, index);
	else
		snprintf(out, 64, "%s%s", head, name);
	return out;
}

static enum qt_err exists(struct problem *p, bool batch, const struct unique_text *u)
{
	char path[64];
	return problem_set(p, QT_EXISTS, field_path(path, batch, u->element, u->barcode < 0 ? "sku" : "barcodes",
	                                            u->barcode),
	                   "another item has it already");
}

/* Barcodes before SKUs, then by text. */
static int compare(const void *a, const void *b)
{
	const struct unique_text *x = a, *y = b;

	if ((x->barcode < 0) != (y->barcode < 0))
		return x->barcode < 0 ? 1 : -1;
	int order = strcmp(x->text, y->text);
	return order ? order : x->element - y->element;
}

/* No SKU and no barcode twice within the batch. */
static enum qt_err check_batch(const struct item_edit *edits, int count, bool batch, struct problem *p)
{
	int n = 0, room = count;
	enum qt_err err = QT_OK;

	for (int i = 0; i < count; i++)
		room += edits[i].barcode_count;
	struct unique_text *all = xcalloc((size_t)room, sizeof *all);
	for (int i = 0; i < count; i++) {
		all[n++] = (struct unique_text){ edits[i].item.sku, i, -1 };
		for (int k = 0; k < edits[i].barcode_count; k++)
			all[n++] = (struct unique_text){ edits[i].barcodes[k], i, k };
	}
	qsort(all, (size_t)n, sizeof *all, compare);
	for (int i = 1; i < n && err == QT_OK; i++)
		if ((all[i].barcode < 0) == (all[i - 1].barcode < 0) && strcmp(all[i].text, all[i - 1].text) == 0)
			err = exists(p, batch, &all[i]);
	free(all);
	return err;
}

static int compare_plu(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

static enum qt_err check_batch_plus(const struct item_edit *edits, int count, bool batch, struct problem *p)
{
	int64_t *plus = xcalloc((size_t)count, sizeof *plus);
	enum qt_err err = QT_OK;
	char path[64];

	for (int i = 0; i < count; i++)
		plus[i] = edits[i].item.plu;
	qsort(plus, (size_t)count, sizeof *plus, compare_plu);
	for (int i = 1; i < count && err == QT_OK; i++)
		if (plus[i] > 0 && plus[i] == plus[i - 1])
			for (int k = count - 1; k >= 0 && err == QT_OK; k--)
				if (edits[k].item.plu == plus[i])
					err = problem_set(p, QT_EXISTS, field_path(path, batch, k, "plu", -1),
					                  "another item of the list has it already");
	free(plus);
	return err;
}

/* QT_EXISTS when the one row the look-up found is another item than `id`. */
static enum qt_err taken(enum qt_err found, const int64_t *found_id, int64_t id)
{
	if (found == QT_NOT_FOUND || (found == QT_OK && *found_id == id))
		return QT_OK;
	return found == QT_OK ? QT_EXISTS : found;
}

/* Against what the merchant has. */
static enum qt_err check_one(struct db *db, int64_t merchant_id, const struct item_edit *e, int element, bool batch,
                             int64_t *tax_seen, struct problem *p)
{
	SQL(by_sku, "SELECT id FROM item WHERE merchant_id = $1 AND sku = $2");
	SQL(by_plu, "SELECT id FROM item WHERE merchant_id = $1 AND plu = $2");
	SQL(by_barcode, "SELECT item_id FROM barcode WHERE merchant_id = $1 AND code = $2");
	struct tax tax;
	int64_t id = 0;
	char path[64];
	enum qt_err err = QT_OK;

	if (e->item.max_price_cents && e->item.max_price_cents < e->item.min_price_cents)
		return problem_set(p, QT_OUT_OF_RANGE, field_path(path, batch, element, "max_price_cents", -1),
		                   "it is less than min_price_cents");
	if (e->item.has_options && quantity_is_measured(e->item.unit))
		return problem_set(p, QT_CONFLICT, field_path(path, batch, element, "unit", -1),
		                   "an item with options is not measured");
	if (e->item.tax_id != *tax_seen)
		err = tax_get(db, merchant_id, e->item.tax_id, &tax);
	if (err == QT_NOT_FOUND)
		return problem_set(p, err, field_path(path, batch, element, "tax_id", -1), "there is no such tax");
	if (err != QT_OK)
		return err;
	*tax_seen = e->item.tax_id;
	err = taken(db_one(db, &by_sku, "it", merchant_id, e->item.sku, "i", &id), &id, e->item.id);
	if (err == QT_EXISTS)
		return exists(p, batch, &(struct unique_text){ NULL, element, -1 });
	if (err == QT_OK && e->item.plu > 0)
		err = taken(db_one(db, &by_plu, "ii", merchant_id, e->item.plu, "i", &id), &id, e->item.id);
	if (err == QT_EXISTS)
		return problem_set(p, err, field_path(path, batch, element, "plu", -1), "another item has it already");
	for (int k = 0; k < e->barcode_count && err == QT_OK; k++) {
		err = taken(db_one(db, &by_barcode, "it", merchant_id, e->barcodes[k], "i", &id), &id, e->item.id);
		if (err == QT_EXISTS)
			return exists(p, batch, &(struct unique_text){ NULL, element, k });
	}
	return err;
}

/* Parameters of both item statements. */
static enum qt_err write_row(struct db *db, struct sql *sql, int64_t merchant_id, const struct item *it)
{
	struct stmt *s = db_stmt(db, sql);
	bool same = it->name_zh[0] == '\0' || strcmp(it->name_zh, it->name) == 0;

	stmt_int(s, 1, it->id);
	stmt_int(s, 2, merchant_id);
	stmt_int(s, 3, it->version);
	stmt_text(s, 4, it->sku);
	if (it->plu > 0)
		stmt_int(s, 5, it->plu);
	else
		stmt_null(s, 5);
	stmt_text(s, 6, it->name);
	stmt_text(s, 7, same ? NULL : it->name_zh);
	stmt_text(s, 8, it->unit[0] ? it->unit : NULL);
	stmt_int(s, 9, it->price_cents);
	stmt_int(s, 10, it->tax_id);
	stmt_int(s, 11, it->open_price);
	stmt_int(s, 12, it->active);
	stmt_step(s);
	return stmt_end(s);
}

/* What tills ask about an item: most have nothing, and no row. */
static enum qt_err write_rule(struct db *db, const struct item *it)
{
	SQL(find, "SELECT id FROM item_rule WHERE id = $1");
	SQL(insert, "INSERT INTO item_rule (id, min_price_cents, max_price_cents, min_age) VALUES ($1, $2, $3, $4)");
	SQL(update, "UPDATE item_rule SET min_price_cents = $2, max_price_cents = $3, min_age = $4 WHERE id = $1");
	int64_t id;
	enum qt_err err = db_one(db, &find, "i", it->id, "i", &id);

	if (err == QT_NOT_FOUND && it->min_price_cents == 0 && it->max_price_cents == 0 && it->min_age == 0)
		return QT_OK;
	if (err != QT_OK && err != QT_NOT_FOUND)
		return err;
	return db_run(db, err == QT_OK ? &update : &insert, "iiii", it->id, it->min_price_cents, it->max_price_cents,
	              it->min_age);
}

enum qt_err catalogue_write_item(struct db *db, int64_t merchant_id, struct item_edit *e, const struct item *before,
                                 bool codes)
{
	SQL(insert, "INSERT INTO item (id, merchant_id, version, sku, plu, name, name_zh, unit, price_cents, tax_id, "
	            "open_price, active) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)");
	SQL(update,
	    "UPDATE item SET version = $3, sku = $4, plu = $5, name = $6, name_zh = $7, unit = $8, price_cents = $9, "
	            "tax_id = $10, open_price = $11, active = $12 WHERE id = $1 AND merchant_id = $2");
	SQL(clear, "DELETE FROM barcode WHERE item_id = $1");
	SQL(add_code, "INSERT INTO barcode (merchant_id, code, item_id) VALUES ($1, $2, $3)");
	bool fresh = e->item.id == 0;
	enum qt_err err;

	if (fresh)
		e->item.id = db_new_id(db, "item");
	catalogue_forget_item(e->item.id);
	err = write_row(db, fresh ? &insert : &update, merchant_id, &e->item);
	if (err == QT_OK)
		err = write_rule(db, &e->item);
	if (err == QT_OK && !fresh && codes)
		err = db_run(db, &clear, "i", e->item.id);
	for (int k = 0; codes && k < e->barcode_count && err == QT_OK; k++)
		err = db_run(db, &add_code, "iti", merchant_id, e->barcodes[k], e->item.id);
	return err == QT_OK ? catalogue_index_item(db, merchant_id, before, &e->item) : err;
}

/* A merchant whose catalogue an import is being applied to waits for its end. */
static enum qt_err check_free(struct db *db, int64_t merchant_id, struct problem *p)
{
	SQL(applying, "SELECT id FROM item_import WHERE merchant_id = $1 AND state IN (2, 3)");
	int64_t id;
	enum qt_err err = db_one(db, &applying, "i", merchant_id, "i", &id);

	if (err == QT_OK)
		return problem_set(p, QT_CONFLICT, "items", "an import of the catalogue is being applied; try again in a moment");
	return err == QT_NOT_FOUND ? QT_OK : err;
}

enum qt_err catalogue_items_write(struct db *db, int64_t merchant_id, struct item_edit *edits, int count, bool batch,
                                  struct problem *p)
{
	int64_t version, tax_seen = 0;
	struct item before;
	enum qt_err err = check_free(db, merchant_id, p);

	if (err == QT_OK)
		err = check_batch(edits, count, batch, p);
	if (err == QT_OK)
		err = check_batch_plus(edits, count, batch, p);
	for (int i = 0; i < count && err == QT_OK; i++)
		err = check_one(db, merchant_id, &edits[i], i, batch, &tax_seen, p);
	if (err == QT_OK)
		err = catalogue_version(db, merchant_id, &version);
	for (int i = 0; i < count && err == QT_OK; i++) {
		bool fresh = edits[i].item.id == 0;
		edits[i].item.version = ++version;
		if (!fresh)
			err = catalogue_item_get(db, merchant_id, edits[i].item.id, &before);
		if (err == QT_OK)
			err = catalogue_write_item(db, merchant_id, &edits[i], fresh ? NULL : &before, true);
	}
	return err;
}

enum qt_err catalogue_touch_items(struct db *db, int64_t merchant_id, const int64_t *item_ids, int count,
                                  struct problem *p)
{
	SQL(touch, "UPDATE item SET version = $3 WHERE id = $1 AND merchant_id = $2");
	int64_t version;
	enum qt_err err = count > 0 ? check_free(db, merchant_id, p) : QT_OK;

	if (err == QT_OK)
		err = catalogue_version(db, merchant_id, &version);
	for (int i = 0; i < count && err == QT_OK; i++) {
		catalogue_forget_item(item_ids[i]);
		err = db_run(db, &touch, "iii", item_ids[i], merchant_id, ++version);
	}
	return err;
}
