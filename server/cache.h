/* cache: rows the writer needs with every sale, kept in memory by id. Direct-mapped, of a fixed size: an entry
 * gives way to another with the same slot. Only for the writer's thread and connection. What a transaction put in
 * is forgotten when it is rolled back. */
#ifndef QT_CACHE_H
#define QT_CACHE_H

#include "server/store/db.h"

struct cache {
	unsigned slots;    /* power of two */
	size_t size;       /* of an entry, without its key */
	struct cache_slot *table; /* owned; for the life of the process */
	unsigned char *entries;   /* owned */
	bool any_fresh;    /* the open transaction put something in */
	struct db *db;     /* whose rows these are; borrowed */
};
/* static struct cache shares = CACHE(1024, struct share); */
#define CACHE(count, type) { .slots = (count), .size = sizeof(type) }

/* The entry of this key, or NULL. keys are not 0. Valid until the next cache_put. */
void *cache_find(struct cache *, struct db *, int64_t key);
/* Room for the entry of this key; the caller fills it. */
void *cache_put(struct cache *, struct db *, int64_t key);
/* A row was changed. */
void cache_drop(struct cache *, int64_t key);

#endif
