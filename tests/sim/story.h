/* story: one seed: the weather, what breaks and when, the people's moods, and how it ends. */
#ifndef QT_SIM_STORY_H
#define QT_SIM_STORY_H

#include <stdbool.h>
#include <stdint.h>

/* The world before every seed of a variant; `folder` is a real one. */
void story_prepare(const char *folder, int variant);
/* Tell the story of a seed to its end; ends the process when a promise is broken. Prints a line with its hashes when
 * `loud`. */
void story_tell(int64_t seed, bool loud);

#endif
