/* settle: see settle.h. The journal of a sale, one place:
 *   card, points, rebate, suspense  -   what each tender takes (a provider's money waits in suspense)
 *   cash, world                     -   drawer and bank terminal
 *   rounding                        +/- what the drawer got more or less than the cash tenders are worth
 *   merchant                        +   money tenders less the fee
 *   fee                             +   fee_bp of what cards, rebates and providers paid for goods
 *   points, points-issued           +/- points earned, points spent
 *   prefund                         -   rebates of all levels and shares
 *   rebate-held, channel, agent, platform +  their parts (rebate_split.h)
 * What was paid for cards then goes from the merchant to each card by a journal of its own (order_card.h). */
#include "server/settle.h"
#include "server/order_card.h"
#include "server/points.h"
#include "server/points_lot.h"
#include "server/points_offer.h"
#include "server/points_scheme.h"
#include "server/prefund.h"
#include "server/promotion.h"
#include "server/share.h"
#include "server/stock.h"

#include <assert.h>
#include <string.h>

#define DAY_MS INT64_C(86400000)

/* The journal under construction, and what the rebates need. */
struct settlement {
	struct posting postings[LEDGER_POSTINGS_MAX];
	int count;
	int64_t money_cents;  /* of all tenders but points */
	int64_t fee_cents;
	int64_t journal_id;          /* once it is posted */
	int64_t points_account;      /* that earns; 0: nobody earns */
	bool lots;                   /* the merchant's points are kept in lots */
	/* rebates */
	const struct campaign *campaign;
	struct share chain[REBATE_LEVELS_CAP + 1];
	int chain_count;
	int64_t promoter[REBATE_LEVELS_CAP]; /* customer of each level; 0: nobody */
	int64_t day_earned[REBATE_LEVELS_CAP];
	int64_t prefund_account, prefund_cents;
	struct rebate_split split;
};

int64_t settle_actor(const struct call *call)
{
	return call->actor.role ? actor_packed(&call->actor) : 0;
}

static void post(struct settlement *s, int64_t account_id, int64_t amount)
{
	if (amount == 0)
		return;
	assert(s->count < LEDGER_POSTINGS_MAX);
	s->postings[s->count++] = (struct posting){ account_id, amount };
}

static enum qt_err post_to(struct settlement *s, struct db *db, enum account_kind kind, int64_t owner_id, int64_t unit,
                           int64_t amount)
{
	int64_t account_id;

	if (amount == 0)
		return QT_OK;
	enum qt_err err = ledger_account(db, kind, owner_id, unit, &account_id);
	if (err == QT_OK)
		post(s, account_id, amount);
	return err;
}

static enum qt_err take_hold(struct call *call, struct sale *sale, struct payment *p)
{
	struct journal journal = { .kind = JOURNAL_HOLD_VOID, .merchant_id = sale->order.merchant_id,
		.order_id = sale->order.id, .actor_id = settle_actor(call), .at_ms = call->now_ms };

	enum qt_err err = ledger_hold_void(call->db, &journal, p->hold_id, &call->problem);
	p->hold_id = 0;
	return err;
}

static enum qt_err post_tender(struct call *call, struct settlement *s, struct sale *sale, struct payment *p)
{
	const struct order *o = &sale->order;
	enum qt_err err = p->hold_id ? take_hold(call, sale, p) : QT_OK;
	int64_t fee = 0;

	if (err != QT_OK)
		return err;
	assert(payment_state_may((int)p->state, PAYMENT_SETTLED));
	p->state = PAYMENT_SETTLED;
	p->changed = true;
	if (p->source == SOURCE_POINTS) {
		err = points_lots_open(call->db, o->merchant_id, p->account_id, &s->lots);
		if (err != QT_OK)
			return err;
		post(s, p->account_id, -p->points);
		return post_to(s, call->db, ACCOUNT_POINTS_ISSUED, o->merchant_id, points_unit(o->merchant_id), p->points);
	}
	s->money_cents += p->amount_cents;
	if (p->source == SOURCE_CASH) {
		int64_t rounding_cents = payment_rounding_cents(p);
		err = post_to(s, call->db, ACCOUNT_CASH, o->terminal_id, o->currency, -p->amount_cents - rounding_cents);
		return err == QT_OK ? post_to(s, call->db, ACCOUNT_ROUNDING, o->merchant_id, o->currency, rounding_cents) : err;
	}
	if (p->source == SOURCE_TERMINAL)
		return post_to(s, call->db, ACCOUNT_WORLD, o->merchant_id, o->currency, -p->amount_cents);
	post(s, p->account_id, -p->amount_cents);
	err = money_ratio(p->amount_cents, sale->merchant.fee_bp, 10000, &fee);
	s->fee_cents += fee;
	return err;
}

static enum qt_err post_points(struct call *call, struct settlement *s, struct sale *sale)
{
	struct order *o = &sale->order;
	int64_t account_id, issued_id;

	if (o->customer_id == 0 || (sale->merchant.closed_parts & PART_POINTS))
		return QT_OK;
	int64_t counted;
	enum qt_err err = order_goods_part(sale, s->money_cents, &counted);
	if (err == QT_OK)
		err = points_for_amount(&sale->merchant, counted, &o->points_earned);
	if (err == QT_OK && o->points_earned > 0)
		err = points_offer_earned(call->db, o->merchant_id, o->customer_id, call->now_ms, &o->points_earned);
	if (err != QT_OK || o->points_earned == 0)
		return err;
	err = points_accounts(call->db, o->merchant_id, o->customer_id, &account_id, &issued_id);
	if (err != QT_OK)
		return err;
	post(s, account_id, o->points_earned);
	post(s, issued_id, -o->points_earned);
	s->points_account = account_id;
	return points_lots_open(call->db, o->merchant_id, account_id, &s->lots);
}

/* The lots follow the journal: what was spent leaves them before what was earned is a new one. */
static enum qt_err move_lots(struct call *call, const struct settlement *s, const struct sale *sale)
{
	enum qt_err err = QT_OK;
	int64_t ends_ms;

	for (int i = 0; i < sale->payment_count && err == QT_OK && s->lots; i++) {
		const struct payment *p = &sale->payments[i];
		if (p->source == SOURCE_POINTS && p->state == PAYMENT_SETTLED)
			err = points_lots_take(call->db, p->account_id, s->journal_id, p->id, p->points, 0);
	}
	if (err != QT_OK || s->points_account == 0 || !s->lots)
		return err;
	err = points_scheme_end(call->db, sale->order.merchant_id, call->now_ms, &ends_ms);
	return err == QT_OK ? points_lot_add(call->db, s->points_account, s->journal_id, sale->order.points_earned, ends_ms)
	                    : err;
}

/* ---- rebates ---- */

/* What counts of the sale: all of it or the campaign's item, less what points paid for. */
static enum qt_err rebate_base(const struct settlement *s, const struct sale *sale, int64_t *base)
{
	int64_t counted = sale->order.total_cents - order_cards_cents(sale);

	if (s->campaign->item_id) {
		counted = 0;
		for (int i = 0; i < sale->line_count; i++)
			if (sale->lines[i].item_id == s->campaign->item_id)
				counted += sale->lines[i].total_cents;
	}
	*base = counted;
	if (s->money_cents == sale->order.total_cents)
		return QT_OK;
	return money_ratio(counted, s->money_cents, sale->order.total_cents, base);
}

/* Promoters by level; the buyer's own place stays empty. */
static void find_promoters(struct settlement *s, const struct sale *sale, struct rebate_request *r)
{
	for (int i = 0; i < s->chain_count && i < r->levels; i++) {
		s->promoter[i] = s->chain[i].customer_id;
		r->present[i] = s->promoter[i] != 0 && s->promoter[i] != sale->order.customer_id;
	}
}

static enum qt_err read_day(struct call *call, struct settlement *s, struct rebate_request *r)
{
	SQL(earned, "SELECT earned_cents FROM rebate_day WHERE campaign_id = $1 AND customer_id = $2 AND day = $3");

	for (int i = 0; i < REBATE_LEVELS_CAP; i++)
		r->day_left[i] = REBATE_NO_LIMIT;
	if (s->campaign->cap_person_day_cents == 0)
		return QT_OK;
	for (int i = 0; i < r->levels; i++) {
		if (!r->present[i])
			continue;
		enum qt_err err = db_one(call->db, &earned, "iii", s->campaign->id, s->promoter[i], call->now_ms / DAY_MS, "i",
		                         &s->day_earned[i]);
		if (err != QT_OK && err != QT_NOT_FOUND)
			return err;
		r->day_left[i] = s->campaign->cap_person_day_cents - s->day_earned[i];
	}
	return QT_OK;
}

static enum qt_err read_limits(struct call *call, struct settlement *s, const struct sale *sale,
                               struct rebate_request *r)
{
	const struct campaign *c = s->campaign;
	struct campaign_use use;

	r->cap_order_cents = c->cap_order_cents ? c->cap_order_cents : REBATE_NO_LIMIT;
	r->budget_left_cents = REBATE_NO_LIMIT;
	enum qt_err err = QT_OK;
	if (c->budget_cents) {
		err = campaign_use_get(call->db, c->id, &use);
		r->budget_left_cents = c->budget_cents - use.spent_cents;
		if (r->budget_left_cents < 0)
			r->budget_left_cents = 0;
	}
	if (err == QT_OK)
		err = ledger_account(call->db, ACCOUNT_PREFUND, sale->order.merchant_id, sale->order.currency,
		                     &s->prefund_account);
	if (err == QT_OK)
		err = ledger_balance(call->db, s->prefund_account, &s->prefund_cents);
	r->prefund_cents = s->prefund_cents;
	return err;
}

static enum qt_err split_rebates(struct call *call, struct settlement *s, struct sale *sale)
{
	const struct campaign *c = s->campaign;
	struct rebate_request r = { .levels = c->levels };

	enum qt_err err = rebate_base(s, sale, &r.base_cents);
	if (err != QT_OK)
		return err;
	if (r.base_cents == 0) {
		sale->order.rebate_outcome = REBATE_NO_ITEM;
		return QT_OK;
	}
	memcpy(r.rate_bp, c->rate_bp, sizeof c->rate_bp);
	r.rate_bp[REBATE_PART_CHANNEL] = c->channel_bp;
	r.rate_bp[REBATE_PART_AGENT] = c->agent_bp;
	r.rate_bp[REBATE_PART_PLATFORM] = c->platform_bp;
	find_promoters(s, sale, &r);
	r.present[REBATE_PART_CHANNEL] = s->chain_count > 0 && s->chain[0].channel_id != 0;
	r.present[REBATE_PART_AGENT] = sale->merchant.agent_id != 0;
	r.present[REBATE_PART_PLATFORM] = true;
	err = read_day(call, s, &r);
	if (err == QT_OK)
		err = read_limits(call, s, sale, &r);
	if (err != QT_OK)
		return err;
	rebate_split(&r, &s->split);
	sale->order.rebate_outcome = s->split.outcome;
	sale->order.rebate_cents = s->split.total_cents;
	return QT_OK;
}

static enum qt_err post_rebates(struct call *call, struct settlement *s, struct sale *sale)
{
	const int64_t *part = s->split.part;
	int64_t unit = sale->order.currency;
	enum qt_err err = QT_OK;

	post(s, s->prefund_account, -s->split.total_cents);
	for (int i = 0; i < REBATE_LEVELS_CAP && err == QT_OK; i++)
		err = post_to(s, call->db, ACCOUNT_REBATE_HELD, s->promoter[i], unit, part[i]);
	if (err == QT_OK)
		err = post_to(s, call->db, ACCOUNT_CHANNEL, s->chain[0].channel_id, unit, part[REBATE_PART_CHANNEL]);
	if (err == QT_OK)
		err = post_to(s, call->db, ACCOUNT_AGENT, sale->merchant.agent_id, unit, part[REBATE_PART_AGENT]);
	if (err == QT_OK)
		err = post_to(s, call->db, ACCOUNT_PLATFORM, 0, unit, part[REBATE_PART_PLATFORM]);
	return err;
}

static enum qt_err note_rebates(struct call *call, const struct settlement *s, const struct sale *sale)
{
	SQL(put, "INSERT INTO rebate_day (campaign_id, customer_id, day, earned_cents) VALUES ($1, $2, $3, $4) "
	         "ON CONFLICT (campaign_id, customer_id, day) DO UPDATE SET earned_cents = rebate_day.earned_cents + $4");
	int64_t held = 0;
	enum qt_err err = QT_OK;

	for (int i = 0; i < REBATE_LEVELS_CAP && err == QT_OK; i++) {
		held += s->split.part[i];
		if (s->campaign->cap_person_day_cents && s->split.part[i])
			err = db_run(call->db, &put, "iiii", s->campaign->id, s->promoter[i], call->now_ms / DAY_MS,
			             s->split.part[i]);
	}
	if (err == QT_OK && s->split.total_cents > 0)
		err = campaign_use_add(call->db, s->campaign->id, 1, s->split.total_cents, held);
	if (err != QT_OK || sale->order.rebate_outcome == REBATE_NO_ITEM)
		return err;
	return prefund_watch(call->db, &sale->merchant, s->prefund_cents - s->split.total_cents,
	                     s->split.outcome == REBATE_PREFUND_EMPTY, call->now_ms);
}

static enum qt_err find_rebates(struct call *call, struct settlement *s, struct sale *sale)
{
	struct order *o = &sale->order;

	if (o->campaign_id == 0)
		return QT_OK;
	enum qt_err err = campaign_of_writer(call->db, o->campaign_id, &s->campaign);
	if (err != QT_OK)
		return err;
	if (!campaign_is_running(s->campaign, call->now_ms) || (sale->merchant.closed_parts & PART_CAMPAIGNS)) {
		o->rebate_outcome = REBATE_CLOSED;
		s->campaign = NULL;
		return QT_OK;
	}
	err = share_chain_of_writer(call->db, o->share_id, s->chain, s->campaign->levels, &s->chain_count);
	if (err == QT_OK && s->campaign->levels == 0 && o->share_id) /* no promoter earns, but the channel may */
		err = share_chain_of_writer(call->db, o->share_id, s->chain, 1, &s->chain_count);
	return err == QT_OK ? split_rebates(call, s, sale) : err;
}

static enum qt_err post_sale(struct call *call, struct settlement *s, struct sale *sale)
{
	struct order *o = &sale->order;
	struct journal journal = { .kind = JOURNAL_SALE, .merchant_id = o->merchant_id, .order_id = o->id,
		.actor_id = settle_actor(call), .at_ms = call->now_ms };
	struct buf document = { 0 };

	o->receipt_number = ++sale->sequence.last_receipt;
	o->paid_after_ms = call->now_ms - o->created_ms;
	sale_document(sale, &document);
	journal.document = document.data;
	journal.document_len = document.len;
	enum qt_err err = ledger_post(call->db, &journal, s->postings, s->count, &call->problem);
	s->journal_id = journal.id;
	buf_free(&document);
	return err;
}

enum qt_err settle_sale(struct call *call, struct sale *sale)
{
	struct settlement s = { 0 };
	enum qt_err err = QT_OK;

	for (int i = 0; i < sale->payment_count && err == QT_OK; i++) {
		struct payment *p = &sale->payments[i];
		if (p->ready || p->state == PAYMENT_HELD)
			err = post_tender(call, &s, sale, p);
	}
	if (err == QT_OK)
		err = order_goods_part(sale, s.fee_cents, &s.fee_cents);
	if (err == QT_OK)
		err = post_to(&s, call->db, ACCOUNT_MERCHANT, sale->order.merchant_id, sale->order.currency,
		              s.money_cents - s.fee_cents);
	if (err == QT_OK)
		err = post_to(&s, call->db, ACCOUNT_FEE, 0, sale->order.currency, s.fee_cents);
	if (err == QT_OK)
		err = post_points(call, &s, sale);
	if (err == QT_OK)
		err = find_rebates(call, &s, sale);
	if (err == QT_OK && s.split.total_cents > 0)
		err = post_rebates(call, &s, sale);
	if (err == QT_OK)
		err = post_sale(call, &s, sale);
	if (err == QT_OK)
		err = stock_sold(call, sale);
	if (err == QT_OK)
		err = move_lots(call, &s, sale);
	if (err == QT_OK)
		err = order_cards_settle(call, sale);
	if (err == QT_OK && s.campaign)
		err = note_rebates(call, &s, sale);
	if (err == QT_OK && sale->order.customer_id)
		err = promotion_note_buyer(call->db, sale->order.merchant_id, sale->order.customer_id);
	return err;
}
