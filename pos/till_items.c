/* till_items: see till_items.h. */
#include "pos/till_items.h"

#include "pos/item_index.h"
#include "shared/clock.h"
#include "shared/code.h"
#include "shared/jread.h"
#include "shared/money.h"
#include "shared/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ITEM_COLUMNS "i.id, i.price_cents, COALESCE(t.rate_bp, 0), COALESCE(i.plu, 0), i.open_price, i.active, i.sku, " \
	"i.name, COALESCE(i.name_zh, ''), COALESCE(i.unit, ''), i.min_price_cents, i.max_price_cents, i.min_age, i.options IS NOT NULL, " \
	"(SELECT COUNT(*) FROM sold_out o WHERE o.item_id = i.id)"

static void copy_text(char *out, size_t size, const char *text)
{
	size_t n = 0, step, len = strlen(text);

	while (n < len && (step = text_utf8_length(text + n, len - n)) > 0 && n + step < size)
		n += step;
	memcpy(out, text, n);
	out[n] = '\0';
}

static void read_item(struct tdb_sql *q, struct till_item *it)
{
	it->id = tdb_int(q, 0);
	it->price_cents = tdb_int(q, 1);
	it->rate_bp = tdb_int(q, 2);
	it->plu = tdb_int(q, 3);
	it->open_price = tdb_int(q, 4) != 0;
	it->active = tdb_int(q, 5) != 0;
	copy_text(it->sku, sizeof it->sku, tdb_text(q, 6));
	copy_text(it->name, sizeof it->name, tdb_text(q, 7));
	copy_text(it->name_zh, sizeof it->name_zh, tdb_text(q, 8));
	copy_text(it->unit, sizeof it->unit, tdb_text(q, 9));
	it->min_price_cents = tdb_int(q, 10);
	it->max_price_cents = tdb_int(q, 11);
	it->min_age = tdb_int(q, 12);
	it->has_options = tdb_int(q, 13) != 0;
	it->sold_out = tdb_int(q, 14) != 0;
	it->option_count = 0;
	it->label_quantity = it->label_cents = 0;
	it->label[0] = '\0';
}

SQL(find_barcode, "SELECT " ITEM_COLUMNS " FROM barcode b JOIN item i ON i.id = b.item_id"
    " LEFT JOIN tax t ON t.id = i.tax_id WHERE b.code = $1");
SQL(find_plu, "SELECT " ITEM_COLUMNS " FROM item i LEFT JOIN tax t ON t.id = i.tax_id WHERE i.plu = $1");
SQL(find_sku, "SELECT " ITEM_COLUMNS " FROM item i LEFT JOIN tax t ON t.id = i.tax_id WHERE i.sku = $1");

SQL(find_id, "SELECT " ITEM_COLUMNS " FROM item i LEFT JOIN tax t ON t.id = i.tax_id WHERE i.id = $1");

/* One of our PRODUCT codes: it names the item. Its MAC is the server's to check; here it only chooses from the copy. */
static bool found_product(struct tdb *s, const char *text, struct till_item *it, enum qt_err *err)
{
	char token[CODE_TOKEN_MAX];
	struct code c;

	*err = QT_OK;
	if (code_token_of(text, NULL, token) == NULL || code_read(NULL, token, clock_now_ms(), &c) != QT_OK ||
	    c.kind != CODE_PRODUCT)
		return false;
	bool found = tdb_row(s, &find_id, "i", c.id);
	if (found)
		read_item(&find_id, it);
	*err = tdb_end(&find_id);
	return found;
}

static bool found_barcode(struct tdb *s, const char *code, struct till_item *it, enum qt_err *err)
{
	bool found = tdb_row(s, &find_barcode, "t", code);
	if (found)
		read_item(&find_barcode, it);
	*err = tdb_end(&find_barcode);
	return found;
}

static enum qt_err find_plain(struct tdb *s, const char *text, struct till_item *it)
{
	enum qt_err err;
	size_t len = strlen(text);
	bool found;

	if (text[0] == ']' && len > 3) /* AIM symbology identifier: three characters */
		text += 3, len -= 3;
	bool digits = len > 0 && strspn(text, "0123456789") == len;
	found = found_barcode(s, text, it, &err);
	if (!found && err == QT_OK)
		found = found_product(s, text, it, &err);
	if (!found && err == QT_OK && digits && len == 12) {
		char ean[14];
		snprintf(ean, sizeof ean, "0%s", text);
		found = found_barcode(s, ean, it, &err);
	}
	if (!found && err == QT_OK && digits && len == 13 && text[0] == '0')
		found = found_barcode(s, text + 1, it, &err);
	if (!found && err == QT_OK && digits && len <= 9) {
		if ((found = tdb_row(s, &find_plu, "i", (int64_t)strtoll(text, NULL, 10))))
			read_item(&find_plu, it);
		err = tdb_end(&find_plu);
	}
	if (!found && err == QT_OK) {
		if ((found = tdb_row(s, &find_sku, "t", text)))
			read_item(&find_sku, it);
		err = tdb_end(&find_sku);
	}
	if (err != QT_OK)
		return err;
	return found && it->active ? QT_OK : QT_NOT_FOUND;
}

/* What the label says, in terms of the item; as the server takes it. */
static enum qt_err take_label(const struct label_code *c, const char *text, struct till_item *it)
{
	bool measured = quantity_is_measured(it->unit);

	if (c->has_weight)
		it->label_quantity = label_code_milli(c, it->unit);
	if (!c->has_price)
		return measured ? QT_OK : QT_NOT_FOUND;
	if (strlen(text) >= sizeof it->label)
		return QT_NOT_FOUND;
	memcpy(it->label, text, strlen(text) + 1);
	it->label_cents = c->price_cents;
	if (!measured)
		it->label_quantity = 1;
	else if (!c->has_weight && (it->price_cents == 0 || money_ratio(c->price_cents, QUANTITY_MILLI, it->price_cents,
	         &it->label_quantity) != QT_OK || it->label_quantity == 0))
		it->label_quantity = QUANTITY_MILLI;
	return QT_OK;
}

enum qt_err till_item_find(struct tdb *s, const char *text, struct till_item *it)
{
	enum qt_err err = find_plain(s, text, it);
	struct label_code label;

	if (err != QT_NOT_FOUND || strlen(text) < 12)
		return err;
	char *patterns = setting_text(s, "barcode_patterns");
	bool labelled = label_code_read(text, patterns, setting_int(s, "currency", 840), &label);
	free(patterns);
	if (labelled)
		err = find_plain(s, label.key, it);
	return err == QT_OK ? take_label(&label, text, it) : err;
}

SQL(find_options, "SELECT options FROM item WHERE id = $1");

struct json_t *till_item_options(struct tdb *s, int64_t item_id)
{
	struct json_t *options = NULL;

	if (tdb_row(s, &find_options, "i", item_id)) {
		const char *text = tdb_text(&find_options, 0);
		options = text[0] ? jparse(text, strlen(text)) : NULL;
	}
	if (tdb_end(&find_options) != QT_OK)
		log_line('E', "the options of an item cannot be read");
	return options;
}

SQL(search_codes, "SELECT " ITEM_COLUMNS " FROM barcode b JOIN item i ON i.id = b.item_id"
    " LEFT JOIN tax t ON t.id = i.tax_id WHERE b.code >= $1 AND b.code < $1 || ':' AND i.active = 1 LIMIT $2");

static int search_by_words(struct tdb *s, const char *text, struct till_item *out, int most)
{
	int64_t *ids = xcalloc((size_t)most, sizeof *ids);
	int found = item_index_find(s, till_items_version(s), text, ids, most), count = 0;

	for (int i = 0; i < found; i++) {
		if (tdb_row(s, &find_id, "i", ids[i]))
			read_item(&find_id, &out[count++]);
		if (tdb_end(&find_id) != QT_OK)
			log_line('W', "the catalogue cannot be searched");
	}
	free(ids);
	return count;
}

int till_item_search(struct tdb *s, const char *text, struct till_item *out, int most)
{
	int count = 0;

	text += strspn(text, " ");
	size_t digits = strspn(text, "0123456789");
	if (digits < 4 || text[digits] != '\0')
		return search_by_words(s, text, out, most);
	/* the beginning of a barcode */
	for (bool row = tdb_row(s, &search_codes, "ti", text, (int64_t)most); row && count < most; row = tdb_next(&search_codes))
		read_item(&search_codes, &out[count++]);
	if (tdb_end(&search_codes) != QT_OK)
		log_line('W', "the catalogue cannot be searched");
	return count;
}

SQL(count_items, "SELECT COUNT(*) FROM item WHERE active = 1");

int64_t till_item_count(struct tdb *s)
{
	int64_t count = tdb_row(s, &count_items, "") ? tdb_int(&count_items, 0) : 0;
	return tdb_end(&count_items) == QT_OK ? count : 0;
}

enum qt_err till_item_get(struct tdb *s, int64_t id, struct till_item *it)
{
	bool found = tdb_row(s, &find_id, "i", id);

	if (found)
		read_item(&find_id, it);
	enum qt_err err = tdb_end(&find_id);
	return err != QT_OK || found ? err : QT_NOT_FOUND;
}

SQL(favourites, "SELECT " ITEM_COLUMNS " FROM item_sold s CROSS JOIN item i ON i.id = s.item_id"
    " LEFT JOIN tax t ON t.id = i.tax_id WHERE i.active = 1 ORDER BY s.sales DESC, s.item_id LIMIT $1");

int till_item_favourites(struct tdb *s, struct till_item *out, int most)
{
	int count = 0;

	for (bool row = tdb_row(s, &favourites, "i", (int64_t)most); row && count < most; row = tdb_next(&favourites))
		read_item(&favourites, &out[count++]);
	if (tdb_end(&favourites) != QT_OK)
		log_line('W', "what is sold most cannot be read");
	return count;
}

SQL(count_sold, "INSERT INTO item_sold (item_id, sales) VALUES ($1, 1)"
    " ON CONFLICT (item_id) DO UPDATE SET sales = sales + 1");

enum qt_err till_items_sold(struct tdb *s, const struct json_t *order)
{
	const struct json_t *lines = jget(order, "lines"), *l, *before;
	enum qt_err err = QT_OK;

	for (size_t i = 0; err == QT_OK && (l = jat(lines, i)) != NULL; i++) {
		int64_t id = jint(l, "item_id", 0);
		bool again = false; /* the item is on a line above, too */
		for (size_t k = 0; k < i && (before = jat(lines, k)) != NULL; k++)
			again |= jint(before, "item_id", 0) == id;
		if (id > 0 && !again)
			err = tdb_run(s, &count_sold, "i", id);
	}
	return err;
}

int64_t till_items_version(struct tdb *s)
{
	return setting_int(s, "catalogue_version", 0);
}

SQL(put_tax, "INSERT INTO tax (id, name, name_zh, rate_bp) VALUES ($1, $2, $3, $4)"
    " ON CONFLICT (id) DO UPDATE SET name = $2, name_zh = $3, rate_bp = $4");
SQL(put_item, "INSERT INTO item (id, sku, plu, name, name_zh, price_cents, tax_id, open_price, active, unit,"
    " min_price_cents, max_price_cents, min_age, options)"
    " VALUES ($1, $2, NULLIF($3, 0), $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)"
    " ON CONFLICT (id) DO UPDATE SET sku = $2, plu = NULLIF($3, 0), name = $4, name_zh = $5, price_cents = $6,"
    " tax_id = $7, open_price = $8, active = $9, unit = $10,"
    " min_price_cents = $11, max_price_cents = $12, min_age = $13, options = $14");
SQL(drop_barcodes, "DELETE FROM barcode WHERE item_id = $1");
SQL(put_barcode, "INSERT INTO barcode (code, item_id) VALUES ($1, $2) ON CONFLICT (code) DO UPDATE SET item_id = $2");

static enum qt_err apply_item(struct tdb *s, const struct json_t *row)
{
	int64_t id = jint(row, "item_id", 0);
	const struct json_t *codes = jget(row, "barcodes"), *code;
	/* Until the first answer of a server is understood nothing is trusted: an item without id or name is dropped. */
	if (id <= 0 || jtext(row, "name", NULL) == NULL)
		return QT_OK;
	const struct json_t *asks = jget(row, "options");
	char *options = jcount(asks) > 0 ? jdump(asks) : NULL;
	enum qt_err err = tdb_run(s, &put_item, "itittiiiitiiit", id, jtext(row, "sku", ""), jint(row, "plu", 0),
	                            jtext(row, "name", ""), jtext(row, "name_zh", NULL), jint(row, "price_cents", 0),
	                            jint(row, "tax_id", 0), (int64_t)jbool(row, "open_price", false),
	                            (int64_t)jbool(row, "active", true), jtext(row, "unit", NULL),
	                            jint(row, "min_price_cents", 0), jint(row, "max_price_cents", 0), jint(row, "min_age", 0),
	                            options);
	free(options);
	if (err == QT_OK)
		err = tdb_run(s, &drop_barcodes, "i", id);
	for (size_t i = 0; err == QT_OK && (code = jat(codes, i)) != NULL; i++) {
		const char *text = jvalue_text(code, jtext(code, "code", NULL));
		if (text != NULL)
			err = tdb_run(s, &put_barcode, "ti", text, id);
	}
	return err;
}

enum qt_err till_items_apply(struct tdb *s, const struct json_t *page, bool *more)
{
	const struct json_t *items = jget(page, "items"), *taxes = jget(page, "taxes"), *row;
	int64_t seen = till_items_version(s);
	enum qt_err err = tdb_begin(s);

	*more = false;
	if (err != QT_OK)
		return err;
	for (size_t i = 0; err == QT_OK && (row = jat(taxes, i)) != NULL; i++)
		err = tdb_run(s, &put_tax, "itti", jint(row, "tax_id", 0), jtext(row, "name", ""),
		                jtext(row, "name_zh", NULL), jint(row, "rate_bp", 0));
	for (size_t i = 0; err == QT_OK && (row = jat(items, i)) != NULL; i++) {
		err = apply_item(s, row);
		if (jint(row, "version", 0) > seen)
			seen = jint(row, "version", 0);
	}
	*more = jbool(page, "more", false);
	if (err == QT_OK) /* while pages follow, only what was seen is had */
		err = setting_put_int(s, "catalogue_version", *more ? seen : jint(page, "version", seen));
	return tdb_commit(s, err);
}
