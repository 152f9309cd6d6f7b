/* points_code: see points_code.h. */
#include "shared/points_code.h"

#include <stdio.h>
#include <string.h>

#define AAD_SIZE (15 + 8 + 4 + 1 + 8)
#define EXPIRED_STEPS 20 /* ten minutes */

static void put_number(uint8_t *at, uint64_t value, int bytes)
{
	for (int i = 0; i < bytes; i++)
		at[i] = (uint8_t)(value >> (8 * (bytes - 1 - i)));
}

static void bind_to(int64_t merchant_id, int64_t number, int kind, int64_t step, uint8_t aad[AAD_SIZE])
{
	memcpy(aad, "qrtill points 1", 15);
	put_number(aad + 15, (uint64_t)merchant_id, 8);
	put_number(aad + 23, (uint64_t)number, 4);
	aad[27] = (uint8_t)kind;
	put_number(aad + 28, (uint64_t)step, 8);
}

void points_code_key(const uint8_t agreed[32], int64_t merchant_id, int64_t number, uint8_t key[32])
{
	char info[80];

	snprintf(info, sizeof info, "qrtill points key %lld %lld", (long long)merchant_id, (long long)number);
	crypto_derive(agreed, info, key, 32);
}

void points_code_make(const uint8_t key[32], int64_t merchant_id, int64_t number, enum points_code_kind kind,
                      int64_t now_ms, char out[POINTS_CODE_SIZE])
{
	uint8_t bytes[POINTS_CODE_BYTES], aad[AAD_SIZE], time[8];

	bytes[0] = (uint8_t)kind;
	put_number(bytes + 1, (uint64_t)number, 4);
	put_number(time, (uint64_t)now_ms, 8);
	bind_to(merchant_id, number, kind, now_ms / POINTS_CODE_STEP_MS, aad);
	crypto_seal(key, aad, sizeof aad, time, sizeof time, bytes + 5);
	memcpy(out, POINTS_CODE_PREFIX, 4);
	base32_encode(bytes, sizeof bytes, out + 4);
}

enum qt_err points_code_read(const char *text, struct points_code *c)
{
	uint8_t bytes[POINTS_CODE_BYTES];
	size_t len = strlen(text);

	if (len >= POINTS_CODE_SIZE || strncmp(text, POINTS_CODE_PREFIX, 4) != 0 ||
	    base32_decode(text + 4, len - 4, bytes, sizeof bytes) != (int)sizeof bytes ||
	    (bytes[0] != POINTS_CODE_COLLECT && bytes[0] != POINTS_CODE_SPEND))
		return QT_BAD_CODE;
	c->kind = bytes[0];
	c->number = (int64_t)bytes[1] << 24 | bytes[2] << 16 | bytes[3] << 8 | bytes[4];
	memcpy(c->sealed, bytes + 5, sizeof c->sealed);
	return QT_OK;
}

static bool opens(const struct points_code *c, const uint8_t key[32], int64_t merchant_id, int64_t step)
{
	uint8_t aad[AAD_SIZE], time[8];

	bind_to(merchant_id, c->number, c->kind, step, aad);
	return step >= 0 && crypto_open(key, aad, sizeof aad, c->sealed, sizeof c->sealed, time) == QT_OK;
}

enum qt_err points_code_open(const struct points_code *c, const uint8_t key[32], int64_t merchant_id, int64_t now_ms,
                             int64_t *step)
{
	int64_t now = now_ms / POINTS_CODE_STEP_MS;

	for (*step = now + 1; *step >= now - 1; (*step)--)
		if (opens(c, key, merchant_id, *step))
			return QT_OK;
	for (int64_t old = now - 2; old >= now - EXPIRED_STEPS; old--)
		if (opens(c, key, merchant_id, old))
			return QT_CODE_EXPIRED;
	return QT_BAD_CODE;
}
