/* page_files: the web folder in memory, read at start and again when asked. All threads may look at any time. */
#ifndef QT_PAGE_FILES_H
#define QT_PAGE_FILES_H

#include "shared/buf.h"

struct json_t; /* jread.h */

/* Read the folder and the two dictionaries, and replace what was read before. QT_BAD_CONFIG with the reason when a file
 * cannot be read or a dictionary is no JSON object; what was read before then stays. Any thread. */
enum qt_err page_files_open(const char *web_dir, struct problem *) QT_USE_RESULT;

/* Append a file that is served as it is; `name` is relative to the folder, "js/pay.mjs". *content_type gets a static
 * string, etag the quoted entity tag, which follows from the bytes. QT_NO_ROUTE when there is none, or when it is a
 * template. */
#define PAGE_ETAG_SIZE 20
enum qt_err page_files_add(const char *name, struct buf *out, const char **content_type, char etag[PAGE_ETAG_SIZE])
	QT_USE_RESULT;

/* Append the template filled with `values`. */
enum qt_err page_files_render(const char *name, bool chinese, const struct json_t *values, struct buf *out,
                              struct problem *) QT_USE_RESULT;

#endif
