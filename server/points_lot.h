/* points_lot: points in lots, each with its own end: what lapses first is spent first, what is given back goes to the
 * lot it came from, what lapses is booked. No HTTP, no JSON. Owns the tables points_lot and points_move; the ledger's
 * account of the points always holds what its lots have left (and holds of open payments). */
#ifndef QT_POINTS_LOT_H
#define QT_POINTS_LOT_H

#include "server/store/db.h"

/* Points are kept in lots where the merchant has a scheme (*kept); elsewhere none ever lapses and the account's balance
 * says it all. An account from before the scheme gets a lot for what it has, which never lapses. Before anything is
 * posted to the account. Inside a transaction. */
enum qt_err points_lots_open(struct db *, int64_t merchant_id, int64_t account_id, bool *kept) QT_USE_RESULT;
/* Points that a journal brought. expires_ms 0: they never lapse. Inside a transaction, after the journal. */
enum qt_err points_lot_add(struct db *, int64_t account_id, int64_t journal_id, int64_t points,
                           int64_t expires_ms) QT_USE_RESULT;
/* A journal took `points` of the account: the lot that journal `first_journal_id` brought comes first (0: none), then
 * what lapses first. Inside a transaction, after the journal. */
enum qt_err points_lots_take(struct db *, int64_t account_id, int64_t journal_id, int64_t payment_id, int64_t points,
                             int64_t first_journal_id) QT_USE_RESULT;
/* A journal gave back `points` of what a payment took: to the lots they came from, the last taken first. What had lapsed
 * meanwhile becomes a lot that ends at expires_ms. Inside a transaction, after the journal. */
enum qt_err points_lots_return(struct db *, int64_t account_id, int64_t journal_id, int64_t payment_id, int64_t points,
                               int64_t now_ms, int64_t expires_ms) QT_USE_RESULT;

/* What of an account lapses next: *points 0 when nothing ever does. Any connection. */
enum qt_err points_next_expiry(struct db *, int64_t account_id, int64_t *points, int64_t *expires_ms) QT_USE_RESULT;

/* A lot that can be spent. */
struct points_lot {
	int64_t id, points, left_points, expires_ms, journal_id;
};
/* What is left, in the order it is spent. Any connection. */
enum qt_err points_lots(struct db *, int64_t account_id, struct points_lot *, int max, int *count) QT_USE_RESULT;

/* A job: lots whose time is over, at most `max`; *count says how many lapsed. Inside a transaction. */
enum qt_err points_expire_due(struct db *, int64_t now_ms, int max, int *count) QT_USE_RESULT;

#endif
