/* pgbench: see pgbench.h. */
#include "tests/bench/pgbench.h"

#include "tests/lib/tmp.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define SCRIPT "tests/bench/pgbench.sh"

static bool started;
static char folder[160];

bool pgbench_start(void)
{
	char command[256];

	chmod(test_folder(), 0755); /* the database's own user must reach its folder */
	snprintf(folder, sizeof folder, "%s/pg", test_folder());
	snprintf(command, sizeof command, SCRIPT " start %s", folder);
	started = system(command) == 0;
	return started;
}

double pgbench_run(int seconds)
{
	char command[256];
	double rate = 0;

	if (!started)
		return 0;
	snprintf(command, sizeof command, SCRIPT " run %s %d", folder, seconds);
	FILE *f = popen(command, "r");
	if (f == NULL || fscanf(f, "%lf", &rate) != 1)
		rate = 0;
	if (f != NULL)
		pclose(f);
	return rate;
}

void pgbench_stop(void)
{
	char command[256];

	if (!started)
		return;
	snprintf(command, sizeof command, SCRIPT " stop %s", folder);
	started = system(command) != 0;
}
