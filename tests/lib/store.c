/* store: see store.h. */
#include "tests/lib/store.h"

#include "server/ledger_state.h"
#include "server/store/migrate.h"
#include "server/store/seal.h"
#include "tests/lib/tmp.h"

#include <stdio.h>
#include <string.h>

const char *store_path(const char *name)
{
	static char path[300];

	snprintf(path, sizeof path, "%s/%s.db", test_folder(), name);
	return path;
}

const struct keyring *store_keys(void)
{
	static struct keyring ring;

	ring.epoch_count = 1;
	ring.epochs[0].epoch = 1;
	memset(ring.epochs[0].code_key, 1, sizeof ring.epochs[0].code_key);
	memset(ring.pepper, 2, sizeof ring.pepper);
	memset(ring.lookup_key, 3, sizeof ring.lookup_key);
	memset(ring.seal_seed, 4, sizeof ring.seal_seed);
	memset(ring.row_key, 5, sizeof ring.row_key);
	memset(ring.peer_key, 6, sizeof ring.peer_key);
	return &ring;
}

struct db *store_open(const char *name)
{
	struct problem why = { 0 };
	struct db *db;

	if (db_open(store_path(name), DB_WRITE, &db, &why) != QT_OK || migrate_run(db, STORE_SCHEMA, &why) != QT_OK ||
	    ledger_open(db, &why) != QT_OK || seal_open(db, store_keys(), NULL, &why) != QT_OK)
		fatal("the test's database: %s", why.detail);
	return db;
}
