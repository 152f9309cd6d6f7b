/* backup: a copy of the whole database as it is at one moment, while the server goes on. The copy is a database like
 * any other: the auditor must find it clean, and a server can be started on it with the same keys (which are not in
 * it: keep the key file elsewhere). */
#ifndef QT_BACKUP_H
#define QT_BACKUP_H

#include "server/store/db.h"

/* Copies to a new file beside `path`, syncs it, renames it to `path`, syncs the folder: `path` is either the old file or
 * the whole copy. *bytes (or NULL) gets the size. QT_BAD_FIELD (field "path") when the file cannot be made there,
 * QT_DISK_FULL, QT_STORE. On a DB_READ connection that is not inside a snapshot. */
enum qt_err backup_run(struct db *, const char *path, int64_t *bytes, struct problem *) QT_USE_RESULT;

#endif
