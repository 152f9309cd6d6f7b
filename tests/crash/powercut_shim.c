/* powercut_shim: a preloaded library (LD_PRELOAD) that knows what of a folder would outlive a power cut. It keeps a mirror
 * beside the folder: of each file the content at its last fsync or fdatasync, and the names at the last fsync of the
 * folder itself. Nothing else is in the mirror: not what was only written, created, renamed or removed.
 *
 * The cut is SIGKILL. The next process that starts under the shim first finds the folder put back to the mirror, as a
 * machine finds its disk. A kill in the middle of a sync leaves a file half in the mirror, as a disk may.
 *
 *   QRTILL_CUT_DIR        the folder; FOLDER.mirror is the mirror
 *   QRTILL_CUT_KEEP_SEED  not 0: a disk that has also written some of the rest by itself: each sector of 512 bytes and
 *                         each change of a name that was not synced is there or not, by this seed
 *   QRTILL_CUT_SYNC       NORMAL or OFF: SQLite gets this level of `synchronous` in place of FULL
 *
 * Must not be used with folders that hold folders. Knows nothing of the programs. */
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILES_MAX 256
#define RANGES_MAX 8192
#define SECTOR 512
#define WHOLE_BYTES 65536 /* files up to this size are copied whole: stdio's writes pass by us */

struct range {
	off_t from, to;
};

/* A file of the folder, known by its number, so that its name may change. */
struct file {
	ino_t ino;
	int live, copy;        /* descriptors; kept open, so that the number is not used again and no lock is lost */
	bool whole;            /* too much to remember: copy all */
	off_t cut;             /* smallest size since the last sync */
	struct range *ranges;  /* written since then */
	int range_count;
};

static char dir[400], mirror[420];
static struct file files[FILES_MAX];
static int file_count;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const char *level; /* NULL: as the program says */

static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static ssize_t (*real_write)(int, const void *, size_t);
static int (*real_ftruncate)(int, off_t);
static int (*real_sqlite3_exec)(sqlite3 *, const char *, int (*)(void *, int, char **, char **), void *, char **);

static void die(const char *what)
{
	fprintf(stderr, "powercut_shim: %s: %m\n", what);
	abort();
}

static void look_up(void *to, const char *name)
{
	void *address = dlsym(RTLD_NEXT, name);
	if (address == NULL && strncmp(name, "sqlite3", 7) != 0)
		die(name);
	memcpy(to, &address, sizeof address);
}

static void copy_bytes(int from, int to, off_t at, off_t end)
{
	static char block[65536]; /* under lock */

	while (at < end) {
		size_t wanted = end - at < (off_t)sizeof block ? (size_t)(end - at) : sizeof block;
		ssize_t n = pread(from, block, wanted, at);
		if (n < 0 || (n > 0 && real_pwrite(to, block, (size_t)n, at) != n))
			die("copy");
		if (n == 0)
			return;
		at += n;
	}
}

/* The part of `path` behind the folder's, NULL: not one of the files that count. SQLite's shared memory never reaches
 * the disk as far as SQLite cares: it is made anew. */
static const char *name_in_dir(const char *path)
{
	size_t len = strlen(dir), n = strlen(path);

	if (strncmp(path, dir, len) != 0 || path[len] != '/' || strchr(path + len + 1, '/') != NULL ||
	    (n > 4 && strcmp(path + n - 4, "-shm") == 0))
		return NULL;
	return path + len + 1;
}

static bool path_of(int fd, char path[512])
{
	char link[64];
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	ssize_t n = readlink(link, path, 511);
	if (n > 0)
		path[n] = '\0';
	return n > 0;
}

static struct file *file_add(ino_t ino, const char *path)
{
	char copy[512];
	struct file *f = &files[file_count];

	if (file_count == FILES_MAX)
		die("too many files");
	snprintf(copy, sizeof copy, "%s/%" PRIu64, mirror, (uint64_t)ino);
	*f = (struct file){ .ino = ino, .whole = true };
	f->live = open(path, O_RDONLY | O_CLOEXEC);
	f->copy = open(copy, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	f->ranges = malloc(RANGES_MAX * sizeof *f->ranges);
	if (f->live < 0 || f->copy < 0 || f->ranges == NULL)
		die(path);
	file_count++;
	return f;
}

/* The file behind a descriptor; NULL: none of the folder's. Under lock. */
static struct file *file_of(int fd)
{
	struct stat st;
	char path[512], own[64];

	if (dir[0] == '\0' || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return NULL;
	for (int i = 0; i < file_count; i++)
		if (files[i].ino == st.st_ino)
			return &files[i];
	if (!path_of(fd, path) || name_in_dir(path) == NULL)
		return NULL;
	snprintf(own, sizeof own, "/proc/self/fd/%d", fd);
	return file_add(st.st_ino, own);
}

static void note_written(int fd, off_t from, off_t to)
{
	pthread_mutex_lock(&lock);
	struct file *f = file_of(fd);
	if (f == NULL || f->whole)
		goto out;
	struct range *last = f->range_count ? &f->ranges[f->range_count - 1] : NULL;
	if (last != NULL && from <= last->to && to >= last->from) {
		last->from = from < last->from ? from : last->from;
		last->to = to > last->to ? to : last->to;
	} else if (f->range_count == RANGES_MAX) {
		f->whole = true;
	} else {
		f->ranges[f->range_count++] = (struct range){ from, to };
	}
out:
	pthread_mutex_unlock(&lock);
}

/* What a sync makes sure of. Under lock. */
static void file_sync(struct file *f)
{
	struct stat st;

	if (fstat(f->live, &st) != 0)
		die("fstat");
	if (f->whole || st.st_size <= WHOLE_BYTES) {
		copy_bytes(f->live, f->copy, 0, st.st_size);
	} else {
		if (f->cut < st.st_size && real_ftruncate(f->copy, f->cut) != 0)
			die("truncate");
		for (int i = 0; i < f->range_count; i++)
			copy_bytes(f->live, f->copy, f->ranges[i].from, f->ranges[i].to);
	}
	if (real_ftruncate(f->copy, st.st_size) != 0)
		die("truncate");
	f->whole = false;
	f->range_count = 0;
	f->cut = st.st_size;
}

/* The names in the folder, each with its file's number, as a list for the mirror. A file that was never synced is in it
 * with no bytes. Under lock. */
static void names_sync(void)
{
	char list[512], fresh[520], path[900];
	struct stat st;
	DIR *d = opendir(dir);

	snprintf(list, sizeof list, "%s/names", mirror);
	snprintf(fresh, sizeof fresh, "%s.new", list);
	FILE *out = fopen(fresh, "w");
	if (d == NULL || out == NULL)
		die(dir);
	for (struct dirent *e; (e = readdir(d)) != NULL;) {
		snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
		if (name_in_dir(path) != NULL && lstat(path, &st) == 0 && S_ISREG(st.st_mode))
			fprintf(out, "%" PRIu64 " %s\n", (uint64_t)st.st_ino, e->d_name);
	}
	closedir(d);
	if (fclose(out) != 0 || rename(fresh, list) != 0)
		die(list);
}

static int sync_fd(int fd)
{
	char path[512];
	struct stat st;

	pthread_mutex_lock(&lock);
	struct file *f = file_of(fd);
	if (f != NULL)
		file_sync(f);
	else if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode) && path_of(fd, path) && strcmp(path, dir) == 0)
		names_sync();
	pthread_mutex_unlock(&lock);
	return 0;
}

int fsync(int fd)
{
	return sync_fd(fd);
}

int fdatasync(int fd)
{
	return sync_fd(fd);
}

ssize_t pwrite(int fd, const void *data, size_t len, off_t at)
{
	ssize_t n = real_pwrite(fd, data, len, at);
	if (n > 0)
		note_written(fd, at, at + n);
	return n;
}

ssize_t pwrite64(int fd, const void *data, size_t len, off64_t at)
{
	return pwrite(fd, data, len, at);
}

ssize_t write(int fd, const void *data, size_t len)
{
	ssize_t n = real_write(fd, data, len);
	if (n > 0 && dir[0] != '\0') {
		off_t end = lseek(fd, 0, SEEK_CUR);
		if (end >= n)
			note_written(fd, end - n, end);
	}
	return n;
}

int ftruncate(int fd, off_t size)
{
	int rc = real_ftruncate(fd, size);

	pthread_mutex_lock(&lock);
	struct file *f = rc == 0 ? file_of(fd) : NULL;
	if (f != NULL && size < f->cut)
		f->cut = size;
	pthread_mutex_unlock(&lock);
	return rc;
}

int ftruncate64(int fd, off64_t size)
{
	return ftruncate(fd, size);
}

int sqlite3_exec(sqlite3 *db, const char *sql, int (*row)(void *, int, char **, char **), void *ctx, char **message)
{
	static const char full[] = "synchronous = FULL";
	const char *at = level != NULL ? strstr(sql, full) : NULL;
	char text[4096];

	if (at == NULL)
		return real_sqlite3_exec(db, sql, row, ctx, message);
	snprintf(text, sizeof text, "%.*ssynchronous = %s%s", (int)(at - sql), sql, level, at + sizeof full - 1);
	return real_sqlite3_exec(db, text, row, ctx, message);
}

/* --- the cut --- */

struct content {
	char *bytes;
	off_t size;
};

/* A name as it is now and as it is in the mirror; 0: not there. */
struct name {
	char text[256];
	uint64_t live, kept;
};

static struct name names[FILES_MAX];
static int name_count;
static unsigned keep_seed;

static bool coin(void)
{
	return keep_seed != 0 && rand_r(&keep_seed) % 2 == 1;
}

static struct name *name_get(const char *text)
{
	for (int i = 0; i < name_count; i++)
		if (strcmp(names[i].text, text) == 0)
			return &names[i];
	if (name_count == FILES_MAX)
		die("too many names");
	snprintf(names[name_count].text, sizeof names[0].text, "%s", text);
	return &names[name_count++];
}

static struct content content_read(const char *path)
{
	struct content c = { NULL, 0 };
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return c;
	if (fstat(fd, &st) != 0 || (c.bytes = malloc((size_t)st.st_size + 1)) == NULL ||
	    pread(fd, c.bytes, (size_t)st.st_size, 0) != st.st_size)
		die(path);
	c.size = st.st_size;
	close(fd);
	return c;
}

/* Sectors of what was written but not synced, as the seed has it. `c` is what was synced. */
static void content_mix(struct content *c, const char *live_path)
{
	struct content live = content_read(live_path);

	if (live.size > c->size && coin()) { /* the longer size is there; sectors that are not are zeros */
		c->bytes = realloc(c->bytes, (size_t)live.size + 1);
		if (c->bytes == NULL)
			die("memory");
		memset(c->bytes + c->size, 0, (size_t)(live.size - c->size));
		c->size = live.size;
	}
	for (off_t at = 0; at < c->size && at < live.size; at += SECTOR) {
		off_t shorter = c->size < live.size ? c->size : live.size;
		size_t n = (size_t)(shorter - at < SECTOR ? shorter - at : SECTOR);
		if (memcmp(c->bytes + at, live.bytes + at, n) != 0 && coin())
			memcpy(c->bytes + at, live.bytes + at, n);
	}
	free(live.bytes);
}

static void names_read(void)
{
	char list[512], text[256], path[900];
	uint64_t ino;
	struct stat st;
	DIR *d = opendir(dir);

	snprintf(list, sizeof list, "%s/names", mirror);
	FILE *in = fopen(list, "r");
	while (in != NULL && fscanf(in, "%" SCNu64 " %255[^\n]", &ino, text) == 2)
		name_get(text)->kept = ino;
	if (in != NULL)
		fclose(in);
	for (struct dirent *e; d != NULL && (e = readdir(d)) != NULL;) {
		snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
		if (lstat(path, &st) == 0 && S_ISREG(st.st_mode))
			name_get(e->d_name)->live = st.st_ino;
	}
	if (d != NULL)
		closedir(d);
}

/* Put the folder back. Contents are taken first, then every name is made anew. */
static void put_back(void)
{
	static struct content contents[FILES_MAX];
	static bool there[FILES_MAX];
	char path[900], copy[520];

	names_read();
	for (int i = 0; i < name_count; i++) {
		struct name *n = &names[i];
		snprintf(path, sizeof path, "%s/%.255s", dir, n->text);
		uint64_t ino = n->live != n->kept && coin() ? n->live : n->kept;
		if (ino == 0 || name_in_dir(path) == NULL)
			continue;
		there[i] = true;
		snprintf(copy, sizeof copy, "%s/%" PRIu64, mirror, ino);
		contents[i] = content_read(copy);
		if (ino == n->live && keep_seed != 0)
			content_mix(&contents[i], path);
	}
	for (int i = 0; i < name_count; i++) {
		snprintf(path, sizeof path, "%s/%.255s", dir, names[i].text);
		if (names[i].live != 0 && unlink(path) != 0)
			die(path);
		if (!there[i])
			continue;
		int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (fd < 0 || real_pwrite(fd, contents[i].bytes, (size_t)contents[i].size, 0) != contents[i].size)
			die(path);
		close(fd);
		free(contents[i].bytes);
	}
}

/* An empty mirror takes the folder as it is: all of it is on the disk. */
static void mirror_begin(void)
{
	char path[900];
	DIR *d = opendir(mirror);

	for (struct dirent *e; d != NULL && (e = readdir(d)) != NULL;) {
		snprintf(path, sizeof path, "%s/%s", mirror, e->d_name);
		if (e->d_name[0] != '.' && unlink(path) != 0)
			die(path);
	}
	if (d != NULL)
		closedir(d);
	else if (mkdir(mirror, 0700) != 0)
		die(mirror);
	name_count = 0;
	memset(names, 0, sizeof names);
	names_read();
	for (int i = 0; i < name_count; i++) {
		snprintf(path, sizeof path, "%s/%.255s", dir, names[i].text);
		if (name_in_dir(path) != NULL)
			file_sync(file_add(names[i].live, path));
	}
	if (access(dir, F_OK) == 0)
		names_sync();
}

__attribute__((constructor)) static void shim_begin(void)
{
	const char *folder = getenv("QRTILL_CUT_DIR"), *seed = getenv("QRTILL_CUT_KEEP_SEED");

	look_up(&real_pwrite, "pwrite");
	look_up(&real_write, "write");
	look_up(&real_ftruncate, "ftruncate");
	look_up(&real_sqlite3_exec, "sqlite3_exec");
	if (folder == NULL)
		return;
	snprintf(dir, sizeof dir, "%s", folder);
	snprintf(mirror, sizeof mirror, "%s.mirror", folder);
	level = getenv("QRTILL_CUT_SYNC");
	keep_seed = seed != NULL ? (unsigned)strtoul(seed, NULL, 10) : 0;
	if (access(mirror, F_OK) == 0)
		put_back();
	mirror_begin();
	/* A program that this one starts is on its own. */
	unsetenv("LD_PRELOAD");
	unsetenv("QRTILL_CUT_DIR");
}
