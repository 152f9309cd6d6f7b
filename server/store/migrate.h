/* migrate: brings a database up to the schema this program knows. */
#ifndef QT_MIGRATE_H
#define QT_MIGRATE_H

#include "server/store/db.h"

/* Apply the schema folder's NNNN-name.sql files that were not applied yet: in order, each in a transaction with the
 * row of table `migration` that records it. Only on a DB_WRITE connection, outside a transaction. QT_BAD_CONFIG when
 * a file cannot be used, or the database is newer than the folder (then nothing was changed). */
enum qt_err migrate_run(struct db *, const char *schema_dir, struct problem *why) QT_USE_RESULT;

#endif
