/* order_make: price the lines of a new order and hand it to its payments. See order.h. */
#include "server/cache.h"
#include "server/catalogue.h"
#include "server/customer.h"
#include "server/order_card.h"
#include "server/payment_rows.h"
#include "server/promotion.h"
#include "server/share.h"
#include "server/sold_out.h"

#include <stdio.h>
#include <string.h>

#define AT_MS_PAST (30 * 24 * INT64_C(3600000)) /* how old a sale may be that a till kept while offline */
#define AT_MS_AHEAD (10 * INT64_C(60000))       /* how far a till's clock may be ahead */

/* What an item was when it was sold; by item. */
struct sold {
	int64_t id, version, inclusive;
};
static struct cache sold_items = CACHE(4096, struct sold);

/* The sold_item row of this item as it is now; 0: none yet. */
static enum qt_err sold_item_find(struct db *db, const struct item *it, int64_t inclusive, int64_t *id)
{
	SQL(find, "SELECT s.id FROM sold_item s LEFT JOIN sold_unit u ON u.id = s.id WHERE s.item_id = $1 AND s.version = $2 "
	          "AND s.inclusive = $3 AND COALESCE(u.unit, '') = $4");
	const char *unit = quantity_is_measured(it->unit) ? it->unit : "";
	struct sold *kept = cache_find(&sold_items, db, it->id);

	*id = 0;
	if (kept && kept->version == it->version && kept->inclusive == inclusive) {
		*id = kept->id;
		return QT_OK;
	}
	enum qt_err err = db_one(db, &find, "iiit", it->id, it->version, inclusive, unit, "i", id);
	if (err == QT_OK)
		*(struct sold *)cache_put(&sold_items, db, it->id) = (struct sold){ *id, it->version, inclusive };
	return err == QT_NOT_FOUND ? QT_OK : err;
}

/* What the line needs besides its row until the sold item is known. */
struct priced {
	struct item item;
	bool new_item; /* its sold_item row is to be made */
};

static enum qt_err sold_item_add(struct db *db, struct order_line *l, const struct item *it)
{
	SQL(insert, "INSERT INTO sold_item (id, item_id, version, inclusive, rate_bp, tax_id, name, name_zh) "
	            "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)");
	SQL(measured, "INSERT INTO sold_unit (id, unit) VALUES ($1, $2)");
	/* two lines of one order may have the same new item */
	enum qt_err err = sold_item_find(db, it, l->inclusive, &l->sold_item_id);
	if (err != QT_OK || l->sold_item_id != 0)
		return err;
	l->sold_item_id = db_new_id(db, "sold_item");
	err = db_run(db, &insert, "iiiiiitt", l->sold_item_id, it->id, it->version, (int64_t)l->inclusive, it->tax_bp,
	             it->tax_id, it->name, l->name_zh);
	return err == QT_OK && l->unit ? db_run(db, &measured, "it", l->sold_item_id, l->unit) : err;
}

static enum qt_err bad_line(struct call *call, enum qt_err err, int i, const char *field, const char *why)
{
	char path[48];
	snprintf(path, sizeof path, "lines[%d]%s%s", i, *field ? "." : "", field);
	return problem_set(&call->problem, err, path, "%s", why);
}

/* How much of the item: as the barcode's label says, else as the till does: pieces, or thousandths of its unit. */
static enum qt_err take_quantity(struct call *call, const struct order_line_request *r, int i, const struct item *it,
                                 const struct label_code *label, int64_t *quantity)
{
	bool measured = quantity_is_measured(it->unit);
	const char *field = measured ? "quantity_milli" : "quantity", *other = measured ? "quantity" : "quantity_milli";

	*quantity = measured ? r->quantity_milli : r->quantity;
	if ((label->has_weight || label->has_price) && (r->quantity > 1 || r->quantity_milli))
		return bad_line(call, QT_BAD_FIELD, i, field, "the barcode says how much it is");
	if (label->has_weight && !measured && !label->has_price)
		return bad_line(call, QT_BAD_FIELD, i, "barcode", "it carries a weight, but the item is sold by the piece");
	if (label->has_price && !measured)
		*quantity = 1;
	else if (label->has_weight)
		*quantity = label_code_milli(label, it->unit);
	else if (label->has_price && (it->price_cents == 0 || money_ratio(label->price_cents, QUANTITY_MILLI,
	         it->price_cents, quantity) != QT_OK || *quantity == 0))
		*quantity = QUANTITY_MILLI;
	else if (!label->has_price && (measured ? r->quantity : r->quantity_milli))
		return bad_line(call, QT_BAD_FIELD, i, other, measured ? "measured goods are sold by quantity_milli"
		                                                       : "it is sold by the piece");
	if (*quantity == 0)
		return bad_line(call, QT_MISSING_FIELD, i, field, "how much of it");
	return *quantity <= ORDER_QUANTITY_MAX * (measured ? QUANTITY_MILLI : 1)
	       ? QT_OK : bad_line(call, QT_OUT_OF_RANGE, i, field, "too much for one line");
}

/* A cashier does not sell what the store has none of, except for money that has changed hands already: a till may hear of it
 * late. A manager sells on. */
static enum qt_err check_sold_out(struct call *call, const struct order_request *r, const struct sale *sale, int i,
                                  const struct item *it)
{
	bool sold_out = false;

	for (int k = 0; k < r->payment_count; k++)
		if (r->payments[k].method == METHOD_CASH || r->payments[k].method == METHOD_TERMINAL)
			return QT_OK;
	if (call->actor.role != ROLE_CASHIER)
		return QT_OK;
	enum qt_err err = sold_out_of_writer(call->db, sale->store_id, it->id, &sold_out);
	return err == QT_OK && sold_out ? bad_line(call, QT_CONFLICT, i, "", "the item is sold out; a manager can sell it") : err;
}

static enum qt_err find_item(struct call *call, const struct sale *sale, const struct order_line_request *r, int i,
                             struct item *it, struct label_code *label)
{
	enum qt_err err;

	if ((r->item_id != 0) == (r->barcode != NULL))
		return bad_line(call, QT_BAD_FIELD, i, "", "give either item_id or barcode (or PLU, SKU, product code)");
	if (r->item_id)
		err = catalogue_item_of_writer(call->db, call->actor.merchant_id, r->item_id, it);
	else
		err = catalogue_item_scanned(call->db, call->server, call->actor.merchant_id, r->barcode, call->now_ms, it);
	if (err == QT_NOT_FOUND && r->barcode)
		err = catalogue_item_labelled(call->db, call->actor.merchant_id, sale->store_id, sale->order.currency, r->barcode,
		                              it, label);
	if (err == QT_NOT_FOUND)
		return bad_line(call, err, i, r->item_id ? "item_id" : "barcode", "there is no such item");
	if (err != QT_OK)
		return err;
	if (!it->active)
		return bad_line(call, QT_CONFLICT, i, "", "the item is not sold any more");
	if (label->has_price && r->price_cents >= 0 && !r->price_reason)
		return bad_line(call, QT_BAD_FIELD, i, "price_cents", "the barcode says what it costs");
	if (it->open_price && !label->has_price && r->price_cents < 0)
		return bad_line(call, QT_MISSING_FIELD, i, "price_cents", "the price is typed at the till");
	if (it->open_price && r->price_cents == 0)
		return bad_line(call, QT_OUT_OF_RANGE, i, "price_cents", "a typed price is more than nothing");
	if (it->open_price && !label->has_price && (r->price_cents < it->min_price_cents ||
	    (it->max_price_cents && r->price_cents > it->max_price_cents)))
		return bad_line(call, QT_OUT_OF_RANGE, i, "price_cents", "not a price this item may have");
	if (it->open_price && r->price_reason)
		return bad_line(call, QT_BAD_FIELD, i, "price_reason", "the item has no price of its own");
	if (!it->open_price && (r->price_cents >= 0) != (r->price_reason != NULL))
		return r->price_reason ? bad_line(call, QT_MISSING_FIELD, i, "price_cents", "which price instead")
		                       : bad_line(call, QT_BAD_FIELD, i, "price_cents",
		                                  "the price is the catalogue's; another one needs price_reason");
	return QT_OK;
}

static enum qt_err take_line(struct call *call, struct sale *sale, const struct order_line_request *r, int i,
                             struct priced *priced, struct label_code *label)
{
	struct order_line *l = &sale->lines[i];
	struct item *it = &priced->item;

	if (r->card_id) {
		priced->new_item = true;
		return order_card_line(call, sale, r, i);
	}
	enum qt_err err = find_item(call, sale, r, i, it, label);
	if (err == QT_OK)
		err = take_quantity(call, r, i, it, label, &l->quantity);
	if (err != QT_OK)
		return err;
	l->unit = quantity_is_measured(it->unit) ? it->unit : NULL;
	l->inclusive = sale->merchant.tax_inclusive != 0;
	err = sold_item_find(call->db, it, l->inclusive, &l->sold_item_id);
	priced->new_item = l->sold_item_id == 0;
	l->price_cents = !it->open_price ? it->price_cents : label->has_price ? label->price_cents : r->price_cents;
	l->item_id = it->id;
	l->rate_bp = it->tax_bp;
	l->tax_id = it->tax_id;
	l->name = it->name;
	l->name_zh = strcmp(it->name, it->name_zh) == 0 ? NULL : it->name_zh;
	l->note = r->note;
	return err == QT_OK ? order_options_take(call, r, i, it, sale) : err;
}

/* The till's own number must be new; tills count up, so mostly it is larger than the last. */
static enum qt_err take_number(struct call *call, struct order *o, int64_t wanted, struct till_sequence *seq)
{
	SQL(taken, "SELECT id FROM orders WHERE terminal_id = $1 AND number = $2");
	int64_t other;

	enum qt_err err = till_sequence_of_writer(call->db, o->terminal_id, seq);
	if (err != QT_OK)
		return err;
	o->number = wanted ? wanted : seq->last_number + 1;
	if (o->number > seq->last_number) {
		seq->last_number = o->number;
		return QT_OK;
	}
	err = db_one(call->db, &taken, "ii", o->terminal_id, o->number, "i", &other);
	if (err == QT_OK)
		return problem_set(&call->problem, QT_EXISTS, "number", "order %lld of this terminal exists",
		                   (long long)wanted);
	return err == QT_NOT_FOUND ? QT_OK : err;
}

/* Whether tax is due of this customer. A till that could not ask has told the sum with tax: that stands. */
static enum qt_err take_exemption(struct call *call, const struct order_request *r, struct sale *sale)
{
	const struct order *o = &sale->order;

	if (r->tax_exempt == 1 && o->customer_id == 0)
		return problem_set(&call->problem, QT_MISSING_FIELD, "customer", "who pays no tax");
	if (r->tax_exempt == 0 || o->customer_id == 0)
		return QT_OK;
	enum qt_err err = exemption_find(call->db, o->merchant_id, o->customer_id, o->created_ms, &sale->exemption);
	if (err == QT_NOT_FOUND && r->tax_exempt == 1)
		return problem_set(&call->problem, QT_CONFLICT, "tax_exempt", "the customer has no certificate that was good then");
	return err == QT_NOT_FOUND ? QT_OK : err;
}

static enum qt_err take_head(struct call *call, const struct order_request *r, struct sale *sale)
{
	struct order *o = &sale->order;
	const struct actor *a = &call->actor;

	if (r->at_ms != 0 && (r->at_ms < call->now_ms - AT_MS_PAST || r->at_ms > call->now_ms + AT_MS_AHEAD))
		return problem_set(&call->problem, QT_OUT_OF_RANGE, "at_ms", "more than 30 days ago or in the future");
	const struct merchant *merchant;
	enum qt_err err = merchant_of_writer(call->db, a->merchant_id, &merchant);
	if (err != QT_OK)
		return err;
	sale->merchant = *merchant;
	if (sale->merchant.state != MERCHANT_OPEN)
		return problem_set(&call->problem, QT_CLOSED_HERE, "", "the merchant is closed");
	o->merchant_id = a->merchant_id;
	o->terminal_id = a->terminal_id;
	sale->store_id = a->store_id;
	o->staff_id = a->staff_id;
	o->created_ms = r->at_ms && r->at_ms < call->now_ms ? r->at_ms : call->now_ms;
	o->currency = sale->merchant.currency;
	o->state = ORDER_OPEN;
	if (r->customer) {
		err = customer_by_identity(call->server, r->customer, call->now_ms, &o->customer_id);
		if (err != QT_OK)
			return problem_set(&call->problem, err, "customer", "an identity code is needed");
	}
	err = take_exemption(call, r, sale);
	if (err != QT_OK)
		return err;
	return r->share ? share_credit(call, r->share, o) : QT_OK;
}

enum qt_err order_make(struct call *call, const struct order_request *r, struct sale *sale)
{
	struct priced *priced = arena_alloc(call->arena, (size_t)r->line_count * sizeof *priced);
	struct label_code *labels = arena_alloc(call->arena, (size_t)r->line_count * sizeof *labels);
	struct order_approvals used = { .count = 0 };
	struct promotion_outcome promotions = { .count = 0 };

	memset(sale, 0, sizeof *sale);
	sale->lines = arena_alloc(call->arena, (size_t)r->line_count * sizeof *sale->lines);
	sale->line_count = r->line_count;
	enum qt_err err = take_head(call, r, sale);
	for (int i = 0; i < r->line_count && err == QT_OK; i++)
		err = take_line(call, sale, &r->lines[i], i, &priced[i], &labels[i]);
	for (int i = 0; i < r->line_count && err == QT_OK; i++)
		if (!r->lines[i].card_id)
			err = check_sold_out(call, r, sale, i, &priced[i].item);
	if (err == QT_OK)
		err = order_price(call, r, labels, sale, &used, &promotions);
	if (err == QT_OK)
		err = take_number(call, &sale->order, r->number, &sale->sequence);
	if (err == QT_OK)
		err = payment_plan(call, sale, r->payments, r->payment_count, true);
	/* from here on nothing is refused: everything below writes */
	for (int i = 0; i < r->line_count && err == QT_OK; i++)
		if (priced[i].new_item)
			err = r->lines[i].card_id ? order_card_sold_item(call->db, sale, &sale->lines[i])
			                          : sold_item_add(call->db, &sale->lines[i], &priced[i].item);
	if (err == QT_OK)
		err = payment_commit(call, sale, true);
	for (int i = 0; i < used.count && err == QT_OK; i++)
		err = approval_use(call->db, &used.list[i], sale->order.id, call->now_ms);
	if (err == QT_OK && sale_certificate(sale) != NULL)
		err = exemption_use(call->db, sale->exemption.id, sale->order.id);
	if (err == QT_OK && sale->promotion_count)
		err = promotion_hold(call->db, sale->order.id, sale->order.customer_id, &promotions,
		                     sale->order.state == ORDER_PAID);
	return err == QT_OK ? order_promotions_note(call, sale, &promotions) : err;
}
