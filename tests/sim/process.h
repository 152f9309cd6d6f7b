/* process: the programs of the simulated world, which all live in one real process: a server and its tills. What they keep
 * in static variables is their own: it is put back to how the program starts when one dies, and swapped when another till
 * runs. Memory that a dead one had is lost to the real process, as it is short-lived.
 *
 * The linker lays the static variables of server and till between the marks of mark_*.c (tests.mk). */
#ifndef QT_SIM_PROCESS_H
#define QT_SIM_PROCESS_H

#include <stdbool.h>
#include <stdint.h>

#define TILLS 2

enum process { PROCESS_NONE, PROCESS_SERVER, PROCESS_TILL, PROCESS_COUNT = PROCESS_TILL + TILLS };

/* Who runs. */
extern enum process process_now;
/* Counts up with every death: what was meant for an earlier life does not reach the next. */
extern int process_life[PROCESS_COUNT];
extern const char *const process_names[PROCESS_COUNT];

/* Before anything of the programs was used. */
void process_open(void);
/* Let one work. false: it died in it. Does not nest. */
bool process_run(enum process, void (*work)(void *), void *arg);
/* The one that runs dies here and now. */
void process_die(const char *why) __attribute__((noreturn));
/* A new life: its static variables are as the program has them at its start. */
void process_reborn(enum process);

#endif
