/* audit_parts: what the parts of the auditor share. Only audit*.c include this. */
#ifndef QT_AUDIT_PARTS_H
#define QT_AUDIT_PARTS_H

#include "server/audit.h"
#include "server/store/heads.h"

/* An account as the auditor computes it. */
struct audit_account {
	int64_t kind, owner_id, unit, overdraft;  /* of the row */
	int64_t row_balance, row_last_entry;
	int64_t balance, last_entry;              /* from the entries */
	int64_t row_due, row_due_last;            /* what the row should say: entries up to its own last one, or the mark */
	int64_t held;                             /* sum of open holds, for HELD accounts */
	bool exists;
};

/* Positions within a journal's columns; what a part needs to know of it. */
struct audit_journal {
	int64_t id, kind, merchant_id, order_id, ref_id, actor_id, at_ms;
};

struct audit {
	struct db *db;
	const struct audit_options *options;
	struct audit_report *report;
	struct audit_account *accounts;  /* by id; account_count + 1 of them */
	int64_t account_count;
	int64_t mark, last_journal, last_entry;
	bool has_sale;                   /* the sale's tables exist */
	struct head *heads;              /* of the heads file; owned */
	int head_count, bad_heads;
};

/* Note a problem. */
void audit_say(struct audit *, const char *check, const char *table, int64_t row, const char *detail, ...) QT_PRINTF(5, 6);
/* The account or NULL. */
struct audit_account *audit_account(struct audit *, int64_t id);

/* The parts, in the order they run. QT_STORE only when the database cannot be read. */
enum qt_err audit_accounts_read(struct audit *) QT_USE_RESULT;
enum qt_err audit_journals(struct audit *) QT_USE_RESULT;      /* entries and the seal chain, in one pass */
enum qt_err audit_balances(struct audit *) QT_USE_RESULT;
enum qt_err audit_holds(struct audit *) QT_USE_RESULT;
enum qt_err audit_sales(struct audit *) QT_USE_RESULT;
enum qt_err audit_taxes(struct audit *) QT_USE_RESULT;         /* the tax of each line, and who paid none */
enum qt_err audit_refunds(struct audit *) QT_USE_RESULT;
enum qt_err audit_owners(struct audit *) QT_USE_RESULT;        /* cards, points, prefunds against accounts */
enum qt_err audit_reports(struct audit *) QT_USE_RESULT;       /* sums of reports against what they count */
enum qt_err audit_rows(struct audit *) QT_USE_RESULT;          /* row MACs, hidden sum, gaps */
/* The heads file is read before the snapshot begins, so that each head in it must be in the snapshot. */
enum qt_err audit_heads_read(struct audit *) QT_USE_RESULT;
enum qt_err audit_heads(struct audit *) QT_USE_RESULT;

/* Canonical bytes of what a journal settles, from the rows (layouts in order.h); nothing is added when it settles
 * nothing. */
enum qt_err audit_document(struct audit *, const struct audit_journal *, struct buf *) QT_USE_RESULT;

#endif
