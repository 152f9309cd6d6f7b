/* shift: see shift.h. The figures are shift_figures.c's. */
#include "server/shift.h"

#include "server/ledger.h"

const char *shift_cash_kind_name(enum shift_cash_kind kind)
{
	static const char *const names[] = {
#define X(name, wire) [SHIFT_CASH_##name] = wire,
		SHIFT_CASH_KINDS(X)
#undef X
	};
	return names[kind];
}

enum qt_err shift_get(struct db *db, int64_t merchant_id, int64_t shift_id, struct shift *s)
{
	SQL(get, "SELECT id, merchant_id, terminal_id, number, state, automatic, opened_by, opened_ms, first_journal, "
	         "closed_by, closed_ms, last_journal, end_journal, expected_cents, counted_cents FROM shift "
	         "WHERE id = $1 AND merchant_id = $2");
	return db_one(db, &get, "ii", shift_id, merchant_id, "iiiiiiiiiiiiiii", &s->id, &s->merchant_id, &s->terminal_id,
	              &s->number, &s->state, &s->automatic, &s->opened_by, &s->opened_ms, &s->first_journal, &s->closed_by,
	              &s->closed_ms, &s->last_journal, &s->end_journal, &s->expected_cents, &s->counted_cents);
}

static enum qt_err insert(struct db *db, struct shift *s)
{
	SQL(put, "INSERT INTO shift (id, merchant_id, terminal_id, number, state, automatic, opened_by, opened_ms, "
	         "first_journal, closed_by, closed_ms, last_journal, end_journal, expected_cents, counted_cents) "
	         "VALUES ($1, $2, $3, $4, 1, $5, $6, $7, $8, 0, 0, 0, 0, 0, 0)");
	s->id = db_new_id(db, "shift");
	s->state = SHIFT_OPEN;
	return db_run(db, &put, "iiiiiiii", s->id, s->merchant_id, s->terminal_id, s->number, s->automatic, s->opened_by,
	              s->opened_ms, s->first_journal);
}

static enum qt_err newest_journal(struct db *db, int64_t *id)
{
	SQL(newest, "SELECT COALESCE(MAX(id), 0) FROM journal");
	return db_one(db, &newest, "", "i", id);
}

/* When something first happened at the till behind the journal `after`; 0: nothing did. */
static enum qt_err first_activity(struct db *db, const struct shift_ask *ask, int64_t after, int64_t *at_ms)
{
	SQL(first, "SELECT COALESCE(MIN(j.at_ms), 0) FROM journal j WHERE j.id > $2 AND ("
	           "EXISTS (SELECT 1 FROM entry e WHERE e.id BETWEEN j.id * 64 AND j.id * 64 + 63 AND e.account_id = $3) OR "
	           "(j.kind = 0 AND EXISTS (SELECT 1 FROM orders o WHERE o.id = j.order_id AND o.terminal_id = $1)) OR "
	           "(j.kind = 1 AND EXISTS (SELECT 1 FROM refund r WHERE r.id = j.ref_id AND r.terminal_id = $1)) OR "
	           "EXISTS (SELECT 1 FROM shift_card c WHERE c.terminal_id = $1 AND c.journal_id = j.id))");
	int64_t account_id = 0;
	enum qt_err err = ledger_account_find(db, ACCOUNT_CASH, ask->terminal_id, ask->currency, &account_id);

	if (err != QT_OK && err != QT_NOT_FOUND)
		return err;
	return db_one(db, &first, "iii", ask->terminal_id, after, account_id, "i", at_ms);
}

enum qt_err shift_current(struct db *db, const struct shift_ask *ask, struct shift *s)
{
	SQL(newest, "SELECT id, number, end_journal FROM shift WHERE terminal_id = $1 ORDER BY number DESC LIMIT 1");
	int64_t id = 0, number = 0, end_journal = 0;
	enum qt_err err = db_one(db, &newest, "i", ask->terminal_id, "iii", &id, &number, &end_journal);

	if (err == QT_OK) {
		err = shift_get(db, ask->merchant_id, id, s);
		if (err != QT_OK || s->state == SHIFT_OPEN)
			return err;
	} else if (err != QT_NOT_FOUND) {
		return err;
	}
	*s = (struct shift){ .merchant_id = ask->merchant_id, .terminal_id = ask->terminal_id, .number = number + 1,
	                     .first_journal = end_journal, .automatic = 1 };
	return first_activity(db, ask, end_journal, &s->opened_ms);
}

/* The till's open shift, or one made for what happened since the last. s->id is 0 when there is neither; then
 * s->number and s->first_journal are those of the next. `make`: make one even so. */
static enum qt_err current(struct db *db, const struct shift_ask *ask, bool make, struct shift *s)
{
	enum qt_err err = shift_current(db, ask, s);

	if (err != QT_OK || s->id != 0 || (s->opened_ms == 0 && !make))
		return err;
	if (s->opened_ms == 0)
		s->opened_ms = ask->at_ms;
	return insert(db, s);
}

/* Move `into_cents` (negative: out) between the world and the drawer and note it. */
static enum qt_err move(struct db *db, const struct shift_ask *ask, const struct shift *s, enum shift_cash_kind kind,
                        int64_t into_cents, const char *reason, int64_t *movement_id, struct problem *p)
{
	SQL(put, "INSERT INTO shift_cash (id, shift_id, kind, amount_cents, journal_id, actor_id, at_ms, reason) "
	         "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)");
	struct journal j = { .merchant_id = ask->merchant_id, .actor_id = ask->actor_id, .at_ms = ask->at_ms };
	int64_t drawer, world, id = db_new_id(db, "shift_cash");

	j.kind = kind == SHIFT_CASH_DIFFERENCE ? JOURNAL_CORRECTION : into_cents > 0 ? JOURNAL_CASH_IN : JOURNAL_CASH_OUT;
	j.ref_id = id;
	enum qt_err err = ledger_account(db, ACCOUNT_CASH, ask->terminal_id, ask->currency, &drawer);
	if (err == QT_OK)
		err = ledger_account(db, ACCOUNT_WORLD, ask->merchant_id, ask->currency, &world);
	if (err != QT_OK)
		return err;
	const struct posting postings[] = { { drawer, -into_cents }, { world, into_cents } };
	err = ledger_post(db, &j, postings, 2, p);
	if (err == QT_OK)
		err = db_run(db, &put, "iiiiiiit", id, s->id, (int64_t)kind, into_cents, j.id, ask->actor_id, ask->at_ms,
		             reason);
	if (movement_id != NULL)
		*movement_id = id;
	return err;
}

enum qt_err shift_open(struct db *db, const struct shift_ask *ask, int64_t float_cents, struct shift *s,
                       struct problem *p)
{
	enum qt_err err = current(db, ask, false, s);

	if (err == QT_OK && s->id != 0)
		return problem_set(p, QT_CONFLICT, "", s->automatic ? "a shift was opened by what was sold; put the float in as "
		                   "cash in" : "a shift is open");
	if (err != QT_OK)
		return err;
	s->automatic = 0;
	s->opened_by = ask->actor_id;
	s->opened_ms = ask->at_ms;
	err = insert(db, s);
	if (err == QT_OK && float_cents > 0)
		err = move(db, ask, s, SHIFT_CASH_FLOAT, float_cents, NULL, NULL, p);
	return err;
}

enum qt_err shift_move(struct db *db, const struct shift_ask *ask, enum shift_cash_kind kind, int64_t amount_cents,
                       const char *reason, struct shift *s, int64_t *movement_id, struct problem *p)
{
	int64_t drawer, balance = 0;
	enum qt_err err = current(db, ask, kind == SHIFT_CASH_IN, s);

	if (err != QT_OK)
		return err;
	if (s->id == 0)
		return problem_set(p, QT_CONFLICT, "", "no shift is open at this till");
	if (kind == SHIFT_CASH_IN)
		return move(db, ask, s, kind, amount_cents, reason, movement_id, p);
	err = ledger_account(db, ACCOUNT_CASH, ask->terminal_id, ask->currency, &drawer);
	if (err == QT_OK)
		err = ledger_balance(db, drawer, &balance);
	if (err != QT_OK)
		return err;
	if (amount_cents > -balance)
		return problem_set(p, QT_INSUFFICIENT, "amount_cents", "so much is not in the drawer");
	return move(db, ask, s, kind, -amount_cents, reason, movement_id, p);
}

static void write_head(struct json *out, const struct shift *s, const struct shift_ask *ask,
                       enum shift_report_kind kind)
{
	json_text(out, "kind", kind == SHIFT_Z ? "z" : "x");
	json_int(out, "shift_id", s->id);
	json_int(out, "terminal_id", s->terminal_id);
	json_int(out, "number", s->number);
	json_text(out, "currency", currency_by_numeric(ask->currency)->alpha);
	json_bool(out, "automatic", s->automatic != 0);
	json_int(out, "opened_ms", s->opened_ms);
	json_int(out, "at_ms", ask->at_ms);
}

static void write_count(struct json *out, const struct shift_count *rows, int count, int64_t expected, int64_t counted)
{
	json_array(out, "count");
	for (int i = 0; i < count; i++) {
		json_object(out, NULL);
		json_int(out, "value_cents", rows[i].value_cents);
		json_int(out, "quantity", rows[i].quantity);
		json_end(out);
	}
	json_end(out);
	json_int(out, "counted_cents", counted);
	json_int(out, "difference_cents", counted - expected);
}

/* Work out a report and keep it. Only a Z has a count; `counted` is its sum. */
static enum qt_err report(struct db *db, const struct shift_ask *ask, const struct shift *s, int64_t last_journal,
                          enum shift_report_kind kind, const struct shift_count *rows, int count, int64_t counted,
                          int64_t *expected, int64_t *report_id)
{
	SQL(put, "INSERT INTO shift_report (id, shift_id, kind, actor_id, at_ms, figures) VALUES ($1, $2, $3, $4, $5, $6)");
	struct buf text = { 0 };
	struct json out;

	json_start(&out, &text);
	json_object(&out, NULL);
	write_head(&out, s, ask, kind);
	enum qt_err err = shift_figures(db, s, last_journal, ask->currency, &out, expected);
	if (err == QT_OK && kind == SHIFT_Z)
		write_count(&out, rows, count, *expected, counted);
	if (err != QT_OK)
		goto out;
	json_end(&out);
	*report_id = db_new_id(db, "shift_report");
	buf_add(&text, "", 1);
	err = db_run(db, &put, "iiiiit", *report_id, s->id, (int64_t)kind, ask->actor_id, ask->at_ms,
	             (const char *)text.data);
out:
	buf_free(&text);
	return err;
}

enum qt_err shift_x(struct db *db, const struct shift_ask *ask, int64_t *report_id, struct problem *p)
{
	int64_t last, expected;
	struct shift s;
	enum qt_err err = current(db, ask, false, &s);

	if (err == QT_OK && s.id == 0)
		return problem_set(p, QT_CONFLICT, "", "no shift is open at this till");
	if (err == QT_OK)
		err = newest_journal(db, &last);
	return err == QT_OK ? report(db, ask, &s, last, SHIFT_X, NULL, 0, 0, &expected, report_id) : err;
}

static enum qt_err sum_count(const struct shift_count *rows, int count, int64_t *sum, struct problem *p)
{
	int64_t value;
	enum qt_err err = QT_OK;

	*sum = 0;
	for (int i = 0; i < count && err == QT_OK; i++) {
		for (int k = 0; k < i; k++)
			if (rows[k].value_cents == rows[i].value_cents)
				return problem_set(p, QT_BAD_FIELD, "count", "a denomination is there twice");
		err = money_mul(rows[i].value_cents, rows[i].quantity, &value);
		if (err == QT_OK)
			err = money_add(*sum, value, sum);
	}
	if (err == QT_OK && *sum > MONEY_MAX)
		err = QT_OVERFLOW;
	return err == QT_OK ? err : problem_set(p, err, "count", "the drawer cannot hold so much");
}

/* Difference and cash leave the drawer's account, which ends at 0. */
static enum qt_err empty_drawer(struct db *db, const struct shift_ask *ask, const struct shift *s, struct problem *p)
{
	enum qt_err err = QT_OK;

	if (s->counted_cents != s->expected_cents)
		err = move(db, ask, s, SHIFT_CASH_DIFFERENCE, s->counted_cents - s->expected_cents, NULL, NULL, p);
	if (err == QT_OK && s->counted_cents > 0)
		err = move(db, ask, s, SHIFT_CASH_CLOSE, -s->counted_cents, NULL, NULL, p);
	return err;
}

enum qt_err shift_close(struct db *db, const struct shift_ask *ask, const struct shift_count *rows, int count,
                        int64_t *report_id, struct problem *p)
{
	SQL(end, "UPDATE shift SET state = 2, closed_by = $2, closed_ms = $3, last_journal = $4, end_journal = $5, "
	         "expected_cents = $6, counted_cents = $7 WHERE id = $1");
	struct shift s;
	int64_t counted;
	enum qt_err err = sum_count(rows, count, &counted, p);

	if (err == QT_OK)
		err = current(db, ask, false, &s);
	if (err != QT_OK)
		return err;
	if (s.id == 0)
		return problem_set(p, QT_CONFLICT, "", "no shift is open at this till");
	s.counted_cents = counted;
	err = newest_journal(db, &s.last_journal);
	if (err == QT_OK)
		err = report(db, ask, &s, s.last_journal, SHIFT_Z, rows, count, counted, &s.expected_cents, report_id);
	if (err == QT_OK)
		err = empty_drawer(db, ask, &s, p);
	if (err == QT_OK)
		err = newest_journal(db, &s.end_journal);
	if (err != QT_OK)
		return err;
	return db_run(db, &end, "iiiiiii", s.id, ask->actor_id, ask->at_ms, s.last_journal, s.end_journal,
	              s.expected_cents, s.counted_cents);
}

enum qt_err shift_card_add(struct db *db, int64_t terminal_id, int64_t journal_id, enum card_tender tender, bool sold,
                           int64_t amount_cents)
{
	SQL(put, "INSERT INTO shift_card (id, terminal_id, journal_id, tender, sold, amount_cents) "
	         "VALUES ($1, $2, $3, $4, $5, $6)");
	return db_run(db, &put, "iiiiii", db_new_id(db, "shift_card"), terminal_id, journal_id, (int64_t)tender,
	              (int64_t)sold, amount_cents);
}
