/* payment_rows: what the modules of orders and payments share among themselves. Not for others. */
#ifndef QT_PAYMENT_ROWS_H
#define QT_PAYMENT_ROWS_H

#include "server/order.h"

/* Numbers of a document (order.h), 64-bit little-endian. */
void document_ints(struct buf *, const int64_t *values, int count);

/* Change a payment's state in memory and in its row. assert: the state may follow. */
enum qt_err payment_move(struct db *, struct payment *, int state) QT_USE_RESULT;

/* An open or held payment ends unpaid (cancelled or expired): a hold is voided; money of a provider that lies in
 * suspense becomes late money, to be given back. */
enum qt_err payment_release(struct db *, const struct sale *, struct payment *, int state, int64_t actor_id,
                            int64_t now_ms, struct problem *) QT_USE_RESULT;
/* A job: open codes whose time is over, while their order goes on. */
enum qt_err payment_expire_due(struct db *, int64_t now_ms, int max, int *count) QT_USE_RESULT;

/* Open codes that ask for more than is still due end. Inside a transaction. */
enum qt_err payment_close_codes(struct db *, struct sale *) QT_USE_RESULT;

/* A provider's money arrives: into suspense, where the sale's journal (or its return) takes it. */
enum qt_err payment_into_suspense(struct db *, struct payment *, int64_t merchant_id, int64_t currency,
                                  int64_t amount_cents, int64_t actor_id, int64_t now_ms,
                                  struct problem *) QT_USE_RESULT;

/* QT_INSUFFICIENT when the account does not hold `amount` besides what the sale's ready payments take from it. */
enum qt_err payment_check_balance(struct call *, const struct sale *, int64_t account_id, int64_t amount) QT_USE_RESULT;
/* Fill points, account and source of a payment by a customer's points. QT_INSUFFICIENT, QT_CLOSED_HERE. */
enum qt_err payment_by_points(struct call *, const struct sale *, int64_t customer_id, struct payment *) QT_USE_RESULT;
/* Fill a payment by what the customer of the request chose: account, source, customer; it is ready then. */
enum qt_err payment_fill_source(struct call *, const struct sale *, const struct pay_request *,
                                struct payment *) QT_USE_RESULT;
/* Hold a payment's money on its account until it is settled or released. */
enum qt_err payment_hold(struct call *, const struct order *, struct payment *, int64_t expires_ms) QT_USE_RESULT;

/* A fixed code's ready money and the till's open order of that amount, if there is one: then it is settled
 * (p->order_id is set and `sale` the order), else nothing is written. */
enum qt_err payment_match_fixed(struct call *, struct payment *, struct sale *) QT_USE_RESULT;
/* Events to till, page and customer: of another kind than payment-settled; of money that no order claims. */
enum qt_err payment_tell_kind(struct call *, const struct sale *, const struct payment *,
                              const char *kind) QT_USE_RESULT;
/* The holders of bound cards and wallets that a till has charged, once the order is paid: a card read by somebody
 * else does not go unnoticed, and the phone that showed a code hears what came of it. */
enum qt_err payment_tell_holders(struct call *, const struct sale *) QT_USE_RESULT;
enum qt_err payment_tell_loose(struct call *, const struct payment *) QT_USE_RESULT;

/* Members of what a code asks for (kind, merchant, store, amount, lines), into the reply. */
enum qt_err pay_target_json(struct call *, const struct pay_target *) QT_USE_RESULT;

/* What is due of a sale after what is paid and what a provider was asked for. */
int64_t sale_due(const struct sale *);

#endif
