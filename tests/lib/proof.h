/* proof: the line by which a test tells "make proof" what it did: "# proof: NAME count=N found=M seconds=S EXTRA...". */
#ifndef QT_TEST_PROOF_H
#define QT_TEST_PROOF_H

#include <stdint.h>

/* `count` things were tried, `found` of them went wrong; the seconds are those since the program began. `extra` are further
 * figures as NAME=VALUE, with blanks between; "": none. */
void proof_say(const char *name, int64_t count, int64_t found, const char *extra, ...) __attribute__((format(printf, 4, 5)));

/* How often a test repeats: the environment's `name`, else `usual`. */
int proof_rounds(const char *name, int usual);

#endif
