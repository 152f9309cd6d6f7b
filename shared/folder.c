/* folder: see folder.h. */
#include "shared/folder.h"

#include "shared/buf.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

bool folder_sync(const char *path)
{
	const char *slash = strrchr(path, '/');
	struct buf folder = { 0 };

	buf_addf(&folder, "%.*s", slash ? (int)(slash - path + 1) : 1, slash ? path : ".");
	int fd = open(folder.data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool good = fd >= 0 && fsync(fd) == 0;
	if (fd >= 0)
		close(fd);
	buf_free(&folder);
	return good;
}
