/* disk: see disk.h. */
#include "tests/sim/disk.h"

#include "server/store/db.h"
#include "shared/clock.h"
#include "shared/crypto.h"
#include "tests/sim/dice.h"
#include "tests/sim/trace.h"

#include <assert.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#define SECTOR 512
#define FILES_MAX 32
#define REGIONS_MAX 8
#define REGION_SIZE 32768

struct file {
	char *path;                 /* NULL: without a name, gone when it is closed */
	enum process owner;
	bool exists;
	uint8_t *now, *safe;        /* both have `room` bytes */
	int64_t size, safe_size, room;
	uint8_t *dirty;             /* a byte per sector: written since the last sync */
	int64_t *dirty_list;        /* their numbers */
	int dirty_count, dirty_room;
	bool was_synced;            /* it survives a cut at all */
	void *regions[REGIONS_MAX]; /* shared memory of the log's index */
	int shared_locks[SQLITE_SHM_NLOCK];
	struct handle *exclusive_locks[SQLITE_SHM_NLOCK];
	int sharing;                /* handles with SHARED or more */
	struct handle *reserved, *pending, *exclusive;
};

struct handle {
	sqlite3_file base;
	struct file *file;
	int level;                  /* SQLITE_LOCK_... */
	unsigned shared, exclusive; /* shared-memory locks held, bits */
};

struct disk_fault disk_fault[PROCESS_COUNT];
int64_t disk_calls[PROCESS_COUNT];
int disk_failed[PROCESS_COUNT];
static struct file files[FILES_MAX];
static int file_count;

/* ---- what goes wrong ---- */

/* A call that changes something, of a program. What the simulation itself reads is never disturbed. 0: go on. */
static int disturb(const struct file *f, int error)
{
	struct disk_fault *d = &disk_fault[f->owner];

	if (process_now == PROCESS_NONE || f->owner != process_now)
		return 0;
	if (error != SQLITE_IOERR_READ)
		disk_calls[f->owner]++;
	if (d->die_in > 0 && --d->die_in == 0)
		process_die("the power goes at a disk call");
	if (d->die_in_syncs > 0 && error == SQLITE_IOERR_FSYNC && --d->die_in_syncs == 0)
		process_die("it ends with all written, before the sync");
	if (d->fail_in > 0 && --d->fail_in == 0) {
		d->fail_in = --d->fail_count > 0 ? 1 : 0;
		disk_failed[f->owner]++;
		trace("%s: a disk call fails%s", process_names[f->owner], d->full ? ", full" : "");
		return d->full && error == SQLITE_IOERR_WRITE ? SQLITE_FULL : error;
	}
	return 0;
}

static void mark(struct file *f, int64_t from, int64_t to)
{
	for (int64_t s = from / SECTOR; s * SECTOR < to; s++) {
		if (f->dirty[s])
			continue;
		if (f->dirty_count == f->dirty_room) {
			f->dirty_room = f->dirty_room ? 2 * f->dirty_room : 64;
			f->dirty_list = xrealloc(f->dirty_list, (size_t)f->dirty_room * sizeof *f->dirty_list);
		}
		f->dirty[s] = 1;
		f->dirty_list[f->dirty_count++] = s;
	}
}

static void grow(struct file *f, int64_t size)
{
	int64_t room = f->room ? f->room : 65536;

	if (size <= f->room)
		return;
	while (room < size)
		room *= 2;
	f->now = xrealloc(f->now, (size_t)room);
	f->safe = xrealloc(f->safe, (size_t)room);
	f->dirty = xrealloc(f->dirty, (size_t)(room / SECTOR));
	memset(f->now + f->room, 0, (size_t)(room - f->room));
	memset(f->safe + f->room, 0, (size_t)(room - f->room));
	memset(f->dirty + f->room / SECTOR, 0, (size_t)((room - f->room) / SECTOR));
	f->room = room;
}

static void copy_sector(struct file *f, uint8_t *to, const uint8_t *from, int64_t s)
{
	memcpy(to + s * SECTOR, from + s * SECTOR, SECTOR);
	f->dirty[s] = 0;
}

static void make_safe(struct file *f)
{
	for (int i = 0; i < f->dirty_count; i++)
		copy_sector(f, f->safe, f->now, f->dirty_list[i]);
	f->dirty_count = 0;
	f->safe_size = f->size;
	f->was_synced = true;
}

/* The disk wrote what it liked of what was not synced: nothing, everything, or some sectors. */
static void cut_file(struct file *f)
{
	int64_t kind = dice_below(3), size = f->safe_size;

	if (!f->was_synced && kind != 1)
		f->exists = false;
	for (int i = 0; i < f->dirty_count; i++) {
		int64_t s = f->dirty_list[i];
		if (kind == 1 || (kind == 2 && dice_chance(500))) {
			copy_sector(f, f->safe, f->now, s);
			if ((s + 1) * SECTOR > size)
				size = (s + 1) * SECTOR < f->size ? (s + 1) * SECTOR : f->size;
		} else {
			copy_sector(f, f->now, f->safe, s);
		}
	}
	f->dirty_count = 0;
	f->size = f->safe_size = kind == 1 || (f->size < size && dice_chance(500)) ? f->size : size;
	if (!f->exists)
		f->size = f->safe_size = 0;
}

void disk_cut(enum process p, bool power)
{
	for (int i = 0; i < file_count; i++) {
		struct file *f = &files[i];
		if (f->owner != p)
			continue;
		if (power && f->exists)
			cut_file(f);
		for (int r = 0; r < REGIONS_MAX; r++) {
			free(f->regions[r]);
			f->regions[r] = NULL;
		}
		memset(f->shared_locks, 0, sizeof f->shared_locks);
		memset(f->exclusive_locks, 0, sizeof f->exclusive_locks);
		f->sharing = 0;
		f->reserved = f->pending = f->exclusive = NULL;
	}
	disk_fault[p] = (struct disk_fault){ 0 };
}

void disk_hash(unsigned char out[32])
{
	struct { unsigned char before[32], file[32]; } both = { { 0 }, { 0 } };

	for (int i = 0; i < file_count; i++) {
		crypto_sha256(files[i].now, files[i].exists ? (size_t)files[i].size : 0, both.file);
		crypto_sha256(&both, sizeof both, both.before);
	}
	memcpy(out, both.before, 32);
}

/* ---- files ---- */

static struct file *of(sqlite3_file *f)
{
	return ((struct handle *)f)->file;
}

static int sim_read(sqlite3_file *h, void *out, int n, sqlite3_int64 at)
{
	struct file *f = of(h);
	int rc = disturb(f, SQLITE_IOERR_READ);
	int64_t there = f->size > at ? f->size - at : 0;

	if (rc)
		return rc;
	if (there >= n) {
		memcpy(out, f->now + at, (size_t)n);
		return SQLITE_OK;
	}
	memset(out, 0, (size_t)n);
	if (there > 0)
		memcpy(out, f->now + at, (size_t)there);
	return SQLITE_IOERR_SHORT_READ;
}

static int sim_write(sqlite3_file *h, const void *data, int n, sqlite3_int64 at)
{
	struct file *f = of(h);
	int rc = disturb(f, SQLITE_IOERR_WRITE);

	if (rc)
		return rc;
	grow(f, at + n);
	memcpy(f->now + at, data, (size_t)n);
	mark(f, at, at + n);
	if (at + n > f->size)
		f->size = at + n;
	return SQLITE_OK;
}

static int sim_truncate(sqlite3_file *h, sqlite3_int64 size)
{
	struct file *f = of(h);
	int rc = disturb(f, SQLITE_IOERR_TRUNCATE);

	if (rc == 0 && size < f->size) {
		mark(f, size, f->size);
		memset(f->now + size, 0, (size_t)(f->size - size));
		f->size = size;
	}
	return rc;
}

static int sim_sync(sqlite3_file *h, int flags)
{
	struct file *f = of(h);
	int rc = disturb(f, SQLITE_IOERR_FSYNC);

	(void)flags;
	if (rc == 0)
		make_safe(f);
	return rc;
}

static int sim_size(sqlite3_file *h, sqlite3_int64 *size)
{
	*size = of(h)->size;
	return SQLITE_OK;
}

/* ---- locks of the file ---- */

static int sim_lock(sqlite3_file *base, int level)
{
	struct handle *h = (struct handle *)base;
	struct file *f = h->file;

	if (level <= h->level)
		return SQLITE_OK;
	if (level == SQLITE_LOCK_SHARED) {
		if (f->pending != NULL || f->exclusive != NULL)
			return SQLITE_BUSY;
		f->sharing++;
	} else {
		if ((f->reserved && f->reserved != h) || (f->pending && f->pending != h))
			return SQLITE_BUSY;
		f->reserved = h;
		if (level == SQLITE_LOCK_EXCLUSIVE) {
			f->pending = h;
			h->level = SQLITE_LOCK_PENDING;
			if (f->sharing > 1)
				return SQLITE_BUSY;
			f->exclusive = h;
		}
	}
	h->level = level;
	return SQLITE_OK;
}

static int sim_unlock(sqlite3_file *base, int level)
{
	struct handle *h = (struct handle *)base;
	struct file *f = h->file;

	if (level >= h->level)
		return SQLITE_OK;
	if (f->reserved == h)
		f->reserved = NULL;
	if (f->pending == h)
		f->pending = NULL;
	if (f->exclusive == h)
		f->exclusive = NULL;
	if (level == SQLITE_LOCK_NONE && f->sharing > 0)
		f->sharing--;
	h->level = level;
	return SQLITE_OK;
}

static int sim_check_reserved(sqlite3_file *h, int *held)
{
	*held = of(h)->reserved != NULL;
	return SQLITE_OK;
}

/* ---- shared memory of the log's index ---- */

static int sim_shm_map(sqlite3_file *h, int region, int size, int extend, void volatile **out)
{
	struct file *f = of(h);

	assert(region < REGIONS_MAX && size <= REGION_SIZE);
	if (f->regions[region] == NULL && extend)
		f->regions[region] = xcalloc(1, REGION_SIZE);
	*out = f->regions[region];
	return SQLITE_OK;
}

static int sim_shm_lock(sqlite3_file *base, int from, int n, int flags)
{
	struct handle *h = (struct handle *)base;
	struct file *f = h->file;

	for (int pass = 0; pass < 2; pass++) /* look, then take */
		for (int i = from; i < from + n; i++) {
			unsigned bit = 1u << i;
			bool mine = h->shared & bit;
			if (flags & SQLITE_SHM_UNLOCK) {
				if (pass == 0)
					continue;
				if (mine)
					f->shared_locks[i]--;
				if (f->exclusive_locks[i] == h)
					f->exclusive_locks[i] = NULL;
				h->shared &= ~bit;
				h->exclusive &= ~bit;
			} else if (flags & SQLITE_SHM_SHARED) {
				if (pass == 0 && f->exclusive_locks[i] && f->exclusive_locks[i] != h)
					return SQLITE_BUSY;
				if (pass == 1 && !mine) {
					f->shared_locks[i]++;
					h->shared |= bit;
				}
			} else {
				if (pass == 0 && ((f->exclusive_locks[i] && f->exclusive_locks[i] != h) || f->shared_locks[i] > mine))
					return SQLITE_BUSY;
				if (pass == 1) {
					f->exclusive_locks[i] = h;
					h->exclusive |= bit;
				}
			}
		}
	return SQLITE_OK;
}

static void sim_shm_barrier(sqlite3_file *h)
{
	(void)h;
}

static int sim_shm_unmap(sqlite3_file *h, int delete)
{
	struct file *f = of(h);

	for (int i = 0; delete && i < REGIONS_MAX; i++) {
		free(f->regions[i]);
		f->regions[i] = NULL;
	}
	return SQLITE_OK;
}

static int sim_control(sqlite3_file *h, int operation, void *arg)
{
	(void)h, (void)operation, (void)arg;
	return SQLITE_NOTFOUND;
}

static int sim_sector(sqlite3_file *h)
{
	(void)h;
	return SECTOR;
}

/* A sector that was not written keeps what it had. */
static int sim_character(sqlite3_file *h)
{
	(void)h;
	return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

static int sim_close(sqlite3_file *base)
{
	struct handle *h = (struct handle *)base;

	sim_unlock(base, SQLITE_LOCK_NONE);
	sim_shm_lock(base, 0, SQLITE_SHM_NLOCK, SQLITE_SHM_UNLOCK);
	if (h->file->path == NULL)
		h->file->exists = false;
	return SQLITE_OK;
}

/* ---- the folder ---- */

static struct file *find(const char *path)
{
	for (int i = 0; i < file_count && path; i++)
		if (files[i].path && strcmp(files[i].path, path) == 0)
			return &files[i];
	return NULL;
}

static int sim_open(sqlite3_vfs *vfs, sqlite3_filename path, sqlite3_file *base, int flags, int *out)
{
	static const sqlite3_io_methods methods = {
		.iVersion = 2, .xClose = sim_close, .xRead = sim_read, .xWrite = sim_write, .xTruncate = sim_truncate,
		.xSync = sim_sync, .xFileSize = sim_size, .xLock = sim_lock, .xUnlock = sim_unlock,
		.xCheckReservedLock = sim_check_reserved, .xFileControl = sim_control, .xSectorSize = sim_sector,
		.xDeviceCharacteristics = sim_character, .xShmMap = sim_shm_map, .xShmLock = sim_shm_lock,
		.xShmBarrier = sim_shm_barrier, .xShmUnmap = sim_shm_unmap,
	};
	struct handle *h = (struct handle *)base;
	struct file *f = find(path);

	(void)vfs;
	h->base.pMethods = NULL;
	if ((f == NULL || !f->exists) && !(flags & SQLITE_OPEN_CREATE))
		return SQLITE_CANTOPEN;
	if (f == NULL) {
		assert(file_count < FILES_MAX);
		f = &files[file_count++];
		f->path = path ? xstrdup(path) : NULL;
		f->owner = process_now;
	}
	f->exists = true;
	*h = (struct handle){ .base.pMethods = &methods, .file = f };
	if (out)
		*out = flags;
	return SQLITE_OK;
}

static int sim_delete(sqlite3_vfs *vfs, const char *path, int sync)
{
	struct file *f = find(path);

	(void)vfs, (void)sync;
	if (f == NULL || !f->exists)
		return SQLITE_IOERR_DELETE_NOENT;
	int rc = disturb(f, SQLITE_IOERR_DELETE);
	if (rc)
		return rc;
	mark(f, 0, f->size);
	memset(f->now, 0, (size_t)f->size);
	f->size = 0;
	make_safe(f);
	f->exists = f->was_synced = false;
	return SQLITE_OK;
}

static int sim_access(sqlite3_vfs *vfs, const char *path, int flags, int *out)
{
	const struct file *f = find(path);

	(void)vfs;
	*out = f != NULL && f->exists && (flags != SQLITE_ACCESS_EXISTS || f->size > 0);
	return SQLITE_OK;
}

static int sim_full_path(sqlite3_vfs *vfs, const char *path, int size, char *out)
{
	(void)vfs;
	sqlite3_snprintf(size, out, "%s", path);
	return SQLITE_OK;
}

static int sim_random(sqlite3_vfs *vfs, int size, char *out)
{
	(void)vfs;
	dice_bytes(&byte_dice, out, (size_t)size);
	return size;
}

static int sim_sleep(sqlite3_vfs *vfs, int us)
{
	(void)vfs;
	return us; /* nobody else runs meanwhile: whoever holds a lock keeps it */
}

static int sim_time(sqlite3_vfs *vfs, sqlite3_int64 *out)
{
	(void)vfs;
	*out = INT64_C(210866760000000) + clock_now_ms(); /* Julian day of 1970, in milliseconds */
	return SQLITE_OK;
}

static int sim_error(sqlite3_vfs *vfs, int size, char *out)
{
	(void)vfs, (void)size, (void)out;
	return 0;
}

void disk_open(void)
{
	static sqlite3_vfs vfs = {
		.iVersion = 2, .szOsFile = sizeof(struct handle), .mxPathname = 512, .zName = "sim", .xOpen = sim_open,
		.xDelete = sim_delete, .xAccess = sim_access, .xFullPathname = sim_full_path, .xRandomness = sim_random,
		.xSleep = sim_sleep, .xCurrentTimeInt64 = sim_time, .xGetLastError = sim_error,
	};
	struct db *db;

	/* The store sets SQLite up at its first use, and before that nobody may. */
	if (db_open(":memory:", DB_WRITE, &db, NULL) != QT_OK)
		fatal("SQLite does not start");
	db_close(db);
	if (sqlite3_vfs_register(&vfs, 1) != SQLITE_OK)
		abort();
}
