/* faultfs: see faultfs.h. A shim: every file is the real one behind a copy of its methods. */
#include "tests/lib/faultfs.h"

#include "server/store/db.h"

#include <assert.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <string.h>

static atomic_int fault, hits;
static sqlite3_vfs *real, shim;
/* The real layer has a few sets of methods (with locks, without); a copy of each, with ours put in. */
static struct methods {
	sqlite3_io_methods ours; /* first, so that a file's pMethods leads back here */
	const sqlite3_io_methods *real;
} sets[8];
static int set_count;

static int refused(int rc)
{
	atomic_fetch_add(&hits, 1);
	return rc;
}

static const sqlite3_io_methods *real_of(sqlite3_file *f)
{
	return ((const struct methods *)f->pMethods)->real;
}

static int shim_write(sqlite3_file *f, const void *data, int n, sqlite3_int64 at)
{
	if (fault == FAULT_FULL)
		return refused(SQLITE_FULL);
	if (fault == FAULT_WRITE)
		return refused(SQLITE_IOERR_WRITE);
	return real_of(f)->xWrite(f, data, n, at);
}

static int shim_sync(sqlite3_file *f, int flags)
{
	if (fault == FAULT_SYNC)
		return refused(SQLITE_IOERR_FSYNC);
	return real_of(f)->xSync(f, flags);
}

static int shim_open(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *f, int flags, int *out)
{
	(void)vfs;
	int rc = real->xOpen(real, name, f, flags, out);
	if (rc != SQLITE_OK || f->pMethods == NULL)
		return rc;
	int i = 0;
	while (i < set_count && sets[i].real != f->pMethods)
		i++;
	if (i == set_count) {
		assert(set_count < 8);
		sets[i] = (struct methods){ *f->pMethods, f->pMethods };
		sets[i].ours.xWrite = shim_write;
		sets[i].ours.xSync = shim_sync;
		set_count++;
	}
	f->pMethods = &sets[i].ours;
	return rc;
}

void faultfs_install(void)
{
	struct db *first;

	/* The engine is set up by the first connection, and must not be started before. */
	if (db_open(":memory:", DB_WRITE, &first, NULL) != QT_OK)
		fatal("no database can be opened");
	db_close(first);
	real = sqlite3_vfs_find(NULL);
	if (real == NULL)
		fatal("SQLite has no file layer");
	shim = *real;
	shim.zName = "fault";
	shim.pNext = NULL;
	shim.xOpen = shim_open;
	if (sqlite3_vfs_register(&shim, 1) != SQLITE_OK)
		fatal("the file layer cannot be put in");
}

void faultfs_set(enum fault what)
{
	fault = what;
}

int faultfs_hits(void)
{
	return hits;
}
