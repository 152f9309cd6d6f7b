/* ratelimit: how often an address may try what can be guessed. Token buckets in a table of fixed size: a place
 * holds eight addresses, and a ninth takes that of the one with the most tries left, so that who has used up its tries is
 * the last to be forgotten. */
#ifndef QT_RATELIMIT_H
#define QT_RATELIMIT_H

#include "shared/err.h"

#include <stdint.h>

/* X(PURPOSE, burst, refilled per minute) what it is */
#define LIMIT_PURPOSES(X) \
	X(REQUEST, 600, 1200) /* any request on the phone listener */ \
	X(CODE,     60,  60) /* looking up codes, card numbers, tokens */ \
	X(SIGN_UP,  20,  20) /* new customers */ \
	X(ENROL,    10,  10) /* enrolment codes */ \
	X(PIN,      20,  20) /* PINs, sign-in */ \
	X(PHONE,     5,   2) /* confirmation messages that cost money */ \
	X(MEMBER,  120, 240) /* looking up customers at a till */ \
	X(CAMERA,   40, 120) /* what a paired camera saw */
enum limit_purpose {
	LIMIT_NONE,
#define X(name, burst, per_minute) LIMIT_##name,
	LIMIT_PURPOSES(X)
#undef X
	LIMIT_COUNT
};

/* Take one try. QT_TOO_MANY when none is left. Addresses share their IPv6 /64. The local socket (zero address) is never
 * limited. */
enum qt_err ratelimit_take(enum limit_purpose, const uint8_t address[16], int64_t mono_ms) QT_USE_RESULT;

/* Multiply every burst and rate, for tests and closed networks; 1 by default, 0: no limits. */
void ratelimit_scale(int factor);

#endif
