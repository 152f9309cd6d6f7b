/* report_walk: journals into sums: see sums_walk in report_sum.h. Reads only; what it looks up again and again it keeps. */
#include "server/ledger.h"
#include "server/order.h"
#include "server/report_sum.h"

#include <stdlib.h>
#include <string.h>

_Static_assert(JOURNAL_SALE == 0 && JOURNAL_REFUND == 1 && PAYMENT_SETTLED == 4 && PAYMENT_PART_REFUNDED == 10 &&
               PAYMENT_REFUNDED == 11 && STEP_EXEMPT == 5, "the queries below spell these numbers");

#define LINES_MAX 256

/* Things by their dense ids, zeros until they are looked up. */
struct shelf {
	char *things;
	int64_t room;
};

static void *shelf_at(struct shelf *s, int64_t id, size_t size)
{
	if (id >= s->room) {
		int64_t room = id * 2 + 64;
		s->things = xrealloc(s->things, (size_t)room * size);
		memset(s->things + (size_t)s->room * size, 0, (size_t)(room - s->room) * size);
		s->room = room;
	}
	return s->things + (size_t)id * size;
}

struct sold_item {
	int64_t item_id, tax_id;
	bool loaded, inclusive, measured;
};
struct zone_from {
	int64_t first_journal;
	const struct zone *zone;
};
struct store_zones {
	struct zone_from *list;  /* oldest first */
	int count;
	bool loaded;
	/* The last moment that was asked about: most come close together. */
	const struct zone *zone;
	int64_t quarter;         /* unix time / 15 minutes */
	struct zone_time at;
};
struct walk {
	struct db *db;
	struct sums *out;
	struct shelf sold, stores_of_tills, zones;
	const struct zone *fallback;
	/* the journal at hand */
	int64_t id, merchant_id, order_id, ref_id, at_ms;
};

/* ---- where and when ---- */

static enum qt_err store_of_till(struct walk *w, int64_t terminal_id, int64_t *store_id)
{
	SQL(of_till, "SELECT store_id FROM terminal WHERE id = $1");
	int64_t *known = shelf_at(&w->stores_of_tills, terminal_id, sizeof *known);
	enum qt_err err = QT_OK;

	if (*known == 0 && terminal_id > 0)
		err = db_one(w->db, &of_till, "i", terminal_id, "i", known);
	*store_id = *known;
	return err == QT_NOT_FOUND ? QT_OK : err; /* a removed row is the auditor's matter */
}

static enum qt_err load_zones(struct walk *w, int64_t store_id, struct store_zones *z)
{
	SQL(of_store, "SELECT first_journal, zone FROM store_zone WHERE store_id = $1 ORDER BY first_journal, id");
	struct stmt *s = db_stmt(w->db, &of_store);

	stmt_int(s, 1, store_id);
	while (stmt_step(s)) {
		z->list = xrealloc(z->list, (size_t)(z->count + 1) * sizeof *z->list);
		const struct zone *zone = zone_find(stmt_col_text(s, 1));
		z->list[z->count++] = (struct zone_from){ stmt_col_int(s, 0), zone ? zone : w->fallback };
	}
	z->loaded = true;
	return stmt_end(s);
}

static const struct zone *zone_in_force(const struct store_zones *z, int64_t journal_id)
{
	for (int i = z->count - 1; i >= 0; i--)
		if (z->list[i].first_journal < journal_id)
			return z->list[i].zone;
	return NULL;
}

/* What a store's clock showed. */
static enum qt_err local_time(struct walk *w, int64_t store_id, int64_t ms, struct zone_time *out)
{
	struct store_zones *none = shelf_at(&w->zones, 0, sizeof *none);
	enum qt_err err = none->loaded ? QT_OK : load_zones(w, 0, none);
	const struct zone *zone = zone_in_force(none, w->id);

	struct store_zones *z = shelf_at(&w->zones, store_id, sizeof *z);
	if (err == QT_OK && !z->loaded)
		err = load_zones(w, store_id, z);
	if (zone_in_force(z, w->id) != NULL)
		zone = zone_in_force(z, w->id);
	if (zone == NULL)
		zone = w->fallback;
	int64_t quarter = ms / 900000;
	if (z->zone != zone || z->quarter != quarter) {
		z->zone = zone;
		z->quarter = quarter;
		z->at = zone_local(zone, quarter * 900000);
	}
	*out = z->at;
	return err;
}

/* ---- sums ---- */

/* The key that the rows of one sale or refund share. */
struct place {
	int64_t day, hour, store_id;
};

static int64_t *row(struct walk *w, const struct place *p, enum sum_kind kind, int64_t ref_id)
{
	const struct sum_row key = { w->merchant_id, kind, p->day, p->store_id, ref_id, { 0 } };
	return sums_at(w->out, &key)->value;
}

static enum qt_err find_place(struct walk *w, int64_t terminal_id, struct place *p)
{
	struct zone_time at;
	enum qt_err err = store_of_till(w, terminal_id, &p->store_id);

	if (err == QT_OK)
		err = local_time(w, p->store_id, w->at_ms, &at);
	if (err == QT_OK) {
		p->day = at.day;
		p->hour = at.minute / 60;
	}
	return err;
}

/* The item and tax behind a line, as it was sold; item 0: value for a prepaid card. */
static enum qt_err find_sold(struct walk *w, int64_t id, struct sold_item **out)
{
	SQL(by_id, "SELECT s.item_id, s.tax_id, s.inclusive, CASE WHEN u.id IS NULL THEN 0 ELSE 1 END FROM sold_item s "
	           "LEFT JOIN sold_unit u ON u.id = s.id WHERE s.id = $1");
	int64_t inclusive = 0, measured = 0;
	struct sold_item *s = shelf_at(&w->sold, id, sizeof *s);
	enum qt_err err = QT_OK;

	if (!s->loaded) {
		err = db_one(w->db, &by_id, "i", id, "iiii", &s->item_id, &s->tax_id, &inclusive, &measured);
		s->inclusive = inclusive != 0;
		s->measured = measured != 0;
		s->loaded = true;
	}
	*out = s;
	return err == QT_NOT_FOUND ? QT_OK : err;
}

/* What steps did to a line. */
struct stepped {
	int64_t amount_cents;
	bool exempt;
};

/* The steps of each line, and each kind of step for itself. */
static enum qt_err add_steps(struct walk *w, const struct place *p, struct stepped lines[LINES_MAX])
{
	SQL(steps, "SELECT line_no, kind, amount_cents FROM order_step WHERE id > $1 * 4096 AND id < $1 * 4096 + 4096");
	struct stmt *s = db_stmt(w->db, &steps);

	memset(lines, 0, LINES_MAX * sizeof *lines);
	stmt_int(s, 1, w->order_id);
	while (stmt_step(s)) {
		int64_t *v = row(w, p, SUM_STEP, stmt_col_int(s, 1));
		struct stepped *l = &lines[stmt_col_int(s, 0) & (LINES_MAX - 1)];
		l->amount_cents += stmt_col_int(s, 2);
		l->exempt |= stmt_col_int(s, 1) == STEP_EXEMPT;
		v[SUM_COUNT]++;
		v[SUM_AMOUNT] += stmt_col_int(s, 2);
	}
	return stmt_end(s);
}

/* Lines by item and by tax; pieces and list prices of the sale go to *total. */
static enum qt_err add_lines(struct walk *w, const struct place *p, struct sum_row *total)
{
	SQL(lines, "SELECT id, sold_item_id, quantity, price_cents, tax_cents, amount_cents FROM order_line "
	           "WHERE id > $1 * 256 AND id < $1 * 256 + 256");
	struct stepped steps[LINES_MAX];
	enum qt_err err = add_steps(w, p, steps), ended;

	if (err != QT_OK)
		return err;
	struct stmt *s = db_stmt(w->db, &lines);
	stmt_int(s, 1, w->order_id);
	while (stmt_step(s) && err == QT_OK) {
		int64_t quantity = stmt_col_int(s, 2), tax = stmt_col_int(s, 4);
		int64_t amount = stmt_col_null(s, 5) ? quantity * stmt_col_int(s, 3) : stmt_col_int(s, 5);
		const struct stepped *stepped = &steps[stmt_col_int(s, 0) & (LINES_MAX - 1)];
		int64_t base = amount - stepped->amount_cents;
		struct sold_item *sold;
		err = find_sold(w, stmt_col_int(s, 1), &sold);
		if (err == QT_OK && sold->item_id == 0) { /* owed to the card's holder: nothing was sold */
			int64_t *v = row(w, p, SUM_CARDS, 0);
			v[SUM_COUNT] += quantity;
			v[SUM_AMOUNT] += amount;
			total->value[SUM_AMOUNT] -= amount;
			continue;
		}
		if (sold->measured) /* what is weighed is one piece */
			quantity = 1;
		for (int i = 0; i < 2; i++) {
			int64_t *v = i ? row(w, p, SUM_TAX, stepped->exempt ? 0 : sold->tax_id) : row(w, p, SUM_ITEM, sold->item_id);
			v[SUM_COUNT]++;
			v[SUM_QUANTITY] += quantity;
			v[SUM_BASE] += base;
			v[SUM_AMOUNT] += amount + (sold->inclusive ? 0 : tax);
			v[SUM_TAX_CENTS] += tax;
		}
		total->value[SUM_QUANTITY] += quantity;
		total->value[SUM_BASE] += base;
	}
	ended = stmt_end(s);
	return err == QT_OK ? ended : err;
}

static enum qt_err add_tenders(struct walk *w, const struct place *p, int64_t payment_id)
{
	SQL(by_id, "SELECT source, amount_cents, points, previous_id, CASE WHEN state IN (4, 10, 11) AND order_id = $2 "
	           "THEN 1 ELSE 0 END FROM payment WHERE id = $1");
	enum qt_err err = QT_OK;

	while (payment_id > 0 && err == QT_OK) {
		int64_t source = 0, amount = 0, points = 0, previous = 0, settled = 0;
		err = db_one(w->db, &by_id, "ii", payment_id, w->order_id, "iiiii", &source, &amount, &points, &previous, &settled);
		if (settled) {
			int64_t *v = row(w, p, SUM_TENDER, source);
			v[SUM_COUNT]++;
			v[SUM_AMOUNT] += amount;
			v[SUM_QUANTITY] += points;
		}
		payment_id = previous;
	}
	return err == QT_NOT_FOUND ? QT_OK : err;
}

/* One sale's or refund's sums into each of the rows that count whole sales. */
static void add_whole(struct walk *w, const struct place *p, const struct sum_row *total, int64_t staff_id,
                      int64_t terminal_id)
{
	int64_t *rows[3];

	for (int k = 0; k < 3; k++) {
		rows[k] = k == 0 ? row(w, p, SUM_HOUR, p->hour) : k == 1 ? row(w, p, SUM_STAFF, staff_id)
		                                                         : row(w, p, SUM_TILL, terminal_id);
		for (int i = 0; i < SUM_VALUES; i++)
			rows[k][i] += total->value[i];
	}
}

static enum qt_err add_sale(struct walk *w)
{
	SQL(by_id, "SELECT terminal_id, staff_id, tax_cents, total_cents, last_payment_id FROM orders WHERE id = $1");
	int64_t terminal_id = 0, staff_id = 0, last_payment_id = 0;
	struct sum_row total = { .value = { [SUM_COUNT] = 1 } };
	struct place p;
	enum qt_err err = db_one(w->db, &by_id, "i", w->order_id, "iiiii", &terminal_id, &staff_id,
	                         &total.value[SUM_TAX_CENTS], &total.value[SUM_AMOUNT], &last_payment_id);

	if (err == QT_OK)
		err = find_place(w, terminal_id, &p);
	if (err == QT_OK)
		err = add_lines(w, &p, &total);
	if (err == QT_OK)
		err = add_tenders(w, &p, last_payment_id);
	if (err == QT_OK)
		add_whole(w, &p, &total, staff_id, terminal_id);
	return err == QT_NOT_FOUND ? QT_OK : err;
}

static enum qt_err add_back_lines(struct walk *w, const struct place *p, struct sum_row *total)
{
	SQL(lines, "SELECT l.sold_item_id, r.quantity, r.amount_cents, r.tax_cents, CASE WHEN EXISTS (SELECT 1 FROM "
	           "order_step t WHERE t.id > $2 * 4096 AND t.id < $2 * 4096 + 4096 AND t.line_no = r.id - $1 * 256 AND "
	           "t.kind = 5) THEN 1 ELSE 0 END FROM refund_line r CROSS JOIN order_line l "
	           "WHERE r.id > $1 * 256 AND r.id < $1 * 256 + 256 AND l.id = $2 * 256 + (r.id - $1 * 256)");
	struct stmt *s = db_stmt(w->db, &lines);
	enum qt_err err = QT_OK, ended;

	stmt_int(s, 1, w->ref_id);
	stmt_int(s, 2, w->order_id);
	while (stmt_step(s) && err == QT_OK) {
		int64_t quantity = stmt_col_int(s, 1);
		struct sold_item *sold;
		err = find_sold(w, stmt_col_int(s, 0), &sold);
		if (sold->measured)
			quantity = 1;
		if (err == QT_OK && sold->item_id == 0) {
			int64_t *v = row(w, p, SUM_CARDS, 0);
			v[SUM_BACK_COUNT] += quantity;
			v[SUM_BACK] += stmt_col_int(s, 2);
			total->value[SUM_BACK] -= stmt_col_int(s, 2);
			continue;
		}
		for (int i = 0; i < 2; i++) {
			int64_t *v = i ? row(w, p, SUM_TAX, stmt_col_int(s, 4) ? 0 : sold->tax_id)
			               : row(w, p, SUM_ITEM, sold->item_id);
			v[SUM_BACK_COUNT]++;
			v[SUM_BACK_QUANTITY] += quantity;
			v[SUM_BACK] += stmt_col_int(s, 2);
			v[SUM_BACK_TAX] += stmt_col_int(s, 3);
		}
		total->value[SUM_BACK_QUANTITY] += quantity;
	}
	ended = stmt_end(s);
	return err == QT_OK ? ended : err;
}

static enum qt_err add_back_tenders(struct walk *w, const struct place *p)
{
	SQL(tenders, "SELECT p.source, t.amount_cents, t.points FROM refund_tender t CROSS JOIN payment p "
	             "WHERE t.id > $1 * 16 AND t.id < $1 * 16 + 16 AND p.id = t.payment_id");
	struct stmt *s = db_stmt(w->db, &tenders);

	stmt_int(s, 1, w->ref_id);
	while (stmt_step(s)) {
		int64_t *v = row(w, p, SUM_TENDER, stmt_col_int(s, 0));
		v[SUM_BACK_COUNT]++;
		v[SUM_BACK] += stmt_col_int(s, 1);
		v[SUM_BACK_QUANTITY] += stmt_col_int(s, 2);
	}
	return stmt_end(s);
}

static enum qt_err add_refund(struct walk *w)
{
	/* What no till did belongs to the till that sold. */
	SQL(by_id, "SELECT CASE WHEN r.terminal_id > 0 THEN r.terminal_id ELSE o.terminal_id END, r.staff_id, r.amount_cents, "
	           "r.tax_cents FROM refund r CROSS JOIN orders o WHERE r.id = $1 AND o.id = r.order_id");
	int64_t terminal_id = 0, staff_id = 0;
	struct sum_row total = { .value = { [SUM_BACK_COUNT] = 1 } };
	struct place p;
	enum qt_err err = db_one(w->db, &by_id, "i", w->ref_id, "iiii", &terminal_id, &staff_id, &total.value[SUM_BACK],
	                         &total.value[SUM_BACK_TAX]);

	if (err == QT_OK)
		err = find_place(w, terminal_id, &p);
	if (err == QT_OK)
		err = add_back_lines(w, &p, &total);
	if (err == QT_OK)
		err = add_back_tenders(w, &p);
	if (err == QT_OK)
		add_whole(w, &p, &total, staff_id, terminal_id);
	return err == QT_NOT_FOUND ? QT_OK : err;
}

static void free_walk(struct walk *w)
{
	for (int64_t i = 0; i < w->zones.room; i++)
		free(((struct store_zones *)w->zones.things)[i].list);
	free(w->zones.things);
	free(w->sold.things);
	free(w->stores_of_tills.things);
}

enum qt_err sums_walk(struct db *db, int64_t first, int64_t last, int64_t merchant_id, struct sums *out)
{
	SQL(journals, "SELECT id, kind, merchant_id, order_id, ref_id, at_ms FROM journal WHERE id > $1 AND id <= $2 "
	              "AND kind <= 1 AND order_id > 0 AND ($3 = 0 OR merchant_id = $3) ORDER BY id");
	char machine[ZONE_NAME_MAX + 1];
	struct walk w = { .db = db, .out = out };
	enum qt_err err = QT_OK, ended;

	zone_of_machine(machine);
	w.fallback = zone_find(machine);
	struct stmt *s = db_stmt(db, &journals);
	stmt_int(s, 1, first);
	stmt_int(s, 2, last);
	stmt_int(s, 3, merchant_id);
	while (err == QT_OK && stmt_step(s)) {
		w.id = stmt_col_int(s, 0);
		w.merchant_id = stmt_col_int(s, 2);
		w.order_id = stmt_col_int(s, 3);
		w.ref_id = stmt_col_int(s, 4);
		w.at_ms = stmt_col_int(s, 5);
		err = stmt_col_int(s, 1) == JOURNAL_SALE ? add_sale(&w) : add_refund(&w);
	}
	ended = stmt_end(s);
	free_walk(&w);
	return err == QT_OK ? ended : err;
}
