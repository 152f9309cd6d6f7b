/* item_import_apply: staged rows become items, in steps, and what was broken off is finished. See item_import.h. */
#include "server/catalogue_row.h"
#include "server/item_import_row.h"

#include <stdlib.h>
#include <string.h>

#define SWEEP_ROWS 500

void item_codes_read(struct item_codes *c, const char *lines)
{
	c->count = 0;
	while (lines && *lines && c->count < ITEM_BARCODES_MAX) {
		size_t n = strcspn(lines, "\n");
		if (n > 0 && n <= BARCODE_MAX_BYTES) {
			memcpy(c->text[c->count], lines, n);
			c->text[c->count][n] = '\0';
			c->code[c->count] = c->text[c->count];
			c->count++;
		}
		lines += n + (lines[n] == '\n');
	}
}

enum qt_err item_import_find(struct db *db, int64_t merchant_id, const char *sku, struct item *it)
{
	SQL(by_sku, "SELECT " ITEM_COLUMNS " FROM item i JOIN tax t ON t.id = i.tax_id "
	            "LEFT JOIN item_rule r ON r.id = i.id WHERE i.merchant_id = $1 AND i.sku = $2");
	struct stmt *s = db_stmt(db, &by_sku);
	bool found;

	stmt_int(s, 1, merchant_id);
	stmt_text(s, 2, sku);
	found = stmt_step(s);
	if (found)
		catalogue_read_row(s, it);
	enum qt_err err = stmt_end(s);
	return err == QT_OK && !found ? QT_NOT_FOUND : err;
}

static int compare_codes(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* `old` is in the order of its texts. */
static bool same_codes(const struct item_codes *old, const struct item_codes *now)
{
	const char *sorted[ITEM_BARCODES_MAX];

	if (old->count != now->count)
		return false;
	memcpy(sorted, now->code, sizeof sorted);
	qsort(sorted, (size_t)now->count, sizeof *sorted, compare_codes);
	for (int i = 0; i < now->count; i++)
		if (strcmp(sorted[i], old->code[i]) != 0)
			return false;
	return true;
}

/* A text of a row over what was there. */
static void lay_text(char *target, size_t size, const char *given, bool *same)
{
	if (given == NULL || strcmp(given, target) == 0)
		return;
	size_t len = strnlen(given, size - 1);
	memcpy(target, given, len);
	target[len] = '\0';
	*same = false;
}

static void lay_int(int64_t *target, int64_t given, bool *same)
{
	if (given < 0 || given == *target)
		return;
	*target = given;
	*same = false;
}

static void lay_bool(bool *target, int given, bool *same)
{
	if (given < 0 || (given == 1) == *target)
		return;
	*target = given == 1;
	*same = false;
}

enum qt_err item_import_lay(struct db *db, const struct item_import_row *r, struct item *it, struct item_codes *codes,
                            bool *same)
{
	struct item_codes old = { .count = 0 };
	/* A Chinese name that is the other's is no name of its own, and follows it. */
	bool follows = it->id == 0 || strcmp(it->name, it->name_zh) == 0;
	enum qt_err err = QT_OK;

	*same = it->id != 0;
	if (it->id != 0 && r->barcodes)
		err = catalogue_item_barcodes(db, it->id, old.text, &old.count);
	for (int i = 0; i < old.count; i++)
		old.code[i] = old.text[i];
	item_codes_read(codes, r->barcodes);
	if (r->barcodes && !same_codes(&old, codes))
		*same = false;
	lay_text(it->name, sizeof it->name, r->name, same);
	if (r->name_zh)
		lay_text(it->name_zh, sizeof it->name_zh, r->name_zh[0] ? r->name_zh : it->name, same);
	else if (follows)
		lay_text(it->name_zh, sizeof it->name_zh, it->name, same);
	lay_text(it->unit, sizeof it->unit, r->unit, same);
	lay_int(&it->price_cents, r->price_cents, same);
	lay_int(&it->tax_id, r->tax_id, same);
	lay_int(&it->plu, r->plu, same);
	lay_bool(&it->open_price, r->open_price, same);
	lay_bool(&it->active, r->active, same);
	return err;
}

enum qt_err item_import_begin(struct db *db, struct item_import *m, int64_t now_ms, struct problem *p)
{
	SQL(applying, "SELECT id FROM item_import WHERE merchant_id = $1 AND state IN (2, 3)");
	int64_t version, other;

	if (m->state > IMPORT_STAGING && m->state <= IMPORT_DONE)
		return QT_OK;
	if (m->state != IMPORT_STAGING)
		return problem_set(p, QT_CONFLICT, "import", "it is %s", item_import_words[m->state]);
	enum qt_err err = db_one(db, &applying, "i", m->merchant_id, "i", &other);
	if (err == QT_OK)
		return problem_set(p, QT_CONFLICT, "import", "another one is being applied");
	if (err == QT_NOT_FOUND)
		err = catalogue_version(db, m->merchant_id, &version);
	if (err != QT_OK)
		return err;
	if (version != m->base_version)
		return problem_set(p, QT_CONFLICT, "import", "the catalogue has changed since it began; import again");
	m->state = IMPORT_ADDING;
	m->done_count = 0;
	m->step_ms = now_ms;
	return item_import_put(db, m);
}

static char *copy(const char *text)
{
	return text ? xstrdup(text) : NULL;
}

/* A staged row, owned by the caller until free_row. */
static enum qt_err read_row(struct db *db, const struct item_import *m, int64_t row_no, struct item_import_row *r)
{
	SQL(by_id, "SELECT sku, name, name_zh, unit, COALESCE(price_cents, -1), COALESCE(tax_id, -1), COALESCE(plu, -1), "
	           "COALESCE(open_price, -1), COALESCE(active, -1), barcodes FROM item_import_row WHERE id = $1");
	struct stmt *s = db_stmt(db, &by_id);
	bool found;

	stmt_int(s, 1, m->id * ITEM_IMPORT_ROOM + row_no);
	found = stmt_step(s);
	*r = (struct item_import_row){ 0 };
	if (found)
		*r = (struct item_import_row){ copy(stmt_col_text(s, 0)), copy(stmt_col_text(s, 1)), copy(stmt_col_text(s, 2)),
			copy(stmt_col_text(s, 3)), stmt_col_int(s, 4), stmt_col_int(s, 5), stmt_col_int(s, 6),
			(int)stmt_col_int(s, 7), (int)stmt_col_int(s, 8), copy(stmt_col_text(s, 9)) };
	enum qt_err err = stmt_end(s);
	return err == QT_OK && !found ? QT_STORE : err;
}

static void free_row(struct item_import_row *r)
{
	free((char *)(uintptr_t)r->sku);
	free((char *)(uintptr_t)r->name);
	free((char *)(uintptr_t)r->name_zh);
	free((char *)(uintptr_t)r->unit);
	free((char *)(uintptr_t)r->barcodes);
}

static enum qt_err apply_row(struct db *db, const struct item_import *m, const struct item_import_row *r, int64_t *version)
{
	struct item before = { 0 };
	struct item_edit e = { 0 };
	struct item_codes codes;
	bool same;
	enum qt_err err = item_import_find(db, m->merchant_id, r->sku, &before);
	bool fresh = err == QT_NOT_FOUND;

	if (err != QT_OK && !fresh)
		return err;
	if (fresh != (m->state == IMPORT_ADDING))
		return QT_OK; /* the other state's */
	if (fresh)
		before = (struct item){ .active = true };
	e.item = before;
	err = item_import_lay(db, r, &e.item, &codes, &same);
	if (err != QT_OK || same)
		return err;
	if (fresh)
		lay_text(e.item.sku, sizeof e.item.sku, r->sku, &same);
	e.item.version = ++*version;
	e.barcodes = codes.code;
	e.barcode_count = codes.count;
	return catalogue_write_item(db, m->merchant_id, &e, fresh ? NULL : &before, r->barcodes != NULL);
}

enum qt_err item_import_step(struct db *db, struct item_import *m, int64_t now_ms)
{
	SQL(newest, "SELECT COALESCE(MAX(version), 0) FROM item WHERE merchant_id = $1");
	struct item_import_row row;
	int64_t version;
	enum qt_err err = db_one(db, &newest, "i", m->merchant_id, "i", &version);

	for (int i = 0; i < ITEM_IMPORT_STEP && err == QT_OK; i++) {
		if (m->done_count == m->row_count) { /* of this state */
			if (m->state != IMPORT_ADDING || m->new_count + m->same_count == m->row_count)
				break;
			m->state = IMPORT_CHANGING;
			m->done_count = 0;
		}
		err = read_row(db, m, m->done_count + 1, &row);
		if (err == QT_OK)
			err = apply_row(db, m, &row, &version);
		free_row(&row);
		m->done_count += err == QT_OK;
	}
	if (err != QT_OK)
		return err;
	if (m->done_count == m->row_count && (m->state == IMPORT_CHANGING || m->new_count + m->same_count == m->row_count))
		m->state = IMPORT_DONE;
	m->step_ms = now_ms;
	return item_import_put(db, m);
}

/* Rows and keys of an import that is over, some at a time. */
static enum qt_err sweep(struct db *db, struct item_import *m, int *count)
{
	SQL(rows, "DELETE FROM item_import_row WHERE id IN (SELECT id FROM item_import_row WHERE id > $1 AND id < $2 "
	          "ORDER BY id LIMIT $3)");
	SQL(keys, "DELETE FROM item_import_key WHERE import_id = $1 AND kind = $2 AND value IN (SELECT value FROM "
	          "item_import_key WHERE import_id = $1 AND kind = $2 ORDER BY value LIMIT $3)");
	int64_t first = m->id * ITEM_IMPORT_ROOM;
	enum qt_err err = db_run(db, &rows, "iii", first, first + ITEM_IMPORT_ROOM, (int64_t)SWEEP_ROWS);

	*count = (int)db_changes(db);
	for (int64_t kind = 1; kind <= 3 && *count == 0 && err == QT_OK; kind++) {
		err = db_run(db, &keys, "iii", m->id, kind, (int64_t)SWEEP_ROWS);
		*count = (int)db_changes(db);
	}
	if (err == QT_OK && *count == 0) {
		m->state = IMPORT_SWEPT;
		*count = 1;
		err = item_import_put(db, m);
	}
	return err;
}

enum qt_err item_import_due(struct db *db, int64_t now_ms, int *count)
{
	SQL(idle, "SELECT id, merchant_id FROM item_import WHERE state IN (2, 3) AND step_ms <= $1 LIMIT 1");
	SQL(over, "SELECT id, merchant_id FROM item_import WHERE state < 6 AND (state IN (4, 5) OR (state = 1 AND step_ms <= $1)) "
	          "ORDER BY step_ms LIMIT 1");
	struct item_import m;
	int64_t id, merchant_id;
	enum qt_err err = db_one(db, &idle, "i", now_ms - ITEM_IMPORT_IDLE_MS, "ii", &id, &merchant_id);

	*count = 0;
	if (err == QT_OK) {
		err = item_import_get(db, merchant_id, id, &m);
		*count = ITEM_IMPORT_STEP;
		/* step_ms stays behind until it is done, so that the job goes on at once. */
		return err == QT_OK ? item_import_step(db, &m, now_ms - ITEM_IMPORT_IDLE_MS) : err;
	}
	if (err == QT_NOT_FOUND)
		err = db_one(db, &over, "i", now_ms - ITEM_IMPORT_KEEP_MS, "ii", &id, &merchant_id);
	if (err == QT_OK)
		err = item_import_get(db, merchant_id, id, &m);
	if (err == QT_OK)
		err = sweep(db, &m, count);
	return err == QT_NOT_FOUND ? QT_OK : err;
}
