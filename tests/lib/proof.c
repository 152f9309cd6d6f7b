/* proof: see proof.h. */
#include "tests/lib/proof.h"

#include "shared/clock.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static int64_t began_ms;

static void __attribute__((constructor)) begin(void)
{
	began_ms = clock_mono_ms();
}

void proof_say(const char *name, int64_t count, int64_t found, const char *extra, ...)
{
	va_list ap;

	printf("# proof: %s count=%" PRId64 " found=%" PRId64 " seconds=%.1f ", name, count, found,
	       (double)(clock_mono_ms() - began_ms) / 1000);
	va_start(ap, extra);
	vprintf(extra, ap);
	va_end(ap);
	printf("\n");
	fflush(stdout);
}

int proof_rounds(const char *name, int usual)
{
	const char *text = getenv(name);
	int n = text ? atoi(text) : 0;

	return n > 0 ? n : usual;
}
