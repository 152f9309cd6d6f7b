/* clock: the one source of time and of randomness, so that whole shops can be simulated from a seed.
 * No other module may call time(), clock_gettime(CLOCK_REALTIME), getrandom() or rand(). */
#ifndef QT_CLOCK_H
#define QT_CLOCK_H

#include <stddef.h>
#include <stdint.h>

/* Wall clock, milliseconds since 1970 UTC. */
int64_t clock_now_ms(void);
/* Monotonic milliseconds, for time-outs only. */
int64_t clock_mono_ms(void);
/* Monotonic microseconds, for measuring only. */
int64_t clock_mono_us(void);

/* Cryptographic random bytes; fatal when the system has none. */
void random_bytes(void *out, size_t size);

/* Replace the sources (tests, simulation). NULL members keep the real one. `ctx` is handed back.
 * The struct must outlive its use; clock_inject(NULL) restores the system's. */
struct clock_source {
	int64_t (*wall_ms)(void *ctx);
	int64_t (*mono_us)(void *ctx);
	void (*random)(void *ctx, void *out, size_t size);
	void *ctx;
};
void clock_inject(const struct clock_source *);

/* "2026-11-21T02:07:54Z" into out[21]. */
char *clock_format_utc(int64_t ms, char out[21]);
/* "2026-11-21 02:07" in the local time zone (TZ) into out[17]. */
char *clock_format_local(int64_t ms, char out[17]);

/* Days from 1970-01-01 to a date of the Gregorian calendar; month 1 to 12. February 29 of a common year is March 1. */
int64_t clock_day_of(int year, int month, int day);

#endif
