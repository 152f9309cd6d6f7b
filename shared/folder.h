/* folder: a new or renamed file is on disk only once its folder is. */
#ifndef QT_FOLDER_H
#define QT_FOLDER_H

#include <stdbool.h>

/* fsync the folder that the file at `path` is in. False when it cannot be opened or synced. */
bool folder_sync(const char *path) __attribute__((warn_unused_result));

#endif
