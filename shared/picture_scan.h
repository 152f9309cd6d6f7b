/* picture_scan: the symbols in a picture, in a locked child (jail.h). Linked into qrtill-decode alone, so that the libraries
 * it takes and whatever a hostile picture makes of them are in a process that has no key and no connection; others call
 * picture_read() (picture.h), which runs that program. */
#ifndef QT_PICTURE_SCAN_H
#define QT_PICTURE_SCAN_H

#include "shared/jail.h"

#define PICTURE_SECONDS 15             /* a picture takes at most */
#define PICTURE_OUTPUT_MAX (1 << 20)   /* bytes of records */

/* Each symbol is a record: symbology (24 bytes, NUL-padded), channel and inverted (1 byte each), length (4 bytes, little
 * endian), text. */
#define PICTURE_RECORD_HEAD 30

/* JAIL_DONE: `out` has the records, none when there is no symbol. JAIL_FAILED: it has the reason. */
enum jail_end picture_scan(const void *data, size_t len, struct buf *out);

/* The same in this process, for fuzzing: false: `out` has the reason. */
bool picture_scan_unlocked(const void *data, size_t len, struct buf *out);

#endif
