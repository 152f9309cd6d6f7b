/* card_money: value onto a card, from one card to another, and off an expired one. See card.h. */
#include "server/card.h"

#include "server/order_card.h"
#include "server/shift.h"

#include <assert.h>
#include <stdlib.h>

#define EXPIRE_MAX 100 /* cards a call of the job handles */
#define HEIRS_MAX 16   /* how often a card is replaced */

static enum qt_err set_state(struct db *db, const struct card *c, int64_t now_ms)
{
	SQL(update, "UPDATE card SET state = $2, account_id = $3, customer_id = $4, replaced_by = $5, frozen_by = $6, "
	            "changed_ms = $7 WHERE id = $1");
	return db_run(db, &update, "iiiiiii", c->id, c->state, c->account_id, c->customer_id, c->replaced_by, c->frozen_by,
	              now_ms);
}

/* Where the money for a card comes from. */
static enum qt_err source_account(struct db *db, const struct card *c, const struct card_money *m, int64_t *account_id)
{
	static const enum account_kind kinds[] = { [CARD_TENDER_NONE] = ACCOUNT_MERCHANT, [CARD_TENDER_CASH] = ACCOUNT_CASH,
		[CARD_TENDER_TERMINAL] = ACCOUNT_WORLD };
	int64_t owner_id = m->tender == CARD_TENDER_CASH ? m->terminal_id : c->merchant_id;

	return ledger_account(db, kinds[m->tender], owner_id, m->currency, account_id);
}

/* `account_id` is the card's. */
static enum qt_err put_money(struct db *db, const struct card *c, int64_t account_id, const struct card_money *m,
                             int64_t *journal_id, struct problem *p)
{
	struct journal j = { .kind = JOURNAL_CARD_TOP_UP, .merchant_id = c->merchant_id, .order_id = m->order_id,
	                     .ref_id = c->id, .actor_id = m->actor_id, .at_ms = m->at_ms };
	int64_t source;
	enum qt_err err = source_account(db, c, m, &source);

	if (err != QT_OK)
		return err;
	struct posting postings[] = { { account_id, m->amount_cents }, { source, -m->amount_cents } };
	err = ledger_post(db, &j, postings, 2, p);
	*journal_id = j.id;
	if (err == QT_OK && m->terminal_id > 0)
		err = shift_card_add(db, m->terminal_id, j.id, m->tender, c->state == CARD_NEW, m->amount_cents);
	return err;
}

enum qt_err card_activate(struct db *db, struct card *c, const struct card_money *m, struct problem *p)
{
	enum card_state state = card_state_at(c, m->at_ms);
	int64_t journal_id;
	enum qt_err err;

	if (state == CARD_EXPIRED)
		return problem_set(p, QT_CODE_EXPIRED, "", "the card's time is over");
	if (state != CARD_NEW)
		return problem_set(p, QT_CONFLICT, "", "the card is %s", card_state_name(state));
	err = order_card_check_free(db, c->id, p);
	if (err == QT_OK)
		err = ledger_account(db, ACCOUNT_CARD, c->id, m->currency, &c->account_id);
	if (err == QT_OK && m->amount_cents > 0)
		err = put_money(db, c, c->account_id, m, &journal_id, p);
	if (err != QT_OK)
		return err;
	c->state = CARD_ACTIVE;
	return set_state(db, c, m->at_ms);
}

enum qt_err card_top_up(struct db *db, struct card *c, const struct card_money *m, struct problem *p)
{
	enum qt_err err = card_check_usable(c, m->at_ms);
	int64_t journal_id;

	return err == QT_OK ? put_money(db, c, c->account_id, m, &journal_id, p) : err;
}

/* ---- as lines of a sale ---- */

enum qt_err card_living(struct db *db, int64_t card_id, struct card *c)
{
	enum qt_err err = card_get(db, 0, card_id, c);

	for (int i = 0; i < HEIRS_MAX && err == QT_OK && c->replaced_by > 0; i++)
		err = card_get(db, 0, c->replaced_by, c);
	return err;
}

enum qt_err card_sell(struct db *db, int64_t card_id, const struct card_money *m, int64_t *journal_id)
{
	struct card c;
	enum qt_err err = card_get(db, 0, card_id, &c);

	if (err == QT_OK && c.state != CARD_NEW) /* it was kept for this order */
		return QT_CONFLICT;
	if (err == QT_OK)
		err = ledger_account(db, ACCOUNT_CARD, c.id, m->currency, &c.account_id);
	if (err == QT_OK)
		err = put_money(db, &c, c.account_id, m, journal_id, NULL);
	c.state = CARD_ACTIVE;
	return err == QT_OK ? set_state(db, &c, m->at_ms) : err;
}

enum qt_err card_load(struct db *db, int64_t card_id, const struct card_money *m, int64_t *journal_id)
{
	struct card c;
	enum qt_err err = card_living(db, card_id, &c);

	return err == QT_OK ? put_money(db, &c, c.account_id, m, journal_id, NULL) : err;
}

enum qt_err card_take_back(struct db *db, int64_t card_id, const struct card_money *m, bool freeze, int64_t *journal_id,
                           struct problem *p)
{
	struct journal j = { .kind = JOURNAL_CARD_TAKE_BACK, .order_id = m->order_id, .ref_id = card_id,
	                     .actor_id = m->actor_id, .at_ms = m->at_ms };
	int64_t merchant;
	struct card c;
	enum qt_err err = card_get(db, 0, card_id, &c);

	if (err == QT_OK)
		err = ledger_account(db, ACCOUNT_MERCHANT, c.merchant_id, m->currency, &merchant);
	if (err != QT_OK)
		return err;
	struct posting postings[] = { { c.account_id, -m->amount_cents }, { merchant, m->amount_cents } };
	j.merchant_id = c.merchant_id;
	err = ledger_post(db, &j, postings, 2, p);
	*journal_id = j.id;
	if (err != QT_OK || !freeze || c.state != CARD_ACTIVE)
		return err;
	c.state = CARD_FROZEN;
	c.frozen_by = CARD_FROZEN_BY_MERCHANT;
	return set_state(db, &c, m->at_ms);
}

/* Value of the card that open payments hold. */
static enum qt_err held_amount(struct db *db, const struct card *c, int64_t currency, int64_t *held)
{
	int64_t account_id;
	enum qt_err err = ledger_account_find(db, ACCOUNT_HELD, c->account_id, currency, &account_id);

	*held = 0;
	if (err == QT_NOT_FOUND)
		return QT_OK;
	return err == QT_OK ? ledger_balance(db, account_id, held) : err;
}

static enum qt_err check_transfer(struct db *db, const struct card *from, const struct card *to, int64_t currency,
                                  int64_t now_ms, struct problem *p)
{
	enum card_state from_state = card_state_at(from, now_ms), to_state = card_state_at(to, now_ms);
	int64_t held;
	enum qt_err err;

	if (from->id == to->id)
		return problem_set(p, QT_CONFLICT, "to_code", "it is the same card");
	if (from->merchant_id != to->merchant_id)
		return QT_CARD_REFUSED;
	if (from_state != CARD_ACTIVE && from_state != CARD_FROZEN)
		return problem_set(p, QT_CONFLICT, "from_code", "the card is %s", card_state_name(from_state));
	if (to_state != CARD_NEW && to_state != CARD_ACTIVE)
		return problem_set(p, QT_CONFLICT, "to_code", "the card is %s", card_state_name(to_state));
	if (to->customer_id != 0 && from->customer_id != 0 && to->customer_id != from->customer_id)
		return problem_set(p, QT_CARD_BOUND, "to_code", "the cards belong to different people");
	err = held_amount(db, from, currency, &held);
	if (err == QT_OK && held > 0)
		return problem_set(p, QT_CONFLICT, "from_code", "a payment with the card is still open");
	return err == QT_OK && to_state == CARD_NEW ? order_card_check_free(db, to->id, p) : err;
}

enum qt_err card_transfer(struct db *db, struct card *from, struct card *to, int64_t currency, int64_t actor_id,
                          int64_t now_ms, int64_t *amount_cents, struct problem *p)
{
	struct journal j = { .kind = JOURNAL_CARD_TRANSFER, .merchant_id = from->merchant_id, .ref_id = from->id,
	                     .actor_id = actor_id, .at_ms = now_ms };
	enum qt_err err = check_transfer(db, from, to, currency, now_ms, p);

	if (err == QT_OK)
		err = ledger_balance(db, from->account_id, amount_cents);
	if (err == QT_OK)
		err = ledger_account(db, ACCOUNT_CARD, to->id, currency, &to->account_id);
	if (err == QT_OK && *amount_cents > 0) {
		struct posting postings[] = { { from->account_id, -*amount_cents }, { to->account_id, *amount_cents } };
		err = ledger_post(db, &j, postings, 2, p);
	}
	if (err != QT_OK)
		return err;
	from->state = CARD_CLOSED;
	from->frozen_by = CARD_FROZEN_BY_NOBODY;
	from->replaced_by = to->id;
	to->state = CARD_ACTIVE;
	if (to->customer_id == 0)
		to->customer_id = from->customer_id;
	err = set_state(db, from, now_ms);
	return err == QT_OK ? set_state(db, to, now_ms) : err;
}

/* One card whose time is over; *done false when an open payment still holds some of it. */
static enum qt_err expire_one(struct db *db, int64_t card_id, int64_t currency, int64_t now_ms, bool *done)
{
	struct journal j = { .kind = JOURNAL_CARD_EXPIRE, .ref_id = card_id, .at_ms = now_ms };
	int64_t held = 0, balance = 0, breakage;
	struct card c;
	enum qt_err err = card_get(db, 0, card_id, &c);

	*done = false;
	if (err == QT_OK && c.account_id > 0)
		err = held_amount(db, &c, currency, &held);
	if (err != QT_OK || held > 0)
		return err;
	if (c.account_id > 0)
		err = ledger_balance(db, c.account_id, &balance);
	if (err == QT_OK && balance > 0)
		err = ledger_account(db, ACCOUNT_BREAKAGE, c.merchant_id, currency, &breakage);
	if (err == QT_OK && balance > 0) {
		struct posting postings[] = { { c.account_id, -balance }, { breakage, balance } };
		j.merchant_id = c.merchant_id;
		err = ledger_post(db, &j, postings, 2, NULL);
	}
	c.state = CARD_EXPIRED;
	c.frozen_by = CARD_FROZEN_BY_NOBODY;
	*done = err == QT_OK;
	return err == QT_OK ? set_state(db, &c, now_ms) : err;
}

enum qt_err card_expire_due(struct db *db, int64_t now_ms, int *count)
{
	SQL(due, "SELECT c.id, m.currency FROM card c JOIN merchant m ON m.id = c.merchant_id "
	         "WHERE c.expires_ms > 0 AND c.expires_ms <= $1 AND c.state IN (1, 2, 3) "
	         "AND NOT EXISTS (SELECT 1 FROM order_card oc JOIN orders o ON o.id = oc.order_id WHERE oc.card_id = c.id "
	         "AND o.state = 1) ORDER BY c.expires_ms LIMIT $2");
	int64_t ids[EXPIRE_MAX], currencies[EXPIRE_MAX];
	struct stmt *s = db_stmt(db, &due);
	enum qt_err err;
	int found = 0;
	bool done;

	*count = 0;
	stmt_int(s, 1, now_ms);
	stmt_int(s, 2, EXPIRE_MAX);
	while (stmt_step(s)) {
		assert(found < EXPIRE_MAX);
		ids[found] = stmt_col_int(s, 0);
		currencies[found++] = stmt_col_int(s, 1);
	}
	err = stmt_end(s);
	for (int i = 0; i < found && err == QT_OK; i++) {
		err = expire_one(db, ids[i], currencies[i], now_ms, &done);
		*count += done;
	}
	return err;
}
