/* small_disk: a file system of a few megabytes, of the test process and its children alone, which can be filled up. */
#ifndef QT_TEST_SMALL_DISK_H
#define QT_TEST_SMALL_DISK_H

#include <stdbool.h>

/* Mount one at `path`, made when missing, in a mount namespace of our own; before any thread is started. False: this
 * machine does not let us. */
bool small_disk_mount(const char *path, int megabytes);
/* Fill it up with a file, but for about so many bytes. */
void small_disk_fill(const char *path, long but_bytes);
/* Take that file away. */
void small_disk_free(const char *path);
/* With all that is on it; what still has files open there keeps them. */
void small_disk_unmount(const char *path);

#endif
