/* item_index: what search looks through: names, other names and SKUs of the items that are sold, in memory, in the order of
 * their names. 100,000 items take some 6 MB and a look through all of them a few milliseconds. Made when it is first asked
 * and again after the catalogue copy changed. */
#ifndef QT_POS_ITEM_INDEX_H
#define QT_POS_ITEM_INDEX_H

#include "pos/tdb.h"

#define ITEM_WORDS_MOST 8

/* Ids of up to `most` items that contain every word (bytes; ASCII letters in either case), by name; returns how many.
 * `version` is that of the catalogue copy. */
int item_index_find(struct tdb *, int64_t version, const char *text, int64_t *ids, int most);

#endif
