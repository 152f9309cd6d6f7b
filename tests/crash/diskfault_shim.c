/* diskfault_shim: a preloaded library (LD_PRELOAD) whose allocations, and whose disk calls in the folder
 * QRTILL_FAULT_DIR, fail as the file QRTILL_FAULT_FILE says (diskfault.h). Knows nothing of the programs. */
#include "tests/crash/diskfault.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static struct diskfault *fault;
static char dir[400];
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t), (*real_pread)(int, void *, size_t, off_t);
static ssize_t (*real_write)(int, const void *, size_t);
static int (*real_fsync)(int), (*real_fdatasync)(int), (*real_ftruncate)(int, off_t);
static int (*real_open)(const char *, int, ...), (*real_rename)(const char *, const char *), (*real_unlink)(const char *);

static bool path_in_dir(const char *path)
{
	return strncmp(path, dir, strlen(dir)) == 0 && path[strlen(dir)] == '/';
}

static bool in_dir(int fd)
{
	char link[64], path[512];

	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	ssize_t n = readlink(link, path, sizeof path - 1);
	path[n > 0 ? n : 0] = '\0';
	return path_in_dir(path);
}

/* True: this call of the folder fails, with errno set. */
static bool falls(int with_errno)
{
	if (with_errno == 0 || atomic_fetch_sub(&fault->after, 1) > 0)
		return false;
	if (fault->times >= 0 && atomic_fetch_sub(&fault->times, 1) <= 0) {
		fault->times = 0;
		return false;
	}
	atomic_fetch_add(&fault->hits, 1);
	errno = with_errno;
	return true;
}

static bool fails(int fd, int with_errno, atomic_int *seen)
{
	if ((with_errno == 0 && !fault->counting) || !in_dir(fd))
		return false;
	atomic_fetch_add(seen, 1);
	return falls(with_errno);
}

static bool path_fails(const char *path)
{
	if (fault == NULL || !path_in_dir(path))
		return false;
	atomic_fetch_add(&fault->names, fault->counting);
	return falls(fault->name_errno);
}

ssize_t pwrite(int fd, const void *data, size_t len, off_t at)
{
	return fault != NULL && fails(fd, fault->write_errno, &fault->writes) ? -1 : real_pwrite(fd, data, len, at);
}

ssize_t pwrite64(int fd, const void *data, size_t len, off64_t at)
{
	return pwrite(fd, data, len, at);
}

ssize_t write(int fd, const void *data, size_t len)
{
	return fault != NULL && fails(fd, fault->write_errno, &fault->writes) ? -1 : real_write(fd, data, len);
}

ssize_t pread(int fd, void *data, size_t len, off_t at)
{
	return fault != NULL && fails(fd, fault->read_errno, &fault->reads) ? -1 : real_pread(fd, data, len, at);
}

ssize_t pread64(int fd, void *data, size_t len, off64_t at)
{
	return pread(fd, data, len, at);
}

int fsync(int fd)
{
	return fault != NULL && fails(fd, fault->sync_errno, &fault->syncs) ? -1 : real_fsync(fd);
}

int fdatasync(int fd)
{
	return fault != NULL && fails(fd, fault->sync_errno, &fault->syncs) ? -1 : real_fdatasync(fd);
}

int ftruncate(int fd, off_t len)
{
	return fault != NULL && fails(fd, fault->name_errno, &fault->names) ? -1 : real_ftruncate(fd, len);
}

int ftruncate64(int fd, off64_t len)
{
	return ftruncate(fd, len);
}

int open(const char *path, int flags, ...)
{
	va_list ap;

	va_start(ap, flags);
	mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(ap, mode_t) : 0;
	va_end(ap);
	return path_fails(path) ? -1 : real_open(path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
	va_list ap;

	va_start(ap, flags);
	mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(ap, mode_t) : 0;
	va_end(ap);
	return path_fails(path) ? -1 : real_open(path, flags | O_LARGEFILE, mode);
}

int rename(const char *from, const char *to)
{
	return path_fails(to) ? -1 : real_rename(from, to);
}

int unlink(const char *path)
{
	return path_fails(path) ? -1 : real_unlink(path);
}

/* glibc's own names for what is behind malloc: dlsym would allocate. */
void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);

static bool alloc_fails(void)
{
	if (fault == NULL)
		return false;
	atomic_fetch_add(&fault->allocs, 1);
	if (!fault->alloc_out) {
		if (fault->alloc == 0 || atomic_fetch_sub(&fault->alloc, 1) != 1)
			return false;
		fault->alloc_out = fault->alloc_all;
	}
	atomic_fetch_add(&fault->alloc_hits, 1);
	errno = ENOMEM;
	return true;
}

void *malloc(size_t size)
{
	return alloc_fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	return alloc_fails() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
	return alloc_fails() ? NULL : __libc_realloc(old, size);
}

static void look_up(void *to, const char *name)
{
	void *address = dlsym(RTLD_NEXT, name);
	memcpy(to, &address, sizeof address);
}

__attribute__((constructor)) static void shim_begin(void)
{
	const char *file = getenv("QRTILL_FAULT_FILE"), *folder = getenv("QRTILL_FAULT_DIR");

	look_up(&real_pwrite, "pwrite");
	look_up(&real_pread, "pread");
	look_up(&real_write, "write");
	look_up(&real_ftruncate, "ftruncate");
	look_up(&real_open, "open");
	look_up(&real_rename, "rename");
	look_up(&real_unlink, "unlink");
	look_up(&real_fsync, "fsync");
	look_up(&real_fdatasync, "fdatasync");
	int fd = file != NULL && folder != NULL ? real_open(file, O_RDWR | O_CLOEXEC) : -1;
	void *page = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof *fault, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (page == MAP_FAILED)
		return;
	snprintf(dir, sizeof dir, "%s", folder);
	fault = page;
	unsetenv("LD_PRELOAD");
}
