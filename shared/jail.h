/* jail: run a function over hostile input in a child process that can do nothing but compute: no files, no sockets, no
 * programs, bounded memory and time. Knows nothing of what is computed. */
#ifndef QT_JAIL_H
#define QT_JAIL_H

#include "shared/buf.h"

enum jail_end {
	JAIL_DONE,    /* the function returned true */
	JAIL_FAILED,  /* it returned false; what it wrote is there too */
	JAIL_TIME,    /* it took too long, or wrote too much, and was killed */
	JAIL_KILLED   /* it crashed, ran out of memory, or tried what is forbidden */
};

struct jail_limits {
	int seconds;       /* of wall clock; as many of processor time */
	int memory_mb;     /* of address space (not limited under a sanitizer, which reserves terabytes) */
	int output_max;    /* bytes the function may hand back */
};

/* Fork; `prepare` (or NULL) runs in the child before the door closes, to load what the function will need; then `work`
 * runs and its `out` is handed back. The child starts with default signals and no file but its pipe. Opening files
 * fails there with EPERM; any other forbidden system call kills it. The rest of the process must tolerate fork (no
 * locks are taken). */
enum jail_end jail_run(void (*prepare)(void), bool (*work)(void *ctx, struct buf *out), void *ctx,
                       const struct jail_limits *, struct buf *out);

#endif
