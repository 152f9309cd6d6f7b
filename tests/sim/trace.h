/* trace: what happened in the simulated world, a line each. Its hash says whether two runs were the same; the text is
 * printed when it is wanted. */
#ifndef QT_SIM_TRACE_H
#define QT_SIM_TRACE_H

#include <stdbool.h>
#include <stdint.h>

extern bool trace_shown;

/* A line; the time of the world goes before it. */
void trace(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
uint64_t trace_hash(void);

/* A promise is broken: says which, and ends this seed. */
void broken(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));

#endif
