/* guard: which source file may write which table. Asked while a statement is compiled, so a write from elsewhere
 * fails the first time it is tried, in every test. Tables that are not listed are free. */
#include "server/store/tx.h"

#include <string.h>

static const struct {
	const char *table;
	const char *owner; /* what the path of the source file must contain */
} guarded[] = {
	{ "account",     "server/ledger" },
	{ "journal",     "server/ledger" },
	{ "entry",       "server/ledger" },
	{ "hold",        "server/ledger" },
	{ "meta",        "server/ledger" },
	{ "seal",        "server/store/seal" },
	{ "row_seal",    "server/store/seal" },
	{ "migration",   "server/store/migrate" },
	{ "idempotency", "server/idempotency" },
	{ "audit_log",   "server/audit_log" },
};

bool guard_may_write(const char *table, const char *file)
{
	for (size_t i = 0; i < sizeof guarded / sizeof *guarded; i++)
		if (strcmp(guarded[i].table, table) == 0)
			return strstr(file, guarded[i].owner) != NULL;
	return strncmp(table, "sqlite_", 7) != 0;
}
