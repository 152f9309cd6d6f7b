/* ledger: the only writer of accounts, journals, entries and holds. Double entry: a journal's entries sum to
 * zero per unit; rows are never changed or deleted; corrections are new journals.
 *
 * Sign: a positive balance is owed to the account's holder (a card, a merchant, a promoter, points); a negative
 * one is an asset or what came from outside (a cash drawer, a bank, a points scheme's counter account).
 *
 * Balances are kept in memory by the writer and written back by a sweep that runs a little in every commit; each
 * account row is right as of its `last_entry`, and a mark says up to which entry all rows are right. Readers ask
 * ledger_balance, never the row. See qrtill-ledger(7). */
#ifndef QT_LEDGER_H
#define QT_LEDGER_H

#include "server/store/db.h"
#include "shared/money.h"

/* X(KIND, "wire name", may go negative, "what it is"). owner_id is the id of what the row says. */
#define ACCOUNT_KINDS(X) \
	X(WORLD,         "world",         1, "money outside the books (bank transfers in and out); owner: merchant") \
	X(CASH,          "cash",          1, "a till's drawer; owner: terminal") \
	X(MERCHANT,      "merchant",      1, "sales due to the merchant, net of fees; owner: merchant") \
	X(CARD,          "card",          0, "a prepaid card's value; owner: card") \
	X(HELD,          "held",          0, "value of one account held for a purpose; owner: account") \
	X(FEE,           "fee",           0, "the platform's fees; owner: platform, 0") \
	X(PREFUND,       "prefund",       0, "what a merchant paid in for rebates; owner: merchant") \
	X(REBATE_HELD,   "rebate-held",   1, "rebates of a person until the refund window is over; owner: customer") \
	X(REBATE,        "rebate",        1, "rebates a person may spend or take out; owner: customer") \
	X(CHANNEL,       "channel",       1, "a channel's shares; owner: channel") \
	X(AGENT,         "agent",         1, "an agent's commissions; owner: agent") \
	X(PLATFORM,      "platform",      1, "the platform's rebate shares; owner: platform, 0") \
	X(POINTS,        "points",        0, "a customer's points at a merchant; owner: customer") \
	X(POINTS_ISSUED, "points-issued", 1, "counter account of a merchant's points; owner: merchant") \
	X(PROVIDER,      "provider",      1, "clearing with a payment provider; owner: provider") \
	X(SUSPENSE,      "suspense",      0, "late money that is to be given back; owner: merchant") \
	X(BREAKAGE,      "breakage",      0, "card value and points that lapsed; owner: merchant") \
	X(ROUNDING,      "rounding",      1, "what rounding cash brought or cost; owner: merchant")
enum account_kind {
#define X(name, wire, negative, help) ACCOUNT_##name,
	ACCOUNT_KINDS(X)
#undef X
	ACCOUNT_KIND_COUNT
};
const char *account_kind_name(enum account_kind);

/* X(KIND, "wire name") why a journal was written. */
#define JOURNAL_KINDS(X) \
	X(SALE, "sale") X(REFUND, "refund") X(CARD_TOP_UP, "card-top-up") X(CARD_TRANSFER, "card-transfer") \
	X(CARD_EXPIRE, "card-expire") X(PREFUND_IN, "prefund-in") X(PREFUND_OUT, "prefund-out") \
	X(REBATE_RELEASE, "rebate-release") X(REBATE_REVERSE, "rebate-reverse") X(PAYOUT, "payout") \
	X(POINTS_EARN, "points-earn") X(POINTS_SPEND, "points-spend") X(HOLD, "hold") X(HOLD_POST, "hold-post") \
	X(HOLD_VOID, "hold-void") X(CASH_IN, "cash-in") X(CASH_OUT, "cash-out") X(LATE_MONEY, "late-money") \
	X(LATE_RETURN, "late-return") X(CORRECTION, "correction") X(POINTS_EXPIRE, "points-expire") \
	X(CARD_TAKE_BACK, "card-take-back")
enum journal_kind {
#define X(name, wire) JOURNAL_##name,
	JOURNAL_KINDS(X)
#undef X
	JOURNAL_KIND_COUNT
};
const char *journal_kind_name(enum journal_kind);

struct posting {
	int64_t account_id;
	int64_t amount; /* minor units of the account's unit; positive credits, negative debits; never 0 */
};

struct journal {
	int64_t id;             /* out */
	enum journal_kind kind;
	int64_t merchant_id;    /* whose books; 0: the platform's */
	int64_t order_id;       /* 0: none */
	int64_t ref_id;         /* what else it is about (payment, card, refund, hold...), by kind; 0: none */
	int64_t actor_id;       /* who asked, struct actor's packed form; 0: the server itself */
	int64_t at_ms;
	/* Canonical bytes of what the journal settles (order, lines, payments, refund; written by the noun that
	 * owns them, described in qrtill-ledger(7)), hashed into the seal chain with the entries so that the auditor
	 * can tell when one of those rows was changed. Borrowed; NULL when there is nothing besides the entries. */
	const void *document;
	size_t document_len;
};

/* The account of this kind, owner and unit; opened when it does not exist yet. Inside a transaction. */
enum qt_err ledger_account(struct db *, enum account_kind, int64_t owner_id, int64_t unit, int64_t *account_id)
	QT_USE_RESULT;
/* Only look: QT_NOT_FOUND when it was never opened. Any connection. */
enum qt_err ledger_account_find(struct db *, enum account_kind, int64_t owner_id, int64_t unit, int64_t *account_id)
	QT_USE_RESULT;

#define LEDGER_POSTINGS_MAX 64
/* Write one journal. Checks before it writes: 2 to LEDGER_POSTINGS_MAX postings, each account exists, sum zero
 * per unit, no balance leaves its bounds (QT_INSUFFICIENT with the posting's index in the problem's field
 * "postings[i]"; QT_OVERFLOW). Several postings to one account are allowed. Inside a transaction. */
enum qt_err ledger_post(struct db *, struct journal *, const struct posting *, int count, struct problem *)
	QT_USE_RESULT;

/* Would this amount (negative) still leave the account within its bounds? Inside a transaction. */
enum qt_err ledger_check(struct db *, int64_t account_id, int64_t amount) QT_USE_RESULT;

/* Inside a transaction: with everything posted so far. Elsewhere: as of the last commit. */
enum qt_err ledger_balance(struct db *, int64_t account_id, int64_t *balance) QT_USE_RESULT;

/* Hold: move `amount` (> 0) out of the account into its HELD account until posted, voided or expired. These set the
 * journal's kind (HOLD, HOLD_POST, HOLD_VOID) and its ref_id (the hold); the rest of it is the caller's. QT_CONFLICT
 * when the hold has ended. */
enum qt_err ledger_hold(struct db *, struct journal *, int64_t account_id, int64_t amount, int64_t expires_ms,
                        int64_t *hold_id, struct problem *) QT_USE_RESULT;
/* Pay out of an open hold to `postings` (credits that sum to at most the held amount); the rest goes back. */
enum qt_err ledger_hold_post(struct db *, struct journal *, int64_t hold_id, const struct posting *, int count,
                             struct problem *) QT_USE_RESULT;
enum qt_err ledger_hold_void(struct db *, struct journal *, int64_t hold_id, struct problem *) QT_USE_RESULT;
/* Void what expired before now; returns how many. A job of the server calls it. */
enum qt_err ledger_holds_expire(struct db *, int64_t now_ms, int *count) QT_USE_RESULT;

/* One line of an account's history, newest first. */
struct statement_row {
	int64_t entry_id, journal_id, at_ms, order_id, ref_id;
	enum journal_kind kind;
	int64_t amount, balance_after;
};
/* Up to `max` rows older than entry `before` (0: from the newest), following the chain. */
enum qt_err ledger_statement(struct db *, int64_t account_id, int64_t before, struct statement_row *rows, int max,
                             int *count) QT_USE_RESULT;

/* Entries of a journal (or of all journals of an order) as JSON: account kind, owner, amount, unit. */
struct json;
enum qt_err ledger_journal_json(struct db *, int64_t journal_id, struct json *) QT_USE_RESULT;
enum qt_err ledger_order_journals_json(struct db *, int64_t order_id, struct json *) QT_USE_RESULT;

#endif
