/* catalogue: see catalogue.h. Reading; writing is in catalogue_write.c, the search in catalogue_search.c. */
#include "server/catalogue.h"

#include "server/cache.h"
#include "server/catalogue_row.h"
#include "server/server.h"
#include "shared/code.h"

#include <stdlib.h>
#include <stdio.h>
#include <string.h>

enum qt_err tax_get(struct db *db, int64_t merchant_id, int64_t tax_id, struct tax *t)
{
	SQL(by_id, "SELECT id, name, COALESCE(name_zh, name), rate_bp FROM tax WHERE id = $1 AND merchant_id = $2");
	return db_one(db, &by_id, "ii", tax_id, merchant_id, "itti", &t->id, t->name, sizeof t->name,
	              t->name_zh, sizeof t->name_zh, &t->rate_bp);
}

enum qt_err tax_add(struct db *db, int64_t merchant_id, struct tax *t, int64_t now_ms)
{
	SQL(insert, "INSERT INTO tax (id, merchant_id, name, name_zh, rate_bp, created_ms) "
	            "VALUES ($1, $2, $3, $4, $5, $6)");
	const char *zh = t->name_zh[0] == '\0' || strcmp(t->name_zh, t->name) == 0 ? NULL : t->name_zh;

	t->id = db_new_id(db, "tax");
	return db_run(db, &insert, "iittii", t->id, merchant_id, t->name, zh, t->rate_bp, now_ms);
}

static void copy_text(struct stmt *s, int column, char *out, size_t size)
{
	const char *text = stmt_col_text(s, column);
	size_t len = text ? strnlen(text, size - 1) : 0;

	memcpy(out, text ? text : "", len);
	out[len] = '\0';
}

void catalogue_read_row(struct stmt *s, struct item *it)
{
	it->id = stmt_col_int(s, 0);
	it->version = stmt_col_int(s, 1);
	it->price_cents = stmt_col_int(s, 2);
	it->tax_id = stmt_col_int(s, 3);
	it->tax_bp = stmt_col_int(s, 4);
	it->plu = stmt_col_int(s, 5);
	it->open_price = stmt_col_int(s, 6) != 0;
	it->active = stmt_col_int(s, 7) != 0;
	copy_text(s, 8, it->sku, sizeof it->sku);
	copy_text(s, 9, it->name, sizeof it->name);
	copy_text(s, 10, it->name_zh, sizeof it->name_zh);
	copy_text(s, 11, it->unit, sizeof it->unit);
	it->min_price_cents = stmt_col_int(s, 12);
	it->max_price_cents = stmt_col_int(s, 13);
	it->min_age = stmt_col_int(s, 14);
	it->has_options = stmt_col_int(s, 15) != 0;
}

/* Run to the first row; the statement is bound. */
static enum qt_err read_one(struct stmt *s, struct item *it)
{
	bool found = stmt_step(s);

	if (found)
		catalogue_read_row(s, it);
	enum qt_err err = stmt_end(s);
	return err == QT_OK && !found ? QT_NOT_FOUND : err;
}

enum qt_err catalogue_item_get(struct db *db, int64_t merchant_id, int64_t item_id, struct item *it)
{
	SQL(by_id, "SELECT " ITEM_COLUMNS " FROM " ITEM_TABLES " WHERE i.id = $1 AND i.merchant_id = $2");
	struct stmt *s = db_stmt(db, &by_id);

	stmt_int(s, 1, item_id);
	stmt_int(s, 2, merchant_id);
	return read_one(s, it);
}

/* With whose item it is: a cached row is another merchant's just as one on disk is. */
struct kept_item {
	int64_t merchant_id;
	struct item item;
};
static struct cache items_kept = CACHE(2048, struct kept_item);

enum qt_err catalogue_item_of_writer(struct db *db, int64_t merchant_id, int64_t item_id, struct item *it)
{
	struct kept_item *kept = cache_find(&items_kept, db, item_id);
	enum qt_err err;

	if (kept != NULL) {
		if (kept->merchant_id != merchant_id)
			return QT_NOT_FOUND;
		*it = kept->item;
		return QT_OK;
	}
	err = catalogue_item_get(db, merchant_id, item_id, it);
	if (err == QT_OK) {
		kept = cache_put(&items_kept, db, item_id);
		kept->merchant_id = merchant_id;
		kept->item = *it;
	}
	return err;
}

void catalogue_forget_item(int64_t item_id)
{
	cache_drop(&items_kept, item_id);
}

enum qt_err catalogue_item_by_barcode(struct db *db, int64_t merchant_id, const char *barcode, struct item *it)
{
	SQL(by_barcode,
	    "SELECT " ITEM_COLUMNS " FROM barcode b JOIN item i ON i.id = b.item_id " ITEM_JOINS
	                " WHERE b.merchant_id = $1 AND b.code = $2");
	struct stmt *s = db_stmt(db, &by_barcode);

	stmt_int(s, 1, merchant_id);
	stmt_text(s, 2, barcode);
	return read_one(s, it);
}

/* A PLU is at most nine digits; 0: the text is none. */
static int64_t plu_of(const char *text)
{
	int64_t plu = 0;

	if (strlen(text) > 9)
		return 0;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return 0;
		plu = plu * 10 + (*text - '0');
	}
	return plu;
}

enum qt_err catalogue_item_lookup(struct db *db, int64_t merchant_id, const char *text, struct item *it)
{
	SQL(by_plu, "SELECT " ITEM_COLUMNS " FROM " ITEM_TABLES " WHERE i.merchant_id = $1 AND i.plu = $2");
	SQL(by_sku, "SELECT " ITEM_COLUMNS " FROM " ITEM_TABLES " WHERE i.merchant_id = $1 AND i.sku = $2");
	enum qt_err err = catalogue_item_by_barcode(db, merchant_id, text, it);
	struct stmt *s;

	if (err == QT_NOT_FOUND && plu_of(text) > 0) {
		s = db_stmt(db, &by_plu);
		stmt_int(s, 1, merchant_id);
		stmt_int(s, 2, plu_of(text));
		err = read_one(s, it);
	}
	if (err == QT_NOT_FOUND) {
		s = db_stmt(db, &by_sku);
		stmt_int(s, 1, merchant_id);
		stmt_text(s, 2, text);
		err = read_one(s, it);
	}
	return err;
}

enum qt_err catalogue_item_scanned(struct db *db, const struct server *server, int64_t merchant_id, const char *text,
                                   int64_t now_ms, struct item *it)
{
	char token[CODE_TOKEN_MAX];
	struct code code;

	/* Most texts are barcodes, and no barcode is as long as a code. */
	if (strlen(text) > 16 && code_token_of(text, server->settings.public_url, token) != NULL &&
	    code_read(&server->keys, token, now_ms, &code) == QT_OK && code.kind == CODE_PRODUCT)
		return catalogue_item_get(db, merchant_id, code.id, it);
	return catalogue_item_lookup(db, merchant_id, text, it);
}

enum qt_err catalogue_item_barcodes(struct db *db, int64_t item_id, char codes[][BARCODE_MAX_BYTES + 1], int *count)
{
	SQL(of_item, "SELECT code FROM barcode WHERE item_id = $1 ORDER BY code");
	struct stmt *s = db_stmt(db, &of_item);

	*count = 0;
	stmt_int(s, 1, item_id);
	while (*count < ITEM_BARCODES_MAX && stmt_step(s))
		copy_text(s, 0, codes[(*count)++], BARCODE_MAX_BYTES + 1);
	return stmt_end(s);
}

enum qt_err catalogue_version(struct db *db, int64_t merchant_id, int64_t *version)
{
	SQL(newest, "SELECT COALESCE((SELECT base_version FROM item_import WHERE merchant_id = $1 AND state IN (2, 3) AND state = 2), "
	            "(SELECT MAX(version) FROM item WHERE merchant_id = $1), 0)");
	return db_one(db, &newest, "i", merchant_id, "i", version);
}

/* All rows of a bound statement, up to `max`. */
static enum qt_err read_all(struct stmt *s, struct item *items, int max, int *count)
{
	*count = 0;
	while (*count < max && stmt_step(s))
		catalogue_read_row(s, &items[(*count)++]);
	return stmt_end(s);
}

enum qt_err catalogue_changes(struct db *db, int64_t merchant_id, int64_t version, struct item *items, int max,
                              int *count)
{
	SQL(newer, "SELECT " ITEM_COLUMNS " FROM " ITEM_TABLES " WHERE i.merchant_id = $1 AND i.version > $2 "
	           "ORDER BY i.version LIMIT $3");
	struct stmt *s = db_stmt(db, &newer);

	stmt_int(s, 1, merchant_id);
	stmt_int(s, 2, version);
	stmt_int(s, 3, max);
	return read_all(s, items, max, count);
}

/* A page by a column that may hold the same twice: the id decides between them. */
#define PAGE_BY(up, down, column) \
	SQL(up, "SELECT " ITEM_COLUMNS " FROM " ITEM_TABLES " WHERE i.merchant_id = $1 AND (i." column ", i.id) > ($2, $3) " \
	        "ORDER BY i." column ", i.id LIMIT $4"); \
	SQL(down, "SELECT " ITEM_COLUMNS " FROM " ITEM_TABLES " WHERE i.merchant_id = $1 AND (i." column ", i.id) < ($2, $3) " \
	          "ORDER BY i." column " DESC, i.id DESC LIMIT $4")

enum qt_err catalogue_list(struct db *db, int64_t merchant_id, const struct item_page *page,
                           struct item *items, int *count)
{
	PAGE_BY(by_id, by_id_down, "id");
	PAGE_BY(by_sku, by_sku_down, "sku");
	PAGE_BY(by_name, by_name_down, "name");
	PAGE_BY(by_price, by_price_down, "price_cents");
	struct sql *const statements[][2] = {
		{ &by_id, &by_id_down }, { &by_sku, &by_sku_down }, { &by_name, &by_name_down }, { &by_price, &by_price_down },
	};
	struct item from = { .id = page->desc ? INT64_MAX : 0, .price_cents = page->desc ? INT64_MAX : -1 };
	enum qt_err err = page->after > 0 ? catalogue_item_get(db, merchant_id, page->after, &from) : QT_OK;

	*count = 0;
	if (err != QT_OK)
		return err;
	if (page->after == 0 && page->desc) { /* the last character there is */
		snprintf(from.name, sizeof from.name, "%s", "\xf4\x8f\xbf\xbf");
		snprintf(from.sku, sizeof from.sku, "%s", "\xf4\x8f\xbf\xbf");
	}
	struct stmt *s = db_stmt(db, statements[page->sort][page->desc]);
	stmt_int(s, 1, merchant_id);
	if (page->sort == ITEM_BY_ID)
		stmt_int(s, 2, from.id);
	else if (page->sort == ITEM_BY_PRICE)
		stmt_int(s, 2, from.price_cents);
	else
		stmt_text(s, 2, page->sort == ITEM_BY_SKU ? from.sku : from.name);
	stmt_int(s, 3, from.id);
	stmt_int(s, 4, page->limit);
	return read_all(s, items, page->limit, count);
}
