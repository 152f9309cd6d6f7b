/* wallet_code: see wallet_code.h. */
#include "shared/wallet_code.h"

#include "shared/crypto.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Luhn's sum over all digits, every second one counted double from the one before the last. */
static int luhn_sum(const char *digits, size_t len)
{
	int sum = 0;

	for (size_t i = 0; i < len; i++) {
		int d = digits[len - 1 - i] - '0';
		d = i % 2 ? d * 2 : d;
		sum += d > 9 ? d - 9 : d;
	}
	return sum;
}

int64_t wallet_code_step(int64_t now_ms)
{
	return now_ms / WALLET_STEP_MS;
}

uint32_t wallet_code_at(const uint8_t key[WALLET_KEY_SIZE], int64_t step)
{
	return totp_code(key, WALLET_KEY_SIZE, (uint64_t)step, WALLET_ONE_TIME_DIGITS, true);
}

void wallet_code_make(int64_t number, const uint8_t key[WALLET_KEY_SIZE], int64_t step, char out[WALLET_CODE_SIZE])
{
	assert(number >= 0 && number < WALLET_NUMBER_LIMIT && step >= 0);
	snprintf(out, WALLET_CODE_SIZE, WALLET_CODE_PREFIX "%08d%0*d0", (int)number, WALLET_ONE_TIME_DIGITS,
	         (int)wallet_code_at(key, step));
	out[17] = (char)('0' + (10 - luhn_sum(out, 18) % 10) % 10);
}

enum qt_err wallet_code_read(const char *text, struct wallet_digits *out)
{
	char digits[WALLET_CODE_SIZE], part[10];
	size_t len = 0;

	for (; *text; text++) {
		if (*text == ' ')
			continue;
		if (*text < '0' || *text > '9' || len == 18)
			return QT_BAD_CODE;
		digits[len++] = *text;
	}
	digits[len] = '\0';
	if (len != 18 || strncmp(digits, WALLET_CODE_PREFIX, 2) != 0 || luhn_sum(digits, 18) % 10 != 0)
		return QT_BAD_CODE;
	snprintf(part, sizeof part, "%.8s", digits + 2);
	out->number = strtol(part, NULL, 10);
	snprintf(part, sizeof part, "%.7s", digits + 10);
	out->one_time = (uint32_t)strtol(part, NULL, 10);
	return QT_OK;
}

int64_t wallet_code_find(const uint8_t key[WALLET_KEY_SIZE], uint32_t one_time, int64_t now_ms)
{
	int64_t now = wallet_code_step(now_ms);

	for (int64_t step = now > 0 ? now - 1 : 0; step <= now + 1; step++)
		if (wallet_code_at(key, step) == one_time)
			return step;
	return -1;
}

bool wallet_code_was(const uint8_t key[WALLET_KEY_SIZE], uint32_t one_time, int64_t now_ms, int steps)
{
	int64_t last = wallet_code_step(now_ms) - 2;

	for (int64_t step = last; step > last - steps && step >= 0; step--)
		if (wallet_code_at(key, step) == one_time)
			return true;
	return false;
}
