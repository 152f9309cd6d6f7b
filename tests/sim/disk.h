/* disk: a VFS of SQLite whose files are in memory, each twice: as the programs see it, and as it is safe: what was synced.
 * When a process dies by a cut of the power, each sector that was written since is there or not, as the dice fall. Reads,
 * writes and syncs can fail, the disk can be full, and a process can die at any of them.
 *
 * Left out on purpose: the heads file, the key file and the till's terminal.key, which are written beside, synced and
 * renamed and have a test with a real disk (tests/crash/test_powercut). */
#ifndef QT_SIM_DISK_H
#define QT_SIM_DISK_H

#include "tests/sim/process.h"

#include <stddef.h>

/* Takes the place of the system's VFS. Before any database is opened. */
void disk_open(void);

/* What is to go wrong for a process; counts of disk calls from now on, 0: nothing. */
struct disk_fault {
	int die_in;        /* dies at that call */
	int die_in_syncs;  /* dies at that sync: all is written, nothing on the disk */
	int fail_in;       /* that call fails ... */
	int fail_count;    /* ... and so many in all */
	bool full;         /* they fail because the disk is full */
};
extern struct disk_fault disk_fault[PROCESS_COUNT];

/* The process is dead: its files are what the cut left of them; `power` false: everything it wrote is there, as after a
 * kill. Locks are gone. */
void disk_cut(enum process, bool power);
/* Calls since the start that changed or synced a file of the process. */
extern int64_t disk_calls[PROCESS_COUNT];
/* Calls that were made to fail since it was set to 0. */
extern int disk_failed[PROCESS_COUNT];

/* The bytes of all files that programs see, hashed. */
void disk_hash(unsigned char out[32]);

#endif
