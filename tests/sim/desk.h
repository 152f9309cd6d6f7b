/* desk: the till programs in the simulated world: the real modules of pos/ below the screens, with the real client over the
 * simulated network and their files on the simulated disk. */
#ifndef QT_SIM_DESK_H
#define QT_SIM_DESK_H

#include "pos/till.h"
#include "tests/sim/process.h"

/* `folder` is a real one, for what is not simulated (lock, terminal.key). */
void desk_open(const char *folder);
/* Start a till on what is on its disk; when it cannot, it tries again later. */
void desk_start(int till);
bool desk_is_up(int till);
/* Its state; only to be looked at, and changed inside desk_do. */
struct till *desk_till(int till);
/* Let the person at the till do something; then a turn of its loop. false: the till died (it comes up again), or is down. */
bool desk_do(int till, void (*what)(struct till *, void *), void *arg);
/* From now on the tills do nothing by themselves. */
void desk_rest(void);
/* A turn of its loop. */
void desk_tick(int till);
void desk_kill(int till, bool power);

#endif
