/* item_import: see item_import.h. Staging and the import's own row; applying is in item_import_apply.c. */
#include "server/item_import_row.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const item_import_words[] = { "", "staging", "adding", "changing", "done", "discarded", "swept", NULL };

enum key_kind { KEY_SKU = 1, KEY_PLU, KEY_BARCODE };

enum qt_err item_import_get(struct db *db, int64_t merchant_id, int64_t import_id, struct item_import *m)
{
	SQL(by_id, "SELECT id, merchant_id, state, row_count, new_count, same_count, done_count, base_version, actor_id, "
	           "created_ms, step_ms FROM item_import WHERE id = $1 AND merchant_id = $2");
	return db_one(db, &by_id, "ii", import_id, merchant_id, "iiiiiiiiiii", &m->id, &m->merchant_id, &m->state,
	              &m->row_count, &m->new_count, &m->same_count, &m->done_count, &m->base_version, &m->actor_id,
	              &m->created_ms, &m->step_ms);
}

enum qt_err item_import_put(struct db *db, const struct item_import *m)
{
	SQL(put, "UPDATE item_import SET state = $2, row_count = $3, new_count = $4, same_count = $5, done_count = $6, "
	         "step_ms = $7 WHERE id = $1");
	return db_run(db, &put, "iiiiiii", m->id, m->state, m->row_count, m->new_count, m->same_count, m->done_count,
	              m->step_ms);
}

enum qt_err item_import_new(struct db *db, int64_t merchant_id, int64_t actor_id, int64_t now_ms, struct item_import *m)
{
	SQL(insert, "INSERT INTO item_import (id, merchant_id, state, row_count, new_count, same_count, done_count, "
	            "base_version, actor_id, created_ms, step_ms) VALUES ($1, $2, $3, 0, 0, 0, 0, $4, $5, $6, $6)");

	*m = (struct item_import){ .merchant_id = merchant_id, .state = IMPORT_STAGING, .actor_id = actor_id,
		.created_ms = now_ms, .step_ms = now_ms };
	enum qt_err err = catalogue_version(db, merchant_id, &m->base_version);
	if (err != QT_OK)
		return err;
	m->id = db_new_id(db, "item_import");
	return db_run(db, &insert, "iiiiii", m->id, merchant_id, m->state, m->base_version, actor_id, now_ms);
}

/* ---- checks of a row ---- */

struct staging {
	struct db *db;
	struct item_import *import;
	struct problem *problem;
	int64_t tax_seen;
	int index;       /* in the request */
};

static enum qt_err refuse(struct staging *s, enum qt_err err, const char *column, int barcode, const char *why)
{
	char field[64];

	if (barcode >= 0)
		snprintf(field, sizeof field, "rows[%d].%s[%d].code", s->index, column, barcode);
	else
		snprintf(field, sizeof field, "rows[%d].%s", s->index, column);
	return problem_set(s->problem, err, field, "%s", why);
}

/* What one row alone may have. */
struct key {
	enum key_kind kind;
	int index;           /* of the row in the request */
	int barcode;         /* index in the row; -1: it is none */
	char value[BARCODE_MAX_BYTES + 1];
};

static const char *key_column(const struct key *k)
{
	static const char *const names[] = { "", "sku", "plu", "barcodes" };
	return names[k->kind];
}

static enum qt_err refuse_key(struct staging *s, const struct key *k, int64_t row_no)
{
	char why[48];

	s->index = k->index;
	snprintf(why, sizeof why, "row %lld has it already", (long long)row_no);
	return refuse(s, QT_EXISTS, key_column(k), k->barcode, why);
}

static int compare_keys(const void *a, const void *b)
{
	const struct key *x = a, *y = b;

	if (x->kind != y->kind)
		return (int)x->kind - (int)y->kind;
	int order = strcmp(x->value, y->value);
	return order ? order : x->index - y->index;
}

/* Keys of all rows, in their order; the caller frees. */
static struct key *keys_of(const struct item_import_row *rows, int count, int *key_count)
{
	struct key *keys = xcalloc((size_t)count * (2 + ITEM_BARCODES_MAX), sizeof *keys);
	struct item_codes codes;
	int n = 0;

	for (int i = 0; i < count; i++) {
		keys[n] = (struct key){ KEY_SKU, i, -1, "" };
		snprintf(keys[n++].value, sizeof keys->value, "%s", rows[i].sku);
		if (rows[i].plu > 0) {
			keys[n] = (struct key){ KEY_PLU, i, -1, "" };
			snprintf(keys[n++].value, sizeof keys->value, "%lld", (long long)rows[i].plu);
		}
		item_codes_read(&codes, rows[i].barcodes);
		for (int k = 0; k < codes.count; k++) {
			keys[n] = (struct key){ KEY_BARCODE, i, k, "" };
			snprintf(keys[n++].value, sizeof keys->value, "%s", codes.text[k]);
		}
	}
	qsort(keys, (size_t)n, sizeof *keys, compare_keys);
	*key_count = n;
	return keys;
}

/* Against the rows before, and against each other. */
static enum qt_err check_keys(struct staging *s, const struct key *keys, int count, int64_t first)
{
	SQL(find, "SELECT row_no FROM item_import_key WHERE import_id = $1 AND kind = $2 AND value = $3");
	enum qt_err err = QT_OK;
	int64_t row;

	for (int i = 0; i < count && err == QT_OK; i++) {
		if (i > 0 && keys[i].kind == keys[i - 1].kind && strcmp(keys[i].value, keys[i - 1].value) == 0)
			return refuse_key(s, &keys[i], first + keys[i - 1].index);
		err = db_one(s->db, &find, "iit", s->import->id, (int64_t)keys[i].kind, keys[i].value, "i", &row);
		if (err == QT_OK)
			return refuse_key(s, &keys[i], row);
		err = err == QT_NOT_FOUND ? QT_OK : err;
	}
	return err;
}

static enum qt_err insert_keys(struct staging *s, const struct key *keys, int count, int64_t first)
{
	SQL(insert, "INSERT INTO item_import_key (import_id, kind, value, row_no) VALUES ($1, $2, $3, $4)");
	enum qt_err err = QT_OK;

	for (int i = 0; i < count && err == QT_OK; i++)
		err = db_run(s->db, &insert, "iiti", s->import->id, (int64_t)keys[i].kind, keys[i].value, first + keys[i].index);
	return err;
}

/* No other item may have what the statement looks up. */
static enum qt_err nobody_else(struct staging *s, enum qt_err found, const int64_t *other, int64_t item_id,
                               const char *column, int barcode)
{
	if (found == QT_OK && *other != item_id)
		return refuse(s, QT_EXISTS, column, barcode, "another item has it already");
	return found == QT_OK || found == QT_NOT_FOUND ? QT_OK : found;
}

static enum qt_err check_plu(struct staging *s, const struct item_import_row *r, int64_t item_id)
{
	SQL(by_plu, "SELECT id FROM item WHERE merchant_id = $1 AND plu = $2");
	int64_t other = 0;

	if (r->plu <= 0)
		return QT_OK;
	enum qt_err err = db_one(s->db, &by_plu, "ii", s->import->merchant_id, r->plu, "i", &other);
	return nobody_else(s, err, &other, item_id, "plu", -1);
}

static enum qt_err check_barcodes(struct staging *s, const struct item_import_row *r, int64_t item_id)
{
	SQL(by_barcode, "SELECT item_id FROM barcode WHERE merchant_id = $1 AND code = $2");
	struct item_codes codes;
	int64_t other = 0;
	enum qt_err err = QT_OK;

	item_codes_read(&codes, r->barcodes);
	for (int i = 0; i < codes.count && err == QT_OK; i++) {
		err = db_one(s->db, &by_barcode, "it", s->import->merchant_id, codes.code[i], "i", &other);
		err = nobody_else(s, err, &other, item_id, "barcodes", i);
	}
	return err;
}

static enum qt_err check_tax(struct staging *s, const struct item_import_row *r)
{
	struct tax tax;

	if (r->tax_id < 0 || r->tax_id == s->tax_seen)
		return QT_OK;
	enum qt_err err = tax_get(s->db, s->import->merchant_id, r->tax_id, &tax);
	s->tax_seen = r->tax_id;
	return err == QT_NOT_FOUND ? refuse(s, err, "tax_id", -1, "there is no such tax") : err;
}

static enum qt_err check_new(struct staging *s, const struct item_import_row *r)
{
	const char *missing = r->name == NULL ? "name" : r->price_cents < 0 ? "price_cents" : r->tax_id < 0 ? "tax_id" : NULL;

	s->import->new_count++;
	return missing ? refuse(s, QT_MISSING_FIELD, missing, -1, "a new item needs it") : QT_OK;
}

static enum qt_err check_one(struct staging *s, const struct item_import_row *r)
{
	struct item_codes codes;
	struct item it;
	bool same = false;
	enum qt_err err = check_tax(s, r);

	if (err != QT_OK)
		return err;
	err = item_import_find(s->db, s->import->merchant_id, r->sku, &it);
	if (err == QT_NOT_FOUND) {
		it.id = 0;
		err = check_new(s, r);
	} else if (err == QT_OK) {
		err = item_import_lay(s->db, r, &it, &codes, &same);
		s->import->same_count += same;
	}
	if (err == QT_OK)
		err = check_plu(s, r, it.id);
	if (err == QT_OK)
		err = check_barcodes(s, r, it.id);
	return err;
}

static enum qt_err insert_row(struct staging *s, const struct item_import_row *r, int64_t row_no)
{
	SQL(insert, "INSERT INTO item_import_row (id, sku, name, name_zh, unit, price_cents, tax_id, plu, open_price, active, "
	            "barcodes) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)");
	const int64_t numbers[] = { r->price_cents, r->tax_id, r->plu, r->open_price, r->active };
	struct stmt *t = db_stmt(s->db, &insert);

	stmt_int(t, 1, s->import->id * ITEM_IMPORT_ROOM + row_no);
	stmt_text(t, 2, r->sku);
	stmt_text(t, 3, r->name);
	stmt_text(t, 4, r->name_zh);
	stmt_text(t, 5, r->unit);
	for (int i = 0; i < 5; i++) {
		if (numbers[i] >= 0)
			stmt_int(t, 6 + i, numbers[i]);
		else
			stmt_null(t, 6 + i);
	}
	stmt_text(t, 11, r->barcodes);
	stmt_step(t);
	return stmt_end(t);
}

enum qt_err item_import_stage(struct db *db, struct item_import *m, int64_t first, const struct item_import_row *rows,
                              int count, int64_t now_ms, struct problem *p)
{
	struct staging s = { .db = db, .import = m, .problem = p };
	enum qt_err err;
	int key_count;

	if (m->state != IMPORT_STAGING)
		return problem_set(p, QT_CONFLICT, "import", "it takes no more rows: it is %s", item_import_words[m->state]);
	if (first != m->row_count + 1)
		return problem_set(p, QT_CONFLICT, "first", "row %lld is due", (long long)m->row_count + 1);
	if (m->row_count + count > ITEM_IMPORT_ROWS_MAX)
		return problem_set(p, QT_TOO_LONG, "rows", "at most %d in one import", ITEM_IMPORT_ROWS_MAX);
	struct key *keys = keys_of(rows, count, &key_count);
	err = check_keys(&s, keys, key_count, first);
	for (s.index = 0; s.index < count && err == QT_OK; s.index++)
		err = check_one(&s, &rows[s.index]);
	if (err == QT_OK)
		err = insert_keys(&s, keys, key_count, first);
	for (int i = 0; i < count && err == QT_OK; i++)
		err = insert_row(&s, &rows[i], first + i);
	free(keys);
	if (err != QT_OK)
		return err;
	m->row_count += count;
	m->step_ms = now_ms;
	return item_import_put(db, m);
}

enum qt_err item_import_discard(struct db *db, struct item_import *m, int64_t now_ms, struct problem *p)
{
	if (m->state == IMPORT_DISCARDED)
		return QT_OK;
	if (m->state != IMPORT_STAGING)
		return problem_set(p, QT_CONFLICT, "import", "it is %s", item_import_words[m->state]);
	m->state = IMPORT_DISCARDED;
	m->step_ms = now_ms;
	return item_import_put(db, m);
}
