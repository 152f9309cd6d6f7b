/* report_sum: see report_sum.h. Owns the rows and the mark; how journals become sums is report_walk.c's. */
#include "server/report_sum.h"

#include "server/jobs.h"

#include <stdlib.h>
#include <string.h>

#define JOURNALS_AT_ONCE 4000 /* per transaction of the writer: some milliseconds */
#define EVERY_MS 10000

/* ---- rows in memory ---- */

static bool same_key(const struct sum_row *a, const struct sum_row *b)
{
	return a->ref_id == b->ref_id && a->day == b->day && a->kind == b->kind && a->store_id == b->store_id &&
	       a->merchant_id == b->merchant_id;
}

static uint64_t hash_key(const struct sum_row *k)
{
	uint64_t h = (uint64_t)k->ref_id * UINT64_C(0x9E3779B97F4A7C15) + (uint64_t)k->day;
	h = (h ^ h >> 29) * UINT64_C(0xBF58476D1CE4E5B9) + (uint64_t)k->kind * 64 + (uint64_t)k->store_id;
	h = (h ^ h >> 32) * UINT64_C(0x94D049BB133111EB) + (uint64_t)k->merchant_id;
	return h ^ h >> 31;
}

/* The place of a key, taken or free. */
static int *place_of(struct sums *s, const struct sum_row *key)
{
	uint64_t mask = (uint64_t)s->room * 2 - 1, i = hash_key(key) & mask;

	while (s->index[i] != 0 && !same_key(&s->rows[s->index[i] - 1], key))
		i = (i + 1) & mask;
	return &s->index[i];
}

static void grow(struct sums *s)
{
	s->room = s->room ? s->room * 2 : 256;
	s->rows = xrealloc(s->rows, (size_t)s->room * sizeof *s->rows);
	free(s->index);
	s->index = xcalloc((size_t)s->room * 2, sizeof *s->index);
	for (int i = 0; i < s->count; i++)
		*place_of(s, &s->rows[i]) = i + 1;
}

struct sum_row *sums_at(struct sums *s, const struct sum_row *key)
{
	if (s->count == s->room)
		grow(s);
	int *place = place_of(s, key);
	if (*place == 0) {
		s->rows[s->count] = *key;
		memset(s->rows[s->count].value, 0, sizeof key->value);
		*place = ++s->count;
	}
	return &s->rows[*place - 1];
}

void sums_free(struct sums *s)
{
	free(s->rows);
	free(s->index);
	*s = (struct sums){ 0 };
}

/* ---- asking ---- */

static void add_to(const struct sum_query *q, const struct sum_row *from, struct sums *out)
{
	struct sum_row key = { .kind = q->kind };

	if (q->by_day)
		key.day = from->day;
	else
		key.ref_id = from->ref_id;
	struct sum_row *to = sums_at(out, &key);
	for (int i = 0; i < SUM_VALUES; i++)
		to->value[i] += from->value[i];
}

/* Days from <= day < to, or months that begin on them. */
static enum qt_err read_range(struct db *db, const struct sum_query *q, bool months, int64_t from, int64_t to,
                              struct sums *out)
{
	SQL(rows, "SELECT day, store_id, ref_id, count, quantity, base_cents, amount_cents, tax_cents, back_count, "
	          "back_quantity, back_cents, back_tax_cents, late_count, late_cents FROM report_sum "
	          "WHERE merchant_id = $1 AND kind = $2 AND day >= $3 AND day < $4");
	struct sum_row r;

	if (from >= to)
		return QT_OK;
	struct stmt *s = db_stmt(db, &rows);

	stmt_int(s, 1, q->merchant_id);
	stmt_int(s, 2, (int64_t)q->kind + (months ? SUM_MONTH : 0));
	stmt_int(s, 3, from);
	stmt_int(s, 4, to);
	while (stmt_step(s)) {
		if (q->store_id != 0 && stmt_col_int(s, 1) != q->store_id)
			continue;
		r.day = stmt_col_int(s, 0);
		r.ref_id = stmt_col_int(s, 2);
		for (int i = 0; i < SUM_VALUES; i++)
			r.value[i] = stmt_col_int(s, 3 + i);
		add_to(q, &r, out);
	}
	return stmt_end(s);
}

/* Whole months at once where days do not matter. */
static enum qt_err read_rows(struct db *db, const struct sum_query *q, struct sums *out)
{
	int64_t first = zone_month_start(q->from_day, zone_month_start(q->from_day, 0) < q->from_day);
	int64_t last = zone_month_start(q->to_day, 0);

	if (q->by_day || first >= last)
		return read_range(db, q, false, q->from_day, q->to_day, out);
	enum qt_err err = read_range(db, q, false, q->from_day, first, out);
	if (err == QT_OK)
		err = read_range(db, q, true, first, last, out);
	return err == QT_OK ? read_range(db, q, false, last, q->to_day, out) : err;
}

enum qt_err sums_read(struct db *db, const struct sum_query *q, struct sums *out)
{
	SQL(marks, "SELECT journal_id, (SELECT COALESCE(MAX(id), 0) FROM journal) FROM report_mark WHERE id = 1");
	struct sums younger = { 0 };
	int64_t mark = 0, newest = 0;
	enum qt_err err = db_one(db, &marks, "", "ii", &mark, &newest);

	if (err == QT_OK)
		err = read_rows(db, q, out);
	if (err == QT_OK)
		err = sums_walk(db, mark, newest, q->merchant_id, &younger);
	for (int i = 0; i < younger.count && err == QT_OK; i++) {
		const struct sum_row *r = &younger.rows[i];
		if (r->kind == (int64_t)q->kind && r->day >= q->from_day && r->day < q->to_day &&
		    (q->store_id == 0 || r->store_id == q->store_id))
			add_to(q, r, out);
	}
	sums_free(&younger);
	return err;
}

/* ---- zones ---- */

enum qt_err store_zone_get(struct db *db, int64_t store_id, char name[ZONE_NAME_MAX + 1])
{
	SQL(newest, "SELECT zone FROM store_zone WHERE store_id = $1 ORDER BY first_journal DESC, id DESC LIMIT 1");
	enum qt_err err = db_one(db, &newest, "i", store_id, "t", name, ZONE_NAME_MAX + 1);

	if (err == QT_NOT_FOUND && store_id != 0)
		err = db_one(db, &newest, "i", INT64_C(0), "t", name, ZONE_NAME_MAX + 1);
	if (err != QT_NOT_FOUND)
		return err;
	zone_of_machine(name);
	return QT_OK;
}

static enum qt_err put_zone(struct db *db, int64_t store_id, int64_t first_journal, const char *name)
{
	SQL(put, "INSERT INTO store_zone (id, store_id, first_journal, zone) VALUES ($1, $2, $3, $4)");
	return db_run(db, &put, "iiit", db_new_id(db, "store_zone"), store_id, first_journal, name);
}

enum qt_err store_zone_put(struct db *db, int64_t store_id, const char *name)
{
	SQL(newest, "SELECT COALESCE(MAX(id), 0) FROM journal");
	int64_t journal_id = 0;

	if (zone_find(name) == NULL)
		return QT_BAD_FIELD;
	enum qt_err err = db_one(db, &newest, "", "i", &journal_id);
	return err == QT_OK ? put_zone(db, store_id, journal_id, name) : err;
}

/* ---- the job ---- */

struct batch {
	struct sums sums;
	int64_t first, last; /* journals first < id <= last */
};

/* The machine's zone is written down before it first counts: what was added up must not change with the machine. */
static enum qt_err keep_machine_zone(struct db *db)
{
	SQL(find, "SELECT COUNT(*) FROM store_zone WHERE store_id = 0");
	char name[ZONE_NAME_MAX + 1];
	int64_t count = 0;
	enum qt_err err = db_one(db, &find, "", "i", &count);

	if (err != QT_OK || count > 0)
		return err;
	zone_of_machine(name);
	return put_zone(db, 0, 0, name);
}

static enum qt_err write_batch(void *ctx, struct db *db)
{
	SQL(mark_of, "SELECT journal_id FROM report_mark WHERE id = 1");
	SQL(set_mark, "UPDATE report_mark SET journal_id = $1 WHERE id = 1");
	SQL(put, "INSERT INTO report_sum (merchant_id, kind, day, store_id, ref_id, count, quantity, base_cents, "
	         "amount_cents, tax_cents, back_count, back_quantity, back_cents, back_tax_cents, late_count, late_cents) "
	         "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) "
	         "ON CONFLICT (merchant_id, kind, day, store_id, ref_id) DO UPDATE SET count = report_sum.count + $6, "
	         "quantity = report_sum.quantity + $7, base_cents = report_sum.base_cents + $8, "
	         "amount_cents = report_sum.amount_cents + $9, tax_cents = report_sum.tax_cents + $10, "
	         "back_count = report_sum.back_count + $11, back_quantity = report_sum.back_quantity + $12, "
	         "back_cents = report_sum.back_cents + $13, back_tax_cents = report_sum.back_tax_cents + $14, "
	         "late_count = report_sum.late_count + $15, late_cents = report_sum.late_cents + $16");
	const struct batch *b = ctx;
	int64_t mark = 0;
	enum qt_err err = db_one(db, &mark_of, "", "i", &mark);

	if (err == QT_OK && mark != b->first)
		return QT_OK; /* somebody was here before */
	if (err == QT_OK)
		err = keep_machine_zone(db);
	for (int i = 0; i < b->sums.count && err == QT_OK; i++) {
		const struct sum_row *r = &b->sums.rows[i];
		const int64_t *v = r->value;
		err = db_run(db, &put, "iiiiiiiiiiiiiiii", r->merchant_id, r->kind, r->day, r->store_id, r->ref_id, v[0], v[1],
		             v[2], v[3], v[4], v[5], v[6], v[7], v[8], v[9], v[10]);
	}
	return err == QT_OK ? db_run(db, &set_mark, "i", b->last) : err;
}

/* A row for each month beside those of its days. */
static void add_months(struct sums *sums)
{
	for (int i = 0, days = sums->count; i < days; i++) {
		struct sum_row key = sums->rows[i];
		key.kind += SUM_MONTH;
		key.day = zone_month_start(key.day, 0);
		int64_t *month = sums_at(sums, &key)->value;
		for (int k = 0; k < SUM_VALUES; k++)
			month[k] += sums->rows[i].value[k];
	}
}

/* The next journals behind the mark, added up by a reader. */
static enum qt_err read_batch(struct db *db, struct batch *b)
{
	SQL(mark_of, "SELECT journal_id, (SELECT COALESCE(MAX(id), 0) FROM journal) FROM report_mark WHERE id = 1");

	db_snapshot_begin(db);
	enum qt_err err = db_one(db, &mark_of, "", "ii", &b->first, &b->last);
	if (err == QT_OK && b->last > b->first + JOURNALS_AT_ONCE)
		b->last = b->first + JOURNALS_AT_ONCE;
	if (err == QT_OK && b->last > b->first)
		err = sums_walk(db, b->first, b->last, 0, &b->sums);
	db_snapshot_end(db);
	add_months(&b->sums);
	return err;
}

static enum qt_err run_sums(struct server *server, int64_t now_ms)
{
	struct db *db;
	bool more = true;
	enum qt_err err = jobs_reader(server, &db);

	(void)now_ms;
	while (err == QT_OK && more) {
		struct batch b = { 0 };
		err = read_batch(db, &b);
		more = b.last > b.first;
		if (err == QT_OK && more)
			err = writer_run(server->writer, write_batch, &b);
		more = more && b.last == b.first + JOURNALS_AT_ONCE;
		sums_free(&b.sums);
	}
	return err;
}

const struct timer_job report_jobs[] = {
	{ "reports", EVERY_MS, false, run_sums },
};
const int report_job_count = sizeof report_jobs / sizeof *report_jobs;
