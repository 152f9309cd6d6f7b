/* dice: see dice.h. splitmix64, by Steele, Lea and Flood: every state is good, so a seed is its state. */
#include "tests/sim/dice.h"

#include <string.h>

struct dice dice, byte_dice;

uint64_t dice_next(struct dice *d)
{
	uint64_t z = d->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

void dice_seed(uint64_t seed)
{
	dice.state = seed * 2 + 1;
	byte_dice.state = ~seed;
	dice_next(&dice);
}

void dice_bytes(struct dice *d, void *out, size_t size)
{
	char *p = out;

	while (size > 0) {
		uint64_t r = dice_next(d);
		size_t n = size < sizeof r ? size : sizeof r;
		memcpy(p, &r, n);
		p += n;
		size -= n;
	}
}

int64_t dice_below(int64_t n)
{
	return n <= 1 ? 0 : (int64_t)(dice_next(&dice) >> 1) % n;
}

int64_t dice_between(int64_t from, int64_t to)
{
	return from + dice_below(to - from + 1);
}

bool dice_chance(int per_mille)
{
	return dice_below(1000) < per_mille;
}
