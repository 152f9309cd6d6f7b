/* checkpoint: moves committed pages from the log into the database beside the writer, in a thread and on a connection of
 * its own, so that no request waits for it. The writer itself only finishes the little that is left when the log is long,
 * since only then does the log begin anew. */
#ifndef QT_CHECKPOINT_H
#define QT_CHECKPOINT_H

#include "server/store/db.h"

struct checkpointer;

/* `writer` is the DB_WRITE connection; before its first transaction. */
enum qt_err checkpointer_start(struct db *writer, struct checkpointer **, struct problem *) QT_USE_RESULT;
/* Before the writer's connection is closed, when it commits no more. NULL is allowed. */
void checkpointer_stop(struct checkpointer *);

#endif
