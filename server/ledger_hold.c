/* ledger_hold: value set aside until it is posted, voided or expires. Owns the table hold. Every step is a journal
 * of its own kind between an account and its HELD account. */
#include "server/ledger_state.h"

#include <assert.h>

enum hold_state { HOLD_OPEN, HOLD_POSTED, HOLD_VOIDED, HOLD_EXPIRED };

struct hold {
	int64_t id, account_id, held_id, amount, state;
};

static enum qt_err hold_get(struct db *db, int64_t id, struct hold *h)
{
	SQL(get, "SELECT account_id, held_id, amount, state FROM hold WHERE id = $1");

	h->id = id;
	return db_one(db, &get, "i", id, "iiii", &h->account_id, &h->held_id, &h->amount, &h->state);
}

static enum qt_err hold_open(struct db *db, int64_t id, struct hold *h, struct problem *p)
{
	enum qt_err err = hold_get(db, id, h);

	if (err != QT_OK)
		return problem_set(p, err, "hold_id", "there is no such hold");
	if (h->state != HOLD_OPEN)
		return problem_set(p, QT_CONFLICT, "hold_id", "the hold has ended");
	return QT_OK;
}

static enum qt_err hold_end(struct db *db, int64_t id, enum hold_state state, int64_t posted, int64_t journal_id)
{
	SQL(end, "UPDATE hold SET state = $1, posted = $2, end_journal_id = $3 WHERE id = $4");

	return db_run(db, &end, "iiii", (int64_t)state, posted, journal_id, id);
}

enum qt_err ledger_hold(struct db *db, struct journal *j, int64_t account_id, int64_t amount, int64_t expires_ms,
                        int64_t *hold_id, struct problem *p)
{
	SQL(insert, "INSERT INTO hold (id, account_id, held_id, amount, expires_ms, state, journal_id) "
	            "VALUES ($1, $2, $3, $4, $5, 0, $6)");
	int64_t held_id;
	struct account_state *a = ledger_load(ledger_of(db), db, account_id);

	if (a == NULL)
		return problem_set(p, QT_NOT_FOUND, "account_id", "there is no such account");
	if (amount <= 0 || amount > MONEY_MAX)
		return problem_set(p, QT_OUT_OF_RANGE, "amount", "an amount above zero is needed");
	/* Before the HELD account is perhaps opened: a refusal writes nothing. */
	enum qt_err err = ledger_check(db, account_id, -amount);
	if (err != QT_OK)
		return problem_set(p, err, "amount", "there is not enough on the account");
	err = ledger_account(db, ACCOUNT_HELD, account_id, a->unit, &held_id);
	if (err != QT_OK)
		return err;
	struct posting postings[] = { { account_id, -amount }, { held_id, amount } };
	*hold_id = db_new_id(db, "hold");
	j->kind = JOURNAL_HOLD;
	j->ref_id = *hold_id;
	err = ledger_post(db, j, postings, 2, p);
	if (err == QT_OK)
		err = db_run(db, &insert, "iiiiii", *hold_id, account_id, held_id, amount, expires_ms, j->id);
	return err;
}

enum qt_err ledger_hold_post(struct db *db, struct journal *j, int64_t hold_id, const struct posting *postings,
                             int count, struct problem *p)
{
	struct posting all[LEDGER_POSTINGS_MAX];
	int64_t credits = 0;
	struct hold h;

	enum qt_err err = hold_open(db, hold_id, &h, p);
	if (err != QT_OK)
		return err;
	if (count < 1 || count > LEDGER_POSTINGS_MAX - 2)
		return problem_set(p, QT_UNBALANCED, "postings", "1 to %d postings are needed", LEDGER_POSTINGS_MAX - 2);
	for (int i = 0; err == QT_OK && i < count; i++) {
		err = postings[i].amount > 0 ? money_add(credits, postings[i].amount, &credits) : QT_OUT_OF_RANGE;
		all[i + 1] = postings[i];
	}
	if (err != QT_OK || credits > h.amount)
		return problem_set(p, err != QT_OK ? err : QT_INSUFFICIENT, "postings", "credits up to what is held are needed");
	int n = count + 1;
	all[0] = (struct posting){ h.held_id, -h.amount };
	if (credits < h.amount)
		all[n++] = (struct posting){ h.account_id, h.amount - credits };
	j->kind = JOURNAL_HOLD_POST;
	j->ref_id = hold_id;
	err = ledger_post(db, j, all, n, p);
	return err == QT_OK ? hold_end(db, hold_id, HOLD_POSTED, credits, j->id) : err;
}

static enum qt_err give_back(struct db *db, struct journal *j, const struct hold *h, enum hold_state state,
                             struct problem *p)
{
	struct posting postings[] = { { h->held_id, -h->amount }, { h->account_id, h->amount } };

	j->kind = JOURNAL_HOLD_VOID;
	j->ref_id = h->id;
	enum qt_err err = ledger_post(db, j, postings, 2, p);
	return err == QT_OK ? hold_end(db, h->id, state, 0, j->id) : err;
}

enum qt_err ledger_hold_void(struct db *db, struct journal *j, int64_t hold_id, struct problem *p)
{
	struct hold h;
	enum qt_err err = hold_open(db, hold_id, &h, p);

	return err == QT_OK ? give_back(db, j, &h, HOLD_VOIDED, p) : err;
}

#define EXPIRE_MAX 100 /* per call, so that a transaction stays short */

enum qt_err ledger_holds_expire(struct db *db, int64_t now_ms, int *count)
{
	SQL(due, "SELECT h.id, h.account_id, h.held_id, h.amount, j.merchant_id, j.order_id FROM hold h "
	         "JOIN journal j ON j.id = h.journal_id WHERE h.state = 0 AND h.expires_ms <= $1 "
	         "ORDER BY h.expires_ms LIMIT $2");
	struct hold holds[EXPIRE_MAX];
	struct journal journals[EXPIRE_MAX];

	*count = 0;
	struct stmt *s = db_stmt(db, &due);
	stmt_int(s, 1, now_ms);
	stmt_int(s, 2, EXPIRE_MAX);
	while (stmt_step(s)) {
		assert(*count < EXPIRE_MAX);
		holds[*count] = (struct hold){ stmt_col_int(s, 0), stmt_col_int(s, 1), stmt_col_int(s, 2),
		                               stmt_col_int(s, 3), HOLD_OPEN };
		journals[*count] = (struct journal){ .merchant_id = stmt_col_int(s, 4), .order_id = stmt_col_int(s, 5),
		                                     .at_ms = now_ms };
		++*count;
	}
	enum qt_err err = stmt_end(s);
	for (int i = 0; err == QT_OK && i < *count; i++)
		err = give_back(db, &journals[i], &holds[i], HOLD_EXPIRED, NULL);
	return err;
}
