/* order_card: see order_card.h. */
#include "server/order_card.h"

#include "server/card.h"
#include "server/notice.h"
#include "server/settle.h"

#include <stdio.h>
#include <string.h>

const char *order_card_use_name(int64_t use)
{
	return use == ORDER_CARD_SELL ? "sell" : "top-up";
}

/* ---- a new order ---- */

static enum qt_err refuse(struct call *call, enum qt_err err, int i, const char *field, const char *why)
{
	char path[48];

	snprintf(path, sizeof path, "lines[%d].%s", i, field);
	return problem_set(&call->problem, err, path, "%s", why);
}

enum qt_err order_card_check_free(struct db *db, int64_t card_id, struct problem *p)
{
	SQL(taken, "SELECT o.id FROM order_card c JOIN orders o ON o.id = c.order_id WHERE c.card_id = $1 AND "
	           "c.card_use = 1 AND c.journal_id = 0 AND o.state = 1 LIMIT 1");
	int64_t order_id;
	enum qt_err err = db_one(db, &taken, "i", card_id, "i", &order_id);

	if (err == QT_OK)
		return problem_set(p, QT_CONFLICT, "", "order %lld, which is not paid yet, sells this card",
		                   (long long)order_id);
	return err == QT_NOT_FOUND ? QT_OK : err;
}

/* May card `c` of line `i` be sold, or topped up? */
static enum qt_err check_card(struct call *call, const struct sale *sale, int use, const struct card *c, int i)
{
	enum card_state state = card_state_at(c, call->now_ms);
	enum qt_err err = QT_OK;

	for (int k = 0; k < sale->card_count; k++)
		if (sale->cards[k].card_id == c->id)
			return refuse(call, QT_DOUBLE_FIELD, i, "card_id", "the card is on another line already");
	if (use == ORDER_CARD_TOP_UP)
		err = card_check_usable(c, call->now_ms);
	else if (state == CARD_EXPIRED)
		err = QT_CODE_EXPIRED;
	else if (state != CARD_NEW)
		return refuse(call, QT_CONFLICT, i, "card_id", "the card was sold already");
	if (err != QT_OK)
		return refuse(call, err, i, "card_id", "");
	if (use == ORDER_CARD_SELL)
		err = order_card_check_free(call->db, c->id, &call->problem);
	if (err == QT_CONFLICT)
		return refuse(call, err, i, "card_id", "an order that is not paid yet sells this card");
	return err;
}

/* The sum on each card: what was typed, else the batch's face value. */
static enum qt_err card_sum(struct call *call, const struct order_line_request *r, int use, const struct card *c, int i,
                            int64_t *cents)
{
	struct card_batch batch;
	enum qt_err err = QT_OK;

	*cents = r->price_cents;
	if (*cents < 0 && use == ORDER_CARD_SELL && c->batch_id) {
		err = card_batch_get(call->db, c->merchant_id, c->batch_id, &batch);
		if (err == QT_OK && batch.face_cents > 0)
			*cents = batch.face_cents;
	}
	if (err == QT_OK && *cents < 0)
		return refuse(call, QT_MISSING_FIELD, i, "price_cents", "how much goes on the card");
	if (err == QT_OK && *cents == 0)
		return refuse(call, QT_OUT_OF_RANGE, i, "price_cents", "more than nothing goes on a card");
	return err;
}

static enum qt_err check_request(struct call *call, const struct sale *sale, const struct order_line_request *r, int i)
{
	enum qt_err err = merchant_check_part(&sale->merchant, PART_CARDS, &call->problem);

	if (err != QT_OK)
		return err;
	if (r->item_id || r->barcode)
		return refuse(call, QT_BAD_FIELD, i, "card_id", "a line sells an item or a card");
	if (r->price_reason || r->discount.rate_bp || r->discount.amount_cents)
		return refuse(call, QT_BAD_FIELD, i, r->price_reason ? "price_reason" : "discount",
		              "what is put on a card has no other price");
	if (r->options.count)
		return refuse(call, QT_BAD_FIELD, i, "options", "a card has no options");
	if (r->quantity == 0)
		return refuse(call, QT_MISSING_FIELD, i, "quantity", "how many cards");
	if (r->card_use + 1 == ORDER_CARD_TOP_UP && r->quantity != 1)
		return refuse(call, QT_OUT_OF_RANGE, i, "quantity", "one card is topped up by a line");
	if (sale->card_count + r->quantity > ORDER_CARDS_MAX)
		return refuse(call, QT_TOO_LONG, i, "quantity", "at most 500 cards in one order");
	return QT_OK;
}

/* "•••• 1234", or first and last of several. */
static const char *numbers_text(struct call *call, const struct order_card *first, const struct order_card *last)
{
	char a[24], b[24], text[64];

	card_number_masked(first->number, a);
	snprintf(text, sizeof text, "%s%s%s", a, first == last ? "" : " ... ",
	         first == last ? "" : card_number_masked(last->number, b));
	return arena_strndup(call->arena, text, strlen(text));
}

enum qt_err order_card_line(struct call *call, struct sale *sale, const struct order_line_request *r, int i)
{
	struct order_line *l = &sale->lines[i];
	struct card c = { 0 };
	int64_t batch_id = 0, cents = 0;
	int use = r->card_use + 1, first = sale->card_count;
	enum qt_err err = check_request(call, sale, r, i);

	if (sale->cards == NULL)
		sale->cards = arena_alloc(call->arena, ORDER_CARDS_MAX * sizeof *sale->cards);
	for (int64_t k = 0; k < r->quantity && err == QT_OK; k++) {
		err = card_get(call->db, call->actor.merchant_id, r->card_id + k, &c);
		if (err == QT_NOT_FOUND || (err == QT_OK && k > 0 && (c.batch_id != batch_id || batch_id == 0)))
			return refuse(call, QT_CARD_REFUSED, i, k ? "quantity" : "card_id",
			              k ? "so many cards do not follow in the batch" : "");
		if (err == QT_OK)
			err = check_card(call, sale, use, &c, i);
		if (err == QT_OK && k == 0)
			err = card_sum(call, r, use, &c, i, &cents);
		batch_id = c.batch_id;
		sale->cards[sale->card_count++] = (struct order_card){ .line_no = i + 1, .card_id = c.id,
			.card_use = use, .amount_cents = cents, .number = c.number };
	}
	if (err != QT_OK)
		return err;
	l->inclusive = true;
	l->quantity = r->quantity;
	l->price_cents = cents;
	l->name = use == ORDER_CARD_SELL ? "Prepaid card" : "Card top-up";
	l->name_zh = use == ORDER_CARD_SELL ? "预付卡" : "预付卡充值";
	l->note = numbers_text(call, &sale->cards[first], &sale->cards[sale->card_count - 1]);
	return QT_OK;
}

/* Of which use a line is; 0: it sells goods. */
static int64_t use_of_line(const struct sale *sale, int64_t line_no)
{
	for (int i = 0; i < sale->card_count; i++)
		if (sale->cards[i].line_no == line_no)
			return sale->cards[i].card_use;
	return 0;
}

enum qt_err order_card_sold_item(struct db *db, const struct sale *sale, struct order_line *l)
{
	/* item 0 is no item of a catalogue; its version says which use of cards it is */
	SQL(find, "SELECT id FROM sold_item WHERE item_id = 0 AND version = $1 AND inclusive = 1");
	SQL(insert, "INSERT INTO sold_item (id, item_id, version, inclusive, rate_bp, tax_id, name, name_zh) "
	            "VALUES ($1, 0, $2, 1, 0, 0, $3, $4)");
	int64_t use = use_of_line(sale, l - sale->lines + 1);
	enum qt_err err = db_one(db, &find, "i", use, "i", &l->sold_item_id);

	if (err != QT_NOT_FOUND)
		return err;
	l->sold_item_id = db_new_id(db, "sold_item");
	return db_run(db, &insert, "iitt", l->sold_item_id, use, l->name, l->name_zh);
}

/* ---- rows ---- */

enum qt_err order_cards_insert(struct db *db, const struct sale *sale)
{
	SQL(insert, "INSERT INTO order_card (id, order_id, line_no, card_id, card_use, amount_cents, journal_id, "
	            "back_journal_id) VALUES ($1, $2, $3, $4, $5, $6, $7, 0)");
	enum qt_err err = QT_OK;

	for (int i = 0; i < sale->card_count && err == QT_OK; i++) {
		struct order_card *c = &sale->cards[i];
		c->id = db_new_id(db, "order_card");
		err = db_run(db, &insert, "iiiiiii", c->id, sale->order.id, c->line_no, c->card_id, c->card_use,
		             c->amount_cents, c->journal_id);
	}
	return err;
}

enum qt_err order_cards_load(struct db *db, struct arena *arena, struct sale *sale)
{
	SQL(of_order, "SELECT oc.id, oc.line_no, oc.card_id, oc.card_use, oc.amount_cents, oc.journal_id, "
	              "oc.back_journal_id, c.number FROM order_card oc JOIN card c ON c.id = oc.card_id "
	              "WHERE oc.order_id = $1 ORDER BY oc.card_id");
	bool any = false;

	for (int i = 0; i < sale->line_count; i++)
		any |= sale->lines[i].item_id == 0;
	if (!any)
		return QT_OK;
	sale->cards = arena_alloc(arena, ORDER_CARDS_MAX * sizeof *sale->cards);
	struct stmt *s = db_stmt(db, &of_order);
	stmt_int(s, 1, sale->order.id);
	while (stmt_step(s) && sale->card_count < ORDER_CARDS_MAX)
		sale->cards[sale->card_count++] = (struct order_card){ stmt_col_int(s, 0), stmt_col_int(s, 1),
			stmt_col_int(s, 2), stmt_col_int(s, 3), stmt_col_int(s, 4), stmt_col_int(s, 5), stmt_col_int(s, 6),
			stmt_col_int(s, 7) };
	return stmt_end(s);
}

enum qt_err order_cards_sums(struct db *db, int64_t order_id, int64_t *put_cents, int64_t *back_cents)
{
	SQL(sums, "SELECT COALESCE(SUM(amount_cents), 0), "
	          "COALESCE(SUM(CASE WHEN back_journal_id > 0 THEN amount_cents ELSE 0 END), 0) "
	          "FROM order_card WHERE order_id = $1");
	return db_one(db, &sums, "i", order_id, "ii", put_cents, back_cents);
}

/* ---- payment ---- */

bool order_cards_have(const struct sale *sale, int64_t card_id)
{
	for (int i = 0; i < sale->card_count; i++)
		if (sale->cards[i].card_id == card_id)
			return true;
	return false;
}

int64_t order_cards_cents(const struct sale *sale)
{
	int64_t sum = 0;

	for (int i = 0; i < sale->card_count; i++)
		sum += sale->cards[i].amount_cents;
	return sum;
}

enum qt_err order_goods_part(const struct sale *sale, int64_t cents, int64_t *part)
{
	int64_t total = sale->order.total_cents, cards = order_cards_cents(sale);

	*part = cents;
	return cards == 0 ? QT_OK : money_ratio(cents, total - cards, total, part);
}

static struct card_money money_of(const struct call *call, const struct sale *sale, int64_t cents)
{
	return (struct card_money){ .amount_cents = cents, .tender = CARD_TENDER_NONE, .currency = sale->order.currency,
		.actor_id = settle_actor(call), .at_ms = call->now_ms, .order_id = sale->order.id };
}

enum qt_err order_cards_settle(struct call *call, struct sale *sale)
{
	SQL(paid, "UPDATE order_card SET journal_id = $2 WHERE id = $1");
	enum qt_err err = QT_OK;

	for (int i = 0; i < sale->card_count && err == QT_OK; i++) {
		struct order_card *c = &sale->cards[i];
		const struct card_money money = money_of(call, sale, c->amount_cents);
		err = c->card_use == ORDER_CARD_SELL ? card_sell(call->db, c->card_id, &money, &c->journal_id)
		                                     : card_load(call->db, c->card_id, &money, &c->journal_id);
		if (err == QT_OK && c->id) /* else its row is still to come */
			err = db_run(call->db, &paid, "ii", c->id, c->journal_id);
	}
	return err;
}

/* ---- refunds ---- */

/* Does the card, or the one that replaced it, still hold what was put on it, besides what the plan takes? */
static enum qt_err holds(struct call *call, const struct refund_plan *plan, const struct order_card *oc, struct card *c,
                         bool *yes)
{
	int64_t balance = 0;
	enum qt_err err = card_living(call->db, oc->card_id, c);

	*yes = false;
	if (err != QT_OK || (c->state != CARD_ACTIVE && c->state != CARD_FROZEN))
		return err;
	err = ledger_balance(call->db, c->account_id, &balance);
	for (int i = 0; i < plan->card_count; i++)
		if (plan->cards[i].card_id == c->id)
			balance -= plan->cards[i].amount_cents;
	*yes = balance >= oc->amount_cents;
	return err;
}

/* `pieces` cards of a line. */
static enum qt_err plan_line(struct call *call, const struct sale *sale, struct refund_plan *plan, int64_t line_no,
                             int64_t pieces)
{
	const struct order_card *short_of = NULL;
	char masked[24];

	for (int i = 0; i < sale->card_count && pieces > 0; i++) {
		const struct order_card *oc = &sale->cards[i];
		struct card c;
		bool yes;
		if (oc->line_no != line_no || oc->journal_id == 0 || oc->back_journal_id != 0)
			continue;
		enum qt_err err = holds(call, plan, oc, &c, &yes);
		if (err != QT_OK)
			return err;
		if (!yes) {
			short_of = oc;
			continue;
		}
		plan->cards[plan->card_count++] = (struct refund_card){ oc->id, c.id, c.number, oc->amount_cents,
			oc->card_use == ORDER_CARD_SELL && c.id == oc->card_id }; /* an heir may hold more than this */
		plan->cards_cents += oc->amount_cents;
		pieces--;
	}
	if (pieces == 0)
		return QT_OK;
	return problem_set(&call->problem, QT_INSUFFICIENT, "lines", "line %lld: card %s no longer holds what was put on it",
	                   (long long)line_no, short_of ? card_number_masked(short_of->number, masked) : "");
}

enum qt_err order_cards_plan_back(struct call *call, const struct sale *sale, struct refund_plan *plan)
{
	enum qt_err err = QT_OK;

	if (sale->card_count == 0)
		return QT_OK;
	plan->cards = arena_alloc(call->arena, (size_t)sale->card_count * sizeof *plan->cards);
	for (int i = 0; i < sale->card_count; i++)
		if (sale->cards[i].back_journal_id != 0)
			plan->cards_before_cents += sale->cards[i].amount_cents;
	for (int i = 0; i < plan->line_count && err == QT_OK; i++)
		if (use_of_line(sale, plan->lines[i].id))
			err = plan_line(call, sale, plan, plan->lines[i].id, plan->lines[i].quantity);
	return err;
}

static enum qt_err tell(struct call *call, const struct sale *sale, const struct refund_card *rc)
{
	char en[NOTICE_TEXT_MAX], zh[NOTICE_TEXT_MAX], amount[32];
	const char *currency = currency_by_numeric(sale->order.currency)->alpha;
	struct card c;
	enum qt_err err = card_get(call->db, 0, rc->card_id, &c);

	if (err != QT_OK || c.customer_id == 0)
		return err;
	money_format(rc->amount_cents, sale->order.currency, amount, sizeof amount);
	snprintf(en, sizeof en, "%s %s was taken back from your %s card: its purchase was refunded.", currency, amount,
	         sale->merchant.name);
	snprintf(zh, sizeof zh, "购卡退款,已从您的%s卡扣回 %s %s。", sale->merchant.name_zh, currency, amount);
	return notice_add(call->db, &(struct notice){ .customer_id = c.customer_id, .merchant_id = c.merchant_id,
	                  .kind = "card-take-back", .ref_id = c.id, .at_ms = call->now_ms, .text_en = en, .text_zh = zh,
	                  .sms = true });
}

enum qt_err order_cards_take_back(struct call *call, const struct sale *sale, const struct refund_plan *plan)
{
	SQL(back, "UPDATE order_card SET back_journal_id = $2 WHERE id = $1");
	enum qt_err err = QT_OK;

	for (int i = 0; i < plan->card_count && err == QT_OK; i++) {
		const struct refund_card *rc = &plan->cards[i];
		const struct card_money money = money_of(call, sale, rc->amount_cents);
		int64_t journal_id;
		err = card_take_back(call->db, rc->card_id, &money, rc->freeze, &journal_id, &call->problem);
		if (err == QT_OK)
			err = db_run(call->db, &back, "ii", rc->order_card_id, journal_id);
		if (err == QT_OK)
			err = tell(call, sale, rc);
	}
	return err;
}
