/* audit_rows: row MACs of the sealed tables, their hidden sum, gaps in dense ids, and the heads file. Part of the
 * auditor: computes MACs with code of its own. */
#include "server/audit_parts.h"

#include "server/store/heads.h"
#include "server/store/sealed.h"
#include "server/store/tx.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define MAC_SIZE 16
#define SUM_WORDS 4

struct row_seal {
	int64_t id;
	uint8_t mac[MAC_SIZE];
	bool used; /* its row was seen */
};

struct rows {
	struct audit *a;
	struct row_seal *seals; /* by id */
	int64_t count;
	uint8_t row_key[32], term_key[32], mask_key[32];
	uint64_t sum[SUM_WORDS];
};

/* A table as it is checked: all columns the MAC covers after the id. */
struct sealed_table {
	int number;
	const char *name;
	struct sql all;
};
static struct sealed_table tables[] = {
#define X(number, table, how, columns) \
	{ number, #table, { "SELECT id, " columns " FROM " #table " ORDER BY id", 0, __FILE__ } },
	SEALED_TABLES(X)
#undef X
};

/* Ids of these must have no gaps (db_new_id gives them). */
static struct {
	const char *name;
	struct sql ids;
} dense[] = {
#define DENSE(table) { #table, { "SELECT id FROM " #table " ORDER BY id", 0, __FILE__ } }
	DENSE(audit_log), DENSE(agent), DENSE(channel), DENSE(access_key), DENSE(merchant), DENSE(store), DENSE(terminal),
	DENSE(staff), DENSE(tax), DENSE(card_batch), DENSE(card), DENSE(customer), DENSE(device), DENSE(orders),
	DENSE(payment), DENSE(refund), DENSE(campaign), DENSE(share), DENSE(sold_item), DENSE(item), DENSE(item_import),
	DENSE(stock), DENSE(stock_move), DENSE(option_group), DENSE(option_choice),
	DENSE(binding), DENSE(enrolment), DENSE(session), DENSE(login_session), DENSE(approval), DENSE(staff_limit),
	DENSE(store_rule),
	DENSE(promotion), DENSE(coupon_batch), DENSE(coupon), DENSE(section), DENSE(member), DENSE(wallet_key),
	DENSE(points_lot), DENSE(points_move), DENSE(points_key), DENSE(tax_exemption),
};

static void put_int(struct buf *b, int64_t v)
{
	uint8_t bytes[8];

	for (int i = 0; i < 8; i++)
		bytes[i] = (uint8_t)((uint64_t)v >> (8 * i));
	buf_add(b, bytes, sizeof bytes);
}

static void sum_in(struct rows *r, const struct row_seal *row)
{
	uint8_t in[8 + MAC_SIZE], term[32];
	uint64_t carry = 0;

	for (int i = 0; i < 8; i++)
		in[i] = (uint8_t)((uint64_t)row->id >> (8 * i));
	memcpy(in + 8, row->mac, MAC_SIZE);
	crypto_hmac(r->term_key, in, sizeof in, term);
	for (int i = 0; i < SUM_WORDS; i++) {
		uint64_t word = 0;
		for (int k = 7; k >= 0; k--)
			word = word << 8 | term[i * 8 + k];
		unsigned __int128 t = (unsigned __int128)r->sum[i] + word + carry;
		r->sum[i] = (uint64_t)t;
		carry = (uint64_t)(t >> 64);
	}
}

static enum qt_err read_row_seals(struct rows *r)
{
	SQL(count, "SELECT count(*) FROM row_seal");
	SQL(all, "SELECT id, mac FROM row_seal ORDER BY id");
	int64_t room;
	enum qt_err err = db_one(r->a->db, &count, "", "i", &room);
	if (err != QT_OK)
		return err;
	r->seals = xcalloc((size_t)room + 1, sizeof *r->seals);
	struct stmt *s = db_stmt(r->a->db, &all);
	while (r->count < room && stmt_step(s)) {
		struct row_seal *row = &r->seals[r->count++];
		size_t len;
		row->id = stmt_col_int(s, 0);
		const void *mac = stmt_col_blob(s, 1, &len);
		if (len == MAC_SIZE)
			memcpy(row->mac, mac, MAC_SIZE);
		sum_in(r, row);
	}
	r->a->report->sealed_rows = r->count;
	return stmt_end(s);
}

static int compare_seals(const void *key, const void *element)
{
	int64_t id = *(const int64_t *)key, other = ((const struct row_seal *)element)->id;
	return id < other ? -1 : id > other;
}

static void check_row(struct rows *r, const struct sealed_table *t, struct stmt *s)
{
	struct buf bytes = { 0 };
	uint8_t mac[32];
	int64_t row = stmt_col_int(s, 0), id = row * SEALED_STRIDE + t->number;

	struct row_seal *seal = r->count ? bsearch(&id, r->seals, (size_t)r->count, sizeof *seal, compare_seals) : NULL;
	if (seal == NULL) {
		audit_say(r->a, "row-seal", t->name, row, "is not sealed: the server did not write it");
		return;
	}
	seal->used = true;
	put_int(&bytes, id);
	for (int i = 1; i < stmt_columns(s); i++) {
		char type = stmt_col_type(s, i);
		size_t len;
		buf_addc(&bytes, type);
		if (type == 'i') {
			put_int(&bytes, stmt_col_int(s, i));
		} else if (type != 'n') {
			const void *data = stmt_col_blob(s, i, &len);
			put_int(&bytes, (int64_t)len);
			buf_add(&bytes, data, len);
		}
	}
	crypto_hmac(r->row_key, bytes.data, bytes.len, mac);
	if (!crypto_equal(mac, seal->mac, MAC_SIZE))
		audit_say(r->a, "row-seal", t->name, row, "was changed: its seal does not fit");
	buf_free(&bytes);
}

static const char *table_name(int64_t number)
{
	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
		if (tables[i].number == number)
			return tables[i].name;
	return "row_seal";
}

/* The sum of all row seals against the one hidden in the newest seal. */
static enum qt_err check_sum(struct rows *r)
{
	SQL(newest, "SELECT id, rows_hidden FROM seal ORDER BY id DESC LIMIT 1");
	uint8_t hidden[32] = { 0 }, mask[32], id_bytes[8];
	size_t len = sizeof hidden;
	int64_t id = 0;

	enum qt_err err = db_one(r->a->db, &newest, "", "ib", &id, hidden, &len);
	if (err == QT_NOT_FOUND && r->count == 0)
		return QT_OK;
	if (err != QT_OK && err != QT_NOT_FOUND)
		return err;
	for (int i = 0; i < 8; i++)
		id_bytes[i] = (uint8_t)((uint64_t)id >> (8 * i));
	crypto_hmac(r->mask_key, id_bytes, sizeof id_bytes, mask);
	bool same = len == 32;
	for (int i = 0; i < 32; i++)
		same = same && (uint8_t)(r->sum[i / 8] >> (8 * (i % 8))) == (hidden[i] ^ mask[i]);
	if (!same)
		audit_say(r->a, "row-sum", "row_seal", 0, "rows were removed, added, or put back to an older state with their seals");
	return QT_OK;
}

static enum qt_err check_dense(struct audit *a)
{
	for (size_t i = 0; i < sizeof dense / sizeof *dense; i++) {
		if (!db_table_exists(a->db, dense[i].name))
			continue;
		struct stmt *s = db_stmt(a->db, &dense[i].ids);
		for (int64_t expected = 1; stmt_step(s); expected++) {
			int64_t id = stmt_col_int(s, 0);
			if (id != expected)
				audit_say(a, "dense", dense[i].name, expected, "rows %" PRId64 " to %" PRId64 " are missing", expected,
				          id - 1);
			expected = id;
		}
		enum qt_err err = stmt_end(s);
		if (err != QT_OK)
			return err;
	}
	return QT_OK;
}

enum qt_err audit_rows(struct audit *a)
{
	struct rows r = { .a = a };

	enum qt_err err = check_dense(a);
	if (err != QT_OK || a->options->keys == NULL)
		return err;
	crypto_derive(a->options->keys->row_key, "qrtill row seal", r.row_key, 32);
	crypto_derive(a->options->keys->row_key, "qrtill row sum", r.term_key, 32);
	crypto_derive(a->options->keys->row_key, "qrtill row mask", r.mask_key, 32);
	err = read_row_seals(&r);
	for (size_t i = 0; err == QT_OK && i < sizeof tables / sizeof *tables; i++) {
		if (!db_table_exists(a->db, tables[i].name))
			continue;
		struct stmt *s = db_stmt(a->db, &tables[i].all);
		while (stmt_step(s))
			check_row(&r, &tables[i], s);
		err = stmt_end(s);
	}
	for (int64_t i = 0; err == QT_OK && i < r.count; i++)
		if (!r.seals[i].used)
			audit_say(a, "row-seal", table_name(r.seals[i].id % SEALED_STRIDE), r.seals[i].id / SEALED_STRIDE,
			          "the row was removed");
	if (err == QT_OK)
		err = check_sum(&r);
	free(r.seals);
	crypto_wipe(&r, sizeof r);
	return err;
}

enum qt_err audit_heads_read(struct audit *a)
{
	uint8_t public_key[32];

	if (a->options->heads_path == NULL || a->options->keys == NULL)
		return QT_OK;
	crypto_public(a->options->keys->seal_seed, public_key);
	return heads_read(a->options->heads_path, public_key, &a->heads, &a->head_count, &a->bad_heads);
}

enum qt_err audit_heads(struct audit *a)
{
	SQL(find, "SELECT hash FROM seal WHERE id = $1");
	SQL(newest, "SELECT COALESCE(MAX(id), 0) FROM seal");
	int64_t last_seal = 0;
	uint8_t hash[32];
	enum qt_err err = db_one(a->db, &newest, "", "i", &last_seal);

	/* The first group of all is signed at once, before the second is committed; no head then means that the file was taken
	 * away. It is read again, since it was read before the snapshot was taken. */
	if (err == QT_OK && a->options->heads_path != NULL && a->options->keys != NULL && a->head_count == 0 && last_seal > 1) {
		err = audit_heads_read(a);
		if (err == QT_OK && a->head_count == 0)
			audit_say(a, "heads", "seal", last_seal, "no signed head is there: the heads file was removed or emptied");
	}
	if (a->bad_heads > 0)
		audit_say(a, "heads", "seal", 0, "%d lines of the heads file are not the server's", a->bad_heads);
	for (int i = 0; err == QT_OK && i < a->head_count; i++) {
		const struct head *head = &a->heads[i];
		size_t len = sizeof hash;
		err = db_one(a->db, &find, "i", head->seal_id, "b", hash, &len);
		if (err == QT_NOT_FOUND)
			audit_say(a, "heads", "seal", head->seal_id, "was signed, but is missing: the end was cut off");
		else if (err == QT_OK && (len != 32 || memcmp(hash, head->hash, 32) != 0))
			audit_say(a, "heads", "seal", head->seal_id, "is not the one that was signed");
		err = err == QT_NOT_FOUND ? QT_OK : err;
	}
	a->report->heads = a->head_count;
	return err;
}
