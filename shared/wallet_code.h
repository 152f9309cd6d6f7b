/* wallet_code: the 18 digits a customer shows at the till, described in qrtill-code(5): prefix 15, the wallet key's
 * number (8 digits), the one-time part (7 digits of RFC 6238 over SHA-256, steps of 30 s), a Luhn check digit. Pure. */
#ifndef QT_WALLET_CODE_H
#define QT_WALLET_CODE_H

#include "shared/err.h"

#include <stdint.h>

#define WALLET_CODE_SIZE 19         /* 18 digits and the end */
#define WALLET_CODE_PREFIX "15"
#define WALLET_NUMBER_LIMIT 100000000 /* numbers are below this */
#define WALLET_ONE_TIME_DIGITS 7
#define WALLET_STEP_MS 30000
#define WALLET_KEY_SIZE 32

struct wallet_digits {
	int64_t number;
	uint32_t one_time;
};

/* floor(unix / 30). */
int64_t wallet_code_step(int64_t now_ms);
/* The digits of a key at a step. */
void wallet_code_make(int64_t number, const uint8_t key[WALLET_KEY_SIZE], int64_t step, char out[WALLET_CODE_SIZE]);
/* Take apart what was scanned or typed; spaces between digits are ignored. QT_BAD_CODE: another length or prefix, or the
 * check digit is wrong. */
enum qt_err wallet_code_read(const char *text, struct wallet_digits *) QT_USE_RESULT;
/* The step at which the key gives this one-time part: the present one or one either side; -1: at none of them. */
int64_t wallet_code_find(const uint8_t key[WALLET_KEY_SIZE], uint32_t one_time, int64_t now_ms);
/* The one-time part of a step. */
uint32_t wallet_code_at(const uint8_t key[WALLET_KEY_SIZE], int64_t step);
/* Was it so in the `steps` steps before those? Only to say "expired" instead of "wrong". */
bool wallet_code_was(const uint8_t key[WALLET_KEY_SIZE], uint32_t one_time, int64_t now_ms, int steps);

#endif
