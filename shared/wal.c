/* wal: see wal.h. */
#include "shared/wal.h"

#include <stddef.h>

int wal_sync(sqlite3 *db)
{
	sqlite3_file *log = NULL;
	/* The log is opened by the first read. */
	int rc = sqlite3_exec(db, "PRAGMA schema_version", NULL, NULL, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
	if (rc != SQLITE_OK || log == NULL || log->pMethods == NULL) /* a database in memory has none */
		return rc;
	return log->pMethods->xSync(log, SQLITE_SYNC_NORMAL);
}
