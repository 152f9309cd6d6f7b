/* store: a database of the test's own, with the whole schema, for tests of modules below HTTP. */
#ifndef QT_TEST_STORE_H
#define QT_TEST_STORE_H

#include "server/store/db.h"
#include "shared/crypto.h"

/* A fresh DB_WRITE connection with schema and ledger, in test_folder()/NAME.db; not inside a transaction (db_begin in
 * server/store/tx.h). Aborts the test when it cannot be made. */
struct db *store_open(const char *name);
/* Path of that file (static). */
const char *store_path(const char *name);
/* A ring of keys that is the same in every run. */
const struct keyring *store_keys(void);
/* The folder of the schema files in the source tree. */
#define STORE_SCHEMA "data/schema"

#endif
