/* ratelimit: see ratelimit.h. */
#include "server/ratelimit.h"

#include <pthread.h>
#include <string.h>

#define PLACES 512 /* power of two */
#define WAYS 8     /* addresses that a place holds */
#define MILLI 1000   /* tries are counted in thousandths */

struct bucket {
	uint8_t address[16];
	enum limit_purpose purpose; /* LIMIT_NONE: free */
	int64_t left;               /* thousandths of a try */
	int64_t at_ms;              /* when `left` was right */
};

static const struct { int burst, per_minute; } limits[LIMIT_COUNT] = {
#define X(name, burst, per_minute) [LIMIT_##name] = { burst, per_minute },
	LIMIT_PURPOSES(X)
#undef X
};

static struct {
	pthread_mutex_t lock;
	int factor;
	struct bucket buckets[PLACES][WAYS];
} table = { .lock = PTHREAD_MUTEX_INITIALIZER, .factor = 1 };

void ratelimit_scale(int factor)
{
	table.factor = factor;
}

static size_t hash(const uint8_t address[16], enum limit_purpose purpose)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325) ^ (uint64_t)purpose;
	for (int i = 0; i < 16; i++)
		h = (h ^ address[i]) * UINT64_C(0x100000001b3);
	h ^= h >> 29;
	h *= UINT64_C(0xbf58476d1ce4e5b9);
	return (size_t)(h >> 32) & (PLACES - 1);
}

/* What the bucket holds by now. */
static void refill(struct bucket *b, int64_t mono_ms)
{
	int64_t full = (int64_t)limits[b->purpose].burst * table.factor * MILLI;
	int64_t passed_ms = mono_ms > b->at_ms ? mono_ms - b->at_ms : 0;

	if (passed_ms > 3600000)
		passed_ms = 3600000;
	b->left += passed_ms * limits[b->purpose].per_minute * table.factor / 60; /* per ms: rate * MILLI / 60000 */
	b->at_ms += passed_ms;
	if (mono_ms > b->at_ms)
		b->at_ms = mono_ms;
	if (b->left > full)
		b->left = full;
}

/* The address's bucket; a new one when it has none. */
static struct bucket *find_bucket(const uint8_t key[16], enum limit_purpose purpose, int64_t mono_ms)
{
	struct bucket *place = table.buckets[hash(key, purpose)], *best = &place[0];

	for (int i = 0; i < WAYS; i++) {
		if (place[i].purpose == purpose && memcmp(place[i].address, key, sizeof place[i].address) == 0) {
			refill(&place[i], mono_ms);
			return &place[i];
		}
		if (place[i].purpose != LIMIT_NONE)
			refill(&place[i], mono_ms);
		if (best->purpose != LIMIT_NONE && (place[i].purpose == LIMIT_NONE || place[i].left > best->left))
			best = &place[i];
	}
	*best = (struct bucket){ .purpose = purpose, .at_ms = mono_ms,
		.left = (int64_t)limits[purpose].burst * table.factor * MILLI };
	memcpy(best->address, key, sizeof best->address);
	return best;
}

enum qt_err ratelimit_take(enum limit_purpose purpose, const uint8_t address[16], int64_t mono_ms)
{
	static const uint8_t local[16], mapped[12] = { [10] = 0xff, [11] = 0xff };
	uint8_t key[16];
	enum qt_err err = QT_OK;

	if (purpose == LIMIT_NONE || table.factor == 0 || memcmp(address, local, sizeof local) == 0)
		return QT_OK;
	memcpy(key, address, sizeof key);
	if (memcmp(key, mapped, sizeof mapped) != 0)
		memset(key + 8, 0, 8); /* one customer of a provider has a whole /64 */
	pthread_mutex_lock(&table.lock);
	struct bucket *b = find_bucket(key, purpose, mono_ms);
	if (b->left < MILLI)
		err = QT_TOO_MANY;
	else
		b->left -= MILLI;
	pthread_mutex_unlock(&table.lock);
	return err;
}
