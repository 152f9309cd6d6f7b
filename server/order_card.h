/* order_card: prepaid cards sold and topped up as lines of a sale. What is put on a card is owed to its holder: it is no
 * revenue, bears no tax, no discount, no fee, earns no points and no rebates, and leaves the merchant's account for the
 * card's when the sale is paid. So every tender works for cards as for goods. No HTTP. Owns the table order_card. */
#ifndef QT_ORDER_CARD_H
#define QT_ORDER_CARD_H

#include "server/order.h"
#include "server/refund.h"

#define ORDER_CARDS_MAX 500 /* of one order */

/* Numbers are stored. */
enum order_card_use { ORDER_CARD_SELL = 1, ORDER_CARD_TOP_UP = 2 };
const char *order_card_use_name(int64_t use); /* "sell" */

/* A row of order_card; members as the columns of 0016-order-card.sql. */
struct order_card {
	int64_t id, line_no, card_id, card_use, amount_cents, journal_id, back_journal_id;
	int64_t number; /* of the card */
};

/* Line `i` of a new order is about cards: check them and fill line and sale. Fields of refusals are "lines[i]...".
 * QT_CARD_REFUSED, QT_CONFLICT (not new, or in another open order), and what card_check_usable says. Reads only. */
enum qt_err order_card_line(struct call *, struct sale *, const struct order_line_request *, int i) QT_USE_RESULT;
/* The sold_item row that stands for cards on lines. Inside a transaction. */
enum qt_err order_card_sold_item(struct db *, const struct sale *, struct order_line *) QT_USE_RESULT;
/* Rows of a new order, after order_cards_settle when it is paid at once. Inside a transaction. */
enum qt_err order_cards_insert(struct db *, const struct sale *) QT_USE_RESULT;
/* Any connection. */
enum qt_err order_cards_load(struct db *, struct arena *, struct sale *) QT_USE_RESULT;

/* Is this card on a line? Pure. */
bool order_cards_have(const struct sale *, int64_t card_id);
/* What of the sale's total is put on cards. Pure. */
int64_t order_cards_cents(const struct sale *);
/* The part of `cents` that is for goods, in proportion: all of it without cards. Pure. */
enum qt_err order_goods_part(const struct sale *, int64_t cents, int64_t *part) QT_USE_RESULT;
/* Put on a paid order's cards what was paid for them. Cannot be refused: a card that was replaced meanwhile has an heir,
 * and a card that is to be sold is kept for the order. Inside a transaction, after the sale's journal. */
enum qt_err order_cards_settle(struct call *, struct sale *) QT_USE_RESULT;
/* Of an order: what was put on cards, and what refunds took back. Any connection. */
enum qt_err order_cards_sums(struct db *, int64_t order_id, int64_t *put_cents, int64_t *back_cents) QT_USE_RESULT;
/* QT_CONFLICT when an open order is to sell this card. Any connection. */
enum qt_err order_card_check_free(struct db *, int64_t card_id, struct problem *) QT_USE_RESULT;

/* Refunds. Choose the cards whose value comes back with the plan's lines: cards that still hold it.
 * QT_INSUFFICIENT, naming a card, when there are not enough. Any connection. */
enum qt_err order_cards_plan_back(struct call *, const struct sale *, struct refund_plan *) QT_USE_RESULT;
/* Take it back; cards that the sale had sold are frozen. Inside a transaction, before the refund's journal. */
enum qt_err order_cards_take_back(struct call *, const struct sale *, const struct refund_plan *) QT_USE_RESULT;

#endif
