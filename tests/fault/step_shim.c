/* step_shim: put before the SQLite library (LD_PRELOAD), it makes one statement fail with a read or write error; which
 * one is said by the file of tests/lib/fault_step.h. A failed statement does nothing. Never fails what begins or ends
 * by rolling back, nor the look for the largest id: there the server has no way but to end. */
#include "tests/lib/fault_step.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static struct fault_step *step;
static int (*real_step)(sqlite3_stmt *);
static pthread_once_t once = PTHREAD_ONCE_INIT;
static _Thread_local int seen_round, reads, writes;
static _Thread_local bool in_write; /* between BEGIN IMMEDIATE and its end: the writer's thread */

static void set_up(void)
{
	const char *path = getenv("QRTILL_STEP_FILE");
	int fd = path ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;

	*(void **)&real_step = dlsym(RTLD_NEXT, "sqlite3_step");
	if (fd < 0 || ftruncate(fd, sizeof *step) != 0)
		abort();
	step = mmap(NULL, sizeof *step, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (step == MAP_FAILED)
		abort();
	close(fd);
}

static bool starts(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/* Does the statement that begins now fail? Counts it. */
static bool fails(const char *text)
{
	int round = step->round;

	if (starts(text, "BEGIN") || starts(text, "ROLLBACK") || starts(text, "SELECT coalesce(max(id), 0) FROM"))
		return false;
	if (in_write) {
		writes++;
		if (round == 0 || writes != step->write_at)
			return false;
		step->write_hits++;
		return true;
	}
	if (round != seen_round) {
		seen_round = round;
		reads = 0;
	}
	reads++;
	if (round == 0 || reads != step->read_at)
		return false;
	step->read_hits++;
	return true;
}

int sqlite3_step(sqlite3_stmt *s)
{
	pthread_once(&once, set_up);
	const char *text = sqlite3_sql(s);
	if (text == NULL || sqlite3_stmt_busy(s))
		return real_step(s);
	if (fails(text))
		return in_write ? SQLITE_IOERR_WRITE : SQLITE_IOERR_READ;
	int rc = real_step(s);
	if (starts(text, "BEGIN IMMEDIATE")) {
		in_write = true;
		writes = 0;
	} else if (starts(text, "COMMIT") || starts(text, "ROLLBACK")) {
		in_write = false;
	}
	return rc;
}
