/* host: the server program in the simulated world: everything below HTTP, without threads. Requests enter at the dispatcher;
 * what waits for the writer or the pool is done a moment later, so that requests meet in one group. */
#ifndef QT_SIM_HOST_H
#define QT_SIM_HOST_H

#include "tests/sim/net.h"

struct provider_ops;

/* `folder` is a real one, for the few files that are not simulated; `provider` is registered at every start. */
void host_open(const char *folder, const struct provider_ops *provider);
/* Start it on what is on its disk. false: it died in it, or the disk failed; it may be started again. */
bool host_start(void);
/* Plan to start it, in so long; again and again until it is up. */
void host_start_in(int64_t in_ms);
/* An orderly end. */
void host_stop(void);
bool host_is_up(void);
/* A request arrived. */
void host_take(struct request *);
/* Let it do what the clock wants. */
void host_jobs(void);
/* Move the log into the database. */
void host_checkpoint(void);
/* Kill it at the next event: by a cut of the power, or alone. */
void host_kill(bool power);

struct server *host_server(void);
/* Path of its database on the simulated disk. */
const char *host_db_path(void);
/* Commits so far, over all lives: has anything changed? */
int64_t host_turns(void);

#endif
