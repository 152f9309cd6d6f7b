/* tmp: see tmp.h. */
#include "tests/lib/tmp.h"

#include "shared/err.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[64];
static pid_t owner;

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st, (void)flag, (void)ftw;
	return remove(path);
}

static void remove_all(void)
{
	if (getpid() == owner && getenv("QRTILL_KEEP") == NULL)
		nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

const char *test_folder(void)
{
	if (folder[0] == '\0') {
		snprintf(folder, sizeof folder, "/tmp/qrtill-test-XXXXXX");
		if (mkdtemp(folder) == NULL)
			fatal("cannot make %s", folder);
		owner = getpid();
		atexit(remove_all);
	}
	return folder;
}
