/* fault_step: see fault_step.h. */
#include "tests/lib/fault_step.h"

#include "shared/err.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define PLACES_MAX 600 /* places tried for one request; more is a statement that fails without end */

static struct fault_step *step;
static int round_number, places, read_seen, write_seen;

bool fault_step_on(void)
{
	return getenv("QRTILL_STEP_SHIM") != NULL && getenv("QRTILL_STEP_FILE") != NULL;
}

static void map_file(void)
{
	int fd = open(getenv("QRTILL_STEP_FILE"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0 || ftruncate(fd, sizeof *step) != 0)
		fatal("the file of the faults cannot be made");
	step = mmap(NULL, sizeof *step, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (step == MAP_FAILED)
		fatal("the file of the faults cannot be mapped");
	close(fd);
}

static void arm(void)
{
	read_seen = step->read_hits;
	write_seen = step->write_hits;
	step->round = ++round_number;
}

void fault_step_first(void)
{
	if (!fault_step_on())
		return;
	if (step == NULL)
		map_file();
	places = 0;
	step->read_at = step->write_at = 1;
	arm();
}

bool fault_step_next(void)
{
	if (!fault_step_on())
		return false;
	step->round = 0;
	bool read = step->read_hits != read_seen, write = step->write_hits != write_seen;
	if (!read && !write)
		return false;
	if (++places > PLACES_MAX)
		fatal("statements fail without end");
	/* Readers first: a write is reached only when what was read before it went well. */
	if (read)
		step->read_at++;
	else
		step->write_at++;
	arm();
	return true;
}

void fault_step_off(void)
{
	if (step != NULL)
		step->round = 0;
}

int fault_step_hits(void)
{
	return step ? step->read_hits + step->write_hits : 0;
}
