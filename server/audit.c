/* audit: see audit.h. The order of the parts, the report, and how it is told. */
#include "server/audit.h"

#include "server/audit_parts.h"
#include "server/store/tx.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void audit_say(struct audit *a, const char *check, const char *table, int64_t row, const char *detail, ...)
{
	struct audit_report *r = a->report;
	va_list ap;

	if (r->problem_count++ >= AUDIT_PROBLEMS_MAX)
		return;
	if (r->problems == NULL)
		r->problems = xcalloc(AUDIT_PROBLEMS_MAX, sizeof *r->problems);
	struct audit_problem *p = &r->problems[r->problem_count - 1];
	p->check = check;
	p->table = table;
	p->row = row;
	va_start(ap, detail);
	vsnprintf(p->detail, sizeof p->detail, detail, ap);
	va_end(ap);
}

struct audit_account *audit_account(struct audit *a, int64_t id)
{
	return id > 0 && id <= a->account_count && a->accounts[id].exists ? &a->accounts[id] : NULL;
}

enum qt_err audit_run(struct db *db, const struct audit_options *options, struct audit_report *report)
{
	static enum qt_err (*const parts[])(struct audit *) = {
		audit_accounts_read, audit_journals, audit_balances, audit_holds, audit_sales, audit_taxes, audit_refunds, audit_owners,
		audit_reports, audit_rows, audit_heads,
	};
	struct audit a = { .db = db, .options = options, .report = report };

	memset(report, 0, sizeof *report);
	enum qt_err err = audit_heads_read(&a);
	db_snapshot_begin(db);
	a.has_sale = db_table_exists(db, "orders");
	for (size_t i = 0; err == QT_OK && i < sizeof parts / sizeof *parts; i++)
		err = parts[i](&a);
	db_snapshot_end(db);
	free(a.accounts);
	free(a.heads);
	return err;
}

enum qt_err audit_file(const char *path, const struct audit_options *options, struct audit_report *report,
                       struct problem *why)
{
	struct db *db;

	memset(report, 0, sizeof *report);
	enum qt_err err = db_open(path, DB_READ, &db, why);
	if (err != QT_OK)
		return err;
	if (!db_table_exists(db, "entry") || !db_table_exists(db, "seal"))
		err = problem_set(why, QT_BAD_CONFIG, "database", "%.150s is no qrtill database", path);
	else
		err = audit_run(db, options, report);
	db_close(db);
	return err;
}

void audit_free(struct audit_report *r)
{
	free(r->problems);
	r->problems = NULL;
}

static int64_t kept(const struct audit_report *r)
{
	return r->problem_count < AUDIT_PROBLEMS_MAX ? r->problem_count : AUDIT_PROBLEMS_MAX;
}

void audit_json(const struct audit_report *r, struct json *out)
{
	json_bool(out, "clean", r->problem_count == 0);
	json_int(out, "problem_count", r->problem_count);
	json_array(out, "problems");
	for (int64_t i = 0; i < kept(r); i++) {
		json_object(out, NULL);
		json_text(out, "check", r->problems[i].check);
		json_text(out, "table", r->problems[i].table);
		json_int(out, "row", r->problems[i].row);
		json_text(out, "detail", r->problems[i].detail);
		json_end(out);
	}
	json_end(out);
	json_int(out, "head_seal", r->head_seal);
	json_text(out, "head", r->head);
	json_int(out, "mark", r->mark);
	json_int(out, "entries", r->entries);
	json_int(out, "journals", r->journals);
	json_int(out, "accounts", r->accounts);
	json_int(out, "seals", r->seals);
	json_int(out, "sealed_rows", r->sealed_rows);
	json_int(out, "heads", r->heads);
}

void audit_print(const struct audit_report *r, FILE *f)
{
	for (int64_t i = 0; i < kept(r); i++)
		fprintf(f, "%s: %s row %" PRId64 ": %s\n", r->problems[i].check, r->problems[i].table, r->problems[i].row,
		        r->problems[i].detail);
	if (r->problem_count > kept(r))
		fprintf(f, "... and %" PRId64 " more\n", r->problem_count - kept(r));
	fprintf(f, "%" PRId64 " entries in %" PRId64 " journals on %" PRId64 " accounts, %" PRId64 " seals, %" PRId64
	        " sealed rows, %" PRId64 " heads; head %" PRId64 " %.16s\n", r->entries, r->journals, r->accounts, r->seals,
	        r->sealed_rows, r->heads, r->head_seal, r->head);
	if (r->problem_count == 0)
		fputs("clean\n", f);
	else
		fprintf(f, "%" PRId64 " problems\n", r->problem_count);
}
