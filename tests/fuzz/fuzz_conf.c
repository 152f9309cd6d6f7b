/* A settings file. */
#include "tests/fuzz/fuzz.h"

#include "server/settings.h"
#include "shared/conf.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

/* libconfig 1.5 forgets a string when a file ends in a syntax error; that is not ours to mend, and a program that cannot
 * read its settings ends. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libconfig";
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char flag[64];
	static int fd = -1;
	struct settings s = { 0 };
	struct problem p = { 0 };
	char program[] = "qrtilld", *argv[] = { program, flag, NULL };
	int first;

	if (fd < 0) {
		fd = memfd_create("conf", 0);
		snprintf(flag, sizeof flag, "--config=/proc/self/fd/%d", fd);
	}
	if (ftruncate(fd, 0) != 0 || pwrite(fd, data, size, 0) != (ssize_t)size)
		return 0;
	enum qt_err err = conf_load("qrtilld", settings_options, &s, 2, argv, &first, &p);
	assert(err == QT_OK || p.detail[0] != '\0');
	if (err == QT_OK)
		assert(s.payment_ttl_s >= 10 && s.queue_max >= 16);
	conf_free(settings_options, &s);
	return 0;
}
