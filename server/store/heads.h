/* heads: the file beside the database that remembers heads of the seal chain, each signed (Ed25519), so that a
 * database whose end was cut off, or that was replaced by an older copy, is recognised. One line per head:
 *     1 SEAL_ID AT_MS HASH_HEX SIGNATURE_BASE64URL
 * The signature is over "qrtill head " and the line up to the space before it. Old lines are dropped when there are
 * many: each head vouches for everything before it. */
#ifndef QT_HEADS_H
#define QT_HEADS_H

#include "shared/err.h"

#include <stdint.h>

struct head {
	int64_t seal_id, at_ms;
	uint8_t hash[32];
};

#define HEADS_MAX 1024 /* lines; then the older half goes */

/* Append one: the file is replaced by a longer one that is on the disk when this returns, so that a power cut leaves
 * one of the two. It is made 0600 when it is missing. An error is logged. */
enum qt_err heads_append(const char *path, const uint8_t seed[32], const struct head *) QT_USE_RESULT;
/* Read them all, oldest first. *heads is allocated (caller frees). Lines that are malformed or badly signed are counted
 * in *bad and left out. A missing file is an empty one. */
enum qt_err heads_read(const char *path, const uint8_t public_key[32], struct head **heads, int *count,
                       int *bad) QT_USE_RESULT;

#endif
