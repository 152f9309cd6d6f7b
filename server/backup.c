/* backup: see backup.h. */
#include "server/backup.h"

#include "server/store/tx.h"
#include "shared/buf.h"
#include "shared/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A file's or folder's content is on disk when this returns 0. */
static int sync_path(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC);

	if (fd < 0)
		return -1;
	int failed = fsync(fd);
	close(fd);
	return failed;
}

enum qt_err backup_run(struct db *db, const char *path, int64_t *bytes, struct problem *p)
{
	struct buf temporary = { 0 };
	struct stat info;

	buf_addf(&temporary, "%s.part", path);
	/* Made here, so that nobody else may read it, and so that a path that cannot be used is told as such. */
	int fd = open(temporary.data, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0) {
		enum qt_err refused = problem_set(p, QT_BAD_FIELD, "path", "%.120s: %s", path, strerror(errno));
		buf_free(&temporary);
		return refused;
	}
	close(fd);
	enum qt_err err = db_copy(db, temporary.data, p);
	if (err == QT_OK && (sync_path(temporary.data, O_RDWR) != 0 || stat(temporary.data, &info) != 0 ||
	                     rename(temporary.data, path) != 0 || !folder_sync(path)))
		err = problem_set(p, errno == ENOSPC ? QT_DISK_FULL : QT_STORE, "path", "%.120s: %s", path, strerror(errno));
	if (err != QT_OK)
		unlink(temporary.data);
	else if (bytes != NULL)
		*bytes = info.st_size;
	buf_free(&temporary);
	return err;
}
