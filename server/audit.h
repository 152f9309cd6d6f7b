/* audit: recomputes everything from the entries, with code of its own (it calls nothing of ledger*.c or seal.c), and
 * names every row that disagrees. Reads one snapshot, so it may run beside the server or on a file alone.
 *
 * What it holds against what: entries against journals, units, accounts' chains, bounds, rows and the mark; holds
 * against their journals and HELD accounts; orders against lines, payments, refunds and their journals; cards, points
 * and prefunds against their accounts; the seal chain against everything it hashed, its countersignatures, the heads
 * file; row MACs and their hidden sum; ids against gaps. */
#ifndef QT_AUDIT_H
#define QT_AUDIT_H

#include "server/store/db.h"
#include "shared/buf.h"
#include "shared/crypto.h"

#include <stdio.h>

struct audit_problem {
	const char *check;  /* what was held against what: "balance", "chain", "document" ...; static */
	const char *table;  /* static */
	int64_t row;        /* the row's id; 0: the table as a whole */
	char detail[160];   /* English */
};

#define AUDIT_PROBLEMS_MAX 1000 /* kept in the report; all are counted */

struct audit_report {
	int64_t problem_count;           /* 0: clean */
	struct audit_problem *problems;  /* the first AUDIT_PROBLEMS_MAX; owned */
	int64_t entries, journals, accounts, seals, sealed_rows, heads; /* what was looked at */
	int64_t mark;                    /* account rows are right up to this entry */
	int64_t head_seal;               /* newest seal; 0: none */
	char head[65];                   /* its hash, hex */
};

struct audit_options {
	const struct keyring *keys;  /* NULL: countersignatures and row MACs cannot be checked and are not */
	const char *heads_path;      /* NULL: there is no heads file to compare with */
};

/* On a DB_READ connection that is not inside a snapshot. QT_OK also when problems were found: look at problem_count.
 * QT_STORE when the database could not be read. */
enum qt_err audit_run(struct db *, const struct audit_options *, struct audit_report *) QT_USE_RESULT;
/* The same on a file. */
enum qt_err audit_file(const char *path, const struct audit_options *, struct audit_report *,
                       struct problem *) QT_USE_RESULT;
void audit_free(struct audit_report *);

/* Members of an object that is open: clean, problems, head, entries... */
void audit_json(const struct audit_report *, struct json *);
/* For people: a line per problem, then a verdict. */
void audit_print(const struct audit_report *, FILE *);

#endif
