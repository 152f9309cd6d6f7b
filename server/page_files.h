/* page_files: the web folder in memory. Read once at start and never changed, so all threads may look. */
#ifndef QT_PAGE_FILES_H
#define QT_PAGE_FILES_H

#include "shared/buf.h"

struct json_t; /* jread.h */

struct page_file {
	char *name;               /* relative to the folder: "js/pay.mjs"; owned */
	char *data;               /* NUL-terminated; owned */
	size_t len;
	char etag[20];            /* quoted; follows from the bytes */
	const char *content_type; /* NULL: a template or another thing that is not served as it is */
};

/* Read the folder and the two dictionaries. QT_BAD_CONFIG with the reason when a file cannot be read or a dictionary
 * is no JSON object. A second call replaces what was read; only tests and the start of a program may do that. */
enum qt_err page_files_open(const char *web_dir, struct problem *) QT_USE_RESULT;

/* NULL when there is none; valid for the whole run. */
const struct page_file *page_files_find(const char *name);

/* Append the template filled with `values`. */
enum qt_err page_files_render(const char *name, bool chinese, const struct json_t *values, struct buf *out,
                              struct problem *) QT_USE_RESULT;

#endif
