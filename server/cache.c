/* cache: see cache.h. */
#include "server/cache.h"

#include <assert.h>
#include <string.h>

struct cache_slot {
	int64_t key;  /* 0: empty */
	bool fresh;   /* put in by the transaction that is open */
};

static unsigned slot_of(const struct cache *c, int64_t key)
{
	return (unsigned)((uint64_t)key * UINT64_C(0x9E3779B97F4A7C15) >> 40) & (c->slots - 1);
}

static void transaction_ended(void *ctx, bool committed)
{
	struct cache *c = ctx;
	if (!c->any_fresh)
		return;
	c->any_fresh = false;
	for (unsigned i = 0; i < c->slots; i++) {
		if (c->table[i].fresh && !committed)
			c->table[i].key = 0;
		c->table[i].fresh = false;
	}
}

/* A connection other than the last: another database, so nothing kept is true of it. */
static void attach(struct cache *c, struct db *db)
{
	assert((c->slots & (c->slots - 1)) == 0);
	if (c->table == NULL) {
		c->table = xcalloc(c->slots, sizeof *c->table);
		c->entries = xcalloc(c->slots, c->size);
	}
	memset(c->table, 0, c->slots * sizeof *c->table);
	c->db = db;
	db_watch(db, transaction_ended, c);
}

void *cache_find(struct cache *c, struct db *db, int64_t key)
{
	if (c->db != db)
		attach(c, db);
	unsigned i = slot_of(c, key);
	return c->table[i].key == key ? c->entries + (size_t)i * c->size : NULL;
}

void *cache_put(struct cache *c, struct db *db, int64_t key)
{
	if (c->db != db)
		attach(c, db);
	unsigned i = slot_of(c, key);
	c->table[i] = (struct cache_slot){ .key = key, .fresh = true };
	c->any_fresh = true;
	return c->entries + (size_t)i * c->size;
}

void cache_drop(struct cache *c, int64_t key)
{
	if (c->table == NULL)
		return;
	unsigned i = slot_of(c, key);
	if (c->table[i].key == key)
		c->table[i].key = 0;
}
