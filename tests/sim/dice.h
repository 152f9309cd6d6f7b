/* dice: the simulation's only source of chance. A seed gives the same throws for ever. */
#ifndef QT_SIM_DICE_H
#define QT_SIM_DICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dice {
	uint64_t state;
};

/* What happens in the world, and what the programs take for random bytes. Apart, so that one more look at one does not
 * change the other. */
extern struct dice dice, byte_dice;

void dice_seed(uint64_t seed);
uint64_t dice_next(struct dice *);
void dice_bytes(struct dice *, void *out, size_t size);

/* Of the world's dice: 0 to n - 1; from to to; true with n of 1000. */
int64_t dice_below(int64_t n);
int64_t dice_between(int64_t from, int64_t to);
bool dice_chance(int per_mille);

#endif
