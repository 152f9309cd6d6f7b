/* ratelimit: see ratelimit.h. */
#include "server/ratelimit.h"

#include <pthread.h>
#include <string.h>

#define BUCKETS 4096 /* power of two */
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
	struct bucket buckets[BUCKETS];
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
	return (size_t)(h >> 20) & (BUCKETS - 1);
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
	int64_t full = (int64_t)limits[purpose].burst * table.factor * MILLI;

	pthread_mutex_lock(&table.lock);
	struct bucket *b = &table.buckets[hash(key, purpose)];
	if (b->purpose != purpose || memcmp(b->address, key, sizeof key) != 0) {
		*b = (struct bucket){ .purpose = purpose, .left = full, .at_ms = mono_ms };
		memcpy(b->address, key, sizeof key);
	}
	int64_t passed_ms = mono_ms > b->at_ms ? mono_ms - b->at_ms : 0;
	if (passed_ms > 3600000)
		passed_ms = 3600000;
	b->left += passed_ms * limits[purpose].per_minute * table.factor / 60; /* per ms: rate * MILLI / 60000 */
	b->at_ms = mono_ms;
	if (b->left > full)
		b->left = full;
	if (b->left < MILLI)
		err = QT_TOO_MANY;
	else
		b->left -= MILLI;
	pthread_mutex_unlock(&table.lock);
	return err;
}
