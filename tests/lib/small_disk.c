/* small_disk: see small_disk.h. */
#include "tests/lib/small_disk.h"

#include "shared/err.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE 4096

static bool write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool good = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return good;
}

/* Root may mount; anybody else may as root of a namespace of users, where the system allows one. */
static bool own_mounts(void)
{
	char map[64];
	uid_t user = geteuid();
	gid_t group = getegid();

	if (user == 0)
		return unshare(CLONE_NEWNS) == 0;
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0)
		return false;
	snprintf(map, sizeof map, "0 %u 1", (unsigned)user);
	if (!write_text("/proc/self/uid_map", map) || !write_text("/proc/self/setgroups", "deny"))
		return false;
	snprintf(map, sizeof map, "0 %u 1", (unsigned)group);
	return write_text("/proc/self/gid_map", map);
}

bool small_disk_mount(const char *path, int megabytes)
{
	char options[64];

	snprintf(options, sizeof options, "size=%dm,mode=0700", megabytes);
	return own_mounts() && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	       (mkdir(path, 0700) == 0 || errno == EEXIST) && mount("tmpfs", path, "tmpfs", 0, options) == 0;
}

static void ballast_path(const char *path, char *out, size_t size)
{
	snprintf(out, size, "%s/ballast", path);
}

void small_disk_fill(const char *path, long but_bytes)
{
	static const char zeros[PIECE];
	char ballast[300];
	struct stat info;

	ballast_path(path, ballast, sizeof ballast);
	int fd = open(ballast, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0)
		fatal("%s: %s", ballast, strerror(errno));
	while (write(fd, zeros, sizeof zeros) > 0)
		;
	if (errno != ENOSPC || fstat(fd, &info) != 0 ||
	    ftruncate(fd, info.st_size > but_bytes ? info.st_size - but_bytes : 0) != 0)
		fatal("%s: %s", ballast, strerror(errno));
	close(fd);
}

void small_disk_free(const char *path)
{
	char ballast[300];

	ballast_path(path, ballast, sizeof ballast);
	if (unlink(ballast) != 0)
		fatal("%s: %s", ballast, strerror(errno));
}

void small_disk_unmount(const char *path)
{
	if (umount2(path, MNT_DETACH) != 0)
		fatal("%s: %s", path, strerror(errno));
}
