/* clock: see clock.h. */
#include "shared/clock.h"

#include "shared/err.h"

#include <stdio.h>
#include <sys/random.h>
#include <time.h>

static const struct clock_source *injected;

static int64_t now_us(clockid_t id)
{
	struct timespec t;
	clock_gettime(id, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t clock_now_ms(void)
{
	if (injected && injected->wall_ms)
		return injected->wall_ms(injected->ctx);
	return now_us(CLOCK_REALTIME) / 1000;
}

int64_t clock_mono_us(void)
{
	if (injected && injected->mono_us)
		return injected->mono_us(injected->ctx);
	return now_us(CLOCK_MONOTONIC);
}

int64_t clock_mono_ms(void)
{
	return clock_mono_us() / 1000;
}

void random_bytes(void *out, size_t size)
{
	unsigned char *p = out;

	if (injected && injected->random) {
		injected->random(injected->ctx, out, size);
		return;
	}
	while (size > 0) {
		ssize_t n = getrandom(p, size, 0);
		if (n < 0)
			fatal("the system gives no random bytes");
		p += n;
		size -= (size_t)n;
	}
}

void clock_inject(const struct clock_source *source)
{
	injected = source;
}

char *clock_format_utc(int64_t ms, char out[21])
{
	time_t t = (time_t)(ms / 1000);
	struct tm tm;
	gmtime_r(&t, &tm);
	strftime(out, 21, "%Y-%m-%dT%H:%M:%SZ", &tm);
	return out;
}

char *clock_format_local(int64_t ms, char out[17])
{
	time_t t = (time_t)(ms / 1000);
	struct tm tm;
	localtime_r(&t, &tm);
	strftime(out, 17, "%Y-%m-%d %H:%M", &tm);
	return out;
}

int64_t clock_day_of(int year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year; /* years begin in March: the leap day is their last */
	int64_t era = y / 400, of_era = y - era * 400;
	int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}
